package person

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

// common.txt lists words and passwords that guessers try first, lower case, one a
// line. Long passwords are often put together from these, so a password is also
// searched for them.
//
//go:embed common.txt
var commonText string

var common = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool)
	for _, line := range strings.Fields(commonText) {
		set[line] = true
	}
	return set
})

// rows are the rows of keyboards and digits.
var rows = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm",
	"qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol", "!@#$%^&*()", "1q2w3e4r5t6y7u8i9o0p",
}

// own is how many characters of a password must not be explained by the list, by rows
// of keys or by repetition.
const own = 6

// guessable reports whether a password is one that guessers try early: on the
// list, or put together from list words, rows of keys, repetitions and the
// person's own name with little else. Passphrases of several words are accepted.
func guessable(password, name string) bool {
	p := plain(password)
	if common()[p] || common()[strings.ToLower(password)] {
		return true
	}
	if name != "" {
		p = strings.ReplaceAll(p, plain(name), "\x00")
	}
	left, parts := explain([]rune(p))
	return left < own && parts <= 3
}

// explain takes known pieces off the text from its beginning, the longest possible
// each time. left is the number of characters in no piece, parts the number of
// different pieces.
func explain(p []rune) (left, parts int) {
	seen := make(map[string]bool)
	for i := 0; i < len(p); {
		n := longest(p[i:])
		piece := string(p[i : i+n])
		switch {
		case n == 1 && p[i] == 0: // the name
			seen["\x00"] = true
		case n == 1:
			left++
		case !repeats(p[:i], piece):
			seen[piece] = true
		}
		i += n
	}
	return left, len(seen)
}

// longest is the length of the longest known piece at the beginning of p, 1
// when there is none.
func longest(p []rune) int {
	for n := min(len(p), 24); n >= 3; n-- {
		if piece := string(p[:n]); common()[piece] || onRow(piece) || one(p[:n]) {
			return n
		}
	}
	for n := min(len(p), 4); n >= 2; n-- { // a year, a day
		if digits(p[:n]) {
			return n
		}
	}
	return 1
}

// repeats reports whether the piece stood in the text before.
func repeats(before []rune, piece string) bool {
	return strings.Contains(string(before), piece)
}

func onRow(piece string) bool {
	back := reversed(piece)
	for _, r := range rows {
		if strings.Contains(r, piece) || strings.Contains(r, back) {
			return true
		}
	}
	return false
}

func one(p []rune) bool {
	for _, r := range p {
		if r != p[0] {
			return false
		}
	}
	return true
}

func digits(p []rune) bool {
	for _, r := range p {
		if !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

var leet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "0", "o", "$", "s", "5", "s", "!", "i", "7", "t")

// plain is a password in lower case, with letters for the digits and signs that look
// like them inside words.
func plain(s string) string {
	s = strings.ToLower(s)
	var b strings.Builder
	for _, word := range splitLetters(s) {
		if hasLetter(word) {
			word = leet.Replace(word)
		}
		b.WriteString(word)
	}
	return b.String()
}

// splitLetters cuts a text where a run of at least three digits begins or ends: such
// a run is a number and does not stand for letters.
func splitLetters(s string) []string {
	var out []string
	r := []rune(s)
	start := 0
	for i := 0; i < len(r); {
		j := i
		for j < len(r) && unicode.IsDigit(r[j]) {
			j++
		}
		if j-i >= 3 {
			out = append(out, string(r[start:i]), string(r[i:j]))
			start = j
		}
		i = max(j, i+1)
	}
	return append(out, string(r[start:]))
}

func hasLetter(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) >= 0 }
