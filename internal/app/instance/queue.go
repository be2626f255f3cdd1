package instance

import (
	"maps"
	"sync"
	"time"
)

// tasks is what an account waits for.
type tasks struct {
	wholly
	look    map[string]bool   // places of servers, and Config's count, each by itself
	later   time.Time         // when list and expiry are to be read by themselves; zero: not
	watches map[string]*watch // by cloud order
	touch   map[string]*poke  // by server or instance id, "" = every server
	began   time.Time         // of a turn: when it took them
}

// wholly is what is asked for as a whole.
type wholly struct {
	refresh bool // everything, because somebody asked
	list    bool // servers and Config
	news    bool // Config alone
	owed    bool // what billing is asked out of turn
	expiry  bool // billing, in full
	traffic bool // data packages
	images  bool
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

func (t *tasks) lookAt(source string) {
	if t.look == nil {
		t.look = make(map[string]bool)
	}
	t.look[source] = true
}

// now reports whether something whole is asked for.
func (t *tasks) now() bool { return t.wholly != wholly{} }

// rare reports whether Config's count is to be asked for fresh orders this time.
func (t tasks) rare() bool {
	for _, w := range t.watches {
		if w.looks%8 == 7 {
			return true
		}
	}
	return false
}

// lanes gives the lanes in which something is to be done, now or later.
func (t *tasks) lanes(accountID string) []lane {
	all := []lane{{account: accountID, way: quick}, {account: accountID}}
	for source := range t.look {
		all = append(all, lane{accountID, looks, source})
	}
	return all
}

// next gives when something of a lane is due; zero when nothing waits.
func (t *tasks) next(now time.Time, l lane) (at time.Time) {
	switch {
	case l.way == looks, l.way == whole && t.now():
		return now
	case l.way == whole:
		return t.later
	}
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
	return at
}

// take gives what is due now, of a lane, and takes it off the list. Watches and
// pokes stay until they are done.
func (t *tasks) take(now time.Time, l lane) tasks {
	switch l.way {
	case quick:
		return t.moving(now)
	case looks:
		delete(t.look, l.source)
		return tasks{look: map[string]bool{l.source: true}, began: now}
	}
	due := tasks{wholly: t.wholly, began: now}
	t.wholly = wholly{}
	if !t.later.IsZero() && !t.later.After(now) {
		due.list, due.expiry, t.later = true, true, time.Time{}
	}
	if due.refresh {
		t.later = time.Time{}
	}
	return due
}

// moving gives the watches and pokes that are due.
func (t *tasks) moving(now time.Time) tasks {
	due := tasks{began: now}
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
	return !t.now() && t.later.IsZero() && len(t.look) == 0 && len(t.watches) == 0 && len(t.touch) == 0
}

// unreadable is what is found of an order whose account cannot be read.
const unreadable = -1

// way is one of the ways an account is read beside each other.
type way uint8

const (
	whole way = iota // lists and billing, or everything
	quick            // what somebody did something to: it need not wait until a large account is read
	looks            // one source, so that one that hangs keeps none of the others waiting
)

// lane is one of the ways of an account; of the looks, one source's.
type lane struct {
	account string
	way     way
	source  string
}

// work is the queue of all accounts: at most one goroutine reads in a lane.
type work struct {
	mu      sync.Mutex
	waiting map[string]*tasks
	under   map[lane]tasks
	turns   map[string]*sync.Mutex // account → who commits
	signal  chan struct{}
	mine    map[string]map[string]time.Time // account → id → until when a change of it is the console's own
	more    map[string]int                  // how many more instances Config counts than it lists
	plans   map[string]*plan
	syncs   map[string]map[string]*wentLast // account → source → how it went last
	looked  time.Time                       // when somebody looked at pages last
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

// own remembers that the console itself is changing these facts of things, or
// any of theirs.
func (w *work) own(accountID string, until time.Time, facts []string, ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mine == nil {
		w.mine = make(map[string]map[string]time.Time)
	}
	if w.mine[accountID] == nil {
		w.mine[accountID] = make(map[string]time.Time)
	}
	if len(facts) == 0 {
		facts = []string{""}
	}
	for _, id := range ids {
		for _, fact := range facts {
			w.mine[accountID][id+anyFact+fact] = until
		}
	}
}

// anyFact stands between a thing and what about it; nothing after it is any.
const anyFact = "\x00"

// ours reports whether the console changed a fact of one of these lately.
func (w *work) ours(accountID string, now time.Time, fact string, ids ...string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	mine := w.mine[accountID]
	maps.DeleteFunc(mine, func(_ string, until time.Time) bool { return until.Before(now) })
	for _, id := range ids {
		_, any := mine[id+anyFact]
		_, this := mine[id+anyFact+fact]
		if id != "" && (any || this) {
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

// forgetNews makes a difference news again.
func (w *work) forgetNews(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.more, what)
}

// busy reports whether an account is read: everything or much of it, or what
// somebody did something to. That a single source is looked at is no news.
func (w *work) busy(accountID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, running := w.under[lane{account: accountID}]
	_, looking := w.under[lane{account: accountID, way: quick}]
	t := w.waiting[accountID]
	return running || looking || t != nil && t.refresh
}

func (w *work) readsImages(accountID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.waiting[accountID]
	return w.under[lane{account: accountID}].images || t != nil && t.images
}

// commits is the lock of whoever commits to an account.
func (w *work) commits(accountID string) *sync.Mutex {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.turns == nil {
		w.turns = make(map[string]*sync.Mutex)
	}
	if w.turns[accountID] == nil {
		w.turns[accountID] = new(sync.Mutex)
	}
	return w.turns[accountID]
}

// due gives the lanes with something to do now that nobody works on, and how
// long until the next one; 0 when nothing waits.
func (w *work) due(now time.Time) (map[lane]tasks, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.under == nil {
		w.under = make(map[lane]tasks)
	}
	start := make(map[lane]tasks)
	var wait time.Duration
	for id, t := range w.waiting {
		for _, l := range t.lanes(id) {
			at := t.next(now, l)
			if _, running := w.under[l]; running || at.IsZero() {
				continue
			}
			if !at.After(now) {
				start[l] = t.take(now, l)
				w.under[l] = start[l]
			} else if d := at.Sub(now); wait == 0 || d < wait {
				wait = d
			}
		}
	}
	return start, wait
}

// done ends a turn. next gives when an order or a touched server is due again,
// false when it is given up; when an order ends well, list and expiry are read
// at late: for what only Config knows of its instances, and because money was
// spent.
func (w *work) done(l lane, did tasks, came turned, next func(looks int) (time.Time, bool), late time.Time) {
	signal := w.wake()
	w.mu.Lock()
	delete(w.under, l)
	t := w.waiting[l.account]
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
	if came.list || came.owed || len(came.look) > 0 {
		w.change(l.account, func(t *tasks) { t.news, t.owed = t.news || came.list, t.owed || came.owed })
		w.lookAgain(l.account, came.look, did.began)
		t = w.waiting[l.account]
	}
	if t != nil && t.empty() {
		delete(w.waiting, l.account)
	}
	w.mu.Unlock()
	nudge(signal)
}
