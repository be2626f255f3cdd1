package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/web/templates/instances"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// instancePages show what was bought, from the local database.
type instancePages struct {
	s         *Server
	instances Instances
	catalog   *catalog.Catalog
}

// pageSize is how many rows a list shows.
const pageSize = 100

// query is what the list's address says.
type query struct {
	q, region, state, sort, after string
}

func queryOf(c echo.Context) query {
	q := query{q: strings.TrimSpace(c.QueryParam("q")), region: c.QueryParam("region"), state: c.QueryParam("state"), sort: c.QueryParam("sort"), after: c.QueryParam("after")}
	if len(q.q) > 128 {
		q.q = q.q[:128]
	}
	if !slices.Contains(sortable, strings.TrimPrefix(q.sort, "-")) {
		q.sort = ""
	}
	return q
}

// sortable are the columns the list can be sorted by (instance.Filter).
var sortable = []string{"name", "expires", "region", "state"}

func (q query) filtered() bool { return q.q != "" || q.region != "" || q.state != "" }

// url is the list's address with the query; a page of it starts after.
func (q query) url(after string) string {
	v := url.Values{}
	for name, value := range map[string]string{"q": q.q, "region": q.region, "state": q.state, "sort": q.sort, "after": after} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if len(v) == 0 {
		return "/instances"
	}
	return "/instances?" + v.Encode()
}

// list is GET /instances; htmx gets the list alone.
func (p instancePages) list(c echo.Context) error {
	sc, err := p.s.scopeOf(c)
	if err != nil {
		return err
	}
	q := queryOf(c)
	m, err := p.model(c, sc, q)
	if err != nil {
		return err
	}
	if partial(c.Request()) {
		part := instances.Part(m)
		return render(c, http.StatusOK, part, part)
	}
	f, err := p.s.frame(c, printer(c).T("instances.title"), layout.Instances, "instances")
	if err != nil {
		return err
	}
	f.Fixed = len(m.Rows) > 0 && len(m.Troubles) == 0 && len(f.Banners) == 0
	return render(c, http.StatusOK, instances.Page(f, m), nil)
}

func (p instancePages) model(c echo.Context, sc scope, q query) (instances.ListModel, error) {
	ctx, by, pr := c.Request().Context(), actor(c), printer(c)
	m := instances.ListModel{Query: q.q, Sort: q.sort, Filtered: q.filtered(), Sandbox: sc.sandbox, MayBuy: by.May(person.Buy) && len(sc.accounts) > 0,
		Refresh: by.May(person.Refresh) && len(sc.accounts) > 0, Many: len(sc.accounts) > 1}
	m.Heads = p.heads(pr, q, m.Many)
	if len(sc.accounts) == 0 {
		return m, nil
	}
	counts, err := p.instances.Counts(ctx, by, sc.ids())
	if err != nil {
		return m, err
	}
	m.Regions, m.Tabs, m.State = regionOptions(pr, counts, q.region), stateTabs(pr, counts, q), q.state
	m.Hidden = pr.N("instances.hidden", counts.Total)
	page, err := p.instances.List(ctx, by, instance.Filter{AccountIDs: sc.ids(), Query: q.q, Region: q.region, State: q.state, Sort: q.sort, After: q.after, Limit: pageSize})
	if err != nil {
		return m, err
	}
	for _, i := range page.Rows {
		m.Rows = append(m.Rows, p.row(pr, sc, i))
	}
	m.Total, m.Paged = pr.Number(page.Total), page.Next != "" || q.after != ""
	m.Pager = ui.PagerModel{Range: pr.N("instances.total", page.Total), NewerLabel: pr.T("instances.prev"), OlderLabel: pr.T("instances.next")}
	if page.Prev != "" {
		m.Pager.Newer = q.url(page.Prev)
	} else if q.after != "" {
		m.Pager.Newer = q.url("")
	}
	if page.Next != "" {
		m.Pager.Older = q.url(page.Next)
	}
	return m, p.ages(c, sc, &m)
}

// ages says how old the picture is and which source could not be read.
func (p instancePages) ages(c echo.Context, sc scope, m *instances.ListModel) error {
	syncs, err := p.instances.Syncs(c.Request().Context(), sc.ids())
	if err != nil {
		return err
	}
	pr := printer(c)
	oldest := time.Time{}
	for _, y := range syncs {
		if y.Source == "config" && !y.OKAt.IsZero() && (oldest.IsZero() || y.OKAt.Before(oldest)) {
			oldest = y.OKAt
		}
		if y.Trouble != "" {
			m.Troubles = append(m.Troubles, troubleNote(pr, sc, y))
		}
	}
	for _, a := range sc.accounts {
		m.Refreshes = m.Refreshes || p.instances.Refreshing(a.ID)
	}
	m.Age = pr.T("instances.never")
	if !oldest.IsZero() {
		m.Age = pr.T("instances.age", "Ago", pr.Relative(oldest))
	}
	return nil
}

func troubleNote(p *text.Printer, sc scope, y instance.Sync) ui.NoteModel {
	a, _ := sc.accountOf(y.AccountID)
	n := ui.NoteModel{Tone: ui.Caution, Bold: p.T("instances.trouble", "Source", sourceName(p, y.Source), "Account", text.Name(a.Label)), Text: p.Say(y.Trouble, nil)}
	if !y.OKAt.IsZero() {
		n.Text += " " + p.T("instances.trouble.asof", "When", p.Near(y.OKAt, p.Now()))
	}
	if y.Code != "" {
		n.Text += " " + text.Name(y.Code)
	}
	return n
}

// sourceName is where a part of the picture comes from.
func sourceName(p *text.Printer, source string) string {
	kind, region, _ := strings.Cut(source, ":")
	switch kind {
	case "config":
		return p.T("instances.source.config")
	case "bss":
		return p.T("instances.source.bss")
	case "ecs":
		return p.T("instances.source.ecs", "Region", regionName(p, region))
	case "ims":
		return p.T("instances.source.ims", "Region", regionName(p, region))
	}
	return text.Name(source)
}

func regionOptions(p *text.Printer, counts instance.Counts, chosen string) []ui.Option {
	out := []ui.Option{{Label: p.T("instances.region.all")}}
	for code := range counts.ByRegion {
		out = append(out, ui.Option{Value: code, Label: regionName(p, code), Chosen: code == chosen})
	}
	slices.SortFunc(out[1:], func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// stateTabs are the views of the list: all, and one for each state there is.
func stateTabs(p *text.Printer, counts instance.Counts, q query) []ui.Link {
	link := func(label, state string, n int) ui.Link {
		view := q
		view.state = state
		return ui.Link{Label: label, Href: view.url(""), Count: p.Number(n), Current: state == q.state}
	}
	out := []ui.Link{link(p.T("instances.state.all"), "", counts.Total)}
	for state, n := range counts.ByState {
		if state == "" {
			continue // not known: the filter's empty value means all
		}
		_, word := serverState(p, state)
		out = append(out, link(word, state, n))
	}
	slices.SortFunc(out[1:], func(a, b ui.Link) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// heads are the columns; those that can be sorted lead to the list in their
// order, the sorted one to the other way round.
func (p instancePages) heads(pr *text.Printer, q query, many bool) []instances.Head {
	current, reversed := strings.CutPrefix(q.sort, "-")
	if q.sort == "" {
		current = "expires"
	}
	sorted := func(label, key, class string) instances.Head {
		h := instances.Head{Label: label, Class: class}
		next := q
		next.sort = key
		if key == current {
			h.Sorted = "ascending"
			next.sort = "-" + key
			if reversed {
				h.Sorted, next.sort = "descending", key
			}
		}
		h.URL = next.url("")
		return h
	}
	out := []instances.Head{
		sorted(pr.T("instances.name"), "name", "a"), sorted(pr.T("instances.state"), "state", "s"),
		{Label: pr.T("instances.image"), Class: "b"}, sorted(pr.T("instances.region"), "region", "p2"),
		{Label: pr.T("instances.size"), Class: "p3"}, {Label: pr.T("instances.address"), Class: "c"},
		sorted(pr.T("instances.expires"), "expires", "e"),
	}
	if many {
		out = append(out, instances.Head{Label: pr.T("instances.account"), Class: "p4"})
	}
	return out
}

func (p instancePages) row(pr *text.Printer, sc scope, i instance.Instance) instances.Row {
	r := instances.Row{ID: i.ID, Name: nameOf(pr, i), Region: regionName(pr, i.Region), Size: p.size(pr, i.Spec), Image: text.Name(i.Image), Address: text.Name(i.Address), Sandbox: sc.sandbox}
	r.Shape, r.Word = stateOf(pr, i)
	r.Expires, r.At, r.Due = expiry(pr, i)
	r.AutoRenew = i.AutoRenew
	if a, ok := sc.accountOf(i.AccountID); ok {
		r.Account = text.Name(a.Label)
	}
	return r
}

func nameOf(p *text.Printer, i instance.Instance) string {
	if i.Name == "" {
		return i.ID
	}
	return text.Name(i.Name)
}

// size is what a spec code stands for, the code itself when the catalogue does
// not know it.
func (p instancePages) size(pr *text.Printer, code string) string {
	spec, ok := p.catalog.Spec(code)
	if !ok {
		return text.Name(code)
	}
	return pr.T("instances.size.of", "Cores", pr.Number(spec.VCPUs), "Memory", memory(pr, spec.MemoryMiB))
}

// memory words MiB as GiB: "0.5 GiB", "2 GiB".
func memory(p *text.Printer, mib int) string {
	return catalog.GiB(mib) + "\u00a0GiB"
}

// expiry is when an instance ends and how near that is: red within 3 days, amber
// within 14, only without auto-renew (design: tables).
func expiry(p *text.Printer, i instance.Instance) (words, at, due string) {
	if i.Expires.IsZero() {
		return p.Unknown(), "", ""
	}
	left := i.Expires.Sub(p.Now())
	switch {
	case i.AutoRenew:
	case left <= dueNow:
		due = "c-bad"
	case left <= dueSoon:
		due = "c-warn"
	}
	return p.Date(i.Expires), i.Expires.UTC().Format(time.RFC3339), due
}

// stateOf is an instance's state: what billing or the server says, in this order.
func stateOf(p *text.Printer, i instance.Instance) (shape, word string) {
	switch {
	case !i.GoneAt.IsZero():
		return ui.Off, p.T("instances.state.gone")
	case i.Frozen:
		return ui.Ice, p.T("instances.state.frozen")
	case i.TaskState != "":
		return ui.Busy, p.T("instances.state.busy")
	}
	return serverState(p, i.State)
}

// serverState words the server states of ECS (cloud-api, 8).
func serverState(p *text.Printer, state string) (shape, word string) {
	switch state {
	case "ACTIVE":
		return ui.Run, p.T("instances.state.running")
	case "SHUTOFF":
		return ui.Off, p.T("instances.state.stopped")
	case "BUILD":
		return ui.Busy, p.T("instances.state.building")
	case "REBOOT", "HARD_REBOOT":
		return ui.Busy, p.T("instances.state.restarting")
	case "ERROR":
		return ui.Fault, p.T("instances.state.faulty")
	case "":
		return ui.Wait, p.Unknown()
	}
	return ui.Wait, text.Name(state)
}

// detail is one instance: GET /instances/{id}.
func (p instancePages) detail(c echo.Context) error {
	i, err := p.instances.Get(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	sc, err := p.s.scopeOf(c)
	if err != nil {
		return err
	}
	m, err := p.detailModel(c, sc, i)
	if err != nil {
		return err
	}
	if partial(c.Request()) {
		part := instances.DetailPart(m)
		return render(c, http.StatusOK, part, part)
	}
	f, err := p.s.frame(c, m.Name, layout.Instances, "instances")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, instances.Detail(f, m), nil)
}

func (p instancePages) detailModel(c echo.Context, sc scope, i instance.Instance) (instances.DetailModel, error) {
	pr := printer(c)
	a, ok := sc.accountOf(i.AccountID)
	if !ok {
		return instances.DetailModel{}, echo.ErrNotFound // of an account the person may not see
	}
	m := instances.DetailModel{ID: i.ID, Name: nameOf(pr, i), Account: a.Label, Sandbox: a.Sandbox(), Refresh: actor(c).May(person.Refresh)}
	m.Shape, m.Word = stateOf(pr, i)
	if !i.GoneAt.IsZero() {
		m.Gone = pr.T("instances.gone", "When", pr.Near(i.GoneAt, pr.Now()))
	}
	m.Facts = []ui.Pair{
		{Key: pr.T("instances.account"), Part: ui.World(a.Label, a.Sandbox())},
		{Key: pr.T("instances.region"), Value: regionName(pr, i.Region)},
		{Key: pr.T("instances.size"), Value: p.size(pr, i.Spec)},
		{Key: pr.T("instances.code"), Value: orUnknown(pr, i.Spec), Mono: true},
		{Key: pr.T("instances.image"), Value: orUnknown(pr, i.Image), Name: true},
		{Key: pr.T("instances.id"), Value: i.ID, Copy: true},
	}
	m.Access = []ui.Pair{
		{Key: pr.T("instances.address"), Value: orUnknown(pr, i.Address), Copy: i.Address != ""},
		{Key: pr.T("instances.server"), Value: orUnknown(pr, i.ServerName), Name: true},
		{Key: pr.T("instances.server.id"), Value: orUnknown(pr, i.ServerID), Copy: i.ServerID != ""},
	}
	m.Money = p.money(pr, i)
	m.Sources = sources(pr, i)
	return m, nil
}

func (p instancePages) money(pr *text.Printer, i instance.Instance) []ui.Pair {
	renews := pr.T("instances.renew.off")
	if i.AutoRenew {
		renews = pr.T("instances.renew.on")
	}
	expires := pr.Unknown()
	if !i.Expires.IsZero() {
		expires = pr.Near(i.Expires, pr.Now())
	}
	out := []ui.Pair{
		{Key: pr.T("instances.expires"), Value: expires},
		{Key: pr.T("instances.renew"), Value: renews},
		{Key: pr.T("instances.order"), Value: orUnknown(pr, i.CloudOrder), Mono: true, Copy: i.CloudOrder != ""},
	}
	if !i.Created.IsZero() {
		out = append(out, ui.Pair{Key: pr.T("instances.created"), Value: pr.DateTime(i.Created)})
	}
	return out
}

// sources are when each of Huawei's services last listed the instance.
func sources(p *text.Printer, i instance.Instance) []ui.Pair {
	when := func(t time.Time) string {
		if t.IsZero() {
			return p.T("instances.seen.never")
		}
		return p.Near(t, p.Now())
	}
	return []ui.Pair{
		{Key: p.T("instances.source.config"), Value: when(i.SeenConfig)},
		{Key: p.T("instances.source.ecs.any"), Value: when(i.SeenECS)},
		{Key: p.T("instances.source.bss"), Value: when(i.SeenBSS)},
	}
}

func orUnknown(p *text.Printer, s string) string {
	if s == "" {
		return p.Unknown()
	}
	return s
}

// refresh asks the cloud for newer data of the scope, in the background: POST
// /instances/refresh.
func (p instancePages) refresh(c echo.Context) error {
	sc, err := p.s.scopeOf(c)
	if err != nil {
		return err
	}
	for _, a := range sc.accounts {
		if err := p.instances.Refresh(c.Request().Context(), actor(c), a.ID); err != nil {
			return err
		}
	}
	p.s.notes.leave(c, fault.Say("instances.asked"))
	return goTo(c, returnPath(c))
}
