package meter_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/meter"
)

// hours gives samples at hours after midnight in Beijing on 10 November.
func hours(pairs ...float64) []meter.Sample {
	var all []meter.Sample
	for n := 0; n < len(pairs); n += 2 {
		s := at(0, pairs[n+1])
		s.At = time.Date(2026, 11, 9, 16, 0, 0, 0, time.UTC).Add(time.Duration(pairs[n] * float64(time.Hour)))
		all = append(all, s)
	}
	return all
}

func TestUseByDay(t *testing.T) {
	now := time.Date(2026, 11, 13, 3, 0, 0, 0, time.UTC) // 13 November, 11:00 in Beijing
	reset := hours(24, 900, 30, 930, 48, 60)
	reset[2].CycleStart, reset[2].CycleEnd = reset[1].At.Add(time.Hour), end.AddDate(0, 1, 0) // at 07:00
	tests := []struct {
		name    string
		samples []meter.Sample
		uses    []meter.Use
		want    []string
	}{
		{"nothing known", nil, nil, nil},
		{"two midnights", hours(0, 10, 24, 34), nil, []string{"11-10 24"}},
		{"between samples the use is even", hours(0, 0, 36, 36, 60, 60), nil, []string{"11-10 24", "11-11 24"}},
		{"nothing used is known, not a gap", hours(0, 10, 24, 10), nil, []string{"11-10 0"}},
		{"a day watched too little is a gap", hours(0, 0, 10, 10), nil, nil},
		{"today is not over", hours(72, 0, 80, 16), nil, []string{"11-13 16"}},
		{"samples too far apart say nothing by the day", hours(0, 0, 48, 48), nil, nil},
		{"records fill gaps", hours(0, 0, 48, 48, 72, 96), []meter.Use{use("2026-11-10", "17"), use("2026-11-11", "31")}, []string{"11-10 17 record", "11-11 31 record", "11-12 48"}},
		{"samples know better than records", hours(0, 0, 24, 24), []meter.Use{use("2026-11-10", "99")}, []string{"11-10 24"}},
		{"older and later records are left out", nil, []meter.Use{use("2026-11-08", "1"), use("2026-11-09", "2"), use("2026-11-14", "3")}, []string{"11-09 2 record"}},
		{"a new cycle in a day: only what was watched of it", reset, nil, []string{"11-11 90"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, d := range meter.Days(tt.samples, tt.uses, time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC), now) {
				s := fmt.Sprintf("%s %.4g", d.Begin.Format("01-02"), d.GB)
				if d.Record {
					s += " record"
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestHowACycleWasUsedUp(t *testing.T) {
	show := func(spots []meter.Spot) []string {
		var all []string
		for _, s := range spots {
			word := fmt.Sprintf("day %.4g: %.4g", s.At.Sub(begin).Hours()/24, s.Used)
			if s.Record {
				word += " record"
			}
			all = append(all, word)
		}
		return all
	}
	read := func(s meter.Sample) meter.Meter { return meter.Meter{ReadAt: s.At, Last: s} }
	records := []meter.Use{use("2026-11-03", "400"), use("2026-11-04", "30"), use("2026-11-05", "10"), use("2026-11-07", "20"),
		use("2026-11-10", "1")}
	tests := []struct {
		name    string
		meter   meter.Meter
		samples []meter.Sample
		uses    []meter.Use
		want    []string
	}{
		{"nothing read", meter.Meter{}, nil, nil, nil},
		{"one reading", read(at(5, 100)), nil, nil, []string{"day 0: 0", "day 5: 100"}},
		{"the last sample is not drawn twice", read(at(5, 100)), []meter.Sample{at(4, 80), at(5, 100)}, nil, []string{"day 0: 0", "day 4: 80", "day 5: 100"}},
		{"another cycle's samples are left out", read(at(5, 100)), []meter.Sample{before(-1, 900), at(4, 80)}, nil, []string{"day 0: 0", "day 4: 80", "day 5: 100"}},
		{"without a begin it starts with the first sample", read(timeless(5, 100)), []meter.Sample{timeless(4, 80)}, nil, []string{"day 4: 80", "day 5: 100"}},
		{"records before the first sample are added up; the first day is half the old cycle's", read(at(5, 100)), nil, records, []string{"day 0: 0", "day 1.333: 10 record", "day 3.333: 30 record", "day 5: 100"}},
		{"records that say more than the sample are not believed", read(at(5, 25)), nil, records, []string{"day 0: 0", "day 1.333: 10 record", "day 5: 25"}},
		{"once there are samples records are not needed", read(at(5, 100)), []meter.Sample{at(1, 3)}, records, []string{"day 0: 0", "day 1: 3", "day 5: 100"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, show(meter.Cycle(tt.meter, tt.samples, tt.uses))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
