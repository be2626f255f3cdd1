package cloudsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// missingServer is the entry of the list for an id that was asked for and does not exist: all null but id and fault.
type missingServer struct {
	ID        string `json:"id"`
	Name      any    `json:"name"`
	Status    any    `json:"status"`
	Addresses any    `json:"addresses"`
	Flavor    any    `json:"flavor"`
	Metadata  any    `json:"metadata"`
	Fault     obj    `json:"fault"`
}

const lockScene = "OTHER_SVC_LOCK=changeos,resize,delete,attachvolume,detachvolume,detachnics,attachnics,renewfee"

// showServer answers GET /v1/{project_id}/cloudservers/{server_id} (API Reference 4.4.1).
func (c *Cloud) showServer(x *exchange) reply {
	in := c.server(x, x.params[1])
	if in == nil {
		return noServer(x.params[1])
	}
	w := new(jsonWriter)
	w.open("", '{')
	w.key("server")
	in.writeServer(w, idCache{}, x.caller.acct, x.now)
	w.close('}')
	return ok(rawBody(w.b))
}

// server is the instance with a server in the project of the path.
func (c *Cloud) server(x *exchange, id string) *instance {
	in := c.state.servers[id]
	if in == nil || in.Account != x.caller.acct.ID || in.project() != x.params[0] || !in.exists(x.now) {
		return nil
	}
	return in
}

// Paging of the server list.
const (
	maxServerPage     = 1000
	defaultServerPage = 25
	serverBytes       = 3700 // of a server, about
)

// listServers answers GET /v1/{project_id}/cloudservers/detail; offset is a page number from 1.
func (c *Cloud) listServers(x *exchange) reply {
	limit, bad := x.number("limit", defaultServerPage, 1, maxServerPage, false)
	offset, bad := x.number("offset", 1, 0, 1<<30, bad)
	if bad {
		return refuse(&failure{status: http.StatusBadRequest, code: "Ecs.0005", message: "limit or offset is invalid"})
	}
	if ids := x.query("server_id"); ids != "" {
		return c.serversByID(x, strings.Split(ids, ","))
	}
	fits := serverFilter(x)
	var hits []*instance
	for _, in := range c.state.owned[x.caller.acct.ID] {
		if in.project() == x.params[0] && in.exists(x.now) && fits(in) {
			hits = append(hits, in)
		}
	}
	from := (max(1, offset) - 1) * limit
	if marker := x.query("marker"); marker != "" {
		from = 1 + slices.IndexFunc(hits, func(in *instance) bool { return in.serverID() == marker })
		if from == 0 {
			return refuse(&failure{status: http.StatusBadRequest, code: "Ecs.0005", message: "marker is invalid"})
		}
	}
	w, ids := &jsonWriter{b: make([]byte, 0, 1<<12+min(limit, len(hits))*serverBytes)}, idCache{}
	w.open("", '{')
	w.number("count", len(hits))
	w.open("servers", '[')
	for _, in := range page(hits, from, limit) {
		in.writeServer(w, ids, x.caller.acct, x.now)
	}
	w.close(']')
	w.close('}')
	return ok(rawBody(w.b))
}

func (c *Cloud) serversByID(x *exchange, asked []string) reply {
	w, ids := new(jsonWriter), idCache{}
	w.open("", '{')
	w.number("count", len(asked))
	w.open("servers", '[')
	for _, id := range asked {
		if in := c.server(x, id); in != nil {
			in.writeServer(w, ids, x.caller.acct, x.now)
			continue
		}
		missing := missingServer{ID: id, Fault: obj{"code": 404, "message": "Instance could not be found."}}
		raw, _ := json.Marshal(missing) // texts: cannot fail
		w.comma()
		w.b = append(w.b, raw...)
	}
	w.close(']')
	w.close('}')
	return ok(rawBody(w.b))
}

// serverFilter is the filters of the list, tags among them.
func serverFilter(x *exchange) func(*instance) bool {
	q := x.r.URL.Query()
	name, ip, exactIP, want, flavor, tag, notTag, ep := q.Get("name"), q.Get("ip"), q.Get("ip_eq"), q.Get("status"), q.Get("flavor"),
		q.Get("tags"), q.Get("not-tags"), q.Get("enterprise_project_id")
	return func(in *instance) bool {
		if status, _, _, _ := in.power(x.now); want != "" && status != want {
			return false
		}
		return (name == "" || strings.Contains(in.serverName(), name)) &&
			(ip == "" || strings.Contains(in.publicIP(), ip) || strings.Contains(in.privateIP(), ip)) &&
			(exactIP == "" || in.publicIP() == exactIP || in.privateIP() == exactIP) &&
			(flavor == "" || in.spec().flavor == flavor) && (tag == "" || in.tagged(x.caller.acct, tag)) &&
			(notTag == "" || !in.tagged(x.caller.acct, notTag)) &&
			(ep == "" || ep == "0" || ep == "all_granted_eps")
	}
}

// tagged matches "key" and "key=value".
func (in *instance) tagged(a *account, tag string) bool {
	if tag == systemTag {
		return true
	}
	key, value, withValue := strings.Cut(tag, "=")
	have, is := in.tagValues(a)[key]
	return is && (!withValue || value == have)
}

// systemTag is on every server of an instance.
const systemTag = "_sys_type_hcss_l"

// power is the server's state: it builds, then runs or not; in the retention period it is shut off.
func (in *instance) power(now time.Time) (status, vmState, task string, power int) {
	switch {
	case now.Before(in.Active):
		return "BUILD", "building", "spawning", 0
	case in.frozen(now) || in.Power == "SHUTOFF":
		return "SHUTOFF", "stopped", "", 4
	case in.Power == "ERROR":
		return "ERROR", "error", "", 0
	}
	return "ACTIVE", "active", "", 1
}

// writeServer writes a server with the fields of the reference's example (4.4.1).
func (in *instance) writeServer(w *jsonWriter, ids idCache, a *account, now time.Time) {
	s := in.spec()
	status, vmState, task, power := in.power(now)
	host := hash32(in.ID, "host") + hash32(in.ID, "host 2")[:24]
	image := in.imageIn(ids)
	w.open("", '{')
	if status == "ERROR" {
		w.raw("fault", `{"code":500,"message":"The server is faulty.","created":"`+stamp(in.updated(now))+`"}`)
	} else {
		w.raw("fault", none)
	}
	w.text("id", in.serverID(), "name", in.serverName())
	in.writeAddresses(w, ids, now)
	w.open("flavor", '{')
	w.text("disk", "0", "vcpus", strconv.Itoa(s.vcpus), "ram", strconv.Itoa(s.memoryMiB), "id", s.flavor, "name", s.flavor)
	w.raw("gpus", "[]")
	w.raw("asic_accelerators", "[]")
	w.close('}')
	w.text("accessIPv4", "", "accessIPv6", "", "status", status)
	w.number("progress", 0)
	w.text("hostId", host)
	w.moment("updated", stampForm, in.updated(now))
	w.moment("created", stampForm, in.Born)
	in.writeMetadata(w, ids, image, now)
	in.writeTags(w, a)
	w.text("description", in.edits().About)
	w.raw("locked", "false")
	w.text("config_drive", "", "tenant_id", in.project(), "user_id", a.UserID)
	w.raw("key_name", none)
	in.writeVolumes(w)
	if task == "" {
		w.raw("OS-EXT-STS:task_state", none)
	} else {
		w.text("OS-EXT-STS:task_state", task)
	}
	w.number("OS-EXT-STS:power_state", power)
	w.text("OS-EXT-STS:vm_state", vmState, "OS-EXT-SRV-ATTR:host", host, "OS-EXT-SRV-ATTR:instance_name", "instance-"+in.ID[16:],
		"OS-EXT-SRV-ATTR:hypervisor_hostname", host, "OS-DCF:diskConfig", "MANUAL", "OS-EXT-AZ:availability_zone", in.zone())
	w.raw("os:scheduler_hints", "{}")
	w.text("OS-EXT-SRV-ATTR:root_device_name", "/dev/vda", "OS-EXT-SRV-ATTR:ramdisk_id", "", "enterprise_project_id", "0")
	w.raw("OS-EXT-SRV-ATTR:user_data", none)
	if now.Before(in.Active) {
		w.raw("OS-SRV-USG:launched_at", none)
	} else {
		w.moment("OS-SRV-USG:launched_at", "2006-01-02T15:04:05.000000", in.Active)
	}
	w.text("OS-EXT-SRV-ATTR:kernel_id", "")
	w.number("OS-EXT-SRV-ATTR:launch_index", 0)
	w.text("host_status", "UP", "OS-EXT-SRV-ATTR:reservation_id", "r-"+base36(in.ID[8:], 8), "OS-EXT-SRV-ATTR:hostname", in.hostname())
	w.raw("OS-SRV-USG:terminated_at", none)
	w.raw("sys_tags", `[{"value":"0","key":"_sys_enterprise_project_id"}]`)
	w.raw("security_groups", `[{"id":"`+ids.uuid(in.project(), "security group")+`","name":"sg-default-smb"}]`)
	w.raw("image", `{"id":"`+image+`"}`)
	w.raw("hypervisor", none)
	w.text("auto_terminate_time", "")
	w.raw("cpu_options", `{"hw:cpu_threads":null}`)
	w.raw("enclave_options", `{"enabled":false}`)
	w.raw("capacity_reservation_id", none)
	w.raw("capacity_reservation_specification", `{"id":null,"preference":null}`)
	w.raw("security_options", `{"secure_boot_enabled":null,"tpm_enabled":null}`)
	w.raw("spod_id", none)
	w.close('}')
}

// writeAddresses writes the addresses. A server that is being built is listed before it has any.
func (in *instance) writeAddresses(w *jsonWriter, ids idCache, now time.Time) {
	w.open("addresses", '{')
	if !now.Before(in.Active) {
		mac, port := in.mac(), in.portID()
		w.open(ids.uuid(in.project(), "vpc"), '[')
		for _, of := range [2][2]string{{in.privateIP(), "fixed"}, {in.publicIP(), "floating"}} {
			w.open("", '{')
			w.text("version", "4", "addr", of[0])
			w.raw("primary", "true")
			w.text("OS-EXT-IPS-MAC:mac_addr", mac, "OS-EXT-IPS:type", of[1], "OS-EXT-IPS:port_id", port)
			w.close('}')
		}
		w.close(']')
	}
	w.close('}')
}

// writeTags writes "key=value", or "key" where the value is empty.
func (in *instance) writeTags(w *jsonWriter, a *account) {
	w.raw("tags", `["`+systemTag+`"`)
	for _, t := range in.tags(a) {
		if t.Value != "" {
			t.Key += "=" + t.Value
		}
		w.comma()
		w.quote(t.Key)
	}
	w.close(']')
}

func (in *instance) writeVolumes(w *jsonWriter) {
	w.open("os-extended-volumes:volumes_attached", '[')
	disk := func(id, device, boot string) {
		w.open("", '{')
		w.text("id", id, "delete_on_termination", "false", "device", device, "bootIndex", boot)
		w.close('}')
	}
	disk(in.diskID(), "/dev/vda", "0")
	n := 1
	for i, e := range in.order.Extras {
		if e.Type == "evs" {
			disk(in.extraID(i), "/dev/vd"+string(rune('a'+n)), "")
			n++
		}
	}
	w.close(']')
}

func (in *instance) writeMetadata(w *jsonWriter, ids idCache, imageID string, now time.Time) {
	o, s := in.order, in.spec()
	osType, image, kind := "Linux", o.ImageName+" "+o.ImageVersion, "market"
	if o.ImageID != "" {
		image, kind = "private image", "private"
	}
	if s.windows {
		osType = "Windows"
	}
	w.open("metadata", '{')
	w.text("lockScene", lockScene, "charging_mode", "1", "vpc_id", ids.uuid(in.project(), "vpc"),
		"metering.productcode", ids.uuid(o.ImageName, "product code"), "metering.product_id", ids.product(o.Spec+flexusThing),
		"lockSource", "hcss", "lockSourceId", in.ID, "__support_agent_list", "hss,hss-pc,ces", "metering.imagetype", kind,
		"metering.order_id", o.ID, "image_name", image, "metering.imageproductid", ids.product(o.ImageName),
		"metering.resourcespeccode", s.flavor+"."+strings.ToLower(osType), "os_type", osType, "metering.resourcetype", "1",
		"metering.image_id", imageID, "os_bit", "64", "lockCheckEndpoint", "",
		"cascaed.instance_extrainfo", "pcibridge:1,virtio_bus_count:8")
	if in.frozen(now) {
		w.text("EcmResStatus", "freeze")
	}
	w.close('}')
}
