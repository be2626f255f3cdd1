// Package simtest starts a Sandbox for a test.
package simtest

import (
	"time"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/testclock"
)

// Start runs a Sandbox until the test ends, with the clock of tests as its
// calendar. It judges signature dates by the machine's clock and sends that in
// its Date headers whatever the calendar shows: the adapters sign with the
// machine's clock too.
func Start(t cloudsim.TB, o cloudsim.Options) *cloudsim.Server {
	t.Helper()
	return cloudsim.Start(t, Options(o))
}

// Options are o with the clock of tests, for what cloudsim.New makes; Ahead
// counts from that clock.
func Options(o cloudsim.Options) cloudsim.Options {
	o.Ahead += testclock.Offset()
	return o
}

// Tomorrow is how far a calendar is to be ahead of the clock of tests to begin
// at that time of the next day, UTC: the cloud ends terms at 15:59:59 and
// charges a day's use at 18:00.
func Tomorrow(at time.Duration) time.Duration {
	now := testclock.Now()
	return now.Truncate(24 * time.Hour).Add(24*time.Hour + at).Sub(now)
}
