package web

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/visit"
	"sampan/web/static"
)

// policy is the Content-Security-Policy of every answer (reliability.md §8).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// permissions switches off what a browser could do for a page, except what the
// console uses (reliability.md §8).
const permissions = "accelerometer=(), autoplay=(), browsing-topics=(), " +
	"camera=(), clipboard-read=(), clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), " +
	"gamepad=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), local-fonts=(), " +
	"magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), picture-in-picture=(), " +
	"publickey-credentials-create=(self), publickey-credentials-get=(self), screen-wake-lock=(), serial=(), " +
	"storage-access=(), usb=(), window-management=(), xr-spatial-tracking=()"

// securityHeaders go on every answer before anything else can write one.
func securityHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", permissions)
		h.Set("Cache-Control", "no-store") // assets say otherwise themselves
		if visit.Of(c).Origin.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// logged gives the request its id and writes one line at its end: the path
// without its query, never a header or a body (reliability.md §8, Redaction).
func (s *Site) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		v := visit.Of(c)
		v.RequestID = uuid.NewString()
		c.Response().Header().Set(echo.HeaderXRequestID, v.RequestID)
		if err := next(c); err != nil {
			c.Error(err)
		}
		if quiet(c) {
			return nil
		}
		s.log.InfoContext(c.Request().Context(), "request",
			"request", v.RequestID, "method", c.Request().Method, "path", c.Request().URL.Path,
			"status", c.Response().Status, "bytes", c.Response().Size, "took", time.Since(start).Round(time.Microsecond),
			"address", v.Origin.Address, "person", v.Person.ID)
		return nil
	}
}

// quiet keeps what machines ask for every few seconds out of the log.
func quiet(c echo.Context) bool {
	p := c.Request().URL.Path
	return c.Response().Status < 400 && (p == "/healthz" || p == "/readyz" || strings.HasPrefix(p, static.Prefix))
}

// recovered turns a panic into the page of last resort. http.ErrAbortHandler
// passes: net/http means it as an end.
func (s *Site) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if r == http.ErrAbortHandler {
				panic(r)
			}
			s.log.ErrorContext(c.Request().Context(), "panic", "request", visit.Of(c).RequestID,
				"panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = s.lastResort(c)
		}()
		return next(c)
	}
}

// addressed refuses what was asked for under a name that cannot be ours: a Host
// header that is no name, or with CONSOLE_BASE_URL set another host than that
// and this machine's own. It keeps a foreign name that resolves to us (DNS
// rebinding) from being served.
func (s *Site) addressed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		o := visit.Of(c).Origin
		if !visit.ValidHost(o.Host) {
			return fault.New(fault.Invalid, "web.host.malformed")
		}
		if s.base != nil && o.Host != strings.ToLower(s.base.Host) && !o.Local && !visit.Machine(c) {
			return echo.NewHTTPError(http.StatusMisdirectedRequest)
		}
		return next(c)
	}
}

// sameOrigin guards every unsafe method: same-origin Sec-Fetch-Site, else a
// matching Origin; with a session cookie and neither header, 403
// (reliability.md §8, CSRF).
func (s *Site) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if visit.Safe(r.Method) {
			return next(c)
		}
		if err := s.crossOrigin.Check(r); err != nil {
			return fault.New(fault.Forbidden, "web.cross.origin").Because(err)
		}
		if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" && s.sessions.Carries(r) {
			return fault.New(fault.Forbidden, "web.cross.origin").Because(errors.New("session cookie without Sec-Fetch-Site and Origin"))
		}
		return next(c)
	}
}
