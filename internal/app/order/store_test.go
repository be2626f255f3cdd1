package order_test

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/db"
)

// claimOf is what a worker with the lease writes to send attempt n.
func (h *shop) claimOf(o order.Order, l job.Lease, from order.State, n int) order.Claim {
	c := order.Claim{Lease: l, Order: o, From: from, Kin: []string{o.AccountID}, Now: h.clock.Now(),
		Attempt: order.Attempt{N: n, ClientRequestID: uuid.NewString(), Body: []byte("{}"), SentAt: h.clock.Now()},
		Event:   order.Event{At: h.clock.Now(), State: order.Sending, Message: fault.Say("order_event.sent")},
		Audit:   audit.By(person.System, "order.send", o.ID).For(o.ID).Ended("about to send")}
	c.Order.State, c.Order.Generation, c.Order.ClientRequestID = order.Sending, l.Gen, c.Attempt.ClientRequestID
	return c
}

// restored has another order of the account be one that a restored database was
// sending, and that is not decided.
func (h *shop) restored() {
	h.Helper()
	other := h.buy(order.FieldName, "restored")
	err := h.db.Write(h.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE purchase SET state = 'unknown', restored = 1, next_check_us = $1, check_until_us = $1 WHERE id = $2",
			h.clock.Now().Add(24*time.Hour).UnixMicro(), other)
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
}

func TestNothingIsPaidWhileTheDatabaseIsRestoredOrTheDiskIsFull(t *testing.T) {
	for name, set := range map[string]func(h *shop){
		"restored": (*shop).restored,
		"disk":     func(h *shop) { h.free = 31 << 20 },
	} {
		t.Run(name, func(t *testing.T) {
			h := newShop(t)
			id := h.buy()
			h.settle()
			if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), 1); err != nil {
				t.Fatal(err)
			}
			set(h)
			h.pass(10 * time.Minute)
			h.in(id, order.AwaitingPayment, "order.pay.unsent")
			if h.cloud.calls["pay"] != 0 {
				t.Error("paid all the same")
			}
		})
	}
}

func (h *shop) lease(id, owner string) job.Lease {
	h.Helper()
	now := h.clock.Now()
	l, err := db.Jobs{DB: h.db}.Claim(h.Context(), id, owner, now, now.Add(time.Minute))
	if err != nil {
		h.Fatal(err)
	}
	return l
}

func TestEveryGuardOfAClaim(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(h *shop, c *order.Claim)
		why  string
	}{
		{"nothing in the way", func(*shop, *order.Claim) {}, ""},
		{"five minutes are over", func(h *shop, c *order.Claim) { c.Now = c.Order.ExpiresAt }, order.HeldByTime},
		{"a moment before they are over", func(h *shop, c *order.Claim) { c.Now = c.Order.ExpiresAt.Add(-time.Millisecond) }, ""},
		{"less than 32 MiB free", func(h *shop, _ *order.Claim) { h.free = 32<<20 - 1 }, order.HeldByDisk},
		{"32 MiB free", func(h *shop, _ *order.Claim) { h.free = 32 << 20 }, ""},
		{"the database was restored", func(h *shop, _ *order.Claim) { h.restored() }, order.HeldByRestore},
		{"an earlier process start confirmed it", func(h *shop, c *order.Claim) {
			h.reboot()
			if err := (db.Jobs{DB: h.db}).Free(h.Context(), ""); err != nil {
				h.Fatal(err)
			}
			c.Lease = h.lease(c.Order.ID, "me again")
		}, order.HeldByStart},
		{"a purchase by another entry of the account is being sent", func(h *shop, c *order.Claim) {
			other := h.buy(order.FieldName, "other", order.FieldAccount, "acc-2")
			l := h.lease(other, "x")
			if _, err := h.store.Claim(h.Context(), h.claimOf(h.order(other), l, order.Confirmed, 1)); err != nil {
				h.Fatal(err)
			}
			c.Kin = []string{"acc-1", "acc-2"}
		}, order.HeldByOther},
		{"the lease is another's", func(_ *shop, c *order.Claim) { c.Lease.Owner = "somebody" }, order.HeldByChange},
		{"the lease is an older one", func(_ *shop, c *order.Claim) { c.Lease.Gen-- }, order.HeldByChange},
		{"the row has changed", func(_ *shop, c *order.Claim) { c.Order.Rev-- }, order.HeldByChange},
		{"a second attempt of an order that was never sent", func(_ *shop, c *order.Claim) { c.Attempt.N = 2 }, order.HeldByChange},
		{"a repeat of an order that is not being sent", func(_ *shop, c *order.Claim) { c.From, c.Attempt.N = order.Sending, 2 }, order.HeldByChange},
		{"another purchase of the account is being sent", func(h *shop, _ *order.Claim) {
			other := h.buy(order.FieldName, "other")
			l := h.lease(other, "x")
			if _, err := h.store.Claim(h.Context(), h.claimOf(h.order(other), l, order.Confirmed, 1)); err != nil {
				h.Fatal(err)
			}
		}, order.HeldByOther},
		{"a purchase of another account is being sent", func(h *shop, _ *order.Claim) {
			other := h.buy(order.FieldName, "other", order.FieldAccount, "acc-2")
			l := h.lease(other, "x")
			if _, err := h.store.Claim(h.Context(), h.claimOf(h.order(other), l, order.Confirmed, 1)); err != nil {
				h.Fatal(err)
			}
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newShop(t)
			id := h.buy()
			l := h.lease(id, "me")
			claim := h.claimOf(h.order(id), l, order.Confirmed, 1)
			c.set(h, &claim)
			_, err := h.store.Claim(t.Context(), claim)
			var held *order.Held
			if c.why == "" && err != nil || c.why != "" && (!errors.As(err, &held) || held.Why != c.why) {
				t.Fatalf("got %v, want it held by %q", err, c.why)
			}
			st, attempts := h.order(id).State, 0
			if a, err := h.store.Attempts(t.Context(), id); err == nil {
				attempts = len(a)
			}
			if c.why != "" && (st != order.Confirmed || attempts != 0 || len(h.audits(id)) != 1) {
				t.Errorf("a claim that was held left state %q, %d attempts, audit %v", st, attempts, h.audits(id))
			}
			if c.why == "" && (st != order.Sending || attempts != 1 || len(h.audits(id)) != 2) {
				t.Errorf("a claim left state %q, %d attempts, audit %v", st, attempts, h.audits(id))
			}
		})
	}
}

func TestOnlyOneRepeatAndOnlyAfterARefusal(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	l := h.lease(id, "me")
	claim := func(n int) error {
		_, err := h.store.Claim(t.Context(), h.claimOf(h.order(id), l, order.Sending, n))
		return err
	}
	answer := func(n int, outcome string) {
		t.Helper()
		c := order.Change{Order: h.order(id), From: order.Sending, Lease: l, Answer: true, Attempt: &order.Attempt{N: n, Outcome: outcome}}
		if _, err := h.store.Save(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.store.Claim(t.Context(), h.claimOf(h.order(id), l, order.Confirmed, 1)); err != nil {
		t.Fatal(err)
	}
	var held *order.Held
	if err := claim(2); !errors.As(err, &held) {
		t.Errorf("repeat without an answer: got %v, want it held", err)
	}
	answer(1, "unknown")
	if err := claim(2); !errors.As(err, &held) {
		t.Errorf("repeat after an unclear answer: got %v, want it held", err)
	}
	answer(1, "refused")
	if err := claim(2); err != nil {
		t.Errorf("repeat after a refusal: got %v", err)
	}
	answer(2, "refused")
	for _, n := range []int{2, 3} {
		if err := claim(n); !errors.As(err, &held) {
			t.Errorf("a third send, as number %d: got %v, want it held", n, err)
		}
	}
}

func TestSaveChangesExactlyTheRowThatWasRead(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	l := h.lease(id, "me")
	if _, err := h.store.Claim(t.Context(), h.claimOf(h.order(id), l, order.Confirmed, 1)); err != nil {
		t.Fatal(err)
	}
	ordered := func() order.Change {
		c := order.Change{Order: h.order(id), From: order.Sending, Lease: l, Answer: true}
		c.Order.State, c.Order.CloudOrderID = order.Ordered, "CS1"
		return c
	}
	for _, c := range []struct {
		name string
		set  func(c *order.Change)
	}{
		{"another state was read", func(c *order.Change) { c.From = order.Unknown }},
		{"another generation", func(c *order.Change) { c.Order.Generation-- }},
		{"the lease went to another", func(c *order.Change) { c.Lease.Owner = "x" }},
		{"the lease was renewed by a later claim", func(c *order.Change) { c.Lease.Gen++ }},
		{"an older revision", func(c *order.Change) { c.Answer = false; c.Order.Rev-- }},
	} {
		change := ordered()
		c.set(&change)
		if _, err := h.store.Save(t.Context(), change); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: got %v, want a conflict", c.name, err)
		}
	}
	change := ordered()
	change.Order.State = order.Delivered
	if _, err := h.store.Save(t.Context(), change); err == nil || fault.Is(err, fault.Conflict) {
		t.Errorf("a move that the table does not have: got %v, want an error", err)
	}
	if st := h.order(id).State; st != order.Sending {
		t.Fatalf("state: got %q, want sending still", st)
	}
	change = ordered()
	change.Order.Rev = 0 // the answer of a send is written whatever else the row saw
	if _, err := h.store.Save(t.Context(), change); err != nil {
		t.Errorf("the answer: got %v", err)
	}
	other := h.buy(order.FieldName, "other")
	l2 := h.lease(other, "me")
	if _, err := h.store.Claim(t.Context(), h.claimOf(h.order(other), l2, order.Confirmed, 1)); err != nil {
		t.Fatal(err)
	}
	twice := order.Change{Order: h.order(other), From: order.Sending, Lease: l2, Answer: true}
	twice.Order.State, twice.Order.CloudOrderID = order.Ordered, "CS1"
	if _, err := h.store.Save(t.Context(), twice); !fault.Is(err, fault.Conflict) {
		t.Errorf("one order of the cloud for two of ours: got %v, want a conflict", err)
	}
}

// The table of states, as the specification prints it.
func TestTheTableOfStates(t *testing.T) {
	table := map[order.State][]order.State{
		order.Confirmed:       {order.Sending, order.Expired, order.Cancelled, order.Unknown},
		order.Sending:         {order.Sending, order.Ordered, order.Refused, order.Unknown},
		order.Unknown:         {order.Ordered, order.NotFound, order.NeedsHuman},
		order.NeedsHuman:      {order.Ordered, order.NotFound, order.Closed},
		order.NotFound:        {order.Ordered},
		order.Ordered:         {order.Ordered, order.AwaitingPayment, order.Delivering, order.Closed, order.NeedsHuman},
		order.AwaitingPayment: {order.Paying, order.Delivering, order.Cancelled, order.Closed},
		order.Paying:          {order.Paying, order.Delivering, order.AwaitingPayment, order.Delivered, order.Closed},
		order.Delivering:      {order.Delivered, order.PartlyDelivered, order.Closed},
		order.PartlyDelivered: {order.Delivered},
		order.Refused:         nil, order.Expired: nil, order.Cancelled: nil, order.Delivered: nil, order.Closed: nil,
	}
	for from := range table {
		for to := range table {
			want := false
			for _, s := range table[from] {
				want = want || s == to
			}
			if got := from.May(to); got != want {
				t.Errorf("%q after %q: got %v, want %v", to, from, got, want)
			}
		}
		if from.Final() != (len(table[from]) == 0) {
			t.Errorf("%q final: got %v", from, from.Final())
		}
		if from.Group() == "" {
			t.Errorf("%q is in no group", from)
		}
	}
}
