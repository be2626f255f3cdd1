package palette_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
	"sampan/internal/app/web/webtest"
)

// hits are the groups of a page, each with its hits and where they lead.
func hits(doc *goquery.Document) string {
	var all []string
	doc.Find("#found section").Each(func(_ int, s *goquery.Selection) {
		all = append(all, s.Find("h2").Text()+":")
		s.Find("li a").Each(func(_ int, a *goquery.Selection) {
			all = append(all, strings.Join(strings.Fields(a.Text()), " ")+" → "+a.AttrOr("href", ""))
		})
	})
	return strings.Join(all, "\n")
}

func TestThePaletteFindsAnything(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 30)
	doc := c.Get("/search?q=shop-01").Want(http.StatusOK).Page()
	if n := doc.Find("#found a[href^='/instances/'], #found a[href^='/servers/']").Length(); n != 8 {
		t.Errorf("servers: got %d, want the first 8", n)
	}
	webtest.Says(t, doc, "h1", "Find anything")
	webtest.Says(t, doc, "#found", "10 servers")
	webtest.Says(t, doc, "#found a[href='/servers?q=shop-01']", "Show all")
	if got := doc.Find("form[role=search] input[name=q]").AttrOr("value", ""); got != "shop-01" {
		t.Errorf("the box holds %q", got)
	}
	webtest.Says(t, c.Get("/search?q=acc").Page(), "#found a[href='/accounts']", "Accounts")
	webtest.Says(t, c.Get("/search?q=203.0.113.7").Page(), "#found", "shop-006")
	webtest.Says(t, c.Get("/search?q=PACK-007").Page(), "#found a[href='/instances/i007']", "pack-007")
	webtest.Says(t, c.Get("/search?q="+url.QueryEscape("ssh root@203.0.113.7")).Page(), "#found", "shop-006")
	webtest.Says(t, c.Get("/search?q=zzzz").Page(), "#found", "Nothing is called that here.")
	c.Header.Set("HX-Request", "true")
	if a := c.Get("/search?q=shop"); strings.Contains(a.Body, "<html") || a.Page().Find("#found section").Length() != 1 {
		t.Error("the script does not get the results alone")
	}
}

// Until something is typed nothing is looked for, and nothing is said to be missing.
func TestAnEmptySearchFindsNothing(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 3)
	for _, q := range []string{"", "?q=", "?q=%20%20", "?q=%E2%80%8B"} {
		doc := c.Get("/search" + q).Want(http.StatusOK).Page()
		if doc.Find("#found").Length() != 1 || doc.Find("#found section, #found p").Length() != 0 {
			t.Errorf("%q finds %q", q, doc.Find("#found").Text())
		}
	}
}

// A hit says where a thing is, how it is reached, what it belongs to, and of which
// account it is where there are several.
func TestAHitSaysWhatItIs(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	c.Instances.GivenRows[1].Name = "shop-001" // called like its server
	c.Instances.Servers[0].Server.Public = nil
	want := "1 server:\nshop-001 Singapore · 203.0.113.2 → /servers/s001\n1 instance:\nshop-001 Singapore → /instances/i001"
	if got := hits(c.Get("/search?q=shop-001").Want(http.StatusOK).Page()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want = "1 server:\nshop-000 Riyadh · pack-000 → /servers/s000\n1 instance:\npack-000 Riyadh · shop-000 → /instances/i000"
	if got := hits(c.Get("/search?q=pack-000").Page()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "a2", Label: "Orchid Retail", State: account.Active})
	webtest.Says(t, c.Get("/search?q=shop-001").Page(), "#found", "Singapore · 203.0.113.2 · Marina Labs")
}

// The pages are found by their names in the reader's language.
func TestPagesAreFoundByTheirNames(t *testing.T) {
	tests := []struct {
		name, q, lang string
		sandbox       bool
		want          string
	}{
		{"by a part of the name", "raff", "en", false, "Pages:\nTraffic → /traffic"},
		{"by any case", "SETT", "en", false, "Pages:\nSettings → /settings/you"},
		{"in Chinese", "流量", "zh-Hans", false, "页面:\n流量 → /traffic"},
		{"the Sandbox, without an account of it", "sandbox", "en", false, ""},
		{"the Sandbox, with one", "sandbox", "en", true, "Pages:\nSandbox → /sandbox"},
		{"by words that one page does not have together", "traffic orders", "en", false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			c.Header.Set("Accept-Language", tt.lang)
			if tt.sandbox {
				c.Accounts.All = append(c.Accounts.All,
					account.Account{ID: "s1", Label: "Play", Site: account.SandboxSite, State: account.Active})
			}
			if got := hits(c.Get("/search?q=" + url.QueryEscape(tt.q)).Want(http.StatusOK).Page()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// orders answers a search for orders, and keeps what was asked for.
type orders struct {
	webtest.EveryOrder
	rows  []order.Order
	err   error
	asked []order.Filter
}

// Orders has an answer for searches; the frame's questions are those of the fake.
func (o *orders) Orders(ctx context.Context, by person.Actor, f order.Filter) (order.Page, error) {
	if f.Query == "" {
		return o.EveryOrder.Orders(ctx, by, f)
	}
	o.asked = append(o.asked, f)
	return order.Page{Rows: o.rows, Total: len(o.rows)}, o.err
}

// withOrders is a console whose searches find these orders, or fail.
func withOrders(t *testing.T, found ...order.Order) (*webtest.Console, *orders) {
	all := &orders{rows: found}
	c := webtest.Open(t, func(o *web.Options) { all.EveryOrder, o.Orders = o.Orders, all })
	webtest.Fleet(c, 2)
	return c, all
}

func TestOrdersAreFound(t *testing.T) {
	ordered := webtest.Order(order.Delivered)
	c, all := withOrders(t, ordered)
	want := "Orders:\nshop CS2611230914H1EW → /orders/o1"
	if got := hits(c.Get("/search?q=CS2611230914H1EW").Want(http.StatusOK).Page()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	f := all.asked[0]
	if got := fmt.Sprintln(f.AccountIDs, f.Query, f.Removed, f.Limit); got != "[a1] CS2611230914H1EW true 8\n" {
		t.Errorf("asked for %s", got)
	}
	c.Get("/search?q=" + strings.Repeat("x", 300)).Want(http.StatusOK)
	if got := all.asked[1].Query; got != strings.Repeat("x", 200) {
		t.Errorf("asked for %d letters", len(got))
	}
}

// What is no search for orders leaves them out; any other failure is the page's.
func TestWhenOrdersCannotBeSearched(t *testing.T) {
	for _, f := range webtest.Failures() {
		t.Run(f.Err.Kind.String(), func(t *testing.T) {
			c, all := withOrders(t)
			all.err = f.Err
			a := c.Get("/search?q=shop-001")
			if f.Err.Kind == fault.Invalid {
				webtest.Says(t, a.Want(http.StatusOK).Page(), "#found", "shop-001")
				return
			}
			f.Shows(t, a)
			c.Header.Set("HX-Request", "true")
			f.Note(t, c.Get("/search?q=shop-001"))
		})
	}
}

// What is not in the scope is not found, whoever owns it.
func TestTheSearchKeepsToTheScope(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	c.Instances.GivenRows[1].AccountID, c.Instances.Servers[1].AccountID = "of-somebody-else", "of-somebody-else"
	for _, q := range []string{"shop-001", "s001", "i001", "203.0.113.2"} {
		doc := c.Get("/search?q=" + q).Want(http.StatusOK).Page()
		if strings.Contains(hits(doc), "001") {
			t.Errorf("%s: a server of another account is found: %s", q, hits(doc))
		}
	}
	c.SignedOut().Get("/search?q=shop").Want(http.StatusSeeOther, "/sign-in?next=%2Fsearch%3Fq%3Dshop")
}

// Where servers were not read, counts are least ones, and a name that is not found
// may be one of theirs.
func TestTheSearchSaysThatNotEverythingWasRead(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	c.Instances.GivenGaps = instance.Gaps{{AccountID: "a1", About: instance.AboutList, Source: "config",
		Trouble: fault.Say("cloud.unreachable")}}
	webtest.Says(t, c.Get("/search?q=shop-001").Page(), "#found h2", "at least 1 server")
	webtest.Says(t, c.Get("/search?q=nobody").Page(), "#found p", webtest.Word("servers.palette.nothing")+" "+webtest.Word("gaps.names"))
	c.Instances.GivenGaps[0].About = instance.AboutTraffic // names do not depend on it
	webtest.Says(t, c.Get("/search?q=nobody").Page(), "#found p", webtest.Word("servers.palette.nothing"))
	if words := c.Get("/search?q=shop-001").Page().Find("#found").Text(); strings.Contains(words, "at least") {
		t.Errorf("servers are counted whole: %s", words)
	}
}
