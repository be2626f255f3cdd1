package instance

import (
	"slices"
	"strings"
	"time"
)

// group is what is asked of one key. A row must satisfy every group.
type group struct {
	facet int // which facet its terms choose from, -1 for none
	all   bool
	tests []func(*Row) bool
}

func (g group) holds(r *Row) bool {
	for _, test := range g.tests {
		if test(r) != g.all {
			return !g.all
		}
	}
	return g.all
}

// facetKeys are the keys that are counted.
var facetKeys = []string{"account", "region", "state", "image", "os", "spec", "autorenew", "tag", "label", "problem", "expires", "traffic"}

// compile makes groups of terms: words and negated terms stand alone, ranges
// must all hold, of equal keys any.
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
			groups = append(groups, group{facet: slices.Index(facetKeys, t.Key), all: t.Op == '<' || t.Op == '>'})
		}
		groups[n].tests = append(groups[n].tests, test)
	}
	return groups
}

// statusKey asks for the cloud's own word; it cannot be typed.
const statusKey = " status"

// test makes one term a question to a row.
func (p *Picture) test(t Term, now time.Time) func(*Row) bool {
	v := strings.ToLower(t.Value)
	is := func(of func(*Row) string) func(*Row) bool {
		return func(r *Row) bool { return strings.EqualFold(of(r), v) }
	}
	has := func(of func(*Row) string) func(*Row) bool {
		return func(r *Row) bool { return strings.Contains(strings.ToLower(of(r)), v) }
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
		return func(r *Row) bool {
			return strings.EqualFold(r.Image, v) || strings.EqualFold(r.ImageName, v)
		}
	case "os":
		return is(osOf)
	case "spec":
		return is(func(r *Row) string { return r.Spec })
	case "account":
		ids := p.accountsNamed(t.Value)
		return func(r *Row) bool { return slices.Contains(ids, r.AccountID) }
	case "tag":
		return func(r *Row) bool { return hasTag(r.Tags, v) }
	case "label":
		return func(r *Row) bool { return hasTag(r.Labels, v) }
	case "problem":
		return problemTest(v, now)
	case "autorenew":
		return func(r *Row) bool { return r.AutoRenew == (v == "yes") }
	case "expires":
		return expiresTest(t, v, now)
	case "traffic":
		return trafficTest(t, v)
	case "server":
		return has(func(r *Row) string { return r.ServerID })
	case "instance":
		return has(func(r *Row) string { return r.InstanceID + "\n" + r.InstanceName })
	case "order":
		return has(func(r *Row) string { return r.CloudOrder })
	case "name":
		return func(r *Row) bool { return strings.Contains(r.fold, v) }
	case "address":
		return func(r *Row) bool {
			return strings.Contains(r.Address, v) || strings.Contains(r.Private, v) || slices.ContainsFunc(r.More, func(a string) bool { return strings.Contains(a, v) })
		}
	}
	return func(*Row) bool { return false }
}

func osOf(r *Row) string {
	if r.OS == "" {
		return "unknown"
	}
	return r.OS
}

// hasTag reports whether one is "key=value" as asked, or has that key.
func hasTag(tags []string, v string) bool {
	for _, t := range tags {
		if strings.EqualFold(t, v) {
			return true
		}
		if k, _, ok := strings.Cut(t, "="); ok && strings.EqualFold(k, v) {
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

// match looks at every row once. A row that fails one group only is still
// counted in that group's own facet: that is how many a change of it would
// leave.
func (p *Picture) match(q Query, order []int32, facets bool, now time.Time) *found {
	f := &found{}
	groups, allowed := p.compile(q.Terms, now), p.allowed(q.AccountIDs)
	var tally *tally
	if facets {
		tally = newTally(now)
	}
	f.rows = make([]int32, 0, len(order))
	for _, n := range order {
		r := p.rows[n]
		if !allowed[r.share] || q.Instances && !(r.First && r.InstanceID != "") {
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
			f.rows = append(f.rows, n)
			if facets {
				tally.all(r)
			}
		} else if failed == 1 && which >= 0 && facets {
			tally.one(r, which)
		}
	}
	if len(f.rows) < cap(f.rows)/2 {
		f.rows = slices.Clone(f.rows)
	}
	if facets {
		f.facets = tally.done()
	}
	return f
}

// tally counts facets.
type tally struct {
	now     time.Time
	counts  []map[string]int
	windows [4]time.Time
}

var (
	expiryWindows = [...]string{"<3d", "<14d", "<30d", "<90d"}
	trafficSteps  = [...]string{"<10%", "<25%", "<50%"}
	trafficBounds = [...]float64{0.1, 0.25, 0.5}
	allProblems   = Problems()
)

func newTally(now time.Time) *tally {
	t := &tally{now: now, counts: make([]map[string]int, len(facetKeys))}
	for n := range t.counts {
		t.counts[n] = make(map[string]int)
	}
	for n, w := range expiryWindows {
		t.windows[n], _ = parseWhen(w[1:], now)
	}
	return t
}

func (t *tally) all(r *Row) {
	for n := range t.counts {
		t.one(r, n)
	}
}

func (t *tally) one(r *Row, facet int) {
	c := t.counts[facet]
	switch facetKeys[facet] {
	case "account":
		c[r.AccountID]++
	case "region":
		c[r.Region]++
	case "state":
		c[r.State]++
	case "image":
		c[r.Image]++
	case "os":
		c[osOf(r)]++
	case "spec":
		c[r.Spec]++
	case "autorenew":
		if r.AutoRenew {
			c["yes"]++
		} else {
			c["no"]++
		}
	case "tag":
		for _, tag := range r.Tags {
			c[tag]++
		}
	case "label":
		for _, l := range r.Labels {
			c[l]++
		}
	case "problem":
		t.problems(r, c)
	case "expires":
		t.expires(r, c)
	case "traffic":
		traffic(r, c)
	}
}

func (t *tally) problems(r *Row, c map[string]int) {
	set := r.problems(t.now)
	if set == 0 {
		c["none"]++
		return
	}
	c["any"]++
	for n, name := range allProblems {
		if set&(1<<n) != 0 {
			c[name]++
		}
	}
}

func (t *tally) expires(r *Row, c map[string]int) {
	if r.Expires.IsZero() {
		c["unknown"]++
		return
	}
	if r.Expires.Before(t.now) {
		c["over"]++
	}
	for n, name := range expiryWindows {
		if r.Expires.Before(t.windows[n]) {
			c[name]++
		}
	}
}

func traffic(r *Row, c map[string]int) {
	share, ok := r.Traffic.Share()
	if !ok {
		c["unknown"]++
		return
	}
	if r.Traffic.Left <= 0 {
		c["over"]++
	}
	for n, name := range trafficSteps {
		if share < trafficBounds[n] {
			c[name]++
		}
	}
}

// mostValues bounds a facet: tags may be as many as servers.
const mostValues = 200

func (t *tally) done() map[string]map[string]int {
	all := make(map[string]map[string]int, len(facetKeys))
	for n, key := range facetKeys {
		all[key] = most(t.counts[n])
	}
	return all
}

// most keeps the values that most rows have.
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
