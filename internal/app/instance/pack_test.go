package instance_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/instance"
)

// starts checks that whoever starts now finds the picture that was there: out of
// the packed rows, and out of the records as after an upgrade. Every test of the
// inventory ends with it.
func (b *bench) starts(t *testing.T) {
	if t.Failed() || b.Service.Store == nil {
		return
	}
	whole := func(s *instance.Service) []string {
		var all []string
		for _, r := range s.Picture().Rows() {
			all = append(all, r.Whole())
		}
		slices.Sort(all)
		return all
	}
	now := whole(b.Service)
	b.Compact()
	if diff := cmp.Diff(now, whole(b.Service)); diff != "" {
		t.Errorf("put together in memory (-before +after):\n%s", diff)
	}
	for name, version := range map[string]string{"packed": b.Version, "upgraded": "another"} {
		if diff := cmp.Diff(now, whole(b.Reborn(version))); diff != "" {
			t.Errorf("%s start (-before +after):\n%s", name, diff)
		}
	}
}

// keptLabels are labels as the store has them.
type keptLabels map[string][]string

func (k keptLabels) Labels(context.Context) (map[string][]string, error) { return k, nil }

func TestLabelsOfBeforeTheServerWasKnownStay(t *testing.T) {
	b := newBench(t)
	l, s, e := aShop()
	b.cloud.listed, b.cloud.expiry = []instance.Listed{l}, map[string]instance.Expiry{shop: e}
	b.cloud.listed[0].ServerIDs = nil
	b.run(t)
	b.refresh(t)
	b.SetLabels(map[string][]string{shop: {"early"}})
	b.cloud.set(func() { b.cloud.listed[0].ServerIDs, b.cloud.servers[singapore] = []string{s.ID}, []instance.Server{s} })
	b.later(time.Minute)
	b.refresh(t)
	if r := b.row(t, s.ID); !slices.Equal(r.Labels, []string{"early"}) {
		t.Fatalf("when its server appeared: got %v", r.Labels)
	}
	again := b.Reborn("")
	again.Labels = keptLabels{shop: {"early"}}
	if r, ok := again.Picture().Row(s.ID); !ok || !slices.Equal(r.Labels, []string{"early"}) {
		t.Errorf("after a start: got %+v", r)
	}
}
