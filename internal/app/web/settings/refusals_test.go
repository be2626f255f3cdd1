package settings_test

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

func TestThePagesOfTheSettings(t *testing.T) {
	c := webtest.Open(t)
	for path, want := range map[string][]string{
		"/settings/you":      {"Your name", "Others see it. You sign in as mei.", "Example: Monday 23 November 2026 09:21", "Single-key shortcuts"},
		"/settings/security": {"Current password", "Your other sessions end.", "Where you are signed in", "This browser"},
		"/settings/console":  {"Allow “let Huawei deduct at once” in purchases", "Send a tag with every purchase"},
	} {
		doc := c.Get(path).Want(200).Page()
		webtest.Says(t, doc, "h1", "Settings")
		for _, words := range want {
			webtest.Says(t, doc, "main", words)
		}
		if got := doc.Find(`main a[aria-current]`).AttrOr("href", ""); got != path {
			t.Errorf("%s: the tab of %q is marked", path, got)
		}
	}
	if n := c.As(person.Buyer).Get("/settings/you").Want(200).Page().Find(`main a[href="/settings/console"]`).Length(); n != 0 {
		t.Error("somebody who may not set the console is led there")
	}
	c.Get("/settings/console").Want(http.StatusForbidden)
	c.Post("/settings/console", "allow_deduct", "on").Want(http.StatusForbidden)
	if c.Settings.Deduct {
		t.Error("it was set all the same")
	}
}

// Settings that are saved are confirmed in the language that was chosen with them.
func TestSavingIsSaidInTheNewLanguage(t *testing.T) {
	c := webtest.Open(t)
	c.Post("/settings/you", "display_name", "  Mei Tan ", "language", "zh-Hans", "zone", "UTC").Want(http.StatusSeeOther, "/settings/you")
	if c.Persons.Profile.DisplayName != "Mei Tan" || c.Persons.Profile.Shortcuts {
		t.Errorf("kept: %+v", c.Persons.Profile)
	}
	c.Persons.Who.Language = "zh-Hans"
	webtest.Says(t, c.Get("/settings/you").Want(200).Page(), ".toast", "已保存")
}

// A language that is not offered any more is shown as the one that is used instead.
func TestAProfileWithAnUnknownLanguageAndZone(t *testing.T) {
	c := webtest.Open(t)
	c.Persons.Who.Language, c.Persons.Who.Zone = "tlh", "Europe/Ljubljana"
	doc := c.Get("/settings/you").Want(200).Page()
	for id, want := range map[string]string{"language": "en", "zone": "Europe/Ljubljana"} {
		if got := doc.Find("#"+id+" option[selected]").AttrOr("value", ""); got != want {
			t.Errorf("%s: %q is chosen, want %q", id, got, want)
		}
	}
}

func TestChangesOfSettingsThatAreRefused(t *testing.T) {
	shown := map[fault.Kind]int{fault.Invalid: 422, fault.Conflict: 409, fault.Busy: 429, fault.Refused: 422, fault.Unreachable: 422}
	kinds := make([]fault.Kind, 0, len(shown))
	for k := range shown {
		kinds = append(kinds, k)
	}
	for path, form := range map[string][]string{
		"/settings/you":               {"display_name", "Mei"},
		"/settings/security/password": {"old", webtest.Password, "new", "another long password"},
	} {
		for kind, status := range shown {
			c := webtest.Open(t)
			c.Persons.Err = fault.New(kind, "web.topics.many")
			doc := c.Post(path, form...).Want(status).Page()
			webtest.Says(t, doc, "form .note[role=alert]", webtest.Word("web.topics.many"))
			if !strings.HasPrefix(doc.Find("title").Text(), "Error:") || doc.Find(`form[action="`+path+`"]`).Length() != 1 {
				t.Errorf("%s, %v: title %q, without the form", path, kind, doc.Find("title").Text())
			}
			if form[0] == "display_name" && webtest.Value(doc, "display_name") != "Mei" {
				t.Errorf("%v: the name is lost: %q", kind, webtest.Value(doc, "display_name"))
			}
		}
		for _, f := range webtest.FailuresBut(kinds...) {
			c := webtest.Open(t)
			c.Persons.Err = f.Err
			webtest.Says(t, c.Post(path, form...).Want(f.Status).Page(), "h1", webtest.Word(f.Title))
		}
	}
}

func TestAPasswordThatIsRefused(t *testing.T) {
	c := webtest.Open(t)
	c.Persons.Err = &fault.Error{Kind: fault.Busy, Message: fault.Say("web.topics.many"), RetryAfter: 1500 * time.Millisecond}
	if got := c.Post("/settings/security/password", "old", "x").Want(http.StatusTooManyRequests).Header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After: %q, want the seconds rounded up", got)
	}
	c.Persons.Err = nil
	doc := c.Post("/settings/security/password", "old", "wrong", "new", "another long password").Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, "#old-error", webtest.Word("web.forbidden"))
	if doc.Find("#new[aria-invalid=true]").Length() != 0 || !strings.HasPrefix(doc.Find("title").Text(), "Error:") {
		t.Error("the mistake is not at its field alone, or not in the title")
	}
	webtest.Says(t, doc, "#sessions", "This browser")
	c.Post("/settings/security/password", "old", webtest.Password, "new", "another long password").
		Want(http.StatusSeeOther, "/settings/security")
	webtest.Says(t, c.Get("/settings/security").Page(), ".toast", "Password changed. Your other sessions have ended.")
}

func TestEndingSessions(t *testing.T) {
	c := webtest.Open(t)
	if c.Get("/settings/security").Page().Find(`form[action="/settings/security/sessions/end-others"]`).Length() != 0 {
		t.Error("other sessions can be ended although there is none")
	}
	c.Persons.GivenSessions["token-2"] = person.Session{Ref: "ref-2", PersonID: "p1", Seen: webtest.Now.Add(-2 * time.Hour),
		Created: webtest.Now}
	doc := c.Get("/settings/security").Want(200).Page()
	webtest.Says(t, doc, "#sessions", "2 h ago")
	if doc.Find(`form[action="/settings/security/sessions/end-others"]`).Length() != 1 ||
		doc.Find(`#sessions form[action*="ref-token-1"]`).Length() != 0 {
		t.Error("the others cannot be ended together, or this one can be from here")
	}
	c.Post("/settings/security/sessions/end-others").Want(http.StatusSeeOther, "/settings/security")
	webtest.Says(t, c.Get("/settings/security").Want(200).Page(), ".toast", "Signed out there")
	if _, still := c.Persons.GivenSessions["token-2"]; still || len(c.Persons.GivenSessions) != 1 {
		t.Errorf("left: %v", c.Persons.GivenSessions)
	}
	for _, path := range []string{"/settings/security/sessions/end-others", "/settings/security/sessions/ref-2/end"} {
		for _, f := range webtest.Failures() {
			c := webtest.Open(t)
			c.Persons.Err = f.Err
			webtest.Says(t, c.Post(path).Want(f.Status).Page(), "h1", webtest.Word(f.Title))
		}
	}
	c.Persons.ReadErr = fault.New(fault.Busy, "web.topics.many")
	c.Get("/settings/security").Want(http.StatusServiceUnavailable)
}

// A browser says of itself what it likes; the page makes a name of it or shows it.
func TestBrowsersHaveNames(t *testing.T) {
	const chrome = "Mozilla/5.0 (%) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
	for agent, want := range map[string]string{
		strings.Replace(chrome, "%", "Windows NT 10.0; Win64; x64", 1):                            "Chrome on Windows",
		strings.Replace(chrome, "%", "Windows NT 10.0; Win64; x64", 1) + " Edg/130.0":             "Edge on Windows",
		strings.Replace(chrome, "%", "Linux; Android 14; Pixel 8", 1):                             "Chrome on Android",
		strings.Replace(chrome, "%", "X11; CrOS x86_64 14541.0.0", 1):                             "Chrome on ChromeOS",
		strings.Replace(chrome, "%", "X11; Linux x86_64", 1) + " OPR/115.0":                       "Opera on Linux",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) Version/18.0 Safari/605.1.15":               "Safari on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1": "Safari on iPhone",
		"curl/8.9.1":            "curl",
		"something\u202eelse":   "somethingU+202Eelse",
		"":                      "Unknown browser",
		"Mozilla/5.0 (Windows)": "Mozilla/5.0 (Windows)",
	} {
		c := webtest.Open(t)
		c.Persons.GivenSessions["token-2"] = person.Session{Ref: "ref-2", PersonID: "p1", Browser: agent, Seen: webtest.Now,
			Created: webtest.Now}
		name := c.Get("/settings/security").Want(200).Page().Find(`#sessions li:has(form) b`).Text()
		if name != want {
			t.Errorf("%s: %q, want %q", agent, name, want)
		}
	}
}

func TestConsoleSettingsThatAreRefused(t *testing.T) {
	for _, f := range webtest.Failures() {
		c := webtest.Open(t)
		c.Settings.Err = f.Err
		webtest.Says(t, c.Post("/settings/console", "allow_deduct", "on").Want(f.Status).Page(), "h1", webtest.Word(f.Title))
		c.Settings.ReadErr = f.Err
		c.Get("/settings/console").Want(f.Status)
	}
	c := webtest.Open(t)
	c.Post("/settings/console", "intent_tag", "on").Want(http.StatusSeeOther, "/settings/console")
	webtest.Says(t, c.Get("/settings/console").Page(), ".toast", "Saved")
	c.Persons.Fresh = false
	c.Post("/settings/console", "allow_deduct", "on").Want(http.StatusSeeOther, "/sign-in/again")
	if c.Settings.Deduct {
		t.Error("a stale sign-in set it")
	}
}

// A mark that cannot be written is said to owners, with its place.
func TestAMarkThatCannotBeWritten(t *testing.T) {
	for _, tt := range []struct {
		mark func() (string, error)
		said bool
	}{
		{nil, false},
		{func() (string, error) { return "/srv/data.mark", nil }, false},
		{func() (string, error) { return "/srv/data.mark", http.ErrAbortHandler }, true},
	} {
		doc := webtest.Open(t, func(o *web.Options) { o.Mark = tt.mark }).Get("/settings/console").Want(200).Page()
		note := doc.Find("main .note").Text()
		if got := strings.Contains(note, webtest.Word("settings.mark")) && strings.Contains(note, "/srv/data.mark"); got != tt.said {
			t.Errorf("the note is %q", note)
		}
	}
}

func TestChoosingAScope(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Label: "Sandbox", Site: account.SandboxSite, State: account.Active})
	for _, key := range []string{"a1", "s1", "sandbox", "real"} {
		c.Post("/scope", "account", key).Want(http.StatusSeeOther, "/")
		if c.Persons.Scope != key {
			t.Errorf("scope: %q, want %q", c.Persons.Scope, key)
		}
	}
	for _, key := range []string{"a9", "", "<x>"} {
		c.Post("/scope", "account", key).Want(http.StatusNotFound)
	}
	if c.Persons.Scope != "real" {
		t.Errorf("a scope that is not there was chosen: %q", c.Persons.Scope)
	}
	for _, f := range webtest.Failures() {
		c.Persons.Err = f.Err
		c.Post("/scope", "account", "a1").Want(f.Status)
	}
}

// It leads back to the page it was chosen on, where that page is of every scope.
func TestWhereTheChoiceOfAScopeLeads(t *testing.T) {
	for from, want := range map[string]string{
		"/servers?q=shop&after=40&before=2": "/servers?q=shop",
		"/servers/s1":                       "/servers",
		"/instances/i1?tab=raw":             "/instances",
		"/orders/o1":                        "/orders",
		"/buy/d1/size":                      "/buy",
		"/buy?from=a1":                      "/buy",
		"/sandbox":                          "/",
		"/selections/new":                   "/",
		"/views/v1":                         "/",
		"/accounts/a1":                      "/accounts/a1",
		"/traffic?view=low":                 "/traffic?view=low",
	} {
		c := webtest.Open(t)
		c.Header.Set("Referer", "http://localhost:8080"+from)
		c.Post("/scope", "account", "a1").Want(http.StatusSeeOther, want)
	}
}
