package text

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed *.toml
var files embed.FS

// messages is all catalogues together, read once.
type messages struct {
	bundle  *i18n.Bundle
	ids     map[string]bool // every id that English has
	english []*i18n.Message
}

// catalogue reads the embedded files. It panics on a file that cannot be read
// or on an id that stands in two files: the first test of any page finds that.
var catalogue = sync.OnceValue(func() *messages {
	m, err := load(files)
	if err != nil {
		panic(err)
	}
	return m
})

func load(from fs.FS) (*messages, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	names, err := fs.Glob(from, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("text: list catalogues: %w", err)
	}
	m := &messages{bundle: bundle, ids: make(map[string]bool)}
	seen := make(map[string]string) // language and id: file
	for _, name := range names {
		f, err := bundle.LoadMessageFileFS(from, name)
		if err != nil {
			return nil, fmt.Errorf("text: %s: %w", name, err)
		}
		for _, msg := range f.Messages {
			key := f.Tag.String() + " " + msg.ID
			if other, ok := seen[key]; ok {
				return nil, fmt.Errorf("text: %q stands in %s and in %s", msg.ID, other, name)
			}
			seen[key] = name
			if f.Tag == language.English {
				m.ids[msg.ID] = true
				m.english = append(m.english, msg)
			}
		}
	}
	return m, nil
}

func (m *messages) localizer(lang string) *i18n.Localizer {
	if lang == Pseudo {
		return i18n.NewLocalizer(pseudoBundle(), lang)
	}
	return i18n.NewLocalizer(m.bundle, lang)
}

// pseudoBundle holds the pseudo-language, made only when somebody reads it.
var pseudoBundle = sync.OnceValue(func() *i18n.Bundle {
	bundle := i18n.NewBundle(pseudoTag)
	for _, en := range catalogue().english {
		if err := bundle.AddMessages(pseudoTag, pseudoOf(en)); err != nil {
			panic(fmt.Errorf("text: pseudo-language: %w", err))
		}
	}
	return bundle
})

var pseudoTag = language.MustParse(Pseudo)

// pseudoOf makes the pseudo-language's message out of the English one. Arabic
// has six plural forms; English's "one" serves as one, its "other" as the rest.
func pseudoOf(en *i18n.Message) *i18n.Message {
	other := pseudoWords(en.Other)
	one := other
	if en.One != "" {
		one = pseudoWords(en.One)
	}
	return &i18n.Message{ID: en.ID, Zero: other, One: one, Two: other, Few: other, Many: other, Other: other}
}

var accents = strings.NewReplacer(
	"a", "á", "c", "ç", "d", "ð", "e", "é", "g", "ğ", "h", "ĥ", "i", "í", "k", "ķ", "l", "ļ", "n", "ñ", "o", "ó",
	"r", "ŕ", "s", "š", "t", "ţ", "u", "ú", "w", "ŵ", "y", "ý", "z", "ž",
	"A", "Á", "C", "Ç", "D", "Ð", "E", "É", "G", "Ğ", "H", "Ĥ", "I", "Í", "K", "Ķ", "L", "Ļ", "N", "Ñ", "O", "Ó",
	"R", "Ŕ", "S", "Š", "T", "Ţ", "U", "Ú", "W", "Ŵ", "Y", "Ý", "Z", "Ž")

// pseudoWords gives accents to all letters outside {{placeholders}} and adds
// about a third to the length, so that a label that was cut, glued or never in
// a catalogue is seen at once.
func pseudoWords(en string) string {
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
	b.WriteString(strings.Repeat("·", len([]rune(en))/3))
	b.WriteString("]")
	return b.String()
}
