package traffic_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

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
		t.Errorf("lines: %d used, %d forecast, %d limit, %d now", chart.Find("polyline.v").Length(), chart.Find("polyline.fc").Length(),
			chart.Find("line.cap").Length(), chart.Find("line.today").Length())
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
	doc := webtest.Open(t).As(person.Viewer).Get("/traffic").Want(200).Page()
	if doc.Find("form[action='/instances/refresh']").Length() != 1 {
		t.Error("a viewer may not ask for newer figures")
	}
}

// A failure of the use case is a page, and for htmx a note; nothing is said to have
// been asked for.
func TestTrafficOfAnInstanceThatCannotBeShownOrChecked(t *testing.T) {
	for _, f := range webtest.Failures() {
		t.Run(f.Err.Kind.String(), func(t *testing.T) {
			c := withPackage(t, webtest.Measured())
			c.Traffic.Err = f.Err
			f.Shows(t, c.Get("/instances/i1/traffic"))
			f.Shows(t, c.Post("/instances/i1/traffic"))
			c.Header.Set("HX-Request", "true")
			f.Note(t, c.Get("/instances/i1/traffic?range=2y"))
			f.Note(t, c.Post("/instances/i1/traffic"))
			c.Header.Del("HX-Request")
			c.Traffic.Err = nil
			if strings.Contains(c.Get("/instances/i1/traffic").Want(200).Body, webtest.Word("traffic.asked")) {
				t.Error("it is said to have been asked for")
			}
		})
	}
}

// After a check a person is where they were, on our pages.
func TestACheckLeadsBack(t *testing.T) {
	for referer, want := range map[string]string{
		"":                                       "/instances/i1",
		"http://localhost:8080/":                 "/instances/i1",
		"http://localhost:8080/servers/s1?tab=x": "/servers/s1?tab=x",
		"http://localhost:8080/instances/i1":     "/instances/i1",
		"https://elsewhere.example/instances/i99": "/instances/i1",
	} {
		c := withPackage(t, webtest.Measured())
		if referer != "" {
			c.Header.Set("Referer", referer)
		}
		c.Post("/instances/i1/traffic").Want(http.StatusSeeOther, want)
	}
}

// The figures of the panel, by what is foreseen.
func TestTheFiguresOfAPanel(t *testing.T) {
	tests := []struct {
		name   string
		change func(d *meter.Detail)
		want   string // of the second and third figure
	}{
		{"it lasts, and much of it expires", func(d *meter.Detail) {
			d.Forecast = webtest.Outlook(meter.Lasts, 10)
			d.Forecast.Rest = 1200
		}, "Runs out Lasts until reset about 1.2 TB will expire unused; Last 7 days 10 GB a day"},
		{"it runs out within hours", func(d *meter.Detail) {
			d.Forecast = webtest.RunsOut(webtest.CycleEnd.Add(-5*time.Hour), 100)
		}, "Runs out ~4 Dec 5 hours before the reset; Last 7 days 100 GB a day"},
		{"it ran out since it was read", func(d *meter.Detail) {
			d.Forecast = webtest.RunsOut(webtest.Now.Add(-time.Minute), 100)
		}, "Runs out probably used up by now 11 days before the reset; Last 7 days 100 GB a day"},
		{"the pace of some hours", func(d *meter.Detail) {
			d.Forecast.Pace.Over = 20 * time.Hour
		}, "Runs out ~2 Dec 2 days before the reset; Last 20 hours 163 GB a day"},
		{"no pace yet", func(d *meter.Detail) {
			d.Forecast = meter.Forecast{Outlook: meter.TooSoon}
		}, "Runs out too soon to say; Pace not known too soon to say"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := webtest.Measured()
			tt.change(&d)
			doc := withPackage(t, d).Get("/instances/i1/traffic").Want(200).Page()
			var all []string
			doc.Find("#traffic .figs > *").Each(func(_ int, s *goquery.Selection) {
				var words []string
				s.Find("*").AddSelection(s).Contents().Each(func(_ int, part *goquery.Selection) {
					if goquery.NodeName(part) == "#text" {
						words = append(words, strings.Fields(part.Text())...)
					}
				})
				all = append(all, strings.Join(words, " "))
			})
			if got := strings.Join(all[1:], "; "); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// The chart of a range is also a sentence and a table: the readings of the cycle,
// days as billing counts them, or months of them. Nothing is drawn of what is not known.
func TestTheRangesOfAPanel(t *testing.T) {
	tests := []struct {
		span, says, caption string
		rows                []string
	}{
		{"cycle", "2.7 TB of 4 TB used, read today at 09:05", webtest.Word("traffic.table.cycle"), []string{
			"4 Nov, 16:00|0 GB|begin of the cycle", "7 Nov, 00:00|90 GB|Huawei’s records", "8 Nov, 00:00|120 GB|Huawei’s records",
			"21 Nov, 23:21|2,702 GB|our samples", "22 Nov, 23:21|2,726 GB|our samples", "23 Nov, 09:05|2,790 GB|our samples"}},
		{"90d", "by day, 90 days: 144 GB on the 3 days that are known; most on 6 Nov, 90 GB.", webtest.Word("traffic.table.days"), []string{
			"6 Nov|90 GB|Huawei’s records", "7 Nov|30 GB|Huawei’s records", "22 Nov|24 GB|our samples", "23 Nov, so far|8 GB|our samples"}},
		{"2y", "by day, 2 years: 144 GB on the 3 days that are known", webtest.Word("traffic.table.months"), []string{"November 2026|152 GB|4 days"}},
	}
	for _, tt := range tests {
		t.Run(tt.span, func(t *testing.T) {
			doc := withPackage(t, webtest.Measured()).Get("/instances/i1/traffic?range=" + tt.span).Want(200).Page()
			label := strings.ReplaceAll(doc.Find("#traffic .chart").AttrOr("aria-label", ""), "\u00a0", " ")
			if !strings.Contains(label, tt.says) {
				t.Errorf("the chart says %q, without %q", label, tt.says)
			}
			webtest.Says(t, doc, "#traffic details", tt.caption)
			var rows []string
			doc.Find("#traffic details tbody tr").Each(func(_ int, tr *goquery.Selection) {
				var cells []string
				tr.Find("th, td").Each(func(_ int, td *goquery.Selection) {
					cells = append(cells, strings.Join(strings.Fields(td.Text()), " "))
				})
				rows = append(rows, strings.Join(cells, "|"))
			})
			if got, want := strings.Join(rows, "\n"), strings.Join(tt.rows, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}

			d := webtest.Measured()
			d.Samples, d.Uses, d.Meter, d.Forecast = nil, nil, meter.Meter{PackageID: "p1"}, meter.Forecast{Outlook: meter.Unread}
			doc = withPackage(t, d).Get("/instances/i1/traffic?range=" + tt.span).Want(200).Page()
			webtest.Says(t, doc, "#traffic", webtest.Word("traffic.chart.none"))
			if doc.Find("#traffic .chart, #traffic details").Length() != 0 {
				t.Error("something is drawn of nothing")
			}
		})
	}
}
