// Package ecs reads the cloud servers inside FlexusL instances (cloud-api, 8).
package ecs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2/model"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/cloud"
)

// Client reads servers. It is not copied after its first use.
type Client struct {
	API *cloud.API

	pages sync.Map // account and region → pages of the last listing
}

var (
	_ instance.Servers   = (*Client)(nil)
	_ order.ServerFinder = (*Client)(nil)
)

const (
	pageSize  = 500 // 1,000 are allowed; an answer must stay under 8 MiB
	most      = 8   // pages asked for at once because of a count, which may be wrong
	idsAtOnce = 100 // because of the URL's length
)

// Servers gives the FlexusL servers of a region, all pages. Whether the cloud
// could filter by tag is not known, so it is done here.
//
// Pages have numbers, so they are read side by side: at first as many as the
// listing before had, then what the count says is still missing. A list that ends
// before its count is a fault, with which comes what was listed: it is there,
// and says nothing of the rest.
func (c *Client) Servers(ctx context.Context, a account.Access, region string, page func([]instance.Server)) ([]instance.Server, error) {
	key, to := a.AccountID+" "+region+" "+a.Project, 1
	if n, ok := c.pages.Load(key); ok {
		to = n.(int)
	}
	l := listing{known: make(map[string]bool), keep: instance.Server.Flexus}
	if err := c.every(ctx, a, region, model.ListServersDetailsRequest{}, to, &l, page); err != nil {
		if !errors.Is(err, errCut) {
			l.out = nil
		}
		return l.out, fmt.Errorf("ecs: servers of %s: %w", region, err)
	}
	c.pages.Store(key, max(1, l.pages))
	return l.out, nil
}

// every reads all pages of a query into l, the first ones, up to that number, at
// once.
func (c *Client) every(ctx context.Context, a account.Access, region string, q model.ListServersDetailsRequest, to int, l *listing,
	page func([]instance.Server)) error {
	from := 1
	for from <= cloud.MaxPages {
		pages, err := c.side(ctx, a, region, q, from, to, page)
		if err != nil {
			return err
		}
		for _, p := range pages {
			switch l.add(p) {
			case whole:
				return nil
			case circling:
				return cloud.Incomplete(errEndless)
			case cut:
				return cloud.Incomplete(errCut)
			}
		}
		from, to = to+1, min(max(to+1, l.last()), to+most, cloud.MaxPages)
	}
	return cloud.Incomplete(errEndless)
}

var (
	errEndless = errors.New("the listing does not end or repeats itself")
	errCut     = errors.New("the listing ends before its count")
)

// side reads pages side by side. They begin in the order of their numbers: the
// last one is the shortest, and what comes last is waited for. One that fails
// ends the others.
func (c *Client) side(ctx context.Context, a account.Access, region string, q model.ListServersDetailsRequest, from, to int,
	page func([]instance.Server)) ([]serverList, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pages := make([]serverList, to-from+1)
	var failed error
	var once sync.Once
	var wait sync.WaitGroup
	for n := range pages {
		begun := make(chan struct{})
		begin := sync.OnceFunc(func() { close(begun) })
		wait.Go(func() {
			defer begin()
			q, limit, number := q, int32(pageSize), int32(from+n) // offset is the number of the page
			q.Limit, q.Offset = &limit, &number
			var err error
			pages[n], err = c.list(ctx, a, region, "servers", &q, begin)
			if err != nil {
				once.Do(func() { failed = err })
				cancel()
			} else if page != nil {
				page(pages[n].servers)
			}
		})
		<-begun
	}
	wait.Wait()
	return pages, failed
}

// listing is what was listed so far, each server once.
type listing struct {
	out     []instance.Server
	known   map[string]bool
	keep    func(instance.Server) bool
	pages   int // that had servers
	size    int // servers on the first page
	count   int // that the cloud counts, 0 = it does not say
	counted bool
}

// What a page was to the listing.
const (
	middle   = iota
	whole    // the last one
	circling // one that was there before
	cut      // the last one, and the count says more
)

func (l *listing) add(p serverList) int {
	fresh := 0
	for _, s := range p.servers {
		if s.ID == "" || l.known[s.ID] {
			continue
		}
		l.known[s.ID] = true
		fresh++
		if l.keep(s) {
			l.out = append(l.out, s)
		}
	}
	if len(p.servers) > 0 {
		l.pages++
		l.size = max(l.size, len(p.servers))
	}
	l.count, l.counted = p.count, p.counted
	switch {
	case len(p.servers) == 0 && l.counted && len(l.known) < l.count:
		return cut
	case len(p.servers) == 0, l.counted && len(l.known) >= l.count:
		return whole
	case fresh == 0:
		return circling
	}
	return middle
}

// last is the number of the last page, as far as is known.
func (l *listing) last() int {
	if !l.counted || l.size == 0 {
		return 0
	}
	return (l.count + l.size - 1) / l.size
}

// ServersByID gives these servers, any number of them. One that the cloud does
// not have comes back Absent or not at all; a list that has less than it counts
// is a fault.
func (c *Client) ServersByID(ctx context.Context, a account.Access, region string, ids []string) ([]instance.Server, error) {
	for _, id := range ids {
		if !cloud.ValidServerID(id) {
			return nil, cloud.BadID(id)
		}
	}
	var out []instance.Server
	for chunk := range slices.Chunk(ids, idsAtOnce) {
		wanted, limit := strings.Join(chunk, ","), int32(len(chunk))
		list, err := c.list(ctx, a, region, "servers by id", &model.ListServersDetailsRequest{ServerId: &wanted, Limit: &limit}, func() {})
		if err != nil {
			return nil, fmt.Errorf("ecs: %d servers of %s: %w", len(ids), region, err)
		}
		if list.counted && len(list.servers) < list.count {
			return nil, fmt.Errorf("ecs: %d servers of %s: %w", len(ids), region, cloud.Incomplete(errCut))
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
	if _, err := c.list(ctx, a, region, "servers", &model.ListServersDetailsRequest{Limit: &one, Offset: &one}, func() {}); err != nil {
		return fmt.Errorf("ecs: probe %s: %w", region, err)
	}
	return nil
}

// list reads one page. begin is called when its turn has come.
func (c *Client) list(ctx context.Context, a account.Access, region, name string, q *model.ListServersDetailsRequest,
	begin func()) (serverList, error) {
	list := serverList{region: region, words: make(cloud.Words)}
	_, err := c.API.Do(ctx, a, cloud.Call{Service: cloud.ECS, Name: name, Region: region, Right: account.RightServers, Into: &list,
		Send: func(h *core.HcHttpClient) error {
			begin()
			_, err := sdk.NewEcsClient(h).ListServersDetails(q)
			return err
		}})
	if err == nil && list.odd != nil {
		err = cloud.Incomplete(list.odd)
	}
	return list, err
}
