package cloudsim

import (
	"strconv"
	"time"
)

const (
	maxUsageDays = 90
	day          = 24 * time.Hour
)

// usage answers GET /v2/bills/customer-bills/free-resources-usage-records: what a package was charged each day, Beijing
// time, newest first. A day is charged in the early morning after it.
func (c *Cloud) usage(x *exchange) reply {
	begin, bad1 := time.ParseInLocation(time.DateOnly, x.query("deduct_time_begin"), huaweiTime)
	end, bad2 := time.ParseInLocation(time.DateOnly, x.query("deduct_time_end"), huaweiTime)
	offset, bad := x.number("offset", 0, 0, 1<<30, bad1 != nil || bad2 != nil)
	limit, bad := x.number("limit", 10, 1, 1000, bad)
	if bad || end.Before(begin) || end.Sub(begin) > maxUsageDays*day {
		return refuse(badParameter("deduct_time_begin, deduct_time_end, offset or limit"))
	}
	hits := list{}
	for _, in := range c.charged(x) {
		for from := end; !from.Before(begin); from = from.Add(-day) {
			if r := in.chargedOn(x, from); r != nil {
				hits = append(hits, r)
			}
		}
	}
	return ok(obj{"free_resource_records": page(hits, offset, limit), "total_count": len(hits)})
}

// charged are the instances whose packages are asked for.
func (c *Cloud) charged(x *exchange) []*instance {
	id := x.query("free_resource_id")
	if id == "" {
		return c.state.owned[x.caller.acct.ID]
	}
	in := c.state.packages[id]
	if in == nil || in.Account != x.caller.acct.ID || !in.packageKnown(x.now) {
		return nil
	}
	return []*instance{in}
}

// chargedOn is the record of one day, nil when nothing was used or the day is not counted yet.
func (in *instance) chargedOn(x *exchange, from time.Time) obj {
	to := from.Add(day)
	if to.Add(2 * time.Hour).After(x.now) {
		return nil
	}
	before, after := in.usedAt(from), in.usedAt(to)
	if after < before { // a new cycle began in between
		before = 0
	}
	if after-before < 0.005 {
		return nil
	}
	total := float64(in.spec().packageGB)
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	name, _ := packageName(x)
	return obj{"deduct_time": stamp(to.Add(2 * time.Hour)), "free_resource_id": in.packageID(), "resource_id": in.eipID(),
		"resource_type_code": "hws.resource.type.bandwidth", "resource_type_name": "Bandwidth", "resource_tag": "",
		"product_id": productID("package"), "product_name": name, "usage_type_code": "upflow", "available_amount": number(total - before),
		"remaining_amount": number(total - after), "used_amount": number(after - before), "measure_id": 10, "effective_time": stamp(from),
		"expire_time": stamp(to)}
}

// usedAt is what the cycle of a moment had used by then.
func (in *instance) usedAt(at time.Time) float64 {
	if at.Before(in.Delivered) || at.After(in.Expires) {
		return 0
	}
	left, total := in.left(at)
	return total - left
}
