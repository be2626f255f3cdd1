package cloud

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
)

func testGate(perSecond float64, width int) *gate {
	l := Limits{}.withDefaults()
	return newGate(l, Rate{perSecond, width})
}

func ok() (*outcome, *verdict) { return &outcome{status: 200}, nil }

func broken() (*outcome, *verdict) {
	return new(outcome), &verdict{fault: fault.New(fault.Unreachable, "cloud.unreachable"), outage: true, again: true}
}

// pass goes through the gate once and gives when it was let in.
func pass(t *testing.T, g *gate, lane account.Lane, result func() (*outcome, *verdict)) (time.Time, *verdict) {
	t.Helper()
	leave, v := g.enter(t.Context(), time.Time{}, lane)
	if v != nil {
		return time.Time{}, v
	}
	at := time.Now()
	leave(result())
	return at, nil
}

func TestCallsAreSpacedEvenly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, start := testGate(5, 4), time.Now()
		for i := range 11 {
			at, _ := pass(t, g, account.ForRefresh, ok)
			if want := time.Duration(i) * 200 * time.Millisecond; at.Sub(start) != want {
				t.Errorf("call %d after %v, want %v", i, at.Sub(start), want)
			}
		}
	})
}

func TestAtMostWidthAreInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate(1000, 2)
		var mu sync.Mutex
		flying, most := 0, 0
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				leave, v := g.enter(t.Context(), time.Time{}, account.ForRefresh)
				if v != nil {
					t.Errorf("not let in: %v", v.fault)
					return
				}
				mu.Lock()
				flying++
				most = max(most, flying)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				flying--
				mu.Unlock()
				leave(ok())
			})
		}
		all.Wait()
		if most != 2 {
			t.Errorf("in flight at once: got %d, want 2", most)
		}
	})
}

// TestWhenACallCouldBegin asks a gate in every state it can be in. Where it names
// a moment, a call made then does begin.
func TestWhenACallCouldBegin(t *testing.T) {
	const (
		atOnce = iota // one made then begins then
		inLine        // one made now waits until then
		again         // nobody knows: it has to be asked again
	)
	pause := func() (*outcome, *verdict) {
		v := throttled()
		v.fault.RetryAfter = 5 * time.Minute
		return &outcome{status: 429}, v
	}
	fail := func(t *testing.T, g *gate) {
		for range 5 {
			pass(t, g, account.ForRefresh, broken)
		}
	}
	for name, c := range map[string]struct {
		prepare func(*testing.T, *gate)
		want    time.Duration // from now; 0: at once
		comes   int           // what a call finds
	}{
		"a new gate":      {func(*testing.T, *gate) {}, 0, atOnce},
		"after a call":    {func(t *testing.T, g *gate) { pass(t, g, account.ForRefresh, ok) }, 500 * time.Millisecond, atOnce},
		"a while after":   {func(t *testing.T, g *gate) { pass(t, g, account.ForRefresh, ok); time.Sleep(time.Minute) }, 0, atOnce},
		"asked to pause":  {func(t *testing.T, g *gate) { pass(t, g, account.ForRefresh, pause) }, 5 * time.Minute, atOnce},
		"the pause ends":  {func(t *testing.T, g *gate) { pass(t, g, account.ForRefresh, pause); time.Sleep(5 * time.Minute) }, 0, atOnce},
		"an open circuit": {fail, 30 * time.Second, atOnce},
		"ready to probe":  {func(t *testing.T, g *gate) { fail(t, g); time.Sleep(30 * time.Second) }, 0, atOnce},
		"a probe under way": {func(t *testing.T, g *gate) {
			fail(t, g)
			time.Sleep(30 * time.Second)
			leave, _ := g.enter(t.Context(), time.Time{}, account.ForRefresh)
			time.AfterFunc(time.Minute, func() { leave(ok()) })
			time.Sleep(10 * time.Second)
		}, 500 * time.Millisecond, again},
		"all places taken": {func(t *testing.T, g *gate) {
			leave, _ := g.enter(t.Context(), time.Time{}, account.ForRefresh)
			time.AfterFunc(time.Minute, func() { leave(ok()) })
			time.Sleep(10 * time.Second)
		}, 500 * time.Millisecond, again},
		"others wait": {func(t *testing.T, g *gate) {
			pass(t, g, account.ForRefresh, ok)
			for _, lane := range []account.Lane{account.ForRefresh, account.ForPerson, account.ForPerson} { // the first stands behind us
				go pass(t, g, lane, ok)
			}
			synctest.Wait()
		}, 1500 * time.Millisecond, inLine},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := testGate(2, 1)
				c.prepare(t, g)
				now := time.Now()
				at := g.begins(now, account.ForPerson)
				if c.want == 0 && !at.IsZero() || c.want > 0 && at.Sub(now) != c.want {
					t.Fatalf("got %v from now (zero: %v), want %v", at.Sub(now), at.IsZero(), c.want)
				}
				if c.comes == atOnce {
					time.Sleep(c.want)
				}
				if c.comes != again {
					if begun, v := pass(t, g, account.ForPerson, ok); v != nil || begun.Sub(now) != c.want {
						t.Errorf("began %v from now (%+v), want %v", begun.Sub(now), v, c.want)
					}
				}
				time.Sleep(time.Hour) // whoever still waits ends
			})
		})
	}
}

// TestAPersonPassesWhereAPlaceIsSpare: one call hangs in the only place; of the
// others, one of a person goes beside it and no more.
func TestAPersonPassesWhereAPlaceIsSpare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate(10, 1)
		g.spare = 1
		hung, v := g.enter(t.Context(), time.Time{}, account.ForRefresh)
		if v != nil {
			t.Fatal(v.fault)
		}
		soon := func() time.Time { return time.Now().Add(10 * time.Second) }
		beside, v := g.enter(t.Context(), soon(), account.ForPerson)
		if v != nil {
			t.Fatalf("a person's call was held up by one that hangs: %v", v.fault)
		}
		for _, lane := range []account.Lane{account.ForPerson, account.ForResolve} {
			if _, v := g.enter(t.Context(), soon(), lane); v == nil || v.fault.Message.ID != "cloud.turn" {
				t.Errorf("lane %d: a third call was let in beside two", lane)
			}
		}
		beside(ok())
		if _, v := g.enter(t.Context(), soon(), account.ForResolve); v == nil {
			t.Error("the spare place was given to another lane")
		}
		hung(ok())
		if _, v := pass(t, g, account.ForRefresh, ok); v != nil {
			t.Errorf("a place is lost: %v", v.fault)
		}
	})
}

func TestAPersonOvertakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate(1, 1)
		if _, v := pass(t, g, account.ForRefresh, ok); v != nil {
			t.Fatal(v.fault)
		}
		var mu sync.Mutex
		var order []string
		var all sync.WaitGroup
		enter := func(name string, lane account.Lane) {
			all.Go(func() {
				if _, v := pass(t, g, lane, ok); v != nil {
					t.Errorf("%s: %v", name, v.fault)
				}
				mu.Lock()
				order = append(order, name)
				mu.Unlock()
			})
			synctest.Wait()
		}
		enter("refresh 1", account.ForRefresh)
		enter("refresh 2", account.ForRefresh)
		enter("poll", account.ForPoll)
		enter("resolver", account.ForResolve)
		enter("person 1", account.ForPerson)
		enter("person 2", account.ForPerson)
		all.Wait()
		if want := []string{"person 1", "person 2", "resolver", "poll", "refresh 1", "refresh 2"}; !slices.Equal(order, want) {
			t.Errorf("order: got %v, want %v", order, want)
		}
	})
}

func TestWhoGivesUpLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate(1, 1)
		leave, _ := g.enter(t.Context(), time.Time{}, account.ForRefresh)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, v := g.enter(ctx, time.Time{}, account.ForRefresh); v == nil || v.fault.Kind != fault.Unreachable ||
			v.fault.Message.ID != "cloud.stopped" {
			t.Errorf("got %+v, want stopped: nothing was sent", v)
		}
		leave(ok())
		if _, v := pass(t, g, account.ForRefresh, ok); v != nil {
			t.Errorf("the place was not given back: %v", v.fault)
		}
	})
}

func TestWhoseTimeIsOverIsNotLetIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate(1, 1)
		pause := &verdict{fault: &fault.Error{Kind: fault.Busy, RetryAfter: 5 * time.Minute}, throttled: true}
		if _, v := pass(t, g, account.ForPerson, func() (*outcome, *verdict) { return &outcome{status: 429}, pause }); v != nil {
			t.Fatal(v.fault)
		}
		start := time.Now()
		for _, until := range []time.Duration{-time.Second, 0, time.Minute, 5 * time.Minute} { // the last end comes with the turn
			leave, v := g.enter(t.Context(), start.Add(until), account.ForPerson)
			if v == nil || v.fault.Kind != fault.Busy || v.fault.Message.ID != "cloud.turn" || v.fault.Status != 0 {
				t.Fatalf("until %v: after %v got %+v, want that its turn did not come", until, time.Since(start), v)
			}
			if v.again || v.outage || v.throttled || v.timeout {
				t.Errorf("until %v: it says nothing about the cloud: got %+v", until, v)
			}
			if leave != nil {
				t.Error("there is no turn to give back")
			}
		}
		if _, v := pass(t, g, account.ForRefresh, ok); v != nil {
			t.Errorf("a turn is lost: %v", v.fault)
		}
		if leave, v := g.enter(t.Context(), time.Now().Add(time.Hour), account.ForPerson); v != nil {
			t.Errorf("in time: %v", v.fault)
		} else {
			leave(ok())
		}
	})
}

// TestAPollGivesUpInTime: two calls hang, and one that may wait two seconds does
// not wait longer, whatever lane it is in. It is no failure of the service.
func TestAPollGivesUpInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, start := testGate(5, 2), time.Now()
		for range 2 {
			leave, v := g.enter(t.Context(), time.Time{}, account.ForRefresh)
			if v != nil {
				t.Fatal(v.fault)
			}
			time.AfterFunc(30*time.Second, func() { leave(broken()) })
		}
		var all sync.WaitGroup
		for _, lane := range []account.Lane{account.ForRefresh, account.ForPoll, account.ForPerson} {
			all.Go(func() {
				begun := time.Now()
				_, v := g.enter(t.Context(), begun.Add(2*time.Second), lane)
				if v == nil || v.fault.Message.ID != "cloud.turn" || time.Since(begun) != 2*time.Second {
					t.Errorf("lane %d: after %v got %+v, want to give up after 2 s", lane, time.Since(begun), v)
				}
			})
		}
		all.Wait()
		if g.failures != 0 || g.first() >= 0 {
			t.Errorf("who gave up counts: %d failures, lane %d still waits", g.failures, g.first())
		}
		if _, v := pass(t, g, account.ForPoll, ok); v != nil || time.Since(start) != 30*time.Second {
			t.Errorf("a call without an end: got %v after %v, want its turn after 30 s", v, time.Since(start))
		}
	})
}

// TestTheCallersEndIsNotItsTurn: who has gone is not told to come back later.
func TestTheCallersEndIsNotItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate(1, 1)
		leave, _ := g.enter(t.Context(), time.Time{}, account.ForRefresh)
		defer func() { leave(ok()) }()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, v := g.enter(ctx, time.Now().Add(2*time.Second), account.ForPerson); v == nil || v.fault.Kind != fault.Unreachable ||
			v.fault.Message.ID != "cloud.stopped" {
			t.Errorf("got %+v, want stopped", v)
		}
	})
}

func TestThrottlingHalvesAndQuietGivesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate(5, 1)
		slow := func() (*outcome, *verdict) {
			v := throttled()
			v.fault.RetryAfter = 10 * time.Second
			return &outcome{status: 429}, v
		}
		first, _ := pass(t, g, account.ForRefresh, slow)
		second, _ := pass(t, g, account.ForRefresh, ok)
		if got := second.Sub(first); got != 10*time.Second {
			t.Errorf("Retry-After: waited %v, want 10 s", got)
		}
		third, _ := pass(t, g, account.ForRefresh, ok)
		if got := third.Sub(second); got != 400*time.Millisecond {
			t.Errorf("half the rate: next after %v, want 400 ms", got)
		}
		for range 20 {
			pass(t, g, account.ForRefresh, func() (*outcome, *verdict) { return &outcome{status: 429}, throttled() })
		}
		if g.rate != 0.2 {
			t.Errorf("floor: got %v calls a second, want 0.2", g.rate)
		}
		time.Sleep(60 * time.Second)
		pass(t, g, account.ForRefresh, ok)
		if got, want := g.rate, 0.2+2*0.5; got != want {
			t.Errorf("after a quiet minute: got %v calls a second, want %v", got, want)
		}
		time.Sleep(time.Hour)
		pass(t, g, account.ForRefresh, ok)
		if g.rate != 5 {
			t.Errorf("after a quiet hour: got %v, want the full rate", g.rate)
		}
	})
}

func TestTheCircuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate(1000, 4)
		for i := range 5 {
			if _, v := pass(t, g, account.ForRefresh, broken); v != nil {
				t.Fatalf("failure %d was not let through: %v", i+1, v.fault)
			}
		}
		_, v := pass(t, g, account.ForPerson, ok)
		if v == nil || !v.blocked || v.fault.Kind != fault.Unreachable || v.fault.Message.ID != "cloud.circuit" {
			t.Fatalf("after five failures: got %+v, want blocked", v)
		}
		time.Sleep(30 * time.Second)
		leave, v := g.enter(t.Context(), time.Time{}, account.ForRefresh)
		if v != nil {
			t.Fatalf("after 30 s one probe is let through, got %v", v.fault)
		}
		if _, v := pass(t, g, account.ForPerson, ok); v == nil || !v.blocked {
			t.Error("a person's call beside the probe was let through, or waits for it")
		}
		leave(broken())
		if _, v := pass(t, g, account.ForRefresh, ok); v == nil || !v.blocked {
			t.Error("a failed probe closed the circuit")
		}
		time.Sleep(30 * time.Second)
		if _, v := pass(t, g, account.ForRefresh, ok); v != nil {
			t.Fatalf("second probe: %v", v.fault)
		}
		if _, v := pass(t, g, account.ForRefresh, ok); v != nil {
			t.Errorf("a good probe did not close the circuit: %v", v.fault)
		}
	})
}

// TestWhoWaitsIsToldWhenTheCircuitOpens: nobody stands in a gate that is shut.
func TestWhoWaitsIsToldWhenTheCircuitOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, start := testGate(1, 1), time.Now()
		for range 4 {
			pass(t, g, account.ForRefresh, broken)
		}
		leave, v := g.enter(t.Context(), time.Time{}, account.ForRefresh)
		if v != nil {
			t.Fatal(v.fault)
		}
		time.AfterFunc(10*time.Second-time.Since(start), func() { leave(broken()) })
		var all sync.WaitGroup
		for lane := range account.Lanes {
			for range 3 {
				all.Go(func() {
					_, v := g.enter(t.Context(), time.Time{}, lane)
					if v == nil || !v.blocked || v.fault.Message.ID != "cloud.circuit" || v.fault.RetryAfter != 30*time.Second {
						t.Errorf("lane %d: got %+v, want that the circuit is open", lane, v)
					}
					if took := time.Since(start); took != 10*time.Second {
						t.Errorf("lane %d: told after %v, want 10 s", lane, took)
					}
				})
			}
		}
		all.Wait()
		time.Sleep(30 * time.Second)
		if _, v := pass(t, g, account.ForRefresh, ok); v != nil || time.Since(start) != 40*time.Second {
			t.Errorf("the probe: got %+v after %v, want its turn at once", v, time.Since(start))
		}
	})
}

// TestTheBackgroundWaitsForTheProbe: a listing reads its pages side by side. One of
// them tries the circuit; the others begin when it has an answer, and are sent
// away when it has none.
func TestTheBackgroundWaitsForTheProbe(t *testing.T) {
	for name, c := range map[string]struct {
		probe   func() (*outcome, *verdict)
		through int
	}{
		"it is answered":     {ok, 3},
		"it is not answered": {broken, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := testGate(1000, 4)
				for range 5 {
					pass(t, g, account.ForRefresh, broken)
				}
				time.Sleep(30 * time.Second)
				leave, v := g.enter(t.Context(), time.Time{}, account.ForRefresh)
				if v != nil {
					t.Fatal(v.fault)
				}
				through := make(chan bool, 3)
				for range cap(through) {
					go func() {
						_, v := pass(t, g, account.ForRefresh, ok)
						through <- v == nil
					}()
				}
				synctest.Wait()
				if len(through) > 0 {
					t.Fatal("a call beside the probe did not wait for it")
				}
				leave(c.probe())
				n := 0
				for range cap(through) {
					if <-through {
						n++
					}
				}
				if n != c.through {
					t.Errorf("let through: got %d, want %d", n, c.through)
				}
			})
		})
	}
}

// TestAProbeThatGivesUpMakesRoom: who waits behind it tries in its place.
func TestAProbeThatGivesUpMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate(0.1, 4)
		for range 5 {
			pass(t, g, account.ForRefresh, broken)
		}
		time.Sleep(30*time.Second - time.Millisecond)
		if _, v := g.enter(t.Context(), time.Time{}, account.ForRefresh); v == nil {
			t.Fatal("the circuit is not open")
		}
		time.Sleep(time.Millisecond)
		pass(t, g, account.ForRefresh, func() (*outcome, *verdict) {
			return new(outcome), stopped(context.Canceled) // its caller went away
		})
		if _, v := pass(t, g, account.ForRefresh, ok); v != nil {
			t.Errorf("the next probe: got %v", v.fault)
		}
		if _, v := pass(t, g, account.ForRefresh, ok); v != nil || !g.openUntil.IsZero() {
			t.Errorf("after it: %+v, open until %v", v, g.openUntil)
		}
	})
}

// TestHangingCallsDoNotKeepTheCircuitOpenLonger: the pause counts from when the
// failed call began, so that a probe that hung until its time was up is followed
// by another soon.
func TestHangingCallsDoNotKeepTheCircuitOpenLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate(1000, 4)
		for range 5 {
			pass(t, g, account.ForRefresh, broken)
		}
		for hangs, open := range map[time.Duration]time.Duration{0: 30 * time.Second, 12 * time.Second: 18 * time.Second,
			30 * time.Second: 5 * time.Second} {
			time.Sleep(time.Until(g.openUntil))
			pass(t, g, account.ForRefresh, func() (*outcome, *verdict) {
				began := time.Now()
				time.Sleep(hangs)
				o, v := broken()
				o.began = began
				return o, v
			})
			if got := time.Until(g.openUntil); got != open {
				t.Errorf("after a probe that hung %v: open for %v, want %v", hangs, got, open)
			}
		}
	})
}

func TestARefusalIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate(1000, 1)
		refused := func() (*outcome, *verdict) {
			return &outcome{status: 403}, &verdict{fault: fault.New(fault.Refused, "cloud.permission")}
		}
		for range 4 {
			pass(t, g, account.ForRefresh, broken)
		}
		pass(t, g, account.ForRefresh, refused)
		for range 4 {
			pass(t, g, account.ForRefresh, broken)
		}
		if _, v := pass(t, g, account.ForRefresh, ok); v != nil {
			t.Errorf("an answer in between does not count as failure: %v", v.fault)
		}
	})
}

func TestTheBudgetOfRepetitions(t *testing.T) {
	g := testGate(1, 1)
	n := 0
	for g.spendRetry(false) {
		n++
	}
	if n != 20 {
		t.Errorf("repetitions at 5 a piece: got %d, want 20", n)
	}
	for range 9 {
		g.leave(new(outcome), nil, false)
	}
	if g.spendRetry(true) {
		t.Error("9 successes pay for a repetition after a time-out, which costs 10")
	}
	if !g.spendRetry(false) {
		t.Error("9 successes do not pay for a repetition at 5")
	}
}

func TestBackoffStaysUnderItsCeiling(t *testing.T) {
	l := Limits{}.withDefaults()
	for try := range 40 {
		ceiling := min(30*time.Second, time.Second<<min(try, 10))
		for range 50 {
			if d := l.backoff(try); d < 0 || d > ceiling {
				t.Fatalf("try %d: got %v, want at most %v", try, d, ceiling)
			}
		}
	}
}

// TestLateTimersDoNotSlowAListing: turns are counted from when they were due,
// but a quiet time is not made up for.
func TestLateTimersDoNotSlowAListing(t *testing.T) {
	g := newGate(DefaultLimits(), Rate{PerSecond: 10, InFlight: 1})
	start := time.Now()
	g.next = start
	for name, c := range map[string]struct{ late, next time.Duration }{
		"on time":             {0, 100 * time.Millisecond},
		"a bit late":          {30 * time.Millisecond, 100 * time.Millisecond},
		"after a quiet while": {5 * time.Second, 5100 * time.Millisecond},
	} {
		if got := g.following(start.Add(c.late)).Sub(start); got != c.next {
			t.Errorf("%s: got %v, want %v", name, got, c.next)
		}
	}
}

func TestLimitedUntilTheServiceAnswersAgain(t *testing.T) {
	a := &API{limits: Limits{}.withDefaults(), gates: make(map[gateKey]*gate)}
	acc := account.Access{AccountID: "a1", Site: account.International, DomainID: "d1"}
	limited := func(want bool, when string) {
		t.Helper()
		if got := a.Limited(acc.Payer(), BSS, "anywhere"); got != want {
			t.Errorf("%s: got %v, want %v", when, got, want)
		}
	}
	limited(false, "nothing was called")
	g := a.gate(acc, BSS, "")
	pass(t, g, account.ForRefresh, func() (*outcome, *verdict) {
		return &outcome{status: 429}, &verdict{fault: fault.New(fault.Busy, "cloud.throttled"), throttled: true, again: true}
	})
	limited(true, "after a 429")
	if a.Limited(acc.Payer(), Config, "") || a.Limited("intl d2", BSS, "") {
		t.Error("another service, or another account, is limited too")
	}
	g.next = time.Time{} // no need to wait for its turn
	pass(t, g, account.ForRefresh, ok)
	limited(false, "after an answer")
}

// What is barred is not let in, however short the circuit is open.
func TestWhoIsBarredIsNotLetIn(t *testing.T) {
	l := Limits{CircuitFailures: 1, CircuitOpen: time.Nanosecond}
	g := newGate(l, Rate{InFlight: 1, PerSecond: 1e6})
	leave, v := g.enter(context.Background(), time.Time{}, account.ForPoll)
	if v != nil {
		t.Fatal(v.fault)
	}
	in := make(chan bool, 1)
	go func() {
		leave, v := g.enter(context.Background(), time.Time{}, account.ForPoll)
		if v == nil {
			leave(&outcome{status: 200}, nil)
		}
		in <- v == nil
	}()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		g.mu.Lock()
		n := len(g.lanes[account.ForPoll])
		g.mu.Unlock()
		if n == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("nobody waits")
		}
	}
	leave(new(outcome), &verdict{fault: fault.New(fault.Unreachable, "cloud.unreachable"), outage: true})
	<-in
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.flying != 0 {
		t.Errorf("%d calls in flight, want none", g.flying)
	}
}
