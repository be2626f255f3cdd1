package cloudsim_test

import (
	"net/http"
	"strings"
	"testing"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
)

// Tables 4-1 to 4-5: what is accepted and what is not, one constraint at a time.
func TestPurchaseParameters(t *testing.T) {
	type change = map[string]any
	extras := func(e ...change) change {
		l := []any{}
		for _, x := range e {
			l = append(l, x)
		}
		return change{"extra_resources": l}
	}
	tag := func(key, value any) change { return change{"tags": []any{change{"key": key, "value": value}}} }
	image := func(ref any) change { return change{"image_ref": ref} }
	tests := []struct {
		name   string
		change change
		fits   bool
	}{
		{"name of one letter", change{"instance_name": "a"}, true},
		{"name of 128 characters", change{"instance_name": "a" + strings.Repeat("B", 127)}, true},
		{"name of 129 characters", change{"instance_name": "a" + strings.Repeat("B", 128)}, false},
		{"name with digits, _ and -", change{"instance_name": "a_1-2"}, true},
		{"name that begins with a digit", change{"instance_name": "1a"}, false},
		{"name that begins with _", change{"instance_name": "_a"}, false},
		{"name with a blank", change{"instance_name": "a b"}, false},
		{"name with a newline at its end", change{"instance_name": "ab\n"}, false},
		{"name with an umlaut", change{"instance_name": "aä"}, false},
		{"empty name", change{"instance_name": ""}, false},
		{"no name", change{"instance_name": nil}, false},
		{"name that is a number", change{"instance_name": 7}, false},
		{"description of 1024 characters", change{"description": strings.Repeat("é", 1024)}, true},
		{"description of 1025 characters", change{"description": strings.Repeat("é", 1025)}, false},
		{"description with anything", change{"description": "<a>\n\t'\"\\"}, true},
		{"empty description", change{"description": ""}, true},
		{"description that is a number", change{"description": 7}, false},
		{"no specification", change{"plan_spec": nil}, false},
		{"unknown specification", change{"plan_spec": "hf.large.3.30m.linux"}, false},
		{"specification in capitals", change{"plan_spec": "HF.LARGE.1.30M.LINUX"}, false},
		{"specification of the mainland", change{"plan_spec": "ahf.large.1.40g.2m.linux"}, false},
		{"no region", change{"region": nil}, false},
		{"region of the mainland", change{"region": "cn-north-4"}, false},
		{"no charging mode", change{"charging_mode": nil}, true},
		{"charging mode prePaid", change{"charging_mode": "prePaid"}, true},
		{"charging mode postPaid", change{"charging_mode": "postPaid"}, false},
		{"no period type", change{"period_type": nil}, false},
		{"period type day", change{"period_type": "day"}, false},
		{"no period", change{"period_num": nil}, false},
		{"0 months", change{"period_num": 0}, false},
		{"9 months", change{"period_num": 9}, true},
		{"10 months", change{"period_num": 10}, false},
		{"months as a string, as in the table", change{"period_num": "9"}, true},
		{"10 months as a string", change{"period_num": "10"}, false},
		{"months that are no number", change{"period_num": "one"}, false},
		{"half a month", change{"period_num": 1.5}, false},
		{"minus one month", change{"period_num": -1}, false},
		{"1 year", change{"period_type": "year", "period_num": 1}, true},
		{"3 years", change{"period_type": "year", "period_num": 3}, true},
		{"4 years", change{"period_type": "year", "period_num": 4}, false},
		{"no quantity", change{"purchase_quantity": nil}, true},
		{"quantity 0", change{"purchase_quantity": 0}, false},
		{"quantity 200", change{"purchase_quantity": 200}, true},
		{"quantity 201", change{"purchase_quantity": 201}, false},
		{"quantity as a string", change{"purchase_quantity": "2"}, false},
		{"auto-renew true", change{"is_auto_renew": true}, true},
		{"auto-renew as a string", change{"is_auto_renew": "true"}, false},
		{"auto-renew as a number", change{"is_auto_renew": 1}, false},
		{"auto-pay as a string", change{"is_auto_pay": "false"}, false},
		{"no image", change{"image_ref": nil}, false},
		{"image that is a string", image("Ubuntu"), false},
		{"image without version", image(change{"image_name": "Ubuntu"}), false},
		{"image without name", image(change{"image_version": "22.04"}), false},
		{"image with name and id", image(change{"image_name": "Ubuntu", "image_version": "22.04", "image_id": "x"}), false},
		{"image version as a number", image(change{"image_name": "Ubuntu", "image_version": 22.04}), false},
		{"no extras", extras(), true},
		{"data disk of 10 GiB", extras(change{"type": "evs", "size": 10}), true},
		{"data disk of 11 GiB", extras(change{"type": "evs", "size": 11}), true},
		{"data disk of 2048 GiB", extras(change{"type": "evs", "size": 2048}), true},
		{"data disk of 9 GiB", extras(change{"type": "evs", "size": 9}), false},
		{"data disk of 2049 GiB", extras(change{"type": "evs", "size": 2049}), false},
		{"data disk without a size", extras(change{"type": "evs"}), false},
		{"data disk with its size as a string", extras(change{"type": "evs", "size": "20"}), false},
		{"backup of 10 GiB", extras(change{"type": "cbr", "size": 10}), true},
		{"backup of 9 GiB", extras(change{"type": "cbr", "size": 9}), false},
		{"host security", extras(change{"type": "hss"}), true},
		{"host security with a size", extras(change{"type": "hss", "size": 10}), false},
		{"unknown extra", extras(change{"type": "gpu"}), false},
		{"extra without a type", extras(change{"size": 20}), false},
		{"extras that are no list", change{"extra_resources": change{"type": "hss"}}, false},
		{"the table's name for extras is ignored", change{"ExtraResources": []any{change{"type": "gpu"}}}, true},
		{"any other unknown field is ignored", change{"colour": "red"}, true},
		{"tag", tag("env", "prod"), true},
		{"tag with an empty value", tag("env", ""), true},
		{"tag with anything in its value", tag("env", "ü=*<>\\,|/"), true},
		{"tag value of 2048 characters", tag("env", strings.Repeat("é", 2048)), true},
		{"tag value of 2049 characters", tag("env", strings.Repeat("é", 2049)), false},
		{"tag without a value", change{"tags": []any{change{"key": "env"}}}, false},
		{"tag value that is a number", tag("env", 7), false},
		{"tag key of 32 characters", tag("a"+strings.Repeat("-", 31), "x"), true},
		{"tag key of 33 characters", tag("a"+strings.Repeat("-", 32), "x"), false},
		{"tag key that begins with a digit", tag("1a", "x"), false},
		{"tag key with a dot", tag("a.b", "x"), false},
		{"empty tag key", tag("", "x"), false},
		{"tags that are no list", change{"tags": change{"env": "prod"}}, false},
	}
	w := start(t, cloudsim.Options{})
	bought := 0
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := w.buy(with(small(), tt.change))
			if tt.fits {
				bought++
				check(t, "status", a.status, http.StatusAccepted)
			} else {
				refused(t, "purchase", a, http.StatusBadRequest, "HCSS.14000001")
			}
			check(t, "orders", len(w.s.Ledger().Purchases), bought)
		})
	}
}

func TestPurchaseHeaders(t *testing.T) {
	w := start(t, cloudsim.Options{})
	tests := []struct {
		name, id, kind string
		fits           bool
	}{
		{"a UUID", requestID, "application/json", true},
		{"36 characters", strings.Repeat("a", 36), "application/json", true},
		{"128 characters", strings.Repeat("a", 128), "application/json", true},
		{"35 characters", strings.Repeat("a", 35), "application/json", false},
		{"129 characters", strings.Repeat("a", 129), "application/json", false},
		{"none", "", "application/json", false},
		{"begins with a hyphen", "-" + strings.Repeat("a", 36), "application/json", false},
		{"an underscore", strings.Repeat("a_", 20), "application/json", false},
		{"a form", requestID, "application/x-www-form-urlencoded", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := w.send("POST", "/v1/light-instances", small(), map[string]string{"X-Auth-Token": w.token("ap-southeast-3"),
				"Client-Request-Id": tt.id, "Content-Type": tt.kind})
			if tt.fits {
				check(t, "status", a.status, http.StatusAccepted)
				return
			}
			refused(t, "purchase", a, http.StatusBadRequest, "HCSS.14000001")
		})
	}
}

func TestPurchaseBodiesThatAreNoObject(t *testing.T) {
	w := start(t, cloudsim.Options{})
	for _, body := range []string{"", "null", "[]", `"x"`, "{", `{"instance_name":"a"} x`} {
		refused(t, "body "+body, w.buy(body), http.StatusBadRequest, "HCSS.14000001")
	}
}

func TestPurchaseAnswer(t *testing.T) {
	w := start(t, cloudsim.Options{})
	a := w.buy(with(small(), map[string]any{"purchase_quantity": 3}))
	check(t, "status", a.status, http.StatusAccepted)
	check(t, "ids", a.len("instance_ids"), 3)
	p := w.s.Ledger().Purchases
	check(t, "purchases", len(p), 1)
	check(t, "order number", p[0].OrderID, a.at("order_id"))
	check(t, "client request id", p[0].ClientRequestID, requestID)
	check(t, "request id", p[0].RequestID, a.header.Get("X-Request-Id"))
	check(t, "summary", p[0].Summary, "3 × hf.large.1.30m.linux Ubuntu 22.04 in ap-southeast-3, 1 month")
	check(t, "amount", p[0].Amount, "27.00")
	check(t, "paid", p[0].Paid.IsZero(), true)
	if !strings.HasPrefix(p[0].OrderID, "CS2") || len(p[0].OrderID) != 17 {
		t.Errorf("order number: got %s, want CS, ten digits, five characters", p[0].OrderID)
	}
}

func TestPurchasePaysAtOnce(t *testing.T) {
	w := start(t, cloudsim.Options{})
	id := w.ordered(with(small(), map[string]any{"is_auto_pay": true}))
	check(t, "status", w.order(id).at("order_info", "status"), "3")
	check(t, "balance", w.balance(), "491.00")

	poor := newWire(t, w.s, w.s.Accounts()[1]) // 5.00 USD
	refused(t, "short balance", poor.buy(with(small(), map[string]any{"is_auto_pay": true})), http.StatusBadRequest, "HCSS.14000003")
	check(t, "balance afterwards", poor.balance(), "5.00")
	check(t, "orders", len(w.s.Ledger().Purchases), 1)
}

func TestPurchaseStopsAtTheQuota(t *testing.T) {
	w := start(t, cloudsim.Options{})
	low := newWire(t, w.s, w.s.Accounts()[1]) // at most 10
	many := func(n int) answer { return low.buy(with(small(), map[string]any{"purchase_quantity": n})) }
	refused(t, "eleven", many(11), http.StatusBadRequest, "HCSS.14000011")
	check(t, "six", many(6).status, http.StatusAccepted)
	refused(t, "five more while six are unpaid", many(5), http.StatusBadRequest, "HCSS.14000011")
	check(t, "four more", many(4).status, http.StatusAccepted)
}

func TestPurchaseWantsTheProjectOfItsRegion(t *testing.T) {
	w := start(t, cloudsim.Options{})
	a := w.send("POST", "/v1/light-instances", small(),
		map[string]string{"X-Auth-Token": w.token("tr-west-1"), "Client-Request-Id": requestID})
	refused(t, "token of another region", a, http.StatusForbidden, "APIGW.0302")
	a = w.send("POST", "/v1/light-instances", small(), map[string]string{"X-Auth-Token": w.token(""), "Client-Request-Id": requestID})
	refused(t, "token of the account", a, http.StatusForbidden, "APIGW.0302")
	check(t, "orders", len(w.s.Ledger().Purchases), 0)
}

func TestAccountThatBuysByTokenOnly(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	acct := s.Accounts()[2]
	if _, err := newSDK(t, s, acct).purchase("ap-southeast-3", small()); err == nil || !strings.Contains(err.Error(), "X-Auth-Token") {
		t.Errorf("signed purchase: got %v, want a refusal that names the token", err)
	}
	check(t, "purchase by token", newWire(t, s, acct).buy(small()).status, http.StatusAccepted)
}
