package text_test

import (
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/a-h/templ/parser/v2"
	"github.com/a-h/templ/parser/v2/visitor"
)

// root is the repository: the scans below read every page and every use case.
const root = "../../.."

// catalogueOf reads all files of a language: id to its forms.
func catalogueOf(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	names, err := filepath.Glob("*." + lang + ".toml")
	if err != nil || len(names) == 0 {
		t.Fatalf("catalogues of %s: %v, %v", lang, names, err)
	}
	all := make(map[string]map[string]string)
	for _, name := range names {
		var raw map[string]any
		if _, err := toml.DecodeFile(name, &raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for id, value := range raw {
			if _, twice := all[id]; twice {
				t.Errorf("%s: %q is defined in another file too", name, id)
			}
			switch v := value.(type) {
			case string:
				all[id] = map[string]string{"other": v}
			case map[string]any:
				all[id] = make(map[string]string)
				for form, s := range v {
					words, ok := s.(string)
					if !ok {
						t.Errorf("%s: %q is nested; ids are flat and quoted", name, id)
					}
					all[id][form] = words
				}
			}
		}
	}
	return all
}

func TestEveryMessageIsInEveryLanguage(t *testing.T) {
	en, zh := catalogueOf(t, "en"), catalogueOf(t, "zh-Hans")
	for _, id := range sorted(en) {
		if _, ok := zh[id]; !ok {
			t.Errorf("%q has no Chinese", id)
		}
	}
	for _, id := range sorted(zh) {
		if _, ok := en[id]; !ok {
			t.Errorf("%q has Chinese but no English", id)
		}
	}
}

// A translation that forgets a placeholder hides a figure; one that invents one
// shows "⟦Name⟧".
func TestTranslationsKeepThePlaceholders(t *testing.T) {
	en, zh := catalogueOf(t, "en"), catalogueOf(t, "zh-Hans")
	for _, id := range sorted(en) {
		if zh[id] == nil {
			continue
		}
		want, got := placeholders(en[id]["other"]), placeholders(zh[id]["other"])
		if want != got {
			t.Errorf("%q: Chinese has the placeholders %s, English %s", id, got, want)
		}
		if en[id]["other"] == "" || zh[id]["other"] == "" {
			t.Errorf("%q: empty in one language", id)
		}
	}
}

// Messages know values and one kind of condition, and nothing else of
// text/template (fill).
func TestPlacesAreOfTheKnownKinds(t *testing.T) {
	for _, lang := range []string{"en", "zh-Hans"} {
		all := catalogueOf(t, lang)
		for _, id := range sorted(all) {
			for form, s := range all[id] {
				if rest := known.ReplaceAllString(s, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
					t.Errorf("%s, %q, %s: there is more than {{.Name}} and {{if .Name}}…{{end}} in %q", lang, id, form, s)
				}
			}
		}
	}
}

var known = regexp.MustCompile(`{{\.[A-Z]\w*}}|{{if \.[A-Z]\w*}}(?:[^{]|{{\.[A-Z]\w*}})*{{end}}`)

var placeholder = regexp.MustCompile(`{{[^}]*}}`)

func placeholders(s string) string {
	seen := make(map[string]bool)
	for _, p := range placeholder.FindAllString(s, -1) {
		seen[p] = true
	}
	return strings.Join(sorted(seen), " ")
}

// Only "format", "common" and the "fault" files hold ids of other beginnings
// than their name.
func TestIdsBeginWithTheNameOfTheirFile(t *testing.T) {
	names, err := filepath.Glob("*.en.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		area := strings.TrimSuffix(name, ".en.toml")
		if strings.HasPrefix(area, "fault") {
			continue
		}
		var raw map[string]any
		if _, err := toml.DecodeFile(name, &raw); err != nil {
			t.Fatal(err)
		}
		for _, id := range sorted(raw) {
			if !strings.HasPrefix(id, area+".") {
				t.Errorf("%s: %q does not begin with %q", name, id, area+".")
			}
		}
	}
}

// The ways ids are asked for. An id that ends with a dot is put together with
// what follows and stands for all that begin so.
var asks = regexp.MustCompile(
	`(?:text\.[TN]\(ctx, ?|\.[TN]\(|\.Say\(|\.Has\(|fault\.New\([\w.]+, ?|(?:^|[^\w.])say\((?:c|ctx|p), ?)"([a-z0-9_.-]+)"`)

// literal is any string that could be an id; it counts as a use.
var literal = regexp.MustCompile(`"([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)"`)

func TestIdsAreDefinedAndUsed(t *testing.T) {
	en := catalogueOf(t, "en")
	used, reported := make(map[string]bool), make(map[string]bool)
	for _, file := range sources(t) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asks.FindAllStringSubmatch(string(b), -1) {
			id := m[1]
			if reported[id] {
				continue
			}
			reported[id] = true
			if strings.HasSuffix(id, ".") {
				if !anyWith(en, id) {
					t.Errorf("%s: no message begins with %q", short(file), id)
				}
			} else if en[id] == nil && strings.Contains(id, ".") {
				t.Errorf("%s: nobody defined %q", short(file), id)
			}
		}
		for _, m := range literal.FindAllStringSubmatch(string(b), -1) {
			used[m[1]] = true
		}
	}
	for _, id := range sorted(en) {
		if !isUsed(used, id) {
			t.Errorf("%q is used by no page and no use case", id)
		}
	}
}

// isUsed reports whether the id, or a beginning of it that ends with a dot,
// stands as a literal somewhere.
func isUsed(used map[string]bool, id string) bool {
	for whole := id; ; {
		if used[id] || used[whole] {
			return true
		}
		i := strings.LastIndexByte(strings.TrimSuffix(whole, "."), '.')
		if i < 0 {
			return false
		}
		whole = whole[:i+1]
	}
}

func anyWith(en map[string]map[string]string, prefix string) bool {
	for id := range en {
		if strings.HasPrefix(id, prefix) {
			return true
		}
	}
	return false
}

// sources are the files that may ask for words.
func sources(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, dir := range []string{"web/templates", "internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := d.Name()
			if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
				return nil
			}
			if d.IsDir() && name == "webtest" { // only tests import it
				return filepath.SkipDir
			}
			if strings.HasSuffix(name, ".go") || strings.HasSuffix(name, ".templ") {
				out = append(out, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// What may stand in a page as it is: the product, units, keys, signs.
var allowed = regexp.MustCompile(`^(Sampan|GiB|GB|TB|Mbit/s|vCPU|US\$|EIP|ID|IAM|AK|SK|Esc|Enter|Ctrl|curl|[a-z/?,]|[^\pL]*)$`)

func TestPagesHoldNoWordsOfTheirOwn(t *testing.T) {
	for _, file := range sources(t) {
		if !strings.Contains(file, "/web/") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		words := wordedFields(string(b))
		if strings.HasSuffix(file, ".templ") {
			words = wordsIn(t, string(b))
		}
		for _, w := range words {
			t.Errorf("%s: %q is not in a catalogue", short(file), w)
		}
	}
}

// heard are the attributes whose value people hear or see.
var heard = map[string]bool{"aria-label": true, "title": true, "placeholder": true, "alt": true, "data-busy": true,
	"aria-description": true, "aria-roledescription": true, "label": true}

// wordsIn finds what a templ file says by itself: its text nodes, the attributes
// people hear, and words given to components. It reads with templ's own parser.
func wordsIn(t *testing.T, src string) []string {
	t.Helper()
	file, err := parser.ParseString(src)
	if err != nil {
		t.Fatalf("%v in:\n%s", err, src)
	}
	var out []string
	found := func(s string) {
		if s = strings.Join(strings.Fields(html.UnescapeString(s)), " "); !allowed.MatchString(s) {
			out = append(out, s)
		}
	}
	v := visitor.New()
	v.Text = func(n *parser.Text) error {
		found(n.Value)
		return nil
	}
	inside := v.Element
	v.Element = func(n *parser.Element) error {
		if n.Name == "code" || n.Name == "kbd" || n.Name == "pre" {
			return nil // the machine's language
		}
		return inside(n)
	}
	v.ConstantAttribute = func(n *parser.ConstantAttribute) error {
		if heard[n.Key.String()] {
			found(n.Value)
		}
		return nil
	}
	element := v.TemplElementExpression
	v.TemplElementExpression = func(n *parser.TemplElementExpression) error {
		out = append(out, wordedFields(n.Expression.Value)...)
		return element(n)
	}
	v.StringExpression = func(n *parser.StringExpression) error {
		if m := bare.FindStringSubmatch(n.Expression.Value); m != nil {
			found(m[1])
		}
		return nil
	}
	v.TemplateFileGoExpression = func(n *parser.TemplateFileGoExpression) error {
		out = append(out, wordedFields(n.Expression.Value)...)
		return nil
	}
	if err := v.VisitTemplateFile(file); err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	// bare is an expression that is nothing but words.
	bare = regexp.MustCompile(`^\s*"([^"]*)"\s*$`)
	// worded is a field of a model that is shown, filled with words.
	worded = regexp.MustCompile(
		`\b(?:Label|Title|Text|Hint|Error|Bold|Legend|Note|Aside|Keep|Busy|Refusal|Side|More|Placeholder|Toast|Problem):\s*"([^"\n]*\p{L}{2}[^"\n]*)"`)
	// sentence is a literal that can only be words: capital, letters, a space.
	sentence = regexp.MustCompile(`ui\.[A-Z]\w*\([^"{)\n]*"([A-Z][a-z]+(?: [^"\n]*)?)"`)
)

// wordedFields finds words in Go code that fills models.
func wordedFields(code string) []string {
	var out []string
	for _, pattern := range []*regexp.Regexp{worded, sentence} {
		for _, m := range pattern.FindAllStringSubmatch(code, -1) {
			if s := m[1]; !allowed.MatchString(s) && !literal.MatchString(`"`+s+`"`) {
				out = append(out, s)
			}
		}
	}
	return out
}

func TestWordsInFindsWhatAPageSays(t *testing.T) {
	tests := []struct {
		name, templ string
		want        []string
	}{
		{"a text node", "templ A() {\n\t<p>Hello there</p>\n}\n", []string{"Hello there"}},
		{"beside an expression", "templ A() {\n\t<p>{ x } servers</p>\n}\n", []string{"servers"}},
		{"an attribute people hear", "templ A() {\n\t<b aria-label=\"Close it\" class=\"a b\"></b>\n}\n", []string{"Close it"}},
		{"an attribute on its own line", "templ A() {\n\t<b\n\t\ttitle=\"Shut\"\n\t></b>\n}\n", []string{"Shut"}},
		{"expressions are not words", "templ A() {\n\t<p class={ \"a\", x }>{ text.T(ctx, \"a.b\") }</p>\n}\n", nil},
		{"control flow is not words", "templ A() {\n\tif x > 1 {\n\t\t<p></p>\n\t} else if y {\n\t\t@B(x)\n\t}\n\tfor _, z := range zs {\n\t\t{ z }\n\t}\n}\n", nil},
		{"Go code is not words", "func f() string {\n\treturn \"hello\"\n}\n", nil},
		{"commands and keys may stand", "templ A() {\n\t<code>console reset-owner</code><kbd>Enter</kbd>\n}\n", nil},
		{"product and units may stand", "templ A() {\n\t<p>Sampan</p><b>GiB</b>\n}\n", nil},
		{"a field of a model", "templ A() {\n\t@ui.Button(ui.Action{Label: \"Buy servers\", Href: \"/buy\", Kind: ui.Primary})\n}\n", []string{"Buy servers"}},
		{"an argument of a component", "templ A() {\n\t@ui.State(ui.Run, \"Running\")\n}\n", []string{"Running"}},
		{"an id given to a component", "templ A() {\n\t@ui.Button(ui.Action{Label: text.T(ctx, \"a.b\", \"Name\", x)})\n}\n", nil},
		{"an expression of nothing but words", "templ A() {\n\t<p>{ \"Hello there\" }</p>\n}\n", []string{"Hello there"}},
		{"arguments over several lines", "templ A() {\n\t@B(C{\n\t\tX: 1,\n\t}) {\n\t\t<i>now</i>\n\t}\n}\n", []string{"now"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := wordsIn(t, "package a\n\n"+tt.templ)
			if strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func short(file string) string { return strings.TrimPrefix(file, root+"/") }

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
