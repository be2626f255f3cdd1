package rms

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"

	"sampan/internal/app/instance"
	"sampan/internal/cloud"
)

// resource is one instance as Config lists it. What the table of the reference
// puts inside properties, its example has outside: both places are read.
type resource struct {
	ID                cloud.Text              `json:"id"`
	Name              cloud.Text              `json:"name"`
	Provider          cloud.Text              `json:"provider"`
	Type              cloud.Text              `json:"type"`
	Region            cloud.Text              `json:"region_id"`
	ProjectID         cloud.Text              `json:"project_id"`
	ProjectName       cloud.Text              `json:"project_name"`
	EnterpriseID      cloud.Text              `json:"ep_id"`
	EnterpriseName    cloud.Text              `json:"ep_name"`
	Created           cloud.Time              `json:"created"`
	Updated           cloud.Time              `json:"updated"`
	ProvisioningState cloud.Text              `json:"provisioning_state"`
	State             cloud.Text              `json:"state"`
	Tags              tags                    `json:"tags"`
	Properties        cloud.Loose[properties] `json:"properties"`
	properties                                // the same, at the top level
}

type properties struct {
	Metadata    cloud.Loose[metadata] `json:"metadata"`
	Description cloud.Text            `json:"description"`
	Product     cloud.Text            `json:"product_name"`
	Plan        cloud.Text            `json:"plan_name"`
	Status      cloud.Text            `json:"status"`
	Resources   cloud.Loose[[]part]   `json:"resources"`
}

type metadata struct {
	OrderID cloud.Text `json:"order_id"`
	Spec    cloud.Text `json:"resource_spec_code"`
	Service cloud.Text `json:"cloud_service_type"`
}

type part struct {
	Logical    cloud.Text                                `json:"logical_resource_type"`
	Type       cloud.Text                                `json:"physical_resource_type"`
	ID         cloud.Text                                `json:"physical_resource_id"`
	Name       cloud.Text                                `json:"physical_resource_name"`
	Attributes cloud.Loose[[]cloud.Loose[attributePair]] `json:"resource_attributes"`
}

type attributePair struct {
	Key   cloud.Text `json:"key"`
	Value anyText    `json:"value"`
}

// anyText is a string; where the cloud sends an object instead of an object's
// text, its JSON is kept.
type anyText string

// UnmarshalJSON implements json.Unmarshaler.
func (t *anyText) UnmarshalJSON(b []byte) error {
	if b[0] == '{' || b[0] == '[' {
		*t = anyText(b)
		return nil
	}
	var s cloud.Text
	err := s.UnmarshalJSON(b)
	*t = anyText(s)
	return err
}

// tags may come as an object or as a list of pairs.
type tags map[string]string

// UnmarshalJSON implements json.Unmarshaler.
func (t *tags) UnmarshalJSON(b []byte) error {
	var object map[string]cloud.Text
	if json.Unmarshal(b, &object) == nil && len(object) > 0 {
		*t = make(tags)
		for k, v := range object {
			(*t)[k] = string(v)
		}
		return nil
	}
	var list []struct {
		Key   cloud.Text `json:"key"`
		Value cloud.Text `json:"value"`
	}
	if json.Unmarshal(b, &list) == nil && len(list) > 0 {
		*t = make(tags)
		for _, p := range list {
			(*t)[string(p.Key)] = string(p.Value)
		}
	}
	return nil
}

// The kinds of part that are read out (cloud-api, 7); others are kept as they are.
const (
	serverPart  = "huaweicloudinternal_ecs_instance"
	packagePart = "huaweicloudinternal_cbc_freeresource"
	addressPart = "huaweicloudinternal_eip"
)

// read turns one listed resource into an instance. ok is false for what is not
// a FlexusL instance or is deleted.
func read(raw json.RawMessage) (i instance.Listed, ok bool, err error) {
	var r resource
	if err := json.Unmarshal(raw, &r); err != nil {
		return instance.Listed{}, false, fmt.Errorf("read a resource: %w", err)
	}
	if r.ID == "" || r.State == "Deleted" || !slices.Contains([]cloud.Text{"", "hcss", "hcsl"}, r.Provider) {
		return instance.Listed{}, false, nil
	}
	in, out := r.Properties.V, r.properties
	meta := in.Metadata.V
	if meta == (metadata{}) {
		meta = out.Metadata.V
	}
	i = instance.Listed{
		ID: string(r.ID), Name: string(r.Name), Region: string(r.Region), ProjectID: string(r.ProjectID), ProjectName: string(r.ProjectName),
		EnterpriseProjectID: string(r.EnterpriseID), EnterpriseProjectName: string(r.EnterpriseName),
		State: string(r.State), ProvisioningState: string(r.ProvisioningState),
		Description: either(in.Description, out.Description), Status: either(in.Status, out.Status),
		Product: either(in.Product, out.Product), Plan: either(in.Plan, out.Plan),
		Spec: string(meta.Spec), OrderID: string(meta.OrderID), Tags: r.Tags,
		Created: r.Created.Time, Updated: r.Updated.Time,
	}
	parts := in.Resources.V
	if len(parts) == 0 {
		parts = out.Resources.V
	}
	for _, p := range parts {
		add(&i, p)
	}
	return i, true, nil
}

func either(inside, outside cloud.Text) string {
	if inside != "" {
		return string(inside)
	}
	return string(outside)
}

// add keeps a part and reads out what the pages show.
func add(i *instance.Listed, p part) {
	kept := instance.Part{Logical: string(p.Logical), Type: string(p.Type), ID: string(p.ID), Name: string(p.Name),
		Attributes: make(map[string]string)}
	for _, a := range p.Attributes.V {
		switch v := string(a.V.Value); v {
		case "", "null", "[]": // mean none
		default:
			kept.Attributes[string(a.V.Key)] = v
		}
	}
	i.Parts = append(i.Parts, kept)
	switch {
	case kept.Logical == serverPart && kept.ID != "":
		i.ServerIDs = append(i.ServerIDs, kept.ID)
	case kept.Logical == packagePart && kept.ID != "":
		i.PackageIDs = append(i.PackageIDs, kept.ID)
		if end := cloud.ParseTime(kept.Attributes["end_time"]); i.PackageEnd.IsZero() {
			i.PackageEnd = end
		}
	case kept.Logical == addressPart:
		if ip, err := netip.ParseAddr(kept.Attributes["public_ip_address"]); err == nil {
			i.Addresses = append(i.Addresses, ip.String())
		}
	}
}
