//go:build e2e && screenshots

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/playwright-community/playwright-go"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

// TestScreenshots makes the pictures of the README from the running product.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		t.Fatal("SCREENSHOTS names no directory: run `make screenshots`")
	}
	w := world.Start(t)
	b := open(t, w, view{width: 1280, height: 800})
	b.SetUp(world.SetupCode)
	b.CreateOwner(pages.Owner{Name: "Mei Tan", SignIn: "mei", Password: ownerPassword})
	b.Tick("With 40 example servers")
	b.TrySandbox()
	b.Go("Instances")
	b.Sees("All 40")

	wizard := b.Buy().Image("GitLab")
	wizard.Heading("How much power?")
	if err := wizard.SizeCard("2 vCPU, 8 GiB").Check(); err != nil {
		t.Fatal(err)
	}
	b.Answered()
	b.picture(dir, "size-light")
	wizard.Size("2 vCPU, 8 GiB").Region("Singapore").Named("git", "2").Review()
	b.Sees("US$ 54.00", "Balance US$")
	b.picture(dir, "review-light")

	order := wizard.PayLater().WaitFor("Awaiting payment")
	phone := b.again()
	if err := phone.SetViewportSize(390, 844); err != nil {
		t.Fatal(err)
	}
	if err := phone.EmulateMedia(playwright.PageEmulateMediaOptions{ColorScheme: playwright.ColorSchemeDark}); err != nil {
		t.Fatal(err)
	}
	phone.Open(order.Path())
	phone.Sees("Pay simulated US$ 54.00")
	phone.picture(dir, "order-phone-dark")

	order.Press("Pay simulated US$ 54.00")
	order.Ready(2)
	b.picture(dir, "order-light")

	b.WordPress().Named("shop", "1").Review().PayLater().WaitFor("Awaiting payment")
	if err := b.EmulateMedia(playwright.PageEmulateMediaOptions{ColorScheme: playwright.ColorSchemeDark}); err != nil {
		t.Fatal(err)
	}
	b.Go("Overview")
	b.Sees("1 order waits for payment", "Stopped")
	b.picture(dir, "overview-dark")
	if err := b.EmulateMedia(playwright.PageEmulateMediaOptions{ColorScheme: playwright.ColorSchemeLight}); err != nil {
		b.t.Fatal(err)
	}
	b.Servers("").Has(42)
	b.picture(dir, "servers-light")
	b.Go("Traffic")
	b.Open("/traffic?q=state%3Arunning") // one that has figures to show
	b.Sees("days before the reset")
	short, err := b.Locator("main table tbody th").First().InnerText()
	if err != nil {
		t.Fatal(err)
	}
	b.Go("Traffic")
	b.Tab("All")
	b.Sees("Lasts until reset")
	b.picture(dir, "traffic-light")
	b.Follow(b.Servers(short).Has(1).Lines()[0].Name)
	b.Sees("Network in", "If it goes on like this")
	b.picture(dir, "server-light")
	b.SeesIn(b.Palette("web"), "web-")
	b.picture(dir, "palette-light")
}

// picture writes what can be seen now, from the top.
func (b *tab) picture(dir, name string) {
	b.t.Helper()
	if _, err := b.Evaluate(
		`() => { window.scrollTo(0, 0); document.activeElement.blur(); document.querySelectorAll(".toast").forEach(t => t.remove()) }`); err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.Screenshot(playwright.PageScreenshotOptions{Path: playwright.String(filepath.Join(dir, name+".png"))}); err != nil {
		b.t.Fatal(err)
	}
}
