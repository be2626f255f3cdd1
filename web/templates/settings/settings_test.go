package settings_test

import (
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
	"sampan/web/templates/settings"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

var frame = layout.Frame{Title: "Settings", Nav: layout.Settings}

func security(s string) settings.SecurityModel {
	return settings.SecurityModel{Name: s, Problem: s, Errors: map[string]string{"old": s, "new": s},
		Mistakes: []ui.Mistake{{FieldID: "old", Text: s}, {FieldID: "new", Text: s}},
		Sessions: []settings.Session{{Ref: "r1", Browser: s, Address: s, Seen: "just now", Since: s, Here: true},
			{Ref: "r2", Browser: s, Address: "192.0.2.1", Seen: "3 min ago", Since: s}}}
}

func TestPages(t *testing.T) {
	golden.Check(t, "security", settings.Security(frame, security("Firefox")))
	golden.Check(t, "console", settings.Console(frame, settings.ConsoleModel{IntentTag: true}))
	golden.Check(t, "console-mark", settings.Console(frame, settings.ConsoleModel{Mark: "It cannot be written: /srv/sampan.mark."}))
}

func TestOnlyOwnersSeeTheConsolesSettings(t *testing.T) {
	for _, owner := range []bool{true, false} {
		doc := golden.Tree(t, "en", settings.You(frame, settings.YouModel{Owner: owner}))
		if got := doc.Find(".tabs a[href='/settings/console']").Length() == 1; got != owner {
			t.Errorf("owner %v: the tab is shown: %v", owner, got)
		}
	}
}

// hostile tries what handlers hand over: words that text.Name has made visible.
func hostile(t *testing.T, build func(string) templ.Component) {
	golden.Hostile(t, func(s string) templ.Component { return build(text.Name(s)) })
}

func TestHostileText(t *testing.T) {
	hostile(t, func(s string) templ.Component { return settings.Security(frame, security(s)) })
	hostile(t, func(s string) templ.Component {
		return settings.You(frame,
			settings.YouModel{DisplayName: s, Name: s, Problem: s, Example: s, Errors: map[string]string{"display_name": s}})
	})
}
