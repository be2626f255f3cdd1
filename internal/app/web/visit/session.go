package visit

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

// Visitor is what one request knows about itself: where it came from, and after
// sign-in who asks.
type Visitor struct {
	RequestID string
	Origin    Origin
	Printer   *text.Printer
	Token     seal.Secret // of the session cookie; empty without a sign-in
	Person    person.Person
	Session   person.Session
}

const visitorKey = "visitor"

// Of gives the visitor of a request; every request has one.
func Of(c echo.Context) *Visitor {
	v, ok := c.Get(visitorKey).(*Visitor)
	if !ok {
		v = &Visitor{Printer: text.New(text.English, nil)}
		c.Set(visitorKey, v)
	}
	return v
}

// In reports whether somebody is signed in.
func (v *Visitor) In() bool { return v.Person.ID != "" }

// Fresh reports whether the person gave the password within the last minutes
// (reliability.md §8, Fresh login). Sessions keep the real clock.
func (v *Visitor) Fresh() bool { return v.In() && time.Now().Before(v.Session.FreshUntil) }

// Actor is who asks, for use cases and the audit; before sign-in only the address.
func (v *Visitor) Actor() person.Actor {
	if !v.In() {
		return person.Actor{Address: v.Origin.Address}
	}
	return person.Actor{PersonID: v.Person.ID, Name: v.Person.DisplayName, Role: v.Person.Role,
		SessionRef: v.Session.Ref, Address: v.Origin.Address}
}

// Visited finds out who asks, before anything else, so that even a failure is worded
// in the person's language. For health checks and assets no session is read.
func (st *Sessions) Visited(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		v := &Visitor{Origin: OriginOf(r, st.Trusted)}
		c.Set(visitorKey, v)
		v.Printer = st.Words(c, "", "")
		if Machine(c) || strings.HasPrefix(r.URL.Path, "/static/") {
			return next(c)
		}
		if err := st.recognise(c, v); err != nil {
			st.Log.ErrorContext(r.Context(), "session cannot be read", "err", err)
		}
		return next(c)
	}
}

// recognise fills in the person of the session cookie, if there is a live one.
func (st *Sessions) recognise(c echo.Context, v *Visitor) error {
	session, err := st.Get(c.Request(), CookieName(v.Origin.Secure))
	if err != nil || session.IsNew {
		return err
	}
	v.Token = seal.Conceal(session.ID)
	v.Person, _ = session.Values[personKey].(person.Person)
	v.Session, _ = session.Values[sessionKey].(person.Session)
	v.Printer = st.Words(c, v.Person.Language, v.Person.Zone)
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

// CookieName is the name of the session cookie: with the __Host- prefix over
// TLS, which binds it to this host; without over plain HTTP, where Safari
// refuses the prefix.
func CookieName(secure bool) string {
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
type Persons interface {
	Session(ctx context.Context, token seal.Secret) (person.Person, person.Session, error)
	Peek(ctx context.Context, token seal.Secret) (person.Person, person.Session, error) // does not count as use
}

// Sessions is a gorilla/sessions store whose sessions live in the database
// behind Persons: the cookie holds the random id and nothing else. Sessions are
// made by signing in, never by Save.
type Sessions struct {
	Persons Persons
	Now     func() time.Time // the console's calendar, for wording
	Trusted []netip.Prefix   // proxies that are believed
	Log     *slog.Logger
}

var _ sessions.Store = (*Sessions)(nil)

// Get gives the request's session, read once a request.
func (st *Sessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(st, name)
}

// New reads the session that the cookie names. Where it does not exist, has ended or
// belongs to a disabled person, a new one comes back without an error: to the browser
// these are the same.
func (st *Sessions) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(st, name)
	session.Options = SessionOptions(strings.HasPrefix(name, "__Host-"))
	session.IsNew = true
	cookie, err := r.Cookie(name)
	if err != nil || cookie.Value == "" || len(cookie.Value) > 128 {
		return session, nil
	}
	read := st.Persons.Session
	if ByItself(r) {
		read = st.Persons.Peek
	}
	p, ss, err := read(r.Context(), seal.Conceal(cookie.Value))
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

// livePart is the header by which the script marks what an element with
// data-live-part asks for: a part of an open page that reads itself again.
const livePart = "X-Live"

// ByItself reports whether an open page asked for one of its parts without anybody
// acting. Such a request does not keep a session from becoming idle.
func ByItself(r *http.Request) bool {
	return r.Method == http.MethodGet && Partial(r) && r.Header.Get(livePart) != ""
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
		if c, err := r.Cookie(CookieName(secure)); err == nil && c.Value != "" {
			return true
		}
	}
	return false
}

// SessionOptions are set explicitly: gorilla's own defaults are SameSite=None
// and readable by scripts.
func SessionOptions(secure bool) *sessions.Options {
	return &sessions.Options{Path: "/", MaxAge: int(person.Lifetime.Seconds()), Secure: secure, HttpOnly: true,
		SameSite: http.SameSiteLaxMode}
}

// Start hands the browser the cookie of a session that signing in made.
func (st *Sessions) Start(c echo.Context, token seal.Secret) error {
	secure := Of(c).Origin.Secure
	session := sessions.NewSession(st, CookieName(secure))
	session.Options = SessionOptions(secure)
	session.ID = token.Reveal()
	return st.Save(c.Request(), c.Response(), session)
}

// End takes the cookie away.
func (st *Sessions) End(c echo.Context) error {
	secure := Of(c).Origin.Secure
	session := sessions.NewSession(st, CookieName(secure))
	session.Options = SessionOptions(secure)
	session.Options.MaxAge = -1
	return st.Save(c.Request(), c.Response(), session)
}

// deviceLifetime is how long a browser is remembered as one that has signed in.
const deviceLifetime = 365 * 24 * time.Hour

func deviceName(secure bool) string { return CookieName(secure) + "-device" }

// Device is the cookie that tells a known browser from a stranger's: it gives
// the browser a quota of guesses of its own and signs nobody in.
func Device(c echo.Context) seal.Secret {
	cookie, err := c.Cookie(deviceName(Of(c).Origin.Secure))
	if err != nil || len(cookie.Value) > 128 {
		return seal.Secret{}
	}
	return seal.Conceal(cookie.Value)
}

// RememberDevice gives the browser the cookie that Device reads. An empty token
// changes nothing.
func RememberDevice(c echo.Context, token seal.Secret) {
	if token.Empty() {
		return
	}
	secure := Of(c).Origin.Secure
	o := SessionOptions(secure)
	o.MaxAge = int(deviceLifetime.Seconds())
	http.SetCookie(c.Response(), sessions.NewCookie(deviceName(secure), token.Reveal(), o))
}
