// Package server is what a person does with one server: naming it, tagging it,
// looking at its metrics and its screen, and trying whether it answers.
package server

import (
	"context"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/seal"
)

// Change is what a person changes about a server; nil leaves a field as it is.
// The cloud wants at least one (cloud-api, 8.4).
type Change struct {
	Name        *string
	Description *string // "" empties it
	Hostname    *string // takes effect after the next restart
}

// Empty reports whether nothing would change.
func (c Change) Empty() bool { return c.Name == nil && c.Description == nil && c.Hostname == nil }

// Tag is a tag of a server in the cloud (cloud-api, 8.12).
type Tag struct{ Key, Value string }

// Series is one metric over time, oldest point first. Times at which the cloud
// has no value have no point: they are gaps, not zeros.
type Series struct {
	Metric string // as the cloud calls it: "cpu_util"
	Unit   string // as the cloud says: "%", "B/s"; "" when it does not
	Points []Point
}

// Point is one value; At is the beginning of its period.
type Point struct {
	At    time.Time
	Value float64
}

// The metrics that the cloud has of every server without an agent in it
// (cloud-api, 10.2).
const (
	CPU        = "cpu_util"                              // %
	DiskRead   = "disk_read_bytes_rate"                  // B/s
	DiskWrite  = "disk_write_bytes_rate"                 // B/s
	NetworkIn  = "network_incoming_bytes_aggregate_rate" // B/s
	NetworkOut = "network_outgoing_bytes_aggregate_rate" // B/s
)

// Metrics lists them in the order in which pages show them.
var Metrics = []string{CPU, NetworkIn, NetworkOut, DiskRead, DiskWrite}

// Cloud is what ECS does for one server.
type Cloud interface {
	// Update changes name, description or hostname. A refusal for one of them
	// is a *fault.Error with Field "name", "description" or "hostname".
	Update(ctx context.Context, a account.Access, region, serverID string, c Change) error
	// Tags reads the tags of the server.
	Tags(ctx context.Context, a account.Access, region, serverID string) ([]Tag, error)
	// AddTags sets tags; one with a key that is there already is replaced.
	AddTags(ctx context.Context, a account.Access, region, serverID string, tags []Tag) error
	// RemoveTags removes tags. It is no error when some are not there.
	RemoveTags(ctx context.Context, a account.Access, region, serverID string, tags []Tag) error
	// ResetFlag says whether the server has the plug-in that a password reset
	// needs. known is false when the cloud's answer does not say.
	ResetFlag(ctx context.Context, a account.Access, region, serverID string) (known, ok bool, err error)
	// Console asks for an address that shows the server's screen once. It holds a
	// token: show it in one page, and neither store nor log it.
	Console(ctx context.Context, a account.Access, region, serverID string) (seal.Secret, error)
}

// Monitor reads CES.
type Monitor interface {
	// Metrics reads Metrics of a server, averages over periods of 5 minutes, 20
	// minutes, an hour, 4 hours or a day. A metric that the cloud does not have is a
	// series without points. A time span for which the cloud would cut its answer is
	// read in several calls.
	Metrics(ctx context.Context, a account.Access, region, serverID string, from, to time.Time, period time.Duration) ([]Series, error)
}

// Dialer tries a TCP connection to a server's port and closes it.
type Dialer interface {
	// Dial reports whether something answered at address ("198.18.0.1") and port. An
	// error means that it could not be tried, which is not the same as no answer.
	Dial(ctx context.Context, address string, port int) (answers bool, err error)
}
