package accounts_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

func TestAccountPage(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All[0].State, c.Accounts.All[0].Trouble, c.Accounts.All[0].TroubleAt = account.Broken, fault.Say("web.body.unreadable"),
		webtest.Now.Add(-time.Hour)
	c.Accounts.All[0].Checks = []account.Check{
		{Name: "keys", Message: fault.Say("web.forbidden"), Code: "APIGW.0301"},
		{Name: "servers:ap-southeast-3", OK: true, Message: fault.Say("web.topic.unknown")},
	}
	c.Accounts.All[0].Rights = map[account.Right]account.Answer{account.RightBuy: {At: webtest.Now, Code: "HCSS.0403"}}
	doc := c.Get("/accounts/a1").Want(200).Page()
	webtest.Says(t, doc, "h1", "Marina Labs")
	webtest.Says(t, doc, "h1 .st", webtest.Word("accounts.state.broken"))
	webtest.Says(t, doc, ".tl li:nth-child(1)", "APIGW.0301")
	webtest.Says(t, doc, ".tl + p + .tl li:nth-child(3)", "HCSS.0403")
	if got := doc.Find(".tl li.todo").Length(); got != 4 {
		t.Errorf("rights not known yet: got %d lines, want 4", got)
	}
	webtest.Says(t, c.Get("/accounts").Want(200).Page(), ".panel .note", webtest.Word("web.body.unreadable"))

	if doc := webtest.Open(t).As(person.Viewer).Get("/accounts/a1").Want(200).Page(); doc.Find("main form").Length() != 0 {
		t.Error("a viewer gets forms that change the account")
	}
}

func TestChangingAnAccount(t *testing.T) {
	c := webtest.Open(t)
	c.Post("/accounts/a1/rename", "label", "New").Want(http.StatusSeeOther, "/accounts/a1")
	webtest.Says(t, c.Get("/accounts/a1").Page(), ".toast", webtest.Word("accounts.said.renamed"))
	if c.Get("/accounts/a1").Page().Find(".toasts .toast").Length() != 0 {
		t.Error("the note is said twice")
	}
	c.Post("/accounts/a1/key", "credential", "key", "key_id", "AKEXAMPLE0000000009", "key_secret", "another-secret", "label", "ignored").
		Want(http.StatusSeeOther, "/accounts/a1")
	c.Post("/accounts/a1/disable").Want(http.StatusSeeOther, "/accounts/a1")
	c.Post("/accounts/a1/enable").Want(http.StatusSeeOther, "/accounts/a1")
	c.Post("/accounts/a1/check").Want(http.StatusSeeOther, "/accounts/a1")
	c.Post("/accounts/a1/check", "back", "setup").Want(http.StatusSeeOther, "/setup/check")
	c.Post("/accounts/a1/delete").Want(http.StatusSeeOther, "/accounts")
	want := "rename New a1|replace AKEXAMPLE0000000009 another-secret a1|disabled=true a1|disabled=false a1|check a1|check a1|delete a1"
	if got := strings.Join(c.Accounts.Calls, "|"); got != want {
		t.Errorf("calls: got %s, want %s", got, want)
	}
}

func TestAnAccountWithOpenOrdersStays(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.Err = fault.New(fault.Conflict, "web.topics.many")
	doc := c.Post("/accounts/a1/delete").Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, "form[data-dialog-form] .note", webtest.Word("web.topics.many"))
}

func TestRenamingRefused(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.Err = &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"label": fault.Say("web.topics.many")}}
	doc := c.Post("/accounts/a1/rename", "label", "taken").Want(http.StatusUnprocessableEntity).Page()
	if webtest.Value(doc, "label") != "taken" {
		t.Errorf("what was typed is lost: %q", webtest.Value(doc, "label"))
	}
	webtest.Says(t, doc, "#label-error", webtest.Word("web.topics.many"))
}
