package instance

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Schedule is how often the picture is refreshed by itself. What moves is
// looked at by Timing.Busy, whatever the schedule says.
type Schedule struct {
	// Look is the least time between two looks at the same thing while a page is
	// open and a person is there. What a look costs makes it longer: its calls
	// take no more than Part of the rate that the service allows.
	Look      time.Duration
	RateShare float64
	// Away is that time when pages are open but no person has asked for one for
	// AwayAfter.
	Away, AwayAfter time.Duration
	// Idle is how often is looked when nobody has looked for IdleAfter.
	Idle, IdleAfter time.Duration
	// List is how often Config is read in full though its count is the same. What
	// the cloud refuses is asked for again as often, and on a person's word.
	List, ListIdle time.Duration
	// Owed is how often billing is asked about what is out of turn.
	Owed time.Duration
	// Expiry is how often billing is read in full.
	Expiry time.Duration
	// Traffic is how often data packages are read: the hourly samples.
	Traffic time.Duration
	// Fresh is how young a picture may be for a sign-in to start no refresh.
	Fresh time.Duration
	// Retry is how long after a failure something is tried again; it doubles with
	// each failure in a row, up to RetryMost. The cloud's own wish wins.
	Retry, RetryMost time.Duration
}

// Usual is the schedule of the product, divided by scale: seconds while somebody
// is there, an hour when nobody is.
func Usual(scale float64) *Schedule {
	d := Timing{Scale: scale}.scaled
	return &Schedule{Look: d(10 * time.Second), RateShare: 0.1, Away: d(time.Minute), AwayAfter: d(10 * time.Minute),
		Idle: d(time.Hour), IdleAfter: d(15 * time.Minute), List: d(time.Hour), ListIdle: d(12 * time.Hour), Owed: d(time.Minute),
		Expiry: d(24 * time.Hour), Traffic: d(time.Hour), Fresh: d(30 * time.Second), Retry: d(2 * time.Second), RetryMost: d(10 * time.Second)}
}

// again is how long after the last of some failures in a row something is tried
// again.
func (o *Schedule) again(fails int) time.Duration {
	return min(o.Retry<<min(fails-1, 16), o.RetryMost)
}

// presence is who is there to see the pages.
type presence uint8

const (
	nobody  presence = iota
	away             // pages are open, and no person has asked for one for a while
	present          // a person is there
)

// due is when a source is to be read that is read every so often. What was not
// read stays due: after a failure it is tried again soon, after a refusal at the
// pace of the lists. least is how long a try lasts that wastes as many calls as
// the last one did, within its part of the rate.
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

// cost is how long a look at a source lasts when it takes no more than its part
// of the rate in force. The projects of a region share that rate.
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

// lasting is how long calls last that take no more than their part of the rate.
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

// least is how long a source rests at least after a try that came to nothing:
// as long as the calls that it wasted may last. An outage wastes none.
func (s *Service) least(p *plan, source string) time.Duration {
	place, ok := ecsRegion(source)
	if !ok {
		return 0
	}
	region, _, _ := strings.Cut(place, "/")
	return s.lasting(p, "ecs", region, p.state(source).wasted)
}

// usualRates are calls a second (reliability.md §6), where nobody says what is
// in force.
var usualRates = map[string]float64{"ecs": 5, "config": 2, "bss": 5}

// scheduled asks for what the schedule wants now and gives how long it wants
// nothing; 0 without a schedule.
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
				continue // its end wakes us
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

// soonest is how soon the schedule looks again.
func (s *Service) soonest() time.Duration { return max(s.Schedule.Retry/2, 100*time.Millisecond) }

// add asks for a source. A list that comes late is read alone: the servers have
// been read meanwhile.
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

// owesNow is owes where billing may be asked at once: it answers, and was not
// asked out of turn a moment ago.
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

// owes reports whether billing is to be asked about something out of turn.
func (s *Service) owes(accountID string, now time.Time) bool {
	r := accountReader{at: now}
	return slices.ContainsFunc(s.accountRows(accountID).rows, func(row *Row) bool { return row.First && row.InstanceID != "" && r.owesBilling(row) })
}

// presence says who is there.
func (s *Service) presence(now time.Time) presence {
	switch there := s.looking(now); {
	case there && now.Sub(time.UnixMicro(s.visitedAt.Load())) < s.Schedule.AwayAfter:
		return present
	case there:
		return away
	}
	return nobody
}

// looking reports whether somebody looks at pages, or has done so lately.
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
// nobody has for a while.
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

// lookEach is how exactly is known when somebody looked last.
const lookEach = 10 * time.Second

// Visited says that a person has asked for something just now: a page, a part
// of one, an action. What an open page asks for by itself is none of these. The
// picture is refreshed as often as it can be for a while.
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

// SignedIn refreshes every account whose picture is not fresh: somebody signed
// in and will look at it.
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

// Asked is a refresh that somebody asked for and that is not done yet.
type Asked struct {
	At      time.Time // when it was asked for; zero: all that was asked for was read, or refused
	Waits   bool      // part of it could not be read: it is done as soon as the cloud answers
	Trouble string    // why it waits: a message id
	Code    string    // the cloud's code, "" where it gave none
	Since   time.Time // when what it waits for was last read; zero: never
}

// Asked says what became of the last refresh that was asked for of an account.
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

// drop forgets an account that was deleted.
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
