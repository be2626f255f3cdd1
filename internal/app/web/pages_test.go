package web_test

import (
	"net/url"
	"strings"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/order"
	"sampan/internal/app/web/sandbox"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/text"
)

// TestWhatAPageAsksByItselfIsNobodysVisit: how often the cloud is asked depends on
// whether a person is there.
func TestWhatAPageAsksByItselfIsNobodysVisit(t *testing.T) {
	c := webtest.Open(t)
	visits := func(want int32, what string) {
		t.Helper()
		if got := c.Instances.Visits.Swap(0); got != want {
			t.Errorf("%s: %d visits, want %d", what, got, want)
		}
	}
	visits(0, "nothing yet")
	c.Get("/servers").Want(200)
	visits(1, "a page")
	c.Post("/instances/refresh")
	visits(1, "an action")
	c.Header.Set("HX-Request", "true")
	c.Header.Set("X-Live", "1")
	c.Get("/servers/rows?v=0")
	visits(0, "rows that the page asks for")
}

func TestHostileNamesStayText(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)>` + "\u202eabc"
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	c.Accounts.All[0].Label = evil
	c.Persons.Who.DisplayName = evil
	c.Instances.GivenRows = webtest.ManyInstances(1)
	c.Instances.GivenRows[0].Name, c.Instances.GivenRows[0].Image, c.Instances.GivenRows[0].Address, c.Instances.GivenRows[0].Spec = evil,
		evil, evil, evil
	c.Orders.GivenAttention = []order.Order{{ID: "o1", State: order.Unknown, Request: order.Request{Name: evil}}}
	c.Sandbox.GivenStatus.Purchases = []sandbox.Purchase{{Name: evil, OrderID: evil, Amount: evil, Currency: evil}}
	c.Sandbox.GivenStatus.Requests = []sandbox.Request{{Call: evil, Faults: []string{evil}}}
	c.Sandbox.GivenStatus.Waiting = []sandbox.Fault{{Call: evil, Kind: evil}}
	for _, path := range []string{"/", "/accounts", "/accounts/a1", "/accounts/a1/key", "/accounts/a1/delete", "/instances",
		"/instances/i0", "/settings/you", "/settings/security", "/sandbox", "/instances?q=" + url.QueryEscape(evil)} {
		a := c.Get(path).Want(200)
		if doc := a.Page(); doc.Find("img, [onerror]").Length() > 0 {
			t.Errorf("%s: a name became markup", path)
		}
		// A field gives back what was typed as it was; elsewhere it is shown.
		doc := a.Page()
		doc.Find("input").Remove()
		if strings.Contains(doc.Text(), "\u202e") {
			t.Errorf("%s: a name turns the direction of the page", path)
		}
	}
}

// Every page in Chinese and right to left, with every message it needs.
func TestPagesInEveryLanguage(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	c.Instances.GivenRows = webtest.ManyInstances(2)
	text.EnablePseudo()
	for _, lang := range []string{"zh-Hans", "ar-XB", "en"} {
		c.Persons.Who.Language = lang
		for _, path := range []string{"/", "/accounts", "/accounts/a1", "/accounts/new", "/accounts/a1/key", "/accounts/a1/delete",
			"/instances", "/instances/i0", "/settings/you", "/settings/security", "/settings/console", "/sandbox", "/sandbox/reset"} {
			doc := c.Get(path).Want(200).Page()
			if got, _ := doc.Find("html").Attr("lang"); got != lang {
				t.Errorf("%s: lang %q, want %q", path, got, lang)
			}
			if doc.Find("h1").Length() != 1 {
				t.Errorf("%s: %d h1", path, doc.Find("h1").Length())
			}
		}
	}
	if strings.Contains(c.Log.String(), "not translated") {
		t.Error("a message has no Chinese")
	}
}
