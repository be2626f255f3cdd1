package ecs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2/model"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
	"sampan/internal/app/server"
	"sampan/internal/cloud"
)

var _ server.Cloud = (*Client)(nil)

// do makes one call about one server.
func (c *Client) do(ctx context.Context, a account.Access, serverID string, call cloud.Call, send func(*sdk.EcsClient) error) error {
	if !cloud.ValidServerID(serverID) {
		return cloud.BadID(serverID)
	}
	call.Service = cloud.ECS
	call.Send = func(h *core.HcHttpClient) error { return send(sdk.NewEcsClient(h)) }
	_, err := c.API.Do(ctx, a, call)
	return err
}

// updated is the answer to a change. The server in it has other types than
// elsewhere, so only its presence is looked at (cloud-api, 8.4).
type updated struct {
	Server *struct {
		Name cloud.Text `json:"name"`
	} `json:"server"`
}

// Complete reports whether the answer is about a server.
func (u *updated) Complete() bool { return u.Server != nil }

// Update changes name, description or hostname (cloud-api, 8.4). It may be
// repeated: the second time has the effect of the first. What the cloud finds
// wrong with one of them is fault.Invalid with that field.
func (c *Client) Update(ctx context.Context, a account.Access, region, serverID string, ch server.Change) error {
	if ch.Empty() {
		return nil
	}
	body := &model.UpdateServerRequestBody{Server: &model.UpdateServerOption{Name: ch.Name, Description: ch.Description,
		Hostname: ch.Hostname}}
	var out updated
	err := c.do(ctx, a, serverID,
		cloud.Call{Name: "update server", Class: cloud.SafeWrite, Region: region, Right: account.RightChange, Into: &out},
		func(s *sdk.EcsClient) error {
			_, err := s.UpdateServer(&model.UpdateServerRequest{ServerId: serverID, Body: body})
			return err
		})
	if err != nil {
		return fmt.Errorf("ecs: update %s: %w", serverID, atField(err, ch))
	}
	return nil
}

// fieldOf names the field that a code is about (cloud-api, 14). The two codes
// for names are not told apart there: see wrongField.
var fieldOf = map[string]string{"Ecs.0041": "description", "Ecs.0914": "name", "Ecs.0915": "hostname"}

// atField turns a refusal of a value into one that stands at its field.
func atField(err error, ch server.Change) error {
	f := fault.Of(err)
	if f.Kind != fault.Refused || f.Status != 400 {
		return err
	}
	field := wrongField(f.Code, ch)
	if field == "" {
		return err
	}
	out := *f
	out.Kind = fault.Invalid
	out.Fields = map[string]fault.Message{field: fault.Say(fieldSentences[field], "Detail", f.Detail)}
	return &out
}

var fieldSentences = map[string]string{
	"name": "cloud.server.name", "description": "cloud.server.description", "hostname": "cloud.server.hostname",
}

// wrongField is the one that was changed, if it was only one; else the one that
// the code is about; "" when neither says.
func wrongField(code string, ch server.Change) string {
	var changed []string
	for _, f := range []struct {
		name string
		to   *string
	}{{"name", ch.Name}, {"description", ch.Description}, {"hostname", ch.Hostname}} {
		if f.to != nil {
			changed = append(changed, f.name)
		}
	}
	of, known := fieldOf[code]
	switch {
	case !known && code != "Ecs.0005":
		return ""
	case len(changed) == 1:
		return changed[0]
	}
	return of
}

type tagList struct {
	Tags []cloud.Loose[struct {
		Key   cloud.Text `json:"key"`
		Value cloud.Text `json:"value"`
	}] `json:"tags"`
}

// Complete reports whether the answer has a list.
func (l *tagList) Complete() bool { return l.Tags != nil }

// ownTag is how the cloud's own tags begin; they cannot be changed.
const ownTag = "_sys_"

// Tags reads the tags of a server without the cloud's own (cloud-api, 8.12).
func (c *Client) Tags(ctx context.Context, a account.Access, region, serverID string) ([]server.Tag, error) {
	var list tagList
	err := c.do(ctx, a, serverID, cloud.Call{Name: "tags", Region: region, Right: account.RightServers, Into: &list},
		func(s *sdk.EcsClient) error {
			_, err := s.ShowServerTags(&model.ShowServerTagsRequest{ServerId: serverID})
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("ecs: tags of %s: %w", serverID, err)
	}
	var out []server.Tag
	for _, t := range list.Tags {
		if key := string(t.V.Key); key != "" && !strings.HasPrefix(key, ownTag) {
			out = append(out, server.Tag{Key: key, Value: string(t.V.Value)})
		}
	}
	return out, nil
}

// AddTags sets tags; one with a key that is there already is replaced.
func (c *Client) AddTags(ctx context.Context, a account.Access, region, serverID string, tags []server.Tag) error {
	if len(tags) == 0 {
		return nil
	}
	body := &model.BatchCreateServerTagsRequestBody{Action: model.GetBatchCreateServerTagsRequestBodyActionEnum().CREATE}
	for _, t := range tags {
		body.Tags = append(body.Tags, model.BatchAddServerTag{Key: t.Key, Value: &t.Value})
	}
	err := c.do(ctx, a, serverID, cloud.Call{Name: "add tags", Class: cloud.SafeWrite, Region: region, Right: account.RightChange},
		func(s *sdk.EcsClient) error {
			_, err := s.BatchCreateServerTags(&model.BatchCreateServerTagsRequest{ServerId: serverID, Body: body})
			return err
		})
	if err != nil {
		return fmt.Errorf("ecs: tag %s: %w", serverID, err)
	}
	return nil
}

// RemoveTags removes tags by their keys; a key that the server does not have is not an error.
func (c *Client) RemoveTags(ctx context.Context, a account.Access, region, serverID string, tags []server.Tag) error {
	if len(tags) == 0 {
		return nil
	}
	body := &model.BatchDeleteServerTagsRequestBody{Action: model.GetBatchDeleteServerTagsRequestBodyActionEnum().DELETE}
	for _, t := range tags {
		body.Tags = append(body.Tags, model.ServerTag{Key: t.Key, Value: &t.Value})
	}
	err := c.do(ctx, a, serverID, cloud.Call{Name: "remove tags", Class: cloud.SafeWrite, Region: region, Right: account.RightChange},
		func(s *sdk.EcsClient) error {
			_, err := s.BatchDeleteServerTags(&model.BatchDeleteServerTagsRequest{ServerId: serverID, Body: body})
			return err
		})
	if err != nil {
		return fmt.Errorf("ecs: untag %s: %w", serverID, err)
	}
	return nil
}

type flagReply struct {
	Flag cloud.Text `json:"resetpwd_flag"`
}

// ResetFlag says whether the server has the plug-in that a password reset needs
// (cloud-api, 8.8). known is false when the answer says neither.
func (c *Client) ResetFlag(ctx context.Context, a account.Access, region, serverID string) (known, ok bool, err error) {
	var out flagReply
	err = c.do(ctx, a, serverID, cloud.Call{Name: "reset flag", Region: region, Right: account.RightServers, Into: &out},
		func(s *sdk.EcsClient) error {
			_, err := s.ShowResetPasswordFlag(&model.ShowResetPasswordFlagRequest{ServerId: serverID})
			return err
		})
	if err != nil {
		return false, false, fmt.Errorf("ecs: reset flag of %s: %w", serverID, err)
	}
	switch strings.ToLower(strings.TrimSpace(string(out.Flag))) {
	case "true":
		return true, true, nil
	case "false":
		return true, false, nil
	}
	return false, false, nil
}

type consoleReply struct {
	Console struct {
		URL cloud.Text `json:"url"`
	} `json:"remote_console"`
}

var errNoConsole = errors.New("the answer has no address of a console")

// Console asks for an address that shows the server's screen once (cloud-api,
// 8.9). Whether the call is allowed for FlexusL servers is not known: a refusal
// is to be expected. The address holds a token: it goes into one page and
// nowhere else. Each call makes a token, so that none is repeated here: without a
// clear answer it is fault.Unknown, and the person may ask again.
func (c *Client) Console(ctx context.Context, a account.Access, region, serverID string) (seal.Secret, error) {
	body := &model.ShowServerRemoteConsoleRequestBody{RemoteConsole: &model.GetServerRemoteConsoleOption{
		Protocol: model.GetGetServerRemoteConsoleOptionProtocolEnum().VNC, Type: model.GetGetServerRemoteConsoleOptionTypeEnum().NOVNC}}
	var out consoleReply
	call := cloud.Call{Name: "console", Class: cloud.CheckFirst, Region: region, Right: account.RightChange, Into: &out}
	err := c.do(ctx, a, serverID, call, func(s *sdk.EcsClient) error {
		_, err := s.ShowServerRemoteConsole(&model.ShowServerRemoteConsoleRequest{ServerId: serverID, Body: body})
		return err
	})
	if f := fault.Of(err); err != nil && f.Kind == fault.Unknown {
		unclear := *f
		unclear.Message = fault.Say("cloud.console.unclear")
		err = &unclear
	}
	if err != nil {
		return seal.Secret{}, fmt.Errorf("ecs: console of %s: %w", serverID, err)
	}
	if !openable(string(out.Console.URL), a.Trusted) {
		return seal.Secret{},
			fmt.Errorf("ecs: console of %s: %w", serverID, fault.New(fault.Refused, "cloud.console.none").Because(errNoConsole))
	}
	return seal.Conceal(string(out.Console.URL)), nil
}

// openable reports whether a page may lead to the address: https without a
// user; plain http only where the endpoints were set at the start of the process.
func openable(address string, trusted bool) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || trusted && u.Scheme == "http")
}
