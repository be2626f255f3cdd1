// Package audit keeps who did what to which target, written before the act.
//
// Rows form a chain: each carries the MAC of the one before, so that an altered
// or missing row is found (reliability.md §10). A store writes the row in the
// same transaction as the change it is about: when the row cannot be written,
// nothing is changed.
package audit

import (
	"time"

	"sampan/internal/app/person"
)

// Entry is one row before it is chained. Params holds no secrets: only what a
// form without its secret fields would show.
type Entry struct {
	Actor      person.Actor
	Action     string // "order.confirm", "account.key.replace", "person.sign-in"
	AccountID  string // cloud account concerned, "" when none
	Targets    []string
	Params     map[string]string
	Intent     string // our order id, for money and destroying calls
	Outcome    string // "", "about to send", "ok", "refused", "unknown", "denied"
	RequestIDs []string
}

// Row is an Entry as stored.
type Row struct {
	Entry
	Seq     int64
	At      time.Time
	PrevMAC []byte
	MAC     []byte
}

// By starts an entry: who does what to which targets.
func By(a person.Actor, action string, targets ...string) Entry {
	return Entry{Actor: a, Action: action, Targets: targets}
}

// On names the cloud account concerned.
func (e Entry) On(accountID string) Entry { e.AccountID = accountID; return e }

// For names the intent (our order id) the row belongs to.
func (e Entry) For(intent string) Entry { e.Intent = intent; return e }

// With adds a parameter; values must not be secret.
func (e Entry) With(name, value string) Entry {
	m := make(map[string]string, len(e.Params)+1)
	for k, v := range e.Params {
		m[k] = v
	}
	m[name] = value
	e.Params = m
	return e
}

// Ended sets the outcome and the cloud's request ids.
func (e Entry) Ended(outcome string, requestIDs ...string) Entry {
	e.Outcome, e.RequestIDs = outcome, requestIDs
	return e
}
