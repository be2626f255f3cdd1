//go:build e2e

// Package pages speaks of the console as the people do who use it: they press
// buttons, follow links and fill in fields by the words that stand there, and
// wait until they see what they wait for.
package pages

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

// patience is how long a person waits for what must come.
const patience = 30 * time.Second

// Console is a browser tab that shows the console.
type Console struct {
	playwright.Page
	T    *testing.T
	Base string
	// Say gives the words on the pages for the English ones; nil in English.
	Say func(english string) string

	expect playwright.PlaywrightAssertions
}

// New is the tab p. Base is the console's address.
func New(t *testing.T, p playwright.Page, base string) *Console {
	return &Console{Page: p, T: t, Base: base, expect: playwright.NewPlaywrightAssertions(float64(patience.Milliseconds()))}
}

func (c *Console) say(english string) string {
	if c.Say == nil {
		return english
	}
	return c.Say(english)
}

// must ends the test when something a person does is not possible.
func (c *Console) must(what string, err error) {
	c.T.Helper()
	if err != nil {
		c.T.Fatalf("%s: %v", what, err)
	}
}

// Open goes to a path of the console by its address.
func (c *Console) Open(path string) {
	c.T.Helper()
	_, err := c.Goto(c.Base + path)
	c.must("open "+path, err)
}

// Answer opens a path and gives the status of the answer.
func (c *Console) Answer(path string) int {
	c.T.Helper()
	res, err := c.Goto(c.Base + path)
	c.must("open "+path, err)
	return res.Status()
}

// quote is words as a pattern that a selector may hold.
func quote(words string) string {
	return strings.NewReplacer("/", `\/`, "'", `\x27`, `"`, `\x22`).Replace(regexp.QuoteMeta(words))
}

// starts matches a name that begins with words, whatever stands behind them.
func starts(words string) *regexp.Regexp { return regexp.MustCompile("^" + quote(words)) }

func (c *Console) role(role string, name any) playwright.Locator {
	o := playwright.PageGetByRoleOptions{Name: name}
	if _, ok := name.(string); ok {
		o.Exact = playwright.Bool(true)
	}
	return c.GetByRole(playwright.AriaRole(role), o)
}

// Button is the button with exactly these words.
func (c *Console) Button(words string) playwright.Locator { return c.role("button", c.say(words)) }

// Link is the link with exactly these words.
func (c *Console) Link(words string) playwright.Locator { return c.role("link", c.say(words)) }

// Field is the control whose label begins with these words.
func (c *Console) Field(label string) playwright.Locator {
	return c.GetByLabel(regexp.MustCompile("^" + quote(c.say(label)) + `( |$)`)).
		And(c.Locator("input:not([type=radio], [type=checkbox]), select, textarea"))
}

// Part is the part of the page under that heading.
func (c *Console) Part(heading string) playwright.Locator {
	return c.role("region", starts(c.say(heading)))
}

// Press presses a button.
func (c *Console) Press(words string) {
	c.T.Helper()
	c.must("press “"+words+"”", c.Button(words).Click())
}

// Answered waits until the answer to what was pressed is on the page.
func (c *Console) Answered() {
	c.T.Helper()
	c.Gone(c.Locator(".htmx-request"), "the wait for an answer")
}

// PressAny presses the button whose words begin like this.
func (c *Console) PressAny(words string) {
	c.T.Helper()
	c.must("press “"+words+"…”", c.role("button", starts(c.say(words))).First().Click())
}

// Follow follows a link.
func (c *Console) Follow(words string) {
	c.T.Helper()
	c.must("follow “"+words+"”", c.Link(words).First().Click())
}

// Tab follows the link of a view, whatever count stands behind its words.
func (c *Console) Tab(words string) {
	c.T.Helper()
	c.must("choose the view “"+words+"”",
		c.Locator("main").GetByRole("link", playwright.LocatorGetByRoleOptions{Name: starts(c.say(words))}).First().Click())
}

// Fill types into a field in the place of what stands there.
func (c *Console) Fill(label, value string) {
	c.T.Helper()
	c.must("fill in “"+label+"”", c.Field(label).First().Fill(value))
}

// Pick chooses from a list.
func (c *Console) Pick(label, option string) {
	c.T.Helper()
	_, err := c.Field(label).First().SelectOption(playwright.SelectOptionValues{Labels: &[]string{option}})
	c.must("choose “"+option+"”", err)
}

// Tick chooses a radio or checks a box whose words begin like this.
func (c *Console) Tick(words string) {
	c.T.Helper()
	c.must("tick “"+words+"”", c.Choice(words).Check())
}

// Choice is the first radio, box or switch whose words begin like this.
func (c *Console) Choice(words string) playwright.Locator {
	name := starts(c.say(words))
	return c.role("radio", name).Or(c.role("checkbox", name)).Or(c.role("switch", name)).First()
}

// Go uses the main navigation.
func (c *Console) Go(entry string) {
	c.T.Helper()
	if narrow, err := c.Button("Menu").IsVisible(); err == nil && narrow {
		c.Press("Menu")
	}
	l := c.Locator("nav").GetByRole("link", playwright.LocatorGetByRoleOptions{Name: starts(c.say(entry))})
	c.must("go to “"+entry+"”", l.First().Click())
}

// Show chooses which accounts are shown, in the side bar.
func (c *Console) Show(accounts string) {
	c.T.Helper()
	if narrow, err := c.Button("Menu").IsVisible(); err == nil && narrow {
		c.Press("Menu")
	}
	c.must("open the menu of accounts", c.Locator("button[popovertarget=scopes]").Click())
	c.must("show “"+accounts+"”", c.Locator("#scopes").GetByRole("button",
		playwright.LocatorGetByRoleOptions{Name: c.say(accounts), Exact: playwright.Bool(true)}).Click())
}

// Sees waits until every one of these words can be seen.
func (c *Console) Sees(words ...string) {
	c.T.Helper()
	for _, w := range words {
		c.sees(c.Locator("body"), c.say(w))
	}
}

func (c *Console) sees(in playwright.Locator, words string) {
	c.T.Helper()
	visible := in.GetByText(words).Locator("visible=true").First()
	if err := c.expect.Locator(visible).ToBeVisible(); err != nil {
		c.T.Fatalf("“%s” is not to be seen at %s: %v", words, c.URL(), err)
	}
}

// SeesIn waits until words can be seen in a part of the page.
func (c *Console) SeesIn(part playwright.Locator, words ...string) {
	c.T.Helper()
	for _, w := range words {
		if err := c.expect.Locator(part).ToContainText(c.say(w)); err != nil {
			c.T.Fatalf("“%s” does not stand there: %v", w, err)
		}
	}
}

// SeesNot waits until none of these words can be seen.
func (c *Console) SeesNot(words ...string) {
	c.T.Helper()
	for _, w := range words {
		visible := c.GetByText(c.say(w)).Locator("visible=true")
		if err := c.expect.Locator(visible).ToHaveCount(0); err != nil {
			c.T.Fatalf("“%s” is still to be seen: %v", w, err)
		}
	}
}

// Heading waits for the page's or a section's heading.
func (c *Console) Heading(words string) {
	c.T.Helper()
	c.visible(c.GetByRole("heading", playwright.PageGetByRoleOptions{Name: starts(c.say(words))}).First(), "the heading “"+words+"”")
}

func (c *Console) visible(l playwright.Locator, what string) {
	c.T.Helper()
	if err := c.expect.Locator(l).ToBeVisible(); err != nil {
		c.T.Fatalf("%s is not to be seen at %s: %v", what, c.URL(), err)
	}
}

// Eventually looks again and again until something is true.
func (c *Console) Eventually(what string, is func() bool) {
	c.T.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			c.T.Fatalf("waited in vain: %s", what)
		}
	}
}

// Gone waits until something is not there any more.
func (c *Console) Gone(l playwright.Locator, what string) {
	c.T.Helper()
	if err := c.expect.Locator(l).ToHaveCount(0); err != nil {
		c.T.Fatalf("%s is still there: %v", what, err)
	}
}

// Holds waits until a field holds a value.
func (c *Console) Holds(label, value string) {
	c.T.Helper()
	if err := c.expect.Locator(c.Field(label).First()).ToHaveValue(value); err != nil {
		c.T.Errorf("“%s” does not hold %q: %v", label, value, err)
	}
}

// Chosen waits until a choice is chosen.
func (c *Console) Chosen(words string) {
	c.T.Helper()
	if err := c.expect.Locator(c.Choice(words)).ToBeChecked(); err != nil {
		c.T.Errorf("“%s” is not chosen: %v", words, err)
	}
}

// Complains waits until a field is marked as wrong and a sentence stands at it,
// as a screen reader tells it.
func (c *Console) Complains(label, sentence string) {
	c.T.Helper()
	f := c.Field(label).First()
	c.complains(f, label, sentence)
	if err := c.expect.Locator(f).ToHaveAttribute("aria-invalid", "true"); err != nil {
		c.T.Errorf("“%s” is not marked as wrong: %v", label, err)
	}
}

// GroupComplains is Complains for a group of choices.
func (c *Console) GroupComplains(legend, sentence string) {
	c.T.Helper()
	c.complains(c.role("group", starts(c.say(legend))).First(), legend, sentence)
}

func (c *Console) complains(l playwright.Locator, what, sentence string) {
	c.T.Helper()
	want := regexp.MustCompile(quote(c.say(sentence)))
	if err := c.expect.Locator(l).ToHaveAccessibleDescription(want); err != nil {
		c.T.Errorf("“%s” does not say “%s”: %v", what, sentence, err)
	}
}

// CannotChoose fails when a choice can be chosen, or does not say why not.
func (c *Console) CannotChoose(choice playwright.Locator, sentence string) {
	c.T.Helper()
	if err := c.expect.Locator(choice).ToBeDisabled(); err != nil {
		c.T.Errorf("it can be chosen: %v", err)
	}
	c.complains(choice, "the card", sentence)
}

// At waits until the address is that path.
func (c *Console) At(path string) {
	c.T.Helper()
	want := regexp.MustCompile("^" + quote(c.Base+path) + `([?#]|$)`)
	if err := c.expect.Page(c.Page).ToHaveURL(want); err != nil {
		c.T.Fatalf("not at %s: %v", path, err)
	}
}

// Path is the path of the address without query.
func (c *Console) Path() string {
	path, _, _ := strings.Cut(strings.TrimPrefix(c.URL(), c.Base), "?")
	return path
}

// Remember marks the document; Reloaded tells whether another one has come since.
func (c *Console) Remember() {
	c.T.Helper()
	_, err := c.Evaluate(`() => { document.documentElement.dataset.seen = "yes" }`)
	c.must("mark the page", err)
}

// Reloaded reports whether the page was loaded anew since Remember.
func (c *Console) Reloaded() bool {
	c.T.Helper()
	v, err := c.Evaluate(`() => document.documentElement.dataset.seen !== "yes"`)
	c.must("look at the page", err)
	return v.(bool)
}

// TabTo presses Tab until the focus is there.
func (c *Console) TabTo(l playwright.Locator, what string) {
	c.T.Helper()
	for range 120 {
		on, err := l.First().Evaluate(`e => e === document.activeElement`, nil)
		c.must("look for the focus", err)
		if on.(bool) {
			return
		}
		c.must("press Tab", c.Keyboard().Press("Tab"))
	}
	c.T.Fatalf("the Tab key does not come to %s", what)
}

// Key presses a key.
func (c *Console) Key(name string) {
	c.T.Helper()
	c.must("press "+name, c.Keyboard().Press(name))
}
