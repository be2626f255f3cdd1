package page_test

import (
	"context"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// gaps are what was read and what was not, as a test gives it.
type gaps struct {
	all     instance.Gaps
	syncs   []instance.Sync
	reading bool
	request instance.Asked
	asked   *int
	err     error
}

func (g gaps) Gaps(_ context.Context, ids []string) (instance.Gaps, error) {
	if g.asked != nil {
		*g.asked++
	}
	return g.all.In(ids...), g.err
}

func (g gaps) Syncs(_ context.Context, ids []string) ([]instance.Sync, error) {
	var out []instance.Sync
	for _, y := range g.syncs {
		for _, id := range ids {
			if y.AccountID == id {
				out = append(out, y)
			}
		}
	}
	return out, g.err
}

func (g gaps) Refreshing(string) bool      { return g.reading }
func (g gaps) Asked(string) instance.Asked { return g.request }

// When servers were read is said as of what is oldest, and nothing that failed is
// passed over.
func TestWhenTheServersOfAScopeWereRead(t *testing.T) {
	ago := func(d time.Duration) time.Time { return webtest.Now.Add(-d) }
	read := []instance.Sync{{AccountID: "a1", Source: "config", OKAt: ago(time.Minute)},
		{AccountID: "a1", Source: "ecs:tr-west-1", OKAt: ago(5 * time.Minute)}}
	failed := func(at time.Time) instance.Gap {
		return instance.Gap{AccountID: "a1", About: instance.AboutStates, Source: "ecs:tr-west-1", OKAt: at,
			Trouble: fault.Say("cloud.unreachable")}
	}
	disabled := instance.Gap{AccountID: "a2", About: instance.AboutList, Source: "config",
		Trouble: fault.Say("fault.account.disabled", "Account", "Dhow")}
	for name, tt := range map[string]struct {
		known gaps
		words string
		at    time.Time
		tone  string
	}{
		"read":                           {gaps{syncs: read}, "Read from Huawei", ago(5 * time.Minute), ""},
		"never":                          {gaps{}, "Not read from Huawei yet", time.Time{}, ""},
		"for the first time":             {gaps{reading: true}, "Asking Huawei…", time.Time{}, ""},
		"read again by itself":           {gaps{syncs: read, reading: true}, "Read from Huawei", ago(5 * time.Minute), ""},
		"somebody asked":                 {gaps{syncs: read, request: instance.Asked{At: webtest.Now}}, "Asking Huawei… Last read", ago(5 * time.Minute), ""},
		"somebody asked, after failures": {gaps{syncs: read, all: instance.Gaps{failed(ago(time.Hour))}, request: instance.Asked{At: webtest.Now}}, "Asking Huawei… Last read", ago(time.Hour), ""},
		"somebody asked, and it waits":   {gaps{syncs: read, request: instance.Asked{At: webtest.Now, Waits: true}}, "Read from Huawei", ago(5 * time.Minute), ""},
		"it failed since":                {gaps{syncs: read, all: instance.Gaps{failed(ago(2 * time.Hour)), failed(ago(time.Hour))}}, "Could not be read; last read", ago(2 * time.Hour), ui.Caution},
		"a region never":                 {gaps{syncs: read, all: instance.Gaps{failed(time.Time{}), failed(ago(time.Hour))}}, "Not everything could be read from Huawei", time.Time{}, ui.Caution},
		"expiry failed": {gaps{syncs: read, all: instance.Gaps{{AccountID: "a1", About: instance.AboutTerms, Source: "bss", Trouble: fault.Say("cloud.unreachable")}}},
			"Read from Huawei", ago(5 * time.Minute), ""},
		"one account is disabled": {gaps{syncs: append(read, instance.Sync{AccountID: "a2", Source: "ecs:tr-west-1", OKAt: ago(99 * time.Hour)}), all: instance.Gaps{disabled}},
			"Read from Huawei", ago(5 * time.Minute), ""},
	} {
		c, _ := request("GET", "/")
		visit.Of(c).Printer = text.New(text.English, webtest.HongKong).At(func() time.Time { return webtest.Now })
		sc := visit.Narrow([]account.Account{{ID: "a1", Label: "Marina"}, {ID: "a2", Label: "Dhow"}}, "real")
		got, err := page.Knowledge{Instances: tt.known}.Read(c, sc)
		if err != nil {
			t.Fatal(err)
		}
		at := ""
		if !tt.at.IsZero() {
			at = tt.at.UTC().Format(time.RFC3339)
		}
		if got.Words != tt.words || got.At.ISO != at || got.Tone != tt.tone {
			t.Errorf("%s: %q at %q, tone %q; want %q at %q, tone %q", name, got.Words, got.At.ISO, got.Tone, tt.words, at, tt.tone)
		}
	}
}
