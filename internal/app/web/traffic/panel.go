package traffic

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/person"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/chart"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/traffic"
	"sampan/web/templates/ui"
)

// The ranges of an instance's chart.
const (
	rangeCycle = "cycle" // how the running cycle was used up
	rangeDays  = "90d"   // by day, as long as samples are kept hourly
	rangeYears = "2y"    // by day, as long as samples are kept at all
)

// Show is the traffic of one instance: GET /instances/{id}/traffic?range=…;
// htmx gets the panel alone.
func (h Pages) Show(c echo.Context) error {
	i, err := h.Instances.Get(c.Request().Context(), visit.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return err
	}
	if _, ok := sc.AccountOf(i.AccountID); !ok {
		return echo.ErrNotFound
	}
	m, err := h.Panel(c, i, c.QueryParam("range"))
	if err != nil {
		return err
	}
	if visit.Partial(c.Request()) {
		piece := traffic.Panel(m)
		return page.Render(c, http.StatusOK, piece, piece)
	}
	p := visit.Printer(c)
	f, err := h.Frames.Frame(c, p.T("traffic.title.of", "Name", wording.InstanceName(p, i)), layout.Instances, "traffic")
	if err != nil {
		return err
	}
	head := ui.HeadModel{Title: p.T("traffic.title"), Crumbs: []ui.Link{
		{Label: p.T("instances.title"), Href: "/instances"},
		{Label: wording.InstanceName(p, i), Href: "/instances/" + url.PathEscape(i.ID)},
	}}
	return page.Render(c, http.StatusOK, traffic.Alone(f, head, m), nil)
}

// Panel is what the page of an instance shows of its traffic. The caller has
// checked that the person may see the account, and watches the topic "traffic".
func (h Pages) Panel(c echo.Context, i instance.Instance, span string) (traffic.PanelModel, error) {
	p := visit.Printer(c)
	at := "/instances/" + url.PathEscape(i.ID) + "/traffic"
	m := traffic.PanelModel{URL: at, Label: p.T("traffic.ranges")}
	if i.PackageID == "" {
		m.None = p.T("traffic.panel.none")
		return m, nil
	}
	since := h.Now().Add(-40 * 24 * time.Hour) // a cycle and some
	switch span {
	case rangeDays:
		since = h.Now().Add(-meter.HourlyFor)
	case rangeYears:
		since = h.Now().Add(-meter.DailyFor)
	default:
		span = rangeCycle
	}
	d, err := h.Traffic.Detail(c.Request().Context(), visit.Actor(c), i.AccountID, i.PackageID, since)
	if err != nil {
		return m, err
	}
	w := panelWords{p: p, d: d, now: h.Now()}
	for _, r := range []string{rangeCycle, rangeDays, rangeYears} {
		href := at
		if r != rangeCycle {
			href += "?range=" + r
		}
		m.Ranges = append(m.Ranges, ui.Option{Label: p.T("traffic.range." + r), Href: href, Chosen: r == span})
		if r == span {
			m.URL = href
		}
	}
	m.Age, m.Notes, m.Figures, m.Facts, m.Then, m.Reading = w.age(), w.notes(), w.figures(), w.facts(), w.beyond(), d.Reading
	if visit.Actor(c).May(person.Refresh) {
		m.Check = at
	}
	if span == rangeCycle {
		m.Chart = w.cycle()
	} else {
		m.Chart = w.days(span, since)
	}
	if m.Chart == nil {
		m.None = p.T("traffic.chart.none")
	}
	return m, nil
}

// panelWords words what is known of one package.
type panelWords struct {
	p   *text.Printer
	d   meter.Detail
	now time.Time
}

// counted reports whether the last reading's figures mean anything now.
func (w panelWords) counted() bool {
	switch w.d.Forecast.Outlook {
	case meter.UsedUp, meter.RunsOut, meter.Lasts, meter.TooSoon:
		return true
	}
	return false
}

func (w panelWords) age() string {
	if w.d.Meter.ReadAt.IsZero() {
		return w.p.T("traffic.age.never")
	}
	return w.p.T("traffic.panel.age", "When", w.p.Near(w.d.Meter.ReadAt, w.now))
}

// notes say what is wrong with the figures.
func (w panelWords) notes() []ui.NoteModel {
	var out []ui.NoteModel
	m := w.d.Meter
	if !w.d.Trouble.Zero() {
		out = append(out, ui.NoteModel{Tone: ui.Caution, Bold: w.p.T("traffic.trouble", "When", w.p.Near(w.d.TroubleAt, w.now)),
			Text: wording.Say(w.p, w.d.Trouble)})
	}
	switch w.d.Forecast.Outlook {
	case meter.NewCycle:
		out = append(out, ui.NoteModel{Tone: ui.Caution, Bold: w.p.T("traffic.renewed"),
			Text: w.p.T("traffic.renewed.text", "When", w.p.Near(m.Last.CycleEnd, w.now))})
	case meter.Uncounted:
		unit := w.p.Unknown()
		if m.Unit > 0 {
			unit = strconv.Itoa(m.Unit)
		}
		out = append(out, ui.NoteModel{Bold: w.p.T("traffic.uncounted"), Text: w.p.T("traffic.uncounted.text", "Unit", unit)})
	case meter.Unlimited:
		out = append(out, ui.NoteModel{Bold: w.p.T("traffic.unlimited"), Text: w.p.T("traffic.unlimited.text")})
	}
	if w.counted() && w.now.Sub(m.Last.At) > staleAfter {
		out = append(out,
			ui.NoteModel{Tone: ui.Caution, Bold: w.p.T("traffic.old"), Text: w.p.T("traffic.old.text", "When", w.p.Near(m.Last.At, w.now))})
	}
	return out
}

func (w panelWords) figures() []ui.Pair {
	f, s := w.d.Forecast, w.d.Meter.Last
	left := ui.Pair{Key: w.p.T("traffic.left"), Value: w.p.Unknown()}
	ends := ui.Pair{Key: w.p.T("traffic.ends"), Value: w.p.T("traffic.outlook." + string(f.Outlook))}
	if w.counted() {
		left.Value, left.Note = wording.Gigabytes(w.p, s.Left), w.p.T("traffic.left.of", "Total", w.p.Traffic(s.Total))
	}
	switch f.Outlook {
	case meter.UsedUp:
		ends.Part, ends.Note = traffic.Toned("c-bad", ends.Value), w.p.T("traffic.up.note")
	case meter.RunsOut:
		ends.Part, ends.Note = traffic.Toned("c-warn", w.p.T("traffic.around", "Day", w.p.Date(f.At))), beforeReset(w.p, f.Early)
		if !f.At.After(w.now) {
			ends.Part = traffic.Toned("c-bad", w.p.T("traffic.outlook.by.now"))
		}
	case meter.Lasts:
		if !s.CycleEnd.IsZero() {
			ends.Note = w.p.T("traffic.rest", "Rest", wording.Gigabytes(w.p, f.Rest))
		}
	}
	return []ui.Pair{left, ends, w.pace()}
}

func (w panelWords) pace() ui.Pair {
	pace := w.d.Forecast.Pace
	if !pace.Known() {
		return ui.Pair{Key: w.p.T("traffic.pace"), Value: w.p.Unknown(), Note: w.p.T("traffic.pace.soon")}
	}
	out := ui.Pair{Key: w.p.N("traffic.pace.hours", max(1, int(pace.Over.Hours()+0.5))), Value: wording.Gigabytes(w.p, pace.PerDay),
		Note: w.p.T("traffic.pace.day")}
	if days := int(pace.Over.Hours()/24 + 0.5); pace.Over >= 36*time.Hour {
		out.Key = w.p.N("traffic.pace.days", days)
	}
	if pace.Used {
		out.Note = w.p.T("traffic.pace.records")
	}
	return out
}

func (w panelWords) facts() []ui.Pair {
	s := w.d.Meter.Last
	if s.CycleEnd.IsZero() {
		return []ui.Pair{{Key: w.p.T("traffic.cycle"), Value: w.p.Unknown()}}
	}
	words := w.p.T("traffic.cycle.until", "End", w.p.DateTime(s.CycleEnd))
	if !s.CycleStart.IsZero() {
		words = w.p.T("traffic.cycle.of", "Start", w.p.DateTime(s.CycleStart), "End", w.p.DateTime(s.CycleEnd))
	}
	return []ui.Pair{{Key: w.p.T("traffic.cycle"), Value: words}}
}

// beyond says what happens beyond the package. Prices are not known, and so no
// amount is named.
func (w panelWords) beyond() string {
	words := w.p.T("traffic.then")
	if f := w.d.Forecast; f.Outlook == meter.RunsOut && f.Beyond >= 1 {
		words = w.p.T("traffic.then.beyond", "Amount", w.p.Traffic(f.Beyond)) + " " + words
	}
	return words
}

// sampleGap is the distance from which on the line between two samples is broken.
// Samples come hourly.
const sampleGap = 3 * time.Hour

// cycle draws how the running cycle was used up, and how it goes on.
func (w panelWords) cycle() *chart.Model {
	s, f := w.d.Meter.Last, w.d.Forecast
	spots := meter.Cycle(w.d.Meter, w.d.Samples, w.d.Uses)
	if len(spots) == 0 || !w.counted() {
		return nil
	}
	plot := chart.Plot{From: spots[0].At, To: s.CycleEnd, Base: 1024, Area: true, Cap: s.Total, Now: w.now, Say: w.saysCycle(spots),
		Y: w.p.Traffic, Keys: []chart.Key{{Label: w.p.T("traffic.key.used")}}}
	if plot.To.IsZero() {
		plot.To = s.At
	}
	plot.Gap = plot.To.Sub(plot.From) + 1 // breaks are set below
	for n, o := range spots {
		apart := time.Duration(0)
		if n > 0 {
			apart = o.At.Sub(spots[n-1].At)
		}
		daily := n > 0 && (o.Record || spots[n-1].Record || n == 1) && apart <= 48*time.Hour
		plot.Points = append(plot.Points, chart.Point{At: o.At, Value: o.Used, Break: apart > sampleGap && !daily})
	}
	if f.Pace.Known() && f.Outlook != meter.UsedUp && !s.CycleEnd.IsZero() {
		plot.Forecast = []chart.Point{{At: s.At, Value: s.Used()},
			{At: s.CycleEnd, Value: s.Used() + f.Pace.PerDay*s.CycleEnd.Sub(s.At).Hours()/24}}
		plot.Keys = append(plot.Keys, chart.Key{Kind: chart.Forecast, Label: w.p.T("traffic.key.forecast")})
	}
	plot.Keys = append(plot.Keys, chart.Key{Kind: chart.Limit, Label: w.p.T("traffic.key.limit", "Total", w.p.Traffic(s.Total))})
	plot.X = func(t time.Time) string {
		if t.Equal(s.CycleEnd) {
			return w.p.T("traffic.reset", "Day", w.p.Date(t))
		}
		return w.p.Date(t)
	}
	plot.Table = w.spotTable(spots)
	m := chart.Draw(plot)
	return &m
}

func (w panelWords) saysCycle(spots []meter.Spot) string {
	s, f := w.d.Meter.Last, w.d.Forecast
	say := w.p.T("traffic.say.cycle", "Start", w.p.Date(spots[0].At), "Used", wording.Gigabytes(w.p, s.Used()),
		"Total", w.p.Traffic(s.Total), "When", w.p.Near(s.At, w.now))
	switch {
	case f.Outlook == meter.RunsOut && f.Early > 0:
		say += " " + w.p.T("traffic.say.runs.out", "Day", w.p.Date(f.At), "Early", beforeReset(w.p, f.Early))
	case f.Outlook == meter.RunsOut:
		say += " " + w.p.T("traffic.say.runs.out.open", "Day", w.p.Date(f.At))
	case f.Outlook == meter.Lasts:
		say += " " + w.p.T("traffic.say.lasts")
	}
	return say
}

// spotTable has the last figure of every day.
func (w panelWords) spotTable(spots []meter.Spot) *chart.Table {
	t := &chart.Table{Caption: w.p.T("traffic.table.cycle"),
		Head: []string{w.p.T("traffic.table.day"), w.p.T("traffic.table.until"), w.p.T("traffic.table.source")}}
	for n, o := range spots {
		if n+1 < len(spots) && w.p.Date(spots[n+1].At) == w.p.Date(o.At) {
			continue
		}
		source := w.source(o.Record)
		if o.At.Equal(w.d.Meter.Last.CycleStart) {
			source = w.p.T("traffic.source.begin")
		}
		t.Rows = append(t.Rows, []string{w.p.DateTime(o.At), w.exact(o.Used), source})
	}
	return t
}

// exact is an amount to the GB, also where figures are worded in TB.
func (w panelWords) exact(gb float64) string {
	if gb < 1 {
		return wording.Gigabytes(w.p, gb)
	}
	return w.p.Unit(w.p.Number(int(gb+0.5)), "GB")
}

func (w panelWords) source(record bool) string {
	if record {
		return w.p.T("traffic.source.record")
	}
	return w.p.T("traffic.source.sample")
}

// days draws the use by day.
func (w panelWords) days(span string, since time.Time) *chart.Model {
	days := meter.Days(w.d.Samples, w.d.Uses, since, w.now)
	today := meter.Midnight(w.now)
	plot := chart.Plot{From: meter.Midnight(since), To: today, Base: 1024, Gap: 36 * time.Hour, Y: w.p.Traffic,
		Keys: []chart.Key{{Label: w.p.T("traffic.key.day")}}}
	plot.X = w.p.Date
	var sum, most float64
	var mostAt time.Time
	known := 0
	for _, d := range days {
		if d.Begin.Equal(today) {
			continue // not over
		}
		known, sum = known+1, sum+d.GB
		if d.GB >= most {
			most, mostAt = d.GB, d.Begin
		}
		plot.Points = append(plot.Points, chart.Point{At: d.Begin, Value: d.GB})
	}
	if known == 0 {
		return nil
	}
	plot.Say = w.p.N("traffic.say.days", known, "Range", w.p.T("traffic.range."+span), "Sum", wording.Gigabytes(w.p, sum),
		"Most", wording.Gigabytes(w.p, most), "Day", w.beijing().Date(mostAt))
	if span == rangeYears {
		plot.Table = w.monthTable(days)
	} else {
		plot.Table = w.dayTable(days)
	}
	m := chart.Draw(plot)
	return &m
}

// beijing is a printer for days as billing counts them, which are not the reader's.
func (w panelWords) beijing() *text.Printer {
	return text.New(w.p.Lang(), meter.Midnight(w.now).Location()).At(func() time.Time { return w.now })
}

func (w panelWords) dayTable(days []meter.Day) *chart.Table {
	t := &chart.Table{Caption: w.p.T("traffic.table.days"), Note: w.p.T("traffic.table.beijing"),
		Head: []string{w.p.T("traffic.table.day"), w.p.T("traffic.key.used"), w.p.T("traffic.table.source")}}
	for _, d := range days {
		word := w.beijing().Date(d.Begin)
		if d.Begin.Equal(meter.Midnight(w.now)) {
			word = w.p.T("traffic.table.today", "Day", word)
		}
		t.Rows = append(t.Rows, []string{word, w.exact(d.GB), w.source(d.Record)})
	}
	return t
}

// monthTable sums up days by month: the range has 730 of them.
func (w panelWords) monthTable(days []meter.Day) *chart.Table {
	t := &chart.Table{Caption: w.p.T("traffic.table.months"), Note: w.p.T("traffic.table.beijing"),
		Head: []string{w.p.T("traffic.table.month"), w.p.T("traffic.key.used"), w.p.T("traffic.table.known")}}
	sum, known := 0.0, 0
	for n, d := range days {
		sum, known = sum+d.GB, known+1
		if n+1 < len(days) && days[n+1].Begin.Month() == d.Begin.Month() && days[n+1].Begin.Year() == d.Begin.Year() {
			continue
		}
		month := w.p.T("traffic.month", "Month", w.p.T("format.month.long."+strconv.Itoa(int(d.Begin.Month()))),
			"Year", strconv.Itoa(d.Begin.Year()))
		t.Rows = append(t.Rows, []string{month, w.exact(sum), w.p.N("traffic.table.days.known", known)})
		sum, known = 0, 0
	}
	return t
}
