package instance_test

import (
	"fmt"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
)

// planned is a bench with the product's schedule whose account was read in full
// a moment ago.
func planned(t *testing.T, shops int) *bench {
	b := newBench(t)
	b.Schedule, b.Service.Traffic, b.Timing.Busy = instance.Usual(1), b.cloud, nil
	b.cloud.manyShops(shops)
	b.RefreshSoon(acc)
	b.Pass(t.Context())
	return b
}

// since gives the calls that were made since the last time, and forgets them.
func (b *bench) since() string {
	b.cloud.mu.Lock()
	defer b.cloud.mu.Unlock()
	c := b.cloud.calls
	got := fmt.Sprintf("count %d, list %d, servers %d, by id %d, billing %d, traffic %d", c["count"], c["config"], c["ecs:"+singapore],
		c["ids:"+singapore], c["bss"], c["traffic"])
	clear(c)
	return got
}

func (b *bench) want(t *testing.T, when, want string) {
	t.Helper()
	if got := b.since(); got != want {
		t.Errorf("%s: got %s, want %s", when, got, want)
	}
}

// When nobody looks, only the hourly samples and what warnings need are read:
// states once an hour, expiry once a day.
func TestWhenNobodyLooks(t *testing.T) {
	b := planned(t, 3)
	b.want(t, "the first time", "count 1, list 1, servers 1, by id 0, billing 1, traffic 1")
	for range 23*6 + 5 {
		b.later(10 * time.Minute)
		b.Pass(t.Context())
	}
	b.want(t, "until the day is nearly over", "count 22, list 1, servers 23, by id 0, billing 0, traffic 23")
	b.later(10 * time.Minute)
	b.Pass(t.Context())
	b.want(t, "after a day", "count 0, list 1, servers 1, by id 0, billing 1, traffic 1")
}

// The cloud is asked every ten seconds while a person asks for pages, and once a
// minute while a page is only open; lists and traffic every hour in both cases.
func TestWhoIsThereDecidesHowOften(t *testing.T) {
	b := planned(t, 3)
	minutes := func(n int, visits bool) {
		b.since()
		for range n * 60 {
			if visits {
				b.Visited()
			}
			b.later(time.Second)
			b.Pass(t.Context())
		}
	}
	b.opens(1)
	minutes(5, true)
	b.want(t, "a person is there", "count 30, list 0, servers 30, by id 0, billing 0, traffic 0")
	minutes(5, false)
	b.want(t, "nobody has clicked for less than ten minutes", "count 30, list 0, servers 30, by id 0, billing 0, traffic 0")
	minutes(5, false)
	b.since()
	minutes(10, false)
	b.want(t, "a page is merely open", "count 10, list 0, servers 10, by id 0, billing 0, traffic 0")
	b.since()
	b.Visited()
	b.later(11 * time.Second)
	b.Pass(t.Context())
	b.want(t, "a person is back", "count 1, list 0, servers 1, by id 0, billing 0, traffic 0")
}

// Looks take a tenth of each rate in force.
func TestWhatALookCostsDecidesHowOften(t *testing.T) {
	for name, c := range map[string]struct {
		calls int     // that a listing of a region's servers takes
		rate  float64 // of ECS, a second
		every time.Duration
	}{
		"12 servers":                   {1, 5, 10 * time.Second},
		"2,500 servers":                {5, 5, 10 * time.Second},
		"10,000 in one region":         {20, 5, 40 * time.Second},
		"and slowed down by the cloud": {20, 2.5, 80 * time.Second},
		"a generous cloud":             {20, 50, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			b := planned(t, 3)
			b.cloud.set(func() { b.cloud.pages = c.calls })
			b.Pace = func(_ account.Access, service, region string) float64 {
				switch service + " " + region {
				case "ecs " + singapore, "ecs " + hongKong:
					return c.rate
				}
				return 2
			}
			b.RefreshSoon(acc)
			b.Pass(t.Context())
			b.since()
			b.opens(1)
			const long = 400 * time.Second
			for range long / time.Second {
				b.Visited()
				b.later(time.Second)
				b.Pass(t.Context())
			}
			got, counts := b.cloud.count("ecs:"+singapore), b.cloud.count("count")
			if want := int(long / c.every); got != want || counts != 40 {
				t.Errorf("looks: got %d, and %d counts; want %d and 40", got, counts, want)
			}
			if spent := float64(got*c.calls) / long.Seconds(); c.every > 10*time.Second && spent > c.rate/10 {
				t.Errorf("calls a second: got %v, want at most a tenth of %v", spent, c.rate)
			}
		})
	}
}

// A sign-in reads what is older than half a minute, and nothing when the picture
// is younger.
func TestSignInReads(t *testing.T) {
	b := planned(t, 3)
	b.since()
	b.later(5 * time.Second)
	b.SignedIn()
	b.Pass(t.Context())
	b.want(t, "a fresh picture", "count 0, list 0, servers 0, by id 0, billing 0, traffic 0")
	b.cloud.set(func() { b.cloud.pages = 50 }) // 100 s at the usual rate
	b.later(10 * time.Second)
	b.Pass(t.Context())
	b.since()
	b.later(20 * time.Second)
	b.SignedIn()
	b.Pass(t.Context())
	b.want(t, "20 s old", "count 1, list 0, servers 0, by id 0, billing 0, traffic 0")
	b.later(20 * time.Second)
	b.SignedIn()
	b.Pass(t.Context())
	b.want(t, "an older one", "count 1, list 0, servers 1, by id 0, billing 0, traffic 0")
}

// After a renewal every expiry is read, and nothing else.
func TestMoneyReadsExpiryInFull(t *testing.T) {
	b := planned(t, 120)
	b.since()
	b.later(time.Minute)
	b.cloud.set(func() {
		for id, e := range b.cloud.expiry {
			e.Expires = e.Expires.AddDate(0, 1, 0)
			b.cloud.expiry[id] = e
		}
	})
	one := fmt.Sprintf("%s%04d", shop[:20], 0)
	b.TouchMoney(acc, one)
	b.Pass(t.Context())
	b.want(t, "after money", "count 0, list 0, servers 0, by id 0, billing 3, traffic 0")
	for _, r := range b.Picture().Rows() {
		if !r.Expires.Equal(noon.Add(28*24*time.Hour).AddDate(0, 1, 0)) {
			t.Fatalf("%s expires %v", r.ID(), r.Expires)
		}
	}
}

// A warning must not rest on yesterday's answer; other terms are not read.
func TestTermsThatEndNowAreReadOutOfTurn(t *testing.T) {
	b := planned(t, 3)
	ends := fmt.Sprintf("%s%04d", shop[:20], 1)
	b.cloud.set(func() {
		e := b.cloud.expiry[ends]
		e.Expires = noon.Add(90 * time.Minute)
		b.cloud.expiry[ends] = e
	})
	b.TouchMoney(acc)
	b.Pass(t.Context())
	b.since()
	b.later(time.Hour)
	b.Pass(t.Context())
	b.want(t, "half an hour before the end", "count 1, list 0, servers 1, by id 0, billing 1, traffic 1")
	for _, r := range b.Picture().Rows() {
		want := noon
		if r.InstanceID == ends {
			want = noon.Add(time.Hour)
		}
		if got := r.Seen(instance.FromBSS); !got.Equal(want) {
			t.Errorf("%s: billing was asked at %v, want %v", r.InstanceID, got, want)
		}
	}
}

// A server that is changing its state without an action of the console is read
// often while a person looks, until its state is final.
func TestMovingServersAreAttended(t *testing.T) {
	b := planned(t, 3)
	b.since()
	b.opens(1)
	b.cloud.set(func() { b.cloud.servers[singapore][0].TaskState = "powering-off" })
	b.later(time.Minute)
	b.Pass(t.Context())
	b.want(t, "it moves", "count 1, list 0, servers 1, by id 0, billing 0, traffic 0")
	b.cloud.set(func() { s := &b.cloud.servers[singapore][0]; s.TaskState, s.Status = "", "SHUTOFF" })
	for range 4 {
		b.later(5 * time.Second)
		b.Pass(t.Context())
	}
	b.want(t, "within the next half minute", "count 0, list 0, servers 0, by id 3, billing 0, traffic 0")
	if r := b.row(t, "srv-0"); r.State != instance.StateStopped || r.ChangedOutside.IsZero() {
		t.Errorf("got %s, changed outside %v", r.State, r.ChangedOutside)
	}
}

// The age of a fact is that of its last reading, not of its last change, also
// after a start.
func TestBillingsWordKeepsWhenItWasRead(t *testing.T) {
	b := planned(t, 3)
	b.later(time.Minute)
	b.TouchMoney(acc)
	b.Pass(t.Context())
	read := noon.Add(time.Minute)
	b.later(time.Minute)
	b.cloud.set(func() { b.cloud.fails["bss"] = unreachable })
	b.TouchMoney(acc)
	b.Pass(t.Context())
	again := &instance.Service{Store: b.store, Accounts: b.cloud, Now: b.Now, Log: b.Log}
	for name, s := range map[string]*instance.Service{"now": b.Service, "after a start": again} {
		for _, r := range s.Picture().Rows() {
			if got := r.Seen(instance.FromBSS); !got.Equal(read) {
				t.Errorf("%s: %s was read at %v, want %v", name, r.ID(), got, read)
			}
		}
		d, err := s.Detail(t.Context(), viewer, "srv-0")
		must(t, err)
		for _, f := range d.Facts {
			if f.Name == "expires" && !f.At.Equal(read) {
				t.Errorf("%s: the expiry is said to be of %v, want %v", name, f.At, read)
			}
		}
	}
}

// It appears though Config lags: first its server, then, when Config's count
// changes, the instance. Billing and traffic are then asked about it alone.
func TestWhatIsBoughtElsewhereAppears(t *testing.T) {
	b := planned(t, 120)
	b.since()
	b.opens(1)
	l, s, e := aShop()
	l.ID, s.ID, s.InstanceID, e.InstanceID = mail, "srv-new", mail, mail
	l.ServerIDs, l.PackageIDs = []string{"srv-new"}, []string{"pkg-new"}
	b.cloud.set(func() {
		b.cloud.servers[singapore] = append(b.cloud.servers[singapore], s)
		b.cloud.expiry[mail] = e
	})
	b.later(time.Minute)
	b.Pass(t.Context())
	b.want(t, "ECS and billing know it", "count 1, list 0, servers 1, by id 0, billing 1, traffic 0")
	if r := b.row(t, mail); r.ServerID != "srv-new" || r.Expires.IsZero() || !r.NotSeenSince.IsZero() || r.PackageID != "" {
		t.Errorf("before Config: got %+v", r)
	}
	b.cloud.set(func() { b.cloud.listed, b.cloud.traffic = append(b.cloud.listed, l), nil })
	b.later(time.Minute)
	b.Pass(t.Context())
	b.want(t, "Config counts it", "count 1, list 1, servers 1, by id 0, billing 0, traffic 1")
	if r := b.row(t, mail); r.PackageID != "pkg-new" || r.Traffic.Left != 50 {
		t.Errorf("with Config: got package %q, traffic %+v", r.PackageID, r.Traffic)
	}
	if got := fmt.Sprint(b.cloud.traffic); got != "[[pkg-new]]" {
		t.Errorf("packages that were read: got %s", got)
	}
}

// Reading one new package does not delay the hourly sample of the others.
func TestANewPackageIsNotAllPackages(t *testing.T) {
	b := planned(t, 3)
	b.opens(1)
	b.pass(t, 50*time.Minute)
	b.since()
	b.cloud.show(another())
	b.pass(t, 2*time.Minute)
	if got := fmt.Sprint(b.cloud.traffic[len(b.cloud.traffic)-1]); got != "[pkg-new]" {
		t.Errorf("read at first: %s", got)
	}
	b.since()
	b.pass(t, 10*time.Minute)
	if got := len(b.cloud.traffic[len(b.cloud.traffic)-1]); got != 4 {
		t.Errorf("read after the hour: %d packages, want all four", got)
	}
}

// another is a shop that was not there before, with a package of its own.
func another() (instance.Listed, instance.Server, instance.Expiry) {
	l, s, e := aShop()
	l.ID, s.ID = shop[:20]+"abcd", "srv-new"
	s.InstanceID, e.InstanceID = l.ID, l.ID
	l.ServerIDs, l.PackageIDs = []string{s.ID}, []string{"pkg-new"}
	return l, s, e
}

// Looks that find something new do not ask billing more often than it allows, nor
// when it refuses.
func TestWhatIsOwedWaitsForBilling(t *testing.T) {
	for name, c := range map[string]struct {
		fails error
		most  int
	}{"it answers": {nil, 6}, "it refuses": {fault.New(fault.Forbidden, "cloud.permission"), 0}} {
		t.Run(name, func(t *testing.T) {
			b := planned(t, 3)
			b.later(time.Minute)
			l, s, e := another()
			b.cloud.show(l, s, e)
			b.cloud.set(func() { delete(b.cloud.expiry, l.ID) }) // billing never names it
			b.opens(1)
			b.break_(c.fails, "bss")
			b.pass(t, time.Minute)
			b.since()
			for n := range 30 {
				b.cloud.set(func() { b.cloud.servers[singapore][0].Status = []string{"SHUTOFF", "ACTIVE"}[n%2] })
				b.pass(t, 10*time.Second)
			}
			if got := b.cloud.count("bss"); got > c.most {
				t.Errorf("asked %d times in five minutes, want at most %d", got, c.most)
			}
		})
	}
}

// A region that was switched off is no gap.
func TestAPlaceThatIsNotReadAnyMoreIsNotMissing(t *testing.T) {
	b := planned(t, 3)
	b.cloud.set(func() { delete(b.cloud.account.Projects, hongKong) })
	b.later(25 * time.Hour)
	b.RefreshSoon(acc)
	b.Pass(t.Context())
	for _, y := range b.syncs(t) {
		if y.Source == "ecs:"+hongKong {
			t.Errorf("it is still spoken of: %+v", y)
		}
	}
	gaps, err := b.Gaps(t.Context(), []string{acc})
	must(t, err)
	if len(gaps) > 0 {
		t.Errorf("not known: %+v", gaps)
	}
}
