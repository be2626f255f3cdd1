package signin_test

import (
	"net/http"
	"strings"
	"testing"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

// The forms of signing in show these refusals by themselves; others have a page.
func TestSignInsThatAreRefused(t *testing.T) {
	shown := map[fault.Kind]int{fault.Invalid: 422, fault.Conflict: 409, fault.Busy: 429, fault.Refused: 422, fault.Unreachable: 422}
	for _, tt := range []struct {
		path, heading string
		in            bool
		form          []string
		also          []fault.Kind
	}{
		{"/sign-in", "Sign in", false, []string{"name", "mei", "password", webtest.Password}, nil},
		{"/sign-in/again", "Enter your password again", true, []string{"password", webtest.Password}, nil},
		{"/reset", "Set a new password", false, []string{"code", "reset-code", "password", webtest.Password}, []fault.Kind{fault.NotFound}},
	} {
		open := func(err error) *webtest.Console {
			c := webtest.Open(t)
			if !tt.in {
				c.SignedOut()
			}
			c.Persons.Fresh, c.Persons.Err = false, err
			return c
		}
		kinds := tt.also
		for kind, status := range shown {
			kinds = append(kinds, kind)
			doc := open(fault.New(kind, "web.topics.many")).Post(tt.path, tt.form...).Want(status).Page()
			webtest.Says(t, doc, "h1", tt.heading)
			webtest.Says(t, doc, ".note[role=alert]", webtest.Word("web.topics.many"))
			if webtest.Value(doc, "password") != "" || !strings.HasPrefix(doc.Find("title").Text(), "Error:") {
				t.Errorf("%s, %v: the password came back, or the title is %q", tt.path, kind, doc.Find("title").Text())
			}
		}
		for _, f := range webtest.FailuresBut(kinds...) {
			doc := open(f.Err).Post(tt.path, tt.form...).Want(f.Status).Page()
			webtest.Says(t, doc, "h1", webtest.Word(f.Title))
		}
	}
}

func TestSigningOut(t *testing.T) {
	c := webtest.Open(t)
	a := c.Post("/sign-out").Want(http.StatusSeeOther, "/sign-in")
	if len(c.Persons.GivenSessions) != 0 || c.Cookies["sampan"] != "" || a.Header.Get("Clear-Site-Data") != `"storage"` {
		t.Errorf("left: %v, cookies %v, cleared %q", c.Persons.GivenSessions, c.Cookies, a.Header.Get("Clear-Site-Data"))
	}
	c.Post("/sign-out").Want(http.StatusSeeOther, "/sign-in")
	for _, f := range webtest.Failures() {
		c := webtest.Open(t)
		c.Persons.Err = f.Err
		c.Post("/sign-out").Want(f.Status)
		if c.Cookies["sampan"] != "token-1" {
			t.Errorf("%v: the cookie is gone and the session is not", f.Err)
		}
	}
}

// A fresh sign-in is not asked again, whoever sends the person there.
func TestAFreshSignInIsNotAskedAgain(t *testing.T) {
	c := webtest.Open(t)
	c.Get("/sign-in/again?next=%2Faccounts%2Fnew").Want(http.StatusSeeOther, "/accounts/new")
	c.Get("/sign-in/again?next=https%3A%2F%2Fevil.example").Want(http.StatusSeeOther, "/")
	c.Persons.Fresh = false
	doc := c.Get("/sign-in/again").Want(200).Page()
	webtest.Says(t, doc, "main", "Your password counts for five minutes.")
	if doc.Find("input[name=next]").Length() != 0 || doc.Find("input[name=username]").AttrOr("value", "") != "mei" {
		t.Error("the form leads somewhere, or does not name who signs in")
	}
	webtest.Open(t).SignedOut().Get("/sign-in/again").Want(http.StatusSeeOther, "/sign-in?next=%2Fsign-in%2Fagain")
}

func TestTheFormOfSigningIn(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	doc := c.Get("/sign-in?next=%2Forders%3Fstate%3Dopen").Want(200).Page()
	webtest.Says(t, doc, "h1", "Sign in")
	webtest.Says(t, doc, "main code", "console reset-owner")
	if doc.Find("input[name=next]").AttrOr("value", "") != "/orders?state=open" || doc.Find("#name[autofocus]").Length() != 1 {
		t.Error("the form does not lead back, or the name has no focus")
	}
	c.Post("/sign-in", "name", "mei", "password", webtest.Password, "next", "/orders?state=open").
		Want(http.StatusSeeOther, "/orders?state=open")
	if c.Cookies["sampan-device"] != "device" {
		t.Errorf("the browser is not remembered: %v", c.Cookies)
	}
}

// Who is signed in already does not sign in again, and is led on.
func TestSignedInAlready(t *testing.T) {
	c := webtest.Open(t)
	c.Get("/sign-in?next=%2Forders").Want(http.StatusSeeOther, "/orders")
	c.Get("/sign-in").Want(http.StatusSeeOther, "/")
}

func TestTheFormOfAReset(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	doc := c.Get("/reset").Want(200).Page()
	webtest.Says(t, doc, "h1", "Set a new password")
	webtest.Says(t, doc, "main", "The link works once and for an hour. All your sessions end.")
	if doc.Find("#code[data-fragment]").Length() != 1 {
		t.Error("the script does not fill in the code of the link")
	}
	doc = c.Post("/reset", "code", "reset-code", "password", "short").Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, "#password-error", webtest.Word("signin.password.rule"))
	if webtest.Value(doc, "code") != "reset-code" {
		t.Errorf("the code is lost: %q", webtest.Value(doc, "code"))
	}
}

// The language is chosen on the page that was asked for, and leads back to it.
func TestTheLanguageLeadsBack(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	c.Header.Set("Referer", "http://localhost:8080/reset")
	c.Post("/language", "language", "zh-Hans").Want(http.StatusSeeOther, "/reset")
	if got := c.Get("/reset").Page().Find("html").AttrOr("lang", ""); got != "zh-Hans" {
		t.Errorf("the page is in %q", got)
	}
	c.As(person.Viewer).Cookies["sampan"] = "token-1"
	if got := c.Get("/settings/you").Want(200).Page().Find("html").AttrOr("lang", ""); got != "zh-Hans" {
		t.Errorf("a profile without a language is shown in %q", got)
	}
	c.Persons.Who.Language = "en"
	if got := c.Get("/settings/you").Want(200).Page().Find("html").AttrOr("lang", ""); got != "en" {
		t.Errorf("a profile in English is shown in %q", got)
	}
}
