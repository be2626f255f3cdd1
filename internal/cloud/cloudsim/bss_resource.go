package cloudsim

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// resource is one entry of the resources query, an instance or a part of it.
type resource struct {
	ID           string `json:"id"`
	ResourceID   string `json:"resource_id"`
	Name         string `json:"resource_name"`
	Region       string `json:"region_code"`
	ServiceType  string `json:"service_type_code"`
	Type         string `json:"resource_type_code"`
	TypeName     string `json:"resource_type_name"`
	ServiceName  string `json:"service_type_name"`
	Spec         string `json:"resource_spec_code"`
	Project      string `json:"project_id"`
	Product      string `json:"product_id"`
	Parent       any    `json:"parent_resource_id"`
	Main         int    `json:"is_main_resource"`
	Status       int    `json:"status"`
	Effective    string `json:"effective_time"`
	Expires      string `json:"expire_time"`
	ExpirePolicy int    `json:"expire_policy"`
	Desc         string `json:"product_spec_desc"`
	Size         int    `json:"spec_size"`
	SizeMeasure  int    `json:"spec_size_measure_id"`
	Updated      string `json:"update_time"`
	Enterprise   obj    `json:"enterprise_project"`
}

// Limits of POST /v2/orders/suscriptions/resources/query.
const (
	maxResourceIDs   = 50
	maxResourcePage  = 500
	measureGigabyte  = 17
	policyGrace      = 0
	policyAutoRenew  = 3
	maxTrafficIDs    = 100
	maxTrafficIDSize = 64
)

type resourceQuery struct {
	IDs      []string `json:"resource_ids"`
	Order    string   `json:"order_id"`
	MainOnly int      `json:"only_main_resource"`
	Statuses []int    `json:"status_list"`
	Service  *string  `json:"service_type_code"`
	Begin    string   `json:"expire_time_begin"`
	End      string   `json:"expire_time_end"`
	Offset   int      `json:"offset"`
	Limit    *int     `json:"limit"`
}

func (q resourceQuery) check() *failure {
	switch {
	case len(q.IDs) > maxResourceIDs:
		return badParameter("resource_ids has at most 50 entries")
	case q.MainOnly != 0 && q.MainOnly != 1:
		return badParameter("only_main_resource is 0 or 1")
	case q.Service != nil && *q.Service == "":
		return badParameter("service_type_code is not empty")
	case q.Offset < 0 || q.Limit != nil && (*q.Limit < 1 || *q.Limit > maxResourcePage):
		return badParameter("offset or limit")
	}
	for _, s := range q.Statuses {
		if s < 2 || s > 5 {
			return badParameter("status_list has 2 to 5")
		}
	}
	for _, t := range []string{q.Begin, q.End} {
		if _, is := parseStamp(t); t != "" && !is {
			return badParameter("expire_time_begin or expire_time_end")
		}
	}
	return nil
}

// queryResources answers with expiry and state, by order or by ids: the source for what an order delivered.
func (c *Cloud) queryResources(x *exchange) reply {
	var q resourceQuery
	if !decode(x.body, &q) {
		return refuse(badParameter("body"))
	}
	if f := q.check(); f != nil {
		return refuse(f)
	}
	var hits []resource
	for _, in := range c.candidates(x, q) {
		if now := x.now; now.Before(in.Delivered) || !in.order.visible(now) {
			continue
		}
		for _, r := range c.resourcesOf(in, x.now) {
			if q.fits(r) {
				hits = append(hits, r)
			}
		}
	}
	limit := 10
	if q.Limit != nil {
		limit = *q.Limit
	}
	data := page(hits, q.Offset, limit)
	if data == nil {
		data = []resource{}
	}
	return ok(obj{"total_count": len(hits), "data": data})
}

// candidates are the instances that can have the resources asked for.
func (c *Cloud) candidates(x *exchange, q resourceQuery) []*instance {
	a := x.caller.acct
	if q.Order != "" {
		o := c.state.byOrder[q.Order]
		if o == nil || o.Account != a.ID {
			return nil
		}
		var out []*instance
		for _, id := range o.Instances {
			if in := c.state.instances[id]; in != nil {
				out = append(out, in)
			}
		}
		return out
	}
	if len(q.IDs) > 0 && q.MainOnly == 1 {
		var out []*instance
		for _, id := range q.IDs {
			if in := c.state.instances[id]; in != nil && in.Account == a.ID && !slices.Contains(out, in) {
				out = append(out, in)
			}
		}
		return out
	}
	return c.state.owned[a.ID]
}

func (q resourceQuery) fits(r resource) bool {
	expires, _ := parseStamp(r.Expires)
	begin, _ := parseStamp(q.Begin)
	end, _ := parseStamp(q.End)
	switch {
	case len(q.IDs) > 0 && !slices.Contains(q.IDs, r.ResourceID),
		q.MainOnly == 1 && r.Main != 1,
		len(q.Statuses) > 0 && !slices.Contains(q.Statuses, r.Status),
		q.Service != nil && *q.Service != r.ServiceType,
		q.Begin != "" && expires.Before(begin), q.End != "" && expires.After(end):
		return false
	}
	return true
}

// resourcesOf lists the instance first, then its parts.
func (c *Cloud) resourcesOf(in *instance, now time.Time) []resource {
	s, o := in.spec(), in.order
	policy := policyGrace
	if in.AutoRenew {
		policy = policyAutoRenew
	}
	item := func(i int) string { return "01297-" + strconv.Itoa(200000000+in.Seq) + "-" + strconv.Itoa(i) }
	main := resource{ID: item(0), ResourceID: in.ID, Name: in.Name, Region: o.Region, ServiceType: flexusType, Type: flexusThing,
		TypeName: flexusName, ServiceName: flexusName, Spec: o.Spec, Project: in.project(), Product: productID(o.Spec + flexusThing),
		Main: 1, Status: in.resourceStatus(now), Effective: stamp(in.Delivered), Expires: stamp(in.Expires), ExpirePolicy: policy,
		Desc: s.description(), Updated: stamp(in.Delivered), Enterprise: defaultProject}
	out := []resource{main}
	add := func(id, name, service, kind, kindName, spec string, size, measure int) {
		r := main
		r.ID, r.ResourceID, r.Name, r.ServiceType, r.Type, r.TypeName = item(len(out)), id, name, service, kind, kindName
		r.ServiceName, r.Spec, r.Product, r.Parent, r.Main = kindName, spec, productID(spec+kind), in.ID, 0
		r.Desc, r.Size, r.SizeMeasure = kindName, size, measure
		out = append(out, r)
	}
	add(in.serverID(), in.serverName(), "hws.service.type.ec2", "hws.resource.type.vm", "Elastic Cloud Server", s.flavor+".linux", 0, 0)
	add(in.diskID(), in.serverName()+"-volume-0000", "hws.service.type.ebs", "hws.resource.type.volume", "Elastic Volume Service",
		"SAS_for_smb", s.diskGiB, measureGigabyte)
	add(in.eipID(), "hcss_eip_"+in.short(), "hws.service.type.vpc", "hws.resource.type.ip", "Elastic IP", "5_bgp", 0, 0)
	add(in.bandID(), "hcss_bandwidth_"+in.short(), "hws.service.type.vpc", "hws.resource.type.bandwidth", "Bandwidth", "19_bgp",
		s.peakMbit, 15)
	for i, e := range o.Extras {
		id := in.extraID(i)
		switch e.Type {
		case "evs":
			add(id, in.serverName()+"-data-0001", "hws.service.type.ebs", "hws.resource.type.volume", "Elastic Volume Service",
				"SAS_for_smb", e.Size, measureGigabyte)
		case "cbr":
			add(id, "hcss_vault_"+in.short(), "hws.service.type.cbr", "hws.resource.type.cbr", "Cloud Backup and Recovery",
				"vault.backup.server.normal", e.Size, measureGigabyte)
		case "hss":
			add(id, "hcss_hss_"+in.short(), "hws.service.type.hss", "hws.resource.type.hss", "Host Security Service",
				"hss.version.advanced", 0, 0)
		}
	}
	return out
}

// renewable is the account's instance for the auto-renew switch.
func (c *Cloud) renewable(x *exchange) (*instance, *failure) {
	in := c.state.instances[x.params[0]]
	if in == nil || in.Account != x.caller.acct.ID || x.now.Before(in.Delivered) || !in.exists(x.now) {
		return nil, bssError("CBC.99003012", "The resource does not exist.")
	}
	return in, nil
}

// autoRenewOn answers POST …/autorenew/{resource_id}.
func (c *Cloud) autoRenewOn(x *exchange) reply {
	var opts struct {
		Times  int    `json:"auto_renew_times"`
		Period string `json:"period_type"`
	}
	if !decode(x.body, &opts) || opts.Times < 0 || opts.Times > 99 ||
		opts.Period != "" && opts.Period != "MONTH" && opts.Period != "YEAR" {
		return refuse(badParameter("auto_renew_times or period_type"))
	}
	in, f := c.renewable(x)
	if f == nil && in.resourceStatus(x.now) != 2 {
		f = bssError("CBC.99003602", "The resource is expired or frozen.")
	}
	if f != nil {
		return refuse(f)
	}
	return c.setAutoRenew(in, true)
}

// autoRenewOff answers DELETE …/autorenew/{resource_id}.
func (c *Cloud) autoRenewOff(x *exchange) reply {
	in, f := c.renewable(x)
	if f == nil && !in.AutoRenew {
		f = bssError("CBC.99003605", "Auto-renewal has already been cancelled.")
	}
	if f != nil {
		return refuse(f)
	}
	return c.setAutoRenew(in, false)
}

func (c *Cloud) setAutoRenew(in *instance, on bool) reply {
	in.AutoRenew, in.fleet = on, false
	if err := c.commit(rec("instance", in)); err != nil {
		return refuse(&failure{status: http.StatusInternalServerError, code: "CBC.0999", message: "Internal error."})
	}
	return reply{status: http.StatusNoContent}
}

// cycle is the running month of the data package: it begins at the moment of purchase and ends at midnight, Beijing
// time, after the same day of the next month.
func (in *instance) cycle(now time.Time) (start, end time.Time) {
	for n := 0; ; n++ {
		start, end = addMonths(in.Delivered, n), addMonths(in.Delivered, n+1)
		if now.Before(end) || end.After(in.Expires) || n > 60 {
			y, m, d := end.Date()
			return start, time.Date(y, m, d+1, 0, 0, 0, 0, huaweiTime)
		}
	}
}

// left of the data package in GB: it runs down steadily at the instance's pace.
func (in *instance) left(now time.Time) (left, total float64) {
	start, end := in.cycle(now)
	total = float64(in.spec().packageGB)
	share := in.Pace * now.Sub(start).Seconds() / end.Sub(start).Seconds()
	share = min(1, max(0, share))
	return math.Round(total*(1-share)*100) / 100, total
}

// delivered says whether BSS knows the data package; 18 months after its end it does not any more.
func (in *instance) packageKnown(now time.Time) bool {
	return !now.Before(in.Delivered) && now.Before(in.Expires.AddDate(0, 18, 0))
}

// traffic answers POST /v2/payments/free-resources/usages/details/query (API Reference 4.4.6).
func (c *Cloud) traffic(x *exchange) reply {
	var q struct {
		IDs []string `json:"free_resource_ids"`
	}
	if !decode(x.body, &q) || len(q.IDs) == 0 || len(q.IDs) > maxTrafficIDs {
		return refuse(badParameter("free_resource_ids has 1 to 100 entries"))
	}
	out := list{}
	for _, id := range q.IDs {
		if id == "" || len(id) > maxTrafficIDSize {
			return refuse(badParameter("free_resource_ids"))
		}
		in := c.state.packages[id]
		if in == nil || in.Account != x.caller.acct.ID || !in.packageKnown(x.now) {
			continue
		}
		start, end := in.cycle(x.now)
		left, total := in.left(x.now)
		name, use := packageName(x)
		out = append(out, obj{"free_resource_id": id, "free_resource_type_name": name, "usage_type_name": use, "quota_reuse_cycle": 4,
			"quota_reuse_cycle_type": 2, "start_time": stamp(start), "end_time": stamp(end), "amount": left, "original_amount": total,
			"measure_id": 10})
	}
	return ok(obj{"free_resources": out})
}

// dataPackages answers POST /v3/payments/free-resources/query.
func (c *Cloud) dataPackages(x *exchange) reply {
	var q struct {
		Order  string `json:"order_id"`
		Region string `json:"region_code"`
		Status *int   `json:"status"`
		Offset int    `json:"offset"`
		Limit  *int   `json:"limit"`
	}
	if !decode(x.body, &q) || q.Offset < 0 || q.Limit != nil && (*q.Limit < 1 || *q.Limit > 1000) {
		return refuse(badParameter("body"))
	}
	hits := list{}
	for _, in := range c.state.owned[x.caller.acct.ID] {
		if !in.packageKnown(x.now) || q.Order != "" && q.Order != in.OrderID || q.Region != "" && q.Region != in.order.Region {
			continue
		}
		p := in.dataPackage(x)
		if q.Status == nil || *q.Status == p["status"] {
			hits = append(hits, p)
		}
	}
	limit := 10
	if q.Limit != nil {
		limit = *q.Limit
	}
	return ok(obj{"free_resource_packages": page(hits, q.Offset, limit), "total_count": len(hits)})
}

// packageName is in the language that was asked for; the cloud's default is Chinese.
func packageName(x *exchange) (name, use string) {
	if x.r.Header.Get("X-Language") == "en_US" {
		return "Lightweight BGP data package", "Uplink traffic"
	}
	return "轻量BGP流量包", "上行流量"
}

func (in *instance) dataPackage(x *exchange) obj {
	left, total := in.left(x.now)
	name, use := packageName(x)
	status := 1
	switch {
	case x.now.After(in.Expires):
		status = 3
	case left == 0:
		status = 2
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	return obj{"order_instance_id": "01297-" + strconv.Itoa(in.Seq), "order_id": in.OrderID, "product_id": productID("package"),
		"product_name": name, "enterprise_project_id": nil, "enterprise_project_scope": 0,
		"effective_time": stamp(in.Delivered), "expire_time": stamp(in.Expires.Add(time.Second)), "status": status,
		"service_type_code": "hws.service.type.vpc", "service_type_name": "Virtual Private Cloud", "region_code": in.order.Region,
		"source_type": 0, "bundle_type": "ATOMIC_PKG", "quota_reuse_mode": 1,
		"free_resources": list{obj{"free_resource_id": in.packageID(), "usage_type_name": use,
			"amount": number(left), "original_amount": number(total), "measure_id": 10}}}
}
