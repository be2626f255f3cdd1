package order_test

import (
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/cloud/cloudsim"
)

func TestAListingThatIsNotThereIsNotProofOfNothing(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy()
	h.settle()
	h.cloud.fail["orders"] = &fault.Error{Kind: fault.NotFound, Status: 404, Message: fault.Say("cloud.gone")}
	h.pass(20 * time.Minute)
	h.in(id, order.Unknown, "order.unknown.silence")
	delete(h.cloud.fail, "orders")
	h.pass(2 * time.Minute)
	h.in(id, order.AwaitingPayment, "")
}

func TestAnInstanceOfOursWithoutItsOrderIsNotNothing(t *testing.T) {
	h := newShop(t)
	h.script(silent)
	id := h.buy()
	h.settle()
	h.cloud.strays = []order.Found{{InstanceID: "i1", Name: "shop", Region: "ap-southeast-3", Created: h.clock.Now()}}
	h.pass(20 * time.Minute)
	h.in(id, order.Unknown, "order.unknown.silence")
	h.cloud.strays[0].Name = "shop-of-another"
	h.pass(2 * time.Minute)
	h.in(id, order.NotFound, "order.notfound")
}

func TestANumberedNameOfOneIsShownToAPerson(t *testing.T) {
	h := newShop(t)
	h.settings.deduct = true
	h.script(lost)
	id := h.buy(order.FieldPayment, "deduct")
	h.settle()
	h.cloud.orders[0].resources[0].Name = "shop-0001"
	h.pass(20 * time.Minute)
	if o := h.order(id); o.State != order.NeedsHuman || len(o.Candidates) != 1 {
		t.Errorf("got %q with %d candidates, want a person to see it: it may be paid", o.State, len(o.Candidates))
	}
}

func TestTheSameNameMuchLaterIsNotAdopted(t *testing.T) {
	h := newShop(t)
	h.script(silent)
	id := h.buy()
	h.settle()
	h.cloud.fail["orders"] = fault.New(fault.Unreachable, "cloud.unreachable")
	h.pass(time.Hour)
	later := h.foreign("CS9", "shop", 1) // somebody bought it at Huawei, tired of waiting
	h.cloud.paid(later)
	later.listed, later.tag = true, ""
	h.pass(2 * time.Minute)
	if o := h.order(id); o.CloudOrderID != "" {
		t.Errorf("adopted %s, placed an hour after ours was sent", o.CloudOrderID)
	}
}

func TestAMissingListingInTheSandboxIsNotProofOfNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	b := openSandbox(t, account.ByKey)
	for _, f := range []cloudsim.Fault{{Call: "purchase", Kind: "drop_after"},
		{Call: "orders", Kind: "status", Status: 404, Code: "CBC.0999x", Times: -1}} {
		if _, err := b.sim.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	id := b.buy()
	o := b.until(id, func(o order.Order) bool { return o.State == order.NotFound || o.Checks > 8 })
	if o.State != order.Unknown {
		t.Errorf("got %q (%s) after %d looks that were answered with 404", o.State, o.Reason.ID, o.Checks)
	}
}

// The offset of the clocks may not have been measured when the purchase was
// sent, or our clock may have been set since.
func TestAnOrderIsShownAlthoughOurClockWasWrongWhenItWasSent(t *testing.T) {
	for _, wrong := range []time.Duration{9 * time.Minute, -13 * time.Minute} {
		t.Run(wrong.String(), func(t *testing.T) {
			h := newShop(t)
			var offset time.Duration
			o := h.options("process-1")
			o.Offset = func(string) time.Duration { return offset }
			h.s = order.New(o)
			h.script(lost)
			id := h.buy()
			h.settle()
			offset = -wrong // measured by the first read
			h.cloud.orders[0].CreatedAt = h.clock.Now().Add(offset)
			h.pass(20 * time.Minute)
			if o := h.order(id); o.State != order.NeedsHuman || len(o.Candidates) != 1 {
				t.Errorf("got %q with %d candidates, want a person to see the order", o.State, len(o.Candidates))
			}
		})
	}
}

func TestAnotherConsolesOrderOfOurNameIsNotAdopted(t *testing.T) {
	t.Run("ours is there as well, unpaid", func(t *testing.T) {
		h := newShop(t)
		h.script(lost)
		id := h.buy()
		h.settle()
		h.cloud.paid(h.foreign("CS9", "shop", 1))
		h.pass(20 * time.Minute)
		if o := h.order(id); o.State != order.NeedsHuman || len(o.Candidates) != 2 {
			t.Errorf("got %q with %q and %d candidates, want a person to choose", o.State, o.CloudOrderID, len(o.Candidates))
		}
	})
	t.Run("another user placed it", func(t *testing.T) {
		h := newShop(t)
		h.script(placed)
		first := h.buy(order.FieldName, "first")
		h.settle()
		h.in(first, order.AwaitingPayment, "")
		h.cloud.orders[0].UserName = "console"
		h.script(silent)
		id := h.buy(order.FieldName, "second")
		h.settle()
		foreign := h.foreign("CS9", "second", 1)
		foreign.UserName = "somebody.else"
		h.cloud.paid(foreign)
		h.pass(20 * time.Minute)
		if o := h.order(id); o.State != order.NeedsHuman || len(o.Candidates) != 1 {
			t.Errorf("got %q with %q and %d candidates, want a person to see it", o.State, o.CloudOrderID, len(o.Candidates))
		}
	})
}

func TestAnOrderOfNoLegibleTimeIsShownToAPerson(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy()
	h.settle()
	h.cloud.orders[0].untimed = true
	h.pass(20 * time.Minute)
	if o := h.order(id); o.State != order.NeedsHuman || len(o.Candidates) != 1 {
		t.Errorf("got %q with %d candidates, want a person to see it: the listing is of the time we asked for", o.State, len(o.Candidates))
	}
}
