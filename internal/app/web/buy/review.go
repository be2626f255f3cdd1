package buy

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/buy"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

func decimalOf(n int) decimal.Decimal { return decimal.NewFromInt(int64(n)) }

// toReview stores what exactly will be sent and shows it. A purchase that is
// not possible goes back to the step that says why.
func (h Pages) toReview(c echo.Context, w *wizard) error {
	rv, err := h.Orders.Review(c.Request().Context(), w.by, w.draft.ID)
	if f := fault.Of(err); err != nil && f.Kind == fault.Invalid {
		return h.goOn(c, w, w.wrongStep(f))
	}
	if err != nil {
		return err
	}
	to := wording.ReviewURL(rv)
	if !visit.Partial(c.Request()) {
		return page.GoTo(c, to)
	}
	c.Response().Header().Set("HX-Push-Url", to)
	if w.draft, err = h.Orders.Draft(c.Request().Context(), w.by, w.draft.ID); err != nil {
		return err
	}
	w.step = stepReview
	if err := w.apply(c.Request().Context(), w.draft.Form); err != nil {
		return err
	}
	w.request = rv.Request
	if w.beside, err = h.Orders.Beside(c.Request().Context(), w.by, rv); err != nil {
		return err
	}
	return h.show(c, w, http.StatusOK, func(m *buy.Model) { w.addReview(c.Request().Context(), m, rv) })
}

// addReview opens the last section: its form goes to the orders, and carries
// nothing but the review's id and hash.
func (w *wizard) addReview(ctx context.Context, m *buy.Model, rv order.Review) {
	m.Review, m.Action = w.reviewModel(ctx, rv), "/orders"
}

// wrongStep is the first step that a refused review speaks of.
func (w *wizard) wrongStep(f *fault.Error) string {
	for _, s := range buySteps[:len(buySteps)-1] {
		for field := range f.Fields {
			if stepOf(field) == s {
				return s
			}
		}
	}
	return stepOptions
}

// review shows a stored review: GET /buy/{draft}/review?review=. Without one, or
// when the choices changed since, it offers to make it anew. A review that
// an earlier start of the console made is replaced by the same one with new ids.
func (h Pages) review(c echo.Context, w *wizard) error {
	requested := c.QueryParam("review")
	rv, err := h.Orders.ShowAgain(c.Request().Context(), w.by, requested)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err == nil && rv.OrderID != "" {
		return page.GoTo(c, "/orders/"+rv.OrderID)
	}
	if err == nil && rv.ID != requested {
		h.Notes.Leave(c, fault.Say("order.review.again"))
		return page.GoTo(c, wording.ReviewURL(rv))
	}
	drafted, _ := h.Orders.Parse(c.Request().Context(), w.saved) // not w.request: what is offered now is not what was reviewed
	stale := err != nil || rv.DraftID != w.draft.ID || !sameRequest(rv.Request, drafted)
	if !stale {
		w.request = rv.Request
		if w.beside, err = h.Orders.Beside(c.Request().Context(), w.by, rv); err != nil {
			return err
		}
	}
	return h.show(c, w, http.StatusOK, func(m *buy.Model) {
		if stale {
			m.Review = &buy.ReviewModel{Stale: w.p.T("buy.review.stale")}
			return
		}
		w.addReview(c.Request().Context(), m, rv)
	})
}

// sameRequest reports whether a draft still says what was reviewed.
func sameRequest(a, b order.Request) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

// reviewModel is the last section: exactly what will happen.
func (w *wizard) reviewModel(ctx context.Context, rv order.Review) *buy.ReviewModel {
	m := &buy.ReviewModel{
		ID: rv.ID, Hash: rv.Hash, Price: w.price(ctx), Request: wording.ExactRequest(rv.URL, rv.ClientRequestID, rv.Body), Curl: curl(rv),
		Notes: []ui.NoteModel{w.moneyNote()}, Next: w.nextSteps(), Renews: w.renews(),
	}
	m.Price.Reload = wording.ReviewURL(rv)
	w.place(m)
	w.ordered(m, rv.Repeats)
	if w.request.Payment == order.DeductAtOnce && !m.Price.Known {
		m.Deduct = w.p.T("buy.deduct.tick")
	}
	return m
}

// ordered says why this may be ordered already: the same was, here; Huawei has an
// order that the console does not know; or it is not known whether Huawei has one.
func (w *wizard) ordered(m *buy.ReviewModel, repeats string) {
	p, name := w.p, text.Name(w.account.Label)
	var why []buy.Reasons
	if repeats != "" {
		why = append(why, buy.Reasons{Text: p.T("buy.repeat"), Href: "/orders/" + repeats, Link: p.T("buy.repeat.see")})
	}
	if n := len(w.beside.Orders); n > 0 {
		r := buy.Reasons{Text: p.N("buy.beside", n), Href: wording.FoundURL, Link: p.T("buy.beside.see")}
		for _, f := range w.beside.Orders {
			r.Orders = append(r.Orders, w.besideOrder(f))
		}
		why = append(why, r)
	}
	switch look := w.beside.Look; look.State {
	case order.Looking:
		m.Reading = &buy.ReadingModel{Bold: p.T("buy.beside.looking", "Account", name), Text: p.T("buy.beside.looking.text"),
			Reload: m.Price.Reload}
		if m.Place.Refusal == "" {
			m.Place.Refusal = p.T("buy.beside.wait")
		}
	case order.Unseen:
		r := buy.Reasons{Text: p.T("buy.beside.unread", "Account", name), More: p.T("buy.beside.unread.silent")}
		if !look.Why.Zero() {
			r.More = p.T("buy.beside.unread.text", "Why", wording.Say(p, look.Why))
		}
		why = append(why, r)
	}
	if len(why) > 0 {
		m.Again = &buy.AdditionalModel{Reasons: why, Tick: p.T("buy.repeat.tick")}
	}
}

// besideOrder is one order at Huawei in a line.
func (w *wizard) besideOrder(f order.FoundOrder) string {
	when, amount := w.p.Unknown(), ""
	if !f.CreatedAt.IsZero() {
		when = w.p.DateTime(f.CreatedAt)
	}
	if f.Amount != nil {
		amount = w.what.Money(*f.Amount)
	}
	return w.p.T("buy.beside.order", "Number", text.Name(f.CloudOrderID), "When", when, "Amount", amount, "User", text.Name(f.UserName))
}

// place is the one button: its words say what it does to the money.
func (w *wizard) place(m *buy.ReviewModel) {
	r := w.request
	m.Place = ui.MoneyAction{Sandbox: w.account.Sandbox(), Busy: w.p.T("buy.place.busy")}
	play := ""
	if w.account.Sandbox() {
		play = ".play"
	}
	switch {
	case r.Payment == order.AtMost && r.Cap != nil:
		m.Spends, m.Place.Label = true, w.p.T(placeLabels["atmost"+play], "Amount", w.what.Money(*r.Cap))
	case r.Payment == order.DeductAtOnce && m.Price.Known:
		m.Spends, m.Place.Label = true, w.p.T(placeLabels["deduct"+play], "Amount", m.Price.Total)
	case r.Payment == order.DeductAtOnce:
		m.Spends, m.Place.Label = true, w.p.T(placeLabels["unknown"+play])
	default:
		m.Place.Label = w.p.T("buy.place.exact")
	}
	switch {
	case w.cannot(w.account) != "":
		m.Place.Refusal = w.cannot(w.account)
	case w.lockedBy != "":
		m.Place.Refusal = w.p.T("buy.locked", "Account", text.Name(w.account.Label))
	}
}

var placeLabels = map[string]string{
	"atmost": "buy.place.atmost", "atmost.play": "buy.place.atmost.play",
	"deduct": "buy.place.deduct", "deduct.play": "buy.place.deduct.play",
	"unknown": "buy.place.deduct.unknown", "unknown.play": "buy.place.deduct.unknown",
}

// moneyNote says which account pays, how, and what is left.
func (w *wizard) moneyNote() ui.NoteModel {
	p, r := w.p, w.request
	name := text.Name(w.account.Label)
	n := ui.NoteModel{Icon: "coin", Text: w.balanceAfter()}
	switch {
	case r.Payment == order.DeductAtOnce:
		n.Tone, n.Bold = ui.Caution, p.T("buy.money.deduct", "Account", name)
		n.Text += " " + p.T("buy.money.deduct.text")
	case r.Payment == order.AtMost && r.Cap != nil:
		n.Bold = p.T("buy.money.atmost", "Account", name, "Cap", w.what.Money(*r.Cap))
		n.Text = p.T("buy.money.atmost.text") + " " + n.Text
	default:
		n.Bold = p.T("buy.money.exact", "Account", name)
	}
	if w.account.Sandbox() {
		n.Tone, n.Icon = ui.Sandbox, "sandbox"
		n.Text += " " + p.T("buy.money.play")
	}
	return n
}

// balanceAfter is the balance and what will be left, as far as both are known
// and in one currency.
func (w *wizard) balanceAfter() string {
	b, fresh := w.h.Orders.BalanceOf(w.account.ID)
	if fresh != order.Known || b.Available.Currency == "" {
		return w.p.T("buy.balance.later")
	}
	q, quoted := w.h.Orders.Quote(w.account.ID, w.request)
	if quoted != order.Known || q.Total.Currency != b.Available.Currency {
		return w.p.T("buy.balance.now", "Amount", w.what.Money(b.Available))
	}
	after := order.Money{Amount: b.Available.Amount.Sub(q.Total.Amount), Currency: q.Total.Currency}
	if after.Amount.IsNegative() {
		return w.p.T("buy.balance.short", "Amount", w.what.Money(b.Available))
	}
	return w.p.T("buy.balance.after", "Amount", w.what.Money(b.Available), "After", w.what.Money(after))
}

// nextSteps say what happens after the click, in order.
func (w *wizard) nextSteps() []string {
	p, r := w.p, w.request
	switch r.Payment {
	case order.AtMost:
		return []string{p.T("buy.after.placed"), p.T("buy.after.atmost"), p.T("buy.after.delivered")}
	case order.DeductAtOnce:
		return []string{p.T("buy.after.deducted"), p.T("buy.after.delivered")}
	}
	return []string{p.T("buy.after.placed"), p.T("buy.after.exact"), p.T("buy.after.delivered")}
}

// renews says when the first automatic renewal comes.
func (w *wizard) renews() string {
	r := w.request
	end := catalog.EndOfTerm(w.p.Now(), r.Months())
	if !r.AutoRenew {
		return w.p.T("buy.renews.not", "Day", w.p.Date(end))
	}
	return w.p.T("buy.renews", "Day", w.p.Date(end))
}

// curl is the same request for a terminal. The token is the reader's own.
func curl(rv order.Review) string {
	q := func(s string) string { return "'" + strings.ReplaceAll(text.Visible(s), "'", `'\''`) + "'" }
	var b strings.Builder
	b.WriteString("curl -X POST " + q(rv.URL) + " \\\n")
	b.WriteString("  -H 'Content-Type: application/json' \\\n")
	b.WriteString("  -H " + q("Client-Request-Id: "+rv.ClientRequestID) + " \\\n")
	b.WriteString("  -H \"X-Auth-Token: $TOKEN\" \\\n")
	b.WriteString("  --data-raw " + q(string(rv.Body)))
	return b.String()
}

// Place orders what was reviewed: POST /orders with id and hash only. Double
// click, reload, Back, replay and a second tab lead to the same order (I9).
func (h Pages) Place(c echo.Context) error {
	ctx, by := c.Request().Context(), visit.Actor(c)
	id, hash := c.FormValue("id"), c.FormValue("hash")
	rv, err := h.Orders.ReviewByID(ctx, by, id)
	if fault.Is(err, fault.NotFound) {
		h.Notes.Leave(c, fault.Say("buy.review.gone"))
		return page.GoTo(c, "/buy")
	}
	if err != nil {
		return err
	}
	if rv.OrderID == "" && rv.Request.Payment == order.DeductAtOnce && c.FormValue("understood") == "" {
		if _, fresh := h.Orders.Quote(rv.Request.AccountID, rv.Request); fresh != order.Known {
			return h.refuseReview(c, rv, fault.Say("buy.deduct.missing"))
		}
	}
	orderID, err := h.Orders.Confirm(ctx, by, id, hash, c.FormValue("additional") != "")
	if err == nil {
		return page.GoTo(c, "/orders/"+orderID)
	}
	f := fault.Of(err)
	if again := f.Message.Values["Review"]; f.Message.ID == "order.review.again" && again != "" {
		h.Notes.Leave(c, f.Message)
		return page.GoTo(c, wording.ReviewURL(order.Review{ID: again, DraftID: rv.DraftID}))
	}
	switch f.Kind {
	case fault.Conflict, fault.Busy:
		return h.refuseReview(c, rv, f.Message)
	case fault.Invalid:
		w, err := h.reviewed(c, rv)
		if err != nil {
			return err
		}
		h.Notes.Leave(c, f.Message)
		return page.GoTo(c, w.path(w.wrongStep(f)))
	}
	return err
}

// reviewed opens the wizard that a review belongs to.
func (h Pages) reviewed(c echo.Context, rv order.Review) (*wizard, error) {
	w, err := h.newWizard(c, stepReview)
	if err != nil {
		return nil, err
	}
	if w.draft, err = h.Orders.Draft(c.Request().Context(), w.by, rv.DraftID); err != nil {
		return nil, err
	}
	w.saved = w.draft.Form
	return w, w.apply(c.Request().Context(), w.saved)
}

// refuseReview shows the review again with the reason; what can be ticked is.
func (h Pages) refuseReview(c echo.Context, rv order.Review, why fault.Message) error {
	w, err := h.reviewed(c, rv)
	if err != nil {
		return err
	}
	if w.beside, err = h.Orders.Beside(c.Request().Context(), w.by, rv); err != nil {
		return err
	}
	return h.show(c, w, http.StatusUnprocessableEntity, func(m *buy.Model) {
		m.Problem = wording.Say(w.p, why)
		if why.ID == "order.review.changed" || !sameRequest(rv.Request, w.request) {
			m.Review = &buy.ReviewModel{Stale: w.p.T("buy.review.stale")}
			return
		}
		if other := why.Values["Order"]; other != "" && why.ID == "order.repeat" {
			rv.Repeats = other
		}
		w.addReview(c.Request().Context(), m, rv)
		m.Review.Knows = c.FormValue("understood") != ""
		if m.Review.Again != nil {
			m.Review.Again.Ticked = c.FormValue("additional") != ""
		}
	})
}
