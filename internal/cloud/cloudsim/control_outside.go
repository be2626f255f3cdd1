package cloudsim

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"time"
)

// Outside is a change made in the cloud's own console. Nil fields stay as they are.
type Outside struct {
	Server string `json:"server"` // id, name or public address of the server, or id or name of its instance

	Name         *string           `json:"name,omitempty"` // of the server
	InstanceName *string           `json:"instance_name,omitempty"`
	Hostname     *string           `json:"hostname,omitempty"`
	Description  *string           `json:"description,omitempty"`
	Power        string            `json:"power,omitempty"` // ACTIVE, SHUTOFF or ERROR
	Tags         map[string]string `json:"tags,omitempty"`  // instead of the ones it has
	Ports        []int             `json:"ports,omitempty"` // that answer, instead of the usual ones
	Closed       bool              `json:"closed,omitempty"`
	NoPlugin     *bool             `json:"no_plugin,omitempty"`  // passwords cannot be reset
	AutoRenew    *bool             `json:"auto_renew,omitempty"` //
	Removed      bool              `json:"removed,omitempty"`
	Project      string            `json:"project,omitempty"` // moves it there: the id of a project of its region
}

// Changed is what Outside changed.
type Changed struct {
	ServerID   string `json:"server_id"`
	InstanceID string `json:"instance_id"`
	Account    string `json:"account"`
	Address    string `json:"address"`
}

// ChangeOutside makes the change. The cloud shows it at once, Config after a while.
func (c *Cloud) ChangeOutside(o Outside) (Changed, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	in := c.state.called(o.Server)
	switch {
	case in == nil:
		return Changed{}, fmt.Errorf("there is no server %q", o.Server)
	case o.Power != "" && !slices.Contains([]string{"ACTIVE", "SHUTOFF", "ERROR"}, o.Power):
		return Changed{}, fmt.Errorf("the power of a server is ACTIVE, SHUTOFF or ERROR, not %q", o.Power)
	}
	if a := c.state.account(in.Account); o.Project != "" && a.region(o.Project) != in.order.Region {
		return Changed{}, fmt.Errorf("%s has no project %q", in.order.Region, o.Project)
	}
	if f := (serverChange{o.Name, o.Description, o.Hostname}).check(); f != nil && f.code != "Ecs.0616" {
		return Changed{}, fmt.Errorf("%s", f.message)
	}
	for _, p := range o.Ports {
		if p < 1 || p > 65535 {
			return Changed{}, fmt.Errorf("%d is not a port", p)
		}
	}
	err := c.edit(in, func(e *edits) { o.apply(in, e, c.now()) })
	return Changed{in.serverID(), in.ID, in.Account, in.publicIP()}, err
}

func (o Outside) apply(in *instance, e *edits, now time.Time) {
	for _, set := range []struct{ to, from *string }{{&e.Label, o.Name}, {&e.Host, o.Hostname}, {&e.About, o.Description},
		{&in.Name, o.InstanceName}} {
		if set.from != nil {
			*set.to = *set.from
		}
	}
	if o.Power != "" {
		in.Power = o.Power
	}
	if o.Tags != nil {
		e.Marks = maps.Clone(o.Tags)
	}
	if o.Ports != nil || o.Closed {
		e.Open = append([]int{}, o.Ports...)
	}
	if o.NoPlugin != nil {
		e.NoPlugin = *o.NoPlugin
	}
	if o.AutoRenew != nil {
		in.AutoRenew = *o.AutoRenew
	}
	if o.Removed {
		e.Gone = now
	}
	if o.Project != "" {
		e.Project = o.Project
	}
}

// called finds an instance by an id, a name or an address, of the instance or of its server.
func (s *state) called(name string) *instance {
	if name == "" {
		return nil
	}
	if in := s.servers[name]; in != nil {
		return in
	}
	if in := s.instances[name]; in != nil {
		return in
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return s.byAddress(name)
	}
	for _, a := range s.accounts {
		for _, in := range s.owned[a.ID] {
			if in.serverName() == name || in.Name == name {
				return in
			}
		}
	}
	return nil
}

// at finds an instance by its public address.
func (s *state) byAddress(address string) *instance {
	ip, err := netip.ParseAddr(address)
	if err != nil || !simulatedNet.Contains(ip) {
		return nil
	}
	b := ip.As4()
	n := (int(b[1])-18)*256*254 + int(b[2])*254 + int(b[3]) - 1
	for _, list := range s.owned {
		for _, in := range list {
			if in.Seq%addresses == n {
				return in
			}
		}
	}
	return nil
}

// simulatedNet is where the Sandbox's servers live; no network routes it.
var simulatedNet = netip.MustParsePrefix("198.18.0.0/15")

// bootTakes is how long a server that runs does not answer yet.
const bootTakes = 5 * time.Second

// Dial says whether a port of a server would answer, to a caller on the internet.
func (c *Cloud) Dial(address string, port int) (bool, error) {
	ip, err := netip.ParseAddr(address)
	if err != nil || !simulatedNet.Contains(ip) {
		return false, fmt.Errorf("%q is not an address of the Sandbox, which are in %s", address, simulatedNet)
	}
	if port < 1 || port > 65535 {
		return false, fmt.Errorf("%d is not a port", port)
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	in, now := c.state.byAddress(ip.String()), c.now()
	if in == nil || !in.exists(now) || now.Before(in.Active.Add(c.scaled(bootTakes))) {
		return false, nil
	}
	if status, _, _, _ := in.power(now); status != "ACTIVE" {
		return false, nil
	}
	return slices.Contains(in.ports(), port), nil
}

// imagePorts are what application images answer on besides 22; invented where the images' pages do not say.
var imagePorts = map[string][]int{
	"BT": {8888}, "GitLab": {80}, "Nodejs": {80, 3000}, "Portainer": {9443}, "SRS": {80, 1935, 8080}, "Superset": {8088},
	"Odo": {80, 8069}, "Odoo": {80, 8069},
}

// ports that answer: those of the image, unless its security group lets nothing in, which is so for one in ten.
func (in *instance) ports() []int {
	if open := in.edits().Open; open != nil {
		return open
	}
	if hashOf(in.ID, "security group closed")%10 == 0 {
		return nil
	}
	if in.spec().windows {
		return []int{3389}
	}
	for _, o := range offers {
		if !o.app || o.name != in.order.ImageName {
			continue
		}
		if own, has := imagePorts[o.name]; has {
			return append([]int{22}, own...)
		}
		return []int{22, 80, 443}
	}
	return []int{22}
}

func (c *Cloud) postOutside(w http.ResponseWriter, r *http.Request) {
	var in Outside
	if !readJSON(w, r, &in) {
		return
	}
	out, err := c.ChangeOutside(in)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (c *Cloud) postDial(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Address string `json:"address"`
		Port    int    `json:"port"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	answers, err := c.Dial(in.Address, in.Port)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	writeJSON(w, http.StatusOK, obj{"answers": answers})
}
