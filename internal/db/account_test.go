package db_test

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// purchaseIn stores an order of an account in a state, nothing else about it.
func purchaseIn(t *testing.T, d *db.DB, id, accountID, state string, until time.Time) {
	t.Helper()
	set := map[string]any{"id": id, "account_id": accountID, "state": state, "review_id": id, "client_request_id": id,
		"check_until_us": until.UnixMicro()}
	err := d.Write(t.Context(), func(tx *sql.Tx) error {
		rows, err := tx.Query("SELECT name, type FROM pragma_table_info('purchase')")
		if err != nil {
			return err
		}
		defer rows.Close()
		var columns, marks []string
		var values []any
		for rows.Next() {
			var name, kind string
			if err := rows.Scan(&name, &kind); err != nil {
				return err
			}
			v, ok := set[name]
			if !ok {
				v = any("")
				if kind == "BIGINT" {
					v = 0
				}
			}
			columns, marks, values = append(columns, name), append(marks, "?"), append(values, v)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		_, err = tx.Exec("INSERT INTO purchase ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", values...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAccountIsDeletedOnlyWithoutOpenOrders(t *testing.T) {
	tests := []struct {
		state   string
		watched bool
		open    int
	}{
		{"confirmed", false, 1}, {"sending", false, 1}, {"unknown", false, 1}, {"needs human", false, 1}, {"ordered", false, 1},
		{"awaiting payment", false, 1}, {"paying", false, 1}, {"delivering", false, 1},
		{"refused", false, 0}, {"expired", false, 0}, {"cancelled", false, 0}, {"delivered", false, 0}, {"closed", false, 0},
		{"not found", true, 1}, {"not found", false, 0}, {"partly delivered", true, 1}, {"partly delivered", false, 0},
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, tt := range tests {
		t.Run(tt.state, func(t *testing.T) {
			d := dbtest.Open(t, func(o *db.Options) { o.Now = func() time.Time { return now } })
			s := db.Accounts{DB: d}
			by := person.Actor{PersonID: "p", Role: person.Owner}
			a := account.Account{ID: "a", Label: "Marina", Site: account.International, Credential: account.ByKey,
				State: account.Active, Rev: 1}
			if err := s.Create(t.Context(), a, []byte("box"), audit.By(by, "account.add", "a")); err != nil {
				t.Fatal(err)
			}
			until := now.Add(-time.Minute)
			if tt.watched {
				until = now.Add(time.Minute)
			}
			purchaseIn(t, d, "o1", "a", tt.state, until)
			purchaseIn(t, d, "o2", "another account", "sending", until)
			if err := keepBare(t, d, "a:i", "b:j"); err != nil {
				t.Fatal(err)
			}
			open, err := s.Delete(t.Context(), "a", nil, audit.By(by, "account.delete", "a"))
			if err != nil || open != tt.open {
				t.Fatalf("open orders: got %d, %v; want %d", open, err, tt.open)
			}
			_, err = s.Account(t.Context(), "a")
			if deleted := fault.Is(err, fault.NotFound); deleted != (tt.open == 0) {
				t.Errorf("deleted: got %v (%v)", deleted, err)
			}
			// A refresh that was under way stores what it read.
			if err := keepBare(t, d, "a:late"); err != nil {
				t.Fatal(err)
			}
			left, _, _ := (db.Instances{DB: d}).Records(t.Context(), "a", nil, nil)
			if (len(left) == 0) != (tt.open == 0) {
				t.Errorf("its local picture: got %d rows", len(left))
			}
			if _, _, err := (db.Instances{DB: d}).Record(t.Context(), "j"); err != nil {
				t.Errorf("another account's picture: %v", err)
			}
		})
	}
}

func TestAccountReadsBackAsStored(t *testing.T) {
	d := dbtest.Open(t)
	s := db.Accounts{DB: d}
	now := time.Date(2026, 11, 23, 12, 0, 0, 123000, time.UTC)
	a := account.Account{ID: "a", Label: "Marina", Site: account.Custom, Credential: account.ByLogin, KeyHint: "bot", State: account.Active,
		Endpoints: account.Endpoints{IAM: "https://iam.example"}, DomainName: "hw", CreatedAt: now, UpdatedAt: now, Rev: 1}
	if err := s.Create(t.Context(), a, []byte("box"), audit.By(person.System, "account.add")); err != nil {
		t.Fatal(err)
	}
	b := a
	b.ID, b.Label = "b", "MARINA"
	if err := s.Create(t.Context(), b, nil, audit.By(person.System, "account.add")); err != account.ErrLabelTaken {
		t.Errorf("the same label in other case: got %v, want ErrLabelTaken", err)
	}
	got, err := s.Update(t.Context(), "a", func(a *account.Account) error {
		a.State, a.Trouble, a.TroubleAt = account.Broken, fault.Say("cloud.login.refused", "Account", "x"), now
		a.Projects, a.Currency = map[string]string{"r": "p"}, "USD"
		a.Checks, a.CheckedAt = []account.Check{{Name: "keys", Message: fault.Say("m"), Code: "c", Request: "r", Took: time.Second}}, now
		a.Rights = map[account.Right]account.Answer{account.RightPay: {At: now, Code: "CBC.0151"}}
		a.BuyLockLifted = "order-1"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Account(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []account.Account{got, again} {
		if x.State != account.Broken || x.Trouble.Values["Account"] != "x" || x.Projects["r"] != "p" || x.Checks[0].Took != time.Second ||
			x.Rights[account.RightPay].Code != "CBC.0151" || x.BuyLockLifted != "order-1" || x.Endpoints.IAM != "https://iam.example" ||
			!x.CreatedAt.Equal(now) || !x.CheckedAt.Equal(now) || x.Rev != 2 {
			t.Errorf("got %+v", x)
		}
	}
}

// keepBare stores instances, given as account:id.
func keepBare(t *testing.T, d *db.DB, all ...string) error {
	t.Helper()
	for _, s := range all {
		account, id, _ := strings.Cut(s, ":")
		if err := (db.Instances{DB: d}).Keep(t.Context(), account,
			instance.Kept{Instances: []instance.Record{{Instance: instance.Instance{ID: id, AccountID: account}}}}); err != nil {
			return err
		}
	}
	return nil
}

// What was ordered through an entry that was removed since is found under the
// entries that stand for the same account at the cloud, and under no others.
func TestOrdersOfRemovedEntriesAreFoundWithTheirAccount(t *testing.T) {
	d := dbtest.Open(t)
	s, by := db.Accounts{DB: d}, person.Actor{PersonID: "p", Role: person.Owner}
	for _, a := range []account.Account{
		{ID: "kept", Site: account.International, DomainID: "d1"}, {ID: "gone", Site: account.International, DomainID: "d1"}, {ID: "twin", Site: account.International, DomainID: "d1"},
		{ID: "other site", Site: account.Mainland, DomainID: "d1"}, {ID: "other domain", Site: account.International, DomainID: "d2"},
		{ID: "never read", Site: account.International}, {ID: "never read either", Site: account.International},
		{ID: "own", Site: account.Custom, DomainID: "d1", Endpoints: account.Endpoints{IAM: "https://a"}}, {ID: "own, gone", Site: account.Custom, DomainID: "d1", Endpoints: account.Endpoints{IAM: "https://a"}},
		{ID: "own, elsewhere", Site: account.Custom, DomainID: "d1", Endpoints: account.Endpoints{IAM: "https://b"}},
	} {
		a.Label, a.Credential, a.State, a.Rev = a.ID, account.ByKey, account.Active, 1
		if err := s.Create(t.Context(), a, []byte("box"), audit.By(by, "account.add", a.ID)); err != nil {
			t.Fatal(err)
		}
		purchaseIn(t, d, a.ID, a.ID, "delivered", time.Time{})
	}
	for _, id := range []string{"gone", "other site", "other domain", "never read", "own, gone", "own, elsewhere"} {
		if _, err := s.Delete(t.Context(), id, nil, audit.By(by, "account.delete", id)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		of      []string
		removed bool
		want    string
	}{
		{[]string{"kept"}, true, "gone, kept"}, {[]string{"kept"}, false, "kept"}, {[]string{"kept", "twin"}, true, "gone, kept, twin"},
		{[]string{"never read either"}, true, "never read either"}, {[]string{"own"}, true, "own, own, gone"}, {[]string{}, true, ""},
	} {
		page, err := db.Orders{DB: d}.Orders(t.Context(), order.Filter{AccountIDs: tt.of, Removed: tt.removed, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range page.Rows {
			got = append(got, o.ID)
		}
		slices.Sort(got)
		if strings.Join(got, ", ") != tt.want || page.Total != len(got) || page.Counts[order.GroupDone] != len(got) {
			t.Errorf("%q, removed ones %v: got %q, %d in all", tt.of, tt.removed, got, page.Total)
		}
	}
}
