//go:build e2e

package e2e

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
	"github.com/xuri/excelize/v2"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

// fleet is a world with 1,240 servers in six regions and three accounts, one of
// which cannot be read any more, as one person sees it.
type fleet struct {
	w        *world.World
	signedIn *playwright.StorageState
}

// fleetLabels are what the accounts of world.FleetAccounts are called here. The
// last one loses its key.
var fleetLabels = []string{"Shop", "Lab", "Old"}

const fleetSize = 1240

// formula is what somebody called the instance with the address formulaAt.
const formula, formulaAt = `=SUM(1+2)`, "198.18.0.10"

// TestAFleet is one console that shows a large fleet, and what people do with
// it. Those who only look do so at the same time; then come those who change
// something, one after the other.
func TestAFleet(t *testing.T) {
	t.Parallel()
	f := openFleet(t)
	t.Run("look", func(t *testing.T) {
		for name, journey := range map[string]func(*testing.T, fleet){
			"find one":           findOne,
			"narrow by controls": narrowByControls,
			"type a query":       typeAQuery,
			"sort and page":      sortAndPage,
			"select":             selectMany,
			"export":             export,
			"one instance":       oneInstance,
			"traffic":            trafficOfAll,
			"overview":           overviewLeadsOn,
			"palette":            palette,
			"on a phone":         fleetOnAPhone,
			"without JavaScript": fleetWithoutJavaScript,
			"every look":         fleetInEveryLook,
		} {
			t.Run(name, func(t *testing.T) { t.Parallel(); journey(t, f) })
		}
	})
	for _, j := range []struct {
		name    string
		journey func(*testing.T, fleet)
	}{
		{"choose columns", chooseColumns}, {"save views", saveViews}, {"label many", labelMany}, {"edit a server", editAServer},
		{"a change made outside", changedOutside}, {"keyboard only", fleetByKeyboard}, {"in Chinese", fleetInChinese}, {"from right to left", fleetFromRightToLeft},
	} {
		t.Run(j.name, func(t *testing.T) { j.journey(t, f) })
	}
}

// openFleet connects the accounts, waits until all is read, and then takes the
// key of the last one away while its list is open.
func openFleet(t *testing.T) fleet {
	t.Helper()
	w := world.Start(t, towards(), world.Env("CONSOLE_PSEUDO_LANGUAGE=on"))
	w.Fleets()
	w.Outside(formulaAt, map[string]any{"instance_name": formula})
	b := open(t, w, view{})
	b.SetUp(world.SetupCode)
	b.CreateOwner(pages.Ada(ownerPassword))
	for n, a := range world.FleetAccounts {
		key := w.Account(a.Name)
		if n > 0 {
			b.Connect()
		}
		b.WithKey(fleetLabels[n], key.KeyID, key.KeySecret)
		b.CheckThis()
		b.SeesIn(b.CheckLine("Sign-in"), "Huawei accepts the sign-in")
		if n == 0 {
			b.Follow("Open the console")
		}
	}
	list := b.Servers("").Has(fleetSize) // by itself, while the page is open
	read := b.again()
	read.Open("/traffic?view=all")
	read.Sees("1–100 of 1,240")
	read.Gone(read.GetByText("Nothing is known of"), "that packages are unread") // billing comes last

	b.Remember()
	last := world.FleetAccounts[len(fleetLabels)-1]
	w.Revoke(last.Name)
	read.Servers("").Press("Read again")
	b.Sees("Old can’t be read, since today at")
	b.SeesIn(b.Locator("#banners"), "Huawei Cloud does not accept the stored access key.", "Its servers stay, as of today at")
	if b.Reloaded() {
		t.Error("the list was loaded anew")
	}
	list.Has(fleetSize)
	b.Servers("account:Old").Has(last.Servers)
	b.Gone(b.Locator("#sources .note"), "what the banner says already")

	state, err := b.Context().StorageState()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Context().Close(); err != nil {
		t.Fatal(err)
	}
	return fleet{w: w, signedIn: state}
}

// tab opens a browser that is signed in.
func (f fleet) tab(t *testing.T, v view) *tab {
	t.Helper()
	v.signedIn = f.signedIn
	return open(t, f.w, v)
}

func findOne(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	list := b.Servers("state:running")
	one := list.Lines()[7]
	list.Type(one.Name[len(one.Name)-4:]) // part of a name
	if n := list.Total(); n < 1 || n > 20 {
		t.Errorf("%d servers have %q somewhere, want a few", n, one.Name[len(one.Name)-4:])
	}
	b.SeesIn(list.Row(one.ID), one.Name, one.Address)

	list.Type(one.Address)
	b.SeesIn(list.Row(one.ID), one.Name, one.Address)
	for _, l := range list.Lines() {
		if !strings.HasPrefix(l.Address, one.Address) {
			t.Errorf("%s is found, which has the address %s, not %s", l.Name, l.Address, one.Address)
		}
	}
	list.Type(one.ID).Has(1)
	b.SeesIn(list.Row(one.ID), one.Name)
	list.Type("nothing-is-called-this").Has(0)
	b.Sees("Nothing matches", "1,240 servers are hidden by the filters.")
	b.Follow("Clear the filters")
	list.Has(fleetSize)
}

func narrowByControls(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	list := b.Servers("")
	list.OpenFilter("State")
	sum := 0
	for _, n := range list.Counts() {
		sum += n
	}
	if sum != fleetSize {
		t.Errorf("the states are of %d servers in all, want %d", sum, fleetSize)
	}
	b.Key("Escape")
	for _, choice := range []struct{ button, value string }{{"State", "Stopped"}, {"Region", "Singapore"}, {"Expires", "within 90 days"},
		{"Account", "Shop"}, {"Image", "WordPress"}} {
		if list.Total() < 2 {
			break // a filter is offered where there is a choice
		}
		list.OpenFilter(choice.button)
		counts := list.Counts()
		b.Key("Escape")
		if counts[choice.value] == 0 {
			continue // this fleet has none left; the other values are hidden then
		}
		list.Filter(choice.button, choice.value).Has(counts[choice.value])
	}
	for n, s := range list.Column("State") {
		if region := list.Column("Region")[n]; s != "Stopped" || region != "Singapore" {
			t.Errorf("row %d is %s in %s", n+1, s, region)
		}
	}
	if got := list.Search(); !strings.HasPrefix(got, "state:stopped region:ap-southeast-3") {
		t.Errorf("the address says %q", got)
	}
	b.Follow("Clear")
	list.Has(fleetSize)
	list.Filter("State", "Stopped", "Faulty")
	total := list.Total()
	b.Servers("state:stopped,faulty").Has(total)
	if stopped, faulty := b.Servers("state:stopped").Total(), b.Servers("state:faulty").Total(); stopped+faulty != total {
		t.Errorf("%d are stopped, %d faulty, together %d", stopped, faulty, total)
	}
}

func typeAQuery(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	list := b.Servers("").Type("region:ap-southeast-3 expires<30d traffic<90% state:stopped")
	for n, state := range list.Column("State") {
		if region := list.Column("Region")[n]; state != "Stopped" || region != "Singapore" {
			t.Errorf("row %d is %s in %s", n+1, state, region)
		}
	}
	stopped := b.Servers("state:stopped").Total()
	list = b.Servers("")
	const wrong = "state:stopped colour:red"
	if err := list.Box().Fill(wrong); err != nil {
		t.Fatal(err)
	}
	b.Sees("Part of this search is not understood") // and no rows: the rest of it would show more
	b.SeesIn(b.Locator(".filters .err"), "“colour:” is not something to search by. Use one of: region, state,")
	if v, err := list.Box().InputValue(); err != nil || v != wrong {
		t.Errorf("the box holds %q, %v", v, err)
	}
	if _, err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	if v, err := list.Box().InputValue(); err != nil || v != wrong {
		t.Errorf("after a reload the box holds %q, %v", v, err)
	}
	b.Sees("Part of this search is not understood")
	list.Type("state:stopped account:Lab")
	b.Gone(b.Locator(".filters .err"), "the sentence about the wrong term")
	if n := list.Total(); n == 0 || n >= stopped {
		t.Errorf("%d are stopped in one account, %d in all", n, stopped)
	}
}

func sortAndPage(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	list := b.Servers("").Sort("Name", "ascending")
	first := list.Lines()
	if !slices.IsSortedFunc(first, func(a, b pages.Line) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the first page is not in the order of the names")
	}
	b.Follow("Next")
	list.Range("100 of 1,240")
	second := list.Lines()
	if len(second) != 100 || second[0].Name < first[99].Name || !strings.Contains(b.URL(), "after=") {
		t.Errorf("at %s stand %d rows, the first is %s", b.URL(), len(second), second[0].Name)
	}
	if _, err := b.GoBack(); err != nil {
		t.Fatal(err)
	}
	b.SeesIn(b.Locator("#n-range"), "1–100 of 1,240")
	if back := list.Lines(); !slices.Equal(back, first) {
		t.Error("Back shows other rows")
	}
	b.Follow("Next")
	list.Range("100 of 1,240")
	b.Follow("Previous")
	b.SeesIn(b.Locator("#n-range"), "1–100 of 1,240")
	if back := list.Lines(); !slices.Equal(back, first) {
		t.Error("Previous shows other rows")
	}
	list.Sort("Name", "descending")
	if top := list.Lines()[0].Name; top < second[0].Name {
		t.Errorf("turned around, %s comes first", top)
	}
	list.Sort("Expires", "ascending")
	if dates := list.Column("Expires"); !slices.IsSorted(dates) {
		t.Errorf("not sorted by the end of the term: %v", dates)
	}
	if heads := list.Heads(); !slices.Contains(heads, "Account") {
		t.Errorf("with several accounts the columns are %v", heads)
	}
	b.Instances("").Sort("Server inside", "ascending").Sort("Instance", "ascending")
	if lines := list.Lines(); len(lines) != 100 ||
		!slices.IsSortedFunc(lines, func(a, b pages.Line) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("%d instances, not in the order of their names", len(lines))
	}
}

func selectMany(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	list := b.Servers("")
	here := list.Lines()
	list.Pick(here[2].ID)
	list.PickTo(here[6].ID)
	list.Picked("5 selected")
	b.Follow("Next")
	list.Range("100 of 1,240")
	there := list.Lines()
	list.Pick(there[0].ID)
	list.Picked("6 selected · 5 not on this page")
	list.Type("state:stopped")
	list.Picked("6 selected")
	list.Type("")
	if n := list.Picked("6 selected").Ticked(); n != 5 {
		t.Errorf("back on the first page %d rows are ticked, want 5", n)
	}
	file, _ := b.Download(func() { list.Do("CSV") })
	if got := column(t, file, "server_id"); !slices.Equal(sorted(got), sorted(ids(append(here[2:7:7], there[0])))) {
		t.Errorf("the file has %v", got)
	}

	list.Type("state:stopped")
	stopped := list.Total()
	b.PressAny("Select all")
	list.Picked(regexp.MustCompile(`\d+`).FindString(b.rangeWords())) // as many as match
	skip := list.Lines()[0]
	if err := list.Row(skip.ID).Locator(".pickrow").Uncheck(); err != nil {
		t.Fatal(err)
	}
	file, _ = b.Download(func() { list.Do("CSV") })
	if got := column(t, file, "server_id"); len(got) != stopped-1 || slices.Contains(got, skip.ID) {
		t.Errorf("all but one of %d: the file has %d, that one %v", stopped, len(got), slices.Contains(got, skip.ID))
	}
	b.Press("Clear the selection")
	if n := list.Ticked(); n != 0 {
		t.Errorf("%d rows are ticked after the selection was cleared", n)
	}

	b.OpenDialog("Paste a list")
	b.Fill("Names, ids or addresses", here[0].Name+"\n"+there[1].ID+", "+here[3].Address+"\nnobody-is-called-this")
	b.Press("Select them")
	b.Sees("3 selected from the pasted list.", "1 name was not found")
	if got := ids(list.Lines()); !slices.Equal(sorted(got), sorted([]string{here[0].ID, there[1].ID, here[3].ID})) {
		t.Errorf("the list shows %v", got)
	}
	list.Do("Labels")
	b.Heading("Labels of 3 servers")
	b.Follow("Cancel")
	b.Sees("3 selected.")
	b.Follow("Back to the whole list")
	list.Has(fleetSize)
}

// rangeWords are what stands under the list.
func (b *tab) rangeWords() string {
	b.t.Helper()
	words, err := b.Locator("#n-range").TextContent()
	if err != nil {
		b.t.Fatal(err)
	}
	return words
}

func ids(lines []pages.Line) []string {
	var all []string
	for _, l := range lines {
		all = append(all, l.ID)
	}
	return all
}

func sorted(all []string) []string { return slices.Sorted(slices.Values(all)) }

// table reads a CSV file, by the words of its first line.
func table(t *testing.T, path string) []map[string]string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
	if err != nil || len(lines) == 0 {
		t.Fatalf("%s: %v, %d lines", path, err, len(lines))
	}
	var all []map[string]string
	for _, l := range lines[1:] {
		row := make(map[string]string)
		for n, v := range l {
			row[lines[0][n]] = v
		}
		all = append(all, row)
	}
	return all
}

func column(t *testing.T, path, name string) []string {
	t.Helper()
	var all []string
	for _, r := range table(t, path) {
		all = append(all, r[name])
	}
	return all
}

func export(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	b.Servers("")
	get := func(kind string) (string, string) {
		return b.Download(func() {
			b.Press("Export")
			b.Follow(kind)
			b.Key("Escape")
		})
	}
	file, name := get("CSV")
	rows := table(t, file)
	if len(rows) != fleetSize || !strings.HasPrefix(name, "servers-") || !strings.HasSuffix(name, ".csv") {
		t.Errorf("%s has %d rows", name, len(rows))
	}
	accounts := make(map[string]int)
	for _, r := range rows {
		accounts[r["account"]]++
		if r["address"] == formulaAt && r["instance_name"] != "'"+formula {
			t.Errorf("the formula stands in the file as %q", r["instance_name"])
		}
		for key, v := range r {
			if v != "" && strings.ContainsRune("=+-@", rune(v[0])) {
				t.Fatalf("%s of %s is %q, a formula", key, r["name"], v)
			}
		}
	}
	for n, a := range world.FleetAccounts {
		if accounts[fleetLabels[n]] != a.Servers {
			t.Errorf("%d rows are of %s, want %d", accounts[fleetLabels[n]], fleetLabels[n], a.Servers)
		}
	}
	list := b.Servers("state:stopped")
	stopped := list.Total()
	file, _ = get("JSON")
	raw, err := os.ReadFile(file)
	var things []map[string]any
	if err == nil {
		err = json.Unmarshal(raw, &things)
	}
	if err != nil || len(things) != stopped || things[0]["state"] != "stopped" || things[0]["address"] == nil {
		t.Errorf("JSON: %d of %d, %v, the first is %v", len(things), stopped, err, things[:min(1, len(things))])
	}
	file, name = get("Excel")
	if n := sheetRows(t, file); n != stopped+1 || !strings.HasSuffix(name, ".xlsx") {
		t.Errorf("%s has %d rows, want %d and the head", name, n, stopped)
	}
}

// sheetRows counts the rows of a workbook's sheet and fails when a cell holds a
// formula.
func sheetRows(t *testing.T, path string) int {
	t.Helper()
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	rows, err := book.GetRows(book.GetSheetName(0))
	if err != nil {
		t.Error(err)
	}
	return len(rows)
}

func oneInstance(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	const which = "state:running autorenew:no traffic<70% account:Shop"
	list := b.Instances(which)
	one := list.Lines()[0]
	if err := list.Row(one.ID).Locator("td a").Click(); err != nil {
		t.Fatal(err)
	}
	b.SeesIn(b.Part("The package it is in"), one.Name, "Traffic left")
	b.Instances(which)
	b.Follow(one.Name)
	b.Heading(one.Name)
	b.SeesIn(b.Part("What it is"), "Instance ID", one.ID, "Region", "Size", "Image", "env=")
	b.SeesIn(b.Part("Term"), "Expires", "Auto-renew", "Off",
		"After that Huawei deletes the server, its disks, its address and its backups for good.")
	b.SeesIn(b.Part("In the package"), "Cloud server", "Disk", "Data package", "Public address (EIP)", "Bandwidth")
	b.SeesIn(b.Part("Orders"), "Bought outside of this console")
	panel := b.Part("Traffic")
	b.SeesIn(panel, "Left", "outbound only", "Runs out", "Cycle", "by Huawei’s own times")
	if err := panel.GetByText("Show numbers").Click(); err != nil {
		t.Fatal(err)
	}
	b.SeesIn(panel.GetByRole("table"), "Used until then")
	if err := panel.GetByRole("link", playwright.LocatorGetByRoleOptions{Name: "90 days"}).Click(); err != nil {
		t.Fatal(err)
	}
	b.SeesIn(b.Locator("#traffic figcaption"), "Used a day")

	b.Open("/instances/" + one.ID)
	if err := b.GetByText("Sources of these facts").Click(); err != nil {
		t.Fatal(err)
	}
	b.SeesIn(b.GetByRole("table", playwright.PageGetByRoleOptions{}).First(), "List of instances", "Billing")
	if err := b.GetByText("Raw data from Huawei").Click(); err != nil {
		t.Fatal(err)
	}
	b.SeesIn(b.Locator("#raw"), one.ID)
	if err := b.Part("Servers in it").GetByRole("link").Click(); err != nil {
		t.Fatal(err)
	}
	b.SeesIn(b.Part("The package it is in"), one.Name, "Traffic left")
	b.SeesIn(b.Part("Metrics"), "CPU", "Network out")
	b.Press("Test the ports")
	b.SeesIn(b.Part("Reachable from here?"), "Tried", "from where the console runs.")
}

func trafficOfAll(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	b.Open("/")
	b.Go("Traffic")
	b.Heading("Traffic")
	for _, view := range []string{"Under 10%", "Used up", "All", "Will run out"} {
		b.Tab(view)
		tab := b.Locator("main nav a[aria-current]").First()
		b.SeesIn(tab, view)
		words, err := tab.TextContent()
		if err != nil {
			t.Fatal(err)
		}
		of := regexp.MustCompile(`[\d,]+$`).FindString(strings.TrimSpace(words))
		if n, err := strconv.Atoi(of); err == nil && n <= 100 { // else the pager says it
			if rows, err := b.Locator("#traffic-list tbody tr").Count(); err != nil || rows != n {
				t.Errorf("“%s” shows %d lines, %v, want %d", view, rows, err, n)
			}
		} else {
			b.Sees("of " + of)
		}
		if view == "All" && of != "1,240" {
			t.Errorf("%s packages in all", of)
		}
	}
	b.Tab("All")
	b.Sees("1–100 of 1,240")
	const order = `() => [...document.querySelectorAll("#traffic-list tbody tr")].map(r => r.cells[4].textContent.trim())`
	v, err := b.Evaluate(order)
	if err != nil {
		t.Fatal(err)
	}
	rank := -1
	for n, said := range v.([]any) { // what is used up, then what runs out, then the rest
		r := 2
		switch words := said.(string); {
		case strings.HasPrefix(words, "used up"):
			r = 0
		case strings.Contains(words, "before the reset") && !strings.HasPrefix(words, "not "):
			r = 1
		}
		if r < rank {
			t.Errorf("line %d says %q, after one that is less urgent", n+1, said)
		}
		rank = r
	}
	b.Follow("Next")
	b.Sees("101–200 of 1,240")
}

func overviewLeadsOn(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	b.Open("/")
	b.SeesIn(b.Part("Fleet"), "1,240", "Bangkok", "São Paulo", "can’t be read")
	items, err := b.Locator(".todo-list li").Count()
	if err != nil || items < 4 {
		t.Fatalf("%d things need attention, %v", items, err)
	}
	for n := range items {
		b.Open("/")
		item := b.Locator(".todo-list li").Nth(n)
		title, err := item.Locator("b").TextContent()
		if err != nil {
			t.Fatal(err)
		}
		if err := item.Locator(".row a").Click(); err != nil {
			t.Fatal(err)
		}
		count := regexp.MustCompile(`^[\d,]+`).FindString(title)
		switch path := b.Path(); {
		case strings.HasPrefix(path, "/accounts/"):
			b.Heading("Replace the key")
		case path == "/sign-in/again": // on a slow machine these journeys take longer than a password counts
			b.Heading("Enter your password again")
		case strings.HasPrefix(path, "/orders"):
			b.Heading("Progress")
		case path == "/traffic":
			b.SeesIn(b.Locator("main nav a[aria-current]").First(), count)
		case path == "/servers" || path == "/instances":
			if got := (pages.List{Console: b.Console}).Total(); strconv.Itoa(got) != strings.ReplaceAll(count, ",", "") {
				t.Errorf("“%s” leads to %d", title, got)
			}
		case count != "1" || !strings.HasPrefix(path, "/servers/") && !strings.HasPrefix(path, "/instances/"):
			t.Errorf("“%s” leads to %s", title, path)
		}
	}
	b.Open("/")
	if err := b.Part("Fleet").GetByRole("link", playwright.LocatorGetByRoleOptions{Name: "Old", Exact: playwright.Bool(true)}).
		Click(); err != nil {
		t.Fatal(err)
	}
	(pages.List{Console: b.Console}).Has(world.FleetAccounts[2].Servers)
}

func palette(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	one := b.Servers("state:running account:Shop").Lines()[0]
	b.Open("/settings/you")
	p := b.Palette(one.Address)
	b.SeesIn(p.Locator("#found li a").First(), one.Name)
	b.Key("Enter")
	b.At("/servers/" + one.ID)

	name := b.Instances("account:Lab state:running").Lines()[0].Name
	p = b.Palette(name)
	b.SeesIn(p, name)
	b.Key("ArrowDown")
	b.Key("Enter")
	b.SeesIn(b.Part("The package it is in"), name)

	p = b.Palette("traff")
	b.SeesIn(p.Locator("#found li a").First(), "Traffic")
	b.Key("Enter")
	b.At("/traffic")

	order := b.WordPress().Named("found-by-letters", "1").Review().PayLater().Path()
	b.Open("/")
	p = b.Palette("found-by")
	b.SeesIn(p, "Orders", "found-by-letters")
	b.Key("Enter")
	b.At(order)

	p = b.Palette("hcss")
	b.SeesIn(p, "1,240 servers")
	if err := p.GetByRole("link", playwright.LocatorGetByRoleOptions{Name: "Show all"}).Click(); err != nil {
		t.Fatal(err)
	}
	(pages.List{Console: b.Console}).Has(fleetSize)
	p = b.Palette("nothing-is-called-this")
	b.SeesIn(p, "Nothing is called that here.")
	b.Key("Escape")
	b.Gone(b.Locator("dialog.palette[open]"), "the palette")
}

func fleetOnAPhone(t *testing.T, f fleet) {
	b := f.tab(t, view{width: 390, height: 844, dark: true})
	list := b.Servers("")
	b.noSidewaysScroll("the list of servers")
	list.Filter("State", "Stopped")
	stopped := list.Total()
	b.noSidewaysScroll("the filtered list")
	one := list.Lines()[0]
	list.Pick(one.ID)
	list.Picked("1 selected")
	b.noSidewaysScroll("the list with a selection")
	list.Type(one.Address)
	b.Follow(one.Name)
	b.Heading(one.Name)
	b.SeesIn(b.Part("Sign in to it"), one.Address)
	b.noSidewaysScroll("a server")
	b.Follow("Everything in it")
	b.Heading("In the package")
	b.noSidewaysScroll("an instance")
	b.Go("Traffic")
	b.Heading("Traffic")
	b.noSidewaysScroll("the traffic")
	b.Go("Overview")
	b.Heading("Overview")
	b.noSidewaysScroll("the overview")
	b.Go("Servers")
	list.Has(fleetSize)
	b.Tab("Stopped but paid")
	list.Has(stopped)
}

func fleetWithoutJavaScript(t *testing.T, f fleet) {
	b := f.tab(t, view{noScript: true})
	list := b.Servers("")
	b.Fill("Search the list", "state:stopped region:ap-southeast-3")
	b.Key("Enter")
	b.SeesIn(b.Locator(".tabs"), "Save view")
	for n, state := range list.Column("State") {
		if region := list.Column("Region")[n]; state != "Stopped" || region != "Singapore" {
			t.Errorf("row %d is %s in %s", n+1, state, region)
		}
	}
	b.Fill("Search the list", "state:asleep region:ap-southeast-3")
	b.Key("Enter")
	b.SeesIn(b.Locator(".filters .err"), "“asleep” is not a value of “state:”.")
	b.Holds("Search the list", "region:ap-southeast-3 state:asleep")
	list = b.Servers("").Filter("Region", "Singapore")
	singapore := list.Total()
	if got := list.Search(); got != "region:ap-southeast-3" || singapore >= fleetSize {
		t.Errorf("the address says %q, the list has %d", got, singapore)
	}
	list.Sort("Name", "ascending")
	b.Follow("Next")
	list.Range("100 of " + pages.Figure(singapore))
	if len(list.Lines()) != 100 || !strings.Contains(b.URL(), "after=") {
		t.Errorf("%d rows at %s", len(list.Lines()), b.URL())
	}
	two := list.Lines()[:2]
	list.Pick(two[0].ID)
	list.Pick(two[1].ID)
	file, _ := b.Download(func() { list.Do("CSV") })
	if got := column(t, file, "server_id"); !slices.Equal(sorted(got), sorted(ids(two))) {
		t.Errorf("the file has %v", got)
	}
	b.Follow(b.Servers("state:running account:Shop").Lines()[0].Name)
	b.Follow("Change the description")
	b.Heading("Name and hostname")
	b.Follow("Keep it as it is")
	for _, path := range []string{"/", "/instances", "/traffic", "/search?q=hcss", "/servers/columns", "/selections/new?list=servers"} {
		if status := b.Answer(path); status != 200 {
			t.Errorf("%s answers %d without JavaScript", path, status)
		}
	}
}

// fleetInEveryLook is the sweep over the pages that a large fleet fills.
func fleetInEveryLook(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	sources := map[string]string{}
	look := func(name string) { b.inEveryLook(name); sources[name] = b.source() }
	list := b.Servers("")
	here := list.Lines()
	list.Pick(here[0].ID)
	list.PickTo(here[20].ID)
	look("servers, some selected")
	list.Type("nothing-like-this colour:red")
	list.Has(0)
	look("servers, none found, a wrong term")
	b.Instances("state:faulty,frozen")
	look("instances")
	b.Open("/traffic?view=all")
	look("traffic")
	one := b.Servers("state:running image:WordPress account:Shop").Lines()[0]
	b.Follow(one.Name)
	b.SeesIn(b.Part("Metrics"), "CPU")
	b.Follow("Change the hostname")
	b.Sees("Keep it as it is")
	look("server, a line open")
	b.Follow("Everything in it")
	b.Heading("In the package")
	look("instance")
	valid(t, sources)
}
