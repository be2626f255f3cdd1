package db_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/view"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

func TestViews(t *testing.T) {
	d := dbtest.Open(t)
	for _, id := range []string{"p1", "p2"} {
		if err := dbtest.Exec(d, `INSERT INTO person (id, name, display_name, role, password_hash, language, zone, theme, shortcuts, scope, disabled, created_us, updated_us, rev)
			VALUES ($1, $1, $1, 'owner', '', '', '', '', 1, '', 0, 0, 0, 0)`, id); err != nil {
			t.Fatal(err)
		}
	}
	s, ctx := db.Views{DB: d}, t.Context()
	at := time.Date(2026, 11, 23, 1, 21, 0, 0, time.UTC)
	entry := audit.By(person.Actor{PersonID: "p1", Role: person.Owner}, "view.save", "x")
	save := func(v view.View) string {
		t.Helper()
		id, err := s.SaveView(ctx, v, entry)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	mine := view.View{ID: "v1", Owner: "p1", List: view.Servers, Name: "Mine", Search: "state:stopped", Sort: "-name", UpdatedAt: at}
	save(mine)
	save(view.View{ID: "v2", Owner: "p1", List: view.Servers, Name: "Äll", Shared: true, UpdatedAt: at})
	save(view.View{ID: "v3", Owner: "p1", List: view.Instances, Name: "mine", UpdatedAt: at})
	if got, err := s.View(ctx, "v1"); err != nil || got != mine {
		t.Errorf("view: got %+v, %v", got, err)
	}
	renamed := mine
	renamed.ID, renamed.Name, renamed.Search = "v4", "MINE", "state:running"
	if id := save(renamed); id != "v1" {
		t.Errorf("the same name, letters' case aside, is another view: %s", id)
	}
	names := func(personID string) (all []string) {
		views, err := s.Views(ctx, personID, view.Servers)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range views {
			all = append(all, v.Name)
		}
		return all
	}
	if got := names("p1"); !slices.Equal(got, []string{"MINE", "Äll"}) {
		t.Errorf("own views: %q", got)
	}
	if got := names("p2"); !slices.Equal(got, []string{"Äll"}) {
		t.Errorf("views of somebody else: %q", got)
	}
	if err := s.DeleteView(ctx, "v1", entry); err != nil {
		t.Fatal(err)
	}
	if _, err := s.View(ctx, "v1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("deleted: got %v", err)
	}

	choice := view.Choice{Columns: []string{"tags", "state"}, Roomy: true, PerPage: 200}
	if got, err := s.Choice(ctx, "p1", view.Servers); err != nil || got.PerPage != 0 || got.Columns != nil {
		t.Errorf("nothing chosen: %+v, %v", got, err)
	}
	for _, c := range []view.Choice{{PerPage: 50}, choice} {
		if err := s.SaveChoice(ctx, "p1", view.Servers, c); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Choice(ctx, "p1", view.Servers); err != nil || !slices.Equal(got.Columns, choice.Columns) || !got.Roomy ||
		got.PerPage != 200 {
		t.Errorf("chosen: %+v, %v", got, err)
	}

	for _, labels := range []map[string][]string{{"s1": {"prod", "old"}, "s2": {"prod"}}, {"s1": {"prod"}, "s2": nil}} {
		if err := s.SaveLabels(ctx, labels, entry); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Labels(ctx); err != nil || len(got) != 1 || !slices.Equal(got["s1"], []string{"prod"}) {
		t.Errorf("labels: %v, %v", got, err)
	}

	sel := view.Selection{ID: "x1", Person: "p1", List: view.Servers, From: view.Pasted, IDs: []string{"s2", "s1"},
		Unknown: []string{"nobody"}, At: at}
	if err := s.SaveSelection(ctx, sel, at.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Selection(ctx, "x1"); err != nil || got.Person != "p1" || got.From != view.Pasted || !slices.Equal(got.IDs, sel.IDs) ||
		!slices.Equal(got.Unknown, sel.Unknown) || !got.At.Equal(at) {
		t.Errorf("selection: %+v, %v", got, err)
	}
	sel.ID, sel.At = "x2", at.Add(48*time.Hour)
	if err := s.SaveSelection(ctx, sel, sel.At.Add(-view.KeptFor)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Selection(ctx, "x1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an old selection: got %v", err)
	}

	theirs := view.Selection{ID: "y1", Person: "p2", List: view.Servers, From: view.Picked, IDs: []string{"s1"}, At: sel.At}
	if err := s.SaveSelection(ctx, theirs, at); err != nil {
		t.Fatal(err)
	}
	for n := range view.KeptMost {
		sel.ID, sel.At = fmt.Sprintf("z%02d", n), sel.At.Add(time.Second)
		if err := s.SaveSelection(ctx, sel, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Selection(ctx, "x2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("one of too many: got %v", err)
	}
	for _, id := range []string{"y1", "z00"} {
		if _, err := s.Selection(ctx, id); err != nil {
			t.Errorf("%s is forgotten: %v", id, err)
		}
	}
}
