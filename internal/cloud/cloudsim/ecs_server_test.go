package cloudsim_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
)

// server is one of the account's in AP-Singapore, in that state.
func (w *wire) server(status string) string {
	w.t.Helper()
	id, _ := w.servers("ap-southeast-3", "status="+status).at("servers", 0, "id").(string)
	if id == "" {
		w.t.Fatalf("no server is %s", status)
	}
	return id
}

func (w *wire) onServer(method, id, rest string, body any) answer {
	w.t.Helper()
	return w.call(method, "/v1/"+w.project("ap-southeast-3")+"/cloudservers/"+id+rest, "ap-southeast-3", body)
}

func (w *wire) update(id string, change map[string]any) answer {
	w.t.Helper()
	return w.onServer("PUT", id, "", map[string]any{"server": change})
}

func fleet(t *testing.T, o cloudsim.Options, n int) *wire {
	t.Helper()
	w := start(t, o)
	w.must(w.s.Fleet("Sandbox", n))
	return w
}

func TestRulesOfAChange(t *testing.T) {
	w := fleet(t, cloudsim.Options{}, 30)
	id := w.server("ACTIVE")
	for name, tt := range map[string]struct {
		change map[string]any
		code   string
	}{
		"a name":                     {map[string]any{"name": "网站_web-1.a"}, ""},
		"64 characters":              {map[string]any{"name": strings.Repeat("a", 64)}, ""},
		"65 characters":              {map[string]any{"name": strings.Repeat("a", 65)}, "Ecs.0914"},
		"no name":                    {map[string]any{"name": ""}, "Ecs.0914"},
		"a name with a blank":        {map[string]any{"name": "a b"}, "Ecs.0914"},
		"no description":             {map[string]any{"description": ""}, ""},
		"85 characters of text":      {map[string]any{"description": strings.Repeat("é", 85)}, ""},
		"86 characters of text":      {map[string]any{"description": strings.Repeat("a", 86)}, "Ecs.0041"},
		"a description with markup":  {map[string]any{"description": "a<b"}, "Ecs.0041"},
		"a hostname of two segments": {map[string]any{"hostname": "Web-1.example"}, ""},
		"a hostname ending in -":     {map[string]any{"hostname": "web-"}, "Ecs.0915"},
		"a hostname with ..":         {map[string]any{"hostname": "web..a"}, "Ecs.0915"},
		"a hostname with --":         {map[string]any{"hostname": "web--a"}, "Ecs.0915"},
		"a hostname with -.":         {map[string]any{"hostname": "web-.a"}, "Ecs.0915"},
		"a hostname with _":          {map[string]any{"hostname": "web_a"}, "Ecs.0915"},
		"nothing":                    {map[string]any{}, "Ecs.0616"},
		"one of two wrong":           {map[string]any{"name": "not-taken", "hostname": "-"}, "Ecs.0915"},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.update(id, tt.change)
			if tt.code != "" {
				refused(t, "update", a, http.StatusBadRequest, tt.code)
				return
			}
			check(t, "status", a.status, http.StatusOK)
			shown := w.onServer("GET", id, "", nil)
			for field, key := range map[string]string{"name": "name", "description": "description",
				"hostname": "OS-EXT-SRV-ATTR:hostname"} {
				if want, set := tt.change[field]; set {
					check(t, field+" in the answer", a.at("server", key), want)
					check(t, field+" afterwards", shown.at("server", key), want)
				}
			}
		})
	}
	check(t, "what was refused is not half done", w.onServer("GET", id, "", nil).at("server", "name") != "not-taken", true)
	refused(t, "another's server", w.update("00000000-0000-4000-8000-000000000000", map[string]any{"name": "a"}),
		http.StatusNotFound, "Ecs.0114")
	refused(t, "no server", w.onServer("PUT", id, "", map[string]any{"name": "a"}), http.StatusBadRequest, "Ecs.0005")
}

func TestTagsOfAServer(t *testing.T) {
	w := fleet(t, cloudsim.Options{}, 30)
	id := w.server("ACTIVE")
	act := func(action string, pairs ...string) answer {
		var tags []any
		for i := 0; i < len(pairs); i += 2 {
			tags = append(tags, map[string]any{"key": pairs[i], "value": pairs[i+1]})
		}
		return w.onServer("POST", id, "/tags/action", map[string]any{"action": action, "tags": tags})
	}
	check(t, "created", act("create", "env", "prod", "empty", "").status, http.StatusNoContent)
	check(t, "replaced", act("create", "env", "test").status, http.StatusNoContent)
	check(t, "tags", w.onServer("GET", id, "/tags", nil).len("tags"), 3)
	check(t, "value", w.onServer("GET", id, "/tags", nil).at("tags", 2, "value"), "test")
	shown := w.onServer("GET", id, "", nil).at("server", "tags").([]any)
	check(t, "on the server", slices.Contains(shown, any("env=test")) && slices.Contains(shown, any("empty")), true)
	check(t, "as a filter", w.servers("ap-southeast-3", "tags=env%3Dtest").at("count"), "1")
	check(t, "deleted", act("delete", "empty", "", "never", "there").status, http.StatusNoContent)
	check(t, "tags then", w.onServer("GET", id, "/tags", nil).len("tags"), 2)
	for name, a := range map[string]answer{
		"upper case":    act("CREATE", "a", "b"),
		"no tags":       act("create"),
		"a long key":    act("create", strings.Repeat("k", 37), ""),
		"a long value":  act("create", "k", strings.Repeat("v", 44)),
		"a blank":       act("create", "a b", ""),
		"the system's":  act("create", "_sys_type_hcss_l", ""),
		"the system's ": act("delete", "_sys_type_hcss_l", ""),
	} {
		refused(t, name, a, http.StatusBadRequest, "Ecs.0005")
	}
	for _, k := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"} {
		check(t, "tag "+k, act("create", k, "").status, http.StatusNoContent)
	}
	refused(t, "the eleventh", act("create", "j", ""), http.StatusBadRequest, "Ecs.0001")
}

func TestConsoleIsForRunningServers(t *testing.T) {
	w := fleet(t, cloudsim.Options{}, 200)
	body := map[string]any{"remote_console": map[string]any{"protocol": "vnc", "type": "novnc"}}
	check(t, "running", w.onServer("POST", w.server("ACTIVE"), "/remote_console", body).status, http.StatusOK)
	refused(t, "stopped", w.onServer("POST", w.server("SHUTOFF"), "/remote_console", body), http.StatusBadRequest, "Ecs.0100")
	refused(t, "another protocol",
		w.onServer("POST", w.server("ACTIVE"), "/remote_console", map[string]any{"remote_console": map[string]any{"protocol": "rdp"}}),
		http.StatusBadRequest, "Ecs.0005")
}

func (w *wire) outside(body map[string]any) answer {
	w.t.Helper()
	a := w.control("POST", "outside", body)
	if a.status != http.StatusOK {
		w.t.Fatalf("outside: got %d %s", a.status, a.raw)
	}
	return a
}

// A change from outside shows in ECS at once, in Config later.
func TestChangeFromOutside(t *testing.T) {
	w := fleet(t, cloudsim.Options{}, 30)
	id := w.server("ACTIVE")
	label := w.onServer("GET", id, "", nil).at("server", "name")
	done := w.outside(map[string]any{"server": id, "name": "renamed", "power": "SHUTOFF", "instance_name": "box"})
	instance := done.at("instance_id").(string)
	listed := func(path ...any) any {
		return w.instances("id=" + instance).at(append([]any{"resources", 0}, path...)...)
	}
	check(t, "name in ECS", w.onServer("GET", id, "", nil).at("server", "name"), "renamed")
	check(t, "state in ECS", w.onServer("GET", id, "", nil).at("server", "status"), "SHUTOFF")
	check(t, "name of the server in Config", listed("properties", "resources", 1, "physical_resource_name"), label)
	check(t, "state in Config", listed("properties", "status"), "RUNNING")
	move(t, w.s, time.Minute)
	check(t, "name of the server in Config later", listed("properties", "resources", 1, "physical_resource_name"), "renamed")
	check(t, "name in Config later", listed("name"), "box")
	check(t, "state in Config later", listed("properties", "status"), "STOPPED")
	w.s.Fail(cloudsim.Fault{Call: "instances", Kind: "stale"})
	check(t, "state in a stale Config", listed("properties", "status"), "RUNNING")

	w.outside(map[string]any{"server": "renamed", "removed": true})
	refused(t, "removed in ECS", w.onServer("GET", id, "", nil), http.StatusNotFound, "Ecs.0114")
	check(t, "removed in Config", listed("id"), instance)
	check(t, "removed in billing",
		w.resources(map[string]any{"resource_ids": []any{instance}, "only_main_resource": 1}).at("data", 0, "status"), "3")
	move(t, w.s, time.Minute)
	check(t, "removed in Config later", listed("id"), nil)
	for _, bad := range []map[string]any{{"server": "nobody"}, {"server": id, "power": "BURNING"}, {"server": id, "name": "<"},
		{"server": id, "ports": []int{0}}, {"name": "a"}} {
		check(t, "refused", w.control("POST", "outside", bad).status, http.StatusBadRequest)
	}
}

func TestChangesSurviveARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state")
	open := func() *cloudsim.Cloud {
		return must(cloudsim.New(simtest.Options(cloudsim.Options{StateFile: file})))(t, "open")
	}
	c := open()
	if err := c.Fleet("Sandbox", 5); err != nil {
		t.Fatal(err)
	}
	name, about := "renamed", "shop"
	was := must(c.ChangeOutside(cloudsim.Outside{Server: "198.18.0.2", Name: &name, Description: &about, Closed: true,
		Tags: map[string]string{"a": "b"}}))(t, "change")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = open()
	defer func() { _ = c.Close() }()
	is := must(c.ChangeOutside(cloudsim.Outside{Server: "renamed"}))(t, "find by the new name")
	check(t, "server", is.ServerID, was.ServerID)
	if open, err := c.Dial("198.18.0.2", 22); open || err != nil {
		t.Errorf("port: got %v, %v, want closed as before", open, err)
	}
}

func TestDial(t *testing.T) {
	w := fleet(t, cloudsim.Options{}, 30)
	id := w.server("ACTIVE")
	address := w.outside(map[string]any{"server": id, "ports": []int{22, 8080}}).at("address")
	dial := func(address any, port int) answer {
		return w.control("POST", "dial", map[string]any{"address": address, "port": port})
	}
	check(t, "open", dial(address, 8080).at("answers"), true)
	check(t, "closed", dial(address, 443).at("answers"), false)
	check(t, "nobody's", dial("198.19.255.254", 22).at("answers"), false)
	check(t, "an address elsewhere", dial("192.0.2.1", 22).status, http.StatusBadRequest)
	check(t, "no address", dial("localhost", 22).status, http.StatusBadRequest)
	check(t, "no port", dial(address, 0).status, http.StatusBadRequest)
	w.outside(map[string]any{"server": id, "closed": true})
	check(t, "all closed", dial(address, 22).at("answers"), false)
	w.outside(map[string]any{"server": id, "ports": []int{22}, "power": "SHUTOFF"})
	check(t, "stopped", dial(address, 22).at("answers"), false)

}

func TestFreshServersTakeTimeToAnswer(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.pay(w.ordered(small()))
	move(t, w.s, 5*time.Second)
	id := w.server("ACTIVE")
	address := w.outside(map[string]any{"server": id, "ports": []int{22}}).at("address").(string)
	if open, err := w.s.Dial(address, 22); open || err != nil {
		t.Errorf("while it boots: got %v, %v", open, err)
	}
	move(t, w.s, 10*time.Second)
	if open, err := w.s.Dial(address, 22); !open || err != nil {
		t.Errorf("then: got %v, %v", open, err)
	}
}

// Most servers of a fleet answer where their image does, some nowhere.
func TestPortsOfAFleet(t *testing.T) {
	w := fleet(t, cloudsim.Options{}, 1200) // 200 in the region: ids are made up, so luck must not matter
	ssh, none := 0, 0
	for _, s := range w.servers("ap-southeast-3", "limit=500&status=ACTIVE").at("servers").([]any) {
		addresses, _ := s.(map[string]any)["addresses"].(map[string]any)
		for _, list := range addresses {
			ip := list.([]any)[1].(map[string]any)["addr"].(string)
			if open, err := w.s.Dial(ip, 22); err != nil {
				t.Fatal(err)
			} else if open {
				ssh++
			} else {
				none++
			}
		}
	}
	if ssh < 3*none || none == 0 {
		t.Errorf("%d answer, %d do not", ssh, none)
	}
}

func TestFleetsOfSeveralAccounts(t *testing.T) {
	w := start(t, cloudsim.Options{})
	a := w.control("POST", "fleets", map[string]any{})
	check(t, "accounts", a.len("accounts"), 3)
	total, regions := 0, map[string]bool{}
	for _, acct := range w.s.Accounts() {
		other := newWire(t, w.s, acct)
		total += int(number(t,
			other.call("GET", "/v1/resource-manager/domains/"+acct.ID+"/all-resources/count", "", nil).at("total_count")))
		for _, r := range acct.Regions {
			regions[r.Region] = true
		}
	}
	if total < 1200 || total > 1240 || len(regions) != 6 { // those whose time is over are not listed
		t.Errorf("got %d instances in %d regions, want 1,240 in six", total, len(regions))
	}
	a = w.control("POST", "fleets", map[string]any{"fleets": []any{map[string]any{"account": "East", "count": 3, "revoked": true}}})
	check(t, "made", a.at("accounts", 0, "name"), "East")
	check(t, "revoked", a.at("accounts", 0, "key_disabled"), true)
	check(t, "given back", w.control("POST", "revoke", map[string]any{"account": "East", "revoked": false}).status, http.StatusNoContent)
	check(t, "works again", w.s.Accounts()[3].KeyDisabled, false)
	check(t, "nobody's key", w.control("POST", "revoke", map[string]any{"account": "West"}).status, http.StatusBadRequest)
	check(t, "too many", w.control("POST", "fleets", map[string]any{"fleets": []any{map[string]any{"account": "East", "count": 1 << 20}}}).
		status, http.StatusBadRequest)
}

// What the new kinds of faults do to listings.
func TestFaultsOfListings(t *testing.T) {
	w := fleet(t, cloudsim.Options{}, 200)
	id := w.server("ACTIVE")
	fail := func(call, kind string, n int) { w.s.Fail(cloudsim.Fault{Call: call, Kind: kind, Count: n}) }
	parts := func(logical string) bool {
		return strings.Contains(string(w.instances("limit=1").raw), `"`+logical+`"`)
	}
	fail("instances", "no_package", 0)
	check(t, "package", parts("huaweicloudinternal_cbc_freeresource"), false)
	check(t, "package again", parts("huaweicloudinternal_cbc_freeresource"), true)
	fail("instances", "no_eip", 0)
	check(t, "address", parts("huaweicloudinternal_eip"), false)

	all := w.servers("ap-southeast-3", "limit=100")
	fail("servers", "short", 2)
	short := w.servers("ap-southeast-3", "limit=100")
	check(t, "servers missing", all.len("servers")-short.len("servers"), 2)
	check(t, "count", number(t, all.at("count"))-number(t, short.at("count")), 2.0)
	check(t, "which ones", short.at("servers", 0, "id"), all.at("servers", 2, "id"))

	fail("reset_flag", "unsaid", 0)
	check(t, "flag", w.onServer("GET", id, "/os-resetpwd-flag", nil).at("resetpwd_flag"), nil)
	no := true
	must(w.s.ChangeOutside(cloudsim.Outside{Server: id, NoPlugin: &no}))(t, "plug-in removed")
	check(t, "flag then", w.onServer("GET", id, "/os-resetpwd-flag", nil).at("resetpwd_flag"), "False")

	w.s.Fail(cloudsim.Fault{Call: "update_server", Kind: "status", Status: 400, Code: "Ecs.0914", Resource: id})
	check(t, "another server", w.update(w.server("SHUTOFF"), map[string]any{"description": "a"}).status, http.StatusOK)
	refused(t, "the named one", w.update(id, map[string]any{"description": "a"}), http.StatusBadRequest, "Ecs.0914")
	w.s.Fail(cloudsim.Fault{Call: "update_server", Kind: "drop_after"})
	check(t, "nobody hears", w.update(id, map[string]any{"name": "done-all-the-same"}).err != nil, true)
	check(t, "done all the same", w.onServer("GET", id, "", nil).at("server", "name"), "done-all-the-same")
}
