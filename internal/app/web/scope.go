package web

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/person"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
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

// chooseScope keeps which accounts the person looks at: POST /scope. One that
// the person may not see is 404.
func (s *Server) chooseScope(c echo.Context) error {
	ctx, by, asked := c.Request().Context(), actor(c), c.FormValue("account")
	all, err := s.Accounts.List(ctx, by)
	if err != nil {
		return err
	}
	if narrow(all, asked).key != asked {
		return echo.ErrNotFound
	}
	if err := s.Persons.SetScope(ctx, by, asked); err != nil {
		return err
	}
	return goTo(c, afterScope(returnPath(c)))
}

// afterScope is where the choice of a scope leads: back to the page it was made
// on, from its beginning. A page about one thing is the same in every scope: from
// there it is the list of such things, from others the overview.
func afterScope(back string) string {
	u, err := url.Parse(back)
	if err != nil {
		return "/"
	}
	room, inside, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	switch {
	case slices.Contains([]string{"sandbox", "selections", "views"}, room):
		return "/"
	case inside != "" && slices.Contains([]string{"servers", "instances", "orders", "buy"}, room):
		return "/" + room
	}
	q := u.Query()
	for _, of := range []string{"after", "before", wording.FromField} {
		q.Del(of)
	}
	return wording.Address(u.Path, q)
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

// label is the scope's name.
func (sc scope) label(p *text.Printer) string {
	switch {
	case len(sc.accounts) == 0:
		return ""
	case sc.key == scopeSandbox:
		return p.T("layout.nav.sandbox")
	case sc.key == scopeReal && len(sc.accounts) > 1:
		return p.T("layout.scope.all")
	default:
		return sc.accounts[0].Label
	}
}

// model is the scope as the frame shows it.
func (sc scope) model(p *text.Printer) layout.ScopeModel {
	m := layout.ScopeModel{Label: sc.label(p), Sandbox: sc.sandbox}
	var real, simulated []layout.Choice
	for _, a := range sc.all {
		choice := layout.Choice{Label: a.Label, Key: a.ID, Sandbox: a.Sandbox(), Current: sc.key == a.ID}
		if a.Sandbox() {
			simulated = append(simulated, choice)
		} else {
			real = append(real, choice)
		}
	}
	if len(real) > 0 {
		m.Real = scopeReal
	}
	if len(real) > 1 {
		m.Choices = append(m.Choices, layout.Choice{Label: p.T("layout.scope.all"), Key: scopeReal, Current: sc.key == scopeReal})
	} else if len(real) == 1 && sc.key == scopeReal {
		real[0].Current = true
	}
	m.Choices = append(m.Choices, real...)
	if len(simulated) > 1 {
		m.Choices = append(m.Choices, layout.Choice{Label: p.T("layout.nav.sandbox"), Key: scopeSandbox, Sandbox: true, Current: sc.key == scopeSandbox})
	} else if len(simulated) == 1 && sc.key == scopeSandbox {
		simulated[0].Current = true
	}
	m.Choices = append(m.Choices, simulated...)
	return m
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
