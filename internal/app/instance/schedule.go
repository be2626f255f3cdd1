package instance

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Schedule is how often the picture is refreshed without being asked. Servers
// that change their state are read by Timing.Busy instead.
type Schedule struct {
	// Look is the least time between two readings of the same thing while a page
	// is open and a person is there. It becomes longer where a reading costs
	// more: its calls take no more than RateShare of the rate that the service
	// allows.
	Look      time.Duration
	RateShare float64
	// Away is that time when pages are open but no person has asked for one for
	// AwayAfter.
	Away, AwayAfter time.Duration
	// Idle is that time when nobody has looked at pages for IdleAfter.
	Idle, IdleAfter time.Duration
	// List is how often Config's list is read though its count is the same;
	// ListIdle is for when nobody looks. A source that refused is tried again as
	// often, and when a person asks.
	List, ListIdle time.Duration
	// Owed is how often billing is asked about rows that cannot wait for Expiry.
	Owed time.Duration
	// Expiry is how often billing is asked about all instances.
	Expiry time.Duration
	// Traffic is how often data packages are read: the hourly samples.
	Traffic time.Duration
	// Fresh is up to which age of the picture a sign-in starts no refresh.
	Fresh time.Duration
	// Retry is how long after a failure a source is tried again; it doubles with
	// each failure in a row, up to RetryMost. A pause that the cloud asks for
	// comes first.
	Retry, RetryMost time.Duration
}

// Usual is the schedule of the product, its times divided by scale: seconds while
// a person is there, an hour when nobody is.
func Usual(scale float64) *Schedule {
	d := Timing{Scale: scale}.scaled
	return &Schedule{Look: d(10 * time.Second), RateShare: 0.1, Away: d(time.Minute), AwayAfter: d(10 * time.Minute),
		Idle: d(time.Hour), IdleAfter: d(15 * time.Minute), List: d(time.Hour), ListIdle: d(12 * time.Hour), Owed: d(time.Minute),
		Expiry: d(24 * time.Hour), Traffic: d(time.Hour), Fresh: d(30 * time.Second), Retry: d(2 * time.Second),
		RetryMost: d(10 * time.Second)}
}

// again is how long after so many failures in a row a source is tried again.
func (o *Schedule) again(fails int) time.Duration {
	return min(o.Retry<<min(fails-1, 16), o.RetryMost)
}

// presence is who looks at pages.
type presence uint8

const (
	nobody  presence = iota
	away             // pages are open, but no person has asked for one for a while
	present          // a person asked for a page a short while ago
)

// due is when a source is to be read that is read every so often. After a failure
// it is tried again soon, after a refusal as often as the lists are read. least
// is the least time after a failed try, for the calls that it wasted.
func (o *Schedule) due(g *sourceState, every, least time.Duration, who presence) time.Time {
	switch {
	case g.refused && who == nobody:
		return g.tried.Add(o.ListIdle)
	case g.refused:
		return g.tried.Add(o.List)
	case g.fails > 0:
		at := g.tried.Add(max(o.again(g.fails), least))
		if g.until.After(at) {
			return g.until
		}
		return at
	}
	return g.read.Add(every)
}

// every is how often a source is read.
func (s *Service) every(p *plan, source string, who presence) time.Duration {
	o := s.Schedule
	switch source {
	case sourceList:
		if who == nobody {
			return o.ListIdle
		}
		return o.List
	case sourceTerms:
		return o.Expiry
	case sourceTraffic:
		return o.Traffic
	}
	least := o.Look
	if source == sourceOwed {
		least = o.Owed
	}
	switch who {
	case nobody:
		return o.Idle
	case away:
		least = max(least, o.Away)
	}
	return max(least, s.cost(p, source))
}

// cost is the time between two readings of a source at which their calls take
// RateShare of the rate in force. The projects of a region share that rate.
func (s *Service) cost(p *plan, source string) time.Duration {
	calls, service, region := 1, "config", ""
	if place, ok := ecsRegion(source); ok {
		calls, service = 0, "ecs"
		region, _, _ = strings.Cut(place, "/")
		for _, other := range p.places {
			if place, _ := ecsRegion(other); place == region || strings.HasPrefix(place, region+"/") {
				calls += max(1, p.state(other).calls)
			}
		}
	} else if source == sourceOwed {
		calls, service = max(1, p.state(sourceOwed).calls), "bss"
	}
	return s.lasting(p, service, region, calls)
}

// lasting is the time in which a number of calls takes RateShare of the rate in
// force.
func (s *Service) lasting(p *plan, service, region string, calls int) time.Duration {
	rate := usualRates[service]
	if s.Pace != nil {
		rate = s.Pace(p.access, service, region)
	}
	if rate <= 0 || s.Schedule.RateShare <= 0 {
		return 0
	}
	return time.Duration(math.Ceil(float64(calls) / (rate * s.Schedule.RateShare) * float64(time.Second)))
}

// least is how long after a failed try a source is not tried again, for the calls
// that it wasted. A try that got no answer wasted none.
func (s *Service) least(p *plan, source string) time.Duration {
	place, ok := ecsRegion(source)
	if !ok {
		return 0
	}
	region, _, _ := strings.Cut(place, "/")
	return s.lasting(p, "ecs", region, p.state(source).wasted)
}

// usualRates are calls a second (reliability.md §6), used when Service.Pace is
// nil.
var usualRates = map[string]float64{"ecs": 5, "config": 2, "bss": 5}

// scheduled asks for what the schedule wants now, and gives how long until it
// wants something again; 0 without a schedule.
func (s *Service) scheduled(now time.Time) time.Duration {
	if s.Schedule == nil {
		return 0
	}
	who := s.presence(now)
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	var wait time.Duration
	for id, p := range s.queue.plans {
		for _, source := range p.sources() {
			g := p.state(source)
			if s.queue.reads(id, source, g) {
				continue // when it ends, Run is woken
			}
			every := s.every(p, source, who)
			at := s.Schedule.due(g, every, s.least(p, source), who)
			if !at.After(now) {
				if at = now.Add(every); source != sourceOwed || s.owes(id, now) {
					s.queue.change(id, func(t *tasks) { t.add(source, g.fails > 0) })
				} else {
					g.noteTry(now, now, 0, nil)
				}
			}
			if d := max(at.Sub(now), s.soonest()); wait == 0 || d < wait {
				wait = d
			}
		}
	}
	return wait
}

// soonest is the least time until the schedule is looked at again.
func (s *Service) soonest() time.Duration { return max(s.Schedule.Retry/2, 100*time.Millisecond) }

// add asks for a source. After failures Config's list is read alone: the servers
// have been read in the meantime.
func (t *tasks) add(source string, late bool) {
	switch source {
	case sourceList:
		t.list, t.configOnly = t.list || !late, t.configOnly || late
	case sourceOwed:
		t.owed = true
	case sourceTerms:
		t.expiry = true
	case sourceTraffic:
		t.traffic = true
	default:
		t.lookAt(source)
	}
}

// owesNow is owes, but false while billing fails or was asked a moment ago.
func (s *Service) owesNow(accountID string, now time.Time) bool {
	s.queue.mu.Lock()
	p := s.queue.plans[accountID]
	may := false
	if p != nil {
		g := p.state(sourceOwed)
		may = g.fails == 0 && !g.refused && now.Sub(g.spent) >= s.cost(p, sourceOwed)
	}
	s.queue.mu.Unlock()
	return may && s.owes(accountID, now)
}

// owes reports whether there are rows that billing should be asked about before
// its next full read.
func (s *Service) owes(accountID string, now time.Time) bool {
	return slices.ContainsFunc(s.accountRows(accountID).rows, func(r *Row) bool {
		return r.First && r.InstanceID != "" && r.owesBilling(now)
	})
}

// presence says who looks at pages.
func (s *Service) presence(now time.Time) presence {
	switch there := s.looking(now); {
	case there && now.Sub(time.UnixMicro(s.visitedAt.Load())) < s.Schedule.AwayAfter:
		return present
	case there:
		return away
	}
	return nobody
}

// looking reports whether a page is open, or was within IdleAfter.
func (s *Service) looking(now time.Time) bool {
	open := s.Open != nil && s.Open() > 0
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	if open {
		s.queue.lastLook = now
	}
	return open || now.Sub(s.queue.lastLook) < s.Schedule.IdleAfter
}

// noteLook notes that somebody reads the picture, and wakes the schedule when
// nobody had for IdleAfter.
func (s *Service) noteLook() {
	if s.Schedule == nil {
		return
	}
	now := s.Now()
	last := s.lookedAt.Load()
	if d := now.Sub(time.UnixMicro(last)); d >= 0 && d < lookEach || !s.lookedAt.CompareAndSwap(last, now.UnixMicro()) {
		return
	}
	s.queue.mu.Lock()
	asleep := now.Sub(s.queue.lastLook) >= s.Schedule.IdleAfter
	s.queue.lastLook = now
	s.queue.mu.Unlock()
	if asleep {
		nudge(s.queue.wake())
	}
}

// lookEach is how often noteLook notes it.
const lookEach = 10 * time.Second

// Visited says that a person asks for something now: a page, a part of one, an
// action. What an open page asks for by itself does not count. For AwayAfter the
// picture is refreshed as often as Schedule.Look allows.
func (s *Service) Visited() {
	if s.Schedule == nil {
		return
	}
	now := s.Now()
	last := s.visitedAt.Load()
	d := now.Sub(time.UnixMicro(last))
	if d >= 0 && d < lookEach/10 || !s.visitedAt.CompareAndSwap(last, now.UnixMicro()) {
		return
	}
	s.queue.mu.Lock()
	s.queue.lastLook = now
	s.queue.mu.Unlock()
	if d >= s.Schedule.AwayAfter || d < 0 {
		nudge(s.queue.wake())
	}
}

// SignedIn refreshes every account whose picture is older than Schedule.Fresh: a
// person signed in and will look at it.
func (s *Service) SignedIn() {
	if s.Schedule == nil {
		return
	}
	s.Visited()
	now := s.Now()
	s.queue.mu.Lock()
	s.queue.lastLook = now
	for id, p := range s.queue.plans {
		for _, source := range append(slices.Clone(p.places), sourceCount) {
			if g := p.state(source); now.Sub(g.read) >= s.Schedule.Fresh && g.fails == 0 && !g.refused && !s.queue.reads(id, source, g) {
				s.queue.change(id, func(t *tasks) { t.lookAt(source) })
			}
		}
	}
	s.queue.mu.Unlock()
	nudge(s.queue.wake())
}

// Asked is a full refresh that was asked for and is not done yet.
type Asked struct {
	At      time.Time // when it was asked for; zero: everything was read, or refused
	Waits   bool      // some sources could not be read: they will be as soon as the cloud answers
	Trouble string    // why it waits: a message id
	Code    string    // the cloud's code, "" when it gave none
	Since   time.Time // when the source that it waits for was last read; zero: never
}

// Asked says what is still to come of the last full refresh of an account.
func (s *Service) Asked(accountID string) Asked {
	w := &s.queue
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.plans[accountID]
	if p == nil || p.asked.IsZero() {
		return Asked{}
	}
	var open Asked
	for _, source := range p.sources() {
		g := p.state(source)
		if g.fails == 0 || !g.read.Before(p.asked) {
			continue
		}
		if !open.Waits || g.read.Before(open.Since) {
			open.Since = g.read
		}
		if !open.Waits {
			open.Trouble, open.Code = g.why.ID, g.code
		}
		open.At, open.Waits = p.asked, true
	}
	t, running := w.waiting[accountID], w.running[track{account: accountID}]
	if t != nil && t.refresh || running.refresh {
		open.At = p.asked
	}
	return open
}

// drop removes the plan and the rows of an account that was deleted.
func (s *Service) drop(accountID string) {
	s.queue.mu.Lock()
	delete(s.queue.plans, accountID)
	delete(s.queue.syncs, accountID)
	s.queue.mu.Unlock()
	out := outcome{changed: make(map[string]bool)}
	if len(s.accountRows(accountID).rows) == 0 {
		return
	}
	s.replace(accountID, out.changed, func(old *accountRows) (*accountRows, []int32, bool) {
		for _, r := range old.rows {
			out.changed[r.ID()] = true
		}
		return newAccountRows(old.ages, nil), nil, false
	})
	s.announce(s.Now(), out)
}
