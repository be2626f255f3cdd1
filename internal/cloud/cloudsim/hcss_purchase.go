package cloudsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// What the purchase's parameters may be (API Reference, Tables 4-1 to 4-5).
var (
	clientRequestIDForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)
	nameForm            = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
	extraTypes          = []string{"evs", "cbr", "hss"}
)

const (
	maxName        = 128
	maxDescription = 1024
	maxTagValue    = 2048
	maxQuantity    = 200
	minExtraGiB    = 10
	maxExtraGiB    = 2048
	maxMonths      = 9
	maxYears       = 3
)

// purchaseRequest is the body of a purchase that keeps to the tables.
type purchaseRequest struct {
	name, description, spec, region string
	imageName, imageVersion         string
	imageID                         string
	yearly                          bool
	months                          int
	quantity                        int
	autoRenew, autoPay              bool
	extras                          []extra
	tags                            map[string]string
}

// purchase answers POST /v1/light-instances (API Reference 4.1).
func (c *Cloud) purchase(x *exchange) reply {
	a := x.caller.acct
	if a.TokenOnlyPurchase && !x.caller.byToken {
		return refuse(unauthorized("X-Auth-Token is required"))
	}
	if f := checkPurchaseHeaders(x.r); f != nil {
		return refuse(f)
	}
	q, f := readPurchase(x.body)
	if f != nil {
		return refuse(f)
	}
	if a.region(x.caller.project) != q.region {
		return refuse(&failure{status: http.StatusForbidden, code: "APIGW.0302",
			message: "The project of the credential is not that of the region " + q.region})
	}
	if f := c.checkOffer(a, q); f != nil {
		return refuse(f)
	}
	if a.Quota > 0 && c.living(a, x.now)+q.quantity > a.Quota {
		return refuse(&failure{status: http.StatusBadRequest, code: "HCSS.14000011", message: "Insufficient quota."})
	}
	if f, is := x.fault("altered"); is {
		q.alter(f)
	}
	price := q.price()
	_, poor := x.fault("no_balance")
	if q.autoPay && (poor || c.funds(a, x.now) < price) {
		return refuse(&failure{status: http.StatusBadRequest, code: "HCSS.14000003",
			message: "CBC service request exception. The balance is insufficient."})
	}
	o := c.newOrder(a, x.caller.user(), q, x.now)
	o.ClientRequestID, o.RequestID = x.r.Header.Get("Client-Request-Id"), x.requestID
	o.planFaults(x)
	c.state.addOrder(o)
	recs := []record{rec("order", o)}
	if q.autoPay {
		recs = c.settlePayment(a, o, x)
	}
	if err := c.commit(recs...); err != nil {
		return refuse(&failure{status: http.StatusInternalServerError, code: "HCSS.15000001", message: "Server exception."})
	}
	return reply{status: http.StatusAccepted, body: obj{"order_id": o.ID, "instance_ids": slices.Clone(o.Instances)}}
}

func invalid(format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, code: "HCSS.14000001", message: "Invalid parameter. " + fmt.Sprintf(format, args...)}
}

func checkPurchaseHeaders(r *http.Request) *failure {
	if id := r.Header.Get("Client-Request-Id"); len(id) < 36 || len(id) > 128 || !clientRequestIDForm.MatchString(id) {
		return invalid("Client-Request-Id has 36 to 128 letters, digits and hyphens and begins with a letter or digit.")
	}
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); strings.TrimSpace(kind) != "application/json" {
		return invalid("Content-Type is application/json.")
	}
	return nil
}

// readPurchase checks the body field by field. Unknown fields are ignored, "ExtraResources" among them, which the
// reference's table has for extra_resources.
func readPurchase(body []byte) (purchaseRequest, *failure) {
	b, err := readFields(body)
	if err != nil {
		return purchaseRequest{}, invalid("The body is not a JSON object.")
	}
	q := purchaseRequest{}
	q.name = b.text("instance_name", true)
	q.description = b.text("description", false)
	q.spec = b.text("plan_spec", true)
	q.region = b.text("region", true)
	mode := b.text("charging_mode", false)
	q.quantity = b.integer("purchase_quantity", 1)
	q.autoRenew = b.boolean("is_auto_renew")
	q.autoPay = b.boolean("is_auto_pay")
	q.readPeriod(b)
	q.readImage(b)
	q.readExtras(b)
	q.readTags(b)
	b.demand(len(q.name) <= maxName && nameForm.MatchString(q.name),
		"instance_name has 1 to 128 letters, digits, _ and - and begins with a letter")
	b.demand(utf8.RuneCountInString(q.description) <= maxDescription, "description has at most 1024 characters")
	b.demand(mode == "" || mode == "prePaid", "charging_mode is prePaid")
	b.demand(q.quantity >= 1 && q.quantity <= maxQuantity, "purchase_quantity is 1 to 200")
	b.demand(slices.Contains(soldRegions, q.region), "region is not one in which instances are sold")
	_, known := specByCode(q.spec)
	b.demand(known, "plan_spec is not a specification code")
	if b.problem != "" {
		return purchaseRequest{}, invalid("%s.", b.problem)
	}
	return q, nil
}

func (q *purchaseRequest) readPeriod(b *fields) {
	kind := b.text("period_type", true)
	n := b.count("period_num")
	b.demand(kind == "month" || kind == "year", "period_type is month or year")
	q.yearly = kind == "year"
	if q.yearly {
		b.demand(n >= 1 && n <= maxYears, "period_num is 1 to 3 years")
		q.months = 12 * n
		return
	}
	b.demand(n >= 1 && n <= maxMonths, "period_num is 1 to 9 months")
	q.months = n
}

// readImage reads name and version, or the id of a private image. The table calls image_ref optional; an instance
// without an image cannot be made.
func (q *purchaseRequest) readImage(b *fields) {
	raw, given := b.raw["image_ref"]
	b.demand(given && string(raw) != "null", "image_ref is missing")
	ref, err := readFields(raw)
	b.demand(err == nil || !given, "image_ref is an object")
	if err != nil {
		return
	}
	q.imageName, q.imageVersion, q.imageID = ref.text("image_name", false), ref.text("image_version", false), ref.text("image_id", false)
	b.take(ref, "image_ref")
	if q.imageID != "" {
		b.demand(q.imageName == "" && q.imageVersion == "", "image_ref has image_id, or image_name and image_version")
		return
	}
	b.demand(q.imageName != "" && q.imageVersion != "", "image_ref has image_id, or image_name and image_version")
}

func (q *purchaseRequest) readExtras(b *fields) {
	for i, e := range b.objects("extra_resources") {
		kind := e.text("type", true)
		size := e.integer("size", 0)
		b.take(e, fmt.Sprintf("extra_resources[%d]", i))
		b.demand(slices.Contains(extraTypes, kind), "extra_resources has the types evs, cbr and hss")
		if kind == "hss" {
			b.demand(!e.has("size"), "extra_resources of the type hss has no size")
		} else {
			b.demand(size >= minExtraGiB && size <= maxExtraGiB, "extra_resources has sizes of 10 to 2048")
		}
		q.extras = append(q.extras, extra{Type: kind, Size: size})
	}
}

func (q *purchaseRequest) readTags(b *fields) {
	for i, e := range b.objects("tags") {
		key := e.text("key", true)
		value := e.text("value", true)
		b.take(e, fmt.Sprintf("tags[%d]", i))
		b.demand(len(key) <= 32 && nameForm.MatchString(key), "tags have keys of 1 to 32 letters, digits, _ and - that begin with a letter")
		b.demand(utf8.RuneCountInString(value) <= maxTagValue, "tags have values of at most 2048 characters")
		if q.tags == nil {
			q.tags = map[string]string{}
		}
		q.tags[key] = value
	}
}

// checkOffer holds image, version, specification and region against Tables 4-9 to 4-11.
func (c *Cloud) checkOffer(a *account, q purchaseRequest) *failure {
	if q.imageID == "" {
		if !sells(q.imageName, q.imageVersion, q.spec, q.region, c.state.meta.Odoo) {
			return invalid("The image %s %s is not sold with %s in %s.", q.imageName, q.imageVersion, q.spec, q.region)
		}
		return nil
	}
	im := c.state.image(a, q.imageID)
	if im == nil || im.Region != q.region || im.Status != "active" {
		return &failure{status: http.StatusBadRequest, code: "HCSS.14000008",
			message: "IMS service request exception. The image is not available in the region."}
	}
	if !sellsPrivate(im.OSType == "Windows", q.spec) {
		return invalid("The specification %s does not fit an image of %s.", q.spec, im.OSType)
	}
	return nil
}

// living counts what a quota counts: instances, and those that unpaid or running orders will add.
func (c *Cloud) living(a *account, now time.Time) int {
	n := 0
	for _, in := range c.state.owned[a.ID] {
		if in.exists(now) {
			n++
		}
	}
	for _, o := range c.state.orders {
		if s := o.status(now); o.Account == a.ID && (s == statusUnpaid || s == statusProcessing) {
			n += o.Quantity
			for _, id := range o.Instances {
				if in := c.state.instances[id]; in != nil && in.exists(now) {
					n-- // counted above
				}
			}
		}
	}
	return n
}

// fields reads a JSON object strictly and remembers the first problem.
type fields struct {
	raw     map[string]json.RawMessage
	problem string
}

func readFields(body []byte) (*fields, error) {
	b := &fields{}
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return b, errNotObject
	}
	return b, json.Unmarshal(trimmed, &b.raw)
}

func (b *fields) demand(holds bool, problem string) {
	if !holds && b.problem == "" {
		b.problem = problem
	}
}

// take carries the problem of a nested object up.
func (b *fields) take(inner *fields, where string) {
	b.demand(inner.problem == "", where+": "+inner.problem)
}

func (b *fields) has(name string) bool {
	raw, given := b.raw[name]
	return given && string(raw) != "null"
}

func (b *fields) text(name string, required bool) string {
	if !b.has(name) {
		b.demand(!required, name+" is missing")
		return ""
	}
	var s string
	b.demand(json.Unmarshal(b.raw[name], &s) == nil, name+" is a string")
	return s
}

func (b *fields) boolean(name string) bool {
	var v bool
	if b.has(name) {
		b.demand(json.Unmarshal(b.raw[name], &v) == nil, name+" is true or false")
	}
	return v
}

func (b *fields) integer(name string, otherwise int) int {
	if !b.has(name) {
		return otherwise
	}
	n, err := strconv.Atoi(string(b.raw[name]))
	b.demand(err == nil, name+" is a whole number")
	return n
}

// count is a number as in the reference's example, or a string of digits as in its table.
func (b *fields) count(name string) int {
	if !b.has(name) {
		b.demand(false, name+" is missing")
		return 0
	}
	text := string(b.raw[name])
	if text[0] == '"' {
		_ = json.Unmarshal(b.raw[name], &text) // it is valid JSON already
	}
	n, err := strconv.Atoi(text)
	b.demand(err == nil && text[0] != '+', name+" is a whole number")
	return n
}

func (b *fields) objects(name string) []*fields {
	if !b.has(name) {
		return nil
	}
	var raws []json.RawMessage
	if json.Unmarshal(b.raw[name], &raws) != nil {
		b.demand(false, name+" is a list")
		return nil
	}
	out := make([]*fields, 0, len(raws))
	for _, raw := range raws {
		f, err := readFields(raw)
		b.demand(err == nil, name+" is a list of objects")
		out = append(out, f)
	}
	return out
}
