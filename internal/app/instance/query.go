package instance

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sampan/internal/app/fault"
	"sampan/internal/app/spelling"
)

// Query is what a list asks of a picture.
type Query struct {
	AccountIDs []string // the scope; none = no rows
	Terms      []Term   // all must hold; of several of one key, any
	Instances  bool     // one row for each instance, not for each server
	Sort       string   // one of Sorts; "" = "expires"
	Desc       bool
	After      string // Result.Next of the page before
	Before     string // Result.Prev of the page after
	Limit      int    // 1 to 500, default 100
	Bare       bool   // no facets: for suggestions and exports
}

// Term is one condition of a search: a word, or a key with a value.
type Term struct {
	Key   string // one of Keys; "" = a word
	Op    byte   // '=' (also 0), or '<' and '>' with "expires" and "traffic"
	Value string
	Not   bool
}

// String is the term as a person types it.
func (t Term) String() string {
	s := ""
	if t.Not {
		s = "-"
	}
	if t.Key != "" {
		op := ":"
		if t.Op == '<' || t.Op == '>' {
			op = string(t.Op)
		}
		s += t.Key + op
	}
	if t.Value == "" && t.Key != "" {
		return s // it is not finished: ParseQuery refuses it again
	}
	if t.Value == "" || strings.ContainsFunc(t.Value, func(r rune) bool { return unicode.IsSpace(r) || r == '"' || r == ',' }) ||
		t.Key == "" && (strings.ContainsAny(t.Value, ":<>") || strings.HasPrefix(t.Value, "-")) {
		return s + `"` + strings.ReplaceAll(t.Value, `"`, `""`) + `"`
	}
	return s + t.Value
}

// FormatTerms gives terms as a person types them: ParseQuery reads the same terms
// from it.
func FormatTerms(terms []Term) string {
	var all []string
	for _, t := range terms {
		all = append(all, t.String())
	}
	return strings.Join(all, " ")
}

// Keys are the keys that a term may have, in the order in which they are offered.
func Keys() []string {
	return []string{"region", "state", "image", "os", "spec", "account", "tag", "label", "problem", "autorenew", "expires", "traffic",
		"server", "instance", "order", "name", "address"}
}

// ParseQuery reads what was typed into the search box: words, and terms such as
// region:ap-southeast-3 expires<30d traffic<20% -state:stopped name:"my shop". A
// comma separates several values of one key. What it cannot read is left out of
// the terms and explained in problems. p may be nil: then names of accounts are
// not checked.
func ParseQuery(text string, p *Picture) (terms []Term, problems []fault.Message) {
	terms, _, problems = readQuery(text, p)
	return terms, problems
}

// Unread is the part of a search that ParseQuery leaves out, as it is typed; ""
// when it reads everything.
func Unread(text string, p *Picture) string {
	_, bad, _ := readQuery(text, p)
	return FormatTerms(bad)
}

// readQuery is ParseQuery, and gives the terms that it left out.
func readQuery(text string, p *Picture) (terms, bad []Term, problems []fault.Message) {
	tokens, open := split(asciiSigns(spelling.Clean(strings.ToValidUTF8(text, "\ufffd"))))
	if open {
		problems = append(problems, fault.Say("instance.query.quote"))
	}
	for _, tok := range tokens {
		for _, t := range tok.terms() {
			if m := t.check(p); !m.Zero() {
				if !slices.Contains(bad, t) {
					bad = append(bad, t)
				}
				if !slices.ContainsFunc(problems, func(o fault.Message) bool {
					return o.ID == m.ID && o.Values["Value"] == m.Values["Value"] && o.Values["Key"] == m.Values["Key"]
				}) {
					problems = append(problems, m)
				}
				continue
			}
			if !slices.Contains(terms, t) {
				terms = append(terms, t)
			}
		}
	}
	return terms, bad, problems
}

// asciiSigns puts the signs that have a meaning in a search in place of those
// that other keyboards write for them, except in quotes.
func asciiSigns(text string) string {
	in := false
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			in = !in
		case in:
		case unicode.IsSpace(r):
			return ' '
		case 0xff01 <= r && r <= 0xff5e && strings.ContainsRune(":,<>=-", r-0xfee0): // full-width forms
			return r - 0xfee0
		}
		return r
	}, text)
}

// token is a part of a search between spaces. quoted says which of its bytes
// stood in quotes.
type token struct {
	text   string
	quoted []bool
}

// split cuts a search at the spaces outside of quotes. Two quotes inside of
// quotes stand for one. open reports that the last quote is not closed.
func split(text string) (all []token, open bool) {
	var t token
	var has bool
	in := false
	end := func() {
		if has {
			all = append(all, t)
		}
		t, has = token{}, false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"' && in && i+1 < len(text) && text[i+1] == '"':
			t.text, t.quoted = t.text+`"`, append(t.quoted, true)
			i++
		case c == '"':
			in, has = !in, true
		case !in && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			end()
		default:
			t.text, t.quoted, has = t.text+text[i:i+1], append(t.quoted, in), true
		}
	}
	end()
	return all, in
}

// terms gives the terms of a token, one for each value. Text before a colon
// counts as a key only when it looks like one: "http://x" is a word.
func (k token) terms() []Term {
	t := Term{}
	if strings.HasPrefix(k.text, "-") && len(k.text) > 1 && !k.quoted[0] {
		t.Not = true
		k.text, k.quoted = k.text[1:], k.quoted[1:]
	}
	at := -1
	for i := 0; i < len(k.text) && at < 0; i++ {
		if !k.quoted[i] && strings.IndexByte(":<>=", k.text[i]) >= 0 {
			at = i
		}
	}
	if at < 1 || !isKeyLike(k.text[:at]) {
		if k.text == "" {
			return nil
		}
		t.Value = k.text
		return []Term{t}
	}
	t.Key, t.Op = strings.ToLower(k.text[:at]), '='
	if c := k.text[at]; c == '<' || c == '>' {
		t.Op = c
	}
	rest, quoted := k.text[at+1:], k.quoted[at+1:]
	if t.Op == '=' && strings.HasPrefix(rest, "<") && len(rest) > 1 { // expires:<30d
		t.Op, rest, quoted = '<', rest[1:], quoted[1:]
	} else if t.Op == '=' && strings.HasPrefix(rest, ">") && len(rest) > 1 {
		t.Op, rest, quoted = '>', rest[1:], quoted[1:]
	}
	var all []Term
	from := 0
	for i := 0; i <= len(rest); i++ {
		if i == len(rest) || rest[i] == ',' && !quoted[i] {
			if v := rest[from:i]; v != "" || len(rest) == 0 {
				t.Value = v
				all = append(all, t)
			}
			from = i + 1
		}
	}
	return all
}

// isKeyLike reports whether the text before a colon is meant as a key: it has
// only letters and hyphens. An IPv6 address is not.
func isKeyLike(s string) bool {
	other := func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' }
	return !strings.ContainsFunc(s, other) && s != "http" && s != "https"
}

// check says in a sentence what is wrong with a term; zero: nothing.
func (t Term) check(p *Picture) fault.Message {
	if t.Key == "" {
		return fault.Message{}
	}
	if !slices.Contains(Keys(), t.Key) {
		return fault.Say("instance.query.key", "Key", t.Key, "Keys", strings.Join(Keys(), ", "))
	}
	if t.Value == "" {
		return fault.Say("instance.query.empty", "Key", t.Key)
	}
	if (t.Op == '<' || t.Op == '>') && t.Key != "expires" && t.Key != "traffic" {
		return fault.Say("instance.query.compare", "Key", t.Key)
	}
	one := func(values []string) fault.Message {
		if slices.Contains(values, spelling.Form(t.Value)) {
			return fault.Message{}
		}
		return fault.Say("instance.query.value", "Key", t.Key, "Value", t.Value, "Values", strings.Join(values, ", "))
	}
	switch t.Key {
	case "state":
		return one(States())
	case "problem":
		return one(append([]string{"any", "none"}, Problems()...))
	case "os":
		return one([]string{"linux", "windows", "unknown"})
	case "autorenew":
		return one(renews[:])
	case "expires":
		if _, ok := parseWhen(t.Value, time.Time{}); ok && t.Op != '=' && t.Op != 0 {
			return fault.Message{}
		}
		if v := spelling.Form(t.Value); (t.Op == '=' || t.Op == 0) && (v == "over" || v == "unknown") {
			return fault.Message{}
		}
		return fault.Say("instance.query.expires", "Value", t.Value)
	case "traffic":
		if _, _, ok := parseAmount(t.Value); ok && t.Op != '=' && t.Op != 0 {
			return fault.Message{}
		}
		if v := spelling.Form(t.Value); (t.Op == '=' || t.Op == 0) && (v == "over" || v == "unknown") {
			return fault.Message{}
		}
		return fault.Say("instance.query.traffic", "Value", t.Value)
	case "account":
		if p != nil && len(p.accountsNamed(t.Value)) == 0 {
			return fault.Say("instance.query.account", "Value", t.Value)
		}
	}
	return fault.Message{}
}

// parseWhen reads a time: "30d", "12h", "2w" or "3m" from now on, or a date.
func parseWhen(s string, now time.Time) (time.Time, bool) {
	s = spelling.Form(s)
	if d, err := time.Parse(time.DateOnly, s); err == nil {
		return d, true
	}
	unit := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour, 'm': 30 * 24 * time.Hour,
		'y': 365 * 24 * time.Hour}
	if len(s) < 2 || unit[s[len(s)-1]] == 0 {
		return time.Time{}, false
	}
	n, err := strconv.Atoi(s[:len(s)-1])
	if err != nil || n < 0 || n > 100_000 {
		return time.Time{}, false
	}
	return now.Add(time.Duration(n) * unit[s[len(s)-1]]), true
}

// parseAmount reads "20%", "50GB", "1.5TB" or a number of GB.
func parseAmount(s string) (n float64, percent, ok bool) {
	s = strings.TrimSpace(spelling.Form(s))
	factor := 1.0
	switch {
	case strings.HasSuffix(s, "%"):
		s, percent = strings.TrimSuffix(s, "%"), true
	case strings.HasSuffix(s, "tb"):
		s, factor = strings.TrimSuffix(s, "tb"), 1024
	case strings.HasSuffix(s, "gb"):
		s = strings.TrimSuffix(s, "gb")
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n >= 0 && n < 1e9) {
		return 0, false, false
	}
	return n * factor, percent, true
}

// accountsNamed gives the account with that id or label; when there is none,
// those whose label begins so.
func (p *Picture) accountsNamed(name string) []string {
	var begin []string
	asked := spelling.Form(name)
	for id, label := range p.labels {
		switch form := spelling.Form(label); {
		case id == name || form == asked:
			return []string{id}
		case strings.HasPrefix(form, asked):
			begin = append(begin, id)
		}
	}
	return begin
}
