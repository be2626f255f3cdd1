package servers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/person"
	"sampan/internal/app/view"
	"sampan/internal/app/web/webtest"
)

func TestASavedViewIsATab(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 10)
	form := c.Get("/views/new?list=servers&q=state%3Astopped&sort=-name").Want(http.StatusOK).Page()
	if form.Find("form[data-dialog-form] input[name=q]").AttrOr("value", "") != "state:stopped" {
		t.Error("the form forgot the search")
	}
	c.Post("/views", "list", "servers", "name", " Stopped  ones ", "q", "state:stopped", "sort", "-name", "shared", "1").
		Want(http.StatusSeeOther, "/servers?q=state%3Astopped&sort=-name")
	doc := c.Get("/servers?q=state%3Astopped&sort=-name").Want(http.StatusOK).Page()
	webtest.Says(t, doc, ".tabs [aria-current]", "Stopped ones (shared) 5")
	if doc.Find(".tabs [href^='/views/new']").Length() != 0 || doc.Find(".tabs [href='/views/v1/delete']").Length() != 1 {
		t.Error("a saved view is offered to be saved, or not to be deleted")
	}
	c.Get("/views/v1").Want(http.StatusSeeOther, "/servers?q=state%3Astopped&sort=-name")
	c.Post("/views", "list", "servers", "name", "stopped ONES", "q", "state:running").Want(http.StatusSeeOther)
	if len(c.Views.Kept.GivenViews) != 1 || c.Views.Kept.GivenViews[0].Search != "state:running" {
		t.Errorf("the same name is another view: %+v", c.Views.Kept.GivenViews)
	}
	for name, want := range map[string]string{"": "Give the view a name.", strings.Repeat("x", 41): "A name has at most 40 characters."} {
		webtest.Says(t, c.Post("/views", "list", "servers", "name", name, "q", "shop").Want(http.StatusUnprocessableEntity).Page(),
			".err", want)
	}
	webtest.Says(t, c.Get("/views/v1/delete").Want(http.StatusOK).Page(), "form h1", "stopped ONES")
	c.Post("/views/v1/delete").Want(http.StatusSeeOther, "/servers")
	c.Get("/views/v1").Want(http.StatusNotFound)
}

func TestPrivateViewsAreNobodyElses(t *testing.T) {
	c := webtest.Open(t)
	c.Post("/views", "list", "servers", "name", "mine", "q", "shop").Want(http.StatusSeeOther)
	c.Post("/views", "list", "servers", "name", "ours", "q", "web", "shared", "1").Want(http.StatusSeeOther)
	c.Persons.Who.ID, c.Persons.Who.Role = "p2", person.Operator
	c.Get("/views/v1").Want(http.StatusNotFound)
	c.Get("/views/v1/delete").Want(http.StatusNotFound)
	c.Get("/views/v2").Want(http.StatusSeeOther)
	c.Post("/views/v2/delete").Want(http.StatusForbidden)
}

func TestColumnsAreKeptPerPerson(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	c.Send(http.MethodPost, "/servers/columns", url.Values{"col": {"tags", "state", "nonsense"}, "rows": {"roomy"}, "perpage": {"7"}}).
		Want(http.StatusSeeOther, "/servers")
	doc := c.Get("/servers").Want(http.StatusOK).Page()
	if got := strings.Join(strings.Fields(doc.Find("thead").Text()), " "); got != "Name Tags State" {
		t.Errorf("columns: %q", got)
	}
	webtest.Says(t, doc, "tbody tr:nth-child(1) .tag", "team=web")
	if doc.Find("html[data-density=roomy]").Length() != 1 {
		t.Error("rows are not roomy")
	}
	if kept := c.Views.Kept.Choices["p1servers"]; kept.PerPage != 50 {
		t.Errorf("rows on a page: %d, want 50", kept.PerPage)
	}
	c.Send(http.MethodPost, "/servers/columns", url.Values{"col": {"tags", "state"}, "up": {"state"}}).
		Want(http.StatusSeeOther, "/servers/columns")
	if got := everyColumn(c, "servers")[:2]; got[0] != "state" || got[1] != "tags" {
		t.Errorf("order: %v", got)
	}
	if got := strings.Join(strings.Fields(c.Get("/instances").Page().Find("thead").Text()), " "); strings.Contains(got, "Tags") {
		t.Errorf("the other list has these columns too: %q", got)
	}
	c.Post("/servers/columns", "usual", "1").Want(http.StatusSeeOther)
	webtest.Says(t, c.Get("/servers").Page(), "thead", "Traffic left")
}

func TestWhatIsSelectedIsKeptAsItWas(t *testing.T) {
	tests := []struct {
		name string
		form url.Values
		want string
	}{
		{"by hand, without script", url.Values{"id": {"s001", "s002"}}, "s001 s002"},
		{"by hand over several pages", url.Values{"ids": {"s004 s001 s004"}}, "s004 s001"},
		{"all that match", url.Values{"all": {"1"}, "q": {"state:stopped"}}, "s001 s003 s005"},
		{"all that match, but one", url.Values{"all": {"1"}, "q": {"state:stopped"}, "except": {"s003"}}, "s001 s005"},
		{"pasted names, ids and addresses", url.Values{"paste": {"shop-004\r\ns000, 203.0.113.3\nnobody"}}, "s004 s000 s002"},
		{"what is not there is left out", url.Values{"ids": {"s001 s999"}}, "s001"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			webtest.Fleet(c, 6)
			tt.form.Set("list", "servers")
			c.Send(http.MethodPost, "/selections", tt.form).Want(http.StatusSeeOther, "/servers?selection=v1")
			if got := strings.Join(c.Views.Kept.Selections["v1"].IDs, " "); got != tt.want {
				t.Errorf("kept: got %q, want %q", got, tt.want)
			}
			doc := c.Get("/servers?selection=v1").Want(http.StatusOK).Page()
			rows, ticked, all := doc.Find("tbody tr").Length(), doc.Find("tbody input[checked]").Length(), len(strings.Fields(tt.want))
			if ticked != all || rows != all {
				t.Errorf("shown: %d rows, %d ticked; want %d", rows, ticked, all)
			}
			c.Persons.Who.ID = "p2"
			c.Get("/servers?selection=v1").Want(http.StatusNotFound)
		})
	}
}

func TestASelectionOfNothing(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	c.Post("/selections", "list", "servers").Want(http.StatusUnprocessableEntity)
	doc := c.Post("/selections", "list", "servers", "paste", "nobody\nnowhere").Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, ".err", "Nothing here is called that: “nobody”, “nowhere”.")
	webtest.Says(t, doc, "textarea", "nowhere")
	c.Post("/selections", "list", "disks", "ids", "s001").Want(http.StatusNotFound)
	doc = c.Get(c.Post("/selections", "list", "servers", "paste", "s001\nnobody").Want(http.StatusSeeOther).Header.Get("Location")).Page()
	webtest.Says(t, doc, ".note details", "1 name was not found")
	webtest.Says(t, doc, ".note details li", "nobody")
}

// People paste what they have: lists of other keyboards, addresses with users
// and ports, names in another form, signs that nobody sees.
func TestPastedListsInAllShapes(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 8)
	c.Instances.Servers[5].Server.Name = "Straße-Ünïcode-ΣΑΣ"
	const a, b, d, id, nfd = "203.0.113.1", "203.0.113.2", "203.0.113.3", "s003", "Straße-U\u0308ni\u0308code-ΣΑΣ"
	for pasted, want := range map[string]string{
		"\ufeff" + a + "\n" + b:             "s000 s001",
		a + "\u200b\n\u200b" + b + "\u00a0": "s000 s001",
		a + "，" + b + "，" + d:               "s000 s001 s002", a + "、" + b + "、" + d: "s000 s001 s002",
		a + "；" + b + "；" + d: "s000 s001 s002", a + " " + b + "\u3000" + d: "s000 s001 s002", a + ":22": "s000", "root@" + b: "s001",
		"ssh root@" + d: "s002", "ssh -p 22 root@" + d: "s002", "https://" + a + ":8443/x": "s000", a + "/32": "s000",
		"ssh root@shop-004": "s004", "1. " + a + "\n- " + b: "s000 s001", "• " + a + "\n2) " + b: "s000 s001", "{" + id + "}": "s003",
		"“" + a + "”": "s000", "[" + id + "]": "s003", a + "\r\n" + b + "\r\n": "s000 s001", "shop-000\t" + b + "\tx": "s000 s001",
		"\"" + a + "\",\"" + b + "\"": "s000 s001", "SHOP-004; s001": "s004 s001", "'shop-004": "s004",
		nfd: "s005", "STRASSE-ünïcode-σας": "s005", "shop-004 shop-003": "s004 s003",
	} {
		v := c.Post("/selections", "list", "servers", "paste", pasted).Want(http.StatusSeeOther)
		_, kept, _ := strings.Cut(v.Header.Get("Location"), "selection=")
		if got := strings.Join(c.Views.Kept.Selections[kept].IDs, " "); got != want {
			t.Errorf("%+q: got %q, want %q", pasted, got, want)
		}
	}
	for _, q := range []string{"u\u0308ni\u0308code", "STRASSE", "σας", "name:strasse", "Str\u200basse"} {
		if n := c.Get("/servers?q=" + url.QueryEscape(q)).Want(http.StatusOK).Page().Find("tbody tr").Length(); n != 1 {
			t.Errorf("%+q finds %d rows", q, n)
		}
	}
	for _, nobody := range []string{"web shop-004 old", "203.0.113.9:22"} { // words that are names count only when all of them are known
		c.Post("/selections", "list", "servers", "paste", nobody).Want(http.StatusUnprocessableEntity)
	}
	webtest.Says(t, c.Post("/selections", "list", "servers", "paste", "shop-9\u200b").Want(http.StatusUnprocessableEntity).Page(), ".err",
		"“shop-9U+200B”")
	location := c.Post("/selections", "list", "servers", "paste", "s001\nno\u200bbody").Want(http.StatusSeeOther).Header.Get("Location")
	webtest.Says(t, c.Get(location).Page(), ".note details li", "noU+200Bbody")
}

func TestLabels(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 4)
	c.Instances.GivenLabels = map[string][]string{"s000": {"Prod", "old"}}
	next := c.Post("/selections", "list", "servers", "ids", "s000 s001", "do", "labels").
		Want(http.StatusSeeOther, "/servers/actions/labels?selection=v1").Header.Get("Location")
	form := c.Get(next).Want(http.StatusOK).Page()
	webtest.Says(t, form, "h1", "Labels of 2 servers")
	webtest.Says(t, form, "fieldset label:nth-of-type(1)", "on 1 of 2")
	c.Send(http.MethodPost, "/servers/actions/labels", url.Values{"selection": {"v1"}, "add": {"prod, blue  green"}, "remove": {"old"}}).
		Want(http.StatusSeeOther, "/servers?selection=v1")
	for id, want := range map[string]string{"s000": "Prod|blue green", "s001": "Prod|blue green"} {
		if got := strings.Join(c.Views.Kept.GivenLabels[id], "|"); got != want {
			t.Errorf("%s: kept %q, want %q", id, got, want)
		}
		if r, _ := c.Instances.Picture().Row(id); strings.Join(r.Labels, "|") != want {
			t.Errorf("%s: shown %q, want %q", id, r.Labels, want)
		}
	}
	if n := c.Get("/servers?q=label:prod").Page().Find("tbody tr").Length(); n != 2 {
		t.Errorf("label:prod finds %d", n)
	}
	last := c.Views.Kept.Audited[len(c.Views.Kept.Audited)-1]
	if last.Action != "label.set" || len(last.Targets) != 2 || last.Params["add"] != "Prod, blue green" {
		t.Errorf("audit: %+v", last)
	}
	for add, want := range map[string]string{strings.Repeat("x", 33): "A label has at most 32 characters.",
		`a"b`: "A label cannot hold quotes"} {
		webtest.Says(t, c.Post("/servers/actions/labels", "selection", "v1", "add", add).Want(http.StatusUnprocessableEntity).Page(),
			".err", want)
	}
}

func TestALongSearchIsNotRun(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 6)
	long := strings.Repeat("shop ", 900)
	c.Post("/selections", "list", "servers", "all", "1", "q", long).Want(http.StatusUnprocessableEntity)
	webtest.Says(t, c.Post("/views", "list", "servers", "name", "long", "q", long).Want(http.StatusUnprocessableEntity).Page(), ".err",
		webtest.Word("view.search.long"))
	c.Post("/selections", "list", "servers", "all", "1", "q", long[:1000]).Want(http.StatusSeeOther)
	c.Get("/servers?was=" + url.QueryEscape(long) + "&q=" + url.QueryEscape(long)).Want(http.StatusSeeOther)
}

// A selection is shown page by page; its order is the one it was made in.
func TestALargeSelectionHasPages(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 130)
	c.Post("/servers/columns", "perpage", "50", "col", "state").Want(http.StatusSeeOther)
	at := c.Post("/selections", "list", "servers", "all", "1", "q", "shop").Want(http.StatusSeeOther).Header.Get("Location")
	tests := []struct{ after, shows, newer, older string }{
		{"", "1–50 of 130", "", at + "&after=50"},
		{"&after=50", "51–100 of 130", at, at + "&after=100"},
		{"&after=100", "101–130 of 130", at + "&after=50", ""},
		{"&after=9999", "130–130 of 130", at + "&after=79", ""},
		{"&after=-3", "1–50 of 130", "", at + "&after=50"},
		{"&after=nonsense", "1–50 of 130", "", at + "&after=50"},
	}
	for _, tt := range tests {
		doc := c.Get(at + tt.after).Want(http.StatusOK).Page()
		webtest.Says(t, doc, "#n-range", tt.shows)
		webtest.Says(t, doc, "#listing > .note", "130 selected: all that matched.")
		for rel, want := range map[string]string{"prev": tt.newer, "next": tt.older} {
			if got := query(doc.Find(".pager a[rel="+rel+"]").AttrOr("href", "")); got != query(want) {
				t.Errorf("%q: %s leads to %q, want %q", tt.after, rel, got, query(want))
			}
		}
		if doc.Find("thead a, .tabs, #filters").Length() != 0 {
			t.Errorf("%q: a selection can be sorted or searched", tt.after)
		}
	}
	fresh := c.Get(at+"&after=50").Page().Find("#fresh").AttrOr("hx-get", "")
	c.Instances.SetLabels(map[string][]string{"s060": {"blue"}})
	doc := c.Get(fresh).Want(http.StatusOK).Page()
	if doc.Find("tbody tr").Length() != 1 || doc.Find("[data-moved]").Length() != 0 {
		t.Errorf("of a selection changed: %s", doc.Find("tbody").Text())
	}
	webtest.Says(t, doc, "[data-count=n-range]", "51–100 of 130")
}

// query is an address with its query in one order.
func query(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return err.Error()
	}
	return u.Path + "?" + u.Query().Encode()
}

// What of a selection is gone is said, and the rest is shown.
func TestASelectionOfWhichSomeIsGone(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 4)
	c.Post("/selections", "list", "servers", "ids", "s000 s001 s002").Want(http.StatusSeeOther)
	kept := c.Views.Kept.Selections["v1"]
	kept.IDs = append(kept.IDs, "s998", "s999")
	c.Views.Kept.Selections["v1"] = kept
	doc := c.Get("/servers?selection=v1").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "#listing > .note", "3 selected. 2 are gone since, or belong to other accounts than the ones shown.")
	if doc.Find("tbody tr").Length() != 3 {
		t.Errorf("%d rows, want 3", doc.Find("tbody tr").Length())
	}
	webtest.Says(t, doc, "#listing > .note a[href='/servers']", webtest.Word("servers.selection.back"))
}

// The form for the columns has what is shown first, in its order, and what else there is.
func TestTheFormForTheColumns(t *testing.T) {
	for _, list := range []view.List{view.Servers, view.Instances} {
		c := webtest.Open(t)
		ticked := func(doc *goquery.Document) (all []string) {
			doc.Find("input[name=col][checked]").Each(func(_ int, s *goquery.Selection) { all = append(all, s.AttrOr("value", "")) })
			return all
		}
		doc := c.Get("/" + string(list) + "/columns").Want(http.StatusOK).Page()
		webtest.Says(t, doc, "form h1", webtest.Word("servers.columns"))
		if got := ticked(doc); !slices.Equal(got, list.Usual()) {
			t.Errorf("%s: ticked at first: %v", list, got)
		}
		if n := doc.Find("input[name=col]").Length(); n != len(list.Columns()) {
			t.Errorf("%s: %d columns are offered, want %d", list, n, len(list.Columns()))
		}
		webtest.Says(t, doc, "#perpage option[selected]", "100 rows")
		if doc.Find("input[name=rows][value=dense][checked]").Length() != 1 {
			t.Errorf("%s: rows are not dense at first", list)
		}
		form := url.Values{"col": {"updated", "state"}, "rows": {"roomy"}, "perpage": {"200"}}
		c.Send(http.MethodPost, "/"+string(list)+"/columns", form).Want(http.StatusSeeOther, "/"+string(list))
		doc = c.Get("/" + string(list) + "/columns").Want(http.StatusOK).Page()
		if got := ticked(doc); !slices.Equal(got, []string{"updated", "state"}) {
			t.Errorf("%s: ticked: %v", list, got)
		}
		webtest.Says(t, doc, "#perpage option[selected]", "200 rows")
		if doc.Find("input[name=rows][value=roomy][checked]").Length() != 1 {
			t.Errorf("%s: that rows are roomy is forgotten", list)
		}
		if doc.Find("button[name=up]").Length() != len(list.Columns())-1 {
			t.Errorf("%s: the first column can be moved up, or another cannot", list)
		}
	}
}

// Labels of instances: the form says which there are, and where a selection came from
// it leads back to.
func TestLabelsOfInstances(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 3)
	c.Instances.GivenRows[2].AccountID, c.Instances.Servers[2].AccountID = "of-somebody-else", "of-somebody-else"
	c.Instances.GivenLabels = map[string][]string{"s000": {"old"}, "s001": {"blue", "old"}, "s002": {"theirs"}}
	next := c.Post("/selections", "list", "instances", "ids", "i000 i001", "do", "labels").Want(http.StatusSeeOther).Header.Get("Location")
	form := c.Get("/instances/actions/labels?selection=v1").Want(http.StatusOK).Page()
	if next != "/instances/actions/labels?selection=v1" {
		t.Fatalf("it leads to %s", next)
	}
	webtest.Says(t, form, "h1", "Labels of 2 instances")
	var known []string
	form.Find("datalist option").Each(func(_ int, s *goquery.Selection) { known = append(known, s.AttrOr("value", "")) })
	if !slices.Equal(known, []string{"blue", "old"}) {
		t.Errorf("offered: %v; want those of these accounts", known)
	}
	webtest.Says(t, form, "label:has([value=old])", "on 2 of 2")
	webtest.Says(t, form, "a[data-close][href='/instances?selection=v1']", webtest.Word("servers.cancel"))
	c.Post("/instances/actions/labels", "selection", "v1", "remove", "old").Want(http.StatusSeeOther, "/instances?selection=v1")
	webtest.Says(t, c.Get("/instances?selection=v1").Page(), "body", "Labels changed on 2")
	if got := c.Views.Kept.GivenLabels; len(got["s000"]) != 0 || !slices.Equal(got["s001"], []string{"blue"}) {
		t.Errorf("kept: %v", got)
	}
}

// Only who may organise can share a view; only its owner, or for a shared one an owner
// of the console, is offered to delete it.
func TestWhoMayShareAndDeleteViews(t *testing.T) {
	tests := []struct {
		role          person.Role
		own           bool // the view is theirs
		share, delete bool
	}{
		{person.Owner, true, true, true},
		{person.Owner, false, true, true},
		{person.Operator, true, true, true},
		{person.Operator, false, true, false},
		{person.Viewer, false, false, false},
	}
	for _, tt := range tests {
		c := webtest.Open(t)
		webtest.Fleet(c, 4)
		c.Post("/views", "list", "servers", "name", "ours", "q", "shop", "shared", "1").Want(http.StatusSeeOther)
		c.As(tt.role)
		if !tt.own {
			c.Persons.Who.ID = "p2"
		}
		doc := c.Get("/servers?q=shop").Want(http.StatusOK).Page()
		webtest.Says(t, doc, ".tabs [aria-current]", "ours (shared) 4")
		if got := doc.Find(".tabs a[href='/views/v1/delete']").Length() == 1; got != tt.delete {
			t.Errorf("%v, own %v: deleting is offered: %v", tt.role, tt.own, got)
		}
		form := c.Get("/views/new?list=servers&q=shop").Want(http.StatusOK).Page()
		if got := form.Find("input[name=shared]").Length() == 1; got != tt.share {
			t.Errorf("%v: sharing is offered: %v", tt.role, got)
		}
		webtest.Says(t, form, "form code", "shop")
	}
}

// Deleting a view says for whom it disappears, and can be left.
func TestDeletingAViewIsAsked(t *testing.T) {
	c := webtest.Open(t)
	c.Post("/views", "list", "instances", "name", "mine", "q", "shop", "sort", "-expires").
		Want(http.StatusSeeOther, "/instances?q=shop&sort=-expires")
	c.Post("/views", "list", "servers", "name", "ours", "q", "web", "shared", "1").Want(http.StatusSeeOther)
	doc := c.Get("/views/v1/delete").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "form h1", "Delete the view “mine”?")
	webtest.Says(t, doc, "form", webtest.Word("servers.view.delete.own"))
	webtest.Says(t, doc, "form a[href='/instances?q=shop&sort=-expires']", webtest.Word("servers.view.keep"))
	webtest.Says(t, c.Get("/views/v2/delete").Want(http.StatusOK).Page(), "form", webtest.Word("servers.view.delete.shared"))
	c.Post("/views/v1/delete").Want(http.StatusSeeOther, "/instances")
	webtest.Says(t, c.Get("/instances").Page(), "body", "The view “mine” is deleted")
	if len(c.Views.Kept.GivenViews) != 1 {
		t.Errorf("kept: %+v", c.Views.Kept.GivenViews)
	}
}
