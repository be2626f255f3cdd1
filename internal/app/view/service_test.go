package view_test

import (
	"slices"
	"strings"
	"testing"

	"sampan/internal/app/fault"
	"sampan/internal/app/view"
)

func TestLabelsAsTyped(t *testing.T) {
	tests := []struct {
		name, typed string
		want        []string
		wrong       string // message id
	}{
		{"one", "prod", []string{"prod"}, ""},
		{"several, with spaces to spare", " prod ,  blue   green,\nold,, ", []string{"prod", "blue green", "old"}, ""},
		{"a Chinese comma", "生产，测试", []string{"生产", "测试"}, ""},
		{"the same twice, letters' case aside", "Prod, prod", []string{"Prod"}, ""},
		{"none", " , ", nil, ""},
		{"too long", strings.Repeat("x", 33), nil, "view.label.long"},
		{"as long as it may be", strings.Repeat("界", 32), []string{strings.Repeat("界", 32)}, ""},
		{"a quote", `a"b`, nil, "view.label.signs"},
		{"a control sign", "a\x00b", nil, "view.label.signs"},
		{"more than fit on one", strings.Join(strings.Split("abcdefghijklmnopqrstu", ""), ","), nil, "view.label.many"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := view.ParseLabels(tt.typed)
			if tt.wrong != "" {
				if f := fault.Of(err); f.Kind != fault.Invalid || f.Fields["add"].ID != tt.wrong {
					t.Errorf("got %v, want %s on the field", err, tt.wrong)
				}
				return
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestTokensOfAPastedList(t *testing.T) {
	tests := []struct {
		name, pasted string
		want         []string
	}{
		{"lines", "a\nb\r\nc\n", []string{"a", "b", "c"}},
		{"commas, semicolons, tabs", "a,b;c\td", []string{"a", "b", "c", "d"}},
		{"names with spaces stay whole", "my shop\nyour shop", []string{"my shop", "your shop"}},
		{"quotes around and twice the same", `"a", 'b', a`, []string{"a", "b"}},
		{"commas of other keyboards", "a，b、c；d｜e", []string{"a", "b", "c", "d｜e"}},
		{"signs that nobody sees", "\ufeffa\na\u200b\n\u200b\n\u00a0b\u00a0", []string{"\ufeffa", "b"}},
		{"nothing", " \n , ", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := view.Tokens(tt.pasted); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEveryUsualColumnCanBeChosen(t *testing.T) {
	for _, l := range []view.List{view.Servers, view.Instances} {
		for _, c := range l.Usual() {
			if !slices.Contains(l.Columns(), c) {
				t.Errorf("%s: %s is usual and not among the columns", l, c)
			}
		}
	}
}
