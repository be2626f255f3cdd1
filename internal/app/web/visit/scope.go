package visit

import (
	"context"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/person"
)

// The scopes beside single accounts.
const (
	ScopeReal    = person.ScopeReal
	ScopeSandbox = person.ScopeSandbox
)

// scopeKey is where a request keeps its scope.
const scopeKey = "scope"

// Scope is which accounts a page shows. Real and simulated ones are never in it
// together (design: information architecture).
type Scope struct {
	Key      string // "real", "sandbox" or an account's id
	Sandbox  bool
	Accounts []account.Account // in the scope
	All      []account.Account // that the person may see
}

// Scopes give the accounts that a request is about.
type Scopes struct{ Accounts Accounts }

// Accounts are the cloud accounts that a person may see (account.Service).
type Accounts interface {
	List(ctx context.Context, by person.Actor) ([]account.Account, error)
}

// Of gives the scope of a request: the one the person chose; else all real
// accounts, or the Sandbox where there are none. It is read once a request.
func (s Scopes) Of(c echo.Context) (Scope, error) {
	if sc, ok := c.Get(scopeKey).(Scope); ok {
		return sc, nil
	}
	ctx, v := c.Request().Context(), Of(c)
	all, err := s.Accounts.List(ctx, v.Actor())
	if err != nil {
		return Scope{}, err
	}
	sc := Narrow(all, v.Person.Scope)
	SetScope(c, sc)
	return sc, nil
}

// SetScope sets the scope that Scopes.Of gives for the rest of the request.
func SetScope(c echo.Context, sc Scope) { c.Set(scopeKey, sc) }

// Narrow picks the accounts of a scope. Where the scope does not exist any more, it
// is all real accounts, or the Sandbox where there are none.
func Narrow(all []account.Account, key string) Scope {
	sc := Scope{All: all}
	var real, simulated []account.Account
	for _, a := range all {
		if a.ID == key {
			sc.Key, sc.Sandbox, sc.Accounts = key, a.Sandbox(), []account.Account{a}
			return sc
		}
		if a.Sandbox() {
			simulated = append(simulated, a)
		} else {
			real = append(real, a)
		}
	}
	if len(simulated) > 0 && (key == ScopeSandbox || len(real) == 0) {
		sc.Key, sc.Sandbox, sc.Accounts = ScopeSandbox, true, simulated
		return sc
	}
	sc.Key, sc.Accounts = ScopeReal, real
	return sc
}

// IDs are the ids of the accounts in the scope.
func (sc Scope) IDs() []string {
	ids := make([]string, len(sc.Accounts))
	for i, a := range sc.Accounts {
		ids[i] = a.ID
	}
	return ids
}

// AccountOf finds an account among those the person may see.
func (sc Scope) AccountOf(id string) (account.Account, bool) {
	for _, a := range sc.All {
		if a.ID == id {
			return a, true
		}
	}
	return account.Account{}, false
}

// Has reports whether an account is in the scope.
func (sc Scope) Has(id string) bool {
	for _, a := range sc.Accounts {
		if a.ID == id {
			return true
		}
	}
	return false
}

// HasSandbox reports whether one of the accounts that the person may see is simulated.
func (sc Scope) HasSandbox() bool {
	for _, a := range sc.All {
		if a.Sandbox() {
			return true
		}
	}
	return false
}

// Knows reports whether the account is one that the person may see; rows of no
// account are everybody's.
func (sc Scope) Knows(id string) bool {
	_, ok := sc.AccountOf(id)
	return ok || id == ""
}
