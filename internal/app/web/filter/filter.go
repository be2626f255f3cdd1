package filter

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/spelling"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/filter"
	"sampan/web/templates/text"
)

// The models of a filter and of a value, for the pages that offer others beside those
// of Controls.
type (
	Filter = filter.Filter
	Option = filter.Option
)

// Controls make the filters of a list, each with its values and their counts.
type Controls struct {
	Printer *text.Printer
	Picture *instance.Picture
	Catalog *catalog.Catalog
	Query   Query
	Gaps    instance.Gaps             // what is not known of what is counted
	Facets  map[string]map[string]int // by key and value
}

// mostOptions is how many values of a key are offered; others can be typed.
const mostOptions = 15

// Filter is the control of a key; field is its name in a form.
func (k Controls) Filter(key, field string) filter.Filter {
	f := filter.Filter{Key: field, Label: k.Printer.T("servers.filter." + key),
		Single: key == "expires" || key == "traffic" || key == "autorenew", Any: k.Printer.T("servers.filter.any")}
	typed := TermsOf(k.Query.Terms, key)
	counts := k.Facets[key]
	others := slices.DeleteFunc(slices.Clone(k.Query.Terms), func(t instance.Term) bool { return t.Key == key })
	var chosen []string
	for _, value := range k.valuesOf(key, counts) {
		short := k.Gaps.Of(FactsOf(append(others, instance.Term{Key: key, Value: value}))...).Short()
		o := filter.Option{Value: value, Count: wording.AtLeastShort(k.Printer, counts[value], short)}
		o.Shape, o.Label = k.wordValue(key, value)
		o.Checked = slices.ContainsFunc(typed, func(t instance.Term) bool { return k.means(t, key, value) })
		if name := k.Picture.AccountLabel(value); key == "account" && text.Visible(name) == name { // else its id says it
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
		ticked := slices.ContainsFunc(f.Options, func(o filter.Option) bool { return o.Checked && k.means(t, key, o.Value) })
		if f.Single && len(typed) > 1 || !ticked && !k.named(t, key, counts) {
			o := filter.Option{Value: t.Value, Label: strings.TrimPrefix(t.String(), key+":"), Checked: true}
			if f.Single {
				o.Value = keepTyped
			}
			f.Options = append(f.Options, o)
			chosen = append(chosen, o.Label)
		}
	}
	if len(typed) > 0 {
		f.Set, f.Label = true, k.Printer.T("servers.filter.set", "Key", f.Label, "Values", text.Name(k.Printer.List(chosen...)))
	}
	return f
}

// means reports whether a term asks for exactly this value of a key.
func (k Controls) means(t instance.Term, key, value string) bool {
	if t.Op == '<' || t.Op == '>' {
		return value == string(t.Op)+spelling.Form(t.Value)
	}
	if key == "account" {
		return t.Value == value || spelling.Same(t.Value, k.Picture.AccountLabel(value))
	}
	return spelling.Same(t.Value, value)
}

// named reports whether a term's value is among the counted ones.
func (k Controls) named(t instance.Term, key string, counts map[string]int) bool {
	for value := range counts {
		if k.means(t, key, value) {
			return true
		}
	}
	return false
}

// valuesOf gives the values of a key in the order in which they are offered: states and problems by
// their severity, windows by their width, others by how often they occur.
func (k Controls) valuesOf(key string, counts map[string]int) []string {
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
			return counts[v] == 0 &&
				!slices.ContainsFunc(k.Query.Terms, func(t instance.Term) bool { return t.Key == key && k.means(t, key, v) })
		})
	}
	all := slices.Collect(maps.Keys(counts))
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	return all
}

// wordValue words a value of a key; a state also has a shape.
func (k Controls) wordValue(key, value string) (shape, label string) {
	p := k.Printer
	switch key {
	case "state":
		return wording.ServerShapes[value], p.T("servers.state." + value)
	case "problem":
		return "", p.T("servers.problem." + value)
	case "autorenew":
		if value == "unknown" {
			return "", p.Unknown()
		}
		return "", p.T("servers.autorenew." + value)
	case "os":
		if value == "linux" || value == "windows" || value == "unknown" {
			return "", p.T("servers.os." + value)
		}
	case "region":
		return "", wording.RegionName(p, value)
	case "image":
		if value != "" {
			return "", wording.ImageName(k.Catalog, value)
		}
	case "account":
		return "", k.Picture.AccountLabel(value)
	case "expires", "traffic":
		switch value {
		case "over":
			return "", p.T("servers." + key + ".over")
		case "unknown":
			return "", p.Unknown()
		}
		below := strings.TrimPrefix(value, "<")
		if n, err := strconv.Atoi(strings.TrimSuffix(below, "d")); err == nil {
			return "", p.N("servers.expires.below", n)
		}
		return "", p.T("servers.traffic.below", "Value", below)
	}
	if value == "" {
		return "", p.Unknown()
	}
	return "", value
}
