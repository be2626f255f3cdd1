package person

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"sampan/internal/app/seal"
)

// Note is what the audit says about a change. A store writes it in the
// transaction of the change, or changes nothing.
type Note struct {
	Actor   Actor
	Action  string // "person.sign-in", …
	Outcome string // "ok", "denied", "throttled"
	Target  string // id of the person or ref of the session concerned, "" = none
	Fields  map[string]string
}

// LinkKind says what a one-time link is for.
type LinkKind string

// The kinds.
const (
	LinkSetup LinkKind = "setup"
	LinkReset LinkKind = "reset"
)

// Link is a one-time link as stored: never its token.
type Link struct {
	Hash     string
	Kind     LinkKind
	PersonID string    // with LinkReset
	Expires  time.Time // zero: does not expire
}

// Store keeps people (db.Persons). Things that do not exist are fault.NotFound.
// Every method that changes something is one transaction.
type Store interface {
	// Any reports whether there is a person at all.
	Any(ctx context.Context) (bool, error)
	// ByName and ByID give a person and the hash of the password.
	ByName(ctx context.Context, name string) (Person, string, error)
	ByID(ctx context.Context, id string) (Person, string, error)
	// Owners gives everybody with the role Owner who is not disabled, oldest first.
	Owners(ctx context.Context) ([]Person, error)

	// PutLink stores a link and removes all others of its kind and person.
	PutLink(ctx context.Context, l Link, n Note) error
	// Link finds a link that has not expired.
	Link(ctx context.Context, hash string, kind LinkKind, now time.Time) (Link, error)
	// CreateFirst uses up the set-up link and stores the first person.
	// It is NotFound without that link, or when there is a person already.
	CreateFirst(ctx context.Context, p Person, passwordHash, link string, n Note) error
	// SetPassword stores a new password, ends all sessions of the person but
	// keep ("" keeps none), forgets known browsers and reset links, clears the
	// buckets, and returns the refs of the ended sessions. With link not "",
	// that reset link must exist: else NotFound, and nothing is changed.
	SetPassword(
		ctx context.Context, personID, passwordHash, keep, link string, buckets []string, now time.Time, n Note,
	) (ended []string, err error)
	// SaveProfile and SaveScope replace these fields of a person.
	SaveProfile(ctx context.Context, personID string, p Profile, now time.Time, n Note) error
	SaveScope(ctx context.Context, personID, scope string, now time.Time) error

	// Guess counts one guess in every bucket and returns 0. When one of the buckets has
	// to wait, it counts in none and returns the longest time to wait; the first such
	// refusal of a wait writes the row throttled.
	Guess(ctx context.Context, buckets []string, now time.Time, throttled Note) (wait time.Duration, err error)
	// Note writes an audit row alone.
	Note(ctx context.Context, n Note) error
	// KnowsDevice reports whether the browser has signed this person in before.
	KnowsDevice(ctx context.Context, personID, hash string) (bool, error)
	// Start stores a session and the browser it was started from, forgets the
	// bucket clear and takes one guess back in the buckets undo. Sessions that
	// have run out go, and of more than 100 the oldest.
	Start(ctx context.Context, s Session, device, clear string, undo []string, n Note) error
	// Session gives a session and its person, ended or not.
	Session(ctx context.Context, ref string) (Session, Person, error)
	// Sessions gives all sessions of a person, the last used first, also those that have
	// run out and were not removed yet.
	Sessions(ctx context.Context, personID string) ([]Session, error)
	// Seen moves the time of the last request.
	Seen(ctx context.Context, ref string, now time.Time) error
	// Freshen stores until when the password need not be asked, and forgets the bucket.
	Freshen(ctx context.Context, ref string, until time.Time, bucket string, n Note) error
	// End removes sessions of the person: one of them when only is given, else
	// all but keep. It returns the refs of those that existed.
	End(ctx context.Context, personID, only, keep string, n Note) (ended []string, err error)
}

// newToken makes a secret of 256 random bits, and the hash under which it is stored.
func newToken() (seal.Secret, string) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	s := base64.RawURLEncoding.EncodeToString(b)
	return seal.Conceal(s), hashOf(seal.Conceal(s))
}

// hashOf is how a token is stored: it has 256 random bits, so a plain hash
// gives nothing away.
func hashOf(token seal.Secret) string {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return hex.EncodeToString(sum[:])
}
