package setup_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
	"sampan/internal/app/web/webtest"
)

// first is a console that nobody has set up yet.
func first(t *testing.T) *webtest.Console {
	c := webtest.Open(t).SignedOut()
	c.Persons.Who, c.Persons.GivenSessions, c.Accounts.All = nil, map[string]person.Session{}, nil
	return c
}

// empty is a console whose owner has connected nothing yet.
func empty(t *testing.T, change ...func(*web.Options)) *webtest.Console {
	c := webtest.Open(t, change...)
	c.Accounts.All = nil
	return c
}

func TestTheFormOfTheOwner(t *testing.T) {
	doc := first(t).Get("/setup/owner").Want(200).Page()
	webtest.Says(t, doc, "h1", "Create the owner")
	webtest.Says(t, doc, "main", "Printed by the console when it started, so that nobody else can claim it.")
	webtest.Says(t, doc, "[aria-current=step]", "Owner")
	for _, id := range []string{"display_name", "name", "password", "zone", "code", "language"} {
		if doc.Find("#"+id).Length() != 1 {
			t.Errorf("no field %s", id)
		}
	}
}

func TestAnOwnerWhoIsRefused(t *testing.T) {
	form := []string{"name", "mei", "display_name", "Mei", "language", "en", "zone", "UTC", "code", "the-printed-code", "password",
		webtest.Password}
	shown := map[fault.Kind]int{fault.Invalid: 422, fault.Conflict: 409, fault.Busy: 429, fault.Refused: 422, fault.Unreachable: 422}
	kinds := []fault.Kind{fault.NotFound}
	for kind, status := range shown {
		kinds = append(kinds, kind)
		c := first(t)
		c.Persons.Err = fault.New(kind, "web.topics.many")
		doc := c.Post("/setup/owner", form...).Want(status).Page()
		webtest.Says(t, doc, ".note[role=alert]", webtest.Word("web.topics.many"))
		webtest.Says(t, doc, "#password-hint", "Enter the password again: it is not kept in the page.")
		if webtest.Value(doc, "name") != "mei" || webtest.Value(doc, "password") != "" ||
			!strings.HasPrefix(doc.Find("title").Text(), "Error:") {
			t.Errorf("%v: the form lost what was typed, or kept the password", kind)
		}
	}
	c := first(t)
	c.Persons.Err = fault.New(fault.NotFound, "web.topics.many") // of a code
	webtest.Says(t, c.Post("/setup/owner", form...).Want(422).Page(), "#code-error", webtest.Word("setup.owner.code.wrong"))
	for _, f := range webtest.FailuresBut(kinds...) {
		c := first(t)
		c.Persons.Err = f.Err
		webtest.Says(t, c.Post("/setup/owner", form...).Want(f.Status).Page(), "h1", webtest.Word(f.Title))
		if len(c.Cookies) != 0 {
			t.Errorf("%v: somebody is signed in: %v", f.Err, c.Cookies)
		}
	}
	doc := first(t).Post("/setup/owner", append(form[:len(form)-1:len(form)-1], "short")...).Want(422).Page()
	webtest.Says(t, doc, "#password-error", webtest.Word("signin.password.rule"))
	if doc.Find("#password[autofocus]").Length() != 1 {
		t.Error("the only mistake has no focus")
	}
}

// The set-up's first step needs nobody; the others need somebody who manages accounts.
func TestWhoSetsUp(t *testing.T) {
	c := first(t)
	c.Get("/setup/cloud").Want(http.StatusSeeOther, "/setup/owner")
	for _, path := range []string{"/setup/cloud", "/setup/check"} {
		empty(t).As(person.Operator).Get(path).Want(http.StatusForbidden)
	}
	for _, path := range []string{"/setup/cloud", "/setup/sandbox"} {
		c := empty(t).As(person.Buyer)
		c.Post(path, "label", "x").Want(http.StatusForbidden)
		if len(c.Accounts.Added) != 0 {
			t.Errorf("%s: connected all the same", path)
		}
	}
}

func TestTheChoiceOfTheFirstCloud(t *testing.T) {
	doc := empty(t).Get("/setup/cloud").Want(200).Page()
	webtest.Says(t, doc, "h1", "Connect Huawei Cloud, or try it first")
	webtest.Says(t, doc, "[aria-current=step]", "Cloud account")
	if doc.Find(`#play form[action="/setup/sandbox"]`).Length() != 1 || doc.Find(`#connect form[action="/setup/cloud"]`).Length() != 1 {
		t.Error("one of the two ways is missing")
	}
	doc = empty(t, func(o *web.Options) { o.Sandbox = nil }).Get("/setup/cloud").Want(200).Page()
	if doc.Find("#play").Length() != 0 || doc.Find("#connect").Length() != 1 {
		t.Error("without a Sandbox the page offers one, or nothing")
	}
	empty(t, func(o *web.Options) { o.Sandbox = nil }).Post("/setup/sandbox").Want(http.StatusNotFound)
	c := webtest.Open(t)
	for _, path := range []string{"/setup/cloud", "/setup/sandbox"} {
		c.Post(path, "label", "x").Want(http.StatusNotFound)
	}
}

func TestASandboxThatCannotBeStarted(t *testing.T) {
	shown := map[fault.Kind]int{fault.Invalid: 422, fault.Conflict: 409, fault.Busy: 429, fault.Refused: 422, fault.Unreachable: 422}
	var kinds []fault.Kind
	for kind, status := range shown {
		kinds = append(kinds, kind)
		c := empty(t)
		c.Sandbox.Err = fault.New(kind, "web.topics.many")
		webtest.Says(t, c.Post("/setup/sandbox", "fleet", "0").Want(status).Page(), "#play .note[role=alert]",
			webtest.Word("web.topics.many"))
	}
	for _, f := range webtest.FailuresBut(kinds...) {
		c := empty(t)
		c.Sandbox.Err = f.Err
		webtest.Says(t, c.Post("/setup/sandbox").Want(f.Status).Page(), "h1", webtest.Word(f.Title))
	}
	c := empty(t)
	c.Post("/setup/sandbox", "fleet", "10000").Want(http.StatusSeeOther, "/")
	if len(c.Sandbox.Said) != 0 {
		t.Errorf("a fleet that is not offered: the Sandbox was told %v", c.Sandbox.Said)
	}
}

func TestTheFirstAccountThatIsRefused(t *testing.T) {
	form := []string{"label", "Marina", "site", "intl", "credential", "key", "key_id", "AKEXAMPLE0000000001", "key_secret",
		"the-secret-key"}
	c := empty(t)
	c.Accounts.Err = &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"key_id": fault.Say("web.topics.many")}}
	doc := c.Post("/setup/cloud", form...).Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, "#key_id-error", webtest.Word("web.topics.many"))
	if webtest.Value(doc, "label") != "Marina" || webtest.Value(doc, "key_secret") != "" || doc.Find("#play").Length() != 1 {
		t.Error("the form lost what was typed, kept the secret, or the other way is gone")
	}
	c.Accounts.Err = fault.New(fault.Unknown, "web.topics.many")
	c.Post("/setup/cloud", form...).Want(http.StatusBadGateway)
	c.Accounts.Err, c.Persons.Fresh = nil, false
	webtest.Says(t, c.Post("/setup/cloud", form...).Want(422).Page(), "#your_password-error", webtest.Word("accounts.form.yours.needed"))
}

// What the first check answered decides what can be done next.
func TestWhatFollowsFromTheFirstCheck(t *testing.T) {
	unreached := account.Check{Name: "keys", Message: fault.Say("cloud.unreachable"), Kind: fault.Unreachable.String(), Since: webtest.Now}
	missing := account.Check{Name: "orders", Message: fault.Say("cloud.permission", "Permission", "x"), Kind: fault.Refused.String(),
		Code: "CBC.0151"}
	fine := account.Check{Name: "list", OK: true, Message: fault.Say("account.check.orders")}
	for _, tt := range []struct {
		name string
		a    account.Account
		text string
		mend bool
	}{
		{"under way", account.Account{Checking: true}, "setup.check.running", false},
		{"answered", account.Account{Checks: []account.Check{fine}}, "setup.check.text", false},
		{"a permission is missing", account.Account{Checks: []account.Check{fine, missing}}, "setup.check.limited", false},
		{"not reached", account.Account{Checks: []account.Check{unreached}}, "setup.check.nothing", false},
		{"refused", account.Account{State: account.Broken, Trouble: fault.Say("cloud.login.wrong"), TroubleAt: webtest.Now}, "setup.check.refused", true},
	} {
		c := webtest.Open(t)
		tt.a.ID, tt.a.Label, tt.a.Site, tt.a.CreatedAt = "a1", "Marina", account.International, webtest.Now
		if tt.a.State == "" {
			tt.a.State = account.Active
		}
		if len(tt.a.Checks) > 0 {
			tt.a.CheckedAt = webtest.Now
		}
		c.Accounts.All = []account.Account{tt.a}
		doc := c.Get("/setup/check").Want(200).Page()
		got := strings.Join(strings.Fields(doc.Find("#answer p").Text()), " ")
		if got != webtest.Word(tt.text) && !(tt.text == "setup.check.nothing" && got == webtest.Word("setup.check.nothing.retried")) {
			t.Errorf("%s: %q", tt.name, got)
		}
		if is := doc.Find(`#onward a[href="/accounts/a1/key"]`).Length() == 1; is != tt.mend {
			t.Errorf("%s: the key can be replaced: %t", tt.name, is)
		}
		webtest.Says(t, doc, "main .note", "Purchases in Marina are charged to that account.")
		if doc.Find(`#onward[action="/accounts/a1/check"] button[name=back][value=setup]`).Length() != 1 ||
			doc.Find(`#onward a[href="/"]`).Length() != 1 {
			t.Errorf("%s: nothing asks anew or leads on", tt.name)
		}
	}
}

// The page of the first check is there for an hour, of one real account.
func TestThePageOfTheFirstCheckEnds(t *testing.T) {
	for name, change := range map[string]func(a *account.Account) []account.Account{
		"an hour later": func(a *account.Account) []account.Account {
			a.CreatedAt = webtest.Now.Add(-time.Hour - time.Second)
			return nil
		},
		"of the Sandbox": func(a *account.Account) []account.Account { a.Site = account.SandboxSite; return nil },
		"of two":         func(*account.Account) []account.Account { return []account.Account{{ID: "a2", Label: "Second"}} },
	} {
		c := webtest.Open(t)
		c.Accounts.All[0].CreatedAt = webtest.Now.Add(-time.Hour)
		c.Get("/setup/check").Want(200)
		c.Accounts.All = append(c.Accounts.All, change(&c.Accounts.All[0])...)
		if got := c.Get("/setup/check").StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: %d", name, got)
		}
	}
}
