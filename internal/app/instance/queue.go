package instance

import (
	"maps"
	"sync"
	"time"
)

// tasks is what is still to be read of an account.
type tasks struct {
	wholeTasks
	lookSources map[string]bool        // sources that are read alone: places of servers, and Config's count
	later       time.Time              // when list and expiry are to be read; zero: they are not planned
	watches     map[string]*orderWatch // by cloud order
	rechecks    map[string]*recheck    // by server or instance id, "" = every server
	began       time.Time              // when a turn took these tasks
}

// wholeTasks is what is read of the whole account.
type wholeTasks struct {
	refresh    bool // everything, because a person asked
	list       bool // servers and Config
	configOnly bool // Config alone
	owed       bool // billing, about the rows that cannot wait for the next full read
	expiry     bool // billing, in full
	traffic    bool // data packages
	images     bool
}

// orderWatch is an order whose servers are read again and again until they are
// ready.
type orderWatch struct {
	order string
	due   time.Time
	looks int
	found int // instances that were ready at the last look; 0: not all of them
}

// recheck is a server that somebody did something to: it is read again and again
// until its state is final.
type recheck struct {
	due   time.Time
	looks int
}

// leastRechecks is how often such a server is read at least: the cloud shows an
// action a moment after it accepted it.
const leastRechecks = 3

// watchOrder adds an order to watch, first at due.
func (t *tasks) watchOrder(order string, due time.Time) {
	if t.watches == nil {
		t.watches = make(map[string]*orderWatch)
	}
	t.watches[order] = &orderWatch{order: order, due: due}
}

// recheck adds a server to be read again, first at due.
func (t *tasks) recheck(id string, due time.Time) {
	if t.rechecks == nil {
		t.rechecks = make(map[string]*recheck)
	}
	t.rechecks[id] = &recheck{due: due}
}

// lookAt adds a source to be read alone.
func (t *tasks) lookAt(source string) {
	if t.lookSources == nil {
		t.lookSources = make(map[string]bool)
	}
	t.lookSources[source] = true
}

// asksWhole reports whether anything of wholeTasks is asked for.
func (t *tasks) asksWhole() bool { return t.wholeTasks != wholeTasks{} }

// countEvery is at which looks at a fresh order Config's count is asked for too:
// at every eighth, for Config lists an instance minutes after the other sources.
const countEvery = 8

// countsConfig reports whether a look at fresh orders asks for Config's count
// too.
func (t tasks) countsConfig() bool {
	for _, w := range t.watches {
		if (w.looks+1)%countEvery == 0 {
			return true
		}
	}
	return false
}

// tracks gives the tracks of an account that may have something to do, now or
// later.
func (t *tasks) tracks(accountID string) []track {
	all := []track{{account: accountID, kind: quickTrack}, {account: accountID}}
	for source := range t.lookSources {
		all = append(all, track{accountID, lookTrack, source})
	}
	return all
}

// next gives when something of a track is due; zero when nothing waits there.
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

// take gives what is due now on a track, and removes it from t. Watches and
// rechecks stay until they end.
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

// moving gives the watches and rechecks that are due.
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

// unreadable stands in turnResult.found for an order whose account cannot be
// read.
const unreadable = -1

// trackKind says what is read on a track.
type trackKind uint8

const (
	wholeTrack trackKind = iota // lists and billing, or everything
	quickTrack                  // watches and rechecks: they do not wait until a large account was read
	lookTrack                   // one source: one that hangs does not delay the others
)

// track is one line of reading an account. Turns on different tracks run at the
// same time; on one track one follows the other.
type track struct {
	account string
	kind    trackKind
	source  string
}

// queue holds what is still to be read of all accounts, and how that went. At
// most one goroutine reads on a track.
type queue struct {
	mu          sync.Mutex
	waiting     map[string]*tasks
	running     map[track]tasks
	commitLocks map[string]*sync.Mutex // account → held by the merger that commits
	signal      chan struct{}
	ownChanges  map[string]map[string]time.Time // account → thing and fact → until when a change of it counts as the console's own
	surplus     map[string]int                  // how many more instances Config counts than it lists, by account and question
	plans       map[string]*plan
	syncs       map[string]map[string]*lastSync // account → source
	lastLook    time.Time                       // when a person last looked at pages
}

// wake gives the channel that tells Run that the queue changed.
func (w *queue) wake() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.signal == nil {
		w.signal = make(chan struct{}, 1)
	}
	return w.signal
}

// ask changes the tasks of an account by a function, and wakes Run.
func (w *queue) ask(accountID string, change func(*tasks)) {
	signal := w.wake()
	w.mu.Lock()
	w.change(accountID, change)
	w.mu.Unlock()
	nudge(signal)
}

// change is ask with w.mu held; it wakes nobody.
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

// nudge fills a channel of one place, if it is empty; it never waits.
func nudge(signal chan struct{}) {
	select {
	case signal <- struct{}{}:
	default:
	}
}

// noteOwn notes that until a time changes of these facts of things are the
// console's own; without facts, all changes of them.
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

// anyFact stands between the id of a thing and the fact; with nothing after it,
// it means every fact.
const anyFact = "\x00"

// isOwn reports whether the console changed a fact of one of these things lately.
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

// surplusChanged keeps how many more instances Config counts than it lists, and
// reports whether that is another number than the last time. A difference that
// stays (deleted instances are counted) is looked into once.
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

// forgetSurplus makes the next difference a change, whatever it is.
func (w *queue) forgetSurplus(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.surplus, what)
}

// busy reports whether an account is being read: everything or much of it, or
// what somebody did something to. A look at a single source does not count.
func (w *queue) busy(accountID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, running := w.running[track{account: accountID}]
	_, looking := w.running[track{account: accountID, kind: quickTrack}]
	t := w.waiting[accountID]
	return running || looking || t != nil && t.refresh
}

// readsImages reports whether the private images of an account are being read, or
// are asked for.
func (w *queue) readsImages(accountID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.waiting[accountID]
	return w.running[track{account: accountID}].images || t != nil && t.images
}

// commitLock gives the lock that a merger holds while it commits to an account.
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

// due gives the tracks with something to do now on which no turn runs, with their
// tasks, and marks them as running. wait is how long until the next one is due;
// 0: nothing waits.
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
