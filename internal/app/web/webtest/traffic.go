package webtest

import (
	"context"
	"slices"
	"time"

	"sampan/internal/app/meter"
	"sampan/internal/app/person"
)

// Packages is what is known of traffic.
type Packages struct {
	GivenFleet meter.Fleet
	Details    map[string]meter.Detail // by package
	Scopes     [][]string
	Since      time.Time
	Checked    []string
	Err        error
}

func (p *Packages) Fleet(_ person.Actor, ids []string) (meter.Fleet, error) {
	p.Scopes = append(p.Scopes, ids)
	return p.GivenFleet, p.Err
}

func (p *Packages) Short(_ person.Actor, ids []string) ([]meter.Line, error) {
	p.Scopes = append(p.Scopes, ids)
	return slices.DeleteFunc(slices.Clone(p.GivenFleet.Lines), func(l meter.Line) bool { return !l.Low() }), p.Err
}

func (p *Packages) Detail(_ context.Context, _ person.Actor, _, id string, since time.Time) (meter.Detail, error) {
	p.Since = since
	return p.Details[id], p.Err
}

func (p *Packages) Check(_ context.Context, _ person.Actor, account, id string) error {
	p.Checked = append(p.Checked, account+" "+id)
	return p.Err
}
