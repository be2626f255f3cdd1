package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// nameLimit is how much of a foreign name is shown (reliability: output).
const nameLimit = 128

// Name prepares a name that the cloud or a person chose for showing: control
// and direction signs become visible code points, and what is longer than 128
// characters is cut with "…". Pages put it into <bdi>.
func Name(s string) string {
	s = Visible(s)
	if utf8.RuneCountInString(s) <= nameLimit {
		return s
	}
	return string([]rune(s)[:nameLimit-1]) + "…"
}

// Visible shows control signs, direction overrides and unpaired isolates as
// "U+202E", so that no value can reorder or hide the text around it. Line ends
// and tabs count as control signs. Bytes that are not UTF-8 become "�".
func Visible(s string) string {
	if !strings.ContainsFunc(s, suspicious) && utf8.ValidString(s) {
		return s
	}
	paired := balanced(s)
	var b strings.Builder
	for _, r := range s {
		if suspicious(r) && !(paired && isolate(r)) {
			fmt.Fprintf(&b, "U+%04X", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func suspicious(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r < 0xa0: // C0, DEL, C1
		return true
	case r == 0x061c, r == 0x200e, r == 0x200f, 0x202a <= r && r <= 0x202e: // marks, embeddings, overrides
		return true
	case r == 0x2028, r == 0x2029, r == 0xfeff, r == 0x200b, r == 0xad, 0x2060 <= r && r <= 0x2064: // separators, zero width
		return true
	}
	return isolate(r)
}

func isolate(r rune) bool { return 0x2066 <= r && r <= 0x2069 }

// balanced reports whether every isolate that s opens is closed in it, as in
// the values that a Printer itself has worded.
func balanced(s string) bool {
	depth := 0
	for _, r := range s {
		switch {
		case r == 0x2069:
			depth--
		case isolate(r):
			depth++
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}
