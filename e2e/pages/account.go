//go:build e2e

package pages

import (
	"regexp"

	"github.com/playwright-community/playwright-go"
)

// Connect opens the form that connects an account.
func (c *Console) Connect() {
	c.T.Helper()
	c.Go("Accounts")
	c.Follow("Connect an account")
	c.Heading("Connect an account")
}

// WithKey fills in an access key.
func (c *Console) WithKey(label, id, secret string) {
	c.T.Helper()
	c.Fill("Name for this account", label)
	c.Tick("Access key (AK/SK)")
	c.ReplaceKey(id, secret)
}

// ReplaceKey fills in the two fields of an access key.
func (c *Console) ReplaceKey(id, secret string) {
	c.T.Helper()
	c.Fill("Access key ID", id)
	c.Fill("Secret access key", secret)
}

// WithLogin fills in an IAM user.
func (c *Console) WithLogin(label, account, user, password string) {
	c.T.Helper()
	c.Fill("Name for this account", label)
	c.Tick("IAM user and password")
	c.Fill("Account name", account)
	c.Fill("IAM user", user)
	c.Fill("Password", password)
}

// CheckThis sends the form of an account.
func (c *Console) CheckThis() {
	c.T.Helper()
	c.Press("Check this account")
}

// CheckLine is a line of the connection check that was answered, whatever heads it: its answer is its heading.
func (c *Console) CheckLine(title string) playwright.Locator {
	return c.Locator("[id^='check-'] .tl li:not(.now)").
		Filter(playwright.LocatorFilterOptions{HasText: regexp.MustCompile(`:\s+` + quote(c.say(title)))})
}
