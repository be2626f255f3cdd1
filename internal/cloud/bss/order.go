package bss

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2/model"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/cloud"
)

const (
	orderPage  = 100 // the most is not documented
	stampForm  = "2006-01-02T15:04:05Z"
	typeBought = 1
)

// cloudOrder is an order in the list and at the head of its details.
type cloudOrder struct {
	ID          cloud.Text   `json:"order_id"`
	ServiceType cloud.Text   `json:"service_type_code"`
	ServiceName cloud.Text   `json:"service_type_name"`
	Status      cloud.Int    `json:"status"`
	Type        cloud.Int    `json:"order_type"`
	Amount      cloud.Amount `json:"amount_after_discount"`
	Official    cloud.Amount `json:"official_amount"`
	Created     cloud.Time   `json:"create_time"`
	Paid        cloud.Time   `json:"payment_time"`
	Currency    cloud.Text   `json:"currency"`
	User        cloud.Text   `json:"user_name"`
	PayBy       cloud.Time   `json:"pending_payment_end_time"`
}

type line struct {
	Service    cloud.Text `json:"service_type_code"`
	Product    cloud.Text `json:"product_id"`
	Desc       cloud.Text `json:"product_spec_desc"`
	PeriodType cloud.Int  `json:"period_type"`
	PeriodNum  cloud.Int  `json:"period_num"`
	Count      cloud.Int  `json:"subscription_num"`
	Currency   cloud.Text `json:"currency"`
	Resource   cloud.Text `json:"commercial_resource"`
}

func (w cloudOrder) order() order.CloudOrder {
	currency := string(w.Currency)
	return order.CloudOrder{
		ID: string(w.ID), Status: int(w.Status), Type: int(w.Type), CreatedAt: w.Created.Time, PaidAt: w.Paid.Time, PayBy: w.PayBy.Time,
		Amount: money(w.Amount, currency), Official: money(w.Official, currency),
		ServiceType: string(w.ServiceType), ServiceName: string(w.ServiceName), UserName: string(w.User),
	}
}

type orderDetails struct {
	Total *cloud.Int  `json:"total_count"`
	Info  *cloudOrder `json:"order_info"`
	Lines []line      `json:"order_line_items"`
}

// Complete reports whether the answer says that there is an order, or that there
// is none.
func (d *orderDetails) Complete() bool { return d.Total != nil || d.Info != nil }

// none reports whether the answer says that there is no such order (cloud-api, 9.2).
func (d *orderDetails) none() bool {
	empty := d.Info == nil || d.Info.ID == "" && d.Info.Status == 0 && !d.Info.Amount.Valid && d.Info.Created.IsZero()
	return empty && len(d.Lines) == 0 && totalOf(d.Total) <= 0
}

// Order reads one order with its lines (cloud-api, 9.2). One that billing does
// not know, or not yet, is fault.NotFound, by billing's own code or by an answer
// that has no order; a refusal or an answer that cannot be read is not.
func (c *Client) Order(ctx context.Context, a account.Access, id string) (order.CloudOrder, error) {
	if err := checkOrderID(id); err != nil {
		return order.CloudOrder{}, err
	}
	var head cloudOrder
	var lines []line
	err := records(func(offset int32) (got, fresh, total int, err error) {
		d, err := c.details(ctx, a, id, offset)
		if err != nil {
			return 0, 0, 0, err
		}
		if offset == 0 {
			head = *d.Info
		}
		lines = append(lines, d.Lines...)
		total = totalOf(d.Total)
		if total < 0 { // a server that does not count sends all
			total = len(lines)
		}
		return len(d.Lines), len(d.Lines), total, nil
	})
	if err != nil {
		return order.CloudOrder{}, fmt.Errorf("bss: order %s: %w", id, err)
	}
	o := head.order()
	o.ID = id
	describe(&o, lines)
	return o, nil
}

func (c *Client) details(ctx context.Context, a account.Access, id string, offset int32) (orderDetails, error) {
	limit, english := int32(orderPage), "en_US"
	q := &model.ShowCustomerOrderDetailsRequest{OrderId: id, Limit: &limit, XLanguage: &english}
	if offset > 0 {
		q.Offset = &offset
	}
	var d orderDetails
	err := c.do(ctx, a, cloud.Call{Name: "order", Right: account.RightOrders, Into: &d}, func(s *sdk.BssintlClient) error {
		_, err := s.ShowCustomerOrderDetails(q)
		return err
	})
	switch {
	case err != nil:
		return d, missing(err)
	case d.none():
		return d, fault.New(fault.NotFound, "cloud.gone")
	case d.Info == nil:
		return d, cloud.Incomplete(errors.New("the answer has lines, and no order"))
	case string(d.Info.ID) != id: // an amount must never come from another order
		return d, cloud.Incomplete(errors.New("the answer is about another order"))
	}
	return d, nil
}

// describe takes quantity, period and specification from the lines of the
// instance itself: extras have lines of their own.
func describe(o *order.CloudOrder, lines []line) {
	lines = mainLines(lines)
	if len(lines) == 0 {
		return
	}
	first := lines[0]
	o.SpecText, o.PeriodNum = string(first.Desc), int(first.PeriodNum)
	switch first.PeriodType {
	case 2:
		o.PeriodUnit = order.Month
	case 3:
		o.PeriodUnit = order.Year
	}
	for _, l := range lines {
		if l.Product == first.Product && l.Desc == first.Desc {
			o.Quantity += max(1, int(l.Count))
		}
	}
	for _, m := range []*order.Money{o.Amount, o.Official} {
		if m != nil && m.Currency == "" {
			m.Currency = string(first.Currency)
		}
	}
}

// mainLines are those of FlexusL instances, as far as the codes tell.
func mainLines(lines []line) []line {
	for _, is := range []func(line) bool{
		func(l line) bool { return strings.Contains(string(l.Resource), "hecsfusion") },
		func(l line) bool { return flexus(string(l.Service)) },
	} {
		var out []line
		for _, l := range lines {
			if is(l) {
				out = append(out, l)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return lines
}

// flexus reports whether a service type is FlexusL's, in either spelling.
func flexus(serviceType string) bool {
	return strings.HasSuffix(serviceType, ".hcss") || strings.HasSuffix(serviceType, ".hcsl")
}

type orderList struct {
	Total  *cloud.Int   `json:"total_count"`
	Orders []cloudOrder `json:"order_infos"`
}

// Complete reports whether the answer has a list, or a count of 0.
func (l *orderList) Complete() bool { return l.Orders != nil || l.Total != nil && *l.Total == 0 }

// Orders lists all new purchases (type 1, no renewals) created from from to to,
// every page, of every service: which ones are FlexusL is for the caller to tell
// (cloud-api, 9.1). A list that is not whole is fault.Unreachable, as is one that
// cannot be read; it is never fault.NotFound.
func (c *Client) Orders(ctx context.Context, a account.Access, from, to time.Time) ([]order.CloudOrder, error) {
	kind := strconv.Itoa(typeBought)
	begin, end := from.UTC().Format(stampForm), to.UTC().Format(stampForm)
	newest, limit, said := "-createTime", int32(orderPage), -1
	var out []order.CloudOrder
	known := make(map[string]bool)
	err := records(func(offset int32) (got, fresh, total int, err error) {
		q := &model.ListCustomerOrdersRequest{CreateTimeBegin: &begin, CreateTimeEnd: &end, OrderType: &kind, OrderBy: &newest,
			Limit: &limit}
		if offset > 0 {
			q.Offset = &offset
		}
		var l orderList
		err = c.do(ctx, a, cloud.Call{Name: "orders", Right: account.RightOrders, Into: &l}, func(s *sdk.BssintlClient) error {
			_, err := s.ListCustomerOrders(q)
			return err
		})
		for _, w := range l.Orders {
			if w.ID == "" && err == nil {
				err = cloud.Incomplete(errors.New("an order without its number"))
			}
			if !known[string(w.ID)] { // a new order moves the pages on
				known[string(w.ID)] = true
				fresh++
				out = append(out, w.order())
			}
		}
		said = totalOf(l.Total)
		return len(l.Orders), fresh, said, err
	})
	if err == nil && len(known) < said { // the new order that moved the pages on may be ours
		err = cloud.Incomplete(errTwice)
	}
	if err != nil {
		return nil, fmt.Errorf("bss: orders since %s: %w", begin, missing(err))
	}
	return out, nil
}

// Probe lists one new purchase of the last day, if there is one: what a
// connection check asks to learn whether orders may be read.
func (c *Client) Probe(ctx context.Context, a account.Access) error {
	now := c.API.Now().UTC()
	kind, one := strconv.Itoa(typeBought), int32(1)
	begin, end := now.Add(-24*time.Hour).Format(stampForm), now.Format(stampForm)
	var l orderList
	err := c.do(ctx, a, cloud.Call{Name: "orders", Right: account.RightOrders, Into: &l}, func(s *sdk.BssintlClient) error {
		_, err := s.ListCustomerOrders(&model.ListCustomerOrdersRequest{CreateTimeBegin: &begin, CreateTimeEnd: &end, OrderType: &kind,
			Limit: &one})
		return err
	})
	if err != nil {
		return fmt.Errorf("bss: probe orders: %w", missing(err))
	}
	return nil
}

// Pay pays an order with what the account has, without coupons or discounts
// (cloud-api, 9.4). It sends once. Conflict: the order is no longer unpaid.
// Unknown: read the order before anything else.
func (c *Client) Pay(ctx context.Context, a account.Access, id string) error {
	if err := checkOrderID(id); err != nil {
		return err
	}
	body := &model.PayCustomerOrderV3Req{OrderId: id, UseCoupon: "NO", UseDiscount: "NO"}
	err := c.do(ctx, a, cloud.Call{Name: "pay", Class: cloud.CheckFirst, Right: account.RightPay}, func(s *sdk.BssintlClient) error {
		_, err := s.PayOrders(&model.PayOrdersRequest{Body: body})
		return err
	})
	if err != nil {
		return fmt.Errorf("bss: pay %s: %w", id, err)
	}
	return nil
}

// Cancel cancels an unpaid order (cloud-api, 9.5). One that is cancelled
// already is a success; one in any other state is fault.Conflict.
func (c *Client) Cancel(ctx context.Context, a account.Access, id string) error {
	if err := checkOrderID(id); err != nil {
		return err
	}
	body := &model.CancelCustomerOrderReq{OrderId: id}
	err := c.do(ctx, a, cloud.Call{Name: "cancel", Class: cloud.SafeWrite, Right: account.RightCancel}, func(s *sdk.BssintlClient) error {
		_, err := s.CancelCustomerOrder(&model.CancelCustomerOrderRequest{Body: body})
		return err
	})
	if fault.Is(err, fault.Conflict) { // perhaps our own first try did it
		if o, readErr := c.Order(ctx, a, id); readErr == nil && o.Status == order.StatusCancelled {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("bss: cancel %s: %w", id, err)
	}
	return nil
}
