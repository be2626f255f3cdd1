package accounts_test

import (
	"net/http"
	"strings"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

// Each change that is refused says why on a page, and leads nowhere.
func TestChangesOfAnAccountThatAreRefused(t *testing.T) {
	for _, tt := range []struct {
		path  string
		shown []fault.Kind // by the form itself
	}{
		{"/accounts/a1/check", nil},
		{"/accounts/a1/rename", []fault.Kind{fault.Invalid}},
		{"/accounts/a1/give", nil},
		{"/accounts/a1/disable", nil},
		{"/accounts/a1/enable", nil},
		{"/accounts/a1/delete", []fault.Kind{fault.Conflict}},
	} {
		for _, f := range webtest.FailuresBut(tt.shown...) {
			c := webtest.Open(t)
			c.Accounts.Err = f.Err
			a := c.Post(tt.path, "label", "New").Want(f.Status)
			doc := a.Page()
			webtest.Says(t, doc, "h1", webtest.Word(f.Title))
			if said := strings.Contains(doc.Find("main").Text(), webtest.Word("web.topics.many")); said == fault.Is(f.Err, fault.Internal) {
				t.Errorf("%s, %v: the sentence is on the page: %t", tt.path, f.Err, said)
			}
			if a.Header.Get("Location") != "" || len(c.Accounts.Calls) != 1 {
				t.Errorf("%s, %v: leads to %q after %v", tt.path, f.Err, a.Header.Get("Location"), c.Accounts.Calls)
			}
		}
	}
}

// The form of a credential shows these refusals by itself; the secret is typed again.
func TestACredentialThatIsRefused(t *testing.T) {
	typed := []string{"label", "Marina", "site", "intl", "credential", "key", "key_id", "AKEXAMPLE0000000001", "key_secret",
		"the-secret-key"}
	shown := []fault.Kind{fault.Invalid, fault.Conflict, fault.Busy, fault.Refused, fault.Unreachable}
	for _, path := range []string{"/accounts", "/accounts/a1/key"} {
		for _, kind := range shown {
			c := webtest.Open(t)
			c.Accounts.Err = fault.New(kind, "web.topics.many")
			doc := c.Post(path, typed...).Want(http.StatusUnprocessableEntity).Page()
			webtest.Says(t, doc, "form .note[role=alert]", webtest.Word("web.topics.many"))
			webtest.Says(t, doc, "form", "Enter it again: secrets are not kept in the page.")
			if webtest.Value(doc, "key_id") != "AKEXAMPLE0000000001" || webtest.Value(doc, "key_secret") != "" {
				t.Errorf("%s, %v: the form lost what was typed, or gave the secret back", path, kind)
			}
			if !strings.HasPrefix(doc.Find("title").Text(), "Error:") || doc.Find(`main form`).AttrOr("action", "") != path {
				t.Errorf("%s, %v: title %q, form to %q", path, kind, doc.Find("title").Text(), doc.Find("main form").AttrOr("action", ""))
			}
		}
		for _, f := range webtest.FailuresBut(shown...) {
			c := webtest.Open(t)
			c.Accounts.Err = f.Err
			webtest.Says(t, c.Post(path, typed...).Want(f.Status).Page(), "h1", webtest.Word(f.Title))
		}
	}
}

// An account that the person may not see is not there at any address.
func TestAForeignAccountIsNotThere(t *testing.T) {
	c := webtest.Open(t)
	for _, path := range []string{"/accounts/a9", "/accounts/a9/key", "/accounts/a9/delete", "/accounts/a9/twins"} {
		webtest.Says(t, c.Get(path).Want(http.StatusNotFound).Page(), "h1", "There is nothing at this address")
	}
	for _, path := range []string{"/accounts/a9/key", "/accounts/a9/delete"} {
		c.Post(path, "key_id", "AK", "key_secret", "s").Want(http.StatusNotFound)
	}
	if len(c.Accounts.Calls) != 0 {
		t.Errorf("told of a foreign account: %v", c.Accounts.Calls)
	}
}

func TestWhatEachRoleMayDoWithAccounts(t *testing.T) {
	for _, path := range []string{"/accounts/new", "/accounts/a1/key", "/accounts/a1/twins", "/accounts/a1/delete"} {
		for _, role := range []person.Role{person.Viewer, person.Buyer, person.Operator} {
			webtest.Says(t, webtest.Open(t).As(role).Get(path).Want(http.StatusForbidden).Page(), "main", webtest.Word("web.forbidden"))
		}
	}
	for _, path := range []string{"", "/a1/rename", "/a1/key", "/a1/give", "/a1/disable", "/a1/enable", "/a1/delete"} {
		c := webtest.Open(t).As(person.Operator)
		c.Post("/accounts"+path, "label", "x").Want(http.StatusForbidden)
		if len(c.Accounts.Calls)+len(c.Accounts.Added) != 0 {
			t.Errorf("%s: done all the same: %v", path, c.Accounts.Calls)
		}
	}
	webtest.Open(t).As(person.Operator).Post("/accounts/a1/check").Want(http.StatusSeeOther, "/accounts/a1")
}

func TestDeletingIsAskedOnAPageAndInADialog(t *testing.T) {
	c := webtest.Open(t)
	page := c.Get("/accounts/a1/delete").Want(200)
	doc := page.Page()
	webtest.Says(t, doc, "main", "Delete Marina Labs from the console?")
	webtest.Says(t, doc, "main", "Nothing changes at Huawei Cloud: servers keep running and keep costing.")
	if doc.Find(`main form[action="/accounts/a1/delete"][method=post]`).Length() != 1 ||
		doc.Find(`main a[href="/accounts/a1"]`).Length() != 1 {
		t.Error("the question does not lead both ways")
	}
	c.Header.Set("HX-Request", "true")
	piece := c.Get("/accounts/a1/delete").Want(200)
	if strings.Contains(piece.Body, "<html") || piece.Page().Find(`form[action="/accounts/a1/delete"]`).Length() != 1 {
		t.Error("the dialog gets more than the question")
	}
	c.Accounts.Err = fault.New(fault.Conflict, "account.delete.open", "N", "2")
	refused := c.Post("/accounts/a1/delete").Want(http.StatusUnprocessableEntity)
	webtest.Says(t, refused.Page(), ".note[role=alert]", webtest.Word("account.delete.open", "N", "2"))
	if strings.Contains(refused.Body, "<html") {
		t.Error("a refusal in the dialog is a whole page")
	}
	c.Accounts.Err = nil
	if a := c.Post("/accounts/a1/delete").Want(http.StatusNoContent); a.Header.Get("HX-Redirect") != "/accounts" {
		t.Errorf("the dialog leads to %q", a.Header.Get("HX-Redirect"))
	}
}

func TestTheFormOfANewAccount(t *testing.T) {
	doc := webtest.Open(t).Get("/accounts/new").Want(200).Page()
	webtest.Says(t, doc, "h1", "Connect an account")
	webtest.Says(t, doc, "main", "Stored encrypted on this machine. It is never shown again, not even to you.")
	for _, right := range []string{"iam:projects:listProjects", "bss:order:pay", "HCSS FullAccess"} {
		webtest.Says(t, doc, "main ul.mono", right)
	}
	if got := doc.Find("#site option").Length(); got != 4 {
		t.Errorf("%d sites, want 4: the Sandbox is not connected by a key", got)
	}
	if doc.Find("#your_password").Length() != 0 {
		t.Error("a fresh sign-in is asked for the password")
	}
	if _, open := doc.Find("details:has(#endpoint_iam)").Attr("open"); open {
		t.Error("the fold of own addresses is open at first")
	}
}

func TestTheFormOfAnotherKey(t *testing.T) {
	c := webtest.Open(t)
	doc := c.Get("/accounts/a1/key").Want(200).Page()
	webtest.Says(t, doc, "h1", "Replace the key of Marina Labs")
	if doc.Find("#label, #site, #endpoint_iam").Length() != 0 {
		t.Error("more than the credential can be changed")
	}
	if v := doc.Find("input[name=credential][checked]").AttrOr("value", ""); v != "key" {
		t.Errorf("credential: %q", v)
	}
	c.Accounts.All[0].Credential, c.Accounts.All[0].KeyHint, c.Accounts.All[0].DomainName = account.ByLogin, "console-bot", "hw-marina"
	doc = c.Get("/accounts/a1/key").Want(200).Page()
	if webtest.Value(doc, "user") != "console-bot" || webtest.Value(doc, "domain") != "hw-marina" || webtest.Value(doc, "password") != "" {
		t.Error("the form does not name the user who signs in, or holds a password")
	}
}

// A form that was open while the sign-in went stale asks for the password itself.
func TestReplacingAKeyWithAStaleSignIn(t *testing.T) {
	c := webtest.Open(t)
	c.Persons.Fresh = false
	form := []string{"credential", "key", "key_id", "AKEXAMPLE0000000009", "key_secret", "another-secret"}
	doc := c.Post("/accounts/a1/key", form...).Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, "#your_password-error", webtest.Word("accounts.form.yours.needed"))
	doc = c.Post("/accounts/a1/key", append(form, "your_password", "wrong")...).Want(http.StatusUnprocessableEntity).Page()
	if doc.Find("#your_password[aria-invalid=true]").Length() != 1 || len(c.Accounts.Calls) != 0 {
		t.Fatalf("a wrong password: calls %v", c.Accounts.Calls)
	}
	c.Persons.Err = &fault.Error{Kind: fault.Busy, Message: fault.Say("fault.signin.busy")}
	doc = c.Post("/accounts/a1/key", append(form, "your_password", webtest.Password)...).Want(http.StatusUnprocessableEntity).Page()
	if doc.Find("#your_password[aria-invalid=true]").Length() != 1 || len(c.Accounts.Calls) != 0 {
		t.Fatalf("too many guesses: calls %v", c.Accounts.Calls)
	}
	c.Persons.Err = nil
	c.Post("/accounts/a1/key", append(form, "your_password", webtest.Password)...).Want(http.StatusSeeOther, "/accounts/a1")
	webtest.Says(t, c.Get("/accounts/a1").Page(), ".toast", "Key replaced. The check is running.")
}

// Without script nobody marks the choice whose fields were filled in.
func TestACredentialIsTheOneThatWasFilledIn(t *testing.T) {
	for _, tt := range []struct {
		name string
		form []string
		want account.Credential
	}{
		{"a user and nothing of a key", []string{"credential", "key", "user", "bot", "domain", "d", "password", "p"}, account.ByLogin},
		{"a key and a user", []string{"credential", "key", "key_id", "AK", "user", "bot"}, account.ByKey},
		{"nothing", []string{"credential", "key"}, account.ByKey},
		{"a login", []string{"credential", "login", "key_id", "AK"}, account.ByLogin},
	} {
		c := webtest.Open(t)
		c.Post("/accounts", append(tt.form, "label", "x", "site", "intl")...).Want(http.StatusSeeOther, "/accounts/a2")
		if got := c.Accounts.Added[0].Credential; got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Whoever connects a real account while looking at the Sandbox looks at real ones then.
func TestConnectingAnAccountLeavesTheSandbox(t *testing.T) {
	form := []string{"label", "Marina", "site", "intl", "credential", "key", "key_id", "AK", "key_secret", "s"}
	for scope, want := range map[string]string{"sandbox": "real", "s1": "real", "a1": "a1", "": ""} {
		c := webtest.Open(t)
		c.Accounts.All = append(c.Accounts.All,
			account.Account{ID: "s1", Label: "Sandbox", Site: account.SandboxSite, State: account.Active})
		c.Persons.Scope = scope
		c.Post("/accounts", form...).Want(http.StatusSeeOther, "/accounts/a3")
		if c.Persons.Scope != want {
			t.Errorf("from %q: scope %q, want %q", scope, c.Persons.Scope, want)
		}
	}
}
