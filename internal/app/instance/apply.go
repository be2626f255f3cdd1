package instance

import (
	"slices"
	"time"
)

// answers is what the cloud said in one breath.
type answers struct {
	listed  []Listed
	config  *scope // listed is all that Config has there; nil: Config was not asked
	servers []Server
	places  map[string]bool // servers is all that ECS has in these places
	asked   []string        // servers that ECS was asked about by id
	billed  []Expiry
	named   []string // instances that billing was asked about
	order   string   // billed is what this order brought
}

// scope is how much of an account a listing covers.
type scope struct{ region string } // "" = all regions

// few is up to how many things of a source may vanish at once without a doubt
// about the source: a listing that is empty although more were known says that
// the recorder is off or a right is missing, not that all is gone.
const few = 4

// dirty is what changed about one instance.
type dirty struct {
	listed     *Listed
	billed     *Expiry
	sum        [3]uint64
	lost       [3]bool
	order      string
	servers    []Server
	lostServer []string
	gone       bool
	goneServer []string
}

// applier merges answers into the part of one account. It belongs to one
// goroutine. Two may work on an account, a refresh and a look at what somebody
// has just touched: their commits take turns, and the older one leaves alone
// what the other has written since.
type applier struct {
	s       *Service
	account string
	at      time.Time
	part    *part
	dirty   map[string]*dirty // by instance id; "" = servers whose instance is not known
	moved   []string          // servers that are in dirty
	silent  map[string]bool   // sources, as syncs name them, whose answer said nothing: see few
}

func (s *Service) applier(accountID string, at time.Time) *applier {
	return &applier{s: s, account: accountID, at: at, part: s.partOf(accountID), dirty: make(map[string]*dirty), silent: make(map[string]bool)}
}

// newer reports whether the source was heard about the row after this turn
// began.
func (a *applier) newer(r *Row, src Source) bool { return r.seen[src] > a.at.UnixMicro() }

func (a *applier) of(id string) *dirty {
	d := a.dirty[id]
	if d == nil {
		d = &dirty{}
		a.dirty[id] = d
	}
	return d
}

// take sorts out what is new in the answers. What is as it was costs a look at
// its sum.
func (a *applier) take(in answers) {
	a.part = a.s.partOf(a.account)
	places := a.config(in)
	a.ecs(in, places)
	a.bss(in)
}

// config notes changed listings and gives where they place servers.
func (a *applier) config(in answers) map[string]string {
	places := make(map[string]string)
	if in.config == nil {
		return places
	}
	here := make(map[string]bool, len(in.listed))
	for n := range in.listed {
		l := &in.listed[n]
		if !validID(l.ID) {
			continue
		}
		here[l.ID] = true
		for _, id := range l.ServerIDs {
			places[id] = l.ID
		}
		r := a.part.row(l.ID)
		if l.shrink(r); l.Same || r != nil && (r.same(FromConfig, l.Sum) || a.newer(r, FromConfig)) {
			continue
		}
		d := a.of(l.ID)
		d.listed, d.sum[FromConfig] = l, l.Sum
	}
	var missing []*Row
	for _, r := range a.part.rows {
		if r.First && r.InstanceID != "" && !here[r.InstanceID] && r.seen[FromConfig] != 0 && !r.lost.has(FromConfig) && !a.newer(r, FromConfig) &&
			(in.config.region == "" || in.config.region == r.Region) {
			missing = append(missing, r)
		}
	}
	if len(here) == 0 && len(missing) > few {
		a.silent["config"] = true
		return places
	}
	for _, r := range missing {
		a.of(r.InstanceID).lost[FromConfig] = true
	}
	return places
}

// ecs notes changed servers. A server belongs to the instance that its lock
// names, else to the one whose listing named it, else to the only one of its
// order that has none.
func (a *applier) ecs(in answers, places map[string]string) {
	if len(in.servers)+len(in.asked)+len(in.places) == 0 {
		return
	}
	here := make(map[string]bool, len(in.servers))
	var absent []string
	for n := range in.servers {
		s := &in.servers[n]
		if s.Absent || !validID(s.ID) {
			continue
		}
		here[s.ID] = true
		old := a.part.server(s.ID)
		s.shrink(old)
		at := a.place(s, old, places)
		if s.Same && old == nil {
			continue // it went meanwhile
		}
		if old != nil && (old.same(FromECS, s.Sum) && old.InstanceID == at || a.newer(old, FromECS)) {
			continue
		}
		d := a.of(at)
		d.servers = append(d.servers, *s)
		a.moved = append(a.moved, s.ID)
		if old != nil && old.InstanceID != at && old.InstanceID != "" {
			a.of(old.InstanceID) // loses it
		}
	}
	for _, id := range in.asked {
		if !here[id] {
			absent = append(absent, id)
		}
	}
	missing := make(map[string][]*Row)
	known := make(map[string]int)
	others := a.s.work.answering(a.account)
	for _, r := range a.part.rows {
		place := r.Place()
		whole := in.places[place]
		if r.ServerID == "" || r.seen[FromECS] == 0 || !whole && len(absent) == 0 {
			continue
		}
		known[place]++
		if !here[r.ServerID] && !r.lost.has(FromECS) && !a.newer(r, FromECS) && (whole && (r.Project != "" || others(r.Region, in.places)) || slices.Contains(absent, r.ServerID)) {
			missing[place] = append(missing[place], r)
		}
	}
	for place, rows := range missing {
		if in.places[place] && len(rows) > few && len(rows) == known[place] {
			a.silent["ecs:"+place] = true
			continue
		}
		for _, r := range rows {
			d := a.of(r.InstanceID)
			d.lostServer = append(d.lostServer, r.ServerID)
			a.moved = append(a.moved, r.ServerID)
		}
	}
}

func (a *applier) place(s *Server, old *Row, places map[string]string) string {
	switch {
	case validID(s.InstanceID):
		return s.InstanceID
	case places[s.ID] != "":
		return places[s.ID]
	case old != nil && old.InstanceID != "":
		return old.InstanceID
	case s.OrderID == "":
		return ""
	}
	var only string
	for _, r := range a.part.rows {
		if r.CloudOrder != s.OrderID || r.InstanceID == "" {
			continue
		}
		if only != "" || r.ServerID != "" {
			return "" // which one of several?
		}
		only = r.InstanceID
	}
	return only
}

// bss notes changed expiries. A closed resource counts as one that billing does
// not name.
func (a *applier) bss(in answers) {
	here := make(map[string]bool, len(in.billed))
	for n := range in.billed {
		e := &in.billed[n]
		if !validID(e.InstanceID) || e.Status == statusClosed {
			continue
		}
		here[e.InstanceID] = true
		sum := e.sum()
		r := a.part.row(e.InstanceID)
		if r != nil && (r.sums[FromBSS] == sum && !r.lost.has(FromBSS) && (in.order == "" || r.CloudOrder == in.order) || a.newer(r, FromBSS)) {
			continue
		}
		d := a.of(e.InstanceID)
		d.billed, d.sum[FromBSS], d.order = e, sum, in.order
	}
	var missing []string
	for _, id := range in.named {
		if r := a.part.row(id); !here[id] && r != nil && r.seen[FromBSS] != 0 && !r.lost.has(FromBSS) && !a.newer(r, FromBSS) {
			missing = append(missing, id)
		}
	}
	if len(here) == 0 && len(missing) > few {
		a.silent["bss"] = true
		return
	}
	for _, id := range missing {
		a.of(id).lost[FromBSS] = true
	}
}

// forget marks what no source knows any more. Each of the three must have
// answered now: a missing listing alone proves nothing. heard says who did.
func (a *applier) forget(heard heard) {
	others := a.s.work.answering(a.account)
	for _, r := range a.part.rows {
		if !heard.places[r.Place()] || r.Project == "" && !others(r.Region, heard.places) || a.at.Sub(r.Created) < lateness {
			continue
		}
		if r.InstanceID == "" {
			if heard.missed(r, FromECS) {
				d := a.of("")
				d.goneServer = append(d.goneServer, r.ServerID)
				a.moved = append(a.moved, r.ServerID)
			}
			continue
		}
		lost := heard.missed(r, FromConfig) && heard.missed(r, FromBSS)
		for _, of := range a.part.of(r.InstanceID) {
			lost = lost && heard.missed(of, FromECS)
		}
		switch {
		case lost && r.First:
			a.of(r.InstanceID).gone = true
		case !r.First && heard.missed(r, FromECS) && heard.config && !heard.listed[r.ServerID]:
			d := a.of(r.InstanceID)
			d.goneServer = append(d.goneServer, r.ServerID)
			a.moved = append(a.moved, r.ServerID)
		}
	}
}

// heard is who answered in a turn, and whom they named.
type heard struct {
	config  bool            // Config listed everything
	places  map[string]bool // ECS listed everything
	listed  map[string]bool // instances and servers in Config's list
	servers map[string]bool // in ECS's lists
	asked   map[string]bool // instances that billing was asked about and answered for
	billed  map[string]bool // instances that billing named
}

// missed reports whether the source answered and did not name it.
func (h heard) missed(r *Row, src Source) bool {
	switch src {
	case FromConfig:
		return h.config && !h.listed[r.InstanceID]
	case FromBSS:
		return h.asked[r.InstanceID] && !h.billed[r.InstanceID]
	}
	return h.places[r.Place()] && !h.servers[r.ServerID]
}
