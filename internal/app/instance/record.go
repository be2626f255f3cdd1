package instance

import (
	"cmp"
	"encoding/json"
	"hash/crc32"
	"math"
	"slices"
	"time"
)

// Record is an instance as it is stored: what each source said last, and what was
// merged of it.
type Record struct {
	Instance // merged

	Listed *Listed // what Config said last, without Raw; nil: it never listed it
	Billed *Expiry // what billing said last; nil: it never named it
	Seen   [3]time.Time
	Lost   [3]bool   // the last whole answer of the source did not have it
	Sums   [3]uint64 // checksums of the answers: the same sum means that nothing changed

	NotSeenSince time.Time
	Outside      map[string]Noted // changes from outside, by fact
}

// Fill sets what only Config has in the merged instance: the store keeps it once,
// in Listed.
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

// ServerRecord is a server as it is stored.
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

// castagnoli and IEEE are the two checksums that processors compute themselves.
// Together they tell answers apart almost as fast as they are read, which matters
// at thirty megabytes a minute.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sumBytes(b []byte) uint64 {
	return uint64(crc32.Checksum(b, castagnoli))<<32 | uint64(crc32.ChecksumIEEE(b))
}

// sumOf is the checksum of a raw answer, or of v where there is none. It is never
// 0.
func sumOf(raw []byte, v any) uint64 {
	if len(raw) == 0 {
		raw, _ = json.Marshal(v) // plain structs
	}
	return cmp.Or(sumBytes(raw), 1)
}

// sum is the checksum of what billing said; it keeps no raw answer.
func (e Expiry) sum() uint64 {
	e.Updated = time.Time{} // it changes when nothing else does
	return sumOf(nil, e)
}

// over puts a newer listing over an older one. What a listing leaves out stays as
// it was, for any level of it may be absent (cloud-api, 7), except what can be
// emptied on purpose.
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

// over puts what billing says now over what it said before: what it leaves out
// stays as it was.
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

// over puts what ECS says now over what it said before. ECS has the last word on
// a server; only what is never empty stays when it is left out.
func (s Server) over(old Server) Server {
	s.Name, s.Region, s.Zone = cmp.Or(s.Name, old.Name), cmp.Or(s.Region, old.Region), cmp.Or(s.Zone, old.Zone)
	s.InstanceID, s.OrderID = cmp.Or(s.InstanceID, old.InstanceID), cmp.Or(s.OrderID, old.OrderID)
	s.ImageName, s.ImageID, s.OS = cmp.Or(s.ImageName, old.ImageName), cmp.Or(s.ImageID, old.ImageID), cmp.Or(s.OS, old.OS)
	if s.Created.IsZero() {
		s.Created = old.Created
	}
	return s
}

// bundle is an instance with its servers. Its rec.ID is "" when it holds servers
// whose instance is not known.
type bundle struct {
	rec     Record
	servers []ServerRecord // by id; the first one stands for the instance
	known   bool           // the instance was stored before
	rows    []*Row         // what pack made
}

// server gives the record of a server; nil when there is none.
func (b *bundle) server(id string) *ServerRecord {
	for n := range b.servers {
		if b.servers[n].Server.ID == id {
			return &b.servers[n]
		}
	}
	return nil
}

// sort puts first the server that stands for the instance: one that Config names
// or that did so before, else one that exists before one that is missing or gone,
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
