package order_test

import (
	"slices"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
)

func TestADeliveryIsLookedAtAgainByTheNextProcess(t *testing.T) {
	h := newShop(t)
	id := h.buy(order.FieldPayment, "atmost", order.FieldCap, "100", order.FieldCapCurrency, "USD")
	h.settle()
	h.pass(time.Minute)
	o := h.in(id, order.Delivered, "")
	if o.Delivered[0].Address != "" || len(h.inventory.after) == 0 {
		t.Fatalf("delivered as %+v, looked at %v", o.Delivered, h.inventory.after)
	}
	h.inventory.after = nil // what the first process wished for died with it
	h.restart()
	h.pass(2 * time.Minute)
	if !slices.Equal(h.inventory.after, []string{o.CloudOrderID}) {
		t.Errorf("the inventory was asked to look at %v, want once at %s", h.inventory.after, o.CloudOrderID)
	}
	h.inventory.ready = true
	h.pass(time.Minute)
	if o := h.order(id); !o.Delivered[0].Ready {
		t.Errorf("delivered: got %+v, want ready", o.Delivered)
	}
}

func TestAStoppedConsoleStillFillsInLongAfterTheDelivery(t *testing.T) {
	h := newShop(t)
	id := h.buy(order.FieldPayment, "atmost", order.FieldCap, "100", order.FieldCapCurrency, "USD")
	h.settle()
	h.pass(time.Minute)
	h.in(id, order.Delivered, "")
	h.clock.add(24 * time.Hour)
	h.restart()
	h.inventory.ready = true
	h.settle()
	if o := h.order(id); !o.Delivered[0].Ready {
		t.Errorf("delivered: got %+v, want ready", o.Delivered)
	}
}

func TestAnotherUsersOrderIsNotTakenForOurs(t *testing.T) {
	for _, c := range []struct {
		name   string
		placed bool // ours exists beside it
		by     string
		state  order.State
	}{
		{"ours beside it is adopted", true, "somebody.else", order.AwaitingPayment},
		{"alone it is shown to a person", false, "somebody.else", order.NeedsHuman},
		{"by our own user it is taken for ours, as nothing tells them apart", false, "console", order.AwaitingPayment},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newShop(t)
			h.script(placed)
			first := h.buy(order.FieldName, "first") // its answer teaches whose orders are ours
			h.settle()
			h.in(first, order.AwaitingPayment, "")
			h.cloud.orders[0].UserName = "console"
			act := silent
			if c.placed {
				act = lost
			}
			h.script(act)
			id := h.buy(order.FieldName, "second")
			h.settle()
			ours := ""
			if c.placed {
				h.cloud.orders[1].UserName, ours = "console", h.cloud.orders[1].ID
			}
			foreign := h.foreign("CS9", "x", 1)
			foreign.UserName = c.by
			h.pass(20 * time.Minute)
			o := h.order(id)
			if o.State != c.state || c.placed && o.CloudOrderID != ours {
				t.Errorf("got %q with %q, want %q; ours is %q", o.State, o.CloudOrderID, c.state, ours)
			}
			if c.state == order.NeedsHuman && (len(o.Candidates) != 1 || o.Candidates[0].CloudOrderID != "CS9") {
				t.Errorf("candidates: got %+v", o.Candidates)
			}
		})
	}
}

func TestNothingIsPaidByItselfLongAfterItWasAgreedTo(t *testing.T) {
	t.Run("the console was down before it could pay", func(t *testing.T) {
		h := newShop(t)
		id := h.buy(atMost("100", "USD")...)
		h.cloud.fail["order"] = fault.New(fault.Unreachable, "cloud.unreachable")
		h.settle()
		h.in(id, order.Ordered, "")
		h.clock.add(24 * time.Hour)
		delete(h.cloud.fail, "order")
		h.restart()
		h.pass(time.Minute)
		o := h.in(id, order.AwaitingPayment, "order.pay.stale")
		if h.cloud.calls["pay"] != 0 {
			t.Errorf("payments: got %d, want none", h.cloud.calls["pay"])
		}
		if err := h.s.Pay(t.Context(), buyer, id, *o.Amount, o.Rev); err != nil {
			t.Fatal(err)
		}
		h.pass(time.Minute)
		h.in(id, order.Delivered, "")
	})
	t.Run("a payment got lost, and the console was down before it could repeat it", func(t *testing.T) {
		h := newShop(t)
		h.cloud.payScript = append(h.cloud.payScript, func(*cloudOrder) error {
			return &fault.Error{Kind: fault.Unknown, Message: fault.Say("cloud.doubt.silent")}
		})
		id := h.buy(atMost("100", "USD")...)
		h.settle()
		h.in(id, order.Paying, "order.pay.unclear")
		h.clock.add(24 * time.Hour)
		h.restart()
		h.pass(time.Minute)
		h.in(id, order.AwaitingPayment, "order.pay.stale")
		if h.cloud.calls["pay"] != 1 {
			t.Errorf("payments: got %d, want the one that got lost", h.cloud.calls["pay"])
		}
	})
}
