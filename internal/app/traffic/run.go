package traffic

import (
	"context"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
)

// request is what somebody who looks at a package waits for.
type request struct {
	accountID  string
	read, uses bool
}

// waitingMost bounds what may wait; what is beyond is asked for by the next look.
const mostWaiting = 200

func (s *Service) signal() chan struct{} {
	s.once.Do(func() { s.nudge = make(chan struct{}, 1) })
	return s.nudge
}

// ask puts a request down and returns at once.
func (s *Service) ask(packageID string, r request) {
	s.mu.Lock()
	if s.waiting == nil {
		s.waiting = make(map[string]request)
	}
	if old, ok := s.waiting[packageID]; ok || len(s.waiting) < mostWaiting {
		r.read, r.uses = r.read || old.read, r.uses || old.uses
		if now, ok := s.running[packageID]; ok && (!r.uses || now.uses) && (!r.read || now.read) {
			r = request{} // on its way
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

func (s *Service) reading(packageID string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, waits := s.waiting[packageID]
	_, runs := s.running[packageID]
	return waits || runs
}

// next takes a request that waits.
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

// attempt is how the last look at a package on its own went.
type attempt struct {
	at      time.Time
	trouble fault.Message // zero: it went well
}

// attemptsMost bounds how many attempts are remembered.
const mostAttempts = 2000

// again is how long to wait after an attempt before looking brings another: a
// page that hears of a failed one would else ask for the next at once.
const retryAfter = 15 * time.Minute

// recently reports whether a package was looked at on its own a moment ago.
func (s *Service) attemptedLately(packageID string, now time.Time) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	last, ok := s.attempts[packageID]
	return ok && now.Sub(last.at) < retryAfter && !last.at.After(now)
}

func (s *Service) trouble(packageID string) (fault.Message, time.Time) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	last := s.attempts[packageID]
	return last.trouble, last.at
}

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

// sweepEvery is how often old samples are swept.
const sweepEvery = 24 * time.Hour

// Run reads what is asked for and sweeps what is old, until ctx ends.
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

func (s *Service) sweep(ctx context.Context) {
	now := s.Now()
	if err := s.Store.Sweep(ctx, now.Add(-HourlyFor), now.Add(-DailyFor)); err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "traffic: sweep samples", "err", err)
	}
}

// fetch reads one package.
func (s *Service) fetch(ctx context.Context, packageID string, r request) error {
	a, err := s.Accounts.Access(ctx, r.accountID)
	if err != nil {
		return err
	}
	a.Lane = account.ForPerson // somebody looks at the page
	var failed error
	if r.read {
		var readings []instance.PackageTraffic
		readings, failed = s.ReadTraffic(ctx, a, []string{packageID})
		s.Inventory.SetTraffic(readings)
	}
	if r.uses && failed == nil {
		failed = s.readUse(ctx, a, packageID)
	}
	if ctx.Err() == nil { // a call that was cut short says nothing about the cloud
		s.Accounts.Learn(ctx, r.accountID, account.RightOrders, failed)
	}
	return failed
}

// usesFor is how far back the cloud keeps usage records (cloud-api, 9.11).
const usesFor = 90 * 24 * time.Hour

// readUse reads a package's usage records: all that the cloud has the first
// time, then from the day before the last ones on, for they may have grown.
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
		return nil // nothing was read of it: it may be of another account
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
