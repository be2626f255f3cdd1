package instance_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
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
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/ecs"
	"sampan/internal/cloud/ims"
	"sampan/internal/cloud/rms"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// wired is one account over the wire, whose calls are counted.
type wired struct {
	access account.Access

	mu    sync.Mutex
	calls map[string]int // by gate: the host's first word, and the region of regional ones
	names map[string]int
	first map[string]time.Time
	last  map[string]time.Time
	late  int // answered 429
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
	if w.first[x.Call].IsZero() {
		w.first[x.Call] = x.At
	}
	w.last[x.Call] = x.At.Add(x.Took)
	if x.Status == 429 {
		w.late++
	}
}

func (w *wired) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.names, w.first, w.last, w.late = map[string]int{}, map[string]int{}, map[string]time.Time{}, map[string]time.Time{}, 0
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
			Traffic: instance.Traffic{Left: r.Left.InexactFloat64(), Total: r.Total.InexactFloat64(), CycleEnd: r.CycleEnd, At: time.Now()}})
	}
	return all, err
}
func (s samples) LastTraffic(context.Context) ([]instance.PackageTraffic, error) { return nil, nil }

// wire is an inventory over the adapters, a Sandbox and a fresh database.
func wire(t testing.TB, n int, o cloudsim.Options, l cloud.Limits) (*instance.Service, *wired, *cloudsim.Server) {
	sim := cloudsim.Start(t, o)
	if err := sim.Fleet("Sandbox", n); err != nil {
		t.Fatal(err)
	}
	w := &wired{access: cloudtest.Access(t, sim, "Sandbox", account.ByKey)}
	w.access.Observe = w.observe
	w.reset()
	api := cloud.New(cloud.Options{Limits: l, Version: "test"})
	s := &instance.Service{Store: db.Instances{DB: dbtest.Open(t)}, Accounts: w, Config: &rms.Client{API: api}, ECS: &ecs.Client{API: api},
		BSS: &bss.Client{API: api}, IMS: &ims.Client{API: api}, Traffic: samples{&bss.Client{API: api}}, Regions: sixRegions,
		Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	return s, w, sim
}

// BenchmarkRefresh reads a whole account over the wire: 150 ms until an answer,
// 10 calls a second per service and region on both sides. It prints calls, wall
// time and the bound: what latency and rate allow for these calls. "warm" is
// what the schedule asks for when nothing changed; "warm, in full" what a
// person's Refresh does.
func BenchmarkRefresh(b *testing.B) {
	const perSecond, latency = 10, 150 * time.Millisecond
	r := cloud.Rate{PerSecond: perSecond, InFlight: 8}
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("%d servers", n), func(b *testing.B) {
			for b.Loop() {
				s, w, sim := wire(b, n, cloudsim.Options{Latency: latency, RatePerSecond: perSecond},
					cloud.Limits{HCSS: r, BSS: r, ECS: r, Config: r, IAM: r, IMS: r})
				for _, turn := range []string{"cold", "warm", "warm, in full"} {
					w.reset()
					start, cpu := time.Now(), used()
					s.Once(b.Context(), w.access.AccountID, turn != "warm")
					wall := time.Since(start)
					if got := s.Picture().Len([]string{w.access.AccountID}); got != n {
						b.Fatalf("%s: got %d rows, want %d", turn, got, n)
					}
					report(b, w, turn, start, wall, used()-cpu, perSecond, latency)
				}
				_ = sim
			}
		})
	}
}

func used() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// report prints one line. The bound of list and status is the slowest gate of
// Config and ECS, after the count; billing's comes after it.
func report(b *testing.B, w *wired, turn string, start time.Time, wall, cpu time.Duration, perSecond int, latency time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	least := func(calls int) time.Duration {
		if calls == 0 {
			return 0
		}
		return time.Duration(calls-1)*time.Second/time.Duration(perSecond) + latency
	}
	var list, all time.Duration
	total := 0
	for gate, n := range w.calls {
		total += n
		if gate != "bss" {
			list = max(list, least(n))
		}
	}
	all = list + least(w.calls["bss"])
	var listed time.Time
	for call, at := range w.last {
		if call != "resources" && call != "traffic" && at.After(listed) {
			listed = at
		}
	}
	var names []string
	for _, call := range slices.Sorted(maps.Keys(w.names)) {
		names = append(names, fmt.Sprintf("%s %d", call, w.names[call]))
	}
	b.Logf("%-14s %3d calls (%s), %d × 429; list and status %.2f s (bound %.2f s), all %.2f s (bound %.2f s), %.2f s of processor on both sides",
		turn, total, strings.Join(names, ", "), w.late, listed.Sub(start).Seconds(), list.Seconds(), wall.Seconds(), all.Seconds(), cpu.Seconds())
}
