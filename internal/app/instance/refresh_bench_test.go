package instance_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/cloud"
	"sampan/internal/cloud/bss"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/ecs"
	"sampan/internal/cloud/ims"
	"sampan/internal/cloud/rms"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
	"sampan/internal/testclock"
)

// wired is one account over the wire, whose calls are counted.
type wired struct {
	access account.Access

	mu    sync.Mutex
	calls map[string]int // by gate: the host's first word, and the region of regional ones
	names map[string]int
	last  map[string]time.Time // that an answer of the call was complete
	late  int                  // answered 429
}

func (w *wired) observe(x account.Exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	gate := x.Path
	switch {
	case strings.HasPrefix(x.Path, "/v1/resource-manager"):
		gate = "config"
	case strings.Contains(x.Path, "/cloudservers"):
		gate = "ecs " + x.Path // the project stands for the region
	case strings.Contains(x.Path, "/orders/"), strings.Contains(x.Path, "/payments/"):
		gate = "bss"
	}
	w.calls[gate]++
	w.names[x.Call]++
	if done := x.At.Add(x.Took); done.After(w.last[x.Call]) {
		w.last[x.Call] = done
	}
	if x.Status == 429 {
		w.late++
	}
}

func (w *wired) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.names, w.last, w.late = map[string]int{}, map[string]int{}, map[string]time.Time{}, 0
}

func (w *wired) Get(context.Context, person.Actor, string) (account.Account, error) {
	return account.Account{ID: w.access.AccountID, Site: account.SandboxSite, State: account.Active, Projects: w.access.Projects}, nil
}
func (w *wired) List(context.Context, person.Actor) ([]account.Account, error) { return nil, nil }
func (w *wired) Access(context.Context, string) (account.Access, error)        { return w.access, nil }
func (w *wired) Learn(context.Context, string, account.Right, error)           {}

// samples reads traffic and keeps nothing.
type samples struct{ bss *bss.Client }

func (s samples) ReadTraffic(ctx context.Context, a account.Access, ids []string) ([]instance.PackageTraffic, error) {
	readings, err := s.bss.Traffic(ctx, a, ids)
	var all []instance.PackageTraffic
	for _, r := range readings {
		all = append(all, instance.PackageTraffic{PackageID: r.PackageID,
			Traffic: instance.Traffic{Left: r.Left.InexactFloat64(), Total: r.Total.InexactFloat64(), CycleEnd: r.CycleEnd,
				At: testclock.Now()}})
	}
	return all, err
}
func (s samples) LastTraffic(context.Context) ([]instance.PackageTraffic, error) { return nil, nil }

// wire is an inventory over the adapters, a Sandbox and a fresh database.
func wire(t testing.TB, n int, o cloudsim.Options, l cloud.Limits) (*instance.Service, *wired, *cloudsim.Server) {
	sim := simtest.Start(t, o)
	if err := sim.Fleet("Sandbox", n); err != nil {
		t.Fatal(err)
	}
	w := &wired{access: cloudtest.Access(t, sim, "Sandbox", account.ByKey)}
	w.access.Observe = w.observe
	w.reset()
	api := cloud.New(cloud.Options{Limits: l, Version: "test"})
	s := &instance.Service{Store: db.Instances{DB: dbtest.Open(t)}, Accounts: w, Config: &rms.Client{API: api}, ECS: &ecs.Client{API: api},
		BSS: &bss.Client{API: api}, IMS: &ims.Client{API: api}, Traffic: samples{&bss.Client{API: api}}, Regions: sixRegions,
		Now: sim.Now, Log: slog.New(slog.DiscardHandler)}
	return s, w, sim
}

// BenchmarkRefresh reads a whole account over the wire: 150 ms until an answer,
// 10 calls a second per service and region on both sides. Its figures are calls
// by service, wall time, and the bounds of both; `make bench` has them in its
// table. "warm" is what the schedule asks for when nothing changed; "warm in
// full" what a person's Refresh does.
func BenchmarkRefresh(b *testing.B) {
	r := cloud.Rate{PerSecond: allowed.perSecond, InFlight: 8}
	limits := cloud.Limits{HCSS: r, BSS: r, ECS: r, Config: r, IAM: r, IMS: r}
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("%d servers", n), func(all *testing.B) {
			fresh := func() (*instance.Service, *wired) {
				s, w, _ := wire(all, n, cloudsim.Options{Latency: allowed.latency, RatePerSecond: allowed.perSecond}, limits)
				return s, w
			}
			var s *instance.Service
			var w *wired
			for _, t := range []turn{{name: "cold", cold: true, full: true}, {name: "warm"}, {name: "warm in full", full: true}} {
				all.Run(t.name, func(b *testing.B) {
					for b.Loop() {
						if t.cold {
							b.StopTimer()
							s, w = fresh()
							b.StartTimer()
						}
						w.reset()
						start, cpu := time.Now(), used()
						s.Once(b.Context(), w.access.AccountID, t.full)
						wall := time.Since(start)
						b.ReportMetric((used() - cpu).Seconds(), "cpu-s")
						if got := s.Picture().Len([]string{w.access.AccountID}); got != n {
							b.Fatalf("got %d rows, want %d", got, n)
						}
						w.report(b, t, n, start, wall)
					}
				})
			}
		})
	}
}

func used() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// turn is one way of reading an account.
type turn struct {
	name string
	cold bool // nothing is known of the account
	full bool // list, traffic and expiry are wanted, not the state alone
}

// cloudPace is what the cloud allows and takes, the terms of every bound.
type cloudPace struct {
	perSecond float64
	latency   time.Duration
}

var allowed = cloudPace{perSecond: 10, latency: 150 * time.Millisecond}

// least is the shortest time in which one service (in one region, where it is
// regional) can answer so many calls: they leave evenly, as the rate says, and
// the last answer takes its latency. Of calls that need one another's answers,
// deep in a row, each costs the whole latency.
func (p cloudPace) least(calls, deep int) time.Duration {
	if calls == 0 {
		return 0
	}
	evenly := time.Duration(float64(calls-1) / p.perSecond * float64(time.Second))
	return max(evenly, time.Duration(deep-1)*p.latency) + p.latency
}

// bound is the shortest time for the calls that were made. List and status are
// read side by side: the slowest of Config and of ECS in each region decides.
// Pages of Config name the next one, so that those of a region follow one
// another; ECS has a total on its first page, after which the others can be
// asked for together. An account that is new is counted before anything else.
// Traffic and expiry share billing's pace and need the ids of the list: nothing
// can be asked before the first page of a new account has come, and everything
// at once about one that is known.
func (t turn) bound(w *wired, n int) (list, all time.Duration) {
	config, pages := w.calls["config"], (n/len(sixRegions)+configPage-1)/configPage
	if t.cold {
		config--
	}
	list = allowed.least(config, min(config, pages))
	for gate, calls := range w.calls {
		if strings.HasPrefix(gate, "ecs ") {
			list = max(list, allowed.least(calls, min(calls, 2)))
		}
	}
	if t.cold {
		list += allowed.latency
	}
	all = allowed.least(w.calls["bss"], 1)
	if t.cold {
		all += 2 * allowed.latency
	}
	return list, max(list, all)
}

// What an answer holds at most.
const (
	configPage  = 200
	ecsPage     = 100 // at least: ECS itself allows more
	packagePage = 100
	idPage      = 50
)

// most is how many calls the turn may make for n servers: full pages, one page
// of each region begun, and 1 % for counting.
func (t turn) most(n int) float64 {
	pages := func(n, size int) int { return (n + size - 1) / size }
	regions := len(sixRegions)
	servers := regions * pages(pages(n, regions), ecsPage)
	if !t.full {
		return float64(1 + servers)
	}
	calls := regions*pages(pages(n, regions), configPage) + servers + pages(n, packagePage) + pages(n, idPage)
	return 1.01 * float64(calls)
}

// report adds the figures of one turn.
func (w *wired) report(b *testing.B, t turn, n int, start time.Time, wall time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	total := 0
	for _, calls := range w.calls {
		total += calls
	}
	var listed time.Time
	for call, at := range w.last {
		if call != "resources" && call != "traffic" && at.After(listed) {
			listed = at
		}
	}
	list, all := t.bound(w, n)
	for _, f := range []struct {
		unit  string
		value float64
	}{
		{"calls", float64(total)}, {"calls-bound", t.most(n)},
		{"Config-calls", float64(w.calls["config"])}, {"ECS-calls", float64(w.names["servers"])},
		{"traffic-calls", float64(w.names["traffic"])}, {"expiry-calls", float64(w.names["resources"])}, {"429-calls", float64(w.late)},
		{"list-s", listed.Sub(start).Seconds()}, {"list-bound-s", list.Seconds()}, {"all-s", wall.Seconds()}, {"all-bound-s", all.Seconds()},
	} {
		b.ReportMetric(f.value, f.unit)
	}
}
