package account_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
	"sampan/internal/testclock"
)

var (
	owner    = person.Actor{PersonID: "p1", Name: "Mei", Role: person.Owner}
	operator = person.Actor{PersonID: "p2", Name: "Tan", Role: person.Operator}
	noon     = testclock.From(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
)

// bench is a service over a fresh database and a scripted cloud.
type bench struct {
	*account.Service
	db      *db.DB
	cloud   *cloud
	changes chan string // topics as they are announced
	forgot  []string
}

func newBench(t *testing.T) *bench {
	b := &bench{db: dbtest.Open(t), cloud: &cloud{who: account.Identity{DomainID: "d78c", DomainName: "hw-marina",
		Projects: map[string]string{"ap-southeast-3": "p-sg", "ap-southeast-1": "p-hk", "cn-north-1": "p-bj"}}},
		changes: make(chan string, 1000)}
	var mu sync.Mutex
	n := 0
	b.Service = &account.Service{
		Store: db.Accounts{DB: b.db}, Keyring: seal.NewKeyring(), Probe: b.cloud,
		Sandbox: account.Endpoints{IAM: "http://127.0.0.1:9", HCSS: "http://127.0.0.1:9"},
		Regions: []string{"ap-southeast-1", "ap-southeast-3", "tr-west-1"},
		CheckEndpoint: func(base string) fault.Message {
			if !strings.HasPrefix(base, "https://") {
				return fault.Say("cloud.endpoint.https")
			}
			return fault.Message{}
		},
		Forget: func(id string) { mu.Lock(); defer mu.Unlock(); b.forgot = append(b.forgot, id) },
		Changed: func(topics ...string) {
			for _, topic := range topics {
				b.changes <- topic
			}
		},
		Now: func() time.Time { return noon },
		NewID: func() string {
			mu.Lock()
			defer mu.Unlock()
			n++
			return "account-" + string(rune('0'+n))
		},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	return b
}

// run lets the service make its checks until the test ends.
func (b *bench) run(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run: got %v, want nil", err)
		}
	})
}

// checked waits until no check of the account is under way.
func (b *bench) checked(t *testing.T, id string) account.Account {
	t.Helper()
	for {
		a, err := b.Get(t.Context(), owner, id)
		if err != nil {
			t.Fatal(err)
		}
		if !a.Checking {
			return a
		}
		select {
		case <-b.changes:
		case <-time.After(10 * time.Second):
			t.Fatal("the check does not end")
		}
	}
}

func keyForm(label string) account.Form {
	return account.Form{Label: label, Site: account.International, Credential: account.ByKey,
		KeyID: "AKEXAMPLE0000000001", KeySecret: seal.Conceal("SKEXAMPLE00000000000000000000000000000001")}
}

func loginForm(label string) account.Form {
	return account.Form{Label: label, Site: account.International, Credential: account.ByLogin,
		User: "console-bot", Domain: "hw-marina", Password: seal.Conceal("correct horse battery")}
}

func (b *bench) add(t *testing.T, f account.Form) account.Account {
	t.Helper()
	a, err := b.Add(t.Context(), owner, f)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// cloud answers the connection check as told.
type cloud struct {
	mu    sync.Mutex
	who   account.Identity
	fails map[string]error // by call: "identity", "count", "currency", "servers:…", "images:…"
	calls []string
	last  account.Access
	asked map[string]func() // what else happens when a call comes

	failsOf map[string]*fault.Error // by key id and call
}

func (c *cloud) call(name string, a account.Access) error {
	c.mu.Lock()
	c.calls, c.last = append(c.calls, name), a
	also, err := c.asked[name], c.fails[name]
	if f := c.failsOf[a.Key.ID+" "+name]; f != nil {
		err = f
	}
	c.mu.Unlock()
	if also != nil {
		also()
	}
	return err
}

func (c *cloud) on(name string, do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = map[string]func(){name: do}
}

func (c *cloud) count(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, call := range c.calls {
		if call == name {
			n++
		}
	}
	return n
}

func (c *cloud) fail(name string, f *fault.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fails == nil {
		c.fails = make(map[string]error)
	}
	delete(c.fails, name)
	if f != nil {
		c.fails[name] = f
	}
}

// failOf is fail for the calls made with one key.
func (c *cloud) failOf(key, name string, f *fault.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failsOf == nil {
		c.failsOf = make(map[string]*fault.Error)
	}
	c.failsOf[key+" "+name] = f
}

func (c *cloud) Identity(_ context.Context, a account.Access) (account.Identity, error) {
	if err := c.call("identity", a); err != nil {
		return account.Identity{ClockOffset: c.who.ClockOffset}, err
	}
	return c.who, nil
}
func (c *cloud) Count(_ context.Context, a account.Access) (int, error) {
	return 734, c.call("count", a)
}
func (c *cloud) Currency(_ context.Context, a account.Access) (string, error) {
	return "USD", c.call("currency", a)
}
func (c *cloud) Orders(_ context.Context, a account.Access) error { return c.call("orders", a) }
func (c *cloud) Servers(_ context.Context, a account.Access, region string) error {
	return c.call("servers:"+region, a)
}
func (c *cloud) Images(_ context.Context, a account.Access, region string) error {
	return c.call("images:"+region, a)
}

func actions(t *testing.T, d *db.DB) string {
	t.Helper()
	var all []string
	for r, err := range (db.Audits{DB: d}).Rows(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r.Action)
	}
	return strings.Join(all, " ")
}

func TestFormIsCheckedFieldByField(t *testing.T) {
	tests := []struct {
		name string
		edit func(*account.Form)
		want map[string]string
	}{
		{"all is well with a key", func(*account.Form) {}, nil},
		{"blanks around copied text do not count", func(f *account.Form) { f.Label, f.KeyID = "  Fleet ", " AKEXAMPLE0000000001\n" }, nil},
		{"nothing typed", func(f *account.Form) { *f = account.Form{} },
			map[string]string{"label": "account.label.empty", "site": "account.site.unknown", "credential": "account.credential.unknown"}},
		{"a label of 65 characters", func(f *account.Form) { f.Label = strings.Repeat("é", 65) }, map[string]string{"label": "account.label.long"}},
		{"a label of 64 characters", func(f *account.Form) { f.Label = strings.Repeat("é", 64) }, nil},
		{"a label with a direction sign", func(f *account.Form) { f.Label = "a\u202eb" }, map[string]string{"label": "account.label.letters"}},
		{"a label in use, in other case", func(f *account.Form) { f.Label = "ORCHID" }, map[string]string{"label": "account.label.taken"}},
		{"a key id with signs that nobody sees", func(f *account.Form) { f.KeyID = "\ufeff" + f.KeyID + "\u200b\n" }, nil},
		{"a label in use, in another form", func(f *account.Form) { f.Label = "ｏｒｃ\u200bｈｉｄ" }, map[string]string{"label": "account.label.taken"}},
		{"a key id that is a name", func(f *account.Form) { f.KeyID = "my-key" }, map[string]string{"key_id": "account.key.id"}},
		{"a key secret cut short", func(f *account.Form) { f.KeySecret = seal.Conceal("short") }, map[string]string{"key_secret": "account.key.secret"}},
		{"a key secret of two words", func(f *account.Form) { f.KeySecret = seal.Conceal("two words that are long enough") }, map[string]string{"key_secret": "account.key.secret"}},
		{"a login without its parts", func(f *account.Form) {
			*f = account.Form{Label: "x", Site: account.International, Credential: account.ByLogin}
		},
			map[string]string{"user": "account.user.empty", "domain": "account.domain.empty", "password": "account.password.empty"}},
		{"own endpoints without addresses", func(f *account.Form) { f.Site = account.Custom },
			map[string]string{"endpoint_iam": "account.endpoint.empty", "endpoint_config": "account.endpoint.empty",
				"endpoint_bss": "account.endpoint.empty",
				"endpoint_ecs": "account.endpoint.empty", "endpoint_ims": "account.endpoint.empty"}},
		{"an endpoint that is refused", func(f *account.Form) { f.Endpoints.BSS = "http://169.254.169.254" }, map[string]string{"endpoint_bss": "cloud.endpoint.https"}},
		{"the Sandbox ignores addresses", func(f *account.Form) { f.Site, f.Endpoints.BSS = account.SandboxSite, "http://evil" }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.add(t, keyForm("Orchid"))
			f := keyForm("Marina")
			tt.edit(&f)
			a, err := b.Add(t.Context(), owner, f)
			got := map[string]string{}
			for field, m := range fault.Of(err).Fields {
				got[field] = m.ID
			}
			if len(tt.want) == 0 {
				if err != nil {
					t.Fatalf("got %v (%v), want no error", err, got)
				}
				if a.Endpoints.BSS != "" {
					t.Errorf("endpoint: got %q, want none", a.Endpoints.BSS)
				}
				return
			}
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v, want an Invalid", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnlyWhoMayChangesAccounts(t *testing.T) {
	b := newBench(t)
	a := b.add(t, keyForm("Marina"))
	for name, act := range map[string]func() error{
		"add":     func() error { _, err := b.Add(t.Context(), operator, keyForm("x")); return err },
		"rename":  func() error { return b.Rename(t.Context(), operator, a.ID, "x") },
		"replace": func() error { return b.ReplaceKey(t.Context(), operator, a.ID, keyForm("")) },
		"disable": func() error { return b.SetDisabled(t.Context(), operator, a.ID, true) },
		"delete":  func() error { return b.Delete(t.Context(), operator, a.ID) },
		"nobody":  func() error { _, err := b.List(t.Context(), person.Actor{}); return err },
	} {
		if err := act(); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: got %v, want Forbidden", name, err)
		}
	}
	if got, _ := b.Get(t.Context(), operator, a.ID); got.Label != "Marina" {
		t.Errorf("label: got %q, want it unchanged", got.Label)
	}
}

func TestSecretIsSealedAndUnsealedOncePerStart(t *testing.T) {
	b := newBench(t)
	a := b.add(t, keyForm("Marina"))
	box, err := db.Accounts{DB: b.db}.Sealed(t.Context(), a.ID, audit.By(owner, "test.look", a.ID))
	if err != nil || strings.Contains(string(box), "EXAMPLE") {
		t.Fatalf("stored credential: got %q, %v; want it sealed", box, err)
	}
	for range 3 {
		acc, err := b.Access(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if acc.Key.ID != "AKEXAMPLE0000000001" || acc.Key.Secret.Reveal() != "SKEXAMPLE00000000000000000000000000000001" || acc.Trusted {
			t.Errorf("access: got %+v", acc)
		}
	}
	if got, want := actions(t, b.db), "account.add test.look account.key.use"; got != want {
		t.Errorf("audit: got %q, want %q", got, want)
	}
	if a.KeyHint != "0001" {
		t.Errorf("hint: got %q, want the last 4 characters", a.KeyHint)
	}
	if n, err := (db.Audits{DB: b.db}).Verify(t.Context()); err != nil || n != 3 {
		t.Errorf("audit chain: got %d rows, %v", n, err)
	}
}

func TestSealedCredentialBelongsToItsAccount(t *testing.T) {
	b := newBench(t)
	marina, orchid := b.add(t, keyForm("Marina")), b.add(t, loginForm("Orchid"))
	store := db.Accounts{DB: b.db}
	box, err := store.Sealed(t.Context(), marina.ID, audit.By(owner, "test.look"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Reseal(t.Context(), orchid.ID, box, func(*account.Account) error { return nil },
		audit.By(owner, "test.swap")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Access(t.Context(), orchid.ID); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("a credential moved to another row: got %v, want ErrBroken", err)
	}
}

func TestReplacingTheKeyTakesEffectAtOnce(t *testing.T) {
	b := newBench(t)
	a := b.add(t, keyForm("Marina"))
	if _, err := b.Access(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	b.Learn(t.Context(), a.ID, account.RightBuy, nil)
	if err := b.ReplaceKey(t.Context(), owner, a.ID, loginForm("")); err != nil {
		t.Fatal(err)
	}
	acc, err := b.Access(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if acc.Key.ID != "" || acc.Login.User != "console-bot" || acc.Login.Domain != "hw-marina" {
		t.Errorf("access: got key %q, user %q", acc.Key.ID, acc.Login.User)
	}
	got, _ := b.Get(t.Context(), owner, a.ID)
	if got.Credential != account.ByLogin || got.KeyHint != "console-bot" || len(got.Rights) != 0 {
		t.Errorf("account: got %s %q %v, want the new credential and no rights known", got.Credential, got.KeyHint, got.Rights)
	}
	if len(b.forgot) != 1 {
		t.Errorf("tokens dropped: got %v, want once", b.forgot)
	}
}

func TestStatesStopAccess(t *testing.T) {
	refused := &fault.Error{Kind: fault.Refused, Message: fault.Say("cloud.login.refused"), Code: "401", Status: 401}
	tests := []struct {
		name  string
		act   func(*testing.T, *bench, string)
		state account.State
		want  string
	}{
		{"fresh", func(*testing.T, *bench, string) {}, account.Active, ""},
		{"disabled", func(t *testing.T, b *bench, id string) { must(t, b.SetDisabled(t.Context(), owner, id, true)) }, account.Disabled, "fault.account.disabled"},
		{"enabled again", func(t *testing.T, b *bench, id string) {
			must(t, b.SetDisabled(t.Context(), owner, id, true))
			must(t, b.SetDisabled(t.Context(), owner, id, false))
		}, account.Active, ""},
		{"sign-in refused", func(t *testing.T, b *bench, id string) { b.Learn(t.Context(), id, account.RightList, refused) }, account.Broken, "fault.account.broken"},
		{"sign-in refused, key replaced", func(t *testing.T, b *bench, id string) {
			b.LoginRefused(t.Context(), id, refused)
			must(t, b.ReplaceKey(t.Context(), owner, id, keyForm("")))
		}, account.Active, ""},
		{"sign-in refused while disabled", func(t *testing.T, b *bench, id string) {
			must(t, b.SetDisabled(t.Context(), owner, id, true))
			b.LoginRefused(t.Context(), id, refused)
		}, account.Disabled, "fault.account.disabled"},
		{"clock wrong", func(t *testing.T, b *bench, id string) {
			b.Learn(t.Context(), id, account.RightList, &fault.Error{Kind: fault.Refused, Message: fault.Say("cloud.clock"), Status: 401})
		}, account.Active, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			a := b.add(t, loginForm("Marina"))
			tt.act(t, b, a.ID)
			got, err := b.Get(t.Context(), owner, a.ID)
			must(t, err)
			if got.State != tt.state {
				t.Errorf("state: got %s, want %s", got.State, tt.state)
			}
			if (got.State == account.Broken) == got.Trouble.Zero() {
				t.Errorf("trouble: got %v in state %s", got.Trouble, got.State)
			}
			_, err = b.Access(t.Context(), a.ID)
			if id := fault.Of(err).Message.ID; tt.want == "" && err != nil || tt.want != "" && id != tt.want {
				t.Errorf("access: got %v, want %q", err, tt.want)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRightsAreRememberedWhenTheyChange(t *testing.T) {
	b := newBench(t)
	a := b.add(t, keyForm("Marina"))
	denied := &fault.Error{Kind: fault.Refused, Message: fault.Say("cloud.permission"), Status: 403, Code: "CBC.0151"}
	b.Learn(t.Context(), a.ID, account.RightPay, denied)
	b.Learn(t.Context(), a.ID, account.RightPay, denied)
	b.Learn(t.Context(), a.ID, account.RightBuy, nil)
	b.Learn(t.Context(), a.ID, account.RightBuy, fault.New(fault.Unreachable, "cloud.unreachable"))
	got, err := b.Get(t.Context(), owner, a.ID)
	must(t, err)
	want := map[account.Right]account.Answer{account.RightPay: {At: noon, Code: "CBC.0151"}, account.RightBuy: {Allowed: true, At: noon}}
	if diff := cmp.Diff(want, got.Rights); diff != "" {
		t.Errorf("rights (-want +got):\n%s", diff)
	}
	if got.Rev != 3 {
		t.Errorf("writes: got revision %d, want 3: the same answer is not stored twice", got.Rev)
	}
}

func TestSandboxAccountSpeaksToTheSandbox(t *testing.T) {
	b := newBench(t)
	f := keyForm("Sandbox")
	f.Site = ""
	a, err := b.AddSandbox(t.Context(), owner, f)
	must(t, err)
	acc, err := b.Access(t.Context(), a.ID)
	must(t, err)
	if !acc.Trusted || acc.Endpoints != b.Sandbox || acc.Site != account.SandboxSite {
		t.Errorf("access: got %+v, want the Sandbox's own address", acc)
	}
	b.Sandbox = account.Endpoints{}
	if _, err := b.AddSandbox(t.Context(), owner, keyForm("Another")); !fault.Is(err, fault.Invalid) {
		t.Errorf("with the Sandbox off: got %v, want Invalid", err)
	}
}

func TestDeletedAccountIsGone(t *testing.T) {
	b := newBench(t)
	a := b.add(t, keyForm("Marina"))
	must(t, b.Delete(t.Context(), owner, a.ID))
	if _, err := b.Get(t.Context(), owner, a.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("get: got %v, want NotFound", err)
	}
	if _, err := b.Access(t.Context(), a.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("access: got %v, want NotFound", err)
	}
	if all, _ := b.List(t.Context(), owner); len(all) != 0 {
		t.Errorf("list: got %v, want none", all)
	}
	b.add(t, keyForm("Marina")) // the label is free again
	if got, want := actions(t, b.db), "account.add account.delete account.add"; got != want {
		t.Errorf("audit: got %q, want %q", got, want)
	}
}
