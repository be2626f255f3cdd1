package cloudsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Fault is a misbehaviour to come. Faults live in memory only.
//
// Calls: token, projects, auth_projects, domains (IAM); purchase (HCSS); instances, instance_count, instance (Config);
// server, servers, update_server, server_tags, change_tags, server_tag_list, reset_flag, console, server_limits (ECS);
// metrics (CES); orders, order, pay, cancel, resources, price, spec_check, balance, traffic, packages, usage,
// autorenew_on, autorenew_off (BSS); images (IMS); "*" is every call.
//
// Kinds that replace the answer; nothing takes effect unless Effect is set:
//
//	status        Status with Code and Message in the shape of the service (Status 500 and its code if left out)
//	throttle      429, with RetryAfter seconds if given
//	throttle_202  202 with the error Common.0024, as ECS throttles
//	html_200      200 with the page of some portal
//	html_502      502 with the page of some proxy
//	redirect      302 to another host
//	drop_before   the connection ends before anything takes effect
//	wrong_number  purchase: 202 with an order number that billing never has; with Effect the order is placed, under
//	              another number
//	sold_out      purchase: 400 HCSS.14000010
//	no_balance    pay: CBC.99005003; purchase: 400 HCSS.14000003 when it pays at once
//
// Kinds that change the answer after the effect:
//
//	drop_after    the connection ends: the order exists, and no answer is sent
//	delay         the answer comes Delay later
//	truncate      half the body, then the connection ends
//	garble        the body is not JSON
//	oversize      the body is 9 MiB longer
//	no_order_id   a 2xx without order_id
//	instances_ids the ids under the key of the reference's prose
//	empty_ids     no ids in the answer
//	strange_number the answer has Message as order_id, and the ids of that order's instances if there is such an order
//	empty         the lists of the answer are empty and their counts 0 (Config with its recorder off)
//	short         the first Count entries (default 1) of each list are missing, its counts follow
//	cut           the first Count entries (default 1) of each list are missing, its counts still say all
//	aged          orders, order, resources, instances: the answer is the one of Delay ago
//	no_package    instances, instance: without the data package
//	no_eip        instances, instance: without the public address
//	stale         instances, instance: names and states as delivered, without later changes
//	unsaid        reset_flag: the answer does not say; console: it has no address
//	endless       instances: there is always a next page, and it is this one
//	as_printed    instances, instance: provider hcsl, and the parts beside the properties, as in the reference's example
//
// Kinds that change what becomes of the order that a purchase places (or, with the call pay, that is paid):
//
//	partial       Count instances come to be (default: one less than ordered)
//	stuck         the order stays in processing
//	order_fails   it ends cancelled and refunded (Status 4, default) or pending refund (Status 2)
//	altered       purchase: Count servers are ordered instead (default: one more), or those ordered of the specification
//	              Code instead, or both when both are given; the answer is that of the altered order
//	late          orders, order and resources do not show it until Delay has passed
//	invisible     they never show it
//	gone          they show it until Delay has passed, and never again; what was paid till then is delivered
//	extra_order   somebody else places the same, unpaid, at the same time (Count of them, default 1; Message names the
//	              user, otherwise "somebody.else")
//
// And on any call: clock_skew moves the Date header by Delay.
type Fault struct {
	ID         string        `json:"id"`
	Call       string        `json:"call"`
	Kind       string        `json:"kind"`
	Times      int           `json:"times"`             // calls it hits; 0 means 1, -1 all until it is cleared
	AfterN     int           `json:"after_n,omitempty"` // matching calls that pass first
	Account    string        `json:"account,omitempty"` // only this account (id or name)
	Region     string        `json:"region,omitempty"`  // only this region (purchase: that of the body)
	Spec       string        `json:"spec,omitempty"`    // only purchases of this specification code
	Order      string        `json:"order,omitempty"`   // only calls about this order
	Resource   string        `json:"resource,omitempty"`
	Status     int           `json:"status,omitempty"`
	Code       string        `json:"code,omitempty"`
	Message    string        `json:"message,omitempty"`
	Delay      time.Duration `json:"-"`                     // JSON: "delay", a duration such as "3s"
	RetryAfter int           `json:"retry_after,omitempty"` // seconds
	Count      int           `json:"count,omitempty"`
	Effect     bool          `json:"effect,omitempty"`
}

type faultAlias Fault

// MarshalJSON writes Delay as a duration.
func (f Fault) MarshalJSON() ([]byte, error) {
	v := struct {
		faultAlias
		Delay string `json:"delay,omitempty"`
	}{faultAlias: faultAlias(f)}
	if f.Delay != 0 {
		v.Delay = f.Delay.String()
	}
	return json.Marshal(v)
}

// UnmarshalJSON reads Delay as a duration or as seconds; unknown fields are an error.
func (f *Fault) UnmarshalJSON(raw []byte) error {
	var v struct {
		faultAlias
		Delay json.RawMessage `json:"delay"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return err
	}
	*f = Fault(v.faultAlias)
	if len(v.Delay) == 0 || string(v.Delay) == "null" {
		return nil
	}
	var seconds float64
	if json.Unmarshal(v.Delay, &seconds) == nil {
		f.Delay = time.Duration(seconds * float64(time.Second))
		return nil
	}
	var text string
	err := json.Unmarshal(v.Delay, &text)
	if err == nil && text != "" {
		f.Delay, err = time.ParseDuration(text)
	}
	return err
}

// listCalls answer with a list.
var listCalls = []string{"projects", "auth_projects", "domains", "instances", "servers", "orders", "resources", "spec_check",
	"balance", "traffic", "packages", "usage", "images", "metrics", "server_tags", "server_tag_list"}

var configCalls = []string{"instances", "instance"}

// faultKinds and the calls each makes sense for; nil is all of them.
var faultKinds = map[string][]string{
	"status": nil, "throttle": nil, "throttle_202": nil, "html_200": nil, "html_502": nil, "redirect": nil,
	"drop_before": nil, "drop_after": nil, "delay": nil, "truncate": nil, "garble": nil, "oversize": nil, "clock_skew": nil,
	"sold_out": {"purchase"}, "no_balance": {"purchase", "pay"},
	"no_order_id": {"purchase"}, "instances_ids": {"purchase"}, "empty_ids": {"purchase"},
	"partial": {"purchase", "pay"}, "stuck": {"purchase", "pay"}, "order_fails": {"purchase", "pay"},
	"empty": listCalls, "short": listCalls, "no_package": configCalls, "no_eip": configCalls, "stale": configCalls,
	"unsaid": {"reset_flag", "console"}, "endless": {"instances"}, "as_printed": configCalls,
	"late": {"purchase"}, "invisible": {"purchase"}, "gone": {"purchase"}, "extra_order": {"purchase"},
	"wrong_number": {"purchase"}, "strange_number": {"purchase"}, "altered": {"purchase"},
	"cut": listCalls, "aged": {"orders", "order", "resources", "instances"},
}

func (f Fault) check() error {
	calls, known := faultKinds[f.Kind]
	switch {
	case !known:
		return fmt.Errorf("there is no kind of fault %q", f.Kind)
	case !knownCall(f.Call):
		return fmt.Errorf("there is no call %q", f.Call)
	case calls != nil && !slices.Contains(calls, f.Call):
		return fmt.Errorf("the fault %s is for %v, not for %q", f.Kind, calls, f.Call)
	case f.Kind == "order_fails":
		if f.Status != 0 && f.Status != 2 && f.Status != 4 {
			return fmt.Errorf("a failed order has the status 2 or 4")
		}
	case f.Kind == "strange_number" && f.Message == "":
		return fmt.Errorf("strange_number needs the number of an order as its message")
	case (f.Kind == "aged" || f.Kind == "gone") && f.Delay <= 0:
		return fmt.Errorf("%s needs a delay", f.Kind)
	case f.Kind == "altered":
		if _, known := specByCode(f.Code); f.Code != "" && !known || f.Count > maxQuantity {
			return fmt.Errorf("an altered order has at most %d servers, of a specification there is", maxQuantity)
		}
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("%d is not the status of an answer", f.Status)
	}
	if f.Times < -1 || f.AfterN < 0 || f.Count < 0 || f.RetryAfter < 0 {
		return fmt.Errorf("times, after_n, count and retry_after are not negative (times may be -1)")
	}
	return nil
}

// Fail arranges a fault and returns its id. It panics when the fault makes no sense: that is a mistake in a test.
func (c *Cloud) Fail(f Fault) string {
	g, err := c.AddFault(f)
	if err != nil {
		panic("cloudsim: " + err.Error())
	}
	return g.ID
}

// AddFault is Fail with an error for a fault that makes no sense.
func (c *Cloud) AddFault(f Fault) (Fault, error) {
	if err := f.check(); err != nil {
		return Fault{}, err
	}
	if f.Account != "" {
		c.mu.RLock()
		a := c.state.account(f.Account)
		c.mu.RUnlock()
		if a == nil {
			return Fault{}, fmt.Errorf("there is no account %q", f.Account)
		}
		f.Account = a.ID
	}
	return c.faults.add(f), nil
}

// ClearFaults forgets all faults; orders keep the fate they have.
func (c *Cloud) ClearFaults() { c.faults.clear("") }

// Faults lists those that can still happen.
func (c *Cloud) Faults() []Fault { return c.faults.list() }

// faultBox holds the faults to come.
type faultBox struct {
	mu   sync.Mutex
	next int
	all  []*Fault
}

func (b *faultBox) add(f Fault) Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	f.ID = strconv.Itoa(b.next)
	if f.Times == 0 {
		f.Times = 1
	}
	g := f
	b.all = append(b.all, &g)
	return f
}

func (b *faultBox) list() []Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Fault, 0, len(b.all))
	for _, f := range b.all {
		out = append(out, *f)
	}
	return out
}

// clear forgets one fault, or all with id "". It says whether there was one.
func (b *faultBox) clear(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.all)
	b.all = slices.DeleteFunc(b.all, func(f *Fault) bool { return id == "" || f.ID == id })
	return len(b.all) < before
}

// occasion is what a fault is matched against.
type occasion struct {
	call, account, region, spec, order, resource string
	dateOnly                                     bool // only clock_skew, before anything is known of the caller
}

// occasion looks into the request for what faults may name.
func (c *Cloud) occasion(x *exchange) occasion {
	o := occasion{call: x.route.call}
	if x.caller.acct != nil {
		o.account = x.caller.acct.ID
	}
	c.mu.RLock()
	if x.caller.acct != nil {
		o.region = c.regionOf(x)
	}
	c.mu.RUnlock()
	var in struct {
		Region    string   `json:"region"`
		Spec      string   `json:"plan_spec"`
		Order     string   `json:"order_id"`
		Resources []string `json:"resource_ids"`
		Packages  []string `json:"free_resource_ids"`
	}
	if len(x.body) > 0 && json.Unmarshal(x.body, &in) == nil {
		o.spec, o.order = in.Spec, in.Order
		if in.Region != "" {
			o.region = in.Region
		}
		in.Resources = append(in.Resources, in.Packages...)
		if len(in.Resources) == 1 {
			o.resource = in.Resources[0]
		}
	}
	switch n := len(x.params); x.route.call {
	case "order":
		o.order = x.params[n-1]
	case "server", "instance", "autorenew_on", "autorenew_off", "update_server", "server_tags", "change_tags", "reset_flag", "console":
		o.resource = x.params[n-1]
	case "usage":
		o.resource = x.query("free_resource_id")
	case "orders":
		o.order = x.query("order_id")
	}
	return o
}

// take returns the faults that happen now and counts them down.
func (b *faultBox) take(o occasion) []Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	var hits []Fault
	for _, f := range b.all {
		if (f.Kind == "clock_skew") != o.dateOnly || !f.fits(o) {
			continue
		}
		if f.AfterN > 0 {
			f.AfterN--
			continue
		}
		hits = append(hits, *f)
		if f.Times > 0 {
			f.Times--
		}
	}
	b.all = slices.DeleteFunc(b.all, func(f *Fault) bool { return f.Times == 0 })
	return hits
}

func (f *Fault) fits(o occasion) bool {
	same := func(want, have string) bool { return want == "" || want == have }
	return (f.Call == "*" || f.Call == o.call) && same(f.Account, o.account) && same(f.Region, o.region) &&
		same(f.Spec, o.spec) && same(f.Order, o.order) && same(f.Resource, o.resource)
}

func faultNames(fs []Fault) []string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Kind)
	}
	return out
}

// setDate sends the real clock, or what clock_skew makes of it.
func (c *Cloud) setDate(w http.ResponseWriter, x *exchange) {
	now := c.wall()
	for _, f := range c.faults.take(occasion{call: x.route.call, dateOnly: true}) {
		now = now.Add(f.Delay)
		x.hits = append(x.hits, f)
	}
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
}
