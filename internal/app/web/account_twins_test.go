package web_test

import (
	"net/http"
	"slices"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// twice makes the console's accounts two entries of one account.
func twice(c *console) {
	c.accounts.all = []account.Account{
		{ID: "a1", Label: "Marina", Site: account.International, Credential: account.ByKey, KeyHint: "AAAA", DomainID: "d", State: account.Active, CreatedAt: now},
		{ID: "a2", Label: "Marina again", Site: account.International, Credential: account.ByLogin, KeyHint: "bot", DomainID: "d", State: account.Active, CreatedAt: now},
	}
}

func TestAnAccountConnectedTwiceHasABannerOnEveryPage(t *testing.T) {
	c := open(t)
	twice(c)
	for _, path := range []string{"/", "/servers", "/accounts", "/settings/you"} {
		doc := c.get(path).want(200).page()
		says(t, doc, "#banners", "Marina and Marina again are the same account at Huawei.")
		if n := doc.Find(`#banners a[href="/accounts/a1/twins"]`).Length(); n != 1 {
			t.Errorf("%s: %d ways to remove one, want 1", path, n)
		}
	}
	c.accounts.all[1].DomainID = "e"
	if n := c.get("/").page().Find(`#banners a[href$="/twins"]`).Length(); n != 0 {
		t.Error("two accounts have the banner of one")
	}
	v := open(t).as(person.Buyer)
	twice(v)
	if n := v.get("/").want(200).page().Find(`#banners a[href$="/twins"]`).Length(); n != 0 {
		t.Error("somebody who may not remove an entry is asked to")
	}
}

func TestThePageOfTwinsTellsThemApart(t *testing.T) {
	c := open(t)
	twice(c)
	c.accounts.open = map[string]int{"a2": 2}
	doc := c.get("/accounts/a1/twins").want(200).page()
	says(t, doc, "#account-a1", "Access key ending in AAAA")
	says(t, doc, "#account-a2", "IAM user bot, password")
	if n := doc.Find(`#account-a1 a[href="/accounts/a1/delete"]`).Length(); n != 1 {
		t.Error("an entry without open orders cannot be removed")
	}
	if n := doc.Find(`#account-a2 a[href="/accounts/a2/delete"]`).Length(); n != 0 {
		t.Error("an entry with open orders is offered for removal")
	}
	says(t, doc, "#account-a2", "It cannot be removed now: 2 orders are open.")
	c.accounts.all = c.accounts.all[:1]
	c.get("/accounts/a1/twins").want(http.StatusSeeOther, "/accounts/a1")
	c.get("/accounts/a9/twins").want(http.StatusNotFound)
}

// That deleting is not possible stands there only when it is not.
func TestDeletingSaysWhetherItIsPossible(t *testing.T) {
	c := open(t)
	doc := c.get("/accounts/a1").want(200).page()
	says(t, doc, "#change", word("accounts.delete.text"))
	if doc.Find(`#change a[href="/accounts/a1/delete"]`).Length() != 1 {
		t.Error("an account without open orders cannot be deleted")
	}
	c.accounts.open = map[string]int{"a1": 1}
	doc = c.get("/accounts/a1").want(200).page()
	says(t, doc, "#change", "1 order of this account is still open.")
	if doc.Find(`#change a[href="/accounts/a1/delete"]`).Length() != 0 {
		t.Error("an account with open orders is offered for deletion")
	}
}

func TestASecondEntryOffersItsKey(t *testing.T) {
	c := open(t)
	c.accounts.held = []account.Account{{ID: "h1", Label: "again", Site: account.International, Credential: account.ByLogin, KeyHint: "bot", State: account.Broken,
		Trouble: fault.Say(account.TwinFound, "Account", "Marina", "ID", "a1"), TroubleAt: now, CheckedAt: now, CreatedAt: now}}
	doc := c.get("/accounts/h1").want(200).page()
	says(t, doc, "#check-title", "This account is connected already, as Marina")
	says(t, doc, "h1 .st", word("accounts.state.held"))
	for _, action := range []string{"/accounts/h1/give", "/accounts/h1/delete"} {
		if doc.Find(`#account-trouble form[action="`+action+`"]`).Length() != 1 {
			t.Errorf("no way to %s", action)
		}
	}
	if doc.Find(`#account-trouble a[href="/accounts/a1"]`).Length() != 1 || doc.Find("#change").Length() != 0 {
		t.Error("the first is not linked, or the entry can be changed")
	}
	says(t, c.get("/accounts").want(200).page(), "#account-h1", "This account is connected already, as Marina")
	c.post("/accounts/h1/give").want(http.StatusSeeOther, "/accounts/a1")
	c.post("/accounts/h1/delete").want(http.StatusSeeOther, "/accounts")
	says(t, c.get("/accounts").page(), ".toast", "The new sign-in was discarded. The account stays connected.")
	c.post("/accounts/a1/delete").want(http.StatusSeeOther, "/accounts")
	says(t, c.get("/accounts").page(), ".toast", word("accounts.said.deleted"))
	if got := c.accounts.calls; !slices.Equal(got, []string{"give h1", "delete h1", "delete a1"}) {
		t.Errorf("calls: %v", got)
	}
}
