package page

import (
	"context"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Banners say what concerns the whole console, worst first.
func (f Frames) Banners(c echo.Context, sc visit.Scope) []ui.NoteModel {
	p, o := visit.Printer(c), visit.Of(c).Origin
	var out []ui.NoteModel
	st := f.Storage()
	switch {
	case st.ReadOnly:
		out = append(out, ui.NoteModel{Tone: ui.Bad, Bold: p.T("web.banner.full"), Text: p.T("web.banner.full.text")})
	case st.LowSpace:
		out = append(out, ui.NoteModel{Tone: ui.Caution, Bold: p.T("web.banner.low"), Text: p.T("web.banner.low.text")})
	}
	out = append(out, f.restoredBanner(c.Request().Context(), visit.Actor(c), p)...)
	if !o.Secure && !o.Local {
		out = append(out, plainBanner(p))
	}
	if f.CloudOverride != "" && !sc.Sandbox {
		out = append(out, ui.NoteModel{Tone: ui.Caution, Bold: p.T("web.banner.override"),
			Text: p.T("web.banner.override.text", "Address", f.CloudOverride)})
	}
	out = append(out, twinBanners(p, visit.Actor(c), sc.All)...)
	for _, a := range sc.Accounts {
		if a.State == account.Broken {
			out = append(out, f.brokenBanner(c, a))
		}
	}
	return out
}

// brokenBanner says why an account cannot be read, since when, and of when what
// is shown of it is.
func (f Frames) brokenBanner(c echo.Context, a account.Account) ui.NoteModel {
	p, ctx := visit.Printer(c), c.Request().Context()
	n := ui.NoteModel{Tone: ui.Bad, Icon: "key",
		Bold:    p.T("web.banner.broken", "Account", text.Name(a.Label), "When", p.Near(a.TroubleAt, p.Now())),
		Text:    wording.Say(p, a.Trouble),
		Actions: []ui.Action{{Label: p.T("web.banner.broken.do"), Href: "/accounts/" + a.ID}}}
	syncs, err := f.Instances.Syncs(ctx, []string{a.ID})
	if err != nil {
		f.Log.ErrorContext(ctx, "read how the last refresh went", "account", a.ID, "err", err)
	}
	if at := wording.OldestRead(syncs); !at.IsZero() {
		n.Text += " " + p.T("web.banner.broken.asof", "When", p.Near(at, p.Now()))
	}
	return n
}

func plainBanner(p *text.Printer) ui.NoteModel {
	return ui.NoteModel{Tone: ui.Caution, Icon: "lock", Bold: p.T("web.banner.plain"), Text: p.T("web.banner.plain.text")}
}

// twinBanners say that accounts are connected twice, and so each of their servers and
// figures is shown twice. Only those who may remove an entry are told.
func twinBanners(p *text.Printer, by person.Actor, all []account.Account) []ui.NoteModel {
	if !by.May(person.ManageAccounts) {
		return nil
	}
	var out []ui.NoteModel
	named := make(map[string]bool)
	for _, a := range all {
		twins := a.Twins(all)
		if len(twins) == 0 || named[a.Payer()] {
			continue
		}
		named[a.Payer()] = true
		out = append(out, ui.NoteModel{Tone: ui.Caution,
			Bold:    p.T("accounts.twins.banner", "Entries", wording.AccountNames(p, append([]account.Account{a}, twins...))),
			Text:    p.T("accounts.twins.banner.text"),
			Actions: []ui.Action{{Label: p.T("accounts.twins.do"), Href: "/accounts/" + a.ID + "/twins"}}})
	}
	return out
}

// restoredBanner says of a database that was put back what happened, what is being
// looked for and what was found. Without that there is no banner.
func (f Frames) restoredBanner(ctx context.Context, by person.Actor, p *text.Printer) []ui.NoteModel {
	r, err := f.Orders.Restored(ctx)
	if err != nil {
		f.Log.ErrorContext(ctx, "read whether the database was put back", "err", err)
		return nil
	}
	if !r.Shows() {
		return nil
	}
	n := ui.NoteModel{Tone: ui.Caution, Bold: p.T("web.banner.found")}
	if !r.Since.IsZero() {
		n.Bold, n.Text = p.T("web.banner.restored", "When", p.Near(r.Since, p.Now())), wording.Say(p, r.Why)
	}
	if k := len(r.Open); k > 0 {
		n.Text += " " + p.N("web.banner.restored.open", k)
		do := ui.Action{Label: p.T("web.banner.restored.open.see"), Href: wording.OrdersURL("state", order.GroupProblem)}
		if k == 1 {
			do.Href = "/orders/" + r.Open[0].ID
		}
		n.Actions = append(n.Actions, do)
	}
	if r.Unread {
		n.Text += " " + p.T("web.banner.restored.unread")
	}
	if len(r.Found) > 0 {
		n.Tone = ui.Bad
		n.Text += " " + p.N("web.banner.restored.found", len(r.Found), "Numbers", wording.OrderNumbers(p, r.Found))
		n.Actions = append(n.Actions, ui.Action{Label: p.T("overview.found.see"), Href: wording.FoundURL})
	}
	if len(r.Open) == 0 && len(r.Found) == 0 && !r.Unread {
		n.Text += " " + p.T("web.banner.restored.nothing")
		if by.May(person.Decide) {
			n.Post = "/restored/close"
			n.Actions = append(n.Actions, ui.Action{Label: p.T("web.banner.restored.close"), Submit: true})
		}
	}
	return []ui.NoteModel{n}
}
