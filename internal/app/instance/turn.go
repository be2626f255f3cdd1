package instance

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

// sweep reads list and state of everything, side by side over regions.
func (r *reader) sweep() {
	if before := r.listedBefore(); before >= 0 {
		r.full(before, -1, true)
		return
	}
	n := r.count() // the account is new: how much is it?
	r.full(n, n, true)
}

// look reads some places, and asks Config for its count, side by side. When that
// is another one than before, the list is to be read, and the servers too: ECS
// names a new one long before a long list of Config's is through.
func (r *reader) look(sources map[string]bool) (list bool, rest []string) {
	counted := make(chan int, 1)
	go func() {
		n := -1
		if sources[counting] {
			n = r.count()
		}
		counted <- n
	}()
	var here []string
	for _, source := range r.s.work.placesOf(r.access.AccountID) {
		if sources[source] {
			here = append(here, source)
		} else {
			rest = append(rest, source)
		}
	}
	r.eachPlace(here, func(found answers) {
		r.take(found)
		r.commit()
		r.agedServers(found)
	})
	if n := <-counted; !r.differs(n, r.listedBefore()) {
		return false, nil
	}
	return true, rest
}

// differs reports whether Config counts n instances, not as many as it listed
// before, and that this is news.
func (r *reader) differs(n, before int) bool {
	return n >= 0 && r.s.work.news(r.access.AccountID, n-before) && n != before
}

// full reads Config's list of about n instances, and the servers with it where
// they are wanted. counted is what Config counts, -1 when it was not asked.
func (r *reader) full(n, counted int, servers bool) {
	switch {
	case n > wholeList:
		r.byRegion(counted, servers)
	case servers:
		r.whole()
	default:
		r.list()
	}
}

// wholeList is up to how many instances Config is read in one go: two pages.
const wholeList = 400

// count asks how many instances Config has; -1 when it does not say.
func (r *reader) count() int {
	access := r.access
	access.Lane = max(access.Lane, account.ForPoll) // not behind the pages of a list
	n, err := r.s.Config.Count(r.ctx, access)
	if r.ctx.Err() == nil {
		r.mark(counting, 1, err)
	}
	if err != nil {
		return -1
	}
	return n
}

// listedBefore is how many instances Config listed last time.
func (r *reader) listedBefore() int {
	if r.apply.part.share.config.Load() == 0 {
		return -1
	}
	return r.apply.part.listed()
}

func (p *part) listed() int {
	n := 0
	for _, r := range p.rows {
		if r.First && r.InstanceID != "" && r.seen[FromConfig] != 0 && !r.lost.has(FromConfig) {
			n++
		}
	}
	return n
}

// whole reads Config's list at once and the servers of all regions beside it.
func (r *reader) whole() {
	var wait sync.WaitGroup
	var listed []Listed
	var ok bool
	wait.Go(func() { listed, ok = r.config() })
	in := r.serversOf(r.s.work.placesOf(r.access.AccountID))
	wait.Wait()
	if ok {
		in.listed, in.config = listed, &scope{}
		r.named(listed)
		r.heard.config = true
	}
	r.take(in)
	r.commit()
	if ok {
		r.aged()
	}
	r.agedServers(in)
}

// list reads Config's list alone, and reports whether it could.
func (r *reader) list() bool {
	listed, ok := r.config()
	if ok {
		r.named(listed)
		r.heard.config = true
		r.take(answers{listed: listed, config: &scope{}})
		r.commit()
		r.aged()
	}
	return ok
}

func (r *reader) config() ([]Listed, bool) {
	all, err := r.s.Config.Instances(r.ctx, r.access)
	if err == nil {
		r.terms.page(all)
	}
	return all, r.noted("config", account.RightList, err)
}

// byRegion reads Config and ECS region by region, all side by side: the pages
// of one region follow one another. What Config counts but has in none of these
// regions is looked for in one list of all.
func (r *reader) byRegion(counted int, servers bool) {
	regions := r.allRegions()
	count := make(chan int, 1)
	go func() {
		if counted < 0 {
			counted = r.count()
		}
		count <- counted
	}()
	type part struct {
		region string
		listed []Listed
		err    error
		found  answers
	}
	parts := make(chan part)
	page := func(listed []Listed) {
		r.terms.page(listed)
		r.listedPage(listed)
	}
	for _, region := range regions {
		go func() {
			p := part{region: region}
			var wait sync.WaitGroup
			wait.Go(func() { p.listed, p.err = r.s.Config.InstancesIn(r.ctx, r.access, region, page) })
			if servers && slices.Contains(r.regions, region) {
				p.found = r.serversOf(r.placesIn(region))
			}
			wait.Wait()
			parts <- p
		}()
	}
	sum := 0
	var errs []error
	for range regions {
		p := <-parts
		in := p.found
		if p.err == nil {
			in.listed, in.config = p.listed, &scope{region: p.region}
			r.named(p.listed)
			sum += len(p.listed)
		}
		errs = append(errs, p.err)
		r.take(in)
		r.commit()
		r.agedServers(in)
	}
	short := <-count - sum
	err := errors.Join(errs...)
	if !r.noted("config", account.RightList, err) {
		return
	}
	if elsewhere := r.access.AccountID + " regions"; short > 0 && r.s.work.news(elsewhere, short) {
		if !r.list() {
			r.s.work.forgetNews(elsewhere) // it was not looked into
		}
		return
	}
	r.heard.config = true
	r.aged()
}

// placesIn gives the sources of the servers of a region.
func (r *reader) placesIn(region string) []string {
	return slices.DeleteFunc(r.s.work.placesOf(r.access.AccountID), func(source string) bool {
		place, _ := ecsRegion(source)
		of, _, _ := strings.Cut(place, "/")
		return of != region
	})
}

// allRegions are the activated ones and those where something is known.
func (r *reader) allRegions() []string {
	all := slices.Clone(r.regions)
	for _, row := range r.apply.part.rows {
		if row.Region != "" && !slices.Contains(all, row.Region) {
			all = append(all, row.Region)
		}
	}
	return all
}

func (r *reader) named(listed []Listed) {
	for _, l := range listed {
		r.heard.listed[l.ID] = true
		for _, id := range l.ServerIDs {
			r.heard.listed[id] = true
		}
	}
}

// aged tells the rows that Config has just listed them.
func (r *reader) aged() {
	if !r.apply.silent["config"] {
		r.apply.part.share.heard(FromConfig, "", r.at)
	}
}

func (r *reader) agedServers(in answers) {
	for place := range in.places {
		if !r.apply.silent["ecs:"+place] {
			r.apply.part.share.heard(FromECS, place, r.at)
		}
		r.heard.places[place] = true
	}
	for _, s := range in.servers {
		r.heard.servers[s.ID] = true
	}
}

// serversOf reads places side by side; one that did not answer is missing from
// the result.
func (r *reader) serversOf(sources []string) answers {
	in := answers{places: make(map[string]bool)}
	r.eachPlace(sources, func(found answers) {
		in.servers = append(in.servers, found.servers...)
		maps.Copy(in.places, found.places)
	})
	return in
}

func sourcesOf(places []string) []string {
	all := make([]string, len(places))
	for n, place := range places {
		all[n] = "ecs:" + place
	}
	return all
}

// eachPlace reads places side by side and gives each one's answer in this
// goroutine, as it comes; those that do not answer are left out.
func (r *reader) eachPlace(sources []string, each func(answers)) {
	found := make(chan answers, len(sources))
	var wait sync.WaitGroup
	for _, source := range sources {
		place, _ := ecsRegion(source)
		region, project, _ := strings.Cut(place, "/")
		wait.Go(func() {
			access, calls := counted(r.access.In(region, project))
			all, err := r.s.ECS.Servers(r.ctx, access, region, r.serverPage)
			if r.notedAt(source, account.RightServers, int(calls.Load()), err) {
				found <- answers{servers: placed(all, region, project), places: map[string]bool{place: true}}
			} else if len(all) > 0 && r.ctx.Err() == nil {
				found <- answers{servers: placed(all, region, project)} // they are there; of the others nothing is known
			}
		})
	}
	go func() { wait.Wait(); close(found) }()
	for in := range found {
		each(in)
	}
}

// counted gives an access whose calls that were answered are counted: what a
// look costs when nothing goes wrong.
func counted(a account.Access) (account.Access, *atomic.Int32) {
	n, observe := new(atomic.Int32), a.Observe
	a.Observe = func(x account.Exchange) {
		if x.Status >= 200 && x.Status < 300 {
			n.Add(1)
		}
		if observe != nil {
			observe(x)
		}
	}
	return a, n
}

// placed drops servers that are not FlexusL ones and says where the others are.
func placed(all []Server, region, project string) []Server {
	all = slices.DeleteFunc(all, func(s Server) bool { return !s.Absent && !s.Same && !s.Flexus() })
	for i := range all {
		all[i].Region, all[i].ProjectID = cmp.Or(all[i].Region, region), cmp.Or(all[i].ProjectID, project)
	}
	return all
}

// follow takes what comes after list and state: expiry, which has been asked
// for meanwhile, and traffic in hundreds, beside each other.
func (r *reader) follow(t tasks) {
	var wait sync.WaitGroup
	all := t.refresh || t.traffic
	if ids := r.packages(all); r.s.Traffic != nil && len(ids) > 0 && (all || r.heard.config) {
		wait.Go(func() {
			readings, err := r.s.Traffic.ReadTraffic(r.ctx, r.access, ids)
			if all || err != nil { // some that answer say nothing of the others
				r.noted("traffic", account.RightOrders, err)
			}
			r.s.SetTraffic(readings)
		})
	}
	switch {
	case r.terms != nil:
		r.terms.want(r.instances(everyRow)) // with those that only ECS has named
		r.billed(r.terms)
	case t.owed || t.list:
		if ids := r.instances(r.owed); len(ids) > 0 {
			owed := r.asking()
			defer owed.stop()
			owed.want(ids)
			r.billed(owed)
		}
	}
	wait.Wait()
	r.apply.part = r.s.partOf(r.access.AccountID) // with the traffic
}

// packages are those of all instances, or those that were never read.
func (r *reader) packages(all bool) []string {
	var ids []string
	for _, row := range r.apply.part.rows {
		if row.First && row.PackageID != "" && (all || row.Traffic.At.IsZero()) {
			ids = append(ids, row.PackageID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// owed reports whether billing should be asked about a row out of turn: it was
// never named, another source misses it, or its term ends now.
func (r *reader) owed(row *Row) bool {
	ends := row.Expires.Sub(r.at)
	return row.seen[FromBSS] == 0 || row.lost.has(FromConfig) || row.lost.has(FromECS) || !row.Expires.IsZero() && ends < time.Hour && ends > -2*time.Hour
}

func everyRow(*Row) bool { return true }

func (r *reader) instances(which func(*Row) bool) []string {
	var ids []string
	for _, row := range r.apply.part.rows {
		if row.First && row.InstanceID != "" && which(row) {
			ids = append(ids, row.InstanceID)
		}
	}
	slices.Sort(ids)
	return ids
}

// forget ends what no source knows any more.
func (r *reader) forget() {
	r.apply.forget(r.heard)
	r.commit()
}

// images reads the private images of all regions.
func (r *reader) images() {
	var wait sync.WaitGroup
	for _, region := range r.regions {
		wait.Go(func() {
			all, err := r.s.IMS.Images(r.ctx, r.access, region)
			if !r.noted("ims:"+region, account.RightImages, err) {
				return
			}
			if err := r.s.Store.SaveImages(r.ctx, r.access.AccountID, region, all); err != nil {
				r.s.Log.ErrorContext(r.ctx, "instance: store images", "account", r.access.AccountID, "region", region, "err", err)
			}
		})
	}
	wait.Wait()
}

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

func ecsRegion(source string) (string, bool) { return strings.CutPrefix(source, "ecs:") }
