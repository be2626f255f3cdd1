//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

const colours = `{runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}}`

// looks are the widths and themes in which every page is looked at. A theme
// changes colours only, so that the dark ones are asked about colours.
var looks = []struct {
	name          string
	width, height int
	dark          bool
	axe           string // which rules; empty: none
}{
	{"1440 light", 1440, 900, false, "{}"},
	{"1440 dark", 1440, 900, true, colours},
	{"1024 light", 1024, 768, false, ""},
	{"390 dark", 390, 844, true, colours},
	{"390 light", 390, 844, false, "{}"},
}

// Every page, in every look: nothing serious for axe-core, valid HTML, no
// scrolling sideways; and, as in all journeys, no violation of the policy, no
// script error, no request to elsewhere.
func TestEveryPageInEveryLook(t *testing.T) {
	t.Parallel()
	w := world.Start(t, world.Env("CONSOLE_CLOUD_ENDPOINT={sandbox}"))
	b := open(t, w, view{})
	sources := map[string]string{}
	look := func(name string) { b.inEveryLook(name); sources[name] = b.source() }

	b.SetUp(world.SetupCode)
	look("set-up, owner")
	b.CreateOwner(pages.Ada(ownerPassword))
	b.Heading("Connect Huawei Cloud, or try it first")
	look("set-up, cloud")
	b.Tick("With 40 example servers")
	b.TrySandbox()
	b.expect("status of 404") // of the page that is not there
	for _, path := range everyPage(w, b) {
		b.Open(path)
		look(path)
	}
	b.Open("/")
	b.SignOut("Ada")
	look("sign-in")
	valid(t, sources)
}

// inEveryLook looks at the page that is open.
func (b *tab) inEveryLook(name string) {
	b.t.Helper()
	if _, err := b.Evaluate(axeSource()); err != nil {
		b.t.Fatalf("axe: %v", err)
	}
	for _, l := range looks {
		scheme := playwright.ColorSchemeLight
		if l.dark {
			scheme = playwright.ColorSchemeDark
		}
		if err := b.SetViewportSize(l.width, l.height); err != nil {
			b.t.Fatal(err)
		}
		if err := b.EmulateMedia(playwright.PageEmulateMediaOptions{ColorScheme: scheme}); err != nil {
			b.t.Fatal(err)
		}
		b.noSidewaysScroll(name + " at " + l.name)
		if l.axe != "" {
			b.accessible(name+" at "+l.name, l.axe)
		}
	}
	if err := b.SetViewportSize(1440, 900); err != nil {
		b.t.Fatal(err)
	}
}

// everyPage makes orders in many states and gives the addresses of all pages.
func everyPage(w *world.World, b *tab) []string {
	b.t.Helper()
	paths := []string{"/"}
	order := b.WordPress().Named("ready", "2").Review().PayLater().WaitFor("Awaiting payment")
	order.Press("Pay simulated US$ 30.00")
	order.Ready(2)
	paths = append(paths, order.Path(), order.Path()+"/passport")

	paths = append(paths, b.WordPress().Named("unpaid", "1").Review().PayLater().WaitFor("Awaiting payment").Path())

	w.Fail("purchase", "sold_out", nil)
	paths = append(paths, b.WordPress().Named("refused", "1").Review().PayLater().WaitFor("Refused").Path())

	unfinished := b.Buy().Image("GitLab")
	unfinished.Heading("How much power?")
	paths = append(paths, b.Path()) // cards that cannot be chosen
	b.WordPress().Named("draft", "1").Review()
	for _, step := range []string{"image", "size", "region", "options", "review"} {
		paths = append(paths, strings.TrimSuffix(b.Path(), "review")+step)
	}

	for _, l := range []struct{ list, to, heading string }{{"Instances", "/instances/", "In the package"},
		{"Servers", "/servers/", "Reachable from here?"}} {
		b.Go(l.list)
		b.Sees("All 4")
		if err := b.Locator(`main table tbody a[href^="` + l.to + `"]`).Last().Click(); err != nil {
			b.t.Fatal(err)
		}
		b.Heading(l.heading)
		paths = append(paths, b.Path())
	}

	b.Go("Accounts")
	b.Follow("Details")
	account := b.Path()
	b.Connect()
	a := w.Account("Sandbox low")
	b.WithKey("Second", a.KeyID, a.KeySecret)
	b.CheckThis()
	b.SeesIn(b.CheckLine("Sign-in"), "Huawei accepts the sign-in")
	paths = append(paths, account, account+"/delete", b.Path(), b.Path()+"/key")
	b.Show("Sandbox")
	w.Fail("purchase", "drop_before", nil)
	paths = append(paths, b.WordPress().Named("unclear", "1").Review().PayLater().WaitFor("Unknown").Path())
	return append(paths, "/buy", "/buy?kind=os", "/buy?kind=private", "/buy/matrix", "/buy/matrix?q=nothing-like-this", "/orders",
		"/orders?q=nothing-like-this", "/servers", "/servers?q=nothing-like-this", "/servers/columns", "/instances", "/traffic",
		"/accounts", "/accounts/new", "/sandbox", "/sandbox/reset", "/settings/you", "/settings/security", "/settings/console",
		"/sign-in/again", "/reset", "/nothing")
}
