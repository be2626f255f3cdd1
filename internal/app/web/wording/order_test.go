package wording_test

import (
	"strings"
	"testing"
	"time"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/web/webtest"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/ui"
)

func TestStatesOfAnOrder(t *testing.T) {
	for state, want := range map[order.State]string{
		order.Confirmed: ui.Wait + " Queued", order.Sending: ui.Busy + " Being ordered", order.Refused: ui.Fault + " Refused",
		order.Expired: ui.Off + " Expired", order.Cancelled: ui.Off + " Cancelled", order.Unknown: ui.Warn + " Unknown",
		order.NeedsHuman: ui.Warn + " Needs a decision", order.NotFound: ui.Warn + " Not found", order.Ordered: ui.Busy + " Ordered",
		order.AwaitingPayment: ui.Warn + " Awaiting payment", order.Paying: ui.Busy + " Paying", order.Delivering: ui.Busy + " Delivering",
		order.Delivered: ui.Run + " Delivered", order.PartlyDelivered: ui.Warn + " Partly delivered",
		order.Closed: ui.Fault + " Closed", "of-a-later-version": ui.Wait + " of-a-later-version",
	} {
		if shape, word := wording.OrderState(english(), state); shape+" "+word != want {
			t.Errorf("%s: %s %s, want %s", state, shape, word, want)
		}
	}
}

// An order is not called finished before its servers are there, nor unpaid when it
// may be paid.
func TestHowAnOrderAppears(t *testing.T) {
	ready := func(n int) []order.Delivery {
		var all []order.Delivery
		for i := range n {
			all = append(all, webtest.Delivery("i"+string(rune('0'+i)), "203.0.113.7", true))
		}
		return all
	}
	with := func(state order.State, change func(*order.Order)) order.Order {
		o := webtest.Order(state)
		change(&o)
		return o
	}
	for name, tt := range map[string]struct {
		o    order.Order
		want string
	}{
		"in any other state":        {webtest.Order(order.Sending), ui.Busy + " Being ordered"},
		"possibly paid":             {with(order.Unknown, func(o *order.Order) { o.Request.Payment = order.DeductAtOnce }), ui.Warn + " Unknown, possibly paid"},
		"its servers start":         {with(order.Delivered, func(o *order.Order) { o.Followed = true }), ui.Busy + " Servers starting"},
		"not all were seen":         {with(order.Delivered, func(o *order.Order) { o.Delivered = ready(2) }), ui.Warn + " Not all servers seen"},
		"all stand":                 {with(order.Delivered, func(o *order.Order) { o.Delivered = ready(3) }), ui.Run + " Delivered"},
		"its payment was refused":   {with(order.AwaitingPayment, func(o *order.Order) { o.Reason = fault.Say("order.pay.refused") }), ui.Fault + " Payment refused"},
		"its payment was not sent":  {with(order.AwaitingPayment, func(o *order.Order) { o.Reason = fault.Say("order.pay.unsent") }), ui.Fault + " Payment failed"},
		"it only waits for payment": {webtest.Order(order.AwaitingPayment), ui.Warn + " Awaiting payment"},
	} {
		if shape, word := wording.OrderLook(english(), tt.o); shape+" "+word != tt.want {
			t.Errorf("%s: %s %s, want %s", name, shape, word, tt.want)
		}
	}
}

func TestAPaymentThatCameToNothing(t *testing.T) {
	p := english()
	for r, want := range map[order.Refusal]string{
		order.PayRefused: "Huawei refused the payment", order.PayUnsent: "The payment was not sent",
		order.PayStuck: "Huawei did not take the payment",
	} {
		if got := wording.PayFailed(p, r); got != want {
			t.Errorf("%s: %q", r, got)
		}
		if got := wording.PayFailedAt(p, r, webtest.Now.Add(-time.Hour)); got != want+" (today at 08:21)." {
			t.Errorf("%s: %q", r, got)
		}
	}
}

func TestAPaymentThatCameToNothingHasItsOrdersName(t *testing.T) {
	for reason, want := range map[string]string{
		"order.pay.refused": "Huawei refused the payment for shop", "order.pay.unsent": "The payment for shop was not sent",
		"order.pay.stuck": "Huawei did not take the payment for shop",
	} {
		o := webtest.Order(order.AwaitingPayment)
		o.Reason = fault.Say(reason)
		if got := wording.PayFailedOf(english(), o); got != want {
			t.Errorf("%s: %q, want %q", reason, got, want)
		}
	}
}

func TestWhatHuaweiSaysOfAnOrder(t *testing.T) {
	for status, want := range map[int]string{
		0: "not known", 1: "waiting for approval", 2: "being refunded", 3: "processing", 4: "cancelled", 5: "completed",
		6: "waiting for payment", 9: "waiting for confirmation", 7: "status 7",
	} {
		if got := wording.OrderStatus(english(), status); got != want {
			t.Errorf("%d: %q, want %q", status, got, want)
		}
	}
}

// What is sent is shown exactly, and nothing in it can hide text.
func TestTheExactRequest(t *testing.T) {
	got := wording.ExactRequest("https://hcss.example/v1", "id-1", []byte(`{"name":"shop","tags":[]}`))
	want := "POST https://hcss.example/v1\nContent-Type: application/json\nClient-Request-Id: id-1\n\n{\n  \"name\": \"shop\",\n  \"tags\": []\n}"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for body, shown := range map[string]string{"{\"name\":\"a\u202eb\"}": "U+202E", "not json \u202e": "not json U+202E"} {
		got := wording.ExactRequest("x", "y", []byte(body))
		if strings.Contains(got, "\u202e") || !strings.Contains(got, shown) {
			t.Errorf("%q is shown as %q", body, got)
		}
	}
}

func TestNumbersOfOrders(t *testing.T) {
	found := func(numbers ...string) []order.FoundOrder {
		var all []order.FoundOrder
		for _, n := range numbers {
			all = append(all, order.FoundOrder{CloudOrderID: n})
		}
		return all
	}
	for want, all := range map[string][]order.FoundOrder{
		"CS1":                      found("CS1"),
		"CS1, CS2 and CS3":         found("CS1", "CS2", "CS3"),
		"CS1, CS2, CS3 and 2 more": found("CS1", "CS2", "CS3", "CS4", "CS5"),
	} {
		if got := wording.OrderNumbers(english(), all); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWhatIsBoughtInWords(t *testing.T) {
	p := english()
	w := wording.Wares{Printer: p, Catalog: catalog.Embedded()}
	r := webtest.WordPress(order.ExactPriceFirst)
	r.BackupGiB, r.HostSecurity = 40, true
	year := r
	year.PeriodUnit, year.PeriodNum, year.AutoRenew = order.Year, 2, false
	for name, tt := range map[string]struct{ got, want string }{
		"title":             {w.Title(r), "3 × WordPress in Singapore"},
		"image":             {w.Image(r.Image), "WordPress 6.4"},
		"image, no version": {w.Image(order.Image{Name: "golden\u202e"}), "goldenU+202E"},
		"region":            {w.Region("tr-west-1"), "Istanbul"},
		"period":            {w.Period(r), "1 month, then automatic"},
		"two years":         {w.Period(year), "2 years"},
		"span":              {w.Span(r), "1 month"},
		"extras":            {w.Extras(r), "data disk " + p.GiB(20) + ", cloud backup " + p.GiB(40) + " and host security"},
		"no extras":         {w.Extras(order.Request{}), ""},
		"size":              {w.Size("hf.large.1.30m.linux"), p.LTR("2 vCPU, " + w.Memory(sizeOf(t, "hf.large.1.30m.linux")))},
		"unknown size":      {w.Size("hf.gone\u202e"), "hf.goneU+202E"},
		"no catalogue":      {wording.Wares{Printer: p}.Size("hf.large.1.30m.linux"), "hf.large.1.30m.linux"},
		"memory":            {w.Memory(512), p.Unit("0.5", "GiB")},
		"money":             {w.Money(*webtest.Dollars("24.48")), p.MoneyText("24.48", "USD")},
		"amount":            {w.Amount(webtest.Dollars("0")), p.MoneyText("0", "USD")},
		"no amount":         {w.Amount(nil), "not known"},
		"exact price first": {w.Mode(r), "Exact price first"},
		"at once":           {w.Mode(order.Request{Payment: order.DeductAtOnce}), "Huawei deducts at once"},
		"at most":           {w.Mode(order.Request{Payment: order.AtMost, Cap: webtest.Dollars("26")}), "At most " + p.MoneyText("26", "USD")},
		"at most nothing":   {w.Mode(order.Request{Payment: order.AtMost}), "Exact price first"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", name, tt.got, tt.want)
		}
	}
}

func sizeOf(t *testing.T, code string) int {
	t.Helper()
	s, ok := catalog.Embedded().Spec(code)
	if !ok {
		t.Fatalf("the catalogue has no %s", code)
	}
	return s.MemoryMiB
}

func TestTheFactsOfARequest(t *testing.T) {
	w := wording.Wares{Printer: english(), Catalog: catalog.Embedded()}
	lines := func(r order.Request) string {
		var all []string
		for _, f := range w.Pairs(r) {
			all = append(all, f.Key+": "+f.Value)
		}
		return strings.Join(all, "; ")
	}
	r := webtest.WordPress(order.ExactPriceFirst)
	r.Tags = append(r.Tags, order.Tag{Key: "team", Value: "web\u202e"})
	got := lines(r)
	for _, want := range []string{"What: 3 × WordPress 6.4", "Region: Singapore", "Name: shop", "Period: 1 month, then automatic",
		"Extras: data disk", "Tags: env=prod, team=webU+202E"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nwant it to have %q", got, want)
		}
	}
	r.Tags, r.DataDiskGiB = nil, 0
	if got := lines(r); strings.Contains(got, "Extras") || strings.Contains(got, "Tags") {
		t.Errorf("empty lines: %s", got)
	}
}
