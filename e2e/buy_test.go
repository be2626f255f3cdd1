//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"sampan/e2e/world"
)

// one fails unless the Sandbox really took exactly one order, and gives it.
func one(t *testing.T, w *world.World) world.Purchase {
	t.Helper()
	all := w.Purchases()
	if len(all) != 1 {
		t.Fatalf("the cloud took %d orders, want 1: %+v", len(all), all)
	}
	return all[0]
}

func TestTwoServersAreBoughtPaidAndReady(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	wizard := b.WordPress().Named("web", "2").Review()
	wizard.Sees("2 × WordPress 6.4, 2 vCPU, 4 GiB", "US$ 30.00", "A simulated price", "the money is simulated")

	order := wizard.PayLater()
	order.Remember()
	order.WaitFor("Awaiting payment").Says("Huawei’s price: US$ 30.00", "Order number", "Balance afterwards US$ 470.00")
	if p := one(t, w); p.Quantity != 2 || !p.Paid.IsZero() || p.AutoPay {
		t.Errorf("before paying the ledger holds %+v, want 2 servers, unpaid", p)
	}
	order.Press("Pay simulated US$ 30.00")
	order.Order().Remember()
	addresses := order.Ready(2)
	if order.Reloaded() {
		t.Error("the page was loaded anew to show that the servers are ready")
	}
	order.Says("Paid US$ 30.00", "Confirmed by Ada", "Huawei delivered 2 of 2 servers")
	order.SeesIn(order.Servers(), "web-0001", "web-0002", "Running", "New servers have no password yet")

	p := one(t, w)
	if p.Paid.IsZero() || len(p.Delivered) != 2 {
		t.Errorf("the ledger holds %+v, want it paid and 2 delivered", p)
	}
	b.Go("Servers")
	b.Sees(append(addresses, "Running", "Singapore")...)
	b.Go("Instances")
	b.Sees("web-0001", "web-0002", "Singapore")
	b.Go("Orders")
	b.Sees("2 × WordPress, 1 month", p.OrderID, "Delivered")
	b.Go("Overview")
	b.SeesIn(b.Part("Balance"), "US$ 470.00")
}

func TestBuyNowPaysUpToTheCapAndAsksAboveIt(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	order := b.WordPress().Named("below", "1").AtMost("15").Review().Place("Buy for at most simulated US$ 15.00")
	order.Ready(1)
	order.Says("Paid by the console, within US$ 15.00")
	if p := one(t, w); p.Paid.IsZero() {
		t.Errorf("the ledger holds %+v, want it paid", p)
	}

	order = b.WordPress().Named("above", "2").AtMost("29.99").Review().Place("Buy for at most simulated US$ 29.99")
	order.WaitFor("Awaiting payment").Says("more than the US$ 29.99 you set", "Nothing was paid")
	all := w.Purchases()
	if len(all) != 2 || !all[1].Paid.IsZero() {
		t.Fatalf("the ledger holds %+v, want a second order, unpaid", all)
	}
	order.Press("Pay simulated US$ 30.00")
	order.Ready(2)
}

func TestAnUnpaidOrderIsCancelled(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	order := b.WordPress().Named("web", "1").Review().PayLater().WaitFor("Awaiting payment")
	b.Go("Overview")
	b.Sees("1 order waits for payment")
	b.Follow("See the order")
	order.Cancel()
	order.WaitFor("Cancelled").Says("Cancelled, unpaid")
	order.Sees("It was cancelled unpaid. Nothing was charged.")
	if p := one(t, w); p.Status != 4 || !p.Paid.IsZero() {
		t.Errorf("the ledger holds %+v, want it cancelled and unpaid", p)
	}
}

func TestAPrivateImageRunsOnlyWhereItIs(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	wizard := b.Buy()
	b.Tab("Your images")
	wizard.Image("golden-windows").Size("2 vCPU, 4 GiB")
	b.Heading("Where should it run?")
	b.CannotChoose(b.Choice("Hong Kong"), "golden-windows exists only in Singapore.")
	order := wizard.Region("Singapore").Named("desk", "1").Review().PayLater().WaitFor("Awaiting payment")
	order.PressAny("Pay simulated US$ ")
	order.Ready(1)
	if p := one(t, w); !strings.Contains(p.Summary, "ap-southeast-3") || !strings.Contains(p.Summary, "image ") {
		t.Errorf("the ledger holds %+v, want the private image in Singapore", p)
	}
	order.Press("Buy more like these")
	b.SeesIn(wizard.Summary(), "golden-windows", "Singapore")
}

func TestARegionThatIsNotActivatedSaysSo(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards())
	a := w.Account("Sandbox low")
	b.WithKey("Small", a.KeyID, a.KeySecret)
	b.CheckThis()
	b.SeesIn(b.Locator("div[id^='check-']"), "Not activated: Riyadh.")
	b.Follow("Open the console")
	b.Buy().Image("WordPress").Size("2 vCPU, 4 GiB")
	b.Heading("Where should it run?")
	b.CannotChoose(b.Choice("Riyadh"), "Riyadh is not activated in this account.")
}

func TestAnotherAccountChecksTheChoicesAgain(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards())
	all := w.Account("Sandbox")
	b.WithKey("Large", all.KeyID, all.KeySecret)
	b.CheckThis()
	b.SeesIn(b.CheckLine("Regions"), "Activated:")
	b.Follow("Open the console")
	b.Connect()
	few := w.Account("Sandbox low")
	b.WithKey("Small", few.KeyID, few.KeySecret)
	b.CheckThis()
	b.SeesIn(b.Locator("div[id^='check-']"), "Not activated: Riyadh.")

	wizard := b.Buy()
	if in, _ := b.Locator("main").GetByText("Large").First().IsVisible(); !in {
		wizard.PayFrom("Large")
	}
	wizard.Image("WordPress").Size("2 vCPU, 4 GiB").Region("Riyadh").Named("web", "1")
	wizard.PayFrom("Small")
	b.SeesIn(wizard.Summary(), "choose again", "Small")
	b.Sees("Small instead of Large.", "Riyadh is not activated in Small.")
	b.Follow("Choose Region")
	wizard.Region("Singapore")
	wizard.Heading("Check and order") // the rest is still right
	wizard.Sees("1 server named web")
	b.SeesIn(wizard.Summary(), "WordPress 6.4", "2 vCPU, 4 GiB", "Singapore")
}
