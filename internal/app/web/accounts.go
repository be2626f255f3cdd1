package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/web/templates/accounts"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// accountPages show and change cloud accounts.
type accountPages struct {
	s        *Server
	accounts Accounts
	persons  Persons
	orders   Orders
}

// list is all accounts, real and simulated side by side: GET /accounts.
func (p accountPages) list(c echo.Context) error {
	all, err := p.accounts.List(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}
	f, err := p.s.frames.Frame(c, printer(c).T("accounts.title"), layout.Accounts, "attention")
	if err != nil {
		return err
	}
	manage := actor(c).May(person.ManageAccounts)
	m := accounts.ListModel{Manage: manage, Sandbox: p.s.Sandbox != nil && !slices.ContainsFunc(all, account.Account.Sandbox)}
	for _, a := range all {
		m.Cards = append(m.Cards, p.card(c, a, manage))
	}
	held, err := p.heldCards(c)
	if err != nil {
		return err
	}
	m.Cards = append(held, m.Cards...)
	return render(c, http.StatusOK, accounts.List(f, m), nil)
}

func (p accountPages) card(c echo.Context, a account.Account, manage bool) accounts.Card {
	pr := printer(c)
	card := accounts.Card{ID: a.ID, Label: a.Label, Sandbox: a.Sandbox(), Facts: p.facts(pr, a)}
	card.Shape, card.Word = accountState(pr, a)
	card.Trouble = accounts.Trouble(trouble(pr, a))
	if card.Trouble.Heading == "" {
		card.Checked = checkedText(pr, a)
	}
	if manage && a.State == account.Broken && !a.Sandbox() {
		card.Actions = append(card.Actions, ui.Action{Label: pr.T("accounts.key.replace"), Href: "/accounts/" + a.ID + "/key", Kind: ui.Primary})
	}
	if a.Sandbox() {
		card.Actions = append(card.Actions, ui.Action{Label: pr.T("accounts.sandbox.controls"), Href: "/sandbox", Icon: "settings"})
	}
	card.Actions = append(card.Actions, ui.Action{Label: pr.T("accounts.see"), Href: "/accounts/" + a.ID})
	return card
}

// accountState is a shape and a word for an account.
func accountState(p *text.Printer, a account.Account) (shape, word string) {
	found := a.Found()
	switch {
	case a.Held():
		return ui.Off, p.T("accounts.state.held")
	case a.State == account.Disabled:
		return ui.Off, p.T("accounts.state.disabled")
	case a.Checking && found.Reach == account.NotAsked:
		return ui.Busy, p.T("accounts.state.checking")
	}
	switch found.Reach {
	case account.KeyRefused:
		return ui.Fault, p.T("accounts.state.broken")
	case account.Unreached:
		return ui.Fault, p.T("accounts.state.unreached")
	case account.Throttled:
		return ui.Warn, p.T("accounts.state.throttled")
	case account.Limited:
		return ui.Warn, p.T("accounts.state.limited")
	case account.Reached:
		return ui.Run, p.T("accounts.state.healthy")
	}
	return ui.Wait, p.T("accounts.state.unchecked")
}

// accountTrouble is what is wrong with an account.
type accountTrouble struct {
	Tone    string
	Heading string // what its check answered; "" when nothing is wrong
	Text    string // since when, and why
}

// trouble is what is wrong with an account, since when and why. Of one that
// answers in part it names the lines of the check that tell more.
func trouble(p *text.Printer, a account.Account) accountTrouble {
	found := a.Found()
	if !found.Wrong() {
		return accountTrouble{}
	}
	t := accountTrouble{Tone: ui.Bad, Heading: answerHeading(p, a), Text: p.T("accounts.since", "When", p.Near(found.At, p.Now())) + " " + sayIn(p, found.Message)}
	if found.Reach == account.Limited {
		t.Tone, t.Text = ui.Caution, missingNames(p, found)
	}
	return t
}

// missingNames are the lines of the check that are wrong, each once.
func missingNames(p *text.Printer, f account.Finding) string {
	var names []string
	for _, k := range f.Missing {
		kind, region, regional := regionLine(k.Name)
		name := checkTitle(p, kind, region)
		if right, is := strings.CutPrefix(k.Name, "right:"); is {
			name = rightTitle(p, account.Right(right))
		} else if regional {
			name = regionName(p, region)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " · ")
}

// checkedText is what the check of an account answered, and when.
func checkedText(p *text.Printer, a account.Account) string {
	said := checkHeading(p, a)
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
func (p accountPages) facts(pr *text.Printer, a account.Account) []ui.Pair {
	out := []ui.Pair{
		{Key: pr.T("accounts.site"), Value: siteName(pr, a.Site)},
		signsWith(pr, a),
		{Key: pr.T("accounts.regions"), Value: regionList(pr, a)},
	}
	if a.Sandbox() {
		out[0] = ui.Pair{Key: pr.T("accounts.cost"), Value: pr.T("accounts.cost.free")}
	}
	balance, freshness := p.orders.BalanceOf(a.ID)
	if a.State == account.Active {
		out = append(out, ui.Pair{Key: pr.T("accounts.balance"), Value: balanceText(pr, balance, freshness)})
	}
	return out
}

// balanceText is what an account has left, or that nobody knows.
func balanceText(p *text.Printer, b order.Balance, f order.Freshness) string {
	switch {
	case b.At.IsZero() && f == order.Reading:
		return p.T("accounts.balance.reading")
	case b.At.IsZero():
		return p.Unknown()
	}
	return p.Money(b.Available.Amount, b.Available.Currency)
}

func regionList(p *text.Printer, a account.Account) string {
	var names []string
	for _, code := range account.RegionsOf(a.Projects) {
		names = append(names, regionName(p, code))
	}
	if len(names) == 0 {
		return p.Unknown()
	}
	slices.Sort(names)
	return strings.Join(names, " · ")
}

// regionName is a region in the reader's words, its code where there are none.
func regionName(p *text.Printer, code string) string {
	if word, ok := p.Word("region." + code); ok {
		return word
	}
	return text.Name(code)
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

// page is one account: GET /accounts/{id}.
func (p accountPages) page(c echo.Context) error {
	return p.detail(c, http.StatusOK, "", nil)
}

func (p accountPages) detail(c echo.Context, status int, typed string, problem map[string]string) error {
	a, err := p.accounts.Get(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	f, err := p.s.frames.Frame(c, text.Name(a.Label), layout.Accounts, "account/"+a.ID)
	if err != nil {
		return err
	}
	f.Wrong = len(problem) > 0
	pr := printer(c)
	m := accounts.PageModel{
		ID: a.ID, Label: a.Label, Sandbox: a.Sandbox(), Facts: p.facts(pr, a), Answer: checkHeading(pr, a), Check: checkModel(pr, a),
		Manage: actor(c).May(person.ManageAccounts), Disabled: a.State == account.Disabled,
		Rename: ui.Field{Name: account.FieldLabel, Label: pr.T("accounts.form.label"), Value: a.Label, Error: problem[account.FieldLabel], MaxLength: 64, Required: true},
	}
	if status != http.StatusOK {
		m.Rename.Value, m.Rename.Focus = typed, true
	}
	m.Shape, m.Word = accountState(pr, a)
	if m.DeleteText, m.Deletable, err = p.deleteText(c, a); err != nil {
		return err
	}
	if a.Held() && m.Manage {
		held := heldNote(pr, a)
		m.Held, m.Manage = &held, false
	} else if a.Found().Reach != account.Limited { // its lines stand below
		m.Trouble = accounts.Trouble(trouble(pr, a))
	}
	return render(c, status, accounts.Page(f, m), nil)
}

// rename changes the name the console gives an account: POST /accounts/{id}/rename.
func (p accountPages) rename(c echo.Context) error {
	label := c.Request().PostFormValue(account.FieldLabel)
	err := p.accounts.Rename(c.Request().Context(), actor(c), c.Param("id"), label)
	if f := fault.Of(err); err != nil && f.Kind == fault.Invalid {
		return p.detail(c, http.StatusUnprocessableEntity, label, sayAll(c, f.Fields))
	}
	return p.done(c, err, "/accounts/"+c.Param("id"), "accounts.said.renamed")
}

// done leads on after a change and says so, or hands the failure to errors.go.
func (p accountPages) done(c echo.Context, err error, to, said string) error {
	if err != nil {
		return err
	}
	p.s.notes.Leave(c, fault.Say(said))
	return goTo(c, to)
}

// check asks for a connection check: POST /accounts/{id}/check. Its lines
// arrive on the page by themselves.
func (p accountPages) check(c echo.Context) error {
	to := "/accounts/" + c.Param("id")
	if c.Request().PostFormValue("back") == "setup" {
		to = "/setup/check"
	}
	if err := p.accounts.Check(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return goTo(c, to)
}

// disable and enable: POST /accounts/{id}/disable, …/enable.
func (p accountPages) disable(c echo.Context) error {
	err := p.accounts.SetDisabled(c.Request().Context(), actor(c), c.Param("id"), true)
	return p.done(c, err, "/accounts/"+c.Param("id"), "accounts.said.disabled")
}

func (p accountPages) enable(c echo.Context) error {
	err := p.accounts.SetDisabled(c.Request().Context(), actor(c), c.Param("id"), false)
	return p.done(c, err, "/accounts/"+c.Param("id"), "accounts.said.enabled")
}

// askDelete asks before an account leaves the console: GET /accounts/{id}/delete.
func (p accountPages) askDelete(c echo.Context) error {
	return p.deleteForm(c, http.StatusOK, "")
}

func (p accountPages) deleteForm(c echo.Context, status int, problem string) error {
	a, err := p.accounts.Get(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	f, err := p.s.frames.Frame(c, printer(c).T("accounts.delete"), layout.Accounts)
	if err != nil {
		return err
	}
	m := accounts.DeleteModel{ID: a.ID, Label: a.Label, Problem: problem}
	return render(c, status, accounts.Delete(f, m), accounts.DeleteForm(m))
}

// delete forgets an account and its sealed key: POST /accounts/{id}/delete. It
// is refused while orders are open. A second sign-in of an account is discarded so,
// and the account stays.
func (p accountPages) delete(c echo.Context) error {
	a, err := p.accounts.Get(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	said := "accounts.said.deleted"
	if a.Held() {
		said = "accounts.said.discarded"
	}
	err = p.accounts.Delete(c.Request().Context(), actor(c), a.ID)
	if f := fault.Of(err); err != nil && f.Kind == fault.Conflict {
		return p.deleteForm(c, http.StatusUnprocessableEntity, say(c, f.Message))
	}
	return p.done(c, err, "/accounts", said)
}
