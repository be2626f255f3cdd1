package cloudsim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// obj and list are JSON as answers build it where speed does not matter.
type (
	obj  map[string]any
	list []any
)

// exchange is one request on its way through the Sandbox.
type exchange struct {
	r         *http.Request
	body      []byte
	route     route
	params    []string
	caller    caller
	hits      []Fault // faults that concern this request
	requestID string
	now       time.Time // Sandbox calendar
}

func (x *exchange) query(name string) string { return x.r.URL.Query().Get(name) }

// number reads an integer query parameter; bad is carried on from earlier ones.
func (x *exchange) number(name string, otherwise, low, high int, bad bool) (int, bool) {
	s := x.query(name)
	if s == "" {
		return otherwise, bad
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return otherwise, true
	}
	return n, bad
}

// fault finds the first hit of a kind.
func (x *exchange) fault(kind string) (Fault, bool) {
	for _, f := range x.hits {
		if f.Kind == kind {
			return f, true
		}
	}
	return Fault{}, false
}

// reply is an answer before it is bytes. A nil body is sent empty.
type reply struct {
	status int
	header http.Header
	body   any
}

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

// failure is an error answer; its shape depends on the service.
type failure struct {
	status  int
	code    string
	message string
}

func refuse(f *failure) reply { return reply{status: f.status, body: f} }

// errorBody words a failure as the service does. Codes of the gateway have one shape everywhere.
func errorBody(service string, f *failure, requestID string) any {
	switch {
	case strings.HasPrefix(f.code, "APIGW.") || strings.HasPrefix(f.code, "APIG."):
		return obj{"error_code": f.code, "error_msg": f.message, "request_id": requestID}
	case service == "iam" && isNumber(f.code):
		n, _ := strconv.Atoi(f.code)
		return obj{"error": obj{"code": n, "message": f.message, "title": http.StatusText(f.status)}}
	case service == "ces":
		return obj{"code": f.status, "element": http.StatusText(f.status), "message": f.message,
			"details": obj{"code": f.code, "details": f.message}}
	case service == "ecs" || service == "ims":
		return obj{"error": obj{"code": f.code, "message": f.message}}
	}
	return obj{"error_code": f.code, "error_msg": f.message}
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// internalCode is the code a service gives when it fails itself.
func internalCode(service string) string {
	switch service {
	case "hcss":
		return "HCSS.15000001"
	case "bss":
		return "CBC.0999"
	case "ecs":
		return "Common.0001"
	case "rms":
		return "RMS.00011001"
	case "ims":
		return "IMG.0001"
	case "ces":
		return "ces.0007"
	}
	return "APIGW.0201"
}

// encode is the reply's body as bytes; a failure is worded here.
func (x *exchange) encode(rp reply) []byte {
	v := rp.body
	switch body := v.(type) {
	case nil:
		return nil
	case rawBody:
		return body
	case *failure:
		v = errorBody(x.route.service, body, x.requestID)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types: cannot fail
	}
	return raw
}

// serveCloud answers one call of the cloud.
func (c *Cloud) serveCloud(w http.ResponseWriter, r *http.Request) {
	started := c.wall()
	x := &exchange{r: r, requestID: randomHex(16)}
	rt, params, known := findRoute(r.Method, r.URL.EscapedPath())
	x.route, x.params = rt, params
	c.setDate(w, x)
	w.Header().Set("X-Request-Id", x.requestID)
	if rt.service == "iam" {
		w.Header().Set("X-IAM-Trace-Id", "token_null_null_"+x.requestID)
	}
	rp, cut := c.answerCall(x, known)
	raw := x.encode(rp)
	c.wait(r.Context().Done(), c.opts.Latency-c.wall().Sub(started))
	status, acct := rp.status, ""
	if cut == sendNothing {
		status = 0
	}
	if x.caller.acct != nil {
		acct = x.caller.acct.ID
	}
	c.wire.add(WireCall{Time: started.UTC(), Call: rt.call, Account: acct, Method: r.Method, Path: r.URL.Path, Status: status,
		RequestID: x.requestID, ClientRequestID: r.Header.Get("Client-Request-Id"), Faults: faultNames(x.hits)})
	c.log.Info("cloud call", "call", rt.call, "method", r.Method, "path", r.URL.Path, "status", status,
		"request", x.requestID, "took", c.wall().Sub(started))
	x.send(w, rp, raw, cut) // a client that has the answer finds the call in the ledger
	if cut != sendAll {
		panic(http.ErrAbortHandler) // closes the connection
	}
}

// answerCall runs the call with its checks and faults, and says how much of the answer is sent.
func (c *Cloud) answerCall(x *exchange, known bool) (reply, cut) {
	body, err := io.ReadAll(io.LimitReader(x.r.Body, maxBody+1))
	if err != nil {
		return refuse(&failure{status: http.StatusBadRequest, code: "APIGW.0201", message: "The body could not be read"}), sendAll
	}
	if len(body) > maxBody {
		return refuse(&failure{status: http.StatusRequestEntityTooLarge, code: "APIGW.0201",
			message: "The body is larger than 12 MB"}), sendAll
	}
	if !known {
		return refuse(&failure{status: http.StatusNotFound, code: "APIGW.0101",
			message: "The API does not exist or has not been published in the environment"}), sendAll
	}
	x.body = body
	if f := c.admit(x); f != nil {
		rp := refuse(f)
		if f.status == http.StatusTooManyRequests {
			rp.header = http.Header{"Retry-After": {"1"}}
		}
		return rp, sendAll
	}
	x.hits = append(x.hits, c.faults.take(c.occasion(x))...)
	if rp, cut, done := c.before(x); done {
		return rp, cut
	}
	rp := c.run(x)
	return c.after(x, rp)
}

// admit says who calls, whether the credential fits, and whether the rate does.
func (c *Cloud) admit(x *exchange) *failure {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if x.route.service != "iam" || x.route.call != "token" {
		who, f := c.authenticate(x.r, x.body)
		if f != nil {
			return f
		}
		x.caller = who
		if f := x.checkCredential(); f != nil {
			return f
		}
		if !c.rates.allow(c.opts.RatePerSecond, c.wall(), who.acct.ID+" "+x.route.service+" "+c.regionOf(x)) {
			return &failure{status: http.StatusTooManyRequests, code: "APIGW.0308", message: "The throttling threshold has been reached"}
		}
	}
	return nil
}

// run carries the call out under the lock it needs.
func (c *Cloud) run(x *exchange) reply {
	if x.route.writes {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.broken != nil {
			return refuse(&failure{status: http.StatusInternalServerError, code: internalCode(x.route.service), message: "Internal error"})
		}
	} else {
		c.mu.RLock()
		defer c.mu.RUnlock()
	}
	x.now = c.now()
	if f, aged := x.fault("aged"); aged {
		x.now = x.now.Add(-f.Delay)
	}
	if x.caller.acct != nil {
		x.caller.acct = c.state.account(x.caller.acct.ID) // its settings may have been replaced since
	}
	rp := x.route.serve(c, x)
	if x.route.writes && c.broken != nil { // not on disk: the answer must not say that it is
		return refuse(&failure{status: http.StatusInternalServerError, code: internalCode(x.route.service), message: "Internal error"})
	}
	return rp
}

// cut is how much of an answer is sent.
type cut int

const (
	sendAll cut = iota
	sendHalf
	sendNothing
)

// send writes the answer, or what is sent of it.
func (x *exchange) send(w http.ResponseWriter, rp reply, raw []byte, cut cut) {
	if cut == sendNothing {
		return
	}
	h := w.Header()
	for k, vs := range rp.header {
		h[k] = vs
	}
	if h.Get("Content-Type") == "" && len(raw) > 0 {
		h.Set("Content-Type", "application/json;charset=UTF-8")
	}
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	if rp.status == http.StatusNoContent {
		h.Del("Content-Length")
	}
	w.WriteHeader(rp.status)
	if cut == sendHalf {
		raw = raw[:len(raw)/2]
	}
	_, _ = w.Write(raw) // the client may be gone
	if cut == sendHalf {
		_ = http.NewResponseController(w).Flush()
	}
}

// rawBody is sent as it is.
type rawBody []byte

var errNotObject = errors.New("not a JSON object")
