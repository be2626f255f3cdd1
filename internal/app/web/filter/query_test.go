package filter_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"

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

// What is said of the order counts when the list has it; the address of the usual
// order does not name it.
func TestTheOrderOfAList(t *testing.T) {
	tests := []struct{ path, first, sorted string }{
		{"/servers", "shop-000", "Expires ascending"},
		{"/servers?sort=expires", "shop-000", "Expires ascending"},
		{"/servers?sort=-expires", "shop-005", "Expires descending"},
		{"/servers?sort=-name", "shop-005", "Name descending"},
		{"/servers?sort=nonsense", "shop-000", "Expires ascending"},
		{"/instances?sort=-instance", "pack-005", "Instance descending"},
	}
	for _, tt := range tests {
		c := webtest.Open(t)
		webtest.Fleet(c, 6)
		doc := c.Get(tt.path).Want(http.StatusOK).Page()
		if got := doc.Find("tbody th bdi").First().Text(); got != tt.first {
			t.Errorf("%s begins with %s, want %s", tt.path, got, tt.first)
		}
		head := doc.Find("thead [aria-sort]")
		if got := strings.TrimSpace(strings.TrimSpace(head.Text()) + " " + head.AttrOr("aria-sort", "")); got != tt.sorted {
			t.Errorf("%s is shown as sorted by %q, want %q", tt.path, got, tt.sorted)
		}
	}
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	doc := c.Get("/servers?q=shop&sort=name").Want(http.StatusOK).Page()
	if href := doc.Find("thead a:contains('Expires')").AttrOr("href", ""); href != "/servers?q=shop" {
		t.Errorf("the usual order is at %q", href)
	}
}

// A search or an order begins the list anew; the place in it belongs to the search
// before.
func TestAnotherSearchBeginsTheListAnew(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 130)
	c.Post("/servers/columns", "perpage", "50", "col", "state").Want(http.StatusSeeOther)
	next := c.Get("/servers?q=shop").Page().Find(".pager a[rel=next]").AttrOr("href", "")
	if !strings.Contains(next, "after=") || !strings.Contains(next, "q=shop") {
		t.Fatalf("the next page is at %q", next)
	}
	doc := c.Get(next).Want(http.StatusOK).Page()
	doc.Find("thead a, .tabs a, #filters a").Each(func(_ int, s *goquery.Selection) {
		if href := s.AttrOr("href", ""); strings.Contains(href, "after=") || strings.Contains(href, "before=") {
			t.Errorf("%q leads into the middle of another list: %s", strings.TrimSpace(s.Text()), href)
		}
	})
}

// htmx gets the listing, and the browser's address becomes what is shown: a step of
// its own, unless somebody is typing.
func TestTheAddressFollowsTheControls(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 6)
	c.Header.Set("HX-Request", "true")
	a := c.Get("/servers?was=&q=&state=stopped").Want(http.StatusOK)
	if got := a.Header.Get("HX-Push-Url"); got != "/servers?q=state%3Astopped" || a.Header.Get("HX-Replace-Url") != "" {
		t.Errorf("the address becomes %q, replacing %q", got, a.Header.Get("HX-Replace-Url"))
	}
	if n := a.Page().Find("#listing tbody tr").Length(); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	c.Header.Set("HX-Trigger", "q")
	a = c.Get("/servers?was=&q=shop-00&sort=name").Want(http.StatusOK)
	if got := a.Header.Get("HX-Replace-Url"); got != "/servers?q=shop-00&sort=name" || a.Header.Get("HX-Push-Url") != "" {
		t.Errorf("while typing the address becomes %q, as a new step %q", got, a.Header.Get("HX-Push-Url"))
	}
	if a = c.Get("/servers?q=shop").Want(http.StatusOK); a.Header.Get("HX-Push-Url")+a.Header.Get("HX-Replace-Url") != "" {
		t.Error("an address that says it already is set again")
	}
}

func TestALongSearchIsCut(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	doc := c.Get("/servers?q=" + strings.Repeat("利", 1200)).Want(http.StatusOK).Page()
	if got := webtest.Value(doc, "q"); len(got) > 1000 || !utf8.ValidString(got) || got == "" {
		t.Errorf("the box holds %d bytes, as whole characters: %v", len(got), utf8.ValidString(got))
	}
}
