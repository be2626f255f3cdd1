package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

func TestSignInKeepsWhatWasTyped(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	a := c.Post("/sign-in", "name", `mei"><script>`, "password", "wrong password", "next", "/accounts").Want(http.StatusUnprocessableEntity)
	doc := a.Page()
	if got := webtest.Value(doc, "name"); got != `mei"><script>` {
		t.Errorf("name: got %q", got)
	}
	if got := webtest.Value(doc, "password"); got != "" {
		t.Errorf("the password came back: %q", got)
	}
	if next, _ := doc.Find("input[name=next]").Attr("value"); next != "/accounts" {
		t.Errorf("next: got %q", next)
	}
	if !strings.HasPrefix(doc.Find("title").Text(), "Error:") {
		t.Errorf("title: %q", doc.Find("title").Text())
	}
	if doc.Find("[role=alert].note").Length() != 1 {
		t.Error("nothing says what is wrong")
	}
}

func TestSignInThrottled(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	c.Persons.Wait = 90 * time.Second
	a := c.Post("/sign-in", "name", "mei", "password", webtest.Password).Want(http.StatusTooManyRequests)
	if got := a.Header.Get("Retry-After"); got != "90" {
		t.Errorf("Retry-After: got %q, want 90", got)
	}
}

func TestSignInLeadsOnlyHere(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	c.Post("/sign-in", "name", "mei", "password", webtest.Password, "next", "https://evil.example/").Want(http.StatusSeeOther, "/")
	c.Get("/sign-in?next=//evil.example").Want(http.StatusSeeOther, "/")
}

// TestAnOpenPageIsLeftByAPersonOnly: what a page asks for by itself after the end
// of a session does not lead away from what is typed there.
func TestAnOpenPageIsLeftByAPersonOnly(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	c.Header.Set("HX-Request", "true")
	for _, path := range []string{"/", "/counts"} {
		for live, want := range map[string]string{"1": "", "": "/sign-in"} {
			c.Header.Set("X-Live", live)
			if a := c.Get(path).Want(http.StatusNoContent); a.Header.Get("HX-Redirect") != want {
				t.Errorf("%s, X-Live %q: sent to %q, want %q", path, live, a.Header.Get("HX-Redirect"), want)
			}
		}
	}
}

func TestANewSignInEndsTheOneBefore(t *testing.T) {
	c := webtest.Open(t)
	c.Post("/sign-in", "name", "mei", "password", webtest.Password).Want(http.StatusSeeOther, "/")
	if _, still := c.Persons.GivenSessions["token-1"]; still {
		t.Error("the browser's session before is still live")
	}
	if c.Cookies["sampan"] == "token-1" {
		t.Error("the session id did not change")
	}
}

func TestLanguageBeforeSignIn(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	c.Header.Set("Accept-Language", "zh-CN,zh;q=0.9")
	webtest.Says(t, c.Get("/sign-in").Want(200).Page(), "h1", "登录")
	c.Post("/language", "language", "en").Want(http.StatusSeeOther, "/")
	webtest.Says(t, c.Get("/sign-in").Page(), "h1", "Sign in")
	c.Post("/language", "language", "<x>")
	if c.Cookies["sampan-language"] != "en" {
		t.Errorf("language: %q", c.Cookies["sampan-language"])
	}
}

func TestFreshSignIn(t *testing.T) {
	c := webtest.Open(t)
	c.Persons.Fresh = false
	c.Get("/accounts/new").Want(http.StatusSeeOther, "/sign-in/again?next=%2Faccounts%2Fnew")
	doc := c.Post("/sign-in/again", "password", "wrong", "next", "/accounts/new").Want(http.StatusUnprocessableEntity).Page()
	if doc.Find("#password[aria-invalid=true]").Length() != 1 || webtest.Value(doc, "password") != "" {
		t.Error("the wrong password is not said at its field")
	}
	c.Post("/sign-in/again", "password", webtest.Password, "next", "/accounts/new").Want(http.StatusSeeOther, "/accounts/new")
	c.Get("/accounts/new").Want(http.StatusOK)
}

func TestAChangeThatNeedsAFreshSignInSaysThatNothingHappened(t *testing.T) {
	c := webtest.Open(t)
	c.Persons.Fresh = false
	c.Header.Set("Referer", "http://localhost:8080/accounts/a1")
	c.Post("/accounts/a1/disable").Want(http.StatusSeeOther, "/sign-in/again?next=%2Faccounts%2Fa1")
	webtest.Says(t, c.Get("/sign-in/again?next=%2Faccounts%2Fa1").Page(), ".toast", webtest.Word("signin.again.undone"))
	c.Header.Set("Referer", "https://evil.example/accounts/a1")
	c.Post("/accounts/a1/disable").Want(http.StatusSeeOther, "/sign-in/again")
}

func TestPasswordReset(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	c.Get("/reset").Want(200)
	doc := c.Post("/reset", "code", "old", "password", webtest.Password).Want(http.StatusUnprocessableEntity).Page()
	if webtest.Value(doc, "code") != "old" || doc.Find("#code[aria-invalid=true]").Length() != 1 || webtest.Value(doc, "password") != "" {
		t.Error("a code that is used up is not said at its field")
	}
	c.Post("/reset", "code", "reset-code", "password", webtest.Password).Want(http.StatusSeeOther, "/sign-in")
	webtest.Says(t, c.Get("/sign-in").Page(), ".toast", webtest.Word("signin.reset.done"))
}

// From an empty console to the first page, as a browser without script does it.
func TestFirstStart(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	c.Persons.Who, c.Persons.GivenSessions, c.Accounts.All = nil, map[string]person.Session{}, nil
	c.Get("/").Want(http.StatusSeeOther, "/setup/owner")
	c.Get("/sign-in").Want(http.StatusSeeOther, "/setup/owner")
	c.Get("/setup/owner").Want(200).Page()

	doc := c.Post("/setup/owner", "show", "language", "language", "zh-Hans", "name", "mei", "display_name", "Mei Tan", "code", "printed", "password", webtest.Password, "zone", "Asia/Hong_Kong").Want(200).Page()
	if doc.Find("html").AttrOr("lang", "") != "zh-Hans" || c.Persons.Who != nil {
		t.Error("the page is not shown in the language chosen, or made an owner")
	}
	if doc.Find("select[name=language]").Length() != 1 || doc.Find("select[name=language] option[selected]").AttrOr("value", "") != "zh-Hans" {
		t.Error("the language is not chosen in one place")
	}
	if webtest.Value(doc, "name") != "mei" || webtest.Value(doc, "display_name") != "Mei Tan" || webtest.Value(doc, "code") != "printed" || webtest.Value(doc, "password") != "" ||
		doc.Find("#zone option[selected]").AttrOr("value", "") != "Asia/Hong_Kong" || doc.Find("#zone[data-zone]").Length() != 0 {
		t.Error("the other language lost what was typed, or kept the password")
	}
	if got := doc.Find("form[action='/setup/owner'] button[type=submit]").First().AttrOr("name", ""); got != "" {
		t.Errorf("the Enter key presses %q", got)
	}
	doc = c.Get("/setup/owner").Want(200).Page()
	if doc.Find("html").AttrOr("lang", "") != "zh-Hans" || doc.Find("#zone[data-zone]").Length() != 1 {
		t.Error("the language is not kept, or the browser's zone is not asked for")
	}

	owner := []string{"name", "mei", "display_name", "Mei Tan", "language", "en", "zone", "Asia/Hong_Kong"}
	doc = c.Post("/setup/owner", append(owner, "code", "guessed", "password", webtest.Password)...).Want(http.StatusUnprocessableEntity).Page()
	if webtest.Value(doc, "name") != "mei" || webtest.Value(doc, "code") != "guessed" || webtest.Value(doc, "password") != "" || doc.Find("#code[aria-invalid=true]").Length() != 1 {
		t.Error("a wrong code: the form lost what was typed, or does not say it")
	}
	if got, _ := doc.Find("#zone option[selected]").Attr("value"); got != "Asia/Hong_Kong" {
		t.Errorf("zone: got %q", got)
	}
	c.Post("/setup/owner", append(owner, "code", "the-printed-code", "password", "short")...).Want(http.StatusUnprocessableEntity)
	c.Post("/setup/owner", append(owner, "code", "the-printed-code", "password", webtest.Password)...).Want(http.StatusSeeOther, "/setup/cloud")
	c.Get("/setup/owner").Want(http.StatusNotFound)
	c.Post("/setup/owner", owner...).Want(http.StatusNotFound)

	c.Get("/setup/check").Want(http.StatusNotFound)
	c.Get("/setup/cloud").Want(200).Page()
	c.Post("/setup/sandbox", "fleet", "40").Want(http.StatusSeeOther, "/")
	c.Get("/setup/cloud").Want(http.StatusNotFound)
	if got := strings.Join(c.Sandbox.Said, ","); got != "fleet 40" {
		t.Errorf("the Sandbox was told %q", got)
	}
	if f := c.Accounts.Added[0]; f.KeySecret.Reveal() != "sandbox-secret" || f.Site != account.SandboxSite || c.Persons.Scope != "sandbox" || len(c.Instances.GivenAsked) != 0 {
		t.Errorf("the Sandbox's account: %+v, scope %q, refreshed %v", f, c.Persons.Scope, c.Instances.GivenAsked)
	}
	c.Get("/").Want(200).Page()
}

func TestFirstStartWithAnAccount(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = nil
	doc := c.Get("/setup/cloud").Want(200).Page()
	if doc.Find("#key_secret[value]").AttrOr("value", "") != "" {
		t.Error("a secret stands in the form")
	}
	c.Post("/setup/cloud", "label", "Marina", "site", "intl", "credential", "key", "key_id", "AKEXAMPLE0000000001", "key_secret", "the-secret-key").Want(http.StatusSeeOther, "/setup/check")
	doc = c.Get("/setup/check").Want(200).Page()
	webtest.Says(t, doc, "h1", "Checking Marina…")
	if got, _ := doc.Find("body").Attr("sse-connect"); got != "/events?topics=account%2Fa1" {
		t.Errorf("the check watches %q", got)
	}
}

// A page that is open and reads its parts again by itself is no use of a session.
func TestLivePartsDoNotKeepASessionFromIdling(t *testing.T) {
	for _, tt := range []struct {
		path, live string
		htmx       bool
		peeked     int
	}{
		{"/counts", "1", true, 1},
		{"/?part=attention", "1", true, 1},
		{"/instances/rows", "1", true, 1},
		{"/traffic", "1", true, 1},
		{"/accounts/a1", "1", true, 1},
		{"/instances", "", true, 0},
		{"/traffic", "", true, 0},
		{"/counts", "", true, 0},
		{"/instances/rows", "1", false, 0},
	} {
		c := webtest.Open(t)
		if tt.htmx {
			c.Header.Set("HX-Request", "true")
		}
		c.Header.Set("X-Live", tt.live)
		if a := c.Get(tt.path); a.StatusCode >= 300 {
			t.Errorf("%+v: answers %d", tt, a.StatusCode)
		}
		if c.Persons.Peeked != tt.peeked {
			t.Errorf("%+v: looked without use %d times", tt, c.Persons.Peeked)
		}
	}
}
