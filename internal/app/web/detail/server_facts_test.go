package detail_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/ui"
)

// said is the text of what is selected, in one line.
func said(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// facts gives the values of a panel by their keys, with their notes; several values
// of one key are parted by "|".
func facts(doc *goquery.Document, panel string) map[string]string {
	out := make(map[string]string)
	doc.Find(panel + " dl.kv dt").Each(func(_ int, dt *goquery.Selection) {
		key, value := said(dt), said(dt.Next())
		if out[key] != "" {
			value = out[key] + "|" + value
		}
		out[key] = value
	})
	return out
}

// holds fails unless the panel has these values; "" wants the key not to be there.
func holds(t *testing.T, doc *goquery.Document, panel string, want map[string]string) {
	t.Helper()
	got := facts(doc, panel)
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s, %s: got %q, want %q", panel, key, got[key], value)
		}
	}
}

func TestFactsOfAServer(t *testing.T) {
	tests := []struct {
		name   string
		change func(*fakeServer)
		want   map[string]string
	}{
		{"all is known", func(m *fakeServer) {
			m.detail.Servers[0].Disks = append(m.detail.Servers[0].Disks, instance.Disk{ID: "d2"})
			m.row.More = []string{"2001:db8::1", "203.0.113.31"}
			m.row.VCPUs, m.row.MemoryMiB = 4, 8192
		}, map[string]string{
			"Another address": "2001:db8::1|203.0.113.31", "System": "Linux", "Size": "4 vCPU, 8 GiB hf.large.2.30m.linux",
			"Disks": "2 disks system /dev/vda · data d2", "Lock": "Locked to its package delete", "Zone": "ap-southeast-3a",
		}},
		{"ECS has not spoken yet", func(m *fakeServer) {
			m.detail.Servers, m.detail.ServerChanges = nil, nil
			m.row.OS, m.row.VCPUs, m.row.MemoryMiB, m.row.Zone, m.row.ImageName, m.row.Private = "", 0, 0, "", "", ""
		}, map[string]string{
			"System": "not known", "Size": "2 vCPU, 4 GiB hf.large.2.30m.linux", "Zone": "not known", "Image": "not known",
			"Private address": "not known", "Disks": "", "Lock": "", "VPC": "", "Security group": "", "First started": "not known",
			"Last read": "Servers: never read",
		}},
		{"a size that the catalogue does not know", func(m *fakeServer) {
			m.row.VCPUs, m.row.Spec = 0, "new.huge.1"
		}, map[string]string{"Size": "new.huge.1 new.huge.1"}},
		{"Windows", func(m *fakeServer) { m.row.OS = "windows" }, map[string]string{"System": "Windows"}},
		{"no address", func(m *fakeServer) { m.row.Address, m.detail.Facts = "", nil }, map[string]string{"Public address": "not known"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, tt.change)
			holds(t, c.Get(serverURL).Want(http.StatusOK).Page(), "#facts", tt.want)
		})
	}
}

// Each state has a word, beside the name and above the facts what it means.
func TestStatesOfAServer(t *testing.T) {
	for _, state := range append(instance.States(), "") {
		c, _ := oneServer(t, func(m *fakeServer) { m.row.State, m.row.Status = state, "" })
		doc := c.Get(serverURL).Want(http.StatusOK).Page()
		word, means := "not known", instance.StateUnknown
		if state != "" {
			word, means = webtest.Word("server.state."+state), state
		}
		if got := said(doc.Find("h1 .st")); got != word {
			t.Errorf("%q: the head says %q, want %q", state, got, word)
		}
		webtest.Says(t, doc, "#facts", webtest.Word("server.means."+means))
	}
	c, _ := oneServer(t, func(m *fakeServer) { m.row.State, m.row.Status = instance.StateBusy, "RESIZE" })
	webtest.Says(t, c.Get(serverURL).Page(), "h1 .st", "Busy (RESIZE)")
}

func TestThePackageOfAServer(t *testing.T) {
	tests := []struct {
		name   string
		change func(*fakeServer)
		want   map[string]string
		leads  string
	}{
		{"not known yet", func(m *fakeServer) { m.detail.Instance = instance.Instance{AccountID: "a1"} },
			map[string]string{"Instance": "not known Huawei has not said yet which instance it belongs to", "Expires": "",
				"Auto-renew": ""}, ""},
		{"billing has not spoken yet", func(m *fakeServer) {
			m.detail.Instance.SeenBSS, m.detail.Instance.Expires = time.Time{}, time.Time{}
		}, map[string]string{"Expires": "not known", "Auto-renew": "not known", "Traffic left": "not known"}, "/instances/" + instanceID},
		{"it renews itself", func(m *fakeServer) { m.detail.Instance.AutoRenew = true },
			map[string]string{"Auto-renew": "On: Huawei renews it by itself",
				"Instance": "WordPress-ap-southeast-3-X6p4 this name cannot be changed"},
			"/instances/" + instanceID},
		{"its traffic is known", func(m *fakeServer) {
			m.detail.Traffic = instance.Traffic{Left: 328, Total: 4096, At: webtest.Now.Add(-time.Hour)}
		}, map[string]string{"Auto-renew": "Off", "Traffic left": "328 GB of 4 TB Huawei’s figure, today at 08:21"},
			"/instances/" + instanceID},
		{"a little of it is left", func(m *fakeServer) {
			m.detail.Traffic = instance.Traffic{Left: 0.4, Total: 4096, At: webtest.Now}
		}, map[string]string{"Traffic left": webtest.Word("traffic.little") + " of 4 TB Huawei’s figure, today at 09:21"},
			"/instances/" + instanceID},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, tt.change)
			doc := c.Get(serverURL).Want(http.StatusOK).Page()
			holds(t, doc, "#package", tt.want)
			if got := doc.Find("#package .ph a").AttrOr("href", ""); got != tt.leads {
				t.Errorf("leads to %q, want %q", got, tt.leads)
			}
		})
	}
}

// notesOf are the notes above a server or an instance.
func notesOf(doc *goquery.Document) []string {
	var all []string
	doc.Find("#server-notes > .note, #instance > .note").Each(func(_ int, n *goquery.Selection) { all = append(all, said(n)) })
	return all
}

// TestTheEndOfATerm holds the note of the term, and how urgent it looks, to the
// time that is left, on the page of the server and of its instance.
func TestTheEndOfATerm(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		name string
		left time.Duration
		auto bool
		says string // how the note begins; "" wants none
		tone string
	}{
		{"not known", 0, false, "", ""},
		{"two weeks and an hour", 14*day + time.Hour, false, "", ""},
		{"two weeks", 14 * day, false, "Expires 7 Dec", ui.Caution},
		{"three days and an hour", 3*day + time.Hour, false, "Expires 26 Nov", ui.Caution},
		{"three days", 3 * day, false, "Expires 26 Nov", ui.Bad},
		{"an hour", time.Hour, false, "Expires today at 10:21", ui.Bad},
		{"an hour, renewed by itself", time.Hour, true, "", ""},
		{"none", -time.Minute, false, "Its term ended today at 09:20", ui.Bad},
		{"none, though it should have been renewed", -time.Minute, true, "Its term ended today at 09:20", ui.Bad},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, func(m *fakeServer) {
				m.detail.Instance.AutoRenew, m.detail.Instance.Expires = tt.auto, webtest.Now.Add(tt.left)
				if tt.left == 0 {
					m.detail.Instance.Expires = time.Time{}
				}
			})
			for _, path := range []string{serverURL, "/instances/" + instanceID} {
				doc := c.Get(path).Want(http.StatusOK).Page()
				notes := notesOf(doc)
				if tt.says == "" {
					if len(notes) > 0 {
						t.Errorf("%s: says %q", path, notes)
					}
					continue
				}
				if len(notes) != 1 || !strings.HasPrefix(notes[0], tt.says) ||
					!doc.Find("#server-notes > .note, #instance > .note").HasClass(tt.tone) {
					t.Errorf("%s: says %q, want %q in the tone %q", path, notes, tt.says, tt.tone)
				}
			}
		})
	}
}

func TestNotesOfWhatIsNotThereOrNotTrueAnyMore(t *testing.T) {
	lost := func(serverID string, at time.Time) instance.Sight {
		return instance.Sight{Source: instance.FromECS, ServerID: serverID, At: at, Lost: true}
	}
	differs := func(name string) []instance.Fact {
		return []instance.Fact{{Name: name, Value: "a", Source: instance.FromECS, At: webtest.Now,
			Others: []instance.Said{{Source: instance.FromConfig, Value: "b"}}}}
	}
	tests := []struct {
		name         string
		change       func(*fakeServer)
		server, pack []string // how the notes begin
	}{
		{"nothing is wrong", func(*fakeServer) {}, nil, nil},
		{"Huawei lists it no more", func(m *fakeServer) { m.row.GoneAt = webtest.Now.Add(-time.Hour) },
			[]string{"Huawei does not list this server any more, since today at 08:21."}, nil},
		{"Huawei lists the instance no more", func(m *fakeServer) { m.detail.Instance.GoneAt = webtest.Now.Add(-time.Hour) },
			nil, []string{"Huawei does not list this instance any more, since today at 08:21."}},
		{"ECS lists another server no more", func(m *fakeServer) { m.detail.Sights = []instance.Sight{lost("another", webtest.Now)} },
			nil, []string{"Not seen since today at 09:21. “Servers” at Huawei"}},
		{"ECS lists this server no more", func(m *fakeServer) { m.detail.Sights = []instance.Sight{lost(serverID, webtest.Now)} },
			[]string{"Not seen since today at 09:21. “Servers” at Huawei"}, []string{"Not seen since today at 09:21."}},
		{"ECS never listed it", func(m *fakeServer) { m.detail.Sights = []instance.Sight{lost(serverID, time.Time{})} }, nil, nil},
		{"two sources name another size", func(m *fakeServer) { m.detail.Facts = differs("spec") },
			[]string{"Huawei’s services disagree about: Size. Servers, just now: “a”. List of instances: never read: “b”."},
			[]string{"Huawei’s services disagree about: Size."}},
		{"two sources name another description", func(m *fakeServer) { m.detail.Facts = differs("description") }, nil, nil},
		{"its name was changed a week ago", func(m *fakeServer) {
			m.detail.ServerChanges[0] = map[string]instance.Noted{"name": {Was: "a", Is: "b", At: webtest.Now.Add(-7 * 24 * time.Hour)}}
		}, []string{"Name was changed outside of this console, seen 16 Nov"}, nil},
		{"its name was changed longer ago", func(m *fakeServer) {
			m.detail.ServerChanges[0] = map[string]instance.Noted{"name": {Was: "a", Is: "b",
				At: webtest.Now.Add(-7*24*time.Hour - time.Minute)}}
		}, nil, nil},
		{"two facts of the instance were changed", func(m *fakeServer) {
			m.detail.Changes = map[string]instance.Noted{
				"tags": {Is: "x=y", At: webtest.Now}, "autorenew": {Was: "yes", Is: "no", At: webtest.Now}, "its_mood": {Is: "good", At: webtest.Now},
			}
		}, nil, []string{"Automatic renewal was changed", "its_mood was changed",
			"Tags was changed outside of this console, seen today at 09:21. It was “–” and is “x=y”."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, tt.change)
			for path, want := range map[string][]string{serverURL: tt.server, "/instances/" + instanceID: tt.pack} {
				got := notesOf(c.Get(path).Want(http.StatusOK).Page())
				if !slices.EqualFunc(got, want, strings.HasPrefix) {
					t.Errorf("%s: got %q, want %q", path, got, want)
				}
			}
		})
	}
}

// What could not be read is said where it matters: servers of the place, and what
// is of the whole account.
func TestWhatCouldNotBeReadIsSaidAtThePlace(t *testing.T) {
	failed := func(source, region string, about instance.About) instance.Gap {
		return instance.Gap{AccountID: "a1", About: about, Source: source, Region: region, OKAt: webtest.Now.Add(-2 * time.Hour),
			TriedAt: webtest.Now, Trouble: fault.Say("cloud.throttled")}
	}
	open := failed("bss", "", instance.AboutTerms)
	open.Trouble = fault.Message{}
	tests := []struct {
		name string
		gap  instance.Gap
		says string
	}{
		{"servers there", failed("ecs:ap-southeast-3", "ap-southeast-3", instance.AboutStates), "Servers in Singapore of Marina Labs"},
		{"servers elsewhere", failed("ecs:tr-west-1", "tr-west-1", instance.AboutStates), ""},
		{"billing", failed("bss", "", instance.AboutTerms), "Expiry dates of Marina Labs"},
		{"still to be read", open, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, m := oneServer(t)
			c.Instances.GivenRows = []instance.Instance{m.detail.Instance}
			c.Instances.GivenGaps = instance.Gaps{tt.gap}
			for _, path := range []string{serverURL, "/instances/" + instanceID} {
				notes := notesOf(c.Get(path).Want(http.StatusOK).Page())
				if tt.says == "" && len(notes) > 0 || tt.says != "" && len(notes) != 1 {
					t.Fatalf("%s: says %q", path, notes)
				}
				if tt.says != "" && (!strings.Contains(notes[0], tt.says) || !strings.Contains(notes[0], webtest.Word("cloud.throttled")) ||
					!strings.Contains(notes[0], "Last read today at 07:21.")) {
					t.Errorf("%s: says %q, not why and since when", path, notes)
				}
			}
		})
	}
}

func TestAccessToAServer(t *testing.T) {
	tests := []struct {
		name          string
		site          account.Site
		change        func(*fakeServer)
		ssh, rdp, say string
		code          bool // there is one for phones
	}{
		{"Linux", account.International, func(*fakeServer) {}, "ssh root@203.0.113.30", "", webtest.Word("server.access.first"), true},
		{"Linux by IPv6", account.International, func(m *fakeServer) { m.row.Address = "2001:db8::1" }, "ssh root@2001:db8::1", "", "User: root", true},
		{"Windows", account.International, func(m *fakeServer) { m.row.OS = "windows" }, "", "203.0.113.30:3389", "User: Administrator", true},
		{"Windows by IPv6", account.International, func(m *fakeServer) { m.row.OS, m.row.Address = "windows", "2001:db8::1" }, "", "[2001:db8::1]:3389", "", true},
		{"no address", account.International, func(m *fakeServer) { m.row.Address = "" }, "", "", webtest.Word("server.access.noaddress"), false},
		{"no system", account.International, func(m *fakeServer) { m.row.OS = "" }, "", "", webtest.Word("server.access.nosystem"), false},
		{"simulated", account.SandboxSite, func(*fakeServer) {}, "ssh root@203.0.113.30", "", webtest.Word("server.access.play"), true},
		{"where to look at Huawei", account.International, func(m *fakeServer) { m.row.Address = "" }, "", "",
			"Look there for lotus-shop-01, not known, in Singapore.", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, tt.change)
			c.Accounts.All[0].Site = tt.site
			doc := c.Get(serverURL).Want(http.StatusOK).Page()
			if got := webtest.Value(doc, "ssh"); got != tt.ssh {
				t.Errorf("SSH: %q, want %q", got, tt.ssh)
			}
			if got := webtest.Value(doc, "rdp"); got != tt.rdp {
				t.Errorf("Remote Desktop: %q, want %q", got, tt.rdp)
			}
			webtest.Says(t, doc, "#access", tt.say)
			if got := doc.Find("#access svg.qr[aria-label^='QR code of']").Length() == 1; got != tt.code {
				t.Errorf("a code for phones: %v, want %v", got, tt.code)
			}
			if got := doc.Find("#access a[href$='/login.rdp']").Length() == 1; got != (tt.rdp != "") {
				t.Errorf("a file for Remote Desktop: %v", got)
			}
		})
	}
}

// The name of a downloaded file keeps only what every system takes.
func TestNamesOfFiles(t *testing.T) {
	for name, want := range map[string]string{
		"web-01_a": "web-01_a", "服务器": "server", `a/b\c";x`: "abcx", "": "server", strings.Repeat("x", 80): strings.Repeat("x", 60),
	} {
		c, _ := oneServer(t, func(m *fakeServer) { m.row.OS, m.row.Name = "windows", name })
		got := c.Get(serverURL + "/login.rdp").Want(http.StatusOK).Header.Get("Content-Disposition")
		if got != `attachment; filename="`+want+`.rdp"` {
			t.Errorf("%q: %s", name, got)
		}
	}
	c, _ := oneServer(t, func(m *fakeServer) { m.row.OS, m.row.Address = "windows", "not an address" })
	c.Get(serverURL + "/login.rdp").Want(http.StatusNotFound)
}

// An open page may watch what its person may see.
func TestTopicsOfAServerAndAnInstance(t *testing.T) {
	c, m := oneServer(t)
	c.Instances.GivenRows = []instance.Instance{m.detail.Instance}
	for _, topic := range []string{"server/" + serverID, "reading/" + serverID, "instance/" + instanceID} {
		if got := c.Get("/events?topics=" + topic).Want(http.StatusOK).Body; !strings.HasPrefix(got, topic+" ") {
			t.Errorf("watches %q, want %q", got, topic)
		}
	}
	for _, topic := range []string{"server/none", "reading/none", "instance/none"} {
		c.Get("/events?topics=" + topic).Want(http.StatusNotFound)
	}
	c.Instances.GivenRows[0].AccountID, m.row.AccountID = "another", "another"
	for _, topic := range []string{"server/" + serverID, "instance/" + instanceID} {
		c.Get("/events?topics=" + topic).Want(http.StatusNotFound)
	}
}
