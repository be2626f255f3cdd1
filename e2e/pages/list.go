//go:build e2e

package pages

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/playwright-community/playwright-go"
)

// List is the list of servers, or that of instances: they are worked alike.
type List struct{ *Console }

// Servers opens the list of servers with a search; "" shows all.
func (c *Console) Servers(search string) List { c.T.Helper(); return c.list("/servers", search) }

// Instances opens the list of instances.
func (c *Console) Instances(search string) List { c.T.Helper(); return c.list("/instances", search) }

func (c *Console) list(path, search string) List {
	c.T.Helper()
	if search != "" {
		path += "?" + url.Values{"q": {search}}.Encode()
	}
	c.Open(path)
	c.visible(c.Locator("#list"), "the list at "+path)
	return List{c}
}

// Box is the search box.
func (l List) Box() playwright.Locator { return l.Locator("#q") }

// Type types a search in the place of the old one and waits for its answer.
func (l List) Type(search string) List {
	l.T.Helper()
	l.must("search for "+search, l.Box().Fill(search))
	l.Searched(search)
	return l
}

// Searched waits until the list shows what a search finds.
func (l List) Searched(search string) {
	l.T.Helper()
	want := regexp.MustCompile(`[?&]q=` + quote(url.QueryEscape(search)) + `(&|$)`)
	if search == "" {
		want = regexp.MustCompile(`^[^?]*$|^[^?]*\?sort=[a-z-]+$`)
	}
	if err := l.expect.Page(l.Page).ToHaveURL(want); err != nil {
		l.T.Fatalf("the list does not show “%s”: %v", search, err)
	}
	l.Answered()
	was := l.Locator("#filters input[name=was]")
	if err := l.expect.Locator(was).ToHaveValue(search); err != nil {
		l.T.Fatalf("the list is not the one of “%s”: %v", search, err)
	}
}

// Search is what the address says that the list shows.
func (l List) Search() string {
	l.T.Helper()
	u, err := url.Parse(l.URL())
	l.must("read the address", err)
	return u.Query().Get("q")
}

// Filter ticks values under the button of a filter and applies them.
func (l List) Filter(button string, values ...string) List {
	l.T.Helper()
	l.OpenFilter(button)
	for _, v := range values {
		l.must("tick “"+v+"”", l.Option(v).Locator("input").Check())
	}
	l.must("apply", l.Locator(".filters .menu:popover-open button[type=submit]").Click())
	l.Gone(l.Locator(".filters .menu:popover-open"), "the menu of “"+button+"”")
	l.Answered()
	return l
}

// OpenFilter opens the menu of a filter.
func (l List) OpenFilter(button string) {
	l.T.Helper()
	b := l.Locator(".filters").GetByRole("button", playwright.LocatorGetByRoleOptions{Name: starts(l.say(button))}).First()
	l.must("open “"+button+"”", b.Click())
	l.visible(l.Locator(".filters .menu:popover-open"), "the menu of “"+button+"”")
}

// Option is a value of the filter that is open.
func (l List) Option(value string) playwright.Locator {
	return l.Locator(".filters .menu:popover-open label").
		Filter(playwright.LocatorFilterOptions{HasText: regexp.MustCompile(`^\s*` + quote(l.say(value)))}).First()
}

// Counts gives how many each value of the open filter has, by its words.
func (l List) Counts() map[string]int {
	l.T.Helper()
	counts := make(map[string]int)
	options := l.Locator(".filters .menu:popover-open label:has(small)")
	n, err := options.Count()
	l.must("count the values", err)
	for i := range n {
		words, err := options.Nth(i).Locator(".st, bdi").InnerText()
		l.must("read a value", err)
		count, err := options.Nth(i).Locator("small").InnerText()
		l.must("read a count", err)
		counts[words] = number(count)
	}
	return counts
}

// Range waits until the list says exactly which rows these are.
func (l List) Range(words string) {
	l.T.Helper()
	if err := l.expect.Locator(l.Locator("#n-range")).ToHaveText(words); err != nil {
		l.T.Fatalf("the list does not say “%s”: %v", words, err)
	}
}

// Total is how many the list has on all its pages.
func (l List) Total() int {
	l.T.Helper()
	words, err := l.Locator("#n-range").TextContent()
	l.must("read how many there are", err)
	all := figures.FindAllString(words, -1)
	if len(all) == 0 {
		return 0
	}
	return number(all[len(all)-1])
}

var figures = regexp.MustCompile(`\d[\d,]*`)

func number(words string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(figures.FindString(words), ",", ""))
	if err != nil {
		return -1
	}
	return n
}

// Has waits until the list has so many in all.
func (l List) Has(total int) List {
	l.T.Helper()
	if total == 0 {
		l.visible(l.Locator("#listing .empty"), "that nothing matches")
		return l
	}
	want := regexp.MustCompile(`(^|[^\d,])` + Figure(total) + `([^\d,]|$)`)
	if err := l.expect.Locator(l.Locator("#n-range")).ToHaveText(want); err != nil {
		words, _ := l.Locator("#n-range").TextContent()
		l.T.Fatalf("the list says “%s”, want %d in all: %v", words, total, err)
	}
	return l
}

// Rows are the lines of the table.
func (l List) Rows() playwright.Locator { return l.Locator("#list tbody tr") }

// Row is the line of that id.
func (l List) Row(id string) playwright.Locator {
	return l.Locator(`#list tbody tr:has(.pickrow[value="` + id + `"])`)
}

// A Line is what a row says of a server or an instance.
type Line struct{ ID, Name, State, Address string }

// Lines are the rows of the page, from the top. State and address are empty
// where their columns are not shown.
func (l List) Lines() []Line {
	l.T.Helper()
	v, err := l.Evaluate(`() => [...document.querySelectorAll("#list tbody tr")].map(r => [r.querySelector(".pickrow").value, r.querySelector("th bdi").textContent,
		r.querySelector(".st")?.textContent ?? "", r.querySelector(".ip")?.textContent ?? ""])`)
	l.must("read the rows", err)
	var all []Line
	for _, r := range v.([]any) {
		c := r.([]any)
		all = append(all, Line{ID: c[0].(string), Name: c[1].(string), State: c[2].(string), Address: c[3].(string)})
	}
	return all
}

// Column gives what stands under a head, from the top.
func (l List) Column(head string) []string {
	l.T.Helper()
	v, err := l.Evaluate(`head => {
		const n = [...document.querySelectorAll("#list thead th")].findIndex(h => h.textContent.trim() === head);
		return n < 0 ? null : [...document.querySelectorAll("#list tbody tr")].map(r => (r.cells[n].querySelector("time")?.dateTime ?? r.cells[n].textContent).trim());
	}`, l.say(head))
	l.must("read the column “"+head+"”", err)
	if v == nil {
		l.T.Fatalf("there is no column “%s”", head)
	}
	var all []string
	for _, c := range v.([]any) {
		all = append(all, c.(string))
	}
	return all
}

// Heads are the words above the columns.
func (l List) Heads() []string {
	l.T.Helper()
	all, err := l.Locator("#list thead th").AllTextContents()
	l.must("read the heads", err)
	for n := range all {
		all[n] = strings.TrimSpace(all[n])
	}
	return all[1:] // the box that selects the page has no words
}

// Sort presses the head of a column and waits until the list is in that order.
func (l List) Sort(head, order string) List {
	l.T.Helper()
	th := l.Locator("#list thead").GetByRole("columnheader",
		playwright.LocatorGetByRoleOptions{Name: l.say(head), Exact: playwright.Bool(true)})
	l.must("sort by “"+head+"”", th.GetByRole("link").Click())
	if err := l.expect.Locator(th).ToHaveAttribute("aria-sort", order); err != nil {
		l.T.Fatalf("the list is not sorted by “%s”, %s: %v", head, order, err)
	}
	return l
}

// Pick ticks a row.
func (l List) Pick(id string) {
	l.T.Helper()
	l.must("pick "+id, l.Row(id).Locator(".pickrow").Check())
}

// PickTo ticks from the row that was ticked last to this one.
func (l List) PickTo(id string) {
	l.T.Helper()
	l.must("pick to "+id, l.Row(id).Locator(".pickrow").
		Click(playwright.LocatorClickOptions{Modifiers: []playwright.KeyboardModifier{*playwright.KeyboardModifierShift}}))
}

// Picked waits until the bar of actions says how many are selected.
func (l List) Picked(words string) List {
	l.T.Helper()
	l.SeesIn(l.Locator(".bulk .cnt"), words)
	return l
}

// Ticked counts the rows of the page that are ticked.
func (l List) Ticked() int {
	l.T.Helper()
	n, err := l.Locator("#list .pickrow:checked").Count()
	l.must("count the ticked rows", err)
	return n
}

// Do presses a button of the bar of actions.
func (l List) Do(words string) {
	l.T.Helper()
	l.must("press “"+words+"”", l.Locator(".bulk").GetByRole("button",
		playwright.LocatorGetByRoleOptions{Name: l.say(words), Exact: playwright.Bool(true)}).Click())
}

// Download gives the file that comes of what is pressed, and its name.
func (c *Console) Download(press func()) (path, name string) {
	c.T.Helper()
	d, err := c.ExpectDownload(func() error { press(); return nil })
	c.must("download", err)
	path, err = d.Path()
	c.must("keep the download", err)
	return path, d.SuggestedFilename()
}

// Dialog is the dialog that is open.
func (c *Console) Dialog() playwright.Locator { return c.Locator("dialog[open]") }

// OpenDialog follows a link that opens a dialog.
func (c *Console) OpenDialog(words string) {
	c.T.Helper()
	c.Follow(words)
	c.visible(c.Dialog(), "the dialog of “"+words+"”")
}

// Palette opens the search over everything and looks for words.
func (c *Console) Palette(words string) playwright.Locator {
	c.T.Helper()
	c.Key("ControlOrMeta+k")
	p := c.Locator("dialog.palette[open]")
	c.visible(p, "the palette")
	_, err := c.ExpectResponse(func(at string) bool {
		return strings.Contains(at, "/search?q="+strings.ReplaceAll(url.QueryEscape(words), "+", "%20"))
	}, func() error {
		return p.GetByRole("searchbox").Fill(words)
	})
	c.must("look for "+words, err)
	return p
}

// Figure is a number as the pages write it in English.
func Figure(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
