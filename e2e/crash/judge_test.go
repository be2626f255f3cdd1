//go:build e2e

package crash

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// judge holds the order's page against the cloud's books.
func (r *run) judge(ctx context.Context, d passport) error {
	l := books(r.w)
	mine := l.of(r.review.tag, r.review.clientRequest)
	for _, a := range d.Attempts {
		mine = append(mine, l.of("?", a.ClientRequestID)...)
	}
	slices.SortFunc(mine, func(a, b purchase) int { return strings.Compare(a.OrderID, b.OrderID) })
	mine = slices.CompactFunc(mine, func(a, b purchase) bool { return a.OrderID == b.OrderID })
	if len(mine) > 1 {
		return fmt.Errorf("bought %d times: %+v", len(mine), mine)
	}
	if n := l.answered("pay", r.began); n > 1 {
		return fmt.Errorf("%d payments were executed", n)
	}
	if r.order == "" {
		if len(mine) > 0 {
			return fmt.Errorf("the click is not recorded, and yet there is %+v", mine[0])
		}
		return nil
	}
	g, err := r.p.page(ctx, r.order)
	if err != nil {
		return err
	}
	if len(mine) == 0 {
		return r.judgeNothing(d, g)
	}
	return errors.Join(r.judgeOrder(d, mine[0]), r.judgePage(d, g, mine[0]))
}

// judgeNothing is for an intent that bought nothing: the page says so and
// offers to order again.
func (r *run) judgeNothing(d passport, g page) error {
	switch {
	case !slices.Contains([]string{"refused", "expired", "cancelled", "not found"}, d.State):
		return fmt.Errorf("nothing was bought, and the order is %q with the number %q", d.State, d.Cloud.OrderID)
	case d.Cloud.OrderID != "":
		return fmt.Errorf("nothing was bought, and the order has the number %q", d.Cloud.OrderID)
	case len(g.forms("again")) == 0:
		return fmt.Errorf("%s: the page does not offer to order again", d.State)
	}
	return nil
}

// judgeOrder holds what the console knows against the one purchase there is.
func (r *run) judgeOrder(d passport, p purchase) error {
	switch d.State {
	case "delivered", "partly delivered":
	case "cancelled", "closed":
		if !p.Paid.IsZero() && p.Status != cancelledThere && p.Status != 2 {
			return fmt.Errorf("%s here; paid and in status %d there", d.State, p.Status)
		}
	case "not found":
		if !r.plan.late || p.Status != cancelledThere {
			return fmt.Errorf("not found here; order %s in status %d there", p.OrderID, p.Status)
		}
		return nil
	default:
		return fmt.Errorf("%s (%s) here; order %s in status %d there", d.State, d.Reason, p.OrderID, p.Status)
	}
	amount, err := decimal.NewFromString(p.Amount)
	if err != nil {
		return err
	}
	if !p.Paid.IsZero() && amount.GreaterThan(r.caps) {
		return fmt.Errorf("paid %s, agreed to %s", amount, r.caps)
	}
	slices.Sort(d.Cloud.Delivered)
	slices.Sort(p.Delivered)
	switch {
	case d.Cloud.OrderID != p.OrderID:
		return fmt.Errorf("the number is %q here, %q there", d.Cloud.OrderID, p.OrderID)
	case d.State == "delivered" && len(d.Cloud.Delivered) != r.plan.quantity:
		return fmt.Errorf("delivered, with %d of %d", len(d.Cloud.Delivered), r.plan.quantity)
	case !slices.Equal(d.Cloud.Delivered, p.Delivered):
		return fmt.Errorf("delivered here %v, there %v", d.Cloud.Delivered, p.Delivered)
	case d.State != "closed" && strings.HasSuffix(d.State,
		"delivered") == p.Paid.IsZero(): // a closed one may have been paid and given back
		return fmt.Errorf("%s here; paid there: %v", d.State, p.Paid)
	}
	return nil
}

// judgePage asks whether the page says what the passport does.
func (r *run) judgePage(d passport, g page, p purchase) error {
	if text := g.Find("main").Text(); !strings.Contains(text, p.OrderID) {
		return fmt.Errorf("the page does not show the number %s", p.OrderID)
	}
	if d.State != "delivered" {
		return nil
	}
	names := g.servers()
	for _, n := range names {
		if !strings.HasPrefix(n, r.plan.name) {
			return fmt.Errorf("the page shows the server %q", n)
		}
	}
	if len(names) != r.plan.quantity {
		return fmt.Errorf("the page shows %d servers of %d", len(names), r.plan.quantity)
	}
	return nil
}
