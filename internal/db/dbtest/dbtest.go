// Package dbtest gives tests a fresh database.
package dbtest

import (
	"path/filepath"
	"testing"

	"sampan/internal/app/seal"
	"sampan/internal/db"
)

// Open gives a fresh, migrated database in a directory of its own, closed when
// the test ends. Each of with may change its options.
func Open(t testing.TB, with ...func(*db.Options)) *db.DB {
	t.Helper()
	o := db.Options{Path: filepath.Join(t.TempDir(), "console.db"), Keyring: seal.NewKeyring()}
	for _, f := range with {
		f(&o)
	}
	d, err := db.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the test's database: %v", err)
		}
	})
	return d
}
