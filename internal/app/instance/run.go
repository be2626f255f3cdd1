package instance

import (
	"context"
	"sync"
	"time"
)

// tasks is what an account waits for.
type tasks struct {
	refresh bool
	later   time.Time // a refresh to come by itself; zero: none
	images  bool
	watches map[string]*watch // by cloud order
}

// watch is an order whose servers are looked at until they are ready.
type watch struct {
	order string
	due   time.Time
	looks int
	found int // instances the last look found ready, 0 = not all were
}

func (t *tasks) watch(order string, due time.Time) {
	if t.watches == nil {
		t.watches = make(map[string]*watch)
	}
	t.watches[order] = &watch{order: order, due: due}
}

// next gives when something is due; false when nothing waits.
func (t *tasks) next(now time.Time) (time.Time, bool) {
	if t.refresh || t.images {
		return now, true
	}
	at := t.later
	for _, w := range t.watches {
		if at.IsZero() || w.due.Before(at) {
			at = w.due
		}
	}
	return at, !at.IsZero()
}

// take gives what is due now and takes it off the list. Watches stay until
// they are done.
func (t *tasks) take(now time.Time) tasks {
	due := tasks{refresh: t.refresh, images: t.images}
	t.refresh, t.images = false, false
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
	return due
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
	if w.waiting == nil {
		w.waiting = make(map[string]*tasks)
	}
	t := w.waiting[accountID]
	if t == nil {
		t = &tasks{}
		w.waiting[accountID] = t
	}
	change(t)
	w.mu.Unlock()
	nudge(signal)
}

func nudge(signal chan struct{}) {
	select {
	case signal <- struct{}{}:
	default:
	}
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

// done ends an account's turn. found is how many instances of each order are
// all ready; next gives when an order is due again, false when it is given up;
// an order that ends well has everything read once more at late.
func (w *work) done(accountID string, did tasks, found map[string]int, next func(watch) (time.Time, bool), late time.Time) {
	signal := w.wake()
	w.mu.Lock()
	delete(w.under, accountID)
	t := w.waiting[accountID]
	for order, was := range did.watches {
		now := t.watches[order]
		if now == nil || now.looks != was.looks {
			continue // asked for anew meanwhile
		}
		n, all := found[order]
		at, again := next(*was)
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
	if !t.refresh && !t.images && t.later.IsZero() && len(t.watches) == 0 {
		delete(w.waiting, accountID)
	}
	w.mu.Unlock()
	nudge(signal)
}

// Run reads what is asked for, until ctx ends; then it waits for what is under
// way. Orders whose servers were not ready when the program stopped are
// watched again.
func (s *Service) Run(ctx context.Context) error {
	s.resume(ctx)
	var under sync.WaitGroup
	defer under.Wait()
	signal := s.work.wake()
	for {
		start, wait := s.work.due(s.Now())
		for id, t := range start {
			under.Go(func() { s.turn(ctx, id, t) })
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
	var found map[string]int
	if ctx.Err() == nil {
		found = s.read(ctx, accountID, t)
	}
	now := s.Now()
	s.work.done(accountID, t, found, func(w watch) (time.Time, bool) {
		wait, again := s.Timing.busy(w.looks + 1)
		return now.Add(wait), again
	}, now.Add(s.Timing.scaled(settle)))
	topics := []string{"instances"} // once more: nothing is being read now
	if t.images {
		topics = append(topics, "instances/images/"+accountID)
	}
	s.changed(topics...)
}
