package cloud

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	iam "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3/model"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
)

const domainScope = "domain"

var errNoToken = errors.New("the sign-in gave no token")

// tokens keeps the tokens of accounts that sign in with a password: one per
// scope, each fetched by one login. Logins of an account take turns, and a
// refused one ends them all until the login is replaced, because repeating a
// wrong password locks the user (cloud-api, 3.2). There are three rows of turns,
// because a login may hang: one that a person waits for does not stand behind one
// of the background, and one for money behind neither. So one wrong password is
// sent once, and at most as often as rows had a login under way.
type tokens struct {
	salt [32]byte // of fingerprints, per process

	mu       sync.Mutex
	accounts map[string]*signIn
}

type signIn struct {
	turns   [rows]chan struct{} // each holds one: whose turn it is to log in
	mark    [32]byte            // fingerprint of the login the rest belongs to
	refused *fault.Error
	closed  map[string]closed        // further projects that the user is not signed in to, by scope
	held    map[string]token         // by scope
	begun   map[string]chan struct{} // background logins under way, by scope; closed when they end
}

// closed is the refusal of a sign-in to a further project by a user who is signed
// in to the region's own. It is not tried again for a while: were it the password
// after all, the user would be locked.
type closed struct {
	refused *fault.Error
	until   time.Time
}

// closedFor is how long a further project that refused the sign-in is not tried.
const closedFor = time.Hour

// row is one of the rows in which logins of an account take turns.
type row uint8

const (
	background row = iota
	person         // a person waits
	money          // a purchase or a payment waits
	rows
)

// rowOf is the row that the sign-in for a call stands in.
func rowOf(acc account.Access, class Class) row {
	switch {
	case class.spends():
		return money
	case acc.Lane >= account.ForPerson:
		return person
	}
	return background
}

// lane is the lane of the row's logins at the identity service; 0 keeps the
// call's.
func (r row) lane() account.Lane {
	switch r {
	case money:
		return account.ForMoney
	case person:
		return account.ForPerson
	}
	return 0
}

type token struct {
	text       string
	fetched    time.Time
	domainID   string
	domainName string
}

func (t *tokens) fingerprint(acc account.Access) [32]byte {
	h := hmac.New(sha256.New, t.salt[:])
	for _, s := range []string{acc.Login.Domain, acc.Login.User, acc.Login.Password.Reveal()} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return [32]byte(h.Sum(nil))
}

// of returns what is kept for the account's login, empty when it was replaced.
// t.mu is held.
func (t *tokens) of(acc account.Access) *signIn {
	if t.accounts == nil {
		t.accounts = make(map[string]*signIn)
	}
	mark := t.fingerprint(acc)
	s := t.accounts[acc.AccountID]
	if s == nil || s.mark != mark {
		s = &signIn{mark: mark, closed: make(map[string]closed), held: make(map[string]token), begun: make(map[string]chan struct{})}
		for i := range s.turns {
			s.turns[i] = make(chan struct{}, 1)
		}
		t.accounts[acc.AccountID] = s
	}
	return s
}

func (t *tokens) forget(accountID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.accounts, accountID)
}

// drop forgets a token that the cloud did not take, unless a newer one is held already.
func (t *tokens) drop(accountID string, cred credential) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.accounts[accountID]; s != nil && s.held[cred.scope].text == cred.token {
		delete(s.held, cred.scope)
	}
}

// peek returns the token of a scope if it is held and young enough.
func (a *API) peek(acc account.Access, scope string) (s *signIn, held token, ok bool, refused *fault.Error) {
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	s = a.tokens.of(acc)
	if s.refused != nil {
		return s, token{}, false, s.refused
	}
	if c := s.closed[scope]; a.now().Before(c.until) {
		return s, token{}, false, c.refused
	}
	held, ok = s.held[scope]
	return s, held, ok && a.now().Sub(held.fetched) < tokenLife, nil
}

// token returns a token for the scope, logging in when none is held. A higher row
// goes before the others at the identity service, too.
func (a *API) token(ctx context.Context, acc account.Access, scope string, in row) (token, *fault.Error) {
	s, held, ok, refused := a.peek(acc, scope)
	if refused != nil {
		return token{}, refused
	}
	if ok {
		return held, nil
	}
	if further(scope) { // the region's own first: it shows whether the password is right
		if _, f := a.token(ctx, acc, regionOf(scope), in); f != nil {
			return token{}, f
		}
	}
	wait, cancel := within(ctx, acc.Until)
	defer cancel()
	turn := s.turns[in]
	if in > background {
		acc.Lane = in.lane()
		a.letFinish(wait, s, scope)
	}
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-wait.Done():
		return token{}, gaveUp(wait).fault
	}
	if s, held, ok, refused = a.peek(acc, scope); refused != nil || ok {
		return held, refused // another login was quicker
	}
	if in == background {
		defer a.announce(s, scope)()
	}
	fresh, f := a.login(ctx, acc, scope, s)
	a.keep(acc.AccountID, s, scope, fresh, f)
	return fresh, f
}

// letFinish gives a background login for the scope a moment to end: as a rule it
// does, and one token serves both.
func (a *API) letFinish(ctx context.Context, s *signIn, scope string) {
	a.tokens.mu.Lock()
	done := s.begun[scope]
	a.tokens.mu.Unlock()
	if done == nil {
		return
	}
	patience := time.NewTimer(a.limits.SignIn)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C:
	case <-ctx.Done():
	}
}

// announce says that a background login for the scope is under way, until the
// returned function is called. There is one at a time: it has the turn.
func (a *API) announce(s *signIn, scope string) (end func()) {
	done := make(chan struct{})
	a.tokens.mu.Lock()
	s.begun[scope] = done
	a.tokens.mu.Unlock()
	return func() {
		a.tokens.mu.Lock()
		delete(s.begun, scope)
		a.tokens.mu.Unlock()
		close(done)
	}
}

// keep remembers what came of a login. The refusal of one that was replaced or
// forgotten while it was under way says nothing about the new one.
func (a *API) keep(accountID string, s *signIn, scope string, fresh token, f *fault.Error) {
	a.tokens.mu.Lock()
	tell := false
	switch {
	case f == nil:
		if fresh.fetched.After(s.held[scope].fetched) { // a slower login must not take the place of a newer one
			s.held[scope] = fresh
		}
	case f.Message.ID == projectRefused:
		s.closed[scope] = closed{f, a.now().Add(closedFor)}
	case f.Kind == fault.Refused && s.refused == nil && !closedProject(scope, f):
		s.refused = f
		tell = a.tokens.accounts[accountID] == s
	}
	a.tokens.mu.Unlock()
	if tell && a.opts.OnLoginRefused != nil {
		a.opts.OnLoginRefused(accountID, f)
	}
}

// refusal is the refusal that ended all logins, if there was one.
func (a *API) refusal(s *signIn) *fault.Error {
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	return s.refused
}

// Domain is the account id and name as a sign-in with a password tells them
// (cloud-api, 3.5). It logs in when no token is held.
func (a *API) Domain(ctx context.Context, acc account.Access) (id, name string, err error) {
	t, f := a.token(ctx, acc, domainScope, rowOf(acc, Read))
	if f != nil {
		return "", "", f
	}
	return t.domainID, t.domainName, nil
}

// login exchanges the password for a token (cloud-api, 3.2): one request, never
// repeated here, and not made when another one was refused while this one
// waited for its turn.
func (a *API) login(ctx context.Context, acc account.Access, scope string, s *signIn) (token, *fault.Error) {
	if acc.Login.User == "" || acc.Login.Domain == "" || acc.Login.Password.Empty() {
		return token{}, fault.New(fault.Refused, "cloud.key.missing")
	}
	var body loginReply
	c := Call{Service: IAM, Name: "sign in", Region: regionOf(scope), Into: &body, Right: rightIn(scope),
		Send: func(h *core.HcHttpClient) error {
			_, err := iam.NewIamClient(h).KeystoneCreateUserTokenByPassword(loginRequest(acc, scope))
			return err
		}}
	end, f := a.endpoint(acc, IAM, c.Region)
	if f != nil {
		return token{}, f
	}
	leave, v := a.gate(acc, IAM, "").enter(ctx, acc.Until, acc.Lane)
	if v != nil {
		return token{}, v.fault
	}
	o, v := new(outcome), doubtful(Read, noAnswer)
	defer func() { leave(o, v) }() // after a panic too: the turn must come back
	if f := a.refusal(s); f != nil {
		v = &verdict{fault: f}
		return token{}, f
	}
	fetched := a.now()
	o = a.exchange(ctx, acc, c, end, credential{sdk: bearer{}})
	v = a.judge(acc, c, o)
	if v != nil {
		return token{}, loginFault(o, v.fault, scope)
	}
	t := token{text: o.header.Get("X-Subject-Token"), fetched: fetched}
	t.domainID, t.domainName = body.domain()
	if t.text == "" || strings.ContainsAny(t.text, "\r\n") {
		return token{}, garbled(Read, o, errNoToken).fault
	}
	return t, nil
}

// loginFault makes an explicit refusal of the sign-in out of any 4xx but the
// ones that say "not now". Any other failure loses its status: the call that
// wanted the token had no answer, for it was not made.
//
// A 403 or 404 for a further project is about that project alone, which the user
// may not enter or which is gone: the password was taken. So is any other refusal
// for one, because the password was taken for the region's own: a user without a
// role in a project may be answered 401.
func loginFault(o *outcome, f *fault.Error, scope string) *fault.Error {
	if further(scope) && (o.status == http.StatusForbidden || o.status == http.StatusNotFound) {
		f.Kind, f.Status = fault.Refused, 0 // not NotFound: nothing was asked about servers
		return f
	}
	if o.status < 400 || o.status > 499 || o.status == http.StatusRequestTimeout || o.status == http.StatusTooManyRequests {
		f.Status = 0
		return f
	}
	id, status := "cloud.login.refused", f.Status
	if further(scope) {
		id, status = projectRefused, 0
	}
	r := fault.New(fault.Refused, id)
	r.Code, r.Detail, r.RequestID, r.Status = f.Code, f.Detail, f.RequestID, status
	return r
}

const projectRefused = "cloud.login.project"

// further reports whether a scope is a further project of a region.
func further(scope string) bool { return strings.Contains(scope, "/") }

// closedProject reports whether the refusal of a sign-in says something about
// the further project that it was for, and nothing about the password.
func closedProject(scope string, f *fault.Error) bool {
	return further(scope) && f.Message.ID != "cloud.login.refused" && f.Message.ID != "cloud.key.missing"
}

// rightIn is the right without which a scope is closed to a user.
func rightIn(scope string) account.Right {
	if further(scope) {
		return account.RightServers
	}
	return ""
}

func regionOf(scope string) string {
	if scope == domainScope {
		return ""
	}
	region, _, _ := strings.Cut(scope, "/")
	return region
}

func loginRequest(acc account.Access, scope string) *model.KeystoneCreateUserTokenByPasswordRequest {
	quiet := "true" // leaves out the catalogue, which is large
	s := new(model.AuthScope)
	if scope == domainScope {
		s.Domain = &model.AuthScopeDomain{Name: &acc.Login.Domain}
	} else if _, id, further := strings.Cut(scope, "/"); further {
		s.Project = &model.AuthScopeProject{Id: &id}
	} else if id := acc.Projects[scope]; id != "" {
		s.Project = &model.AuthScopeProject{Id: &id}
	} else {
		s.Project = &model.AuthScopeProject{Name: &scope}
	}
	return &model.KeystoneCreateUserTokenByPasswordRequest{Nocatalog: &quiet, Body: &model.KeystoneCreateUserTokenByPasswordRequestBody{
		Auth: &model.PwdAuth{Scope: s, Identity: &model.PwdIdentity{
			Methods: []model.PwdIdentityMethods{model.GetPwdIdentityMethodsEnum().PASSWORD},
			Password: &model.PwdPassword{User: &model.PwdPasswordUser{
				Name: acc.Login.User, Password: acc.Login.Password.Reveal(), Domain: &model.PwdPasswordUserDomain{Name: acc.Login.Domain},
			}},
		}},
	}}
}

type loginReply struct {
	Token struct {
		Domain  loginDomain `json:"domain"`
		Project struct {
			Domain loginDomain `json:"domain"`
		} `json:"project"`
		User struct {
			Domain loginDomain `json:"domain"`
		} `json:"user"`
	} `json:"token"`
}

type loginDomain struct {
	ID   Text `json:"id"`
	Name Text `json:"name"`
}

// domain looks where the three kinds of token name the account.
func (r loginReply) domain() (id, name string) {
	for _, d := range []loginDomain{r.Token.Domain, r.Token.Project.Domain, r.Token.User.Domain} {
		if d.ID != "" {
			return string(d.ID), string(d.Name)
		}
	}
	return "", ""
}
