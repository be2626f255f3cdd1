package instance

import (
	"context"
	"sync"
	"time"
)

// tasks is what an account waits for.
type tasks struct {
	refresh bool
	images  bool
	watches map[string]*watch // by cloud order
}

// watch is an order whose servers are looked at until they are ready.
type watch struct {
	order string
	due   time.Time
	looks int
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
	var at time.Time
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
	for order, w := range t.watches {
		if !w.due.After(now) {
			if due.watches == nil {
				due.watches = make(map[string]*watch)
			}
			due.watches[order] = &watch{order: order, due: w.due, looks: w.looks}
		}
	}
	return due
}

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

// done ends an account's turn. next gives when a watch is due again, false
// when it ends.
func (w *work) done(accountID string, did tasks, next func(watch) (time.Time, bool)) {
	signal := w.wake()
	w.mu.Lock()
	delete(w.under, accountID)
	t := w.waiting[accountID]
	for order, was := range did.watches {
		now := t.watches[order]
		if now == nil || now.looks != was.looks {
			continue // asked for anew meanwhile
		}
		at, again := next(*was)
		if !again {
			delete(t.watches, order)
			continue
		}
		now.due, now.looks = at, now.looks+1
	}
	if !t.refresh && !t.images && len(t.watches) == 0 {
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
	ready := make(map[string]bool)
	if ctx.Err() == nil {
		ready = s.read(ctx, accountID, t)
	}
	s.work.done(accountID, t, func(w watch) (time.Time, bool) {
		if ready[w.order] {
			return time.Time{}, false
		}
		wait, again := s.Timing.busy(w.looks + 1)
		return s.Now().Add(wait), again
	})
	topics := []string{"instances"} // once more: nothing is being read now
	if t.images {
		topics = append(topics, "instances/images/"+accountID)
	}
	s.changed(topics...)
}
