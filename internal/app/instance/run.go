package instance

import (
	"context"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// tasks is what an account waits for.
type tasks struct {
	refresh bool      // everything, because somebody asked
	status  bool      // servers, and Config when its count changed
	list    bool      // servers and Config
	expiry  bool      // billing, in full
	traffic bool      // data packages
	later   time.Time // a refresh to come by itself; zero: none
	images  bool
	watches map[string]*watch // by cloud order
	touch   map[string]*poke  // by server or instance id, "" = every server
}

// watch is an order whose servers are looked at until they are ready.
type watch struct {
	order string
	due   time.Time
	looks int
	found int // instances the last look found ready, 0 = not all were
}

// poke is a server that somebody did something to: it is looked at until it
// moves no more.
type poke struct {
	due   time.Time
	looks int
}

// leastPokes is how many looks a touched server gets at least: the cloud shows
// an action a moment after it was accepted.
const leastPokes = 3

func (t *tasks) watch(order string, due time.Time) {
	if t.watches == nil {
		t.watches = make(map[string]*watch)
	}
	t.watches[order] = &watch{order: order, due: due}
}

func (t *tasks) poke(id string, due time.Time) {
	if t.touch == nil {
		t.touch = make(map[string]*poke)
	}
	t.touch[id] = &poke{due: due}
}

// now reports whether something is asked for at once.
func (t *tasks) now() bool {
	return t.refresh || t.images || t.status || t.list || t.expiry || t.traffic
}

// rare reports whether Config is to be asked about fresh orders this time.
func (t tasks) rare() bool {
	for _, w := range t.watches {
		if w.looks%8 == 7 {
			return true
		}
	}
	return false
}

// next gives when something is due; false when nothing waits.
func (t *tasks) next(now time.Time) (time.Time, bool) {
	if t.now() {
		return now, true
	}
	at := t.later
	sooner := func(due time.Time) {
		if at.IsZero() || due.Before(at) {
			at = due
		}
	}
	for _, w := range t.watches {
		sooner(w.due)
	}
	for _, p := range t.touch {
		sooner(p.due)
	}
	return at, !at.IsZero()
}

// take gives what is due now and takes it off the list. Watches and pokes stay
// until they are done.
func (t *tasks) take(now time.Time) tasks {
	due := tasks{refresh: t.refresh, images: t.images, status: t.status, list: t.list, expiry: t.expiry, traffic: t.traffic}
	t.refresh, t.images, t.status, t.list, t.expiry, t.traffic = false, false, false, false, false, false
	if !t.later.IsZero() && !t.later.After(now) || due.refresh {
		due.refresh, t.later = true, time.Time{}
	}
	for order, w := range t.watches {
		if !w.due.After(now) {
			if due.watches == nil {
				due.watches = make(map[string]*watch)
			}
			copied := *w
			due.watches[order] = &copied
		}
	}
	for id, p := range t.touch {
		if !p.due.After(now) {
			if due.touch == nil {
				due.touch = make(map[string]*poke)
			}
			copied := *p
			due.touch[id] = &copied
		}
	}
	return due
}

func (t *tasks) empty() bool {
	return !t.now() && t.later.IsZero() && len(t.watches) == 0 && len(t.touch) == 0
}

// unreadable is what is found of an order whose account cannot be read.
const unreadable = -1

// settle is how long Config may take to list what the other sources have shown
// already (cloud-api, 7: expect minutes).
const settle = 5 * time.Minute

// work is the queue of all accounts: at most one goroutine reads an account.
type work struct {
	mu      sync.Mutex
	waiting map[string]*tasks
	under   map[string]tasks
	signal  chan struct{}
	mine    map[string]map[string]time.Time // account → id → until when a change of it is the console's own
	more    map[string]int                  // how many more instances Config counts than it lists
	plans   map[string]*plan
	looked  time.Time // when somebody looked at pages last
}

func (w *work) wake() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.signal == nil {
		w.signal = make(chan struct{}, 1)
	}
	return w.signal
}

// ask changes what an account waits for.
func (w *work) ask(accountID string, change func(*tasks)) {
	signal := w.wake()
	w.mu.Lock()
	w.change(accountID, change)
	w.mu.Unlock()
	nudge(signal)
}

// change is ask with w.mu held.
func (w *work) change(accountID string, change func(*tasks)) {
	if w.waiting == nil {
		w.waiting = make(map[string]*tasks)
	}
	t := w.waiting[accountID]
	if t == nil {
		t = &tasks{}
		w.waiting[accountID] = t
	}
	change(t)
}

func nudge(signal chan struct{}) {
	select {
	case signal <- struct{}{}:
	default:
	}
}

// own remembers that the console itself is changing things.
func (w *work) own(accountID string, until time.Time, ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mine == nil {
		w.mine = make(map[string]map[string]time.Time)
	}
	if w.mine[accountID] == nil {
		w.mine[accountID] = make(map[string]time.Time)
	}
	for _, id := range ids {
		w.mine[accountID][id] = until
	}
}

// ours reports whether the console did something to one of these lately.
func (w *work) ours(accountID string, now time.Time, ids ...string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	mine := w.mine[accountID]
	maps.DeleteFunc(mine, func(_ string, until time.Time) bool { return until.Before(now) })
	for _, id := range ids {
		if _, ok := mine[id]; ok && id != "" {
			return true
		}
	}
	return false
}

// news reports whether Config counts another number more than it lists than the
// last time: a difference that stays (deleted ones are counted) is looked into
// once.
func (w *work) news(what string, more int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.more == nil {
		w.more = make(map[string]int)
	}
	news := w.more[what] != more
	w.more[what] = more
	return news
}

func (w *work) busy(accountID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, running := w.under[accountID]
	t := w.waiting[accountID]
	return running || t != nil && t.refresh
}

func (w *work) readsImages(accountID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.waiting[accountID]
	return w.under[accountID].images || t != nil && t.images
}

// due gives the accounts with something to do now that nobody works on, and
// how long until the next one; 0 when nothing waits.
func (w *work) due(now time.Time) (map[string]tasks, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.under == nil {
		w.under = make(map[string]tasks)
	}
	start := make(map[string]tasks)
	var wait time.Duration
	for id, t := range w.waiting {
		at, waits := t.next(now)
		if _, running := w.under[id]; running || !waits {
			continue
		}
		if !at.After(now) {
			start[id] = t.take(now)
			w.under[id] = start[id]
		} else if d := at.Sub(now); wait == 0 || d < wait {
			wait = d
		}
	}
	return start, wait
}

// done ends an account's turn. next gives when an order or a touched server is
// due again, false when it is given up; an order that ends well has everything
// read once more at late.
func (w *work) done(accountID string, did tasks, came turned, next func(looks int) (time.Time, bool), late time.Time) {
	signal := w.wake()
	w.mu.Lock()
	delete(w.under, accountID)
	t := w.waiting[accountID]
	for order, was := range did.watches {
		now := t.watches[order]
		if now == nil || now.looks != was.looks {
			continue // asked for anew meanwhile
		}
		n, all := came.found[order]
		at, again := next(was.looks)
		switch {
		case n == unreadable || !again:
			delete(t.watches, order)
			continue
		case all && n == was.found: // twice the same: none is still to come
			delete(t.watches, order)
			t.later = late
			continue
		}
		now.due, now.looks, now.found = at, now.looks+1, n
	}
	for id, was := range did.touch {
		now := t.touch[id]
		if now == nil || now.looks != was.looks {
			continue
		}
		at, again := next(was.looks)
		if !again || came.settled[id] && was.looks+1 >= leastPokes {
			delete(t.touch, id)
			continue
		}
		now.due, now.looks = at, now.looks+1
	}
	if t.empty() {
		delete(w.waiting, accountID)
	}
	w.mu.Unlock()
	nudge(signal)
}

// Run reads what is asked for, and what the schedule wants, until ctx ends;
// then it waits for what is under way. Orders whose servers were not ready when
// the program stopped are watched again.
func (s *Service) Run(ctx context.Context) error {
	s.current()
	s.resume(ctx)
	s.planAll(ctx)
	var under sync.WaitGroup
	defer under.Wait()
	signal := s.work.wake()
	for {
		s.accounts(ctx)
		next := s.scheduled(s.Now())
		start, wait := s.work.due(s.Now())
		for id, t := range start {
			under.Go(func() { s.turn(ctx, id, t) })
		}
		if next > 0 && (wait == 0 || next < wait) {
			wait = next
		}
		var timer <-chan time.Time
		if wait > 0 {
			timer = time.After(wait)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-signal:
		case <-timer:
		}
	}
}

func (s *Service) resume(ctx context.Context) {
	pending, err := s.Store.Unready(ctx, s.Now().Add(-24*time.Hour))
	if err != nil {
		s.Log.ErrorContext(ctx, "instance: orders to watch again", "err", err)
		return
	}
	for _, p := range pending {
		s.AfterOrder(p.AccountID, p.CloudOrder)
	}
}

// turn does what is due for one account.
func (s *Service) turn(ctx context.Context, accountID string, t tasks) {
	var came turned
	version := s.current().Version
	if ctx.Err() == nil {
		came = s.read(ctx, accountID, t)
	}
	now := s.Now()
	s.planned(accountID, t, now, s.current().Version != version)
	s.work.done(accountID, t, came, func(looks int) (time.Time, bool) {
		wait, again := s.Timing.busy(looks + 1)
		return now.Add(wait), again
	}, now.Add(s.Timing.scaled(settle)))
	topics := []string{"instances"} // once more: nothing is being read now
	if t.images {
		topics = append(topics, "instances/images/"+accountID)
	}
	s.changed(topics...)
	if (t.refresh || t.list) && len(s.current().rows) >= manyRows {
		debug.FreeOSMemory()
	}
}

// ownFor is how long after an action of the console a change of the thing is
// taken to be the console's own.
const ownFor = 10 * time.Minute

// Touch asks for these servers to be read again soon and before all else: after
// an action. Ids of instances are taken too; none at all means every server of
// the account. What changes about them in the next minutes is not marked as
// changed outside. It returns at once.
func (s *Service) Touch(accountID string, serverIDs ...string) {
	now := s.Now()
	ids := slices.Clone(serverIDs)
	if len(ids) == 0 {
		ids = []string{""}
	}
	own := ids
	for _, id := range ids {
		for _, r := range s.partOf(accountID).of(id) {
			own = append(own, r.ServerID)
		}
		if r := s.partOf(accountID).row(id); r != nil {
			own = append(own, r.InstanceID)
		}
	}
	s.work.own(accountID, now.Add(s.Timing.scaled(ownFor)), own...)
	s.work.ask(accountID, func(t *tasks) {
		for _, id := range ids {
			t.poke(id, now)
		}
	})
}

// TouchMoney asks for the expiry of everything to be read again: after money
// was spent or given back.
func (s *Service) TouchMoney(accountID string, instanceIDs ...string) {
	s.work.own(accountID, s.Now().Add(s.Timing.scaled(ownFor)), instanceIDs...)
	s.work.ask(accountID, func(t *tasks) { t.expiry = true })
}
