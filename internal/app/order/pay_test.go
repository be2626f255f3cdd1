package order_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
)

func atMost(amount, currency string) []string {
	return []string{order.FieldPayment, "atmost", order.FieldCap, amount, order.FieldCapCurrency, currency}
}

func TestBuyNowAtMost(t *testing.T) {
	for _, c := range []struct {
		name          string
		cap, currency string
		state         order.State
		reason        string
		pays          int
	}{
		{"below the cap: paid by itself", "30", "USD", order.Delivered, "", 1},
		{"exactly the cap: paid by itself", "12.40", "USD", order.Delivered, "", 1},
		{"a cent above the cap: asks", "12.39", "USD", order.AwaitingPayment, "order.cap.more", 0},
		{"another currency: asks", "3000", "THB", order.AwaitingPayment, "order.cap.other", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newShop(t)
			id := h.buy(atMost(c.cap, c.currency)...)
			h.settle()
			h.pass(20 * time.Minute)
			h.in(id, c.state, c.reason)
			if h.pays() != c.pays || h.cloud.calls["pay"] != c.pays {
				t.Errorf("payments, calls: got %d, %d, want %d", h.pays(), h.cloud.calls["pay"], c.pays)
			}
		})
	}
}

func TestAPersonMayPayWhatTheCapDidNotAllow(t *testing.T) {
	h := newShop(t)
	id := h.buy(atMost("10", "USD")...)
	h.settle()
	o := h.in(id, order.AwaitingPayment, "order.cap.more")
	if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), o.Rev); err != nil {
		t.Fatal(err)
	}
	h.settle()
	h.pass(10 * time.Second)
	h.in(id, order.Delivered, "")
}

func TestPayIsRefusedForAnotherAmount(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.settle()
	for _, m := range []order.Money{*usd("12.41"), *usd("12.39"), {Amount: decimal.RequireFromString("12.40"), Currency: "EUR"}} {
		err := h.s.Pay(t.Context(), buyer, id, m, 1)
		if f := fault.Of(err); f.Kind != fault.Conflict || f.Message.ID != "order.pay.changed" {
			t.Errorf("pay %v: got %v, want order.pay.changed", m, err)
		}
	}
	h.settle()
	if h.cloud.calls["pay"] != 0 {
		t.Error("paid although the amounts differ")
	}
}

func TestAPriceThatRoseBetweenButtonAndPaymentIsNotPaid(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.settle()
	h.cloud.orders[0].Amount = usd("12.41")
	if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), 1); err != nil {
		t.Fatal(err)
	}
	h.settle()
	o := h.in(id, order.AwaitingPayment, "order.pay.more")
	if h.cloud.calls["pay"] != 0 {
		t.Error("more was paid than the button said")
	}
	if o.Amount.Amount.String() != "12.41" || !o.PayAskedAt.IsZero() {
		t.Errorf("amount, wish: got %v, %v", o.Amount, o.PayAskedAt)
	}
}

func TestPaymentAnswers(t *testing.T) {
	silence := func(effect bool) func(o *cloudOrder) error {
		return func(o *cloudOrder) error {
			if effect {
				o.pays++
				o.Status = order.StatusCompleted
			}
			return &fault.Error{Kind: fault.Unknown, Message: fault.Say("cloud.doubt.silent")}
		}
	}
	no := func(code string, k fault.Kind, status int) func(o *cloudOrder) error {
		return func(*cloudOrder) error {
			return &fault.Error{Kind: k, Code: code, Status: status, Message: fault.Say("cloud.refused"), RequestID: "req-pay"}
		}
	}
	for _, c := range []struct {
		name   string
		script []func(o *cloudOrder) error
		state  order.State
		reason string
		calls  int
		pays   int
	}{
		{"answer lost after the effect: read, not repeated", []func(*cloudOrder) error{silence(true)}, order.Delivered, "", 1, 1},
		{"request lost: repeated after reading 6 for two minutes", []func(*cloudOrder) error{silence(false)}, order.Delivered, "", 2, 1},
		{"request lost three times: a person decides", []func(*cloudOrder) error{silence(false), silence(false), silence(false), silence(true)},
			order.AwaitingPayment, "order.pay.stuck", 3, 0},
		{"no balance: a person decides", []func(*cloudOrder) error{no("CBC.99005003", fault.Refused, 400)}, order.AwaitingPayment, "order.pay.balance", 1, 0},
		{"not allowed", []func(*cloudOrder) error{no("CBC.0151", fault.Refused, 403)}, order.AwaitingPayment, "order.pay.permission", 1, 0},
		{"key refused", []func(*cloudOrder) error{no("CBC.0151", fault.Refused, 401)}, order.AwaitingPayment, "order.pay.login", 1, 0},
		{"sign-in ended: the key may be good", []func(*cloudOrder) error{func(*cloudOrder) error {
			return &fault.Error{Kind: fault.Refused, Code: "CBC.0151", Status: 401, Message: fault.Say("cloud.token.ended")}
		}}, order.AwaitingPayment, "cloud.token.ended", 1, 0},
		{"deadline passed", []func(*cloudOrder) error{no("CBC.99003110", fault.Refused, 400)}, order.AwaitingPayment, "order.pay.late", 1, 0},
		{"in progress elsewhere: read on", []func(*cloudOrder) error{func(o *cloudOrder) error {
			o.Status = order.StatusCompleted
			return &fault.Error{Kind: fault.Busy, Code: "CBC.99000088", Status: 400, Message: fault.Say("cloud.busy")}
		}}, order.Delivered, "", 1, 0},
		{"too often: repeated later", []func(*cloudOrder) error{no("CBC.0250", fault.Busy, 429)}, order.Delivered, "", 2, 1},
		{"not reached: repeated later", []func(*cloudOrder) error{no("", fault.Unreachable, 0)}, order.Delivered, "", 2, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newShop(t)
			id := h.buy()
			h.settle()
			h.cloud.payScript = c.script
			var sends []time.Time
			h.cloud.before = func(call string) {
				if call == "pay" {
					sends = append(sends, h.clock.Now())
				}
			}
			if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), 1); err != nil {
				t.Fatal(err)
			}
			h.settle()
			h.pass(15 * time.Minute)
			h.in(id, c.state, c.reason)
			if h.cloud.calls["pay"] != c.calls || h.pays() != c.pays {
				t.Errorf("calls, payments: got %d, %d, want %d, %d", h.cloud.calls["pay"], h.pays(), c.calls, c.pays)
			}
			for i := 1; i < len(sends); i++ {
				if d := sends[i].Sub(sends[i-1]); d < 2*time.Minute {
					t.Errorf("payment repeated after %v, want 2 min or later", d)
				}
			}
		})
	}
}

// A payment is called sent when it was, and one that came to nothing stays so
// until somebody asks for another.
func TestWhatIsSaidOfAPayment(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.settle()
	said := func() order.Sent {
		events, err := h.s.Events(t.Context(), owner, id)
		if err != nil {
			t.Fatal(err)
		}
		return order.PaymentOf(h.order(id), events, h.clock.Now())
	}
	on := order.Sent("")
	h.cloud.payScript = []func(*cloudOrder) error{func(*cloudOrder) error {
		return &fault.Error{Kind: fault.Refused, Code: "CBC.99005003", Status: 400, Message: fault.Say("cloud.refused"),
			RequestID: "req-pay"}
	}}
	h.cloud.before = func(call string) {
		if call == "pay" {
			on = said()
			h.clock.add(40 * time.Second) // it stands at the gate
		}
	}
	if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), 1); err != nil {
		t.Fatal(err)
	}
	pressed := h.clock.Now()
	if h.order(id).PayFailed() != order.NoRefusal {
		t.Error("failed before it was sent")
	}
	h.settle()
	if on != order.OnItsWay {
		t.Errorf("on the wire: got %q, want that it is on its way", on)
	}
	o := h.in(id, order.AwaitingPayment, "order.pay.balance")
	if o.PayFailed() != order.PayRefused || o.Code != "CBC.99005003" {
		t.Errorf("refused: got %q, code %q", o.PayFailed(), o.Code)
	}
	events, _ := h.s.Events(t.Context(), owner, id)
	if last := events[len(events)-1]; last.Message.ID != "order.pay.balance" || !last.At.Equal(pressed.Add(40*time.Second)) {
		t.Errorf("the refusal: got %+v", last)
	}
	h.pass(time.Hour)
	if h.order(id).PayFailed() != order.PayRefused {
		t.Error("the refusal is forgotten by itself")
	}
	h.cloud.before = nil
	h.cloud.payScript = []func(*cloudOrder) error{func(*cloudOrder) error { return fault.New(fault.Unreachable, "cloud.unreachable") }}
	if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), 1); err != nil {
		t.Fatal(err)
	}
	if h.order(id).PayFailed() != order.NoRefusal {
		t.Error("asked for anew, and still called refused")
	}
	h.settle()
	if got := said(); h.order(id).State != order.Paying || got != order.NotTaken {
		t.Errorf("not reached: %q is said to be %q", h.order(id).State, got)
	}
	h.pass(5 * time.Minute)
	ids := strings.Join(h.events(id), " ")
	if want := "order_event.paying order.pay.later order_event.paying order_event.pay.sent order_event.paid.amount"; !strings.Contains(ids, want) {
		t.Errorf("events: got %s, want %s", ids, want)
	}
	if got := order.PaymentOf(order.Order{State: order.Paying},
		[]order.Event{{At: h.clock.Now().Add(-3 * time.Minute), Message: fault.Say("order_event.paying")}},
		h.clock.Now()); got != order.SentOrNot {
		t.Errorf("begun three minutes ago by a process that died: got %q", got)
	}
}

// Only what was paid is called paid, and each amount stands once.
func TestWhatTheSameCostBefore(t *testing.T) {
	h := newShop(t)
	form := func(name string) []string { return []string{order.FieldName, name} }
	before := func() (said []string) {
		h.Helper()
		r, _ := h.s.Parse(t.Context(), formWith())
		all, err := h.s.PaidFor(t.Context(), buyer, r)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			said = append(said, fmt.Sprint(p.Amount.Amount, " ", p.Paid))
		}
		return said
	}
	want := func(what string, want ...string) {
		h.Helper()
		if got := before(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	unpaid := h.buy(form("one")...)
	h.settle()
	want("unpaid", "12.4 false")
	h.clock.add(time.Minute)
	h.buy(form("two")...)
	h.settle()
	want("two unpaid", "12.4 false")
	if err := h.s.Cancel(t.Context(), buyer, unpaid, h.order(unpaid).Rev); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	h.in(unpaid, order.Cancelled, "order.cancelled.unpaid")
	h.cloud.price = "11.00"
	h.buy(append(form("three"), atMost("99", "USD")...)...)
	h.pass(time.Minute)
	want("another is paid", "11 true", "12.4 false")
	h.cloud.price = "12.40"
	h.buy(append(form("four"), atMost("99", "USD")...)...)
	h.pass(time.Minute)
	want("the first amount is paid, too", "12.4 true", "11 true")
}

// The offset of the clocks is measured by the answer itself.
func TestAnAnswerIsNotShownBeforeItsSend(t *testing.T) {
	h := newShop(t)
	o, offset := h.options("process-1"), time.Duration(0)
	o.Offset = func(string) time.Duration { return offset }
	h.s = order.New(o)
	h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
		h.clock.add(2 * time.Second)
		offset = -time.Minute
		return placed(c, p)
	})
	id := h.buy()
	h.settle()
	p, err := h.s.Passport(t.Context(), owner, id)
	if err != nil || len(p.Attempts) != 1 {
		t.Fatal(p.Attempts, err)
	}
	if a := p.Attempts[0]; !a.AnsweredAt.Equal(a.SentAt.Add(2 * time.Second)) {
		t.Errorf("sent %v, answered %v: want two seconds between", a.SentAt, a.AnsweredAt)
	}
}

func TestAPayThatCannotBeSentIsTakenBack(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.settle()
	h.cloud.fail["order"] = fault.New(fault.Unreachable, "cloud.unreachable")
	if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), 1); err != nil {
		t.Fatal(err)
	}
	h.pass(6 * time.Minute)
	h.in(id, order.AwaitingPayment, "order.pay.unsent")
	delete(h.cloud.fail, "order")
	h.pass(2 * time.Hour)
	if h.cloud.calls["pay"] != 0 {
		t.Error("a payment that waited too long was sent")
	}
}

func TestPaidAtHuaweiIsFound(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.settle()
	h.cloud.mu.Lock()
	h.cloud.paid(h.cloud.orders[0])
	h.cloud.mu.Unlock()
	h.pass(10 * time.Second)
	h.in(id, order.Delivered, "")
	if h.cloud.calls["pay"] != 0 {
		t.Error("paid again")
	}
}

func TestLetHuaweiDeduct(t *testing.T) {
	h := newShop(t)
	form := formWith(order.FieldPayment, "deduct")
	d, err := h.s.NewDraft(t.Context(), buyer, form)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.s.Review(t.Context(), buyer, d.ID)
	if got := fieldsOf(err); !slices.Equal(got, []string{order.FieldPayment}) {
		t.Errorf("without the owner's leave: got %v, want the payment refused", got)
	}
	h.settings.deduct = true
	h.script(lost)
	id := h.buy(order.FieldPayment, "deduct")
	h.settle()
	if o := h.in(id, order.Unknown, "order.unknown.silence"); !o.PossiblyPaid() {
		t.Error("an unknown outcome is not shown as possibly paid")
	}
	h.pass(time.Minute)
	h.in(id, order.Delivered, "")
	if !h.cloud.purchases[0].body.AutoPay || h.cloud.calls["pay"] != 0 {
		t.Errorf("auto pay %v, payments by us %d", h.cloud.purchases[0].body.AutoPay, h.cloud.calls["pay"])
	}
}

func TestDeductThatHuaweiCouldNotDeductWaitsForAPerson(t *testing.T) {
	h := newShop(t)
	h.settings.deduct = true
	h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
		p.body.AutoPay = false
		return placed(c, p)
	})
	id := h.buy(order.FieldPayment, "deduct")
	h.settle()
	h.in(id, order.AwaitingPayment, "order.deduct.unpaid")
}

func TestCancel(t *testing.T) {
	t.Run("queued: never sent", func(t *testing.T) {
		h := newShop(t)
		id := h.buy()
		if err := h.s.Cancel(t.Context(), buyer, id, 1); err != nil {
			t.Fatal(err)
		}
		h.settle()
		h.in(id, order.Cancelled, "order.cancelled.queued")
		if h.purchases() != 0 {
			t.Error("sent after it was cancelled")
		}
	})
	t.Run("unpaid: cancelled at the cloud", func(t *testing.T) {
		h := newShop(t)
		id := h.buy()
		h.settle()
		if err := errors.Join(h.s.Cancel(t.Context(), buyer, id, 1), h.s.Cancel(t.Context(), buyer, id, 1)); err != nil {
			t.Fatal(err)
		}
		h.settle()
		h.in(id, order.Cancelled, "order.cancelled.unpaid")
		if h.cloud.calls["cancel"] != 1 || h.cloud.orders[0].Status != order.StatusCancelled {
			t.Errorf("cancellations %d, status %d", h.cloud.calls["cancel"], h.cloud.orders[0].Status)
		}
	})
	t.Run("answer lost: read, then repeated", func(t *testing.T) {
		h := newShop(t)
		id := h.buy()
		h.settle()
		h.cloud.fail["cancel"] = &fault.Error{Kind: fault.Unknown, Message: fault.Say("cloud.doubt.silent")}
		if err := h.s.Cancel(t.Context(), buyer, id, 1); err != nil {
			t.Fatal(err)
		}
		h.settle()
		delete(h.cloud.fail, "cancel")
		h.pass(10 * time.Second)
		h.in(id, order.Cancelled, "order.cancelled.unpaid")
		if n := h.cloud.calls["cancel"]; n != 2 {
			t.Errorf("cancellations: got %d, want 2", n)
		}
	})
	t.Run("paid elsewhere meanwhile: goes on", func(t *testing.T) {
		h := newShop(t)
		id := h.buy()
		h.settle()
		h.cloud.mu.Lock()
		h.cloud.paid(h.cloud.orders[0])
		h.cloud.mu.Unlock()
		if err := h.s.Cancel(t.Context(), buyer, id, 1); err != nil {
			t.Fatal(err)
		}
		h.settle()
		if st := h.order(id).State; st != order.Delivered && st != order.Delivering {
			t.Errorf("state: got %q, want delivering or delivered", st)
		}
		if !slices.Contains(h.events(id), "order.cancel.paid") {
			t.Errorf("timeline: got %v, want it to say that it was paid first", h.events(id))
		}
	})
	t.Run("delivered: too late", func(t *testing.T) {
		h := newShop(t)
		id := h.buy(atMost("30", "USD")...)
		h.settle()
		h.pass(time.Minute)
		h.in(id, order.Delivered, "")
		if err := h.s.Cancel(t.Context(), buyer, id, 1); fault.Of(err).Message.ID != "order.cancel.late" {
			t.Errorf("cancel: got %v", err)
		}
	})
}

func TestAnUnpaidOrderThatTheCloudEndsIsClosed(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.settle()
	h.cloud.orders[0].Status = order.StatusCancelled
	h.pass(10 * time.Second)
	h.in(id, order.Closed, "order.closed.unpaid")
}

// A payment that Huawei refused charged nothing; of one without an answer that is
// not known.
func TestAnOrderThatEndsAfterARefusedPaymentCostNothing(t *testing.T) {
	for name, c := range map[string]struct {
		fails  *fault.Error
		reason string
	}{
		"refused": {&fault.Error{Kind: fault.Refused, Code: "CBC.99005003", Status: 400, Message: fault.Say("cloud.refused")}, "order.closed.unpaid"},
		"silent":  {&fault.Error{Kind: fault.Unknown, Message: fault.Say("cloud.doubt.silent")}, "order.closed.cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newShop(t)
			h.cloud.payScript = []func(*cloudOrder) error{func(*cloudOrder) error { return c.fails }}
			id := h.buy(atMost("30", "USD")...)
			h.settle()
			h.cloud.orders[0].Status = order.StatusCancelled
			h.pass(10 * time.Second)
			h.in(id, order.Closed, c.reason)
		})
	}
}

func TestARefundWhileDeliveringIsClosed(t *testing.T) {
	for status, reason := range map[int]string{4: "order.closed.cancelled", 2: "order.closed.refund"} {
		h := newShop(t)
		h.cloud.payScript = []func(*cloudOrder) error{func(o *cloudOrder) error { o.Status = order.StatusProcessing; return nil }}
		id := h.buy(atMost("30", "USD")...)
		h.settle()
		h.pass(10 * time.Second)
		h.in(id, order.Delivering, "")
		h.cloud.orders[0].Status = status
		h.pass(10 * time.Second)
		if o := h.in(id, order.Closed, reason); o.CloudStatus != status {
			t.Errorf("raw status: got %d, want %d", o.CloudStatus, status)
		}
	}
}

func TestPartialDelivery(t *testing.T) {
	h := newShop(t)
	h.cloud.deliver = 1
	id := h.buy(append(atMost("99", "USD"), order.FieldQuantity, "3")...)
	h.settle()
	h.pass(4 * time.Minute)
	h.in(id, order.Delivering, "")
	h.pass(2 * time.Minute)
	o := h.in(id, order.PartlyDelivered, "order.partly")
	if len(o.Delivered) != 1 || len(o.Missing) != 2 || o.Reason.Values["N"] != "1" || o.Reason.Values["Of"] != "3" {
		t.Errorf("n of m: got %d delivered, %d missing, %v", len(o.Delivered), len(o.Missing), o.Reason.Values)
	}
	late := h.cloud.orders[0]
	for _, id := range o.Missing {
		late.resources = append(late.resources, order.Resource{InstanceID: id, Name: "shop-late", Spec: o.Request.Spec,
			Region: o.Request.Region})
	}
	h.pass(time.Hour)
	if o = h.in(id, order.Delivered, ""); len(o.Delivered) != 3 || len(o.Missing) != 0 {
		t.Errorf("late delivery: got %d, missing %v", len(o.Delivered), o.Missing)
	}
}

// What exists is reached from its order at once: a server that is missing, or
// late, keeps nobody from the others.
func TestServersAreFollowedWhateverIsMissing(t *testing.T) {
	h := newShop(t)
	h.cloud.deliver = 2
	id := h.buy(append(atMost("99", "USD"), order.FieldQuantity, "3")...)
	h.pass(20 * time.Second)
	o := h.in(id, order.Delivering, "")
	up := func(d order.Delivery, state, address string) {
		h.inventory.mu.Lock()
		defer h.inventory.mu.Unlock()
		h.inventory.known[d.InstanceID] = order.Delivery{ServerID: "srv-" + d.InstanceID, State: state, Address: address}
	}
	first, second := o.Delivered[0], o.Delivered[1]
	stand := func(want ...string) {
		h.Helper()
		stored, err := h.store.Order(h.Context(), id)
		if err != nil {
			h.Fatal(err)
		}
		var got []string
		for _, d := range stored.Delivered {
			got = append(got, d.ServerID+" "+d.State+" "+d.Address)
		}
		if !slices.Equal(got, want) {
			h.Errorf("servers of the %s order: got %q, want %q", stored.State, got, want)
		}
	}
	up(first, "BUILD", "")
	h.pass(20 * time.Second)
	stand("srv-"+first.InstanceID+" BUILD ", "  ")
	if n := h.order(id).Standing(); n != 0 {
		t.Errorf("%d stand there, and the only one that is known is being made", n)
	}
	up(first, "ACTIVE", "203.0.113.1")
	h.pass(20 * time.Second)
	stand("srv-"+first.InstanceID+" ACTIVE 203.0.113.1", "  ")
	h.pass(5 * time.Minute)
	h.in(id, order.PartlyDelivered, "order.partly")
	up(second, "SHUTOFF", "203.0.113.2") // somebody stopped it at once
	h.pass(20 * time.Second)
	stand("srv-"+first.InstanceID+" ACTIVE 203.0.113.1", "srv-"+second.InstanceID+" SHUTOFF 203.0.113.2")
	if ev := h.events(id); ev[len(ev)-1] != "order_event.ready" {
		t.Errorf("events: got %q, want that two are ready at the end", ev)
	}

	h.restart() // the wish to look at them is in memory only
	h.inventory.after = nil
	h.pass(2 * time.Hour)
	if !slices.Contains(h.inventory.after, o.CloudOrderID) {
		t.Error("a new start did not ask the inventory to look at the servers")
	}
	late := h.cloud.orders[0]
	late.resources = append(late.resources, order.Resource{InstanceID: o.Missing[0], Name: "shop-late", Spec: o.Request.Spec,
		Region: o.Request.Region})
	h.pass(time.Hour)
	if o = h.in(id, order.Delivered, ""); o.Stands() || !o.Followed || o.Standing() != 2 {
		t.Errorf("delivered, the last server unseen: stands %v, followed %v, %d", o.Stands(), o.Followed, o.Standing())
	}
	h.pass(3 * time.Hour) // longer than the quick looks go on
	up(order.Delivery{InstanceID: late.resources[2].InstanceID}, "ACTIVE", "203.0.113.3")
	h.pass(time.Minute)
	stand("srv-"+first.InstanceID+" ACTIVE 203.0.113.1", "srv-"+second.InstanceID+" SHUTOFF 203.0.113.2",
		"srv-"+late.resources[2].InstanceID+" ACTIVE 203.0.113.3")
	o = h.order(id)
	events, err := h.s.Events(t.Context(), owner, id)
	if err != nil || !o.Stands() || o.Followed || !order.StoodAt(events).After(o.EndedAt.Add(3*time.Hour)) {
		t.Errorf("all there: stands %v, followed %v, since %v, delivered %v, %v", o.Stands(), o.Followed, order.StoodAt(events),
			o.EndedAt, err)
	}
}

// An order that is over shows its servers as they are, not as they once were.
func TestServersOfAnOldOrderAreThoseOfNow(t *testing.T) {
	h := newShop(t)
	h.inventory.ready = true
	id := h.buy(atMost("30", "USD")...)
	h.pass(time.Minute)
	o := h.in(id, order.Delivered, "")
	if !o.Stands() || o.Delivered[0].State != "ACTIVE" {
		t.Fatalf("delivered: %+v", o.Delivered)
	}
	h.inventory.mu.Lock()
	h.inventory.ready = false
	h.inventory.known[o.Delivered[0].InstanceID] = order.Delivery{ServerID: o.Delivered[0].ServerID, State: "SHUTOFF",
		Address: "203.0.113.84"}
	h.inventory.mu.Unlock()
	if d := h.order(id).Delivered[0]; d.State != "SHUTOFF" || d.Gone {
		t.Errorf("stopped since: got %+v", d)
	}
	instance := o.Delivered[0].InstanceID
	for when, known := range map[string]map[string]order.Delivery{
		"not in the inventory any more": {},
		"gone, as the inventory knows":  {instance: {ServerID: o.Delivered[0].ServerID, State: "ACTIVE", Address: "203.0.113.84", Gone: true}},
	} {
		h.inventory.mu.Lock()
		h.inventory.known = known
		h.inventory.mu.Unlock()
		if o = h.order(id); !o.Delivered[0].Gone || o.Delivered[0].State != "" || !o.Stands() {
			t.Errorf("%s: got %+v, stands %v", when, o.Delivered[0], o.Stands())
		}
	}
	h.inventory.mu.Lock()
	h.inventory.known = map[string]order.Delivery{}
	h.inventory.mu.Unlock()
	h.accounts.mu.Lock()
	h.accounts.removed = true
	h.accounts.mu.Unlock()
	if d := h.order(id).Delivered[0]; d.Gone || d.State != "" || d.Address == "" {
		t.Errorf("its account was removed from the console: got %+v, want that nothing is known of now", d)
	}
}

// What exists is on the order's page while the order is still being processed.
func TestServersAreReachedBeforeTheOrderIsCompleted(t *testing.T) {
	h := newShop(t)
	h.cloud.payScript = []func(*cloudOrder) error{func(o *cloudOrder) error { o.Status = order.StatusProcessing; return nil }}
	id := h.buy(append(atMost("99", "USD"), order.FieldQuantity, "2")...)
	h.settle()
	h.pass(10 * time.Second)
	o := h.in(id, order.Delivering, "")
	h.inventory.mu.Lock()
	h.inventory.known[o.AnsweredIDs[0]] = order.Delivery{ServerID: "srv-1", State: "ACTIVE", Address: "203.0.113.1", Order: o.CloudOrderID}
	h.inventory.known[o.AnsweredIDs[1]] = order.Delivery{ServerID: "srv-2", State: "ACTIVE", Address: "203.0.113.2", Order: "CS-another"}
	h.inventory.mu.Unlock()
	h.pass(30 * time.Second)
	if o = h.in(id, order.Delivering, ""); len(o.Delivered) != 1 || o.Delivered[0].ServerID != "srv-1" || o.Standing() != 1 {
		t.Errorf("got %+v, want the one server that is of this order", o.Delivered)
	}
	h.cloud.orders[0].Status = order.StatusCompleted
	h.pass(30 * time.Second)
	if o = h.in(id, order.Delivered, ""); len(o.Delivered) != 2 {
		t.Errorf("in the end: got %+v, want both", o.Delivered)
	}
}

// A refund of what did not come keeps nobody from what came.
func TestServersAreFollowedThroughARefund(t *testing.T) {
	for _, status := range []int{order.StatusCancelled, order.StatusPendingRefund} {
		h := newShop(t)
		h.cloud.deliver = 1
		id := h.buy(append(atMost("99", "USD"), order.FieldQuantity, "2")...)
		h.settle()
		h.pass(7 * time.Minute)
		o := h.in(id, order.PartlyDelivered, "order.partly")
		h.cloud.orders[0].Status = status
		h.pass(time.Minute)
		h.inventory.mu.Lock()
		h.inventory.known[o.Delivered[0].InstanceID] = order.Delivery{ServerID: "srv-1", State: "ACTIVE", Address: "203.0.113.1"}
		h.inventory.mu.Unlock()
		h.pass(time.Minute)
		if o = h.in(id, order.PartlyDelivered, "order.partly.refund"); o.Standing() != 1 {
			t.Errorf("status %d: got %+v, want that it stands there", status, o.Delivered)
		}
		if ev := h.events(id); ev[len(ev)-1] != "order_event.ready" {
			t.Errorf("status %d: events: got %q, want that it is ready at the end", status, ev)
		}
	}
}

func TestAPartialDeliveryIsFinalAfterADay(t *testing.T) {
	h := newShop(t)
	h.cloud.deliver = 1
	id := h.buy(append(atMost("99", "USD"), order.FieldQuantity, "2")...)
	h.settle()
	h.pass(7 * time.Minute)
	h.in(id, order.PartlyDelivered, "order.partly")
	h.pass(25 * time.Hour)
	if o := h.in(id, order.PartlyDelivered, "order_event.partly.end"); o.EndedAt.IsZero() {
		t.Error("after a day it has not ended")
	}
}

func TestARefundOfAPartialDeliveryIsStillSaidAfterADay(t *testing.T) {
	h := newShop(t)
	h.cloud.deliver = 1
	id := h.buy(append(atMost("99", "USD"), order.FieldQuantity, "2")...)
	h.settle()
	h.pass(7 * time.Minute)
	h.cloud.orders[0].Status = order.StatusPendingRefund
	h.pass(time.Hour)
	h.in(id, order.PartlyDelivered, "order.partly.refund")
	h.pass(25 * time.Hour)
	if o := h.in(id, order.PartlyDelivered, "order.partly.refund"); o.EndedAt.IsZero() {
		t.Error("after a day it has not ended")
	}
}

func TestAnsweredIDsThatTheOrderDidNotBringAreNamed(t *testing.T) {
	h := newShop(t)
	h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
		r, err := placed(c, p)
		r.InstanceIDs = []string{"65dea8d23005da564c78d9d2"}
		return r, err
	})
	id := h.buy(atMost("30", "USD")...)
	h.settle()
	h.pass(time.Minute)
	if o := h.in(id, order.Delivered, "order.delivered.other"); !slices.Equal(o.Missing, []string{"65dea8d23005da564c78d9d2"}) {
		t.Errorf("missing: got %v", o.Missing)
	}
}

func TestANewOrderMayBeInvisibleForAWhile(t *testing.T) {
	h := newShop(t)
	h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
		r, err := placed(c, p)
		c.orders[0].hidden = true
		return r, err
	})
	id := h.buy()
	h.settle()
	h.pass(90 * time.Second)
	h.in(id, order.Ordered, "")
	h.pass(4 * time.Minute)
	h.in(id, order.Ordered, "order.unseen")
	h.cloud.orders[0].hidden = false
	h.pass(30 * time.Second)
	h.in(id, order.AwaitingPayment, "")
}

func TestReadyWhenTheServersHaveAddresses(t *testing.T) {
	h := newShop(t)
	id := h.buy(atMost("30", "USD")...)
	h.settle()
	h.pass(30 * time.Second)
	o := h.in(id, order.Delivered, "")
	h.inventory.mu.Lock()
	h.inventory.known[o.Delivered[0].InstanceID] = order.Delivery{ServerID: "srv", Address: "203.0.113.84", State: "ACTIVE"}
	h.inventory.mu.Unlock()
	h.pass(30 * time.Second)
	o = h.order(id)
	if d := o.Delivered[0]; d.Address != "203.0.113.84" || !d.Ready || d.Name != "shop" {
		t.Errorf("delivery: got %+v", d)
	}
	if ids := h.events(id); ids[len(ids)-1] != "order_event.ready" {
		t.Errorf("timeline ends with %q", ids[len(ids)-1])
	}
}

func TestWhatWasPaidIsRemembered(t *testing.T) {
	h := newShop(t)
	h.buy()
	h.settle()
	r, _ := h.s.Parse(t.Context(), formWith(order.FieldName, "other", order.FieldDescription, "x"))
	paid, err := h.s.PaidFor(t.Context(), buyer, r)
	if err != nil || len(paid) != 1 || paid[0].Amount.Amount.String() != "12.4" {
		t.Errorf("paid for the same: got %v, %v", paid, err)
	}
	r.Quantity = 2
	if paid, _ = h.s.PaidFor(t.Context(), buyer, r); len(paid) != 0 {
		t.Errorf("paid for twice as many: got %v, want nothing", paid)
	}
}
