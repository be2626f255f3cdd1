package orders_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/web/webtest"
)

// The page of an order says nothing that is not known, and nothing twice in two
// ways: "sent" only of what was, "no clear answer" only where none came.
func TestOrderPageSaysNothingThatIsNotSo(t *testing.T) {
	with := func(o order.Order, change func(*order.Order)) order.Order { change(&o); return o }
	event := func(st order.State, m fault.Message) order.Event {
		return order.Event{At: webtest.Now.Add(-6 * time.Minute), State: st, Message: m}
	}
	recorded := event(order.Confirmed, fault.Say("order_event.recorded"))
	sent := event(order.Sending, fault.Say("order_event.sent"))
	answered := event(order.Ordered, fault.Say("order_event.ordered", "CloudOrder", "CS2611230914H1EW"))
	never := func(reason string, restored bool) order.Order {
		return with(webtest.Order(order.Unknown), func(o *order.Order) {
			o.SentAt, o.Reason, o.Restored = time.Time{}, fault.Say(reason), restored
			o.NextCheckAt, o.CheckUntil = webtest.Now.Add(40*time.Second), webtest.Now.Add(9*time.Minute)
		})
	}
	candidate := order.Candidate{CloudOrderID: "CS9", Status: order.StatusPendingPayment, CreatedAt: webtest.Now,
		Amount: webtest.Dollars("24.48"), Quantity: 3}
	again, check, lift := "again: Order again", "check: Check now", "lift: Lift the lock"
	for _, tt := range []orderCase{
		{name: "queued behind a pause: says what it waits for, and not that it goes in a moment",
			o: with(webtest.Order(order.Confirmed), func(o *order.Order) { o.Reason = fault.Say("order.held.turn") }), badge: "Queued",
			says: []string{"Huawei’s purchase service asked us to wait", "It goes out at the latest at 09:25, or not at all",
				"as soon as that is possible"}, not: []string{"in a moment", "Sent to Huawei", "Being sent"},
			buttons: []string{"cancel: Cancel"}},
		{name: "expired behind a pause",
			o: with(webtest.Order(order.Expired), func(o *order.Order) { o.Reason = fault.Say("order.expired.turn") }), badge: "Expired",
			says: []string{"took no orders meanwhile, so this one was not sent"}, not: []string{"Sent to Huawei"},
			buttons: []string{again}},
		{name: "refused before a byte left: not called sent", unsent: true, events: []order.Event{recorded, sent},
			o: with(webtest.Order(order.Refused), func(o *order.Order) { o.Reason = fault.Say("order.expired") }), badge: "Refused",
			says: []string{"so it was not sent at all"}, not: []string{"Sent to Huawei", "Request ID", "Tag sent", "Choose another"},
			buttons: []string{again}},
		{name: "refused for a wrong clock: its own sentence, not sent", unsent: true, events: []order.Event{recorded, sent},
			o: with(webtest.Order(order.Refused),
				func(o *order.Order) { o.Reason = fault.Say("cloud.clock.refused", "Minutes", "20") }),
			badge: "Refused",
			says:  []string{"The clock of this server is wrong by 20 minutes"},
			not:   []string{"Sent to Huawei", "no connection", "Choose another"}, buttons: []string{again}},
		{name: "refused by Huawei: was sent", events: []order.Event{recorded, sent}, o: with(webtest.Order(order.Refused),
			func(o *order.Order) { o.Reason, o.Code = fault.Say("order.refused.quota"), "HCSS.14000011" }), badge: "Refused",
			says: []string{"Done: Sent to Huawei", "Request ID"}, buttons: []string{again}},
		{name: "refused for now: waits to be sent once more", events: []order.Event{recorded, sent,
			event(order.Sending, fault.Say("order_event.throttled"))}, o: webtest.Order(order.Sending), badge: "Being ordered",
			says: []string{"Done: Sent to Huawei", "Now: Waiting to be sent once more", "it took no order"},
			not:  []string{"It is sent once", "up to a minute"}},
		{name: "sent once more", events: []order.Event{recorded, sent, event(order.Sending, fault.Say("order_event.throttled")),
			event(order.Sending, fault.Say("order_event.repeated"))}, o: webtest.Order(order.Sending), badge: "Being ordered",
			says: []string{"Now: Being sent to Huawei", "The answer takes up to a minute."},
			not:  []string{"It is sent once", "Waiting to be sent"}},
		{name: "stopped while queued", o: with(webtest.Order(order.Cancelled), func(o *order.Order) {
			o.CloudOrderID, o.Amount, o.CloudStatus, o.SentAt, o.Reason = "", nil, 0, time.Time{}, fault.Say("order.cancelled.stop")
		}), badge: "Cancelled", says: []string{"The console was stopped before this was sent; nothing was bought."},
			not: []string{"Sent to Huawei"}, buttons: []string{again}},
		{name: "unknown, never sent here: the restart, not a missing answer", o: never("order.unknown.restarted", false), badge: "Unknown",
			says: []string{"The console was restarted before this was sent. We are asking Huawei whether it was",
				"Not sent before the restart, as far as this console knows"}, not: []string{"No clear answer", "did not get a clear answer",
				"Sent to Huawei", "Tag sent"}, buttons: []string{check, lift}},
		{name: "unknown, of a database that was put back: that, not a restart", o: never("order.unknown.restored", true), badge: "Unknown",
			says: []string{"The database was put back to an earlier moment. We are asking", "queued or being sent"},
			not:  []string{"No clear answer", "Sent to Huawei"}, buttons: []string{check}},
		{name: "unknown, cut short by a stop: began, not sent", events: []order.Event{recorded, sent, event(order.Unknown, fault.Say("order.unknown.interrupted"))},
			o:     with(webtest.Order(order.Unknown), func(o *order.Order) { o.Reason = fault.Say("order.unknown.interrupted") }),
			badge: "Unknown",
			says:  []string{"Sending began", "The console stopped while it was sending"}, not: []string{"Sent to Huawei"},
			buttons: []string{check, lift}},
		{name: "unknown, the cap of a database that was put back is void",
			o: with(never("order.unknown.restored", true), func(o *order.Order) {
				o.Request.Payment, o.Request.Cap, o.Cap = order.AtMost, webtest.Dollars("30"), nil
			}), badge: "Unknown",
			says: []string{"it costs nothing until you pay it"}, not: []string{"we then pay it"}, buttons: []string{check}},
		{name: "unknown, the planned checks over: an owner may decide", o: with(webtest.Order(order.Unknown), func(o *order.Order) {
			o.Reason, o.Checks, o.CheckUntil, o.NextCheckAt, o.Candidates = fault.Say("order.unknown.silence"), 7,
				webtest.Now.Add(-time.Minute), webtest.Now.Add(time.Minute), []order.Candidate{candidate}
		}), badge: "Unknown", says: []string{"Is this the order?", "CS9", "The planned checks are over"},
			buttons: []string{check, lift, "adopt: This is it", "cancel-found: Cancel it", "ignore: Ignore", "none: It is not this one"}},
		{name: "unknown, the planned checks over, nothing seen", o: with(webtest.Order(order.Unknown), func(o *order.Order) {
			o.CheckUntil, o.Reason = webtest.Now.Add(-time.Minute), fault.Say("order.unknown.silence")
		}), badge: "Unknown",
			says:    []string{"Which order is it?", "The planned checks are over"},
			buttons: []string{check, lift, "none: It is none of these"}},
		{name: "unknown, still being looked for: nobody decides yet", o: with(webtest.Order(order.Unknown), func(o *order.Order) {
			o.CheckUntil, o.Candidates = webtest.Now.Add(time.Minute), []order.Candidate{candidate}
		}), badge: "Unknown",
			not: []string{"Which", "CS9"}, buttons: []string{check, lift}},
		{name: "needs human without candidates: what could not be read, and none of these",
			o: with(webtest.Order(order.NeedsHuman),
				func(o *order.Order) { o.Reason = fault.Say("order.human.none", "Unread", "1074") }),
			events: []order.Event{recorded, sent, event(order.Unknown, fault.Say("order.unknown.silence"))}, badge: "Needs a decision",
			says: []string{"does not tell which order this is", "not read: 1,074", "Which order is it?"},
			not:  []string{"more than one", "0 orders"}, buttons: []string{"none: It is none of these"}},
		{name: "needs human, answered: cannot be none of them, can be closed",
			o: with(webtest.Order(order.NeedsHuman), func(o *order.Order) {
				o.AnsweredOrder, o.Reason = "CS2611230914H1EW", fault.Say("order.human.unseen", "CloudOrder", "CS2611230914H1EW")
			}), events: []order.Event{recorded, sent, answered}, badge: "Needs a decision",
			says: []string{"Huawei answered with this order number CS2611230914H1EW", "its billing does not have it",
				"cannot be said here that there is no order"}, not: []string{"did not get a clear answer", "none of these"},
			buttons: []string{"close: Close this order"}},
		{name: "needs human, answered with another shape: candidates and the reason",
			o: with(webtest.Order(order.NeedsHuman), func(o *order.Order) {
				o.AnsweredOrder, o.Reason, o.Candidates = "CS1", fault.Say("order.human.shape", "CloudOrder", "CS1"),
					[]order.Candidate{candidate}
			}), events: []order.Event{recorded, sent, answered}, badge: "Needs a decision",
			says: []string{"Number in the answerCS1", "Huawei shows 1 order that may be this one. An owner decides.",
				"another quantity, period or size"},
			buttons: []string{"adopt: This is it", "cancel-found: Cancel it", "ignore: Ignore", "close: Close this order"}},
		{name: "ordered, unseen: billing does not show it, and no amount is being read",
			o:      with(webtest.Order(order.Ordered), func(o *order.Order) { o.Reason = fault.Say("order.unseen") }),
			events: []order.Event{recorded, sent, answered}, badge: "Ordered",
			says: []string{"does not show it yet", "its billing does not show the order yet"},
			not:  []string{"Reading the amount", "after a few seconds", "Huawei has the order", "Orders at Huawei that may be"}},
		{name: "ordered, unseen, others beside it: shown, not decided",
			o: with(webtest.Order(order.Ordered), func(o *order.Order) {
				o.Reason, o.Candidates = fault.Say("order.unseen"), []order.Candidate{candidate}
			}), events: []order.Event{recorded, sent, answered}, badge: "Ordered",
			says: []string{"An order at Huawei that may be this one", "CS9"}},
		{name: "found after it was never sent here", o: unsentSample(order.AwaitingPayment),
			events: []order.Event{recorded, event(order.Unknown, fault.Say("order.unknown.restarted")),
				event(order.Ordered, fault.Say("order_event.found", "CloudOrder", "CS2611230914H1EW"))}, badge: "Awaiting payment",
			says: []string{"found the order at Huawei"}, not: []string{"Sent to Huawei", "No clear answer"},
			buttons: []string{"pay: Pay US$ 24.48", "cancel: Cancel the order"}},
		{name: "recalled by its tag", o: webtest.Order(order.AwaitingPayment),
			events: []order.Event{event(order.Ordered, fault.Say("order_event.recalled", "CloudOrder", "CS2611230914H1EW"))},
			badge:  "Awaiting payment",
			says:   []string{"carries the tag of this purchase"}, not: []string{"Sent to Huawei"},
			buttons: []string{"pay: Pay US$ 24.48", "cancel: Cancel the order"}},
		{name: "recognised by likeness: a person pays", o: with(webtest.Order(order.AwaitingPayment), func(o *order.Order) {
			o.Request.Payment, o.Request.Cap, o.Reason = order.AtMost, webtest.Dollars("30"), fault.Say("order.pay.likeness")
		}), badge: "Awaiting payment",
			says:    []string{"recognised by quantity, period, size and time alone"},
			buttons: []string{"pay: Pay US$ 24.48", "cancel: Cancel the order"}},
		{name: "paying, unseen since an hour", o: unseenFor(time.Hour), badge: "Paying", says: []string{"has not shown this order since today at 08:21"}, not: []string{"Close this order"}},
		{name: "paying, unseen since a day: an owner may close it", o: unseenFor(25 * time.Hour), badge: "Paying", says: []string{"has not shown this order since yesterday at 08:21", "Nothing is paid or given back by that"}, buttons: []string{"close: Close this order"}},
		{name: "closed by an owner: not by Huawei", o: with(webtest.Order(order.Closed), func(o *order.Order) {
			o.CloudOrderID, o.CloudStatus, o.Amount, o.AnsweredOrder, o.Reason = "", 0, nil, "CS2611230914H1EW",
				fault.Say("order.closed.declared")
		}), events: []order.Event{recorded, sent, answered,
			{At: webtest.Now, State: order.Closed, Message: fault.Say("order_event.closed.declared"), Person: "Mei"}}, badge: "Closed",
			says:    []string{"Closed by Mei", "An owner closed this order", "Huawei answered with this order number CS2611230914H1EW"},
			not:     []string{"Closed by Huawei", "Huawei ended", "We looked, and found the order", "Huawei’s status"},
			buttons: []string{again}},
	} {
		t.Run(tt.name, tt.check)
	}
}

// unsentSample is a sample that this console never sent.
func unsentSample(state order.State) order.Order {
	o := webtest.Order(state)
	o.SentAt = time.Time{}
	return o
}

// unseenFor is a payment of an order that billing has not shown for so long.
func unseenFor(d time.Duration) order.Order {
	o := webtest.Order(order.Paying)
	o.PaySends, o.PaySentAt, o.CloudReadAt = 1, webtest.Now.Add(-d), webtest.Now.Add(-d)
	why := "order.pay.unseen"
	if d >= 24*time.Hour {
		why = "order.pay.lost"
	}
	o.Reason = fault.Say(why, "CloudOrder", o.CloudOrderID, "Since", webtest.Now.Add(-d).UTC().Format(time.RFC3339))
	return o
}

// Whatever page somebody pressed on, and whatever they forged: an order that
// belongs to another purchase is left alone, and the page says so.
func TestDecisionsAboutAnotherPurchasesOrderAreRefused(t *testing.T) {
	for _, do := range []string{"adopt", "cancel-found", "ignore"} {
		c, s, _ := webtest.OpenShop(t)
		s.GivenOrders["o1"] = webtest.Order(order.NeedsHuman)
		s.Refuse = fault.New(fault.Conflict, "order.found.linked", "CloudOrder", "CS7", "Order", "o2")
		c.Post("/orders/o1/"+do, "order", "CS7").Want(http.StatusSeeOther, "/orders/o1")
		webtest.Says(t, c.Get("/orders/o1").Page(), "#toasts", "CS7 belongs to another purchase here already, so it was left alone.")
	}
}

func TestPassportCallsAnAttemptSentOnlyIfItWas(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	p := passportSample()
	p.Order = webtest.Order(order.Refused)
	p.Attempts = []order.Attempt{{N: 1, SentAt: webtest.Now, Outcome: string(order.Refused)}}
	p.Exchanges[0].Sent = false
	s.Passports["o1"] = p
	doc := c.Get("/orders/o1/passport").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "main", "not sent")
	if strings.Contains(doc.Find("#passport-attempts").Text(), "no answer") {
		t.Error("an attempt that never left is said to have no answer")
	}
}
