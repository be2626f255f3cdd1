package order

import (
	"context"
	"slices"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// Order gives an order as last known, its servers as the inventory knows them
// now; it never asks the cloud.
func (s *Service) Order(ctx context.Context, by person.Actor, id string) (Order, error) {
	if !by.May(person.See) {
		return Order{}, errMayNot
	}
	o, err := s.Store.Order(ctx, id)
	if err != nil {
		return o, gone(err)
	}
	return s.current(ctx, o), nil
}

// Events gives the timeline of an order, oldest first.
func (s *Service) Events(ctx context.Context, by person.Actor, id string) ([]Event, error) {
	if !by.May(person.See) {
		return nil, errMayNot
	}
	return s.Store.Events(ctx, id)
}

// Orders gives one page of orders, latest first, with counts for every group.
func (s *Service) Orders(ctx context.Context, by person.Actor, f Filter) (Page, error) {
	if !by.May(person.See) {
		return Page{}, errMayNot
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 500)
	page, err := s.Store.Orders(ctx, f)
	for i, o := range page.Rows {
		if o.State == Delivered && !o.Stands() {
			page.Rows[i] = s.current(ctx, o)
		}
	}
	return page, err
}

// Attention gives the orders that need a person, in the order in which to deal with
// them: outcomes a person must decide, unclear ones, orders under way that the cloud
// has not shown for long, orders found after "not found", partial deliveries,
// payments. nil accounts means all.
func (s *Service) Attention(ctx context.Context, by person.Actor, accountIDs []string) ([]Order, error) {
	if !by.May(person.See) {
		return nil, errMayNot
	}
	var all []Order
	for _, st := range []State{NeedsHuman, Unknown, Paying, Ordered, Delivering, NotFound, PartlyDelivered, AwaitingPayment} {
		rows, err := s.Store.InState(ctx, "", st)
		if err != nil {
			return nil, err
		}
		for _, o := range rows {
			if inScope(o.AccountID, accountIDs) && s.needsSomebody(o) {
				all = append(all, o)
			}
		}
	}
	return all, nil
}

func inScope(accountID string, scope []string) bool {
	if scope == nil {
		return true
	}
	for _, id := range scope {
		if id == accountID {
			return true
		}
	}
	return false
}

// needsSomebody reports whether an order needs a person. An order under way does when
// the cloud has not shown it for long.
func (s *Service) needsSomebody(o Order) bool {
	switch o.State {
	case Ordered, Paying, Delivering:
		return s.Now().Sub(latest(o.StateAt, o.CloudReadAt)) >= s.Timing.Silent
	case NotFound:
	default:
		return !o.Final()
	}
	for _, c := range o.Candidates {
		if c.open() {
			return true // an order turned up after "not found"
		}
	}
	return false
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Passport gives everything a support ticket needs about an order.
func (s *Service) Passport(ctx context.Context, by person.Actor, id string) (Passport, error) {
	o, err := s.Order(ctx, by, id)
	if err != nil {
		return Passport{}, err
	}
	p := Passport{Order: o}
	if p.Account, err = s.Accounts.Get(ctx, by, o.AccountID); err != nil {
		p.Account.ID, p.Account.Label = o.AccountID, ""
	}
	if p.Events, err = s.Store.Events(ctx, id); err != nil {
		return Passport{}, err
	}
	if p.Attempts, err = s.Store.Attempts(ctx, id); err != nil {
		return Passport{}, err
	}
	if p.Checks, err = s.Store.Checks(ctx, id); err != nil {
		return Passport{}, err
	}
	if p.Exchanges, err = s.Store.Exchanges(ctx, id); err != nil {
		return Passport{}, err
	}
	// They are stored when their step ends, which may be in another order.
	slices.SortStableFunc(p.Exchanges, func(a, b account.Exchange) int { return a.At.Compare(b.At) })
	if n := len(p.Attempts); n > 0 {
		p.Body, p.URL = p.Attempts[n-1].Body, p.Attempts[n-1].URL
		return p, nil
	}
	v, err := s.Store.Review(ctx, o.ReviewID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Passport{}, err
	}
	p.Body, p.URL = v.Body, v.URL
	return p, nil
}

// paidShown is how many earlier amounts are shown beside a price, paidRead among
// how many.
const (
	paidShown = 5
	paidRead  = 100
)

// PaidFor gives what orders for the same cost, latest first: each amount once,
// as paid where any order was paid at it, else as read.
func (s *Service) PaidFor(ctx context.Context, by person.Actor, r Request) ([]Paid, error) {
	if !by.May(person.See) {
		return nil, errMayNot
	}
	all, err := s.Store.Paid(ctx, priceKey(r), paidRead)
	if err != nil {
		return nil, err
	}
	var out []Paid
	for _, paid := range []bool{true, false} {
		for _, p := range all {
			if p.Paid == paid && !slices.ContainsFunc(out, func(o Paid) bool { return same(o.Amount, p.Amount) }) {
				out = append(out, p)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Paid) int { return b.At.Compare(a.At) })
	return out[:min(paidShown, len(out))], nil
}
