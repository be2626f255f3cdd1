package ecs_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/server"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/ecs"
)

const someServer = "72a270de-665a-4f46-8d64-24ad6edccdd2"

func to(s string) *string { return &s }

// sandbox is a Sandbox with 60 servers and the way to it.
func sandbox(t *testing.T, cred account.Credential) (*cloudsim.Server, *ecs.Client, account.Access) {
	t.Helper()
	s := simtest.Start(t, cloudsim.Options{})
	if err := s.Fleet("Sandbox", 60); err != nil {
		t.Fatal(err)
	}
	return s, &ecs.Client{API: cloudtest.API()}, cloudtest.Access(t, s, "Sandbox", cred)
}

// running is a server of the account that runs.
func running(t *testing.T, c *ecs.Client, a account.Access) instance.Server {
	t.Helper()
	all, err := c.Servers(t.Context(), a, region, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Status == "ACTIVE" && !s.Frozen {
			return s
		}
	}
	t.Fatal("no server runs")
	return instance.Server{}
}

func again(t *testing.T, c *ecs.Client, a account.Access, id string) instance.Server {
	t.Helper()
	got, err := c.ServersByID(t.Context(), a, region, []string{id})
	if err != nil || len(got) != 1 {
		t.Fatalf("got %d, %v", len(got), err)
	}
	return got[0]
}

func TestAServerIsChanged(t *testing.T) {
	for _, cred := range []account.Credential{account.ByKey, account.ByLogin} {
		t.Run(string(cred), func(t *testing.T) {
			_, c, a := sandbox(t, cred)
			was := running(t, c, a)
			if err := c.Update(t.Context(), a, region, was.ID,
				server.Change{Name: to("网站-1"), Description: to("shop & more"), Hostname: to("web-1.example")}); err != nil {
				t.Fatal(err)
			}
			got := again(t, c, a, was.ID)
			if got.Name != "网站-1" || got.Description != "shop & more" || got.Hostname != "web-1.example" ||
				!got.Updated.After(was.Updated) {
				t.Errorf("got %q %q %q, updated %v", got.Name, got.Description, got.Hostname, got.Updated)
			}
			if err := c.Update(t.Context(), a, region, was.ID, server.Change{Description: to("")}); err != nil {
				t.Fatal(err)
			}
			if got := again(t, c, a, was.ID); got.Description != "" || got.Name != "网站-1" {
				t.Errorf("only the description was to be emptied: got %q, %q", got.Name, got.Description)
			}

			tags := []server.Tag{{Key: "env", Value: "prod"}, {Key: "bare"}}
			if err := c.AddTags(t.Context(), a, region, was.ID, tags); err != nil {
				t.Fatal(err)
			}
			have, err := c.Tags(t.Context(), a, region, was.ID)
			if d := cmp.Diff([]server.Tag{{Key: "bare"}, {Key: "env", Value: "prod"}}, have); d != "" || err != nil {
				t.Errorf("tags, %v (-want +got):\n%s", err, d)
			}
			if err := c.RemoveTags(t.Context(), a, region, was.ID, []server.Tag{{Key: "bare"}, {Key: "never"}}); err != nil {
				t.Fatal(err)
			}
			if have, err := c.Tags(t.Context(), a, region, was.ID); err != nil || len(have) != 1 {
				t.Errorf("tags then: got %v, %v", have, err)
			}

			if known, ok, err := c.ResetFlag(t.Context(), a, region, was.ID); !known || !ok || err != nil {
				t.Errorf("reset flag: got %v, %v, %v", known, ok, err)
			}
			screen, err := c.Console(t.Context(), a, region, was.ID)
			if err != nil || !strings.Contains(screen.Reveal(), "token=") {
				t.Errorf("console: got %d bytes, %v", len(screen.Reveal()), err)
			}
		})
	}
}

// TestRefusedValuesStandAtTheirField: by the code, or because only one was sent.
func TestRefusedValuesStandAtTheirField(t *testing.T) {
	_, c, a := sandbox(t, account.ByKey)
	id := running(t, c, a).ID
	for name, tt := range map[string]struct {
		change server.Change
		field  string
	}{
		"a name":                      {server.Change{Name: to("a b")}, "name"},
		"a description":               {server.Change{Description: to("<")}, "description"},
		"a hostname":                  {server.Change{Hostname: to("-")}, "hostname"},
		"the description of three":    {server.Change{Name: to("a"), Description: to("<"), Hostname: to("b")}, "description"},
		"the hostname of two":         {server.Change{Name: to("a"), Hostname: to("-")}, "hostname"},
		"the name of name, something": {server.Change{Name: to(" "), Description: to("a")}, "name"},
	} {
		t.Run(name, func(t *testing.T) {
			f := fault.Of(c.Update(t.Context(), a, region, id, tt.change))
			if f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[tt.field].ID != "cloud.server."+tt.field || f.Code == "" ||
				f.RequestID == "" {
				t.Errorf("got %v with %v, want %s", f, f.Fields, tt.field)
			}
		})
	}
	if err := c.Update(t.Context(), a, region, id, server.Change{}); err != nil {
		t.Errorf("no change: got %v", err)
	}
}

// TestAnswersToOneServer has every way an answer can go wrong, per call.
func TestAnswersToOneServer(t *testing.T) {
	update := func(t *testing.T, c *ecs.Client, a account.Access, id string) error {
		return c.Update(t.Context(), a, region, id, server.Change{Name: to("web-1")})
	}
	tags := func(t *testing.T, c *ecs.Client, a account.Access, id string) error {
		_, err := c.Tags(t.Context(), a, region, id)
		return err
	}
	addTags := func(t *testing.T, c *ecs.Client, a account.Access, id string) error {
		return c.AddTags(t.Context(), a, region, id, []server.Tag{{Key: "env", Value: "prod"}})
	}
	flag := func(t *testing.T, c *ecs.Client, a account.Access, id string) error {
		known, _, err := c.ResetFlag(t.Context(), a, region, id)
		if err == nil && known {
			t.Error("the flag is known")
		}
		return err
	}
	console := func(t *testing.T, c *ecs.Client, a account.Access, id string) error {
		_, err := c.Console(t.Context(), a, region, id)
		return err
	}
	for name, tt := range map[string]struct {
		fault cloudsim.Fault
		do    func(*testing.T, *ecs.Client, account.Access, string) error
		kind  fault.Kind
		id    string // "" is success
	}{
		"a change whose answer is lost is repeated":  {cloudsim.Fault{Call: "update_server", Kind: "drop_after"}, update, 0, ""},
		"a change that is never answered is unknown": {cloudsim.Fault{Call: "update_server", Kind: "drop_after", Times: -1}, update, fault.Unknown, "cloud.doubt.silent"},
		"a portal's page is no change":               {cloudsim.Fault{Call: "update_server", Kind: "html_200", Times: -1}, update, fault.Unknown, "cloud.doubt.garbled"},
		"a throttled change is repeated":             {cloudsim.Fault{Call: "update_server", Kind: "throttle_202"}, update, 0, ""},
		"a change of a server that is gone":          {cloudsim.Fault{Call: "update_server", Kind: "status", Status: 404, Code: "Ecs.0114"}, update, fault.NotFound, "cloud.gone"},
		"a change that is not allowed":               {cloudsim.Fault{Call: "update_server", Kind: "status", Status: 403}, update, fault.Refused, "cloud.permission"},
		"a change of a locked server":                {cloudsim.Fault{Call: "update_server", Kind: "status", Status: 400, Code: "Ecs.0605"}, update, fault.Refused, "cloud.locked"},
		"a change during another":                    {cloudsim.Fault{Call: "update_server", Kind: "status", Status: 501, Code: "Ecs.0603"}, update, fault.Busy, "cloud.busy"},
		"tags without a list":                        {cloudsim.Fault{Call: "server_tags", Kind: "status", Status: 200, Code: "x", Times: -1}, tags, fault.Unreachable, "cloud.read.garbled"},
		"no tags":                                    {cloudsim.Fault{Call: "server_tags", Kind: "empty"}, tags, 0, ""},
		"a tag that is refused":                      {cloudsim.Fault{Call: "change_tags", Kind: "status", Status: 400, Code: "Ecs.0005"}, addTags, fault.Refused, "cloud.invalid"},
		"a tag whose answer is lost is repeated":     {cloudsim.Fault{Call: "change_tags", Kind: "drop_after"}, addTags, 0, ""},
		"a flag that does not say":                   {cloudsim.Fault{Call: "reset_flag", Kind: "unsaid"}, flag, 0, ""},
		"a flag that is refused":                     {cloudsim.Fault{Call: "reset_flag", Kind: "status", Status: 403}, flag, fault.Refused, "cloud.permission"},
		"a console that is refused":                  {cloudsim.Fault{Call: "console", Kind: "status", Status: 400, Code: "Ecs.0605"}, console, fault.Refused, "cloud.locked"},
		"a console that is never answered":           {cloudsim.Fault{Call: "console", Kind: "drop_after", Times: 1}, console, fault.Unknown, "cloud.console.unclear"},
		"a console that has no address":              {cloudsim.Fault{Call: "console", Kind: "unsaid"}, console, fault.Refused, "cloud.console.none"},
	} {
		t.Run(name, func(t *testing.T) {
			s, c, a := sandbox(t, account.ByKey)
			id := running(t, c, a).ID
			if _, err := s.AddFault(tt.fault); err != nil {
				t.Fatal(err)
			}
			err := tt.do(t, c, a, id)
			if f := fault.Of(err); tt.id == "" && err != nil || tt.id != "" && (f.Kind != tt.kind || f.Message.ID != tt.id) {
				t.Errorf("got %v, want %v %s", err, tt.kind, tt.id)
			}
		})
	}
}

// TestConsoleAddresses: a page must not lead just anywhere.
func TestConsoleAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"https://console.example/vnc?token=x": true, "javascript:alert(1)": false, "//console.example/": false, "": false,
		"https://user@console.example/": false, "https:///vnc": false, "http://console.example/vnc": false,
	} {
		a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"remote_console":{"url":"`+address+`"}}`)
		}))
		a.Trusted = false
		c := &ecs.Client{API: cloud.New(cloud.Options{Limits: cloudtest.Limits(), Override: a.Endpoints.ECS})}
		a.Site = account.International
		got, err := c.Console(t.Context(), a, region, someServer)
		if want != (err == nil) || want && got.Reveal() != address {
			t.Errorf("%q: got %v", address, err)
		}
	}
}

func TestOnlyServerIDsEnterAPath(t *testing.T) {
	c, a := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for _, id := range []string{"", "../x", "a/b", strings.Repeat("a", 65)} {
		if err := c.Update(t.Context(), a, region, id, server.Change{Name: to("a")}); fault.Of(err).Message.ID != "cloud.id" {
			t.Errorf("%q: got %v", id, err)
		}
		if _, err := c.Tags(t.Context(), a, region, id); fault.Of(err).Message.ID != "cloud.id" {
			t.Errorf("%q: got %v", id, err)
		}
	}
}
