package accounts

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/accounts"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Pages show and change cloud accounts.
type Pages struct {
	Accounts Accounts
	Persons  Persons
	Orders   Orders
	Sandbox  bool // there is a simulated cloud
	Frames   page.Frames
	Notes    *page.Notes
	Scopes   visit.Scopes
}

// Persons keep the sign-in fresh and the scope of a person (person.Service).
type Persons interface {
	Freshen(ctx context.Context, by person.Actor, password seal.Secret) error
	SetScope(ctx context.Context, by person.Actor, scope string) error
}

// Orders are the orders of an account and what is left on it (order.Service).
type Orders interface {
	Orders(ctx context.Context, by person.Actor, f order.Filter) (order.Page, error)
	BalanceOf(accountID string) (order.Balance, order.Freshness)
}

// List shows all accounts, real and simulated side by side: GET /accounts. Second
// entries that wait for a decision come first.
func (h Pages) List(c echo.Context) error {
	all, err := h.Accounts.List(c.Request().Context(), visit.Actor(c))
	if err != nil {
		return err
	}
	f, err := h.Frames.Frame(c, visit.Printer(c).T("accounts.title"), layout.Accounts, "attention")
	if err != nil {
		return err
	}
	manage := visit.Actor(c).May(person.ManageAccounts)
	m := accounts.ListModel{Manage: manage, Sandbox: h.Sandbox && !slices.ContainsFunc(all, account.Account.Sandbox)}
	for _, a := range all {
		m.Cards = append(m.Cards, h.card(c, a, manage))
	}
	held, err := h.heldCards(c)
	if err != nil {
		return err
	}
	m.Cards = append(held, m.Cards...)
	return page.Render(c, http.StatusOK, accounts.List(f, m), nil)
}

func (h Pages) card(c echo.Context, a account.Account, manage bool) accounts.Card {
	p := visit.Printer(c)
	card := accounts.Card{ID: a.ID, Label: a.Label, Sandbox: a.Sandbox(), Facts: h.facts(p, a)}
	card.Shape, card.Word = wording.AccountState(p, a)
	card.Trouble = accounts.Trouble(wording.TroubleOf(p, a))
	if card.Trouble.Heading == "" {
		card.Checked = checkedText(p, a)
	}
	if manage && a.State == account.Broken && !a.Sandbox() {
		card.Actions = append(card.Actions,
			ui.Action{Label: p.T("accounts.key.replace"), Href: "/accounts/" + a.ID + "/key", Kind: ui.Primary})
	}
	if a.Sandbox() {
		card.Actions = append(card.Actions, ui.Action{Label: p.T("accounts.sandbox.controls"), Href: "/sandbox", Icon: "settings"})
	}
	card.Actions = append(card.Actions, ui.Action{Label: p.T("accounts.see"), Href: "/accounts/" + a.ID})
	return card
}

// checkedText is what the check of an account answered, and when.
func checkedText(p *text.Printer, a account.Account) string {
	said := wording.CheckHeading(p, a)
	if a.CheckedAt.IsZero() || a.Checking && !a.Again {
		return said
	}
	return p.T("accounts.checked", "Answer", said, "When", p.Near(a.CheckedAt, p.Now()))
}

// signsWith is what an account signs in with.
func signsWith(p *text.Printer, a account.Account) ui.Pair {
	signs := p.T("accounts.signs.key", "Hint", a.KeyHint)
	if a.Credential == account.ByLogin {
		signs = p.T("accounts.signs.login", "User", text.Name(a.KeyHint))
	}
	return ui.Pair{Key: p.T("accounts.signs"), Value: signs}
}

// facts are what an account's card and page tell about it.
func (h Pages) facts(p *text.Printer, a account.Account) []ui.Pair {
	out := []ui.Pair{
		{Key: p.T("accounts.site"), Value: siteName(p, a.Site)},
		signsWith(p, a),
		{Key: p.T("accounts.regions"), Value: regionList(p, a)},
	}
	if a.Sandbox() {
		out[0] = ui.Pair{Key: p.T("accounts.cost"), Value: p.T("accounts.cost.free")}
	}
	balance, freshness := h.Orders.BalanceOf(a.ID)
	if a.State == account.Active {
		out = append(out, ui.Pair{Key: p.T("accounts.balance"), Value: wording.BalanceText(p, balance, freshness)})
	}
	return out
}

func regionList(p *text.Printer, a account.Account) string {
	var names []string
	for _, code := range account.RegionsOf(a.Projects) {
		names = append(names, wording.RegionName(p, code))
	}
	if len(names) == 0 {
		return p.Unknown()
	}
	slices.Sort(names)
	return strings.Join(names, " · ")
}

func siteName(p *text.Printer, site account.Site) string {
	switch site {
	case account.Mainland:
		return p.T("accounts.site.cn")
	case account.Europe:
		return p.T("accounts.site.eu")
	case account.Custom:
		return p.T("accounts.site.custom")
	case account.SandboxSite:
		return p.T("accounts.site.sandbox")
	}
	return p.T("accounts.site.intl")
}

// Page is one account: GET /accounts/{id}.
func (h Pages) Page(c echo.Context) error {
	return h.detail(c, http.StatusOK, "", nil)
}

func (h Pages) detail(c echo.Context, status int, typed string, problem map[string]string) error {
	a, err := h.Accounts.Get(c.Request().Context(), visit.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	f, err := h.Frames.Frame(c, text.Name(a.Label), layout.Accounts, "account/"+a.ID)
	if err != nil {
		return err
	}
	f.Wrong = len(problem) > 0
	p := visit.Printer(c)
	m := accounts.PageModel{
		ID: a.ID, Label: a.Label, Sandbox: a.Sandbox(), Facts: h.facts(p, a), Answer: wording.CheckHeading(p, a), Check: CheckModel(p, a),
		Manage: visit.Actor(c).May(person.ManageAccounts), Disabled: a.State == account.Disabled,
		Rename: ui.Field{Name: account.FieldLabel, Label: p.T("accounts.form.label"), Value: a.Label, Error: problem[account.FieldLabel],
			MaxLength: 64, Required: true},
	}
	if status != http.StatusOK {
		m.Rename.Value, m.Rename.Focus = typed, true
	}
	m.Shape, m.Word = wording.AccountState(p, a)
	if m.DeleteText, m.Deletable, err = h.deleteText(c, a); err != nil {
		return err
	}
	if a.Held() && m.Manage {
		held := heldNote(p, a)
		m.Held, m.Manage = &held, false
	} else if a.Found().Reach != account.Limited { // its lines stand below
		m.Trouble = accounts.Trouble(wording.TroubleOf(p, a))
	}
	return page.Render(c, status, accounts.Page(f, m), nil)
}

// Rename changes the name the console gives an account: POST /accounts/{id}/rename.
func (h Pages) Rename(c echo.Context) error {
	label := c.Request().PostFormValue(account.FieldLabel)
	err := h.Accounts.Rename(c.Request().Context(), visit.Actor(c), c.Param("id"), label)
	if f := fault.Of(err); err != nil && f.Kind == fault.Invalid {
		return h.detail(c, http.StatusUnprocessableEntity, label, page.SayAll(c, f.Fields))
	}
	return h.done(c, err, "/accounts/"+c.Param("id"), "accounts.said.renamed")
}

// done goes on to another page after a change and leaves a note there; a failure is
// passed on to the page of failures.
func (h Pages) done(c echo.Context, err error, to, said string) error {
	if err != nil {
		return err
	}
	h.Notes.Leave(c, fault.Say(said))
	return page.GoTo(c, to)
}

// Check asks for a connection check: POST /accounts/{id}/check. Its lines
// arrive on the page by themselves.
func (h Pages) Check(c echo.Context) error {
	to := "/accounts/" + c.Param("id")
	if c.Request().PostFormValue("back") == "setup" {
		to = "/setup/check"
	}
	if err := h.Accounts.Check(c.Request().Context(), visit.Actor(c), c.Param("id")); err != nil {
		return err
	}
	return page.GoTo(c, to)
}

// Disable makes the console stop using an account: POST /accounts/{id}/disable.
func (h Pages) Disable(c echo.Context) error {
	err := h.Accounts.SetDisabled(c.Request().Context(), visit.Actor(c), c.Param("id"), true)
	return h.done(c, err, "/accounts/"+c.Param("id"), "accounts.said.disabled")
}

// Enable makes the console use a disabled account again: POST /accounts/{id}/enable.
func (h Pages) Enable(c echo.Context) error {
	err := h.Accounts.SetDisabled(c.Request().Context(), visit.Actor(c), c.Param("id"), false)
	return h.done(c, err, "/accounts/"+c.Param("id"), "accounts.said.enabled")
}

// AskDelete asks before an account leaves the console: GET /accounts/{id}/delete.
func (h Pages) AskDelete(c echo.Context) error {
	return h.deleteForm(c, http.StatusOK, "")
}

func (h Pages) deleteForm(c echo.Context, status int, problem string) error {
	a, err := h.Accounts.Get(c.Request().Context(), visit.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	f, err := h.Frames.Frame(c, visit.Printer(c).T("accounts.delete"), layout.Accounts)
	if err != nil {
		return err
	}
	m := accounts.DeleteModel{ID: a.ID, Label: a.Label, Problem: problem}
	return page.Render(c, status, accounts.Delete(f, m), accounts.DeleteForm(m))
}

// Delete forgets an account and its sealed key: POST /accounts/{id}/delete. It is
// refused while orders are open. Deleting a second entry of an account discards its
// sign-in; the account stays connected through the first entry.
func (h Pages) Delete(c echo.Context) error {
	a, err := h.Accounts.Get(c.Request().Context(), visit.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	said := "accounts.said.deleted"
	if a.Held() {
		said = "accounts.said.discarded"
	}
	err = h.Accounts.Delete(c.Request().Context(), visit.Actor(c), a.ID)
	if f := fault.Of(err); err != nil && f.Kind == fault.Conflict {
		return h.deleteForm(c, http.StatusUnprocessableEntity, page.Say(c, f.Message))
	}
	return h.done(c, err, "/accounts", said)
}

// Accounts are the cloud accounts (account.Service). An account that the person may
// not see is fault.NotFound.
type Accounts interface {
	List(ctx context.Context, by person.Actor) ([]account.Account, error)
	Get(ctx context.Context, by person.Actor, id string) (account.Account, error)
	// Add seals the credential and starts the first connection check; fault.Invalid
	// names the fields that are wrong.
	Add(ctx context.Context, by person.Actor, f account.Form) (account.Account, error)
	Rename(ctx context.Context, by person.Actor, id, label string) error
	// ReplaceKey takes only the credential from the form.
	ReplaceKey(ctx context.Context, by person.Actor, id string, f account.Form) error
	SetDisabled(ctx context.Context, by person.Actor, id string, disabled bool) error
	// Delete is fault.Conflict while orders of the account are open.
	Delete(ctx context.Context, by person.Actor, id string) error
	Check(ctx context.Context, by person.Actor, id string) error // in the background
	// OpenOrders counts the orders of an account that are not finished.
	OpenOrders(ctx context.Context, by person.Actor, id string) (int, error)
	HeldEntries(ctx context.Context, by person.Actor) ([]account.Account, error) // second entries of one account
	// GiveKey moves the key of a second entry to the first one, whose id it gives, and
	// deletes the second.
	GiveKey(ctx context.Context, by person.Actor, id string) (first string, err error)
}
