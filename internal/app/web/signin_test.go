package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/person"
)

func TestSignInKeepsWhatWasTyped(t *testing.T) {
	c := open(t).signedOut()
	a := c.post("/sign-in", "name", `mei"><script>`, "password", "wrong password", "next", "/accounts").want(http.StatusUnprocessableEntity)
	doc := a.page()
	if got := value(doc, "name"); got != `mei"><script>` {
		t.Errorf("name: got %q", got)
	}
	if got := value(doc, "password"); got != "" {
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
	c := open(t).signedOut()
	c.persons.wait = 90 * time.Second
	a := c.post("/sign-in", "name", "mei", "password", password).want(http.StatusTooManyRequests)
	if got := a.Header.Get("Retry-After"); got != "90" {
		t.Errorf("Retry-After: got %q, want 90", got)
	}
}

func TestSignInLeadsOnlyHere(t *testing.T) {
	c := open(t).signedOut()
	c.post("/sign-in", "name", "mei", "password", password, "next", "https://evil.example/").want(http.StatusSeeOther, "/")
	c.get("/sign-in?next=//evil.example").want(http.StatusSeeOther, "/")
}

// TestAnOpenPageIsLeftByAPersonOnly: what a page asks for by itself after the end
// of a session does not lead away from what is typed there.
func TestAnOpenPageIsLeftByAPersonOnly(t *testing.T) {
	c := open(t).signedOut()
	c.header.Set("HX-Request", "true")
	for asked, want := range map[string]string{"fleet": "", "feed": "", "attention": "", "a-button": "/sign-in"} {
		c.header.Set("HX-Trigger", asked)
		if a := c.get("/").want(http.StatusNoContent); a.Header.Get("HX-Redirect") != want {
			t.Errorf("asked for by %s: sent to %q, want %q", asked, a.Header.Get("HX-Redirect"), want)
		}
	}
	c.header.Set("HX-Trigger", "")
	if a := c.get("/counts").want(http.StatusNoContent); a.Header.Get("HX-Redirect") != "" {
		t.Errorf("the counts: sent to %q", a.Header.Get("HX-Redirect"))
	}
}

func TestANewSignInEndsTheOneBefore(t *testing.T) {
	c := open(t)
	c.post("/sign-in", "name", "mei", "password", password).want(http.StatusSeeOther, "/")
	if _, still := c.persons.sessions["token-1"]; still {
		t.Error("the browser's session before is still live")
	}
	if c.cookies["sampan"] == "token-1" {
		t.Error("the session id did not change")
	}
}

func TestLanguageBeforeSignIn(t *testing.T) {
	c := open(t).signedOut()
	c.header.Set("Accept-Language", "zh-CN,zh;q=0.9")
	says(t, c.get("/sign-in").want(200).page(), "h1", "登录")
	c.post("/language", "language", "en").want(http.StatusSeeOther, "/")
	says(t, c.get("/sign-in").page(), "h1", "Sign in")
	c.post("/language", "language", "<x>")
	if c.cookies["sampan-language"] != "en" {
		t.Errorf("language: %q", c.cookies["sampan-language"])
	}
}

func TestFreshSignIn(t *testing.T) {
	c := open(t)
	c.persons.fresh = false
	c.get("/accounts/new").want(http.StatusSeeOther, "/sign-in/again?next=%2Faccounts%2Fnew")
	doc := c.post("/sign-in/again", "password", "wrong", "next", "/accounts/new").want(http.StatusUnprocessableEntity).page()
	if doc.Find("#password[aria-invalid=true]").Length() != 1 || value(doc, "password") != "" {
		t.Error("the wrong password is not said at its field")
	}
	c.post("/sign-in/again", "password", password, "next", "/accounts/new").want(http.StatusSeeOther, "/accounts/new")
	c.get("/accounts/new").want(http.StatusOK)
}

func TestAChangeThatNeedsAFreshSignInSaysThatNothingHappened(t *testing.T) {
	c := open(t)
	c.persons.fresh = false
	c.header.Set("Referer", "http://localhost:8080/accounts/a1")
	c.post("/accounts/a1/disable").want(http.StatusSeeOther, "/sign-in/again?next=%2Faccounts%2Fa1")
	says(t, c.get("/sign-in/again?next=%2Faccounts%2Fa1").page(), ".toast", word("signin.again.undone"))
	c.header.Set("Referer", "https://evil.example/accounts/a1")
	c.post("/accounts/a1/disable").want(http.StatusSeeOther, "/sign-in/again")
}

func TestPasswordReset(t *testing.T) {
	c := open(t).signedOut()
	c.get("/reset").want(200)
	doc := c.post("/reset", "code", "old", "password", password).want(http.StatusUnprocessableEntity).page()
	if value(doc, "code") != "old" || doc.Find("#code[aria-invalid=true]").Length() != 1 || value(doc, "password") != "" {
		t.Error("a code that is used up is not said at its field")
	}
	c.post("/reset", "code", "reset-code", "password", password).want(http.StatusSeeOther, "/sign-in")
	says(t, c.get("/sign-in").page(), ".toast", word("signin.reset.done"))
}

// From an empty console to the first page, as a browser without script does it.
func TestFirstStart(t *testing.T) {
	c := open(t).signedOut()
	c.persons.who, c.persons.sessions, c.accounts.all = nil, map[string]person.Session{}, nil
	c.get("/").want(http.StatusSeeOther, "/setup/owner")
	c.get("/sign-in").want(http.StatusSeeOther, "/setup/owner")
	c.get("/setup/owner").want(200).page()

	doc := c.post("/setup/owner", "show", "language", "language", "zh-Hans", "name", "mei", "display_name", "Mei Tan", "code", "printed", "password", password, "zone", "Asia/Hong_Kong").want(200).page()
	if doc.Find("html").AttrOr("lang", "") != "zh-Hans" || c.persons.who != nil {
		t.Error("the page is not shown in the language chosen, or made an owner")
	}
	if doc.Find("select[name=language]").Length() != 1 || doc.Find("select[name=language] option[selected]").AttrOr("value", "") != "zh-Hans" {
		t.Error("the language is not chosen in one place")
	}
	if value(doc, "name") != "mei" || value(doc, "display_name") != "Mei Tan" || value(doc, "code") != "printed" || value(doc, "password") != "" ||
		doc.Find("#zone option[selected]").AttrOr("value", "") != "Asia/Hong_Kong" || doc.Find("#zone[data-zone]").Length() != 0 {
		t.Error("the other language lost what was typed, or kept the password")
	}
	if got := doc.Find("form[action='/setup/owner'] button[type=submit]").First().AttrOr("name", ""); got != "" {
		t.Errorf("the Enter key presses %q", got)
	}
	doc = c.get("/setup/owner").want(200).page()
	if doc.Find("html").AttrOr("lang", "") != "zh-Hans" || doc.Find("#zone[data-zone]").Length() != 1 {
		t.Error("the language is not kept, or the browser's zone is not asked for")
	}

	owner := []string{"name", "mei", "display_name", "Mei Tan", "language", "en", "zone", "Asia/Hong_Kong"}
	doc = c.post("/setup/owner", append(owner, "code", "guessed", "password", password)...).want(http.StatusUnprocessableEntity).page()
	if value(doc, "name") != "mei" || value(doc, "code") != "guessed" || value(doc, "password") != "" || doc.Find("#code[aria-invalid=true]").Length() != 1 {
		t.Error("a wrong code: the form lost what was typed, or does not say it")
	}
	if got, _ := doc.Find("#zone option[selected]").Attr("value"); got != "Asia/Hong_Kong" {
		t.Errorf("zone: got %q", got)
	}
	c.post("/setup/owner", append(owner, "code", "the-printed-code", "password", "short")...).want(http.StatusUnprocessableEntity)
	c.post("/setup/owner", append(owner, "code", "the-printed-code", "password", password)...).want(http.StatusSeeOther, "/setup/cloud")
	c.get("/setup/owner").want(http.StatusNotFound)
	c.post("/setup/owner", owner...).want(http.StatusNotFound)

	c.get("/setup/check").want(http.StatusNotFound)
	c.get("/setup/cloud").want(200).page()
	c.post("/setup/sandbox", "fleet", "40").want(http.StatusSeeOther, "/")
	c.get("/setup/cloud").want(http.StatusNotFound)
	if got := strings.Join(c.sandbox.said, ","); got != "fleet 40" {
		t.Errorf("the Sandbox was told %q", got)
	}
	if f := c.accounts.added[0]; f.KeySecret.Reveal() != "sandbox-secret" || f.Site != account.SandboxSite || c.persons.scope != "sandbox" || len(c.instances.asked) != 0 {
		t.Errorf("the Sandbox's account: %+v, scope %q, refreshed %v", f, c.persons.scope, c.instances.asked)
	}
	c.get("/").want(200).page()
}

func TestFirstStartWithAnAccount(t *testing.T) {
	c := open(t)
	c.accounts.all = nil
	doc := c.get("/setup/cloud").want(200).page()
	if doc.Find("#key_secret[value]").AttrOr("value", "") != "" {
		t.Error("a secret stands in the form")
	}
	c.post("/setup/cloud", "label", "Marina", "site", "intl", "credential", "key", "key_id", "AKEXAMPLE0000000001", "key_secret", "the-secret-key").want(http.StatusSeeOther, "/setup/check")
	doc = c.get("/setup/check").want(200).page()
	says(t, doc, "h1", "Checking Marina…")
	if got, _ := doc.Find("body").Attr("sse-connect"); got != "/events?topics=account%2Fa1" {
		t.Errorf("the check watches %q", got)
	}
}

// A page that is open and reads its parts again by itself is no use of a session.
func TestLivePartsDoNotKeepASessionFromIdling(t *testing.T) {
	for _, tt := range []struct {
		path, trigger string
		htmx          bool
		peeked        int
	}{
		{"/counts", "", true, 1},
		{"/?part=attention", "attention", true, 1},
		{"/instances/rows", "fresh", true, 1},
		{"/traffic", "traffic-list", true, 1},
		{"/accounts/a1", "account-live", true, 1},
		{"/instances", "", true, 0},
		{"/traffic", "filters", true, 0},
		{"/instances/rows", "fresh", false, 0},
	} {
		c := open(t)
		if tt.htmx {
			c.header.Set("HX-Request", "true")
		}
		c.header.Set("HX-Trigger", tt.trigger)
		if a := c.get(tt.path); a.StatusCode >= 300 {
			t.Errorf("%+v: answers %d", tt, a.StatusCode)
		}
		if c.persons.peeked != tt.peeked {
			t.Errorf("%+v: looked without use %d times", tt, c.persons.peeked)
		}
	}
}
