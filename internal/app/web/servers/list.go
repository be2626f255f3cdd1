// Package servers shows the lists of servers and of instances, which are one page with
// other columns, and the forms around them: columns, views, labels, selections and files.
package servers

import (
	"context"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/spelling"
	"sampan/internal/app/view"
	"sampan/internal/app/web/filter"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
	"sampan/web/templates/servers"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Views is how people look at the lists (view.Service).
type Views interface {
	// Views gives the person's own views of a list and the shared ones, by name.
	Views(ctx context.Context, by person.Actor, l view.List) ([]view.View, error)
	// View gives a view that the person may see; fault.NotFound for any other.
	View(ctx context.Context, by person.Actor, id string) (view.View, error)
	// Save keeps a view; fault.Invalid when something is wrong with the form. The saved
	// one may have the id of an older one that it replaces.
	Save(ctx context.Context, by person.Actor, v view.View) (view.View, error)
	// Delete removes a view; fault.NotFound when the person cannot see it.
	Delete(ctx context.Context, by person.Actor, id string) error
	// Choice gives how the person wants a list to look.
	Choice(ctx context.Context, by person.Actor, l view.List) (view.Choice, error)
	// Choose keeps it; what the list does not know is left out.
	Choose(ctx context.Context, by person.Actor, l view.List, c view.Choice) error
	// Label adds and removes labels and gives how many rows changed; fault.Invalid, with
	// no row changed, when one would have too many.
	Label(ctx context.Context, by person.Actor, rows []*instance.Row, add, remove []string) (int, error)
	// Select keeps what is picked; fault.Invalid when that is nothing.
	Select(ctx context.Context, by person.Actor, p view.Pick) (view.Selection, error)
	// Selection gives a selection of the person's own; fault.NotFound for any other.
	Selection(ctx context.Context, by person.Actor, id string) (view.Selection, error)
	// Rows gives those of the selection that exist in the accounts, in its order.
	Rows(sel view.Selection, accountIDs []string) []*instance.Row
}

// Pages are the list of servers, or that of instances: the same page with
// other columns.
type Pages struct {
	List      view.List
	Views     Views
	Instances Instances
	Catalog   *catalog.Catalog
	Frames    page.Frames
	Notes     *page.Notes
	Scopes    visit.Scopes
	Known     page.Knowledge
	Now       func() time.Time // the console's calendar
}

// Instances are the local picture of what was bought (instance.Service).
type Instances interface {
	// Picture gives the newest picture; it is not changed afterwards.
	Picture() *instance.Picture
	// RefreshAll asks for the accounts to be read, in the background, and tells which
	// of them have to wait.
	RefreshAll(ctx context.Context, by person.Actor, accounts []account.Account) (instance.Waiting, error)
}

// listing is the answer to one request for a list: for whom, what was asked for, and
// what was found.
type listing struct {
	Pages
	p      *text.Printer
	by     person.Actor
	sc     visit.Scope
	pic    *instance.Picture
	query  filter.Query
	choice view.Choice
	sel    *view.Selection // shown instead of a search
	found  instance.Result
	first  int // place of the first row in the selection
	gaps   instance.Gaps
}

// Show is GET /servers and GET /instances; htmx gets the listing alone. What the
// controls say becomes part of the search, and so of the address.
func (h Pages) Show(c echo.Context) error {
	partial := visit.Partial(c.Request())
	if partial && c.QueryParam("part") == "sources" {
		return h.sources(c)
	}
	l, err := h.open(c)
	if err != nil {
		return err
	}
	if l.query.Elsewhere {
		if !partial {
			return c.Redirect(http.StatusSeeOther, l.query.URL())
		}
		c.Response().Header().Set(filter.PushHeader(c), l.query.URL())
	}
	m, err := l.model(c)
	if err != nil {
		return err
	}
	if partial {
		piece := servers.Listing(m)
		return page.Render(c, http.StatusOK, piece, piece)
	}
	nav := layout.Servers
	if h.List == view.Instances {
		nav = layout.Instances
	}
	f, err := h.Frames.Frame(c, m.Title, nav, "servers", "instances")
	if err != nil {
		return err
	}
	f.Fixed = len(m.Rows) > 0 && len(m.Troubles) == 0 && len(f.Banners) == 0
	if l.choice.Roomy {
		f.Density = "roomy"
	}
	return page.Render(c, http.StatusOK, servers.Page(f, m), nil)
}

// sources is the part of the page that says how old the list is and what of it
// could not be read.
func (h Pages) sources(c echo.Context) error {
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return err
	}
	l, m := &listing{Pages: h, p: visit.Printer(c), by: visit.Actor(c), sc: sc}, servers.ListModel{List: string(h.List)}
	if l.gaps, err = h.Known.Gaps(c, sc); err != nil {
		return err
	}
	if err := l.freshness(c, &m); err != nil {
		return err
	}
	piece := servers.SourcesAnew(m)
	return page.Render(c, http.StatusOK, piece, piece)
}

// open reads the request and finds its rows.
func (h Pages) open(c echo.Context) (*listing, error) {
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return nil, err
	}
	l := &listing{Pages: h, p: visit.Printer(c), by: visit.Actor(c), sc: sc, pic: h.Instances.Picture()}
	if l.choice, err = h.Views.Choice(c.Request().Context(), l.by, h.List); err != nil {
		return nil, err
	}
	if l.gaps, err = h.Known.Gaps(c, sc); err != nil {
		return nil, err
	}
	l.query = filter.Read(c, h.List, l.pic)
	if id := c.QueryParam("selection"); id != "" {
		return l, l.selected(c, id)
	}
	q := l.query.ForPicture(sc.IDs())
	q.Limit, q.After, q.Before = l.choice.PerPage, l.query.After, l.query.Before
	l.found = l.pic.Search(q)
	return l, nil
}

// selected finds the rows of a page of a selection.
func (l *listing) selected(c echo.Context, id string) error {
	sel, err := l.Views.Selection(c.Request().Context(), l.by, id)
	if err != nil {
		return err
	}
	if sel.List != l.List {
		return echo.ErrNotFound
	}
	l.sel = &sel
	rows := l.Views.Rows(sel, l.sc.IDs())
	l.found.Total = len(rows)
	from, _ := strconv.Atoi(l.query.After)
	from = min(max(from, 0), max(0, len(rows)-1))
	to := min(from+l.choice.PerPage, len(rows))
	l.first, l.found.Rows = from, rows[from:to]
	if from > 0 {
		l.found.Prev = strconv.Itoa(max(0, from-l.choice.PerPage))
	}
	if to < len(rows) {
		l.found.Next = strconv.Itoa(to)
	}
	return nil
}

func (l *listing) model(c echo.Context) (servers.ListModel, error) {
	p, name := l.p, string(l.List)
	m := servers.ListModel{
		List: name, Title: p.T("servers.title." + name), Hint: p.T("servers.search.hint"), Scope: l.sc.Key,
		Search: l.query.Typed(), Sort: l.query.Sort, Filtered: l.query.Typed() != "", ClearURL: l.query.With(nil).URL(),
		Sandbox: l.sc.Sandbox, MayBuy: l.by.May(person.Buy) && len(l.sc.Accounts) > 0,
		Refresh: l.by.May(person.Refresh) && len(l.sc.Accounts) > 0, MayLabel: l.by.May(person.Organise),
		ColumnsURL: "/" + name + "/columns", PasteURL: "/selections/new?list=" + name, Version: strconv.FormatInt(l.pic.Version, 10),
	}
	if l.List == view.Instances {
		m.Text = p.T("servers.text.instances")
	}
	for _, bad := range l.query.Problems {
		m.Problems = append(m.Problems, wording.Say(p, bad))
	}
	l.links(&m)
	if err := l.freshness(c, &m); err != nil || len(l.sc.Accounts) == 0 {
		m.Empty = l.empty(0)
		return m, err
	}
	if l.sel == nil {
		if err := l.tabs(c, &m); err != nil {
			return m, err
		}
		l.filters(&m)
		m.LeftOut = l.leftOut()
	}
	m.Heads, m.Rows = l.heads(), l.rows(l.found.Rows)
	m.Total, m.AllCount = l.total(), l.found.Total
	m.Range = l.rangeOf()
	m.All = p.T("servers.bulk.all", "N", l.found.Total)
	m.Empty = l.empty(l.pic.Count(l.List.Query(l.sc.IDs(), nil)))
	return m, nil
}

// links puts in the addresses that lead on from what is shown: to changed rows, files
// and other pages.
func (l *listing) links(m *servers.ListModel) {
	name, p := string(l.List), l.p
	v := l.query.Values()
	fresh := l.query.Values()
	if l.query.After != "" {
		fresh.Set("after", l.query.After)
	}
	if l.query.Before != "" {
		fresh.Set("before", l.query.Before)
	}
	if l.sel != nil {
		v, fresh = url.Values{"selection": {l.sel.ID}}, url.Values{"selection": {l.sel.ID}, "after": {l.query.After}}
		m.Selected, m.Selection = l.sel.ID, p.N("servers.selection."+l.sel.From, l.found.Total)
		for _, u := range l.sel.Unknown {
			m.Unknown = append(m.Unknown, spelling.Reveal(u))
		}
		if gone := len(l.sel.IDs) - l.found.Total; gone > 0 {
			m.Selection += " " + p.N("servers.selection.gone", gone)
		}
		if len(m.Unknown) > 0 {
			m.Selection = wording.OrUnread(p, m.Selection, l.gaps)
		}
	}
	fresh.Set("v", m.Version)
	fresh.Set("page", pageSum(l.found.Rows))
	m.FreshURL = "/" + name + "/rows?" + fresh.Encode()
	for _, f := range formats {
		m.Exports = append(m.Exports, ui.Action{Label: p.T("servers.export." + f.kind), Icon: "dl",
			Href: wording.Address("/"+name+"."+f.kind, v), Attrs: map[string]any{"download": true}})
	}
	pageURL := func(key, mark string) string {
		next := url.Values{}
		for k, all := range v {
			next[k] = all
		}
		if mark != "" && mark != "0" {
			next.Set(key, mark)
		}
		return wording.Address("/"+name, next)
	}
	m.Pager = ui.PagerModel{NewerLabel: p.T("servers.prev"), OlderLabel: p.T("servers.next"), Range: ""}
	if l.found.Prev != "" {
		key := "before"
		if l.sel != nil {
			key = "after"
		}
		m.Pager.Newer = pageURL(key, l.found.Prev)
	}
	if l.found.Next != "" {
		m.Pager.Older = pageURL("after", l.found.Next)
	}
	m.Paged = m.Pager.Newer != "" || m.Pager.Older != ""
}

// rangeOf says which rows of how many are shown. Pages begin after a row, not at a
// number, so that for a page in the middle only the count of its rows is said.
func (l *listing) rangeOf() string {
	n, total := len(l.found.Rows), wording.AtLeast(l.p, l.found.Total, l.counted())
	switch {
	case n == 0:
		return ""
	case n == l.found.Total:
		return l.total()
	case l.sel != nil:
		return l.p.T("servers.range", "First", l.first+1, "Last", l.first+n, "Total", total)
	case l.found.Prev == "":
		return l.p.T("servers.range", "First", 1, "Last", n, "Total", total)
	case l.found.Next == "":
		return l.p.T("servers.range", "First", l.found.Total-n+1, "Last", l.found.Total, "Total", total)
	}
	return l.p.T("servers.of", "N", n, "Total", total)
}

// counted are the gaps that the count of the rows depends on; a selection is counted
// exactly.
func (l *listing) counted() instance.Gaps {
	if l.sel != nil {
		return nil
	}
	return l.gaps.Of(filter.FactsOf(l.query.Terms)...)
}

// total words how many rows there are, or that there are at least so many.
func (l *listing) total() string {
	words := l.p.N("servers.total."+string(l.List), l.found.Total)
	if !l.counted().Short() {
		return words
	}
	return l.p.T("gaps.atleast", "N", words)
}

// leftOut says how many servers the search may miss, because the fact that it asks for
// is not known of them.
func (l *listing) leftOut() []ui.NoteModel {
	var out []ui.NoteModel
	for _, about := range filter.FactsOf(l.query.Terms)[1:] { // that some are not listed is said above
		if n := l.gaps.Of(about).Lacking(); n > 0 {
			out = append(out, ui.NoteModel{Text: l.p.N("gaps.left.out", n, "What", l.p.T("gaps.what."+string(about)))})
		}
	}
	return out
}

// empty is what is shown when there are no rows; all is how many there are without
// the filters.
func (l *listing) empty(all int) ui.EmptyModel {
	p, name := l.p, string(l.List)
	switch {
	case l.query.Unread != "" && len(l.sc.Accounts) > 0:
		return ui.EmptyModel{Icon: "search", Title: p.T("servers.unread"), Text: p.T("servers.unread.text"),
			Actions: []ui.Action{{Label: p.T("servers.clear"), Href: "/" + name}}}
	case l.sel != nil:
		return ui.EmptyModel{Icon: "search", Title: p.T("servers.selection.empty"), Text: p.T("servers.selection.empty.text")}
	case len(l.query.Terms) > 0 && all > 0:
		return ui.EmptyModel{Icon: "search", Title: p.T("servers.nomatch"), Text: p.N("servers.hidden."+name, all),
			Actions: []ui.Action{{Label: p.T("servers.clear"), Href: "/" + name}}}
	case len(l.sc.Accounts) == 0:
		return ui.EmptyModel{Icon: "key", Title: p.T("servers.none." + name), Text: p.T("servers.noaccount")}
	}
	if there := l.gaps.Of(instance.AboutList, instance.AboutStates); len(there) > 0 && all == 0 {
		return *wording.UnreadFleet(p, there)
	}
	m := ui.EmptyModel{Icon: "server", Title: p.T("servers.none." + name), Text: p.T("servers.none.text")}
	if l.by.May(person.Buy) {
		m.Actions = []ui.Action{wording.BuyAction(p, l.sc.Sandbox)}
	}
	return m
}

// freshness puts in how old the picture is and which sources could not be read.
func (l *listing) freshness(c echo.Context, m *servers.ListModel) error {
	var err error
	m.Troubles = wording.GapNotes(l.p, l.sc.Accounts, l.gaps)
	m.Age, err = l.Known.Read(c, l.sc)
	return err
}

// Fresh is GET /servers/rows and GET /instances/rows: the rows of the page that changed
// since a version of the picture, those that changed and are now on other pages, and
// the counts.
func (h Pages) Fresh(c echo.Context) error {
	l, err := h.open(c)
	if err != nil {
		return err
	}
	since, _ := strconv.ParseInt(c.QueryParam("v"), 10, 64)
	if since == l.pic.Version {
		return c.NoContent(http.StatusNoContent)
	}
	m := servers.FreshModel{Version: strconv.FormatInt(l.pic.Version, 10)}
	rows := l.changed(since)
	m.Rows = l.rows(rows)
	l.markLeaving(rows, m.Rows)
	m.Moved = l.sel == nil && pageSum(l.found.Rows) != c.QueryParam("page")
	if len(rows) > 0 {
		m.Spoken = l.p.N("servers.changed."+string(l.List), len(rows))
	}
	var whole servers.ListModel
	if l.sel == nil {
		if err := l.tabs(c, &whole); err != nil {
			return err
		}
	}
	for _, t := range whole.Tabs {
		m.Counts = append(m.Counts, servers.Count{ID: "n-" + t.Key, Text: t.Count})
	}
	m.Counts = append(m.Counts, servers.Count{ID: "n-range", Text: l.rangeOf()})
	piece := servers.Fresh(m)
	return page.Render(c, http.StatusOK, piece, piece)
}

// markLeaving notes on changed rows that the search does not match them any more: they
// stay until the page is loaded again.
func (l *listing) markLeaving(found []*instance.Row, said []servers.Row) {
	if l.sel != nil || len(l.query.Terms) == 0 {
		return
	}
	shown := make(map[*instance.Row]bool, len(l.found.Rows))
	for _, r := range l.found.Rows {
		shown[r] = true
	}
	var matching map[*instance.Row]bool
	for n, r := range found {
		if shown[r] {
			continue
		}
		if matching == nil {
			matching = make(map[*instance.Row]bool, l.found.Total)
			for _, m := range l.pic.All(l.query.ForPicture(l.sc.IDs())) {
				matching[m] = true
			}
		}
		if !matching[r] {
			said[n].Note = l.p.T("servers.nomore")
		}
	}
}

// mostFresh is how many rows that are now on other pages are sent along.
const mostFresh = 200

// pageSum is a hash of which rows a page has, in which order.
func pageSum(rows []*instance.Row) string {
	h := fnv.New64a()
	for _, r := range rows {
		_, _ = io.WriteString(h, r.ID()+"\n") // never fails
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// changed gives the rows that changed since a version: those of the page, and up to
// mostFresh that are now on other pages. When the version is not known any more, all
// rows of the page are given.
func (l *listing) changed(since int64) (rows []*instance.Row) {
	recent := l.pic.Recent(time.Time{})
	ids := make(map[string]bool)
	whole := since > l.pic.Version || len(recent) == 0 || recent[0].Version > since+1
	for _, ch := range recent {
		if ch.Version > since {
			ids[ch.ID] = true
		}
	}
	shown := make(map[string]bool, len(l.found.Rows))
	for _, r := range l.found.Rows {
		shown[r.ID()] = true
		if whole || ids[r.ID()] || ids[r.InstanceID] {
			rows = append(rows, r)
		}
	}
	for id := range ids {
		if len(rows) >= l.choice.PerPage+mostFresh {
			break
		}
		if r, ok := l.pic.Row(id); ok && !shown[r.ID()] && l.sc.Has(r.AccountID) {
			shown[r.ID()] = true
			rows = append(rows, r)
		}
	}
	return rows
}
