package db_test

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	_ "modernc.org/sqlite"

	"sampan/internal/app/seal"
	"sampan/internal/db"
)

// elsewhere lets another process do something with the database file, as somebody with a shell does.
func elsewhere(t *testing.T, path, query string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestInAnotherProcess$")
	c.Env = append(os.Environ(), "SAMPAN_TEST_PATH="+path, "SAMPAN_TEST_QUERY="+query)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func TestInAnotherProcess(t *testing.T) {
	path := os.Getenv("SAMPAN_TEST_PATH")
	if path == "" {
		return // only elsewhere starts it so
	}
	if os.Getenv("SAMPAN_TEST_QUERY") == "a lock?" {
		if !lockedByOther(t, path) {
			t.Fatal("nobody has a lock on the main file")
		}
		return
	}
	c, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := c.Query(os.Getenv("SAMPAN_TEST_QUERY"))
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

// SQLite takes the side file away with the last process that has the database
// open, which it knows by a lock on the main file.
func TestTheFileStaysLocked(t *testing.T) {
	o := db.Options{Path: filepath.Join(t.TempDir(), "data", "console.db")}
	d := reopen(t, o)
	lives(50)(d)
	elsewhere(t, o.Path, "a lock?")
	for range 6 {
		lives(300)(d) // with checkpoints
	}
	elsewhere(t, o.Path, "a lock?")
}

// lockedByOther reports whether another process has SQLite's shared lock.
func lockedByOther(t *testing.T, path string) bool {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l := syscall.Flock_t{Type: syscall.F_WRLCK, Start: 0x40000002, Len: 510}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &l); err != nil {
		t.Fatal(err)
	}
	return l.Type != syscall.F_UNLCK
}

// Somebody looks into the file of a console that runs, and writes or makes
// checkpoints there.
func TestALookFromOutsideLosesNothing(t *testing.T) {
	for name, query := range map[string]string{
		"reads":            "SELECT count(*) FROM setting",
		"brings it over":   "PRAGMA wal_checkpoint(PASSIVE)",
		"empties the log":  "PRAGMA wal_checkpoint(TRUNCATE)",
		"writes":           "INSERT INTO setting (name, value, updated_us) VALUES ('theirs', 'x', 0)",
		"writes very much": "INSERT INTO setting (name, value, updated_us) VALUES ('theirs', hex(zeroblob(3000000)), 0)",
	} {
		t.Run(name, func(t *testing.T) {
			p := story{t: t, o: db.Options{Path: filepath.Join(t.TempDir(), "data", "console.db"), Keyring: seal.NewKeyring()}}
			want := 6
			if strings.HasPrefix(name, "writes") {
				want++
			}
			p.runs(func(d *db.DB) {
				lives(3)(d)
				elsewhere(t, p.o.Path, query)
				lives(3)(d)
			})
			d := reopen(t, p.o)
			if n := count(t, d.Read(), "setting"); n != want || d.Restored() {
				t.Errorf("%d settings, want %d; restored %v", n, want, d.Restored())
			}
		})
	}
}

// A transaction that is larger than SQLite's cache writes pages before its
// commit, and the first of them are not the one with the head.
func TestALargeTransactionBelongsToItsFile(t *testing.T) {
	large := func(d *db.DB, end error) {
		_ = d.Write(t.Context(), func(tx *sql.Tx) error {
			for range 220 { // 3 MB: more than the cache, less than asks for a checkpoint
				if _, err := tx.Exec("INSERT INTO setting (name, value, updated_us) VALUES ($1, $2, 0)", db.NewID(),
					strings.Repeat("x", 12_000)); err != nil {
					t.Error(err)
				}
			}
			return end
		})
	}
	for name, c := range map[string]struct {
		end  error
		want int
	}{"committed": {nil, 221}, "taken back": {errors.New("no"), 1}} {
		t.Run(name, func(t *testing.T) {
			p := story{t: t, o: db.Options{Path: filepath.Join(t.TempDir(), "data", "console.db"), Keyring: seal.NewKeyring()}}
			reopen(t, p.o).Close()
			p.runs(func(d *db.DB) { large(d, c.end) })
			p.runs(lives(1))
			d := reopen(t, p.o)
			if n := count(t, d.Read(), "setting"); n != c.want || d.Restored() {
				t.Errorf("%d settings, want %d; restored %v", n, c.want, d.Restored())
			}
		})
	}
}

// After a checkpoint the side file begins anew and is small: its size is what
// asks for the next one.
func TestNotEveryWriteMakesACheckpoint(t *testing.T) {
	o := db.Options{Path: filepath.Join(t.TempDir(), "data", "console.db")}
	d := reopen(t, o)
	largest := int64(0)
	for range 600 {
		lives(1)(d)
		info, err := os.Stat(o.Path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() < largest {
			return
		}
		largest = info.Size()
	}
	t.Errorf("the side file has had %d bytes since the first checkpoint", largest)
}

// The backup that is made before a migration was never tied to a side file. Put
// in place beside that of the newer schema it must not be given its pages.
func TestTheBackupOfAnOlderSchemaGetsNoPagesOfANewerOne(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := story{t: t, o: db.Options{Path: filepath.Join(dir, "console.db"), Keyring: seal.NewKeyring()}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := db.MigrateTo(t.Context(), p.o.Path, 9); err != nil {
		t.Fatal(err)
	}
	p.runs(lives(40))
	made, err := filepath.Glob(p.o.Path + ".before-schema-*.backup")
	if err != nil || len(made) != 1 {
		t.Fatalf("backups before the migration: %v, %v", made, err)
	}
	p.put(p.o.Path, p.file(made[0]))
	d := reopen(t, p.o)
	if n := count(t, d.Read(), "setting"); n != 0 || !d.Restored() {
		t.Errorf("%d settings, want the 0 of the backup; restored %v", n, d.Restored())
	}
	if left, _ := filepath.Glob(p.o.Path + "-wal.set-aside-*"); len(left) != 1 {
		t.Errorf("set aside: %v", left)
	}
	if err := d.QuickCheck(t.Context()); err != nil {
		t.Error(err)
	}
}
