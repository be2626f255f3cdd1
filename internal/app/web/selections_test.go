package web_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sampan/internal/app/person"
)

func TestASavedViewIsATab(t *testing.T) {
	c := open(t)
	fleet(c, 10)
	form := c.get("/views/new?list=servers&q=state%3Astopped&sort=-name").want(http.StatusOK).page()
	if form.Find("form[data-dialog-form] input[name=q]").AttrOr("value", "") != "state:stopped" {
		t.Error("the form forgot the search")
	}
	c.post("/views", "list", "servers", "name", " Stopped  ones ", "q", "state:stopped", "sort", "-name", "shared", "1").want(http.StatusSeeOther, "/servers?q=state%3Astopped&sort=-name")
	doc := c.get("/servers?q=state%3Astopped&sort=-name").want(http.StatusOK).page()
	says(t, doc, ".tabs [aria-current]", "Stopped ones (shared) 5")
	if doc.Find(".tabs [href^='/views/new']").Length() != 0 || doc.Find(".tabs [href='/views/v1/delete']").Length() != 1 {
		t.Error("a saved view is offered to be saved, or not to be deleted")
	}
	c.get("/views/v1").want(http.StatusSeeOther, "/servers?q=state%3Astopped&sort=-name")
	c.post("/views", "list", "servers", "name", "stopped ONES", "q", "state:running").want(http.StatusSeeOther)
	if len(c.views.kept.views) != 1 || c.views.kept.views[0].Search != "state:running" {
		t.Errorf("the same name is another view: %+v", c.views.kept.views)
	}
	for name, want := range map[string]string{"": "Give the view a name.", strings.Repeat("x", 41): "A name has at most 40 characters."} {
		says(t, c.post("/views", "list", "servers", "name", name, "q", "shop").want(http.StatusUnprocessableEntity).page(), ".err", want)
	}
	says(t, c.get("/views/v1/delete").want(http.StatusOK).page(), "form h1", "stopped ONES")
	c.post("/views/v1/delete").want(http.StatusSeeOther, "/servers")
	c.get("/views/v1").want(http.StatusNotFound)
}

func TestPrivateViewsAreNobodyElses(t *testing.T) {
	c := open(t)
	c.post("/views", "list", "servers", "name", "mine", "q", "shop").want(http.StatusSeeOther)
	c.post("/views", "list", "servers", "name", "ours", "q", "web", "shared", "1").want(http.StatusSeeOther)
	c.persons.who.ID, c.persons.who.Role = "p2", person.Operator
	c.get("/views/v1").want(http.StatusNotFound)
	c.get("/views/v1/delete").want(http.StatusNotFound)
	c.get("/views/v2").want(http.StatusSeeOther)
	c.post("/views/v2/delete").want(http.StatusForbidden)
}

func TestColumnsAreKeptPerPerson(t *testing.T) {
	c := open(t)
	fleet(c, 2)
	c.send(http.MethodPost, "/servers/columns", url.Values{"col": {"tags", "state", "nonsense"}, "rows": {"roomy"}, "perpage": {"7"}}).want(http.StatusSeeOther, "/servers")
	doc := c.get("/servers").want(http.StatusOK).page()
	if got := strings.Join(strings.Fields(doc.Find("thead").Text()), " "); got != "Name Tags State" {
		t.Errorf("columns: %q", got)
	}
	says(t, doc, "tbody tr:nth-child(1) .tag", "team=web")
	if doc.Find("html[data-density=roomy]").Length() != 1 {
		t.Error("rows are not roomy")
	}
	if kept := c.views.kept.choices["p1servers"]; kept.PerPage != 50 {
		t.Errorf("rows on a page: %d, want 50", kept.PerPage)
	}
	c.send(http.MethodPost, "/servers/columns", url.Values{"col": {"tags", "state"}, "up": {"state"}}).want(http.StatusSeeOther, "/servers/columns")
	if got := c.everyColumn("servers")[:2]; got[0] != "state" || got[1] != "tags" {
		t.Errorf("order: %v", got)
	}
	if got := strings.Join(strings.Fields(c.get("/instances").page().Find("thead").Text()), " "); strings.Contains(got, "Tags") {
		t.Errorf("the other list has these columns too: %q", got)
	}
	c.post("/servers/columns", "usual", "1").want(http.StatusSeeOther)
	says(t, c.get("/servers").page(), "thead", "Traffic left")
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
			c := open(t)
			fleet(c, 6)
			tt.form.Set("list", "servers")
			c.send(http.MethodPost, "/selections", tt.form).want(http.StatusSeeOther, "/servers?selection=v1")
			if got := strings.Join(c.views.kept.selections["v1"].IDs, " "); got != tt.want {
				t.Errorf("kept: got %q, want %q", got, tt.want)
			}
			doc := c.get("/servers?selection=v1").want(http.StatusOK).page()
			if n, all := doc.Find("tbody input[checked]").Length(), len(strings.Fields(tt.want)); n != all || doc.Find("tbody tr").Length() != all {
				t.Errorf("shown: %d rows, %d ticked; want %d", doc.Find("tbody tr").Length(), n, all)
			}
			c.persons.who.ID = "p2"
			c.get("/servers?selection=v1").want(http.StatusNotFound)
		})
	}
}

func TestASelectionOfNothing(t *testing.T) {
	c := open(t)
	fleet(c, 2)
	c.post("/selections", "list", "servers").want(http.StatusUnprocessableEntity)
	doc := c.post("/selections", "list", "servers", "paste", "nobody\nnowhere").want(http.StatusUnprocessableEntity).page()
	says(t, doc, ".err", "Nothing here is called that: “nobody”, “nowhere”.")
	says(t, doc, "textarea", "nowhere")
	c.post("/selections", "list", "disks", "ids", "s001").want(http.StatusNotFound)
	doc = c.get(c.post("/selections", "list", "servers", "paste", "s001\nnobody").want(http.StatusSeeOther).Header.Get("Location")).page()
	says(t, doc, ".note details", "1 name was not found")
	says(t, doc, ".note details li", "nobody")
}

// People paste what they have: lists of other keyboards, addresses with users
// and ports, names in another form, signs that nobody sees.
func TestPastedListsInAllShapes(t *testing.T) {
	c := open(t)
	fleet(c, 8)
	c.instances.servers[5].Server.Name = "Straße-Ünïcode-ΣΑΣ"
	const a, b, d, id, nfd = "203.0.113.1", "203.0.113.2", "203.0.113.3", "s003", "Straße-U\u0308ni\u0308code-ΣΑΣ"
	for pasted, want := range map[string]string{
		"\ufeff" + a + "\n" + b:             "s000 s001",
		a + "\u200b\n\u200b" + b + "\u00a0": "s000 s001",
		a + "，" + b + "，" + d:               "s000 s001 s002", a + "、" + b + "、" + d: "s000 s001 s002", a + "；" + b + "；" + d: "s000 s001 s002", a + " " + b + "\u3000" + d: "s000 s001 s002",
		a + ":22": "s000", "root@" + b: "s001", "ssh root@" + d: "s002", "ssh -p 22 root@" + d: "s002", "https://" + a + ":8443/x": "s000", a + "/32": "s000", "ssh root@shop-004": "s004",
		"1. " + a + "\n- " + b: "s000 s001", "• " + a + "\n2) " + b: "s000 s001", "{" + id + "}": "s003", "“" + a + "”": "s000", "[" + id + "]": "s003",
		a + "\r\n" + b + "\r\n": "s000 s001", "shop-000\t" + b + "\tx": "s000 s001", "\"" + a + "\",\"" + b + "\"": "s000 s001", "SHOP-004; s001": "s004 s001", "'shop-004": "s004",
		nfd: "s005", "STRASSE-ünïcode-σας": "s005", "shop-004 shop-003": "s004 s003",
	} {
		v := c.post("/selections", "list", "servers", "paste", pasted).want(http.StatusSeeOther)
		_, kept, _ := strings.Cut(v.Header.Get("Location"), "selection=")
		if got := strings.Join(c.views.kept.selections[kept].IDs, " "); got != want {
			t.Errorf("%+q: got %q, want %q", pasted, got, want)
		}
	}
	for _, q := range []string{"u\u0308ni\u0308code", "STRASSE", "σας", "name:strasse", "Str\u200basse"} {
		if n := c.get("/servers?q=" + url.QueryEscape(q)).want(http.StatusOK).page().Find("tbody tr").Length(); n != 1 {
			t.Errorf("%+q finds %d rows", q, n)
		}
	}
	for _, nobody := range []string{"web shop-004 old", "203.0.113.9:22"} { // words that are names count only when all of them are known
		c.post("/selections", "list", "servers", "paste", nobody).want(http.StatusUnprocessableEntity)
	}
	says(t, c.post("/selections", "list", "servers", "paste", "shop-9\u200b").want(http.StatusUnprocessableEntity).page(), ".err", "“shop-9U+200B”")
	location := c.post("/selections", "list", "servers", "paste", "s001\nno\u200bbody").want(http.StatusSeeOther).Header.Get("Location")
	says(t, c.get(location).page(), ".note details li", "noU+200Bbody")
}

func TestLabels(t *testing.T) {
	c := open(t)
	fleet(c, 4)
	c.instances.labels = map[string][]string{"s000": {"Prod", "old"}}
	next := c.post("/selections", "list", "servers", "ids", "s000 s001", "do", "labels").want(http.StatusSeeOther, "/servers/actions/labels?selection=v1").Header.Get("Location")
	form := c.get(next).want(http.StatusOK).page()
	says(t, form, "h1", "Labels of 2 servers")
	says(t, form, "fieldset label:nth-of-type(1)", "on 1 of 2")
	c.send(http.MethodPost, "/servers/actions/labels", url.Values{"selection": {"v1"}, "add": {"prod, blue  green"}, "remove": {"old"}}).want(http.StatusSeeOther, "/servers?selection=v1")
	for id, want := range map[string]string{"s000": "Prod|blue green", "s001": "Prod|blue green"} {
		if got := strings.Join(c.views.kept.labels[id], "|"); got != want {
			t.Errorf("%s: kept %q, want %q", id, got, want)
		}
		if r, _ := c.instances.Picture().Row(id); strings.Join(r.Labels, "|") != want {
			t.Errorf("%s: shown %q, want %q", id, r.Labels, want)
		}
	}
	if n := c.get("/servers?q=label:prod").page().Find("tbody tr").Length(); n != 2 {
		t.Errorf("label:prod finds %d", n)
	}
	last := c.views.kept.audited[len(c.views.kept.audited)-1]
	if last.Action != "label.set" || len(last.Targets) != 2 || last.Params["add"] != "Prod, blue green" {
		t.Errorf("audit: %+v", last)
	}
	for add, want := range map[string]string{strings.Repeat("x", 33): "A label has at most 32 characters.", `a"b`: "A label cannot hold quotes"} {
		says(t, c.post("/servers/actions/labels", "selection", "v1", "add", add).want(http.StatusUnprocessableEntity).page(), ".err", want)
	}
}

// Cells that a spreadsheet would compute, in the ways people try.
func TestFilesHoldNoFormulas(t *testing.T) {
	c := open(t)
	fleet(c, 8)
	for n, name := range []string{"=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "＝1", `a,"b`} {
		c.instances.servers[n].Server.Name = name
	}
	a := c.get("/servers.csv?sort=-expires").want(http.StatusOK)
	if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="servers-2026-11-23.csv"` {
		t.Errorf("name: %s", got)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 9 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for _, line := range strings.Split(strings.TrimSuffix(strings.TrimPrefix(a.body, "\ufeff"), "\r\n"), "\r\n") {
		if n := strings.Count(line, `","`) + 1; n != len(lines[0]) || !strings.HasPrefix(line, `"`) || !strings.HasSuffix(line, `"`) {
			t.Errorf("%d of %d cells are quoted: %s", n, len(lines[0]), line)
		}
	}
	for _, line := range lines[1:] {
		for n, cell := range line {
			if cell == "" {
				continue
			}
			if first := []rune(strings.TrimLeft(cell, " "))[0]; strings.ContainsRune("=+-@\t＝", first) {
				t.Errorf("%s: %q begins a formula", lines[0][n], cell)
			}
		}
	}
	if lines[1][1] != `a,"b` || lines[8][1] != "'=1+1" {
		t.Errorf("names: %q, %q", lines[1][1], lines[8][1])
	}
	var objects []map[string]any
	if err := json.Unmarshal([]byte(c.get("/servers.json?sort=expires").want(http.StatusOK).body), &objects); err != nil || len(objects) != 8 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	if o := objects[0]; o["name"] != "=1+1" || o["memory_mib"] != 8192.0 || o["hostname"] != nil || o["auto_renew"] != true || o["expires"] != "2026-11-23T02:21:00Z" {
		t.Errorf("JSON: %v", o)
	}
	if body := c.get("/servers.json?q=nothing").want(http.StatusOK).body; strings.TrimSpace(body) != "[]" && strings.Join(strings.Fields(body), "") != "[]" {
		t.Errorf("none: %q", body)
	}
}

func TestAWorkbookHoldsTextAsText(t *testing.T) {
	c := open(t)
	fleet(c, 3)
	c.instances.servers[0].Server.Name = "=1+1 <&> \x01"
	book, err := excelize.OpenReader(strings.NewReader(c.get("/servers.xlsx").want(http.StatusOK).body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	rows, err := book.GetRows("Sampan", excelize.Options{RawCellValue: true})
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	column := func(key string) int { return slices.Index(rows[0], key) }
	at, err := excelize.CoordinatesToCellName(column("name")+1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := book.GetCellFormula("Sampan", at); f != "" || err != nil {
		t.Errorf("the name is the formula %q, %v", f, err)
	}
	if kind, err := book.GetCellType("Sampan", at); kind != excelize.CellTypeInlineString || err != nil {
		t.Errorf("the name's cell is of type %v, %v", kind, err)
	}
	first := rows[1]
	if got := first[column("name")]; !strings.HasPrefix(got, "=1+1 <&> ") || strings.Contains(got, "\x01") {
		t.Errorf("name: %q", got)
	}
	if got := first[column("expires")]; !strings.HasPrefix(got, "46349.09791666") { // 23 November 2026, 02:21 UTC
		t.Errorf("expires: %q, not a moment as a number of days", got)
	}
	if got := first[column("memory_mib")]; got != "8192" {
		t.Errorf("memory: %q", got)
	}
	if got := first[column("hostname")]; got != "" {
		t.Errorf("host name: %q, want an empty cell", got)
	}
}

func TestALongSearchIsNotRun(t *testing.T) {
	c := open(t)
	fleet(c, 6)
	long := strings.Repeat("shop ", 900)
	c.post("/selections", "list", "servers", "all", "1", "q", long).want(http.StatusUnprocessableEntity)
	says(t, c.post("/views", "list", "servers", "name", "long", "q", long).want(http.StatusUnprocessableEntity).page(), ".err", word("view.search.long"))
	c.post("/selections", "list", "servers", "all", "1", "q", long[:1000]).want(http.StatusSeeOther)
	c.get("/servers?was=" + url.QueryEscape(long) + "&q=" + url.QueryEscape(long)).want(http.StatusSeeOther)
}

func TestASelectionIsExported(t *testing.T) {
	c := open(t)
	fleet(c, 6)
	next := c.post("/selections", "list", "servers", "ids", "s005 s002", "do", "csv").want(http.StatusSeeOther, "/servers.csv?selection=v1").Header.Get("Location")
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(c.get(next).want(http.StatusOK).body, "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 3 || lines[1][0] != "s005" || lines[2][0] != "s002" {
		t.Errorf("lines: %v, %v", lines, err)
	}
}

func TestThePaletteFindsAnything(t *testing.T) {
	c := open(t)
	fleet(c, 30)
	doc := c.get("/search?q=shop-01").want(http.StatusOK).page()
	if n := doc.Find("#found a[href^='/instances/'], #found a[href^='/servers/']").Length(); n != 8 {
		t.Errorf("servers: got %d, want the first 8", n)
	}
	says(t, doc, "#found", "10 servers")
	if doc.Find("#found a[href='/servers?q=shop-01']").Length() != 1 {
		t.Error("the others are out of reach")
	}
	says(t, c.get("/search?q=acc").page(), "#found a[href='/accounts']", "Accounts")
	says(t, c.get("/search?q=203.0.113.7").page(), "#found", "shop-006")
	says(t, c.get("/search?q=PACK-007").page(), "#found a[href='/instances/i007']", "pack-007")
	says(t, c.get("/search?q="+url.QueryEscape("ssh root@203.0.113.7")).page(), "#found", "shop-006")
	says(t, c.get("/search?q=zzzz").page(), "#found", "Nothing is called that here.")
	c.header.Set("HX-Request", "true")
	if a := c.get("/search?q=shop"); strings.Contains(a.body, "<html") {
		t.Error("the script gets the whole page")
	}
}
