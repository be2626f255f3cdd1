package instance

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"sampan/internal/app/person"
)

// Detail is everything that is known of one instance and its servers.
type Detail struct {
	Instance Instance         // merged
	Rows     []*Row           // its servers as the lists show them, the first one first
	Listed   *Listed          // what Config said last; nil: it never listed it
	Billed   *Expiry          // what billing said last; nil: it never named it
	Servers  []Server         // what ECS said last of each server, in the order of Rows where it did
	Facts    []Fact           // the facts that several sources give, with source and age
	Sights   []Sight          // which source lists which part, and since when not
	Raw      []Raw            // the answers themselves, for the fold
	Traffic  Traffic          // of the data package
	Changes  map[string]Noted // changes of the instance from outside: fact → what it was

	ServerChanges []map[string]Noted // the same of each of Servers
}

// Fact is one fact as the console shows it, with what the other sources say.
type Fact struct {
	ServerID string // "" = of the instance
	Name     string // "name", "region", "address", "server", "order", "spec", "image", "state", "expires", "project", "enterprise", "created"
	Value    string
	Source   Source
	At       time.Time
	Others   []Said // what the other sources say; Differs tells whether they agree
}

// Said is what one source says.
type Said struct {
	Source Source
	Value  string
	At     time.Time
}

// Differs reports whether another source says something else.
func (f Fact) Differs() bool {
	for _, o := range f.Others {
		if o.Value != f.Value {
			return true
		}
	}
	return false
}

// Sight is when a source last listed a thing.
type Sight struct {
	Source   Source
	ServerID string    // "" = the instance
	At       time.Time // zero: never
	Lost     bool      // the last whole listing did not have it: "not seen since At"
}

// Raw is one answer of the cloud as it came, without what may be a secret.
type Raw struct {
	Source Source
	ID     string // of the instance or server
	At     time.Time
	Body   []byte // JSON; in the store: deflated
}

// Noted is a change that the console did not make.
type Noted struct {
	Was, Is string
	At      time.Time
}

// Detail gives everything known of an instance, by its id or by that of one of
// its servers; fault.NotFound when there is none. The caller checks its account
// (Instance.AccountID). A server without a known instance has a Detail without
// Instance.ID.
func (s *Service) Detail(ctx context.Context, by person.Actor, id string) (Detail, error) {
	if !by.May(person.See) {
		return Detail{}, denied()
	}
	row, ok := s.Picture().Row(id)
	var b *bundle
	var err error
	switch {
	case ok && row.InstanceID == "":
		b, err = s.orphan(ctx, row)
	case ok:
		b, err = s.bundle(ctx, row.InstanceID)
	default:
		b, err = s.bundle(ctx, id)
	}
	if err != nil {
		return Detail{}, err
	}
	return s.detail(ctx, b, row)
}

func (s *Service) orphan(ctx context.Context, row *Row) (*bundle, error) {
	_, servers, err := s.Store.Records(ctx, row.AccountID, []string{}, []string{row.ServerID})
	if err != nil {
		return nil, fmt.Errorf("instance: server %s: %w", row.ServerID, err)
	}
	return &bundle{rec: Record{Instance: Instance{AccountID: row.AccountID}}, servers: servers}, nil
}

func (s *Service) detail(ctx context.Context, b *bundle, row *Row) (Detail, error) {
	r := b.rec
	d := Detail{Instance: r.Instance, Listed: r.Listed, Billed: r.Billed, Facts: b.facts(), Changes: r.Outside}
	ids := []string{r.ID}
	if r.ID != "" {
		d.Rows = s.accountRows(r.AccountID).instanceRows(r.ID)
		for _, src := range []Source{FromConfig, FromBSS} {
			d.Sights = append(d.Sights, Sight{Source: src, At: r.Seen[src], Lost: r.Lost[src]})
		}
	} else if row != nil {
		d.Rows = []*Row{row}
	}
	if len(d.Rows) > 0 {
		d.Traffic = d.Rows[0].Traffic
	}
	for n := range b.servers {
		rec := &b.servers[n]
		ids = append(ids, rec.Server.ID)
		d.Servers = append(d.Servers, rec.Server)
		d.Sights = append(d.Sights, Sight{Source: FromECS, ServerID: rec.Server.ID, At: rec.Seen, Lost: rec.Lost})
		d.ServerChanges = append(d.ServerChanges, rec.Outside)
	}
	raws, err := s.Store.Raws(ctx, r.AccountID, ids)
	if err != nil {
		return Detail{}, fmt.Errorf("instance: raw answers about %s: %w", cmp.Or(r.ID, ids[len(ids)-1]), err)
	}
	if d.Raw, err = inflated(raws); err != nil {
		return Detail{}, fmt.Errorf("instance: raw answers about %s: %w", cmp.Or(r.ID, ids[len(ids)-1]), err)
	}
	return d, nil
}
