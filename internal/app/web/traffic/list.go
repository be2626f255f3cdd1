// Package traffic shows what is left of data packages: the list of them, and the panel of
// one instance.
package traffic

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/person"
	"sampan/internal/app/view"
	"sampan/internal/app/web/filter"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/traffic"
	"sampan/web/templates/ui"
)

// Pages show what is left of data packages and until when.
type Pages struct {
	Traffic   Meters
	Instances Instances
	Catalog   *catalog.Catalog
	Frames    page.Frames
	Notes     *page.Notes
	Scopes    visit.Scopes
	Known     page.Knowledge
	Now       func() time.Time // the console's calendar
}

// Meters is what is known of data packages (meter.Service).
type Meters interface {
	// Fleet gives the packages of the accounts as last known, the most urgent first, and
	// their sums. The result is shared: nobody may change it.
	Fleet(by person.Actor, accountIDs []string) (meter.Fleet, error)
	// Detail gives what is known of a package since a moment. The caller checks that the
	// person may see the account.
	Detail(ctx context.Context, by person.Actor, accountID, packageID string, since time.Time) (meter.Detail, error)
	// Check asks for newer figures of a package, in the background.
	Check(ctx context.Context, by person.Actor, accountID, packageID string) error
}

// Instances are the local picture of what was bought (instance.Service).
type Instances interface {
	// Picture gives the newest picture; it is not changed afterwards.
	Picture() *instance.Picture
	// Get gives an instance; fault.NotFound when there is none. The caller checks that
	// the person may see its account.
	Get(ctx context.Context, by person.Actor, id string) (instance.Instance, error)
}

// staleAfter is the age from which a reading is said to be old. Readings come hourly.
const staleAfter = 2 * time.Hour

// views are the views of the list, the most urgent first.
var views = []string{meter.ViewEnding, meter.ViewLow, meter.ViewUsedUp, meter.ViewAll}

// listQuery is what the address of the list asks for: a view of the packages that
// match a search, written as in the list of instances, and that run out within some days.
type listQuery struct {
	p       *text.Printer
	sc      visit.Scope
	pic     *instance.Picture
	catalog *catalog.Catalog
	unread  instance.Gaps // of the accounts of the scope
	query   filter.Query  // the search
	view    string        // one of views
	within  string        // one of outWithin: days; "" = whenever
	after   string        // the id after which the page begins
}

// outWithin are the days within which a package may run out.
var outWithin = []string{"1", "3", "7", "14"}

// readQuery reads the address.
func (h Pages) readQuery(c echo.Context) (listQuery, error) {
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return listQuery{}, err
	}
	q := listQuery{p: visit.Printer(c), sc: sc, pic: h.Instances.Picture(), catalog: h.Catalog, view: c.QueryParam("view"),
		within: c.QueryParam("within"), after: c.QueryParam("after")}
	if q.unread, err = h.Known.Gaps(c, sc); err != nil {
		return listQuery{}, err
	}
	q.query = filter.Read(c, view.Instances, q.pic)
	if !slices.Contains(views, q.view) {
		q.view = meter.ViewEnding
	}
	if !slices.Contains(outWithin, q.within) {
		q.within = ""
	}
	return q, nil
}

// url is the address that asks for a page of a view of the same packages.
func (q listQuery) url(view, after string) string {
	v := url.Values{"view": {view}}
	if search := q.search(); search != "" {
		v.Set("q", search)
	}
	if q.within != "" {
		v.Set("within", q.within)
	}
	if after != "" && after != firstPage {
		v.Set("after", after)
	}
	return "/traffic?" + v.Encode()
}

// gaps are those that the figures of traffic depend on.
func (q listQuery) gaps() instance.Gaps {
	return q.unread.Of(instance.AboutList, instance.AboutTraffic)
}

// countedBy are the gaps that the count of a view depends on. The view of all packages
// depends on the list alone; the others also on the figures, which are not known of a
// package that was never read or whose cycle has ended.
func (q listQuery) countedBy(view string, f meter.Fleet) instance.Gaps {
	if view == meter.ViewAll {
		return q.unread.Of(instance.AboutList)
	}
	if n := f.Unread + f.Renewed; n > 0 {
		return append(q.gaps(), instance.Gap{About: instance.AboutTraffic, Lacking: n, OKAt: f.Newest})
	}
	return q.gaps()
}

func (q listQuery) search() string { return q.query.Typed() }

// filtered reports whether some packages are left out.
func (q listQuery) filtered() bool { return q.within != "" || q.search() != "" }

// matching is a test for the packages of instances that match terms.
func (q listQuery) matching(terms []instance.Term) func(meter.Line) bool {
	if q.query.Unread != "" {
		return func(meter.Line) bool { return false }
	}
	if len(terms) == 0 {
		return func(meter.Line) bool { return true }
	}
	found := make(map[string]bool)
	for _, r := range q.pic.All(q.query.List.Query(q.sc.IDs(), terms)) {
		found[r.InstanceID] = true
	}
	return func(l meter.Line) bool { return found[l.Row.InstanceID] }
}

// without are the terms of all other keys.
func (q listQuery) without(key string) []instance.Term {
	return slices.DeleteFunc(slices.Clone(q.query.Terms), func(t instance.Term) bool { return t.Key == key })
}

// runsOutWithin is a test for the packages that run out within some days.
func (q listQuery) runsOutWithin(within string, now time.Time) func(meter.Line) bool {
	days, err := strconv.Atoi(within)
	if err != nil {
		return func(meter.Line) bool { return true }
	}
	then := now.Add(time.Duration(days) * 24 * time.Hour)
	return func(l meter.Line) bool { return l.OutBy(then) }
}

// filters are the controls of the list, each with its values' counts in the
// view as if that control were not set.
func (q listQuery) filters(fleet meter.Fleet, now time.Time) []filter.Filter {
	controls := filter.Controls{Printer: q.p, Picture: q.pic, Catalog: q.catalog, Query: q.query, Gaps: q.unread,
		Facets: make(map[string]map[string]int)}
	due := q.runsOutWithin(q.within, now)
	var out []filter.Filter
	for _, k := range []struct {
		key, field string
		of         func(*instance.Row) string
	}{
		{"region", "region", func(r *instance.Row) string { return r.Region }},
		{"account", "account", func(r *instance.Row) string { return r.AccountID }},
	} {
		counts, match := make(map[string]int), q.matching(q.without(k.key))
		for _, l := range fleet.Lines {
			if l.In(q.view) && due(l) && match(l) {
				counts[k.of(l.Row)]++
			}
		}
		controls.Facets[k.key] = counts
		if f := controls.Filter(k.key, k.field); len(f.Options) > 1 || f.Set {
			out = append(out, f)
		}
	}
	f := filter.Filter{Key: "within", Label: q.p.T("traffic.within"), Single: true, Any: q.p.T("servers.filter.any")}
	match := q.matching(q.query.Terms)
	for _, within := range outWithin {
		n, due := 0, q.runsOutWithin(within, now)
		for _, l := range fleet.Lines {
			if l.In(q.view) && due(l) && match(l) {
				n++
			}
		}
		days, _ := strconv.Atoi(within)
		o := filter.Option{Value: within, Label: q.p.N("traffic.within.days", days),
			Count: wording.AtLeast(q.p, n, q.countedBy(meter.ViewEnding, fleet)), Checked: within == q.within}
		if o.Checked {
			f.Set, f.Label = true, q.p.T("servers.filter.set", "Key", f.Label, "Values", o.Label)
		}
		f.Options = append(f.Options, o)
	}
	return append(out, f)
}

// List is GET /traffic?view=…&q=…&within=…&after=…; htmx gets the part that a search
// replaces.
func (h Pages) List(c echo.Context) error {
	q, err := h.readQuery(c)
	if err != nil {
		return err
	}
	partial := visit.Partial(c.Request())
	if here := q.url(q.view, ""); q.query.Elsewhere {
		if !partial {
			return c.Redirect(http.StatusSeeOther, here)
		}
		c.Response().Header().Set(filter.PushHeader(c), here)
	}
	fleet, err := h.Traffic.Fleet(visit.Actor(c), q.sc.IDs())
	if err != nil {
		return err
	}
	m := h.model(c, q, fleet)
	if partial {
		piece := traffic.Found(m)
		return page.Render(c, http.StatusOK, piece, piece)
	}
	f, err := h.Frames.Frame(c, visit.Printer(c).T("traffic.title"), layout.Traffic, "traffic")
	if err != nil {
		return err
	}
	return page.Render(c, http.StatusOK, traffic.Page(f, m), nil)
}

func (h Pages) model(c echo.Context, q listQuery, fleet meter.Fleet) traffic.ListModel {
	p, by, sc, now := visit.Printer(c), visit.Actor(c), q.sc, h.Now()
	m := traffic.ListModel{URL: q.url(q.view, q.after), Many: len(sc.Accounts) > 1, Check: by.May(person.Refresh) && len(sc.Accounts) > 0,
		Age: fleetAge(p, fleet), Search: q.search(), View: q.view}
	for _, bad := range q.query.Problems {
		m.Problems = append(m.Problems, wording.Say(p, bad))
	}
	m.Notes = wording.GapNotes(p, sc.Accounts, q.gaps())
	m.Empty = h.empty(c, q, fleet)
	if len(fleet.Lines) == 0 {
		return m
	}
	m.Filters = q.filters(fleet, now)
	if q.filtered() {
		m.ClearURL = wording.TrafficURL(q.view)
		match, due := q.matching(q.query.Terms), q.runsOutWithin(q.within, now)
		fleet = fleet.Only(func(l meter.Line) bool { return match(l) && due(l) })
	}
	m.Figures, m.Tabs = totals(p, fleet, q.countedBy(meter.ViewEnding, fleet)), q.tabs(fleet)
	m.Notes = append(m.Notes, leavesOut(p, fleet, q.gaps().Of(instance.AboutTraffic).Lacking(), now)...)
	m.Table = p.T("traffic.view." + q.view)
	shown := pageOf(fleet, q.view, q.after)
	for _, l := range shown.lines {
		m.Lines = append(m.Lines, h.line(p, sc, l))
	}
	m.Paged = shown.newer != "" || shown.older != ""
	m.Pager = ui.PagerModel{Range: p.T("traffic.range", "First", shown.first+1, "Last", shown.first+len(shown.lines), "Total", shown.total),
		NewerLabel: p.T("traffic.prev"), OlderLabel: p.T("traffic.next")}
	if shown.newer != "" {
		m.Pager.Newer = q.url(q.view, shown.newer)
	}
	if shown.older != "" {
		m.Pager.Older = q.url(q.view, shown.older)
	}
	return m
}

// firstPage means, in a listPage, the first page of the list.
const firstPage = "start"

// listPage is one page of a view.
type listPage struct {
	lines        []meter.Line
	first, total int
	newer, older string // the id after which the pages begin; "" = there is none
}

// pageOf cuts a page out of a view: the lines after the one with that id. When
// it is not in the view any more, it is the first page.
func pageOf(fleet meter.Fleet, view, after string) listPage {
	var all []meter.Line
	from := 0
	for _, l := range fleet.Lines {
		if l.In(view) {
			all = append(all, l)
			if after != "" && l.Row.ID() == after {
				from = len(all)
			}
		}
	}
	if from >= len(all) {
		from = max(0, len(all)-filter.PageSize)
	}
	to := min(from+filter.PageSize, len(all))
	shown := listPage{lines: all[from:to], first: from, total: len(all)}
	switch {
	case from > filter.PageSize:
		shown.newer = all[from-filter.PageSize-1].Row.ID()
	case from > 0:
		shown.newer = firstPage
	}
	if to < len(all) {
		shown.older = all[to-1].Row.ID()
	}
	return shown
}

// fleetAge says whose figures these are and of when.
func fleetAge(p *text.Printer, f meter.Fleet) string {
	switch {
	case f.Newest.IsZero():
		return p.T("traffic.age.never")
	case f.Newest.Sub(f.Oldest) < 10*time.Minute:
		return p.T("traffic.age", "When", p.Near(f.Oldest, p.Now()))
	}
	return p.T("traffic.age.between", "Oldest", p.Near(f.Oldest, p.Now()), "Newest", p.Near(f.Newest, p.Now()))
}

// totals are the large figures above the list.
func totals(p *text.Printer, f meter.Fleet, gaps instance.Gaps) []ui.Pair {
	out := []ui.Pair{{Key: p.T("traffic.used"), Value: p.Unknown()}}
	if f.Counted > 0 {
		out[0].Value, out[0].Note = p.Traffic(f.Used), p.T("traffic.used.of", "Total", p.Traffic(f.Total))
		if f.Counted < len(f.Lines) {
			out[0].Note = p.N("traffic.used.counted", f.Counted, "Total", p.Traffic(f.Total))
		}
	}
	early, up := f.Counts[meter.ViewEnding]-f.Counts[meter.ViewUsedUp], f.Counts[meter.ViewUsedUp]
	out = append(out,
		ui.Pair{Key: p.T("traffic.early"), Part: traffic.Toned(toneIf(early > 0, "c-warn"), wording.AtLeast(p, early, gaps)),
			Note: p.T("traffic.early.note")},
		ui.Pair{Key: p.T("traffic.up"), Part: traffic.Toned(toneIf(up > 0, "c-bad"), wording.AtLeast(p, up, gaps)),
			Note: p.T("traffic.up.note")})
	return out
}

func toneIf(is bool, tone string) string {
	if is {
		return tone
	}
	return ""
}

// leavesOut says what the figures leave out; said is how many unread packages another
// note names already.
func leavesOut(p *text.Printer, f meter.Fleet, said int, now time.Time) []ui.NoteModel {
	var words []string
	if f.Unread > said {
		words = append(words, p.N("traffic.gap.unread", f.Unread))
	}
	if f.Renewed > 0 {
		words = append(words, p.N("traffic.gap.renewed", f.Renewed))
	}
	if f.Without > 0 {
		words = append(words, p.N("traffic.gap.without", f.Without))
	}
	old := 0
	for _, l := range f.Lines {
		if !l.At.IsZero() && now.Sub(l.At) > staleAfter {
			old++
		}
	}
	if old > 0 {
		words = append(words, p.N("traffic.gap.old", old, "When", p.Near(f.Oldest, p.Now())))
	}
	if len(words) == 0 {
		return nil
	}
	n := ui.NoteModel{Bold: p.T("traffic.gap"), Text: words[0]}
	for _, w := range words[1:] {
		n.Text += " " + w
	}
	return []ui.NoteModel{n}
}

func (q listQuery) tabs(f meter.Fleet) []ui.Link {
	var out []ui.Link
	for _, v := range views {
		out = append(out, ui.Link{Label: q.p.T("traffic.view." + v), Href: q.url(v, ""),
			Count: wording.AtLeast(q.p, f.Counts[v], q.countedBy(v, f)), Current: v == q.view})
	}
	return out
}

// empty is what is shown when there are no lines, with the first useful step.
func (h Pages) empty(c echo.Context, q listQuery, f meter.Fleet) ui.EmptyModel {
	p, by, sc := visit.Printer(c), visit.Actor(c), q.sc
	switch {
	case len(sc.Accounts) == 0:
		m := ui.EmptyModel{Icon: "key", Title: p.T("traffic.none.account"), Text: p.T("traffic.none.account.text")}
		if by.May(person.ManageAccounts) {
			m.Actions = []ui.Action{{Label: p.T("overview.own.do"), Href: "/accounts/new", Icon: "coin", Kind: ui.Primary}}
		}
		return m
	case len(f.Lines) == 0 && len(q.unread.Of(instance.AboutList)) > 0:
		return *wording.UnreadFleet(p, q.unread.Of(instance.AboutList))
	case q.query.Unread != "":
		return ui.EmptyModel{Icon: "search", Title: p.T("servers.unread"), Text: p.T("servers.unread.text"),
			Actions: []ui.Action{{Label: p.T("servers.clear"), Href: wording.TrafficURL(q.view)}}}
	case len(f.Lines) == 0:
		m := ui.EmptyModel{Icon: "traffic", Title: p.T("traffic.none"), Text: p.T("traffic.none.text")}
		if by.May(person.Buy) {
			m.Actions = []ui.Action{wording.BuyAction(p, sc.Sandbox)}
		}
		return m
	}
	if q.filtered() {
		return ui.EmptyModel{Icon: "search", Title: p.T("servers.nomatch"), Text: p.N("traffic.none.match.text", f.Counts[q.view]),
			Actions: []ui.Action{{Label: p.T("servers.clear"), Href: wording.TrafficURL(q.view)}}}
	}
	m := ui.EmptyModel{Icon: "ok", Title: p.T("traffic.none.view." + q.view), Text: p.N("traffic.none.view.text", f.Counts[meter.ViewAll]),
		Actions: []ui.Action{{Label: p.T("traffic.none.all"), Href: wording.TrafficURL(meter.ViewAll)}}}
	if n := f.Unread + f.Renewed; n > 0 {
		m.Icon, m.Title, m.Text = "traffic", p.T("traffic.none.part"), p.N("traffic.none.part.text", n)
	}
	if f.Counted == 0 && f.Unread+f.Renewed > 0 {
		m.Icon, m.Title, m.Text = "traffic", p.T("traffic.none.read"), p.T("traffic.none.read.text")
		if of := q.gaps(); slices.ContainsFunc(of, instance.Gap.Failed) {
			m.Icon, m.Title, m.Text = "warn", p.T("traffic.none.failed"), p.T("gaps.fleet.failed.text.traffic")
		}
	}
	return m
}

// line words one package.
func (h Pages) line(p *text.Printer, sc visit.Scope, l meter.Line) traffic.Line {
	row := traffic.Line{URL: wording.InstanceURL(l.Row), Name: wording.RowInstanceName(l.Row), Left: p.Unknown(), Of: "–", PerDay: "–",
		Resets: "–"}
	if a, ok := sc.AccountOf(l.Row.AccountID); ok {
		row.Account = text.Name(a.Label)
	}
	switch l.Forecast.Outlook {
	case meter.UsedUp, meter.RunsOut, meter.Lasts, meter.TooSoon:
		row.Known, row.Left, row.Of = true, wording.Gigabytes(p, l.Left), p.Traffic(l.Total)
		row.Bar = ui.BarModel{Value: int(max(0, min(1, l.Left/l.Total))*100 + 0.5), Max: 100, Tone: leftTone(l.Left / l.Total)}
	}
	if l.Forecast.Pace.Known() {
		row.PerDay = wording.Gigabytes(p, l.Forecast.Pace.PerDay)
	}
	if !l.CycleEnd.IsZero() && l.Forecast.Outlook != meter.NewCycle {
		row.Resets = p.Date(l.CycleEnd)
	}
	row.Ends, row.EndsTone, row.EndsNote = outlookWords(p, l.Forecast, h.Now())
	if !l.At.IsZero() && h.Now().Sub(l.At) > staleAfter {
		row.Age = p.T("traffic.read", "When", p.Near(l.At, p.Now()))
	}
	return row
}

// leftTone is the colour of what is left (design: tables).
func leftTone(share float64) string {
	switch {
	case share < instance.TrafficLow:
		return ui.Bad
	case share < instance.TrafficWarn:
		return ui.Caution
	}
	return ""
}

// outlookWords words when a package runs out, in a line of the list.
func outlookWords(p *text.Printer, f meter.Forecast, now time.Time) (words, tone, note string) {
	words = p.T("traffic.outlook." + string(f.Outlook))
	switch f.Outlook {
	case meter.UsedUp:
		tone = "c-bad"
	case meter.RunsOut:
		tone = "c-warn"
		if words = p.Date(f.At); !f.At.After(now) {
			words, tone = p.T("traffic.outlook.by.now"), "c-bad"
		}
		note = beforeReset(p, f.Early)
	case meter.Lasts, meter.TooSoon:
	default:
		tone = "c-3"
	}
	return words, tone, note
}

// beforeReset says how long before the reset a package runs out.
func beforeReset(p *text.Printer, d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < 36*time.Hour:
		return p.N("traffic.before.hours", max(1, int(d.Round(time.Hour)/time.Hour)))
	}
	return p.N("traffic.before.days", int(d.Round(24*time.Hour)/(24*time.Hour)))
}

// Check asks for newer figures of one instance's package, in the background:
// POST /instances/{id}/traffic.
func (h Pages) Check(c echo.Context) error {
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
	if err := h.Traffic.Check(c.Request().Context(), visit.Actor(c), i.AccountID, i.PackageID); err != nil {
		return err
	}
	h.Notes.Leave(c, fault.Say("traffic.asked"))
	back := page.ReturnPath(c)
	if back == "/" {
		back = "/instances/" + url.PathEscape(i.ID)
	}
	return page.GoTo(c, back)
}
