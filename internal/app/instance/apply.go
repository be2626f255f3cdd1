package instance

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
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

// commit merges, stores and publishes what take found, and gives the rows that
// changed. A second take may follow. A shutdown waits for it: what is stored and
// what is shown stay the same.
func (a *applier) commit(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if len(a.dirty) == 0 {
		return nil
	}
	turn := a.s.work.commits(a.account)
	turn.Lock()
	defer turn.Unlock()
	a.part = a.s.partOf(a.account)
	bundles, err := a.load(ctx)
	if err != nil {
		return err
	}
	var out outcome
	for id, d := range a.dirty {
		a.merge(id, d, bundles[id], &out)
	}
	if err := a.s.Store.Keep(ctx, a.account, out.Kept); err != nil {
		return err
	}
	a.part = a.s.publish(a.account, bundles, out)
	a.dirty, a.moved = make(map[string]*dirty), nil
	return nil
}

// outcome is what a commit stores and tells.
type outcome struct {
	Kept
	changed map[string]bool // instances and servers of which a fact changed
	drop    map[string]bool // rows that are no more
}

// most ids that are looked up one by one; with more all are read, if most are
// wanted.
const mostByID = 1500

// load reads what is kept about the dirty ones.
func (a *applier) load(ctx context.Context) (map[string]*bundle, error) {
	ids := slices.Sorted(maps.Keys(a.dirty))
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	moved := a.moved
	if len(ids)+len(moved) > mostByID && len(ids) > len(a.part.rows)/2 {
		ids, moved = nil, nil
	} else if ids == nil {
		ids = []string{}
	}
	records, servers, err := a.s.Store.Records(ctx, a.account, ids, moved)
	if err != nil {
		return nil, err
	}
	bundles := make(map[string]*bundle, len(a.dirty))
	for id := range a.dirty {
		bundles[id] = &bundle{rec: Record{Instance: Instance{ID: id, AccountID: a.account}}}
	}
	for n := range records {
		if b := bundles[records[n].ID]; b != nil {
			b.rec, b.known = records[n], true
		}
	}
	at := a.moves()
	for n := range servers {
		s := &servers[n]
		if to, ok := at[s.Server.ID]; ok {
			s.InstanceID = to
		}
		if b := bundles[s.InstanceID]; b != nil {
			b.servers = append(b.servers, *s)
		}
	}
	return bundles, nil
}

// moves gives where the dirty servers belong now.
func (a *applier) moves() map[string]string {
	at := make(map[string]string)
	for id, d := range a.dirty {
		for _, s := range d.servers {
			at[s.ID] = id
		}
	}
	return at
}

// merge brings one instance up to date.
func (a *applier) merge(id string, d *dirty, b *bundle, out *outcome) {
	if out.changed == nil {
		out.changed, out.drop = make(map[string]bool), make(map[string]bool)
	}
	was := b.rec
	wasRows := a.rowsOf(id, b)
	if id != "" {
		a.record(d, b, out)
	}
	a.serversOf(d, b, out)
	if id != "" {
		b.merge()
		if d.order != "" {
			b.rec.CloudOrder = d.order
		}
		b.rec.Seen[FromECS] = b.rec.SeenECS
		if changed := differs(was.Instance, b.rec.Instance) || !b.known; changed {
			b.rec.UpdatedAt = a.at
			out.changed[id] = true
		}
		if d.gone {
			b.rec.GoneAt = a.at
			out.changed[id] = true
		}
		out.Instances = append(out.Instances, b.rec)
	}
	for _, r := range wasRows {
		out.drop[r] = true
	}
	out.Packed = append(out.Packed, b.make(a.part.share)...)
	for _, s := range d.servers {
		if r := a.part.row(s.ID); id != "" && r != nil && r.InstanceID == "" {
			out.Packed = append(out.Packed, Packed{AccountID: a.account, ID: s.ID}) // it stood alone
		}
	}
}

// rowsOf gives the ids of the rows that the bundle will replace.
func (a *applier) rowsOf(id string, b *bundle) []string {
	var all []string
	if id != "" {
		for _, r := range a.part.of(id) {
			all = append(all, r.ID())
		}
	}
	for _, s := range b.servers {
		all = append(all, s.Server.ID)
	}
	return all
}

// record takes what Config and billing say.
func (a *applier) record(d *dirty, b *bundle, out *outcome) {
	r := &b.rec
	note := func(fact, was, is string) { a.note(&r.Outside, fact, was, is, r.ID, r.ServerID, "order:"+r.CloudOrder) }
	if d.listed != nil && !r.Seen[FromConfig].After(a.at) {
		l := d.listed.over(r.Listed)
		if r.Listed != nil {
			note("name", r.Listed.Name, l.Name)
			note("description", r.Listed.Description, l.Description)
		}
		l.Raw, l.Sum = nil, 0
		r.Listed, r.Seen[FromConfig], r.Lost[FromConfig], r.Sums[FromConfig] = &l, a.at, false, d.sum[FromConfig]
		if len(d.listed.Raw) > 0 {
			out.Raws = append(out.Raws, Raw{Source: FromConfig, ID: r.ID, At: a.at, Body: d.listed.Raw})
		}
	}
	if d.billed != nil && !r.Seen[FromBSS].After(a.at) {
		e := d.billed.over(r.Billed)
		if r.Billed != nil {
			note("autorenew", yes(r.Billed.AutoRenew()), yes(e.AutoRenew()))
			note("spec", r.Billed.Spec, e.Spec)
			if !r.Billed.AutoRenew() && e.Expires.After(r.Billed.Expires) && !r.Billed.Expires.IsZero() {
				note("expires", r.Billed.Expires.UTC().Format(time.RFC3339), e.Expires.UTC().Format(time.RFC3339))
			}
		}
		r.Billed, r.Seen[FromBSS], r.Lost[FromBSS], r.Sums[FromBSS] = &e, a.at, false, d.sum[FromBSS]
	}
	for _, src := range []Source{FromConfig, FromBSS} {
		if d.lost[src] {
			r.Lost[src] = true
			r.Seen[src] = a.lastSeen(src, r.ID, r.Seen[src])
		}
	}
	if d.listed != nil || d.billed != nil || len(d.servers) > 0 {
		r.GoneAt = time.Time{}
	}
	r.NotSeenSince = time.Time{}
	for _, src := range []Source{FromConfig, FromBSS} {
		if r.Lost[src] && (r.NotSeenSince.IsZero() || r.Seen[src].Before(r.NotSeenSince)) {
			r.NotSeenSince = r.Seen[src]
		}
	}
}

// lastSeen is when a source last listed what it does not list now.
func (a *applier) lastSeen(src Source, id string, kept time.Time) time.Time {
	if r := a.part.row(id); r != nil {
		if at := r.Seen(src); at.After(kept) && at.Before(a.at) {
			return at
		}
	}
	return kept
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// serversOf takes what ECS says.
func (a *applier) serversOf(d *dirty, b *bundle, out *outcome) {
	touched := make(map[string]bool)
	for n := range d.servers {
		s := &d.servers[n]
		rec := b.server(s.ID)
		if rec != nil && rec.Seen.After(a.at) {
			continue
		}
		if s.Same { // but somewhere else
			if rec != nil {
				rec.InstanceID = b.rec.ID
				touched[s.ID], out.changed[s.ID] = true, true
			}
			continue
		}
		if rec == nil {
			b.servers = append(b.servers, ServerRecord{AccountID: a.account, Server: Server{ID: s.ID}, UpdatedAt: a.at})
			rec = &b.servers[len(b.servers)-1]
			out.changed[s.ID] = true
		} else {
			a.compare(rec, s, b.rec.CloudOrder)
			if !sameServer(rec.Server, *s) {
				rec.UpdatedAt = a.at
				out.changed[s.ID] = true
			}
		}
		rec.Server, rec.InstanceID = s.over(rec.Server), b.rec.ID
		rec.Server.Raw, rec.Server.Sum = nil, 0
		rec.Seen, rec.Lost, rec.Sum, rec.NotSeenSince, rec.GoneAt = a.at, false, s.Sum, time.Time{}, time.Time{}
		if len(s.Raw) > 0 {
			out.Raws = append(out.Raws, Raw{Source: FromECS, ID: s.ID, At: a.at, Body: s.Raw})
		}
		touched[s.ID] = true
	}
	for _, id := range d.lostServer {
		if rec := b.server(id); rec != nil {
			rec.Seen = a.lastSeen(FromECS, id, rec.Seen)
			rec.Lost, rec.NotSeenSince = true, rec.Seen
			touched[id], out.changed[id] = true, true
		}
	}
	gone := d.goneServer
	if d.gone { // and everything in it
		for _, rec := range b.servers {
			gone = append(gone, rec.Server.ID)
		}
	}
	for _, id := range gone {
		if rec := b.server(id); rec != nil {
			rec.GoneAt = a.at
			touched[id], out.changed[id] = true, true
		}
	}
	for n := range b.servers {
		if touched[b.servers[n].Server.ID] {
			out.Servers = append(out.Servers, b.servers[n])
		}
	}
}

// compare notes what somebody changed elsewhere.
func (a *applier) compare(rec *ServerRecord, s *Server, order string) {
	was := &rec.Server
	note := func(fact, before, now string) {
		a.note(&rec.Outside, fact, before, now, s.ID, rec.InstanceID, "order:"+cmp.Or(order, s.OrderID))
	}
	note("name", was.Name, s.Name)
	note("size", was.Flavor, s.Flavor)
	note("image", was.ImageID, s.ImageID)
	if told(was) && told(s) { // then nothing is nothing, and not what is not known yet
		note := func(fact, before, now string) {
			if before != now {
				note(fact, cmp.Or(before, noValue), cmp.Or(now, noValue))
			}
		}
		note("hostname", was.Hostname, s.Hostname)
		note("description", was.Description, s.Description)
		note("address", firstIPv4(was.Public), firstIPv4(s.Public))
		note("tags", listOf(tagsOf(nil, was.Tags)), listOf(tagsOf(nil, s.Tags)))
		note("groups", listOf(was.SecurityGroups), listOf(s.SecurityGroups))
		note("vpc", listOf(was.Networks), listOf(s.Networks))
	}
	before, now := StateOf(was.Status, was.TaskState, was.Frozen), StateOf(s.Status, s.TaskState, s.Frozen)
	if (before == StateRunning || before == StateStopped) &&
		slices.Contains([]string{StateRunning, StateStopped, StateStarting, StateStopping, StateRestarting}, now) {
		note("state", before, now)
	}
}

// noValue stands for an empty value in a change.
const noValue = "–"

// told reports whether ECS says everything of the server: of one that it only
// builds much is still to come.
func told(s *Server) bool { return s.Status != "" && s.Status != "BUILD" }

func listOf(all []string) string {
	all = slices.Sorted(slices.Values(all))
	return strings.Join(all, ", ")
}

// note keeps a change that the console did not make. ids are those by which
// the console's own actions name the thing.
func (a *applier) note(into *map[string]Noted, fact, was, is string, ids ...string) {
	if was == "" || is == "" || was == is || a.s.work.ours(a.account, a.at, fact, ids...) {
		return
	}
	if *into == nil {
		*into = make(map[string]Noted)
	} else {
		*into = maps.Clone(*into)
	}
	(*into)[fact] = Noted{Was: was, Is: is, At: a.at}
}

// differs reports whether a fact changed, times of sight aside.
func differs(was, is Instance) bool {
	was.SeenConfig, was.SeenECS, was.SeenBSS = is.SeenConfig, is.SeenECS, is.SeenBSS
	was.UpdatedAt = is.UpdatedAt
	return !reflect.DeepEqual(was, is)
}

func sameServer(was, is Server) bool {
	was.Raw, is.Raw, was.Sum, is.Sum = nil, nil, 0, 0
	was.Updated, is.Updated = time.Time{}, time.Time{}
	return reflect.DeepEqual(was, is)
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
