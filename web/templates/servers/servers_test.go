package servers_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"sampan/web/templates/filter"
	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
	"sampan/web/templates/servers"
	"sampan/web/templates/ui"
)

// rows are one with every kind of cell, one with nothing in any, and one that is
// not there.
func rows(s string) []servers.Row {
	return []servers.Row{
		{ID: "s1", Name: s, Href: "/servers/s1", Cells: []servers.Cell{
			{Kind: servers.State, Class: "s", Text: s, Note: ui.Run}, {Kind: servers.Plain, Class: "p2", Text: s}, {Kind: servers.Address, Class: "b", Text: "198.18.0.9"},
			{Kind: servers.Name, Text: s}, {Kind: servers.Figure, Class: "n", Text: s}, {Kind: servers.Traffic, Class: "c", Text: s, Note: "t-bad", At: "7"},
			{Kind: servers.Date, Class: "e", Text: s, Note: s, At: "2026-12-04T08:00:00Z"}, {Kind: servers.Date, Text: s, At: "2026-12-04T08:00:00Z"},
			{Kind: servers.Words, Words: []string{s, s}}, {Kind: servers.Link, Text: s, Note: "/instances/i1"}, {Kind: servers.Code, Text: s}}},
		{ID: "s2", Name: s, Href: "/servers/s2", Cells: []servers.Cell{
			{Kind: servers.State, Class: "s", Text: s, Note: ui.Wait}, {Kind: servers.Address, Class: "b"}, {Kind: servers.Traffic, Class: "c", Text: s}, {Kind: servers.Date, Class: "e", Text: s},
			{Kind: servers.Words}, {Kind: servers.Link, Text: s}}},
		{ID: "i3", Name: s, Note: s},
	}
}

func filterOf(key, s string, single, set bool) filter.Filter {
	return filter.Filter{Key: key, Label: s, Set: set, Single: single, Any: s,
		Options: []filter.Option{{Value: "a", Label: s, Count: s, Shape: ui.Run, Checked: set}, {Value: "b", Label: s, Count: s}}}
}

func list(s string) servers.ListModel {
	return servers.ListModel{
		List: "servers", Title: s, Text: s, Tabs: []servers.Tab{{Key: "all", Label: s, Href: "/servers", Count: s, Current: true},
			{Key: "v-1", Label: s, Href: "/servers?q=x", Count: s, Shared: true}},
		SaveURL: "/views/new?list=servers", DropURL: "/views/1/delete", Search: s, Hint: s, Problems: []string{s}, Sort: "-name",
		Filters: []filter.Filter{filterOf("state", s, false, true), filterOf("expires", s, true, false)},
		More:    []filter.Filter{filterOf("os", s, false, false)}, MoreSet: s, Filtered: true, ClearURL: "/servers",
		ColumnsURL: "/servers/columns", PasteURL: "/selections/new?list=servers", Exports: []ui.Action{{Label: s, Href: "/servers.csv"}},
		Heads: []servers.Head{{Label: s, URL: "/servers?sort=name", Class: "a", Sorted: "descending"}, {Label: s}}, Rows: rows(s), Total: s,
		Range: s, Paged: true, Pager: ui.PagerModel{Range: s, Older: "/servers?after=x", NewerLabel: s, OlderLabel: s}, All: s,
		AllCount: 1240, Scope: "a1", FreshURL: "/servers/rows?v=3", Version: "3",
		Age:     ui.ReadModel{Words: s, At: ui.Moment{ISO: "2026-11-23T12:00:00Z", Exact: "2026-11-23 20:00:00 UTC+8", Words: s}},
		Refresh: true, Troubles: []ui.NoteModel{{Tone: ui.Caution, Bold: s, Text: s}}, MayBuy: true, MayLabel: true,
	}
}

// chosen is the same list with a selection instead of a search.
func chosen(s string) servers.ListModel {
	m := list(s)
	m.Selected, m.Selection, m.Unknown = "sel-1", s, []string{s, s}
	return m
}

func none(s string) servers.ListModel {
	m := list(s)
	m.Rows, m.Heads, m.Empty = nil, nil,
		ui.EmptyModel{Icon: "search", Title: s, Text: s, Actions: []ui.Action{{Label: s, Href: "/servers"}}}
	return m
}

// forms are the pages that are dialogs where there is script.
var forms = map[string]func(s string) templ.Component{
	"paste": func(s string) templ.Component {
		return servers.Paste(layout.Frame{}, servers.PasteModel{List: "servers", Text: s, Error: s})
	},
	"view": func(s string) templ.Component {
		return servers.SaveView(layout.Frame{},
			servers.ViewModel{List: "servers", Name: s, Search: s, Sort: s, Error: s, Shared: true, MayShare: true})
	},
	"delete": func(s string) templ.Component {
		return servers.DeleteView(layout.Frame{},
			servers.DropModel{Confirm: ui.ConfirmModel{Title: s, Action: "/views/1/delete", Keep: s, Back: "/servers",
				Do: ui.Action{Label: s, Submit: true, Kind: ui.Destroy}}, Hint: s})
	},
	"columns": func(s string) templ.Component {
		return servers.Columns(layout.Frame{},
			servers.ColumnsModel{List: "servers", Columns: []filter.Option{{Value: "state", Label: s, Checked: true},
				{Value: "os", Label: s}}, Roomy: true, PerPage: []ui.Option{{Value: "50", Label: s, Chosen: true}}})
	},
	"labels": func(s string) templ.Component {
		return servers.Labels(layout.Frame{}, servers.LabelsModel{List: "servers", Selection: "sel-1", Title: s,
			Have: []filter.Option{{Value: s, Label: s, Count: s}}, Known: []string{s}, Add: s, Error: s})
	},
}

func TestComponents(t *testing.T) {
	golden.Check(t, "list", servers.Listing(list("Words")))
	golden.Check(t, "list-selection", servers.Listing(chosen("Words")))
	golden.Check(t, "list-none", servers.Listing(none("Words")))
	golden.Check(t, "fresh", servers.Fresh(servers.FreshModel{Version: "4", Rows: rows("Words")[:1],
		Counts: []servers.Count{{ID: "n-all", Text: "1,240"}}, Moved: true, Spoken: "Words"}))
	golden.CheckIn(t, "zh-Hans", "list-zh", servers.Listing(list("字")))
}

func TestHostileTextStaysText(t *testing.T) {
	golden.HostileMarkup(t, func(s string) templ.Component { return servers.Listing(list(s)) })
	golden.HostileMarkup(t, func(s string) templ.Component { return servers.Listing(chosen(s)) })
	golden.HostileMarkup(t, func(s string) templ.Component { return servers.Listing(none(s)) })
	for name, form := range forms {
		t.Run(name, func(t *testing.T) { golden.HostileMarkup(t, form) })
	}
}

// TestARowIsSmall holds what a hundred rows must not carry (design, 7): handlers,
// drawings, styles, ids.
func TestARowIsSmall(t *testing.T) {
	golden.Tree(t, "en", servers.Listing(list("Words"))).Find("tbody tr").Each(func(n int, row *goquery.Selection) {
		if nodes := row.Find("*").Length(); nodes > 40 {
			t.Errorf("row %d: %d nodes", n, nodes)
		}
		row.Find("*").AddSelection(row).Each(func(_ int, e *goquery.Selection) {
			for _, a := range e.Nodes[0].Attr {
				if strings.HasPrefix(a.Key, "hx-") || strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "id" ||
					a.Key == "data-hx-get" {
					t.Errorf("row %d: <%s> has %s", n, goquery.NodeName(e), a.Key)
				}
			}
			if goquery.NodeName(e) == "svg" {
				t.Errorf("row %d has a drawing", n)
			}
		})
	})
}

// TestFormsWorkByThemselves holds the dialogs to what they need without script:
// where they are sent, a way back, and fields with labels.
func TestFormsWorkByThemselves(t *testing.T) {
	for name, build := range forms {
		t.Run(name, func(t *testing.T) {
			form := golden.Tree(t, "en", build("Words")).Find("main form[method=post]")
			if form.Length() != 1 || form.AttrOr("action", "") == "" {
				t.Fatalf("%d forms", form.Length())
			}
			if form.Find("button[type=submit]").Length() == 0 || form.Find("a[href^='/']").Length() == 0 {
				t.Error("it cannot be sent, or there is no way back")
			}
			form.Find("input:not([type=hidden]), textarea, select").Each(func(_ int, in *goquery.Selection) {
				if id, ok := in.Attr("id"); ok && form.Find("label[for='"+id+"']").Length() == 1 || in.Closest("label").Length() == 1 {
					return
				}
				t.Errorf("a field without a label: %s", in.AttrOr("name", "?"))
			})
			form.Find("[aria-invalid=true]").Each(func(_ int, in *goquery.Selection) {
				if in.Parent().Find(".err").Length() != 1 {
					t.Errorf("%s is wrong and does not say why", in.AttrOr("name", "?"))
				}
			})
		})
	}
}
