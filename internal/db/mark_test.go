package db_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sampan/internal/app/audit"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/db"
	"sampan/internal/testclock"
)

// past is a console with a session and some history, stopped; it also has an
// older copy of its database.
type story struct {
	t     *testing.T
	o     db.Options
	older string
}

func history(t *testing.T) story {
	t.Helper()
	p := story{t: t, o: db.Options{Path: filepath.Join(t.TempDir(), "data", "console.db"), Keyring: seal.NewKeyring()}}
	p.older = filepath.Join(t.TempDir(), "older.db")
	d := reopen(t, p.o)
	if d.Restored() {
		t.Fatal("a new database counts as restored")
	}
	s := person.New(person.Options{Store: db.Persons{DB: d}})
	code, err := s.NewSetupToken(t.Context(), seal.Secret{})
	if err != nil {
		t.Fatal(err)
	}
	password := seal.Conceal("a quiet lane behind the mill")
	if _, err := s.SetUp(t.Context(), code, person.SetupForm{Name: "ann", Password: password}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.SignIn(t.Context(), "ann", password, "192.0.2.1", "", seal.Secret{}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Writer(d).Exec("VACUUM INTO $1", p.older); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), d, "a", "b"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p story) file(name string) []byte {
	p.t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

// put writes a file in place: its inode stays.
func (p story) put(name string, content []byte) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// beside is where the mark beside the directory lies.
func (p story) beside() string { return filepath.Dir(p.o.Path) + ".mark" }

func (p *story) rename(mark bool) {
	p.t.Helper()
	to := filepath.Join(p.t.TempDir(), "moved")
	if mark {
		if err := os.Rename(p.beside(), to+".mark"); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := os.Rename(filepath.Dir(p.o.Path), to); err != nil {
		p.t.Fatal(err)
	}
	p.o.Path = filepath.Join(to, "console.db")
}

// runs lets the console live on until it is killed: what lies on disk then is
// what a copy taken at that moment has.
func (p story) runs(do func(d *db.DB)) {
	p.t.Helper()
	d := reopen(p.t, p.o)
	do(d)
	image := p.copied()
	if err := d.Close(); err != nil {
		p.t.Fatal(err)
	}
	p.putBack(image, "removed")
	p.put(p.beside(), image[".."])
}

// image is a copy of a data directory, by file name; ".." is the mark beside it.
type image map[string][]byte

func (p story) copied() image {
	p.t.Helper()
	dir := filepath.Dir(p.o.Path)
	all, err := os.ReadDir(dir)
	if err != nil {
		p.t.Fatal(err)
	}
	out := image{"..": p.file(p.beside())}
	for _, e := range all {
		if name := e.Name(); name != "lock" && !strings.HasSuffix(name, "-shm") {
			out[name] = p.file(filepath.Join(dir, name))
		}
	}
	return out
}

// putBack puts a copied directory in place, but not the mark beside it.
func (p story) putBack(i image, way string) {
	p.t.Helper()
	dir := filepath.Dir(p.o.Path)
	var err error
	switch way {
	case "over the files":
	case "removed":
		err = os.RemoveAll(dir)
	case "moved away":
		err = os.Rename(dir, dir+".old")
	}
	if err != nil {
		p.t.Fatal(err)
	}
	for name, content := range i {
		if name != ".." {
			p.put(filepath.Join(dir, name), content)
		}
	}
}

// The very first start is killed too: everything that it wrote is its own.
func TestAKillInTheFirstStartIsNotTakenForARestore(t *testing.T) {
	p := story{t: t, o: db.Options{Path: filepath.Join(t.TempDir(), "data", "console.db"), Keyring: seal.NewKeyring()}}
	p.runs(func(*db.DB) {})
	p.runs(lives(3))
	if d := reopen(t, p.o); d.Restored() || count(t, d.Read(), "setting") != 3 {
		t.Errorf("restored %v, %d settings", d.Restored(), count(t, d.Read(), "setting"))
	}
}

func lives(n int) func(d *db.DB) {
	return func(d *db.DB) {
		for range n {
			_ = put(context.Background(), d, db.NewID(), strings.Repeat("x", 200))
		}
	}
}

func TestADirectoryThatWentBackIsNoticed(t *testing.T) {
	for _, way := range []string{"over the files", "removed", "moved away"} {
		for _, killed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, killed %v", way, killed), func(t *testing.T) {
				p := history(t)
				p.t = t
				p.runs(lives(3))
				older := p.copied()
				if killed {
					p.runs(lives(5))
				} else {
					d := reopen(t, p.o)
					lives(5)(d)
					if err := d.Close(); err != nil {
						t.Fatal(err)
					}
				}
				p.putBack(older, way)
				d := reopen(t, p.o)
				if !d.Restored() || d.Whole() {
					t.Errorf("restored %v, whole %v; want it noticed", d.Restored(), d.Whole())
				}
				if n := count(t, d.Read(), "setting"); n != 4 {
					t.Errorf("%d settings, want the 4 of the copy", n)
				}
				if err := d.QuickCheck(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestADirectoryThatWentBackWithItsMarkIsOfAnEarlierStart(t *testing.T) {
	p := history(t)
	p.runs(lives(3))
	older := p.copied()
	p.runs(lives(5))
	p.putBack(older, "removed")
	p.put(p.beside(), older[".."])
	d := reopen(t, p.o)
	if d.Restored() {
		t.Error("nothing here could tell")
	}
	if d.Start() < 3 || d.Unseen().IsZero() {
		t.Errorf("start %d, unseen since %v", d.Start(), d.Unseen())
	}
}

// A backup beside side files of another time (found/cases/03).
func TestASideFileOfAnotherAgeIsSetAside(t *testing.T) {
	vacuumed := func(t *testing.T, d *db.DB) []byte {
		to := filepath.Join(t.TempDir(), "backup.db")
		if _, err := db.Writer(d).Exec("VACUUM INTO $1", to); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, exchange := range map[string]func(p story) (want int){
		"a backup of the same run, over a killed console's file": func(p story) int {
			var backup []byte
			p.runs(func(d *db.DB) { lives(2)(d); backup = vacuumed(p.t, d); lives(3)(d) })
			p.put(p.o.Path, backup)
			return 3
		},
		"a backup of the run before": func(p story) int {
			var backup []byte
			p.runs(func(d *db.DB) { lives(2)(d); backup = vacuumed(p.t, d) })
			p.runs(lives(3))
			p.put(p.o.Path, backup)
			return 3
		},
		"the file as a stop left it, under a later log": func(p story) int {
			older := p.file(p.o.Path)
			p.runs(lives(2))
			reopen(p.t, p.o).Close()
			p.runs(lives(300))
			p.put(p.o.Path, older)
			return 1
		},
		"a later log under a copied directory of a stopped console": func(p story) int {
			older := p.copied()
			p.runs(lives(40))
			reopen(p.t, p.o).Close()
			p.runs(lives(40))
			p.putBack(older, "over the files")
			return 1
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := history(t)
			p.t = t
			want := exchange(p)
			d := reopen(t, p.o)
			if !d.Restored() {
				t.Error("not noticed")
			}
			if n := count(t, d.Read(), "setting"); n != want {
				t.Errorf("%d settings, want the %d of the file alone", n, want)
			}
			if all, err := filepath.Glob(p.o.Path + "-wal.set-aside-*"); len(all) != 1 || err != nil {
				t.Errorf("set aside: %v, %v", all, err)
			}
			var whole string
			if err := d.Read().QueryRow("PRAGMA integrity_check").Scan(&whole); err != nil || whole != "ok" {
				t.Errorf("integrity: %q, %v", whole, err)
			}
		})
	}
}

// What a killed console leaves is taken for what it is. The crash test kills at
// every instant, in the middle of a checkpoint too.
func TestAKillIsNotTakenForARestore(t *testing.T) {
	p := history(t)
	for n := range 12 {
		d := reopen(t, p.o)
		if d.Restored() {
			t.Fatalf("after %d kills: taken for restored", n)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		p.runs(lives(n * 40)) // the later ones with checkpoints of their own
	}
	if left, _ := filepath.Glob(p.o.Path + "*set-aside*"); len(left) > 0 {
		t.Errorf("set aside: %v", left)
	}
}

func TestAMarkThatCannotBeMadeIsSaid(t *testing.T) {
	o := db.Options{Path: filepath.Join(t.TempDir(), "data", "console.db")}
	if err := os.MkdirAll(filepath.Dir(o.Path)+".mark", 0o700); err != nil { // a directory in its place
		t.Fatal(err)
	}
	for range 2 {
		d := reopen(t, o)
		if path, err := d.OuterMark(); err == nil || path != filepath.Dir(o.Path)+".mark" {
			t.Errorf("mark %s: %v, want why it cannot be written", path, err)
		}
		if d.Restored() {
			t.Error("taken for restored")
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADatabaseThatIsNotWholeIsNotServed(t *testing.T) {
	p := history(t)
	p.runs(lives(100))
	b := p.file(p.o.Path)
	for i := 8192; i < len(b); i++ {
		b[i] ^= 0x5a
	}
	p.put(p.o.Path, b)
	if d, err := db.Open(t.Context(), p.o); err == nil || !strings.Contains(err.Error(), "put a backup in its place") {
		_ = d
		t.Errorf("opened: %v", err)
	}
}

func TestARestoredDatabaseIsNoticed(t *testing.T) {
	tests := []struct {
		name     string
		happens  func(p *story)
		restored bool
	}{
		{"an ordinary restart", func(*story) {}, false},
		{"the directory was renamed with what lies beside it", func(p *story) { p.rename(true) }, false},
		{"the directory was renamed and left its mark behind", func(p *story) { p.rename(false) }, true},
		{"a power cut lost the last writes of the marks", func(p *story) {
			d := reopen(p.t, p.o)
			before, beside := p.file(p.o.Path+".mark"), p.file(p.beside())
			if err := put(p.t.Context(), d, "later", "x"); err != nil {
				p.t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				p.t.Fatal(err)
			}
			p.put(p.o.Path+".mark", before)
			p.put(p.beside(), beside)
		}, false},
		{"an older database was written over it", func(p *story) { p.put(p.o.Path, p.file(p.older)) }, true},
		{"an older database was put in its place", func(p *story) {
			if err := os.Rename(p.older, p.o.Path); err != nil {
				p.t.Fatal(err)
			}
		}, true},
		{"only the database was copied", func(p *story) {
			to := filepath.Join(p.t.TempDir(), "console.db")
			p.put(to, p.file(p.o.Path))
			p.o.Path = to
		}, true},
		{"the whole directory was copied", func(p *story) {
			to := filepath.Join(p.t.TempDir(), "console.db")
			p.put(to, p.file(p.o.Path))
			p.put(to+".mark", p.file(p.o.Path+".mark"))
			p.o.Path = to
		}, true},
		{"the mark in the directory was lost", func(p *story) {
			if err := os.Remove(p.o.Path + ".mark"); err != nil {
				p.t.Fatal(err)
			}
		}, true},
		{"the mark in the directory is noise", func(p *story) { p.put(p.o.Path+".mark", []byte("noise\n")) }, true},
		{"the mark in the directory is that of another database", func(p *story) {
			other := history(p.t)
			p.put(p.o.Path+".mark", p.file(other.o.Path+".mark"))
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := history(t)
			p.t = t
			tt.happens(&p)
			d := reopen(t, p.o)
			if got := d.Restored(); got != tt.restored {
				t.Fatalf("restored: got %v, want %v", got, tt.restored)
			}
			if got, want := count(t, d.Read(), "session"), 1; (got == want) == tt.restored {
				t.Errorf("%d sessions", got)
			}
			if got, want := count(t, d.Read(), "device"), 1; (got == want) == tt.restored {
				t.Errorf("%d known browsers", got)
			}
			if got := count(t, d.Read(), "person"); got != 1 {
				t.Errorf("%d people", got)
			}
			if _, err := (db.Audits{DB: d}).Verify(t.Context()); err != nil {
				t.Error(err)
			}
			again(t, d, p.o, tt.restored)
		})
	}
}

// again restarts before and after the recovery.
func again(t *testing.T, d *db.DB, o db.Options, restored bool) {
	t.Helper()
	if err := put(t.Context(), d, "meanwhile", testclock.Now().String()); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = reopen(t, o)
	if got := d.Restored(); got != restored {
		t.Errorf("after a crash before the recovery: restored %v, want %v", got, restored)
	}
	if err := d.RestoreDone(t.Context(), audit.By(person.System, "database.recovered")); err != nil {
		t.Fatal(err)
	}
	if d.Restored() {
		t.Error("recovered, and still restored")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if d = reopen(t, o); d.Restored() {
		t.Error("recovered, and restored again after the next start")
	}
}
