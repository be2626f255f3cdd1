package ecs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2/model"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/cloud"
)

// Tagged gives the instances of the region's servers that carry the tag of a
// purchase, all pages (cloud-api, 8.2, 8.12). How the cloud compares tags is not
// known, so it is done again here. A listing that ends before its count is a
// fault, and none is fault.NotFound. Where the account's projects are known and none is in the region, there
// are no servers.
func (c *Client) Tagged(ctx context.Context, a account.Access, region, tag string) ([]order.Found, error) {
	if len(a.Projects) > 0 && a.Projects[region] == "" {
		return nil, nil
	}
	want := order.TagKey + "=" + tag
	l := listing{known: make(map[string]bool), keep: func(s instance.Server) bool { return slices.Contains(s.Tags, want) }}
	if err := c.every(ctx, a, region, model.ListServersDetailsRequest{Tags: &want}, 1, &l, nil); err != nil {
		return nil, fmt.Errorf("ecs: servers of %s with a tag: %w", region, cloud.Unanswered(err))
	}
	var out []order.Found
	for _, s := range l.out {
		out = append(out, order.Found{InstanceID: s.InstanceID, Name: s.Name, Region: s.Region, CloudOrderID: s.OrderID,
			Tags: tagsOf(s), Created: s.Created})
	}
	return out, nil
}

// tagsOf takes "key=value" and "key" apart.
func tagsOf(s instance.Server) map[string]string {
	out := make(map[string]string, len(s.Tags))
	for _, t := range s.Tags {
		key, value, _ := strings.Cut(t, "=")
		out[key] = value
	}
	return out
}
