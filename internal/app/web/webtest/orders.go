package webtest

import (
	"context"

	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
)

// EveryOrder has another name than its method Orders, so that both can be reached.
type EveryOrder interface{ web.Orders }

// orders answers what the first pages ask; all other methods are the nil
// interface's and panic.
type orders struct {
	EveryOrder
	GivenAttention []order.Order
	Groups         map[string][]order.Order // by the group that a list asks for
	Asked          [][]string
	Found          []order.FoundOrder
	GivenRestored  order.Restored
	GivenBalance   order.Balance
	err            error
}

func (o *orders) FoundOrders(context.Context, person.Actor, []string) ([]order.FoundOrder, error) {
	return o.Found, o.err
}

func (o *orders) Restored(context.Context) (order.Restored, error) { return o.GivenRestored, o.err }

func (o *orders) Orders(_ context.Context, _ person.Actor, f order.Filter) (order.Page, error) {
	rows := o.Groups[f.State]
	return order.Page{Rows: rows[:min(len(rows), f.Limit)], Total: len(rows)}, o.err
}

func (o *orders) Attention(_ context.Context, _ person.Actor, ids []string) ([]order.Order, error) {
	o.Asked = append(o.Asked, ids)
	return o.GivenAttention, o.err
}

func (o *orders) Bill(string, string) (order.CloudOrder, order.Freshness) {
	return order.CloudOrder{}, order.Reading
}

func (o *orders) BalanceOf(string) (order.Balance, order.Freshness) {
	return o.GivenBalance, "unknown"
}
