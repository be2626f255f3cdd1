//go:build e2e

package pages

import (
	"strings"

	"github.com/playwright-community/playwright-go"
)

// Wizard is the purchase: five sections with one open.
type Wizard struct{ *Console }

// Buy opens the purchase by the navigation.
func (c *Console) Buy() Wizard {
	c.T.Helper()
	c.Go("Buy")
	c.Heading("Buy servers")
	return Wizard{c}
}

// GoOn presses the button below the open section.
func (w Wizard) GoOn() {
	w.T.Helper()
	w.must("go on", w.Locator("#wiz section.now").GetByRole("button").Last().Click())
}

// Image chooses what runs and goes on.
func (w Wizard) Image(name string) Wizard {
	w.T.Helper()
	w.Heading("What should run on it?")
	w.Tick(name)
	w.GoOn()
	return w
}

// SizeCard is the card of a size, such as "2 vCPU, 4 GiB".
func (w Wizard) SizeCard(size string) playwright.Locator {
	cpus, memory, _ := strings.Cut(size, ", ")
	exact := playwright.PageGetByTextOptions{Exact: playwright.Bool(true)}
	return w.Locator(".spec").
		Filter(playwright.LocatorFilterOptions{Has: w.GetByText(w.say(cpus), exact)}).
		Filter(playwright.LocatorFilterOptions{Has: w.GetByText(memory, exact)}).GetByRole("radio")
}

// Size chooses a size and goes on.
func (w Wizard) Size(size string) Wizard {
	w.T.Helper()
	w.Heading("How much power?")
	w.must("choose "+size, w.SizeCard(size).Check())
	w.GoOn()
	return w
}

// Region chooses where it runs and goes on.
func (w Wizard) Region(name string) Wizard {
	w.T.Helper()
	w.Heading("Where should it run?")
	w.Tick(name)
	w.GoOn()
	return w
}

// Named gives name and number of the servers, in the options.
func (w Wizard) Named(name, quantity string) Wizard {
	w.T.Helper()
	w.Heading("Names, time and extras")
	w.Fill("Name", name)
	w.Fill("How many?", quantity)
	return w
}

// AtMost lets the console pay by itself up to an amount.
func (w Wizard) AtMost(amount string) Wizard {
	w.T.Helper()
	w.Tick("Buy now, at most")
	w.Fill("At most, in", amount)
	return w
}

// TryReview asks for the review and waits for the answer, which may be a no.
func (w Wizard) TryReview() Wizard {
	w.T.Helper()
	w.Press("Review the purchase")
	w.Answered()
	return w
}

// Review goes from the options to the last section.
func (w Wizard) Review() Wizard {
	w.T.Helper()
	w.TryReview()
	w.Heading("Check and order")
	return w
}

// WordPress chooses a usual purchase as far as the options.
func (c *Console) WordPress() Wizard {
	c.T.Helper()
	return c.Buy().Image("WordPress").Size("2 vCPU, 4 GiB").Region("Singapore")
}

// Place presses the button that orders. What it says about the money is given.
func (w Wizard) Place(words string) Order {
	w.T.Helper()
	w.Press(words)
	return w.Order()
}

// PayLater places the order unpaid.
func (w Wizard) PayLater() Order {
	w.T.Helper()
	return w.Place("Place the order, pay on the next screen")
}

// Summary is the panel beside the wizard.
func (w Wizard) Summary() playwright.Locator { return w.Part("Your purchase") }

// Change opens a closed section.
func (w Wizard) Change(section string) Wizard {
	w.T.Helper()
	w.Follow("Change " + section)
	return w
}

// PayFrom changes the account that pays.
func (w Wizard) PayFrom(account string) Wizard {
	w.T.Helper()
	w.Press("Change")
	menu := w.Locator("#buy-accounts").GetByRole("button", playwright.LocatorGetByRoleOptions{Name: account})
	w.must("choose the account "+account, menu.Click())
	w.SeesIn(w.Summary(), account)
	return w
}
