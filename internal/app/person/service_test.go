package person_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
	"sampan/internal/testclock"
)

const (
	good  = "a quiet lane behind the mill"
	other = "seventeen herons over kettle bay"
	home  = "192.0.2.1"
)

// clock is a time that the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is a console with one owner, "ann".
type house struct {
	*person.Service
	t     *testing.T
	db    *db.DB
	clock *clock
	code  seal.Secret
	ann   person.Person
}

func empty(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{at: testclock.From(time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC))}}
	h.db = dbtest.Open(t, func(o *db.Options) { o.Now = h.clock.now })
	h.Service = person.New(person.Options{Store: db.Persons{DB: h.db}, Now: h.clock.now})
	var err error
	if h.code, err = h.NewSetupToken(t.Context(), seal.Secret{}); err != nil {
		t.Fatal(err)
	}
	return h
}

func furnished(t *testing.T) *house {
	t.Helper()
	h := empty(t)
	var err error
	if h.ann, err = h.SetUp(t.Context(), h.code, form()); err != nil {
		t.Fatal(err)
	}
	return h
}

func form() person.SetupForm {
	return person.SetupForm{Name: " Ann ", DisplayName: "Ann Lee", Password: seal.Conceal(good), Language: "en", Zone: "Asia/Singapore"}
}

// in signs Ann in and gives the actor and what the browser got.
func (h *house) in() (person.Actor, person.SignedIn) {
	h.t.Helper()
	p, got, err := h.SignIn(h.t.Context(), "ann", seal.Conceal(good), home, "Firefox", seal.Secret{})
	if err != nil {
		h.t.Fatalf("sign in: %v", err)
	}
	_, ss, err := h.Session(h.t.Context(), got.SessionToken)
	if err != nil {
		h.t.Fatalf("session after signing in: %v", err)
	}
	return p.Actor(ss, home), got
}

// guess signs in with a wrong password.
func (h *house) guess(name, from string, device seal.Secret) error {
	_, _, err := h.SignIn(h.t.Context(), name, seal.Conceal("wrong"), from, "curl", device)
	return err
}

// audited gives action and outcome of all rows, oldest first, and checks the chain.
func (h *house) audited() []string {
	h.t.Helper()
	if _, err := (db.Audits{DB: h.db}).Verify(context.Background()); err != nil {
		h.t.Error(err)
	}
	var all []string
	for r, err := range (db.Audits{DB: h.db}).Rows(context.Background(), 0) {
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, r.Action+" "+r.Outcome)
	}
	return all
}

func TestTheFirstPersonIsAnOwner(t *testing.T) {
	h := empty(t)
	if open, err := h.SetupOpen(t.Context()); !open || err != nil {
		t.Fatalf("before: open %v, %v", open, err)
	}
	p, err := h.SetUp(t.Context(), h.code, form())
	if err != nil {
		t.Fatal(err)
	}
	want := person.Person{ID: p.ID, Name: "ann", DisplayName: "Ann Lee", Role: person.Owner, Language: "en", Zone: "Asia/Singapore",
		Shortcuts: true, Scope: person.ScopeReal, CreatedAt: h.clock.at, UpdatedAt: h.clock.at, Rev: 1}
	if diff := cmp.Diff(want, p); diff != "" || p.ID == "" {
		t.Errorf("the person differs (-want +got):\n%s", diff)
	}
	stored, hash, err := (db.Persons{DB: h.db}).ByID(t.Context(), p.ID)
	if diff := cmp.Diff(want, stored); diff != "" || err != nil {
		t.Errorf("stored: %v (-want +got):\n%s", err, diff)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash is not Argon2id with 19 MiB and 2 passes: %s", hash)
	}
	if open, err := h.SetupOpen(t.Context()); open || err != nil {
		t.Errorf("after: open %v, %v", open, err)
	}
	if _, err := h.SetUp(t.Context(), h.code, form()); !fault.Is(err, fault.NotFound) {
		t.Errorf("a second set-up: %v", err)
	}
	if _, err := h.NewSetupToken(t.Context(), seal.Secret{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a code after set-up: %v", err)
	}
	if got, want := h.audited(), []string{"setup.link ok", "person.create ok"}; !slices.Equal(got, want) {
		t.Errorf("audit: got %q, want %q", got, want)
	}
}

func TestOfTwoWhoSetUpAtOnceOneWins(t *testing.T) {
	h := empty(t)
	other := person.New(person.Options{Store: db.Persons{DB: h.db}, Now: h.clock.now}) // does not know what the first one did
	errs := make(chan error, 2)
	for _, s := range []*person.Service{h.Service, other} {
		go func() { _, err := s.SetUp(t.Context(), h.code, form()); errs <- err }()
	}
	a, b := <-errs, <-errs
	if (a == nil) == (b == nil) {
		t.Fatalf("got %v and %v, want one success", a, b)
	}
	if !fault.Is(errors.Join(a, b), fault.NotFound) {
		t.Errorf("the other one got %v", errors.Join(a, b))
	}
}

func TestSetUpRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*person.SetupForm)
		field  string
		want   string
	}{
		{"no name", func(f *person.SetupForm) { f.Name = " " }, "name", "fault.person.name.empty"},
		{"a name with a space", func(f *person.SetupForm) { f.Name = "ann lee" }, "name", "fault.person.name.letters"},
		{"a name of 65 letters", func(f *person.SetupForm) { f.Name = strings.Repeat("a", 65) }, "name", "fault.person.name.long"},
		{"a short password", func(f *person.SetupForm) { f.Password = seal.Conceal("fourteen chars") }, "password", "fault.password.short"},
		{"a common password", func(f *person.SetupForm) { f.Password = seal.Conceal("Password12345678") }, "password", "fault.password.common"},
		{"an unknown language", func(f *person.SetupForm) { f.Language = "tlh" }, "language", "fault.person.language"},
		{"an unknown zone", func(f *person.SetupForm) { f.Zone = "Mars/Base" }, "zone", "fault.person.zone"},
		{"a display name with a newline", func(f *person.SetupForm) { f.DisplayName = "Ann\nLee" }, "display_name", "fault.person.display.letters"},
	}
	h := empty(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := form()
			tt.change(&f)
			_, err := h.SetUp(t.Context(), h.code, f)
			if !fault.Is(err, fault.Invalid) || len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[tt.field].ID != tt.want {
				t.Errorf("got %v with %v, want only %s: %s", err, fault.Of(err).Fields, tt.field, tt.want)
			}
		})
	}
	if _, err := h.SetUp(t.Context(), seal.Conceal("not the code"), form()); !fault.Is(err, fault.NotFound) {
		t.Errorf("a wrong code: %v", err)
	}
	if _, err := h.SetUp(t.Context(), h.code, form()); err != nil {
		t.Errorf("refusals used the code up: %v", err)
	}
}

func TestTheSetupCode(t *testing.T) {
	h := empty(t)
	if _, err := h.NewSetupToken(t.Context(), seal.Conceal("only 15 letters")); !fault.Is(err, fault.Invalid) {
		t.Errorf("a short fixed code: %v", err)
	}
	fixed := seal.Conceal("sixteen letters!")
	got, err := h.NewSetupToken(t.Context(), fixed)
	if err != nil || got.Reveal() != fixed.Reveal() {
		t.Fatalf("a fixed code: %v", err)
	}
	if _, err := h.SetUp(t.Context(), h.code, form()); !fault.Is(err, fault.NotFound) {
		t.Errorf("the code before it still opens: %v", err)
	}
	var n int
	if err := h.db.Read().QueryRow("SELECT count(*) FROM link WHERE hash LIKE '%' || $1 || '%'", fixed.Reveal()).Scan(&n); err != nil ||
		n != 0 {
		t.Errorf("the code stands in the database: %d, %v", n, err)
	}
	if _, err := h.SetUp(t.Context(), fixed, form()); err != nil {
		t.Error(err)
	}
}

func TestSigningIn(t *testing.T) {
	h := furnished(t)
	for _, name := range []string{"ann", " ANN ", "ａｎｎ"} {
		p, got, err := h.SignIn(t.Context(), name, seal.Conceal(good), home, "Fire\x00fox"+strings.Repeat("x", 300), seal.Secret{})
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		q, ss, err := h.Session(t.Context(), got.SessionToken)
		if diff := cmp.Diff(p, q); diff != "" || err != nil || p.ID != h.ann.ID {
			t.Errorf("%q: session of another person: %v\n%s", name, err, diff)
		}
		now := h.clock.now()
		want := person.Session{Ref: ss.Ref, PersonID: p.ID, Created: now, Seen: now, FreshUntil: now.Add(person.Fresh), Address: home,
			Browser: ("Firefox" + strings.Repeat("x", 300))[:200]}
		if diff := cmp.Diff(want, ss); diff != "" {
			t.Errorf("%q: the session differs (-want +got):\n%s", name, diff)
		}
		if len(got.SessionToken.Reveal()) != 43 || got.SessionToken.Reveal() == got.DeviceToken.Reveal() ||
			strings.Contains(ss.Ref, got.SessionToken.Reveal()) {
			t.Error("tokens are not 256 random bits of their own")
		}
	}
	wrong := h.guess("ann", home, seal.Secret{})
	unknown := h.guess("bob", home, seal.Secret{})
	if !errors.Is(wrong, person.ErrWrong) || !errors.Is(unknown, person.ErrWrong) ||
		fault.Of(wrong).Message.ID != fault.Of(unknown).Message.ID {
		t.Errorf("a wrong password and an unknown name differ: %v, %v", wrong, unknown)
	}
	if _, _, err := h.Session(t.Context(), seal.Conceal("no such token")); !errors.Is(err, person.ErrNoSession) {
		t.Errorf("an invented token: %v", err)
	}
	rows := h.audited()
	if n := len(slices.DeleteFunc(rows, func(s string) bool { return s != "person.sign-in denied" })); n != 2 {
		t.Errorf("%d failed sign-ins in the audit, want 2", n)
	}
}

func TestNoSecretIsStored(t *testing.T) {
	h := furnished(t)
	_, got := h.in()
	_ = h.guess(good, home, seal.Secret{}) // the password typed as the name
	for _, secret := range []string{good, got.SessionToken.Reveal(), got.DeviceToken.Reveal(), h.code.Reveal()} {
		for _, table := range []string{"person", "session", "device", "link", "throttle", "audit"} {
			if text := dump(t, h.db, table); strings.Contains(text, secret) {
				t.Errorf("a secret stands in table %s", table)
			}
		}
	}
}

// dump gives all text of a table.
func dump(t *testing.T, d *db.DB, table string) string {
	t.Helper()
	rows, err := d.Read().Query("SELECT * FROM " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for rows.Next() {
		vals, to := make([]any, len(cols)), make([]any, len(cols))
		for i := range vals {
			to[i] = &vals[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		for _, v := range vals {
			if raw, ok := v.([]byte); ok {
				v = string(raw)
			}
			if s, ok := v.(string); ok {
				b.WriteString(s + "\n")
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestASessionRunsOut(t *testing.T) {
	tests := []struct {
		name  string
		wait  []time.Duration // between requests; the last request is judged
		alive bool
	}{
		{"29 minutes without a request", []time.Duration{29 * time.Minute}, true},
		{"30 minutes without a request", []time.Duration{30 * time.Minute}, false},
		{"used every 20 minutes for 11 h 40", slices.Repeat([]time.Duration{20 * time.Minute}, 35), true},
		{"used every 20 minutes for 12 h", slices.Repeat([]time.Duration{20 * time.Minute}, 36), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := furnished(t)
			began := h.clock.at
			by, got := h.in()
			var err error
			for _, d := range tt.wait {
				h.clock.pass(d)
				if alive := h.Alive(t.Context(), got.SessionToken); alive != (err == nil && h.clock.at.Sub(began) < person.Lifetime &&
					d < person.Idle) {
					t.Errorf("after %v: a stream counts as alive: %v", d, alive)
				}
				_, _, err = h.Session(t.Context(), got.SessionToken)
			}
			if alive := err == nil; alive != tt.alive || (!alive && !errors.Is(err, person.ErrNoSession)) {
				t.Errorf("got %v, want alive %v", err, tt.alive)
			}
			if list, err := h.Sessions(t.Context(), by); (len(list) == 1) != tt.alive || err != nil {
				t.Errorf("%d sessions listed, %v", len(list), err)
			}
		})
	}
}

func TestLookingAliveIsNoUse(t *testing.T) {
	h := furnished(t)
	_, got := h.in()
	for range 29 {
		h.clock.pass(time.Minute)
		if !h.Alive(t.Context(), got.SessionToken) {
			t.Fatal("ended early")
		}
	}
	h.clock.pass(time.Minute)
	if h.Alive(t.Context(), got.SessionToken) {
		t.Error("an open stream kept the session from running out")
	}
}

func TestEndingSessions(t *testing.T) {
	ends := map[string]func(h *house, by person.Actor, second string) error{
		"sign-out":      func(h *house, by person.Actor, _ string) error { return h.SignOut(h.t.Context(), by) },
		"revoke second": func(h *house, by person.Actor, second string) error { return h.Revoke(h.t.Context(), by, second) },
		"revoke others": func(h *house, by person.Actor, _ string) error { return h.RevokeOthers(h.t.Context(), by) },
		"new password": func(h *house, by person.Actor, _ string) error {
			return h.ChangePassword(h.t.Context(), by, seal.Conceal(good), seal.Conceal(other))
		},
		"reset": func(h *house, _ person.Actor, _ string) error {
			code, err := h.ResetOwner(h.t.Context())
			if err != nil {
				return err
			}
			return h.Reset(h.t.Context(), code, seal.Conceal(other))
		},
	}
	left := map[string][2]bool{ // of the first and second session
		"sign-out": {false, true}, "revoke second": {true, false}, "revoke others": {true, false}, "new password": {true, false}, "reset": {false, false},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			h := furnished(t)
			var told []string
			h.OnEnd(func(ref string) { told = append(told, ref) })
			a, first := h.in()
			b, second := h.in()
			if err := end(h, a, b.SessionRef); err != nil {
				t.Fatal(err)
			}
			var want []string
			for i, s := range []struct {
				ref   string
				token seal.Secret
			}{{a.SessionRef, first.SessionToken}, {b.SessionRef, second.SessionToken}} {
				_, _, err := h.Session(t.Context(), s.token)
				if (err == nil) != left[name][i] {
					t.Errorf("session %d: %v, want it to go on: %v", i+1, err, left[name][i])
				}
				if !left[name][i] {
					want = append(want, s.ref)
				}
			}
			slices.Sort(told)
			slices.Sort(want)
			if !slices.Equal(told, want) {
				t.Errorf("streams told of %v, want %v", told, want)
			}
		})
	}
}

func TestNobodyEndsSomebodyElsesSession(t *testing.T) {
	h := furnished(t)
	by, got := h.in()
	by.PersonID = "somebody else"
	if err := h.Revoke(t.Context(), by, by.SessionRef); !fault.Is(err, fault.NotFound) {
		t.Errorf("revoke: %v, want not found", err)
	}
	_ = h.SignOut(t.Context(), by)
	if _, _, err := h.Session(t.Context(), got.SessionToken); err != nil {
		t.Errorf("the session ended: %v", err)
	}
}

func TestADisabledPersonIsOut(t *testing.T) {
	h := furnished(t)
	_, got := h.in()
	h.exec("UPDATE person SET disabled = 1")
	if _, _, err := h.Session(t.Context(), got.SessionToken); !errors.Is(err, person.ErrNoSession) {
		t.Errorf("session: %v", err)
	}
	if h.Alive(t.Context(), got.SessionToken) {
		t.Error("an open stream goes on")
	}
	if _, _, err := h.SignIn(t.Context(), "ann", seal.Conceal(good), home, "", seal.Secret{}); !errors.Is(err, person.ErrWrong) {
		t.Errorf("sign in: %v", err)
	}
}

func TestTheRoleIsReadEachTime(t *testing.T) {
	h := furnished(t)
	_, got := h.in()
	h.exec("UPDATE person SET role = 'viewer'")
	p, _, err := h.Session(t.Context(), got.SessionToken)
	if err != nil || p.Role != person.Viewer {
		t.Errorf("role %q, %v", p.Role, err)
	}
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	if err := dbtest.Exec(h.db, query, args...); err != nil {
		h.t.Fatal(err)
	}
}

func TestChangingThePassword(t *testing.T) {
	h := furnished(t)
	by, got := h.in()
	err := h.ChangePassword(t.Context(), by, seal.Conceal("wrong"), seal.Conceal(other))
	if fault.Of(err).Fields["old"].ID != "fault.password.wrong" {
		t.Errorf("a wrong old one: %v", err)
	}
	err = h.ChangePassword(t.Context(), by, seal.Conceal(good), seal.Conceal("qwertyuiop123456"))
	if fault.Of(err).Fields["new"].ID != "fault.password.common" {
		t.Errorf("a poor new one: %v", err)
	}
	if err := h.ChangePassword(t.Context(), by, seal.Conceal(good), seal.Conceal(other)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.SignIn(t.Context(), "ann", seal.Conceal(good), home, "", seal.Secret{}); !errors.Is(err, person.ErrWrong) {
		t.Errorf("the old password: %v", err)
	}
	if _, _, err := h.SignIn(t.Context(), "ann", seal.Conceal(other), home, "", seal.Secret{}); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if known, _ := (db.Persons{DB: h.db}).KnowsDevice(t.Context(), h.ann.ID, dbtest.HashOf(got.DeviceToken)); known {
		t.Error("a browser is still known after the password changed")
	}
}

func TestAFreshLogin(t *testing.T) {
	h := furnished(t)
	by, got := h.in()
	h.clock.pass(10 * time.Minute)
	if err := h.Freshen(t.Context(), by, seal.Conceal("wrong")); fault.Of(err).Fields["password"].ID != "fault.password.wrong" {
		t.Errorf("a wrong password: %v", err)
	}
	if _, ss, _ := h.Session(t.Context(), got.SessionToken); ss.FreshUntil.After(h.clock.now()) {
		t.Error("a wrong password made the session fresh")
	}
	if err := h.Freshen(t.Context(), by, seal.Conceal(good)); err != nil {
		t.Fatal(err)
	}
	if _, ss, _ := h.Session(t.Context(), got.SessionToken); !ss.FreshUntil.Equal(h.clock.now().Add(5 * time.Minute)) {
		t.Errorf("fresh until %v", ss.FreshUntil)
	}
	for range person.FreeGuesses {
		_ = h.Freshen(t.Context(), by, seal.Conceal("wrong"))
	}
	if err := h.Freshen(t.Context(), by, seal.Conceal(good)); !fault.Is(err, fault.Busy) {
		t.Errorf("guessing inside a session is not throttled: %v", err)
	}
}

func TestResettingTheOwnersPassword(t *testing.T) {
	h := furnished(t)
	first, err := h.ResetOwner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.ResetOwner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Reset(t.Context(), first, seal.Conceal(other)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a replaced link: %v", err)
	}
	if err := h.Reset(t.Context(), second, seal.Conceal("too short")); fault.Of(err).Fields["password"].ID != "fault.password.short" {
		t.Errorf("a poor password: %v", err)
	}
	if err := h.Reset(t.Context(), second, seal.Conceal(other)); err != nil {
		t.Fatalf("a poor password used the link up, or: %v", err)
	}
	if err := h.Reset(t.Context(), second, seal.Conceal(other)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a used link: %v", err)
	}
	late, err := h.ResetOwner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.clock.pass(time.Hour)
	if err := h.Reset(t.Context(), late, seal.Conceal(good)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a link an hour old: %v", err)
	}
	if err := h.Reset(t.Context(), h.code, seal.Conceal(good)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a set-up code resets a password: %v", err)
	}
	if _, err := empty(t).ResetOwner(t.Context()); !fault.Is(err, fault.NotFound) {
		t.Errorf("without an owner: %v", err)
	}
}

func TestProfile(t *testing.T) {
	h := furnished(t)
	by, got := h.in()
	want := person.Profile{DisplayName: "李安", Language: "zh-Hans", Zone: "Asia/Shanghai", Theme: "dark", Shortcuts: false}
	if err := h.UpdateProfile(t.Context(), by, want); err != nil {
		t.Fatal(err)
	}
	if err := h.SetScope(t.Context(), by, person.ScopeSandbox); err != nil {
		t.Fatal(err)
	}
	p, _, err := h.Session(t.Context(), got.SessionToken)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, person.Profile{DisplayName: p.DisplayName, Language: p.Language, Zone: p.Zone, Theme: p.Theme,
		Shortcuts: p.Shortcuts}); diff != "" {
		t.Errorf("profile (-want +got):\n%s", diff)
	}
	if p.Scope != person.ScopeSandbox || p.Rev != 3 {
		t.Errorf("scope %q, revision %d", p.Scope, p.Rev)
	}
	for field, change := range map[string]func(*person.Profile){
		"display_name": func(p *person.Profile) { p.DisplayName = "" },
		"language":     func(p *person.Profile) { p.Language = "xx" },
		"zone":         func(p *person.Profile) { p.Zone = "../etc/passwd" },
		"theme":        func(p *person.Profile) { p.Theme = "pink" },
	} {
		bad := want
		change(&bad)
		if err := h.UpdateProfile(t.Context(), by, bad); len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[field].Zero() {
			t.Errorf("%s: got %v with %v", field, err, fault.Of(err).Fields)
		}
	}
}
