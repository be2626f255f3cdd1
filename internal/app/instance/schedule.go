package instance

import (
	"context"
	"time"
)

// Schedule is how often the picture is refreshed by itself. What moves is
// looked at by Timing.Busy, whatever the schedule says.
type Schedule struct {
	// Watched is how long the servers' states may be old while somebody looks at
	// pages. After each look that finds nothing new it doubles, up to WatchedMost.
	Watched, WatchedMost time.Duration
	// Idle is how often states are read when nobody has looked for IdleAfter.
	Idle, IdleAfter time.Duration
	// List is how often Config is read in full though its count is the same.
	List, ListIdle time.Duration
	// Expiry is how often billing is read in full.
	Expiry time.Duration
	// Traffic is how often data packages are read: the hourly samples.
	Traffic time.Duration
	// Fresh is how young a picture may be for a sign-in to start no refresh.
	Fresh time.Duration
}

// Usual is the schedule of the product, divided by scale: minutes while somebody
// looks, an hour when nobody does.
func Usual(scale float64) *Schedule {
	d := Timing{Scale: scale}.scaled
	return &Schedule{Watched: d(time.Minute), WatchedMost: d(8 * time.Minute), Idle: d(time.Hour), IdleAfter: d(15 * time.Minute),
		List: d(time.Hour), ListIdle: d(12 * time.Hour), Expiry: d(24 * time.Hour), Traffic: d(time.Hour), Fresh: d(30 * time.Second)}
}

// plan is when an account was read last.
type plan struct {
	status, list, expiry, traffic time.Time
	quiet                         int // looks in a row that found nothing new
}

// due gives what the schedule wants now, and when it wants something next.
func (p *plan) due(o *Schedule, now time.Time, watched bool) (tasks, time.Time) {
	status, list := o.Idle, o.ListIdle
	if watched {
		status, list = min(o.Watched<<min(p.quiet, 16), o.WatchedMost), o.List
	}
	var t tasks
	next := now.Add(o.Idle)
	for _, want := range []struct {
		is    *bool
		last  time.Time
		every time.Duration
	}{{&t.status, p.status, status}, {&t.list, p.list, list}, {&t.expiry, p.expiry, o.Expiry}, {&t.traffic, p.traffic, o.Traffic}} {
		at := want.last.Add(want.every)
		if !at.After(now) {
			*want.is = true
			at = now.Add(want.every)
		}
		if at.Before(next) {
			next = at
		}
	}
	return t, next
}

// planAll plans every account that something is known of.
func (s *Service) planAll(ctx context.Context) {
	if s.Schedule == nil {
		return
	}
	for _, part := range s.current().parts {
		p := &plan{}
		syncs, err := s.Store.Syncs(ctx, []string{part.share.account})
		if err != nil {
			s.Log.ErrorContext(ctx, "instance: plan the refreshes", "err", err)
		}
		for _, y := range syncs {
			switch _, ecs := ecsRegion(y.Source); {
			case ecs && (p.status.IsZero() || y.OKAt.Before(p.status)):
				p.status = y.OKAt
			case y.Source == "config":
				p.list = y.OKAt
			case y.Source == wholeTerms:
				p.expiry = y.OKAt
			case y.Source == "traffic":
				p.traffic = y.OKAt
			}
		}
		s.work.plan(part.share.account, p)
	}
}

func (w *work) plan(accountID string, p *plan) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.plans == nil {
		w.plans = make(map[string]*plan)
	}
	if w.plans[accountID] == nil {
		w.plans[accountID] = p
	}
}

// planned keeps what a turn read. A source that failed is not tried again
// before its time either: it would only fail more often.
func (s *Service) planned(accountID string, did tasks, now time.Time, news bool) {
	if s.Schedule == nil {
		return
	}
	s.work.plan(accountID, &plan{})
	s.work.mu.Lock()
	defer s.work.mu.Unlock()
	p := s.work.plans[accountID]
	if did.refresh || did.status || did.list {
		p.status = now
		p.quiet++
		if news {
			p.quiet = 0
		}
	}
	if did.refresh || did.list {
		p.list = now
	}
	if did.refresh || did.expiry {
		p.expiry = now
	}
	if did.refresh || did.traffic {
		p.traffic = now
	}
}

// scheduled asks for what the schedule wants now and gives how long it wants
// nothing; 0 without a schedule.
func (s *Service) scheduled(now time.Time) time.Duration {
	if s.Schedule == nil {
		return 0
	}
	watched := s.looking(now)
	s.work.mu.Lock()
	defer s.work.mu.Unlock()
	var wait time.Duration
	for id, p := range s.work.plans {
		if _, running := s.work.under[lane{id, false}]; running {
			continue // its end wakes us
		}
		t, next := p.due(s.Schedule, now, watched)
		if t.now() {
			s.work.change(id, func(w *tasks) {
				w.status, w.list = w.status || t.status, w.list || t.list
				w.expiry, w.traffic = w.expiry || t.expiry, w.traffic || t.traffic
			})
		}
		if d := max(next.Sub(now), time.Second); wait == 0 || d < wait {
			wait = d
		}
	}
	return wait
}

// looking reports whether somebody looks at pages, or has done so lately.
func (s *Service) looking(now time.Time) bool {
	open := s.watched.Load() || s.Open != nil && s.Open() > 0
	s.work.mu.Lock()
	defer s.work.mu.Unlock()
	if open {
		s.work.looked = now
	}
	return open || now.Sub(s.work.looked) < s.Schedule.IdleAfter
}

// look notes that somebody reads the picture, and wakes the schedule when
// nobody has for a while.
func (s *Service) look() {
	if s.Schedule == nil {
		return
	}
	now := s.Now()
	last := s.lookedAt.Load()
	if d := now.Sub(time.UnixMicro(last)); d >= 0 && d < lookEach || !s.lookedAt.CompareAndSwap(last, now.UnixMicro()) {
		return
	}
	s.work.mu.Lock()
	asleep := now.Sub(s.work.looked) >= s.Schedule.IdleAfter
	s.work.looked = now
	s.work.mu.Unlock()
	if asleep {
		nudge(s.work.wake())
	}
}

// lookEach is how exactly is known when somebody looked last.
const lookEach = 10 * time.Second

// Watching says whether somebody looks at pages of the console: then the
// picture is refreshed more often.
func (s *Service) Watching(active bool) {
	if s.watched.Swap(active) != active {
		s.work.mu.Lock()
		if active {
			s.work.looked = s.Now()
		}
		s.work.mu.Unlock()
		nudge(s.work.wake())
	}
}

// SignedIn refreshes every account whose picture is not fresh: somebody signed
// in and will look at it.
func (s *Service) SignedIn() {
	if s.Schedule == nil {
		return
	}
	now := s.Now()
	s.work.mu.Lock()
	s.work.looked = now
	for id, p := range s.work.plans {
		p.quiet = 0
		if now.Sub(p.status) >= s.Schedule.Fresh {
			s.work.change(id, func(t *tasks) { t.status = true })
		}
	}
	s.work.mu.Unlock()
	nudge(s.work.wake())
}

// drop forgets an account that was deleted.
func (s *Service) drop(accountID string) {
	s.work.mu.Lock()
	delete(s.work.plans, accountID)
	s.work.mu.Unlock()
	out := outcome{changed: make(map[string]bool)}
	if len(s.partOf(accountID).rows) == 0 {
		return
	}
	s.replace(accountID, out.changed, func(old *part) (*part, []int32, bool) {
		for _, r := range old.rows {
			out.changed[r.ID()] = true
		}
		return newPart(old.share, nil), nil, false
	})
	s.tell(s.Now(), out)
}
