package catalog_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"sampan/internal/app/catalog"
)

func TestMonthsByHuaweisRule(t *testing.T) {
	for _, c := range []struct {
		start  string
		months int
		want   string // by Beijing's clock
	}{
		{"2027-01-31T10:00:00+08:00", 1, "2027-02-28T10:00:00+08:00"},
		{"2027-01-30T10:00:00+08:00", 1, "2027-02-28T10:00:00+08:00"},
		{"2027-01-28T10:00:00+08:00", 1, "2027-02-28T10:00:00+08:00"},
		{"2028-01-31T10:00:00+08:00", 1, "2028-02-29T10:00:00+08:00"},
		{"2027-03-31T10:00:00+08:00", 1, "2027-04-30T10:00:00+08:00"},
		{"2027-01-31T10:00:00+08:00", 2, "2027-03-31T10:00:00+08:00"},
		{"2028-02-29T10:00:00+08:00", 12, "2029-02-28T10:00:00+08:00"},
		{"2028-02-29T10:00:00+08:00", 48, "2032-02-29T10:00:00+08:00"},
		{"2027-12-31T23:59:59+08:00", 2, "2028-02-29T23:59:59+08:00"},
		{"2027-01-30T17:00:00Z", 1, "2027-02-28T01:00:00+08:00"},      // the 31st in Beijing
		{"2027-02-28T16:30:00Z", 1, "2027-04-01T00:30:00+08:00"},      // 1 March in Beijing
		{"2027-01-31T20:00:00-05:00", 1, "2027-03-01T09:00:00+08:00"}, // 1 February in Beijing
		{"2027-03-31T10:00:00+08:00", -1, "2027-02-28T10:00:00+08:00"},
		{"2027-05-31T10:00:00+08:00", 0, "2027-05-31T10:00:00+08:00"},
	} {
		start, err := time.Parse(time.RFC3339, c.start)
		if err != nil {
			t.Fatal(err)
		}
		if got := catalog.AddMonths(start, c.months).Format(time.RFC3339); got != c.want {
			t.Errorf("%s and %d months: got %s, want %s", c.start, c.months, got, c.want)
		}
	}
	start := time.Date(2027, 1, 31, 10, 0, 0, 0, time.UTC)
	if got, want := catalog.EndOfTerm(start, 1), time.Date(2027, 2, 28, 15, 59, 59, 0, time.UTC); !got.Equal(want) {
		t.Errorf("a month from 31 January ends at %v, want %v", got, want)
	}
}

// Whatever the moment and the number of months: the month is the right one, the
// day is the same or the month's last, the time of day stays, and who begins later
// never ends earlier.
func TestMonthsOfAnyMoment(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	rng := rand.New(rand.NewPCG(1, 2))
	begin := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 20_000 {
		at := begin.Add(time.Duration(rng.Int64N(int64(20 * 366 * 24 * time.Hour))))
		n := rng.IntN(61) - 24
		got := catalog.AddMonths(at, n)
		in := at.In(zone)
		months := in.Year()*12 + int(in.Month()) - 1 + n
		if got.Year()*12+int(got.Month())-1 != months {
			t.Fatalf("%v and %d months: got %v, another month", in, n, got)
		}
		if d, last := got.Day(), got.AddDate(0, 0, 1).Day() == 1; d != in.Day() && (!last || d > in.Day()) {
			t.Fatalf("%v and %d months: got %v, want the same day or the month's last", in, n, got)
		}
		if got.Sub(got.Truncate(24*time.Hour)) != in.Sub(in.Truncate(24*time.Hour)) {
			t.Fatalf("%v and %d months: got %v, another time of day", in, n, got)
		}
		later := at.Add(time.Duration(rng.Int64N(int64(40 * 24 * time.Hour))))
		if catalog.EndOfTerm(later, n).Before(catalog.EndOfTerm(at, n)) {
			t.Fatalf("%d months from %v end before those from %v", n, later, at)
		}
		if end := catalog.EndOfTerm(at, n); end.Before(got) || end.Sub(got) >= 24*time.Hour ||
			!got.Equal(catalog.AddMonths(at.In(time.UTC), n)) {
			t.Fatalf("%v and %d months: ends %v, %v", in, n, end, got)
		}
	}
}
