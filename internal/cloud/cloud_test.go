package cloud_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	bss "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2/model"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudtest"
)

// list is an answer that is about something.
type list struct {
	Rows []json.RawMessage `json:"rows"`
}

func (l *list) Complete() bool { return l.Rows != nil }

// call is a read, or any other class, of the balance.
func call(class cloud.Class, into any) cloud.Call {
	return cloud.Call{Service: cloud.BSS, Name: "balance", Class: class, Right: account.RightBilling, Into: into,
		Send: func(h *core.HcHttpClient) error {
			_, err := bss.NewBssintlClient(h).ShowCustomerAccountBalances(&model.ShowCustomerAccountBalancesRequest{})
			return err
		}}
}

// answers serves one answer after the other, the last one for ever.
type answers struct {
	calls atomic.Int32
	list  []func(http.ResponseWriter)
}

func (a *answers) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	n := int(a.calls.Add(1))
	a.list[min(n, len(a.list))-1](w)
}

func status(code int, body string, headers ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("X-Request-Id", "req-1")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// dropped ends the connection without an answer.
func dropped(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = c.Close()
	}
}

const good = `{"rows":[1]}`

func coded(code string) string {
	return fmt.Sprintf(`{"error_code":%q,"error_msg":"words of Huawei"}`, code)
}

func nested(code string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"message":"words of Huawei"}}`, code)
}

// TestWhatIsRepeated gives each class the same answers: how often it asks, and
// what it says at the end.
func TestWhatIsRepeated(t *testing.T) {
	type want struct {
		calls int32
		kind  fault.Kind
		id    string // "" is success
	}
	for name, c := range map[string]struct {
		answers []func(http.ResponseWriter)
		read    want
		safe    want
		check   want
	}{
		"a good answer": {[]func(http.ResponseWriter){status(200, good)}, want{1, 0, ""}, want{1, 0, ""}, want{1, 0, ""}},
		"500, then good": {[]func(http.ResponseWriter){status(500, coded("CBC.0999")), status(200, good)},
			want{2, 0, ""}, want{2, 0, ""}, want{1, fault.Unknown, "cloud.doubt.server"}},
		"500 for ever": {[]func(http.ResponseWriter){status(500, "")},
			want{5, fault.Unreachable, "cloud.read.server"}, want{4, fault.Unknown, "cloud.doubt.server"},
			want{1, fault.Unknown, "cloud.doubt.server"}},
		"silence, then good": {[]func(http.ResponseWriter){dropped, status(200, good)},
			want{2, 0, ""}, want{2, 0, ""}, want{1, fault.Unknown, "cloud.doubt.silent"}},
		"throttled for ever": {[]func(http.ResponseWriter){status(429, coded("CBC.0250"))},
			want{6, fault.Busy, "cloud.throttled"}, want{4, fault.Busy, "cloud.throttled"}, want{1, fault.Busy, "cloud.throttled"}},
		"throttled with a 503": {[]func(http.ResponseWriter){status(503, nested("Common.1503")), status(200, good)},
			want{2, 0, ""}, want{2, 0, ""}, want{1, fault.Busy, "cloud.throttled"}},
		"throttled with a 202": {[]func(http.ResponseWriter){status(202, nested("Common.0024")), status(200, good)},
			want{2, 0, ""}, want{2, 0, ""}, want{1, fault.Busy, "cloud.throttled"}},
		"a portal's page, then good": {[]func(http.ResponseWriter){status(200, "<html>"), status(200, good)},
			want{2, 0, ""}, want{2, 0, ""}, want{1, fault.Unknown, "cloud.doubt.garbled"}},
		"an empty object is not an empty list": {[]func(http.ResponseWriter){status(200, "{}")},
			want{5, fault.Unreachable, "cloud.read.garbled"}, want{4, fault.Unknown, "cloud.doubt.garbled"},
			want{1, fault.Unknown, "cloud.doubt.garbled"}},
		"redirect": {[]func(http.ResponseWriter){status(302, "", "Location", "https://portal.example/")},
			want{5, fault.Unreachable, "cloud.read.redirect"}, want{4, fault.Unknown, "cloud.doubt.redirect"},
			want{1, fault.Unknown, "cloud.doubt.redirect"}},
		"a wrong key is not tried again": {[]func(http.ResponseWriter){status(401, coded("APIGW.0301")), status(200, good)},
			want{1, fault.Refused, "cloud.login.wrong"}, want{1, fault.Refused, "cloud.login.wrong"},
			want{1, fault.Refused, "cloud.login.wrong"}},
		"not permitted": {[]func(http.ResponseWriter){status(403, coded("CBC.0151")), status(200, good)},
			want{1, fault.Refused, "cloud.permission"}, want{1, fault.Refused, "cloud.permission"},
			want{1, fault.Refused, "cloud.permission"}},
		"a service behind it failed": {[]func(http.ResponseWriter){status(400, coded("CBC.99006066")), status(200, good)},
			want{2, 0, ""}, want{2, 0, ""}, want{1, fault.Unknown, "cloud.doubt.dependency"}},
	} {
		for class, w := range map[cloud.Class]want{cloud.Read: c.read, cloud.SafeWrite: c.safe, cloud.CheckFirst: c.check} {
			t.Run(fmt.Sprintf("%s/class %d", name, class), func(t *testing.T) {
				h := &answers{list: c.answers}
				var out list
				ans, err := cloudtest.API().Do(t.Context(), cloudtest.Serve(t, h), call(class, &out))
				if got := h.calls.Load(); got != w.calls {
					t.Errorf("requests: got %d, want %d", got, w.calls)
				}
				if w.id == "" {
					if err != nil || len(out.Rows) != 1 || ans.Status != 200 || ans.RequestID != "req-1" {
						t.Errorf("got %+v %+v, %v, want success", ans, out, err)
					}
					return
				}
				if f := fault.Of(err); f.Kind != w.kind || f.Message.ID != w.id {
					t.Errorf("got %v %s (%v), want %v %s", f.Kind, f.Message.ID, err, w.kind, w.id)
				}
			})
		}
	}
}

// TestCodes goes through the codes of the taxonomy: kind, sentence, evidence.
func TestCodes(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   fault.Kind
		id     string
		code   string
	}{
		"balance":                   {400, coded("CBC.99005003"), fault.Refused, "cloud.account.balance", "CBC.99005003"},
		"budget":                    {400, coded("CBC.99003155"), fault.Refused, "cloud.account.budget", "CBC.99003155"},
		"real name":                 {400, nested("Ecs.0066"), fault.Refused, "cloud.account.realname", "Ecs.0066"},
		"frozen":                    {400, coded("CBC.30000052"), fault.Refused, "cloud.account.frozen", "CBC.30000052"},
		"reseller":                  {400, coded("CBC.99000049"), fault.Refused, "cloud.account.reseller", "CBC.99000049"},
		"quota":                     {403, nested("Ecs.0013"), fault.Refused, "cloud.quota", "Ecs.0013"},
		"sold out":                  {400, nested("Ecs.0319"), fault.Refused, "cloud.soldout", "Ecs.0319"},
		"payment under way":         {400, coded("CBC.99000088"), fault.Busy, "cloud.pay.progress", "CBC.99000088"},
		"order changed":             {400, coded("CBC.99003106"), fault.Conflict, "cloud.order.changed", "CBC.99003106"},
		"order cannot be cancelled": {400, coded("CBC.99005010"), fault.Conflict, "cloud.order.changed", "CBC.99005010"},
		"too late to pay":           {400, coded("CBC.99003110"), fault.Refused, "cloud.pay.deadline", "CBC.99003110"},
		"unknown order":             {400, coded("CBC.30000010"), fault.NotFound, "cloud.gone", "CBC.30000010"},
		"unknown product":           {400, coded("CBC.99006006"), fault.NotFound, "cloud.price.none", "CBC.99006006"},
		"other website":             {403, coded("CBC.0156"), fault.Refused, "cloud.site", "CBC.0156"},
		"no such path":              {404, coded("APIGW.0101"), fault.Refused, "cloud.site", "APIGW.0101"},
		"no such server":            {404, nested("Ecs.0114"), fault.NotFound, "cloud.gone", "Ecs.0114"},
		"404 of no code":            {404, "", fault.NotFound, "cloud.gone", ""},
		"unpaid order in the way":   {400, coded("CBC.99003100"), fault.Refused, "cloud.busy.unpaid", "CBC.99003100"},
		"busy object":               {501, nested("Ecs.0603"), fault.Busy, "cloud.busy", "Ecs.0603"},
		"invalid":                   {400, coded("CBC.0100"), fault.Refused, "cloud.invalid", "CBC.0100"},
		"a code nobody knows":       {400, coded("CBC.12345678"), fault.Refused, "cloud.refused", "CBC.12345678"},
		"any 403":                   {403, "<html>", fault.Refused, "cloud.permission", ""},
		"a range":                   {400, nested("Ecs.0226"), fault.Unreachable, "cloud.read.dependency", "Ecs.0226"},
		"another range":             {400, nested("Ecs.1150"), fault.Unreachable, "cloud.read.dependency", "Ecs.1150"},
		"the code in the details":   {400, `{"error":{"code":"Ecs.9999","message":"m","details":[{"code":"Ecs.0319","message":"d"}]}}`, fault.Refused, "cloud.soldout", "Ecs.0319"},
		"code and message on top":   {400, `{"code":"Ecs.0005","message":"m"}`, fault.Refused, "cloud.invalid", "Ecs.0005"},
		"a numeric code":            {400, `{"error":{"code":400,"message":"m","title":"Bad Request"}}`, fault.Refused, "cloud.refused", "400"},
	} {
		t.Run(name, func(t *testing.T) {
			limits := cloudtest.Limits()
			limits.ReadTotal = time.Nanosecond // no repetition
			_, err := cloud.New(cloud.Options{Limits: limits}).Do(t.Context(),
				cloudtest.Serve(t, &answers{list: []func(http.ResponseWriter){status(c.status, c.body)}}), call(cloud.Read, new(list)))
			f := fault.Of(err)
			if f.Kind != c.kind || f.Message.ID != c.id || f.Code != c.code || f.Status != c.status || f.RequestID != "req-1" {
				t.Errorf("got %v %s code %q status %d request %q (%v), want %v %s %q", f.Kind, f.Message.ID, f.Code, f.Status, f.RequestID,
					err, c.kind, c.id, c.code)
			}
		})
	}
}

func TestNothingOfAnEarlierAnswerShinesThrough(t *testing.T) {
	var out struct {
		list
		Extra string `json:"extra"`
	}
	h := &answers{list: []func(http.ResponseWriter){status(200, `{"extra":"of the first"}`), status(200, good)}}
	if _, err := cloudtest.API().Do(t.Context(), cloudtest.Serve(t, h), call(cloud.Read, &out)); err != nil {
		t.Fatal(err)
	}
	if out.Extra != "" || len(out.Rows) != 1 || h.calls.Load() != 2 {
		t.Errorf("got %+v after %d calls", out, h.calls.Load())
	}
}

func TestPermissionIsNamed(t *testing.T) {
	a := cloudtest.Serve(t, &answers{list: []func(http.ResponseWriter){status(403, coded("CBC.0151"))}})
	_, err := cloudtest.API().Do(t.Context(), a, call(cloud.Read, new(list)))
	if got := fault.Of(err).Message.Values["Permission"]; got != "bss:balance:view" {
		t.Errorf("got %q", got)
	}
}

func TestAWriteWithoutBody(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		kind   fault.Kind
		ok     bool
	}{
		"204":             {status(204, ""), 0, true},
		"200 and nothing": {status(200, ""), 0, true},
		"200 and JSON":    {status(200, "{}"), 0, true},
		"a portal's page": {status(200, "<html>"), fault.Unknown, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cloudtest.API().Do(t.Context(), cloudtest.Serve(t, &answers{list: []func(http.ResponseWriter){c.answer}}),
				call(cloud.CheckFirst, nil))
			if (err == nil) != c.ok || err != nil && !fault.Is(err, c.kind) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestBoundsOfAnAnswer(t *testing.T) {
	zip := func(n int) string {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		_, _ = z.Write([]byte(`{"rows":["`))
		for block := bytes.Repeat([]byte("x"), 1<<16); n > 0; n -= len(block) {
			_, _ = z.Write(block)
		}
		_, _ = z.Write([]byte(`"]}`))
		_ = z.Close()
		return b.String()
	}
	long := strings.Repeat("x", 1<<20)
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		id     string // "" is success
	}{
		"packed":                     {status(200, zip(1<<20), "Content-Encoding", "gzip"), ""},
		"a gzip bomb":                {status(200, zip(80<<20), "Content-Encoding", "gzip"), "cloud.read.oversize"},
		"packed in another way":      {status(200, good, "Content-Encoding", "br"), "cloud.read.garbled"},
		"damaged packing":            {status(200, zip(1 << 20)[:500], "Content-Encoding", "gzip"), "cloud.read.garbled"},
		"7 MiB":                      {status(200, `{"rows":["`+strings.Repeat(long, 7)+`"]}`), ""},
		"9 MiB":                      {status(200, `{"rows":["`+strings.Repeat(long, 9)+`"]}`), "cloud.read.oversize"},
		"64 levels":                  {status(200, `{"rows":`+strings.Repeat("[", 63)+strings.Repeat("]", 63)+`}`), ""},
		"65 levels":                  {status(200, `{"rows":`+strings.Repeat("[", 64)+strings.Repeat("]", 64)+`}`), "cloud.read.garbled"},
		"brackets in text are none":  {status(200, `{"rows":["\"`+strings.Repeat("[", 100)+`"]}`), ""},
		"a body cut by its length":   {status(200, good, "Content-Length", "1000"), "cloud.read.garbled"},
		"two answers in one":         {status(200, good+good), "cloud.read.garbled"},
		"a body that is not UTF-8":   {status(200, "{\"rows\":[\"\xff\"]}"), ""},
		"unknown fields are no harm": {status(200, `{"rows":[1],"new":{"a":[null]}}`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			limits := cloudtest.Limits()
			limits.ReadTotal = time.Nanosecond
			_, err := cloud.New(cloud.Options{Limits: limits}).
				Do(t.Context(), cloudtest.Serve(t, &answers{list: []func(http.ResponseWriter){c.answer}}), call(cloud.Read, new(list)))
			if f := fault.Of(err); c.id == "" && err != nil || c.id != "" && f.Message.ID != c.id {
				t.Errorf("got %v, want %q", err, c.id)
			}
		})
	}
}

func TestTheCallersContextEndsTheCall(t *testing.T) {
	arrived := make(chan struct{})
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := cloudtest.API().Do(ctx, a, call(cloud.Read, new(list)))
	if f := fault.Of(err); f.Kind != fault.Unreachable || f.Message.ID != "cloud.read.silent" {
		t.Errorf("got %v", err)
	}
	_, err = cloudtest.API().Do(ctx, a, call(cloud.CheckFirst, nil))
	if f := fault.Of(err); f.Kind != fault.Unreachable || f.Message.ID != "cloud.stopped" {
		t.Errorf("a call of a caller who has gone: got %v, want that it was not made", err)
	}
}

func TestReadGivesUpInTime(t *testing.T) {
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	limits := cloudtest.Limits()
	limits.Read, limits.ReadTotal = 50*time.Millisecond, time.Nanosecond
	_, err := cloud.New(cloud.Options{Limits: limits}).Do(t.Context(), a, call(cloud.Read, new(list)))
	if f := fault.Of(err); f.Kind != fault.Unreachable || f.Message.ID != "cloud.read.silent" {
		t.Errorf("got %v", err)
	}
}

func TestTheClock(t *testing.T) {
	var skew atomic.Int64
	var calls atomic.Int32
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		w.Header().Set("Date", time.Now().Add(time.Duration(skew.Load())).UTC().Format(http.TimeFormat))
		if time.Duration(skew.Load()).Abs() > 15*time.Minute {
			w.WriteHeader(401)
			_, _ = io.WriteString(w, coded("APIGW.0301"))
			return
		}
		_, _ = io.WriteString(w, good)
	}))
	api := cloudtest.API()
	read := func() *fault.Error {
		_, err := api.Do(t.Context(), a, call(cloud.Read, new(list)))
		if err == nil {
			return nil
		}
		return fault.Of(err)
	}
	if off := api.Offset(a.AccountID); off != 0 {
		t.Errorf("before any call: got %v", off)
	}
	skew.Store(int64(3 * time.Minute))
	if f := read(); f != nil {
		t.Fatal(f)
	}
	if off := api.Offset(a.AccountID) - 3*time.Minute; off.Abs() > 2*time.Second {
		t.Errorf("offset: wrong by %v", off)
	}
	skew.Store(int64(-20 * time.Minute))
	if f := read(); f == nil || f.Message.ID != "cloud.clock" || f.Message.Values["Minutes"] != "20" {
		t.Errorf("a 401 with a clock 20 min off: got %v, want the clock to blame", f)
	}
	before := calls.Load()
	for _, class := range []cloud.Class{cloud.Read, cloud.CheckFirst, cloud.Once} {
		_, err := api.Do(t.Context(), a, call(class, new(list)))
		if f := fault.Of(err); f.Kind != fault.Unreachable || f.Message.ID != "cloud.clock.refused" {
			t.Errorf("class %d: got %v, want that nothing is signed", class, err)
		}
	}
	if calls.Load() != before {
		t.Error("something was sent although the clock is known to be wrong")
	}
	api.Forget(a.AccountID)
	skew.Store(0)
	if f := read(); f != nil {
		t.Errorf("after the clock was set: got %v", f)
	}
}

// TestAClockThatWasSetIsBelieved: purchases have a host of their own, where
// nothing else measures. After the clock was set, the answers of other hosts say so.
func TestAClockThatWasSetIsBelieved(t *testing.T) {
	var skew atomic.Int64
	serve := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(time.Duration(skew.Load())).UTC().Format(http.TimeFormat))
		_, _ = io.WriteString(w, good)
	}
	a, other := cloudtest.Serve(t, http.HandlerFunc(serve)), cloudtest.Serve(t, http.HandlerFunc(serve))
	a.Endpoints.ECS = other.Endpoints.ECS
	api := cloudtest.API()
	purchase := func() string {
		_, err := api.Do(t.Context(), a, call(cloud.Once, new(list)))
		if err == nil {
			return "sent"
		}
		f := fault.Of(err)
		return fmt.Sprint(f.Kind, " ", f.Message.ID, " ", f.Message.Values["Minutes"], " ", f.Status)
	}
	const held = "unreachable cloud.clock.refused 20 0"
	skew.Store(int64(20 * time.Minute))
	for i, want := range []string{"sent", held, held} { // the first answer measures
		if got := purchase(); got != want {
			t.Errorf("purchase %d with a clock 20 min off: got %q, want %q", i+1, got, want)
		}
	}
	if _, err := api.Do(t.Context(), a, servers(singapore)); err != nil {
		t.Fatal(err)
	}
	if got := purchase(); got != held {
		t.Errorf("the other host measures the same: got %q, want %q", got, held)
	}
	skew.Store(0)
	if _, err := api.Do(t.Context(), a, servers(singapore)); fault.Of(err).Message.ID != "cloud.clock.refused" {
		t.Errorf("a read, just after it was measured: got %v", err)
	}
	b := a // a host that was not measured yet
	b.Endpoints.BSS = cloudtest.Serve(t, http.HandlerFunc(serve)).Endpoints.BSS
	if _, err := api.Do(t.Context(), b, call(cloud.Read, new(list))); err != nil {
		t.Fatal(err)
	}
	if got := purchase(); got != "sent" {
		t.Errorf("after a younger measurement said the clock is right: got %q, want it sent", got)
	}
}

// TestAnOpenCircuitHasNoAnswer: the failures before must not look like an
// answer to the call that was held back.
func TestAnOpenCircuitHasNoAnswer(t *testing.T) {
	h := &answers{list: []func(http.ResponseWriter){status(500, coded("HCSS.14000003"))}}
	a, api := cloudtest.Serve(t, h), cloudtest.API()
	_, _ = api.Do(t.Context(), a, call(cloud.Read, new(list)))
	before := h.calls.Load()
	_, err := api.Do(t.Context(), a, call(cloud.Once, new(list)))
	if f := fault.Of(err); f.Kind != fault.Unreachable || f.Message.ID != "cloud.circuit" || f.Status != 0 || f.Code != "" ||
		f.RetryAfter <= 0 {
		t.Errorf("got %+v", *f)
	}
	if h.calls.Load() != before {
		t.Error("something was sent")
	}
}

// TestATurnThatDoesNotComeInTime: the call was not made, is not repeated, and
// neither opens the circuit nor takes the place of what went wrong before.
func TestATurnThatDoesNotComeInTime(t *testing.T) {
	hang := make(chan struct{})
	h := &answers{list: []func(http.ResponseWriter){func(w http.ResponseWriter) { <-hang; status(200, good)(w) }, status(200, good)}}
	a := cloudtest.Serve(t, h)
	limits := cloudtest.Limits()
	limits.BSS.InFlight, limits.CircuitFailures = 1, 1
	api := cloud.New(cloud.Options{Limits: limits})
	done := make(chan error, 1)
	go func() {
		_, err := api.Do(t.Context(), a, call(cloud.Read, new(list)))
		done <- err
	}()
	for h.calls.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	for _, class := range []cloud.Class{cloud.Read, cloud.SafeWrite, cloud.CheckFirst, cloud.Once} {
		short, begun := a, time.Now()
		short.Lane, short.Until = account.ForPerson, begun.Add(30*time.Millisecond)
		_, err := api.Do(t.Context(), short, call(class, new(list)))
		if f := fault.Of(err); f.Kind != fault.Busy || f.Message.ID != "cloud.turn" || f.Status != 0 || f.Code != "" {
			t.Errorf("class %d: got %+v, want that its turn did not come", class, *f)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("class %d: gave up after %v, want 30 ms", class, took)
		}
	}
	close(hang)
	if err := <-done; err != nil {
		t.Errorf("the call under way: got %v", err)
	}
	if _, err := api.Do(t.Context(), a, call(cloud.Read, new(list))); err != nil || h.calls.Load() != 2 {
		t.Errorf("the next call: got %v after %d requests, want success and two", err, h.calls.Load())
	}
}

// TestADoubtStaysAcrossRepetitions: that a repetition was not let through says
// nothing about the first one, which may have happened.
func TestADoubtStaysAcrossRepetitions(t *testing.T) {
	for name, c := range map[string]struct {
		second func(http.ResponseWriter)
		class  cloud.Class
		kind   fault.Kind
		id     string
	}{
		"a write, then throttled":     {status(429, ""), cloud.SafeWrite, fault.Unknown, "cloud.doubt.server"},
		"a write, then refused":       {status(400, coded("CBC.0100")), cloud.SafeWrite, fault.Refused, "cloud.invalid"},
		"a write, then silence":       {dropped, cloud.SafeWrite, fault.Unknown, "cloud.doubt.silent"},
		"a read, then throttled":      {status(429, ""), cloud.Read, fault.Busy, "cloud.throttled"},
		"a read that was not let in":  {nil, cloud.Read, fault.Unreachable, "cloud.read.server"},
		"a write that was not let in": {nil, cloud.SafeWrite, fault.Unknown, "cloud.doubt.server"},
	} {
		t.Run(name, func(t *testing.T) {
			a := cloudtest.Serve(t, &answers{list: []func(http.ResponseWriter){status(500, ""), c.second}})
			limits := cloudtest.Limits()
			if c.second == nil {
				limits.CircuitFailures = 1
			}
			_, err := cloud.New(cloud.Options{Limits: limits}).Do(t.Context(), a, call(c.class, new(list)))
			if f := fault.Of(err); f.Kind != c.kind || f.Message.ID != c.id {
				t.Errorf("got %v, want %v %s", err, c.kind, c.id)
			}
		})
	}
	t.Run("a write whose service is gone then", func(t *testing.T) {
		srv := httptest.NewServer(nil)
		a := cloudtest.Serve(t, http.NotFoundHandler())
		a.Endpoints = cloud.EndpointsAt(srv.URL)
		srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_ = srv.Listener.Close()
			w.Header().Set("Connection", "close")
			w.WriteHeader(500)
		})
		t.Cleanup(srv.Close)
		_, err := cloudtest.API().Do(t.Context(), a, call(cloud.SafeWrite, new(list)))
		if f := fault.Of(err); f.Kind != fault.Unknown || f.Message.ID != "cloud.doubt.server" {
			t.Errorf("got %v, want that it may have happened", err)
		}
	})
}

// TestNoRepetitionAfterTheEnd: a pause that would last longer than the call may
// wait is not begun, and the reason is kept.
func TestNoRepetitionAfterTheEnd(t *testing.T) {
	h := &answers{list: []func(http.ResponseWriter){status(429, "", "Retry-After", "60")}}
	a, begun := cloudtest.Serve(t, h), time.Now()
	a.Until = begun.Add(2 * time.Second)
	_, err := cloudtest.API().Do(t.Context(), a, call(cloud.Read, new(list)))
	if f := fault.Of(err); f.Message.ID != "cloud.throttled" || h.calls.Load() != 1 || time.Since(begun) > time.Second {
		t.Errorf("got %v after %d requests and %v, want the first answer at once", err, h.calls.Load(), time.Since(begun))
	}
}

// TestNothingSecretIsWritten runs a call that fails with the secret in the
// cloud's words: neither log nor fault nor exchange may repeat it.
func TestNothingSecretIsWritten(t *testing.T) {
	var secret string
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(400)
		_, _ = fmt.Fprintf(w, `{"error_code":"CBC.0100","error_msg":"your key %s\nis odd %s"}`, secret, strings.Repeat("é", 400))
	}))
	secret = a.Key.Secret.Reveal()
	var log bytes.Buffer
	var seen []account.Exchange
	a.Observe = func(x account.Exchange) { seen = append(seen, x) }
	api := cloud.New(cloud.Options{Limits: cloudtest.Limits(),
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	_, err := api.Do(t.Context(), a, call(cloud.Read, new(list)))
	f := fault.Of(err)
	for where, text := range map[string]string{"log": log.String(), "fault": fmt.Sprintf("%+v %v %q", *f, err, f.Detail),
		"exchange": fmt.Sprintf("%+v", seen)} {
		if text == "" || strings.Contains(text, secret) || strings.Contains(text, "Signature=") {
			t.Errorf("%s: %s", where, text)
		}
	}
	if len(f.Detail) > 500 || !strings.HasPrefix(f.Detail, "your key *** is odd é") || strings.ContainsRune(f.Detail, '\uFFFD') {
		t.Errorf("detail: got %q", f.Detail)
	}
	if !strings.Contains(log.String(), "cloud call") || !strings.Contains(log.String(), "code=CBC.0100") {
		t.Errorf("log: got %s", log.String())
	}
}

// The passport of an order shows its calls among times of the calendar; how far
// the cloud's clock is from ours is measured between real clocks.
func TestAnExchangeIsDatedByTheCalendarAndTheOffsetIsNot(t *testing.T) {
	a := cloudtest.Serve(t, &answers{list: []func(http.ResponseWriter){status(200, good)}})
	var seen []account.Exchange
	a.Observe = func(x account.Exchange) { seen = append(seen, x) }
	want := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	api := cloud.New(cloud.Options{Limits: cloudtest.Limits(), Now: func() time.Time { return want }})
	if _, err := api.Do(t.Context(), a, call(cloud.Read, new(list))); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1 || !seen[0].At.Equal(want) {
		t.Errorf("exchanges: got %+v, want one at %v", seen, want)
	}
	if off := api.Offset(a.AccountID); off.Abs() > time.Minute {
		t.Errorf("offset: got %v", off)
	}
}

// A defect in one call must not keep later ones waiting: its turn comes back.
func TestACallThatPanicsGivesItsTurnBack(t *testing.T) {
	acc := cloudtest.Serve(t, &answers{list: []func(http.ResponseWriter){status(200, good)}})
	limits := cloudtest.Limits()
	limits.BSS.InFlight = 1
	api := cloud.New(cloud.Options{Limits: limits})
	bad := call(cloud.Read, new(list))
	bad.Send = func(*core.HcHttpClient) error { panic("a defect") }
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed: whoever runs the call logs it")
			}
		}()
		_, _ = api.Do(t.Context(), acc, bad)
	}()
	acc.Until = time.Now().Add(5 * time.Second)
	if _, err := api.Do(t.Context(), acc, call(cloud.Read, new(list))); err != nil {
		t.Errorf("the next call: got %v, want its turn", err)
	}
}
