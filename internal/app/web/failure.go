package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/web/templates/failure"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// statusLeft stands in the log for a browser that did not wait for the answer.
const statusLeft = 499

// problem is a failure on its way to a page.
type problem struct {
	status int
	fault  *fault.Error
}

// problemOf classifies an error: a fault by its kind, the router's own by its
// status, a time that ran out as Busy, all else as Internal.
func problemOf(err error) problem {
	var he *echo.HTTPError
	switch {
	case errors.As(err, &he):
		return problem{he.Code, &fault.Error{Err: err}}
	case errors.Is(err, context.DeadlineExceeded) && fault.Of(err).Kind == fault.Internal:
		return problem{http.StatusServiceUnavailable, &fault.Error{Kind: fault.Busy, Err: err}}
	}
	f := fault.Of(err)
	return problem{page.Status(f.Kind), f}
}

// fail is the one place that turns an error into a status, a page and a log
// line. A sentence of an internal error never reaches a page.
func (s *Site) fail(err error, c echo.Context) {
	p := problemOf(err)
	s.logProblem(c, p, err)
	if c.Response().Committed {
		return
	}
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		_ = c.NoContent(statusLeft)
		return
	}
	if p.fault.RetryAfter > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(page.Seconds(p.fault.RetryAfter)))
	}
	if err := s.showProblem(c, p); err != nil {
		s.log.ErrorContext(c.Request().Context(), "failure page", "request", visit.Of(c).RequestID, "err", err)
		_ = s.lastResort(c)
	}
}

func (s *Site) logProblem(c echo.Context, p problem, err error) {
	if errors.Is(err, context.Canceled) {
		return // the browser left
	}
	level := s.log.DebugContext
	if p.status >= 500 && p.fault.Kind == fault.Internal {
		level = s.log.ErrorContext
	}
	level(c.Request().Context(), "request failed", "request", visit.Of(c).RequestID, "status", p.status, "err", err)
}

// showProblem answers with the failure's page, or for htmx with a note that
// goes where the script shows results of actions: htmx swaps 422 and no other
// failure, so a sentence for the person travels as 422.
func (s *Site) showProblem(c echo.Context, p problem) error {
	sentence := page.Say(c, p.fault.Message)
	if p.fault.Kind == fault.Internal {
		sentence = ""
	}
	if visit.Partial(c.Request()) && p.status != http.StatusInternalServerError {
		if sentence == "" {
			sentence = failure.Title(visit.Printer(c), p.status)
		}
		h := c.Response().Header()
		h.Set("HX-Retarget", "#toasts")
		h.Set("HX-Reswap", "innerHTML")
		note := ui.Note(ui.NoteModel{Tone: ui.Bad, Text: sentence, Alert: true})
		return page.Render(c, http.StatusUnprocessableEntity, note, note)
	}
	m := failure.Model{
		Status: p.status, Text: sentence, RetrySeconds: page.Seconds(p.fault.RetryAfter),
		Code: p.fault.Code, Detail: p.fault.Detail, RequestID: p.fault.RequestID, SignedIn: visit.Of(c).In(),
	}
	if m.RequestID == "" && p.status >= 500 {
		m.RequestID = visit.Of(c).RequestID // finds the line in the log
	}
	if p.status == http.StatusNotFound {
		m.Path = c.Request().URL.Path
	}
	if visit.Safe(c.Request().Method) && p.status != http.StatusNotFound && p.status != http.StatusForbidden {
		m.Reload = page.Ours(c.Request().URL.RequestURI())
	}
	title := failure.Title(visit.Printer(c), p.status)
	if !visit.Of(c).In() {
		return page.Render(c, p.status, failure.Bare(layout.Frame{Title: title, Version: s.Version}, m), nil)
	}
	f, err := s.frames.Frame(c, title, "")
	if err != nil { // what failed may be what the frame needs, too
		s.log.WarnContext(c.Request().Context(), "frame of a failure", "request", visit.Of(c).RequestID, "err", err)
		return page.Render(c, p.status, failure.Bare(layout.Frame{Title: title, Version: s.Version}, m), nil)
	}
	return page.Render(c, p.status, failure.Page(f, m), nil)
}

// renderLastResort makes the page that needs nothing any more: no database, no
// session, no catalogue lookups at the moment it is sent.
func renderLastResort() ([]byte, error) {
	p := text.New(text.English, nil)
	m := failure.Model{Status: http.StatusInternalServerError}
	return page.RenderBytes(context.Background(), p, failure.Bare(layout.Frame{Title: failure.Title(p, m.Status)}, m))
}

// lastResort sends the page rendered at start-up.
func (s *Site) lastResort(c echo.Context) error {
	if c.Response().Committed {
		return nil
	}
	return c.Blob(http.StatusInternalServerError, echo.MIMETextHTMLCharsetUTF8, s.lastPage)
}
