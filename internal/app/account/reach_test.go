package account_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
)

// names of what is missing, in order.
func missing(f account.Finding) string {
	var all []string
	for _, k := range f.Missing {
		all = append(all, k.Name)
	}
	return strings.Join(all, " ")
}

// TestFound walks every way in which a first check ends.
func TestFound(t *testing.T) {
	tests := []struct {
		name    string
		script  func(*bench)
		want    account.Reach
		message string
		code    string
		missing string
	}{
		{"everything is answered", func(*bench) {}, account.Reached, "", "", ""},
		{"no network", func(b *bench) { b.cloud.fail("identity", fault.New(fault.Unreachable, "cloud.unreachable")) }, account.Unreached, "cloud.unreachable", "", ""},
		{"a gateway answers", func(b *bench) { b.cloud.fail("identity", fault.New(fault.Unreachable, "cloud.read.server")) }, account.Unreached, "cloud.read.server", "", ""},
		{"a defect of ours", func(b *bench) { b.cloud.fail("identity", fault.New(fault.Internal, "fault.internal")) }, account.Unreached, "account.check.failed", "", ""},
		{"too many requests", func(b *bench) {
			b.cloud.fail("identity", &fault.Error{Kind: fault.Busy, Message: fault.Say("cloud.throttled"), Code: "APIGW.0308", Status: 429})
		}, account.Throttled, "cloud.throttled", "APIGW.0308", ""},
		{"the key is refused", func(b *bench) { b.cloud.fail("identity", refusal("cloud.login.wrong", 401, "APIGW.0301")) }, account.KeyRefused, "cloud.login.wrong", "APIGW.0301", ""},
		{"the clock is refused", func(b *bench) { b.cloud.fail("identity", refusal("cloud.clock", 401, "APIGW.0301")) }, account.KeyRefused, "cloud.clock", "APIGW.0301", ""},
		{"billing is not allowed", func(b *bench) {
			b.cloud.fail("currency", refusal("cloud.permission", 403, "CBC.0151"))
			b.cloud.fail("orders", refusal("cloud.permission", 403, "CBC.0151"))
		}, account.Limited, "cloud.permission", "CBC.0151", "billing orders"},
		{"one region gives no answer", func(b *bench) {
			b.cloud.fail("images:ap-southeast-1", fault.New(fault.Unreachable, "cloud.read.silent"))
		},
			account.Limited, "cloud.read.silent", "", "images:ap-southeast-1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			tt.script(b)
			b.run(t)
			f := b.checked(t, b.add(t, keyForm("Marina")).ID).Found()
			if f.Reach != tt.want || f.Message.ID != tt.message || f.Code != tt.code || missing(f) != tt.missing || !f.At.Equal(noon) ||
				f.Wrong() != (tt.want != account.Reached) {
				t.Errorf("got %+v, want %v %q %q %q since %v", f, tt.want, tt.message, tt.code, tt.missing, noon)
			}
		})
	}
}

// A trouble keeps the time when it began through every check that finds it again,
// and stays while the next check has not come to it.
func TestATroubleKeepsItsBeginning(t *testing.T) {
	b := newBench(t)
	now := noon
	b.Now = func() time.Time { return now }
	b.cloud.fail("orders", refusal("cloud.permission", 403, "CBC.0151"))
	b.run(t)
	id := b.checked(t, b.add(t, keyForm("Marina")).ID).ID
	now = noon.Add(time.Hour)
	seen := make(chan account.Finding, 1)
	b.cloud.on("identity", func() {
		a, err := b.Get(t.Context(), owner, id)
		must(t, err)
		seen <- a.Found()
	})
	must(t, b.Check(t.Context(), owner, id))
	f := b.checked(t, id).Found()
	if f.Reach != account.Limited || !f.At.Equal(noon) || missing(f) != "orders" {
		t.Errorf("after another check that finds the same: got %+v, want it since %v", f, noon)
	}
	if f := <-seen; f.Reach != account.Limited || !f.At.Equal(noon) {
		t.Errorf("while the check was under way: got %+v, want it as it was", f)
	}
	now = noon.Add(2 * time.Hour)
	b.cloud.on("identity", nil)
	b.cloud.fail("orders", fault.New(fault.Unreachable, "cloud.read.silent"))
	must(t, b.Check(t.Context(), owner, id))
	if f = b.checked(t, id).Found(); !f.At.Equal(now) {
		t.Errorf("another trouble: got since %v, want %v", f.At, now)
	}
}

func TestFoundCountsRightsRefusedSince(t *testing.T) {
	b := newBench(t)
	b.run(t)
	id := b.checked(t, b.add(t, keyForm("Marina")).ID).ID
	b.Learn(t.Context(), id, account.RightMetrics, refusal("cloud.permission", 403, "ces.0015"))
	b.Learn(t.Context(), id, account.RightList, refusal("cloud.permission", 403, "RMS.0403")) // the check could still do it
	f := b.checked(t, id).Found()
	if f.Reach != account.Limited || missing(f) != "right:list right:metrics" || f.Message.ID != "account.right.refused" ||
		f.Code != "RMS.0403" {
		t.Errorf("got %+v", f)
	}
	b.Learn(t.Context(), id, account.RightMetrics, nil)
	b.Learn(t.Context(), id, account.RightList, nil)
	if f = b.checked(t, id).Found(); f.Reach != account.Reached {
		t.Errorf("allowed again: got %+v", f)
	}
}

func TestFoundOfOtherAccounts(t *testing.T) {
	since := noon.Add(-time.Hour)
	failed := func(name, id string) account.Check { return account.Check{Name: name, Message: fault.Say(id)} }
	for name, c := range map[string]struct {
		a    account.Account
		want account.Finding
	}{
		"never checked": {account.Account{State: account.Active}, account.Finding{}},
		"disabled":      {account.Account{State: account.Disabled, Checks: []account.Check{failed("keys", "cloud.unreachable")}}, account.Finding{}},
		"its key was lost": {account.Account{State: account.Broken, Trouble: fault.Say(account.KeyLost), TroubleAt: since},
			account.Finding{Reach: account.KeyRefused, Message: fault.Say(account.KeyLost), At: since}},
		"checked by an older version, no answer": {account.Account{State: account.Active, CheckedAt: since, Checks: []account.Check{failed("keys", "cloud.circuit")}},
			account.Finding{Reach: account.Unreached, Message: fault.Say("cloud.circuit"), At: since}},
		"checked by an older version, throttled": {account.Account{State: account.Active, CheckedAt: since, Checks: []account.Check{failed("keys", "cloud.throttled")}},
			account.Finding{Reach: account.Throttled, Message: fault.Say("cloud.throttled"), At: since}},
		"regions nobody opened and a twin": {account.Account{State: account.Active, CheckedAt: since, Checks: []account.Check{
			{Name: "keys", OK: true}, failed("regions:inactive", "account.check.regions.inactive"), failed("twin", "account.check.twin")}},
			account.Finding{Reach: account.Reached, At: since}},
	} {
		if diff := cmp.Diff(c.want, c.a.Found()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What a check could not ask is asked again once a call is answered: the page of
// an account that was reached meanwhile does not go on saying that it is not.
func TestAnAnsweredCallHasTheCheckMadeAnew(t *testing.T) {
	b := newBench(t)
	now := noon
	b.Now = func() time.Time { return now }
	b.cloud.fail("identity", fault.New(fault.Unreachable, "cloud.unreachable"))
	b.run(t)
	id := b.checked(t, b.add(t, keyForm("Marina")).ID).ID
	signIns := func() int { return b.cloud.count("identity") }

	b.Learn(t.Context(), id, account.RightList, fault.New(fault.Unreachable, "cloud.unreachable"))
	now = now.Add(2 * time.Minute)
	b.Learn(t.Context(), id, account.RightList, fault.New(fault.Unreachable, "cloud.unreachable"))
	if a := b.checked(t, id); a.Checking || signIns() != 1 {
		t.Errorf("calls that get no answer: %d sign-ins, want the first alone", signIns())
	}
	b.Learn(t.Context(), id, account.RightList, nil) // but the check still cannot
	if b.checked(t, id); signIns() != 2 {
		t.Errorf("after an answer: %d sign-ins, want 2", signIns())
	}
	b.Learn(t.Context(), id, account.RightList, nil)
	now = now.Add(time.Minute)
	b.Learn(t.Context(), id, account.RightList, nil)
	if b.checked(t, id); signIns() != 2 {
		t.Errorf("one minute after a second check in vain: %d sign-ins, want 2: less and less often", signIns())
	}
	now = now.Add(time.Minute)
	b.cloud.fail("identity", nil)
	b.Learn(t.Context(), id, account.RightList, nil)
	if a := b.checked(t, id); signIns() != 3 || a.Found().Reach != account.Reached {
		t.Errorf("once it is answered: %d sign-ins, %+v", signIns(), a.Found())
	}
	now = now.Add(time.Hour)
	b.Learn(t.Context(), id, account.RightOrders, nil)
	if b.checked(t, id); signIns() != 3 {
		t.Errorf("nothing is wrong: %d sign-ins, want 3", signIns())
	}
}

// Nothing is asked of an account whose number at the cloud was never read, so that
// no call's answer shows that it can be reached: its check is repeated.
func TestAnAccountThatWasNeverReachedIsTriedAgain(t *testing.T) {
	b := newBench(t)
	var ahead atomic.Int64
	b.Now, b.Scale = func() time.Time { return noon.Add(time.Duration(ahead.Load())) }, 6000 // a minute is 10 ms
	b.cloud.fail("identity", fault.New(fault.Unreachable, "cloud.unreachable"))
	b.run(t)
	key, login := b.add(t, keyForm("Marina")).ID, b.add(t, loginForm("Password")).ID
	b.checked(t, key)
	b.checked(t, login)
	b.cloud.fail("identity", nil)
	ahead.Store(int64(time.Second))
	for {
		a, err := b.Get(t.Context(), owner, key)
		must(t, err)
		if a.Found().Reach == account.Reached {
			break
		}
		select {
		case <-b.changes:
		case <-time.After(10 * time.Second):
			t.Fatalf("not reached: %+v", a.Found())
		}
	}
	if a := b.checked(t, login); a.Found().Reach != account.Unreached || a.Retried() {
		t.Errorf("a password: got %+v, want it tried by a person alone", a.Found())
	}
}

// However long the cloud was away, what it was asked in vain for at the sign-in is
// asked again within two minutes of its answers.
func TestALongOutageIsOverSoon(t *testing.T) {
	for name, answered := range map[string]bool{"a call is answered": true, "nothing is asked": false} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			var ahead atomic.Int64
			b.Now, b.Scale = func() time.Time { return noon.Add(time.Duration(ahead.Load())) }, 6000
			if answered {
				b.Scale = 1 // no retry during the test
			}
			minute := time.Duration(float64(time.Minute) / b.Scale)
			b.cloud.fail("identity", fault.New(fault.Unreachable, "cloud.unreachable"))
			b.run(t)
			id := b.checked(t, b.add(t, keyForm("Marina")).ID).ID
			pass := func(d time.Duration) bool { // reports whether it was asked meanwhile
				before := b.cloud.count("identity")
				ahead.Add(int64(d))
				if answered {
					b.Learn(t.Context(), id, account.RightList, nil)
					b.checked(t, id)
					return b.cloud.count("identity") > before
				}
				for range 300 {
					if b.cloud.count("identity") > before {
						b.checked(t, id)
						return true
					}
					time.Sleep(minute / 10)
				}
				return false
			}
			for n := range 8 {
				if !pass(2 * minute) {
					t.Fatalf("not asked again two minutes after %d checks in vain", n+1)
				}
			}
			if pass(minute) {
				t.Error("asked twice in a minute")
			}
			b.cloud.fail("identity", nil)
			pass(2 * minute)
			if a := b.checked(t, id); a.Found().Reach != account.Reached {
				t.Errorf("got %+v", a.Found())
			}
		})
	}
}

// A step that fails while the sign-in is taken is asked less and less often.
func TestAStepThatKeepsFailingIsAskedLessAndLess(t *testing.T) {
	b := newBench(t)
	now := noon
	b.Now = func() time.Time { return now }
	b.cloud.fail("servers:ap-southeast-1", fault.New(fault.Unreachable, "cloud.read.silent"))
	b.run(t)
	id := b.checked(t, b.add(t, keyForm("Marina")).ID).ID
	for range 4 * 60 {
		now = now.Add(time.Minute)
		b.Learn(t.Context(), id, account.RightServers, nil)
		b.checked(t, id)
	}
	if n := b.cloud.count("identity"); n != 9 {
		t.Errorf("%d checks in four hours, want 9: after 1, 2, 4, 8, 16, 32, 60, 60 … minutes", n)
	}
}

// What a password was asked in vain for is over when a call is answered, without
// its being tried: nobody knows then how far the sign-in comes.
func TestAnAnsweredCallEndsWhatAPasswordFailedFor(t *testing.T) {
	busy := &fault.Error{Kind: fault.Busy, Message: fault.Say("cloud.throttled"), Status: 429}
	for name, c := range map[string]struct {
		f        *fault.Error
		answered error
		want     account.Reach
	}{
		"no answer":               {fault.New(fault.Unreachable, "cloud.read.silent"), nil, account.NotAsked},
		"asked to wait":           {busy, nil, account.NotAsked},
		"still no answer":         {fault.New(fault.Unreachable, "cloud.read.silent"), fault.New(fault.Unreachable, "cloud.read.silent"), account.Unreached},
		"the clock is refused":    {refusal("cloud.clock", 401, "APIGW.0301"), nil, account.KeyRefused},
		"the password is refused": {refusal("cloud.login.refused", 401, "401"), nil, account.KeyRefused},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			now := noon
			b.Now = func() time.Time { return now }
			b.run(t)
			id := b.checked(t, b.add(t, loginForm("Password")).ID).ID
			b.Learn(t.Context(), id, account.RightServers, nil)
			b.cloud.fail("identity", c.f)
			must(t, b.Check(t.Context(), owner, id))
			a := b.checked(t, id)
			was := a.Found().Reach
			b.Learn(t.Context(), id, account.RightServers, nil)
			if a = b.checked(t, id); a.Found().Reach != was {
				t.Errorf("a call that was under way before: got %+v", a.Found())
			}
			now = now.Add(2 * time.Minute)
			b.Learn(t.Context(), id, account.RightServers, c.answered)
			a = b.checked(t, id)
			if f := a.Found(); f.Reach != c.want || b.cloud.count("identity") != 2 {
				t.Errorf("got %+v after %d sign-ins, want %v after 2", f, b.cloud.count("identity"), c.want)
			}
			if a.CheckedAt.IsZero() != (c.want == account.NotAsked) || a.Unread() {
				t.Errorf("checked at %v, unread %v", a.CheckedAt, a.Unread())
			}
			b.cloud.fail("identity", nil)
			if c.want != account.KeyRefused {
				must(t, b.Check(t.Context(), owner, id))
				if f := b.checked(t, id).Found(); f.Reach != account.Reached {
					t.Errorf("checked by a person: got %+v", f)
				}
			}
		})
	}
}

// A check that ends with the process is made anew at the next start, and until
// then nothing that it did not come to counts as well.
func TestACheckCutShortIsMadeAnew(t *testing.T) {
	b := newBench(t)
	id := b.add(t, keyForm("Marina")).ID
	_, err := b.Store.Update(t.Context(), id, func(a *account.Account) error {
		a.Checks, a.CheckedAt, a.Projects = []account.Check{{Name: "keys", OK: true}}, noon, b.cloud.who.Projects
		return nil
	})
	must(t, err)
	b.Service = &account.Service{Store: b.Store, Keyring: b.Keyring, Probe: b.Probe, Regions: b.Regions, Changed: b.Changed, Now: b.Now,
		Log: b.Log}
	b.run(t)
	for b.cloud.count("images:ap-southeast-3") == 0 {
		select {
		case <-b.changes:
		case <-time.After(10 * time.Second):
			t.Fatal("it is not checked again")
		}
	}
}

// A call that an older token still carries does not have the password tried anew.
func TestAnAnsweredCallTriesNoPassword(t *testing.T) {
	b := newBench(t)
	now := noon
	b.Now = func() time.Time { return now }
	b.run(t)
	id := b.add(t, loginForm("Password")).ID
	b.checked(t, id)
	b.cloud.fail("identity", fault.New(fault.Unreachable, "cloud.read.silent"))
	must(t, b.Check(t.Context(), owner, id))
	b.checked(t, id)
	before := b.cloud.count("identity")
	for range 5 {
		now = now.Add(2 * time.Hour)
		b.Learn(t.Context(), id, account.RightServers, nil)
		b.checked(t, id)
	}
	if got := b.cloud.count("identity"); got != before {
		t.Errorf("sign-ins that no person asked for: %d, want none", got-before)
	}
}

func TestAFurtherProjectIsNoRegion(t *testing.T) {
	a := account.Account{Projects: map[string]string{"ap-southeast-3": "own", "ap-southeast-3_dev": "dev"}}
	if !a.Active("ap-southeast-3") || a.Active("ap-southeast-3_dev") || a.Active("") {
		t.Error("active: want the region alone")
	}
}
