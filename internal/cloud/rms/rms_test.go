package rms_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/rms"
)

// config answers one listing page by page and remembers what it was asked.
type config struct {
	mu    sync.Mutex
	asked []string
	page  func(marker string) string
}

func (c *config) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, r.URL.Path+"?"+r.URL.RawQuery)
	_, _ = io.WriteString(w, c.page(r.URL.Query().Get("marker")))
}

func onePage(resources ...string) func(string) string {
	return func(string) string {
		return fmt.Sprintf(`{"resources":[%s],"page_info":{"current_count":%d,"next_marker":null}}`, strings.Join(resources, ","),
			len(resources))
	}
}

func list(t *testing.T, page func(string) string) ([]instance.Listed, *config, error) {
	t.Helper()
	c := &config{page: page}
	got, err := (&rms.Client{API: cloudtest.API()}).Instances(t.Context(), cloudtest.Serve(t, c))
	return got, c, err
}

const whole = `{"id":"66e3e9f8b271f8319ef19e86","name":"BT-1","provider":"hcss","type":"l-instance",
  "region_id":"ap-southeast-3","project_id":"067cf8ae","project_name":"ap-southeast-3","ep_id":"0","ep_name":"default","checksum":"a9c7",
  "created":"2024-09-13T07:30:00.000Z","updated":"2024-09-13T07:31:11.000Z","provisioning_state":"Succeeded","state":"Normal","tags":{"env":"prod"},
  "properties":{"metadata":{"charging_mode":"prePaid","order_id":"CS2409131529QL4NJ","resource_spec_code":"hf.large.1.30m.linux",
      "resource_type":"hws.resource.type.hecsfusion","cloud_service_type":"hws.service.type.hcss"},
    "description":"shop","product_name":"BT_light_server_8_0","plan_name":"basic_v12","platform":"SMB","status":"RUNNING","resources":[` + parts + `]}}`

const parts = `
  {"logical_resource_type":"huaweicloudinternal_ecs_instance","physical_resource_id":"72a270de-665a-4f46-8d64-24ad6edccdd2",
   "physical_resource_name":"hcss_ecs_ff60","physical_resource_type":"hws.resource.type.vm",
   "resource_attributes":[{"key":"availability_zone","value":"ap-southeast-3a"},{"key":"status","value":"0"},{"key":"admin_pass","value":"hunter2"},{"key":"user_data","value":"IyEv"},{"key":"none","value":"null"},{"key":"empty","value":"[]"}]},
  {"logical_resource_type":"huaweicloudinternal_cbc_freeresource","physical_resource_id":"4fb5cd67-73f8-4313-bc1b-f76ed15c9d09",
   "resource_attributes":[{"key":"end_time","value":"2024-10-13 16:00:00"}]},
  {"logical_resource_type":"huaweicloudinternal_eip","physical_resource_id":"ad75ed90-2cd5-4f96-a65c-c4cb0b3690c0",
   "resource_attributes":[{"key":"public_ip_address","value":"119.3.166.187"},{"key":"bandwidth","value":"[{\"size\":30}]"}]},
  {"logical_resource_type":"something_new","physical_resource_id":"x"}`

func wanted() instance.Listed {
	return instance.Listed{
		ID: "66e3e9f8b271f8319ef19e86", Name: "BT-1", Description: "shop", Region: "ap-southeast-3", ProjectID: "067cf8ae",
		ProjectName: "ap-southeast-3", EnterpriseProjectID: "0", EnterpriseProjectName: "default", State: "Normal",
		ProvisioningState: "Succeeded", Status: "RUNNING", Product: "BT_light_server_8_0", Plan: "basic_v12", Spec: "hf.large.1.30m.linux",
		OrderID: "CS2409131529QL4NJ", Parts: []instance.Part{
			{Logical: "huaweicloudinternal_ecs_instance", Type: "hws.resource.type.vm", ID: "72a270de-665a-4f46-8d64-24ad6edccdd2",
				Name:       "hcss_ecs_ff60",
				Attributes: map[string]string{"availability_zone": "ap-southeast-3a", "status": "0"}},
			{Logical: "huaweicloudinternal_cbc_freeresource", ID: "4fb5cd67-73f8-4313-bc1b-f76ed15c9d09", Attributes: map[string]string{"end_time": "2024-10-13 16:00:00"}},
			{Logical: "huaweicloudinternal_eip", ID: "ad75ed90-2cd5-4f96-a65c-c4cb0b3690c0",
				Attributes: map[string]string{"public_ip_address": "119.3.166.187", "bandwidth": `[{"size":30}]`}},
			{Logical: "something_new", ID: "x", Attributes: map[string]string{}},
		},
		ServerIDs: []string{"72a270de-665a-4f46-8d64-24ad6edccdd2"}, PackageIDs: []string{"4fb5cd67-73f8-4313-bc1b-f76ed15c9d09"},
		Addresses: []string{"119.3.166.187"}, PackageEnd: time.Date(2024, 10, 13, 16, 0, 0, 0, time.UTC),
		Tags:    map[string]string{"env": "prod"},
		Created: time.Date(2024, 9, 13, 7, 30, 0, 0, time.UTC), Updated: time.Date(2024, 9, 13, 7, 31, 11, 0, time.UTC),
	}
}

// TestReadingAnInstance has the misprints and gaps of the reference: each case
// changes the whole example and what is read from it.
func TestReadingAnInstance(t *testing.T) {
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(whole) }
	outside := strings.Replace(strings.Replace(whole, `"properties":{"metadata"`, `"properties":{},"metadata"`, 1), "]}}", "]}", 1)
	for name, c := range map[string]struct {
		in     string
		change func(*instance.Listed)
	}{
		"the example":                          {whole, func(*instance.Listed) {}},
		"provider and service type hcsl":       {replace(`"hcss"`, `"hcsl"`, "hws.service.type.hcss", "hws.service.type.hcsl"), func(*instance.Listed) {}},
		"properties outside of properties":     {outside, func(*instance.Listed) {}},
		"properties null, all outside":         {strings.Replace(outside, `"properties":{}`, `"properties":null`, 1), func(*instance.Listed) {}},
		"ids as numbers":                       {replace(`"ep_id":"0"`, `"ep_id":0`), func(*instance.Listed) {}},
		"tags as a list":                       {replace(`{"env":"prod"}`, `[{"key":"env","value":"prod"}]`), func(*instance.Listed) {}},
		"tags null":                            {replace(`{"env":"prod"}`, `null`), func(i *instance.Listed) { i.Tags = nil }},
		"tags empty list":                      {replace(`{"env":"prod"}`, `[]`), func(i *instance.Listed) { i.Tags = nil }},
		"a spec of the mainland":               {replace("hf.large.1.30m.linux", "ahf.large.1.40g.2m.linux"), func(i *instance.Listed) { i.Spec = "ahf.large.1.40g.2m.linux" }},
		"an attribute as JSON instead of text": {replace(`"[{\"size\":30}]"`, `[{"size":30}]`), func(*instance.Listed) {}},
		"an address that is none":              {replace("119.3.166.187", "soon"), func(i *instance.Listed) { i.Addresses = nil; i.Parts[2].Attributes["public_ip_address"] = "soon" }},
		"attributes null":                      {replace(`[{"key":"end_time","value":"2024-10-13 16:00:00"}]`, "null"), func(i *instance.Listed) { i.PackageEnd = time.Time{}; i.Parts[1].Attributes = map[string]string{} }},
		"resources null": {strings.Replace(whole, "["+parts+"]", "null", 1), func(i *instance.Listed) {
			i.Parts, i.ServerIDs, i.PackageIDs, i.Addresses, i.PackageEnd = nil, nil, nil, nil, time.Time{}
		}},
		"no data package": {replace("huaweicloudinternal_cbc_freeresource", "other"), func(i *instance.Listed) {
			i.PackageIDs, i.PackageEnd, i.Parts[1].Logical = nil, time.Time{}, "other"
		}},
		"no public address": {replace("huaweicloudinternal_eip", "other"), func(i *instance.Listed) { i.Addresses, i.Parts[2].Logical = nil, "other" }},
		"two servers": {replace(`{"logical_resource_type":"something_new","physical_resource_id":"x"}`,
			`{"logical_resource_type":"huaweicloudinternal_ecs_instance","physical_resource_id":"x"}`),
			func(i *instance.Listed) {
				i.ServerIDs = append(i.ServerIDs, "x")
				i.Parts[3].Logical = "huaweicloudinternal_ecs_instance"
			}},
		"no metadata": {replace(`"metadata":{`, `"other":{`), func(i *instance.Listed) { i.Spec, i.OrderID = "", "" }},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := list(t, onePage(c.in))
			if err != nil || len(got) != 1 {
				t.Fatalf("got %d instances, %v", len(got), err)
			}
			want := wanted()
			c.change(&want)
			if d := cmp.Diff(want, got[0], cmpopts.IgnoreFields(instance.Listed{}, "Raw"),
				cmpopts.IgnoreUnexported(instance.Listed{})); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if len(got[0].Raw) == 0 {
				t.Error("the raw answer is not kept")
			}
		})
	}
}

func TestWhatIsNotListed(t *testing.T) {
	for name, in := range map[string]string{
		"deleted":           strings.Replace(whole, `"Normal"`, `"Deleted"`, 1),
		"another service's": strings.Replace(whole, `"provider":"hcss"`, `"provider":"ecs"`, 1),
		"without an id":     strings.Replace(whole, `"id":"66e3e9f8b271f8319ef19e86"`, `"id":null`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			if got, _, err := list(t, onePage(in)); err != nil || len(got) != 0 {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestPages(t *testing.T) {
	numbered := func(id, next string) string {
		return fmt.Sprintf(`{"resources":[{"id":%q,"name":"n","provider":"hcss"}],"page_info":{"next_marker":%s}}`, id, next)
	}
	n := 0
	for name, c := range map[string]struct {
		page  func(marker string) string
		ids   string // "" is a fault
		calls int
	}{
		"three pages": {func(m string) string {
			return map[string]string{"": numbered("a", `"m1"`), "m1": numbered("b", `"m2"`), "m2": numbered("c", "null")}[m]
		}, "a b c", 3},
		"an empty marker ends": {func(string) string { return numbered("a", `""`) }, "a", 1},
		"no page_info at all":  {func(string) string { return `{"resources":[{"id":"a"}]}` }, "a", 1},
		"the same instance twice": {func(m string) string {
			return map[string]string{"": numbered("a", `"m1"`), "m1": numbered("a", "null")}[m]
		}, "a", 2},
		"nothing":                  {func(string) string { return `{"resources":[],"page_info":{}}` }, "-", 1},
		"the same marker for ever": {func(string) string { return numbered("a", `"m1"`) }, "", 2},
		"a circle of markers": {func(m string) string {
			return numbered("a", map[string]string{"": `"m1"`, "m1": `"m2"`, "m2": `"m1"`}[m])
		}, "", 3},
		"a new marker for ever":        {func(string) string { n++; return numbered(fmt.Sprint(n), fmt.Sprintf("\"m%d\"", n)) }, "", 200},
		"an answer without a list":     {func(string) string { return `{"page_info":{}}` }, "", 5},
		"a list of something else":     {func(string) string { return `{"resources":["a"]}` }, "", 1},
		"an object instead of a list":  {func(string) string { return `{"resources":{}}` }, "", 5},
		"a second page that is no use": {func(m string) string { return map[string]string{"": numbered("a", `"m1"`), "m1": "<html>"}[m] }, "", 6},
	} {
		t.Run(name, func(t *testing.T) {
			got, cfg, err := list(t, c.page)
			var ids []string
			for _, i := range got {
				ids = append(ids, i.ID)
			}
			have := strings.Join(ids, " ")
			if have == "" && err == nil {
				have = "-"
			}
			if have != c.ids || len(cfg.asked) != c.calls {
				t.Errorf("got %q, %v after %d calls, want %q after %d", have, err, len(cfg.asked), c.ids, c.calls)
			}
			if c.ids == "" && !fault.Is(err, fault.Unreachable) {
				t.Errorf("half a list must be a fault, got %v", err)
			}
		})
	}
}

// TestLongListingsAreReadByRegion: markers make a listing slow, regions can be
// read side by side.
func TestLongListingsAreReadByRegion(t *testing.T) {
	resource := func(id, region string) string {
		return fmt.Sprintf(`{"id":%q,"name":"n","provider":"hcss","region_id":%q}`, id, region)
	}
	answer := func(next string, resources ...string) string {
		return `{"resources":[` + strings.Join(resources, ",") + `],"page_info":{"next_marker":` + next + `}}`
	}
	whole := map[string]string{
		"":          answer(`"more"`, resource("a1", "a"), resource("b1", "b")),
		"more":      answer("null", resource("a2", "a")),
		"a":         answer(`"a-2"`, resource("a1", "a")),
		"a a-2":     answer("null", resource("a2", "a")),
		"b":         answer("null", resource("b1", "b"), resource("b2", "b")),
		"elsewhere": answer(`"more"`, resource("c1", "c")),
	}
	for name, tt := range map[string]struct {
		projects []string
		change   map[string]string
		ids      string // "" is a fault
		asked    string
	}{
		"two regions":                    {[]string{"a", "b"}, nil, "a1 a2 b1 b2", " a a a-2 b"},
		"one page is enough":             {[]string{"a", "b"}, map[string]string{"": whole["b"]}, "b1 b2", ""},
		"one region":                     {[]string{"a"}, nil, "a1 a2 b1", " more"},
		"an instance in no known region": {[]string{"a", "b"}, map[string]string{"": whole["elsewhere"]}, "a2 c1", " more"},
		"a region that fails":            {[]string{"a", "b"}, map[string]string{"b": "<html>"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var asked []string
			a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				key := strings.TrimSpace(r.URL.Query().Get("region_id") + " " + r.URL.Query().Get("marker"))
				mu.Lock()
				asked = append(asked, key)
				mu.Unlock()
				body, changed := tt.change[key]
				if !changed {
					body = whole[key]
				}
				_, _ = io.WriteString(w, body)
			}))
			a.Projects = map[string]string{}
			for _, r := range tt.projects {
				a.Projects[r] = "p"
			}
			got, err := (&rms.Client{API: cloudtest.API()}).Instances(t.Context(), a)
			var ids []string
			for _, i := range got {
				ids = append(ids, i.ID)
			}
			slices.Sort(ids)
			slices.Sort(asked)
			if have := strings.Join(ids, " "); have != tt.ids || (tt.ids == "") != fault.Is(err, fault.Unreachable) {
				t.Errorf("got %q, %v, want %q", have, err, tt.ids)
			}
			if have := strings.Join(asked, " "); tt.ids != "" && have != tt.asked {
				t.Errorf("asked %q, want %q", have, tt.asked)
			}
		})
	}
}

// TestAPageThatIsCut: what a page counts and lacks is not gone.
func TestAPageThatIsCut(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	if err := s.Fleet("Sandbox", 500); err != nil {
		t.Fatal(err)
	}
	a, cl := cloudtest.Access(t, s, "Sandbox", account.ByKey), &rms.Client{API: cloudtest.API()}
	s.Fail(cloudsim.Fault{Call: "instances", Kind: "cut", AfterN: 1, Times: -1})
	if got, err := cl.Instances(t.Context(), a); !fault.Is(err, fault.Unreachable) || got != nil {
		t.Errorf("all: got %d, %v", len(got), err)
	}
	if got, err := cl.InstancesIn(t.Context(), a, "ap-southeast-3", nil); !fault.Is(err, fault.Unreachable) || got != nil {
		t.Errorf("one region: got %d, %v", len(got), err)
	}
}

func TestInstancesOfOneRegion(t *testing.T) {
	c := &config{page: onePage(whole)}
	got, err := (&rms.Client{API: cloudtest.API()}).InstancesIn(t.Context(), cloudtest.Serve(t, c), "ap-southeast-3", nil)
	if err != nil || len(got) != 1 || !strings.Contains(c.asked[0], "region_id=ap-southeast-3") {
		t.Errorf("got %d, %v, asked %v", len(got), err, c.asked)
	}
}

// TestRawAnswers: the fold of a page shows what was answered about one thing,
// not what stood around it.
func TestRawAnswers(t *testing.T) {
	second := strings.Replace(whole, "66e3e9f8b271f8319ef19e86", "b", 1)
	got, _, err := list(t, onePage(whole, second))
	if err != nil || len(got) != 2 || string(got[0].Raw) != whole || string(got[1].Raw) != second {
		t.Errorf("got %d, %v", len(got), err)
	}
}

func TestWhatIsAsked(t *testing.T) {
	_, c, err := list(t, onePage())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/v1/resource-manager/domains/0123456789abcdef0123456789abcdef/all-resources?limit=200&type=hcss.l-instance"}
	if d := cmp.Diff(want, c.asked); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestFindComparesAgain(t *testing.T) {
	other := strings.NewReplacer(`66e3e9f8b271f8319ef19e86`, `b`, `"BT-1"`, `"my-BT-1"`).Replace(whole)
	second := strings.NewReplacer(`66e3e9f8b271f8319ef19e86`, `c`, `"BT-1"`, `"BT-1-0002"`).Replace(whole)
	elsewhere := strings.NewReplacer(`66e3e9f8b271f8319ef19e86`, `d`, `"region_id":"ap-southeast-3"`, `"region_id":"me-east-1"`).
		Replace(whole)
	c := &config{page: onePage(whole, other, second, elsewhere)}
	got, err := (&rms.Client{API: cloudtest.API()}).Find(t.Context(), cloudtest.Serve(t, c), "ap-southeast-3", "BT-1", "")
	if err != nil {
		t.Fatal(err)
	}
	created := time.Date(2024, 9, 13, 7, 30, 0, 0, time.UTC)
	want := []order.Found{
		{InstanceID: "66e3e9f8b271f8319ef19e86", Name: "BT-1", Region: "ap-southeast-3", CloudOrderID: "CS2409131529QL4NJ", Tags: map[string]string{"env": "prod"}, Created: created},
		{InstanceID: "c", Name: "BT-1-0002", Region: "ap-southeast-3", CloudOrderID: "CS2409131529QL4NJ", Tags: map[string]string{"env": "prod"}, Created: created},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if !strings.Contains(c.asked[0], "name=BT-1") || !strings.Contains(c.asked[0], "region_id=ap-southeast-3") {
		t.Errorf("asked: %s", c.asked[0])
	}
}

// TestFindByNameAndTag: two listings, each of which may show an instance, and
// neither of which may be missing.
func TestFindByNameAndTag(t *testing.T) {
	named := func(id, name, tag string) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"provider":"hcss","region_id":"ap-southeast-3","tags":{"sampan-order":%q}}`, id, name, tag)
	}
	long := strings.Repeat("n", 125)
	for name, c := range map[string]struct {
		name, tag     string
		byName, byTag string // answers; "" is a refusal
		ids           string // "" is a fault
		asked         string // the filters, in order
	}{
		"both show it":                     {"web", "abc", named("a", "web", "abc"), named("a", "web", "abc"), "a", "name=web tags=sampan-order=abc"},
		"another name, our tag":            {"web", "abc", named("a", "web", "x"), named("b", "other", "abc"), "a b", "name=web tags=sampan-order=abc"},
		"Config filters by nothing":        {"web", "abc", named("b", "other", "x"), named("b", "other", "x"), "-", "name=web tags=sampan-order=abc"},
		"Config takes the tag's key alone": {"web", "abc", named("a", "web", ""), named("b", "other", "xyz"), "a", "name=web tags=sampan-order=abc"},
		"without a tag":                    {"web", "", named("a", "web", "abc") + "," + named("b", "other", ""), named("c", "c", ""), "a", "name=web"},
		"the listing by tag is refused":    {"web", "abc", named("a", "web", "abc"), "", "", "name=web tags=sampan-order=abc"},
		"the listing by name is refused":   {"web", "abc", "", named("a", "web", "abc"), "", "name=web"},
		"a name that may have been cut": {long, "abc",
			named("a", long[:123]+"-0002", "") + "," + named("b", long[:122]+"-0002", "") + "," + named("c", long, ""),
			named("d", "other", "abc"), "a c d", "all tags=sampan-order=abc"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				q, answer, filter := r.URL.Query(), c.byName, "all"
				switch {
				case q.Has("tags"):
					answer, filter = c.byTag, "tags="+strings.Join(q["tags"], ",")
				case q.Has("name"):
					filter = "name=" + q.Get("name")
				}
				asked = append(asked, filter)
				if q.Get("region_id") != "ap-southeast-3" {
					t.Errorf("asked about the region %q", q.Get("region_id"))
				}
				if answer == "" {
					w.WriteHeader(http.StatusForbidden)
					_, _ = io.WriteString(w, `{"error_code":"RMS.00010004","error_msg":"no"}`)
					return
				}
				_, _ = io.WriteString(w, onePage(answer)(""))
			}))
			got, err := (&rms.Client{API: cloudtest.API()}).Find(t.Context(), a, "ap-southeast-3", c.name, c.tag)
			var ids []string
			for _, f := range got {
				ids = append(ids, f.InstanceID)
			}
			have := strings.Join(ids, " ")
			if have == "" && err == nil {
				have = "-"
			}
			if have != c.ids || strings.Join(asked, " ") != c.asked {
				t.Errorf("got %q, %v, asked %v; want %q, asked %s", have, err, asked, c.ids, c.asked)
			}
		})
	}
}

func TestFindByTagInTheSandbox(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	if err := s.Fleet("Sandbox", 12); err != nil {
		t.Fatal(err)
	}
	c, a := &rms.Client{API: cloudtest.API()}, cloudtest.Access(t, s, "Sandbox", account.ByKey)
	got, err := c.Find(t.Context(), a, "ap-southeast-3", "no such name", "abcdefghij")
	if err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	s.Fail(cloudsim.Fault{Call: "instances", Kind: "status", Status: 403, AfterN: 1})
	if got, err = c.Find(t.Context(), a, "ap-southeast-3", "no such name", "abcdefghij"); fault.Of(err).Status != 403 || got != nil {
		t.Errorf("the second listing is refused: got %v, %v", got, err)
	}
	s.Fail(cloudsim.Fault{Call: "instances", Kind: "status", Status: 404, Code: "RMS.00010006"})
	if got, err = c.Find(t.Context(), a, "ap-southeast-3", "no such name", "abcdefghij"); !fault.Is(err, fault.Unreachable) || got != nil {
		t.Errorf("a listing that is not there: got %v, %v", got, err)
	}
}

// TestCutNamesAndListsInTheSandbox finds what bears a name that had to be cut, and
// takes no page that lacks what it counts for a whole one.
func TestCutNamesAndListsInTheSandbox(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	long := strings.Repeat("n", order.MaxName)
	if _, err := s.Foreign(cloudsim.Foreign{Account: "Sandbox", Name: long, Quantity: 3, Paid: true, Ago: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Foreign(cloudsim.Foreign{Account: "Sandbox", Count: 250, Paid: true, Ago: 2 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	c, a := &rms.Client{API: cloudtest.API()}, cloudtest.Access(t, s, "Sandbox", account.ByKey)
	for name, k := range map[string]struct {
		fault cloudsim.Fault
		found int // -1 is a fault
	}{
		"whole":              {cloudsim.Fault{}, 3},
		"the first page":     {cloudsim.Fault{Kind: "cut"}, -1},
		"the second page":    {cloudsim.Fault{Kind: "cut", AfterN: 1}, -1},
		"the listing by tag": {cloudsim.Fault{Kind: "cut", AfterN: 2}, 3}, // it is empty: nothing is missing
		"all of it":          {cloudsim.Fault{Kind: "cut", Count: 500, Times: -1}, -1},
		"the counts follow":  {cloudsim.Fault{Kind: "short", Times: -1, Count: 200}, 0},
		"empty, and says so": {cloudsim.Fault{Kind: "empty", Times: -1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s.ClearFaults()
			if k.fault.Call = "instances"; k.fault.Kind != "" {
				s.Fail(k.fault)
			}
			got, err := c.Find(t.Context(), a, "ap-southeast-3", long, "abcdefghij")
			if len(got) != max(0, k.found) || fault.Is(err, fault.Unreachable) != (k.found < 0) {
				t.Errorf("got %d, %v, want %d", len(got), err, k.found)
			}
		})
	}
}

func TestAgainstTheSandbox(t *testing.T) {
	for _, cred := range []account.Credential{account.ByKey, account.ByLogin} {
		t.Run(string(cred), func(t *testing.T) {
			s := simtest.Start(t, cloudsim.Options{})
			if err := s.Fleet("Sandbox", 230); err != nil {
				t.Fatal(err)
			}
			c := &rms.Client{API: cloudtest.API()}
			a := cloudtest.Access(t, s, "Sandbox", cred)
			n, err := c.Count(t.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Instances(t.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != n || n < 201 {
				t.Errorf("instances: got %d, counted %d, want more than a page", len(got), n)
			}
			for _, i := range got {
				if i.ID == "" || i.Name == "" || i.Region == "" || i.Spec == "" || i.OrderID == "" || i.Created.IsZero() ||
					len(i.ServerIDs) != 1 {
					t.Fatalf("something is missing: %+v", i)
				}
			}
			found, err := c.Find(t.Context(), a, got[0].Region, got[0].Name, "")
			if err != nil || len(found) == 0 || found[0].CloudOrderID == "" {
				t.Errorf("find %s: got %+v, %v", got[0].Name, found, err)
			}
		})
	}
}

func TestFaultsOfTheSandbox(t *testing.T) {
	for kind, id := range map[string]string{
		"as_printed": "", "endless": "cloud.read.garbled", "html_200": "cloud.read.garbled", "drop_before": "cloud.read.silent",
		"truncate": "cloud.read.garbled", "oversize": "cloud.read.oversize", "redirect": "cloud.read.redirect",
		"throttle": "cloud.throttled",
	} {
		t.Run(kind, func(t *testing.T) {
			s := simtest.Start(t, cloudsim.Options{})
			if err := s.Fleet("Sandbox", 3); err != nil {
				t.Fatal(err)
			}
			if _, err := s.AddFault(cloudsim.Fault{Call: "instances", Kind: kind, Times: -1}); err != nil {
				t.Fatal(err)
			}
			got, err := (&rms.Client{API: cloudtest.API()}).Instances(t.Context(), cloudtest.Access(t, s, "Sandbox", account.ByKey))
			if id == "" {
				if err != nil || len(got) != 3 || len(got[0].ServerIDs) != 1 || got[0].Spec == "" {
					t.Errorf("got %+v, %v", got, err)
				}
			} else if f := fault.Of(err); f.Message.ID != id {
				t.Errorf("got %v, want %s", err, id)
			}
		})
	}
}

// TestAnyAnswerIsRead: no answer, however odd, may panic or make half a list.
func TestAnyAnswerIsRead(t *testing.T) {
	doc := `{"resources":[` + whole + "," + strings.Replace(whole, "66e3e9f8b271f8319ef19e86", "b", 1) +
		`],"page_info":{"current_count":2,"next_marker":null}}`
	var body string
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	rapid.Check(t, func(t *rapid.T) {
		body = cloudtest.Mutate(t, doc)
		limits := cloudtest.Limits()
		limits.ReadTotal = 1
		got, err := (&rms.Client{API: cloud.New(cloud.Options{Limits: limits})}).Instances(context.Background(), a)
		if err != nil && !fault.Is(err, fault.Unreachable) {
			t.Fatalf("%s: %v", body, err)
		}
		for _, i := range got {
			if err != nil || i.ID == "" {
				t.Fatalf("%s: %+v, %v", body, i, err)
			}
		}
	})
}
