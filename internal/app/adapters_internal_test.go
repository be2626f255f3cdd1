package app

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/sandbox"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/control"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
	"sampan/internal/testclock"
)

func TestRatesAreThoseOfTheFile(t *testing.T) {
	l := DefaultLimits()
	l.Rates["bss"] = Rate{PerSecond: 9, InFlight: 3}
	usual := cloud.DefaultLimits()
	got := l.cloud(10)
	if got.BSS != (cloud.Rate{PerSecond: 9, InFlight: 3}) || got.HCSS != (cloud.Rate{PerSecond: 0.5, InFlight: 1}) {
		t.Errorf("rates: got %+v", got)
	}
	if got.Backoff != usual.Backoff/10 || got.BackoffMax != usual.BackoffMax/10 || got.CircuitOpen != usual.CircuitOpen/10 {
		t.Errorf("pauses at ten times the speed: got %+v of %+v", got, usual)
	}
	for name, r := range map[string]cloud.Rate{"ecs": got.ECS, "config": got.Config, "iam": got.IAM, "ims": got.IMS, "ces": got.CES} {
		if r != cloud.Rate(DefaultLimits().Rates[name]) {
			t.Errorf("%s: got %+v", name, r)
		}
	}
}

func TestLimitsTowardsBrowsers(t *testing.T) {
	l := DefaultLimits().HTTP
	got := l.web()
	if got.FormBytes != 64<<10 || got.LargeFormBytes != 1<<20 || got.HeaderBytes != 16<<10 || got.FormFields != 200 ||
		got.LargeFormFields != 2000 {
		t.Errorf("sizes: got %+v", got)
	}
	if got.HeaderRead != 5*time.Second || got.BodyRead != 15*time.Second || got.Write != 30*time.Second || got.Idle != time.Minute ||
		got.PerAddress != 100 {
		t.Errorf("times and connections: got %+v", got)
	}
	if hub := l.hub(slog.New(slog.DiscardHandler)); hub.Write != 10*time.Second || hub.Queue != 64 || hub.Streams != 20 || hub.Log == nil {
		t.Errorf("streams: got %+v", hub)
	}
}

func TestTheAddressThatPeopleType(t *testing.T) {
	for want, c := range map[string]Config{
		"http://localhost:8080":       {Addr: "127.0.0.1:8080"},
		"http://localhost:8081":       {Addr: ":8081"},
		"http://localhost:8082":       {Addr: "[::]:8082"},
		"http://192.0.2.7:8080":       {Addr: "192.0.2.7:8080"},
		"https://console.example.com": {Addr: "console.example.com:443", TLSCertFile: "cert.pem"},
		"https://localhost:8443":      {Addr: "0.0.0.0:8443", TLSCertFile: "cert.pem"},
		"https://c.example.com":       {Addr: "127.0.0.1:8080", BaseURL: "https://c.example.com"},
	} {
		if got := c.address(); got != want {
			t.Errorf("%s: got %s, want %s", c.Addr, got, want)
		}
	}
}

func TestWhichCatalogueIsForWhichSite(t *testing.T) {
	embedded, fromFile := &App{}, &App{cfg: Config{CatalogFile: "catalog.json"}}
	cat := catalog.Embedded()
	for site, want := range map[account.Site]bool{
		account.International: true, account.SandboxSite: true, account.Mainland: false, account.Europe: false, account.Custom: false,
	} {
		c := buyable(embedded.catalogOf(cat))(site)
		if (c != order.Catalog(nil)) != want {
			t.Errorf("built in, %s: got %v", site, c)
		}
		if buyable(fromFile.catalogOf(cat))(site) == nil {
			t.Errorf("from a file, %s: none", site)
		}
	}
}

func TestUnusedServicesAreNotLimited(t *testing.T) {
	is := limited(cloud.New(cloud.Options{Limits: cloud.DefaultLimits(), Now: testclock.Now}))
	for _, source := range []string{"config", "bss", "traffic", "ecs:ap-southeast-3", "ecs:ap-southeast-3/p1", "ims:ap-southeast-3",
		"weather", ""} {
		if is(account.Account{ID: "a1"}, source) {
			t.Errorf("%q: limited before any call", source)
		}
	}
}

// known is accounts that exist, with no region to read.
type known struct{ one }

func (known) Get(_ context.Context, _ person.Actor, id string) (account.Account, error) {
	return account.Account{ID: id, State: account.Active}, nil
}

// TestWhatOrdersAskOfTheInventory: a name in use, the servers of a tag, an image.
func TestWhatOrdersAskOfTheInventory(t *testing.T) {
	d := dbtest.Open(t)
	store := db.Instances{DB: d}
	keep := func(accountID, id, name string, tags ...string) {
		t.Helper()
		in := instance.Instance{ID: id, AccountID: accountID, Name: name, ServerID: "s-" + id}
		on := instance.ServerRecord{AccountID: accountID, InstanceID: id, Server: instance.Server{ID: "s-" + id, Name: name, Tags: tags}}
		kept := instance.Kept{Instances: []instance.Record{{Instance: in}}, Servers: []instance.ServerRecord{on}}
		if err := store.Keep(t.Context(), accountID, kept); err != nil {
			t.Fatal(err)
		}
	}
	keep("a1", "i1", "shop", "env=prod", "sampan-order=abc")
	keep("a1", "i2", "blog")
	keep("a3", "i3", "shop", "sampan-order=abc")
	image := catalog.PrivateImage{ID: "m1", Name: "mine", Region: "ap-southeast-3", OS: catalog.Linux, Status: "active"}
	if err := store.SaveImages(t.Context(), "a1", "ap-southeast-3", []catalog.PrivateImage{image}); err != nil {
		t.Fatal(err)
	}
	i := orderInventory{instances: &instance.Service{Store: store, Accounts: known{}, Now: testclock.Now,
		Log: slog.New(slog.DiscardHandler)}}
	if taken, err := i.NameTaken(t.Context(), "a1", "SHOP"); err != nil || !taken {
		t.Errorf("a name in use: got %t, %v", taken, err)
	}
	if taken, err := i.NameTaken(t.Context(), "a1", "new"); err != nil || taken {
		t.Errorf("a free name: got %t, %v", taken, err)
	}
	if ids, err := i.Tagged(t.Context(), "a1", "sampan-order", "abc"); err != nil || !slices.Equal(ids, []string{"i1"}) {
		t.Errorf("tagged: got %v, %v", ids, err)
	}
	if ids, err := i.Tagged(t.Context(), "a1", "sampan-order", "ab"); err != nil || len(ids) != 0 {
		t.Errorf("a beginning of the tag: got %v, %v", ids, err)
	}
	if got, ok := i.Image(t.Context(), "a1", "m1"); !ok || got.Name != "mine" {
		t.Errorf("image: got %+v, %t", got, ok)
	}
	for _, ids := range [][2]string{{"a1", "m2"}, {"a3", "m1"}} {
		if got, ok := i.Image(t.Context(), ids[0], ids[1]); ok {
			t.Errorf("%v: got %+v", ids, got)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got, ok := i.Image(t.Context(), "a1", "m1"); ok {
		t.Errorf("from a database that cannot be read: got %+v", got)
	}
}

// TestTheSandboxesControls are what the pages of the Sandbox use.
func TestTheSandboxesControls(t *testing.T) {
	sim := simtest.Start(t, cloudsim.Options{Seed: "controls"})
	s := sandboxControls{client: &control.Client{URL: sim.URL}, movable: true}
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := s.Key(ctx)
	must(err)
	if key.ID != sim.Accounts()[0].AccessKey || key.Secret.Empty() {
		t.Errorf("key: got %s", key.ID)
	}
	before, err := s.Status(ctx)
	must(err)
	if !before.Movable || len(before.Waiting)+len(before.Purchases) > 0 {
		t.Errorf("at first: got %+v", before)
	}
	must(s.Break(ctx, sandbox.Fault{Call: "purchase", Kind: "throttle"}, sandbox.Fault{Call: "pay", Kind: "throttle", Times: 3}))
	must(s.Advance(ctx, 24*time.Hour))
	st, err := s.Status(ctx)
	must(err)
	if len(st.Waiting) != 2 || st.Waiting[0].Times != 1 || st.Waiting[1].Times != 3 {
		t.Errorf("planned: got %+v", st.Waiting)
	}
	if moved := st.Now.Sub(before.Now); moved < 24*time.Hour || moved > 25*time.Hour {
		t.Errorf("moved by %s", moved)
	}
	must(s.Mend(ctx))
	oneMore := func() int { // gives how many servers there are then
		n, err := s.client.Fleet(ctx, sim.Accounts()[0].Name, 1)
		must(err)
		return n
	}
	first := oneMore()
	must(s.Fleet(ctx, 3))
	if got := oneMore(); got != first+4 {
		t.Errorf("fleet: got %d servers, want %d", got, first+4)
	}
	if st, err = s.Status(ctx); err != nil || len(st.Waiting) != 0 {
		t.Errorf("mended: got %+v, %v", st.Waiting, err)
	}
	must(s.Reset(ctx))
	if got := oneMore(); got != first {
		t.Errorf("after a reset: got %d servers, want %d", got, first)
	}
	if err := s.Break(ctx, sandbox.Fault{Call: "purchase", Kind: "luck"}); err == nil {
		t.Error("a fault that does not exist was planned")
	}
}

func TestASandboxThatDoesNotAnswer(t *testing.T) {
	s := sandboxControls{client: &control.Client{URL: "http://127.0.0.1:1"}}
	_, key := s.Key(t.Context())
	_, status := s.Status(t.Context())
	for what, err := range map[string]error{"key": key, "status": status, "fleet": s.Fleet(t.Context(), 1), "mend": s.Mend(t.Context())} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
