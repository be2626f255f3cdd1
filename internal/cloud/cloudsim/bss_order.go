package cloudsim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// bssError is an error of the billing service.
func bssError(code, message string) *failure {
	return &failure{status: http.StatusBadRequest, code: code, message: message}
}

func badParameter(name string) *failure {
	return bssError("CBC.0100", "Parameter error: "+name)
}

// decode reads a request body of BSS; false means it does not have the form of v.
func decode(body []byte, v any) bool {
	return len(body) == 0 || json.Unmarshal(body, v) == nil
}

// orderHead are the fields that order list and details share.
type orderHead struct {
	OrderID     string  `json:"order_id"`
	CustomerID  string  `json:"customer_id"`
	ServiceType string  `json:"service_type_code"`
	ServiceName string  `json:"service_type_name"`
	Source      int     `json:"source_type"`
	Status      int     `json:"status"`
	Type        int     `json:"order_type"`
	Amount      cents   `json:"amount_after_discount"`
	Official    cents   `json:"official_amount"`
	Measure     int     `json:"measure_id"`
	Created     string  `json:"create_time"`
	Paid        any     `json:"payment_time"`
	Currency    string  `json:"currency"`
	Contract    any     `json:"contract_id"`
	AmountInfo  amounts `json:"amount_info"`
	SubOrders   any     `json:"sub_order_infos"`
}

type amounts struct {
	Discounts    list  `json:"discounts"`
	FlexCoupon   cents `json:"flexipurchase_coupon_amount"`
	Coupon       cents `json:"coupon_amount"`
	StoredCard   cents `json:"stored_card_amount"`
	Commission   cents `json:"commission_amount"`
	ConsumedInfo cents `json:"consumed_amount"`
}

type orderItem struct {
	orderHead
	Projects list `json:"enterprise_projects"`
	AgentPay any  `json:"agent_pay_info"`
}

type orderInfo struct {
	orderHead
	User     string `json:"user_name,omitempty"`
	Deadline string `json:"pending_payment_end_time"`
}

type orderLine struct {
	ID          string  `json:"order_line_item_id"`
	ServiceType string  `json:"service_type_code"`
	ServiceName string  `json:"service_type_name"`
	Product     string  `json:"product_id"`
	Desc        string  `json:"product_spec_desc"`
	PeriodType  int     `json:"period_type"`
	PeriodNum   int     `json:"period_num"`
	Effective   any     `json:"effective_time"`
	Expires     any     `json:"expire_time"`
	Count       int     `json:"subscription_num"`
	Amount      cents   `json:"amount_after_discount"`
	Official    cents   `json:"official_amount"`
	AmountInfo  amounts `json:"amount_info"`
	Currency    string  `json:"currency"`
	Category    string  `json:"category_code"`
	Owner       string  `json:"product_owner_service"`
	Resource    string  `json:"commercial_resource"`
	BaseProduct any     `json:"base_product_info"`
	OrderID     string  `json:"order_id"`
}

var defaultProject = obj{"id": "0", "name": "default"}

func (a *account) orderHead(o *order, now time.Time) orderHead {
	return orderHead{OrderID: o.ID, CustomerID: a.ID, ServiceType: flexusType, ServiceName: flexusName, Source: 1,
		Status: o.status(now), Type: 1, Amount: cents(o.Cents), Official: cents(o.Cents), Measure: 1,
		Created: stamp(o.Created), Paid: stampOrNil(o.Paid), Currency: a.Currency, AmountInfo: amounts{Discounts: list{}}}
}

// orderFilter is what GET …/customer-orders can be asked for.
type orderFilter struct {
	id, service                            string
	status, kind                           int
	from, to, paidFrom, paidTo             time.Time
	hasFrom, hasTo, hasPaidFrom, hasPaidTo bool
}

func readOrderFilter(x *exchange) (orderFilter, *failure) {
	f := orderFilter{id: x.query("order_id"), service: x.query("service_type_code")}
	var bad bool
	f.status, bad = x.number("status", 0, 1, 20, bad)
	f.kind, bad = x.number("order_type", 0, 1, 20, bad)
	for _, t := range []struct {
		name string
		at   *time.Time
		has  *bool
	}{{"create_time_begin", &f.from, &f.hasFrom}, {"create_time_end", &f.to, &f.hasTo},
		{"payment_time_begin", &f.paidFrom, &f.hasPaidFrom}, {"payment_time_end", &f.paidTo, &f.hasPaidTo}} {
		if s := x.query(t.name); s != "" {
			var is bool
			*t.at, is = parseStamp(s)
			*t.has, bad = is, bad || !is
		}
	}
	if bad {
		return f, badParameter("query")
	}
	return f, nil
}

func (f orderFilter) fits(o *order, now time.Time) bool {
	created := o.Created.Truncate(time.Second)
	paid := o.Paid.Truncate(time.Second)
	switch {
	case f.id != "" && f.id != o.ID,
		f.service != "" && f.service != flexusType,
		f.kind > 1, // there are only purchases
		f.status != 0 && f.status != o.status(now),
		f.hasFrom && created.Before(f.from), f.hasTo && created.After(f.to),
		f.hasPaidFrom && (o.Paid.IsZero() || paid.Before(f.paidFrom)),
		f.hasPaidTo && (o.Paid.IsZero() || paid.After(f.paidTo)):
		return false
	}
	return o.visible(now)
}

// listOrders answers GET /v2/orders/customer-orders. The newest come first unless order_by=createTime.
func (c *Cloud) listOrders(x *exchange) reply {
	filter, f := readOrderFilter(x)
	if f != nil {
		return refuse(f)
	}
	var bad bool
	limit, bad := x.number("limit", 10, 1, 100, bad)
	offset, bad := x.number("offset", 0, 0, 1<<30, bad)
	by := x.query("order_by")
	if bad || by != "" && by != "createTime" && by != "-createTime" {
		return refuse(badParameter("limit, offset or order_by"))
	}
	var hits []*order
	for _, o := range c.state.orders {
		if o.Account != x.caller.acct.ID {
			continue
		}
		if o = o.seen(x); o != nil && filter.fits(o, x.now) {
			hits = append(hits, o)
		}
	}
	slices.SortStableFunc(hits, func(a, b *order) int {
		if by == "createTime" {
			a, b = b, a
		}
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID))
	})
	items := make([]orderItem, 0, limit)
	for _, o := range page(hits, offset, limit) {
		items = append(items, orderItem{orderHead: x.caller.acct.orderHead(o, x.now), Projects: list{defaultProject}})
	}
	return ok(obj{"total_count": len(hits), "order_infos": items})
}

// page is hits[offset:offset+limit] as far as there are so many.
func page[T any](hits []T, offset, limit int) []T {
	from := min(offset, len(hits))
	return hits[from:min(len(hits), from+limit)]
}

// find is the account's order, if it can be seen yet.
func (c *Cloud) find(x *exchange, id string) *order {
	o := c.state.byOrder[id]
	if o == nil || o.Account != x.caller.acct.ID || !o.visible(x.now) {
		return nil
	}
	return o.seen(x)
}

// showOrder answers GET /v2/orders/customer-orders/details/{order_id}.
func (c *Cloud) showOrder(x *exchange) reply {
	var bad bool
	limit, bad := x.number("limit", 10, 1, 100, bad)
	offset, bad := x.number("offset", 0, 0, 1<<30, bad)
	if bad {
		return refuse(badParameter("limit or offset"))
	}
	o := c.find(x, x.params[0])
	if o == nil {
		return refuse(bssError("CBC.30000010", "The order is invalid or does not exist."))
	}
	lines := c.orderLines(x.caller.acct, o, x.now)
	info := orderInfo{orderHead: x.caller.acct.orderHead(o, x.now), User: o.User, Deadline: stamp(o.payUntil())}
	if x.caller.acct.NoUser {
		info.User = ""
	}
	if x.r.Header.Get("X-Language") != "en_US" { // the cloud's default is Chinese
		info.ServiceName = flexusChinese
		for i := range lines {
			lines[i].ServiceName, lines[i].Desc = flexusChinese,
				strings.NewReplacer(" vCPUs", "核", " GiB", "GB", " Mbit/s", "Mbit/s").Replace(lines[i].Desc)
		}
	}
	return ok(obj{"total_count": len(lines), "order_line_items": page(lines, offset, limit), "order_info": info})
}

func (c *Cloud) orderLines(a *account, o *order, now time.Time) []orderLine {
	var out []orderLine
	var starts, ends any
	if o.status(now) == statusCompleted {
		starts, ends = stamp(o.Ready), stamp(expiryAfter(o.Ready, o.Months))
	}
	kind, num := o.terms()
	for i, l := range billLines(o.Spec, o.Region, o.Months, o.Yearly, o.Quantity, o.Extras) {
		out = append(out, orderLine{ID: fmt.Sprintf("%s-%06d", o.ID, i+1), ServiceType: flexusType, ServiceName: flexusName,
			Product: productID(o.Spec + l.thing), Desc: l.desc, PeriodType: kind, PeriodNum: num, Effective: starts, Expires: ends,
			Count: o.Quantity, Amount: cents(l.cents), Official: cents(l.cents), AmountInfo: amounts{Discounts: list{}},
			Currency: a.Currency, Owner: flexusType, Resource: l.thing, OrderID: o.ID})
	}
	return out
}

// pay answers POST /v3/orders/customer-orders/pay.
func (c *Cloud) pay(x *exchange) reply {
	var in struct {
		OrderID     string            `json:"order_id"`
		UseCoupon   string            `json:"use_coupon"`
		UseDiscount string            `json:"use_discount"`
		Coupons     []json.RawMessage `json:"coupon_infos"`
		Discounts   []json.RawMessage `json:"discount_infos"`
	}
	yesNo := func(s string) bool { return s == "YES" || s == "NO" }
	switch {
	case !decode(x.body, &in) || in.OrderID == "":
		return refuse(badParameter("order_id"))
	case !yesNo(in.UseCoupon) || !yesNo(in.UseDiscount):
		return refuse(badParameter("use_coupon and use_discount are YES or NO"))
	case (in.UseCoupon == "YES") != (len(in.Coupons) > 0), len(in.Coupons) > 3:
		return refuse(badParameter("coupon_infos"))
	case (in.UseDiscount == "YES") != (len(in.Discounts) > 0), len(in.Discounts) > 1:
		return refuse(badParameter("discount_infos"))
	case in.UseCoupon == "YES":
		return refuse(bssError("CBC.99003108", "The coupon cannot be used."))
	case in.UseDiscount == "YES":
		return refuse(bssError("CBC.99003116", "The discount cannot be used."))
	}
	a, o := x.caller.acct, c.find(x, in.OrderID)
	if o == nil {
		return refuse(bssError("CBC.30000010", "The order is invalid or does not exist."))
	}
	if f := c.checkPayable(a, o, x.now); f != nil {
		return refuse(f)
	}
	o.planFaults(x)
	if err := c.commit(c.settlePayment(a, o, x)...); err != nil {
		return refuse(&failure{status: http.StatusInternalServerError, code: "CBC.0999", message: "Internal error."})
	}
	return reply{status: http.StatusNoContent}
}

func (c *Cloud) checkPayable(a *account, o *order, now time.Time) *failure {
	switch {
	case o.Paid.IsZero() && o.Cancelled.IsZero() && now.After(o.payUntil()):
		return bssError("CBC.99003110", "The payment deadline has passed.")
	case o.status(now) != statusUnpaid:
		return bssError("CBC.99003106", "The order state has changed.")
	case c.funds(a, now) < o.Cents:
		return bssError("CBC.99005003", "Insufficient balance.")
	}
	return nil
}

// cancelOrder answers PUT /v2/orders/customer-orders/cancel.
func (c *Cloud) cancelOrder(x *exchange) reply {
	var in struct {
		OrderID string `json:"order_id"`
	}
	if !decode(x.body, &in) || in.OrderID == "" {
		return refuse(badParameter("order_id"))
	}
	o := c.find(x, in.OrderID)
	if o == nil {
		return refuse(bssError("CBC.30000010", "The order is invalid or does not exist."))
	}
	if o.status(x.now) != statusUnpaid {
		return refuse(bssError("CBC.99005010", "The order cannot be cancelled in its state."))
	}
	o.Cancelled = x.now
	if err := c.commit(rec("order", o)); err != nil {
		return refuse(&failure{status: http.StatusInternalServerError, code: "CBC.0999", message: "Internal error."})
	}
	return reply{status: http.StatusNoContent}
}
