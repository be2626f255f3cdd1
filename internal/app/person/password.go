package person

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
)

// The length of a password, in characters, for people without a second factor.
const (
	PasswordMin = 15
	PasswordMax = 128
)

// hashing is Argon2id with 19 MiB and 2 passes (reliability.md §8).
var hashing = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// CheckPassword says why a new password is refused; zero when it is accepted. Any
// character is allowed; name is what the person signs in with.
func CheckPassword(password seal.Secret, name string) fault.Message {
	p := norm.NFC.String(password.Reveal())
	switch n := utf8.RuneCountInString(p); {
	case !utf8.ValidString(p):
		return fault.Say("fault.password.text")
	case n < PasswordMin:
		return fault.Say("fault.password.short", "Min", fmt.Sprint(PasswordMin))
	case n > PasswordMax:
		return fault.Say("fault.password.long", "Max", fmt.Sprint(PasswordMax))
	case guessable(p, name):
		return fault.Say("fault.password.common")
	}
	return fault.Message{}
}

// hasher hashes and compares passwords, two at a time: each takes 19 MiB.
type hasher struct {
	slots   chan struct{}
	waiting atomic.Int64
	dummy   func() string // the hash of a random password, for names that do not exist
}

const (
	hashSlots   = 2
	hashWaiting = 64 // how many may wait; the others are told to come back
)

func newHasher() *hasher {
	return &hasher{slots: make(chan struct{}, hashSlots), dummy: sync.OnceValue(func() string {
		h, err := argon2id.CreateHash("", hashing)
		if err != nil {
			panic("person: " + err.Error()) // the random source never fails
		}
		return h
	})}
}

func (h *hasher) enter(ctx context.Context) error {
	if h.waiting.Add(1) > hashWaiting {
		h.waiting.Add(-1)
		return &fault.Error{Kind: fault.Busy, Message: fault.Say("fault.signin.busy"), RetryAfter: 5 * time.Second}
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("person: wait to hash: %w", ctx.Err())
	}
}

func (h *hasher) leave() { <-h.slots }

// hash makes the text that is stored instead of the password.
func (h *hasher) hash(ctx context.Context, password seal.Secret) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	out, err := argon2id.CreateHash(norm.NFC.String(password.Reveal()), hashing)
	if err != nil {
		return "", fmt.Errorf("person: hash: %w", err)
	}
	return out, nil
}

// matches compares; an empty hash takes as long as a real one and never matches.
func (h *hasher) matches(ctx context.Context, password seal.Secret, hash string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	text := norm.NFC.String(password.Reveal())
	known := hash != "" && utf8.RuneCountInString(text) <= PasswordMax
	if !known {
		hash, text = h.dummy(), "?"
	}
	ok, err := argon2id.ComparePasswordAndHash(text, hash)
	if err != nil {
		return false, fmt.Errorf("person: compare: %w", err)
	}
	return ok && known, nil
}
