package sandbox_test

import (
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
	"sampan/web/templates/sandbox"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

func model(s string) sandbox.Model {
	return sandbox.Model{Practise: true, Movable: true, Now: "24 Nov", BuyURL: "/buy",
		Figures: []ui.Pair{{Key: "Orders placed", Value: "1"}}, Problem: s, FaultProblem: s,
		Groups:  []sandbox.Group{{Title: "… be refused", Choices: []sandbox.Choice{{Value: "sold-out", Title: "Sold out", Text: s}}}},
		Waiting: []sandbox.Fault{{What: s, Times: "1 time"}}, Days: ui.Field{Name: "days", Label: "Days", Value: s, Error: s},
		Any: sandbox.AnyModel{Call: ui.Field{Name: "call", Label: "Call", Error: s}, Kind: ui.Field{Name: "kind", Label: "Failure"},
			Calls:  []ui.Option{{Value: "*", Label: "Every call"}},
			Status: ui.Field{Name: "answer_status", Label: "Status", Value: s, Error: s},
			Times:  ui.Field{Name: "times", Label: "Times", Value: s}},
		Purchases: []sandbox.Entry{{At: "2026-11-24T07:00:00Z", Time: "24 Nov", Call: s, What: s, Outcome: s, Shape: ui.Run}},
		Requests:  []sandbox.Entry{{At: "2026-11-24T07:00:00Z", Time: "09:21:00", Call: s, What: s, Outcome: "200", Shape: ui.Warn}}}
}

func TestPages(t *testing.T) {
	f := layout.Frame{Title: "Sandbox", Nav: layout.Sandbox, Scope: layout.ScopeModel{Label: "Sandbox", Sandbox: true}}
	golden.Check(t, "page", sandbox.Page(f, model("purchase")))
	golden.Check(t, "unreachable", sandbox.Page(f, sandbox.Model{BuyURL: "/buy", Unreachable: "The Sandbox does not answer."}))
	golden.Check(t, "reset", sandbox.ResetForm(sandbox.ResetModel{}))
}

func TestWhoMayNotPractiseSeesNoControls(t *testing.T) {
	m := model("x")
	m.Practise = false
	if n := golden.Tree(t, "en", sandbox.Page(layout.Frame{Title: "Sandbox"}, m)).Find("main form").Length(); n != 0 {
		t.Errorf("%d forms for somebody who may not use them", n)
	}
}

// hostile tries what handlers hand over: words that text.Name has made visible.
func hostile(t *testing.T, build func(string) templ.Component) {
	golden.Hostile(t, func(s string) templ.Component { return build(text.Name(s)) })
}

func TestHostileText(t *testing.T) {
	hostile(t, func(s string) templ.Component { return sandbox.Page(layout.Frame{Title: "Sandbox"}, model(s)) })
}
