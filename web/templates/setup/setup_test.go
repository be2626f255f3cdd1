package setup_test

import (
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/accounts"
	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
	"sampan/web/templates/setup"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

func owner(s string) setup.OwnerModel {
	return setup.OwnerModel{DisplayName: s, Name: s, Code: s, ZoneChosen: true, Problem: s,
		Errors:   map[string]string{"code": s, "password": s},
		Mistakes: []ui.Mistake{{FieldID: "password", Text: s}, {FieldID: "code", Text: s}},
		Zones:    []ui.Option{{Value: "UTC", Label: "UTC"}}, Languages: []ui.Option{{Value: "en", Label: "English"}}}
}

func TestPages(t *testing.T) {
	f := layout.Frame{Title: "Set up"}
	golden.Check(t, "owner", setup.Owner(f, setup.OwnerModel{Zones: owner("").Zones, Languages: owner("").Languages}))
	golden.Check(t, "owner-refused", setup.Owner(f, owner("mei")))
	golden.Check(t, "check", setup.Check(layout.Frame{Title: "Check", Topics: []string{"account/a1"}}, setup.CheckModel{Account: "Marina",
		Answer: "Checking Marina…", Text: "Wait.", Mend: "/accounts/a1/key", Check: accounts.CheckModel{ID: "a1", Running: true}}))
}

func TestWithoutASandboxNoneIsOffered(t *testing.T) {
	for _, none := range []bool{true, false} {
		doc := golden.Tree(t, "en", setup.Cloud(layout.Frame{Title: "Set up"}, setup.CloudModel{NoSandbox: none}))
		if got := doc.Find("form[action='/setup/sandbox']").Length() == 0; got != none {
			t.Errorf("no Sandbox %v: it is left out: %v", none, got)
		}
	}
}

// hostile tries what handlers hand over: words that text.Name has made visible.
func hostile(t *testing.T, build func(string) templ.Component) {
	golden.Hostile(t, func(s string) templ.Component { return build(text.Name(s)) })
}

func TestHostileText(t *testing.T) {
	hostile(t, func(s string) templ.Component { return setup.Owner(layout.Frame{Title: "Set up"}, owner(s)) })
	hostile(t, func(s string) templ.Component {
		return setup.Cloud(layout.Frame{Title: "Set up"}, setup.CloudModel{Problem: s, Connect: accounts.FormModel{Label: s}})
	})
	hostile(t, func(s string) templ.Component {
		return setup.Check(layout.Frame{Title: "Set up"},
			setup.CheckModel{Account: s, Answer: s, Text: s, Check: accounts.CheckModel{ID: "a1"}})
	})
}
