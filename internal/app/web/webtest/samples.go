package webtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/shopspring/decimal"

	"sampan/internal/app/audit"
	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
)

// WordPress is 3 × WordPress in Singapore for a month, then automatic.
func WordPress(mode order.Mode) order.Request {
	return order.Request{AccountID: "a1",
		Image: order.Image{Kind: catalog.Application, ID: "wordpress", Name: "WordPress", Version: "6.4", OS: catalog.Linux},
		Spec:  "hf.large.2.30m.linux", Region: "ap-southeast-3", Name: "shop", Quantity: 3, PeriodUnit: order.Month, PeriodNum: 1,
		AutoRenew: true, Payment: mode, DataDiskGiB: 20, Tags: []order.Tag{{Key: "env", Value: "prod"}}}
}

// Order is an order in a state, with what every order in it has.
func Order(state order.State) order.Order {
	o := order.Order{ID: "o1", AccountID: "a1", PersonID: "p2", PersonName: "Kerem", Request: WordPress(order.ExactPriceFirst),
		State: state, StateAt: Now.Add(-time.Minute), CreatedAt: Now.Add(-7 * time.Minute), ExpiresAt: Now.Add(-2 * time.Minute),
		ClientRequestID: "85a56f6c-8aee-4c1b-bf76-5d98d1ac023d", IntentTag: "k3v9x2m7qd", Rev: 7}
	switch state {
	case order.Confirmed:
		o.ExpiresAt = Now.Add(4 * time.Minute)
		return o
	case order.Expired:
		o.EndedAt = Now
		return o
	}
	o.SentAt = Now.Add(-7 * time.Minute)
	switch state {
	case order.Sending, order.Unknown, order.NeedsHuman, order.NotFound:
		return o
	case order.Refused:
		o.EndedAt = Now
		return o
	}
	o.CloudOrderID, o.CloudStatus, o.CloudReadAt = "CS2611230914H1EW", order.StatusProcessing, Now.Add(-3*time.Second)
	if state == order.Ordered {
		return o
	}
	o.Amount, o.Official = Dollars("24.48"), Dollars("25.77")
	switch state {
	case order.AwaitingPayment:
		o.CloudStatus, o.PayBy = order.StatusPendingPayment, Now.Add(7*24*time.Hour)
	case order.Delivered, order.PartlyDelivered:
		o.CloudStatus, o.PaidAt = order.StatusCompleted, Now.Add(-5*time.Minute)
	case order.Closed, order.Cancelled:
		o.CloudStatus, o.EndedAt = order.StatusCancelled, Now
	}
	if state == order.Delivered {
		o.EndedAt = Now.Add(-3*time.Minute - 48*time.Second)
	}
	return o
}

// Delivery is one instance of an order.
func Delivery(id, address string, ready bool) order.Delivery {
	return order.Delivery{InstanceID: id, Name: "shop-" + id, Address: address, State: "ACTIVE", Ready: ready,
		Expires: time.Date(2026, 12, 23, 1, 14, 0, 0, time.UTC)}
}

// Stray is an unpaid order at Huawei that nobody here knows.
func Stray(change ...func(*order.FoundOrder)) order.FoundOrder {
	f := order.FoundOrder{CloudOrderID: "CS2611230901FOUND", AccountID: "a1", Status: order.StatusPendingPayment,
		CreatedAt: Now.Add(-20 * time.Minute), Amount: Dollars("8.16"), Quantity: 2, PeriodUnit: order.Month, PeriodNum: 1,
		Spec: "hf.large.2.30m.linux", Names: []string{"shop-0001"}, UserName: "ci-bot", Source: order.FoundAtStart, FoundAt: Now,
		SeenAt: Now}
	for _, ch := range change {
		ch(&f)
	}
	return f
}

// ManyInstances are n that run.
func ManyInstances(n int) []instance.Instance {
	var out []instance.Instance
	for i := range n {
		out = append(out, instance.Instance{ID: fmt.Sprintf("i%d", i), AccountID: "a1", Name: fmt.Sprintf("shop-%03d", i),
			Region: "ap-southeast-3", Spec: "hf.large.1.30m.linux", Image: "WordPress", Address: "203.0.113.7", State: "ACTIVE",
			Expires: Now.Add(time.Duration(i) * 24 * time.Hour)})
	}
	return out
}

// HongKong is the zone of the person who looks.
var HongKong = time.FixedZone("HKT", 8*60*60)

// Items lists the items of the attention list with where their buttons lead.
func Items(doc *goquery.Document) []string {
	var all []string
	doc.Find(".todo-list li").Each(func(_ int, li *goquery.Selection) {
		href, _ := li.Find(".row a, .row button").Attr("href")
		all = append(all, strings.TrimSpace(li.Find("b").Text())+" → "+href)
	})
	return all
}

// Did is a row of the audit, n minutes ago.
func Did(n int, who, action string, e audit.Entry) audit.Row {
	e.Actor, e.Action = person.Actor{PersonID: who, Name: who}, action
	return audit.Row{Entry: e, At: Now.Add(-time.Duration(n) * time.Minute)}
}

// CycleEnd is the reset of the packages in these tests: 4 December, 16:00 in Hong Kong.
var CycleEnd = time.Date(2026, 12, 4, 8, 0, 0, 0, time.UTC)

// Line is one package of the fleet, read a quarter of an hour ago.
func Line(name string, left, total float64, f meter.Forecast) meter.Line {
	at := Now.Add(-16 * time.Minute)
	return meter.Line{Row: &instance.Row{AccountID: "a1", InstanceID: "i-" + name, ServerID: "s-" + name, Name: name,
		PackageID: "p-" + name},
		ReadAt: at, At: at, Left: left, Total: total, CycleEnd: CycleEnd, Forecast: f}
}

// Outlook is a forecast at a pace.
func Outlook(o meter.Outlook, perDay float64) meter.Forecast {
	return meter.Forecast{Outlook: o, Pace: meter.Pace{PerDay: perDay, Over: 7 * 24 * time.Hour}}
}

// RunsOut is the forecast of a package that is used up at a moment.
func RunsOut(at time.Time, perDay float64) meter.Forecast {
	f := Outlook(meter.RunsOut, perDay)
	f.At, f.Early, f.Beyond = at, CycleEnd.Sub(at), perDay*CycleEnd.Sub(at).Hours()/24
	return f
}

// Cells are the words of a table's line.
func Cells(doc *goquery.Document, line string) []string {
	var all []string
	doc.Find("tbody tr").Each(func(_ int, tr *goquery.Selection) {
		if strings.TrimSpace(tr.Find("th").Text()) == line {
			tr.Find("td").Each(func(_ int, td *goquery.Selection) {
				all = append(all, strings.Join(strings.Fields(td.Text()), " "))
			})
		}
	})
	return all
}

// Measured is everything known of a package that runs out.
func Measured() meter.Detail {
	begin := time.Date(2026, 11, 4, 8, 0, 0, 0, time.UTC)
	var samples []meter.Sample
	for n := range 40 {
		samples = append(samples, meter.Sample{At: Now.Add(time.Duration(n-40) * time.Hour), Left: 1400 - float64(n), Total: 4096,
			CycleStart: begin, CycleEnd: CycleEnd})
	}
	last := samples[39]
	last.At, last.Left = Now.Add(-16*time.Minute), 1306
	f := RunsOut(Now.Add(9*24*time.Hour), 163)
	return meter.Detail{PackageID: "p1", Meter: meter.Meter{PackageID: "p1", ReadAt: last.At, Last: last}, Samples: samples, Forecast: f,
		Uses: []meter.Use{{Day: meter.Midnight(begin.AddDate(0, 0, 2)), GB: decimal.NewFromInt(90)},
			{Day: meter.Midnight(begin.AddDate(0, 0, 3)), GB: decimal.NewFromInt(30)}}}
}

// Machine is a row of the picture that is in order.
func Machine(name, account, region, state string) *instance.Row {
	return &instance.Row{AccountID: account, InstanceID: "i-" + name, ServerID: "s-" + name, Name: name, InstanceName: name, Region: region,
		State: state, First: true, AutoRenew: true, Expires: Now.Add(40 * 24 * time.Hour)}
}

// Fleet gives the console n servers, each in its instance: every second one is
// stopped, every third in Riyadh, every fourth renews itself; they expire one a
// day from now on.
func Fleet(c *Console, n int) {
	for i := range n {
		at := Now.Add(time.Duration(i)*24*time.Hour + time.Hour)
		in := instance.Instance{ID: fmt.Sprintf("i%03d", i), AccountID: "a1", Name: fmt.Sprintf("pack-%03d", i), Region: "ap-southeast-3",
			Spec: "hf.large.1.30m.linux", Image: "WordPress", PackageID: fmt.Sprintf("p%03d", i), CloudOrder: fmt.Sprintf("CS26%03d", i),
			Expires: at, AutoRenew: i%4 == 0}
		if i%3 == 0 {
			in.Region = "me-east-1"
		}
		status := "ACTIVE"
		if i%2 == 1 {
			status = "SHUTOFF"
		}
		c.Instances.GivenRows = append(c.Instances.GivenRows, in)
		c.Instances.Servers = append(c.Instances.Servers, instance.ServerRecord{AccountID: "a1", InstanceID: in.ID, Server: instance.Server{
			ID: fmt.Sprintf("s%03d", i), InstanceID: in.ID, Name: fmt.Sprintf("shop-%03d", i), Region: in.Region, Status: status,
			Public: []string{fmt.Sprintf("203.0.113.%d", i%250+1)}, Private: []string{fmt.Sprintf("192.168.0.%d", i%250+1)}, VCPUs: 2,
			MemoryMiB: 8192, OS: "linux", Tags: []string{"team=web"}}})
		c.Instances.Read = append(c.Instances.Read,
			instance.PackageTraffic{PackageID: in.PackageID, Traffic: instance.Traffic{Left: float64(i * 20), Total: 2000, At: Now}})
	}
}
