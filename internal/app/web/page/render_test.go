package page_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/text"
)

// request is a request to the console with these headers: "Accept: x".
func request(method, target string, headers ...string) (echo.Context, *httptest.ResponseRecorder) {
	r, w := httptest.NewRequest(method, target, nil), httptest.NewRecorder()
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return echo.New().NewContext(r, w), w
}

func component(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	})
}

// htmx gets the piece; a browser, a boosted link and the way back get the page.
func TestWhoGetsThePieceOfAPage(t *testing.T) {
	piece := component("piece")
	for name, tt := range map[string]struct {
		headers []string
		piece   templ.Component
		want    string
	}{
		"a browser":              {nil, piece, "page"},
		"htmx":                   {[]string{"HX-Request: true"}, piece, "piece"},
		"htmx, without a piece":  {[]string{"HX-Request: true"}, nil, "page"},
		"a boosted link":         {[]string{"HX-Request: true", "HX-Boosted: true"}, piece, "page"},
		"the way back":           {[]string{"HX-Request: true", "HX-History-Restore-Request: true"}, piece, "page"},
		"something that only so": {[]string{"HX-Request: 1"}, piece, "page"},
	} {
		c, w := request("GET", "/", tt.headers...)
		if err := page.Render(c, http.StatusTeapot, component("page"), tt.piece); err != nil {
			t.Fatal(err)
		}
		if w.Code != http.StatusTeapot || w.Body.String() != tt.want {
			t.Errorf("%s: %d %q, want %q", name, w.Code, w.Body, tt.want)
		}
		if vary := strings.Join(w.Header().Values("Vary"), ","); !strings.Contains(vary, "HX-Request") ||
			!strings.Contains(vary, "Accept-Encoding") {
			t.Errorf("%s: Vary is %q", name, vary)
		}
		if got := w.Header().Get("Content-Type"); got != "text/html; charset=UTF-8" {
			t.Errorf("%s: of the type %q", name, got)
		}
	}
}

// A component that fails half-way leaves nothing behind.
func TestAComponentThatFails(t *testing.T) {
	broken := errors.New("broken")
	c, w := request("GET", "/")
	err := page.Render(c, 200, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return broken
	}), nil)
	if !errors.Is(err, broken) || w.Body.Len() != 0 || c.Response().Committed {
		t.Errorf("err %v, sent %q", err, w.Body)
	}
}

func TestAComponentIsRenderedInTheWordsOfItsReader(t *testing.T) {
	words := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, err := io.WriteString(w, text.T(ctx, "settings.saved"))
		return err
	})
	for lang, want := range map[string]string{text.English: "Saved", "zh-Hans": "已保存"} {
		if got, err := page.RenderBytes(context.Background(), text.New(lang, time.UTC), words); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", lang, got, err)
		}
	}
}

func TestWhatIsSentCompressed(t *testing.T) {
	long := strings.Repeat("a server ", 400)
	for name, tt := range map[string]struct {
		body   string
		accept string
		zipped bool
	}{
		"a long page":                     {long, "br, gzip", true},
		"a short page":                    {"short", "gzip", false},
		"a browser that does not take it": {long, "br", false},
		"a browser that refuses it":       {long, "br, gzip;q=0", false},
	} {
		c, w := request("GET", "/", "Accept-Encoding: "+tt.accept)
		if err := page.Send(c, 200, "text/plain", []byte(tt.body)); err != nil {
			t.Fatal(err)
		}
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != tt.zipped {
			t.Errorf("%s: compressed: %t", name, got)
		}
		if got := w.Header().Get("Content-Length"); got != itoa(w.Body.Len()) {
			t.Errorf("%s: a length of %s, and %d bytes", name, got, w.Body.Len())
		}
		body := io.Reader(w.Body)
		if tt.zipped {
			z, err := gzip.NewReader(body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		if b, err := io.ReadAll(body); err != nil || string(b) != tt.body {
			t.Errorf("%s: %d bytes came back, %v", name, len(b), err)
		}
	}
	c, w := request("HEAD", "/")
	if err := page.Send(c, 200, "text/plain", []byte("body")); err != nil || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "4" {
		t.Errorf("HEAD: %q, length %s, %v", w.Body, w.Header().Get("Content-Length"), err)
	}
}

func TestGoingToAnotherPage(t *testing.T) {
	for path, want := range map[string]string{"/accounts?x=1": "/accounts?x=1", "https://evil.example": "/",
		"//evil.example/a": "/", "": "/"} {
		c, w := request("POST", "/x")
		if err := page.GoTo(c, path); err != nil || w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%q: %d to %q, %v", path, w.Code, w.Header().Get("Location"), err)
		}
		c, w = request("POST", "/x", "HX-Request: true")
		if err := page.GoTo(c, path); err != nil || w.Code != http.StatusNoContent || w.Header().Get("HX-Redirect") != want ||
			w.Header().Get("Vary") != "HX-Request" {
			t.Errorf("%q, htmx: %d to %q, %v", path, w.Code, w.Header().Get("HX-Redirect"), err)
		}
	}
}

func TestThePageToComeBackTo(t *testing.T) {
	const host = "http://example.com" // of httptest's requests
	for name, tt := range map[string]struct {
		method  string
		headers []string
		want    string
	}{
		"what was asked for":               {"GET", []string{"Referer: " + host + "/else"}, "/asked?q=1"},
		"the page of the form":             {"POST", []string{"Referer: " + host + "/servers?q=a"}, "/servers?q=a"},
		"a form of another host":           {"POST", []string{"Referer: http://evil.example/servers"}, "/"},
		"a form that does not say":         {"POST", nil, "/"},
		"a page that htmx is on":           {"GET", []string{"HX-Request: true", "HX-Current-URL: " + host + "/orders"}, "/orders"},
		"htmx's word before the browser's": {"POST", []string{"HX-Request: true", "HX-Current-URL: " + host + "/orders", "Referer: " + host + "/x"}, "/orders"},
		"an address that cannot be read":   {"POST", []string{"Referer: http://example.com/%zz"}, "/"},
	} {
		c, _ := request(tt.method, "/asked?q=1", tt.headers...)
		if got := page.ReturnPath(c); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	for next, want := range map[string]string{"": "/sign-in", "/": "/sign-in",
		"/orders?a=1&b=2": "/sign-in?next=%2Forders%3Fa%3D1%26b%3D2"} {
		if got := page.WithNext("/sign-in", next); got != want {
			t.Errorf("%q: %q, want %q", next, got, want)
		}
	}
}

func TestMessagesInTheWordsOfTheReader(t *testing.T) {
	c, _ := request("GET", "/")
	if got := page.Say(c, fault.Message{}); got != "" {
		t.Errorf("no message: %q", got)
	}
	said := page.SayAll(c, map[string]fault.Message{"name": fault.Say("web.forbidden"), "zone": {}})
	if said["name"] != webtest.Word("web.forbidden") || said["zone"] != "" || len(said) != 2 {
		t.Errorf("said: %v", said)
	}
}
