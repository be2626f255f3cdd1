// Package meter is about the data packages of instances: what is left, how
// fast it goes and when it runs out.
package meter

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
	Known     bool            // false: the unit cannot be counted in GB; Left and Total are zero
	Unit      int             // measure_id as answered: 10 GB

	// The running cycle by the cloud's own times. No other times of it are shown.
	CycleStart time.Time
	CycleEnd   time.Time
	Name       string // free_resource_type_name
	Usage      string // usage_type_name
}

// Used is what the running cycle used up.
func (r Reading) Used() decimal.Decimal { return r.Total.Sub(r.Left) }

// Use is the traffic of a package that the cloud recorded for one day.
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

// Item is one measured part of a package. Billing.Traffic takes its ID.
type Item struct {
	ID    string // free_resource_id
	Usage string
	Left  decimal.Decimal // GB
	Total decimal.Decimal // GB
	Known bool            // the unit can be counted in GB
	Unit  int             // measure_id
}

// Billing reads BSS. Its methods are safe for concurrent use.
type Billing interface {
	// Traffic reads packages, any number of them, in calls of a hundred, and
	// gives them in no order. Packages that billing does not know are missing.
	// When some calls fail, the readings of the others come with the error.
	Traffic(ctx context.Context, a account.Access, packageIDs []string) ([]Reading, error)
	// Usage reads what a package used on each day, oldest first, from the day of
	// from to the day of to. The cloud keeps 90 days. Days without use are
	// missing.
	Usage(ctx context.Context, a account.Access, packageID string, from, to time.Time) ([]Use, error)
	// Packages reads the data packages that an order brought.
	Packages(ctx context.Context, a account.Access, cloudOrderID string) ([]Package, error)
}
