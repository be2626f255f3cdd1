package servers_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/web/webtest"
)

// Cells that a spreadsheet would compute, in the ways people try.
func TestFilesHoldNoFormulas(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 8)
	for n, name := range []string{"=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "＝1", `a,"b`} {
		c.Instances.Servers[n].Server.Name = name
	}
	a := c.Get("/servers.csv?sort=-expires").Want(http.StatusOK)
	if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="servers-2026-11-23.csv"` {
		t.Errorf("name: %s", got)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Body, "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 9 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for _, line := range strings.Split(strings.TrimSuffix(strings.TrimPrefix(a.Body, "\ufeff"), "\r\n"), "\r\n") {
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
	if err := json.Unmarshal([]byte(c.Get("/servers.json?sort=expires").Want(http.StatusOK).Body), &objects); err != nil ||
		len(objects) != 8 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	if o := objects[0]; o["name"] != "=1+1" || o["memory_mib"] != 8192.0 || o["hostname"] != nil || o["auto_renew"] != true ||
		o["expires"] != "2026-11-23T02:21:00Z" {
		t.Errorf("JSON: %v", o)
	}
	if body := c.Get("/servers.json?q=nothing").Want(http.StatusOK).Body; strings.TrimSpace(body) != "[]" &&
		strings.Join(strings.Fields(body), "") != "[]" {
		t.Errorf("none: %q", body)
	}
}

func TestAWorkbookHoldsTextAsText(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 3)
	c.Instances.Servers[0].Server.Name = "=1+1 <&> \x01"
	book, err := excelize.OpenReader(strings.NewReader(c.Get("/servers.xlsx").Want(http.StatusOK).Body))
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

func TestASelectionIsExported(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 6)
	next := c.Post("/selections", "list", "servers", "ids", "s005 s002", "do", "csv").
		Want(http.StatusSeeOther, "/servers.csv?selection=v1").Header.Get("Location")
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(c.Get(next).Want(http.StatusOK).Body, "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 3 || lines[1][0] != "s005" || lines[2][0] != "s002" {
		t.Errorf("lines: %v, %v", lines, err)
	}
}

// The files of both lists, each of all that a search has, of a row for each server
// or each instance.
func TestTheFilesOfBothLists(t *testing.T) {
	tests := []struct{ path, media, name, first string }{
		{"/servers.csv", "text/csv; charset=utf-8", "servers-2026-11-23.csv", "s000"},
		{"/servers.json", "application/json", "servers-2026-11-23.json", "s000"},
		{"/servers.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "servers-2026-11-23.xlsx", "s000"},
		{"/instances.csv", "text/csv; charset=utf-8", "instances-2026-11-23.csv", "s000"},
		{"/instances.json", "application/json", "instances-2026-11-23.json", "s000"},
		{"/instances.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "instances-2026-11-23.xlsx", "s000"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			c := webtest.Open(t)
			webtest.Fleet(c, 6)
			a := c.Get(tt.path + "?q=-state:stopped&sort=name&after=x").Want(http.StatusOK)
			if got := a.Header.Get("Content-Type"); got != tt.media {
				t.Errorf("it is said to be %q", got)
			}
			if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="`+tt.name+`"` {
				t.Errorf("it is called %q", got)
			}
			rows := fileRows(t, tt.path, a.Body)
			if len(rows) != 3 || rows[0]["server_id"] != tt.first || rows[0]["instance_id"] != "i000" || rows[2]["name"] != "shop-004" {
				t.Errorf("%d rows, want the 3 that run: %v", len(rows), rows)
			}
			if head := c.Send(http.MethodHead, tt.path, nil).Want(http.StatusOK); head.Body != "" ||
				head.Header.Get("Content-Type") != tt.media {
				t.Errorf("HEAD gets %d bytes of %s", len(head.Body), head.Header.Get("Content-Type"))
			}
			c.Get(tt.path + "?selection=gone").Want(http.StatusNotFound)
			c.SignedOut().Get(tt.path).Want(http.StatusSeeOther)
		})
	}
}

// fileRows reads a file as programs do: by the keys of its columns.
func fileRows(t *testing.T, path, body string) []map[string]string {
	t.Helper()
	var lines [][]string
	var err error
	switch path[strings.LastIndex(path, "."):] {
	case ".json":
		var objects []map[string]any
		if err := json.Unmarshal([]byte(body), &objects); err != nil {
			t.Fatal(err)
		}
		var rows []map[string]string
		for _, o := range objects {
			row := make(map[string]string)
			for k, v := range o {
				row[k], _ = v.(string)
			}
			rows = append(rows, row)
		}
		return rows
	case ".csv":
		lines, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	case ".xlsx":
		book, bad := excelize.OpenReader(strings.NewReader(body))
		if bad != nil {
			t.Fatal(bad)
		}
		defer func() { _ = book.Close() }()
		lines, err = book.GetRows("Sampan")
	}
	if err != nil || len(lines) == 0 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for n, cell := range line {
			row[lines[0][n]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// What is not known is null or an empty cell, never a word or a zero.
func TestWhatIsNotKnownIsExportedAsNothing(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 1)
	c.Instances.GivenRows[0].Expires, c.Instances.GivenRows[0].Spec, c.Instances.Read = time.Time{}, "", nil
	s := &c.Instances.Servers[0].Server
	s.Status, s.VCPUs, s.MemoryMiB, s.Tags, s.Hostname = "", 0, 0, nil, ""
	var objects []map[string]any
	if err := json.Unmarshal([]byte(c.Get("/servers.json").Want(http.StatusOK).Body), &objects); err != nil || len(objects) != 1 {
		t.Fatalf("%v: %v", err, objects)
	}
	table := fileRows(t, "/servers.csv", c.Get("/servers.csv").Want(http.StatusOK).Body)[0]
	for _, key := range []string{"state", "frozen", "vcpus", "memory_mib", "traffic_left_gb", "traffic_total_gb", "traffic_cycle_end",
		"expires", "auto_renew", "hostname", "problems"} {
		if v, ok := objects[0][key]; !ok || v != nil {
			t.Errorf("%s is %v in JSON", key, v)
		}
		if v, ok := table[key]; !ok || v != "" {
			t.Errorf("%s is %q in the table", key, v)
		}
	}
	for _, key := range []string{"tags", "labels", "more_addresses"} {
		if v, ok := objects[0][key].([]any); !ok || len(v) != 0 {
			t.Errorf("%s is %v, want an empty list", key, objects[0][key])
		}
	}
}

// What is known is a value of its kind.
func TestWhatIsKnownIsExported(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	c.Instances.GivenLabels = map[string][]string{"s001": {"blue", "canary"}}
	want := map[string]string{"server_id": "s001", "name": "shop-001", "instance_name": "pack-001", "account": "Marina Labs",
		"region": "ap-southeast-3", "state": "stopped", "cloud_status": "SHUTOFF", "address": "203.0.113.2",
		"private_address": "192.168.0.2", "os": "linux", "vcpus": "2", "memory_mib": "8192", "traffic_left_gb": "20",
		"traffic_total_gb": "2000", "expires": "2026-11-24T02:21:00Z", "auto_renew": "no", "order": "CS26001", "tags": "team=web",
		"labels": "blue; canary"}
	row := fileRows(t, "/servers.csv", c.Get("/servers.csv?q=shop-001").Want(http.StatusOK).Body)[0]
	for key, v := range want {
		if row[key] != v {
			t.Errorf("%s is %q, want %q", key, row[key], v)
		}
	}
}

// A file of the Sandbox says so in its name, and holds nothing real.
func TestAFileOfTheSandbox(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox", State: account.Active})
	c.Instances.GivenRows = append(c.Instances.GivenRows,
		instance.Instance{ID: "play", AccountID: "s1", Name: "play", Region: "me-east-1", Expires: webtest.Now})
	c.Persons.Scope = "sandbox"
	a := c.Get("/instances.csv").Want(http.StatusOK)
	if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="sandbox-instances-2026-11-23.csv"` {
		t.Errorf("it is called %q", got)
	}
	if rows := fileRows(t, "/instances.csv", a.Body); len(rows) != 1 || rows[0]["instance_id"] != "play" {
		t.Errorf("rows: %v", rows)
	}
}
