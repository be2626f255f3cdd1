package web

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

// asked is what the address of a list asks for. Everything but the page stands
// in the search; filters are controls for its terms.
type asked struct {
	list          view.List
	terms         []instance.Term
	problems      []fault.Message
	unread        string // what of the search the problems are about, as it was typed
	sort          string // "" = the usual one
	after, before string
	elsewhere     bool // it was said in another way than url does
}

// longestSearch is how much of a search is read.
const longestSearch = 1000

// choosable are the keys that have a control, and their names in a form.
var choosable = []struct{ key, field string }{
	{"state", "state"}, {"region", "region"}, {"account", "account"}, {"image", "image"}, {"expires", "expires"}, {"tag", "tag"},
	{"label", "label"}, {"traffic", "traffic"}, {"os", "os"}, {"spec", "spec"}, {"autorenew", "autorenew"}, {"problem", "problem"},
}

// keepTyped is the value of a choice that stands for what was typed.
const keepTyped = "*"

// readQuery takes the search and what the controls say. For each key the one of them
// counts that was changed since the page was shown: "was" is what the search
// said then.
func readQuery(c echo.Context, list view.List, pic *instance.Picture) asked {
	form := c.QueryParams()
	typed := searched(form.Get("q"))
	a := asked{list: list, sort: form.Get("sort"), after: form.Get("after"), before: form.Get("before")}
	a.terms, a.problems = instance.ParseQuery(typed, pic)
	a.terms = byCode(a.terms)
	a.unread = instance.Unread(typed, pic)
	if !slices.Contains(instance.Sorts(), strings.TrimPrefix(a.sort, "-")) || a.sort == "expires" {
		a.sort = ""
	}
	_, whole := form["was"]
	was, _ := instance.ParseQuery(searched(form.Get("was")), pic)
	was = byCode(was)
	for _, k := range choosable {
		values := slices.DeleteFunc(slices.Clone(form[k.field]), func(v string) bool { return v == "" || v == keepTyped })
		kept := slices.Contains(form[k.field], keepTyped)
		switch {
		case whole && (kept || !slices.Equal(of(a.terms, k.key), of(was, k.key))):
			continue
		case !whole && len(values) == 0:
			continue
		}
		a.elsewhere = true
		var chosen []instance.Term
		for _, v := range values {
			if t, ok := termOf(k.key, v, pic); ok && !slices.Contains(chosen, t) {
				chosen = append(chosen, t)
			}
		}
		if whole { // those that stand already keep their places: somebody may be typing
			a.terms = slices.DeleteFunc(a.terms, func(t instance.Term) bool { return t.Key == k.key && !t.Not && !slices.Contains(chosen, t) })
		}
		for _, t := range chosen {
			if !slices.Contains(a.terms, t) {
				a.terms = append(a.terms, t)
			}
		}
	}
	a.elsewhere = a.elsewhere || whole
	return a
}

// byCode puts codes in the place of the names that pages give to regions: a
// search means the same in every language. A name that several begin with
// stands for all of them.
func byCode(terms []instance.Term) []instance.Term {
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

// regionsNamed is a term for each region that is called as the term says; what
// is nobody's name may be a code, and stays.
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

// searched is as much of a search as is read.
func searched(search string) string {
	search = spelling.Clean(search)
	if len(search) > longestSearch {
		search = strings.ToValidUTF8(search[:longestSearch], "")
	}
	return search
}

// of gives the terms of a key that a control can show.
func of(terms []instance.Term, key string) []instance.Term {
	var all []instance.Term
	for _, t := range terms {
		if t.Key == key && !t.Not {
			all = append(all, t)
		}
	}
	return all
}

// termOf is a value of a control as a term: "<3d" compares.
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

// search is what is looked for.
func (a asked) search() string { return instance.FormatTerms(a.terms) }

// typed is what stands in the box, and in the address: what could not be read
// stays, so that it can be corrected.
func (a asked) typed() string { return strings.TrimSpace(a.search() + " " + a.unread) }

// with is the same list with other terms, from its beginning.
func (a asked) with(terms []instance.Term) asked {
	a.terms, a.unread, a.after, a.before = terms, "", "", ""
	return a
}

// sorted is the same list in another order, from its beginning.
func (a asked) sorted(by string) asked {
	a.sort, a.after, a.before = by, "", ""
	if by == "expires" {
		a.sort = ""
	}
	return a
}

// values are the search and its order, without the page.
func (a asked) values() url.Values {
	v := url.Values{}
	if s := a.typed(); s != "" {
		v.Set("q", s)
	}
	if a.sort != "" {
		v.Set("sort", a.sort)
	}
	return v
}

// url is the address of the list.
func (a asked) url() string {
	v := a.values()
	if a.after != "" {
		v.Set("after", a.after)
	}
	if a.before != "" {
		v.Set("before", a.before)
	}
	return wording.Address("/"+string(a.list), v)
}

// query is what is asked of the picture.
//
// A search that could not be read whole has no rows: without that part it would
// show things that nobody asked for.
func (a asked) query(accountIDs []string) instance.Query {
	if a.unread != "" {
		accountIDs = nil
	}
	q := a.list.Query(accountIDs, a.terms)
	if a.sort != "" {
		q.Sort, q.Desc = strings.CutPrefix(a.sort, "-")
	}
	if a.list == view.Instances && q.Sort == "name" {
		q.Sort = "instance"
	}
	return q
}

// pushed is the header that takes an address into the browser's: in the place of
// the one before while somebody types into the search box.
func pushed(c echo.Context) string {
	if c.Request().Header.Get("HX-Trigger") == "q" {
		return "HX-Replace-Url"
	}
	return "HX-Push-Url"
}

// factsOf are the facts that a search depends on, each once. One for what is not
// known of a fact depends on nothing more.
func factsOf(terms []instance.Term) []instance.About {
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

// pageSize is how many rows a list shows.
const pageSize = 100
