package db

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"sampan/internal/app/order"
)

// The columns of purchase that never change, and those that do.
var (
	purchaseFixed = []string{"id", "account_id", "sandbox", "person_id", "person_name", "review_id", "request", "hash",
		"intent_tag", "expires_us", "repeat_of", "created_us", "start"}
	purchaseMoving = []string{"state", "state_us", "reason", "code", "request_id", "detail", "client_request_id", "cloud_order_id",
		"answered_ids", "cloud_status", "cloud_read_us", "amount", "official", "currency", "cap", "cap_currency", "pay_by_us", "paid_us",
		"pay_asked_us", "pay_asked_by", "pay_sends", "pay_sent_us", "cancel_asked_us", "cancel_asked_by", "cancel_sends",
		"delivered", "missing", "candidates", "sent_us", "ended_us", "checks", "last_check_us", "next_check_us", "check_until_us",
		"lock_lifted", "generation", "link", "answered_order", "restored", "weighed", "unread"}
	purchaseColumns = strings.Join(purchaseFixed, ", ") + ", " + strings.Join(purchaseMoving, ", ") + ", rev"
)

// placeholders gives "$from, $from+1, …" for n values.
func placeholders(from, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(all, ", ")
}

// assignments gives "a = $from, b = $from+1, …".
func assignments(columns []string, from int) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c + " = $" + strconv.Itoa(from+i)
	}
	return strings.Join(all, ", ")
}

func fixedValues(o order.Order) []any {
	return []any{o.ID, o.AccountID, bit(o.Sandbox), o.PersonID, o.PersonName, o.ReviewID, toJSON(o.Request), o.Hash,
		o.IntentTag, micros(o.ExpiresAt), o.RepeatOf, micros(o.CreatedAt), o.Start}
}

func movingValues(o order.Order) []any {
	amount, currency := moneyText(o.Amount)
	official, other := moneyText(o.Official)
	if currency == "" {
		currency = other
	}
	limit, limitCurrency := moneyText(o.Cap)
	return []any{string(o.State), micros(o.StateAt), messageText(o.Reason), o.Code, o.RequestID, o.Detail, o.ClientRequestID,
		o.CloudOrderID, listText(o.AnsweredIDs), o.CloudStatus, micros(o.CloudReadAt), amount, official, currency, limit, limitCurrency,
		micros(o.PayBy), micros(o.PaidAt), micros(o.PayAskedAt), o.PayAskedBy, o.PaySends, micros(o.PaySentAt), micros(o.CancelAskedAt),
		o.CancelAskedBy, o.CancelSends, listText(o.Delivered), listText(o.Missing), listText(o.Candidates), micros(o.SentAt),
		micros(o.EndedAt), o.Checks, micros(o.LastCheckAt), micros(o.NextCheckAt), micros(o.CheckUntil), bit(o.LockLifted), o.Generation,
		string(o.Link), o.AnsweredOrder, bit(o.Restored), listText(o.Weighed), o.Unread}
}

// scanPurchase reads a row of purchaseColumns.
func scanPurchase(row scanner) (order.Order, error) {
	var o order.Order
	var request, reason, answered, amount, official, currency, limit, limitCurrency, delivered, missing, candidates, weighed string
	var expires, created, state, read, payBy, paid, payAsked, paySent, cancelAsked, sent, ended, last, next, until int64
	err := row.Scan(&o.ID, &o.AccountID, &o.Sandbox, &o.PersonID, &o.PersonName, &o.ReviewID, &request, &o.Hash,
		&o.IntentTag, &expires, &o.RepeatOf, &created, &o.Start,
		&o.State, &state, &reason, &o.Code, &o.RequestID, &o.Detail, &o.ClientRequestID, &o.CloudOrderID,
		&answered, &o.CloudStatus, &read, &amount, &official, &currency, &limit, &limitCurrency, &payBy, &paid,
		&payAsked, &o.PayAskedBy, &o.PaySends, &paySent, &cancelAsked, &o.CancelAskedBy, &o.CancelSends,
		&delivered, &missing, &candidates, &sent, &ended, &o.Checks, &last, &next, &until, &o.LockLifted, &o.Generation,
		&o.Link, &o.AnsweredOrder, &o.Restored, &weighed, &o.Unread, &o.Rev)
	if err != nil {
		return o, err
	}
	o.ExpiresAt, o.CreatedAt, o.StateAt, o.CloudReadAt = fromMicros(expires), fromMicros(created), fromMicros(state), fromMicros(read)
	o.PayBy, o.PaidAt, o.PayAskedAt, o.PaySentAt = fromMicros(payBy), fromMicros(paid), fromMicros(payAsked), fromMicros(paySent)
	o.CancelAskedAt, o.SentAt, o.EndedAt = fromMicros(cancelAsked), fromMicros(sent), fromMicros(ended)
	o.LastCheckAt, o.NextCheckAt, o.CheckUntil = fromMicros(last), fromMicros(next), fromMicros(until)
	var errAmount, errOfficial, errCap error
	o.Amount, errAmount = moneyFrom(amount, currency)
	o.Official, errOfficial = moneyFrom(official, currency)
	o.Cap, errCap = moneyFrom(limit, limitCurrency)
	err = errors.Join(fromJSON(request, &o.Request), fromJSON(reason, &o.Reason), fromJSON(answered, &o.AnsweredIDs),
		fromJSON(delivered, &o.Delivered), fromJSON(missing, &o.Missing), fromJSON(candidates, &o.Candidates),
		fromJSON(weighed, &o.Weighed), errAmount, errOfficial, errCap)
	if err != nil {
		return o, fmt.Errorf("db: order %s: %w", o.ID, err)
	}
	return o, nil
}

// listText is a list as stored; "" when it is empty, so that it reads back as nil.
func listText[T any](list []T) string {
	if len(list) == 0 {
		return ""
	}
	return toJSON(list)
}

// moneyText is an amount as stored: exact, as text.
func moneyText(m *order.Money) (amount, currency string) {
	if m == nil {
		return "", ""
	}
	return m.Amount.String(), m.Currency
}

func moneyFrom(amount, currency string) (*order.Money, error) {
	if amount == "" {
		return nil, nil
	}
	d, err := decimal.NewFromString(amount)
	if err != nil {
		return nil, fmt.Errorf("amount %q: %w", amount, err)
	}
	return &order.Money{Amount: d, Currency: currency}, nil
}
