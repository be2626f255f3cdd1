package cloud_test

import (
	"sync"
	"syscall"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/ecs"
	"sampan/internal/cloud/rms"
)

// BenchmarkListing lists 10,000 instances and their servers in six regions, as
// a refresh does. It prints the processor time of console and Sandbox together,
// which share the process.
func BenchmarkListing(b *testing.B) {
	s := cloudsim.Start(b, cloudsim.Options{})
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
				if _, err := servers.Servers(b.Context(), a, region); err != nil {
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
