package account_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
)

// control is the controls of a simulated cloud.
type control struct {
	calls []string
	fails map[string]error
}

func (c *control) Key(context.Context) (account.Key, error) {
	c.calls = append(c.calls, "key")
	return account.Key{ID: "AKSANDBOX00000000001", Secret: seal.Conceal("SKSANDBOX00000000000000000000000000000001")}, c.fails["key"]
}

func (c *control) Fleet(_ context.Context, servers int) error {
	c.calls = append(c.calls, "fleet "+strconv.Itoa(servers))
	return c.fails["fleet"]
}

func TestOpenSandbox(t *testing.T) {
	gone := errors.New("connection refused")
	tests := []struct {
		name  string
		by    person.Actor
		fleet int
		fails map[string]error
		kind  fault.Kind // with a reason of ours
		err   error
		calls []string
		added bool
	}{
		{name: "with servers", by: owner, fleet: 30, calls: []string{"key", "fleet 30"}, added: true},
		{name: "without servers", by: owner, calls: []string{"key"}, added: true},
		{name: "by somebody who may not connect accounts", by: operator, fleet: 30, kind: fault.Forbidden},
		{name: "its key cannot be read", by: owner, fleet: 30, fails: map[string]error{"key": gone}, err: gone, calls: []string{"key"}},
		{name: "its servers cannot be made", by: owner, fleet: 30, fails: map[string]error{"fleet": gone}, err: gone, calls: []string{"key", "fleet 30"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, c := newBench(t), &control{fails: tt.fails}
			b.add(t, keyForm("Real"))
			err := b.OpenSandbox(t.Context(), tt.by, c, "Sandbox", tt.fleet)
			if tt.kind != 0 && !fault.Is(err, tt.kind) || tt.kind == 0 && !errors.Is(err, tt.err) {
				t.Errorf("got %v", err)
			}
			if !slices.Equal(c.calls, tt.calls) {
				t.Errorf("calls: got %v, want %v", c.calls, tt.calls)
			}
			all, err := b.List(t.Context(), owner)
			if err != nil || slices.ContainsFunc(all, account.Account.Sandbox) != tt.added {
				t.Fatalf("accounts: got %+v, %v", all, err)
			}
			if tt.added && (all[1].Label != "Sandbox" || all[1].Site != account.SandboxSite || !all[1].Checking) {
				t.Errorf("connected: got %+v", all[1])
			}
		})
	}
}

func TestOpenSandboxConnectsItOnce(t *testing.T) {
	b, c := newBench(t), &control{}
	for _, by := range []person.Actor{owner, owner, operator} {
		if err := b.OpenSandbox(t.Context(), by, c, "Sandbox", 30); err != nil {
			t.Errorf("by a %s: %v", by.Role, err)
		}
	}
	if all, err := b.List(t.Context(), owner); err != nil || len(all) != 1 || len(c.calls) != 2 {
		t.Errorf("got %+v, %v after %v", all, err, c.calls)
	}
}
