package orders_test

import (
	"net/http"
	"strings"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/order"
	"sampan/internal/app/web/webtest"
)

func TestOrdersListShowsStateAccountAndAmount(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	unpaid, sent := webtest.Order(order.AwaitingPayment), webtest.Order(order.Unknown)
	sent.ID = "o2"
	s.GivenOrders["o1"] = unpaid
	s.Page = order.Page{Rows: []order.Order{unpaid, sent}, Total: 62, Counts: map[string]int{"": 62, order.GroupToPay: 1}, Next: "cursor-2"}
	doc := c.Get("/orders").Want(http.StatusOK).Page()
	rows := doc.Find("tbody tr")
	if rows.Length() != 2 {
		t.Fatalf("%d rows", rows.Length())
	}
	first := strings.ReplaceAll(rows.Eq(0).Text(), "\u00a0", " ")
	for _, want := range []string{"3 × WordPress, 1 month, then automatic", "shop", "CS2611230914H1EW", "Orchid Retail", "Kerem",
		"Pay by 30 Nov", "US$ 24.48"} {
		if !strings.Contains(first, want) {
			t.Errorf("the row does not say %q: %s", want, first)
		}
	}
	if second := rows.Eq(1).Text(); !strings.Contains(second, "none") || !strings.Contains(second, "–") ||
		strings.Contains(second, "0.00") {
		t.Errorf("an order without number and amount: %s", second)
	}
	webtest.Says(t, doc, ".note", "1 order waits for payment: US$ 24.48.")
	if href := doc.Find(".pager a[rel=next]").AttrOr("href", ""); href != "/orders?after=cursor-2" {
		t.Errorf("older: %q", href)
	}
	if got := doc.Find("tbody tr a").First().AttrOr("href", ""); got != "/orders/o1" {
		t.Errorf("link: %q", got)
	}
	if trigger := doc.Find("#orders").AttrOr("hx-trigger", ""); !strings.Contains(trigger, "sse:orders") {
		t.Errorf("the list does not listen: %q", trigger)
	}
}

func TestOrdersListAsksForWhatTheAddressSays(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.Get("/orders?state=to+pay&q=shop&person=p2&after=abc").Want(http.StatusOK)
	f := s.Asked[len(s.Asked)-1]
	if f.State != "to pay" || f.Query != "shop" || f.PersonID != "p2" || f.After != "abc" || len(f.AccountIDs) != 1 ||
		f.AccountIDs[0] != "a1" {
		t.Errorf("filter: %+v", f)
	}
	c.Get("/orders?state=nonsense").Want(http.StatusOK)
	if f := s.Asked[len(s.Asked)-1]; f.State != "" {
		t.Errorf("a state that is none was asked for: %q", f.State)
	}
	c.Get("/orders?after=broken").Want(http.StatusOK)
	if f := s.Asked[len(s.Asked)-1]; f.After != "" {
		t.Errorf("a cursor from elsewhere does not lead to the first page: %+v", f)
	}
}

func TestOrdersListWithoutAccountsAsksNobody(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.Accounts.All = nil
	webtest.Says(t, c.Get("/orders").Want(http.StatusOK).Page(), "main", "No orders yet")
	if len(s.Asked) != 0 {
		t.Errorf("asked for the orders of all accounts: %+v", s.Asked)
	}
}

func TestSandboxOrdersAreNeverInOneListWithRealOnes(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.Accounts.All = append(c.Accounts.All,
		account.Account{ID: "a2", Label: "Lotus", Site: account.International, State: account.Active, Currency: "USD"})
	for _, tt := range []struct{ scope, query, want string }{
		{"", "", "a1 a2"}, {"", "?account=a2", "a2"}, {"", "?account=s1", "s1"}, {"", "?account=none", ""},
		{"s1", "", "s1"}, {"s1", "?account=a1", "a1"}, {"s1", "?account=none", ""}, {"a2", "?account=a1", "a1"},
	} {
		c.Persons.Scope, s.Asked = tt.scope, nil
		doc := c.Get("/orders" + tt.query).Want(http.StatusOK).Page()
		var got []string
		for _, f := range s.Asked {
			got = append(got, f.AccountIDs...)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("scope %q, /orders%s: orders of %s, want %s", tt.scope, tt.query, got, tt.want)
		}
		if _, account, _ := strings.Cut(tt.query, "="); account != doc.Find("#orders-account option[selected]").AttrOr("value", "") {
			t.Errorf("scope %q, /orders%s: another account is chosen", tt.scope, tt.query)
		}
		if is := doc.Find(".strip:not(.pause)").Length() == 1; is != (tt.want == "s1" || tt.want == "" && tt.scope == "s1") {
			t.Errorf("scope %q, /orders%s: the page is in the Sandbox: %v", tt.scope, tt.query, is)
		}
		if c.Persons.Scope != tt.scope {
			t.Errorf("/orders%s stored the scope %q", tt.query, c.Persons.Scope)
		}
	}
	c.Persons.Scope = ""
	doc := c.Get("/orders?account=a2&state=done").Page()
	if got := doc.Find("#orders-account option[selected]").AttrOr("value", ""); got != "a2" {
		t.Errorf("the account chosen is %q", got)
	}
	if got := doc.Find(".tabs a").First().AttrOr("href", ""); got != "/orders?account=a2" {
		t.Errorf("the view of all orders leads to %q", got)
	}
}

func TestOrdersListAnswersHtmxWithTheListAlone(t *testing.T) {
	c, _, _ := webtest.OpenShop(t)
	c.Header.Set("HX-Request", "true")
	a := c.Get("/orders").Want(http.StatusOK)
	if strings.Contains(a.Body, "<html") || !strings.Contains(a.Body, `id="orders"`) {
		t.Errorf("body: %.200s", a.Body)
	}
}

// A list with nothing in it leads to a purchase, and a simulated one looks so.
func TestAnEmptyListInTheSandboxLeadsToASimulatedPurchase(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = []account.Account{{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"}}
	for _, path := range []string{"/servers", "/instances", "/orders", "/traffic"} {
		doc := c.Get(path).Want(http.StatusOK).Page()
		webtest.Says(t, doc, ".empty a.btn.play[href='/buy']", "Buy in the Sandbox")
	}
}

// What was ordered through an entry that was removed since is listed with its
// account, and says so.
func TestOrdersOfARemovedEntryAreListed(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	o := webtest.Order(order.Delivered)
	o.AccountID = "removed"
	s.Page = order.Page{Rows: []order.Order{o}, Total: 1, Counts: map[string]int{"": 1}}
	webtest.Says(t, c.Get("/orders").Page(), "main tbody", "an account that was removed")
	if !s.Asked[0].Removed {
		t.Error("they are not asked for")
	}
}
