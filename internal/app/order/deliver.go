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
		if o.State != PartlyDelivered {
			return s.close(ctx, c)
		}
		return s.keepServers(ctx, c, fault.Say("order.partly.refund"))
	case StatusCompleted:
	default:
		c.Exchanges = w.taken()
		if err := s.ahead(ctx, &c.Order); err != nil {
			return job.Next{}, err
		}
		return s.keepServers(ctx, c, statusReason(o.CloudStatus))
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

// compare ends the wait when everything was delivered, or when something is still
// missing after a while. Servers that are there are followed meanwhile.
func (s *Service) compare(ctx context.Context, c Change, got []Resource) (job.Next, error) {
	before := len(c.Order.Delivered)
	c.Order.Delivered = deliveries(c.Order.Delivered, got)
	c.Order.Missing = missing(c.Order.AnsweredIDs, got)
	n, m := len(c.Order.Delivered), c.Order.Request.Quantity
	if n > before {
		created := fault.Say("order_event.created", "N", strconv.Itoa(n), "Of", strconv.Itoa(m))
		c.Events = append(c.Events, s.event(c.Order.State, created, ""))
	}
	if n > before || n >= m {
		s.lookAt(c.Order)
	}
	switch {
	case n >= m:
		if _, err := s.fill(ctx, &c.Order); err != nil {
			return job.Next{}, err
		}
		return s.delivered(ctx, c)
	case c.From == PartlyDelivered || s.Now().Sub(c.Order.StateAt) < s.Timing.Grace:
		return s.keepServers(ctx, c, c.Order.Reason)
	}
	if _, err := s.fill(ctx, &c.Order); err != nil {
		return job.Next{}, err
	}
	c.Order.State = PartlyDelivered
	c.Order.Reason = fault.Say(partlyReason, "N", strconv.Itoa(n), "Of", strconv.Itoa(m))
	c.Events = append(c.Events, s.event(PartlyDelivered, c.Order.Reason, ""))
	c.Audit = append(c.Audit, deliveryAudit(c.Order, string(PartlyDelivered)))
	o, err := s.save(ctx, c)
	return s.sooner(s.pace(o), c.Order), err
}

// keepServers is keep for an order of which not everything is there. It follows the
// servers that are.
func (s *Service) keepServers(ctx context.Context, c Change, why fault.Message) (job.Next, error) {
	n, stood := len(c.Order.Delivered), c.Order.Standing()
	if _, asked := s.looked.Load(c.Order.ID); n > 0 && !asked {
		s.lookAt(c.Order)
	}
	if _, err := s.fill(ctx, &c.Order); err != nil {
		return job.Next{}, err
	}
	if stood < n && c.Order.Standing() == n {
		c.Events = append(c.Events, s.ready(c.Order))
	}
	next, err := s.keep(ctx, c, why)
	return s.sooner(next, c.Order), err
}

// sooner brings the next step forward while a server of the order has not been seen
// with a state and an address.
func (s *Service) sooner(next job.Next, o Order) job.Next {
	if soon := s.Now().Add(s.lookWait(o)); o.Standing() < len(o.Delivered) && soon.Before(next.At) {
		next.At = soon
	}
	return next
}

// ahead adds to the order the instances of the purchase's answer that the
// inventory has already, though the order is still being processed at the cloud.
func (s *Service) ahead(ctx context.Context, o *Order) error {
	if len(o.AnsweredIDs) == 0 {
		return nil
	}
	known, err := s.Inventory.Deliveries(ctx, o.AccountID, o.AnsweredIDs)
	if err != nil {
		return err
	}
	for _, id := range o.AnsweredIDs {
		if k, ok := known[id]; ok && !k.Gone && k.Order == o.CloudOrderID {
			o.Delivered = deliveries(o.Delivered, []Resource{{InstanceID: id}})
		}
	}
	return nil
}

// partlyReason says that less was delivered than ordered, and that the console goes
// on looking.
const partlyReason = "order.partly"

// ready is the line of the timeline that says how many servers were seen with a
// state and an address.
func (s *Service) ready(o Order) Event {
	return s.event(o.State, fault.Say(eventReady, "N", strconv.Itoa(o.Standing()), "Of", strconv.Itoa(o.Request.Quantity)), "")
}

// lookWait is how long to wait before the inventory is asked again about servers
// of the order that have no state or address yet.
func (s *Service) lookWait(o Order) time.Duration {
	since, ok := s.looked.Load(o.ID)
	if !ok {
		return s.Timing.every(0)
	}
	return s.Timing.every(s.Now().Sub(since.(time.Time)))
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
	if c.Order.Stands() {
		c.Events = append(c.Events, s.ready(c.Order))
	}
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

// deliveries adds what billing lists to what was known. What was delivered once
// stays, also when a later listing does not have it.
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

// missing gives the ids of the purchase's answer that the order does not list.
func missing(answered []string, got []Resource) []string {
	var out []string
	for _, id := range answered {
		if !slices.ContainsFunc(got, func(r Resource) bool { return r.InstanceID == id }) {
			out = append(out, id)
		}
	}
	return out
}

// giveUpMissing stops looking for the rest of a partial delivery. A reason other
// than partlyReason, for example a refund, stays.
func (s *Service) giveUpMissing(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	end := fault.Say("order_event.partly.end")
	c := Change{Order: o, From: o.State, Lease: l, Events: []Event{s.event(o.State, end, "")}}
	if o.Reason.ID == partlyReason {
		c.Order.Reason = end
	}
	c.Order.EndedAt = s.Now()
	_, err := s.save(ctx, c)
	return job.Next{Done: true}, err
}

// lookAt has the inventory read the order's instances. The inventory keeps the
// request in memory only, so each process start makes it again.
func (s *Service) lookAt(o Order) {
	s.looked.Store(o.ID, s.Now())
	s.Inventory.AfterOrder(o.AccountID, o.CloudOrderID)
}

// afterwards fills in addresses and states of a delivered order from the local
// inventory until every server has both, for a day at most.
func (s *Service) afterwards(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	if o.State != Delivered {
		s.looked.Delete(o.ID)
		return job.Next{Done: true}, nil
	}
	if _, asked := s.looked.Load(o.ID); !asked && !o.Stands() {
		s.lookAt(o)
	}
	all, err := s.fillIn(ctx, l, o)
	if err != nil {
		return job.Next{}, err
	}
	if all || !s.follows(o) {
		s.looked.Delete(o.ID)
		return job.Next{Done: true}, nil
	}
	return job.Next{At: s.Now().Add(min(s.lookWait(o), s.Timing.Look))}, nil // the inventory is local: asking it makes no call
}

// fillIn stores what the inventory knows of a delivered order, and reports whether
// every server has a state and an address.
func (s *Service) fillIn(ctx context.Context, l job.Lease, o Order) (all bool, err error) {
	c := Change{Order: o, From: o.State, Lease: l}
	changed, err := s.fill(ctx, &c.Order)
	all = c.Order.Stands()
	if err != nil || !changed {
		return all, err
	}
	if all && !o.Stands() {
		c.Events = []Event{s.ready(c.Order)}
	}
	_, err = s.save(ctx, c)
	return all, err
}

// fill takes over what the inventory knows of the order's instances, and reports
// whether anything changed.
func (s *Service) fill(ctx context.Context, o *Order) (changed bool, err error) {
	ids := make([]string, len(o.Delivered))
	for i, d := range o.Delivered {
		ids[i] = d.InstanceID
	}
	known, err := s.Inventory.Deliveries(ctx, o.AccountID, ids)
	if err != nil {
		return false, err
	}
	return o.take(known), nil
}

// take takes over what is known of the order's servers, and reports whether
// anything changed. A server that was ready once stays delivered.
func (o *Order) take(known map[string]Delivery) (changed bool) {
	o.Delivered = slices.Clone(o.Delivered)
	for i := range o.Delivered {
		d := &o.Delivered[i]
		was := *d
		if k, ok := known[d.InstanceID]; ok && !k.Gone {
			d.ServerID, d.Address, d.State = orElse(k.ServerID, d.ServerID), orElse(k.Address, d.Address), orElse(k.State, d.State)
			d.Name, d.Ready = orElse(d.Name, k.Name), d.Ready || d.stands()
			if d.Expires.IsZero() {
				d.Expires = k.Expires
			}
		}
		changed = changed || *d != was
	}
	return changed
}

// stands reports whether the server is there, with a state and an address. One
// that is being created, or failed, is not.
func (d Delivery) stands() bool {
	return d.Address != "" && d.State != "" && d.State != stateBuild && d.State != stateError
}

// The states in which ECS shows a server that is not to be used (cloud-api, 8.10).
const (
	stateBuild = "BUILD"
	stateError = "ERROR"
)

// Standing is how many of the order's servers were seen with a state and an
// address.
func (o Order) Standing() int {
	n := 0
	for _, d := range o.Delivered {
		if d.Ready {
			n++
		}
	}
	return n
}

// Stands reports whether the order is delivered and every server of it was seen
// with a state and an address.
func (o Order) Stands() bool {
	return o.State == Delivered && o.Standing() >= max(o.Request.Quantity, len(o.Delivered))
}

// StoodAt is when every server was first seen with a state and an address, by the
// order's timeline; zero when the timeline does not say.
func StoodAt(all []Event) time.Time {
	for _, e := range all {
		if e.State == Delivered && e.Message.ID == eventReady {
			return e.At
		}
	}
	return time.Time{}
}

// eventReady is the message of the timeline's line made by ready.
const eventReady = "order_event.ready"

// follows reports whether servers of a delivered order are still looked for,
// because they were not seen with state and address yet.
func (s *Service) follows(o Order) bool {
	return o.State == Delivered && !o.Stands() && s.Now().Sub(o.StateAt) < s.Timing.Until
}

// current gives the order with its servers as the inventory knows them now; the
// stored row has them as they were at the delivery.
func (s *Service) current(ctx context.Context, o Order) Order {
	o.Followed = s.follows(o)
	if len(o.Delivered) == 0 {
		return o
	}
	ids := make([]string, len(o.Delivered))
	for i, d := range o.Delivered {
		ids[i] = d.InstanceID
	}
	known, err := s.Inventory.Deliveries(ctx, o.AccountID, ids)
	if err != nil {
		s.Log.WarnContext(ctx, "servers of an order not read from the inventory", "order", o.ID, "err", err)
		return o
	}
	o.take(known)
	removed := false // the account was removed, and with it its part of the inventory
	if slices.ContainsFunc(ids, func(id string) bool { _, ok := known[id]; return !ok }) {
		_, err := s.Accounts.Get(ctx, person.System, o.AccountID)
		removed = fault.Is(err, fault.NotFound)
	}
	for i := range o.Delivered {
		d := &o.Delivered[i]
		if k, ok := known[d.InstanceID]; d.ServerID != "" && (!ok || k.Gone) {
			d.Gone, d.State = !removed, ""
		}
	}
	o.Followed = s.follows(o)
	return o
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
