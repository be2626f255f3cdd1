package instance_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"sampan/internal/app/instance"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudtest"
)

// front stands before the Sandbox and answers in place of it where a test wants
// that.
func front(t *testing.T, sim *cloudsim.Server, w *wired, change func(call string, body []byte) []byte) {
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		on, err := http.NewRequestWithContext(r.Context(), r.Method, sim.URL+r.URL.RequestURI(), bytes.NewReader(sent))
		if err != nil {
			t.Error(err)
			return
		}
		on.Header, on.Host = r.Header.Clone(), r.Host
		on.Header.Del("Accept-Encoding")
		res, err := http.DefaultTransport.RoundTrip(on)
		if err != nil {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return // whoever asked has gone
		}
		call := ""
		switch {
		case strings.HasSuffix(r.URL.Path, "/all-resources"):
			call = "config"
		case strings.HasSuffix(r.URL.Path, "/cloudservers/detail"):
			call = "ecs"
		case strings.HasSuffix(r.URL.Path, "/resources/query"):
			call = "bss"
		}
		if res.StatusCode == http.StatusOK && call != "" {
			body = change(call, body)
		}
		rw.Header().Set("Content-Type", res.Header.Get("Content-Type"))
		rw.WriteHeader(res.StatusCode)
		_, _ = rw.Write(body)
	}))
	t.Cleanup(s.Close)
	w.access.Endpoints = cloud.EndpointsAt(s.URL)
}

type object = map[string]any

// resources lets a function change every resource of a listing.
func resources(t *testing.T, body []byte, list string, each func(object)) []byte {
	var all object
	if err := json.Unmarshal(body, &all); err != nil {
		t.Fatal(err)
	}
	items, _ := all[list].([]any)
	for _, item := range items {
		each(item.(object))
	}
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// parts changes the parts inside a resource of Config.
func parts(resource object, each func(part object) bool) {
	properties, _ := resource["properties"].(object)
	all, _ := properties["resources"].([]any)
	var kept []any
	for _, p := range all {
		if each(p.(object)) {
			kept = append(kept, p)
		}
	}
	properties["resources"] = kept
}

// What a source leaves out or spells otherwise changes nothing that was known,
// loses no row, and is a trouble only where the answer cannot be trusted
// (cloud-api, 7, 8 and 16).
func TestMisprintsOverTheWire(t *testing.T) {
	config := func(each func(object)) func(string, []byte) []byte {
		return func(call string, body []byte) []byte {
			if call == "config" {
				return resources(t, body, "resources", each)
			}
			return body
		}
	}
	ecs := func(each func(object)) func(string, []byte) []byte {
		return func(call string, body []byte) []byte {
			if call == "ecs" {
				return resources(t, body, "servers", each)
			}
			return body
		}
	}
	whole := func(of string, change func(object)) func(string, []byte) []byte {
		return func(call string, body []byte) []byte {
			if call != of {
				return body
			}
			var all object
			if err := json.Unmarshal(body, &all); err != nil {
				t.Fatal(err)
			}
			change(all)
			out, _ := json.Marshal(all)
			return out
		}
	}
	for name, tt := range map[string]struct {
		change  func(call string, body []byte) []byte
		trouble string
	}{
		"provider hcsl": {config(func(r object) {
			r["provider"] = "hcsl"
			r["properties"].(object)["metadata"].(object)["cloud_service_type"] = "hws.service.type.hcsl"
		}), ""},
		"properties beside": {config(func(r object) {
			p := r["properties"].(object)
			maps.Copy(r, p)
			delete(r, "properties")
		}), ""},
		"resources alone beside": {config(func(r object) {
			p := r["properties"].(object)
			r["resources"] = p["resources"]
			delete(p, "resources")
		}), ""},
		"no properties":             {config(func(r object) { delete(r, "properties") }), ""},
		"properties null":           {config(func(r object) { r["properties"] = nil }), ""},
		"properties a text":         {config(func(r object) { r["properties"] = "null" }), ""},
		"no metadata":               {config(func(r object) { delete(r["properties"].(object), "metadata") }), ""},
		"parts null":                {config(func(r object) { r["properties"].(object)["resources"] = nil }), ""},
		"parts without attributes":  {config(func(r object) { parts(r, func(p object) bool { p["resource_attributes"] = nil; return true }) }), ""},
		"attributes with no values": {config(func(r object) { parts(r, func(p object) bool { emptied(p, ""); return true }) }), ""},
		"attributes say null":       {config(func(r object) { parts(r, func(p object) bool { emptied(p, "null"); return true }) }), ""},
		"attributes say []":         {config(func(r object) { parts(r, func(p object) bool { emptied(p, "[]"); return true }) }), ""},
		"no package": {config(func(r object) {
			parts(r, func(p object) bool { return p["logical_resource_type"] != "huaweicloudinternal_cbc_freeresource" })
		}), ""},
		"a package without an id": {config(func(r object) {
			parts(r, func(p object) bool {
				if p["logical_resource_type"] == "huaweicloudinternal_cbc_freeresource" {
					p["physical_resource_id"] = nil
				}
				return true
			})
		}), ""},
		"no EIP": {config(func(r object) {
			parts(r, func(p object) bool { return p["logical_resource_type"] != "huaweicloudinternal_eip" })
		}), ""},
		"no server": {config(func(r object) {
			parts(r, func(p object) bool { return p["logical_resource_type"] != "huaweicloudinternal_ecs_instance" })
		}), ""},
		"unknown kinds of parts": {config(func(r object) {
			p := r["properties"].(object)
			p["resources"] = append(p["resources"].([]any), object{"logical_resource_type": "huaweicloudinternal_new",
				"physical_resource_id": "x-1"}, object{})
		}), ""},
		"a stale name of the server": {config(func(r object) {
			parts(r, func(p object) bool { p["physical_resource_name"] = "as-delivered"; return true })
		}), ""},
		"a deleted one is listed too": {whole("config", func(all object) {
			items, _ := all["resources"].([]any)
			all["resources"] = append(items, object{"id": "aaaaaaaaaaaaaaaaaaaaaaaa", "name": "deleted", "provider": "hcss",
				"type": "l-instance", "state": "Deleted"})
		}), ""},
		"every instance twice": {whole("config", func(all object) {
			items, _ := all["resources"].([]any)
			all["resources"] = append(items, items...)
		}), ""},
		"a repeated marker":    {whole("config", func(all object) { all["page_info"] = object{"current_count": 200, "next_marker": "again"} }), "config"},
		"no page_info":         {whole("config", func(all object) { delete(all, "page_info") }), ""},
		"an empty list":        {whole("config", func(all object) { all["resources"], all["page_info"] = []any{}, nil }), ""},
		"no list":              {whole("config", func(all object) { delete(all, "resources") }), "config"},
		"null for a list":      {whole("config", func(all object) { all["resources"] = nil }), "config"},
		"a page for a listing": {func(call string, body []byte) []byte { return onlyFor(call, "config", body, "<html>busy</html>") }, "config"},
		"ECS: a page for a listing": {func(call string, body []byte) []byte { return onlyFor(call, "ecs", body, "<html>busy</html>") },
			"ecs:" + strings.Join(sixRegions, " ecs:")},
		"ECS: no lock": {ecs(func(s object) {
			delete(s["metadata"].(object), "lockSourceId")
			delete(s["metadata"].(object), "lockSource")
		}), ""},
		"ECS: entries of null": {whole("ecs", func(all object) {
			items, _ := all["servers"].([]any)
			all["servers"] = append(items, object{"id": "00000000-0000-0000-0000-000000000000", "name": nil, "status": nil,
				"addresses": nil, "metadata": nil, "fault": object{"code": 404, "message": "Instance could not be found."}})
			all["count"] = len(items) + 1
		}), ""},
		"ECS: no count":        {whole("ecs", func(all object) { delete(all, "count") }), ""},
		"ECS: counts too many": {whole("ecs", func(all object) { all["count"] = 1 << 30 }), "ecs:ap-southeast-1 ecs:ap-southeast-2 ecs:ap-southeast-3 ecs:me-east-1 ecs:sa-brazil-1 ecs:tr-west-1"},
		"ECS: counts too few":  {whole("ecs", func(all object) { all["count"] = 1 }), ""},
		"billing: a page":      {func(call string, body []byte) []byte { return onlyFor(call, "bss", body, "<html>busy</html>") }, "bss"},
		"billing: nothing":     {whole("bss", func(all object) { all["data"], all["total_count"] = []any{}, 0 }), ""},
		"billing: texts for numbers": {func(call string, body []byte) []byte {
			if call != "bss" {
				return body
			}
			return resources(t, body, "data", func(r object) {
				r["status"], r["expire_policy"], r["is_main_resource"] = jsonText(r["status"]), jsonText(r["expire_policy"]),
					jsonText(r["is_main_resource"])
			})
		}, ""},
		"billing: no times": {func(call string, body []byte) []byte {
			if call != "bss" {
				return body
			}
			return resources(t, body, "data", func(r object) { r["expire_time"], r["effective_time"] = nil, "" })
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, w, sim := wire(t, 30, cloudsim.Options{}, cloudtest.Limits())
			id := w.access.AccountID
			s.Once(t.Context(), id, true)
			before := facts(t, s, id)
			front(t, sim, w, tt.change)
			s.Once(t.Context(), id, true)
			after := facts(t, s, id)
			if len(before) != 30 || len(after) != 30 {
				t.Fatalf("rows: got %d, then %d; want 30", len(before), len(after))
			}
			for key, was := range before {
				if !reflect.DeepEqual(was, after[key]) {
					t.Errorf("changed:\nwas %+v\n is %+v", was, after[key])
				}
			}
			syncs, err := s.Syncs(t.Context(), []string{id})
			must(t, err)
			var trouble []string
			for _, y := range syncs {
				if y.Trouble != "" {
					trouble = append(trouble, y.Source)
				}
			}
			if got := strings.Join(trouble, " "); got != tt.trouble {
				t.Errorf("trouble: got %q, want %q", got, tt.trouble)
			}
		})
	}
}

func emptied(part object, value string) {
	attributes, _ := part["resource_attributes"].([]any)
	for _, a := range attributes {
		a.(object)["value"] = value
	}
}

func onlyFor(call, want string, body []byte, instead string) []byte {
	if call == want {
		return []byte(instead)
	}
	return body
}

func jsonText(v any) string {
	b, _ := json.Marshal(v)
	return strings.Trim(string(b), `"`)
}

// facts is what the picture says of each row, without ages and marks.
func facts(t *testing.T, s *instance.Service, accountID string) map[string]instance.Instance {
	t.Helper()
	page, err := s.List(t.Context(), viewer, instance.Filter{AccountIDs: []string{accountID}, Limit: 500})
	must(t, err)
	all := make(map[string]instance.Instance)
	for _, i := range page.Rows {
		i.SeenConfig, i.SeenECS, i.SeenBSS, i.UpdatedAt = noon, noon, noon, noon
		all[i.ID] = i
	}
	for _, r := range s.Picture().Rows() {
		if !r.ChangedOutside.IsZero() {
			t.Errorf("%s is said to have been changed by somebody", r.ID())
		}
	}
	return all
}

// An instance that Config has not copied yet is shown; one that a source no
// longer lists is not seen since; it is gone when all three no longer list it.
func TestWhatOneSourceMissesOverTheWire(t *testing.T) {
	s, w, sim := wire(t, 30, cloudsim.Options{}, cloudtest.Limits())
	id := w.access.AccountID
	probe, _, _ := wire(t, 1, cloudsim.Options{}, cloudtest.Limits())
	probe.Accounts = w
	probe.Once(t.Context(), id, true)
	one := probe.Picture().Rows()[7]
	var missing atomic.Pointer[[]string] // calls whose lists do not have it
	missing.Store(new([]string))
	lists := map[string][2]string{"config": {"resources", "id"}, "ecs": {"servers", "id"}, "bss": {"data", "resource_id"}}
	front(t, sim, w, func(call string, body []byte) []byte {
		if !slices.Contains(*missing.Load(), call) {
			return body
		}
		var all object
		if err := json.Unmarshal(body, &all); err != nil {
			t.Error(err)
		}
		list, key := lists[call][0], lists[call][1]
		items, _ := all[list].([]any)
		all[list] = slices.DeleteFunc(items, func(i any) bool { v := i.(object)[key]; return v == one.InstanceID || v == one.ServerID })
		for _, count := range []string{"count", "total_count"} {
			if _, ok := all[count]; ok {
				all[count] = len(all[list].([]any))
			}
		}
		if page, ok := all["page_info"].(object); ok {
			page["current_count"] = len(all[list].([]any))
		}
		out, _ := json.Marshal(all)
		return out
	})
	for _, step := range []struct {
		name    string
		missing []string
		there   bool
		lost    bool
		known   bool // the data package, which only Config has
	}{
		{"Config has not copied it yet", []string{"config"}, true, false, false},
		{"Config has it", nil, true, false, true},
		{"Config lists it no more", []string{"config"}, true, true, true},
		{"neither does ECS", []string{"config", "ecs"}, true, true, true},
		{"all have it again", nil, true, false, true},
		{"billing does not name it", []string{"bss"}, true, true, true},
		{"nobody does", []string{"config", "ecs", "bss"}, false, false, false},
		{"it is back", nil, true, false, true},
	} {
		missing.Store(&step.missing)
		s.Once(t.Context(), id, true)
		r, there := s.Picture().Row(one.InstanceID)
		if there != step.there {
			t.Fatalf("%s: in the picture: got %v, want %v", step.name, there, step.there)
		}
		want := 30
		if !step.there {
			want--
		}
		if got := s.Picture().Len([]string{id}); got != want {
			t.Errorf("%s: got %d rows, want %d", step.name, got, want)
		}
		if !there {
			continue
		}
		if lost := !r.NotSeenSince.IsZero(); lost != step.lost || (r.PackageID != "") != step.known {
			t.Errorf("%s: not seen since %v, package %q", step.name, r.NotSeenSince, r.PackageID)
		}
		if r.State != one.State || r.Name != one.Name || !r.Expires.Equal(one.Expires) || !r.ChangedOutside.IsZero() {
			t.Errorf("%s: got %s %q, expires %v", step.name, r.State, r.Name, r.Expires)
		}
	}
}
