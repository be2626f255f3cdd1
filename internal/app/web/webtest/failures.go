package webtest

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/web/templates/text"
)

// Failure is an error of a use case, and the page that it leads to where no form
// shows it.
type Failure struct {
	Err    *fault.Error
	Status int
	Says   string // a sentence of the page
}

// Failures are an error of each kind.
func Failures() []Failure {
	busy := fault.New(fault.Busy, "cloud.throttled")
	busy.RetryAfter = 90 * time.Second
	return []Failure{
		{fault.New(fault.Internal, "order.conflict"), http.StatusInternalServerError, Word("failure.500.text")},
		{fault.New(fault.Invalid, "view.selection.none"), http.StatusUnprocessableEntity, Word("view.selection.none")},
		{fault.New(fault.NotFound, "view.unknown"), http.StatusNotFound, Word("view.unknown")},
		{fault.New(fault.Forbidden, "web.forbidden"), http.StatusForbidden, Word("web.forbidden")},
		{fault.New(fault.Conflict, "order.conflict"), http.StatusConflict, Word("order.conflict")},
		{busy, http.StatusServiceUnavailable, Word("cloud.throttled") + "Try again in 90 seconds."},
		{fault.New(fault.Refused, "cloud.permission"), http.StatusBadGateway, Word("cloud.permission")},
		{fault.New(fault.Unreachable, "cloud.unreachable"), http.StatusBadGateway, Word("cloud.unreachable")},
		{fault.New(fault.Unknown, "order.conflict"), http.StatusBadGateway, Word("order.conflict")},
	}
}

// Shows fails unless the answer is the failure's page.
func (f Failure) Shows(t *testing.T, a *Answer) {
	t.Helper()
	doc := a.Want(f.Status).Page()
	p := text.New(text.English, time.UTC)
	if got, want := doc.Find(".empty h1").Text(), p.T("failure."+strconv.Itoa(f.Status)+".title"); got != want {
		t.Errorf("%v: the page is headed %q, want %q", f.Err.Kind, got, want)
	}
	Says(t, doc, ".empty", f.Says)
	if retry := a.Header.Get("Retry-After"); (retry != "") != (f.Err.RetryAfter > 0) {
		t.Errorf("%v: Retry-After is %q", f.Err.Kind, retry)
	}
}

// Note fails unless the answer to htmx is the failure as a note, which the script
// puts where the results of actions stand.
func (f Failure) Note(t *testing.T, a *Answer) {
	t.Helper()
	if f.Err.Kind == fault.Internal {
		a.Want(f.Status)
		return
	}
	doc := a.Want(http.StatusUnprocessableEntity).Page()
	if to := a.Header.Get("HX-Retarget"); to != "#toasts" || strings.Contains(a.Body, "<html") {
		t.Errorf("%v: it goes to %q, or is a whole page", f.Err.Kind, to)
	}
	sentence, _, _ := strings.Cut(f.Says, "Try again in 90")
	Says(t, doc, ".note[role=alert]", sentence)
}
