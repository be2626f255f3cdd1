package cloudsim_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sampan/internal/cloud/cloudsim"
)

func (w *wire) status(id string) any {
	w.t.Helper()
	return w.order(id).at("order_info", "status")
}

func TestOrderThatIsPaid(t *testing.T) {
	w := start(t, cloudsim.Options{})
	id := w.ordered(with(small(),
		map[string]any{"is_auto_renew": true, "tags": []any{map[string]any{"key": "sampan-order", "value": "x1"}}}))
	o := w.order(id)
	for what, want := range map[string]any{"status": "6", "order_type": "1", "amount_after_discount": "9.00", "official_amount": "9.00",
		"currency": "USD", "payment_time": nil, "user_name": "console", "service_type_code": "hws.service.type.hcss",
		"customer_id": w.acct.ID} {
		check(t, what, o.at("order_info", what), want)
	}
	check(t, "quantity", o.at("order_line_items", 0, "subscription_num"), "1")
	check(t, "period type", o.at("order_line_items", 0, "period_type"), "2")
	check(t, "specification", o.at("order_line_items", 0, "product_spec_desc"), "2 vCPUs | 2 GiB | 60 GiB | 30 Mbit/s")
	check(t, "effective", o.at("order_line_items", 0, "effective_time"), nil)
	check(t, "resources before payment", w.resources(map[string]any{"order_id": id}).at("total_count"), "0")

	check(t, "payment", w.pay(id).status, http.StatusNoContent)
	check(t, "status after payment", w.status(id), "3")
	check(t, "balance", w.balance(), "491.00")
	check(t, "servers at once", w.servers("ap-southeast-3", "").at("count"), "0")
	move(t, w.s, 2*time.Second)
	building := w.servers("ap-southeast-3", "")
	check(t, "server soon", building.at("servers", 0, "status"), "BUILD")
	check(t, "its task", building.at("servers", 0, "OS-EXT-STS:task_state"), "spawning")
	move(t, w.s, 3*time.Second)
	check(t, "server then", w.servers("ap-southeast-3", "").at("servers", 0, "status"), "ACTIVE")
	check(t, "order still", w.status(id), "3")
	move(t, w.s, 2*time.Second)
	check(t, "order then", w.status(id), "5")
	got := w.resources(map[string]any{"order_id": id, "only_main_resource": 1})
	check(t, "resources", got.at("total_count"), "1")
	check(t, "auto-renew", got.at("data", 0, "expire_policy"), "3")
	check(t, "name", got.at("data", 0, "resource_name"), "small")
	check(t, "id of the answer", got.at("data", 0, "resource_id"), w.s.Ledger().Purchases[0].InstanceIDs[0])
	check(t, "Config not yet", w.instances("").len("resources"), 0)
	move(t, w.s, 6*time.Second)
	in := w.instances("")
	check(t, "Config later", in.len("resources"), 1)
	check(t, "tag", in.at("resources", 0, "tags", "sampan-order"), "x1")
	check(t, "order in Config", in.at("resources", 0, "properties", "metadata", "order_id"), id)
	check(t, "delivered", len(w.s.Ledger().Purchases[0].Delivered), 1)

	address := w.servers("ap-southeast-3", "").at("servers", 0, "addresses").(map[string]any)
	for _, list := range address {
		a := answer{body: map[string]any{"l": list}}
		if ip, _ := a.at("l", 1, "addr").(string); !strings.HasPrefix(ip, "198.18.") {
			t.Errorf("public address: got %s, want one of 198.18.0.0/15", ip)
		}
	}
	check(t, "address in Config", contains(answer{body: in.at("resources", 0).(map[string]any)}, "public_ip_address", "198.18."), true)
}

func TestTimeScaleMakesOrdersFaster(t *testing.T) {
	w := start(t, cloudsim.Options{TimeScale: 60})
	id := w.ordered(small())
	w.pay(id)
	move(t, w.s, 250*time.Millisecond)
	check(t, "status after a quarter of a second", w.status(id), "5")
	check(t, "instances", w.instances("").len("resources"), 1)
}

func TestPaymentRules(t *testing.T) {
	w := start(t, cloudsim.Options{})
	pay := func(body map[string]any) answer { return w.call("POST", "/v3/orders/customer-orders/pay", "", body) }
	order := w.ordered(small())
	coupon, discount := []any{map[string]any{"id": "c", "type": 301}}, []any{map[string]any{"id": "d", "type": 0}}
	tests := []struct {
		name string
		body map[string]any
		code string
	}{
		{"no order", map[string]any{"use_coupon": "NO", "use_discount": "NO"}, "CBC.0100"},
		{"coupon not said", map[string]any{"order_id": order, "use_discount": "NO"}, "CBC.0100"},
		{"coupon as a boolean", map[string]any{"order_id": order, "use_coupon": false, "use_discount": "NO"}, "CBC.0100"},
		{"discount in small letters", map[string]any{"order_id": order, "use_coupon": "NO", "use_discount": "no"}, "CBC.0100"},
		{"NO with a list", map[string]any{"order_id": order, "use_coupon": "NO", "use_discount": "NO", "coupon_infos": coupon}, "CBC.0100"},
		{"YES without a list", map[string]any{"order_id": order, "use_coupon": "YES", "use_discount": "NO"}, "CBC.0100"},
		{"coupon that is not there", map[string]any{"order_id": order, "use_coupon": "YES", "use_discount": "NO", "coupon_infos": coupon}, "CBC.99003108"},
		{"discount that is not there", map[string]any{"order_id": order, "use_coupon": "NO", "use_discount": "YES", "discount_infos": discount}, "CBC.99003116"},
		{"unknown order", map[string]any{"order_id": "CS0000000000AAAAA", "use_coupon": "NO", "use_discount": "NO"}, "CBC.30000010"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			refused(t, "payment", pay(tt.body), http.StatusBadRequest, tt.code)
			check(t, "status", w.status(order), "6")
		})
	}
	check(t, "payment", w.pay(order).status, http.StatusNoContent)
	refused(t, "second payment", w.pay(order), http.StatusBadRequest, "CBC.99003106")
	refused(t, "cancelling a paid order", w.cancel(order), http.StatusBadRequest, "CBC.99005010")
	check(t, "balance", w.balance(), "491.00")

	cancelled := w.ordered(small())
	check(t, "cancelling", w.cancel(cancelled).status, http.StatusNoContent)
	check(t, "status", w.status(cancelled), "4")
	refused(t, "cancelling again", w.cancel(cancelled), http.StatusBadRequest, "CBC.99005010")
	refused(t, "paying a cancelled order", w.pay(cancelled), http.StatusBadRequest, "CBC.99003106")

	late := w.ordered(small())
	move(t, w.s, 7*24*time.Hour+time.Minute)
	w.tokens = map[string]string{}
	check(t, "status of an order that nobody paid", w.status(late), "4")
	refused(t, "paying it", w.pay(late), http.StatusBadRequest, "CBC.99003110")

	poor := newWire(t, w.s, w.s.Accounts()[1])
	dear := poor.ordered(small())
	refused(t, "balance too short", poor.pay(dear), http.StatusBadRequest, "CBC.99005003")
	check(t, "status", poor.status(dear), "6")
	refused(t, "another account's order", poor.pay(w.ordered(small())), http.StatusBadRequest, "CBC.30000010")
	refused(t, "reading another account's order", poor.order(order), http.StatusBadRequest, "CBC.30000010")
}

func TestOrderList(t *testing.T) {
	w := start(t, cloudsim.Options{})
	var ids []string
	for range 3 {
		ids = append(ids, w.ordered(small()))
		move(t, w.s, time.Hour)
	}
	w.cancel(ids[0])
	created := func(i int) time.Time { return w.s.Ledger().Purchases[i].Time }
	list := func(query url.Values) answer {
		return w.call("GET", "/v2/orders/customer-orders?"+query.Encode(), "", nil)
	}
	stamp := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
	tests := []struct {
		name  string
		query url.Values
		total string
		first any
	}{
		{"all, newest first", nil, "3", ids[2]},
		{"oldest first", url.Values{"order_by": {"createTime"}}, "3", ids[0]},
		{"newest first, said", url.Values{"order_by": {"-createTime"}}, "3", ids[2]},
		{"by number", url.Values{"order_id": {ids[1]}}, "1", ids[1]},
		{"by status", url.Values{"status": {"4"}}, "1", ids[0]},
		{"purchases", url.Values{"order_type": {"1"}}, "3", ids[2]},
		{"renewals", url.Values{"order_type": {"2"}}, "0", nil},
		{"from a moment on", url.Values{"create_time_begin": {stamp(created(1))}}, "2", ids[2]},
		{"until a moment", url.Values{"create_time_end": {stamp(created(1))}}, "2", ids[1]},
		{"a window", url.Values{"create_time_begin": {stamp(created(1).Add(-time.Minute))}, "create_time_end": {stamp(created(1).Add(time.Minute))}}, "1", ids[1]},
		{"paid ones", url.Values{"payment_time_begin": {"2000-01-01T00:00:00Z"}}, "0", nil},
		{"of the service", url.Values{"service_type_code": {"hws.service.type.hcss"}}, "3", ids[2]},
		{"of another service", url.Values{"service_type_code": {"hws.service.type.ec2"}}, "0", nil},
		{"second page", url.Values{"limit": {"2"}, "offset": {"2"}}, "3", ids[0]},
		{"beyond the end", url.Values{"offset": {"9"}}, "3", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := list(tt.query)
			check(t, "total", a.at("total_count"), tt.total)
			check(t, "first", a.at("order_infos", 0, "order_id"), tt.first)
		})
	}
	check(t, "length of a page", list(url.Values{"limit": {"2"}}).len("order_infos"), 2)
	for _, bad := range []url.Values{{"limit": {"0"}}, {"limit": {"x"}}, {"offset": {"-1"}}, {"order_by": {"name"}},
		{"create_time_begin": {"yesterday"}}, {"status": {"x"}}} {
		refused(t, bad.Encode(), list(bad), http.StatusBadRequest, "CBC.0100")
	}
}

func TestResourcesQuery(t *testing.T) {
	w := start(t, cloudsim.Options{})
	id := w.ordered(with(wordpress(), map[string]any{"purchase_quantity": 2}))
	w.pay(id)
	move(t, w.s, time.Minute)
	all := w.resources(map[string]any{"order_id": id, "limit": 100})
	check(t, "instances with their parts", all.at("total_count"), "16") // 2 × (instance, server, disk, address, bandwidth, 3 extras)
	ids := w.s.Ledger().Purchases[0].InstanceIDs
	main := w.resources(map[string]any{"resource_ids": ids, "only_main_resource": 1})
	check(t, "by ids", main.at("total_count"), "2")
	check(t, "status", main.at("data", 0, "status"), "2")
	check(t, "page", w.resources(map[string]any{"order_id": id}).len("data"), 10)
	check(t, "unknown id", w.resources(map[string]any{"resource_ids": []string{"66e3e9f8b271f8319ef19e86"}}).at("total_count"), "0")
	check(t, "unknown order", w.resources(map[string]any{"order_id": "CS0000000000AAAAA"}).at("total_count"), "0")
	check(t, "none expired", w.resources(map[string]any{"status_list": []int{5}, "only_main_resource": 1}).at("total_count"), "0")
	part := w.resources(map[string]any{"resource_ids": []any{all.at("data", 1, "resource_id")}})
	check(t, "a part by its id", part.at("data", 0, "is_main_resource"), "0")
	check(t, "its instance", part.at("data", 0, "parent_resource_id"), all.at("data", 0, "resource_id"))
	many := make([]string, 51)
	for _, bad := range []map[string]any{{"resource_ids": many}, {"only_main_resource": 2}, {"status_list": []int{1}},
		{"service_type_code": ""}, {"limit": 0}, {"offset": -1}, {"expire_time_begin": "x"}, {"order_id": 7}} {
		refused(t, "query", w.resources(bad), http.StatusBadRequest, "CBC.0100")
	}
}

func TestExpiryGraceAndRetention(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.pay(w.ordered(small()))
	move(t, w.s, time.Minute)
	bought := w.s.Now()
	first := w.resources(map[string]any{"only_main_resource": 1})
	expires := must(time.Parse(time.RFC3339, first.at("data", 0, "expire_time").(string)))(t, "expire time")
	if d := expires.Sub(bought); d < 27*24*time.Hour || d > 33*24*time.Hour {
		t.Errorf("a month lasts %v", d)
	}
	if expires.Format("15:04:05") != "15:59:59" {
		t.Errorf("expiry: got %v, want the end of a day in Beijing", expires)
	}
	day := 24 * time.Hour
	for _, step := range []struct {
		name           string
		at             time.Duration
		resource, unit string
		frozen         any
		count          string
	}{
		{"before", -time.Hour, "2", "ACTIVE", nil, "1"},
		{"in the grace period", day, "5", "ACTIVE", nil, "1"},
		{"in retention", 16 * day, "4", "SHUTOFF", "freeze", "1"},
		{"after", 31 * day, "3", "", nil, "0"},
	} {
		t.Run(step.name, func(t *testing.T) {
			w.must(w.s.SetClock(expires.Add(step.at)))
			w.tokens = map[string]string{}
			check(t, "resource", w.resources(map[string]any{"only_main_resource": 1}).at("data", 0, "status"), step.resource)
			servers := w.servers("ap-southeast-3", "")
			check(t, "servers", servers.at("count"), step.count)
			check(t, "instances",
				w.call("GET", "/v1/resource-manager/domains/"+w.acct.ID+"/all-resources/count", "", nil).at("total_count"), step.count)
			if step.count == "1" {
				check(t, "server", servers.at("servers", 0, "status"), step.unit)
				check(t, "frozen", servers.at("servers", 0, "metadata", "EcmResStatus"), step.frozen)
			}
		})
	}
}

func TestAutoRenewSwitch(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.pay(w.ordered(small()))
	id := w.s.Ledger().Purchases[0].InstanceIDs[0]
	path := "/v2/orders/subscriptions/resources/autorenew/" + id
	refused(t, "before delivery", w.call("POST", path, "", nil), http.StatusBadRequest, "CBC.99003012")
	move(t, w.s, time.Minute)
	policy := func() any {
		return w.resources(map[string]any{"resource_ids": []string{id}}).at("data", 0, "expire_policy")
	}
	check(t, "at first", policy(), "0")
	check(t, "on", w.call("POST", path, "", nil).status, http.StatusNoContent)
	check(t, "policy", policy(), "3")
	check(t, "on again", w.call("POST", path, "", map[string]any{"auto_renew_times": 0, "period_type": "MONTH"}).status,
		http.StatusNoContent)
	check(t, "off", w.call("DELETE", path, "", nil).status, http.StatusNoContent)
	check(t, "policy", policy(), "0")
	refused(t, "off again", w.call("DELETE", path, "", nil), http.StatusBadRequest, "CBC.99003605")
	refused(t, "too many times", w.call("POST", path, "", map[string]any{"auto_renew_times": 100}), http.StatusBadRequest, "CBC.0100")
	refused(t, "unknown", w.call("POST", strings.Replace(path, id, "66e3e9f8b271f8319ef19e86", 1), "", nil), http.StatusBadRequest,
		"CBC.99003012")
	move(t, w.s, 45*24*time.Hour)
	w.tokens = map[string]string{}
	refused(t, "expired", w.call("POST", path, "", nil), http.StatusBadRequest, "CBC.99003602")
}

func TestPrices(t *testing.T) {
	w := start(t, cloudsim.Options{})
	product := func(change map[string]any) map[string]any {
		return with(map[string]any{"id": "1", "cloud_service_type": "hws.service.type.hcss",
			"resource_type": "hws.resource.type.hecsfusion", "resource_spec": "hf.large.1.30m.linux", "region": "ap-southeast-3",
			"period_type": 2, "period_num": 1, "subscription_num": 1}, change)
	}
	ask := func(products ...any) answer {
		return w.call("POST", "/v2/bills/ratings/period-resources/subscribe-rate", "",
			map[string]any{"project_id": "p", "product_infos": products})
	}
	disk := map[string]any{"id": "2", "cloud_service_type": "hws.service.type.ebs", "resource_type": "hws.resource.type.volume",
		"resource_spec": "SAS", "resource_size": 20, "size_measure_id": 17}
	tests := []struct {
		name     string
		products []any
		amount   any
		code     string
	}{
		{"a month", []any{product(nil)}, "9.00", ""},
		{"two of them", []any{product(map[string]any{"subscription_num": 2})}, "18.00", ""},
		{"a year", []any{product(map[string]any{"period_type": 3})}, "90.00", ""},
		{"a dear region", []any{product(map[string]any{"region": "sa-brazil-1"})}, "11.70", ""},
		{"with a disk", []any{product(nil), product(disk)}, "11.00", ""},
		{"unknown specification", []any{product(map[string]any{"resource_spec": "x"})}, nil, "CBC.99006006"},
		{"unknown service", []any{product(map[string]any{"cloud_service_type": "hws.service.type.ec2"})}, nil, "CBC.99006006"},
		{"region not activated", []any{product(map[string]any{"region": "cn-north-4"})}, nil, "CBC.99006006"},
		{"the same id twice", []any{product(nil), product(nil)}, nil, "CBC.0100"},
		{"nothing", nil, nil, "CBC.0100"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := ask(tt.products...)
			check(t, "code", a.code(), tt.code)
			check(t, "amount", a.at("official_website_rating_result", "official_website_amount"), tt.amount)
		})
	}
	id := ask(product(nil)).at("official_website_rating_result", "product_rating_results", 0, "product_id")
	check(t, "marked as simulated", strings.Contains(id.(string), "SIMULATED"), true)
}

// What the inquiry says is what the order costs.
func TestPriceInquiryAgreesWithTheOrder(t *testing.T) {
	w := start(t, cloudsim.Options{})
	for _, spec := range []string{"hf.large.1.30m.linux", "hf.xlarge.4.30m.linux"} {
		for _, region := range []string{"ap-southeast-2", "me-east-1"} {
			id := w.ordered(with(small(), map[string]any{"plan_spec": spec, "region": region, "period_num": 3, "purchase_quantity": 2}))
			want := w.order(id).at("order_info", "amount_after_discount")
			got := w.call("POST", "/v2/bills/ratings/period-resources/subscribe-rate", "",
				map[string]any{"project_id": "p", "product_infos": []any{
					map[string]any{"id": "1", "cloud_service_type": "hws.service.type.hcss",
						"resource_type": "hws.resource.type.hecsfusion", "resource_spec": spec, "region": region, "period_type": 2,
						"period_num": 3, "subscription_num": 2}}})
			check(t, spec+" in "+region, got.at("official_website_rating_result", "official_website_amount"), want)
		}
	}
}

func TestTrafficRunsDownAndStartsAgain(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.pay(w.ordered(with(small(), map[string]any{"period_num": 3})))
	move(t, w.s, time.Minute)
	pack := w.call("POST", "/v3/payments/free-resources/query", "", map[string]any{}).at("free_resource_packages", 0, "free_resources", 0,
		"free_resource_id")
	left := func() float64 {
		w.tokens = map[string]string{}
		a := w.call("POST", "/v2/payments/free-resources/usages/details/query", "", map[string]any{"free_resource_ids": []any{pack}})
		check(t, "total", a.at("free_resources", 0, "original_amount"), "3072")
		return number(t, a.at("free_resources", 0, "amount"))
	}
	at0 := left()
	move(t, w.s, 10*24*time.Hour)
	at10 := left()
	move(t, w.s, 10*24*time.Hour)
	at20 := left()
	move(t, w.s, 15*24*time.Hour)
	at35 := left()
	if at0 < 3071 || at10 >= at0 || at20 >= at10 || at35 <= at20 {
		t.Errorf("left: got %v, %v, %v, and %v in the next month; want it to fall, then to start again", at0, at10, at20, at35)
	}
	many := make([]string, 101)
	refused(t, "too many ids", w.call("POST", "/v2/payments/free-resources/usages/details/query", "",
		map[string]any{"free_resource_ids": many}), http.StatusBadRequest, "CBC.0100")
	none := w.call("POST", "/v2/payments/free-resources/usages/details/query", "", map[string]any{"free_resource_ids": []string{"unknown"}})
	check(t, "unknown id", none.len("free_resources"), 0)
}

func TestSpecCheck(t *testing.T) {
	w := start(t, cloudsim.Options{})
	ask := func(change map[string]any) answer {
		return w.call("POST", "/v2/products/resource-specs-query", "", with(map[string]any{"cloud_service_type": "hws.service.type.hcss",
			"resource_type": "hws.resource.type.hecsfusion", "region_code": "ap-southeast-3", "charge_mode": "1"}, change))
	}
	check(t, "all", ask(nil).len("cloud_service_basics"), 12)
	check(t, "where the smallest is not sold", ask(map[string]any{"region_code": "tr-west-1"}).len("cloud_service_basics"), 11)
	one := ask(map[string]any{"filters": []any{map[string]any{"key": "RESOURCE_SPEC", "value": "hf.large.1.30m.linux"}}})
	check(t, "one", one.at("cloud_service_basics", 0, "resource_spec"), "hf.large.1.30m.linux")
	check(t, "only one", one.len("cloud_service_basics"), 1)
	check(t, "another service", ask(map[string]any{"cloud_service_type": "x"}).len("cloud_service_basics"), 0)
	seen, marker := map[any]bool{}, any(nil)
	for range 5 {
		p := ask(map[string]any{"limit": 5, "marker": marker})
		for i := range p.len("cloud_service_basics") {
			seen[p.at("cloud_service_basics", i, "resource_spec")] = true
		}
		if marker = p.at("page_info", "next_marker"); marker == nil {
			break
		}
	}
	check(t, "over pages", len(seen), 12)
	check(t, "last page", marker, nil)
}

func TestNamesOfSeveralServersAreCut(t *testing.T) {
	long := "n" + strings.Repeat("m", 127)
	for name, c := range map[string]struct {
		name     string
		quantity int
		want     []string
	}{
		"one":                      {long, 1, []string{long}},
		"there is room":            {"web", 2, []string{"web-0001", "web-0002"}},
		"there is just room":       {long[:123], 2, []string{long[:123] + "-0001", long[:123] + "-0002"}},
		"one character too many":   {long[:124], 2, []string{long[:123] + "-0001", long[:123] + "-0002"}},
		"as long as a name can be": {long, 2, []string{long[:123] + "-0001", long[:123] + "-0002"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, cloudsim.Options{})
			id := w.ordered(with(small(), map[string]any{"instance_name": c.name, "purchase_quantity": c.quantity}))
			check(t, "payment", w.pay(id).status, http.StatusNoContent)
			move(t, w.s, time.Hour)
			billing, config := w.resources(map[string]any{"order_id": id, "only_main_resource": 1}), w.instances("")
			var billed, listed []string
			for i := range c.quantity {
				billed = append(billed, billing.at("data", i, "resource_name").(string))
				listed = append(listed, config.at("resources", i, "name").(string))
			}
			slices.Sort(listed) // Config's order is that of the ids
			check(t, "in billing", strings.Join(billed, " "), strings.Join(c.want, " "))
			check(t, "in Config", strings.Join(listed, " "), strings.Join(c.want, " "))
		})
	}
}
