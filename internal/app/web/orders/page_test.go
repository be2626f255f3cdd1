package orders_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/live"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/text"
)

// buttons are the addresses of the forms on a page.
func buttons(doc *goquery.Document) []string {
	var all []string
	doc.Find("main form[method=post]").Each(func(_ int, f *goquery.Selection) {
		action, _ := f.Attr("action")
		all = append(all, strings.TrimPrefix(action, "/orders/o1/")+": "+strings.Join(strings.Fields(f.Find("button").Text()), " "))
	})
	return all
}

func TestOrderPageOfEveryState(t *testing.T) {
	unknown := func(mode order.Mode) order.Order {
		o := webtest.Order(order.Unknown)
		o.Request.Payment, o.Reason = mode, fault.Say("order.unknown.silence")
		o.Checks, o.NextCheckAt, o.CheckUntil = 3, webtest.Now.Add(40*time.Second), webtest.Now.Add(9*time.Minute)
		return o
	}
	with := func(o order.Order, change func(*order.Order)) order.Order { change(&o); return o }
	again := "again: Order again"
	tests := []struct {
		name    string
		o       order.Order
		badge   string
		says    []string // in main
		not     []string
		buttons []string
	}{
		{"queued: not sent yet, and can be cancelled", webtest.Order(order.Confirmed), "Queued",
			[]string{"Waiting to be sent", "By Kerem", "nothing charged", "not known yet"}, []string{"Sent to Huawei"},
			[]string{"cancel: Cancel"}},
		{"sending: the page may be closed", webtest.Order(order.Sending), "Being ordered",
			[]string{"You may close this page", "Being sent to Huawei", "It is sent once"}, []string{"Sent to Huawei", "US$"}, nil},
		{"refused: nothing bought, what Huawei said, ways on", with(webtest.Order(order.Refused), func(o *order.Order) {
			o.Reason, o.Code, o.RequestID, o.Detail = fault.Say("order.refused.soldout"), "HCSS.14000010", "req-1",
				"Insufficient specifications."
		}), "Refused", []string{"Nothing was bought or charged", "no servers of this size in this region", "HCSS.14000010",
			"Insufficient specifications.", "nothing charged", "Your other choices are kept"},
			[]string{"US$"}, []string{"again: Choose another size", "again: Choose another region", again}},
		{"refused for the account: the account is the way on, not another size", with(webtest.Order(order.Refused), func(o *order.Order) {
			o.Reason, o.Code = fault.Say("order.refused.login"), "APIGW.0301"
		}), "Refused", []string{"does not accept the stored key", "See the account"}, []string{"US$", "Choose another"}, []string{again}},
		{"refused because the sign-in had ended: once more", with(webtest.Order(order.Refused), func(o *order.Order) {
			o.Reason, o.Code = fault.Say("cloud.token.ended"), "APIGW.0307"
		}), "Refused", []string{"ended the console’s sign-in", "signs in anew"},
			[]string{"US$", "Choose another", "stored key", "just now"}, []string{again}},
		{"refused for the moment: once more", with(webtest.Order(order.Refused), func(o *order.Order) {
			o.Reason = fault.Say("order.refused.busy")
		}), "Refused", []string{"Huawei is busy"}, []string{"US$", "Choose another", "See the account"}, []string{again}},
		{"expired: another one took too long", with(webtest.Order(order.Expired), func(o *order.Order) { o.Reason = fault.Say("order.expired.other") }), "Expired", []string{"Another purchase of this account took too long", "Nothing was bought"}, []string{"Sent to Huawei", "US$"}, []string{again}},
		{"expired: never sent", webtest.Order(order.Expired), "Expired", []string{"never will be", "Nothing was bought"}, []string{"Sent to Huawei", "US$"}, []string{again}},
		{"cancelled while queued: nothing bought", with(webtest.Order(order.Cancelled),
			func(o *order.Order) { o.CloudOrderID, o.Amount, o.CloudStatus, o.SentAt = "", nil, 0, time.Time{} }),
			"Cancelled", []string{"cancelled before it was sent", "Nothing was bought", "nothing charged"}, []string{"US$"},
			[]string{again}},
		{"cancelled unpaid: the amount is called unpaid", webtest.Order(order.Cancelled), "Cancelled", []string{"cancelled unpaid", "Nothing was charged", "US$ 24.48, unpaid", "CS2611230914H1EW"}, nil, []string{again}},
		{"unknown: checks, next, last, meaning, lock", unknown(order.ExactPriceFirst), "Unknown",
			[]string{"do not order again", "nothing is being sent again", "Buying on Orchid Retail is locked",
				"it costs nothing until you pay it", "Checked 3 times", "Next check at 09:21:40", "Last one at 09:30:00",
				"The connection to Huawei broke", "it is unpaid", "85a56f6c-8aee-4c1b-bf76-5d98d1ac023d"}, []string{"possibly paid", "US$"},
			[]string{"check: Check now", "lift: Lift the lock"}},
		{"unknown with deduct at once: possibly paid", unknown(order.DeductAtOnce), "Unknown, possibly paid",
			[]string{"It is possibly paid", "may already have deducted", "not known; possibly paid"},
			[]string{"costs nothing until you pay it", "US$"}, []string{"check: Check now", "lift: Lift the lock"}},
		{"unknown with a cap: says that it will be paid within it", with(unknown(order.AtMost),
			func(o *order.Order) { o.Request.Cap, o.Cap = webtest.Dollars("30"), webtest.Dollars("30") }), "Unknown",
			[]string{"If it is surely this one, we then pay it if it costs US$ 30.00 or less; else we ask",
				"if the order exists, it is unpaid"}, []string{"until you pay it", "possibly paid"},
			[]string{"check: Check now", "lift: Lift the lock"}},
		{"unknown, lock lifted: says so, offers it no more",
			with(unknown(order.ExactPriceFirst), func(o *order.Order) { o.LockLifted = true }), "Unknown",
			[]string{"An owner lifted the lock"}, []string{"is locked"}, []string{"check: Check now"}},
		{"needs human: candidates side by side", with(webtest.Order(order.NeedsHuman), func(o *order.Order) {
			o.Candidates = []order.Candidate{
				{CloudOrderID: "CS1", Status: 6, CreatedAt: webtest.Now, Amount: webtest.Dollars("24.48"), Quantity: 3, Why: []string{"quantity", "time"}},
				{CloudOrderID: "CS2", Status: 5, CreatedAt: webtest.Now, Quantity: 3, Names: []string{"shop-a"}, Why: []string{"name"}},
			}
		}), "Needs a decision", []string{"Which of these orders is it?", "CS1", "waiting for payment", "US$ 24.48", "CS2", "not known",
			"the quantity and the time", "shop-a", "2 orders at Huawei"}, nil,
			[]string{"adopt: This is it", "cancel-found: Cancel it", "ignore: Ignore", "adopt: This is it", "ignore: Ignore",
				"none: None of these"}},
		{"not found: order again, watching", with(webtest.Order(order.NotFound), func(o *order.Order) {
			o.CheckUntil, o.Reason = webtest.Now.Add(23*time.Hour), fault.Say("order.notfound")
		}), "Not found",
			[]string{"Huawei shows no order", "We keep watching until", "not known; if the order exists, it is unpaid"},
			[]string{"US$", "possibly paid"}, []string{again, "check: Check now"}},
		{"not found after deduct at once: the money is not called safe",
			with(webtest.Order(order.NotFound), func(o *order.Order) { o.Request.Payment = order.DeductAtOnce }), "Not found",
			[]string{"Huawei was asked to deduct at once", "Compare the balance", "possibly paid"}, []string{"costs nothing"},
			[]string{again, "check: Check now"}},
		{"not found, a late hit: adopt, cancel while unpaid, ignore", with(webtest.Order(order.NotFound), func(o *order.Order) {
			o.CheckUntil = webtest.Now.Add(time.Hour)
			o.Candidates = []order.Candidate{{CloudOrderID: "CS9", Status: 6, CreatedAt: webtest.Now, Amount: webtest.Dollars("24.48")}}
		}), "Not found", []string{"We found an order at Huawei that may be this one", "Huawei showed no order at first", "CS9"},
			[]string{"Huawei shows no order", "You can order again"},
			[]string{"adopt: This is it", "cancel-found: Cancel it", "ignore: Ignore", again, "check: Check now"}},
		{"not found, a late hit that is paid: it cannot be cancelled", with(webtest.Order(order.NotFound), func(o *order.Order) {
			o.Candidates = []order.Candidate{{CloudOrderID: "CS9", Status: 5, CreatedAt: webtest.Now}}
		}), "Not found", []string{"CS9", "completed"}, []string{"Cancel it"},
			[]string{"adopt: This is it", "ignore: Ignore", again, "check: Check now"}},
		{"ordered: number, amount being read", webtest.Order(order.Ordered), "Ordered", []string{"CS2611230914H1EW", "Reading the amount", "not known"}, []string{"US$"}, nil},
		{"awaiting payment: Pay carries the amount", webtest.Order(order.AwaitingPayment), "Awaiting payment",
			[]string{"reserved the order until 30 Nov", "costs nothing until somebody pays", "Huawei’s price: US$ 24.48",
				"List price US$ 25.77, your discount US$ 1.29", "balance of the account is not known", "US$ 24.48, unpaid"}, nil,
			[]string{"pay: Pay US$ 24.48", "cancel: Cancel the order"}},
		{"awaiting payment, amount not read: no Pay, no zero",
			with(webtest.Order(order.AwaitingPayment), func(o *order.Order) { o.Amount = nil }), "Awaiting payment",
			[]string{"has not shown the amount yet", "not known, unpaid"}, []string{"Pay US$", "0.00"},
			[]string{"cancel: Cancel the order"}},
		{"awaiting payment above the cap: says why it asks", with(webtest.Order(order.AwaitingPayment), func(o *order.Order) {
			o.Request.Payment, o.Request.Cap = order.AtMost, webtest.Dollars("20")
			o.Reason = fault.Say("order.cap.more", "Money", "24.48 USD", "Cap", "20 USD")
		}), "Awaiting payment", []string{"Huawei wants US$ 24.48, more than the US$ 20.00 you set", "At most US$ 20.00"}, nil,
			[]string{"pay: Pay US$ 24.48", "cancel: Cancel the order"}},
		{"awaiting payment in another currency than the cap: says so without a stored reason",
			with(webtest.Order(order.AwaitingPayment), func(o *order.Order) {
				o.Request.Payment, o.Request.Cap = order.AtMost, &order.Money{Amount: decimal.NewFromInt(900), Currency: "CNY"}
			}), "Awaiting payment", []string{"in another currency than CN¥ 900.00"}, nil,
			[]string{"pay: Pay US$ 24.48", "cancel: Cancel the order"}},
		{"pay pressed: cannot be pressed again", with(webtest.Order(order.AwaitingPayment),
			func(o *order.Order) { o.PayAskedAt, o.PayAskedBy = webtest.Now, "Mei" }), "Awaiting payment",
			[]string{"Mei pressed Pay at 09:21:00"}, nil, nil},
		{"cancel pressed: nothing else can be pressed", with(webtest.Order(order.AwaitingPayment),
			func(o *order.Order) { o.CancelAskedAt, o.CancelAskedBy = webtest.Now, "Mei" }), "Awaiting payment",
			[]string{"Mei pressed Cancel"}, nil, nil},
		{"paying: not called sent before it was", webtest.Order(order.Paying), "Paying", []string{"Payment being checked", "Whether the payment was sent is not known", "US$ 24.48, payment being checked"}, []string{"Payment sent"}, nil},
		{"paying, not taken: not called sent",
			with(webtest.Order(order.Paying), func(o *order.Order) { o.Reason = fault.Say("order.pay.later") }), "Paying",
			[]string{"Payment not taken yet", "Huawei did not take the payment yet"}, []string{"Payment sent"}, nil},
		{"delivering: n of m, and time of the last answer", with(webtest.Order(order.Delivering), func(o *order.Order) {
			o.Delivered = []order.Delivery{webtest.Delivery("i1", "203.0.113.84", true)}
			o.PaySends = 1
		}), "Delivering", []string{"1 of 3 servers ready", "shop-i1", "203.0.113.84", "name not known yet", "Huawei said “processing”"},
			[]string{"no password yet"}, nil},
		{"delivered: names, addresses, sign-in, site, password", with(webtest.Order(order.Delivered), func(o *order.Order) {
			o.Delivered = []order.Delivery{webtest.Delivery("i1", "203.0.113.84", true), webtest.Delivery("i2", "203.0.113.91", true),
				webtest.Delivery("i3", "203.0.113.97", true)}
		}), "Delivered",
			[]string{"Finished in 3 min 40 s", "ssh root@203.0.113.84", "Open site", "no password yet", "Set a password on Huawei’s page",
				"finishes its own set-up", "23 Dec, renews automatically", "Huawei delivered 3 of 3 servers", "Ready to use"},
			nil, []string{"again: Buy more like these"}},
		{"delivered, an address missing: not called delivered", with(webtest.Order(order.Delivered), func(o *order.Order) {
			o.Delivered = []order.Delivery{webtest.Delivery("i1", "203.0.113.84", true), webtest.Delivery("i2", "", false),
				webtest.Delivery("i3", "", false)}
			o.Delivered[1].State, o.Delivered[2].State, o.Followed = "BUILD", "", true
		}), "Servers starting", []string{"Huawei delivered it; 1 of 3 servers are ready", "1 of 3 are there", "waiting", "Creating",
			"Not read yet"}, []string{"Addresses and sign-in stand above", "Finished"}, []string{"again: Buy more like these"}},
		{"delivered, an address missing after a day: nobody looks any more", with(webtest.Order(order.Delivered), func(o *order.Order) {
			o.Delivered = []order.Delivery{webtest.Delivery("i1", "203.0.113.84", true), webtest.Delivery("i2", "", false),
				webtest.Delivery("i3", "", false)}
		}), "Not all servers seen", []string{"we saw 1 of 3 servers", "We looked for a day"},
			[]string{"Addresses and sign-in stand above", "Finished"}, []string{"again: Buy more like these"}},
		{"delivered, a server gone since: it is not called running", with(webtest.Order(order.Delivered), func(o *order.Order) {
			o.Request.Quantity, o.Delivered = 1, []order.Delivery{webtest.Delivery("i1", "203.0.113.84", true)}
			o.Delivered[0].State, o.Delivered[0].Gone = "", true
		}), "Delivered", []string{"Finished in 3 min 40 s", "Not found any more"}, []string{"Running", "ssh root@"},
			[]string{"again: Buy more like these"}},
		{"partly delivered: n of m, what is missing, refund hint", with(webtest.Order(order.PartlyDelivered), func(o *order.Order) {
			o.Delivered = []order.Delivery{webtest.Delivery("i1", "203.0.113.84", true)}
		}), "Partly delivered", []string{"delivered 1 of 3", "not delivered", "whether the missing part is refunded"}, nil,
			[]string{"again: Buy more like these"}},
		{"closed: raw status", with(webtest.Order(order.Closed), func(o *order.Order) { o.Reason = fault.Say("order.closed.cancelled") }),
			"Closed",
			[]string{"Huawei’s status: cancelled", "What was charged and given back stands in the account’s bills"},
			[]string{"goes back", "Whether money"}, []string{again}},
		{"closed with a status we have no word for: its number", with(webtest.Order(order.Closed), func(o *order.Order) { o.CloudStatus = 12 }), "Closed", []string{"status 12"}, nil, []string{again}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			events := []order.Event{{At: test.o.CreatedAt.Add(3*time.Minute + 40*time.Second), State: order.Delivered,
				Message: fault.Say("order_event.ready")}}
			if test.o.State != order.Delivered {
				events = nil
			}
			orderCase{o: test.o, events: events, badge: test.badge, says: test.says, not: test.not, buttons: test.buttons}.check(t)
		})
	}
}

// orderCase is an order and what its page says and offers to an owner.
type orderCase struct {
	name    string
	o       order.Order
	events  []order.Event
	unsent  bool // no byte of the purchase left
	badge   string
	says    []string // in main
	not     []string
	buttons []string
}

func (test orderCase) check(t *testing.T) {
	t.Helper()
	c, s, _ := webtest.OpenShop(t)
	s.GivenOrders["o1"], s.GivenEvents["o1"] = test.o, test.events
	if test.unsent {
		s.Passports["o1"] = order.Passport{Order: test.o,
			Exchanges: []account.Exchange{{Call: "purchase"}, {Call: "token", Sent: true, Status: http.StatusUnauthorized}}}
	}
	doc := c.Get("/orders/o1").Want(http.StatusOK).Page()
	if got := strings.TrimSpace(doc.Find("#order-state").Text()); got != test.badge {
		t.Errorf("badge: got %q, want %q", got, test.badge)
	}
	main := strings.Join(strings.Fields(strings.ReplaceAll(doc.Find("main").Text(), "\u00a0", " ")), " ")
	for _, want := range test.says {
		if !strings.Contains(main, want) {
			t.Errorf("the page does not say %q:\n%s", want, main)
		}
	}
	for _, not := range test.not {
		if strings.Contains(main, not) {
			t.Errorf("the page says %q", not)
		}
	}
	if strings.Contains(main, "⟦") {
		t.Errorf("a value is missing: %s", main)
	}
	got := buttons(doc)
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], "\u00a0", " ")
	}
	want := test.buttons
	switch test.o.State { // the others offer it at the place that says what failed, or as "more like these"
	case order.Confirmed, order.Sending, order.Unknown, order.NeedsHuman, order.Ordered, order.AwaitingPayment, order.Paying,
		order.Delivering:
		want = append([]string{"again: Buy again"}, want...)
	}
	if !slices.ContainsFunc(got, func(b string) bool { return strings.HasPrefix(b, "again: ") }) {
		t.Errorf("%s: the same cannot be bought again from here: %q", test.o.State, got)
	}
	if !slices.Equal(got, want) {
		t.Errorf("buttons:\n got %q\nwant %q", got, want)
	}
	waits := test.o.Followed
	if live := doc.Find("[sse-swap='order/o1']").Length() > 0; live != (waits || !test.o.Final()) {
		t.Errorf("listens: got %v, final %v", live, test.o.Final())
	}
	if n := doc.Find("h1").Length(); n != 1 {
		t.Errorf("%d h1", n)
	}
}

func TestPayButtonSendsWhatItSays(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.GivenOrders["o1"] = webtest.Order(order.AwaitingPayment)
	form := c.Get("/orders/o1").Page().Find("form[action='/orders/o1/pay']")
	field := func(name string) string { v, _ := form.Find("[name=" + name + "]").Attr("value"); return v }
	if field("amount") != "24.48" || field("currency") != "USD" || field("rev") != "7" {
		t.Errorf("form: got %q %q %q", field("amount"), field("currency"), field("rev"))
	}
	if !form.Find("button").HasClass("pri") || form.Find("button").HasClass("play") {
		t.Error("real money does not look like real money")
	}
	c.Post("/orders/o1/pay", "amount", field("amount"), "currency", field("currency"), "rev", field("rev")).
		Want(http.StatusSeeOther, "/orders/o1")
	if want := []string{"pay o1 24.48 USD 7"}; !slices.Equal(s.Said, want) {
		t.Errorf("asked: got %q, want %q", s.Said, want)
	}
}

func TestSandboxPaymentLooksSimulated(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	o := webtest.Order(order.AwaitingPayment)
	o.AccountID, o.Sandbox = "s1", true
	s.GivenOrders["o1"] = o
	doc := c.Get("/orders/o1").Page()
	b := doc.Find("form[action='/orders/o1/pay'] button")
	if !b.HasClass("play") || !strings.Contains(b.Text(), "simulated") {
		t.Errorf("button: class %q, text %q", b.AttrOr("class", ""), b.Text())
	}
	if doc.Find(".strip").Length() == 0 || !doc.Find("main .world").HasClass("play") {
		t.Error("the page does not wear the Sandbox's stripes")
	}
}

func TestEveryDecisionIsOnePostAndLeadsBack(t *testing.T) {
	tests := []struct{ path, field, value, want string }{
		{"cancel", "rev", "7", "cancel o1 7"}, {"close", "", "", "close o1"},
		{"check", "", "", "check o1"}, {"none", "", "", "none o1"}, {"lift", "", "", "lift o1"},
		{"adopt", "order", "CS1", "adopt o1 CS1"}, {"ignore", "order", "CS1", "ignore o1 CS1"}, {"cancel-found", "order", "CS1", "cancel-found o1 CS1"},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			s.GivenOrders["o1"] = webtest.Order(order.Unknown)
			c.Post("/orders/o1/"+test.path, test.field, test.value).Want(http.StatusSeeOther, "/orders/o1")
			if !slices.Equal(s.Said, []string{test.want}) {
				t.Errorf("asked: got %q, want %q", s.Said, test.want)
			}
		})
	}
}

func TestDecisionThatCameTooLateShowsThePageAndSaysSo(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.GivenOrders["o1"] = webtest.Order(order.Paying)
	s.Refuse = fault.New(fault.Conflict, "order.pay.changed")
	c.Post("/orders/o1/pay", "amount", "24.48", "currency", "USD", "rev", "3").Want(http.StatusSeeOther, "/orders/o1")
	webtest.Says(t, c.Get("/orders/o1").Page(), "#toasts", "Nothing was paid")
	c.Post("/orders/o1/pay", "amount", "much", "currency", "USD").Want(http.StatusSeeOther, "/orders/o1")
	if len(s.Said) != 1 {
		t.Errorf("an amount that is none was sent on: %q", s.Said)
	}
}

func TestDecisionsNeedTheirRole(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.GivenOrders["o1"] = webtest.Order(order.AwaitingPayment)
	c.As(person.Operator)
	c.Post("/orders/o1/pay", "amount", "24.48", "currency", "USD", "rev", "7").Want(http.StatusForbidden)
	c.As(person.Buyer)
	for _, path := range []string{"adopt", "ignore", "none", "lift", "cancel-found", "close"} {
		c.Post("/orders/o1/"+path, "order", "CS1").Want(http.StatusForbidden)
	}
	if len(s.Said) != 0 {
		t.Errorf("reached the service: %q", s.Said)
	}
	for role, want := range map[person.Role]string{person.Viewer: "", person.Operator: "", person.Buyer: "buy",
		person.Owner: "buy decide"} {
		got, _ := c.As(role).Get("/orders/o1").Page().Find(".may").Attr("data-may")
		if got != want {
			t.Errorf("%s may %q, want %q", role, got, want)
		}
	}
}

func TestEveryControlSaysWhatItNeeds(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	o := webtest.Order(order.NeedsHuman)
	o.Candidates = []order.Candidate{{CloudOrderID: "CS1", CreatedAt: webtest.Now}}
	s.GivenOrders["o1"] = o
	doc := c.Get("/orders/o1").Page()
	doc.Find("main form").Each(func(_ int, f *goquery.Selection) {
		action, _ := f.Attr("action")
		want := "decide"
		if strings.HasSuffix(action, "/again") {
			want = "buy"
		}
		if needs := f.AttrOr("data-needs", ""); needs != want {
			t.Errorf("%s needs %q, want %q", action, needs, want)
		}
	})
}

func TestOrderAgainKeepsTheChoices(t *testing.T) {
	for step, want := range map[string]string{"": "/buy/d1/options", "size": "/buy/d1/size", "region": "/buy/d1/region",
		"//evil.example": "/buy/d1/options"} {
		c, s, _ := webtest.OpenShop(t)
		s.GivenOrders["o1"] = webtest.Order(order.Refused)
		c.Post("/orders/o1/again", "go", step).Want(http.StatusSeeOther, want)
		if f := s.GivenDrafts["d1"].Form; f["image"] != "wordpress" || f["name"] != "shop" || f["quantity"] != "3" {
			t.Errorf("draft: %v", f)
		}
	}
}

func TestOrderOfSomebodyElseIsNotFound(t *testing.T) {
	c, _, _ := webtest.OpenShop(t)
	c.Get("/orders/nobody").Want(http.StatusNotFound)
	c.Get("/orders/nobody/passport").Want(http.StatusNotFound)
	c.Get("/orders/nobody/passport.json").Want(http.StatusNotFound)
	c.Get("/events?topics=order/nobody").Want(http.StatusNotFound)
}

func TestStreamGetsTheCardAndTheHead(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.GivenOrders["o1"] = webtest.Order(order.AwaitingPayment)
	b, err := c.Site.Fragment(context.Background(), "order/o1", live.Locale{Lang: text.Chinese, Zone: "Asia/Hong_Kong"})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	webtest.Says(t, doc, "#order-state[hx-swap-oob]", "等待付款")
	for _, id := range []string{"#order-lead", "#order-actions"} {
		if doc.Find(id+"[hx-swap-oob]").Length() != 1 {
			t.Errorf("%s is not swapped by its id", id)
		}
	}
	webtest.Says(t, doc, ".tl", "US$ 24.48")
	if doc.Find("title, .side, [sse-swap]").Length() != 0 {
		t.Error("the fragment carries more than itself")
	}
}

func TestHostileTextOfTheCloudStaysText(t *testing.T) {
	bad := `"><script>alert(1)</script><img src=x onerror=alert(1)>` + "\u202e"
	for _, state := range []order.State{order.Refused, order.NeedsHuman, order.Delivered, order.Delivering, order.AwaitingPayment,
		order.NotFound} {
		c, s, _ := webtest.OpenShop(t)
		o := webtest.Order(state)
		o.PersonName, o.Detail, o.Code, o.RequestID, o.IntentTag = bad, bad, bad, bad, bad
		o.Request.Name, o.Request.Image.Name, o.Request.Image.Version, o.Request.Region, o.Request.Spec = bad, bad, bad, bad, bad
		o.Request.Tags = []order.Tag{{Key: bad, Value: bad}}
		o.Reason = fault.Say("order.refused.parameter", "Detail", bad)
		o.Candidates = []order.Candidate{{CloudOrderID: bad, Names: []string{bad}, Spec: bad, Region: bad, Why: []string{bad},
			CreatedAt: webtest.Now}}
		o.Delivered = []order.Delivery{{InstanceID: bad, Name: bad, Address: bad, State: bad},
			{InstanceID: "../../x", Address: "javascript:alert(1)"}}
		s.GivenOrders["o1"] = o
		doc := c.Get("/orders/o1").Want(http.StatusOK).Page()
		if doc.Find("main script, main img").Length() > 0 {
			t.Errorf("%s: text became markup", state)
		}
		if strings.ContainsRune(doc.Text(), '\u202e') {
			t.Errorf("%s: text turns the page around", state)
		}
		doc.Find("main a").Each(func(_ int, a *goquery.Selection) {
			if h := a.AttrOr("href", ""); strings.HasPrefix(h, "javascript:") || strings.HasPrefix(h, "http://javascript") ||
				strings.Contains(h, "..") {
				t.Errorf("%s: link %q", state, h)
			}
		})
	}
}

func TestDeliveredSignInFitsTheSystemAndTheSite(t *testing.T) {
	o := webtest.Order(order.Delivered)
	o.Delivered = []order.Delivery{webtest.Delivery("i1", "203.0.113.84", true)}
	tests := []struct {
		name   string
		change func(*order.Order, *account.Account)
		says   string
		not    string
		link   string
	}{
		{"Linux system: ssh, no site", func(o *order.Order, _ *account.Account) { o.Request.Image.Kind = catalog.System }, "ssh root@203.0.113.84", "Open site", "https://console-intl.huaweicloud.com/smb/?locale=en-us&region=ap-southeast-3"},
		{"Windows: remote desktop, Administrator", func(o *order.Order, _ *account.Account) {
			o.Request.Image.OS, o.Request.Image.Kind = catalog.Windows, catalog.Private
		}, "203.0.113.84:3389", "ssh", "https://console-intl.huaweicloud.com/smb/?locale=en-us&region=ap-southeast-3"},
		{"mainland: its own console", func(_ *order.Order, a *account.Account) { a.Site = account.Mainland }, "Open site", "", "https://console.huaweicloud.com/smb/?locale=en-us&region=ap-southeast-3"},
		{"Europe: no page known, said so", func(_ *order.Order, a *account.Account) { a.Site = account.Europe }, "not known here", "", ""},
		{"Sandbox: no real page, no real address", func(o *order.Order, _ *account.Account) { o.Sandbox = true }, "nothing answers there", "Set a password on", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			x := o
			test.change(&x, &c.Accounts.All[0])
			s.GivenOrders["o1"] = x
			doc := c.Get("/orders/o1").Page()
			webtest.Says(t, doc, "#servers", test.says)
			if test.not != "" && strings.Contains(doc.Find("#servers").Text(), test.not) {
				t.Errorf("says %q", test.not)
			}
			link := doc.Find("#servers .pb a.btn")
			if got := link.AttrOr("href", ""); got != test.link {
				t.Errorf("link: got %q, want %q", got, test.link)
			}
			if test.link != "" && (link.AttrOr("rel", "") != "noopener noreferrer" || link.AttrOr("target", "") != "_blank") {
				t.Error("the link out tells where it comes from")
			}
		})
	}
}

func passportSample() order.Passport {
	o := webtest.Order(order.NotFound)
	return order.Passport{Order: o,
		Account:  account.Account{ID: "a1", Label: "Orchid Retail", Site: account.International, KeyHint: "WXYZ", DomainID: "d0"},
		Events:   []order.Event{{At: webtest.Now, State: order.Confirmed, Message: fault.Say("order_event.recorded"), Person: "Kerem"}},
		Attempts: []order.Attempt{{N: 1, ClientRequestID: o.ClientRequestID, SentAt: webtest.Now, Outcome: "unknown"}},
		Checks:   []order.Check{{At: webtest.Now, Conclusive: true, Orders: 2, Candidates: 0, Message: fault.Say("order.check.none")}},
		Exchanges: []account.Exchange{
			{At: webtest.Now, Call: "purchase", Method: "POST", Path: "/v1/light-instances", Host: "hcss.ap-southeast-3.myhuaweicloud.com", ClientRequestID: o.ClientRequestID, Sent: true, Took: time.Second},
			{At: webtest.Now, Call: "orders", Method: "GET", Path: "/v2/orders/customer-orders", RequestID: "x-1", Status: 200, Sent: true},
		},
		Body: []byte(`{"instance_name":"shop"}`), URL: "https://hcss.ap-southeast-3.myhuaweicloud.com/v1/light-instances"}
}

func TestPassportHoldsEveryRequestAndAnswer(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.Passports["o1"] = passportSample()
	doc := c.Get("/orders/o1/passport").Want(http.StatusOK).Page()
	for _, want := range []string{"o1", "85a56f6c-8aee-4c1b-bf76-5d98d1ac023d", "POST /v1/light-instances", "no answer", "x-1",
		"2 orders seen", `"instance_name": "shop"`, "Not found", "Recorded · By Kerem"} {
		webtest.Says(t, doc, "main", want)
	}
}

func TestPassportFileIsJSONWithASafeName(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	p := passportSample()
	p.Order.ID = `o1"; filename="evil.exe`
	s.Passports["o1"] = p
	a := c.Get("/orders/o1/passport.json").Want(http.StatusOK)
	if got, want := a.Header.Get("Content-Disposition"), "attachment; filename=sampan-order-o1filenameevilexe.json"; got != want {
		t.Errorf("name: got %q, want %q", got, want)
	}
	var d map[string]any
	if err := json.Unmarshal([]byte(a.Body), &d); err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	for _, key := range []string{"intent", "state", "account", "request", "sent", "cloud", "attempts", "calls", "checks", "events"} {
		if _, ok := d[key]; !ok {
			t.Errorf("%q is missing", key)
		}
	}
	events, _ := d["events"].([]any)
	checks, _ := d["checks"].([]any)
	for what, one := range map[string]any{"event": events[0], "check": checks[0]} {
		if m, _ := one.(map[string]any); m["message"] == "" || m["sentence"] == "" || m["sentence"] == nil ||
			m["sentence"] == m["message"] {
			t.Errorf("the %s has no sentence beside its id: %v", what, one)
		}
	}
	if d["reason"] != nil && d["reason_sentence"] == nil {
		t.Errorf("the reason %v has no sentence", d["reason"])
	}
	if strings.Contains(a.Body, "WXYZ") {
		t.Error("the passport carries a part of the key")
	}
}

// What was paid for is reached from its order as soon as it exists, while the
// rest is still missing.
func TestEachServerIsReachedFromItsOrder(t *testing.T) {
	for _, state := range []order.State{order.Delivering, order.PartlyDelivered, order.Delivered} {
		c, s, _ := webtest.OpenShop(t)
		o := webtest.Order(state)
		o.Delivered = []order.Delivery{webtest.Delivery("i1", "203.0.113.84", true), webtest.Delivery("i2", "", false),
			webtest.Delivery("i3", "203.0.113.86", true)}
		o.Delivered[0].ServerID, o.Delivered[2].ServerID, o.Delivered[2].Gone = "srv-1", "srv-3", true
		s.GivenOrders["o1"] = o
		var got []string
		c.Get("/orders/o1").Page().Find("#servers tbody th").
			Each(func(_ int, cell *goquery.Selection) { got = append(got, cell.Find("a").AttrOr("href", "-")) })
		if want := []string{"/servers/srv-1", "/instances/i2", "-"}; !slices.Equal(got, want) {
			t.Errorf("%s: rows lead to %q, want %q", state, got, want)
		}
	}
}

// A payment that was refused is an event with its time, reason and code, at the
// top and by itself; nothing on the page contradicts it.
func TestARefusedPaymentIsSaidAndTriedAgain(t *testing.T) {
	refused := webtest.Order(order.AwaitingPayment)
	refused.Reason, refused.Code, refused.PaySends = fault.Say("order.pay.balance"), "CBC.99005003", 1
	events := []order.Event{
		{At: webtest.Now.Add(-4 * time.Minute), State: order.AwaitingPayment, Message: fault.Say("order_event.pay", "Money", "24.48 USD"), Person: "Kerem"},
		{At: webtest.Now.Add(-3 * time.Minute), State: order.AwaitingPayment, Message: fault.Say("order.pay.balance")},
	}
	c, s, _ := webtest.OpenShop(t)
	s.GivenOrders["o1"], s.GivenEvents["o1"] = refused, events
	s.Balance = order.Balance{Available: *webtest.Dollars("508.73")}
	doc := c.Get("/orders/o1").Page()
	if got := strings.TrimSpace(doc.Find("#order-state").Text()); got != "Payment refused" {
		t.Errorf("badge: %q", got)
	}
	alert := doc.Find("main .note[role=alert]")
	if alert.Length() != 1 || !doc.Find("#order > *").First().Is("[role=alert]") {
		t.Errorf("the refusal does not stand at the top, read out: %d", alert.Length())
	}
	for _, want := range []string{"Huawei refused the payment (today at 09:18).", "balance of the account is too low",
		"Their code: CBC.99005003"} {
		webtest.Says(t, doc, "main .note[role=alert]", want)
	}
	webtest.Says(t, doc, "#progress", "Huawei refused the payment Their code: CBC.99005003")
	main := strings.Join(strings.Fields(doc.Find("main").Text()), " ")
	for _, not := range []string{"Balance afterwards", "The balance is"} {
		if strings.Contains(main, not) {
			t.Errorf("the page says %q beside the refusal", not)
		}
	}
	if n := strings.Count(main, "balance of the account is too low"); n != 1 {
		t.Errorf("the reason stands %d times", n)
	}
	if got := strings.ReplaceAll(strings.Join(buttons(doc), ", "), "\u00a0",
		" "); got != "again: Buy again, pay: Try again: pay US$ 24.48, cancel: Cancel the order" {
		t.Errorf("buttons: %s", got)
	}
	s.Page = order.Page{Rows: []order.Order{refused}, Total: 1}
	row := orderRowOf(t, c)
	if !strings.Contains(row, "Payment refused") {
		t.Errorf("the list says %q", row)
	}

	s.GivenOrders["o1"] = webtest.Order(order.AwaitingPayment)
	s.GivenEvents["o1"] = nil
	if doc = c.Get("/orders/o1").Page(); doc.Find("main [role=alert]").Length() != 0 {
		t.Error("an order that nobody tried to pay raises an alarm")
	}
	for id, want := range map[string]string{"order.pay.unsent": "The payment was not sent",
		"order.pay.stuck": "Huawei did not take the payment"} {
		o := webtest.Order(order.AwaitingPayment)
		o.Reason = fault.Say(id)
		s.GivenOrders["o1"] = o
		webtest.Says(t, c.Get("/orders/o1").Page(), "main .note[role=alert]", want)
	}
}

// What Huawei shows of each candidate stands beside what was sent, and what
// differs is marked; what is not known is no difference.
func TestACandidateStandsBesideOurs(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	o := webtest.Order(order.NeedsHuman)
	o.Reason = fault.Say("order.human", "N", "2")
	same := order.Candidate{CloudOrderID: "CS1", Status: 6, CreatedAt: o.SentAt.Add(12 * time.Second), Amount: webtest.Dollars("25.77"),
		Quantity: 3, PeriodUnit: order.Month, PeriodNum: 1,
		Names: []string{"shop-0001", "shop-0002"}, Tag: o.IntentTag, Spec: "hf.large.2.30m.linux", Region: "ap-southeast-3",
		UserName: "console"}
	other := order.Candidate{CloudOrderID: "CS2", Status: 5, CreatedAt: o.SentAt.Add(20 * time.Minute), Amount: webtest.Dollars("9.00"),
		Quantity: 1, PeriodUnit: order.Year, PeriodNum: 1,
		Names: []string{"blog"}, Tag: "zzzzzzzzzz", Spec: "hf.large.1.30m.linux", Region: "ap-southeast-1"}
	blank := order.Candidate{CloudOrderID: "CS3", Status: 6}
	o.Candidates = []order.Candidate{same, other, blank}
	s.GivenOrders["o1"] = o
	s.GivenQuote, s.Fresh = order.Quote{Total: *webtest.Dollars("25.77"), At: webtest.Now}, order.Known
	doc := c.Get("/orders/o1").Page()
	differ := func(i int) (keys []string) {
		doc.Find("#candidates article").Eq(i).Find("tr[data-differs] th").
			Each(func(_ int, th *goquery.Selection) { keys = append(keys, th.Text()) })
		return keys
	}
	if got := differ(0); len(got) != 0 {
		t.Errorf("the same: %q differ", got)
	}
	if got, want := differ(1),
		[]string{"Name", "Tag", "Quantity", "Size", "Region", "Period", "Amount", "Created"}; !slices.Equal(got, want) {
		t.Errorf("another: got %q, want %q", got, want)
	}
	if got := differ(2); len(got) != 0 {
		t.Errorf("of which nothing is known: %q differ", got)
	}
	for i, says := range [][]string{{"shop shop-0001, shop-0002", "k3v9x2m7qd k3v9x2m7qd", "about US$ 25.77 US$ 25.77", "12 s later"},
		{"shop blog differs", "20 min later"}, {"shop not known", "k3v9x2m7qd not known"}} {
		var cells []string
		doc.Find("#candidates article").Eq(i).Find("tr td").Each(func(_ int, td *goquery.Selection) { cells = append(cells, td.Text()) })
		card := strings.ReplaceAll(strings.Join(strings.Fields(strings.Join(cells, " ")), " "), "\u00a0", " ")
		for _, want := range says {
			if !strings.Contains(card, want) {
				t.Errorf("candidate %d does not say %q:\n%s", i, want, card)
			}
		}
	}
	webtest.Says(t, doc, "main", "Buying on Orchid Retail is not locked meanwhile.")
	o.Candidates = o.Candidates[:1]
	o.Reason = fault.Say("order.human", "N", "1")
	s.GivenOrders["o1"] = o
	doc = c.Get("/orders/o1").Page()
	main := strings.Join(strings.Fields(doc.Find("main").Text()), " ")
	for _, not := range []string{"Which of these", "more than one", "None of these", "orders at Huawei", "Compare them"} {
		if strings.Contains(main, not) {
			t.Errorf("of one candidate the page says %q", not)
		}
	}
	for _, want := range []string{"Is this the order?", "It is not this one", "1 order at Huawei may be this one"} {
		if !strings.Contains(main, want) {
			t.Errorf("of one candidate the page does not say %q", want)
		}
	}
}

func orderRowOf(t *testing.T, c *webtest.Console) string {
	t.Helper()
	return strings.Join(strings.Fields(c.Get("/orders").Page().Find("main tbody").Text()), " ")
}

// "Payment sent" is said from the moment it was.
func TestPaymentSentIsSaidOnceItWas(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.GivenOrders["o1"] = webtest.Order(order.Paying)
	s.GivenEvents["o1"] = []order.Event{{At: webtest.Now.Add(-time.Minute), State: order.Paying,
		Message: fault.Say("order_event.paying", "Money", "24.48 USD")}}
	webtest.Says(t, c.Get("/orders/o1").Page(), "main", "The payment is on its way to Huawei.")
	s.GivenEvents["o1"] = append(s.GivenEvents["o1"],
		order.Event{At: webtest.Now, State: order.Paying, Message: fault.Say("order_event.pay.sent", "Money", "24.48 USD")})
	webtest.Says(t, c.Get("/orders/o1").Page(), "#order-lead", "Payment sent, checking.")
	webtest.Says(t, c.Get("/orders/o1").Page(), "main", "We asked Huawei to take US$ 24.48")
}

// Each closed order has one sentence about its money.
func TestAClosedOrderHasOneSentenceAboutARefund(t *testing.T) {
	for id, want := range map[string]string{"order.closed.unpaid": "Nothing was charged.",
		"order.closed.cancelled": "stands in the account’s bills", "order.closed.refund": "stands in the account’s bills",
		"order.closed.other": "stands in the account’s bills", "order.closed.declared": "stands in the account’s bills",
		"": "stands in the account’s bills"} {
		c, s, _ := webtest.OpenShop(t)
		o := webtest.Order(order.Closed)
		if id != "" {
			o.Reason = fault.Say(id, "Status", "12")
		}
		s.GivenOrders["o1"] = o
		main := strings.Join(strings.Fields(c.Get("/orders/o1").Page().Find("main").Text()), " ")
		n := 0
		for _, of := range []string{"account’s bills", "Huawei’s bills", "Nothing was charged", "goes back", "refund in Huawei",
			"refunded"} {
			n += strings.Count(main, of)
		}
		if n != 1 || !strings.Contains(main, want) {
			t.Errorf("%s: %d sentences about the money, want one with %q:\n%s", id, n, want, main)
		}
	}
}

func TestTheOverviewSaysThatAPaymentWasRefused(t *testing.T) {
	c := webtest.Open(t)
	refused := webtest.Order(order.AwaitingPayment)
	refused.Reason = fault.Say("order.pay.balance")
	c.Orders.GivenAttention = []order.Order{refused}
	webtest.Says(t, c.Get("/").Page(), "main", "Huawei refused the payment for shop")
	webtest.Says(t, c.Get("/").Page(), "main", "The balance of the account is too low")
	other := webtest.Order(order.AwaitingPayment)
	other.ID = "o2"
	c.Orders.GivenAttention = []order.Order{other, refused}
	webtest.Says(t, c.Get("/").Page(), "main", "2 orders wait for payment")
	webtest.Says(t, c.Get("/").Page(), "main", "Huawei refused the payment for shop · ")
	other.Reason = fault.Say("order.pay.unsent")
	c.Orders.GivenAttention = []order.Order{other, refused}
	webtest.Says(t, c.Get("/").Page(), "main", "2 payments failed · ")
}

// An order of one server speaks of one, and what may be decided is counted without
// what somebody ruled out.
func TestOrderPageCountsInGoodEnglish(t *testing.T) {
	one := func(st order.State, ready bool) order.Order {
		o := webtest.Order(st)
		o.Request.Quantity, o.Delivered = 1, []order.Delivery{webtest.Delivery("i1", "203.0.113.84", ready)}
		return o
	}
	starting := one(order.Delivered, false)
	starting.Followed = true
	found := func(all ...order.Candidate) order.Order {
		o := webtest.Order(order.NotFound)
		o.CheckUntil, o.Candidates = webtest.Now.Add(time.Hour), all
		return o
	}
	a, b := order.Candidate{CloudOrderID: "CS8", Status: order.StatusPendingPayment, CreatedAt: webtest.Now},
		order.Candidate{CloudOrderID: "CS9", Status: order.StatusPendingPayment, CreatedAt: webtest.Now}
	ignored := b
	ignored.Ignored = true
	human := webtest.Order(order.NeedsHuman)
	human.Candidates = []order.Candidate{a, ignored}
	for name, tt := range map[string]struct {
		o    order.Order
		says []string
		not  string
	}{
		"starting":                {starting, []string{"0 of 1 server is ready", "Huawei delivered 1 of 1 server", "0 of 1 is there"}, "1 servers"},
		"delivering":              {one(order.Delivering, true), []string{"1 of 1 server ready"}, "1 servers"},
		"not seen":                {one(order.Delivered, false), []string{"we saw 0 of 1 server with"}, "1 servers"},
		"one turned up":           {found(a), []string{"then one turned up", "We found an order"}, "We found orders"},
		"two turned up":           {found(a, b), []string{"then 2 turned up", "We found orders"}, "We found an order"},
		"two, one of them is not": {found(a, ignored), []string{"then one turned up", "We found an order"}, "We found orders"},
		"one that is not":         {found(ignored), []string{"We found an order"}, "turned up"},
		"to decide, one is not":   {human, []string{"Is this the order?", "It is not this one"}, "Which of these"},
	} {
		c, s, _ := webtest.OpenShop(t)
		s.GivenOrders["o1"] = tt.o
		main := strings.Join(strings.Fields(c.Get("/orders/o1").Page().Find("main").Text()), " ")
		for _, want := range tt.says {
			if !strings.Contains(main, want) {
				t.Errorf("%s: the page does not say %q:\n%s", name, want, main)
			}
		}
		if strings.Contains(main, tt.not) {
			t.Errorf("%s: the page says %q:\n%s", name, tt.not, main)
		}
	}
}
