package person_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/testclock"
)

func TestWaitsGrow(t *testing.T) {
	now := testclock.From(time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC))
	var tally person.Tally
	var waits []time.Duration
	for range 16 {
		var w time.Duration
		tally, w = tally.Try(now)
		for w > 0 {
			waits = append(waits, w)
			now = now.Add(w)
			tally, w = tally.Try(now)
		}
	}
	s := time.Second
	want := []time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 64 * s, 128 * s, 256 * s, 300 * s, 300 * s}
	if !slices.Equal(waits, want) {
		t.Errorf("got %v\nwant %v", waits, want)
	}
	if _, w := tally.Try(now.Add(person.QuietPeriod)); w != 0 {
		t.Errorf("after a quiet time the wait is %v", w)
	}
}

// The greediest guesser, and any other, stays below 100 guesses in any hour.
func TestFewerThanAHundredGuessesAnHour(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		now := testclock.From(time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC))
		end := now.Add(6 * time.Hour)
		var tally person.Tally
		var made []time.Time
		for now.Before(end) {
			next, w := tally.Try(now)
			if w == 0 {
				made = append(made, now)
			} else if w > person.LongestWait {
				r.Fatalf("a wait of %v", w)
			}
			tally = next
			now = now.Add(max(w, time.Duration(rapid.Int64Range(1, int64(20*time.Minute)).Draw(r,
				"pause"))/time.Duration(rapid.IntRange(1, 1000).Draw(r, "haste"))))
		}
		for i := range made {
			if i >= 100 && made[i].Sub(made[i-100]) < time.Hour {
				r.Fatalf("101 guesses between %v and %v", made[i-100], made[i])
			}
		}
	})
}

func TestGuessersWait(t *testing.T) {
	tests := []struct {
		name string
		from func(i int) (name, address string) // of the ith guess
		want int                                // guesses until the wait
	}{
		{"one name from one address", func(int) (string, string) { return "ann", home }, person.FreeGuesses},
		{"one name from many addresses", func(i int) (string, string) { return "ann", fmt.Sprintf("198.51.100.%d", i) }, person.FreeGuesses},
		{"a name in other spellings", func(i int) (string, string) {
			return []string{"ann", "ANN", " ann"}[i%3], fmt.Sprintf("198.51.100.%d", i)
		}, person.FreeGuesses},
		{"many names from one address", func(i int) (string, string) { return fmt.Sprintf("n%d", i), home }, person.FreeGuesses},
		{"many names from one IPv6 network", func(i int) (string, string) { return fmt.Sprintf("n%d", i), fmt.Sprintf("2001:db8::%x", i) }, person.FreeGuesses},
		{"many names from many addresses", func(i int) (string, string) { return fmt.Sprintf("n%d", i), fmt.Sprintf("198.51.100.%d", i) }, 12},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := furnished(t)
			n := 0
			var err error
			for ; n < 12; n++ {
				name, address := tt.from(n)
				if err = h.guess(name, address, seal.Secret{}); !errors.Is(err, person.ErrWrong) {
					break
				}
			}
			if n != tt.want {
				t.Fatalf("%d guesses were free, want %d", n, tt.want)
			}
			if n < 12 && (!fault.Is(err, fault.Busy) || fault.Of(err).RetryAfter < time.Second ||
				fault.Of(err).RetryAfter > 3*time.Second) {
				t.Errorf("the next one: %v after %v, want Busy and about a second", err, fault.Of(err).RetryAfter)
			}
		})
	}
}

func TestTheRightPasswordWaitsToo(t *testing.T) {
	h := furnished(t)
	for range person.FreeGuesses {
		_ = h.guess("ann", home, seal.Secret{})
	}
	if _, _, err := h.SignIn(t.Context(), "ann", seal.Conceal(good), home, "", seal.Secret{}); !fault.Is(err, fault.Busy) {
		t.Fatalf("got %v, want a wait", err)
	}
	h.clock.pass(2 * time.Second)
	if _, _, err := h.SignIn(t.Context(), "ann", seal.Conceal(good), home, "", seal.Secret{}); err != nil {
		t.Fatalf("after the wait: %v", err)
	}
	if err := h.guess("ann", "198.51.100.9", seal.Secret{}); !errors.Is(err, person.ErrWrong) {
		t.Errorf("signing in did not clear the account's tally: %v", err)
	}
}

func TestAKnownBrowserIsNotShutOut(t *testing.T) {
	h := furnished(t)
	_, mine := h.in()
	for i := range 50 {
		_ = h.guess("ann", home, seal.Secret{})                                           // same address, as behind one proxy
		_ = h.guess("ann", fmt.Sprintf("198.51.100.%d", i), seal.Conceal("an invention")) // and from elsewhere
	}
	if _, _, err := h.SignIn(t.Context(), "ann", seal.Conceal(good), home, "", seal.Secret{}); !fault.Is(err, fault.Busy) {
		t.Fatalf("a stranger's browser: %v", err)
	}
	_, again, err := h.SignIn(t.Context(), "ann", seal.Conceal(good), home, "", mine.DeviceToken)
	if err != nil {
		t.Fatalf("the known browser: %v", err)
	}
	if again.DeviceToken.Reveal() != mine.DeviceToken.Reveal() {
		t.Error("the known browser got another device cookie")
	}
	for range person.FreeGuesses {
		_ = h.guess("ann", home, mine.DeviceToken)
	}
	if err := h.guess("ann", home, mine.DeviceToken); !fault.Is(err, fault.Busy) {
		t.Errorf("a known browser may guess for ever: %v", err)
	}
	if err := h.guess("bob", "203.0.113.7", mine.DeviceToken); !errors.Is(err, person.ErrWrong) {
		t.Errorf("Ann's browser counts for Bob: %v", err)
	}
}

func TestAWaitIsAuditedOnce(t *testing.T) {
	h := furnished(t)
	for range person.FreeGuesses + 20 {
		_ = h.guess("ann", home, seal.Secret{})
	}
	count := map[string]int{}
	for _, row := range h.audited() {
		count[row]++
	}
	if count["person.sign-in denied"] != person.FreeGuesses || count["person.sign-in throttled"] != 1 {
		t.Errorf("got %v", count)
	}
}

func TestGuessesSideBySideAllCount(t *testing.T) {
	h := furnished(t)
	errs := make(chan error)
	for range 20 {
		go func() { errs <- h.guess("ann", home, seal.Secret{}) }()
	}
	tried := 0
	for range 20 {
		if err := <-errs; errors.Is(err, person.ErrWrong) {
			tried++
		} else if !fault.Is(err, fault.Busy) {
			t.Error(err)
		}
	}
	if tried != person.FreeGuesses {
		t.Errorf("%d passwords were looked at, want %d", tried, person.FreeGuesses)
	}
}

func TestOldTalliesGo(t *testing.T) {
	h := furnished(t)
	for i := range 4 {
		_ = h.guess(fmt.Sprintf("n%d", i), home, seal.Secret{})
	}
	h.clock.pass(person.QuietPeriod)
	_ = h.guess("ann", home, seal.Secret{})
	var n int
	if err := h.db.Read().QueryRow("SELECT count(*) FROM throttle").Scan(&n); err != nil || n != 2 {
		t.Errorf("%d tallies kept, %v; want those of Ann and the address", n, err)
	}
}
