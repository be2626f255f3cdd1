package db_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/seal"
	"sampan/internal/db"
)

// sealedWith is a closed database with two accounts and some rows of audit.
func sealedWith(t *testing.T, k *seal.Keyring) db.Options {
	t.Helper()
	o := db.Options{Path: filepath.Join(t.TempDir(), "console.db"), Keyring: k}
	d := opened(t, o)
	for id, state := range map[string]account.State{"a1": account.Active, "a2": account.Disabled} {
		a := account.Account{ID: id, Label: id, Site: account.International, Credential: account.ByKey, KeyHint: "0001", State: state,
			DomainName: "hw-" + id}
		if err := (db.Accounts{DB: d}).Create(t.Context(), a, []byte("sealed"), entry(1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return o
}

func opened(t *testing.T, o db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestALostKeyForgetsCredentialsAndNothingElse(t *testing.T) {
	o := sealedWith(t, seal.NewKeyring())
	o.Keyring, o.KeyLost = seal.NewKeyring(), true
	d := opened(t, o)
	store := db.Accounts{DB: d}
	for id, want := range map[string]account.State{"a1": account.Broken, "a2": account.Disabled} {
		a, err := store.Account(t.Context(), id)
		if err != nil || a.State != want || !a.KeyLost() || a.TroubleAt.IsZero() {
			t.Errorf("%s: state %s, trouble %v since %v, %v; want %s, to be entered again", id, a.State, a.Trouble, a.TroubleAt, err, want)
		}
		if a.Label != id || a.DomainName != "hw-"+id || a.KeyHint != "0001" {
			t.Errorf("%s: %+v; want the rest as it was", id, a)
		}
		if box, err := store.Sealed(t.Context(), id, entry(2)); err != nil || box != nil {
			t.Errorf("%s: sealed %q, %v; want nothing", id, box, err)
		}
	}
	if n, err := (db.Audits{DB: d}).Verify(t.Context()); n != 5 || err != nil {
		t.Errorf("the chain goes on: %d rows, %v", n, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	o.KeyLost = false
	if err := opened(t, o).Close(); err != nil {
		t.Errorf("the next start: %v", err)
	}
}

func TestAKeyThatIsFoundOpensTheBackup(t *testing.T) {
	o := sealedWith(t, seal.NewKeyring())
	found := o.Keyring
	o.Keyring, o.KeyLost = seal.NewKeyring(), true
	if err := opened(t, o).Close(); err != nil {
		t.Fatal(err)
	}
	from := filepath.Join(t.TempDir(), "console.db")
	if err := os.Rename(o.Path+".before-key-lost.backup", from); err != nil {
		t.Fatal(err)
	}
	d := opened(t, db.Options{Path: from, Keyring: found})
	if box, err := (db.Accounts{DB: d}).Sealed(t.Context(), "a1", entry(2)); err != nil || string(box) != "sealed" {
		t.Errorf("sealed %q, %v; want it as it was", box, err)
	}
}

func TestAKeyThatFitsIsNotLost(t *testing.T) {
	o := sealedWith(t, seal.NewKeyring())
	o.KeyLost = true
	if _, err := db.Open(t.Context(), o); !errors.Is(err, db.ErrKeyFits) {
		t.Fatalf("got %v, want it refused", err)
	}
	o.KeyLost = false
	d := opened(t, o)
	if box, err := (db.Accounts{DB: d}).Sealed(t.Context(), "a1", entry(2)); err != nil || string(box) != "sealed" {
		t.Errorf("sealed %q, %v; want it untouched", box, err)
	}
}

func TestAnotherKeyIsRefusedAndTouchesNothing(t *testing.T) {
	o := sealedWith(t, seal.NewKeyring())
	right := o.Keyring
	o.Keyring = seal.NewKeyring()
	if _, err := db.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "README") {
		t.Fatalf("got %v, want a sentence that says what to do", err)
	}
	o.Keyring = right
	if n, err := (db.Audits{DB: opened(t, o)}).Verify(t.Context()); n != 2 || err != nil {
		t.Errorf("the chain: %d rows, %v", n, err)
	}
}

func TestRowsBeforeALostKeyStayInLine(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		want        audit.Broken
	}{
		{"a row of the new key is altered", "UPDATE audit SET params = '{}' WHERE seq = 4", audit.Broken{Seq: 4, Why: "altered"}},
		{"the row that says so is altered", "UPDATE audit SET outcome = 'ok' WHERE seq = 3", audit.Broken{Seq: 1, Why: "altered"}},
		{"an older row is missing", "DELETE FROM audit WHERE seq = 2", audit.Broken{Seq: 2, Why: "missing"}},
		{"an older row is another one", "UPDATE audit SET mac = x'00' WHERE seq = 2", audit.Broken{Seq: 3, Why: "not the one that followed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := sealedWith(t, seal.NewKeyring())
			o.Keyring, o.KeyLost = seal.NewKeyring(), true
			d := opened(t, o)
			a := db.Audits{DB: d}
			if err := a.Note(t.Context(), entry(4)); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Writer(d).Exec("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; " + tt.query); err != nil {
				t.Fatal(err)
			}
			var broken *audit.Broken
			if n, err := a.Verify(t.Context()); !errors.As(err, &broken) || *broken != tt.want {
				t.Errorf("got %v after %d rows, want %v", err, n, &tt.want)
			}
		})
	}
}
