//go:build e2e

package e2e

import "testing"

// What is typed stays while the page around it is read again.
func TestWhatIsTypedStays(t *testing.T) {
	t.Parallel()
	w, b := connected(t)

	b.Go("Accounts")
	b.Follow("Details")
	at := b.Path()
	b.Fill("Name for this account", "Half a na")
	b.must(b.Locator("#check-title").Click())
	second := b.again()
	second.Open(at)
	second.Press("Disable")
	second.Sees("Account disabled")
	b.SeesIn(b.Locator("#change"), "Enable")
	b.Holds("Name for this account", "Half a na")
	second.Press("Enable")
	b.SeesIn(b.Locator("#change"), "Disable")
	second.Press("Check again")
	second.Heading("Marina answers")
	b.Heading("Marina answers")
	b.Holds("Name for this account", "Half a na")

	one := b.Servers("state:running").Lines()[0]
	b.Open("/servers/" + one.ID)
	b.must(b.Locator("#tags summary").Click())
	b.Fill("Key", "half-a-key")
	b.must(b.Field("Value").First().Focus())
	w.Outside(one.ID, map[string]any{"tags": map[string]string{"from": "outside"}})
	b.SeesIn(b.Locator("#tags"), "from")
	b.Holds("Key", "half-a-key")

	b.Open("/orders")
	b.Fill("Name, order number, image…", "half a wo")
	b.must(b.Locator("main h1").Click())
	second.Open("/")
	second.WordPress().Named("fresh", "1").Review().PayLater()
	b.SeesIn(b.Locator("#orders"), "fresh")
	b.Holds("Name, order number, image…", "half a wo")
}
