package web

import (
	"net/netip"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/person"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
)

// What black-box tests see of the table of routes.

// Route is one line of the table.
type Route struct {
	Method, Path string
	May          person.Permission
	Fresh        bool // the guard itself asks for a fresh sign-in
	InForm       bool // the handler's form does
	Anyone       bool
	Stream       bool
}

// Routes gives the table.
func (s *Site) Routes() []Route {
	var out []Route
	for _, r := range s.routes() {
		out = append(out, Route{r.method, r.path, r.may, r.fresh == asksFirst, r.fresh == inForm, r.may == anyone, r.stream})
	}
	return out
}

// CheckRoute checks a table of one route.
func CheckRoute(method, path string, may person.Permission, do echo.HandlerFunc) error {
	return routeTable{{method: method, path: path, may: may, do: do}}.check()
}

// OriginOf is what a request is believed to say of itself.
var OriginOf = visit.OriginOf

// Facts of an origin.
func Facts(o visit.Origin) (secure, local bool, address string) { return o.Secure, o.Local, o.Address }

// Prefixes parses networks for tests.
func Prefixes(s ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, x := range s {
		out = append(out, netip.MustParsePrefix(x))
	}
	return out
}

// Ours is the guard of return paths.
var Ours = page.Ours
