package cloudsim

import (
	"maps"
	"slices"
	"time"
)

// edits are the changes of an instance and its server since delivery, by a call or from outside.
type edits struct {
	Label    string            `json:"label,omitempty"`     // the server's name; "" as delivered
	Host     string            `json:"host,omitempty"`      // the server's hostname; "" as delivered
	About    string            `json:"about,omitempty"`     // the server's description
	Marks    map[string]string `json:"marks,omitzero"`      // the server's tags; nil as delivered
	Open     []int             `json:"open,omitzero"`       // ports that answer; nil as the image has them
	NoPlugin bool              `json:"no_plugin,omitempty"` // no password can be reset
	Changed  time.Time         `json:"changed,omitzero"`    // when ECS saw the last change
	Lags     time.Time         `json:"lags,omitzero"`       // until then Config shows what was before:
	OldLabel string            `json:"old_label,omitempty"`
	OldName  string            `json:"old_name,omitempty"`
	OldPower string            `json:"old_power,omitempty"`
	Gone     time.Time         `json:"gone,omitzero"`     // when it was removed from outside
	Project  string            `json:"project,omitempty"` // where it is; "" in the region's own project
}

var unedited edits

func (in *instance) edits() *edits {
	if in.Edits == nil {
		return &unedited
	}
	return in.Edits
}

// project is the one that the server is in.
func (in *instance) project() string {
	if p := in.edits().Project; p != "" {
		return p
	}
	return in.order.Project
}

// configLags is how long Config shows the state before a change.
const configLags = 15 * time.Second

// edit changes an instance: change gets a copy of the edits and the instance itself. ECS sees it at once, Config later.
// c.mu is held for writing.
func (c *Cloud) edit(in *instance, change func(*edits)) error {
	now := c.now()
	next := *in.edits()
	next.Marks, next.Open = maps.Clone(next.Marks), slices.Clone(next.Open)
	if !now.Before(next.Lags) { // else Config still shows what was before the last change
		next.OldLabel, next.OldName, next.OldPower = in.serverName(), in.Name, in.Power
	}
	change(&next)
	next.Changed, next.Lags = now, now.Add(c.scaled(configLags))
	in.Edits, in.fleet = &next, false
	return c.commit(rec("instance", in))
}

// gone says whether the instance was removed from outside.
func (in *instance) gone(now time.Time) bool {
	at := in.edits().Gone
	return !at.IsZero() && !now.Before(at)
}

// asConfigSees are the names and the power that Config has of the instance.
func (in *instance) asConfigSees(now time.Time) (name, label, power string) {
	if e := in.edits(); now.Before(e.Lags) {
		return e.OldName, e.OldLabel, e.OldPower
	}
	return in.Name, in.serverName(), in.Power
}

// updated is when ECS last saw a change.
func (in *instance) updated(now time.Time) time.Time {
	at := in.Born
	if !now.Before(in.Active) {
		at = in.Active
	}
	if e := in.edits(); e.Changed.After(at) {
		at = e.Changed
	}
	return at
}

// seen is the instance as Config tells this request of it: the fault stale shows it as it was delivered.
func (in *instance) seen(x *exchange) *instance {
	if _, stale := x.fault("stale"); !stale || in.Edits == nil {
		return in
	}
	old := *in
	old.Edits = &edits{Lags: x.now.Add(time.Hour), OldLabel: (&instance{ID: in.ID}).serverName(), OldName: in.Name, OldPower: "ACTIVE"}
	if e := in.Edits; e.OldName != "" {
		old.Edits.OldName = e.OldName
	}
	return &old
}
