//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

// A mistake is one wrong entry: the field, what is typed, what stands beside it.
type mistake struct{ name, label, typed, sentence string }

func TestMistakesOfTheFirstPersonAreSaidAtTheirFields(t *testing.T) {
	t.Parallel()
	w := world.Start(t)
	b := open(t, w, view{})
	b.SetUp(world.SetupCode)
	long := strings.Repeat("a", 64)
	for _, m := range []mistake{
		{"a name with a blank", "Sign-in name", "ada lovelace", "Use only letters, digits and . _ - + @ in the name."},
		{"a short password", "Password", "too short", "Use at least 15 characters."},
		{"a password everybody has", "Password", "passwordpassword", "This password is easy to guess."},
		{"a password that is far too long", "Password", strings.Repeat("long ", 300), "Use at most"},
		{"another code", "Set-up code", "not-the-code-0123456789", "This is not the code that was printed last."},
	} {
		b.Fill("Your name", "Ada "+long[:20])
		b.Fill("Sign-in name", "ada")
		b.Fill("Password", ownerPassword)
		b.Fill("Set-up code", world.SetupCode)
		b.Pick("Time zone", "Singapore (UTC+8)")
		b.Fill(m.label, m.typed)
		b.Press("Create owner and continue")
		b.Complains(m.label, m.sentence)
		if on, err := b.GetByLabel(m.label, playwright.PageGetByLabelOptions{Exact: playwright.Bool(true)}).
			Evaluate(`e => e === document.activeElement`, nil); on != true {
			t.Errorf("%s: the field has not got the focus, %v", m.name, err)
		}
		b.Holds("Your name", "Ada "+long[:20])
		b.Holds("Time zone", "Asia/Singapore")
		b.Holds("Password", "") // a secret is never sent back
		if m.label != "Password" {
			b.Holds(m.label, m.typed)
		}
		if m.label != "Set-up code" {
			b.Holds("Set-up code", world.SetupCode)
		}
	}
	b.Fill("Set-up code", world.SetupCode)
	b.Fill("Sign-in name", "ada lovelace")
	b.Fill("Password", "short")
	b.Press("Create owner and continue")
	b.Sees("Please correct these fields")
	b.inEveryLook("the first page with mistakes")
	b.Follow("Use at least 15 characters. A few words you remember are fine.")
	b.Fill("Sign-in name", "ada")
	b.Fill("Password", ownerPassword)
	b.Press("Create owner and continue")
	b.Heading("Connect Huawei Cloud, or try it first")
}

func TestMistakesOfAnAccountAreSaidAtTheirFields(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards())
	a := w.Account("Sandbox")
	for _, m := range []mistake{
		{"a blank name", "Name for this account", " ", "Give the account a name that you recognise."},
		{"a broken key id", "Access key ID", "no key!", "An access key id is letters and digits"},
		{"no secret", "Secret access key", "", "A secret access key is one word"},
		{"a secret of two words", "Secret access key", "two words", "A secret access key is one word"},
	} {
		b.WithKey("Main account", a.KeyID, a.KeySecret)
		b.Fill(m.label, m.typed)
		b.CheckThis()
		b.Complains(m.label, m.sentence)
		b.Chosen("Access key (AK/SK)")
		b.Holds("Secret access key", "")
		if m.label != "Name for this account" {
			b.Holds("Name for this account", "Main account")
		}
		if m.label != "Access key ID" {
			b.Holds("Access key ID", a.KeyID)
		} else {
			b.Holds("Access key ID", m.typed)
		}
	}
	for _, m := range []mistake{
		{"no account name", "Account name", "", "Enter the name of the account that the IAM user belongs to."},
		{"no user", "IAM user", "", "Enter the name of the IAM user."},
		{"no password", "Password", "", "Enter the password of the IAM user."},
	} {
		b.WithLogin("Main account", a.Domain, a.User, a.Password)
		b.Fill(m.label, m.typed)
		b.CheckThis()
		b.Complains(m.label, m.sentence)
		b.Chosen("IAM user and password")
		b.Holds("Password", "")
		for label, kept := range map[string]string{"Account name": a.Domain, "IAM user": a.User} {
			if label != m.label {
				b.Holds(label, kept)
			}
		}
	}
	b.Pick("Huawei Cloud site", "Custom endpoints")
	b.WithKey("Main account", a.KeyID, a.KeySecret)
	b.CheckThis()
	b.Complains("BSS", "Enter the address of this service.")
	b.Holds("Huawei Cloud site", "custom")
	b.Pick("Huawei Cloud site", "International")
	if err := b.Locator("[name=endpoint_bss]").Fill("http://bss.example.com"); err != nil {
		t.Fatal(err)
	}
	b.CheckThis()
	b.Complains("BSS", "The address must begin with https://.")
	b.Sees("Empty ones keep the site’s.") // unfolded for the mistake
}

func TestMistakesInTheOptionsAreSaidAtTheirFields(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	wizard := b.WordPress()
	for _, choice := range choices {
		b.Tick(choice)
	}
	for label, value := range right {
		b.Fill(label, value)
	}
	quantity, name := "How many?", "Name"
	for _, m := range []mistake{
		{"no name", name, "", "Give the instance a name."},
		{"a name that starts with a digit", name, "1web", "A name has 1 to 128 letters, digits, - and _, starting with a letter."},
		{"a name with a blank", name, "my web", "A name has 1 to 128 letters, digits, - and _, starting with a letter."},
		{"a long name", name, strings.Repeat("a", 129), "The name has 129 characters; 1 to 128 letters, digits, - and _, starting with a letter, are allowed."},
		{"no number", quantity, "", "Enter a whole number from 1 to 200."},
		{"nothing to buy", quantity, "0", "Enter a whole number from 1 to 200."},
		{"too many", quantity, "201", "Enter a whole number from 1 to 200."},
		{"half a server", quantity, "1.5", "Enter a whole number."},
		{"a word", quantity, "two", "Enter a whole number."},
		{"a long description", "Description", strings.Repeat("d", 1025), "The description has 1,025 characters; up to 1,024 characters are allowed."},
		{"a small disk", "Data disk, size in GiB", "9", "10 to 2,048"},
		{"a large disk", "Data disk, size in GiB", "2049", "10 to 2,048"},
		{"a broken disk", "Data disk, size in GiB", "ten", "Enter a whole number."},
		{"a small vault", "Cloud backup, size in GiB", "9", "10 to 2,048"},
		{"a tag of digits", "Key of tag 1", "1x", "A key has 1 to 32 letters, digits, - and _, starting with a letter."},
		{"the console's own tag", "Key of tag 1", "sampan-order", "The key sampan-order is used by the console itself."},
		{"a long value", "Value of tag 1", strings.Repeat("v", 2049), "This value has 2,049 characters. A value has up to 2,048 characters."},
		{"no limit", "At most, in", "", "Enter the most you agree to pay."},
		{"a limit in words", "At most, in", "thirty", "Enter an amount, such as 30 or 30.50."},
		{"nothing to pay", "At most, in", "0", "Enter an amount above zero."},
	} {
		b.Fill(m.label, m.typed)
		wizard.TryReview()
		b.Complains(m.label, m.sentence)
		b.Heading("Names, time and extras")
		b.Holds(m.label, m.typed)
		for label, kept := range right {
			if label != m.label {
				b.Holds(label, kept)
			}
		}
		b.Fill(m.label, right[m.label])
	}
	for _, choice := range choices {
		b.Chosen(choice)
	}
	wizard.Review().Sees("Buy for at most simulated US$ 500.00")
	if n := w.Calls("purchase"); n != 0 {
		t.Errorf("%d purchases left the console", n)
	}
}

// right is what every field of the options may hold.
var right = map[string]string{
	"Name": "web", "How many?": "2", "At most, in": "500", "Data disk, size in GiB": "100", "Cloud backup, size in GiB": "50",
	"Key of tag 1": "team", "Value of tag 1": "blue", "Description": "the shop",
}

// choices are ticked beside it.
var choices = []string{"3 months", "Renew automatically", "Buy now, at most", "Data disk", "Cloud backup", "Host security"}

func TestSeveralMistakesAreListedAndTheFirstGetsTheFocus(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{})
	b.WordPress().Named("1web", "0").TryReview()
	b.Sees("Please correct these fields")
	b.Complains("Name", "A name has 1 to 128 letters, digits, - and _, starting with a letter.")
	b.Complains("How many?", "Enter a whole number from 1 to 200.")
	b.inEveryLook("the options with mistakes")
	b.Follow("Enter a whole number from 1 to 200.")
	at, err := b.Evaluate(`document.activeElement.id`)
	if err != nil || at != "quantity" {
		t.Errorf("the link leads to %v, %v; want the quantity", at, err)
	}
}

func TestAMistakeGetsTheFocusByKeyboardAndNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{width: 1440, height: 600})
	wizard := b.Buy()
	b.pressByKeyboard("Continue to size")
	b.focusedInSight("the sentence", "div:has(> #pick-error)")
	wizard.Image("WordPress").Size("2 vCPU, 4 GiB").Region("Singapore").Named("web", "2")
	b.Fill("Description", "the shop")
	b.Fill("Key of tag 1", "1x")
	b.pressByKeyboard("Review the purchase")
	b.Complains("Key of tag 1", "A key has 1 to 32 letters")
	b.focusedInSight("the tag", "#tag_key_1")
	if title, err := b.Title(); err != nil || !strings.HasPrefix(title, "Error: ") {
		t.Errorf("the title is %q, %v; want it to say that something is wrong", title, err)
	}
	for label, kept := range map[string]string{"Name": "web", "How many?": "2", "Description": "the shop", "Key of tag 1": "1x"} {
		b.Holds(label, kept)
	}
	b.Fill("Key of tag 1", "team")
	b.Fill("How many?", "")
	b.pressByKeyboard("Review the purchase")
	b.focusedInSight("the quantity", "#quantity")
	b.Holds("How many?", "")
	b.Fill("How many?", "2")
	b.pressByKeyboard("Review the purchase")
	b.Heading("Check and order")
	if title, err := b.Title(); err != nil || strings.HasPrefix(title, "Error") {
		t.Errorf("the title is %q, %v, when nothing is wrong any more", title, err)
	}
}

// pressByKeyboard goes to a button by the Tab key and presses Enter on it.
func (b *tab) pressByKeyboard(button string) {
	b.t.Helper()
	b.TabTo(b.Button(button), button)
	b.Key("Enter")
	b.Answered()
}

// focusedInSight waits until that element has the focus and is on the screen.
func (b *tab) focusedInSight(what, selector string) {
	b.t.Helper()
	_, err := b.WaitForFunction(`selector => {
		const e = document.activeElement, at = e.getBoundingClientRect();
		return e.matches(selector) && at.top >= 0 && at.bottom <= innerHeight;
	}`, selector)
	if err != nil {
		at, _ := b.Evaluate(`document.activeElement.outerHTML.slice(0, 200) + " at " + document.activeElement.getBoundingClientRect().top`)
		b.t.Fatalf("the focus is not on %s, or that is out of sight: %v", what, at)
	}
}

func TestTheOfferedLimitFollowsWhatIsChosen(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	wizard := b.WordPress().Named("web", "1")
	b.Tick("Buy now, at most")
	b.Holds("At most, in", "15.00")
	b.Fill("How many?", "3")
	b.Key("Tab")
	b.Holds("At most, in", "45.00")
	wizard.Review()
	b.Follow("Change Options")
	b.Fill("How many?", "2")
	b.Key("Tab")
	b.Holds("At most, in", "30.00")
	wizard.Review().Place("Buy for at most simulated US$ 30.00").Ready(2)
	if p := one(t, w); p.Paid.IsZero() || p.Amount != "30.00" {
		t.Errorf("the ledger holds %+v, want it paid within the limit", p)
	}
}

func TestANameInUseIsRefusedWithTheNextFreeOne(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	b.WordPress().Named("web", "1").Review().PayLater().WaitFor("Awaiting payment").Press("Pay simulated US$ 15.00")
	pages.Order{Console: b.Console}.Ready(1)
	wizard := b.WordPress().Named("web", "1").TryReview()
	b.Complains("Name", "web is in use. web-2 is free.")
	b.Press("Use web-2")
	b.Holds("Name", "web-2")
	wizard.Review().PayLater().WaitFor("Awaiting payment")
	all := w.Purchases()
	if len(all) != 2 || all[1].Name != "web-2" {
		t.Errorf("the ledger holds %+v, want a second order named web-2", all)
	}
}

func TestContinueWithoutAChoiceSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{})
	wizard := b.Buy()
	b.Press("Continue to size")
	b.GroupComplains("Image", "Choose an image.")
	wizard.Image("WordPress")
	b.Press("Continue to region")
	b.GroupComplains("Size", "Choose a size.")
	wizard.Size("2 vCPU, 4 GiB")
	b.Press("Continue to options")
	b.GroupComplains("Region", "Choose a region.")
	wizard.Region("Singapore").Named("web", "1").Review()
}

func TestWhatDoesNotGoTogetherSaysWhyAndWhatToChange(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{})
	wizard := b.Buy().Image("GitLab")
	wizard.Heading("How much power?")
	b.CannotChoose(wizard.SizeCard("2 vCPU, 4 GiB"), "GitLab needs 8 GiB or more.")
	b.CannotChoose(wizard.SizeCard("2 vCPU, 0.5 GiB"), "GitLab needs 8 GiB or more.")
	if err := b.Link("Choose 2 vCPU, 8 GiB or larger.").First().Click(); err != nil {
		t.Fatal(err)
	}
	wizard.SeesIn(wizard.Summary(), "2 vCPU, 8 GiB")
	b.Press("Continue to region")
	wizard.Region("Singapore").Named("git", "1").Review()
	b.Go("Buy")
	b.Follow("Compare all images, sizes and regions")
	b.Fill("Image, size, region…", "GitLab")
	b.Sees("7 combinations of image and size", "GitLab needs 8 GiB or more.")
	if err := b.Link("Buy GitLab 16.9.3 with 2 vCPU, 8 GiB").Click(); err != nil {
		t.Fatal(err)
	}
	b.Chosen("GitLab")
}

func TestAnEarlierChoiceThatBreaksALaterOneIsSaidFirstAndTakenBack(t *testing.T) {
	t.Parallel()
	_, b := inSandbox(t, view{})
	wizard := b.WordPress().Named("kept", "3").Change("Image")
	wizard.Heading("What should run on it?")
	b.Tick("GitLab")
	b.Sees("GitLab 16.9.3 does not fit one of your choices.", "Everything else stays.")
	b.SeesIn(wizard.Summary(), "choose again")
	b.inEveryLook("a choice that breaks another")
	b.Follow("Back to WordPress 6.4")
	b.Chosen("WordPress")
	b.SeesIn(wizard.Summary(), "2 vCPU, 4 GiB")
	b.SeesNot("choose again")

	b.Tick("GitLab")
	b.Sees("does not fit one of your choices")
	wizard.GoOn()
	b.Heading("How much power?")
	b.Sees("Changed.", "GitLab 16.9.3 instead of WordPress 6.4.")
	b.Press("Take it back")
	b.SeesIn(wizard.Summary(), "WordPress 6.4", "2 vCPU, 4 GiB", "Singapore")

	wizard.Change("Image").Image("GitLab").Size("2 vCPU, 8 GiB")
	wizard.Heading("Names, time and extras") // the region is still right, so it is not asked again
	b.Holds("Name", "kept")
	b.Holds("How many?", "3")
	b.SeesIn(wizard.Summary(), "GitLab 16.9.3", "2 vCPU, 8 GiB", "Singapore")
}
