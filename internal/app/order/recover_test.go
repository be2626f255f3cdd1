package order_test

import (
	"slices"
	"testing"
	"time"

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
	h.s = h.service("process-2")
	if err := h.s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
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
	h.s = h.service("process-2")
	h.inventory.ready = true
	h.settle()
	if o := h.order(id); !o.Delivered[0].Ready {
		t.Errorf("delivered: got %+v, want ready", o.Delivered)
	}
}
