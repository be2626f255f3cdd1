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
			webtest.Line("steady", 3000, 4096, meter.Forecast{Outlook: meter.Lasts, Pace: meter.Pace{PerDay: 0.4, Over: 7 * 24 * time.Hour}, Rest: 2000}),
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
	webtest.Says(t, doc, ".note", "Nothing is known of 1 package yet. 1 package began a new cycle that was not read yet. 2 instances have no data package that we know of.")
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
		c.Traffic.GivenFleet.Lines = append(c.Traffic.GivenFleet.Lines, webtest.Line(fmt.Sprintf("n%03d", n), 10, 1000, webtest.Outlook(meter.UsedUp, 1)))
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
			c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{webtest.Line("steady", 3000, 4096, webtest.Outlook(meter.Lasts, 1))}, Counted: 1, Counts: map[string]int{meter.ViewAll: 1}}
		}, "None runs out before its reset", "/traffic?view=all"},
		{"nothing was read", "/traffic", func(c *webtest.Console) {
			c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{webtest.Line("new", 0, 0, meter.Forecast{Outlook: meter.Unread})}, Unread: 1, Counts: map[string]int{meter.ViewAll: 1}}
		}, "Nothing was read yet", "/traffic?view=all"},
		{"an unlimited one was read", "/traffic", func(c *webtest.Console) {
			c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{webtest.Line("free", 0, 0, webtest.Outlook(meter.Unlimited, 1))}, Counts: map[string]int{meter.ViewAll: 1}}
		}, "None runs out before its reset", "/traffic?view=all"},
		{"one was read, and runs out later; of another nothing is known", "/traffic", func(c *webtest.Console) {
			c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{webtest.Line("steady", 3000, 4096, webtest.Outlook(meter.Lasts, 1)), webtest.Line("new", 0, 0, meter.Forecast{Outlook: meter.Unread})},
				Counted: 1, Unread: 1, Counts: map[string]int{meter.ViewAll: 2}}
		}, "None that we know of", "/traffic?view=all"},
		{"a cycle ended and the next was not read", "/traffic?view=low", func(c *webtest.Console) {
			c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{webtest.Line("steady", 3000, 4096, webtest.Outlook(meter.Lasts, 1)), webtest.Line("renewed", 10, 4096, webtest.Outlook(meter.NewCycle, 0))},
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

// withPackage is a console with an instance and what is known of its package.
func withPackage(t *testing.T, d meter.Detail) *webtest.Console {
	c := webtest.Open(t)
	c.Instances.GivenRows = []instance.Instance{{ID: "i1", AccountID: "a1", Name: "lotus-shop-01", PackageID: "p1"}}
	c.Traffic.Details = map[string]meter.Detail{"p1": d}
	return c
}

func TestTrafficOfAnInstance(t *testing.T) {
	c := withPackage(t, webtest.Measured())
	doc := c.Get("/instances/i1/traffic").Want(200).Page()
	webtest.Says(t, doc, "h1", "Traffic")
	webtest.Says(t, doc, ".crumb", "lotus-shop-01")
	webtest.Says(t, doc, "#traffic .ph small", "Huawei’s figures, today at 09:05")
	webtest.Says(t, doc, "#traffic .figs", "1.3 TBof 4 TB, outbound only")
	webtest.Says(t, doc, "#traffic .figs .c-warn", "~2 Dec")
	webtest.Says(t, doc, "#traffic .figs", "2 days before the reset")
	webtest.Says(t, doc, "#traffic .figs", "Last 7 days163 GBa day")
	webtest.Says(t, doc, "#traffic .hint", "would be billed before the reset")
	webtest.Says(t, doc, "#traffic .hint", "We do not know these prices.")
	webtest.Says(t, doc, "#traffic .kv", "4 Nov, 16:00 to 4 Dec, 16:00")
	chart := doc.Find("#traffic .chart[role=img]")
	label, _ := chart.Attr("aria-label")
	for _, want := range []string{"since 4 Nov", "2.7 TB of 4 TB used", "around 2 Dec", "2 days before the reset"} {
		if !strings.Contains(strings.ReplaceAll(label, "\u00a0", " "), want) {
			t.Errorf("the chart says %q, without %q", label, want)
		}
	}
	if chart.Find("polyline.v").Length() != 3 || // the begin, the records, the samples: gaps stay gaps
		chart.Find("polyline.fc").Length() != 1 || chart.Find("line.cap").Length() != 1 || chart.Find("line.today").Length() != 1 {
		t.Errorf("lines: %d used, %d forecast, %d limit, %d now", chart.Find("polyline.v").Length(), chart.Find("polyline.fc").Length(), chart.Find("line.cap").Length(), chart.Find("line.today").Length())
	}
	webtest.Says(t, doc, "#traffic .x", "4 Dec, reset")
	webtest.Says(t, doc, "#traffic details tbody", "Huawei’s records")
	if doc.Find("#traffic form[action='/instances/i1/traffic'] button").Length() != 1 {
		t.Error("nothing to press for newer figures")
	}

	c.Header.Set("HX-Request", "true")
	part := c.Get("/instances/i1/traffic?range=90d").Want(200)
	if strings.Contains(part.Body, "<html") || part.Page().Find("#traffic[hx-get='/instances/i1/traffic?range=90d']").Length() != 1 {
		t.Error("the part is not the panel alone, or would not find itself again")
	}
	webtest.Says(t, part.Page(), ".seg a[aria-current]", "90 days")
	webtest.Says(t, part.Page(), "details tbody", "23 Nov, so far")
	if got := webtest.Now.Sub(c.Traffic.Since); got != meter.HourlyFor {
		t.Errorf("90 days ask for %v", got)
	}
	years := c.Get("/instances/i1/traffic?range=2y").Want(200).Page()
	webtest.Says(t, years, "details tbody", "November 2026")
	webtest.Says(t, c.Get("/instances/i1/traffic?range=%3Cx%3E").Want(200).Page(), ".seg a[aria-current]", "This cycle")
}

func TestTrafficOfAnInstanceSaysWhatIsNotKnown(t *testing.T) {
	tests := []struct {
		name   string
		change func(d *meter.Detail)
		wants  []string
		chart  bool
	}{
		{"never read", func(d *meter.Detail) {
			*d = meter.Detail{Forecast: meter.Forecast{Outlook: meter.Unread}, Reading: true}
		},
			[]string{"Nothing was read yet", "not read yet", "There is nothing to draw yet", "Newer figures are being read"}, false},
		{"the last look failed", func(d *meter.Detail) {
			d.Trouble, d.TroubleAt = fault.Say("web.forbidden"), webtest.Now.Add(-time.Minute)
		},
			[]string{"It could not be read today at 09:20.", webtest.Word("web.forbidden")}, true},
		{"a new cycle was not read", func(d *meter.Detail) {
			d.Forecast.Outlook, d.Meter.Last.CycleEnd = meter.NewCycle, webtest.Now.Add(-time.Hour)
		},
			[]string{"A new cycle has begun.", "ended today at 08:21", "not known"}, false},
		{"a unit that is no amount", func(d *meter.Detail) { d.Forecast.Outlook, d.Meter.Unit = meter.Uncounted, 17 }, []string{"unit of its answer: 17", "not counted in GB"}, false},
		{"no total", func(d *meter.Detail) { d.Forecast.Outlook, d.Meter.Last.Total = meter.Unlimited, 0 }, []string{"No total is known.", "not known"}, false},
		{"old figures", func(d *meter.Detail) { d.Meter.Last.At = webtest.Now.Add(-5 * time.Hour) }, []string{"These figures are old.", "today at 04:21"}, true},
		{"used up", func(d *meter.Detail) { d.Forecast = webtest.Outlook(meter.UsedUp, 100); d.Meter.Last.Left = 0 }, []string{"0 GB", "used up", "now billed per GB"}, true},
		{"too soon", func(d *meter.Detail) { d.Forecast = meter.Forecast{Outlook: meter.TooSoon} }, []string{"too soon to say"}, true},
		{"by the cloud's records", func(d *meter.Detail) { d.Forecast.Pace.Used = true }, []string{"a day, by Huawei’s records"}, true},
		{"the end of the cycle is not known", func(d *meter.Detail) {
			d.Meter.Last.CycleStart, d.Meter.Last.CycleEnd, d.Forecast.Early = time.Time{}, time.Time{}, 0
			d.Forecast.Beyond = 0
			for n := range d.Samples {
				d.Samples[n].CycleStart, d.Samples[n].CycleEnd = time.Time{}, time.Time{}
			}
		}, []string{"Cyclenot known", "~2 Dec"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := webtest.Measured()
			tt.change(&d)
			doc := withPackage(t, d).Get("/instances/i1/traffic").Want(200).Page()
			got := strings.ReplaceAll(strings.Join(strings.Fields(doc.Find("#traffic").Text()), " "), "\u00a0", " ")
			for _, want := range tt.wants {
				if !strings.Contains(got, want) {
					t.Errorf("it does not say %q:\n%s", want, got)
				}
			}
			if drawn := doc.Find("#traffic .chart").Length() == 1; drawn != tt.chart {
				t.Errorf("drawn: %v", drawn)
			}
		})
	}
}

func TestTrafficOfAnInstanceWithoutAPackage(t *testing.T) {
	c := withPackage(t, meter.Detail{})
	c.Instances.GivenRows[0].PackageID = ""
	doc := c.Get("/instances/i1/traffic").Want(200).Page()
	webtest.Says(t, doc, "#traffic", webtest.Word("traffic.panel.none"))
	if doc.Find("#traffic form").Length() != 0 {
		t.Error("there is something to press")
	}
}

func TestWhoMaySeeAndCheckTraffic(t *testing.T) {
	c := withPackage(t, webtest.Measured())
	c.Post("/instances/i1/traffic").Want(http.StatusSeeOther, "/instances/i1")
	if strings.Join(c.Traffic.Checked, "|") != "a1 p1" {
		t.Errorf("checked: %v", c.Traffic.Checked)
	}
	webtest.Says(t, c.Get("/traffic").Page(), ".toast", webtest.Word("traffic.asked"))

	c.Instances.GivenRows[0].AccountID = "of-somebody-else"
	c.Get("/instances/i1/traffic").Want(http.StatusNotFound)
	c.Post("/instances/i1/traffic").Want(http.StatusNotFound)
	if len(c.Traffic.Checked) != 1 {
		t.Error("a package of another account was asked for")
	}
	c.Get("/instances/nobody/traffic").Want(http.StatusNotFound)
	webtest.Open(t).SignedOut().Get("/traffic").Want(http.StatusSeeOther)
	if doc := webtest.Open(t).As(person.Viewer).Get("/traffic").Want(200).Page(); doc.Find("form[action='/instances/refresh']").Length() != 1 {
		t.Error("a viewer may not ask for newer figures")
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
			c.Instances.GivenRows = append(c.Instances.GivenRows, instance.Instance{AccountID: l.Row.AccountID, ID: l.Row.InstanceID, Name: l.Row.Name, Region: l.Row.Region, ServerID: l.Row.ServerID})
			c.Instances.Servers = append(c.Instances.Servers, instance.ServerRecord{AccountID: l.Row.AccountID, InstanceID: l.Row.InstanceID,
				Server: instance.Server{ID: l.Row.ServerID, InstanceID: l.Row.InstanceID, Name: l.Row.Name, Region: l.Row.Region, Status: "ACTIVE"}})
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
			if href := doc.Find(".tabs a").First().AttrOr("href", ""); strings.Contains(tt.ask, "q=region") && !strings.Contains(href, "q=region%3Ame-east-1") {
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
	if got := strings.Join(counts, "|"); got != "Singapore 2|Riyadh 2|Marina Labs 1|Orchid Retail 1|Any|1 day 1|3 days 1|7 days 2|14 days 2" {
		t.Errorf("counts: %s", got)
	}
	c.Get("/traffic?view=low&was=&q=&region=me-east-1&within=3").Want(http.StatusSeeOther, "/traffic?q=region%3Ame-east-1&view=low&within=3")
	c.Header.Set("HX-Request", "true")
	part := c.Get("/traffic?view=all&was=&q=&region=me-east-1").Want(200)
	if got := part.Header.Get("HX-Push-Url"); got != "/traffic?q=region%3Ame-east-1&view=all" || part.Page().Find("#traffic-found #traffic-list tbody tr").Length() != 2 {
		t.Errorf("htmx gets %q and %d lines", got, part.Page().Find("#traffic-list tbody tr").Length())
	}
	c.Header.Set("HX-Trigger", "q")
	if got := c.Get("/traffic?view=all&was=&q=fri").Want(200).Header; got.Get("HX-Replace-Url") != "/traffic?q=fri&view=all" || got.Get("HX-Push-Url") != "" {
		t.Errorf("while typing: %v", got)
	}
}
