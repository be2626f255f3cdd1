package webtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
)

// persons keeps people and sessions in memory, with the faults of the real one.
type persons struct {
	mu            sync.Mutex
	Who           *person.Person
	GivenSessions map[string]person.Session
	Fresh         bool
	Wait          time.Duration
	Profile       person.Profile
	Scope         string
	Peeked        int
	broken        error // what Session answers, when set
	Err           error // what every change and every sign-in answer, when set
	ReadErr       error // what the list of sessions answers, when set
}

func (p *persons) SetupOpen(context.Context) (bool, error) { return p.Who == nil, nil }

func (p *persons) SetUp(_ context.Context, code seal.Secret, f person.SetupForm) (person.Person, error) {
	if p.Err != nil {
		return person.Person{}, p.Err
	}
	if code.Reveal() != "the-printed-code" {
		return person.Person{}, fault.New(fault.NotFound, "web.topic.unknown")
	}
	if f.Password.Reveal() != Password {
		return person.Person{}, &fault.Error{Kind: fault.Invalid, Message: fault.Say("web.forbidden"),
			Fields: map[string]fault.Message{"password": fault.Say("signin.password.rule")}}
	}
	p.Who = &person.Person{ID: "p1", Name: f.Name, DisplayName: f.DisplayName, Role: person.Owner, Zone: f.Zone, Language: f.Language,
		Shortcuts: true}
	return *p.Who, nil
}

func (p *persons) SignIn(_ context.Context, name string, pw seal.Secret, address, browser string,
	_ seal.Secret) (person.Person, person.SignedIn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Err != nil {
		return person.Person{}, person.SignedIn{}, p.Err
	}
	if p.Wait > 0 {
		return person.Person{}, person.SignedIn{}, &fault.Error{Kind: fault.Busy, Message: fault.Say("signin.busy"), RetryAfter: p.Wait}
	}
	if p.Who == nil || name != p.Who.Name || pw.Reveal() != Password {
		return person.Person{}, person.SignedIn{}, errors.Join(fault.New(fault.Invalid, "web.forbidden"))
	}
	token := fmt.Sprintf("token-%d", len(p.GivenSessions)+1)
	p.GivenSessions[token] = person.Session{Ref: "ref-" + token, PersonID: p.Who.ID, Created: time.Now(), Seen: time.Now(),
		FreshUntil: time.Now().Add(time.Minute), Address: address, Browser: browser}
	return *p.Who, person.SignedIn{SessionToken: seal.Conceal(token), DeviceToken: seal.Conceal("device")}, nil
}

func (p *persons) Session(_ context.Context, token seal.Secret) (person.Person, person.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return person.Person{}, person.Session{}, p.broken
	}
	ss, ok := p.GivenSessions[token.Reveal()]
	if !ok {
		return person.Person{}, person.Session{}, person.ErrNoSession
	}
	if !p.Fresh {
		ss.FreshUntil = time.Time{}
	}
	who := *p.Who
	who.Scope = p.Scope
	return who, ss, nil
}

func (p *persons) Peek(ctx context.Context, token seal.Secret) (person.Person, person.Session, error) {
	p.Peeked++
	return p.Session(ctx, token)
}

func (p *persons) Alive(_ context.Context, token seal.Secret) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.GivenSessions[token.Reveal()]
	return ok
}

func (p *persons) SignOut(_ context.Context, by person.Actor) error {
	return p.Revoke(context.Background(), by, by.SessionRef)
}

func (p *persons) Sessions(context.Context, person.Actor) ([]person.Session, error) {
	if p.ReadErr != nil {
		return nil, p.ReadErr
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []person.Session
	for _, ss := range p.GivenSessions {
		all = append(all, ss)
	}
	return all, nil
}

func (p *persons) Revoke(_ context.Context, _ person.Actor, ref string) error {
	if p.Err != nil {
		return p.Err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for token, ss := range p.GivenSessions {
		if ss.Ref == ref {
			delete(p.GivenSessions, token)
			return nil
		}
	}
	return fault.New(fault.NotFound, "web.topic.unknown")
}

func (p *persons) RevokeOthers(_ context.Context, by person.Actor) error {
	if p.Err != nil {
		return p.Err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for token, ss := range p.GivenSessions {
		if ss.Ref != by.SessionRef {
			delete(p.GivenSessions, token)
		}
	}
	return nil
}

func (p *persons) ChangePassword(_ context.Context, _ person.Actor, old, _ seal.Secret) error {
	if p.Err != nil {
		return p.Err
	}
	if old.Reveal() != Password {
		return &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"old": fault.Say("web.forbidden")}}
	}
	return nil
}

func (p *persons) Freshen(_ context.Context, _ person.Actor, pw seal.Secret) error {
	if p.Err != nil {
		return p.Err
	}
	if pw.Reveal() != Password {
		return &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"password": fault.Say("web.forbidden")}}
	}
	p.Fresh = true
	return nil
}

func (p *persons) UpdateProfile(_ context.Context, _ person.Actor, f person.Profile) error {
	if p.Err != nil {
		return p.Err
	}
	if f.DisplayName == "" {
		return &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"display_name": fault.Say("web.forbidden")}}
	}
	p.Profile = f
	return nil
}

func (p *persons) SetScope(_ context.Context, _ person.Actor, scope string) error {
	if p.Err != nil {
		return p.Err
	}
	p.Scope = scope
	return nil
}

func (p *persons) Reset(_ context.Context, code, pw seal.Secret) error {
	if p.Err != nil {
		return p.Err
	}
	if code.Reveal() != "reset-code" {
		return fault.New(fault.NotFound, "web.topic.unknown")
	}
	if pw.Reveal() != Password {
		return &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"password": fault.Say("signin.password.rule")}}
	}
	return nil
}
