package layout_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// asksByItself finds the triggers of elements that ask without anybody doing
// something: what the stream says, and what is written in Go (detail's heard).
var asksByItself = regexp.MustCompile(`hx-trigger=("sse:|\{ "sse:|\{ (?:heard|reading)\(|\{ m\.trigger\(\))`)

// Every element that the stream makes read itself again says so in its requests:
// else an open page would keep a session from becoming idle.
func TestEveryElementThatAsksByItselfIsALivePart(t *testing.T) {
	marked, found := 0, 0
	for _, f := range files(t, "../*/*.templ") {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		page := string(b)
		marked += strings.Count(page, " data-live-part") + strings.Count(page, "\tdata-live-part\n")
		for _, at := range asksByItself.FindAllStringIndex(page, -1) {
			found++
			if tag := tagAround(page, at[0]); !strings.Contains(tag, "data-live-part") {
				t.Errorf("%s: an element reads itself again and counts as use of the session: %s", filepath.Base(f), tag)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d elements found: does the pattern still fit?", found)
	}
	// The balance of the wizard's summary asks again until it is known.
	if marked != found+1 {
		t.Errorf("%d elements are live parts, %d ask by themselves", marked, found)
	}
}

// The same of rendered pages, whose attributes may come from Go. Only the element
// that asks by itself is marked, nothing that a person presses inside it.
func TestLivePartsInRenderedPages(t *testing.T) {
	found := 0
	for _, f := range files(t, "../*/testdata/*.html") {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(b)))
		if err != nil {
			t.Fatal(err)
		}
		doc.Find("[hx-trigger], [data-live-part]").Each(func(_ int, e *goquery.Selection) {
			trigger := e.AttrOr("hx-trigger", "")
			_, marked := e.Attr("data-live-part")
			heard := strings.Contains(trigger, "sse:")
			if heard {
				found++
			}
			if marked != heard && !e.Is("#balance[hx-trigger^=load]") {
				t.Errorf("%s: hx-trigger=%q, live part: %v", f, trigger, marked)
			}
			if marked && e.AttrOr("hx-get", "") == "" {
				t.Errorf("%s: a live part without hx-get", f)
			}
			if e.AttrOr("hx-headers", "") != "" {
				t.Errorf("%s: hx-headers is inherited by all that stands inside", f)
			}
		})
	}
	if found < 15 {
		t.Errorf("only %d elements found", found)
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	all, err := filepath.Glob(pattern)
	if err != nil || len(all) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(all), err)
	}
	return all
}

// tagAround gives the opening tag in which position at of a template stands: on
// one line, or with each attribute on its own down to a closing ">".
func tagAround(page string, at int) string {
	tag := page[strings.LastIndex(page[:at], "\t<")+1:]
	line, _, _ := strings.Cut(tag, "\n")
	if strings.Contains(line, "hx-trigger") {
		return line
	}
	if end := regexp.MustCompile(`\n\t*/?>`).FindStringIndex(tag); end != nil {
		return tag[:end[0]]
	}
	return tag
}
