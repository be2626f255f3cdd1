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

// commit merges what take found into the records, stores them and publishes the
// rows. Another take may follow. It ends even when ctx does: what is stored and
// what is shown stay the same.
func (a *merger) commit(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if len(a.dirty) == 0 {
		return nil
	}
	turn := a.s.queue.commitLock(a.account)
	turn.Lock()
	defer turn.Unlock()
	a.current = a.s.accountRows(a.account)
	bundles, err := a.load(ctx)
	if err != nil {
		return err
	}
	var out outcome
	for id, d := range a.dirty {
		a.mergeOne(id, d, bundles[id], &out)
	}
	if err := a.s.Store.Keep(ctx, a.account, out.Kept); err != nil {
		return err
	}
	a.current = a.s.publish(a.account, bundles, out)
	a.dirty, a.dirtyServers = make(map[string]*dirty), nil
	return nil
}

// outcome is what a commit stores and announces.
type outcome struct {
	Kept
	changed map[string]bool // ids of instances and servers of which a fact changed
	drop    map[string]bool // ids of rows that are replaced or gone
}

// mostByID is up to how many records are read one by one. With more, all records
// of the account are read when most of them are wanted.
const mostByID = 1500

// load reads the records of the dirty instances and servers.
func (a *merger) load(ctx context.Context) (map[string]*bundle, error) {
	ids := slices.Sorted(maps.Keys(a.dirty))
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	moved := a.dirtyServers
	if len(ids)+len(moved) > mostByID && len(ids) > len(a.current.rows)/2 {
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

// moves gives the instance that each dirty server belongs to now.
func (a *merger) moves() map[string]string {
	at := make(map[string]string)
	for id, d := range a.dirty {
		for _, s := range d.servers {
			at[s.ID] = id
		}
	}
	return at
}

// mergeOne brings the record and the rows of one instance up to date.
func (a *merger) mergeOne(id string, d *dirty, b *bundle, out *outcome) {
	if out.changed == nil {
		out.changed, out.drop = make(map[string]bool), make(map[string]bool)
	}
	was := b.rec
	wasRows := a.rowIDs(id, b)
	if id != "" {
		a.mergeRecord(d, b, out)
	}
	a.mergeServers(d, b, out)
	if id != "" {
		b.merge()
		if d.order != "" {
			b.rec.CloudOrder = d.order
		}
		b.rec.Seen[FromECS] = b.rec.SeenECS
		if changed := factsDiffer(was.Instance, b.rec.Instance) || !b.known; changed {
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
	out.Packed = append(out.Packed, b.pack(a.current.ages)...)
	for _, s := range d.servers {
		if r := a.current.row(s.ID); id != "" && r != nil && r.InstanceID == "" {
			out.Packed = append(out.Packed, Packed{AccountID: a.account, ID: s.ID}) // the row of the server without an instance goes
		}
	}
}

// rowIDs gives the ids of the rows that the bundle replaces.
func (a *merger) rowIDs(id string, b *bundle) []string {
	var all []string
	if id != "" {
		for _, r := range a.current.instanceRows(id) {
			all = append(all, r.ID())
		}
	}
	for _, s := range b.servers {
		all = append(all, s.Server.ID)
	}
	return all
}

// mergeRecord puts what Config and billing say into the record.
func (a *merger) mergeRecord(d *dirty, b *bundle, out *outcome) {
	r := &b.rec
	note := func(fact, was, is string) {
		a.noteOutside(&r.Outside, fact, was, is, r.ID, r.ServerID, "order:"+r.CloudOrder)
	}
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
func (a *merger) lastSeen(src Source, id string, kept time.Time) time.Time {
	if r := a.current.row(id); r != nil {
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

// mergeServers puts what ECS says into the records of the servers.
func (a *merger) mergeServers(d *dirty, b *bundle, out *outcome) {
	touched := make(map[string]bool)
	for n := range d.servers {
		s := &d.servers[n]
		rec := b.server(s.ID)
		if rec != nil && rec.Seen.After(a.at) {
			continue
		}
		if s.Same { // unchanged, but of another instance now
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
			a.noteServerChanges(rec, s, b.rec.CloudOrder)
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
	if d.gone { // its servers are gone too
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

// noteServerChanges notes what changed about a server without the console.
func (a *merger) noteServerChanges(rec *ServerRecord, s *Server, order string) {
	was := &rec.Server
	note := func(fact, before, now string) {
		a.noteOutside(&rec.Outside, fact, before, now, s.ID, rec.InstanceID, "order:"+cmp.Or(order, s.OrderID))
	}
	note("name", was.Name, s.Name)
	note("size", was.Flavor, s.Flavor)
	note("image", was.ImageID, s.ImageID)
	if fullyKnown(was) && fullyKnown(s) { // an empty value is empty, and not one that is not known yet
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

// fullyKnown reports whether ECS says everything about the server. While it is
// built, much is missing.
func fullyKnown(s *Server) bool { return s.Status != "" && s.Status != "BUILD" }

func listOf(all []string) string {
	all = slices.Sorted(slices.Values(all))
	return strings.Join(all, ", ")
}

// noteOutside notes a change of a fact that the console did not make. ids are
// those by which the console's own actions name the thing.
func (a *merger) noteOutside(into *map[string]Noted, fact, was, is string, ids ...string) {
	if was == "" || is == "" || was == is || a.s.queue.isOwn(a.account, a.at, fact, ids...) {
		return
	}
	if *into == nil {
		*into = make(map[string]Noted)
	} else {
		*into = maps.Clone(*into)
	}
	(*into)[fact] = Noted{Was: was, Is: is, At: a.at}
}

// factsDiffer reports whether a fact changed; when sources saw the instance is no
// such fact.
func factsDiffer(was, is Instance) bool {
	was.SeenConfig, was.SeenECS, was.SeenBSS = is.SeenConfig, is.SeenECS, is.SeenBSS
	was.UpdatedAt = is.UpdatedAt
	return !reflect.DeepEqual(was, is)
}

// sameServer reports whether ECS says the same of a server; the time of its last
// update aside.
func sameServer(was, is Server) bool {
	was.Raw, is.Raw, was.Sum, is.Sum = nil, nil, 0, 0
	was.Updated, is.Updated = time.Time{}, time.Time{}
	return reflect.DeepEqual(was, is)
}
