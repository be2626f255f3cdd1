package web

import (
	"context"
	"time"

	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/web/buy"
)

// Persons is who signs in (person.Service). Failures are faults; an unknown or
// ended session is fault.NotFound or fault.Forbidden.
type Persons interface {
	SetupOpen(ctx context.Context) (bool, error)
	SetUp(ctx context.Context, code seal.Secret, f person.SetupForm) (person.Person, error)
	SignIn(ctx context.Context, name string, password seal.Secret, address, browser string, device seal.Secret) (person.Person, person.SignedIn, error)
	Session(ctx context.Context, token seal.Secret) (person.Person, person.Session, error)
	Peek(ctx context.Context, token seal.Secret) (person.Person, person.Session, error) // does not count as use
	Alive(ctx context.Context, token seal.Secret) bool                                  // does not count as use
	SignOut(ctx context.Context, by person.Actor) error
	Sessions(ctx context.Context, by person.Actor) ([]person.Session, error)
	Revoke(ctx context.Context, by person.Actor, ref string) error
	RevokeOthers(ctx context.Context, by person.Actor) error
	ChangePassword(ctx context.Context, by person.Actor, old, new seal.Secret) error
	Freshen(ctx context.Context, by person.Actor, password seal.Secret) error
	UpdateProfile(ctx context.Context, by person.Actor, p person.Profile) error
	SetScope(ctx context.Context, by person.Actor, scope string) error
	Reset(ctx context.Context, code, password seal.Secret) error
}

// Orders are the wizard and the orders (order.Service). The methods that the
// wizard and the order pages call are in order_service.go.
type Orders interface {
	Drafts
	Purchases
	Strays
	Attention(ctx context.Context, by person.Actor, accountIDs []string) ([]order.Order, error)
	BalanceOf(accountID string) (order.Balance, order.Freshness)
	Bill(accountID, cloudOrderID string) (order.CloudOrder, order.Freshness)
}

// Instances are the local picture of what was bought (instance.Service).
type Instances interface {
	Details
	Picture() *instance.Picture
	buy.Inventory
	List(ctx context.Context, by person.Actor, f instance.Filter) (instance.Page, error)
	Get(ctx context.Context, by person.Actor, id string) (instance.Instance, error)
	Refresh(ctx context.Context, by person.Actor, accountID string) error // in the background
	Syncs(ctx context.Context, accountIDs []string) ([]instance.Sync, error)
	Gaps(ctx context.Context, accountIDs []string) (instance.Gaps, error)
	Counts(ctx context.Context, by person.Actor, accountIDs []string) (instance.Counts, error)
	Refreshing(accountID string) bool
	Asked(accountID string) instance.Asked // what became of the last Refresh
	Visited()                              // a person has just asked for something
	Rows() ([]*instance.Row, int64)        // of the newest picture, all accounts, not to be changed; and its version
}

// Traffic is what is known of data packages (meter.Service).
type Traffic interface {
	Fleet(by person.Actor, accountIDs []string) (meter.Fleet, error)
	Short(by person.Actor, accountIDs []string) ([]meter.Line, error)
	Detail(ctx context.Context, by person.Actor, accountID, packageID string, since time.Time) (meter.Detail, error)
	Check(ctx context.Context, by person.Actor, accountID, packageID string) error
}
