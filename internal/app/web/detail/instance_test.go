package detail_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/web/webtest"
)

const instanceURL = "/instances/" + instanceID

func TestInstancePage(t *testing.T) {
	c := webtest.Open(t)
	c.Instances.GivenRows = webtest.ManyInstances(1)
	c.Instances.GivenRows[0].GoneAt = webtest.Now.Add(-time.Hour)
	doc := c.Get("/instances/i0").Want(200).Page()
	webtest.Says(t, doc, "h1", "shop-000")
	webtest.Says(t, doc, "#instance .note", "Huawei does not list this instance any more")
	webtest.Says(t, doc, "#instance", "2 vCPU, 2 GiB")
	c.Get("/instances/none").Want(http.StatusNotFound)
	c.Instances.GivenRows[0].AccountID = "another"
	c.Get("/instances/i0").Want(http.StatusNotFound)
}

func TestFactsOfAnInstance(t *testing.T) {
	tests := []struct {
		name   string
		change func(*fakeServer)
		what   map[string]string
		term   map[string]string
	}{
		{"all is known", func(m *fakeServer) {
			i := &m.detail.Instance
			i.Product, i.Plan, i.ProjectID, i.ProjectName = "FlexusL", "plan-1", "9f2c", "ap-southeast-3"
			i.EnterpriseProjectID, i.EnterpriseProject, i.Description = "0", "default", "the shop"
			i.Tags = map[string]string{"env": "prod", "bare": "", "_sys_type": "x"}
		}, map[string]string{
			"Account": "Marina Labs", "Region": "Singapore ap-southeast-3", "Size": "2 vCPU, 4 GiB hf.large.2.30m.linux",
			"Image": "WordPress", "Product": "FlexusL plan-1", "Project": "9f2c ap-southeast-3", "Enterprise project": "0 default",
			"Description": "the shop", "Tags in the cloud": "bare, env=prod", "Created": "24 Sep, 09:21",
		}, map[string]string{"Expires": "23 Dec at 09:21 Billing, just now", "Auto-renew": "Off", "Order": "CS2609241529K2M8P"}},
		{"nothing is known but its number", func(m *fakeServer) {
			m.detail.Instance = instance.Instance{ID: instanceID, AccountID: "a1"}
		}, map[string]string{
			"Size": "not known", "Image": "not known", "Product": "not known", "Project": "not known", "Enterprise project": "not known",
			"Description": "–", "Tags in the cloud": "", "Created": "not known", "Provisioning": "not known",
		}, map[string]string{"Expires": "not known Billing: never read", "Auto-renew": "not known", "Order": "not known"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, tt.change)
			doc := c.Get(instanceURL).Want(http.StatusOK).Page()
			holds(t, doc, "#what", tt.what)
			holds(t, doc, "#term", tt.term)
		})
	}
}

// An instance without a name goes by its number; its state is beside it.
func TestNamesAndStatesOfAnInstance(t *testing.T) {
	tests := []struct {
		name        string
		change      func(*instance.Instance)
		title, word string
	}{
		{"running", func(*instance.Instance) {}, "WordPress-ap-southeast-3-X6p4", webtest.Word("instances.state.running")},
		{"without a name", func(i *instance.Instance) { i.Name = "" }, instanceID, webtest.Word("instances.state.running")},
		{"gone", func(i *instance.Instance) { i.GoneAt = webtest.Now }, "WordPress", webtest.Word("instances.state.gone")},
		{"frozen", func(i *instance.Instance) { i.Frozen = true }, "WordPress", webtest.Word("instances.state.frozen")},
		{"busy", func(i *instance.Instance) { i.TaskState = "rebooting" }, "WordPress", webtest.Word("instances.state.busy")},
		{"not read", func(i *instance.Instance) { i.State = "" }, "WordPress", "not known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, func(m *fakeServer) { tt.change(&m.detail.Instance) })
			doc := c.Get(instanceURL).Want(http.StatusOK).Page()
			webtest.Says(t, doc, "h1", tt.title)
			if got := said(doc.Find("#instance-state")); got != tt.word {
				t.Errorf("state: got %q, want %q", got, tt.word)
			}
			asHTMX(c)
			doc = c.Get(instanceURL).Want(http.StatusOK).Page()
			if got := said(doc.Find("#instance-state[hx-swap-oob=true]")); got != tt.word || doc.Find("h1").Length() > 0 {
				t.Errorf("htmx gets the state %q, want %q and no page", got, tt.word)
			}
		})
	}
}

// TestPartsOfAPackage names each kind of part, and what is known of it.
func TestPartsOfAPackage(t *testing.T) {
	some := func(name, value string) map[string]string { return map[string]string{name: value} }
	tests := []struct {
		part instance.Part
		want string // "": it is no part
	}{
		{instance.Part{Logical: "x_ecs_instance", ID: "e1", Name: "web"}, "Cloud server webe1"},
		{instance.Part{Logical: "x", Type: "hws.resource.type.volume", ID: "v1", Attributes: some("size", "40")}, "Disk 40 GiB v1"},
		{instance.Part{Logical: "x_evs_volume", ID: "v2", Attributes: some("volume_type", "GPSSD")}, "Data disk GPSSD v2"},
		{instance.Part{Logical: "x_cbc_freeresource", ID: "p1"}, "Data package p1"},
		{instance.Part{Logical: "x_bandwidth_lock", ID: "b1"}, "Bandwidth b1"},
		{instance.Part{Logical: "x_eip_attach", ID: "a1"}, ""},
		{instance.Part{Logical: "x_eip_lock", ID: "a2"}, ""},
		{instance.Part{Logical: "x_eip", ID: "i1", Attributes: some("bandwidth", `[{"size":5},{"size":0},{"size":10}]`)},
			"Public address (EIP) up to 5 Mbit/s · up to 10 Mbit/s i1"},
		{instance.Part{Logical: "x_eip", ID: "i2", Attributes: some("bandwidth", "not JSON")}, "Public address (EIP) i2"},
		{instance.Part{Logical: "x_cbr_vault", ID: "c1", Attributes: some("size", "a lot")}, "Backup vault a lot c1"},
		{instance.Part{Logical: "x_hss_host", ID: "h1", Attributes: some("availability_zone", "{hidden}")}, "Host security h1"},
		{instance.Part{Logical: "x_marketplace", ID: "m1", Attributes: some("public_ip_address", strings.Repeat("9", 61))}, "Image m1"},
		{instance.Part{Logical: "never_seen", ID: "n1", Attributes: some("other", "x")}, "never_seen n1"},
	}
	for _, tt := range tests {
		c, _ := oneServer(t, func(m *fakeServer) { m.detail.Listed.Parts = []instance.Part{tt.part} })
		if got := said(c.Get(instanceURL).Want(http.StatusOK).Page().Find("#parts li")); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.part.Logical, got, tt.want)
		}
	}
}

// What is inside, before the sources have said it.
func TestWhatIsInsideIsNotKnownYet(t *testing.T) {
	c, _ := oneServer(t, func(m *fakeServer) {
		m.detail.Listed, m.detail.Instance.SeenConfig = nil, time.Time{}
		m.detail.Rows = []*instance.Row{{AccountID: "a1", InstanceID: instanceID}} // no server is known
	})
	doc := c.Get(instanceURL).Want(http.StatusOK).Page()
	webtest.Says(t, doc, "#servers", webtest.Word("server.inside.none"))
	webtest.Says(t, doc, "#parts .hint", "List of instances: never read")
	if n := doc.Find("#parts li, #servers li").Length(); n > 0 {
		t.Errorf("%d things are listed", n)
	}
}

func TestServersInside(t *testing.T) {
	c, m := oneServer(t)
	m.detail.Rows = append(m.detail.Rows,
		&instance.Row{AccountID: "a1", InstanceID: instanceID, ServerID: "s2", Name: "web-2", State: instance.StateStopped, OS: "windows"})
	var got []string
	doc := c.Get(instanceURL).Want(http.StatusOK).Page()
	doc.Find("#servers li").Each(func(_ int, li *goquery.Selection) {
		got = append(got, said(li.Find("b"))+" "+said(li.Find(".st"))+" "+said(li.Find("small"))+" "+li.Find("a").AttrOr("href", ""))
	})
	if want := []string{"lotus-shop-01 Running Linux " + serverURL, "web-2 Stopped Windows /servers/s2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What happens after the end of the term, by what is known of it.
func TestWhatHappensAfterTheTerm(t *testing.T) {
	tests := []struct {
		name    string
		expires time.Time
		auto    bool
		want    []string
	}{
		{"not known", time.Time{}, false, []string{webtest.Word("server.then.unknown")}},
		{"not known, renewed by itself", time.Time{}, true, []string{webtest.Word("server.then.unknown")}},
		{"renewed by itself", webtest.Now.AddDate(0, 0, 10), true,
			[]string{"Huawei renews it by itself around 3 Dec, from the account’s balance.",
				"If that fails, it usually runs 15 more days, is frozen for 15, and is then deleted."}},
		{"not renewed", webtest.Now.AddDate(0, 0, 10), false,
			[]string{"Usually it goes on running until 18 Dec.", "Then it is usually frozen, with its data kept, until 2 Jan 2027.",
				webtest.Word("server.then.gone")}},
		{"over, though it should have been renewed", webtest.Now.AddDate(0, 0, -1), true,
			[]string{"Usually it goes on running until 7 Dec.", "Then it is usually frozen, with its data kept, until 22 Dec.",
				webtest.Word("server.then.gone")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, func(m *fakeServer) { m.detail.Instance.Expires, m.detail.Instance.AutoRenew = tt.expires, tt.auto })
			var got []string
			c.Get(instanceURL).Want(http.StatusOK).Page().Find("#term .fate li").
				Each(func(_ int, li *goquery.Selection) { got = append(got, said(li)) })
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestSourcesOfFacts shows for each fact who says it, and whether the others agree.
func TestSourcesOfFacts(t *testing.T) {
	c, _ := oneServer(t, func(m *fakeServer) {
		m.detail.Facts = []instance.Fact{
			{Name: "state", Value: "running", Source: instance.FromECS, At: webtest.Now, Others: []instance.Said{{Source: instance.FromConfig, Value: "MOVED", At: webtest.Now.Add(-time.Hour)}}},
			{Name: "region", Value: "ap-southeast-3", Source: instance.FromConfig, At: webtest.Now, Others: []instance.Said{{Source: instance.FromECS, Value: "ap-southeast-3", At: webtest.Now}}},
			{Name: "expires", Value: "2026-12-23T01:21:00Z", Source: instance.FromBSS, At: webtest.Now},
			{Name: "expires", Value: "some day", Source: instance.FromBSS},
			{Name: "its_mood", Value: "good", Source: instance.FromConfig},
		}
	})
	doc := c.Get(instanceURL).Want(http.StatusOK).Page()
	var got []string
	doc.Find("#instance table tbody tr").Each(func(_ int, tr *goquery.Selection) {
		var cells []string
		tr.Children().Each(func(_ int, td *goquery.Selection) { cells = append(cells, said(td)) })
		got = append(got, strings.Join(cells, " | "))
	})
	want := []string{
		"State | Running | Servers, just now | List of instances, 1 h ago: “MOVED”.",
		"Region | Singapore | List of instances, just now | Servers, just now: the same",
		"Expires | 23 Dec, 09:21 | Billing, just now | ",
		"Expires | some day | Billing: never read | ",
		"its_mood | good | List of instances: never read | ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Huawei's own pages are led to where they are known.
func TestWhereAnInstanceLeadsAtHuawei(t *testing.T) {
	for site, want := range map[account.Site][2]bool{ // its console, its list of orders
		account.International: {true, true}, account.Mainland: {true, false}, account.Europe: {false, false},
		account.Custom: {false, false}, account.SandboxSite: {false, false},
	} {
		c, _ := oneServer(t)
		c.Accounts.All[0].Site = site
		doc := c.Get(instanceURL).Want(http.StatusOK).Page()
		console, orders := doc.Find(".head a[target=_blank], header a[target=_blank]").Length() > 0,
			doc.Find("#orders a[href^='https://account-intl.huaweicloud.com/']").Length() == 1
		if console != want[0] || orders != want[1] {
			t.Errorf("%s: console %v, orders %v; want %v", site, console, orders, want)
		}
	}
}

// An order made here is shown as it stands; one of another number is not.
func TestOrdersOfAnInstance(t *testing.T) {
	c, _ := oneServer(t)
	doc := c.Get(instanceURL).Want(http.StatusOK).Page()
	if got := said(doc.Find("#orders li .st")); got != "Not all servers seen" {
		t.Errorf("the order is %q", got)
	}
	if strings.Contains(said(doc.Find("#orders")), "Bought outside") ||
		strings.Contains(doc.Find("#instance").AttrOr("hx-trigger", ""), "load") {
		t.Error("an order made here is asked for at Huawei")
	}
	cancelled := order.CloudOrder{Status: order.StatusCancelled, Quantity: 0, CreatedAt: webtest.Now}
	c, _ = oneServer(t, func(m *fakeServer) { m.elsewhere, m.bill, m.fresh = true, cancelled, order.Known })
	doc = c.Get(instanceURL).Want(http.StatusOK).Page()
	webtest.Says(t, doc, "#orders li", "Bought at Huawei")
	if got := doc.Find("#orders li .st").AttrOr("data-s", ""); got != "off" {
		t.Errorf("a cancelled order has the shape %q", got)
	}
}

// A server whose instance is not known is led to by its own address.
func TestAServerThatIsInNoKnownInstance(t *testing.T) {
	c, m := oneServer(t)
	m.detail.Instance = instance.Instance{AccountID: "a1"}
	c.Get(instanceURL).Want(http.StatusSeeOther, serverURL)
	m.detail.Rows = nil
	c.Get(instanceURL).Want(http.StatusNotFound)
}

// The instance's page is watched for changes of it and of traffic, and shows what
// was done to it.
func TestWhatAnInstancePageWatchesAndTells(t *testing.T) {
	c, m := oneServer(t)
	doc := c.Get(instanceURL).Want(http.StatusOK).Page()
	topics := doc.Find("[sse-connect]").AttrOr("sse-connect", "")
	for _, topic := range []string{"instances", "instance%2F" + instanceID, "traffic"} {
		if !strings.Contains(topics, topic) {
			t.Errorf("does not watch %s: %q", topic, topics)
		}
	}
	webtest.Says(t, doc, "#activity", webtest.Word("server.activity.none"))
	webtest.Says(t, doc, "#activity h2", webtest.Word("server.activity"))
	if got := doc.Find("#instance").AttrOr("hx-get", ""); got != instanceURL {
		t.Errorf("reads itself again at %q", got)
	}
	m.detail.Instance.ID = "a b/c"
	if got := c.Get(instanceURL).Page().Find("#instance").AttrOr("hx-get", ""); got != "/instances/a%20b%2Fc" {
		t.Errorf("a strange number makes the address %q", got)
	}
}
