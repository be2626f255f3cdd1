// Package iam reads who a credential belongs to and where it may work
// (cloud-api, 3.4 and 3.5). Signing in is package cloud's.
package iam

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3/model"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/cloud"
)

// Client reads projects and domains.
type Client struct{ API *cloud.API }

type project struct {
	ID       cloud.Text  `json:"id"`
	Name     cloud.Text  `json:"name"`
	DomainID cloud.Text  `json:"domain_id"`
	ParentID cloud.Text  `json:"parent_id"`
	Enabled  *cloud.Flag `json:"enabled"`
}

type projectList struct {
	Projects []project `json:"projects"`
}

// Complete reports whether the answer has a list.
func (l *projectList) Complete() bool { return l.Projects != nil }

type domainList struct {
	Domains []struct {
		ID   cloud.Text `json:"id"`
		Name cloud.Text `json:"name"`
	} `json:"domains"`
}

// regionName is the form of a region's code: the name of its default project.
var regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

// Identity reads account id, default projects by region, and the clock's
// offset. Users who may not list all projects get the list of those they may
// access. For a sign-in with a password the account's name is known as well.
func (c *Client) Identity(ctx context.Context, a account.Access) (account.Identity, error) {
	list, err := c.projects(ctx, a)
	if err != nil {
		return account.Identity{}, fmt.Errorf("iam: projects: %w", err)
	}
	id := account.Identity{Projects: byName(list)}
	for _, p := range list {
		if p.DomainID != "" {
			id.DomainID = string(p.DomainID)
			break
		}
	}
	if err := c.domain(ctx, a, &id); err != nil {
		return account.Identity{}, fmt.Errorf("iam: account: %w", err)
	}
	id.ClockOffset = c.API.Offset(a.AccountID)
	return id, nil
}

func (c *Client) projects(ctx context.Context, a account.Access) ([]project, error) {
	var all projectList
	_, err := c.API.Do(ctx, a, c.read("projects", &all, func(s *sdk.IamClient) error {
		_, err := s.KeystoneListProjects(&model.KeystoneListProjectsRequest{})
		return err
	}))
	if err == nil {
		return all.Projects, nil
	}
	if fault.Of(err).Status != 403 {
		return nil, err
	}
	var mine projectList
	_, err = c.API.Do(ctx, a, c.read("auth projects", &mine, func(s *sdk.IamClient) error {
		_, err := s.KeystoneListAuthProjects(&model.KeystoneListAuthProjectsRequest{})
		return err
	}))
	return mine.Projects, err
}

func (c *Client) read(name string, into any, send func(*sdk.IamClient) error) cloud.Call {
	return cloud.Call{Service: cloud.IAM, Name: name, Right: account.RightProjects, Into: into,
		Send: func(h *core.HcHttpClient) error { return send(sdk.NewIamClient(h)) }}
}

// byName keeps the default project of each region, which is called like the
// region, enabled, and hangs directly under the account; and further projects of
// those regions, which are called like the region, "_" and more.
func byName(list []project) map[string]string {
	out := make(map[string]string)
	for _, further := range []bool{false, true} {
		for _, p := range list {
			name := string(p.Name)
			region, own := account.RegionOf(name)
			off := p.Enabled != nil && !bool(*p.Enabled)
			if off || p.ID == "" || own == further || !regionName.MatchString(region) {
				continue
			}
			fits := own && (p.ParentID == "" || p.DomainID == "" || p.ParentID == p.DomainID) || further && out[region] != ""
			if _, taken := out[name]; fits && !taken {
				out[name] = string(p.ID)
			}
		}
	}
	return out
}

// domain fills the account's id and name from where they are to be had.
func (c *Client) domain(ctx context.Context, a account.Access, id *account.Identity) error {
	if a.Login.User != "" {
		tokenID, name, err := c.API.Domain(ctx, a)
		if err != nil {
			return err
		}
		id.DomainName = name
		if id.DomainID == "" {
			id.DomainID = tokenID
		}
	}
	if id.DomainID != "" {
		return nil
	}
	var list domainList
	if _, err := c.API.Do(ctx, a, c.read("domains", &list, func(s *sdk.IamClient) error {
		_, err := s.KeystoneListAuthDomains(&model.KeystoneListAuthDomainsRequest{})
		return err
	})); err != nil {
		return err
	}
	for _, d := range list.Domains {
		if d.ID != "" {
			id.DomainID, id.DomainName = string(d.ID), string(d.Name)
			return nil
		}
	}
	return fault.New(fault.Refused, "cloud.domain.none").Because(errors.New("neither projects nor domains name the account"))
}
