package db_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

func TestWhatIsRefusedOfAnAccountIsNotWritten(t *testing.T) {
	d := dbtest.Open(t)
	s := db.Accounts{DB: d}
	e := audit.By(person.System, "account.change")
	if all, err := s.Accounts(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("of none: got %+v, %v", all, err)
	}
	for _, label := range []string{"web", "Äpfel", "MARINA"} {
		a := account.Account{ID: label, Label: label, Site: account.International, Credential: account.ByKey, State: account.Active, Rev: 1}
		if err := s.Create(t.Context(), a, []byte("box of "+label), audit.By(person.System, "account.add")); err != nil {
			t.Fatal(err)
		}
	}
	var labels []string
	all, err := s.Accounts(t.Context())
	for _, a := range all {
		labels = append(labels, a.Label)
	}
	if err != nil || !slices.Equal(labels, []string{"MARINA", "web", "Äpfel"}) {
		t.Errorf("by label, case aside: got %q, %v", labels, err)
	}
	rename := func(to string) func(*account.Account) error {
		return func(a *account.Account) error { a.Label = to; return nil }
	}
	own := errors.New("not now")
	for name, f := range map[string]func() error{
		"another's label": func() error { _, err := s.Update(t.Context(), "web", rename("marina"), e); return err },
		"another's label, with a new credential": func() error {
			_, err := s.Reseal(t.Context(), "web", []byte("new"), rename("marina"), e)
			return err
		},
		"the change itself says no": func() error {
			_, err := s.Reseal(t.Context(), "web", []byte("new"), func(*account.Account) error { return own }, e)
			return err
		},
		"an account that is not there":   func() error { _, err := s.Update(t.Context(), "none", rename("x"), e); return err },
		"a credential of none":           func() error { _, err := s.Sealed(t.Context(), "none", e); return err },
		"removing one that is not there": func() error { _, err := s.Delete(t.Context(), "none", nil, e); return err },
		"removing one that may not go": func() error {
			_, err := s.Delete(t.Context(), "web", func(account.Account) error { return own }, e)
			return err
		},
	} {
		if err := f(); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if a, err := s.Account(t.Context(), "web"); err != nil || a.Label != "web" || a.Rev != 1 {
		t.Errorf("after all that: got %+v, %v", a, err)
	}
	rows, err := (db.Audits{DB: d}).Latest(t.Context(), "", 10)
	if err != nil || len(rows) != 3 {
		t.Errorf("audit rows: got %d, %v; want those of the three that were added", len(rows), err)
	}
	if box, err := s.Sealed(t.Context(), "web", e); err != nil || string(box) != "box of web" {
		t.Errorf("its credential: got %q, %v", box, err)
	}
	if _, err := s.Reseal(t.Context(), "web", []byte("new"), rename("Web"), e); err != nil {
		t.Errorf("its own label in other case: %v", err)
	}
	if box, err := s.Sealed(t.Context(), "web", e); err != nil || string(box) != "new" {
		t.Errorf("its new credential: got %q, %v", box, err)
	}
}

func TestARemovedAccountIsGone(t *testing.T) {
	d := dbtest.Open(t)
	s := db.Accounts{DB: d}
	e := audit.By(person.System, "account.change")
	a := account.Account{ID: "a", Label: "Marina", Site: account.International, Credential: account.ByKey, State: account.Active, Rev: 1}
	if err := s.Create(t.Context(), a, []byte("box"), e); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Delete(t.Context(), "a", nil, e); err != nil {
		t.Fatal(err)
	}
	keep := func(*account.Account) error { return nil }
	for name, f := range map[string]func() error{
		"read":       func() error { _, err := s.Account(t.Context(), "a"); return err },
		"change":     func() error { _, err := s.Update(t.Context(), "a", keep, e); return err },
		"credential": func() error { _, err := s.Sealed(t.Context(), "a", e); return err },
		"remove":     func() error { _, err := s.Delete(t.Context(), "a", nil, e); return err },
	} {
		if err := f(); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	a.ID = "b"
	if err := s.Create(t.Context(), a, []byte("box"), e); err != nil {
		t.Errorf("its label is free again: %v", err)
	}
}

func TestOpenOrdersOfAnAccount(t *testing.T) {
	d := dbtest.Open(t, func(o *db.Options) { o.Now = func() time.Time { return shopDay } })
	s := db.Accounts{DB: d}
	for id, state := range map[string]string{"o1": "sending", "o2": "delivered", "o3": "not found", "o4": "partly delivered"} {
		purchaseIn(t, d, id, "a", state, shopDay.Add(time.Second))
	}
	purchaseIn(t, d, "o5", "a", "not found", shopDay)
	purchaseIn(t, d, "o6", "b", "sending", shopDay)
	for id, want := range map[string]int{"a": 3, "b": 1, "nobody's": 0} {
		if n, err := s.OpenOrders(t.Context(), id); err != nil || n != want {
			t.Errorf("%s: got %d, %v; want %d", id, n, err, want)
		}
	}
}
