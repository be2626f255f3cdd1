package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/web/templates/failure"
	"sampan/web/templates/layout"
)

// allowed decides by the table, and by nothing else, who gets to a handler: the
// role is the one the database had when this request began.
func (s *Site) allowed(r route) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			v := visit.Of(c)
			if r.may == anyone {
				return next(c)
			}
			if !v.In() {
				return s.askToSignIn(c, r)
			}
			if !v.Person.Role.May(r.may) {
				return fault.New(fault.Forbidden, "web.forbidden")
			}
			if r.fresh == asksFirst && !v.Fresh() {
				return s.askAgain(c)
			}
			if !r.stream && !visit.ByItself(c.Request()) {
				s.Instances.Visited()
			}
			return next(c)
		}
	}
}

// askToSignIn sends a stranger to the sign-in page and back afterwards; before
// the first owner exists, to the set-up page. A stream gets 401: an EventSource
// follows redirects and would read a page. What an open page asks for by itself
// does not lead away from it: something may be typed there, and the stream's end
// has told.
func (s *Site) askToSignIn(c echo.Context, r route) error {
	switch {
	case r.stream:
		return c.NoContent(http.StatusUnauthorized)
	case visit.ByItself(c.Request()):
		return c.NoContent(http.StatusNoContent)
	}
	open, err := s.Persons.SetupOpen(c.Request().Context())
	if err != nil {
		return err
	}
	if open {
		return page.GoTo(c, "/setup/owner")
	}
	return page.GoTo(c, page.WithNext("/sign-in", page.ReturnPath(c)))
}

// askAgain sends a person whose sign-in is not fresh to give the password once
// more. What a POST carried is not kept: the page says that nothing was changed.
func (s *Site) askAgain(c echo.Context) error {
	if !visit.Safe(c.Request().Method) {
		s.notes.Leave(c, fault.Say("signin.again.undone"))
	}
	return page.GoTo(c, page.WithNext("/sign-in/again", page.ReturnPath(c)))
}

// plainHTTP refuses to show anything but machines' answers over plain HTTP from
// another machine: there the session cookie could be read on the way. The page
// names the ways out (reliability.md §8, Sessions).
func (s *Site) plainHTTP(r route) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			o := visit.Of(c).Origin
			if o.Secure || o.Local || s.AllowPlainHTTP || r.path == "/static/*" || visit.Machine(c) {
				return next(c)
			}
			f := layout.Frame{Title: visit.Printer(c).T("failure.plain.title"), Version: s.Version}
			return page.Render(c, http.StatusForbidden, failure.Plain(f, failure.PlainModel{Host: o.Host}), nil)
		}
	}
}

// bounded limits how long a handler may take. Streams are not bounded.
func (s *Site) bounded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		whole := c.Request()
		ctx, cancel := context.WithTimeout(whole.Context(), s.limits.Handler)
		defer cancel()
		defer func() { c.SetRequest(c.Request().WithContext(whole.Context())) }() // a failure's page comes after the end of this time
		c.SetRequest(whole.WithContext(ctx))
		return next(c)
	}
}

// form reads the body of a POST within its limits and parses it, so that no
// handler meets a body it did not expect. Only url-encoded forms are taken.
func (s *Site) form(large bool) echo.MiddlewareFunc {
	bytesMax, fieldsMax := s.limits.FormBytes, s.limits.FormFields
	if large {
		bytesMax, fieldsMax = s.limits.LargeFormBytes, s.limits.LargeFormFields
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if visit.Safe(r.Method) {
				return next(c)
			}
			if err := parseForm(c.Response(), r, bytesMax, fieldsMax); err != nil {
				return err
			}
			return next(c)
		}
	}
}

func parseForm(w http.ResponseWriter, r *http.Request, bytesMax int64, fieldsMax int) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	empty := r.ContentLength == 0
	if !empty && (err != nil || kind != echo.MIMEApplicationForm) {
		return echo.ErrUnsupportedMediaType
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bytesMax))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return echo.ErrStatusRequestEntityTooLarge
		}
		return fault.New(fault.Invalid, "web.body.unreadable").Because(err)
	}
	if bytes.Count(body, []byte("&"))+1 > fieldsMax {
		return echo.ErrStatusRequestEntityTooLarge
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "web.body.unreadable").Because(err)
	}
	return nil
}
