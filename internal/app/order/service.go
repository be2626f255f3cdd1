package order

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/person"
)

// Accounts are the cloud accounts, as far as buying needs them
// (account.Service).
type Accounts interface {
	// Get gives one account; fault.NotFound when there is none.
	Get(ctx context.Context, by person.Actor, id string) (account.Account, error)
	// Kin gives every entry of the Huawei account that the entry is one of, itself included.
	Kin(ctx context.Context, accountID string) ([]string, error)
	// Access gives what calls for the account need; fault.Refused when it is disabled
	// or broken.
	Access(ctx context.Context, accountID string) (account.Access, error)
	// Learn is told how a call ended that needed the right; nil is success.
	Learn(ctx context.Context, accountID string, right account.Right, err error)
}

// Inventory is the local picture of what the account has (instance.Service).
type Inventory interface {
	// NameTaken reports whether an instance of the account has the name.
	NameTaken(ctx context.Context, accountID, name string) (bool, error)
	// Image finds a private image as last read; false when there is none, or the
	// inventory cannot be read.
	Image(ctx context.Context, accountID, imageID string) (catalog.PrivateImage, bool)
	// AfterOrder asks for a refresh, because the order was delivered. It does not block.
	AfterOrder(accountID, cloudOrderID string)
	// Deliveries gives what is known about the instances, by id; those that are not
	// known are missing.
	Deliveries(ctx context.Context, accountID string, instanceIDs []string) (map[string]Delivery, error)
	// Tagged gives the ids of the account's instances that carry the tag.
	Tagged(ctx context.Context, accountID, key, value string) ([]string, error)
}

// Settings are the owner's choices about buying (package setting).
type Settings interface {
	// AllowDeduct reports whether orders may be paid with DeductAtOnce.
	AllowDeduct(ctx context.Context) (bool, error)
	// IntentTag reports whether purchases carry the tag sampan-order.
	IntentTag(ctx context.Context) (bool, error)
}

// Catalog is what is on sale (catalog.Catalog).
type Catalog interface {
	// Check gives every reason why a choice is impossible; none: it is possible, or
	// may become so.
	Check(catalog.Choice) []catalog.Reason
	// Resolve fills in the version and the spec code where there is only one.
	Resolve(catalog.Choice) catalog.Choice
	// Image and Spec are false for what the catalogue does not have.
	Image(id string) (catalog.Image, bool)
	// KindOf tells the kind of an image by its id; listed says that the account's own
	// images have it.
	KindOf(id string, listed bool) catalog.Kind
	Spec(code string) (catalog.Spec, bool)
}

// Options of a Service. All but Log, Offset, Changed and Owner are needed.
type Options struct {
	Store     Store
	Jobs      job.Store
	Accounts  Accounts
	Inventory Inventory
	Settings  Settings
	// Catalog is the catalogue of an account's site, nil where none is known.
	Catalog   func(account.Site) Catalog
	Purchases Purchases
	Billing   Billing
	Finder    Finder
	Servers   ServerFinder
	Now       func() time.Time
	// Offset is the cloud's Date minus our clock for an account; nil means none.
	Offset func(accountID string) time.Duration
	// Changed is told which topics changed, after the commit.
	Changed func(topics ...string)
	Timing  Timing
	Runner  job.Timing
	Workers int    // orders worked on at the same time; 0 = 16
	Owner   string // random per process start; "" makes one
	Log     *slog.Logger
}

// Service buys. Make it with New; it is safe for concurrent use. Its faults
// are worded in fault_order.*.toml.
type Service struct {
	Options
	runner *job.Runner
	prices *prices

	// unrecorded counts answers that are not on disk yet: while there is one,
	// nothing else is sent (reliability.md §3.6).
	unrecorded atomic.Int32
	// looked holds when this process asked the inventory to look at a delivered
	// order, by the order's id.
	looked sync.Map
	// began is when this process took up the orders.
	began time.Time
	// repeats are purchases that were refused for now and will be repeated by this
	// process, by the order's id.
	repeats sync.Map
	back    lookBacks
	// stopping is closed when Run's context ends; from then a record of an answer
	// has Runner.Stop left.
	stopping chan struct{}
	stopOnce sync.Once
}

// Kind is the kind of job that a purchase is.
const Kind = "purchase"

// New makes a Service.
func New(o Options) *Service {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Offset == nil {
		o.Offset = func(string) time.Duration { return 0 }
	}
	if o.Changed == nil {
		o.Changed = func(...string) {}
	}
	if o.Owner == "" {
		o.Owner = rand.Text()
	}
	s := &Service{Options: o, stopping: make(chan struct{})}
	s.runner = job.NewRunner(job.Options{Store: o.Jobs, Owner: o.Owner, Now: o.Now, Timing: o.Runner, Workers: o.Workers, Log: o.Log})
	s.runner.Add(s)
	s.prices = newPrices(s)
	return s
}

// Kind implements job.Task.
func (s *Service) Kind() string { return Kind }

// Recover corrects the rows of the last process before anything is sent: an order
// that was queued or being sent becomes unknown, or refused when its last attempt
// was refused (reliability.md §3.7, I6, I7). Only the process that holds the data
// directory may call it, once, before Run.
func (s *Service) Recover(ctx context.Context) error {
	s.began = s.Now()
	if !s.Store.Whole() {
		next, until := s.Timing.look(s.began, s.began)
		if err := s.Store.Restore(ctx, s.began, next, until); err != nil {
			return err
		}
	}
	if err := s.planLookBack(ctx); err != nil {
		return err
	}
	if err := s.Jobs.Free(ctx, s.Owner); err != nil {
		return err
	}
	rows, err := s.Store.InState(ctx, "", Confirmed, Sending)
	if err != nil {
		return err
	}
	for _, o := range rows {
		if err := s.recoverOne(ctx, o.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) recoverOne(ctx context.Context, id string) error {
	now := s.Now()
	l, err := s.Jobs.Claim(ctx, id, s.Owner, now, now.Add(s.Runner.Lease))
	if err != nil {
		return err
	}
	next, err := s.Step(ctx, l)
	if err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	return s.Jobs.Release(ctx, l, s.Now(), next, false)
}

// Run drives orders and reads prices until ctx ends; then it lets a running
// send finish and its answer be recorded.
func (s *Service) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { s.prices.run(ctx) })
	wg.Go(func() { s.tidy(ctx) })
	wg.Go(func() { s.lookBackAll(ctx) })
	wg.Go(func() { <-ctx.Done(); s.stopOnce.Do(func() { close(s.stopping) }) })
	err := s.runner.Run(ctx)
	wg.Wait()
	return errors.Join(err, s.dequeue(context.WithoutCancel(ctx)))
}

// dequeue cancels what is still queued at a stop: it was not sent, and no later start
// sends it (reliability.md §11).
func (s *Service) dequeue(ctx context.Context) error {
	s.repeats.Range(func(id, _ any) bool { // refused for now, and no other process repeats it
		s.repeats.Delete(id)
		if err := s.recoverOne(ctx, id.(string)); err != nil && !fault.Is(err, fault.Conflict) {
			s.Log.WarnContext(ctx, "a purchase that waited to be repeated ends at the next start", "order", id, "err", err)
		}
		return true
	})
	rows, err := s.Store.InState(ctx, "", Confirmed)
	for _, o := range rows {
		if o.Start != s.Store.Start() {
			continue
		}
		c := Change{Order: o, From: o.State, Nudge: true, Events: []Event{s.event(Cancelled, fault.Say("order_event.stopped"), "")},
			Audit: []audit.Entry{audit.By(person.System, "order.cancel", o.ID).On(o.AccountID).For(o.ID).
				With("reason", "stop").Ended("ok")}}
		c.Order.State, c.Order.Reason = Cancelled, fault.Say("order.cancelled.stop")
		if _, saveErr := s.save(ctx, c); !fault.Is(saveErr, fault.Conflict) {
			err = errors.Join(err, saveErr)
		}
	}
	return err
}

// ending reports whether a stop has begun: nothing new is begun then.
func (s *Service) ending() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}

// tidy ends restore mode and removes old drafts and reviews, from time to time. It
// need not look for lost leases: an expired lease makes the job due, and a job that
// is found in Sending becomes unknown (abandoned).
func (s *Service) tidy(ctx context.Context) {
	t := time.NewTicker(s.Timing.Lease)
	defer t.Stop()
	swept := time.Time{}
	for {
		if err := s.endRestore(ctx); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "restore mode not ended", "err", err)
		}
		if now := s.Now(); now.Sub(swept) > time.Hour {
			swept = now
			err := s.Store.Sweep(ctx, now.Add(-s.Timing.Draft), now.Add(-s.Timing.BackMost-s.Timing.Review))
			if err != nil && ctx.Err() == nil {
				s.Log.ErrorContext(ctx, "old drafts not removed", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// endRestore ends restore mode a day after it began, once everything that was
// found is decided; an owner may end it earlier (CloseRestored).
func (s *Service) endRestore(ctx context.Context) error {
	r, err := s.restored(ctx)
	if err != nil || r.Since.IsZero() || len(r.Open) > 0 || len(r.Found) > 0 || s.Now().Sub(r.Since) < s.Timing.Until {
		return err
	}
	if err := s.Store.RestoreDone(ctx, audit.By(person.System, "database.recovered").Ended("ok")); err != nil {
		return err
	}
	s.Changed("orders", "attention", "frame")
	return nil
}

// changed tells the open pages, after a commit.
func (s *Service) changed(id string) { s.Changed("order/"+id, "orders", "attention", "frame") }

// save writes a change and tells the open pages. The order it returns is the
// row as written.
func (s *Service) save(ctx context.Context, c Change) (Order, error) {
	if c.Order.State != c.From {
		c.Order.StateAt = s.Now()
		if c.Order.State.Final() {
			c.Order.EndedAt = c.Order.StateAt
		}
	}
	o, err := s.Store.Save(ctx, c)
	if err != nil {
		return c.Order, err
	}
	if o.State != c.From {
		s.Log.InfoContext(ctx, "order moved", "order", o.ID, "from", string(c.From), "to", string(o.State),
			"cloud_order", o.CloudOrderID, "code", o.Code, "request", o.RequestID)
		if o.State == Delivering || o.State == Closed { // paid, or given back
			s.prices.spent(o.AccountID)
		}
	}
	s.changed(o.ID)
	if c.Nudge {
		s.runner.Wake(o.ID)
	}
	return o, nil
}

// event makes a line of the timeline at this moment.
func (s *Service) event(st State, m fault.Message, who string) Event {
	return Event{At: s.Now(), State: st, Message: m, Person: who}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// held finds why a claim did not happen.
func held(err error) (*Held, bool) {
	var h *Held
	ok := errors.As(err, &h)
	return h, ok
}
