package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/web/sandbox"
	"sampan/internal/cloud/control"
)

// sandboxControls is the controls of the Sandbox as the pages use them.
type sandboxControls struct {
	client  *control.Client
	movable bool // console and Sandbox share a calendar, so that it may be moved
}

var _ sandbox.Cloud = sandboxControls{}

// first is the Sandbox's first account, which the console connects.
func (p sandboxControls) first(ctx context.Context) (control.Account, error) {
	all, err := p.client.Accounts(ctx)
	if err != nil {
		return control.Account{}, err
	}
	if len(all) == 0 {
		return control.Account{}, errors.New("app: the Sandbox has no account")
	}
	return all[0], nil
}

// Key is the access key pair of the first account.
func (p sandboxControls) Key(ctx context.Context) (account.Key, error) {
	a, err := p.first(ctx)
	if err != nil {
		return account.Key{}, err
	}
	k := a.Key()
	return account.Key{ID: k.ID, Secret: k.Secret}, nil
}

// Status reads clock, faults and ledger.
func (p sandboxControls) Status(ctx context.Context) (sandbox.Status, error) {
	now, err := p.client.Clock(ctx)
	if err != nil {
		return sandbox.Status{}, err
	}
	faults, err := p.client.Faults(ctx)
	if err != nil {
		return sandbox.Status{}, err
	}
	ledger, err := p.client.Ledger(ctx)
	if err != nil {
		return sandbox.Status{}, err
	}
	s := sandbox.Status{Now: now, Movable: p.movable}
	for _, f := range faults {
		s.Waiting = append(s.Waiting, sandbox.Fault{
			Call: f.Call, Kind: f.Kind, Delay: f.Delay, RetryAfter: f.RetryAfter, Status: f.Status, Times: f.Times,
		})
	}
	for _, b := range slices.Backward(ledger.Purchases) {
		s.Purchases = append(s.Purchases, sandbox.Purchase{At: b.Time, OrderID: b.OrderID, Name: b.Name, Quantity: b.Quantity,
			Amount: b.Amount, Currency: b.Currency, Paid: !b.Paid.IsZero(), Delivered: len(b.Delivered)})
	}
	for _, r := range slices.Backward(ledger.Requests) {
		s.Requests = append(s.Requests, sandbox.Request{At: r.Time, Call: r.Call, Status: r.Status, Faults: r.Faults})
	}
	return s, nil
}

// Break plans faults.
func (p sandboxControls) Break(ctx context.Context, faults ...sandbox.Fault) error {
	for _, f := range faults {
		_, err := p.client.AddFault(ctx, control.Fault{
			Call: f.Call, Kind: f.Kind, Delay: f.Delay, RetryAfter: f.RetryAfter, Status: f.Status, Times: max(f.Times, 1),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Mend drops the faults that have not happened yet.
func (p sandboxControls) Mend(ctx context.Context) error { return p.client.ClearFaults(ctx) }

// Advance moves the Sandbox's calendar.
func (p sandboxControls) Advance(ctx context.Context, by time.Duration) error {
	_, err := p.client.Advance(ctx, by)
	return err
}

// Reset makes the Sandbox as new.
func (p sandboxControls) Reset(ctx context.Context) error { return p.client.Reset(ctx) }

// Fleet adds so many example servers to the first account.
func (p sandboxControls) Fleet(ctx context.Context, servers int) error {
	a, err := p.first(ctx)
	if err != nil {
		return err
	}
	_, err = p.client.Fleet(ctx, a.Name, servers)
	return err
}
