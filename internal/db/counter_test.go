package db_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/db"
)

// past is a console with a session and some history, stopped; it also has an
// older copy of its database.
type past struct {
	t     *testing.T
	o     db.Options
	older string
}

func history(t *testing.T) past {
	t.Helper()
	p := past{t: t, o: db.Options{Path: filepath.Join(t.TempDir(), "data", "console.db"), Keyring: seal.NewKeyring()}}
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

func (p past) file(name string) []byte {
	p.t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

// put writes a file in place: its inode stays.
func (p past) put(name string, content []byte) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func TestARestoredDatabaseIsNoticed(t *testing.T) {
	tests := []struct {
		name     string
		happens  func(p *past)
		restored bool
	}{
		{"an ordinary restart", func(*past) {}, false},
		{"the directory was renamed", func(p *past) {
			to := filepath.Join(p.t.TempDir(), "moved")
			if err := os.Rename(filepath.Dir(p.o.Path), to); err != nil {
				p.t.Fatal(err)
			}
			p.o.Path = filepath.Join(to, "console.db")
		}, false},
		{"a power cut lost the counter file's last write", func(p *past) {
			d := reopen(p.t, p.o)
			before := p.file(p.o.Path + ".counter")
			if err := put(p.t.Context(), d, "later", "x"); err != nil {
				p.t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				p.t.Fatal(err)
			}
			p.put(p.o.Path+".counter", before)
		}, false},
		{"an older database was written over it", func(p *past) { p.put(p.o.Path, p.file(p.older)) }, true},
		{"an older database was put in its place", func(p *past) {
			if err := os.Rename(p.older, p.o.Path); err != nil {
				p.t.Fatal(err)
			}
		}, true},
		{"only the database was copied", func(p *past) {
			to := filepath.Join(p.t.TempDir(), "console.db")
			p.put(to, p.file(p.o.Path))
			p.o.Path = to
		}, true},
		{"the whole directory was copied", func(p *past) {
			to := filepath.Join(p.t.TempDir(), "console.db")
			p.put(to, p.file(p.o.Path))
			p.put(to+".counter", p.file(p.o.Path+".counter"))
			p.o.Path = to
		}, true},
		{"the counter file was lost", func(p *past) {
			if err := os.Remove(p.o.Path + ".counter"); err != nil {
				p.t.Fatal(err)
			}
		}, true},
		{"the counter file is noise", func(p *past) { p.put(p.o.Path+".counter", []byte("noise\n")) }, true},
		{"the counter file is that of another database", func(p *past) {
			other := history(p.t)
			p.put(p.o.Path+".counter", p.file(other.o.Path+".counter"))
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
	if err := put(t.Context(), d, "meanwhile", time.Now().String()); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = reopen(t, o)
	if got := d.Restored(); got != restored {
		t.Errorf("after a crash before the recovery: restored %v, want %v", got, restored)
	}
	if err := d.RestoreDone(t.Context()); err != nil {
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
