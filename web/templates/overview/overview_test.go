package overview_test

import (
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
	"sampan/web/templates/overview"
	"sampan/web/templates/ui"
)

func items(s string) []overview.Item {
	return []overview.Item{{Tone: ui.Bad, Icon: "key", Title: s, Text: s, Do: ui.Action{Label: s, Href: "/accounts/a1/key"}},
		{Tone: ui.Caution, Icon: "traffic", Title: s, Text: s, Do: ui.Action{Label: s, Href: s}}}
}

func fleet(s string) overview.FleetModel {
	part := overview.Part{Name: s, URL: s, Count: s, Mix: []overview.Piece{{Class: "run", X: "0", Width: "900"},
		{Class: "bad", X: "900", Width: "100"}}, Running: s, Stopped: s, Busy: s, Faulty: s, FaultyURL: s}
	named := part
	named.IsName, named.Unread, named.FaultyURL = true, true, ""
	return overview.FleetModel{Servers: s, Figures: []ui.Pair{{Key: s, Part: overview.Linked(s, "c-bad", s), Note: s}},
		Regions: []overview.Part{part}, Accounts: []overview.Part{named}, Age: ui.ReadModel{Tone: ui.Caution, Words: s}}
}

func now(s string) overview.NowModel {
	return overview.NowModel{
		Running: []overview.Running{{URL: s, Title: s, State: s, Bar: ui.BarModel{Value: 1, Max: 3, Tone: ui.Moving, Label: s}, Note: s}},
		More:    s, Own: true,
		Feed: []ui.Event{{At: "2026-11-23T01:14:00Z", Time: s, Exact: s, Text: s, URL: s, Label: s, Amount: s},
			{At: "2026-11-23T01:10:00Z", Time: s, Text: s, Shape: ui.Fault, Word: s}},
	}
}

func page(s string) overview.Model {
	return overview.Model{Date: s, Sandbox: true, MayBuy: true, Manage: true, Items: items(s), Fleet: fleet(s), Now: now(s),
		Balances: []overview.Balance{{Account: s, Sandbox: true, Amount: s, Known: true, When: s}, {Account: s, Amount: s}}}
}

func TestComponents(t *testing.T) {
	golden.Check(t, "attention", overview.Attention(items("Words")))
	golden.Check(t, "attention-none", overview.Attention(nil))
	golden.Check(t, "fleet", overview.Fleet(fleet("Words"), true, false))
	golden.Check(t, "fleet-none", overview.Fleet(overview.FleetModel{}, true, true))
	golden.Check(t, "now", overview.Under(now("Words")))
	golden.Check(t, "now-none", overview.Under(overview.NowModel{}))
	golden.Check(t, "feed", overview.Feed(now("Words")))
	golden.Check(t, "feed-none", overview.Feed(overview.NowModel{}))
	golden.Check(t, "counts", overview.Counts([]overview.Count{{Key: "orders", Count: layout.Count{Text: "2", Warn: true}},
		{Key: "instances"}}, []ui.NoteModel{{Tone: ui.Bad, Bold: "An account can't be read."}}))
}

func TestHostileTextStaysText(t *testing.T) {
	golden.HostileMarkup(t, func(s string) templ.Component { return overview.Page(layout.Frame{}, page(s)) })
}

func TestHeadingsAreInOrder(t *testing.T) {
	doc := golden.Tree(t, "en", overview.Page(layout.Frame{Title: "Overview"}, page("Words")))
	if n := doc.Find("main h1").Length(); n != 1 {
		t.Errorf("%d h1", n)
	}
	for _, id := range []string{"attention", "fleet", "now", "balance", "feed"} {
		section := doc.Find("section#" + id)
		if by, _ := section.Attr("aria-labelledby"); section.Length() != 1 || doc.Find("h2#"+by).Length() != 1 {
			t.Errorf("%s: no heading", id)
		}
	}
}
