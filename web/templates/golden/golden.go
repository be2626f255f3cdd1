// Package golden compares components with the files in a package's testdata,
// and tries them with hostile text. The files are rewritten by
//
//	go test ./web/templates/... -update
//
// and read in review: they are what the browser gets, one tag a line.
package golden

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"sampan/web/templates/text"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Now is the moment at which golden pages are rendered: 23 November 2026,
// 09:21 in Hong Kong.
var Now = time.Date(2026, 11, 23, 1, 21, 0, 0, time.UTC)

// Hongkong is the zone of golden pages.
var Hongkong = time.FixedZone("Asia/Hong_Kong", 8*3600)

// Context is the context of golden pages in a language.
func Context(lang string) context.Context {
	p := text.New(lang, Hongkong).At(func() time.Time { return Now })
	return text.With(context.Background(), p)
}

// Render gives a component's HTML in a language, with the hashes of asset names
// replaced so that a changed stylesheet changes no golden file.
func Render(t testing.TB, lang string, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(Context(lang), &b); err != nil {
		t.Fatalf("render: %v", err)
	}
	return hashes.ReplaceAllString(b.String(), "/static/$1.HASH.$2")
}

var hashes = regexp.MustCompile(`/static/(\w+)\.[0-9a-f]{8}\.(\w+)`)

// Tree is Render, parsed.
func Tree(t testing.TB, lang string, c templ.Component) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(Render(t, lang, c)))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return doc
}

// Check compares a component in English with testdata/name.html.
func Check(t *testing.T, name string, c templ.Component) {
	t.Helper()
	CheckIn(t, text.English, name, c)
}

// CheckIn compares a component in a language with testdata/name.html.
func CheckIn(t *testing.T, lang, name string, c templ.Component) {
	t.Helper()
	got := Lines(Render(t, lang, c))
	file := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); if it should, run with -update:\n%s", file, diff)
	}
}

// Lines puts every tag on a line of its own, so that a diff points at it.
func Lines(html string) string {
	s := strings.ReplaceAll(html, "><", ">\n<")
	return strings.TrimSpace(s) + "\n"
}

// hostile are values that would break out of text, of an attribute in either
// quotes, and of a URL.
var hostile = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' autofocus onfocus=alert(1) x='`,
	`javascript:alert(1)`,
	`</textarea></title></style><svg onload=alert(1)>`,
}

// turning is a value that would turn the direction of the line it stands in.
const turning = "abc\u202edcba\u0000\u200e"

// Hostile renders what build makes of each hostile value and fails if any of
// it became markup, a handler or an address that runs, or turns the direction
// of the text: names must have gone through text.Name, text.Visible or a
// Printer.
func Hostile(t *testing.T, build func(value string) templ.Component) {
	t.Helper()
	HostileMarkup(t, build)
	if strings.ContainsRune(Tree(t, text.English, build(turning)).Text(), '\u202e') {
		t.Errorf("%q turns the direction of the page around", turning)
	}
}

// HostileMarkup is Hostile without the direction, for components that show
// only what a Printer has worded.
func HostileMarkup(t *testing.T, build func(value string) templ.Component) {
	t.Helper()
	clean := Tree(t, text.English, build("harmless"))
	for _, value := range hostile {
		doc := Tree(t, text.English, build(value))
		if got, want := doc.Find("*").Length(), clean.Find("*").Length(); got != want {
			t.Errorf("%q changed the number of elements: got %d, want %d", value, got, want)
		}
		doc.Find("*").Each(func(_ int, e *goquery.Selection) {
			for _, a := range e.Get(0).Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%q became the handler %s of <%s>", value, a.Key, e.Get(0).Data)
				}
				if runs(a.Key, a.Val) {
					t.Errorf("%q became the address %s=%q of <%s>", value, a.Key, a.Val, e.Get(0).Data)
				}
			}
		})
	}
}

func runs(key, value string) bool {
	switch key {
	case "href", "action", "formaction", "src", "hx-get", "hx-post":
		return strings.HasPrefix(strings.ToLower(strings.TrimSpace(value)), "javascript:")
	}
	return false
}
