package ecs_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/ecs"
)

const region = "ap-southeast-3"

const whole = `{"id":"72a270de-665a-4f46-8d64-24ad6edccdd2","name":"hcss_ecs_ff60","description":"shop","OS-EXT-SRV-ATTR:hostname":"hcss-ecs-ff60",
 "status":"ACTIVE","OS-EXT-STS:task_state":null,"OS-EXT-STS:vm_state":"active","OS-EXT-STS:power_state":1,"OS-EXT-AZ:availability_zone":"ap-southeast-3a",
 "OS-SRV-USG:launched_at":"2024-09-13T07:30:40.000000","tenant_id":"067cf8ae","host_status":"UP","locked":false,"fault":null,"enterprise_project_id":"0",
 "created":"2024-09-13T07:30:10Z","updated":"2024-09-13T07:30:41Z","flavor":{"id":"x1.2u.2g","vcpus":"2","ram":"2048"},"image":{"id":"img-1"},
 "addresses":{"vpc-1":[{"addr":"192.168.0.5","version":"4","OS-EXT-IPS:type":"fixed"},{"addr":"2407:c080::5","version":"6","OS-EXT-IPS:type":"floating"},{"addr":"119.3.166.187","version":4,"OS-EXT-IPS:type":"floating"}]},
 "metadata":{"charging_mode":"1","metering.order_id":"CS2409131529QL4NJ","metering.product_id":"P1","lockSource":"hcss","lockSourceId":"66e3e9f8b271f8319ef19e86",
   "lockScene":"changeos,resize","image_name":"WordPress","os_type":"Linux","os_bit":64},
 "tags":["_sys_type_hcss_l","env=prod"],"sys_tags":[{"key":"_sys_enterprise_project_id","value":"0"}],
 "os-extended-volumes:volumes_attached":[{"id":"v1","device":"/dev/vda","bootIndex":"0"},{"id":"v2","device":"/dev/vdb","bootIndex":null}],
 "security_groups":[{"name":"sg-default-smb","id":"sg"}]}`

func wanted() instance.Server {
	return instance.Server{
		ID: "72a270de-665a-4f46-8d64-24ad6edccdd2", InstanceID: "66e3e9f8b271f8319ef19e86", OrderID: "CS2409131529QL4NJ", ProductID: "P1",
		Region: region, ProjectID: "067cf8ae", Zone: "ap-southeast-3a", Name: "hcss_ecs_ff60", Hostname: "hcss-ecs-ff60",
		Description: "shop", Status: "ACTIVE", VMState: "active", PowerState: 1, LockScene: "changeos,resize", HostStatus: "UP",
		Public: []string{"119.3.166.187", "2407:c080::5"}, Private: []string{"192.168.0.5"}, Networks: []string{"vpc-1"},
		Flavor: "x1.2u.2g", VCPUs: 2, MemoryMiB: 2048, OS: catalog.Linux, ImageID: "img-1", ImageName: "WordPress",
		Disks:          []instance.Disk{{ID: "v1", Device: "/dev/vda", System: true}, {ID: "v2", Device: "/dev/vdb"}},
		SecurityGroups: []string{"sg-default-smb"}, EnterpriseProjectID: "0", Tags: []string{"_sys_type_hcss_l", "env=prod"},
		SysTags: map[string]string{"_sys_enterprise_project_id": "0"},
		Created: time.Date(2024, 9, 13, 7, 30, 10, 0, time.UTC), Updated: time.Date(2024, 9, 13, 7, 30, 41, 0, time.UTC),
		Launched: time.Date(2024, 9, 13, 7, 30, 40, 0, time.UTC),
	}
}

func serve(t *testing.T, h http.HandlerFunc) (*ecs.Client, account.Access) {
	return &ecs.Client{API: cloudtest.API()}, cloudtest.Serve(t, h)
}

func body(servers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"count":%d,"servers":[%s]}`, len(servers), strings.Join(servers, ","))
	}
}

func TestReadingAServer(t *testing.T) {
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(whole) }
	for name, c := range map[string]struct {
		in     string
		change func(*instance.Server)
	}{
		"the example":         {whole, func(*instance.Server) {}},
		"something running":   {replace(`task_state":null`, `task_state":"powering-off"`), func(s *instance.Server) { s.TaskState = "powering-off" }},
		"frozen":              {replace(`"charging_mode"`, `"EcmResStatus":"freeze","charging_mode"`), func(s *instance.Server) { s.Frozen = true }},
		"numbers for texts":   {replace(`"vcpus":"2"`, `"vcpus":2`, `"power_state":1`, `"power_state":"1"`, `"locked":false`, `"locked":"True"`), func(s *instance.Server) { s.Locked = true }},
		"image as a text":     {replace(`{"id":"img-1"}`, `""`), func(s *instance.Server) { s.ImageID = "" }},
		"a fault":             {replace(`"fault":null`, `"fault":{"message":"no host","code":500}`), func(s *instance.Server) { s.Fault = "no host" }},
		"Windows":             {replace(`"Linux"`, `"Windows"`), func(s *instance.Server) { s.OS = catalog.Windows }},
		"lists null":          {replace(`["_sys_type_hcss_l","env=prod"]`, "null", `[{"name":"sg-default-smb","id":"sg"}]`, "null"), func(s *instance.Server) { s.Tags, s.SecurityGroups = nil, nil }},
		"known by its tag":    {replace(`"lockSource":"hcss"`, `"lockSource":""`), func(s *instance.Server) { s.InstanceID = "" }},
		"an address of no ip": {replace("119.3.166.187", "pending"), func(s *instance.Server) { s.Public = []string{"2407:c080::5"} }},
		"addresses a list":    {strings.Replace(whole, `{"vpc-1":`, `["vpc-1",`, 1), func(*instance.Server) {}},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "addresses a list" { // not JSON any more: must be a fault, not a server without addresses
				cl, a := serve(t, body(c.in))
				if _, err := cl.Servers(t.Context(), a, region, nil); !fault.Is(err, fault.Unreachable) {
					t.Errorf("got %v", err)
				}
				return
			}
			cl, a := serve(t, body(c.in))
			got, err := cl.Servers(t.Context(), a, region, nil)
			if err != nil || len(got) != 1 {
				t.Fatalf("got %d, %v", len(got), err)
			}
			want := wanted()
			c.change(&want)
			if d := cmp.Diff(want, got[0], cmpopts.IgnoreFields(instance.Server{}, "Raw")); d != "" || len(got[0].Raw) == 0 {
				t.Errorf("raw %d bytes (-want +got):\n%s", len(got[0].Raw), d)
			}
		})
	}
}

func TestOtherServersAreLeftOut(t *testing.T) {
	plain := strings.NewReplacer(`"lockSource":"hcss"`, `"lockSource":null`, "_sys_type_hcss_l", "x").Replace(whole)
	cl, a := serve(t, body(plain))
	if got, err := cl.Servers(t.Context(), a, region, nil); err != nil || len(got) != 0 {
		t.Errorf("got %d, %v", len(got), err)
	}
}

// TestServersByIDThatAreCut: a server that a list lacks which counts it is not one
// that the cloud does not have.
func TestServersByIDThatAreCut(t *testing.T) {
	for count, good := range map[string]bool{"1": true, "0": true, "null": true, "2": false} {
		cl, a := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, `{"count":%s,"servers":[{"id":"00000001-0000","name":"n","status":"ACTIVE"}]}`, count)
		})
		got, err := cl.ServersByID(t.Context(), a, region, []string{"00000001-0000", "00000002-0000"})
		if good && (err != nil || len(got) != 1) || !good && (!fault.Is(err, fault.Unreachable) || got != nil) {
			t.Errorf("count %s: got %d, %v", count, len(got), err)
		}
	}
}

func TestPages(t *testing.T) {
	// serving n servers, at most size a page, offset being the number of the page
	paged := func(n, size int, count string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			page, _ := strconv.Atoi(r.URL.Query().Get("offset"))
			var rows []string
			for i := (page - 1) * size; i < min(n, page*size); i++ {
				rows = append(rows, fmt.Sprintf(`{"id":"%08d-0000","name":"n","status":"ACTIVE","tags":["_sys_type_hcss_l"]}`, i))
			}
			_, _ = fmt.Fprintf(w, `{"count":%s,"servers":[%s]}`, count, strings.Join(rows, ","))
		}
	}
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		want int // -1 is a fault
	}{
		"by the count":    {paged(25, 10, "25"), 25},
		"without a count": {paged(25, 10, "null"), 25},
		"none":            {paged(0, 10, "0"), 0},
		"the same page for ever": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"count":9,"servers":[{"id":"00000001-0000"}]}`)
		}, -1},
		"more by the count":    {paged(25, 10, "26"), -1},
		"no list":              {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"count":0}`) }, -1},
		"pages without an end": {paged(1<<20, 1, "null"), -1},
	} {
		t.Run(name, func(t *testing.T) {
			cl, a := serve(t, c.h)
			got, err := cl.Servers(t.Context(), a, region, nil)
			if name == "more by the count" && len(got) != 25 {
				t.Errorf("what was listed: got %d, want 25", len(got))
			}
			if c.want < 0 && !fault.Is(err, fault.Unreachable) || c.want >= 0 && (err != nil || len(got) != c.want) {
				t.Errorf("got %d, %v, want %d", len(got), err, c.want)
			}
		})
	}
}

// TestPagesAreReadSideBySide: what the count promises is asked for at once, and
// the next time so is what the last listing had.
func TestPagesAreReadSideBySide(t *testing.T) {
	var mu sync.Mutex
	n, together := 25, 0
	var asked []int
	var gate chan struct{}
	cl, a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		mu.Lock()
		asked = append(asked, page)
		open, count, first := gate, n, page == 1 && len(asked) == 1
		if together--; together == 0 {
			close(gate)
		}
		mu.Unlock()
		if !first {
			select {
			case <-open: // all of them are here
			case <-time.After(5 * time.Second):
				t.Errorf("page %d was asked for alone", page)
			}
		}
		var rows []string
		for i := (page - 1) * 10; i < min(count, page*10); i++ {
			rows = append(rows, fmt.Sprintf(`{"id":"%08d-0000","status":"ACTIVE","tags":["_sys_type_hcss_l"]}`, i))
		}
		_, _ = fmt.Fprintf(w, `{"count":%d,"servers":[%s]}`, count, strings.Join(rows, ","))
	})
	for _, step := range []struct {
		name     string
		servers  int
		together int // calls until the gate opens
		pages    []int
	}{
		{"the first time", 25, 3, []int{1, 2, 3}},
		{"as many", 25, 3, []int{1, 2, 3}},
		{"fewer", 5, 3, []int{1, 2, 3}},
		{"as few", 5, 1, []int{1}},
		{"none", 0, 1, []int{1}},
		{"again", 11, 2, []int{1, 2}},
	} {
		mu.Lock()
		n, together, asked, gate = step.servers, step.together, nil, make(chan struct{})
		mu.Unlock()
		got, err := cl.Servers(t.Context(), a, region, nil)
		mu.Lock()
		slices.Sort(asked)
		if err != nil || len(got) != step.servers || !slices.Equal(asked, step.pages) {
			t.Errorf("%s: got %d servers, %v, of pages %v; want %d of %v", step.name, len(got), err, asked, step.servers, step.pages)
		}
		for i := 1; i < len(got); i++ {
			if got[i].ID < got[i-1].ID {
				t.Errorf("%s: %s before %s: pages are out of order", step.name, got[i-1].ID, got[i].ID)
			}
		}
		mu.Unlock()
	}
}

// TestAPageThatFailsFailsTheListing: half a listing must not pass for a whole.
func TestAPageThatFailsFailsTheListing(t *testing.T) {
	cl, a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("offset") == "2" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"error":{"code":"Ecs.0001","message":"no"}}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"count":30,"servers":[{"id":"%08s-0000","tags":["_sys_type_hcss_l"]}]}`, r.URL.Query().Get("offset"))
	})
	got, err := cl.Servers(t.Context(), a, region, nil)
	if len(got) != 0 || fault.Of(err).Status != http.StatusForbidden {
		t.Errorf("got %d servers, %v; want the refusal", len(got), err)
	}
}

func TestServersByID(t *testing.T) {
	var asked []int
	cl, a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		ids := strings.Split(r.URL.Query().Get("server_id"), ",")
		asked = append(asked, len(ids))
		var rows []string
		for _, id := range ids {
			rows = append(rows, fmt.Sprintf(`{"id":%q,"name":null,"status":null,"fault":{"message":"not found"}}`, id))
		}
		_, _ = fmt.Fprintf(w, `{"count":%d,"servers":[%s,{"id":"somebody-else"}]}`, len(ids), strings.Join(rows, ","))
	})
	var ids []string
	for i := range 150 {
		ids = append(ids, fmt.Sprintf("%08x-0000", i))
	}
	got, err := cl.ServersByID(t.Context(), a, region, ids)
	if err != nil || len(got) != 150 || !got[0].Absent || got[0].Fault != "not found" {
		t.Errorf("got %d, %v", len(got), err)
	}
	if d := cmp.Diff([]int{100, 50}, asked); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if _, err := cl.ServersByID(t.Context(), a, region, []string{"a,b"}); !fault.Is(err, fault.Refused) {
		t.Errorf("an id with a comma: got %v", err)
	}
}

func TestThrottledWithA202(t *testing.T) {
	calls := 0
	cl, a := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls == 1 {
			w.WriteHeader(202)
			_, _ = io.WriteString(w, `{"error":{"code":"Common.0024","message":"too many requests"}}`)
			return
		}
		body(whole)(w, nil)
	})
	if got, err := cl.Servers(t.Context(), a, region, nil); err != nil || len(got) != 1 || calls != 2 {
		t.Errorf("got %d servers, %v after %d calls", len(got), err, calls)
	}
}

func TestAgainstTheSandbox(t *testing.T) {
	for _, cred := range []account.Credential{account.ByKey, account.ByLogin} {
		t.Run(string(cred), func(t *testing.T) {
			s := simtest.Start(t, cloudsim.Options{})
			if err := s.Fleet("Sandbox", 40); err != nil {
				t.Fatal(err)
			}
			a, cl := cloudtest.Access(t, s, "Sandbox", cred), &ecs.Client{API: cloudtest.API()}
			all := 0
			for r := range a.Projects {
				got, err := cl.Servers(t.Context(), a, r, nil)
				if err != nil {
					t.Fatal(err)
				}
				all += len(got)
				var ids []string
				for _, x := range got {
					ids = append(ids, x.ID)
					if x.InstanceID == "" || x.Status == "" || x.Region != r || x.ProjectID != a.Projects[r] || x.VCPUs == 0 ||
						x.Created.IsZero() || x.Status == "ACTIVE" && len(x.Public) == 0 {
						t.Errorf("something is missing: %+v", x)
					}
				}
				again, err := cl.ServersByID(t.Context(), a, r, ids)
				if err != nil || len(again) != len(got) {
					t.Errorf("by id: got %d of %d, %v", len(again), len(got), err)
				}
				if err := cl.Probe(t.Context(), a, r); err != nil {
					t.Error(err)
				}
			}
			if all != 40 {
				t.Errorf("servers of all regions: got %d, want 40", all)
			}
			if _, err := cl.Servers(t.Context(), a, "cn-north-4", nil); fault.Of(err).Message.ID != "cloud.region.inactive" {
				t.Errorf("a region that is not activated: got %v", err)
			}
		})
	}
}

// TestAnyAnswerIsRead: no answer, however odd, may panic or make half a list.
func TestAnyAnswerIsRead(t *testing.T) {
	var answer string
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
	rapid.Check(t, func(t *rapid.T) {
		answer = cloudtest.Mutate(t, `{"count":1,"servers":[`+whole+`]}`)
		limits := cloudtest.Limits()
		limits.ReadTotal = 1
		got, err := (&ecs.Client{API: cloud.New(cloud.Options{Limits: limits})}).Servers(context.Background(), a, region, nil)
		if err != nil && (!fault.Is(err, fault.Unreachable) || len(got) > 0) {
			t.Fatalf("%s: %v, %v", answer, got, err)
		}
	})
}
