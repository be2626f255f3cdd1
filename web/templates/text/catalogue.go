package text

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed *.toml
var files embed.FS

// words is all messages of one language.
type words struct {
	tag  language.Tag
	byID map[string]*i18n.Message
}

// The languages are read one by one, when somebody first reads them: a start
// does not wait for the ones that nobody here speaks. They panic on a file that
// cannot be read and on an id that stands in two files: the first test of any
// page finds that.
var (
	english = sync.OnceValue(func() *words { return mustLoad(English) })
	chinese = sync.OnceValue(func() *words { return mustLoad(Chinese) })
	reverse = sync.OnceValue(func() *words { return pseudoOf(english()) })
)

// in gives the words of a language that is offered.
func in(lang string) *words {
	switch lang {
	case Chinese:
		return chinese()
	case Pseudo:
		return reverse()
	}
	return english()
}

func mustLoad(lang string) *words {
	w, err := load(files, lang)
	if err != nil {
		panic(err)
	}
	return w
}

// load reads the catalogues of a language, in go-i18n's format.
func load(from fs.FS, lang string) (*words, error) {
	names, err := fs.Glob(from, "*."+lang+".toml")
	if err != nil {
		return nil, fmt.Errorf("text: list catalogues: %w", err)
	}
	w := &words{tag: language.Make(lang), byID: make(map[string]*i18n.Message)}
	as := map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal}
	for _, name := range names {
		b, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("text: %s: %w", name, err)
		}
		f, err := i18n.ParseMessageFileBytes(b, name, as)
		if err != nil {
			return nil, fmt.Errorf("text: %s: %w", name, err)
		}
		for _, m := range f.Messages {
			if w.byID[m.ID] != nil {
				return nil, fmt.Errorf("text: %q stands in %s and in another file", m.ID, name)
			}
			w.byID[m.ID] = m
		}
	}
	return w, nil
}

// form gives a message's words for a count, which is nil where nothing is
// counted; "" when the language has no such message.
//
// The rules are CLDR's (golang.org/x/text). go-i18n has them too, but only
// together with text/template, which looks for methods by name at run time:
// because of that the linker keeps every exported method of every type, three
// megabytes that nobody calls.
func (w *words) form(id string, count *int) string {
	m := w.byID[id]
	if m == nil {
		return ""
	}
	if count == nil {
		return m.Other
	}
	s := ""
	switch plural.Cardinal.MatchPlural(w.tag, max(*count, -*count), 0, 0, 0, 0) {
	case plural.Zero:
		s = m.Zero
	case plural.One:
		s = m.One
	case plural.Two:
		s = m.Two
	case plural.Few:
		s = m.Few
	case plural.Many:
		s = m.Many
	}
	return cmp.Or(s, m.Other)
}

// pseudoOf makes the pseudo-language out of English. Arabic has six plural
// forms; English's "one" serves as one, its "other" as the rest.
//
// A translator into a right-to-left language isolates figures with Latin units,
// which would otherwise be reordered; the pseudo-language does the same.
func pseudoOf(en *words) *words {
	w := &words{tag: language.MustParse(Pseudo), byID: make(map[string]*i18n.Message, len(en.byID))}
	for id, m := range en.byID {
		other := pseudoWords(m.Other)
		one := other
		if m.One != "" {
			one = pseudoWords(m.One)
		}
		w.byID[id] = &i18n.Message{ID: id, Zero: other, One: one, Two: other, Few: other, Many: other, Other: other}
	}
	return w
}

var accents = strings.NewReplacer(
	"a", "á", "c", "ç", "d", "ð", "e", "é", "g", "ğ", "h", "ĥ", "i", "í", "k", "ķ", "l", "ļ", "n", "ñ", "o", "ó",
	"r", "ŕ", "s", "š", "t", "ţ", "u", "ú", "w", "ŵ", "y", "ý", "z", "ž",
	"A", "Á", "C", "Ç", "D", "Ð", "E", "É", "G", "Ğ", "H", "Ĥ", "I", "Í", "K", "Ķ", "L", "Ļ", "N", "Ñ", "O", "Ó",
	"R", "Ŕ", "S", "Š", "T", "Ţ", "U", "Ú", "W", "Ŵ", "Y", "Ý", "Z", "Ž")

// measures are figures with Latin units inside a sentence.
var measures = regexp.MustCompile(`\{\{\.\w+\}\} vCPU, \{\{\.\w+\}\} GiB|\{\{\.\w+\}\} GiB`)

// pseudoWords gives accents to all letters outside {{placeholders}} and adds
// about a third to the length, so that a label that was cut, glued or never in
// a catalogue is seen at once.
func pseudoWords(en string) string {
	length := len([]rune(en))
	en = measures.ReplaceAllString(en, "\u2066$0\u2069")
	var b strings.Builder
	b.WriteString("[")
	rest := en
	for {
		before, after, found := strings.Cut(rest, "{{")
		b.WriteString(accents.Replace(before))
		if !found {
			break
		}
		inside, tail, _ := strings.Cut(after, "}}")
		b.WriteString("{{" + inside + "}}")
		rest = tail
	}
	b.WriteString(strings.Repeat("·", length/3))
	b.WriteString("]")
	return b.String()
}
