package servers

import (
	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/web/templates/text"
)

// Refresh asks the cloud for newer data of the scope, in the background: POST
// /instances/refresh.
func (h Pages) Refresh(c echo.Context) error {
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return err
	}
	asked := 0
	var refused error
	var waits []string // accounts whose Huawei does not answer now
	note := "instances.asked"
	for _, a := range sc.Accounts {
		switch err := h.Instances.Refresh(c.Request().Context(), visit.Actor(c), a.ID); {
		case fault.Is(err, fault.Refused): // it is broken or disabled, which does not keep the others from being read
			refused = err
		case err != nil:
			return err
		default:
			asked++
			if open := h.Instances.Asked(a.ID); open.Waits {
				waits = append(waits, text.Name(a.Label))
				note = "instances.asked.waits"
				if open.Trouble == "cloud.throttled" {
					note = "instances.asked.slow"
				}
			}
		}
	}
	if asked == 0 && refused != nil {
		return refused
	}
	h.Notes.Leave(c, fault.Say(note, "Accounts", visit.Printer(c).List(waits...)))
	return page.GoTo(c, page.ReturnPath(c))
}
