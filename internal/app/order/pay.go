package order

import (
	"context"
	"slices"
	"strconv"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/person"
)

// MaxSends is how often a payment or a cancellation may be sent: once, and two
// repeats, each after a read (reliability.md §5, classes B and C).
const MaxSends = 3

// Pay records that the actor agrees to pay the order for the amount that the
// button carried. The worker sends the payment at once, after reading the order
// again. Pressing the button twice pays once.
//
// Fault Conflict "order.pay.changed" when the amount is not the one last read,
// or the order does not wait for a payment any more. rev is the revision that
// the page showed; a newer one does no harm while state and amount are the same.
func (s *Service) Pay(ctx context.Context, by person.Actor, id string, amount Money, rev int64) error {
	if !by.May(person.Buy) {
		return errMayNot
	}
	return s.apply(ctx, id, func(o Order) (Change, error) {
		switch {
		case rev > o.Rev:
			return Change{}, errMoved
		case o.State == Paying, o.State == AwaitingPayment && !o.PayAskedAt.IsZero():
			return Change{}, nil // pressed twice
		case o.State != AwaitingPayment, o.Amount == nil, !same(*o.Amount, amount):
			return Change{}, fault.New(fault.Conflict, "order.pay.changed")
		case !o.CancelAskedAt.IsZero():
			return Change{}, fault.New(fault.Conflict, "order.pay.cancelling")
		}
		c := Change{Order: o, From: o.State, Nudge: true}
		c.Order.Cap, c.Order.PayAskedAt, c.Order.PayAskedBy = &amount, s.Now(), by.Name
		c.Order.Reason, c.Order.Code, c.Order.Detail = fault.Message{}, "", ""
		c.Order.PaySends = 0
		c.Events = []Event{s.event(o.State, fault.Say("order_event.pay", "Money", money(amount)), by.Name)}
		c.Audit = []audit.Entry{audit.By(by, "order.pay", o.ID, o.CloudOrderID).On(o.AccountID).For(o.ID).With("amount", money(amount))}
		return c, nil
	})
}

// The lines of the timeline about a payment that is about to leave, and that left.
const (
	eventPaying  = "order_event.paying"
	eventPaySent = "order_event.pay.sent"
)

// Sent is what is known of the last payment of an order that is being paid.
type Sent string

// What may be known.
const (
	OnItsWay  Sent = "on its way" // about to be sent, or waiting for its turn
	HasLeft   Sent = "sent"
	NotTaken  Sent = "not taken" // it was not sent, or Huawei did not take it now: repeated after a read
	SentOrNot Sent = "unknown"   // it was about to be sent long ago, and nothing shows whether it was
)

// payTakes is how long a payment may be about to be sent: a minute for its turn, a
// minute for a sign-in and a minute for the call.
const payTakes = 3 * time.Minute

// PaymentOf tells from the timeline what is known of the last payment.
func PaymentOf(o Order, all []Event, now time.Time) Sent {
	if o.Reason.ID == payLater {
		return NotTaken
	}
	var began time.Time
	for _, e := range slices.Backward(all) {
		if e.Message.ID == eventPaySent {
			return HasLeft
		}
		if e.Message.ID == eventPaying {
			began = e.At
			break
		}
	}
	if now.Sub(began) >= payTakes {
		return SentOrNot
	}
	return OnItsWay
}

// payLater is the reason of a payment that was not executed and is repeated.
const payLater = "order.pay.later"

// Refusal is why an order is still unpaid after a payment.
type Refusal string

// The refusals.
const (
	NoRefusal  Refusal = ""
	PayRefused Refusal = "refused" // Huawei said no
	PayUnsent  Refusal = "unsent"  // it could not be sent, and was taken back
	PayStuck   Refusal = "stuck"   // it was sent, and Huawei still shows the order as unpaid
)

// PayFailed is why the last payment of an unpaid order failed, as long as nobody has
// asked for another one.
func (o Order) PayFailed() Refusal {
	if o.State != AwaitingPayment || !o.PayAskedAt.IsZero() || !o.CancelAskedAt.IsZero() {
		return NoRefusal
	}
	switch id := o.Reason.ID; {
	case id == payUnsent:
		return PayUnsent
	case id == payStuck:
		return PayStuck
	case refusesPayment(id):
		return PayRefused
	}
	return NoRefusal
}

const (
	payUnsent = "order.pay.unsent"
	payStuck  = "order.pay.stuck"
)

func same(a, b Money) bool { return a.Currency == b.Currency && a.Amount.Equal(b.Amount) }

// within reports whether an amount may be paid under a cap.
func within(amount, limit *Money) bool {
	return amount != nil && limit != nil && amount.Currency == limit.Currency && limit.Currency != "" &&
		!amount.Amount.IsNegative() && !amount.Amount.GreaterThan(limit.Amount)
}

// apply makes a person's change to the order as it is stored now. When a worker
// changes the order at the same time, it reads the order again and tries again. A
// Change without an order writes nothing.
func (s *Service) apply(ctx context.Context, id string, act func(Order) (Change, error)) error {
	for range 20 {
		o, err := s.Store.Order(ctx, id)
		if err != nil {
			return gone(err)
		}
		c, err := act(o)
		if err != nil || c.Order.ID == "" {
			return err
		}
		if _, err = s.save(ctx, c); !fault.Is(err, fault.Conflict) || fault.Of(err).Message.ID == linkedElsewhere {
			return err
		}
	}
	return errMoved
}

// linkedElsewhere is the fault of acting on a cloud's order that another intent is
// linked to. It does not help to try again.
const linkedElsewhere = "order.found.linked"

// saveOutcome writes the outcome of a call. While the call was under way, somebody
// may have pressed Check now or decided about a candidate: the outcome is written
// onto the row as it is stored now.
func (s *Service) saveOutcome(ctx context.Context, c Change) (o Order, err error) {
	for range 20 {
		if o, err = s.save(ctx, c); !fault.Is(err, fault.Conflict) {
			break
		}
		now, readErr := s.Store.Order(ctx, c.Order.ID)
		switch {
		case readErr != nil, now.Rev == c.Order.Rev: // not read, or the lease is lost
			return o, err
		case c.From == NeedsHuman, c.From == NotFound: // only a line of the audit
			c.Order, c.From = now, now.State
		case now.State == c.From:
			c.Order.Rev, c.Order.NextCheckAt = now.Rev, now.NextCheckAt
		default:
			return o, err
		}
	}
	return o, err
}

func gone(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "order.gone")
	}
	return err
}

// payByItself pays in the mode "buy now, at most X", or asks when the amount
// is higher, not known or in another currency.
func (s *Service) payByItself(ctx context.Context, l job.Lease, c Change, w *wire, fits, proven bool) (job.Next, error) {
	o := c.Order
	switch {
	case o.Cap == nil:
		return s.ask(ctx, c, fault.Say("order.late"))
	case !o.Link.Sure():
		return s.ask(ctx, c, fault.Say("order.pay.likeness"))
	case !fits:
		return s.ask(ctx, c, fault.Say("order.pay.shape"))
	case !proven:
		return s.ask(ctx, c, fault.Say("order.pay.unproven"))
	case s.outdated(o.CreatedAt):
		return s.ask(ctx, c, fault.Say("order.pay.stale"))
	case o.Amount == nil:
		return s.keep(ctx, c, fault.Message{}) // no amount yet: read again
	case !within(o.Amount, o.Cap) && o.Amount.Currency != o.Cap.Currency:
		return s.ask(ctx, c, fault.Say("order.cap.other", "Money", money(*o.Amount), "Cap", money(*o.Cap)))
	case !within(o.Amount, o.Cap):
		return s.ask(ctx, c, fault.Say("order.cap.more", "Money", money(*o.Amount), "Cap", money(*o.Cap)))
	}
	return s.pay(ctx, l, c, w, o.PersonName)
}

// outdated reports whether a person's agreement of then is too old to pay without
// asking again: a console that was down for days, or an order that was adopted
// late, must not pay by surprise (I6).
func (s *Service) outdated(then time.Time) bool { return s.Now().Sub(then) >= s.Timing.Alone }

// ask leaves the order unpaid and says why a person has to decide.
func (s *Service) ask(ctx context.Context, c Change, why fault.Message) (job.Next, error) {
	c.Order.State, c.Order.Reason = AwaitingPayment, why
	c.Order.PayAskedAt, c.Order.PayAskedBy = time.Time{}, ""
	c.Events = append(c.Events, s.event(AwaitingPayment, why, ""))
	_, err := s.save(ctx, c)
	return s.pace(c.Order), err
}

// pay commits Paying and sends the payment once. The order has just been read:
// status 6, and its amount is compared with the cap here (I2).
func (s *Service) pay(ctx context.Context, l job.Lease, c Change, w *wire, who string) (job.Next, error) {
	o := c.Order
	switch {
	case o.CloudStatus != StatusPendingPayment:
		return job.Next{At: s.Now()}, nil
	case !within(o.Amount, o.Cap):
		why := fault.Say("order.pay.unpriced")
		if o.Amount != nil {
			why = fault.Say("order.pay.more", "Money", money(*o.Amount))
		}
		return s.ask(ctx, c, why)
	case !o.PayAskedAt.IsZero() && s.Now().Sub(o.PayAskedAt) >= s.Timing.PayHold && o.State == AwaitingPayment:
		return s.ask(ctx, c, fault.Say(payUnsent))
	case s.unrecorded.Load() > 0 || ctx.Err() != nil:
		return job.Next{At: s.Now().Add(s.Timing.Queue)}, nil
	}
	kin, err := s.Accounts.Kin(ctx, o.AccountID)
	if err != nil {
		return job.Next{}, err
	}
	c.Spending, c.Kin, c.Unlinked, c.ReadAt = true, kin, o.CloudOrderID, o.CloudReadAt
	c.Order.State, c.Order.PaySentAt, c.Order.PaySends = Paying, s.Now(), o.PaySends+1
	c.Order.Reason, c.Order.Code, c.Order.RequestID, c.Order.Detail = fault.Message{}, "", "", ""
	c.Order.PayAskedAt, c.Order.PayAskedBy = time.Time{}, ""
	c.Events = append(c.Events, s.event(Paying, fault.Say(eventPaying, "Money", money(*o.Amount)), ""))
	c.Audit = append(c.Audit, audit.By(person.System, "order.pay.send", o.ID, o.CloudOrderID).On(o.AccountID).For(o.ID).
		With("amount", money(*o.Amount)).With("cap", money(*o.Cap)).With("confirmed_by", who).
		With("send", strconv.Itoa(c.Order.PaySends)).Ended("about to send"))
	paying, err := s.save(ctx, c)
	if h, ok := held(err); ok {
		next, err := s.keep(ctx, Change{Order: o, From: o.State, Lease: l}, fault.Say("order.held."+h.Why))
		next.At = s.Now().Add(s.Timing.Queue)
		return next, err
	}
	if err != nil {
		return job.Next{}, err
	}
	return s.sendPayment(ctx, l, paying, w)
}

// sendPayment makes the call. Its answer does not say whether the order is paid:
// only reading the order does. A definite refusal leaves the decision to a person.
func (s *Service) sendPayment(ctx context.Context, l job.Lease, o Order, w *wire) (job.Next, error) {
	ctx = context.WithoutCancel(ctx)
	w.access.Lane, w.access.Until = account.ForPerson, time.Now().Add(s.Timing.Turn) // by the machine's clock
	err := s.Billing.Pay(ctx, w.access, o.CloudOrderID)
	s.learn(ctx, o.AccountID, account.RightPay, err)
	c := Change{Order: o, From: Paying, Lease: l}
	if at, left := w.sent(callPay); err == nil || left {
		e := s.event(Paying, fault.Say(eventPaySent, "Money", money(*o.Amount)), "")
		if left {
			e.At = at
		}
		c.Events = append(c.Events, e)
	}
	c.Exchanges = w.taken()
	c.Order.PaySentAt = s.Now() // it may have waited: the time until a repeat counts from here
	outcome, ids := "ok", []string(nil)
	if err != nil {
		f := fault.Of(err)
		ids = nonEmpty(f.RequestID)
		outcome = "unknown"
		c.Order.Code, c.Order.RequestID, c.Order.Detail = f.Code, f.RequestID, f.Detail
		switch {
		case payInProgress(f.Code), f.Kind == fault.Conflict: // somebody has paid, or is paying: read
		case f.Kind == fault.Refused && f.Status != statusTooManyRequests || f.Kind == fault.Forbidden || f.Kind == fault.NotFound:
			outcome, c.Order.State, c.Order.Reason = "refused", AwaitingPayment, payReason(f)
		case f.Kind == fault.Unreachable, f.Kind == fault.Busy, f.Status == statusTooManyRequests:
			outcome, c.Order.Reason = "refused", fault.Say(payLater) // not executed: repeated after a read
		default:
			c.Order.Reason = fault.Say("order.pay.unclear")
		}
		if !c.Order.Reason.Zero() {
			c.Events = append(c.Events, s.event(c.Order.State, c.Order.Reason, ""))
		}
	}
	c.Audit = []audit.Entry{audit.By(person.System, "order.pay.send", o.ID, o.CloudOrderID).
		On(o.AccountID).For(o.ID).Ended(outcome, ids...)}
	if _, err := s.saveOutcome(ctx, c); err != nil {
		return job.Next{}, err // the row says Paying: the next step reads the order
	}
	if c.Order.State == AwaitingPayment {
		return s.pace(c.Order), nil
	}
	return job.Next{At: s.Now().Add(s.Timing.every(0))}, nil
}

// followPaying reads the order until its status is not 6 (unpaid) any more. When it
// is still 6 two minutes after a payment, the payment had no effect and is repeated.
// After two repeats a person decides.
func (s *Service) followPaying(ctx context.Context, l job.Lease, o Order, w *wire, amount *Paid, fits, proven bool) (job.Next, error) {
	c := Change{Order: o, From: Paying, Lease: l, Exchanges: w.taken(), Amount: amount}
	switch {
	case o.CloudStatus == StatusCancelled, o.CloudStatus == StatusPendingRefund:
		c.Order.State = AwaitingPayment // from there it closes: the table of reliability.md §4 has no direct step
		_, err := s.save(ctx, c)
		return job.Next{At: s.Now()}, err
	case o.CloudStatus != StatusPendingPayment:
		return s.foundPaid(ctx, c)
	case s.Now().Sub(o.PaySentAt) < s.Timing.Paid:
		_, err := s.save(ctx, c)
		return job.Next{At: s.Now().Add(s.Timing.every(s.Now().Sub(o.PaySentAt)))}, err
	case s.outdated(o.PaySentAt):
		return s.ask(ctx, c, fault.Say("order.pay.stale"))
	case !fits:
		return s.ask(ctx, c, fault.Say("order.pay.shape"))
	case !o.Link.Sure(): // the person who pressed Pay is asked again
		return s.ask(ctx, c, fault.Say("order.pay.likeness"))
	case o.Request.Payment == AtMost && !proven:
		return s.ask(ctx, c, fault.Say("order.pay.unproven"))
	case o.PaySends < MaxSends:
		return s.pay(ctx, l, c, w, o.PersonName)
	}
	return s.ask(ctx, c, fault.Say(payStuck))
}
