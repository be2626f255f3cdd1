package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
	"sampan/web/templates/overview"
	"sampan/web/templates/text"
)

// overviewPages are the first page and the figures beside the navigation.
type overviewPages struct {
	s         *Server
	orders    Orders
	instances Instances
}

// show is the first page: GET /, or with part=attention, fleet, now or feed the
// part that the stream asks for.
func (p overviewPages) show(c echo.Context) error {
	sc, err := p.s.scopes.Of(c)
	if err != nil {
		return err
	}
	if part := c.QueryParam("part"); part != "" && visit.Partial(c.Request()) {
		return p.part(c, sc, part)
	}
	items, err := p.items(c, sc)
	if err != nil {
		return err
	}
	pr := visit.Printer(c)
	f, err := p.s.frames.Frame(c, pr.T("overview.title"), layout.Overview, "attention", "instances", "orders", "balances")
	if err != nil {
		return err
	}
	m := overview.Model{
		Date: pr.LongDate(pr.Now()) + ", " + pr.Time(pr.Now()), Sandbox: sc.Sandbox, NoAccount: len(sc.All) == 0,
		MayBuy: visit.Actor(c).May(person.Buy), Manage: visit.Actor(c).May(person.ManageAccounts), CanPlay: p.s.Sandbox != nil,
		Items: items, Balances: p.balances(pr, sc),
	}
	if m.Fleet, err = p.fleet(c, sc); err != nil {
		return err
	}
	if m.Now, err = p.now(c, sc); err != nil {
		return err
	}
	if m.Now.Feed, err = p.feed(c, sc); err != nil {
		return err
	}
	return page.Render(c, http.StatusOK, overview.Page(f, m), nil)
}

// part is one part of the page.
func (p overviewPages) part(c echo.Context, sc visit.Scope, name string) error {
	switch name {
	case "attention":
		items, err := p.items(c, sc)
		if err != nil {
			return err
		}
		part := overview.Attention(items)
		return page.Render(c, http.StatusOK, part, part)
	case "fleet":
		m, err := p.fleet(c, sc)
		if err != nil {
			return err
		}
		part := overview.Fleet(m, visit.Actor(c).May(person.Buy), sc.Sandbox)
		return page.Render(c, http.StatusOK, part, part)
	case "balances":
		part := overview.Balances(p.balances(visit.Printer(c), sc))
		return page.Render(c, http.StatusOK, part, part)
	case "now":
		m, err := p.now(c, sc)
		if err != nil {
			return err
		}
		part := overview.Under(m)
		return page.Render(c, http.StatusOK, part, part)
	case "feed":
		feed, err := p.feed(c, sc)
		if err != nil {
			return err
		}
		part := overview.Feed(overview.NowModel{Feed: feed, Own: !visit.Actor(c).May(person.ReadAudit)})
		return page.Render(c, http.StatusOK, part, part)
	}
	return echo.ErrNotFound
}

// counts are what changes around every page, swapped by ids: the figures beside
// the navigation and the banners. GET /counts.
func (p overviewPages) counts(c echo.Context) error {
	sc, err := p.s.scopes.Of(c)
	if err != nil {
		return err
	}
	figures, err := p.s.frames.Counts(c, sc)
	if err != nil {
		return err
	}
	var out []overview.Count
	for _, key := range []string{layout.Servers, layout.Instances, layout.Orders, layout.Accounts} {
		out = append(out, overview.Count{Key: key, Count: figures[key]})
	}
	part := overview.Counts(out, p.s.frames.Banners(c, sc))
	return page.Render(c, http.StatusOK, part, part)
}

// balances are what the accounts of the scope have left.
func (p overviewPages) balances(pr *text.Printer, sc visit.Scope) []overview.Balance {
	var out []overview.Balance
	for _, a := range sc.Accounts {
		b, f := p.orders.BalanceOf(a.ID)
		line := overview.Balance{Account: a.Label, Sandbox: a.Sandbox(), Amount: wording.BalanceText(pr, b, f), Known: !b.At.IsZero()}
		if line.Known {
			line.When = pr.Near(b.At, pr.Now())
		} else if f == order.Failed {
			line.When = pr.T("overview.balance.failed")
		}
		out = append(out, line)
	}
	return out
}
