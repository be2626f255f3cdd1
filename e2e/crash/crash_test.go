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
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sampan/internal/app/seal"
	"sampan/internal/db"
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
			r.failed(err)
			t.Errorf("%v\nkills %v\n%v\nagain: CRASH_SEED=%d CRASH_ONLY=%d make crash", p, roll(seed, i).kills, err, seed, i)
		}
	}
	m.doTheBooks()
}

// doTheBooks asks at the end whether the cloud's account lost exactly what was
// paid, whether every purchase belongs to one order here, and whether the disk
// is whole.
func (m *mortal) doTheBooks() {
	spent := decimal.Zero
	bought := books(m.w).Purchases
	m.report.booked(bought)
	for _, p := range bought {
		amount, err := decimal.NewFromString(p.Amount)
		if err != nil {
			m.t.Fatal(err)
		}
		if !p.Paid.IsZero() && p.Status != cancelledThere { // what fails there is given back
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
	m.w.Stop()
	m.proveDisk(bought)
}

// proveDisk opens what the console left: SQLite finds no damage, no start took
// it for restored, the audit chain holds, and every purchase of the cloud is
// linked to one order or shown to a person as found late.
func (m *mortal) proveDisk(bought []purchase) {
	ctx := m.t.Context()
	keys, err := seal.OpenKeyring(m.w.DataDir()+".key", false)
	if err != nil {
		m.t.Fatal(err)
	}
	d, err := db.Open(ctx, db.Options{Path: filepath.Join(m.w.DataDir(), "console.db"), Keyring: keys})
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if err := d.QuickCheck(ctx); err != nil {
		m.t.Error(err)
	}
	if d.Restored() && !m.rolled {
		m.t.Error("the database is taken for restored")
	}
	rows, err := db.Audits{DB: d}.Verify(ctx)
	if err != nil || rows == 0 {
		m.t.Errorf("audit chain: %d rows, %v", rows, err)
	}
	for _, p := range bought {
		var linked, shown int
		err := d.Read().QueryRowContext(ctx, `SELECT COUNT(CASE WHEN cloud_order_id = $1 THEN 1 END),
			COUNT(CASE WHEN candidates LIKE $2 THEN 1 END) + (SELECT COUNT(*) FROM found_order WHERE cloud_order_id = $1) FROM purchase`,
			p.OrderID, "%"+p.OrderID+"%").Scan(&linked, &shown)
		if err != nil {
			m.t.Fatal(err)
		}
		if linked != 1 && shown == 0 {
			err := fmt.Errorf("%s (%s): linked to %d orders, shown at %d", p.OrderID, p.Name, linked, shown)
			m.report.failed(err)
			m.t.Error(err)
		}
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
