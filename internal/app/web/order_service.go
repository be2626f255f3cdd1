package web

import (
	"context"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
)

// Drafts are the wizard's memory and the way from a draft to an order
// (order.Service).
type Drafts interface {
	NewDraft(ctx context.Context, by person.Actor, form map[string]string) (order.Draft, error)
	Draft(ctx context.Context, by person.Actor, id string) (order.Draft, error)
	// SaveDraft keeps the whole form as typed, valid or not.
	SaveDraft(ctx context.Context, by person.Actor, id, step string, form map[string]string) (order.Draft, error)
	Drafts(ctx context.Context, by person.Actor) ([]order.Draft, error)
	DiscardDraft(ctx context.Context, by person.Actor, id string) error

	// Parse makes a request of a form, with a sentence for each field that cannot
	// be read.
	Parse(ctx context.Context, form map[string]string) (order.Request, map[string]fault.Message)
	// Check gives the problems of a request by form field.
	Check(ctx context.Context, by person.Actor, r order.Request) map[string]fault.Message
	// Review stores what exactly will be sent; fault.Invalid with Fields when the
	// draft cannot be bought.
	Review(ctx context.Context, by person.Actor, draftID string) (order.Review, error)
	ReviewByID(ctx context.Context, by person.Actor, id string) (order.Review, error)
	// ShowAgain gives the review to show in the place of one of an earlier process
	// start: another one, with new ids. Others come back as they are.
	ShowAgain(ctx context.Context, by person.Actor, id string) (order.Review, error)
	// Beside is what at the cloud speaks against what was reviewed.
	Beside(ctx context.Context, by person.Actor, v order.Review) (order.Beside, error)
	// Confirm orders, once: a repetition gives the same order's id.
	Confirm(ctx context.Context, by person.Actor, reviewID, hash string, additional bool) (orderID string, err error)

	// Locked tells which order without a clear answer locks buying on the account.
	Locked(ctx context.Context, accountID string) (orderID string, locked bool)
	PaidFor(ctx context.Context, by person.Actor, r order.Request) ([]order.Paid, error)
	Quote(accountID string, r order.Request) (order.Quote, order.Freshness)
}

// Purchases are the orders and what people decide about them (order.Service).
// An order of an account the actor may not see is fault.NotFound.
type Purchases interface {
	Order(ctx context.Context, by person.Actor, id string) (order.Order, error)
	Events(ctx context.Context, by person.Actor, id string) ([]order.Event, error)
	Orders(ctx context.Context, by person.Actor, f order.Filter) (order.Page, error)
	Passport(ctx context.Context, by person.Actor, id string) (order.Passport, error)

	// Pay pays the amount that stood on the button, if the order still has it.
	Pay(ctx context.Context, by person.Actor, id string, amount order.Money, rev int64) error
	Cancel(ctx context.Context, by person.Actor, id string, rev int64) error
	CheckNow(ctx context.Context, by person.Actor, id string) error
	Adopt(ctx context.Context, by person.Actor, id, cloudOrderID string) error
	Ignore(ctx context.Context, by person.Actor, id, cloudOrderID string) error
	CancelFound(ctx context.Context, by person.Actor, id, cloudOrderID string) error
	DeclareNone(ctx context.Context, by person.Actor, id string) error
	LiftLock(ctx context.Context, by person.Actor, id string) error
	// CloseUnseen ends an order that billing does not show (order.Order.MayClose).
	CloseUnseen(ctx context.Context, by person.Actor, id string) error
	Again(ctx context.Context, by person.Actor, id string) (order.Draft, error)
}

// Strays are the orders at the cloud that nobody here knows, and what pages say
// of a database that was put back (order.Service).
type Strays interface {
	// FoundOrders gives those nobody has decided about; nil accounts means all.
	FoundOrders(ctx context.Context, by person.Actor, accountIDs []string) ([]order.FoundOrder, error)
	// MayBelong gives the purchases of the found order's account that it may be.
	MayBelong(ctx context.Context, by person.Actor, f order.FoundOrder) ([]order.Order, error)
	BelongsTo(ctx context.Context, by person.Actor, cloudOrderID, orderID string) error
	NotOurs(ctx context.Context, by person.Actor, cloudOrderID string) error
	CancelStray(ctx context.Context, by person.Actor, cloudOrderID string) error

	Restored(ctx context.Context) (order.Restored, error)
	CloseRestored(ctx context.Context, by person.Actor) error
}
