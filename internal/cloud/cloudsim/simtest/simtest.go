// Package simtest starts a Sandbox for a test.
package simtest

import (
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

// Options are o with the clock of tests, for what cloudsim.New makes.
func Options(o cloudsim.Options) cloudsim.Options {
	o.Ahead = testclock.Offset()
	return o
}
