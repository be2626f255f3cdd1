package db_test

import (
	"fmt"
	"slices"
	"testing"

	"sampan/internal/app/audit"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

func TestLatestAuditRows(t *testing.T) {
	a := db.Audits{DB: dbtest.Open(t)}
	for n, who := range []string{"p1", "p2", "p1", "system", "p1"} {
		if err := a.Note(t.Context(),
			audit.By(person.Actor{PersonID: who, Name: who}, "order.pay", fmt.Sprint(n)).On("a").With("amount", "1 USD")); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, person string
		limit        int
		want         []string
	}{
		{"all, the newest first", "", 10, []string{"4", "3", "2", "1", "0"}},
		{"no more than asked for", "", 2, []string{"4", "3"}},
		{"of one person", "p1", 10, []string{"4", "2", "0"}},
		{"of one person, no more than asked for", "p1", 1, []string{"4"}},
		{"of nobody we know", "p9", 10, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := a.Latest(t.Context(), tt.person, tt.limit)
			var got []string
			for _, r := range rows {
				got = append(got, r.Targets...)
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}
