package traffic_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

// watched is a fleet with a package in each state.
func watched() meter.Fleet {
	return meter.Fleet{
		Lines: []meter.Line{
			webtest.Line("lotus-vpn-21", 0, 4096, webtest.Outlook(meter.UsedUp, 160)),
			webtest.Line("late", 5, 1000, webtest.RunsOut(webtest.Now.Add(-time.Hour), 300)),
			webtest.Line("saffron-files-21", 328, 4096, webtest.RunsOut(webtest.Now.Add(60*time.Hour), 174)),
			webtest.Line("steady", 3000, 4096,
				meter.Forecast{Outlook: meter.Lasts, Pace: meter.Pace{PerDay: 0.4, Over: 7 * 24 * time.Hour}, Rest: 2000}),
			webtest.Line("young", 0.5, 4096, meter.Forecast{Outlook: meter.TooSoon}),
			webtest.Line("renewed", 10, 4096, meter.Forecast{Outlook: meter.NewCycle}),
			{Row: &instance.Row{AccountID: "a1", InstanceID: "i-new", Name: "new", PackageID: "p"}, Forecast: meter.Forecast{Outlook: meter.Unread}},
		},
		Used: 1604 * 1024, Total: 4380 * 1024, Counted: 5, Unread: 1, Renewed: 1, Without: 2,
		Counts: map[string]int{meter.ViewEnding: 3, meter.ViewLow: 3, meter.ViewUsedUp: 1, meter.ViewAll: 7},
		Oldest: webtest.Now.Add(-16 * time.Minute), Newest: webtest.Now.Add(-16 * time.Minute),
	}
}

func TestTrafficShowsWhatRunsOutFirst(t *testing.T) {
	c := webtest.Open(t)
	c.Traffic.GivenFleet = watched()
	doc := c.Get("/traffic").Want(200).Page()
	var names []string
	doc.Find("tbody th").Each(func(_ int, s *goquery.Selection) { names = append(names, strings.TrimSpace(s.Text())) })
	if got := strings.Join(names, " "); got != "lotus-vpn-21 late saffron-files-21" {
		t.Errorf("lines: %s", got)
	}
	if u, _ := doc.Find(".tabs a[aria-current]").Attr("href"); u != "/traffic?view=ending" {
		t.Errorf("current view: %s", u)
	}
	webtest.Says(t, doc, ".head p", "figures of today at 09:05")
	webtest.Says(t, doc, ".figs", "1,604 TB")
	webtest.Says(t, doc, ".figs .c-warn", "2")
	webtest.Says(t, doc, ".figs .c-bad", "1")
	webtest.Says(t, doc, ".note",
		"Nothing is known of 1 package yet. 1 package began a new cycle that was not read yet. 2 instances have no data package that we know of.")
	webtest.Says(t, doc, ".nav a[aria-current=page]", "Traffic")
	if got := c.Traffic.Scopes[0]; len(got) != 1 || got[0] != "a1" {
		t.Errorf("accounts asked for: %v", got)
	}

	doc = c.Get("/traffic?view=all").Page()
	nbsp := strings.NewReplacer("~", "\u00a0")
	for line, want := range map[string]string{
		"lotus-vpn-21":     "0~GB|4~TB|160~GB|used up|4 Dec",
		"late":             "5~GB|1,000~GB|300~GB|probably used up by now 11 days before the reset|4 Dec",
		"saffron-files-21": "328~GB|4~TB|174~GB|25 Nov 9 days before the reset|4 Dec",
		"steady":           "2.9~TB|4~TB|under 1 GB|Lasts until reset|4 Dec",
		"young":            "under 1 GB|4~TB|–|too soon to say|4 Dec",
		"renewed":          "not known|–|–|new cycle, not read yet|–",
		"new":              "not known|–|–|not read yet|–",
	} {
		want = strings.Join(strings.Fields(nbsp.Replace(want)), " ") // Fields cuts at no-break spaces, too
		if got := strings.Join(webtest.Cells(doc, line), "|"); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", line, got, want)
		}
	}
	if doc.Find("tbody progress").Length() != 5 || doc.Find("progress.t-bad").Length() != 4 {
		t.Errorf("%d bars, %d of them red", doc.Find("tbody progress").Length(), doc.Find("progress.t-bad").Length())
	}
	if href, _ := doc.Find("tbody th a").First().Attr("href"); href != "/instances/i-lotus-vpn-21" {
		t.Errorf("the line leads to %s", href)
	}

	c.Header.Set("HX-Request", "true")
	part := c.Get("/traffic?view=low").Want(200)
	if strings.Contains(part.Body, "<html") || part.Page().Find("#traffic-list[hx-get='/traffic?view=low']").Length() != 1 {
		t.Error("the part is not the list alone, or would not find itself again")
	}
}

func TestTrafficOfOldReadings(t *testing.T) {
	c := webtest.Open(t)
	c.Traffic.GivenFleet = watched()
	for n := range c.Traffic.GivenFleet.Lines[:2] {
		c.Traffic.GivenFleet.Lines[n].At = webtest.Now.Add(-26 * time.Hour)
	}
	c.Traffic.GivenFleet.Oldest = webtest.Now.Add(-26 * time.Hour)
	doc := c.Get("/traffic").Page()
	webtest.Says(t, doc, ".head p", "of yesterday at 07:21 to today at 09:05")
	webtest.Says(t, doc, ".note", "2 packages were not read for two hours or more, the oldest figure is of yesterday at 07:21.")
	if got := doc.Find("tbody td small:contains('read yesterday')").Length(); got != 2 {
		t.Errorf("%d lines say how old they are", got)
	}
}

func TestTrafficPages(t *testing.T) {
	c := webtest.Open(t)
	for n := range 230 {
		c.Traffic.GivenFleet.Lines = append(c.Traffic.GivenFleet.Lines,
			webtest.Line(fmt.Sprintf("n%03d", n), 10, 1000, webtest.Outlook(meter.UsedUp, 1)))
	}
	c.Traffic.GivenFleet.Counts = map[string]int{meter.ViewAll: 230}
	walk := func(link, path string) (names []string, last string) {
		for path != "" {
			doc := c.Get(path).Want(200).Page()
			doc.Find("tbody th").Each(func(_ int, s *goquery.Selection) { names = append(names, strings.TrimSpace(s.Text())) })
			last, path = path, ""
			if href, ok := doc.Find(".pager a[rel=" + link + "]").Attr("href"); ok {
				path = href
			}
		}
		return names, last
	}
	names, last := walk("next", "/traffic?view=all")
	if len(names) != 230 || names[0] != "n000" || names[229] != "n229" {
		t.Fatalf("forward: %d lines", len(names))
	}
	back, first := walk("prev", last)
	if len(back) != 230 || first != "/traffic?view=all" {
		t.Errorf("back: %d lines, ending at %s", len(back), first)
	}
	webtest.Says(t, c.Get(last).Page(), ".pager", "201–230 of 230")
	webtest.Says(t, c.Get("/traffic?view=all&after=not-there-any-more").Page(), ".pager", "1–100 of 230")
	webtest.Says(t, c.Get("/traffic?view=all&after=s-n229").Page(), ".pager", "131–230 of 230")
}

func TestTrafficWithNothingToShow(t *testing.T) {
	tests := []struct {
		name, path   string
		change       func(c *webtest.Console)
		title, leads string
	}{
		{"no account", "/traffic", func(c *webtest.Console) { c.Accounts.All = nil }, "No cloud account yet", "/accounts/new"},
		{"no package", "/traffic", func(*webtest.Console) {}, "No data packages yet", "/buy"},
		{"none runs out", "/traffic", func(c *webtest.Console) {
			c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{webtest.Line("steady", 3000, 4096, webtest.Outlook(meter.Lasts, 1))},
				Counted: 1, Counts: map[string]int{meter.ViewAll: 1}}
		}, "None runs out before its reset", "/traffic?view=all"},
		{"nothing was read", "/traffic", func(c *webtest.Console) {
			c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{webtest.Line("new", 0, 0, meter.Forecast{Outlook: meter.Unread})},
				Unread: 1, Counts: map[string]int{meter.ViewAll: 1}}
		}, "Nothing was read yet", "/traffic?view=all"},
		{"an unlimited one was read", "/traffic", func(c *webtest.Console) {
			c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{webtest.Line("free", 0, 0, webtest.Outlook(meter.Unlimited, 1))},
				Counts: map[string]int{meter.ViewAll: 1}}
		}, "None runs out before its reset", "/traffic?view=all"},
		{"one was read, and runs out later; of another nothing is known", "/traffic", func(c *webtest.Console) {
			c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{webtest.Line("steady", 3000, 4096, webtest.Outlook(meter.Lasts, 1)),
				webtest.Line("new", 0, 0, meter.Forecast{Outlook: meter.Unread})},
				Counted: 1, Unread: 1, Counts: map[string]int{meter.ViewAll: 2}}
		}, "None that we know of", "/traffic?view=all"},
		{"a cycle ended and the next was not read", "/traffic?view=low", func(c *webtest.Console) {
			c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{webtest.Line("steady", 3000, 4096, webtest.Outlook(meter.Lasts, 1)),
				webtest.Line("renewed", 10, 4096, webtest.Outlook(meter.NewCycle, 0))},
				Counted: 1, Renewed: 1, Counts: map[string]int{meter.ViewAll: 2}}
		}, "None that we know of", "/traffic?view=all"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			tt.change(c)
			doc := c.Get(tt.path).Want(200).Page()
			webtest.Says(t, doc, ".empty h2", tt.title)
			if got, _ := doc.Find(".empty a.btn").Attr("href"); got != tt.leads {
				t.Errorf("leads to %q, want %q", got, tt.leads)
			}
		})
	}
}

// A package belongs to an instance: its line has the instance's name and leads
// to it, and the overview calls it the same.
func TestAPackageIsCalledByItsInstance(t *testing.T) {
	c := webtest.Open(t)
	l := webtest.Line("ecs-71b4", 50, 1000, webtest.RunsOut(webtest.Now.Add(50*time.Hour), 30))
	l.Row.InstanceName = "wiki"
	c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{l}}
	for language, head := range map[string]string{"en": "Instance", "zh-Hans": "实例"} {
		c.Header.Set("Accept-Language", language)
		doc := c.Get("/traffic?view=all").Want(200).Page()
		webtest.Says(t, doc, "thead th:first-child", head)
		link := doc.Find("tbody th a")
		if name, href := strings.TrimSpace(link.Text()), link.AttrOr("href", ""); name != "wiki" || href != "/instances/i-ecs-71b4" {
			t.Errorf("%s: the line is called %q and leads to %s", language, name, href)
		}
		webtest.Says(t, c.Get("/").Page(), ".todo-list small", "wiki")
	}
	l.Row.InstanceName = ""
	webtest.Says(t, c.Get("/traffic?view=all").Page(), "tbody th", "ecs-71b4")
}

func TestTrafficWithHostileNames(t *testing.T) {
	evil := `"><img src=x onerror=alert(1)>` + "\u202e"
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "a2", Label: evil, State: account.Active})
	c.Traffic.GivenFleet = watched()
	c.Traffic.GivenFleet.Lines[0].Row.InstanceName, c.Traffic.GivenFleet.Lines[0].Row.AccountID = evil, "a2"
	c.Traffic.GivenFleet.Lines[0].Row.InstanceID = evil
	for _, path := range []string{"/traffic", "/traffic?view=all&after=" + "%22%3E%3Cimg%3E", "/traffic?view=%22%3E%3Cimg%3E"} {
		a := c.Get(path).Want(200)
		if a.Page().Find("main img").Length() != 0 || strings.ContainsRune(a.Body, '\u202e') {
			t.Errorf("%s: a name became markup or turns the page", path)
		}
	}
}

func TestTrafficIsSearchedLikeInstances(t *testing.T) {
	at := func(name, account, region string, f meter.Forecast) meter.Line {
		l := webtest.Line(name, 100, 1000, f)
		l.Row.AccountID, l.Row.Region = account, region
		return l
	}
	open := func(t *testing.T) *webtest.Console {
		c := webtest.Open(t)
		c.Accounts.All = append(c.Accounts.All, account.Account{ID: "a2", Label: "Orchid Retail", State: account.Active})
		lines := []meter.Line{
			at("gone", "a1", "ap-southeast-3", webtest.Outlook(meter.UsedUp, 9)),
			at("today", "a1", "me-east-1", webtest.RunsOut(webtest.Now.Add(5*time.Hour), 9)),
			at("friday", "a2", "me-east-1", webtest.RunsOut(webtest.Now.Add(5*24*time.Hour), 9)),
			at("steady", "a2", "ap-southeast-3", webtest.Outlook(meter.Lasts, 1)),
		}
		f := meter.Fleet{Lines: lines}
		c.Traffic.GivenFleet = f.Only(func(meter.Line) bool { return true })
		for _, l := range lines {
			c.Instances.GivenRows = append(c.Instances.GivenRows, instance.Instance{AccountID: l.Row.AccountID, ID: l.Row.InstanceID,
				Name: l.Row.Name, Region: l.Row.Region, ServerID: l.Row.ServerID})
			c.Instances.Servers = append(c.Instances.Servers,
				instance.ServerRecord{AccountID: l.Row.AccountID, InstanceID: l.Row.InstanceID,
					Server: instance.Server{ID: l.Row.ServerID, InstanceID: l.Row.InstanceID, Name: l.Row.Name, Region: l.Row.Region,
						Status: "ACTIVE"}})
		}
		return c
	}
	tests := []struct {
		ask   string // after view=all
		lines string
		tab   string // what the first view counts
		set   string // the label of the filter that is set
	}{
		{"", "gone today friday steady", "3", ""},
		{"&q=region:me-east-1", "today friday", "2", "Region: Riyadh"},
		{"&q=account:%22Orchid+Retail%22", "friday steady", "1", "Account: Orchid Retail"},
		{"&q=friday", "friday", "1", ""},
		{"&within=1", "gone today", "2", "Runs out within: 1 day"},
		{"&q=region:me-east-1&within=7", "today friday", "2", "Region: Riyadh"},
		{"&q=region:riyadh", "today friday", "2", "Region: Riyadh"},
		{"&q=-region:me-east-1", "gone steady", "1", ""},
		{"&q=nobody", "", "0", ""},
		{"&within=forever", "gone today friday steady", "3", ""},
	}
	for _, tt := range tests {
		t.Run(tt.ask, func(t *testing.T) {
			doc := open(t).Get("/traffic?view=all" + tt.ask).Want(200).Page()
			var names []string
			doc.Find("tbody th").Each(func(_ int, s *goquery.Selection) { names = append(names, strings.TrimSpace(s.Text())) })
			if got := strings.Join(names, " "); got != tt.lines {
				t.Errorf("lines: %q, want %q", got, tt.lines)
			}
			if got := doc.Find(".tabs a").First().Find("b").Text(); got != tt.tab {
				t.Errorf("the first view counts %s, want %s", got, tt.tab)
			}
			if got := strings.TrimSpace(doc.Find("#filters .btn.set").First().Text()); got != tt.set {
				t.Errorf("set is %q, want %q", got, tt.set)
			}
			if href := doc.Find(".tabs a").First().AttrOr("href", ""); strings.Contains(tt.ask, "q=region") &&
				!strings.Contains(href, "q=region%3Ame-east-1") {
				t.Errorf("another view loses the search: %s", href)
			}
			if tt.lines == "" {
				webtest.Says(t, doc, ".empty h2", webtest.Word("servers.nomatch"))
			}
		})
	}

	c := open(t)
	doc := c.Get("/traffic?view=all&q=region:me-east-1").Page()
	var counts []string
	doc.Find("#f-region label, #f-account label, #f-within label").Each(func(_ int, l *goquery.Selection) {
		counts = append(counts, strings.Join(strings.Fields(l.Text()), " "))
	})
	const want = "Singapore 2|Riyadh 2|Marina Labs 1|Orchid Retail 1|Any|1 day 1|3 days 1|7 days 2|14 days 2"
	if got := strings.Join(counts, "|"); got != want {
		t.Errorf("counts: %s", got)
	}
	c.Get("/traffic?view=low&was=&q=&region=me-east-1&within=3").
		Want(http.StatusSeeOther, "/traffic?q=region%3Ame-east-1&view=low&within=3")
	c.Header.Set("HX-Request", "true")
	part := c.Get("/traffic?view=all&was=&q=&region=me-east-1").Want(200)
	if got := part.Header.Get("HX-Push-Url"); got != "/traffic?q=region%3Ame-east-1&view=all" ||
		part.Page().Find("#traffic-found #traffic-list tbody tr").Length() != 2 {
		t.Errorf("htmx gets %q and %d lines", got, part.Page().Find("#traffic-list tbody tr").Length())
	}
	c.Header.Set("HX-Trigger", "q")
	if got := c.Get("/traffic?view=all&was=&q=fri").Want(200).Header; got.Get("HX-Replace-Url") != "/traffic?q=fri&view=all" ||
		got.Get("HX-Push-Url") != "" {
		t.Errorf("while typing: %v", got)
	}
}

// A failure of the use case is a page, and for htmx a note.
func TestTrafficThatCannotBeListed(t *testing.T) {
	for _, f := range webtest.Failures() {
		t.Run(f.Err.Kind.String(), func(t *testing.T) {
			c := webtest.Open(t)
			c.Traffic.Err = f.Err
			f.Shows(t, c.Get("/traffic"))
			c.Header.Set("HX-Request", "true")
			f.Note(t, c.Get("/traffic?view=all"))
		})
	}
}

// Somebody who may neither buy nor connect accounts is not sent there.
func TestTrafficOfAViewerWithNothingToShow(t *testing.T) {
	c := webtest.Open(t).As(person.Viewer)
	doc := c.Get("/traffic").Want(200).Page()
	webtest.Says(t, doc, ".empty h2", "No data packages yet")
	c.Accounts.All = nil
	none := c.Get("/traffic").Want(200).Page()
	webtest.Says(t, none, ".empty h2", "No cloud account yet")
	if n := doc.Find(".empty a").Length() + none.Find(".empty a").Length(); n != 0 {
		t.Errorf("a viewer is offered %d things that need another role", n)
	}
	if none.Find("form[action='/instances/refresh'], #filters, .tabs").Length() != 0 {
		t.Error("without an account there is something to ask, to search or to choose from")
	}
}

// Where several accounts are shown, each line says whose package it is.
func TestTrafficOfSeveralAccounts(t *testing.T) {
	c := webtest.Open(t)
	c.Traffic.GivenFleet = watched()
	if words := c.Get("/traffic?view=all").Want(200).Page().Find("thead").Text(); strings.Contains(words, "Account") {
		t.Errorf("one account needs no column: %s", words)
	}
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "a2", Label: "Orchid Retail", State: account.Active})
	c.Traffic.GivenFleet.Lines[3].Row.AccountID = "a2"
	doc := c.Get("/traffic?view=all").Want(200).Page()
	webtest.Says(t, doc, "thead th:last-child", "Account")
	webtest.Says(t, doc, "tbody tr:nth-child(1) td:last-child", "Marina Labs")
	webtest.Says(t, doc, "tbody tr:nth-child(4) td:last-child", "Orchid Retail")
	if got := strings.Join(c.Traffic.Scopes[len(c.Traffic.Scopes)-1], " "); got != "a1 a2" {
		t.Errorf("asked for the packages of %q", got)
	}
	c.Persons.Scope = "a2"
	c.Get("/traffic").Want(200)
	if asked := c.Traffic.Scopes; strings.Join(asked[len(asked)-1], " ") != "a2" {
		t.Errorf("in the scope of one account: asked for %v", asked[len(asked)-1])
	}
}

// What was not read makes counts least ones, and is said above the list.
func TestTrafficThatWasNotRead(t *testing.T) {
	gap := func(about instance.About, trouble fault.Message) instance.Gap {
		return instance.Gap{AccountID: "a1", About: about, Source: "traffic", Trouble: trouble, Lacking: 2, TriedAt: webtest.Now}
	}
	failed, open := fault.Say("cloud.unreachable"), fault.Message{}
	lasts := meter.Fleet{Lines: []meter.Line{webtest.Line("steady", 3000, 4096, webtest.Outlook(meter.Lasts, 1))}, Counted: 1,
		Counts: map[string]int{meter.ViewAll: 1}}
	unread := meter.Fleet{Lines: []meter.Line{webtest.Line("new", 0, 0, meter.Forecast{Outlook: meter.Unread})}, Unread: 1,
		Counts: map[string]int{meter.ViewAll: 1}}
	tests := []struct {
		name        string
		gap         instance.Gap
		fleet       meter.Fleet
		empty, note string
		tabs        string
	}{
		{"the list failed, and nothing is known", gap(instance.AboutList, failed), meter.Fleet{}, "What there is could not be read", "Marina Labs could not be read.", ""},
		{"the list is still to be read", gap(instance.AboutList, open), meter.Fleet{}, "Not read yet", "Marina Labs has not been read completely yet.", ""},
		{"the packages failed", gap(instance.AboutTraffic, failed), unread, "What is left could not be read",
			"Data packages of Marina Labs could not be read.", "Will run out not known, Under 10% not known, Used up not known, All 1"},
		{"the packages are still to be read", gap(instance.AboutTraffic, open), unread, "Nothing was read yet",
			"Marina Labs has not been read completely yet.", "Will run out not known, Under 10% not known, Used up not known, All 1"},
		{"the list failed, and some are known", gap(instance.AboutList, failed), lasts, "None runs out before its reset",
			"Marina Labs could not be read.", "Will run out not known, Under 10% not known, Used up not known, All at least 1"},
		{"only states were not read", gap(instance.AboutStates, failed), lasts, "None runs out before its reset", "", "Will run out 0, Under 10% 0, Used up 0, All 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			c.Instances.GivenGaps, c.Traffic.GivenFleet = instance.Gaps{tt.gap}, tt.fleet
			doc := c.Get("/traffic").Want(200).Page()
			webtest.Says(t, doc, ".empty h2", tt.empty)
			if note := doc.Find("#traffic-head .note"); tt.note == "" && note.Length() > 0 {
				t.Errorf("it is about something else: %s", note.Text())
			} else if tt.note != "" {
				webtest.Says(t, doc, "#traffic-head .note:first-child", tt.note)
			}
			var tabs []string
			doc.Find("main .tabs a").
				Each(func(_ int, a *goquery.Selection) { tabs = append(tabs, strings.Join(strings.Fields(a.Text()), " ")) })
			if got := strings.Join(tabs, ", "); got != tt.tabs {
				t.Errorf("tabs: %q, want %q", got, tt.tabs)
			}
		})
	}
}

// A search that is not understood shows no packages, says which part it is, and
// keeps the view when it is cleared.
func TestTrafficWithASearchThatIsNotUnderstood(t *testing.T) {
	c := webtest.Open(t)
	c.Traffic.GivenFleet = watched()
	doc := c.Get("/traffic?view=low&q=colour:red+shop").Want(200).Page()
	webtest.Says(t, doc, ".empty h2", webtest.Word("servers.unread"))
	webtest.Says(t, doc, "#filters .err p", "colour")
	if got := webtest.Value(doc, "q"); got != "shop colour:red" || doc.Find("#q[aria-invalid=true]").Length() != 1 {
		t.Errorf("the box holds %q, or is not marked", got)
	}
	for _, selector := range []string{".empty a.btn", "#filters a.btn.ghost"} {
		if href := doc.Find(selector).AttrOr("href", ""); href != "/traffic?view=low" {
			t.Errorf("%s leads to %q", selector, href)
		}
	}
	if doc.Find("tbody tr").Length() != 0 {
		t.Error("packages are shown as if the part were not there")
	}
}

// What a search leaves out is said with the way back; the figures are of the rest.
func TestTrafficThatASearchLeavesOut(t *testing.T) {
	c := webtest.Open(t)
	c.Traffic.GivenFleet = watched()
	doc := c.Get("/traffic?within=1&q=nobody").Want(200).Page()
	webtest.Says(t, doc, ".empty h2", webtest.Word("servers.nomatch"))
	webtest.Says(t, doc, ".empty", "3 packages of this view are left out.")
	webtest.Says(t, doc, ".figs", "not known")
	if href := doc.Find(".empty a.btn").AttrOr("href", ""); href != "/traffic?view=ending" {
		t.Errorf("the way back leads to %q", href)
	}
}

func TestTrafficInChinese(t *testing.T) {
	c := webtest.Open(t)
	c.Traffic.GivenFleet = watched()
	c.Header.Set("Accept-Language", "zh-Hans")
	doc := c.Get("/traffic?view=all").Want(200).Page()
	webtest.Says(t, doc, "h1", "流量")
	for line, want := range map[string]string{"lotus-vpn-21": "已用完", "steady": "可用到重置", "new": "尚未读取"} {
		if got := strings.Join(webtest.Cells(doc, line), "|"); !strings.Contains(got, want) {
			t.Errorf("%s: %s, without %q", line, got, want)
		}
	}
}
