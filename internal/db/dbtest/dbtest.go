// Package dbtest gives tests a fresh database.
package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sampan/internal/app/seal"
	"sampan/internal/db"
	"sampan/internal/testclock"
)

// Open gives a fresh, migrated database in a directory of its own, closed when
// the test ends, on the clock of tests. Each of with may change its options.
func Open(t testing.TB, with ...func(*db.Options)) *db.DB {
	t.Helper()
	o := db.Options{Path: filepath.Join(t.TempDir(), "console.db"), Now: testclock.Now}
	o.Keyring = Seed(t, o.Path)
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

// seed is a database that was made and stopped before anything was written to
// it: migrating one for each test is what most of their time would go into. Its
// marks come along, so that no test takes it for a copy.
var seed = sync.OnceValues(func() (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "seed")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "data", "console.db")
	d, err := db.Open(context.Background(),
		db.Options{Path: path, Keyring: keys, Now: func() time.Time { return time.Unix(0, 0) }}) // of no time
	if err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	for _, name := range []string{"", ".mark"} {
		b, readErr := os.ReadFile(path + name)
		files[name], err = b, errors.Join(err, readErr)
	}
	b, readErr := os.ReadFile(filepath.Join(dir, "data.mark"))
	files["beside"] = b
	return files, errors.Join(err, readErr)
})

// keys seal what tests write; it is one ring for all of them.
var keys = seal.NewKeyring()

// Seed writes a fresh, migrated database to a path whose directory is empty, and
// gives the keys that it was made with. It is for tests that open and close it
// themselves.
func Seed(t testing.TB, path string) *seal.Keyring {
	t.Helper()
	files, err := seed()
	for name, content := range files {
		to := path + name
		if name == "beside" {
			to = filepath.Dir(path) + ".mark"
		}
		err = errors.Join(err, os.WriteFile(to, content, 0o600))
	}
	if err != nil {
		t.Fatalf("seed the test's database: %v", err)
	}
	return keys
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
