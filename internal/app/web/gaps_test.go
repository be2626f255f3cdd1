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
	"sampan/internal/app/web/webtest"
)

// unlisted is a list of instances that was never read, beside states that were.
var unlisted = instance.Gap{AccountID: "a1", About: instance.AboutList, Source: "config", TriedAt: webtest.Now,
	Trouble: fault.Say("cloud.unreachable")}

func TestCountsOfAListThatWasNotReadAreLeastOnes(t *testing.T) {
	c := withShop(t)
	c.Instances.GivenGaps = instance.Gaps{unlisted}
	c.Instances.GivenRows = []instance.Instance{{ID: "i-r1", AccountID: "a1", Name: "r1"}}
	doc := c.Get("/").Want(200).Page()
	webtest.Says(t, doc, "#fleet tbody tr:first-child td.n:nth-child(2)", "at least ")
	webtest.Says(t, doc, ".nav a[href='/servers']", "+")
	webtest.Says(t, doc, ".nav a[href='/instances']", "+")
	webtest.Says(t, c.Get("/counts").Want(200).Page(), "#count-servers", "+")
}

func TestWhenWhatFailedWasReadIsNotWhenTheRestWas(t *testing.T) {
	c := withShop(t)
	c.Instances.GivenSyncs = []instance.Sync{{AccountID: "a1", Source: "ecs:ap-southeast-3", OKAt: webtest.Now}}
	c.Instances.GivenGaps = instance.Gaps{unlisted}
	webtest.Says(t, c.Get("/").Page(), "#fleet .ph small", "Not everything could be read from Huawei")
	once := unlisted
	once.OKAt = webtest.Now.Add(-time.Hour)
	c.Instances.GivenGaps = instance.Gaps{once}
	webtest.Says(t, c.Get("/").Page(), "#fleet .ph small", "Could not be read; last read 1 h ago")
}

// A refresh that was asked for is said to be under way until it has ended, over
// whatever was said before.
func TestARefreshUnderWayIsSaid(t *testing.T) {
	once := unlisted
	once.OKAt = webtest.Now.Add(-time.Hour)
	for name, tt := range map[string]struct {
		asked instance.Asked
		gaps  instance.Gaps
		want  string
	}{
		"none":                        {instance.Asked{}, nil, "Read from Huawei 3 min ago"},
		"asked":                       {instance.Asked{At: webtest.Now}, nil, "Asking Huawei… Last read 3 min ago"},
		"asked, and it failed before": {instance.Asked{At: webtest.Now}, instance.Gaps{once}, "Asking Huawei… Last read 1 h ago"},
		"asked, and never read":       {instance.Asked{At: webtest.Now}, instance.Gaps{unlisted}, "Asking Huawei…"},
		"asked, and Huawei is silent": {instance.Asked{At: webtest.Now, Waits: true}, instance.Gaps{once}, "Could not be read; last read 1 h ago"},
	} {
		c := withShop(t)
		c.Instances.Open, c.Instances.GivenGaps = map[string]instance.Asked{"a1": tt.asked}, tt.gaps
		for path, at := range map[string]string{"/": "#fleet .read", "/servers": "#age .read", "/servers?part=sources": "#age .read"} {
			if strings.Contains(path, "part") {
				c.Header.Set("HX-Request", "true")
			} else {
				c.Header.Del("HX-Request")
			}
			if got := strings.Join(strings.Fields(c.Get(path).Want(200).Page().Find(at).Text()), " "); got != tt.want {
				t.Errorf("%s, %s: %q, want %q", name, path, got, tt.want)
			}
		}
	}
}

func TestWhatAnAnswerLeftOutIsNotCalledUnread(t *testing.T) {
	c := withShop(t)
	lacks := instance.Gap{AccountID: "a1", About: instance.AboutTerms, Source: "bss", Lacking: 1, OKAt: webtest.Now, TriedAt: webtest.Now}
	c.Instances.GivenGaps = instance.Gaps{lacks}
	webtest.Says(t, c.Get("/").Page(), "#attention li", "Not everything is known of")
	lacks.OKAt = time.Time{}
	c.Instances.GivenGaps = instance.Gaps{lacks}
	webtest.Says(t, c.Get("/").Page(), "#attention li", "has not been read completely yet")
}

func TestAnAccountThatWasSwitchedOffNeedsNobody(t *testing.T) {
	c := withShop(t)
	c.Accounts.All[0].State, c.Accounts.All[0].CheckedAt, c.Accounts.All[0].Checks = account.Disabled, webtest.Now,
		[]account.Check{{Name: "balance", Message: fault.Say("cloud.unreachable")}}
	for _, region := range []string{"", "ap-southeast-3"} {
		g := unlisted
		g.Trouble, g.OKAt = fault.Say("fault.account.disabled", "Account", "Marina Labs"), webtest.Now.Add(-time.Hour)
		if region != "" {
			g.About, g.Region, g.Source = instance.AboutStates, region, "ecs:"+region
		}
		c.Instances.GivenGaps = append(c.Instances.GivenGaps, g)
	}
	doc := c.Get("/").Want(200).Page()
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
	c.Instances.More = nil
	webtest.Says(t, c.Get("/").Page(), "#fleet .empty", "A disabled account is not read.")
}

func TestWhyAStateIsNotKnown(t *testing.T) {
	c := webtest.Open(t)
	c.Instances.More = []*instance.Row{webtest.Machine("u", "a1", "ap-southeast-3", instance.StateUnknown)}
	webtest.Says(t, c.Get("/").Page(), "#fleet .figs", "Huawei did not list them yet")
	g := unlisted
	g.About, g.Source, g.Region, g.Lacking = instance.AboutStates, "ecs:ap-southeast-3", "ap-southeast-3", 1
	c.Instances.GivenGaps = instance.Gaps{g}
	if words := c.Get("/").Page().Find("#fleet .figs").Text(); !strings.Contains(words, "could not be read") ||
		strings.Contains(words, "did not list") {
		t.Errorf("states that Huawei refused to tell: %s", words)
	}
}

// withShop is a console whose account has a server.
func withShop(t *testing.T) *webtest.Console {
	c := webtest.Open(t)
	c.Instances.More = []*instance.Row{webtest.Machine("r1", "a1", "ap-southeast-3", instance.StateRunning)}
	return c
}

func TestFiguresOfARegionWhoseStatesWereNotReadAreLeastOnes(t *testing.T) {
	c := webtest.Open(t)
	for n, state := range []string{instance.StateRunning, instance.StateRunning, instance.StateUnknown, instance.StateUnknown,
		instance.StateUnknown} {
		c.Instances.More = append(c.Instances.More, webtest.Machine(strconv.Itoa(n), "a1", "ap-southeast-3", state))
	}
	c.Instances.More = append(c.Instances.More, webtest.Machine("r", "a1", "tr-west-1", instance.StateRunning))
	c.Instances.GivenGaps = instance.Gaps{{AccountID: "a1", About: instance.AboutStates, Source: "ecs:ap-southeast-3",
		Region: "ap-southeast-3", Lacking: 3, OKAt: webtest.Now}}
	doc := c.Get("/").Want(200).Page()
	for region, want := range map[string]string{"Singapore": "5||2+|?|?|?", "Istanbul": "1||1|–|–|–"} {
		if got := strings.Join(webtest.Cells(doc, region), "|"); got != want {
			t.Errorf("%s: %s, want %s", region, got, want)
		}
	}
}

func TestFiguresOfAnAccountWhoseListWasNotReadAreLeastOnes(t *testing.T) {
	c := withShop(t)
	for id, label := range map[string]string{"a2": "Unread", "a3": "Partly", "a4": "Empty"} {
		c.Accounts.All = append(c.Accounts.All,
			account.Account{ID: id, Label: label, Site: account.International, State: account.Active, CheckedAt: webtest.Now})
	}
	c.Instances.More = append(c.Instances.More, webtest.Machine("p", "a3", "tr-west-1", instance.StateStopped))
	for _, id := range []string{"a2", "a3"} {
		g := unlisted
		g.AccountID, g.Trouble = id, fault.Message{} // it is still to be read
		c.Instances.GivenGaps = append(c.Instances.GivenGaps, g)
	}
	doc := c.Get("/").Want(200).Page()
	for account, want := range map[string]string{"Marina Labs": "1||1|–|–|–", "Unread": "not known||?|?|?|?",
		"Partly": "at least 1||?|1+|?|?", "Empty": "0||–|–|–|–"} {
		if got := strings.Join(webtest.Cells(doc, account), "|"); got != want {
			t.Errorf("%s: %s, want %s", account, got, want)
		}
	}
}

// What a list counts says "at least" wherever it counts, and only of what was not
// read.
func TestAListThatWasNotReadCountsAtLeast(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 240)
	c.Instances.Servers[0].Server.Status = ""
	exact := c.Get("/servers").Want(200).Page()
	webtest.Says(t, exact, "#n-range", "1–100 of 240")
	webtest.Says(t, exact, "#f-state label:has([value=stopped])", "Stopped 120")
	c.Instances.GivenGaps = instance.Gaps{unlisted}
	doc := c.Get("/servers").Want(200).Page()
	webtest.Says(t, doc, "#n-range", "1–100 of at least 240")
	webtest.Says(t, doc, "#f-state label:has([value=stopped])", "Stopped 120+")
	webtest.Says(t, doc, "#f-region label:has([value=me-east-1])", "+")

	g := unlisted
	g.About, g.Source, g.Region, g.Lacking = instance.AboutStates, "ecs:ap-southeast-3", "ap-southeast-3", 3
	c.Instances.GivenGaps = instance.Gaps{g}
	doc = c.Get("/servers").Want(200).Page()
	webtest.Says(t, doc, "#n-range", "1–100 of 240")
	webtest.Says(t, doc, "#f-state label:has([value=stopped])", "Stopped 120+")
	if words := doc.Find("#f-region").Text(); strings.Contains(words, "+") {
		t.Errorf("the regions are counted whole: %s", words)
	}
	webtest.Says(t, c.Get("/servers?q=state:stopped").Page(), "#n-range", "1–100 of at least 120")
	doc = c.Get("/servers?q=state:unknown").Page()
	if got := strings.TrimSpace(doc.Find("#n-range").Text()); got != "1 server" ||
		strings.Contains(doc.Find("main").Text(), "belongs here") {
		t.Errorf("those whose state is not known are counted whole: %s", got)
	}
	webtest.Says(t, doc, "#f-state label:has([value=unknown])", "Not known 1")
}

func TestWhatIsCalledNothingMayNotHaveBeenRead(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 30)
	const unread = "Some servers have not been read from Huawei"
	paste := func(names string, status int) string {
		return c.Post("/selections", "list", "servers", "paste", names).Want(status).Body
	}
	ask := func() []string {
		part := c.Post("/selections", "list", "servers", "paste", "shop-001\nzzzz").Want(http.StatusSeeOther).Header.Get("Location")
		return []string{c.Get("/search?q=zzzz").Body, paste("zzzz", http.StatusUnprocessableEntity), c.Get(part).Body}
	}
	for _, page := range ask() {
		if strings.Contains(page, unread) {
			t.Errorf("everything was read:\n%s", page)
		}
	}
	c.Instances.GivenGaps = instance.Gaps{unlisted}
	for n, page := range ask() {
		if !strings.Contains(page, unread) {
			t.Errorf("page %d does not say that it may be unread:\n%s", n, page)
		}
	}
	webtest.Says(t, c.Get("/search?q=shop-01").Page(), "#found", "at least 10 servers")
	webtest.Says(t, c.Get("/search?q=pack-01").Page(), "#found", "at least 10 instances")
}

func TestAStateThatIsNotKnownIsExportedAsNothing(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	c.Instances.Servers[0].Server.Status = ""
	var all []map[string]any
	if err := json.Unmarshal([]byte(c.Get("/servers.json?sort=name").Want(200).Body), &all); err != nil || len(all) != 2 {
		t.Fatal(err, all)
	}
	if all[0]["state"] != nil || all[1]["state"] == nil {
		t.Errorf("states: %v, %v", all[0]["state"], all[1]["state"])
	}
	if body := c.Get("/servers.csv").Want(200).Body; strings.Contains(body, `"unknown"`) {
		t.Errorf("the table says unknown:\n%s", body)
	}
}
