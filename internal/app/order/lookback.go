package order

import (
	"context"
	"slices"
	"sync"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// When a data directory is restored together with every file beside it, nothing
// on this machine shows that it is an older copy. So every process start reads the
// recent orders of each Huawei account that has bought here, and keeps those that
// no intent is linked to (reliability.md §7, belt 3).

// LookBack is how far the reading of an account's recent orders has come.
type LookBack struct {
	State LookState
	Since time.Time     // of the state; with Looking: of the first try
	Why   fault.Message // why it could not be read
}

// LookState is a state of a look back.
type LookState string

// The states.
const (
	NotNeeded LookState = ""        // the account had not bought here before this start
	Looking   LookState = "looking" // for less than BackWait
	LookedAt  LookState = "read"
	Unseen    LookState = "unread" // they could not be read so far; it is tried again
)

// lookBacks keeps the look backs of this process start, by Huawei account.
type lookBacks struct {
	mu    sync.Mutex
	of    map[string]*accountLookBack // by payer
	payer map[string]string           // by entry
	noted bool                        // the store was told that all were read
	wake  chan struct{}
}

type accountLookBack struct {
	entries []string
	began   time.Time
	read    time.Time // zero: not yet
	why     fault.Message
	told    bool // a person has taken note that it cannot be read
}

// planLookBack notes which accounts have to be looked at, before anything is
// bought in this process.
func (s *Service) planLookBack(ctx context.Context) error {
	buyers, err := s.Store.Buyers(ctx)
	if err != nil {
		return err
	}
	s.back.mu.Lock()
	defer s.back.mu.Unlock()
	s.back.of, s.back.payer, s.back.wake = map[string]*accountLookBack{}, map[string]string{}, make(chan struct{}, 1)
	for _, id := range buyers {
		kin, err := s.Accounts.Kin(ctx, id)
		if err != nil {
			return err
		}
		key := slices.Min(kin)
		if s.back.of[key] == nil {
			s.back.of[key] = &accountLookBack{entries: kin, began: s.began}
		}
		for _, entry := range kin {
			s.back.payer[entry] = key
		}
	}
	return nil
}

// at gives the look back of the account that the entries are of, nil when none is
// needed. When the entries were not known to be of one account at the start, there
// may be several: then it is one that was not made yet.
func (l *lookBacks) at(entries []string) *accountLookBack {
	var found *accountLookBack
	for _, id := range entries {
		if b := l.of[l.payer[id]]; b != nil && (found == nil || !found.read.IsZero()) {
			found = b
		}
	}
	return found
}

// lookedBack gives how far the look back of the account of the entries has come.
func (s *Service) lookedBack(kin []string) LookBack {
	s.back.mu.Lock()
	defer s.back.mu.Unlock()
	b := s.back.at(kin)
	switch {
	case b == nil:
		return LookBack{}
	case !b.read.IsZero():
		return LookBack{State: LookedAt, Since: b.read}
	case s.Now().Sub(b.began) < s.Timing.BackWait && b.why.Zero():
		return LookBack{State: Looking, Since: b.began}
	}
	return LookBack{State: Unseen, Since: b.began, Why: b.why}
}

// lookBackAll looks back at every account until each was read, and carries out
// what owners want of the orders that were found.
func (s *Service) lookBackAll(ctx context.Context) {
	t := time.NewTicker(s.Timing.BackLook)
	defer t.Stop()
	for {
		s.lookBackOnce(ctx)
		if err := s.cancelStrays(ctx); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "decisions about found orders not carried out", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.back.wake: // nil, which blocks, when Recover was not called
		case <-t.C:
		}
	}
}

// lookBackOnce tries every account that was not read yet, and notes when none is left.
func (s *Service) lookBackOnce(ctx context.Context) {
	for _, b := range s.unreadBacks() {
		s.lookBackAt(ctx, b)
	}
	s.back.mu.Lock()
	due := s.back.of != nil && !s.back.noted
	s.back.mu.Unlock()
	if !due || len(s.unreadBacks()) > 0 || ctx.Err() != nil {
		return
	}
	if err := s.Store.Seen(ctx); err != nil {
		s.Log.ErrorContext(ctx, "look back not noted: the next start looks as far back once more", "err", err)
		return
	}
	s.back.mu.Lock()
	defer s.back.mu.Unlock()
	s.back.noted = true
}

func (s *Service) unreadBacks() []*accountLookBack {
	s.back.mu.Lock()
	defer s.back.mu.Unlock()
	var all []*accountLookBack
	for _, b := range s.back.of {
		if b.read.IsZero() {
			all = append(all, b)
		}
	}
	return all
}

// lookBackAt reads the recent orders of one account, through the first of its
// entries that can.
func (s *Service) lookBackAt(ctx context.Context, b *accountLookBack) {
	var why error
	gone := 0
	for _, id := range b.entries {
		access, err := s.Accounts.Access(ctx, id)
		if fault.Is(err, fault.NotFound) {
			gone++ // the entry was deleted
		}
		if err == nil {
			err = s.readBack(ctx, newWire(access, account.ForResolve).access, b.entries)
		}
		if err == nil || gone == len(b.entries) { // all entries were deleted: nobody can buy or read through them
			s.back.mu.Lock()
			b.read, b.why = s.Now(), fault.Message{}
			s.back.mu.Unlock()
			s.Changed("orders", "attention", "frame")
			return
		}
		why = err
	}
	if ctx.Err() != nil {
		return
	}
	s.Log.WarnContext(ctx, "recent orders of an account not read: what a lost life of the database ordered may go unseen",
		"accounts", b.entries, "err", why)
	s.back.mu.Lock()
	b.why = fault.Of(why).Message
	s.back.mu.Unlock()
	s.Changed("orders", "attention", "frame")
}

// mostFound bounds how many unknown orders a look back reads in detail.
const mostFound = 200

// readBack reads the recent orders of an account and keeps those that nobody
// here knows.
func (s *Service) readBack(ctx context.Context, a account.Access, kin []string) error {
	now := s.Now()
	from := s.Store.Unseen()
	if from.After(now) { // the clock was set back since the last write
		from = time.Time{}
	}
	from = latest(from.Add(-s.Timing.Back), now.Add(-s.Timing.BackMost))
	offset := s.Offset(a.AccountID)
	listed, err := s.Billing.Orders(ctx, a, from.Add(offset), now.Add(offset+clockBound)) // the offset may not be measured yet
	s.learn(ctx, a.AccountID, account.RightOrders, err)
	if err != nil {
		return err
	}
	n := listedOrders{by: map[string]*sighting{}}
	for _, co := range listed {
		if flexus(co) && (co.Type == 0 || co.Type == 1) {
			n.add(co.ID).order = co
		}
	}
	linked, err := s.Store.Linked(ctx, n.ids)
	if err != nil {
		return err
	}
	seen, err := s.kept(ctx, a, kin)
	if err != nil {
		return err
	}
	var all []FoundOrder
	for _, id := range n.ids {
		if linked[id] != "" {
			continue
		}
		if len(all) == mostFound {
			s.Log.WarnContext(ctx, "more unknown orders than are read at once", "account", a.AccountID, "orders", len(n.ids))
			break
		}
		f, err := s.strayAtStart(ctx, a, n.by[id], seen)
		if err != nil {
			return err
		}
		if f.CloudOrderID != "" { // else it became an order here
			all = append(all, f)
		}
	}
	return s.Store.PutFound(ctx, all)
}

// ownRecords is what is kept here that an unknown order at the cloud may belong to.
type ownRecords struct {
	orders  []Order  // without an order of the cloud
	reviews []Review // not confirmed
	user    string   // the name that our orders carry, "" when not known
}

func (s *Service) kept(ctx context.Context, a account.Access, kin []string) (ownRecords, error) {
	m := ownRecords{user: s.user(ctx, a)}
	mine := func(id string) bool { return slices.Contains(kin, id) }
	open, err := s.Store.InState(ctx, "", Confirmed, Sending, Unknown, NeedsHuman, NotFound)
	if err != nil {
		return m, err
	}
	for _, o := range open {
		if mine(o.AccountID) && !o.Final() {
			m.orders = append(m.orders, o)
		}
	}
	reviews, err := s.Store.OpenReviews(ctx, s.Now().Add(-s.Timing.BackMost-s.Timing.Review))
	for _, v := range reviews {
		if mine(v.Request.AccountID) {
			m.reviews = append(m.reviews, v)
		}
	}
	return m, err
}

// strayAtStart reads one unknown order and says what here it resembles. One that
// carries the tag of a review becomes that review's order, and the zero value is
// returned; unless the review has become another order already.
func (s *Service) strayAtStart(ctx context.Context, a account.Access, sight *sighting, m ownRecords) (FoundOrder, error) {
	f := finding{conclusive: true}
	s.details(ctx, a, sight, &f)
	if !f.conclusive {
		return FoundOrder{}, fault.New(fault.Unreachable, "order.check.silent")
	}
	s.tagsOf(ctx, a, sight)
	out := foundOrder(*sight)
	out.AccountID, out.Source, out.FoundAt, out.SeenAt = a.AccountID, FoundAtStart, s.Now(), s.Now()
	for _, v := range m.reviews {
		if v.IntentTag != "" && v.IntentTag == out.Tag {
			id, err := s.recall(ctx, v, out)
			if err != nil {
				return out, err
			}
			s.changed(id)
			s.runner.Wake(id)
			return s.recalled(ctx, id, v, out)
		}
	}
	if out.Tag != "" {
		id, err := s.Store.OrderOfTag(ctx, out.Tag)
		if err != nil || id != "" {
			out.OrderID = id
			return out, err
		}
		// The tag is another console's, or that of a review which only the lost database
		// had: such an order is compared by its shape and name.
		out.Tag = ""
		for i := range sight.found {
			sight.found[i].Tags = nil
		}
	}
	s.resembles(ctx, &out, *sight, m)
	return out, nil
}

// tagsOf reads the tags of an order's instances; an unpaid order has none yet.
func (s *Service) tagsOf(ctx context.Context, a account.Access, sight *sighting) {
	if len(sight.resources) == 0 {
		return
	}
	r := sight.resources[0]
	found, err := s.Finder.Find(ctx, a, r.Region, r.Name, "")
	if err != nil {
		return // without its tag it is compared by its shape
	}
	for _, x := range found {
		if x.CloudOrderID == sight.order.ID {
			sight.found = append(sight.found, x)
		}
	}
}

// resembles notes the intent or the review that an order may be of. When it may be
// of an intent without a clear answer, the resolver of that intent looks again at
// once.
func (s *Service) resembles(ctx context.Context, f *FoundOrder, sight sighting, m ownRecords) {
	for _, o := range m.orders {
		w := s.shapeOf(ctx, o)
		w.user = m.user
		if v, _ := w.match(sight); v == notOurs || v == strange {
			continue
		}
		f.OrderID = o.ID
		if o.State == NotFound || o.State == NeedsHuman {
			_ = s.CheckNow(ctx, person.System, o.ID) // a hint: it looks by itself, later
		}
		return
	}
	for _, v := range m.reviews {
		if s.mayBeOf(ctx, v, sight, m.user) {
			f.ReviewID = v.ID
			return
		}
	}
}

// mayBeOf reports whether an order may have come from a review that was confirmed
// in a newer copy of the database, which is lost.
func (s *Service) mayBeOf(ctx context.Context, v Review, sight sighting, user string) bool {
	if v.ReplacedBy != "" && s.becameOrder(ctx, v) {
		return false
	}
	w := s.shapeOf(ctx, Order{
		AccountID: v.Request.AccountID, Request: v.Request, IntentTag: v.IntentTag,
		CreatedAt: v.CreatedAt, ExpiresAt: v.CreatedAt.Add(s.Timing.Review),
	})
	w.user = user
	verdict, _ := w.match(sight)
	return verdict != notOurs && verdict != strange
}

// becameOrder reports whether the review was shown again and confirmed then.
func (s *Service) becameOrder(ctx context.Context, v Review) bool {
	for range 50 {
		if v.ReplacedBy == "" {
			return v.OrderID != ""
		}
		next, err := s.Store.Review(ctx, v.ReplacedBy)
		if err != nil {
			return false
		}
		v = next
	}
	return false
}

// recall makes an order of a review whose tag an order at the cloud carries: the
// review was confirmed in a newer copy of the database, which is lost. The console
// pays nothing for it without a person.
func (s *Service) recall(ctx context.Context, v Review, f FoundOrder) (string, error) {
	by := person.Actor{PersonID: v.PersonID}
	c, err := s.confirmation(ctx, person.System, v)
	if err != nil {
		return "", err
	}
	now := s.Now()
	o := &c.Order
	o.PersonID, o.PersonName = by.PersonID, s.nameOf(ctx, v.PersonID)
	o.State, o.SentAt, o.Cap = Ordered, f.CreatedAt, nil
	o.link(f.CloudOrderID, ByTag)
	c.Hash, c.PersonID = v.Hash, v.PersonID
	c.Event = Event{At: now, State: Ordered, Message: fault.Say("order_event.recalled", "CloudOrder", f.CloudOrderID)}
	c.Audit = audit.By(person.System, "order.recalled", o.ID, f.CloudOrderID).On(o.AccountID).For(o.ID).Ended("ok")
	s.Log.WarnContext(ctx, "an order at the cloud carries the tag of a review: it is that purchase",
		"review", v.ID, "cloud_order", f.CloudOrderID)
	return s.Store.Recall(ctx, c)
}

// recalled is the found order after recall. It is the zero value when the review
// has become its order. It stays a found order when the review was shown again and
// bought meanwhile: then there are two orders at the cloud.
func (s *Service) recalled(ctx context.Context, id string, v Review, f FoundOrder) (FoundOrder, error) {
	o, err := s.Store.Order(ctx, id)
	if err != nil || o.CloudOrderID == f.CloudOrderID {
		return FoundOrder{}, err
	}
	f.ReviewID = v.ID
	if o.ReviewID == v.ID {
		f.OrderID = id
	}
	return f, nil
}

// nameOf is the name of a person at their last purchase; "" when they never bought.
func (s *Service) nameOf(ctx context.Context, personID string) string {
	last, err := s.Store.Orders(ctx, Filter{PersonID: personID, Limit: 1})
	if err != nil || len(last.Rows) == 0 {
		return ""
	}
	return last.Rows[0].PersonName
}
