package webtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/view"
)

// views are the real use cases over a store in memory.
type views struct {
	view.Service
	Kept keptViews
	last int
}

func (v *views) id() string { v.last++; return fmt.Sprintf("v%d", v.last) }

// keptViews is a view.Store in memory.
type keptViews struct {
	GivenViews  []view.View
	Choices     map[string]view.Choice
	GivenLabels map[string][]string
	Selections  map[string]view.Selection
	Audited     []audit.Entry
}

func (k *keptViews) Views(_ context.Context, personID string, l view.List) ([]view.View, error) {
	var all []view.View
	for _, v := range k.GivenViews {
		if v.List == l && (v.Owner == personID || v.Shared) {
			all = append(all, v)
		}
	}
	return all, nil
}

func (k *keptViews) View(_ context.Context, id string) (view.View, error) {
	for _, v := range k.GivenViews {
		if v.ID == id {
			return v, nil
		}
	}
	return view.View{}, fault.New(fault.NotFound, "view.unknown")
}

func (k *keptViews) SaveView(_ context.Context, v view.View, e audit.Entry) (string, error) {
	k.Audited = append(k.Audited, e)
	for n, o := range k.GivenViews {
		if o.Owner == v.Owner && o.List == v.List && strings.EqualFold(o.Name, v.Name) {
			v.ID = o.ID
			k.GivenViews[n] = v
			return v.ID, nil
		}
	}
	k.GivenViews = append(k.GivenViews, v)
	return v.ID, nil
}

func (k *keptViews) DeleteView(_ context.Context, id string, e audit.Entry) error {
	k.Audited = append(k.Audited, e)
	k.GivenViews = slices.DeleteFunc(k.GivenViews, func(v view.View) bool { return v.ID == id })
	return nil
}

func (k *keptViews) Choice(_ context.Context, personID string, l view.List) (view.Choice, error) {
	return k.Choices[personID+string(l)], nil
}

func (k *keptViews) SaveChoice(_ context.Context, personID string, l view.List, c view.Choice) error {
	if k.Choices == nil {
		k.Choices = make(map[string]view.Choice)
	}
	k.Choices[personID+string(l)] = c
	return nil
}

func (k *keptViews) Labels(context.Context) (map[string][]string, error) { return k.GivenLabels, nil }

func (k *keptViews) SaveLabels(_ context.Context, labels map[string][]string, e audit.Entry) error {
	if k.GivenLabels == nil {
		k.GivenLabels = make(map[string][]string)
	}
	maps.Copy(k.GivenLabels, labels)
	k.Audited = append(k.Audited, e)
	return nil
}

func (k *keptViews) SaveSelection(_ context.Context, s view.Selection, _ time.Time) error {
	if k.Selections == nil {
		k.Selections = make(map[string]view.Selection)
	}
	k.Selections[s.ID] = s
	return nil
}

func (k *keptViews) Selection(_ context.Context, id string) (view.Selection, error) {
	s, ok := k.Selections[id]
	if !ok {
		return s, fault.New(fault.NotFound, "view.selection.gone")
	}
	return s, nil
}
