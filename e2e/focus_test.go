//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

// withFleet comes to the overview of a Sandbox with 40 servers.
func withFleet(t *testing.T) (*world.World, *tab) {
	t.Helper()
	w := world.Start(t, towards())
	b := open(t, w, view{})
	b.SetUp(world.SetupCode)
	b.CreateOwner(pages.Ada(ownerPassword))
	b.Tick("With 40 example servers")
	b.TrySandbox()
	return w, b
}

// After every action the focus is where one goes on from, for those who work with
// the keyboard or a screen reader.
func TestTheFocusIsNeverLost(t *testing.T) {
	t.Parallel()
	_, b := withFleet(t)
	order := b.WordPress().Named("focus", "1").Review().PayLater().WaitFor("Awaiting payment")
	b.focusAfter("an order is placed", "main h1")
	order.Press("Pay simulated US$ 15.00")
	b.Sees("Recorded: pay US$ 15.00.")
	b.focusAfter("Pay", "#progress-title")
	order.Ready(1)
	b.focusAfter("the order page moved on", "#progress-title")

	b.Open("/orders")
	b.leaves(func() { b.Press("Apply") })
	b.focusAfter("Apply", "form[action='/orders'] button")
	b.Fill("Name, order number, image…", "focus")
	b.leaves(func() { b.Key("Enter") })
	b.focusAfter("a search by Enter", "#orders-q")

	b.Open("/settings/you")
	b.leaves(func() { b.Press("Save") })
	b.focusAfter("settings are saved", "form[action='/settings/you'] button[type=submit]")
	b.Open("/accounts")
	b.Follow("Details")
	b.Heading("Sandbox")
	b.leaves(func() { b.Press("Rename") })
	b.focusAfter("an account is renamed", "form[action$='/rename'] button")
	b.leaves(func() { b.Press("Disable") })
	b.focusAfter("an account is disabled", "#change-title")
	b.leaves(func() { b.Press("Enable") })
	b.focusAfter("an account is enabled", "#change-title")

	b.Open("/servers")
	b.leaves(func() { b.Press("Read again") })
	b.focusAfter("the list is read again", "form[action='/instances/refresh'] button")
}

// A server's page: what is changed in its place, and what is asked for.
func TestTheFocusOnAServersPage(t *testing.T) {
	t.Parallel()
	_, b := withFleet(t)
	b.Servers("state:running").Has(b.Servers("state:running").Total())
	if err := b.Locator(`main table tbody a[href^="/servers/"]`).Last().Click(); err != nil {
		t.Fatal(err)
	}
	b.Heading("Reachable from here?")
	b.Press("Test the ports")
	b.focusAfter("ports are tested", "#checks form button")
	b.leaves(func() { b.Press("Check now") })
	b.focusAfter("traffic is read", "#traffic-title, #traffic form button")

	b.Follow("Change the name")
	b.focusAfter("a line is opened", "#names input")
	b.Fill("Name", "renamed")
	b.Key("Enter")
	b.SeesIn(b.Locator("#names"), "renamed")
	b.Gone(b.Locator("#names form"), "the open line")
	b.focusAfter("a name is saved", "#names-title")

	for _, key := range []string{"first", "second"} {
		b.must(b.Locator("#tags summary").Click())
		b.Fill("Key", key)
		b.Fill("Value", "1")
		b.Press("Set the tag")
		b.SeesIn(b.Locator("#tags ul"), key)
		b.focusAfter("a tag is set", "#tags-title")
	}
	b.PressAny("Remove the tag second")
	b.Gone(b.Locator("#tags ul").GetByText("second"), "the tag")
	b.focusAfter("a tag is removed", "#tags-title")

	b.Press("Test the ports") // sent by htmx, which stays on the page
	b.focusAfter("ports are tested again", "#checks form button")
	b.Go("Servers")
	b.Heading("Servers")
	if at := b.focusedNow(); at != "BODY" {
		t.Errorf("the page after a link begins at %s, want at its top", at)
	}
}

// An order that nobody can tell: the focus stays with the candidate that was
// decided about and does not go to another's buttons.
func TestTheFocusStaysWithTheCandidate(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{}, world.Scale(60))
	b.Open("/settings/console")
	b.must(b.Choice("Send a tag with every purchase").Uncheck())
	b.Press("Save")
	b.Sees("Saved")
	goesWrong(b, "The answer gets lost, and there are two orders that fit")
	placed(b, "1").WaitFor("Needs a decision")
	second := b.GetByRole("article").Nth(1)
	number, err := second.GetByRole("heading").InnerText()
	if err != nil {
		t.Fatal(err)
	}
	b.leaves(func() {
		b.must(second.GetByRole("button", playwright.LocatorGetByRoleOptions{Name: "Ignore"}).Click())
	})
	b.focusAfter("a candidate is put aside", "#candidate-"+number+" h3")
}

// The Sandbox's page says at the field what is wrong.
func TestTheFocusGoesToWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{})
	b.Go("Sandbox")
	b.leaves(func() { b.Press("Arm this failure") })
	b.focusAfter("nothing was chosen", "div:has(> #fault-error)")
	b.Tick("Sold out")
	b.leaves(func() { b.Press("Arm this failure") })
	b.focusAfter("a failure is armed", "form[action='/sandbox/break'] button")
	for field, id := range map[string]string{"Times": "#times", "Status": "#answer_status"} {
		b.Open("/sandbox")
		b.must(b.Locator("form[action='/sandbox/fault']").Evaluate(`f => { f.noValidate = true }`, nil))
		b.must(b.Locator(id).Fill("0"))
		b.leaves(func() { b.Press("Arm it for this call") })
		b.focusAfter(field+" is wrong", id)
	}
}

// Which accounts are shown is chosen in a menu that closes with it, or at the strip
// that goes with it.
func TestTheFocusAfterTheScope(t *testing.T) {
	t.Parallel()
	w, b := withFleet(t)
	for _, name := range []string{"Sandbox low", "Sandbox sign-in"} {
		b.Connect()
		a := w.Account(name)
		b.WithKey("My "+name, a.KeyID, a.KeySecret)
		b.CheckThis()
		b.SeesIn(b.CheckLine("Sign-in"), "Huawei accepts the sign-in")
	}
	b.Go("Traffic")
	for _, scope := range []string{"My Sandbox low", "Sandbox", "All accounts"} {
		b.leaves(func() { b.Show(scope) })
		b.focusAfter(scope+" is chosen", "[popovertarget=scopes]")
		b.Gone(b.Locator("#scopes [tabindex]"), "a choice that the Tab key passes over")
	}
	b.leaves(func() { b.Show("Sandbox") })
	b.leaves(func() { b.Press("Switch to real accounts") })
	b.focusAfter("the Sandbox is left", "main h1")
}

// The bar of actions hides itself.
func TestTheFocusAfterASelection(t *testing.T) {
	t.Parallel()
	w, b := withFleet(t)
	list := b.Servers("").Has(40)
	lines := list.Lines()
	x := list.Locator(".bulk button[type=reset]")
	list.Pick(lines[0].ID)
	b.must(x.Click())
	b.focusAfter("the selection is ended", "section.tbl")
	list.Pick(lines[0].ID)
	b.must(x.Focus())
	b.Key("Escape")
	b.focusAfter("the selection is ended by Escape", "section.tbl")
	list.Pick(lines[0].ID)
	list.Type("name:" + lines[1].Name).Pick(lines[1].ID)
	b.must(list.Locator("[data-pick=visible]").Click())
	b.focusAfter("what is not shown is dropped", ".bulk .btn")

	list = b.Servers("state:running")
	w.Outside(list.Lines()[0].ID, map[string]any{"power": "SHUTOFF"})
	b.leaves(func() { b.must(b.Locator("#moved").Click()) })
	b.focusAfter("the list is shown anew", "section.tbl")
}

// What appears by itself and goes again gives the focus back.
func TestTheFocusReturnsFromAStrip(t *testing.T) {
	t.Parallel()
	w, b := withFleet(t)
	b.Open("/orders")
	b.must(b.Locator("#orders-q").Focus())
	b.expect("net::ERR_") // the stream breaks, and the browser says so
	b.expect("htmx:sendError")
	w.Kill()
	b.Sees("Live updates paused")
	w.StartConsole()
	b.must(b.Locator("[data-try]").Click())
	if err := b.Locator("[data-paused]").
		WaitFor(playwright.LocatorWaitForOptions{State: playwright.WaitForSelectorStateHidden}); err != nil {
		t.Fatal(err)
	}
	b.focusAfter("Try now", "#orders-q")

	if _, err := b.Evaluate(
		`() => { const box = document.getElementById("idle"), stay = box.querySelector("button"); box.hidden = false; stay.focus(); stay.click(); }`); err != nil {
		t.Fatal(err)
	}
	b.focusAfter("Stay signed in", "#orders-q")

	// Who presses at an empty place has left the field, and stays where that is.
	b.must(b.Mouse().Click(4, 600)) // in the side bar
	if at := b.focusedNow(); at != "BODY" {
		t.Fatalf("the empty place has the focus on %s", at)
	}
	if _, err := b.Evaluate(`() => new Promise(done => {
		document.getElementById("orders-q").remove();
		htmx.trigger(document.body, "htmx:afterSettle");
		setTimeout(done, 200);
	})`); err != nil {
		t.Fatal(err)
	}
	if at := b.focusedNow(); at != "BODY" {
		t.Errorf("an event of the stream pulls the focus to %s", at)
	}
}

// leaves does what leads to another page, or to the same one anew, and waits for it.
func (b *tab) leaves(do func()) {
	b.t.Helper()
	b.Remember()
	do()
	b.Eventually("another page comes", func() bool { // there is none to ask while one goes
		seen, err := b.Evaluate(`() => document.documentElement.dataset.seen`)
		return err == nil && seen == nil
	})
}

// focusAfter waits until one of the elements of a selector has the focus once the
// answer is here, and fails when it does not keep it.
func (b *tab) focusAfter(after, selector string) {
	b.t.Helper()
	b.Gone(b.Locator("[aria-busy=true], .htmx-request"), "the wait for an answer")
	has := func() bool {
		on, err := b.Evaluate(`selector => document.activeElement.matches(selector)`, selector)
		return err == nil && on == true
	}
	for range 50 {
		if has() {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(150 * time.Millisecond)
	if !has() {
		b.t.Errorf("after %s the focus is at %s, want %s", after, b.focusedNow(), selector)
	}
}

// focusedNow names the element that has the focus.
func (b *tab) focusedNow() string {
	b.t.Helper()
	at, err := b.Evaluate(`() => document.activeElement === document.body ? "BODY" : document.activeElement.outerHTML.slice(0, 200)`)
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.TrimSpace(at.(string))
}

// must ends the test when what a person does is not possible.
func (b *tab) must(results ...any) {
	b.t.Helper()
	if err, ok := results[len(results)-1].(error); ok {
		b.t.Fatal(err)
	}
}
