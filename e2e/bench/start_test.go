//go:build bench

package bench

import (
	"testing"
	"time"
)

// restarts is how often the console is started.
const restarts = 10

// rest is how long a console is left alone before its memory is read.
const rest = 8 * time.Second

// starts measures from nothing to the first answered page, the overview of
// somebody who was signed in before, with the last fleet stored; and what an
// idle console holds, after its start and after work.
func starts(t *testing.T, out *table, w *world, b *browser) {
	t.Helper()
	var took, worked series
	for range restarts {
		w.console.stop()
		b.client.CloseIdleConnections()
		began := time.Now()
		w.startConsole(t)
		b.get("/")
		took = append(took, time.Since(began))
		worked = append(worked, w.console.processorTime(t))
	}
	out.add("cold start to the first page, median", inMS(took.at(0.5)), ms, boundStart)
	out.add("cold start to the first page, slowest", inMS(took.at(1)), ms, boundStart)
	out.add("cold start to the first page, processor time", inMS(worked.at(0.5)), ms, 0)

	time.Sleep(rest) // idle is what is measured
	m := w.console.memory(t)
	out.add("idle memory (RSS) after the start", m.resident, mb, boundResident(largest))
	out.add("  of it not of files", m.anonymous, mb, 0)
	for range 30 {
		for _, page := range []string{"/", "/servers", "/orders", "/instances?sort=-name"} {
			b.get(page)
		}
	}
	time.Sleep(rest)
	m = w.console.memory(t)
	out.add("idle memory (RSS) after 120 pages", m.resident, mb, boundResident(largest))
	out.add("  of it not of files", m.anonymous, mb, 0)
}
