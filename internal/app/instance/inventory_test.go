package instance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
)

// rows gives the servers of the picture as "id instance state", sorted.
func (b *bench) rows() string {
	var all []string
	for _, r := range b.Picture().Rows() {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s/%s %s", r.ServerID, r.InstanceID[max(0, len(r.InstanceID)-2):], r.State)))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (b *bench) row(t *testing.T, id string) *instance.Row {
	t.Helper()
	r, ok := b.Picture().Row(id)
	if !ok {
		t.Fatalf("there is no row %s", id)
	}
	return r
}

func TestWhereServersBelong(t *testing.T) {
	flexus := []string{"_sys_type_hcss_l"}
	tests := []struct {
		name   string
		script func(*bench)
		want   string
	}{
		{"by its lock", func(*bench) {}, "srv-1/86 running"},
		{"by the listing", func(b *bench) { s := &b.cloud.servers[singapore][0]; s.InstanceID, s.Tags = "", flexus }, "srv-1/86 running"},
		{"by its order, when one instance of it has no server", func(b *bench) {
			s := &b.cloud.servers[singapore][0]
			s.InstanceID, s.Tags = "", flexus
			b.cloud.listed[0].ServerIDs = nil
		}, "srv-1/86 running"},
		{"two servers in one instance", func(b *bench) {
			b.cloud.servers[singapore] = append(b.cloud.servers[singapore],
				instance.Server{ID: "srv-2", InstanceID: shop, Status: "SHUTOFF"})
		}, "srv-1/86 running, srv-2/86 stopped"},
		{"a FlexusL server whose instance nobody names has a row of its own", func(b *bench) {
			b.cloud.servers[singapore] = append(b.cloud.servers[singapore], instance.Server{ID: "srv-9", Status: "ACTIVE", Tags: flexus})
		}, "srv-1/86 running, srv-9/ running"},
		{"an instance without a server yet", func(b *bench) {
			b.cloud.listed[0].ServerIDs, b.cloud.servers = nil, map[string][]instance.Server{}
		}, "/86 unknown"},
		{"a server that ECS does not show yet", func(b *bench) { b.cloud.servers = map[string][]instance.Server{} }, "srv-1/86 unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.cloud.show(aShop())
			tt.script(b)
			b.run(t)
			b.refresh(t)
			b.refresh(t) // order of arrival must not matter
			if got := b.rows(); got != tt.want {
				t.Errorf("rows: got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestServerFindsItsInstanceLater(t *testing.T) {
	b := newBench(t)
	l, s, e := aShop()
	s.InstanceID, s.OrderID, s.Tags = "", "", []string{"_sys_type_hcss_l"}
	b.cloud.servers[singapore] = []instance.Server{s}
	b.run(t)
	b.refresh(t)
	if got := b.rows(); got != "srv-1/ running" {
		t.Fatalf("before: got %q", got)
	}
	b.cloud.set(func() { b.cloud.listed, b.cloud.expiry = []instance.Listed{l}, map[string]instance.Expiry{shop: e} })
	b.later(time.Minute)
	b.refresh(t)
	if got := b.rows(); got != "srv-1/86 running" {
		t.Errorf("after: got %q", got)
	}
}

func TestNotSeenSince(t *testing.T) {
	tests := []struct {
		name   string
		hide   func(*bench)
		lost   instance.Source
		seen   bool // by the others
		reason string
	}{
		{"Config", func(b *bench) { b.cloud.listed = nil }, instance.FromConfig, true, ""},
		{"ECS", func(b *bench) { b.cloud.servers = map[string][]instance.Server{} }, instance.FromECS, true, ""},
		{"billing", func(b *bench) { b.cloud.expiry = nil }, instance.FromBSS, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.cloud.show(aShop())
			b.run(t)
			b.refresh(t)
			if r := b.row(t, shop); !r.NotSeenSince.IsZero() {
				t.Fatalf("at first: got %v", r.NotSeenSince)
			}
			b.later(10 * time.Minute)
			b.refresh(t) // nothing changed, but it was seen then
			b.later(10 * time.Minute)
			listed, servers, expiry := b.cloud.listed, b.cloud.servers, b.cloud.expiry
			b.cloud.set(func() { tt.hide(b) })
			b.refresh(t)
			b.later(10 * time.Minute)
			b.refresh(t)
			r := b.row(t, shop)
			since := noon.Add(10 * time.Minute)
			if !r.NotSeenSince.Equal(since) || !r.Seen(tt.lost).Equal(since) {
				t.Errorf("not seen since: got %v, seen %v; want %v", r.NotSeenSince, r.Seen(tt.lost), since)
			}
			if p := r.Problem(noon); p != instance.ProblemNotSeen {
				t.Errorf("problem: got %q", p)
			}
			for _, other := range []instance.Source{instance.FromConfig, instance.FromECS, instance.FromBSS} {
				if other != tt.lost && !r.Seen(other).Equal(noon.Add(30*time.Minute)) {
					t.Errorf("%v: seen %v, want with the last refresh", other, r.Seen(other))
				}
			}
			d, err := b.Detail(t.Context(), viewer, shop)
			must(t, err)
			for _, s := range d.Sights {
				if s.Lost != (s.Source == tt.lost) {
					t.Errorf("sight by %v: lost %v", s.Source, s.Lost)
				}
			}
			b.cloud.set(func() { b.cloud.listed, b.cloud.servers, b.cloud.expiry = listed, servers, expiry })
			b.later(10 * time.Minute)
			b.refresh(t)
			if r := b.row(t, shop); !r.NotSeenSince.IsZero() || r.Problem(noon) == instance.ProblemNotSeen {
				t.Errorf("seen again: still not seen since %v", r.NotSeenSince)
			}
		})
	}
}

func TestEmptyListOfALargeAccountSaysNothing(t *testing.T) {
	b := newBench(t)
	for n := range 6 {
		l, s, e := aShop()
		l.ID = fmt.Sprintf("%s%d", shop[:23], n)
		s.InstanceID, e.InstanceID = l.ID, l.ID
		s.ID = fmt.Sprintf("srv-%d", n)
		l.ServerIDs = []string{s.ID}
		b.cloud.show(l, s, e)
	}
	b.run(t)
	b.refresh(t)
	b.later(time.Hour)
	b.cloud.set(func() { b.cloud.listed = nil })
	b.refresh(t)
	for _, r := range b.Picture().Rows() {
		if !r.NotSeenSince.IsZero() || !r.Seen(instance.FromConfig).Equal(noon) || !r.Seen(instance.FromECS).Equal(noon.Add(time.Hour)) {
			t.Errorf("%s: not seen since %v, by Config %v: the recorder is off, nothing more", r.ID(), r.NotSeenSince,
				r.Seen(instance.FromConfig))
		}
	}
}

func TestSourcesThatContradictEachOther(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.cloud.set(func() { b.cloud.listed[0].Status, b.cloud.servers[singapore][0].Status = "RUNNING", "SHUTOFF" })
	b.run(t)
	b.refresh(t)
	d, err := b.Detail(t.Context(), viewer, "srv-1")
	must(t, err)
	got := make(map[string]string)
	for _, f := range d.Facts {
		if f.Differs() {
			got[f.Name] = fmt.Sprintf("%s %s, %s %s", f.Source, f.Value, f.Others[0].Source, f.Others[0].Value)
		}
	}
	want := map[string]string{"address": "ecs 119.3.166.188, config 119.3.166.187", "state": "ecs stopped, config running",
		"image": "config BT_light_server_8_0, ecs Linux BT panel 8.0.5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("contradictions (-want +got):\n%s", diff)
	}
	if r := b.row(t, shop); !r.Disagree {
		t.Error("two addresses are not marked")
	}
	b.cloud.set(func() { b.cloud.listed[0].Addresses = []string{"119.3.166.188"} })
	b.later(time.Minute)
	b.refresh(t)
	if r := b.row(t, shop); r.Disagree {
		t.Error("a state that Config copied late is marked: only weighty facts are")
	}
}

func TestChangesFromOutside(t *testing.T) {
	tests := []struct {
		name   string
		before func(*bench)
		change func(*bench)
		touch  []string
		want   bool
	}{
		{"a server is named anew", nil, func(b *bench) { b.cloud.servers[singapore][0].Name = "other" }, nil, true},
		{"it is stopped", nil, func(b *bench) { b.cloud.servers[singapore][0].Status = "SHUTOFF" }, nil, true},
		{"it is being stopped", nil, func(b *bench) { b.cloud.servers[singapore][0].TaskState = "powering-off" }, nil, true},
		{"the instance is named anew", nil, func(b *bench) { b.cloud.listed[0].Name = "other" }, nil, true},
		{"auto-renew is switched off", nil, func(b *bench) { e := b.cloud.expiry[shop]; e.ExpirePolicy = 0; b.cloud.expiry[shop] = e }, nil, true},
		{"it renewed itself", nil, func(b *bench) {
			e := b.cloud.expiry[shop]
			e.Expires = e.Expires.AddDate(0, 1, 0)
			b.cloud.expiry[shop] = e
		}, nil, false},
		{"somebody renewed it", func(b *bench) { e := b.cloud.expiry[shop]; e.ExpirePolicy = 0; b.cloud.expiry[shop] = e },
			func(b *bench) {
				e := b.cloud.expiry[shop]
				e.Expires = e.Expires.AddDate(0, 1, 0)
				b.cloud.expiry[shop] = e
			}, nil, true},
		{"the cloud froze it", nil, func(b *bench) { b.cloud.servers[singapore][0].Frozen = true }, nil, false},
		{"it broke", nil, func(b *bench) { b.cloud.servers[singapore][0].Status = "ERROR" }, nil, false},
		{"it came to run", func(b *bench) { b.cloud.servers[singapore][0].Status = "BUILD" }, func(b *bench) { b.cloud.servers[singapore][0].Status = "ACTIVE" }, nil, false},
		{"we stopped it", nil, func(b *bench) { b.cloud.servers[singapore][0].Status = "SHUTOFF" }, []string{"srv-1"}, false},
		{"we renamed the instance", nil, func(b *bench) { b.cloud.listed[0].Name = "other" }, []string{shop}, false},
		{"we did something to another one", nil, func(b *bench) { b.cloud.servers[singapore][0].Status = "SHUTOFF" }, []string{"srv-2"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.cloud.show(aShop())
			if tt.before != nil {
				tt.before(b)
			}
			b.run(t)
			b.refresh(t)
			b.later(time.Minute)
			b.cloud.set(func() { tt.change(b) })
			if tt.touch != nil {
				b.Touch(acc, tt.touch...)
			}
			b.refresh(t)
			if got := !b.row(t, shop).ChangedOutside.IsZero(); got != tt.want {
				t.Errorf("marked: got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestTouchedServersAreReadAtOnceUntilTheyRest(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.run(t)
	b.refresh(t)
	lists := b.cloud.count("ecs:" + singapore)
	b.cloud.set(func() { b.cloud.servers[singapore][0].TaskState = "powering-off" })
	b.Timing.Busy = nil
	b.Touch(acc, "srv-1")
	b.until(t, "the action shows", func() bool { return b.row(t, shop).State == instance.StateStopping })
	b.cloud.set(func() { s := &b.cloud.servers[singapore][0]; s.TaskState, s.Status = "", "SHUTOFF" })
	for n := 2; n <= 3; n++ {
		b.until(t, "the look before ends", func() bool { return !b.Refreshing(acc) })
		b.later(5 * time.Second)
		b.RefreshNudge()
		b.until(t, "the next look", func() bool { return b.cloud.count("ids:"+singapore) >= n && !b.Refreshing(acc) })
	}
	if r := b.row(t, shop); r.State != instance.StateStopped {
		t.Errorf("state: got %s", r.State)
	}
	b.later(time.Hour)
	b.RefreshNudge()
	b.refresh(t)
	if got := b.cloud.count("ids:" + singapore); got != 3 {
		t.Errorf("looks: got %d, want 3: it rests", got)
	}
	if got := b.cloud.count("ecs:" + singapore); got != lists+1 {
		t.Errorf("whole listings: got %d more, want only the refresh's", got-lists)
	}
}

func TestScheduleIsBusyWhileSomebodyLooks(t *testing.T) {
	o := *instance.Usual(1)
	calls := func(b *bench) string {
		b.cloud.mu.Lock()
		defer b.cloud.mu.Unlock()
		return fmt.Sprintf("count %d, list %d, servers %d, billing %d", b.cloud.calls["count"], b.cloud.calls["config"],
			b.cloud.calls["ecs:"+singapore], b.cloud.calls["bss"])
	}
	b := newBench(t)
	b.Schedule = &o
	b.cloud.show(aShop())
	b.RefreshSoon(acc)
	b.Pass(t.Context())
	at := calls(b)
	step := func(d time.Duration, want string) {
		t.Helper()
		b.later(d)
		b.Pass(t.Context())
		if got := calls(b); got != want {
			t.Errorf("after %v: got %s, want %s", d, got, want)
		}
	}
	if at != "count 1, list 1, servers 1, billing 1" {
		t.Fatalf("at first: got %s", at)
	}
	b.opens(1)
	step(59*time.Second, "count 1, list 1, servers 1, billing 1") // a page is open, no person is there
	step(2*time.Second, "count 2, list 1, servers 2, billing 1")
	b.Visited()
	step(9*time.Second, "count 2, list 1, servers 2, billing 1")
	step(2*time.Second, "count 3, list 1, servers 3, billing 1")
	b.cloud.set(func() { b.cloud.counted = 2 }) // somebody bought one elsewhere
	step(10*time.Second, "count 4, list 2, servers 4, billing 1")
	b.opens(0)
	step(20*time.Minute, "count 4, list 2, servers 4, billing 1")
	step(41*time.Minute, "count 5, list 2, servers 5, billing 1") // an hour: nobody looks
	b.SignedIn()
	step(time.Second, "count 5, list 3, servers 6, billing 1") // states are fresh enough, the list is over an hour old
	b.later(5 * time.Minute)
	b.SignedIn()
	step(time.Second, "count 6, list 3, servers 7, billing 1")
	step(24*time.Hour, "count 6, list 4, servers 8, billing 2") // in full once a day
}

func TestLabelsAndTrafficComeIntoThePicture(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.run(t)
	b.refresh(t)
	before := b.Picture()
	b.SetLabels(map[string][]string{"srv-1": {"web", "asia"}, "nobody": {"x"}})
	b.SetTraffic([]instance.PackageTraffic{{PackageID: "pkg-1", Traffic: instance.Traffic{Left: 5, Total: 100, At: noon}},
		{PackageID: "pkg-9"}})
	r := b.row(t, shop)
	if diff := cmp.Diff([]string{"asia", "web"}, r.Labels); diff != "" || r.Traffic.Left != 5 {
		t.Errorf("got labels %v, traffic %+v", r.Labels, r.Traffic)
	}
	if old, _ := before.Row(shop); old.Labels != nil || old.Traffic.Known() {
		t.Error("a picture that was given out has changed")
	}
	b.cloud.set(func() { b.cloud.servers[singapore][0].Name = "other" })
	b.later(time.Minute)
	b.refresh(t)
	if r := b.row(t, shop); r.Name != "other" || len(r.Labels) != 2 || r.Traffic.Left != 5 {
		t.Errorf("after a change: got %q, %v, %+v", r.Name, r.Labels, r.Traffic)
	}
	for text, want := range map[string]int{"label:web": 1, "label:none": 0, "traffic<10%": 1, "traffic<5%": 0, "traffic>4GB": 1, "asia": 1,
		"problem:traffic": 1} {
		terms, _ := instance.ParseQuery(text, b.Picture())
		if got := b.Picture().Count(instance.Query{AccountIDs: []string{acc}, Terms: terms}); got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
	changes := b.Picture().Recent(noon)
	if len(changes) == 0 || changes[len(changes)-1].ID != shop && changes[len(changes)-1].ID != "srv-1" {
		t.Errorf("recent changes: got %+v", changes)
	}
}

// A server is unanswered while it runs at the address at which nothing answered;
// refreshes and starts of the console do not change that.
func TestServersThatDoNotAnswerComeIntoThePicture(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.run(t)
	b.refresh(t)
	address := b.row(t, shop).Address
	steps := []struct {
		name string
		do   func()
		want bool
	}{
		{"never tried", func() {}, false},
		{"nothing answered", func() { b.SetUnanswered(map[string]string{"srv-1": address, "srv-9": address}) }, true},
		{"renamed", func() { b.cloud.set(func() { b.cloud.servers[singapore][0].Name = "other" }) }, true},
		{"stopped", func() { b.cloud.set(func() { b.cloud.servers[singapore][0].Status = "SHUTOFF" }) }, false},
		{"runs again, not tried since", func() { b.cloud.set(func() { b.cloud.servers[singapore][0].Status = "ACTIVE" }) }, true},
		{"tried again", func() { b.SetUnanswered(map[string]string{"srv-1": ""}) }, false},
		{"another address was tried", func() { b.SetUnanswered(map[string]string{"srv-1": "203.0.113.99"}) }, false},
		{"and this one", func() { b.SetUnanswered(map[string]string{"srv-1": address}) }, true},
	}
	for _, step := range steps {
		before, was := b.Picture(), b.row(t, shop)
		silent := was.Silent
		step.do()
		b.later(time.Minute)
		b.refresh(t)
		r, p := b.row(t, shop), b.Picture()
		terms, problems := instance.ParseQuery("problem:silent", p)
		found := p.Count(instance.Query{AccountIDs: []string{acc}, Terms: terms}) == 1
		if len(problems) > 0 || r.Silent != step.want || found != step.want ||
			slices.Contains(r.Problems(noon), instance.ProblemSilent) != step.want {
			t.Errorf("%s: silent %v, found %v (%v); want %v", step.name, r.Silent, found, problems, step.want)
		}
		if was.Silent != silent {
			t.Errorf("%s: a row that was given out has changed", step.name)
		}
		if changes := p.Recent(noon); r.Silent != silent && (p.Version == before.Version || len(changes) == 0) {
			t.Errorf("%s: pages do not hear of it", step.name)
		}
	}
	quiet := b.Picture().Version
	b.SetUnanswered(map[string]string{"srv-1": address})
	if got := b.Picture().Version; got != quiet {
		t.Error("the same again makes another picture")
	}
	again := b.Reborn("")
	again.SetUnanswered(map[string]string{"srv-1": address}) // before anybody looks
	if r, ok := again.Picture().Row("srv-1"); !ok || !r.Silent {
		t.Errorf("after a start: %v, silent %v", ok, r.Silent)
	}
}

func TestThePictureOutlivesAStart(t *testing.T) {
	b := newBench(t)
	l, s, e := aShop()
	l.Tags, s.Tags, s.Hostname = map[string]string{"env": "prod"}, []string{"team=a"}, "shop-1"
	b.cloud.show(l, s, e)
	b.run(t)
	b.refresh(t)
	again := &instance.Service{Store: b.store, Accounts: b.cloud, Now: b.Now, Log: b.Log}
	was, is := *b.row(t, shop), instance.Row{}
	if r, ok := again.Picture().Row("srv-1"); ok {
		is = *r
	}
	opts := cmp.FilterPath(func(p cmp.Path) bool {
		f, ok := p.Last().(cmp.StructField)
		return ok && strings.ToLower(f.Name()[:1]) == f.Name()[:1]
	}, cmp.Ignore())
	if diff := cmp.Diff(was, is, opts); diff != "" {
		t.Errorf("row (-before +after):\n%s", diff)
	}
	for _, src := range []instance.Source{instance.FromConfig, instance.FromECS, instance.FromBSS} {
		if !is.Seen(src).Equal(noon) {
			t.Errorf("%v: seen %v, want %v", src, is.Seen(src), noon)
		}
	}
}

func TestDetailOfNobody(t *testing.T) {
	b := newBench(t)
	if _, err := b.Detail(t.Context(), viewer, "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v, want NotFound", err)
	}
}
