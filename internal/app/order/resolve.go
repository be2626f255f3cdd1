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

// windowEnd is how far into the future a listing reaches (cloud-api, 15.1).
const windowEnd = time.Minute

// maxDetails bounds how many orders one look reads in detail.
const maxDetails = 50

// finding is what one look found.
type finding struct {
	conclusive bool // every listing answered: nothing seen means nothing there
	orders     int
	candidates []Candidate
	verdicts   map[string]verdict
	taken      map[string]bool // cloud orders that are linked to other orders of ours
}

// lookFor looks for the order of an intent of unknown outcome (reliability.md
// §3.8), or keeps watching for one that turns up late.
func (s *Service) lookFor(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	now := s.Now()
	if slices.ContainsFunc(o.Candidates, func(c Candidate) bool { return c.CancelAsked }) {
		return s.cancelFound(ctx, l, o)
	}
	if !o.NextCheckAt.IsZero() && now.Before(o.NextCheckAt) {
		return job.Next{At: o.NextCheckAt}, nil
	}
	f, x, err := s.look(ctx, o)
	if err != nil {
		return job.Next{}, err
	}
	now = s.Now()
	c := Change{Order: o, From: o.State, Lease: l, Exchanges: x}
	c.Order.Checks++
	c.Order.LastCheckAt = now
	c.Check = &Check{At: now, Conclusive: f.conclusive, Orders: f.orders, Candidates: len(f.candidates), Message: lookMessage(f)}
	if o.State == NotFound {
		return s.watched(ctx, c, f, o.Candidates)
	}
	return s.resolved(ctx, c, f)
}

func lookMessage(f finding) fault.Message {
	switch {
	case !f.conclusive:
		return fault.Say("order.check.silent")
	case len(f.candidates) == 0:
		return fault.Say("order.check.none")
	}
	return fault.Say("order.check.some", "N", strconv.Itoa(len(f.candidates)))
}

// resolved decides on an unknown outcome: adopt the one order that is ours, ask
// when it cannot be told, and say "not found" only after a last look that saw
// everything.
func (s *Service) resolved(ctx context.Context, c Change, f finding) (job.Next, error) {
	now := s.Now()
	c.Order.Candidates = f.candidates
	id, several := f.only()
	last := !now.Before(c.Order.CheckUntil)
	switch {
	case id != "":
		return s.adopt(ctx, c, id, "")
	case several, last && f.conclusive && len(f.candidates) > 0:
		c.Order.State, c.Order.Reason = NeedsHuman, fault.Say("order.human", "N", strconv.Itoa(len(f.candidates)))
		c.Order.NextCheckAt = now.Add(s.Timing.Watch)
		c.Events = append(c.Events, s.event(NeedsHuman, c.Order.Reason, ""))
	case last && f.conclusive:
		return s.nothing(ctx, c, "")
	default:
		c.Order.NextCheckAt, _ = s.Timing.look(c.Order.StateAt, now)
	}
	_, err := s.save(ctx, c)
	return job.Next{At: c.Order.NextCheckAt}, err
}

// only gives the one order that may be adopted without asking: the one that
// carries our tag, or our name while no unpaid one is alike, else the only unpaid
// one that is alike, if the look saw everything and nothing else may be ours.
// several reports that there is more than one such order.
func (f finding) only() (id string, several bool) {
	by := map[verdict][]string{}
	tagged := false
	for _, c := range f.candidates {
		if v := f.verdicts[c.CloudOrderID]; !c.Ignored {
			by[v] = append(by[v], c.CloudOrderID)
			tagged = tagged || v == ours && slices.Contains(c.Why, "tag")
		}
	}
	switch {
	case len(by[ours]) == 1 && (tagged || len(by[alike]) == 0):
		return by[ours][0], false
	case len(by[ours])+len(by[alike]) > 1:
		return "", true
	case len(by[alike]) == 1 && len(by[perhaps]) == 0 && f.conclusive:
		return by[alike][0], false
	}
	return "", false
}

// nothing ends the resolver's work: Huawei shows no order. The watch goes on.
func (s *Service) nothing(ctx context.Context, c Change, who string) (job.Next, error) {
	now := s.Now()
	c.Order.State, c.Order.Reason = NotFound, fault.Say("order.notfound")
	c.Order.NextCheckAt, c.Order.CheckUntil = now.Add(s.Timing.Watch), now.Add(s.Timing.Until)
	c.Events = append(c.Events, s.event(NotFound, c.Order.Reason, who))
	c.Audit = append(c.Audit, audit.By(person.System, "order.notfound", c.Order.ID).On(c.Order.AccountID).For(c.Order.ID).Ended("ok"))
	_, err := s.save(ctx, c)
	return job.Next{At: c.Order.NextCheckAt}, err
}

// watched keeps a late hit for a person to decide on: nothing is adopted by
// itself after "not found", for the person may have ordered again.
func (s *Service) watched(ctx context.Context, c Change, f finding, before []Candidate) (job.Next, error) {
	now := s.Now()
	c.Order.Candidates = f.candidates
	for _, k := range f.candidates {
		if !slices.ContainsFunc(before, func(b Candidate) bool { return b.CloudOrderID == k.CloudOrderID }) {
			c.Events = append(c.Events, s.event(NotFound, fault.Say("order_event.unassigned", "CloudOrder", k.CloudOrderID), ""))
		}
	}
	open := slices.ContainsFunc(f.candidates, Candidate.open)
	if !now.Before(c.Order.CheckUntil) && f.conclusive && !open {
		c.Order.EndedAt = now
		c.Events = append(c.Events, s.event(NotFound, fault.Say("order_event.notfound.end"), ""))
		_, err := s.save(ctx, c)
		return job.Next{Done: true}, err
	}
	c.Order.NextCheckAt = now.Add(s.Timing.Watch)
	if c.Order.CheckUntil.After(now) && c.Order.CheckUntil.Before(c.Order.NextCheckAt) {
		c.Order.NextCheckAt = c.Order.CheckUntil
	}
	_, err := s.save(ctx, c)
	return job.Next{At: c.Order.NextCheckAt}, err
}

// open reports whether somebody still has to decide about the candidate.
func (c Candidate) open() bool { return !c.Ignored && !c.Cancelled }

// adopt links the cloud's order to the intent; from here it goes on like any other.
func (s *Service) adopt(ctx context.Context, c Change, cloudOrderID, who string) (job.Next, error) {
	c.Order.State, c.Order.CloudOrderID, c.Order.Reason = Ordered, cloudOrderID, fault.Message{}
	c.Order.Code, c.Order.RequestID, c.Order.Detail = "", "", ""
	c.Order.NextCheckAt = s.Now()
	c.Events = append(c.Events, s.event(Ordered, fault.Say("order_event.found", "CloudOrder", cloudOrderID), who))
	if who == "" {
		c.Audit = append(c.Audit, audit.By(person.System, "order.found", c.Order.ID, cloudOrderID).On(c.Order.AccountID).For(c.Order.ID).Ended("ok"))
	}
	_, err := s.save(ctx, c)
	return job.Next{At: s.Now()}, err
}

// candidates keeps what is known about the orders a person has to choose from.
func (s *Service) candidates(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	if slices.ContainsFunc(o.Candidates, func(c Candidate) bool { return c.CancelAsked }) {
		return s.cancelFound(ctx, l, o)
	}
	if now := s.Now(); now.Before(o.NextCheckAt) {
		return job.Next{At: o.NextCheckAt}, nil
	}
	f, x, err := s.look(ctx, o)
	if err != nil {
		return job.Next{}, err
	}
	now := s.Now()
	c := Change{Order: o, From: o.State, Lease: l, Exchanges: x}
	c.Order.Checks++
	c.Order.LastCheckAt, c.Order.NextCheckAt = now, now.Add(s.Timing.Watch)
	c.Order.Candidates = f.candidates
	c.Check = &Check{At: now, Conclusive: f.conclusive, Orders: f.orders, Candidates: len(f.candidates), Message: lookMessage(f)}
	_, err = s.save(ctx, c)
	return job.Next{At: c.Order.NextCheckAt}, err
}

// look reads everything that may show the order: orders since t0, their
// details and resources, Config by name. What does not answer makes the look
// inconclusive, never empty.
func (s *Service) look(ctx context.Context, o Order) (finding, []account.Exchange, error) {
	f := finding{conclusive: true, verdicts: map[string]verdict{}, taken: map[string]bool{}}
	access, err := s.Accounts.Access(ctx, o.AccountID)
	if err != nil {
		f.conclusive, f.candidates = false, o.Candidates
		return f, nil, nil
	}
	w := newWire(access, account.ForResolve)
	sightings, err := s.sightings(ctx, w.access, o, &f)
	if err != nil {
		return f, nil, err
	}
	want, err := s.wanted(ctx, w.access, o)
	if err != nil {
		return f, nil, err
	}
	for _, sight := range sightings {
		v, why := want.match(sight)
		if v == notOurs {
			continue
		}
		f.verdicts[sight.order.ID] = v
		f.candidates = append(f.candidates, candidate(o, sight, why))
	}
	for _, known := range o.Candidates { // nothing once shown disappears because a listing lacks it
		if !slices.ContainsFunc(f.candidates, func(c Candidate) bool { return c.CloudOrderID == known.CloudOrderID }) && !f.excludes(known, sightings) {
			f.candidates = append(f.candidates, known)
		}
	}
	return f, w.taken(), nil
}

// excludes reports whether a known candidate belongs to another order of ours,
// or was seen by this look and is not ours after all.
func (f finding) excludes(known Candidate, seen []sighting) bool {
	return f.taken[known.CloudOrderID] ||
		f.conclusive && slices.ContainsFunc(seen, func(s sighting) bool { return s.order.ID == known.CloudOrderID })
}

// clockBound is how wrong our clock can be and the cloud still take what we sign.
const clockBound = 15 * time.Minute

// sent gives the first and the last moment, by the cloud's clock, that may be
// t0. The offset of the clocks may not have been measured yet when the purchase
// was sent, or our clock may have been set: what is measured now counts as well.
func (s *Service) sent(o Order) (first, last time.Time) {
	first, last = o.SentAt, o.SentAt
	at := o.CreatedAt.Add(s.Offset(o.AccountID))
	switch d := at.Sub(o.SentAt); {
	case d.Abs() > clockBound:
	case d < 0:
		first = at
	default:
		last = at
	}
	return first, last
}

func (s *Service) wanted(ctx context.Context, a account.Access, o Order) (wanted, error) {
	w := wanted{order: o, before: s.Timing.Before, after: s.Timing.After}
	w.first, w.last = s.sent(o)
	if cat, _ := s.catalogOf(ctx, o.AccountID); cat != nil {
		w.spec, _ = cat.Spec(o.Request.Spec)
	}
	open, err := s.Store.InState(ctx, o.AccountID, Sending, Unknown, NeedsHuman, NotFound)
	if err != nil {
		return w, err
	}
	w.rivals = slices.DeleteFunc(open, func(r Order) bool { return r.ID == o.ID || r.Final() })
	w.user = s.user(ctx, a)
	return w, nil
}

// user is the name that orders of ours carry at the cloud (cloud-api, 15.3):
// that of the sign-in, else that of the last order whose number came as the
// answer to our own purchase. "" when there is none, or it cannot be read.
func (s *Service) user(ctx context.Context, a account.Access) string {
	if a.Login.User != "" {
		return a.Login.User
	}
	last, err := s.Store.Orders(ctx, Filter{AccountIDs: []string{a.AccountID}, Limit: 20})
	if err != nil {
		return ""
	}
	for _, o := range last.Rows {
		if o.CloudOrderID != "" && len(o.AnsweredIDs) > 0 {
			co, _ := s.Billing.Order(ctx, a, o.CloudOrderID)
			return co.UserName
		}
	}
	return ""
}

// sightings collects the cloud's orders that may be ours and that no order of
// ours is linked to.
func (s *Service) sightings(ctx context.Context, a account.Access, o Order, f *finding) ([]sighting, error) {
	doubt := func(err error) {
		if err != nil && !fault.Is(err, fault.NotFound) {
			f.conclusive = false
		}
	}
	// Config is a copy that may be closed to us; billing is the authority. So a
	// definite no from Config does not keep the look from being conclusive.
	doubtCopy := func(err error) {
		if !fault.Is(err, fault.Refused) && !fault.Is(err, fault.Forbidden) {
			doubt(err)
		}
	}
	first, last := s.sent(o)
	from, to := first.Add(-s.Timing.Before), s.Now().Add(s.Offset(o.AccountID)).Add(windowEnd)
	listed, err := s.Billing.Orders(ctx, a, from, to)
	if err != nil { // also a 404: a listing that is not there says nothing about what is on it
		f.conclusive = false
	}
	s.learn(ctx, o.AccountID, account.RightOrders, err)
	f.orders = len(listed)
	found, err := s.Finder.Find(ctx, a, o.Request.Region, o.Request.Name, o.IntentTag)
	doubtCopy(err)
	late := last.Add(s.Timing.After)
	byOrder := map[string]*sighting{}
	var ids []string
	add := func(id string) *sighting {
		if byOrder[id] == nil {
			byOrder[id] = &sighting{order: CloudOrder{ID: id}}
			ids = append(ids, id)
		}
		return byOrder[id]
	}
	for _, co := range listed {
		if flexus(co) && !co.CreatedAt.After(late) && (co.Type == 0 || co.Type == 1) {
			add(co.ID).order = co
		}
	}
	for _, x := range found {
		if x.CloudOrderID == "" && o.State == Unknown && o.bears(x) && !x.Created.Before(from) && !x.Created.After(late) {
			f.conclusive = false // ours by all that is known of it: its order will be seen, or a person decides
		}
		if x.CloudOrderID != "" && (x.Created.IsZero() || !x.Created.Before(from)) {
			sight := add(x.CloudOrderID)
			sight.found = append(sight.found, x)
		}
	}
	for _, k := range o.Candidates {
		if byOrder[k.CloudOrderID] == nil {
			add(k.CloudOrderID).order.CreatedAt = k.CreatedAt // shown before: look at it again
		}
	}
	linked, err := s.Store.Linked(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []sighting
	for _, id := range ids {
		if ours := linked[id]; ours != "" && ours != o.ID {
			f.taken[id] = true
			continue
		}
		if len(out) == maxDetails {
			f.conclusive = false // too many to tell: ask a person at the end rather than miss one
			break
		}
		sight := byOrder[id]
		if co, err := s.Billing.Order(ctx, a, id); err == nil {
			sight.order = overlay(sight.order, co)
		} else {
			doubt(err)
		}
		res, err := s.Billing.Resources(ctx, a, id)
		doubt(err)
		sight.resources = res
		out = append(out, *sight)
	}
	return out, nil
}

// overlay takes the details of an order over what its list said, without
// losing what only the list has.
func overlay(listed, details CloudOrder) CloudOrder {
	if details.CreatedAt.IsZero() {
		details.CreatedAt = listed.CreatedAt
	}
	if details.ServiceType == "" {
		details.ServiceType, details.ServiceName = listed.ServiceType, listed.ServiceName
	}
	if details.Amount == nil {
		details.Amount = listed.Amount
	}
	return details
}

func candidate(o Order, s sighting, why []string) Candidate {
	c := Candidate{CloudOrderID: s.order.ID}
	if i := slices.IndexFunc(o.Candidates, func(k Candidate) bool { return k.CloudOrderID == s.order.ID }); i >= 0 {
		c = o.Candidates[i]
	}
	c.Status, c.CreatedAt, c.Amount, c.Quantity, c.Spec, c.Why = s.order.Status, s.order.CreatedAt, s.order.Amount, s.order.Quantity, s.order.SpecText, why
	c.Cancelled = c.Status == StatusCancelled
	c.Names = nil
	for _, r := range s.resources {
		c.Names, c.Region = append(c.Names, r.Name), orElse(r.Region, c.Region)
	}
	for _, f := range s.found {
		if !slices.Contains(c.Names, f.Name) {
			c.Names = append(c.Names, f.Name)
		}
		c.Region = orElse(c.Region, f.Region)
	}
	return c
}
