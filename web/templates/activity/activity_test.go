package activity_test

import (
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/activity"
	"sampan/web/templates/golden"
	"sampan/web/templates/ui"
)

func model(s string) activity.Model {
	return activity.Model{Title: s, None: s,
		Rows: []ui.Event{{At: "2026-11-23T01:21:00Z", Exact: s, Time: s, Text: s, Shape: ui.Fault, Word: s}}}
}

func TestPanel(t *testing.T) {
	golden.Check(t, "panel", activity.Panel(model("Words")))
	golden.Check(t, "none", activity.Panel(activity.Model{Title: "Words", None: "Nothing"}))
}

func TestHostileTextStaysText(t *testing.T) {
	golden.HostileMarkup(t, func(s string) templ.Component { return activity.Panel(model(s)) })
	golden.HostileMarkup(t, func(s string) templ.Component { return activity.Panel(activity.Model{Title: s, None: s}) })
}
