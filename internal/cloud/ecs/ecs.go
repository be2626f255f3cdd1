// Package ecs reads the cloud servers inside FlexusL instances (cloud-api, 8).
package ecs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2/model"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/cloud"
)

// Client reads servers.
type Client struct{ API *cloud.API }

var _ instance.Servers = (*Client)(nil)

const (
	pageSize  = 500 // 1,000 are allowed; an answer must stay under 8 MiB
	idsAtOnce = 100 // because of the URL's length
)

// Servers gives the FlexusL servers of a region, all pages. Whether the cloud
// could filter by tag is not known, so it is done here.
func (c *Client) Servers(ctx context.Context, a account.Access, region string) ([]instance.Server, error) {
	var out []instance.Server
	known, words, read := make(map[string]bool), make(cloud.Words), 0
	for page := int32(1); page <= cloud.MaxPages; page++ {
		limit, number := int32(pageSize), page // offset is the number of the page
		list, err := c.list(ctx, a, region, "servers", &model.ListServersDetailsRequest{Limit: &limit, Offset: &number}, words)
		if err != nil {
			return nil, fmt.Errorf("ecs: servers of %s: %w", region, err)
		}
		fresh := 0
		for _, s := range list.servers {
			if s.ID == "" || known[s.ID] {
				continue
			}
			known[s.ID] = true
			fresh++
			if s.Flexus() {
				out = append(out, s)
			}
		}
		read += len(list.servers)
		if len(list.servers) == 0 || list.counted && read >= list.count {
			return out, nil
		}
		if fresh == 0 {
			break // the same page again
		}
	}
	return nil, fmt.Errorf("ecs: servers of %s: %w", region, cloud.Incomplete(errors.New("the listing does not end or repeats itself")))
}

// ServersByID gives these servers, any number of them. One that the cloud does
// not have comes back Absent or not at all.
func (c *Client) ServersByID(ctx context.Context, a account.Access, region string, ids []string) ([]instance.Server, error) {
	for _, id := range ids {
		if !cloud.ValidServerID(id) {
			return nil, cloud.BadID(id)
		}
	}
	var out []instance.Server
	words := make(cloud.Words)
	for chunk := range slices.Chunk(ids, idsAtOnce) {
		wanted, limit := strings.Join(chunk, ","), int32(len(chunk))
		list, err := c.list(ctx, a, region, "servers by id", &model.ListServersDetailsRequest{ServerId: &wanted, Limit: &limit}, words)
		if err != nil {
			return nil, fmt.Errorf("ecs: %d servers of %s: %w", len(ids), region, err)
		}
		for _, s := range list.servers {
			if slices.Contains(chunk, s.ID) {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// Probe reads one server of a region, for the connection check.
func (c *Client) Probe(ctx context.Context, a account.Access, region string) error {
	one := int32(1)
	if _, err := c.list(ctx, a, region, "servers", &model.ListServersDetailsRequest{Limit: &one, Offset: &one}, make(cloud.Words)); err != nil {
		return fmt.Errorf("ecs: probe %s: %w", region, err)
	}
	return nil
}

func (c *Client) list(ctx context.Context, a account.Access, region, name string, q *model.ListServersDetailsRequest, w cloud.Words) (serverList, error) {
	list := serverList{region: region, words: w}
	_, err := c.API.Do(ctx, a, cloud.Call{Service: cloud.ECS, Name: name, Region: region, Right: account.RightServers, Into: &list,
		Send: func(h *core.HcHttpClient) error {
			_, err := sdk.NewEcsClient(h).ListServersDetails(q)
			return err
		}})
	if err == nil && list.odd != nil {
		err = cloud.Incomplete(list.odd)
	}
	return list, err
}
