package instance_test

import (
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudsim"
)

// Billing is asked about known instances while they are still being listed.
func TestBillingIsAskedBesideTheList(t *testing.T) {
	b := newBench(t)
	b.cloud.manyShops(120)
	b.run(t)
	b.refresh(t)
	b.cloud.set(func() {
		b.cloud.hold, b.cloud.at, b.cloud.billing = make(chan struct{}), make(chan struct{}), make(chan []string, 9)
	})
	must(t, b.Refresh(t.Context(), viewer, acc))
	<-b.cloud.at // Config does not answer yet
	asked := len(<-b.cloud.billing) + len(<-b.cloud.billing)
	if asked != 100 {
		t.Errorf("asked about before the list came: got %d, want two fifties", asked)
	}
	b.cloud.hold <- struct{}{}
	if rest := len(<-b.cloud.billing); rest != 20 {
		t.Errorf("asked about afterwards: got %d, want the other 20", rest)
	}
	b.until(t, "the refresh ends", func() bool { return !b.Refreshing(acc) })
	if more := len(b.cloud.billing); more != 0 {
		t.Errorf("calls beyond those: got %d, want none", more)
	}
}

// underWay starts a refresh of a known shop and holds it when the servers have
// answered and Config has not; end lets it go.
func underWay(t *testing.T, b *bench) (end func()) {
	b.cloud.show(aShop())
	b.run(t)
	b.refresh(t)
	b.later(time.Minute)
	hold, at, listing := make(chan struct{}), make(chan struct{}), make(chan string, 9)
	b.cloud.set(func() { b.cloud.hold, b.cloud.at, b.cloud.listing = hold, at, listing })
	must(t, b.Refresh(t.Context(), viewer, acc))
	<-at
	<-listing
	<-listing
	b.later(time.Second)
	return func() {
		b.cloud.set(func() { b.cloud.hold, b.cloud.listing = nil, nil })
		hold <- struct{}{}
		b.until(t, "the refresh ends", func() bool { return !b.Refreshing(acc) })
	}
}

// While a large account is read, a touched server is read on its own track. Older
// answers of the refresh do not undo what it found.
func TestAnActionNeedNotWaitForARefresh(t *testing.T) {
	b := newBench(t)
	end := underWay(t, b)
	b.cloud.set(func() { b.cloud.servers[singapore][0].Status = "SHUTOFF" })
	b.Touch(acc, "srv-1")
	b.until(t, "the action shows while the refresh is under way", func() bool { return b.row(t, shop).State == instance.StateStopped })
	if got := b.cloud.count("config"); got != 1 {
		t.Errorf("lists that were answered: got %d, want only the first", got)
	}
	end()
	r := b.row(t, shop)
	if r.State != instance.StateStopped || !r.NotSeenSince.IsZero() {
		t.Errorf("after the refresh: got %s, not seen since %v: an older answer won", r.State, r.NotSeenSince)
	}
	if !r.ChangedOutside.IsZero() {
		t.Error("our own action is said to be somebody else's")
	}
}

// A listing that began before the server existed does not make it missing.
func TestAServerThatAppearsDuringARefresh(t *testing.T) {
	b := newBench(t)
	end := underWay(t, b)
	_, s, e := aShop()
	s.ID, s.InstanceID, s.OrderID, e.InstanceID = "srv-2", mail, "CS2", mail
	b.cloud.set(func() {
		b.cloud.orders = map[string][]instance.Expiry{"CS2": {e}}
		b.cloud.servers[singapore] = append(b.cloud.servers[singapore], s)
		b.cloud.expiry[mail] = e
	})
	b.AfterOrder(acc, "CS2")
	b.until(t, "the server appears while the refresh is under way", func() bool {
		i, err := b.Get(t.Context(), viewer, mail)
		return err == nil && i.State == "ACTIVE"
	})
	end()
	if r := b.row(t, mail); r.ServerID != "srv-2" || r.State != instance.StateRunning || !r.NotSeenSince.IsZero() {
		t.Errorf("after the refresh: got server %q, %s, not seen since %v", r.ServerID, r.State, r.NotSeenSince)
	}
}

// While calls of a refresh wait, a call that a person waits for is the next to
// begin. The console, which keeps to the cloud's rates, is never told to slow
// down.
func TestAPersonOvertakesARefreshOverTheWire(t *testing.T) {
	const perSecond = 100
	r := cloud.Rate{PerSecond: perSecond, InFlight: 2}
	s, w, _ := wire(t, 2000, cloudsim.Options{Latency: 10 * time.Millisecond, RatePerSecond: perSecond},
		cloud.Limits{HCSS: r, BSS: r, ECS: r, Config: r, IAM: r, IMS: r})
	s.Once(t.Context(), w.access.AccountID, true)
	one := s.Picture().Rows()[0].InstanceID
	w.reset()
	begun := make(chan struct{}, 1000)
	watched := w.access
	watched.Observe = func(x account.Exchange) {
		w.observe(x)
		if x.Call == "traffic" {
			begun <- struct{}{}
		}
	}
	w.access = watched
	done := make(chan struct{})
	go func() { defer close(done); s.Once(t.Context(), w.access.AccountID, true) }()
	<-begun // both kinds of calls to billing are waiting by now
	person := w.access
	person.Lane, person.Observe = account.ForPerson, nil
	before := w.total("resources") + w.total("traffic")
	if _, err := s.BSS.Expiries(t.Context(), person, []string{one}); err != nil {
		t.Fatal(err)
	}
	if passed := w.total("resources") + w.total("traffic") - before; passed > r.InFlight+1 {
		t.Errorf("calls of the refresh that went first: got %d, want those in flight, at most %d", passed, r.InFlight+1)
	}
	<-done
	calls := w.total("resources") + w.total("traffic") + w.total("instances") + w.total("servers")
	if w.late*100 > calls || calls < 70 {
		t.Errorf("of %d calls %d were told to slow down, want one in a hundred at most", calls, w.late)
	}
}

func (w *wired) total(call string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.names[call]
}
