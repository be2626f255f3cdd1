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
		Give:     p.T("accounts.held.give", "Other", other),
		GiveText: p.T("accounts.held.give.text", "Other", other, "New", text.Name(a.KeyHint)),
		First:    "/accounts/" + url.PathEscape(a.First()), FirstLabel: p.T("accounts.held.see", "Other", other),
	}
}

// Give replaces the key of the first entry by that of the held one: POST /accounts/{id}/give.
func (h Pages) Give(c echo.Context) error {
	first, err := h.Accounts.GiveKey(c.Request().Context(), visit.Actor(c), c.Param("id"))
	return h.done(c, err, "/accounts/"+first, "accounts.said.replaced")
}

// Twins tells the entries of one account apart and lets one be removed: GET
// /accounts/{id}/twins. Without another entry it is the account's page.
func (h Pages) Twins(c echo.Context) error {
	ctx, by, p := c.Request().Context(), visit.Actor(c), visit.Printer(c)
	all, err := h.Accounts.List(ctx, by)
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
	f, err := h.Frames.Frame(c, p.T("accounts.twins.title"), layout.Accounts)
	if err != nil {
		return err
	}
	m := accounts.TwinsModel{Title: p.T("accounts.twins.title"),
		Text: p.T("accounts.twins.text", "Entries", wording.AccountNames(p, entries))}
	for _, a := range entries {
		e, err := h.twinEntry(c, a)
		if err != nil {
			return err
		}
		m.Entries = append(m.Entries, e)
	}
	return page.Render(c, http.StatusOK, accounts.Twins(f, m), nil)
}

// twinEntry is what tells one entry from the others: how it signs in, since when
// it is here, and which orders were placed through it.
func (h Pages) twinEntry(c echo.Context, a account.Account) (accounts.Card, error) {
	ctx, by, p := c.Request().Context(), visit.Actor(c), visit.Printer(c)
	open, err := h.Accounts.OpenOrders(ctx, by, a.ID)
	if err != nil {
		return accounts.Card{}, err
	}
	page, err := h.Orders.Orders(ctx, by, order.Filter{AccountIDs: []string{a.ID}, Limit: 1})
	if err != nil {
		return accounts.Card{}, err
	}
	card := accounts.Card{ID: a.ID, Label: a.Label, Facts: []ui.Pair{
		signsWith(p, a),
		{Key: p.T("accounts.twins.since"), Value: p.Near(a.CreatedAt, p.Now())},
		{Key: p.T("accounts.twins.orders"), Value: p.Number(page.Total)},
		{Key: p.T("accounts.twins.open"), Value: p.Number(open)},
	}}
	card.Shape, card.Word = wording.AccountState(p, a)
	if page.Total > 0 {
		card.Actions = append(card.Actions, ui.Action{Label: p.T("accounts.twins.see"), Href: wording.OrdersURL("account", a.ID)})
	}
	if open > 0 {
		card.Checked = p.N("accounts.twins.keep", open)
		return card, nil
	}
	card.Actions = append(card.Actions, ui.Action{Label: p.T("accounts.twins.remove", "Account", text.Name(a.Label)),
		Href: "/accounts/" + a.ID + "/delete", Icon: "trash", Kind: ui.Danger, Attrs: map[string]any{"data-dialog": ""}})
	return card, nil
}

// heldCards are second entries that wait for their owner.
func (h Pages) heldCards(c echo.Context) ([]accounts.Card, error) {
	p := visit.Printer(c)
	all, err := h.Accounts.HeldEntries(c.Request().Context(), visit.Actor(c))
	if err != nil {
		return nil, err
	}
	var out []accounts.Card
	for _, a := range all {
		card := accounts.Card{ID: a.ID, Label: a.Label,
			Actions: []ui.Action{{Label: p.T("accounts.held.decide"), Href: "/accounts/" + a.ID, Kind: ui.Primary}}}
		card.Shape, card.Word = wording.AccountState(p, a)
		card.Trouble = accounts.Trouble{Tone: ui.Caution, Heading: wording.AnswerHeading(p, a), Text: wording.Say(p, a.Trouble)}
		out = append(out, card)
	}
	return out, nil
}

// deleteText says whether an account can be removed now, and why not.
func (h Pages) deleteText(c echo.Context, a account.Account) (sentence string, possible bool, err error) {
	open, err := h.Accounts.OpenOrders(c.Request().Context(), visit.Actor(c), a.ID)
	if err != nil {
		return "", false, err
	}
	if open > 0 {
		return wording.Say(visit.Printer(c), fault.Say("account.delete.open", "N", strconv.Itoa(open))), false, nil
	}
	return visit.Printer(c).T("accounts.delete.text"), true, nil
}
