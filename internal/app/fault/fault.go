// Package fault says what went wrong in words a person can act on.
//
// Every failure that may reach a page is an *Error: its Kind says what the
// person can do, its Message is an id of the message catalogue with values,
// worded in the reader's language only where it is shown, and never stored as
// a sentence. Everything else is Internal and its text never reaches a page.
//
// The package imports nothing of ours, so that every layer can speak it.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what the person can do about a failure.
type Kind uint8

// The kinds. The zero value is Internal: what nobody classified is our fault.
const (
	Internal    Kind = iota // a defect or a broken disk: nothing the person can do
	Invalid                 // correct the named fields
	NotFound                // it does not exist, or is not theirs to see
	Forbidden               // their role does not allow it
	Conflict                // somebody or something else changed it: reload
	Busy                    // too many requests, or not now: try again after RetryAfter
	Refused                 // the cloud said no, in a code that proves nothing happened
	Unreachable             // nothing left the machine: try again
	Unknown                 // it may have happened: check first, never repeat by itself
)

var kindNames = [...]string{"internal", "invalid", "not found", "forbidden", "conflict", "busy", "refused", "unreachable", "unknown"}

// String names the kind for logs.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Message is an id of the message catalogue and the values to put into it.
// The database keeps it instead of a sentence.
type Message struct {
	ID     string            `json:"id"`
	Values map[string]string `json:"values,omitempty"`
}

// Zero reports whether nothing is said.
func (m Message) Zero() bool { return m.ID == "" }

// Say builds a Message from an id and pairs of name and value.
// It panics on an odd number of pairs, which only a programmer can cause.
func Say(id string, pairs ...string) Message {
	if len(pairs)%2 != 0 {
		panic("fault: Say " + id + ": names and values do not pair up")
	}
	m := Message{ID: id}
	if len(pairs) > 0 {
		m.Values = make(map[string]string, len(pairs)/2)
		for i := 0; i < len(pairs); i += 2 {
			m.Values[pairs[i]] = pairs[i+1]
		}
	}
	return m
}

// Error is a failure with its sentence.
type Error struct {
	Kind    Kind
	Message Message            // one or two sentences, the last saying what to do
	Fields  map[string]Message // by form field, with Kind Invalid
	Err     error              // for the log only; nil when there is nothing to add

	// Of the cloud's answer, zero elsewhere. They stand in a fold of the page.
	Code      string // the cloud's own code, e.g. HCSS.14000010
	Detail    string // the cloud's own message, cut at 500 bytes
	RequestID string // X-Request-Id of the answer
	Status    int    // HTTP status

	RetryAfter time.Duration // with Kind Busy: how long to wait, zero when not known
}

// Error gives the text for the log.
func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Message.ID
	if e.Code != "" {
		s += " (" + e.Code + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// New builds an Error of a kind with its sentence.
func New(k Kind, id string, pairs ...string) *Error {
	return &Error{Kind: k, Message: Say(id, pairs...)}
}

// Because returns a copy of e with its cause, for the log.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// Of finds the *Error in err's chain. Any other error, nil included, comes
// back as an Internal one that wraps it, so that the result is never nil.
func Of(err error) *Error {
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return &Error{Kind: Internal, Message: Say("fault.internal"), Err: err}
}

// Is reports whether err is a failure of kind k.
func Is(err error, k Kind) bool {
	var f *Error
	return errors.As(err, &f) && f.Kind == k
}
