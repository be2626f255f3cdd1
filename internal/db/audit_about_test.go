package db_test

import (
	"slices"
	"testing"

	"sampan/internal/app/audit"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

func TestAuditRowsAboutAThing(t *testing.T) {
	a := db.Audits{DB: dbtest.Open(t)}
	mei, ploy := person.Actor{PersonID: "p1", Role: person.Operator}, person.Actor{PersonID: "p2", Role: person.Operator}
	for _, e := range []audit.Entry{
		audit.By(mei, "one", "s1", "i1"), audit.By(ploy, "two", "s10"), audit.By(ploy, "three", "i1"), audit.By(mei, "four"),
		audit.By(mei, "five", "s1"),
	} {
		if err := a.Note(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name    string
		person  string
		targets []string
		limit   int
		want    []string
	}{
		{"the newest first", "", []string{"s1"}, 9, []string{"five", "one"}},
		{"any of several things, each row once", "", []string{"s1", "i1"}, 9, []string{"five", "three", "one"}},
		{"of one person alone", "p1", []string{"s1", "i1"}, 9, []string{"five", "one"}},
		{"no more than asked for", "", []string{"s1", "i1"}, 2, []string{"five", "three"}},
		{"a longer id is another thing", "", []string{"s10"}, 9, []string{"two"}},
		{"what is no id finds nothing", "", []string{"%", `s1"`, "s_", ""}, 9, nil},
		{"nothing asked for", "", nil, 9, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := a.About(t.Context(), tt.person, tt.targets, tt.limit)
			var got []string
			for _, r := range rows {
				got = append(got, r.Action)
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}
