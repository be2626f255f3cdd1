package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
	"sampan/internal/app/web/sandbox"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/text"
)

func TestConnectingAnAccount(t *testing.T) {
	form := []string{"label", "Marina", "site", "eu", "credential", "login", "user", "console-bot", "domain", "hw-marina", "password", "iam-password", "endpoint_iam", "https://iam.example"}

	c := webtest.Open(t)
	c.Accounts.Err = &fault.Error{Kind: fault.Invalid, Message: fault.Say("web.forbidden"), Fields: map[string]fault.Message{"label": fault.Say("web.topic.unknown"), "domain": fault.Say("web.topics.many"), "endpoint_iam": fault.Say("web.body.unreadable")}}
	doc := c.Post("/accounts", form...).Want(http.StatusUnprocessableEntity).Page()
	for id, want := range map[string]string{"label": "Marina", "user": "console-bot", "domain": "hw-marina", "endpoint_iam": "https://iam.example", "password": "", "key_secret": ""} {
		if got := webtest.Value(doc, id); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
	for _, id := range []string{"label", "domain", "endpoint_iam"} {
		if doc.Find("#"+id+"[aria-invalid=true]").Length() != 1 || doc.Find("#"+id+"-error").Length() != 1 {
			t.Errorf("%s: no sentence next to the field", id)
		}
	}
	if got := doc.Find(".note[role=alert] a[href='#label'], .note[role=alert] a[href='#domain'], .note[role=alert] a[href='#endpoint_iam']").Length(); got != 3 {
		t.Errorf("the summary leads to %d of 3 fields", got)
	}
	if v, _ := doc.Find("input[name=credential][checked]").Attr("value"); v != "login" {
		t.Errorf("credential: got %q", v)
	}
	if v, _ := doc.Find("#site option[selected]").Attr("value"); v != "eu" {
		t.Errorf("site: got %q", v)
	}
	if _, opened := doc.Find("details:has(#endpoint_iam)").Attr("open"); !opened {
		t.Error("the fold hides a field that is wrong")
	}

	c.Accounts.Err = nil
	c.Post("/accounts", form...).Want(http.StatusSeeOther, "/accounts/a2")
	if f := c.Accounts.Added[0]; f.Password.Reveal() != "iam-password" || f.Credential != account.ByLogin || f.Endpoints.IAM != "https://iam.example" {
		t.Errorf("what was added: %+v", f)
	}
}

// Addresses of one's own are to be seen when they are chosen, and when one is wrong.
func TestTheFoldOfOwnAddressesOpens(t *testing.T) {
	fields := func(names ...string) map[string]fault.Message {
		m := make(map[string]fault.Message)
		for _, n := range names {
			m[n] = fault.Say("web.topic.unknown")
		}
		return m
	}
	for _, tt := range []struct {
		name, site, iam string
		wrong           map[string]fault.Message
		open            bool
	}{
		{"a mistake elsewhere", "intl", "", fields("label"), false},
		{"own addresses chosen, a mistake elsewhere", "custom", "", fields("label"), true},
		{"an address is missing", "custom", "", fields("endpoint_ims", "endpoint_iam", "endpoint_bss"), true},
		{"an address of a known site is wrong", "intl", "http://iam.example", fields("endpoint_iam"), true},
		{"an address was typed", "intl", "https://iam.example", fields("label"), true},
	} {
		c := webtest.Open(t)
		c.Accounts.Err = &fault.Error{Kind: fault.Invalid, Message: fault.Say("web.forbidden"), Fields: tt.wrong}
		doc := c.Post("/accounts", "label", "x", "site", tt.site, "endpoint_iam", tt.iam).Want(http.StatusUnprocessableEntity).Page()
		fold := doc.Find("details:has(#endpoint_iam)")
		if _, is := fold.Attr("open"); is != tt.open {
			t.Errorf("%s: open is %t", tt.name, is)
		}
		if got, want := fold.AttrOr("data-with", ""), doc.Find("#site").AttrOr("name", "")+"="+doc.Find("#site option").Last().AttrOr("value", ""); got != want {
			t.Errorf("the script opens it with %q, want %q", got, want)
		}
	}
	c := webtest.Open(t)
	c.Accounts.Err = &fault.Error{Kind: fault.Invalid, Message: fault.Say("web.forbidden"), Fields: fields("endpoint_ims", "endpoint_iam", "endpoint_bss")}
	var order []string
	c.Post("/accounts", "site", "custom").Page().Find(".note[role=alert] a").Each(func(_ int, a *goquery.Selection) { order = append(order, a.AttrOr("href", "")) })
	if got := strings.Join(order, " "); got != "#endpoint_iam #endpoint_bss #endpoint_ims" {
		t.Errorf("the summary names %s, not in the order of the form", got)
	}
}

func TestConnectingWithAStaleSignIn(t *testing.T) {
	c := webtest.Open(t)
	c.Persons.Fresh = false
	form := []string{"label", "Marina", "site", "intl", "credential", "key", "key_id", "AKEXAMPLE0000000001", "key_secret", "the-secret-key"}
	doc := c.Post("/accounts", form...).Want(http.StatusUnprocessableEntity).Page()
	if webtest.Value(doc, "label") != "Marina" || webtest.Value(doc, "key_id") != "AKEXAMPLE0000000001" || webtest.Value(doc, "key_secret") != "" {
		t.Error("the form lost what was typed, or gave the secret back")
	}
	if doc.Find("#your_password[aria-invalid=true]").Length() != 1 {
		t.Error("the form does not ask for the password")
	}
	c.Post("/accounts", append(form, "your_password", "wrong")...).Want(http.StatusUnprocessableEntity)
	if len(c.Accounts.Added) != 0 {
		t.Fatal("an account was added without a fresh sign-in")
	}
	c.Post("/accounts", append(form, "your_password", webtest.Password)...).Want(http.StatusSeeOther, "/accounts/a2")
}

func TestAccountPage(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All[0].State, c.Accounts.All[0].Trouble, c.Accounts.All[0].TroubleAt = account.Broken, fault.Say("web.body.unreadable"), webtest.Now.Add(-time.Hour)
	c.Accounts.All[0].Checks = []account.Check{
		{Name: "keys", Message: fault.Say("web.forbidden"), Code: "APIGW.0301"},
		{Name: "servers:ap-southeast-3", OK: true, Message: fault.Say("web.topic.unknown")},
	}
	c.Accounts.All[0].Rights = map[account.Right]account.Answer{account.RightBuy: {At: webtest.Now, Code: "HCSS.0403"}}
	doc := c.Get("/accounts/a1").Want(200).Page()
	webtest.Says(t, doc, "h1", "Marina Labs")
	webtest.Says(t, doc, "h1 .st", webtest.Word("accounts.state.broken"))
	webtest.Says(t, doc, ".tl li:nth-child(1)", "APIGW.0301")
	webtest.Says(t, doc, ".tl + p + .tl li:nth-child(3)", "HCSS.0403")
	if got := doc.Find(".tl li.todo").Length(); got != 4 {
		t.Errorf("rights not known yet: got %d lines, want 4", got)
	}
	webtest.Says(t, c.Get("/accounts").Want(200).Page(), ".panel .note", webtest.Word("web.body.unreadable"))

	if doc := webtest.Open(t).As(person.Viewer).Get("/accounts/a1").Want(200).Page(); doc.Find("main form").Length() != 0 {
		t.Error("a viewer gets forms that change the account")
	}
}

func TestChangingAnAccount(t *testing.T) {
	c := webtest.Open(t)
	c.Post("/accounts/a1/rename", "label", "New").Want(http.StatusSeeOther, "/accounts/a1")
	webtest.Says(t, c.Get("/accounts/a1").Page(), ".toast", webtest.Word("accounts.said.renamed"))
	if c.Get("/accounts/a1").Page().Find(".toasts .toast").Length() != 0 {
		t.Error("the note is said twice")
	}
	c.Post("/accounts/a1/key", "credential", "key", "key_id", "AKEXAMPLE0000000009", "key_secret", "another-secret", "label", "ignored").Want(http.StatusSeeOther, "/accounts/a1")
	c.Post("/accounts/a1/disable").Want(http.StatusSeeOther, "/accounts/a1")
	c.Post("/accounts/a1/enable").Want(http.StatusSeeOther, "/accounts/a1")
	c.Post("/accounts/a1/check").Want(http.StatusSeeOther, "/accounts/a1")
	c.Post("/accounts/a1/check", "back", "setup").Want(http.StatusSeeOther, "/setup/check")
	c.Post("/accounts/a1/delete").Want(http.StatusSeeOther, "/accounts")
	want := "rename New a1|replace AKEXAMPLE0000000009 another-secret a1|disabled=true a1|disabled=false a1|check a1|check a1|delete a1"
	if got := strings.Join(c.Accounts.Calls, "|"); got != want {
		t.Errorf("calls: got %s, want %s", got, want)
	}
}

func TestAnAccountWithOpenOrdersStays(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.Err = fault.New(fault.Conflict, "web.topics.many")
	doc := c.Post("/accounts/a1/delete").Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, "form[data-dialog-form] .note", webtest.Word("web.topics.many"))
}

func TestRenamingRefused(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.Err = &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"label": fault.Say("web.topics.many")}}
	doc := c.Post("/accounts/a1/rename", "label", "taken").Want(http.StatusUnprocessableEntity).Page()
	if webtest.Value(doc, "label") != "taken" {
		t.Errorf("what was typed is lost: %q", webtest.Value(doc, "label"))
	}
	webtest.Says(t, doc, "#label-error", webtest.Word("web.topics.many"))
}

func TestOverviewShowsTheWorstFirst(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All[0].State, c.Accounts.All[0].TroubleAt, c.Accounts.All[0].Trouble = account.Broken, webtest.Now, fault.Say("web.forbidden")
	c.Orders.GivenAttention = []order.Order{
		{ID: "o1", State: order.AwaitingPayment, Amount: webtest.USD("100"), PayBy: webtest.Now.Add(2 * time.Hour), Request: order.Request{Name: "paid-1"}},
		{ID: "o2", State: order.AwaitingPayment, Amount: webtest.USD("31.80"), PayBy: webtest.Now.Add(48 * time.Hour), Request: order.Request{Name: "paid-2"}},
		{ID: "o3", State: order.Unknown, SentAt: webtest.Now, Request: order.Request{Name: "lost-1"}},
		{ID: "o4", State: order.PartlyDelivered, Request: order.Request{Name: "half-1"}, Reason: fault.Say("order.partly", "N", "1", "Of", "2")},
	}
	c.Instances.GivenRows = []instance.Instance{
		{ID: "i1", AccountID: "a1", Name: "lotus-shop-01", Expires: webtest.Now.Add(30 * time.Hour), Region: "ap-southeast-3", State: "ACTIVE"},
		{ID: "i2", AccountID: "a1", Name: "renews-itself", Expires: webtest.Now.Add(30 * time.Hour), AutoRenew: true},
		{ID: "i3", AccountID: "a1", Name: "tigre-wiki-09", Expires: webtest.Now.Add(10 * 24 * time.Hour)},
		{ID: "i5", AccountID: "a1", Name: "past-01", Expires: webtest.Now.Add(-30 * time.Hour)},
		{ID: "i4", AccountID: "a1", Name: "far-away", Expires: webtest.Now.Add(90 * 24 * time.Hour)},
	}
	doc := c.Get("/").Want(200).Page()
	webtest.Says(t, doc, ".todo-list li:contains('half-1') small", "1 of 2 arrived.")
	var got []string
	doc.Find(".todo-list li b").Each(func(_ int, s *goquery.Selection) { got = append(got, strings.TrimSpace(s.Text())) })
	want := []string{"No clear answer about lost-1", "Marina Labs can’t be read, since today at 09:21.", "1 instance has expired", "1 instance expires within 3 days, without auto-renew",
		"2 orders wait for payment", "The order half-1 needs somebody: Partly delivered", "1 more instance expires within 14 days, without auto-renew"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("items:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	webtest.Says(t, doc, ".todo-list", "US$ 131.80")
	webtest.Says(t, doc, ".todo-list", "today at 11:21")
	webtest.Says(t, doc, ".nav", "4")
	c.Header.Set("HX-Request", "true")
	if part := c.Get("/?part=attention").Want(200); strings.Contains(part.Body, "<html") || part.Page().Find("#attention").Length() != 1 {
		t.Error("the part is not the list alone")
	}
	if part := c.Get("/counts").Want(200).Page(); part.Find("#count-orders.warn[hx-swap-oob]").Text() != "4" {
		t.Errorf("counts: %s", part.Find("body").Text())
	} else {
		webtest.Says(t, part, "#banners[hx-swap-oob] .note", "Marina Labs can’t be read, since today at 09:21. "+webtest.Word("web.forbidden")+" Its servers stay, as of today at 09:18.")
	}
}

func TestSumsAreNeverMadeAcrossCurrencies(t *testing.T) {
	c := webtest.Open(t)
	eur := &order.Money{Amount: decimal.RequireFromString("5"), Currency: "EUR"}
	c.Orders.GivenAttention = []order.Order{{ID: "o1", State: order.AwaitingPayment, Amount: webtest.USD("100")}, {ID: "o2", State: order.AwaitingPayment, Amount: eur}}
	webtest.Says(t, c.Get("/").Page(), ".todo-list small", "US$ 100.00 + € 5.00")
	c.Orders.GivenAttention[1].Amount = nil
	if doc := c.Get("/").Page(); strings.Contains(doc.Find(".todo-list small").Text(), "100") {
		t.Error("a sum is shown although one amount is not known")
	}
}

func TestOverviewWithoutAccounts(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = nil
	doc := c.Get("/").Want(200).Page()
	webtest.Says(t, doc, "main h2", webtest.Word("overview.none"))
	if doc.Find("form[action='/sandbox/open']").Length() != 1 || doc.Find("a[href='/buy']").Not(".nav a").Length() != 0 {
		t.Error("the empty page offers the wrong ways on")
	}
	c.Post("/sandbox/open").Want(http.StatusSeeOther, "/")
	if len(c.Accounts.Added) != 1 || c.Persons.Scope != "sandbox" {
		t.Error("opening the Sandbox did not connect it")
	}
}

func TestInstancePage(t *testing.T) {
	c := webtest.Open(t)
	c.Instances.GivenRows = webtest.ManyInstances(1)
	c.Instances.GivenRows[0].GoneAt = webtest.Now.Add(-time.Hour)
	doc := c.Get("/instances/i0").Want(200).Page()
	webtest.Says(t, doc, "h1", "shop-000")
	webtest.Says(t, doc, "#instance .note", "Huawei does not list this instance any more")
	webtest.Says(t, doc, "#instance", "2 vCPU, 2 GiB")
	c.Get("/instances/none").Want(http.StatusNotFound)
	c.Instances.GivenRows[0].AccountID = "another"
	c.Get("/instances/i0").Want(http.StatusNotFound)
}

func TestRefreshAsksForTheScope(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	c.Header.Set("Referer", "http://localhost:8080/instances?q=shop")
	c.Post("/instances/refresh").Want(http.StatusSeeOther, "/instances?q=shop")
	if got := strings.Join(c.Instances.GivenAsked, ","); got != "a1" {
		t.Errorf("refreshed %s, want a1 only", got)
	}
}

// TestRefreshSaysWhichOfTheTwoItIs: that it is being read, or that it waits until
// Huawei answers.
func TestRefreshSaysWhichOfTheTwoItIs(t *testing.T) {
	for _, tt := range []struct{ trouble, lang, want string }{
		{"", "en", "Asked Huawei for newer data"},
		{"cloud.read.silent", "en", "Your request is kept. Huawei does not answer for Shop now"},
		{"cloud.throttled", "en", "Huawei asks us to slow down for Shop"},
		{"cloud.read.silent", "zh-Hans", "您的请求已保留。华为云目前没有响应（Shop）"},
	} {
		c := webtest.Open(t)
		c.Accounts.All[0].Label = "Shop"
		c.Header.Set("Accept-Language", tt.lang)
		if tt.trouble != "" {
			c.Instances.Open = map[string]instance.Asked{"a1": {At: webtest.Now, Waits: true, Trouble: tt.trouble}}
		}
		c.Header.Set("Referer", "http://localhost:8080/instances")
		c.Post("/instances/refresh").Want(http.StatusSeeOther, "/instances")
		webtest.Says(t, c.Get("/instances").Want(200).Page(), "body", tt.want)
	}
}

// TestWhatAPageAsksByItselfIsNobodysVisit: how often the cloud is asked depends on
// whether a person is there.
func TestWhatAPageAsksByItselfIsNobodysVisit(t *testing.T) {
	c := webtest.Open(t)
	visits := func(want int32, what string) {
		t.Helper()
		if got := c.Instances.Visits.Swap(0); got != want {
			t.Errorf("%s: %d visits, want %d", what, got, want)
		}
	}
	visits(0, "nothing yet")
	c.Get("/servers").Want(200)
	visits(1, "a page")
	c.Post("/instances/refresh")
	visits(1, "an action")
	c.Header.Set("HX-Request", "true")
	c.Header.Set("X-Live", "1")
	c.Get("/servers/rows?v=0")
	visits(0, "rows that the page asks for")
}

func TestHostileNamesStayText(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)>` + "\u202eabc"
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	c.Accounts.All[0].Label = evil
	c.Persons.Who.DisplayName = evil
	c.Instances.GivenRows = webtest.ManyInstances(1)
	c.Instances.GivenRows[0].Name, c.Instances.GivenRows[0].Image, c.Instances.GivenRows[0].Address, c.Instances.GivenRows[0].Spec = evil, evil, evil, evil
	c.Orders.GivenAttention = []order.Order{{ID: "o1", State: order.Unknown, Request: order.Request{Name: evil}}}
	c.Sandbox.GivenStatus.Purchases = []sandbox.Purchase{{Name: evil, OrderID: evil, Amount: evil, Currency: evil}}
	c.Sandbox.GivenStatus.Requests = []sandbox.Request{{Call: evil, Faults: []string{evil}}}
	c.Sandbox.GivenStatus.Waiting = []sandbox.Fault{{Call: evil, Kind: evil}}
	for _, path := range []string{"/", "/accounts", "/accounts/a1", "/accounts/a1/key", "/accounts/a1/delete", "/instances", "/instances/i0", "/settings/you", "/settings/security", "/sandbox", "/instances?q=" + url.QueryEscape(evil)} {
		a := c.Get(path).Want(200)
		if doc := a.Page(); doc.Find("img, [onerror]").Length() > 0 {
			t.Errorf("%s: a name became markup", path)
		}
		// A field gives back what was typed as it was; elsewhere it is shown.
		doc := a.Page()
		doc.Find("input").Remove()
		if strings.Contains(doc.Text(), "\u202e") {
			t.Errorf("%s: a name turns the direction of the page", path)
		}
	}
}

func TestSettings(t *testing.T) {
	c := webtest.Open(t)
	c.Get("/settings").Want(http.StatusSeeOther, "/settings/you")
	doc := c.Get("/settings/you").Want(200).Page()
	if v, _ := doc.Find("#zone option[selected]").Attr("value"); v != "Asia/Hong_Kong" {
		t.Errorf("zone: %q", v)
	}
	doc = c.Post("/settings/you", "display_name", "", "theme", "dark", "language", "zh-Hans", "zone", "UTC").Want(http.StatusUnprocessableEntity).Page()
	if doc.Find("#theme-dark[checked]").Length() != 1 || doc.Find("#shortcuts[checked]").Length() != 0 || doc.Find("#language option[selected]").AttrOr("value", "") != "zh-Hans" {
		t.Error("a refused form lost what was chosen")
	}
	c.Post("/settings/you", "display_name", "Mei", "theme", "dark", "language", "zh-Hans", "zone", "Asia/Shanghai", "shortcuts", "on").Want(http.StatusSeeOther, "/settings/you")
	if want := (person.Profile{DisplayName: "Mei", Language: "zh-Hans", Zone: "Asia/Shanghai", Theme: "dark", Shortcuts: true}); c.Persons.Profile != want {
		t.Errorf("profile: got %+v, want %+v", c.Persons.Profile, want)
	}
}

func TestSessionsOfAPerson(t *testing.T) {
	c := webtest.Open(t)
	c.Persons.GivenSessions["token-2"] = person.Session{Ref: "ref-2", PersonID: "p1", Browser: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Address: "192.0.2.9", Created: webtest.Now, Seen: webtest.Now}
	doc := c.Get("/settings/security").Want(200).Page()
	webtest.Says(t, doc, "#sessions", "Firefox on Linux")
	if got := doc.Find("#sessions form[action='/settings/security/sessions/ref-2/end']").Length(); got != 1 {
		t.Errorf("forms that end the other session: %d", got)
	}
	c.Post("/settings/security/sessions/ref-2/end").Want(http.StatusSeeOther, "/settings/security")
	c.Post("/settings/security/sessions/ref-2/end").Want(http.StatusNotFound)
	doc = c.Post("/settings/security/password", "old", "wrong", "new", webtest.Password).Want(http.StatusUnprocessableEntity).Page()
	if doc.Find("#old[aria-invalid=true]").Length() != 1 || webtest.Value(doc, "old") != "" || webtest.Value(doc, "new") != "" {
		t.Error("a wrong password is not said at its field, or came back")
	}
	c.Post("/settings/security/password", "old", webtest.Password, "new", webtest.Password).Want(http.StatusSeeOther, "/settings/security")
}

func TestConsoleSettings(t *testing.T) {
	c := webtest.Open(t)
	doc := c.Get("/settings/console").Want(200).Page()
	if doc.Find("#intent_tag[checked]").Length() != 1 || doc.Find("#allow_deduct[checked]").Length() != 0 {
		t.Error("the switches show the wrong state")
	}
	c.Post("/settings/console", "allow_deduct", "on").Want(http.StatusSeeOther, "/settings/console")
	if !c.Settings.Deduct || c.Settings.Tag {
		t.Errorf("settings: %+v", c.Settings)
	}
}

func TestSandboxControls(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	doc := c.Get("/sandbox").Want(200).Page()
	if doc.Find(".strip:not(.pause)").Length() != 1 || doc.Find("main a.play").AttrOr("href", "") != "/buy?from=s1" || c.Persons.Scope != "" {
		t.Error("the page is not shown in the Sandbox's scope, or changed the person's")
	}
	c.Post("/sandbox/break", "fault", "late").Want(http.StatusSeeOther, "/sandbox")
	c.Post("/sandbox/break", "fault", "nonsense").Want(http.StatusUnprocessableEntity).Page()
	c.Post("/sandbox/mend").Want(http.StatusSeeOther, "/sandbox")
	c.Post("/sandbox/clock", "days", "31").Want(http.StatusSeeOther, "/sandbox")
	for _, days := range []string{"", "0", "-3", "367", "x", "1.5"} {
		if doc := c.Post("/sandbox/clock", "days", days).Want(http.StatusUnprocessableEntity).Page(); webtest.Value(doc, "days") != days {
			t.Errorf("days %q came back as %q", days, webtest.Value(doc, "days"))
		}
	}
	c.Get("/sandbox/reset").Want(200).Page()
	c.Post("/sandbox/reset").Want(http.StatusSeeOther, "/sandbox")
	c.Post("/sandbox/fleet").Want(http.StatusSeeOther, "/sandbox")
	want := "break purchase drop_after,break purchase late,mend,advance 744h0m0s,reset,fleet 40"
	if got := strings.Join(c.Sandbox.Said, ","); got != want {
		t.Errorf("the Sandbox was told %s, want %s", got, want)
	}
	if got := strings.Join(c.Instances.GivenAsked, ","); got != "s1,s1,s1" {
		t.Errorf("refreshed: %s, want the Sandbox's account after each change", got)
	}

	c.Sandbox.Err = fault.New(fault.Unreachable, "web.topics.many")
	webtest.Says(t, c.Get("/sandbox").Want(200).Page(), "main .note", webtest.Word("web.topics.many"))
	c.Sandbox.Err = nil
	if doc := c.As(person.Viewer).Get("/sandbox").Want(200).Page(); doc.Find("main form").Length() != 0 {
		t.Error("a viewer gets the controls")
	}
}

func TestWithoutASandbox(t *testing.T) {
	c := webtest.Open(t, func(o *web.Options) { o.Sandbox = nil })
	c.Get("/sandbox").Want(http.StatusNotFound)
	for _, path := range []string{"break", "mend", "clock", "fleet", "reset", "open"} {
		c.Post("/sandbox/"+path, "fault", "late", "days", "3").Want(http.StatusNotFound)
	}
	if c.Get("/").Page().Find("a[href='/sandbox']").Length() != 0 {
		t.Error("a link leads to a Sandbox that is not there")
	}
}

// Every page in Chinese and right to left, with every message it needs.
func TestPagesInEveryLanguage(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	c.Instances.GivenRows = webtest.ManyInstances(2)
	text.EnablePseudo()
	for _, lang := range []string{"zh-Hans", "ar-XB", "en"} {
		c.Persons.Who.Language = lang
		for _, path := range []string{"/", "/accounts", "/accounts/a1", "/accounts/new", "/accounts/a1/key", "/accounts/a1/delete", "/instances", "/instances/i0", "/settings/you", "/settings/security", "/settings/console", "/sandbox", "/sandbox/reset"} {
			doc := c.Get(path).Want(200).Page()
			if got, _ := doc.Find("html").Attr("lang"); got != lang {
				t.Errorf("%s: lang %q, want %q", path, got, lang)
			}
			if doc.Find("h1").Length() != 1 {
				t.Errorf("%s: %d h1", path, doc.Find("h1").Length())
			}
		}
	}
	if strings.Contains(c.Log.String(), "not translated") {
		t.Error("a message has no Chinese")
	}
}
