package web_test

import (
	"fmt"
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
	"sampan/web/templates/text"
)

func TestConnectingAnAccount(t *testing.T) {
	form := []string{"label", "Marina", "site", "eu", "credential", "login", "user", "console-bot", "domain", "hw-marina", "password", "iam-password", "endpoint_iam", "https://iam.example"}

	c := open(t)
	c.accounts.err = &fault.Error{Kind: fault.Invalid, Message: fault.Say("web.forbidden"), Fields: map[string]fault.Message{"label": fault.Say("web.topic.unknown"), "domain": fault.Say("web.topics.many"), "endpoint_iam": fault.Say("web.body.unreadable")}}
	doc := c.post("/accounts", form...).want(http.StatusUnprocessableEntity).page()
	for id, want := range map[string]string{"label": "Marina", "user": "console-bot", "domain": "hw-marina", "endpoint_iam": "https://iam.example", "password": "", "key_secret": ""} {
		if got := value(doc, id); got != want {
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

	c.accounts.err = nil
	c.post("/accounts", form...).want(http.StatusSeeOther, "/accounts/a2")
	if f := c.accounts.added[0]; f.Password.Reveal() != "iam-password" || f.Credential != account.ByLogin || f.Endpoints.IAM != "https://iam.example" {
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
		c := open(t)
		c.accounts.err = &fault.Error{Kind: fault.Invalid, Message: fault.Say("web.forbidden"), Fields: tt.wrong}
		doc := c.post("/accounts", "label", "x", "site", tt.site, "endpoint_iam", tt.iam).want(http.StatusUnprocessableEntity).page()
		fold := doc.Find("details:has(#endpoint_iam)")
		if _, is := fold.Attr("open"); is != tt.open {
			t.Errorf("%s: open is %t", tt.name, is)
		}
		if got, want := fold.AttrOr("data-with", ""), doc.Find("#site").AttrOr("name", "")+"="+doc.Find("#site option").Last().AttrOr("value", ""); got != want {
			t.Errorf("the script opens it with %q, want %q", got, want)
		}
	}
	c := open(t)
	c.accounts.err = &fault.Error{Kind: fault.Invalid, Message: fault.Say("web.forbidden"), Fields: fields("endpoint_ims", "endpoint_iam", "endpoint_bss")}
	var order []string
	c.post("/accounts", "site", "custom").page().Find(".note[role=alert] a").Each(func(_ int, a *goquery.Selection) { order = append(order, a.AttrOr("href", "")) })
	if got := strings.Join(order, " "); got != "#endpoint_iam #endpoint_bss #endpoint_ims" {
		t.Errorf("the summary names %s, not in the order of the form", got)
	}
}

func TestConnectingWithAStaleSignIn(t *testing.T) {
	c := open(t)
	c.persons.fresh = false
	form := []string{"label", "Marina", "site", "intl", "credential", "key", "key_id", "AKEXAMPLE0000000001", "key_secret", "the-secret-key"}
	doc := c.post("/accounts", form...).want(http.StatusUnprocessableEntity).page()
	if value(doc, "label") != "Marina" || value(doc, "key_id") != "AKEXAMPLE0000000001" || value(doc, "key_secret") != "" {
		t.Error("the form lost what was typed, or gave the secret back")
	}
	if doc.Find("#your_password[aria-invalid=true]").Length() != 1 {
		t.Error("the form does not ask for the password")
	}
	c.post("/accounts", append(form, "your_password", "wrong")...).want(http.StatusUnprocessableEntity)
	if len(c.accounts.added) != 0 {
		t.Fatal("an account was added without a fresh sign-in")
	}
	c.post("/accounts", append(form, "your_password", password)...).want(http.StatusSeeOther, "/accounts/a2")
}

func TestAccountPage(t *testing.T) {
	c := open(t)
	c.accounts.all[0].State, c.accounts.all[0].Trouble, c.accounts.all[0].TroubleAt = account.Broken, fault.Say("web.body.unreadable"), now.Add(-time.Hour)
	c.accounts.all[0].Checks = []account.Check{
		{Name: "keys", Message: fault.Say("web.forbidden"), Code: "APIGW.0301"},
		{Name: "servers:ap-southeast-3", OK: true, Message: fault.Say("web.topic.unknown")},
	}
	c.accounts.all[0].Rights = map[account.Right]account.Answer{account.RightBuy: {At: now, Code: "HCSS.0403"}}
	doc := c.get("/accounts/a1").want(200).page()
	says(t, doc, "h1", "Marina Labs")
	says(t, doc, "h1 .st", word("accounts.state.broken"))
	says(t, doc, ".tl li:nth-child(1)", "APIGW.0301")
	says(t, doc, ".tl + p + .tl li:nth-child(3)", "HCSS.0403")
	if got := doc.Find(".tl li.todo").Length(); got != 4 {
		t.Errorf("rights not known yet: got %d lines, want 4", got)
	}
	says(t, c.get("/accounts").want(200).page(), ".panel .note", word("web.body.unreadable"))

	if doc := open(t).as(person.Viewer).get("/accounts/a1").want(200).page(); doc.Find("main form").Length() != 0 {
		t.Error("a viewer gets forms that change the account")
	}
}

func TestChangingAnAccount(t *testing.T) {
	c := open(t)
	c.post("/accounts/a1/rename", "label", "New").want(http.StatusSeeOther, "/accounts/a1")
	says(t, c.get("/accounts/a1").page(), ".toast", word("accounts.said.renamed"))
	if c.get("/accounts/a1").page().Find(".toasts .toast").Length() != 0 {
		t.Error("the note is said twice")
	}
	c.post("/accounts/a1/key", "credential", "key", "key_id", "AKEXAMPLE0000000009", "key_secret", "another-secret", "label", "ignored").want(http.StatusSeeOther, "/accounts/a1")
	c.post("/accounts/a1/disable").want(http.StatusSeeOther, "/accounts/a1")
	c.post("/accounts/a1/enable").want(http.StatusSeeOther, "/accounts/a1")
	c.post("/accounts/a1/check").want(http.StatusSeeOther, "/accounts/a1")
	c.post("/accounts/a1/check", "back", "setup").want(http.StatusSeeOther, "/setup/check")
	c.post("/accounts/a1/delete").want(http.StatusSeeOther, "/accounts")
	want := "rename New a1|replace AKEXAMPLE0000000009 another-secret a1|disabled=true a1|disabled=false a1|check a1|check a1|delete a1"
	if got := strings.Join(c.accounts.calls, "|"); got != want {
		t.Errorf("calls: got %s, want %s", got, want)
	}
}

func TestAnAccountWithOpenOrdersStays(t *testing.T) {
	c := open(t)
	c.accounts.err = fault.New(fault.Conflict, "web.topics.many")
	doc := c.post("/accounts/a1/delete").want(http.StatusUnprocessableEntity).page()
	says(t, doc, "form[data-dialog-form] .note", word("web.topics.many"))
}

func TestRenamingRefused(t *testing.T) {
	c := open(t)
	c.accounts.err = &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"label": fault.Say("web.topics.many")}}
	doc := c.post("/accounts/a1/rename", "label", "taken").want(http.StatusUnprocessableEntity).page()
	if value(doc, "label") != "taken" {
		t.Errorf("what was typed is lost: %q", value(doc, "label"))
	}
	says(t, doc, "#label-error", word("web.topics.many"))
}

func usd(s string) *order.Money {
	return &order.Money{Amount: decimal.RequireFromString(s), Currency: "USD"}
}

func TestOverviewShowsTheWorstFirst(t *testing.T) {
	c := open(t)
	c.accounts.all[0].State, c.accounts.all[0].TroubleAt, c.accounts.all[0].Trouble = account.Broken, now, fault.Say("web.forbidden")
	c.orders.attention = []order.Order{
		{ID: "o1", State: order.AwaitingPayment, Amount: usd("100"), PayBy: now.Add(2 * time.Hour), Request: order.Request{Name: "paid-1"}},
		{ID: "o2", State: order.AwaitingPayment, Amount: usd("31.80"), PayBy: now.Add(48 * time.Hour), Request: order.Request{Name: "paid-2"}},
		{ID: "o3", State: order.Unknown, SentAt: now, Request: order.Request{Name: "lost-1"}},
		{ID: "o4", State: order.PartlyDelivered, Request: order.Request{Name: "half-1"}, Reason: fault.Say("order.partly", "N", "1", "Of", "2")},
	}
	c.instances.rows = []instance.Instance{
		{ID: "i1", AccountID: "a1", Name: "lotus-shop-01", Expires: now.Add(30 * time.Hour), Region: "ap-southeast-3", State: "ACTIVE"},
		{ID: "i2", AccountID: "a1", Name: "renews-itself", Expires: now.Add(30 * time.Hour), AutoRenew: true},
		{ID: "i3", AccountID: "a1", Name: "tigre-wiki-09", Expires: now.Add(10 * 24 * time.Hour)},
		{ID: "i5", AccountID: "a1", Name: "past-01", Expires: now.Add(-30 * time.Hour)},
		{ID: "i4", AccountID: "a1", Name: "far-away", Expires: now.Add(90 * 24 * time.Hour)},
	}
	doc := c.get("/").want(200).page()
	says(t, doc, ".todo-list li:contains('half-1') small", "1 of 2 arrived.")
	var got []string
	doc.Find(".todo-list li b").Each(func(_ int, s *goquery.Selection) { got = append(got, strings.TrimSpace(s.Text())) })
	want := []string{"No clear answer about lost-1", "Marina Labs can’t be read, since today at 09:21.", "1 instance has expired", "1 instance expires within 3 days, without auto-renew",
		"2 orders wait for payment", "The order half-1 needs somebody: Partly delivered", "1 more instance expires within 14 days, without auto-renew"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("items:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	says(t, doc, ".todo-list", "US$ 131.80")
	says(t, doc, ".todo-list", "today at 11:21")
	says(t, doc, ".nav", "4")
	c.header.Set("HX-Request", "true")
	if part := c.get("/?part=attention").want(200); strings.Contains(part.body, "<html") || part.page().Find("#attention").Length() != 1 {
		t.Error("the part is not the list alone")
	}
	if part := c.get("/counts").want(200).page(); part.Find("#count-orders.warn[hx-swap-oob]").Text() != "4" {
		t.Errorf("counts: %s", part.Find("body").Text())
	} else {
		says(t, part, "#banners[hx-swap-oob] .note", "Marina Labs can’t be read, since today at 09:21. "+word("web.forbidden")+" Its servers stay, as of today at 09:18.")
	}
}

func TestSumsAreNeverMadeAcrossCurrencies(t *testing.T) {
	c := open(t)
	eur := &order.Money{Amount: decimal.RequireFromString("5"), Currency: "EUR"}
	c.orders.attention = []order.Order{{ID: "o1", State: order.AwaitingPayment, Amount: usd("100")}, {ID: "o2", State: order.AwaitingPayment, Amount: eur}}
	says(t, c.get("/").page(), ".todo-list small", "US$ 100.00 + € 5.00")
	c.orders.attention[1].Amount = nil
	if doc := c.get("/").page(); strings.Contains(doc.Find(".todo-list small").Text(), "100") {
		t.Error("a sum is shown although one amount is not known")
	}
}

func TestOverviewWithoutAccounts(t *testing.T) {
	c := open(t)
	c.accounts.all = nil
	doc := c.get("/").want(200).page()
	says(t, doc, "main h2", word("overview.none"))
	if doc.Find("form[action='/sandbox/open']").Length() != 1 || doc.Find("a[href='/buy']").Not(".nav a").Length() != 0 {
		t.Error("the empty page offers the wrong ways on")
	}
	c.post("/sandbox/open").want(http.StatusSeeOther, "/")
	if len(c.accounts.added) != 1 || c.persons.scope != "sandbox" {
		t.Error("opening the Sandbox did not connect it")
	}
}

func rows(n int) []instance.Instance {
	var out []instance.Instance
	for i := range n {
		out = append(out, instance.Instance{ID: fmt.Sprintf("i%d", i), AccountID: "a1", Name: fmt.Sprintf("shop-%03d", i), Region: "ap-southeast-3", Spec: "hf.large.1.30m.linux",
			Image: "WordPress", Address: "203.0.113.7", State: "ACTIVE", Expires: now.Add(time.Duration(i) * 24 * time.Hour)})
	}
	return out
}

func TestInstancePage(t *testing.T) {
	c := open(t)
	c.instances.rows = rows(1)
	c.instances.rows[0].GoneAt = now.Add(-time.Hour)
	doc := c.get("/instances/i0").want(200).page()
	says(t, doc, "h1", "shop-000")
	says(t, doc, "#instance .note", "Huawei does not list this instance any more")
	says(t, doc, "#instance", "2 vCPU, 2 GiB")
	c.get("/instances/none").want(http.StatusNotFound)
	c.instances.rows[0].AccountID = "another"
	c.get("/instances/i0").want(http.StatusNotFound)
}

func TestRefreshAsksForTheScope(t *testing.T) {
	c := open(t)
	c.accounts.all = append(c.accounts.all, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	c.header.Set("Referer", "http://localhost:8080/instances?q=shop")
	c.post("/instances/refresh").want(http.StatusSeeOther, "/instances?q=shop")
	if got := strings.Join(c.instances.asked, ","); got != "a1" {
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
		c := open(t)
		c.accounts.all[0].Label = "Shop"
		c.header.Set("Accept-Language", tt.lang)
		if tt.trouble != "" {
			c.instances.open = map[string]instance.Asked{"a1": {At: now, Waits: true, Trouble: tt.trouble}}
		}
		c.header.Set("Referer", "http://localhost:8080/instances")
		c.post("/instances/refresh").want(http.StatusSeeOther, "/instances")
		says(t, c.get("/instances").want(200).page(), "body", tt.want)
	}
}

// TestWhatAPageAsksByItselfIsNobodysVisit: how often the cloud is asked depends on
// whether a person is there.
func TestWhatAPageAsksByItselfIsNobodysVisit(t *testing.T) {
	c := open(t)
	visits := func(want int32, what string) {
		t.Helper()
		if got := c.instances.visits.Swap(0); got != want {
			t.Errorf("%s: %d visits, want %d", what, got, want)
		}
	}
	visits(0, "nothing yet")
	c.get("/servers").want(200)
	visits(1, "a page")
	c.post("/instances/refresh")
	visits(1, "an action")
	c.header.Set("HX-Request", "true")
	c.header.Set("HX-Trigger", "fresh")
	c.get("/servers/rows?v=0")
	visits(0, "rows that the page asks for")
}

func TestHostileNamesStayText(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)>` + "\u202eabc"
	c := open(t)
	c.accounts.all = append(c.accounts.all, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	c.accounts.all[0].Label = evil
	c.persons.who.DisplayName = evil
	c.instances.rows = rows(1)
	c.instances.rows[0].Name, c.instances.rows[0].Image, c.instances.rows[0].Address, c.instances.rows[0].Spec = evil, evil, evil, evil
	c.orders.attention = []order.Order{{ID: "o1", State: order.Unknown, Request: order.Request{Name: evil}}}
	c.sandbox.status.Purchases = []web.SandboxPurchase{{Name: evil, OrderID: evil, Amount: evil, Currency: evil}}
	c.sandbox.status.Requests = []web.SandboxRequest{{Call: evil, Faults: []string{evil}}}
	c.sandbox.status.Waiting = []web.SandboxFault{{Call: evil, Kind: evil}}
	for _, path := range []string{"/", "/accounts", "/accounts/a1", "/accounts/a1/key", "/accounts/a1/delete", "/instances", "/instances/i0", "/settings/you", "/settings/security", "/sandbox", "/instances?q=" + url.QueryEscape(evil)} {
		a := c.get(path).want(200)
		if doc := a.page(); doc.Find("img, [onerror]").Length() > 0 {
			t.Errorf("%s: a name became markup", path)
		}
		// A field gives back what was typed as it was; elsewhere it is shown.
		doc := a.page()
		doc.Find("input").Remove()
		if strings.Contains(doc.Text(), "\u202e") {
			t.Errorf("%s: a name turns the direction of the page", path)
		}
	}
}

func TestSettings(t *testing.T) {
	c := open(t)
	c.get("/settings").want(http.StatusSeeOther, "/settings/you")
	doc := c.get("/settings/you").want(200).page()
	if v, _ := doc.Find("#zone option[selected]").Attr("value"); v != "Asia/Hong_Kong" {
		t.Errorf("zone: %q", v)
	}
	doc = c.post("/settings/you", "display_name", "", "theme", "dark", "language", "zh-Hans", "zone", "UTC").want(http.StatusUnprocessableEntity).page()
	if doc.Find("#theme-dark[checked]").Length() != 1 || doc.Find("#shortcuts[checked]").Length() != 0 || doc.Find("#language option[selected]").AttrOr("value", "") != "zh-Hans" {
		t.Error("a refused form lost what was chosen")
	}
	c.post("/settings/you", "display_name", "Mei", "theme", "dark", "language", "zh-Hans", "zone", "Asia/Shanghai", "shortcuts", "on").want(http.StatusSeeOther, "/settings/you")
	if want := (person.Profile{DisplayName: "Mei", Language: "zh-Hans", Zone: "Asia/Shanghai", Theme: "dark", Shortcuts: true}); c.persons.profile != want {
		t.Errorf("profile: got %+v, want %+v", c.persons.profile, want)
	}
}

func TestSessionsOfAPerson(t *testing.T) {
	c := open(t)
	c.persons.sessions["token-2"] = person.Session{Ref: "ref-2", PersonID: "p1", Browser: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Address: "192.0.2.9", Created: now, Seen: now}
	doc := c.get("/settings/security").want(200).page()
	says(t, doc, "#sessions", "Firefox on Linux")
	if got := doc.Find("#sessions form[action='/settings/security/sessions/ref-2/end']").Length(); got != 1 {
		t.Errorf("forms that end the other session: %d", got)
	}
	c.post("/settings/security/sessions/ref-2/end").want(http.StatusSeeOther, "/settings/security")
	c.post("/settings/security/sessions/ref-2/end").want(http.StatusNotFound)
	doc = c.post("/settings/security/password", "old", "wrong", "new", password).want(http.StatusUnprocessableEntity).page()
	if doc.Find("#old[aria-invalid=true]").Length() != 1 || value(doc, "old") != "" || value(doc, "new") != "" {
		t.Error("a wrong password is not said at its field, or came back")
	}
	c.post("/settings/security/password", "old", password, "new", password).want(http.StatusSeeOther, "/settings/security")
}

func TestConsoleSettings(t *testing.T) {
	c := open(t)
	doc := c.get("/settings/console").want(200).page()
	if doc.Find("#intent_tag[checked]").Length() != 1 || doc.Find("#allow_deduct[checked]").Length() != 0 {
		t.Error("the switches show the wrong state")
	}
	c.post("/settings/console", "allow_deduct", "on").want(http.StatusSeeOther, "/settings/console")
	if !c.settings.deduct || c.settings.tag {
		t.Errorf("settings: %+v", c.settings)
	}
}

func TestSandboxControls(t *testing.T) {
	c := open(t)
	c.accounts.all = append(c.accounts.all, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	doc := c.get("/sandbox").want(200).page()
	if doc.Find(".strip:not(.pause)").Length() != 1 || doc.Find("main a.play").AttrOr("href", "") != "/buy?from=s1" || c.persons.scope != "" {
		t.Error("the page is not shown in the Sandbox's scope, or changed the person's")
	}
	if doc.Find("input[name=fault]").Length() != len(web.Mishaps()) {
		t.Errorf("ways to go wrong: %d", doc.Find("input[name=fault]").Length())
	}
	c.post("/sandbox/break", "fault", "late").want(http.StatusSeeOther, "/sandbox")
	c.post("/sandbox/break", "fault", "nonsense").want(http.StatusUnprocessableEntity).page()
	c.post("/sandbox/mend").want(http.StatusSeeOther, "/sandbox")
	c.post("/sandbox/clock", "days", "31").want(http.StatusSeeOther, "/sandbox")
	for _, days := range []string{"", "0", "-3", "367", "x", "1.5"} {
		if doc := c.post("/sandbox/clock", "days", days).want(http.StatusUnprocessableEntity).page(); value(doc, "days") != days {
			t.Errorf("days %q came back as %q", days, value(doc, "days"))
		}
	}
	c.get("/sandbox/reset").want(200).page()
	c.post("/sandbox/reset").want(http.StatusSeeOther, "/sandbox")
	c.post("/sandbox/fleet").want(http.StatusSeeOther, "/sandbox")
	want := "break purchase drop_after,break purchase late,mend,advance 744h0m0s,reset,fleet 40"
	if got := strings.Join(c.sandbox.said, ","); got != want {
		t.Errorf("the Sandbox was told %s, want %s", got, want)
	}
	if got := strings.Join(c.instances.asked, ","); got != "s1,s1,s1" {
		t.Errorf("refreshed: %s, want the Sandbox's account after each change", got)
	}

	c.sandbox.err = fault.New(fault.Unreachable, "web.topics.many")
	says(t, c.get("/sandbox").want(200).page(), "main .note", word("web.topics.many"))
	c.sandbox.err = nil
	if doc := c.as(person.Viewer).get("/sandbox").want(200).page(); doc.Find("main form").Length() != 0 {
		t.Error("a viewer gets the controls")
	}
}

func TestWithoutASandbox(t *testing.T) {
	c := open(t, func(o *web.Options) { o.Sandbox = nil })
	c.get("/sandbox").want(http.StatusNotFound)
	for _, path := range []string{"break", "mend", "clock", "fleet", "reset", "open"} {
		c.post("/sandbox/"+path, "fault", "late", "days", "3").want(http.StatusNotFound)
	}
	if c.get("/").page().Find("a[href='/sandbox']").Length() != 0 {
		t.Error("a link leads to a Sandbox that is not there")
	}
}

// Every page in Chinese and right to left, with every message it needs.
func TestPagesInEveryLanguage(t *testing.T) {
	c := open(t)
	c.accounts.all = append(c.accounts.all, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	c.instances.rows = rows(2)
	text.EnablePseudo()
	for _, lang := range []string{"zh-Hans", "ar-XB", "en"} {
		c.persons.who.Language = lang
		for _, path := range []string{"/", "/accounts", "/accounts/a1", "/accounts/new", "/accounts/a1/key", "/accounts/a1/delete", "/instances", "/instances/i0", "/settings/you", "/settings/security", "/settings/console", "/sandbox", "/sandbox/reset"} {
			doc := c.get(path).want(200).page()
			if got, _ := doc.Find("html").Attr("lang"); got != lang {
				t.Errorf("%s: lang %q, want %q", path, got, lang)
			}
			if doc.Find("h1").Length() != 1 {
				t.Errorf("%s: %d h1", path, doc.Find("h1").Length())
			}
		}
	}
	if strings.Contains(c.log.String(), "not translated") {
		t.Error("a message has no Chinese")
	}
}
