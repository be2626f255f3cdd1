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

// followDelivery waits for what was paid, and compares what the order brought
// with what was wanted and with the ids of the purchase's answer.
func (s *Service) followDelivery(ctx context.Context, l job.Lease, o Order, w *wire, amount *Paid) (job.Next, error) {
	c := Change{Order: o, From: o.State, Lease: l, Amount: amount}
	switch o.CloudStatus {
	case StatusCancelled, StatusPendingRefund:
		c.Exchanges = w.taken()
		if o.State == PartlyDelivered {
			return s.keep(ctx, c, fault.Say("order.partly.refund"))
		}
		return s.close(ctx, c)
	case StatusCompleted:
	default:
		c.Exchanges = w.taken()
		return s.keep(ctx, c, statusReason(o.CloudStatus))
	}
	got, err := s.Billing.Resources(ctx, w.access, o.CloudOrderID)
	s.learn(ctx, o.AccountID, account.RightOrders, err)
	c.Exchanges = w.taken()
	if err != nil {
		s.Log.InfoContext(ctx, "delivery not read", "order", o.ID, "err", err)
		_, err := s.save(ctx, c)
		return s.pace(o), err
	}
	return s.compare(ctx, c, got)
}

// compare ends the wait: all there, or not all of it after a while.
func (s *Service) compare(ctx context.Context, c Change, got []Resource) (job.Next, error) {
	before := len(c.Order.Delivered)
	c.Order.Delivered = deliveries(c.Order.Delivered, got)
	c.Order.Missing = missing(c.Order.AnsweredIDs, got)
	n, m := len(c.Order.Delivered), c.Order.Request.Quantity
	if n > before {
		c.Events = append(c.Events, s.event(c.Order.State, fault.Say("order_event.created", "N", strconv.Itoa(n), "Of", strconv.Itoa(m)), ""))
	}
	if n > before || n >= m {
		defer s.lookAt(c.Order)
	}
	if n >= m {
		return s.delivered(ctx, c)
	}
	if c.From == PartlyDelivered || s.Now().Sub(c.Order.StateAt) < s.Timing.Grace {
		return s.keep(ctx, c, c.Order.Reason)
	}
	c.Order.State = PartlyDelivered
	c.Order.Reason = fault.Say("order.partly", "N", strconv.Itoa(n), "Of", strconv.Itoa(m))
	c.Events = append(c.Events, s.event(PartlyDelivered, c.Order.Reason, ""))
	c.Audit = append(c.Audit, deliveryAudit(c.Order, "partly delivered"))
	o, err := s.save(ctx, c)
	return s.pace(o), err
}

func (s *Service) delivered(ctx context.Context, c Change) (job.Next, error) {
	c.Order.State, c.Order.Reason = Delivered, fault.Message{}
	if len(c.Order.Missing) > 0 {
		c.Order.Reason = fault.Say("order.delivered.other", "N", strconv.Itoa(len(c.Order.Missing)))
		c.Events = append(c.Events, s.event(Delivered, c.Order.Reason, ""))
	}
	c.Events = append(c.Events, s.event(Delivered, fault.Say("order_event.delivered",
		"N", strconv.Itoa(len(c.Order.Delivered)), "Of", strconv.Itoa(c.Order.Request.Quantity)), ""))
	c.Audit = append(c.Audit, deliveryAudit(c.Order, "ok"))
	_, err := s.save(ctx, c)
	return job.Next{At: s.Now().Add(s.Timing.every(0))}, err
}

func deliveryAudit(o Order, outcome string) audit.Entry {
	ids := []string{o.ID, o.CloudOrderID}
	for _, d := range o.Delivered {
		ids = append(ids, d.InstanceID)
	}
	return audit.By(person.System, "order.delivered", ids...).On(o.AccountID).For(o.ID).Ended(outcome)
}

// deliveries adds what billing lists to what was known; nothing that was once
// delivered is dropped because one listing lacks it.
func deliveries(known []Delivery, got []Resource) []Delivery {
	out := slices.Clone(known)
	for _, r := range got {
		i := slices.IndexFunc(out, func(d Delivery) bool { return d.InstanceID == r.InstanceID })
		if i < 0 {
			i = len(out)
			out = append(out, Delivery{InstanceID: r.InstanceID})
		}
		if r.Name != "" {
			out[i].Name = r.Name
		}
		if !r.Expires.IsZero() {
			out[i].Expires = r.Expires
		}
	}
	return out
}

// missing gives the ids of the purchase's answer that the order did not bring.
func missing(answered []string, got []Resource) []string {
	var out []string
	for _, id := range answered {
		if !slices.ContainsFunc(got, func(r Resource) bool { return r.InstanceID == id }) {
			out = append(out, id)
		}
	}
	return out
}

// giveUpMissing ends the watch over a partial delivery.
func (s *Service) giveUpMissing(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	c := Change{Order: o, From: o.State, Lease: l, Events: []Event{s.event(o.State, fault.Say("order_event.partly.end"), "")}}
	c.Order.EndedAt = s.Now()
	_, err := s.save(ctx, c)
	return job.Next{Done: true}, err
}

// lookAt has the inventory read what the order brought. It keeps that wish in
// memory only, so a process that did not voice it itself does it again.
func (s *Service) lookAt(o Order) {
	s.looked.Store(o.ID, s.Now())
	s.Inventory.AfterOrder(o.AccountID, o.CloudOrderID)
}

// afterwards fills in addresses and states of what was delivered from the local
// inventory, for as long as servers usually need to come up.
func (s *Service) afterwards(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	if o.State != Delivered {
		return job.Next{Done: true}, nil
	}
	if _, asked := s.looked.Load(o.ID); !asked {
		s.lookAt(o)
	}
	all, err := s.fillIn(ctx, l, o)
	if err != nil {
		return job.Next{}, err
	}
	since, _ := s.looked.Load(o.ID)
	if all || s.Now().Sub(since.(time.Time)) >= s.Timing.Poll[len(s.Timing.Poll)-1].Until {
		s.looked.Delete(o.ID)
		return job.Next{Done: true}, nil
	}
	return job.Next{At: s.Now().Add(s.Timing.every(s.Now().Sub(o.StateAt)))}, nil
}

// fillIn stores what the inventory knows of a delivered order, and reports
// whether every instance is up.
func (s *Service) fillIn(ctx context.Context, l job.Lease, o Order) (all bool, err error) {
	c := Change{Order: o, From: o.State, Lease: l}
	ready, changed, err := s.fill(ctx, &c.Order)
	all = ready == len(o.Delivered)
	if err != nil || !changed {
		return all, err
	}
	if all {
		n := strconv.Itoa(ready)
		c.Events = []Event{s.event(Delivered, fault.Say("order_event.ready", "N", n, "Of", n), "")}
	}
	_, err = s.save(ctx, c)
	return all, err
}

// fill takes over what the inventory knows of the order's instances.
func (s *Service) fill(ctx context.Context, o *Order) (ready int, changed bool, err error) {
	ids := make([]string, len(o.Delivered))
	for i, d := range o.Delivered {
		ids[i] = d.InstanceID
	}
	known, err := s.Inventory.Deliveries(ctx, o.AccountID, ids)
	if err != nil {
		return 0, false, err
	}
	o.Delivered = slices.Clone(o.Delivered)
	for i := range o.Delivered {
		d := &o.Delivered[i]
		was := *d
		if k, ok := known[d.InstanceID]; ok {
			d.ServerID, d.Address, d.State = orElse(k.ServerID, d.ServerID), orElse(k.Address, d.Address), orElse(k.State, d.State)
			d.Name, d.Ready = orElse(d.Name, k.Name), d.Address != "" && d.State == "ACTIVE"
			if d.Expires.IsZero() {
				d.Expires = k.Expires
			}
		}
		changed = changed || *d != was
		if d.Ready {
			ready++
		}
	}
	return ready, changed, nil
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
