package order_test

import (
	"slices"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
)

func TestARestoredDatabasePaysAndCancelsNothingByItself(t *testing.T) {
	unread := func(h *shop) { h.cloud.fail["order"] = fault.New(fault.Unreachable, "cloud.unreachable") }
	for _, c := range []struct {
		name  string
		set   func(h *shop)
		state order.State // when the backup was made
	}{
		{"ordered, to be paid by itself", unread, order.Ordered},
		{"a payment on its way", func(h *shop) {
			h.cloud.payScript = append(h.cloud.payScript, func(*cloudOrder) error {
				return &fault.Error{Kind: fault.Unknown, Message: fault.Say("cloud.doubt.silent")}
			})
		}, order.Paying},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newShop(t)
			c.set(h)
			id := h.buy(atMost("100", "USD")...)
			h.settle()
			if o := h.order(id); o.State != c.state {
				t.Fatalf("before: %q", o.State)
			}
			pays := h.cloud.calls["pay"]
			h.tear()
			delete(h.cloud.fail, "order")
			h.boot()
			if err := h.s.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := h.s.CloseRestored(t.Context(), owner); err != nil {
				t.Fatal(err)
			}
			h.pass(20 * time.Minute)
			o := h.order(id)
			if o.State != order.AwaitingPayment || h.cloud.calls["pay"] != pays {
				t.Fatalf("order is %q (%s) after %d payments, want it to wait for a person", o.State, o.Reason.ID,
					h.cloud.calls["pay"]-pays)
			}
			if err := h.s.Pay(t.Context(), buyer, id, *o.Amount, o.Rev); err != nil {
				t.Fatal(err)
			}
			h.pass(time.Minute)
			h.in(id, order.Delivered, "")
		})
	}
	t.Run("an order that turned up, to be cancelled", func(t *testing.T) {
		h := newShop(t)
		h.script(lost)
		id := h.buy()
		h.settle()
		h.foreign("CS9", "x", 1)
		h.pass(15 * time.Second)
		h.in(id, order.NeedsHuman, "order.human")
		if err := h.s.CancelFound(t.Context(), owner, id, "CS9"); err != nil {
			t.Fatal(err)
		}
		h.tear()
		h.boot()
		if err := h.s.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.pass(time.Hour)
		if o := h.order(id); h.cloud.calls["cancel"] != 0 ||
			slices.ContainsFunc(o.Candidates, func(k order.Candidate) bool { return k.CancelAsked }) {
			t.Errorf("cancelled %d times, candidates %+v", h.cloud.calls["cancel"], o.Candidates)
		}
	})
}
