package hcss_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/hcss"
)

const requestID = "6f1c1b52-7a40-4a9e-9f0e-2a1d35a0c001"

func full() order.Request {
	return order.Request{
		Name: "web-eu", Description: `shop <b> & "co" – 店`, Spec: "hf.large.1.30m.linux", Region: "ap-southeast-3",
		Image:      order.Image{Kind: catalog.Application, ID: "wordpress", Name: "WordPress", Version: "6.4", Send: []string{"WordPress"}},
		PeriodUnit: order.Month, PeriodNum: 1, Quantity: 2, Payment: order.ExactPriceFirst,
		DataDiskGiB: 20, BackupGiB: 20, HostSecurity: true, Tags: []order.Tag{{Key: "env", Value: "prod"}},
	}
}

func TestBodyIsTheCanonicalOne(t *testing.T) {
	private := full()
	private.Image = order.Image{Kind: catalog.Private, ID: "2a3b4c5d-0000-4000-8000-000000000001", Name: "my image", OS: catalog.Windows}
	private.Spec = "hf.large.2.30m.byol"
	bare := order.Request{Name: "a", Spec: "hf.large.1.30m.linux", Region: "ap-southeast-1", Quantity: 1, PeriodUnit: order.Year,
		PeriodNum: 3,
		Image:     order.Image{Kind: catalog.System, Version: "22.04"}, AutoRenew: true, Payment: order.DeductAtOnce}
	for name, c := range map[string]struct {
		request    order.Request
		tag, image string
		want       string
	}{
		"every field, in the order of the reference's table": {full(), "k3v9x0a1b2", "WordPress",
			`{"instance_name":"web-eu","description":"shop <b> & \"co\" – 店","plan_spec":"hf.large.1.30m.linux",` +
				`"image_ref":{"image_name":"WordPress","image_version":"6.4"},"region":"ap-southeast-3","charging_mode":"prePaid",` +
				`"period_type":"month","period_num":1,"purchase_quantity":2,"is_auto_renew":false,"is_auto_pay":false,` +
				`"extra_resources":[{"type":"evs","size":20},{"type":"cbr","size":20},{"type":"hss"}],` +
				`"tags":[{"key":"env","value":"prod"},{"key":"sampan-order","value":"k3v9x0a1b2"}]}`},
		"a private image goes by its id alone": {private, "", "my image",
			`{"instance_name":"web-eu","description":"shop <b> & \"co\" – 店","plan_spec":"hf.large.2.30m.byol",` +
				`"image_ref":{"image_id":"2a3b4c5d-0000-4000-8000-000000000001"},"region":"ap-southeast-3","charging_mode":"prePaid",` +
				`"period_type":"month","period_num":1,"purchase_quantity":2,"is_auto_renew":false,"is_auto_pay":false,` +
				`"extra_resources":[{"type":"evs","size":20},{"type":"cbr","size":20},{"type":"hss"}],` +
				`"tags":[{"key":"env","value":"prod"}]}`},
		"what is empty is left out, what has a default is said": {bare, "", "Ubuntu",
			`{"instance_name":"a","plan_spec":"hf.large.1.30m.linux","image_ref":{"image_name":"Ubuntu","image_version":"22.04"},` +
				`"region":"ap-southeast-1","charging_mode":"prePaid","period_type":"year","period_num":3,"purchase_quantity":1,` +
				`"is_auto_renew":true,"is_auto_pay":true}`},
	} {
		t.Run(name, func(t *testing.T) {
			c := c
			got, err := (&hcss.Client{API: cloudtest.API()}).Body(c.request, c.tag, c.image)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, string(got)); d != "" {
				t.Errorf("body (-want +got):\n%s", d)
			}
		})
	}
}

// TestWhatGoesOut proves on the wire that the stored bytes are the sent bytes,
// that the signature covers them, and that nothing invites a repetition.
func TestWhatGoesOut(t *testing.T) {
	var got *http.Request
	var body []byte
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"order_id":"CS24022811305H1EW","instance_ids":["65dea8d23005da564c78d9d2"]}`)
	}))
	c := &hcss.Client{API: cloudtest.API()}
	sent, err := c.Body(full(), "k3v9x0a1b2", "WordPress")
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Purchase(t.Context(), a, requestID, sent, "ap-southeast-3")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(order.Receipt{OrderID: "CS24022811305H1EW", InstanceIDs: []string{"65dea8d23005da564c78d9d2"}, Status: 202},
		r); d != "" {
		t.Errorf("receipt (-want +got):\n%s", d)
	}
	if d := cmp.Diff(string(sent), string(body)); d != "" {
		t.Errorf("the bytes on the wire are not the stored ones (-stored +wire):\n%s", d)
	}
	if got.Method != "POST" || got.URL.String() != "/v1/light-instances" || got.Proto != "HTTP/1.1" {
		t.Errorf("request line: got %s %s %s", got.Method, got.URL, got.Proto)
	}
	if !strings.HasSuffix(c.URL(a), "/v1/light-instances") || !strings.HasPrefix(c.URL(a), "http://127.0.0.1:") {
		t.Errorf("URL: got %s", c.URL(a))
	}
	for name, want := range map[string]string{
		"Client-Request-Id": requestID, "X-Project-Id": a.Projects["ap-southeast-3"], "Content-Type": "application/json",
		"User-Agent": "huaweicloud-usdk-go/3.0; sampan/test", "X-Auth-Token": "", "Idempotency-Key": "", "X-Idempotency-Key": "",
		"Accept-Encoding": "",
	} {
		if have := got.Header.Get(name); have != want {
			t.Errorf("%s: got %q, want %q", name, have, want)
		}
	}
	if !got.Close {
		t.Error("the connection was to be used once")
	}
	if want := signature(got, body, "SKEXAMPLE00000000000000000000000000000001"); !strings.HasSuffix(got.Header.Get("Authorization"),
		"Signature="+want) {
		t.Errorf("signature: got %q, want %s over the bytes received", got.Header.Get("Authorization"), want)
	}
}

// signature computes SDK-HMAC-SHA256 from what arrived, by the description of
// the algorithm and not with the SDK's code.
func signature(r *http.Request, body []byte, secret string) string {
	auth := r.Header.Get("Authorization")
	_, rest, _ := strings.Cut(auth, "SignedHeaders=")
	names, _, _ := strings.Cut(rest, ",")
	var headers strings.Builder
	list := strings.Split(names, ";")
	sort.Strings(list)
	for _, n := range list {
		headers.WriteString(n + ":" + strings.TrimSpace(r.Header.Get(n)) + "\n")
	}
	sum := func(b string) string { h := sha256.Sum256([]byte(b)); return hex.EncodeToString(h[:]) }
	canonical := strings.Join([]string{r.Method, r.URL.Path + "/", "", headers.String(), names, sum(string(body))}, "\n")
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("SDK-HMAC-SHA256\n" + r.Header.Get("X-Sdk-Date") + "\n" + sum(canonical)))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestAnswers(t *testing.T) {
	coded := func(code string) string { return `{"error_code":"` + code + `","error_msg":"words of Huawei"}` }
	for name, c := range map[string]struct {
		status int
		body   string
		kind   fault.Kind
		id     string
	}{
		"invalid parameter":                   {400, coded("HCSS.14000001"), fault.Refused, "cloud.hcss.14000001"},
		"CORS failed":                         {400, coded("HCSS.14000002"), fault.Unknown, "cloud.hcss.14000002"},
		"billing failed":                      {400, coded("HCSS.14000003"), fault.Unknown, "cloud.hcss.14000003"},
		"ECS failed":                          {400, coded("HCSS.14000004"), fault.Unknown, "cloud.hcss.14000004"},
		"EVS failed":                          {400, coded("HCSS.14000005"), fault.Unknown, "cloud.hcss.14000005"},
		"EIP failed":                          {400, coded("HCSS.14000006"), fault.Unknown, "cloud.hcss.14000006"},
		"ELB failed":                          {400, coded("HCSS.14000007"), fault.Unknown, "cloud.hcss.14000007"},
		"IMS failed":                          {400, coded("HCSS.14000008"), fault.Unknown, "cloud.hcss.14000008"},
		"marketplace failed":                  {400, coded("HCSS.14000009"), fault.Unknown, "cloud.hcss.14000009"},
		"sold out":                            {400, coded("HCSS.14000010"), fault.Refused, "cloud.hcss.14000010"},
		"quota":                               {400, coded("HCSS.14000011"), fault.Refused, "cloud.hcss.14000011"},
		"too many requests":                   {429, coded("HCSS.14290001"), fault.Busy, "cloud.throttled"},
		"server":                              {500, coded("HCSS.15000001"), fault.Unknown, "cloud.doubt.server"},
		"a 400 with a code nobody knows":      {400, coded("HCSS.14009999"), fault.Unknown, "cloud.doubt.server"},
		"a 400 without JSON":                  {400, "<html>", fault.Unknown, "cloud.doubt.server"},
		"a refusal's code under a 500":        {500, coded("HCSS.14000010"), fault.Unknown, "cloud.doubt.server"},
		"not signed in":                       {401, coded("APIGW.0301"), fault.Refused, "cloud.login.wrong"},
		"not signed in, numeric code":         {401, `{"error":{"code":401,"message":"no","title":"Unauthorized"}}`, fault.Refused, "cloud.login.wrong"},
		"a signature is not enough":           {401, `{"error_code":"APIGW.0307","error_msg":"The token must be updated."}`, fault.Refused, "cloud.purchase.token"},
		"not permitted":                       {403, coded("APIGW.0302"), fault.Refused, "cloud.permission.buy"},
		"not permitted, token named":          {403, `{"error_code":"HCSS.0403","error_msg":"X-Auth-Token is required"}`, fault.Refused, "cloud.purchase.token"},
		"wrong host":                          {404, coded("APIGW.0101"), fault.Refused, "cloud.site"},
		"gateway's bad gateway":               {502, "<html>Bad Gateway</html>", fault.Unknown, "cloud.doubt.server"},
		"gateway's backend timeout":           {504, coded("APIGW.0201"), fault.Unknown, "cloud.doubt.server"},
		"busy elsewhere is no proof":          {503, coded("Common.1503"), fault.Unknown, "cloud.doubt.server"},
		"conflict":                            {409, "{}", fault.Unknown, "cloud.doubt.server"},
		"redirect":                            {302, "", fault.Unknown, "cloud.doubt.redirect"},
		"not modified":                        {304, "", fault.Unknown, "cloud.doubt.redirect"},
		"a portal's page with 200":            {200, "<html>Sign in</html>", fault.Unknown, "cloud.doubt.garbled"},
		"202 without order_id":                {202, `{"instance_ids":["65dea8d23005da564c78d9d2"]}`, fault.Unknown, "cloud.doubt.garbled"},
		"202 with an empty order_id":          {202, `{"order_id":""}`, fault.Unknown, "cloud.doubt.garbled"},
		"202 with null":                       {202, `{"order_id":null}`, fault.Unknown, "cloud.doubt.garbled"},
		"202 with a path for an order_id":     {202, `{"order_id":"../../v1"}`, fault.Unknown, "cloud.doubt.garbled"},
		"202 cut in the middle":               {202, `{"order_id":"CS24022811`, fault.Unknown, "cloud.doubt.garbled"},
		"202 empty":                           {202, "", fault.Unknown, "cloud.doubt.garbled"},
		"204":                                 {204, "", fault.Unknown, "cloud.doubt.garbled"},
		"202 with a throttle error":           {202, `{"error":{"code":"Common.0024","message":"x"}}`, fault.Unknown, "cloud.doubt.garbled"},
		"an answer of more than a MiB":        {202, `{"order_id":"CS24022811305H1EW","x":"` + strings.Repeat("x", 1<<20) + `"}`, fault.Unknown, "cloud.doubt.oversize"},
		"an answer nested without an end":     {202, `{"order_id":"CS24022811305H1EW","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}", fault.Unknown, "cloud.doubt.garbled"},
		"a list where an object is expected":  {202, `["CS24022811305H1EW"]`, fault.Unknown, "cloud.doubt.garbled"},
		"an object where ids are expected ok": {202, `{"order_id":"CS24022811305H1EW","instance_ids":{"a":1}}`, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				w.Header().Set("X-Request-Id", "req-1")
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			var seen []account.Exchange
			a.Observe = func(x account.Exchange) { seen = append(seen, x) }
			r, err := (&hcss.Client{API: cloudtest.API()}).Purchase(t.Context(), a, requestID, []byte("{}"), "ap-southeast-3")
			if calls.Load() != 1 {
				t.Errorf("requests: got %d, want one and only one", calls.Load())
			}
			if len(seen) != 1 || seen[0].Status != c.status || !seen[0].Sent || seen[0].ClientRequestID != requestID ||
				seen[0].RequestID != "req-1" {
				t.Errorf("exchange: got %+v", seen)
			}
			if c.id == "" {
				if err != nil || r.OrderID == "" {
					t.Fatalf("got %+v, %v, want a receipt", r, err)
				}
				return
			}
			f := fault.Of(err)
			if f.Kind != c.kind || f.Message.ID != c.id {
				t.Errorf("got %v %s (%v), want %v %s", f.Kind, f.Message.ID, err, c.kind, c.id)
			}
			if f.Status != c.status || f.RequestID != "req-1" {
				t.Errorf("evidence: got status %d, request %q", f.Status, f.RequestID)
			}
			if r.OrderID != "" {
				t.Errorf("a failure with an order: %+v", r)
			}
		})
	}
}

func TestBothSpellingsOfTheIDs(t *testing.T) {
	for name, body := range map[string]string{
		"of the table":  `{"order_id":"CS24022811305H1EW","instance_ids":["a1","a2"]}`,
		"of the prose":  `{"order_id":"CS24022811305H1EW","instances_ids":["a1","a2"]}`,
		"numbers, null": `{"order_id":"CS24022811305H1EW","instance_ids":["a1",null,"a2"],"instances_ids":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusAccepted)
				_, _ = io.WriteString(w, body)
			}))
			r, err := (&hcss.Client{API: cloudtest.API()}).Purchase(t.Context(), a, requestID, []byte("{}"), "ap-southeast-3")
			if err != nil || !slices.Equal(r.InstanceIDs, []string{"a1", "a2"}) {
				t.Errorf("got %v, %v", r.InstanceIDs, err)
			}
		})
	}
}

func TestNothingAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	_ = l.Close()
	a := cloudtest.Serve(t, http.NotFoundHandler())
	a.Endpoints = cloud.EndpointsAt(closed)
	var seen []account.Exchange
	a.Observe = func(x account.Exchange) { seen = append(seen, x) }
	_, err = (&hcss.Client{API: cloudtest.API()}).Purchase(t.Context(), a, requestID, []byte("{}"), "ap-southeast-3")
	if f := fault.Of(err); f.Kind != fault.Unreachable || f.Message.ID != "cloud.unreachable" {
		t.Errorf("refused connection: got %v, want Unreachable: nothing left the machine", err)
	}
	if len(seen) != 1 || seen[0].Sent || seen[0].Status != 0 {
		t.Errorf("exchange: got %+v, want one that was not sent", seen)
	}
}

func TestSilenceAfterSendingIsUnknown(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		close(arrived)
		<-release
	}))
	limits := cloudtest.Limits()
	limits.Money = 300 * time.Millisecond
	c := &hcss.Client{API: cloud.New(cloud.Options{Limits: limits})}
	_, err := c.Purchase(t.Context(), a, requestID, []byte("{}"), "ap-southeast-3")
	<-arrived
	if f := fault.Of(err); f.Kind != fault.Unknown || f.Message.ID != "cloud.doubt.silent" {
		t.Errorf("got %v, want Unknown", err)
	}
}

// TestTurn: a purchase that Huawei asked to wait is told to wait, by the same
// account at Huawei whichever entry asks; another one is not.
func TestTurn(t *testing.T) {
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	c := &hcss.Client{API: cloudtest.API()}
	if at := c.Turn(a, "ap-southeast-3"); at.After(time.Now()) {
		t.Errorf("before anything was sent: got %v from now, want at once", time.Until(at))
	}
	if _, err := c.Purchase(t.Context(), a, requestID, []byte("{}"), "ap-southeast-3"); !fault.Is(err, fault.Busy) {
		t.Fatalf("got %v, want Busy", err)
	}
	twin, other := a, a
	twin.AccountID, other.AccountID, other.DomainID = "twin", "other", "f123456789abcdef0123456789abcdef"
	for name, a := range map[string]account.Access{"the entry": a, "its twin": twin} {
		if left := time.Until(c.Turn(a, "ap-southeast-3")); left < 110*time.Second || left > 120*time.Second {
			t.Errorf("%s after a 429: got %v from now, want 2 min", name, left)
		}
	}
	if at := c.Turn(other, "ap-southeast-3"); at.After(time.Now()) {
		t.Errorf("another account: got %v from now, want at once", time.Until(at))
	}
}

func TestRefusedBeforeAnythingIsSent(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*account.Access)
		region string
		id     string
		want   string
	}{
		"a region without a project":      {func(*account.Access) {}, "me-east-1", requestID, "cloud.region.inactive"},
		"no key":                          {func(a *account.Access) { a.Key = account.Key{} }, "ap-southeast-3", requestID, "cloud.key.missing"},
		"a request id that is too short":  {func(*account.Access) {}, "ap-southeast-3", "short", "cloud.id"},
		"a site without a purchase host":  {func(a *account.Access) { a.Site, a.Endpoints = account.Europe, account.Endpoints{} }, "ap-southeast-3", requestID, "cloud.endpoint.nobuy"},
		"a project that is not an id":     {func(a *account.Access) { a.Projects = map[string]string{"ap-southeast-3": "../x"} }, "ap-southeast-3", requestID, "cloud.id"},
		"http typed by an owner":          {func(a *account.Access) { a.Trusted = false }, "ap-southeast-3", requestID, "cloud.endpoint.https"},
		"a region that is no host's part": {func(a *account.Access) { a.Projects = map[string]string{"x.evil.example/": "1"} }, "x.evil.example/", requestID, "cloud.region.unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			a := cloudtest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something was sent") }))
			c.change(&a)
			_, err := (&hcss.Client{API: cloudtest.API()}).Purchase(t.Context(), a, c.id, []byte("{}"), c.region)
			if f := fault.Of(err); f.Kind != fault.Refused || f.Message.ID != c.want {
				t.Errorf("got %v, want Refused %s", err, c.want)
			}
		})
	}
}

// TestAgainstTheSandbox buys with both kinds of credential and meets every fault
// of the purchase: what the adapter says must agree with what really happened.
func TestAgainstTheSandbox(t *testing.T) {
	type want struct {
		kind   fault.Kind
		id     string // "" is success
		bought int    // orders that came to be
	}
	cases := map[string]struct {
		fault *cloudsim.Fault
		want  want
	}{
		"no fault":              {nil, want{bought: 1}},
		"dropped before":        {&cloudsim.Fault{Kind: "drop_before"}, want{fault.Unknown, "cloud.doubt.silent", 0}},
		"dropped after":         {&cloudsim.Fault{Kind: "drop_after"}, want{fault.Unknown, "cloud.doubt.silent", 1}},
		"truncated":             {&cloudsim.Fault{Kind: "truncate"}, want{fault.Unknown, "cloud.doubt.garbled", 1}},
		"garbled":               {&cloudsim.Fault{Kind: "garble"}, want{fault.Unknown, "cloud.doubt.garbled", 1}},
		"oversized":             {&cloudsim.Fault{Kind: "oversize"}, want{fault.Unknown, "cloud.doubt.oversize", 1}},
		"a portal's page":       {&cloudsim.Fault{Kind: "html_200"}, want{fault.Unknown, "cloud.doubt.garbled", 0}},
		"a proxy's page":        {&cloudsim.Fault{Kind: "html_502"}, want{fault.Unknown, "cloud.doubt.server", 0}},
		"redirect":              {&cloudsim.Fault{Kind: "redirect"}, want{fault.Unknown, "cloud.doubt.redirect", 0}},
		"throttled":             {&cloudsim.Fault{Kind: "throttle", RetryAfter: 7}, want{fault.Busy, "cloud.throttled", 0}},
		"throttled with 202":    {&cloudsim.Fault{Kind: "throttle_202"}, want{fault.Unknown, "cloud.doubt.garbled", 0}},
		"sold out":              {&cloudsim.Fault{Kind: "sold_out"}, want{fault.Refused, "cloud.hcss.14000010", 0}},
		"500":                   {&cloudsim.Fault{Kind: "status", Status: 500}, want{fault.Unknown, "cloud.doubt.server", 0}},
		"500 after the effect":  {&cloudsim.Fault{Kind: "status", Status: 500, Effect: true}, want{fault.Unknown, "cloud.doubt.server", 1}},
		"403":                   {&cloudsim.Fault{Kind: "status", Status: 403, Code: "APIGW.0302"}, want{fault.Refused, "cloud.permission.buy", 0}},
		"no order id":           {&cloudsim.Fault{Kind: "no_order_id"}, want{fault.Unknown, "cloud.doubt.garbled", 1}},
		"ids under another key": {&cloudsim.Fault{Kind: "instances_ids"}, want{bought: 1}},
		"no ids":                {&cloudsim.Fault{Kind: "empty_ids"}, want{bought: 1}},
	}
	for _, cred := range []account.Credential{account.ByKey, account.ByLogin} {
		for name, c := range cases {
			t.Run(string(cred)+"/"+name, func(t *testing.T) {
				s := simtest.Start(t, cloudsim.Options{})
				if c.fault != nil {
					c.fault.Call = "purchase"
					if _, err := s.AddFault(*c.fault); err != nil {
						t.Fatal(err)
					}
				}
				a := cloudtest.Access(t, s, "Sandbox", cred)
				cl := &hcss.Client{API: cloudtest.API()}
				body, err := cl.Body(full(), "k3v9x0a1b2", "WordPress")
				if err != nil {
					t.Fatal(err)
				}
				r, err := cl.Purchase(t.Context(), a, requestID, body, "ap-southeast-3")
				bought := s.Ledger().Purchases
				if len(bought) != c.want.bought {
					t.Errorf("orders: got %d, want %d", len(bought), c.want.bought)
				}
				if c.want.id == "" {
					if err != nil || len(bought) != 1 || r.OrderID != bought[0].OrderID || r.Status != 202 || r.RequestID == "" {
						t.Fatalf("got %+v, %v, ledger %+v", r, err, bought)
					}
					if !slices.Contains(bought[0].Tags, "sampan-order=k3v9x0a1b2") {
						t.Errorf("tags: got %v", bought[0].Tags)
					}
					return
				}
				if f := fault.Of(err); f.Kind != c.want.kind || f.Message.ID != c.want.id {
					t.Errorf("got %v %s (%v), want %v %s", f.Kind, f.Message.ID, err, c.want.kind, c.want.id)
				} else if name == "throttled" && f.RetryAfter != 7*time.Second {
					t.Errorf("retry after: got %v", f.RetryAfter)
				}
			})
		}
	}
}

func TestAnAccountThatBuysBySignInOnly(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	cl := &hcss.Client{API: cloudtest.API()}
	body, err := cl.Body(full(), "", "WordPress")
	if err != nil {
		t.Fatal(err)
	}
	_, err = cl.Purchase(t.Context(), cloudtest.Access(t, s, "Sandbox sign-in", account.ByKey), requestID, body, "ap-southeast-3")
	if f := fault.Of(err); f.Kind != fault.Refused || f.Message.ID != "cloud.purchase.token" {
		t.Errorf("signed: got %v (%s), want the advice to sign in", err, f.Detail)
	}
	if _, err = cl.Purchase(t.Context(), cloudtest.Access(t, s, "Sandbox sign-in", account.ByLogin), requestID, body,
		"ap-southeast-3"); err != nil {
		t.Errorf("signed in: got %v (%s)", err, fault.Of(err).Detail)
	}
}

func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "hcss")
	if err != nil {
		panic(err)
	}
	_ = os.Setenv("HOME", home)
	code := m.Run()
	if left, err := os.ReadDir(home); !errors.Is(err, os.ErrNotExist) && len(left) > 0 {
		println("the SDK wrote into $HOME:", left[0].Name())
		code = 1
	}
	_ = os.RemoveAll(home)
	os.Exit(code)
}
