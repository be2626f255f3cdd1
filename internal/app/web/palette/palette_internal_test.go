package palette

import (
	"slices"
	"testing"

	"sampan/internal/app/instance"
)

func TestWhatIsCalledJustThatComesFirst(t *testing.T) {
	var rows []*instance.Row
	for range mostFound + 1 {
		rows = append(rows, &instance.Row{})
	}
	far := rows[mostFound]
	for name, tt := range map[string]struct{ exact, found, want []*instance.Row }{
		"nothing is":              {nil, rows[:3], rows[:3]},
		"one further down":        {rows[2:3], rows[:3], []*instance.Row{rows[2], rows[0], rows[1]}},
		"one that is on no page":  {[]*instance.Row{far}, rows[:mostFound], slices.Concat([]*instance.Row{far}, rows[:mostFound-1])},
		"more than are shown":     {rows, rows[:mostFound], rows[:mostFound]},
		"nothing is found at all": {nil, nil, nil},
	} {
		if got := exactFirst(tt.exact, tt.found); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}
