package text

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// Named looks up ids by their words: for "region." and "hong kong" it gives
// "ap-southeast-1". A name may be in any language and without its accents, and
// the beginning of a word is enough; a name that matches as a whole comes before
// names that only begin with it. The end of an id is a name of its own. Without
// a match it gives nil.
func Named(prefix, name string) []string {
	if code := strings.ToLower(name); isName(english().byID[prefix+code]) {
		return []string{code}
	}
	if name = plain(name); name == "" {
		return nil
	}
	for _, lang := range []string{English, Chinese} {
		whole, begin := make(map[string]bool), make(map[string]bool)
		for id, m := range in(lang).byID {
			of, ok := strings.CutPrefix(id, prefix)
			if !ok || !isName(m) {
				continue
			}
			words := plain(m.Other)
			whole[of] = words == name
			begin[of] = strings.Contains(" "+words, " "+name) || unicode.Is(unicode.Han, []rune(name)[0]) && strings.Contains(words, name)
		}
		for _, found := range []map[string]bool{whole, begin} {
			maps.DeleteFunc(found, func(_ string, is bool) bool { return !is })
			if len(found) > 0 {
				return slices.Sorted(maps.Keys(found))
			}
		}
	}
	return nil
}

func isName(m *i18n.Message) bool { return m != nil && !strings.Contains(m.Other, "{{") }

var unaccented = strings.NewReplacer("ã", "a", "-", " ", "_", " ")

// plain is a name as people type it.
func plain(s string) string { return unaccented.Replace(strings.ToLower(strings.TrimSpace(s))) }
