package cloudsim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sampan/internal/cloud/cloudsim"
)

func TestAnswersWithAnotherNumber(t *testing.T) {
	for name, c := range map[string]struct {
		fault  cloudsim.Fault
		placed int
		ids    int // of the answer
	}{
		"a number of nobody, nothing placed": {cloudsim.Fault{Kind: "wrong_number"}, 0, 2},
		"a number of nobody, order placed":   {cloudsim.Fault{Kind: "wrong_number", Effect: true}, 1, 2},
		"somebody else's number":             {cloudsim.Fault{Kind: "strange_number"}, 1, 3},
		"somebody else's, of no order":       {cloudsim.Fault{Kind: "strange_number", Message: "CS0000000000NONE"}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, cloudsim.Options{})
			other := must(w.s.Foreign(cloudsim.Foreign{Account: "Sandbox", Quantity: 3}))(t, "foreign")[0]
			if c.fault.Call = "purchase"; c.fault.Kind == "strange_number" && c.fault.Message == "" {
				c.fault.Message = other
			}
			w.s.Fail(c.fault)
			a := w.buy(with(small(), map[string]any{"purchase_quantity": 2}))
			check(t, "status", a.status, http.StatusAccepted)
			check(t, "ids", a.len("instance_ids"), c.ids)
			said, placed := a.at("order_id"), w.s.Ledger().Purchases
			check(t, "orders placed", len(placed), c.placed)
			if c.fault.Kind == "wrong_number" {
				refused(t, "the number in billing", w.order(said.(string)), http.StatusBadRequest, "CBC.30000010")
			} else {
				check(t, "the number", said, c.fault.Message)
			}
			if c.placed > 0 {
				check(t, "the order is another", placed[0].OrderID != said, true)
				check(t, "the order in billing", w.status(placed[0].OrderID), "6")
			}
			if c.fault.Effect {
				check(t, "ids are those of the order", a.at("instance_ids", 0), placed[0].InstanceIDs[0])
			}
		})
	}
}

// TestRefusedPurchasesAreRefused: a fault of the answer does not make one.
func TestRefusedPurchasesAreRefused(t *testing.T) {
	for _, f := range []cloudsim.Fault{{Kind: "wrong_number"}, {Kind: "wrong_number", Effect: true},
		{Kind: "strange_number", Message: "CS0000000000NONE"}, {Kind: "altered"}} {
		w := start(t, cloudsim.Options{})
		f.Call = "purchase"
		w.s.Fail(f)
		refused(t, f.Kind, w.buy(with(small(), map[string]any{"purchase_quantity": 0})), http.StatusBadRequest, "HCSS.14000001")
		check(t, "orders placed", len(w.s.Ledger().Purchases), 0)
	}
}

func TestAlteredOrders(t *testing.T) {
	const bigger = "hf.large.2.30m.linux"
	for name, c := range map[string]struct {
		fault    cloudsim.Fault
		quantity int
		spec     string
		amount   string
	}{
		"one more":                  {cloudsim.Fault{}, 3, "hf.large.1.30m.linux", "27.00"},
		"another number":            {cloudsim.Fault{Count: 1}, 1, "hf.large.1.30m.linux", "9.00"},
		"another specification":     {cloudsim.Fault{Code: bigger}, 2, bigger, "30.00"},
		"another number of another": {cloudsim.Fault{Count: 4, Code: bigger}, 4, bigger, "60.00"},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, cloudsim.Options{})
			c.fault.Call, c.fault.Kind = "purchase", "altered"
			w.s.Fail(c.fault)
			a := w.buy(with(small(), map[string]any{"purchase_quantity": 2}))
			check(t, "status", a.status, http.StatusAccepted)
			check(t, "ids", a.len("instance_ids"), c.quantity)
			id := a.at("order_id").(string)
			check(t, "amount", w.order(id).at("order_info", "amount_after_discount"), c.amount)
			check(t, "payment", w.pay(id).status, http.StatusNoContent)
			move(t, w.s, time.Hour)
			got := w.resources(map[string]any{"order_id": id, "only_main_resource": 1})
			check(t, "delivered", got.len("data"), c.quantity)
			check(t, "specification", got.at("data", 0, "resource_spec_code"), c.spec)
		})
	}
}

func TestOrdersThatGo(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.s.Fail(cloudsim.Fault{Call: "purchase", Kind: "gone", Delay: 10 * time.Minute, Times: 2})
	paid, unpaid := w.ordered(small()), w.ordered(small())
	check(t, "payment", w.pay(paid).status, http.StatusNoContent)
	move(t, w.s, 9*time.Minute)
	check(t, "paid, before", w.status(paid), "5")
	check(t, "unpaid, before", w.status(unpaid), "6")
	check(t, "resources before", w.resources(map[string]any{"order_id": paid, "only_main_resource": 1}).at("total_count"), "1")
	move(t, w.s, time.Minute)
	for name, id := range map[string]string{"paid": paid, "unpaid": unpaid} {
		refused(t, name+", then", w.order(id), http.StatusBadRequest, "CBC.30000010")
		refused(t, name+", paying", w.pay(id), http.StatusBadRequest, "CBC.30000010")
	}
	check(t, "orders then", w.orders("").at("total_count"), "0")
	check(t, "resources then", w.resources(map[string]any{"order_id": paid, "only_main_resource": 1}).at("total_count"), "0")
	check(t, "Config then", w.instances("").len("resources"), 1)
	check(t, "servers then", w.servers("ap-southeast-3", "").at("count"), "1")
	check(t, "ledger", len(w.s.Ledger().Purchases), 2)
}

func TestAgedAnswers(t *testing.T) {
	w := start(t, cloudsim.Options{})
	old := w.ordered(small())
	move(t, w.s, 10*time.Minute)
	check(t, "payment", w.pay(old).status, http.StatusNoContent)
	cancelled := w.ordered(small())
	move(t, w.s, 10*time.Minute)
	w.call("PUT", "/v2/orders/customer-orders/cancel", "", map[string]any{"order_id": cancelled})
	aged := func(call string, by time.Duration) {
		t.Helper()
		w.s.Fail(cloudsim.Fault{Call: call, Kind: "aged", Delay: by})
	}
	check(t, "orders now", w.orders("").at("total_count"), "2")
	aged("orders", 15*time.Minute)
	list := w.orders("")
	check(t, "orders then", list.at("total_count"), "1")
	check(t, "unpaid then", list.at("order_infos", 0, "status"), "6")
	check(t, "not paid then", list.at("order_infos", 0, "payment_time"), nil)
	aged("orders", time.Hour)
	check(t, "orders long ago", w.orders("").at("total_count"), "0")
	aged("order", time.Minute)
	check(t, "not cancelled then", w.status(cancelled), "6")
	check(t, "cancelled now", w.status(cancelled), "4")
	aged("order", 15*time.Minute)
	refused(t, "not there then", w.order(cancelled), http.StatusBadRequest, "CBC.30000010")
	aged("resources", 15*time.Minute)
	check(t, "resources then", w.resources(map[string]any{"order_id": old}).at("total_count"), "0")
	aged("instances", 15*time.Minute)
	check(t, "instances then", w.instances("").len("resources"), 0)
	check(t, "instances now", w.instances("").len("resources"), 1)
	check(t, "balance", w.balance(), "491.00")
}

// TestCutLists: short and empty change the counts with the lists, cut leaves them.
func TestCutLists(t *testing.T) {
	w := start(t, cloudsim.Options{})
	if _, err := w.s.Foreign(cloudsim.Foreign{Account: "Sandbox", Count: 4, Paid: true, Ago: time.Hour}); err != nil {
		t.Fatal(err)
	}
	lists := map[string]struct {
		read  func() answer
		list  string
		count []any
	}{
		"orders":    {func() answer { return w.orders("") }, "order_infos", []any{"total_count"}},
		"resources": {func() answer { return w.resources(map[string]any{"only_main_resource": 1}) }, "data", []any{"total_count"}},
		"instances": {func() answer { return w.instances("") }, "resources", []any{"page_info", "current_count"}},
		"servers":   {func() answer { return w.servers("ap-southeast-3", "") }, "servers", []any{"count"}},
	}
	for kind, c := range map[string]struct {
		count   int
		entries int
		says    string
	}{"": {0, 4, "4"}, "short": {1, 3, "3"}, "cut": {1, 3, "4"}, "cut ": {9, 0, "4"}, "empty": {0, 0, "0"}} {
		for call, l := range lists {
			if kind != "" {
				w.s.Fail(cloudsim.Fault{Call: call, Kind: strings.TrimSpace(kind), Count: c.count})
			}
			a := l.read()
			check(t, call+" "+kind+": entries", a.len(l.list), c.entries)
			check(t, call+" "+kind+": count", a.at(l.count...), c.says)
		}
	}
}
