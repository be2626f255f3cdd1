package app_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTheGlossaryNamesPackagesThatExist keeps docs/glossary.md true after a move. Each row of its table has a word, a
// sentence and the package that owns the word; the words are in order.
func TestTheGlossaryNamesPackagesThatExist(t *testing.T) {
	const root = "../.."
	b, err := os.ReadFile(filepath.Join(root, "docs", "glossary.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("^\\| ([^|]+) \\| ([^|]+\\.) \\| `([^`|]+)` \\|$")
	var words []string
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| Word |") || strings.HasPrefix(line, "| --- |") {
			continue
		}
		m := row.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("not a word, a sentence and a package: %s", line)
			continue
		}
		words = append(words, strings.ToLower(m[1]))
		source, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(m[3]), "*.go"))
		if err != nil || len(source) == 0 {
			t.Errorf("%q is of the package %s, which does not exist", m[1], m[3])
		}
	}
	if len(words) < 25 {
		t.Errorf("the table has %d words: does the test still read it?", len(words))
	}
	if !slices.IsSorted(words) || len(slices.Compact(slices.Clone(words))) != len(words) {
		t.Errorf("the words are not in order, or one stands twice: %q", words)
	}
}
