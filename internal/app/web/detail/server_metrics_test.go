package detail_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/server"
	"sampan/internal/app/web/webtest"
)

// read is one series that was read now, with a point a minute.
func read(metric string, values ...float64) server.Charted {
	s := server.Series{Metric: metric}
	begin := webtest.Now.Add(-time.Duration(len(values)) * time.Minute)
	for n, v := range values {
		s.Points = append(s.Points, server.Point{At: begin.Add(time.Duration(n) * time.Minute), Value: v})
	}
	return server.Charted{From: webtest.Now.Add(-time.Hour), To: webtest.Now, At: webtest.Now, Series: []server.Series{s}}
}

// TestUnitsOfMetrics holds the newest figure of a chart to how people write it.
func TestUnitsOfMetrics(t *testing.T) {
	tests := []struct {
		metric string
		value  float64
		want   string
	}{
		{server.CPU, 0, "0%"}, {server.CPU, 9.94, "9.9%"}, {server.CPU, 9.96, "10%"}, {server.CPU, 18, "18%"}, {server.CPU, 99.6, "100%"},
		{server.NetworkIn, 0, "0 bit/s"}, {server.NetworkIn, 100, "800 bit/s"}, {server.NetworkIn, 125, "1 kbit/s"},
		{server.NetworkIn, 190_000, "1.5 Mbit/s"},
		{server.NetworkOut, 125_000_000, "1 Gbit/s"}, {server.NetworkOut, 125e12, "1000000 Gbit/s"},
		{server.DiskRead, 999, "999 B/s"}, {server.DiskRead, 999.6, "1.0 kB/s"}, {server.DiskWrite, 800_000, "800 kB/s"},
		{server.DiskWrite, 2_340_000, "2.3 MB/s"},
		{server.DiskWrite, 4e9, "4 GB/s"},
	}
	for _, tt := range tests {
		c, _ := oneServer(t, func(m *fakeServer) { m.charted = read(tt.metric, tt.value) })
		asHTMX(c)
		doc := c.Get(serverURL + "/metrics").Want(http.StatusOK).Page()
		if got := said(doc.Find("#metrics .tight .end")); got != tt.want {
			t.Errorf("%s %v: got %q, want %q", tt.metric, tt.value, got, tt.want)
		}
	}
}

// Each span has its own steps: times on the axis, and figures of the table.
func TestSpansOfMetrics(t *testing.T) {
	tests := []struct{ span, chosen, says, averaged string }{
		{"1h", "1 h", "CPU, last hour: 20% at 09:20, 15% on average, 20% at most.", "Averages over 5 min."},
		{"24h", "24 h", "CPU, last 24 hours: 20% at 23 Nov, 09:20", "Averages over 1 h."},
		{"7d", "7 d", "CPU, last 7 days: 20% at 23 Nov, 15% on average", "Averages over 6 h."},
	}
	for _, tt := range tests {
		c, _ := oneServer(t, func(m *fakeServer) { m.charted = read(server.CPU, 10, 20) })
		for _, htmx := range []bool{false, true} {
			if htmx {
				asHTMX(c)
			}
			doc := c.Get(serverURL + "/metrics?span=" + tt.span).Want(http.StatusOK).Page()
			if got := doc.Find("h1").Length() == 0; got != htmx {
				t.Errorf("%s: the part alone: %v, want %v", tt.span, got, htmx)
			}
			if got := said(doc.Find("#metrics .seg a[aria-current=true]")); got != tt.chosen {
				t.Errorf("%s: %q is marked", tt.span, got)
			}
			if got := doc.Find("#metrics [role=img]").AttrOr("aria-label", ""); !strings.HasPrefix(got, tt.says) {
				t.Errorf("%s: got %q, want %q", tt.span, got, tt.says)
			}
			webtest.Says(t, doc, "#metrics details", tt.averaged)
			if got := doc.Find("#metrics").AttrOr("hx-get", ""); got != serverURL+"/metrics?span="+tt.span {
				t.Errorf("%s: reads itself again at %q", tt.span, got)
			}
		}
	}
	c, _ := oneServer(t)
	if got := said(c.Get(serverURL).Page().Find("#metrics .seg a[aria-current=true]")); got != "24 h" {
		t.Errorf("without a span %q is marked", got)
	}
}

// TestMetricsThatAreNotThere tells apart what was never read, is being read, is
// empty and cannot be read.
func TestMetricsThatAreNotThere(t *testing.T) {
	trouble := server.Charted{Trouble: fault.Say("cloud.throttled"), TroubleAt: webtest.Now.Add(-time.Minute)}
	stale := read(server.CPU, 10)
	stale.Trouble, stale.TroubleAt, stale.At = trouble.Trouble, trouble.TroubleAt, webtest.Now.Add(-time.Hour)
	again := read(server.CPU, 10)
	again.Reading = true
	empty := read(server.CPU)
	strange := read("weather", 10)
	tests := []struct {
		name     string
		charted  server.Charted
		none     string // what stands instead of the charts
		age      string
		note     string
		charts   int
		skeleton bool
		asks     bool
	}{
		{"never read", server.Charted{}, "server.metrics.none", "Never read.", "", 0, false, false},
		{"being read for the first time", server.Charted{Reading: true}, "", "Never read.", "", 0, true, true},
		{"being read again", again, "", "Read from Huawei just now.", "", 1, false, true},
		{"empty", empty, "server.metrics.empty", "Read from Huawei just now.", "", 0, false, false},
		{"nothing at all", server.Charted{At: webtest.Now}, "server.metrics.empty", "Read from Huawei just now.", "", 0, false, false},
		{"could not be read", trouble, "server.metrics.none", "Never read.", "The metrics could not be read, today at 09:20. " + webtest.Word("cloud.throttled"), 0, false, false},
		{"could not be read again", stale, "", "Read from Huawei 1 h ago.", "The metrics could not be read, today at 09:20.", 1, false, false},
		{"of a kind that is not known here", strange, "", "Read from Huawei just now.", "", 0, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, func(m *fakeServer) { m.charted = tt.charted })
			asHTMX(c)
			doc := c.Get(serverURL + "/metrics").Want(http.StatusOK).Page()
			panel := doc.Find("#metrics")
			if tt.none != "" {
				webtest.Says(t, doc, "#metrics p.c-2", webtest.Word(tt.none))
			} else if panel.Find("p.c-2").Length() > 0 {
				t.Errorf("says %q", said(panel.Find("p.c-2")))
			}
			webtest.Says(t, doc, "#metrics .hint", tt.age)
			if notes := panel.Find(".note"); tt.note == "" && notes.Length() > 0 || !strings.HasPrefix(said(notes), tt.note) {
				t.Errorf("note: %q, want %q", said(notes), tt.note)
			}
			if n := panel.Find("[role=img]").Length(); n != tt.charts {
				t.Errorf("%d charts, want %d", n, tt.charts)
			}
			if got := panel.Find(".sk").Length() > 0; got != tt.skeleton {
				t.Errorf("a skeleton: %v", got)
			}
			if got := strings.Contains(panel.AttrOr("hx-trigger", ""), "every"); got != tt.asks {
				t.Errorf("asks again by itself: %v", got)
			}
		})
	}
}

// A metric without points beside one with some says that it has none.
func TestAMetricWithoutFigures(t *testing.T) {
	c, _ := oneServer(t, func(m *fakeServer) {
		m.charted = read(server.CPU, 10)
		m.charted.Series = append(m.charted.Series, server.Series{Metric: server.DiskRead})
	})
	asHTMX(c)
	doc := c.Get(serverURL + "/metrics").Want(http.StatusOK).Page()
	if n := doc.Find("#metrics [role=img][aria-label='Disk reads: no figures']").Length(); n != 1 {
		t.Errorf("%d charts say that they have no figures", n)
	}
	webtest.Says(t, doc, "#metrics .tight:nth-child(2)", "Disk reads not known")
}
