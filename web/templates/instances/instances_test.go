package instances_test

import (
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/golden"
	"sampan/web/templates/instances"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

func list(s string) instances.ListModel {
	return instances.ListModel{Query: s, Tabs: []ui.Link{{Label: "All", Href: "/instances", Count: "2", Current: true}},
		Regions: []ui.Option{{Label: "All regions"}, {Value: "r1", Label: s}, {Value: "r2", Label: "Singapore"}},
		Heads:   []instances.Head{{Label: "Instance", URL: "/instances?sort=name", Class: "a"}, {Label: "Expires", URL: "/instances?sort=-expires", Class: "e", Sorted: "ascending"}},
		Rows: []instances.Row{
			{ID: "i1", Name: s, Shape: ui.Run, Word: "Running", Region: "Singapore", Size: "2 vCPU, 4 GiB", Image: s, Address: s, Expires: "24 Nov", At: "2026-11-24T07:00:00Z", Due: "c-bad", Account: s},
			{ID: "i2", Name: "second", Shape: ui.Off, Word: "Stopped", Expires: "24 Nov", At: "2026-11-24T07:00:00Z", AutoRenew: true},
		},
		Age: "Read from Huawei 3 min ago.", Paged: true, Many: true, Refresh: true, Filtered: true,
		Pager: ui.PagerModel{Range: "2 instances", Older: "/instances?after=x", NewerLabel: "Previous", OlderLabel: "Next"}}
}

func detail(s string) instances.DetailModel {
	return instances.DetailModel{ID: "i1", Name: s, Shape: ui.Ice, Word: "Frozen", Gone: s, Refresh: true,
		Facts: []ui.Pair{{Key: "Account", Part: ui.World(s, true)}, {Key: "Image", Value: s, Name: true}}, Access: []ui.Pair{{Key: "Address", Value: s, Copy: true}},
		Money: []ui.Pair{{Key: "Order", Value: s, Mono: true}}, Sources: []ui.Pair{{Key: "List of instances", Value: "never"}}}
}

func TestComponents(t *testing.T) {
	golden.Check(t, "list", instances.List(list("lotus-shop-01")))
	golden.Check(t, "list-nothing", instances.List(instances.ListModel{Age: "Not read from Huawei yet."}))
	golden.Check(t, "list-nomatch", instances.List(instances.ListModel{Filtered: true, Hidden: "40 instances are hidden by the filters."}))
	golden.Check(t, "detail", instances.DetailPart(detail("lotus-shop-01")))
}

// hostile tries what handlers hand over: words that text.Name has made visible.
func hostile(t *testing.T, build func(string) templ.Component) {
	golden.Hostile(t, func(s string) templ.Component { return build(text.Name(s)) })
}

func TestHostileText(t *testing.T) {
	hostile(t, func(s string) templ.Component { return instances.Page(layout.Frame{Title: "Instances"}, list(s)) })
	hostile(t, func(s string) templ.Component { return instances.Detail(layout.Frame{Title: "Instances"}, detail(s)) })
}
