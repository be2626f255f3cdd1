package cloudsim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// cloudServer is a server with the fields of the reference's example (4.4.1).
type cloudServer struct {
	Fault        any                  `json:"fault"`
	ID           string               `json:"id"`
	Name         string               `json:"name"`
	Addresses    map[string][]address `json:"addresses"`
	Flavor       flavor               `json:"flavor"`
	AccessIPv4   string               `json:"accessIPv4"`
	AccessIPv6   string               `json:"accessIPv6"`
	Status       string               `json:"status"`
	Progress     int                  `json:"progress"`
	HostID       string               `json:"hostId"`
	Updated      string               `json:"updated"`
	Created      string               `json:"created"`
	Metadata     map[string]string    `json:"metadata"`
	Tags         []string             `json:"tags"`
	Description  string               `json:"description"`
	Locked       bool                 `json:"locked"`
	ConfigDrive  string               `json:"config_drive"`
	Tenant       string               `json:"tenant_id"`
	User         string               `json:"user_id"`
	KeyName      any                  `json:"key_name"`
	Volumes      []volume             `json:"os-extended-volumes:volumes_attached"`
	TaskState    any                  `json:"OS-EXT-STS:task_state"`
	PowerState   int                  `json:"OS-EXT-STS:power_state"`
	VMState      string               `json:"OS-EXT-STS:vm_state"`
	Host         string               `json:"OS-EXT-SRV-ATTR:host"`
	InstanceName string               `json:"OS-EXT-SRV-ATTR:instance_name"`
	Hypervisor   string               `json:"OS-EXT-SRV-ATTR:hypervisor_hostname"`
	DiskConfig   string               `json:"OS-DCF:diskConfig"`
	Zone         string               `json:"OS-EXT-AZ:availability_zone"`
	Hints        obj                  `json:"os:scheduler_hints"`
	RootDevice   string               `json:"OS-EXT-SRV-ATTR:root_device_name"`
	RAMDisk      string               `json:"OS-EXT-SRV-ATTR:ramdisk_id"`
	Enterprise   string               `json:"enterprise_project_id"`
	UserData     any                  `json:"OS-EXT-SRV-ATTR:user_data"`
	Launched     any                  `json:"OS-SRV-USG:launched_at"`
	Kernel       string               `json:"OS-EXT-SRV-ATTR:kernel_id"`
	LaunchIndex  int                  `json:"OS-EXT-SRV-ATTR:launch_index"`
	HostStatus   string               `json:"host_status"`
	Reservation  string               `json:"OS-EXT-SRV-ATTR:reservation_id"`
	Hostname     string               `json:"OS-EXT-SRV-ATTR:hostname"`
	Terminated   any                  `json:"OS-SRV-USG:terminated_at"`
	SysTags      []attribute          `json:"sys_tags"`
	Groups       []named              `json:"security_groups"`
	Image        obj                  `json:"image"`
	HypervisorIn any                  `json:"hypervisor"`
	Terminate    string               `json:"auto_terminate_time"`
	CPUOptions   obj                  `json:"cpu_options"`
	Enclave      obj                  `json:"enclave_options"`
	Capacity     any                  `json:"capacity_reservation_id"`
	CapacitySpec obj                  `json:"capacity_reservation_specification"`
	Security     obj                  `json:"security_options"`
	Spod         any                  `json:"spod_id"`
}

type address struct {
	Version string `json:"version"`
	Addr    string `json:"addr"`
	Primary bool   `json:"primary"`
	MAC     string `json:"OS-EXT-IPS-MAC:mac_addr"`
	Type    string `json:"OS-EXT-IPS:type"`
	Port    string `json:"OS-EXT-IPS:port_id"`
}

type flavor struct {
	Disk  string `json:"disk"`
	VCPUs string `json:"vcpus"`
	RAM   string `json:"ram"`
	ID    string `json:"id"`
	Name  string `json:"name"`
	GPUs  list   `json:"gpus"`
	ASICs list   `json:"asic_accelerators"`
}

type volume struct {
	ID        string `json:"id"`
	Delete    string `json:"delete_on_termination"`
	Device    string `json:"device"`
	BootIndex string `json:"bootIndex"`
}

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// missingServer is how the list answers ids that it was asked for and does not know: all null but id and fault.
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
		return refuse(&failure{status: http.StatusNotFound, code: "Ecs.0114", message: "Instance[" + x.params[1] + "] could not be found."})
	}
	return ok(obj{"server": serverOf(in, x.caller.acct, x.now)})
}

// server is the instance with a server in the project of the path.
func (c *Cloud) server(x *exchange, id string) *instance {
	in := c.state.servers[id]
	if in == nil || in.Account != x.caller.acct.ID || in.order.Project != x.params[0] || !in.exists(x.now) {
		return nil
	}
	return in
}

// Paging of the server list.
const (
	maxServerPage     = 1000
	defaultServerPage = 25
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
	var hits []*instance
	for _, in := range c.state.owned[x.caller.acct.ID] {
		if in.order.Project == x.params[0] && in.exists(x.now) && in.serverFits(x) {
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
	out := make([]any, 0, limit)
	for _, in := range page(hits, from, limit) {
		out = append(out, serverOf(in, x.caller.acct, x.now))
	}
	return ok(obj{"count": len(hits), "servers": out})
}

func (c *Cloud) serversByID(x *exchange, ids []string) reply {
	out := make([]any, 0, len(ids))
	for _, id := range ids {
		if in := c.server(x, id); in != nil {
			out = append(out, serverOf(in, x.caller.acct, x.now))
			continue
		}
		out = append(out, missingServer{ID: id, Fault: obj{"code": 404, "message": "Instance could not be found."}})
	}
	return ok(obj{"count": len(out), "servers": out})
}

// serverFits applies the filters of the list, tags among them.
func (in *instance) serverFits(x *exchange) bool {
	q := x.r.URL.Query()
	status, _, _, _ := in.power(x.now)
	either := func(value string, has func(string) bool) bool { return value == "" || has(value) }
	ep := q.Get("enterprise_project_id")
	return either(q.Get("name"), func(v string) bool { return strings.Contains(in.serverName(), v) }) &&
		either(q.Get("ip"), func(v string) bool { return strings.Contains(in.publicIP(), v) || strings.Contains(in.privateIP(), v) }) &&
		either(q.Get("ip_eq"), func(v string) bool { return in.publicIP() == v || in.privateIP() == v }) &&
		either(q.Get("status"), func(v string) bool { return status == v }) &&
		either(q.Get("flavor"), func(v string) bool { return in.spec().flavor == v }) &&
		either(q.Get("tags"), func(v string) bool { return v == "_sys_type_hcss_l" }) &&
		either(q.Get("not-tags"), func(v string) bool { return v != "_sys_type_hcss_l" }) &&
		(ep == "" || ep == "0" || ep == "all_granted_eps")
}

// power is the server's state: it builds, then runs or not; in the retention period it is shut off.
func (in *instance) power(now time.Time) (status, vmState string, task any, power int) {
	switch {
	case now.Before(in.Active):
		return "BUILD", "building", "spawning", 0
	case in.frozen(now) || in.Power == "SHUTOFF":
		return "SHUTOFF", "stopped", nil, 4
	case in.Power == "ERROR":
		return "ERROR", "error", nil, 0
	}
	return "ACTIVE", "active", nil, 1
}

func serverOf(in *instance, a *account, now time.Time) cloudServer {
	s, o := in.spec(), in.order
	status, vmState, task, power := in.power(now)
	host := hash32(in.ID, "host") + hash32(in.ID, "host 2")[:24]
	var launched any
	updated := in.Born
	if !now.Before(in.Active) {
		launched, updated = in.Active.UTC().Format("2006-01-02T15:04:05.000000"), in.Active
	}
	var fault any
	if status == "ERROR" {
		fault = obj{"code": 500, "message": "The server is faulty.", "created": stamp(updated)}
	}
	return cloudServer{Fault: fault, ID: in.serverID(), Name: in.serverName(), Addresses: in.addresses(now),
		Flavor: flavor{"0", fmt.Sprint(s.vcpus), fmt.Sprint(s.memoryMiB), s.flavor, s.flavor, list{}, list{}},
		Status: status, HostID: host, Updated: stamp(updated), Created: stamp(in.Born), Metadata: in.metadata(now),
		Tags: []string{"_sys_type_hcss_l"}, Tenant: o.Project, User: a.UserID, Volumes: in.volumes(),
		TaskState: task, PowerState: power, VMState: vmState, Host: host, InstanceName: "instance-" + in.ID[16:], Hypervisor: host,
		DiskConfig: "MANUAL", Zone: in.zone(), Hints: obj{}, RootDevice: "/dev/vda", Enterprise: "0", Launched: launched,
		HostStatus: "UP", Reservation: "r-" + base36(in.ID[8:], 8), Hostname: in.hostname(),
		SysTags: []attribute{{Key: "_sys_enterprise_project_id", Value: "0"}}, Groups: []named{{in.groupID(), "sg-default-smb"}},
		Image: obj{"id": in.imageID()}, CPUOptions: obj{"hw:cpu_threads": nil}, Enclave: obj{"enabled": false},
		CapacitySpec: obj{"id": nil, "preference": nil}, Security: obj{"secure_boot_enabled": nil, "tpm_enabled": nil}}
}

// addresses come with the network, not with the first sight of the server.
func (in *instance) addresses(now time.Time) map[string][]address {
	if now.Before(in.Active) {
		return map[string][]address{}
	}
	of := func(addr, kind string) address {
		return address{"4", addr, true, in.mac(), kind, in.portID()}
	}
	return map[string][]address{in.vpcID(): {of(in.privateIP(), "fixed"), of(in.publicIP(), "floating")}}
}

func (in *instance) volumes() []volume {
	out := []volume{{in.diskID(), "false", "/dev/vda", "0"}}
	for i, e := range in.order.Extras {
		if e.Type == "evs" {
			out = append(out, volume{part(in.ID, fmt.Sprintf("extra %d", i)), "false", fmt.Sprintf("/dev/vd%c", 'a'+len(out)), ""})
		}
	}
	return out
}

func (in *instance) metadata(now time.Time) map[string]string {
	o, s := in.order, in.spec()
	osType, image, kind := "Linux", o.ImageName+" "+o.ImageVersion, "market"
	if o.ImageID != "" {
		image, kind = "private image", "private"
	}
	if s.windows {
		osType = "Windows"
	}
	m := map[string]string{
		"lockScene": lockScene, "charging_mode": "1", "vpc_id": in.vpcID(), "metering.productcode": part(o.ImageName, "product code"),
		"metering.product_id": productID(o.Spec + flexusThing), "lockSource": "hcss", "lockSourceId": in.ID,
		"__support_agent_list": "hss,hss-pc,ces", "metering.imagetype": kind, "metering.order_id": o.ID, "image_name": image,
		"metering.imageproductid": productID(o.ImageName), "metering.resourcespeccode": s.flavor + "." + strings.ToLower(osType),
		"os_type": osType, "metering.resourcetype": "1", "metering.image_id": in.imageID(), "os_bit": "64", "lockCheckEndpoint": "",
		"cascaed.instance_extrainfo": "pcibridge:1,virtio_bus_count:8"}
	if in.frozen(now) {
		m["EcmResStatus"] = "freeze"
	}
	return m
}
