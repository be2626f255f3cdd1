package instance_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
	"sampan/internal/testclock"
)

var (
	viewer = person.Actor{PersonID: "p1", Name: "Mei", Role: person.Viewer}
	noon   = testclock.From(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
)

const (
	acc       = "acc-1"
	singapore = "ap-southeast-3"
	hongKong  = "ap-southeast-1"
	shop      = "66e3e9f8b271f8319ef19e86"
	mail      = "66e3e9f8b271f8319ef19e87"
)

// bench is a service over a fresh database and a scripted cloud.
type bench struct {
	*instance.Service
	store   db.Instances
	cloud   *script
	changes chan string

	open atomic.Int64 // pages

	mu  sync.Mutex
	now time.Time
}

func newBench(t *testing.T) *bench {
	b := &bench{store: db.Instances{DB: dbtest.Open(t)}, now: noon, changes: make(chan string, 10000),
		cloud: &script{servers: map[string][]instance.Server{}, images: map[string][]catalog.PrivateImage{}, fails: map[string]error{},
			calls: map[string]int{},
			account: account.Account{ID: acc, State: account.Active,
				Projects: map[string]string{singapore: "p1", hongKong: "p2", "cn-north-1": "p3"}}}}
	b.Service = &instance.Service{Store: b.store, Accounts: b.cloud, Config: b.cloud, ECS: scriptECS{b.cloud}, BSS: b.cloud,
		IMS: scriptIMS{b.cloud}, Regions: []string{hongKong, singapore, "tr-west-1"},
		Changed: func(topics ...string) {
			for _, topic := range topics {
				b.changes <- topic
			}
		},
		Open:   func() int { return int(b.open.Load()) },
		Now:    func() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.now },
		Timing: instance.Timing{Busy: []time.Duration{0, time.Millisecond, time.Millisecond}},
		Log:    slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	t.Cleanup(func() { b.starts(t) })
	return b
}

// opens says how many pages are open from now on.
func (b *bench) opens(pages int) {
	b.open.Store(int64(pages))
	b.RefreshNudge()
}

func (b *bench) later(d time.Duration) { b.mu.Lock(); defer b.mu.Unlock(); b.now = b.now.Add(d) }

// run lets the service read until the test ends.
func (b *bench) run(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run: got %v, want nil", err)
		}
	})
}

// until waits for a condition, looked at whenever a topic changed.
func (b *bench) until(t *testing.T, what string, true func() bool) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for !true() {
		select {
		case <-b.changes:
		case <-timeout:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// refresh reads everything once.
func (b *bench) refresh(t *testing.T) {
	t.Helper()
	must(t, b.Refresh(t.Context(), viewer, acc))
	b.until(t, "the refresh ends", func() bool { return !b.Refreshing(acc) })
}

func (b *bench) get(t *testing.T, id string) instance.Instance {
	t.Helper()
	i, err := b.Get(t.Context(), viewer, id)
	must(t, err)
	return i
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// script answers as told and counts calls.
type script struct {
	mu      sync.Mutex
	account account.Account
	listed  []instance.Listed
	counted int // what Config counts, 0 = as many as it lists
	servers map[string][]instance.Server
	expiry  map[string]instance.Expiry
	orders  map[string][]instance.Expiry
	images  map[string][]catalog.PrivateImage
	fails   map[string]error
	calls   map[string]int
	asked   []string // orders
	learned map[account.Right]bool
	hold    chan struct{} // when set, Instances waits for it
	at      chan struct{} // told when it waits
	listing chan string   // when set, told which region's servers were given
	billing chan []string // when set, told what Expiries is asked about
	traffic [][]string    // packages that were read
	pages   int           // calls that a listing of servers takes
}

func (c *script) set(change func()) { c.mu.Lock(); defer c.mu.Unlock(); change() }

func (c *script) call(name string) error {
	c.calls[name]++
	return c.fails[name]
}

func (c *script) count(name string) int { c.mu.Lock(); defer c.mu.Unlock(); return c.calls[name] }

func (c *script) Get(context.Context, person.Actor, string) (account.Account, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.account, nil
}

func (c *script) List(context.Context, person.Actor) ([]account.Account, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return []account.Account{c.account}, nil
}

func (c *script) Access(_ context.Context, id string) (account.Access, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return account.Access{AccountID: id}, c.call("access")
}

func (c *script) Learn(_ context.Context, _ string, right account.Right, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.learned == nil {
		c.learned = map[account.Right]bool{}
	}
	c.learned[right] = err == nil
}

func (c *script) Instances(context.Context, account.Access) ([]instance.Listed, error) {
	c.mu.Lock()
	hold, at := c.hold, c.at
	c.mu.Unlock()
	if hold != nil {
		at <- struct{}{}
		<-hold
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]instance.Listed(nil), c.listed...), c.call("config")
}

func (c *script) InstancesIn(_ context.Context, _ account.Access, region string, page func([]instance.Listed)) ([]instance.Listed, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []instance.Listed
	for _, l := range c.listed {
		if l.Region == region {
			all = append(all, l)
		}
	}
	if page != nil {
		page(all)
	}
	return all, c.call("config:" + region)
}

func (c *script) Count(context.Context, account.Access) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counted > 0 {
		return c.counted, c.call("count")
	}
	return len(c.listed), c.call("count")
}

func (c *script) Expiries(_ context.Context, _ account.Access, ids []string) ([]instance.Expiry, error) {
	c.mu.Lock()
	billing := c.billing
	c.mu.Unlock()
	if billing != nil {
		billing <- ids
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []instance.Expiry
	for _, id := range ids {
		if e, ok := c.expiry[id]; ok {
			all = append(all, e)
		}
	}
	return all, c.call("bss")
}

func (c *script) Delivered(_ context.Context, _ account.Access, order string) ([]instance.Expiry, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, order)
	return c.orders[order], c.call("order")
}

// ReadTraffic and LastTraffic: every package is half used up.
func (c *script) ReadTraffic(_ context.Context, _ account.Access, ids []string) ([]instance.PackageTraffic, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.traffic = append(c.traffic, ids)
	var all []instance.PackageTraffic
	for _, id := range ids {
		all = append(all, instance.PackageTraffic{PackageID: id, Traffic: instance.Traffic{Left: 50, Total: 100, At: noon}})
	}
	return all, c.call("traffic")
}

func (c *script) LastTraffic(context.Context) ([]instance.PackageTraffic, error) { return nil, nil }

type scriptECS struct{ *script }

func (c scriptECS) Servers(_ context.Context, a account.Access, region string, page func([]instance.Server)) ([]instance.Server, error) {
	c.mu.Lock()
	all, err, listing := append([]instance.Server(nil), c.servers[region]...), c.call("ecs:"+region), c.listing
	for range c.pages {
		a.Observe(account.Exchange{Call: "servers", Status: 200})
	}
	c.mu.Unlock()
	if listing != nil {
		listing <- region
	}
	if err != nil {
		return nil, err
	}
	page(all)
	return all, nil
}

func (c scriptECS) ServersByID(_ context.Context, _ account.Access, region string, ids []string) ([]instance.Server, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []instance.Server
	for _, s := range c.servers[region] {
		if slices.Contains(ids, s.ID) {
			all = append(all, s)
		}
	}
	return all, c.call("ids:" + region)
}

type scriptIMS struct{ *script }

func (c scriptIMS) Images(_ context.Context, _ account.Access, region string) ([]catalog.PrivateImage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.images[region], c.call("ims:" + region)
}

// manyShops are n instances in all three sources, with servers srv-0, srv-1 …
func (c *script) manyShops(n int) {
	for n := range n {
		l, s, e := aShop()
		l.ID = fmt.Sprintf("%s%04d", shop[:20], n)
		s.InstanceID, e.InstanceID = l.ID, l.ID
		s.ID = fmt.Sprintf("srv-%d", n)
		l.ServerIDs, l.PackageIDs = []string{s.ID}, []string{fmt.Sprintf("pkg-%d", n)}
		c.show(l, s, e)
	}
}

// aShop is one instance in all three sources.
func aShop() (instance.Listed, instance.Server, instance.Expiry) {
	return instance.Listed{ID: shop, Name: "shop", Region: singapore, Spec: "hf.large.1.30m.linux", Product: "BT_light_server_8_0",
			OrderID: "CS1", ServerIDs: []string{"srv-1"}, PackageIDs: []string{"pkg-1"}, Addresses: []string{"119.3.166.187"},
			Created: noon.Add(-48 * time.Hour)},
		instance.Server{ID: "srv-1", InstanceID: shop, Name: "hcss_ecs_ff60", Region: singapore, Status: "ACTIVE",
			Public:  []string{"119.3.166.188"},
			Private: []string{"192.168.12.151"}, ImageName: "Linux BT panel 8.0.5", OrderID: "CS1", Created: noon.Add(-48 * time.Hour)},
		instance.Expiry{InstanceID: shop, Name: "shop", Region: singapore, Spec: "hf.large.1.30m.linux", Status: 2, Main: true,
			Effective: noon.Add(-48 * time.Hour), Expires: noon.Add(28 * 24 * time.Hour), ExpirePolicy: 3}
}

func (c *script) show(l instance.Listed, s instance.Server, e instance.Expiry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listed = append(c.listed, l)
	c.servers[s.Region] = append(c.servers[s.Region], s)
	if c.expiry == nil {
		c.expiry = map[string]instance.Expiry{}
	}
	c.expiry[e.InstanceID] = e
}

var unreachable = fault.New(fault.Unreachable, "cloud.unreachable")
