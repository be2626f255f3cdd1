//go:build e2e

package e2e

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

func TestTooManyGuessesWaitAndTheRightPasswordStillWorks(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	stranger := open(t, w, view{})
	stranger.expect("status of 429")
	stranger.Open("/sign-in")
	for range 5 {
		stranger.SignIn("ada", "not the password at all")
		stranger.Sees("Name or password is not right. Check both and try again.")
	}
	waits := regexp.MustCompile(`Too many attempts\. Wait \d+ seconds?, then try again\. The right password still works then\.`)
	stranger.SignIn("ada", ownerPassword) // too early, so it is not even looked at
	if err := stranger.GetByText(waits).First().WaitFor(); err != nil {
		t.Fatalf("the sixth guess need not wait: %v", err)
	}
	stranger.Holds("Sign-in name", "ada")
	stranger.Holds("Password", "")

	b.SignOut("Ada") // a browser that was signed in has guesses of its own
	b.SignIn("ada", ownerPassword)
	b.Heading("Overview")

	for until := time.Now().Add(30 * time.Second); strings.HasSuffix(stranger.Path(), "/sign-in"); {
		if time.Now().After(until) {
			t.Fatal("the right password does not work after the wait either")
		}
		stranger.SignIn("ada", ownerPassword)
		if err := stranger.WaitForLoadState(); err != nil {
			t.Fatal(err)
		}
	}
	stranger.Heading("Overview")
}

func TestOverItsOwnTLS(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{}, world.TLS())
	if !strings.HasPrefix(b.URL(), "https://") {
		t.Fatalf("the console is at %s", b.URL())
	}
	placed(b, "1").WaitFor("Awaiting payment").Press("Pay simulated US$ 15.00")
	pages.Order{Console: b.Console}.Ready(1)
	one(t, w)
	cookies, err := b.Context().Cookies()
	if err != nil || len(cookies) == 0 {
		t.Fatalf("%d cookies, %v", len(cookies), err)
	}
	for _, c := range cookies {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly {
			t.Errorf("the cookie %s is not bound to this host over TLS", c.Name)
		}
	}
}

// elsewhere is the console's address as another machine would write it.
func elsewhere(t *testing.T, w *world.World) {
	t.Helper()
	at, err := url.Parse(w.Console)
	if err != nil {
		t.Fatal(err)
	}
	w.Console = "http://" + otherName + ":" + at.Port()
}

func TestPlainHTTPFromAnotherMachineIsRefused(t *testing.T) {
	t.Parallel()
	w := world.Start(t)
	elsewhere(t, w)
	b := open(t, w, view{})
	b.expect("status of 403")
	b.expect("Cross-Origin-Opener-Policy") // which such an address cannot have
	for _, path := range []string{"/", "/sign-in", "/setup/owner"} {
		b.Open(path)
		b.Heading("Signing in needs an encrypted connection")
		b.Sees("A TLS proxy", "CONSOLE_TRUSTED_PROXIES", "The console’s own TLS", "CONSOLE_TLS_CERT_FILE", "CONSOLE_ALLOW_PLAIN_HTTP=on")
		if n, err := b.Locator("input").Count(); err != nil || n != 0 {
			t.Errorf("%s asks for something in %d fields, %v", path, n, err)
		}
	}
	b.inEveryLook("the page that refuses plain HTTP")
}

func TestPlainHTTPIsAllowedWithALastingWarning(t *testing.T) {
	t.Parallel()
	w := world.Start(t, world.Env("CONSOLE_ALLOW_PLAIN_HTTP=on"))
	elsewhere(t, w)
	b := open(t, w, view{})
	b.expect("Cross-Origin-Opener-Policy")
	b.SetUp(world.SetupCode)
	b.CreateOwner(pages.Ada(ownerPassword))
	b.TrySandbox()
	for _, entry := range []string{"Overview", "Orders", "Accounts"} {
		b.Go(entry)
		b.Heading(entry)
		b.Sees("This connection is not encrypted.")
	}
}

func TestAnOrderThatWaitsTooLongExpiresAndIsOrderedAgain(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	other := b.again()
	first := b.WordPress().Named("first", "1").Review()
	other.Open("/buy")
	second := pages.Wizard{Console: other.Console}.Image("WordPress").Size("2 vCPU, 4 GiB").Region("Singapore").
		Named("second", "1").Review()
	w.Fail("purchase", "delay", map[string]any{"delay": "20s"}) // longer than the 5 minutes of this test's time
	slow := first.PayLater()
	slow.WaitFor("Being ordered")
	late := second.PayLater()
	late.WaitFor("Expired").Says("Another purchase of this account took too long, so this one was not sent. Nothing was bought.")
	other.inEveryLook("an expired order")
	slow.WaitFor("Awaiting payment")
	if p := one(t, w); p.Name != "first" {
		t.Errorf("the ledger holds %+v, want the first order alone", p)
	}
	late.Press("Order again")
	other.Heading("Names, time and extras")
	other.Holds("Name", "second")
	second.Review()
	other.Tick("This is an additional order.")
	second.PayLater().WaitFor("Awaiting payment")
	if all := w.Purchases(); len(all) != 2 || all[1].Name != "second" {
		t.Errorf("the ledger holds %+v, want the second order too", all)
	}
}

func TestAReviewAndADraftThatAreTooOldSaySo(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{}, world.Env("CONSOLE_CLOCK={sandbox}"))
	b.expect("status of 404")
	b.WordPress().Named("web", "1").Review()
	draft := strings.TrimSuffix(b.Path(), "/review")
	w.Advance(25 * time.Hour)
	b.Eventually("the console follows the calendar", func() bool {
		b.Open(b.Path())
		n, err := b.GetByText("Look at it once more before you order.").Count()
		return err == nil && n > 0
	})
	b.Press("Review again")
	b.Button("Place the order, pay on the next screen").WaitFor()
	if n := w.Calls("purchase"); n != 0 {
		t.Errorf("%d purchases left the console", n)
	}
	w.Advance(31 * 24 * time.Hour)
	b.Eventually("the draft is too old", func() bool { return b.Answer(draft) == 404 })
	b.Sees("This draft is gone: it was discarded, or is older than 30 days.")
}

func TestAnAccountWithOwnAddressesHasNoCatalogue(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards(), world.Env("CONSOLE_ENDPOINT_ALLOW=cloud.example.com"))
	a := w.Account("Sandbox")
	b.WithKey("Own cloud", a.KeyID, a.KeySecret)
	b.Pick("Huawei Cloud site", "Custom endpoints")
	b.Sees("Empty ones keep the site’s.") // unfolded by the choice
	for _, service := range []string{"hcss", "iam", "config", "bss", "ecs", "ims", "ces"} {
		if err := b.Locator("[name=endpoint_" + service + "]").Fill("https://" + service + ".cloud.example.com"); err != nil {
			t.Fatal(err)
		}
	}
	b.CheckThis()
	b.Heading("Own cloud answers")
	b.Follow("Open the console")
	b.Go("Buy")
	b.Heading("What Own cloud can buy is not known")
	b.Sees("CONSOLE_CATALOG_FILE", "Seeing and operating what the account has works without one.")
	b.inEveryLook("a purchase without a catalogue")
}
