package web

import (
	"net/url"

	"sampan/internal/app/order"
)

// address is a path with its query, if it has one.
func address(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// stateFound is the group of the orders page whose orders nobody here knows.
const stateFound = "found"

// foundURL is where it stands.
var foundURL = ordersURL("state", stateFound)

// ordersURL is the list of orders narrowed by one of its fields: "state", "account".
func ordersURL(field, value string) string { return address("/orders", url.Values{field: {value}}) }

// fieldFrom is the account of a purchase while there is no draft.
const fieldFrom = "from"

// buyURL is where a purchase for an account begins.
func buyURL(accountID string) string { return address("/buy", url.Values{fieldFrom: {accountID}}) }

// reviewURL is where a stored review is shown.
func reviewURL(rv order.Review) string {
	return address("/buy/"+url.PathEscape(rv.DraftID)+"/review", url.Values{"review": {rv.ID}})
}
