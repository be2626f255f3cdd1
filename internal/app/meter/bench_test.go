package meter_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// fleetOf is a Service over n packages that were read twice.
func fleetOf(b *testing.B, n int) (*meter.Service, []string, *time.Time) {
	now := day(10)
	cloud := &billing{readings: map[string]meter.Reading{}}
	view := &picture{}
	var ids []string
	for i := range n {
		id := fmt.Sprintf("%08x-1111-2222-3333-444444444444", i)
		ids = append(ids, id)
		view.rows = append(view.rows, &instance.Row{AccountID: "a", InstanceID: fmt.Sprint("i", i), Name: fmt.Sprint("web-", i),
			PackageID: id, First: true})
		cloud.readings[id] = meter.Reading{Left: decimal.NewFromInt(int64(i % 1000)), Total: decimal.NewFromInt(1000), Known: true,
			CycleStart: begin, CycleEnd: end}
	}
	s := &meter.Service{Store: db.Traffic{DB: dbtest.Open(b)}, Billing: cloud, Accounts: &accounts{}, Inventory: view,
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	for range 2 {
		if _, err := s.ReadTraffic(b.Context(), account.Access{AccountID: "a"}, ids); err != nil {
			b.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
	return s, ids, &now
}

// BenchmarkReadTraffic is the console's own part of an hourly reading.
func BenchmarkReadTraffic(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, ids, now := fleetOf(b, n)
			for b.Loop() {
				*now = now.Add(time.Hour)
				if _, err := s.ReadTraffic(b.Context(), account.Access{AccountID: "a"}, ids); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFleet is what every look at the list or at the overview costs.
func BenchmarkFleet(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, _, _ := fleetOf(b, n)
			for b.Loop() {
				if f, err := s.Fleet(viewer, []string{"a"}); err != nil || len(f.Lines) != n {
					b.Fatal(len(f.Lines), err)
				}
			}
		})
	}
}
