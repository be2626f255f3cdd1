package account

import (
	"context"

	"sampan/internal/app/audit"
)

// Store keeps accounts. Every method is one transaction. For every method a deleted
// account does not exist; its secret is wiped, and its orders keep its id.
type Store interface {
	// Accounts gives all accounts, by label.
	Accounts(ctx context.Context) ([]Account, error)
	// Account gives one; fault.NotFound when there is none.
	Account(ctx context.Context, id string) (Account, error)
	// Create stores a new account with its sealed credential and the audit row.
	// A label in use is ErrLabelTaken.
	Create(ctx context.Context, a Account, sealed []byte, e audit.Entry) error
	// Update reads the account, changes it and stores it in one transaction,
	// with the audit rows. An error of change stores nothing and comes back as
	// it is. A label in use is ErrLabelTaken. Rev grows by one.
	Update(ctx context.Context, id string, change func(*Account) error, entries ...audit.Entry) (Account, error)
	// Reseal is Update with a new sealed credential.
	Reseal(ctx context.Context, id string, sealed []byte, change func(*Account) error, e audit.Entry) (Account, error)
	// Sealed gives the sealed credential and stores the audit row of its use.
	Sealed(ctx context.Context, id string, e audit.Entry) ([]byte, error)
	// OpenOrders gives how many orders of the account keep it from being deleted.
	OpenOrders(ctx context.Context, id string) (int, error)
	// Delete removes the account, its secret and its local picture in one
	// transaction, unless orders of it are open: then it changes nothing and
	// gives their number. An error of may, which can be nil, changes nothing and
	// comes back as it is.
	Delete(ctx context.Context, id string, may func(Account) error, e audit.Entry) (open int, err error)
}
