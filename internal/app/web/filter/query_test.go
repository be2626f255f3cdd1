package filter_test

import (
	"net/http"
	"net/url"
	"testing"

	"sampan/internal/app/web/webtest"
)

// A name asks for what its code asks for.
func TestRegionsAreFoundByTheirNames(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 30)
	for _, asked := range []string{"region:me-east-1", "region:Riyadh", "region:利雅得"} {
		doc := c.Get("/servers?q=" + url.QueryEscape(asked)).Want(http.StatusOK).Page()
		if got := doc.Find("tbody tr").Length(); got != 10 {
			t.Errorf("%s: got %d rows, want 10", asked, got)
		}
		webtest.Says(t, doc, "button[popovertarget=f-region].set", "Region: Riyadh")
		if got := doc.Find("input[name=region][value=me-east-1][checked]").Length(); got != 1 {
			t.Errorf("%s: its box is not ticked", asked)
		}
	}
}

// What was typed and what was ticked is one search, and the address says it.
func TestTheSearchAndItsControlsAreOne(t *testing.T) {
	tests := []struct{ name, asked, want string }{
		{"a control alone", "state=stopped", "state:stopped"},
		{"several values of a control", "region=me-east-1&region=ap-southeast-3", "region:me-east-1 region:ap-southeast-3"},
		{"a window", "expires=%3C14d", "expires<14d"},
		{"ticked beside what was typed before", "was=shop&q=shop&state=stopped", "shop state:stopped"},
		{"typed while a box is ticked", "was=state:stopped&q=state:running&state=stopped", "state:running"},
		{"typed beside a ticked box", "was=state:stopped&q=state:stopped+shop&state=stopped", "state:stopped shop"},
		{"a box cleared", "was=shop+state:stopped&q=shop+state:stopped", "shop"},
		{"another box ticked", "was=state:stopped&q=state:stopped&state=stopped&state=running", "state:stopped state:running"},
		{"regions by their names", `q=region:singapore,"Hong+Kong"+-region:利雅得&was=`, "region:ap-southeast-3 region:ap-southeast-1 -region:me-east-1"},
		{"by the beginning of a name", "q=region:S,singapore&was=", "region:ap-southeast-3 region:cn-east-3 region:sa-brazil-1"},
		{"a box ticked beside a name", "q=region:riyadh&was=region:riyadh&region=me-east-1&region=ap-southeast-3", "region:me-east-1 region:ap-southeast-3"},
		{"a box ticked while a name is typed", "q=region:riyadh&was=region:ap-southeast-3&region=ap-southeast-3", "region:me-east-1"},
		{"what is no region's name", "q=region:atlantis&was=", "region:atlantis"},
		{"a minus is left alone", "was=-state:stopped&q=-state:stopped&state=running", "-state:stopped state:running"},
		{"a range that no control has", "was=expires%3E3d+expires%3C9d&q=expires%3E3d+expires%3C9d&expires=*", "expires>3d expires<9d"},
		{"the account by its name", "was=&q=&account=Marina+Labs", `account:"Marina Labs"`},
		{"what cannot be read stays to be corrected", "was=&q=colour:red+shop", "shop colour:red"},
		{"and beside a control", "was=colour:red&q=colour:red&state=stopped", "state:stopped colour:red"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			webtest.Fleet(c, 3)
			a := c.Get("/servers?" + tt.asked).Want(http.StatusSeeOther)
			u, err := url.Parse(a.Header.Get("Location"))
			if err != nil {
				t.Fatal(err)
			}
			if got := u.Query().Get("q"); got != tt.want || u.Path != "/servers" {
				t.Fatalf("search: got %q at %s, want %q", got, u.Path, tt.want)
			}
			doc := c.Get(u.RequestURI()).Want(http.StatusOK).Page() // and it is stable
			if got := webtest.Value(doc, "q"); got != tt.want {
				t.Errorf("the box holds %q, want %q", got, tt.want)
			}
		})
	}
}
