package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/person"
)

// anyone is the entry of routes that need no sign-in. It is no permission: no
// role grants it, and it must be written out.
const anyone person.Permission = "anyone"

// route is one line of the table: what is asked for, who may, and what answers.
type route struct {
	method, path string
	may          person.Permission // anyone, or what the person's role must include
	do           echo.HandlerFunc

	fresh  freshness // whether the password must have been given within the last minutes
	large  bool      // purchase and selection forms: 1 MiB, 2,000 fields
	stream bool      // no time limit
}

// freshness says how a route deals with a sign-in that is not fresh.
type freshness int

const (
	anyAge    freshness = iota
	asksFirst           // the guard sends the person to /sign-in/again and back
	inForm              // the handler's own form asks for the password, so that nothing typed is lost
)

type routeTable []route

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// check reports the first route that is not complete.
func (t routeTable) check() error {
	seen := make(map[string]bool, len(t))
	for _, r := range t {
		name := r.method + " " + r.path
		switch {
		case r.method != get && r.method != post:
			return fmt.Errorf("web: route %s: only GET reads and POST changes", name)
		case !strings.HasPrefix(r.path, "/"):
			return fmt.Errorf("web: route %s: not a path", name)
		case r.do == nil:
			return fmt.Errorf("web: route %s has no handler", name)
		case r.may != anyone && !person.Owner.May(r.may):
			return fmt.Errorf("web: route %s has no entry in the table of permissions (%q)", name, r.may)
		case r.fresh != anyAge && r.may == anyone:
			return fmt.Errorf("web: route %s asks for a fresh sign-in but for no sign-in", name)
		case seen[name]:
			return fmt.Errorf("web: route %s stands twice", name)
		}
		seen[name] = true
	}
	return nil
}

// covers reports the first route the router knows and the table does not.
func (t routeTable) covers(known []*echo.Route) error {
	for _, k := range known {
		if !slices.ContainsFunc(t, func(r route) bool {
			return r.path == k.Path && (r.method == k.Method || (k.Method == http.MethodHead && r.method == get))
		}) {
			return fmt.Errorf("web: route %s %s is not in the table", k.Method, k.Path)
		}
	}
	return nil
}
