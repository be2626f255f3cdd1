package servers

import (
	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
)

// Refresh asks the cloud for newer data of the scope, in the background: POST
// /instances/refresh.
func (h Pages) Refresh(c echo.Context) error {
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return err
	}
	waiting, err := h.Instances.RefreshAll(c.Request().Context(), visit.Actor(c), sc.Accounts)
	if err != nil {
		return err
	}
	note := "instances.asked"
	switch {
	case waiting.Slowed:
		note = "instances.asked.slow"
	case len(waiting.Accounts) > 0:
		note = "instances.asked.waits"
	}
	h.Notes.Leave(c, fault.Say(note, "Accounts", wording.AccountNames(visit.Printer(c), waiting.Accounts)))
	return page.GoTo(c, page.ReturnPath(c))
}
