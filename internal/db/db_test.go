package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"modernc.org/sqlite"

	"sampan/internal/app/audit"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// put stores a setting in a transaction of its own.
func put(ctx context.Context, d *db.DB, name, value string) error {
	return d.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO setting (name, value, updated_us) VALUES ($1, $2, 1)", name, value)
		return err
	})
}

func count(t *testing.T, c *sql.DB, table string) int {
	t.Helper()
	var n int
	if err := c.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// reopen opens the file at path as a second start would, and closes it with
// the test.
func reopen(t *testing.T, o db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestVersionsOfSQLite(t *testing.T) {
	for v, fit := range map[string]bool{
		"3.51.2": false, "3.51.3": true, "3.51.10": true, "3.52.0": false, "3.52.1": true, "3.54.1": true, "4.0.0": true, "3.9.9": false,
		"odd": false, "": false,
	} {
		if err := db.VersionFit(v); (err == nil) != fit {
			t.Errorf("%q: got %v, want fit %v", v, err, fit)
		}
	}
}

func TestADirectoryHasOneConsole(t *testing.T) {
	o := db.Options{Path: filepath.Join(t.TempDir(), "console.db")}
	d := reopen(t, o)
	_, err := db.Open(t.Context(), o)
	if !errors.Is(err, db.ErrLocked) || !strings.Contains(err.Error(), "stop the other one first") {
		t.Errorf("a second one: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	reopen(t, o)
}

func TestTheCallersLockIsTheCallers(t *testing.T) {
	dir := t.TempDir()
	lock, err := db.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	d := reopen(t, db.Options{Path: filepath.Join(dir, "console.db"), Lock: lock})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.LockDir(dir); !errors.Is(err, db.ErrLocked) {
		t.Errorf("closing the database gave the lock away: %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOthersMayNotReadTheFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "console.db")
	d := reopen(t, db.Options{Path: path})
	if err := put(t.Context(), d, "a", "b"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm", path + ".mark", filepath.Dir(path) + ".mark", filepath.Dir(path)} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
	}
}

func TestPathsWithOddCharacters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "50% of it? yes#1 & more", "my console.db")
	d := reopen(t, db.Options{Path: path})
	if err := put(t.Context(), d, "a", "b"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestTheWrongKeyTouchesNothing(t *testing.T) {
	o := db.Options{Path: filepath.Join(t.TempDir(), "console.db"), Keyring: seal.NewKeyring()}
	if err := reopen(t, o).Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	wrong := o
	wrong.Keyring = seal.NewKeyring()
	if _, err := db.Open(t.Context(), wrong); err == nil || !strings.Contains(err.Error(), "put that one back") {
		t.Errorf("got %v", err)
	}
	after, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the file changed")
	}
	reopen(t, o)
}

func TestANewerSchemaIsRefused(t *testing.T) {
	o := db.Options{Path: filepath.Join(t.TempDir(), "console.db")}
	d := reopen(t, o)
	if _, err := db.Writer(d).Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("got %v", err)
	}
}

func TestMigratingBacksUpFirst(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "console.db")
	if err := db.MigrateTo(t.Context(), path, 1); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec("INSERT INTO setting (name, value, updated_us) VALUES ('old', 'kept', 1)"); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	d := reopen(t, db.Options{Path: path})
	if count(t, d.Read(), "setting") != 1 {
		t.Error("migrating lost a row")
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.backup"))
	if err != nil || len(found) != 1 {
		t.Fatalf("backups: %v, %v", found, err)
	}
	copied, err := sql.Open("sqlite", found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	var version int
	if err := copied.QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&version); err != nil || version != 1 {
		t.Errorf("the backup has schema %d, %v", version, err)
	}
	if count(t, copied, "setting") != 1 {
		t.Error("the backup misses a row")
	}
	if info, err := os.Stat(found[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup: %v, %v", info.Mode(), err)
	}
}

func TestWrite(t *testing.T) {
	d := dbtest.Open(t)
	boom := errors.New("boom")
	insert := func(tx *sql.Tx) {
		if _, err := tx.Exec("INSERT INTO setting (name, value, updated_us) VALUES ('a', 'b', 1)"); err != nil {
			t.Error(err)
		}
	}
	if err := d.Write(t.Context(), func(tx *sql.Tx) error { insert(tx); return boom }); err != boom {
		t.Errorf("an error of the function comes back as %v", err)
	}
	func() {
		defer func() {
			if recover() != boom {
				t.Error("a panic did not come through")
			}
		}()
		_ = d.Write(t.Context(), func(tx *sql.Tx) error { insert(tx); panic(boom) })
	}()
	ctx, cancel := context.WithCancel(t.Context())
	if err := d.Write(ctx, func(tx *sql.Tx) error { insert(tx); cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("given up before the commit: %v", err)
	}
	if n := count(t, d.Read(), "setting"); n != 0 {
		t.Fatalf("%d rows were left behind", n)
	}
	if err := put(t.Context(), d, "a", "b"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, d.Read(), "setting"); n != 1 {
		t.Errorf("%d rows after a commit", n)
	}
}

func TestWritersTakeTurns(t *testing.T) {
	d := dbtest.Open(t)
	inside, leave := make(chan struct{}), make(chan struct{})
	first := make(chan error)
	go func() {
		first <- d.Write(t.Context(), func(*sql.Tx) error { close(inside); <-leave; return nil })
	}()
	<-inside
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := put(ctx, d, "a", "b"); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting was not given up: %v", err)
	}
	close(leave)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			if err := put(t.Context(), d, string(rune('A'+i)), "b"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := count(t, d.Read(), "setting"); n != 50 {
		t.Errorf("%d rows", n)
	}
}

func TestTheReadingPoolCannotWrite(t *testing.T) {
	d := dbtest.Open(t)
	_, err := d.Read().Exec("DELETE FROM setting")
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Code()&0xff != 8 {
		t.Errorf("got %v, want read-only", err)
	}
}

func TestSettingsOfTheConnections(t *testing.T) {
	d := dbtest.Open(t)
	for name, c := range map[string]*sql.DB{"writer": db.Writer(d), "reader": d.Read()} {
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1",
			"busy_timeout": "5000"} {
			var got string
			if err := c.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s, %s: got %q, %v; want %q", name, pragma, got, err, want)
			}
		}
	}
}

func TestIDs(t *testing.T) {
	last := ""
	for range 1000 {
		id := db.NewID()
		if len(id) != 36 || id[14] != '7' || id != strings.ToLower(id) || id <= last {
			t.Fatalf("%q after %q", id, last)
		}
		last = id
	}
}

// eventually waits for what another goroutine does.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for tick := time.Tick(time.Millisecond); !ok(); {
		select {
		case <-tick:
		case <-timeout:
			t.Fatalf("never: %s", what)
		}
	}
}

func TestADatabaseGoesOnAfterItGaveBackMemory(t *testing.T) {
	d := dbtest.Open(t)
	s := db.Settings{DB: d}
	for _, value := range []string{"before", "after"} {
		if err := s.PutSetting(t.Context(), "x", value, audit.By(person.System, "setting.change")); err != nil {
			t.Fatal(err)
		}
		d.Shrink()
		if got, _, err := s.Setting(t.Context(), "x"); err != nil || got != value {
			t.Errorf("got %q, %v; want %q", got, err, value)
		}
	}
}
