package webtest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/fault"
)

// Failure is an error of a use case, and the page that it leads to where no form
// shows it.
type Failure struct {
	Err    *fault.Error
	Status int
	Title  string // message id of the page's heading
	Says   string // a sentence of the page
}

// Failures are an error of each kind. The sentence of each but the internal one,
// whose own no page shows, is that of "web.topics.many".
func Failures() []Failure {
	of := func(k fault.Kind, status int) Failure {
		return Failure{fault.New(k, "web.topics.many"), status, "failure." + strconv.Itoa(status) + ".title", Word("web.topics.many")}
	}
	internal, busy := of(fault.Internal, http.StatusInternalServerError), of(fault.Busy, http.StatusServiceUnavailable)
	internal.Says = Word("failure.500.text")
	busy.Err.RetryAfter, busy.Says = 90*time.Second, busy.Says+"Try again in 90 seconds."
	return []Failure{
		internal,
		of(fault.Invalid, http.StatusUnprocessableEntity),
		of(fault.NotFound, http.StatusNotFound),
		of(fault.Forbidden, http.StatusForbidden),
		of(fault.Conflict, http.StatusConflict),
		busy,
		of(fault.Refused, http.StatusBadGateway),
		of(fault.Unreachable, http.StatusBadGateway),
		of(fault.Unknown, http.StatusBadGateway),
	}
}

// FailuresBut are those that a page does not show by itself.
func FailuresBut(kinds ...fault.Kind) []Failure {
	return slices.DeleteFunc(Failures(), func(f Failure) bool { return slices.Contains(kinds, f.Err.Kind) })
}

// Shows fails unless the answer is the failure's page.
func (f Failure) Shows(t *testing.T, a *Answer) {
	t.Helper()
	doc := a.Want(f.Status).Page()
	if got, want := doc.Find(".empty h1").Text(), Word(f.Title); got != want {
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
