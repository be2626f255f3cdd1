package static

import "testing"

func TestMinify(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"comments go", "a{b:c}/* x; } */d{e:f}", "a{b:c}d{e:f}"},
		{"a comment still parts two words", "a/**/b{c:d}", "a b{c:d}"},
		{"lines are joined", "a {\n b: c;\n d: e;\n}\n", "a{b:c;d:e}"},
		{"descendants keep their space", "a :is(b, c) d{}", "a :is(b,c) d{}"},
		{"a pseudo-class after a space stays apart", "tr :hover{}", "tr :hover{}"},
		{"sums keep their spaces", "a{b:calc(1px + 2px)}", "a{b:calc(1px + 2px)}"},
		{"range queries keep theirs", "@media (width < 48rem) { a{} }", "@media (width < 48rem){a{}}"},
		{"strings are not touched", `a::after{content: " ·  {x;} /* y */"}`, `a::after{content:" ·  {x;} /* y */"}`},
		{"an escaped quote does not end a string", `a{content:"\"  x"}`, `a{content:"\"  x"}`},
		{"an open comment ends the sheet", "a{}/* x", "a{}"},
		{"nothing stays nothing", " \n ", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(minify([]byte(tt.in))); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
