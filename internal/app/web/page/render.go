// Package page holds what every page of the console shares: rendering, going to
// another page, the frame around a page, the one-time note, the problems of a
// form. It holds only what three areas of the pages need.
package page

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/static"
	"sampan/web/templates/text"
)

// Render answers with page, or with piece when htmx asked for one: boosted
// and history requests get the page. It renders into memory first, so that a
// component that fails leaves a whole error page and not half of one. A nil
// piece means that the page has no pieces.
//
// The answer depends on HX-Request, and Vary says so.
func Render(c echo.Context, status int, page, piece templ.Component) error {
	body := page
	if piece != nil && visit.Partial(c.Request()) {
		body = piece
	}
	b, err := RenderBytes(c.Request().Context(), visit.Printer(c), body)
	if err != nil {
		return fmt.Errorf("web: render %s: %w", c.Path(), err)
	}
	return Send(c, status, echo.MIMETextHTMLCharsetUTF8, b)
}

// RenderBytes renders a component in the words of p.
func RenderBytes(ctx context.Context, p *text.Printer, component templ.Component) ([]byte, error) {
	var buf bytes.Buffer
	if err := component.Render(text.With(ctx, p), &buf); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// gzipFrom is the smallest body worth compressing.
const gzipFrom = 1400

var gzips = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, 5) // fails only for an unknown level
	return w
}}

// Send writes a whole body, compressed where the browser takes it. Pages may be
// compressed although they repeat what was typed: they carry no secret that a
// length could betray (no token guards our forms, reliability.md §8, CSRF), and
// SameSite=Lax keeps foreign pages from asking in a person's name. Streams do
// not pass here.
func Send(c echo.Context, status int, mediaType string, body []byte) error {
	h := c.Response().Header()
	h.Add(echo.HeaderVary, "HX-Request")
	h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	h.Set(echo.HeaderContentType, mediaType)
	if len(body) >= gzipFrom && static.TakesGzip(c.Request().Header.Get(echo.HeaderAcceptEncoding)) {
		body = zip(body)
		h.Set(echo.HeaderContentEncoding, "gzip")
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, _ = c.Response().Write(body) // fails only where the browser has left
	return nil
}

func zip(body []byte) []byte {
	var buf bytes.Buffer
	w := gzips.Get().(*gzip.Writer)
	defer gzips.Put(w)
	w.Reset(&buf)
	_, _ = w.Write(body) // a bytes.Buffer does not fail
	_ = w.Close()
	return buf.Bytes()
}

// GoTo sends the browser to a page of ours after a change: 303, or for a piece
// asked for by htmx the header that makes it load the page.
func GoTo(c echo.Context, path string) error {
	path = Ours(path)
	if visit.Partial(c.Request()) {
		c.Response().Header().Set("HX-Redirect", path)
		c.Response().Header().Add(echo.HeaderVary, "HX-Request")
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, path)
}

// Ours gives back a path of this console, "/" for anything that would lead
// elsewhere: another host, another scheme, a control character.
func Ours(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil {
		return "/"
	}
	return u.RequestURI()
}

// Say words a message for the reader of c; a zero message is "".
func Say(c echo.Context, m fault.Message) string { return wording.Say(visit.Printer(c), m) }

// SayAll words the problems of a form's fields.
func SayAll(c echo.Context, fields map[string]fault.Message) map[string]string {
	said := make(map[string]string, len(fields))
	for name, m := range fields {
		said[name] = Say(c, m)
	}
	return said
}

// ReturnPath is the page to come back to: the one asked for, or for a change
// the page its form stood on.
func ReturnPath(c echo.Context) string {
	r := c.Request()
	if visit.Safe(r.Method) && !visit.Partial(r) {
		return Ours(r.URL.RequestURI())
	}
	from := r.Header.Get("HX-Current-URL")
	if from == "" {
		from = r.Referer()
	}
	u, err := url.Parse(from)
	if err != nil || u.Host != r.Host {
		return "/"
	}
	return Ours(u.RequestURI())
}

// WithNext is path with the page to go to afterwards; the overview needs no mention.
func WithNext(path, next string) string {
	if next == "/" || next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}
