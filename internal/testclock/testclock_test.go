package testclock

import (
	"os"
	"testing"
	"time"
)

func TestAheadIsFromTheBeginOfTheProcess(t *testing.T) {
	begun := time.Date(2026, 11, 29, 18, 0, 0, 0, time.UTC)
	for words, want := range map[string]time.Duration{
		"": 0, "2026-11-29T18:00:01Z": time.Second, "2026-11-29T18:00:00+01:00": -time.Hour, "2026-11-30T18:00:00Z": 24 * time.Hour,
	} {
		if got, err := ahead(words, begun); got != want || err != nil {
			t.Errorf("%q: got %v, %v, want %v", words, got, err, want)
		}
	}
	for _, words := range []string{"tomorrow", "2026-11-29", "23:59:30"} {
		if _, err := ahead(words, begun); err == nil {
			t.Errorf("%q was taken for a time", words)
		}
	}
}

// TestTheProcessHasTheClockItWasGiven is what makes a moved run one: without it
// a misspelt zone would be UTC in silence.
func TestTheProcessHasTheClockItWasGiven(t *testing.T) {
	if want, err := time.Parse(time.RFC3339, os.Getenv(Variable)); err == nil {
		if d := Now().Sub(want); d < 0 || d > time.Minute {
			t.Errorf("the clock is %v from %v", d, want)
		}
	} else if d := time.Since(Now()).Abs(); d > time.Minute {
		t.Errorf("the clock is %v off, and nobody moved it", d)
	}
	if zone := os.Getenv("TZ"); zone != "" {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatalf("TZ: %v", err)
		}
		_, want := Now().In(loc).Zone()
		if _, got := Now().Zone(); got != want {
			t.Errorf("the zone is %d s from UTC, want %d s as in %s", got, want, zone)
		}
	}
}

func TestAClockOfATestBeginsWhereItSaysUnlessItIsMoved(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 14, 0, 0, time.UTC)
	got := From(at)
	if os.Getenv(Variable) == "" && !got.Equal(at) {
		t.Errorf("got %v, want %v", got, at)
	}
	if os.Getenv(Variable) != "" && Now().Sub(got).Abs() > time.Minute {
		t.Errorf("got %v, want about %v", got, Now())
	}
}
