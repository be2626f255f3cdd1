package web

import (
	"context"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
)

// Persons is who signs in (person.Service). Failures are faults; an unknown or
// ended session is fault.NotFound or fault.Forbidden.
type Persons interface {
	SetupOpen(ctx context.Context) (bool, error)
	SetUp(ctx context.Context, code seal.Secret, f person.SetupForm) (person.Person, error)
	SignIn(ctx context.Context, name string, password seal.Secret, address, browser string, device seal.Secret) (person.Person, person.SignedIn, error)
	Session(ctx context.Context, token seal.Secret) (person.Person, person.Session, error)
	Alive(ctx context.Context, token seal.Secret) bool // does not count as use
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

// Accounts are the cloud accounts (account.Service).
type Accounts interface {
	List(ctx context.Context, by person.Actor) ([]account.Account, error)
	Get(ctx context.Context, by person.Actor, id string) (account.Account, error)
	Add(ctx context.Context, by person.Actor, f account.Form) (account.Account, error)
	Rename(ctx context.Context, by person.Actor, id, label string) error
	ReplaceKey(ctx context.Context, by person.Actor, id string, f account.Form) error
	SetDisabled(ctx context.Context, by person.Actor, id string, disabled bool) error
	Delete(ctx context.Context, by person.Actor, id string) error
	Check(ctx context.Context, by person.Actor, id string) error // in the background
}

// Orders are the wizard and the orders (order.Service). The methods that the
// wizard and the order pages call are in order_service.go.
type Orders interface {
	Attention(ctx context.Context, by person.Actor, accountIDs []string) ([]order.Order, error)
	BalanceOf(accountID string) (order.Balance, order.Freshness)
}

// Instances are the local picture of what was bought (instance.Service).
type Instances interface {
	List(ctx context.Context, by person.Actor, f instance.Filter) (instance.Page, error)
	Get(ctx context.Context, by person.Actor, id string) (instance.Instance, error)
	Refresh(ctx context.Context, by person.Actor, accountID string) error // in the background
	Syncs(ctx context.Context, accountIDs []string) ([]instance.Sync, error)
}

// Settings are the console's own settings (package setting).
type Settings interface {
	AllowDeduct(ctx context.Context) (bool, error)
	SetAllowDeduct(ctx context.Context, by person.Actor, allow bool) error
	IntentTag(ctx context.Context) (bool, error)
	SetIntentTag(ctx context.Context, by person.Actor, send bool) error
}

// Sandbox is the simulated cloud's own controls: what no real cloud has.
type Sandbox interface {
	// Key is the access key pair of the account that new people get, and the
	// address its cloud is reached at.
	Key(ctx context.Context) (SandboxKey, error)
	Status(ctx context.Context) (SandboxStatus, error)
	Break(ctx context.Context, fault string) error // one of SandboxStatus.Faults, for the next matching call
	Mend(ctx context.Context) error                // forget all faults that wait
	Advance(ctx context.Context, by time.Duration) error
	Reset(ctx context.Context) error
	Fleet(ctx context.Context, servers int) error // adds an example fleet
}

// SandboxKey is how the console signs in to the simulated cloud.
type SandboxKey struct {
	ID        string
	Secret    seal.Secret
	Endpoints account.Endpoints
}

// SandboxStatus is what the Sandbox page shows.
type SandboxStatus struct {
	Now       time.Time
	Servers   int
	Orders    int
	Waiting   []SandboxFault // what will go wrong next
	Purchases []SandboxEntry // newest first
}

// SandboxFault is one fault that waits for its call.
type SandboxFault struct {
	Name  string // of the list on the page
	Times int
}

// SandboxEntry is one line of what the simulated cloud did.
type SandboxEntry struct {
	At      time.Time
	Call    string
	Order   string
	Outcome string
}
