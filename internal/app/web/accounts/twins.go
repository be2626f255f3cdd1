package accounts

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/accounts"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// heldNote offers what can be done with a second entry of an account that is
// connected already.
func heldNote(p *text.Printer, a account.Account) accounts.Held {
	other := text.Name(a.Trouble.Values["Account"])
	return accounts.Held{
		ID: a.ID, Text: p.T("accounts.held.text", "Other", other),
		Give: p.T("accounts.held.give", "Other", other), GiveText: p.T("accounts.held.give.text", "Other", other, "New", text.Name(a.KeyHint)),
		First: "/accounts/" + url.PathEscape(a.First()), FirstLabel: p.T("accounts.held.see", "Other", other),
	}
}

// Give replaces the key of the first entry by that of the held one: POST /accounts/{id}/give.
func (p Pages) Give(c echo.Context) error {
	first, err := p.Accounts.GiveKey(c.Request().Context(), visit.Actor(c), c.Param("id"))
	return p.done(c, err, "/accounts/"+first, "accounts.said.replaced")
}

// Twins tells the entries of one account apart and lets one be removed: GET
// /accounts/{id}/twins. Without another entry it is the account's page.
func (p Pages) Twins(c echo.Context) error {
	ctx, by, pr := c.Request().Context(), visit.Actor(c), visit.Printer(c)
	all, err := p.Accounts.List(ctx, by)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(a account.Account) bool { return a.ID == c.Param("id") })
	if i < 0 {
		return echo.ErrNotFound
	}
	entries := append([]account.Account{all[i]}, all[i].Twins(all)...)
	if len(entries) == 1 {
		return page.GoTo(c, "/accounts/"+all[i].ID)
	}
	slices.SortFunc(entries, func(a, b account.Account) int { return strings.Compare(a.Label, b.Label) })
	f, err := p.Frames.Frame(c, pr.T("accounts.twins.title"), layout.Accounts)
	if err != nil {
		return err
	}
	m := accounts.TwinsModel{Title: pr.T("accounts.twins.title"), Text: pr.T("accounts.twins.text", "Entries", wording.AccountNames(pr, entries))}
	for _, a := range entries {
		e, err := p.twinEntry(c, a)
		if err != nil {
			return err
		}
		m.Entries = append(m.Entries, e)
	}
	return page.Render(c, http.StatusOK, accounts.Twins(f, m), nil)
}

// twinEntry is what tells one entry from the others: how it signs in, since when
// it is here, and which orders were placed through it.
func (p Pages) twinEntry(c echo.Context, a account.Account) (accounts.Card, error) {
	ctx, by, pr := c.Request().Context(), visit.Actor(c), visit.Printer(c)
	open, err := p.Accounts.OpenOrders(ctx, by, a.ID)
	if err != nil {
		return accounts.Card{}, err
	}
	page, err := p.Orders.Orders(ctx, by, order.Filter{AccountIDs: []string{a.ID}, Limit: 1})
	if err != nil {
		return accounts.Card{}, err
	}
	card := accounts.Card{ID: a.ID, Label: a.Label, Facts: []ui.Pair{
		signsWith(pr, a),
		{Key: pr.T("accounts.twins.since"), Value: pr.Near(a.CreatedAt, pr.Now())},
		{Key: pr.T("accounts.twins.orders"), Value: pr.Number(page.Total)},
		{Key: pr.T("accounts.twins.open"), Value: pr.Number(open)},
	}}
	card.Shape, card.Word = wording.AccountState(pr, a)
	if page.Total > 0 {
		card.Actions = append(card.Actions, ui.Action{Label: pr.T("accounts.twins.see"), Href: wording.OrdersURL("account", a.ID)})
	}
	if open > 0 {
		card.Checked = pr.N("accounts.twins.keep", open)
		return card, nil
	}
	card.Actions = append(card.Actions, ui.Action{Label: pr.T("accounts.twins.remove", "Account", text.Name(a.Label)), Href: "/accounts/" + a.ID + "/delete", Icon: "trash", Kind: ui.Danger, Attrs: map[string]any{"data-dialog": ""}})
	return card, nil
}

// heldCards are second entries that wait for their owner.
func (p Pages) heldCards(c echo.Context) ([]accounts.Card, error) {
	pr := visit.Printer(c)
	all, err := p.Accounts.HeldEntries(c.Request().Context(), visit.Actor(c))
	if err != nil {
		return nil, err
	}
	var out []accounts.Card
	for _, a := range all {
		card := accounts.Card{ID: a.ID, Label: a.Label, Actions: []ui.Action{{Label: pr.T("accounts.held.decide"), Href: "/accounts/" + a.ID, Kind: ui.Primary}}}
		card.Shape, card.Word = wording.AccountState(pr, a)
		card.Trouble = accounts.Trouble{Tone: ui.Caution, Heading: wording.AnswerHeading(pr, a), Text: wording.Say(pr, a.Trouble)}
		out = append(out, card)
	}
	return out, nil
}

// deleteText says whether an account can be removed now, and why not.
func (p Pages) deleteText(c echo.Context, a account.Account) (words string, possible bool, err error) {
	open, err := p.Accounts.OpenOrders(c.Request().Context(), visit.Actor(c), a.ID)
	if err != nil {
		return "", false, err
	}
	if open > 0 {
		return wording.Say(visit.Printer(c), fault.Say("account.delete.open", "N", strconv.Itoa(open))), false, nil
	}
	return visit.Printer(c).T("accounts.delete.text"), true, nil
}
