//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

// goesWrong chooses on the Sandbox's page what happens to the next purchase.
func goesWrong(b *tab, how string) {
	b.T.Helper()
	b.Go("Sandbox")
	b.Tick(how)
	b.Press("Arm this failure")
	b.Sees("The next purchase will go like this.", "Will go wrong:")
}

// placed orders n servers named web and gives the order's page.
func placed(b *tab, n string) pages.Order {
	b.T.Helper()
	return b.WordPress().Named("web", n).Review().PayLater()
}

// answered buys once and gets an answer: from then on the console knows which
// name its orders carry at Huawei, and an order without one is compared by it.
func answered(b *tab) {
	b.T.Helper()
	b.WordPress().Named("before", "1").Review().PayLater().WaitFor("Awaiting payment")
}

// web is the one order that the cloud took for what placed orders.
func web(t *testing.T, w *world.World) world.Purchase {
	t.Helper()
	var found []world.Purchase
	for _, p := range w.Purchases() {
		if p.Name == "web" {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the cloud took %d orders named web, want 1: %+v", len(found), found)
	}
	return found[0]
}

// Nothing tells yet which name the console's orders carry: what may be ours is
// shown, and an owner says that it is.
func TestAnAnswerLostBeforeAnyOtherIsAskedAbout(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{}, world.Scale(60))
	goesWrong(b, "The order is placed, the answer gets lost")
	order := placed(b, "1")
	order.WaitFor("Needs a decision")
	b.Sees("Huawei shows 1 order that may be this one. An owner decides.")
	b.inEveryLook("an order that may be ours")
	order.Press("This is it")
	order.WaitFor("Awaiting payment").Says(web(t, w).OrderID)
	order.Press("Pay simulated US$ 15.00")
	order.Ready(1)
}

func TestAnAnswerLostAfterThePurchaseIsFoundAndContinued(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	answered(b)
	goesWrong(b, "The order is placed, the answer gets lost")
	order := placed(b, "2")
	order.WaitFor("Awaiting payment").Says("No clear answer at first", "We looked, and found the order.")
	order.Press("Pay simulated US$ 30.00")
	order.Ready(2)
	web(t, w)
	if n := w.Calls("purchase"); n != 2 {
		t.Errorf("%d purchases were sent, want each once", n)
	}

	order.Follow("Support file")
	b.Heading("Support file of this order")
	b.Sees("Every request and answer", "Checked while unknown", "/v1/light-instances")
	file, err := b.ExpectDownload(func() error { return b.Link("Download as JSON").Click() })
	if err != nil {
		t.Fatal(err)
	}
	checkPassport(t, w, file)
}

func TestWhileNobodyKnowsBuyingIsLockedAndThenNothingIsFound(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{}, world.Scale(60))
	goesWrong(b, "The request gets lost")
	order := placed(b, "1")
	order.WaitFor("Unknown").Says("The connection to Huawei broke after we sent the order. It may or may not exist.",
		"Looking for the order", "Next check at")
	order.Sees("Nothing was bought twice, and nothing is being sent again.", "Buying on Sandbox is locked until we know")
	second := b.again()
	second.Open("/buy")
	second.Sees("Buying on Sandbox is locked: one order has no clear answer yet.")

	order.WaitFor("Not found").Says("Huawei shows no order")
	b.inEveryLook("an order that was not found")
	order.Press("Order again")
	again := pages.Wizard{Console: b.Console}.Review()
	again.SeesNot("is locked")
	again.Tick("This is an additional order.")
	again.PayLater().WaitFor("Awaiting payment")
	one(t, w)
}

func TestAnOwnerDecidesWhichOfTwoOrdersItIs(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{}, world.Scale(60))
	b.Go("Settings")
	b.Follow("Console")
	if err := b.Choice("Send a tag with every purchase").Uncheck(); err != nil {
		t.Fatal(err)
	}
	b.Press("Save")
	b.Sees("Saved")
	goesWrong(b, "The answer gets lost, and there are two orders that fit")
	order := placed(b, "1")
	order.WaitFor("Needs a decision")
	order.Heading("Which of these orders is it?")
	order.Sees("Buying on Sandbox is not locked meanwhile.", "Sent from here", "At Huawei")
	ours := web(t, w)
	order.SeesIn(order.Candidate(ours.OrderID), "US$ 15.00", "web", "1 month", "2 vCPU, 4 GiB")
	both := b.GetByRole("article")
	if err := playwright.NewPlaywrightAssertions(30_000).Locator(both).ToHaveCount(2); err != nil {
		t.Fatalf("not two candidates: %v", err)
	}
	b.inEveryLook("an order that needs a decision")
	b.alsoInChinese("是哪一个订单？", "华为云中的")
	b.Go("Overview")
	b.Sees("Which order is web?")
	b.Follow("See the order")
	order.WaitFor("Needs a decision")
	if err := order.Candidate(ours.OrderID).GetByRole("button", playwright.LocatorGetByRoleOptions{Name: "This is it"}).
		Click(); err != nil {
		t.Fatal(err)
	}
	order.WaitFor("Awaiting payment").Says(ours.OrderID)
	order.Press("Pay simulated US$ 15.00")
	order.Ready(1)
	if p := web(t, w); p.Paid.IsZero() {
		t.Errorf("the ledger holds %+v, want ours paid", p)
	}
}

func TestASoldOutSizeIsRefusedWithAllChoicesKept(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	goesWrong(b, "Sold out")
	order := placed(b, "2").WaitFor("Refused")
	order.Says("Huawei has no servers of this size in this region right now. Choose another size or region.", "Their code: HCSS.14000010")
	order.Sees("Nothing was bought or charged. No order exists.")
	if n := len(w.Purchases()); n != 0 {
		t.Fatalf("the cloud took %d orders, want none", n)
	}
	order.Press("Choose another size")
	wizard := pages.Wizard{Console: b.Console}
	wizard.Heading("How much power?")
	wizard.SeesIn(wizard.Summary(), "WordPress 6.4", "Singapore")
	wizard.Size("2 vCPU, 8 GiB")
	wizard.Heading("Check and order") // nothing else has to be chosen again
	wizard.Sees("2 servers named web", "2 × WordPress 6.4, 2 vCPU, 8 GiB")
	wizard.PayLater().WaitFor("Awaiting payment")
	one(t, w)
}

func TestAMissingServerIsSaid(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	goesWrong(b, "One server is missing")
	order := placed(b, "3").WaitFor("Awaiting payment")
	order.Press("Pay simulated US$ 45.00")
	two := order.Servers().GetByRole("row").Filter(playwright.LocatorFilterOptions{HasText: regexp.MustCompile(`Running\s*198\.18\.`)})
	if err := playwright.NewPlaywrightAssertions(30_000).Locator(two).ToHaveCount(2); err != nil {
		t.Fatalf("the two servers that exist are not followed: %v", err)
	}
	order.WaitFor("Partly delivered")
	order.Sees("Some of what you paid for is missing.", "Huawei completed the order, but delivered 2 of 3.")
	if err := playwright.NewPlaywrightAssertions(30_000).Locator(two).ToHaveCount(2); err != nil {
		t.Errorf("they are lost again: %v", err)
	}
	b.inEveryLook("a partly delivered order")
	b.alsoInChinese("部分交付", "华为云已完成订单，但只交付了 3 个中的 2 个。")
	if p := one(t, w); len(p.Delivered) != 2 {
		t.Errorf("the ledger holds %+v, want 2 delivered", p)
	}
	order.Follow("web-0001") // what exists is reached from its order
	if path := b.Path(); !strings.HasPrefix(path, "/servers/") {
		t.Errorf("its row leads to %s, want its server", path)
	}
	b.Go("Overview")
	b.Sees("The order web needs somebody")
}

func TestAStuckOrderKeepsBeingRead(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{}, world.Scale(60))
	goesWrong(b, "It is never finished")
	order := placed(b, "1").WaitFor("Awaiting payment")
	order.Press("Pay simulated US$ 15.00")
	order.WaitFor("Delivering").Says("Huawei said “processing”")
	before := w.Calls("order") + w.Calls("orders")
	order.Says("0 of 1 server ready")
	b.Go("Orders")
	b.Tab("In progress")
	b.Sees("1 × WordPress, 1 month", "Delivering")
	if after := w.Calls("order") + w.Calls("orders"); after < before {
		t.Errorf("%d reads of the order became %d", before, after)
	}
}

func TestAnOrderThatHuaweiCancelsIsClosed(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{})
	goesWrong(b, "Huawei cancels it after payment")
	order := placed(b, "1").WaitFor("Awaiting payment")
	order.Press("Pay simulated US$ 15.00")
	order.WaitFor("Closed").Says("Closed by Huawei")
	order.Sees("stands in the account’s bills at Huawei.")
}

func TestALostPaymentIsNotRepeated(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	goesWrong(b, "The payment’s answer gets lost")
	order := placed(b, "1").WaitFor("Awaiting payment")
	order.Press("Pay simulated US$ 15.00")
	order.Ready(1)
	if n := w.Calls("pay"); n != 1 {
		t.Errorf("the payment was sent %d times, want once", n)
	}
	if a := w.Account("Sandbox"); a.Balance != "485.00" {
		t.Errorf("the balance is %s, want 485.00", a.Balance)
	}
}

func TestAnEmptyPurseSaysSoAndPaysLater(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{})
	goesWrong(b, "Not enough balance")
	order := placed(b, "1").WaitFor("Awaiting payment")
	order.Press("Pay simulated US$ 15.00")
	order.WaitFor("Payment refused").Says("Huawei refused the payment", "Their code: CBC.99005003")
	alert := order.GetByRole("alert").Filter(playwright.LocatorFilterOptions{HasText: "Huawei refused the payment"})
	order.SeesIn(alert, "The balance of the account is too low.", "Their code: CBC.99005003")
	order.SeesNot("Balance afterwards", "Payment sent")
	b.inEveryLook("a refused payment")
	b.alsoInChinese("华为云拒绝了付款", "CBC.99005003")
	b.Go("Overview")
	b.Sees("Huawei refused the payment for web")
	b.Follow("See the order")
	order.Press("Try again: simulated US$ 15.00")
	order.Ready(1)
}

func TestAKilledConsoleGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	answered(b)
	w.Fail("purchase", "delay", map[string]any{"delay": "3s"})
	order := placed(b, "2").WaitFor("Being ordered")
	b.expect("net::ERR_") // the stream breaks, and the browser says so
	b.expect("htmx:sendError")
	w.Kill()
	b.Sees("Live updates paused")
	w.StartConsole()
	order.WaitFor("Awaiting payment").Says("No clear answer at first")
	order.Press("Pay simulated US$ 30.00")
	order.Ready(2)
	if p := web(t, w); p.Paid.IsZero() || len(p.Delivered) != 2 {
		t.Errorf("the ledger holds %+v, want it paid and delivered", p)
	}
}

// checkPassport reads the downloaded passport: what a support ticket needs, and no secret.
func checkPassport(t *testing.T, w *world.World, file playwright.Download) {
	t.Helper()
	path, err := file.Path()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(raw) || !strings.HasSuffix(file.SuggestedFilename(), ".json") {
		t.Errorf("the passport %s is not JSON: %s", file.SuggestedFilename(), raw)
	}
	a := w.Account("Sandbox")
	for _, secret := range []string{a.KeySecret, a.KeyID, a.Password, "SDK-HMAC"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("the passport holds a secret that ends in %s", secret[len(secret)-4:])
		}
	}
	if id := web(t, w).OrderID; !strings.Contains(string(raw), id) {
		t.Errorf("the passport does not name the order %s", id)
	}
}
