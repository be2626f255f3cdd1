package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/web"
)

func practising(t *testing.T) *console {
	c := open(t)
	c.accounts.all = append(c.accounts.all, account.Account{ID: "s1", Label: "Sandbox", Site: account.SandboxSite, State: account.Active})
	c.persons.scope = "sandbox"
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
		{"servers", "garble", "", "0", http.StatusUnprocessableEntity, "times"},
		{"token", "garble", "", "1", http.StatusUnprocessableEntity, ""},
		{"servers", "clock_skew", "", "1", http.StatusUnprocessableEntity, ""},
	} {
		c := practising(t)
		a := c.post("/sandbox/fault", "call", tt.call, "kind", tt.kind, "answer_status", tt.status, "times", tt.times).want(tt.want)
		if got := strings.Contains(strings.Join(c.sandbox.said, ","), tt.kind); got != (tt.want == http.StatusSeeOther) {
			t.Errorf("%+v: the Sandbox was told %q", tt, c.sandbox.said)
		}
		if tt.field != "" && a.page().Find("#"+tt.field+"[aria-invalid=true]").Length() != 1 {
			t.Errorf("%+v: the field is not marked", tt)
		}
	}
}

func TestASecondFailureTakesThePlaceOfTheFirst(t *testing.T) {
	c := practising(t)
	c.post("/sandbox/break", "fault", "sold-out").want(http.StatusSeeOther, "/sandbox")
	if slices.Contains(c.sandbox.said, "mend") {
		t.Errorf("nothing waited: told %q", c.sandbox.said)
	}
	c.sandbox.status.Waiting = []web.SandboxFault{{Call: "purchase", Kind: "sold_out", Times: 1}}
	c.sandbox.said = nil
	c.post("/sandbox/break", "fault", "garbled").want(http.StatusSeeOther, "/sandbox")
	if len(c.sandbox.said) != 2 || c.sandbox.said[0] != "mend" {
		t.Errorf("told %q, want the first forgotten, then the second", c.sandbox.said)
	}
	says(t, c.get("/sandbox").page(), ".toast", word("sandbox.said.replaced"))
}

func TestBuyPagesOfTheSandboxSayThatAFailureWaits(t *testing.T) {
	c := practising(t)
	if c.get("/buy/matrix").want(200).page().Find("[hx-get='/sandbox/armed'][hx-trigger=load]").Length() != 1 || c.get("/").page().Find("[hx-get='/sandbox/armed']").Length() != 0 {
		t.Error("what waits is asked for on a page that does not buy, or not on one that does")
	}
	c.header.Set("HX-Request", "true")
	if body := c.get("/sandbox/armed").want(200).body; body != "" {
		t.Errorf("nothing waits, and the page says %s", body)
	}
	c.sandbox.status.Waiting = []web.SandboxFault{{Call: "purchase", Kind: "sold_out", Times: 1}, {Call: "balance", Kind: "status", Status: 403, Times: 1}}
	doc := c.get("/sandbox/armed").want(200).page()
	says(t, doc, ".t-play", word("sandbox.soldout"))
	says(t, doc, ".t-play", "balance: An error with this status 403")
}
