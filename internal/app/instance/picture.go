package instance

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Picture is everything that is known of all accounts at one moment, in memory.
// It never changes, so reading it takes no lock; Service.Picture gives the
// newest. Rows that are gone are not in it.
type Picture struct {
	// Version grows with every change.
	Version int64
	// At is when it was made.
	At time.Time

	accounts []*accountRows
	rows     []*Row            // of all accounts, one after another
	labels   map[string]string // of accounts, by id
	now      func() time.Time
	recent   []Change

	mu      sync.Mutex
	orders  map[orderKey][]int32 // rows in the order of a sort
	matches map[string]*matched
	cache   map[string]sortedMatch
	counts  map[string]Counts
	lacks   map[string]*lackCounts // by account
	uses    int64
}

// accountRows are the rows of one account. They never change.
type accountRows struct {
	ages      *accountAges
	rows      []*Row
	byID      map[string]int32   // by server id, and by instance id its first row
	more      map[string][]int32 // of instances with several rows
	scattered int                // rows that were replaced since they were packed together
}

// newAccountRows indexes rows by id.
func newAccountRows(sh *accountAges, rows []*Row) *accountRows {
	p := &accountRows{ages: sh, rows: rows, byID: make(map[string]int32, 2*len(rows))}
	for n, r := range rows {
		if r.ServerID != "" {
			p.byID[r.ServerID] = int32(n)
		}
		if r.InstanceID == "" {
			continue
		}
		if first, twice := p.byID[r.InstanceID]; twice {
			if p.more == nil {
				p.more = make(map[string][]int32)
			}
			if p.more[r.InstanceID] == nil {
				p.more[r.InstanceID] = []int32{first}
			}
			p.more[r.InstanceID] = append(p.more[r.InstanceID], int32(n))
		}
		if _, twice := p.byID[r.InstanceID]; !twice || r.First {
			p.byID[r.InstanceID] = int32(n)
		}
	}
	return p
}

// row gives the row of a server, or the first row of an instance; nil when there
// is none.
func (p *accountRows) row(id string) *Row {
	if n, ok := p.byID[id]; ok {
		return p.rows[n]
	}
	return nil
}

// instanceRows gives the rows of an instance, the first one first.
func (p *accountRows) instanceRows(instanceID string) []*Row {
	if more := p.more[instanceID]; more != nil {
		all := make([]*Row, len(more))
		for n, at := range more {
			all[n] = p.rows[at]
		}
		slices.SortStableFunc(all, func(a, b *Row) int { return flag(b.First) - flag(a.First) })
		return all
	}
	if r := p.row(instanceID); r != nil && r.InstanceID == instanceID {
		return []*Row{r}
	}
	return nil
}

// with gives the rows with these put in place of those of the same id, and
// without those of drop. same reports that no row came or went; only then changed
// has the places of the new rows.
func (p *accountRows) with(rows []*Row, drop map[string]bool) (next *accountRows, changed []int32, same bool) {
	fresh := make(map[string]*Row, len(rows))
	for _, r := range rows {
		fresh[r.ID()] = r
	}
	same = true
	for _, r := range rows {
		n, ok := p.byID[r.ID()]
		if !ok || p.rows[n].ID() != r.ID() || p.rows[n].First != r.First || p.rows[n].InstanceID != r.InstanceID {
			same = false
			break
		}
		changed = append(changed, n)
	}
	for id := range drop {
		if r := p.row(id); r != nil && r.ID() == id && fresh[id] == nil {
			same = false
		}
	}
	if same {
		next = &accountRows{ages: p.ages, rows: slices.Clone(p.rows), byID: p.byID, more: p.more, scattered: p.scattered + len(rows)}
		for n, r := range rows {
			next.rows[changed[n]] = r
		}
		return next, changed, true
	}
	all := make([]*Row, 0, len(p.rows)+len(rows))
	for _, r := range p.rows {
		if fresh[r.ID()] == nil && !drop[r.ID()] {
			all = append(all, r)
		}
	}
	next = newAccountRows(p.ages, append(all, rows...))
	next.scattered = p.scattered + len(rows)
	return next, nil, false
}

// compact gives copies of the rows and of their texts, each in one piece of
// memory. Rows that were made between the answers of a large refresh lie
// scattered and keep the memory around them in use.
func (p *accountRows) compact() *accountRows {
	rows, size := make([]Row, len(p.rows)), 0
	for _, r := range p.rows {
		for _, s := range r.ownTexts() {
			size += len(*s)
		}
	}
	texts := make([]byte, 0, size)
	for n, r := range p.rows {
		rows[n] = *r
		for _, s := range r.ownTexts() {
			texts = append(texts, *s...)
		}
	}
	rest, all := string(texts), make([]*Row, len(rows))
	for n := range rows {
		r := &rows[n]
		for _, s := range r.ownTexts() {
			*s, rest = rest[:len(*s)], rest[len(*s):]
		}
		r.pointInstance(r.instance)
		all[n] = r
	}
	return newAccountRows(p.ages, all)
}

// Change is a row that changed lately.
type Change struct {
	ID      string // Row.ID
	Version int64  // of the first picture that has it
	At      time.Time
}

// newSnapshot makes a picture of the rows of accounts.
func newSnapshot(accounts []*accountRows, labels map[string]string, now func() time.Time) *Picture {
	p := &Picture{accounts: accounts, labels: labels, now: now, At: now(), orders: make(map[orderKey][]int32),
		matches: make(map[string]*matched), cache: make(map[string]sortedMatch), counts: make(map[string]Counts)}
	n := 0
	for _, a := range accounts {
		n += len(a.rows)
	}
	p.rows = make([]*Row, 0, n)
	for _, a := range accounts {
		p.rows = append(p.rows, a.rows...)
	}
	return p
}

// inherit takes over the sorted orders of the picture before, when no row came or
// went since: only the changed rows are sorted in anew.
func (p *Picture) inherit(old *Picture, changed []int32) {
	old.mu.Lock()
	defer old.mu.Unlock()
	moved := make(map[int32]bool, len(changed))
	for _, n := range changed {
		moved[n] = true
	}
	for key, was := range old.orders {
		compare := p.comparer(key)
		fresh := slices.Clone(changed)
		slices.SortFunc(fresh, func(a, b int32) int { return compare(p.rows[a], p.rows[b]) })
		order := make([]int32, 0, len(was))
		for _, n := range was {
			if moved[n] {
				continue
			}
			for len(fresh) > 0 && compare(p.rows[fresh[0]], p.rows[n]) < 0 {
				order, fresh = append(order, fresh[0]), fresh[1:]
			}
			order = append(order, n)
		}
		p.orders[key] = append(order, fresh...)
	}
}

// Row gives the row of a server, or the first row of an instance.
func (p *Picture) Row(serverOrInstanceID string) (*Row, bool) {
	for _, a := range p.accounts {
		if r := a.row(serverOrInstanceID); r != nil {
			return r, true
		}
	}
	return nil, false
}

// Rows gives every row, in no particular order. The caller must not change the
// slice.
func (p *Picture) Rows() []*Row { return p.rows }

// Len is how many rows the accounts have together.
func (p *Picture) Len(accountIDs []string) int {
	n := 0
	for _, a := range p.accounts {
		if slices.Contains(accountIDs, a.ages.account) {
			n += len(a.rows)
		}
	}
	return n
}

// AccountLabel is the name of an account; its id when the name is not known.
func (p *Picture) AccountLabel(id string) string {
	if l, ok := p.labels[id]; ok {
		return l
	}
	return id
}

// Servers gives the rows of an instance, the first one first.
func (p *Picture) Servers(instanceID string) []*Row {
	for _, a := range p.accounts {
		if rows := a.instanceRows(instanceID); rows != nil {
			return rows
		}
	}
	return nil
}

// Recent gives the rows that changed since a moment, the oldest change first; at
// most the last 500 changes are known. Topic "servers" tells that there are some.
func (p *Picture) Recent(since time.Time) []Change {
	n, _ := slices.BinarySearchFunc(p.recent, since, func(c Change, t time.Time) int { return c.At.Compare(t) })
	return p.recent[n:]
}

// mostRecent is how many changes are kept.
const mostRecent = 500

// allowed gives those of the picture's accounts that are among these ids.
func (p *Picture) allowed(accountIDs []string) map[*accountAges]bool {
	all := make(map[*accountAges]bool, len(p.accounts))
	for _, a := range p.accounts {
		if slices.Contains(accountIDs, a.ages.account) {
			all[a.ages] = true
		}
	}
	return all
}

// Counts gives totals over the instances of accounts. They are counted once per
// picture and kept for a minute.
func (p *Picture) Counts(accountIDs []string) Counts {
	key := strings.Join(slices.Sorted(slices.Values(accountIDs)), "\n")
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.counts[key]; ok && now.Sub(c.at) < resultsFor {
		return c
	}
	c := Counts{ByRegion: map[string]int{}, ByState: map[string]int{}, at: now}
	soon := now.Add(ExpiringWithin)
	for _, a := range p.accounts {
		if !slices.Contains(accountIDs, a.ages.account) {
			continue
		}
		for _, r := range a.rows {
			if !r.First || r.InstanceID == "" {
				continue
			}
			c.Total++
			c.ByRegion[r.Region]++
			c.ByState[r.Status]++
			if !r.Expires.IsZero() && !r.AutoRenew && !r.Expires.After(soon) {
				c.Expiring++
			}
		}
	}
	p.counts[key] = c
	return c
}

// Rows gives every row of the newest picture, in no particular order, and the
// picture's version. The caller must not change the slice.
func (s *Service) Rows() (rows []*Row, version int64) {
	p := s.Picture()
	return p.rows, p.Version
}

// Peek gives a row of the newest picture, of some accounts when they are named.
// Unlike Picture it does not count as somebody who looks: it is for work in the
// background.
func (s *Service) Peek(id string, accountIDs ...string) (*Row, bool) {
	if len(accountIDs) == 0 {
		return s.current().Row(id)
	}
	for _, a := range accountIDs {
		if r := s.accountRows(a).row(id); r != nil {
			return r, true
		}
	}
	return nil, false
}
