package page

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/web/templates/ui"
)

// Mistakes lists the problems of a form for its summary, in the order of the
// fields on the page; those of other fields come last.
func Mistakes(problems map[string]string, order ...string) []ui.Mistake {
	out := make([]ui.Mistake, 0, len(problems))
	listed := make(map[string]bool, len(problems))
	for _, field := range order {
		if sentence := problems[field]; sentence != "" {
			out, listed[field] = append(out, ui.Mistake{FieldID: field, Text: sentence}), true
		}
	}
	for field, sentence := range problems {
		if sentence != "" && !listed[field] {
			out = append(out, ui.Mistake{FieldID: field, Text: sentence})
		}
	}
	return out
}

// FormProblem is the sentence above a form; empty when sentences stand beside its
// fields.
func FormProblem(c echo.Context, f *fault.Error) string {
	if len(f.Fields) > 0 {
		return ""
	}
	return Say(c, f.Message)
}

// SetRetry says in the header how long to wait.
func SetRetry(c echo.Context, f *fault.Error) {
	if f.RetryAfter > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(Seconds(f.RetryAfter)))
	}
}

// refusals are the failures that a form shows by itself, with their status.
var refusals = map[fault.Kind]int{
	fault.Invalid:     http.StatusUnprocessableEntity,
	fault.Conflict:    http.StatusConflict,
	fault.Busy:        http.StatusTooManyRequests,
	fault.Refused:     http.StatusUnprocessableEntity,
	fault.Unreachable: http.StatusUnprocessableEntity,
}

// statuses is the HTTP status of each kind of failure. Refused, Unreachable and
// Unknown are the cloud's, not the browser's, and not the console's either.
var statuses = map[fault.Kind]int{
	fault.Internal:    http.StatusInternalServerError,
	fault.Invalid:     http.StatusUnprocessableEntity,
	fault.NotFound:    http.StatusNotFound,
	fault.Forbidden:   http.StatusForbidden,
	fault.Conflict:    http.StatusConflict,
	fault.Busy:        http.StatusServiceUnavailable,
	fault.Refused:     http.StatusBadGateway,
	fault.Unreachable: http.StatusBadGateway,
	fault.Unknown:     http.StatusBadGateway,
}

// Status is the HTTP status of a kind of failure.
func Status(k fault.Kind) int { return statuses[k] }

// Seconds are the seconds to wait, rounded up.
func Seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// Refused reports whether a form shows an error of a use case by itself, and with
// which status. Any other error is for the page of failures.
func Refused(err error) (f *fault.Error, status int, ok bool) {
	f = fault.Of(err)
	status, ok = refusals[f.Kind]
	return f, status, ok
}
