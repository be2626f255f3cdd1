package cloudsim_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
)

func TestFleetIsTheSameForTheSameSeed(t *testing.T) {
	at := time.Date(2025, 8, 15, 12, 0, 0, 0, time.UTC)
	look := func(first, second int) any {
		w := start(t, cloudsim.Options{Seed: "fleet"})
		w.must(w.s.SetClock(at))
		w.must(w.s.Fleet("Sandbox", first))
		if second > 0 {
			w.must(w.s.SetClock(at))
			w.must(w.s.Fleet("Sandbox", second))
		}
		return w.instances("limit=200").body
	}
	one := look(60, 0)
	if d := cmp.Diff(one, look(60, 0)); d != "" {
		t.Errorf("same seed: %s", d)
	}
	if d := cmp.Diff(one, look(20, 40)); d != "" {
		t.Errorf("in two parts: %s", d)
	}
}

func TestFleetIsMixed(t *testing.T) {
	w := start(t, cloudsim.Options{Seed: "fleet"})
	w.must(w.s.Fleet("Sandbox", 600))
	status, regions, frozen := map[any]int{}, 0, 0
	addresses := map[string]bool{}
	for _, r := range w.acct.Regions {
		a := w.servers(r.Region, "limit=1000")
		if a.len("servers") > 0 {
			regions++
		}
		for i := range a.len("servers") {
			status[a.at("servers", i, "status")]++
			if a.at("servers", i, "metadata", "EcmResStatus") == "freeze" {
				frozen++
			}
			for _, l := range a.at("servers", i, "addresses").(map[string]any) {
				ip, _ := answer{body: map[string]any{"l": l}}.at("l", 1, "addr").(string)
				addresses[ip] = true
			}
		}
	}
	check(t, "regions", regions, 6)
	check(t, "addresses are different", len(addresses), 600)
	for _, s := range []string{"ACTIVE", "SHUTOFF", "ERROR"} {
		check(t, "some are "+s, status[s] > 0, true)
	}
	check(t, "some are frozen", frozen > 0, true)
	kinds := map[any]int{}
	res := w.resources(map[string]any{"only_main_resource": 1, "limit": 500})
	for i := range res.len("data") {
		kinds[res.at("data", i, "status")]++
	}
	for _, s := range []string{"2", "4", "5"} {
		check(t, "some resources are in state "+s, kinds[s] > 0, true)
	}
	check(t, "fleet is not in the ledger", len(w.s.Ledger().Purchases), 0)
	check(t, "fleet costs nothing", w.balance(), "500.00")
}

// Every instance of a fleet is one that could have been bought.
func TestFleetKeepsToTheTables(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.must(w.s.Fleet("Sandbox", 1000))
	sold := map[string]bool{}
	for _, r := range rows(t, "testdata/sold.txt") {
		sold[r[2]+" in "+r[3]] = true
	}
	for _, in := range allInstances(w) {
		a := answer{body: in}
		key := a.at("properties", "metadata", "resource_spec_code").(string) + " in " + a.at("region_id").(string)
		if !sold[key] {
			t.Errorf("instance %s: %s is not sold", a.at("id"), key)
		}
	}
}

// allInstances reads Config page by page.
func allInstances(w *wire) []map[string]any {
	w.t.Helper()
	var out []map[string]any
	query := "limit=200"
	for {
		a := w.instances(query)
		for i := range a.len("resources") {
			out = append(out, a.at("resources", i).(map[string]any))
		}
		next, more := a.at("page_info", "next_marker").(string)
		if !more {
			return out
		}
		query = "limit=200&marker=" + next
	}
}

func TestPagesOfConfigHoldEachInstanceOnce(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.must(w.s.Fleet("Sandbox", 450))
	seen := map[any]bool{}
	for _, in := range allInstances(w) {
		seen[in["id"]] = true
	}
	check(t, "instances", len(seen), 450)
	count := w.call("GET", "/v1/resource-manager/domains/"+w.acct.ID+"/all-resources/count?type=hcss.l-instance", "", nil)
	check(t, "count", count.at("total_count"), "450")
	check(t, "default page", w.instances("").len("resources"), 100)
	check(t, "one region", w.instances("limit=200&region_id=tr-west-1").len("resources"), 75)
	check(t, "another type", w.call("GET", "/v1/resource-manager/domains/"+w.acct.ID+"/all-resources?type=ecs.cloudservers", "", nil).
		len("resources"), 0)
	check(t, "a tag", w.instances("limit=200&tags=env").len("resources"), 200)
	for _, bad := range []string{"limit=0", "limit=201", "limit=x", "marker=x", "marker=unknown"} {
		check(t, bad, w.instances(bad).status, http.StatusBadRequest)
	}
	one := w.instances("limit=1").at("resources", 0, "id").(string)
	show := w.call("GET", "/v1/resource-manager/domains/"+w.acct.ID+"/provider/hcss/type/l-instance/resources/"+one, "", nil)
	check(t, "one instance", show.at("id"), one)
	check(t, "by id", w.instances("id="+one).len("resources"), 1)
}

func TestPagesOfServers(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.must(w.s.Fleet("Sandbox", 360))
	const region = "ap-southeast-2"
	first := w.servers(region, "")
	check(t, "count", first.at("count"), "60")
	check(t, "default page", first.len("servers"), 25)
	check(t, "page 0 is page 1", w.servers(region, "offset=0").at("servers", 0, "id"), first.at("servers", 0, "id"))
	check(t, "page 3", w.servers(region, "offset=3").len("servers"), 10)
	check(t, "page 4", w.servers(region, "offset=4").len("servers"), 0)
	last := first.at("servers", 24, "id").(string)
	check(t, "after a marker", w.servers(region, "marker="+last).at("servers", 0, "id"),
		w.servers(region, "offset=2").at("servers", 0, "id"))
	id := first.at("servers", 0, "id").(string)
	ids := w.servers(region, "server_id="+id+",00000000-0000-0000-0000-000000000000&status=DELETED")
	check(t, "by ids", ids.at("count"), "2")
	check(t, "known id", ids.at("servers", 0, "id"), id)
	check(t, "unknown id", ids.at("servers", 1, "id"), "00000000-0000-0000-0000-000000000000")
	check(t, "unknown id has a fault", ids.at("servers", 1, "fault", "code"), "404")
	check(t, "unknown id has no name", ids.at("servers", 1, "name"), nil)
	check(t, "by name", w.servers(region, "name="+first.at("servers", 3, "name").(string)).len("servers") >= 1, true)
	check(t, "by status", w.servers(region, "status=DELETED").len("servers"), 0)
	check(t, "by tag", w.servers(region, "tags=_sys_type_hcss_l").at("count"), "60")
	for _, bad := range []string{"limit=0", "limit=1001", "offset=-1", "marker=x"} {
		check(t, bad, w.servers(region, bad).status, http.StatusBadRequest)
	}
	gone := w.call("GET", "/v1/"+w.project(region)+"/cloudservers/00000000-0000-0000-0000-000000000000", region, nil)
	refused(t, "unknown server", gone, http.StatusNotFound, "Ecs.0114")
	elsewhere := w.call("GET", "/v1/"+w.project("tr-west-1")+"/cloudservers/"+id, "tr-west-1", nil)
	refused(t, "server of another region", elsewhere, http.StatusNotFound, "Ecs.0114")
}

// Ten thousand instances are raised and listed whole in the time a test has.
func TestTenThousandInstances(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.must(w.s.Fleet("Sandbox", 10_000))
	check(t, "instances", len(allInstances(w)), 10_000)
	total := 0
	for _, r := range w.acct.Regions {
		for page := 1; ; page++ {
			a := w.servers(r.Region, "limit=1000&offset="+string(rune('0'+page)))
			total += a.len("servers")
			if a.len("servers") < 1000 {
				break
			}
		}
	}
	check(t, "servers", total, 10_000)
}

func TestManyCallersAtOnce(t *testing.T) {
	w := start(t, cloudsim.Options{TimeScale: 1000})
	w.must(w.s.Fleet("Sandbox", 50))
	for _, r := range []string{"", "ap-southeast-3"} {
		w.token(r)
	}
	calls := []func(){
		func() { w.pay(w.ordered(small())) },
		func() { w.instances("") },
		func() { w.servers("ap-southeast-3", "limit=100") },
		func() { w.resources(map[string]any{}) },
		func() { w.s.Ledger() },
		func() { w.s.Accounts() },
		func() { w.s.Fail(cloudsim.Fault{Call: "balance", Kind: "throttle"}); w.balance() },
		func() { _ = w.s.Advance(time.Second) },
		func() { a := w.acct; a.Name = "Sandbox"; _, _ = w.s.SetAccount(cloudsim.Account{ID: a.ID}) },
	}
	var wg sync.WaitGroup
	for _, call := range calls {
		for range 4 {
			wg.Go(func() {
				for range 5 {
					call()
				}
			})
		}
	}
	wg.Wait()
	l := w.s.Ledger()
	check(t, "orders", len(l.Purchases), 20)
	for _, p := range l.Purchases {
		check(t, "each is paid", p.Paid.IsZero(), false)
	}
	check(t, "balance", w.s.Accounts()[0].Balance, "320.00")
}

func BenchmarkPageOfConfig(b *testing.B) {
	s := simtest.Start(b, cloudsim.Options{})
	if err := s.Fleet("Sandbox", 10_000); err != nil {
		b.Fatal(err)
	}
	acct := s.Accounts()[0]
	path := "/v1/resource-manager/domains/" + acct.ID + "/all-resources"
	h := s.Handler()
	token := loginToken(b, h, acct)
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, path+"?limit=200", nil)
		r.Header.Set("X-Auth-Token", token)
		out := httptest.NewRecorder()
		if h.ServeHTTP(out, r); out.Code != http.StatusOK {
			b.Fatal(out.Body)
		}
	}
}

func loginToken(b *testing.B, h http.Handler, a cloudsim.Account) string {
	b.Helper()
	body := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"` + a.IAMUser + `","password":"` + a.IAMPassword +
		`","domain":{"name":"` + a.DomainName + `"}}}}}}`
	out := httptest.NewRecorder()
	h.ServeHTTP(out, httptest.NewRequest(http.MethodPost, "/v3/auth/tokens", strings.NewReader(body)))
	if out.Code != http.StatusCreated {
		b.Fatal(out.Body)
	}
	return out.Header().Get("X-Subject-Token")
}
