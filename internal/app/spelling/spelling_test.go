package spelling_test

import (
	"testing"

	"golang.org/x/text/unicode/norm"

	"sampan/internal/app/spelling"
)

func TestOneForm(t *testing.T) {
	for _, same := range [][]string{
		{"Straße-Ünïcode-ΣΑΣ", norm.NFD.String("Straße-Ünïcode-ΣΑΣ"), "STRASSE-ünïcode-σας", "strasse-ÜNÏCODE-ςας"},
		{"İSTANBUL", "istanbul", "i̇stanbul", "Istanbul"},
		{"web-1", "WEB-1", "ｗｅｂ－１", "web\u200b-1", "\ufeffweb-1", "w\u00adeb-1", "web-\u20601", "\u202aweb-1\u202c"},
		{"香港", "\u200e香港", "香\ufe00港"},
		{"my shop", "my\u00a0shop", "My\u3000Shop"},
		{"ﬁle", "FILE"},
		{"한글", norm.NFD.String("한글")},
	} {
		for _, s := range same {
			if got, want := spelling.Form(s), spelling.Form(same[0]); got != want || !spelling.Same(s, same[0]) {
				t.Errorf("%+q: got %+q, want %+q", s, got, want)
			}
			if again := spelling.Form(spelling.Form(s)); again != spelling.Form(s) {
				t.Errorf("%+q: the form of the form is %+q", s, again)
			}
		}
	}
	for _, other := range [][2]string{{"web-1", "web-2"}, {"Ünicode", "Unicode"}, {"a b", "ab"}, {"香港", "香巷"}} {
		if spelling.Same(other[0], other[1]) {
			t.Errorf("%q and %q are the same", other[0], other[1])
		}
	}
	if !spelling.Contains("Straße 7", "ASSE") || spelling.Contains("Straße", "strase") {
		t.Error("a part is compared in another form than the whole")
	}
}

func TestWhatCopyingAddsIsDropped(t *testing.T) {
	for in, want := range map[string]string{
		" AKIA7\n": "AKIA7", "\ufeffAKIA7\u200b": "AKIA7", "AK\u200dIA7": "AKIA7", "\u00a0AKIA7\u00a0": "AKIA7", "AK\u00adIA7": "AKIA7",
		"\u202aAKIA7\u202c\n": "AKIA7", "a\u202eb": "a\u202eb", "👨\u200d👩\u200d👧": "👨\u200d👩\u200d👧", "می\u200cخواهم": "می\u200cخواهم",
		"❤\ufe0f": "❤\ufe0f", "Straße": "Straße", "": "",
	} {
		if got := spelling.Clean(in); got != want {
			t.Errorf("%+q: got %+q, want %+q", in, got, want)
		}
	}
}

func TestWhatNobodySeesIsShown(t *testing.T) {
	for in, want := range map[string]string{
		"10.0.0.1": "10.0.0.1", "10.0.0.1\u200b": "10.0.0.1U+200B", "\ufeffa": "U+FEFFa", "a\u00a0b": "aU+00A0b", "a b": "a b",
		"a\tb": "aU+0009b", "香\u200d港": "香U+200D港",
	} {
		if got := spelling.Reveal(in); got != want {
			t.Errorf("%+q: got %+q, want %+q", in, got, want)
		}
	}
}

func FuzzForm(f *testing.F) {
	for _, s := range []string{"Straße", "İI", "\u0345\u03b9", "ﬁ\u0307", "a\u200bb", "ẞ\u0307"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once := spelling.Form(s); spelling.Form(once) != once {
			t.Errorf("%+q: %+q, then %+q", s, once, spelling.Form(once))
		}
	})
}

func BenchmarkForm(b *testing.B) {
	for _, s := range []string{"lotus-shop-0001.example", "新加坡-商店-01"} {
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				spelling.Form(s)
			}
		})
	}
}

func TestCutKeepsWholeCharacters(t *testing.T) {
	for _, tt := range []struct {
		s     string
		bytes int
		want  string
	}{{"web-1", 5, "web-1"}, {"web-12", 5, "web-1"}, {"", 5, ""}, {"中文", 6, "中文"}, {"中文", 5, "中"}, {"中文", 2, ""}, {"a\xffb", 5, "a\xffb"}} {
		if got := spelling.Cut(tt.s, tt.bytes); got != tt.want {
			t.Errorf("%q cut to %d: got %q, want %q", tt.s, tt.bytes, got, tt.want)
		}
	}
}
