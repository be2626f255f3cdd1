package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
	"sampan/internal/app/web/sandbox"
	"sampan/internal/app/web/webtest"
)

func TestSandboxControls(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	doc := c.Get("/sandbox").Want(200).Page()
	if doc.Find(".strip:not(.pause)").Length() != 1 || doc.Find("main a.play").AttrOr("href", "") != "/buy?from=s1" ||
		c.Persons.Scope != "" {
		t.Error("the page is not shown in the Sandbox's scope, or changed the person's")
	}
	if doc.Find("input[name=fault]").Length() != len(sandbox.Mishaps()) {
		t.Errorf("ways to go wrong: %d", doc.Find("input[name=fault]").Length())
	}
	c.Post("/sandbox/break", "fault", "late").Want(http.StatusSeeOther, "/sandbox")
	c.Post("/sandbox/break", "fault", "nonsense").Want(http.StatusUnprocessableEntity).Page()
	c.Post("/sandbox/mend").Want(http.StatusSeeOther, "/sandbox")
	c.Post("/sandbox/clock", "days", "31").Want(http.StatusSeeOther, "/sandbox")
	for _, days := range []string{"", "0", "-3", "367", "x", "1.5"} {
		if doc := c.Post("/sandbox/clock", "days", days).Want(http.StatusUnprocessableEntity).Page(); webtest.Value(doc, "days") != days {
			t.Errorf("days %q came back as %q", days, webtest.Value(doc, "days"))
		}
	}
	c.Get("/sandbox/reset").Want(200).Page()
	c.Post("/sandbox/reset").Want(http.StatusSeeOther, "/sandbox")
	c.Post("/sandbox/fleet").Want(http.StatusSeeOther, "/sandbox")
	want := "break purchase drop_after,break purchase late,mend,advance 744h0m0s,reset,fleet 40"
	if got := strings.Join(c.Sandbox.Said, ","); got != want {
		t.Errorf("the Sandbox was told %s, want %s", got, want)
	}
	if got := strings.Join(c.Instances.GivenAsked, ","); got != "s1,s1,s1" {
		t.Errorf("refreshed: %s, want the Sandbox's account after each change", got)
	}

	c.Sandbox.Err = fault.New(fault.Unreachable, "web.topics.many")
	webtest.Says(t, c.Get("/sandbox").Want(200).Page(), "main .note", webtest.Word("web.topics.many"))
	c.Sandbox.Err = nil
	if doc := c.As(person.Viewer).Get("/sandbox").Want(200).Page(); doc.Find("main form").Length() != 0 {
		t.Error("a viewer gets the controls")
	}
}

func TestWithoutASandbox(t *testing.T) {
	c := webtest.Open(t, func(o *web.Options) { o.Sandbox = nil })
	c.Get("/sandbox").Want(http.StatusNotFound)
	for _, path := range []string{"break", "mend", "clock", "fleet", "reset", "open"} {
		c.Post("/sandbox/"+path, "fault", "late", "days", "3").Want(http.StatusNotFound)
	}
	if c.Get("/").Page().Find("a[href='/sandbox']").Length() != 0 {
		t.Error("a link leads to a Sandbox that is not there")
	}
}
