package instance

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"sampan/internal/app/spelling"
)

// pastedToken is what a pasted token may name. First the whole of it is tried,
// then its words. All texts are in the form in which names are compared.
type pastedToken struct {
	whole []string
	words [][]string // the readings of each word
	said  []string   // the words as they were pasted
	tool  bool       // the first word is a command, the others its arguments
}

var (
	bullet = regexp.MustCompile(`^(?:[-*+•·‣⁃◦▪●–—]|\(?\d{1,4}[.):]|\(\d{1,4}\)|\[[ x]?\])\s+`)
	scheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://`)
	port   = regexp.MustCompile(`:\d{1,5}$`)
	prefix = regexp.MustCompile(`/\d{1,3}$`)
	tools  = []string{"ssh", "scp", "sftp", "mosh", "ping", "curl", "wget", "telnet", "rsync", "mstsc", "ssh-copy-id"}
	pairs  = map[string]string{"{": "}", "(": ")", "[": "]", "<": ">", "\"": "\"", "'": "'", "`": "`", "“": "”", "‘": "’", "«": "»",
		"「": "」", "【": "】", "《": "》"}
)

// readPasted takes a pasted token apart.
func readPasted(token string) pastedToken {
	form := strings.Join(strings.Fields(spelling.Form(token)), " ")
	a := pastedToken{whole: readings(form)}
	words := strings.Fields(bullet.ReplaceAllString(form, ""))
	if len(words) < 2 {
		return a
	}
	a.tool, a.said = slices.Contains(tools, words[0]), words
	if raw := strings.Fields(token); len(raw) >= len(words) {
		a.said = raw[len(raw)-len(words):]
	}
	for _, w := range words {
		a.words = append(a.words, readings(w))
	}
	return a
}

// readings are a text as it stands, and then without what people copy along with
// a name or an address: a bullet or a number before it, brackets and quotes
// around it, the user, scheme, port, path or prefix length of an address.
func readings(s string) []string {
	var all []string
	add := func(s string) {
		if s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	add(s)
	bare := bullet.ReplaceAllString(s, "")
	for before := ""; before != bare; {
		before = bare
		bare = unwrap(strings.TrimFunc(bare, unicode.IsSpace))
		bare = strings.TrimRight(bare, ".。:!?")
		add(bare)
	}
	add(host(bare))
	return all
}

// unwrap removes one pair of brackets or quotes around a text.
func unwrap(s string) string {
	for open, close := range pairs {
		if inside, ok := strings.CutPrefix(s, open); ok {
			if inside, ok = strings.CutSuffix(inside, close); ok {
				return inside
			}
		}
	}
	return s
}

// host is the host that an address names: "10.0.0.1" of
// "ssh://root@10.0.0.1:22/x".
func host(s string) string {
	if rest := scheme.ReplaceAllString(s, ""); rest != s {
		s, _, _ = strings.Cut(rest, "/")
		s, _, _ = strings.Cut(s, "?")
	}
	s = prefix.ReplaceAllString(s, "")
	s = s[strings.LastIndexByte(s, '@')+1:]
	if rest, ok := strings.CutPrefix(s, "["); ok { // [2001:db8::1]:22
		inside, _, _ := strings.Cut(rest, "]")
		return inside
	}
	if strings.Count(s, ":") == 1 {
		s = port.ReplaceAllString(s, "")
	}
	if at := strings.LastIndex(s, ":/"); at > 0 { // root@10.0.0.1:/etc/hosts
		s = s[:at]
	}
	return s
}

// candidate is the rows that a reading names. sure says that it is an id or an
// address and not only a name.
type candidate struct {
	rows []*Row
	sure bool
}

// Resolve finds the rows that pasted tokens name: by server or instance id,
// address or whole name, in any spelling, and with what people copy along with
// them. A token of several words is tried as one name first. Else its words
// count: those that are addresses or ids, and those that are names when every
// word names something. Tokens and words that name nothing come back in unknown,
// as they were pasted.
func (p *Picture) Resolve(accountIDs, tokens []string) (rows []*Row, unknown []string) {
	all, wanted := make([]pastedToken, len(tokens)), make(map[string]*candidate)
	for n, t := range tokens {
		all[n] = readPasted(t)
		for _, reading := range slices.Concat(append(all[n].words, all[n].whole)...) {
			wanted[reading] = &candidate{}
		}
	}
	p.findCandidates(accountIDs, wanted)
	known := make(map[*Row]bool)
	for n, t := range tokens {
		found, rest := all[n].choose(wanted, t)
		unknown = append(unknown, rest...)
		for _, r := range found {
			if !known[r] {
				known[r] = true
				rows = append(rows, r)
			}
		}
	}
	return rows, unknown
}

// findCandidates adds to each reading the rows that have it as an id, address or
// name.
func (p *Picture) findCandidates(accountIDs []string, wanted map[string]*candidate) {
	for _, a := range p.accounts {
		if !slices.Contains(accountIDs, a.ages.account) {
			continue
		}
		for _, r := range a.rows {
			r.eachName(func(name string, sure bool) {
				w := wanted[name]
				if w == nil || name == "" {
					return
				}
				w.sure = w.sure || sure
				if len(w.rows) == 0 || w.rows[len(w.rows)-1] != r {
					w.rows = append(w.rows, r)
				}
			})
		}
	}
}

// best gives the candidate of the first reading that names a row; an empty one
// when none does.
func best(readings []string, wanted map[string]*candidate) *candidate {
	for _, r := range readings {
		if w := wanted[r]; len(w.rows) > 0 {
			return w
		}
	}
	return &candidate{}
}

// choose gives the rows that the token names, and what of it names nothing.
func (a pastedToken) choose(wanted map[string]*candidate, token string) (rows []*Row, unknown []string) {
	if w := best(a.whole, wanted); len(w.rows) > 0 {
		return w.rows, nil
	}
	every, any := len(a.words) > 0, false
	for _, word := range a.words {
		w := best(word, wanted)
		every = every && len(w.rows) > 0
		any = any || w.sure
	}
	if a.tool && !any { // "ssh root@web-1 -p 22": the last word that names something
		for _, word := range slices.Backward(a.words) {
			if w := best(word, wanted); len(w.rows) > 0 {
				return w.rows, nil
			}
		}
	}
	if !every && !any {
		return nil, []string{token}
	}
	for n, word := range a.words {
		if w := best(word, wanted); len(w.rows) > 0 && (every || w.sure) {
			rows = append(rows, w.rows...)
		} else if !a.tool {
			unknown = append(unknown, a.said[n])
		}
	}
	return rows, unknown
}

// eachName gives every text that names the row, in the form in which names are
// compared, and whether it is an id or an address.
func (r *Row) eachName(is func(name string, sure bool)) {
	for _, id := range [...]string{r.ServerID, r.InstanceID, r.Address, r.Private} {
		is(id, true)
	}
	is(r.fold(), false)
	is(r.instance, false)
	for _, a := range r.More {
		is(a, true)
	}
}
