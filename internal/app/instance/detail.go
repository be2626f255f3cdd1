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
	Sights   []Sight          // when each source last listed the instance and its servers
	Raw      []Raw            // the answers of the cloud themselves
	Traffic  Traffic          // of the data package
	Changes  map[string]Noted // changes of the instance outside of the console, by fact

	ServerChanges []map[string]Noted // the same for each of Servers
}

// Fact is one fact as the console shows it, with what other sources say.
type Fact struct {
	ServerID string // "": it is a fact of the instance
	Name     string // one of factOrder: "name", "region", …
	Value    string
	Source   Source
	At       time.Time
	Others   []Said // what the other sources say; Differs tells whether they agree
}

// Said is the value that one source gives.
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

// Sight is when a source last listed an instance or a server.
type Sight struct {
	Source   Source
	ServerID string    // "" = the instance
	At       time.Time // zero: never
	Lost     bool      // the source's last complete answer did not have it
}

// Raw is one answer of the cloud as it came, without what may be a secret.
type Raw struct {
	Source Source
	ID     string // of the instance or server
	At     time.Time
	Body   []byte // JSON; in the store: deflated
}

// Noted is a change of a fact that the console did not make.
type Noted struct {
	Was, Is string
	At      time.Time
}

// Detail gives everything that is known of an instance, by its id or by that of
// one of its servers; fault.NotFound when there is none. The caller checks that
// the person may see its account (Instance.AccountID). A server whose instance is
// not known has a Detail without Instance.ID.
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

// orphan reads a server whose instance is not known.
func (s *Service) orphan(ctx context.Context, row *Row) (*bundle, error) {
	_, servers, err := s.Store.Records(ctx, row.AccountID, []string{}, []string{row.ServerID})
	if err != nil {
		return nil, fmt.Errorf("instance: server %s: %w", row.ServerID, err)
	}
	return &bundle{rec: Record{Instance: Instance{AccountID: row.AccountID}}, servers: servers}, nil
}

// detail puts together what is stored and what the picture knows. row is nil when
// the instance is gone.
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
