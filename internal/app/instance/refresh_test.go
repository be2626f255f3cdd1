package instance_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
)

func TestThreeSourcesMakeOnePicture(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.run(t)
	b.refresh(t)
	want := instance.Instance{ID: shop, AccountID: acc, Name: "shop", Region: singapore, Spec: "hf.large.1.30m.linux",
		Image: "BT_light_server_8_0", Product: "BT_light_server_8_0",
		Address: "119.3.166.188", State: "ACTIVE", ServerID: "srv-1", ServerName: "hcss_ecs_ff60", PackageID: "pkg-1", CloudOrder: "CS1",
		AutoRenew: true, Expires: noon.Add(28 * 24 * time.Hour), Created: noon.Add(-48 * time.Hour),
		SeenConfig: noon, SeenECS: noon, SeenBSS: noon, UpdatedAt: noon}
	if diff := cmp.Diff(want, b.get(t, shop)); diff != "" {
		t.Errorf("instance (-want +got):\n%s", diff)
	}
	if b.cloud.count("ecs:cn-north-1") > 0 || b.cloud.count("ecs:tr-west-1") > 0 {
		t.Error("a region without FlexusL, or one that is not activated, was asked")
	}
	if got := b.cloud.learned; !got[account.RightList] || !got[account.RightServers] || !got[account.RightOrders] {
		t.Errorf("rights learned: got %v", got)
	}
}

func TestMergeTraps(t *testing.T) {
	tests := []struct {
		name   string
		script func(*bench)
		want   func(*instance.Instance) // what differs from the full picture
	}{
		{"Config is off: ECS's lock and billing make the instance", func(b *bench) { b.cloud.listed = nil },
			func(i *instance.Instance) {
				i.Image, i.Product, i.PackageID, i.SeenConfig = "Linux BT panel 8.0.5", "", "", time.Time{}
			}},
		{"Config fails", func(b *bench) { b.cloud.fails["config"] = unreachable },
			func(i *instance.Instance) {
				i.Image, i.Product, i.PackageID, i.SeenConfig = "Linux BT panel 8.0.5", "", "", time.Time{}
			}},
		{"the lock is missing: Config names the server", func(b *bench) {
			b.cloud.servers[singapore][0].InstanceID = ""
			b.cloud.servers[singapore][0].Tags = []string{"_sys_type_hcss_l"}
		}, nil},
		{"ECS fails: Config's address stands, the state is not known", func(b *bench) { b.cloud.fails["ecs:"+singapore] = unreachable },
			func(i *instance.Instance) {
				i.Address, i.State, i.ServerName, i.SeenECS = "119.3.166.187", "", "", time.Time{}
			}},
		{"ECS has no address yet: Config's stands", func(b *bench) { b.cloud.servers[singapore][0].Public = nil },
			func(i *instance.Instance) { i.Address = "119.3.166.187" }},
		{"the public address is IPv6 only in ECS", func(b *bench) { b.cloud.servers[singapore][0].Public = []string{"2001:db8::1"} },
			func(i *instance.Instance) { i.Address = "119.3.166.187" }},
		{"no data package, no EIP in Config", func(b *bench) { b.cloud.listed[0].PackageIDs, b.cloud.listed[0].Addresses = nil, nil },
			func(i *instance.Instance) { i.PackageID = "" }},
		{"billing fails: no expiry", func(b *bench) { b.cloud.fails["bss"] = unreachable },
			func(i *instance.Instance) {
				i.Expires, i.AutoRenew, i.SeenBSS = time.Time{}, false, time.Time{}
			}},
		{"only grace: not auto-renew", func(b *bench) { e := b.cloud.expiry[shop]; e.ExpirePolicy = 0; b.cloud.expiry[shop] = e },
			func(i *instance.Instance) { i.AutoRenew = false }},
		{"billing froze it", func(b *bench) { e := b.cloud.expiry[shop]; e.Status = 4; b.cloud.expiry[shop] = e },
			func(i *instance.Instance) { i.Frozen = true }},
		{"the server is frozen", func(b *bench) { b.cloud.servers[singapore][0].Frozen = true },
			func(i *instance.Instance) { i.Frozen = true }},
		{"billing does not list it", func(b *bench) { delete(b.cloud.expiry, shop) },
			func(i *instance.Instance) {
				i.Expires, i.AutoRenew, i.SeenBSS = time.Time{}, false, time.Time{}
			}},
		{"an entry without a server", func(b *bench) {
			b.cloud.servers[singapore] = append(b.cloud.servers[singapore], instance.Server{ID: "srv-9", Absent: true})
		}, nil},
		{"ids that are none", func(b *bench) {
			b.cloud.listed = append(b.cloud.listed, instance.Listed{ID: "../x", Name: "forged"})
			b.cloud.servers[singapore] = append(b.cloud.servers[singapore], instance.Server{ID: "srv-7", InstanceID: "a b", Name: "forged"})
		}, nil},
		{"an ordinary server of the same account", func(b *bench) {
			b.cloud.servers[singapore] = append(b.cloud.servers[singapore],
				instance.Server{ID: "srv-8", Name: "not-flexus", Status: "SHUTOFF"})
		}, nil},
		{"a second server in the instance", func(b *bench) {
			b.cloud.servers[singapore] = append(b.cloud.servers[singapore],
				instance.Server{ID: "srv-2", InstanceID: shop, Name: "second", Status: "SHUTOFF", Public: []string{"1.2.3.4"}})
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.cloud.show(aShop())
			tt.script(b)
			b.run(t)
			b.refresh(t)
			want := instance.Instance{ID: shop, AccountID: acc, Name: "shop", Region: singapore, Spec: "hf.large.1.30m.linux",
				Image: "BT_light_server_8_0", Product: "BT_light_server_8_0",
				Address: "119.3.166.188", State: "ACTIVE", ServerID: "srv-1", ServerName: "hcss_ecs_ff60", PackageID: "pkg-1",
				CloudOrder: "CS1", AutoRenew: true, Expires: noon.Add(28 * 24 * time.Hour), Created: noon.Add(-48 * time.Hour),
				SeenConfig: noon, SeenECS: noon, SeenBSS: noon, UpdatedAt: noon}
			if tt.want != nil {
				tt.want(&want)
			}
			if diff := cmp.Diff(want, b.get(t, shop)); diff != "" {
				t.Errorf("instance (-want +got):\n%s", diff)
			}
			page, err := b.List(t.Context(), viewer, instance.Filter{AccountIDs: []string{acc}})
			if err != nil || page.Total != 1 {
				t.Errorf("rows: got %d, %v; want 1", page.Total, err)
			}
		})
	}
}

func TestOneMissingListingDeletesNothing(t *testing.T) {
	tests := []struct {
		name   string
		script func(*bench)
		gone   bool
	}{
		{"Config answers nothing", func(b *bench) { b.cloud.listed = nil }, false},
		{"ECS answers nothing", func(b *bench) { b.cloud.servers = map[string][]instance.Server{} }, false},
		{"billing answers nothing", func(b *bench) { b.cloud.expiry = nil }, false},
		{"two of three", func(b *bench) { b.cloud.listed, b.cloud.servers = nil, map[string][]instance.Server{} }, false},
		{"all but Config, which fails", func(b *bench) {
			b.cloud.servers, b.cloud.expiry, b.cloud.fails["config"] = map[string][]instance.Server{}, nil, unreachable
		}, false},
		{"all but ECS, which fails there", func(b *bench) {
			b.cloud.listed, b.cloud.expiry, b.cloud.fails["ecs:"+singapore] = nil, nil, unreachable
		}, false},
		{"all but billing, which fails", func(b *bench) {
			b.cloud.listed, b.cloud.servers, b.cloud.fails["bss"] = nil, map[string][]instance.Server{}, unreachable
		}, false},
		{"the region is not activated any more", func(b *bench) {
			b.cloud.listed, b.cloud.expiry, b.cloud.servers = nil, nil, map[string][]instance.Server{}
			b.cloud.account.Projects = map[string]string{hongKong: "p2"}
		}, false},
		{"all three agree", func(b *bench) {
			b.cloud.listed, b.cloud.servers, b.cloud.expiry = nil, map[string][]instance.Server{}, nil
		}, true},
		{"billing calls it closed, the others are silent", func(b *bench) {
			e := b.cloud.expiry[shop]
			e.Status = 3
			b.cloud.listed, b.cloud.servers, b.cloud.expiry[shop] = nil, map[string][]instance.Server{}, e
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.cloud.show(aShop())
			b.run(t)
			b.refresh(t)
			b.later(10 * time.Minute)
			b.cloud.set(func() { tt.script(b) })
			b.refresh(t)
			i := b.get(t, shop)
			if gone := !i.GoneAt.IsZero(); gone != tt.gone {
				t.Errorf("gone: got %v, want %v", gone, tt.gone)
			}
			if i.Name != "shop" || i.Address != "119.3.166.188" || i.Expires.IsZero() {
				t.Errorf("last known facts: got %+v", i)
			}
			page, err := b.List(t.Context(), viewer, instance.Filter{AccountIDs: []string{acc}})
			must(t, err)
			if (page.Total == 0) != tt.gone || (len(page.Rows) == 0) != tt.gone {
				t.Errorf("list: got %d rows of %d", len(page.Rows), page.Total)
			}
			if taken, _ := b.NameTaken(t.Context(), acc, "SHOP"); taken == tt.gone {
				t.Errorf("name taken: got %v", taken)
			}
		})
	}
}

func TestFreshInstanceMayBeMissingEverywhere(t *testing.T) {
	b := newBench(t)
	l, s, e := aShop()
	l.Created, s.Created = noon.Add(-time.Minute), noon.Add(-time.Minute)
	b.cloud.show(l, s, e)
	b.run(t)
	b.refresh(t)
	b.cloud.set(func() { b.cloud.listed, b.cloud.servers, b.cloud.expiry = nil, map[string][]instance.Server{}, nil })
	b.later(30 * time.Minute)
	b.refresh(t)
	if i := b.get(t, shop); !i.GoneAt.IsZero() {
		t.Error("an instance of half an hour was called gone: all sources lag")
	}
	b.later(time.Hour)
	b.refresh(t)
	if i := b.get(t, shop); i.GoneAt.IsZero() {
		t.Error("an instance that three sources miss for over an hour is still shown")
	}
	b.cloud.show(l, s, e)
	b.later(time.Minute)
	b.refresh(t)
	if i := b.get(t, shop); !i.GoneAt.IsZero() {
		t.Error("an instance that came back is still called gone")
	}
}

func TestStaleConfigDoesNotOverruleECS(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.run(t)
	b.refresh(t)
	b.cloud.set(func() {
		b.cloud.listed[0].Addresses, b.cloud.listed[0].ServerIDs = []string{"10.0.0.1"}, []string{"srv-old"}
		b.cloud.fails["ecs:"+singapore] = unreachable
	})
	b.later(time.Minute)
	b.refresh(t)
	i := b.get(t, shop)
	if i.Address != "119.3.166.188" || i.ServerID != "srv-1" || i.State != "ACTIVE" {
		t.Errorf("got %q %q %q, want what ECS said last", i.Address, i.ServerID, i.State)
	}
	if !i.SeenECS.Equal(noon) || !i.SeenConfig.Equal(noon.Add(time.Minute)) {
		t.Errorf("seen: got ECS %v, Config %v", i.SeenECS, i.SeenConfig)
	}
}

func TestTroubleIsKeptPerSource(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.run(t)
	b.refresh(t)
	b.later(time.Minute)
	b.cloud.set(func() {
		b.cloud.fails["config"] = &fault.Error{Kind: fault.Refused, Message: fault.Say("cloud.permission"), Status: 403, Code: "RMS.0403"}
	})
	b.refresh(t)
	syncs, err := b.Syncs(t.Context(), []string{acc})
	must(t, err)
	want := []instance.Sync{
		{AccountID: acc, Source: "bss", OKAt: noon.Add(time.Minute), TriedAt: noon.Add(time.Minute)},
		{AccountID: acc, Source: "config", OKAt: noon, TriedAt: noon.Add(time.Minute), Trouble: "cloud.permission", Code: "RMS.0403"},
		{AccountID: acc, Source: "ecs:" + hongKong, OKAt: noon.Add(time.Minute), TriedAt: noon.Add(time.Minute)},
		{AccountID: acc, Source: "ecs:" + singapore, OKAt: noon.Add(time.Minute), TriedAt: noon.Add(time.Minute)},
		{AccountID: acc, Source: "expiry", OKAt: noon.Add(time.Minute), TriedAt: noon.Add(time.Minute)},
	}
	if diff := cmp.Diff(want, syncs); diff != "" {
		t.Errorf("syncs (-want +got):\n%s", diff)
	}
	if b.cloud.learned[account.RightList] {
		t.Error("the refused right was not learned")
	}
	b.later(time.Minute)
	b.cloud.set(func() { delete(b.cloud.fails, "config") })
	b.refresh(t)
	if syncs, err = b.Syncs(t.Context(), []string{acc}); err != nil {
		t.Fatal(err)
	}
	for _, y := range syncs {
		if y.Trouble != "" || !y.OKAt.Equal(noon.Add(2*time.Minute)) {
			t.Errorf("%s after a refresh that went well: %+v", y.Source, y)
		}
	}
}

func TestAccountThatCannotBeReached(t *testing.T) {
	b := newBench(t)
	b.cloud.fails["access"] = fault.New(fault.Refused, "fault.account.broken")
	if err := b.Refresh(t.Context(), viewer, acc); fault.Of(err).Message.ID != "fault.account.broken" {
		t.Errorf("refresh: got %v, want the reason at once", err)
	}
	b.run(t)
	b.RefreshSoon(acc)
	b.until(t, "the refresh ends", func() bool { return !b.Refreshing(acc) })
	syncs, err := b.Syncs(t.Context(), []string{acc})
	must(t, err)
	if len(syncs) != 2 || syncs[0].Trouble != "fault.account.broken" {
		t.Errorf("syncs: got %v, want the reason for the banner", syncs)
	}
	if err := b.Refresh(t.Context(), person.Actor{}, acc); !fault.Is(err, fault.Forbidden) {
		t.Errorf("nobody: got %v, want Forbidden", err)
	}
}

func TestNothingIsReadBeforeTheFirstConnectionCheck(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	known := b.cloud.account
	b.cloud.set(func() { b.cloud.account.Projects, b.cloud.account.CheckedAt = nil, time.Time{} })
	b.run(t)
	b.refresh(t)
	syncs, err := b.Syncs(t.Context(), []string{acc})
	must(t, err)
	if n := b.cloud.count("count") + b.cloud.count("config"); n != 0 || len(syncs) != 0 {
		t.Errorf("%d calls, troubles %v; want none before the account is known", n, syncs)
	}
	b.cloud.set(func() { b.cloud.account = known })
	b.refresh(t)
	if syncs, err = b.Syncs(t.Context(), []string{acc}); err != nil || len(syncs) == 0 {
		t.Errorf("after the check: %v, %v; want it read", syncs, err)
	}
}

func TestManyAskOneReads(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.cloud.hold, b.cloud.at = make(chan struct{}), make(chan struct{})
	b.run(t)
	must(t, b.Refresh(t.Context(), viewer, acc))
	<-b.cloud.at // the first is under way
	for range 20 {
		must(t, b.Refresh(t.Context(), viewer, acc))
	}
	b.cloud.hold <- struct{}{}
	<-b.cloud.at // all twenty became one more
	b.cloud.hold <- struct{}{}
	b.until(t, "the refresh ends", func() bool { return !b.Refreshing(acc) })
	if got := b.cloud.count("config"); got != 2 {
		t.Errorf("listings: got %d, want 2", got)
	}
}

func TestListAndStateArriveBeforeBilling(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.cloud.fails["bss"] = unreachable
	b.run(t)
	b.refresh(t)
	if i := b.get(t, shop); i.State != "ACTIVE" || !i.Expires.IsZero() {
		t.Errorf("got state %q, expiry %v", i.State, i.Expires)
	}
}

func TestAfterAnOrderServersAreWatchedUntilTheyAreReady(t *testing.T) {
	b := newBench(t)
	_, s, e := aShop()
	b.cloud.orders = map[string][]instance.Expiry{}
	b.run(t)
	b.AfterOrder(acc, "CS1")
	b.until(t, "the order was asked about", func() bool { return b.cloud.count("order") > 0 })
	b.cloud.set(func() { b.cloud.orders["CS1"] = []instance.Expiry{e} })
	b.until(t, "the instance appears from billing", func() bool {
		b.later(time.Second)
		i, err := b.Get(t.Context(), viewer, shop)
		return err == nil && i.CloudOrder == "CS1"
	})
	b.cloud.set(func() {
		s.Status, s.Public = "BUILD", nil
		b.cloud.servers[singapore] = []instance.Server{s}
	})
	b.AfterOrder(acc, "CS1") // once more: the script above is shorter than a build
	b.until(t, "the server appears", func() bool { b.later(time.Second); return b.get(t, shop).State == "BUILD" })
	b.cloud.set(func() {
		s.Status, s.Public = "ACTIVE", []string{"119.3.166.188"}
		b.cloud.servers[singapore] = []instance.Server{s}
	})
	b.AfterOrder(acc, "CS1")
	b.until(t, "the address appears", func() bool { b.later(time.Second); return b.get(t, shop).Address == "119.3.166.188" })
	if got := b.cloud.count("ecs:" + hongKong); got != 0 {
		t.Errorf("calls to a region without servers of the order: got %d", got)
	}
}

func TestAnOrderIsWatchedUntilTheLastLook(t *testing.T) {
	b := newBench(t)
	_, s, e := aShop()
	s.Public = nil
	b.cloud.orders = map[string][]instance.Expiry{"CS1": {e}}
	b.cloud.servers[singapore] = []instance.Server{s}
	b.Timing.Busy = []time.Duration{0, time.Minute, time.Minute}
	b.run(t)
	b.AfterOrder(acc, "CS1")
	for n := 1; n <= 3; n++ {
		b.until(t, "a look", func() bool { return b.cloud.count("order") >= n })
		b.until(t, "its end", func() bool { return !b.Refreshing(acc) })
		b.later(time.Minute)
		b.RefreshNudge()
	}
	b.later(time.Hour)
	b.RefreshNudge()
	b.refresh(t) // whatever was due has had its turn before this
	if got := b.cloud.count("order"); got != 3 {
		t.Errorf("looks: got %d, want 3, then it is given up", got)
	}
}

func TestAnOrderIsWatchedAgainAfterARestart(t *testing.T) {
	b := newBench(t)
	_, s, e := aShop()
	must(t, b.store.Keep(t.Context(), acc, instance.Kept{Instances: []instance.Record{
		{Instance: instance.Instance{ID: shop, AccountID: acc, Name: "shop", Region: singapore, CloudOrder: "CS1", Created: noon.Add(-time.Hour)}},
		{Instance: instance.Instance{ID: mail, AccountID: acc, Name: "mail", Region: singapore, CloudOrder: "CS0", Created: noon.Add(-100 * time.Hour)}},
	}}))
	b.cloud.orders = map[string][]instance.Expiry{"CS1": {e}}
	b.cloud.servers[singapore] = []instance.Server{s}
	b.run(t)
	b.until(t, "the address appears", func() bool { return b.get(t, shop).Address == "119.3.166.188" })
	if slices.Contains(b.cloud.asked, "CS0") {
		t.Errorf("orders asked about: got %v, want the fresh one only", b.cloud.asked)
	}
}

func TestReadyOrderIsLookedAtTwiceAndListedLater(t *testing.T) {
	b := newBench(t)
	l, s, e := aShop()
	second, other := e, s
	second.InstanceID, other.InstanceID, other.ID = mail, mail, "srv-2"
	b.cloud.orders = map[string][]instance.Expiry{"CS1": {e}}
	b.cloud.servers[singapore] = []instance.Server{s, other}
	b.Timing.Busy = []time.Duration{0, time.Minute, time.Minute, time.Minute, time.Minute}
	b.run(t)
	look := func(n int) {
		t.Helper()
		b.until(t, fmt.Sprintf("look %d", n), func() bool { return b.cloud.count("order") >= n })
		b.until(t, "its end", func() bool { return !b.Refreshing(acc) })
	}
	next := func() { b.later(time.Minute); b.RefreshNudge() } // only once the cloud shows what the next look is to find
	b.cloud.set(func() { b.cloud.servers[singapore] = []instance.Server{s} })
	b.AfterOrder(acc, "CS1")
	look(1) // one of two is there and ready
	b.cloud.set(func() {
		b.cloud.orders["CS1"] = []instance.Expiry{e, second}
		b.cloud.servers[singapore] = []instance.Server{s, other}
		b.cloud.listed = []instance.Listed{l}
	})
	next()
	look(2) // the second came late
	next()
	look(3) // the same as before: it ends
	if got := b.cloud.count("config"); got != 0 {
		t.Errorf("listings so far: got %d, want none", got)
	}
	billed := b.cloud.count("bss")
	b.later(10 * time.Minute)
	b.RefreshNudge()
	b.until(t, "what only Config knows", func() bool { return b.get(t, shop).PackageID == "pkg-1" && !b.Refreshing(acc) })
	if got := b.cloud.count("bss"); got != billed+1 {
		t.Errorf("calls to billing: got %d, want one: money was spent", got-billed)
	}
	if got := b.cloud.count("config"); got != 1 {
		t.Errorf("lists: got %d, want one", got)
	}
	if got := b.cloud.count("order"); got != 3 {
		t.Errorf("looks at the order: got %d, want 3", got)
	}
	if i := b.get(t, mail); i.State != "ACTIVE" || i.CloudOrder != "CS1" {
		t.Errorf("the late one: got %+v", i)
	}
}

func TestPrivateImagesAreReadInTheBackground(t *testing.T) {
	b := newBench(t)
	b.cloud.images[singapore] = []catalog.PrivateImage{{ID: "img-1", Name: "golden", Region: singapore, OS: catalog.Windows,
		Status: "active", MinDiskGiB: 40}}
	images, age, err := b.Images(t.Context(), acc)
	must(t, err)
	if len(images) != 0 || !age.At.IsZero() || !age.Reading {
		t.Errorf("before the first read: got %v, %+v", images, age)
	}
	b.run(t)
	b.until(t, "the images arrive", func() bool {
		images, age, err = b.Images(t.Context(), acc)
		return err == nil && !age.Reading
	})
	if diff := cmp.Diff(b.cloud.images[singapore], images); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
	if !age.At.Equal(noon) || len(age.Trouble) != 0 {
		t.Errorf("age: got %+v", age)
	}
	b.Images(t.Context(), acc)
	if got := b.cloud.count("ims:" + singapore); got != 1 {
		t.Errorf("reads while they are fresh: got %d, want 1", got)
	}
	b.later(11 * time.Minute)
	b.cloud.set(func() { b.cloud.fails["ims:"+hongKong] = errors.New("boom") })
	b.Images(t.Context(), acc)
	b.until(t, "they are read again", func() bool { _, age, _ = b.Images(t.Context(), acc); return !age.Reading })
	if len(age.Trouble) != 1 || age.Trouble[0].Source != "ims:"+hongKong || !age.At.Equal(noon) {
		t.Errorf("after a region failed: got %+v", age)
	}
	if images, _, _ = b.Images(t.Context(), acc); len(images) != 1 {
		t.Errorf("images after a region failed: got %v", images)
	}
}

func TestImagesOfAnAccountWithoutRegionsAreNotAskedFor(t *testing.T) {
	b := newBench(t)
	b.cloud.account.Projects = nil
	if _, age, err := b.Images(t.Context(), acc); err != nil || age.Reading {
		t.Errorf("got %+v, %v; want nothing under way", age, err)
	}
}

func TestTopicsAreToldAfterTheCommit(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.run(t)
	must(t, b.Refresh(t.Context(), viewer, acc))
	var told []string
	for !strings.Contains(strings.Join(told, " "), "instance/"+shop) {
		select {
		case topic := <-b.changes:
			told = append(told, topic)
		case <-time.After(20 * time.Second):
			t.Fatalf("topics: got %v", told)
		}
	}
	if b.get(t, shop).State != "ACTIVE" {
		t.Error("the topic was announced before its row was stored")
	}
}

func TestFreshOrdersAreLookedAtOftenThenRarely(t *testing.T) {
	looks := instance.Looks()
	var within []time.Duration // how long after the delivery each look is
	at := time.Duration(0)
	for _, d := range looks {
		at += d
		within = append(within, at)
	}
	for n, want := range map[int]time.Duration{0: 0, 12: time.Minute, 48: 10 * time.Minute, len(looks) - 1: 30 * time.Minute} {
		if within[n] != want {
			t.Errorf("look %d: got %v after the delivery, want %v", n, within[n], want)
		}
	}
}
