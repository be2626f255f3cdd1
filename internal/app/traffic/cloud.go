// Package traffic is about the data packages of instances: what is left, how
// fast it goes and when it runs out.
package traffic

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
)

// Reading is a data package as billing gives it (cloud-api, 9.11). Amounts are
// GB as the cloud counts them.
type Reading struct {
	PackageID string
	Left      decimal.Decimal // in the running cycle
	Total     decimal.Decimal // per cycle
	Known     bool            // false: the unit is not one we can count in GB; Left and Total are zero
	Unit      int             // measure_id as answered: 10 GB

	// The running cycle by the cloud's own times: the only ones to show.
	CycleStart time.Time
	CycleEnd   time.Time
	Name       string // free_resource_type_name
	Usage      string // usage_type_name
}

// Used is what the running cycle has used up.
func (r Reading) Used() decimal.Decimal { return r.Total.Sub(r.Left) }

// Use is what a package was charged for in one day.
type Use struct {
	Day time.Time // midnight, Beijing time
	GB  decimal.Decimal
}

// Package is a data package that an order brought.
type Package struct {
	ID        string // order_instance_id
	OrderID   string
	Region    string
	Name      string
	Status    int // as billing counts: 0 not yet, 1 in use, 2 used up, 3 expired, 4 refunded
	Effective time.Time
	Expires   time.Time
	Items     []Item
}

// Item is one measured thing in a package. Its ID is what Billing.Traffic wants.
type Item struct {
	ID    string // free_resource_id
	Usage string
	Left  decimal.Decimal // GB
	Total decimal.Decimal // GB
	Known bool            // the unit is one we can count in GB
	Unit  int             // measure_id
}

// Billing reads BSS.
type Billing interface {
	// Traffic reads packages, any number of them, in hundreds. Packages that
	// billing does not know are missing from the answer. When some hundreds
	// fail, the readings of the others come with the error.
	Traffic(ctx context.Context, a account.Access, packageIDs []string) ([]Reading, error)
	// Usage reads what a package was charged per day, oldest first, from the
	// day of from to the day of to; the cloud keeps 90 days. Days without a
	// charge are missing.
	Usage(ctx context.Context, a account.Access, packageID string, from, to time.Time) ([]Use, error)
	// Packages reads the data packages that an order brought.
	Packages(ctx context.Context, a account.Access, cloudOrderID string) ([]Package, error)
}
