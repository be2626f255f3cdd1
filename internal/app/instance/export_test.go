package instance

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
	"unsafe"
)

// RefreshNudge makes Run look at its queue: the tests' clock moves by itself,
// and no timer follows it.
func (s *Service) RefreshNudge() { nudge(s.queue.wake()) }

// Compact packs every account's rows together in memory, however few they are.
func (s *Service) Compact() {
	for n, p := range s.current().accounts {
		accounts := slices.Clone(s.current().accounts)
		accounts[n] = p.compact()
		s.picture.Store(newSnapshot(accounts, s.current().labels, s.Now))
	}
}

// Looks gives the default waits before each look at a fresh order.
func Looks() []time.Duration {
	var all []time.Duration
	for n := 0; ; n++ {
		d, again := Timing{}.busy(n)
		if !again {
			return all
		}
		all = append(all, d)
	}
}

// Forget drops what searches have kept.
func (p *Picture) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.cache)
	clear(p.matches)
}

// Once reads an account in this goroutine: everything, or what the schedule
// wants.
func (s *Service) Once(ctx context.Context, accountID string, everything bool) {
	if everything {
		s.readAccount(ctx, accountID, tasks{wholeTasks: wholeTasks{refresh: true}})
		return
	}
	t := tasks{wholeTasks: wholeTasks{owed: true}}
	for _, source := range append(s.queue.placesOf(accountID), sourceCount) {
		t.lookAt(source)
	}
	if s.readAccount(ctx, accountID, t).list {
		s.readAccount(ctx, accountID, tasks{wholeTasks: wholeTasks{configOnly: true}})
	}
}

// Pass does what the schedule and the queue have due now, in this goroutine.
// Run must not be running.
func (s *Service) Pass(ctx context.Context) {
	s.scheduled(s.Now())
	start, _ := s.queue.due(s.Now())
	for len(start) > 0 {
		for _, l := range slices.SortedFunc(maps.Keys(start), func(a, b track) int {
			return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.kind, b.kind), cmp.Compare(a.source, b.source))
		}) {
			s.runTurn(ctx, l, start[l])
		}
		start, _ = s.queue.due(s.Now()) // what they asked for
	}
}

// ForgetOrders drops what sorts have kept.
func (p *Picture) ForgetOrders() {
	p.Forget()
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.orders)
}

// RowSize is what a Row takes, without its texts.
const RowSize = unsafe.Sizeof(Row{})

// Whole is everything a row says of the cloud, for comparing.
func (r *Row) Whole() string {
	return fmt.Sprintf("%s account=%s image=%s text=%q outside=%v missing=%v disagree=%t lost=%v seen=%v %q", r.ID(), r.AccountID, r.Image,
		r.text, r.ChangedOutside, r.NotSeenSince, r.Disagree, r.lost, r.seen, packRows([]*Row{r}, ""))
}

// Reborn is the service as another start on the same store has it, of this or of
// another version.
func (s *Service) Reborn(version string) *Service {
	return &Service{Store: s.Store, Accounts: s.Accounts, Traffic: s.Traffic, Labels: s.Labels, Catalog: s.Catalog, Regions: s.Regions,
		Now: s.Now, Log: s.Log, Version: version}
}
