package text_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// A term of the glossary: what is said, what is not said in its place, and
// words in which that may stand all the same.
type term struct {
	Say      string
	Not, But []string
}

// stray gives what of a message a term does not allow.
func (g term) stray(words string) string {
	for _, but := range g.But {
		words = strings.ReplaceAll(words, but, "")
	}
	for _, not := range g.Not {
		if found := regexp.MustCompile(not).FindString(words); found != "" {
			return found
		}
	}
	return ""
}

func glossary(t *testing.T) map[string][]term {
	t.Helper()
	var all map[string][]term
	if _, err := toml.DecodeFile("glossary.toml", &all); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "zh-Hans"} {
		if len(all[lang]) < 5 {
			t.Fatalf("%s has %d terms: is the glossary read?", lang, len(all[lang]))
		}
	}
	return all
}

func TestOneWordForOneThing(t *testing.T) {
	for lang, terms := range glossary(t) {
		messages := catalogueOf(t, lang)
		for _, id := range sorted(messages) {
			for form, words := range messages[id] {
				for _, g := range terms {
					if stray := g.stray(words); stray != "" {
						t.Errorf("%s, %q, %s: “%s” where the glossary says “%s”: %s", lang, id, form, stray, g.Say, words)
					}
				}
			}
		}
	}
}

func TestTheGlossaryFindsWhatItForbids(t *testing.T) {
	for lang, all := range map[string]map[string]bool{
		"en":      {"Please log in.": true, "Choose Remote Login there.": false, "The VM stopped": true, "The server stopped": false},
		"zh-Hans": {"华为没有响应": true, "华为云没有响应": false, "询问华为": true, "不能使用华为账号（HUAWEI ID）": false, "沙箱": true, "没有答复": true, "忙": true, "处理中": false, "数据库正忙": false, "正在开机": true},
	} {
		for words, want := range all {
			found := false
			for _, g := range glossary(t)[lang] {
				found = found || g.stray(words) != ""
			}
			if found != want {
				t.Errorf("%s, %q: found %v, want %v", lang, words, found, want)
			}
		}
	}
}
