package orders

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
	"sampan/web/templates/orders"
	"sampan/web/templates/text"
)

// Pages show orders and take what people decide about them.
type Pages struct {
	Orders   Orders
	Accounts Accounts
	Catalog  *catalog.Catalog
	Frames   page.Frames
	Notes    *page.Notes
	Scopes   visit.Scopes
	Now      func() time.Time // the console's calendar
	Version  string           // the console's
}

// Orders are the orders and what people decide about them (order.Service).
// An order of an account the actor may not see is fault.NotFound.
type Orders interface {
	// Order gives one order.
	Order(ctx context.Context, by person.Actor, id string) (order.Order, error)
	// Events are the order's timeline, the first event first.
	Events(ctx context.Context, by person.Actor, id string) ([]order.Event, error)
	// Orders are those that fit the filter, the last first; fault.Invalid for a
	// cursor that is not of this list.
	Orders(ctx context.Context, by person.Actor, f order.Filter) (order.Page, error)
	// Passport is the order with all its requests, answers and checks.
	Passport(ctx context.Context, by person.Actor, id string) (order.Passport, error)
	// Attention are the orders of the accounts that need a person; nil means all
	// accounts.
	Attention(ctx context.Context, by person.Actor, accountIDs []string) ([]order.Order, error)
	// Quote gives the price from memory, and has one that is not known read.
	Quote(accountID string, r order.Request) (order.Quote, order.Freshness)
	// BalanceOf gives the balance from memory, and has one that is not known read.
	BalanceOf(accountID string) (order.Balance, order.Freshness)
	// ReviewByID gives a review of the actor.
	ReviewByID(ctx context.Context, by person.Actor, id string) (order.Review, error)
	// Pay pays the amount that stood on the button; fault.Conflict when the order has
	// another amount or revision by now.
	Pay(ctx context.Context, by person.Actor, id string, amount order.Money, rev int64) error
	// Cancel takes back a queued order, or has an unpaid one cancelled at the cloud.
	Cancel(ctx context.Context, by person.Actor, id string, rev int64) error
	// CheckNow has the order looked for at the cloud now.
	CheckNow(ctx context.Context, by person.Actor, id string) error
	// Adopt, Ignore and CancelFound decide about an order at the cloud that may be
	// this one; fault.Conflict when that was decided, or it is another purchase's.
	Adopt(ctx context.Context, by person.Actor, id, cloudOrderID string) error
	// Ignore: see Adopt.
	Ignore(ctx context.Context, by person.Actor, id, cloudOrderID string) error
	// CancelFound: see Adopt.
	CancelFound(ctx context.Context, by person.Actor, id, cloudOrderID string) error
	// DeclareNone says that none of the candidates is this order.
	DeclareNone(ctx context.Context, by person.Actor, id string) error
	// LiftLock allows buying on the account although the outcome is unknown.
	LiftLock(ctx context.Context, by person.Actor, id string) error
	// CloseUnseen ends an order that billing does not show (order.Order.MayClose).
	CloseUnseen(ctx context.Context, by person.Actor, id string) error
	// Again makes a draft with the order's choices.
	Again(ctx context.Context, by person.Actor, id string) (order.Draft, error)
	// MayBelong gives the purchases of the found order's account that it may be.
	MayBelong(ctx context.Context, by person.Actor, f order.FoundOrder) ([]order.Order, error)
	// BelongsTo, NotOurs and CancelStray decide about an order at the cloud that
	// nobody here knows; fault.Conflict when that was decided.
	BelongsTo(ctx context.Context, by person.Actor, cloudOrderID, orderID string) error
	// NotOurs: see BelongsTo.
	NotOurs(ctx context.Context, by person.Actor, cloudOrderID string) error
	// CancelStray: see BelongsTo.
	CancelStray(ctx context.Context, by person.Actor, cloudOrderID string) error
	// CloseRestored ends the check after the database was put back; fault.Conflict
	// while something is not decided.
	CloseRestored(ctx context.Context, by person.Actor) error
}

// Accounts are the cloud accounts (account.Service).
type Accounts interface {
	// Get gives an account; fault.NotFound when the actor may not see it.
	Get(ctx context.Context, by person.Actor, id string) (account.Account, error)
}

// Show is the page of one order: GET /orders/{id}.
func (h Pages) Show(c echo.Context) error {
	v, err := h.view(c.Request().Context(), visit.Actor(c), c.Param("id"), visit.Printer(c))
	if err != nil {
		return err
	}
	m := v.page(visit.Actor(c).Role)
	f, err := h.frame(c, v, m)
	if err != nil {
		return err
	}
	return page.Render(c, 200, orders.Page(f, m), nil)
}

// frame is the page's frame: it listens only while the order can change, and looks
// like the Sandbox where the order is of it, whatever the scope.
func (h Pages) frame(c echo.Context, v orderView, m orders.Model) (layout.Frame, error) {
	var topics []string
	if m.Changing {
		topics = append(topics, "order/"+m.ID)
	}
	f, err := h.Frames.Frame(c, m.Title, layout.Orders, topics...)
	page.InWorldOf(&f, v.account)
	return f, err
}

// Part is what watchers of an order get. Who may watch was asked before.
func (h Pages) Part(ctx context.Context, id string, p *text.Printer) (templ.Component, error) {
	v, err := h.view(ctx, person.System, id, p)
	if err != nil {
		return nil, err
	}
	return orders.Fragment(v.page(person.Owner)), nil
}

// Visible gives an error when the actor may not see the order: the topic's guard.
func (h Pages) Visible(ctx context.Context, by person.Actor, id string) error {
	_, err := h.Orders.Order(ctx, by, id)
	return err
}

// orderView is an order with all that its page needs, and the words for it.
type orderView struct {
	p       *text.Printer
	o       order.Order
	events  []order.Event
	account account.Account
	what    wording.Wares
	balance *order.Money // of the account, nil when not known
	quote   *order.Money // what it was to cost, nil when not known
	unsent  bool         // refused before a byte of the purchase left
}

func (h Pages) view(ctx context.Context, by person.Actor, id string, p *text.Printer) (orderView, error) {
	o, err := h.Orders.Order(ctx, by, id)
	if err != nil {
		return orderView{}, err
	}
	v := orderView{p: p, o: o, what: wording.Wares{Printer: p, Catalog: h.Catalog}}
	if v.events, err = h.Orders.Events(ctx, by, id); err != nil {
		return orderView{}, err
	}
	if v.account, err = h.Accounts.Get(ctx, by, o.AccountID); err != nil {
		return orderView{}, err
	}
	if o.State == order.Refused {
		pass, err := h.Orders.Passport(ctx, by, id)
		if err != nil {
			return orderView{}, err
		}
		v.unsent = !onWire(pass.Exchanges)
	}
	if len(o.Candidates) > 0 {
		if q, fresh := h.Orders.Quote(o.AccountID, o.Request); fresh == order.Known && q.Total.Currency != "" {
			v.quote = &q.Total
		}
	}
	if o.State == order.AwaitingPayment {
		if b, fresh := h.Orders.BalanceOf(o.AccountID); fresh == order.Known && b.Available.Currency != "" {
			v.balance = &b.Available
		}
	}
	return v, nil
}

// onWire reports whether the purchase left this machine at all.
func onWire(all []account.Exchange) bool {
	return slices.ContainsFunc(all, func(x account.Exchange) bool { return x.Call == "purchase" && x.Sent })
}

// mayDecide reports whether an owner may say now which order of the cloud is
// this one: when we ask, and when the planned checks are over without an answer.
func (v orderView) mayDecide() bool {
	o := v.o
	return !o.Final() && (o.State == order.NeedsHuman || o.State == order.NotFound || v.late())
}

// late reports whether the outcome is unknown although the last planned check is over.
func (v orderView) late() bool {
	return v.o.State == order.Unknown && !v.o.CheckUntil.IsZero() && !v.p.Now().Before(v.o.CheckUntil)
}

// mayClose reports whether an owner may end the order although Huawei does not
// say that it is over.
func (v orderView) mayClose() bool { return v.o.MayClose() }

// unseen reports whether billing does not have the number that was answered.
func (v orderView) unseen() bool {
	return v.o.State == order.Ordered && v.o.Reason.ID == "order.unseen"
}

// declared reports whether an owner closed the order.
func (v orderView) declared() bool { return v.o.Reason.ID == "order.closed.declared" }
