package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
)

func refusal(id string, status int, code string) *fault.Error {
	return &fault.Error{Kind: fault.Refused, Message: fault.Say(id), Status: status, Code: code, RequestID: "req-1"}
}

// linesOf words the lines of a check: "name ok" or "name: remedy (code)".
func linesOf(a account.Account) []string {
	var all []string
	for _, c := range a.Checks {
		if c.OK {
			all = append(all, c.Name+" ok")
			continue
		}
		s := c.Name + ": " + c.Message.ID
		if c.Code != "" {
			s += " (" + c.Code + " " + c.Request + ")"
		}
		all = append(all, s)
	}
	return all
}

func TestConnectionCheck(t *testing.T) {
	inactive := "regions:inactive: account.check.regions.inactive"
	tests := []struct {
		name   string
		script func(*bench)
		lines  []string
		state  account.State
		rights string
	}{
		{"everything is allowed", func(*bench) {},
			[]string{"keys ok", "clock ok", "regions ok", inactive, "list ok", "billing ok", "orders ok",
				"servers:ap-southeast-1 ok", "images:ap-southeast-1 ok", "servers:ap-southeast-3 ok", "images:ap-southeast-3 ok"},
			account.Active, "billing+ images+ list+ projects+ servers+"},
		{"the key is wrong", func(b *bench) { b.cloud.fail("identity", refusal("cloud.login.wrong", 401, "APIGW.0301")) },
			[]string{"keys: cloud.login.wrong (APIGW.0301 req-1)"}, account.Broken, ""},
		{"the clock is wrong", func(b *bench) {
			b.cloud.who.ClockOffset = -20 * time.Minute
			b.cloud.fail("identity", refusal("cloud.clock", 401, "APIGW.0301"))
		}, []string{"keys: cloud.clock (APIGW.0301 req-1)", "clock: account.check.clock.off"}, account.Active, ""},
		{"the clock is off, but not enough to be refused", func(b *bench) { b.cloud.who.ClockOffset = 6 * time.Minute },
			[]string{"keys ok", "clock: account.check.clock.off", "regions ok", inactive, "list ok", "billing ok", "orders ok",
				"servers:ap-southeast-1 ok", "images:ap-southeast-1 ok", "servers:ap-southeast-3 ok", "images:ap-southeast-3 ok"},
			account.Active, "billing+ images+ list+ projects+ servers+"},
		{"no network", func(b *bench) { b.cloud.fail("identity", fault.New(fault.Unreachable, "cloud.unreachable")) },
			[]string{"keys: cloud.unreachable"}, account.Active, ""},
		{"a permission is missing", func(b *bench) { b.cloud.fail("count", refusal("cloud.permission", 403, "RMS.0403")) },
			[]string{"keys ok", "clock ok", "regions ok", inactive, "list: cloud.permission (RMS.0403 req-1)", "billing ok", "orders ok",
				"servers:ap-southeast-1 ok", "images:ap-southeast-1 ok", "servers:ap-southeast-3 ok", "images:ap-southeast-3 ok"},
			account.Active, "billing+ images+ list- projects+ servers+"},
		{"the wrong site", func(b *bench) { b.cloud.fail("currency", refusal("cloud.site", 400, "CBC.0156")) },
			[]string{"keys ok", "clock ok", "regions ok", inactive, "list ok", "billing: cloud.site (CBC.0156 req-1)", "orders ok",
				"servers:ap-southeast-1 ok", "images:ap-southeast-1 ok", "servers:ap-southeast-3 ok", "images:ap-southeast-3 ok"},
			account.Active, "images+ list+ projects+ servers+"},
		{"one region fails", func(b *bench) {
			b.cloud.fail("servers:ap-southeast-1", fault.New(fault.Unreachable, "cloud.read.server"))
		},
			[]string{"keys ok", "clock ok", "regions ok", inactive, "list ok", "billing ok", "orders ok",
				"servers:ap-southeast-1: cloud.read.server", "images:ap-southeast-1 ok", "servers:ap-southeast-3 ok", "images:ap-southeast-3 ok"},
			account.Active, "billing+ images+ list+ projects+ servers+"},
		{"no region is activated", func(b *bench) { b.cloud.who.Projects = nil },
			[]string{"keys ok", "clock ok", "regions: account.check.regions.none", "list ok", "billing ok", "orders ok"}, account.Active,
			"billing+ list+ projects+"},
		{"a defect of ours is not the cloud's words", func(b *bench) { b.cloud.fail("count", fault.New(fault.Internal, "fault.internal")) },
			[]string{"keys ok", "clock ok", "regions ok", inactive, "list: account.check.failed", "billing ok", "orders ok",
				"servers:ap-southeast-1 ok", "images:ap-southeast-1 ok", "servers:ap-southeast-3 ok", "images:ap-southeast-3 ok"},
			account.Active, "billing+ images+ projects+ servers+"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			tt.script(b)
			signedIn := make(chan string, 1)
			b.Checked = func(id string) { signedIn <- id }
			b.run(t)
			a := b.checked(t, b.add(t, keyForm("Marina")).ID)
			if got, want := len(signedIn) == 1, tt.lines[0] == "keys ok"; got != want {
				t.Errorf("told that the account can be read: got %v, want %v", got, want)
			}
			if diff := cmp.Diff(tt.lines, linesOf(a)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if a.State != tt.state {
				t.Errorf("state: got %s, want %s", a.State, tt.state)
			}
			if got := rightsOf(a); got != tt.rights {
				t.Errorf("rights: got %q, want %q", got, tt.rights)
			}
			if !a.CheckedAt.Equal(noon) {
				t.Errorf("checked at: got %v", a.CheckedAt)
			}
		})
	}
}

func rightsOf(a account.Account) string {
	var all []string
	for _, r := range []account.Right{account.RightBilling, account.RightImages, account.RightList, account.RightProjects,
		account.RightServers, account.RightBuy, account.RightPay} {
		if answer, known := a.Rights[r]; known {
			all = append(all, string(r)+map[bool]string{true: "+", false: "-"}[answer.Allowed])
		}
	}
	return strings.Join(all, " ")
}

func TestCheckTeachesWhatLaterCallsNeed(t *testing.T) {
	b := newBench(t)
	b.run(t)
	a := b.checked(t, b.add(t, keyForm("Marina")).ID)
	if a.DomainID != "d78c" || a.DomainName != "hw-marina" || a.Currency != "USD" || !a.Active("ap-southeast-3") || a.Active("tr-west-1") {
		t.Errorf("account: got %+v", a)
	}
	if got := b.cloud.last; got.DomainID != "d78c" || got.Projects["ap-southeast-3"] != "p-sg" || got.Lane != account.ForPerson {
		t.Errorf("access of the last call: got %+v, want it to know domain and projects", got)
	}
}

func TestAKeyOfAnotherCloudAccountIsNotTaken(t *testing.T) {
	b := newBench(t)
	b.run(t)
	id := b.checked(t, b.add(t, keyForm("Marina")).ID).ID
	as := func(domain, name string) account.Account {
		b.cloud.mu.Lock()
		b.cloud.who.DomainID, b.cloud.who.DomainName = domain, name
		b.cloud.mu.Unlock()
		if err := b.ReplaceKey(t.Context(), owner, id, keyForm("")); err != nil {
			t.Fatal(err)
		}
		return b.checked(t, id)
	}
	a := as("other", "hw-other")
	if a.State != account.Broken || a.DomainID != "d78c" || a.Trouble.ID != "account.check.foreign" ||
		a.Trouble.Values["Other"] != "hw-other" || a.Trouble.Values["Domain"] != "hw-marina" {
		t.Errorf("a key of another account: got %s %q %+v, want it refused and the account as it was", a.State, a.DomainID, a.Trouble)
	}
	if _, err := b.Access(t.Context(), id); err == nil {
		t.Error("calls go on with the key of another account")
	}
	if a = as("d78c", "hw-marina"); a.State != account.Active || !a.Trouble.Zero() {
		t.Errorf("its own key again: got %s, %+v", a.State, a.Trouble)
	}
}

func TestBrokenAccountIsTriedOnceByWhoMayMendIt(t *testing.T) {
	b := newBench(t)
	b.cloud.fail("identity", refusal("cloud.login.refused", 401, "401"))
	b.run(t)
	a := b.checked(t, b.add(t, loginForm("Marina")).ID)
	if a.State != account.Broken {
		t.Fatalf("state: got %s, want broken", a.State)
	}
	if err := b.Check(t.Context(), operator, a.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an operator's check: got %v, want Forbidden: each try may lock the IAM user", err)
	}
	b.cloud.fail("identity", nil)
	must(t, b.Check(t.Context(), owner, a.ID))
	if len(b.forgot) != 1 {
		t.Errorf("the cloud side was told %d times to try again, want once", len(b.forgot))
	}
	if a = b.checked(t, a.ID); a.State != account.Active || !a.Trouble.Zero() {
		t.Errorf("after a good check: got %s, %v", a.State, a.Trouble)
	}
	if calls := strings.Join(b.cloud.calls, " "); strings.Count(calls, "identity") != 2 {
		t.Errorf("calls: got %q, want two sign-ins", calls)
	}
}

func TestTheFirstCheckIsMadeUpForAfterAStop(t *testing.T) {
	b := newBench(t)
	never := b.add(t, keyForm("never checked")).ID // nothing runs: the process stops before the check
	b.Service = &account.Service{Store: b.Store, Keyring: b.Keyring, Probe: b.Probe, Regions: b.Regions, Changed: b.Changed, Now: b.Now,
		Log: b.Log}
	b.run(t)
	for len(b.checked(t, never).Checks) == 0 {
		select {
		case <-b.changes:
		case <-time.After(10 * time.Second):
			t.Fatal("it is not checked")
		}
	}
}

func TestDisabledAccountIsNotChecked(t *testing.T) {
	b := newBench(t)
	a := b.add(t, keyForm("Marina"))
	must(t, b.SetDisabled(t.Context(), owner, a.ID, true))
	b.run(t) // the check that adding asked for finds the account disabled
	b.checked(t, a.ID)
	if err := b.Check(t.Context(), owner, a.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("got %v, want Conflict", err)
	}
	if len(b.cloud.calls) != 0 {
		t.Errorf("calls: got %v, want none", b.cloud.calls)
	}
}
