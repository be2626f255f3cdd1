package accounts_test

import (
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/text"
)

func bad(name, id string, kind fault.Kind) account.Check {
	k := account.Check{Name: name, Message: fault.Say(id), Kind: kind.String(), Since: webtest.Now.Add(-time.Hour)}
	if id == "cloud.permission" {
		k.Message.Values, k.Code = map[string]string{"Permission": "bss:order:view"}, "CBC.0151"
	}
	return k
}

func well(name string) account.Check {
	return account.Check{Name: name, OK: true, Message: fault.Say("account.check.orders")}
}

// TestWhatACheckAnsweredIsItsHeading: at set-up, on the account's page and in the
// list the words are what the cloud answered, in every way in which it can.
func TestWhatACheckAnsweredIsItsHeading(t *testing.T) {
	signedIn := []account.Check{well("keys"), {Name: "clock", OK: true, Message: fault.Say("account.check.clock", "Seconds", "0.1")}}
	with := func(more ...account.Check) []account.Check { return append(signedIn[:2:2], more...) }
	for _, tt := range []struct {
		name    string
		a       account.Account
		heading string
		state   string
		why     string // in the list
		mend    bool   // set-up offers to replace the sign-in
	}{
		{"nothing answered yet", account.Account{Checking: true}, "Checking Marina…", "Checking", "", false},
		{"never checked", account.Account{}, "Marina is not checked yet", "Not checked yet", "", false},
		{"answered", account.Account{Checks: with(well("list"))}, "Marina answers", "Healthy", "", false},
		{"checked again", account.Account{Checks: with(well("list")), Checking: true}, "Checking Marina…", "Healthy", "", false},
		{"tried again by the console", account.Account{Checks: []account.Check{bad("keys", "cloud.unreachable", fault.Unreachable)}, Checking: true, Again: true},
			"Marina could not be reached", "Not reached", webtest.Word("cloud.unreachable"), false},
		{"no network", account.Account{Checks: []account.Check{bad("keys", "cloud.unreachable", fault.Unreachable)}},
			"Marina could not be reached", "Not reached", webtest.Word("cloud.unreachable"), false},
		{"too many requests", account.Account{Checks: []account.Check{bad("keys", "cloud.throttled", fault.Busy)}},
			"Huawei asks us to wait; Marina is not checked", "Asked to wait", webtest.Word("cloud.throttled"), false},
		{"the key is refused",
			account.Account{State: account.Broken, Trouble: fault.Say("cloud.login.wrong"), TroubleAt: webtest.Now.Add(-time.Hour),
				Checks: []account.Check{bad("keys", "cloud.login.wrong", fault.Refused)}}, "Huawei refused the key of Marina",
			"Can’t sign in", webtest.Word("cloud.login.wrong"), true},
		{"the password is refused", account.Account{State: account.Broken, Trouble: fault.Say("cloud.login.refused"), TroubleAt: webtest.Now.Add(-time.Hour)},
			"Huawei refused the sign-in of Marina", "Can’t sign in", webtest.Word("cloud.login.refused"), true},
		{"another account's key", account.Account{State: account.Broken, Trouble: fault.Say("account.check.foreign", "Other", "x", "Domain", "y"), TroubleAt: webtest.Now},
			"The new key belongs to another account than Marina", "Can’t sign in", "", true},
		{"the credential is lost", account.Account{State: account.Broken, Trouble: fault.Say(account.KeyLost), TroubleAt: webtest.Now}, "The key of Marina has to be entered again", "Can’t sign in", "", true},
		{"our clock is refused", account.Account{Checks: []account.Check{{Name: "keys", Message: fault.Say("cloud.clock", "Minutes", "20"), Kind: "refused"}}},
			"The clock of this server is wrong, Huawei refuses Marina", "Can’t sign in", "", true},
		{"one permission is missing", account.Account{Checks: with(bad("orders", "cloud.permission", fault.Refused))}, "Marina answers, 1 thing is missing", "Limited", "Orders", false},
		{"two are, and a region is one thing", account.Account{Checks: with(bad("orders", "cloud.permission", fault.Refused),
			bad("servers:ap-southeast-3", "cloud.read.silent", fault.Unreachable),
			bad("images:ap-southeast-3", "cloud.read.silent", fault.Unreachable))},
			"Marina answers, 2 things are missing", "Limited", "Orders · Singapore", false},
		{"a right was refused since", account.Account{Checks: with(well("orders")), Rights: map[account.Right]account.Answer{account.RightMetrics: {At: webtest.Now, Code: "ces.0015"}}},
			"Marina answers, 1 thing is missing", "Limited", "May read metrics", false},
		{"only our clock is off", account.Account{Checks: with(well("list"), account.Check{Name: "clock", Message: fault.Say("account.check.clock.off", "Minutes", "6")})},
			"Marina answers, but the clock of this server is wrong", "Limited", "Clock", false},
		{"switched off", account.Account{State: account.Disabled}, "Marina is disabled", "Disabled", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			a := tt.a
			a.ID, a.Label, a.Site, a.Credential, a.CreatedAt = "a1", "Marina", account.International, account.ByKey, webtest.Now
			if a.State == "" {
				a.State = account.Active
			}
			if len(a.Checks) > 0 {
				a.CheckedAt = webtest.Now
			}
			c.Accounts.All = []account.Account{a}
			doc := c.Get("/accounts/a1").Want(200).Page()
			webtest.Says(t, doc, "#check-title", tt.heading)
			webtest.Says(t, doc, "h1 .st", tt.state)
			list := c.Get("/accounts").Want(200).Page()
			webtest.Says(t, list, "#account-a1 .ph .st", tt.state)
			webtest.Says(t, list, "#account-a1 .pb", tt.why)
			if strings.HasPrefix(tt.why, "Huawei Cloud") || strings.HasPrefix(tt.why, "No connection") {
				webtest.Says(t, list, "#account-a1 .note", "Since ")
			}
			if tt.name != "checked again" { // the list says what is known, its state that it is checked
				webtest.Says(t, list, "#account-a1 .pb", tt.heading)
			}
			first := c.Get("/setup/check").Want(200).Page()
			webtest.Says(t, first, "h1", tt.heading)
			if strings.Contains(first.Find("main").Text(), "connected") {
				t.Error("the page says that the account is connected")
			}
			if got := first.Find(`a[href="/accounts/a1/key"]`).Length() == 1; got != tt.mend {
				t.Errorf("set-up offers to replace the sign-in: got %v, want %v", got, tt.mend)
			}
		})
	}
}

// lines are the titles and states of a check's timeline, as its page shows them.
func lines(c *webtest.Console, n int) string {
	doc := c.Get("/accounts/a1").Want(200).Page()
	var all []string
	for _, li := range doc.Find("#check .tl").Eq(n).Children().EachIter() {
		class, _ := li.Attr("class")
		b := li.Find("b").Clone()
		b.Find(".vh").Remove()
		all = append(all, strings.Join(strings.Fields(b.Text()), " ")+" "+class)
	}
	return strings.Join(all, ", ")
}

func TestTheStepsOfACheckAreShownAsTheyAreDone(t *testing.T) {
	c := webtest.Open(t)
	a := &c.Accounts.All[0]
	a.Label, a.Checking, a.CheckedAt = "Marina", true, webtest.Now
	a.Checks = nil
	for _, tt := range []struct {
		step   string
		checks []account.Check
		want   string
	}{
		{"", nil, "Waits for its turn now"},
		{"keys", nil, "Sign-in now"},
		{"list", []account.Check{well("keys")}, "Sign-in done, List of instances now"},
		{"images:ap-southeast-3", []account.Check{well("keys"), well("servers:ap-southeast-3")}, "Sign-in done, Singapore now"},
		{"servers:tr-west-1", []account.Check{well("keys"), well("servers:ap-southeast-3"), bad("images:ap-southeast-3", "cloud.permission", fault.Refused)},
			"Sign-in done, Singapore ask, Istanbul now"},
		{"keys", []account.Check{{Name: "keys", OK: true, Message: fault.Say("account.check.keys"), Old: true}, {Name: "orders", Message: fault.Say("cloud.read.silent"), Old: true}},
			"Sign-in now, Sign-in, as checked before todo, Orders, as checked before todo"},
	} {
		a.Step, a.Checks = tt.step, tt.checks
		if got := lines(c, 0); got != tt.want {
			t.Errorf("at %q: got %q, want %q", tt.step, got, tt.want)
		}
	}
}

func TestARegionIsOneLineThatOpensWhereSomethingIsWrong(t *testing.T) {
	c := webtest.Open(t)
	a := &c.Accounts.All[0]
	a.CheckedAt = webtest.Now
	a.Checks = []account.Check{well("keys"), well("servers:ap-southeast-3"), well("images:ap-southeast-3"),
		well("servers:tr-west-1"), bad("images:tr-west-1", "cloud.permission", fault.Refused)}
	if got, want := lines(c, 0), "Sign-in done, Singapore done, Istanbul ask"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	doc := c.Get("/accounts/a1").Page()
	webtest.Says(t, doc, "#check .tl:first-of-type li.done:nth-child(2) p", "May read servers and images.")
	webtest.Says(t, doc, "#check .tl li.ask", "CBC.0151")
	if n := doc.Find("#check .tl li.ask ul li").Length(); n != 2 {
		t.Errorf("the parts of the region where something is wrong: %d, want 2", n)
	}
	if n := doc.Find("#check .tl li.done ul").Length(); n != 0 {
		t.Error("a region where all is well shows its parts")
	}
}

// What the check did not ask is never shown as given, and what a call learnt is
// shown with its date, also against what the check found.
func TestRightsAreShownAsTheyWereLearnt(t *testing.T) {
	c := webtest.Open(t)
	a := &c.Accounts.All[0]
	a.CheckedAt = webtest.Now
	a.Checks = []account.Check{well("keys"), well("billing"), well("orders")}
	want := "May read metrics todo, May change servers todo, May buy todo, May pay todo, May cancel orders todo"
	if got := lines(c, 1); got != want {
		t.Errorf("nothing used yet: got %q, want %q", got, want)
	}
	a.Rights = map[account.Right]account.Answer{
		account.RightMetrics: {Allowed: true, At: webtest.Now}, account.RightChange: {At: webtest.Now, Code: "Ecs.0003"},
		account.RightOrders: {At: webtest.Now, Code: "CBC.0151"}}
	want = "May read metrics done, May change servers fail, May buy todo, May pay todo, May cancel orders todo"
	if got := lines(c, 1); got != want {
		t.Errorf("some used: got %q, want %q", got, want)
	}
	if got, want := lines(c, 0), "Sign-in done, Balance done, Orders ask"; got != want {
		t.Errorf("refused since: got %q, want %q", got, want)
	}
	webtest.Says(t, c.Get("/accounts/a1").Page(), "#check .tl + p + .tl li.fail", "Ecs.0003")
	webtest.Says(t, c.Get("/accounts/a1").Page(), "#check .tl + p + .tl li.fail",
		webtest.Word("accounts.right.refused", "When", text.New(text.English, webtest.HongKong).Near(webtest.Now, webtest.Now)))
}

// After connecting, the new account is what the pages show: to somebody who worked
// in the Sandbox its servers would be nowhere.
func TestConnectingLeavesTheSandbox(t *testing.T) {
	form := []string{"label", "Marina", "site", "intl", "credential", "key", "key_id", "AKEXAMPLE0000000001", "key_secret",
		"the-secret-key"}
	c := webtest.Open(t)
	c.Accounts.All = []account.Account{{ID: "s1", Label: "Sandbox", Site: account.SandboxSite, State: account.Active}}
	c.Persons.Scope = "sandbox"
	c.Post("/accounts", form...).Want(303, "/accounts/a2")
	if c.Persons.Scope != "real" {
		t.Errorf("the scope afterwards: %q, want real accounts", c.Persons.Scope)
	}
	c = webtest.Open(t)
	c.Post("/accounts", form...).Want(303, "/accounts/a2")
	if c.Persons.Scope == "sandbox" {
		t.Errorf("the scope of somebody who looks at real accounts: %q, want it left alone", c.Persons.Scope)
	}
}

// What is emptied by a refusal is said where it has to be typed again.
func TestAnEmptiedSecretSaysSo(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.Err = &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"label": fault.Say("account.label.taken")}}
	page := c.Post("/accounts", "label", "Marina", "site", "intl", "credential", "key", "key_id", "AKEXAMPLE0000000001", "key_secret",
		"the-secret-key").Want(422).Page()
	webtest.Says(t, page, "#key_secret-hint", webtest.Word("accounts.form.again"))
	if c.Get("/accounts/new").Page().Find("#key_secret-hint").Length() != 0 {
		t.Error("the empty form says it, too")
	}
}
