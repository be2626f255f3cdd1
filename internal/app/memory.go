package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// A console mostly waits. While it starts it collects no garbage, which would
// cost more time than memory; afterwards it collects early, and what a burst of
// work has left behind goes back to the system as soon as it has nothing to do.
const (
	gcAtStart = 400 // percent of what lives
	gcLater   = 50

	memoryLook = 4 * time.Second
	quiet      = 1 << 20 // bytes allocated between two looks that are no work
	worthwhile = 3 << 20 // bytes held beyond what the last collection left that are worth another
)

// usage is what the process holds, in bytes.
type usage struct {
	allocated uint64 // ever
	held      uint64 // from the system, for Go
}

// tidy gives memory back when nothing happens.
type tidy struct {
	read    func() usage
	collect func()

	before uint64 // allocated, at the last look
	floor  uint64 // held, after the last collection of ours
}

func newTidy() *tidy { return &tidy{read: readUsage, collect: debug.FreeOSMemory} }

// run looks until ctx ends.
func (t *tidy) run(ctx context.Context) error {
	debug.SetGCPercent(gcLater)
	tick := time.NewTicker(memoryLook)
	defer tick.Stop()
	t.before = t.read().allocated
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			t.look()
		}
	}
}

// look collects when little was allocated since the last look and much is held.
func (t *tidy) look() {
	u := t.read()
	busy := u.allocated-t.before > quiet
	t.before = u.allocated
	if busy || u.held < t.floor+worthwhile {
		return
	}
	t.collect()
	u = t.read()
	t.before, t.floor = u.allocated, u.held
}

func readUsage() usage {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return usage{allocated: s[0].Value.Uint64(), held: s[1].Value.Uint64() - s[2].Value.Uint64()}
}
