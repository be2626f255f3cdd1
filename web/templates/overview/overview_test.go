package overview_test

import (
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
	"sampan/web/templates/overview"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

func items(s string) []overview.Item {
	return []overview.Item{
		{Tone: ui.Bad, Icon: "key", Title: s, Text: s, Do: ui.Action{Label: "Replace the key", Href: "/accounts/a1/key"}},
		{Tone: ui.Caution, Icon: "clock", Title: s, Text: s, Do: ui.Action{Label: "See what expires", Href: "/instances?sort=expires"}},
	}
}

func model(s string) overview.Model {
	return overview.Model{Date: "Monday 23 November 2026, 09:21", MayBuy: true, Manage: true, Items: items(s), Servers: "40",
		Figures: []ui.Pair{{Key: "Instances", Value: "40"}}, Regions: []overview.Region{{Name: s, URL: "/instances?region=ap-southeast-3", Count: "40"}},
		Balances: []overview.Balance{{Account: s, Amount: "US$ 84.12", Known: true, When: "today at 09:05"}, {Account: s, Amount: "not known"}},
		Orders:   []overview.Order{{ID: "o1", Title: s, Who: s, When: "today", Shape: ui.Run, Word: "Ready", Amount: "US$ 8.16"}}}
}

func TestComponents(t *testing.T) {
	golden.Check(t, "attention", overview.Attention(items("Marina Labs can't be read")))
	golden.Check(t, "attention-none", overview.Attention(nil))
	golden.Check(t, "counts", overview.Counts([]overview.Count{{Key: "orders", Count: layout.Count{Text: "2", Warn: true}}, {Key: "accounts"}}))
	golden.CheckIn(t, "zh-Hans", "page-zh", overview.Page(layout.Frame{Title: "总览", Nav: layout.Overview, Topics: []string{"frame", "attention"}}, model("Marina Labs")))
	golden.Check(t, "empty", overview.Page(layout.Frame{Title: "Overview"}, overview.Model{NoAccount: true, Manage: true, CanPlay: true}))
}

// hostile tries what handlers hand over: words that text.Name has made visible.
func hostile(t *testing.T, build func(string) templ.Component) {
	golden.Hostile(t, func(s string) templ.Component { return build(text.Name(s)) })
}

func TestHostileText(t *testing.T) {
	hostile(t, func(s string) templ.Component { return overview.Page(layout.Frame{Title: "Overview"}, model(s)) })
}
