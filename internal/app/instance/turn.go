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

// reader is one turn on one account.
type reader struct {
	s       *Service
	ctx     context.Context
	access  account.Access
	regions []string
	at      time.Time // of this turn: what was seen now carries it
	apply   *applier
	heard   heard
	terms   *expiries // asked for in full this turn; nil: not
	raws    *rawKeeper
	well    *well
}

// read does the tasks and gives the orders whose servers are all ready, with
// their number. Failures are kept as syncs: a banner says since when and why.
func (s *Service) read(ctx context.Context, accountID string, t tasks) turned {
	r, err := s.newReader(ctx, accountID)
	if errors.Is(err, errUnread) {
		return turned{unknown: true}
	}
	if err != nil {
		return s.unread(ctx, accountID, t, err)
	}
	r.raws = r.keepRaws()
	defer r.raws.close()
	defer r.keepWell()
	var came turned
	if len(t.watches)+len(t.touch) > 0 {
		r.access.Lane = account.ForPoll
	}
	if t.images {
		r.images()
	}
	r.orders(t.watches)
	r.some(t)
	if t.refresh || t.expiry {
		r.terms = r.asking()
		defer r.terms.stop()
		r.terms.want(r.instances(everyRow))
	}
	switch {
	case t.refresh || t.list:
		r.sweep()
	case t.news:
		r.full(r.listedBefore(), -1, false)
	case len(t.look) > 0:
		came.list, came.look = r.look(t.look)
	case t.rare():
		came.list = r.differs(r.count(), r.listedBefore())
	}
	r.follow(t)
	if t.refresh || t.list {
		r.forget()
	}
	came.found = make(map[string]int)
	for order := range t.watches {
		if n := r.apply.part.ready(order); n > 0 {
			came.found[order] = n
		}
	}
	came.settled = r.settled(t.touch)
	came.news = r.well.changed()
	return came
}

// turned is what came of a turn.
type turned struct {
	found   map[string]int  // orders whose servers are ready → how many
	settled map[string]bool // touched servers that move no more
	list    bool            // Config counts what it has not listed
	look    []string        // places to be looked at, for that
	owed    bool            // billing is to be asked about what was found
	news    bool            // a source answers now that did not, or the other way round
	unknown bool            // the account's regions are not known yet
	failed  error           // why nothing could be read
}

func (s *Service) newReader(ctx context.Context, accountID string) (*reader, error) {
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
	s.partOf(accountID).share.own.Store(&a.Projects)
	s.work.places(accountID, s.placesOf(a), payerOf(a))
	return &reader{well: wellBefore(s.work.newest(before)), s: s, ctx: ctx, access: access, regions: a.ActiveRegions(s.Regions), at: at, apply: s.applier(accountID, at),
		heard: heard{places: map[string]bool{}, listed: map[string]bool{}, servers: map[string]bool{}, asked: map[string]bool{}, billed: map[string]bool{}}}, nil
}

// errUnread says that the account's first connection check is on its way: its
// regions are not known yet, and its end asks for everything.
var errUnread = errors.New("instance: the account was not checked yet")

// unread ends the turn of an account that cannot be read: deleted,
// disabled, broken. Its watches end; a later refresh takes them up.
func (s *Service) unread(ctx context.Context, accountID string, t tasks, err error) turned {
	done := turned{found: make(map[string]int), settled: make(map[string]bool), failed: err}
	if ctx.Err() != nil {
		return done
	}
	for order := range t.watches {
		done.found[order] = unreadable
	}
	for id := range t.touch {
		done.settled[id] = true
	}
	f := fault.Of(err)
	if f.Kind == fault.NotFound {
		s.drop(accountID)
		return done
	}
	for _, source := range []string{"config", "bss"} {
		s.note(ctx, Sync{AccountID: accountID, Source: source, TriedAt: s.Now().UTC()}.Failed(f))
	}
	s.changed("instances", "servers", "attention")
	return done
}

// orders asks billing what the orders brought.
func (r *reader) orders(watches map[string]*watch) {
	for _, order := range slices.Sorted(maps.Keys(watches)) {
		billed, err := r.s.BSS.Delivered(r.ctx, r.access, order)
		if r.noted("bss", account.RightOrders, err) {
			r.take(answers{billed: billed, order: order})
		}
	}
	r.commit()
}

// some reads the servers that somebody did something to, and those of fresh
// orders: by id where the ids are known, else whole regions. Billing by order
// names the instances, ECS their servers; Config comes late and is asked only
// once in a while.
func (r *reader) some(t tasks) {
	if len(t.watches)+len(t.touch) == 0 {
		return
	}
	byID, whole := make(map[string][]string), make(map[string]bool)
	for _, row := range r.apply.part.rows {
		_, ours := t.watches[row.CloudOrder]
		_, touched := t.touch[row.ServerID]
		_, named := t.touch[row.InstanceID]
		_, all := t.touch[""]
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
	var in answers
	for place, ids := range byID {
		if whole[place] || len(ids) > mostSome {
			whole[place] = true
			continue
		}
		region, project, _ := strings.Cut(place, "/")
		wait.Go(func() {
			all, err := r.s.ECS.ServersByID(r.ctx, r.access.In(region, project), region, ids)
			no := err != nil && isNo(fault.Of(err)) // to this question; the list may be allowed
			if err != nil && !no {
				r.noted("ecs:"+place, account.RightServers, err)
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
	r.take(in)
	found := r.serversOf(sourcesOf(slices.Sorted(maps.Keys(whole))))
	r.take(found)
	r.commit()
	r.agedServers(found)
}

// mostSome is up to how many servers of a region are read by id; a page of the
// listing has ten times as many.
const mostSome = 300

// noted keeps how a call went and reports whether it succeeded. A call that
// was cut short by a shutdown says nothing about the cloud.
func (r *reader) noted(source string, right account.Right, err error) bool {
	return r.notedAt(source, right, 0, err)
}

// notedAt is noted, of a reading that took some calls; 0: not counted.
func (r *reader) notedAt(source string, right account.Right, calls int, err error) bool {
	if r.ctx.Err() != nil {
		return false
	}
	if _, project, _ := strings.Cut(source, "/"); project == "" || err == nil { // one that is closed says nothing of the account
		r.s.Accounts.Learn(r.ctx, r.access.AccountID, right, err)
	}
	r.mark(source, calls, err)
	y := Sync{AccountID: r.access.AccountID, Source: source, TriedAt: r.at, OKAt: r.at}
	if err != nil {
		y = y.Failed(reason(fault.Of(err)))
	}
	if r.well.still(y) {
		return err == nil
	}
	if err != nil {
		r.s.Log.WarnContext(r.ctx, "refresh failed", "account", y.AccountID, "source", source, "err", fault.Of(err))
	}
	r.s.note(r.ctx, y)
	return err == nil
}

// mark tells the schedule how a source went.
func (r *reader) mark(source string, calls int, err error) {
	r.s.work.mark(r.access.AccountID, source, r.at, r.s.Now(), calls, err)
}

// note stores how sources went.
func (s *Service) note(ctx context.Context, all ...Sync) {
	if all = s.work.keep(all, s.Timing.scaled(storeEach)); len(all) == 0 {
		return
	}
	if err := s.Store.SaveSync(ctx, all...); err != nil {
		s.Log.ErrorContext(ctx, "instance: store the state of sources", "account", all[0].AccountID, "err", err)
	}
}

// well are the sources that went in this turn as in the one before: that is no
// news, and is stored at the end, at once.
type well struct {
	mu     sync.Mutex
	before map[string]Sync
	now    map[string]Sync
	news   bool
}

func wellBefore(all []Sync) *well {
	w := &well{before: make(map[string]Sync), now: make(map[string]Sync)}
	for _, y := range all {
		w.before[y.Source] = y
	}
	return w
}

// still reports whether the source went as it did before, and keeps that.
func (w *well) still(y Sync) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	was, known := w.before[y.Source]
	if known && was.Trouble == y.Trouble && was.Code == y.Code && (y.Trouble != "" || !was.OKAt.IsZero()) {
		w.now[y.Source] = y
		return true
	}
	w.before[y.Source], w.news = y, true
	delete(w.now, y.Source)
	return false
}

// changed reports whether a source went otherwise than before.
func (w *well) changed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.news
}

// keepWell stores how the sources went that went as before.
func (r *reader) keepWell() {
	if all := slices.Collect(maps.Values(r.well.now)); len(all) > 0 {
		r.s.note(context.WithoutCancel(r.ctx), all...)
	}
}

func (r *reader) take(in answers) {
	if r.ctx.Err() == nil {
		r.apply.take(in)
	}
}

// commit stores what changed, then tells the pages.
func (r *reader) commit() {
	if r.ctx.Err() != nil {
		return
	}
	if err := r.apply.commit(r.ctx); err != nil {
		r.s.Log.ErrorContext(r.ctx, "instance: store the picture", "account", r.access.AccountID, "err", err)
	}
}

// settled gives the touched servers that do not move any more.
func (r *reader) settled(touch map[string]*poke) map[string]bool {
	done := make(map[string]bool)
	for id := range touch {
		row := r.apply.part.row(id)
		done[id] = row == nil || !row.moving()
	}
	return done
}

// moving reports whether the server is on its way into another state.
func (r *Row) moving() bool {
	switch r.State {
	case StateStarting, StateStopping, StateRestarting, StateCreating, StateBusy:
		return true
	}
	return false
}

// ready gives how many instances the order has, if every one of them runs and
// has its address; else 0.
func (p *part) ready(order string) int {
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
