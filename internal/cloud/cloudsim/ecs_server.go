package cloudsim

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

func ecsError(status int, code, message string) reply {
	return refuse(&failure{status: status, code: code, message: message})
}

func noServer(id string) reply {
	return ecsError(http.StatusNotFound, "Ecs.0114", "Instance["+id+"] could not be found.")
}

func ecsBroken() reply {
	return ecsError(http.StatusInternalServerError, "Common.0001", "System error.")
}

// Rules of PUT /v1/{project_id}/cloudservers/{server_id} (API Reference 4.4.2 points at the ECS API for them).
var (
	serverNames = regexp.MustCompile(`^[\p{Han}A-Za-z0-9_.-]+$`)
	hostLabel   = regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$`)
)

func goodHostname(h string) bool {
	if len(h) > 64 {
		return false
	}
	for label := range strings.SplitSeq(h, ".") {
		if !hostLabel.MatchString(label) {
			return false
		}
	}
	return true
}

type serverChange struct {
	Name        *string `json:"name"`
	Description *string `json:"description"`
	Hostname    *string `json:"hostname"`
}

func (ch serverChange) check() *failure {
	bad := func(code, why string) *failure {
		return &failure{status: http.StatusBadRequest, code: code, message: why}
	}
	switch {
	case ch.Name == nil && ch.Description == nil && ch.Hostname == nil:
		return bad("Ecs.0616", "Nothing to modify.")
	case ch.Name != nil && (utf8.RuneCountInString(*ch.Name) > 64 || !serverNames.MatchString(*ch.Name)):
		return bad("Ecs.0914", "The name of the server is invalid.")
	case ch.Description != nil && (utf8.RuneCountInString(*ch.Description) > 85 || strings.ContainsAny(*ch.Description, "<>")):
		return bad("Ecs.0041", "The description of the server is invalid.")
	case ch.Hostname != nil && !goodHostname(*ch.Hostname):
		return bad("Ecs.0915", "The hostname of the server is invalid.")
	}
	return nil
}

// updateServer answers PUT …/cloudservers/{server_id} with a reduced server whose fields
// have other types than elsewhere.
func (c *Cloud) updateServer(x *exchange) reply {
	var q struct {
		Server *serverChange `json:"server"`
	}
	if !decode(x.body, &q) || q.Server == nil {
		return ecsError(http.StatusBadRequest, "Ecs.0005", "The request body is invalid.")
	}
	in := c.server(x, x.params[1])
	if in == nil {
		return noServer(x.params[1])
	}
	if f := q.Server.check(); f != nil {
		return refuse(f)
	}
	err := c.edit(in, func(e *edits) {
		for _, set := range []struct{ to, from *string }{{&e.Label, q.Server.Name}, {&e.About, q.Server.Description},
			{&e.Host, q.Server.Hostname}} {
			if set.from != nil {
				*set.to = *set.from
			}
		}
	})
	if err != nil {
		return ecsBroken()
	}
	status, _, _, _ := in.power(x.now)
	addresses := obj{}
	if !x.now.Before(in.Active) {
		addresses[derivedID(in.project(), "vpc")] = list{obj{"addr": in.privateIP(), "version": 4},
			obj{"addr": in.publicIP(), "version": 4}}
	}
	return ok(obj{"server": obj{"tenant_id": in.project(), "image": "", "accessIPv4": nil, "accessIPv6": nil,
		"metadata": obj{"__support_agent_list": "hss,hss-pc,ces"}, "addresses": addresses,
		"security_options": obj{"secure_boot_enabled": nil, "tpm_enabled": nil}, "created": stamp(in.Born),
		"OS-EXT-SRV-ATTR:user_data": nil, "hostId": hash32(in.ID, "host") + hash32(in.ID, "host 2")[:24], "description": in.edits().About,
		"OS-EXT-SRV-ATTR:hostname": in.hostname(), "flavor": obj{"id": in.spec().flavor, "links": list{obj{"rel": "bookmark",
			"href": "https://ecs." + in.order.Region + ".example.invalid/flavors/" + in.spec().flavor}}},
		"OS-DCF:diskConfig": "MANUAL", "user_id": x.caller.acct.UserID, "name": in.serverName(), "progress": 0, "links": list{},
		"id": in.serverID(), "updated": stamp(x.now), "locked": false, "status": status}})
}

type serverTag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// tags of the server that people set, sorted.
func (in *instance) tags(a *account) []serverTag {
	marks := in.tagValues(a)
	if len(marks) == 0 {
		return nil
	}
	out := make([]serverTag, 0, len(marks))
	for _, k := range slices.Sorted(maps.Keys(marks)) {
		out = append(out, serverTag{k, marks[k]})
	}
	return out
}

// showServerTags answers GET …/cloudservers/{server_id}/tags.
func (c *Cloud) showServerTags(x *exchange) reply {
	in := c.server(x, x.params[1])
	if in == nil {
		return noServer(x.params[1])
	}
	return ok(obj{"tags": append([]serverTag{{Key: systemTag}}, in.tags(x.caller.acct)...)})
}

// listServerTags answers GET …/cloudservers/tags: all keys of the project with their values.
func (c *Cloud) listServerTags(x *exchange) reply {
	values := map[string][]string{}
	for _, in := range c.state.owned[x.caller.acct.ID] {
		if in.project() != x.params[0] || !in.exists(x.now) {
			continue
		}
		for _, t := range in.tags(x.caller.acct) {
			if !slices.Contains(values[t.Key], t.Value) {
				values[t.Key] = append(values[t.Key], t.Value)
			}
		}
	}
	out := list{}
	for _, k := range slices.Sorted(maps.Keys(values)) {
		out = append(out, obj{"key": k, "values": values[k]})
	}
	return ok(obj{"tags": out})
}

// Rules of server tags; how many a server can have is from user guides.
const maxServerTags = 10

var (
	tagKeys   = regexp.MustCompile(`^[\x{4E00}-\x{9FFF}A-Za-z0-9_-]+$`)
	tagValues = regexp.MustCompile(`^[\x{4E00}-\x{9FFF}A-Za-z0-9_.-]*$`)
)

// changeServerTags answers POST …/cloudservers/{server_id}/tags/action.
func (c *Cloud) changeServerTags(x *exchange) reply {
	var q struct {
		Action string      `json:"action"`
		Tags   []serverTag `json:"tags"`
	}
	bad := func(why string) reply { return ecsError(http.StatusBadRequest, "Ecs.0005", why) }
	if !decode(x.body, &q) || q.Action != "create" && q.Action != "delete" || len(q.Tags) == 0 || len(q.Tags) > maxServerTags {
		return bad("action or tags is invalid")
	}
	in := c.server(x, x.params[1])
	if in == nil {
		return noServer(x.params[1])
	}
	after := maps.Clone(in.tagValues(x.caller.acct))
	if after == nil {
		after = map[string]string{}
	}
	for _, t := range q.Tags {
		switch {
		case !serverTagFits(t.Key, t.Value):
			return bad("the tag " + t.Key + " is invalid")
		case q.Action == "create":
			after[t.Key] = t.Value
		default:
			delete(after, t.Key)
		}
	}
	if len(after) > maxServerTags {
		return ecsError(http.StatusBadRequest, "Ecs.0001", "The number of tags exceeds the quota.")
	}
	if err := c.edit(in, func(e *edits) { e.Marks = after }); err != nil {
		return ecsBroken()
	}
	return reply{status: http.StatusNoContent}
}

// resetFlag answers GET …/cloudservers/{server_id}/os-resetpwd-flag. One private image in two lacks the plug-in.
func (c *Cloud) resetFlag(x *exchange) reply {
	in := c.server(x, x.params[1])
	if in == nil {
		return noServer(x.params[1])
	}
	flag := "True"
	if in.edits().NoPlugin || in.order.ImageID != "" && hashOf(in.order.ImageID, "plug-in")%2 == 0 {
		flag = "False"
	}
	return ok(obj{"resetpwd_flag": flag})
}

// remoteConsole answers POST …/cloudservers/{server_id}/remote_console. The address is a page of the Sandbox's own.
func (c *Cloud) remoteConsole(x *exchange) reply {
	var q struct {
		Console struct {
			Protocol string `json:"protocol"`
			Type     string `json:"type"`
		} `json:"remote_console"`
	}
	if !decode(x.body, &q) || q.Console.Protocol != "vnc" || q.Console.Type != "novnc" {
		return ecsError(http.StatusBadRequest, "Ecs.0005", "protocol or type is invalid")
	}
	in := c.server(x, x.params[1])
	if in == nil {
		return noServer(x.params[1])
	}
	if status, _, _, _ := in.power(x.now); status != "ACTIVE" {
		return ecsError(http.StatusBadRequest, "Ecs.0100", "The server is not running.")
	}
	return ok(obj{"remote_console": obj{"protocol": "vnc", "type": "novnc",
		"url": "http://" + x.r.Host + controlPrefix + "screen?token=" + c.screens.issue(in.serverName()) + "&lang=EN"}})
}

// serverLimits answers GET …/cloudservers/limits. Instances count; the rest is not limited.
func (c *Cloud) serverLimits(x *exchange) reply {
	servers, cores, memory := 0, 0, 0
	for _, in := range c.state.owned[x.caller.acct.ID] {
		if in.project() == x.params[0] && in.exists(x.now) {
			servers, cores, memory = servers+1, cores+in.spec().vcpus, memory+in.spec().memoryMiB
		}
	}
	top := -1
	if q := x.caller.acct.Quota; q > 0 {
		top = q
	}
	return ok(obj{"absolute": obj{"maxImageMeta": 128, "maxPersonality": 5, "maxPersonalitySize": 10240, "maxSecurityGroupRules": -1,
		"maxSecurityGroups": -1, "maxServerGroupMembers": 16, "maxServerGroups": 10, "maxServerMeta": 128, "maxTotalCores": -1,
		"maxTotalFloatingIps": -1, "maxTotalInstances": top, "maxTotalKeypairs": -1, "maxTotalRAMSize": -1, "totalCoresUsed": cores,
		"totalFloatingIpsUsed": servers, "totalInstancesUsed": servers, "totalRAMUsed": memory, "totalSecurityGroupsUsed": min(servers, 1),
		"totalServerGroupsUsed": 0, "limit_by_flavor": list{}}})
}
