package order_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sampan/internal/app/order"
)

func TestUnpaidOrdersAreSummedUp(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	unpaid := func(id, amount string, by time.Time) order.Order {
		o := order.Order{ID: id, State: order.AwaitingPayment, PayBy: by}
		if n, currency, ok := strings.Cut(amount, " "); ok {
			o.Amount = &order.Money{Amount: decimal.RequireFromString(n), Currency: currency}
		}
		return o
	}
	paid := unpaid("paid", "99 USD", noon.Add(-time.Hour))
	paid.State = order.Delivering
	tests := []struct {
		name   string
		orders []order.Order
		ids    []string
		sums   []string
		first  time.Time
	}{
		{"none", nil, nil, nil, time.Time{}},
		{"none that waits for payment", []order.Order{paid}, nil, nil, time.Time{}},
		{"one", []order.Order{unpaid("a", "7.50 USD", noon)}, []string{"a"}, []string{"7.5 USD"}, noon},
		{"amounts of one currency", []order.Order{unpaid("a", "0.10 USD", noon), paid, unpaid("b", "0.20 USD", noon.Add(-time.Minute))},
			[]string{"a", "b"}, []string{"0.3 USD"}, noon.Add(-time.Minute)},
		{"two currencies", []order.Order{unpaid("a", "7 USD", noon), unpaid("b", "10 CNY", time.Time{}), unpaid("c", "5 CNY", noon)},
			[]string{"a", "b", "c"}, []string{"15 CNY", "7 USD"}, noon},
		{"one of unknown amount", []order.Order{unpaid("a", "7 USD", noon), unpaid("b", "", noon.Add(time.Hour))}, []string{"a", "b"}, nil, noon},
		{"no deadline is known", []order.Order{unpaid("a", "7 USD", time.Time{})}, []string{"a"}, []string{"7 USD"}, time.Time{}},
		{"an order of no cost", []order.Order{unpaid("a", "0 USD", noon)}, []string{"a"}, []string{"0 USD"}, noon},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := order.SumUnpaid(tt.orders)
			var ids, sums []string
			for _, o := range u.Orders {
				ids = append(ids, o.ID)
			}
			for _, m := range u.Sums {
				sums = append(sums, m.Amount.String()+" "+m.Currency)
			}
			if !slices.Equal(ids, tt.ids) || !slices.Equal(sums, tt.sums) || !u.First.Equal(tt.first) {
				t.Errorf("got %v, %v, %v; want %v, %v, %v", ids, sums, u.First, tt.ids, tt.sums, tt.first)
			}
		})
	}
}
