package web

import (
	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// frame makes what surrounds a page for a person who is signed in: title is
// already worded, nav the key of the current entry of the navigation, topics
// what the page watches beside the frame itself.
func (s *Server) frame(c echo.Context, title, nav string, topics ...string) (layout.Frame, error) {
	v, p := visit(c), printer(c)
	sc, err := s.scopeOf(c)
	if err != nil {
		return layout.Frame{}, err
	}
	counts, err := s.counts(c, sc)
	if err != nil {
		return layout.Frame{}, err
	}
	f := layout.Frame{
		Title: title, Nav: nav, Person: v.person.DisplayName, Scope: sc.model(p), Counts: counts,
		Banners: s.banners(c, sc), Theme: v.person.Theme, NoKeys: !v.person.Shortcuts,
		Toast: s.notes.take(c), IdleSec: int(person.Idle.Seconds()), Version: s.Version, Host: v.origin.host,
	}
	if sc.sandbox && nav == layout.Buy {
		f.Late = "/sandbox/armed"
	}
	if s.Sandbox == nil || !sc.hasSandbox() {
		f.Hide = append(f.Hide, layout.Sandbox)
	}
	if len(topics) > 0 {
		f.Topics = append([]string{"frame"}, topics...)
	}
	return f, nil
}

// bare makes what surrounds a page without a side bar.
func (s *Server) bare(c echo.Context, title string) layout.Frame {
	f := layout.Frame{Title: title, Version: s.Version, Host: visit(c).origin.host, Toast: s.notes.take(c)}
	if o := visit(c).origin; !o.secure && !o.local {
		f.Banners = append(f.Banners, plainBanner(printer(c)))
	}
	return f
}

// counts are the figures beside the navigation, of the scope; beside Accounts, how
// many of all accounts could not be read.
func (s *Server) counts(c echo.Context, sc scope) (map[string]layout.Count, error) {
	ctx, by, p := c.Request().Context(), actor(c), printer(c)
	counts := make(map[string]layout.Count)
	if len(sc.accounts) == 0 {
		return counts, nil
	}
	all, err := s.allGaps(c, sc)
	if err != nil {
		return nil, err
	}
	gaps := all.In(sc.ids()...).Of(instance.AboutList)
	page, err := s.Instances.List(ctx, by, instance.Filter{AccountIDs: sc.ids(), Limit: 1})
	if err != nil {
		return nil, err
	}
	if page.Total > 0 {
		counts[layout.Instances] = layout.Count{Text: leastMark(p, page.Total, gaps.Short())}
		counts[layout.Servers] = layout.Count{Text: leastMark(p, s.Instances.Picture().Len(sc.ids()), gaps.Short())}
	}
	waiting, err := s.Orders.Attention(ctx, by, sc.ids())
	if err != nil {
		return nil, err
	}
	strays, _, err := s.strays(ctx, by, sc)
	if err != nil {
		return nil, err
	}
	if n := len(waiting) + len(strays); n > 0 {
		counts[layout.Orders] = layout.Count{Text: p.Number(n), Warn: true}
	}
	if n := failing(all); n > 0 {
		counts[layout.Accounts] = layout.Count{Text: p.Number(n), Warn: true}
	}
	return counts, nil
}

// banners say what concerns the whole console, worst first.
func (s *Server) banners(c echo.Context, sc scope) []ui.NoteModel {
	p, o := printer(c), visit(c).origin
	var out []ui.NoteModel
	st := s.Options.Storage()
	switch {
	case st.ReadOnly:
		out = append(out, ui.NoteModel{Tone: ui.Bad, Bold: p.T("web.banner.full"), Text: p.T("web.banner.full.text")})
	case st.LowSpace:
		out = append(out, ui.NoteModel{Tone: ui.Caution, Bold: p.T("web.banner.low"), Text: p.T("web.banner.low.text")})
	}
	out = append(out, s.restoredBanner(c.Request().Context(), actor(c), p)...)
	if !o.secure && !o.local {
		out = append(out, plainBanner(p))
	}
	if s.CloudOverride != "" && !sc.sandbox {
		out = append(out, ui.NoteModel{Tone: ui.Caution, Bold: p.T("web.banner.override"), Text: p.T("web.banner.override.text", "Address", s.CloudOverride)})
	}
	out = append(out, twinBanners(p, actor(c), sc.all)...)
	for _, a := range sc.accounts {
		if a.State == account.Broken {
			out = append(out, s.brokenBanner(c, a))
		}
	}
	return out
}

// brokenBanner says why an account cannot be read, since when, and of when what
// is shown of it is.
func (s *Server) brokenBanner(c echo.Context, a account.Account) ui.NoteModel {
	p, ctx := printer(c), c.Request().Context()
	n := ui.NoteModel{Tone: ui.Bad, Icon: "key",
		Bold:    p.T("web.banner.broken", "Account", text.Name(a.Label), "When", p.Near(a.TroubleAt, p.Now())),
		Text:    sayIn(p, a.Trouble),
		Actions: []ui.Action{{Label: p.T("web.banner.broken.do"), Href: "/accounts/" + a.ID}}}
	syncs, err := s.Instances.Syncs(ctx, []string{a.ID})
	if err != nil {
		s.log.ErrorContext(ctx, "read how the last refresh went", "account", a.ID, "err", err)
	}
	if at := oldestList(syncs); !at.IsZero() {
		n.Text += " " + p.T("web.banner.broken.asof", "When", p.Near(at, p.Now()))
	}
	return n
}

func plainBanner(p *text.Printer) ui.NoteModel {
	return ui.NoteModel{Tone: ui.Caution, Icon: "lock", Bold: p.T("web.banner.plain"), Text: p.T("web.banner.plain.text")}
}

func (sc scope) hasSandbox() bool {
	for _, a := range sc.all {
		if a.Sandbox() {
			return true
		}
	}
	return false
}
