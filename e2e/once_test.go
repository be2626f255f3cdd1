//go:build e2e

package e2e

import (
	"testing"

	"github.com/playwright-community/playwright-go"

	"sampan/e2e/pages"
)

const placeUnpaid = "Place the order, pay on the next screen"

func TestADoubleClickOrdersOnce(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	wizard := b.WordPress().Named("web", "1").Review()
	if err := b.Button(placeUnpaid).Dblclick(); err != nil {
		t.Fatal(err)
	}
	wizard.Order().WaitFor("Awaiting payment")
	one(t, w)
}

func TestBackReloadAndASecondTabOrderOnce(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	wizard := b.WordPress().Named("web", "1").Review()
	review := b.URL()

	second := b.again()
	if _, err := second.Goto(review); err != nil {
		t.Fatal(err)
	}
	second.Heading("Check and order")

	order := wizard.PayLater().WaitFor("Awaiting payment")
	first := order.Path()
	second.Press(placeUnpaid)
	if got := second.Order().Path(); got != first {
		t.Errorf("the second tab shows the order %s, want %s", got, first)
	}
	if _, err := b.GoBack(); err != nil {
		t.Fatal(err)
	}
	b.At(first) // the review leads to its order
	if _, err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	order.WaitFor("Awaiting payment")
	one(t, w)
}

func TestTheSameFormSentTwiceOrdersOnce(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	b.WordPress().Named("web", "1").Review()
	both, err := b.Evaluate(`async () => {
		const form = document.getElementById("wiz");
		const send = () => fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))}).then(r => r.url);
		return Promise.all([send(), send(), send()]);
	}`)
	if err != nil {
		t.Fatal(err)
	}
	urls := both.([]any)
	if urls[0] != urls[1] || urls[1] != urls[2] {
		t.Errorf("three sends lead to %v, want one order", urls)
	}
	b.Go("Orders")
	b.Sees("1 order", "Pay by")
	one(t, w)
}

func TestOrderingTheSameAgainIsAskedAbout(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	order := b.WordPress().Named("web", "1").Review().PayLater().WaitFor("Awaiting payment")
	order.Cancel()
	order.WaitFor("Cancelled")
	order.Press("Order again")
	wizard := pages.Wizard{Console: b.Console}.Review() // everything is filled in
	wizard.Sees("The same was ordered within the last 24 hours")
	if err := b.Button(placeUnpaid).Click(); err != nil {
		t.Fatal(err)
	}
	if len(w.Purchases()) != 1 {
		t.Error("it was ordered again without the tick")
	}
	b.Tick("This is an additional order.")
	wizard.PayLater().WaitFor("Awaiting payment")
	if n := len(w.Purchases()); n != 2 {
		t.Errorf("the cloud took %d orders, want 2", n)
	}
}

func TestALinkToAChoiceFillsInTheWizardAndWritesNothing(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{})
	b.Open("/buy?image=Nextcloud&size=2-4&region=ap-southeast-3")
	b.Chosen("Nextcloud")
	b.SeesIn(b.Part("Your purchase"), "Nextcloud 28.0.3", "2 vCPU, 4 GiB", "Singapore")
	b.Open("/buy")
	b.SeesNot("An unfinished purchase")
	b.Gone(b.GetByRole("radio", playwright.PageGetByRoleOptions{Checked: playwright.Bool(true)}), "a choice")
}

func TestADraftSurvivesSigningOut(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{})
	b.WordPress().Named("kept", "3")
	b.Press("Add tag") // the fields are kept with it
	b.SignOut("Ada")
	b.SignIn("ada", ownerPassword)
	b.Buy()
	b.Sees("An unfinished purchase")
	if err := b.Locator("main").GetByRole("link", playwright.LocatorGetByRoleOptions{Name: "WordPress"}).First().Click(); err != nil {
		t.Fatal(err)
	}
	b.Holds("Name", "kept")
	b.Holds("How many?", "3")
}
