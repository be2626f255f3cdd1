package overview

import (
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/activity"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/overview"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// How much of what runs and of what was done is shown.
const (
	runningShown = 5
	feedShown    = 8
	feedRead     = 120 // rows that are looked at for those
)

// now is what is under way in the scope.
func (h *Pages) now(c echo.Context, sc visit.Scope) (overview.NowModel, error) {
	m := overview.NowModel{Own: !visit.Actor(c).May(person.ReadAudit)}
	if len(sc.Accounts) == 0 {
		return m, nil
	}
	page, err := h.Orders.Orders(c.Request().Context(), visit.Actor(c),
		order.Filter{AccountIDs: sc.IDs(), State: order.GroupInProgress, Limit: runningShown})
	if err != nil {
		return m, err
	}
	what := wording.Wares{Printer: visit.Printer(c), Catalog: h.Catalog}
	for _, o := range page.Rows {
		m.Running = append(m.Running, runningOrder(what, sc, o))
	}
	if more := page.Total - len(page.Rows); more > 0 {
		m.More = visit.Printer(c).N("overview.due.more", more)
	}
	return m, nil
}

func runningOrder(w wording.Wares, sc visit.Scope, o order.Order) overview.Running {
	_, word := wording.OrderLook(w.Printer, o)
	title := w.Printer.T("orders.row",
		"N", o.Request.Quantity, "Image", text.Name(o.Request.Image.Name), "Period", w.Period(o.Request))
	r := overview.Running{URL: "/orders/" + o.ID, Title: title, State: word}
	r.Bar = ui.BarModel{Tone: ui.Moving, Label: r.Title}
	if n := o.Standing(); o.State == order.Delivering && o.Request.Quantity > 0 {
		r.State = w.Printer.T("overview.now.of", "N", n, "Of", o.Request.Quantity)
		r.Bar.Value, r.Bar.Max = n, o.Request.Quantity
	}
	var notes []string
	if o.Amount != nil {
		notes = append(notes, w.Money(*o.Amount))
	}
	if a, ok := sc.AccountOf(o.AccountID); ok {
		notes = append(notes, text.Name(a.Label))
	}
	r.Note = strings.Join(append(notes,
		w.Printer.T("overview.now.who", "Who", text.Name(o.PersonName), "When", w.Printer.Relative(o.CreatedAt))), " · ")
	return r
}

// feed is what was done lately, as far as the person may see it: in accounts
// of the scope, or in the console itself.
func (h *Pages) feed(c echo.Context, sc visit.Scope) ([]ui.Event, error) {
	rows, err := h.Log.Recent(c.Request().Context(), visit.Actor(c), feedRead)
	if err != nil {
		return nil, err
	}
	var out []ui.Event
	for _, r := range rows {
		if len(out) == feedShown {
			break
		}
		if activity.WorthTelling(r) && (r.AccountID == "" || sc.Has(r.AccountID)) {
			out = append(out, h.Events.Event(visit.Printer(c), sc, r))
		}
	}
	return out, nil
}
