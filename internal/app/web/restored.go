package web

import (
	"context"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// restoredPages are what pages say of a database that was put back.
type restoredPages struct{ s *Server }

// close ends it: POST /restored/close.
func (p restoredPages) close(c echo.Context) error {
	done := fault.Say("web.banner.restored.closed")
	if err := p.s.Orders.CloseRestored(c.Request().Context(), visit.Actor(c)); fault.Is(err, fault.Conflict) {
		done = fault.Of(err).Message
	} else if err != nil {
		return err
	}
	p.s.notes.Leave(c, done)
	return goTo(c, returnPath(c))
}

// restoredBanner says of a database that was put back what happened, what is
// being looked for and what was found; of an ordinary one nothing.
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
