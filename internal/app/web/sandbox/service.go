package sandbox

import (
	"context"
	"time"

	"sampan/internal/app/account"
)

// Cloud is the simulated cloud's own controls: what no real cloud has.
type Cloud interface {
	// Key is the access key pair of the account that new people get.
	Key(ctx context.Context) (account.Key, error)
	Status(ctx context.Context) (Status, error)
	// Break adds faults to those that wait.
	Break(ctx context.Context, faults ...Fault) error
	Mend(ctx context.Context) error // forgets all faults that wait
	// Advance moves the calendar on; it cannot be moved back.
	Advance(ctx context.Context, by time.Duration) error
	// Reset empties the simulated cloud: servers, orders, faults and charges.
	Reset(ctx context.Context) error
	Fleet(ctx context.Context, servers int) error // how many example servers there are
}

// Status is what the Sandbox page shows.
type Status struct {
	Now       time.Time // its calendar
	Movable   bool      // the console shares its calendar, so it can be moved
	Waiting   []Fault
	Purchases []Purchase // newest first
	Requests  []Request  // the last ones on the wire, newest first
}

// Fault is one thing that will go wrong: a call and a kind as package
// cloudsim names them.
type Fault struct {
	Call, Kind string
	Delay      time.Duration
	RetryAfter int // seconds
	Status     int
	Times      int // calls it still hits; 0 means 1
}

// Purchase is an order that the simulated cloud really placed.
type Purchase struct {
	At               time.Time
	OrderID, Name    string
	Quantity         int
	Amount, Currency string
	Paid             bool
	Delivered        int
}

// Request is one request as the simulated cloud answered it; status 0 is
// an answer that got lost.
type Request struct {
	At     time.Time
	Call   string
	Status int
	Faults []string
}
