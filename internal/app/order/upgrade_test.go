package order_test

import (
	"database/sql"
	"fmt"
	"os"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/db"
)

// upgrade puts a database of schema 9 in place: of commit 169effc, whose own
// tests made it, with a purchase in each state, an open review and confirmed
// ones. counter is what its counter file says, after the number of its database.
func upgrade(t *testing.T, counter func(n int64) string) *shop {
	t.Helper()
	h := newShop(t)
	if err := h.db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{h.path, h.path + ".mark", h.beside()} {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	dump, err := os.ReadFile("../../db/testdata/schema9.sql")
	if err != nil {
		t.Fatal(err)
	}
	c, err := sql.Open("sqlite", h.path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetMaxOpenConns(1)
	if _, err := c.Exec("PRAGMA journal_mode = WAL"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(string(dump)); err != nil {
		t.Fatal(err)
	}
	var id string
	var n int64
	if err := c.QueryRow("SELECT database_id, counter FROM meta").Scan(&id, &n); err != nil {
		t.Fatal(err)
	}
	if text := counter(n); text != "" {
		if err := os.WriteFile(h.path+".counter", []byte(fmt.Sprintf("sampan-counter 1 %s %s\n", id, text)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	h.keys, h.auditKey = nil, []byte("the key of the fixture")
	h.clock.at = time.Date(2026, 11, 23, 9, 47, 0, 0, time.UTC) // forty seconds after it was stopped
	h.boot()
	return h
}

func noCounter(int64) string { return "" }

func TestAnUpgradeIsNotTakenForARestore(t *testing.T) {
	for name, c := range map[string]struct {
		counter func(n int64) string
		whole   bool
	}{
		"without a counter file":              {noCounter, true},
		"with its counter file":               {func(n int64) string { return fmt.Sprintf("7 %020d", n) }, true},
		"with one that a power cut left back": {func(n int64) string { return fmt.Sprintf("7 %020d", n-5) }, true},
		"with one that is ahead":              {func(n int64) string { return fmt.Sprintf("7 %020d", n+1) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := upgrade(t, c.counter)
			for range 2 { // the second start: what the first made of it
				if h.db.Whole() != c.whole || h.db.Restored() == c.whole {
					t.Fatalf("whole %v, restored %v; want whole %v", h.db.Whole(), h.db.Restored(), c.whole)
				}
				if _, err := (db.Audits{DB: h.db}).Verify(t.Context()); err != nil {
					t.Error(err)
				}
				if _, err := os.Stat(h.path + ".counter"); err == nil {
					t.Error("the counter file is still there")
				}
				if !c.whole {
					return
				}
				h.reboot()
			}
		})
	}
}

func TestWhatAnUpgradeFindsIsOfAnEarlierStart(t *testing.T) {
	h := upgrade(t, noCounter)
	if err := h.s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	states := []order.State{order.Confirmed, order.Sending, order.Refused, order.Expired, order.Cancelled, order.Unknown,
		order.NeedsHuman, order.NotFound,
		order.Ordered, order.AwaitingPayment, order.Paying, order.Delivering, order.Delivered, order.PartlyDelivered, order.Closed}
	names := map[order.State]string{order.Confirmed: "confirmed", order.Sending: "sending", order.Refused: "refused",
		order.Expired:   "expired",
		order.Cancelled: "cancelled", order.Unknown: "unknown", order.NeedsHuman: "needs-human", order.NotFound: "not-found",
		order.Ordered:         "ordered",
		order.AwaitingPayment: "awaiting", order.Paying: "paying", order.Delivering: "delivering", order.Delivered: "delivered",
		order.PartlyDelivered: "partly", order.Closed: "closed"}
	page, err := h.s.Orders(t.Context(), buyer, order.Filter{})
	if err != nil || len(page.Rows) != len(states) {
		t.Fatalf("%d orders, %v; want one of each state", len(page.Rows), err)
	}
	byName := map[string]order.Order{}
	for _, o := range page.Rows {
		byName[o.Request.Name] = o
	}
	for _, st := range states {
		o, want := byName[names[st]], st
		if st == order.Confirmed || st == order.Sending {
			want = order.Unknown
		}
		if o.State != want || o.Start != 0 || o.Restored {
			t.Errorf("%s: %q of start %d, restored %v; want %q of none", st, o.State, o.Start, o.Restored, want)
		}
		link := order.Link("")
		if o.CloudOrderID != "" {
			link = order.ByAnswer
		}
		if o.Link != link || o.AnsweredOrder != o.CloudOrderID {
			t.Errorf("%s: linked by %q to %q, answered %q", st, o.Link, o.CloudOrderID, o.AnsweredOrder)
		}
		v, err := h.store.Review(t.Context(), o.ReviewID)
		if err != nil {
			t.Fatal(err)
		}
		if id, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false); id != o.ID || err != nil {
			t.Errorf("%s: its review leads to %q, %v; want its order", st, id, err)
		}
	}
	h.in(byName["confirmed"].ID, order.Unknown, "order.unknown.restarted")
	h.in(byName["sending"].ID, order.Unknown, "order.unknown.interrupted")
	open, err := h.store.OpenReviews(t.Context(), time.Time{})
	if err != nil || len(open) != 1 || open[0].Start != 0 {
		t.Fatalf("open reviews: %+v, %v", open, err)
	}
	v := open[0]
	if _, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, true); fault.Of(err).Message.ID != "order.review.again" {
		t.Errorf("the open review: got %v", err)
	}
	if again := h.again(v); again.IntentTag == v.IntentTag || again.ClientRequestID == v.ClientRequestID {
		t.Error("shown again with its old ids")
	}
	h.lookBack()
	h.pass(time.Hour)
	if n := h.purchases(); n != 0 || h.cloud.calls["pay"] != 0 {
		t.Errorf("%d purchases and %d payments by itself", n, h.cloud.calls["pay"])
	}
}
