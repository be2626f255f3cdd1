package webtest

import (
	"context"
	"log/slog"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
)

// Picture is the real one, made of the rows as they are when it is first asked
// for.
func (i *Instances) Picture() *instance.Picture {
	if i.Service == nil {
		i.Service = &instance.Service{Store: stored{instances: i}, Accounts: named{all: i.accounts}, Catalog: catalog.Embedded(),
			Traffic: readings{of: i}, Labels: i,
			Now: func() time.Time { return Now }, Log: slog.New(slog.DiscardHandler)}
	}
	return i.Service.Picture()
}

// SetLabels puts labels into the picture.
func (i *Instances) SetLabels(labels map[string][]string) { i.Service.SetLabels(labels) }

// Labels are those that were there at the start.
func (i *Instances) Labels(context.Context) (map[string][]string, error) { return i.GivenLabels, nil }

// readings is what was last known of packages.
type readings struct {
	instance.TrafficReader
	of *Instances
}

func (r readings) LastTraffic(context.Context) ([]instance.PackageTraffic, error) {
	return r.of.Read, nil
}

// named are the accounts as the inventory knows them: by their labels alone.
type named struct {
	instance.Accounts
	all *accounts
}

func (n named) List(ctx context.Context, by person.Actor) ([]account.Account, error) {
	return n.all.List(ctx, by)
}

// stored is what the picture is read from.
type stored struct {
	instance.Store
	instances *Instances
}

func (s stored) Packed(context.Context, string, func(instance.Packed) error) (bool, error) {
	return false, nil
}

func (s stored) Everything(context.Context) ([]instance.Record, []instance.ServerRecord, error) {
	var all []instance.Record
	for _, r := range s.instances.GivenRows {
		all = append(all, instance.Record{Instance: r})
	}
	return all, s.instances.Servers, nil
}

func (s stored) Syncs(ctx context.Context, ids []string) ([]instance.Sync, error) {
	return s.instances.Syncs(ctx, ids)
}
