package web

import (
	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
)

// restoredPages are what pages say of a database that was put back.
type restoredPages struct{ s *Server }

// close ends it: POST /restored/close.
func (p restoredPages) close(c echo.Context) error {
	done := fault.Say("web.banner.restored.closed")
	if err := p.s.Orders.CloseRestored(c.Request().Context(), visit.Actor(c)); fault.Is(err, fault.Conflict) {
		done = fault.Of(err).Message
	} else if err != nil {
		return err
	}
	p.s.notes.Leave(c, done)
	return page.GoTo(c, page.ReturnPath(c))
}
