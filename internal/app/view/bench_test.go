package view_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/view"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
	"sampan/internal/testclock"
)

var (
	owner    = person.Actor{PersonID: "p1", Name: "Mei", Role: person.Owner}
	operator = person.Actor{PersonID: "p2", Name: "Tan", Role: person.Operator}
	viewer   = person.Actor{PersonID: "p3", Name: "Ann", Role: person.Viewer}
	stranger = person.Actor{PersonID: "p3", Role: "guest"} // a role that may do nothing
	noon     = testclock.From(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
)

// bench is the use cases over a fresh database and a picture of three instances:
// "shop" and "blog" of account a1 and "lab" of account a2.
type bench struct {
	*view.Service
	fail map[string]error // what the store fails with, by method
	now  time.Time
}

// store is the database, and fails where a test says so.
type store struct {
	view.Store
	fail map[string]error // by method
}

func (s store) Views(ctx context.Context, personID string, l view.List) ([]view.View, error) {
	return either(s.fail["Views"], func() ([]view.View, error) { return s.Store.Views(ctx, personID, l) })
}

func (s store) Choice(ctx context.Context, personID string, l view.List) (view.Choice, error) {
	return either(s.fail["Choice"], func() (view.Choice, error) { return s.Store.Choice(ctx, personID, l) })
}

func (s store) SaveSelection(ctx context.Context, sel view.Selection, before time.Time) error {
	_, err := either(s.fail["SaveSelection"], func() (any, error) { return nil, s.Store.SaveSelection(ctx, sel, before) })
	return err
}

func either[T any](err error, do func() (T, error)) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return do()
}

// accounts are those of the picture.
type accounts struct{ instance.Accounts }

func (accounts) List(context.Context, person.Actor) ([]account.Account, error) {
	return []account.Account{{ID: "a1", Label: "Shop", State: account.Active}, {ID: "a2", Label: "Lab", State: account.Active}}, nil
}

func newBench(t *testing.T) *bench {
	t.Helper()
	d := dbtest.Open(t)
	for _, id := range []string{"p1", "p2", "p3"} {
		must(t, dbtest.Exec(d, `INSERT INTO person
			(id, name, display_name, role, password_hash, language, zone, theme, shortcuts, scope, disabled, created_us, updated_us, rev)
			VALUES ($1, $1, $1, 'owner', '', '', '', '', 1, '', 0, 0, 0, 0)`, id))
	}
	kept := db.Instances{DB: d}
	for n, name := range []string{"shop", "blog", "lab"} {
		accountID := "a1"
		if name == "lab" {
			accountID = "a2"
		}
		i := instance.Instance{
			ID: "i-" + name, AccountID: accountID, Name: name, ServerID: "s-" + name, ServerName: name, State: "ACTIVE",
			Region: "ap-southeast-3", Address: "203.0.113." + strconv.Itoa(n+1), Expires: noon.AddDate(0, n+1, 0),
		}
		must(t, kept.Keep(t.Context(), accountID, instance.Kept{Instances: []instance.Record{{Instance: i}}}))
	}
	b := &bench{fail: map[string]error{}, now: noon}
	last := 0
	b.Service = &view.Service{Store: store{db.Views{DB: d}, b.fail}, Now: func() time.Time { return b.now }, NewID: func() string {
		last++
		return fmt.Sprintf("v%03d", last)
	}}
	b.Inventory = &instance.Service{
		Store: kept, Accounts: accounts{}, Labels: b.Service, Now: func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
	}
	return b
}

func (b *bench) row(t *testing.T, id string) *instance.Row {
	t.Helper()
	r, ok := b.Inventory.Picture().Row(id)
	if !ok {
		t.Fatalf("the picture has no %s", id)
	}
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantFault checks kind and message, and that the message stands at a field; field ""
// is none.
func wantFault(t *testing.T, err error, kind fault.Kind, id, field string) {
	t.Helper()
	f := fault.Of(err)
	if f.Kind != kind || f.Message.ID != id {
		t.Errorf("got %v, want %s %s", err, kind, id)
	}
	var at []string
	for name, m := range f.Fields {
		if at = append(at, name); m.ID != id {
			t.Errorf("at %s: got %s, want %s", name, m.ID, id)
		}
	}
	if want := slices.DeleteFunc([]string{field}, func(s string) bool { return s == "" }); !slices.Equal(at, want) {
		t.Errorf("fields: got %v, want %v", at, want)
	}
}

var errDisk = errors.New("disk I/O error")
