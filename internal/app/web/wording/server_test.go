package wording_test

import (
	"testing"
	"time"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/web/webtest"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/ui"
)

// Billing is believed before the server: what is gone or frozen does not run.
func TestStatesOfAnInstance(t *testing.T) {
	for name, tt := range map[string]struct {
		i    instance.Instance
		want string
	}{
		"running":             {instance.Instance{State: "ACTIVE"}, ui.Run + " Running"},
		"stopped":             {instance.Instance{State: "SHUTOFF"}, ui.Off + " Stopped"},
		"being made":          {instance.Instance{State: "BUILD"}, ui.Busy + " Being made"},
		"restarting":          {instance.Instance{State: "REBOOT"}, ui.Busy + " Restarting"},
		"restarting, forced":  {instance.Instance{State: "HARD_REBOOT"}, ui.Busy + " Restarting"},
		"faulty":              {instance.Instance{State: "ERROR"}, ui.Fault + " Faulty"},
		"not read":            {instance.Instance{}, ui.Wait + " not known"},
		"a word of the cloud": {instance.Instance{State: "SHELVED"}, ui.Wait + " SHELVED"},
		"busy":                {instance.Instance{State: "ACTIVE", TaskState: "powering-off"}, ui.Busy + " Busy"},
		"frozen":              {instance.Instance{State: "ACTIVE", TaskState: "x", Frozen: true}, ui.Ice + " Frozen"},
		"gone":                {instance.Instance{State: "ACTIVE", Frozen: true, GoneAt: webtest.Now}, ui.Off + " Gone"},
	} {
		if shape, word := wording.InstanceState(english(), tt.i); shape+" "+word != tt.want {
			t.Errorf("%s: %s %s, want %s", name, shape, word, tt.want)
		}
	}
}

// Every state of a server has a shape and a word; one of a later version is not known.
func TestStatesOfAServer(t *testing.T) {
	for _, state := range instance.States() {
		shape, word := wording.ServerLook(english(), state, "")
		if shape != wording.ServerShapes[state] || word != webtest.Word("server.state."+state) {
			t.Errorf("%s: %s %s", state, shape, word)
		}
	}
	for _, tt := range []struct{ state, status, want string }{
		{instance.StateBusy, "RESIZE\u202e", ui.Busy + " Busy (RESIZEU+202E)"},
		{instance.StateRunning, "ACTIVE", ui.Run + " Running"},
		{"later", "LATER", ui.Wait + " not known"},
	} {
		if shape, word := wording.ServerLook(english(), tt.state, tt.status); shape+" "+word != tt.want {
			t.Errorf("%s: %s %s, want %s", tt.state, shape, word, tt.want)
		}
	}
}

func TestWordsForNothing(t *testing.T) {
	p := english()
	for name, tt := range map[string]struct{ got, want string }{
		"not known":      {wording.OrUnknown(p, ""), "not known"},
		"known":          {wording.OrUnknown(p, "x"), "x"},
		"nothing":        {wording.OrNothing(p, ""), "–"},
		"something":      {wording.OrNothing(p, "x\u202e"), "xU+202E"},
		"no message":     {wording.Say(p, fault.Message{}), ""},
		"a message":      {wording.Say(p, fault.Say("web.forbidden")), webtest.Word("web.forbidden")},
		"no traffic":     {wording.Gigabytes(p, 0), p.Traffic(0)},
		"a little":       {wording.Gigabytes(p, 0.2), "under 1 GB"},
		"less than none": {wording.Gigabytes(p, -3), p.Traffic(0)},
		"some":           {wording.Gigabytes(p, 12), p.Traffic(12)},
		"memory":         {wording.Memory(p, 2048), p.Unit("2", "GiB")},
		"size":           {wording.Size(p, catalog.Embedded(), "hf.large.1.30m.linux"), p.LTR("2 vCPU, " + wording.Memory(p, sizeOf(t, "hf.large.1.30m.linux")))},
		"unknown size":   {wording.Size(p, catalog.Embedded(), "hf.gone"), "hf.gone"},
		"no size":        {wording.Size(p, catalog.Embedded(), ""), "not known"},
		"image":          {wording.ImageName(catalog.Embedded(), "wordpress"), "WordPress"},
		"unknown image":  {wording.ImageName(catalog.Embedded(), "golden"), "golden"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", name, tt.got, tt.want)
		}
	}
}

func TestMoments(t *testing.T) {
	p := english()
	if got := wording.ISO(time.Date(2026, 11, 23, 9, 21, 0, 5, webtest.HongKong)); got != "2026-11-23T01:21:00Z" {
		t.Errorf("for machines: %s", got)
	}
	// In Hong Kong the 23rd begins at 16:00 of the 22nd, UTC.
	for at, want := range map[time.Time]string{
		time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC):  "00:00",
		time.Date(2026, 11, 22, 15, 59, 0, 0, time.UTC): p.Date(time.Date(2026, 11, 22, 15, 59, 0, 0, time.UTC)),
		time.Date(2025, 11, 23, 1, 0, 0, 0, time.UTC):   p.Date(time.Date(2025, 11, 23, 1, 0, 0, 0, time.UTC)),
	} {
		if got := wording.TimeOrDate(p, at); got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
}

// Servers are as old as the region that was read least lately.
func TestWhenServersWereRead(t *testing.T) {
	at := func(source string, ago time.Duration) instance.Sync {
		return instance.Sync{Source: source, OKAt: webtest.Now.Add(-ago)}
	}
	never := instance.Sync{Source: "ecs:tr-west-1"}
	for name, tt := range map[string]struct {
		syncs []instance.Sync
		want  time.Time
	}{
		"nothing":             {nil, time.Time{}},
		"the list alone":      {[]instance.Sync{at("config", time.Hour), at("config", 3*time.Hour), at("bss", 9*time.Hour)}, webtest.Now.Add(-3 * time.Hour)},
		"regions":             {[]instance.Sync{at("config", 9*time.Hour), at("ecs:a", time.Hour), at("ecs:b", 2*time.Hour)}, webtest.Now.Add(-2 * time.Hour)},
		"a region that never": {[]instance.Sync{at("ecs:a", time.Hour), never}, time.Time{}},
	} {
		if got := wording.OldestRead(tt.syncs); !got.Equal(tt.want) {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
