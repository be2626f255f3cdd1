package cloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// The types below take what the cloud sends where it documents something else:
// null, numbers as text, text as numbers, times in several forms (cloud-api, 4).
// None of them ever fails; what cannot be read is left empty. Lists and objects
// that an answer is about stay strict in the adapters, so that a garbled answer
// is not taken for an empty one.

// Text is a string that may come as a number or a boolean.
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(b []byte) error {
	*t = Text(textOf(b))
	return nil
}

func textOf(b []byte) string {
	switch b[0] {
	case '"':
		if verbatim(b[1 : len(b)-1]) {
			return string(b[1 : len(b)-1])
		}
		var s string
		_ = json.Unmarshal(b, &s) // the scanner has seen that it is a string
		return s
	case '{', '[', 'n':
		return ""
	default:
		return string(b)
	}
}

// verbatim reports whether the inside of a string means itself. Nearly all of them
// do, and a listing of 10,000 instances has a million.
func verbatim(b []byte) bool {
	for _, c := range b {
		if c == '\\' || c >= 0x80 {
			return false
		}
	}
	return true
}

// Int is a whole number that may come as text.
type Int int64

// UnmarshalJSON implements json.Unmarshaler.
func (i *Int) UnmarshalJSON(b []byte) error {
	s := strings.TrimSpace(textOf(b))
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		*i = Int(n)
	} else if f, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(f) < 1<<53 {
		*i = Int(f)
	} else {
		*i = 0
	}
	return nil
}

// Flag is a boolean that may come as "True", "1" or 1.
type Flag bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *Flag) UnmarshalJSON(b []byte) error {
	s := strings.ToLower(strings.TrimSpace(textOf(b)))
	*f = s == "true" || s == "1" || s == "yes"
	return nil
}

// Amount is a decimal that may come as text; Valid tells absence from zero.
type Amount struct {
	decimal.Decimal
	Valid bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *Amount) UnmarshalJSON(b []byte) error {
	*a = Amount{}
	s := strings.TrimSpace(textOf(b))
	if s == "" || len(s) > 48 {
		return nil
	}
	d, err := decimal.NewFromString(s)
	if err != nil || d.Exponent() > 24 || d.Exponent() < -24 { // 1e999999999 would be a gigabyte of digits
		return nil
	}
	*a = Amount{d, true}
	return nil
}

// Time is a moment in any of the forms the cloud writes; UTC where it names no
// zone. Zero when there is none.
type Time struct{ time.Time }

var timeForms = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02"}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(b []byte) error {
	t.Time = ParseTime(textOf(b))
	return nil
}

// ParseTime reads a moment as Time does, from text.
func ParseTime(s string) time.Time {
	s = strings.TrimSpace(s)
	for _, form := range timeForms {
		if at, err := time.Parse(form, s); err == nil && at.Year() > 1 {
			return at.UTC()
		}
	}
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil && ms > 1e11 && ms < 1e14 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// Loose is an optional part of an answer: when its shape is not the expected one
// it is left empty, and the answer is still valid.
type Loose[T any] struct{ V T }

// UnmarshalJSON implements json.Unmarshaler.
func (l *Loose[T]) UnmarshalJSON(b []byte) error {
	var v T
	if json.Unmarshal(b, &v) == nil {
		l.V = v
	}
	return nil
}

var (
	errEmpty      = errors.New("the answer is empty")
	errNesting    = errors.New("the answer is nested too deeply")
	errIncomplete = errors.New("the answer lacks what it is about")
)

// decode reads a 2xx body into into; nil only checks that it is JSON.
func decode(body []byte, into any) error {
	if into == nil { // nothing is expected, but it must be JSON: a portal's page is not a success
		into = new(json.RawMessage)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return errEmpty
	}
	if err := readInto(body, into); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if c, ok := into.(interface{ Complete() bool }); ok && !c.Complete() {
		return errIncomplete
	}
	return nil
}

// tooDeep counts brackets outside of strings, before a parser recurses into them.
func tooDeep(b []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxNesting {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
