package accounts_test

import (
	"net/http"
	"slices"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

// twice makes the console's accounts two entries of one account.
func twice(c *webtest.Console) {
	c.Accounts.All = []account.Account{
		{ID: "a1", Label: "Marina", Site: account.International, Credential: account.ByKey, KeyHint: "AAAA", DomainID: "d", State: account.Active, CreatedAt: webtest.Now},
		{ID: "a2", Label: "Marina again", Site: account.International, Credential: account.ByLogin, KeyHint: "bot", DomainID: "d", State: account.Active, CreatedAt: webtest.Now},
	}
}

func TestAnAccountConnectedTwiceHasABannerOnEveryPage(t *testing.T) {
	c := webtest.Open(t)
	twice(c)
	for _, path := range []string{"/", "/servers", "/accounts", "/settings/you"} {
		doc := c.Get(path).Want(200).Page()
		webtest.Says(t, doc, "#banners", "Marina and Marina again are the same account at Huawei.")
		if n := doc.Find(`#banners a[href="/accounts/a1/twins"]`).Length(); n != 1 {
			t.Errorf("%s: %d ways to remove one, want 1", path, n)
		}
	}
	c.Accounts.All[1].DomainID = "e"
	if n := c.Get("/").Page().Find(`#banners a[href$="/twins"]`).Length(); n != 0 {
		t.Error("two accounts have the banner of one")
	}
	v := webtest.Open(t).As(person.Buyer)
	twice(v)
	if n := v.Get("/").Want(200).Page().Find(`#banners a[href$="/twins"]`).Length(); n != 0 {
		t.Error("somebody who may not remove an entry is asked to")
	}
}

func TestThePageOfTwinsTellsThemApart(t *testing.T) {
	c := webtest.Open(t)
	twice(c)
	c.Accounts.Open = map[string]int{"a2": 2}
	doc := c.Get("/accounts/a1/twins").Want(200).Page()
	webtest.Says(t, doc, "#account-a1", "Access key ending in AAAA")
	webtest.Says(t, doc, "#account-a2", "IAM user bot, password")
	if n := doc.Find(`#account-a1 a[href="/accounts/a1/delete"]`).Length(); n != 1 {
		t.Error("an entry without open orders cannot be removed")
	}
	if n := doc.Find(`#account-a2 a[href="/accounts/a2/delete"]`).Length(); n != 0 {
		t.Error("an entry with open orders is offered for removal")
	}
	webtest.Says(t, doc, "#account-a2", "It cannot be removed now: 2 orders are open.")
	c.Accounts.All = c.Accounts.All[:1]
	c.Get("/accounts/a1/twins").Want(http.StatusSeeOther, "/accounts/a1")
	c.Get("/accounts/a9/twins").Want(http.StatusNotFound)
}

// That deleting is not possible stands there only when it is not.
func TestDeletingSaysWhetherItIsPossible(t *testing.T) {
	c := webtest.Open(t)
	doc := c.Get("/accounts/a1").Want(200).Page()
	webtest.Says(t, doc, "#change", webtest.Word("accounts.delete.text"))
	if doc.Find(`#change a[href="/accounts/a1/delete"]`).Length() != 1 {
		t.Error("an account without open orders cannot be deleted")
	}
	c.Accounts.Open = map[string]int{"a1": 1}
	doc = c.Get("/accounts/a1").Want(200).Page()
	webtest.Says(t, doc, "#change", "1 order of this account is still open.")
	if doc.Find(`#change a[href="/accounts/a1/delete"]`).Length() != 0 {
		t.Error("an account with open orders is offered for deletion")
	}
}

func TestASecondEntryOffersItsKey(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.Held = []account.Account{{ID: "h1", Label: "again", Site: account.International, Credential: account.ByLogin, KeyHint: "bot",
		State: account.Broken, Trouble: fault.Say(account.TwinFound, "Account", "Marina", "ID", "a1"), TroubleAt: webtest.Now,
		CheckedAt: webtest.Now, CreatedAt: webtest.Now}}
	doc := c.Get("/accounts/h1").Want(200).Page()
	webtest.Says(t, doc, "#check-title", "This account is connected already, as Marina")
	webtest.Says(t, doc, "h1 .st", webtest.Word("accounts.state.held"))
	for _, action := range []string{"/accounts/h1/give", "/accounts/h1/delete"} {
		if doc.Find(`#account-trouble form[action="`+action+`"]`).Length() != 1 {
			t.Errorf("no way to %s", action)
		}
	}
	if doc.Find(`#account-trouble a[href="/accounts/a1"]`).Length() != 1 || doc.Find("#change").Length() != 0 {
		t.Error("the first is not linked, or the entry can be changed")
	}
	webtest.Says(t, c.Get("/accounts").Want(200).Page(), "#account-h1", "This account is connected already, as Marina")
	c.Post("/accounts/h1/give").Want(http.StatusSeeOther, "/accounts/a1")
	c.Post("/accounts/h1/delete").Want(http.StatusSeeOther, "/accounts")
	webtest.Says(t, c.Get("/accounts").Page(), ".toast", "The new sign-in was discarded. The account stays connected.")
	c.Post("/accounts/a1/delete").Want(http.StatusSeeOther, "/accounts")
	webtest.Says(t, c.Get("/accounts").Page(), ".toast", webtest.Word("accounts.said.deleted"))
	if got := c.Accounts.Calls; !slices.Equal(got, []string{"give h1", "delete h1", "delete a1"}) {
		t.Errorf("calls: %v", got)
	}
}
