package meter

import (
	"context"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
)

// request is what is to be read of one package because a person looks at it.
type request struct {
	accountID  string
	read, uses bool
}

// mostWaiting is how many requests may wait. Others are dropped: the next look at
// the page asks again.
const mostWaiting = 200

// signal gives the channel that wakes Run.
func (s *Service) signal() chan struct{} {
	s.once.Do(func() { s.nudge = make(chan struct{}, 1) })
	return s.nudge
}

// ask adds a request and returns at once.
func (s *Service) ask(packageID string, r request) {
	s.mu.Lock()
	if s.waiting == nil {
		s.waiting = make(map[string]request)
	}
	if old, ok := s.waiting[packageID]; ok || len(s.waiting) < mostWaiting {
		r.read, r.uses = r.read || old.read, r.uses || old.uses
		if now, ok := s.running[packageID]; ok && (!r.uses || now.uses) && (!r.read || now.read) {
			r = request{} // it is being read
		}
		if r != (request{}) {
			s.waiting[packageID] = r
		}
	}
	s.mu.Unlock()
	select {
	case s.signal() <- struct{}{}:
	default:
	}
}

// reading reports whether a package is being read, or waits for it.
func (s *Service) reading(packageID string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, waits := s.waiting[packageID]
	_, runs := s.running[packageID]
	return waits || runs
}

// next takes a request that waits; false when none does.
func (s *Service) next() (string, request, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, r := range s.waiting {
		delete(s.waiting, id)
		if s.running == nil {
			s.running = make(map[string]request)
		}
		s.running[id] = r
		return id, r, true
	}
	return "", request{}, false
}

// attempt is how the last reading of one package alone went.
type attempt struct {
	at      time.Time
	trouble fault.Message // zero: it succeeded
}

// mostAttempts is how many attempts are kept.
const mostAttempts = 2000

// retryAfter is how long after an attempt a look at the page asks for no other:
// else a page that is told of a failed one would ask for the next at once.
const retryAfter = 15 * time.Minute

// attemptedLately reports whether a package was read alone within retryAfter.
func (s *Service) attemptedLately(packageID string, now time.Time) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	last, ok := s.attempts[packageID]
	return ok && now.Sub(last.at) < retryAfter && !last.at.After(now)
}

// trouble gives why the last attempt failed, and when it was.
func (s *Service) trouble(packageID string) (fault.Message, time.Time) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	last := s.attempts[packageID]
	return last.trouble, last.at
}

// finish ends a request, keeps how it went, and tells the pages.
func (s *Service) finish(packageID string, err error) {
	last := attempt{at: s.Now()}
	if err != nil {
		last.trouble = fault.Of(err).Message
	}
	s.mu.Lock()
	delete(s.running, packageID)
	if s.attempts == nil || len(s.attempts) >= mostAttempts {
		s.attempts = make(map[string]attempt)
	}
	s.attempts[packageID] = last
	s.mu.Unlock()
	if s.Changed != nil {
		s.Changed("traffic")
	}
}

// sweepEvery is how often old samples are removed.
const sweepEvery = 24 * time.Hour

// Run reads what is asked for and removes what is old, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	s.sweep(ctx)
	for {
		for ctx.Err() == nil {
			id, r, ok := s.next()
			if !ok {
				break
			}
			err := s.fetch(ctx, id, r)
			if err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "traffic could not be read", "account", r.accountID, "package", id, "err", fault.Of(err))
			}
			s.finish(id, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.signal():
		case <-tick.C:
			s.sweep(ctx)
		}
	}
}

// sweep removes samples that are older than they are kept.
func (s *Service) sweep(ctx context.Context) {
	now := s.Now()
	if err := s.Store.Sweep(ctx, now.Add(-HourlyFor), now.Add(-DailyFor)); err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "traffic: sweep samples", "err", err)
	}
}

// fetch does a request.
func (s *Service) fetch(ctx context.Context, packageID string, r request) error {
	a, err := s.Accounts.Access(ctx, r.accountID)
	if err != nil {
		return err
	}
	a.Lane = account.ForPerson // a person looks at the page
	var failed error
	if r.read {
		var readings []instance.PackageTraffic
		readings, failed = s.ReadTraffic(ctx, a, []string{packageID})
		s.Inventory.SetTraffic(readings)
	}
	if r.uses && failed == nil {
		failed = s.readUse(ctx, a, packageID)
	}
	if ctx.Err() == nil { // a call that a shutdown cut short says nothing about the cloud
		s.Accounts.Learn(ctx, r.accountID, account.RightOrders, failed)
	}
	return failed
}

// usesFor is how far back the cloud keeps usage records (cloud-api, 9.11).
const usesFor = 90 * 24 * time.Hour

// readUse reads a package's usage records: all that the cloud has the first time,
// then from the day before the last ones, which may have grown since.
func (s *Service) readUse(ctx context.Context, a account.Access, packageID string) error {
	meters, err := s.Store.Meters(ctx, []string{packageID})
	if err != nil {
		return err
	}
	m := Meter{PackageID: packageID}
	if len(meters) > 0 {
		m = meters[0]
	}
	if m.AccountID == "" {
		return nil // it was never read: it may belong to another account
	}
	now := s.Now().UTC().Truncate(time.Second)
	from := Midnight(now.Add(-usesFor + 24*time.Hour))
	if since := Midnight(m.UseAt.Add(-48 * time.Hour)); !m.UseAt.IsZero() && since.After(from) && !m.UseAt.After(now) {
		from = since
	}
	item := packageID
	if m.Item != "" {
		item = m.Item
	}
	uses, err := s.Billing.Usage(ctx, a, item, from, now)
	if err != nil {
		return err
	}
	return s.Store.KeepUse(ctx, packageID, now, uses)
}
