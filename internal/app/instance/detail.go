package instance

import (
	"context"
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
	Changes  map[string]Noted // changes from outside: fact → what it was
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

// Raw is one answer of the cloud as it came.
type Raw struct {
	Source Source
	ID     string // of the instance or server
	At     time.Time
	Body   []byte // JSON
}

// Noted is a change that the console did not make.
type Noted struct {
	Was, Is string
	At      time.Time
}

// Detail gives everything known of an instance, by its id or by that of one of
// its servers; fault.NotFound when there is none. The caller checks its account
// (Instance.AccountID).
func (s *Service) Detail(ctx context.Context, by person.Actor, id string) (Detail, error) {
	if r, ok := s.Picture().Row(id); ok && r.InstanceID != "" {
		id = r.InstanceID
	}
	i, err := s.Get(ctx, by, id)
	if err != nil {
		return Detail{}, err
	}
	return Detail{Instance: i, Rows: s.Picture().Servers(i.ID)}, nil
}
