package web

import (
	"context"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/person"
)

// The scopes beside single accounts.
const (
	scopeReal    = person.ScopeReal
	scopeSandbox = person.ScopeSandbox
)

// scopeKey is where a request keeps its scope.
const scopeKey = "scope"

// scope is which accounts a page shows. Real and simulated ones are never in it
// together (design: information architecture).
type scope struct {
	key      string // "real", "sandbox" or an account's id
	sandbox  bool
	accounts []account.Account // in the scope
	all      []account.Account // that the person may see
}

// Scopes give the accounts that a request is about.
type Scopes struct{ Accounts scopeAccounts }

// Accounts are the cloud accounts that a person may see (account.Service).
type scopeAccounts interface {
	List(ctx context.Context, by person.Actor) ([]account.Account, error)
}

// Of gives the scope of a request: the one the person chose; else all real
// accounts, or the Sandbox where there are none. It is read once a request.
func (s Scopes) Of(c echo.Context) (scope, error) {
	if sc, ok := c.Get(scopeKey).(scope); ok {
		return sc, nil
	}
	ctx, v := c.Request().Context(), visit(c)
	all, err := s.Accounts.List(ctx, v.actor())
	if err != nil {
		return scope{}, err
	}
	sc := narrow(all, v.person.Scope)
	setScope(c, sc)
	return sc, nil
}

// setScope keeps the scope of a request for whoever asks next.
func setScope(c echo.Context, sc scope) { c.Set(scopeKey, sc) }

// narrow picks the accounts of a scope. One that does not exist any more falls
// back to all real accounts, or to the Sandbox where there are none.
func narrow(all []account.Account, key string) scope {
	sc := scope{all: all}
	var real, simulated []account.Account
	for _, a := range all {
		if a.ID == key {
			sc.key, sc.sandbox, sc.accounts = key, a.Sandbox(), []account.Account{a}
			return sc
		}
		if a.Sandbox() {
			simulated = append(simulated, a)
		} else {
			real = append(real, a)
		}
	}
	if len(simulated) > 0 && (key == scopeSandbox || len(real) == 0) {
		sc.key, sc.sandbox, sc.accounts = scopeSandbox, true, simulated
		return sc
	}
	sc.key, sc.accounts = scopeReal, real
	return sc
}

// ids are the ids of the accounts in the scope.
func (sc scope) ids() []string {
	ids := make([]string, len(sc.accounts))
	for i, a := range sc.accounts {
		ids[i] = a.ID
	}
	return ids
}

// accountOf finds an account among those the person may see.
func (sc scope) accountOf(id string) (account.Account, bool) {
	for _, a := range sc.all {
		if a.ID == id {
			return a, true
		}
	}
	return account.Account{}, false
}

// has reports whether an account is in the scope.
func (sc scope) has(id string) bool {
	for _, a := range sc.accounts {
		if a.ID == id {
			return true
		}
	}
	return false
}

// hasSandbox reports whether one of the accounts that the person may see is simulated.
func (sc scope) hasSandbox() bool {
	for _, a := range sc.all {
		if a.Sandbox() {
			return true
		}
	}
	return false
}

// knows reports whether the account is one that the person may see; rows of no
// account are everybody's.
func (sc scope) knows(id string) bool {
	_, ok := sc.accountOf(id)
	return ok || id == ""
}
