package servers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
	"sampan/web/static"
	"sampan/web/templates/text"
)

func TestServers(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 30)
	doc := c.Get("/servers").Want(http.StatusOK).Page()
	if n := doc.Find("tbody tr").Length(); n != 30 {
		t.Fatalf("rows: got %d, want 30", n)
	}
	first := doc.Find("tbody tr").First()
	if name, href := first.Find("th a").Text(), first.Find("th a").AttrOr("href", ""); name != "shop-000" || href == "" {
		t.Errorf("the first row is %q, leading to %q; want the one that expires first", name, href)
	}
	for selector, words := range map[string]string{
		"h1": "Servers", "tbody tr:nth-child(1) .s": "Running", "tbody tr:nth-child(2) .s": "Stopped",
		"tbody tr:nth-child(2) .p2": "Singapore", "tbody tr:nth-child(2) .b button.ip": "203.0.113.2",
		"tbody tr:nth-child(2) .p3": "2, 8 GiB", "tbody tr:nth-child(2) .el:not(.a)": "WordPress",
		"tbody tr:nth-child(2) .e.c-bad time": "24 Nov", "tbody tr:nth-child(5) .e:not(.c-warn):not(.c-bad) time.auto": "27 Nov",
		"tbody tr:nth-child(6) .e.c-warn": "28 Nov", "tbody tr:nth-child(3) .c": "40 GB", "thead [aria-sort=ascending]": "Expires",
		".pager": "30 servers", "#age": "Read from Huawei 3 min ago", ".tabs [aria-current]": "All 30",
		"#f-state": "Running", ".nav [aria-current]": "Servers30",
	} {
		webtest.Says(t, doc, selector, words)
	}
	if got := doc.Find("tbody tr:nth-child(3) progress").AttrOr("class", ""); got != "t-bad" {
		t.Errorf("2 %% of the traffic is left: the bar is %q", got)
	}
	age := doc.Find("#age time[data-relative]")
	if at, err := time.Parse(time.RFC3339, age.AttrOr("datetime", "")); err != nil ||
		age.AttrOr("title", "") != text.New(text.English, webtest.HongKong).Exact(at) {
		t.Errorf("the age is of %q (%v), in its tooltip %q", age.AttrOr("datetime", ""), err, age.AttrOr("title", ""))
	}
	if doc.Find("tbody [hx-get], tbody svg, tbody [style]").Length() > 0 {
		t.Error("rows have htmx attributes, pictures or styles")
	}
	c.Header.Set("HX-Request", "true")
	if part := c.Get("/servers"); strings.Contains(part.Body, "<html") || part.Page().Find("#listing").Length() != 1 {
		t.Error("htmx does not get the listing alone")
	}
}

// Servers that do not answer are found like those with any other problem: by a
// term, a control with its count, and a column.
func TestSilentServersAreListed(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 60)
	c.Instances.Picture()
	tried := make(map[string]string)
	for i := range 60 { // the odd ones are stopped
		tried[fmt.Sprintf("s%03d", i)] = fmt.Sprintf("203.0.113.%d", i+1)
	}
	c.Instances.Service.SetUnanswered(tried)
	doc := c.Get("/servers?q=problem:silent").Want(http.StatusOK).Page()
	if got := doc.Find("tbody tr").Length(); got != 30 {
		t.Errorf("got %d rows, want all 30", got)
	}
	webtest.Says(t, doc, "button[popovertarget=f-more].set", "Problem: Does not answer")
	webtest.Says(t, doc, "#f-more label:has(input[name=problem][value=silent][checked])", "Does not answer 30")
	c.Post("/servers/columns", "col", "problem").Want(http.StatusSeeOther, "/servers")
	webtest.Says(t, c.Get("/servers?q=problem:silent").Page(), "tbody tr:last-child", "Does not answer")
}

func TestASearchNarrowsTheList(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 30)
	doc := c.Get("/servers?q=" + url.QueryEscape("state:stopped region:me-east-1") + "&sort=-name").Want(http.StatusOK).Page()
	var names []string
	doc.Find("tbody th bdi").Each(func(_ int, s *goquery.Selection) { names = append(names, s.Text()) })
	if got := strings.Join(names, " "); got != "shop-027 shop-021 shop-015 shop-009 shop-003" {
		t.Errorf("rows: %s", got)
	}
	if got := doc.Find("input[name=state][checked]").AttrOr("value", ""); got != "stopped" {
		t.Errorf("the ticked state is %q", got)
	}
	webtest.Says(t, doc, "button[popovertarget=f-state].set", "State: Stopped")
	webtest.Says(t, doc, "button[popovertarget=f-region].set", "Region: Riyadh")
	if got := doc.Find("th[aria-sort=descending] a").AttrOr("href", ""); !strings.Contains(got, "sort=name") ||
		!strings.Contains(got, "q=state") {
		t.Errorf("the sorted column leads to %q", got)
	}
	if doc.Find(".tabs a[href*='/views/new'][data-dialog]").Length() != 1 {
		t.Error("the view cannot be saved")
	}
	doc = c.Get("/servers?q=nothing-like-it").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "#list .empty", "30 servers are hidden by the filters.")
	doc = c.Get("/servers?q=" + url.QueryEscape("state:asleep shop")).Want(http.StatusOK).Page()
	if doc.Find("#q[aria-invalid=true]").Length() != 1 || doc.Find(".filters .err p").Length() != 1 || doc.Find("tbody tr").Length() != 0 {
		t.Error("a term that cannot be read is not said, or rows are shown as if it were not there")
	}
	webtest.Says(t, doc, "#list .empty", webtest.Word("servers.unread"))
	c.Get("/servers.csv?q=" + url.QueryEscape("state:asleep shop")).Want(http.StatusUnprocessableEntity)
	c.Post("/selections", "list", "servers", "all", "1", "q", "state:asleep shop").Want(http.StatusUnprocessableEntity)
	c.Post("/views", "list", "servers", "name", "mine", "q", "state:asleep shop").Want(http.StatusUnprocessableEntity)
	webtest.Says(t, c.Get("/traffic?q="+url.QueryEscape("regio:x")).Want(http.StatusOK).Page(), "main", webtest.Word("servers.unread"))
}

// Every row is met once, forwards and backwards.
func TestPagesFollowEachOther(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 130)
	c.Post("/servers/columns", "perpage", "50", "col", "state").Want(http.StatusSeeOther, "/servers")
	walk := func(from, rel string) (pages int, names []string) {
		for at := from; at != ""; pages++ {
			doc := c.Get(at).Want(http.StatusOK).Page()
			doc.Find("tbody th bdi").Each(func(_ int, s *goquery.Selection) { names = append(names, s.Text()) })
			at = doc.Find(".pager a[rel="+rel+"]").AttrOr("href", "")
			if at == "" || pages > 5 {
				from = ""
				break
			}
		}
		return pages + 1, names
	}
	pages, names := walk("/servers?sort=name", "next")
	if pages != 3 || len(names) != 130 || names[0] != "shop-000" || names[129] != "shop-129" {
		t.Fatalf("forwards: %d pages, %d rows", pages, len(names))
	}
	doc := c.Get("/servers?sort=name").Page()
	webtest.Says(t, doc, "#n-range", "1–50 of 130")
	last := c.Get(c.Get(doc.Find(".pager a[rel=next]").AttrOr("href", "")).Page().Find(".pager a[rel=next]").AttrOr("href", "")).Page()
	webtest.Says(t, last, "#n-range", "101–130 of 130")
	if back := last.Find(".pager a[rel=prev]").AttrOr("href", ""); back == "" {
		t.Error("no way back")
	} else if n := c.Get(back).Page().Find("tbody th bdi").First().Text(); n != "shop-050" {
		t.Errorf("the page before begins with %s", n)
	}
}

func TestInstancesList(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 4)
	c.Instances.GivenRows = append(c.Instances.GivenRows, webtest.ManyInstances(1)...) // bought, its server not known yet
	doc := c.Get("/instances?sort=name").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "tbody tr:nth-child(1) th a[href='/instances/i000']", "pack-000")
	webtest.Says(t, doc, "tbody tr:nth-child(1) .b a[href='/servers/i000']", "shop-000") // the instance's id leads to its server
	webtest.Says(t, doc, "tbody tr:nth-child(5) th a[href='/instances/i0']", "shop-000")
	if got := doc.Find("tbody tr:nth-child(1) input").AttrOr("value", ""); got != "i000" {
		t.Errorf("the row is selected as %q, want the instance's id", got)
	}
	webtest.Says(t, c.Get("/instances").Page(), "thead", "Server inside")
}

// A name is text wherever it stands, whatever is in it.
func TestHostileNamesAreText(t *testing.T) {
	const hostile = `"><script>alert(1)</script><b onclick=x>'` + "\u202egnp.exe"
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	c.Accounts.All[0].Label = hostile
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "a2", Label: "b" + hostile, State: account.Active})
	for n := range c.Instances.GivenRows {
		r := &c.Instances.GivenRows[n]
		r.Name, r.Image, r.CloudOrder, r.Region = hostile, hostile, hostile, hostile
		s := &c.Instances.Servers[n].Server
		s.Name, s.Hostname, s.Zone, s.Status, s.Region = hostile, hostile, hostile, hostile, hostile
		s.Tags, s.Public = []string{hostile}, []string{hostile}
	}
	c.Instances.GivenLabels = map[string][]string{"s000": {hostile}}
	form := url.Values{"col": everyColumn(c, "servers"), "perpage": {"100"}}
	c.Send(http.MethodPost, "/servers/columns", form).Want(http.StatusSeeOther)
	c.Post("/views", "list", "servers", "name", hostile[:30], "q", hostile).Want(http.StatusSeeOther)
	c.Post("/selections", "list", "servers", "paste", "s000\n"+hostile+"x").Want(http.StatusSeeOther)
	for _, path := range []string{"/servers", "/servers?q=" + url.QueryEscape(`"`+hostile+`"`), "/instances", "/search?q=script",
		"/servers/columns", "/servers/actions/labels?selection=v2", "/servers?selection=v2", "/views/v1/delete",
		"/views/new?list=servers&q=" + url.QueryEscape(hostile)} {
		a := c.Get(path).Want(http.StatusOK)
		doc := a.Page()
		if doc.Find("[onclick]").Length() > 0 || doc.Find("script:not([src])").Length() > 0 {
			t.Errorf("%s: a name became markup", path)
		}
		text := doc.Find("body").Text()
		if strings.Contains(text, "\u202e") {
			t.Errorf("%s: a name turns the text around it", path)
		}
	}
}

// everyColumn gives the columns as the form offers them.
func everyColumn(c *webtest.Console, list string) []string {
	var all []string
	c.Get("/" + list + "/columns").Page().Find("input[name=col]").
		Each(func(_ int, s *goquery.Selection) { all = append(all, s.AttrOr("value", "")) })
	return all
}

// first is what a first visit to a list of 100 costs, the scripts apart.
func TestAHundredRowsAreLight(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 100)
	doc := c.Get("/servers").Want(http.StatusOK).Page()
	doc.Find("tbody tr").Each(func(i int, tr *goquery.Selection) {
		if n := tr.Find("*").Length() + 1; n > 40 {
			t.Errorf("row %d has %d nodes, more than 40", i, n)
		}
	})
	c.Header.Set("Accept-Encoding", "gzip")
	page := len(c.Get("/servers").Want(http.StatusOK).Body)
	all := page
	for _, name := range []string{"console.css", "icons.svg"} {
		all += len(c.Get(static.URL(name)).Want(http.StatusOK).Body)
	}
	if all > 25<<10 {
		t.Errorf("100 rows and all they need: %d bytes, the page %d; want 25 KiB at most", all, page)
	}
	t.Logf("page %d bytes, with style and icons %d", page, all)
}

// Rows that changed come alone, with the counts; nothing comes when nothing did.
func TestOnlyWhatChangedIsSent(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 20)
	doc := c.Get("/servers").Want(http.StatusOK).Page()
	from := doc.Find("#fresh").AttrOr("hx-get", "")
	if a := c.Get(from); a.StatusCode != http.StatusNoContent {
		t.Fatalf("nothing changed, and the answer is %d: %.200s", a.StatusCode, a.Body)
	}
	c.Instances.SetLabels(map[string][]string{"s003": {"canary"}})
	fresh := c.Get(from).Want(http.StatusOK).Page()
	var ids []string
	fresh.Find("tbody .pickrow").Each(func(_ int, s *goquery.Selection) { ids = append(ids, s.AttrOr("value", "")) })
	if got := strings.Join(ids, " "); got != "s003" {
		t.Errorf("rows: got %q, want s003 alone", got)
	}
	webtest.Says(t, fresh, "[data-count=n-all]", "20")
	if got := fresh.Find("[data-spoken]").AttrOr("data-spoken", ""); got != "1 server changed" {
		t.Errorf("spoken: %q", got)
	}
	if fresh.Find("[data-moved]").Length() != 0 {
		t.Error("the page is said to hold other rows")
	}
}

// Whose accounts they are not sees nothing of them.
func TestListsKeepToTheScope(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 4)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox", State: account.Active})
	c.Instances.GivenRows = append(c.Instances.GivenRows,
		instance.Instance{ID: "play", AccountID: "s1", Name: "play", Region: "me-east-1", Expires: webtest.Now})
	c.Instances.Servers = append(c.Instances.Servers, instance.ServerRecord{AccountID: "s1", InstanceID: "play",
		Server: instance.Server{ID: "play-s", Name: "play", Region: "me-east-1", Status: "ACTIVE"}})
	for _, path := range []string{"/servers", "/instances", "/servers.csv", "/servers.json", "/search?q=play", "/servers/rows?v=-1",
		"/instances?q=account:Sandbox"} {
		if body := c.Get(path).Want(http.StatusOK).Body; strings.Contains(body, "play-s") || strings.Contains(body, "/instances/play") {
			t.Errorf("%s shows a server of the Sandbox among real ones", path)
		}
	}
	c.Post("/selections", "list", "servers", "ids", "play-s s001").Want(http.StatusSeeOther)
	if got := c.Views.Kept.Selections["v1"].IDs; len(got) != 1 || got[0] != "s001" {
		t.Errorf("selected across the scope: %v", got)
	}
}

func TestViewersOrganiseNothing(t *testing.T) {
	c := webtest.Open(t).As(person.Viewer)
	webtest.Fleet(c, 2)
	if doc := c.Get("/servers").Want(http.StatusOK).Page(); doc.Find("button[value=labels]").Length() != 0 {
		t.Error("labels are offered")
	}
	c.Get("/servers/actions/labels?selection=x").Want(http.StatusForbidden)
	c.Post("/views", "list", "servers", "name", "mine", "q", "shop").Want(http.StatusSeeOther)
	c.Post("/views", "list", "servers", "name", "ours", "q", "shop", "shared", "1").Want(http.StatusForbidden)
}

// One account that fails in many places is one sentence; one that cannot sign
// in is the banner's alone.
func TestWhatCouldNotBeReadIsSaidOnce(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 3)
	failed := func(source, trouble string, ago time.Duration) instance.Sync {
		return instance.Sync{AccountID: "a1", Source: source, OKAt: webtest.Now.Add(-ago), TriedAt: webtest.Now, Trouble: trouble,
			Code: "APIGW.0301"}
	}
	c.Instances.GivenSyncs = []instance.Sync{failed("ecs:ap-southeast-3", "web.forbidden", time.Hour),
		failed("traffic", "web.forbidden", 2*time.Hour), failed("bss", "web.body.unreadable", time.Hour)}
	c.Header.Set("HX-Request", "true")
	part := c.Get("/servers?part=sources").Want(http.StatusOK).Page()
	if n := part.Find("#sources .note").Length(); n != 2 || part.Find("#age[hx-swap-oob]").Length() != 1 {
		t.Fatalf("%d notes, want 2, and the age: %s", n, part.Text())
	}
	webtest.Says(t, part, "#sources .note:first-child",
		"Servers in Singapore and Data packages of Marina Labs could not be read. "+webtest.Word("web.forbidden")+
			" Last read today at 07:21. Last tried today at 09:21. As of today at 07:21: the states of 2 servers and what is left of 3 data packages. APIGW.0301")
	refused := fault.New(fault.Refused, "cloud.permission", "Permission", "bss:balance:view", "Detail", "No, said request 7.")
	again := fault.New(fault.Refused, "cloud.permission", "Permission", "bss:balance:view", "Detail", "No, said request 8.")
	c.Instances.GivenSyncs = []instance.Sync{failed("bss", "", time.Hour).Failed(refused), failed("traffic", "", time.Hour).Failed(again)}
	part = c.Get("/servers?part=sources").Want(http.StatusOK).Page()
	if n := part.Find("#sources .note").Length(); n != 1 || !strings.Contains(part.Text(), "for the permission bss:balance:view.") {
		t.Errorf("%d notes, want 1 that names the permission: %s", n, part.Text())
	}
	c.Accounts.All[0].State = account.Broken
	if n := c.Get("/servers?part=sources").Want(http.StatusOK).Page().Find(".note").Length(); n != 0 {
		t.Errorf("the list says %d times what the banner says", n)
	}
}

func TestAWrongTermIsSaidAndStays(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 4)
	doc := c.Get("/servers?q=" + url.QueryEscape("state:asleep shop")).Want(http.StatusOK).Page()
	if got := webtest.Value(doc, "q"); got != "shop state:asleep" {
		t.Errorf("the box holds %q", got)
	}
	webtest.Says(t, doc, ".filters .err", "“asleep” is not a value of “state:”.")
	if doc.Find("#q[aria-invalid=true]").Length() != 1 || doc.Find("tbody tr").Length() != 0 {
		t.Errorf("the box is not marked, or rows are shown as if the term were not there: %d", doc.Find("tbody tr").Length())
	}
}

// What stands where there are no rows, with the first useful step.
func TestListsWithNothingToShow(t *testing.T) {
	unread := func(trouble fault.Message) func(*webtest.Console) {
		return func(c *webtest.Console) {
			c.Instances.GivenGaps = instance.Gaps{{AccountID: "a1", About: instance.AboutList, Source: "config", Trouble: trouble}}
		}
	}
	noAccount := func(c *webtest.Console) { c.Accounts.All = nil }
	tests := []struct {
		name, path   string
		change       func(c *webtest.Console)
		title, leads string
	}{
		{"no account", "/servers", noAccount, webtest.Word("servers.none.servers"), ""},
		{"no account, instances", "/instances", noAccount, webtest.Word("servers.none.instances"), ""},
		{"no server", "/servers", func(*webtest.Console) {}, webtest.Word("servers.none.servers"), "/buy"},
		{"no instance", "/instances", func(*webtest.Console) {}, webtest.Word("servers.none.instances"), "/buy"},
		{"no server, for a viewer", "/servers", func(c *webtest.Console) { c.As(person.Viewer) }, webtest.Word("servers.none.servers"), ""},
		{"the list failed", "/servers", unread(fault.Say("cloud.unreachable")), webtest.Word("gaps.fleet.failed"), ""},
		{"the list is still to be read", "/instances", unread(fault.Message{}), webtest.Word("gaps.fleet.open"), ""},
		{"nothing matches", "/instances?q=nobody", func(c *webtest.Console) { webtest.Fleet(c, 3) }, webtest.Word("servers.nomatch"), "/instances"},
		{"a part is not understood", "/servers?q=colour:red", func(c *webtest.Console) { webtest.Fleet(c, 3) }, webtest.Word("servers.unread"), "/servers"},
		{"what was selected is another scope's", "/servers?selection=v1", func(c *webtest.Console) {
			webtest.Fleet(c, 3)
			c.Post("/selections", "list", "servers", "ids", "s001").Want(http.StatusSeeOther)
			c.Accounts.All = append(c.Accounts.All,
				account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox", State: account.Active})
			c.Persons.Scope = "sandbox"
		}, webtest.Word("servers.selection.empty"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			tt.change(c)
			doc := c.Get(tt.path).Want(http.StatusOK).Page()
			webtest.Says(t, doc, "#list .empty h2", tt.title)
			if got := doc.Find("#list .empty a.btn").AttrOr("href", ""); got != tt.leads {
				t.Errorf("it leads to %q, want %q", got, tt.leads)
			}
			if doc.Find("tbody tr, .bulk").Length() != 0 {
				t.Error("there are rows, or something to do with them")
			}
		})
	}
}

// A row that a search does not have any more stays until the page is loaded anew,
// and says so; that others belong on the page is said, too.
func TestARowThatNoLongerMatches(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 6)
	c.Instances.GivenLabels = map[string][]string{"s000": {"canary"}, "s002": {"canary"}}
	from := c.Get("/servers?q=label:canary").Want(http.StatusOK).Page().Find("#fresh").AttrOr("hx-get", "")
	c.Instances.SetLabels(map[string][]string{"s002": nil, "s004": {"canary"}})
	fresh := c.Get(from).Want(http.StatusOK).Page()
	if fresh.Find("[data-moved]").Length() != 1 {
		t.Error("it is not said that other rows belong on the page")
	}
	webtest.Says(t, fresh, "tbody tr:has([value=s002]) th small", webtest.Word("servers.nomore"))
	if words := fresh.Find("tbody tr:has([value=s004]) th small").Text(); words != "" {
		t.Errorf("a row that matches now says %q", words)
	}
	webtest.Says(t, fresh, "[data-count=n-range]", "2 servers")
	// The usual list has them all: nothing leaves it.
	fresh = c.Get("/servers/rows?v=-1").Want(http.StatusOK).Page()
	if n := fresh.Find("tbody tr").Length(); n != 6 || fresh.Find("th small").Length() != 0 {
		t.Errorf("a version that is not known any more: %d rows, want all 6 of the page", n)
	}
	// Instances are rows of their own.
	fresh = c.Get("/instances/rows?v=-1").Want(http.StatusOK).Page()
	if got := fresh.Find("tbody tr:first-child .pickrow").AttrOr("value", ""); got != "i000" {
		t.Errorf("the first row is %q, want the instance", got)
	}
	webtest.Says(t, fresh, "[data-count=n-range]", "6 instances")
}

// Rows of accounts outside the scope are not sent, whatever changed of them.
func TestChangesOfOtherAccountsAreNotSent(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 4)
	c.Instances.Servers[3].AccountID, c.Instances.GivenRows[3].AccountID = "of-somebody-else", "of-somebody-else"
	from := c.Get("/servers").Want(http.StatusOK).Page().Find("#fresh").AttrOr("hx-get", "")
	c.Instances.SetLabels(map[string][]string{"s001": {"mine"}, "s003": {"theirs"}})
	fresh := c.Get(from).Want(http.StatusOK).Page()
	if n := fresh.Find("tbody tr").Length(); n != 1 || fresh.Find("[value=s003]").Length() != 0 {
		t.Errorf("%d rows, want s001 alone: %s", n, fresh.Find("tbody").Text())
	}
}

// In the Sandbox it is said that buying is practice.
func TestBuyingFromAList(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = []account.Account{{ID: "a1", Site: account.SandboxSite, Label: "Sandbox", State: account.Active}}
	webtest.Fleet(c, 1)
	doc := c.Get("/servers").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "main a.btn.play[href='/buy']", webtest.Word("overview.buy.play"))
	c.Accounts.All[0].Site = account.International
	webtest.Says(t, c.Get("/servers").Page(), "main a[href='/buy']", webtest.Word("overview.buy"))
	if c.As(person.Viewer).Get("/servers").Page().Find("main a[href='/buy']").Length() != 0 {
		t.Error("a viewer is offered to buy")
	}
}
