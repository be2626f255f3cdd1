package instance

import (
	"slices"
	"time"
)

// sourceAnswers are answers of the sources that are merged together.
type sourceAnswers struct {
	listed       []Listed
	configCovers *coverage // where listed is all that Config has; nil: Config was not asked
	servers      []Server
	places       map[string]bool // places where servers is all that ECS has
	asked        []string        // servers that ECS was asked about by id
	billed       []Expiry
	named        []string // instances that billing was asked about
	order        string   // the order that brought billed; "": billing was asked by id
}

// coverage is how much of an account a list of Config covers.
type coverage struct{ region string } // "" = all regions

// mostMissingAtOnce is up to how many known things a source may miss in one
// answer without a doubt about the answer. An empty list where more were known
// says that the recorder is off or a right is missing, not that all of them are
// gone.
const mostMissingAtOnce = 4

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

// merger merges answers into the rows of one account. It belongs to one
// goroutine. Two may work on an account at the same time, a refresh and a
// recheck: one commits after the other, and the one whose turn began earlier
// leaves alone what the other wrote.
type merger struct {
	s            *Service
	account      string
	at           time.Time
	current      *accountRows
	dirty        map[string]*dirty // by instance id; "": servers whose instance is not known
	dirtyServers []string          // ids of the servers in dirty
	doubtful     map[string]bool   // sources, as syncs name them, whose answer was not believed: see mostMissingAtOnce
}

func (s *Service) merger(accountID string, at time.Time) *merger {
	return &merger{s: s, account: accountID, at: at, current: s.accountRows(accountID), dirty: make(map[string]*dirty),
		doubtful: make(map[string]bool)}
}

// newer reports whether the source named the row after this turn began.
func (a *merger) newer(r *Row, src Source) bool { return r.seen[src] > a.at.UnixMicro() }

// dirtyOf gives the entry of an instance in dirty; it makes one when there is
// none.
func (a *merger) dirtyOf(id string) *dirty {
	d := a.dirty[id]
	if d == nil {
		d = &dirty{}
		a.dirty[id] = d
	}
	return d
}

// take finds out what is new in the answers. What did not change is known by its
// checksum.
func (a *merger) take(in sourceAnswers) {
	a.current = a.s.accountRows(a.account)
	places := a.takeConfig(in)
	a.takeECS(in, places)
	a.takeBSS(in)
}

// takeConfig notes changed instances of Config's list, and gives for each server
// the instance that lists it.
func (a *merger) takeConfig(in sourceAnswers) map[string]string {
	places := make(map[string]string)
	if in.configCovers == nil {
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
		r := a.current.row(l.ID)
		if l.shrink(r); l.Same || r != nil && (r.same(FromConfig, l.Sum) || a.newer(r, FromConfig)) {
			continue
		}
		d := a.dirtyOf(l.ID)
		d.listed, d.sum[FromConfig] = l, l.Sum
	}
	var missing []*Row
	for _, r := range a.current.rows {
		if r.First && r.InstanceID != "" && !here[r.InstanceID] && r.seen[FromConfig] != 0 && !r.lost.has(FromConfig) &&
			!a.newer(r, FromConfig) &&
			(in.configCovers.region == "" || in.configCovers.region == r.Region) {
			missing = append(missing, r)
		}
	}
	if len(here) == 0 && len(missing) > mostMissingAtOnce {
		a.doubtful["config"] = true
		return places
	}
	for _, r := range missing {
		a.dirtyOf(r.InstanceID).lost[FromConfig] = true
	}
	return places
}

// takeECS notes changed servers. A server belongs to the instance that its lock
// names, else to the one whose listing names it, else to the only instance of its
// order that has no server.
func (a *merger) takeECS(in sourceAnswers, places map[string]string) {
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
		old := a.current.server(s.ID)
		s.shrink(old)
		at := a.place(s, old, places)
		if s.Same && old == nil {
			continue // its row went away during the turn
		}
		if old != nil && (old.same(FromECS, s.Sum) && old.InstanceID == at || a.newer(old, FromECS)) {
			continue
		}
		d := a.dirtyOf(at)
		d.servers = append(d.servers, *s)
		a.dirtyServers = append(a.dirtyServers, s.ID)
		if old != nil && old.InstanceID != at && old.InstanceID != "" {
			a.dirtyOf(old.InstanceID) // that instance loses the server
		}
	}
	for _, id := range in.asked {
		if !here[id] {
			absent = append(absent, id)
		}
	}
	missing := make(map[string][]*Row)
	known := make(map[string]int)
	others := a.s.queue.answering(a.account)
	for _, r := range a.current.rows {
		place := r.Place()
		whole := in.places[place]
		if r.ServerID == "" || r.seen[FromECS] == 0 || !whole && len(absent) == 0 {
			continue
		}
		known[place]++
		if !here[r.ServerID] && !r.lost.has(FromECS) && !a.newer(r, FromECS) &&
			(whole && (r.Project != "" || others(r.Region, in.places)) || slices.Contains(absent, r.ServerID)) {
			missing[place] = append(missing[place], r)
		}
	}
	for place, rows := range missing {
		if in.places[place] && len(rows) > mostMissingAtOnce && len(rows) == known[place] {
			a.doubtful["ecs:"+place] = true
			continue
		}
		for _, r := range rows {
			d := a.dirtyOf(r.InstanceID)
			d.lostServer = append(d.lostServer, r.ServerID)
			a.dirtyServers = append(a.dirtyServers, r.ServerID)
		}
	}
}

// place gives the instance of a server, "" when it is not known.
func (a *merger) place(s *Server, old *Row, places map[string]string) string {
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
	for _, r := range a.current.rows {
		if r.CloudOrder != s.OrderID || r.InstanceID == "" {
			continue
		}
		if only != "" || r.ServerID != "" {
			return "" // several could be meant
		}
		only = r.InstanceID
	}
	return only
}

// takeBSS notes changed expiries. A closed resource counts as one that billing
// does not name.
func (a *merger) takeBSS(in sourceAnswers) {
	here := make(map[string]bool, len(in.billed))
	for n := range in.billed {
		e := &in.billed[n]
		if !validID(e.InstanceID) || e.Status == statusClosed {
			continue
		}
		here[e.InstanceID] = true
		sum := e.sum()
		r := a.current.row(e.InstanceID)
		if r != nil && (r.sums[FromBSS] == sum && !r.lost.has(FromBSS) && (in.order == "" || r.CloudOrder == in.order) ||
			a.newer(r, FromBSS)) {
			continue
		}
		d := a.dirtyOf(e.InstanceID)
		d.billed, d.sum[FromBSS], d.order = e, sum, in.order
	}
	var missing []string
	for _, id := range in.named {
		if r := a.current.row(id); !here[id] && r != nil && r.seen[FromBSS] != 0 && !r.lost.has(FromBSS) && !a.newer(r, FromBSS) {
			missing = append(missing, id)
		}
	}
	if len(here) == 0 && len(missing) > mostMissingAtOnce {
		a.doubtful["bss"] = true
		return
	}
	for _, id := range missing {
		a.dirtyOf(id).lost[FromBSS] = true
	}
}

// forget marks instances and servers that no source knows any more as gone. All
// three sources must have answered in this turn: that one does not list a thing
// proves nothing.
func (a *merger) forget(heard sourcesHeard) {
	others := a.s.queue.answering(a.account)
	for _, r := range a.current.rows {
		if !heard.places[r.Place()] || r.Project == "" && !others(r.Region, heard.places) || a.at.Sub(r.Created) < lateness {
			continue
		}
		if r.InstanceID == "" {
			if heard.missed(r, FromECS) {
				d := a.dirtyOf("")
				d.goneServer = append(d.goneServer, r.ServerID)
				a.dirtyServers = append(a.dirtyServers, r.ServerID)
			}
			continue
		}
		lost := heard.missed(r, FromConfig) && heard.missed(r, FromBSS)
		for _, of := range a.current.instanceRows(r.InstanceID) {
			lost = lost && heard.missed(of, FromECS)
		}
		switch {
		case lost && r.First:
			a.dirtyOf(r.InstanceID).gone = true
		case !r.First && heard.missed(r, FromECS) && heard.config && !heard.listed[r.ServerID]:
			d := a.dirtyOf(r.InstanceID)
			d.goneServer = append(d.goneServer, r.ServerID)
			a.dirtyServers = append(a.dirtyServers, r.ServerID)
		}
	}
}

// sourcesHeard is which sources answered in a turn, and what they named.
type sourcesHeard struct {
	config  bool            // Config listed everything
	places  map[string]bool // places where ECS listed everything
	listed  map[string]bool // instances and servers in Config's list
	servers map[string]bool // servers in ECS's lists
	asked   map[string]bool // instances that billing was asked about and answered for
	billed  map[string]bool // instances that billing named
}

// missed reports whether the source answered and did not name the row.
func (h sourcesHeard) missed(r *Row, src Source) bool {
	switch src {
	case FromConfig:
		return h.config && !h.listed[r.InstanceID]
	case FromBSS:
		return h.asked[r.InstanceID] && !h.billed[r.InstanceID]
	}
	return h.places[r.Place()] && !h.servers[r.ServerID]
}
