package cloud_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// TestEverySentenceStandsInBothLanguages compares the ids in the sources with
// those of the catalogues, both ways.
func TestEverySentenceStandsInBothLanguages(t *testing.T) {
	said := make(map[string]bool)
	id := regexp.MustCompile(`"(cloud\.[a-z0-9.]+)"`)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range id.FindAllStringSubmatch(string(b), -1) {
			said[m[1]] = true
		}
		return err
	})
	if err != nil || len(said) < 50 {
		t.Fatalf("found %d ids, %v", len(said), err)
	}
	for _, language := range []string{"en", "zh-Hans"} {
		words := make(map[string]any) // a text, or one for each plural form
		if _, err := toml.DecodeFile("../../web/templates/text/cloud."+language+".toml", &words); err != nil {
			t.Fatal(err)
		}
		for k := range said {
			if words[k] == nil || words[k] == "" {
				t.Errorf("%s: %s has no sentence", language, k)
			}
		}
		for k := range words {
			if !said[k] {
				t.Errorf("%s: nobody says %s", language, k)
			}
		}
	}
}
