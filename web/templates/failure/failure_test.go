package failure_test

import (
	"fmt"
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/failure"
	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
)

func TestEveryStatusHasItsWords(t *testing.T) {
	titles := make(map[string]int)
	for _, status := range []int{403, 404, 405, 409, 413, 422, 429, 500, 502, 503} {
		m := failure.Model{Status: status}
		golden.Check(t, fmt.Sprint(status), failure.Content(m))
		title := golden.Tree(t, "en", failure.Content(m)).Find("h1").Text()
		if before, twice := titles[title]; twice {
			t.Errorf("%d and %d share the title %q", before, status, title)
		}
		titles[title] = status
	}
}

func TestUnknownStatusIsToldLikeOurOwnFault(t *testing.T) {
	got := golden.Render(t, "en", failure.Content(failure.Model{Status: 599}))
	want := golden.Render(t, "en", failure.Content(failure.Model{Status: 500}))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFullFailure(t *testing.T) {
	golden.Check(t, "full", failure.Content(full("Words")))
	golden.Check(t, "plain", failure.Plain(layout.Frame{Title: "x"}, failure.PlainModel{Host: "http://10.0.0.4:8080"}))
}

func full(s string) failure.Model {
	return failure.Model{Status: 429, Text: s, Path: s, Reload: s, RetrySeconds: 30, Code: s, Detail: s, RequestID: s, SignedIn: true}
}

func TestHostileTextStaysText(t *testing.T) {
	golden.HostileMarkup(t, func(s string) templ.Component { return failure.Page(layout.Frame{Title: s}, full(s)) })
	golden.HostileMarkup(t, func(s string) templ.Component { return failure.Bare(layout.Frame{Title: s}, full(s)) })
	golden.HostileMarkup(t, func(s string) templ.Component {
		return failure.Plain(layout.Frame{Title: s}, failure.PlainModel{Host: s})
	})
}
