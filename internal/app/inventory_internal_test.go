package app

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
	"sampan/internal/testclock"
)

// one is an account that exists.
type one struct{ instance.Accounts }

func (one) List(context.Context, person.Actor) ([]account.Account, error) {
	return []account.Account{{ID: "a1", State: account.Active}, {ID: "a3", State: account.Active}}, nil
}

// counted counts how often the database is asked about an instance.
type counted struct {
	db.Instances
	asked []string
}

func (c *counted) Record(ctx context.Context, id string) (instance.Record, []instance.ServerRecord, error) {
	c.asked = append(c.asked, id)
	return c.Instances.Record(ctx, id)
}

// TestServersOfOrdersComeFromThePicture: the database is asked only about those
// that are not in it any more, which are said to be gone. One that another entry
// of the same account lists is there.
func TestServersOfOrdersComeFromThePicture(t *testing.T) {
	const there, gone, unknown, twice = "66e3e9f8b271f8319ef19e86", "66e3e9f8b271f8319ef19e87", "66e3e9f8b271f8319ef19e88",
		"66e3e9f8b271f8319ef19e89"
	d := dbtest.Open(t)
	store := &counted{Instances: db.Instances{DB: d}}
	now := testclock.Now()
	record := func(accountID, id string, goneAt time.Time) instance.Record {
		return instance.Record{Instance: instance.Instance{ID: id, AccountID: accountID, Name: "shop", Region: "ap-southeast-3",
			State: "ACTIVE", Address: "203.0.113.7", CloudOrder: "CS1", Created: now, GoneAt: goneAt}}
	}
	if err := store.Keep(t.Context(), "a1", instance.Kept{Instances: []instance.Record{record("a1", there, time.Time{}),
		record("a1", gone, now)}}); err != nil {
		t.Fatal(err)
	}
	if err := store.Keep(t.Context(), "a3", instance.Kept{Instances: []instance.Record{record("a3", twice, time.Time{})}}); err != nil {
		t.Fatal(err)
	}
	kin := func(_ context.Context, id string) ([]string, error) {
		if id == "a4" {
			return []string{"a4", "a3"}, nil
		}
		return []string{id}, nil
	}
	i := orderInventory{kin: kin, instances: &instance.Service{Store: store, Accounts: one{}, Now: testclock.Now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}}
	known, err := i.Deliveries(t.Context(), "a1", []string{there, gone, unknown})
	if err != nil || len(known) != 2 || known[there].Gone || known[there].Order != "CS1" || !known[gone].Gone {
		t.Errorf("got %+v, %v", known, err)
	}
	if len(store.asked) != 2 {
		t.Errorf("the database was asked about %v, want the two that are not there", store.asked)
	}
	if other, _ := i.Deliveries(t.Context(), "a2", []string{there}); len(other) != 0 {
		t.Errorf("another account sees %+v", other)
	}
	if kin, _ := i.Deliveries(t.Context(), "a4", []string{there, twice}); len(kin) != 1 || kin[twice].Gone || kin[twice].Address == "" {
		t.Errorf("another entry of a3 sees %+v", kin)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Deliveries(t.Context(), "a1", []string{unknown}); err == nil {
		t.Error("a database that cannot be read: no error, want one")
	}
}
