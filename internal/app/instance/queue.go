package instance

import (
	"maps"
	"sync"
	"time"
)

// tasks is what an account waits for.
type tasks struct {
	wholeTasks
	lookSources map[string]bool        // places of servers, and Config's count, each by itself
	later       time.Time              // when list and expiry are to be read by themselves; zero: not
	watches     map[string]*orderWatch // by cloud order
	rechecks    map[string]*recheck    // by server or instance id, "" = every server
	began       time.Time              // of a turn: when it took them
}

// wholeTasks is what is asked for as a whole.
type wholeTasks struct {
	refresh    bool // everything, because somebody asked
	list       bool // servers and Config
	configOnly bool // Config alone
	owed       bool // what billing is asked out of turn
	expiry     bool // billing, in full
	traffic    bool // data packages
	images     bool
}

// orderWatch is an order whose servers are looked at until they are ready.
type orderWatch struct {
	order string
	due   time.Time
	looks int
	found int // instances the last look found ready, 0 = not all were
}

// recheck is a server that somebody did something to: it is looked at until it
// moves no more.
type recheck struct {
	due   time.Time
	looks int
}

// leastRechecks is how many looks a touched server gets at least: the cloud shows
// an action a moment after it was accepted.
const leastRechecks = 3

func (t *tasks) watchOrder(order string, due time.Time) {
	if t.watches == nil {
		t.watches = make(map[string]*orderWatch)
	}
	t.watches[order] = &orderWatch{order: order, due: due}
}

func (t *tasks) recheck(id string, due time.Time) {
	if t.rechecks == nil {
		t.rechecks = make(map[string]*recheck)
	}
	t.rechecks[id] = &recheck{due: due}
}

func (t *tasks) lookAt(source string) {
	if t.lookSources == nil {
		t.lookSources = make(map[string]bool)
	}
	t.lookSources[source] = true
}

// asksWhole reports whether something whole is asked for.
func (t *tasks) asksWhole() bool { return t.wholeTasks != wholeTasks{} }

// countEvery is at which looks at a fresh order Config's count is asked for too:
// at every eighth, for Config lists an instance minutes after the other sources.
const countEvery = 8

// countsConfig reports whether Config's count is to be asked for fresh orders this time.
func (t tasks) countsConfig() bool {
	for _, w := range t.watches {
		if (w.looks+1)%countEvery == 0 {
			return true
		}
	}
	return false
}

// tracks gives the lanes in which something is to be done, now or later.
func (t *tasks) tracks(accountID string) []track {
	all := []track{{account: accountID, kind: quickTrack}, {account: accountID}}
	for source := range t.lookSources {
		all = append(all, track{accountID, lookTrack, source})
	}
	return all
}

// next gives when something of a lane is due; zero when nothing waits.
func (t *tasks) next(now time.Time, tr track) (at time.Time) {
	switch {
	case tr.kind == lookTrack, tr.kind == wholeTrack && t.asksWhole():
		return now
	case tr.kind == wholeTrack:
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
	for _, p := range t.rechecks {
		sooner(p.due)
	}
	return at
}

// take gives what is due now, of a lane, and takes it off the list. Watches and
// pokes stay until they are done.
func (t *tasks) take(now time.Time, tr track) tasks {
	switch tr.kind {
	case quickTrack:
		return t.moving(now)
	case lookTrack:
		delete(t.lookSources, tr.source)
		return tasks{lookSources: map[string]bool{tr.source: true}, began: now}
	}
	due := tasks{wholeTasks: t.wholeTasks, began: now}
	t.wholeTasks = wholeTasks{}
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
				due.watches = make(map[string]*orderWatch)
			}
			copied := *w
			due.watches[order] = &copied
		}
	}
	for id, p := range t.rechecks {
		if !p.due.After(now) {
			if due.rechecks == nil {
				due.rechecks = make(map[string]*recheck)
			}
			copied := *p
			due.rechecks[id] = &copied
		}
	}
	return due
}

func (t *tasks) empty() bool {
	return !t.asksWhole() && t.later.IsZero() && len(t.lookSources) == 0 && len(t.watches) == 0 && len(t.rechecks) == 0
}

// unreadable is what is found of an order whose account cannot be read.
const unreadable = -1

// trackKind is one of the ways an account is read beside each other.
type trackKind uint8

const (
	wholeTrack trackKind = iota // lists and billing, or everything
	quickTrack                  // what somebody did something to: it need not wait until a large account is read
	lookTrack                   // one source, so that one that hangs keeps none of the others waiting
)

// track is one of the ways of an account; of the looks, one source's.
type track struct {
	account string
	kind    trackKind
	source  string
}

// queue is the queue of all accounts: at most one goroutine reads in a lane.
type queue struct {
	mu          sync.Mutex
	waiting     map[string]*tasks
	running     map[track]tasks
	commitLocks map[string]*sync.Mutex // account → who commits
	signal      chan struct{}
	ownChanges  map[string]map[string]time.Time // account → id → until when a change of it is the console's own
	surplus     map[string]int                  // how many more instances Config counts than it lists
	plans       map[string]*plan
	syncs       map[string]map[string]*lastSync // account → source → how it went last
	lastLook    time.Time                       // when somebody looked at pages last
}

func (w *queue) wake() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.signal == nil {
		w.signal = make(chan struct{}, 1)
	}
	return w.signal
}

// ask changes what an account waits for.
func (w *queue) ask(accountID string, change func(*tasks)) {
	signal := w.wake()
	w.mu.Lock()
	w.change(accountID, change)
	w.mu.Unlock()
	nudge(signal)
}

// change is ask with w.mu held.
func (w *queue) change(accountID string, change func(*tasks)) {
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

// noteOwn remembers that the console itself is changing these facts of things, or
// any of theirs.
func (w *queue) noteOwn(accountID string, until time.Time, facts []string, ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ownChanges == nil {
		w.ownChanges = make(map[string]map[string]time.Time)
	}
	if w.ownChanges[accountID] == nil {
		w.ownChanges[accountID] = make(map[string]time.Time)
	}
	if len(facts) == 0 {
		facts = []string{""}
	}
	for _, id := range ids {
		for _, fact := range facts {
			w.ownChanges[accountID][id+anyFact+fact] = until
		}
	}
}

// anyFact stands between a thing and what about it; nothing after it is any.
const anyFact = "\x00"

// isOwn reports whether the console changed a fact of one of these lately.
func (w *queue) isOwn(accountID string, now time.Time, fact string, ids ...string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	mine := w.ownChanges[accountID]
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

// surplusChanged reports whether Config counts another number more than it lists than the
// last time: a difference that stays (deleted ones are counted) is looked into
// once.
func (w *queue) surplusChanged(what string, more int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.surplus == nil {
		w.surplus = make(map[string]int)
	}
	news := w.surplus[what] != more
	w.surplus[what] = more
	return news
}

// forgetSurplus makes a difference news again.
func (w *queue) forgetSurplus(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.surplus, what)
}

// busy reports whether an account is read: everything or much of it, or what
// somebody did something to. That a single source is looked at is no news.
func (w *queue) busy(accountID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, running := w.running[track{account: accountID}]
	_, looking := w.running[track{account: accountID, kind: quickTrack}]
	t := w.waiting[accountID]
	return running || looking || t != nil && t.refresh
}

func (w *queue) readsImages(accountID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.waiting[accountID]
	return w.running[track{account: accountID}].images || t != nil && t.images
}

// commitLock is the lock of whoever commits to an account.
func (w *queue) commitLock(accountID string) *sync.Mutex {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.commitLocks == nil {
		w.commitLocks = make(map[string]*sync.Mutex)
	}
	if w.commitLocks[accountID] == nil {
		w.commitLocks[accountID] = new(sync.Mutex)
	}
	return w.commitLocks[accountID]
}

// due gives the lanes with something to do now that nobody works on, and how
// long until the next one; 0 when nothing waits.
func (w *queue) due(now time.Time) (map[track]tasks, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running == nil {
		w.running = make(map[track]tasks)
	}
	start := make(map[track]tasks)
	var wait time.Duration
	for id, t := range w.waiting {
		for _, tr := range t.tracks(id) {
			at := t.next(now, tr)
			if _, running := w.running[tr]; running || at.IsZero() {
				continue
			}
			if !at.After(now) {
				start[tr] = t.take(now, tr)
				w.running[tr] = start[tr]
			} else if d := at.Sub(now); wait == 0 || d < wait {
				wait = d
			}
		}
	}
	return start, wait
}

// pacing says when what a turn did not finish goes on.
type pacing struct {
	// next gives when an order or a touched server is due again after so many
	// looks; false: it is given up.
	next func(looks int) (due time.Time, again bool)
	// later is when list and expiry are read after an order ended well: for what
	// only Config knows of its instances, and because money was spent.
	later time.Time
}

// endTurn ends a turn on a track, which did these tasks, and plans what is left
// of them.
func (w *queue) endTurn(tr track, did tasks, result turnResult, p pacing) {
	signal := w.wake()
	w.mu.Lock()
	delete(w.running, tr)
	if t := w.waiting[tr.account]; t != nil {
		t.endWatches(did, result, p)
		t.endRechecks(did, result, p)
	}
	if result.list || result.owed || len(result.lookSources) > 0 {
		w.change(tr.account, func(t *tasks) { t.configOnly, t.owed = t.configOnly || result.list, t.owed || result.owed })
		w.lookAgain(tr.account, result.lookSources, did.began)
	}
	if t := w.waiting[tr.account]; t != nil && t.empty() {
		delete(w.waiting, tr.account)
	}
	w.mu.Unlock()
	nudge(signal)
}

// endWatches ends the watches that a turn looked at, or makes them due again.
func (t *tasks) endWatches(did tasks, result turnResult, p pacing) {
	for order, was := range did.watches {
		now := t.watches[order]
		if now == nil || now.looks != was.looks {
			continue // asked for anew during the turn
		}
		n, all := result.found[order]
		due, again := p.next(was.looks)
		switch {
		case n == unreadable || !again:
			delete(t.watches, order)
		case all && n == was.found: // twice the same number: no instance is still to come
			delete(t.watches, order)
			t.later = p.later
		default:
			now.due, now.looks, now.found = due, now.looks+1, n
		}
	}
}

// endRechecks ends the rechecks that a turn looked at, or makes them due again.
func (t *tasks) endRechecks(did tasks, result turnResult, p pacing) {
	for id, was := range did.rechecks {
		now := t.rechecks[id]
		if now == nil || now.looks != was.looks {
			continue // asked for anew during the turn
		}
		due, again := p.next(was.looks)
		if !again || result.settled[id] && was.looks+1 >= leastRechecks {
			delete(t.rechecks, id)
			continue
		}
		now.due, now.looks = due, now.looks+1
	}
}
