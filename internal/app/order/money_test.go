package order_test

import (
	"slices"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
)

func TestAnAnswerWithoutAStatusDoesNotSayThatAnOrderIsPaid(t *testing.T) {
	for name, form := range map[string][]string{"exact": nil, "at most": atMost("30", "USD")} {
		t.Run(name, func(t *testing.T) {
			h := newShop(t)
			h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
				r, err := placed(c, p)
				c.orders[0].Status = 0
				return r, err
			})
			id := h.buy(form...)
			h.settle()
			h.pass(5 * time.Minute)
			h.in(id, order.Ordered, "")
			h.cloud.orders[0].Status = order.StatusPendingPayment
			h.pass(20 * time.Second)
			if form != nil {
				h.in(id, order.Delivered, "")
				return
			}
			h.in(id, order.AwaitingPayment, "")
			h.cloud.orders[0].Status = 0
			h.pass(time.Minute)
			o := h.in(id, order.AwaitingPayment, "")
			h.cloud.orders[0].Status = order.StatusPendingPayment
			if err := h.s.Pay(t.Context(), buyer, id, *o.Amount, o.Rev); err != nil {
				t.Fatal(err)
			}
			h.pass(time.Minute)
			h.in(id, order.Delivered, "")
		})
	}
}

func TestNothingIsPaidWhenTheLastReadGaveNoAmount(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.settle()
	o := h.in(id, order.AwaitingPayment, "")
	h.cloud.orders[0].Amount = nil
	if err := h.s.Pay(t.Context(), buyer, id, *o.Amount, o.Rev); err != nil {
		t.Fatal(err)
	}
	h.settle()
	h.in(id, order.AwaitingPayment, "order.pay.unpriced")
	if h.cloud.calls["pay"] != 0 {
		t.Error("paid without knowing the amount")
	}
}

// A payment that waited for its turn is repeated two minutes after it came
// back, not two minutes after it was decided on; and it does not wait for long.
func TestAPaymentDoesNotWaitForItsTurnAndIsRepeatedTwoMinutesAfterItCameBack(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.settle()
	var back []time.Time
	slow := func(*cloudOrder) error {
		h.clock.add(3 * time.Minute)
		back = append(back, h.clock.Now())
		return &fault.Error{Kind: fault.Unknown, Message: fault.Say("cloud.doubt.silent")}
	}
	h.cloud.payScript = []func(*cloudOrder) error{slow}
	var again time.Time
	h.cloud.before = func(call string) {
		if call == "pay" && len(back) == 1 {
			again = h.clock.Now()
		}
	}
	if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), 1); err != nil {
		t.Fatal(err)
	}
	h.settle()
	h.pass(10 * time.Minute)
	h.in(id, order.Delivered, "")
	if d := again.Sub(back[0]); d < 2*time.Minute {
		t.Errorf("repeated %v after the first came back, want 2 min or later", d)
	}
	for _, a := range h.cloud.paysBy {
		if left := time.Until(a.Until); a.Until.IsZero() || left > time.Minute || a.Lane != account.ForPerson {
			t.Errorf("a payment may wait until %v (%v) in lane %d", a.Until, left, a.Lane)
		}
	}
}

func TestWhatIsNotFoundForGoodIsNotDecidedAnyMore(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy()
	h.settle()
	o := h.cloud.orders[0]
	o.hidden = true
	h.pass(16 * time.Minute)
	o.hidden = false
	h.pass(2 * time.Hour)
	if err := h.s.Ignore(t.Context(), owner, id, o.ID); err != nil {
		t.Fatal(err)
	}
	h.pass(26 * time.Hour)
	if !h.order(id).Final() {
		t.Fatalf("after a day: %+v", h.order(id))
	}
	for name, decide := range map[string]error{
		"adopt":  h.s.Adopt(t.Context(), owner, id, o.ID),
		"cancel": h.s.CancelFound(t.Context(), owner, id, o.ID),
	} {
		if fault.Of(decide).Message.ID != "order.decide.late" {
			t.Errorf("%s: got %v, want it too late: nothing drives the order any more", name, decide)
		}
	}
}

// Check now, pressed while a payment or a cancellation is on its way, must not
// make its answer get lost.
func TestWhatACallCameToIsRecordedWhateverSomebodyPressesMeanwhile(t *testing.T) {
	press := func(h *shop, id, during string) {
		h.cloud.before = func(call string) {
			if call == during {
				if err := h.s.CheckNow(h.Context(), buyer, id); err != nil {
					h.Error(err)
				}
			}
		}
	}
	t.Run("pay", func(t *testing.T) {
		h := newShop(t)
		id := h.buy()
		h.settle()
		h.cloud.payScript = []func(*cloudOrder) error{func(*cloudOrder) error {
			return &fault.Error{Kind: fault.Refused, Code: "CBC.99005003", Status: 400, Message: fault.Say("cloud.refused")}
		}}
		press(h, id, "pay")
		if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), 1); err != nil {
			t.Fatal(err)
		}
		h.settle()
		h.in(id, order.AwaitingPayment, "order.pay.balance")
		h.pass(10 * time.Minute)
		if h.cloud.calls["pay"] != 1 || !slices.Contains(h.audits(id), "order.pay.send refused") {
			t.Errorf("%d payments, audit %v", h.cloud.calls["pay"], h.audits(id))
		}
	})
	t.Run("cancel", func(t *testing.T) {
		h := newShop(t)
		id := h.buy()
		h.settle()
		press(h, id, "cancel")
		if err := h.s.Cancel(t.Context(), buyer, id, 1); err != nil {
			t.Fatal(err)
		}
		h.settle()
		h.in(id, order.Cancelled, "order.cancelled.unpaid")
		if !slices.Contains(h.audits(id), "order.cancel.send ok") {
			t.Errorf("audit: %v", h.audits(id))
		}
	})
	t.Run("cancel what turned up", func(t *testing.T) {
		h := newShop(t)
		h.script(lost)
		id := h.buy()
		h.settle()
		h.foreign("CS9", "x", 1)
		h.pass(15 * time.Second)
		press(h, id, "cancel")
		if err := h.s.CancelFound(t.Context(), owner, id, "CS9"); err != nil {
			t.Fatal(err)
		}
		h.settle()
		if !slices.Contains(h.audits(id), "order.found.cancel.send ok") {
			t.Errorf("audit: %v", h.audits(id))
		}
	})
}

func TestAnOrderThatIsBeingPreparedForLongIsNotPaid(t *testing.T) {
	h := newShop(t)
	h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
		r, err := placed(c, p)
		c.orders[0].Status = order.StatusProcessing
		return r, err
	})
	id := h.buy()
	h.settle()
	h.pass(5 * time.Minute)
	h.in(id, order.Ordered, "")
	h.cloud.orders[0].Status = order.StatusPendingPayment
	h.pass(20 * time.Second)
	h.in(id, order.AwaitingPayment, "")
}

func TestALongDeliveryIsNotCalledPartialBeforeItsResourcesAreListed(t *testing.T) {
	h := newShop(t)
	h.cloud.payScript = []func(*cloudOrder) error{func(o *cloudOrder) error { o.Status = order.StatusProcessing; return nil }}
	id := h.buy(atMost("30", "USD")...)
	h.settle()
	h.pass(10 * time.Minute)
	h.in(id, order.Delivering, "")
	o := h.cloud.orders[0]
	brought := o.resources
	o.Status, o.resources = order.StatusCompleted, nil
	h.pass(time.Minute)
	h.in(id, order.Delivering, "")
	o.resources = brought
	h.pass(time.Minute)
	h.in(id, order.Delivered, "")
}
