package cloudsim

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Types of resources that Config knows the instances by (API Reference, Table 4-14 and its example).
var instanceTypes = []string{"hcss.l-instance"}

// Paging of all-resources.
const (
	maxConfigPage     = 200
	configBytes       = 8500 // of an instance, about
	defaultConfigPage = 100
)

// listInstances answers GET …/all-resources (API Reference 4.2). Without a type it lists all the account has, which
// here are instances too.
func (c *Cloud) listInstances(x *exchange) reply {
	limit, bad := x.number("limit", defaultConfigPage, 1, maxConfigPage, false)
	marker := x.query("marker")
	if bad || marker != "" && (len(marker) < 4 || len(marker) > 400) {
		return refuse(&failure{status: http.StatusBadRequest, code: "RMS.00010001", message: "limit or marker is invalid"})
	}
	keep, f := configFilter(x)
	if f != nil {
		return refuse(f)
	}
	owned := c.state.owned[x.caller.acct.ID]
	from := 0
	if after, is := strings.CutPrefix(marker, "after-"); is {
		from, _ = slices.BinarySearchFunc(owned, after+"\x00", func(in *instance, id string) int { return strings.Compare(in.ID, id) })
	} else if marker != "" {
		return refuse(&failure{status: http.StatusBadRequest, code: "RMS.00010001", message: "marker is invalid"})
	}
	w, ids := &jsonWriter{b: make([]byte, 0, 1<<12+min(limit, len(owned)-from)*configBytes)}, idCache{}
	n, last, next := 0, "", "null"
	w.open("", '{')
	w.open("resources", '[')
	for _, in := range owned[from:] {
		if !keep(in) || !in.listed(x.now) {
			continue
		}
		if n == limit {
			next = `"after-` + last + `"`
			break
		}
		in.seen(x).writeConfig(w, ids, x.caller.acct, x.now)
		n, last = n+1, in.ID
	}
	w.close(']')
	w.open("page_info", '{')
	w.number("current_count", n)
	w.raw("next_marker", next)
	w.close('}')
	w.close('}')
	return ok(rawBody(w.b))
}

// listed says whether Config knows the instance.
func (in *instance) listed(now time.Time) bool {
	if e := in.edits(); in.gone(now) { // Config hears of it later
		return now.Before(e.Lags)
	}
	return !now.Before(in.Listed) && in.exists(now)
}

func configFilter(x *exchange) (func(*instance) bool, *failure) {
	q := x.r.URL.Query()
	region, id, name, ep := q.Get("region_id"), q.Get("id"), q.Get("name"), q.Get("ep_id")
	kind := q.Get("type")
	tags := q["tags"]
	if len(id) > 512 || len(name) > 256 || len(tags) > 5 {
		return nil, &failure{status: http.StatusBadRequest, code: "RMS.00010001", message: "a filter is too long"}
	}
	return func(in *instance) bool {
		return (kind == "" || slices.Contains(instanceTypes, kind)) && (region == "" || region == in.order.Region) &&
			(id == "" || id == in.ID) && (name == "" || strings.Contains(in.Name, name)) && (ep == "" || ep == "0") &&
			in.hasTags(x.caller.acct, tags)
	}, nil
}

// hasTags matches "key" and "key=value".
func (in *instance) hasTags(a *account, tags []string) bool {
	bears := in.order.tagsInConfig(a)
	for _, t := range tags {
		key, value, withValue := strings.Cut(t, "=")
		have, is := bears[key]
		if !is || withValue && value != have {
			return false
		}
	}
	return true
}

// countInstances answers GET …/all-resources/count.
func (c *Cloud) countInstances(x *exchange) reply {
	keep, f := configFilter(x)
	if f != nil {
		return refuse(f)
	}
	n := 0
	for _, in := range c.state.owned[x.caller.acct.ID] {
		if keep(in) && in.listed(x.now) {
			n++
		}
	}
	return ok(obj{"total_count": n})
}

// showInstance answers GET …/provider/hcss/type/l-instance/resources/{id}.
func (c *Cloud) showInstance(x *exchange) reply {
	in := c.state.instances[x.params[1]]
	if in == nil || in.Account != x.caller.acct.ID || !in.listed(x.now) {
		return refuse(&failure{status: http.StatusNotFound, code: "RMS.00010006", message: "The resource does not exist"})
	}
	w := new(jsonWriter)
	in.seen(x).writeConfig(w, idCache{}, x.caller.acct, x.now)
	return ok(rawBody(w.b))
}

// writeConfig writes an instance with the fields of the reference's example.
func (in *instance) writeConfig(w *jsonWriter, ids idCache, a *account, now time.Time) {
	o := in.order
	name, _, _ := in.asConfigSees(now)
	status := in.configStatus(now)
	sum := sha256.Sum256([]byte(in.ID + name + status))
	product := o.ImageName
	if product == "" {
		product = "private"
	}
	w.open("", '{')
	w.text("id", in.ID, "name", name, "provider", "hcss", "type", "l-instance", "region_id", o.Region, "project_id", in.project(),
		"project_name", a.projectName(in.project()), "ep_id", "0", "ep_name", "default", "checksum", hex.EncodeToString(sum[:]))
	w.moment("created", millisForm, in.Born)
	w.moment("updated", millisForm, in.configUpdated(now))
	w.text("provisioning_state", "Succeeded", "state", "Normal")
	w.open("tags", '{')
	bears := o.tagsInConfig(a)
	for _, k := range slices.Sorted(maps.Keys(bears)) {
		w.entry(k, bears[k])
	}
	w.close('}')
	w.open("properties", '{')
	w.open("metadata", '{')
	w.text("charging_mode", "prePaid", "cloud_service_type", flexusType, "order_id", o.ID, "resource_spec_code", o.Spec,
		"resource_type", flexusThing)
	w.close('}')
	w.text("description", o.Description)
	w.open("resources", '[')
	in.writeParts(w, ids, now)
	w.close(']')
	w.text("product_name", strings.ReplaceAll(product, " ", "_")+"_light_server_"+strings.ReplaceAll(o.ImageVersion, ".", "_"),
		"platform", "SMB", "plan_name", "basic_v12", "product_id", ids.hash(product, "product"), "plan_id", ids.hash(o.Spec, "plan"),
		"status", status)
	w.close('}')
	w.close('}')
}

// configUpdated is when Config last took a change over.
func (in *instance) configUpdated(now time.Time) time.Time {
	if e := in.edits(); !e.Lags.IsZero() && !now.Before(e.Lags) {
		return e.Lags
	}
	return in.Listed
}

// configStatus is the state of the whole; the reference shows only RUNNING.
func (in *instance) configStatus(now time.Time) string {
	_, _, power := in.asConfigSees(now)
	switch {
	case in.frozen(now):
		return "FROZEN"
	case power == "SHUTOFF":
		return "STOPPED"
	case power == "ERROR":
		return "ABNORMAL"
	}
	return "RUNNING"
}

// packaged is one resource inside an instance (Table 4-18) without its attributes.
type packaged struct{ physical, logical, id, name, label, service string }

// begin writes the fields before the attributes, finish the ones after.
func (k packaged) begin(w *jsonWriter) {
	w.open("", '{')
	w.text("physical_resource_type", k.physical, "logical_resource_type", k.logical, "physical_resource_id", k.id)
	if k.name != "" {
		w.text("physical_resource_name", k.name)
	}
}

func (k packaged) finish(w *jsonWriter) {
	w.text("logical_resource_name", k.label, "cloud_service_type", k.service)
	w.close('}')
}

// write writes the part with attributes in pairs of key and value, and when the part was last looked at.
func (k packaged) write(w *jsonWriter, seen string, attributes ...string) {
	k.begin(w)
	w.open("resource_attributes", '[')
	for i := 0; i < len(attributes); i += 2 {
		w.attribute(attributes[i], attributes[i+1])
	}
	if seen != "" {
		w.attribute("cors_crm_updated_at", seen)
	}
	w.close(']')
	k.finish(w)
}

const (
	none    = "null"
	vpcType = "hws.service.type.vpc"
)

// writeParts writes the parts in the order of the reference's example; extras follow.
func (in *instance) writeParts(w *jsonWriter, ids idCache, now time.Time) {
	o, s, seen := in.order, in.spec(), stamp(in.Listed)
	image, eip, band, server, disk, port := in.imageIn(ids), in.eipID(), in.bandID(), in.serverID(), in.diskID(), in.portID()
	_, label, _ := in.asConfigSees(now)

	bought := packaged{"hws.resource.type.marketplace", "hws.resource.type.marketplace", in.ID + "_" + image + "_0", "",
		"huaweicloudinternal_ecs_instance_image", "hws.service.type.marketplace"}
	bought.begin(w)
	bought.finish(w)
	packaged{"hws.resource.type.vm", "huaweicloudinternal_ecs_instance", server, label,
		"huaweicloudinternal_ecs_instance_light_server_compute_instance", "hws.service.type.ec2"}.write(w, seen,
		"admin_pass", none, "availability_zone", in.zone(), "batch_create_in_multi_az", none, "data_volumes", "[]", "description", none,
		"extendparam", `{"chargingMode":"prePaid","imageproductid":"`+ids.product(o.ImageName)+`","orderID":"`+o.ID+`","productID":"`+
			ids.product(o.Spec+flexusThing)+`"}`,
		"flavor_id", s.flavor, "frozen", none, "id", server, "image_id", image, "is_auto_rename", none, "key_name", none,
		"metadata", `{"__support_agent_list":"hss,hss-pc,ces"}`, "name", label,
		"nics", `[{"ip_address":"","ipv6_bandwidth":[],"ipv6_enable":false,"subnet_id":"`+ids.uuid(in.project(), "subnet")+`"}]`,
		"os_scheduler_hints", none, "primary_port_id", port, "publicip", "[]",
		"root_volume", `[{"cluster_id":"","cluster_type":"","extendparam":{"orderID":"`+o.ID+
			`"},"hw_passthrough":false,"iops":0,"metadata":{},"size":`+strconv.Itoa(s.diskGiB)+
			`,"throughput":0,"volumetype":"SAS_for_smb"}]`,
		"security_groups", `[{"id":"`+ids.uuid(in.project(), "security group")+`"}]`, "server_tags", "[]", "status", "0",
		"system_disk_id", disk, "tags", `["_sys_type_hcss_l"]`, "timeouts", none, "total_count", none, "user_data", none,
		"vpc_id", ids.uuid(in.project(), "vpc"))
	volume := packaged{"hws.resource.type.volume", "hws.resource.type.volume", disk, "", "huaweicloudinternal_ecs_instance_system_disk",
		"hws.service.type.ebs"}
	volume.begin(w)
	volume.finish(w)

	_, end := in.cycle(in.Listed)
	pack := in.packageID()
	packaged{"hws.resource.type.bandwidth", "huaweicloudinternal_cbc_freeresource", pack, "",
		"huaweicloudinternal_cbc_freeresource_cbc_freeresource", vpcType}.write(w, seen,
		"bundle_product_id", none, "customer_id", in.Account, "end_time", end.UTC().Format("2006-01-02 15:04:05"),
		"enterprise_project_id", none, "id", pack, "order_id", in.OrderID, "oriented_resource_id", band,
		"product_id", ids.product("package"), "region_code", o.Region)
	packaged{"hws.resource.type.ip", "huaweicloudinternal_eip", eip, "", "huaweicloudinternal_eip_light_server_eip", vpcType}.write(w, seen,
		"alias", "hcss_eip_"+in.short(), "associate_instance_id", none, "associate_instance_type", none,
		"bandwidth", `[{"billing_info":"","charge_mode":"traffic","id":"`+band+`","name":"hcss_bandwidth_`+in.short()+
			`","share_type":"PER","size":`+strconv.Itoa(s.peakMbit)+`,"status":0}]`,
		"billing_info", none, "cascade_delete_by_instance", none, "description", none, "eip_id", none, "enterprise_project_id", none,
		"id", eip, "ip_version", "4", "public_ip_address", in.publicIP(), "public_ipv6_address", "", "publicip_pool_name", "5_bgp",
		"status", "0", "type", none)
	packaged{"", "huaweicloudinternal_eip_attach", eip, "", "huaweicloudinternal_eip_attach_light_server_eip_attach_ecs", ""}.write(w, seen,
		"associate_instance_id", port, "associate_instance_type", "PORT", "cascade_delete_by_instance", none, "eip_id", eip, "id", eip)
	packaged{"", "huaweicloudinternal_eip_bandwidth_lock", band, "",
		"huaweicloudinternal_eip_bandwidth_lock_light_server_bandwidth_lock_ecs", ""}.write(w, seen,
		"action", "resize,change_charge_mode,delete", "bandwidth_id", band, "id", band, "scene", "hcss", "source_id", server,
		"source_type", "hcss")
	packaged{"", "huaweicloudinternal_eip_lock", eip, "", "huaweicloudinternal_eip_lock_light_server_eip_lock_ecs", ""}.write(w, seen,
		"action", "associate_instance,disassociate_instance,change_bandwidth,delete,change_charge_mode", "eip_id", eip, "id", eip,
		"scene", "hcss", "source_id", server, "source_type", "hcss")
	for i, e := range o.Extras {
		e.writePart(w, in.extraID(i))
	}
}

func (e extra) writePart(w *jsonWriter, id string) {
	k := packaged{id: id}
	switch e.Type {
	case "evs":
		k.physical, k.logical, k.service = "hws.resource.type.volume", "huaweicloudinternal_evs_volume", "hws.service.type.ebs"
	case "cbr":
		k.physical, k.logical, k.service = "hws.resource.type.cbr", "huaweicloudinternal_cbr_vault", "hws.service.type.cbr"
	case "hss":
		k.physical, k.logical, k.service = "hws.resource.type.hss", "huaweicloudinternal_hss_host", "hws.service.type.hss"
	}
	k.label = k.logical + "_light_server"
	if e.Size > 0 {
		k.write(w, "", "size", strconv.Itoa(e.Size), "id", id)
		return
	}
	k.begin(w)
	k.finish(w)
}
