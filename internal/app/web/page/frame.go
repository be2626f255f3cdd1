package page

import (
	"context"
	"log/slog"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Frames make what surrounds pages: navigation, scope, banners and the note.
type Frames struct {
	Scopes        visit.Scopes
	Notes         *Notes
	Known         Knowledge
	Orders        Orders
	Instances     Instances
	Storage       func() Storage // what the disk can do
	Sandbox       bool           // there is a simulated cloud
	CloudOverride string         // the one endpoint that is called instead of Huawei's hosts; empty: none
	Version       string
	Log           *slog.Logger
}

// Orders are the orders that need somebody (order.Service).
type Orders interface {
	Attention(ctx context.Context, by person.Actor, accountIDs []string) ([]order.Order, error)
	// FoundOrders gives those nobody has decided about; nil accounts means all.
	FoundOrders(ctx context.Context, by person.Actor, accountIDs []string) ([]order.FoundOrder, error)
	Restored(ctx context.Context) (order.Restored, error)
}

// Instances are the figures beside the navigation (instance.Service).
type Instances interface {
	Picture() *instance.Picture
	List(ctx context.Context, by person.Actor, f instance.Filter) (instance.Page, error)
	Syncs(ctx context.Context, accountIDs []string) ([]instance.Sync, error)
}

// Frame makes what surrounds a page for a person who is signed in: title is already
// worded, nav is the key of the current entry of the navigation, topics are what the
// page watches in addition to the frame. It takes the note that was left.
func (f Frames) Frame(c echo.Context, title, nav string, topics ...string) (layout.Frame, error) {
	v, p := visit.Of(c), visit.Printer(c)
	sc, err := f.Scopes.Of(c)
	if err != nil {
		return layout.Frame{}, err
	}
	counts, err := f.Counts(c, sc)
	if err != nil {
		return layout.Frame{}, err
	}
	m := layout.Frame{
		Title: title, Nav: nav, Person: v.Person.DisplayName, Scope: scopeModel(p, sc), Counts: counts,
		Banners: f.Banners(c, sc), Theme: v.Person.Theme, NoKeys: !v.Person.Shortcuts,
		Toast: f.Notes.Take(c), IdleSec: int(person.Idle.Seconds()), Version: f.Version, Host: v.Origin.Host,
	}
	if sc.Sandbox && nav == layout.Buy {
		m.Late = "/sandbox/armed"
	}
	if !f.Sandbox || !sc.HasSandbox() {
		m.Hide = append(m.Hide, layout.Sandbox)
	}
	if len(topics) > 0 {
		m.Topics = append([]string{"frame"}, topics...)
	}
	return m, nil
}

// Bare makes what surrounds a page without a side bar.
func (f Frames) Bare(c echo.Context, title string) layout.Frame {
	m := layout.Frame{Title: title, Version: f.Version, Host: visit.Of(c).Origin.Host, Toast: f.Notes.Take(c)}
	if o := visit.Of(c).Origin; !o.Secure && !o.Local {
		m.Banners = append(m.Banners, plainBanner(visit.Printer(c)))
	}
	return m
}

// Counts are the figures beside the navigation, of the scope; beside Accounts, how
// many of all accounts could not be read.
func (f Frames) Counts(c echo.Context, sc visit.Scope) (map[string]layout.Count, error) {
	ctx, by, p := c.Request().Context(), visit.Actor(c), visit.Printer(c)
	counts := make(map[string]layout.Count)
	if len(sc.Accounts) == 0 {
		return counts, nil
	}
	all, err := f.Known.AllGaps(c, sc)
	if err != nil {
		return nil, err
	}
	gaps := all.In(sc.IDs()...).Of(instance.AboutList)
	page, err := f.Instances.List(ctx, by, instance.Filter{AccountIDs: sc.IDs(), Limit: 1})
	if err != nil {
		return nil, err
	}
	if page.Total > 0 {
		counts[layout.Instances] = layout.Count{Text: wording.AtLeastShort(p, page.Total, gaps.Short())}
		counts[layout.Servers] = layout.Count{Text: wording.AtLeastShort(p, f.Instances.Picture().Len(sc.IDs()), gaps.Short())}
	}
	waiting, err := f.Orders.Attention(ctx, by, sc.IDs())
	if err != nil {
		return nil, err
	}
	strays, _, err := f.Strays(ctx, by, sc)
	if err != nil {
		return nil, err
	}
	if n := len(waiting) + len(strays); n > 0 {
		counts[layout.Orders] = layout.Count{Text: p.Number(n), Warn: true}
	}
	if n := wording.FailingAccounts(all); n > 0 {
		counts[layout.Accounts] = layout.Count{Text: p.Number(n), Warn: true}
	}
	return counts, nil
}

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

// scopeLabel is the scope's name.
func scopeLabel(p *text.Printer, sc visit.Scope) string {
	switch {
	case len(sc.Accounts) == 0:
		return ""
	case sc.Key == visit.ScopeSandbox:
		return p.T("layout.nav.sandbox")
	case sc.Key == visit.ScopeReal && len(sc.Accounts) > 1:
		return p.T("layout.scope.all")
	default:
		return sc.Accounts[0].Label
	}
}

// scopeModel is the scope as the frame shows it.
func scopeModel(p *text.Printer, sc visit.Scope) layout.ScopeModel {
	m := layout.ScopeModel{Label: scopeLabel(p, sc), Sandbox: sc.Sandbox}
	var real, simulated []layout.Choice
	for _, a := range sc.All {
		choice := layout.Choice{Label: a.Label, Key: a.ID, Sandbox: a.Sandbox(), Current: sc.Key == a.ID}
		if a.Sandbox() {
			simulated = append(simulated, choice)
		} else {
			real = append(real, choice)
		}
	}
	if len(real) > 0 {
		m.Real = visit.ScopeReal
	}
	if len(real) > 1 {
		m.Choices = append(m.Choices,
			layout.Choice{Label: p.T("layout.scope.all"), Key: visit.ScopeReal, Current: sc.Key == visit.ScopeReal})
	} else if len(real) == 1 && sc.Key == visit.ScopeReal {
		real[0].Current = true
	}
	m.Choices = append(m.Choices, real...)
	if len(simulated) > 1 {
		m.Choices = append(m.Choices,
			layout.Choice{Label: p.T("layout.nav.sandbox"), Key: visit.ScopeSandbox, Sandbox: true, Current: sc.Key == visit.ScopeSandbox})
	} else if len(simulated) == 1 && sc.Key == visit.ScopeSandbox {
		simulated[0].Current = true
	}
	m.Choices = append(m.Choices, simulated...)
	return m
}

// Storage is what the disk can do.
type Storage struct {
	ReadOnly bool // full: reads go on, changes are refused
	LowSpace bool
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

// Strays are the orders at Huawei that this console did not place and nobody has
// decided about: those of the scope, and how many there are of the person's other
// accounts. Orders of an account that was removed are shown in real scopes to those
// who may decide about them.
func (f Frames) Strays(ctx context.Context, by person.Actor, sc visit.Scope) (in []order.FoundOrder, elsewhere int, err error) {
	all, err := f.Orders.FoundOrders(ctx, by, nil)
	if err != nil {
		return nil, 0, err
	}
	for _, o := range all {
		switch {
		case sc.Has(o.AccountID), !sc.Knows(o.AccountID) && !sc.Sandbox && by.May(person.Decide):
			in = append(in, o)
		case sc.Knows(o.AccountID):
			elsewhere++
		}
	}
	return in, elsewhere, nil
}

// InWorldOf makes a page about one account look real or simulated as the account is,
// whatever the scope: real money and the Sandbox never look alike.
func InWorldOf(f *layout.Frame, a account.Account) {
	if a.ID != "" && f.Scope.Sandbox != a.Sandbox() {
		f.Scope.Sandbox, f.Scope.Label = a.Sandbox(), a.Label
	}
}
