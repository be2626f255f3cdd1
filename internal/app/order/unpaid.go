package order

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Unpaid is the orders that wait for payment, summed up.
type Unpaid struct {
	Orders []Order   // in the order given
	Sums   []Money   // one for each currency, by its code; nil when the amount of any order is not known
	First  time.Time // the first moment at which the cloud cancels one of them; zero: none is known
}

// SumUnpaid sums up those of the orders that wait for payment and leaves out
// the others. Amounts of different currencies are never added. A sum without the
// orders whose amount was not read would be too low, so there is none then.
func SumUnpaid(orders []Order) Unpaid {
	var u Unpaid
	sums, unread := make(map[string]Money), false
	for _, o := range orders {
		if o.State != AwaitingPayment {
			continue
		}
		u.Orders = append(u.Orders, o)
		if !o.PayBy.IsZero() && (u.First.IsZero() || o.PayBy.Before(u.First)) {
			u.First = o.PayBy
		}
		if o.Amount == nil {
			unread = true
			continue
		}
		currency := o.Amount.Currency
		sums[currency] = Money{Amount: sums[currency].Amount.Add(o.Amount.Amount), Currency: currency}
	}
	if !unread {
		u.Sums = slices.SortedFunc(maps.Values(sums), func(a, b Money) int { return cmp.Compare(a.Currency, b.Currency) })
	}
	return u
}
