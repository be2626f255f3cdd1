// Package visit tells who asks: the person and the session, where the request
// came from, in which language to answer and about which accounts. It holds only what
// three areas of the pages need, and nothing that knows a word of the field.
package visit

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/person"
	"sampan/web/templates/text"
)

// Partial reports whether htmx asks for a piece of a page.
func Partial(r *http.Request) bool {
	h := r.Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Boosted") == "" && h.Get("HX-History-Restore-Request") == ""
}

// Actor is who asks, for use cases and the audit; the zero Actor without a
// sign-in.
func Actor(c echo.Context) person.Actor { return Of(c).Actor() }

// Printer words sentences for the reader of c: the profile's language and zone
// after sign-in, the browser's language in UTC before.
func Printer(c echo.Context) *text.Printer { return Of(c).Printer }

// Machine reports whether the request is a health check, which comes under any
// name.
func Machine(c echo.Context) bool {
	p := c.Request().URL.Path
	return p == "/healthz" || p == "/readyz"
}

// Safe reports whether a request of this method changes nothing.
func Safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
