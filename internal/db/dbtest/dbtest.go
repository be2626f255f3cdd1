// Package dbtest gives tests a fresh database.
package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"path/filepath"
	"testing"

	"sampan/internal/app/seal"
	"sampan/internal/db"
	"sampan/internal/testclock"
)

// Open gives a fresh, migrated database in a directory of its own, closed when
// the test ends, on the clock of tests. Each of with may change its options.
func Open(t testing.TB, with ...func(*db.Options)) *db.DB {
	t.Helper()
	o := db.Options{Path: filepath.Join(t.TempDir(), "console.db"), Keyring: seal.NewKeyring(), Now: testclock.Now}
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

// Exec runs one statement as no store would: to bring a row into a state that
// a later version, or somebody with an editor, could have left.
func Exec(d *db.DB, query string, args ...any) error {
	return d.Write(context.Background(), func(tx *sql.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
}

// HashOf is how the hash of a token is stored.
func HashOf(token seal.Secret) string {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return hex.EncodeToString(sum[:])
}
