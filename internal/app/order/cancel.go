package order

import (
	"context"
	"strconv"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/person"
)

// Cancel takes back an order that is queued, which is then not sent. An order that
// waits for its payment is cancelled at the cloud, by the worker, at once. In any
// other state it is fault Conflict "order.cancel.late".
func (s *Service) Cancel(ctx context.Context, by person.Actor, id string, rev int64) error {
	if !by.May(person.Buy) {
		return errMayNot
	}
	return s.apply(ctx, id, func(o Order) (Change, error) {
		c := Change{Order: o, From: o.State, Nudge: true}
		switch {
		case rev > o.Rev:
			return Change{}, errMoved
		case o.State == Cancelled, o.State == AwaitingPayment && !o.CancelAskedAt.IsZero():
			return Change{}, nil // pressed twice
		case o.State == Confirmed:
			c.Order.State, c.Order.Reason = Cancelled, fault.Say("order.cancelled.queued")
			c.Events = []Event{s.event(Cancelled, fault.Say("order_event.cancelled.queued"), by.Name)}
			c.Audit = []audit.Entry{audit.By(by, "order.cancel", o.ID).On(o.AccountID).For(o.ID).Ended("ok")}
		case o.State == AwaitingPayment && !o.PayAskedAt.IsZero():
			return Change{}, fault.New(fault.Conflict, "order.cancel.paying")
		case o.State == AwaitingPayment:
			c.Order.CancelAskedAt, c.Order.CancelAskedBy, c.Order.CancelSends = s.Now(), by.Name, 0
			c.Events = []Event{s.event(o.State, fault.Say("order_event.cancel"), by.Name)}
			c.Audit = []audit.Entry{audit.By(by, "order.cancel", o.ID, o.CloudOrderID).On(o.AccountID).For(o.ID)}
		default:
			return Change{}, fault.New(fault.Conflict, "order.cancel.late")
		}
		return c, nil
	})
}

// cancelUnpaid sends the cancellation of an order that was just read as
// unpaid. It is a safe write (class B): repeated, after a read each time.
func (s *Service) cancelUnpaid(ctx context.Context, l job.Lease, c Change, w *wire) (job.Next, error) {
	o := c.Order
	if o.CancelSends >= MaxSends || s.Now().Sub(o.CancelAskedAt) >= s.Timing.PayHold {
		c.Order.CancelAskedAt, c.Order.CancelAskedBy = time.Time{}, ""
		return s.ask(ctx, c, fault.Say("order.cancel.stuck"))
	}
	c.Order.CancelSends++
	c.Unlinked, c.ReadAt = o.CloudOrderID, o.CloudReadAt
	c.Audit = append(c.Audit, audit.By(person.System, "order.cancel.send", o.ID, o.CloudOrderID).On(o.AccountID).For(o.ID).
		With("send", strconv.Itoa(c.Order.CancelSends)).Ended("about to send"))
	o, err := s.save(ctx, c)
	if err != nil {
		return job.Next{}, err
	}
	ctx = context.WithoutCancel(ctx)
	err = s.Billing.Cancel(ctx, w.access, o.CloudOrderID)
	s.learn(ctx, o.AccountID, account.RightCancel, err)
	after := Change{Order: o, From: AwaitingPayment, Lease: l, Exchanges: w.taken()}
	outcome, ids := "ok", []string(nil)
	if err != nil {
		f := fault.Of(err)
		outcome, ids = "unknown", nonEmpty(f.RequestID)
		after.Order.Code, after.Order.RequestID, after.Order.Detail = f.Code, f.RequestID, f.Detail
		if f.Status == 403 || f.Kind == fault.Forbidden {
			outcome = "refused"
			after.Order.CancelAskedAt, after.Order.CancelAskedBy = time.Time{}, ""
			after.Order.Reason = fault.Say("order.cancel.permission")
			after.Events = []Event{s.event(o.State, after.Order.Reason, "")}
		}
	}
	after.Audit = []audit.Entry{audit.By(person.System, "order.cancel.send", o.ID, o.CloudOrderID).
		On(o.AccountID).For(o.ID).Ended(outcome, ids...)}
	if _, err := s.saveOutcome(ctx, after); err != nil {
		return job.Next{}, err
	}
	if err == nil {
		return job.Next{At: s.Now()}, nil // read what became of it
	}
	return job.Next{At: s.Now().Add(s.Timing.every(0))}, nil
}

// cancelled ends an order whose cancellation was asked for and that the cloud shows
// as cancelled.
func (s *Service) cancelled(ctx context.Context, c Change) (job.Next, error) {
	who := c.Order.CancelAskedBy
	c.Order.State, c.Order.Reason = Cancelled, fault.Say("order.cancelled.unpaid")
	c.Order.CancelAskedAt, c.Order.CancelAskedBy = time.Time{}, ""
	c.Order.PayAskedAt, c.Order.PayAskedBy = time.Time{}, ""
	c.Events = append(c.Events, s.event(Cancelled, fault.Say("order_event.cancelled.unpaid"), who))
	c.Audit = append(c.Audit, audit.By(person.System, "order.cancelled", c.Order.ID, c.Order.CloudOrderID).
		On(c.Order.AccountID).For(c.Order.ID).Ended("ok"))
	_, err := s.save(ctx, c)
	return job.Next{Done: true}, err
}
