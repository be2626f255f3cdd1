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

// The order number in the answer to a purchase is not proof (reliability.md §4):
// billing may never show an order with it, or may show somebody else's order.

// shapeOf is what an order of ours is compared with.
func (s *Service) shapeOf(ctx context.Context, o Order) wanted {
	w := wanted{order: o, before: s.Timing.Before, after: s.Timing.After}
	w.first, w.last = s.sent(o)
	if cat, _ := s.catalogOf(ctx, o.AccountID); cat != nil {
		w.spec, _ = cat.Spec(o.Request.Spec)
	}
	return w
}

// notOurs says why what billing shows under the order's number is not what was
// ordered, zero when nothing contradicts it.
func (s *Service) notOurs(ctx context.Context, o Order, co CloudOrder, shape wanted, w *wire) fault.Message {
	if o.Link == ByPerson {
		return fault.Message{} // an owner looked at it
	}
	if fits, _ := shape.judge(co); !fits {
		return fault.Say("order.human.shape", "CloudOrder", o.CloudOrderID)
	}
	if !co.CreatedAt.IsZero() && co.CreatedAt.Before(shape.first.Add(-shape.before)) {
		return fault.Say("order.human.older", "CloudOrder", o.CloudOrderID)
	}
	ids := slices.Clone(o.AnsweredIDs)
	if co.Status == StatusCompleted {
		res, err := s.Billing.Resources(ctx, w.access, o.CloudOrderID)
		if err == nil {
			if v, _ := shape.match(sighting{order: co, resources: res}); v == notOurs {
				return fault.Say("order.human.shape", "CloudOrder", o.CloudOrderID)
			}
		}
		for _, r := range res {
			ids = append(ids, r.InstanceID)
		}
	}
	known, err := s.Inventory.Deliveries(ctx, o.AccountID, ids)
	if err != nil {
		return fault.Message{} // compared again at the next read, and at the delivery
	}
	for _, d := range known {
		if !d.Created.IsZero() && d.Created.Before(shape.first.Add(-shape.before)) || d.Order != "" && d.Order != o.CloudOrderID {
			return fault.Say("order.human.instance", "CloudOrder", o.CloudOrderID, "Name", orElse(d.Name, d.InstanceID))
		}
	}
	return fault.Message{}
}

// unseen follows an order whose number billing does not know. Soon after the
// purchase that is usual. Later the order is also looked for as one of unknown
// outcome is: an order that carries our tag or name replaces the number. In the
// end a person decides.
func (s *Service) unseen(ctx context.Context, l job.Lease, o Order, w *wire) (job.Next, error) {
	now := s.Now()
	age := now.Sub(o.StateAt)
	if age < s.Timing.Unseen {
		return s.readFailed(ctx, l, o, w, fault.New(fault.NotFound, "order.unseen"))
	}
	c := Change{Order: o, From: o.State, Lease: l, Exchanges: w.taken()}
	if o.LastCheckAt.Before(o.StateAt) || now.Sub(o.LastCheckAt) >= s.Timing.Look || age >= s.Timing.Gone {
		f, x, err := s.look(ctx, o)
		if err != nil {
			return job.Next{}, err
		}
		c = s.afterLook(l, o, f, append(c.Exchanges, x...))
		c.Order.Candidates = slices.DeleteFunc(f.candidates, func(k Candidate) bool { return k.CloudOrderID == o.CloudOrderID })
		if id, _ := f.only(); f.verdicts[id] == ours && id != o.CloudOrderID {
			return s.adopt(ctx, c, id, f.link(id))
		}
	}
	if age >= s.Timing.Gone {
		return s.askWhich(ctx, c, fault.Say("order.human.unseen", "CloudOrder", o.CloudOrderID))
	}
	return s.keep(ctx, c, fault.Say("order.unseen", "CloudOrder", o.CloudOrderID))
}

// payingUnseen follows a payment whose order billing does not show any more. When
// the inventory has its instances, it is delivered. After a day an owner may close
// it.
func (s *Service) payingUnseen(ctx context.Context, l job.Lease, o Order, w *wire) (job.Next, error) {
	c := Change{Order: o, From: o.State, Lease: l, Exchanges: w.taken()}
	got, err := s.arrived(ctx, o)
	if err != nil {
		return job.Next{}, err
	}
	if len(got) > 0 {
		c.Order.Delivered = got
		c.Events = append(c.Events, s.event(Paying, fault.Say("order_event.arrived", "N", strconv.Itoa(len(got))), ""))
		defer s.lookAt(c.Order)
		return s.delivered(ctx, c)
	}
	since, why := latest(o.PaySentAt, o.CloudReadAt), "order.pay.unseen"
	if s.Now().Sub(since) >= s.Timing.Until {
		why = payLost
	}
	return s.keep(ctx, c, fault.Say(why, "CloudOrder", o.CloudOrderID, "Since", since.UTC().Format(time.RFC3339)))
}

// arrived gives the order's instances when the inventory has all of them: those
// of the answer, or as many as were ordered that carry our tag.
func (s *Service) arrived(ctx context.Context, o Order) ([]Delivery, error) {
	ids := o.AnsweredIDs
	if len(ids) < o.Request.Quantity && o.IntentTag != "" {
		var err error
		if ids, err = s.Inventory.Tagged(ctx, o.AccountID, TagKey, o.IntentTag); err != nil {
			return nil, err
		}
	}
	known, err := s.Inventory.Deliveries(ctx, o.AccountID, ids)
	if err != nil || len(ids) < o.Request.Quantity || len(known) < len(ids) {
		return nil, err
	}
	var out []Delivery
	for _, id := range ids {
		d := known[id]
		if d.ServerID == "" {
			return nil, nil
		}
		d.InstanceID, d.Ready = id, d.stands()
		out = append(out, d)
	}
	return out, nil
}

// answeredAfterAll resumes an order that a person was asked about because billing
// did not know the number of the purchase's answer: now billing knows it, and the
// order it shows equals the request.
func (s *Service) answeredAfterAll(ctx context.Context, l job.Lease, o Order) (job.Next, bool, error) {
	if o.AnsweredOrder == "" {
		return job.Next{}, false, nil
	}
	access, err := s.Accounts.Access(ctx, o.AccountID)
	if err != nil {
		return job.Next{}, false, nil
	}
	w := newWire(access, account.ForResolve)
	co, err := s.Billing.Order(ctx, w.access, o.AnsweredOrder)
	if err != nil || co.Status == 0 {
		return job.Next{}, false, nil
	}
	shape := s.shapeOf(ctx, o)
	_, proven := shape.judge(co)
	seen := o
	seen.CloudOrderID = o.AnsweredOrder
	if !proven || s.somebodyElses(ctx, o, o.AnsweredOrder) || !s.notOurs(ctx, seen, co, shape, w).Zero() {
		return job.Next{}, false, nil
	}
	c := Change{Order: o, From: o.State, Lease: l, Exchanges: w.taken(), Unlinked: o.AnsweredOrder,
		Events: []Event{s.event(Ordered, fault.Say("order_event.shown", "CloudOrder", o.AnsweredOrder), "")}}
	c.Order.State, c.Order.Reason, c.Order.Candidates = Ordered, fault.Message{}, nil
	c.Order.link(o.AnsweredOrder, ByAnswer)
	_, err = s.save(ctx, c)
	return job.Next{At: s.Now()}, true, err
}

// CloseUnseen ends an order that billing does not show: one that a person was
// asked about, whose answer carried a number or that was paid, or a payment that
// billing has shown nothing of for a day. It needs an owner.
func (s *Service) CloseUnseen(ctx context.Context, by person.Actor, id string) error {
	if !by.May(person.Decide) {
		return errMayNot
	}
	return s.apply(ctx, id, func(o Order) (Change, error) {
		switch {
		case o.State == Closed:
			return Change{}, nil
		case !o.MayClose():
			return Change{}, fault.New(fault.Conflict, "order.decide.late")
		}
		c := Change{Order: o, From: o.State, Nudge: true}
		c.Order.State, c.Order.Reason = Closed, fault.Say("order.closed.declared")
		c.Events = []Event{s.event(Closed, fault.Say("order_event.closed.declared"), by.Name)}
		c.Audit = []audit.Entry{audit.By(by, "order.decide.close", o.ID, orElse(o.CloudOrderID, o.AnsweredOrder)).
			On(o.AccountID).For(o.ID).Ended("ok")}
		return c, nil
	})
}

// MayClose reports whether an owner may end the order although the cloud does
// not say that it is over: what a person was asked about and cannot be "not
// found", or a payment that billing has shown nothing of for a day.
func (o Order) MayClose() bool {
	switch o.State {
	case NeedsHuman:
		return o.AnsweredOrder != "" || o.PaySends > 0
	case Paying:
		return o.Reason.ID == payLost
	}
	return false
}

// payLost is the reason of a payment whose order billing has not shown for a day.
const payLost = "order.pay.lost"
