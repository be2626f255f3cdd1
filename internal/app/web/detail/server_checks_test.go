package detail_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/server"
	"sampan/internal/app/web/webtest"
)

// What is known of a password reset.
func TestWhetherAPasswordResetWouldWork(t *testing.T) {
	at := webtest.Now.Add(-time.Minute)
	tests := []struct {
		name   string
		flag   server.Flag
		frozen bool
		word   string
		note   string
	}{
		{"never read", server.Flag{}, false, "server.reset.unknown", ""},
		{"being read for the first time", server.Flag{Reading: true}, false, "server.reset.reading", ""},
		{"being read again", server.Flag{Reading: true, At: at, Known: true, OK: true}, false, "server.reset.yes", "server.reset.yes.note"},
		{"Huawei does not say", server.Flag{At: at}, false, "server.reset.unknown", "server.reset.unknown.note"},
		{"yes", server.Flag{At: at, Known: true, OK: true}, false, "server.reset.yes", "server.reset.yes.note"},
		{"no", server.Flag{At: at, Known: true}, false, "server.reset.no", "server.reset.no.note"},
		{"could not be read", server.Flag{Trouble: fault.Say("cloud.throttled")}, false, "server.reset.unknown", "cloud.throttled"},
		{"yes, but frozen", server.Flag{At: at, Known: true, OK: true}, true, "server.reset.frozen", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, func(m *fakeServer) { m.flag, m.row.Frozen, m.row.Image = tt.flag, tt.frozen, "" })
			asHTMX(c)
			doc := c.Get(serverURL + "/checks").Want(http.StatusOK).Page()
			want := webtest.Word(tt.word)
			if tt.note != "" {
				want += " " + webtest.Word(tt.note)
			}
			if got := facts(doc, "#checks")["Password reset"]; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if asks := strings.Contains(doc.Find("#checks").AttrOr("hx-trigger", ""), "every"); asks != tt.flag.Reading {
				t.Errorf("asks again by itself: %v", asks)
			}
		})
	}
}

func TestWhenThePortsWereTried(t *testing.T) {
	tests := []struct {
		name  string
		probe server.Probe
		says  string
		asks  bool
	}{
		{"never", server.Probe{}, webtest.Word("server.up.never"), false},
		{"now", server.Probe{Trying: true}, webtest.Word("server.up.running"), true},
		{"now, again", server.Probe{Trying: true, At: webtest.Now.Add(-time.Hour)}, webtest.Word("server.up.running"), true},
		{"an hour ago", server.Probe{At: webtest.Now.Add(-time.Hour)}, "Tried 1 h ago, from where the console runs.", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, func(m *fakeServer) { m.probe = tt.probe })
			asHTMX(c)
			checks := c.Get(serverURL + "/checks").Want(http.StatusOK).Page().Find("#checks")
			if got := said(checks.Find("[role=status]")); got != tt.says {
				t.Errorf("says %q, want %q", got, tt.says)
			}
			if got := strings.Contains(checks.AttrOr("hx-trigger", ""), "every"); got != tt.asks {
				t.Errorf("asks again by itself: %v", got)
			}
		})
	}
}

// A try that could not be made says why; each port has its name.
func TestPortsAndWhyTheyCouldNotBeTried(t *testing.T) {
	ports := func(doc *goquery.Document) string {
		var all []string
		doc.Find("#checks dl").First().Find("dt").
			Each(func(_ int, dt *goquery.Selection) { all = append(all, said(dt)+": "+said(dt.Next())) })
		return strings.Join(all, ", ")
	}
	c, m := oneServer(t, func(m *fakeServer) {
		m.row.OS = "windows"
		m.probe = server.Probe{At: webtest.Now, Trouble: fault.Say("server.probe.nowhere"),
			Ports: []server.Port{{Port: 3389, Answer: server.Answers}}}
	})
	asHTMX(c)
	doc := c.Get(serverURL + "/checks").Want(http.StatusOK).Page()
	if got, want := ports(doc), "3389 Remote Desktop: Answers, 80 Web: Not tried, 443 Web, encrypted: Not tried"; got != want {
		t.Errorf("Windows: got %q, want %q", got, want)
	}
	webtest.Says(t, doc, "#checks .note", "It could not be tried. "+webtest.Word("server.probe.nowhere"))
	m.row.OS, m.probe.Trouble = "linux", fault.Message{}
	doc = c.Get(serverURL + "/checks").Page()
	if got, want := ports(doc), "22 SSH: Not tried, 80 Web: Not tried, 443 Web, encrypted: Not tried"; got != want {
		t.Errorf("Linux: got %q, want %q", got, want)
	}
	if doc.Find("#checks .note").Length() > 0 {
		t.Error("ports that were not tried are called closed")
	}
	m.row.Address = ""
	webtest.Says(t, c.Get(serverURL+"/checks").Page(), "#checks form", webtest.Word("server.up.noaddress"))
}

// The card of an application leads to what answered, and to the manual of the site.
func TestWhereTheCardOfAnApplicationLeads(t *testing.T) {
	answers := func(ports ...int) server.Probe {
		p := server.Probe{At: webtest.Now}
		for _, n := range ports {
			p.Ports = append(p.Ports, server.Port{Port: n, Answer: server.Answers})
		}
		return p
	}
	tests := []struct {
		name    string
		site    account.Site
		address string
		state   string
		probe   server.Probe
		open    string
		port    string
		manual  string
	}{
		{"by IPv6", account.International, "2001:db8::1", instance.StateRunning, answers(80), "http://[2001:db8::1]/", "80 answers", "intl/en-us"},
		{"encrypted before plain", account.International, "203.0.113.30", instance.StateRunning, answers(80, 443), "https://203.0.113.30/", "443 answers", "intl/en-us"},
		{"mainland", account.Mainland, "203.0.113.30", instance.StateRunning, answers(443), "https://203.0.113.30/", "443 answers", "huaweicloud.com/flexusl"},
		{"simulated", account.SandboxSite, "203.0.113.30", instance.StateRunning, answers(443), "", "443 answers", "intl/en-us"},
		{"stopped since", account.International, "203.0.113.30", instance.StateStopped, answers(443), "", "not known", "intl/en-us"},
		{"another port alone", account.International, "203.0.113.30", instance.StateRunning, answers(22), "", "not known", "intl/en-us"},
		{"no address", account.International, "", instance.StateRunning, answers(443), "", "not known", "intl/en-us"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, func(m *fakeServer) { m.row.Address, m.row.State, m.probe = tt.address, tt.state, tt.probe })
			c.Accounts.All[0].Site = tt.site
			doc := c.Get(serverURL).Want(http.StatusOK).Page()
			if got := doc.Find("#first-login a").Not("[href*='support.huaweicloud.com']").AttrOr("href", ""); got != tt.open {
				t.Errorf("opens %q, want %q", got, tt.open)
			}
			if got := doc.Find("#first-login a").Last().AttrOr("href", ""); !strings.Contains(got, tt.manual) {
				t.Errorf("the manual is %q", got)
			}
			if got := facts(doc, "#first-login")["Port"]; !strings.HasPrefix(got, tt.port) {
				t.Errorf("port: %q, want %q", got, tt.port)
			}
			if got := facts(doc, "#first-login")["Address"]; tt.address == "" && got != "not known" || !strings.Contains(got, tt.address) {
				t.Errorf("address: %q", got)
			}
		})
	}
	for _, image := range []string{"", "ubuntu", "img-of-somebody"} {
		c, _ := oneServer(t, func(m *fakeServer) { m.row.Image = image })
		if c.Get(serverURL).Page().Find("#first-login").Length() > 0 {
			t.Errorf("%q: a bare system has the card of an application", image)
		}
	}
}
