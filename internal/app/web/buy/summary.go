package buy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/order"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/buy"
	"sampan/web/templates/ui"
)

// summary is the panel beside the steps.
func (w *wizard) summary(ctx context.Context) buy.SummaryModel {
	m := buy.SummaryModel{Account: w.account.Label, Sandbox: w.account.Sandbox(), Price: w.price(ctx), Balance: w.balance()}
	fact := func(step, id string) {
		p := ui.Pair{Key: w.p.T(id), Value: "–"}
		switch {
		case w.chosen(step) && w.problem(step) != "":
			p.Value, p.Part = "", buy.Redo()
		case w.chosen(step):
			p.Value = w.name(step)
		}
		m.Facts = append(m.Facts, p)
	}
	fact(stepImage, "orders.facts.image")
	fact(stepSize, "orders.facts.size")
	fact(stepRegion, "orders.facts.region")
	m.Facts = append(m.Facts, ui.Pair{Key: w.p.T("buy.summary.quantity"), Value: w.quantity()})
	if w.reached(stepOptions) {
		m.Facts = append(m.Facts, ui.Pair{Key: w.p.T("orders.facts.period"), Value: w.what.Period(w.request)})
	}
	if e := w.what.Extras(w.request); e != "" {
		m.Facts = append(m.Facts, ui.Pair{Key: w.p.T("orders.facts.extras"), Value: e})
	}
	m.Missing = w.missing()
	return m
}

func (w *wizard) quantity() string {
	if w.request.Quantity < 1 {
		return "–"
	}
	return w.p.Number(w.request.Quantity)
}

// missing names what is still to be chosen.
func (w *wizard) missing() string {
	var names []string
	for _, s := range buySteps[:len(buySteps)-1] {
		if !w.chosen(s) || w.problem(s) != "" {
			names = append(names, w.p.T(stepNames[s]))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return w.p.T("buy.summary.missing", "What", w.p.List(names...))
}

// priced reports whether enough is chosen to have a price.
func (w *wizard) priced() bool {
	for _, s := range []string{stepImage, stepSize, stepRegion} {
		if !w.chosen(s) || w.problem(s) != "" {
			return false
		}
	}
	return w.request.Quantity >= 1 && w.request.Quantity <= order.MaxQuantity && w.request.PeriodNum >= 1
}

// price is what is known about the price of what is chosen.
func (w *wizard) price(ctx context.Context) buy.PriceModel {
	if !w.priced() {
		return buy.PriceModel{ID: "none", Title: w.p.T("buy.price.early"), Text: w.p.T("buy.price.early.text")}
	}
	m := priceModel(w.what, w.h.Orders, w.account.ID, w.request)
	m.Reload = w.path(w.step)
	m.Paid = w.paidWords(ctx)
	return m
}

// paidWords say what the same cost before: paid, or only read.
func (w *wizard) paidWords(ctx context.Context) []string {
	var all []string
	for _, p := range w.paidBefore(ctx) {
		id := "buy.price.read"
		if p.Paid {
			id = "buy.price.paid"
		}
		all = append(all, w.p.T(id, "Day", w.p.Date(p.At), "Amount", w.what.Money(p.Amount)))
	}
	return all
}

// paidBefore are the last exact amounts of the same purchase.
func (w *wizard) paidBefore(ctx context.Context) []order.Paid {
	all, err := w.h.Orders.PaidFor(ctx, w.by, w.request)
	if err != nil {
		w.h.Log.ErrorContext(ctx, "amounts paid before not read", "err", err)
		return nil
	}
	return all[:min(2, len(all))]
}

// quotes answers what a request would cost, from memory (order.Service).
type quotes interface {
	Quote(accountID string, r order.Request) (order.Quote, order.Freshness)
}

// priceModel words a price: known with its source and time, else what is known
// about it, never a guess.
func priceModel(what wording.Wares, from quotes, accountID string, r order.Request) buy.PriceModel {
	p := what.Printer
	q, fresh := from.Quote(accountID, r)
	query := priceQuery(accountID, r)
	m := buy.PriceModel{ID: queryID(query), Label: p.T("buy.price.about", "Period", what.Span(r))}
	switch fresh {
	case order.Known:
		m.Known, m.Total, m.Lines = true, what.Money(q.Total), quoteLines(what, r, q)
		m.Source = p.T("buy.price.source", "When", p.Near(q.At, p.Now()))
		if q.Source == "simulated" {
			m.Source = p.T("buy.price.simulated", "When", p.Near(q.At, p.Now()))
		}
		return m
	case order.Reading:
		m.Title, m.Text = p.T("buy.price.reading"), p.T("buy.price.reading.text")
		m.Poll = "/buy/price?" + query.Encode()
	case order.Failed:
		m.Title, m.Text = p.T("buy.price.failed"), p.T("buy.price.unknown.text")
	default:
		m.Title, m.Text = p.T("buy.price.unknown"), p.T("buy.price.unknown.text")
	}
	m.Lines = unknownLines(what, r)
	return m
}

// quoteLines are the lines of a known price with their sum.
func quoteLines(what wording.Wares, r order.Request, q order.Quote) []ui.Pair {
	var lines []ui.Pair
	for _, l := range q.Lines {
		pair := ui.Pair{Key: lineName(what, r, l.What), Value: what.Money(l.Amount)}
		if l.Per > 1 {
			each := order.Money{Amount: l.Amount.Amount.DivRound(decimalOf(l.Per), 2), Currency: l.Amount.Currency}
			if each.Amount.Mul(decimalOf(l.Per)).Equal(l.Amount.Amount) {
				pair.Note = what.Printer.T("buy.price.each", "Amount", what.Money(each))
			}
		}
		lines = append(lines, pair)
	}
	return append(lines, ui.Pair{Key: what.Printer.T("buy.price.for", "Period", what.Span(r)), Value: what.Money(q.Total), Sum: true})
}

// unknownLines are the same lines without amounts.
func unknownLines(what wording.Wares, r order.Request) []ui.Pair {
	kinds := []string{"instance"}
	if r.DataDiskGiB > 0 {
		kinds = append(kinds, "evs")
	}
	if r.BackupGiB > 0 {
		kinds = append(kinds, "cbr")
	}
	if r.HostSecurity {
		kinds = append(kinds, "hss")
	}
	var lines []ui.Pair
	for _, k := range kinds {
		lines = append(lines, ui.Pair{Key: lineName(what, r, k), Value: what.Printer.Unknown()})
	}
	return append(lines, ui.Pair{Key: what.Printer.T("buy.price.for", "Period", what.Span(r)), Value: "–", Sum: true})
}

func lineName(what wording.Wares, r order.Request, kind string) string {
	p := what.Printer
	switch kind {
	case "instance":
		return p.T("buy.line.instance", "N", r.Quantity, "Image", what.Image(r.Image), "Size", what.Size(r.Spec))
	case "evs":
		return p.T("buy.line.extra", "N", r.Quantity, "Extra", p.T("orders.extra.disk", "Size", p.GiB(r.DataDiskGiB)))
	case "cbr":
		return p.T("buy.line.extra", "N", r.Quantity, "Extra", p.T("orders.extra.backup", "Size", p.GiB(r.BackupGiB)))
	case "hss":
		return p.T("buy.line.extra", "N", r.Quantity, "Extra", p.T("orders.extra.security"))
	}
	return kind
}

// priceQuery is what a price depends on, as an address: no name, no tag.
func priceQuery(accountID string, r order.Request) url.Values {
	q := url.Values{wording.FromField: {accountID}, order.FieldImage: {r.Image.ID}, order.FieldSpec: {r.Spec},
		order.FieldRegion: {r.Region}, order.FieldQuantity: {strconv.Itoa(r.Quantity)},
		order.FieldPeriodUnit: {string(r.PeriodUnit)}, order.FieldPeriodNum: {strconv.Itoa(r.PeriodNum)}}
	if r.Image.Version != "" {
		q.Set(order.FieldVersion, r.Image.Version)
	}
	if r.DataDiskGiB > 0 {
		q.Set(order.FieldDataDisk, strconv.Itoa(r.DataDiskGiB))
	}
	if r.BackupGiB > 0 {
		q.Set(order.FieldBackup, strconv.Itoa(r.BackupGiB))
	}
	if r.HostSecurity {
		q.Set(order.FieldHostSecurity, "on")
	}
	return q
}

// queryID is an id made of a query: equal for equal ones.
func queryID(q url.Values) string {
	sum := sha256.Sum256([]byte(q.Encode()))
	return hex.EncodeToString(sum[:4])
}

// AskedPrice is the price of what an address names, for the part that asks
// again: GET /buy/price?part=total|price&….
func (h Pages) AskedPrice(c echo.Context) error {
	a, err := h.Accounts.Get(c.Request().Context(), visit.Actor(c), c.QueryParam(wording.FromField))
	if err != nil {
		return err
	}
	form := map[string]string{order.FieldAccount: a.ID}
	for _, f := range []string{order.FieldImage, order.FieldVersion, order.FieldSpec, order.FieldRegion, order.FieldQuantity,
		order.FieldPeriodUnit, order.FieldPeriodNum, order.FieldDataDisk, order.FieldBackup, order.FieldHostSecurity} {
		form[f] = c.QueryParam(f)
	}
	r, _ := h.Orders.Parse(c.Request().Context(), form)
	w := &wizard{h: h, by: visit.Actor(c), p: visit.Printer(c), account: a, request: r}
	w.what = wording.Wares{Printer: w.p, Catalog: h.CatalogOf(a.Site)}
	m := priceModel(w.what, h.Orders, a.ID, r)
	m.Reload = page.ReturnPath(c)
	m.Paid = w.paidWords(c.Request().Context())
	if m.Poll == "" {
		c.Response().Header().Set("HX-Trigger", "priced") // what waits for a price asks again
	}
	piece := buy.Total(m)
	if c.QueryParam("part") == "price" {
		piece = buy.Price(m)
	}
	return page.Render(c, http.StatusOK, piece, piece)
}

// balance is what the account has, as far as it is known.
func (w *wizard) balance() buy.BalanceModel { return balanceModel(w.what, w.h.Orders, w.account.ID) }

func balanceModel(what wording.Wares, from Orders, accountID string) buy.BalanceModel {
	b, fresh := from.BalanceOf(accountID)
	switch {
	case fresh == order.Known && b.Available.Currency != "":
		return buy.BalanceModel{Text: what.Printer.T("buy.balance", "Amount", what.Money(b.Available))}
	case fresh == order.Reading:
		return buy.BalanceModel{Text: what.Printer.T("buy.balance.reading"),
			Poll: "/buy/balance?" + url.Values{wording.FromField: {accountID}}.Encode()}
	}
	return buy.BalanceModel{Text: what.Printer.T("buy.balance.unknown")}
}

// AskedBalance is the balance of an account: GET /buy/balance?from=.
func (h Pages) AskedBalance(c echo.Context) error {
	a, err := h.Accounts.Get(c.Request().Context(), visit.Actor(c), c.QueryParam(wording.FromField))
	if err != nil {
		return err
	}
	piece := buy.Balance(balanceModel(wording.Wares{Printer: visit.Printer(c)}, h.Orders, a.ID))
	return page.Render(c, http.StatusOK, piece, piece)
}
