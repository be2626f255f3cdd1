package meter_test

import (
	"math"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"sampan/internal/app/meter"
)

// The cycle of these tests: 4 November to 4 December 2026, also in runs with the clock moved, because they name its days.
var (
	begin = time.Date(2026, 11, 4, 8, 0, 0, 0, time.UTC)
	end   = time.Date(2026, 12, 4, 8, 0, 0, 0, time.UTC)
)

// day gives a moment, days after the cycle began.
func day(n float64) time.Time { return begin.Add(time.Duration(n * 24 * float64(time.Hour))) }

// at is a sample of a 1,000 GB package, days after the cycle began.
func at(days, used float64) meter.Sample {
	return meter.Sample{At: day(days), Left: 1000 - used, Total: 1000, CycleStart: begin, CycleEnd: end}
}

// before is a sample of the cycle before.
func before(days, used float64) meter.Sample {
	s := at(days, used)
	s.CycleStart, s.CycleEnd = begin.AddDate(0, -1, 0), begin
	return s
}

// timeless is a sample of which the cloud gave no cycle.
func timeless(days, used float64) meter.Sample {
	s := at(days, used)
	s.CycleStart, s.CycleEnd = time.Time{}, time.Time{}
	return s
}

func TestPace(t *testing.T) {
	tests := []struct {
		name    string
		samples []meter.Sample
		perDay  float64 // -1: there is too little to go by
		over    float64 // days
	}{
		{"no samples", nil, -1, 0},
		{"one sample tells the time since the cycle began", []meter.Sample{at(5, 100)}, 20, 5},
		{"one sample late in the cycle: the last seven days at the cycle's pace", []meter.Sample{at(20, 600)}, 30, 7},
		{"one sample three hours after the begin", []meter.Sample{at(0.125, 50)}, -1, 0},
		{"one sample without a cycle", []meter.Sample{timeless(5, 100)}, -1, 0},
		{"two samples without a cycle", []meter.Sample{timeless(5, 100), timeless(6, 130)}, 30, 1},
		{"only the last seven days count", []meter.Sample{at(1, 700), at(8, 700), at(15, 770)}, 10, 7},
		{"a pair that began earlier counts by its part", []meter.Sample{at(5, 0), at(15, 100)}, 10, 7},
		{"a gap does no harm: the counter went on", []meter.Sample{at(10, 100), at(10.1, 101), at(16, 160)}, 10, 7},
		{"a new cycle: what the old one used after its last sample is not known", []meter.Sample{before(-2, 500), before(-1, 540), at(1, 20)}, 128.9655 / 6, 6},
		{"a new cycle without times is seen by its counter", []meter.Sample{timeless(-2, 500), timeless(-1, 540), timeless(1, 20), timeless(2, 30)}, 25, 2},
		{"nothing used", []meter.Sample{at(5, 100), at(13, 100)}, 0, 7},
		{"more left than before is no negative use", []meter.Sample{at(5, 100), at(12, 90)}, 0, 7},
		{"out of order", []meter.Sample{at(15, 770), at(1, 700), at(8, 700)}, 10, 7},
		{"the same sample twice", []meter.Sample{at(8, 700), at(15, 770), at(15, 770)}, 10, 7},
		{"the package grew: what is used counts, not what is left", []meter.Sample{at(8, 700), {At: day(15), Left: 1230, Total: 2000, CycleStart: begin, CycleEnd: end}}, 10, 7},
		{"a cycle that begins after its sample says nothing", []meter.Sample{{At: day(-1), Left: 900, Total: 1000, CycleStart: begin, CycleEnd: end}}, -1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := meter.PaceOf(tt.samples)
			if tt.perDay < 0 {
				if p.Known() {
					t.Fatalf("got %v a day over %v, want nothing", p.PerDay, p.Over)
				}
				return
			}
			if math.Abs(p.PerDay-tt.perDay) > 0.01 || math.Abs(p.Over.Hours()/24-tt.over) > 0.01 || p.Used {
				t.Errorf("got %v a day over %v, want %v over %v days", p.PerDay, p.Over, tt.perDay, tt.over)
			}
		})
	}
}

func use(date string, gb string) meter.Use {
	d, err := time.ParseInLocation(time.DateOnly, date, time.FixedZone("", 8*3600))
	if err != nil {
		panic(err)
	}
	return meter.Use{Day: d, GB: decimal.RequireFromString(gb)}
}

func TestPaceOfUsageRecords(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC) // 23 November in Beijing
	tests := []struct {
		name   string
		uses   []meter.Use
		now    time.Time
		perDay float64
	}{
		{"no records", nil, now, -1},
		{"only today, which is not over", []meter.Use{use("2026-11-23", "9")}, now, -1},
		{"yesterday", []meter.Use{use("2026-11-22", "9"), use("2026-11-23", "700")}, now, 9},
		{"days without a record were without use", []meter.Use{use("2026-11-16", "14"), use("2026-11-22", "7")}, now, 3},
		{"older days do not count", []meter.Use{use("2026-10-01", "500"), use("2026-11-15", "500"), use("2026-11-20", "7")}, now, 1},
		{"days are Beijing's: at 20:00 UTC it is tomorrow there", []meter.Use{use("2026-11-22", "1"), use("2026-11-23", "3")}, now.Add(19 * time.Hour), 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := meter.PaceOfUse(tt.uses, time.Time{}, tt.now)
			if tt.perDay < 0 {
				if p.Known() {
					t.Fatalf("got %v a day, want nothing", p.PerDay)
				}
				return
			}
			if math.Abs(p.PerDay-tt.perDay) > 1e-9 || !p.Used {
				t.Errorf("got %v a day (from records: %v), want %v", p.PerDay, p.Used, tt.perDay)
			}
		})
	}
}

func TestForecast(t *testing.T) {
	pace := func(perDay float64) meter.Pace { return meter.Pace{PerDay: perDay, Over: 7 * 24 * time.Hour} }
	read := func(s meter.Sample) meter.Meter { return meter.Meter{ReadAt: s.At, Last: s} }
	oldReading := read(at(10, 500))
	oldReading.ReadAt = day(20) // read since, but in a unit that says nothing
	oldReading.Unit = 17
	tests := []struct {
		name  string
		meter meter.Meter
		pace  meter.Pace
		now   time.Time
		want  meter.Forecast
	}{
		{"never read", meter.Meter{}, pace(1), day(5), meter.Forecast{Outlook: meter.Unread}},
		{"read, with no figures ever", meter.Meter{ReadAt: day(5)}, pace(1), day(5), meter.Forecast{Outlook: meter.Unread}},
		{"a unit that is no amount of data", oldReading, pace(1), day(20), meter.Forecast{Outlook: meter.Uncounted}},
		{"no total: nothing could run out", read(meter.Sample{At: day(5), CycleEnd: end}), pace(1), day(5), meter.Forecast{Outlook: meter.Unlimited}},
		{"nothing is left", read(at(20, 1000)), pace(50), day(20), meter.Forecast{Outlook: meter.UsedUp}},
		{"more than all is used", read(at(20, 1030)), pace(50), day(20), meter.Forecast{Outlook: meter.UsedUp}},
		{"runs out before the end", read(at(20, 750)), pace(50), day(20), meter.Forecast{Outlook: meter.RunsOut, At: day(25), Early: 5 * 24 * time.Hour, Beyond: 250}},
		{"counted from the reading, not from now", read(at(20, 750)), pace(50), day(23), meter.Forecast{Outlook: meter.RunsOut, At: day(25), Early: 5 * 24 * time.Hour, Beyond: 250}},
		{"an old reading may have run out by now", read(at(20, 750)), pace(50), day(28), meter.Forecast{Outlook: meter.RunsOut, At: day(25), Early: 5 * 24 * time.Hour, Beyond: 250}},
		{"lasts until the end", read(at(20, 300)), pace(50), day(20), meter.Forecast{Outlook: meter.Lasts, Rest: 200}},
		{"ends exactly with the cycle", read(at(20, 500)), pace(50), day(20), meter.Forecast{Outlook: meter.Lasts, Rest: 0}},
		{"nothing is used any more", read(at(20, 999)), pace(0), day(20), meter.Forecast{Outlook: meter.Lasts, Rest: 1}},
		{"hardly anything is used", read(at(20, 0)), pace(1e-300), day(20), meter.Forecast{Outlook: meter.Lasts, Rest: 1000}},
		{"too little to go by", read(at(0.1, 5)), meter.Pace{}, day(0.1), meter.Forecast{Outlook: meter.TooSoon}},
		{"the cycle is over and the new one was not read", read(at(29, 990)), pace(50), day(30), meter.Forecast{Outlook: meter.NewCycle}},
		{"the cycle is over although all was used up", read(at(29, 1000)), pace(50), day(31), meter.Forecast{Outlook: meter.NewCycle}},
		{"the end of the cycle is not known, soon", read(timeless(20, 750)), pace(50), day(20), meter.Forecast{Outlook: meter.RunsOut, At: day(25)}},
		{"the end of the cycle is not known, in more than a month", read(timeless(20, 0)), pace(30), day(20), meter.Forecast{Outlook: meter.Lasts}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := meter.Look(tt.meter, tt.pace, tt.now)
			tt.want.Pace = tt.pace
			if got.Outlook != tt.want.Outlook || !near(got.At, tt.want.At) || (got.Early-tt.want.Early).Abs() > time.Second ||
				math.Abs(got.Beyond-tt.want.Beyond) > 0.01 || math.Abs(got.Rest-tt.want.Rest) > 0.01 || got.Pace != tt.want.Pace {
				t.Errorf("got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func near(a, b time.Time) bool { return a.IsZero() == b.IsZero() && a.Sub(b).Abs() < time.Second }

func TestAForecastNeverContradictsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := func(name string) float64 { return rapid.Float64Range(-10, 5000).Draw(t, name) }
		s := meter.Sample{At: day(rapid.Float64Range(-5, 40).Draw(t, "at")), Left: amount("left"), Total: amount("total"),
			CycleStart: begin}
		if rapid.Bool().Draw(t, "has an end") {
			s.CycleEnd = end
		}
		pace := meter.Pace{PerDay: rapid.Float64Range(0, 1e6).Draw(t, "pace"), Over: time.Hour}
		now := day(rapid.Float64Range(-5, 40).Draw(t, "now"))
		f := meter.Look(meter.Meter{ReadAt: s.At, Last: s}, pace, now)
		switch {
		case f.Beyond < 0 || f.Rest < 0 || f.Early < 0:
			t.Fatalf("negative: %+v", f)
		case f.Outlook == meter.RunsOut && (f.At.Before(s.At) || !s.CycleEnd.IsZero() && f.At.After(s.CycleEnd)):
			t.Fatalf("runs out at %v, outside of %v to %v", f.At, s.At, s.CycleEnd)
		case f.Outlook != meter.RunsOut && !f.At.IsZero():
			t.Fatalf("%s with a day", f.Outlook)
		}
	})
}
