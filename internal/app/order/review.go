package order

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/spelling"
)

// Review stores exactly what a draft would send, with the ids of its attempt
// (reliability.md §3.1), and gives it back with its id and hash: the only
// things that Confirm takes. A draft that may not be bought is fault.Invalid
// with a sentence for each field.
func (s *Service) Review(ctx context.Context, by person.Actor, draftID string) (Review, error) {
	if !by.May(person.Buy) {
		return Review{}, errMayNot
	}
	d, err := s.Draft(ctx, by, draftID)
	if err != nil {
		return Review{}, err
	}
	r, bad := s.Parse(ctx, d.Form)
	for f, m := range s.Check(ctx, by, r) {
		if bad[f].Zero() {
			bad[f] = m
		}
	}
	if len(bad) > 0 {
		return Review{}, &fault.Error{Kind: fault.Invalid, Message: fault.Say("order.fields"), Fields: bad}
	}
	return s.writeReview(ctx, by, d, r)
}

func (s *Service) writeReview(ctx context.Context, by person.Actor, d Draft, r Request) (Review, error) {
	v, err := s.newReview(ctx, by, d.ID, r)
	if err != nil {
		return v, err
	}
	return v, s.Store.CreateReview(ctx, v)
}

// ShowAgain gives the review that is to be shown instead of an open one of an
// earlier process start: of the same request, with new ids. The old review stays
// stored: if the database is an older copy, it may have been confirmed and sent
// since. A review of this start, and one that was confirmed, is returned unchanged.
func (s *Service) ShowAgain(ctx context.Context, by person.Actor, reviewID string) (Review, error) {
	v, err := s.ReviewByID(ctx, by, reviewID)
	for range 50 { // it may have been shown again in several starts
		if err != nil || v.ReplacedBy == "" {
			break
		}
		v, err = s.ReviewByID(ctx, by, v.ReplacedBy)
	}
	if err != nil || v.OrderID != "" || v.Start == s.Store.Start() {
		return v, err
	}
	again, err := s.newReview(ctx, by, v.DraftID, v.Request)
	if err != nil {
		return v, err
	}
	return s.Store.ReplaceReview(ctx, v.ID, again)
}

func (s *Service) newReview(ctx context.Context, by person.Actor, draftID string, r Request) (Review, error) {
	v := Review{ID: newID(), DraftID: draftID, PersonID: by.PersonID, Request: r, Hash: hash(r),
		ClientRequestID: uuid.NewString(), CreatedAt: s.Now(), Start: s.Store.Start()}
	send, err := s.Settings.IntentTag(ctx)
	if err != nil {
		return Review{}, err
	}
	if send {
		v.IntentTag = newTag()
	}
	if v.ImageName, err = s.spelling(ctx, r, 0); err != nil {
		return Review{}, err
	}
	if v.Body, err = s.Purchases.Body(r, v.IntentTag, v.ImageName); err != nil {
		return Review{}, err
	}
	if a, err := s.Accounts.Access(ctx, r.AccountID); err == nil {
		v.URL = s.Purchases.URL(a)
	}
	v.Repeats, err = s.Store.SameHash(ctx, v.Hash, s.Now().Add(-s.Timing.Same))
	return v, err
}

// Beside is what at Huawei may make a purchase a repetition: orders that are not
// known here and do not differ from it in quantity, period or specification, and
// whether Huawei's recent orders could be read.
type Beside struct {
	Orders []FoundOrder
	Look   LookBack
}

// Beside gives what the review of a request has to show. Orders that the person has
// said before to be others, and an unread account they have taken note of, are left
// out.
func (s *Service) Beside(ctx context.Context, by person.Actor, v Review) (Beside, error) {
	kin, err := s.Accounts.Kin(ctx, v.Request.AccountID)
	if err != nil {
		return Beside{}, err
	}
	b := Beside{Look: s.lookedBack(kin)}
	if b.Look.State == Unseen && s.noted(kin) {
		b.Look = LookBack{}
	}
	all, err := s.FoundOrders(ctx, by, kin)
	if err != nil {
		return b, err
	}
	var ids []string
	for _, f := range all {
		if !differs(f, v.Request) {
			b.Orders, ids = append(b.Orders, f), append(ids, f.CloudOrderID)
		}
	}
	answered, err := s.Store.Answered(ctx, v.Hash, ids)
	b.Orders = slices.DeleteFunc(b.Orders, func(f FoundOrder) bool { return answered[f.CloudOrderID] })
	return b, err
}

// differs reports whether a found order cannot be what the request would order.
func differs(f FoundOrder, r Request) bool {
	w := wanted{order: Order{Request: r}}
	fits, _ := w.judge(CloudOrder{Quantity: f.Quantity, PeriodUnit: f.PeriodUnit, PeriodNum: f.PeriodNum, SpecText: f.Spec})
	return !fits
}

// mayBuyBeside refuses a purchase that may be a repetition, unless the person said
// that it is additional. It gives the orders for which they said so.
func (s *Service) mayBuyBeside(ctx context.Context, by person.Actor, v Review, additional bool) ([]string, error) {
	b, err := s.Beside(ctx, by, v)
	switch {
	case err != nil:
		return nil, err
	case b.Look.State == Looking:
		return nil, fault.New(fault.Conflict, "order.looking")
	case len(b.Orders) > 0 && !additional:
		return nil, fault.New(fault.Conflict, "order.beside", "CloudOrder", b.Orders[0].CloudOrderID)
	case b.Look.State == Unseen && !additional:
		return nil, fault.New(fault.Conflict, "order.unread")
	case b.Look.State == Unseen:
		if err := s.note(ctx, v.Request.AccountID); err != nil {
			return nil, err
		}
	}
	var ids []string
	for _, f := range b.Orders {
		ids = append(ids, f.CloudOrderID)
	}
	return ids, nil
}

// noted reports whether somebody has bought since the process start although the
// account's recent orders could not be read. note stores that.
func (s *Service) noted(kin []string) bool {
	s.back.mu.Lock()
	defer s.back.mu.Unlock()
	b := s.back.at(kin)
	return b != nil && b.told
}

func (s *Service) note(ctx context.Context, accountID string) error {
	kin, err := s.Accounts.Kin(ctx, accountID)
	if err != nil {
		return err
	}
	s.back.mu.Lock()
	defer s.back.mu.Unlock()
	if b := s.back.at(kin); b != nil {
		b.told = true
	}
	return nil
}

// spelling is the image's name in attempt n, counted from 0: first the spelling that
// the account's cloud took before, then the others in the catalogue's order. It is
// "" for private images and when there is no further spelling.
func (s *Service) spelling(ctx context.Context, r Request, n int) (string, error) {
	if len(r.Image.Send) == 0 {
		return "", nil
	}
	known, err := s.Store.Spelling(ctx, r.AccountID, r.Image.ID)
	if err != nil {
		return "", err
	}
	order := make([]string, 0, len(r.Image.Send))
	for _, name := range r.Image.Send {
		if name == known {
			order = append(order, name)
		}
	}
	for _, name := range r.Image.Send {
		if name != known {
			order = append(order, name)
		}
	}
	if n >= len(order) {
		return "", nil
	}
	return order[n], nil
}

// ReviewByID gives a review of the actor; anybody else's, and one that is too
// old and was not confirmed, is fault.NotFound.
func (s *Service) ReviewByID(ctx context.Context, by person.Actor, id string) (Review, error) {
	v, err := s.Store.Review(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && (v.PersonID != by.PersonID || s.stale(v)) {
		return Review{}, fault.New(fault.NotFound, "order.review.gone")
	}
	return v, err
}

func (s *Service) stale(v Review) bool {
	return v.OrderID == "" && s.Now().Sub(v.CreatedAt) > s.Timing.Review
}

// Confirm makes an order of a review, once, and gives its id; the same review
// confirmed again gives the same id (I9). It is on disk, with its audit row,
// before Confirm returns; the purchase itself runs afterwards.
//
// Fault Conflict says why not: "order.review.changed" when the review is not
// the one that was shown, is too old or its draft changed; "order.review.again"
// when an earlier process start made it (the value "Review" is the id of the one
// to be shown instead); "order.repeat" when an equal order is open or younger than
// 24 h and additional is false (the value "Order" is its id); "order.beside" when
// Huawei has an order that is not known here and may be the same, and "order.unread"
// when Huawei's recent orders could not be read, each unless additional is true;
// "order.looking" while they are being read; "order.locked"
// when a purchase of the account has no clear answer yet ("Order" again). Invalid
// names fields that have become impossible since the review.
func (s *Service) Confirm(ctx context.Context, by person.Actor, reviewID, hash string, additional bool) (string, error) {
	if !by.May(person.Buy) {
		return "", errMayNot
	}
	v, err := s.ReviewByID(ctx, by, reviewID)
	if fault.Is(err, fault.NotFound) {
		return "", fault.New(fault.Conflict, "order.review.changed")
	}
	if err != nil {
		return "", err
	}
	if id, err := s.confirmedBefore(ctx, v, hash); id != "" || err != nil {
		return id, err
	}
	if s.ending() {
		return "", fault.New(fault.Busy, "order.stopping")
	}
	if v.Start != s.Store.Start() {
		again, err := s.ShowAgain(ctx, by, v.ID)
		if err != nil {
			return "", err
		}
		return "", fault.New(fault.Conflict, "order.review.again", "Review", again.ID)
	}
	if bad := s.Check(ctx, by, v.Request); len(bad) > 0 {
		// Another tab may have confirmed in between: then the name is taken by that order.
		if id, err := s.confirmedBefore(ctx, v, hash); id != "" || err != nil {
			return id, err
		}
		return "", &fault.Error{Kind: fault.Invalid, Message: fault.Say("order.review.impossible"), Fields: bad}
	}
	c, err := s.confirmation(ctx, by, v)
	if err != nil {
		return "", err
	}
	c.Hash, c.Additional = hash, additional
	if c.Beside, err = s.mayBuyBeside(ctx, by, v, additional); err != nil {
		return "", err
	}
	id, again, err := s.Store.Confirm(ctx, c)
	if err != nil {
		return "", err
	}
	if !again {
		s.Log.InfoContext(ctx, "order confirmed", "order", id, "account", v.Request.AccountID, "client_request", v.ClientRequestID)
		s.changed(id)
		s.runner.Wake(id)
	}
	return id, nil
}

// confirmedBefore gives the order that this review became, or that an equal
// review of the same draft became in a second tab; "" when there is none.
func (s *Service) confirmedBefore(ctx context.Context, v Review, hash string) (string, error) {
	if v.Hash != hash {
		return "", nil // Store.Confirm refuses it
	}
	now, err := s.Store.Review(ctx, v.ID)
	if err != nil || now.OrderID != "" {
		return now.OrderID, err
	}
	d, err := s.Store.Draft(ctx, v.DraftID)
	if fault.Is(err, fault.NotFound) || err == nil && d.OrderedAs == "" {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	o, err := s.Store.Order(ctx, d.OrderedAs)
	if err != nil || o.Hash != hash {
		return "", err
	}
	return o.ID, nil
}

func (s *Service) confirmation(ctx context.Context, by person.Actor, v Review) (Confirmation, error) {
	a, err := s.Accounts.Get(ctx, by, v.Request.AccountID)
	if err != nil {
		return Confirmation{}, err
	}
	d, err := s.Store.Draft(ctx, v.DraftID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Confirmation{}, err
	}
	kin, err := s.Accounts.Kin(ctx, a.ID)
	if err != nil {
		return Confirmation{}, err
	}
	now := s.Now()
	o := Order{
		ID: newID(), AccountID: a.ID, Sandbox: a.Sandbox(), PersonID: by.PersonID, PersonName: by.Name, ReviewID: v.ID,
		Request: v.Request, Hash: v.Hash, State: Confirmed, StateAt: now, ClientRequestID: v.ClientRequestID, IntentTag: v.IntentTag,
		Cap: v.Request.Cap, CreatedAt: now, ExpiresAt: now.Add(s.Timing.Expiry), RepeatOf: d.RepeatOf, Rev: 1,
	}
	return Confirmation{
		Kin: kin, ReviewID: v.ID, PersonID: by.PersonID, Since: now.Add(-s.Timing.Same), Fresh: now.Add(-s.Timing.Review),
		Settled: now.Add(-s.Timing.Settled), Order: o, PriceKey: priceKey(v.Request), Search: search(o, a),
		Event: Event{At: now, State: Confirmed, Message: fault.Say("order_event.recorded"), Person: by.Name},
		Audit: confirmedAudit(by, o),
	}, nil
}

func confirmedAudit(by person.Actor, o Order) audit.Entry {
	r := o.Request
	e := audit.By(by, "order.confirm", o.ID).On(o.AccountID).For(o.ID).With("name", r.Name).With("image", r.Image.ID).
		With("version", r.Image.Version).With("spec", r.Spec).With("region", r.Region).With("quantity", strconv.Itoa(r.Quantity)).
		With("period", strconv.Itoa(r.PeriodNum)+" "+string(r.PeriodUnit)).With("payment", string(r.Payment)).With("hash", o.Hash)
	if r.Cap != nil {
		e = e.With("cap", r.Cap.Amount.String()+" "+r.Cap.Currency)
	}
	return e
}

// search is what a search over orders looks at.
func search(o Order, a account.Account) string {
	r := o.Request
	return spelling.Form(strings.Join([]string{
		o.ID, r.Name, r.Image.Name, r.Image.ID, r.Image.Version, r.Spec, r.Region, o.PersonName, a.Label,
	}, "\n"))
}

// Locked reports whether buying on the account is locked, and by which order: one
// whose outcome is unknown and whose lock no owner has lifted.
func (s *Service) Locked(ctx context.Context, accountID string) (string, bool) {
	kin, err := s.Accounts.Kin(ctx, accountID)
	var open []Order
	if err == nil {
		open, err = s.Store.InState(ctx, "", Unknown)
	}
	if err != nil {
		s.Log.ErrorContext(ctx, "locks not read", "account", accountID, "err", err)
		return "", false // Confirm and Claim ask again, in their transactions
	}
	for _, o := range open {
		if !o.LockLifted && slices.Contains(kin, o.AccountID) {
			return o.ID, true
		}
	}
	return "", false
}
