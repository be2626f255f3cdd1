package orders_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
	"sampan/internal/app/web/webtest"
)

func TestWhatPagesSayOfADatabaseThatWasPutBack(t *testing.T) {
	since := webtest.Now.Add(-time.Hour)
	older := fault.Say("restored.older")
	open := func(n int) []order.Order {
		var all []order.Order
		for range n {
			all = append(all, order.Order{ID: "o7", State: order.Unknown, Restored: true})
		}
		return all
	}
	many := []order.FoundOrder{{CloudOrderID: "CS1"}, {CloudOrderID: "CS2"}, {CloudOrderID: "CS3"}, {CloudOrderID: "CS4"},
		{CloudOrderID: "CS5"}}
	for _, tt := range []struct {
		name  string
		r     order.Restored
		says  []string
		not   []string
		links string // for an owner
	}{
		{"an ordinary start says nothing", order.Restored{}, nil, []string{"database"}, ""},
		{"the accounts are not read yet", order.Restored{Since: since, Why: older, Unread: true}, []string{"It was noticed today at 08:21.", "It is older than the one that ran here last", "not read yet"}, []string{"Nothing was found"}, ""},
		{"one is looked for", order.Restored{Since: since, Why: older, Open: open(1)}, []string{"1 purchase from then is being looked for"}, []string{"Nothing was found"}, "/orders/o7"},
		{"several are looked for", order.Restored{Since: since, Why: older, Open: open(2)}, []string{"2 purchases from then are being looked for"}, nil, "/orders?state=problem"},
		{"something was found", order.Restored{Since: since, Why: older, Found: many[:2]}, []string{"not known here: CS1 and CS2."}, []string{"Nothing was found"}, "/orders?state=found"},
		{"much was found", order.Restored{Since: since, Why: older, Found: many}, []string{"CS1, CS2, CS3 and 2 more"}, []string{"CS4"}, "/orders?state=found"},
		{"nothing was found", order.Restored{Since: since, Why: fault.Say("restored.side", "File", "console.db-wal")}, []string{"console.db-wal belonged to another one", "Nothing was found at Huawei that is not known here."}, nil, "close"},
		{"put back with everything beside it", order.Restored{Found: many[:1]}, []string{"Huawei has an order that may have been placed from here", "CS1"}, []string{"earlier moment"}, "/orders?state=found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, role := range []person.Role{person.Viewer, person.Buyer, person.Owner} {
				c := putBack(t, tt.r).As(role)
				doc := c.Get("/settings/you").Want(http.StatusOK).Page()
				banners := doc.Find("#banners")
				for _, w := range tt.says {
					webtest.Says(t, doc, "#banners", w)
				}
				for _, w := range tt.not {
					if strings.Contains(banners.Text(), w) {
						t.Errorf("says %q", w)
					}
				}
				want := tt.links
				if role != person.Owner && want == "close" {
					want = ""
				}
				got := banners.Find(".row a").AttrOr("href", "")
				if f := banners.Find("form[action='/restored/close'] button"); f.Length() > 0 {
					got = "close"
				}
				if got != want {
					t.Errorf("%s: leads to %q, want %q", role, got, want)
				}
			}
		})
	}
}

func putBack(t *testing.T, r order.Restored) *webtest.Console {
	t.Helper()
	c := webtest.Open(t)
	c.Orders.GivenRestored = r
	return c
}

func TestTheBannerComesAndGoesWithTheFigures(t *testing.T) {
	c := putBack(t, order.Restored{Found: []order.FoundOrder{{CloudOrderID: "CS1"}}})
	c.Header.Set("HX-Request", "true")
	if body := c.Get("/counts").Want(http.StatusOK).Body; !strings.Contains(body, "CS1") {
		t.Errorf("the figures do not bring the banner: %s", body)
	}
}

func TestOnlyOwnersCloseTheCheckOfADatabase(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.As(person.Buyer).Post("/restored/close").Want(http.StatusForbidden)
	c.As(person.Owner)
	c.Header.Set("Referer", "http://"+c.Host+"/orders?state=done")
	a := c.Post("/restored/close").Want(http.StatusSeeOther)
	if got := a.Header.Get("Location"); got != "/orders?state=done" {
		t.Errorf("leads to %q", got)
	}
	webtest.Says(t, c.Get("/orders").Page(), "#toasts", "The check of the database is closed.")
	s.Refuse = fault.New(fault.Conflict, "order.restored.open")
	c.Post("/restored/close").Want(http.StatusSeeOther)
	webtest.Says(t, c.Get("/orders").Page(), "#toasts", "Not everything is decided yet")
	if got := strings.Join(s.Said, ", "); got != "close-restored, close-restored" {
		t.Errorf("done: %q", got)
	}
}

func TestFoundOrdersCountBesideTheNavigation(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, State: account.Active})
	c.Orders.GivenAttention = []order.Order{{ID: "o1", State: order.AwaitingPayment}}
	c.Orders.Found = []order.FoundOrder{webtest.Stray(), webtest.Stray(func(f *order.FoundOrder) { f.AccountID = "s1" })}
	if got := c.Get("/settings/you").Page().Find("#count-orders").Text(); got != "2" {
		t.Errorf("beside Orders stands %q", got)
	}
}

func TestOverviewBeginsWithWhatNobodyKnows(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All[0].State = "broken"
	c.Orders.Found = []order.FoundOrder{webtest.Stray()}
	unseen := func(id, name, why string, ago time.Duration) order.Order {
		return order.Order{ID: id, State: order.Paying, PaySends: 1, PaySentAt: webtest.Now.Add(-ago), CloudReadAt: webtest.Now.Add(-ago),
			Request: order.Request{Name: name},
			Reason:  fault.Say(why, "CloudOrder", "CS7", "Since", webtest.Now.Add(-ago).Format(time.RFC3339))}
	}
	c.Orders.GivenAttention = []order.Order{
		unseen("o7", "gone", "order.pay.lost", 25*time.Hour),
		{ID: "o1", State: order.NeedsHuman, SentAt: webtest.Now, Request: order.Request{Name: "shop"}, Reason: fault.Say("order.human.unseen", "CloudOrder", "CS5")},
		{ID: "o2", State: order.Unknown, Request: order.Request{Name: "early"}, Reason: fault.Say("order.unknown.restarted")},
	}
	doc := c.Get("/").Want(http.StatusOK).Page()
	want := []string{"Huawei has 1 order that nobody here knows → /orders?state=found",
		"Huawei’s billing does not show the order gone, which was paid → /orders/o7"}
	got := webtest.Items(doc)
	if len(got) < 5 || got[0] != want[0] || got[1] != want[1] || !strings.Contains(got[4], "can’t be read") {
		t.Fatalf("got:\n%s", strings.Join(got, "\n"))
	}
	all := strings.Join(got, "\n")
	if !strings.Contains(all, "Was early ordered before the restart?") {
		t.Errorf("got:\n%s", all)
	}
	for _, w := range []string{"CS2611230901FOUND", "has not shown this order since yesterday at 08:21", "its billing does not have it",
		"We are asking Huawei whether it was"} {
		webtest.Says(t, doc, ".todo-list", w)
	}
}

func TestSettingsSayWhenADatabaseThatIsPutBackMayGoUnnoticed(t *testing.T) {
	for _, tt := range []struct {
		name string
		mark func() (string, error)
		want bool
	}{
		{"nobody keeps one", nil, false},
		{"written", func() (string, error) { return "/srv/sampan.mark", nil }, false},
		{"not writable", func() (string, error) { return "/srv/sampan.mark", errors.New("permission denied") }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t, func(o *web.Options) { o.Mark = tt.mark })
			doc := c.Get("/settings/console").Want(http.StatusOK).Page()
			if got := strings.Contains(doc.Find("main .note").Text(), "/srv/sampan.mark"); got != tt.want {
				t.Errorf("said: %v, want %v", got, tt.want)
			}
		})
	}
}
