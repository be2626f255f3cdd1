package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/web/templates/text"
)

// visitor is what one request knows about itself: where it came from, and after
// sign-in who asks.
type visitor struct {
	requestID string
	origin    origin
	printer   *text.Printer
	token     seal.Secret // of the session cookie; empty without a sign-in
	person    person.Person
	session   person.Session
}

const visitorKey = "visitor"

// visit gives the visitor of a request; every request has one.
func visit(c echo.Context) *visitor {
	v, ok := c.Get(visitorKey).(*visitor)
	if !ok {
		v = &visitor{printer: text.New(text.English, nil)}
		c.Set(visitorKey, v)
	}
	return v
}

// in reports whether somebody is signed in.
func (v *visitor) in() bool { return v.person.ID != "" }

// fresh reports whether the person gave the password within the last minutes
// (reliability.md §8, Fresh login). Sessions keep the real clock.
func (v *visitor) fresh() bool { return v.in() && time.Now().Before(v.session.FreshUntil) }

func (v *visitor) actor() person.Actor {
	if !v.in() {
		return person.Actor{Address: v.origin.address}
	}
	return person.Actor{PersonID: v.person.ID, Name: v.person.DisplayName, Role: v.person.Role,
		SessionRef: v.session.Ref, Address: v.origin.address}
}

// Visited finds out who asks, before anything else: even a failure is worded in
// the person's language. Machines' paths read no session.
func (st *Sessions) Visited(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		v := &visitor{origin: originOf(r, st.Trusted)}
		c.Set(visitorKey, v)
		v.printer = st.Words(c, "", "")
		if machine(c) || strings.HasPrefix(r.URL.Path, "/static/") {
			return next(c)
		}
		if err := st.recognise(c, v); err != nil {
			st.Log.ErrorContext(r.Context(), "session cannot be read", "err", err)
		}
		return next(c)
	}
}

// recognise fills in the person of the session cookie, if there is a live one.
func (st *Sessions) recognise(c echo.Context, v *visitor) error {
	session, err := st.Get(c.Request(), cookieName(v.origin.secure))
	if err != nil || session.IsNew {
		return err
	}
	v.token = seal.Conceal(session.ID)
	v.person, _ = session.Values[personKey].(person.Person)
	v.session, _ = session.Values[sessionKey].(person.Session)
	v.printer = st.Words(c, v.person.Language, v.person.Zone)
	return nil
}

// Words makes the Printer of a request: the language of the profile, else the
// one chosen at sign-in, else the browser's.
func (st *Sessions) Words(c echo.Context, lang, zone string) *text.Printer {
	if lang == "" {
		lang = chosenLanguage(c)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	return text.New(text.Match(lang, c.Request().Header.Get("Accept-Language")), loc).At(st.Now)
}

// cookieName is the name of the session cookie: with the __Host- prefix over
// TLS, which binds it to this host; without over plain HTTP, where Safari
// refuses the prefix.
func cookieName(secure bool) string {
	if secure {
		return "__Host-sampan"
	}
	return "sampan"
}

// The keys of a session's values.
const (
	personKey  = "person"
	sessionKey = "session"
)

// Persons are the people behind sessions (person.Service). An unknown or ended
// session is fault.NotFound or fault.Forbidden.
type sessionPersons interface {
	Session(ctx context.Context, token seal.Secret) (person.Person, person.Session, error)
	Peek(ctx context.Context, token seal.Secret) (person.Person, person.Session, error) // does not count as use
}

// Sessions is a gorilla/sessions store whose sessions live in the database
// behind Persons: the cookie holds the random id and nothing else. Sessions are
// made by signing in, never by Save.
type Sessions struct {
	Persons sessionPersons
	Now     func() time.Time // the console's calendar, for wording
	Trusted []netip.Prefix   // proxies that are believed
	Log     *slog.Logger
}

var _ sessions.Store = (*Sessions)(nil)

// Get gives the request's session, read once a request.
func (st *Sessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(st, name)
}

// New reads the session the cookie names. One that does not exist, has ended or
// belongs to a disabled person comes back as new, without an error: to the
// browser these are the same.
func (st *Sessions) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(st, name)
	session.Options = sessionOptions(strings.HasPrefix(name, "__Host-"))
	session.IsNew = true
	cookie, err := r.Cookie(name)
	if err != nil || cookie.Value == "" || len(cookie.Value) > 128 {
		return session, nil
	}
	look := st.Persons.Session
	if byItself(r) {
		look = st.Persons.Peek
	}
	p, ss, err := look(r.Context(), seal.Conceal(cookie.Value))
	switch {
	case err == nil:
		session.ID, session.IsNew = cookie.Value, false
		session.Values[personKey], session.Values[sessionKey] = p, ss
		return session, nil
	case fault.Of(err).Kind == fault.Internal:
		return session, err
	default:
		return session, nil
	}
}

// liveParts are the ids of the elements that read themselves again when the
// stream says so (hx-trigger="sse:…").
var liveParts = map[string]bool{
	"account-live": true, "accounts-live": true, "setup-live": true, "again": true, "attention": true, "balance": true, "checks": true, "feed": true, "fleet": true,
	"fresh": true, "instance": true, "metrics": true, "names": true, "now": true, "orders": true, "server": true,
	"sources": true, "tags": true, "traffic": true, "traffic-list": true,
}

// byItself reports whether a page asked for a part without anybody doing
// something: that does not keep a session from becoming idle.
func byItself(r *http.Request) bool {
	return r.Method == http.MethodGet && partial(r) && (r.URL.Path == "/counts" || liveParts[r.Header.Get("HX-Trigger")])
}

// Save writes the cookie: the session's id, or its end when MaxAge is negative.
func (st *Sessions) Save(_ *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	value := session.ID
	if session.Options.MaxAge < 0 {
		value = ""
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), value, session.Options))
	return nil
}

// Carries reports whether a request comes with a session cookie, live or not.
func (st *Sessions) Carries(r *http.Request) bool {
	for _, secure := range []bool{true, false} {
		if c, err := r.Cookie(cookieName(secure)); err == nil && c.Value != "" {
			return true
		}
	}
	return false
}

// sessionOptions are set explicitly: gorilla's own defaults are SameSite=None
// and readable by scripts.
func sessionOptions(secure bool) *sessions.Options {
	return &sessions.Options{Path: "/", MaxAge: int(person.Lifetime.Seconds()), Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// Start hands the browser the cookie of a session that signing in made.
func (st *Sessions) Start(c echo.Context, token seal.Secret) error {
	secure := visit(c).origin.secure
	session := sessions.NewSession(st, cookieName(secure))
	session.Options = sessionOptions(secure)
	session.ID = token.Reveal()
	return st.Save(c.Request(), c.Response(), session)
}

// End takes the cookie away.
func (st *Sessions) End(c echo.Context) error {
	secure := visit(c).origin.secure
	session := sessions.NewSession(st, cookieName(secure))
	session.Options = sessionOptions(secure)
	session.Options.MaxAge = -1
	return st.Save(c.Request(), c.Response(), session)
}

// deviceLifetime is how long a browser is remembered as one that has signed in.
const deviceLifetime = 365 * 24 * time.Hour

func deviceName(secure bool) string { return cookieName(secure) + "-device" }

// device is the cookie that tells a known browser from a stranger's: it gives
// the browser a quota of guesses of its own and signs nobody in.
func device(c echo.Context) seal.Secret {
	cookie, err := c.Cookie(deviceName(visit(c).origin.secure))
	if err != nil || len(cookie.Value) > 128 {
		return seal.Secret{}
	}
	return seal.Conceal(cookie.Value)
}

func rememberDevice(c echo.Context, token seal.Secret) {
	if token.Empty() {
		return
	}
	secure := visit(c).origin.secure
	o := sessionOptions(secure)
	o.MaxAge = int(deviceLifetime.Seconds())
	http.SetCookie(c.Response(), sessions.NewCookie(deviceName(secure), token.Reveal(), o))
}
