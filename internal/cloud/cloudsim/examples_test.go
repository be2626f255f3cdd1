package cloudsim_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"sampan/internal/cloud/cloudsim"
)

// example is an answer transcribed into testdata.
func example(t *testing.T, name string) any {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// differences lists where got has other fields, or other kinds of values, than want. Values are free. null in the
// example goes with everything. Lists are compared by their first entries, except those that kinds tell apart.
func differences(want, got any, path string) []string {
	if want == nil {
		return nil
	}
	if got == nil {
		return []string{path + ": null"}
	}
	switch want := want.(type) {
	case map[string]any:
		got, is := got.(map[string]any)
		if !is {
			return []string{path + ": not an object"}
		}
		return objectDifferences(want, got, path)
	case []any:
		got, is := got.([]any)
		if !is {
			return []string{path + ": not a list"}
		}
		return listDifferences(want, got, path)
	}
	if a, b := kind(want), kind(got); a != b {
		return []string{fmt.Sprintf("%s: is a %s, want a %s", path, b, a)}
	}
	return nil
}

func kind(v any) string {
	switch v.(type) {
	case float64, json.Number:
		return "number"
	}
	return fmt.Sprintf("%T", v)
}

// free are objects whose keys are data.
var free = []string{".tags", ".addresses"}

func objectDifferences(want, got map[string]any, path string) []string {
	for _, f := range free {
		if strings.HasSuffix(path, f) {
			return differences(values(want), values(got), path)
		}
	}
	var out []string
	for k, v := range want {
		if other, has := got[k]; has {
			out = append(out, differences(v, other, path+"."+k)...)
			continue
		}
		out = append(out, path+"."+k+": missing")
	}
	for k := range got {
		if _, has := want[k]; !has {
			out = append(out, path+"."+k+": not in the example")
		}
	}
	sort.Strings(out)
	return out
}

func values(m map[string]any) any {
	out := []any{}
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func listDifferences(want, got []any, path string) []string {
	if len(want) == 0 || len(got) == 0 {
		return nil
	}
	var out []string
	for i, w := range want {
		tag := tagOf(w)
		if tag == "" && i > 0 {
			break
		}
		g := got[0]
		if tag != "" {
			j := slices.IndexFunc(got, func(v any) bool { return tagOf(v) == tag })
			if j < 0 {
				out = append(out, path+"["+tag+"]: missing")
				continue
			}
			g = got[j]
		}
		out = append(out, differences(w, g, path+"["+tag+"]")...)
	}
	return out
}

// tagOf names entries of lists of different things: parts of an instance by their logical name, attributes by key.
func tagOf(v any) string {
	m, _ := v.(map[string]any)
	for _, k := range []string{"logical_resource_name", "key"} {
		if s, is := m[k].(string); is {
			return s
		}
	}
	return ""
}

func TestAnswersHaveTheFieldsOfTheExamples(t *testing.T) {
	w := start(t, cloudsim.Options{})
	bought := w.buy(with(small(), map[string]any{"image_ref": map[string]any{"image_name": "BT", "image_version": "6.8.35"}}))
	id := bought.at("order_id").(string)
	w.pay(id)
	move(t, w.s, time.Minute)
	servers := w.servers("ap-southeast-3", "")
	server := servers.at("servers", 0, "id").(string)
	packs := w.call("POST", "/v3/payments/free-resources/query", "", map[string]any{})
	w.s.Fail(cloudsim.Fault{Call: "instances", Kind: "as_printed"})
	printed := w.instances("")
	tests := []struct {
		example string
		got     answer
	}{
		{"purchase", bought},
		{"instances", printed},
		{"server", w.call("GET", "/v1/"+w.project("ap-southeast-3")+"/cloudservers/"+server, "ap-southeast-3", nil)},
		{"traffic", w.call("POST", "/v2/payments/free-resources/usages/details/query", "", map[string]any{"free_resource_ids": []any{
			packs.at("free_resource_packages", 0, "free_resources", 0, "free_resource_id")}})},
		{"error", w.buy(nil)},
		{"projects", w.call("GET", "/v3/projects", "", nil)},
		{"order", w.order(id)},
		{"orders", w.call("GET", "/v2/orders/customer-orders", "", nil)},
		{"resources", w.resources(map[string]any{"order_id": id})},
		{"balance", w.call("GET", "/v2/accounts/customer-accounts/balances", "", nil)},
		{"packages", packs},
		{"images", w.call("GET", "/v2/cloudimages", "ap-southeast-3", nil)},
		{"price", w.call("POST", "/v2/bills/ratings/period-resources/subscribe-rate", "",
			map[string]any{"project_id": "p", "product_infos": []any{
				map[string]any{"id": "1", "cloud_service_type": "hws.service.type.hcss", "resource_type": "hws.resource.type.hecsfusion",
					"resource_spec": "hf.large.1.30m.linux", "region": "ap-southeast-3", "period_type": 2, "period_num": 1,
					"subscription_num": 1}}})},
	}
	for _, tt := range tests {
		t.Run(tt.example, func(t *testing.T) {
			for _, d := range differences(example(t, tt.example), tt.got.body, "") {
				t.Error(d)
			}
		})
	}
}

// The example of the reference has the parts beside the properties, its table inside: inside is where they normally are.
func TestInstancesKeepTheirPartsInside(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.must(w.s.Fleet("Sandbox", 1))
	want := example(t, "instances").(map[string]any)
	resource := want["resources"].([]any)[0].(map[string]any)
	properties := resource["properties"].(map[string]any)
	for _, k := range []string{"resources", "product_name", "platform", "plan_name", "product_id", "plan_id", "status"} {
		properties[k] = resource[k]
		delete(resource, k)
	}
	for _, d := range differences(want, w.instances("").body, "") {
		t.Error(d)
	}
}

// The values of attributes are text, often JSON as text.
func TestAttributesAreText(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.must(w.s.Fleet("Sandbox", 1))
	parts := w.instances("").at("resources", 0, "properties", "resources").([]any)
	seen := 0
	for _, p := range parts {
		attributes, _ := p.(map[string]any)["resource_attributes"].([]any)
		for _, a := range attributes {
			m := a.(map[string]any)
			text, is := m["value"].(string)
			seen++
			if !is {
				t.Errorf("%v: got %T, want text", m["key"], m["value"])
			}
			if is && (strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")) && !json.Valid([]byte(text)) {
				t.Errorf("%v: %s is not JSON", m["key"], text)
			}
		}
	}
	check(t, "attributes", seen >= 76, true)
}

// An example with one field less, or of another kind, is noticed.
func TestComparisonFindsWhatDiffers(t *testing.T) {
	tests := []struct {
		name, want, got string
		n               int
	}{
		{"same", `{"a":1,"b":["x"]}`, `{"a":2,"b":["y","z"]}`, 0},
		{"missing field", `{"a":1,"b":2}`, `{"a":1}`, 1},
		{"more fields", `{"a":1}`, `{"a":1,"b":2}`, 1},
		{"text for a number", `{"a":1}`, `{"a":"1"}`, 1},
		{"object for a list", `{"a":[1]}`, `{"a":{}}`, 1},
		{"deep", `{"a":[{"b":{"c":1}}]}`, `{"a":[{"b":{"c":true}}]}`, 1},
		{"null in the example", `{"a":null}`, `{"a":7}`, 0},
		{"null in the answer", `{"a":7}`, `{"a":null}`, 1},
		{"attribute missing", `[{"key":"a","value":"x"},{"key":"b","value":"x"}]`, `[{"key":"a","value":"x"}]`, 1},
	}
	for _, tt := range tests {
		var want, got any
		if json.Unmarshal([]byte(tt.want), &want) != nil || json.Unmarshal([]byte(tt.got), &got) != nil {
			t.Fatal(tt.name)
		}
		if d := differences(want, got, ""); len(d) != tt.n {
			t.Errorf("%s: got %v, want %d", tt.name, d, tt.n)
		}
	}
}
