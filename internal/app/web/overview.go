package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/web/templates/layout"
	"sampan/web/templates/overview"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// overviewPages are the first page and the figures beside the navigation.
type overviewPages struct {
	s         *Server
	orders    Orders
	instances Instances
}

// When an expiry without auto-renew is said to be near (design: tables).
const (
	dueNow  = 3 * 24 * time.Hour
	dueSoon = 14 * 24 * time.Hour
)

// soonest is how many of the instances that expire next are looked at.
const soonest = 200

// show is the first page: GET /, or with part=attention the part that the
// stream asks for.
func (p overviewPages) show(c echo.Context) error {
	sc, err := p.s.scopeOf(c)
	if err != nil {
		return err
	}
	items, err := p.items(c, sc)
	if err != nil {
		return err
	}
	if c.QueryParam("part") == "attention" && partial(c.Request()) {
		part := overview.Attention(items)
		return render(c, http.StatusOK, part, part)
	}
	pr := printer(c)
	f, err := p.s.frame(c, pr.T("overview.title"), layout.Overview, "attention")
	if err != nil {
		return err
	}
	m := overview.Model{
		Date: pr.LongDate(pr.Now()) + ", " + pr.Time(pr.Now()), Sandbox: sc.sandbox, NoAccount: len(sc.all) == 0,
		MayBuy: actor(c).May(person.Buy), Manage: actor(c).May(person.ManageAccounts), CanPlay: p.s.Sandbox != nil,
		Items: items, Balances: p.balances(pr, sc),
	}
	if err := p.fleet(c, sc, &m); err != nil {
		return err
	}
	if m.Orders, err = p.lastOrders(c, sc); err != nil {
		return err
	}
	return render(c, http.StatusOK, overview.Page(f, m), nil)
}

// counts are the figures beside the navigation, swapped by their ids: GET /counts.
func (p overviewPages) counts(c echo.Context) error {
	sc, err := p.s.scopeOf(c)
	if err != nil {
		return err
	}
	figures, err := p.s.counts(c.Request().Context(), actor(c), printer(c), sc)
	if err != nil {
		return err
	}
	var out []overview.Count
	for _, key := range []string{layout.Instances, layout.Orders, layout.Accounts} {
		out = append(out, overview.Count{Key: key, Count: figures[key]})
	}
	part := overview.Counts(out)
	return render(c, http.StatusOK, part, part)
}

// items are what needs somebody in the scope, worst first.
func (p overviewPages) items(c echo.Context, sc scope) ([]overview.Item, error) {
	ctx, by, pr := c.Request().Context(), actor(c), printer(c)
	var out []overview.Item
	for _, a := range sc.accounts {
		if a.State == account.Broken {
			out = append(out, brokenItem(pr, a))
		}
	}
	if len(sc.accounts) == 0 {
		return out, nil
	}
	waiting, err := p.orders.Attention(ctx, by, sc.ids())
	if err != nil {
		return nil, err
	}
	page, err := p.instances.List(ctx, by, instance.Filter{AccountIDs: sc.ids(), Sort: "expires", Limit: soonest})
	if err != nil {
		return nil, err
	}
	unclear, unpaid, other := sortOrders(waiting)
	for _, o := range unclear {
		out = append(out, unclearItem(pr, o))
	}
	over, now, soon := expiring(page.Rows, pr.Now())
	if len(over) > 0 {
		out = append(out, dueItem(pr, over, ui.Bad, "overview.due.over"))
	}
	if len(now) > 0 {
		out = append(out, dueItem(pr, now, ui.Bad, "overview.due.now"))
	}
	if len(unpaid) > 0 {
		out = append(out, unpaidItem(pr, unpaid))
	}
	for _, o := range other {
		out = append(out, otherItem(pr, o))
	}
	if len(soon) > 0 {
		out = append(out, dueItem(pr, soon, ui.Caution, "overview.due.soon"))
	}
	return out, nil
}

func brokenItem(p *text.Printer, a account.Account) overview.Item {
	return overview.Item{Tone: ui.Bad, Icon: "key",
		Title: p.T("web.banner.broken", "Account", text.Name(a.Label), "When", p.Near(a.TroubleAt, p.Now())), Text: sayIn(p, a.Trouble),
		Do: ui.Action{Label: p.T("accounts.key.replace"), Href: "/accounts/" + a.ID + "/key"}}
}

// sortOrders splits what needs somebody by what is to be done about it.
func sortOrders(all []order.Order) (unclear, unpaid, other []order.Order) {
	for _, o := range all {
		switch o.State {
		case order.Unknown, order.NeedsHuman:
			unclear = append(unclear, o)
		case order.AwaitingPayment:
			unpaid = append(unpaid, o)
		default:
			other = append(other, o)
		}
	}
	return unclear, unpaid, other
}

func unclearItem(p *text.Printer, o order.Order) overview.Item {
	i := overview.Item{Tone: ui.Bad, Icon: "warn", Title: p.T("overview.unclear", "Name", text.Name(o.Request.Name)), Text: p.T("overview.unclear.text"),
		Do: ui.Action{Label: p.T("overview.order.see"), Href: "/orders/" + o.ID}}
	if o.State == order.NeedsHuman {
		i.Title, i.Text = p.T("overview.human", "Name", text.Name(o.Request.Name)), p.T("overview.human.text")
	}
	return i
}

// unpaidItem is all unpaid orders together: their sums by currency, and the
// first date at which Huawei cancels one.
func unpaidItem(p *text.Printer, all []order.Order) overview.Item {
	i := overview.Item{Tone: ui.Caution, Icon: "receipt", Title: p.N("overview.unpaid", len(all)), Text: p.T("overview.unpaid.text"),
		Do: ui.Action{Label: p.T("overview.orders.review"), Href: "/orders"}}
	if len(all) == 1 {
		i.Do = ui.Action{Label: p.T("overview.order.see"), Href: "/orders/" + all[0].ID}
	}
	if first := firstDeadline(all); !first.IsZero() {
		i.Text = p.T("overview.unpaid.until", "When", p.Near(first, p.Now()))
		if first.Sub(p.Now()) < 24*time.Hour {
			i.Tone = ui.Bad
		}
	}
	if sums := sumsOf(p, all); sums != "" {
		i.Text = sums + " · " + i.Text
	}
	return i
}

func firstDeadline(all []order.Order) time.Time {
	var first time.Time
	for _, o := range all {
		if !o.PayBy.IsZero() && (first.IsZero() || o.PayBy.Before(first)) {
			first = o.PayBy
		}
	}
	return first
}

// sumsOf adds amounts up by currency, never across; empty when one is not known.
func sumsOf(p *text.Printer, all []order.Order) string {
	sums := make(map[string]order.Money)
	for _, o := range all {
		if o.Amount == nil {
			return ""
		}
		sum := sums[o.Amount.Currency]
		sums[o.Amount.Currency] = order.Money{Amount: sum.Amount.Add(o.Amount.Amount), Currency: o.Amount.Currency}
	}
	var words []string
	for _, m := range sums {
		words = append(words, p.Money(m.Amount, m.Currency))
	}
	slices.Sort(words)
	return strings.Join(words, " + ")
}

func otherItem(p *text.Printer, o order.Order) overview.Item {
	return overview.Item{Tone: ui.Caution, Icon: "receipt", Title: p.T("overview.other", "Name", text.Name(o.Request.Name)), Text: p.T("overview.other.text"),
		Do: ui.Action{Label: p.T("overview.order.see"), Href: "/orders/" + o.ID}}
}

// expiring splits instances without auto-renew by how near their end is.
func expiring(rows []instance.Instance, now time.Time) (over, due, soon []instance.Instance) {
	for _, i := range rows {
		left := i.Expires.Sub(now)
		switch {
		case i.Expires.IsZero() || i.AutoRenew || !i.GoneAt.IsZero():
		case left <= 0:
			over = append(over, i)
		case left <= dueNow:
			due = append(due, i)
		case left <= dueSoon:
			soon = append(soon, i)
		}
	}
	return over, due, soon
}

// named is how many instances an item names.
const named = 3

func dueItem(p *text.Printer, rows []instance.Instance, tone, title string) overview.Item {
	var names []string
	for _, i := range rows[:min(named, len(rows))] {
		names = append(names, p.T("overview.due.one", "Name", text.Name(i.Name), "When", p.Near(i.Expires, p.Now())))
	}
	if more := len(rows) - len(names); more > 0 {
		names = append(names, p.N("overview.due.more", more))
	}
	return overview.Item{Tone: tone, Icon: "clock", Title: p.N(title, len(rows)), Text: strings.Join(names, " · ") + " · " + p.T("overview.due.after"),
		Do: ui.Action{Label: p.T("overview.due.see"), Href: "/instances?sort=expires"}}
}

// lastShown is how many of the last orders are shown.
const lastShown = 5

// lastOrders are the latest orders of the scope.
func (p overviewPages) lastOrders(c echo.Context, sc scope) ([]overview.Order, error) {
	if len(sc.accounts) == 0 {
		return nil, nil
	}
	page, err := p.orders.Orders(c.Request().Context(), actor(c), order.Filter{AccountIDs: sc.ids(), Limit: lastShown})
	if err != nil {
		return nil, err
	}
	pr := printer(c)
	what := wares{p: pr, catalog: p.s.Catalog}
	var out []overview.Order
	for _, o := range page.Rows {
		line := overview.Order{ID: o.ID, Title: what.title(o.Request), Who: text.Name(o.PersonName), When: pr.Relative(o.CreatedAt)}
		if o.Amount != nil {
			line.Amount = what.amount(o.Amount)
		}
		line.Shape, line.Word = lookOf(pr, o.State)
		out = append(out, line)
	}
	return out, nil
}

// balances are what the accounts of the scope have left.
func (p overviewPages) balances(pr *text.Printer, sc scope) []overview.Balance {
	var out []overview.Balance
	for _, a := range sc.accounts {
		b, f := p.orders.BalanceOf(a.ID)
		line := overview.Balance{Account: a.Label, Sandbox: a.Sandbox(), Amount: balanceText(pr, b, f), Known: !b.At.IsZero()}
		if line.Known {
			line.When = pr.Near(b.At, pr.Now())
		}
		out = append(out, line)
	}
	return out
}

// fleet fills in what there is, by region.
func (p overviewPages) fleet(c echo.Context, sc scope, m *overview.Model) error {
	if len(sc.accounts) == 0 {
		return nil
	}
	counts, err := p.instances.Counts(c.Request().Context(), actor(c), sc.ids())
	if err != nil || counts.Total == 0 {
		return err
	}
	pr := printer(c)
	m.Servers = pr.Number(counts.Total)
	m.Figures = []ui.Pair{
		{Key: pr.T("overview.instances"), Value: m.Servers},
		{Key: pr.T("overview.running"), Value: pr.Number(counts.ByState["ACTIVE"])},
		{Key: pr.T("overview.stopped"), Value: pr.Number(counts.ByState["SHUTOFF"]), Note: pr.T("overview.stopped.paid")},
		{Key: pr.T("overview.expiring"), Value: pr.Number(counts.Expiring)},
	}
	for code, n := range counts.ByRegion {
		m.Regions = append(m.Regions, overview.Region{Name: regionName(pr, code), URL: "/instances?region=" + code, Count: pr.Number(n)})
	}
	slices.SortFunc(m.Regions, func(a, b overview.Region) int { return strings.Compare(a.Name, b.Name) })
	return nil
}
