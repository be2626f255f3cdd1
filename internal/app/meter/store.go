package meter

import (
	"context"
	"time"
)

// Store keeps meters, samples and usage records. Its methods are safe for
// concurrent use.
type Store interface {
	// Meters gives the meters of these packages, of all when nil, in no order.
	// Packages of which nothing is kept are missing.
	Meters(ctx context.Context, packageIDs []string) ([]Meter, error)
	// StartRows gives the start row of every meter, in no order; empty where none
	// was kept. Its bytes belong to the store again when take returns.
	StartRows(ctx context.Context, take func(packageID string, startRow []byte)) error
	// Keep writes meters whole. sampled[n] says that the last sample of meters[n]
	// is new: it is added to its samples, in place of an earlier one of the same
	// hour. They are written in small transactions, so that orders need not wait.
	Keep(ctx context.Context, meters []Meter, sampled []bool) error
	// Samples gives the samples of a package from a time on, oldest first.
	Samples(ctx context.Context, packageID string, from time.Time) ([]Sample, error)
	// KeepUse replaces a package's usage records from the day of the first one
	// on, and notes when they were read.
	KeepUse(ctx context.Context, packageID string, at time.Time, uses []Use) error
	// Uses gives the usage records of a package, oldest first.
	Uses(ctx context.Context, packageID string) ([]Use, error)
	// Sweep leaves one sample of each day that ended before hourly, and removes
	// samples and usage records of days before daily, and meters of which nothing
	// is left. It works in small steps; ctx ends it between two.
	Sweep(ctx context.Context, hourly, daily time.Time) error
}
