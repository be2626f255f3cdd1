package cloudsim_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
)

func (w *wire) orders(query string) answer {
	w.t.Helper()
	return w.call("GET", "/v2/orders/customer-orders?"+query, "", nil)
}

func TestForeignOrders(t *testing.T) {
	w := start(t, cloudsim.Options{})
	ids := must(w.s.Foreign(cloudsim.Foreign{Account: w.acct.ID, Count: 60, Ago: 5 * time.Minute}))(t, "sixty")
	check(t, "numbers", len(ids), 60)
	before := w.s.Now().Add(-4 * time.Minute).Format("2006-01-02T15:04:05Z")
	check(t, "older than four minutes", w.orders("create_time_end="+before).at("total_count"), "60")
	info := w.order(ids[59])
	for what, want := range map[string]any{"status": "6", "order_type": "1", "user_name": "somebody.else",
		"service_type_code": "hws.service.type.hcss"} {
		check(t, what, info.at("order_info", what), want)
	}
	check(t, "quantity", info.at("order_line_items", 0, "subscription_num"), "1")
	check(t, "ledger", len(w.s.Ledger().Purchases), 0)
	check(t, "instances", w.instances("").len("resources"), 0)
	check(t, "one can be paid", w.pay(ids[0]).status, http.StatusNoContent)
	move(t, w.s, time.Minute)
	check(t, "and is delivered", w.instances("").len("resources"), 1)
}

func TestForeignOrdersByControl(t *testing.T) {
	o := cloudsim.Options{StateFile: t.TempDir() + "/state", Seed: "x"}
	c := must(cloudsim.New(simtest.Options(o)))(t, "new")
	w := serve(t, c)
	a := w.control("POST", "foreign",
		map[string]any{"account": "Sandbox", "count": 2, "user": "anna", "spec": "hf.large.2.30m.linux", "region": "tr-west-1",
			"quantity": 3, "months": 12, "paid": true, "ago": "5m", "name": "shop"})
	check(t, "status", a.status, http.StatusCreated)
	check(t, "numbers", a.len("orders"), 2)
	check(t, "balance", w.balance(), "500.00")
	w = serve(t, reopened(t, c, o))
	id := a.at("orders", 0).(string)
	info := w.order(id)
	for what, want := range map[string]any{"status": "5", "user_name": "anna"} {
		check(t, what, info.at("order_info", what), want)
	}
	for what, want := range map[string]any{"subscription_num": "3", "period_type": "3", "period_num": "1"} {
		check(t, what, info.at("order_line_items", 0, what), want)
	}
	got := w.resources(map[string]any{"order_id": id, "only_main_resource": 1})
	check(t, "resources", got.len("data"), 3)
	check(t, "specification", got.at("data", 0, "resource_spec_code"), "hf.large.2.30m.linux")
	check(t, "region", got.at("data", 0, "region_code"), "tr-west-1")
	check(t, "name", got.at("data", 0, "resource_name"), "shop-0001")
	check(t, "servers", w.servers("tr-west-1", "").at("count"), "6")
	check(t, "instances", w.instances("").len("resources"), 6)
	check(t, "reset", w.control("POST", "reset", nil).status, http.StatusNoContent)
	check(t, "instances then", w.instances("").len("resources"), 0)
}

func TestForeignOrdersThatMakeNoSense(t *testing.T) {
	w := start(t, cloudsim.Options{})
	for name, in := range map[string]map[string]any{
		"no account":                 {"count": 1},
		"an unknown account":         {"account": "nobody"},
		"an unknown region":          {"account": "Sandbox", "region": "cn-north-4"},
		"a region not activated":     {"account": "Sandbox low", "region": "me-east-1"},
		"an unknown specification":   {"account": "Sandbox", "spec": "hf.huge"},
		"one that has no sold image": {"account": "Sandbox", "spec": "hf.large.1.30m.byol"},
		"ten months":                 {"account": "Sandbox", "months": 10},
		"less than a month":          {"account": "Sandbox", "months": -1},
		"too many servers":           {"account": "Sandbox", "quantity": 201},
		"too many orders":            {"account": "Sandbox", "count": 1001},
		"less than none":             {"account": "Sandbox", "count": -1},
		"in the future":              {"account": "Sandbox", "ago": "-5m"},
		"a time that is none":        {"account": "Sandbox", "ago": "soon"},
		"a name that is none":        {"account": "Sandbox", "name": "1"},
		"an unknown field":           {"account": "Sandbox", "colour": "red"},
	} {
		check(t, name, w.control("POST", "foreign", in).status, http.StatusBadRequest)
	}
	check(t, "orders", fmt.Sprint(w.orders("").at("total_count")), "0")
}
