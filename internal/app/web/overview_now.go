package web

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"sampan/internal/app/audit"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/web/templates/overview"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Activity is what was done (audit.Log).
type Activity interface {
	Recent(ctx context.Context, by person.Actor, limit int) ([]audit.Row, error)
}

// How much of what runs and of what was done is shown.
const (
	runningShown = 5
	feedShown    = 8
	feedRead     = 120 // rows that are looked at for those
)

// now is what is under way in the scope.
func (p overviewPages) now(c echo.Context, sc scope) (overview.NowModel, error) {
	m := overview.NowModel{Own: !actor(c).May(person.ReadAudit)}
	if len(sc.accounts) == 0 {
		return m, nil
	}
	page, err := p.orders.Orders(c.Request().Context(), actor(c), order.Filter{AccountIDs: sc.ids(), State: order.GroupInProgress, Limit: runningShown})
	if err != nil {
		return m, err
	}
	what := wares{p: printer(c), catalog: p.s.Catalog}
	for _, o := range page.Rows {
		m.Running = append(m.Running, runningOrder(what, sc, o))
	}
	if more := page.Total - len(page.Rows); more > 0 {
		m.More = printer(c).N("overview.due.more", more)
	}
	return m, nil
}

func runningOrder(w wares, sc scope, o order.Order) overview.Running {
	_, word := lookOf(w.p, o.State)
	r := overview.Running{URL: "/orders/" + o.ID, Title: w.p.T("orders.row", "N", o.Request.Quantity, "Image", text.Name(o.Request.Image.Name), "Period", w.period(o.Request)), State: word}
	r.Bar = ui.BarModel{Tone: ui.Moving, Label: r.Title}
	if n := len(o.Delivered); o.State == order.Delivering && o.Request.Quantity > 0 {
		r.State = w.p.T("overview.now.of", "N", n, "Of", o.Request.Quantity)
		r.Bar.Value, r.Bar.Max = n, o.Request.Quantity
	}
	var notes []string
	if o.Amount != nil {
		notes = append(notes, w.money(*o.Amount))
	}
	if a, ok := sc.accountOf(o.AccountID); ok {
		notes = append(notes, text.Name(a.Label))
	}
	r.Note = strings.Join(append(notes, w.p.T("overview.now.who", "Who", text.Name(o.PersonName), "When", w.p.Relative(o.CreatedAt))), " · ")
	return r
}

// feed is what was done lately, as far as the person may see it: in accounts
// of the scope, or in the console itself.
func (p overviewPages) feed(c echo.Context, sc scope) ([]overview.Event, error) {
	rows, err := p.s.Activity.Recent(c.Request().Context(), actor(c), feedRead)
	if err != nil {
		return nil, err
	}
	var out []overview.Event
	for _, r := range rows {
		if len(out) == feedShown {
			break
		}
		if r.AccountID != "" && !sc.has(r.AccountID) {
			continue
		}
		if e, ok := event(printer(c), sc, r); ok {
			out = append(out, e)
		}
	}
	return out, nil
}

// event words a row; what has no words is not news: keys that were used, calls
// about to be sent.
func event(p *text.Printer, sc scope, r audit.Row) (overview.Event, bool) {
	id := "overview.did." + r.Action
	if !p.Has(id) || r.Outcome == "about to send" {
		return overview.Event{}, false
	}
	e := overview.Event{At: iso(r.At), Exact: p.Exact(r.At), Time: feedTime(p, r.At)}
	who := text.Name(r.Actor.Name)
	switch {
	case r.Actor.PersonID == person.System.PersonID:
		who = p.T("overview.did.console")
	case who == "":
		who = p.T("overview.did.somebody")
	}
	e.Text = p.T(id, "Who", who, "Name", text.Name(r.Params["name"]+r.Params["label"]), "N", howMany(r.Params["quantity"]), "Account", accountLabel(p, sc, r.AccountID))
	switch {
	case strings.HasPrefix(r.Action, "order.") && r.Intent != "":
		e.URL, e.Label = "/orders/"+url.PathEscape(r.Intent), p.T("overview.did.order")
	case strings.HasPrefix(r.Action, "account.") && r.AccountID != "" && sc.has(r.AccountID):
		e.URL, e.Label = "/accounts/"+url.PathEscape(r.AccountID), text.Name(accountLabel(p, sc, r.AccountID))
	}
	if amount, currency, ok := strings.Cut(r.Params["amount"], " "); ok {
		if d, err := decimal.NewFromString(amount); err == nil {
			e.Amount = p.Money(d, currency)
		}
	}
	switch r.Outcome {
	case "", "ok":
	case "unknown":
		e.Shape, e.Word = ui.Warn, p.T("overview.outcome.unknown")
	default: // refused, denied, and whatever comes later: it did not end well
		e.Shape, e.Word = ui.Fault, p.T("overview.outcome.failed")
	}
	return e, true
}

// howMany is a number out of a form, as it is when it is none.
func howMany(s string) string {
	if s == "" {
		return "1"
	}
	return text.Visible(s)
}

func accountLabel(p *text.Printer, sc scope, id string) string {
	if a, ok := sc.accountOf(id); ok {
		return text.Name(a.Label)
	}
	return p.T("overview.did.account.gone")
}

// feedTime is the time today, else the date.
func feedTime(p *text.Printer, t time.Time) string {
	if slices.Equal(ymd(t.In(p.Location())), ymd(p.Now())) {
		return p.Time(t)
	}
	return p.Date(t)
}

func ymd(t time.Time) []int { return []int{t.Year(), t.YearDay()} }
