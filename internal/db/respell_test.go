package db_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/person"
	"sampan/internal/app/view"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// older gives a database of an older schema, in which these statements were made,
// as it is after the migration. $1 is the id, $2 the name, $3 its lower case.
func older(t *testing.T, insert string, names [][3]any) *db.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "console.db")
	if err := db.MigrateTo(t.Context(), path, 10); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if _, err := raw.Exec(insert, n[:]...); err != nil {
			t.Fatal(err)
		}
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	return reopen(t, db.Options{Path: path})
}

const (
	olderView    = "INSERT INTO saved_view (id, person_id, list, name, fold, search, sort, shared, updated_us) VALUES ($1, 'p1', 'servers', $2, $3, '', '', 0, 1)"
	olderAccount = "INSERT INTO account (id, label, label_key, site, credential, key_hint, endpoints, state, trouble, trouble_us, domain_id, domain_name, projects, " +
		"currency, checks, checked_us, rights, lock_lifted, created_us, updated_us, deleted_us, rev) " +
		"VALUES ($1, $2, $3, 'intl', 'key', '', '{}', 'active', '', 0, '', '', '{}', '', '[]', 0, '{}', '', 1, 1, 0, 1)"
)

// twoNames are the same in the newer form and were different in the older one.
var twoNames = map[string][][3]any{
	"one has the newer form":     {{"1", "İzmir", "i̇zmir"}, {"2", "Izmir", "izmir"}},
	"the other way round":        {{"1", "Izmir", "izmir"}, {"2", "İzmir", "i̇zmir"}},
	"neither has the newer form": {{"1", "Straße", "straße"}, {"2", "Stra\u017f\u017fe", "stra\u017f\u017fe"}},
	"one in full width":          {{"1", "ＷＥＢ", "ｗｅｂ"}, {"2", "Web", "web"}},
}

// A file of an older schema holds lower case where text is compared: it is
// written anew, and two names that were different then stay two.
func TestOlderKeysAreSpeltAnew(t *testing.T) {
	d := older(t, olderView, [][3]any{{"v1", "Straße", "straße"}, {"v2", "Web", "web"}, {"v3", "ΣΑΣ", "σας"}, {"v4", "SSS", "sss"},
		{"v5", "Sß", "sß"}, {"v6", "S\u017f\u017f", "s\u017f\u017f"},
		{"v7", "Aß", "aß"}, {"v8", "A\u017f\u017f", "a\u017f\u017f"}})
	for id, want := range map[string]string{"v1": "strasse", "v2": "web", "v3": "σασ", "v4": "sss", "v5": "sß", "v6": "s\u017f\u017f",
		"v7": "ass", "v8": "a\u017f\u017f"} {
		var got string
		if err := d.Read().QueryRow("SELECT fold FROM saved_view WHERE id = $1", id).Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %q, want %q (%v)", id, got, want, err)
		}
	}
}

func TestAccountsWhoseLabelsBecameTheSame(t *testing.T) {
	for name, names := range twoNames {
		t.Run(name, func(t *testing.T) {
			s := db.Accounts{DB: older(t, olderAccount, names)}
			refused := 0
			for _, n := range names {
				a, err := s.Update(t.Context(), n[0].(string), func(a *account.Account) error { a.Currency = "USD"; return nil })
				if err != nil || a.Label != n[1] || a.Currency != "USD" {
					t.Errorf("%s: got %q, %v", n[1], a.Label, err)
				}
				_, err = s.Update(t.Context(), n[0].(string),
					func(a *account.Account) error { a.Label = names[0][1].(string) + "\u200b"; return nil })
				if err == account.ErrLabelTaken {
					refused++
				} else if err != nil {
					t.Error(err)
				}
			}
			if refused != 1 {
				t.Errorf("given the label of both in another spelling: %d refused, want the one that was left as it was", refused)
			}
			id := names[0][0].(string)
			if _, err := s.Update(t.Context(), id, func(a *account.Account) error { a.Label = "Orchid"; return nil }); err != nil {
				t.Errorf("another label: %v", err)
			}
			if err := s.Create(t.Context(), account.Account{ID: "3", Label: "ORCHID", Site: account.International,
				Credential: account.ByKey, State: account.Active}, nil,
				audit.By(person.System, "account.add")); err != account.ErrLabelTaken {
				t.Errorf("its new label in another case: got %v, want ErrLabelTaken", err)
			}
		})
	}
}

func TestViewsWhoseNamesBecameTheSame(t *testing.T) {
	for name, names := range twoNames {
		t.Run(name, func(t *testing.T) {
			d := older(t, olderView, names)
			if err := dbtest.Exec(d, `INSERT INTO person (id, name, display_name, role, password_hash, language, zone, theme, shortcuts, scope, disabled, created_us, updated_us, rev)
				VALUES ('p1', 'p1', 'p1', 'owner', '', '', '', '', 1, '', 0, 0, 0, 0)`); err != nil {
				t.Fatal(err)
			}
			s := db.Views{DB: d}
			save := func(name any, search string) string {
				t.Helper()
				id, err := s.SaveView(t.Context(), view.View{ID: "new", Owner: "p1", List: view.Servers, Name: name.(string),
					Search: search, UpdatedAt: time.UnixMicro(2)},
					audit.By(person.System, "view.save"))
				if err != nil {
					t.Fatal(err)
				}
				return id
			}
			for _, n := range names {
				if id := save(n[1], n[0].(string)); id != n[0] {
					t.Errorf("%s is saved in the place of %s", n[1], id)
				}
			}
			for _, n := range names {
				if v, err := s.View(t.Context(), n[0].(string)); err != nil || v.Name != n[1] || v.Search != n[0] {
					t.Errorf("got %+v, %v", v, err)
				}
			}
			other := view.View{ID: "theirs", Owner: "p1", List: view.Instances, Name: names[0][1].(string), UpdatedAt: time.UnixMicro(2)}
			if id, err := s.SaveView(t.Context(), other, audit.By(person.System, "view.save")); err != nil || id != "theirs" {
				t.Errorf("of another list: got %q, %v", id, err)
			}
		})
	}
}
