package instance

import (
	"cmp"
	"encoding/json"
	"hash/crc32"
	"math"
	"slices"
	"time"
)

// Record is an instance as it is kept: what each source said last, and what
// was made of it.
type Record struct {
	Instance // merged

	Listed *Listed // what Config said last, without Raw; nil: never listed
	Billed *Expiry // what billing said last; nil: never named
	Seen   [3]time.Time
	Lost   [3]bool   // the last whole answer of the source did not have it
	Sums   [3]uint64 // of the answers, to know again what did not change

	NotSeenSince time.Time
	Outside      map[string]Noted // changes from outside, by fact
}

// Fill puts what only Config has into the merged instance: it is not kept twice.
func (r *Record) Fill() {
	if r.Listed == nil {
		return
	}
	l, i := r.Listed, &r.Instance
	i.Description, i.Product, i.Plan = l.Description, l.Product, l.Plan
	i.ProjectID, i.ProjectName = l.ProjectID, l.ProjectName
	i.EnterpriseProjectID, i.EnterpriseProject = l.EnterpriseProjectID, l.EnterpriseProjectName
	i.ProvisioningState, i.ConfigState, i.ConfigStatus = l.ProvisioningState, l.State, l.Status
	i.Updated, i.Tags = l.Updated, l.Tags
}

// ServerRecord is a server as it is kept.
type ServerRecord struct {
	AccountID  string
	InstanceID string // "" = not known
	Server     Server // what ECS said last, without Raw
	Seen       time.Time
	Lost       bool
	Sum        uint64

	NotSeenSince time.Time
	UpdatedAt    time.Time
	GoneAt       time.Time
	Outside      map[string]Noted
}

// castagnoli and IEEE are the two checksums that processors compute themselves:
// together they tell answers apart at the speed of reading them, which matters
// for thirty megabytes a minute.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sumBytes(b []byte) uint64 {
	return uint64(crc32.Checksum(b, castagnoli))<<32 | uint64(crc32.ChecksumIEEE(b))
}

func sumOf(raw []byte, v any) uint64 {
	if len(raw) == 0 {
		raw, _ = json.Marshal(v) // plain structs
	}
	return cmp.Or(sumBytes(raw), 1)
}

// sum of what billing said; its answers are small and have no raw form.
func (e Expiry) sum() uint64 {
	e.Updated = time.Time{} // moves without a change
	return sumOf(nil, e)
}

// over puts a newer listing over an older one. A gap in a listing proves
// nothing (cloud-api, 7: every level may be absent): what it leaves out stays
// as it was, except what can be emptied on purpose.
func (l Listed) over(old *Listed) Listed {
	if old == nil {
		return l
	}
	for _, f := range []struct {
		now *string
		was string
	}{{&l.Name, old.Name}, {&l.Region, old.Region}, {&l.ProjectID, old.ProjectID}, {&l.ProjectName, old.ProjectName},
		{&l.EnterpriseProjectID, old.EnterpriseProjectID}, {&l.EnterpriseProjectName, old.EnterpriseProjectName}, {&l.State, old.State},
		{&l.ProvisioningState, old.ProvisioningState}, {&l.Status, old.Status}, {&l.Product, old.Product}, {&l.Plan, old.Plan},
		{&l.Spec, old.Spec}, {&l.OrderID, old.OrderID}} {
		*f.now = cmp.Or(*f.now, f.was)
	}
	for _, f := range []struct {
		now *[]string
		was []string
	}{{&l.ServerIDs, old.ServerIDs}, {&l.PackageIDs, old.PackageIDs}, {&l.Addresses, old.Addresses}} {
		if len(*f.now) == 0 {
			*f.now = f.was
		}
	}
	if len(l.Parts) == 0 {
		l.Parts = old.Parts
	}
	if l.Created.IsZero() {
		l.Created = old.Created
	}
	if l.PackageEnd.IsZero() {
		l.PackageEnd = old.PackageEnd
	}
	return l
}

// over puts what billing says now over what it said before.
func (e Expiry) over(old *Expiry) Expiry {
	if old == nil {
		return e
	}
	e.Name, e.Region, e.Spec = cmp.Or(e.Name, old.Name), cmp.Or(e.Region, old.Region), cmp.Or(e.Spec, old.Spec)
	e.SpecText, e.ProjectID = cmp.Or(e.SpecText, old.SpecText), cmp.Or(e.ProjectID, old.ProjectID)
	if e.Expires.IsZero() {
		e.Expires = old.Expires
	}
	if e.Effective.IsZero() {
		e.Effective = old.Effective
	}
	return e
}

// over puts what ECS says now over what it said before. ECS is the truth about
// a server; only a name is never empty.
func (s Server) over(old Server) Server {
	s.Name, s.Region, s.Zone = cmp.Or(s.Name, old.Name), cmp.Or(s.Region, old.Region), cmp.Or(s.Zone, old.Zone)
	s.InstanceID, s.OrderID = cmp.Or(s.InstanceID, old.InstanceID), cmp.Or(s.OrderID, old.OrderID)
	s.ImageName, s.ImageID, s.OS = cmp.Or(s.ImageName, old.ImageName), cmp.Or(s.ImageID, old.ImageID), cmp.Or(s.OS, old.OS)
	if s.Created.IsZero() {
		s.Created = old.Created
	}
	return s
}

// bundle is an instance with its servers. Record.ID is "" in one that holds a
// server whose instance is not known.
type bundle struct {
	rec     Record
	servers []ServerRecord // by id; the first one stands for the instance
	known   bool           // the instance was kept before
	rows    []*Row         // what make made
}

func (b *bundle) server(id string) *ServerRecord {
	for n := range b.servers {
		if b.servers[n].Server.ID == id {
			return &b.servers[n]
		}
	}
	return nil
}

// sort puts the server that stands for the instance first: the one that has
// done so or that Config names, else one that is there before one that is gone,
// else the oldest.
func (b *bundle) sort() {
	if len(b.servers) < 2 {
		return
	}
	rank := func(s *ServerRecord) int {
		switch {
		case !s.GoneAt.IsZero():
			return 4
		case s.Lost:
			return 3
		case b.rec.Listed != nil && slices.Contains(b.rec.Listed.ServerIDs, s.Server.ID):
			return 0
		case s.Server.ID == b.rec.ServerID:
			return 1
		}
		return 2
	}
	age := func(s *ServerRecord) int64 {
		if s.Server.Created.IsZero() {
			return math.MaxInt64
		}
		return s.Server.Created.UnixMicro()
	}
	slices.SortStableFunc(b.servers, func(x, y ServerRecord) int {
		return cmp.Or(cmp.Compare(rank(&x), rank(&y)), cmp.Compare(age(&x), age(&y)), cmp.Compare(x.Server.ID, y.Server.ID))
	})
}
