package setting_test

import (
	"slices"
	"testing"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/setting"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

func TestSettings(t *testing.T) {
	d := dbtest.Open(t)
	s := &setting.Service{Store: db.Settings{DB: d}}
	owner := person.Actor{PersonID: "p1", Role: person.Owner}
	check := func(when string, deduct, tag bool) {
		t.Helper()
		if got, err := s.AllowDeduct(t.Context()); got != deduct || err != nil {
			t.Errorf("%s: AllowDeduct %v, %v", when, got, err)
		}
		if got, err := s.IntentTag(t.Context()); got != tag || err != nil {
			t.Errorf("%s: IntentTag %v, %v", when, got, err)
		}
	}
	check("at first", false, true)
	for _, role := range []person.Role{"", person.Viewer, person.Operator, person.Buyer} {
		by := person.Actor{PersonID: "p2", Role: role}
		if err := s.SetAllowDeduct(t.Context(), by, true); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%q may change it: %v", role, err)
		}
		if err := s.SetIntentTag(t.Context(), by, false); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%q may change it: %v", role, err)
		}
	}
	check("after others tried", false, true)
	for _, on := range []bool{true, false, true} {
		if err := s.SetAllowDeduct(t.Context(), owner, on); err != nil {
			t.Fatal(err)
		}
		if err := s.SetIntentTag(t.Context(), owner, !on); err != nil {
			t.Fatal(err)
		}
		check("set", on, !on)
	}
	var rows []string
	for r, err := range (db.Audits{DB: d}).Rows(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r.Action+" "+r.Targets[0]+" "+r.Params["value"]+" "+r.Outcome)
	}
	want := []string{"setting.change allow_deduct on ok", "setting.change intent_tag off ok"}
	if len(rows) != 6 || !slices.Equal(rows[:2], want) {
		t.Errorf("audit: got %q", rows)
	}
}

func TestASettingThatCannotBeReadAllowsNothing(t *testing.T) {
	d := dbtest.Open(t)
	if err := dbtest.Exec(d, "DROP TABLE setting"); err != nil {
		t.Fatal(err)
	}
	s := &setting.Service{Store: db.Settings{DB: d}}
	if got, err := s.AllowDeduct(t.Context()); got || err == nil {
		t.Errorf("AllowDeduct %v, %v", got, err)
	}
	if got, err := s.IntentTag(t.Context()); got || err == nil {
		t.Errorf("IntentTag %v, %v", got, err)
	}
}
