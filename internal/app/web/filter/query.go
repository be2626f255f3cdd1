// Package filter reads what the address of a list asks for and makes the controls for it.
// The lists of servers, instances and traffic share it.
package filter

import (
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/spelling"
	"sampan/internal/app/view"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/text"
)

// Query is what the address of a list asks for. All of it but the order and the page
// is in the search; filters are controls for its terms.
type Query struct {
	List          view.List
	Terms         []instance.Term
	Problems      []fault.Message
	Unread        string // what of the search the problems are about, as it was typed
	Sort          string // "" = the usual one
	After, Before string
	Elsewhere     bool // the address says it differently than URL does
}

// longestSearch is how many bytes of a search are read.
const longestSearch = 1000

// Choosable are the keys that have a control, and their names in a form.
var Choosable = []struct{ Key, Field string }{
	{"state", "state"}, {"region", "region"}, {"account", "account"}, {"image", "image"}, {"expires", "expires"}, {"tag", "tag"},
	{"label", "label"}, {"traffic", "traffic"}, {"os", "os"}, {"spec", "spec"}, {"autorenew", "autorenew"}, {"problem", "problem"},
}

// keepTyped is the value of a choice that means: leave what was typed as it is.
const keepTyped = "*"

// Read reads the search and the controls. For each key it takes the one that was
// changed since the page was shown; the parameter "was" holds the search of that page.
func Read(c echo.Context, list view.List, pic *instance.Picture) Query {
	form := c.QueryParams()
	typed := cutSearch(form.Get("q"))
	q := Query{List: list, Sort: form.Get("sort"), After: form.Get("after"), Before: form.Get("before")}
	q.Terms, q.Problems = instance.ParseQuery(typed, pic)
	q.Terms = regionsByCode(q.Terms)
	q.Unread = instance.Unread(typed, pic)
	if !slices.Contains(instance.Sorts(), strings.TrimPrefix(q.Sort, "-")) || q.Sort == "expires" {
		q.Sort = ""
	}
	_, whole := form["was"]
	was, _ := instance.ParseQuery(cutSearch(form.Get("was")), pic)
	was = regionsByCode(was)
	for _, k := range Choosable {
		values := slices.DeleteFunc(slices.Clone(form[k.Field]), func(v string) bool { return v == "" || v == keepTyped })
		kept := slices.Contains(form[k.Field], keepTyped)
		switch {
		case whole && (kept || !slices.Equal(TermsOf(q.Terms, k.Key), TermsOf(was, k.Key))):
			continue
		case !whole && len(values) == 0:
			continue
		}
		q.Elsewhere = true
		var chosen []instance.Term
		for _, v := range values {
			if t, ok := termOf(k.Key, v, pic); ok && !slices.Contains(chosen, t) {
				chosen = append(chosen, t)
			}
		}
		if whole { // those that stand already keep their places: somebody may be typing
			q.Terms = slices.DeleteFunc(q.Terms,
				func(t instance.Term) bool { return t.Key == k.Key && !t.Not && !slices.Contains(chosen, t) })
		}
		for _, t := range chosen {
			if !slices.Contains(q.Terms, t) {
				q.Terms = append(q.Terms, t)
			}
		}
	}
	q.Elsewhere = q.Elsewhere || whole
	return q
}

// regionsByCode replaces the names that pages give to regions by codes, so that a
// search means the same in every language. A text with which several names begin is
// replaced by all their codes.
func regionsByCode(terms []instance.Term) []instance.Term {
	var all []instance.Term
	for _, t := range terms {
		named := []instance.Term{t}
		if t.Key == "region" {
			named = regionsNamed(t)
		}
		for _, n := range named {
			if !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	return all
}

// regionsNamed gives a term for each region whose name begins as the term says. A
// value that is no name is kept: it may be a code.
func regionsNamed(t instance.Term) []instance.Term {
	codes := text.Named("region.", spelling.Form(t.Value))
	if len(codes) == 0 {
		return []instance.Term{t}
	}
	all := make([]instance.Term, len(codes))
	for n, code := range codes {
		all[n] = t
		all[n].Value = code
	}
	return all
}

// cutSearch is as much of a search as is read.
func cutSearch(search string) string {
	return spelling.Cut(spelling.Clean(search), longestSearch)
}

// TermsOf gives the terms of a key that a control can show.
func TermsOf(terms []instance.Term, key string) []instance.Term {
	var all []instance.Term
	for _, t := range terms {
		if t.Key == key && !t.Not {
			all = append(all, t)
		}
	}
	return all
}

// termOf gives the term for a value of a control; "<3d" becomes a comparison. It reports
// false for a value that no term can have.
func termOf(key, value string, pic *instance.Picture) (instance.Term, bool) {
	t := instance.Term{Key: key, Op: '=', Value: value}
	if (key == "expires" || key == "traffic") && (strings.HasPrefix(value, "<") || strings.HasPrefix(value, ">")) {
		t.Op, t.Value = value[0], value[1:]
	}
	again, bad := instance.ParseQuery(t.String(), pic)
	if len(bad) > 0 || len(again) != 1 {
		return t, false
	}
	return again[0], true
}

// Search is what is looked for.
func (q Query) Search() string { return instance.FormatTerms(q.Terms) }

// Typed is the text of the search box and of the address. It includes what could not be
// read, so that it can be corrected.
func (q Query) Typed() string { return strings.TrimSpace(q.Search() + " " + q.Unread) }

// With is the same list with other terms, from its beginning.
func (q Query) With(terms []instance.Term) Query {
	q.Terms, q.Unread, q.After, q.Before = terms, "", "", ""
	return q
}

// Sorted is the same list in another order, from its beginning.
func (q Query) Sorted(by string) Query {
	q.Sort, q.After, q.Before = by, "", ""
	if by == "expires" {
		q.Sort = ""
	}
	return q
}

// Values are the search and its order, without the page.
func (q Query) Values() url.Values {
	v := url.Values{}
	if s := q.Typed(); s != "" {
		v.Set("q", s)
	}
	if q.Sort != "" {
		v.Set("sort", q.Sort)
	}
	return v
}

// URL is the address of the list.
func (q Query) URL() string {
	v := q.Values()
	if q.After != "" {
		v.Set("after", q.After)
	}
	if q.Before != "" {
		v.Set("before", q.Before)
	}
	return wording.Address("/"+string(q.List), v)
}

// ForPicture is the query as the picture takes it.
//
// A search of which a part could not be read has no rows: without that part more would
// match than was asked for.
func (q Query) ForPicture(accountIDs []string) instance.Query {
	if q.Unread != "" {
		accountIDs = nil
	}
	found := q.List.Query(accountIDs, q.Terms)
	if q.Sort != "" {
		found.Sort, found.Desc = strings.CutPrefix(q.Sort, "-")
	}
	if q.List == view.Instances && found.Sort == "name" {
		found.Sort = "instance"
	}
	return found
}

// PushHeader is the header with which htmx sets the browser's address: as a new entry of
// its history, or replacing the last one while somebody types into the search box.
func PushHeader(c echo.Context) string {
	if c.Request().Header.Get("HX-Trigger") == "q" {
		return "HX-Replace-Url"
	}
	return "HX-Push-Url"
}

// FactsOf are the facts that a search depends on, each once. A term that asks for rows
// of which a fact is not known does not depend on that fact.
func FactsOf(terms []instance.Term) []instance.About {
	about := []instance.About{instance.AboutList}
	add := func(more ...instance.About) {
		for _, a := range more {
			if !slices.Contains(about, a) {
				about = append(about, a)
			}
		}
	}
	for _, t := range terms {
		switch {
		case t.Value == instance.StateUnknown:
		case t.Key == "state":
			add(instance.AboutStates)
		case t.Key == "expires", t.Key == "autorenew":
			add(instance.AboutTerms)
		case t.Key == "traffic":
			add(instance.AboutTraffic)
		case t.Key == "problem":
			add(instance.AboutStates, instance.AboutTerms, instance.AboutTraffic)
		}
	}
	return about
}

// PageSize is how many rows a list shows.
const PageSize = 100
