package bss

import (
	"context"
	"fmt"

	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2/model"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/cloud"
)

const resourcePage = 50 // also the most ids of one query (cloud-api, 9.8)

type resource struct {
	ResourceID   cloud.Text `json:"resource_id"`
	Name         cloud.Text `json:"resource_name"`
	Region       cloud.Text `json:"region_code"`
	ServiceType  cloud.Text `json:"service_type_code"`
	ResourceType cloud.Text `json:"resource_type_code"`
	Spec         cloud.Text `json:"resource_spec_code"`
	ProjectID    cloud.Text `json:"project_id"`
	Parent       cloud.Text `json:"parent_resource_id"`
	Main         *cloud.Int `json:"is_main_resource"`
	Status       cloud.Int  `json:"status"`
	Effective    cloud.Time `json:"effective_time"`
	Expires      cloud.Time `json:"expire_time"`
	ExpirePolicy cloud.Int  `json:"expire_policy"`
	SpecText     cloud.Text `json:"product_spec_desc"`
	Updated      cloud.Time `json:"update_time"`
	Enterprise   cloud.Loose[struct {
		ID   cloud.Text `json:"id"`
		Name cloud.Text `json:"name"`
	}] `json:"enterprise_project"`
}

func (r resource) expiry() instance.Expiry {
	return instance.Expiry{
		InstanceID: string(r.ResourceID), Name: string(r.Name), Region: string(r.Region), ProjectID: string(r.ProjectID),
		Spec: string(r.Spec), SpecText: string(r.SpecText), ServiceType: string(r.ServiceType), ResourceType: string(r.ResourceType),
		Main: r.Main == nil || *r.Main == 1, ParentID: string(r.Parent), Status: int(r.Status),
		Effective: r.Effective.Time, Expires: r.Expires.Time, ExpirePolicy: int(r.ExpirePolicy),
		EnterpriseProjectID: string(r.Enterprise.V.ID), EnterpriseProjectName: string(r.Enterprise.V.Name), Updated: r.Updated.Time,
	}
}

type resourceList struct {
	Total *cloud.Int `json:"total_count"`
	Data  []resource `json:"data"`
}

// Complete reports whether the answer has a list, or a count of 0.
func (l *resourceList) Complete() bool { return l.Data != nil || l.Total != nil && *l.Total == 0 }

// Resources lists the instances that an order delivered (cloud-api, 9.8).
func (c *Client) Resources(ctx context.Context, a account.Access, cloudOrderID string) ([]order.Resource, error) {
	list, err := c.Delivered(ctx, a, cloudOrderID)
	if err != nil {
		return nil, err
	}
	var out []order.Resource
	for _, e := range list {
		out = append(out, order.Resource{InstanceID: e.InstanceID, Name: e.Name, Spec: e.Spec, Region: e.Region, Status: e.Status,
			Expires: e.Expires, ExpirePolicy: e.ExpirePolicy})
	}
	return out, nil
}

// Delivered gives the main resources of an order. A list that is not whole is a
// fault.
func (c *Client) Delivered(ctx context.Context, a account.Access, cloudOrderID string) ([]instance.Expiry, error) {
	if err := checkOrderID(cloudOrderID); err != nil {
		return nil, err
	}
	out, err := c.query(ctx, a, model.QueryResourcesReq{OrderId: &cloudOrderID})
	if err != nil {
		return nil, fmt.Errorf("bss: resources of %s: %w", cloudOrderID, missing(err))
	}
	return instances(out), nil
}

// Expiries gives the main resources with these ids, any number of them. Ids that
// billing does not know are missing from the answer. A list that is not whole is
// a fault.
func (c *Client) Expiries(ctx context.Context, a account.Access, ids []string) ([]instance.Expiry, error) {
	for _, id := range ids {
		if !cloud.ValidInstanceID(id) {
			return nil, fmt.Errorf("bss: resources: %w", cloud.BadID(id))
		}
	}
	out, err := inChunks(ctx, ids, resourcePage, false, func(ctx context.Context, chunk []string) ([]instance.Expiry, error) {
		return c.query(ctx, a, model.QueryResourcesReq{ResourceIds: &chunk})
	})
	if err != nil {
		return nil, fmt.Errorf("bss: %d resources: %w", len(ids), err)
	}
	return out, nil
}

// query reads all pages of main resources. The list must have as many different
// ones as it says.
func (c *Client) query(ctx context.Context, a account.Access, q model.QueryResourcesReq) ([]instance.Expiry, error) {
	mainOnly, limit, said := int32(1), int32(resourcePage), -1
	q.OnlyMainResource, q.Limit = &mainOnly, &limit
	var out []instance.Expiry
	known := make(map[string]bool)
	err := records(func(offset int32) (got, fresh, total int, err error) {
		page := q
		page.Offset = &offset
		var l resourceList
		err = c.do(ctx, a, cloud.Call{Name: "resources", Right: account.RightOrders, Into: &l}, func(s *sdk.BssintlClient) error {
			_, err := s.ListPayPerUseCustomerResources(&model.ListPayPerUseCustomerResourcesRequest{Body: &page})
			return err
		})
		for _, r := range l.Data {
			if r.ResourceID == "" || known[string(r.ResourceID)] {
				continue
			}
			known[string(r.ResourceID)] = true
			fresh++
			if e := r.expiry(); e.Main {
				out = append(out, e)
			}
		}
		said = totalOf(l.Total)
		return len(l.Data), fresh, said, err
	})
	if err == nil && len(known) < said {
		err = cloud.Incomplete(errTwice)
	}
	return out, err
}

// instances drops main resources of other services, if FlexusL's can be told.
func instances(list []instance.Expiry) []instance.Expiry {
	var out []instance.Expiry
	for _, e := range list {
		if flexus(e.ServiceType) {
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		return list
	}
	return out
}
