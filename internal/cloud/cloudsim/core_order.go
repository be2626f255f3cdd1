package cloudsim

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"
)

// Order states (BSS): the ones that a purchase passes.
const (
	statusRefunding  = 2
	statusProcessing = 3
	statusCancelled  = 4
	statusCompleted  = 5
	statusUnpaid     = 6
)

// How long things take at TimeScale 1, counted from the payment.
const (
	untilBorn     = 1 * time.Second  // ECS shows the server, building
	untilActive   = 4 * time.Second  // it runs
	untilReady    = 6 * time.Second  // the order is completed, BSS shows the resources
	untilListed   = 12 * time.Second // Config shows the instance
	payWithin     = 7 * 24 * time.Hour
	graceLasts    = 15 * 24 * time.Hour
	keptLasts     = 15 * 24 * time.Hour
	simulated     = " (simulated)"
	flexusName    = "Flexus L Instance" + simulated
	flexusChinese = "Flexus L实例（模拟）"
	flexusType    = "hws.service.type.hcss"
	flexusThing   = "hws.resource.type.hecsfusion"
	somebodyElse  = "somebody.else"
)

// newOrder places an unpaid order of a user, with ids for its instances. c.mu is held for writing.
func (c *Cloud) newOrder(a *account, user string, q purchaseRequest, now time.Time) *order {
	o := &order{ID: c.orderNumber(now), Account: a.ID, User: user, Name: q.name, Description: q.description,
		Region: q.region, Project: a.project(q.region), Spec: q.spec, ImageName: q.imageName, ImageVersion: q.imageVersion,
		ImageID: q.imageID, Months: q.months, Yearly: q.yearly, Quantity: q.quantity, AutoRenew: q.autoRenew,
		AutoPay: q.autoPay, Extras: q.extras, Tags: q.tags, Cents: q.price(), Created: now}
	for range q.quantity {
		o.Instances = append(o.Instances, instanceID(now, randomHex(8)))
	}
	return o
}

// orderNumber is CS, minute in Beijing, five letters or digits.
func (c *Cloud) orderNumber(now time.Time) string {
	for {
		id := "CS" + now.In(huaweiTime).Format("0601021504") + strings.ToUpper(base36(randomHex(8), 5))
		if _, taken := c.state.byOrder[id]; !taken {
			return id
		}
	}
}

// instanceID is 24 hex characters, the second of creation first.
func instanceID(now time.Time, tail16 string) string {
	return fmt.Sprintf("%08x%s", now.Unix(), tail16)
}

// planFaults keeps in the order what the faults of this request decide about its course.
func (o *order) planFaults(x *exchange) {
	for _, f := range x.hits {
		switch f.Kind {
		case "partial":
			o.Planned.Partial, o.Planned.Delivered = true, min(f.Count, o.Quantity)
			if f.Count == 0 {
				o.Planned.Delivered = o.Quantity - 1
			}
		case "stuck":
			o.Planned.Stuck = true
		case "order_fails":
			o.Planned.EndsAs = statusCancelled
			if f.Status == statusRefunding {
				o.Planned.EndsAs = statusRefunding
			}
		case "late":
			o.Visible = x.now.Add(f.Delay)
		case "gone":
			o.Hidden = x.now.Add(f.Delay)
		case "invisible":
			o.Visible = x.now.AddDate(1000, 0, 0)
		}
	}
}

// extraOrders places orders like the purchase in x, unpaid and by another user of the same account. For a purchase that
// the Sandbox would refuse it places none.
func (c *Cloud) extraOrders(x *exchange, f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	q, bad := readPurchase(x.body)
	if bad != nil || c.broken != nil {
		return
	}
	for range max(1, f.Count) {
		q.name = "other-" + randomHex(4)
		o := c.newOrder(x.caller.acct, cmp.Or(f.Message, somebodyElse), q, c.now())
		o.Foreign, o.AutoPay, o.Tags = true, false, nil
		c.state.addOrder(o)
		if c.commit(rec("order", o)) != nil {
			return
		}
	}
}

// status follows from what happened to the order and from the calendar.
func (o *order) status(now time.Time) int {
	switch {
	case !o.Cancelled.IsZero():
		return statusCancelled
	case o.Paid.IsZero() && now.After(o.payUntil()):
		return statusCancelled
	case o.Paid.IsZero():
		return statusUnpaid
	case o.Planned.Stuck || now.Before(o.Ready):
		return statusProcessing
	case o.Planned.EndsAs != 0:
		return o.Planned.EndsAs
	}
	return statusCompleted
}

func (o *order) payUntil() time.Time { return o.Created.Add(payWithin) }

// visible says whether billing shows the order.
func (o *order) visible(now time.Time) bool {
	return !now.Before(o.Visible) && (o.Hidden.IsZero() || now.Before(o.Hidden))
}

// seen is the order as billing tells this request of it: the fault aged shows it as it was. nil: it was not there yet.
func (o *order) seen(x *exchange) *order {
	if _, aged := x.fault("aged"); !aged {
		return o
	}
	if o.Created.After(x.now) {
		return nil
	}
	old := *o
	if old.Paid.After(x.now) {
		old.Paid, old.Ready = time.Time{}, time.Time{}
	}
	if old.Cancelled.After(x.now) {
		old.Cancelled = time.Time{}
	}
	return &old
}

// refunded says that the money of a paid order has come back.
func (o *order) refunded(now time.Time) bool {
	return !o.Paid.IsZero() && o.status(now) == statusCancelled
}

// settlePayment takes the money and makes the instances that will be. It returns the records of all that changed.
func (c *Cloud) settlePayment(a *account, o *order, x *exchange) []record {
	a.Cents -= o.Cents
	o.PayRequestID = x.requestID
	return append([]record{rec("account", a)}, c.deliver(a, o, x.now)...)
}

// deliver makes the instances of an order that is paid at a moment. It returns the records of all that changed.
func (c *Cloud) deliver(a *account, o *order, at time.Time) []record {
	o.Paid, o.Ready = at, at.Add(c.scaled(untilReady))
	recs := []record{rec("order", o)}
	if o.Planned.Stuck || o.Planned.EndsAs != 0 {
		return recs
	}
	n := o.Quantity
	if o.Planned.Partial {
		n = o.Planned.Delivered
	}
	for i, id := range o.Instances[:n] {
		c.state.seq++
		in := &instance{ID: id, OrderID: o.ID, Account: a.ID, Name: o.instanceName(i), Seq: c.state.seq,
			Born: at.Add(c.scaled(untilBorn)), Active: at.Add(c.scaled(untilActive)), Delivered: o.Ready,
			Listed: at.Add(c.scaled(untilListed)), Expires: expiryAfter(o.Ready, o.Months), AutoRenew: o.AutoRenew,
			Power: "ACTIVE", Pace: 0.1 + float64(hashOf(id, "pace")%60)/100}
		c.state.addInstance(in)
		recs = append(recs, rec("instance", in))
	}
	return recs
}

// instanceName numbers the instances of an order with several. A name that leaves no room for the number is cut.
func (o *order) instanceName(i int) string {
	if o.Quantity == 1 {
		return o.Name
	}
	number := fmt.Sprintf("-%04d", i+1)
	return o.Name[:min(len(o.Name), maxName-len(number))] + number
}

// funds is the balance with what failed orders gave back. c.mu is held.
func (c *Cloud) funds(a *account, now time.Time) int64 {
	sum := a.Cents
	for _, o := range c.state.orders {
		if o.Account == a.ID && o.Planned.EndsAs == statusCancelled && o.refunded(now) {
			sum += o.Cents
		}
	}
	return sum
}

// line is what an order bills: the instances, then each kind of extra.
type line struct {
	thing, desc string
	cents       int64
}

// regionPercent makes regions differ, as they do.
var regionPercent = map[string]int64{hongKong: 100, singapore: 100, bangkok: 105, istanbul: 95, saoPaulo: 130, riyadh: 120}

const (
	diskCentsPerGiB  = 10
	vaultCentsPerGiB = 4
	securityCents    = 200
	monthsOfAYear    = 10 // a year costs ten months
)

// billed turns a monthly price in cents into that of a term in a region.
func billed(monthly int64, region string, months int, yearly bool) int64 {
	n := int64(months)
	if yearly {
		n = int64(months) / 12 * monthsOfAYear
	}
	return int64(math.Round(float64(monthly*regionPercent[region]*n) / 100))
}

func billLines(spec, region string, months int, yearly bool, quantity int, extras []extra) []line {
	s, _ := specByCode(spec)
	q := int64(quantity)
	lines := []line{{thing: flexusThing, desc: s.description(), cents: q * billed(s.monthlyCent, region, months, yearly)}}
	for _, e := range extras {
		switch e.Type {
		case "evs":
			lines = append(lines, line{"hws.resource.type.volume", fmt.Sprintf("Data disk | %d GiB", e.Size),
				q * billed(int64(e.Size)*diskCentsPerGiB, region, months, yearly)})
		case "cbr":
			lines = append(lines, line{"hws.resource.type.cbr", fmt.Sprintf("Backup vault | %d GiB", e.Size),
				q * billed(int64(e.Size)*vaultCentsPerGiB, region, months, yearly)})
		case "hss":
			lines = append(lines, line{"hws.resource.type.hss", "Host security", q * billed(securityCents, region, months, yearly)})
		}
	}
	return lines
}

func (s specification) description() string {
	mem := fmt.Sprintf("%d GiB", s.memoryMiB/1024)
	if s.memoryMiB < 1024 {
		mem = "0.5 GiB"
	}
	return fmt.Sprintf("%d vCPUs | %s | %d GiB | %d Mbit/s", s.vcpus, mem, s.diskGiB, s.peakMbit)
}

func (q purchaseRequest) price() int64 {
	var sum int64
	for _, l := range billLines(q.spec, q.region, q.months, q.yearly, q.quantity, q.extras) {
		sum += l.cents
	}
	return sum
}

// productID is invented, and begins with letters that say so.
func productID(code string) string {
	return fmt.Sprintf("OFFISIMULATED%010d", hashOf(code, "product")%10_000_000_000)
}

// terms are the period as BSS counts it: type 2 month, 3 year.
func (o *order) terms() (periodType, periodNum int) {
	if o.Yearly {
		return 3, o.Months / 12
	}
	return 2, o.Months
}
