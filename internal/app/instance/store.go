package instance

import (
	"context"
	"time"

	"sampan/internal/app/catalog"
)

// Store keeps what the sources said, for the next start and because it is too
// much to hold in memory. Methods are safe for concurrent use.
type Store interface {
	// Everything gives every instance and server that is not gone, in no order.
	Everything(ctx context.Context) ([]Record, []ServerRecord, error)
	// Records gives these instances of an account, gone or not, with all their
	// servers, and these servers. Both lists nil: all of the account.
	Records(ctx context.Context, accountID string, instanceIDs, serverIDs []string) ([]Record, []ServerRecord, error)
	// Packed gives the packed rows of all accounts one after another. whole
	// reports that they are all there and of this packing; when it is false, some
	// may have been given. A body belongs to the store again when take returns.
	// An error of take ends it and is given.
	Packed(ctx context.Context, packing string, take func(Packed) error) (whole bool, err error)
	// Pack replaces all packed rows, and keeps the name of their packing.
	Pack(ctx context.Context, packing string, all []Packed) error
	// Keep stores records whole, their packed rows, and the raw answers. It
	// writes in small transactions, so that orders need not wait; records are
	// stored before the rows that are made of them. What is of a deleted account
	// is left out.
	Keep(ctx context.Context, accountID string, k Kept) error
	// Record gives one instance, gone or not, with its servers; fault.NotFound
	// when there is none.
	Record(ctx context.Context, id string) (Record, []ServerRecord, error)
	// Raws gives the raw answers about these ids of an account.
	Raws(ctx context.Context, accountID string, ids []string) ([]Raw, error)
	// Names gives the names of an account's instances that are not gone, sorted.
	Names(ctx context.Context, accountID string) ([]string, error)
	// NameTaken reports whether such an instance has the name, in any case.
	NameTaken(ctx context.Context, accountID, name string) (bool, error)
	// Unready gives the orders, by account, whose instances lack a server or an
	// address and are younger than since.
	Unready(ctx context.Context, since time.Time) ([]Pending, error)

	// SaveSync stores how sources went last. Where Trouble is set, OKAt stays as
	// it was.
	SaveSync(ctx context.Context, all ...Sync) error
	// Syncs gives how every source of the accounts went last.
	Syncs(ctx context.Context, accountIDs []string) ([]Sync, error)

	// SaveImages replaces the images of one region.
	SaveImages(ctx context.Context, accountID, region string, images []catalog.PrivateImage) error
	// Images gives the images of all regions, sorted by region and name.
	Images(ctx context.Context, accountID string) ([]catalog.PrivateImage, error)
}

// Kept is what a refresh stores.
type Kept struct {
	Instances []Record
	Servers   []ServerRecord
	Packed    []Packed
	Raws      []Raw
}

// Pending is an order whose servers are not ready yet.
type Pending struct {
	AccountID  string
	CloudOrder string
}
