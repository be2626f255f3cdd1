package web

import (
	"slices"
	"testing"

	"sampan/internal/app/instance"
	"sampan/internal/app/web/palette"
)

func TestWhatIsCalledJustThatComesFirst(t *testing.T) {
	var rows []*instance.Row
	for range palette.MostFound + 1 {
		rows = append(rows, &instance.Row{})
	}
	far := rows[palette.MostFound]
	for name, tt := range map[string]struct{ exact, found, want []*instance.Row }{
		"nothing is":              {nil, rows[:3], rows[:3]},
		"one further down":        {rows[2:3], rows[:3], []*instance.Row{rows[2], rows[0], rows[1]}},
		"one that is on no page":  {[]*instance.Row{far}, rows[:palette.MostFound], slices.Concat([]*instance.Row{far}, rows[:palette.MostFound-1])},
		"more than are shown":     {rows, rows[:palette.MostFound], rows[:palette.MostFound]},
		"nothing is found at all": {nil, nil, nil},
	} {
		if got := palette.ExactFirst(tt.exact, tt.found); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}
