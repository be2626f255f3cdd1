// Package testclock is the clock of tests: the machine's, or one that is moved
// for the whole process. Only tests and the packages that help them import it.
//
// TEST_CLOCK=2026-12-31T23:59:30Z lets a test process begin at that instant;
// its clock runs on from there. Without it the clock is the machine's. `make
// hours` runs the tests again at the hours that have gone wrong before.
//
// What stays on the machine's clock in every run, because both sides of a test
// measure it there: signature dates and Date headers (the adapters sign with
// the machine's clock, and the Sandbox compares with its own), sessions,
// throttling, and how long something takes.
package testclock

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"time"
)

// Variable names the environment variable that moves the clock.
const Variable = "TEST_CLOCK"

// begun is when this process began, by the machine's clock.
var begun = time.Now()

// offset is the same for as long as the process lives.
var offset = sync.OnceValue(func() time.Duration {
	d, err := ahead(os.Getenv(Variable), begun)
	if err != nil {
		panic(err)
	}
	return d
})

// noticed makes go test see that a result depends on the clock and on the zone.
// It sees only what a running test reads, not what is read while packages are
// loaded, and would take the result of another hour from its cache.
var noticed = sync.OnceFunc(func() { _, _ = os.Getenv(Variable), os.Getenv("TZ") })

// ahead is how far a clock that shows the time in words at begun is ahead of
// the machine's; none for no words.
func ahead(words string, begun time.Time) (time.Duration, error) {
	if words == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339, words)
	if err != nil {
		return 0, fmt.Errorf("testclock: %s is a time like 2026-12-31T23:59:30Z: %w", Variable, err)
	}
	return t.Sub(begun), nil
}

// Offset is how far the clock is ahead of the machine's; negative behind it.
func Offset() time.Duration {
	if flag.Parsed() { // a test runs
		noticed()
	}
	return offset()
}

// Now is the time by this process's clock, in the machine's zone.
func Now() time.Time { return time.Now().Add(Offset()) }

// From is where a clock of a test's own begins, one that moves only when it is
// told to: at that time, or, when the clock is moved, at the instant at which
// this process began by it. A package may keep it in a variable if its tests
// also ask for Now or open a database: else go test does not notice.
func From(at time.Time) time.Time {
	d := Offset()
	if d == 0 {
		return at
	}
	return begun.Add(d).Round(0).In(at.Location()).Truncate(time.Microsecond)
}
