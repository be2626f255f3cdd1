package meter_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// billing answers from a table and counts what it is asked.
type billing struct {
	mu       sync.Mutex
	readings map[string]meter.Reading
	uses     map[string][]meter.Use
	brought  map[string][]meter.Package
	fails    error // of Traffic, beside what it finds
	usesFail error
	asked    []string // "traffic a b", "usage a 2026-08-26", "packages CS1"
}

func (b *billing) Traffic(_ context.Context, _ account.Access, ids []string) ([]meter.Reading, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []meter.Reading
	for _, id := range ids {
		if r, ok := b.readings[id]; ok {
			r.PackageID = id
			all = append(all, r)
		}
	}
	b.asked = append(b.asked, "traffic "+strings.Join(ids, " "))
	return all, b.fails
}

func (b *billing) Usage(_ context.Context, _ account.Access, id string, from, _ time.Time) ([]meter.Use, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, "usage "+id+" "+from.Format(time.DateOnly))
	return b.uses[id], b.usesFail
}

func (b *billing) Packages(_ context.Context, _ account.Access, order string) ([]meter.Package, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, "packages "+order)
	return b.brought[order], nil
}

func (b *billing) took() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() { b.asked = nil }()
	return b.asked
}

// accounts gives access to every account but a broken one.
type accounts struct {
	broken  error
	learned []error
}

func (a *accounts) Access(_ context.Context, id string) (account.Access, error) {
	return account.Access{AccountID: id}, a.broken
}

func (a *accounts) Learn(_ context.Context, _ string, _ account.Right, err error) {
	a.learned = append(a.learned, err)
}

// picture is a fleet that stands still.
type picture struct {
	rows    []*instance.Row
	version int64
	told    []instance.PackageTraffic
}

func (p *picture) Rows() ([]*instance.Row, int64) { return p.rows, p.version }

func (p *picture) SetTraffic(all []instance.PackageTraffic) { p.told = append(p.told, all...) }

type world struct {
	*meter.Service
	t        *testing.T
	billing  *billing
	accounts *accounts
	picture  *picture
	now      time.Time
	topics   chan string
}

// open gives a Service over a fresh database, ten days into the cycle.
func open(t *testing.T, rows ...*instance.Row) *world {
	t.Helper()
	w := &world{t: t, now: day(10), topics: make(chan string, 1000),
		billing: &billing{readings: map[string]meter.Reading{}, uses: map[string][]meter.Use{},
			brought: map[string][]meter.Package{}},
		accounts: &accounts{}}
	for _, r := range rows {
		r.First = true
	}
	w.picture = &picture{rows: rows}
	w.Service = &meter.Service{Store: db.Traffic{DB: dbtest.Open(t)}, Billing: w.billing, Accounts: w.accounts, Inventory: w.picture,
		Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
		Changed: func(topics ...string) {
			for _, topic := range topics {
				w.topics <- topic
			}
		}}
	return w
}

// bills says what billing answers of a package.
func (w *world) bills(id string, left, total string) {
	w.billing.mu.Lock()
	defer w.billing.mu.Unlock()
	w.billing.readings[id] = meter.Reading{Left: decimal.RequireFromString(left), Total: decimal.RequireFromString(total), Known: true,
		Unit: 10, CycleStart: begin, CycleEnd: end}
}

func (w *world) read(ids ...string) []instance.PackageTraffic {
	w.t.Helper()
	all, err := w.ReadTraffic(w.t.Context(), account.Access{AccountID: "a"}, ids)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *world) detail(id string) meter.Detail {
	w.t.Helper()
	d, err := w.Detail(w.t.Context(), viewer, "a", id, begin)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

var viewer = person.Actor{PersonID: "p1", Name: "Mei", Role: person.Viewer}

func TestARefreshKeepsWhatItReads(t *testing.T) {
	w := open(t)
	w.bills("p1", "750.5", "1000")
	got := w.read("p1", "p2", "p1")
	want := []instance.PackageTraffic{{PackageID: "p1", Traffic: instance.Traffic{Left: 750.5, Total: 1000, CycleEnd: end, At: w.now}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"traffic p1 p2"}, w.billing.took()); diff != "" {
		t.Errorf("calls: -want +got:\n%s", diff)
	}
	w.now = w.now.Add(20 * time.Minute)
	w.bills("p1", "750", "1000")
	w.read("p1")
	w.now = w.now.Add(time.Hour)
	w.bills("p1", "700.123456", "1000")
	w.read("p1")
	var left []float64
	for _, s := range w.detail("p1").Samples {
		left = append(left, s.Left)
	}
	if !slices.Equal(left, []float64{750, 700.123}) {
		t.Errorf("one sample of every hour stays, the newest: got %v", left)
	}

	again := &meter.Service{Store: w.Store, Inventory: w.picture, Now: w.Now, Log: w.Log}
	last, err := again.LastTraffic(t.Context())
	if want := []instance.PackageTraffic{{PackageID: "p1", Traffic: instance.Traffic{Left: 700.123, Total: 1000, CycleEnd: end,
		At: w.now}}}; err != nil || !cmp.Equal(want, last) {
		t.Errorf("after a start: got %v, %v, want %v", last, err, want)
	}
}

// bare is a store of before there were start rows.
type bare struct{ meter.Store }

func (b bare) StartRows(ctx context.Context, take func(string, []byte)) error {
	return b.Store.StartRows(ctx, func(id string, _ []byte) { take(id, nil) })
}

func TestAStartKnowsWhatWasKnown(t *testing.T) {
	w := open(t, &instance.Row{AccountID: "a", InstanceID: "i1", PackageID: "p1", First: true},
		&instance.Row{AccountID: "a", InstanceID: "i2", PackageID: "p2", First: true})
	for _, left := range []string{"900", "500.123", "80.5"} {
		w.bills("p1", left, "1000")
		w.billing.readings["p2"] = meter.Reading{Unit: 17, CycleEnd: end}
		w.read("p1", "p2")
		w.now = w.now.Add(7 * time.Hour)
	}
	rows := cmp.Comparer(func(a, b *instance.Row) bool { return a == b })
	before, _ := w.Fleet(viewer, []string{"a"})
	short, _ := w.Short(viewer, []string{"a"})
	if len(short) != 1 || !cmp.Equal(short[0], before.Lines[0], rows) {
		t.Errorf("short of traffic: got %+v, want the first of %+v", short, before.Lines)
	}
	for name, store := range map[string]meter.Store{"start rows": w.Store, "no start rows": bare{w.Store}} {
		again := &meter.Service{Store: store, Inventory: w.picture, Now: w.Now, Log: w.Log}
		if _, err := again.LastTraffic(t.Context()); err != nil {
			t.Fatal(err)
		}
		after, _ := again.Fleet(viewer, []string{"a"})
		if diff := cmp.Diff(before, after, rows); diff != "" {
			t.Errorf("%s: -before +after:\n%s", name, diff)
		}
	}
}

func TestWhatAFailingCallFoundIsKept(t *testing.T) {
	w := open(t)
	w.bills("p1", "1", "2")
	w.billing.fails = fault.New(fault.Unreachable, "fault.unreachable")
	got, err := w.ReadTraffic(t.Context(), account.Access{AccountID: "a"}, []string{"p1", "p2"})
	if !errors.Is(err, w.billing.fails) || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	if d := w.detail("p1"); d.Meter.Last.Left != 1 {
		t.Errorf("kept: %+v", d.Meter)
	}
}

func TestAUnitThatIsNoAmountOfData(t *testing.T) {
	w := open(t, &instance.Row{AccountID: "a", InstanceID: "i1", PackageID: "p1"})
	w.bills("p1", "900", "1000")
	w.read("p1")
	w.now = w.now.Add(time.Hour)
	w.billing.readings["p1"] = meter.Reading{Unit: 17, CycleEnd: end}
	got := w.read("p1")
	if got[0].Traffic.Known() || !got[0].Traffic.At.Equal(w.now) {
		t.Errorf("the picture is told %+v", got[0].Traffic)
	}
	d := w.detail("p1")
	if d.Forecast.Outlook != meter.Uncounted || d.Meter.Unit != 17 || len(d.Samples) != 1 {
		t.Errorf("got %+v with %d samples", d.Forecast, len(d.Samples))
	}
	f, _ := w.Fleet(viewer, []string{"a"})
	if f.Unread != 1 || f.Total != 0 || f.Lines[0].Forecast.Outlook != meter.Uncounted {
		t.Errorf("the fleet counts it: %+v", f)
	}
	last, _ := w.LastTraffic(t.Context())
	if last[0].Traffic.Known() {
		t.Errorf("after a start: %+v", last[0].Traffic)
	}
}

func TestBillingKnowsAPackageByItsItem(t *testing.T) {
	row := &instance.Row{AccountID: "a", InstanceID: "i1", PackageID: "pack", CloudOrder: "CS1"}
	tests := []struct {
		name    string
		brought []meter.Package
		left    float64 // -1: still not known
	}{
		{"the package with that id", []meter.Package{{ID: "other", Items: []meter.Item{{ID: "x"}}}, {ID: "pack", Items: []meter.Item{{ID: "item"}}}}, 80},
		{"the only package of the order", []meter.Package{{ID: "another id", Items: []meter.Item{{ID: "item"}}}}, 80},
		{"several packages of other ids: no guess", []meter.Package{{ID: "a", Items: []meter.Item{{ID: "item"}}}, {ID: "b", Items: []meter.Item{{ID: "x"}}}}, -1},
		{"several items: no guess", []meter.Package{{ID: "pack", Items: []meter.Item{{ID: "item"}, {ID: "x"}}}}, -1},
		{"no package", nil, -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t, row)
			w.bills("item", "80", "100")
			w.billing.brought["CS1"] = tt.brought
			got := w.read("pack")
			if tt.left < 0 {
				if len(got) != 0 {
					t.Errorf("got %v", got)
				}
				w.billing.took()
				w.read("pack")
				if calls := w.billing.took(); len(calls) != 1 {
					t.Errorf("it is looked for again at once: %v", calls)
				}
				return
			}
			if len(got) != 1 || got[0].PackageID != "pack" || got[0].Traffic.Left != tt.left {
				t.Fatalf("got %v", got)
			}
			w.billing.took()
			w.read("pack")
			if diff := cmp.Diff([]string{"traffic item"}, w.billing.took()); diff != "" {
				t.Errorf("the second time: -want +got:\n%s", diff)
			}
		})
	}
}

func TestMarksSpanAWeek(t *testing.T) {
	w := open(t)
	w.now = begin
	for n := range 20 * 24 {
		w.now = begin.Add(time.Duration(n) * time.Hour)
		perDay := 10.0
		if w.now.After(day(13)) {
			perDay = 30
		}
		used := perDay * w.now.Sub(begin).Hours() / 24
		if perDay == 30 {
			used = 130 + 30*(w.now.Sub(begin).Hours()/24-13)
		}
		w.bills("p1", decimal.NewFromFloat(1000-used).String(), "1000")
		w.read("p1")
	}
	d := w.detail("p1")
	if p := d.Forecast.Pace; p.PerDay < 29 || p.PerDay > 31 || p.Over < 6*24*time.Hour {
		t.Errorf("pace after a week at 30: %+v", p)
	}
	if n := len(d.Meter.Marks); n > 34 || n < 28 {
		t.Errorf("%d marks are kept", n)
	}
	if len(d.Samples) != 20*24 {
		t.Errorf("%d hourly samples, want %d", len(d.Samples), 20*24)
	}
}

func TestTheClockWasSetBack(t *testing.T) {
	w := open(t, &instance.Row{AccountID: "a", InstanceID: "i1", PackageID: "p1"})
	w.now = day(20)
	w.bills("p1", "100", "1000")
	w.read("p1")
	w.now = day(10)
	w.bills("p1", "600", "1000")
	w.read("p1")
	d := w.detail("p1")
	if d.Meter.Last.Left != 600 || len(d.Samples) != 1 || d.Forecast.Outlook != meter.RunsOut {
		t.Errorf("samples of the future still count: %+v, %d samples", d.Meter, len(d.Samples))
	}
	w.now = day(9.9)
	w.bills("p1", "610", "1000")
	w.read("p1")
	if d := w.detail("p1"); d.Meter.Last.Left != 610 {
		t.Errorf("set back by hours: %+v", d.Meter.Last)
	}
}

// row is an instance with a package of its own name.
func row(id, account string) *instance.Row {
	return &instance.Row{AccountID: account, InstanceID: id, PackageID: "p-" + id, Name: id}
}

func TestFleetIsSortedByWhatRunsOutFirst(t *testing.T) {
	var rows []*instance.Row
	for _, id := range []string{"lasts", "later", "gone", "soon", "unread", "costly", "full", "foreign"} {
		account := "a"
		if id == "foreign" {
			account = "b"
		}
		rows = append(rows, row(id, account))
	}
	rows = append(rows, &instance.Row{AccountID: "a", InstanceID: "none", Name: "none"})
	w := open(t, rows...)
	w.bills("p-soon", "50", "1000")    // 95 a day
	w.bills("p-later", "500", "1000")  // 50 a day: ten days
	w.bills("p-lasts", "900", "1000")  // 10 a day
	w.bills("p-full", "1000", "1000")  // nothing used
	w.bills("p-gone", "0", "100")      // 10 a day
	w.bills("p-costly", "0", "1000")   // 100 a day
	w.bills("p-foreign", "0", "90000") // of another account
	w.read("p-soon", "p-later", "p-lasts", "p-full", "p-gone", "p-costly", "p-foreign", "p-unread")

	f, err := w.Fleet(viewer, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range f.Lines {
		names = append(names, l.Row.InstanceID)
	}
	if diff := cmp.Diff([]string{"costly", "gone", "soon", "later", "lasts", "full", "unread"}, names); diff != "" {
		t.Errorf("order: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{meter.ViewAll: 7, meter.ViewEnding: 4, meter.ViewLow: 3, meter.ViewUsedUp: 2},
		f.Counts); diff != "" {
		t.Errorf("counts: -want +got:\n%s", diff)
	}
	if f.Used != 950+500+100+100+1000 || f.Total != 5100 || f.Counted != 6 || f.Unread != 1 || f.Without != 1 || !f.Oldest.Equal(w.now) {
		t.Errorf("totals: %+v", f)
	}

	w.now = end.Add(time.Hour)
	if f, _ = w.Fleet(viewer, []string{"a"}); f.Renewed != 6 || f.Used != 0 || f.Counts[meter.ViewUsedUp] != 0 {
		t.Errorf("after the cycle's end old figures still count: %+v", f)
	}
	if _, err := w.Fleet(person.Actor{}, []string{"a"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("nobody may see: %v", err)
	}
}

// running runs the Service until the test ends, and gives a function that waits
// until what was asked for is done.
func (w *world) running() func(until func() bool) {
	ctx, stop := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	return func(until func() bool) {
		w.t.Helper()
		timeout := time.After(20 * time.Second)
		for !until() {
			select {
			case <-w.topics:
			case <-timeout:
				w.t.Fatal("nothing happens")
			}
		}
	}
}

func TestLookingAtANewPackageBringsTheCloudsRecords(t *testing.T) {
	w := open(t)
	w.now = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	wait := w.running()
	w.bills("p1", "100", "1000")
	w.billing.uses["p1"] = []meter.Use{use("2026-08-26", "3.25"), use("2026-11-22", "7")}
	if d := w.detail("p1"); d.Forecast.Outlook != meter.Unread || !d.Reading {
		t.Fatalf("at first: %+v, reading %v", d.Forecast, d.Reading)
	}
	wait(func() bool { return !w.detail("p1").Reading })
	d := w.detail("p1")
	if diff := cmp.Diff(w.billing.uses["p1"], d.Uses, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("records: -want +got:\n%s", diff)
	}
	if d.Forecast.Outlook != meter.RunsOut || d.Meter.Last.Left != 100 {
		t.Errorf("got %+v", d.Forecast)
	}
	if diff := cmp.Diff([]string{"traffic p1", "usage p1 2026-08-26"}, w.billing.took()); diff != "" {
		t.Errorf("calls: -want +got:\n%s", diff)
	}
	if len(w.picture.told) != 1 || w.picture.told[0].Traffic.Left != 100 {
		t.Errorf("the picture was told %v", w.picture.told)
	}
	if w.detail("p1").Reading {
		t.Error("looking again asks again")
	}
	w.now = w.now.Add(25 * time.Hour)
	w.detail("p1")
	wait(func() bool { return !w.detail("p1").Reading })
	if diff := cmp.Diff([]string{"usage p1 2026-11-21"}, w.billing.took()); diff != "" {
		t.Errorf("the next day: -want +got:\n%s", diff)
	}
	if d := w.detail("p1"); len(d.Uses) != 2 {
		t.Errorf("records are lost: %v", d.Uses)
	}
}

func TestAFailedLookIsSaidAndNotRepeatedAtOnce(t *testing.T) {
	w := open(t)
	wait := w.running()
	w.billing.fails = fault.New(fault.Refused, "fault.refused")
	w.detail("p1")
	wait(func() bool { return !w.detail("p1").Reading })
	d := w.detail("p1")
	if d.Trouble.ID != "fault.refused" || !d.TroubleAt.Equal(w.now) || d.Reading {
		t.Errorf("got trouble %v at %v, reading %v", d.Trouble, d.TroubleAt, d.Reading)
	}
	if calls := w.billing.took(); len(calls) != 1 {
		t.Errorf("calls: %v", calls)
	}
	if err := w.accounts.learned[0]; !fault.Is(err, fault.Refused) {
		t.Errorf("the account learned %v", err)
	}
	w.billing.fails = nil
	w.bills("p1", "1", "2")
	if err := w.Check(t.Context(), viewer, "a", "p1"); err != nil {
		t.Fatal(err)
	}
	wait(func() bool { return !w.detail("p1").Reading })
	if d := w.detail("p1"); !d.Trouble.Zero() || d.Meter.Last.Left != 1 {
		t.Errorf("asked for by hand: %+v", d)
	}
}

func TestABrokenAccountIsSaidAtOnce(t *testing.T) {
	w := open(t)
	w.accounts.broken = fault.New(fault.Refused, "account.broken")
	if err := w.Check(t.Context(), viewer, "a", "p1"); !fault.Is(err, fault.Refused) {
		t.Errorf("got %v", err)
	}
	if err := w.Check(t.Context(), person.Actor{}, "a", "p1"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("nobody: got %v", err)
	}
	if _, err := w.Detail(t.Context(), viewer, "a", "", begin); !fault.Is(err, fault.NotFound) {
		t.Errorf("no package: got %v", err)
	}
}

func TestAttentionIsToldWhenAnOutlookChanges(t *testing.T) {
	w := open(t)
	told := func() (all []string) {
		for {
			select {
			case topic := <-w.topics:
				all = append(all, topic)
			default:
				return all
			}
		}
	}
	w.bills("p1", "900", "1000")
	w.read("p1")
	if got := told(); !slices.Equal(got, []string{"traffic", "attention"}) {
		t.Errorf("first: %v", got)
	}
	w.bills("p1", "899", "1000")
	w.read("p1")
	if got := told(); !slices.Equal(got, []string{"traffic"}) {
		t.Errorf("nothing new: %v", got)
	}
	w.bills("p1", "20", "1000")
	w.read("p1")
	if got := told(); !slices.Equal(got, []string{"traffic", "attention"}) {
		t.Errorf("it runs out: %v", got)
	}
}
