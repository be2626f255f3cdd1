package sandbox

import (
	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
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
	all, err := h.Accounts.List(ctx, by)
	if err != nil {
		return err
	}
	if visit.Narrow(all, visit.ScopeSandbox).Sandbox {
		return h.Persons.SetScope(ctx, by, visit.ScopeSandbox)
	}
	key, err := h.Sandbox.Key(ctx)
	if err != nil {
		return err
	}
	if fleet > 0 {
		if err := h.Sandbox.Fleet(ctx, fleet); err != nil {
			return err
		}
	}
	// Its first connection check has the picture read once it knows the account.
	if _, err := h.Accounts.AddSandbox(ctx, by, account.Form{Label: visit.Printer(c).T("layout.nav.sandbox"), Credential: account.ByKey, KeyID: key.ID, KeySecret: key.Secret}); err != nil {
		return err
	}
	return h.Persons.SetScope(ctx, by, visit.ScopeSandbox)
}
