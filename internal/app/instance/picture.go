package instance

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Picture is everything that is known of all accounts at one moment, in memory.
// It is never changed, so that it can be read without waiting; Service.Picture
// gives the newest. Only rows that are not gone are in it.
type Picture struct {
	// Version grows with every change.
	Version int64
	// At is when it was made.
	At time.Time

	rows   []*Row
	byID   map[string]int32 // by server id, and by instance id: its first row
	shares []*share
	labels map[string]string // of accounts, by id
	now    func() time.Time
	recent []Change

	mu     sync.Mutex
	orders map[string][]int32 // rows in the order of a sort
	cache  map[string]*found
	uses   int64
}

// Change is a row that changed lately.
type Change struct {
	ID      string // Row.ID
	Version int64  // of the picture that has it first
	At      time.Time
}

// newPicture puts rows together. labels are the accounts' by id.
func newSnapshot(rows []*Row, shares []*share, labels map[string]string, now func() time.Time) *Picture {
	p := &Picture{rows: rows, shares: shares, labels: labels, now: now, At: now()}
	p.index()
	return p
}

func (p *Picture) index() {
	p.byID = make(map[string]int32, 2*len(p.rows))
	for n, r := range p.rows {
		if r.ServerID != "" {
			p.byID[r.ServerID] = int32(n)
		}
		if r.InstanceID != "" && r.First {
			p.byID[r.InstanceID] = int32(n)
		}
	}
}

// Row gives the row of a server, or the first of an instance.
func (p *Picture) Row(serverOrInstanceID string) (*Row, bool) {
	n, ok := p.byID[serverOrInstanceID]
	if !ok {
		return nil, false
	}
	return p.rows[n], true
}

// Rows gives every row, in no particular order. The caller must not change the
// slice.
func (p *Picture) Rows() []*Row { return p.rows }

// Len is how many rows the accounts have.
func (p *Picture) Len(accountIDs []string) int { return p.Count(Query{AccountIDs: accountIDs}) }

// AccountLabel is how an account is called; its id when that is not known.
func (p *Picture) AccountLabel(id string) string {
	if l, ok := p.labels[id]; ok {
		return l
	}
	return id
}

// Servers gives the rows of an instance, the first one first.
func (p *Picture) Servers(instanceID string) []*Row {
	first, ok := p.Row(instanceID)
	if !ok || first.InstanceID != instanceID {
		return nil
	}
	all := []*Row{first}
	for n := p.byID[instanceID] + 1; int(n) < len(p.rows) && p.rows[n].InstanceID == instanceID; n++ {
		all = append(all, p.rows[n])
	}
	return all
}

// Recent gives what changed since a moment, the oldest first; at most the last
// 500 changes are known. It serves the topic "servers", which carries nothing.
func (p *Picture) Recent(since time.Time) []Change {
	n, _ := slices.BinarySearchFunc(p.recent, since, func(c Change, t time.Time) int { return c.At.Compare(t) })
	return p.recent[n:]
}

// Resolve finds the rows that pasted tokens name: server or instance ids,
// addresses, or whole names. Tokens that name nothing come back as unknown.
func (p *Picture) Resolve(accountIDs, tokens []string) (rows []*Row, unknown []string) {
	wanted := make(map[string][]*Row, len(tokens))
	for _, t := range tokens {
		wanted[strings.ToLower(t)] = nil
	}
	allowed := p.allowed(accountIDs)
	for _, r := range p.rows {
		if !allowed[r.share.n] {
			continue
		}
		names := append([]string{r.ServerID, r.InstanceID, r.Address, r.Private, r.fold, strings.ToLower(r.InstanceName)}, r.More...)
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if found, ok := wanted[name]; ok && name != "" {
				wanted[name] = append(found, r)
			}
		}
	}
	known := make(map[*Row]bool)
	for _, t := range tokens {
		found := wanted[strings.ToLower(t)]
		if len(found) == 0 {
			unknown = append(unknown, t)
		}
		for _, r := range found {
			if !known[r] {
				known[r] = true
				rows = append(rows, r)
			}
		}
	}
	return rows, unknown
}

// allowed says for each account of the picture whether it is one of these.
func (p *Picture) allowed(accountIDs []string) []bool {
	all := make([]bool, len(p.shares))
	for _, s := range p.shares {
		all[s.n] = slices.Contains(accountIDs, s.account)
	}
	return all
}
