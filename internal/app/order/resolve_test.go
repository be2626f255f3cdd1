package order_test

import (
	"slices"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
)

// foreign makes an order that somebody else placed, alike in everything.
func (h *shop) foreign(id, name string, quantity int) *cloudOrder {
	o := h.cloud.create(purchaseCall{account: "acc-1", region: "ap-southeast-3",
		body: sentBody{Name: name, Spec: h.cloud.purchases[0].body.Spec, Quantity: quantity, Unit: "month", Num: 1}})
	o.ID = id
	return o
}

func TestALostAnswerIsFoundAndNotRepeated(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy()
	h.settle()
	h.in(id, order.Unknown, "order.unknown.silence")
	h.clock.add(14 * time.Second)
	h.settle()
	if n := h.cloud.calls["orders"]; n != 0 {
		t.Errorf("looked %d times before 15 s", n)
	}
	h.clock.add(time.Second)
	h.settle()
	o := h.in(id, order.AwaitingPayment, "")
	if o.CloudOrderID != h.cloud.orders[0].ID || h.purchases() != 1 {
		t.Errorf("found %q after %d purchases", o.CloudOrderID, h.purchases())
	}
	if !slices.Contains(h.events(id), "order_event.found") {
		t.Errorf("timeline: got %v", h.events(id))
	}
}

func TestNothingFoundIsSaidAfterFifteenMinutes(t *testing.T) {
	h := newShop(t)
	h.script(silent)
	id := h.buy()
	h.settle()
	var looks []time.Duration
	t0, n := h.clock.Now(), 0
	for h.order(id).State == order.Unknown && h.clock.Now().Sub(t0) < time.Hour {
		h.clock.add(5 * time.Second)
		h.settle()
		if c := h.order(id).Checks; c != n {
			n = c
			looks = append(looks, h.clock.Now().Sub(t0))
		}
	}
	want := []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
		15 * time.Minute}
	if !slices.Equal(looks, want) {
		t.Errorf("looks: got %v, want %v", looks, want)
	}
	h.in(id, order.NotFound, "order.notfound")
	h.pass(25 * time.Hour)
	o := h.order(id)
	if o.State != order.NotFound || o.EndedAt.IsZero() || h.purchases() != 1 {
		t.Errorf("after a day: %q, ended %v, purchases %d", o.State, o.EndedAt, h.purchases())
	}
	if n := o.Checks - len(want); n < 23 || n > 26 {
		t.Errorf("looks during the watch: got %d, want one an hour", n)
	}
}

func TestSilenceOfTheListingIsNotProofOfNothing(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy()
	h.settle()
	h.cloud.fail["orders"] = fault.New(fault.Unreachable, "cloud.unreachable")
	h.pass(40 * time.Minute)
	if o := h.in(id, order.Unknown, "order.unknown.silence"); o.Checks < 20 {
		t.Errorf("looks: got %d, want one a minute after the last planned one", o.Checks)
	}
	delete(h.cloud.fail, "orders")
	h.pass(2 * time.Minute)
	h.in(id, order.AwaitingPayment, "")
}

func TestConfigClosedToUsDoesNotKeepItUnknown(t *testing.T) {
	h := newShop(t)
	h.script(silent)
	id := h.buy()
	h.settle()
	h.cloud.fail["find"] = &fault.Error{Kind: fault.Refused, Status: 403, Message: fault.Say("cloud.refused")}
	h.pass(16 * time.Minute)
	h.in(id, order.NotFound, "order.notfound")
}

func TestWhatTheResolverAdopts(t *testing.T) {
	for _, c := range []struct {
		name  string
		set   func(h *shop, ours *cloudOrder)
		state order.State
		found bool // it is ours that was adopted
	}{
		{"unpaid, the only one alike", func(*shop, *cloudOrder) {}, order.AwaitingPayment, true},
		{"two unpaid ones alike: a person decides", func(h *shop, _ *cloudOrder) { h.foreign("CS9", "x", 1) }, order.NeedsHuman, false},
		{"another quantity beside it", func(h *shop, _ *cloudOrder) { h.foreign("CS9", "x", 2) }, order.AwaitingPayment, true},
		{"another size beside it", func(h *shop, _ *cloudOrder) { h.foreign("CS9", "x", 1).SpecText = "hf.xlarge.2.60m.linux" }, order.AwaitingPayment, true},
		{"the size given in figures", func(h *shop, o *cloudOrder) {
			o.SpecText = "2 vCPUs | 4 GiB | 60 GiB | 30 Mbit/s"
			h.foreign("CS9", "x", 1).SpecText = "2 vCPUs | 8 GiB | 60 GiB | 30 Mbit/s"
		}, order.AwaitingPayment, true},
		{"the size cannot be told: a person decides", func(_ *shop, o *cloudOrder) { o.SpecText = "Flexus L" }, order.NeedsHuman, false},
		{"one alike, and one that cannot be told: a person decides", func(h *shop, _ *cloudOrder) { h.foreign("CS9", "x", 1).SpecText = "Flexus L" }, order.NeedsHuman, false},
		{"another service's order beside it", func(h *shop, _ *cloudOrder) { h.foreign("CS9", "x", 1).ServiceType = "hws.service.type.ec2" }, order.AwaitingPayment, true},
		{"an older one beside it", func(h *shop, o *cloudOrder) { h.foreign("CS9", "x", 1).CreatedAt = o.CreatedAt.Add(-3 * time.Minute) }, order.AwaitingPayment, true},
		{"paid: carries our name", func(h *shop, o *cloudOrder) {
			h.cloud.paid(o)
			h.cloud.paid(h.foreign("CS9", "other", 1))
		}, order.Delivered, true},
		{"paid: carries our tag", func(h *shop, o *cloudOrder) {
			h.cloud.paid(o)
			o.listed = true
			h.foreign("CS9", "x", 1)
		}, order.Delivered, true},
		{"only one with another name: nothing found", func(h *shop, o *cloudOrder) {
			h.cloud.paid(o)
			o.resources[0].Name = "other"
		}, order.NotFound, false},
		{"only one with another tag: nothing found", func(h *shop, o *cloudOrder) {
			h.cloud.paid(o)
			o.listed, o.tag = true, "somebodys0"
		}, order.NotFound, false},
		{"our name in another region: a person decides", func(h *shop, o *cloudOrder) {
			h.cloud.paid(o)
			o.resources[0].Region = "ap-southeast-1"
		}, order.NeedsHuman, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newShop(t)
			h.script(lost)
			id := h.buy()
			h.settle()
			ours := h.cloud.orders[0]
			c.set(h, ours)
			h.pass(20 * time.Minute)
			o := h.order(id)
			if o.State != c.state || (o.CloudOrderID == ours.ID) != c.found {
				t.Errorf("got %q with order %q, want %q; ours is %q", o.State, o.CloudOrderID, c.state, ours.ID)
			}
			if h.purchases() != 1 {
				t.Errorf("purchases: got %d, want 1", h.purchases())
			}
		})
	}
}

func TestSeveralAlikeAreShownAtOnceAndNotAfterTheLastLook(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy()
	h.settle()
	h.foreign("CS9", "x", 1)
	h.pass(15 * time.Second)
	if o := h.in(id, order.NeedsHuman, "order.human"); len(o.Candidates) != 2 || o.Checks != 1 {
		t.Errorf("got %d candidates after %d looks, want 2 after 1", len(o.Candidates), o.Checks)
	}
}

func TestOneAlikeIsNotAdoptedByALookThatDidNotSeeEverything(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy()
	h.settle()
	h.cloud.fail["find"] = fault.New(fault.Unreachable, "cloud.unreachable")
	h.pass(10 * time.Minute)
	h.in(id, order.Unknown, "order.unknown.silence")
	delete(h.cloud.fail, "find")
	h.pass(6 * time.Minute)
	h.in(id, order.AwaitingPayment, "")
}

func TestSeveralInstancesAreFoundByTheirNumberedNames(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy(order.FieldQuantity, "3")
	h.settle()
	h.cloud.paid(h.cloud.orders[0])
	h.pass(time.Minute)
	if o := h.in(id, order.Delivered, ""); len(o.Delivered) != 3 {
		t.Errorf("delivered: got %d, want 3", len(o.Delivered))
	}
}

func TestTwoUnknownIntentsAlikeAreNotMixedUp(t *testing.T) {
	h := newShop(t)
	h.script(lost, silent)
	first := h.buy(order.FieldName, "one")
	h.settle()
	if err := h.s.LiftLock(t.Context(), owner, first); err != nil {
		t.Fatal(err)
	}
	second := h.buy(order.FieldName, "two")
	h.settle()
	h.in(second, order.Unknown, "order.unknown.silence")
	h.pass(20 * time.Minute)
	for _, id := range []string{first, second} {
		if o := h.order(id); o.State != order.NeedsHuman {
			t.Errorf("%s is %q with %q, want a person to decide: one unpaid order fits both", o.Request.Name, o.State, o.CloudOrderID)
		}
	}
	cs := h.cloud.orders[0].ID
	if err := h.s.Adopt(t.Context(), owner, first, cs); err != nil {
		t.Fatal(err)
	}
	h.settle()
	if err := h.s.Adopt(t.Context(), owner, second, cs); fault.Of(err).Kind != fault.Conflict {
		t.Errorf("the second link to one order: got %v, want a conflict", err)
	}
	if err := h.s.DeclareNone(t.Context(), owner, second); err != nil {
		t.Fatal(err)
	}
	h.settle()
	h.in(first, order.AwaitingPayment, "")
	h.in(second, order.NotFound, "order.notfound.declared")
}

func TestALateHitIsUnassignedAndDecidedByAPerson(t *testing.T) {
	late := func(t *testing.T) (*shop, string, *cloudOrder) {
		h := newShop(t)
		h.script(lost)
		id := h.buy()
		h.settle()
		o := h.cloud.orders[0]
		o.hidden = true
		h.pass(16 * time.Minute)
		h.in(id, order.NotFound, "order.notfound")
		o.hidden = false
		h.pass(2 * time.Hour)
		got := h.in(id, order.NotFound, "order.notfound")
		if len(got.Candidates) != 1 || got.Candidates[0].CloudOrderID != o.ID || !slices.Contains(h.events(id), "order_event.unassigned") {
			t.Fatalf("candidates: got %+v, timeline %v", got.Candidates, h.events(id))
		}
		if a, err := h.s.Attention(t.Context(), buyer, nil); err != nil || len(a) != 1 || a[0].ID != id {
			t.Errorf("needs attention: got %v, %v", a, err)
		}
		return h, id, o
	}
	t.Run("adopt", func(t *testing.T) {
		h, id, o := late(t)
		if err := h.s.Adopt(t.Context(), buyer, id, o.ID); fault.Of(err).Kind != fault.Forbidden {
			t.Errorf("a buyer decides: got %v, want forbidden", err)
		}
		if err := h.s.Adopt(t.Context(), owner, id, o.ID); err != nil {
			t.Fatal(err)
		}
		h.settle()
		h.in(id, order.AwaitingPayment, "")
	})
	t.Run("ignore", func(t *testing.T) {
		h, id, o := late(t)
		if err := h.s.Ignore(t.Context(), owner, id, o.ID); err != nil {
			t.Fatal(err)
		}
		h.pass(3 * time.Hour)
		if got := h.order(id); got.State != order.NotFound || !got.Candidates[0].Ignored {
			t.Errorf("got %q, %+v", got.State, got.Candidates)
		}
		if a, _ := h.s.Attention(t.Context(), buyer, nil); len(a) != 0 {
			t.Errorf("still needs attention: %v", a)
		}
	})
	t.Run("cancel while unpaid", func(t *testing.T) {
		h, id, o := late(t)
		if err := h.s.CancelFound(t.Context(), owner, id, o.ID); err != nil {
			t.Fatal(err)
		}
		h.settle()
		if got := h.order(id); o.Status != order.StatusCancelled || !got.Candidates[0].Cancelled || got.State != order.NotFound {
			t.Errorf("status %d, candidate %+v, state %q", o.Status, got.Candidates[0], got.State)
		}
	})
	t.Run("cancel is refused once it is paid", func(t *testing.T) {
		h, id, o := late(t)
		h.cloud.paid(o)
		if err := h.s.CancelFound(t.Context(), owner, id, o.ID); err != nil {
			t.Fatal(err)
		}
		h.settle()
		if h.cloud.calls["cancel"] != 0 || o.Status != order.StatusCompleted {
			t.Error("a paid order was cancelled")
		}
	})
}

func TestAnOrderAdoptedLateIsNotPaidByItself(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy(atMost("99", "USD")...)
	h.settle()
	h.cloud.orders[0].hidden = true
	h.pass(16 * time.Minute)
	h.in(id, order.NotFound, "order.notfound")
	h.cloud.orders[0].hidden = false
	h.pass(2 * time.Hour)
	if err := h.s.Adopt(t.Context(), owner, id, h.cloud.orders[0].ID); err != nil {
		t.Fatal(err)
	}
	h.pass(10 * time.Minute)
	o := h.in(id, order.AwaitingPayment, "order.late")
	if h.cloud.calls["pay"] != 0 {
		t.Fatal("paid by itself, although its person may have ordered again")
	}
	if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), o.Rev); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	h.in(id, order.Delivered, "")
}

func TestBuyingIsLockedWhileAnOutcomeIsUnknown(t *testing.T) {
	h := newShop(t)
	h.script(silent)
	id := h.buy()
	queued := h.buy(order.FieldName, "queued")
	h.settle()
	h.in(id, order.Unknown, "order.unknown.silence")
	h.in(queued, order.Confirmed, "order.held.unknown")
	if by, locked := h.s.Locked(t.Context(), "acc-1"); !locked || by != id {
		t.Errorf("locked: got %q %v, want by %q", by, locked, id)
	}
	v := h.review(formWith(order.FieldName, "third"))
	_, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false)
	if f := fault.Of(err); f.Message.ID != "order.locked" || f.Message.Values["Order"] != id {
		t.Errorf("confirm while locked: got %v", err)
	}
	other := h.buy(order.FieldAccount, "acc-2", order.FieldName, "elsewhere")
	h.settle()
	h.in(other, order.AwaitingPayment, "")
	if err := h.s.LiftLock(t.Context(), buyer, id); fault.Of(err).Kind != fault.Forbidden {
		t.Errorf("a buyer lifts the lock: got %v, want forbidden", err)
	}
	if err := h.s.LiftLock(t.Context(), owner, id); err != nil {
		t.Fatal(err)
	}
	h.pass(4 * time.Second)
	h.in(queued, order.AwaitingPayment, "")
}

func TestAQueuedOrderBehindAnUnknownOneExpires(t *testing.T) {
	h := newShop(t)
	h.script(silent)
	h.buy()
	queued := h.buy(order.FieldName, "queued")
	h.settle()
	h.pass(6 * time.Minute)
	h.in(queued, order.Expired, "order.expired.unknown")
	if h.purchases() != 1 {
		t.Errorf("purchases: got %d, want 1", h.purchases())
	}
}

func TestCheckNowLooksAtOnce(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy()
	h.settle()
	if err := h.s.CheckNow(t.Context(), buyer, id); err != nil {
		t.Fatal(err)
	}
	h.settle()
	h.in(id, order.AwaitingPayment, "")
}

func TestDeclaringNoneNeedsTheLastLook(t *testing.T) {
	h := newShop(t)
	h.script(silent)
	id := h.buy()
	h.settle()
	if err := h.s.DeclareNone(t.Context(), owner, id); fault.Of(err).Message.ID != "order.decide.early" {
		t.Errorf("while looking: got %v", err)
	}
	h.cloud.fail["orders"] = fault.New(fault.Unreachable, "cloud.unreachable")
	h.pass(16 * time.Minute)
	h.in(id, order.Unknown, "order.unknown.silence")
	if err := h.s.DeclareNone(t.Context(), owner, id); err != nil {
		t.Fatal(err)
	}
	h.in(id, order.NotFound, "order.notfound.declared")
}

// An owner compares what tells orders apart; meanwhile buying is not locked, as
// the page says (reliability.md §3.3: sending and unknown lock).
func TestWhatAnOwnerComparesAndWhatIsLockedMeanwhile(t *testing.T) {
	h := newShop(t)
	h.script(func(*cloud, purchaseCall) (order.Receipt, error) { return silent(nil, purchaseCall{}) })
	id := h.buy()
	h.settle()
	if by, locked := h.s.Locked(t.Context(), "acc-1"); !locked || by != id {
		t.Errorf("unknown: locked %v by %q", locked, by)
	}
	h.foreign("CS8", "x", 1)
	h.foreign("CS9", "x", 1)
	h.pass(20 * time.Second)
	o := h.in(id, order.NeedsHuman, "order.human")
	if len(o.Candidates) != 2 {
		t.Fatalf("candidates: %+v", o.Candidates)
	}
	for _, c := range o.Candidates {
		if c.PeriodUnit != order.Month || c.PeriodNum != 1 || c.Quantity != 1 || c.UserName == "" || c.Amount == nil ||
			c.CreatedAt.IsZero() {
			t.Errorf("candidate: got %+v", c)
		}
	}
	if by, locked := h.s.Locked(t.Context(), "acc-1"); locked {
		t.Errorf("needs a decision: locked by %q", by)
	}
	second := h.buy(order.FieldName, "second")
	h.settle()
	h.in(second, order.AwaitingPayment, "")
}
