package instance_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
)

// entries refuses the access to some accounts.
type entries struct {
	*script
	fails map[string]error
}

func (e entries) Access(ctx context.Context, id string) (account.Access, error) {
	if err := e.fails[id]; err != nil {
		return account.Access{}, err
	}
	return e.script.Access(ctx, id)
}

func TestRefreshAll(t *testing.T) {
	broken, disk := fault.New(fault.Refused, "fault.account.broken"), errors.New("disk I/O error")
	tests := []struct {
		name  string
		by    person.Actor
		ids   []string
		fails map[string]error
		kind  fault.Kind
		err   error
		asked []string
	}{
		{name: "no account", by: viewer},
		{name: "every account", by: viewer, ids: []string{"a", "b"}, asked: []string{"a", "b"}},
		{name: "a broken one among others", by: viewer, ids: []string{"a", "b", "c"}, fails: map[string]error{"a": broken, "c": broken}, asked: []string{"b"}},
		{name: "broken ones alone", by: viewer, ids: []string{"a", "b"}, fails: map[string]error{"a": broken, "b": broken}, kind: fault.Refused},
		{name: "one that cannot be looked up", by: viewer, ids: []string{"a", "b", "c"}, fails: map[string]error{"b": disk}, err: disk, asked: []string{"a"}},
		{name: "somebody without a role", ids: []string{"a"}, kind: fault.Forbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.Accounts = entries{b.cloud, tt.fails}
			var all []account.Account
			for _, id := range tt.ids {
				all = append(all, account.Account{ID: id})
			}
			w, err := b.RefreshAll(t.Context(), tt.by, all)
			if tt.kind != 0 && !fault.Is(err, tt.kind) || tt.kind == 0 && !errors.Is(err, tt.err) {
				t.Errorf("got %v", err)
			}
			if len(w.Accounts) > 0 || w.Slowed {
				t.Errorf("waiting: got %+v, want none", w)
			}
			asked := slices.DeleteFunc(slices.Clone(tt.ids), func(id string) bool { return b.Asked(id).At.IsZero() })
			if !slices.Equal(asked, tt.asked) {
				t.Errorf("asked: got %v, want %v", asked, tt.asked)
			}
		})
	}
}

func TestRefreshAllTellsWhoseCloudDoesNotAnswer(t *testing.T) {
	for name, tt := range map[string]struct {
		why    error
		slowed bool
	}{
		"it is out of reach":  {unreachable, false},
		"it limits its calls": {&fault.Error{Kind: fault.Busy, Message: fault.Say("cloud.throttled"), Status: 429, RetryAfter: time.Hour}, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := planned(t, 3)
			b.break_(tt.why, every...)
			b.later(25 * time.Hour)
			must(t, b.Refresh(t.Context(), viewer, acc))
			b.Pass(t.Context())
			w, err := b.RefreshAll(t.Context(), viewer, []account.Account{{ID: acc}, {ID: "other"}})
			must(t, err)
			if len(w.Accounts) != 1 || w.Accounts[0].ID != acc || w.Slowed != tt.slowed {
				t.Errorf("got %+v", w)
			}
		})
	}
}

var _ instance.Accounts = entries{}
