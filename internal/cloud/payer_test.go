package cloud_test

import (
	"net/http"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudtest"
)

// TestEntriesOfOneAccountShareWhatIsHuaweis: the circuit stands for the gate.
// Five failures of one entry close the way of the other one, if and only if it
// is the same account at Huawei.
func TestEntriesOfOneAccountShareWhatIsHuaweis(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*account.Access)
		shared bool
	}{
		"the same account":     {func(*account.Access) {}, true},
		"another domain":       {func(a *account.Access) { a.DomainID = "f123456789abcdef0123456789abcdef" }, false},
		"another site":         {func(a *account.Access) { a.Site = account.Custom }, false},
		"its domain is unread": {func(a *account.Access) { a.DomainID = "" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := &answers{list: []func(http.ResponseWriter){status(500, "")}}
			first, api := cloudtest.Serve(t, h), cloudtest.API()
			second := first
			second.AccountID = "twin"
			c.change(&second)
			_, _ = api.Do(t.Context(), first, servers("ap-southeast-3"))
			before := h.calls.Load()
			_, err := api.Do(t.Context(), second, servers("ap-southeast-3"))
			if got := h.calls.Load() == before; got != c.shared {
				t.Errorf("held back by the failures of the other entry: got %v (%v), want %v", got, err, c.shared)
			}
		})
	}
}

// TestEntriesOfOneAccountPaceTogether: two entries do not call twice as often.
func TestEntriesOfOneAccountPaceTogether(t *testing.T) {
	limits := cloudtest.Limits()
	limits.BSS = cloud.Rate{PerSecond: 20, InFlight: 4}
	api := cloud.New(cloud.Options{Limits: limits})
	first := cloudtest.Serve(t, &answers{list: []func(http.ResponseWriter){status(200, good)}})
	second := first
	second.AccountID = "twin"
	begun := time.Now()
	for range 5 {
		for _, a := range []account.Access{first, second} {
			if _, err := api.Do(t.Context(), a, call(cloud.Read, new(list))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if took := time.Since(begun); took < 440*time.Millisecond {
		t.Errorf("ten calls of two entries at 20 a second: took %v, want 450 ms", took)
	}
}

// TestForgetLeavesWhatOthersShare: the circuit of an entry that paces by itself
// goes with it, the one of the account at Huawei stays.
func TestForgetLeavesWhatOthersShare(t *testing.T) {
	for name, shared := range map[string]bool{"domain known": true, "domain unread": false} {
		t.Run(name, func(t *testing.T) {
			h := &answers{list: []func(http.ResponseWriter){status(500, "")}}
			a, api := cloudtest.Serve(t, h), cloudtest.API()
			if !shared {
				a.DomainID = ""
			}
			_, _ = api.Do(t.Context(), a, servers("ap-southeast-3"))
			api.Forget(a.AccountID)
			before := h.calls.Load()
			_, err := api.Do(t.Context(), a, servers("ap-southeast-3"))
			if held := h.calls.Load() == before; held != shared || held && fault.Of(err).Message.ID != "cloud.circuit" {
				t.Errorf("circuit after Forget: held back %v (%v), want %v", held, err, shared)
			}
		})
	}
}
