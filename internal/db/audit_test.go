package db_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/audit"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

var ann = person.Actor{PersonID: "p1", Name: "Ann \"Lee\"\n", Role: person.Owner, SessionRef: "abc", Address: "192.0.2.1"}

func entry(n int) audit.Entry {
	return audit.By(ann, "order.confirm", fmt.Sprintf("o%d", n), "x").On("a1").For("i1").With("quantity", "3").With("name", "web-1").
		Ended("ok", "r1", "r2")
}

// chained is a database with five rows.
func chained(t *testing.T, with ...func(*db.Options)) (*db.DB, db.Audits) {
	t.Helper()
	d := dbtest.Open(t, with...)
	a := db.Audits{DB: d}
	for n := range 5 {
		if err := a.Note(t.Context(), entry(n+1)); err != nil {
			t.Fatal(err)
		}
	}
	return d, a
}

func TestRowsComeBackAsWritten(t *testing.T) {
	at := time.Date(2026, 11, 3, 9, 0, 0, 123456789, time.FixedZone("", 3600))
	_, a := chained(t, func(o *db.Options) { o.Now = func() time.Time { return at } })
	if n, err := a.Verify(t.Context()); n != 5 || err != nil {
		t.Fatalf("verify: %d, %v", n, err)
	}
	var got []audit.Row
	for r, err := range a.Rows(t.Context(), 3) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	want := []audit.Row{{Entry: entry(4), Seq: 4, At: at.UTC().Truncate(time.Microsecond)},
		{Entry: entry(5), Seq: 5, At: at.UTC().Truncate(time.Microsecond)}}
	for i := range got {
		if len(got[i].MAC) != 32 || len(got[i].PrevMAC) != 32 {
			t.Errorf("row %d has no MACs", got[i].Seq)
		}
		got[i].MAC, got[i].PrevMAC = nil, nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRowsAreNeverChangedOrDeleted(t *testing.T) {
	d, a := chained(t)
	for _, q := range []string{"UPDATE audit SET action = 'x' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2", "DELETE FROM audit",
		"INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2"} {
		if err := dbtest.Exec(d, q); err == nil {
			t.Errorf("%s: allowed", q)
		}
	}
	if n, err := a.Verify(t.Context()); n != 5 || err != nil {
		t.Errorf("verify: %d, %v", n, err)
	}
}

func TestTheFirstBrokenRowIsNamed(t *testing.T) {
	columns := []string{"at_us = at_us + 1", "person_id = 'p2'", "person_name = 'Bob'", "role = 'viewer'", "session_ref = ''",
		"address = ''", "action = 'x'", "account_id = 'a2'", "targets = '[]'", "params = '{}'", "intent = ''", "outcome = 'denied'",
		"request_ids = '[]'", "prev_mac = x'00'", "mac = x'00'"}
	type test struct {
		name, query string
		want        audit.Broken
	}
	var tests []test
	for _, c := range columns {
		tests = append(tests, test{c, "UPDATE audit SET " + c + " WHERE seq = 3", audit.Broken{Seq: 3, Why: "altered"}})
	}
	tests = append(tests,
		test{"the first row is gone", "DELETE FROM audit WHERE seq = 1", audit.Broken{Seq: 1, Why: "missing"}},
		test{"a row is gone", "DELETE FROM audit WHERE seq = 3", audit.Broken{Seq: 3, Why: "missing"}},
		test{"a row is gone and the others moved up", "DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3",
			audit.Broken{Seq: 3, Why: "altered"}},
		test{"two rows are altered", "UPDATE audit SET action = 'x' WHERE seq IN (2, 4)", audit.Broken{Seq: 2, Why: "altered"}},
		test{"the last rows are cut off", "DELETE FROM audit WHERE seq > 3", audit.Broken{Seq: 4, Why: "missing"}},
		test{"the last rows are cut off and the head is moved", "DELETE FROM audit WHERE seq > 3; UPDATE meta SET audit_seq = 3",
			audit.Broken{Seq: 3, Why: "not the one that was last"}},
		test{"all rows are cut off", "DELETE FROM audit", audit.Broken{Seq: 1, Why: "missing"}},
		test{"the JSON is broken", "UPDATE audit SET targets = '[' WHERE seq = 3", audit.Broken{}},
	)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, a := chained(t)
			if _, err := db.Writer(d).Exec("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; " + tt.query); err != nil {
				t.Fatal(err)
			}
			n, err := a.Verify(t.Context())
			var broken *audit.Broken
			if tt.want.Seq == 0 {
				if err == nil || errors.As(err, &broken) || !strings.Contains(err.Error(), "audit row 3") {
					t.Errorf("got %v", err)
				}
				return
			}
			if !errors.As(err, &broken) || *broken != tt.want || n != tt.want.Seq-1 {
				t.Errorf("got %v after %d rows, want %v", err, n, &tt.want)
			}
		})
	}
}

func TestAnotherKeyDoesNotVerify(t *testing.T) {
	_, a := chained(t)
	if _, err := audit.Verify([]byte("another key"), a.Rows(t.Context(), 0), audit.Head{}); err == nil {
		t.Error("it does")
	}
}

func TestNoRowNoAct(t *testing.T) {
	d, a := chained(t)
	if _, err := db.Writer(d).Exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END"); err != nil {
		t.Fatal(err)
	}
	err := (db.Settings{DB: d}).PutSetting(t.Context(), "a", "b", entry(6))
	if err == nil {
		t.Fatal("the act succeeded")
	}
	if n := count(t, d.Read(), "setting"); n != 0 {
		t.Errorf("%d settings were stored without a row", n)
	}
	if n, err := a.Verify(t.Context()); n != 5 || err != nil {
		t.Errorf("verify: %d, %v", n, err)
	}
}

func TestEachRowIsALogLine(t *testing.T) {
	var out bytes.Buffer
	d, a := chained(t, func(o *db.Options) { o.Log = slog.New(slog.NewJSONHandler(&out, nil)) })
	err := d.Write(t.Context(), func(tx *sql.Tx) error {
		if err := db.Audit(d, tx, entry(6)); err != nil {
			return err
		}
		return errors.New("the change failed")
	})
	if err == nil {
		t.Fatal("it succeeded")
	}
	var seqs []float64
	for line := range strings.Lines(out.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if m["msg"] != "audit" {
			continue
		}
		seqs = append(seqs, m["seq"].(float64))
		if m["action"] != "order.confirm" || m["person"] != "p1" || m["intent"] != "i1" || len(m["mac"].(string)) != 64 {
			t.Errorf("line %s", line)
		}
	}
	if diff := cmp.Diff([]float64{1, 2, 3, 4, 5}, seqs); diff != "" {
		t.Errorf("lines of rows that were committed, once each (-want +got):\n%s", diff)
	}
	if n, err := a.Verify(t.Context()); n != 5 || err != nil {
		t.Errorf("verify: %d, %v", n, err)
	}
}

func TestRowsFromAllSidesMakeOneChain(t *testing.T) {
	_, a := chained(t)
	var all sync.WaitGroup
	for n := range 40 {
		all.Go(func() {
			if err := a.Note(t.Context(), entry(n)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n, err := a.Verify(t.Context()); n != 45 || err != nil {
		t.Errorf("verify: %d, %v", n, err)
	}
}
