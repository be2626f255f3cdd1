package app

import (
	"runtime"
	"testing"
)

func TestMemoryGoesBackWhenNothingHappens(t *testing.T) {
	const mb = 1 << 20
	var now usage
	collections := 0
	m := &tidy{read: func() usage { return now }, collect: func() { collections++; now.held = 20 * mb }}
	for _, step := range []struct {
		name string
		at   usage
		want int // collections so far
	}{
		{"after the start, at rest", usage{allocated: mb / 2, held: 30 * mb}, 1},
		{"still at rest", usage{allocated: mb, held: 20 * mb}, 1},
		{"a little more held", usage{allocated: mb, held: 22 * mb}, 1},
		{"a burst of work", usage{allocated: 100 * mb, held: 90 * mb}, 1},
		{"the work goes on", usage{allocated: 200 * mb, held: 120 * mb}, 1},
		{"the work is done", usage{allocated: 200*mb + 1, held: 120 * mb}, 2},
		{"at rest again", usage{allocated: 200*mb + 2, held: 20 * mb}, 2},
	} {
		now = step.at
		m.look()
		if collections != step.want {
			t.Fatalf("%s: %d collections, want %d", step.name, collections, step.want)
		}
	}
}

func TestMemoryIsReadFromTheRuntime(t *testing.T) {
	before := readUsage()
	keep := make([]byte, 64<<20)
	after := readUsage()
	if after.allocated < before.allocated+uint64(len(keep)) || before.held == 0 || after.held < before.held {
		t.Errorf("64 MiB allocated: got %+v, then %+v", before, after)
	}
	runtime.KeepAlive(keep)
}
