package webtest

import (
	"context"
	"slices"
	"time"

	"sampan/internal/app/person"
	"sampan/internal/app/traffic"
)

// Packages is what is known of traffic.
type Packages struct {
	GivenFleet traffic.Fleet
	Details    map[string]traffic.Detail // by package
	Scopes     [][]string
	Since      time.Time
	Checked    []string
	Err        error
}

func (p *Packages) Fleet(_ person.Actor, ids []string) (traffic.Fleet, error) {
	p.Scopes = append(p.Scopes, ids)
	return p.GivenFleet, p.Err
}

func (p *Packages) Short(_ person.Actor, ids []string) ([]traffic.Line, error) {
	p.Scopes = append(p.Scopes, ids)
	return slices.DeleteFunc(slices.Clone(p.GivenFleet.Lines), func(l traffic.Line) bool { return !l.Low() }), p.Err
}

func (p *Packages) Detail(_ context.Context, _ person.Actor, _, id string, since time.Time) (traffic.Detail, error) {
	p.Since = since
	return p.Details[id], p.Err
}

func (p *Packages) Check(_ context.Context, _ person.Actor, account, id string) error {
	p.Checked = append(p.Checked, account+" "+id)
	return p.Err
}
