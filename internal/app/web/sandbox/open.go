package sandbox

import (
	"github.com/labstack/echo/v4"

	"sampan/internal/app/web/visit"
)

// FleetSize is how many servers the example fleet has.
const FleetSize = 40

// Connect connects the simulated cloud's account with fleet example servers
// and shows it. With one connected already it only shows it.
func (h Pages) Connect(c echo.Context, fleet int) error {
	if h.Sandbox == nil {
		return echo.ErrNotFound
	}
	ctx, by := c.Request().Context(), visit.Actor(c)
	// The first connection check of a new account has the picture read.
	if err := h.Accounts.OpenSandbox(ctx, by, h.Sandbox, visit.Printer(c).T("layout.nav.sandbox"), fleet); err != nil {
		return err
	}
	return h.Persons.SetScope(ctx, by, visit.ScopeSandbox)
}
