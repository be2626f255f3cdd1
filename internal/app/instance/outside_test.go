package instance_test

import (
	"slices"
	"testing"
	"time"

	"sampan/internal/app/instance"
)

// Every fact that can be changed elsewhere is marked, also values that come and
// go. In the minutes after an action of the console, only facts that the action
// does not change are.
func TestWhatTheConsoleDidNotChangeIsMarked(t *testing.T) {
	for fact, c := range map[string]struct {
		change  func(*instance.Server)
		was, is string
	}{
		"hostname":    {func(s *instance.Server) { s.Hostname = "shop-1" }, "–", "shop-1"},
		"description": {func(s *instance.Server) { s.Description = "" }, "a shop", "–"},
		"address":     {func(s *instance.Server) { s.Public = nil }, "119.3.166.188", "–"},
		"tags":        {func(s *instance.Server) { s.Tags = []string{"_sys_type_hcss_l=", "team=a", "env=prod"} }, "team=a", "env=prod, team=a"},
		"groups":      {func(s *instance.Server) { s.SecurityGroups = []string{"open"} }, "default", "open"},
		"vpc":         {func(s *instance.Server) { s.Networks = []string{"v2"} }, "v1", "v2"},
		"name":        {func(s *instance.Server) { s.Name = "other" }, "hcss_ecs_ff60", "other"},
		"state":       {func(s *instance.Server) { s.Status = "SHUTOFF" }, "running", "stopped"},
	} {
		for by, acted := range map[string][]string{"nobody here": nil, "an action on another fact": {"another"},
			"an action on it": {fact}} {
			b := newBench(t)
			l, s, e := aShop()
			s.Description, s.Tags, s.SecurityGroups, s.Networks = "a shop", []string{"_sys_type_hcss_l=", "team=a"}, []string{"default"},
				[]string{"v1"}
			b.cloud.show(l, s, e)
			b.RefreshSoon(acc)
			b.Pass(t.Context())
			b.later(time.Minute)
			b.cloud.set(func() { c.change(&b.cloud.servers[singapore][0]) })
			if acted != nil {
				b.Acted(acc, "srv-1", acted...)
			}
			b.RefreshSoon(acc)
			b.Pass(t.Context())
			d, err := b.Detail(t.Context(), viewer, "srv-1")
			must(t, err)
			changes := d.ServerChanges[0]
			noted, marked := changes[fact]
			if want := !slices.Contains(acted, fact); marked != want || marked && (noted.Was != c.was || noted.Is != c.is) ||
				len(changes) > 1 {
				t.Errorf("%s, by %s: got %+v, want marked %v", fact, by, changes, want)
			}
		}
	}
}

// What is added to a server while it is built is no change.
func TestAServerThatIsOnlyBuiltHasNotChanged(t *testing.T) {
	b := newBench(t)
	l, s, e := aShop()
	whole := s
	s.Status, s.Public, s.Networks = "BUILD", nil, nil
	whole.Networks, whole.SecurityGroups, whole.Tags, whole.Hostname = []string{"v1"}, []string{"default"}, []string{"team=a"}, "shop-1"
	b.cloud.show(l, s, e)
	b.RefreshSoon(acc)
	b.Pass(t.Context())
	b.later(time.Hour)
	b.cloud.set(func() { b.cloud.servers[singapore][0] = whole })
	b.RefreshSoon(acc)
	b.Pass(t.Context())
	if d, err := b.Detail(t.Context(), viewer, "srv-1"); err != nil || len(d.ServerChanges[0]) > 0 {
		t.Errorf("got %+v, %v", d.ServerChanges, err)
	}
}

// The code of the plan says it.
func TestWindowsIsKnownBeforeECSAnswers(t *testing.T) {
	for code, want := range map[string]string{"hf.large.1.30m.linux": "linux", "hf.large.1.30m.byol": "windows", "ahf.large.1.40g.2m": ""} {
		b := newBench(t)
		l, s, e := aShop()
		l.Spec, e.Spec = code, code
		b.cloud.show(l, s, e)
		b.cloud.fails["ecs:"+singapore] = unreachable
		b.RefreshSoon(acc)
		b.Pass(t.Context())
		if got := b.row(t, shop).OS; got != want {
			t.Errorf("%s: got %q, want %q", code, got, want)
		}
	}
}
