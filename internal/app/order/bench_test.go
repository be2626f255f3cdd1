package order_test

import (
	"fmt"
	"testing"
	"time"

	"sampan/internal/app/order"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
	"sampan/internal/testclock"
)

// From the click to the order on disk: the intent, its job, its event and its
// audit row in one transaction that is synced before the answer goes out.
func BenchmarkConfirm(b *testing.B) {
	h := &shop{clock: &clock{at: testclock.Now()}, accounts: &accounts{},
		inventory: &inventory{names: map[string]bool{}, known: map[string]order.Delivery{}},
		settings:  &settings{}, free: 1 << 30}
	h.cloud = newCloud(h.clock)
	h.open(dbtest.Open(b, func(o *db.Options) { o.Now = h.clock.Now }))
	var took time.Duration
	n := 0
	for b.Loop() {
		n++
		d, err := h.s.NewDraft(b.Context(), buyer, formWith(order.FieldName, fmt.Sprintf("shop-%d", n)))
		if err != nil {
			b.Fatal(err)
		}
		v, err := h.s.Review(b.Context(), buyer, d.ID)
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if _, err := h.s.Confirm(b.Context(), buyer, v.ID, v.Hash, false); err != nil {
			b.Fatal(err)
		}
		took += time.Since(began)
	}
	b.ReportMetric(float64(took.Nanoseconds())/float64(n), "ns/op") // of Confirm alone
}
