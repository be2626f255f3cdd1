package page_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/webtest"
)

func notes(key string) *page.Notes { return page.NewNotes([]byte(strings.Repeat(key, 32))) }

// left is the cookie that leaving a message gives the browser.
func left(t *testing.T, n *page.Notes, m fault.Message) *http.Cookie {
	t.Helper()
	c, w := request("POST", "/")
	n.Leave(c, m)
	all := w.Result().Cookies()
	if len(all) != 1 {
		t.Fatalf("%d cookies", len(all))
	}
	return all[0]
}

// taken is what a page says whose request carries these cookies, and the cookies it sets.
func taken(n *page.Notes, cookies ...*http.Cookie) (string, []*http.Cookie) {
	r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
	for _, k := range cookies {
		r.AddCookie(k)
	}
	said := n.Take(echo.New().NewContext(r, w))
	return said, w.Result().Cookies()
}

func TestANoteIsSaidOnce(t *testing.T) {
	n := notes("k")
	k := left(t, n, fault.Say("account.delete.open", "N", "2"))
	if k.Name != "sampan-note" || k.MaxAge != 60 || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Secure {
		t.Errorf("the cookie: %+v", k)
	}
	said, set := taken(n, k)
	if said != webtest.Word("account.delete.open", "N", "2") {
		t.Errorf("said %q", said)
	}
	if len(set) != 1 || set[0].Name != k.Name || set[0].MaxAge >= 0 {
		t.Errorf("the note is not forgotten: %v", set)
	}
	if said, set := taken(n); said != "" || len(set) != 0 {
		t.Errorf("without a note: %q, cookies %v", said, set)
	}
}

// Only what this console signed is said.
func TestANoteThatWasTamperedWith(t *testing.T) {
	k := left(t, notes("k"), fault.Say("web.forbidden"))
	changed := *k
	changed.Value = "x" + k.Value
	nonsense := *k
	nonsense.Value = "web.forbidden"
	for name, tt := range map[string]struct {
		n *page.Notes
		k *http.Cookie
	}{"another key": {notes("z"), k}, "changed": {notes("k"), &changed}, "not signed": {notes("k"), &nonsense}} {
		said, set := taken(tt.n, tt.k)
		if said != "" || len(set) != 1 || set[0].MaxAge >= 0 {
			t.Errorf("%s: said %q, cookies %v", name, said, set)
		}
	}
}

// A note that does not fit into a cookie is dropped, and none before it stays.
func TestANoteThatIsTooLong(t *testing.T) {
	n := notes("k")
	k := left(t, n, fault.Say("account.delete.open", "N", strings.Repeat("9", 5000)))
	if k.MaxAge >= 0 {
		t.Errorf("the cookie: MaxAge %d, %d bytes", k.MaxAge, len(k.Value))
	}
}

func TestANoteOverTLSIsOfThisHostAlone(t *testing.T) {
	c, w := request("POST", "/")
	visit.Of(c).Origin.Secure = true
	notes("k").Leave(c, fault.Say("web.forbidden"))
	k := w.Result().Cookies()[0]
	if k.Name != "__Host-sampan-note" || !k.Secure || k.Path != "/" || k.Domain != "" {
		t.Errorf("the cookie: %+v", k)
	}
}
