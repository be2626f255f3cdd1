//go:build e2e

package e2e

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

func TestSigningInAndOut(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	b.expect("status of 404")
	if status := b.Answer("/setup/owner"); status != 404 {
		t.Errorf("the set-up answers %d once it is done, want 404", status)
	}
	b.Open("/")
	b.SignOut("Ada")

	b.Open("/orders?state=done")
	b.Heading("Sign in")
	b.SignIn("ada", "not the password at all")
	b.Sees("Name or password is not right. Check both and try again.")
	b.Holds("Sign-in name", "ada")
	b.Holds("Password", "")
	b.SignIn("nobody", ownerPassword)
	b.Sees("Name or password is not right. Check both and try again.")
	b.SignIn("ada", ownerPassword)
	b.At("/orders") // where one wanted to go
	if contains(w.Log(), ownerPassword) || contains(w.Log(), "not the password") {
		t.Error("the log shows a password")
	}
}

func TestASessionEndedElsewhereEndsWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	other := open(t, w, view{})
	other.Open("/sign-in")
	other.SignIn("ada", ownerPassword)
	other.Heading("Overview")

	b.Open("/settings/security")
	b.Press("Sign out there")
	ended := time.Now()
	other.Sees("You were signed out.")
	if took := time.Since(ended); took > 5*time.Second {
		t.Errorf("the other tab learnt it after %v, want 5 s at most", took)
	}
	other.Follow("Sign in again")
	other.Heading("Sign in")
	b.Sees("Signed out there", "This browser")
}

// What a page reads again by itself says so, and does not keep a session alive;
// what a person presses inside such a part does not say it.
func TestOnlyWhatAPageReadsByItselfSaysSo(t *testing.T) {
	t.Parallel()
	w, b := withFleet(t)
	b.Servers("state:running").Has(b.Servers("state:running").Total())
	b.must(b.Locator(`main table tbody a[href^="/servers/"]`).Last().Click())
	b.Heading("Reachable from here?")
	b.Gone(b.Locator("[aria-busy=true], .htmx-request"), "the wait for an answer")

	var mu sync.Mutex
	asked := map[string]string{} // address of a request of htmx -> its X-Live
	b.OnRequest(func(r playwright.Request) {
		if h := r.Headers(); h["hx-request"] == "true" && r.Method() == "GET" {
			mu.Lock()
			defer mu.Unlock()
			asked[strings.TrimPrefix(r.URL(), w.Console)] = "live:" + h["x-live"]
		}
	})
	says := func(address, want string) {
		t.Helper()
		got := ""
		b.Eventually(address+" is asked for", func() bool {
			mu.Lock()
			defer mu.Unlock()
			got = asked[address]
			return got != ""
		})
		if got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
	addressOf := func(l playwright.Locator) string {
		t.Helper()
		at, err := l.GetAttribute("hx-get")
		b.must(err)
		return at
	}

	part := addressOf(b.Locator("#server"))
	_, err := b.Evaluate(`() => htmx.trigger(document.body, "refresh")`) // as after a gap of the stream
	b.must(err)
	says(part, "live:1")
	says("/counts", "live:1")

	for _, inside := range []string{"#names a[hx-get]", "#metrics .seg a:not([aria-current])"} {
		link := b.Locator(inside).First()
		address := addressOf(link)
		b.must(link.Click())
		says(address, "live:")
	}
}

func TestThePasswordIsChanged(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	other := open(t, w, view{})
	other.Open("/sign-in")
	other.SignIn("ada", ownerPassword)
	other.Heading("Overview")

	const fresh = "another horse battery sampan"
	b.Open("/settings/security")
	b.Fill("Current password", "not the password at all")
	b.Fill("New password", fresh)
	b.Press("Change the password")
	b.Complains("Current password", "This is not your password. Type it again.")
	b.Fill("Current password", ownerPassword)
	b.Fill("New password", "short")
	b.Press("Change the password")
	b.Complains("New password", "Use at least 15 characters.")
	b.Fill("Current password", ownerPassword)
	b.Fill("New password", fresh)
	b.Press("Change the password")
	b.Sees("Password changed. Your other sessions have ended.")
	other.Sees("You were signed out.")

	b.SignOut("Ada")
	b.SignIn("ada", ownerPassword)
	b.Sees("Name or password is not right.")
	b.SignIn("ada", fresh)
	b.Heading("Overview")
}

func TestALostPasswordIsSetAnewFromTheMachine(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	b.SignOut("Ada")
	w.Stop()
	link := regexp.MustCompile(`/reset#code=\S+`).FindString(w.ResetOwner())
	if link == "" {
		t.Fatal("reset-owner prints no link")
	}
	w.StartConsole()
	const fresh = "a wholly new horse battery"
	b.Open(link)
	b.Heading("Set a new password")
	if contains(b.URL(), "code=") {
		t.Error("the code stays in the address")
	}
	b.Fill("New password", fresh)
	b.Press("Set the password")
	b.Sees("The password is set. Sign in with it.")
	b.SignIn("ada", fresh)
	b.Heading("Overview")

	again := open(t, w, view{})
	again.Open(link)
	again.Fill("New password", fresh)
	again.Press("Set the password")
	again.Sees("This link was used already or is too old.")
}

func TestSettingsAreKept(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{})
	b.Go("Settings")
	b.Fill("Your name", "Ada L.")
	if err := b.GetByText("Dark", playwright.PageGetByTextOptions{Exact: playwright.Bool(true)}).Click(); err != nil {
		t.Fatal(err)
	}
	b.Pick("Time zone", "Tokyo (UTC+9)")
	b.Press("Save")
	b.Sees("Saved", "Ada L.", "Times are in Tokyo")
	if theme, _ := b.Locator("html").GetAttribute("data-theme"); theme != "dark" {
		t.Errorf("the theme is %q, want dark", theme)
	}
	b.Fill("Your name", " ")
	b.Press("Save")
	b.Complains("Your name", "Use 1 to 64 characters.")
}

func TestLettingHuaweiDeductHasToBeAllowed(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	b.WordPress().Named("web", "1")
	b.CannotChoose(b.Choice("Let Huawei deduct at once"), "No upper limit. Switched off:")
	b.Follow("switch it on in Settings")
	b.Tick("Allow “let Huawei deduct at once” in purchases")
	b.Press("Save")
	b.Sees("Saved")
	wizard := b.WordPress().Named("web", "1")
	b.Tick("Let Huawei deduct at once")
	wizard.Review().Place("Buy, simulated deduction of about US$ 15.00").Ready(1)
	if p := one(t, w); !p.AutoPay || p.Paid.IsZero() {
		t.Errorf("the ledger holds %+v, want it deducted at once", p)
	}
}

func TestTheSandboxIsPlayedWith(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	b.Go("Sandbox")
	b.Press("Arm this failure")
	b.Sees("Choose what is to go wrong.")
	goesWrong(b, "Sold out")
	b.Press("Let all go well again")
	b.Sees("All goes well again.")
	b.Press("Add example servers")
	b.Sees("Example servers added.")
	b.Go("Servers")
	b.Sees("All 40", "198.18.")
	b.Go("Sandbox")
	b.Follow("Reset the Sandbox")
	b.Heading("Empty the simulated cloud?")
	b.Follow("Keep it as it is")
	b.Follow("Reset the Sandbox")
	if err := b.Locator("dialog").GetByRole("button", playwright.LocatorGetByRoleOptions{Name: "Reset the Sandbox"}).Click(); err != nil {
		t.Fatal(err)
	}
	b.Sees("The simulated cloud is empty.")
	if n := len(w.Purchases()); n != 0 {
		t.Errorf("the ledger still holds %d orders", n)
	}
}
