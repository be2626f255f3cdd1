package cloud_test

import (
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/cloud/bss"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/ecs"
	"sampan/internal/cloud/rms"
)

// TestARefreshTakesFewCalls counts what crosses the wire for 3,000 servers in
// six regions: pages, not servers.
func TestARefreshTakesFewCalls(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	if err := s.Fleet("Sandbox", 3_000); err != nil {
		t.Fatal(err)
	}
	a, api := cloudtest.Access(t, s, "Sandbox", account.ByKey), cloudtest.API()
	list, err := (&rms.Client{API: api}).Instances(t.Context(), a)
	if err != nil || len(list) != 3_000 {
		t.Fatalf("got %d instances, %v", len(list), err)
	}
	var ids, packages []string
	for _, i := range list {
		ids, packages = append(ids, i.ID), append(packages, i.PackageIDs...)
	}
	servers := 0
	for region := range a.Projects {
		got, err := (&ecs.Client{API: api}).Servers(t.Context(), a, region, nil)
		if err != nil {
			t.Fatal(err)
		}
		servers += len(got)
	}
	traffic, err := (&bss.Client{API: api}).Traffic(t.Context(), a, packages)
	if err != nil || len(traffic) == 0 || servers != 3_000 {
		t.Fatalf("got %d servers, %d packages, %v", servers, len(traffic), err)
	}
	if got, err := (&bss.Client{API: api}).Expiries(t.Context(), a, ids); err != nil || len(got) != 3_000 {
		t.Fatalf("got %d expiries, %v", len(got), err)
	}
	calls := make(map[string]int)
	for _, r := range s.Ledger().Requests {
		calls[r.Call]++
	}
	// 500 a region: a first page, then three in each; one page of servers in each; hundreds; fifties
	if d := cmp.Diff(map[string]int{"instances": 1 + 6*3, "servers": 6, "traffic": 30, "resources": 60}, calls); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// BenchmarkListing lists 10,000 instances and their servers in six regions, as
// a refresh does. It prints the processor time of console and Sandbox together,
// which share the process.
func BenchmarkListing(b *testing.B) {
	s := simtest.Start(b, cloudsim.Options{})
	if err := s.Fleet("Sandbox", 10_000); err != nil {
		b.Fatal(err)
	}
	a, api := cloudtest.Access(b, s, "Sandbox", account.ByKey), cloudtest.API()
	instances, servers := &rms.Client{API: api}, &ecs.Client{API: api}
	before := processor(b)
	for b.Loop() {
		list, err := instances.Instances(b.Context(), a)
		if err != nil || len(list) != 10_000 {
			b.Fatalf("got %d instances, %v", len(list), err)
		}
		var wg sync.WaitGroup
		for region := range a.Projects {
			wg.Go(func() {
				if _, err := servers.Servers(b.Context(), a, region, nil); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
	}
	b.ReportMetric(float64((processor(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
}

func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkBilling reads traffic and expiry of 10,000 instances.
func BenchmarkBilling(b *testing.B) {
	s := simtest.Start(b, cloudsim.Options{})
	if err := s.Fleet("Sandbox", 10_000); err != nil {
		b.Fatal(err)
	}
	a, api := cloudtest.Access(b, s, "Sandbox", account.ByKey), cloudtest.API()
	list, err := (&rms.Client{API: api}).Instances(b.Context(), a)
	if err != nil {
		b.Fatal(err)
	}
	var ids, packages []string
	for _, i := range list {
		ids, packages = append(ids, i.ID), append(packages, i.PackageIDs...)
	}
	billing := &bss.Client{API: api}
	before := processor(b)
	for b.Loop() {
		if got, err := billing.Traffic(b.Context(), a, packages); err != nil || len(got) == 0 {
			b.Fatalf("traffic: got %d, %v", len(got), err)
		}
		if got, err := billing.Expiries(b.Context(), a, ids); err != nil || len(got) != len(ids) {
			b.Fatalf("expiries: got %d, %v", len(got), err)
		}
	}
	b.ReportMetric(float64((processor(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
}
