package db_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/meter"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

var trafficDay = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func sample(at time.Time, left float64) meter.Sample {
	return meter.Sample{At: at, Left: left, Total: 1024, CycleStart: trafficDay.AddDate(0, 0, -19),
		CycleEnd: trafficDay.AddDate(0, 0, 11)}
}

func meterOf(id string, last meter.Sample, marks ...meter.Sample) meter.Meter {
	return meter.Meter{PackageID: id, AccountID: "a", ReadAt: last.At, Last: last, Marks: marks}
}

func keep(t *testing.T, s db.Traffic, m meter.Meter) {
	t.Helper()
	if err := s.Keep(t.Context(), []meter.Meter{m}, []bool{true}); err != nil {
		t.Fatal(err)
	}
}

func samples(t *testing.T, s db.Traffic, id string, from time.Time) []meter.Sample {
	t.Helper()
	all, err := s.Samples(t.Context(), id, from)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestMetersAreKeptWhole(t *testing.T) {
	s := db.Traffic{DB: dbtest.Open(t)}
	full := meterOf("p1", sample(trafficDay.Add(90*time.Second), 512.345), sample(trafficDay.Add(-7*time.Hour), 600),
		sample(trafficDay.Add(-time.Hour), 540))
	full.Item = "item"
	bare := meter.Meter{PackageID: "p2", AccountID: "b", ReadAt: trafficDay, Unit: 17}
	if err := s.Keep(t.Context(), []meter.Meter{full, bare}, []bool{true, false}); err != nil {
		t.Fatal(err)
	}
	all, err := s.Meters(t.Context(), nil)
	if diff := cmp.Diff([]meter.Meter{full, bare}, all); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	some, err := s.Meters(t.Context(), []string{"p2", "nobody"})
	if diff := cmp.Diff([]meter.Meter{bare}, some); err != nil || diff != "" {
		t.Errorf("by id: %v, -want +got:\n%s", err, diff)
	}
	if none, err := s.Meters(t.Context(), []string{}); err != nil || len(none) != 0 {
		t.Errorf("of no packages: %v, %v", none, err)
	}
	if got := samples(t, s, "p2", time.Time{}); len(got) != 0 {
		t.Errorf("a reading without figures became a sample: %v", got)
	}

	full.Last, full.Marks, full.Item, full.AccountID = sample(trafficDay.Add(time.Hour), 500), nil, "", "c"
	keep(t, s, full)
	all, _ = s.Meters(t.Context(), []string{"p1"})
	if diff := cmp.Diff([]meter.Meter{full}, all, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("written again, -want +got:\n%s", diff)
	}
}

func TestManyMetersAtOnce(t *testing.T) {
	s := db.Traffic{DB: dbtest.Open(t)}
	var all []meter.Meter
	var ids []string
	for n := range 612 {
		id := fmt.Sprintf("p%04d", n)
		ids = append(ids, id)
		all = append(all, meterOf(id, sample(trafficDay, float64(n))))
	}
	if err := s.Keep(t.Context(), all, slices.Repeat([]bool{true}, len(all))); err != nil {
		t.Fatal(err)
	}
	got, err := s.Meters(t.Context(), ids)
	if err != nil || len(got) != len(all) {
		t.Fatalf("got %d meters, %v", len(got), err)
	}
	for n, m := range got {
		if s := samples(t, s, m.PackageID, trafficDay); len(s) != 1 || s[0].Left != float64(n) {
			t.Fatalf("%s has the samples %v", m.PackageID, s)
		}
	}
}

func TestOneSampleOfEveryHourStays(t *testing.T) {
	s := db.Traffic{DB: dbtest.Open(t)}
	at := func(hour, minute int) time.Time {
		return trafficDay.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	}
	for _, m := range []struct {
		at   time.Time
		left float64
	}{{at(22, 0), 100}, {at(22, 59), 99}, {at(23, 0), 98}, {at(24, 0), 97}, {at(24, 30), 96}, {at(20, 15), 110}} {
		keep(t, s, meterOf("p1", sample(m.at, m.left)))
	}
	want := []meter.Sample{sample(at(20, 15), 110), sample(at(22, 59), 99), sample(at(23, 0), 98), sample(at(24, 30), 96)}
	if diff := cmp.Diff(want, samples(t, s, "p1", time.Time{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(want[2:], samples(t, s, "p1", at(23, 0))); diff != "" {
		t.Errorf("from a time on, -want +got:\n%s", diff)
	}
}

func TestSweepLeavesOneSampleOfADay(t *testing.T) {
	s := db.Traffic{DB: dbtest.Open(t)}
	now := trafficDay
	hourly, daily := now.Add(-meter.HourlyFor), now.Add(-meter.DailyFor)
	var want []meter.Sample
	for n := range 100 { // a hundred days, three samples each
		for _, hour := range []int{1, 9, 17} {
			last := sample(now.AddDate(0, 0, -n).Add(time.Duration(hour-24)*time.Hour), float64(10*n+hour))
			keep(t, s, meterOf("p1", last))
			if hour == 17 || !last.At.Before(hourly.Truncate(24*time.Hour)) {
				want = append(want, last)
			}
		}
	}
	keep(t, s, meterOf("old", sample(daily.AddDate(0, -2, 0), 7)))
	keep(t, s, meterOf("p1", sample(now, 5))) // the meter's last one
	want = append(want, sample(now, 5))
	slices.SortFunc(want, func(a, b meter.Sample) int { return a.At.Compare(b.At) })
	if err := s.KeepUse(t.Context(), "p1", now, []meter.Use{{Day: meter.Midnight(daily.AddDate(0, 0, -3)), GB: decimal.New(1, 0)},
		{Day: meter.Midnight(now), GB: decimal.New(2, 0)}}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second sweep finds nothing to do
		if err := s.Sweep(t.Context(), hourly, daily); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, samples(t, s, "p1", time.Time{})); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	}
	all, err := s.Meters(t.Context(), nil)
	if err != nil || len(all) != 1 || all[0].PackageID != "p1" {
		t.Errorf("meters: %v, %v", all, err)
	}
	if uses, err := s.Uses(t.Context(), "p1"); err != nil || len(uses) != 1 || uses[0].GB.IntPart() != 2 {
		t.Errorf("records: %v, %v", uses, err)
	}
}

func TestSweepTakesAsManyStepsAsItNeeds(t *testing.T) {
	s := db.Traffic{DB: dbtest.Open(t)}
	var all []meter.Meter
	for n := range 1201 {
		all = append(all, meterOf(fmt.Sprintf("p%d", n), sample(trafficDay.AddDate(0, 0, -100), float64(n))))
	}
	if err := s.Keep(t.Context(), all, slices.Repeat([]bool{true}, len(all))); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(t.Context(), trafficDay.Add(-meter.HourlyFor), trafficDay.Add(-meter.DailyFor)); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := s.DB.Read().QueryRow("SELECT COUNT(*) FROM traffic_hours").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d days are left, %v", left, err)
	}
	if got := samples(t, s, "p1200", time.Time{}); len(got) != 1 || got[0].Left != 1200 {
		t.Errorf("of the last one: %v", got)
	}
}

func TestUsageRecords(t *testing.T) {
	s := db.Traffic{DB: dbtest.Open(t)}
	if err := s.KeepUse(t.Context(), "p1", trafficDay, []meter.Use{{Day: trafficDay}}); err != nil {
		t.Errorf("of a package nothing is kept of: %v", err)
	}
	keep(t, s, meterOf("p1", sample(trafficDay, 1)))
	day := func(n int) time.Time { return meter.Midnight(trafficDay).AddDate(0, 0, n) }
	gb := decimal.RequireFromString
	for _, uses := range [][]meter.Use{
		{{Day: day(-3), GB: gb("1.25")}, {Day: day(-2), GB: gb("2")}, {Day: day(-1), GB: gb("0.000001")}},
		{{Day: day(-1), GB: gb("3.5")}, {Day: day(0), GB: gb("1")}},
		nil,
	} {
		if err := s.KeepUse(t.Context(), "p1", trafficDay.Add(time.Hour), uses); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Uses(t.Context(), "p1")
	want := []meter.Use{{Day: day(-3), GB: gb("1.25")}, {Day: day(-2), GB: gb("2")}, {Day: day(-1), GB: gb("3.5")},
		{Day: day(0), GB: gb("1")}}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	all, _ := s.Meters(t.Context(), nil)
	if !all[0].UseAt.Equal(trafficDay.Add(time.Hour)) {
		t.Errorf("read at %v", all[0].UseAt)
	}
	keep(t, s, meterOf("p1", sample(trafficDay.Add(time.Hour), 1)))
	if all, _ = s.Meters(t.Context(), nil); all[0].UseAt.IsZero() {
		t.Error("a new sample forgets when the records were read")
	}
}

func TestADeletedAccountLeavesNoSamples(t *testing.T) {
	d := dbtest.Open(t)
	s := db.Traffic{DB: d}
	mine, other := meterOf("p1", sample(trafficDay, 1)), meterOf("p2", sample(trafficDay, 2))
	err := (db.Accounts{DB: d}).Create(t.Context(), account.Account{ID: "a", Label: "A", Site: account.International,
		Credential: account.ByKey, State: account.Active, CreatedAt: trafficDay}, []byte{1}, audit.By(person.System, "account.add", "a"))
	if err != nil {
		t.Fatal(err)
	}
	other.AccountID = "b"
	if err := s.Keep(t.Context(), []meter.Meter{mine, other}, []bool{true, true}); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepUse(t.Context(), "p1", trafficDay, []meter.Use{{Day: trafficDay, GB: decimal.New(1, 0)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := (db.Accounts{DB: d}).Delete(t.Context(), "a", nil, audit.By(person.System, "account.delete", "a")); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"meter", "traffic_hours"} {
		var n int
		if err := d.Read().QueryRow("SELECT COUNT(*) FROM " + table).Scan(&n); err != nil || n != 1 {
			t.Errorf("%s: %d rows, want the other account's, %v", table, n, err)
		}
	}
	var n int
	if err := d.Read().QueryRow("SELECT COUNT(*) FROM traffic_use").Scan(&n); err != nil || n != 0 {
		t.Errorf("traffic_use: %d rows, %v", n, err)
	}
}

func TestDamagedSamplesDoNotStopNewOnes(t *testing.T) {
	d := dbtest.Open(t)
	s := db.Traffic{DB: d}
	keep(t, s, meterOf("p1", sample(trafficDay, 1)))
	if err := dbtest.Exec(d, "UPDATE traffic_hours SET samples = x'ff'"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Samples(t.Context(), "p1", time.Time{}); err == nil {
		t.Error("damaged samples are read without a word")
	}
	keep(t, s, meterOf("p1", sample(trafficDay.Add(time.Hour), 2)))
	if got := samples(t, s, "p1", time.Time{}); len(got) != 1 || got[0].Left != 2 {
		t.Errorf("got %v", got)
	}
}
