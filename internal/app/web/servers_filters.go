package web

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/instance"
	"sampan/internal/app/spelling"
	"sampan/internal/app/view"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/filter"
	"sampan/web/templates/servers"
	"sampan/web/templates/text"
)

// builtIn are the views every list has.
var builtIn = []struct{ key, search string }{
	{"all", ""}, {"expiring", "problem:expiring"}, {"low", "traffic<10%"}, {"stopped", "state:stopped"},
}

// tabs are the views, the open one marked, and how it is saved or deleted.
func (l *listing) tabs(c echo.Context, m *servers.ListModel) error {
	saved, err := l.s.Views.Views(c.Request().Context(), l.by, l.list)
	if err != nil {
		return err
	}
	search, open := l.ask.search(), -1
	tab := func(key, label string, a asked, shared bool) {
		if a.search() == search && (a.sort == l.ask.sort || a.sort == "" && open < 0) { // another order alone does not leave a view
			open = len(m.Tabs)
		}
		m.Tabs = append(m.Tabs, servers.Tab{Key: key, Label: label, Href: a.url(), Count: wording.AtLeast(l.pr, l.pic.Count(a.query(l.sc.IDs())), l.gaps.Of(factsOf(a.terms)...)), Shared: shared})
	}
	for _, b := range builtIn {
		terms, _ := instance.ParseQuery(b.search, nil)
		tab(b.key, l.pr.T("servers.view."+b.key), asked{list: l.list, terms: terms}, false)
	}
	for _, v := range saved {
		terms, _ := instance.ParseQuery(v.Search, nil)
		tab("v-"+v.ID, v.Name, asked{list: l.list, terms: terms, sort: v.Sort}, v.Shared)
	}
	if open >= 0 {
		m.Tabs[open].Current = true
		if n := open - len(builtIn); n >= 0 && saved[n].MayDelete(l.by) {
			m.DropURL = "/views/" + saved[n].ID + "/delete"
		}
	}
	if open < 0 && (search != "" || l.ask.sort != "") {
		v := l.ask.values()
		v.Set("q", search)
		v.Set("list", string(l.list))
		m.SaveURL = wording.Address("/views/new", v)
	}
	return nil
}

// buttons are the filters with a button of their own, in their order.
var buttons = []string{"state", "region", "account", "image", "expires", "tag"}

// filters are the controls: for each key its values with their counts.
func (l *listing) filters(m *servers.ListModel) {
	var set []string
	for _, k := range choosable {
		f := l.filter(k.key, k.field)
		if len(f.Options) < 2 && !f.Set {
			continue // nothing to choose from
		}
		if slices.Contains(buttons, k.key) {
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

// mostOptions is how many values of a key are offered; others can be typed.
const mostOptions = 15

func (l *listing) filter(key, field string) filter.Filter {
	f := filter.Filter{Key: field, Label: l.pr.T("servers.filter." + key), Single: key == "expires" || key == "traffic" || key == "autorenew", Any: l.pr.T("servers.filter.any")}
	typed := of(l.ask.terms, key)
	counts := l.found.Facets[key]
	others := slices.DeleteFunc(slices.Clone(l.ask.terms), func(t instance.Term) bool { return t.Key == key })
	var chosen []string
	for _, value := range valuesOf(key, counts, l) {
		short := l.gaps.Of(factsOf(append(others, instance.Term{Key: key, Value: value}))...).Short()
		o := filter.Option{Value: value, Count: wording.AtLeastShort(l.pr, counts[value], short)}
		o.Shape, o.Label = l.valueOf(key, value)
		o.Checked = slices.ContainsFunc(typed, func(t instance.Term) bool { return l.means(t, key, value) })
		if name := l.pic.AccountLabel(value); key == "account" && text.Visible(name) == name { // else its id says it
			o.Value = name
		}
		if o.Checked {
			chosen = append(chosen, o.Label)
		}
		if o.Checked || len(f.Options) < mostOptions {
			f.Options = append(f.Options, o)
		}
	}
	if f.Single && len(typed) > 1 {
		chosen = nil
	}
	for _, t := range typed {
		if f.Single && len(typed) > 1 || !slices.ContainsFunc(f.Options, func(o filter.Option) bool { return o.Checked && l.means(t, key, o.Value) }) && !l.named(t, key, counts) {
			o := filter.Option{Value: t.Value, Label: strings.TrimPrefix(t.String(), key+":"), Checked: true}
			if f.Single {
				o.Value = keepTyped
			}
			f.Options = append(f.Options, o)
			chosen = append(chosen, o.Label)
		}
	}
	if len(typed) > 0 {
		f.Set, f.Label = true, l.pr.T("servers.filter.set", "Key", f.Label, "Values", text.Name(l.pr.List(chosen...)))
	}
	return f
}

// means reports whether a term asks for just this value of a facet.
func (l *listing) means(t instance.Term, key, value string) bool {
	if t.Op == '<' || t.Op == '>' {
		return value == string(t.Op)+spelling.Form(t.Value)
	}
	if key == "account" {
		return t.Value == value || spelling.Same(t.Value, l.pic.AccountLabel(value))
	}
	return spelling.Same(t.Value, value)
}

// named reports whether a term's value is among the counted ones.
func (l *listing) named(t instance.Term, key string, counts map[string]int) bool {
	for value := range counts {
		if l.means(t, key, value) {
			return true
		}
	}
	return false
}

// valuesOf gives the values of a facet as they are offered: states and problems by
// their gravity, windows by their width, others by how often they occur.
func valuesOf(key string, counts map[string]int, l *listing) []string {
	var fixed []string
	switch key {
	case "state":
		fixed = instance.States()
	case "problem":
		fixed = instance.Problems()
	case "expires":
		fixed = []string{"<3d", "<14d", "<30d", "<90d", "over", "unknown"}
	case "traffic":
		fixed = []string{"<10%", "<25%", "<50%", "over", "unknown"}
	case "autorenew":
		fixed = []string{"yes", "no", "unknown"}
	}
	if fixed != nil {
		return slices.DeleteFunc(slices.Clone(fixed), func(v string) bool {
			return counts[v] == 0 && !slices.ContainsFunc(l.ask.terms, func(t instance.Term) bool { return t.Key == key && l.means(t, key, v) })
		})
	}
	all := slices.Collect(maps.Keys(counts))
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	return all
}

// valueOf words a value of a facet; a state has its shape too.
func (l *listing) valueOf(key, value string) (shape, label string) {
	pr := l.pr
	switch key {
	case "state":
		return wording.ServerShapes[value], pr.T("servers.state." + value)
	case "problem":
		return "", pr.T("servers.problem." + value)
	case "autorenew":
		if value == "unknown" {
			return "", pr.Unknown()
		}
		return "", pr.T("servers.autorenew." + value)
	case "os":
		if value == "linux" || value == "windows" || value == "unknown" {
			return "", pr.T("servers.os." + value)
		}
	case "region":
		return "", wording.RegionName(pr, value)
	case "image":
		if value != "" {
			return "", wording.ImageName(l.s.Catalog, value)
		}
	case "account":
		return "", l.pic.AccountLabel(value)
	case "expires", "traffic":
		switch value {
		case "over":
			return "", pr.T("servers." + key + ".over")
		case "unknown":
			return "", pr.Unknown()
		}
		below := strings.TrimPrefix(value, "<")
		if n, err := strconv.Atoi(strings.TrimSuffix(below, "d")); err == nil {
			return "", pr.N("servers.expires.below", n)
		}
		return "", pr.T("servers.traffic.below", "Value", below)
	}
	if value == "" {
		return "", pr.Unknown()
	}
	return "", value
}

// listOf reads the name of a list out of a form.
func listOf(c echo.Context) (view.List, error) {
	l := view.List(c.FormValue("list"))
	if !l.Known() {
		return "", echo.ErrNotFound
	}
	return l, nil
}
