package db

import (
	"encoding/json"
	"fmt"
	"time"

	lib "modernc.org/sqlite/lib"
)

// micros is a time as stored: microseconds since 1970 UTC, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is the inverse of micros; the result is in UTC.
func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// bit is a truth value as stored.
func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// toJSON is a list or map as stored. It panics on values that JSON cannot
// hold, which only a programmer can cause.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("db: " + err.Error())
	}
	return string(b)
}

// fromJSON is the inverse of toJSON; empty text leaves v as it is.
func fromJSON(text string, v any) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("db: stored JSON: %w", err)
	}
	return nil
}

// isUnique reports whether a unique constraint or primary key refused a row.
func isUnique(err error) bool {
	code := resultCode(err)
	return code == lib.SQLITE_CONSTRAINT_UNIQUE || code == lib.SQLITE_CONSTRAINT_PRIMARYKEY
}
