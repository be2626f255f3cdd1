package account_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/db"
)

func labels(t *testing.T, b *bench) string {
	t.Helper()
	all, err := b.List(t.Context(), owner)
	must(t, err)
	var names []string
	for _, a := range all {
		names = append(names, a.Label)
	}
	return strings.Join(names, " ")
}

// TestAnAccountIsConnectedOnce: by the same key, a second key or an IAM user, the
// second entry is not made.
func TestAnAccountIsConnectedOnce(t *testing.T) {
	for name, form := range map[string]account.Form{"the same key": keyForm("again"), "an IAM user": loginForm("again")} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(t)
			first := b.checked(t, b.add(t, keyForm("Marina")).ID)
			told := make(chan string, 9)
			b.Checked = func(id string) { told <- id }
			a := b.checked(t, b.add(t, form).ID)
			if !a.Held() || a.First() != first.ID || a.DomainID != "" || a.Trouble.Values["Account"] != "Marina" || len(told) != 0 {
				t.Errorf("the second entry: got %+v, told %d times that it can be read", a, len(told))
			}
			if got := labels(t, b); got != "Marina" {
				t.Errorf("listed: %q, want the first alone", got)
			}
			if _, err := b.Access(t.Context(), a.ID); !fault.Is(err, fault.Refused) {
				t.Errorf("calls of the second entry: got %v, want none made", err)
			}
			if kin, err := b.Kin(t.Context(), first.ID); err != nil || len(kin) != 1 {
				t.Errorf("kin of the first: %v, %v", kin, err)
			}
			must(t, b.Check(t.Context(), owner, a.ID))
			if a = b.checked(t, a.ID); !a.Held() {
				t.Errorf("checked again: got %s %v, want it held", a.State, a.Trouble)
			}
			if err := b.SetDisabled(t.Context(), owner, a.ID, false); !fault.Is(err, fault.Conflict) {
				t.Errorf("switched on: got %v, want Conflict", err)
			}
			must(t, b.ReplaceKey(t.Context(), owner, a.ID, keyForm("")))
			if a = b.checked(t, a.ID); !a.Held() {
				t.Errorf("with another key of the same account: got %s %v, want it held", a.State, a.Trouble)
			}
		})
	}
}

func TestTheNewCredentialTakesThePlaceOfTheFirst(t *testing.T) {
	b := newBench(t)
	b.run(t)
	first := b.checked(t, b.add(t, keyForm("Marina")).ID)
	second := b.checked(t, b.add(t, loginForm("again")).ID)
	if _, err := b.GiveKey(t.Context(), operator, second.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an operator: got %v, want Forbidden", err)
	}
	if _, err := b.GiveKey(t.Context(), owner, first.ID); fault.Of(err).Message.ID != "account.twin.not" {
		t.Errorf("of an entry that is not held: got %v", err)
	}
	id, err := b.GiveKey(t.Context(), owner, second.ID)
	if err != nil || id != first.ID {
		t.Fatalf("got %q, %v, want %q", id, err, first.ID)
	}
	a := b.checked(t, first.ID)
	if a.Credential != account.ByLogin || a.KeyHint != "console-bot" || a.State != account.Active || a.DomainID != "d78c" {
		t.Errorf("the first: got %+v, want it to sign in with what was typed", a)
	}
	access, err := b.Access(t.Context(), first.ID)
	if err != nil || access.Login.Password.Reveal() != "correct horse battery" {
		t.Errorf("its credential: got %v", err)
	}
	if _, err := b.Get(t.Context(), owner, second.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the second: got %v, want it gone", err)
	}
	if sealed, err := (db.Accounts{DB: b.db}).Sealed(t.Context(), second.ID,
		audit.By(person.System, "account.key.use", second.ID)); err == nil {
		t.Errorf("the second's credential is still there: %d bytes", len(sealed))
	}
}

// When the first was removed meanwhile, the check of the second connects it.
func TestASecondEntryWhoseFirstIsGone(t *testing.T) {
	b := newBench(t)
	b.run(t)
	first := b.checked(t, b.add(t, keyForm("Marina")).ID)
	second := b.checked(t, b.add(t, loginForm("again")).ID)
	must(t, b.Delete(t.Context(), owner, first.ID))
	if _, err := b.GiveKey(t.Context(), owner, second.ID); fault.Of(err).Message.ID != "account.twin.gone" {
		t.Errorf("got %v", err)
	}
	must(t, b.Check(t.Context(), owner, second.ID))
	if a := b.checked(t, second.ID); a.State != account.Active || a.DomainID != "d78c" || labels(t, b) != "again" {
		t.Errorf("got %+v, listed %q", a, labels(t, b))
	}
}

// The cloud that could not be reached when an entry was made tells later whose it is.
func TestASecondEntryIsFoundOutLate(t *testing.T) {
	b := newBench(t)
	b.run(t)
	b.checked(t, b.add(t, keyForm("Marina")).ID)
	b.cloud.fail("identity", fault.New(fault.Unreachable, "cloud.unreachable"))
	second := b.checked(t, b.add(t, loginForm("again")).ID)
	if second.Held() || labels(t, b) != "again Marina" {
		t.Fatalf("nobody knows yet: got %+v", second)
	}
	b.cloud.fail("identity", nil)
	must(t, b.Check(t.Context(), owner, second.ID))
	if second = b.checked(t, second.ID); !second.Held() || labels(t, b) != "Marina" {
		t.Errorf("once it is known: got %+v, listed %q", second, labels(t, b))
	}
}

func TestTwoFirstChecksAtOnceMakeOneEntry(t *testing.T) {
	b := newBench(t)
	one, two := b.add(t, keyForm("one")).ID, b.add(t, keyForm("two")).ID
	b.run(t)
	x, y := b.checked(t, one), b.checked(t, two)
	if x.Held() == y.Held() {
		t.Errorf("held: %v and %v, want one of them", x.Held(), y.Held())
	}
}

func TestASecondEntryIsNotKeptForLong(t *testing.T) {
	b := newBench(t)
	b.Scale = 6000
	b.run(t)
	b.checked(t, b.add(t, keyForm("Marina")).ID)
	second := b.checked(t, b.add(t, keyForm("again")).ID)
	_, err := b.Store.Update(t.Context(), second.ID, func(a *account.Account) error { a.TroubleAt = noon.Add(-time.Hour); return nil })
	must(t, err)
	for {
		if _, err := b.Get(t.Context(), owner, second.ID); fault.Is(err, fault.NotFound) {
			break
		}
		select {
		case <-b.changes:
		case <-time.After(10 * time.Second):
			t.Fatal("it is kept")
		}
	}
	if got := actions(t, b.db); !strings.Contains(got, "account.twin") || !strings.HasSuffix(strings.TrimSpace(got), "account.delete") {
		t.Errorf("the journal: %s", got)
	}
}

func TestTwinsOfOlderVersions(t *testing.T) {
	all := []account.Account{
		{ID: "1", Site: account.International, DomainID: "d"}, {ID: "2", Site: account.International, DomainID: "d", State: account.Disabled},
		{ID: "3", Site: account.International, DomainID: "e"}, {ID: "4", Site: account.International}, {ID: "5", Site: account.International},
		{ID: "6", Site: account.SandboxSite, DomainID: "s"}, {ID: "7", Site: account.SandboxSite, DomainID: "s"},
	}
	for i, want := range []string{"2", "1", "", "", "", "", ""} {
		var got []string
		for _, a := range all[i].Twins(all) {
			got = append(got, a.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("twins of %s: got %v, want %q", all[i].ID, got, want)
		}
	}
}

// An owner who has a held entry connected at the end of its hour does not lose it
// while its check is on the way.
func TestASecondEntryThatIsCheckedIsNotDiscarded(t *testing.T) {
	b := newBench(t)
	b.Scale = 6000 // a minute is 10 ms
	b.run(t)
	first := b.checked(t, b.add(t, keyForm("Marina")).ID)
	second := b.checked(t, b.add(t, keyForm("again")).ID)
	must(t, b.Delete(t.Context(), owner, first.ID))
	b.cloud.on("identity", func() {
		_, err := b.Store.Update(t.Context(), second.ID, func(a *account.Account) error { a.TroubleAt = noon.Add(-time.Hour); return nil })
		if err != nil {
			t.Error(err)
		}
		time.Sleep(200 * time.Millisecond)
	})
	must(t, b.Check(t.Context(), owner, second.ID))
	if a := b.checked(t, second.ID); a.State != account.Active || labels(t, b) != "again" {
		t.Errorf("got %+v, listed %q", a, labels(t, b))
	}
}

// store is the bench's with something that happens first, or fails, when an
// entry is removed.
type store struct {
	account.Store
	before func() error
}

func (s store) Delete(ctx context.Context, id string, may func(account.Account) error, e audit.Entry) (int, error) {
	if err := s.before(); err != nil {
		return 0, err
	}
	return s.Store.Delete(ctx, id, may, e)
}

// What an owner does at the last moment counts: the entry is discarded in the
// same step in which it is seen to be held still.
func TestASecondEntryThatIsSavedAtTheLastMoment(t *testing.T) {
	for name, act := range map[string]func(*testing.T, *bench, string) error{
		"its key is replaced": func(t *testing.T, b *bench, id string) error { return b.ReplaceKey(t.Context(), owner, id, otherKey()) },
		"it is checked":       func(t *testing.T, b *bench, id string) error { return b.Check(t.Context(), owner, id) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.Scale = 6000
			tried := make(chan bool)
			var last sync.Once
			b.Store = store{b.Store, func() error {
				last.Do(func() {
					b.cloud.on("identity", func() { <-tried }) // the check is under way
					if err := act(t, b, "account-2"); err != nil {
						t.Error(err)
					}
					time.AfterFunc(50*time.Millisecond, func() { close(tried) })
				})
				return nil
			}}
			b.run(t)
			b.checked(t, b.add(t, keyForm("Marina")).ID)
			second := b.checked(t, b.add(t, keyForm("again")).ID)
			_, err := b.Store.Update(t.Context(), second.ID,
				func(a *account.Account) error { a.TroubleAt = noon.Add(-time.Hour); return nil })
			must(t, err)
			select {
			case <-tried:
			case <-time.After(10 * time.Second):
				t.Fatal("nothing is discarded")
			}
			if a := b.checked(t, second.ID); !a.Held() || !a.TroubleAt.Equal(noon) {
				t.Errorf("got %+v, want it held for another hour", a)
			}
		})
	}
}

func TestAKeyIsGivenWhetherTheSecondEntryGoesOrNot(t *testing.T) {
	b := newBench(t)
	b.Store = store{b.Store, func() error { return errors.New("disk full") }}
	b.run(t)
	first := b.checked(t, b.add(t, keyForm("Marina")).ID)
	second := b.checked(t, b.add(t, loginForm("again")).ID)
	if id, err := b.GiveKey(t.Context(), owner, second.ID); err != nil || id != first.ID {
		t.Errorf("got %q, %v: the key was replaced", id, err)
	}
	if a := b.checked(t, first.ID); a.Credential != account.ByLogin {
		t.Errorf("the first: got %+v", a)
	}
	if a := b.checked(t, second.ID); !a.Held() {
		t.Errorf("the second: got %+v, want it to wait to be discarded", a)
	}
}

// The key that is typed into the second entry while its old one is given away is
// not lost.
func TestASecondEntryThatGetsAnotherKeyMeanwhile(t *testing.T) {
	b := newBench(t)
	b.Store = store{b.Store, func() error { return b.ReplaceKey(t.Context(), owner, "account-2", otherKey()) }}
	b.run(t)
	b.checked(t, b.add(t, keyForm("Marina")).ID)
	second := b.checked(t, b.add(t, loginForm("again")).ID)
	if _, err := b.GiveKey(t.Context(), owner, second.ID); err != nil {
		t.Fatal(err)
	}
	if a := b.checked(t, second.ID); a.KeyHint != "0002" {
		t.Errorf("got %+v", a)
	}
}
