package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
)

// Sealer keeps credentials unreadable at rest; *seal.Keyring is one.
type Sealer interface {
	// Seal encrypts clear; what it gives opens only at the same place.
	Seal(p seal.Place, clear []byte) ([]byte, error)
	// Open decrypts what Seal gave. A box of another place, an altered one and one of a
	// key that is not held are errors.
	Open(p seal.Place, box []byte) ([]byte, error)
}

// Service is the use cases of cloud accounts. It is safe for concurrent use;
// its fields are set before the first call and not changed afterwards.
type Service struct {
	Store   Store
	Keyring Sealer
	Probe   Prober

	// Sandbox is where the simulated cloud is; zero: there is none.
	Sandbox Endpoints
	// Regions are those the catalogue sells in; a check looks at them.
	Regions []string
	// CheckEndpoint says what is wrong with a base URL that an owner typed.
	CheckEndpoint func(base string) fault.Message
	// Offset is the cloud's clock minus ours as last measured, 0 = not known.
	Offset func(accountID string) time.Duration
	// Forget drops what the adapters keep of an account: its tokens, and that its
	// login was refused.
	Forget func(accountID string)
	// Checked is told that a connection check has signed in, before the check ends: the
	// account can be read now. It must not block.
	Checked func(accountID string)
	// Changed tells open pages that topics changed. It must not block.
	Changed func(topics ...string)

	// Scale divides the pauses between checks that no person asked for; 0 is 1.
	Scale float64

	Now   func() time.Time
	NewID func() string
	Log   *slog.Logger

	mu       sync.RWMutex         // locked while a credential is unsealed or replaced
	secrets  map[string]*secret   // unsealed once per start
	replaced map[string]time.Time // when an account's credential was, since the start
	checks   checkQueue

	settling sync.Mutex // held while a first sign-in is compared with the other entries
}

// place is where a credential is stored; the seal is bound to it.
func place(id string) seal.Place { return seal.Place{Table: "account", Row: id, Column: "credential"} }

// Add connects a cloud account and starts its first connection check. The
// credential is sealed before it is stored and is never shown again. It is a
// fault.Invalid naming the fields when the form cannot be used.
func (s *Service) Add(ctx context.Context, by person.Actor, f Form) (Account, error) {
	if !by.May(person.ManageAccounts) {
		return Account{}, denied()
	}
	f = f.tidy()
	if err := s.check(f); err != nil {
		return Account{}, err
	}
	now := s.Now().UTC()
	a := Account{ID: s.NewID(), Label: f.Label, Site: f.Site, Credential: f.Credential, KeyHint: f.hint(), Endpoints: f.Endpoints,
		State: Active, DomainName: f.Domain, CreatedAt: now, UpdatedAt: now, Rev: 1}
	box, err := s.seal(a.ID, f)
	if err != nil {
		return Account{}, err
	}
	e := audit.By(by, "account.add", a.ID).On(a.ID).With("label", a.Label).With("site", string(a.Site)).
		With("credential", string(a.Credential)).With("hint", a.KeyHint)
	for _, u := range services(a.Endpoints) {
		if u.URL != "" {
			e = e.With(FieldEndpoint+u.Name, u.URL)
		}
	}
	if err := s.Store.Create(ctx, a, box, e); err != nil {
		return Account{}, s.taken(err, "add")
	}
	s.told(a.ID)
	s.checks.ask(a.ID)
	a.Checking = true
	return a, nil
}

// AddSandbox connects an account of the simulated cloud, by key or by login.
// Only label and credential of the form count.
func (s *Service) AddSandbox(ctx context.Context, by person.Actor, f Form) (Account, error) {
	f.Site = SandboxSite
	return s.Add(ctx, by, f)
}

func (s *Service) check(f Form) error {
	bad := problems{}
	bad.label(f.Label)
	bad.credential(f)
	switch f.Site {
	case International, Mainland, Europe, Custom:
		bad.endpoints(f, s.CheckEndpoint)
	case SandboxSite:
		if s.Sandbox == (Endpoints{}) {
			bad[FieldSite] = fault.Say("account.site.sandbox")
		}
	default:
		bad[FieldSite] = fault.Say("account.site.unknown")
	}
	return bad.fault()
}

func (s *Service) seal(id string, f Form) ([]byte, error) {
	clear, err := f.secret().marshal()
	if err != nil {
		return nil, fmt.Errorf("account: seal the credential: %w", err)
	}
	box, err := s.Keyring.Seal(place(id), clear)
	if err != nil {
		return nil, fmt.Errorf("account: seal the credential: %w", err)
	}
	return box, nil
}

// taken turns ErrLabelTaken into a message at the field of the label.
func (s *Service) taken(err error, what string) error {
	if errors.Is(err, ErrLabelTaken) {
		return problems{FieldLabel: fault.Say("account.label.taken")}.fault()
	}
	return fmt.Errorf("account: %s: %w", what, err)
}

// Rename gives the account another label.
func (s *Service) Rename(ctx context.Context, by person.Actor, id, label string) error {
	if !by.May(person.ManageAccounts) {
		return denied()
	}
	label = Form{Label: label}.tidy().Label
	bad := problems{}
	bad.label(label)
	if err := bad.fault(); err != nil {
		return err
	}
	_, err := s.Store.Update(ctx, id, func(a *Account) error {
		a.Label = label
		return nil
	}, audit.By(by, "account.rename", id).On(id).With("label", label))
	if err != nil {
		return s.taken(err, "rename")
	}
	s.told(id)
	return nil
}

// ReplaceKey gives the account another credential, of either kind, and checks
// the connection again. Label, site and endpoints of the form are ignored: an entry
// of another site is another account. What calls showed about the old credential's
// rights is dropped.
func (s *Service) ReplaceKey(ctx context.Context, by person.Actor, id string, f Form) error {
	if !by.May(person.ManageAccounts) {
		return denied()
	}
	f = f.tidy()
	bad := problems{}
	bad.credential(f)
	if err := bad.fault(); err != nil {
		return err
	}
	box, err := s.seal(id, f)
	if err != nil {
		return err
	}
	e := audit.By(by, "account.key.replace", id).On(id).With("credential", string(f.Credential)).With("hint", f.hint())
	if err := s.reseal(ctx, id, f, box, e); err != nil {
		return fmt.Errorf("account: replace the key: %w", err)
	}
	s.forget(id)
	s.checks.askAnew(id)
	s.told(id)
	return nil
}

// reseal stores another credential. It holds the lock, so that no call unseals the
// old one and no check stores results about it meanwhile.
func (s *Service) reseal(ctx context.Context, id string, f Form, box []byte, e audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.Store.Reseal(ctx, id, box, func(a *Account) error {
		a.Credential, a.KeyHint, a.Rights = f.Credential, f.hint(), nil
		if f.Domain != "" {
			a.DomainName = f.Domain
		}
		a.mend()
		return nil
	}, e)
	if err != nil {
		return err
	}
	delete(s.secrets, id)
	if s.replaced == nil {
		s.replaced = make(map[string]time.Time)
	}
	s.replaced[id] = s.Now()
	return nil
}

// mend makes a broken account active again; a disabled one stays disabled.
func (a *Account) mend() {
	if a.State == Broken {
		a.State = Active
	}
	a.Trouble, a.TroubleAt = fault.Message{}, time.Time{}
}

// SetDisabled stops or resumes every call for the account. Its orders and its
// instances stay visible as last known.
func (s *Service) SetDisabled(ctx context.Context, by person.Actor, id string, disabled bool) error {
	if !by.May(person.ManageAccounts) {
		return denied()
	}
	if a, err := s.Store.Account(ctx, id); err == nil && a.Held() {
		return fault.New(fault.Conflict, "account.twin.held")
	}
	action, state := "account.enable", Active
	if disabled {
		action, state = "account.disable", Disabled
	}
	_, err := s.Store.Update(ctx, id, func(a *Account) error {
		a.State = state
		switch {
		case disabled:
		case a.KeyLost():
			a.State = Broken // there is nothing to sign in with
		default:
			a.Trouble, a.TroubleAt = fault.Message{}, time.Time{}
		}
		return nil
	}, audit.By(by, action, id).On(id))
	if err != nil {
		return fmt.Errorf("account: disable: %w", err)
	}
	s.told(id)
	if !disabled {
		s.forget(id)
		s.checks.askAnew(id)
	}
	return nil
}

// Delete removes the account, its key and its local picture. Nothing changes
// at the cloud. With open orders it is refused: fault.Conflict
// "account.delete.open": the console could not follow the money any more.
func (s *Service) Delete(ctx context.Context, by person.Actor, id string) error {
	if !by.May(person.ManageAccounts) {
		return denied()
	}
	return s.remove(ctx, by, id, nil)
}

func (s *Service) remove(ctx context.Context, by person.Actor, id string, may func(Account) error) error {
	open, err := s.Store.Delete(ctx, id, may, audit.By(by, "account.delete", id).On(id))
	if err != nil {
		return fmt.Errorf("account: delete: %w", err)
	}
	if open > 0 {
		return fault.New(fault.Conflict, "account.delete.open", "N", strconv.Itoa(open))
	}
	s.lose(id)
	s.told(id)
	return nil
}

// OpenOrders gives how many orders keep an account from being deleted.
func (s *Service) OpenOrders(ctx context.Context, by person.Actor, id string) (int, error) {
	if !by.May(person.See) {
		return 0, denied()
	}
	n, err := s.Store.OpenOrders(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("account: open orders of %s: %w", id, err)
	}
	return n, nil
}

// Get gives one account; fault.NotFound when there is none.
func (s *Service) Get(ctx context.Context, by person.Actor, id string) (Account, error) {
	if !by.May(person.See) {
		return Account{}, denied()
	}
	check := s.checks.at(id) // read before the row: when the check is done, the row has all its lines
	a, err := s.Store.Account(ctx, id)
	if err != nil {
		return Account{}, fmt.Errorf("account: %s: %w", id, err)
	}
	return a.with(check), nil
}

// List gives all accounts, by label, without held entries.
func (s *Service) List(ctx context.Context, by person.Actor) ([]Account, error) {
	if !by.May(person.See) {
		return nil, denied()
	}
	checks := s.checks.all()
	all, err := s.Store.Accounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("account: list: %w", err)
	}
	all = slices.DeleteFunc(all, Account.Held)
	for i := range all {
		all[i] = all[i].with(checks[all[i].ID])
	}
	return all, nil
}

func (a Account) with(check progress) Account {
	a.Checking, a.Step, a.Again = check.underWay(), check.step, check.byItself
	return a
}

func denied() error { return fault.New(fault.Forbidden, "account.forbidden") }

func (s *Service) told(id string) {
	if s.Changed != nil {
		s.Changed("account/"+id, "frame", "attention")
	}
}

func (s *Service) forget(id string) {
	if s.Forget != nil {
		s.Forget(id)
	}
}

// lose drops the credential in clear, and the tokens made with it.
func (s *Service) lose(id string) {
	s.mu.Lock()
	delete(s.secrets, id)
	s.mu.Unlock()
	s.forget(id)
}
