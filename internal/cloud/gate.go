package cloud

import (
	"context"
	"errors"
	"sync"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
)

// gateKey is what shares one pace: the use that one account of Huawei's makes of
// a service, in a region where the service is regional. The entries of that
// account share it, for the rates are Huawei's (reliability.md §3.3).
type gateKey struct {
	payer   string
	service Service
	region  string
}

// gate returns the gate of a call. The purchase names a region but has one host
// and one pace.
func (a *API) gate(acc account.Access, s Service, region string) *gate {
	if s != ECS && s != IMS && s != CES {
		region = ""
	}
	k := gateKey{acc.Payer(), s, region}
	a.mu.Lock()
	defer a.mu.Unlock()
	g := a.gates[k]
	if g == nil {
		g = newGate(a.limits, a.limits.rate(s))
		if s == IAM {
			g.spare = 1
		}
		a.gates[k] = g
	}
	return g
}

// Turn says when a purchase could begin that was made now, in the lane of acc; zero:
// at once. It looks at the pace of the service, which a Retry-After stretches,
// and at its circuit, which may be probed from then on. Where all places are
// taken, or the one probe is under way, the moment is not known: Turn says one
// interval from now, when it is to be asked again. An account that signs in with a password needs its
// token first: where none is held, the same is asked of the identity service;
// for a regional service, purchases included, that takes the region.
//
// The moment is on the machine's own clock. It promises nothing: another call may
// be quicker. Turn never waits.
func (a *API) Turn(acc account.Access, s Service, region string) time.Time {
	now := time.Now()
	at := a.gate(acc, s, region).begins(now, acc.Lane)
	if scope := scopeOf(acc, s, region); scope != "" && !byKey(acc) {
		if _, _, held, refused := a.peek(acc, scope); !held && refused == nil {
			at = later(at, a.gate(acc, IAM, "").begins(now, account.ForMoney))
		}
	}
	return at
}

// Limited reports whether the service answered "too many" to the last call of an
// account, by its Access.Payer. Calls wait and go on more slowly then, which can
// take minutes before one of them fails.
func (a *API) Limited(payer string, s Service, region string) bool {
	if s != ECS && s != IMS && s != CES {
		region = ""
	}
	a.mu.Lock()
	g := a.gates[gateKey{payer, s, region}]
	a.mu.Unlock()
	if g == nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.denied
}

// Pace is how many calls a second the account may make of a service now: the
// usual rate, or what is left of it after the cloud asked to slow down.
func (a *API) Pace(acc account.Access, s Service, region string) float64 {
	g := a.gate(acc, s, region)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.recover(time.Now())
	return g.rate
}

// scopeOf is the scope of the token that a call needs, "" when none or not known.
func scopeOf(acc account.Access, s Service, region string) string {
	switch s {
	case HCSS, ECS, IMS, CES:
		return projectScope(acc, s, region)
	case Config, BSS:
		return domainScope
	}
	return ""
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// gate paces the calls of one account to one service: at most rate a second,
// evenly spaced, at most width at a time; higher lanes go first. Where it has
// spare places, a person's call passes beside those in flight, and one for money
// beside both: a purchase does not wait for a sign-in that hangs. It slows down
// when the cloud says so, opens its circuit after failures in a row, and
// keeps the budget of repetitions (reliability.md §6).
type gate struct {
	limits Limits
	width  int
	spare  int     // places besides, for persons, and as many again for money
	full   float64 // calls a second while the cloud throttles nothing

	mu     sync.Mutex
	rate   float64
	slowed time.Time // last complaint, or last step back towards full
	denied bool      // the last answer was a complaint
	flying int
	next   time.Time // no call before
	lanes  [account.Lanes][]*waiter
	timer  *time.Timer

	failures  int // in a row
	why       *fault.Error
	openUntil time.Time
	probing   bool
	budget    int
}

type waiter struct {
	ready   chan struct{} // closed when granted or barred
	granted bool
	probe   bool     // it is the one call that tries a circuit
	barred  *verdict // the circuit opened
}

const fullBudget = 100 // tokens; a repetition costs 5, after a time-out 10; a success earns 1

func newGate(l Limits, r Rate) *gate {
	return &gate{limits: l, width: r.InFlight, full: r.PerSecond, rate: r.PerSecond, budget: fullBudget}
}

// enter waits for a turn, at most until a moment; zero: whenever it comes. The
// caller must call leave with what came of it. A verdict instead means that
// nothing may be sent.
func (g *gate) enter(ctx context.Context, until time.Time, lane account.Lane) (leave func(*outcome, *verdict), v *verdict) {
	if v := g.admit(lane); v != nil {
		return nil, v
	}
	ctx, cancel := within(ctx, until)
	defer cancel()
	w := &waiter{ready: make(chan struct{})}
	g.mu.Lock()
	g.lanes[lane] = append(g.lanes[lane], w)
	g.pump()
	g.mu.Unlock()

	select {
	case <-w.ready:
	case <-ctx.Done():
		g.mu.Lock()
		if w.granted {
			g.giveBack(w)
		} else {
			g.forsake(lane, w)
			g.pump()
		}
		g.mu.Unlock()
		return nil, gaveUp(ctx)
	}

	if end, ok := ctx.Deadline(); ok && !time.Now().Before(end) {
		<-ctx.Done() // turn and end came together: the end counts
	}
	g.mu.Lock()
	if w.barred != nil { // it has no place to give back
		g.mu.Unlock()
		return nil, w.barred
	}
	v = g.circuit(w.probe) // it may have opened since
	if v == nil && ctx.Err() != nil {
		v = gaveUp(ctx)
	}
	if v != nil {
		g.giveBack(w)
		g.mu.Unlock()
		return nil, v
	}
	g.mu.Unlock()
	return func(o *outcome, v *verdict) { g.leave(o, v, w.probe) }, nil
}

// giveBack ends a turn that was not used. g.mu is held.
func (g *gate) giveBack(w *waiter) {
	g.flying--
	if w.probe {
		g.probing = false
	}
	g.pump()
}

// errTurn is why a wait ends that has lasted until Access.Until.
var errTurn = errors.New("cloud: no turn in time")

// within bounds a wait by a moment; zero: not at all.
func within(ctx context.Context, until time.Time) (context.Context, context.CancelFunc) {
	if until.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, until, errTurn)
}

// gaveUp is the verdict when a wait ended before anything was sent: the turn did
// not come in time, or the caller has gone.
func gaveUp(ctx context.Context) *verdict {
	if errors.Is(context.Cause(ctx), errTurn) {
		return &verdict{fault: fault.New(fault.Busy, "cloud.turn").Because(errTurn), blocked: true}
	}
	return stopped(ctx.Err())
}

// admit fails at once while the circuit is open. Beside its probe a person's call
// fails too; those of the background wait for what comes of it: the pages of a
// listing begin side by side, and if all but one failed the listing would never
// get through.
func (g *gate) admit(lane account.Lane) *verdict {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.circuit(lane != account.ForPerson)
}

// circuit is a verdict while the circuit is open or, unless that is waited for,
// its one probe is under way. g.mu is held.
func (g *gate) circuit(waits bool) *verdict {
	if g.openUntil.IsZero() {
		return nil
	}
	left := time.Until(g.openUntil)
	if left <= 0 && (waits || !g.probing) {
		return nil
	}
	return g.shut(left)
}

// shut is the verdict while the circuit is open for so long. g.mu is held.
func (g *gate) shut(left time.Duration) *verdict {
	// Status and code of the failures before stay out: this call had no answer.
	f := &fault.Error{Kind: fault.Unreachable, Message: fault.Say("cloud.circuit"), RetryAfter: max(left, time.Second), Err: g.why}
	return &verdict{fault: f, blocked: true}
}

// pump hands out turns that are due; while a circuit is tried, only that one.
// g.mu is held.
func (g *gate) pump() {
	for lane := g.first(); lane >= 0 && g.flying < g.places(lane) && (g.openUntil.IsZero() || !g.probing); lane = g.first() {
		now := time.Now()
		g.recover(now)
		if wait := g.next.Sub(now); wait > 0 {
			if g.timer != nil {
				g.timer.Stop()
			}
			g.timer = time.AfterFunc(wait, func() {
				g.mu.Lock()
				defer g.mu.Unlock()
				g.pump()
			})
			return
		}
		w := g.lanes[lane][0]
		g.lanes[lane] = g.lanes[lane][1:]
		g.flying++
		g.next = g.following(now)
		w.granted = true
		if !g.openUntil.IsZero() {
			w.probe, g.probing = true, true
		}
		close(w.ready)
	}
}

// places is how many calls may be in flight where one of the lane begins.
func (g *gate) places(lane int) int {
	switch account.Lane(lane) {
	case account.ForMoney:
		return g.width + 2*g.spare
	case account.ForPerson:
		return g.width + g.spare
	}
	return g.width
}

// begins is when a call could begin that came now, zero for at once.
func (g *gate) begins(now time.Time, lane account.Lane) (at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.recover(now)
	interval := time.Duration(float64(time.Second) / g.rate)
	if g.next.After(now) {
		at = g.next
		for _, before := range g.lanes[lane:] {
			at = at.Add(time.Duration(len(before)) * interval)
		}
	}
	if g.openUntil.After(now) {
		at = later(at, g.openUntil)
	} else if !g.openUntil.IsZero() && g.probing {
		at = later(at, now.Add(interval))
	}
	if g.flying >= g.places(int(lane)) {
		at = later(at, now.Add(interval))
	}
	return at
}

// following is when the call after one that begins now may begin. It counts from
// when that one was due, so that late timers do not slow a long listing down.
func (g *gate) following(now time.Time) time.Time {
	interval := time.Duration(float64(time.Second) / g.rate)
	due := g.next
	if now.Sub(due) > interval {
		due = now
	}
	return due.Add(interval)
}

// recover gives back a tenth of the full rate for each quiet half minute.
func (g *gate) recover(now time.Time) {
	const quiet = 30 * time.Second
	for g.rate < g.full && now.Sub(g.slowed) >= quiet {
		g.rate = min(g.full, g.rate+g.full/10)
		g.slowed = g.slowed.Add(quiet)
	}
}

// first is the highest lane in which a call waits, -1 when none does.
func (g *gate) first() int {
	for lane := len(g.lanes) - 1; lane >= 0; lane-- {
		if len(g.lanes[lane]) > 0 {
			return lane
		}
	}
	return -1
}

func (g *gate) forsake(lane account.Lane, w *waiter) {
	for i, other := range g.lanes[lane] {
		if other == w {
			g.lanes[lane] = append(g.lanes[lane][:i:i], g.lanes[lane][i+1:]...)
			return
		}
	}
}

// leave ends a turn and learns from its outcome.
func (g *gate) leave(o *outcome, v *verdict, probe bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flying--
	if probe {
		g.probing = false
	}
	now := time.Now()
	g.denied = v != nil && v.throttled
	switch {
	case v == nil:
		g.budget = min(fullBudget, g.budget+1)
		g.mend()
	case v.throttled:
		g.rate = max(g.rate/2, min(g.limits.Floor, g.full))
		g.slowed = now
		if pause := now.Add(v.fault.RetryAfter); pause.After(g.next) {
			g.next = pause
		}
	case v.outage:
		g.failures++
		g.why = v.fault
		if probe || g.failures >= g.limits.CircuitFailures {
			g.openUntil = g.reopens(o, now)
			g.bar()
		}
	case o.status > 0: // an answer, if a refusal: the service is there
		g.mend()
	}
	g.pump()
}

// reopens is until when the circuit stays open after a failure. It counts from
// when the call began: one that hung has told of the time since, and the cloud
// may answer again by now.
func (g *gate) reopens(o *outcome, now time.Time) time.Time {
	began := o.began
	if began.IsZero() {
		began = now
	}
	return later(began.Add(g.limits.CircuitOpen), now.Add(g.limits.CircuitOpen/6))
}

// bar refuses all calls that wait: none waits for a circuit that is open and
// holds up other work. g.mu is held.
func (g *gate) bar() {
	for lane, all := range g.lanes {
		for _, w := range all {
			w.barred = g.shut(time.Until(g.openUntil)) // also when the time is over by now: the call was not counted as let in
			close(w.ready)
		}
		g.lanes[lane] = nil
	}
}

func (g *gate) mend() {
	g.failures, g.why, g.openUntil = 0, nil, time.Time{}
}

// spendRetry takes the price of a repetition from the budget; false when it is empty.
func (g *gate) spendRetry(afterTimeout bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	price := 5
	if afterTimeout {
		price = 10
	}
	if g.budget < price {
		return false
	}
	g.budget -= price
	return true
}
