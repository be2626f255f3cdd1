package order_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
)

func TestExactPriceFirst(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.in(id, order.Confirmed, "")
	if n := h.purchases(); n != 0 {
		t.Fatalf("purchases before the worker ran: got %d, want 0", n)
	}
	h.settle()
	o := h.in(id, order.AwaitingPayment, "")
	if o.Amount == nil || o.Amount.Amount.String() != "12.4" || o.Amount.Currency != "USD" {
		t.Errorf("amount: got %v, want 12.40 USD", o.Amount)
	}
	if o.CloudOrderID == "" || o.PayBy.IsZero() || o.CloudStatus != 6 {
		t.Errorf("order number, deadline, status: got %q %v %d", o.CloudOrderID, o.PayBy, o.CloudStatus)
	}
	h.pass(30 * time.Minute)
	if h.cloud.calls["pay"] != 0 {
		t.Error("an order was paid that nobody wanted paid")
	}
	if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), o.Rev); err != nil {
		t.Fatalf("pay: %v", err)
	}
	if err := h.s.Pay(t.Context(), buyer, id, *usd("12.40"), o.Rev); err != nil {
		t.Errorf("pay pressed twice: %v", err)
	}
	h.settle()
	h.clock.add(5 * time.Second)
	h.settle()
	o = h.in(id, order.Delivered, "")
	if len(o.Delivered) != 1 || o.Delivered[0].Name != "shop" || o.Delivered[0].InstanceID != o.AnsweredIDs[0] {
		t.Errorf("delivered: got %+v, answered %v", o.Delivered, o.AnsweredIDs)
	}
	if h.purchases() != 1 || h.pays() != 1 {
		t.Errorf("purchases, payments: got %d, %d, want 1, 1", h.purchases(), h.pays())
	}
	want := []string{"order_event.recorded", "order_event.sent", "order_event.ordered", "order_event.amount", "order_event.pay",
		"order_event.paying", "order_event.pay.sent", "order_event.paid.amount", "order_event.created", "order_event.delivered"}
	if got := h.events(id); !slices.Equal(got, want) {
		t.Errorf("timeline:\n got %v\nwant %v", got, want)
	}
	audits := []string{"order.confirm", "order.send about to send", "order.send ordered", "order.pay", "order.pay.send about to send",
		"order.pay.send ok", "order.delivered ok"}
	if got := h.audits(id); !slices.Equal(got, audits) {
		t.Errorf("audit:\n got %v\nwant %v", got, audits)
	}
	for _, topic := range []string{"order/" + id, "orders", "attention"} {
		if !h.told(topic) {
			t.Errorf("nobody was told of %s", topic)
		}
	}
	if len(h.inventory.after) == 0 {
		t.Error("the inventory was not asked to refresh after the delivery")
	}
}

// Every code of Table 4-8 and every status of Table 4-7 ends in its own state
// and on its own sentence.
func TestEveryAnswerHasItsStateAndSentence(t *testing.T) {
	type answer = func(*cloud, purchaseCall) (order.Receipt, error)
	for _, c := range []struct {
		name   string
		answer answer
		state  order.State
		reason string
	}{
		{"invalid parameter", refused(400, "HCSS.14000001"), order.Refused, "order.refused.parameter"},
		{"sold out", refused(400, "HCSS.14000010"), order.Refused, "order.refused.soldout"},
		{"quota", refused(400, "HCSS.14000011"), order.Refused, "order.refused.quota"},
		{"authentication failed", refused(401, "APIGW.0301"), order.Refused, "order.refused.login"},
		{"sign-in ended: the key may be good", func(*cloud, purchaseCall) (order.Receipt, error) {
			return order.Receipt{}, &fault.Error{Kind: fault.Refused, Message: fault.Say("cloud.token.ended"), Status: 401,
				Code: "APIGW.0307"}
		}, order.Refused, "cloud.token.ended"},
		{"not permitted", refused(403, "APIGW.0302"), order.Refused, "order.refused.permission"},
		{"no such path", refused(404, "APIGW.0101"), order.Refused, "order.refused.path"},
		{"another refusal", refused(400, "X.1"), order.Refused, "order.refused.parameter"},
		{"headers never written", unsent, order.Refused, "order.refused.unreachable"},
		{"service behind: CORS", unknown(400, "HCSS.14000002"), order.Unknown, "order.unknown.backend"},
		{"service behind: billing", unknown(400, "HCSS.14000003"), order.Unknown, "order.unknown.billing"},
		{"service behind: ECS", unknown(400, "HCSS.14000004"), order.Unknown, "order.unknown.server"},
		{"service behind: EVS", unknown(400, "HCSS.14000005"), order.Unknown, "order.unknown.disk"},
		{"service behind: EIP", unknown(400, "HCSS.14000006"), order.Unknown, "order.unknown.address"},
		{"service behind: ELB", unknown(400, "HCSS.14000007"), order.Unknown, "order.unknown.balancer"},
		{"service behind: IMS", unknown(400, "HCSS.14000008"), order.Unknown, "order.unknown.image"},
		{"service behind: marketplace", unknown(400, "HCSS.14000009"), order.Unknown, "order.unknown.market"},
		{"a dependency code that the adapter took for a refusal", refused(400, "HCSS.14000004"), order.Unknown, "order.unknown.server"},
		{"server exception", unknown(500, "HCSS.15000001"), order.Unknown, "order.unknown.fault"},
		{"bad gateway", unknown(502, ""), order.Unknown, "order.unknown.fault"},
		{"a 503 that the adapter took for a refusal", refused(503, ""), order.Unknown, "order.unknown.fault"},
		{"silence", silent, order.Unknown, "order.unknown.silence"},
		{"2xx without a number", unknown(202, ""), order.Unknown, "order.unknown.garbled"},
		{"3xx", unknown(302, ""), order.Unknown, "order.unknown.redirect"},
		{"an odd status", unknown(418, ""), order.Unknown, "order.unknown.odd"},
		{"accepted without a number and without an error", func(*cloud, purchaseCall) (order.Receipt, error) {
			return order.Receipt{Status: 202}, nil
		}, order.Unknown, "order.unknown.garbled"},
		{"our own side would not send", func(c *cloud, p purchaseCall) (order.Receipt, error) {
			c.purchases = nil
			return order.Receipt{}, fault.New(fault.Unreachable, "cloud.circuit")
		}, order.Refused, "cloud.circuit"},
		{"the machine's clock is wrong", func(c *cloud, p purchaseCall) (order.Receipt, error) {
			return order.Receipt{}, fault.New(fault.Unreachable, "cloud.clock.refused", "Minutes", "20")
		}, order.Refused, "cloud.clock.refused"},
		{"Huawei takes the wrong clock for a wrong key", func(*cloud, purchaseCall) (order.Receipt, error) {
			return order.Receipt{}, &fault.Error{Kind: fault.Refused, Message: fault.Say("cloud.clock", "Minutes", "8"), Status: 401}
		}, order.Refused, "cloud.clock"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newShop(t)
			h.script(c.answer)
			id := h.buy()
			h.settle()
			o := h.in(id, c.state, c.reason)
			if c.state == order.Refused && o.EndedAt.IsZero() {
				t.Error("refused is final and has no end")
			}
			if c.state == order.Unknown && !o.NextCheckAt.Equal(h.clock.Now().Add(15*time.Second)) {
				t.Errorf("first look: got %v, want 15 s later", o.NextCheckAt)
			}
			if n := h.purchases(); n > 1 {
				t.Errorf("purchases on the wire: got %d, want 1", n)
			}
		})
	}
}

func TestThrottledIsRepeatedOnceAMinuteLater(t *testing.T) {
	h := newShop(t)
	h.script(refused(429, "HCSS.14290001"), placed)
	id := h.buy()
	h.settle()
	h.pass(time.Minute)
	h.in(id, order.AwaitingPayment, "")
	p := h.cloud.purchases
	if len(p) != 2 || p[0].clientRequestID == p[1].clientRequestID || p[1].at.Sub(p[0].at) < time.Minute || p[0].body.Tag != p[1].body.Tag {
		t.Fatalf("two sends, a minute apart, own request ids, one tag: got %+v", p)
	}
	a, err := h.store.Attempts(t.Context(), id)
	if err != nil || len(a) != 2 || a[0].Outcome != "refused" || a[1].Outcome != "ordered" || a[1].ClientRequestID != p[1].clientRequestID {
		t.Errorf("attempts: got %+v, %v", a, err)
	}
}

func TestThrottledTwiceIsRefused(t *testing.T) {
	h := newShop(t)
	h.script(refused(429, "HCSS.14290001"), refused(429, "HCSS.14290001"), placed)
	id := h.buy()
	h.settle()
	h.pass(10 * time.Minute)
	h.in(id, order.Refused, "order.refused.busy")
	if n := h.purchases(); n != 2 {
		t.Errorf("sends: got %d, want 2", n)
	}
}

func TestThrottledBeyondTheFiveMinutesIsNotRepeated(t *testing.T) {
	h := newShop(t)
	h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
		_, err := refused(429, "HCSS.14290001")(c, p)
		fault.Of(err).RetryAfter = 5 * time.Minute
		return order.Receipt{}, err
	})
	id := h.buy()
	h.settle()
	h.in(id, order.Refused, "order.refused.busy")
	if h.purchases() != 1 {
		t.Errorf("sent %d times, want once", h.purchases())
	}
}

func TestOdooIsSentAsOdoAfterADefiniteNo(t *testing.T) {
	h := newShop(t)
	h.script(refused(400, "HCSS.14000001"), placed)
	form := []string{order.FieldImage, "odoo", order.FieldSize, "2-4"}
	id := h.buy(form...)
	h.settle()
	h.in(id, order.AwaitingPayment, "")
	p := h.cloud.purchases
	if len(p) != 2 || p[0].body.Image != "Odoo" || p[1].body.Image != "Odo" || p[0].clientRequestID == p[1].clientRequestID {
		t.Fatalf("spellings: got %+v", p)
	}
	v := h.review(formWith(append(form, order.FieldName, "shop-2")...))
	if v.ImageName != "Odo" || !strings.Contains(string(v.Body), `"Odo"`) {
		t.Errorf("the review of the next one shows %q, want the spelling that worked", v.ImageName)
	}
}

func TestOneDefiniteNoToBothSpellingsIsRefused(t *testing.T) {
	h := newShop(t)
	h.script(refused(400, "HCSS.14000001"), refused(400, "HCSS.14000001"), placed)
	id := h.buy(order.FieldImage, "odoo")
	h.settle()
	h.in(id, order.Refused, "order.refused.parameter")
	if n := h.purchases(); n != 2 {
		t.Errorf("sends: got %d, want 2", n)
	}
}

func TestABrokenAccountRefusesBeforeAnyByte(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.accounts.broken = fault.New(fault.Refused, "fault.account.broken")
	h.settle()
	h.in(id, order.Refused, "fault.account.broken")
	if n := h.purchases(); n != 0 {
		t.Errorf("sends: got %d, want 0", n)
	}
}

func TestNotSentWithinFiveMinutesExpires(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.clock.add(5 * time.Minute)
	h.settle()
	h.in(id, order.Expired, "order.expired")
	h.pass(time.Hour)
	if n := h.purchases(); n != 0 {
		t.Errorf("sends: got %d, want 0", n)
	}
}

func TestItDoesNotWaitForItsTurnBeyondTheFiveMinutes(t *testing.T) {
	h := newShop(t)
	h.script(func(c *cloud, _ purchaseCall) (order.Receipt, error) {
		c.clock.add(4 * time.Minute)
		return order.Receipt{}, fault.New(fault.Unreachable, "cloud.stopped")
	})
	id, start := h.buy(), time.Now()
	h.clock.add(2 * time.Minute)
	h.settle()
	h.in(id, order.Refused, "order.expired")
	p := h.cloud.purchases
	if len(p) != 1 {
		t.Fatalf("asked to send %d times, want once", len(p))
	}
	if left := p[0].until.Sub(start); left < 3*time.Minute-time.Second || left > 3*time.Minute+time.Second+time.Since(start) {
		t.Errorf("may wait %v, want what is left of the five minutes", left)
	}
	if h.pass(time.Hour); h.purchases() != 1 {
		t.Error("it was sent later")
	}
}

func TestWithAFullDiskNothingIsSent(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.free = 31 << 20
	h.settle()
	h.in(id, order.Confirmed, "order.held.disk")
	if n := h.purchases(); n != 0 {
		t.Fatalf("sends: got %d, want 0", n)
	}
	h.free = 33 << 20
	h.clock.add(2 * time.Second)
	h.settle()
	h.in(id, order.AwaitingPayment, "")
}

func TestTheIntentTagCanBeLeftOut(t *testing.T) {
	h := newShop(t)
	h.settings.noTag = true
	if v := h.review(formWith()); v.IntentTag != "" || strings.Contains(string(v.Body), `"Tag":"x`) {
		t.Errorf("tag: got %q, want none", v.IntentTag)
	}
	h.settings.noTag = false
	if v := h.review(formWith()); len(v.IntentTag) != 10 {
		t.Errorf("tag: got %q, want 10 characters", v.IntentTag)
	}
}

func TestThePassportHoldsWhatATicketNeeds(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy()
	h.settle()
	h.pass(time.Minute)
	p, err := h.s.Passport(t.Context(), buyer, id)
	if err != nil {
		t.Fatal(err)
	}
	if p.Order.ID != id || len(p.Attempts) != 1 || len(p.Checks) == 0 || len(p.Exchanges) < 2 || len(p.Events) < 3 {
		t.Errorf("passport: attempts %d, checks %d, exchanges %d, events %d", len(p.Attempts), len(p.Checks), len(p.Exchanges),
			len(p.Events))
	}
	if p.Exchanges[0].ClientRequestID != p.Attempts[0].ClientRequestID || !p.Exchanges[0].Sent {
		t.Errorf("first exchange: got %+v", p.Exchanges[0])
	}
	if !strings.Contains(string(p.Body), `"Name":"shop"`) || p.URL == "" {
		t.Errorf("body and address: got %s, %q", p.Body, p.URL)
	}
}
