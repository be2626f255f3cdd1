package activity

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"sampan/internal/app/audit"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/server"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/activity"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// untold are the actions that pages do not show. Each has its sentence in the
// catalogue. Steps of an order's job show in how the order goes on, sign-ins on the
// page of sessions.
var untold = []string{
	"account.key.use",
	"order.send", "order.pay.send", "order.cancel.send", "order.found.cancel.send",
	"person.sign-in", "person.sign-out", "person.fresh", "session.revoke", "session.revoke.others",
	"setup.link",
}

// WorthTelling reports whether pages show a row: its action is not one of the untold,
// and it is not the row that is stored before an act is sent.
func WorthTelling(r audit.Row) bool {
	return !slices.Contains(untold, r.Action) && r.Outcome != "about to send"
}

// Events tell what was done, in words.
type Events struct {
	Picture func() *instance.Picture // where the servers that rows are about stand
	Trail   Trail                    // nil: what was done is not shown
}

// Trail is what was done to one thing (audit.Trail).
type Trail interface {
	// About gives the rows about any of these ids, the newest first, at most limit: an
	// owner gets all, others their own.
	About(ctx context.Context, by person.Actor, targets []string, limit int) ([]audit.Row, error)
}

// partlyDelivered is how a delivery ended that brought less than was ordered.
const partlyDelivered = string(order.PartlyDelivered)

// Event words a row: who did what to which thing, and how it ended. A row of an
// action without a sentence gets the action's name; a test checks that every action
// has one.
func (e Events) Event(p *text.Printer, sc visit.Scope, r audit.Row) ui.Event {
	m := ui.Event{At: wording.ISO(r.At), Exact: p.Exact(r.At), Time: wording.TimeOrDate(p, r.At), Text: text.Visible(r.Action)}
	on := e.subjectOf(p, sc, r)
	id := "overview.did." + r.Action
	if r.Outcome == partlyDelivered {
		id = "overview.did.order.delivered.partly"
	}
	if p.Has(id) {
		m.Text = p.N(id, countOf(r), "Who", whoDid(p, r), "Name", on.name, "What", changesOf(p, r))
	}
	m.URL, m.Label = on.url, on.label
	if amount, currency, ok := strings.Cut(r.Params["amount"], " "); ok {
		if d, err := decimal.NewFromString(amount); err == nil {
			m.Amount = p.Money(d, currency)
		}
	}
	switch r.Outcome {
	case "", "ok":
	case partlyDelivered:
		m.Shape, m.Word = ui.Warn, p.T("orders.state.partly")
	case "unknown":
		m.Shape, m.Word = ui.Warn, p.T("overview.outcome.unknown")
	default: // refused, denied, and whatever comes later: it did not end well
		m.Shape, m.Word = ui.Fault, p.T("overview.outcome.failed")
	}
	return m
}

func whoDid(p *text.Printer, r audit.Row) string {
	switch who := text.Name(r.Actor.Name); {
	case r.Actor.PersonID == person.System.PersonID:
		return p.T("overview.did.console")
	case who == "":
		return p.T("overview.did.somebody")
	default:
		return who
	}
}

// subject is what a row is about: its name in the sentence, and the link to it.
type subject struct{ name, url, label string }

func (e Events) subjectOf(p *text.Printer, sc visit.Scope, r audit.Row) subject {
	area, _, _ := strings.Cut(r.Action, ".")
	switch area {
	case "order":
		if r.Intent != "" {
			return subject{text.Name(r.Params["name"]), "/orders/" + url.PathEscape(r.Intent), p.T("overview.did.order")}
		}
		if strings.HasPrefix(r.Action, "order.found.") {
			return subject{url: wording.FoundURL, label: p.T("orders.tab.found")}
		}
	case "account":
		a := subject{name: text.Name(r.Params["label"])}
		if r.AccountID != "" && sc.Has(r.AccountID) {
			a.url, a.label = "/accounts/"+url.PathEscape(r.AccountID), wording.AccountLabel(p, sc.All, r.AccountID)
		}
		return a
	case "server":
		a := subject{name: text.Name(r.Params["server"])}
		if row, ok := e.rowOf(r); ok {
			a.url, a.label = wording.ServerURL(row), p.T("overview.did.server.see")
			if a.name == "" {
				a.name = wording.RowName(row)
			}
		}
		if a.name == "" {
			a.name = p.T("overview.did.server.gone")
		}
		return a
	case "view":
		return subject{name: text.Name(firstOf(r.Targets))}
	}
	return subject{name: text.Name(r.Params["name"])}
}

// rowOf is the server that a row is about, while it is in the picture.
func (e Events) rowOf(r audit.Row) (*instance.Row, bool) {
	for _, id := range r.Targets {
		if row, ok := e.Picture().Row(id); ok && row.AccountID == r.AccountID {
			return row, true
		}
	}
	return nil, false
}

func firstOf(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// countOf is how many things a row is about; 1 when it does not say.
func countOf(r audit.Row) int {
	n, err := strconv.Atoi(cmp.Or(r.Params["quantity"], r.Params["count"]))
	if err != nil {
		return 1
	}
	return n
}

// changesOf is what a row changed, in words.
func changesOf(p *text.Printer, r audit.Row) string {
	var changes []string
	for _, f := range server.NameFields {
		if v, ok := r.Params[f]; ok {
			changes = append(changes, p.T("server.changed.to", "Fact", p.T("server.names."+f), "Value", wording.OrNothing(p, v)))
		}
	}
	if t := r.Params["tag"]; t != "" {
		changes = append(changes, text.Name(t))
	}
	if l := r.Params["add"]; l != "" {
		changes = append(changes, p.T("overview.did.label.added", "Labels", text.Name(l)))
	}
	if l := r.Params["remove"]; l != "" {
		changes = append(changes, p.T("overview.did.label.removed", "Labels", text.Name(l)))
	}
	return p.List(changes...)
}

// activityShown is how many rows of what was done a page shows.
const activityShown = 12

// About is what was done in this console to a thing, and to the things around it: the
// order that bought it, the instance that a server is in. Acts on another server of
// that instance are left out, and so is what the person may not see.
func (e Events) About(c echo.Context, sc visit.Scope, title, id string, around ...string) (activity.Model, error) {
	p := visit.Printer(c)
	m := activity.Model{Title: title, None: p.T("server.activity.none")}
	if e.Trail == nil {
		return m, nil
	}
	ids := slices.DeleteFunc(append([]string{id}, around...), func(id string) bool { return id == "" })
	rows, err := e.Trail.About(c.Request().Context(), visit.Actor(c), ids, activityShown*3)
	if err != nil {
		return m, err
	}
	for _, r := range rows {
		server := strings.HasPrefix(r.Action, "server.")
		if !WorthTelling(r) || !sc.Knows(r.AccountID) || server && !slices.Contains(r.Targets, id) || len(m.Rows) == activityShown {
			continue
		}
		row := e.Event(p, sc, r)
		if row.URL == c.Request().URL.Path {
			row.URL, row.Label = "", "" // it is this page
		}
		m.Rows = append(m.Rows, row)
	}
	return m, nil
}
