package view_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/view"
)

func named(name string) view.View {
	return view.View{List: view.Servers, Name: name, Search: "state:stopped"}
}

func TestSaveView(t *testing.T) {
	b := newBench(t)
	v, err := b.Save(t.Context(), operator, view.View{
		List: view.Instances, Name: "  Stopped\u200b   ones ", Search: "state:stopped", Sort: "-expires", Shared: true, Owner: "p9",
	})
	must(t, err)
	if v.ID == "" || v.Owner != operator.PersonID || v.Name != "Stopped ones" || !v.UpdatedAt.Equal(noon) {
		t.Errorf("saved: got %+v", v)
	}
	got, err := b.View(t.Context(), viewer, v.ID)
	must(t, err)
	if got.Name != v.Name || got.Search != "state:stopped" || got.Sort != "-expires" || !got.Shared || got.List != view.Instances {
		t.Errorf("read: got %+v", got)
	}
	again, err := b.Save(t.Context(), operator, view.View{List: view.Instances, Name: "STOPPED ONES", Search: "shop"})
	must(t, err)
	if again.ID != v.ID {
		t.Errorf("the same name in other letters: got %s, want %s replaced", again.ID, v.ID)
	}
	if all, err := b.Views(t.Context(), operator, view.Instances); err != nil || len(all) != 1 || all[0].Search != "shop" || all[0].Shared {
		t.Errorf("replaced: got %+v, %v", all, err)
	}
}

func TestSaveViewRefuses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		by    person.Actor
		v     view.View
		kind  fault.Kind
		id    string
		field string
	}{
		{"somebody who may see nothing", stranger, named("x"), fault.Forbidden, "fault.forbidden", ""},
		{"a shared view of a viewer", viewer, view.View{List: view.Servers, Name: "x", Shared: true}, fault.Forbidden, "fault.forbidden", ""},
		{"no name", viewer, named(" \u200b "), fault.Invalid, "view.name.empty", "name"},
		{"a long name", viewer, named(strings.Repeat("名", 41)), fault.Invalid, "view.name.long", "name"},
		{"a long search", viewer, view.View{List: view.Servers, Name: "x", Search: strings.Repeat("x", 4001)},
			fault.Invalid, "view.search.long", "name"},
		{"a list that does not exist", viewer, view.View{List: "disks", Name: "x"}, fault.Invalid, "view.unknown", ""},
		{"a sort that does not exist", viewer, view.View{List: view.Servers, Name: "x", Sort: "luck"}, fault.Invalid, "view.unknown", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			_, err := b.Save(t.Context(), tt.by, tt.v)
			wantFault(t, err, tt.kind, tt.id, tt.field)
			if all, err := b.Views(t.Context(), owner, view.Servers); err != nil || len(all) != 0 {
				t.Errorf("kept: got %+v, %v", all, err)
			}
		})
	}
	t.Run("a search that cannot be read", func(t *testing.T) {
		_, err := newBench(t).Save(t.Context(), viewer, view.View{List: view.Servers, Name: "x", Search: "expires<soon"})
		if f := fault.Of(err); f.Kind != fault.Invalid || f.Fields["name"].Zero() {
			t.Errorf("got %v", err)
		}
	})
}

func TestAPersonKeepsFiftyViewsOfAList(t *testing.T) {
	b := newBench(t)
	for n := range 50 {
		_, err := b.Save(t.Context(), viewer, named(fmt.Sprintf("view %d", n)))
		must(t, err)
	}
	_, err := b.Save(t.Context(), viewer, named("one more"))
	wantFault(t, err, fault.Invalid, "view.many", "name")
	if _, err := b.Save(t.Context(), viewer, named("VIEW 7")); err != nil {
		t.Errorf("one that replaces another: %v", err)
	}
	if _, err := b.Save(t.Context(), viewer, view.View{List: view.Instances, Name: "one more"}); err != nil {
		t.Errorf("one of the other list: %v", err)
	}
	if _, err := b.Save(t.Context(), operator, named("one more")); err != nil {
		t.Errorf("one of another person: %v", err)
	}
}

func TestWhoSeesAndDeletesAView(t *testing.T) {
	b := newBench(t)
	own, err := b.Save(t.Context(), operator, named("own"))
	must(t, err)
	shared, err := b.Save(t.Context(), operator, view.View{List: view.Servers, Name: "shared", Shared: true})
	must(t, err)
	names := func(by person.Actor) (out []string) {
		all, err := b.Views(t.Context(), by, view.Servers)
		must(t, err)
		for _, v := range all {
			out = append(out, v.Name)
		}
		return out
	}
	if got := names(operator); !slices.Equal(got, []string{"own", "shared"}) {
		t.Errorf("their owner sees %v", got)
	}
	if got := names(viewer); !slices.Equal(got, []string{"shared"}) {
		t.Errorf("others see %v", got)
	}
	_, err = b.Views(t.Context(), stranger, view.Servers)
	wantFault(t, err, fault.Forbidden, "fault.forbidden", "")
	for _, id := range []string{own.ID, "nothing"} {
		_, err = b.View(t.Context(), viewer, id)
		wantFault(t, err, fault.NotFound, "view.unknown", "")
		wantFault(t, b.Delete(t.Context(), viewer, id), fault.NotFound, "view.unknown", "")
	}
	_, err = b.View(t.Context(), stranger, shared.ID)
	wantFault(t, err, fault.NotFound, "view.unknown", "")
	wantFault(t, b.Delete(t.Context(), viewer, shared.ID), fault.Forbidden, "fault.forbidden", "")
	must(t, b.Delete(t.Context(), operator, own.ID))
	must(t, b.Delete(t.Context(), owner, shared.ID)) // an owner of the console, who did not make it
	if got := names(operator); len(got) != 0 {
		t.Errorf("after both were deleted: %v", got)
	}
}

func TestChoiceOfColumns(t *testing.T) {
	b := newBench(t)
	if c, err := b.Choice(t.Context(), viewer, view.Servers); err != nil || c.Columns != nil || c.PerPage != view.UsualRows || c.Roomy {
		t.Errorf("nothing was chosen: got %+v, %v", c, err)
	}
	for _, tt := range []struct {
		name   string
		choose view.Choice
		want   view.Choice
	}{
		{"columns and rows", view.Choice{Columns: []string{"tags", "state"}, Roomy: true, PerPage: 200},
			view.Choice{Columns: []string{"tags", "state"}, Roomy: true, PerPage: 200}},
		{"columns of another list, unknown ones and repeated ones", view.Choice{Columns: []string{"order", "server", "luck", "order"}, PerPage: 50},
			view.Choice{Columns: []string{"order"}, PerPage: 50}},
		{"the usual columns", view.Choice{Columns: view.Servers.Usual(), PerPage: 100}, view.Choice{PerPage: 100}},
		{"too few rows", view.Choice{PerPage: 1}, view.Choice{PerPage: view.FewestRows}},
		{"too many rows", view.Choice{PerPage: 9999}, view.Choice{PerPage: view.MostRows}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			must(t, b.Choose(t.Context(), viewer, view.Servers, tt.choose))
			got, err := b.Choice(t.Context(), viewer, view.Servers)
			must(t, err)
			if !slices.Equal(got.Columns, tt.want.Columns) || got.Roomy != tt.want.Roomy || got.PerPage != tt.want.PerPage {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	wantFault(t, b.Choose(t.Context(), stranger, view.Servers, view.Choice{}), fault.Forbidden, "fault.forbidden", "")
	if c, err := b.Choice(t.Context(), operator, view.Servers); err != nil || c.PerPage != view.UsualRows {
		t.Errorf("another person's: got %+v, %v", c, err)
	}
}

func TestAFailingStoreIsAnError(t *testing.T) {
	b := newBench(t)
	for _, method := range []string{"Views", "Choice", "SaveSelection"} {
		b.fail[method] = errDisk
	}
	if _, err := b.Save(t.Context(), viewer, named("x")); !errors.Is(err, errDisk) {
		t.Errorf("save: got %v", err)
	}
	if _, err := b.Choice(t.Context(), viewer, view.Servers); !errors.Is(err, errDisk) {
		t.Errorf("choice: got %v", err)
	}
	if _, err := b.Select(t.Context(), viewer, view.Pick{List: view.Servers, AccountIDs: []string{"a1"}, All: true}); !errors.Is(err,
		errDisk) {
		t.Errorf("select: got %v", err)
	}
}
