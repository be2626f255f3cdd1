package cloudsim

import (
	"bytes"
	"net/http"
	"strconv"
)

const (
	portalPage = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Please sign in to the network</form></body></html>"
	proxyPage  = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)

// before applies the faults that happen instead of the call. done means there is an answer, or none will come.
func (c *Cloud) before(x *exchange) (rp reply, cut cut, done bool) {
	if f, is := x.fault("extra_order"); is {
		c.extraOrders(x, f)
	}
	if _, is := x.fault("drop_before"); is {
		return reply{}, sendNothing, true
	}
	for _, f := range x.hits {
		if rp, is := c.instead(x, f); is && !f.Effect {
			return rp, sendAll, true
		}
	}
	return reply{}, sendAll, false
}

// instead is the answer that a fault gives instead of the real one.
func (c *Cloud) instead(x *exchange, f Fault) (reply, bool) {
	html := func(status int, page string) reply {
		return reply{status: status, header: http.Header{"Content-Type": {"text/html"}}, body: rawBody(page)}
	}
	switch f.Kind {
	case "status":
		return replacement(x.route.service, f), true
	case "throttle":
		rp := refuse(&failure{status: http.StatusTooManyRequests, code: throttleCode(x.route.service),
			message: "Too many requests. Try again later."})
		if f.RetryAfter > 0 {
			rp.header = http.Header{"Retry-After": {strconv.Itoa(f.RetryAfter)}}
		}
		return rp, true
	case "throttle_202":
		said := obj{"error": obj{"code": "Common.0024", "message": "exceeds flow over limit"}}
		return reply{status: http.StatusAccepted, body: said}, true
	case "html_200":
		return html(http.StatusOK, portalPage), true
	case "html_502":
		return html(http.StatusBadGateway, proxyPage), true
	case "redirect":
		return reply{status: http.StatusFound, header: http.Header{"Location": {"https://auth.example.invalid/login"}}}, true
	case "wrong_number":
		return c.misnumbered(x)
	case "sold_out":
		return refuse(&failure{status: http.StatusBadRequest, code: "HCSS.14000010", message: "Insufficient specifications."}), true
	case "no_balance":
		if x.route.call == "pay" {
			return refuse(&failure{status: http.StatusBadRequest, code: "CBC.99005003", message: "Insufficient balance."}), true
		}
	}
	return reply{}, false
}

// replacement words a status fault; what it leaves out is the service's own failure.
func replacement(service string, f Fault) reply {
	status, code, message := f.Status, f.Code, f.Message
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if code == "" {
		code = codeFor(service, status)
	}
	if message == "" {
		message = http.StatusText(status)
	}
	rp := refuse(&failure{status: status, code: code, message: message})
	if f.RetryAfter > 0 {
		rp.header = http.Header{"Retry-After": {strconv.Itoa(f.RetryAfter)}}
	}
	return rp
}

// codeFor is what a service usually says with a status.
func codeFor(service string, status int) string {
	switch {
	case service == "iam" && status != http.StatusForbidden:
		return strconv.Itoa(status)
	case status == http.StatusUnauthorized:
		return "APIGW.0301"
	case status == http.StatusForbidden:
		return "APIGW.0302"
	case status == http.StatusNotFound:
		return "APIGW.0101"
	case status == http.StatusTooManyRequests:
		return throttleCode(service)
	case status < 500 && service == "hcss":
		return "HCSS.14000001"
	case status < 500 && service == "bss":
		return "CBC.0100"
	case status < 500 && service == "ecs":
		return "Ecs.0005"
	case status < 500 && service == "ces":
		return "ces.0014"
	}
	return internalCode(service)
}

func throttleCode(service string) string {
	switch service {
	case "hcss":
		return "HCSS.14290001"
	case "bss":
		return "CBC.0250"
	}
	return "APIGW.0308"
}

// after changes the answer of a call that took effect, as faults say.
func (c *Cloud) after(x *exchange, rp reply) (reply, cut) {
	out := sendAll
	for _, f := range x.hits {
		if other, is := c.instead(x, f); is && f.Effect {
			rp = replaceAnswer(rp, other, f)
		}
		switch f.Kind {
		case "delay":
			c.wait(x.r.Context().Done(), f.Delay)
		case "drop_after":
			out = max(out, sendNothing)
		case "truncate":
			out = max(out, sendHalf)
		case "garble":
			rp.body = garbled(x.encode(rp))
		case "oversize":
			rp.body = oversized(x.encode(rp))
		case "no_order_id", "instances_ids", "empty_ids":
			rp.body = withoutIDs(rp, f.Kind)
		case "strange_number":
			rp = numbered(rp, f.Message, c.instancesOf(f.Message))
		case "empty", "short", "cut", "endless", "as_printed", "no_package", "no_eip", "unsaid":
			if rp.status == http.StatusOK {
				rp.body = misprint(x.encode(rp), f)
			}
		}
	}
	if out == sendHalf && rp.body == nil { // an empty answer cannot be halved
		out = sendNothing
	}
	return rp, out
}

func garbled(raw []byte) rawBody {
	return append(append(rawBody{}, raw[:len(raw)/3]...), "\x00\xff<<&garbled"...)
}

// oversized stays JSON where it was an object.
func oversized(raw []byte) rawBody {
	pad := bytes.Repeat([]byte("x"), 9<<20)
	if len(raw) < 2 || raw[0] != '{' {
		return append(append(rawBody{}, raw...), bytes.Repeat([]byte(" "), 9<<20)...)
	}
	sep := ","
	if raw[1] == '}' {
		sep = ""
	}
	return append(append(append(append(rawBody(`{"padding":"`), pad...), '"'), sep...), raw[1:]...)
}

// withoutIDs rewrites the answer of a purchase; refusals stay as they are.
func withoutIDs(rp reply, kind string) any {
	in, is := rp.body.(obj)
	if !is {
		return rp.body
	}
	out := obj{}
	for k, v := range in {
		out[k] = v
	}
	switch kind {
	case "no_order_id":
		delete(out, "order_id")
	case "instances_ids":
		out["instances_ids"] = out["instance_ids"]
		delete(out, "instance_ids")
	case "empty_ids":
		out["instance_ids"] = list{}
	}
	return out
}
