package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
	"sampan/internal/app/web/sandbox"
	"sampan/internal/app/web/webtest"
)

func TestAnEmptySandbox(t *testing.T) {
	doc := practising(t).Get("/sandbox").Want(200).Page()
	webtest.Says(t, doc, "h1", "Sandbox")
	webtest.Says(t, doc, "#ledger", "Nothing yet.")
	webtest.Says(t, doc, "#requests", "No call yet.")
	webtest.Says(t, doc, "#clock", "In the Sandbox it is Monday 23 November 2026, 09:21.")
	if doc.Find("#faults .note").Length() != 0 || doc.Find("#faults input[checked]").Length() != 0 {
		t.Error("a failure waits or is chosen although none was armed")
	}
	for id, want := range map[string]string{"days": "30", "answer_status": "500", "times": "1"} {
		if got := webtest.Value(doc, id); got != want {
			t.Errorf("%s is %q at first, want %q", id, got, want)
		}
	}
	for _, action := range []string{"break", "fault", "clock", "fleet"} {
		if doc.Find(`form[method=post][action="/sandbox/`+action+`"]`).Length() != 1 {
			t.Errorf("no form for %s", action)
		}
	}
	if doc.Find(`form[action="/sandbox/mend"]`).Length() != 0 {
		t.Error("nothing waits, and it can be forgotten")
	}
}

// The ledgers show the newest 30 of each; the figures count all.
func TestTheLedgersOfTheSandbox(t *testing.T) {
	c := practising(t)
	st := &c.Sandbox.GivenStatus
	st.Purchases = []sandbox.Purchase{
		{At: webtest.Now, OrderID: "CS1", Name: "shop", Quantity: 1, Amount: "8.16", Currency: "USD", Paid: true, Delivered: 1},
		{At: webtest.Now, OrderID: "CS2", Name: "mill", Quantity: 3, Amount: "24.48", Currency: "USD"},
	}
	for n := range 40 {
		st.Purchases = append(st.Purchases, sandbox.Purchase{OrderID: fmt.Sprintf("OLD%d", n), Quantity: 1, Delivered: 2})
		st.Requests = append(st.Requests, sandbox.Request{At: webtest.Now, Call: fmt.Sprintf("call%d", n), Status: 200})
	}
	st.Requests[0].Status, st.Requests[0].Faults = 0, []string{"drop_after"}
	st.Requests[1].Status = 503
	st.Requests[2].Faults = []string{"late", "garble"}
	doc := c.Get("/sandbox").Want(200).Page()
	for list, want := range map[string]int{"#ledger": 30, "#requests": 30} {
		if n := doc.Find(list + " li").Length(); n != want {
			t.Errorf("%s: %d lines, want %d", list, n, want)
		}
	}
	webtest.Says(t, doc, "#now", "42")
	webtest.Says(t, doc, "#now", "81")
	words := func(list string, n int) string {
		return strings.Join(strings.Fields(doc.Find(list+" li").Eq(n).Text()), " ")
	}
	for _, tt := range []struct {
		list  string
		n     int
		words string
		shape string
	}{
		{"#ledger", 0, "1 server “shop” CS1 Paid, simulated US$ 8.16", "run"},
		{"#ledger", 1, "3 servers “mill” CS2 Unpaid, simulated US$ 24.48", "wait"},
		{"#requests", 0, "call0 drop_after No answer", "bad"},
		{"#requests", 1, "call1 503", "warn"},
		{"#requests", 2, "call2 late, garble 200", "warn"},
		{"#requests", 3, "call3 200", "run"},
	} {
		if got := words(tt.list, tt.n); !strings.HasSuffix(strings.ReplaceAll(got, " ", ""), strings.ReplaceAll(tt.words, " ", "")) {
			t.Errorf("%s %d: %q, want %q", tt.list, tt.n, got, tt.words)
		}
		if shape := doc.Find(tt.list+" li").Eq(tt.n).Find(".st").AttrOr("data-s", ""); shape != tt.shape {
			t.Errorf("%s %d: of the shape %q, want %q", tt.list, tt.n, shape, tt.shape)
		}
	}
}

// Every way to go wrong that the page offers is told to the simulated cloud as it
// stands there, and is called by its title while it waits.
func TestEveryMishapIsArmedAndNamed(t *testing.T) {
	titles := make(map[string]string)
	practising(t).Get("/sandbox").Page().Find("#faults label:has(input[name=fault])").Each(func(_ int, l *goquery.Selection) {
		titles[l.Find("input").AttrOr("value", "")] = strings.Join(strings.Fields(l.Text()), " ")
	})
	for key, faults := range sandbox.Mishaps() {
		c := practising(t)
		c.Post("/sandbox/break", "fault", key).Want(http.StatusSeeOther, "/sandbox")
		var want []string
		for _, f := range faults {
			want = append(want, "break "+f.Call+" "+f.Kind)
		}
		if got := strings.Join(c.Sandbox.Said, ","); got != strings.Join(want, ",") {
			t.Errorf("%s: told %s, want %s", key, got, strings.Join(want, ","))
		}
		webtest.Says(t, c.Get("/sandbox").Page(), ".toast", "The next purchase will go like this.")
		if faults[0].Kind == "status" {
			continue // a status is said itself
		}
		c.Sandbox.GivenStatus.Waiting = faults
		line := strings.TrimSpace(c.Get("/sandbox").Page().Find("#faults .note li").First().Contents().First().Text())
		if line == "" || !strings.HasPrefix(titles[key], line) {
			t.Errorf("%s waits as %q, was chosen as %q", key, line, titles[key])
		}
	}
}

func TestAWaitingFailureCanBeForgotten(t *testing.T) {
	c := practising(t)
	c.Sandbox.GivenStatus.Waiting = []sandbox.Fault{{Call: "*", Kind: "truncate", Times: 7}, {Call: "odd", Kind: "odder"}}
	doc := c.Get("/sandbox").Want(200).Page()
	webtest.Says(t, doc, "#faults .note", "Will go wrong:")
	webtest.Says(t, doc, "#faults .note li:nth-child(1)", "Every call: Half of the answer, then nothing 7 times")
	webtest.Says(t, doc, "#faults .note li:nth-child(2)", "odd: odder 1 time")
	if doc.Find(`#faults .note form[action="/sandbox/mend"]`).Length() != 1 {
		t.Error("it cannot be forgotten")
	}
	if c.As(person.Viewer).Get("/sandbox").Page().Find(`form[action="/sandbox/mend"]`).Length() != 0 {
		t.Error("a viewer may forget it")
	}
	webtest.Says(t, c.Get("/sandbox").Page(), "#faults", "Changing the Sandbox needs the Operator role.")
	c.As(person.Operator).Post("/sandbox/mend").Want(http.StatusSeeOther, "/sandbox")
	webtest.Says(t, c.Get("/sandbox").Page(), ".toast", "All goes well again.")
}

// A calendar that the console does not share cannot be moved.
func TestACalendarThatCannotBeMoved(t *testing.T) {
	c := practising(t)
	c.Sandbox.GivenStatus.Movable = false
	if c.Get("/sandbox").Want(200).Page().Find("#clock").Length() != 0 {
		t.Error("the page offers to move it")
	}
}

func TestMovingTheCalendarSaysWhatItTakes(t *testing.T) {
	doc := practising(t).Post("/sandbox/clock", "days", " 367 ").Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, "#days-error", "Enter a whole number of days from 1 to 366.")
	if webtest.Value(doc, "days") != "367" || doc.Find("#days[autofocus]").Length() != 1 {
		t.Errorf("the field holds %q and has no focus", webtest.Value(doc, "days"))
	}
}

func TestNoWayToGoWrongWasChosen(t *testing.T) {
	doc := practising(t).Post("/sandbox/break").Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, "#faults", "Choose what is to go wrong.")
}

// What the simulated cloud refuses is said on its page; other failures have theirs.
func TestChangesOfTheSandboxThatAreRefused(t *testing.T) {
	shown := map[fault.Kind]int{fault.Invalid: 422, fault.Conflict: 409, fault.Busy: 429, fault.Refused: 422, fault.Unreachable: 422}
	kinds := make([]fault.Kind, 0, len(shown))
	for k := range shown {
		kinds = append(kinds, k)
	}
	for path, form := range map[string][]string{
		"/sandbox/break": {"fault", "late"},
		"/sandbox/fault": {"call", "*", "kind", "garble", "times", "1"},
		"/sandbox/mend":  nil,
		"/sandbox/clock": {"days", "3"},
		"/sandbox/fleet": nil,
		"/sandbox/reset": nil,
	} {
		for kind, status := range shown {
			c := practising(t)
			c.Sandbox.Err = fault.New(kind, "web.topics.many")
			webtest.Says(t, c.Post(path, form...).Want(status).Page(), "main .note", webtest.Word("web.topics.many"))
			if len(c.Instances.GivenAsked) != 0 {
				t.Errorf("%s, %v: its servers are read again", path, kind)
			}
		}
		for _, f := range webtest.FailuresBut(kinds...) {
			c := practising(t)
			c.Sandbox.Err = f.Err
			webtest.Says(t, c.Post(path, form...).Want(f.Status).Page(), "h1", webtest.Word(f.Title))
		}
	}
}

// The page stands even where the simulated cloud does not answer, but for a defect.
func TestASandboxThatDoesNotAnswer(t *testing.T) {
	for _, f := range webtest.FailuresBut(fault.Internal) {
		c := practising(t)
		c.Sandbox.Err = f.Err
		doc := c.Get("/sandbox").Want(200).Page()
		webtest.Says(t, doc, "main .note", webtest.Word("web.topics.many"))
		if doc.Find("main form").Length() != 0 {
			t.Errorf("%v: it is offered controls that nobody answers", f.Err)
		}
	}
	c := practising(t)
	c.Sandbox.Err = fault.New(fault.Internal, "web.topics.many")
	webtest.Says(t, c.Get("/sandbox").Want(500).Page(), "h1", "Something broke in the console")
}

// That its servers cannot be read again is no success.
func TestServersThatCannotBeReadAgain(t *testing.T) {
	for path, form := range map[string][]string{"/sandbox/clock": {"days", "3"}, "/sandbox/fleet": nil, "/sandbox/reset": nil} {
		c := practising(t)
		c.Instances.RefreshErr = fault.New(fault.Busy, "web.topics.many")
		c.Post(path, form...).Want(http.StatusServiceUnavailable)
	}
}

func TestResettingIsAskedOnAPageAndInADialog(t *testing.T) {
	c := practising(t)
	doc := c.Get("/sandbox/reset").Want(200).Page()
	webtest.Says(t, doc, "main", "Empty the simulated cloud?")
	webtest.Says(t, doc, "main", "real accounts are not touched")
	if doc.Find(`main form[method=post][action="/sandbox/reset"]`).Length() != 1 || doc.Find(`main a[href="/sandbox"]`).Length() != 1 {
		t.Error("the question does not lead both ways")
	}
	c.Header.Set("HX-Request", "true")
	piece := c.Get("/sandbox/reset").Want(200)
	if strings.Contains(piece.Body, "<html") || piece.Page().Find(`form[action="/sandbox/reset"]`).Length() != 1 {
		t.Error("the dialog gets more than the question")
	}
	if a := c.Post("/sandbox/reset").Want(http.StatusNoContent); a.Header.Get("HX-Redirect") != "/sandbox" {
		t.Errorf("the dialog leads to %q", a.Header.Get("HX-Redirect"))
	}
}

func TestOnlyThoseWhoMayPractiseChangeTheSandbox(t *testing.T) {
	for _, path := range []string{"break", "fault", "mend", "clock", "fleet", "reset"} {
		c := practising(t).As(person.Viewer)
		c.Post("/sandbox/"+path, "fault", "late", "days", "3").Want(http.StatusForbidden)
		if len(c.Sandbox.Said) != 0 {
			t.Errorf("%s: the Sandbox was told %v", path, c.Sandbox.Said)
		}
	}
	practising(t).As(person.Viewer).Get("/sandbox/reset").Want(http.StatusForbidden)
	practising(t).As(person.Buyer).Post("/sandbox/open").Want(http.StatusForbidden)
}

func TestOpeningTheSandbox(t *testing.T) {
	c := webtest.Open(t)
	c.Get("/sandbox").Want(http.StatusSeeOther, "/accounts")
	c.Post("/sandbox/open").Want(http.StatusSeeOther, "/")
	if len(c.Accounts.Added) != 1 || c.Accounts.Added[0].Label != "Sandbox" || c.Persons.Scope != "sandbox" || len(c.Sandbox.Said) != 0 {
		t.Errorf("added %+v, scope %q, told %v", c.Accounts.Added, c.Persons.Scope, c.Sandbox.Said)
	}
	c.Persons.Scope = "real"
	c.Post("/sandbox/open").Want(http.StatusSeeOther, "/")
	if len(c.Accounts.Added) != 1 || c.Persons.Scope != "sandbox" {
		t.Errorf("opened once more: %d accounts, scope %q", len(c.Accounts.Added), c.Persons.Scope)
	}
	for _, f := range webtest.Failures() {
		c := webtest.Open(t)
		c.Sandbox.Err = f.Err
		webtest.Says(t, c.Post("/sandbox/open").Want(f.Status).Page(), "h1", webtest.Word(f.Title))
		if c.Persons.Scope != "" {
			t.Errorf("%v: the scope is %q", f.Err, c.Persons.Scope)
		}
	}
}

// A page that buys is not disturbed by a Sandbox that does not answer.
func TestWhatWaitsIsNotSaidWhereItIsNotKnown(t *testing.T) {
	c := practising(t)
	c.Sandbox.GivenStatus.Waiting = []sandbox.Fault{{Call: "purchase", Kind: "sold_out"}, {Call: "purchase", Kind: "sold_out"}}
	doc := c.Get("/sandbox/armed").Want(200).Page()
	if got := strings.Count(doc.Find(".note").Text(), webtest.Word("sandbox.soldout")); got != 1 {
		t.Errorf("what waits twice is named %d times", got)
	}
	if doc.Find(`.note a[href="/sandbox"]`).Length() != 1 {
		t.Error("nothing leads to where it can be forgotten")
	}
	for _, f := range webtest.Failures() {
		c.Sandbox.Err = f.Err
		if body := c.Get("/sandbox/armed").Want(200).Body; body != "" {
			t.Errorf("%v: the page says %s", f.Err, body)
		}
	}
}

func TestPiecesOfASandboxThatIsNotThere(t *testing.T) {
	c := webtest.Open(t, func(o *web.Options) { o.Sandbox = nil })
	for _, path := range []string{"/sandbox/armed", "/sandbox/reset"} {
		c.Get(path).Want(http.StatusNotFound)
	}
	c.Post("/sandbox/fault", "call", "*", "kind", "garble", "times", "1").Want(http.StatusNotFound)
}

// After a change every simulated account is read again.
func TestEverySimulatedAccountIsReadAgain(t *testing.T) {
	c := practising(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s2", Label: "Second", Site: account.SandboxSite})
	c.Post("/sandbox/fleet").Want(http.StatusSeeOther, "/sandbox")
	if got := strings.Join(c.Instances.GivenAsked, ","); got != "s1,s2" {
		t.Errorf("read again: %s, want every simulated account", got)
	}
}
