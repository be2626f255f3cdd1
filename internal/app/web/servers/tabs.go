package servers

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/instance"
	"sampan/internal/app/web/filter"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/servers"
)

// builtIn are the views every list has.
var builtIn = []struct{ key, search string }{
	{"all", ""}, {"expiring", "problem:expiring"}, {"low", "traffic<10%"}, {"stopped", "state:stopped"},
}

// tabs are the views, the open one marked, and how it is saved or deleted.
func (l *listing) tabs(c echo.Context, m *servers.ListModel) error {
	saved, err := l.Views.Views(c.Request().Context(), l.by, l.List)
	if err != nil {
		return err
	}
	search, open := l.query.Search(), -1
	tab := func(key, label string, q filter.Query, shared bool) {
		if q.Search() == search && (q.Sort == l.query.Sort || q.Sort == "" && open < 0) { // another order alone does not leave a view
			open = len(m.Tabs)
		}
		m.Tabs = append(m.Tabs, servers.Tab{Key: key, Label: label, Href: q.URL(),
			Count: wording.AtLeast(l.p, l.pic.Count(q.ForPicture(l.sc.IDs())), l.gaps.Of(filter.FactsOf(q.Terms)...)), Shared: shared})
	}
	for _, b := range builtIn {
		terms, _ := instance.ParseQuery(b.search, nil)
		tab(b.key, l.p.T("servers.view."+b.key), filter.Query{List: l.List, Terms: terms}, false)
	}
	for _, v := range saved {
		terms, _ := instance.ParseQuery(v.Search, nil)
		tab("v-"+v.ID, v.Name, filter.Query{List: l.List, Terms: terms, Sort: v.Sort}, v.Shared)
	}
	if open >= 0 {
		m.Tabs[open].Current = true
		if n := open - len(builtIn); n >= 0 && saved[n].MayDelete(l.by) {
			m.DropURL = "/views/" + saved[n].ID + "/delete"
		}
	}
	if open < 0 && (search != "" || l.query.Sort != "") {
		v := l.query.Values()
		v.Set("q", search)
		v.Set("list", string(l.List))
		m.SaveURL = wording.Address("/views/new", v)
	}
	return nil
}

// buttons are the filters with a button of their own, in their order.
var buttons = []string{"state", "region", "account", "image", "expires", "tag"}

// filters are the controls: for each key its values with their counts.
func (l *listing) filters(m *servers.ListModel) {
	controls := l.controls()
	var set []string
	for _, k := range filter.Choosable {
		f := controls.Filter(k.Key, k.Field)
		if len(f.Options) < 2 && !f.Set {
			continue // nothing to choose from
		}
		if slices.Contains(buttons, k.Key) {
			m.Filters = append(m.Filters, f)
			continue
		}
		m.More = append(m.More, f)
		if f.Set {
			set = append(set, f.Label)
		}
	}
	m.MoreSet = strings.Join(set, " · ")
}

// controls are the filters of this answer.
func (l *listing) controls() filter.Controls {
	return filter.Controls{Printer: l.p, Picture: l.pic, Catalog: l.Catalog, Query: l.query, Gaps: l.gaps, Facets: l.found.Facets}
}
