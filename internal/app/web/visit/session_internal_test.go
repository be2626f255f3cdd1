package visit

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every element that the stream makes read itself again is known by its id:
// else an open page would keep a session from becoming idle.
func TestAllLivePartsAreKnown(t *testing.T) {
	files, err := filepath.Glob("../../../../web/templates/*/*.templ")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	trigger := regexp.MustCompile(`hx-trigger=("sse:|\{ "sse:|\{ (?:heard|reading)\(|\{ m\.trigger\(\))`)
	id := regexp.MustCompile(`\bid="([a-z-]+)"`)
	found := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		page := string(b)
		for _, at := range trigger.FindAllStringIndex(page, -1) {
			found++
			tag := page[strings.LastIndex(page[:at[0]], "\t<"):at[0]]
			m := id.FindStringSubmatch(tag)
			switch {
			case strings.Contains(tag, `hx-get="/counts"`): // known by its path
			case m == nil:
				t.Errorf("%s: an element that reads itself again has no id: %s", filepath.Base(f), strings.TrimSpace(tag))
			case !liveParts[m[1]]:
				t.Errorf("%s: #%s reads itself again and counts as use of the session", filepath.Base(f), m[1])
			}
		}
	}
	if found < len(liveParts) {
		t.Errorf("%d elements found, %d are known", found, len(liveParts))
	}
}
