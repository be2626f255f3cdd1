// Package spelling compares text that people type or paste with text that the
// cloud or a person wrote: names that mean the same, written differently, have
// one form. What is stored and shown stays as it was written.
package spelling

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Form is the form in which text is compared: without invisible characters, in
// NFKC, with full case folding. "Straße", "STRASSE" and the same in NFD have one
// form; "İstanbul" and "istanbul" have one form. It is not for showing.
func Form(s string) string {
	if ascii(s) || plain(s) {
		return strings.ToLower(s)
	}
	s = cases.Fold().String(norm.NFKC.String(drop(s, hidden)))
	return norm.NFKC.String(strings.ReplaceAll(s, "i\u0307", "i"))
}

// plain reports whether only ASCII letters of s change in its form, as in most
// Chinese names: the general way costs microseconds, and lists have thousands.
func plain(s string) bool {
	for _, r := range s {
		if r >= utf8.RuneSelf && (unicode.SimpleFold(r) != r || hidden(r) || r == 0x0307) {
			return false
		}
	}
	return norm.NFKC.IsNormalString(s)
}

// Same reports whether two texts have one form.
func Same(a, b string) bool { return a == b || Form(a) == Form(b) }

// Contains reports whether part, in its form, is in the form of s.
func Contains(s, part string) bool { return strings.Contains(Form(s), Form(part)) }

// Clean is what a person typed into a field, without what copying adds: invisible
// characters, and space around it. A joiner between letters that are not ASCII
// stays: some scripts and emoji are written with it. A character that changes the
// direction of the text is dropped only at the ends: inside the text somebody put
// it there on purpose, and the check of the field decides about it.
func Clean(s string) string {
	if ascii(s) {
		return strings.TrimSpace(s)
	}
	all := []rune(s)
	var b strings.Builder
	for n, r := range all {
		between := n > 0 && n+1 < len(all) && all[n-1] > unicode.MaxASCII && (all[n+1] > unicode.MaxASCII || selector(r))
		if !hidden(r) || turns(r) || (joiner(r) || selector(r)) && (between || selector(r) && n > 0 && !unicode.IsLetter(all[n-1])) {
			b.WriteRune(r)
		}
	}
	return strings.TrimFunc(b.String(), func(r rune) bool { return unicode.IsSpace(r) || turns(r) })
}

// turns reports whether a character embeds, overrides or isolates a direction of text.
func turns(r rune) bool { return 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 }

// Cut keeps at most so many bytes of a text, and no part of a character.
func Cut(s string, bytes int) string {
	if len(s) <= bytes {
		return s
	}
	return strings.ToValidUTF8(s[:bytes], "")
}

// Reveal writes invisible characters, and spaces other than the usual one, as
// "U+200B". It is for showing text that was not found.
func Reveal(s string) string {
	if ascii(s) && !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if hidden(r) || unicode.IsControl(r) || r != ' ' && unicode.IsSpace(r) {
			fmt.Fprintf(&b, "U+%04X", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden reports whether a character is invisible: it has no width and no shape of its own.
func hidden(r rune) bool {
	if r < 0xad || 0x4e00 <= r && r <= 0x9fff {
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

func joiner(r rune) bool { return unicode.Is(unicode.Join_Control, r) }

// selector reports whether a character chooses the look of the one before it.
func selector(r rune) bool { return unicode.Is(unicode.Variation_Selector, r) }

func drop(s string, is func(rune) bool) string {
	if !strings.ContainsFunc(s, is) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if is(r) {
			return -1
		}
		return r
	}, s)
}

func ascii(s string) bool {
	for n := range len(s) {
		if s[n] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
