package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/live"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
	"sampan/internal/app/web/webtest"
)

// fill puts something into every parameter of a path.
func fill(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = "a1"
		}
		if p == "*" {
			parts[i] = "nothing.css"
		}
	}
	return strings.Join(parts, "/")
}

func TestARouteWithoutPermissionStopsTheStart(t *testing.T) {
	answer := func(echo.Context) error { return nil }
	tests := []struct {
		name         string
		method, path string
		may          person.Permission
		do           echo.HandlerFunc
		ok           bool
	}{
		{"complete", "GET", "/x", person.See, answer, true},
		{"no permission", "GET", "/x", "", answer, false},
		{"a permission nobody has", "GET", "/x", "fly", answer, false},
		{"no handler", "GET", "/x", person.See, nil, false},
		{"another method", "PUT", "/x", person.See, answer, false},
		{"no path", "GET", "x", person.See, answer, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := web.CheckRoute(tt.method, tt.path, tt.may, tt.do); (err == nil) != tt.ok {
				t.Errorf("check: got %v, want ok = %v", err, tt.ok)
			}
		})
	}
}

// Every route that is not open to anyone sends strangers to sign in, whatever
// the method, and never reaches its handler.
func TestStrangersReachOnlyWhatIsOpenToAnyone(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	for _, r := range c.Site.Routes() {
		a := c.Send(r.Method, fill(r.Path), url.Values{})
		switch {
		case r.Anyone:
			if l := a.Header.Get("Location"); strings.HasPrefix(l, "/sign-in?next") {
				t.Errorf("%s %s is open to anyone and still sends to sign-in", r.Method, r.Path)
			}
		case r.Stream:
			a.Want(http.StatusUnauthorized)
		default:
			if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/sign-in") {
				t.Errorf("%s %s: got %d to %q, want 303 to sign-in", r.Method, r.Path, a.StatusCode, a.Header.Get("Location"))
			}
		}
	}
}

// What a role may not do is 403, by the table alone.
func TestRolesAreDecidedByTheTable(t *testing.T) {
	for _, role := range []person.Role{person.Viewer, person.Operator, person.Buyer} {
		c := webtest.Open(t).As(role)
		for _, r := range c.Site.Routes() {
			if r.Anyone || role.May(r.May) {
				continue
			}
			if a := c.Send(r.Method, fill(r.Path), url.Values{}); a.StatusCode != http.StatusForbidden {
				t.Errorf("%s as %s: %s %s gave %d, want 403", r.May, role, r.Method, r.Path, a.StatusCode)
			}
		}
		if len(c.Accounts.Calls)+len(c.Accounts.Added) > 0 {
			t.Errorf("%s: use cases were called: %v", role, c.Accounts.Calls)
		}
	}
}

// A sign-in that is not fresh reaches no route that wants one.
func TestStaleSignInsAreAskedForThePassword(t *testing.T) {
	c := webtest.Open(t)
	c.Persons.Fresh = false
	seen := 0
	for _, r := range c.Site.Routes() {
		if !r.Fresh && !r.InForm {
			continue
		}
		seen++
		a := c.Send(r.Method, fill(r.Path), url.Values{})
		if r.Fresh && (a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/sign-in/again")) {
			t.Errorf("%s %s: got %d to %q, want 303 to /sign-in/again", r.Method, r.Path, a.StatusCode, a.Header.Get("Location"))
		}
	}
	if seen < 8 {
		t.Errorf("routes that want a fresh sign-in: got %d, want 8 or more", seen)
	}
	if len(c.Accounts.Calls)+len(c.Accounts.Added) > 0 || c.Settings.Deduct {
		t.Errorf("use cases were called: %v, %v", c.Accounts.Calls, c.Accounts.Added)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	c := webtest.Open(t)
	paths := map[string]int{"/": 200, "/healthz": 200, "/static/nothing.css": 404, "/nowhere": 404, "/settings": 303, "/accounts/none": 404}
	for path, status := range paths {
		a := c.Get(path).Want(status)
		want := map[string]string{
			"Content-Security-Policy":      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Cache-Control":                "no-store",
			"Strict-Transport-Security":    "",
		}
		for name, value := range want {
			if got := a.Header.Get(name); got != value {
				t.Errorf("%s: %s: got %q, want %q", path, name, got, value)
			}
		}
		if p := a.Header.Get("Permissions-Policy"); !strings.Contains(p, "camera=()") || !strings.Contains(p, "clipboard-write=(self)") {
			t.Errorf("%s: Permissions-Policy: %q", path, p)
		}
		if a.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", path)
		}
	}
	c.Secure = true
	if got := c.Get("/sign-in").Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("HSTS over TLS: got %q", got)
	}
}

func TestChangesFromElsewhereAreRefused(t *testing.T) {
	tests := []struct {
		name   string
		header map[string]string
		drop   bool // neither header
		cookie bool
		status int
	}{
		{"same origin", map[string]string{"Sec-Fetch-Site": "same-origin"}, false, true, 303},
		{"another site", map[string]string{"Sec-Fetch-Site": "cross-site"}, false, true, 403},
		{"a sibling site", map[string]string{"Sec-Fetch-Site": "same-site"}, false, true, 403},
		{"old browser, our origin", map[string]string{"Origin": "http://localhost:8080"}, true, true, 303},
		{"old browser, other origin", map[string]string{"Origin": "http://evil.example"}, true, true, 403},
		{"neither header, with a session cookie", nil, true, true, 403},
		{"neither header, no cookie", nil, true, false, 303},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			if tt.drop {
				c.Header["Sec-Fetch-Site"] = nil
			}
			for k, v := range tt.header {
				c.Header.Set(k, v)
			}
			if !tt.cookie {
				c.SignedOut()
			}
			c.Post("/sign-out").Want(tt.status)
			if tt.status == 403 && len(c.Persons.GivenSessions) != 1 {
				t.Error("the session ended although the request was refused")
			}
		})
	}
}

func TestMethodsThatNoRouteHas(t *testing.T) {
	c := webtest.Open(t)
	for _, m := range []string{"PUT", "DELETE", "PATCH", "TRACE"} {
		c.Send(m, "/accounts", nil).Want(http.StatusMethodNotAllowed)
	}
	c.Header.Set("X-Http-Method-Override", "DELETE")
	if c.Post("/sign-out", "_method", "DELETE").StatusCode != http.StatusSeeOther {
		t.Error("a method override changed the method")
	}
}

func TestForms(t *testing.T) {
	many := url.Values{}
	for i := range 201 {
		many.Set("f"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+strings.Repeat("y", i), "1")
	}
	c := webtest.Open(t)
	c.Send("POST", "/settings/you", url.Values{"display_name": {strings.Repeat("x", 65<<10)}}).Want(http.StatusRequestEntityTooLarge)
	c.Send("POST", "/settings/you", many).Want(http.StatusRequestEntityTooLarge)
	c.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	c.Send("POST", "/settings/you", url.Values{"a": {"b"}}).Want(http.StatusUnsupportedMediaType)
	c.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r := httptest.NewRequest("POST", "http://localhost:8080/settings/you", strings.NewReader("a=%zz"))
	r.Header = c.Header.Clone()
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: "sampan", Value: "token-1"})
	w := httptest.NewRecorder()
	c.Handler.ServeHTTP(w, r)
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a body that is no form: got %d, want 422", w.Code)
	}
}

func TestWhereARequestComesFrom(t *testing.T) {
	proxies := web.Prefixes("10.0.0.0/8", "::1/128")
	tests := []struct {
		name          string
		remote, host  string
		header        map[string]string
		secure, local bool
		address       string
	}{
		{"straight", "192.0.2.7:1234", "console.example", nil, false, false, "192.0.2.7"},
		{"a stranger's forwarded headers do not count", "192.0.2.7:1234", "console.example", map[string]string{"X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https"}, false, false, "192.0.2.7"},
		{"a trusted proxy's do", "10.0.0.1:1234", "console.example", map[string]string{"X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https"}, true, false, "8.8.8.8"},
		{"what the client wrote itself does not", "10.0.0.1:1234", "console.example", map[string]string{"X-Forwarded-For": "1.1.1.1, 8.8.8.8, 10.0.0.2"}, false, false, "8.8.8.8"},
		{"the nearest proxy's scheme", "10.0.0.1:1", "console.example", map[string]string{"X-Forwarded-Proto": "https, http"}, false, false, "10.0.0.1"},
		{"nonsense stays out", "10.0.0.1:1", "console.example", map[string]string{"X-Forwarded-For": "<script>"}, false, false, "10.0.0.1"},
		{"loopback name", "172.17.0.1:5", "LOCALHOST:8080", nil, false, true, "172.17.0.1"},
		{"loopback address", "172.17.0.1:5", "127.0.0.1:8080", nil, false, true, "172.17.0.1"},
		{"loopback address, IPv6", "[::ffff:192.0.2.9]:5", "[::1]:8080", nil, false, true, "192.0.2.9"},
		{"a name that only looks so", "172.17.0.1:5", "localhost.evil.example", nil, false, false, "172.17.0.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr, r.Host = tt.remote, tt.host
			for k, v := range tt.header {
				r.Header.Set(k, v)
			}
			secure, local, address := web.Facts(web.OriginOf(r, proxies))
			if secure != tt.secure || local != tt.local || address != tt.address {
				t.Errorf("got secure %v, local %v, %q; want %v, %v, %q", secure, local, address, tt.secure, tt.local, tt.address)
			}
		})
	}
}

func TestPlainHTTPFromElsewhere(t *testing.T) {
	c := webtest.Open(t)
	c.Host = "192.0.2.1:8080"
	doc := c.Get("/sign-in").Want(http.StatusForbidden).Page()
	webtest.Says(t, doc, "h1", webtest.Word("failure.plain.title"))
	c.SignedOut().Post("/sign-in", "name", "mei", "password", webtest.Password).Want(http.StatusForbidden)
	if len(c.Persons.GivenSessions) != 1 {
		t.Error("somebody was signed in over plain HTTP")
	}
	c.Get("/healthz").Want(http.StatusOK)

	c = webtest.Open(t, func(o *web.Options) { o.AllowPlainHTTP = true })
	c.Host = "192.0.2.1:8080"
	webtest.Says(t, c.Get("/").Want(http.StatusOK).Page(), "main .note", webtest.Word("web.banner.plain"))
}

func TestHosts(t *testing.T) {
	c := webtest.Open(t, func(o *web.Options) { o.BaseURL, o.AllowPlainHTTP = "http://console.example", true })
	for host, status := range map[string]int{"console.example": 200, "localhost:8080": 200, "evil.example": 421} {
		c.Host = host
		c.Get("/").Want(status)
	}
	c.Host = "evil.example"
	c.Get("/healthz").Want(200)
}

func TestCookies(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	a := c.Post("/sign-in", "name", "mei", "password", webtest.Password, "next", "/accounts").Want(http.StatusSeeOther, "/accounts")
	local := cookie(t, a, "sampan")
	if local.Secure || !local.HttpOnly || local.SameSite != http.SameSiteLaxMode || local.Path != "/" || local.MaxAge != 12*3600 ||
		local.Domain != "" {
		t.Errorf("cookie on localhost: %+v", local)
	}
	cookie(t, a, "sampan-device")

	c = webtest.Open(t).SignedOut()
	c.Secure, c.Host = true, "console.example"
	k := cookie(t, c.Post("/sign-in", "name", "mei", "password", webtest.Password).Want(http.StatusSeeOther, "/"), "__Host-sampan")
	if !k.Secure || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" {
		t.Errorf("cookie over TLS: %+v", k)
	}
	if got := c.Post("/sign-out").Want(http.StatusSeeOther, "/sign-in").Header.Get("Clear-Site-Data"); got != `"storage"` {
		t.Errorf("signing out leaves %q to clear", got)
	}
	if _, kept := c.Cookies["__Host-sampan"]; kept {
		t.Error("signing out left the cookie")
	}
	c.Get("/").Want(http.StatusSeeOther, "/sign-in")
}

func cookie(t *testing.T, a *webtest.Answer, name string) *http.Cookie {
	t.Helper()
	for _, k := range a.Cookies() {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("no cookie %q among %v", name, a.Cookies())
	return nil
}

func TestReturnPathsStayHere(t *testing.T) {
	for path, want := range map[string]string{
		"/accounts?x=1": "/accounts?x=1", "": "/", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/",
		"/a\r\nSet-Cookie: x": "/", "javascript:alert(1)": "/", "/%2f/evil": "/%2f/evil",
	} {
		if got := web.Ours(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

func TestFailuresBecomePages(t *testing.T) {
	tests := []struct {
		err    error
		status int
		says   string
	}{
		{fault.New(fault.Conflict, "web.body.unreadable"), 409, webtest.Word("web.body.unreadable")},
		{fault.New(fault.Unreachable, "web.body.unreadable"), 502, webtest.Word("web.body.unreadable")},
		{errors.New("password=hunter2 at line 3"), 500, webtest.Word("failure.500.title")},
		{context.DeadlineExceeded, 503, webtest.Word("failure.503.title")},
	}
	for _, tt := range tests {
		c := webtest.Open(t)
		c.Accounts.Err = tt.err
		a := c.Post("/accounts/a1/check").Want(tt.status)
		webtest.Says(t, a.Page(), "main", tt.says)
		if strings.Contains(a.Body, "hunter2") {
			t.Error("the text of an internal error reached the page")
		}
	}
}

func TestFailuresForHTMXAreNotes(t *testing.T) {
	c := webtest.Open(t)
	c.Header.Set("HX-Request", "true")
	c.Accounts.Err = fault.New(fault.Conflict, "web.body.unreadable")
	a := c.Post("/accounts/a1/check").Want(http.StatusUnprocessableEntity)
	if a.Header.Get("HX-Retarget") != "#toasts" || strings.Contains(a.Body, "<html") {
		t.Errorf("not a note for #toasts: %q, %.100s", a.Header.Get("HX-Retarget"), a.Body)
	}
	webtest.Says(t, a.Page(), ".note", webtest.Word("web.body.unreadable"))
	if !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "HX-Request") {
		t.Error("the answer depends on HX-Request and does not say so")
	}
}

func TestABrowserThatLeftIsNoFailureOfTheConsole(t *testing.T) {
	c := webtest.Open(t)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	c.Accounts.Err = ctx.Err()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Host+"/accounts", nil)
	r.AddCookie(&http.Cookie{Name: "sampan", Value: "token-1"})
	w := httptest.NewRecorder()
	c.Handler.ServeHTTP(w, r)
	if w.Code != 499 || strings.Contains(c.Log.String(), `"level":"ERROR"`) {
		t.Errorf("got status %d, want 499 and no error in the log:\n%s", w.Code, c.Log)
	}
}

func TestAPanicIsThePageOfLastResort(t *testing.T) {
	c := webtest.Open(t, func(o *web.Options) { o.Settings = nil })
	a := c.Get("/settings/console").Want(http.StatusInternalServerError)
	webtest.Says(t, a.Page(), "h1", webtest.Word("failure.500.title"))
	if a.Header.Get("Content-Security-Policy") == "" {
		t.Error("the page of last resort goes without its policy")
	}
	if !strings.Contains(c.Log.String(), `"msg":"panic"`) {
		t.Error("nobody logged the panic")
	}
}

func TestTheLogHasNoQueryAndNoSecret(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	c.Post("/sign-in?password=in-the-query", "name", "mei", "password", webtest.Password)
	c.Post("/reset", "code", "reset-code", "password", webtest.Password)
	got := c.Log.String()
	for _, secret := range []string{"in-the-query", webtest.Password, "reset-code", "token-2"} {
		if strings.Contains(got, secret) {
			t.Errorf("the log has %q:\n%s", secret, got)
		}
	}
	if !strings.Contains(got, `"path":"/sign-in"`) || !strings.Contains(got, `"status":303`) {
		t.Errorf("no line for the request:\n%s", got)
	}
}

func TestStreams(t *testing.T) {
	c := webtest.Open(t)
	a := c.Get("/events?topics=attention,account/a1,frame").Want(http.StatusOK)
	if a.Body != "attention account/a1 frame en Asia/Hong_Kong" {
		t.Errorf("the hub was asked for %q", a.Body)
	}
	v := c.Hub.Viewer
	if v.ID != "p1" || v.Session != "ref-token-1" || !v.Allowed(t.Context(), "account/a1") || v.Allowed(t.Context(), "account/a2") {
		t.Errorf("viewer: %+v", v)
	}
	if !v.Alive(t.Context()) {
		t.Error("a live session counts as ended")
	}
	c.Persons.GivenSessions = map[string]person.Session{}
	if v.Alive(t.Context()) {
		t.Error("an ended session counts as live")
	}
	for _, topics := range []string{"account/none", "nonsense", "account", "attention/a1", "account/../a1", "", "Attention", "a b"} {
		webtest.Open(t).Get("/events?topics=" + url.QueryEscape(topics)).Want(http.StatusNotFound)
	}
	webtest.Open(t).Get("/events?topics=" + strings.Repeat("frame,", 40)).Want(http.StatusUnprocessableEntity)
}

func TestFragments(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All[0].Checks = []account.Check{{Name: "keys", OK: true, Message: fault.Say("web.forbidden")}}
	b, err := c.Site.Fragment(t.Context(), "account/a1", live.Locale{Lang: "zh-Hans", Zone: "Asia/Shanghai"})
	if err != nil || !strings.Contains(string(b), `id="check-a1"`) || !strings.Contains(string(b), "登录") {
		t.Errorf("account/a1: %v, %s", err, b)
	}
	if strings.Contains(string(b), "<form") {
		t.Error("the shared fragment has a form, which only some roles may see")
	}
	if _, err := c.Site.Fragment(t.Context(), "nonsense", live.Locale{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown topic: %v", err)
	}
}

func TestScopeNeverMixesRealAndSimulated(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All,
		account.Account{ID: "a2", Label: "Orchid", Site: account.Europe, State: account.Active},
		account.Account{ID: "s1", Label: "Sandbox", Site: account.SandboxSite, State: account.Active})
	for _, tt := range []struct{ choice, want string }{{"", "a1,a2"}, {"sandbox", "s1"}, {"s1", "s1"}, {"a2", "a2"}, {"real", "a1,a2"}} {
		if tt.choice != "" {
			c.Post("/scope", "account", tt.choice).Want(http.StatusSeeOther, "/")
		}
		c.Get("/").Want(http.StatusOK)
		if got := strings.Join(c.Orders.Asked[len(c.Orders.Asked)-1], ","); got != tt.want {
			t.Errorf("%q: orders of %s, want %s", tt.choice, got, tt.want)
		}
	}
	for _, stranger := range []string{"stranger", ""} {
		c.Post("/scope", "account", stranger).Want(http.StatusNotFound)
		if c.Persons.Scope != "real" {
			t.Errorf("a scope that does not exist was kept: %q", c.Persons.Scope)
		}
	}
	c.Persons.Scope = "s1"
	doc := c.Get("/").Page()
	if doc.Find(".strip:not(.pause)").Length() != 1 {
		t.Error("the Sandbox has no strip")
	}
	if got := doc.Find(".strip form[method=post][action='/scope'] button[name=account]").AttrOr("value", ""); got != "real" {
		t.Errorf("the strip leads to the scope %q", got)
	}
	var keys []string
	doc.Find("#scopes form[method=post][action='/scope'] button[name=account]").
		Each(func(_ int, b *goquery.Selection) { keys = append(keys, b.AttrOr("value", "")) })
	if got := strings.Join(keys, " "); got != "real a1 a2 s1" {
		t.Errorf("the menu offers %s", got)
	}
}

// Reading changes nothing: an address never chooses the scope.
func TestAnAddressDoesNotChooseTheScope(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "a2", Label: "Orchid", Site: account.Europe, State: account.Active})
	for _, path := range []string{"/", "/orders", "/servers", "/traffic", "/buy", "/accounts", "/settings/you", "/scope"} {
		c.Get(path + "?account=a2")
		if c.Persons.Scope != "" {
			t.Fatalf("GET %s stored the scope %q", path, c.Persons.Scope)
		}
	}
	c.Header.Set("Sec-Fetch-Site", "cross-site")
	c.Post("/scope", "account", "a2").Want(http.StatusForbidden)
	if c.Persons.Scope != "" {
		t.Error("another site's form stored the scope")
	}
}

func TestTheChoiceOfAScopeLeadsBack(t *testing.T) {
	c := webtest.Open(t)
	for from, to := range map[string]string{
		"/servers?q=web&sort=-name&after=x": "/servers?q=web&sort=-name",
		"/orders?state=done&after=c":        "/orders?state=done",
		"/traffic?view=all":                 "/traffic?view=all",
		"/settings/you":                     "/settings/you",
		"/buy?from=s1&image=WordPress":      "/buy?image=WordPress",
		"/orders/7f3a/passport":             "/orders",
		"/buy/d1/size":                      "/buy",
		"/servers/x":                        "/servers",
		"/instances/x/traffic":              "/instances",
		"/sandbox":                          "/",
		"/views/new?list=servers":           "/",
	} {
		c.Header.Set("Referer", "http://localhost:8080"+from)
		c.Post("/scope", "account", "a1").Want(http.StatusSeeOther, to)
	}
	c.Header.Set("Referer", "https://elsewhere.example/orders")
	c.Post("/scope", "account", "a1").Want(http.StatusSeeOther, "/")
}

func TestLimitsOfConnections(t *testing.T) {
	s := webtest.Open(t, func(o *web.Options) { o.Limits = web.Limits{PerAddress: 2} }).Site
	l := s.Listener(newListener("192.0.2.1:1", "192.0.2.1:2", "192.0.2.1:3", "192.0.2.2:1"))
	var open []string
	for range 3 {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c.RemoteAddr().String())
	}
	if got := strings.Join(open, " "); got != "192.0.2.1:1 192.0.2.1:2 192.0.2.2:1" {
		t.Errorf("accepted %s: the third of one address should have been closed", got)
	}
}

func TestHeadersAreBounded(t *testing.T) {
	h := webtest.Open(t).Site.HTTP()
	if h.MaxHeaderBytes != 12<<10 || h.ReadHeaderTimeout != 5*time.Second || h.WriteTimeout != 30*time.Second ||
		h.IdleTimeout != time.Minute {
		t.Errorf("limits of the server: %d, %v, %v, %v", h.MaxHeaderBytes, h.ReadHeaderTimeout, h.WriteTimeout, h.IdleTimeout)
	}
}
