package instance_test

import (
	"errors"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
)

// gap is what a test says of one.
type gap struct {
	about        instance.About
	source       string
	lacking, old int
	never        bool
	trouble      string
}

func gapsOf(t *testing.T, b *bench) (out []gap) {
	t.Helper()
	all, err := b.Gaps(t.Context(), []string{acc})
	must(t, err)
	for _, g := range all {
		out = append(out, gap{g.About, g.Source, g.Lacking, g.Old, g.Never(), g.Trouble.ID})
	}
	return out
}

func wantGaps(t *testing.T, b *bench, when string, want ...gap) {
	t.Helper()
	got := gapsOf(t, b)
	if len(got) != len(want) {
		t.Errorf("%s: got %+v, want %+v", when, got, want)
		return
	}
	for n := range want {
		if got[n] != want[n] {
			t.Errorf("%s: gap %d: got %+v, want %+v", when, n, got[n], want[n])
		}
	}
}

var refused = &fault.Error{Kind: fault.Refused, Message: fault.Say("cloud.denied"), Code: "CBC.0151", Status: 403}

func TestGapsSayWhatWasNotRead(t *testing.T) {
	b := newBench(t)
	b.Traffic = b.cloud
	b.cloud.show(aShop())
	wantGaps(t, b, "before the first read",
		gap{about: instance.AboutList, source: "config", never: true},
		gap{about: instance.AboutStates, source: "ecs:" + hongKong, never: true},
		gap{about: instance.AboutStates, source: "ecs:" + singapore, never: true})
	b.run(t)
	b.cloud.set(func() { b.cloud.fails["bss"] = refused })
	b.refresh(t)
	wantGaps(t, b, "billing refuses", gap{about: instance.AboutTerms, source: "bss", lacking: 1, never: true, trouble: "cloud.denied"})
	b.cloud.set(func() { delete(b.cloud.fails, "bss") })
	b.refresh(t)
	wantGaps(t, b, "all was read")
	b.cloud.set(func() { b.cloud.fails["bss"] = refused; b.cloud.fails["ecs:"+singapore] = errors.New("boom") })
	b.later(time.Minute)
	b.refresh(t)
	wantGaps(t, b, "billing and a region fail after they were read",
		gap{about: instance.AboutStates, source: "ecs:" + singapore, old: 1, trouble: "fault.internal"},
		gap{about: instance.AboutTerms, source: "bss", old: 1, trouble: "cloud.denied"})
}

func TestWhatWasReadLongAgoIsAGap(t *testing.T) {
	b := newBench(t)
	b.Traffic = b.cloud
	b.cloud.show(aShop())
	b.run(t)
	b.refresh(t)
	started := &bench{Service: &instance.Service{Store: b.store, Accounts: b.cloud, Traffic: b.cloud, Regions: b.Regions,
		Schedule: instance.Usual(1), Log: b.Log,
		Now: func() time.Time { return noon.Add(90 * time.Minute) }}} // an hour and a half later, before its first read
	wantGaps(t, started, "nobody read for an hour and a half",
		gap{about: instance.AboutStates, source: "ecs:" + hongKong},
		gap{about: instance.AboutStates, source: "ecs:" + singapore, old: 1},
		gap{about: instance.AboutTraffic, source: "traffic", lacking: 1})
}

func TestAccountThatIsNotReadIsAGapWithItsReason(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*account.Account)
		want   string
	}{
		"switched off": {func(a *account.Account) { a.State = account.Disabled }, "fault.account.disabled"},
		"key refused":  {func(a *account.Account) { a.State, a.Trouble = account.Broken, fault.Say("cloud.signin") }, "cloud.signin"},
		"never reached": {func(a *account.Account) {
			a.Projects, a.CheckedAt, a.Checks = nil, noon, []account.Check{{Name: "keys", Message: fault.Say("cloud.unreachable")}}
		}, "cloud.unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			tt.change(&b.cloud.account)
			all, err := b.Gaps(t.Context(), []string{acc})
			must(t, err)
			if len(all) == 0 || all[0].About != instance.AboutList {
				t.Fatalf("got %+v, want the list first", all)
			}
			for _, g := range all {
				if g.Trouble.ID != tt.want || !g.Never() {
					t.Errorf("got %+v, want the trouble %s", g, tt.want)
				}
			}
		})
	}
}

func TestGapsAnswerWhatPagesAsk(t *testing.T) {
	failed := instance.Gap{AccountID: "a", About: instance.AboutStates, Source: "ecs:" + singapore + "/p9", Region: singapore,
		Old: 3, OKAt: noon, Trouble: fault.Say("cloud.unreachable")}
	lacking := instance.Gap{AccountID: "b", About: instance.AboutTerms, Source: "bss", Lacking: 2, OKAt: noon}
	off := instance.Gap{AccountID: "c", About: instance.AboutList, Source: "config", Trouble: fault.Say("fault.account.disabled")}
	all := instance.Gaps{off, failed, lacking}

	for name, tt := range map[string]struct {
		gap           instance.Gap
		failed, isOff bool
		never         bool
		place         string
	}{
		"a source that fails":      {failed, true, false, false, singapore + "/p9"},
		"an answer that left some": {lacking, false, false, false, ""},
		"an account that is off":   {off, false, true, true, ""},
	} {
		g := tt.gap
		if g.Failed() != tt.failed || g.Off() != tt.isOff || g.Never() != tt.never || g.Place() != tt.place {
			t.Errorf("%s: failed %v, off %v, never %v, place %q", name, g.Failed(), g.Off(), g.Never(), g.Place())
		}
	}
	for name, tt := range map[string]struct {
		gaps    instance.Gaps
		count   int
		lacking int
		short   bool
	}{
		"none":                  {nil, 0, 0, false},
		"all":                   {all, 3, 2, true},
		"of states":             {all.Of(instance.AboutStates), 1, 0, false},
		"of states and terms":   {all.Of(instance.AboutStates, instance.AboutTerms), 2, 2, true},
		"of traffic":            {all.Of(instance.AboutTraffic), 0, 0, false},
		"of one account":        {all.In("b"), 1, 2, true},
		"of one that was never": {all.In("c"), 1, 0, true},
		"of no account":         {all.In(), 0, 0, false},
	} {
		if len(tt.gaps) != tt.count || tt.gaps.Lacking() != tt.lacking || tt.gaps.Short() != tt.short {
			t.Errorf("%s: got %d gaps, %d lacking, short %v", name, len(tt.gaps), tt.gaps.Lacking(), tt.gaps.Short())
		}
	}
	if len(all) != 3 || all[0].AccountID != "c" {
		t.Error("a part of the gaps changed the whole")
	}
}

func TestAReadThatTakesMinutesSaysSo(t *testing.T) {
	b := newBench(t)
	b.Traffic = b.cloud
	b.cloud.show(aShop())
	b.Limited = func(a account.Account, source string) bool { return a.ID == acc && source == "ecs:"+singapore }
	wantGaps(t, b, "before the first read, at a low rate",
		gap{about: instance.AboutList, source: "config", never: true},
		gap{about: instance.AboutStates, source: "ecs:" + hongKong, never: true},
		gap{about: instance.AboutStates, source: "ecs:" + singapore, never: true, trouble: "instance.limited"})
	b.run(t)
	b.refresh(t)
	if got := gapsOf(t, b); len(got) != 0 {
		t.Errorf("after it: got %+v, want none", got)
	}
}
