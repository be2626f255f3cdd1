// Package rms reads the list of FlexusL instances from Config, formerly RMS
// (API Reference 4.2; cloud-api, 7). Config is a copy that lags: a thing missing
// from one listing is not a thing deleted.
package rms

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

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

// Instances gives every FlexusL instance of the account, all pages, without the
// deleted ones. An empty list is not a failure, and not proof that there are
// none: the account's resource recorder may be off. A page that has less than it
// says is a fault.
//
// Pages follow each other by markers, so a long listing is read region by
// region, side by side, after its first page has shown that it is long.
func (c *Client) Instances(ctx context.Context, a account.Access) ([]instance.Listed, error) {
	l, long := newListing(), false
	err := cloud.Pages(ctx, func(ctx context.Context, marker string) (string, error) {
		next, err := c.page(ctx, a, &model.ListAllResourcesRequest{}, marker, l)
		if err == nil && marker == "" && next != "" && l.within(a.Projects) {
			long = true
			return "", nil
		}
		return next, err
	})
	if err == nil && long {
		err = c.regions(ctx, a, l)
	}
	if err != nil {
		return nil, fmt.Errorf("rms: instances: %w", err)
	}
	return l.out, nil
}

// InstancesIn is Instances of one region, and gives page, if it is not nil,
// those of each page as soon as it is read.
func (c *Client) InstancesIn(ctx context.Context, a account.Access, region string,
	page func([]instance.Listed)) ([]instance.Listed, error) {
	l := newListing()
	l.page = page
	err := c.into(ctx, a, &model.ListAllResourcesRequest{RegionId: &region}, l)
	if err != nil {
		return nil, fmt.Errorf("rms: instances of %s: %w", region, err)
	}
	return l.out, nil
}

// regions reads the listings of all regions of the account into l.
func (c *Client) regions(ctx context.Context, a account.Access, l *listing) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	codes := account.RegionsOf(a.Projects)
	lists, errs := make([]*listing, len(codes)), make([]error, len(codes))
	var wg sync.WaitGroup
	for n, region := range codes {
		wg.Go(func() {
			lists[n], errs[n] = c.list(ctx, a, &model.ListAllResourcesRequest{RegionId: &region})
			if errs[n] != nil {
				cancel() // half a listing is of no use
			}
		})
	}
	wg.Wait()
	if err := worst(errs); err != nil {
		return err
	}
	for _, r := range lists {
		for _, i := range r.out {
			l.add(i)
		}
	}
	return nil
}

// worst is the failure that made the others give up.
func worst(errs []error) error {
	var out error
	for _, err := range errs {
		if err != nil && (out == nil || errors.Is(out, context.Canceled)) {
			out = err
		}
	}
	return out
}

// Find gives the instances of a region that have the name, or what the cloud may
// have made of it, and with a tag those that carry it, whatever their name. How
// Config itself compares is not known, so it is done again here. A listing that
// fails, or has less on a page than it says, makes the whole fail, and never as
// fault.NotFound.
func (c *Client) Find(ctx context.Context, a account.Access, region, name, tag string) ([]order.Found, error) {
	l := newListing()
	for _, q := range queries(region, name, tag) {
		if err := c.into(ctx, a, q, l); err != nil {
			return nil, fmt.Errorf("rms: find %q: %w", name, cloud.Unanswered(err))
		}
	}
	var out []order.Found
	for _, i := range l.out {
		bears := strings.HasPrefix(i.Name, name) || order.CutName(name, i.Name) || tag != "" && i.Tags[order.TagKey] == tag
		if bears && (region == "" || i.Region == "" || i.Region == region) {
			out = append(out, order.Found{InstanceID: i.ID, Name: i.Name, Region: i.Region, CloudOrderID: i.OrderID,
				Tags: i.Tags, Created: i.Created})
		}
	}
	return out, nil
}

// numberLength is the length of the longest number that the cloud adds to a name.
const numberLength = 7

// queries are the listings that Find reads. A name that may have been cut is not
// sent: Config may compare it whole, and would then list none.
func queries(region, name, tag string) []*model.ListAllResourcesRequest {
	byName := &model.ListAllResourcesRequest{}
	if region != "" {
		byName.RegionId = &region
	}
	byTag := *byName
	if len(name)+numberLength <= order.MaxName {
		byName.Name = &name
	}
	if tag == "" {
		return []*model.ListAllResourcesRequest{byName}
	}
	byTag.Tags = &[]string{order.TagKey + "=" + tag}
	return []*model.ListAllResourcesRequest{byName, &byTag}
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

// listing is what was listed so far, each instance once.
type listing struct {
	out   []instance.Listed
	known map[string]bool
	words cloud.Words
	page  func([]instance.Listed) // called with each page; may be nil
}

func newListing() *listing { return &listing{known: make(map[string]bool), words: make(cloud.Words)} }

func (l *listing) add(i instance.Listed) {
	if !l.known[i.ID] {
		l.known[i.ID] = true
		l.out = append(l.out, i)
	}
}

// within reports whether all that is listed so far lies in several known regions.
func (l *listing) within(projects map[string]string) bool {
	for _, i := range l.out {
		if _, known := projects[i.Region]; !known {
			return false
		}
	}
	return len(account.RegionsOf(projects)) > 1
}

// list reads all pages of a query.
func (c *Client) list(ctx context.Context, a account.Access, q *model.ListAllResourcesRequest) (*listing, error) {
	l := newListing()
	return l, c.into(ctx, a, q, l)
}

func (c *Client) into(ctx context.Context, a account.Access, q *model.ListAllResourcesRequest, l *listing) error {
	return cloud.Pages(ctx, func(ctx context.Context, marker string) (string, error) { return c.page(ctx, a, q, marker, l) })
}

// page reads one page and gives the marker of the next one.
func (c *Client) page(ctx context.Context, a account.Access, q *model.ListAllResourcesRequest, marker string, l *listing) (string, error) {
	one, kind, limit := *q, resourceType, int32(pageSize)
	one.Type, one.Limit = &kind, &limit
	if marker != "" {
		one.Marker = &marker
	}
	p := resourcePage{words: l.words}
	_, err := c.API.Do(ctx, a, cloud.Call{Service: cloud.Config, Name: "instances", Right: account.RightList, Into: &p,
		Send: func(h *core.HcHttpClient) error {
			_, err := sdk.NewConfigClient(h).ListAllResources(&one)
			return err
		}})
	if err != nil {
		return "", err
	}
	if p.odd != nil {
		return "", cloud.Incomplete(p.odd)
	}
	if p.entries < p.count {
		return "", cloud.Incomplete(errCut)
	}
	before := len(l.out)
	for _, i := range p.out {
		l.add(i)
	}
	if l.page != nil {
		l.page(l.out[before:len(l.out):len(l.out)])
	}
	return p.next, nil
}
