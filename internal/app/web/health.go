package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sampan/web/static"
)

// healthPages answer machines: supervisors, proxies, and browsers for assets.
type healthPages struct{ s *Server }

// alive says that the process runs: GET /healthz.
func (healthPages) alive(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// ready says whether the console can work: GET /readyz. Why it cannot is for
// the log, not for whoever asks.
func (h healthPages) ready(c echo.Context) error {
	if h.s.Ready == nil {
		return c.String(http.StatusOK, "ready\n")
	}
	if err := h.s.Ready(c.Request().Context()); err != nil {
		h.s.log.WarnContext(c.Request().Context(), "not ready", "err", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// asset serves /static/…, which sets its own caching.
func (healthPages) asset(c echo.Context) error {
	static.Handler().ServeHTTP(c.Response(), c.Request())
	return nil
}
