//go:build e2e

package e2e

import (
	"testing"

	"github.com/playwright-community/playwright-go"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

// After every action the focus is somewhere that makes sense, for those who
// work with the keyboard or a screen reader: never on the body.
func TestTheFocusIsNeverLost(t *testing.T) {
	t.Parallel()
	w := world.Start(t, world.Env("CONSOLE_CLOUD_ENDPOINT={sandbox}"))
	b := open(t, w, view{})
	b.SetUp(world.SetupCode)
	b.CreateOwner(pages.Ada(ownerPassword))
	b.Tick("With 40 example servers")
	b.TrySandbox()
	order := b.WordPress().Named("focus", "1").Review().PayLater().WaitFor("Awaiting payment")
	b.focusStays("an order is placed")
	order.Press("Pay simulated US$ 15.00")
	b.Sees("Recorded: pay US$ 15.00.")
	b.focusStays("Pay")
	order.Ready(1)
	b.focusStays("the order page moved on")

	b.Open("/sandbox")
	b.Press("Arm this failure")
	b.focusStays("a failure is armed")
	b.Open("/settings/you")
	b.Press("Save")
	b.focusStays("settings are saved")
	b.Open("/accounts")
	b.Follow("Details")
	b.Press("Rename")
	b.focusStays("an account is renamed")
	b.Go("Servers")
	b.Sees("All 41")
	if err := b.Locator(`main table tbody a[href^="/servers/"]`).Last().Click(); err != nil {
		t.Fatal(err)
	}
	b.Heading("Reachable from here?")
	b.Press("Test the ports")
	b.focusStays("ports are tested")
	b.Press("Check now")
	b.focusStays("traffic is read")
}

// focusStays fails when the focus is on the body once the answer is here.
func (b *tab) focusStays(after string) {
	b.t.Helper()
	if err := b.Locator("html:not(:has([aria-busy=true])) body :focus").First().WaitFor(playwright.LocatorWaitForOptions{
		State: playwright.WaitForSelectorStateAttached, Timeout: playwright.Float(10_000)}); err != nil {
		b.t.Errorf("after %s the focus is on the body: %v", after, err)
	}
}
