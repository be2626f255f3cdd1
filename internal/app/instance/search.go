package instance

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/spelling"
)

// Result is a page of what a query found. Its rows and maps belong to the
// picture: the caller must not change them.
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

// rowSort is a way to sort: by its key, then name, then id.
type rowSort struct {
	compare func(a, b *Row) int
	put     func(r *Row) string      // the key, for a cursor
	get     func(r *Row, key string) // the key, out of a cursor
}

func byText(of func(*Row) *string) rowSort {
	return rowSort{func(a, b *Row) int { return cmp.Compare(*of(a), *of(b)) }, func(r *Row) string { return *of(r) }, func(r *Row, s string) { *of(r) = s }}
}

// byLast sorts text, what has none last.
func byLast(of func(*Row) *string) rowSort {
	s := byText(of)
	s.compare = func(a, b *Row) int {
		x, y := *of(a), *of(b)
		if (x == "") != (y == "") {
			return cmp.Compare(y, x)
		}
		return cmp.Compare(x, y)
	}
	return s
}

// byTime sorts times, what is not known last.
func byTime(of func(*Row) *time.Time) rowSort {
	return rowSort{func(a, b *Row) int {
		x, y := *of(a), *of(b)
		if x.IsZero() != y.IsZero() {
			return y.Compare(x)
		}
		return x.Compare(y)
	}, func(r *Row) string {
		if of(r).IsZero() {
			return ""
		}
		return strconv.FormatInt(of(r).UnixNano(), 36)
	}, func(r *Row, s string) {
		if n, err := strconv.ParseInt(s, 36, 64); err == nil {
			*of(r) = time.Unix(0, n).UTC()
		}
	}}
}

func byInt(of func(*Row) *int) rowSort {
	return rowSort{func(a, b *Row) int { return cmp.Compare(*of(a), *of(b)) }, func(r *Row) string { return strconv.Itoa(*of(r)) },
		func(r *Row, s string) { *of(r), _ = strconv.Atoi(s) }}
}

func byList(of func(*Row) *[]string) rowSort {
	join := func(r *Row) string { return strings.Join(*of(r), "\n") }
	return rowSort{func(a, b *Row) int {
		x, y := *of(a), *of(b)
		if (len(x) == 0) != (len(y) == 0) {
			return cmp.Compare(len(y), len(x))
		}
		return slices.Compare(x, y)
	}, join, func(r *Row, s string) {
		if s != "" {
			*of(r) = strings.Split(s, "\n")
		}
	}}
}

// addressKey sorts addresses as numbers: 9.1.1.1 before 10.1.1.1.
func addressKey(s string) (n uint64) {
	for part := range strings.SplitSeq(s, ".") {
		v, err := strconv.Atoi(part)
		if err != nil || v < 0 || v > 255 {
			return 1 << 40
		}
		n = n<<8 | uint64(v)
	}
	if s == "" {
		return 1 << 40
	}
	return n
}

func byAddress(of func(*Row) *string) rowSort {
	s := byText(of)
	s.compare = func(a, b *Row) int { return cmp.Compare(addressKey(*of(a)), addressKey(*of(b))) }
	return s
}

var sorts = map[string]rowSort{
	"name":     {func(a, b *Row) int { return 0 }, func(*Row) string { return "" }, func(*Row, string) {}},
	"instance": byText(func(r *Row) *string { return &r.instance }),
	"hostname": byLast(func(r *Row) *string { return &r.Hostname }),
	"account":  {}, // by label: see Picture.sort
	"region":   byText(func(r *Row) *string { return &r.Region }),
	"state":    byText(func(r *Row) *string { return &r.State }),
	"address":  byAddress(func(r *Row) *string { return &r.Address }),
	"private":  byAddress(func(r *Row) *string { return &r.Private }),
	"os":       byLast(func(r *Row) *string { return &r.OS }),
	"image":    byLast(func(r *Row) *string { return &r.Image }),
	"spec":     byText(func(r *Row) *string { return &r.Spec }),
	"vcpu":     byInt(func(r *Row) *int { return &r.VCPUs }),
	"memory":   byInt(func(r *Row) *int { return &r.MemoryMiB }),
	"order":    byLast(func(r *Row) *string { return &r.CloudOrder }),
	"tag":      byList(func(r *Row) *[]string { return &r.Tags }),
	"label":    byList(func(r *Row) *[]string { return &r.Labels }),
	"expires":  byTime(func(r *Row) *time.Time { return &r.Expires }),
	"created":  byTime(func(r *Row) *time.Time { return &r.Created }),
	"updated":  byTime(func(r *Row) *time.Time { return &r.UpdatedAt }),
	"cycle":    byTime(func(r *Row) *time.Time { return &r.Traffic.CycleEnd }),
	"autorenew": {func(a, b *Row) int { return cmp.Compare(flag(b.AutoRenew), flag(a.AutoRenew)) },
		func(r *Row) string { return strconv.Itoa(flag(r.AutoRenew)) }, func(r *Row, s string) { r.AutoRenew = s == "1" }},
	"traffic": {func(a, b *Row) int { return cmp.Compare(leftShare(a), leftShare(b)) },
		func(r *Row) string {
			return strconv.FormatFloat(leftShare(r), 'g', -1, 64)
		}, func(r *Row, s string) {
			if v, err := strconv.ParseFloat(s, 64); err == nil && v <= 1 {
				r.Traffic = Traffic{Left: v, Total: 1, At: time.Unix(1, 0)}
			}
		}},
	"trafficleft": {func(a, b *Row) int { return cmp.Compare(leftGB(a), leftGB(b)) },
		func(r *Row) string { return strconv.FormatFloat(leftGB(r), 'g', -1, 64) }, func(r *Row, s string) {
			if v, err := strconv.ParseFloat(s, 64); err == nil && v < unknownLeft {
				r.Traffic = Traffic{Left: v, Total: v + 1, At: time.Unix(1, 0)}
			}
		}},
}

// Sorts are the ways to sort, in alphabetical order.
func Sorts() []string {
	var all []string
	for s := range sorts {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// unknownLeft sorts what is not known last.
const unknownLeft = 1e18

func leftShare(r *Row) float64 {
	if s, ok := r.Traffic.Share(); ok {
		return s
	}
	return 2
}

func leftGB(r *Row) float64 {
	if r.Traffic.Known() {
		return r.Traffic.Left
	}
	return unknownLeft
}

// orderKey names a sorted order: of servers by server name, of instances by
// instance name.
type orderKey struct {
	sort      string
	instances bool
}

// comparer gives the whole order of a sort: its key, name, id, account.
func (p *Picture) comparer(key orderKey) func(a, b *Row) int {
	s := p.sort(key.sort)
	return func(a, b *Row) int {
		if n := s.compare(a, b); n != 0 {
			return n
		}
		if key.instances {
			if n := cmp.Compare(a.instance, b.instance); n != 0 {
				return n
			}
			if n := cmp.Compare(a.InstanceID, b.InstanceID); n != 0 {
				return n
			}
		}
		if n := cmp.Compare(a.fold(), b.fold()); n != 0 {
			return n
		}
		if n := cmp.Compare(a.ID(), b.ID()); n != 0 {
			return n
		}
		return cmp.Compare(a.AccountID, b.AccountID)
	}
}

func (p *Picture) sort(name string) rowSort {
	if name != "account" {
		return sorts[name]
	}
	label := func(r *Row) string { return spelling.Form(p.AccountLabel(r.AccountID)) }
	return rowSort{func(a, b *Row) int { return cmp.Compare(label(a), label(b)) }, func(*Row) string { return "" }, func(*Row, string) {}}
}

// order gives all rows in the order of a sort. p.mu is held.
func (p *Picture) order(key orderKey) []int32 {
	if o, ok := p.orders[key]; ok {
		return o
	}
	o := make([]int32, len(p.rows))
	for n := range o {
		o[n] = int32(n)
	}
	p.arrange(o, key)
	p.orders[key] = o
	return o
}

// arrange sorts places of rows. Most comparisons are of one number, made from
// the key once; only equal ones look at the rows.
func (p *Picture) arrange(places []int32, key orderKey) {
	type ranked struct {
		rank uint64
		n    int32
	}
	rank, compare := ranks(key), p.comparer(key)
	all := make([]ranked, len(places))
	for k, n := range places {
		all[k] = ranked{rank(p.rows[n]), n}
	}
	slices.SortFunc(all, func(a, b ranked) int {
		if a.rank != b.rank {
			return cmp.Compare(a.rank, b.rank)
		}
		return compare(p.rows[a.n], p.rows[b.n])
	})
	for k := range all {
		places[k] = all[k].n
	}
}

// ranks gives a number that grows with the order of a sort; equal numbers say
// nothing.
func ranks(key orderKey) func(*Row) uint64 {
	at := func(t time.Time) uint64 {
		if t.IsZero() {
			return math.MaxUint64
		}
		return uint64(t.UnixMicro()) + 1<<63
	}
	switch {
	case key.sort == "expires":
		return func(r *Row) uint64 { return at(r.Expires) }
	case key.sort == "created":
		return func(r *Row) uint64 { return at(r.Created) }
	case key.sort == "address":
		return func(r *Row) uint64 { return addressKey(r.Address) }
	case key.sort == "name" && !key.instances:
		return func(r *Row) uint64 { return begin(r.fold()) }
	case key.sort == "name" || key.sort == "instance":
		return func(r *Row) uint64 { return begin(r.instance) }
	case key.sort == "traffic":
		return func(r *Row) uint64 { return uint64(leftShare(r) * (1 << 40)) }
	}
	return func(*Row) uint64 { return 0 }
}

// begin is the first eight bytes of a text as a number.
func begin(s string) (n uint64) {
	for k := range 8 {
		n <<= 8
		if k < len(s) {
			n |= uint64(s[k])
		}
	}
	return n
}

func (q Query) order() orderKey { return orderKey{q.Sort, q.Instances} }

// found is what a query matched in an order.
type found struct {
	*matched
	rows []int32 // ascending
}

const (
	stale   = time.Minute // from when on a kept result is made anew
	kept    = 24          // results of one picture
	maxKept = 2_000_000   // rows in them
)

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

// Check says whether sort and cursors are ones a list could have given;
// fault.Invalid when not. Search itself ignores what is not.
func (q Query) Check() error {
	q = q.defaults()
	if _, ok := sorts[q.Sort]; !ok {
		return fault.New(fault.Invalid, "instance.list.sort")
	}
	for _, c := range []string{q.After, q.Before} {
		if _, ok := q.cursor(c); c != "" && !ok {
			return fault.New(fault.Invalid, "instance.list.cursor")
		}
	}
	return nil
}

// key names what the query matches, whatever the order.
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

// find gives what matches, from the cache where it is.
func (p *Picture) find(q Query, facets bool) found {
	key, now := q.key(facets), p.now()
	sorted := q.Sort + "\x00" + key
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uses++
	if f, ok := p.cache[sorted]; ok && now.Sub(f.at) < stale {
		f.used = p.uses
		return f
	}
	m := p.matches[key]
	if m == nil || now.Sub(m.at) >= stale {
		m = p.match(q, facets, now)
		p.matches[key] = m
	}
	m.used = p.uses
	f := found{m, m.sorted(p.order(q.order()))}
	p.cache[sorted] = f
	p.evict()
	return f
}

// evict drops what was not used for longest. p.mu is held.
func (p *Picture) evict() {
	for {
		size, oldest := 0, p.uses
		for _, f := range p.cache {
			size += len(f.rows)
			oldest = min(oldest, f.used)
		}
		if len(p.cache) <= kept && size <= maxKept || oldest == p.uses {
			return
		}
		maps.DeleteFunc(p.cache, func(_ string, f found) bool { return f.used == oldest })
		maps.DeleteFunc(p.matches, func(_ string, m *matched) bool { return m.used == oldest })
	}
}

// Search gives a page. The first search of a kind in a picture looks at every
// row; the pages after it cost what they show. It is safe for concurrent use.
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
		res.Next = p.mark(q, res.Rows[len(res.Rows)-1])
	}
	if from > 0 {
		res.Prev = p.mark(q, res.Rows[0])
	}
	return res
}

// All gives every row that matches, in order: for selections and exports. It
// makes no pages and no facets.
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

// at gives row n of a result in the direction of reading.
func (p *Picture) at(q Query, rows []int32, n int) *Row {
	if q.Desc {
		n = len(rows) - 1 - n
	}
	return p.rows[rows[n]]
}

// bounds gives the rows of the page, from inclusive, to exclusive.
func (p *Picture) bounds(q Query, rows []int32) (from, to int) {
	compare := p.comparer(q.order())
	// past is how many rows stand before the mark, or up to and with it.
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
	if mark, ok := q.cursor(q.Before); ok {
		to = past(mark, false)
		from = max(0, to-q.Limit)
		if to < q.Limit { // rows before it went away: a whole page all the same
			to = min(q.Limit, len(rows))
		}
		return from, to
	}
	if mark, ok := q.cursor(q.After); ok {
		from = past(mark, true)
	}
	return from, min(from+q.Limit, len(rows))
}

// mark is where the next page begins: at a row, wherever it stands by then.
type mark struct {
	Sort    string `json:"s"`
	Key     string `json:"k,omitempty"`
	Name    string `json:"n,omitempty"`
	Of      string `json:"o,omitempty"` // name of the instance
	OfID    string `json:"d,omitempty"`
	Server  string `json:"i,omitempty"`
	Account string `json:"a,omitempty"`
}

func (p *Picture) mark(q Query, r *Row) string {
	m := mark{Sort: sortName(q), Key: p.sort(q.Sort).put(r), Name: r.fold(), Of: r.instance, OfID: r.InstanceID, Server: r.ServerID, Account: r.AccountID}
	b, _ := json.Marshal(m) // strings only
	return base64.RawURLEncoding.EncodeToString(b)
}

func sortName(q Query) string {
	if q.Desc {
		return "-" + q.Sort
	}
	return q.Sort
}

// cursor is a row that stands where the mark is.
func (q Query) cursor(s string) (*Row, bool) {
	var m mark
	b, err := base64.RawURLEncoding.DecodeString(s)
	if s == "" || err != nil || json.Unmarshal(b, &m) != nil || m.Sort != sortName(q) {
		return nil, false
	}
	r := &Row{text: m.Name, instance: m.Of, InstanceID: m.OfID, ServerID: m.Server, AccountID: m.Account}
	if get := sorts[q.Sort].get; get != nil {
		get(r, m.Key)
	}
	return r, true
}
