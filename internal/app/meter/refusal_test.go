package meter_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/person"
)

func TestWhoMayNotIsRefused(t *testing.T) {
	w := open(t, row("i1", "a"))
	stranger := person.Actor{}
	for name, use := range map[string]func() error{
		"fleet":  func() error { _, err := w.Fleet(stranger, []string{"a"}); return err },
		"short":  func() error { _, err := w.Short(stranger, []string{"a"}); return err },
		"detail": func() error { _, err := w.Detail(t.Context(), stranger, "a", "p-i1", begin); return err },
		"check":  func() error { return w.Check(t.Context(), stranger, "a", "p-i1") },
	} {
		if err := use(); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: got %v, want Forbidden", name, err)
		}
	}
	if asked := w.billing.took(); len(asked) != 0 {
		t.Errorf("the cloud was asked %v", asked)
	}
}

func TestAnInstanceWithoutAPackageHasNoTraffic(t *testing.T) {
	w := open(t)
	if _, err := w.Detail(t.Context(), viewer, "a", "", begin); !fault.Is(err, fault.NotFound) {
		t.Errorf("detail: got %v, want NotFound", err)
	}
	if err := w.Check(t.Context(), viewer, "a", ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("check: got %v, want NotFound", err)
	}
	if all, err := w.ReadTraffic(t.Context(), account.Access{AccountID: "a"}, nil); err != nil || all != nil || len(w.billing.took()) != 0 {
		t.Errorf("reading no package: got %v, %v", all, err)
	}
}

func TestACheckOfAnAccountThatCannotBeReadIsRefused(t *testing.T) {
	w := open(t, row("i1", "a"))
	w.accounts.broken = fault.New(fault.Refused, "fault.account.disabled")
	if err := w.Check(t.Context(), viewer, "a", "p-i1"); !fault.Is(err, fault.Refused) {
		t.Errorf("got %v, want the fault of the account", err)
	}
	if d := w.detail("p-other"); d.Forecast.Outlook != meter.Unread || !d.Meter.ReadAt.IsZero() || len(d.Samples)+len(d.Uses) != 0 {
		t.Errorf("a package that was never read: got %+v", d)
	}
}

func TestAFleetOfNothing(t *testing.T) {
	w := open(t)
	f, err := w.Fleet(viewer, []string{"a"})
	if err != nil || len(f.Lines) != 0 || f.Total != 0 || f.Counted+f.Unread+f.Renewed+f.Without != 0 || !f.Oldest.IsZero() {
		t.Errorf("fleet: got %+v, %v", f, err)
	}
	if lines, err := w.Short(viewer, []string{"a"}); err != nil || len(lines) != 0 {
		t.Errorf("short: got %v, %v", lines, err)
	}
	if some := f.Only(func(meter.Line) bool { return true }); len(some.Lines) != 0 || some.Counts[meter.ViewAll] != 0 {
		t.Errorf("a part of it: got %+v", some)
	}
	if days := meter.Days(nil, nil, begin, end); len(days) != 0 {
		t.Errorf("days without samples: got %v", days)
	}
	if spots := meter.Cycle(meter.Meter{}, nil, nil); len(spots) != 0 {
		t.Errorf("a cycle without samples: got %v", spots)
	}
	if p := meter.PaceOf(nil); p.Known() {
		t.Errorf("the pace of no samples: got %+v", p)
	}
}

func TestAPartOfTheFleetHasItsOwnTotals(t *testing.T) {
	w := open(t, row("soon", "a"), row("lasts", "a"), row("gone", "b"), row("unread", "b"),
		&instance.Row{AccountID: "a", InstanceID: "none"})
	w.bills("p-soon", "50", "1000")
	w.bills("p-lasts", "900", "1000")
	w.bills("p-gone", "0", "100")
	w.read("p-soon", "p-lasts", "p-gone", "p-unread")
	f, err := w.Fleet(viewer, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	some := f.Only(func(l meter.Line) bool { return l.Row.AccountID == "b" })
	if len(some.Lines) != 2 || some.Used != 100 || some.Total != 100 || some.Counted != 1 || some.Unread != 1 || some.Without != 0 {
		t.Errorf("of one account: got %+v", some)
	}
	if diff := cmp.Diff(map[string]int{meter.ViewAll: 2, meter.ViewEnding: 1, meter.ViewLow: 1, meter.ViewUsedUp: 1},
		some.Counts); diff != "" {
		t.Errorf("its views (-want +got):\n%s", diff)
	}
	if len(f.Lines) != 4 || f.Without != 1 || f.Counts[meter.ViewAll] != 4 {
		t.Errorf("the whole: got %+v", f)
	}
	for _, l := range f.Lines { // 95 GB a day: the 50 that are left last half a day
		for then, want := range map[time.Time]bool{
			w.now: l.Row.InstanceID == "gone", w.now.Add(24 * time.Hour): l.Row.InstanceID == "gone" || l.Row.InstanceID == "soon"} {
			if got := l.OutBy(then); got != want {
				t.Errorf("%s is used up by %v: got %v, want %v", l.Row.InstanceID, then, got, want)
			}
		}
		if !l.In(meter.ViewAll) || l.In(meter.ViewLow) != l.Low() {
			t.Errorf("%s: in low %v, low %v", l.Row.InstanceID, l.In(meter.ViewLow), l.Low())
		}
	}
}

func TestLittleIsLessThanATenth(t *testing.T) {
	w := open(t, row("tenth", "a"), row("less", "a"), row("unread", "a"))
	w.bills("p-tenth", "100", "1000")
	w.bills("p-less", "99.999", "1000")
	w.read("p-tenth", "p-less")
	lines, err := w.Short(viewer, []string{"a"})
	if err != nil || len(lines) != 1 || lines[0].Row.InstanceID != "less" {
		t.Errorf("got %+v, %v; want the one below a tenth", lines, err)
	}
	w.now = end.Add(time.Hour)
	if lines, _ := w.Short(viewer, []string{"a"}); len(lines) != 0 {
		t.Errorf("after the cycle's end: got %+v", lines)
	}
}

func TestAFleetIsKeptUntilSomethingChanges(t *testing.T) {
	w := open(t, row("i1", "a"))
	w.bills("p-i1", "900", "1000")
	w.read("p-i1")
	lines := func() int {
		t.Helper()
		f, err := w.Fleet(viewer, []string{"a"})
		if err != nil {
			t.Fatal(err)
		}
		return len(f.Lines)
	}
	second := row("i2", "a")
	second.First = true
	if n := lines(); n != 1 {
		t.Fatalf("got %d lines, want 1", n)
	}
	w.picture.rows = append(w.picture.rows, second)
	if n := lines(); n != 1 {
		t.Errorf("of the same picture: got %d lines, want the one that is kept", n)
	}
	w.picture.version++
	if n := lines(); n != 2 {
		t.Errorf("of another picture: got %d lines, want 2", n)
	}
	w.picture.rows = w.picture.rows[:1]
	w.GiveBack()
	if n := lines(); n != 1 {
		t.Errorf("after what was kept is dropped: got %d lines, want 1", n)
	}
	w.bills("p-i1", "10", "1000")
	w.read("p-i1")
	if f, _ := w.Fleet(viewer, []string{"a"}); f.Lines[0].Left != 10 {
		t.Errorf("after a reading: got %+v", f.Lines[0])
	}
}

func TestWhatWasUsedOfAReading(t *testing.T) {
	for name, tt := range map[string]struct{ left, total, want string }{
		"some":         {"750.5", "1000", "249.5"},
		"nothing":      {"1000", "1000", "0"},
		"all":          {"0", "1000", "1000"},
		"not in GB":    {"0", "0", "0"},
		"a thousandth": {"999.999", "1000", "0.001"},
	} {
		r := meter.Reading{Left: decimal.RequireFromString(tt.left), Total: decimal.RequireFromString(tt.total)}
		if got := r.Used(); !got.Equal(decimal.RequireFromString(tt.want)) {
			t.Errorf("%s: got %v, want %s", name, got, tt.want)
		}
	}
}

// TestRecordsThatCannotBeReadAreSaid: the figures that were read stay.
func TestRecordsThatCannotBeReadAreSaid(t *testing.T) {
	w := open(t, row("i1", "a"))
	w.bills("p-i1", "900", "1000")
	w.read("p-i1")
	w.billing.usesFail = fault.New(fault.Unreachable, "cloud.unreachable")
	until := w.running()
	if d := w.detail("p-i1"); !d.Reading {
		t.Fatalf("its records are not asked for: %+v", d)
	}
	until(func() bool { return !w.detail("p-i1").Reading })
	d := w.detail("p-i1")
	if d.Trouble.ID != "cloud.unreachable" || !d.TroubleAt.Equal(w.now) || d.Meter.Last.Left != 900 || len(d.Uses) != 0 {
		t.Errorf("got %+v", d)
	}
	if len(w.accounts.learned) != 1 || !errors.Is(w.accounts.learned[0], w.billing.usesFail) {
		t.Errorf("the account learned %v", w.accounts.learned)
	}
}
