package order

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// FoundOrders gives the orders at Huawei that no intent here is linked to and
// that nobody has decided about. Those that may belong to an order whose outcome is
// unknown are left out: that order's page shows them. nil accounts means all.
func (s *Service) FoundOrders(ctx context.Context, by person.Actor, accountIDs []string) ([]FoundOrder, error) {
	if !by.May(person.See) {
		return nil, errMayNot
	}
	all, err := s.Store.FoundOrders(ctx, true)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 { // every page asks
		return nil, nil
	}
	doubt, err := s.doubtful(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(f FoundOrder) bool {
		return !inScope(f.AccountID, accountIDs) || doubt[f.OrderID] || f.Status == StatusCancelled
	}), nil
}

// doubtful gives the orders here, by id, that are being looked for at the cloud.
func (s *Service) doubtful(ctx context.Context) (map[string]bool, error) {
	open, err := s.Store.InState(ctx, "", Confirmed, Sending, Unknown, NeedsHuman)
	ids := make(map[string]bool, len(open))
	for _, o := range open {
		ids[o.ID] = true
	}
	return ids, err
}

// FoundOrder gives one order that was found, decided or not.
func (s *Service) FoundOrder(ctx context.Context, by person.Actor, cloudOrderID string) (FoundOrder, error) {
	if !by.May(person.See) {
		return FoundOrder{}, errMayNot
	}
	f, err := s.Store.Found(ctx, cloudOrderID)
	return f, gone(err)
}

// MayBelong gives the purchases that an owner may say a found order belongs to:
// those of its account whose outcome is unknown.
func (s *Service) MayBelong(ctx context.Context, by person.Actor, f FoundOrder) ([]Order, error) {
	if !by.May(person.See) {
		return nil, errMayNot
	}
	kin, err := s.Accounts.Kin(ctx, f.AccountID)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.InState(ctx, "", Unknown, NeedsHuman, NotFound)
	return slices.DeleteFunc(all, func(o Order) bool { return o.Final() || !slices.Contains(kin, o.AccountID) || !s.mayDecide(o) }), err
}

// mayDecide reports whether an owner may say now which order is the intent's.
func (s *Service) mayDecide(o Order) bool {
	late := o.State == Unknown && !s.Now().Before(o.CheckUntil) // the last planned look is over
	return !o.Final() && (o.State == NeedsHuman || o.State == NotFound || late)
}

// BelongsTo decides that a found order is the one of a purchase here. It needs
// an owner. Fault Conflict "order.found.linked" when it is another one's already.
func (s *Service) BelongsTo(ctx context.Context, by person.Actor, cloudOrderID, orderID string) error {
	f, err := s.undecided(ctx, by, cloudOrderID)
	if err != nil {
		return err
	}
	if o, err := s.Store.Order(ctx, orderID); err == nil && o.CloudOrderID == cloudOrderID {
		return nil // pressed twice
	}
	may, err := s.MayBelong(ctx, by, f)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(may, func(o Order) bool { return o.ID == orderID }) {
		return fault.New(fault.Conflict, "order.decide.late")
	}
	return s.apply(ctx, orderID, func(o Order) (Change, error) {
		if !s.mayDecide(o) {
			return Change{}, fault.New(fault.Conflict, "order.decide.late")
		}
		c := Change{Order: o, From: o.State, Nudge: true, Unlinked: cloudOrderID}
		c.Order.Candidates = slices.Clone(o.Candidates)
		i := slices.IndexFunc(c.Order.Candidates, func(k Candidate) bool { return k.CloudOrderID == cloudOrderID })
		if i < 0 {
			i = len(c.Order.Candidates)
			c.Order.Candidates = append(c.Order.Candidates, f.candidate())
		}
		k := &c.Order.Candidates[i]
		k.AdoptAsked, k.AdoptReads, k.CancelAsked, k.Ignored = by.Name, 0, false, false
		c.Events = []Event{s.event(o.State, fault.Say("order_event.adopt", "CloudOrder", cloudOrderID), by.Name)}
		c.Audit = []audit.Entry{audit.By(by, "order.adopt", o.ID, cloudOrderID).On(o.AccountID).For(o.ID).Ended("ok")}
		return c, nil
	})
}

// candidate is a found order as a purchase shows it.
func (f FoundOrder) candidate() Candidate {
	return Candidate{CloudOrderID: f.CloudOrderID, Status: f.Status, CreatedAt: f.CreatedAt, Amount: f.Amount, Quantity: f.Quantity,
		Names: f.Names, Spec: f.Spec, Region: f.Region}
}

// NotOurs decides that a found order belongs to no purchase here. It needs an owner.
func (s *Service) NotOurs(ctx context.Context, by person.Actor, cloudOrderID string) error {
	f, err := s.decideFound(ctx, by, cloudOrderID, func(f *FoundOrder) (audit.Entry, error) {
		if f.Decision == NotOurs {
			return audit.Entry{}, errDone
		}
		f.Decision, f.DecidedAt, f.DecidedBy = NotOurs, s.Now(), by.Name
		f.CancelAskedAt, f.CancelAskedBy = time.Time{}, ""
		return audit.By(by, "order.found.ignore", cloudOrderID), nil
	})
	if err != nil {
		return err
	}
	return s.ignoreEverywhere(ctx, by, f)
}

// errDone says that the decision was made before: the button was pressed twice.
var errDone = errors.New("order: done already")

// decideFound applies an owner's decision to a found order as it is stored now. When
// the order is changed at the same time, it reads the order again and tries again.
func (s *Service) decideFound(
	ctx context.Context, by person.Actor, cloudOrderID string, act func(*FoundOrder) (audit.Entry, error),
) (f FoundOrder, err error) {
	for range 20 {
		if f, err = s.undecided(ctx, by, cloudOrderID); err != nil {
			return f, err
		}
		e, err := act(&f)
		if errors.Is(err, errDone) {
			return f, nil
		}
		if err != nil {
			return f, err
		}
		err = s.saveFound(ctx, f, e.On(f.AccountID).Ended("ok"))
		if !fault.Is(err, fault.Conflict) || fault.Of(err).Message.ID == linkedElsewhere {
			return f, err
		}
	}
	return f, errMoved
}

// ignoreEverywhere also ignores the order on the purchase that shows it as a candidate.
func (s *Service) ignoreEverywhere(ctx context.Context, by person.Actor, f FoundOrder) error {
	if f.OrderID == "" {
		return nil
	}
	err := s.Ignore(ctx, by, f.OrderID, f.CloudOrderID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) { // the purchase does not show it, or is decided
		return nil
	}
	return err
}

// CancelStray has an unpaid found order cancelled, at once. It needs an owner.
// Fault Conflict "order.found.paid" when it is known not to be unpaid.
func (s *Service) CancelStray(ctx context.Context, by person.Actor, cloudOrderID string) error {
	_, err := s.decideFound(ctx, by, cloudOrderID, func(f *FoundOrder) (audit.Entry, error) {
		switch {
		case !f.CancelAskedAt.IsZero(), f.Decision == FoundCancelled:
			return audit.Entry{}, errDone
		case f.Decision != Undecided:
			return audit.Entry{}, fault.New(fault.Conflict, "order.decide.late")
		case f.Status != StatusPendingPayment:
			return audit.Entry{}, fault.New(fault.Conflict, "order.found.paid", "CloudOrder", cloudOrderID)
		}
		f.CancelAskedAt, f.CancelAskedBy, f.CancelSends, f.Note = s.Now(), by.Name, 0, fault.Message{}
		return audit.By(by, "order.found.cancel", cloudOrderID), nil
	})
	if err != nil {
		return err
	}
	select {
	case s.back.wake <- struct{}{}:
	default:
	}
	return nil
}

// undecided gives a found order that an owner is about to decide on.
func (s *Service) undecided(ctx context.Context, by person.Actor, cloudOrderID string) (FoundOrder, error) {
	if !by.May(person.Decide) {
		return FoundOrder{}, errMayNot
	}
	return s.FoundOrder(ctx, by, cloudOrderID)
}

func (s *Service) saveFound(ctx context.Context, f FoundOrder, entries ...audit.Entry) error {
	if _, err := s.Store.SaveFound(ctx, f, entries...); err != nil {
		return err
	}
	s.Changed("orders", "attention", "frame")
	return nil
}

// cancelStrays carries out what owners want of found orders: each is read, and
// cancelled only where that shows it unpaid (class B).
func (s *Service) cancelStrays(ctx context.Context) error {
	all, err := s.Store.FoundOrders(ctx, true)
	for _, f := range all {
		if !f.CancelAskedAt.IsZero() && ctx.Err() == nil {
			if err := s.cancelStray(ctx, f); err != nil && !fault.Is(err, fault.Conflict) {
				return err
			}
		}
	}
	return err
}

func (s *Service) cancelStray(ctx context.Context, f FoundOrder) error {
	end := func(note string, d Decision) error {
		if d != Undecided {
			f.Decision, f.DecidedAt, f.DecidedBy = d, s.Now(), f.CancelAskedBy
		}
		f.CancelAskedAt, f.CancelAskedBy, f.Note = time.Time{}, "", fault.Say(note, "CloudOrder", f.CloudOrderID)
		return s.saveFound(ctx, f)
	}
	if f.CancelSends >= MaxSends || s.Now().Sub(f.CancelAskedAt) >= s.Timing.PayHold {
		return end("order_event.found.stuck", Undecided)
	}
	access, err := s.Accounts.Access(ctx, f.AccountID)
	if err != nil {
		return nil // tried again, until the decision is taken back
	}
	access.Lane = account.ForPerson
	co, err := s.Billing.Order(ctx, access, f.CloudOrderID)
	if err != nil {
		return nil
	}
	f.Status = co.Status
	switch {
	case co.Status == StatusCancelled:
		return end("order_event.found.cancelled", FoundCancelled)
	case co.Status != StatusPendingPayment:
		return end("order_event.found.paid", Undecided)
	}
	f.CancelSends++
	f, err = s.Store.SaveFound(ctx, f, audit.By(person.System, "order.found.cancel.send", f.CloudOrderID).On(f.AccountID).
		With("send", strconv.Itoa(f.CancelSends)).Ended("about to send"))
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	err = s.Billing.Cancel(ctx, access, f.CloudOrderID)
	s.learn(ctx, f.AccountID, account.RightCancel, err)
	outcome := "ok"
	if err != nil {
		outcome = "unknown"
	}
	e := audit.By(person.System, "order.found.cancel.send", f.CloudOrderID).On(f.AccountID).Ended(outcome)
	f, saveErr := s.Store.SaveFound(ctx, f, e)
	if saveErr != nil || err != nil {
		return saveErr
	}
	return s.cancelStray(ctx, f) // read what became of it
}

// Restored is what every page says of a database that is an older copy.
type Restored struct {
	Since  time.Time     // of the start that found it so; zero: none did, or an owner has closed it
	Why    fault.Message // what that start found
	Open   []Order       // orders that were queued or being sent in the copy, and are not decided yet
	Found  []FoundOrder  // orders at Huawei that a review kept here may have become, or that carry a tag from here
	Unread bool          // the recent orders of an account are not read yet
}

// Shows reports whether pages say so at all.
func (r Restored) Shows() bool { return !r.Since.IsZero() || len(r.Found) > 0 }

// Restored gives what the pages say of a restored database; zero: nothing.
func (s *Service) Restored(ctx context.Context) (Restored, error) { return s.restored(ctx) }

func (s *Service) restored(ctx context.Context) (Restored, error) {
	var r Restored
	var err error
	if r.Since, r.Why, err = s.Store.RestoredSince(ctx); err != nil {
		return r, err
	}
	found, err := s.FoundOrders(ctx, person.System, nil)
	if err != nil {
		return r, err
	}
	for _, f := range found {
		if f.Source == FoundAtStart && (f.ReviewID != "" || f.Tag != "") {
			r.Found = append(r.Found, f)
		}
	}
	if r.Since.IsZero() {
		return r, nil
	}
	open, err := s.Store.InState(ctx, "", Unknown, NeedsHuman)
	r.Open = slices.DeleteFunc(open, func(o Order) bool { return !o.Restored })
	s.back.mu.Lock()
	defer s.back.mu.Unlock()
	for _, b := range s.back.of {
		r.Unread = r.Unread || b.read.IsZero()
	}
	return r, err
}

// CloseRestored ends what the pages say of a restored database. It needs an
// owner, and that everything is decided: fault Conflict "order.restored.open".
func (s *Service) CloseRestored(ctx context.Context, by person.Actor) error {
	if !by.May(person.Decide) {
		return errMayNot
	}
	r, err := s.restored(ctx)
	if err != nil || r.Since.IsZero() {
		return err
	}
	if len(r.Open) > 0 || len(r.Found) > 0 {
		return fault.New(fault.Conflict, "order.restored.open")
	}
	if err := s.Store.RestoreDone(ctx, audit.By(by, "database.recovered").Ended("ok")); err != nil {
		return err
	}
	s.Changed("orders", "attention", "frame")
	return nil
}
