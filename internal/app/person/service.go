package person

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
	"sampan/internal/app/spelling"
)

// Options of a Service. Only Store is needed.
type Options struct {
	Store     Store
	Languages []string         // that a profile may name; nil: "en" and "zh-Hans"
	Log       *slog.Logger     // nil: none
	Now       func() time.Time // the real clock; nil: time.Now
}

// Service signs people in and keeps their sessions. It is safe for concurrent
// use. Its failures are faults.
type Service struct {
	store     Store
	languages []string
	log       *slog.Logger
	now       func() time.Time
	hasher    *hasher
	setUp     atomic.Bool // a person exists: it never changes back

	mu    sync.Mutex
	onEnd []func(ref string)
	onIn  []func()
}

// New builds a Service.
func New(o Options) *Service {
	s := &Service{store: o.Store, languages: o.Languages, log: o.Log, now: o.Now, hasher: newHasher()}
	if s.languages == nil {
		s.languages = []string{"en", "zh-Hans"}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// The faults of signing in. ErrWrong does not say what was wrong.
var (
	ErrWrong     = fault.New(fault.Invalid, "fault.signin.wrong")
	ErrNoSession = fault.New(fault.Forbidden, "fault.session.ended")
	errNoLink    = fault.New(fault.NotFound, "fault.link.used")
	errNoSetup   = fault.New(fault.NotFound, "fault.setup.done")
)

// Actor makes the actor of a request out of who asks and from where.
func (p Person) Actor(s Session, address string) Actor {
	return Actor{PersonID: p.ID, Name: p.DisplayName, Role: p.Role, SessionRef: s.Ref, Address: address}
}

// SetupOpen reports whether the console still waits for its first person.
func (s *Service) SetupOpen(ctx context.Context) (bool, error) {
	if s.setUp.Load() {
		return false, nil
	}
	any, err := s.store.Any(ctx)
	if err != nil {
		return false, err
	}
	if any {
		s.setUp.Store(true)
	}
	return !any, nil
}

// NewSetupToken makes the one-time code for the first person, to be printed at start;
// it replaces any earlier one. fixed, when not empty, is the code; it must have 16
// characters or more. The code is stored hashed. It is NotFound once there is a
// person.
func (s *Service) NewSetupToken(ctx context.Context, fixed seal.Secret) (seal.Secret, error) {
	open, err := s.SetupOpen(ctx)
	if err != nil {
		return seal.Secret{}, err
	}
	if !open {
		return seal.Secret{}, errNoSetup
	}
	token, hash := newToken()
	if !fixed.Empty() {
		if utf8.RuneCountInString(fixed.Reveal()) < 16 {
			return seal.Secret{}, fault.New(fault.Invalid, "fault.setup.short")
		}
		token, hash = fixed, hashOf(fixed)
	}
	err = s.store.PutLink(ctx, Link{Hash: hash, Kind: LinkSetup}, Note{Actor: System, Action: "setup.link", Outcome: "ok"})
	return token, err
}

// typed is a code as it was typed or pasted, without what copying adds.
func typed(code seal.Secret) seal.Secret { return seal.Conceal(spelling.Clean(code.Reveal())) }

// SetUp makes the first person, an owner, and uses up the code. A wrong code,
// or one that is used up, is NotFound; wrong fields are Invalid.
func (s *Service) SetUp(ctx context.Context, code seal.Secret, f SetupForm) (Person, error) {
	open, err := s.SetupOpen(ctx)
	if err != nil {
		return Person{}, err
	}
	if !open {
		return Person{}, errNoSetup
	}
	now := s.now()
	if _, err := s.store.Link(ctx, hashOf(typed(code)), LinkSetup, now); err != nil {
		return Person{}, linkFault(err)
	}
	p := firstPerson(f, now)
	if err := invalid(s.checkSetup(p, f)); err != nil {
		return Person{}, err
	}
	hash, err := s.hasher.hash(ctx, f.Password)
	if err != nil {
		return Person{}, err
	}
	note := Note{Actor: p.Actor(Session{}, ""), Action: "person.create", Outcome: "ok", Target: p.ID,
		Fields: map[string]string{"name": p.Name, "role": string(p.Role)}}
	if err := s.store.CreateFirst(ctx, p, hash, hashOf(typed(code)), note); err != nil {
		return Person{}, linkFault(err)
	}
	s.setUp.Store(true)
	return p, nil
}

func firstPerson(f SetupForm, now time.Time) Person {
	p := Person{
		ID: uuid.Must(uuid.NewV7()).String(), Name: NormalName(f.Name), DisplayName: f.DisplayName, Role: Owner,
		Language: f.Language, Zone: f.Zone, Shortcuts: true, Scope: ScopeReal, CreatedAt: now.UTC(), UpdatedAt: now.UTC(), Rev: 1,
	}
	if p.DisplayName == "" {
		p.DisplayName = f.Name
	}
	return p
}

func (s *Service) checkSetup(p Person, f SetupForm) map[string]fault.Message {
	bad := checkProfile(Profile{DisplayName: p.DisplayName, Language: p.Language, Zone: p.Zone}, s.languages)
	if name := checkName(p.Name); !name.Zero() {
		bad["name"] = name
		delete(bad, "display_name") // it is usually the same text
	}
	put(bad, "password", CheckPassword(f.Password, p.Name))
	return bad
}

// linkFault words a one-time link that does not exist or is used up.
func linkFault(err error) error {
	if fault.Is(err, fault.NotFound) {
		return errNoLink.Because(err)
	}
	return err
}

// SignIn checks the password and starts a session with a new id. For a name that does
// not exist it does the same work. A wrong name and a wrong password are both
// ErrWrong; too many guesses are fault.Busy with the time to wait. device is the
// browser's device cookie, empty when it has none: a browser that has signed the
// person in before has its own quota of guesses.
func (s *Service) SignIn(
	ctx context.Context, name string, password seal.Secret, address, browser string, device seal.Secret,
) (Person, SignedIn, error) {
	p, hash, err := s.store.ByName(ctx, NormalName(name))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Person{}, SignedIn{}, err
	}
	who := Actor{PersonID: p.ID, Name: p.DisplayName, Role: p.Role, Address: address} // never what was typed: it may be the password
	buckets, err := s.buckets(ctx, p, NormalName(name), address, device)
	if err != nil {
		return Person{}, SignedIn{}, err
	}
	if err := s.guess(ctx, buckets, Note{Actor: who, Action: "person.sign-in", Target: p.ID}); err != nil {
		return Person{}, SignedIn{}, err
	}
	ok, err := s.hasher.matches(ctx, password, hash)
	if err != nil {
		return Person{}, SignedIn{}, err
	}
	if !ok || p.Disabled {
		err := s.store.Note(ctx, Note{Actor: who, Action: "person.sign-in", Outcome: "denied", Target: p.ID})
		return Person{}, SignedIn{}, errors.Join(ErrWrong, err)
	}
	return s.start(ctx, p, who, cut(browser, 200), device, buckets)
}

// buckets are the quotas that a guess counts in: those of the account and of the
// address, or only that of a browser that has signed this person in before. So
// guesses from elsewhere do not lock the person out.
func (s *Service) buckets(ctx context.Context, p Person, name, address string, device seal.Secret) ([]string, error) {
	if p.ID != "" && !device.Empty() {
		known, err := s.store.KnowsDevice(ctx, p.ID, hashOf(device))
		if err != nil {
			return nil, err
		}
		if known {
			return []string{bucket("device", p.ID+" "+hashOf(device))}, nil
		}
	}
	return []string{bucket("account", name), bucket("address", network(address))}, nil
}

// guess counts a guess; when it comes too early it is fault.Busy with the time to wait.
func (s *Service) guess(ctx context.Context, buckets []string, n Note) error {
	n.Outcome = "throttled"
	wait, err := s.store.Guess(ctx, buckets, s.now(), n)
	if err != nil {
		return err
	}
	if wait > 0 {
		wait = wait.Round(time.Second) + time.Second
		return &fault.Error{Kind: fault.Busy, RetryAfter: wait,
			Message: fault.Say("fault.signin.wait", "Seconds", fmt.Sprint(int(math.Ceil(wait.Seconds()))))}
	}
	return nil
}

func (s *Service) start(
	ctx context.Context, p Person, who Actor, browser string, device seal.Secret, buckets []string,
) (Person, SignedIn, error) {
	now := s.now().UTC()
	token, ref := newToken()
	fresh := now.Add(Fresh)
	ss := Session{Ref: ref, PersonID: p.ID, Created: now, Seen: now, FreshUntil: fresh, Address: who.Address, Browser: browser}
	who.SessionRef = ref
	known := len(buckets) == 1 // the browser's own
	if !known {
		device, _ = newToken()
	}
	note := Note{Actor: who, Action: "person.sign-in", Outcome: "ok", Target: p.ID}
	if err := s.store.Start(ctx, ss, hashOf(device), buckets[0], buckets[1:], note); err != nil {
		return Person{}, SignedIn{}, err
	}
	s.signedIn()
	return p, SignedIn{SessionToken: token, DeviceToken: device}, nil
}

// cut shortens text that a browser sent and removes what cannot be shown.
func cut(s string, most int) string {
	var out []rune
	for _, r := range s {
		if len(out) == most {
			break
		}
		if unicode.IsPrint(r) && r != utf8.RuneError {
			out = append(out, r)
		}
	}
	return string(out)
}

// Session gives who a session token belongs to, as they are now, and counts as
// use of it. A session that does not exist, has run out, or whose person is
// disabled is ErrNoSession.
func (s *Service) Session(ctx context.Context, token seal.Secret) (Person, Session, error) {
	p, ss, err := s.look(ctx, hashOf(token))
	if err != nil {
		return Person{}, Session{}, err
	}
	now := s.now().UTC()
	if now.Sub(ss.Seen) >= time.Minute { // at most one write a minute
		if err := s.store.Seen(ctx, ss.Ref, now); err == nil {
			ss.Seen = now
		} else if !fault.Is(err, fault.Busy) { // Busy: the disk is full, and reading is still allowed
			return Person{}, Session{}, err
		}
	}
	return p, ss, nil
}

func (s *Service) look(ctx context.Context, ref string) (Person, Session, error) {
	ss, p, err := s.store.Session(ctx, ref)
	if fault.Is(err, fault.NotFound) || (err == nil && (p.Disabled || ss.ended(s.now()))) {
		return Person{}, Session{}, ErrNoSession
	}
	return p, ss, err
}

// Peek is Session without counting as use. It is for parts of a page that are read
// again without a person: an open page alone must not keep a session alive.
func (s *Service) Peek(ctx context.Context, token seal.Secret) (Person, Session, error) {
	return s.look(ctx, hashOf(token))
}

// Alive reports whether a session has not ended, without counting as use. It is for
// open streams. When the session cannot be read, it is true.
func (s *Service) Alive(ctx context.Context, token seal.Secret) bool {
	_, _, err := s.look(ctx, hashOf(token))
	return !errors.Is(err, ErrNoSession)
}

// Sessions are the actor's own live sessions, the last used first.
func (s *Service) Sessions(ctx context.Context, by Actor) ([]Session, error) {
	all, err := s.store.Sessions(ctx, by.PersonID)
	if err != nil {
		return nil, err
	}
	live := make([]Session, 0, len(all))
	for _, ss := range all {
		if !ss.ended(s.now()) {
			live = append(live, ss)
		}
	}
	return live, nil
}

// OnEnd has f called with the ref of every session that a person ends, right after
// it is removed: streams end without waiting for their next check. f must not block.
func (s *Service) OnEnd(f func(sessionRef string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onEnd = append(s.onEnd, f)
}

// OnSignIn has f called whenever somebody has signed in. f must not block.
func (s *Service) OnSignIn(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onIn = append(s.onIn, f)
}

func (s *Service) signedIn() {
	s.mu.Lock()
	fs := s.onIn
	s.mu.Unlock()
	for _, f := range fs {
		f()
	}
}

func (s *Service) ended(refs []string) {
	s.mu.Lock()
	fs := s.onEnd
	s.mu.Unlock()
	for _, ref := range refs {
		for _, f := range fs {
			f(ref)
		}
	}
}

// SignOut ends the actor's session. It is no error when the session has ended before.
func (s *Service) SignOut(ctx context.Context, by Actor) error {
	return s.end(ctx, by, by.SessionRef, "", "person.sign-out")
}

// Revoke ends one of the actor's sessions; it is NotFound for any other.
func (s *Service) Revoke(ctx context.Context, by Actor, ref string) error {
	ss, _, err := s.store.Session(ctx, ref)
	if err != nil || ss.PersonID != by.PersonID {
		return fault.New(fault.NotFound, "fault.session.unknown").Because(err)
	}
	return s.end(ctx, by, ref, "", "session.revoke")
}

// RevokeOthers ends all sessions of the actor but the one that asks.
func (s *Service) RevokeOthers(ctx context.Context, by Actor) error {
	return s.end(ctx, by, "", by.SessionRef, "session.revoke.others")
}

func (s *Service) end(ctx context.Context, by Actor, only, keep, action string) error {
	if by.PersonID == "" || (only == "" && keep == "") {
		return ErrNoSession
	}
	ended, err := s.store.End(ctx, by.PersonID, only, keep, Note{Actor: by, Action: action, Outcome: "ok", Target: only})
	if err != nil {
		return err
	}
	s.ended(ended)
	return nil
}

// ChangePassword replaces the actor's password and ends all their other
// sessions. A wrong old one is Invalid at field "old", a poor new one at "new".
func (s *Service) ChangePassword(ctx context.Context, by Actor, old, new seal.Secret) error {
	p, err := s.confirm(ctx, by, old, "old", "person.password")
	if err != nil {
		return err
	}
	return s.setPassword(ctx, p, new, "new", by.SessionRef, "", Note{Actor: by, Action: "person.password", Outcome: "ok", Target: p.ID})
}

func (s *Service) setPassword(ctx context.Context, p Person, new seal.Secret, field, keep, link string, n Note) error {
	if why := CheckPassword(new, p.Name); !why.Zero() {
		return invalid(map[string]fault.Message{field: why})
	}
	hash, err := s.hasher.hash(ctx, new)
	if err != nil {
		return err
	}
	forget := []string{bucket("account", p.Name), bucket("confirm", p.ID)}
	ended, err := s.store.SetPassword(ctx, p.ID, hash, keep, link, forget, s.now().UTC(), n)
	if err != nil {
		return err
	}
	s.ended(ended)
	return nil
}

// Freshen checks the actor's password and lets the session do, for five minutes, what
// needs a fresh sign-in. A wrong password is Invalid at field "password".
func (s *Service) Freshen(ctx context.Context, by Actor, password seal.Secret) error {
	p, err := s.confirm(ctx, by, password, "password", "person.fresh")
	if err != nil {
		return err
	}
	return s.store.Freshen(ctx, by.SessionRef, s.now().UTC().Add(Fresh), bucket("confirm", p.ID),
		Note{Actor: by, Action: "person.fresh", Outcome: "ok", Target: p.ID})
}

// confirm checks the password of somebody who is signed in. Guesses are limited as at
// the sign-in, with their own quota.
func (s *Service) confirm(ctx context.Context, by Actor, password seal.Secret, field, action string) (Person, error) {
	p, hash, err := s.store.ByID(ctx, by.PersonID)
	if err != nil {
		return Person{}, err
	}
	note := Note{Actor: by, Action: action, Target: p.ID}
	if err := s.guess(ctx, []string{bucket("confirm", p.ID)}, note); err != nil {
		return Person{}, err
	}
	ok, err := s.hasher.matches(ctx, password, hash)
	if err != nil {
		return Person{}, err
	}
	if !ok {
		note.Outcome = "denied"
		bad := invalid(map[string]fault.Message{field: fault.Say("fault.password.wrong")})
		return Person{}, errors.Join(bad, s.store.Note(ctx, note))
	}
	return p, nil
}

// UpdateProfile stores what the actor chose. Wrong fields are Invalid.
func (s *Service) UpdateProfile(ctx context.Context, by Actor, p Profile) error {
	if err := invalid(checkProfile(p, s.languages)); err != nil {
		return err
	}
	n := Note{Actor: by, Action: "person.profile", Outcome: "ok", Target: by.PersonID}
	return s.store.SaveProfile(ctx, by.PersonID, p, s.now().UTC(), n)
}

// SetScope stores which accounts the actor looks at: an account's id,
// ScopeReal or ScopeSandbox.
func (s *Service) SetScope(ctx context.Context, by Actor, scope string) error {
	if scope == "" || len(scope) > 64 {
		return fault.New(fault.Invalid, "fault.person.scope")
	}
	return s.store.SaveScope(ctx, by.PersonID, scope, s.now().UTC())
}

// ResetOwner makes a link with which the oldest owner sets a new password. It is valid
// once, for an hour, and replaces any earlier one. It asks for no password: it is for
// people with access to the machine. It is NotFound when there is no owner yet.
func (s *Service) ResetOwner(ctx context.Context) (seal.Secret, error) {
	owners, err := s.store.Owners(ctx)
	if err != nil {
		return seal.Secret{}, err
	}
	if len(owners) == 0 {
		return seal.Secret{}, fault.New(fault.NotFound, "fault.reset.nobody")
	}
	token, hash := newToken()
	l := Link{Hash: hash, Kind: LinkReset, PersonID: owners[0].ID, Expires: s.now().UTC().Add(time.Hour)}
	err = s.store.PutLink(ctx, l, Note{Actor: System, Action: "person.reset.link", Outcome: "ok", Target: owners[0].ID})
	return token, err
}

// Reset sets a new password by a link of ResetOwner, uses the link up and ends
// all sessions of the person. A link that is unknown, used or too old is
// NotFound; a poor password is Invalid at field "password".
func (s *Service) Reset(ctx context.Context, code, password seal.Secret) error {
	l, err := s.store.Link(ctx, hashOf(typed(code)), LinkReset, s.now())
	if err != nil {
		return linkFault(err)
	}
	p, _, err := s.store.ByID(ctx, l.PersonID)
	if err != nil {
		return linkFault(err)
	}
	note := Note{Actor: p.Actor(Session{}, ""), Action: "person.reset", Outcome: "ok", Target: p.ID}
	return linkFault(s.setPassword(ctx, p, password, "password", "", l.Hash, note))
}
