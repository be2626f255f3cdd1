package setup_test

import (
	"net/http"
	"strings"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

// From an empty console to the first page, as a browser without script does it.
func TestFirstStart(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	c.Persons.Who, c.Persons.GivenSessions, c.Accounts.All = nil, map[string]person.Session{}, nil
	c.Get("/").Want(http.StatusSeeOther, "/setup/owner")
	c.Get("/sign-in").Want(http.StatusSeeOther, "/setup/owner")
	c.Get("/setup/owner").Want(200).Page()

	doc := c.Post("/setup/owner", "show", "language", "language", "zh-Hans", "name", "mei", "display_name", "Mei Tan", "code", "printed",
		"password", webtest.Password, "zone", "Asia/Hong_Kong").Want(200).Page()
	if doc.Find("html").AttrOr("lang", "") != "zh-Hans" || c.Persons.Who != nil {
		t.Error("the page is not shown in the language chosen, or made an owner")
	}
	if doc.Find("select[name=language]").Length() != 1 ||
		doc.Find("select[name=language] option[selected]").AttrOr("value", "") != "zh-Hans" {
		t.Error("the language is not chosen in one place")
	}
	if webtest.Value(doc, "name") != "mei" || webtest.Value(doc, "display_name") != "Mei Tan" || webtest.Value(doc, "code") != "printed" ||
		webtest.Value(doc, "password") != "" ||
		doc.Find("#zone option[selected]").AttrOr("value", "") != "Asia/Hong_Kong" || doc.Find("#zone[data-zone]").Length() != 0 {
		t.Error("the other language lost what was typed, or kept the password")
	}
	if got := doc.Find("form[action='/setup/owner'] button[type=submit]").First().AttrOr("name", ""); got != "" {
		t.Errorf("the Enter key presses %q", got)
	}
	doc = c.Get("/setup/owner").Want(200).Page()
	if doc.Find("html").AttrOr("lang", "") != "zh-Hans" || doc.Find("#zone[data-zone]").Length() != 1 {
		t.Error("the language is not kept, or the browser's zone is not asked for")
	}

	owner := []string{"name", "mei", "display_name", "Mei Tan", "language", "en", "zone", "Asia/Hong_Kong"}
	doc = c.Post("/setup/owner", append(owner, "code", "guessed", "password", webtest.Password)...).
		Want(http.StatusUnprocessableEntity).Page()
	if webtest.Value(doc, "name") != "mei" || webtest.Value(doc, "code") != "guessed" || webtest.Value(doc, "password") != "" ||
		doc.Find("#code[aria-invalid=true]").Length() != 1 {
		t.Error("a wrong code: the form lost what was typed, or does not say it")
	}
	if got, _ := doc.Find("#zone option[selected]").Attr("value"); got != "Asia/Hong_Kong" {
		t.Errorf("zone: got %q", got)
	}
	c.Post("/setup/owner", append(owner, "code", "the-printed-code", "password", "short")...).Want(http.StatusUnprocessableEntity)
	c.Post("/setup/owner", append(owner, "code", "the-printed-code", "password", webtest.Password)...).
		Want(http.StatusSeeOther, "/setup/cloud")
	c.Get("/setup/owner").Want(http.StatusNotFound)
	c.Post("/setup/owner", owner...).Want(http.StatusNotFound)

	c.Get("/setup/check").Want(http.StatusNotFound)
	c.Get("/setup/cloud").Want(200).Page()
	c.Post("/setup/sandbox", "fleet", "40").Want(http.StatusSeeOther, "/")
	c.Get("/setup/cloud").Want(http.StatusNotFound)
	if got := strings.Join(c.Sandbox.Said, ","); got != "fleet 40" {
		t.Errorf("the Sandbox was told %q", got)
	}
	if f := c.Accounts.Added[0]; f.KeySecret.Reveal() != "sandbox-secret" || f.Site != account.SandboxSite ||
		c.Persons.Scope != "sandbox" || len(c.Instances.GivenAsked) != 0 {
		t.Errorf("the Sandbox's account: %+v, scope %q, refreshed %v", f, c.Persons.Scope, c.Instances.GivenAsked)
	}
	c.Get("/").Want(200).Page()
}

func TestFirstStartWithAnAccount(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = nil
	doc := c.Get("/setup/cloud").Want(200).Page()
	if doc.Find("#key_secret[value]").AttrOr("value", "") != "" {
		t.Error("a secret stands in the form")
	}
	c.Post("/setup/cloud", "label", "Marina", "site", "intl", "credential", "key", "key_id", "AKEXAMPLE0000000001", "key_secret",
		"the-secret-key").Want(http.StatusSeeOther, "/setup/check")
	doc = c.Get("/setup/check").Want(200).Page()
	webtest.Says(t, doc, "h1", "Checking Marina…")
	if got, _ := doc.Find("body").Attr("sse-connect"); got != "/events?topics=account%2Fa1" {
		t.Errorf("the check watches %q", got)
	}
}
