package instance

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"sampan/internal/app/spelling"
)

// rowSort is a sort by one key; rows with the same key follow by name and id.
type rowSort struct {
	compare func(a, b *Row) int
	encode  func(r *Row) string      // the key, for a cursor
	decode  func(r *Row, key string) // the key, out of a cursor
}

// byText sorts by a text.
func byText(of func(*Row) *string) rowSort {
	return rowSort{func(a, b *Row) int { return cmp.Compare(*of(a), *of(b)) }, func(r *Row) string { return *of(r) },
		func(r *Row, s string) { *of(r) = s }}
}

// byLast sorts by a text, rows without it last.
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

// byTime sorts by a time, rows without it last.
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

// byInt sorts by a number.
func byInt(of func(*Row) *int) rowSort {
	return rowSort{func(a, b *Row) int { return cmp.Compare(*of(a), *of(b)) }, func(r *Row) string { return strconv.Itoa(*of(r)) },
		func(r *Row, s string) { *of(r), _ = strconv.Atoi(s) }}
}

// byList sorts by a list, rows without it last.
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

// addressKey gives an address as a number to sort by, so that 9.1.1.1 comes
// before 10.1.1.1; what is no address comes last.
func addressKey(s string) (n uint64) {
	for number := range strings.SplitSeq(s, ".") {
		v, err := strconv.Atoi(number)
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

// byAddress sorts by an address.
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

// Sorts are the names of all sorts, in alphabetical order.
func Sorts() []string {
	var all []string
	for s := range sorts {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// flag is 1 for true and 0 for false.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// unknownLeft sorts rows whose traffic is not known last.
const unknownLeft = 1e18

// leftShare is the share of the data package that is left; more than 1 when it is
// not known.
func leftShare(r *Row) float64 {
	if s, ok := r.Traffic.Share(); ok {
		return s
	}
	return 2
}

// leftGB is what is left of the data package; unknownLeft when it is not known.
func leftGB(r *Row) float64 {
	if r.Traffic.Known() {
		return r.Traffic.Left
	}
	return unknownLeft
}

// orderKey names an order of all rows: a sort, of servers by server name or of
// instances by instance name.
type orderKey struct {
	sort      string
	instances bool
}

// comparer compares rows by the key of a sort, then by name, id and account.
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

// sort gives a sort by its name.
func (p *Picture) sort(name string) rowSort {
	if name != "account" {
		return sorts[name]
	}
	label := func(r *Row) string { return spelling.Form(p.AccountLabel(r.AccountID)) }
	return rowSort{func(a, b *Row) int { return cmp.Compare(label(a), label(b)) }, func(*Row) string { return "" }, func(*Row, string) {}}
}

// order gives all rows in an order, which is kept. p.mu is held.
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

// arrange sorts rows, given by their places. Most comparisons are of one number
// that is computed once for each row; only when these are equal the rows are
// compared.
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

// ranks gives a function from a row to a number that grows with the order. Rows
// with equal numbers have to be compared.
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

// order is the order of rows that the query asks for.
func (q Query) order() orderKey { return orderKey{q.Sort, q.Instances} }
