package page_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/webtest"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestMistakesStandInTheOrderOfTheForm(t *testing.T) {
	said := map[string]string{"zone": "z", "name": "n", "code": "", "elsewhere": "e"}
	var got string
	for _, m := range page.Mistakes(said, "name", "code", "password", "zone") {
		got += m.FieldID + "=" + m.Text + " "
	}
	if got != "name=n zone=z elsewhere=e " {
		t.Errorf("got %s", got)
	}
	if all := page.Mistakes(nil, "name"); len(all) != 0 {
		t.Errorf("without a problem: %v", all)
	}
}

// Every kind of failure has a status; those that a form shows have one of their own.
func TestStatusesOfFailures(t *testing.T) {
	for _, tt := range []struct {
		kind           fault.Kind
		onPage, onForm int
	}{
		{fault.Internal, 500, 0}, {fault.Invalid, 422, 422}, {fault.NotFound, 404, 0}, {fault.Forbidden, 403, 0}, {fault.Conflict, 409, 409},
		{fault.Busy, 503, 429}, {fault.Refused, 502, 422}, {fault.Unreachable, 502, 422}, {fault.Unknown, 502, 0},
	} {
		if got := page.Status(tt.kind); got != tt.onPage {
			t.Errorf("%v: %d, want %d", tt.kind, got, tt.onPage)
		}
		why := fault.New(tt.kind, "web.forbidden")
		f, status, ok := page.Refused(fmt.Errorf("web: %w", why))
		if ok != (tt.onForm != 0) || ok && (status != tt.onForm || f != why) {
			t.Errorf("%v on a form: %d %t %v", tt.kind, status, ok, f)
		}
	}
	if _, _, ok := page.Refused(errors.New("a defect")); ok {
		t.Error("a form shows a defect")
	}
}

func TestHowLongToWait(t *testing.T) {
	for wait, want := range map[time.Duration]string{0: "", -time.Second: "", time.Millisecond: "1", time.Second: "1",
		1001 * time.Millisecond: "2", time.Minute: "60"} {
		c, w := request("POST", "/")
		page.SetRetry(c, &fault.Error{Kind: fault.Busy, RetryAfter: wait})
		if got := w.Header().Get("Retry-After"); got != want {
			t.Errorf("%s: %q, want %q", wait, got, want)
		}
	}
}

// The sentence above a form is left out where its fields say it.
func TestTheSentenceAboveAForm(t *testing.T) {
	c, _ := request("POST", "/")
	f := fault.New(fault.Invalid, "web.forbidden")
	if got := page.FormProblem(c, f); got != webtest.Word("web.forbidden") {
		t.Errorf("without fields: %q", got)
	}
	f.Fields = map[string]fault.Message{"name": fault.Say("web.topics.many")}
	if got := page.FormProblem(c, f); got != "" {
		t.Errorf("with fields: %q", got)
	}
}
