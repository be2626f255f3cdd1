package app

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// A console mostly waits. While it starts it collects no garbage, which would
// cost more time than memory; afterwards it collects early, and what a burst of
// work has left behind goes back to the system as soon as it has nothing to do.
const (
	memoryAtStart = 96 << 20 // bytes up to which nothing is collected
	gcLater       = 50       // percent of what lives

	memoryLook = 2 * time.Second
	quiet      = 1 << 20 // bytes allocated between two looks that are no work
	worthwhile = 1 << 20 // bytes allocated since the last collection that are worth another
)

// startFast has nothing collected until tidy runs.
func startFast() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(memoryAtStart)
}

// tidy gives memory back when nothing happens.
type tidy struct {
	allocated func() uint64 // bytes, ever
	collect   func()

	seen  uint64 // allocated, at the last look
	since uint64 // allocated, after the last collection of ours
}

// newTidy also has others give back what they hold.
func newTidy(others ...func()) *tidy {
	return &tidy{allocated: allocated, collect: func() {
		for _, giveBack := range others {
			giveBack()
		}
		runtime.GC() // what lies in a sync.Pool outlives one collection
		debug.FreeOSMemory()
	}}
}

// run looks until ctx ends. The start is over with the first look.
func (t *tidy) run(ctx context.Context) error {
	tick := time.NewTicker(memoryLook)
	defer tick.Stop()
	t.seen = t.allocated()
	for starting := true; ; starting = false {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if starting {
				debug.SetGCPercent(gcLater)
				debug.SetMemoryLimit(math.MaxInt64)
			}
			t.look()
		}
	}
}

// look collects when there was work since the last collection and none since
// the last look.
func (t *tidy) look() {
	now := t.allocated()
	busy := now-t.seen > quiet
	t.seen = now
	if busy || now-t.since < worthwhile {
		return
	}
	t.collect()
	t.seen = t.allocated()
	t.since = t.seen
}

func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
