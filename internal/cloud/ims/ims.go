// Package ims reads the private images of an account (cloud-api, 10.1).
package ims

import (
	"context"
	"fmt"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ims/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ims/v2/model"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/cloud"
)

// Client reads images.
type Client struct{ API *cloud.API }

var _ instance.Images = (*Client)(nil)

type image struct {
	ID        cloud.Text `json:"id"`
	Name      cloud.Text `json:"name"`
	Status    cloud.Text `json:"status"`
	OSType    cloud.Text `json:"__os_type"`
	OSVersion cloud.Text `json:"__os_version"`
	Platform  cloud.Text `json:"__platform"`
	MinDisk   cloud.Int  `json:"min_disk"`
}

func (i image) os() catalog.OS {
	for _, s := range []cloud.Text{i.OSType, i.Platform, i.OSVersion} {
		if s != "" {
			if strings.Contains(strings.ToLower(string(s)), "windows") {
				return catalog.Windows
			}
			return catalog.Linux
		}
	}
	return ""
}

type imageList struct {
	Images []image `json:"images"`
}

// Complete reports whether the answer has a list.
func (l *imageList) Complete() bool { return l.Images != nil }

// Images gives the account's own active server images in a region, all pages.
func (c *Client) Images(ctx context.Context, a account.Access, region string) ([]catalog.PrivateImage, error) {
	var out []catalog.PrivateImage
	known := make(map[cloud.Text]bool)
	err := cloud.Pages(ctx, func(ctx context.Context, marker string) (string, error) {
		page, err := c.page(ctx, a, region, marker, pageSize)
		if err != nil {
			return "", err
		}
		last := ""
		for _, i := range page {
			last = string(i.ID)
			if i.ID == "" || known[i.ID] {
				continue
			}
			known[i.ID] = true
			out = append(out, catalog.PrivateImage{ID: string(i.ID), Name: string(i.Name), Region: region, OS: i.os(),
				Status: string(i.Status), MinDiskGiB: int(i.MinDisk)})
		}
		return last, nil
	})
	if err != nil {
		return nil, fmt.Errorf("ims: images of %s: %w", region, err)
	}
	return out, nil
}

// Probe reads one image of a region, for the connection check.
func (c *Client) Probe(ctx context.Context, a account.Access, region string) error {
	_, err := c.page(ctx, a, region, "", 1)
	return err
}

const pageSize = 500

func (c *Client) page(ctx context.Context, a account.Access, region, marker string, limit int32) ([]image, error) {
	own, active, servers := model.GetListImagesRequestImagetypeEnum().PRIVATE, model.GetListImagesRequestStatusEnum().ACTIVE,
		model.GetListImagesRequestVirtualEnvTypeEnum().FUSION_COMPUTE
	q := &model.ListImagesRequest{Imagetype: &own, Status: &active, VirtualEnvType: &servers, Limit: &limit}
	if marker != "" {
		q.Marker = &marker
	}
	var list imageList
	_, err := c.API.Do(ctx, a, cloud.Call{Service: cloud.IMS, Name: "images", Region: region, Right: account.RightImages, Into: &list,
		Send: func(h *core.HcHttpClient) error {
			_, err := sdk.NewImsClient(h).ListImages(q)
			return err
		}})
	return list.Images, err
}
