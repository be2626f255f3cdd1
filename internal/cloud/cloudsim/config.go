package cloudsim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Types of resources that Config knows the instances by (API Reference, Table 4-14 and its example).
var instanceTypes = []string{"hcss.l-instance"}

// configResource is an instance as Config lists it.
type configResource struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Provider     string            `json:"provider"`
	Type         string            `json:"type"`
	Region       string            `json:"region_id"`
	Project      string            `json:"project_id"`
	ProjectName  string            `json:"project_name"`
	EnterpriseID string            `json:"ep_id"`
	Enterprise   string            `json:"ep_name"`
	Checksum     string            `json:"checksum"`
	Created      string            `json:"created"`
	Updated      string            `json:"updated"`
	Provisioning string            `json:"provisioning_state"`
	State        string            `json:"state"`
	Tags         map[string]string `json:"tags"`
	Properties   properties        `json:"properties"`
}

type properties struct {
	Metadata    map[string]string `json:"metadata"`
	Description string            `json:"description"`
	Resources   []packaged        `json:"resources"`
	ProductName string            `json:"product_name"`
	Platform    string            `json:"platform"`
	PlanName    string            `json:"plan_name"`
	ProductID   string            `json:"product_id"`
	PlanID      string            `json:"plan_id"`
	Status      string            `json:"status"`
}

// packaged is one resource inside an instance (Table 4-18). Attribute values are always strings.
type packaged struct {
	PhysicalType string      `json:"physical_resource_type"`
	LogicalType  string      `json:"logical_resource_type"`
	PhysicalID   string      `json:"physical_resource_id"`
	PhysicalName string      `json:"physical_resource_name,omitempty"`
	Attributes   []attribute `json:"resource_attributes,omitempty"`
	LogicalName  string      `json:"logical_resource_name"`
	Service      string      `json:"cloud_service_type"`
}

type attribute struct {
	Value string `json:"value"`
	Key   string `json:"key"`
}

// Paging of all-resources.
const (
	maxConfigPage     = 200
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
	out := make([]configResource, 0, min(limit, len(owned)))
	var next any
	for _, in := range owned[from:] {
		if !keep(in) || !in.listed(x.now) {
			continue
		}
		if len(out) == limit {
			next = "after-" + out[limit-1].ID
			break
		}
		out = append(out, configOf(in, x.now))
	}
	return ok(obj{"resources": out, "page_info": obj{"current_count": len(out), "next_marker": next}})
}

// listed says whether Config knows the instance.
func (in *instance) listed(now time.Time) bool { return !now.Before(in.Listed) && in.exists(now) }

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
			(id == "" || id == in.ID) && (name == "" || strings.Contains(in.Name, name)) && (ep == "" || ep == "0") && in.hasTags(tags)
	}, nil
}

// hasTags matches "key" and "key=value".
func (in *instance) hasTags(tags []string) bool {
	for _, t := range tags {
		key, value, withValue := strings.Cut(t, "=")
		have, is := in.order.Tags[key]
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
	return ok(configOf(in, x.now))
}

func millis(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// configOf renders an instance with the fields of the reference's example.
func configOf(in *instance, now time.Time) configResource {
	o := in.order
	sum := sha256.Sum256([]byte(in.ID + in.configStatus(now)))
	tags := o.Tags
	if tags == nil {
		tags = map[string]string{}
	}
	product := o.ImageName
	if product == "" {
		product = "private"
	}
	return configResource{ID: in.ID, Name: in.Name, Provider: "hcss", Type: "l-instance", Region: o.Region, Project: o.Project,
		ProjectName: o.Region, EnterpriseID: "0", Enterprise: "default", Checksum: hex.EncodeToString(sum[:]),
		Created: millis(in.Born), Updated: millis(in.Listed), Provisioning: "Succeeded", State: "Normal", Tags: tags,
		Properties: properties{
			Metadata: map[string]string{"charging_mode": "prePaid", "resource_type": flexusThing, "resource_spec_code": o.Spec,
				"order_id": o.ID, "cloud_service_type": flexusType},
			Description: o.Description, Resources: in.packagedResources(),
			ProductName: strings.ReplaceAll(product, " ", "_") + "_light_server_" + strings.ReplaceAll(o.ImageVersion, ".", "_"),
			Platform:    "SMB", PlanName: "basic_v12", ProductID: hash32(product, "product")[:24], PlanID: hash32(o.Spec, "plan")[:24],
			Status: in.configStatus(now)}}
}

// configStatus is the state of the whole; the reference shows only RUNNING.
func (in *instance) configStatus(now time.Time) string {
	switch {
	case in.frozen(now):
		return "FROZEN"
	case in.Power == "SHUTOFF":
		return "STOPPED"
	case in.Power == "ERROR":
		return "ABNORMAL"
	}
	return "RUNNING"
}

// packagedResources are the parts, in the order of the reference's example; extras follow.
func (in *instance) packagedResources() []packaged {
	at := attribute{Key: "cors_crm_updated_at", Value: stamp(in.Listed)}
	out := []packaged{
		{PhysicalType: "hws.resource.type.marketplace", LogicalType: "hws.resource.type.marketplace",
			PhysicalID: in.ID + "_" + in.imageID() + "_0", LogicalName: "huaweicloudinternal_ecs_instance_image",
			Service: "hws.service.type.marketplace"},
		{PhysicalType: "hws.resource.type.vm", LogicalType: "huaweicloudinternal_ecs_instance", PhysicalID: in.serverID(),
			PhysicalName: in.serverName(), Attributes: append(in.vmAttributes(), at),
			LogicalName: "huaweicloudinternal_ecs_instance_light_server_compute_instance", Service: "hws.service.type.ec2"},
		{PhysicalType: "hws.resource.type.volume", LogicalType: "hws.resource.type.volume", PhysicalID: in.diskID(),
			LogicalName: "huaweicloudinternal_ecs_instance_system_disk", Service: "hws.service.type.ebs"},
		{PhysicalType: "hws.resource.type.bandwidth", LogicalType: "huaweicloudinternal_cbc_freeresource",
			PhysicalID: in.packageID(), Attributes: append(in.packageAttributes(), at),
			LogicalName: "huaweicloudinternal_cbc_freeresource_cbc_freeresource", Service: "hws.service.type.vpc"},
		{PhysicalType: "hws.resource.type.ip", LogicalType: "huaweicloudinternal_eip", PhysicalID: in.eipID(),
			Attributes: append(in.eipAttributes(), at), LogicalName: "huaweicloudinternal_eip_light_server_eip",
			Service: "hws.service.type.vpc"},
		{LogicalType: "huaweicloudinternal_eip_attach", PhysicalID: in.eipID(),
			Attributes: append(in.attachAttributes(), at), LogicalName: "huaweicloudinternal_eip_attach_light_server_eip_attach_ecs"},
		{LogicalType: "huaweicloudinternal_eip_bandwidth_lock", PhysicalID: in.bandID(),
			Attributes:  append(in.lockAttributes("resize,change_charge_mode,delete", "bandwidth_id", in.bandID()), at),
			LogicalName: "huaweicloudinternal_eip_bandwidth_lock_light_server_bandwidth_lock_ecs"},
		{LogicalType: "huaweicloudinternal_eip_lock", PhysicalID: in.eipID(),
			Attributes:  append(in.lockAttributes("associate_instance,disassociate_instance,change_bandwidth,delete,change_charge_mode", "eip_id", in.eipID()), at),
			LogicalName: "huaweicloudinternal_eip_lock_light_server_eip_lock_ecs"},
	}
	return append(out, in.packagedExtras()...)
}

func (in *instance) packagedExtras() []packaged {
	var out []packaged
	for i, e := range in.order.Extras {
		p := packaged{PhysicalID: part(in.ID, fmt.Sprintf("extra %d", i))}
		switch e.Type {
		case "evs":
			p.PhysicalType, p.LogicalType, p.Service = "hws.resource.type.volume", "huaweicloudinternal_evs_volume", "hws.service.type.ebs"
		case "cbr":
			p.PhysicalType, p.LogicalType, p.Service = "hws.resource.type.cbr", "huaweicloudinternal_cbr_vault", "hws.service.type.cbr"
		case "hss":
			p.PhysicalType, p.LogicalType, p.Service = "hws.resource.type.hss", "huaweicloudinternal_hss_host", "hws.service.type.hss"
		}
		p.LogicalName = p.LogicalType + "_light_server"
		if e.Size > 0 {
			p.Attributes = []attribute{{fmt.Sprint(e.Size), "size"}, {p.PhysicalID, "id"}}
		}
		out = append(out, p)
	}
	return out
}

const none = "null"

func (in *instance) vmAttributes() []attribute {
	o := in.order
	return []attribute{
		{none, "admin_pass"}, {in.zone(), "availability_zone"}, {none, "batch_create_in_multi_az"}, {"[]", "data_volumes"},
		{none, "description"},
		{`{"chargingMode":"prePaid","imageproductid":"` + productID(o.ImageName) + `","orderID":"` + o.ID + `","productID":"` + productID(o.Spec+flexusThing) + `"}`, "extendparam"},
		{in.spec().flavor, "flavor_id"}, {none, "frozen"}, {in.serverID(), "id"}, {in.imageID(), "image_id"},
		{none, "is_auto_rename"}, {none, "key_name"}, {`{"__support_agent_list":"hss,hss-pc,ces"}`, "metadata"},
		{in.serverName(), "name"},
		{`[{"ip_address":"","ipv6_bandwidth":[],"ipv6_enable":false,"subnet_id":"` + part(o.Project, "subnet") + `"}]`, "nics"},
		{none, "os_scheduler_hints"}, {in.portID(), "primary_port_id"}, {"[]", "publicip"},
		{fmt.Sprintf(`[{"cluster_id":"","cluster_type":"","extendparam":{"orderID":"%s"},"hw_passthrough":false,"iops":0,"metadata":{},"size":%d,"throughput":0,"volumetype":"SAS_for_smb"}]`, o.ID, in.spec().diskGiB), "root_volume"},
		{`[{"id":"` + in.groupID() + `"}]`, "security_groups"}, {"[]", "server_tags"}, {"0", "status"},
		{in.diskID(), "system_disk_id"}, {`["_sys_type_hcss_l"]`, "tags"}, {none, "timeouts"}, {none, "total_count"},
		{none, "user_data"}, {in.vpcID(), "vpc_id"},
	}
}

func (in *instance) packageAttributes() []attribute {
	_, end := in.cycle(in.Listed)
	return []attribute{
		{none, "bundle_product_id"}, {in.Account, "customer_id"}, {end.UTC().Format("2006-01-02 15:04:05"), "end_time"},
		{none, "enterprise_project_id"}, {in.packageID(), "id"}, {in.OrderID, "order_id"}, {in.bandID(), "oriented_resource_id"},
		{productID("package"), "product_id"}, {in.order.Region, "region_code"},
	}
}

func (in *instance) eipAttributes() []attribute {
	return []attribute{
		{"hcss_eip_" + in.short(), "alias"}, {none, "associate_instance_id"}, {none, "associate_instance_type"},
		{fmt.Sprintf(`[{"billing_info":"","charge_mode":"traffic","id":"%s","name":"hcss_bandwidth_%s","share_type":"PER","size":%d,"status":0}]`,
			in.bandID(), in.short(), in.spec().peakMbit), "bandwidth"},
		{none, "billing_info"}, {none, "cascade_delete_by_instance"}, {none, "description"}, {none, "eip_id"},
		{none, "enterprise_project_id"}, {in.eipID(), "id"}, {"4", "ip_version"}, {in.publicIP(), "public_ip_address"},
		{"", "public_ipv6_address"}, {"5_bgp", "publicip_pool_name"}, {"0", "status"}, {none, "type"},
	}
}

func (in *instance) attachAttributes() []attribute {
	return []attribute{
		{in.portID(), "associate_instance_id"}, {"PORT", "associate_instance_type"}, {none, "cascade_delete_by_instance"},
		{in.eipID(), "eip_id"}, {in.eipID(), "id"},
	}
}

func (in *instance) lockAttributes(actions, key, id string) []attribute {
	return []attribute{{actions, "action"}, {id, key}, {id, "id"}, {"hcss", "scene"}, {in.serverID(), "source_id"}, {"hcss", "source_type"}}
}
