package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// TwinFound is the Trouble of an entry whose first sign-in showed an account at
// Huawei that another entry stands for already. Its values are "Account", the
// other's label, and "ID".
const TwinFound = "account.check.twin"

// heldFor is how long the credential of such an entry is kept, sealed, for its
// owner to say what becomes of it.
const heldFor = time.Hour

// Held reports whether the entry is a second one of an account that is connected
// already. It is in no list and no scope and makes no call; an owner gives its
// credential to the first entry or discards it, and after an hour it is discarded.
func (a Account) Held() bool { return a.State == Broken && a.Trouble.ID == TwinFound }

// First is the id of the entry that stands for the account of a held one.
func (a Account) First() string {
	if !a.Held() {
		return ""
	}
	return a.Trouble.Values["ID"]
}

// Twins are the other entries among all of the same account at Huawei: they come
// from versions that let an account be connected twice. The Sandbox is apart.
func (a Account) Twins(all []Account) []Account {
	if a.Sandbox() {
		return nil
	}
	return a.kin(all)
}

// kin are the other entries among all of the same account at the cloud. A held
// one is never among them: its domain id is not stored.
func (a Account) kin(all []Account) []Account {
	return slices.DeleteFunc(slices.Clone(all), func(o Account) bool { return o.ID == a.ID || o.Payer() != a.Payer() })
}

// settle stores whose account a first sign-in showed, unless another entry stands
// for it: then this one is held. Entries that sign in for the first time at the
// same moment pass one after the other.
func (r *run) settle(ctx context.Context, who Identity, line Check, change func(*Account)) (first bool) {
	r.s.settling.Lock()
	defer r.s.settling.Unlock()
	all, err := r.s.Store.Accounts(ctx)
	if err != nil {
		r.err = fmt.Errorf("account: look for entries of the same account: %w", err)
		return false
	}
	a := r.a
	a.DomainID = who.DomainID
	if twins := a.Twins(all); r.a.DomainID == "" && len(twins) > 0 {
		r.hold(ctx, twins[0])
		return false
	}
	return r.say(ctx, line, change) == nil
}

// hold keeps the entry from being a second one of the account of another.
func (r *run) hold(ctx context.Context, other Account) {
	why := fault.Say(TwinFound, "Account", other.Label, "ID", other.ID)
	r.lines, r.old = []Check{{Name: "keys", Kind: fault.Conflict.String(), Message: why, Since: r.s.Now().UTC()}}, nil
	r.update(ctx, func(a *Account) {
		a.State, a.Trouble, a.TroubleAt = Broken, why, r.s.Now().UTC()
		a.Checks, a.CheckedAt = r.lines, r.s.Now().UTC()
	}, audit.By(person.System, "account.twin", r.a.ID).On(r.a.ID).With("first", other.ID))
}

// HeldEntries gives the second entries that wait for their owner, by label.
func (s *Service) HeldEntries(ctx context.Context, by person.Actor) ([]Account, error) {
	if !by.May(person.ManageAccounts) {
		return nil, nil
	}
	all, err := s.Store.Accounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("account: held entries: %w", err)
	}
	return slices.DeleteFunc(all, func(a Account) bool { return !a.Held() }), nil
}

// GiveKey replaces the credential of the first entry by that of the held one,
// which is gone afterwards, and gives the first one's id. It is a fault.Conflict
// when the entry is not held, or the first was removed meanwhile: then the check
// of the held one connects it.
func (s *Service) GiveKey(ctx context.Context, by person.Actor, id string) (first string, err error) {
	if !by.May(person.ManageAccounts) {
		return "", denied()
	}
	held, err := s.Store.Account(ctx, id)
	if err != nil {
		return "", fmt.Errorf("account: give the key of %s: %w", id, err)
	}
	if !held.Held() {
		return "", fault.New(fault.Conflict, "account.twin.not")
	}
	if _, err := s.Store.Account(ctx, held.First()); fault.Is(err, fault.NotFound) {
		return "", fault.New(fault.Conflict, "account.twin.gone", "Account", held.Trouble.Values["Account"])
	}
	clear, err := s.unseal(ctx, id)
	if err != nil {
		return "", fmt.Errorf("account: give the key of %s: %w", id, err)
	}
	f := Form{Credential: held.Credential, KeyID: clear.Key.ID, KeySecret: clear.Key.Secret,
		User: clear.Login.User, Domain: clear.Login.Domain, Password: clear.Login.Password}
	if err := s.ReplaceKey(ctx, by, held.First(), f); err != nil {
		return "", err
	}
	if err := s.remove(ctx, by, id, held.still); err != nil { // discard will remove it
		s.Log.WarnContext(ctx, "account: remove a second entry whose key was given", "account", id, "err", err)
	}
	return held.First(), nil
}

// still is an error unless the entry is held as it was.
func (a Account) still(now Account) error {
	if !now.Held() || !now.TroubleAt.Equal(a.TroubleAt) {
		return errNothingToDo
	}
	return nil
}

// discard removes held entries that nobody decided about: a credential is not
// kept for nothing.
func (s *Service) discard(ctx context.Context, all []Account) {
	for _, a := range all {
		if !a.Held() || s.Now().Sub(a.TroubleAt) < heldFor {
			continue
		}
		err := s.remove(ctx, person.System, a.ID, func(now Account) error {
			if s.checks.at(a.ID).underWay() { // somebody is about to connect it
				return errNothingToDo
			}
			return a.still(now)
		})
		if err != nil && !errors.Is(err, errNothingToDo) {
			s.Log.ErrorContext(ctx, "account: discard a second entry", "account", a.ID, "err", err)
		}
	}
}
