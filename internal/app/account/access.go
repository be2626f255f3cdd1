package account

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// Access gives what an adapter needs to speak for the account. The credential
// is unsealed once per start, which writes an audit row, and kept in memory.
// A disabled or broken account is fault.Refused ("fault.account.disabled",
// "fault.account.broken").
func (s *Service) Access(ctx context.Context, accountID string) (Access, error) {
	a, err := s.Store.Account(ctx, accountID)
	if err != nil {
		return Access{}, fmt.Errorf("account: access to %s: %w", accountID, err)
	}
	switch {
	case a.KeyLost():
		return Access{}, fault.New(fault.Refused, "fault.account.key.lost", "Account", a.Label)
	case a.State == Broken:
		return Access{}, fault.New(fault.Refused, "fault.account.broken", "Account", a.Label)
	case a.State == Disabled:
		return Access{}, fault.New(fault.Refused, "fault.account.disabled", "Account", a.Label)
	}
	acc, _, err := s.access(ctx, a)
	return acc, err
}

func (s *Service) access(ctx context.Context, a Account) (Access, *secret, error) {
	clear, err := s.unseal(ctx, a.ID)
	if err != nil {
		return Access{}, nil, fmt.Errorf("account: unseal the credential of %s: %w", a.ID, err)
	}
	acc := Access{AccountID: a.ID, Site: a.Site, Endpoints: a.Endpoints, DomainID: a.DomainID,
		Projects: maps.Clone(a.Projects), Key: clear.Key, Login: clear.Login}
	if a.Sandbox() {
		acc.Endpoints, acc.Trusted = s.Sandbox, true
	}
	return acc, clear, nil
}

// unseal gives the credential in clear, the same one until it is replaced. The
// lock is held while the box is read, so that one start writes one audit row.
func (s *Service) unseal(ctx context.Context, id string) (*secret, error) {
	s.mu.RLock()
	clear := s.secrets[id]
	s.mu.RUnlock()
	if clear != nil {
		return clear, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if clear := s.secrets[id]; clear != nil {
		return clear, nil
	}
	box, err := s.Store.Sealed(ctx, id, audit.By(person.System, "account.key.use", id).On(id))
	if err != nil {
		return nil, err
	}
	text, err := s.Keyring.Open(place(id), box)
	if err != nil {
		return nil, err
	}
	clear, err = unmarshal(text)
	if err != nil {
		return nil, err
	}
	if s.secrets == nil {
		s.secrets = make(map[string]*secret)
	}
	s.secrets[id] = clear
	return clear, nil
}

// siteRegions are where a site sells FlexusL besides the catalogue's regions
// (cloud-api, 2.2).
var siteRegions = map[Site][]string{
	Mainland: {"cn-north-4", "cn-east-3", "cn-south-1", "cn-southwest-2"},
	Europe:   {"eu-west-101"},
}

// ActiveRegions gives the regions of the account that are worth looking at:
// activated ones where FlexusL is sold, or all activated ones when that leaves
// none. They are sorted.
func (a Account) ActiveRegions(catalogue []string) []string {
	var of []string
	all := RegionsOf(a.Projects)
	for _, code := range all {
		if slices.Contains(catalogue, code) || slices.Contains(siteRegions[a.Site], code) {
			of = append(of, code)
		}
	}
	if len(of) == 0 {
		return all
	}
	return of
}

// Learn remembers what a call showed about a right: that it is there, or that a 403
// refused it. A refused sign-in breaks the account until a person acts, except soon
// after the credential was replaced: then the call may have used the old one, and
// the check tells about the new one. When the last connection check got no answer to
// what the call got one to, the check is made again. Errors are logged and not
// returned: the caller goes on with the call's result.
func (s *Service) Learn(ctx context.Context, accountID string, right Right, err error) {
	f := fault.Of(err)
	switch {
	case err == nil:
		s.remember(ctx, accountID, right, Answer{Allowed: true})
	case signInRefused(f):
		if !s.replacedLately(accountID) {
			s.LoginRefused(ctx, accountID, f)
		}
	case f.Status == http403:
		s.remember(ctx, accountID, right, Answer{Code: f.Code})
	}
}

// lateFor is for how long calls may still go on with a credential that was
// replaced: a refresh of thousands of servers takes minutes.
const lateFor = 10 * time.Minute

func (s *Service) replacedLately(id string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at, replaced := s.replaced[id]
	return replaced && s.Now().Sub(at) < lateFor
}

const http403 = 403 // "not permitted": the only status that tells about a right

// signInRefused reports whether the cloud does not take the credential itself;
// the adapters word it with these ids.
func signInRefused(f *fault.Error) bool {
	return f.Kind == fault.Refused && (f.Message.ID == "cloud.login.wrong" || f.Message.ID == "cloud.login.refused")
}

func (s *Service) remember(ctx context.Context, id string, right Right, answer Answer) {
	a, err := s.Store.Account(ctx, id)
	if err == nil && answer.Allowed {
		err = s.again(ctx, a, right)
	}
	if err == nil {
		if old, known := a.Rights[right]; known && old.Allowed == answer.Allowed && old.Code == answer.Code {
			return // nothing new: no write for every call
		}
		answer.At = s.Now().UTC()
		_, err = s.Store.Update(ctx, id, func(a *Account) error {
			a.learn(right, answer)
			return nil
		})
	}
	if err != nil {
		s.Log.WarnContext(ctx, "account: right not remembered", "account", id, "right", string(right), "err", err)
		return
	}
	s.told(id)
}

func (a *Account) learn(right Right, answer Answer) {
	rights := maps.Clone(a.Rights)
	if rights == nil {
		rights = make(map[Right]Answer)
	}
	rights[right] = answer
	a.Rights = rights
}

// LoginRefused breaks the account: the cloud refused its credential, and to try again
// without a person would lock the IAM user. A person's check or a new key makes it
// usable again.
func (s *Service) LoginRefused(ctx context.Context, accountID string, why *fault.Error) {
	_, err := s.Store.Update(ctx, accountID, func(a *Account) error {
		if a.State != Active {
			return errNothingToDo
		}
		a.State, a.Trouble, a.TroubleAt = Broken, why.Message, s.Now().UTC()
		return nil
	}, audit.By(person.System, "account.broken", accountID).On(accountID).With("code", why.Code).Ended("refused", why.RequestID))
	if errors.Is(err, errNothingToDo) {
		return
	}
	if err != nil {
		s.Log.WarnContext(ctx, "account: refused sign-in not remembered", "account", accountID, "err", err)
		return
	}
	s.Log.WarnContext(ctx, "account broken: the cloud refused its sign-in",
		"account", accountID, "code", why.Code, "request", why.RequestID)
	s.told(accountID)
}

var errNothingToDo = errors.New("account: nothing to do")

// Kin gives the ids of all entries of the entry's account at the cloud, itself
// included. Entries of one account share locks and rivals (reliability.md §3.3).
func (s *Service) Kin(ctx context.Context, accountID string) ([]string, error) {
	all, err := s.Store.Accounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("account: kin of %s: %w", accountID, err)
	}
	kin := []string{accountID}
	if i := slices.IndexFunc(all, func(a Account) bool { return a.ID == accountID }); i >= 0 {
		for _, a := range all[i].kin(all) {
			kin = append(kin, a.ID)
		}
	}
	return kin, nil
}
