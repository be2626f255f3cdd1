package cloudsim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
)

// wire speaks plain HTTP with tokens of one account.
type wire struct {
	t      *testing.T
	s      *cloudsim.Server
	acct   cloudsim.Account
	tokens map[string]string // by region; "" is the account's
	http   *http.Client
}

func newWire(t *testing.T, s *cloudsim.Server, acct cloudsim.Account) *wire {
	t.Helper()
	return &wire{t: t, s: s, acct: acct, tokens: map[string]string{}, http: &http.Client{Timeout: 20 * time.Second,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// start is a Sandbox and its first account.
func start(t *testing.T, o cloudsim.Options) *wire {
	t.Helper()
	s := simtest.Start(t, o)
	return newWire(t, s, s.Accounts()[0])
}

// answer is what came back; body is nil unless it is a JSON object.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any
	err    error
}

// code is the error code, wherever the service has it.
func (a answer) code() string {
	if e, is := a.body["error"].(map[string]any); is {
		switch c := e["code"].(type) {
		case string:
			return c
		case json.Number:
			return c.String()
		}
	}
	c, _ := a.body["error_code"].(string)
	return c
}

// at walks into the body: names and indexes.
func (a answer) at(path ...any) any {
	var v any = a.body
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	if n, is := v.(json.Number); is {
		return n.String()
	}
	return v
}

func (a answer) len(path ...any) int {
	l, _ := a.at(path...).([]any)
	return len(l)
}

// send makes a request as it is given. The body may be a string, bytes, nil, or anything for JSON.
func (w *wire) send(method, path string, body any, header map[string]string) answer {
	w.t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	default:
		raw = must(json.Marshal(b))(w.t, "body")
	}
	r := must(http.NewRequestWithContext(w.t.Context(), method, w.s.URL+path, bytes.NewReader(raw)))(w.t, "request")
	if raw != nil {
		r.Header.Set("Content-Type", "application/json;charset=utf8")
	}
	for k, v := range header {
		if k == "Host" {
			r.Host = v
		}
		r.Header.Set(k, v)
	}
	res, err := w.http.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	out := answer{status: res.StatusCode, header: res.Header}
	if out.raw, out.err = io.ReadAll(res.Body); out.err != nil {
		return out
	}
	dec := json.NewDecoder(bytes.NewReader(out.raw))
	dec.UseNumber()
	_ = dec.Decode(&out.body) // nil when it is not an object
	return out
}

func (w *wire) login(scope map[string]any, password string) answer {
	w.t.Helper()
	auth := map[string]any{"identity": map[string]any{"methods": []string{"password"}, "password": map[string]any{
		"user": map[string]any{"name": w.acct.IAMUser, "password": password, "domain": map[string]any{"name": w.acct.DomainName}}}}}
	if scope != nil {
		auth["scope"] = scope
	}
	return w.send("POST", "/v3/auth/tokens?nocatalog=true", map[string]any{"auth": auth}, nil)
}

func (w *wire) token(region string) string {
	w.t.Helper()
	if w.tokens[region] == "" {
		scope := map[string]any{"domain": map[string]any{"id": w.acct.ID}}
		if region != "" {
			scope = map[string]any{"project": map[string]any{"name": region}}
		}
		a := w.login(scope, w.acct.IAMPassword)
		if a.status != http.StatusCreated {
			w.t.Fatalf("token for %q: got %d %s", region, a.status, a.raw)
		}
		w.tokens[region] = a.header.Get("X-Subject-Token")
	}
	return w.tokens[region]
}

// call sends with a token for the region, or for the account with "".
func (w *wire) call(method, path, region string, body any) answer {
	w.t.Helper()
	return w.send(method, path, body, map[string]string{"X-Auth-Token": w.token(region), "X-Language": "en_US"})
}

const requestID = "85a56f6c-8aee-4000-bf76-5d98d1ac023d"

func (w *wire) buy(body any) answer {
	w.t.Helper()
	region := "ap-southeast-3"
	if m, is := body.(map[string]any); is {
		if r, is := m["region"].(string); is && w.project(r) != "" {
			region = r
		}
	}
	return w.send("POST", "/v1/light-instances", body, map[string]string{"X-Auth-Token": w.token(region), "Client-Request-Id": requestID})
}

func (w *wire) project(region string) string {
	for _, r := range w.acct.Regions {
		if r.Region == region {
			return r.ProjectID
		}
	}
	return ""
}

// ordered buys and returns the order's number.
func (w *wire) ordered(body any) string {
	w.t.Helper()
	a := w.buy(body)
	if a.status != http.StatusAccepted {
		w.t.Fatalf("purchase: got %d %s, want 202", a.status, a.raw)
	}
	return a.at("order_id").(string)
}

func (w *wire) order(id string) answer {
	w.t.Helper()
	return w.call("GET", "/v2/orders/customer-orders/details/"+id, "", nil)
}

func (w *wire) pay(id string) answer {
	w.t.Helper()
	return w.call("POST", "/v3/orders/customer-orders/pay", "", map[string]any{"order_id": id, "use_coupon": "NO", "use_discount": "NO"})
}

func (w *wire) cancel(id string) answer {
	w.t.Helper()
	return w.call("PUT", "/v2/orders/customer-orders/cancel", "", map[string]any{"order_id": id})
}

func (w *wire) resources(body map[string]any) answer {
	w.t.Helper()
	return w.call("POST", "/v2/orders/suscriptions/resources/query", "", body)
}

func (w *wire) instances(query string) answer {
	w.t.Helper()
	return w.call("GET", "/v1/resource-manager/domains/"+w.acct.ID+"/all-resources?type=hcss.l-instance&"+query, "", nil)
}

func (w *wire) servers(region, query string) answer {
	w.t.Helper()
	return w.call("GET", "/v1/"+w.project(region)+"/cloudservers/detail?"+query, region, nil)
}

func (w *wire) balance() any {
	w.t.Helper()
	return w.call("GET", "/v2/accounts/customer-accounts/balances", "", nil).at("account_balances", 0, "amount")
}

// small is an order for one Ubuntu server with nothing else: 9.00 USD.
func small() map[string]any {
	return map[string]any{"instance_name": "small", "plan_spec": "hf.large.1.30m.linux", "region": "ap-southeast-3",
		"image_ref":   map[string]any{"image_name": "Ubuntu", "image_version": "22.04"},
		"period_type": "month", "period_num": 1, "is_auto_pay": false}
}

func check(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func refused(t *testing.T, what string, a answer, status int, code string) {
	t.Helper()
	if a.status != status || a.code() != code {
		t.Errorf("%s: got %d %q (%s), want %d %q", what, a.status, a.code(), strings.TrimSpace(string(a.raw)), status, code)
	}
}

func number(t *testing.T, v any) float64 {
	t.Helper()
	s, _ := v.(string)
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatalf("%v is not a number", v)
	}
	return f
}
