package overview

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/audit"
	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/server"
	"sampan/internal/app/web/activity"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
	"sampan/web/templates/overview"
	"sampan/web/templates/text"
)

// Pages are the first page and the figures beside the navigation.
type Pages struct {
	Orders    Orders
	Instances Instances
	Servers   Servers
	Traffic   Meters
	Log       Log // what was done
	Events    activity.Events
	Sandbox   bool // there is a simulated cloud
	Catalog   *catalog.Catalog
	Frames    page.Frames
	Scopes    visit.Scopes
	Known     page.Knowledge
	Now       func() time.Time // the console's calendar

	summaries instance.Memo[summaryKey, *summary]
}

// Orders are the orders (order.Service).
type Orders interface {
	// Attention gives the orders of these accounts that need a person, in the order in
	// which to deal with them.
	Attention(ctx context.Context, by person.Actor, accountIDs []string) ([]order.Order, error)
	// Orders gives a page of the orders that the filter names.
	Orders(ctx context.Context, by person.Actor, f order.Filter) (order.Page, error)
	// BalanceOf gives what was last read, without waiting for the cloud.
	BalanceOf(accountID string) (order.Balance, order.Freshness)
}

// Instances are the rows of the local picture (instance.Service).
type Instances interface {
	// Rows gives the rows of the newest picture, of all accounts, and its version. The
	// rows must not be changed.
	Rows() ([]*instance.Row, int64)
}

// Servers are the servers that do not answer (server.Service).
type Servers interface {
	// Failures gives the servers that should run and of which the last try found
	// nothing that answers, the newest first.
	Failures(accountIDs []string) []server.Probe
}

// Meters are the packages that are running out (traffic.Service).
type Meters interface {
	// Short gives the packages of these accounts that are used up or have little left.
	Short(by person.Actor, accountIDs []string) ([]meter.Line, error)
}

// Show is the first page: GET /, or with part=attention, fleet, now or feed the
// part that the stream asks for.
func (h *Pages) Show(c echo.Context) error {
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return err
	}
	if part := c.QueryParam("part"); part != "" && visit.Partial(c.Request()) {
		return h.showPart(c, sc, part)
	}
	items, err := h.items(c, sc)
	if err != nil {
		return err
	}
	p := visit.Printer(c)
	f, err := h.Frames.Frame(c, p.T("overview.title"), layout.Overview, "attention", "instances", "orders", "balances")
	if err != nil {
		return err
	}
	m := overview.Model{
		Date: p.LongDate(p.Now()) + ", " + p.Time(p.Now()), Sandbox: sc.Sandbox, NoAccount: len(sc.All) == 0,
		MayBuy: visit.Actor(c).May(person.Buy), Manage: visit.Actor(c).May(person.ManageAccounts), CanPlay: h.Sandbox,
		Items: items, Balances: h.balances(p, sc),
	}
	if m.Fleet, err = h.fleet(c, sc); err != nil {
		return err
	}
	if m.Now, err = h.now(c, sc); err != nil {
		return err
	}
	if m.Now.Feed, err = h.feed(c, sc); err != nil {
		return err
	}
	return page.Render(c, http.StatusOK, overview.Page(f, m), nil)
}

// showPart answers with one part of the page.
func (h *Pages) showPart(c echo.Context, sc visit.Scope, name string) error {
	switch name {
	case "attention":
		items, err := h.items(c, sc)
		if err != nil {
			return err
		}
		part := overview.Attention(items)
		return page.Render(c, http.StatusOK, part, part)
	case "fleet":
		m, err := h.fleet(c, sc)
		if err != nil {
			return err
		}
		part := overview.Fleet(m, visit.Actor(c).May(person.Buy), sc.Sandbox)
		return page.Render(c, http.StatusOK, part, part)
	case "balances":
		part := overview.Balances(h.balances(visit.Printer(c), sc))
		return page.Render(c, http.StatusOK, part, part)
	case "now":
		m, err := h.now(c, sc)
		if err != nil {
			return err
		}
		part := overview.Under(m)
		return page.Render(c, http.StatusOK, part, part)
	case "feed":
		feed, err := h.feed(c, sc)
		if err != nil {
			return err
		}
		part := overview.Feed(overview.NowModel{Feed: feed, Own: !visit.Actor(c).May(person.ReadAudit)})
		return page.Render(c, http.StatusOK, part, part)
	}
	return echo.ErrNotFound
}

// Counts are what changes around every page, swapped by ids: the figures beside
// the navigation and the banners. GET /counts.
func (h *Pages) Counts(c echo.Context) error {
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return err
	}
	figures, err := h.Frames.Counts(c, sc)
	if err != nil {
		return err
	}
	var out []overview.Count
	for _, key := range []string{layout.Servers, layout.Instances, layout.Orders, layout.Accounts} {
		out = append(out, overview.Count{Key: key, Count: figures[key]})
	}
	part := overview.Counts(out, h.Frames.Banners(c, sc))
	return page.Render(c, http.StatusOK, part, part)
}

// balances are what the accounts of the scope have left.
func (h *Pages) balances(p *text.Printer, sc visit.Scope) []overview.Balance {
	var out []overview.Balance
	for _, a := range sc.Accounts {
		b, f := h.Orders.BalanceOf(a.ID)
		line := overview.Balance{Account: a.Label, Sandbox: a.Sandbox(), Amount: wording.BalanceText(p, b, f), Known: !b.At.IsZero()}
		if line.Known {
			line.When = p.Near(b.At, p.Now())
		} else if f == order.Failed {
			line.When = p.T("overview.balance.failed")
		}
		out = append(out, line)
	}
	return out
}

// Log is what was done (audit.Log).
type Log interface {
	// Recent gives the newest rows, the newest first, at most limit: an owner gets all,
	// others their own.
	Recent(ctx context.Context, by person.Actor, limit int) ([]audit.Row, error)
}
