package detail_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/server"
	"sampan/internal/app/web"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/text"
)

// fakeServer is one server and what is known of it, in memory.
type fakeServer struct {
	row     *instance.Row
	detail  instance.Detail
	charted server.Charted

	elsewhere bool // it was bought outside of the console, and this is known of it:
	bill      order.CloudOrder
	fresh     order.Freshness

	flag  server.Flag
	probe server.Probe
	trail []audit.Row
	said  []string
	err   error            // what every change answers
	fails map[string]error // what readings answer, by their names: "row", "detail", "metrics", …
}

func (m *fakeServer) Row(_ person.Actor, id string) (*instance.Row, error) {
	if err := m.fails["row"]; err != nil {
		return nil, err
	}
	if m.row.ServerID != id && m.row.InstanceID != id {
		return nil, fault.New(fault.NotFound, "server.missing")
	}
	return m.row, nil
}

func (m *fakeServer) Metrics(_ person.Actor, _ string, span server.Span) (server.Charted, error) {
	c := m.charted
	c.Span = span
	if span == "" {
		c.Span = server.Day
	}
	return c, m.fails["metrics"]
}

func (m *fakeServer) ResetFlag(person.Actor, string) (server.Flag, error) {
	return m.flag, m.fails["flag"]
}
func (m *fakeServer) Probe(person.Actor, string) (server.Probe, error) {
	return m.probe, m.fails["probe"]
}

func (m *fakeServer) did(format string, args ...any) error {
	m.said = append(m.said, fmt.Sprintf(format, args...))
	return m.err
}

func (m *fakeServer) Failures([]string) []server.Probe { return nil }

func (m *fakeServer) Try(_ person.Actor, id string) error { return m.did("try %s", id) }

func (m *fakeServer) Edit(_ context.Context, _ person.Actor, id string, c server.Change) error {
	for name, v := range map[string]*string{"name": c.Name, "description": c.Description, "hostname": c.Hostname} {
		if v != nil {
			return m.did("edit %s %s=%s", id, name, *v)
		}
	}
	return m.did("edit %s nothing", id)
}

func (m *fakeServer) AddTag(_ context.Context, _ person.Actor, id string, t server.Tag) error {
	return m.did("add %s %s", id, t.Text())
}

func (m *fakeServer) RemoveTag(_ context.Context, _ person.Actor, id string, t server.Tag) error {
	return m.did("remove %s %s", id, t.Text())
}

func (m *fakeServer) Screen(_ context.Context, _ person.Actor, id string) (seal.Secret, error) {
	return seal.Conceal("https://screen.example/vnc?token=once&lang=EN"), m.did("screen %s", id)
}

func (m *fakeServer) About(context.Context, person.Actor, []string, int) ([]audit.Row, error) {
	return m.trail, m.fails["trail"]
}

// detailed is a local picture that knows one instance wholly.
type detailed struct {
	*webtest.Instances
	m *fakeServer
}

func (d detailed) Detail(_ context.Context, _ person.Actor, id string) (instance.Detail, error) {
	if _, err := d.m.Row(person.Actor{}, id); err != nil {
		return instance.Detail{}, err
	}
	return d.m.detail, d.m.fails["detail"]
}

const (
	serverID   = "72a270de-665a-4f46-8d64-24ad6edccdd2"
	instanceID = "66e3e9f8b271f8319ef19e86"
)

// oneServer is a console with one server of account a1.
func oneServer(t *testing.T, change ...func(*fakeServer)) (*webtest.Console, *fakeServer) {
	t.Helper()
	known := instance.Server{ID: serverID, InstanceID: instanceID, Name: "lotus-shop-01", Hostname: "lotus", Description: "the shop",
		Region: "ap-southeast-3", Status: "ACTIVE", OS: "linux", ImageName: "WordPress 6.4",
		Disks: []instance.Disk{{ID: "d1", Device: "/dev/vda", System: true}}, SecurityGroups: []string{"sg-default-smb"},
		Networks: []string{"vpc-1"},
		Tags:     []string{"env=prod", "_sys_type_hcss_l"}, Locked: true, LockScene: "delete"}
	i := instance.Instance{ID: instanceID, AccountID: "a1", Name: "WordPress-ap-southeast-3-X6p4", Region: "ap-southeast-3",
		Spec: "hf.large.2.30m.linux", Image: "WordPress", State: "ACTIVE", ServerID: serverID, CloudOrder: "CS2609241529K2M8P",
		Expires: webtest.Now.Add(30 * 24 * time.Hour), Created: webtest.Now.Add(-60 * 24 * time.Hour),
		SeenConfig: webtest.Now.Add(-time.Hour), SeenECS: webtest.Now, SeenBSS: webtest.Now}
	row := &instance.Row{AccountID: "a1", InstanceID: instanceID, ServerID: serverID, Name: "lotus-shop-01", InstanceName: i.Name,
		Hostname: "lotus", Region: "ap-southeast-3", Zone: "ap-southeast-3a", State: instance.StateRunning, Status: "ACTIVE",
		Address: "203.0.113.30", Private: "192.168.12.151", OS: "linux", Image: "wordpress", ImageName: "WordPress 6.4", Spec: i.Spec,
		VCPUs: 2, MemoryMiB: 4096, Expires: i.Expires, First: true}
	m := &fakeServer{row: row, detail: instance.Detail{
		Instance: i, Rows: []*instance.Row{row}, Servers: []instance.Server{known}, ServerChanges: []map[string]instance.Noted{nil},
		Listed: &instance.Listed{ID: instanceID, Parts: []instance.Part{
			{Logical: "huaweicloudinternal_ecs_instance", Type: "hws.resource.type.vm", ID: serverID, Name: "lotus-shop-01"},
			{Logical: "huaweicloudinternal_cbc_freeresource", ID: "4fb5cd67"},
			{Logical: "huaweicloudinternal_eip", ID: "ad75ed90", Attributes: map[string]string{"public_ip_address": "203.0.113.30", "bandwidth": `[{"charge_mode":"traffic","size":30}]`}},
			{Logical: "huaweicloudinternal_eip_attach", ID: "ad75ed90"},
			{Logical: "huaweicloudinternal_evs_volume", ID: "evs1", Attributes: map[string]string{"size": "20"}},
			{Logical: "huaweicloudinternal_cbr_vault", ID: "cbr1"},
			{Logical: "something_new", ID: "x1"},
		}},
		Facts: []instance.Fact{{Name: "address", Value: "203.0.113.30", Source: instance.FromECS, At: webtest.Now.Add(-2 * time.Minute),
			Others: []instance.Said{{Source: instance.FromConfig, Value: "203.0.113.30", At: webtest.Now.Add(-time.Hour)}}},
			{Name: "state", Value: "running", Source: instance.FromECS, At: webtest.Now}},
		Raw: []instance.Raw{{Source: instance.FromECS, ID: serverID, At: webtest.Now,
			Body: []byte(`{"id":"72a2","user_data":"IyEvYmluL3NoCnBhc3N3ZA==","name":"<b>x</b>"}`)}},
	}}
	for _, f := range change {
		f(m)
	}
	c := webtest.Open(t, func(o *web.Options) {
		o.Servers, o.Trail, o.Instances = m, m, detailed{o.Instances.(*webtest.Instances), m}
		o.Orders = everything{EveryOrder: o.Orders, none: m.elsewhere, bill: m.bill, fresh: m.fresh, fails: m.fails}
	})
	return c, m
}

// everything answers the page's question for orders.
type everything struct {
	webtest.EveryOrder
	none  bool // of what the console ordered
	bill  order.CloudOrder
	fresh order.Freshness
	fails map[string]error
}

func (e everything) Bill(string, string) (order.CloudOrder, order.Freshness) { return e.bill, e.fresh }

func (e everything) Orders(_ context.Context, _ person.Actor, f order.Filter) (order.Page, error) {
	if err := e.fails["orders"]; err != nil || e.none {
		return order.Page{}, err
	}
	return order.Page{Rows: []order.Order{{ID: "o1", CloudOrderID: f.Query, AccountID: "a1", State: order.Delivered, CreatedAt: webtest.Now,
		Request: order.Request{Name: "shop", Quantity: 1}}, {ID: "o2", CloudOrderID: f.Query + "0"}}}, nil
}

const serverURL = "/servers/" + serverID

func TestServerPage(t *testing.T) {
	c, m := oneServer(t, func(m *fakeServer) {
		m.trail = []audit.Row{
			{At: webtest.Now, Entry: audit.Entry{Actor: person.Actor{PersonID: "p1", Name: "Mei"}, Action: "server.edit", AccountID: "a1", Targets: []string{serverID}, Params: map[string]string{"name": "lotus-shop-01"}, Outcome: "ok"}},
			{At: webtest.Now, Entry: audit.Entry{Actor: person.Actor{PersonID: "p1", Name: "Mei"}, Action: "server.edit", AccountID: "a1", Outcome: "about to send"}},
			{At: webtest.Now, Entry: audit.Entry{Actor: person.Actor{PersonID: "p1", Name: "Mei"}, Action: "server.screen", AccountID: "hidden", Outcome: "ok"}},
			{At: webtest.Now, Entry: audit.Entry{Actor: person.System, Action: "order.delivered", AccountID: "a1", Intent: "o1", Targets: []string{"o1", instanceID}, Outcome: "ok"}},
			{At: webtest.Now, Entry: audit.Entry{Actor: person.Actor{PersonID: "p1", Name: "Mei"}, Action: "server.edit", AccountID: "a1", Targets: []string{"its-neighbour", instanceID}, Outcome: "ok"}},
			{At: webtest.Now, Entry: audit.Entry{Actor: person.Actor{PersonID: "p1", Name: "Mei"}, Action: "server.tag.add", AccountID: "a1", Targets: []string{serverID, instanceID}, Params: map[string]string{"tag": "a=b"}, Outcome: "refused"}},
		}
	})
	c.Instances.Servers = []instance.ServerRecord{{AccountID: "a1", Server: m.detail.Servers[0]}}
	doc := c.Get(serverURL).Want(200).Page()
	webtest.Says(t, doc, "h1", "lotus-shop-01")
	webtest.Says(t, doc, "h1 .st", "Running")
	webtest.Says(t, doc, "#server", "It is switched on")
	for _, want := range []string{"203.0.113.30", "Servers, 2 min ago", "192.168.12.151", "2 vCPU", "sg-default-smb", "vpc-1", serverID,
		"/dev/vda", "Locked to its package"} {
		webtest.Says(t, doc, "#facts", want)
	}
	if href, _ := doc.Find("#package .ph a").Attr("href"); href != "/instances/"+instanceID {
		t.Errorf("the package leads to %q", href)
	}
	if v := webtest.Value(doc, "ssh"); v != "ssh root@203.0.113.30" {
		t.Errorf("SSH: %q", v)
	}
	if doc.Find("#access svg.qr path").Length() != 1 {
		t.Error("no QR code")
	}
	webtest.Says(t, doc, "#first-login", "WordPress")
	webtest.Says(t, doc, "#tags", "env=prod")
	if strings.Contains(doc.Find("#tags").Text(), "_sys_") {
		t.Error("the cloud's own tags are offered")
	}
	webtest.Says(t, doc, "#activity li:nth-child(1)", "Mei changed lotus-shop-01: Name to “lotus-shop-01”")
	webtest.Says(t, doc, "#activity li:nth-child(2)", "An order was delivered See the order")
	webtest.Says(t, doc, "#activity li:nth-child(3)", "Failed")
	if n := doc.Find("#activity li").Length(); n != 3 {
		t.Errorf("%d rows of activity: what was about to be sent, or of another account or server, is not news", n)
	}
	if a := doc.Find("#activity a"); a.Length() != 1 || a.AttrOr("href", "") != "/orders/o1" {
		t.Error("what was done here leads to the page it stands on, or the order is not led to")
	}
	if topics, _ := doc.Find("[sse-connect]").Attr("sse-connect"); !strings.Contains(topics, "server%2F"+serverID) ||
		!strings.Contains(topics, "reading%2F"+serverID) {
		t.Errorf("watches %q", topics)
	}
	c.Get("/servers/none").Want(http.StatusNotFound)
}

func TestAServerSaysWhyNothingLeadsToHuaweisConsole(t *testing.T) {
	for site, none := range map[account.Site]bool{account.International: false, account.Mainland: false, account.Europe: true,
		account.Custom: true, account.SandboxSite: false} {
		c, _ := oneServer(t, func(*fakeServer) {})
		c.Accounts.All[0].Site = site
		said := strings.Contains(c.Get(serverURL).Want(http.StatusOK).Page().Find("#access").Text(), webtest.Word("server.console.own"))
		if said != none {
			t.Errorf("%s: says that there is none: %v, want %v", site, said, none)
		}
	}
}

func TestServersOfOtherAccountsAreNotFound(t *testing.T) {
	c, m := oneServer(t)
	m.row.AccountID, m.detail.Instance.AccountID = "another", "another"
	for _, path := range []string{"", "/raw", "/login.rdp", "/metrics", "/checks", "/names", "/tags"} {
		c.Get(serverURL + path).Want(http.StatusNotFound)
	}
	for _, path := range []string{"/probe", "/names", "/tags", "/screen"} {
		c.Post(serverURL+path, "field", "name", "name", "x").Want(http.StatusNotFound)
	}
	c.Get("/instances/" + instanceID).Want(http.StatusNotFound)
	c.Get("/instances/" + instanceID + "/raw").Want(http.StatusNotFound)
	c.Get("/events?topics=server/" + serverID).Want(http.StatusNotFound)
	c.Get("/events?topics=reading/" + serverID).Want(http.StatusNotFound)
	if len(m.said) > 0 {
		t.Errorf("use cases were called: %v", m.said)
	}
}

func TestWhatAReaderMustKnowFirst(t *testing.T) {
	tests := []struct {
		name   string
		change func(*fakeServer)
		says   string
	}{
		{"it ends soon", func(m *fakeServer) { m.detail.Instance.Expires = webtest.Now.Add(30 * time.Hour) }, "usually runs 15 more days, then is frozen for 15"},
		{"it is over", func(m *fakeServer) { m.detail.Instance.Expires = webtest.Now.Add(-time.Hour) }, "Its term ended"},
		{"it is frozen", func(m *fakeServer) { m.detail.Instance.Frozen = true }, "Huawei usually deletes it"},
		{"a source lists it no more", func(m *fakeServer) {
			m.detail.Sights = []instance.Sight{{Source: instance.FromConfig, At: webtest.Now.Add(-26 * time.Hour), Lost: true}}
		}, "It stays here until the other sources agree"},
		{"the sources contradict each other", func(m *fakeServer) { m.detail.Facts[0].Others[0].Value = "203.0.113.31" }, "disagree about: Public address. Servers, 2 min ago: “203.0.113.30”. List of instances, 1 h ago: “203.0.113.31”."},
		{"somebody changed it elsewhere", func(m *fakeServer) {
			m.detail.ServerChanges[0] = map[string]instance.Noted{"name": {Was: "shop", Is: "lotus-shop-01",
				At: webtest.Now.Add(-time.Hour)}}
		}, "It was “shop” and is “lotus-shop-01”."},
		{"it is in error", func(m *fakeServer) { m.row.State, m.row.Fault = instance.StateFaulty, "No valid host" }, "No valid host"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t)
			if strings.Contains(c.Get(serverURL).Page().Find("#server-notes > .note").Text(), tt.says) {
				t.Errorf("%q is said without need", tt.says)
			}
			c, _ = oneServer(t, tt.change)
			webtest.Says(t, c.Get(serverURL).Want(200).Page(), "#server-notes > .note", tt.says)
		})
	}
}

func TestWindowsServer(t *testing.T) {
	c, m := oneServer(t, func(m *fakeServer) { m.row.OS, m.row.Image, m.row.Name = "windows", "img", "Büro \"1\"" })
	doc := c.Get(serverURL).Want(200).Page()
	if v := webtest.Value(doc, "rdp"); v != "203.0.113.30:3389" {
		t.Errorf("address: %q", v)
	}
	if doc.Find("#ssh, #first-login").Length() > 0 {
		t.Error("a Windows server has SSH or a card")
	}
	a := c.Get(serverURL + "/login.rdp").Want(200)
	if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="Bro1.rdp"` {
		t.Errorf("file name: %s", got)
	}
	if a.Header.Get("Content-Type") != "application/x-rdp" || !strings.HasPrefix(a.Body, "full address:s:203.0.113.30:3389\r\n") {
		t.Errorf("file: %s %q", a.Header.Get("Content-Type"), a.Body)
	}
	m.row.OS = "linux"
	c.Get(serverURL + "/login.rdp").Want(http.StatusNotFound)
}

func TestMetricsOnThePage(t *testing.T) {
	c, m := oneServer(t, func(m *fakeServer) { m.charted = server.Charted{Reading: true} })
	doc := c.Get(serverURL).Want(200).Page()
	if doc.Find("#metrics [aria-busy=true] .sk").Length() == 0 ||
		!strings.Contains(doc.Find("#metrics").AttrOr("hx-trigger", ""), "every 3s") {
		t.Error("the skeleton does not wait for the figures")
	}
	at := func(min int) time.Time { return webtest.Now.Add(time.Duration(min-60) * time.Minute) }
	m.charted = server.Charted{From: at(0), To: at(60), At: webtest.Now, Series: []server.Series{
		{Metric: server.CPU, Unit: "%", Points: []server.Point{{At: at(0), Value: 10}, {At: at(5), Value: 20}, {At: at(30), Value: 60}, {At: at(35), Value: 18}}},
		{Metric: server.NetworkOut, Points: []server.Point{{At: at(5), Value: 1_175_000}}},
		{Metric: server.DiskRead},
	}}
	c.Header.Set("HX-Request", "true")
	doc = c.Get(serverURL + "/metrics?span=1h").Want(200).Page()
	if doc.Find("h1").Length() > 0 || doc.Find("#metrics").Length() != 1 {
		t.Error("htmx gets more than the panel")
	}
	if n := doc.Find("#metrics .tight:nth-child(1) polyline.v").Length(); n != 2 {
		t.Errorf("CPU: %d lines; the gap must stay a gap", n)
	}
	if got := doc.Find("[role=img]").First().AttrOr("aria-label", ""); !strings.HasPrefix(got, "CPU, last hour: 18% at ") ||
		!strings.HasSuffix(got, "27% on average, 60% at most.") {
		t.Errorf("finding: %q", got)
	}
	webtest.Says(t, doc, "#metrics", "9.4 Mbit/s")
	webtest.Says(t, doc, "#metrics", "not known")
	if n := doc.Find("#metrics details table tbody tr").Length(); n != 5 {
		t.Errorf("%d rows of figures", n)
	}
	if doc.Find(".seg a[aria-current=true]").Text() != "1 h" || strings.Contains(doc.Find("#metrics").AttrOr("hx-trigger", ""), "every") {
		t.Error("the span is not marked, or the panel asks on")
	}
	delete(c.Header, "Hx-Request")
	if got := c.Get(serverURL + "/metrics?span=7d").Want(200).Page().Find(".seg a[aria-current=true]").Text(); got != "7 d" {
		t.Errorf("without script the page shows %q", got)
	}
	m.charted = server.Charted{Trouble: fault.Say("web.body.unreadable"), TroubleAt: webtest.Now}
	webtest.Says(t, c.Get(serverURL).Page(), "#metrics .note", "could not be read")
}

func TestIsItReallyUp(t *testing.T) {
	c, m := oneServer(t)
	doc := c.Get(serverURL).Want(200).Page()
	webtest.Says(t, doc, "#checks", "Not tried yet")
	webtest.Says(t, doc, "#checks", "Not known whether it would work")
	c.Header.Set("Referer", "http://localhost:8080"+serverURL)
	c.Post(serverURL+"/probe").Want(http.StatusSeeOther, serverURL)
	if len(m.said) != 1 || m.said[0] != "try "+serverID {
		t.Errorf("called %v", m.said)
	}
	m.probe = server.Probe{At: webtest.Now, Address: "203.0.113.30",
		Ports: []server.Port{{Port: 22, Answer: server.Answers}, {Port: 80, Answer: server.Silent}, {Port: 443, Answer: server.NotTried}}}
	m.flag = server.Flag{At: webtest.Now, Known: true}
	c.Header.Set("HX-Request", "true")
	doc = c.Get(serverURL + "/checks").Want(200).Page()
	var got []string
	doc.Find("#checks dl").First().Find("dd").Each(func(_ int, s *goquery.Selection) { got = append(got, strings.TrimSpace(s.Text())) })
	if strings.Join(got, "|") != "Answers|Closed or filtered|Not tried" {
		t.Errorf("ports: %v", got)
	}
	webtest.Says(t, doc, "#checks .note", "the security group does not allow it")
	webtest.Says(t, doc, "#checks", "Would not work")
	m.err = fault.New(fault.Conflict, "server.probe.address")
	webtest.Says(t, c.Post(serverURL+"/probe").Want(http.StatusUnprocessableEntity).Page(), ".note", webtest.Word("server.probe.address"))
	c, _ = oneServer(t, func(m *fakeServer) { m.row.Address = "" })
	if c.Get(serverURL).Page().Find("#checks button[aria-disabled=true]").Length() != 1 {
		t.Error("a server without an address can be tried")
	}
}

// A server that does not run answers nowhere, whatever its security group allows.
func TestPortsOfAServerThatDoesNotRun(t *testing.T) {
	tests := []struct{ state, lang, bold, text string }{
		{instance.StateFrozen, "en", "The server is frozen.", "before Huawei lets it run again"},
		{instance.StateFrozen, "zh-Hans", "服务器已冻结。", "恢复运行之前"},
		{instance.StateStopped, "en", "The server is stopped.", "before it is started"},
		{instance.StateStopped, "zh-Hans", "服务器已停止。", "启动之前"},
	}
	for _, tt := range tests {
		for name, probe := range map[string]server.Probe{
			"never tried":    {},
			"answers no one": {At: webtest.Now, Address: "203.0.113.30", Ports: []server.Port{{Port: 22, Answer: server.Silent}, {Port: 80, Answer: server.Silent}, {Port: 443, Answer: server.Silent}}},
			"answered then":  {At: webtest.Now.Add(-time.Hour), Address: "203.0.113.30", Ports: []server.Port{{Port: 22, Answer: server.Answers}, {Port: 80, Answer: server.Answers}, {Port: 443, Answer: server.Silent}}},
		} {
			t.Run(tt.state+", "+tt.lang+", "+name, func(t *testing.T) {
				c, _ := oneServer(t, func(m *fakeServer) {
					m.row.State, m.row.Frozen, m.row.Image, m.probe = tt.state, tt.state == instance.StateFrozen, "wordpress", probe
				})
				c.Header.Set("Accept-Language", tt.lang)
				c.Persons.Who.Language = ""
				whole := c.Get(serverURL).Want(200).Page()
				c.Header.Set("HX-Request", "true")
				for _, doc := range []*goquery.Document{whole, c.Get(serverURL + "/checks").Want(200).Page()} {
					checks := doc.Find("#checks")
					if n := checks.Find(".note"); n.Length() != 1 || n.Find("b").Text() != tt.bold || !strings.Contains(n.Text(), tt.text) {
						t.Errorf("notes: %q", n.Text())
					}
					if said := checks.Find(".note, dl").First().Text(); strings.Contains(said, "does not allow") ||
						strings.Contains(said, "安全组不允许") {
						t.Error("the security group is to blame")
					}
					if got := checks.Find("[data-s=run]").Length() + checks.Find("a[href^='http://203']").Length(); got != 0 {
						t.Errorf("%d parts say that it answers", got)
					}
				}
			})
		}
	}
}

// TestFirstLogin holds what the card of every application says to what is known:
// its address, and what answered there.
func TestFirstLogin(t *testing.T) {
	all := catalog.Embedded().Images(catalog.Application)
	if len(all) != 17 {
		t.Fatalf("%d applications", len(all))
	}
	answer := func(web, encrypted server.Answer) server.Probe {
		return server.Probe{At: webtest.Now, Address: "203.0.113.30",
			Ports: []server.Port{{Port: 22, Answer: server.Answers}, {Port: 80, Answer: web}, {Port: 443, Answer: encrypted}}}
	}
	tests := []struct {
		name  string
		probe server.Probe
		port  string
		open  string // where its own link leads; "" = there is none
	}{
		{"never tried", server.Probe{}, "not known", ""},
		{"nothing answers", answer(server.Silent, server.NotTried), "not known", ""},
		{"the web answers", answer(server.Answers, server.Silent), "80 answers", "http://203.0.113.30/"},
		{"encrypted is better", answer(server.Answers, server.Answers), "443 answers", "https://203.0.113.30/"},
	}
	for _, i := range all {
		for _, tt := range tests {
			t.Run(i.ID+", "+tt.name, func(t *testing.T) {
				c, _ := oneServer(t, func(m *fakeServer) { m.row.Image, m.probe = i.ID, tt.probe })
				c.Header.Set("HX-Request", "true")
				doc := c.Get(serverURL + "/checks").Want(200).Page()
				webtest.Says(t, doc, "#first-login h3", i.DisplayName)
				var facts []string
				doc.Find("#first-login dd").Each(func(_ int, dd *goquery.Selection) {
					dd.Find("small").Remove()
					facts = append(facts, strings.Join(strings.Fields(dd.Text()), " "))
				})
				want := []string{"203.0.113.30", tt.port, "not known", "not known", webtest.Word("server.card.must")}
				if !slices.Equal(facts, want) {
					t.Errorf("got %q, want %q", facts, want)
				}
				links := doc.Find("#first-login a[target=_blank][rel='noopener noreferrer']")
				if got := links.First().AttrOr("href", ""); tt.open != "" && got != tt.open {
					t.Errorf("opens %q", got)
				}
				if got := links.Last().AttrOr("href", ""); !strings.HasPrefix(got, "https://support.huaweicloud.com/") ||
					(links.Length() == 2) != (tt.open != "") {
					t.Errorf("%d links, the last to %q", links.Length(), got)
				}
			})
		}
	}
}

func TestServerPageShowsTheTrafficOfItsPackage(t *testing.T) {
	c, m := oneServer(t)
	if c.Get(serverURL).Want(200).Page().Find("#traffic").Length() != 0 {
		t.Error("a package that nobody knows has a panel")
	}
	m.detail.Instance.PackageID = "4fb5cd67"
	c.Traffic.Details = map[string]meter.Detail{"4fb5cd67": webtest.Measured()}
	doc := c.Get(serverURL).Want(200).Page()
	if doc.Find("#traffic [role=img]").Length() != 1 || doc.Find("#traffic").AttrOr("hx-get", "") != "/instances/"+instanceID+"/traffic" {
		t.Error("the panel has no chart, or would not find itself again")
	}
	if topics, _ := doc.Find("[sse-connect]").Attr("sse-connect"); !strings.Contains(topics, "traffic") {
		t.Errorf("watches %q", topics)
	}
}

func TestWhatWasOrderedOutsideOfTheConsole(t *testing.T) {
	tests := []struct {
		name  string
		bill  order.CloudOrder
		fresh order.Freshness
		says  []string
		rows  int
		again bool // the part asks again by itself
	}{
		{"not read yet", order.CloudOrder{}, order.Reading, []string{"CS2609241529K2M8P", "Asking Huawei"}, 0, true},
		{"not readable", order.CloudOrder{}, order.Failed, []string{"CS2609241529K2M8P", "did not say more"}, 0, false},
		{"not known to billing", order.CloudOrder{}, order.NoPrice, []string{"CS2609241529K2M8P", "did not say more"}, 0, false},
		{"completed", order.CloudOrder{Status: 5, Quantity: 3, CreatedAt: webtest.Now.Add(-48 * time.Hour), Amount: webtest.Dollars("37.20")}, order.Known, []string{"3 bought together at Huawei", "completed", "US$ 37.20", "21 Nov"}, 1, false},
		{"without an amount", order.CloudOrder{Status: 6, Quantity: 1, CreatedAt: webtest.Now}, order.Known, []string{"Bought at Huawei", "waiting for payment", "not known"}, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, func(m *fakeServer) { m.elsewhere, m.bill, m.fresh = true, tt.bill, tt.fresh })
			doc := c.Get("/instances/" + instanceID).Want(200).Page()
			for _, s := range append(tt.says, "Renewals made elsewhere are not in this list") {
				webtest.Says(t, doc, "#orders", s)
			}
			if n := doc.Find("#orders li").Length(); n != tt.rows || doc.Find("#orders li a").Length() > 0 {
				t.Errorf("%d rows; none of them is ours", n)
			}
			if again := strings.Contains(doc.Find("#instance").AttrOr("hx-trigger", ""), "load"); again != tt.again {
				t.Errorf("asks again: %v", again)
			}
		})
	}
}

func TestNamesAreChangedInTheirPlace(t *testing.T) {
	c, m := oneServer(t)
	doc := c.Get(serverURL).Page()
	webtest.Says(t, doc, "#names", "the shop")
	if doc.Find("#names a[aria-label]").Length() != 3 || doc.Find("#names form").Length() != 0 {
		t.Error("not every line can be opened, or one stands open")
	}
	doc = c.Get(serverURL + "/names?edit=hostname").Want(200).Page()
	if webtest.Value(doc, "hostname") != "lotus" || doc.Find("#names form").Length() != 1 || doc.Find("h1").Length() != 1 {
		t.Error("without script the line does not open on the page")
	}
	if doc.Find("#names[hx-trigger]").Length() > 0 {
		t.Error("an open line is swapped from under the hands")
	}
	webtest.Says(t, doc, "#hostname-hint", "next restart")
	c.Post(serverURL+"/names", "field", "hostname", "hostname", " web-1 ").Want(http.StatusSeeOther, serverURL)
	webtest.Says(t, c.Get(serverURL).Page(), ".toast", webtest.Word("server.said.hostname"))
	m.err = &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"name": fault.Say("cloud.server.name", "Detail", "no")}}
	c.Header.Set("HX-Request", "true")
	doc = c.Post(serverURL+"/names", "field", "name", "name", "a b").Want(http.StatusUnprocessableEntity).Page()
	if webtest.Value(doc, "name") != "a b" || doc.Find("#name[aria-invalid=true]").Length() != 1 || doc.Find("h1").Length() != 0 {
		t.Error("what was refused is lost, or not marked")
	}
	webtest.Says(t, doc, "#name-error", "It says: no")
	m.err = fault.New(fault.Unknown, "cloud.server.name")
	c.Post(serverURL+"/names", "field", "name", "name", "b").Want(http.StatusUnprocessableEntity)
	m.err = fault.New(fault.Conflict, "server.state")
	webtest.Says(t, c.Post(serverURL+"/names", "field", "name", "name", "b").Want(http.StatusUnprocessableEntity).Page(), ".note",
		webtest.Word("server.state"))
	c.Post(serverURL+"/names", "field", "owner", "owner", "b").Want(http.StatusUnprocessableEntity)
	want := "edit X hostname=web-1|edit X name=a b|edit X name=b|edit X name=b"
	if got := strings.ReplaceAll(strings.Join(m.said, "|"), serverID, "X"); got != want {
		t.Errorf("calls: %s, want %s", got, want)
	}
}

func TestTagsAreChangedOnThePage(t *testing.T) {
	c, m := oneServer(t)
	c.Post(serverURL+"/tags", "key", "team", "value", "shop").Want(http.StatusSeeOther, serverURL)
	c.Post(serverURL+"/tags", "remove", "env", "value", "prod").Want(http.StatusSeeOther, serverURL)
	m.err = &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"value": fault.Say("server.tag.value.rule")}}
	doc := c.Post(serverURL+"/tags", "key", "team", "value", "a b").Want(http.StatusUnprocessableEntity).Page()
	if webtest.Value(doc, "tag-key") != "team" || webtest.Value(doc, "tag-value") != "a b" ||
		doc.Find("#tag-value[aria-invalid=true]").Length() != 1 || doc.Find("#tags details[open]").Length() != 1 {
		t.Error("what was refused is lost, hidden or not marked")
	}
	if got := strings.ReplaceAll(strings.Join(m.said, "|"), serverID, "X"); got != "add X team=shop|remove X env=prod|add X team=a b" {
		t.Errorf("calls: %s", got)
	}
}

func TestViewersChangeNothing(t *testing.T) {
	c, m := oneServer(t)
	doc := c.As(person.Viewer).Get(serverURL).Want(200).Page()
	if doc.Find("#names a, #names form, #tags form, form[action$='/screen'], form[action$='/probe']").Length() > 0 {
		t.Error("a viewer is offered changes, or a try of ports")
	}
	if doc.Find("#checks").Length() != 1 {
		t.Error("a viewer cannot see whether it answers")
	}
	for _, path := range []string{"/probe", "/names", "/tags", "/screen"} {
		c.Post(serverURL+path, "field", "name", "name", "x").Want(http.StatusForbidden)
	}
	if len(m.said) > 0 {
		t.Errorf("use cases were called: %v", m.said)
	}
	c, _ = oneServer(t, func(m *fakeServer) { m.row.Status, m.row.State = "ERROR", instance.StateFaulty })
	doc = c.Get(serverURL).Page()
	if doc.Find("#names a, #tags form").Length() > 0 {
		t.Error("a server in error is offered changes")
	}
	webtest.Says(t, doc, "#names", webtest.Word("server.names.state"))
}

func TestScreen(t *testing.T) {
	c, m := oneServer(t)
	a := c.Post(serverURL + "/screen").Want(200)
	if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" || a.Header.Get("Location") != "" {
		t.Errorf("headers: %v", a.Header)
	}
	doc := a.Page()
	const address = "https://screen.example/vnc?token=once&lang=EN"
	if got := doc.Find("meta[http-equiv=refresh]").AttrOr("content", ""); got != "0;url="+address {
		t.Errorf("refresh: %q", got)
	}
	if got := doc.Find("a").AttrOr("href", ""); got != address {
		t.Errorf("link: %q", got)
	}
	if strings.Contains(c.Log.String(), "token") {
		t.Error("the token stands in the log")
	}
	m.err = fault.New(fault.Refused, "cloud.console.none")
	doc = c.Post(serverURL + "/screen").Want(http.StatusBadGateway).Page()
	webtest.Says(t, doc, ".note", "Huawei did not open the screen")
	webtest.Says(t, doc, "main", "203.0.113.30")
	if doc.Find("main a[href^='https://console-intl.huaweicloud.com/smb/']").Length() != 1 ||
		doc.Find("meta[http-equiv=refresh]").Length() > 0 {
		t.Error("the way on is missing, or leads nowhere")
	}
	if form := c.Get(serverURL).Page().Find("form[action$='/screen']"); form.AttrOr("method", "") != "post" ||
		form.AttrOr("target", "") != "_blank" {
		t.Error("the button does not open a tab of its own")
	}
}

func TestWholeInstance(t *testing.T) {
	c, m := oneServer(t, func(m *fakeServer) {
		m.detail.Instance.PackageID = "4fb5cd67"
		m.detail.Traffic = instance.Traffic{Left: 328, Total: 4096, CycleEnd: webtest.CycleEnd, At: webtest.Now}
	})
	c.Traffic.Details = map[string]meter.Detail{"4fb5cd67": webtest.Measured()}
	doc := c.Get("/instances/" + instanceID).Want(200).Page()
	webtest.Says(t, doc, "h1", "WordPress-ap-southeast-3-X6p4")
	if href := doc.Find("#servers a").AttrOr("href", ""); href != serverURL {
		t.Errorf("the server is at %q", href)
	}
	for _, want := range []string{"Cloud server", "Data package left: 328\u00a0GB of 4\u00a0TB · resets 4 Dec",
		"Public address (EIP) 203.0.113.30 · up to 30\u00a0Mbit/s", "Data disk 20\u00a0GiB", "Backup vault", "something_new"} {
		webtest.Says(t, doc, "#parts", strings.ReplaceAll(want, "\u00a0", " "))
	}
	if n := doc.Find("#parts li").Length(); n != 6 {
		t.Errorf("%d parts: how things hang together is no part", n)
	}
	webtest.Says(t, doc, "#term", "Usually it goes on running until")
	if doc.Find("#orders a[href='/orders/o1']").Length() != 1 || doc.Find("#orders li a").Length() != 1 {
		t.Error("the order of it is not shown, or another one is")
	}
	webtest.Says(t, doc, "table", "Public address")
	m.detail.Instance.AutoRenew = true
	webtest.Says(t, c.Get("/instances/"+instanceID).Page(), "#term", "Huawei renews it by itself")
	m.detail.Instance.CloudOrder = ""
	webtest.Says(t, c.Get("/instances/"+instanceID).Page(), "#orders", "has not said yet which order")
	c.Header.Set("HX-Request", "true")
	doc = c.Get("/instances/" + instanceID).Want(200).Page()
	if doc.Find("h1").Length() > 0 || doc.Find("#instance-state[hx-swap-oob=true]").Length() != 1 {
		t.Error("htmx gets more than the part, or the state in the head stays old")
	}
	delete(c.Header, "Hx-Request")
	m.detail.Instance.ID = ""
	c.Get("/instances/"+instanceID).Want(http.StatusSeeOther, serverURL)
}

// What the list of instances says of its own records is in the reader's
// language; a word we do not know stays as it is.
func TestHuaweisStateWordsAreWorded(t *testing.T) {
	tests := []struct{ language, provisioning, state, want string }{
		{"en", "Succeeded", "Normal", "Succeeded exists"},
		{"zh-Hans", "Succeeded", "Normal", "已完成 保有中"},
		{"zh-Hans", "Processing", "Moved", "Processing Moved"},
		{"zh-Hans", "", "", "未知"},
		{"en", "<b>", "\u202e", "<b> U+202E"},
	}
	for _, tt := range tests {
		c, _ := oneServer(t, func(m *fakeServer) {
			m.detail.Instance.ProvisioningState, m.detail.Instance.ConfigState = tt.provisioning, tt.state
		})
		c.Header.Set("Accept-Language", tt.language)
		doc := c.Get("/instances/" + instanceID).Want(200).Page()
		label := text.New(tt.language, nil).T("server.facts.provisioning")
		var got string
		doc.Find(".kv dt").Each(func(_ int, dt *goquery.Selection) {
			if dt.Text() == label {
				got = strings.Join(strings.Fields(dt.Next().Text()), " ")
			}
		})
		if got != tt.want {
			t.Errorf("%s: %q and %q are %q, want %q", tt.language, tt.provisioning, tt.state, got, tt.want)
		}
	}
}

func TestRawAnswers(t *testing.T) {
	c, _ := oneServer(t)
	for _, path := range []string{serverURL + "/raw", "/instances/" + instanceID + "/raw"} {
		doc := c.Get(path).Want(200).Page()
		webtest.Says(t, doc, "pre", `"name": "<b>x</b>"`)
		if doc.Find("pre b").Length() > 0 || strings.Contains(doc.Text(), "IyEvYmlu") {
			t.Errorf("%s: markup came through, or what may hold a password", path)
		}
	}
}

func TestHostileServer(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)>` + "\u202eabc"
	c, _ := oneServer(t, func(m *fakeServer) {
		r, s, i := m.row, &m.detail.Servers[0], &m.detail.Instance
		r.Name, r.Hostname, r.Zone, r.ImageName, r.Spec, r.Fault, r.State, r.Region = evil, evil, evil, evil, evil, evil,
			instance.StateFaulty, evil
		r.Address, r.Private, r.More = evil, evil, []string{evil}
		s.Description, s.ImageID, s.Networks, s.SecurityGroups, s.Tags, s.LockScene, s.ProjectID = evil, evil, []string{evil},
			[]string{evil}, []string{evil + "=" + evil}, evil, evil
		s.Disks = []instance.Disk{{Device: evil}}
		i.Name, i.Image, i.Product, i.Plan, i.Description = evil, evil, evil, evil, evil
		i.ProjectID, i.ProjectName, i.EnterpriseProject, i.ConfigState, i.CloudOrder = evil, evil, evil, evil, evil
		i.Tags = map[string]string{evil: evil}
		m.detail.Listed.Parts = []instance.Part{{Logical: evil, Name: evil, ID: evil, Attributes: map[string]string{"size": evil}}}
		m.detail.Facts = []instance.Fact{{Name: "address", Value: evil, Others: []instance.Said{{Value: evil + "1"}}}}
		m.detail.ServerChanges[0] = map[string]instance.Noted{"name": {Was: evil, Is: evil, At: webtest.Now}}
		m.detail.Raw[0].Body = []byte(evil)
		m.trail = []audit.Row{{At: webtest.Now,
			Entry: audit.Entry{Actor: person.Actor{Name: evil}, Action: "server.edit", Params: map[string]string{"name": evil}}}}
	})
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, Label: evil})
	for _, path := range []string{serverURL, serverURL + "/names?edit=name", serverURL + "/raw", "/instances/" + instanceID} {
		doc := c.Get(path).Want(200).Page()
		if doc.Find("img, [onerror]").Length() > 0 {
			t.Errorf("%s: a name became markup", path)
		}
		doc.Find("input").Remove()
		if strings.Contains(doc.Text(), "\u202e") {
			t.Errorf("%s: a name turns the direction of the page", path)
		}
	}
	if doc := c.Get(serverURL).Page(); doc.Find("svg.qr").Length() > 0 || doc.Find("#ssh").Length() > 0 {
		t.Error("a garbled address became a command")
	}
}
