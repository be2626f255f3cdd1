//go:build e2e

package e2e

import (
	"testing"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

// towards sends every account's calls to the Sandbox in the place of Huawei.
func towards() world.Option { return world.Env("CONSOLE_CLOUD_ENDPOINT={sandbox}") }

// started sets a console up as far as its first cloud account.
func started(t *testing.T, opts ...world.Option) (*world.World, *tab) {
	t.Helper()
	w := world.Start(t, opts...)
	b := open(t, w, view{})
	b.SetUp(world.SetupCode)
	b.CreateOwner(pages.Ada(ownerPassword))
	b.Heading("Connect Huawei Cloud, or try it first")
	return w, b
}

// connected sets a console up with a real account, "Marina", of three servers.
func connected(t *testing.T) (*world.World, *tab) {
	t.Helper()
	w, b := started(t, towards())
	key := w.NewAccount("Marina", 3)
	b.WithKey("Marina", key.KeyID, key.KeySecret)
	b.CheckThis()
	b.Heading("Marina answers")
	b.Follow("Open the console")
	return w, b
}

// realMoney fails when a button of money wears the Sandbox's stripes or says
// that it is simulated.
func realMoney(t *testing.T, b *tab, words string) {
	t.Helper()
	l := b.Button(words)
	if err := l.WaitFor(); err != nil {
		t.Fatalf("no button “%s”: %v", words, err)
	}
	paint, err := l.Evaluate(`e => getComputedStyle(e).backgroundImage`, nil)
	if err != nil || paint != "none" {
		t.Errorf("the button “%s” of real money has the background %v, %v", words, paint, err)
	}
	b.SeesNot("simulated")
}

// buyForRealMoney buys one server on the connected account and waits until it is ready.
func buyForRealMoney(t *testing.T, w *world.World, b *tab) {
	t.Helper()
	wizard := b.WordPress().Named("web", "1").Review()
	wizard.Sees("real money", "For 1 month", "US$ 15.00")
	order := wizard.PayLater().WaitFor("Awaiting payment")
	realMoney(t, b, "Pay US$ 15.00")
	order.Pay("US$ 15.00").Ready(1)
	order.SeesIn(order.Servers(), "Set a password on Huawei’s page")
	if p := one(t, w); p.Paid.IsZero() {
		t.Errorf("the ledger holds %+v, want it paid", p)
	}
}

func TestAnIAMUserAndPasswordBuys(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards())
	a := w.Account("Sandbox")
	b.WithLogin("Main account", a.Domain, a.User, a.Password)
	b.CheckThis()
	b.Heading("Main account answers")
	b.SeesIn(b.CheckLine("Sign-in"), "Huawei accepts the sign-in")
	b.SeesIn(b.CheckLine("List of instances"), "May list instances")
	b.Sees("From here on, money is real.")
	b.Follow("Open the console")
	b.Heading("Overview")
	buyForRealMoney(t, w, b)
	b.Go("Accounts")
	b.Sees("IAM user console, password", "Healthy")
	b.Follow("Details")
	b.SeesIn(b.CheckLine("May buy"), "Huawei accepted it")
	b.SeesIn(b.CheckLine("May cancel orders"), "Not asked. Known after its first use.")
}

func TestAnAccountThatSellsToSignedInUsersOnly(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards())
	a := w.Account("Sandbox sign-in")
	b.WithKey("By key", a.KeyID, a.KeySecret)
	b.CheckThis()
	b.Heading("By key answers")
	b.Follow("Open the console")
	order := b.WordPress().Named("web", "1").Review().PayLater().WaitFor("Refused")
	order.Sees("Nothing was bought or charged")
	if n := len(w.Purchases()); n != 0 {
		t.Fatalf("the cloud took %d orders, want none", n)
	}

	b.Connect()
	b.WithLogin("By password", a.Domain, a.User, a.Password)
	b.CheckThis()
	b.SeesIn(b.Locator("#check-title"), "This account is connected already, as By key")
	b.Press("Replace the key of By key")
	b.SeesIn(b.Locator("#check-title"), "By key answers")
	b.Buy()
	wizard := pages.Wizard{Console: b.Console}
	order = wizard.Image("WordPress").Size("2 vCPU, 4 GiB").Region("Singapore").Named("web-2", "1").Review().
		PayLater() // the same would ask for a tick
	order.WaitFor("Awaiting payment").Pay("US$ 15.00").Ready(1)
	one(t, w)
}

func TestAnAccessKeyBuysAndAWrongOneSaysWhatToDo(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards())
	a := w.Account("Sandbox")
	b.WithKey("Main account", a.KeyID, "wrong"+a.KeySecret[5:])
	b.CheckThis()
	b.SeesIn(b.CheckLine("Sign-in"),
		"Huawei Cloud does not accept the stored access key. Check at Huawei whether the key was disabled or deleted, and enter a valid one")
	b.Follow("Open the console")
	b.Go("Accounts")
	b.Sees("Can’t sign in")
	b.Go("Buy")
	b.Sees("Main account cannot buy now.")

	b.Go("Accounts")
	b.Follow("Replace the key")
	b.Holds("Access key ID", "")
	b.ReplaceKey(a.KeyID, a.KeySecret)
	b.CheckThis()
	for _, line := range []string{"Sign-in", "Regions", "List of instances", "Balance", "Orders", "Clock", "Singapore"} {
		if err := b.CheckLine(line).First().WaitFor(); err != nil {
			t.Errorf("the check has no line “%s”: %v", line, err)
		}
	}
	b.SeesIn(b.CheckLine("Sign-in"), "Huawei accepts the sign-in")
	html, err := b.Content()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{a.KeySecret, a.KeyID} {
		if contains(html, secret) || contains(w.Log(), secret) {
			t.Errorf("the page or the log shows a credential that ends in %s", secret[len(secret)-4:])
		}
	}
	buyForRealMoney(t, w, b)
}

func TestALostKeyFileCostsTheCredentialsAndNothingElse(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards())
	b.expect("ERR_CONNECTION_REFUSED")
	b.expect("htmx:sendError")
	a := w.Account("Sandbox")
	b.WithKey("Main account", a.KeyID, a.KeySecret)
	b.CheckThis()
	b.Heading("Main account answers")
	b.Follow("Open the console")
	buyForRealMoney(t, w, b)
	if said := w.Refuses("CONSOLE_ADDR=127.0.0.1:0"); !contains(said, "another console uses the data directory") {
		t.Errorf("beside a running console it says:\n%s", said)
	}

	w.Stop()
	w.LoseKey()
	if said := w.Refuses(); !contains(said, "put the file back") {
		t.Errorf("without the key file it says:\n%s", said)
	}
	w.StartConsole("CONSOLE_KEY_LOST=on")
	if said := w.Log(); !contains(said, "the credentials of the cloud accounts have to be entered again") {
		t.Errorf("the start without the key says:\n%s", said)
	}
	b.Open("/")
	b.Sees("The console’s key file was lost, and the stored credential with it. Enter it again.")
	b.Go("Orders")
	b.Sees("1 × WordPress, 1 month", "Delivered")
	b.Go("Servers")
	b.Sees("Running", "Singapore")
	b.Go("Buy")
	b.Sees("Main account cannot buy now.", "Its credential was lost and has to be entered again.")
	b.Go("Accounts")
	b.Follow("Replace the key")
	b.ReplaceKey(a.KeyID, a.KeySecret)
	b.CheckThis()
	b.SeesIn(b.CheckLine("Sign-in"), "Huawei accepts the sign-in")

	w.Stop()
	if said := w.Refuses("CONSOLE_KEY_LOST=on"); !contains(said, "nothing is lost") {
		t.Errorf("with a key that fits it says:\n%s", said)
	}
	w.StartConsole()
	b.Open("/")
	wizard := b.WordPress().Named("again", "1").Review()
	wizard.PayLater().WaitFor("Awaiting payment").Pay("US$ 15.00").Ready(1)
}

func TestTheSandboxKeepsItsKeyWhenTheKeyFileIsLost(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	b.expect("ERR_CONNECTION_REFUSED")
	b.expect("htmx:sendError")
	w.Stop()
	w.LoseKey()
	w.StartConsole("CONSOLE_KEY_LOST=on")
	b.Open("/")
	b.WordPress().Named("web", "1").Review().PayLater().WaitFor("Awaiting payment").PressAny("Pay simulated US$ ")
	pages.Order{Console: b.Console}.Ready(1)
}

func TestAWrongPasswordOfAnIAMUserIsTriedOnce(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards())
	a := w.Account("Sandbox")
	b.WithLogin("Main account", a.Domain, a.User, "not "+a.Password)
	b.CheckThis()
	b.SeesIn(b.CheckLine("Sign-in"), "Huawei Cloud refused the sign-in of the IAM user", "no other attempt is made")
	b.Follow("Open the console")
	b.Go("Accounts")
	b.Sees("Can’t sign in", "Since ")
	if n := w.Calls("token"); n != 1 {
		t.Errorf("%d logins were sent with the wrong password, want 1", n)
	}
	b.Go("Buy")
	b.Sees("Huawei refused the stored credential.")
}

// confirm presses the button of the dialog that does what it asks about.
func (b *tab) confirm() {
	b.t.Helper()
	if err := b.Locator("dialog").GetByRole("button").Last().Click(); err != nil {
		b.t.Fatal(err)
	}
}

func TestAccountsAreRenamedDisabledAndDeleted(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards())
	a := w.Account("Sandbox")
	b.WithKey("Main account", a.KeyID, a.KeySecret)
	b.CheckThis()
	b.SeesIn(b.CheckLine("Sign-in"), "Huawei accepts the sign-in")
	b.Follow("Open the console")
	order := b.WordPress().Named("web", "1").Review().PayLater().WaitFor("Awaiting payment")

	b.Go("Accounts")
	b.Follow("Details")
	b.Fill("Name for this account", "Shop")
	b.Press("Rename")
	b.Sees("Renamed")
	b.Heading("Shop")

	b.Sees("1 order of this account is still open. Pay, cancel or finish it first, then delete the account.")
	b.Gone(b.Link("Delete from the console"), "a way to delete an account with an open order")

	b.Press("Disable")
	b.Sees("Account disabled")
	b.Go("Buy")
	b.Sees("This account is disabled.")
	b.Go("Accounts")
	b.Follow("Details")
	b.Press("Enable")
	b.Sees("Account enabled")

	b.Go("Orders")
	b.Follow("1 × WordPress, 1 month")
	order.Cancel()
	order.WaitFor("Cancelled")
	b.Go("Accounts")
	b.Follow("Details")
	b.Follow("Delete from the console")
	b.Heading("Delete Shop from the console?")
	b.inEveryLook("the dialog that asks")
	b.confirm()
	b.Sees("Account deleted from the console", "No account yet")
}
