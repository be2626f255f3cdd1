package detail

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/detail"
	"sampan/web/templates/ui"
)

// Screen opens the server's screen: POST /servers/{id}/screen. The address holds
// a token that works once. The answer is a page with that address, which the browser
// follows by itself: a redirect to another host would be stopped by form-action, and
// would put the token into a header (cloud-api, 8.9).
func (h ServerPages) Screen(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Referrer-Policy", "no-referrer")
	m := detail.ScreenModel{Title: v.p.T("server.screen.title", "Name", v.name())}
	address, err := h.Servers.Screen(c.Request().Context(), v.by, v.row.ServerID)
	if err == nil {
		m.URL = address.Reveal()
		return page.Render(c, http.StatusOK, detail.Screen(m), nil)
	}
	f := fault.Of(err)
	switch f.Kind {
	case fault.Forbidden, fault.NotFound, fault.Internal:
		return err
	}
	m.Note = ui.NoteModel{Tone: ui.Caution, Icon: "screen", Bold: v.p.T("server.screen.none"), Text: page.Say(c, f.Message)}
	m.Where = v.p.T("server.screen.where", "Name", v.name(), "Address", wording.OrUnknown(v.p, v.row.Address))
	m.Back = ui.Action{Label: v.p.T("server.screen.back"), Href: v.path("")}
	if link := wording.HuaweiConsole(v.account.Site, v.row.Region); link != "" {
		m.Lead = &ui.Action{Label: v.p.T("server.console"), Icon: "out", Kind: ui.Primary, Href: link,
			Attrs: templ.Attributes{"target": "_blank", "rel": "noopener noreferrer"}}
	}
	frame, err := h.Frames.Frame(c, m.Title, navServers)
	if err != nil {
		return err
	}
	return page.Render(c, page.Status(f.Kind), detail.NoScreen(frame, m), nil)
}
