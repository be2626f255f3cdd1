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
// wrong password locks the user (cloud-api, 3.2).
type tokens struct {
	salt [32]byte // of fingerprints, per process

	mu       sync.Mutex
	accounts map[string]*signIn
}

type signIn struct {
	turn    chan struct{} // holds one: whose turn it is to log in
	mark    [32]byte      // fingerprint of the login the rest belongs to
	refused *fault.Error
	held    map[string]token // by scope
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
		s = &signIn{turn: make(chan struct{}, 1), mark: mark, held: make(map[string]token)}
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
	held, ok = s.held[scope]
	return s, held, ok && a.now().Sub(held.fetched) < tokenLife, nil
}

// token returns a token for the scope, logging in when none is held.
func (a *API) token(ctx context.Context, acc account.Access, scope string) (token, *fault.Error) {
	s, held, ok, refused := a.peek(acc, scope)
	if refused != nil {
		return token{}, refused
	}
	if ok {
		return held, nil
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return token{}, stopped(ctx.Err()).fault
	}
	if _, held, ok, refused = a.peek(acc, scope); refused != nil || ok {
		return held, refused // somebody was quicker
	}
	fresh, f := a.login(ctx, acc, scope)
	a.tokens.mu.Lock()
	if f == nil {
		s.held[scope] = fresh
	} else if f.Kind == fault.Refused {
		s.refused = f
	}
	a.tokens.mu.Unlock()
	if f != nil && f.Kind == fault.Refused && a.opts.OnLoginRefused != nil {
		a.opts.OnLoginRefused(acc.AccountID, f)
	}
	return fresh, f
}

// Domain is the account id and name as a sign-in with a password tells them
// (cloud-api, 3.5). It logs in when no token is held.
func (a *API) Domain(ctx context.Context, acc account.Access) (id, name string, err error) {
	t, f := a.token(ctx, acc, domainScope)
	if f != nil {
		return "", "", f
	}
	return t.domainID, t.domainName, nil
}

// login exchanges the password for a token (cloud-api, 3.2): one request, never
// repeated by itself.
func (a *API) login(ctx context.Context, acc account.Access, scope string) (token, *fault.Error) {
	if acc.Login.User == "" || acc.Login.Domain == "" || acc.Login.Password.Empty() {
		return token{}, fault.New(fault.Refused, "cloud.key.missing")
	}
	var body loginReply
	c := Call{Service: IAM, Name: "sign in", Region: regionOf(scope), Into: &body, Send: func(h *core.HcHttpClient) error {
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
	fetched := a.now()
	o := a.exchange(ctx, acc, c, end, credential{sdk: bearer{}})
	v = a.judge(acc, c, o)
	leave(o, v)
	if v != nil {
		return token{}, loginFault(o, v.fault)
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
func loginFault(o *outcome, f *fault.Error) *fault.Error {
	if o.status < 400 || o.status > 499 || o.status == http.StatusRequestTimeout || o.status == http.StatusTooManyRequests {
		f.Status = 0
		return f
	}
	r := fault.New(fault.Refused, "cloud.login.refused")
	r.Code, r.Detail, r.RequestID, r.Status = f.Code, f.Detail, f.RequestID, f.Status
	return r
}

func regionOf(scope string) string {
	if scope == domainScope {
		return ""
	}
	return scope
}

func loginRequest(acc account.Access, scope string) *model.KeystoneCreateUserTokenByPasswordRequest {
	quiet := "true" // leaves out the catalogue, which is large
	s := new(model.AuthScope)
	if scope == domainScope {
		s.Domain = &model.AuthScopeDomain{Name: &acc.Login.Domain}
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
