package instance_test

import (
	"slices"
	"testing"
	"time"

	"sampan/internal/app/instance"
)

func TestProblemsBeginAndEnd(t *testing.T) {
	in := func(d time.Duration) time.Time { return noon.Add(d) }
	traffic := func(left float64) instance.Traffic { return instance.Traffic{Left: left, Total: 1000, At: noon} }
	for name, tt := range map[string]struct {
		row  instance.Row
		want []string
	}{
		"nothing is known":                  {instance.Row{}, nil},
		"it runs":                           {instance.Row{State: instance.StateRunning, Expires: in(30 * 24 * time.Hour), Traffic: traffic(1000)}, nil},
		"in error":                          {instance.Row{State: instance.StateFaulty}, []string{instance.ProblemFaulty}},
		"ends in 14 days":                   {instance.Row{Expires: in(instance.ExpiringWithin)}, nil},
		"ends a moment before":              {instance.Row{Expires: in(instance.ExpiringWithin - time.Second)}, []string{instance.ProblemExpiring}},
		"ends soon and renews itself":       {instance.Row{Expires: in(time.Hour), AutoRenew: true}, nil},
		"ends now":                          {instance.Row{Expires: noon}, []string{instance.ProblemExpiring}},
		"has ended":                         {instance.Row{Expires: in(-time.Second)}, []string{instance.ProblemExpired}},
		"has ended though it renews itself": {instance.Row{Expires: in(-time.Second), AutoRenew: true}, []string{instance.ProblemExpired}},
		"frozen":                            {instance.Row{Frozen: true}, []string{instance.ProblemFrozen}},
		"a tenth of its traffic is left":    {instance.Row{Traffic: traffic(1000 * instance.TrafficLow)}, nil},
		"less than a tenth is left":         {instance.Row{Traffic: traffic(1000*instance.TrafficLow - 1)}, []string{instance.ProblemTraffic}},
		"no traffic is left":                {instance.Row{Traffic: traffic(0)}, []string{instance.ProblemTraffic}},
		"its traffic was never read":        {instance.Row{Traffic: instance.Traffic{Total: 1000}}, nil},
		"its package has no total":          {instance.Row{Traffic: instance.Traffic{At: noon}}, nil},
		"changed outside a day ago":         {instance.Row{ChangedOutside: in(-24 * time.Hour)}, nil},
		"changed outside today":             {instance.Row{ChangedOutside: in(-24*time.Hour + time.Second)}, []string{instance.ProblemOutside}},
		"everything": {instance.Row{State: instance.StateFaulty, Expires: in(-time.Hour), Frozen: true, NotSeenSince: noon,
			Traffic: traffic(1), Silent: true, Disagree: true, ChangedOutside: noon},
			slices.DeleteFunc(instance.Problems(), func(p string) bool { return p == instance.ProblemExpiring })},
	} {
		got := tt.row.Problems(noon)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
		worst := ""
		if len(tt.want) > 0 {
			worst = tt.want[0]
		}
		if p := tt.row.Problem(noon); p != worst {
			t.Errorf("%s: the worst: got %q, want %q", name, p, worst)
		}
	}
	if instance.ExpiringNow >= instance.ExpiringWithin || instance.TrafficLow >= instance.TrafficWarn {
		t.Error("what is urgent is not a part of what is near")
	}
}

func TestWhatIsKnownOfATerm(t *testing.T) {
	for name, tt := range map[string]struct {
		row          instance.Row
		term, frozen bool
	}{
		"nothing":               {instance.Row{}, false, false},
		"an expiry":             {instance.Row{Expires: noon}, true, true},
		"ECS's word":            {instance.Row{Status: "ACTIVE"}, false, true},
		"it is frozen":          {instance.Row{Frozen: true}, false, true},
		"Config's listing only": {instance.Row{InstanceID: shop, Name: "shop"}, false, false},
	} {
		if got := tt.row.TermKnown(); got != tt.term {
			t.Errorf("%s: the term is known: got %v, want %v", name, got, tt.term)
		}
		if got := tt.row.FrozenKnown(); got != tt.frozen {
			t.Errorf("%s: whether it is frozen is known: got %v, want %v", name, got, tt.frozen)
		}
	}
}
