package web_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/view"
)

// Picture is the real one, made of the rows as they are when it is first asked
// for.
func (i *instances) Picture() *instance.Picture {
	if i.service == nil {
		i.service = &instance.Service{Store: stored{instances: i}, Accounts: named{all: i.accounts}, Catalog: catalog.Embedded(), Traffic: readings{of: i}, Labels: i,
			Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	}
	return i.service.Picture()
}

// SetLabels puts labels into the picture.
func (i *instances) SetLabels(labels map[string][]string) { i.service.SetLabels(labels) }

// Labels are those that were there at the start.
func (i *instances) Labels(context.Context) (map[string][]string, error) { return i.labels, nil }

// readings is what was last known of packages.
type readings struct {
	instance.TrafficReader
	of *instances
}

func (r readings) LastTraffic(context.Context) ([]instance.PackageTraffic, error) {
	return r.of.read, nil
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
	instances *instances
}

func (s stored) Packed(context.Context, string, func(instance.Packed) error) (bool, error) {
	return false, nil
}
func (s stored) Everything(context.Context) ([]instance.Record, []instance.ServerRecord, error) {
	var all []instance.Record
	for _, r := range s.instances.rows {
		all = append(all, instance.Record{Instance: r})
	}
	return all, s.instances.servers, nil
}

func (s stored) Syncs(ctx context.Context, ids []string) ([]instance.Sync, error) {
	return s.instances.Syncs(ctx, ids)
}

// views are the real use cases over a store in memory.
type views struct {
	view.Service
	kept keptViews
	last int
}

func (v *views) id() string { v.last++; return fmt.Sprintf("v%d", v.last) }

// keptViews is a view.Store in memory.
type keptViews struct {
	views      []view.View
	choices    map[string]view.Choice
	labels     map[string][]string
	selections map[string]view.Selection
	audited    []audit.Entry
}

func (k *keptViews) Views(_ context.Context, personID string, l view.List) ([]view.View, error) {
	var all []view.View
	for _, v := range k.views {
		if v.List == l && (v.Owner == personID || v.Shared) {
			all = append(all, v)
		}
	}
	return all, nil
}

func (k *keptViews) View(_ context.Context, id string) (view.View, error) {
	for _, v := range k.views {
		if v.ID == id {
			return v, nil
		}
	}
	return view.View{}, fault.New(fault.NotFound, "view.unknown")
}

func (k *keptViews) SaveView(_ context.Context, v view.View, e audit.Entry) (string, error) {
	k.audited = append(k.audited, e)
	for n, o := range k.views {
		if o.Owner == v.Owner && o.List == v.List && strings.EqualFold(o.Name, v.Name) {
			v.ID = o.ID
			k.views[n] = v
			return v.ID, nil
		}
	}
	k.views = append(k.views, v)
	return v.ID, nil
}

func (k *keptViews) DeleteView(_ context.Context, id string, e audit.Entry) error {
	k.audited = append(k.audited, e)
	k.views = slices.DeleteFunc(k.views, func(v view.View) bool { return v.ID == id })
	return nil
}

func (k *keptViews) Choice(_ context.Context, personID string, l view.List) (view.Choice, error) {
	return k.choices[personID+string(l)], nil
}

func (k *keptViews) SaveChoice(_ context.Context, personID string, l view.List, c view.Choice) error {
	if k.choices == nil {
		k.choices = make(map[string]view.Choice)
	}
	k.choices[personID+string(l)] = c
	return nil
}

func (k *keptViews) Labels(context.Context) (map[string][]string, error) { return k.labels, nil }

func (k *keptViews) SaveLabels(_ context.Context, labels map[string][]string, e audit.Entry) error {
	if k.labels == nil {
		k.labels = make(map[string][]string)
	}
	maps.Copy(k.labels, labels)
	k.audited = append(k.audited, e)
	return nil
}

func (k *keptViews) SaveSelection(_ context.Context, s view.Selection, _ time.Time) error {
	if k.selections == nil {
		k.selections = make(map[string]view.Selection)
	}
	k.selections[s.ID] = s
	return nil
}

func (k *keptViews) Selection(_ context.Context, id string) (view.Selection, error) {
	s, ok := k.selections[id]
	if !ok {
		return s, fault.New(fault.NotFound, "view.selection.gone")
	}
	return s, nil
}
