package view_test

import (
	"slices"
	"strings"
	"testing"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/view"
)

func TestLabel(t *testing.T) {
	b := newBench(t)
	label := func(want int, add, remove []string, ids ...string) {
		t.Helper()
		var rows []*instance.Row
		for _, id := range ids {
			rows = append(rows, b.row(t, id))
		}
		n, err := b.Label(t.Context(), operator, rows, add, remove)
		if err != nil || n != want {
			t.Errorf("+%v -%v: got %d, %v, want %d changed", add, remove, n, err, want)
		}
	}
	want := func(id string, labels ...string) {
		t.Helper()
		if got := b.row(t, id).Labels; !slices.Equal(got, labels) {
			t.Errorf("%s: got %v, want %v", id, got, labels)
		}
	}
	label(2, []string{"Prod", "asia"}, nil, "s-shop", "s-blog")
	want("s-shop", "Prod", "asia")
	label(1, []string{"prod"}, nil, "s-shop", "s-lab") // spelt as it is elsewhere
	want("s-lab", "Prod")
	label(0, []string{"PROD"}, nil, "s-shop")
	label(0, nil, []string{"nothing"}, "s-shop")
	label(1, []string{"old"}, []string{"PROD"}, "s-shop")
	want("s-shop", "asia", "old")
	label(0, []string{"asia"}, []string{"asia"}, "s-shop") // put on wins
	label(2, nil, []string{"asia"}, "s-shop", "s-blog")
	want("s-blog", "Prod")
	kept, err := b.Labels(t.Context())
	if err != nil || !slices.Equal(kept["s-shop"], []string{"old"}) || !slices.Equal(kept["s-blog"], []string{"Prod"}) {
		t.Errorf("stored: got %v, %v", kept, err)
	}
}

func TestLabelRefuses(t *testing.T) {
	b := newBench(t)
	shop, blog := b.row(t, "s-shop"), b.row(t, "s-blog")
	_, err := b.Label(t.Context(), viewer, []*instance.Row{shop}, []string{"x"}, nil)
	wantFault(t, err, fault.Forbidden, "fault.forbidden", "")
	many := strings.Split("abcdefghijklmnopqrst", "")
	if n, err := b.Label(t.Context(), operator, []*instance.Row{shop}, many, nil); err != nil || n != 1 {
		t.Fatalf("%d labels: got %d, %v", view.MostLabels, n, err)
	}
	_, err = b.Label(t.Context(), operator, []*instance.Row{blog, b.row(t, "s-shop")}, []string{"z"}, nil)
	wantFault(t, err, fault.Invalid, "view.label.many", "add")
	if got := b.row(t, "s-blog").Labels; len(got) != 0 {
		t.Errorf("the other row of a refused change has %v", got)
	}
	if n, err := b.Label(t.Context(), operator, []*instance.Row{b.row(t, "s-shop")}, []string{"z"}, []string{"a"}); err != nil || n != 1 {
		t.Errorf("one put on and one taken off: got %d, %v", n, err)
	}
}
