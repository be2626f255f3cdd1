package cloudsim_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"sampan/internal/cloud/cloudsim"
)

// What each fault of a purchase does to the answer, and whether the order exists afterwards.
func TestFaultsOfThePurchase(t *testing.T) {
	tests := []struct {
		name   string
		fault  cloudsim.Fault
		status int    // 0: no whole answer
		code   string // of the error
		orders int
	}{
		{"refused", cloudsim.Fault{Kind: "status", Status: 400, Code: "HCSS.14000011", Message: "Insufficient quota."}, 400, "HCSS.14000011", 0},
		{"dependency", cloudsim.Fault{Kind: "status", Status: 400, Code: "HCSS.14000004"}, 400, "HCSS.14000004", 0},
		{"dependency, ordered all the same", cloudsim.Fault{Kind: "status", Status: 400, Code: "HCSS.14000003", Effect: true}, 400, "HCSS.14000003", 1},
		{"server exception", cloudsim.Fault{Kind: "status"}, 500, "HCSS.15000001", 0},
		{"server exception, ordered all the same", cloudsim.Fault{Kind: "status", Effect: true}, 500, "HCSS.15000001", 1},
		{"not allowed", cloudsim.Fault{Kind: "status", Status: 403}, 403, "APIGW.0302", 0},
		{"throttled", cloudsim.Fault{Kind: "throttle", RetryAfter: 7}, 429, "HCSS.14290001", 0},
		{"throttled as ECS does", cloudsim.Fault{Kind: "throttle_202"}, 202, "Common.0024", 0},
		{"sold out", cloudsim.Fault{Kind: "sold_out"}, 400, "HCSS.14000010", 0},
		{"page of a portal", cloudsim.Fault{Kind: "html_200"}, 200, "", 0},
		{"page of a portal, ordered all the same", cloudsim.Fault{Kind: "html_200", Effect: true}, 200, "", 1},
		{"page of a proxy", cloudsim.Fault{Kind: "html_502"}, 502, "", 0},
		{"redirect", cloudsim.Fault{Kind: "redirect"}, 302, "", 0},
		{"dropped before the effect", cloudsim.Fault{Kind: "drop_before"}, 0, "", 0},
		{"dropped after the effect", cloudsim.Fault{Kind: "drop_after"}, 0, "", 1},
		{"truncated", cloudsim.Fault{Kind: "truncate"}, 0, "", 1},
		{"garbled", cloudsim.Fault{Kind: "garble"}, 202, "", 1},
		{"oversize", cloudsim.Fault{Kind: "oversize"}, 202, "", 1},
		{"no order id", cloudsim.Fault{Kind: "no_order_id"}, 202, "", 1},
		{"ids under the other key", cloudsim.Fault{Kind: "instances_ids"}, 202, "", 1},
		{"no ids", cloudsim.Fault{Kind: "empty_ids"}, 202, "", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t, cloudsim.Options{})
			tt.fault.Call = "purchase"
			w.s.Fail(tt.fault)
			a := w.buy(small())
			if tt.status == 0 {
				if a.err == nil {
					t.Errorf("answer: got %d %s, want a broken connection", a.status, a.raw)
				}
			} else if a.err != nil || a.status != tt.status || a.code() != tt.code {
				t.Errorf("answer: got %d %q %.200s %v, want %d %q", a.status, a.code(), a.raw, a.err, tt.status, tt.code)
			}
			check(t, "orders", len(w.s.Ledger().Purchases), tt.orders)
			check(t, "faults left", len(w.s.Faults()), 0)
			check(t, "next purchase", w.buy(small()).status, http.StatusAccepted)
		})
	}
}

func TestSpoiltPurchaseAnswers(t *testing.T) {
	w := start(t, cloudsim.Options{})
	spoilt := func(kind string) answer {
		w.s.Fail(cloudsim.Fault{Call: "purchase", Kind: kind})
		return w.buy(small())
	}
	a := spoilt("no_order_id")
	check(t, "no_order_id: order", a.at("order_id"), nil)
	check(t, "no_order_id: ids", a.len("instance_ids"), 1)
	a = spoilt("instances_ids")
	check(t, "instances_ids: ids", a.len("instances_ids"), 1)
	check(t, "instances_ids: the other key", a.at("instance_ids"), nil)
	check(t, "instances_ids: order", a.at("order_id") != nil, true)
	a = spoilt("empty_ids")
	check(t, "empty_ids: ids", a.len("instance_ids"), 0)
	check(t, "empty_ids: order", a.at("order_id") != nil, true)
	a = spoilt("oversize")
	check(t, "oversize: bytes", len(a.raw) > 9<<20, true)
	check(t, "oversize: still JSON", a.at("order_id") != nil, true)
	a = spoilt("garble")
	check(t, "garble: not JSON", json.Valid(a.raw), false)
	w.s.Fail(cloudsim.Fault{Call: "purchase", Kind: "throttle", RetryAfter: 7})
	check(t, "throttle: Retry-After", w.buy(small()).header.Get("Retry-After"), "7")
	check(t, "html: type", spoilt("html_200").header.Get("Content-Type"), "text/html")
	check(t, "redirect: elsewhere", strings.HasPrefix(spoilt("redirect").header.Get("Location"), "https://"), true)
}

func TestFaultsOfThePayment(t *testing.T) {
	tests := []struct {
		name   string
		fault  cloudsim.Fault
		status int
		code   string
		order  string
	}{
		{"no balance", cloudsim.Fault{Kind: "no_balance"}, 400, "CBC.99005003", "6"},
		{"in progress", cloudsim.Fault{Kind: "status", Status: 400, Code: "CBC.99000088"}, 400, "CBC.99000088", "6"},
		{"dropped before the effect", cloudsim.Fault{Kind: "drop_before"}, 0, "", "6"},
		{"dropped after the effect", cloudsim.Fault{Kind: "drop_after"}, 0, "", "3"},
		{"truncated empty answer", cloudsim.Fault{Kind: "truncate"}, 0, "", "3"},
		{"throttled", cloudsim.Fault{Kind: "throttle"}, 429, "CBC.0250", "6"},
		{"page of a portal, paid all the same", cloudsim.Fault{Kind: "html_200", Effect: true}, 200, "", "3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t, cloudsim.Options{})
			id := w.ordered(small())
			tt.fault.Call = "pay"
			w.s.Fail(tt.fault)
			a := w.pay(id)
			if (a.err != nil) != (tt.status == 0) || a.status != tt.status || a.code() != tt.code {
				t.Errorf("answer: got %d %q %v, want %d %q", a.status, a.code(), a.err, tt.status, tt.code)
			}
			check(t, "order", w.status(id), tt.order)
			check(t, "charged", w.balance(), map[string]string{"6": "500.00", "3": "491.00"}[tt.order])
		})
	}
}

// What becomes of an order that a fault has marked.
func TestPlannedFaultsOfOrders(t *testing.T) {
	tests := []struct {
		name      string
		fault     cloudsim.Fault
		status    string
		delivered int
		balance   string // after a purchase of three for 27.00
	}{
		{"none", cloudsim.Fault{Kind: "delay"}, "5", 3, "473.00"},
		{"partial, one less", cloudsim.Fault{Kind: "partial"}, "5", 2, "473.00"},
		{"partial, one", cloudsim.Fault{Kind: "partial", Count: 1}, "5", 1, "473.00"},
		{"stuck", cloudsim.Fault{Kind: "stuck"}, "3", 0, "473.00"},
		{"fails, cancelled", cloudsim.Fault{Kind: "order_fails"}, "4", 0, "500.00"},
		{"fails, pending refund", cloudsim.Fault{Kind: "order_fails", Status: 2}, "2", 0, "473.00"},
	}
	for _, tt := range tests {
		for _, call := range []string{"purchase", "pay"} {
			t.Run(tt.name+" by "+call, func(t *testing.T) {
				w := start(t, cloudsim.Options{})
				tt.fault.Call = call
				w.s.Fail(tt.fault)
				id := w.ordered(with(small(), map[string]any{"purchase_quantity": 3}))
				check(t, "payment", w.pay(id).status, http.StatusNoContent)
				move(t, w.s, time.Hour)
				check(t, "status", w.status(id), tt.status)
				check(t, "resources", w.resources(map[string]any{"order_id": id, "only_main_resource": 1}).len("data"), tt.delivered)
				check(t, "instances", w.instances("").len("resources"), tt.delivered)
				check(t, "balance", w.balance(), tt.balance)
			})
		}
	}
}

func TestLateAndInvisibleOrders(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.s.Fail(cloudsim.Fault{Call: "purchase", Kind: "late", Delay: 3 * time.Minute})
	late := w.ordered(small())
	w.s.Fail(cloudsim.Fault{Call: "purchase", Kind: "invisible"})
	hidden := w.ordered(small())
	total := func() any { return w.call("GET", "/v2/orders/customer-orders", "", nil).at("total_count") }
	check(t, "orders at first", total(), "0")
	refused(t, "late order at first", w.order(late), http.StatusBadRequest, "CBC.30000010")
	move(t, w.s, 3*time.Minute)
	check(t, "orders then", total(), "1")
	check(t, "late order then", w.status(late), "6")
	move(t, w.s, 30*24*time.Hour)
	w.tokens = map[string]string{}
	refused(t, "invisible order, ever", w.order(hidden), http.StatusBadRequest, "CBC.30000010")
	check(t, "ledger", len(w.s.Ledger().Purchases), 2)
}

func TestSomebodyElseOrdersTheSame(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.s.Fail(cloudsim.Fault{Call: "purchase", Kind: "extra_order", Count: 2})
	w.s.Fail(cloudsim.Fault{Call: "purchase", Kind: "drop_before"})
	if a := w.buy(small()); a.err == nil {
		t.Fatalf("answer: got %d, want none", a.status)
	}
	list := w.call("GET", "/v2/orders/customer-orders", "", nil)
	check(t, "orders", list.at("total_count"), "2")
	other := w.order(list.at("order_infos", 0, "order_id").(string))
	check(t, "status", other.at("order_info", "status"), "6")
	check(t, "user", other.at("order_info", "user_name"), "somebody.else")
	check(t, "same specification", other.at("order_line_items", 0, "product_spec_desc"), "2 vCPUs | 2 GiB | 60 GiB | 30 Mbit/s")
	check(t, "ledger", len(w.s.Ledger().Purchases), 0)

	w.s.Fail(cloudsim.Fault{Call: "purchase", Kind: "extra_order", Message: "console"})
	mine := w.ordered(small())
	list = w.call("GET", "/v2/orders/customer-orders", "", nil)
	check(t, "orders then", list.at("total_count"), "4")
	alike := 0
	for i := range list.len("order_infos") {
		o := w.order(list.at("order_infos", i, "order_id").(string))
		if o.at("order_info", "user_name") == "console" && o.at("order_info", "order_id") != mine {
			alike++
		}
	}
	check(t, "order of a user of the same name", alike, 1)
}

func TestFaultsAreMatchedAndCounted(t *testing.T) {
	w := start(t, cloudsim.Options{})
	fails := func(call func() answer) bool { return call().status == http.StatusServiceUnavailable }
	here := func() answer { return w.servers("ap-southeast-3", "") }
	there := func() answer { return w.servers("tr-west-1", "") }
	once := cloudsim.Fault{Call: "servers", Kind: "status", Status: 503}

	w.s.Fail(once)
	check(t, "another call", fails(func() answer { return w.instances("") }), false)
	check(t, "first", fails(here), true)
	check(t, "second", fails(here), false)

	third := once
	third.AfterN, third.Times = 2, 2
	w.s.Fail(third)
	for i, want := range []bool{false, false, true, true, false} {
		check(t, "call "+string(rune('1'+i)), fails(here), want)
	}

	region := once
	region.Region = "tr-west-1"
	w.s.Fail(region)
	check(t, "another region", fails(here), false)
	check(t, "its region", fails(there), true)

	other := once
	other.Account = "Sandbox low"
	w.s.Fail(other)
	check(t, "another account", fails(here), false)
	check(t, "its account", fails(func() answer { return newWire(t, w.s, w.s.Accounts()[1]).servers("tr-west-1", "") }), true)

	always := once
	always.Call, always.Times = "*", -1
	id := w.s.Fail(always)
	for range 3 {
		check(t, "any call", fails(here) && fails(func() answer { return w.instances("") }), true)
	}
	check(t, "id", w.s.Faults()[0].ID, id)
	w.s.ClearFaults()
	check(t, "cleared", fails(here), false)

	order := w.ordered(small())
	w.s.Fail(cloudsim.Fault{Call: "order", Kind: "status", Status: 503, Order: order})
	check(t, "another order", fails(func() answer { return w.order("CS0000000000AAAAA") }), false)
	check(t, "its order", fails(func() answer { return w.order(order) }), true)

	w.s.Fail(cloudsim.Fault{Call: "purchase", Kind: "sold_out", Spec: "hf.xlarge.4.30m.linux", Times: -1})
	check(t, "another size", w.buy(small()).status, http.StatusAccepted)
	refused(t, "its size", w.buy(with(small(), map[string]any{"plan_spec": "hf.xlarge.4.30m.linux"})), http.StatusBadRequest,
		"HCSS.14000010")
}

func TestFaultsThatMakeNoSense(t *testing.T) {
	w := start(t, cloudsim.Options{})
	for name, f := range map[string]cloudsim.Fault{
		"unknown call":            {Call: "purchases", Kind: "status"},
		"unknown kind":            {Call: "purchase", Kind: "explode"},
		"no call":                 {Kind: "status"},
		"kind of another call":    {Call: "orders", Kind: "partial"},
		"status that is none":     {Call: "orders", Kind: "status", Status: 7},
		"order failing as 5":      {Call: "purchase", Kind: "order_fails", Status: 5},
		"less than always":        {Call: "orders", Kind: "status", Times: -2},
		"number of no order":      {Call: "purchase", Kind: "strange_number"},
		"altered to no code":      {Call: "purchase", Kind: "altered", Code: "hf.huge"},
		"altered to too many":     {Call: "purchase", Kind: "altered", Count: 201},
		"gone at once":            {Call: "purchase", Kind: "gone"},
		"as old as now":           {Call: "orders", Kind: "aged"},
		"a payment that is aged":  {Call: "pay", Kind: "aged", Delay: time.Minute},
		"a number that is cut":    {Call: "balance_of", Kind: "cut"},
		"account that is not one": {Call: "orders", Kind: "status", Account: "nobody"},
	} {
		if _, err := w.s.AddFault(f); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
	check(t, "faults", len(w.s.Faults()), 0)
}

// Every call can fail in every general way.
func TestEveryCallCanFail(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.pay(w.ordered(small()))
	move(t, w.s, time.Minute)
	instance := w.s.Ledger().Purchases[0].InstanceIDs[0]
	server := w.servers("ap-southeast-3", "").at("servers", 0, "id").(string)
	open := w.ordered(small())
	w.token("")
	rms, sg := "/v1/resource-manager/domains/"+w.acct.ID, "ap-southeast-3"
	calls := map[string]func() answer{
		"token":          func() answer { return w.login(nil, w.acct.IAMPassword) },
		"projects":       func() answer { return w.call("GET", "/v3/projects", "", nil) },
		"auth_projects":  func() answer { return w.call("GET", "/v3/auth/projects", "", nil) },
		"domains":        func() answer { return w.call("GET", "/v3/auth/domains", "", nil) },
		"purchase":       func() answer { return w.buy(small()) },
		"instances":      func() answer { return w.instances("") },
		"instance_count": func() answer { return w.call("GET", rms+"/all-resources/count", "", nil) },
		"instance": func() answer {
			return w.call("GET", rms+"/provider/hcss/type/l-instance/resources/"+instance, "", nil)
		},
		"servers":    func() answer { return w.servers(sg, "") },
		"server":     func() answer { return w.call("GET", "/v1/"+w.project(sg)+"/cloudservers/"+server, sg, nil) },
		"orders":     func() answer { return w.call("GET", "/v2/orders/customer-orders", "", nil) },
		"order":      func() answer { return w.order(open) },
		"pay":        func() answer { return w.pay(open) },
		"cancel":     func() answer { return w.cancel(open) },
		"resources":  func() answer { return w.resources(map[string]any{}) },
		"price":      func() answer { return w.call("POST", "/v2/bills/ratings/period-resources/subscribe-rate", "", nil) },
		"spec_check": func() answer { return w.call("POST", "/v2/products/resource-specs-query", "", nil) },
		"balance":    func() answer { return w.call("GET", "/v2/accounts/customer-accounts/balances", "", nil) },
		"traffic":    func() answer { return w.call("POST", "/v2/payments/free-resources/usages/details/query", "", nil) },
		"packages":   func() answer { return w.call("POST", "/v3/payments/free-resources/query", "", nil) },
		"autorenew_on": func() answer {
			return w.call("POST", "/v2/orders/subscriptions/resources/autorenew/"+instance, "", nil)
		},
		"autorenew_off": func() answer {
			return w.call("DELETE", "/v2/orders/subscriptions/resources/autorenew/"+instance, "", nil)
		},
		"images": func() answer { return w.call("GET", "/v2/cloudimages", sg, nil) },
	}
	general := map[string]func(answer) bool{
		"status":       func(a answer) bool { return a.status == 418 },
		"throttle":     func(a answer) bool { return a.status == http.StatusTooManyRequests },
		"throttle_202": func(a answer) bool { return a.status == http.StatusAccepted && a.code() == "Common.0024" },
		"html_200":     func(a answer) bool { return a.status == http.StatusOK && strings.HasPrefix(string(a.raw), "<") },
		"html_502":     func(a answer) bool { return a.status == http.StatusBadGateway },
		"redirect":     func(a answer) bool { return a.status == http.StatusFound },
		"drop_before":  func(a answer) bool { return a.err != nil },
		"drop_after":   func(a answer) bool { return a.err != nil },
		"truncate":     func(a answer) bool { return a.err != nil },
	}
	for call, do := range calls {
		for kind, happened := range general {
			w.s.Fail(cloudsim.Fault{Call: call, Kind: kind, Status: 418})
			if a := do(); !happened(a) {
				t.Errorf("%s %s: got %d %.100s %v", call, kind, a.status, a.raw, a.err)
			}
			w.s.ClearFaults()
		}
	}
	check(t, "calls", len(calls), 23)
}

func TestDelayComesAfterTheEffect(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.s.Fail(cloudsim.Fault{Call: "purchase", Kind: "delay", Delay: time.Hour})
	w.token("ap-southeast-3")
	w.http.Timeout = 300 * time.Millisecond
	if a := w.buy(small()); a.err == nil {
		t.Errorf("answer: got %d, want none in time", a.status)
	}
	check(t, "orders", len(w.s.Ledger().Purchases), 1)
}

func TestLatencyAndDelayAreWaited(t *testing.T) {
	w := start(t, cloudsim.Options{Latency: 30 * time.Millisecond})
	w.token("")
	for _, least := range []time.Duration{30 * time.Millisecond, 60 * time.Millisecond} {
		began := time.Now()
		w.balance()
		if took := time.Since(began); took < least {
			t.Errorf("answer after %v, want %v or more", took, least)
		}
		w.s.Fail(cloudsim.Fault{Call: "balance", Kind: "delay", Delay: 60 * time.Millisecond})
	}
}

func TestClockSkewIsSeenInTheDateOnly(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.s.Fail(cloudsim.Fault{Call: "balance", Kind: "clock_skew", Delay: 20 * time.Minute})
	a := w.call("GET", "/v2/accounts/customer-accounts/balances", "", nil)
	check(t, "status", a.status, http.StatusOK)
	date := must(http.ParseTime(a.header.Get("Date")))(t, "Date")
	if d := time.Until(date); d < 19*time.Minute || d > 21*time.Minute {
		t.Errorf("Date is %v ahead, want 20 minutes", d)
	}
}

func TestRateLimitIsPerServiceAndRegion(t *testing.T) {
	w := start(t, cloudsim.Options{RatePerSecond: 0.001})
	for _, r := range []string{"ap-southeast-3", "tr-west-1", ""} {
		w.token(r)
	}
	check(t, "first", w.servers("ap-southeast-3", "").status, http.StatusOK)
	a := w.servers("ap-southeast-3", "")
	refused(t, "second", a, http.StatusTooManyRequests, "APIGW.0308")
	check(t, "Retry-After", a.header.Get("Retry-After"), "1")
	check(t, "another region", w.servers("tr-west-1", "").status, http.StatusOK)
	check(t, "another service", w.instances("").status, http.StatusOK)
	check(t, "another account", newWire(t, w.s, w.s.Accounts()[1]).servers("ap-southeast-3", "").status, http.StatusOK)
}

func TestListsCanBeEmptyEndlessOrMisprinted(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.must(w.s.Fleet(w.acct.Name, 4))
	w.s.Fail(cloudsim.Fault{Call: "instances", Kind: "empty"})
	a := w.instances("")
	check(t, "empty", a.len("resources"), 0)
	check(t, "empty: count", a.at("page_info", "current_count"), "0")
	w.s.Fail(cloudsim.Fault{Call: "orders", Kind: "empty"})
	check(t, "no orders", w.call("GET", "/v2/orders/customer-orders", "", nil).at("total_count"), "0")

	w.s.Fail(cloudsim.Fault{Call: "instances", Kind: "endless", Times: 2})
	first := w.instances("")
	marker := first.at("page_info", "next_marker")
	second := w.instances("marker=" + marker.(string))
	check(t, "endless: marker", second.at("page_info", "next_marker"), marker)
	check(t, "endless: same page", second.at("resources", 0, "id"), first.at("resources", 0, "id"))

	w.s.Fail(cloudsim.Fault{Call: "instances", Kind: "as_printed"})
	p := w.instances("")
	check(t, "as printed: provider", p.at("resources", 0, "provider"), "hcsl")
	check(t, "as printed: service", p.at("resources", 0, "properties", "metadata", "cloud_service_type"), "hws.service.type.hcsl")
	check(t, "as printed: parts outside", p.len("resources", 0, "resources") >= 8, true)
	check(t, "as printed: parts not inside", p.at("resources", 0, "properties", "resources"), nil)
	check(t, "as printed: state outside", p.at("resources", 0, "status") != nil, true)
}

func TestFaultsAsJSON(t *testing.T) {
	var f cloudsim.Fault
	if err := json.Unmarshal([]byte(`{"call":"purchase","kind":"delay","delay":"1m30s","times":2,"retry_after":3}`), &f); err != nil {
		t.Fatal(err)
	}
	check(t, "delay", f.Delay, 90*time.Second)
	check(t, "times", f.Times, 2)
	if err := json.Unmarshal([]byte(`{"delay":2}`), &f); err != nil || f.Delay != 2*time.Second {
		t.Errorf("seconds: got %v, %v", f.Delay, err)
	}
	for _, bad := range []string{`{"delay":"soon"}`, `{"delai":1}`, `{"delay":[]}`} {
		if json.Unmarshal([]byte(bad), &f) == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	raw, err := json.Marshal(cloudsim.Fault{ID: "1", Call: "pay", Kind: "delay", Delay: 3 * time.Second})
	if err != nil || string(raw) != `{"id":"1","call":"pay","kind":"delay","times":0,"delay":"3s"}` {
		t.Errorf("written: got %s, %v", raw, err)
	}
}
