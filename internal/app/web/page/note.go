package page

import (
	"net/http"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/visit"
)

// Notes carries one sentence from a change to the page that the browser is
// sent to: a signed cookie that lives a minute and holds a message id with its
// values, never a secret.
type Notes struct{ cookies *sessions.CookieStore }

// noteSeconds is how long a note waits for its page.
const noteSeconds = 60

// NewNotes gives notes whose cookies are signed with key, of 32 bytes.
func NewNotes(key []byte) *Notes {
	cookies := sessions.NewCookieStore(key)
	cookies.MaxAge(noteSeconds)
	return &Notes{cookies}
}

func noteName(secure bool) string { return visit.CookieName(secure) + "-note" }

// Leave remembers what the next page says. A note that does not fit into a cookie is
// dropped: what it says can always be seen on a page, too.
func (n *Notes) Leave(c echo.Context, m fault.Message) {
	secure := visit.Of(c).Origin.Secure
	session := sessions.NewSession(n.cookies, noteName(secure))
	session.Options = visit.SessionOptions(secure)
	session.Options.MaxAge = noteSeconds
	session.Values["id"] = m.ID
	for name, value := range m.Values {
		session.Values["v:"+name] = value
	}
	if err := n.cookies.Save(c.Request(), c.Response(), session); err != nil {
		n.drop(c)
	}
}

// Take gives the note, worded, and forgets it. It is empty where there is none, and
// where the cookie was not signed by this console.
func (n *Notes) Take(c echo.Context) string {
	secure := visit.Of(c).Origin.Secure
	if _, err := c.Cookie(noteName(secure)); err != nil {
		return ""
	}
	n.drop(c)
	session, err := n.cookies.New(c.Request(), noteName(secure))
	if err != nil || session.IsNew {
		return ""
	}
	m := fault.Message{Values: map[string]string{}}
	for k, v := range session.Values {
		key, value := asText(k), asText(v)
		if key == "id" {
			m.ID = value
		} else if len(key) > 2 {
			m.Values[key[2:]] = value
		}
	}
	return Say(c, m)
}

func (n *Notes) drop(c echo.Context) {
	o := visit.SessionOptions(visit.Of(c).Origin.Secure)
	o.MaxAge = -1
	http.SetCookie(c.Response(), sessions.NewCookie(noteName(visit.Of(c).Origin.Secure), "", o))
}

func asText(v any) string {
	s, _ := v.(string)
	return s
}
