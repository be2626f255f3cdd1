package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sampan/web/static"
)

// alive says that the process runs: GET /healthz.
func (s *Site) alive(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// ready says whether the console can work: GET /readyz. Why it cannot is for
// the log, not for whoever asks.
func (s *Site) ready(c echo.Context) error {
	if s.Ready == nil {
		return c.String(http.StatusOK, "ready\n")
	}
	if err := s.Ready(c.Request().Context()); err != nil {
		s.log.WarnContext(c.Request().Context(), "not ready", "err", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// asset serves /static/…, which sets its own caching.
func (s *Site) asset(c echo.Context) error {
	static.Handler().ServeHTTP(c.Response(), c.Request())
	return nil
}
