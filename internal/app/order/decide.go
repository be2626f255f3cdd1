package order

import (
	"context"
	"slices"
	"strconv"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/person"
)

// CheckNow looks for the order, or reads it, now instead of at the planned time.
func (s *Service) CheckNow(ctx context.Context, by person.Actor, id string) error {
	if !by.May(person.Refresh) {
		return errMayNot
	}
	return s.apply(ctx, id, func(o Order) (Change, error) {
		if o.Final() || o.State == Confirmed || o.State == Sending {
			return Change{}, nil // nothing to ask the cloud about
		}
		c := Change{Order: o, From: o.State, Nudge: true}
		c.Order.NextCheckAt = s.Now()
		return c, nil
	})
}

// Adopt decides that the cloud's order is this intent's: the worker reads it and
// links it, at once. It needs an owner, and an order that stands among the
// candidates.
func (s *Service) Adopt(ctx context.Context, by person.Actor, id, cloudOrderID string) error {
	return s.decide(ctx, by, id, cloudOrderID, "order.adopt", func(o Order, k *Candidate) (Change, error) {
		k.AdoptAsked, k.AdoptReads, k.CancelAsked = by.Name, 0, false
		c := Change{Order: o, From: o.State, Nudge: true, Unlinked: k.CloudOrderID}
		c.Events = []Event{s.event(o.State, fault.Say("order_event.adopt", "CloudOrder", k.CloudOrderID), by.Name)}
		return c, nil
	})
}

// Ignore decides that the cloud's order is not this intent's.
func (s *Service) Ignore(ctx context.Context, by person.Actor, id, cloudOrderID string) error {
	return s.decide(ctx, by, id, cloudOrderID, "order.ignore", func(o Order, k *Candidate) (Change, error) {
		k.Ignored, k.CancelAsked, k.AdoptAsked = true, false, ""
		c := Change{Order: o, From: o.State, Nudge: true}
		c.Events = []Event{s.event(o.State, fault.Say("order_event.ignored", "CloudOrder", k.CloudOrderID), by.Name)}
		return c, nil
	})
}

// CancelFound has the worker cancel an unpaid candidate, at once. When the candidate
// is known to be paid, it is fault Conflict "order.found.paid"; one that turns out to
// be paid is not cancelled.
func (s *Service) CancelFound(ctx context.Context, by person.Actor, id, cloudOrderID string) error {
	return s.decide(ctx, by, id, cloudOrderID, "order.found.cancel", func(o Order, k *Candidate) (Change, error) {
		if k.Status != StatusPendingPayment {
			return Change{}, fault.New(fault.Conflict, "order.found.paid", "CloudOrder", k.CloudOrderID)
		}
		k.CancelAsked, k.CancelSends, k.AdoptAsked = true, 0, ""
		c := Change{Order: o, From: o.State, Nudge: true, Unlinked: k.CloudOrderID}
		c.Events = []Event{s.event(o.State, fault.Say("order_event.found.cancel", "CloudOrder", k.CloudOrderID), by.Name)}
		return c, nil
	})
}

// decide is one decision of an owner about a candidate, with its audit row.
func (s *Service) decide(
	ctx context.Context, by person.Actor, id, cloudOrderID, action string, act func(o Order, k *Candidate) (Change, error),
) error {
	if !by.May(person.Decide) {
		return errMayNot
	}
	return s.apply(ctx, id, func(o Order) (Change, error) {
		if !s.mayDecide(o) { // nothing drives what is final
			if o.State == Ordered && o.CloudOrderID == cloudOrderID {
				return Change{}, nil // pressed twice
			}
			return Change{}, fault.New(fault.Conflict, "order.decide.late")
		}
		o.Candidates = slices.Clone(o.Candidates)
		i := slices.IndexFunc(o.Candidates, func(c Candidate) bool { return c.CloudOrderID == cloudOrderID })
		if i < 0 {
			return Change{}, fault.New(fault.NotFound, "order.found.gone")
		}
		c, err := act(o, &o.Candidates[i])
		c.Order.Candidates = o.Candidates
		c.Audit = append(c.Audit, audit.By(by, action, o.ID, cloudOrderID).On(o.AccountID).For(o.ID).Ended("ok"))
		return c, err
	})
}

// DeclareNone decides that none of the candidates is this intent's: it is not
// found, and the watch goes on. It needs an owner; while the outcome is merely
// unknown, only after the resolver's last planned look.
func (s *Service) DeclareNone(ctx context.Context, by person.Actor, id string) error {
	if !by.May(person.Decide) {
		return errMayNot
	}
	return s.apply(ctx, id, func(o Order) (Change, error) {
		now := s.Now()
		switch {
		case o.State == NotFound:
			return Change{}, nil
		case o.State == Unknown && now.Before(o.CheckUntil):
			return Change{}, fault.New(fault.Conflict, "order.decide.early")
		case o.State == NeedsHuman && o.MayClose():
			return Change{}, fault.New(fault.Conflict, "order.decide.answered")
		case o.State != NeedsHuman && o.State != Unknown:
			return Change{}, fault.New(fault.Conflict, "order.decide.late")
		}
		c := Change{Order: o, From: o.State, Nudge: true}
		c.Order.Candidates = slices.Clone(o.Candidates)
		for i := range c.Order.Candidates {
			c.Order.Candidates[i].Ignored = true
		}
		c.Order.State, c.Order.Reason = NotFound, fault.Say("order.notfound.declared")
		c.Order.NextCheckAt, c.Order.CheckUntil = now.Add(s.Timing.Watch), now.Add(s.Timing.Until)
		c.Events = []Event{s.event(NotFound, fault.Say("order_event.none"), by.Name)}
		c.Audit = []audit.Entry{audit.By(by, "order.decide.none", o.ID).On(o.AccountID).For(o.ID).Ended("ok")}
		return c, nil
	})
}

// LiftLock lets the account buy although this order's outcome is unknown. It
// needs an owner.
func (s *Service) LiftLock(ctx context.Context, by person.Actor, id string) error {
	if !by.May(person.Decide) {
		return errMayNot
	}
	return s.apply(ctx, id, func(o Order) (Change, error) {
		if o.State != Unknown {
			return Change{}, fault.New(fault.Conflict, "order.decide.late")
		}
		if o.Restored { // I7: nothing is sent for its account until it is decided
			return Change{}, fault.New(fault.Conflict, "order.restoring", "Order", o.ID)
		}
		if o.LockLifted {
			return Change{}, nil
		}
		c := Change{Order: o, From: o.State}
		c.Order.LockLifted = true
		c.Events = []Event{s.event(o.State, fault.Say("order_event.lifted"), by.Name)}
		c.Audit = []audit.Entry{audit.By(by, "order.lock.lift", o.ID).On(o.AccountID).For(o.ID).Ended("ok")}
		return c, nil
	})
}

// carryOut carries out an owner's decision about a candidate.
func (s *Service) carryOut(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	if i := slices.IndexFunc(o.Candidates, func(c Candidate) bool { return c.AdoptAsked != "" }); i >= 0 {
		return s.adoptFound(ctx, l, o, i)
	}
	return s.cancelFound(ctx, l, o)
}

// adoptFound links an order as an owner decided, after a read of it. The console does
// not pay it without a person: a person said whose it is, not the cloud (I2).
func (s *Service) adoptFound(ctx context.Context, l job.Lease, o Order, i int) (job.Next, error) {
	o.Candidates = slices.Clone(o.Candidates)
	k := &o.Candidates[i]
	who := k.AdoptAsked
	leave := func(why string) (job.Next, error) {
		k.AdoptAsked = ""
		c := Change{Order: o, From: o.State, Lease: l, Events: []Event{s.event(o.State, fault.Say(why, "CloudOrder", k.CloudOrderID), "")}}
		_, err := s.save(ctx, c)
		return job.Next{At: s.Now()}, err
	}
	if s.somebodyElses(ctx, o, k.CloudOrderID) {
		return leave("order_event.found.linked")
	}
	access, err := s.Accounts.Access(ctx, o.AccountID)
	w := newWire(access, account.ForPerson)
	if err == nil {
		_, err = s.Billing.Order(ctx, w.access, k.CloudOrderID)
	}
	if err != nil {
		if k.AdoptReads++; k.AdoptReads >= MaxSends {
			return leave("order_event.found.unread")
		}
		_, err := s.save(ctx, Change{Order: o, From: o.State, Lease: l, Exchanges: w.taken()})
		return job.Next{At: s.Now().Add(s.Timing.every(0))}, err
	}
	c := Change{Order: o, From: o.State, Lease: l, Exchanges: w.taken(), Unlinked: k.CloudOrderID, ReadAt: s.Now()}
	c.Order.State, c.Order.Reason = Ordered, fault.Message{}
	c.Order.link(k.CloudOrderID, ByPerson)
	if o.State == NotFound {
		c.Order.Cap = nil // "not found" told them to order again: this one is paid only by a person
	}
	k.AdoptAsked = ""
	c.Events = []Event{s.event(Ordered, fault.Say("order_event.adopted", "CloudOrder", k.CloudOrderID), who)}
	c.Audit = []audit.Entry{audit.By(person.System, "order.adopted", o.ID, k.CloudOrderID).On(o.AccountID).For(o.ID).
		With("confirmed_by", who).Ended("ok")}
	_, err = s.save(ctx, c)
	return job.Next{At: s.Now()}, err
}

// cancelFound cancels the first candidate whose cancellation was asked for, after a
// read that shows it unpaid (class B).
func (s *Service) cancelFound(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	access, err := s.Accounts.Access(ctx, o.AccountID)
	w := newWire(access, account.ForPerson)
	i := slices.IndexFunc(o.Candidates, func(c Candidate) bool { return c.CancelAsked })
	o.Candidates = slices.Clone(o.Candidates)
	k := &o.Candidates[i]
	c := Change{Order: o, From: o.State, Lease: l}
	done := func(id string) (job.Next, error) {
		k.CancelAsked = false
		c.Exchanges = w.taken()
		c.Events = []Event{s.event(o.State, fault.Say(id, "CloudOrder", k.CloudOrderID), "")}
		_, err := s.save(ctx, c)
		return job.Next{At: s.Now()}, err
	}
	var co CloudOrder
	if err == nil {
		co, err = s.Billing.Order(ctx, w.access, k.CloudOrderID)
	}
	if err == nil {
		k.Status = co.Status
	}
	if s.somebodyElses(ctx, o, k.CloudOrderID) {
		return done("order_event.found.linked")
	}
	switch {
	case err == nil && co.Status == StatusCancelled:
		k.Cancelled = true
		return done("order_event.found.cancelled")
	case err == nil && co.Status != StatusPendingPayment:
		return done("order_event.found.paid")
	case k.CancelSends >= MaxSends:
		return done("order_event.found.stuck")
	}
	k.CancelSends++
	if err != nil { // not read, so nothing is sent; it counts as a try, so that the tries end
		c.Exchanges = w.taken()
		_, err := s.save(ctx, c)
		return job.Next{At: s.Now().Add(s.Timing.every(0))}, err
	}
	c.Audit = []audit.Entry{audit.By(person.System, "order.found.cancel.send", o.ID, k.CloudOrderID).On(o.AccountID).For(o.ID).
		With("send", strconv.Itoa(k.CancelSends)).Ended("about to send")}
	c.Unlinked, c.ReadAt = k.CloudOrderID, s.Now()
	if o, err = s.save(ctx, c); err != nil {
		return job.Next{}, err
	}
	ctx = context.WithoutCancel(ctx)
	err = s.Billing.Cancel(ctx, w.access, k.CloudOrderID)
	s.learn(ctx, o.AccountID, account.RightCancel, err)
	outcome, ids := "ok", []string(nil)
	if err != nil {
		outcome, ids = "unknown", nonEmpty(fault.Of(err).RequestID)
	}
	after := Change{Order: o, From: o.State, Lease: l, Exchanges: w.taken(), Audit: []audit.Entry{
		audit.By(person.System, "order.found.cancel.send", o.ID, k.CloudOrderID).On(o.AccountID).For(o.ID).Ended(outcome, ids...)}}
	_, saveErr := s.saveOutcome(ctx, after)
	next := job.Next{At: s.Now()}
	if err != nil {
		next.At = s.Now().Add(s.Timing.every(0))
	}
	return next, saveErr
}
