package webtest

import (
	"context"
	"fmt"
	"slices"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// accounts keeps accounts in memory.
type accounts struct {
	All   []account.Account
	Added []account.Form
	Calls []string
	Err   error // what every change answers, when set
	// ReadErr is what OpenOrders and HeldEntries answer, when set: what only the
	// pages of accounts read.
	ReadErr error
	Open    map[string]int
	Held    []account.Account
}

func (a *accounts) List(context.Context, person.Actor) ([]account.Account, error) { return a.All, nil }

func (a *accounts) Get(_ context.Context, _ person.Actor, id string) (account.Account, error) {
	for _, x := range append(slices.Clone(a.All), a.Held...) {
		if x.ID == id {
			return x, nil
		}
	}
	return account.Account{}, fault.New(fault.NotFound, "web.topic.unknown")
}

func (a *accounts) Add(_ context.Context, _ person.Actor, f account.Form) (account.Account, error) {
	if a.Err != nil {
		return account.Account{}, a.Err
	}
	a.Added = append(a.Added, f)
	x := account.Account{ID: fmt.Sprintf("a%d", len(a.All)+1), Label: f.Label, Site: f.Site, Credential: f.Credential,
		State: account.Active, CreatedAt: Now, Checking: true}
	a.All = append(a.All, x)
	return x, nil
}

func (a *accounts) OpenSandbox(ctx context.Context, by person.Actor, control account.SandboxControl, label string, fleet int) error {
	if slices.ContainsFunc(a.All, account.Account.Sandbox) {
		return nil
	}
	key, err := control.Key(ctx)
	if err != nil {
		return err
	}
	if fleet > 0 {
		if err := control.Fleet(ctx, fleet); err != nil {
			return err
		}
	}
	form := account.Form{Site: account.SandboxSite, Label: label, Credential: account.ByKey, KeyID: key.ID, KeySecret: key.Secret}
	_, err = a.Add(ctx, by, form)
	return err
}

func (a *accounts) called(what, id string) error {
	a.Calls = append(a.Calls, what+" "+id)
	return a.Err
}

func (a *accounts) Rename(_ context.Context, _ person.Actor, id, label string) error {
	return a.called("rename "+label, id)
}

func (a *accounts) ReplaceKey(_ context.Context, _ person.Actor, id string, f account.Form) error {
	return a.called("replace "+f.KeyID+" "+f.KeySecret.Reveal(), id)
}

func (a *accounts) SetDisabled(_ context.Context, _ person.Actor, id string, disabled bool) error {
	return a.called(fmt.Sprintf("disabled=%v", disabled), id)
}

func (a *accounts) Delete(_ context.Context, _ person.Actor, id string) error {
	return a.called("delete", id)
}

func (a *accounts) OpenOrders(_ context.Context, _ person.Actor, id string) (int, error) {
	return a.Open[id], a.ReadErr
}

func (a *accounts) HeldEntries(context.Context, person.Actor) ([]account.Account, error) {
	return a.Held, a.ReadErr
}

func (a *accounts) GiveKey(_ context.Context, _ person.Actor, id string) (string, error) {
	return "a1", a.called("give", id)
}

func (a *accounts) Check(_ context.Context, _ person.Actor, id string) error {
	return a.called("check", id)
}
