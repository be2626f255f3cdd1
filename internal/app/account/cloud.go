package account

import (
	"context"
	"time"
)

// Identity is what the identity service says about the credential (cloud-api,
// 3.4 and 3.5).
type Identity struct {
	DomainID   string            // the cloud's account id
	DomainName string            // "" when the call does not give it (signed calls)
	Projects   map[string]string // by name, as Account has them: enabled ones that are called like a region, or like one and "_" and more
	// ClockOffset is the cloud's Date minus our clock, measured with this call.
	ClockOffset time.Duration
}

// Prober makes the calls of the connection check (cloud-api, 17). All of them
// are reads; every failure is a *fault.Error with the cloud's code and request
// id. The composition root puts it together from the adapters.
type Prober interface {
	// Identity reads account id, regions and clock: IAM projects, or the
	// projects the user may access when that is not permitted.
	Identity(ctx context.Context, a Access) (Identity, error)
	// Count reads how many instances Config lists.
	Count(ctx context.Context, a Access) (int, error)
	// Currency reads the balance and gives its currency, "" when the account
	// has no balance of its own.
	Currency(ctx context.Context, a Access) (string, error)
	// Orders reads one order of the last day, if there is one.
	Orders(ctx context.Context, a Access) error
	// Servers reads one server of a region.
	Servers(ctx context.Context, a Access, region string) error
	// Images reads the private images of a region.
	Images(ctx context.Context, a Access, region string) error
}
