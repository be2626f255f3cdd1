package db_test

import (
	"testing"

	"sampan/internal/app/audit"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

func TestSettings(t *testing.T) {
	d := dbtest.Open(t)
	s := db.Settings{DB: d}
	if v, ok, err := s.Setting(t.Context(), "tag"); v != "" || ok || err != nil {
		t.Errorf("one that was never stored: got %q, %v, %v", v, ok, err)
	}
	for n, value := range []string{"yes", "", "yes"} { // an empty value is a value
		if err := s.PutSetting(t.Context(), "tag", value, audit.By(person.System, "setting.change", "tag")); err != nil {
			t.Fatal(err)
		}
		if v, ok, err := s.Setting(t.Context(), "tag"); v != value || !ok || err != nil {
			t.Errorf("got %q, %v, %v; want %q", v, ok, err, value)
		}
		if rows, err := (db.Audits{DB: d}).Latest(t.Context(), "", 10); err != nil || len(rows) != n+1 {
			t.Errorf("audit rows: got %d, %v; want %d", len(rows), err, n+1)
		}
	}
	if _, ok, err := s.Setting(t.Context(), "Tag"); ok || err != nil {
		t.Errorf("another name: got %v, %v", ok, err)
	}
}
