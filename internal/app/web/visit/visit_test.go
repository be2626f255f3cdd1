package visit_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/text"
)

// request is a request to the console with these headers: "Accept: x".
func request(method, target string, headers ...string) (echo.Context, *httptest.ResponseRecorder) {
	r, w := httptest.NewRequest(method, target, nil), httptest.NewRecorder()
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	return echo.New().NewContext(r, w), w
}

// persons answer the token "good" with Mei, "broken" with a defect, and any other
// with no session.
type persons struct{ looked, peeked int }

func (p *persons) Session(_ context.Context, token seal.Secret) (person.Person, person.Session, error) {
	p.looked++
	switch token.Reveal() {
	case "good":
		return person.Person{ID: "p1", Name: "mei", DisplayName: "Mei", Role: person.Buyer, Language: "zh-Hans", Zone: "Asia/Hong_Kong"},
			person.Session{Ref: "ref", FreshUntil: time.Now().Add(time.Minute)}, nil
	case "broken":
		return person.Person{}, person.Session{}, errors.New("the disk is broken")
	}
	return person.Person{}, person.Session{}, person.ErrNoSession
}

func (p *persons) Peek(ctx context.Context, token seal.Secret) (person.Person, person.Session, error) {
	who, ss, err := p.Session(ctx, token)
	p.looked, p.peeked = p.looked-1, p.peeked+1
	return who, ss, err
}

// store is a session store over people, and what it logs.
func store() (*visit.Sessions, *persons, *strings.Builder) {
	p, log := &persons{}, &strings.Builder{}
	return &visit.Sessions{Persons: p, Now: func() time.Time { return webtest.Now },
		Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Log:     slog.New(slog.NewTextHandler(log, nil))}, p, log
}

// visited lets a request pass the store and gives its visitor.
func visited(t *testing.T, st *visit.Sessions, c echo.Context) *visit.Visitor {
	t.Helper()
	err := st.Visited(func(echo.Context) error { return nil })(c)
	if err != nil {
		t.Fatal(err)
	}
	return visit.Of(c)
}

func TestWhoAsks(t *testing.T) {
	for name, tt := range map[string]struct {
		target, cookie string
		in             bool
		looked         int
		logged         bool
	}{
		"a live session":             {"/", "sampan=good", true, 1, false},
		"a session that has ended":   {"/", "sampan=gone", false, 1, false},
		"no cookie":                  {"/", "other=x", false, 0, false},
		"an empty cookie":            {"/", "sampan=", false, 0, false},
		"a cookie that is too long":  {"/", "sampan=" + strings.Repeat("x", 129), false, 0, false},
		"the cookie of TLS, without": {"/", "__Host-sampan=good", false, 0, false},
		"a session that is not read": {"/", "sampan=broken", false, 1, true},
		"a health check":             {"/healthz", "sampan=good", false, 0, false},
		"another health check":       {"/readyz", "sampan=good", false, 0, false},
		"an asset":                   {"/static/app.js", "sampan=good", false, 0, false},
	} {
		st, p, log := store()
		c, _ := request("GET", tt.target, "Cookie: "+tt.cookie)
		v := visited(t, st, c)
		if v.In() != tt.in || p.looked != tt.looked || (log.Len() > 0) != tt.logged {
			t.Errorf("%s: signed in %t, looked %d times, logged %q", name, v.In(), p.looked, log)
		}
	}
}

func TestAVisitor(t *testing.T) {
	st, _, _ := store()
	c, _ := request("GET", "/", "Cookie: sampan=good")
	v := visited(t, st, c)
	if a := visit.Actor(c); a.PersonID != "p1" || a.Name != "Mei" || a.Role != person.Buyer || a.SessionRef != "ref" ||
		a.Address != "192.0.2.1" {
		t.Errorf("the actor: %+v", a)
	}
	if !v.Fresh() || v.Token.Reveal() != "good" {
		t.Errorf("fresh %t, token %q", v.Fresh(), v.Token.Reveal())
	}
	v.Session.FreshUntil = time.Now().Add(-time.Second)
	if v.Fresh() {
		t.Error("a sign-in stays fresh for ever")
	}
	p := visit.Printer(c)
	if p.Lang() != "zh-Hans" || p.Now().Format("15:04") != "09:21" {
		t.Errorf("words in %s, the time is %s", p.Lang(), p.Now().Format("15:04"))
	}

	stranger, _ := request("GET", "/")
	if a := visited(t, st, stranger).Actor(); a.PersonID != "" || a.Role != "" || a.Address != "192.0.2.1" {
		t.Errorf("a stranger: %+v", a)
	}
	if visit.Of(stranger).Fresh() {
		t.Error("a stranger is fresh")
	}
	unvisited, _ := request("GET", "/")
	if v := visit.Of(unvisited); v.In() || v.Printer.Lang() != text.English || visit.Of(unvisited) != v {
		t.Errorf("a request that nobody looked at: %+v", v)
	}
}

// The language is the profile's, else the one chosen before sign-in, else the browser's.
func TestTheLanguageOfARequest(t *testing.T) {
	for name, tt := range map[string]struct {
		headers []string
		want    string
	}{
		"of the profile":              {[]string{"Cookie: sampan=good; sampan-language=en", "Accept-Language: en"}, "zh-Hans"},
		"chosen before sign-in":       {[]string{"Cookie: sampan-language=zh-Hans", "Accept-Language: en"}, "zh-Hans"},
		"chosen, but not offered":     {[]string{"Cookie: sampan-language=tlh", "Accept-Language: zh-CN"}, "zh-Hans"},
		"of the browser":              {[]string{"Accept-Language: zh-CN,zh;q=0.9"}, "zh-Hans"},
		"of a browser we do not know": {[]string{"Accept-Language: tlh"}, "en"},
		"of nobody":                   {nil, "en"},
	} {
		st, _, _ := store()
		c, _ := request("GET", "/", tt.headers...)
		if got := visited(t, st, c).Printer.Lang(); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	st, _, _ := store()
	c, _ := request("GET", "/")
	if got := st.Words(c, "en", "Nowhere/Else").Location(); got != time.UTC {
		t.Errorf("a zone that is not there: %s", got)
	}
}

// What a page asks for by itself does not keep a session from becoming idle.
func TestWhatAPageAsksForByItself(t *testing.T) {
	for name, tt := range map[string]struct {
		method  string
		headers []string
		want    bool
	}{
		"a part that reads itself again": {"GET", []string{"HX-Request: true", "X-Live: 1"}, true},
		"a part that a person asked for": {"GET", []string{"HX-Request: true"}, false},
		"a page":                         {"GET", []string{"X-Live: 1"}, false},
		"a change":                       {"POST", []string{"HX-Request: true", "X-Live: 1"}, false},
	} {
		st, p, _ := store()
		c, _ := request(tt.method, "/", append(tt.headers, "Cookie: sampan=good")...)
		v := visited(t, st, c)
		if got := visit.ByItself(c.Request()); got != tt.want || (p.peeked == 1) != tt.want || !v.In() {
			t.Errorf("%s: %t, looked at without use %d times, signed in %t", name, got, p.peeked, v.In())
		}
	}
}

func TestTheCookieOfASession(t *testing.T) {
	for _, secure := range []bool{false, true} {
		st, _, _ := store()
		c, w := request("POST", "/")
		visit.Of(c).Origin.Secure = secure
		if err := st.Start(c, seal.Conceal("token")); err != nil {
			t.Fatal(err)
		}
		if err := st.End(c); err != nil {
			t.Fatal(err)
		}
		all := w.Result().Cookies()
		name := map[bool]string{false: "sampan", true: "__Host-sampan"}[secure]
		if all[0].Name != name || all[0].Value != "token" || all[0].Secure != secure || !all[0].HttpOnly ||
			all[0].SameSite != http.SameSiteLaxMode ||
			all[0].MaxAge != int(person.Lifetime.Seconds()) || all[0].Path != "/" || all[0].Domain != "" {
			t.Errorf("it starts: %+v", all[0])
		}
		if all[1].Name != name || all[1].Value != "" || all[1].MaxAge >= 0 {
			t.Errorf("it ends: %+v", all[1])
		}
	}
	st, _, _ := store()
	for cookie, want := range map[string]bool{"sampan=dead": true, "__Host-sampan=dead": true, "sampan=": false, "sampan-note=x": false} {
		c, _ := request("POST", "/", "Cookie: "+cookie)
		if got := st.Carries(c.Request()); got != want {
			t.Errorf("%s: carries a session: %t", cookie, got)
		}
	}
}

func TestABrowserIsRemembered(t *testing.T) {
	c, w := request("POST", "/")
	visit.RememberDevice(c, seal.Secret{})
	if len(w.Result().Cookies()) != 0 {
		t.Error("nothing is remembered as something")
	}
	c, w = request("POST", "/")
	visit.RememberDevice(c, seal.Conceal("device"))
	k := w.Result().Cookies()[0]
	if k.Name != "sampan-device" || k.MaxAge != 365*24*3600 || !k.HttpOnly {
		t.Errorf("the cookie: %+v", k)
	}
	for value, want := range map[string]string{"device": "device", strings.Repeat("x", 129): ""} {
		c, _ := request("GET", "/", "Cookie: sampan-device="+value)
		if got := visit.Device(c).Reveal(); got != want {
			t.Errorf("%s: %q", value, got)
		}
	}
	if c, _ := request("GET", "/"); !visit.Device(c).Empty() {
		t.Error("a stranger's browser is known")
	}
}

func TestTheLanguageBeforeSignIn(t *testing.T) {
	for tag, want := range map[string]int{"zh-Hans": 1, "en": 1, "tlh": 0, "": 0} {
		r := httptest.NewRequest("POST", "/language", strings.NewReader(url.Values{"language": {tag}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		visit.KeepLanguage(echo.New().NewContext(r, w))
		all := w.Result().Cookies()
		if len(all) != want || want == 1 && (all[0].Name != "sampan-language" || all[0].Value != tag || all[0].MaxAge != 365*24*3600) {
			t.Errorf("%q: %v", tag, all)
		}
	}
	chosen := 0
	for _, o := range visit.LanguageOptions("zh-Hans") {
		if o.Chosen {
			chosen++
			if o.Value != "zh-Hans" || o.Label != "简体中文" {
				t.Errorf("chosen: %+v", o)
			}
		}
	}
	if chosen != 1 {
		t.Errorf("%d languages are chosen", chosen)
	}
}

func TestZones(t *testing.T) {
	p := text.New(text.English, time.UTC).At(func() time.Time { return webtest.Now })
	for chosen, want := range map[string]string{"Asia/Hong_Kong": "Asia/Hong_Kong", "": "UTC", "Europe/Ljubljana": "Europe/Ljubljana",
		"Nowhere/Else": ""} {
		got, seen := "", map[string]bool{}
		for _, o := range visit.ZoneOptions(p, chosen) {
			if o.Chosen {
				got += o.Value
			}
			if seen[o.Value] || o.Label == "" {
				t.Errorf("%q stands twice or has no words: %q", o.Value, o.Label)
			}
			seen[o.Value] = true
		}
		if got != want || !seen["UTC"] || !seen["Asia/Riyadh"] {
			t.Errorf("%q: %q is chosen, want %q", chosen, got, want)
		}
	}
	for _, o := range visit.ZoneOptions(p, "Asia/Kolkata") {
		if o.Chosen && o.Label != "Kolkata (UTC+5:30)" {
			t.Errorf("in words: %q", o.Label)
		}
	}
}

func TestMethodsThatChangeNothing(t *testing.T) {
	for method, want := range map[string]bool{"GET": true, "HEAD": true, "OPTIONS": true, "POST": false, "PUT": false, "DELETE": false,
		"": false} {
		if got := visit.Safe(method); got != want {
			t.Errorf("%s: %t", method, got)
		}
	}
}

// Behind a proxy that speaks TLS only the cookie that is bound to the host counts.
func TestTheCookieBehindAProxy(t *testing.T) {
	for cookie, want := range map[string]bool{"__Host-sampan=good": true, "sampan=good": false} {
		st, _, _ := store()
		c, _ := request("GET", "/", "Cookie: "+cookie, "X-Forwarded-Proto: https", "X-Forwarded-For: 8.8.8.8")
		c.Request().RemoteAddr = "10.0.0.1:1"
		v := visited(t, st, c)
		if v.In() != want || !v.Origin.Secure || v.Actor().Address != "8.8.8.8" {
			t.Errorf("%s: signed in %t, %+v", cookie, v.In(), v.Origin)
		}
	}
}
