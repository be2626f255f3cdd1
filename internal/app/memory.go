package app

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// A console mostly waits. During its start no garbage is collected, to save time.
// Afterwards it is collected early, and memory that work has left unused is returned
// to the system as soon as nothing happens.
const (
	memoryAtStart = 96 << 20 // bytes up to which nothing is collected
	gcLater       = 50       // percent of the memory in use

	memoryLook = 2 * time.Second
	quiet      = 1 << 20 // bytes allocated between two looks that do not count as work
	worthwhile = 1 << 20 // bytes allocated since the last collection that need another
)

// startFast switches garbage collection off until memoryKeeper runs.
func startFast() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(memoryAtStart)
}

// memoryKeeper returns memory to the system when nothing happens.
type memoryKeeper struct {
	allocated func() uint64 // bytes, ever
	collect   func()

	seen  uint64 // allocated, at the last look
	since uint64 // allocated, after the last collection of ours
}

// newMemoryKeeper makes one that first lets others drop what they keep.
func newMemoryKeeper(others ...func()) *memoryKeeper {
	return &memoryKeeper{allocated: allocated, collect: func() {
		for _, giveBack := range others {
			giveBack()
		}
		runtime.GC() // the content of a sync.Pool survives one collection
		debug.FreeOSMemory()
	}}
}

// run looks until ctx ends. With the first look the start counts as over.
func (t *memoryKeeper) run(ctx context.Context) error {
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

// look collects when there was work since the last collection, and none since the last
// look.
func (t *memoryKeeper) look() {
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
