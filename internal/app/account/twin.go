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

// TwinFound is the Trouble of an entry whose first sign-in showed a Huawei account
// that another entry has already. Its values are "Account", the other's label, and
// "ID".
const TwinFound = "account.check.twin"

// heldFor is how long such an entry and its sealed credential are kept for an owner
// to decide about.
const heldFor = time.Hour

// Held reports whether the entry is a second one of an account that is connected
// already. It is in no list and no scope, and no call is made for it. An owner gives
// its credential to the first entry or discards it; after an hour it is removed.
func (a Account) Held() bool { return a.State == Broken && a.Trouble.ID == TwinFound }

// First is, for a held entry, the id of the entry that has its account.
func (a Account) First() string {
	if !a.Held() {
		return ""
	}
	return a.Trouble.Values["ID"]
}

// Twins are the other entries among all that have the same Huawei account. They come
// from versions that let an account be connected twice. Accounts of the Sandbox have
// none.
func (a Account) Twins(all []Account) []Account {
	if a.Sandbox() {
		return nil
	}
	return a.kin(all)
}

// kin are the other entries among all that have the same account at the cloud. Held
// entries are not among them: their domain id is not stored.
func (a Account) kin(all []Account) []Account {
	return slices.DeleteFunc(slices.Clone(all), func(o Account) bool { return o.ID == a.ID || o.Payer() != a.Payer() })
}

// settle stores whose account a first sign-in showed, unless another entry has that
// account: then this entry is held. Entries that sign in for the first time at the
// same moment are settled one after the other.
func (r *checkRun) settle(ctx context.Context, who Identity, line Check, change func(*Account)) (first bool) {
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
	return r.keepLine(ctx, line, change) == nil
}

// hold makes the entry a held one, because another entry has its account.
func (r *checkRun) hold(ctx context.Context, other Account) {
	why := fault.Say(TwinFound, "Account", other.Label, "ID", other.ID)
	r.lines, r.old = []Check{{Name: "keys", Kind: fault.Conflict.String(), Message: why, Since: r.s.Now().UTC()}}, nil
	r.update(ctx, func(a *Account) {
		a.State, a.Trouble, a.TroubleAt = Broken, why, r.s.Now().UTC()
		a.Checks, a.CheckedAt = r.lines, r.s.Now().UTC()
	}, audit.By(person.System, "account.twin", r.a.ID).On(r.a.ID).With("first", other.ID))
}

// HeldEntries gives the held entries, by label.
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

// GiveKey replaces the credential of the first entry by that of the held one, removes
// the held one and gives the first one's id. It is fault.Conflict when the entry is
// not held, or the first was removed meanwhile: then a check of the held entry
// connects it.
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
	if err := s.remove(ctx, by, id, held.still); err != nil { // discard removes it later
		s.Log.WarnContext(ctx, "account: remove a second entry whose key was given", "account", id, "err", err)
	}
	return held.First(), nil
}

// still is an error unless the entry is held for the same reason as before.
func (a Account) still(now Account) error {
	if !now.Held() || !now.TroubleAt.Equal(a.TroubleAt) {
		return errNothingToDo
	}
	return nil
}

// discard removes held entries that nobody has decided about for heldFor, so that
// their credentials are not kept.
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
