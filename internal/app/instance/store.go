package instance

import (
	"context"
	"time"

	"sampan/internal/app/catalog"
)

// Store keeps what the sources said, for the next start and for what is too
// much to hold in memory.
type Store interface {
	// Everything gives every instance and server that is not gone.
	Everything(ctx context.Context) ([]Record, []ServerRecord, error)
	// Records gives these instances of an account, gone or not, with all their
	// servers, and these servers. Both lists nil: all of the account.
	Records(ctx context.Context, accountID string, instanceIDs, serverIDs []string) ([]Record, []ServerRecord, error)
	// Packed gives the packed rows of all accounts, one after another, and
	// whether they are all there and of this packing; when not, some may have
	// been given. A body belongs to the store again when take returns.
	Packed(ctx context.Context, packing string, take func(Packed) error) (whole bool, err error)
	// Pack replaces all packed rows.
	Pack(ctx context.Context, packing string, all []Packed) error
	// Keep stores records whole, their packed rows, and the raw answers. It
	// writes small transactions, so that money need not wait; what the rows of an
	// instance are made of is stored before them. Those of a deleted account are
	// left out.
	Keep(ctx context.Context, accountID string, k Kept) error
	// Record gives one instance, gone or not, with its servers; fault.NotFound
	// when there is none.
	Record(ctx context.Context, id string) (Record, []ServerRecord, error)
	// Raws gives the raw answers about these ids of an account.
	Raws(ctx context.Context, accountID string, ids []string) ([]Raw, error)
	// Names gives the names of an account's instances that are not gone, sorted.
	Names(ctx context.Context, accountID string) ([]string, error)
	// NameTaken reports whether such an instance has the name, letters' case
	// aside.
	NameTaken(ctx context.Context, accountID, name string) (bool, error)
	// Unready gives the orders, by account, whose instances lack server or
	// address and are younger than since.
	Unready(ctx context.Context, since time.Time) ([]Pending, error)

	// SaveSync stores how the last refresh of sources went: OKAt stays as it was
	// when Trouble is set.
	SaveSync(ctx context.Context, all ...Sync) error
	// Syncs gives the last refresh of every source of the accounts.
	Syncs(ctx context.Context, accountIDs []string) ([]Sync, error)

	// SaveImages replaces the images of one region.
	SaveImages(ctx context.Context, accountID, region string, images []catalog.PrivateImage) error
	// Images gives the images of all regions, by region and name.
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
