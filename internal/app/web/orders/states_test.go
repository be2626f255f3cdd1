package orders_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

// plain is the text of what is selected, with plain spaces.
func plain(doc *goquery.Document, selector string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(doc.Find(selector).Text(), "\u00a0", " ")), " ")
}

// changed is an order in a state, with a change.
func changed(state order.State, change func(*order.Order)) order.Order {
	o := webtest.Order(state)
	change(&o)
	return o
}

// What is known in part, asked for or refused stands on the page of an order, and
// nothing that contradicts it.
func TestOrderPageOfWhatIsKnownInPart(t *testing.T) {
	event := func(st order.State, id, by string) order.Event {
		return order.Event{At: webtest.Now.Add(-2 * time.Minute), State: st, Message: fault.Say(id), Person: by}
	}
	again := "again: Order again"
	for _, tt := range []orderCase{
		{name: "unpaid, the amount is not read",
			o: changed(order.AwaitingPayment, func(o *order.Order) { o.Amount, o.Official = nil, nil }), badge: "Awaiting payment",
			says: []string{webtest.Word("orders.step.amount.unread")}, not: []string{"Pay US$", "0.00"},
			buttons: []string{"cancel: Cancel the order"}},
		{name: "unpaid, without an end", o: changed(order.AwaitingPayment, func(o *order.Order) { o.PayBy = time.Time{} }),
			badge: "Awaiting payment",
			says:  []string{webtest.Word("orders.lead.awaiting")}, not: []string{"30 Nov", "until 1 Jan", "reserved the order until"},
			buttons: []string{"pay: Pay US$ 24.48", "cancel: Cancel the order"}},
		{name: "unpaid, payment asked for: not twice", o: changed(order.AwaitingPayment,
			func(o *order.Order) { o.PayAskedAt, o.PayAskedBy = webtest.Now.Add(-time.Minute), "Mei" }), badge: "Awaiting payment",
			says: []string{webtest.Word("orders.lead.pay.asked"), "Mei", "09:20"}, buttons: nil},
		{name: "unpaid, cancelling asked for: cannot be paid", o: changed(order.AwaitingPayment,
			func(o *order.Order) { o.CancelAskedAt, o.CancelAskedBy = webtest.Now.Add(-time.Minute), "Mei" }), badge: "Awaiting payment",
			says: []string{webtest.Word("orders.lead.cancelling"), "Mei"}, buttons: nil},
		{name: "at most: the amount is more than the cap", o: changed(order.AwaitingPayment,
			func(o *order.Order) { o.Request.Payment, o.Request.Cap = order.AtMost, webtest.Dollars("20") }), badge: "Awaiting payment",
			says: []string{"US$ 20.00", "It is more than US$ 20.00, the most you allowed",
				"Huawei cancels it if nobody pays by 30 Nov at 09:21."},
			buttons: []string{"pay: Pay US$ 24.48", "cancel: Cancel the order"}},
		{name: "at most: the amount is in another currency", o: changed(order.AwaitingPayment, func(o *order.Order) {
			o.Request.Payment, o.Request.Cap = order.AtMost, &order.Money{Amount: decimal.NewFromInt(30), Currency: "EUR"}
		}), badge: "Awaiting payment", says: []string{"€ 30.00", "currency"},
			buttons: []string{"pay: Pay US$ 24.48", "cancel: Cancel the order"}},
		{name: "payment refused, in the Sandbox: tried again with simulated money", o: changed(order.AwaitingPayment, func(o *order.Order) {
			o.AccountID, o.Sandbox, o.Reason, o.PayBy = "s1", true, fault.Say("order.pay.balance"), time.Time{}
		}), badge: "Payment refused", says: []string{webtest.Word("orders.lead.pay.failed")},
			buttons: []string{"pay: Try again: simulated US$ 24.48", "cancel: Cancel the order"}},
		{name: "paying, seen last before it was sent", o: webtest.Order(order.Paying), badge: "Paying",
			says: []string{"Whether the payment was sent is not known."}, not: []string{"Payment sent"}},
		{name: "paid here, by whom", events: []order.Event{event(order.AwaitingPayment, "order_event.pay", "Mei")},
			o: changed(order.Delivering, func(o *order.Order) { o.PaidAt = time.Time{} }), badge: "Delivering",
			says: []string{webtest.Word("orders.step.paid.by", "Person", "Mei", "Account", "Orchid Retail")}},
		{name: "paid by the console within the cap", o: changed(order.Delivering, func(o *order.Order) {
			o.PaySends, o.Request.Payment, o.Request.Cap, o.Cap = 1, order.AtMost, webtest.Dollars("30"), webtest.Dollars("30")
		}), badge: "Delivering", says: []string{"Paid by the console, within US$ 30.00, from the balance of Orchid Retail"}},
		{name: "paid by the console", o: changed(order.Delivering, func(o *order.Order) { o.PaySends = 1 }), badge: "Delivering",
			says: []string{webtest.Word("orders.step.paid.console", "Account", "Orchid Retail")}},
		{name: "deducted by Huawei", o: changed(order.Delivering, func(o *order.Order) { o.Request.Payment = order.DeductAtOnce }),
			badge: "Delivering",
			says:  []string{webtest.Word("orders.step.paid.deducted", "Account", "Orchid Retail")}},
		{name: "delivering, with a reason", o: changed(order.Delivering, func(o *order.Order) { o.Reason = fault.Say("order.unseen") }),
			badge: "Delivering",
			says:  []string{webtest.Word("order.unseen")}, not: []string{webtest.Word("orders.step.delivering.text")}},
		{name: "partly delivered, with a reason, all that came is ready", o: changed(order.PartlyDelivered, func(o *order.Order) {
			o.Reason, o.Delivered = fault.Say("order.unseen"), []order.Delivery{webtest.Delivery("i1", "203.0.113.84", true)}
		}), badge: "Partly delivered", says: []string{webtest.Word("order.unseen"), "1 of 3 servers ready"},
			not: []string{webtest.Word("orders.step.partly.text")}, buttons: []string{"again: Buy more like these"}},
		{name: "partly delivered: nothing came", o: webtest.Order(order.PartlyDelivered), badge: "Partly delivered", says: []string{"delivered 0 of 3"}, not: []string{"ssh root@"}, buttons: []string{"again: Buy more like these"}},
		{name: "closed after it was paid", o: changed(order.Closed, func(o *order.Order) { o.PaidAt = webtest.Now.Add(-time.Minute) }),
			badge: "Closed",
			says:  []string{webtest.Word("orders.step.paid")}, buttons: []string{again}},
		{name: "cancelled at Huawei by somebody here", events: []order.Event{event(order.Cancelled, "order_event.recorded", "Mei")},
			o: webtest.Order(order.Cancelled), badge: "Cancelled",
			says: []string{webtest.Word("orders.lead.cancelled.unpaid"), "By Mei"}, buttons: []string{again}},
		{name: "not found, deducted at once: possibly paid",
			o: changed(order.NotFound, func(o *order.Order) { o.Request.Payment = order.DeductAtOnce }), badge: "Not found",
			says: []string{webtest.Word("orders.note.deduct.none"), "possibly"}, buttons: []string{again, "check: Check now"}},
		{name: "not found, still watched", o: changed(order.NotFound, func(o *order.Order) {
			o.CheckUntil, o.NextCheckAt = webtest.Now.Add(time.Hour), webtest.Now.Add(time.Minute)
		}), badge: "Not found",
			says:    []string{webtest.Word("orders.lead.not.found.watching", "When", "today at 10:21"), "09:22"},
			buttons: []string{again, "check: Check now"}},
		{name: "refused for a quota: no other size helps", o: changed(order.Refused, func(o *order.Order) { o.Reason = fault.Say("order.refused.quota") }), badge: "Refused", not: []string{"Choose another"}, buttons: []string{again}},
		{name: "refused without a reason", o: webtest.Order(order.Refused), badge: "Refused", says: []string{webtest.Word("orders.step.refused")},
			buttons: []string{"again: Choose another size", "again: Choose another region", again}},
	} {
		t.Run(tt.name, tt.check)
	}
}

// A candidate that something was decided about says so, and is not decided twice.
func TestACandidateSaysWhatWasDecidedAboutIt(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*order.Candidate)
		says    string
		buttons string
	}{
		{"unpaid", func(*order.Candidate) {}, "CS9", "This is it, Cancel it, Ignore"},
		{"paid: cannot be cancelled", func(c *order.Candidate) { c.Status = order.StatusCompleted }, "CS9", "This is it, Ignore"},
		{"ruled out", func(c *order.Candidate) { c.Ignored = true }, webtest.Word("orders.candidate.ignored"), "This is it, Cancel it"},
		{"cancelled", func(c *order.Candidate) { c.Cancelled = true }, webtest.Word("orders.candidate.cancelled"), ""},
		{"being cancelled", func(c *order.Candidate) { c.CancelAsked = true }, webtest.Word("orders.candidate.cancelling"), ""},
		{"being linked", func(c *order.Candidate) { c.AdoptAsked = "Mei" }, "Mei", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			candidate := order.Candidate{CloudOrderID: "CS9", Status: order.StatusPendingPayment, CreatedAt: webtest.Now}
			tt.change(&candidate)
			s.GivenOrders["o1"] = changed(order.NeedsHuman, func(o *order.Order) { o.Candidates = []order.Candidate{candidate} })
			doc := c.Get("/orders/o1").Want(http.StatusOK).Page()
			webtest.Says(t, doc, "#candidates article", tt.says)
			var got []string
			doc.Find("#candidates article button").
				Each(func(_ int, b *goquery.Selection) { got = append(got, strings.TrimSpace(b.Text())) })
			if strings.Join(got, ", ") != tt.buttons {
				t.Errorf("offers %q, want %q", got, tt.buttons)
			}
			doc.Find("#candidates article form").Each(func(_ int, f *goquery.Selection) {
				if f.Find("[name=order]").AttrOr("value", "") != "CS9" || f.Find("[name=rev]").AttrOr("value", "") != "7" {
					t.Errorf("%s does not carry the number and the revision", f.AttrOr("action", ""))
				}
			})
		})
	}
}

func TestACandidateSaysWhatItHasInCommonAndWhen(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.GivenOrders["o1"] = changed(order.NeedsHuman, func(o *order.Order) {
		o.IntentTag = ""
		o.Candidates = []order.Candidate{
			{CloudOrderID: "CS1", Why: []string{"quantity", "period", "nonsense"}, CreatedAt: o.SentAt.Add(-5 * time.Minute)},
			{CloudOrderID: "CS2", Why: []string{"nonsense"}, CreatedAt: o.SentAt},
		}
	})
	doc := c.Get("/orders/o1").Page()
	first, second := plain(doc, "#candidates article:nth-of-type(1)"), plain(doc, "#candidates article:nth-of-type(2)")
	both := webtest.Word("orders.match.quantity") + " and " + webtest.Word("orders.match.period")
	if !strings.Contains(first, both) || !strings.Contains(first, "5 min earlier") {
		t.Errorf("the first: %s", first)
	}
	if !strings.Contains(second, "CS2") || strings.Contains(second, "earlier") || strings.Contains(second, "later") ||
		strings.Contains(second, webtest.Word("orders.match.quantity")+" and") {
		t.Errorf("the second: %s", second)
	}
	webtest.Says(t, doc, "#candidates article tr:contains('Tag')", webtest.Word("orders.none")) // ours has none
}

func TestAServerSaysItsState(t *testing.T) {
	for state, want := range map[string]string{"ACTIVE": "Running", "SHUTOFF": "Stopped", "BUILD": webtest.Word("orders.server.creating"),
		"REBOOT": webtest.Word("orders.server.restarting"), "ERROR": webtest.Word("orders.server.error"), "RESIZE": "RESIZE",
		"": webtest.Word("orders.server.unread")} {
		c, s, _ := webtest.OpenShop(t)
		d := webtest.Delivery("i1", "203.0.113.84", true)
		d.State, d.Name = state, ""
		s.GivenOrders["o1"] = changed(order.Delivered, func(o *order.Order) { o.Request.Quantity, o.Delivered = 1, []order.Delivery{d} })
		doc := c.Get("/orders/o1").Want(http.StatusOK).Page()
		webtest.Says(t, doc, "#servers tbody tr", want)
		webtest.Says(t, doc, "#servers tbody th", "i1") // by its id, without a name
	}
}

func TestTheAddressOfAServerIsUsedOnlyIfItIsOne(t *testing.T) {
	for address, links := range map[string]int{"203.0.113.84": 1, "": 0, "not an address": 0, "2001:db8::1": 0, "203.0.113.84/x": 0} {
		c, s, _ := webtest.OpenShop(t)
		s.GivenOrders["o1"] = changed(order.Delivered,
			func(o *order.Order) { o.Delivered = []order.Delivery{webtest.Delivery("i1", address, true)} })
		doc := c.Get("/orders/o1").Page()
		if n := doc.Find("#servers a[href^='http://']").Length(); n != links {
			t.Errorf("%q: %d links to a site, want %d", address, n, links)
		}
		if got := strings.Contains(doc.Find("#servers").Text(), "ssh root@203.0.113.84"); got != (links == 1) {
			t.Errorf("%q: a command to sign in: %v", address, got)
		}
	}
}

func TestAFoundOrderSaysWhatItMayBe(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*order.FoundOrder)
		says   string
		link   string
	}{
		{"like one of ours", func(f *order.FoundOrder) { f.OrderID = "o1" }, webtest.Word("orders.found.like"), "/orders/o1"},
		{"tagged as one of ours", func(f *order.FoundOrder) { f.OrderID, f.Tag = "o1", "k3v9x2m7qd" }, webtest.Word("orders.found.tagged"), "/orders/o1"},
		{"like one that the reader may not see", func(f *order.FoundOrder) { f.OrderID = "o9" }, "CS2611230901FOUND", ""},
		{"being processed", func(f *order.FoundOrder) { f.Status, f.Region = order.StatusProcessing, "tr-west-1" }, "Istanbul", ""},
		{"a status without a word", func(f *order.FoundOrder) { f.Status = 12 }, "status 12", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			s.GivenOrders["o1"] = webtest.Order(order.Unknown)
			s.Found = []order.FoundOrder{webtest.Stray(tt.change)}
			doc := c.Get("/orders?state=found").Want(http.StatusOK).Page()
			webtest.Says(t, doc, "#found article", tt.says)
			if got := doc.Find("#found article a").AttrOr("href", ""); got != tt.link {
				t.Errorf("leads to %q, want %q", got, tt.link)
			}
		})
	}
}

// The purchases that found orders may belong to are read once for each account.
func TestTheOneThatAFoundOrderResemblesIsChosen(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	other := changed(order.NotFound, func(o *order.Order) { o.ID = "o2" })
	s.GivenOrders["o1"], s.GivenOrders["o2"] = webtest.Order(order.Unknown), other
	s.May = []order.Order{s.GivenOrders["o1"], other}
	s.Found = []order.FoundOrder{webtest.Stray(func(f *order.FoundOrder) { f.OrderID = "o2" }),
		webtest.Stray(func(f *order.FoundOrder) { f.CloudOrderID = "CS2" })}
	doc := c.Get("/orders?state=found").Want(http.StatusOK).Page()
	chosen := func(i int) string {
		return doc.Find("#found article").Eq(i).Find("[name=purchase] option[selected], [name=purchase][checked]").AttrOr("value", "")
	}
	if chosen(0) != "o2" || chosen(1) != "" {
		t.Errorf("chosen are %q and %q", chosen(0), chosen(1))
	}
	if n := doc.Find("#found article").Eq(1).Find("[name=purchase] option[value^=o]").Length(); n != 2 {
		t.Errorf("the second may belong to %d purchases, want 2", n)
	}
}

func TestTheListSaysHowMuchWaitsForPayment(t *testing.T) {
	unpaid := func(id string, amount *order.Money) order.Order {
		return changed(order.AwaitingPayment, func(o *order.Order) { o.ID, o.Amount, o.Official = id, amount, nil })
	}
	euros := &order.Money{Amount: decimal.RequireFromString("7.5"), Currency: "EUR"}
	for _, tt := range []struct {
		name string
		all  []order.Order
		says string
		link string
	}{
		{"none", nil, "", ""},
		{"one", []order.Order{unpaid("o1", webtest.Dollars("24.48"))}, "1 order waits for payment: US$ 24.48.", "/orders/o1"},
		{"one, the amount unread", []order.Order{unpaid("o1", nil)}, "1 order waits for payment.", "/orders/o1"},
		{"two of one currency", []order.Order{unpaid("o1", webtest.Dollars("24.48")), unpaid("o2", webtest.Dollars("1"))}, "2 orders wait for payment, US$ 25.48 together.", "/orders?state=to+pay"},
		{"two of two currencies: never summed", []order.Order{unpaid("o1", webtest.Dollars("24.48")), unpaid("o2", euros)}, "US$ 24.48 and € 7.50", "/orders?state=to+pay"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			for _, o := range tt.all {
				s.GivenOrders[o.ID] = o
			}
			got := plain(c.Get("/orders").Want(http.StatusOK).Page(), ".note")
			if !strings.Contains(got, tt.says) || tt.says == "" && got != "" {
				t.Errorf("says %q, want %q", got, tt.says)
			}
			doc := c.Get("/orders").Page()
			if href := doc.Find("#orders .note a, main .note a").AttrOr("href", ""); href != tt.link {
				t.Errorf("leads to %q, want %q", href, tt.link)
			}
			if tt.link == "/orders?state=to+pay" && c.Get(tt.link).Page().Find("main .note a[href='"+tt.link+"']").Length() != 0 {
				t.Error("the list that is on screen leads to itself")
			}
		})
	}
}

func TestTheListCanBeFilteredByPersonAndAccount(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "a2", Label: "Lotus", Site: account.International, State: account.Active})
	mei := changed(order.Delivered, func(o *order.Order) { o.ID, o.PersonID, o.PersonName = "o2", "p1", "Mei" })
	s.Page = order.Page{Rows: []order.Order{webtest.Order(order.Delivered), mei}, Total: 2}
	options := func(path, id string) string {
		var all []string
		c.Get(path).Want(http.StatusOK).Page().Find(id + " option").Each(func(_ int, o *goquery.Selection) {
			words := strings.TrimSpace(o.Text())
			if _, chosen := o.Attr("selected"); chosen {
				words += "*"
			}
			all = append(all, words)
		})
		return strings.Join(all, ", ")
	}
	everyone, accounts := webtest.Word("orders.filter.people"), webtest.Word("orders.filter.accounts")
	for path, want := range map[string]string{"/orders": everyone + "*, Kerem, Mei", "/orders?person=p1": everyone + ", Kerem, Mei*",
		"/orders?person=p9": everyone + ", Kerem, Mei, " + webtest.Word("orders.filter.person.chosen") + "*"} {
		got := strings.Split(options(path, "[name=person]"), ", ")
		wanted := strings.Split(want, ", ")
		slices.Sort(got)
		slices.Sort(wanted)
		if !slices.Equal(got, wanted) {
			t.Errorf("%s offers the people %q, want %q", path, got, wanted)
		}
	}
	for path, want := range map[string]string{"/orders": accounts + "*, Orchid Retail, Lotus",
		"/orders?account=a2":   accounts + ", Orchid Retail, Lotus*",
		"/orders?account=gone": accounts + ", Orchid Retail, Lotus, an account that was removed*"} {
		if got := options(path, "#orders-account"); got != want {
			t.Errorf("%s offers the accounts %q, want %q", path, got, want)
		}
	}
	s.Page.Rows = s.Page.Rows[:1]
	if got := options("/orders", "[name=person]"); got != "" {
		t.Errorf("one person's orders are filtered by person: %q", got)
	}
}

func TestAnEmptyListSaysWhy(t *testing.T) {
	c, _, _ := webtest.OpenShop(t)
	for _, query := range []string{"?state=done", "?q=nothing", "?person=p9", "?account=none"} {
		doc := c.Get("/orders" + query).Want(http.StatusOK).Page()
		webtest.Says(t, doc, ".empty", webtest.Word("orders.empty.filtered"))
		if doc.Find(".empty a").AttrOr("href", "") != "/orders" {
			t.Errorf("%s: nothing leads to all orders", query)
		}
	}
	for role, buys := range map[person.Role]int{person.Viewer: 0, person.Buyer: 1} {
		doc := c.As(role).Get("/orders").Page()
		webtest.Says(t, doc, ".empty", "No orders yet")
		if n := doc.Find(".empty a[href='/buy']").Length(); n != buys {
			t.Errorf("a %s is led to a purchase: %d, want %d", role, n, buys)
		}
	}
}

func TestThePagerKeepsTheFilter(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.Page = order.Page{Rows: []order.Order{webtest.Order(order.Delivered)}, Total: 120, Prev: "c1", Next: "c3"}
	doc := c.Get("/orders?state=done&q=shop&after=c2").Want(http.StatusOK).Page()
	for rel, want := range map[string]string{"prev": "/orders?after=c1&q=shop&state=done", "next": "/orders?after=c3&q=shop&state=done"} {
		if got := doc.Find(".pager a[rel="+rel+"]").AttrOr("href", ""); got != want {
			t.Errorf("%s leads to %q, want %q", rel, got, want)
		}
	}
	webtest.Says(t, doc, ".pager", "120 orders")
}

func TestThePassportNamesEveryServer(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	p := passportSample()
	p.Order = changed(order.PartlyDelivered, func(o *order.Order) {
		o.Delivered, o.AnsweredIDs, o.Missing = []order.Delivery{webtest.Delivery("i1", "203.0.113.84", true)}, []string{"i1", "i2"},
			[]string{"i2"}
	})
	p.Attempts[0].AnsweredAt, p.Attempts[0].Status, p.Attempts[0].Outcome = webtest.Now, http.StatusOK, "ordered"
	p.Checks[0].Conclusive = false
	s.Passports["o1"] = p
	doc := c.Get("/orders/o1/passport").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "main", "3 × WordPress in Singapore")
	main := plain(doc, "main")
	for _, id := range []string{"orders.passport.delivered", "orders.passport.answered.id", "orders.passport.missing"} {
		if !strings.Contains(main, webtest.Word(id)) {
			t.Errorf("does not say %q", webtest.Word(id))
		}
	}
	webtest.Says(t, doc, "#passport-attempts", "200")
	if strings.Contains(doc.Find("#passport-attempts").Text(), webtest.Word("orders.passport.noanswer")) {
		t.Error("an attempt that was answered has no answer")
	}
	if doc.Find("main a[href='/orders/o1/passport.json']").Length() != 1 || doc.Find("main a[href='/orders/o1']").Length() == 0 {
		t.Error("file or order cannot be reached")
	}
	var d struct {
		Cloud struct {
			Amount    string   `json:"amount"`
			Delivered []string `json:"delivered_instance_ids"`
			Missing   []string `json:"missing_instance_ids"`
		} `json:"cloud"`
		Attempts []struct {
			AnsweredAt *time.Time `json:"answered_at"`
		} `json:"attempts"`
		Sent struct {
			Body json.RawMessage `json:"body"`
		} `json:"sent"`
	}
	p.Body = []byte("{cut") // no JSON: left out
	s.Passports["o1"] = p
	if err := json.Unmarshal([]byte(c.Get("/orders/o1/passport.json").Want(http.StatusOK).Body), &d); err != nil {
		t.Fatal(err)
	}
	if d.Cloud.Amount != "24.48" || !slices.Equal(d.Cloud.Delivered, []string{"i1"}) || !slices.Equal(d.Cloud.Missing, []string{"i2"}) ||
		d.Attempts[0].AnsweredAt == nil || d.Sent.Body != nil {
		t.Errorf("the file says %+v", d)
	}
}
