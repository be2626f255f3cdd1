package instance_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/cloud"
	"sampan/internal/cloud/bss"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/ecs"
	"sampan/internal/cloud/iam"
	"sampan/internal/cloud/ims"
	"sampan/internal/cloud/rms"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

var owner = person.Actor{PersonID: "p0", Name: "Own", Role: person.Owner}

var sixRegions = []string{"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "me-east-1", "sa-brazil-1", "tr-west-1"}

// prober is the connection check over the adapters.
type prober struct{ api *cloud.API }

func (p prober) Identity(ctx context.Context, a account.Access) (account.Identity, error) {
	return (&iam.Client{API: p.api}).Identity(ctx, a)
}
func (p prober) Count(ctx context.Context, a account.Access) (int, error) {
	return (&rms.Client{API: p.api}).Count(ctx, a)
}
func (p prober) Currency(ctx context.Context, a account.Access) (string, error) {
	return (&bss.Client{API: p.api}).Currency(ctx, a)
}
func (p prober) Orders(ctx context.Context, a account.Access) error {
	return (&bss.Client{API: p.api}).Probe(ctx, a)
}
func (p prober) Servers(ctx context.Context, a account.Access, region string) error {
	return (&ecs.Client{API: p.api}).Probe(ctx, a, region)
}
func (p prober) Images(ctx context.Context, a account.Access, region string) error {
	return (&ims.Client{API: p.api}).Probe(ctx, a, region)
}

// console is accounts and instances over the adapters and a simulated cloud.
type console struct {
	sim       *cloudsim.Server
	accounts  *account.Service
	instances *instance.Service
	changes   chan string
}

func newConsole(t *testing.T) *console {
	c := &console{sim: simtest.Start(t, cloudsim.Options{Seed: "instances", TimeScale: 100}), changes: make(chan string, 100_000)}
	d, api, log := dbtest.Open(t), cloudtest.API(), slog.New(slog.NewTextHandler(io.Discard, nil))
	changed := func(topics ...string) {
		for _, topic := range topics {
			c.changes <- topic
		}
	}
	c.instances = &instance.Service{Store: db.Instances{DB: d}, Config: &rms.Client{API: api}, ECS: &ecs.Client{API: api},
		BSS: &bss.Client{API: api},
		IMS: &ims.Client{API: api}, Regions: sixRegions, Changed: changed, Now: c.sim.Now, Log: log, Timing: instance.Timing{Scale: 100}}
	c.accounts = &account.Service{Store: db.Accounts{DB: d}, Keyring: seal.NewKeyring(), Probe: prober{api},
		Sandbox: cloud.EndpointsAt(c.sim.URL),
		Regions: sixRegions, CheckEndpoint: api.CheckEndpoint, Offset: api.Offset, Forget: api.Forget, Changed: changed,
		Checked: c.instances.RefreshSoon, Now: c.sim.Now, NewID: db.NewID, Log: log}
	c.instances.Accounts = c.accounts
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { done <- c.accounts.Run(ctx) }()
	go func() { done <- c.instances.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		for range 2 {
			if err := <-done; err != nil {
				t.Errorf("Run: got %v", err)
			}
		}
	})
	return c
}

func (c *console) until(t *testing.T, what string, true func() bool) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for !true() {
		select {
		case <-c.changes:
		case <-timeout:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// connect adds the simulated account of that name and waits for its check.
func (c *console) connect(t *testing.T, name string, by account.Credential) account.Account {
	t.Helper()
	for _, s := range c.sim.Accounts() {
		if s.Name != name {
			continue
		}
		a, err := c.accounts.AddSandbox(t.Context(), owner, account.Form{Label: name, Credential: by, KeyID: s.AccessKey,
			KeySecret: seal.Conceal(s.SecretKey), User: s.IAMUser, Domain: s.DomainName, Password: seal.Conceal(s.IAMPassword)})
		must(t, err)
		c.until(t, "the connection check ends", func() bool {
			a, err = c.accounts.Get(t.Context(), owner, a.ID)
			must(t, err)
			return !a.Checking
		})
		return a
	}
	t.Fatalf("the Sandbox has no account %q", name)
	return account.Account{}
}

func (c *console) fault(t *testing.T, f cloudsim.Fault) {
	t.Helper()
	if _, err := c.sim.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

// settled waits until the account is read and gives its rows.
func (c *console) settled(t *testing.T, id string) []instance.Instance {
	t.Helper()
	c.until(t, "the refresh ends", func() bool { return !c.instances.Refreshing(id) })
	page, err := c.instances.List(t.Context(), owner, instance.Filter{AccountIDs: []string{id}, Limit: 500})
	must(t, err)
	if page.Total != len(page.Rows) {
		t.Errorf("total: got %d for %d rows", page.Total, len(page.Rows))
	}
	return page.Rows
}

func TestSandboxFleetIsReadWithEitherCredential(t *testing.T) {
	for _, by := range []account.Credential{account.ByKey, account.ByLogin} {
		t.Run(string(by), func(t *testing.T) {
			c := newConsole(t)
			must(t, c.sim.Fleet("Sandbox", 240))
			a := c.connect(t, "Sandbox", by)
			for _, line := range a.Checks {
				if !line.OK {
					t.Errorf("check %s: got %s %s", line.Name, line.Message.ID, line.Code)
				}
			}
			rows := c.settled(t, a.ID) // the check asked for the first refresh
			if len(rows) != 240 {
				t.Errorf("rows: got %d, want 240", len(rows))
			}
			for _, i := range rows {
				if i.Name == "" || i.Region == "" || i.Spec == "" || i.Image == "" || i.State == "" || i.ServerID == "" ||
					i.PackageID == "" ||
					i.CloudOrder == "" || i.Address == "" || i.Expires.IsZero() || i.Created.IsZero() || i.SeenConfig.IsZero() ||
					i.SeenECS.IsZero() || i.SeenBSS.IsZero() {
					t.Errorf("a fact is missing: %+v", i)
				}
			}
		})
	}
}

func TestSandboxMisprintsAndOutagesLeaveTheFleetWhole(t *testing.T) {
	tests := []struct {
		name  string
		fault cloudsim.Fault
		sync  string // source with trouble, "" for none
	}{
		{"Config as the reference prints it", cloudsim.Fault{Call: "instances", Kind: "as_printed", Times: -1}, ""},
		{"Config empty", cloudsim.Fault{Call: "instances", Kind: "empty", Times: -1}, ""},
		{"Config without end", cloudsim.Fault{Call: "instances", Kind: "endless", Times: -1}, "config"},
		{"Config down", cloudsim.Fault{Call: "instances", Kind: "html_502", Times: -1}, "config"},
		{"a portal answers for ECS", cloudsim.Fault{Call: "servers", Kind: "html_200", Region: "ap-southeast-3", Times: -1}, "ecs:ap-southeast-3"},
		{"ECS empty", cloudsim.Fault{Call: "servers", Kind: "empty", Times: -1}, ""},
		{"billing forbids", cloudsim.Fault{Call: "resources", Kind: "status", Status: 403, Code: "CBC.0151", Times: -1}, "bss"},
		{"Config without data packages", cloudsim.Fault{Call: "instances", Kind: "no_package", Times: -1}, ""},
		{"Config without addresses", cloudsim.Fault{Call: "instances", Kind: "no_eip", Times: -1}, ""},
		{"Config as it was at delivery", cloudsim.Fault{Call: "instances", Kind: "stale", Times: -1}, ""},
		{"Config lists some less", cloudsim.Fault{Call: "instances", Kind: "short", Count: 3, Times: -1}, ""},
		{"Config lists only some", cloudsim.Fault{Call: "instances", Kind: "short", Count: 20, Times: -1}, ""},
		{"Config's answer breaks off", cloudsim.Fault{Call: "instances", Kind: "truncate", Times: -1}, "config"},
		{"a portal answers for Config", cloudsim.Fault{Call: "instances", Kind: "html_200", Times: -1}, "config"},
		{"ECS lists some less", cloudsim.Fault{Call: "servers", Kind: "short", Count: 2, Times: -1}, ""},
		{"ECS throttles in a 202", cloudsim.Fault{Call: "servers", Kind: "throttle_202", Region: "tr-west-1", Times: 1}, ""},
		{"billing knows nothing", cloudsim.Fault{Call: "resources", Kind: "empty", Times: -1}, ""},
		{"billing lists some less", cloudsim.Fault{Call: "resources", Kind: "short", Count: 5, Times: -1}, ""},
		{"the count fails", cloudsim.Fault{Call: "instance_count", Kind: "html_502", Times: -1}, ""},
		{"a throttle passes", cloudsim.Fault{Call: "servers", Kind: "throttle", Times: 1}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newConsole(t)
			must(t, c.sim.Fleet("Sandbox", 30))
			a := c.connect(t, "Sandbox", account.ByKey)
			before := c.settled(t, a.ID)
			c.fault(t, tt.fault)
			must(t, c.instances.Refresh(t.Context(), owner, a.ID))
			after := c.settled(t, a.ID)
			if len(after) != 30 || len(before) != 30 {
				t.Fatalf("rows: got %d, then %d; want 30", len(before), len(after))
			}
			for n := range after {
				was, is := before[n], after[n]
				was.SeenConfig, was.SeenECS, was.SeenBSS, was.UpdatedAt = is.SeenConfig, is.SeenECS, is.SeenBSS, is.UpdatedAt
				if !reflect.DeepEqual(was, is) {
					t.Errorf("a row changed:\nwas %+v\n is %+v", was, is)
				}
			}
			syncs, err := c.instances.Syncs(t.Context(), []string{a.ID})
			must(t, err)
			trouble := ""
			for _, y := range syncs {
				if y.Trouble != "" {
					trouble += y.Source
				}
			}
			if trouble != tt.sync {
				t.Errorf("trouble: got %q, want %q (%v)", trouble, tt.sync, syncs)
			}
		})
	}
}

// What one source leaves out another gives, or it is not known.
func TestSandboxFirstReadUnderMisprints(t *testing.T) {
	tests := []struct {
		name  string
		fault cloudsim.Fault
		check func(instance.Instance) bool
	}{
		{"as printed: everything is there", cloudsim.Fault{Call: "instances", Kind: "as_printed", Times: -1},
			func(i instance.Instance) bool {
				return i.Address != "" && i.PackageID != "" && i.Spec != "" && i.Image != ""
			}},
		{"no data package: not known", cloudsim.Fault{Call: "instances", Kind: "no_package", Times: -1},
			func(i instance.Instance) bool { return i.PackageID == "" && i.Address != "" }},
		{"no address in Config: that of ECS", cloudsim.Fault{Call: "instances", Kind: "no_eip", Times: -1},
			func(i instance.Instance) bool { return i.Address != "" && i.PackageID != "" }},
		{"recorder off: the servers' locks and billing", cloudsim.Fault{Call: "instances", Kind: "empty", Times: -1},
			func(i instance.Instance) bool {
				return i.Name != "" && i.State != "" && !i.Expires.IsZero() && i.SeenConfig.IsZero() && i.PackageID == ""
			}},
		{"ECS silent: Config's address, no state", cloudsim.Fault{Call: "servers", Kind: "html_502", Times: -1},
			func(i instance.Instance) bool {
				return i.Address != "" && i.State == "" && i.ServerID != "" && i.SeenECS.IsZero()
			}},
		{"billing silent: no expiry", cloudsim.Fault{Call: "resources", Kind: "html_200", Times: -1},
			func(i instance.Instance) bool { return i.State != "" && i.Expires.IsZero() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, w, sim := wire(t, 30, cloudsim.Options{}, cloudtest.Limits())
			if _, err := sim.AddFault(tt.fault); err != nil {
				t.Fatal(err)
			}
			s.Once(t.Context(), w.access.AccountID, true)
			page, err := s.List(t.Context(), viewer, instance.Filter{AccountIDs: []string{w.access.AccountID}})
			must(t, err)
			if page.Total != 30 {
				t.Errorf("rows: got %d, want 30", page.Total)
			}
			for _, i := range page.Rows {
				if !tt.check(i) {
					t.Errorf("got %+v", i)
				}
			}
		})
	}
}

// A change made in the cloud's own console appears with the next look and is
// marked; a change made here is not.
func TestSandboxChangeMadeOutside(t *testing.T) {
	s, w, sim := wire(t, 12, cloudsim.Options{}, cloudtest.Limits())
	account := w.access.AccountID
	s.Once(t.Context(), account, true)
	var theirs, ours *instance.Row
	for _, r := range s.Picture().Rows() {
		switch {
		case r.State != instance.StateRunning:
		case theirs == nil:
			theirs = r
		case ours == nil:
			ours = r
		}
	}
	name := "renamed"
	for _, r := range []*instance.Row{theirs, ours} {
		if _, err := sim.ChangeOutside(cloudsim.Outside{Server: r.ServerID, Name: &name}); err != nil {
			t.Fatal(err)
		}
	}
	s.Touch(account, ours.ServerID) // as after an action of ours
	s.Once(t.Context(), account, false)
	if r, _ := s.Picture().Row(theirs.ServerID); r.Name != "renamed" || r.ChangedOutside.IsZero() {
		t.Errorf("changed by somebody: got %q, marked %v", r.Name, r.ChangedOutside)
	}
	if r, _ := s.Picture().Row(ours.ServerID); r.Name != "renamed" || !r.ChangedOutside.IsZero() {
		t.Errorf("changed by us: got %q, marked %v", r.Name, r.ChangedOutside)
	}
	d, err := s.Detail(t.Context(), viewer, theirs.ServerID)
	must(t, err)
	if n := d.ServerChanges[0]["name"]; n.Was != theirs.Name || n.Is != "renamed" || n.At.IsZero() {
		t.Errorf("what changed: got %+v", d.ServerChanges)
	}
	if len(d.Raw) != 2 || len(d.Servers) != 1 || d.Listed == nil || len(d.Listed.Parts) == 0 || d.Billed == nil || len(d.Facts) == 0 {
		t.Errorf("detail: got %d raw answers, %d servers, %+v, %+v", len(d.Raw), len(d.Servers), d.Listed, d.Billed)
	}
}

func TestSandboxKeyThatIsRevokedBreaksTheAccount(t *testing.T) {
	c := newConsole(t)
	must(t, c.sim.Fleet("Sandbox", 3))
	a := c.connect(t, "Sandbox", account.ByLogin)
	c.settled(t, a.ID)
	wrong := account.Form{Credential: account.ByLogin, User: "console", Domain: "nobody", Password: seal.Conceal("wrong password")}
	must(t, c.accounts.ReplaceKey(t.Context(), owner, a.ID, wrong))
	c.until(t, "the check ends", func() bool {
		a, _ = c.accounts.Get(t.Context(), owner, a.ID)
		return !a.Checking
	})
	if a.State != account.Broken || len(a.Checks) != 1 || a.Checks[0].OK {
		t.Errorf("account: got %s with %+v, want it broken by its first line", a.State, a.Checks)
	}
	if err := c.instances.Refresh(t.Context(), owner, a.ID); err == nil {
		t.Error("a broken account was read")
	}
	if rows := c.settled(t, a.ID); len(rows) != 3 {
		t.Errorf("rows of a broken account: got %d, want the last picture", len(rows))
	}
}

func TestSandboxAccountWithoutARegion(t *testing.T) {
	c := newConsole(t)
	a := c.connect(t, "Sandbox low", account.ByKey)
	found := false
	for _, line := range a.Checks {
		if line.Name == "regions:inactive" {
			found = !line.OK && line.Message.Values["Regions"] == "@region.me-east-1"
		}
	}
	if !found || a.Active("me-east-1") {
		t.Errorf("checks: got %+v, want Riyadh named as not activated", a.Checks)
	}
}

// A large account takes the expected number of calls, and an instance of a region
// that is no longer activated is found.
func TestSandboxLargeAccountIsReadByRegion(t *testing.T) {
	s, w, sim := wire(t, 1500, cloudsim.Options{Ahead: simtest.Tomorrow(12 * time.Hour)}, cloudtest.Limits())
	id := w.access.AccountID
	calls := func() map[string]int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return maps.Clone(w.names)
	}
	s.Once(t.Context(), id, true)
	want := map[string]int{"instance count": 1, "instances": 12, "servers": 6, "resources": 30, "traffic": 15}
	if diff := cmp.Diff(want, calls()); diff != "" {
		t.Errorf("calls of the first read (-want +got):\n%s", diff)
	}
	if got := s.Picture().Len([]string{id}); got != 1500 {
		t.Errorf("rows: got %d", got)
	}
	w.reset()
	version := s.Picture().Version
	s.Once(t.Context(), id, false)
	if diff := cmp.Diff(map[string]int{"instance count": 1, "servers": 6}, calls()); diff != "" {
		t.Errorf("calls of the schedule (-want +got):\n%s", diff)
	}
	if s.Picture().Version != version {
		t.Error("a refresh that found nothing new made a new picture")
	}
	w.reset()
	if err := sim.Advance(3*time.Hour + 30*time.Minute); err != nil { // half an hour before terms end
		t.Fatal(err)
	}
	want, ending := map[string]int{"instance count": 1, "servers": 6}, 0
	for _, r := range s.Picture().Rows() {
		if left := r.Expires.Sub(sim.Now()); !r.Expires.IsZero() && left < time.Hour && left > -2*time.Hour {
			ending++
		}
	}
	if ending > 0 {
		want["resources"] = (ending + 49) / 50
	}
	s.Once(t.Context(), id, false)
	if diff := cmp.Diff(want, calls()); diff != "" {
		t.Errorf("calls of the schedule while %d terms end (-want +got):\n%s", ending, diff)
	}

	fresh, fw, _ := wire(t, 900, cloudsim.Options{}, cloudtest.Limits())
	fw.access.Projects = maps.Clone(fw.access.Projects)
	delete(fw.access.Projects, "tr-west-1")
	fresh.Once(t.Context(), fw.access.AccountID, true)
	if got := fresh.Picture().Len([]string{fw.access.AccountID}); got != 900 {
		t.Errorf("rows with a region that is not activated: got %d, want what Config counts", got)
	}
}
