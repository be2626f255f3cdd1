package detail_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/server"
	"sampan/internal/app/web/webtest"
)

// asHTMX has the console's browser ask as htmx does.
func asHTMX(c *webtest.Console) { c.Header.Set("HX-Request", "true") }

// errBroken is an error that no page may quote.
var errBroken = errors.New("the secret of the store")

// refusals are the kinds of failure with the status and the heading of their page.
var refusals = []struct {
	name   string
	err    error
	status int
	title  string
	says   string // instead of the usual sentence
}{
	{"invalid", fault.New(fault.Invalid, "server.tag.key.rule"), 422, "failure.422.title", "server.tag.key.rule"},
	{"changed meanwhile", fault.New(fault.Conflict, "server.state"), 409, "failure.409.title", "server.state"},
	{"gone", fault.New(fault.NotFound, "server.missing"), 404, "failure.404.title", "server.missing"},
	{"not allowed", fault.New(fault.Forbidden, "server.forbidden"), 403, "failure.403.title", "server.forbidden"},
	{"too much at once", fault.New(fault.Busy, "server.probe.busy"), 503, "failure.503.title", "server.probe.busy"},
	{"refused by Huawei", fault.New(fault.Refused, "cloud.console.none"), 502, "failure.502.title", "cloud.console.none"},
	{"nobody answers", fault.New(fault.Unreachable, "cloud.throttled"), 502, "failure.502.title", "cloud.throttled"},
	{"no clear answer", fault.New(fault.Unknown, "cloud.throttled"), 502, "failure.502.title", "cloud.throttled"},
	{"broken", errBroken, 500, "failure.500.title", "failure.500.text"},
}

// TestWhatAChangeOfAServerIsRefusedWith holds each action to each kind of failure:
// as a page, and as what htmx shows beside the page that is open.
func TestWhatAChangeOfAServerIsRefusedWith(t *testing.T) {
	actions := []struct {
		name, path string
		form       []string
		called     string
		itself     string // the kinds that the action shows by itself
	}{
		{"test the ports", "/probe", nil, "try " + serverID, ""},
		{"rename", "/names", []string{"field", "name", "name", "web-1"}, "edit " + serverID + " name=web-1",
			"invalid, refused by Huawei, nobody answers, no clear answer"},
		{"set a tag", "/tags", []string{"key", "env", "value", "test"}, "add " + serverID + " env=test", "invalid"},
		{"remove a tag", "/tags", []string{"remove", "env", "value", "prod"}, "remove " + serverID + " env=prod", ""},
		{"open the screen", "/screen", nil, "screen " + serverID,
			"invalid, changed meanwhile, too much at once, refused by Huawei, nobody answers, no clear answer"},
	}
	for _, a := range actions {
		for _, r := range refusals {
			if strings.Contains(a.itself, r.name) {
				continue
			}
			t.Run(a.name+": "+r.name, func(t *testing.T) {
				c, m := oneServer(t, func(m *fakeServer) { m.err = r.err })
				doc := c.Post(serverURL+a.path, a.form...).Want(r.status).Page()
				webtest.Says(t, doc, "h1", webtest.Word(r.title))
				webtest.Says(t, doc, "main", webtest.Word(r.says))
				if strings.Contains(doc.Text(), errBroken.Error()) {
					t.Error("the page quotes an error of the console")
				}
				if len(m.said) != 1 || m.said[0] != a.called {
					t.Errorf("called %q, want %q", m.said, a.called)
				}
				asHTMX(c)
				answer := c.Post(serverURL+a.path, a.form...)
				if r.status == http.StatusInternalServerError {
					webtest.Says(t, answer.Want(r.status).Page(), "h1", webtest.Word(r.title))
					return
				}
				doc = answer.Want(http.StatusUnprocessableEntity).Page()
				webtest.Says(t, doc, ".note", webtest.Word(r.says))
				if got := answer.Header.Get("HX-Retarget"); got != "#toasts" || doc.Find("h1").Length() > 0 {
					t.Errorf("goes to %q, want a note beside the page", got)
				}
			})
		}
	}
}

func TestWhatHuaweiSaysOfANameStandsAtItsField(t *testing.T) {
	for _, r := range refusals {
		if !strings.Contains("invalid, refused by Huawei, nobody answers, no clear answer", r.name) {
			continue
		}
		for _, field := range server.NameFields {
			c, m := oneServer(t, func(m *fakeServer) { m.err = r.err })
			doc := c.Post(serverURL+"/names", "field", field, field, "typed here").Want(http.StatusUnprocessableEntity).Page()
			webtest.Says(t, doc, "#"+field+"-error", webtest.Word(r.says))
			if got := doc.Find("#"+field).AttrOr("value", ""); got != "typed here" {
				t.Errorf("%s, %s: the field holds %q", r.name, field, got)
			}
			if n := doc.Find("#names form").Length(); n != 1 || doc.Find("#names a[aria-label]").Length() != 2 {
				t.Errorf("%s, %s: %d lines are open", r.name, field, n)
			}
			if len(m.said) != 1 || m.said[0] != "edit "+serverID+" "+field+"=typed here" {
				t.Errorf("%s, %s: called %q", r.name, field, m.said)
			}
		}
	}
}

// A screen that does not open leads on to Huawei's console, with the status of why.
func TestAScreenThatDoesNotOpenSaysWhy(t *testing.T) {
	for _, r := range refusals {
		if !strings.Contains("invalid, changed meanwhile, too much at once, refused by Huawei, nobody answers, no clear answer", r.name) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			c, _ := oneServer(t, func(m *fakeServer) { m.err = r.err })
			a := c.Post(serverURL + "/screen").Want(r.status)
			doc := a.Page()
			webtest.Says(t, doc, "h1", "Screen of lotus-shop-01")
			webtest.Says(t, doc, ".note", webtest.Word("server.screen.none")+" "+webtest.Word(r.says))
			webtest.Says(t, doc, "main", "In Huawei’s console, look for lotus-shop-01, 203.0.113.30")
			if doc.Find("main a[href='"+serverURL+"']").Length() != 1 || doc.Find("meta[http-equiv=refresh]").Length() > 0 {
				t.Error("nothing leads back to the server, or the page leads away by itself")
			}
			if strings.Contains(a.Body, "token=once") {
				t.Error("an address that was not given is shown")
			}
		})
	}
}

// A mainland or a European account has no console at Huawei that is known here.
func TestAScreenWithoutAConsoleToLeadTo(t *testing.T) {
	c, _ := oneServer(t, func(m *fakeServer) { m.err, m.row.Address = fault.New(fault.Refused, "cloud.console.none"), "" })
	c.Accounts.All[0].Site = account.Europe
	doc := c.Post(serverURL + "/screen").Want(http.StatusBadGateway).Page()
	if n := doc.Find("main a[target=_blank]").Length(); n != 0 {
		t.Errorf("%d links leave the console", n)
	}
	webtest.Says(t, doc, "main", "lotus-shop-01, not known")
}

// TestWhatCannotBeReadIsAFailure holds every address to a reading of its own that
// fails: it must not answer with half a page.
func TestWhatCannotBeReadIsAFailure(t *testing.T) {
	one := "/instances/" + instanceID
	tests := []struct {
		path, reading string
		htmx          bool
	}{
		{serverURL, "row", false}, {serverURL, "detail", false}, {serverURL, "detail", true}, {serverURL, "metrics", false},
		{serverURL, "flag", false}, {serverURL, "probe", false}, {serverURL, "trail", false},
		{serverURL + "/raw", "detail", false}, {serverURL + "/raw", "row", false},
		{serverURL + "/login.rdp", "row", false},
		{serverURL + "/metrics", "metrics", true}, {serverURL + "/metrics?span=7d", "metrics", false}, {serverURL + "/metrics", "row", true},
		{serverURL + "/checks", "probe", true}, {serverURL + "/checks", "flag", true}, {serverURL + "/checks", "row", true},
		{serverURL + "/names?edit=name", "detail", true}, {serverURL + "/names", "row", false},
		{serverURL + "/tags", "detail", true}, {serverURL + "/tags", "row", true},
		{one, "detail", false}, {one, "orders", false}, {one, "orders", true}, {one, "trail", false},
		{one + "/raw", "detail", false}, {one + "/raw", "detail", true},
	}
	for _, tt := range tests {
		name := strings.ReplaceAll(strings.ReplaceAll(tt.path, serverID, "S"), instanceID, "I") + " without " + tt.reading
		t.Run(name, func(t *testing.T) {
			c, m := oneServer(t, func(m *fakeServer) { m.fails = map[string]error{tt.reading: errBroken} })
			if tt.htmx {
				asHTMX(c)
			}
			doc := c.Get(tt.path).Want(http.StatusInternalServerError).Page()
			webtest.Says(t, doc, "h1", webtest.Word("failure.500.title"))
			if strings.Contains(doc.Text(), errBroken.Error()) || strings.Contains(doc.Text(), m.row.Address) {
				t.Error("the page quotes the error, or shows half of what it shows otherwise")
			}
			if !strings.Contains(c.Log.String(), errBroken.Error()) {
				t.Error("the log does not say what happened")
			}
		})
	}
}

// What was typed is read again after a refusal: when that fails, the failure is said.
func TestARefusalWhosePageCannotBeRead(t *testing.T) {
	for _, form := range [][]string{{"/names", "field", "name", "name", "x"}, {"/tags", "key", "k", "value", "v"}} {
		c, _ := oneServer(t, func(m *fakeServer) {
			m.err = &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{
				"name": fault.Say("server.name.rule"), "key": fault.Say("server.tag.key.rule"),
			}}
			m.fails = map[string]error{"detail": errBroken}
		})
		webtest.Says(t, c.Post(serverURL+form[0], form[1:]...).Want(500).Page(), "h1", webtest.Word("failure.500.title"))
	}
}

func TestATrafficThatCannotBeReadIsAFailure(t *testing.T) {
	for _, path := range []string{serverURL, "/instances/" + instanceID} {
		c, m := oneServer(t)
		m.detail.Instance.PackageID = "4fb5cd67"
		c.Traffic.Err = errBroken
		webtest.Says(t, c.Get(path).Want(500).Page(), "h1", webtest.Word("failure.500.title"))
	}
}

// Without script each action comes back to the page of the server.
func TestPartsWithoutScriptLeadToThePage(t *testing.T) {
	c, _ := oneServer(t)
	for _, path := range []string{"/checks", "/tags"} {
		c.Get(serverURL+path).Want(http.StatusSeeOther, serverURL)
	}
}

// TestEachPartIsSentAlone asks as htmx does for each part of a server's page.
func TestEachPartIsSentAlone(t *testing.T) {
	c, _ := oneServer(t)
	asHTMX(c)
	for path, id := range map[string]string{"": "server", "/metrics": "metrics", "/checks": "checks", "/names": "names", "/tags": "tags"} {
		doc := c.Get(serverURL + path).Want(http.StatusOK).Page()
		part := doc.Find("#" + id)
		if part.Length() != 1 || doc.Find("h1, .nav").Length() > 0 {
			t.Errorf("%q: got more than #%s, or not that", path, id)
		}
		if got := part.AttrOr("hx-get", ""); !strings.HasPrefix(got, serverURL+path) {
			t.Errorf("%q: reads itself again at %q", path, got)
		}
	}
	doc := c.Get(serverURL).Page()
	webtest.Says(t, doc, "#server-state[hx-swap-oob=true]", "Running")
	webtest.Says(t, doc, "[hx-swap-oob]#server-name", "lotus-shop-01")
	if doc.Find("#server-notes[hidden]").Length() != 1 {
		t.Error("notes that are over stay on the page")
	}
}

// Every role sees the page; only those who operate servers are offered changes,
// and only those who may ask Huawei the button for it.
func TestWhoIsOfferedWhat(t *testing.T) {
	for _, role := range []person.Role{person.Viewer, person.Buyer, person.Operator, person.Owner} {
		c, _ := oneServer(t)
		doc := c.As(role).Get(serverURL).Want(http.StatusOK).Page()
		operates := role.May(person.Operate)
		for what, selector := range map[string]string{
			"lines to change": "#names a[aria-label]", "a form for tags": "#tags form", "a test of the ports": "#checks form",
			"the screen": "#access form",
		} {
			if got := doc.Find(selector).Length() > 0; got != operates {
				t.Errorf("%s: %s offered: %v, want %v", role, what, got, operates)
			}
		}
		for _, path := range []string{serverURL, "/instances/" + instanceID} {
			got := c.Get(path).Page().Find("form[action='/instances/refresh']").Length() > 0
			if want := role.May(person.Refresh); got != want {
				t.Errorf("%s: %s offers to read from Huawei: %v, want %v", role, path, got, want)
			}
		}
	}
}

// Spaces around what was typed are not sent; the page says what was done.
func TestAChangeIsSentWithoutSpacesAroundItAndSaid(t *testing.T) {
	c, m := oneServer(t)
	c.Post(serverURL+"/names", "field", "description", "description", "  the shop  ").Want(http.StatusSeeOther, serverURL)
	webtest.Says(t, c.Get(serverURL).Page(), ".toast", webtest.Word("server.said.description"))
	c.Post(serverURL+"/tags", "key", " env ", "value", " prod ").Want(http.StatusSeeOther, serverURL)
	webtest.Says(t, c.Get(serverURL).Page(), ".toast", webtest.Word("server.said.tagged"))
	c.Post(serverURL+"/tags", "remove", "env", "value", "prod").Want(http.StatusSeeOther, serverURL)
	webtest.Says(t, c.Get(serverURL).Page(), ".toast", webtest.Word("server.said.untagged"))
	want := "edit S description=the shop|add S env=prod|remove S env=prod"
	if got := strings.ReplaceAll(strings.Join(m.said, "|"), serverID, "S"); got != want {
		t.Errorf("called %q, want %q", got, want)
	}
}

// A problem of the key is marked there and takes the focus; so does one of the value.
func TestATagThatIsRefusedIsMarkedWhereItIsWrong(t *testing.T) {
	for _, wrong := range []string{"key", "value"} {
		rule := "server.tag." + wrong + ".rule"
		c, _ := oneServer(t, func(m *fakeServer) {
			m.err = &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{wrong: fault.Say(rule)}}
		})
		asHTMX(c)
		doc := c.Post(serverURL+"/tags", "key", "k", "value", "v").Want(http.StatusUnprocessableEntity).Page()
		webtest.Says(t, doc, "#tag-"+wrong+"-error", webtest.Word(rule))
		if doc.Find("[aria-invalid=true]").Length() != 1 || doc.Find("#tag-"+wrong+"[autofocus]").Length() != 1 ||
			doc.Find("[autofocus]").Length() != 1 {
			t.Errorf("%s: not marked alone, or not in focus", wrong)
		}
		if doc.Find("#tags[hx-trigger]").Length() > 0 || doc.Find("h1").Length() > 0 {
			t.Errorf("%s: the open part is swapped, or htmx gets the page", wrong)
		}
	}
}

// The times on the page are those of the person's zone.
func TestTimesAreThoseOfTheReader(t *testing.T) {
	c, m := oneServer(t)
	m.detail.Servers[0].Created = time.Date(2026, 10, 1, 23, 30, 0, 0, time.UTC)
	webtest.Says(t, c.Get(serverURL).Page(), "#facts", "2 Oct")
	c.Persons.Who.Zone = "America/Sao_Paulo"
	webtest.Says(t, c.Get(serverURL).Page(), "#facts", "1 Oct")
}
