package accounts_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
	"sampan/internal/app/web/webtest"
)

func TestTheListWithoutAnAccount(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = nil
	doc := c.Get("/accounts").Want(200).Page()
	webtest.Says(t, doc, "h1", "Accounts")
	webtest.Says(t, doc, "#accounts", "No account yet")
	webtest.Says(t, doc, "#accounts", "Connect a Huawei Cloud account, or practise in the Sandbox.")
	for selector, want := range map[string]int{`form[action="/sandbox/open"]`: 1, `main a[href="/accounts/new"]`: 1} {
		if n := doc.Find(selector).Length(); n != want {
			t.Errorf("an owner: %d of %s, want %d", n, selector, want)
		}
	}
	doc = c.As(person.Viewer).Get("/accounts").Want(200).Page()
	if n := doc.Find(`form[action="/sandbox/open"], main a[href="/accounts/new"]`).Length(); n != 0 {
		t.Errorf("a viewer is offered %d ways to connect one", n)
	}
}

// The Sandbox is offered only where there is one and it is not connected.
func TestTheListOffersTheSandboxOnce(t *testing.T) {
	offered := func(c *webtest.Console) bool {
		return c.Get("/accounts").Want(200).Page().Find(`form[action="/sandbox/open"]`).Length() == 1
	}
	if !offered(webtest.Open(t)) {
		t.Error("a Sandbox that is not connected is not offered")
	}
	if offered(webtest.Open(t, func(o *web.Options) { o.Sandbox = nil })) {
		t.Error("a Sandbox is offered where there is none")
	}
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Label: "Sandbox", Site: account.SandboxSite, State: account.Active})
	if offered(c) {
		t.Error("the Sandbox is offered although it is connected")
	}
	doc := c.Get("/accounts").Want(200).Page()
	webtest.Says(t, doc, "#account-s1", "CostFree, simulated")
	if doc.Find(`#account-s1 a[href="/sandbox"]`).Length() != 1 || doc.Find(`#account-a1 a[href="/sandbox"]`).Length() != 0 {
		t.Error("the Sandbox's controls are not linked from its card alone")
	}
	webtest.Says(t, c.Get("/accounts/s1").Want(200).Page(), "main", "Simulate a failure…")
	if c.Get("/accounts/s1").Page().Find(`main a[href="/accounts/s1/key"]`).Length() != 0 {
		t.Error("the Sandbox's own key can be replaced")
	}
}

// facts are the lines of a list of facts: "Site: International".
func facts(in *goquery.Selection) []string {
	var all []string
	in.Find("dt").Each(func(_ int, key *goquery.Selection) {
		all = append(all, strings.TrimSpace(key.Text())+": "+strings.Join(strings.Fields(key.NextFiltered("dd").Text()), " "))
	})
	return all
}

func TestACardTellsWhatAnAccountIs(t *testing.T) {
	money := func(amount string) order.Balance {
		return order.Balance{At: webtest.Now, Available: order.Money{Amount: decimal.RequireFromString(amount), Currency: "USD"}}
	}
	for _, tt := range []struct {
		name    string
		a       account.Account
		balance order.Balance
		want    []string
	}{
		{"a key, no region, no balance", account.Account{Site: account.International, Credential: account.ByKey, KeyHint: "0001"}, order.Balance{},
			[]string{"Site: International", "Signs in with: Access key ending in 0001", "Regions: not known", "Balance: not known"}},
		{"a login, two regions, a balance", account.Account{Site: account.Europe, Credential: account.ByLogin, KeyHint: "console-bot",
			Projects: map[string]string{"tr-west-1": "p2", "ap-southeast-3": "p1"}}, money("12.5"),
			[]string{"Site: Europe", "Signs in with: IAM user console-bot, password", "Regions: Istanbul · Singapore",
				"Balance: US$ 12.50"}},
		{"a region that is not in the catalogue",
			account.Account{Site: account.Mainland, Projects: map[string]string{"xx-nowhere-9": "p"}}, money("0"),
			[]string{"Site: Mainland China", "Regions: xx-nowhere-9", "Balance: US$ 0.00"}},
		{"own addresses", account.Account{Site: account.Custom}, order.Balance{}, []string{"Site: Custom endpoints"}},
	} {
		c := webtest.Open(t)
		tt.a.ID, tt.a.Label, tt.a.State, tt.a.CreatedAt = "a1", "Marina", account.Active, webtest.Now
		c.Accounts.All, c.Orders.GivenBalance = []account.Account{tt.a}, tt.balance
		for _, path := range []string{"/accounts", "/accounts/a1"} {
			got := facts(c.Get(path).Want(200).Page().Find("#account-a1, #facts"))
			for _, want := range tt.want {
				if !slices.Contains(got, want) {
					t.Errorf("%s, %s: %q, want it to have %q", path, tt.name, got, want)
				}
			}
		}
	}
}

func TestABrokenAccountOffersAnotherKey(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All[0].State, c.Accounts.All[0].Trouble, c.Accounts.All[0].TroubleAt = account.Broken,
		fault.Say("cloud.login.wrong"), webtest.Now
	doc := c.Get("/accounts").Want(200).Page()
	webtest.Says(t, doc, "#account-a1 .note", "Huawei refused the key of Marina Labs")
	webtest.Says(t, doc, `#account-a1 a[href="/accounts/a1/key"]`, "Replace the key")
	if n := c.As(person.Operator).Get("/accounts").Page().Find(`#account-a1 a[href="/accounts/a1/key"]`).Length(); n != 0 {
		t.Error("somebody who may not replace a key is asked to")
	}
	c.As(person.Owner).Accounts.All[0].Site = account.SandboxSite
	if n := c.Get("/accounts").Page().Find(`#account-a1 a[href="/accounts/a1/key"]`).Length(); n != 0 {
		t.Error("the Sandbox's key can be replaced")
	}
}

// What the list cannot read is a failure, not a shorter list.
func TestTheListThatCannotBeRead(t *testing.T) {
	for _, f := range webtest.Failures() {
		c := webtest.Open(t)
		c.Accounts.ReadErr = f.Err
		webtest.Says(t, c.Get("/accounts").Want(f.Status).Page(), "h1", webtest.Word(f.Title))
	}
}
