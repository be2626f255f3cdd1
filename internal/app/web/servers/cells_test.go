package servers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/web/webtest"
)

// shown is the only cell of the only row of a list with one column.
func shown(t *testing.T, c *webtest.Console, list, column string) string {
	t.Helper()
	c.Send(http.MethodPost, "/"+list+"/columns", url.Values{"col": {column}}).Want(http.StatusSeeOther, "/"+list)
	cell := c.Get("/" + list).Want(http.StatusOK).Page().Find("tbody td:last-child")
	words := strings.Join(strings.Fields(cell.Text()), " ")
	var parts []string
	cell.Find(".tag").Each(func(_ int, s *goquery.Selection) { parts = append(parts, s.Text()) })
	if len(parts) > 0 {
		words = strings.Join(parts, "|")
	}
	if href := cell.Find("a").AttrOr("href", ""); href != "" {
		words += " → " + href
	}
	return words
}

// The columns of both lists, of a server of which everything is known and of one of
// which nothing is but its ids.
func TestTheColumns(t *testing.T) {
	tests := []struct{ list, column, known, unknown string }{
		{"servers", "state", "Running", "Not known"},
		{"servers", "region", "Riyadh", ""},
		{"servers", "address", "203.0.113.1", "–"},
		{"servers", "image", "WordPress", ""},
		{"servers", "size", "2, 8 GiB", "not known"},
		{"servers", "traffic", "500 GB", "not known"},
		{"servers", "expires", "23 Nov", "not known"},
		{"servers", "account", "Marina Labs", "Marina Labs"},
		{"servers", "instance", "pack-000 → /instances/i000", "i000 → /instances/i000"},
		{"servers", "private", "192.168.0.1", "–"},
		{"servers", "hostname", "lotus", ""},
		{"servers", "os", "Linux", "not known"},
		{"servers", "spec", "hf.large.1.30m.linux", ""},
		{"servers", "zone", "me-east-1a", ""},
		{"servers", "tags", "a=1|b=2|c=3|+2", ""},
		{"servers", "labels", "canary|old", ""},
		{"servers", "autorenew", "On", "not known"},
		{"servers", "problem", "", ""},
		{"servers", "cycle", "4 Dec", "not known"},
		{"servers", "order", "CS26000", ""},
		{"servers", "created", "21 Nov", "not known"},
		{"servers", "updated", "not known", "not known"},
		{"instances", "server", "shop-000 → /servers/i000", "s000 → /servers/i000"},
		{"instances", "package", "2 TB", "not known"},
		{"instances", "traffic", "500 GB", "not known"},
		{"instances", "address", "203.0.113.1", "–"},
	}
	c, none := webtest.Open(t), webtest.Open(t)
	webtest.Fleet(c, 1)
	c.Instances.GivenRows[0].Created = webtest.Now.Add(-48 * time.Hour)
	c.Instances.Read[0].Traffic = instance.Traffic{Left: 500, Total: 2048, At: webtest.Now, CycleEnd: webtest.CycleEnd}
	s := &c.Instances.Servers[0].Server
	s.Hostname, s.Zone, s.Tags = "lotus", "me-east-1a", []string{"a=1", "b=2", "c=3", "d=4", "e=5"}
	c.Instances.GivenLabels = map[string][]string{"s000": {"canary", "old"}}
	none.Instances.GivenRows = []instance.Instance{{ID: "i000", AccountID: "a1"}}
	none.Instances.Servers = []instance.ServerRecord{{AccountID: "a1", InstanceID: "i000",
		Server: instance.Server{ID: "s000", InstanceID: "i000"}}}
	for _, tt := range tests {
		if got := shown(t, c, tt.list, tt.column); got != tt.known {
			t.Errorf("%s, %s: got %q, want %q", tt.list, tt.column, got, tt.known)
		}
		if got := shown(t, none, tt.list, tt.column); got != tt.unknown {
			t.Errorf("%s, %s, of which nothing is known: got %q, want %q", tt.list, tt.column, got, tt.unknown)
		}
	}
	webtest.Says(t, none.Get("/servers").Page(), "tbody th a[href='/servers/s000']", "s000")
}

// The size is the server's own, else that of its plan, else the plan's code; so is
// the system.
func TestTheSizeAndTheSystemOfAServer(t *testing.T) {
	tests := []struct {
		name, spec string
		vcpus, mib int
		os         catalog.OS
		size, sys  string
	}{
		{"of the server", "hf.large.1.30m.linux", 4, 2048, catalog.Windows, "4, 2 GiB", "Windows"},
		{"of the plan", "hf.large.1.30m.linux", 0, 0, "", "2, 2 GiB", "Linux"},
		{"half a GiB", "", 1, 512, catalog.Linux, "1, 0.5 GiB", "Linux"},
		{"a plan that we do not know", "hf.huge.9", 0, 0, "Plan 9", "hf.huge.9", "Plan 9"},
		{"nothing is known", "", 0, 0, "", "not known", "not known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			webtest.Fleet(c, 1)
			c.Instances.GivenRows[0].Spec, c.Instances.GivenRows[0].Image = tt.spec, ""
			s := &c.Instances.Servers[0].Server
			s.VCPUs, s.MemoryMiB, s.OS = tt.vcpus, tt.mib, tt.os
			if got := shown(t, c, "servers", "size"); got != tt.size {
				t.Errorf("size: %q, want %q", got, tt.size)
			}
			if got := shown(t, c, "servers", "os"); got != tt.sys {
				t.Errorf("system: %q, want %q", got, tt.sys)
			}
		})
	}
}

// The colour says how soon something is to be done: of the term only where nothing
// renews it.
func TestTheColoursOfARow(t *testing.T) {
	tests := []struct {
		name      string
		in        time.Duration // until it expires
		renews    bool
		left      float64 // of 1000
		term, bar string
	}{
		{"three days", 3 * 24 * time.Hour, false, 99, "c-bad", "t-bad"},
		{"more than three", 3*24*time.Hour + time.Hour, false, 100, "c-warn", "t-warn"},
		{"fourteen days", 14 * 24 * time.Hour, false, 249, "c-warn", "t-warn"},
		{"more than fourteen", 15 * 24 * time.Hour, false, 250, "", ""},
		{"it has expired", -time.Hour, false, 0, "c-bad", "t-bad"},
		{"it is renewed", time.Hour, true, 1000, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			webtest.Fleet(c, 1)
			c.Instances.GivenRows[0].Expires, c.Instances.GivenRows[0].AutoRenew = webtest.Now.Add(tt.in), tt.renews
			c.Instances.Read[0].Traffic = instance.Traffic{Left: tt.left, Total: 1000, At: webtest.Now}
			doc := c.Get("/servers").Want(http.StatusOK).Page()
			class := strings.TrimSpace(strings.TrimPrefix(doc.Find("tbody td:has(time)").AttrOr("class", ""), "e"))
			if class != tt.term {
				t.Errorf("the term is of the class %q, want %q", class, tt.term)
			}
			if got := doc.Find("tbody progress").AttrOr("class", ""); got != tt.bar {
				t.Errorf("the bar is of the class %q, want %q", got, tt.bar)
			}
			if renews := doc.Find("tbody time.auto").AttrOr("title", "") == webtest.Word("servers.renews"); renews != tt.renews {
				t.Errorf("that it is renewed is said: %v", renews)
			}
		})
	}
}
