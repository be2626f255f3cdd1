package layout_test

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

func frame(s string) layout.Frame {
	return layout.Frame{
		Title: s, Nav: layout.Orders, Person: s,
		Scope: layout.ScopeModel{Label: s, Real: s,
			Choices: []layout.Choice{{Label: s, Key: s, Current: true}, {Label: s, Key: "sandbox", Sandbox: true}}},
		Counts:  map[string]layout.Count{layout.Orders: {Text: "2", Warn: true}},
		Banners: []ui.NoteModel{{Tone: ui.Bad, Bold: s, Text: s}},
		Topics:  []string{"job/7f3a", "attention"}, Toast: s, IdleSec: 1800, Version: "1.0", Host: s,
	}
}

func page(f layout.Frame) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		child := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, "<h1>"+templ.EscapeString(f.Title)+"</h1>")
			return err
		})
		return layout.Page(f).Render(templ.WithChildren(ctx, child), w)
	})
}

func TestPage(t *testing.T) {
	golden.Check(t, "page", page(frame("Words")))
	f := frame("Words")
	f.Scope.Sandbox, f.Theme, f.Density, f.NoKeys, f.Topics, f.Wrong, f.Fixed = true, "dark", "roomy", true, nil, true, true
	golden.CheckIn(t, text.Chinese, "page-sandbox-zh", page(f))
	golden.Check(t, "bare", layout.Bare(frame("Words"), true))
}

func TestHostileTextStaysText(t *testing.T) {
	golden.HostileMarkup(t, func(s string) templ.Component { return page(frame(s)) })
	golden.HostileMarkup(t, func(s string) templ.Component { return layout.Bare(frame(s), false) })
}

func TestHostileNamesAreShownAsTheyAre(t *testing.T) {
	golden.Hostile(t, func(s string) templ.Component {
		return layout.Page(layout.Frame{Title: "x", Person: s, Host: s,
			Scope: layout.ScopeModel{Label: s, Choices: []layout.Choice{{Label: s, Key: "x"}}}})
	})
}

// The Content-Security-Policy allows neither inline scripts nor style attributes.
func TestPageHoldsNothingThatThePolicyForbids(t *testing.T) {
	doc := golden.Tree(t, "en", page(frame("Words")))
	if n := doc.Find("style, [style], script:not([src]), iframe, base").Length(); n > 0 {
		t.Errorf("%d elements with inline style or script", n)
	}
	doc.Find("[src], link[href], use").Each(func(_ int, e *goquery.Selection) {
		address := e.AttrOr("src", e.AttrOr("href", ""))
		if !strings.HasPrefix(address, "/static/") {
			t.Errorf("<%s> loads %q, want only /static/", e.Get(0).Data, address)
		}
	})
	doc.Find("script").Each(func(_ int, e *goquery.Selection) {
		if _, deferred := e.Attr("defer"); !deferred {
			t.Errorf("%s is not deferred", e.AttrOr("src", ""))
		}
	})
	var config map[string]any
	if err := json.Unmarshal([]byte(doc.Find(`meta[name="htmx-config"]`).AttrOr("content", "")), &config); err != nil {
		t.Fatalf("htmx-config: %v", err)
	}
	for key, want := range map[string]any{"includeIndicatorStyles": false, "allowEval": false, "allowScriptTags": false,
		"historyCacheSize": 0.0, "selfRequestsOnly": true} {
		if config[key] != want {
			t.Errorf("htmx-config %s: got %v, want %v", key, config[key], want)
		}
	}
}

func TestOneStreamForAPage(t *testing.T) {
	tests := []struct {
		name   string
		topics []string
		want   string
	}{
		{"a page that watches nothing opens none", nil, ""},
		{"all topics share one", []string{"job/7f3a", "attention"}, "/events?topics=job%2F7f3a%2Cattention"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := frame("Words")
			f.Topics = tt.topics
			doc := golden.Tree(t, "en", page(f))
			if got := doc.Find("body").AttrOr("sse-connect", ""); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTheNavigationShowsWhereOneIs(t *testing.T) {
	for _, key := range []string{layout.Overview, layout.Instances, layout.Buy, layout.Orders, layout.Accounts, layout.Sandbox,
		layout.Settings} {
		doc := golden.Tree(t, "en", layout.Page(layout.Frame{Title: "x", Nav: key}))
		current := doc.Find(`.nav [aria-current="page"]`)
		if current.Length() != 1 {
			t.Errorf("%s: %d entries are current, want 1", key, current.Length())
			continue
		}
		if got, want := current.AttrOr("title", ""), text.From(golden.Context("en")).T("layout.nav."+key); got != want {
			t.Errorf("%s: %q is current, want %q", key, got, want)
		}
	}
}

func TestHiddenEntriesAreGone(t *testing.T) {
	doc := golden.Tree(t, "en", layout.Page(layout.Frame{Title: "x", Nav: layout.Overview, Hide: []string{layout.Sandbox}}))
	if got := doc.Find(`.nav a[href="/sandbox"], #keys dd:contains("Sandbox")`).Length(); got != 0 {
		t.Errorf("Sandbox is still shown %d times", got)
	}
}

func TestRealAndSimulatedNeverLookAlike(t *testing.T) {
	for _, sandbox := range []bool{false, true} {
		doc := golden.Tree(t, "en", layout.Page(layout.Frame{Title: "x", Scope: layout.ScopeModel{Label: "L", Sandbox: sandbox}}))
		strip := doc.Find(".strip:not([hidden])").Length() == 1
		stripes := doc.Find(".scope .c-play").Length() > 0
		if strip != sandbox || stripes != sandbox {
			t.Errorf("sandbox %t: strip %t, purple scope %t", sandbox, strip, stripes)
		}
	}
}

func TestLanguageAndDirection(t *testing.T) {
	text.EnablePseudo()
	for lang, dir := range map[string]string{"en": "ltr", "zh-Hans": "ltr", "ar-XB": "rtl"} {
		doc := golden.Tree(t, lang, layout.Page(layout.Frame{Title: "x"}))
		html := doc.Find("html")
		if html.AttrOr("lang", "") != lang || html.AttrOr("dir", "") != dir {
			t.Errorf("%s: got lang=%q dir=%q, want dir=%q", lang, html.AttrOr("lang", ""), html.AttrOr("dir", ""), dir)
		}
	}
}

func TestTheScriptFindsItsWords(t *testing.T) {
	doc := golden.Tree(t, "zh-Hans", layout.Page(layout.Frame{Title: "x"}))
	var words map[string]string
	if err := json.Unmarshal([]byte(doc.Find(`meta[name="sampan-texts"]`).AttrOr("content", "")), &words); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"copied": "已复制", "ago.min": "{N} 分钟前", "liveOn": "自动更新", "zone": "Asia/Hong_Kong"} {
		if words[key] != want {
			t.Errorf("%s: got %q, want %q", key, words[key], want)
		}
	}
}
