package instance

import (
	"slices"
	"strings"
	"time"

	"sampan/internal/app/spelling"
)

// group is the conditions on one key. A row must satisfy every group.
type group struct {
	facet int // the facet that its terms choose from, -1 for none
	all   bool
	tests []func(*Row) bool
}

// holds reports whether the row satisfies all tests, or one of them where all is
// not set.
func (g group) holds(r *Row) bool {
	for _, test := range g.tests {
		if test(r) != g.all {
			return !g.all
		}
	}
	return g.all
}

// facetKeys are the keys whose values are counted. Those before codedFacets are
// numbered in each row.
var facetKeys = [...]string{"account", "region", "state", "image", "os", "spec", "tag", "label", "autorenew", "problem", "expires",
	"traffic"}

const (
	facetTag = 6 + iota
	facetLabel
	codedFacets // how many are numbered
)

const (
	facetRenew = codedFacets + iota
	facetProblem
	facetExpires
	facetTraffic
)

// coded is the row's value of a numbered facet; of tags and labels, all of them
// joined.
func coded(r *Row, facet int) string {
	switch facet {
	case 0:
		return r.AccountID
	case 1:
		return r.Region
	case 2:
		return r.State
	case 3:
		return r.Image
	case 4:
		return osOf(r)
	case 5:
		return r.Spec
	case facetTag:
		return strings.Join(r.Tags, "\n")
	}
	return strings.Join(r.Labels, "\n")
}

// compile makes groups of terms. Words and negated terms are groups of their own;
// of the ranges of one key all must hold, of other terms of one key any.
func (p *Picture) compile(terms []Term, now time.Time) []group {
	var groups []group
	byKey := make(map[string]int)
	for _, t := range terms {
		test := p.test(t, now)
		if t.Not || t.Key == "" {
			if t.Not {
				was := test
				test = func(r *Row) bool { return !was(r) }
			}
			groups = append(groups, group{facet: -1, all: true, tests: []func(*Row) bool{test}})
			continue
		}
		n, ok := byKey[t.Key]
		if !ok {
			n = len(groups)
			byKey[t.Key] = n
			groups = append(groups, group{facet: slices.Index(facetKeys[:], t.Key), all: t.Op == '<' || t.Op == '>'})
		}
		groups[n].tests = append(groups[n].tests, test)
	}
	return groups
}

// statusKey is a key for the cloud's own word for a state; it cannot be typed.
const statusKey = " status"

// test makes a test of rows of one term.
func (p *Picture) test(t Term, now time.Time) func(*Row) bool {
	v := spelling.Form(t.Value)
	is := func(of func(*Row) string) func(*Row) bool {
		return func(r *Row) bool { return strings.EqualFold(of(r), v) }
	}
	has := func(of func(*Row) string) func(*Row) bool {
		return func(r *Row) bool { return strings.Contains(strings.ToLower(of(r)), v) }
	}
	forms := make(map[string]string) // of names that many rows share, for one search
	same := func(s string) bool {
		f, ok := forms[s]
		if !ok {
			f = spelling.Form(s)
			forms[s] = f
		}
		return f == v
	}
	switch t.Key {
	case "":
		return func(r *Row) bool { return r.has(v) }
	case "region":
		return is(func(r *Row) string { return r.Region })
	case "state":
		return is(func(r *Row) string { return r.State })
	case statusKey:
		return is(func(r *Row) string { return r.Status })
	case "image":
		return func(r *Row) bool { return same(r.Image) || same(r.ImageName) }
	case "os":
		return is(osOf)
	case "spec":
		return is(func(r *Row) string { return r.Spec })
	case "account":
		ids := p.accountsNamed(t.Value)
		return func(r *Row) bool { return slices.Contains(ids, r.AccountID) }
	case "tag":
		return func(r *Row) bool { return hasTag(r.Tags, same) }
	case "label":
		return func(r *Row) bool { return hasTag(r.Labels, same) }
	case "problem":
		return problemTest(v, now)
	case "autorenew":
		return func(r *Row) bool { return renews[r.renew()] == v }
	case "expires":
		return expiresTest(t, v, now)
	case "traffic":
		return trafficTest(t, v)
	case "server":
		return has(func(r *Row) string { return r.ServerID })
	case "instance":
		return func(r *Row) bool { return strings.Contains(r.instance, v) || strings.Contains(r.InstanceID, v) }
	case "order":
		return has(func(r *Row) string { return r.CloudOrder })
	case "name":
		return func(r *Row) bool { return strings.Contains(r.fold(), v) }
	case "address":
		return func(r *Row) bool {
			return strings.Contains(r.Address, v) || strings.Contains(r.Private, v) ||
				slices.ContainsFunc(r.More, func(a string) bool { return strings.Contains(a, v) })
		}
	}
	return func(*Row) bool { return false }
}

// renews are the values of autorenew, by Row.renew.
var renews = [...]string{"no", "yes", "unknown"}

// renew is the row's value of autorenew, as an index of renews.
func (r *Row) renew() int {
	if !r.TermKnown() {
		return len(renews) - 1
	}
	return flag(r.AutoRenew)
}

// osOf is the row's value of os.
func osOf(r *Row) string {
	if r.OS == "" {
		return "unknown"
	}
	return r.OS
}

// hasTag reports whether one of the tags, "key=value", or the key of one is as
// asked.
func hasTag(tags []string, asked func(string) bool) bool {
	for _, t := range tags {
		if asked(t) {
			return true
		}
		if k, _, ok := strings.Cut(t, "="); ok && asked(k) {
			return true
		}
	}
	return false
}

func problemTest(v string, now time.Time) func(*Row) bool {
	switch v {
	case "any":
		return func(r *Row) bool { return r.problems(now) != 0 }
	case "none":
		return func(r *Row) bool { return r.problems(now) == 0 }
	}
	bit := uint16(1) << max(0, slices.Index(Problems(), v))
	return func(r *Row) bool { return r.problems(now)&bit != 0 }
}

func expiresTest(t Term, v string, now time.Time) func(*Row) bool {
	switch v {
	case "over":
		return func(r *Row) bool { return !r.Expires.IsZero() && r.Expires.Before(now) }
	case "unknown":
		return func(r *Row) bool { return r.Expires.IsZero() }
	}
	at, _ := parseWhen(v, now)
	if t.Op == '>' {
		return func(r *Row) bool { return r.Expires.After(at) }
	}
	return func(r *Row) bool { return !r.Expires.IsZero() && r.Expires.Before(at) }
}

func trafficTest(t Term, v string) func(*Row) bool {
	switch v {
	case "over":
		return func(r *Row) bool { return r.Traffic.Known() && r.Traffic.Left <= 0 }
	case "unknown":
		return func(r *Row) bool { return !r.Traffic.Known() }
	}
	n, percent, _ := parseAmount(v)
	return func(r *Row) bool {
		if !r.Traffic.Known() {
			return false
		}
		left := r.Traffic.Left
		if percent {
			share, _ := r.Traffic.Share()
			left = share * 100
		}
		if t.Op == '>' {
			return left > n
		}
		return left < n
	}
}

// matched is which rows terms hold for, in no order.
type matched struct {
	set    []uint64 // bit n: row n
	n      int
	facets map[string]map[string]int
	at     time.Time
	used   int64
}

// match tests every row once. A row that fails one group only is still counted in
// the facet of that group: so many rows would match if the group's term were
// changed to the row's value.
func (p *Picture) match(q Query, facets bool, now time.Time) *matched {
	m := &matched{set: make([]uint64, (len(p.rows)+63)/64), at: now}
	groups, allowed := p.compile(q.Terms, now), p.allowed(q.AccountIDs)
	var t *facetCounter
	if facets {
		t = newFacetCounter(now)
	}
	n := -1
	for _, a := range p.accounts {
		if !allowed[a.ages] {
			n += len(a.rows)
			continue
		}
		for _, r := range a.rows {
			n++
			if q.Instances && !(r.First && r.InstanceID != "") {
				continue
			}
			failed, which := 0, -1
			for g := range groups {
				if !groups[g].holds(r) {
					if failed++; failed > 1 {
						break
					}
					which = groups[g].facet
				}
			}
			if failed == 0 {
				m.set[n/64] |= 1 << (n % 64)
				m.n++
				if facets {
					t.all(r)
				}
			} else if failed == 1 && which >= 0 && facets {
				t.one(r, which)
			}
		}
	}
	if facets {
		m.facets = t.done()
	}
	return m
}

// sorted gives the rows that matched, in an order of all rows.
func (m *matched) sorted(order []int32) []int32 {
	if m.n == len(order) {
		return order
	}
	rows := make([]int32, 0, m.n)
	for _, n := range order {
		if m.set[n/64]&(1<<(n%64)) != 0 {
			rows = append(rows, n)
		}
	}
	return rows
}

// facetCounter counts rows by the values of facets.
type facetCounter struct {
	now      time.Time
	codes    [codedFacets][]int    // by number
	of       [codedFacets][]*Row   // a row that has the number
	other    [codedFacets][]string // values without a number, as often as they were met
	renew    [len(renews)]int
	problems [1 << 9]int // by Row.problems
	expires  [len(expiryWindows) + 2]int
	traffic  [len(trafficSteps) + 2]int
	windows  [len(expiryWindows)]time.Time
}

var (
	expiryWindows = [...]string{"<3d", "<14d", "<30d", "<90d"}
	trafficSteps  = [...]string{"<10%", "<25%", "<50%"}
	trafficBounds = [...]float64{TrafficLow, TrafficWarn, 0.5}
)

func newFacetCounter(now time.Time) *facetCounter {
	t := &facetCounter{now: now}
	for n, w := range expiryWindows {
		t.windows[n], _ = parseWhen(w[1:], now)
	}
	return t
}

// all counts the row in every facet.
func (t *facetCounter) all(r *Row) {
	for n := range facetKeys {
		t.one(r, n)
	}
}

// one counts the row in one facet.
func (t *facetCounter) one(r *Row, facet int) {
	switch facet {
	case facetRenew:
		t.renew[r.renew()]++
	case facetProblem:
		t.problems[r.problems(t.now)]++
	case facetExpires:
		t.expiry(r)
	case facetTraffic:
		t.left(r)
	default:
		t.coded(r, facet)
	}
}

func (t *facetCounter) coded(r *Row, facet int) {
	c := int(r.codes[facet])
	if c == 0 {
		t.other[facet] = append(t.other[facet], coded(r, facet))
		return
	}
	if c >= len(t.codes[facet]) {
		t.codes[facet] = append(t.codes[facet], make([]int, c+1-len(t.codes[facet]))...)
		t.of[facet] = append(t.of[facet], make([]*Row, c+1-len(t.of[facet]))...)
	}
	if t.codes[facet][c]++; t.of[facet][c] == nil {
		t.of[facet][c] = r
	}
}

func (t *facetCounter) expiry(r *Row) {
	const over, unknown = len(expiryWindows), len(expiryWindows) + 1
	if r.Expires.IsZero() {
		t.expires[unknown]++
		return
	}
	if r.Expires.Before(t.now) {
		t.expires[over]++
	}
	for n := range expiryWindows {
		if r.Expires.Before(t.windows[n]) {
			t.expires[n]++
		}
	}
}

func (t *facetCounter) left(r *Row) {
	const over, unknown = len(trafficSteps), len(trafficSteps) + 1
	share, ok := r.Traffic.Share()
	if !ok {
		t.traffic[unknown]++
		return
	}
	if r.Traffic.Left <= 0 {
		t.traffic[over]++
	}
	for n := range trafficSteps {
		if share < trafficBounds[n] {
			t.traffic[n]++
		}
	}
}

// done gives the counts by facet and value.
func (t *facetCounter) done() map[string]map[string]int {
	all := make(map[string]map[string]int, len(facetKeys))
	for n, key := range facetKeys {
		c := make(map[string]int)
		add := func(value string, times int) {
			if times == 0 {
				return
			}
			if n == facetTag || n == facetLabel {
				for v := range strings.SplitSeq(value, "\n") {
					if v != "" {
						c[v] += times
					}
				}
				return
			}
			c[value] += times
		}
		switch n {
		case facetRenew:
			for k, v := range renews {
				add(v, t.renew[k])
			}
		case facetProblem:
			t.problem(add)
		case facetExpires:
			for k, v := range append(expiryWindows[:len(expiryWindows):len(expiryWindows)], "over", "unknown") {
				add(v, t.expires[k])
			}
		case facetTraffic:
			for k, v := range append(trafficSteps[:len(trafficSteps):len(trafficSteps)], "over", "unknown") {
				add(v, t.traffic[k])
			}
		default:
			for k, r := range t.of[n] {
				if r != nil {
					add(coded(r, n), t.codes[n][k])
				}
			}
			for _, v := range t.other[n] {
				add(v, 1)
			}
		}
		all[key] = most(c)
	}
	return all
}

func (t *facetCounter) problem(add func(string, int)) {
	for set, times := range t.problems {
		if set == 0 {
			add("none", times)
			continue
		}
		add("any", times)
		for n, name := range Problems() {
			if set&(1<<n) != 0 {
				add(name, times)
			}
		}
	}
}

// mostValues is how many values of a facet are given: there may be as many tags
// as servers.
const mostValues = 200

// most gives the mostValues values that most rows have.
func most(c map[string]int) map[string]int {
	if len(c) <= mostValues {
		return c
	}
	names := make([]string, 0, len(c))
	for name := range c {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if c[a] != c[b] {
			return c[b] - c[a]
		}
		return strings.Compare(a, b)
	})
	kept := make(map[string]int, mostValues)
	for _, name := range names[:mostValues] {
		kept[name] = c[name]
	}
	return kept
}
