package instance

import (
	"context"
	"time"

	"sampan/internal/app/catalog"
)

// Store keeps the local picture.
type Store interface {
	// Everything gives every row of every account, the gone ones included.
	Everything(ctx context.Context) ([]Instance, error)
	// Instances gives every row of an account, the gone ones included.
	Instances(ctx context.Context, accountID string) ([]Instance, error)
	// Save stores changed rows whole, and of seen ones the times of sight only.
	// Rows are written in small transactions, so that money need not wait.
	Save(ctx context.Context, changed, seen []Instance) error
	// List gives a page of the rows that are not gone. A cursor that is not one
	// of its own is fault.Invalid.
	List(ctx context.Context, f Filter) (Page, error)
	// Instance gives one row, gone or not; fault.NotFound when there is none.
	Instance(ctx context.Context, id string) (Instance, error)
	// Counts counts the rows that are not gone; soon bounds Expiring.
	Counts(ctx context.Context, accountIDs []string, soon time.Time) (Counts, error)
	// Names gives the names of an account's rows that are not gone, sorted.
	Names(ctx context.Context, accountID string) ([]string, error)
	// NameTaken reports whether such a row has the name, letters' case aside.
	NameTaken(ctx context.Context, accountID, name string) (bool, error)
	// Unready gives the orders, by account, whose rows lack server or address
	// and are younger than since.
	Unready(ctx context.Context, since time.Time) ([]Pending, error)

	// SaveSync stores how the last refresh of a source went: OKAt stays as it
	// was when Trouble is set.
	SaveSync(ctx context.Context, s Sync) error
	// Syncs gives the last refresh of every source of the accounts.
	Syncs(ctx context.Context, accountIDs []string) ([]Sync, error)

	// SaveImages replaces the images of one region.
	SaveImages(ctx context.Context, accountID, region string, images []catalog.PrivateImage) error
	// Images gives the images of all regions, by region and name.
	Images(ctx context.Context, accountID string) ([]catalog.PrivateImage, error)
}

// Pending is an order whose servers are not ready yet.
type Pending struct {
	AccountID  string
	CloudOrder string
}
