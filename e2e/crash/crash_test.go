//go:build e2e

// Package crash kills the console with SIGKILL at random instants between the
// click that buys and "ready", and holds what its pages say against the books
// of the Sandbox, which is a process of its own and lives on.
//
//	CRASHES=1000   purchases, each with one kill or more (default 50)
//	CRASH_SEED=7   the same plans again
//	CRASH_ONLY=12  only that purchase of the seed
package crash

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

const (
	worlds   = 3  // pairs of Sandbox and console side by side
	perWorld = 60 // purchases of one pair; then a new one
)

func TestKilledAtAnyInstant(t *testing.T) {
	n, seed, only := number(t, "CRASHES", 50), uint64(number(t, "CRASH_SEED", int(time.Now().UnixNano()%1e9))), number(t, "CRASH_ONLY", -1)
	t.Logf("seed %d: CRASHES=%d CRASH_SEED=%d plans the same again", seed, n, seed)
	r := newReport()
	todo := make(chan []int)
	var wg sync.WaitGroup
	for range worlds { // not t.Parallel: that allows as many as there are processors, and here one waits most of the time
		wg.Go(func() {
			for batch := range todo {
				t.Run(fmt.Sprintf("from %d", batch[0]), func(t *testing.T) { r.walk(t, seed, batch) })
			}
		})
	}
	for _, batch := range batches(n, only) {
		todo <- batch
	}
	close(todo)
	wg.Wait()
	fmt.Println(r)
}

// batches deals the purchases out to the worlds, neighbours together: their
// shapes differ.
func batches(n, only int) [][]int {
	if only >= 0 {
		return [][]int{{only}}
	}
	parts := max(min(worlds, n), (n+perWorld-1)/perWorld)
	all := make([][]int, parts)
	for i := range n {
		all[i*parts/n] = append(all[i*parts/n], i)
	}
	return all
}

// walk lives through a batch of purchases in a world of its own, and then
// does the books.
func (r *report) walk(t *testing.T, seed uint64, batch []int) {
	m := newMortal(t, r)
	for _, i := range batch {
		p := roll(seed, i)
		if err := m.buy(p); err != nil {
			t.Errorf("%v\nkills %v\n%v\nagain: CRASH_SEED=%d CRASH_ONLY=%d make crash", p, roll(seed, i).kills, err, seed, i)
		}
	}
	m.doTheBooks()
}

// doTheBooks asks at the end whether the cloud's account lost exactly what was
// paid for orders that the console knows.
func (m *mortal) doTheBooks() {
	spent := decimal.Zero
	for _, p := range books(m.w).Purchases {
		amount, err := decimal.NewFromString(p.Amount)
		if err != nil {
			m.t.Fatal(err)
		}
		if !p.Paid.IsZero() {
			spent = spent.Add(amount)
		}
	}
	left, err := decimal.NewFromString(m.w.Account("Sandbox").Balance)
	if err != nil {
		m.t.Fatal(err)
	}
	if want := decimal.NewFromInt(1000000).Sub(spent); !left.Equal(want) {
		m.t.Errorf("balance: got %s, want %s after payments of %s", left, want, spent)
	}
}

func number(t *testing.T, name string, otherwise int) int {
	v := os.Getenv(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		t.Fatalf("%s is %q: write a number", name, v)
	}
	return n
}
