//go:build e2e

// Package e2e walks through the product as people do: the built binary, the
// Sandbox as a process of its own, a real Chromium.
package e2e

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/playwright-community/playwright-go"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

var browser playwright.Browser

// otherName is this machine under a name that is not its own: to the console a
// browser that uses it sits elsewhere.
const otherName = "sampan.test"

const ownerPassword = world.OwnerPassword

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	pw, err := playwright.Run(&playwright.RunOptions{SkipInstallBrowsers: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, "playwright:", err)
		return 1
	}
	defer func() { _ = pw.Stop() }()
	opts := playwright.BrowserTypeLaunchOptions{
		ChromiumSandbox: playwright.Bool(os.Getuid() != 0),
		Args: []string{"--disable-background-networking", "--no-first-run",
			"--host-resolver-rules=MAP " + otherName + " 127.0.0.1"},
	}
	if path := chromium(); path != "" {
		opts.ExecutablePath = playwright.String(path)
	}
	browser, err = pw.Chromium.Launch(opts)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chromium:", err)
		return 1
	}
	defer func() { _ = browser.Close() }()
	return m.Run()
}

// chromium finds the browser: the one named, or the system's.
func chromium() string {
	for _, p := range []string{os.Getenv("CONSOLE_CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"} {
		if _, err := os.Stat(p); p != "" && err == nil {
			return p
		}
	}
	return ""
}

// tab is one browser page that watches for what must never happen: script
// errors, console errors, requests to elsewhere, violations of the CSP.
type tab struct {
	*pages.Console
	t       *testing.T
	w       *world.World
	mu      sync.Mutex
	trouble []string
	allowed []string // console messages that a journey provokes on purpose
}

// view says how a journey looks at the product.
type view struct {
	width, height int
	dark          bool
	locale        string
	zone          string
	noScript      bool
	signedIn      *playwright.StorageState // as this browser is; nil: nobody is
}

// open starts a fresh browser context and a page in it.
func open(t *testing.T, w *world.World, v view) *tab {
	t.Helper()
	if v.width == 0 {
		v.width, v.height = 1440, 900
	}
	if v.locale == "" {
		v.locale = "en-US"
	}
	if v.zone == "" {
		v.zone = "UTC"
	}
	scheme := playwright.ColorSchemeLight
	if v.dark {
		scheme = playwright.ColorSchemeDark
	}
	var stored *playwright.OptionalStorageState
	if v.signedIn != nil {
		stored = v.signedIn.ToOptionalStorageState()
	}
	ctx, err := browser.NewContext(playwright.BrowserNewContextOptions{
		StorageState: stored, AcceptDownloads: playwright.Bool(true),
		BaseURL: playwright.String(w.Console), Locale: playwright.String(v.locale), TimezoneId: playwright.String(v.zone),
		Viewport: &playwright.Size{Width: v.width, Height: v.height}, ColorScheme: scheme,
		IgnoreHttpsErrors: playwright.Bool(true), // of the certificate that a test made
		JavaScriptEnabled: playwright.Bool(!v.noScript), ReducedMotion: playwright.ReducedMotionReduce,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx.SetDefaultTimeout(30_000)
	page, err := ctx.NewPage()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ctx.Close() })
	return watch(t, w, page)
}

// watch looks over a page's shoulder until the test ends.
func watch(t *testing.T, w *world.World, page playwright.Page) *tab {
	b := &tab{Console: pages.New(t, page, w.Console), t: t, w: w}
	page.OnPageError(func(err error) { b.note("script error: " + err.Error()) })
	page.OnConsole(func(m playwright.ConsoleMessage) {
		if m.Type() == "error" && !harmless(m.Text()) {
			b.note("console: " + m.Text())
		}
	})
	page.OnRequest(func(r playwright.Request) {
		if !strings.HasPrefix(r.URL(), w.Console) && !strings.HasPrefix(r.URL(), "blob:") {
			b.note("request to elsewhere: " + r.URL())
		}
	})
	t.Cleanup(func() {
		if t.Failed() {
			b.keep()
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, s := range b.trouble {
			t.Errorf("the browser noticed: %s", s)
		}
	})
	return b
}

// harmless reports the two things a browser calls errors that are none: the
// answer to a refused form, and a check that a later change has replaced.
func harmless(message string) bool {
	return strings.Contains(message, "status of 422") || strings.HasPrefix(message, "htmx:sendAbort") ||
		strings.HasPrefix(message, "htmx:afterRequest")
}

// keep leaves a picture and the page for the reader of a failure.
func (b *tab) keep() {
	_, _ = b.Screenshot(playwright.PageScreenshotOptions{FullPage: playwright.Bool(true),
		Path: playwright.String(artifact(b.t, "page.png"))})
	if html, err := b.Content(); err == nil {
		world.Keep(b.t, "page.html", []byte(html))
	}
}

// expect lets one kind of console message pass in this tab.
func (b *tab) expect(part string) { b.allowed = append(b.allowed, part) }

func (b *tab) note(s string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.allowed {
		if strings.Contains(s, a) {
			return
		}
	}
	b.trouble = append(b.trouble, s)
}

func artifact(t *testing.T, name string) string {
	dir := filepath.Join("artifacts", strings.ReplaceAll(t.Name(), "/", "_"))
	_ = os.MkdirAll(dir, 0o755)
	return filepath.Join(dir, name)
}

// again opens another tab of the same browser: it shares the sign-in.
func (b *tab) again() *tab {
	b.t.Helper()
	page, err := b.Context().NewPage()
	if err != nil {
		b.t.Fatal(err)
	}
	return watch(b.t, b.w, page)
}

// inSandbox starts a world and comes to the overview of the Sandbox, set up by hand.
func inSandbox(t *testing.T, v view, opts ...world.Option) (*world.World, *tab) {
	t.Helper()
	w := world.Start(t, opts...)
	b := open(t, w, v)
	b.SetUp(world.SetupCode)
	b.CreateOwner(pages.Ada(world.OwnerPassword))
	b.TrySandbox()
	return w, b
}

var axeSource = sync.OnceValue(func() string {
	b, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		panic(err)
	}
	return string(b)
})

// accessible fails when axe-core, which must be on the page, finds something
// serious or critical. Rules are axe's options.
func (b *tab) accessible(what, rules string) {
	b.t.Helper()
	v, err := b.Evaluate(`axe.run(document, ` + rules +
		`).then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 160) + " " + n.failureSummary).join(" | ")))`)
	if err != nil {
		b.t.Fatalf("axe on %s: %v", what, err)
	}
	for _, f := range v.([]any) {
		b.t.Errorf("axe on %s: %v", what, f)
	}
}

// source gives the page as the server sends it.
func (b *tab) source() string {
	b.t.Helper()
	v, err := b.Evaluate(`fetch(location.href, {headers: {"Accept": "text/html"}}).then(r => r.text())`)
	if err != nil {
		b.t.Fatalf("read %s: %v", b.URL(), err)
	}
	return v.(string)
}

// valid fails when html-validate does not accept one of the pages, by their names.
func valid(t *testing.T, sources map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, html := range sources {
		if err := os.WriteFile(filepath.Join(dir, strings.NewReplacer("/", "_", "?", "_").Replace(name)+".html"), []byte(html),
			0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("node", "node_modules/html-validate/bin/html-validate.mjs", "--config", "htmlvalidate.json", "--formatter",
		"text", dir).CombinedOutput()
	if err != nil {
		t.Errorf("html-validate: %v\n%s", err, strings.ReplaceAll(string(out), dir+"/", ""))
	}
}

// noSidewaysScroll fails when the page scrolls sideways.
func (b *tab) noSidewaysScroll(what string) {
	b.t.Helper()
	v, err := b.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`)
	if err != nil {
		b.t.Fatal(err)
	}
	if n, _ := v.(int); n > 0 {
		b.t.Errorf("%s scrolls sideways by %d px", what, n)
	}
}

// sameEdges fails when one thing does not begin and end where another does.
func (b *tab) sameEdges(what, one, other string) {
	b.t.Helper()
	a, err := b.Locator(one).First().BoundingBox()
	if err != nil {
		b.t.Fatal(err)
	}
	o, err := b.Locator(other).First().BoundingBox()
	if err != nil {
		b.t.Fatal(err)
	}
	if math.Abs(a.X-o.X) > 1 || math.Abs(a.X+a.Width-o.X-o.Width) > 1 {
		b.t.Errorf("%s is at %.0f to %.0f, what stands below it at %.0f to %.0f", what, a.X, a.X+a.Width, o.X, o.X+o.Width)
	}
}

func contains(text, secret string) bool { return strings.Contains(text, secret) }
