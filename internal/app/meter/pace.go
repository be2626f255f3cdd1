package meter

import (
	"slices"
	"time"
)

// paceOver is the time before the newest sample over which the pace is computed.
const paceOver = 7 * 24 * time.Hour

// leastPace is how much of that time must be known for there to be a pace.
const leastPace = 6 * time.Hour

// Pace is how fast a package is used.
type Pace struct {
	PerDay float64       // GB
	Over   time.Duration // the time that it is computed over; 0: too little is known
	Used   bool          // it comes from the cloud's usage records, not from samples
}

// Known reports whether enough is known for a pace.
func (p Pace) Known() bool { return p.Over > 0 }

// PaceOf computes the pace over paceOver before the newest sample. Two samples of
// one cycle tell what was used between them however far they are apart, so gaps
// do no harm. What is not known, such as the rest of a cycle after its last
// sample, is left out of both the amount and the time.
func PaceOf(samples []Sample) Pace {
	if len(samples) == 0 {
		return Pace{}
	}
	samples = slices.SortedStableFunc(slices.Values(samples), func(a, b Sample) int { return a.At.Compare(b.At) })
	from := samples[len(samples)-1].At.Add(-paceOver)
	var used float64
	var over time.Duration
	add := func(since, until time.Time, gb float64) {
		whole := until.Sub(since)
		if since.Before(from) {
			since = from
		}
		if inside := until.Sub(since); whole > 0 && inside > 0 {
			used, over = used+gb*float64(inside)/float64(whole), over+inside
		}
	}
	begun := func(s Sample, after time.Time) {
		if !s.CycleStart.IsZero() && s.CycleStart.Before(s.At) && !s.CycleStart.Before(after) {
			add(s.CycleStart, s.At, s.Used())
		}
	}
	begun(samples[0], time.Time{})
	for n := 1; n < len(samples); n++ {
		a, b := samples[n-1], samples[n]
		if a.sameCycle(b) {
			add(a.At, b.At, max(0, b.Used()-a.Used()))
		} else {
			begun(b, a.At)
		}
	}
	if over < leastPace {
		return Pace{}
	}
	return Pace{PerDay: used / over.Hours() * 24, Over: over}
}

// PaceOfUse computes the pace from the cloud's usage records of the seven days
// before the day of now, which is not over. Days without a record count as days
// without use, back to the first record or to since.
func PaceOfUse(uses []Use, since, now time.Time) Pace {
	today := Midnight(now)
	from := today.Add(-paceOver)
	first := today
	sum := 0.0
	for _, u := range uses {
		if u.Day.Before(first) {
			first = u.Day
		}
		if !u.Day.Before(from) && u.Day.Before(today) {
			sum += u.GB.InexactFloat64()
		}
	}
	if !since.IsZero() && since.Before(first) {
		first = Midnight(since)
	}
	if first.After(from) {
		from = first
	}
	over := today.Sub(from)
	if over < 24*time.Hour {
		return Pace{}
	}
	return Pace{PerDay: sum / (over.Hours() / 24), Over: over, Used: true}
}

// beijing is the zone in which billing counts days; it has no summer time.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// Midnight is the begin of the day of a moment, as billing counts days: in
// Beijing.
func Midnight(t time.Time) time.Time {
	y, m, d := t.In(beijing).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, beijing)
}
