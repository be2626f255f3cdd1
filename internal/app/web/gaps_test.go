package web_test

import (
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
)

// unlisted is a list of instances that was never read, beside states that were.
var unlisted = instance.Gap{AccountID: "a1", About: instance.AboutList, Source: "config", TriedAt: now, Trouble: fault.Say("cloud.unreachable")}

func TestCountsOfAListThatWasNotReadAreLeastOnes(t *testing.T) {
	c := withShop(t)
	c.instances.gaps = instance.Gaps{unlisted}
	c.instances.rows = []instance.Instance{{ID: "i-r1", AccountID: "a1", Name: "r1"}}
	doc := c.get("/").want(200).page()
	says(t, doc, "#fleet tbody tr:first-child td.n:nth-child(2)", "at least ")
	says(t, doc, ".nav a[href='/servers']", "+")
	says(t, doc, ".nav a[href='/instances']", "+")
	says(t, c.get("/counts").want(200).page(), "#count-servers", "+")
}

func TestWhenWhatFailedWasReadIsNotWhenTheRestWas(t *testing.T) {
	c := withShop(t)
	c.instances.syncs = []instance.Sync{{AccountID: "a1", Source: "ecs:ap-southeast-3", OKAt: now}}
	c.instances.gaps = instance.Gaps{unlisted}
	says(t, c.get("/").page(), "#fleet .ph small", "Not everything could be read from Huawei")
	once := unlisted
	once.OKAt = now.Add(-time.Hour)
	c.instances.gaps = instance.Gaps{once}
	says(t, c.get("/").page(), "#fleet .ph small", "Could not be read; last read 1 h ago")
}

func TestWhatAnAnswerLeftOutIsNotCalledUnread(t *testing.T) {
	c := withShop(t)
	lacks := instance.Gap{AccountID: "a1", About: instance.AboutTerms, Source: "bss", Lacking: 1, OKAt: now, TriedAt: now}
	c.instances.gaps = instance.Gaps{lacks}
	says(t, c.get("/").page(), "#attention li", "Not everything is known of")
	lacks.OKAt = time.Time{}
	c.instances.gaps = instance.Gaps{lacks}
	says(t, c.get("/").page(), "#attention li", "is not read whole yet")
}

func TestAnAccountThatWasSwitchedOffNeedsNobody(t *testing.T) {
	c := withShop(t)
	c.accounts.all[0].State, c.accounts.all[0].CheckedAt, c.accounts.all[0].Checks = account.Disabled, now, []account.Check{{Name: "balance", Message: fault.Say("cloud.unreachable")}}
	for _, region := range []string{"", "ap-southeast-3"} {
		g := unlisted
		g.Trouble, g.OKAt = fault.Say("fault.account.disabled", "Account", "Marina Labs"), now.Add(-time.Hour)
		if region != "" {
			g.About, g.Region, g.Source = instance.AboutStates, region, "ecs:"+region
		}
		c.instances.gaps = append(c.instances.gaps, g)
	}
	doc := c.get("/").want(200).page()
	item := doc.Find("#attention li:contains('switched off')")
	if class, _ := item.Attr("class"); item.Length() != 1 || class != "" {
		t.Errorf("%d lines, of the tone %q: what somebody switched off needs nobody", item.Length(), class)
	}
	if strings.Count(item.Text(), "switched off") != 1 {
		t.Errorf("said twice: %s", item.Text())
	}
	if words := doc.Find("#fleet").Text(); strings.Contains(words, "can’t be read") || strings.Contains(words, "Could not be read") {
		t.Errorf("an account that is switched off was not tried: %s", words)
	}
	c.instances.more = nil
	says(t, c.get("/").page(), "#fleet .empty", "An account that is switched off is not read.")
}

func TestWhyAStateIsNotKnown(t *testing.T) {
	c := open(t)
	c.instances.more = []*instance.Row{machine("u", "a1", "ap-southeast-3", instance.StateUnknown)}
	says(t, c.get("/").page(), "#fleet .figs", "Huawei did not list them yet")
	g := unlisted
	g.About, g.Source, g.Region, g.Lacking = instance.AboutStates, "ecs:ap-southeast-3", "ap-southeast-3", 1
	c.instances.gaps = instance.Gaps{g}
	if words := c.get("/").page().Find("#fleet .figs").Text(); !strings.Contains(words, "could not be read") || strings.Contains(words, "did not list") {
		t.Errorf("states that Huawei refused to tell: %s", words)
	}
}

// withShop is a console whose account has a server.
func withShop(t *testing.T) *console {
	c := open(t)
	c.instances.more = []*instance.Row{machine("r1", "a1", "ap-southeast-3", instance.StateRunning)}
	return c
}
