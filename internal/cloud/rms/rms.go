// Package rms reads the list of FlexusL instances from Config, formerly RMS
// (API Reference 4.2; cloud-api, 7). Config is a copy that lags: a thing missing
// from one listing is not a thing deleted.
package rms

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/config/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/config/v1/model"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/cloud"
)

// resourceType is sent; the reference's example has hcsl-instance, its text and
// newer editions this (cloud-api, 16).
const resourceType = "hcss.l-instance"

const pageSize = 200 // the most that Config allows

// Client reads the listing.
type Client struct{ API *cloud.API }

var (
	_ instance.Lister = (*Client)(nil)
	_ order.Finder    = (*Client)(nil)
)

type resourceList struct {
	Resources []json.RawMessage `json:"resources"`
	Page      cloud.Loose[struct {
		Next cloud.Text `json:"next_marker"`
	}] `json:"page_info"`
}

// Complete reports whether the answer has a list.
func (l *resourceList) Complete() bool { return l.Resources != nil }

// Instances gives every FlexusL instance of the account, all pages, without the
// deleted ones. An empty list is not a failure, and not proof that there are
// none: the account's resource recorder may be off.
func (c *Client) Instances(ctx context.Context, a account.Access) ([]instance.Listed, error) {
	out, err := c.list(ctx, a, &model.ListAllResourcesRequest{})
	if err != nil {
		return nil, fmt.Errorf("rms: instances: %w", err)
	}
	return out, nil
}

// Find gives the instances of a region whose name begins with name: with a
// quantity above one the cloud adds to it. How Config itself compares names is
// not known, so it is done again here.
func (c *Client) Find(ctx context.Context, a account.Access, region, name string) ([]order.Found, error) {
	q := &model.ListAllResourcesRequest{Name: &name}
	if region != "" {
		q.RegionId = &region
	}
	list, err := c.list(ctx, a, q)
	if err != nil {
		return nil, fmt.Errorf("rms: find %q: %w", name, err)
	}
	var out []order.Found
	for _, i := range list {
		if strings.HasPrefix(i.Name, name) && (region == "" || i.Region == "" || i.Region == region) {
			out = append(out, order.Found{InstanceID: i.ID, Name: i.Name, Region: i.Region, CloudOrderID: i.OrderID,
				Tags: i.Tags, Created: i.Created})
		}
	}
	return out, nil
}

// Count reads how many instances Config lists.
func (c *Client) Count(ctx context.Context, a account.Access) (int, error) {
	var out countReply
	q := &model.CountAllResourcesRequest{Type: &[]string{resourceType}}
	_, err := c.API.Do(ctx, a, cloud.Call{Service: cloud.Config, Name: "instance count", Right: account.RightList, Into: &out,
		Send: func(h *core.HcHttpClient) error {
			_, err := sdk.NewConfigClient(h).CountAllResources(q)
			return err
		}})
	if err != nil {
		return 0, fmt.Errorf("rms: count: %w", err)
	}
	return int(*out.Total), nil
}

type countReply struct {
	Total *cloud.Int `json:"total_count"`
}

// Complete reports whether the answer has the number.
func (r *countReply) Complete() bool { return r.Total != nil }

// list reads all pages of a query and drops what is listed twice.
func (c *Client) list(ctx context.Context, a account.Access, q *model.ListAllResourcesRequest) ([]instance.Listed, error) {
	kind, limit := resourceType, int32(pageSize)
	q.Type, q.Limit = &kind, &limit
	var out []instance.Listed
	known := make(map[string]bool)
	err := cloud.Pages(ctx, func(ctx context.Context, marker string) (string, error) {
		page := *q
		if marker != "" {
			page.Marker = &marker
		}
		var list resourceList
		_, err := c.API.Do(ctx, a, cloud.Call{Service: cloud.Config, Name: "instances", Right: account.RightList, Into: &list,
			Send: func(h *core.HcHttpClient) error {
				_, err := sdk.NewConfigClient(h).ListAllResources(&page)
				return err
			}})
		if err != nil {
			return "", err
		}
		for _, raw := range list.Resources {
			i, ok, err := read(raw)
			if err != nil {
				return "", cloud.Incomplete(err)
			}
			if ok && !known[i.ID] {
				known[i.ID] = true
				out = append(out, i)
			}
		}
		return string(list.Page.V.Next), nil
	})
	return out, err
}
