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
	conclusive bool // every listing answered, and all of it was read: what was not seen does not exist
	orders     int
	unread     int // orders that were too many to be read in this look
	candidates []Candidate
	verdicts   map[string]verdict
	taken      map[string]bool // cloud orders that are linked to other orders of ours
	weighed    []string        // read now, and certainly not ours
	strays     []FoundOrder    // linked to no order here
}

// lookFor looks for the order of an intent of unknown outcome (reliability.md
// §3.8), or keeps watching for one that turns up late.
func (s *Service) lookFor(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	now := s.Now()
	if slices.ContainsFunc(o.Candidates, Candidate.asked) {
		return s.carryOut(ctx, l, o)
	}
	if !o.NextCheckAt.IsZero() && now.Before(o.NextCheckAt) {
		return job.Next{At: o.NextCheckAt}, nil
	}
	f, x, err := s.look(ctx, o)
	if err != nil {
		return job.Next{}, err
	}
	c := s.afterLook(l, o, f, x)
	if o.State == NotFound {
		return s.watched(ctx, c, f, o.Candidates)
	}
	return s.resolved(ctx, c, f)
}

// afterLook is the change that a look makes, whatever is decided by it.
func (s *Service) afterLook(l job.Lease, o Order, f finding, x []account.Exchange) Change {
	now := s.Now()
	c := Change{Order: o, From: o.State, Lease: l, Exchanges: x, Found: f.strays}
	c.Order.Checks++
	c.Order.LastCheckAt, c.Order.Unread = now, f.unread
	c.Order.Weighed = append(slices.Clone(o.Weighed), f.weighed...)
	c.Check = &Check{At: now, Conclusive: f.conclusive, Orders: f.orders, Candidates: len(f.candidates), Message: lookMessage(f)}
	return c
}

func lookMessage(f finding) fault.Message {
	switch {
	case f.unread > 0:
		return fault.Say("order.check.many", "N", strconv.Itoa(f.unread))
	case !f.conclusive:
		return fault.Say("order.check.silent")
	case len(f.candidates) == 0:
		return fault.Say("order.check.none")
	}
	return fault.Say("order.check.some", "N", strconv.Itoa(len(f.candidates)))
}

// resolved decides about an unknown outcome: adopt the one order that is ours, ask a
// person when it is not clear which is, and say "not found" only after a last look
// that saw everything.
func (s *Service) resolved(ctx context.Context, c Change, f finding) (job.Next, error) {
	now := s.Now()
	c.Order.Candidates = f.candidates
	id, several := f.only()
	last, err := s.lastLook(ctx, c.Order, f)
	switch {
	case err != nil:
		return job.Next{}, err
	case id != "":
		return s.adopt(ctx, c, id, f.link(id))
	case several, last && f.conclusive && f.undecided(), last && f.unread > 0:
		return s.askWhich(ctx, c, humanReason(f))
	case last && f.conclusive && c.Order.AnsweredOrder != "": // the answer had an order number
		return s.askWhich(ctx, c, fault.Say("order.human.taken", "CloudOrder", c.Order.AnsweredOrder))
	case last && f.conclusive:
		return s.nothing(ctx, c)
	}
	c.Order.NextCheckAt, _ = s.Timing.look(c.Order.StateAt, now)
	_, err = s.save(ctx, c)
	return job.Next{At: c.Order.NextCheckAt}, err
}

// lastLook reports whether the look just made is the last planned one. For an order
// that was never sent here, while the database is not an older copy (belt 1), two
// looks that saw everything are enough, if the second is well after this start
// (reliability.md §3.7).
func (s *Service) lastLook(ctx context.Context, o Order, f finding) (bool, error) {
	now := s.Now()
	if !now.Before(o.CheckUntil) {
		return true, nil
	}
	if !o.NeverSent() || o.Restored || !s.Store.Whole() || !f.conclusive || now.Sub(s.began) < s.Timing.Twice {
		return false, nil
	}
	before, err := s.Store.Checks(ctx, o.ID)
	return slices.ContainsFunc(before, func(k Check) bool { return k.Conclusive && !k.At.Before(o.StateAt) }), err
}

func humanReason(f finding) fault.Message {
	n, unread := strconv.Itoa(len(f.candidates)), strconv.Itoa(f.unread)
	switch {
	case f.unread > 0 && len(f.candidates) > 0:
		return fault.Say("order.human.unread", "N", n, "Unread", unread)
	case f.unread > 0:
		return fault.Say("order.human.none", "Unread", unread)
	}
	return fault.Say("order.human", "N", n)
}

// askWhich leaves the decision to an owner.
func (s *Service) askWhich(ctx context.Context, c Change, why fault.Message) (job.Next, error) {
	c.Order.State, c.Order.Reason = NeedsHuman, why
	c.Order.CloudOrderID, c.Order.Link = "", ""
	c.Order.NextCheckAt = s.Now().Add(s.Timing.Watch)
	c.Events = append(c.Events, s.event(NeedsHuman, why, ""))
	_, err := s.save(ctx, c)
	return job.Next{At: c.Order.NextCheckAt}, err
}

// over reports whether a candidate is cancelled and nothing shows that it is ours.
// It costs nothing and cannot be paid, so nobody has to decide about it.
func (f finding) over(c Candidate) bool { return c.Cancelled && f.verdicts[c.CloudOrderID] != ours }

// undecided reports whether there is a candidate that somebody has to decide about.
func (f finding) undecided() bool {
	return slices.ContainsFunc(f.candidates, func(c Candidate) bool { return !f.over(c) })
}

// link is what made a candidate ours.
func (f finding) link(cloudOrderID string) Link {
	i := slices.IndexFunc(f.candidates, func(c Candidate) bool { return c.CloudOrderID == cloudOrderID })
	switch {
	case f.verdicts[cloudOrderID] != ours || i < 0:
		return ByLikeness
	case slices.Contains(f.candidates[i].Why, "tag"):
		return ByTag
	}
	return ByName
}

// only gives the one order that may be adopted without asking: the one that
// carries our tag, or our name while no unpaid one is alike, else the only unpaid
// one that is alike, if the look saw everything and nothing else may be ours.
// several reports that there is more than one such order.
func (f finding) only() (id string, several bool) {
	by := map[verdict][]string{}
	tagged := false
	for _, c := range f.candidates {
		if v := f.verdicts[c.CloudOrderID]; !c.Ignored && !f.over(c) {
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
func (s *Service) nothing(ctx context.Context, c Change) (job.Next, error) {
	now := s.Now()
	c.Order.State, c.Order.Reason = NotFound, fault.Say("order.notfound")
	if c.Order.NeverSent() {
		c.Order.Reason = fault.Say("order.notfound.unsent")
	}
	c.Order.NextCheckAt, c.Order.CheckUntil = now.Add(s.Timing.Watch), now.Add(s.Timing.Until)
	c.Events = append(c.Events, s.event(NotFound, c.Order.Reason, ""))
	c.Audit = append(c.Audit, audit.By(person.System, "order.notfound", c.Order.ID).On(c.Order.AccountID).For(c.Order.ID).Ended("ok"))
	_, err := s.save(ctx, c)
	return job.Next{At: c.Order.NextCheckAt}, err
}

// watched stores the orders that turned up after "not found", for a person to decide
// about. The console adopts none of them: the person may have ordered again.
func (s *Service) watched(ctx context.Context, c Change, f finding, before []Candidate) (job.Next, error) {
	now := s.Now()
	c.Order.Candidates = f.candidates
	for _, k := range f.candidates {
		if !slices.ContainsFunc(before, func(b Candidate) bool { return b.CloudOrderID == k.CloudOrderID }) {
			c.Events = append(c.Events, s.event(NotFound, fault.Say("order_event.unassigned", "CloudOrder", k.CloudOrderID), ""))
		}
	}
	open := slices.ContainsFunc(f.candidates, Candidate.open)
	if !now.Before(c.Order.CheckUntil) && !open {
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

// asked reports whether an owner's decision about the candidate is to be carried out.
func (c Candidate) asked() bool { return c.CancelAsked || c.AdoptAsked != "" }

// open reports whether somebody still has to decide about the candidate.
func (c Candidate) open() bool { return !c.Ignored && !c.Cancelled }

// adopt links the cloud's order to the intent, which then goes on like any other.
// An order that was found only by likeness is not paid without a person (I2).
func (s *Service) adopt(ctx context.Context, c Change, cloudOrderID string, by Link) (job.Next, error) {
	c.Order.State, c.Order.Reason = Ordered, fault.Message{}
	c.Order.link(cloudOrderID, by)
	c.Order.NextCheckAt = s.Now()
	c.ReadAt, c.Unlinked = c.Order.LastCheckAt, cloudOrderID
	c.Events = append(c.Events, s.event(Ordered, fault.Say("order_event.found", "CloudOrder", cloudOrderID), ""))
	c.Audit = append(c.Audit, audit.By(person.System, "order.found", c.Order.ID, cloudOrderID).On(c.Order.AccountID).For(c.Order.ID).
		With("by", string(by)).Ended("ok"))
	_, err := s.save(ctx, c)
	return job.Next{At: s.Now()}, err
}

// link links a cloud's order to the intent. What was read of another order before is
// cleared.
func (o *Order) link(cloudOrderID string, by Link) {
	o.CloudOrderID, o.Link = cloudOrderID, by
	o.Code, o.RequestID, o.Detail = "", "", ""
	o.CloudStatus, o.CloudReadAt, o.Amount, o.Official = 0, time.Time{}, nil, nil
	o.PayBy, o.PaidAt = time.Time{}, time.Time{}
}

// candidates reads again the orders that a person has to choose from.
func (s *Service) candidates(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	if slices.ContainsFunc(o.Candidates, Candidate.asked) {
		return s.carryOut(ctx, l, o)
	}
	if now := s.Now(); now.Before(o.NextCheckAt) {
		return job.Next{At: o.NextCheckAt}, nil
	}
	if next, ok, err := s.answeredAfterAll(ctx, l, o); ok || err != nil {
		return next, err
	}
	f, x, err := s.look(ctx, o)
	if err != nil {
		return job.Next{}, err
	}
	c := s.afterLook(l, o, f, x)
	c.Order.Candidates = f.candidates
	c.Order.NextCheckAt = s.Now().Add(s.Timing.Watch)
	_, err = s.save(ctx, c)
	return job.Next{At: c.Order.NextCheckAt}, err
}

// look reads everything that may show the order: orders since t0, their
// details and resources, Config by name and tag, servers by tag. What does not
// answer makes the look inconclusive, never empty.
func (s *Service) look(ctx context.Context, o Order) (finding, []account.Exchange, error) {
	f := finding{conclusive: true, verdicts: map[string]verdict{}, taken: map[string]bool{}}
	access, err := s.Accounts.Access(ctx, o.AccountID)
	if err != nil {
		f.conclusive, f.candidates, f.unread = false, o.Candidates, o.Unread
		return f, nil, nil
	}
	w := newWire(access, account.ForResolve)
	want, err := s.wanted(ctx, w.access, o)
	if err != nil {
		return f, nil, err
	}
	sightings, err := s.sightings(ctx, w.access, o, &f)
	if err != nil {
		return f, nil, err
	}
	for _, sight := range sightings {
		v, why := want.match(sight)
		if v != notOurs {
			f.verdicts[sight.order.ID] = v
			f.candidates = append(f.candidates, candidate(o, sight, why))
		} else if sight.whole && sight.listed && want.settled(sight) {
			f.weighed = append(f.weighed, sight.order.ID)
		}
		f.strays = append(f.strays, s.stray(o, sight, v))
	}
	for _, known := range o.Candidates { // a candidate stays, also when a listing does not have it any more
		again := slices.ContainsFunc(f.candidates, func(c Candidate) bool { return c.CloudOrderID == known.CloudOrderID })
		if !again && !f.excludes(known, sightings) {
			f.candidates = append(f.candidates, known)
		}
	}
	return f, w.taken(), nil
}

// stray is a sighting as a found order.
func (s *Service) stray(o Order, sight sighting, v verdict) FoundOrder {
	f := foundOrder(sight)
	f.AccountID, f.Source, f.FoundAt, f.SeenAt = o.AccountID, FoundByLook, s.Now(), s.Now()
	if v != notOurs && v != strange {
		f.OrderID = o.ID
	}
	if f.Tag != o.IntentTag {
		f.Tag = "" // this look knows of no intent or review here with that tag
	}
	return f
}

// foundOrder is what a sighting shows of an order that is not known here.
func foundOrder(s sighting) FoundOrder {
	c := candidate(Order{}, s, nil)
	f := FoundOrder{
		CloudOrderID: s.order.ID, Status: s.order.Status, CreatedAt: s.order.CreatedAt, Amount: s.order.Amount,
		Quantity: s.order.Quantity, PeriodUnit: s.order.PeriodUnit, PeriodNum: s.order.PeriodNum, Spec: s.order.SpecText,
		Region: c.Region, Names: c.Names, UserName: s.order.UserName,
	}
	for _, r := range s.resources {
		f.Spec = orElse(r.Spec, f.Spec)
	}
	for _, x := range s.found {
		f.Tag = orElse(x.Tags[TagKey], f.Tag)
	}
	return f
}

// excludes reports whether a known candidate belongs to another order of ours,
// or was seen by this look and is not ours after all.
func (f finding) excludes(known Candidate, seen []sighting) bool {
	return f.taken[known.CloudOrderID] ||
		f.conclusive && slices.ContainsFunc(seen, func(s sighting) bool { return s.order.ID == known.CloudOrderID })
}

// clockBound is the largest error of our clock with which the cloud accepts our
// signatures.
const clockBound = 15 * time.Minute

// sent gives the earliest and the latest moment, by the cloud's clock, that t0 may
// be. When the purchase was sent, the offset of the clocks may not have been
// measured, and our clock may have been set since: so the offset measured now counts
// too.
func (s *Service) sent(o Order) (first, last time.Time) {
	at := o.CreatedAt.Add(s.Offset(o.AccountID))
	if o.NeverSent() { // in a newer copy that is lost it may have been sent, between the click and its expiry
		return at, at.Add(o.ExpiresAt.Sub(o.CreatedAt))
	}
	first, last = o.SentAt, o.SentAt
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
	kin, err := s.Accounts.Kin(ctx, o.AccountID)
	if err != nil {
		return w, err
	}
	open, err := s.Store.InState(ctx, "", Confirmed, Sending, Unknown, NeedsHuman, NotFound)
	if err != nil {
		return w, err
	}
	w.rivals = slices.DeleteFunc(open, func(r Order) bool { return r.ID == o.ID || r.Final() || !slices.Contains(kin, r.AccountID) })
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
		if o.CloudOrderID != "" && o.Link == ByAnswer && o.CloudStatus != 0 {
			co, _ := s.Billing.Order(ctx, a, o.CloudOrderID)
			return co.UserName
		}
	}
	return ""
}

// sightings collects the cloud's orders that may be ours and that no order of
// ours is linked to.
func (s *Service) sightings(ctx context.Context, a account.Access, o Order, f *finding) ([]sighting, error) {
	n, err := s.listed(ctx, a, o, f)
	if err != nil {
		return nil, err
	}
	linked, err := s.Store.Linked(ctx, n.ids)
	if err != nil {
		return nil, err
	}
	var out []sighting
	for _, id := range n.ids {
		switch by := linked[id]; {
		case by != "" && by != o.ID:
			f.taken[id] = true
			continue
		case slices.Contains(o.Weighed, id) && n.by[id].found == nil:
			continue // read before, and certainly not ours
		case len(out) == maxDetails:
			f.unread++ // the next look goes on here
			f.conclusive = false
			continue
		}
		sight := n.by[id]
		s.details(ctx, a, sight, f)
		out = append(out, *sight)
	}
	return out, nil
}

// listedOrders is what the listings of one look showed, in the order in which it
// turned up.
type listedOrders struct {
	ids []string
	by  map[string]*sighting
}

func (n *listedOrders) add(id string) *sighting {
	if n.by[id] == nil {
		n.by[id] = &sighting{order: CloudOrder{ID: id}}
		n.ids = append(n.ids, id)
	}
	return n.by[id]
}

// listed reads the listings: what was shown before comes first.
func (s *Service) listed(ctx context.Context, a account.Access, o Order, f *finding) (listedOrders, error) {
	n := listedOrders{by: map[string]*sighting{}}
	for _, k := range o.Candidates {
		n.add(k.CloudOrderID).order.CreatedAt = k.CreatedAt
	}
	first, last := s.sent(o)
	from, to, late := first.Add(-s.Timing.Before), s.Now().Add(s.Offset(o.AccountID)).Add(windowEnd), last.Add(s.Timing.After)
	orders, err := s.Billing.Orders(ctx, a, from, to)
	if err != nil { // also with a 404: it does not mean an empty listing
		f.conclusive = false
	}
	s.learn(ctx, o.AccountID, account.RightOrders, err)
	f.orders = len(orders)
	if lacking, err := s.lacking(ctx, o, orders, from); err != nil || lacking {
		f.conclusive = false
		if err != nil {
			return n, err
		}
	}
	for _, co := range orders {
		if flexus(co) && !co.CreatedAt.After(late) && (co.Type == 0 || co.Type == 1) {
			sight := n.add(co.ID)
			sight.order, sight.listed = co, true
		}
	}
	for _, x := range s.instances(ctx, a, o, f) {
		if x.CloudOrderID == "" && o.bears(x) && !x.Created.Before(from) && !x.Created.After(late) {
			f.conclusive = false // it looks ours and its order is not known yet: a later look sees it, or a person decides
		}
		if x.CloudOrderID != "" && (x.Created.IsZero() || !x.Created.Before(from)) {
			sight := n.add(x.CloudOrderID)
			sight.found = append(sight.found, x)
		}
	}
	return n, nil
}

// lacking reports whether a listing is incomplete: it does not have an order that an
// earlier look saw on it, or one of ours that billing has shown.
func (s *Service) lacking(ctx context.Context, o Order, orders []CloudOrder, from time.Time) (bool, error) {
	has := func(id string) bool {
		return slices.ContainsFunc(orders, func(co CloudOrder) bool { return co.ID == id })
	}
	for _, id := range o.Weighed {
		if !has(id) {
			return true, nil
		}
	}
	kin, err := s.Accounts.Kin(ctx, o.AccountID)
	if err != nil {
		return false, err
	}
	recent, err := s.Store.Orders(ctx, Filter{AccountIDs: kin, Limit: 50})
	for _, r := range recent.Rows {
		read := r.CloudOrderID != "" && r.CloudStatus != 0 && s.Now().Sub(r.CloudReadAt) < s.Timing.Until
		if read && r.ID != o.ID && !r.NeverSent() && r.Link == ByAnswer && r.SentAt.After(from.Add(time.Second)) && !has(r.CloudOrderID) {
			return true, nil
		}
	}
	return false, err
}

// instances reads what Config and the servers show under our name or tag.
func (s *Service) instances(ctx context.Context, a account.Access, o Order, f *finding) []Found {
	// Billing decides; Config and the servers are additional sources that may be
	// closed to us. So a definite refusal of theirs leaves the look conclusive.
	doubtCopy := func(err error) {
		if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Refused) && !fault.Is(err, fault.Forbidden) {
			f.conclusive = false
		}
	}
	found, err := s.Finder.Find(ctx, a, o.Request.Region, o.Request.Name, o.IntentTag)
	doubtCopy(err)
	if o.IntentTag == "" || s.Servers == nil {
		return found
	}
	tagged, err := s.Servers.Tagged(ctx, a, o.Request.Region, o.IntentTag)
	doubtCopy(err)
	return append(found, tagged...)
}

// details reads one order and its resources.
func (s *Service) details(ctx context.Context, a account.Access, sight *sighting, f *finding) {
	co, err := s.Billing.Order(ctx, a, sight.order.ID)
	if err == nil {
		sight.order = overlay(sight.order, co)
	} else if !fault.Is(err, fault.NotFound) {
		f.conclusive = false
	}
	res, resErr := s.Billing.Resources(ctx, a, sight.order.ID)
	if resErr != nil && !fault.Is(resErr, fault.NotFound) {
		f.conclusive = false
	}
	sight.resources, sight.whole = res, err == nil && resErr == nil
}

// overlay gives the details of an order, completed by what only the list has.
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
	c.Status, c.CreatedAt, c.Amount, c.Quantity = s.order.Status, s.order.CreatedAt, s.order.Amount, s.order.Quantity
	c.Spec, c.Why = s.order.SpecText, why
	c.PeriodUnit, c.PeriodNum, c.UserName = s.order.PeriodUnit, s.order.PeriodNum, orElse(s.order.UserName, c.UserName)
	c.Cancelled = c.Status == StatusCancelled
	c.Names = nil
	for _, r := range s.resources {
		c.Names, c.Region = append(c.Names, r.Name), orElse(r.Region, c.Region)
	}
	for _, f := range s.found {
		if !slices.Contains(c.Names, f.Name) {
			c.Names = append(c.Names, f.Name)
		}
		c.Region, c.Tag = orElse(c.Region, f.Region), orElse(f.Tags[TagKey], c.Tag)
	}
	return c
}
