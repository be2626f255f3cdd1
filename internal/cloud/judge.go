package cloud

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
)

var errStatus = errors.New("cloud: the answer is not a 2xx")

// verdict is a failure and what the machinery may do about it.
type verdict struct {
	fault      *fault.Error
	again      bool // a repetition may help, if the class allows one
	timeout    bool // the failure was a time-out
	throttled  bool // the cloud asked to slow down
	outage     bool // counts against the circuit
	staleToken bool // a 401 to a token: one new login is tried
	blocked    bool // not sent: earlier failures keep the circuit open, or its turn did not come
}

// stopped is the verdict when the caller gave up before anything was sent.
func stopped(err error) *verdict {
	return &verdict{fault: fault.New(fault.Unreachable, "cloud.stopped").Because(err)}
}

// judge says what one exchange means: nil when it succeeded and Into is filled.
func (a *API) judge(acc account.Access, c Call, o *outcome) *verdict {
	v := a.weigh(acc, c, o)
	if v == nil {
		return nil
	}
	if o.caller != nil { // the caller has gone: no repetition, and nothing is learnt about the cloud
		v.again, v.outage = false, false
	}
	f := v.fault
	f.Status, f.RequestID = o.status, o.requestID()
	if f.Code == "" {
		f.Code = o.said.code
	}
	f.Detail = o.said.message
	if f.Err == nil {
		f.Err = errors.Join(o.err, o.bodyErr)
	}
	if v.throttled || f.Kind == fault.Busy {
		f.RetryAfter = max(f.RetryAfter, a.retryAfter(o))
	}
	return v
}

func (a *API) weigh(acc account.Access, c Call, o *outcome) *verdict {
	switch {
	case o.defect != nil:
		return &verdict{fault: fault.New(fault.Internal, "fault.internal").Because(o.defect)}
	case o.status == 0:
		return silence(c.Class, o)
	case o.status < 300:
		return success(c, o)
	case o.status < 400:
		return doubtful(c.Class, elsewhere)
	}
	if c.Class == Once {
		return a.judgeOnce(acc, c, o)
	}
	return a.judgeStatus(acc, c, o)
}

// silence is no answer at all.
func silence(class Class, o *outcome) *verdict {
	if !o.sent.Load() {
		if o.caller != nil {
			return stopped(o.caller)
		}
		id := "cloud.unreachable"
		if errors.Is(o.err, errAddress) {
			id = "cloud.endpoint.address"
		}
		return &verdict{fault: fault.New(fault.Unreachable, id), again: id == "cloud.unreachable", timeout: timedOut(o.err), outage: true}
	}
	v := doubtful(class, noAnswer)
	v.timeout = timedOut(o.err)
	return v
}

func timedOut(err error) bool {
	var t net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

// doubt is a reason why an answer does not say what happened: the sentence for
// a read, and the one for a write.
type doubt struct{ read, write string }

var (
	noAnswer    = doubt{"cloud.read.silent", "cloud.doubt.silent"}
	serverFault = doubt{"cloud.read.server", "cloud.doubt.server"}
	behindIt    = doubt{"cloud.read.dependency", "cloud.doubt.dependency"}
	unreadable  = doubt{"cloud.read.garbled", "cloud.doubt.garbled"}
	endless     = doubt{"cloud.read.oversize", "cloud.doubt.oversize"}
	elsewhere   = doubt{"cloud.read.redirect", "cloud.doubt.redirect"}
)

// doubtful is an answer, or none, that does not say what happened: for a read
// nothing did, a write is unknown.
func doubtful(class Class, d doubt) *verdict {
	if class == Read {
		return &verdict{fault: fault.New(fault.Unreachable, d.read), again: true, outage: true}
	}
	return &verdict{fault: fault.New(fault.Unknown, d.write), again: true, outage: true}
}

func garbled(class Class, o *outcome, err error) *verdict {
	d := unreadable
	if errors.Is(o.bodyErr, errTooLong) {
		d = endless
	}
	v := doubtful(class, d)
	v.fault.Err = errors.Join(err, o.bodyErr)
	return v
}

// success is a 2xx, unless its body says otherwise.
func success(c Call, o *outcome) *verdict {
	if o.said.code == "Common.0024" { // ECS says "too many" with a 202 (cloud-api, 14)
		if c.Class == Once {
			return doubtful(c.Class, unreadable)
		}
		return throttled()
	}
	if o.bodyErr != nil {
		return garbled(c.Class, o, nil)
	}
	if c.Into == nil && len(bytes.TrimSpace(o.body)) == 0 {
		return nil // 204, or 200 with nothing to say
	}
	if err := decode(o.body, c.Into); err != nil {
		return garbled(c.Class, o, err)
	}
	return nil
}

func throttled() *verdict {
	return &verdict{fault: fault.New(fault.Busy, "cloud.throttled"), again: true, throttled: true}
}

// judgeOnce decides on the purchase: a refusal must prove that nothing was
// ordered, all else is unknown (reliability.md §3, the table; cloud-api, 5.5).
func (a *API) judgeOnce(acc account.Access, c Call, o *outcome) *verdict {
	code := o.said.code
	switch o.status {
	case http.StatusBadRequest:
		if id, ok := purchaseRefusals[code]; ok {
			return refusal(c, o, id)
		}
		if id, ok := purchaseDoubts[code]; ok {
			return &verdict{fault: fault.New(fault.Unknown, id)}
		}
		return doubtful(Once, serverFault)
	case http.StatusUnauthorized:
		return a.unauthorized(acc, c, o)
	case http.StatusForbidden:
		return forbidden(acc, c, o)
	case http.StatusNotFound:
		return refusal(c, o, "cloud.site")
	case http.StatusTooManyRequests:
		return throttled()
	}
	return doubtful(Once, serverFault)
}

// purchaseRefusals are the purchase's codes that prove that nothing was ordered,
// purchaseDoubts those after which an order may exist (API Reference, Table 4-8).
var (
	purchaseRefusals = map[string]string{
		"HCSS.14000001": "cloud.hcss.14000001", "HCSS.14000010": "cloud.hcss.14000010", "HCSS.14000011": "cloud.hcss.14000011",
	}
	purchaseDoubts = map[string]string{
		"HCSS.14000002": "cloud.hcss.14000002", "HCSS.14000003": "cloud.hcss.14000003", "HCSS.14000004": "cloud.hcss.14000004",
		"HCSS.14000005": "cloud.hcss.14000005", "HCSS.14000006": "cloud.hcss.14000006", "HCSS.14000007": "cloud.hcss.14000007",
		"HCSS.14000008": "cloud.hcss.14000008", "HCSS.14000009": "cloud.hcss.14000009",
	}
)

// judgeStatus decides on all other calls: by code where it is known, else by
// status (cloud-api, 14).
func (a *API) judgeStatus(acc account.Access, c Call, o *outcome) *verdict {
	if o.status == http.StatusTooManyRequests {
		return throttled()
	}
	if o.status == http.StatusUnauthorized {
		return a.unauthorized(acc, c, o)
	}
	for _, code := range append([]string{o.said.code}, o.said.details...) {
		if v := a.judgeCode(acc, c, o, code); v != nil {
			if v.fault.Code == "" {
				v.fault.Code = code
			}
			return v
		}
	}
	switch {
	case o.status == http.StatusForbidden:
		return forbidden(acc, c, o)
	case o.status == http.StatusNotFound:
		return &verdict{fault: fault.New(fault.NotFound, "cloud.gone")}
	case o.status >= 500, o.status == http.StatusRequestTimeout:
		return doubtful(c.Class, serverFault)
	}
	return refusal(c, o, "cloud.refused")
}

func (a *API) judgeCode(acc account.Access, c Call, o *outcome, code string) *verdict {
	k, ok := codes[code]
	if !ok {
		k = byRange(code)
	}
	switch k.class {
	case unclassified:
		return nil
	case loginWrong:
		return a.unauthorized(acc, c, o)
	case notAllowed:
		return forbidden(acc, c, o)
	case tooMany:
		return throttled()
	case outage:
		return doubtful(c.Class, serverFault)
	case dependency:
		return doubtful(c.Class, behindIt)
	case gone:
		return &verdict{fault: fault.New(fault.NotFound, k.message)}
	case movedOn:
		return &verdict{fault: fault.New(fault.Conflict, k.message)}
	case busyObject:
		f := fault.New(fault.Busy, k.message)
		f.RetryAfter = time.Minute
		return &verdict{fault: f}
	}
	return refusal(c, o, k.message)
}

// refusal is the cloud's definite no. Its own words are put into the sentence.
func refusal(_ Call, o *outcome, id string) *verdict {
	return &verdict{fault: fault.New(fault.Refused, id, "Detail", o.said.message, "Code", o.said.code)}
}

// unauthorized is a 401: the clock, the key or the token.
func (a *API) unauthorized(acc account.Access, c Call, o *outcome) *verdict {
	if !byKey(acc) {
		return &verdict{fault: fault.New(fault.Refused, "cloud.token.ended"), staleToken: true}
	}
	if off, ok := o.offset(); ok && off.Abs() > clockSuspect {
		return &verdict{fault: fault.New(fault.Refused, "cloud.clock", "Minutes", minutes(off))}
	}
	if c.Class == Once && namesToken(o) {
		return refusal(c, o, "cloud.purchase.token")
	}
	return &verdict{fault: fault.New(fault.Refused, "cloud.login.wrong")}
}

// namesToken reports whether a refusal asks for a token: it is not established
// that the purchase takes a signature (cloud-api, 19, point 19).
func namesToken(o *outcome) bool { return strings.Contains(strings.ToLower(o.said.message), "token") }

// forbidden is a 403: it names the permission to ask the account's owner for.
func forbidden(acc account.Access, c Call, o *outcome) *verdict {
	switch {
	case c.Class == Once && byKey(acc) && namesToken(o):
		return refusal(c, o, "cloud.purchase.token")
	case c.Right == account.RightBuy:
		return refusal(c, o, "cloud.permission.buy")
	}
	v := refusal(c, o, "cloud.permission")
	v.fault.Message.Values["Permission"] = permissions[c.Right]
	return v
}

// permissions to ask for (cloud-api, 17).
var permissions = map[account.Right]string{
	account.RightProjects: "iam:projects:listProjects", account.RightList: "rms:resources:list",
	account.RightBilling: "bss:balance:view", account.RightOrders: "bss:order:view",
	account.RightServers: "ECS ReadOnlyAccess", account.RightImages: "IMS ReadOnlyAccess",
	account.RightMetrics: "CES ReadOnlyAccess", account.RightChange: "ECS CommonOperations",
	account.RightPay: "bss:order:pay", account.RightCancel: "bss:order:update",
}

// offset is the cloud's clock minus ours by this answer.
func (o *outcome) offset() (time.Duration, bool) {
	date, err := http.ParseTime(o.header.Get("Date"))
	if err != nil {
		return 0, false
	}
	middle := o.began.Add(o.took / 2).Round(0) // the wall clock: a stepped clock must show
	return date.Add(500 * time.Millisecond).Sub(middle), true
}

// retryAfter reads the header in seconds or as a date.
func (a *API) retryAfter(o *outcome) time.Duration {
	h := strings.TrimSpace(o.header.Get("Retry-After"))
	if h == "" {
		return 0
	}
	d := time.Duration(0)
	if s, err := strconv.Atoi(h); err == nil {
		d = time.Duration(min(s, 86400)) * time.Second
	} else if at, err := http.ParseTime(h); err == nil {
		d = time.Until(at)
		if off, ok := o.offset(); ok {
			d -= off // the date is on the cloud's clock
		}
	}
	return min(max(d, 0), a.limits.RetryAfterMax)
}
