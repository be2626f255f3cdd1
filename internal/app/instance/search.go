package instance

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"sampan/internal/app/fault"
)

// Result is a page of the rows that a query found. Its rows and maps belong to
// the picture: the caller must not change them.
type Result struct {
	Rows  []*Row
	Total int    // exact count of all that match
	Next  string // for Query.After, "" on the last page
	Prev  string // for Query.Before, "" on the first page

	// Facets counts, for each key, how many rows each value would leave if only
	// the terms of the other keys held. Keys: account (ids), region, state,
	// image, os, spec, autorenew, tag, label, problem; expires has "<3d",
	// "<14d", "<30d", "<90d", "over", "unknown"; traffic "<10%", "<25%", "<50%",
	// "over", "unknown". Each value can be typed after its key.
	Facets map[string]map[string]int
}

// sortedMatch is the rows that a query matched, in an order.
type sortedMatch struct {
	*matched
	rows []int32 // ascending
}

const (
	resultsFor     = time.Minute // how long a kept result is used
	mostResults    = 24          // kept results of one picture
	mostResultRows = 2_000_000   // rows in them together
)

// defaults gives the query with the sort and the limit it has when none is set.
func (q Query) defaults() Query {
	q.Sort = cmp.Or(q.Sort, "expires")
	switch {
	case q.Limit <= 0:
		q.Limit = 100
	case q.Limit > 500:
		q.Limit = 500
	}
	return q
}

// Check gives fault.Invalid when the sort or a cursor is none that a list can
// have given. Search ignores such ones.
func (q Query) Check() error {
	q = q.defaults()
	if _, ok := sorts[q.Sort]; !ok {
		return fault.New(fault.Invalid, "instance.list.sort")
	}
	for _, c := range []string{q.After, q.Before} {
		if _, ok := q.readCursor(c); c != "" && !ok {
			return fault.New(fault.Invalid, "instance.list.cursor")
		}
	}
	return nil
}

// key names what the query matches, in whatever order.
func (q Query) key(facets bool) string {
	b := make([]byte, 0, 200)
	if q.Instances {
		b = append(b, 'i')
	}
	if facets {
		b = append(b, 'f')
	}
	ids := q.AccountIDs
	if !slices.IsSorted(ids) {
		ids = slices.Sorted(slices.Values(ids))
	}
	for _, id := range ids {
		b = append(append(b, 0, 'a'), id...)
	}
	for _, t := range q.Terms {
		b = append(append(b, 0, 't', byte(flag(t.Not)), t.Op), t.Key...)
		b = append(append(b, 0), t.Value...)
	}
	return string(b)
}

// find gives the rows that match, kept ones when there are.
func (p *Picture) find(q Query, facets bool) sortedMatch {
	key, now := q.key(facets), p.now()
	sorted := q.Sort + "\x00" + key
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uses++
	if f, ok := p.cache[sorted]; ok && now.Sub(f.at) < resultsFor {
		f.used = p.uses
		return f
	}
	m := p.matches[key]
	if m == nil || now.Sub(m.at) >= resultsFor {
		m = p.match(q, facets, now)
		p.matches[key] = m
	}
	m.used = p.uses
	f := sortedMatch{m, m.sorted(p.order(q.order()))}
	p.cache[sorted] = f
	p.evict()
	return f
}

// evict drops the kept results that were not used for longest, while there are
// too many. p.mu is held.
func (p *Picture) evict() {
	for {
		size, oldest := 0, p.uses
		for _, f := range p.cache {
			size += len(f.rows)
			oldest = min(oldest, f.used)
		}
		if len(p.cache) <= mostResults && size <= mostResultRows || oldest == p.uses {
			return
		}
		maps.DeleteFunc(p.cache, func(_ string, f sortedMatch) bool { return f.used == oldest })
		maps.DeleteFunc(p.matches, func(_ string, m *matched) bool { return m.used == oldest })
	}
}

// Search gives a page. The first search for something in a picture tests every
// row; further pages of it cost what they show. It is safe for concurrent use.
func (p *Picture) Search(q Query) Result {
	q = q.defaults()
	if _, ok := sorts[q.Sort]; !ok {
		q.Sort = "expires"
	}
	f := p.find(q, !q.Bare)
	from, to := p.bounds(q, f.rows)
	res := Result{Total: len(f.rows), Facets: f.facets, Rows: make([]*Row, 0, to-from)}
	for n := from; n < to; n++ {
		res.Rows = append(res.Rows, p.at(q, f.rows, n))
	}
	if len(res.Rows) == 0 {
		return res
	}
	if to < len(f.rows) {
		res.Next = p.cursor(q, res.Rows[len(res.Rows)-1])
	}
	if from > 0 {
		res.Prev = p.cursor(q, res.Rows[0])
	}
	return res
}

// All gives every row that matches, in order, without pages and facets: for
// selections and exports.
func (p *Picture) All(q Query) []*Row {
	q = q.defaults()
	if _, ok := sorts[q.Sort]; !ok {
		q.Sort = "expires"
	}
	f := p.find(q, false)
	all := make([]*Row, len(f.rows))
	for n := range all {
		all[n] = p.at(q, f.rows, n)
	}
	return all
}

// Count gives how many rows match.
func (p *Picture) Count(q Query) int {
	return p.find(q.defaults(), false).n
}

// at gives row n of a result, counted in the direction of the query.
func (p *Picture) at(q Query, rows []int32, n int) *Row {
	if q.Desc {
		n = len(rows) - 1 - n
	}
	return p.rows[rows[n]]
}

// bounds gives the rows of the page: from, and up to but without to.
func (p *Picture) bounds(q Query, rows []int32) (from, to int) {
	compare := p.comparer(q.order())
	// past is how many rows stand before the cursor's row; with it, too, when with is set.
	past := func(mark *Row, with bool) int {
		lo, hi := 0, len(rows)
		for lo < hi {
			mid := (lo + hi) / 2
			n := compare(p.at(q, rows, mid), mark)
			if q.Desc {
				n = -n
			}
			if n < 0 || with && n == 0 {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		return lo
	}
	if mark, ok := q.readCursor(q.Before); ok {
		to = past(mark, false)
		from = max(0, to-q.Limit)
		if to < q.Limit { // rows before it went away: a whole page nevertheless
			to = min(q.Limit, len(rows))
		}
		return from, to
	}
	if mark, ok := q.readCursor(q.After); ok {
		from = past(mark, true)
	}
	return from, min(from+q.Limit, len(rows))
}

// cursor is where a page begins: after a row, which may have moved or gone since.
type cursor struct {
	Sort    string `json:"s"`
	Key     string `json:"k,omitempty"`
	Name    string `json:"n,omitempty"`
	Of      string `json:"o,omitempty"` // name of the instance
	OfID    string `json:"d,omitempty"`
	Server  string `json:"i,omitempty"`
	Account string `json:"a,omitempty"`
}

// cursor gives the text of the cursor at a row.
func (p *Picture) cursor(q Query, r *Row) string {
	m := cursor{Sort: sortName(q), Key: p.sort(q.Sort).encode(r), Name: r.fold(), Of: r.instance, OfID: r.InstanceID, Server: r.ServerID,
		Account: r.AccountID}
	b, _ := json.Marshal(m) // strings only
	return base64.RawURLEncoding.EncodeToString(b)
}

// sortName names the sort with its direction.
func sortName(q Query) string {
	if q.Desc {
		return "-" + q.Sort
	}
	return q.Sort
}

// readCursor gives a row that sorts where the cursor is; false when the text is
// no cursor of this sort.
func (q Query) readCursor(s string) (*Row, bool) {
	var m cursor
	b, err := base64.RawURLEncoding.DecodeString(s)
	if s == "" || err != nil || json.Unmarshal(b, &m) != nil || m.Sort != sortName(q) {
		return nil, false
	}
	r := &Row{text: m.Name, instance: m.Of, InstanceID: m.OfID, ServerID: m.Server, AccountID: m.Account}
	if get := sorts[q.Sort].decode; get != nil {
		get(r, m.Key)
	}
	return r, true
}
