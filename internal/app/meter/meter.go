package meter

import "time"

// Sample is a reading that the console stores. Amounts are GB as the cloud counts
// them, exact to a thousandth.
type Sample struct {
	At          time.Time // when it was read, by the console's clock
	Left, Total float64   // GB of the cycle that ran then
	// The cycle by the cloud's own times; zero: not known.
	CycleStart, CycleEnd time.Time
}

// Used is what the cycle had used up; 0 when more is left than the package has.
func (s Sample) Used() float64 { return max(0, s.Total-s.Left) }

// sameCycle reports whether a later sample is of the same cycle. When the cloud
// gave no times, less use than before means that a new one began.
func (s Sample) sameCycle(later Sample) bool {
	switch {
	case !s.CycleStart.IsZero() && !later.CycleStart.IsZero():
		return s.CycleStart.Equal(later.CycleStart)
	case !s.CycleEnd.IsZero() && !later.CycleEnd.IsZero():
		return s.CycleEnd.Equal(later.CycleEnd)
	}
	return later.Used() >= s.Used()
}

// Meter is what is stored of one data package.
type Meter struct {
	PackageID string
	AccountID string
	// Item is the id that billing knows the package's traffic by, when that is
	// not PackageID (cloud-api, 9.11).
	Item string

	ReadAt   time.Time // the last reading, with or without figures; zero: none yet
	Last     Sample    // the last reading with figures; zero: none yet
	Unit     int       // the last reading's measure_id when it gave no figure in GB, -1 when it had none; 0: it gave one
	UseAt    time.Time // when usage records were last read; zero: never
	Marks    []Sample  // some of the samples of the last eight days, oldest first: the pace is taken from them
	StartRow []byte    // what a start reads of it; the store gives it by StartRows alone
}

// How marks are kept.
const (
	markEvery = 6 * time.Hour
	markFor   = 8 * 24 * time.Hour
)

// take adds a sample. One that is older than the last is left out, unless the
// last lies in the future, because the clock was set back since.
func (m *Meter) take(s Sample, now time.Time) {
	if s.At.Before(m.Last.At) && !m.Last.At.After(now) {
		return
	}
	old := m.Last
	marks := m.Marks[:0:0]
	for _, k := range m.Marks {
		if k.At.Before(s.At) && s.At.Sub(k.At) <= markFor {
			marks = append(marks, k)
		}
	}
	last := Sample{}
	if n := len(marks); n > 0 {
		last = marks[n-1]
	}
	if !old.At.IsZero() && old.At.Before(s.At) && s.At.Sub(old.At) <= markFor && !old.sameCycle(s) && old.At.After(last.At) {
		marks, last = append(marks, old), old // the end of the old cycle
	}
	if last.At.IsZero() || s.At.Sub(last.At) >= markEvery || !last.sameCycle(s) {
		marks = append(marks, s)
	}
	m.Marks, m.Last, m.Unit = marks, s, 0
}

// How long samples are kept: one of every hour, then one of every day.
const (
	HourlyFor = 90 * 24 * time.Hour
	DailyFor  = 2 * 365 * 24 * time.Hour
)
