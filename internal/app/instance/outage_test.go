package instance_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudsim"
)

// every is all sources that the scripted cloud is asked for.
var every = []string{"count", "config", "ecs:" + singapore, "ecs:" + hongKong, "bss", "traffic"}

func (b *bench) break_(f error, calls ...string) {
	b.cloud.set(func() {
		for _, call := range calls {
			if f == nil {
				delete(b.cloud.fails, call)
			} else {
				b.cloud.fails[call] = f
			}
		}
	})
}

// pass lets time go by in seconds.
func (b *bench) pass(t *testing.T, d time.Duration) {
	for range d / time.Second {
		b.later(time.Second)
		b.Pass(t.Context())
	}
}

// After an outage everything that was due during it is read within seconds,
// whoever looks; during it few calls are made.
func TestWhatWasNotReadStaysDue(t *testing.T) {
	b := planned(t, 3)
	b.later(25 * time.Hour) // everything is due
	b.break_(unreachable, every...)
	b.since()
	b.pass(t, 10*time.Minute)
	for _, call := range every {
		if call == "count" {
			continue // the list stands in for it
		}
		if got := b.cloud.count(call); got < 50 || got > 65 {
			t.Errorf("%s: tried %d times in ten minutes of outage, want every ten seconds", call, got)
		}
	}
	b.cloud.set(func() { b.cloud.servers[singapore][0].Status = "SHUTOFF" })
	b.break_(nil, every...)
	back := b.Now()
	b.since()
	b.pass(t, 11*time.Second)
	if r := b.row(t, "srv-0"); r.State != instance.StateStopped {
		t.Errorf("state eleven seconds after the cloud is back: got %s", r.State)
	}
	for _, y := range b.syncs(t) {
		if y.Trouble != "" || y.OKAt.Before(back) {
			t.Errorf("%s after the cloud is back: %+v", y.Source, y)
		}
	}
	for _, call := range every {
		if got := b.cloud.count(call); got > 1+1 {
			t.Errorf("%s: read %d times to catch up", call, got)
		}
	}
	b.since()
	b.pass(t, 10*time.Minute)
	b.want(t, "afterwards, as for somebody who looks", "count 10, list 0, servers 10, by id 0, billing 0, traffic 0")
}

func (b *bench) syncs(t *testing.T) []instance.Sync {
	t.Helper()
	all, err := b.Syncs(t.Context(), []string{acc})
	must(t, err)
	return all
}

// TestWhatFailedDoesNotMakeTheRestDue: each source is planned by itself.
func TestWhatFailedDoesNotMakeTheRestDue(t *testing.T) {
	for _, broken := range every {
		t.Run(broken, func(t *testing.T) {
			b := planned(t, 3)
			b.later(25 * time.Hour)
			b.break_(unreachable, broken)
			b.Pass(t.Context())
			b.since()
			b.pass(t, 10*time.Minute)
			for _, call := range every {
				got := b.cloud.count(call)
				switch {
				case call == "count" && broken == "config", call == broken:
					continue
				case got > 0:
					t.Errorf("%s was read %d times because %s fails", call, got, broken)
				}
			}
			if got := b.cloud.count(broken); broken != "count" && (got < 50 || got > 65) {
				t.Errorf("%s: tried %d times in ten minutes, want every ten seconds", broken, got)
			}
		})
	}
}

// A refusal is an answer: it is asked for again as often as the lists. A person's
// Refresh asks at once.
func TestARefusalIsAskedForAgainAtTheListsPace(t *testing.T) {
	no := &fault.Error{Kind: fault.Refused, Message: fault.Say("cloud.permission"), Status: 403}
	b := planned(t, 3)
	b.opens(1)
	b.later(25 * time.Hour)
	b.break_(no, every...)
	b.Pass(t.Context())
	b.since()
	for range 59 {
		b.Visited()
		b.later(time.Minute)
		b.Pass(t.Context())
	}
	b.want(t, "within the hour", "count 1, list 0, servers 0, by id 0, billing 0, traffic 0")
	b.later(2 * time.Minute)
	b.Pass(t.Context())
	b.want(t, "after an hour", "count 0, list 1, servers 1, by id 0, billing 1, traffic 1")
	must(t, b.Refresh(t.Context(), viewer, acc))
	b.Pass(t.Context())
	b.want(t, "on a person's word", "count 0, list 1, servers 1, by id 0, billing 1, traffic 1")
	if open := b.Asked(acc); !open.At.IsZero() {
		t.Errorf("after the refusal: got %+v, want that nothing is waited for", open)
	}
}

// A pause that the cloud asks for, or its open circuit, is waited for before the
// next try.
func TestTheCloudsOwnPauseCounts(t *testing.T) {
	b := planned(t, 3)
	b.later(25 * time.Hour)
	slow := &fault.Error{Kind: fault.Busy, Message: fault.Say("cloud.throttled"), Status: 429, RetryAfter: 3 * time.Minute}
	b.break_(slow, "bss")
	b.Pass(t.Context())
	b.since()
	b.pass(t, 170*time.Second)
	if got := b.cloud.count("bss"); got != 0 {
		t.Errorf("asked %d times within the pause", got)
	}
	b.break_(nil, "bss")
	b.pass(t, 11*time.Second)
	if got := b.cloud.count("bss"); got != 1 {
		t.Errorf("asked %d times after it, want once", got)
	}
	why := &fault.Error{Kind: fault.Unreachable, Message: fault.Say("cloud.read.silent"), Code: "X.1"}
	b.later(25 * time.Hour)
	b.break_(&fault.Error{Kind: fault.Unreachable, Message: fault.Say("cloud.circuit"), RetryAfter: 30 * time.Second, Err: why}, "bss")
	b.Pass(t.Context())
	b.since()
	b.pass(t, 29*time.Second)
	if got := b.cloud.count("bss"); got != 0 {
		t.Errorf("asked %d times while the circuit was open", got)
	}
	for _, y := range b.syncs(t) {
		if y.Source == "bss" && (y.Trouble != "cloud.read.silent" || y.Code != "X.1") {
			t.Errorf("the trouble is %q %q, want what opened the circuit", y.Trouble, y.Code)
		}
	}
}

// It is done when the cloud answers, and says until then what it waits for.
func TestARefreshDuringAnOutageIsKept(t *testing.T) {
	b := planned(t, 3)
	if open := b.Asked(acc); !open.At.IsZero() {
		t.Fatalf("at first: got %+v, want nothing", open)
	}
	b.later(time.Minute)
	b.break_(unreachable, every...)
	asked := b.Now()
	must(t, b.Refresh(t.Context(), viewer, acc))
	if open := b.Asked(acc); open != (instance.Asked{At: asked}) {
		t.Errorf("before it began: got %+v, want that it is being read", open)
	}
	b.pass(t, 5*time.Minute)
	want := instance.Asked{At: asked, Waits: true, Trouble: "cloud.unreachable", Since: noon}
	if open := b.Asked(acc); open != want {
		t.Errorf("in the outage: got %+v, want %+v", open, want)
	}
	b.break_(nil, every[1:4]...)
	b.pass(t, 11*time.Second)
	if open := b.Asked(acc); open != want {
		t.Errorf("with billing still gone: got %+v, want %+v", open, want)
	}
	b.break_(nil, every...)
	b.pass(t, 11*time.Second)
	if open := b.Asked(acc); open != (instance.Asked{}) {
		t.Errorf("in the end: got %+v, want nothing", open)
	}
	for _, y := range b.syncs(t) {
		if y.Trouble != "" || y.OKAt.Before(asked) {
			t.Errorf("%s in the end: %+v", y.Source, y)
		}
	}
	if got := fmt.Sprint(b.cloud.traffic[len(b.cloud.traffic)-1]); got != "[pkg-0 pkg-1 pkg-2]" {
		t.Errorf("packages that were read last: got %s", got)
	}
}

// With gates and circuits as they are, a Refresh that was pressed during an
// outage is done after it by itself. Catching up takes no more calls than reading
// everything once and a tenth, without the probes.
func TestAnOutageOverTheWire(t *testing.T) {
	const scale = 60 // an hour in a minute
	r := cloud.Rate{PerSecond: 200, InFlight: 4}
	s, w, sim := wire(t, 900, cloudsim.Options{}, cloud.Limits{HCSS: r, BSS: r, ECS: r, Config: r, IAM: r, IMS: r,
		Backoff: time.Second / scale, BackoffMax: 30 * time.Second / scale, CircuitOpen: 30 * time.Second / scale})
	id := w.access.AccountID
	hour := time.Hour
	s.Schedule = instance.Usual(scale)
	o := s.Schedule
	o.Look, o.Owed, o.Idle, o.List, o.ListIdle, o.Traffic, o.Expiry = hour, hour, hour, hour, hour, hour, hour
	told := make(chan struct{}, 1)
	s.Changed = func(...string) {
		select {
		case told <- struct{}{}:
		default:
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { _ = s.Run(ctx) })
	defer run.Wait()
	defer stop()
	until := func(what string, true func() bool) {
		t.Helper()
		timeout := time.After(30 * time.Second)
		for !true() {
			select {
			case <-told:
			case <-timeout:
				all, _ := s.Syncs(ctx, []string{id})
				t.Fatalf("waited in vain: %s: %+v", what, all)
			}
		}
	}
	done := func() bool { return !s.Refreshing(id) && s.Asked(id) == instance.Asked{} }
	s.RefreshSoon(id)
	until("the first reading", done)
	w.reset()
	s.RefreshSoon(id)
	until("the second reading", done)
	full := w.sum()

	sim.Fail(cloudsim.Fault{Call: "*", Kind: "status", Status: 503, Times: -1})
	s.RefreshSoon(id)
	until("the outage is noticed", func() bool {
		all, err := s.Syncs(ctx, []string{id})
		must(t, err)
		bad := 0
		for _, y := range all {
			if y.Trouble != "" {
				bad++
			}
		}
		return bad == len(sixRegions)+3 && s.Asked(id).Waits // and Config, billing, packages
	})
	one := s.Picture().Rows()[0]
	power := map[string]string{"ACTIVE": "SHUTOFF"}[one.Status]
	_, err := sim.ChangeOutside(cloudsim.Outside{Server: one.ServerID, Power: cmp.Or(power, "ACTIVE")})
	must(t, err)
	sim.ClearFaults()
	w.reset()
	until("all was read after the outage", done)
	if now, _ := s.Picture().Row(one.ID()); now.Status == one.Status {
		t.Errorf("the server is still %s", now.Status)
	}
	if got := w.sum(); float64(got) > 1.1*float64(full)+float64(len(sixRegions)+3) {
		t.Errorf("catching up took %d calls, a full read takes %d", got, full)
	}
}

// sum is how many calls were made.
func (w *wired) sum() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, calls := range w.names {
		n += calls
	}
	return n
}

// While a turn takes long, other sources are still tried again.
func TestLooksGoOnWhileAListHangs(t *testing.T) {
	b := newBench(t)
	b.Schedule = instance.Usual(20)
	b.cloud.show(aShop())
	b.run(t)
	b.refresh(t)
	b.row(t, shop)                      // somebody looks at pages: that wakes it
	<-time.After(50 * time.Millisecond) // and nothing else is left that would
	b.later(time.Second)
	hold, at := make(chan struct{}), make(chan struct{})
	b.cloud.set(func() { b.cloud.hold, b.cloud.at = hold, at })
	b.break_(unreachable, "ecs:"+singapore)
	must(t, b.Refresh(t.Context(), viewer, acc))
	<-at
	end := sync.OnceFunc(func() { close(hold) })
	t.Cleanup(end)
	failed := func(y instance.Sync) bool { return y.Source == "ecs:"+singapore && y.Trouble != "" }
	for late := time.After(10 * time.Second); !slices.ContainsFunc(b.syncs(t), failed); {
		select {
		case <-late:
			t.Fatal("that the servers could not be read was not noted")
		case <-time.After(time.Millisecond):
		}
	}
	b.cloud.set(func() { b.cloud.servers[singapore][0].Status = "SHUTOFF" })
	b.break_(nil, "ecs:"+singapore)
	b.later(time.Second)
	b.until(t, "the state shows though Config hangs", func() bool { return b.row(t, shop).State == instance.StateStopped })
	if !b.Refreshing(acc) {
		t.Error("the refresh is over, want that it still hangs")
	}
	b.cloud.set(func() { b.cloud.hold = nil })
	end()
	b.until(t, "the refresh ends", func() bool { return !b.Refreshing(acc) })
}

// An account that was connected while Config did not answer has its terms and
// packages read as soon as it does, and not a day later. Where there are none,
// they count as read.
func TestWhatHangsOnAListIsReadWithIt(t *testing.T) {
	for name, c := range map[string]struct {
		shops int
		fails error
	}{
		"three, unreachable": {3, unreachable},
		"none, unreachable":  {0, unreachable},
		"three, refused":     {3, fault.New(fault.Forbidden, "cloud.permission")},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.Schedule, b.Service.Traffic, b.Timing.Busy = instance.Usual(1), b.cloud, nil
			b.cloud.manyShops(c.shops)
			b.break_(c.fails, "config", "count", "ecs:"+singapore)
			b.RefreshSoon(acc)
			b.pass(t, time.Minute)
			if got := b.cloud.count("bss") + b.cloud.count("traffic"); got != 0 {
				t.Errorf("before the list: %d calls to billing, want none", got)
			}
			b.break_(nil, "config", "count", "ecs:"+singapore)
			if c.fails == unreachable {
				b.pass(t, 21*time.Second)
			} else {
				must(t, b.Refresh(t.Context(), viewer, acc)) // somebody gave the right
				b.pass(t, time.Second)
			}
			for _, about := range []instance.About{instance.AboutList, instance.AboutTerms, instance.AboutTraffic} {
				gaps, err := b.Gaps(t.Context(), []string{acc})
				must(t, err)
				if got := gaps.Of(about); len(got) > 0 {
					t.Errorf("%s is not known: %+v", about, got)
				}
			}
			if c.shops > 0 {
				return
			}
			b.cloud.show(aShop()) // bought elsewhere
			b.pass(t, time.Hour+time.Minute)
			gaps, err := b.Gaps(t.Context(), []string{acc})
			must(t, err)
			if len(gaps) > 0 {
				t.Errorf("of one that was bought later: %+v", gaps)
			}
		})
	}
}

// A listing that answers but does not add up takes no more of the rate than one
// that does.
func TestATryThatWastesCallsIsPaidFor(t *testing.T) {
	b := planned(t, 3)
	b.later(time.Minute)
	b.cloud.set(func() { b.cloud.pages = 20 })
	b.break_(unreachable, "ecs:"+singapore)
	b.opens(1)
	b.Visited()
	b.Pass(t.Context())
	b.since()
	b.pass(t, 400*time.Second)
	if got := b.cloud.count("ecs:" + singapore); got != 10 {
		t.Errorf("tried %d times in 400 s, want every 40 s: twenty calls at a tenth of five a second", got)
	}
}

// During an outage a gateway without its service may say "not found". What never
// answered is asked for as often as the lists.
func TestWhatWasThereAndIsNotFoundIsTriedAgain(t *testing.T) {
	gone := fault.New(fault.NotFound, "cloud.gone")
	b := planned(t, 3)
	b.later(2 * time.Hour)
	b.break_(gone, "ecs:"+singapore)
	b.pass(t, time.Minute)
	b.break_(nil, "ecs:"+singapore)
	back := b.Now()
	b.pass(t, 11*time.Second)
	for _, y := range b.syncs(t) {
		if y.Source == "ecs:"+singapore && y.OKAt.Before(back) {
			t.Errorf("eleven seconds after it is back: %+v", y)
		}
	}
	b = newBench(t)
	b.Schedule, b.Timing.Busy = instance.Usual(1), nil
	b.break_(gone, "ecs:"+singapore)
	b.RefreshSoon(acc)
	b.Pass(t.Context())
	b.since()
	b.pass(t, 10*time.Minute)
	if got := b.cloud.count("ecs:" + singapore); got != 0 {
		t.Errorf("one that never answered: tried %d times in ten minutes, want none", got)
	}
}

// Where reading servers by id is refused, the list is read.
func TestARefusedQuestionIsNotARefusedList(t *testing.T) {
	b := planned(t, 3)
	b.Timing.Busy = []time.Duration{0}
	b.later(time.Second)
	b.break_(fault.New(fault.Invalid, "cloud.refused"), "ids:"+singapore)
	b.cloud.set(func() { b.cloud.servers[singapore][0].Status = "SHUTOFF" })
	b.Touch(acc, "srv-0")
	b.Pass(t.Context())
	if got := b.row(t, "srv-0").State; got != instance.StateStopped {
		t.Errorf("state: got %s", got)
	}
	for _, y := range b.syncs(t) {
		if y.Trouble != "" {
			t.Errorf("%s: %s", y.Source, y.Trouble)
		}
	}
}
