package overview

import (
	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/overview"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// unreadItem is the gap among what needs attention: neutral while it is only still to
// be read, or is not meant to be.
func unreadItem(p *text.Printer, n wording.GapNote) overview.Item {
	i := overview.Item{Tone: ui.Bad, Icon: "key", Title: n.Title(p), Text: n.Text(p),
		Do: ui.Action{Label: p.T("web.banner.broken.do"), Href: "/accounts/" + n.Account.ID}}
	switch {
	case n.Why.Zero():
		i.Tone, i.Icon, i.Do = "", "clock", ui.Action{}
	case n.Account.State == account.Disabled:
		i.Tone = ""
	case n.Account.State == account.Broken:
		i.Title = p.T("web.banner.broken", "Account", text.Name(n.Account.Label), "When", p.Near(n.Account.TroubleAt, p.Now()))
		i.Do = ui.Action{Label: p.T("accounts.key.replace"), Href: "/accounts/" + n.Account.ID + "/key"}
	case !n.All:
		i.Icon = "warn"
	}
	return i
}

// unreadItems are what could not be read, account by account, and then what is
// still to be read. Of an account whose facts are all there the connection check
// may still have found that something is refused.
func unreadItems(p *text.Printer, sc visit.Scope, gaps instance.Gaps) (failed, open []overview.Item) {
	said := make(map[string]bool)
	for _, n := range wording.SortGaps(sc.Accounts, gaps) {
		if n.Why.Zero() || n.Account.State == account.Disabled {
			open = append(open, unreadItem(p, n))
			continue
		}
		said[n.Account.ID] = true
		failed = append(failed, unreadItem(p, n))
	}
	for _, a := range sc.Accounts {
		t := wording.TroubleOf(p, a)
		if t.Heading == "" || said[a.ID] || a.State == account.Disabled {
			continue
		}
		i := overview.Item{Tone: t.Tone, Icon: "key", Title: t.Heading, Text: t.Text,
			Do: ui.Action{Label: p.T("web.banner.broken.do"), Href: "/accounts/" + a.ID}}
		if found := a.Found(); found.Reach == account.Limited {
			i.Text = p.T("accounts.since", "When", p.Near(found.At, p.Now())) + " " + t.Text
		}
		failed = append(failed, i)
	}
	return failed, open
}
