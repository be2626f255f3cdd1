package instance

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// Accounts gives access to the cloud; *account.Service does. Its methods are safe
// for concurrent use.
type Accounts interface {
	// Get gives an account; fault.NotFound when there is none.
	Get(ctx context.Context, by person.Actor, id string) (account.Account, error)
	// List gives all accounts, by label.
	List(ctx context.Context, by person.Actor) ([]account.Account, error)
	// Access gives what calls need; the fault says why an account has none: deleted,
	// disabled or broken.
	Access(ctx context.Context, accountID string) (account.Access, error)
	// Learn tells how a call went that needs a right: nil or its error.
	Learn(ctx context.Context, accountID string, right account.Right, err error)
}

// Service is the use cases of the local picture. It is safe for concurrent use;
// its fields are set before the first call and not changed afterwards.
type Service struct {
	Store    Store
	Accounts Accounts
	Config   Lister
	ECS      Servers
	BSS      Billing
	IMS      Images
	Traffic  TrafficReader    // nil: no traffic is read
	Labels   Labels           // nil: there are none
	Catalog  *catalog.Catalog // knows images by their names; nil: rows have the cloud's names

	// Version of the program: rows that another version packed are not used.
	Version string
	// Regions are those the catalogue sells in.
	Regions []string
	// Changed tells open pages that topics changed. It must not block.
	Changed func(topics ...string)
	Now     func() time.Time
	Log     *slog.Logger
	Timing  Timing
	// Schedule is how often the picture is refreshed without being asked; nil: never.
	Schedule *Schedule
	// Limited reports whether the cloud answers "too many" to the calls for a source
	// (Sync.Source) of an account. Nil: it is not known.
	Limited func(a account.Account, source string) bool
	// Open gives how many pages are open; nil: none ever is.
	Open func() int
	// Pace gives how many calls a second an account may make now of a service,
	// "ecs", "config" or "bss", in a region where it is regional; nil: the usual
	// ones.
	Pace func(a account.Access, service, region string) float64

	queue    queue
	picture  atomic.Pointer[Picture]
	lookedAt atomic.Int64
	// When a person asked for something last, and when the pages were told last,
	// in microseconds.
	visitedAt   atomic.Int64
	announcedAt atomic.Int64

	relabel    atomic.Bool
	pub        sync.Mutex // one picture is made at a time
	pool       *pool      // guarded by pub
	toPack     []Packed   // what load had to make anew, until Run stored it
	unanswered unanswered // guarded by pub
}

// Timing is how long is waited before things are read again. Zero fields take the
// defaults.
type Timing struct {
	// Busy is how long to wait before each look at the servers of a fresh order,
	// or at touched ones. After the last look they are given up, until a refresh.
	Busy []time.Duration
	// ImagesOld is from which age on private images are read again.
	ImagesOld time.Duration
	// Scale divides all these times; 0 is 1.
	Scale float64
}

// busy gives the wait before look n, false after the last one. By default: every
// 5 s for a minute, every 15 s for 9 more minutes, every minute for 20 more.
func (t Timing) busy(n int) (time.Duration, bool) {
	if t.Busy != nil {
		if n >= len(t.Busy) {
			return 0, false
		}
		return t.scaled(t.Busy[n]), true
	}
	switch {
	case n == 0:
		return 0, true
	case n <= 12:
		return t.scaled(5 * time.Second), true
	case n <= 12+36:
		return t.scaled(15 * time.Second), true
	case n <= 12+36+20:
		return t.scaled(time.Minute), true
	}
	return 0, false
}

// imagesOld is ImagesOld, scaled.
func (t Timing) imagesOld() time.Duration {
	if t.ImagesOld > 0 {
		return t.scaled(t.ImagesOld)
	}
	return t.scaled(10 * time.Minute)
}

// scaled divides a time by Scale.
func (t Timing) scaled(d time.Duration) time.Duration {
	if t.Scale > 0 {
		return time.Duration(float64(d) / t.Scale)
	}
	return d
}

// List gives a page of instances from the picture. It never asks the cloud. The
// caller narrows the accounts to those that the person may see.
func (s *Service) List(ctx context.Context, by person.Actor, f Filter) (Page, error) {
	if !by.May(person.See) {
		return Page{}, denied()
	}
	q, err := f.query()
	if err != nil {
		return Page{}, fmt.Errorf("instance: list: %w", err)
	}
	found := s.Picture().Search(q)
	page := Page{Total: found.Total, Next: found.Next}
	if found.Prev != "" {
		page.Prev = back + found.Prev
	}
	for _, r := range found.Rows {
		page.Rows = append(page.Rows, r.Instance())
	}
	return page, nil
}

// back begins a cursor that leads to the page before.
const back = "-"

// query gives the filter as a query of the picture; fault.Invalid when the sort
// or a cursor is not one of a list.
func (f Filter) query() (Query, error) {
	q := Query{AccountIDs: f.AccountIDs, Instances: true, Bare: true, Limit: f.Limit, After: f.After}
	q.Sort, q.Desc = strings.CutPrefix(cmp.Or(f.Sort, "expires"), "-")
	if q.Sort == "name" {
		q.Sort = "instance"
	}
	if mark, ok := strings.CutPrefix(f.After, back); ok {
		q.After, q.Before = "", mark
	}
	for _, t := range []Term{{Value: strings.TrimSpace(f.Query)}, {Key: "region", Value: f.Region}, {Key: statusKey, Value: f.State}} {
		if t.Value != "" {
			q.Terms = append(q.Terms, t)
		}
	}
	if !slices.Contains([]string{"instance", "expires", "region", "state"}, q.Sort) {
		return q, fault.New(fault.Invalid, "instance.list.sort")
	}
	return q, q.Check()
}

// Get gives one instance as last known; fault.NotFound when there is none. The
// caller checks that the person may see its account.
func (s *Service) Get(ctx context.Context, by person.Actor, id string) (Instance, error) {
	if !by.May(person.See) {
		return Instance{}, denied()
	}
	b, err := s.bundle(ctx, id)
	if err != nil {
		return Instance{}, err
	}
	return b.rec.Instance, nil
}

// bundle reads an instance with its servers from the store, and sets when each
// source last named them, which only the picture knows.
func (s *Service) bundle(ctx context.Context, id string) (*bundle, error) {
	rec, servers, err := s.Store.Record(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("instance: %s: %w", id, err)
	}
	b := &bundle{rec: rec, servers: servers, known: true}
	b.sort()
	for _, r := range s.accountRows(rec.AccountID).instanceRows(rec.ID) {
		if rec := b.server(r.ServerID); rec != nil {
			rec.Seen = r.Seen(FromECS)
		}
		if r.First {
			b.rec.Seen = [3]time.Time{r.Seen(FromConfig), r.Seen(FromECS), r.Seen(FromBSS)}
			b.rec.SeenConfig, b.rec.SeenECS, b.rec.SeenBSS = b.rec.Seen[FromConfig], b.rec.Seen[FromECS], b.rec.Seen[FromBSS]
		}
	}
	return b, nil
}

// Counts gives totals over accounts.
func (s *Service) Counts(ctx context.Context, by person.Actor, accountIDs []string) (Counts, error) {
	if !by.May(person.See) {
		return Counts{}, denied()
	}
	return s.Picture().Counts(accountIDs), nil
}

// Syncs gives how the last refresh of every source went. It leaves out sources
// that were never tried and places that are no longer read.
func (s *Service) Syncs(ctx context.Context, accountIDs []string) ([]Sync, error) {
	all, err := s.Store.Syncs(ctx, accountIDs)
	if err != nil {
		return nil, fmt.Errorf("instance: syncs: %w", err)
	}
	return slices.DeleteFunc(s.queue.newest(all), s.queue.abandoned), nil
}

// Names gives the names in use in an account, sorted.
func (s *Service) Names(ctx context.Context, accountID string) ([]string, error) {
	return s.Store.Names(ctx, accountID)
}

// NameTaken reports whether an instance of the account has the name, in any case.
func (s *Service) NameTaken(ctx context.Context, accountID, name string) (bool, error) {
	return s.Store.NameTaken(ctx, accountID, name)
}

// Refresh asks for everything of an account to be read again. It returns at once;
// pages are told by topic "instances". An account that is disabled or broken is
// refused with the fault of account.Service.Access.
func (s *Service) Refresh(ctx context.Context, by person.Actor, accountID string) error {
	if !by.May(person.Refresh) {
		return denied()
	}
	if _, err := s.Accounts.Access(ctx, accountID); err != nil {
		return fmt.Errorf("instance: refresh %s: %w", accountID, err)
	}
	s.RefreshSoon(accountID)
	return nil
}

// RefreshSoon is Refresh without a person, after a connection check. What cannot
// be read is read as soon as the cloud answers; Asked tells what waits.
func (s *Service) RefreshSoon(accountID string) {
	now := s.Now()
	s.queue.ask(accountID, func(t *tasks) {
		s.queue.planned(accountID, &plan{}).asked = now
		t.refresh = true
	})
}

// Refreshing reports whether the account is being read, or is about to be.
func (s *Service) Refreshing(accountID string) bool { return s.queue.busy(accountID) }

// AfterOrder watches a delivered order: its servers are read again and again
// until each of them runs and has its address. It returns at once.
func (s *Service) AfterOrder(accountID, cloudOrderID string) {
	now := s.Now()
	s.queue.noteOwn(accountID, now.Add(s.Timing.scaled(ownFor)), nil, "order:"+cloudOrderID)
	s.queue.ask(accountID, func(t *tasks) { t.watchOrder(cloudOrderID, now) })
}

// ImageAge says how current a list of private images is.
type ImageAge struct {
	At      time.Time // the oldest of the last successful reads of the active regions; zero: one was never read
	Reading bool      // newer ones are being read; topic "instances/images/<account id>" tells when they are there
	Trouble []Sync    // regions whose last read failed
}

// Images gives the account's own images of all regions as last read, and asks for
// newer ones in the background when they are old or were never read.
func (s *Service) Images(ctx context.Context, accountID string) ([]catalog.PrivateImage, ImageAge, error) {
	reading := s.queue.readsImages(accountID) // asked before the images are read: when it is false they are complete
	images, err := s.Store.Images(ctx, accountID)
	if err != nil {
		return nil, ImageAge{}, fmt.Errorf("instance: images of %s: %w", accountID, err)
	}
	syncs, err := s.Syncs(ctx, []string{accountID})
	if err != nil {
		return nil, ImageAge{}, fmt.Errorf("instance: images of %s: %w", accountID, err)
	}
	a, err := s.Accounts.Get(ctx, person.System, accountID)
	if err != nil {
		return nil, ImageAge{}, fmt.Errorf("instance: images of %s: %w", accountID, err)
	}
	regions := a.ActiveRegions(s.Regions)
	age, tried := imageAge(syncs, regions)
	old := s.Timing.imagesOld()
	if len(age.Trouble) > 0 {
		old = min(old, s.Timing.scaled(imagesFailed))
	}
	if !reading && len(regions) > 0 && a.State == account.Active && s.Now().Sub(tried) >= old {
		s.queue.ask(accountID, func(t *tasks) { t.images = true })
		reading = true
	}
	age.Reading = reading
	return images, age, nil
}

// imagesFailed is after how long images that could not be read are asked for
// again.
const imagesFailed = 30 * time.Second

// imageAge gives the oldest of the regions' successful reads, and the oldest try.
func imageAge(syncs []Sync, regions []string) (ImageAge, time.Time) {
	by := make(map[string]Sync)
	for _, y := range syncs {
		by[y.Source] = y
	}
	var age ImageAge
	var tried time.Time
	for n, region := range regions {
		y := by["ims:"+region]
		if n == 0 || y.OKAt.Before(age.At) {
			age.At = y.OKAt
		}
		if n == 0 || y.TriedAt.Before(tried) {
			tried = y.TriedAt
		}
		if y.Trouble != "" {
			age.Trouble = append(age.Trouble, y)
		}
	}
	return age, tried
}

func denied() error { return fault.New(fault.Forbidden, "instance.forbidden") }

func (s *Service) changed(topics ...string) {
	if s.Changed != nil {
		s.Changed(topics...)
	}
}
