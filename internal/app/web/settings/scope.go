package settings

import (
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
)

// ChooseScope keeps which accounts the person looks at: POST /scope. A scope that
// does not exist, or is an account that the person may not see, is 404.
func (h Pages) ChooseScope(c echo.Context) error {
	ctx, by, key := c.Request().Context(), visit.Actor(c), c.FormValue("account")
	all, err := h.Scopes.Accounts.List(ctx, by)
	if err != nil {
		return err
	}
	if visit.Narrow(all, key).Key != key {
		return echo.ErrNotFound
	}
	if err := h.Persons.SetScope(ctx, by, key); err != nil {
		return err
	}
	return page.GoTo(c, afterScope(page.ReturnPath(c)))
}

// afterScope is the page after the choice of a scope: the one it was made on, from
// its first row. From the page of one server, instance, order or purchase it is the
// list of these, and from pages that only one scope has it is the overview.
func afterScope(back string) string {
	u, err := url.Parse(back)
	if err != nil {
		return "/"
	}
	area, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	switch {
	case slices.Contains([]string{"sandbox", "selections", "views"}, area):
		return "/"
	case rest != "" && slices.Contains([]string{"servers", "instances", "orders", "buy"}, area):
		return "/" + area
	}
	q := u.Query()
	for _, field := range []string{"after", "before", wording.FromField} {
		q.Del(field)
	}
	return wording.Address(u.Path, q)
}
