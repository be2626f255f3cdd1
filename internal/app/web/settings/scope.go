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

// ChooseScope keeps which accounts the person looks at: POST /scope. One that
// the person may not see is 404.
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

// afterScope is where the choice of a scope leads: back to the page it was made
// on, from its beginning. A page about one thing is the same in every scope: from
// there it is the list of such things, from others the overview.
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
