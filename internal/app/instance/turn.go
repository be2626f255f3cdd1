package instance

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// accountReader reads one account in one turn.
type accountReader struct {
	s       *Service
	access  account.Access
	regions []string
	at      time.Time // begin of the turn; what is read in it is kept as seen then
	merge   *merger
	heard   sourcesHeard
	terms   *expiries // billing, asked about all instances; nil: not in this turn
	raws    *rawKeeper
	health  *syncHealth
}

// readAccount does the tasks. Failures are stored as syncs, so that a banner says
// since when a source fails and why.
func (s *Service) readAccount(ctx context.Context, accountID string, t tasks) turnResult {
	r, err := s.newAccountReader(ctx, accountID)
	if errors.Is(err, errUnread) {
		return turnResult{unknown: true}
	}
	if err != nil {
		return s.endUnreadable(ctx, accountID, t, err)
	}
	r.raws = r.keepRaws(ctx)
	defer r.raws.close()
	defer r.storeHealth(ctx)
	var result turnResult
	if len(t.watches)+len(t.rechecks) > 0 {
		r.access.Lane = account.ForPoll
	}
	if t.images {
		r.readImages(ctx)
	}
	r.readOrders(ctx, t.watches)
	r.readTouched(ctx, t)
	if t.refresh || t.expiry {
		r.terms = r.startExpiries(ctx)
		defer r.terms.stop()
		r.terms.want(r.instanceIDs(everyRow))
	}
	switch {
	case t.refresh || t.list:
		r.sweep(ctx)
	case t.configOnly:
		r.readList(ctx, r.listedBefore(), -1, false)
	case len(t.lookSources) > 0:
		result.list, result.lookSources = r.lookAt(ctx, t.lookSources)
	case t.countsConfig():
		result.list = r.countDiffers(r.count(ctx), r.listedBefore())
	}
	r.follow(ctx, t)
	if t.refresh || t.list {
		r.forget(ctx)
	}
	result.found = make(map[string]int)
	for order := range t.watches {
		if n := r.merge.current.ready(order); n > 0 {
			result.found[order] = n
		}
	}
	result.settled = r.settled(t.rechecks)
	result.healthChanged = r.health.changed()
	return result
}

// turnResult is what came of a turn.
type turnResult struct {
	found         map[string]int  // orders whose servers are all ready → how many
	settled       map[string]bool // touched servers whose state is final
	list          bool            // Config counts other instances than it listed: the list is to be read
	lookSources   []string        // places to be read because of that
	owed          bool            // billing is to be asked about what was found
	healthChanged bool            // a source answers that failed before, or fails now
	unknown       bool            // the account's regions are not known yet
	failed        error           // why nothing could be read; nil: something was
}

// newAccountReader begins a turn: it fails with errUnread, or with the fault of
// an account that cannot be read.
func (s *Service) newAccountReader(ctx context.Context, accountID string) (*accountReader, error) {
	access, err := s.Accounts.Access(ctx, accountID)
	if err != nil {
		return nil, err
	}
	a, err := s.Accounts.Get(ctx, person.System, accountID)
	if err != nil {
		return nil, err
	}
	if a.Unread() {
		return nil, errUnread
	}
	before, err := s.Store.Syncs(ctx, []string{accountID})
	if err != nil {
		return nil, err
	}
	at := s.Now().UTC().Truncate(time.Microsecond)
	s.accountRows(accountID).ages.projects.Store(&a.Projects)
	s.queue.setPlaces(accountID, s.placesOf(a), payerOf(a))
	return &accountReader{health: healthBefore(s.queue.newest(before)), s: s, access: access, regions: a.ActiveRegions(s.Regions), at: at,
		merge: s.merger(accountID, at),
		heard: sourcesHeard{places: map[string]bool{}, listed: map[string]bool{}, servers: map[string]bool{}, asked: map[string]bool{},
			billed: map[string]bool{}}}, nil
}

// errUnread says that the account's regions are not known yet: its first
// connection check still runs, and asks for everything when it ends.
var errUnread = errors.New("instance: the account was not checked yet")

// endUnreadable ends the turn of an account that cannot be read: deleted,
// disabled or broken. Its watches and rechecks end; a later refresh starts them
// again.
func (s *Service) endUnreadable(ctx context.Context, accountID string, t tasks, err error) turnResult {
	done := turnResult{found: make(map[string]int), settled: make(map[string]bool), failed: err}
	if ctx.Err() != nil {
		return done
	}
	for order := range t.watches {
		done.found[order] = unreadable
	}
	for id := range t.rechecks {
		done.settled[id] = true
	}
	f := fault.Of(err)
	if f.Kind == fault.NotFound {
		s.drop(accountID)
		return done
	}
	for _, source := range []string{"config", "bss"} {
		s.storeSyncs(ctx, Sync{AccountID: accountID, Source: source, TriedAt: s.Now().UTC()}.Failed(f))
	}
	s.changed("instances", "servers", "attention")
	return done
}

// readOrders asks billing which instances the orders brought.
func (r *accountReader) readOrders(ctx context.Context, watches map[string]*orderWatch) {
	for _, order := range slices.Sorted(maps.Keys(watches)) {
		billed, err := r.s.BSS.Delivered(ctx, r.access, order)
		if r.succeeded(ctx, "bss", account.RightOrders, err) {
			r.take(ctx, sourceAnswers{billed: billed, order: order})
		}
	}
	r.commit(ctx)
}

// readTouched reads the servers that somebody did something to, and those of
// fresh orders: by id where the ids are known, else the whole region. Billing
// names the instances of an order, ECS their servers; Config lists them late and
// is asked at every countEvery-th look only.
func (r *accountReader) readTouched(ctx context.Context, t tasks) {
	if len(t.watches)+len(t.rechecks) == 0 {
		return
	}
	byID, whole := make(map[string][]string), make(map[string]bool)
	for _, row := range r.merge.current.rows {
		_, ours := t.watches[row.CloudOrder]
		_, touched := t.rechecks[row.ServerID]
		_, named := t.rechecks[row.InstanceID]
		_, all := t.rechecks[""]
		if !ours && !touched && !named && !all || !slices.Contains(r.regions, row.Region) {
			continue
		}
		if place := row.Place(); row.ServerID == "" {
			whole[place] = true
		} else {
			byID[place] = append(byID[place], row.ServerID)
		}
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	var in sourceAnswers
	for place, ids := range byID {
		if whole[place] || len(ids) > mostReadByID {
			whole[place] = true
			continue
		}
		region, project, _ := strings.Cut(place, "/")
		wait.Go(func() {
			all, err := r.s.ECS.ServersByID(ctx, r.access.In(region, project), region, ids)
			no := err != nil && isNo(fault.Of(err)) // reading by id is refused; the list may be allowed
			if err != nil && !no {
				r.succeeded(ctx, "ecs:"+place, account.RightServers, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if no {
				whole[place] = true
				return
			}
			in.servers, in.asked = append(in.servers, placed(all, region, project)...), append(in.asked, ids...)
		})
	}
	wait.Wait()
	r.take(ctx, in)
	found := r.readServers(ctx, sourcesOf(slices.Sorted(maps.Keys(whole))))
	r.take(ctx, found)
	r.commit(ctx)
	r.noteServers(found)
}

// mostReadByID is up to how many servers of a region are read by id. Above it the
// region's list takes fewer calls: a page holds ten times as many.
const mostReadByID = 300

// succeeded stores how a call to a source went and reports whether it succeeded.
// A call that a shutdown cut short is not stored.
func (r *accountReader) succeeded(ctx context.Context, source string, right account.Right, err error) bool {
	return r.succeededIn(ctx, source, right, 0, err)
}

// succeededIn is succeeded for a reading that took some calls; 0: they were not
// counted.
func (r *accountReader) succeededIn(ctx context.Context, source string, right account.Right, calls int, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	// A closed project says nothing about the rights of the account.
	if _, project, _ := strings.Cut(source, "/"); project == "" || err == nil {
		r.s.Accounts.Learn(ctx, r.access.AccountID, right, err)
	}
	r.noteTry(source, calls, err)
	y := Sync{AccountID: r.access.AccountID, Source: source, TriedAt: r.at, OKAt: r.at}
	if err != nil {
		y = y.Failed(reason(fault.Of(err)))
	}
	if r.health.unchanged(y) {
		return err == nil
	}
	if err != nil {
		r.s.Log.WarnContext(ctx, "refresh failed", "account", y.AccountID, "source", source, "err", fault.Of(err))
	}
	r.s.storeSyncs(ctx, y)
	return err == nil
}

// noteTry tells the schedule how a try of a source went.
func (r *accountReader) noteTry(source string, calls int, err error) {
	r.s.queue.noteTry(r.access.AccountID, source, r.at, r.s.Now(), calls, err)
}

// storeSyncs stores how sources went, those that are unchanged once in a while.
func (s *Service) storeSyncs(ctx context.Context, all ...Sync) {
	if all = s.queue.toStore(all, s.Timing.scaled(storeEach)); len(all) == 0 {
		return
	}
	if err := s.Store.SaveSync(ctx, all...); err != nil {
		s.Log.ErrorContext(ctx, "instance: store the state of sources", "account", all[0].AccountID, "err", err)
	}
}

// syncHealth tells the sources that went as in the turn before from the others.
// The former are stored together at the end of the turn.
type syncHealth struct {
	mu        sync.Mutex
	before    map[string]Sync
	now       map[string]Sync
	different bool
}

func healthBefore(all []Sync) *syncHealth {
	w := &syncHealth{before: make(map[string]Sync), now: make(map[string]Sync)}
	for _, y := range all {
		w.before[y.Source] = y
	}
	return w
}

// unchanged reports whether the source went as it did before; then it is stored
// at the end of the turn.
func (w *syncHealth) unchanged(y Sync) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	was, known := w.before[y.Source]
	if known && was.Trouble == y.Trouble && was.Code == y.Code && (y.Trouble != "" || !was.OKAt.IsZero()) {
		w.now[y.Source] = y
		return true
	}
	w.before[y.Source], w.different = y, true
	delete(w.now, y.Source)
	return false
}

// changed reports whether a source went otherwise than before.
func (w *syncHealth) changed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.different
}

// storeHealth stores how the unchanged sources went.
func (r *accountReader) storeHealth(ctx context.Context) {
	if all := slices.Collect(maps.Values(r.health.now)); len(all) > 0 {
		r.s.storeSyncs(context.WithoutCancel(ctx), all...)
	}
}

// take merges answers, unless the turn was cut short.
func (r *accountReader) take(ctx context.Context, in sourceAnswers) {
	if ctx.Err() == nil {
		r.merge.take(in)
	}
}

// commit stores what changed and tells the pages, unless the turn was cut short.
func (r *accountReader) commit(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	if err := r.merge.commit(ctx); err != nil {
		r.s.Log.ErrorContext(ctx, "instance: store the picture", "account", r.access.AccountID, "err", err)
	}
}

// settled gives the touched servers whose state is final.
func (r *accountReader) settled(touch map[string]*recheck) map[string]bool {
	done := make(map[string]bool)
	for id := range touch {
		row := r.merge.current.row(id)
		done[id] = row == nil || !row.moving()
	}
	return done
}

// moving reports whether the server is changing its state.
func (r *Row) moving() bool {
	switch r.State {
	case StateStarting, StateStopping, StateRestarting, StateCreating, StateBusy:
		return true
	}
	return false
}

// ready gives how many instances the order has, if each of them runs and has its
// address; else 0.
func (p *accountRows) ready(order string) int {
	n := 0
	for _, r := range p.rows {
		if r.CloudOrder != order || !r.First || r.InstanceID == "" {
			continue
		}
		if r.Address == "" || r.Status != "ACTIVE" {
			return 0
		}
		n++
	}
	return n
}
