package traffic_test

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"sampan/web/templates/chart"
	"sampan/web/templates/filter"
	"sampan/web/templates/golden"
	"sampan/web/templates/traffic"
	"sampan/web/templates/ui"
)

func list(s string) traffic.ListModel {
	return traffic.ListModel{
		Age: s, Figures: []ui.Pair{{Key: s, Value: s, Note: s}, {Key: s, Part: traffic.Toned("c-bad", s)}},
		Notes: []ui.NoteModel{{Bold: s, Text: s}}, Tabs: []ui.Link{{Label: s, Href: "/traffic?view=ending", Count: s, Current: true}},
		Lines: []traffic.Line{
			{URL: s, Name: s, Bar: ui.BarModel{Value: 4, Max: 100, Tone: ui.Bad}, Known: true, Left: s, Of: s, PerDay: s, Ends: s, EndsTone: "c-warn", EndsNote: s, Resets: s, Account: s, Age: s},
			{URL: "/instances/i2", Name: s, Left: s, Of: "–", PerDay: "–", Ends: s, EndsTone: "c-3", Resets: "–", Account: s},
		},
		Pager: ui.PagerModel{Range: s, Older: "/traffic?after=x", NewerLabel: s, OlderLabel: s}, Paged: true, Many: true,
		URL: "/traffic?view=ending", Table: s, Check: true, Search: s, Problems: []string{s}, View: "ending",
		ClearURL: "/traffic?view=ending",
		Filters: []filter.Filter{{Key: "region", Label: s, Set: true,
			Options: []filter.Option{{Value: s, Label: s, Count: s, Checked: true}}}},
	}
}

func panel(s string) traffic.PanelModel {
	at := golden.Now
	drawn := chart.Draw(chart.Plot{From: at, To: at.Add(time.Hour), Points: []chart.Point{{At: at, Value: 1}}, Say: s})
	return traffic.PanelModel{URL: "/instances/i1/traffic", Check: "/instances/i1/traffic", Age: s,
		Notes:   []ui.NoteModel{{Tone: ui.Caution, Bold: s, Text: s}},
		Figures: []ui.Pair{{Key: s, Value: s, Note: s}}, Label: s,
		Ranges: []ui.Option{{Label: s, Href: "/instances/i1/traffic", Chosen: true}, {Label: s, Href: "/instances/i1/traffic?range=90d"}},
		Chart:  &drawn, Then: s, Facts: []ui.Pair{{Key: s, Value: s}}}
}

func TestComponents(t *testing.T) {
	golden.Check(t, "list", traffic.Found(list("Words")))
	golden.Check(t, "list-empty",
		traffic.Found(traffic.ListModel{URL: "/traffic", Empty: ui.EmptyModel{Icon: "ok", Title: "None", Text: "Why"}}))
	golden.Check(t, "panel", traffic.Panel(panel("Words")))
	golden.Check(t, "panel-none", traffic.Panel(traffic.PanelModel{URL: "/instances/i1/traffic", None: "Words", Reading: true}))
	golden.CheckIn(t, "zh-Hans", "panel-zh", traffic.Panel(panel("字")))
}

func TestHostileTextStaysText(t *testing.T) {
	golden.HostileMarkup(t, func(s string) templ.Component { return traffic.Found(list(s)) })
	golden.HostileMarkup(t, func(s string) templ.Component { return traffic.Panel(panel(s)) })
}

func TestALineIsSmall(t *testing.T) {
	m := list("Words")
	doc := golden.Tree(t, "en", traffic.List(m))
	row := doc.Find("tbody tr").First()
	if n := row.Find("*").Length(); n > 40 {
		t.Errorf("%d nodes in a line", n)
	}
	html, err := row.Html()
	if err != nil || strings.Contains(html, "hx-") || strings.Contains(html, "<svg") || strings.Contains(html, "style=") {
		t.Errorf("a line carries what must not be in one (design, 7): %v %s", err, html)
	}
}
