package traffic_test

import (
	"math"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"sampan/internal/app/traffic"
)

// The cycle of these tests: 4 November to 4 December 2026, also in runs with the clock moved, because they name its days.
var (
	begin = time.Date(2026, 11, 4, 8, 0, 0, 0, time.UTC)
	end   = time.Date(2026, 12, 4, 8, 0, 0, 0, time.UTC)
)

// day gives a moment, days after the cycle began.
func day(n float64) time.Time { return begin.Add(time.Duration(n * 24 * float64(time.Hour))) }

// at is a sample of a 1,000 GB package, days after the cycle began.
func at(days, used float64) traffic.Sample {
	return traffic.Sample{At: day(days), Left: 1000 - used, Total: 1000, CycleStart: begin, CycleEnd: end}
}

// before is a sample of the cycle before.
func before(days, used float64) traffic.Sample {
	s := at(days, used)
	s.CycleStart, s.CycleEnd = begin.AddDate(0, -1, 0), begin
	return s
}

// timeless is a sample of which the cloud gave no cycle.
func timeless(days, used float64) traffic.Sample {
	s := at(days, used)
	s.CycleStart, s.CycleEnd = time.Time{}, time.Time{}
	return s
}

func TestPace(t *testing.T) {
	tests := []struct {
		name    string
		samples []traffic.Sample
		perDay  float64 // -1: there is too little to go by
		over    float64 // days
	}{
		{"no samples", nil, -1, 0},
		{"one sample tells the time since the cycle began", []traffic.Sample{at(5, 100)}, 20, 5},
		{"one sample late in the cycle: the last seven days at the cycle's pace", []traffic.Sample{at(20, 600)}, 30, 7},
		{"one sample three hours after the begin", []traffic.Sample{at(0.125, 50)}, -1, 0},
		{"one sample without a cycle", []traffic.Sample{timeless(5, 100)}, -1, 0},
		{"two samples without a cycle", []traffic.Sample{timeless(5, 100), timeless(6, 130)}, 30, 1},
		{"only the last seven days count", []traffic.Sample{at(1, 700), at(8, 700), at(15, 770)}, 10, 7},
		{"a pair that began earlier counts by its part", []traffic.Sample{at(5, 0), at(15, 100)}, 10, 7},
		{"a gap does no harm: the counter went on", []traffic.Sample{at(10, 100), at(10.1, 101), at(16, 160)}, 10, 7},
		{"a new cycle: what the old one used after its last sample is not known", []traffic.Sample{before(-2, 500), before(-1, 540), at(1, 20)}, 128.9655 / 6, 6},
		{"a new cycle without times is seen by its counter", []traffic.Sample{timeless(-2, 500), timeless(-1, 540), timeless(1, 20), timeless(2, 30)}, 25, 2},
		{"nothing used", []traffic.Sample{at(5, 100), at(13, 100)}, 0, 7},
		{"more left than before is no negative use", []traffic.Sample{at(5, 100), at(12, 90)}, 0, 7},
		{"out of order", []traffic.Sample{at(15, 770), at(1, 700), at(8, 700)}, 10, 7},
		{"the same sample twice", []traffic.Sample{at(8, 700), at(15, 770), at(15, 770)}, 10, 7},
		{"the package grew: what is used counts, not what is left", []traffic.Sample{at(8, 700), {At: day(15), Left: 1230, Total: 2000, CycleStart: begin, CycleEnd: end}}, 10, 7},
		{"a cycle that begins after its sample says nothing", []traffic.Sample{{At: day(-1), Left: 900, Total: 1000, CycleStart: begin, CycleEnd: end}}, -1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := traffic.PaceOf(tt.samples)
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

func use(date string, gb string) traffic.Use {
	d, err := time.ParseInLocation(time.DateOnly, date, time.FixedZone("", 8*3600))
	if err != nil {
		panic(err)
	}
	return traffic.Use{Day: d, GB: decimal.RequireFromString(gb)}
}

func TestPaceOfUsageRecords(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC) // 23 November in Beijing
	tests := []struct {
		name   string
		uses   []traffic.Use
		now    time.Time
		perDay float64
	}{
		{"no records", nil, now, -1},
		{"only today, which is not over", []traffic.Use{use("2026-11-23", "9")}, now, -1},
		{"yesterday", []traffic.Use{use("2026-11-22", "9"), use("2026-11-23", "700")}, now, 9},
		{"days without a record were without use", []traffic.Use{use("2026-11-16", "14"), use("2026-11-22", "7")}, now, 3},
		{"older days do not count", []traffic.Use{use("2026-10-01", "500"), use("2026-11-15", "500"), use("2026-11-20", "7")}, now, 1},
		{"days are Beijing's: at 20:00 UTC it is tomorrow there", []traffic.Use{use("2026-11-22", "1"), use("2026-11-23", "3")}, now.Add(19 * time.Hour), 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := traffic.PaceOfUse(tt.uses, time.Time{}, tt.now)
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
	pace := func(perDay float64) traffic.Pace { return traffic.Pace{PerDay: perDay, Over: 7 * 24 * time.Hour} }
	meter := func(s traffic.Sample) traffic.Meter { return traffic.Meter{ReadAt: s.At, Last: s} }
	oldReading := meter(at(10, 500))
	oldReading.ReadAt = day(20) // read since, but in a unit that says nothing
	oldReading.Unit = 17
	tests := []struct {
		name  string
		meter traffic.Meter
		pace  traffic.Pace
		now   time.Time
		want  traffic.Forecast
	}{
		{"never read", traffic.Meter{}, pace(1), day(5), traffic.Forecast{Outlook: traffic.Unread}},
		{"read, with no figures ever", traffic.Meter{ReadAt: day(5)}, pace(1), day(5), traffic.Forecast{Outlook: traffic.Unread}},
		{"a unit that is no amount of data", oldReading, pace(1), day(20), traffic.Forecast{Outlook: traffic.Uncounted}},
		{"no total: nothing could run out", meter(traffic.Sample{At: day(5), CycleEnd: end}), pace(1), day(5), traffic.Forecast{Outlook: traffic.Unlimited}},
		{"nothing is left", meter(at(20, 1000)), pace(50), day(20), traffic.Forecast{Outlook: traffic.UsedUp}},
		{"more than all is used", meter(at(20, 1030)), pace(50), day(20), traffic.Forecast{Outlook: traffic.UsedUp}},
		{"runs out before the end", meter(at(20, 750)), pace(50), day(20), traffic.Forecast{Outlook: traffic.RunsOut, At: day(25), Early: 5 * 24 * time.Hour, Beyond: 250}},
		{"counted from the reading, not from now", meter(at(20, 750)), pace(50), day(23), traffic.Forecast{Outlook: traffic.RunsOut, At: day(25), Early: 5 * 24 * time.Hour, Beyond: 250}},
		{"an old reading may have run out by now", meter(at(20, 750)), pace(50), day(28), traffic.Forecast{Outlook: traffic.RunsOut, At: day(25), Early: 5 * 24 * time.Hour, Beyond: 250}},
		{"lasts until the end", meter(at(20, 300)), pace(50), day(20), traffic.Forecast{Outlook: traffic.Lasts, Rest: 200}},
		{"ends exactly with the cycle", meter(at(20, 500)), pace(50), day(20), traffic.Forecast{Outlook: traffic.Lasts, Rest: 0}},
		{"nothing is used any more", meter(at(20, 999)), pace(0), day(20), traffic.Forecast{Outlook: traffic.Lasts, Rest: 1}},
		{"hardly anything is used", meter(at(20, 0)), pace(1e-300), day(20), traffic.Forecast{Outlook: traffic.Lasts, Rest: 1000}},
		{"too little to go by", meter(at(0.1, 5)), traffic.Pace{}, day(0.1), traffic.Forecast{Outlook: traffic.TooSoon}},
		{"the cycle is over and the new one was not read", meter(at(29, 990)), pace(50), day(30), traffic.Forecast{Outlook: traffic.NewCycle}},
		{"the cycle is over although all was used up", meter(at(29, 1000)), pace(50), day(31), traffic.Forecast{Outlook: traffic.NewCycle}},
		{"the end of the cycle is not known, soon", meter(timeless(20, 750)), pace(50), day(20), traffic.Forecast{Outlook: traffic.RunsOut, At: day(25)}},
		{"the end of the cycle is not known, in more than a month", meter(timeless(20, 0)), pace(30), day(20), traffic.Forecast{Outlook: traffic.Lasts}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := traffic.Look(tt.meter, tt.pace, tt.now)
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
		s := traffic.Sample{At: day(rapid.Float64Range(-5, 40).Draw(t, "at")), Left: amount("left"), Total: amount("total"),
			CycleStart: begin}
		if rapid.Bool().Draw(t, "has an end") {
			s.CycleEnd = end
		}
		pace := traffic.Pace{PerDay: rapid.Float64Range(0, 1e6).Draw(t, "pace"), Over: time.Hour}
		now := day(rapid.Float64Range(-5, 40).Draw(t, "now"))
		f := traffic.Look(traffic.Meter{ReadAt: s.At, Last: s}, pace, now)
		switch {
		case f.Beyond < 0 || f.Rest < 0 || f.Early < 0:
			t.Fatalf("negative: %+v", f)
		case f.Outlook == traffic.RunsOut && (f.At.Before(s.At) || !s.CycleEnd.IsZero() && f.At.After(s.CycleEnd)):
			t.Fatalf("runs out at %v, outside of %v to %v", f.At, s.At, s.CycleEnd)
		case f.Outlook != traffic.RunsOut && !f.At.IsZero():
			t.Fatalf("%s with a day", f.Outlook)
		}
	})
}
