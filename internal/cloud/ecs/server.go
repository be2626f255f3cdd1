package ecs

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/cloud"
)

// server is a cloud server as ECS lists it (cloud-api, 8.1). Everything but the
// id may be null: asked for by an id it does not know, ECS answers that way.
type server struct {
	ID             cloud.Text                                `json:"id"`
	Name           cloud.Text                                `json:"name"`
	Description    cloud.Text                                `json:"description"`
	Hostname       cloud.Text                                `json:"OS-EXT-SRV-ATTR:hostname"`
	Status         cloud.Text                                `json:"status"`
	TaskState      cloud.Text                                `json:"OS-EXT-STS:task_state"`
	VMState        cloud.Text                                `json:"OS-EXT-STS:vm_state"`
	PowerState     cloud.Int                                 `json:"OS-EXT-STS:power_state"`
	Zone           cloud.Text                                `json:"OS-EXT-AZ:availability_zone"`
	Launched       cloud.Time                                `json:"OS-SRV-USG:launched_at"`
	ProjectID      cloud.Text                                `json:"tenant_id"`
	HostStatus     cloud.Text                                `json:"host_status"`
	Locked         cloud.Flag                                `json:"locked"`
	Created        cloud.Time                                `json:"created"`
	Updated        cloud.Time                                `json:"updated"`
	EnterpriseID   cloud.Text                                `json:"enterprise_project_id"`
	Metadata       cloud.Loose[map[string]cloud.Text]        `json:"metadata"`
	Addresses      cloud.Loose[map[string][]address]         `json:"addresses"`
	Flavor         cloud.Loose[flavor]                       `json:"flavor"`
	Image          cloud.Loose[struct{ ID cloud.Text }]      `json:"image"`
	Fault          cloud.Loose[struct{ Message cloud.Text }] `json:"fault"`
	Tags           cloud.Loose[[]cloud.Text]                 `json:"tags"`
	SysTags        cloud.Loose[[]pair]                       `json:"sys_tags"`
	Volumes        cloud.Loose[[]volume]                     `json:"os-extended-volumes:volumes_attached"`
	SecurityGroups cloud.Loose[[]struct{ Name cloud.Text }]  `json:"security_groups"`
}

type address struct {
	Addr cloud.Text `json:"addr"`
	Type cloud.Text `json:"OS-EXT-IPS:type"`
}

type flavor struct {
	ID     cloud.Text `json:"id"`
	VCPUs  cloud.Int  `json:"vcpus"`
	Memory cloud.Int  `json:"ram"` // MiB
}

type pair struct {
	Key   cloud.Text `json:"key"`
	Value cloud.Text `json:"value"`
}

type volume struct {
	ID     cloud.Text `json:"id"`
	Device cloud.Text `json:"device"`
	Boot   cloud.Text `json:"bootIndex"`
}

func parse(raw json.RawMessage, region string) (instance.Server, error) {
	var w server
	if err := json.Unmarshal(raw, &w); err != nil {
		return instance.Server{}, fmt.Errorf("read a server: %w", err)
	}
	meta := w.Metadata.V
	s := instance.Server{
		ID: string(w.ID), Region: region, ProjectID: string(w.ProjectID), Zone: string(w.Zone),
		Name: string(w.Name), Hostname: string(w.Hostname), Description: string(w.Description),
		OrderID: string(meta["metering.order_id"]), ProductID: string(meta["metering.product_id"]),
		Status: string(w.Status), TaskState: string(w.TaskState), VMState: string(w.VMState), PowerState: int(w.PowerState),
		Frozen: meta["EcmResStatus"] == "freeze", Locked: bool(w.Locked), LockScene: string(meta["lockScene"]),
		HostStatus: string(w.HostStatus), Fault: string(w.Fault.V.Message), Absent: w.Status == "" && w.Name == "",
		Flavor: string(w.Flavor.V.ID), VCPUs: int(w.Flavor.V.VCPUs), MemoryMiB: int(w.Flavor.V.Memory),
		OS: family(meta["os_type"]), ImageID: string(w.Image.V.ID), ImageName: string(meta["image_name"]),
		EnterpriseProjectID: string(w.EnterpriseID), Created: w.Created.Time, Updated: w.Updated.Time, Launched: w.Launched.Time,
	}
	if meta["lockSource"] == "hcss" || meta["lockSource"] == "hcsl" {
		s.InstanceID = string(meta["lockSourceId"])
	}
	place(&s, w.Addresses.V)
	for _, v := range w.Volumes.V {
		s.Disks = append(s.Disks, instance.Disk{ID: string(v.ID), Device: string(v.Device), System: v.Boot == "0"})
	}
	for _, g := range w.SecurityGroups.V {
		s.SecurityGroups = append(s.SecurityGroups, string(g.Name))
	}
	for _, t := range w.Tags.V {
		s.Tags = append(s.Tags, string(t))
	}
	for _, t := range w.SysTags.V {
		if s.SysTags == nil {
			s.SysTags = make(map[string]string)
		}
		s.SysTags[string(t.Key)] = string(t.Value)
	}
	return s, nil
}

func family(osType cloud.Text) catalog.OS {
	switch strings.ToLower(string(osType)) {
	case "windows":
		return catalog.Windows
	case "linux":
		return catalog.Linux
	}
	return ""
}

// place sorts the addresses: floating ones are public. IPv4 comes first.
func place(s *instance.Server, networks map[string][]address) {
	for _, id := range slices.Sorted(maps.Keys(networks)) {
		s.Networks = append(s.Networks, id)
		for _, a := range networks[id] {
			ip, err := netip.ParseAddr(string(a.Addr))
			switch {
			case err != nil:
			case a.Type == "floating":
				s.Public = append(s.Public, ip.String())
			default:
				s.Private = append(s.Private, ip.String())
			}
		}
	}
	v4first := func(a, b string) int { return strings.Count(a, ":") - strings.Count(b, ":") }
	slices.SortStableFunc(s.Public, v4first)
	slices.SortStableFunc(s.Private, v4first)
}
