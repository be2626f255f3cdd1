//go:build e2e

package pages

import (
	"regexp"
	"time"

	"github.com/playwright-community/playwright-go"
)

// Order is the page of one order.
type Order struct{ *Console }

// Order waits for the page of an order.
func (c *Console) Order() Order {
	c.T.Helper()
	want := regexp.MustCompile("^" + quote(c.Base) + `/orders/[0-9a-f-]{36}$`)
	if err := c.expect.Page(c.Page).ToHaveURL(want); err != nil {
		c.T.Fatalf("this is not the page of an order: %v", err)
	}
	return Order{c}
}

func (o Order) title() playwright.Locator {
	return o.GetByRole("heading", playwright.PageGetByRoleOptions{Level: playwright.Int(1)})
}

// WaitFor waits until the order is in that state; the page must say so by itself.
func (o Order) WaitFor(state string) Order {
	o.T.Helper()
	if err := o.expect.Locator(o.title()).ToHaveText(ends(o.say(state))); err != nil {
		words, _ := o.title().TextContent()
		o.T.Fatalf("the order is not “%s”; the page says “%s”: %v", state, words, err)
	}
	return o
}

func ends(words string) *regexp.Regexp { return regexp.MustCompile(quote(words) + `\s*$`) }

// ReloadUntil is WaitFor for browsers without JavaScript: it loads the page
// again until it says so.
func (o Order) ReloadUntil(seen playwright.Locator, what string) Order {
	o.T.Helper()
	for start := time.Now(); time.Since(start) < patience; {
		if n, err := seen.Count(); err == nil && n > 0 {
			return o
		}
		_, err := o.Reload()
		o.must("load the page again", err)
	}
	o.T.Fatalf("the page never shows %s", what)
	return o
}

// InState is the title once it tells that state.
func (o Order) InState(state string) playwright.Locator {
	return o.title().Filter(playwright.LocatorFilterOptions{HasText: ends(o.say(state))})
}

// Pay presses the button that carries the amount.
func (o Order) Pay(amount string) Order {
	o.T.Helper()
	o.Press("Pay " + amount)
	return o
}

// Cancel gives the unpaid order back.
func (o Order) Cancel() Order {
	o.T.Helper()
	o.Press("Cancel the order")
	return o
}

// Says waits until the timeline tells something.
func (o Order) Says(words ...string) Order {
	o.T.Helper()
	o.SeesIn(o.Part("Progress"), words...)
	return o
}

// Servers is the panel of what was delivered.
func (o Order) Servers() playwright.Locator { return o.Part("Servers in this order") }

// Ready waits until every server runs and has its address, and gives the addresses.
func (o Order) Ready(servers int) []string {
	o.T.Helper()
	o.WaitFor("Delivered")
	o.Says("Ready to use")
	addresses := o.Servers().GetByRole("button", playwright.LocatorGetByRoleOptions{Name: regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)})
	if err := o.expect.Locator(addresses).ToHaveCount(servers); err != nil {
		o.T.Fatalf("not all %d servers have an address: %v", servers, err)
	}
	texts, err := addresses.AllTextContents()
	o.must("read the addresses", err)
	return texts
}

// Candidate is an order at the cloud that may be this one.
func (o Order) Candidate(number string) playwright.Locator {
	return o.GetByRole("article").Filter(playwright.LocatorFilterOptions{HasText: number})
}
