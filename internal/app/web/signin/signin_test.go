package signin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

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
