package orders

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/spelling"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
	"sampan/web/templates/orders"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// ordersPerPage is how many orders one page of the list holds.
const ordersPerPage = 50

// orderTabs are the views of the list, in their order.
var orderTabs = []struct{ group, id string }{
	{"", "orders.tab.all"}, {order.GroupToPay, "orders.tab.pay"}, {order.GroupInProgress, "orders.tab.progress"},
	{order.GroupProblem, "orders.tab.problem"}, {order.GroupDone, "orders.tab.done"}, {wording.StateFound, "orders.tab.found"},
}

// orderQuery is what the address of the list says.
type orderQuery struct{ state, q, account, person, after string }

func readOrderQuery(c echo.Context) orderQuery {
	q := orderQuery{state: c.QueryParam("state"), q: c.QueryParam("q"), account: c.QueryParam("account"), person: c.QueryParam("person"),
		after: c.QueryParam("after")}
	if !slices.ContainsFunc(orderTabs, func(t struct{ group, id string }) bool { return t.group == q.state }) {
		q.state = ""
	}
	q.q = spelling.Cut(q.q, 200)
	return q
}

// url is the address of the list with this query.
func (q orderQuery) url() string {
	v := url.Values{}
	for name, value := range map[string]string{"state": q.state, "q": q.q, "account": q.account, "person": q.person, "after": q.after} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if len(v) == 0 {
		return "/orders"
	}
	return "/orders?" + v.Encode()
}

// group is the group of our own orders that the list shows; "" for all.
func (q orderQuery) group() string {
	if q.state == wording.StateFound {
		return ""
	}
	return q.state
}

// List is the list of orders: GET /orders?state=&q=&account=&person=&after=.
func (h Pages) List(c echo.Context) error {
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return err
	}
	q := readOrderQuery(c)
	if a, known := sc.AccountOf(q.account); known && !sc.Has(a.ID) { // of another scope: the page is in that
		sc = visit.Narrow(sc.All, a.ID)
		visit.SetScope(c, sc)
	}
	m, err := h.listModel(c, sc, q)
	if err != nil {
		return err
	}
	f, err := h.Frames.Frame(c, visit.Printer(c).T("orders.title"), layout.Orders, "orders")
	if err != nil {
		return err
	}
	return page.Render(c, http.StatusOK, orders.ListPage(f, m), orders.List(m))
}

func (h Pages) listModel(c echo.Context, sc visit.Scope, q orderQuery) (orders.ListModel, error) {
	by, p := visit.Actor(c), visit.Printer(c)
	m := orders.ListModel{Self: q.url(), CanBuy: by.May(person.Buy), Sandbox: sc.Sandbox}
	strays, elsewhere, err := h.Frames.Strays(c.Request().Context(), by, sc)
	if err != nil {
		return m, err
	}
	if q.state == wording.StateFound {
		if m.Found, err = h.foundModel(c, sc, strays, elsewhere); err != nil {
			return m, err
		}
		q = orderQuery{state: wording.StateFound}
	} else if n := len(strays); n > 0 {
		m.Strays, m.StraysText, m.StraysHref = p.N("orders.found.wait", n), p.T("orders.found.wait.text"), wording.FoundURL
	}
	accounts := sc.IDs()
	if q.account != "" { // none, when there is no such account
		accounts = slices.DeleteFunc(accounts, func(id string) bool { return id != q.account })
	}
	var page order.Page
	if len(accounts) > 0 { // no accounts must not mean all accounts
		filter := order.Filter{AccountIDs: accounts, Removed: true, State: q.group(), PersonID: q.person, Query: q.q, After: q.after,
			Limit: ordersPerPage}
		page, err = h.Orders.Orders(c.Request().Context(), by, filter)
		if fault.Is(err, fault.Invalid) && q.after != "" { // a cursor from elsewhere: the first page
			filter.After, q.after = "", ""
			page, err = h.Orders.Orders(c.Request().Context(), by, filter)
		}
		if err != nil {
			return m, err
		}
	}
	if err := h.waiting(c, sc, &m); err != nil {
		return m, err
	}
	if m.WaitHref == q.url() {
		m.WaitHref = "" // they are on screen
	}
	m.Tabs = orderTabLinks(p, q, page.Counts, len(strays))
	if m.Found != nil {
		return m, nil
	}
	m.Filter = h.filter(c, sc, q, page)
	what := wording.Wares{Printer: p, Catalog: h.Catalog}
	for _, o := range page.Rows {
		m.Rows = append(m.Rows, orderRow(what, sc, o))
	}
	m.Pager = orderPager(p, q, page)
	if len(m.Rows) == 0 {
		m.Empty = emptyOrders(p, q, m.CanBuy, m.Sandbox)
	}
	return m, nil
}

// waiting says how many orders wait for payment and how much that is, by
// currency: amounts of different currencies are never summed.
func (h Pages) waiting(c echo.Context, sc visit.Scope, m *orders.ListModel) error {
	if len(sc.Accounts) == 0 { // which must not mean all accounts
		return nil
	}
	p := visit.Printer(c)
	all, err := h.Orders.Attention(c.Request().Context(), visit.Actor(c), sc.IDs())
	if err != nil {
		return err
	}
	unpaid := order.SumUnpaid(all)
	n := len(unpaid.Orders)
	if n == 0 {
		return nil
	}
	var amounts []string
	for _, s := range unpaid.Sums {
		amounts = append(amounts, p.Money(s.Amount, s.Currency))
	}
	slices.Sort(amounts)
	m.Wait, m.WaitHref = p.N("orders.wait", n), "/orders/"+unpaid.Orders[n-1].ID
	if n > 1 {
		m.WaitHref = orderQuery{state: order.GroupToPay}.url()
	}
	if len(amounts) > 0 {
		m.Wait = p.N("orders.wait.amount", n, "Amount", p.List(amounts...))
	}
	if !unpaid.First.IsZero() {
		m.WaitText = p.N("orders.wait.until", n, "When", p.Near(unpaid.First, p.Now()))
	}
	return nil
}

func orderTabLinks(p *text.Printer, q orderQuery, counts map[string]int, found int) []ui.Link {
	var links []ui.Link
	for _, t := range orderTabs {
		to, n := q, counts[t.group]
		to.state, to.after = t.group, ""
		if t.group == wording.StateFound {
			to, n = orderQuery{state: wording.StateFound}, found // no filter of ours fits what is Huawei's
		}
		l := ui.Link{Label: p.T(t.id), Href: to.url(), Current: q.state == t.group}
		if n > 0 || t.group == "" {
			l.Count = p.Number(n)
		}
		links = append(links, l)
	}
	return links
}

// filter offers the accounts of the scope and the people who ordered.
func (h Pages) filter(c echo.Context, sc visit.Scope, q orderQuery, page order.Page) orders.FilterModel {
	p := visit.Printer(c)
	m := orders.FilterModel{Query: q.q, State: q.state}
	if q.q != "" || q.account != "" || q.person != "" {
		m.Clear = orderQuery{state: q.state}.url()
	}
	if len(sc.Accounts) > 1 || q.account != "" {
		m.Accounts = append(m.Accounts, ui.Option{Label: p.T("orders.filter.accounts"), Chosen: q.account == ""})
		for _, a := range sc.Accounts {
			m.Accounts = append(m.Accounts, ui.Option{Value: a.ID, Label: text.Name(a.Label), Chosen: q.account == a.ID})
		}
		if q.account != "" && !sc.Has(q.account) {
			m.Accounts = append(m.Accounts, ui.Option{Value: q.account, Label: wording.AccountLabel(p, sc.All, q.account), Chosen: true})
		}
	}
	m.People = people(p, q, page)
	return m
}

// people are those whose orders are on the page, and the one who is chosen.
func people(p *text.Printer, q orderQuery, page order.Page) []ui.Option {
	names := map[string]string{}
	for _, o := range page.Rows {
		names[o.PersonID] = o.PersonName
	}
	if q.person != "" && names[q.person] == "" {
		names[q.person] = p.T("orders.filter.person.chosen")
	}
	if len(names) < 2 && q.person == "" {
		return nil
	}
	out := []ui.Option{{Label: p.T("orders.filter.people"), Chosen: q.person == ""}}
	for id, name := range names {
		out = append(out, ui.Option{Value: id, Label: text.Name(name), Chosen: id == q.person})
	}
	slices.SortFunc(out[1:], func(a, b ui.Option) int { return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Value, b.Value)) })
	return out
}

// orderRow is one order in the list.
func orderRow(w wording.Wares, sc visit.Scope, o order.Order) orders.Row {
	r := orders.Row{
		Href: "/orders/" + o.ID, Name: o.Request.Name, Number: o.CloudOrderID,
		Account: wording.AccountLabel(w.Printer, sc.All, o.AccountID), Sandbox: o.Sandbox, Person: o.PersonName,
		What: w.Printer.T("orders.row", "N", o.Request.Quantity, "Image", o.Request.Image.Name, "Period", w.Period(o.Request)),
		Date: wording.TimeOrDate(w.Printer, o.CreatedAt), At: wording.ISO(o.CreatedAt), Exact: w.Printer.Exact(o.CreatedAt),
	}
	r.Shape, r.State = wording.OrderLook(w.Printer, o)
	if o.State == order.AwaitingPayment && o.PayFailed() == order.NoRefusal && !o.PayBy.IsZero() {
		r.State = w.Printer.T("orders.row.payby", "When", wording.TimeOrDate(w.Printer, o.PayBy))
	}
	r.Amount = "–"
	if o.Amount != nil {
		r.Amount = w.Money(*o.Amount)
	}
	switch o.State {
	case order.Cancelled, order.Closed, order.Refused, order.Expired, order.NotFound:
		r.Quiet = true
	}
	return r
}

func orderPager(p *text.Printer, q orderQuery, page order.Page) ui.PagerModel {
	m := ui.PagerModel{Range: p.N("orders.count", page.Total), NewerLabel: p.T("orders.newer"), OlderLabel: p.T("orders.older")}
	at := func(cursor string) string {
		if cursor == "" {
			return ""
		}
		to := q
		to.after = cursor
		return to.url()
	}
	m.Newer, m.Older = at(page.Prev), at(page.Next)
	return m
}

func emptyOrders(p *text.Printer, q orderQuery, canBuy, sandbox bool) *ui.EmptyModel {
	if q.state != "" || q.q != "" || q.account != "" || q.person != "" {
		return &ui.EmptyModel{Icon: "search", Title: p.T("orders.empty.filtered"), Text: p.T("orders.empty.filtered.text"),
			Actions: []ui.Action{{Label: p.T("orders.empty.all"), Href: "/orders"}}}
	}
	m := &ui.EmptyModel{Icon: "receipt", Title: p.T("orders.empty"), Text: p.T("orders.empty.text")}
	if canBuy {
		m.Actions = []ui.Action{wording.BuyAction(p, sandbox)}
	}
	return m
}
