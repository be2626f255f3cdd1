package order

import (
	"context"
	"errors"
	"strconv"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/person"
)

// errNoStatus is an answer without a status: it does not say whether the order is
// paid, and counts as a failed read.
var errNoStatus = errors.New("order: the answer has no status")

// follow reads an order under way and acts on what the cloud says.
func (s *Service) follow(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	if o.State == PartlyDelivered && s.Now().Sub(o.StateAt) >= s.Timing.Until {
		return s.giveUpMissing(ctx, l, o)
	}
	access, err := s.Accounts.Access(ctx, o.AccountID)
	if err != nil {
		return s.readFailed(ctx, l, o, nil, err) // disabled or broken: the account's page says so
	}
	lane := account.ForPoll
	if !o.PayAskedAt.IsZero() || !o.CancelAskedAt.IsZero() {
		lane = account.ForPerson
	}
	w := newWire(access, lane)
	w.access.Until = time.Now().Add(s.Timing.Stand) // a call that has not got its turn by then is made in a later step
	co, err := s.Billing.Order(ctx, w.access, o.CloudOrderID)
	w.access.Until = time.Time{}
	s.learn(ctx, o.AccountID, account.RightOrders, err)
	if err == nil && co.Status == 0 {
		err = errNoStatus
	}
	switch {
	case fault.Is(err, fault.NotFound) && o.State == Ordered:
		return s.unseen(ctx, l, o, w)
	case fault.Is(err, fault.NotFound) && o.State == Paying:
		return s.payingUnseen(ctx, l, o, w)
	case err != nil:
		return s.readFailed(ctx, l, o, w, err)
	}
	shape := s.shapeOf(ctx, o)
	if o.State == Ordered {
		if why := s.notOurs(ctx, o, co, shape, w); !why.Zero() {
			return s.askWhich(ctx, Change{Order: o, From: Ordered, Lease: l, Exchanges: w.taken(), Audit: []audit.Entry{
				audit.By(person.System, "order.doubted", o.ID, o.CloudOrderID).On(o.AccountID).For(o.ID).Ended("ok")}}, why)
		}
	}
	fits, proven := shape.judge(co)
	if o.State == Delivering && co.Status == StatusCompleted && o.CloudStatus != StatusCompleted {
		o.StateAt = s.Now() // the resources may be listed a little later: Grace counts from here
	}
	o = o.with(co, s.Now())
	amount := paidOf(o)
	switch o.State {
	case Ordered:
		return s.followOrdered(ctx, l, o, w, amount)
	case AwaitingPayment:
		return s.followUnpaid(ctx, l, o, w, amount, fits, proven)
	case Paying:
		return s.followPaying(ctx, l, o, w, amount, fits, proven)
	}
	return s.followDelivery(ctx, l, o, w, amount)
}

// with takes over what was read of the cloud's order.
func (o Order) with(co CloudOrder, now time.Time) Order {
	o.CloudStatus, o.CloudReadAt = co.Status, now
	if co.Amount != nil || co.Status == StatusPendingPayment { // an unpaid order is paid at the amount of this read only
		o.Amount = co.Amount
	}
	if co.Official != nil {
		o.Official = co.Official
	}
	if !co.PayBy.IsZero() {
		o.PayBy = co.PayBy
	}
	if !co.PaidAt.IsZero() {
		o.PaidAt = co.PaidAt
	}
	return o
}

// paidOf is the exact amount that was read, for Change.Amount; nil when there is none.
func paidOf(o Order) *Paid {
	if o.Amount == nil || o.CloudReadAt.IsZero() {
		return nil
	}
	return &Paid{At: o.CloudReadAt, Amount: *o.Amount, OrderID: o.ID}
}

// pace is when an order under way is read again.
func (s *Service) pace(o Order) job.Next {
	now := s.Now()
	next := job.Next{At: now.Add(s.Timing.every(now.Sub(o.StateAt)))}
	if o.State == AwaitingPayment && o.PayBy.After(now) && o.PayBy.Before(next.At) {
		next.At = o.PayBy.Add(time.Second) // then the cloud ends it
	}
	return next
}

// readFailed keeps the state: a failed read says nothing about an order. A payment
// that could not be sent for long is taken back, so that it is not made later by
// surprise (I6).
func (s *Service) readFailed(ctx context.Context, l job.Lease, o Order, w *wire, err error) (job.Next, error) {
	s.Log.InfoContext(ctx, "order not read", "order", o.ID, "cloud_order", o.CloudOrderID, "err", err)
	c := Change{Order: o, From: o.State, Lease: l, Exchanges: w.taken()}
	if s.takeBack(&c) {
		_, err := s.save(ctx, c)
		return s.pace(o), err
	}
	if err := s.Store.Log(ctx, o.ID, c.Exchanges); err != nil {
		return job.Next{}, err
	}
	next := s.pace(o)
	if !o.PayAskedAt.IsZero() || !o.CancelAskedAt.IsZero() {
		next.At = s.Now().Add(s.Timing.every(0))
	}
	return next, nil
}

// takeBack takes back payments and cancellations that waited too long to be sent.
func (s *Service) takeBack(c *Change) bool {
	now, took := s.Now(), false
	if at := c.Order.PayAskedAt; !at.IsZero() && now.Sub(at) >= s.Timing.PayHold {
		c.Order.PayAskedAt, c.Order.PayAskedBy = time.Time{}, ""
		c.Order.Reason = fault.Say(payUnsent)
		c.Events = append(c.Events, s.event(c.Order.State, c.Order.Reason, ""))
		took = true
	}
	if at := c.Order.CancelAskedAt; !at.IsZero() && now.Sub(at) >= s.Timing.PayHold {
		c.Order.CancelAskedAt, c.Order.CancelAskedBy = time.Time{}, ""
		c.Order.Reason = fault.Say("order.cancel.unsent")
		c.Events = append(c.Events, s.event(c.Order.State, c.Order.Reason, ""))
		took = true
	}
	return took
}

// followOrdered looks for the amount. A new order may not be visible yet, and
// one that is being prepared may still turn out unpaid.
func (s *Service) followOrdered(ctx context.Context, l job.Lease, o Order, w *wire, amount *Paid) (job.Next, error) {
	c := Change{Order: o, From: Ordered, Lease: l, Exchanges: w.taken(), Amount: amount}
	c.Order.Candidates = nil // found while billing did not show the order
	switch o.CloudStatus {
	case StatusPendingPayment:
		c.Order.State = AwaitingPayment
		c.Order.Reason = fault.Message{}
		if o.Request.Payment == DeductAtOnce {
			c.Order.Reason = fault.Say("order.deduct.unpaid")
		}
		c.Events = []Event{s.event(AwaitingPayment, priceEvent(o), "")}
	case StatusCancelled, StatusPendingRefund:
		return s.close(ctx, c)
	case StatusCompleted:
		c.Order.State = Delivering
		c.Events = []Event{s.paidEvent(c.Order)}
	default:
		if o.Request.Payment != DeductAtOnce && o.PaidAt.IsZero() { // it is not paid, however long it takes
			return s.keep(ctx, c, statusReason(o.CloudStatus))
		}
		c.Order.State, c.Order.Reason = Delivering, statusReason(o.CloudStatus)
		c.Events = []Event{s.paidEvent(c.Order)}
	}
	_, err := s.save(ctx, c)
	return job.Next{At: s.Now()}, err
}

// priceEvent says what the cloud wants.
func priceEvent(o Order) fault.Message {
	if o.Amount == nil {
		return fault.Say("order_event.unpaid")
	}
	return fault.Say("order_event.amount", "Money", money(*o.Amount))
}

// paidEvent says that the order needs no payment any more.
func (s *Service) paidEvent(o Order) Event {
	if o.Amount == nil {
		return s.event(Delivering, fault.Say("order_event.paid"), "")
	}
	return s.event(Delivering, fault.Say("order_event.paid.amount", "Money", money(*o.Amount)), "")
}

// keep stays in the state and comes back at the pace of its age.
func (s *Service) keep(ctx context.Context, c Change, reason fault.Message) (job.Next, error) {
	if reason.ID != c.Order.Reason.ID {
		c.Order.Reason = reason
		if !reason.Zero() {
			c.Events = append(c.Events, s.event(c.Order.State, reason, ""))
		}
	}
	_, err := s.save(ctx, c)
	return s.pace(c.Order), err
}

// close ends an order that the cloud cancelled or is refunding.
func (s *Service) close(ctx context.Context, c Change) (job.Next, error) {
	c.Order.Reason = closedReason(c.Order, c.Order.CloudStatus)
	c.Order.State = Closed
	c.Order.PayAskedAt, c.Order.PayAskedBy = time.Time{}, ""
	c.Order.CancelAskedAt, c.Order.CancelAskedBy = time.Time{}, ""
	c.Events = append(c.Events, s.event(Closed, c.Order.Reason, ""))
	c.Audit = append(c.Audit, audit.By(person.System, "order.closed", c.Order.ID).On(c.Order.AccountID).For(c.Order.ID).
		With("cloud_status", strconv.Itoa(c.Order.CloudStatus)).Ended("ok"))
	_, err := s.save(ctx, c)
	return job.Next{Done: true}, err
}

// followUnpaid does what people asked for with an unpaid order: cancel it, pay it,
// or nothing yet.
func (s *Service) followUnpaid(ctx context.Context, l job.Lease, o Order, w *wire, amount *Paid, fits, proven bool) (job.Next, error) {
	c := Change{Order: o, From: AwaitingPayment, Lease: l, Exchanges: w.taken(), Amount: amount}
	switch {
	case o.CloudStatus == StatusCancelled && !o.CancelAskedAt.IsZero():
		return s.cancelled(ctx, c)
	case o.CloudStatus == StatusCancelled, o.CloudStatus == StatusPendingRefund:
		return s.close(ctx, c)
	case o.CloudStatus != StatusPendingPayment:
		return s.foundPaid(ctx, c)
	case !o.CancelAskedAt.IsZero():
		return s.cancelUnpaid(ctx, l, c, w)
	case !o.PayAskedAt.IsZero():
		return s.pay(ctx, l, c, w, o.PayAskedBy)
	case o.Request.Payment == AtMost && o.PaySends == 0 && o.Reason.Zero():
		return s.payByItself(ctx, l, c, w, fits, proven)
	}
	_, err := s.save(ctx, c)
	return s.pace(o), err
}

// foundPaid goes on with an order that was paid, here or at Huawei.
func (s *Service) foundPaid(ctx context.Context, c Change) (job.Next, error) {
	c.Order.State, c.Order.Reason = Delivering, fault.Message{}
	if !c.Order.CancelAskedAt.IsZero() {
		c.Order.Reason = fault.Say("order.cancel.paid")
	}
	c.Order.PayAskedAt, c.Order.PayAskedBy = time.Time{}, ""
	c.Order.CancelAskedAt, c.Order.CancelAskedBy = time.Time{}, ""
	c.Events = append(c.Events, s.paidEvent(c.Order))
	if !c.Order.Reason.Zero() {
		c.Events = append(c.Events, s.event(Delivering, c.Order.Reason, ""))
	}
	_, err := s.save(ctx, c)
	return job.Next{At: s.Now()}, err
}
