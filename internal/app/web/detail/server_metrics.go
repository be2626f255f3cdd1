package detail

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/server"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/chart"
	"sampan/web/templates/detail"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Metrics are the charts of a server: GET /servers/{id}/metrics?span=24h; htmx
// gets the panel alone.
func (h ServerPages) Metrics(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	span := server.Span(c.QueryParam("span"))
	if !visit.Partial(c.Request()) {
		return h.showWhole(c, v, http.StatusOK, opened{span: span})
	}
	m, err := v.metrics(span)
	if err != nil {
		return err
	}
	part := detail.Metrics(m)
	return page.Render(c, http.StatusOK, part, part)
}

// metrics words what was last read over a span; it never waits.
func (v serverView) metrics(span server.Span) (detail.MetricsModel, error) {
	got, err := v.h.Servers.Metrics(v.by, v.row.ServerID, span)
	if err != nil {
		return detail.MetricsModel{}, err
	}
	p := v.p
	m := detail.MetricsModel{Topic: "reading/" + v.row.ServerID, Reading: got.Reading, Waiting: got.At.IsZero() && got.Reading}
	for _, s := range server.Spans {
		o := ui.Option{Label: p.T("server.span." + string(s)), Href: v.path("/metrics?span=" + string(s)), Chosen: s == got.Span}
		if o.Chosen {
			m.URL = o.Href
		}
		m.Spans = append(m.Spans, o)
	}
	if !got.Trouble.Zero() {
		m.Notes = append(m.Notes, ui.NoteModel{Tone: ui.Caution,
			Bold: p.T("server.metrics.trouble", "When", p.Near(got.TroubleAt, p.Now())), Text: wording.Say(p, got.Trouble)})
	}
	switch {
	case got.At.IsZero():
		m.None = p.T("server.metrics.none")
		m.Age = p.T("server.metrics.never")
		return m, nil
	case noPoints(got.Series):
		m.None = p.T("server.metrics.empty")
	}
	m.Age = p.T("server.metrics.age", "When", p.Relative(got.At))
	for _, s := range got.Series {
		if gauge, ok := v.gauge(got, s); ok {
			m.Charts = append(m.Charts, gauge)
		}
	}
	return m, nil
}

func noPoints(all []server.Series) bool {
	for _, s := range all {
		if len(s.Points) > 0 {
			return false
		}
	}
	return true
}

// gaugeKind is how values of a metric are worded.
type gaugeKind struct {
	name string // of the metric, an id
	word func(p *text.Printer, v float64) string
	top  float64 // end of the axis; 0: by the values
}

var gauges = map[string]gaugeKind{
	server.CPU:        {"server.metric.cpu", percent, 100},
	server.NetworkIn:  {"server.metric.in", bitRate, 0},
	server.NetworkOut: {"server.metric.out", bitRate, 0},
	server.DiskRead:   {"server.metric.read", byteRate, 0},
	server.DiskWrite:  {"server.metric.write", byteRate, 0},
}

// gauge draws one metric.
func (v serverView) gauge(got server.Charted, s server.Series) (detail.Gauge, bool) {
	u, ok := gauges[s.Metric]
	if !ok {
		return detail.Gauge{}, false
	}
	p, name := v.p, v.p.T(u.name)
	g := detail.Gauge{Name: name, Value: p.Unknown()}
	plot := chart.Plot{From: got.From, To: got.To, Gap: got.Span.Period() * 5 / 2, Top: u.top, Spark: true,
		Say: p.T("server.metric.say.none", "Name", name), Y: func(x float64) string { return u.word(p, x) },
		X: func(t time.Time) string { return spanTime(p, got.Span, t) }}
	var sum, most float64
	for _, o := range s.Points {
		plot.Points = append(plot.Points, chart.Point{At: o.At, Value: o.Value})
		sum, most = sum+o.Value, max(most, o.Value)
	}
	if n := len(s.Points); n > 0 {
		last := s.Points[n-1]
		g.Value = u.word(p, last.Value)
		plot.Say = p.T("server.metric.say", "Name", name, "Span", p.T("server.span.words."+string(got.Span)), "Last", g.Value,
			"When", spanTime(p, got.Span, last.At), "Average", u.word(p, sum/float64(n)), "Most", u.word(p, most))
		plot.Table = v.table(got.Span, name, u, s.Points)
	}
	g.Chart = chart.Draw(plot)
	return g, true
}

// averaged is over which time the figures of a table are averaged.
var averaged = map[server.Span]time.Duration{server.Hour: 5 * time.Minute, server.Day: time.Hour, server.Week: 6 * time.Hour}

func (v serverView) table(span server.Span, name string, u gaugeKind, points []server.Point) *chart.Table {
	p := v.p
	t := &chart.Table{Caption: p.T("server.metric.caption", "Name", name, "Span", p.T("server.span.words."+string(span))),
		Head: []string{p.T("server.metric.from"), name},
		Note: p.T("server.metric.note", "Time", p.Duration(averaged[span]))}
	for _, o := range server.Thin(points, averaged[span]) {
		t.Rows = append(t.Rows, []string{p.DateTime(o.At), u.word(p, o.Value)})
	}
	return t
}

func spanTime(p *text.Printer, span server.Span, t time.Time) string {
	switch span {
	case server.Hour:
		return p.Time(t)
	case server.Week:
		return p.Date(t)
	}
	return p.DateTime(t)
}

func percent(p *text.Printer, v float64) string { return figure(v) + "%" }

// bitRate words bytes a second as networks count: "9.4 Mbit/s".
func bitRate(p *text.Printer, v float64) string {
	return scaled(p, v*8, "bit/s", "kbit/s", "Mbit/s", "Gbit/s")
}

// byteRate words bytes a second as disks count: "0.8 MB/s".
func byteRate(p *text.Printer, v float64) string { return scaled(p, v, "B/s", "kB/s", "MB/s", "GB/s") }

func scaled(p *text.Printer, v float64, names ...string) string {
	n := 0
	for v >= 999.5 && n+1 < len(names) {
		v, n = v/1000, n+1
	}
	return p.Unit(figure(v), names[n])
}

// figure has one decimal below ten, and none from there on.
func figure(v float64) string {
	if v < 9.95 && v != math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
}
