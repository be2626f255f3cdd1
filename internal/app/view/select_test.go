package view_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/view"
)

func TestSelect(t *testing.T) {
	both := []string{"a1", "a2"}
	for _, tt := range []struct {
		name    string
		pick    view.Pick
		from    string
		ids     []string
		unknown []string
	}{
		{"by hand", view.Pick{List: view.Servers, AccountIDs: both, IDs: []string{"s-lab", "s-shop", "s-lab"}},
			view.Picked, []string{"s-lab", "s-shop"}, nil},
		{"by hand, outside the scope or gone", view.Pick{List: view.Servers, AccountIDs: []string{"a1"}, IDs: []string{"s-lab", "s-gone", "s-blog"}},
			view.Picked, []string{"s-blog"}, nil},
		{"instances by hand", view.Pick{List: view.Instances, AccountIDs: both, IDs: []string{"i-lab"}}, view.Picked, []string{"i-lab"}, nil},
		{"all, the first to expire first", view.Pick{List: view.Servers, AccountIDs: both, All: true},
			view.Matched, []string{"s-shop", "s-blog", "s-lab"}, nil},
		{"all but one", view.Pick{List: view.Servers, AccountIDs: both, All: true, Except: []string{"s-blog"}},
			view.Matched, []string{"s-shop", "s-lab"}, nil},
		{"all that match", view.Pick{List: view.Servers, AccountIDs: both, All: true, Search: "name:lab"}, view.Matched, []string{"s-lab"}, nil},
		{"a pasted list", view.Pick{List: view.Servers, AccountIDs: both, Paste: "BLOG\n203.0.113.3, nobody"},
			view.Pasted, []string{"s-blog", "s-lab"}, []string{"nobody"}},
		{"a pasted list of instances", view.Pick{List: view.Instances, AccountIDs: both, Paste: "shop"}, view.Pasted, []string{"i-shop"}, nil},
		{"one that stands there by name and address", view.Pick{List: view.Servers, AccountIDs: both, Paste: "shop\n203.0.113.1"},
			view.Pasted, []string{"s-shop"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			sel, err := b.Select(t.Context(), viewer, tt.pick)
			must(t, err)
			if sel.From != tt.from || !slices.Equal(sel.IDs, tt.ids) || !slices.Equal(sel.Unknown, tt.unknown) ||
				sel.Person != viewer.PersonID {
				t.Errorf("got %+v, want %s of %v, unknown %v", sel, tt.from, tt.ids, tt.unknown)
			}
			kept, err := b.Selection(t.Context(), viewer, sel.ID)
			if err != nil || !slices.Equal(kept.IDs, tt.ids) || kept.Search != sel.Search {
				t.Errorf("kept: got %+v, %v", kept, err)
			}
		})
	}
}

func TestSelectRefuses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		by    person.Actor
		pick  view.Pick
		kind  fault.Kind
		id    string
		field string
	}{
		{"somebody who may see nothing", stranger, view.Pick{List: view.Servers, All: true}, fault.Forbidden, "fault.forbidden", ""},
		{"a list that does not exist", viewer, view.Pick{List: "disks", All: true}, fault.Invalid, "view.selection.none", ""},
		{"nothing", viewer, view.Pick{List: view.Servers}, fault.Invalid, "view.selection.none", "ids"},
		{"only what is gone", viewer, view.Pick{List: view.Servers, IDs: []string{"s-gone"}}, fault.Invalid, "view.selection.none", "ids"},
		{"a search without a match", viewer, view.Pick{List: view.Servers, All: true, Search: "name:nobody"},
			fault.Invalid, "view.selection.none", "ids"},
		{"no account in scope", viewer, view.Pick{List: view.Servers, AccountIDs: []string{}, IDs: []string{"s-shop"}},
			fault.Invalid, "view.selection.none", "ids"},
		{"a long search", viewer, view.Pick{List: view.Servers, All: true, Search: strings.Repeat("x", 4001)},
			fault.Invalid, "view.search.long", "ids"},
		{"a pasted list without a match", viewer, view.Pick{List: view.Servers, Paste: "no\u200bbody"},
			fault.Invalid, "view.selection.paste", "paste"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			if tt.pick.AccountIDs == nil {
				tt.pick.AccountIDs = []string{"a1", "a2"}
			}
			_, err := b.Select(t.Context(), tt.by, tt.pick)
			wantFault(t, err, tt.kind, tt.id, tt.field)
			if tt.field == "paste" && fault.Of(err).Message.Values["Names"] != "“noU+200Bbody”" {
				t.Errorf("names: got %v", fault.Of(err).Message.Values)
			}
		})
	}
	t.Run("a search of which a part cannot be read", func(t *testing.T) {
		pick := view.Pick{List: view.Servers, AccountIDs: []string{"a1"}, All: true, Search: "name:shop expires<soon"}
		_, err := newBench(t).Select(t.Context(), viewer, pick)
		if f := fault.Of(err); f.Kind != fault.Invalid || f.Fields["ids"].Zero() {
			t.Errorf("got %v, want no selection of more than was asked for", err)
		}
	})
}

func TestAPastedListNamesTheFirstThatWereNotFound(t *testing.T) {
	_, err := newBench(t).Select(t.Context(), viewer, view.Pick{List: view.Servers, AccountIDs: []string{"a1"}, Paste: "w\nx\ny\nz"})
	if got := fault.Of(err).Message.Values["Names"]; got != "“w”, “x”, “y”, …" {
		t.Errorf("got %s", got)
	}
}

func TestASelectionIsItsMakersForADay(t *testing.T) {
	b := newBench(t)
	sel, err := b.Select(t.Context(), viewer, view.Pick{List: view.Servers, AccountIDs: []string{"a1"}, All: true})
	must(t, err)
	_, err = b.Selection(t.Context(), owner, sel.ID)
	wantFault(t, err, fault.NotFound, "view.selection.gone", "")
	_, err = b.Selection(t.Context(), stranger, sel.ID) // the same person, whose role was taken away
	wantFault(t, err, fault.NotFound, "view.selection.gone", "")
	if _, err := b.Selection(t.Context(), viewer, "nothing"); !fault.Is(err, fault.NotFound) {
		t.Errorf("one that does not exist: got %v", err)
	}
	b.now = noon.Add(view.KeptFor)
	if _, err := b.Selection(t.Context(), viewer, sel.ID); err != nil {
		t.Errorf("after a day: %v", err)
	}
	b.now = b.now.Add(time.Second)
	_, err = b.Selection(t.Context(), viewer, sel.ID)
	wantFault(t, err, fault.NotFound, "view.selection.gone", "")
}

func TestRowsOfASelection(t *testing.T) {
	b := newBench(t)
	names := func(rows []*instance.Row) (out []string) {
		for _, r := range rows {
			out = append(out, r.ID())
		}
		return out
	}
	sel := view.Selection{List: view.Servers, IDs: []string{"s-lab", "s-gone", "s-shop"}}
	if got := names(b.Rows(sel, []string{"a1", "a2"})); !slices.Equal(got, []string{"s-lab", "s-shop"}) {
		t.Errorf("in scope: got %v", got)
	}
	if got := names(b.Rows(sel, []string{"a1"})); !slices.Equal(got, []string{"s-shop"}) {
		t.Errorf("of one account: got %v", got)
	}
	if got := b.Rows(view.Selection{}, []string{"a1"}); len(got) != 0 {
		t.Errorf("of nothing: got %v", got)
	}
}
