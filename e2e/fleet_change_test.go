//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"

	"sampan/e2e/pages"
)

func chooseColumns(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	list := b.Servers("")
	if heads := list.Heads(); slices.Contains(heads, "Labels") {
		t.Fatalf("the usual columns are %v", heads)
	}
	b.OpenDialog("Columns")
	b.Tick("Labels")
	if err := b.Choice("Image").Uncheck(); err != nil {
		t.Fatal(err)
	}
	b.Press("Move EIP up")
	b.Pick("On a page", "50 rows")
	b.Press("Use these columns")
	b.SeesIn(b.Locator("#n-range"), "1–50 of 1,240")
	heads := list.Heads()
	if want := []string{"Name", "State", "EIP", "Region", "vCPU, RAM", "Traffic left", "Expires", "Account",
		"Labels"}; !slices.Equal(heads, want) {
		t.Errorf("columns: %v, want %v", heads, want)
	}

	other := open(t, f.w, view{}) // another browser, a new sign-in
	other.Open("/servers")
	other.SignIn("ada", ownerPassword)
	other.SeesIn(other.Locator("#n-range"), "1–50 of 1,240")
	if kept := (pages.List{Console: other.Console}).Heads(); !slices.Equal(kept, heads) {
		t.Errorf("after a new sign-in the columns are %v", kept)
	}
	b.OpenDialog("Columns")
	b.Pick("On a page", "100 rows")
	b.Press("Back to the usual ones")
	b.SeesIn(b.Locator("#n-range"), "1–100 of 1,240")
	if heads := list.Heads(); slices.Contains(heads, "Labels") || !slices.Contains(heads, "Image") {
		t.Errorf("back to the usual ones: %v", heads)
	}
}

func saveViews(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	list := b.Servers("").Type("state:stopped account:Lab")
	total := list.Total()
	for _, v := range []struct {
		name   string
		shared bool
	}{{"Mine to look at", false}, {"For the team", true}} {
		list = b.Servers("").Type("state:stopped account:Lab").Sort("Name", "ascending").Sort("Name", "descending")
		if v.shared {
			list.Sort("Region", "ascending")
		}
		b.OpenDialog("Save view")
		b.SeesIn(b.Dialog(), "state:stopped account:Lab")
		b.Fill("Name", v.name)
		if v.shared {
			b.Tick("Show it to everybody")
		}
		if err := b.Dialog().GetByRole("button", playwright.LocatorGetByRoleOptions{Name: "Save view"}).Click(); err != nil {
			t.Fatal(err)
		}
		b.Sees("Saved as “" + v.name + "”")
		b.SeesIn(b.Locator(".tabs a[aria-current]"), v.name)
	}
	b.Servers("")
	b.SeesIn(b.Locator(".tabs a").Filter(playwright.LocatorFilterOptions{HasText: "For the team"}), "(shared)")
	b.Tab("Mine to look at")
	list.Has(total)
	if lines := list.Lines(); !slices.IsSortedFunc(lines, func(a, b pages.Line) int { return strings.Compare(b.Name, a.Name) }) {
		t.Error("the view is not in its order")
	}
	b.OpenDialog("Delete view")
	b.SeesIn(b.Dialog(), "Nobody else sees it. No server changes.")
	b.confirm()
	b.Sees("The view “Mine to look at” is deleted")
	b.Gone(b.Locator(".tabs a").Filter(playwright.LocatorFilterOptions{HasText: "Mine to look at"}), "the deleted view")
}

func labelMany(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	list := b.Servers("state:stopped")
	stopped := list.Total()
	b.Tick("Select all on this page")
	b.PressAny("Select all")
	list.Do("Labels")
	b.Fill("Add labels", "x\"y")
	b.Press("Change the labels")
	b.Sees("A label cannot hold quotes or control characters.")
	b.Fill("Add labels", "clean up, =night shift")
	b.Press("Change the labels")
	b.Sees("Labels changed on " + pages.Figure(stopped))

	b.Servers(`label:"clean up"`).Has(stopped)
	b.expect("ERR_CONNECTION_REFUSED") // of the open page's stream
	b.expect("htmx:sendError")         // of what it was just reading
	f.w.Stop()
	f.w.StartConsole()
	list = b.Servers(`label:"clean up" label:"=night shift"`).Has(stopped)
	b.Press("Export")
	file, _ := b.Download(func() { b.Follow("CSV") })
	b.Key("Escape")
	if got := column(t, file, "labels"); len(got) != stopped || got[0] != "'=night shift; clean up" {
		t.Errorf("%d rows, the first with the labels %q", len(got), got[:1])
	}
	one := list.Lines()[0]
	list.Pick(one.ID)
	list.Do("Labels")
	b.Tick("clean up")
	b.Press("Change the labels")
	b.Sees("Labels changed on 1")
	b.Servers(`label:"clean up"`).Has(stopped - 1)
	list.OpenFilter("Labels") // its button says what is set
	if n := list.Counts(); n["clean up"] != stopped-1 || n["=night shift"] != stopped {
		t.Errorf("the labels are counted as %v, want %d and %d", n, stopped-1, stopped)
	}
}

func editAServer(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	one := b.Servers("state:running account:Shop os:linux").Lines()[0]
	b.Follow(one.Name)
	names := b.Part("Name and hostname")
	change := func(field, value string) {
		b.Follow("Change the " + strings.ToLower(field))
		b.Fill(field, value)
		b.Press("Save")
	}
	change("Name", "not a name")
	b.Complains("Name", "Use 1 to 64 letters, Chinese characters, digits, “_”, “-” and “.”.")
	b.Holds("Name", "not a name")
	b.Fill("Name", "shop-window.1")
	b.Press("Save")
	b.Sees("The name was changed at Huawei.")
	b.Heading("shop-window.1") // when it was read again

	change("Description", "Sells <things>")
	b.Complains("Description", "Use up to 85 characters, without < and >.")
	b.Fill("Description", "Sells things")
	b.Press("Save")
	b.Sees("The description was changed at Huawei.")
	b.SeesIn(names, "Sells things")

	f.w.Fail("update_server", "status", map[string]any{"status": 400, "code": "Ecs.0915", "message": "The hostname is not free."})
	change("Hostname", "shop-1")
	b.Complains("Hostname", "The hostname is not free.")
	b.Holds("Hostname", "shop-1")
	b.Press("Save")
	b.Sees("The hostname was changed at Huawei. It takes effect after the next restart.")
	b.SeesIn(names, "shop-1")

	if err := b.GetByText("Add a tag").Click(); err != nil {
		t.Fatal(err)
	}
	b.Fill("Key", "_sys_x")
	b.Press("Set the tag")
	b.Complains("Key", "not beginning with “_sys_”.")
	b.Fill("Key", "season")
	b.Fill("Value", "winter")
	b.Press("Set the tag")
	b.SeesIn(b.Part("Tags in the cloud"), "season=winter")
	b.SeesIn(b.Part("History"), "Ada changed shop-window.1: Hostname to “shop-1”", "Ada set the tag season=winter")
	b.Servers("tag:season=winter").Has(1)
	b.Follow("shop-window.1")
	b.Press("Remove the tag season=winter")
	b.Gone(b.Part("Tags in the cloud").GetByText("season=winter"), "the tag")
	b.Gone(b.GetByText("was changed outside of this console"), "that somebody else made the change")
	b.Servers("tag:season=winter").Has(0)
	b.Servers("shop-window.1").Has(1)
}

func changedOutside(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	list := b.Servers("state:running account:Shop")
	running := list.Total()
	one := list.Lines()[60]
	if _, err := list.Row(one.ID).Evaluate(`e => e.scrollIntoView({block: "center"})`, nil); err != nil {
		t.Fatal(err)
	}
	scrolled := func() int {
		v, err := b.Evaluate(`() => Math.round(scrollY)`)
		if err != nil {
			t.Fatal(err)
		}
		return v.(int)
	}
	at := scrolled()
	if at < 500 {
		t.Fatalf("the page is scrolled to %d only", at)
	}
	b.Remember()
	f.w.Outside(one.ID, map[string]any{"power": "SHUTOFF", "name": "renamed-elsewhere"})
	other := b.again()
	other.Open("/servers")
	other.Press("Read again")
	b.SeesIn(list.Row(one.ID), "Stopped", "renamed-elsewhere", "no longer matches")
	b.Sees("The list has changed. Show it")
	if now := scrolled(); now != at || b.Reloaded() {
		t.Errorf("the page stands at %d, it stood at %d; loaded anew: %v", now, at, b.Reloaded())
	}
	b.Press("The list has changed. Show it")
	list.Has(running - 1)
	list = b.Servers("problem:outside").Has(1)
	b.SeesIn(list.Row(one.ID), "renamed-elsewhere", "changed outside")
	b.Follow("renamed-elsewhere")
	b.Sees("Name was changed outside of this console", "It was “"+one.Name+"” and is “renamed-elsewhere”.")
	b.Sees("was changed outside of this console")

	// The page of the server hears of it too.
	f.w.Outside(one.ID, map[string]any{"power": "ACTIVE"})
	other.Open("/servers")
	other.Press("Read again")
	b.SeesIn(b.Locator("#server-state"), "Running")
}

// fleetByKeyboard touches no mouse.
func fleetByKeyboard(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	b.Open("/")
	b.Key("g")
	b.Key("s")
	b.At("/servers")
	list := pages.List{Console: b.Console}
	list.Has(fleetSize)
	b.Key("/")
	b.hasFocus("q")
	typing := func(words string) {
		if err := b.Keyboard().Type(words); err != nil {
			t.Fatal(err)
		}
	}
	typing("state:running account:Shop")
	list.Searched("state:running account:Shop")
	total := list.Total()
	b.TabTo(b.Locator(".filters").GetByRole("button", playwright.LocatorGetByRoleOptions{Name: "Region"}), "the regions")
	b.Key("Enter")
	b.TabTo(list.Option("Singapore").Locator("input"), "Singapore")
	b.Key("Space")
	b.Key("Enter")
	b.Gone(b.Locator(".filters .menu:popover-open"), "the menu")
	b.Answered()
	if n := list.Total(); n == 0 || n >= total || !strings.Contains(list.Search(), "region:ap-southeast-3") {
		t.Errorf("%q shows %d of %d", list.Search(), n, total)
	}
	lines := list.Lines()
	b.TabTo(list.Row(lines[0].ID).Locator(".pickrow"), "the first row")
	b.Key("j")
	b.Key("x")
	b.Key("j")
	b.Key("j")
	b.Key("Shift+X")
	list.Picked("3 selected")
	b.Key("k")
	b.Key("k")
	b.Key("k")
	b.Key("Enter")
	b.Heading(lines[0].Name)
	if _, err := b.GoBack(); err != nil {
		t.Fatal(err)
	}
	list.Picked("3 selected")
	b.Key(".")
	b.hasFocusIn(".bulk")
	b.Key("Enter")
	b.Heading("Labels of 3 servers")
	b.TabTo(b.Field("Add labels"), "the label")
	typing("by-keyboard")
	b.Key("Enter")
	b.Sees("Labels changed on 3")
	b.Key("ControlOrMeta+k")
	b.hasFocusIn("dialog.palette")
	typing("label")
	b.Key("Escape")
	b.Gone(b.Dialog(), "the palette")
	b.Key("g")
	b.Key("c")
	b.At("/accounts")
	b.Key("g")
	b.Key("s")
	b.At("/servers")
	if n := list.Has(fleetSize).Ticked(); n > 3 {
		t.Errorf("%d rows are ticked", n)
	}
	b.Servers("label:by-keyboard").Has(3)
	b.Key("?")
	b.Heading("Keyboard")
	b.Key("Escape")
	b.Gone(b.Dialog(), "the list of keys")
}

// fleetPages are the pages that show the fleet, with an address that fills each.
func (b *tab) fleetPages() []string {
	b.t.Helper()
	server := b.Servers("state:running image:WordPress account:Shop").Lines()[0].ID
	instance := b.Instances("state:running traffic<70%").Lines()[0].ID
	return []string{"/", "/servers", "/servers?q=state:stopped+colour:red+traffic%3Cmuch", "/servers?q=nothing-like-this",
		"/servers/columns", "/selections/new?list=servers", "/views/new?list=servers&q=state:stopped", "/servers?q=problem:outside",
		"/instances", "/instances?q=problem:expired", "/traffic", "/traffic?view=all", "/search?q=hcss",
		"/servers/" + server, "/servers/" + server + "/names?edit=hostname", "/servers/" + server + "/raw", "/instances/" + instance,
		"/instances/" + instance + "/traffic?range=90d"}
}

// alsoInChinese looks for words on the page that is open, in Chinese.
func (b *tab) alsoInChinese(words ...string) {
	b.t.Helper()
	at := b.Path()
	b.speak("zh-Hans", "简体中文")
	b.Open(at)
	b.Sees(words...)
	b.speak("en", "English")
	b.Open(at)
}

// speak changes the language of the person.
func (b *tab) speak(lang, language string) {
	b.t.Helper()
	b.Open("/settings/you")
	if _, err := b.Locator("select[name=language]").SelectOption(playwright.SelectOptionValues{Labels: &[]string{language}}); err != nil {
		b.t.Fatalf("choose %s: %v", language, err)
	}
	if err := b.Locator("main form:has(select[name=language]) button[type=submit]").Last().Click(); err != nil {
		b.t.Fatal(err)
	}
	if err := b.Locator("html[lang='" + lang + "']").WaitFor(); err != nil {
		b.t.Fatalf("the pages are not in %s: %v", language, err)
	}
}

func fleetInChinese(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	all := b.fleetPages()
	b.speak("zh-Hans", "简体中文")
	for _, path := range all {
		b.Open(path)
		b.onlyIn("zh-Hans", path)
	}
	list := b.Servers("")
	list.OpenFilter("状态")
	stopped := list.Counts()["已停止"]
	b.onlyIn("zh-Hans", "the states")
	b.Key("Escape")
	list.Filter("状态", "已停止").Has(stopped)
	list.Pick(list.Lines()[0].ID)
	b.onlyIn("zh-Hans", "a selection")
	b.speak("en", "English")
}

func fleetFromRightToLeft(t *testing.T, f fleet) {
	b := f.tab(t, view{})
	all := b.fleetPages()
	b.speak("ar-XB", "Pseudo (right-to-left)")
	for _, path := range all {
		b.Open(path)
		b.onlyIn("ar-XB", path)
	}
	list := b.Servers("")
	one := list.Lines()[0]
	list.Pick(one.ID)
	b.onlyIn("ar-XB", "a selection")
	name, err := list.Row(one.ID).Locator("th").BoundingBox()
	if err != nil {
		t.Fatal(err)
	}
	state, err := list.Row(one.ID).Locator(".st").BoundingBox()
	if err != nil {
		t.Fatal(err)
	}
	if name.X < state.X {
		t.Errorf("the name stands at %v, left of the state at %v", name.X, state.X)
	}
	if words, err := list.Row(one.ID).Locator(".ip").First().Evaluate(`e => getComputedStyle(e).direction`, nil); err != nil ||
		words != "ltr" {
		t.Errorf("an address runs %v, %v", words, err)
	}
	b.speak("en", "English")
}
