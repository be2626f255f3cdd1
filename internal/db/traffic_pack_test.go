package db

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sampan/internal/app/meter"
)

func TestPackedSamplesComeBack(t *testing.T) {
	moment := func(t *rapid.T, name string) time.Time {
		if rapid.Bool().Draw(t, name+" known") {
			return time.Unix(rapid.Int64Range(1, 4e9).Draw(t, name), 0).UTC()
		}
		return time.Time{}
	}
	amount := func(t *rapid.T, name string) float64 {
		return float64(rapid.Int64Range(-1e9, 1e12).Draw(t, name)) / 1000
	}
	rapid.Check(t, func(t *rapid.T) {
		var want []meter.Sample
		for n := rapid.IntRange(0, 30).Draw(t, "n"); n > 0; n-- {
			s := meter.Sample{At: time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(t, "at"), 0).UTC(), Left: amount(t, "left"),
				Total: amount(t, "total"), CycleStart: moment(t, "start"), CycleEnd: moment(t, "end")}
			if len(want) > 0 && rapid.Bool().Draw(t, "same cycle") {
				last := want[len(want)-1]
				s.Total, s.CycleStart, s.CycleEnd = last.Total, last.CycleStart, last.CycleEnd
			}
			want = append(want, s)
		}
		got, err := unpack(pack(want))
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateApprox(0, 1e-9)); err != nil || diff != "" {
			t.Fatalf("%v, -want +got:\n%s", err, diff)
		}
	})
}

func TestUnpackSurvivesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, _ = unpack(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) // must neither panic nor loop
	})
	whole := pack([]meter.Sample{{At: time.Unix(1e9, 0), Left: 500, Total: 1000, CycleEnd: time.Unix(2e9, 0)}})
	for n := 1; n < len(whole); n++ {
		if _, err := unpack(whole[:n]); err == nil {
			t.Errorf("cut after %d of %d bytes, nothing is noticed", n, len(whole))
		}
	}
}

func TestMadAmountsArePacked(t *testing.T) {
	for _, gb := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		got, err := unpack(pack([]meter.Sample{{At: time.Unix(1, 0), Left: gb, Total: gb}}))
		if err != nil || len(got) != 1 || math.IsNaN(got[0].Left) || math.IsInf(got[0].Left, 0) {
			t.Errorf("%v: got %v, %v", gb, got, err)
		}
	}
}

func TestADayOfASteadyPackageIsSmall(t *testing.T) {
	var day []meter.Sample
	for n := range 24 {
		day = append(day, meter.Sample{At: time.Unix(1.8e9+int64(n)*3600, 0), Left: 4000 - 6.789*float64(n), Total: 4096,
			CycleStart: time.Unix(1.79e9, 0), CycleEnd: time.Unix(1.81e9, 0)})
	}
	if n := len(pack(day)); n > 160 {
		t.Errorf("%d bytes", n)
	}
}
