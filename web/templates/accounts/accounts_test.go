package accounts_test

import (
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/accounts"
	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

var frame = layout.Frame{Title: "Accounts", Nav: layout.Accounts, Person: "Mei Tan"}

func check(s string) accounts.CheckModel {
	return accounts.CheckModel{ID: "a1", When: "today at 09:05", Lines: []ui.Step{
		{State: ui.Done, Title: "Sign-in", Text: s}, {State: ui.Ask, Title: "Regions", Text: s}, {State: ui.Ask, Title: "Singapore", Part: accounts.Parts([]accounts.Part{{Shape: ui.Warn, Word: "Images", Text: s}})},
	}, Rights: []ui.Step{{State: ui.Todo, Title: "May buy", Text: s}}}
}

func page(s string) accounts.PageModel {
	return accounts.PageModel{ID: "a1", Label: s, Shape: ui.Fault, Word: "Can't sign in",
		Trouble: accounts.Trouble{Tone: ui.Bad, Heading: s, Text: s}, Answer: s,
		Facts: []ui.Pair{{Key: "Signs in with", Value: s}}, Check: check(s), Manage: true,
		Rename: ui.Field{Name: "label", Label: "Name", Value: s}}
}

func form(s string) accounts.FormModel {
	return accounts.FormModel{Action: "/accounts", Back: "/accounts", New: true, Title: "Connect an account", Label: s, KeyID: s, User: s,
		Domain: s, Person: s,
		Sites:       []ui.Option{{Value: "intl", Label: "International", Chosen: true}},
		Endpoints:   []accounts.Endpoint{{Name: "endpoint_iam", Label: "IAM", Value: s}},
		AskPassword: true, Rights: []string{"bss:order:view"}, Problem: s, Errors: map[string]string{"label": s, "key_id": s},
		Mistakes: []ui.Mistake{{FieldID: "label", Text: s}, {FieldID: "key_id", Text: s}}}
}

func TestComponents(t *testing.T) {
	golden.Check(t, "check", accounts.Check(check("Account hw-marina-labs.")))
	golden.Check(t, "check-running", accounts.Check(accounts.CheckModel{ID: "a1", Running: true}))
	golden.Check(t, "form", accounts.Form(form("Marina")))
	golden.Check(t, "delete", accounts.DeleteForm(accounts.DeleteModel{ID: "a1", Label: "Marina", Problem: "2 orders are open."}))
}

// The stream gives everybody the same part: nothing in it depends on the role.
func TestTheLivePartHasNoControls(t *testing.T) {
	if n := golden.Tree(t, "en", accounts.Check(check("x"))).Find("form, button, a").Length(); n != 0 {
		t.Errorf("the live part has %d controls", n)
	}
}

func TestWhoMayNotManageSeesNoControls(t *testing.T) {
	m := page("Marina")
	m.Manage = false
	if n := golden.Tree(t, "en", accounts.Page(frame, m)).Find("main form").Length(); n != 0 {
		t.Errorf("%d forms for somebody who may not use them", n)
	}
}

func TestSecretsAreNeverInTheForm(t *testing.T) {
	doc := golden.Tree(t, "en", accounts.Form(form("typed")))
	for _, id := range []string{"key_secret", "password", "your_password"} {
		if v, _ := doc.Find("#" + id).Attr("value"); v != "" {
			t.Errorf("%s holds %q", id, v)
		}
	}
}

// hostile tries what handlers hand over: words that text.Name has made visible.
func hostile(t *testing.T, build func(string) templ.Component) {
	golden.Hostile(t, func(s string) templ.Component { return build(text.Name(s)) })
}

func TestHostileText(t *testing.T) {
	hostile(t, func(s string) templ.Component { return accounts.Page(frame, page(s)) })
	hostile(t, func(s string) templ.Component { return accounts.FormPage(frame, form(s)) })
	hostile(t, func(s string) templ.Component {
		return accounts.List(frame,
			accounts.ListModel{Manage: true, Sandbox: true,
				Cards: []accounts.Card{{ID: "a1", Label: s, Trouble: accounts.Trouble{Heading: s, Text: s}, Checked: s,
					Facts: []ui.Pair{{Key: "x", Value: s}}}}})
	})
	hostile(t, func(s string) templ.Component {
		return accounts.Delete(frame, accounts.DeleteModel{ID: "a1", Label: s})
	})
}
