package account_test

import (
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
)

// otherKey is what an owner types in the place of keyForm's.
func otherKey() account.Form {
	f := keyForm("")
	f.KeyID, f.KeySecret = "AKEXAMPLE0000000002", seal.Conceal("SKEXAMPLE00000000000000000000000000000002")
	return f
}

// once lets something happen during the first call of a name.
func (c *cloud) once(name string, do func()) {
	done := false
	c.on(name, func() {
		if !done {
			done = true
			do()
		}
	})
}

// What a check under way finds out about a key is not said of the one that takes
// its place meanwhile, and the new one is checked.
func TestAKeyThatIsReplacedWhileItIsChecked(t *testing.T) {
	wrong := refusal("cloud.login.wrong", 401, "APIGW.0301")
	for name, c := range map[string]struct {
		call string
		old  *fault.Error // what the call made with the old key is answered
	}{
		"the old one is refused at the sign-in": {"identity", wrong},
		"the old one is taken at the sign-in":   {"identity", nil},
		"the old one is refused later":          {"count", wrong},
		"the old one lacks a right":             {"count", refusal("cloud.permission", 403, "RMS.0403")},
		"the old one gets no answer":            {"images:ap-southeast-3", fault.New(fault.Unreachable, "cloud.unreachable")},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.cloud.once(c.call, func() {
				if err := b.ReplaceKey(t.Context(), owner, "account-1", otherKey()); err != nil {
					t.Error(err)
				}
			})
			b.cloud.failOf("AKEXAMPLE0000000001", c.call, c.old)
			b.run(t)
			a := b.checked(t, b.add(t, keyForm("Marina")).ID)
			if a.State != account.Active || a.KeyHint != "0002" || a.Found().Reach != account.Reached {
				t.Errorf("got %s, %q, %v, want the new key to be taken", a.State, a.KeyHint, linesOf(a))
			}
			if n := b.cloud.count("identity"); n != 2 || b.cloud.last.Key.ID != "AKEXAMPLE0000000002" {
				t.Errorf("%d sign-ins, the last with %s; want 2, the last with the new key", n, b.cloud.last.Key.ID)
			}
			if got := actions(t, b.db); strings.Contains(got, "account.broken") {
				t.Errorf("the account was broken for a key that was not tried: %s", got)
			}
		})
	}
}

// The other way round: the refused one is the new key.
func TestANewKeyThatIsRefused(t *testing.T) {
	b := newBench(t)
	b.cloud.once("orders", func() {
		if err := b.ReplaceKey(t.Context(), owner, "account-1", otherKey()); err != nil {
			t.Error(err)
		}
	})
	b.cloud.failOf("AKEXAMPLE0000000002", "identity", refusal("cloud.login.wrong", 401, "APIGW.0301"))
	b.run(t)
	if a := b.checked(t, b.add(t, keyForm("Marina")).ID); a.State != account.Broken || a.Trouble.ID != "cloud.login.wrong" {
		t.Errorf("got %s, %v", a.State, a.Trouble)
	}
}

// A credential that shows the account of another entry is held for what it is,
// not for the one that was typed meanwhile.
func TestASecondEntryWhoseKeyIsReplacedWhileItIsChecked(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.checked(t, b.add(t, keyForm("Marina")).ID)
	b.cloud.once("identity", func() {
		if err := b.ReplaceKey(t.Context(), owner, "account-2", otherKey()); err != nil {
			t.Error(err)
		}
		b.cloud.failOf("AKEXAMPLE0000000002", "identity", fault.New(fault.Unreachable, "cloud.unreachable"))
	})
	if a := b.checked(t, b.add(t, keyForm("again")).ID); a.Held() {
		t.Errorf("held for a key that it has no more: %+v", a)
	}
}

func TestAnAccountThatIsSwitchedOffWhileItIsChecked(t *testing.T) {
	b := newBench(t)
	off := func(disabled bool) {
		if err := b.SetDisabled(t.Context(), owner, "account-1", disabled); err != nil {
			t.Error(err)
		}
	}
	b.cloud.once("count", func() { off(true) })
	b.run(t)
	id := b.add(t, keyForm("Marina")).ID
	if b.checked(t, id); b.cloud.last.DomainID == "" || b.cloud.count("currency") != 0 {
		t.Errorf("calls: %v, want none after it was switched off", b.cloud.calls)
	}
	b.cloud.on("count", nil)
	off(false)
	b.checked(t, id)
	b.cloud.once("currency", func() { off(true); off(false) })
	must(t, b.Check(t.Context(), owner, id))
	if a := b.checked(t, id); a.State != account.Active || b.cloud.count("identity") != 4 || a.Found().Reach != account.Reached {
		t.Errorf("switched on while it is checked: %d sign-ins, %s %v", b.cloud.count("identity"), a.State, linesOf(a))
	}
}

// One that is pressed again while a check is under way adds none.
func TestACheckUnderWayIsEnough(t *testing.T) {
	b := newBench(t)
	b.cloud.once("count", func() {
		if err := b.Check(t.Context(), owner, "account-1"); err != nil {
			t.Error(err)
		}
	})
	b.run(t)
	if b.checked(t, b.add(t, keyForm("Marina")).ID); b.cloud.count("identity") != 1 {
		t.Errorf("%d sign-ins, want 1", b.cloud.count("identity"))
	}
}

// A call that began with the old key and is refused after the new one was taken
// says nothing about the new one.
func TestALateRefusalOfAReplacedKey(t *testing.T) {
	for name, form := range map[string]account.Form{"key": otherKey(), "password": loginForm("")} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			now := noon
			b.Now = func() time.Time { return now }
			b.run(t)
			id := b.checked(t, b.add(t, keyForm("Marina")).ID).ID
			must(t, b.ReplaceKey(t.Context(), owner, id, form))
			b.checked(t, id)
			now = now.Add(time.Minute)
			b.Learn(t.Context(), id, account.RightList, refusal("cloud.login.wrong", 401, "APIGW.0301"))
			if a := b.checked(t, id); a.State != account.Active {
				t.Errorf("broken by a refusal of the old key: %v", a.Trouble)
			}
			now = now.Add(time.Hour)
			b.Learn(t.Context(), id, account.RightList, refusal("cloud.login.wrong", 401, "APIGW.0301"))
			if a := b.checked(t, id); a.State != account.Broken {
				t.Errorf("refused an hour later: got %s, want broken", a.State)
			}
		})
	}
}
