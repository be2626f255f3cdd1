package wording_test

import (
	"net/url"
	"strings"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/view"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/ui"
)

func TestAddresses(t *testing.T) {
	for want, got := range map[string]string{
		"/orders":                        wording.Address("/orders", nil),
		"/orders?a=1&b=x+y":              wording.Address("/orders", url.Values{"b": {"x y"}, "a": {"1"}}),
		"/orders?state=found":            wording.FoundURL,
		"/orders?account=a%261":          wording.OrdersURL("account", "a&1"),
		"/buy?from=s1":                   wording.BuyURL("s1"),
		"/buy/d%2F1/review?review=r1":    wording.ReviewURL(order.Review{ID: "r1", DraftID: "d/1"}),
		"/servers?q=state%3Afaulty+shop": wording.ServersURL("state:faulty", "shop"),
		"/traffic?view=low":              wording.TrafficURL("low"),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// A row leads to its server, to its instance while it has none, and nowhere that
// does not exist.
func TestWhereARowLeads(t *testing.T) {
	both := &instance.Row{InstanceID: "i 1", ServerID: "s1", First: true}
	second := &instance.Row{InstanceID: "i1", ServerID: "s2"}
	noServer := &instance.Row{InstanceID: "i1"}
	noInstance := &instance.Row{ServerID: "s3"}
	for _, tt := range []struct {
		name                               string
		row                                *instance.Row
		server, instance, inServers, inIns string
		inside                             string
	}{
		{"the first server of an instance", both, "/servers/s1", "/instances/i%201", "/servers/s1", "/instances/i 1", "/servers/i 1"},
		{"its second", second, "/servers/s2", "/instances/i1", "/servers/s2", "/instances/i1", "/servers/s2"},
		{"an instance without a server", noServer, "/instances/i1", "/instances/i1", "/instances/i1", "/instances/i1", "/instances/i1"},
		{"a server without an instance", noInstance, "/servers/s3", "/servers?q=server%3As3", "/servers/s3", "", "/servers/s3"},
	} {
		got := []string{wording.ServerURL(tt.row), wording.InstanceURL(tt.row), wording.RowURL(view.Servers, tt.row),
			wording.RowURL(view.Instances, tt.row), wording.InsideURL(tt.row)}
		want := []string{tt.server, tt.instance, tt.inServers, tt.inIns, tt.inside}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s: %q, want %q", tt.name, got, want)
		}
	}
}

func TestWhatARowIsCalled(t *testing.T) {
	for _, tt := range []struct {
		row              *instance.Row
		name, ofInstance string
	}{
		{&instance.Row{ServerID: "s1", InstanceID: "i1", Name: "shop\u202e", InstanceName: "pack"}, "shopU+202E", "pack"},
		{&instance.Row{ServerID: "s1", InstanceID: "i1", Name: "shop"}, "shop", "shop"},
		{&instance.Row{ServerID: "s1", InstanceID: "i1"}, (&instance.Row{ServerID: "s1", InstanceID: "i1"}).ID(), (&instance.Row{ServerID: "s1", InstanceID: "i1"}).ID()},
	} {
		if got := wording.RowName(tt.row); got != tt.name {
			t.Errorf("%+v: %q, want %q", tt.row, got, tt.name)
		}
		if got := wording.RowInstanceName(tt.row); got != tt.ofInstance {
			t.Errorf("%+v: its instance is %q, want %q", tt.row, got, tt.ofInstance)
		}
	}
	p := english()
	if got := wording.InstanceName(p, instance.Instance{ID: "i1", Name: "pack\u202e"}); got != "packU+202E" {
		t.Errorf("an instance: %q", got)
	}
	if got := wording.InstanceName(p, instance.Instance{ID: "i1"}); got != "i1" {
		t.Errorf("an instance without a name: %q", got)
	}
}

// Simulated purchases never look like real ones.
func TestTheLinkToAPurchase(t *testing.T) {
	real, simulated := wording.BuyAction(english(), false), wording.BuyAction(english(), true)
	if real.Label != "Buy servers" || real.Kind != ui.Primary || simulated.Label != "Buy in the Sandbox" || simulated.Kind != ui.Play {
		t.Errorf("real %+v, simulated %+v", real, simulated)
	}
	if real.Href != "/buy" || simulated.Href != "/buy" {
		t.Errorf("they lead to %s and %s", real.Href, simulated.Href)
	}
}

func TestIdsThatMayStandInAnAddress(t *testing.T) {
	for id, want := range map[string]bool{
		"CS2611230914H1EW": true, "a_b-c": true, strings.Repeat("x", 64): true, strings.Repeat("x", 65): false,
		"": false, "a/b": false, "../x": false, "a b": false, "a\n": false, "ä": false,
	} {
		if got := wording.CloudID(id); got != want {
			t.Errorf("%q: %t", id, got)
		}
	}
}

// Huawei's own page is linked only where it is known.
func TestHuaweisOwnPage(t *testing.T) {
	for site, want := range map[account.Site]string{
		account.International: "https://console-intl.huaweicloud.com/smb/?locale=en-us&region=tr-west-1",
		account.Mainland:      "https://console.huaweicloud.com/smb/?locale=en-us&region=tr-west-1",
		account.Europe:        "", account.Custom: "", account.SandboxSite: "",
	} {
		if got := wording.HuaweiConsole(site, "tr-west-1"); got != want {
			t.Errorf("%s: %q, want %q", site, got, want)
		}
	}
}
