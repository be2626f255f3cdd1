package web

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/web/templates/ui"
)

// mistakes lists the problems of a form for its summary, in the order of the
// fields on the page; those of other fields come last.
func mistakes(said map[string]string, order ...string) []ui.Mistake {
	out := make([]ui.Mistake, 0, len(said))
	listed := make(map[string]bool, len(said))
	for _, field := range order {
		if sentence := said[field]; sentence != "" {
			out, listed[field] = append(out, ui.Mistake{FieldID: field, Text: sentence}), true
		}
	}
	for field, sentence := range said {
		if sentence != "" && !listed[field] {
			out = append(out, ui.Mistake{FieldID: field, Text: sentence})
		}
	}
	return out
}

// formProblem is the sentence above a form whose fields do not say it all:
// empty when they do.
func formProblem(c echo.Context, f *fault.Error) string {
	if len(f.Fields) > 0 {
		return ""
	}
	return say(c, f.Message)
}

// setRetry says in the header how long to wait.
func setRetry(c echo.Context, f *fault.Error) {
	if f.RetryAfter > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(seconds(f.RetryAfter)))
	}
}
