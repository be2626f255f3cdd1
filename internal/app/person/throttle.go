package person

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"
)

// The throttle (reliability.md §8): after the free guesses each further one has to
// wait, twice as long every time, up to a bound.
const (
	FreeGuesses = 5
	QuietPeriod = 15 * time.Minute // without a guess, after which the tally is forgotten
	LongestWait = 5 * time.Minute
)

// Tally is what is remembered of the guesses in one bucket: an account, an
// address, a known browser.
type Tally struct {
	Failures int       // guesses not taken back by success
	Last     time.Time // the last one
	Told     bool      // the present wait is in the audit already
}

// Try counts a guess made now and returns the new tally, or the time to wait
// and an unchanged tally when it comes too early. A guess counts before its
// password is checked, so that guesses made at the same time cannot all be the first.
func (t Tally) Try(now time.Time) (Tally, time.Duration) {
	if t.Quiet(now) {
		t = Tally{}
	}
	if wait := t.Last.Add(waitAfter(t.Failures)).Sub(now); wait > 0 && t.Failures >= FreeGuesses {
		return t, wait
	}
	return Tally{Failures: t.Failures + 1, Last: now}, 0
}

// Undo takes one guess back, because it was right.
func (t Tally) Undo() Tally {
	t.Failures = max(0, t.Failures-1)
	return t
}

// Quiet reports whether the tally is old enough to forget.
func (t Tally) Quiet(now time.Time) bool { return now.Sub(t.Last) >= QuietPeriod }

// waitAfter is the time between the nth guess and the next.
func waitAfter(n int) time.Duration {
	if n < FreeGuesses {
		return 0
	}
	if n-FreeGuesses > 8 { // 2⁸ s is less than the bound, 2⁹ s more
		return LongestWait
	}
	return min(LongestWait, time.Second<<(n-FreeGuesses))
}

// bucket is the name of a quota. It holds what the quota is about only as a hash:
// people sometimes type their password into the field of the name.
func bucket(kind, what string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + what))
	return kind + ":" + hex.EncodeToString(sum[:16])
}

// network is what counts as one address: an IPv6 host has a whole /64.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap()
	if a.Is4() {
		return a.String()
	}
	p, _ := a.WithZone("").Prefix(64)
	return p.String()
}
