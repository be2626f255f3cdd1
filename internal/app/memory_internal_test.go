package app

import (
	"runtime"
	"testing"
)

func TestMemoryGoesBackWhenNothingHappens(t *testing.T) {
	const mb = 1 << 20
	now, collections := uint64(0), 0
	m := &memoryKeeper{allocated: func() uint64 { return now }, collect: func() { collections++ }}
	for _, step := range []struct {
		name      string
		allocated uint64 // since the step before
		want      int    // collections so far
	}{
		{"the start", 30 * mb, 0},
		{"at rest", mb / 4, 1},
		{"still at rest", mb / 4, 1},
		{"a little each time", mb / 2, 1},
		{"adds up", mb / 2, 2},
		{"a burst of work", 100 * mb, 2},
		{"the work goes on", 2 * mb, 2},
		{"the work is done", 0, 3},
		{"nothing at all", 0, 3},
	} {
		now += step.allocated
		m.look()
		if collections != step.want {
			t.Fatalf("%s: %d collections, want %d", step.name, collections, step.want)
		}
	}
}

func TestAllocationsAreReadFromTheRuntime(t *testing.T) {
	before := allocated()
	keep := make([]byte, 64<<20)
	if after := allocated(); after < before+uint64(len(keep)) {
		t.Errorf("64 MiB allocated: got %d, then %d", before, after)
	}
	runtime.KeepAlive(keep)
}
