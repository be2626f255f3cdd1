package meter

import (
	"slices"
	"time"
)

// Day is what a package used on one day, Beijing time, as billing counts days.
type Day struct {
	Begin  time.Time
	GB     float64
	Record bool // it comes from the cloud's usage records, not from our samples
}

// mostBetweenSamples is how far apart two samples may be for the use between them
// to be spread evenly over that time.
const mostBetweenSamples = 36 * time.Hour

// leastCovered is how much of a day samples must cover for its use to be known.
// With less the day is a gap, unless the cloud has a record of it.
const leastCovered = 20 * time.Hour

// Days gives the use by day, from the day of a moment to today, which is not
// over. Days whose use is not known are missing: they are gaps, not zeros.
func Days(samples []Sample, uses []Use, from, now time.Time) []Day {
	type dayUse struct {
		gb      float64
		watched time.Duration
	}
	days := make(map[int64]dayUse)
	spread := func(since, until time.Time, gb float64) {
		whole := until.Sub(since)
		for since.Before(until) {
			begin := Midnight(since)
			end := begin.Add(24 * time.Hour)
			if end.After(until) {
				end = until
			}
			p := days[begin.Unix()]
			p.gb += gb * float64(end.Sub(since)) / float64(whole)
			p.watched += end.Sub(since)
			days[begin.Unix()] = p
			since = end
		}
	}
	for n := 1; n < len(samples); n++ {
		a, b := samples[n-1], samples[n]
		switch {
		case !a.At.Before(b.At):
		case a.sameCycle(b):
			if b.At.Sub(a.At) <= mostBetweenSamples {
				spread(a.At, b.At, max(0, b.Used()-a.Used()))
			}
		case !b.CycleStart.Before(a.At) && b.CycleStart.Before(b.At) && b.At.Sub(b.CycleStart) <= mostBetweenSamples:
			spread(b.CycleStart, b.At, b.Used())
		}
	}
	var all []Day
	first, today := Midnight(from), Midnight(now)
	for begin, p := range days {
		at := time.Unix(begin, 0).In(beijing)
		if whole := at.Equal(today) || p.watched >= leastCovered; whole && !at.Before(first) && !at.After(today) {
			all = append(all, Day{Begin: at, GB: p.gb})
		}
	}
	for _, u := range uses {
		at := Midnight(u.Day)
		known := slices.ContainsFunc(all, func(d Day) bool { return d.Begin.Equal(at) })
		if !known && !at.Before(first) && !at.After(today) {
			all = append(all, Day{Begin: at, GB: u.GB.InexactFloat64(), Record: true})
		}
	}
	slices.SortFunc(all, func(a, b Day) int { return a.Begin.Compare(b.Begin) })
	return all
}

// Spot is how much of a cycle's package was used up at a moment.
type Spot struct {
	At     time.Time
	Used   float64 // GB
	Record bool    // the sum of the cloud's usage records until then
}

// Cycle gives how the running cycle of a meter was used up, oldest first: from
// zero at its begin, over the samples, to the last one. The time before the first
// sample is taken from usage records where there are any.
func Cycle(m Meter, samples []Sample, uses []Use) []Spot {
	var all []Spot
	if m.Last.At.IsZero() {
		return nil
	}
	for _, s := range append(slices.Clone(samples), m.Last) {
		if s.sameCycle(m.Last) && !s.At.After(m.Last.At) && (len(all) == 0 || all[len(all)-1].At.Before(s.At)) {
			all = append(all, Spot{At: s.At, Used: s.Used()})
		}
	}
	begin := m.Last.CycleStart
	if begin.IsZero() || len(all) == 0 || !begin.Before(all[0].At) {
		return all
	}
	return append(append([]Spot{{At: begin}}, recorded(begin, all[0], uses)...), all...)
}

// recorded gives the spots between a cycle's begin and its first sample. Records
// of the first day also hold use of the cycle before, and the newest ones may be
// missing: sums above the sample are left out.
func recorded(begin time.Time, first Spot, uses []Use) []Spot {
	var all []Spot
	sum := 0.0
	for _, u := range uses {
		end := u.Day.Add(24 * time.Hour)
		if u.Day.Before(begin) || end.After(first.At) {
			continue
		}
		if sum += u.GB.InexactFloat64(); sum > first.Used {
			break
		}
		all = append(all, Spot{At: end, Used: sum, Record: true})
	}
	return all
}
