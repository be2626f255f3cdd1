package bss_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/cloud"
	"sampan/internal/cloud/bss"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/hcss"
	"sampan/internal/testclock"
)

const orderNo = "CS2409131529QL4NJ"

func usd(s string) *order.Money {
	return &order.Money{Amount: decimal.RequireFromString(s), Currency: "USD"}
}

var sameMoney = cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) })

// billing answers everything with one body.
func billing(t *testing.T, body string) (*bss.Client, account.Access) {
	t.Helper()
	return &bss.Client{API: cloudtest.API()}, cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, body)
	}))
}

const details = `{"total_count":2,"order_info":{"order_id":"CS2409131529QL4NJ","service_type_code":"hws.service.type.hcss","service_type_name":"Flexus L",
  "status":6,"order_type":1,"amount_after_discount":21.40,"official_amount":"25.00","create_time":"2024-09-13T07:29:00Z","payment_time":null,
  "currency":"USD","user_name":"shopkeeper","pending_payment_end_time":"2024-09-20T07:29:00Z"},
 "order_line_items":[
  {"service_type_code":"hws.service.type.hcss","product_id":"P1","product_spec_desc":"2 vCPUs | 2 GiB","period_type":2,"period_num":3,"subscription_num":2,"currency":"USD","commercial_resource":"hws.resource.type.hecsfusion"},
  {"service_type_code":"hws.service.type.ebs","product_id":"P2","product_spec_desc":"20 GB","period_type":2,"period_num":3,"subscription_num":2}]}`

func TestOrder(t *testing.T) {
	whole := order.CloudOrder{ID: orderNo, Status: 6, Type: 1, CreatedAt: time.Date(2024, 9, 13, 7, 29, 0, 0, time.UTC),
		Amount: usd("21.4"), Official: usd("25"), Quantity: 2, PeriodUnit: order.Month, PeriodNum: 3, SpecText: "2 vCPUs | 2 GiB",
		ServiceType: "hws.service.type.hcss", ServiceName: "Flexus L", UserName: "shopkeeper",
		PayBy: time.Date(2024, 9, 20, 7, 29, 0, 0, time.UTC)}
	with := func(change func(*order.CloudOrder)) *order.CloudOrder { o := whole; change(&o); return &o }
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(details) }
	for name, c := range map[string]struct {
		body string
		want *order.CloudOrder
		kind fault.Kind
	}{
		"the example":                     {details, &whole, 0},
		"numbers as text, text as number": {replace(`"status":6`, `"status":"6"`, `21.40`, `"21.40"`, `"25.00"`, `25.00`, `"subscription_num":2`, `"subscription_num":"2"`), &whole, 0},
		"one line for each instance": {replace(`"total_count":2`, `"total_count":3`, `"subscription_num":2,"currency"`,
			`"subscription_num":1,"currency"`, `"order_line_items":[`,
			`"order_line_items":[{"service_type_code":"hws.service.type.hcss","product_id":"P1","product_spec_desc":"2 vCPUs | 2 GiB","period_type":2,"period_num":3,"subscription_num":1,"commercial_resource":"hws.resource.type.hecsfusion"},`), &whole, 0},
		"years":                           {replace(`"period_type":2`, `"period_type":3`), with(func(o *order.CloudOrder) { o.PeriodUnit = order.Year }), 0},
		"the currency only on the line":   {replace(`"currency":"USD","user_name"`, `"user_name"`), &whole, 0},
		"no amount yet":                   {replace(`21.40`, `null`, `"25.00"`, `""`), with(func(o *order.CloudOrder) { o.Amount, o.Official = nil, nil }), 0},
		"paid":                            {replace(`"payment_time":null`, `"payment_time":"2024-09-13T08:00:00Z"`), with(func(o *order.CloudOrder) { o.PaidAt = time.Date(2024, 9, 13, 8, 0, 0, 0, time.UTC) }), 0},
		"the other spelling":              {replace("hws.service.type.hcss", "hws.service.type.hcsl", "hws.resource.type.hecsfusion", ""), with(func(o *order.CloudOrder) { o.ServiceType = "hws.service.type.hcsl" }), 0},
		"not visible yet":                 {`{"total_count":0,"order_info":null,"order_line_items":[]}`, nil, fault.NotFound},
		"an empty order":                  {`{"total_count":0,"order_info":{}}`, nil, fault.NotFound},
		"nothing, and no total":           {`{"order_info":{}}`, nil, fault.NotFound},
		"lines without an order":          {replace(`"order_info"`, `"x"`), nil, fault.Unreachable},
		"lines of an order left out":      {`{"total_count":2,"order_info":null,"order_line_items":[]}`, nil, fault.Unreachable},
		"an order without its number":     {replace(`"order_id":"`+orderNo+`"`, `"order_id":null`), nil, fault.Unreachable},
		"another order's amount":          {replace(orderNo, "CS0000000000OTHER"), nil, fault.Unreachable},
		"no answer at all":                {`{}`, nil, fault.Unreachable},
		"fewer lines than it says it has": {replace(`"total_count":2`, `"total_count":9`, `"order_line_items":[`, `"order_line_items":[],"x":[`), nil, fault.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			cl, a := billing(t, c.body)
			got, err := cl.Order(t.Context(), a, orderNo)
			if c.want == nil {
				if !fault.Is(err, c.kind) {
					t.Errorf("got %+v, %v, want %v", got, err, c.kind)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(*c.want, got, sameMoney); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestWhatIsNoAnswerAboutAnOrder: only billing's own word, or an answer without
// an order, says that there is none.
func TestWhatIsNoAnswerAboutAnOrder(t *testing.T) {
	coded := func(code string) string { return `{"error_code":"` + code + `","error_msg":"no"}` }
	for name, c := range map[string]struct {
		status int
		body   string
		kind   fault.Kind
	}{
		"the order is invalid":       {400, coded("CBC.30000010"), fault.NotFound},
		"not permitted":              {403, coded("CBC.0151"), fault.Refused},
		"not permitted, no code":     {403, "", fault.Refused},
		"the gateway refuses":        {403, coded("APIGW.0302"), fault.Refused},
		"not signed in":              {401, coded("APIGW.0301"), fault.Refused},
		"a path that is not there":   {404, coded("APIGW.0101"), fault.Refused},
		"a 404 without a word":       {404, "", fault.Unreachable},
		"a page that is not there":   {404, "<html>not found</html>", fault.Unreachable},
		"throttled":                  {429, coded("CBC.0250"), fault.Busy},
		"another 400":                {400, coded("CBC.0100"), fault.Refused},
		"broken":                     {500, coded("CBC.0999"), fault.Unreachable},
		"garbled":                    {200, details[:len(details)/2], fault.Unreachable},
		"a page of a portal":         {200, "<html>sign in</html>", fault.Unreachable},
		"an empty answer":            {200, "", fault.Unreachable},
		"a list in place of details": {200, `[]`, fault.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			cl := &bss.Client{API: cloudtest.API()}
			if _, err := cl.Order(t.Context(), a, orderNo); !fault.Is(err, c.kind) {
				t.Errorf("order: got %v, want %v", err, c.kind)
			}
			list, err := cl.Orders(t.Context(), a, time.Unix(0, 0), testclock.Now())
			if err == nil || list != nil || c.status != 400 && fault.Is(err, fault.NotFound) {
				t.Errorf("orders: got %v, %v", list, err)
			}
			got, err := cl.Resources(t.Context(), a, orderNo)
			if err == nil || got != nil || c.status != 400 && fault.Is(err, fault.NotFound) {
				t.Errorf("resources: got %v, %v", got, err)
			}
		})
	}
}

// TestCutListsInTheSandbox: a list that lacks what it counts is a fault, one whose
// counts follow cannot be told from a whole one.
func TestCutListsInTheSandbox(t *testing.T) {
	for name, c := range map[string]struct {
		orders int
		fault  cloudsim.Fault
		listed int // -1 is a fault
	}{
		"whole":                         {3, cloudsim.Fault{}, 3},
		"one is cut":                    {3, cloudsim.Fault{Kind: "cut", Times: -1}, -1},
		"one is cut, once":              {3, cloudsim.Fault{Kind: "cut"}, -1},
		"all are cut":                   {3, cloudsim.Fault{Kind: "cut", Count: 9, Times: -1}, -1},
		"all are cut, once":             {3, cloudsim.Fault{Kind: "cut", Count: 9}, -1},
		"empty, and says so":            {3, cloudsim.Fault{Kind: "empty"}, 0},
		"the first of two pages is cut": {130, cloudsim.Fault{Kind: "cut"}, -1},
		"the second is cut":             {130, cloudsim.Fault{Kind: "cut", AfterN: 1}, -1},
		"the counts follow":             {3, cloudsim.Fault{Kind: "short", Times: -1}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := simtest.Start(t, cloudsim.Options{})
			for _, f := range []cloudsim.Foreign{{Count: c.orders, Ago: time.Hour},
				{Quantity: c.orders, Paid: true, Ago: 300 * time.Hour}} {
				f.Account = "Sandbox"
				if _, err := s.Foreign(f); err != nil {
					t.Fatal(err)
				}
			}
			a, cl := cloudtest.Access(t, s, "Sandbox", account.ByKey), &bss.Client{API: cloudtest.API()}
			fails := func(call string) {
				if c.fault.Call = call; c.fault.Kind != "" {
					s.ClearFaults()
					s.Fail(c.fault)
				}
			}
			fails("orders")
			orders, err := cl.Orders(t.Context(), a, s.Now().Add(-2*time.Hour), s.Now())
			if len(orders) != max(0, c.listed) || fault.Is(err, fault.Unreachable) != (c.listed < 0) {
				t.Errorf("orders: got %d, %v, want %d", len(orders), err, c.listed)
			}
			s.ClearFaults()
			all, err := cl.Orders(t.Context(), a, s.Now().Add(-400*time.Hour), s.Now())
			if err != nil || len(all) != c.orders+1 {
				t.Fatalf("without a fault: got %d, %v", len(all), err)
			}
			fails("resources")
			got, err := cl.Resources(t.Context(), a, all[len(all)-1].ID)
			if len(got) != max(0, c.listed) || fault.Is(err, fault.Unreachable) != (c.listed < 0) {
				t.Errorf("resources: got %d, %v, want %d", len(got), err, c.listed)
			}
			s.ClearFaults()
			var ids []string
			if got, err = cl.Resources(t.Context(), a, all[len(all)-1].ID); err != nil {
				t.Fatal(err)
			}
			for _, r := range got {
				ids = append(ids, r.InstanceID)
			}
			fails("resources")
			terms, err := cl.Expiries(t.Context(), a, ids)
			if c.orders <= 50 && len(terms) != max(0, c.listed) || fault.Is(err, fault.Unreachable) != (c.listed < 0) {
				t.Errorf("expiries: got %d, %v, want %d", len(terms), err, c.listed)
			}
		})
	}
}

func TestIDsAreCheckedBeforeTheyEnterAURL(t *testing.T) {
	cl := &bss.Client{API: cloudtest.API()}
	a := cloudtest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("sent: %s", r.URL) }))
	for name, call := range map[string]func(id string) error{
		"order":     func(id string) error { _, err := cl.Order(t.Context(), a, id); return err },
		"pay":       func(id string) error { return cl.Pay(t.Context(), a, id) },
		"cancel":    func(id string) error { return cl.Cancel(t.Context(), a, id) },
		"resources": func(id string) error { _, err := cl.Resources(t.Context(), a, id); return err },
		"expiries":  func(id string) error { _, err := cl.Expiries(t.Context(), a, []string{"ok", id}); return err },
	} {
		for _, id := range []string{"", "../cancel", "CS1/..", "CS 1", strings.Repeat("A", 65)} {
			if err := call(id); !fault.Is(err, fault.Refused) {
				t.Errorf("%s %q: got %v", name, id, err)
			}
		}
	}
}

// pages serves n orders, at most size at a time, and says that there are total.
func pages(n, size int, total string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		var rows []string
		for i := offset; i < min(n, offset+size); i++ {
			rows = append(rows, fmt.Sprintf(`{"order_id":"CS%08d","status":6,"order_type":1}`, i))
		}
		_, _ = fmt.Fprintf(w, `{"total_count":%s,"order_infos":[%s]}`, total, strings.Join(rows, ","))
	})
}

// TestOrdersIsAllOrNothing: the resolver decides by this list that nothing was
// bought, so a cut one must be a fault.
func TestOrdersIsAllOrNothing(t *testing.T) {
	for name, c := range map[string]struct {
		h    http.Handler
		want int // -1 is a fault
	}{
		"three pages":                  {pages(250, 100, "250"), 250},
		"smaller pages than asked for": {pages(25, 10, "25"), 25},
		"a total as text":              {pages(25, 10, `"25"`), 25},
		"no total":                     {pages(25, 10, "null"), 25},
		"none":                         {pages(0, 10, "0"), 0},
		"none, the list null": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"total_count":0,"order_infos":null}`)
		}), 0},
		"fewer than it says": {pages(25, 10, "40"), -1},
		"one twice in the place of another": {http.HandlerFunc(func(w http.ResponseWriter,
			r *http.Request) { // a new order came between the pages
			rows := `{"order_id":"CS000003"},{"order_id":"CS000002"}`
			if r.URL.Query().Get("offset") != "" {
				rows = `{"order_id":"CS000002"},{"order_id":"CS000001"}`
			}
			_, _ = fmt.Fprintf(w, `{"total_count":4,"order_infos":[%s]}`, rows)
		}), -1},
		"none although it counts some": {pages(0, 10, "3"), -1},
		"no list although it counts":   {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"total_count":3}`) }), -1},
		"an empty object":              {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) }), -1},
		"the same page for ever": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"total_count":9,"order_infos":[{"order_id":"CS000001"}]}`)
		}), -1},
		"more pages than we want to see": {pages(1<<20, 1, "1048576"), -1},
	} {
		t.Run(name, func(t *testing.T) {
			from := time.Date(2024, 9, 13, 9, 0, 0, 0, time.FixedZone("", 7200))
			got, err := (&bss.Client{API: cloudtest.API()}).Orders(t.Context(), cloudtest.Serve(t, c.h), from, from.Add(time.Hour))
			if c.want < 0 {
				if !fault.Is(err, fault.Unreachable) {
					t.Errorf("got %d orders, %v, want a fault", len(got), err)
				}
				return
			}
			if err != nil || len(got) != c.want {
				t.Errorf("got %d orders, %v, want %d", len(got), err, c.want)
			}
		})
	}
}

func TestWhatOrdersAsks(t *testing.T) {
	var asked string
	var language string
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, language = r.URL.String(), r.Header.Get("X-Language")
		_, _ = io.WriteString(w, `{"total_count":0}`)
	}))
	from := time.Date(2024, 9, 13, 9, 0, 0, 0, time.FixedZone("", 7200))
	if _, err := (&bss.Client{API: cloudtest.API()}).Orders(t.Context(), a, from, from.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if want := "/v2/orders/customer-orders?create_time_begin=2024-09-13T07%3A00%3A00Z&create_time_end=2024-09-13T08%3A00%3A00Z&limit=100&order_by=-createTime&order_type=1"; asked != want {
		t.Errorf("got %s, want %s", asked, want)
	}
	if language != "en_US" {
		t.Errorf("language: got %q, want English", language)
	}
}

func TestTheProbeOfOrdersAsksForOne(t *testing.T) {
	answer, status, asked := `{"total_count":0}`, 200, ""
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path + " " + r.URL.Query().Get("limit") + " " + r.URL.Query().Get("order_type")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	cl := &bss.Client{API: cloudtest.API()}
	if err := cl.Probe(t.Context(), a); err != nil || asked != "/v2/orders/customer-orders 1 1" {
		t.Errorf("allowed: got %v, asked %q", err, asked)
	}
	answer, status = `{"error_code":"CBC.0151","error_msg":"no"}`, 403
	if f := fault.Of(cl.Probe(t.Context(), a)); f.Status != 403 || f.Code != "CBC.0151" ||
		f.Message.Values["Permission"] != "bss:order:view" {
		t.Errorf("not allowed: got %+v, want the permission named", f)
	}
	answer, status = `{}`, 200
	if err := cl.Probe(t.Context(), a); !fault.Is(err, fault.Unreachable) {
		t.Errorf("no list in the answer: got %v, want it taken for no answer", err)
	}
}

func TestPaySendsOnce(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   fault.Kind // 0 is success
	}{
		"204":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, 0},
		"500":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, fault.Unknown},
		"a portal": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, fault.Unknown},
		"redirect": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(307) }, fault.Unknown},
		"state changed": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"error_code":"CBC.99003106","error_msg":"x"}`)
		}, fault.Conflict},
		"no balance": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"error_code":"CBC.99005003","error_msg":"x"}`)
		}, fault.Refused},
		"already paying": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"error_code":"CBC.99000088","error_msg":"x"}`)
		}, fault.Busy},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				var got map[string]any
				_ = json.NewDecoder(r.Body).Decode(&got)
				want := map[string]any{"order_id": orderNo, "use_coupon": "NO", "use_discount": "NO"}
				if d := cmp.Diff(want, got); d != "" || r.URL.Path != "/v3/orders/customer-orders/pay" || !r.Close {
					t.Errorf("%s close %v (-want +got):\n%s", r.URL, r.Close, d)
				}
				c.answer(w, r)
			}))
			err := (&bss.Client{API: cloudtest.API()}).Pay(t.Context(), a, orderNo)
			if calls.Load() != 1 {
				t.Errorf("requests: got %d, want one", calls.Load())
			}
			if c.kind == 0 && err != nil || c.kind != 0 && !fault.Is(err, c.kind) {
				t.Errorf("got %v, want %v", err, c.kind)
			}
		})
	}
}

// TestCancelWhoseAnswerWasLost repeats, is told that the state has changed, and
// finds the order cancelled.
func TestCancelWhoseAnswerWasLost(t *testing.T) {
	for status, want := range map[string]fault.Kind{"4": 0, "5": fault.Conflict} {
		var cancels int
		a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				_, _ = io.WriteString(w, strings.Replace(details, `"status":6`, `"status":`+status, 1))
				return
			}
			if cancels++; cancels == 1 {
				w.WriteHeader(502)
				return
			}
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"error_code":"CBC.99005010","error_msg":"x"}`)
		}))
		err := (&bss.Client{API: cloudtest.API()}).Cancel(t.Context(), a, orderNo)
		if cancels != 2 || want == 0 && err != nil || want != 0 && !fault.Is(err, want) {
			t.Errorf("order in status %s: got %v after %d tries, want %v", status, err, cancels, want)
		}
	}
}

func TestResourcesOfAnOrder(t *testing.T) {
	cl, a := billing(t, `{"total_count":3,"data":[
	  {"resource_id":"66e3e9f8b271f8319ef19e86","resource_name":"web-1","region_code":"ap-southeast-3","service_type_code":"hws.service.type.hcss","resource_spec_code":"hf.large.1.30m.linux","is_main_resource":1,"status":2,"expire_time":"2024-10-13T15:59:59Z","expire_policy":3,"enterprise_project":{"id":"0","name":"default"}},
	  {"resource_id":"66e3e9f8b271f8319ef19e87","resource_name":"web-2","region_code":"ap-southeast-3","service_type_code":"hws.service.type.hcss","resource_spec_code":"hf.large.1.30m.linux","is_main_resource":"1","status":"2","expire_time":null,"expire_policy":null,"enterprise_project":null},
	  {"resource_id":"vol","resource_name":"disk","service_type_code":"hws.service.type.ebs","is_main_resource":1,"status":2}]}`)
	got, err := cl.Resources(t.Context(), a, orderNo)
	if err != nil {
		t.Fatal(err)
	}
	want := []order.Resource{
		{InstanceID: "66e3e9f8b271f8319ef19e86", Name: "web-1", Spec: "hf.large.1.30m.linux", Region: "ap-southeast-3", Status: 2, Expires: time.Date(2024, 10, 13, 15, 59, 59, 0, time.UTC), ExpirePolicy: 3},
		{InstanceID: "66e3e9f8b271f8319ef19e87", Name: "web-2", Spec: "hf.large.1.30m.linux", Region: "ap-southeast-3", Status: 2},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestExpiriesInFifties(t *testing.T) {
	var mu sync.Mutex // they are asked side by side
	var sizes []int
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			IDs  []string `json:"resource_ids"`
			Main int      `json:"only_main_resource"`
		}
		_ = json.NewDecoder(r.Body).Decode(&in)
		mu.Lock()
		sizes = append(sizes, len(in.IDs))
		mu.Unlock()
		var rows []string
		for _, id := range in.IDs[1:] { // the first is not known
			rows = append(rows, fmt.Sprintf(`{"resource_id":%q,"is_main_resource":%d}`, id, in.Main))
		}
		_, _ = fmt.Fprintf(w, `{"total_count":%d,"data":[%s]}`, len(rows), strings.Join(rows, ","))
	}))
	var ids []string
	for i := range 120 {
		ids = append(ids, fmt.Sprintf("%024x", i))
	}
	got, err := (&bss.Client{API: cloudtest.API()}).Expiries(t.Context(), a, ids)
	if err != nil || len(got) != 117 {
		t.Errorf("got %d, %v", len(got), err)
	}
	slices.Sort(sizes)
	if d := cmp.Diff([]int{20, 50, 50}, sizes); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got, err := (&bss.Client{API: cloudtest.API()}).Expiries(t.Context(), a, nil); err != nil || len(got) != 0 || len(sizes) != 3 {
		t.Errorf("no ids: got %v, %v", got, err)
	}
}

func request() order.Request {
	return order.Request{Name: "web", Spec: "hf.large.1.30m.linux", Region: "ap-southeast-3", Quantity: 2, PeriodUnit: order.Month,
		PeriodNum: 3,
		Image:     order.Image{Kind: catalog.Application, Version: "6.4"}, Payment: order.ExactPriceFirst, DataDiskGiB: 20, BackupGiB: 30,
		HostSecurity: true}
}

func TestPrice(t *testing.T) {
	official := `"official_website_rating_result":{"official_website_amount":30,"product_rating_results":[{"id":"1","product_id":"P","official_website_amount":20},{"id":"2","official_website_amount":"10"}]}`
	for name, c := range map[string]struct {
		body  string
		total string
		lines []string
	}{
		"the list price":  {`{"currency":"USD",` + official + `,"optional_discount_rating_results":null}`, "30", []string{"instance 20", "evs 10"}},
		"the best offer":  {`{"currency":"USD",` + official + `,"optional_discount_rating_results":[{"amount":29,"best_offer":0},{"amount":27.5,"best_offer":1,"product_rating_results":[{"id":"1","amount":18},{"id":2,"amount":9.5}]}]}`, "27.5", []string{"instance 18", "evs 9.5"}},
		"lines of nobody": {`{"currency":"USD","official_website_rating_result":{"official_website_amount":30,"product_rating_results":[{"id":"99","official_website_amount":1},{"id":"x","official_website_amount":1}]}}`, "30", nil},
		"no currency":     {`{` + official + `}`, "", nil},
		"no amount":       {`{"currency":"USD"}`, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			cl, a := billing(t, c.body)
			q, err := cl.Price(t.Context(), a, request())
			if c.total == "" {
				if !fault.Is(err, fault.Unreachable) {
					t.Errorf("got %+v, %v", q, err)
				}
				return
			}
			var lines []string
			for _, l := range q.Lines {
				lines = append(lines, l.What+" "+l.Amount.Amount.String())
			}
			if err != nil || q.Total.Amount.String() != c.total || q.Total.Currency != "USD" || !cmp.Equal(lines, c.lines) {
				t.Errorf("got %+v, %v", q, err)
			}
		})
	}
}

func TestBalance(t *testing.T) {
	cl, a := billing(t,
		`{"account_balances":[{"account_type":1,"amount":"12.30","currency":"USD"},{"account_type":"2","amount":100,"currency":"USD"},{"account_type":9,"amount":1},{"account_type":5,"amount":null}],"debt_amount":3,"currency":"USD"}`)
	got, err := cl.Balance(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	want := order.Balance{Available: *usd("12.3"), Rows: []order.BalanceRow{
		{Kind: "balance", Amount: *usd("12.3"), Debt: usd("3")}, {Kind: "credit", Amount: *usd("100")}, {Kind: "type 9", Amount: *usd("1")}}}
	if d := cmp.Diff(want, got, sameMoney, cmpopts.IgnoreFields(order.Balance{}, "At")); d != "" || got.At.IsZero() {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestAResellersCustomerHasNoCurrency(t *testing.T) {
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(403)
		_, _ = io.WriteString(w, `{"error_code":"CBC.99000049","error_msg":"x"}`)
	}))
	got, err := (&bss.Client{API: cloudtest.API()}).Currency(t.Context(), a)
	if got != "" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestAPurchaseInTheSandbox buys, reads, pays and reads again, with each kind of
// credential.
func TestAPurchaseInTheSandbox(t *testing.T) {
	for _, cred := range []account.Credential{account.ByKey, account.ByLogin} {
		t.Run(string(cred), func(t *testing.T) {
			s := simtest.Start(t, cloudsim.Options{})
			a, api := cloudtest.Access(t, s, "Sandbox", cred), cloudtest.API()
			cl, shop := &bss.Client{API: api}, &hcss.Client{API: api}
			began := api.Now()
			price, err := cl.Price(t.Context(), a, request())
			if err != nil || price.Source != "simulated" || len(price.Lines) != 4 {
				t.Fatalf("price: got %+v, %v", price, err)
			}
			body, err := shop.Body(request(), "", "WordPress")
			if err != nil {
				t.Fatal(err)
			}
			r, err := shop.Purchase(t.Context(), a, "6f1c1b52-7a40-4a9e-9f0e-2a1d35a0c001", body, request().Region)
			if err != nil {
				t.Fatalf("%v: %s", err, fault.Of(err).Detail)
			}
			o := wait(t, s, cl, a, r.OrderID, order.StatusPendingPayment)
			if o.Amount == nil || !o.Amount.Amount.Equal(price.Total.Amount) || o.Amount.Currency != "USD" || o.Quantity != 2 ||
				o.PeriodNum != 3 || o.PeriodUnit != order.Month || o.PayBy.IsZero() || o.SpecText == "" {
				t.Errorf("order: got %+v, want the amount of the price %v", o, price.Total)
			}
			list, err := cl.Orders(t.Context(), a, began.Add(-time.Minute), began.Add(time.Hour))
			if err != nil || len(list) != 1 || list[0].ID != r.OrderID || list[0].Status != order.StatusPendingPayment {
				t.Errorf("orders: got %+v, %v", list, err)
			}
			if err := cl.Pay(t.Context(), a, r.OrderID); err != nil {
				t.Fatal(err)
			}
			if err := cl.Pay(t.Context(), a, r.OrderID); !fault.Is(err, fault.Conflict) {
				t.Errorf("paid twice: got %v, want Conflict", err)
			}
			if err := cl.Cancel(t.Context(), a, r.OrderID); !fault.Is(err, fault.Conflict) {
				t.Errorf("paid order cancelled: got %v, want Conflict", err)
			}
			wait(t, s, cl, a, r.OrderID, order.StatusCompleted)
			got, err := cl.Resources(t.Context(), a, r.OrderID)
			if err != nil || len(got) != 2 || got[0].Spec != request().Spec || got[0].Expires.IsZero() ||
				!strings.HasPrefix(got[0].Name, "web") {
				t.Errorf("resources: got %+v, %v", got, err)
			}
			var ids []string
			for _, i := range got {
				ids = append(ids, i.InstanceID)
			}
			expiries, err := cl.Expiries(t.Context(), a, ids)
			if err != nil || len(expiries) != 2 || !expiries[0].Main || expiries[0].AutoRenew() {
				t.Errorf("expiries: got %+v, %v", expiries, err)
			}
			var _ []instance.Expiry = expiries
			if balance, err := cl.Balance(t.Context(), a); err != nil ||
				!balance.Available.Amount.Equal(decimal.NewFromInt(500).Sub(price.Total.Amount)) {
				t.Errorf("balance: got %+v, %v", balance, err)
			}
			if currency, err := cl.Currency(t.Context(), a); err != nil || currency != "USD" {
				t.Errorf("currency: got %q, %v", currency, err)
			}
			if _, err := cl.Order(t.Context(), a, "CS00000000NOBODY"); !fault.Is(err, fault.NotFound) {
				t.Errorf("an order of nobody: got %v, want NotFound", err)
			}
		})
	}
}

// wait moves the Sandbox's clock until the order has the status.
func wait(t *testing.T, s *cloudsim.Server, cl *bss.Client, a account.Access, id string, status int) order.CloudOrder {
	t.Helper()
	for range 100 {
		o, err := cl.Order(t.Context(), a, id)
		if err == nil && o.Status == status {
			return o
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		if err := s.Advance(5 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("order %s never came to status %d", id, status)
	return order.CloudOrder{}
}

// TestSilenceInTheSandbox: what is lost on the way of a payment is Unknown, and
// the ledger shows one payment at most.
func TestSilenceInTheSandbox(t *testing.T) {
	for kind, paid := range map[string]bool{"drop_before": false, "drop_after": true, "truncate": true, "html_502": false} {
		t.Run(kind, func(t *testing.T) {
			s := simtest.Start(t, cloudsim.Options{})
			a, api := cloudtest.Access(t, s, "Sandbox", account.ByKey), cloudtest.API()
			cl, shop := &bss.Client{API: api}, &hcss.Client{API: api}
			body, err := shop.Body(request(), "", "WordPress")
			if err != nil {
				t.Fatal(err)
			}
			r, err := shop.Purchase(t.Context(), a, "6f1c1b52-7a40-4a9e-9f0e-2a1d35a0c001", body, request().Region)
			if err != nil {
				t.Fatal(err)
			}
			wait(t, s, cl, a, r.OrderID, order.StatusPendingPayment)
			if _, err := s.AddFault(cloudsim.Fault{Call: "pay", Kind: kind}); err != nil {
				t.Fatal(err)
			}
			err = cl.Pay(t.Context(), a, r.OrderID)
			if kind == "truncate" { // there is no body to cut
				if err != nil && !fault.Is(err, fault.Unknown) {
					t.Errorf("got %v", err)
				}
			} else if !fault.Is(err, fault.Unknown) {
				t.Errorf("got %v, want Unknown", err)
			}
			if got := !s.Ledger().Purchases[0].Paid.IsZero(); got != paid {
				t.Errorf("paid: got %v, want %v", got, paid)
			}
		})
	}
}

// TestAnyAnswerIsRead: an odd order may lack things, but never has another
// number, and odd pages are all or nothing.
func TestAnyAnswerIsRead(t *testing.T) {
	var body string
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	rapid.Check(t, func(t *rapid.T) {
		limits := cloudtest.Limits()
		limits.ReadTotal = 1
		cl := &bss.Client{API: cloud.New(cloud.Options{Limits: limits})}
		body = cloudtest.Mutate(t, details)
		o, err := cl.Order(context.Background(), a, orderNo)
		if err == nil && (o.ID != orderNo || o.Quantity < 0) || err != nil && !fault.Is(err, fault.Unreachable) &&
			!fault.Is(err, fault.NotFound) {
			t.Fatalf("%s: %+v, %v", body, o, err)
		}
		if o.Amount != nil {
			_ = o.Amount.Amount.String()
		}
		body = cloudtest.Mutate(t,
			`{"total_count":2,"order_infos":[{"order_id":"CS000001","status":6},{"order_id":"CS000002","status":5}]}`)
		list, err := cl.Orders(context.Background(), a, time.Unix(0, 0), testclock.Now())
		if err != nil && (len(list) > 0 || !fault.Is(err, fault.Unreachable)) {
			t.Fatalf("%s: %+v, %v", body, list, err)
		}
	})
}
