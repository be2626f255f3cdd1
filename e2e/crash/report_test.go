//go:build e2e

package crash

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// report gathers what the kills hit and how the purchases ended.
type report struct {
	mu       sync.Mutex
	kills    int
	phases   map[string]int
	outcomes map[string]int
	rolls    map[string]int
	bought   int            // orders that the purchases caused, by the Sandbox's books
	paid     int            // of them
	wrong    map[string]int // doubles, unlinked, stuck, other
	starts   []time.Duration
	ends     []time.Duration
}

func newReport() *report {
	return &report{phases: map[string]int{}, outcomes: map[string]int{}, rolls: map[string]int{}, wrong: map[string]int{}}
}

func (r *report) died(after act, state string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kills++
	r.phases[fmt.Sprintf("%-8s %s", after, state)]++
}

// booked takes a world's books into the sum.
func (r *report) booked(all []purchase) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bought += len(all)
	for _, p := range all {
		if !p.Paid.IsZero() {
			r.paid++
		}
	}
}

// failed counts what went wrong with a purchase.
func (r *report) failed(err error) {
	kind := "other"
	for _, k := range []struct{ kind, says string }{{"doubles", "bought"}, {"doubles", "payments"}, {"unlinked", "linked to"},
		{"stuck", "no end after"}, {"stuck", "stuck"}, {"stuck", "deadline"}, {"stuck", "go on saying"}} {
		if strings.Contains(err.Error(), k.says) {
			kind = k.kind
			break
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrong[kind]++
}

func (r *report) rolled(how string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rolls[how]++
}

func (r *report) started(took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.starts = append(r.starts, took)
}

func (r *report) ended(u *run, d passport) {
	r.mu.Lock()
	defer r.mu.Unlock()
	way := d.State
	if way == "" {
		way = u.how
	} else if d.had("unknown") {
		way += ", was unknown"
	}
	if u.how != "" && d.State != "" {
		way += ", " + u.how
	}
	faults := "clean"
	if len(u.plan.faults) > 0 {
		faults = "faults"
	}
	r.outcomes[fmt.Sprintf("%-7s %s", faults, way)]++
	r.ends = append(r.ends, time.Since(u.began))
}

func (r *report) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%d kills in %d purchases: %d orders, %d of them paid; %d doubles, %d unlinked, %d stuck, %d wrong otherwise\n",
		r.kills, len(r.ends), r.bought, r.paid, r.wrong["doubles"], r.wrong["unlinked"], r.wrong["stuck"], r.wrong["other"])
	table(&b, "killed after, in the state", r.phases)
	table(&b, "ended", r.outcomes)
	table(&b, "rolled back", r.rolls)
	fmt.Fprintf(&b, "from start to first answer: %s\nfrom click to end: %s\n", spread(r.starts), spread(r.ends))
	return b.String()
}

func table(b *strings.Builder, title string, counts map[string]int) {
	fmt.Fprintf(b, "%s\n", title)
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(b, "  %-52s %5d\n", k, counts[k])
	}
}

// spread gives median, 95th percentile and maximum.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "never"
	}
	slices.Sort(all)
	at := func(q float64) time.Duration {
		return all[min(len(all)-1, int(q*float64(len(all))))].Round(time.Millisecond)
	}
	return fmt.Sprintf("median %v, p95 %v, max %v", at(0.5), at(0.95), at(1))
}
