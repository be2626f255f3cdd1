package instance_test

import (
	"fmt"
	"testing"
	"time"

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
	got := fmt.Sprintf("count %d, list %d, servers %d, by id %d, billing %d, traffic %d", c["count"], c["config"], c["ecs:"+singapore], c["ids:"+singapore], c["bss"], c["traffic"])
	clear(c)
	return got
}

func (b *bench) want(t *testing.T, when, want string) {
	t.Helper()
	if got := b.since(); got != want {
		t.Errorf("%s: got %s, want %s", when, got, want)
	}
}

// TestWhenNobodyLooks only the hourly samples and what warnings need are read:
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

// TestQuietThingsAreReadRarely: while somebody looks, every minute after news,
// then ever more rarely up to eight minutes; traffic stays hourly.
func TestQuietThingsAreReadRarely(t *testing.T) {
	b := planned(t, 3)
	b.since()
	b.Watching(true)
	var looks []int
	for minute := 1; minute <= 40; minute++ {
		b.later(time.Minute)
		b.Pass(t.Context())
		if b.cloud.count("ecs:"+singapore) > len(looks) {
			looks = append(looks, minute)
		}
	}
	if got, want := fmt.Sprint(looks), "[1 3 7 15 23 31 39]"; got != want {
		t.Errorf("looks at the minutes %s, want %s", got, want)
	}
	b.cloud.set(func() { b.cloud.servers[singapore][0].Name = "other" })
	b.later(7 * time.Minute) // the 47th minute has news
	b.Pass(t.Context())
	b.since()
	b.later(time.Minute)
	b.Pass(t.Context())
	b.want(t, "a minute after news", "count 1, list 0, servers 1, by id 0, billing 0, traffic 0")
}

// TestSignInReads what is older than half a minute.
func TestSignInReads(t *testing.T) {
	b := planned(t, 3)
	b.since()
	b.later(20 * time.Second)
	b.SignedIn()
	b.Pass(t.Context())
	b.want(t, "a fresh picture", "count 0, list 0, servers 0, by id 0, billing 0, traffic 0")
	b.later(20 * time.Second)
	b.SignedIn()
	b.Pass(t.Context())
	b.want(t, "an older one", "count 1, list 0, servers 1, by id 0, billing 0, traffic 0")
}

// TestMoneyReadsExpiryInFull: after a renewal every expiry is read, and nothing
// else.
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

// TestTermsThatEndNowAreReadOutOfTurn: a warning must not rest on yesterday's
// word; the others keep theirs.
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

// TestMovingServersAreAttended: what somebody else started is followed closely
// while somebody looks, until it rests.
func TestMovingServersAreAttended(t *testing.T) {
	b := planned(t, 3)
	b.since()
	b.Watching(true)
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

// TestBillingsWordKeepsWhenItWasRead: the age of a fact is that of its last
// reading, not of its last change, and outlives a start.
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

// TestWhatIsBoughtElsewhereAppears though Config lags: by its server first, by
// Config's word when its count changes; then billing and traffic are asked about
// it alone.
func TestWhatIsBoughtElsewhereAppears(t *testing.T) {
	b := planned(t, 120)
	b.since()
	b.Watching(true)
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
