// Package palette is the search over everything that a person may see.
package palette

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/spelling"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
	"sampan/web/templates/palette"
	"sampan/web/templates/text"
)

// Pages find anything by a few letters: Ctrl or ⌘ with K opens the same
// in a dialog.
type Pages struct {
	Orders    Orders
	Instances Instances
	Sandbox   bool // there is a simulated cloud
	Frames    page.Frames
	Scopes    visit.Scopes
	Known     page.Knowledge
}

// Orders are the orders (order.Service).
type Orders interface {
	// Orders gives a page of orders; fault.Invalid when the filter cannot be read.
	Orders(ctx context.Context, by person.Actor, f order.Filter) (order.Page, error)
}

// Instances are the local picture of what was bought (instance.Service).
type Instances interface {
	// Picture gives the newest picture; it is not changed afterwards.
	Picture() *instance.Picture
}

// mostFound is how many of a kind are offered.
const mostFound = 8

// Find is GET /search?q=…; the script gets the results alone.
func (h Pages) Find(c echo.Context) error {
	query := spelling.Cut(spelling.Clean(c.QueryParam("q")), 200)
	m := palette.Model{Query: query}
	if query != "" {
		if err := h.groups(c, query, &m); err != nil {
			return err
		}
	}
	if visit.Partial(c.Request()) {
		piece := palette.Found(m)
		return page.Render(c, http.StatusOK, piece, piece)
	}
	f, err := h.Frames.Frame(c, visit.Printer(c).T("servers.palette"), "")
	if err != nil {
		return err
	}
	return page.Render(c, http.StatusOK, palette.Page(f, m), nil)
}

// groups puts what is found by the query into m, or that nothing is.
func (h Pages) groups(c echo.Context, query string, m *palette.Model) error {
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return err
	}
	gaps, err := h.Known.Gaps(c, sc)
	if err != nil {
		return err
	}
	p, pic, short := visit.Printer(c), h.Instances.Picture(), wording.NameGaps(gaps).Short()
	counted := func(words string) string {
		if short {
			return p.T("gaps.atleast", "N", words)
		}
		return words
	}
	add := func(title string, hits []palette.Hit, more string) {
		if len(hits) > 0 {
			m.Groups = append(m.Groups, palette.Group{Title: title, Hits: hits, More: more})
		}
	}
	add(p.T("servers.palette.pages"), pagesNamed(p, query, h.Sandbox && sc.HasSandbox()), "")

	var terms []instance.Term
	for _, word := range strings.Fields(query) {
		terms = append(terms, instance.Term{Value: word})
	}
	q := instance.Query{AccountIDs: sc.IDs(), Terms: terms, Sort: "name", Limit: mostFound, Bare: true}
	found := pic.Search(q)
	exact, _ := pic.Resolve(sc.IDs(), []string{query})
	var hits []palette.Hit
	for _, r := range exactFirst(exact, found.Rows) {
		hits = append(hits, palette.Hit{Icon: "server", Label: text.Name(r.Name), Note: note(p, pic, r, len(sc.Accounts) > 1),
			Href: wording.RowURL("servers", r)})
	}
	more := ""
	if found.Total > len(hits) {
		more = wording.Address("/servers", map[string][]string{"q": {instance.FormatTerms(terms)}})
	}
	add(counted(p.N("servers.palette.servers", found.Total)), hits, more)

	packs := pic.Search(instance.Query{AccountIDs: sc.IDs(), Terms: append(terms, instance.Term{Key: "instance", Op: '=', Value: query}),
		Instances: true, Sort: "instance", Limit: mostFound, Bare: true})
	add(counted(p.N("servers.palette.instances", packs.Total)), instanceHits(p, packs.Rows), "")

	orders, err := h.orders(c, sc, query)
	if err != nil {
		return err
	}
	add(p.T("servers.palette.orders"), orders, "")
	if len(m.Groups) == 0 {
		m.Nothing = wording.OrUnread(p, p.T("servers.palette.nothing"), gaps)
	}
	return nil
}

// instanceHits words the instances that were found.
func instanceHits(p *text.Printer, rows []*instance.Row) []palette.Hit {
	var hits []palette.Hit
	for _, r := range rows {
		about := []string{wording.RegionName(p, r.Region)}
		if r.Name != "" && r.Name != r.InstanceName {
			about = append(about, text.Name(r.Name))
		}
		hits = append(hits, palette.Hit{Icon: "box", Label: wording.RowInstanceName(r), Note: strings.Join(about, " · "),
			Href: wording.RowURL("instances", r)})
	}
	return hits
}

// exactFirst puts rows whose name, address or id is the query before rows that only
// contain it: 10.0.0.2 before 10.0.0.21.
func exactFirst(exact, rows []*instance.Row) []*instance.Row {
	all := slices.Concat(exact, slices.DeleteFunc(slices.Clone(rows), func(r *instance.Row) bool { return slices.Contains(exact, r) }))
	return all[:min(len(all), mostFound)]
}

// note says where a server is and how it is reached.
func note(p *text.Printer, pic *instance.Picture, r *instance.Row, many bool) string {
	parts := []string{wording.RegionName(p, r.Region)}
	if r.Address != "" {
		parts = append(parts, text.Name(r.Address))
	}
	if r.InstanceName != "" && r.InstanceName != r.Name {
		parts = append(parts, text.Name(r.InstanceName))
	}
	if many {
		parts = append(parts, text.Name(pic.AccountLabel(r.AccountID)))
	}
	return strings.Join(parts, " · ")
}

// orders finds orders by name and number.
func (h Pages) orders(c echo.Context, sc visit.Scope, query string) ([]palette.Hit, error) {
	found, err := h.Orders.Orders(c.Request().Context(), visit.Actor(c),
		order.Filter{AccountIDs: sc.IDs(), Removed: true, Query: query, Limit: mostFound})
	if fault.Is(err, fault.Invalid) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var hits []palette.Hit
	for _, o := range found.Rows {
		hits = append(hits,
			palette.Hit{Icon: "receipt", Label: text.Name(o.Request.Name), Note: text.Name(o.CloudOrderID), Href: "/orders/" + o.ID})
	}
	return hits, nil
}

// pagesNamed are the pages whose name holds every word.
func pagesNamed(p *text.Printer, query string, sandbox bool) []palette.Hit {
	var hits []palette.Hit
	for _, e := range layout.Pages() {
		if e.Key == layout.Sandbox && !sandbox {
			continue
		}
		name := p.T("layout.nav." + e.Key)
		if contains(name, strings.Fields(query)) {
			hits = append(hits, palette.Hit{Icon: e.Icon, Label: name, Href: e.URL})
		}
	}
	return hits
}

func contains(name string, words []string) bool {
	for _, w := range words {
		if !spelling.Contains(name, w) {
			return false
		}
	}
	return true
}
