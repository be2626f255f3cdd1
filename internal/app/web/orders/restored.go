package orders

import (
	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
)

// CloseRestored ends what pages say of a database that was put back: POST /restored/close.
func (h Pages) CloseRestored(c echo.Context) error {
	done := fault.Say("web.banner.restored.closed")
	if err := h.Orders.CloseRestored(c.Request().Context(), visit.Actor(c)); fault.Is(err, fault.Conflict) {
		done = fault.Of(err).Message
	} else if err != nil {
		return err
	}
	h.Notes.Leave(c, done)
	return page.GoTo(c, page.ReturnPath(c))
}
