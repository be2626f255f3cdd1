package instance

import (
	"testing"
	"time"

	"sampan/internal/testclock"
)

// The result of a turn that began before another one and ended after it is not
// stored.
func TestAnOlderTurnDoesNotCount(t *testing.T) {
	began := testclock.From(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	var w queue
	y := Sync{AccountID: "a", Source: "ecs:r"}
	at := func(d time.Duration, trouble string) []Sync {
		y.TriedAt, y.OKAt, y.Trouble = began.Add(d), time.Time{}, trouble
		if trouble == "" {
			y.OKAt = y.TriedAt
		}
		return []Sync{y}
	}
	w.toStore(at(15*time.Second, ""), time.Minute)
	if got := w.toStore(at(0, "cloud.unreachable"), time.Minute); len(got) > 0 {
		t.Errorf("stored: %+v", got)
	}
	now := w.newest(at(-time.Hour, ""))
	if now[0].Trouble != "" || !now[0].OKAt.Equal(began.Add(15*time.Second)) {
		t.Errorf("the newest: %+v, want that of the look", now[0])
	}
}
