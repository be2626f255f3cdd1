package overview_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/web/webtest"
)

func TestOverviewShowsTheWorstFirst(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All[0].State, c.Accounts.All[0].TroubleAt, c.Accounts.All[0].Trouble = account.Broken, webtest.Now,
		fault.Say("web.forbidden")
	c.Orders.GivenAttention = []order.Order{
		{ID: "o1", State: order.AwaitingPayment, Amount: webtest.Dollars("100"), PayBy: webtest.Now.Add(2 * time.Hour), Request: order.Request{Name: "paid-1"}},
		{ID: "o2", State: order.AwaitingPayment, Amount: webtest.Dollars("31.80"), PayBy: webtest.Now.Add(48 * time.Hour), Request: order.Request{Name: "paid-2"}},
		{ID: "o3", State: order.Unknown, SentAt: webtest.Now, Request: order.Request{Name: "lost-1"}},
		{ID: "o4", State: order.PartlyDelivered, Request: order.Request{Name: "half-1"}, Reason: fault.Say("order.partly", "N", "1", "Of", "2")},
	}
	c.Instances.GivenRows = []instance.Instance{
		{ID: "i1", AccountID: "a1", Name: "lotus-shop-01", Expires: webtest.Now.Add(30 * time.Hour), Region: "ap-southeast-3", State: "ACTIVE"},
		{ID: "i2", AccountID: "a1", Name: "renews-itself", Expires: webtest.Now.Add(30 * time.Hour), AutoRenew: true},
		{ID: "i3", AccountID: "a1", Name: "tigre-wiki-09", Expires: webtest.Now.Add(10 * 24 * time.Hour)},
		{ID: "i5", AccountID: "a1", Name: "past-01", Expires: webtest.Now.Add(-30 * time.Hour)},
		{ID: "i4", AccountID: "a1", Name: "far-away", Expires: webtest.Now.Add(90 * 24 * time.Hour)},
	}
	doc := c.Get("/").Want(200).Page()
	webtest.Says(t, doc, ".todo-list li:contains('half-1') small", "1 of 2 arrived.")
	var got []string
	doc.Find(".todo-list li b").Each(func(_ int, s *goquery.Selection) { got = append(got, strings.TrimSpace(s.Text())) })
	want := []string{"No clear answer about lost-1", "Marina Labs can’t be read, since today at 09:21.", "1 instance has expired",
		"1 instance expires within 3 days, without auto-renew", "2 orders wait for payment",
		"The order half-1 needs somebody: Partly delivered", "1 more instance expires within 14 days, without auto-renew"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("items:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	webtest.Says(t, doc, ".todo-list", "US$ 131.80")
	webtest.Says(t, doc, ".todo-list", "today at 11:21")
	webtest.Says(t, doc, ".nav", "4")
	c.Header.Set("HX-Request", "true")
	if part := c.Get("/?part=attention").Want(200); strings.Contains(part.Body, "<html") || part.Page().Find("#attention").Length() != 1 {
		t.Error("the part is not the list alone")
	}
	if part := c.Get("/counts").Want(200).Page(); part.Find("#count-orders.warn[hx-swap-oob]").Text() != "4" {
		t.Errorf("counts: %s", part.Find("body").Text())
	} else {
		webtest.Says(t, part, "#banners[hx-swap-oob] .note",
			"Marina Labs can’t be read, since today at 09:21. "+webtest.Word("web.forbidden")+" Its servers stay, as of today at 09:18.")
	}
}

func TestSumsAreNeverMadeAcrossCurrencies(t *testing.T) {
	c := webtest.Open(t)
	eur := &order.Money{Amount: decimal.RequireFromString("5"), Currency: "EUR"}
	c.Orders.GivenAttention = []order.Order{{ID: "o1", State: order.AwaitingPayment, Amount: webtest.Dollars("100")},
		{ID: "o2", State: order.AwaitingPayment, Amount: eur}}
	webtest.Says(t, c.Get("/").Page(), ".todo-list small", "US$ 100.00 + € 5.00")
	c.Orders.GivenAttention[1].Amount = nil
	if doc := c.Get("/").Page(); strings.Contains(doc.Find(".todo-list small").Text(), "100") {
		t.Error("a sum is shown although one amount is not known")
	}
}

func TestOverviewWithoutAccounts(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = nil
	doc := c.Get("/").Want(200).Page()
	webtest.Says(t, doc, "main h2", webtest.Word("overview.none"))
	if doc.Find("form[action='/sandbox/open']").Length() != 1 || doc.Find("a[href='/buy']").Not(".nav a").Length() != 0 {
		t.Error("the empty page offers the wrong ways on")
	}
	c.Post("/sandbox/open").Want(http.StatusSeeOther, "/")
	if len(c.Accounts.Added) != 1 || c.Persons.Scope != "sandbox" {
		t.Error("opening the Sandbox did not connect it")
	}
}
