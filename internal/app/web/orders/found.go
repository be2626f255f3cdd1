package orders

import (
	"context"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/orders"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// foundModel is that group.
func (h Pages) foundModel(c echo.Context, sc visit.Scope, all []order.FoundOrder, elsewhere int) (*orders.FoundModel, error) {
	p := visit.Printer(c)
	m := &orders.FoundModel{Text: p.T("orders.found.text")}
	if elsewhere > 0 {
		m.Elsewhere = p.N("orders.found.elsewhere", elsewhere)
	}
	if len(all) == 0 {
		m.Empty = &ui.EmptyModel{Icon: "search", Title: p.T("orders.found.empty"), Text: p.T("orders.found.empty.text")}
		return m, nil
	}
	v := foundView{Pages: h, by: visit.Actor(c), p: p, what: wording.Wares{Printer: p, Catalog: h.Catalog},
		sc: sc, may: map[string][]order.Order{}}
	for _, f := range all {
		r, err := v.row(c.Request().Context(), f)
		if err != nil {
			return nil, err
		}
		m.Rows = append(m.Rows, r)
	}
	return m, nil
}

// foundView words found orders for one reader.
type foundView struct {
	Pages
	by   person.Actor
	p    *text.Printer
	what wording.Wares
	sc   visit.Scope
	may  map[string][]order.Order // by account: what an order of it may belong to
}

func (v foundView) row(ctx context.Context, f order.FoundOrder) (orders.FoundRow, error) {
	r := orders.FoundRow{Number: f.CloudOrderID, State: wording.OrderStatus(v.p, f.Status), Shape: foundShape(f.Status), Facts: v.facts(f),
		Note: wording.Say(v.p, f.Note)}
	r.Like, r.Link = v.like(ctx, f)
	if !f.CancelAskedAt.IsZero() {
		r.Wish = v.p.T("orders.found.wish", "Person", text.Name(f.CancelAskedBy), "When", v.p.Near(f.CancelAskedAt, v.p.Now()))
	}
	if !v.by.May(person.Decide) || !wording.CloudID(f.CloudOrderID) {
		return r, nil
	}
	if err := v.belongs(ctx, f, &r); err != nil {
		return r, err
	}
	if f.Status == order.StatusPendingPayment && f.CancelAskedAt.IsZero() {
		r.Posts = append(r.Posts, foundPost(f, "cancel", v.p.T("orders.candidate.cancel"), ui.Plain))
		r.Hint = v.p.T("orders.found.cancel.hint")
	}
	r.Posts = append(r.Posts, foundPost(f, "not-ours", v.p.T("orders.found.not"), ui.Ghost))
	return r, nil
}

func foundShape(status int) string {
	switch status {
	case order.StatusPendingPayment:
		return ui.Warn
	case order.StatusCompleted:
		return ui.Run
	case order.StatusProcessing:
		return ui.Busy
	}
	return ui.Wait
}

func foundPath(f order.FoundOrder, do string) string {
	return "/orders/found/" + f.CloudOrderID + "/" + do
}

func foundPost(f order.FoundOrder, do, label, kind string) orders.Post {
	return orders.Post{URL: foundPath(f, do), Button: ui.Action{Label: label, Kind: kind, Submit: true}}
}

// facts are what Huawei shows of the order; what could not be read says so.
func (v foundView) facts(f order.FoundOrder) []ui.Pair {
	p, unknown := v.p, v.p.Unknown()
	quantity, size, period := unknown, unknown, unknown
	if f.Quantity > 0 {
		quantity = p.Number(f.Quantity)
	}
	if f.Spec != "" {
		size = v.what.Size(f.Spec)
	}
	if f.PeriodNum > 0 {
		period = v.what.Period(order.Request{PeriodUnit: f.PeriodUnit, PeriodNum: f.PeriodNum})
	}
	created := ui.Pair{Key: p.T("orders.candidate.created"), Value: unknown}
	if !f.CreatedAt.IsZero() {
		at := ui.Moment{ISO: wording.ISO(f.CreatedAt), Exact: p.Exact(f.CreatedAt), Words: p.DateTime(f.CreatedAt)}
		created = ui.Pair{Key: p.T("orders.candidate.created"), Part: ui.Time(at)}
	}
	facts := []ui.Pair{created,
		{Key: p.T("orders.candidate.quantity"), Value: quantity}, {Key: p.T("orders.candidate.spec"), Value: size},
		{Key: p.T("orders.facts.period"), Value: period}, {Key: p.T("orders.candidate.amount"), Value: v.what.Amount(f.Amount)},
		{Key: p.T("orders.facts.account"), Part: v.account(f)}}
	if f.Region != "" {
		facts = append(facts, ui.Pair{Key: p.T("orders.candidate.region"), Value: v.what.Region(f.Region)})
	}
	if f.UserName != "" {
		facts = append(facts, ui.Pair{Key: p.T("orders.found.user"), Value: f.UserName, Name: true})
	}
	if len(f.Names) > 0 {
		facts = append(facts, ui.Pair{Key: p.T("orders.candidate.names"), Value: strings.Join(f.Names, ", "), Name: true})
	}
	return facts
}

func (v foundView) account(f order.FoundOrder) templ.Component {
	a, ok := v.sc.AccountOf(f.AccountID)
	if !ok {
		a = account.Account{Label: v.p.T("overview.did.account.gone")}
	}
	return ui.World(a.Label, a.Sandbox())
}

// like says what here the order resembles, with a link to it where the reader
// may see it.
func (v foundView) like(ctx context.Context, f order.FoundOrder) (string, ui.Link) {
	if f.OrderID != "" {
		id := "orders.found.like"
		if f.Tag != "" {
			id = "orders.found.tagged"
		}
		o, err := v.Orders.Order(ctx, v.by, f.OrderID)
		if err != nil {
			return "", ui.Link{}
		}
		return v.p.T(id), ui.Link{Href: "/orders/" + o.ID, Label: v.purchase(o)}
	}
	if f.ReviewID == "" {
		return "", ui.Link{}
	}
	rv, err := v.Orders.ReviewByID(ctx, v.by, f.ReviewID)
	if err != nil {
		return v.p.T("orders.found.review.other"), ui.Link{}
	}
	return v.p.T("orders.found.review"), ui.Link{Href: wording.ReviewURL(rv), Label: v.p.T("orders.found.review.see")}
}

// purchase names a purchase of ours among others.
func (v foundView) purchase(o order.Order) string {
	_, state := wording.OrderLook(v.p, o)
	return v.p.T("orders.found.purchase", "What", v.what.Title(o.Request), "Name", text.Name(o.Request.Name),
		"When", v.p.DateTime(o.CreatedAt), "State", state)
}

// belongs offers the purchases that the order may be; the one that it resembles
// is chosen.
func (v foundView) belongs(ctx context.Context, f order.FoundOrder, r *orders.FoundRow) error {
	may, read := v.may[f.AccountID]
	if !read {
		var err error
		if may, err = v.Orders.MayBelong(ctx, v.by, f); err != nil {
			return err
		}
		v.may[f.AccountID] = may
	}
	if len(may) == 0 {
		return nil
	}
	r.Belongs = &orders.BelongsModel{URL: foundPath(f, "belongs"), ID: "belongs-" + f.CloudOrderID}
	for _, o := range may {
		r.Belongs.Purchases = append(r.Belongs.Purchases, ui.Option{Value: o.ID, Label: v.purchase(o), Chosen: o.ID == f.OrderID})
	}
	return nil
}

// Belongs decides which purchase a found order is: POST
// /orders/found/{number}/belongs with the purchase's id.
func (h Pages) Belongs(c echo.Context) error {
	number, id := c.Param("number"), c.FormValue("purchase")
	if id == "" {
		return h.toFound(c, fault.New(fault.Conflict, "orders.done.found.choose"), fault.Message{})
	}
	if err := h.Orders.BelongsTo(c.Request().Context(), visit.Actor(c), number, id); err != nil {
		return h.toFound(c, err, fault.Message{})
	}
	h.Notes.Leave(c, fault.Say("orders.done.adopt", "Number", number))
	return page.GoTo(c, "/orders/"+url.PathEscape(id))
}

// CancelStray has an unpaid found order cancelled: POST /orders/found/{number}/cancel.
func (h Pages) CancelStray(c echo.Context) error {
	number := c.Param("number")
	return h.toFound(c, h.Orders.CancelStray(c.Request().Context(), visit.Actor(c), number),
		fault.Say("orders.done.found.cancel", "Number", number))
}

// NotOurs decides that a found order is nobody's here: POST
// /orders/found/{number}/not-ours.
func (h Pages) NotOurs(c echo.Context) error {
	number := c.Param("number")
	return h.toFound(c, h.Orders.NotOurs(c.Request().Context(), visit.Actor(c), number),
		fault.Say("orders.done.found.not", "Number", number))
}

// toFound shows the group after a decision, with what came of it.
func (h Pages) toFound(c echo.Context, err error, done fault.Message) error {
	if err != nil {
		f := fault.Of(err)
		switch f.Kind {
		case fault.Conflict, fault.Invalid, fault.Refused, fault.Unreachable, fault.Busy:
			done = f.Message
		default:
			return err
		}
	}
	h.Notes.Leave(c, done)
	return page.GoTo(c, wording.FoundURL)
}
