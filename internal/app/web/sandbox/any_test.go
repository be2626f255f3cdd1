package sandbox_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/web/sandbox"
	"sampan/internal/app/web/webtest"
)

func practising(t *testing.T) *webtest.Console {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Label: "Sandbox", Site: account.SandboxSite, State: account.Active})
	c.Persons.Scope = "sandbox"
	return c
}

func TestAnyCallCanBeMadeToFail(t *testing.T) {
	for _, tt := range []struct {
		call, kind, status, times string
		want                      int
		field                     string
	}{
		{"balance", "status", "429", "2", http.StatusSeeOther, ""},
		{"*", "html_502", "", "100", http.StatusSeeOther, ""},
		{"servers", "truncate", "", "1", http.StatusSeeOther, ""},
		{"servers", "status", "200", "1", http.StatusUnprocessableEntity, "answer_status"},
		{"servers", "status", "abc", "1", http.StatusUnprocessableEntity, "answer_status"},
		{"servers", "status", "", "x", http.StatusUnprocessableEntity, "answer_status times"},
		{"servers", "garble", "", "0", http.StatusUnprocessableEntity, "times"},
		{"servers", "garble", "abc", "", http.StatusUnprocessableEntity, "times"},
		{"servers", "garble", "", "99999999999999999999", http.StatusUnprocessableEntity, "times"},
		{"token", "garble", "", "1", http.StatusUnprocessableEntity, "call"},
		{"servers", "clock_skew", "", "1", http.StatusUnprocessableEntity, "kind"},
		{"", "", "", "", http.StatusUnprocessableEntity, "call kind times"},
	} {
		c := practising(t)
		a := c.Post("/sandbox/fault", "call", tt.call, "kind", tt.kind, "answer_status", tt.status, "times", tt.times).Want(tt.want)
		if told := slices.Contains(c.Sandbox.Said, "break "+tt.call+" "+tt.kind); told != (tt.want == http.StatusSeeOther) {
			t.Errorf("%+v: the Sandbox was told %q", tt, c.Sandbox.Said)
		}
		if tt.want == http.StatusSeeOther {
			continue
		}
		doc := a.Page()
		var wrong []string
		doc.Find("#any [aria-invalid=true]").Each(func(_ int, f *goquery.Selection) {
			id := f.AttrOr("id", "")
			wrong = append(wrong, id)
			if doc.Find("#"+id+"-error").Text() == "" {
				t.Errorf("%+v: nothing is said of %s", tt, id)
			}
		})
		if got := strings.Join(wrong, " "); got != tt.field {
			t.Errorf("%+v: marked as wrong: %s", tt, got)
		}
		if got := doc.Find("[autofocus]"); got.Length() != 1 || got.AttrOr("id", "") != wrong[0] {
			t.Errorf("%+v: the focus is in %q", tt, got.AttrOr("id", ""))
		}
		for id, typed := range map[string]string{"answer_status": tt.status, "times": tt.times} {
			if got := webtest.Value(doc, id); got != typed {
				t.Errorf("%+v: %s came back as %q", tt, id, got)
			}
		}
	}
}

// How often a failure happens is said as it was asked for.
func TestArmingSaysHowManyCallsFail(t *testing.T) {
	for times, want := range map[string]string{"1": "The next such call will go like this.",
		"2": "The next 2 such calls will go like this.", "100": "The next 100 such calls will go like this."} {
		c := practising(t)
		c.Post("/sandbox/fault", "call", "*", "kind", "status", "answer_status", "500", "times", times).
			Want(http.StatusSeeOther, "/sandbox")
		webtest.Says(t, c.Get("/sandbox").Page(), ".toast", want)
	}
}

// A waiting failure is called what it is: the form's first choice is not an
// outage of 30 calls.
func TestAWaitingFailureIsCalledWhatItIs(t *testing.T) {
	for _, tt := range []struct {
		fault sandbox.Fault
		want  string
	}{
		{sandbox.Fault{Call: "*", Kind: "status", Status: 500, Times: 1}, "Every call: an error with status 500"},
		{sandbox.Fault{Call: "*", Kind: "status", Status: 503, Times: 30}, "Every call: an error with status 503"},
		{sandbox.Fault{Call: "balance", Kind: "status", Status: 403, Times: 1}, "balance: an error with status 403"},
		{sandbox.Fault{Call: "balance", Kind: "garble", Times: 1}, "balance: An answer that is not readable"},
		{sandbox.Fault{Call: "purchase", Kind: "garble", Times: 1}, webtest.Word("sandbox.garbled")},
		{sandbox.Fault{Call: "purchase", Kind: "sold_out", Times: 1}, webtest.Word("sandbox.soldout")},
	} {
		c := practising(t)
		c.Sandbox.GivenStatus.Waiting = []sandbox.Fault{tt.fault}
		webtest.Says(t, c.Get("/sandbox").Page(), "#faults .note li", tt.want)
	}
}

// What is made of two faults was chosen as one, and is said as one.
func TestAFailureOfTwoFaultsIsSaidOnce(t *testing.T) {
	for kind, want := range map[string]string{"late": "sandbox.late", "invisible": "sandbox.invisible", "extra_order": "sandbox.twins"} {
		c := practising(t)
		c.Sandbox.GivenStatus.Waiting = []sandbox.Fault{{Call: "purchase", Kind: "drop_after", Times: 1},
			{Call: "purchase", Kind: kind, Times: 1}}
		doc := c.Get("/sandbox").Page()
		webtest.Says(t, doc, "#faults .note li", webtest.Word(want))
		if n := doc.Find("#faults .note li").Length(); n != 1 {
			t.Errorf("%s: %d lines, want one", kind, n)
		}
	}
}

func TestASecondFailureTakesThePlaceOfTheFirst(t *testing.T) {
	c := practising(t)
	c.Post("/sandbox/break", "fault", "sold-out").Want(http.StatusSeeOther, "/sandbox")
	if slices.Contains(c.Sandbox.Said, "mend") {
		t.Errorf("nothing waited: told %q", c.Sandbox.Said)
	}
	c.Sandbox.GivenStatus.Waiting = []sandbox.Fault{{Call: "purchase", Kind: "sold_out", Times: 1}}
	c.Sandbox.Said = nil
	c.Post("/sandbox/break", "fault", "garbled").Want(http.StatusSeeOther, "/sandbox")
	if len(c.Sandbox.Said) != 2 || c.Sandbox.Said[0] != "mend" {
		t.Errorf("told %q, want the first forgotten, then the second", c.Sandbox.Said)
	}
	webtest.Says(t, c.Get("/sandbox").Page(), ".toast", webtest.Word("sandbox.said.replaced"))
}

func TestBuyPagesOfTheSandboxSayThatAFailureWaits(t *testing.T) {
	c := practising(t)
	if c.Get("/buy/matrix").Want(200).Page().Find("[hx-get='/sandbox/armed'][hx-trigger=load]").Length() != 1 ||
		c.Get("/").Page().Find("[hx-get='/sandbox/armed']").Length() != 0 {
		t.Error("what waits is asked for on a page that does not buy, or not on one that does")
	}
	c.Header.Set("HX-Request", "true")
	if body := c.Get("/sandbox/armed").Want(200).Body; body != "" {
		t.Errorf("nothing waits, and the page says %s", body)
	}
	c.Sandbox.GivenStatus.Waiting = []sandbox.Fault{{Call: "purchase", Kind: "sold_out", Times: 1},
		{Call: "balance", Kind: "status", Status: 403, Times: 1}}
	doc := c.Get("/sandbox/armed").Want(200).Page()
	webtest.Says(t, doc, ".t-play", webtest.Word("sandbox.soldout"))
	webtest.Says(t, doc, ".t-play", "balance: an error with status 403")
}
