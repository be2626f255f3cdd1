package db_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"sampan/internal/db"
)

// A file of an older schema holds lower case where text is compared: it is
// written anew, and two names that were different then stay two.
func TestOlderKeysAreSpeltAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console.db")
	if err := db.MigrateTo(t.Context(), path, 10); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	view := "INSERT INTO saved_view (id, person_id, list, name, fold, search, sort, shared, updated_us) VALUES ($1, 'p1', 'servers', $2, $3, '', '', 0, 1)"
	for _, v := range [][3]any{{"v1", "Straße", "straße"}, {"v2", "Web", "web"}, {"v3", "ΣΑΣ", "σας"}, {"v4", "SSS", "sss"}, {"v5", "Sß", "sß"}} {
		if _, err := raw.Exec(view, v[0], v[1], v[2]); err != nil {
			t.Fatal(err)
		}
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	d := reopen(t, db.Options{Path: path})
	for id, want := range map[string]string{"v1": "strasse", "v2": "web", "v3": "σασ", "v4": "sss", "v5": "sß"} {
		var got string
		if err := d.Read().QueryRow("SELECT fold FROM saved_view WHERE id = $1", id).Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %q, want %q (%v)", id, got, want, err)
		}
	}
}
