package web_test

import (
	"encoding/json"
	"net/http"
	"strconv"
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

// A refresh that was asked for is said to be under way until it has ended, over
// whatever was said before.
func TestARefreshUnderWayIsSaid(t *testing.T) {
	once := unlisted
	once.OKAt = now.Add(-time.Hour)
	for name, tt := range map[string]struct {
		asked instance.Asked
		gaps  instance.Gaps
		want  string
	}{
		"none":                        {instance.Asked{}, nil, "Read from Huawei 3 min ago"},
		"asked":                       {instance.Asked{At: now}, nil, "Asking Huawei… Last read 3 min ago"},
		"asked, and it failed before": {instance.Asked{At: now}, instance.Gaps{once}, "Asking Huawei… Last read 1 h ago"},
		"asked, and never read":       {instance.Asked{At: now}, instance.Gaps{unlisted}, "Asking Huawei…"},
		"asked, and Huawei is silent": {instance.Asked{At: now, Waits: true}, instance.Gaps{once}, "Could not be read; last read 1 h ago"},
	} {
		c := withShop(t)
		c.instances.open, c.instances.gaps = map[string]instance.Asked{"a1": tt.asked}, tt.gaps
		for path, at := range map[string]string{"/": "#fleet .read", "/servers": "#age .read", "/servers?part=sources": "#age .read"} {
			if strings.Contains(path, "part") {
				c.header.Set("HX-Request", "true")
			} else {
				c.header.Del("HX-Request")
			}
			if got := strings.Join(strings.Fields(c.get(path).want(200).page().Find(at).Text()), " "); got != tt.want {
				t.Errorf("%s, %s: %q, want %q", name, path, got, tt.want)
			}
		}
	}
}

func TestWhatAnAnswerLeftOutIsNotCalledUnread(t *testing.T) {
	c := withShop(t)
	lacks := instance.Gap{AccountID: "a1", About: instance.AboutTerms, Source: "bss", Lacking: 1, OKAt: now, TriedAt: now}
	c.instances.gaps = instance.Gaps{lacks}
	says(t, c.get("/").page(), "#attention li", "Not everything is known of")
	lacks.OKAt = time.Time{}
	c.instances.gaps = instance.Gaps{lacks}
	says(t, c.get("/").page(), "#attention li", "has not been read completely yet")
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
	item := doc.Find("#attention li:contains('is disabled')")
	if class, _ := item.Attr("class"); item.Length() != 1 || class != "" {
		t.Errorf("%d lines, of the tone %q: what somebody switched off needs nobody", item.Length(), class)
	}
	if strings.Count(item.Text(), "is disabled") != 1 {
		t.Errorf("said twice: %s", item.Text())
	}
	if words := doc.Find("#fleet").Text(); strings.Contains(words, "can’t be read") || strings.Contains(words, "Could not be read") {
		t.Errorf("an account that is switched off was not tried: %s", words)
	}
	c.instances.more = nil
	says(t, c.get("/").page(), "#fleet .empty", "A disabled account is not read.")
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

func TestFiguresOfARegionWhoseStatesWereNotReadAreLeastOnes(t *testing.T) {
	c := open(t)
	for n, state := range []string{instance.StateRunning, instance.StateRunning, instance.StateUnknown, instance.StateUnknown, instance.StateUnknown} {
		c.instances.more = append(c.instances.more, machine(strconv.Itoa(n), "a1", "ap-southeast-3", state))
	}
	c.instances.more = append(c.instances.more, machine("r", "a1", "tr-west-1", instance.StateRunning))
	c.instances.gaps = instance.Gaps{{AccountID: "a1", About: instance.AboutStates, Source: "ecs:ap-southeast-3", Region: "ap-southeast-3", Lacking: 3, OKAt: now}}
	doc := c.get("/").want(200).page()
	for region, want := range map[string]string{"Singapore": "5||2+|?|?|?", "Istanbul": "1||1|–|–|–"} {
		if got := strings.Join(cells(doc, region), "|"); got != want {
			t.Errorf("%s: %s, want %s", region, got, want)
		}
	}
}

func TestFiguresOfAnAccountWhoseListWasNotReadAreLeastOnes(t *testing.T) {
	c := withShop(t)
	for id, label := range map[string]string{"a2": "Unread", "a3": "Partly", "a4": "Empty"} {
		c.accounts.all = append(c.accounts.all, account.Account{ID: id, Label: label, Site: account.International, State: account.Active, CheckedAt: now})
	}
	c.instances.more = append(c.instances.more, machine("p", "a3", "tr-west-1", instance.StateStopped))
	for _, id := range []string{"a2", "a3"} {
		g := unlisted
		g.AccountID, g.Trouble = id, fault.Message{} // it is still to be read
		c.instances.gaps = append(c.instances.gaps, g)
	}
	doc := c.get("/").want(200).page()
	for account, want := range map[string]string{"Marina Labs": "1||1|–|–|–", "Unread": "not known||?|?|?|?", "Partly": "at least 1||?|1+|?|?", "Empty": "0||–|–|–|–"} {
		if got := strings.Join(cells(doc, account), "|"); got != want {
			t.Errorf("%s: %s, want %s", account, got, want)
		}
	}
}

// What a list counts says "at least" wherever it counts, and only of what was not
// read.
func TestAListThatWasNotReadCountsAtLeast(t *testing.T) {
	c := open(t)
	fleet(c, 240)
	c.instances.servers[0].Server.Status = ""
	exact := c.get("/servers").want(200).page()
	says(t, exact, "#n-range", "1–100 of 240")
	says(t, exact, "#f-state label:has([value=stopped])", "Stopped 120")
	c.instances.gaps = instance.Gaps{unlisted}
	doc := c.get("/servers").want(200).page()
	says(t, doc, "#n-range", "1–100 of at least 240")
	says(t, doc, "#f-state label:has([value=stopped])", "Stopped 120+")
	says(t, doc, "#f-region label:has([value=me-east-1])", "+")

	g := unlisted
	g.About, g.Source, g.Region, g.Lacking = instance.AboutStates, "ecs:ap-southeast-3", "ap-southeast-3", 3
	c.instances.gaps = instance.Gaps{g}
	doc = c.get("/servers").want(200).page()
	says(t, doc, "#n-range", "1–100 of 240")
	says(t, doc, "#f-state label:has([value=stopped])", "Stopped 120+")
	if words := doc.Find("#f-region").Text(); strings.Contains(words, "+") {
		t.Errorf("the regions are counted whole: %s", words)
	}
	says(t, c.get("/servers?q=state:stopped").page(), "#n-range", "1–100 of at least 120")
	doc = c.get("/servers?q=state:unknown").page()
	if got := strings.TrimSpace(doc.Find("#n-range").Text()); got != "1 server" || strings.Contains(doc.Find("main").Text(), "belongs here") {
		t.Errorf("those whose state is not known are counted whole: %s", got)
	}
	says(t, doc, "#f-state label:has([value=unknown])", "Not known 1")
}

func TestWhatIsCalledNothingMayNotHaveBeenRead(t *testing.T) {
	c := open(t)
	fleet(c, 30)
	const unread = "Some servers have not been read from Huawei"
	paste := func(names string, status int) string {
		return c.post("/selections", "list", "servers", "paste", names).want(status).body
	}
	ask := func() []string {
		part := c.post("/selections", "list", "servers", "paste", "shop-001\nzzzz").want(http.StatusSeeOther).Header.Get("Location")
		return []string{c.get("/search?q=zzzz").body, paste("zzzz", http.StatusUnprocessableEntity), c.get(part).body}
	}
	for _, page := range ask() {
		if strings.Contains(page, unread) {
			t.Errorf("everything was read:\n%s", page)
		}
	}
	c.instances.gaps = instance.Gaps{unlisted}
	for n, page := range ask() {
		if !strings.Contains(page, unread) {
			t.Errorf("page %d does not say that it may be unread:\n%s", n, page)
		}
	}
	says(t, c.get("/search?q=shop-01").page(), "#found", "at least 10 servers")
	says(t, c.get("/search?q=pack-01").page(), "#found", "at least 10 instances")
}

func TestAStateThatIsNotKnownIsExportedAsNothing(t *testing.T) {
	c := open(t)
	fleet(c, 2)
	c.instances.servers[0].Server.Status = ""
	var all []map[string]any
	if err := json.Unmarshal([]byte(c.get("/servers.json?sort=name").want(200).body), &all); err != nil || len(all) != 2 {
		t.Fatal(err, all)
	}
	if all[0]["state"] != nil || all[1]["state"] == nil {
		t.Errorf("states: %v, %v", all[0]["state"], all[1]["state"])
	}
	if body := c.get("/servers.csv").want(200).body; strings.Contains(body, `"unknown"`) {
		t.Errorf("the table says unknown:\n%s", body)
	}
}
