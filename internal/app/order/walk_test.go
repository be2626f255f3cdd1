package order_test

import (
	"slices"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
)

// Every state of reliability.md §4 comes to a final one, by itself or by steps
// that a page offers, also when billing refuses everything, says nothing, or the
// account is disabled. What stays open stands on the Overview.
func TestEveryStateComesToAnEndOrStandsOnTheOverview(t *testing.T) {
	never := func(*cloud, purchaseCall) (order.Receipt, error) { return silent(nil, purchaseCall{}) }
	states := map[order.State]func(h *shop) string{
		order.Confirmed: func(h *shop) string {
			h.cloud.turn = time.Now().Add(time.Hour)
			id := h.buy()
			h.settle()
			return id
		},
		order.Sending: func(h *shop) string {
			h.script(refused(429, "HCSS.14290001"), never)
			id := h.buy()
			h.settle()
			return id
		},
		order.Unknown: func(h *shop) string { h.script(never); id := h.buy(); h.settle(); return id },
		order.NeedsHuman: func(h *shop) string {
			h.script(never)
			id := h.buy()
			h.settle()
			h.foreign("CS8", "x", 1)
			h.foreign("CS9", "x", 1)
			h.pass(20 * time.Second)
			return id
		},
		order.NotFound: func(h *shop) string { h.script(never); id := h.buy(); h.pass(16 * time.Minute); return id },
		order.Ordered: func(h *shop) string {
			h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
				r, err := placed(c, p)
				c.orders[0].hidden = true
				return r, err
			})
			id := h.buy()
			h.settle()
			return id
		},
		order.AwaitingPayment: func(h *shop) string { id := h.buy(); h.pass(time.Minute); return id },
		order.Paying: func(h *shop) string {
			h.cloud.payScript = append(h.cloud.payScript, func(*cloudOrder) error { return fault.New(fault.Unknown, "cloud.doubt.silent") })
			id := h.buy(atMost("100", "USD")...)
			h.settle()
			return id
		},
		order.Delivering: func(h *shop) string {
			h.cloud.payScript = append(h.cloud.payScript, func(o *cloudOrder) error {
				o.Status = order.StatusProcessing
				return nil
			})
			id := h.buy(atMost("100", "USD")...)
			h.pass(30 * time.Second)
			return id
		},
		order.PartlyDelivered: func(h *shop) string {
			h.cloud.deliver = 1
			id := h.buy(append(atMost("100", "USD"), order.FieldQuantity, "2")...)
			h.pass(10 * time.Minute)
			return id
		},
	}
	trouble := map[string]func(h *shop){
		"billing refuses everything": func(h *shop) {
			h.bill(&fault.Error{Kind: fault.Forbidden, Status: 403, Message: fault.Say("cloud.forbidden")})
		},
		"billing is silent":       func(h *shop) { h.bill(fault.New(fault.Unreachable, "cloud.read.silent")) },
		"the account is disabled": func(h *shop) { h.accounts.broken = fault.New(fault.Refused, "fault.account.disabled") },
	}
	for what, break_ := range trouble {
		for st, reach := range states {
			t.Run(string(st)+", then "+what, func(t *testing.T) {
				t.Parallel()
				h := newShop(t)
				id := reach(h)
				if o := h.order(id); o.State != st {
					t.Fatalf("begins as %q (%s)", o.State, o.Reason.ID)
				}
				break_(h)
				h.cloud.turn = time.Time{}
				h.pass(3 * time.Hour)
				h.offered(id)
				h.pass(26 * time.Hour)
				h.offered(id)
				h.pass(26 * time.Hour)
				o := h.order(id)
				open, err := h.s.Attention(t.Context(), owner, nil)
				if err != nil {
					t.Fatal(err)
				}
				shown := slices.ContainsFunc(open, func(a order.Order) bool { return a.ID == id })
				if !o.Final() && !shown {
					t.Errorf("stays %q (%s), and the Overview does not say so", o.State, o.Reason.ID)
				}
				if o.Final() && shown {
					t.Errorf("%q is over, and stands on the Overview", o.State)
				}
			})
		}
	}
}

// bill has every read of billing fail.
func (h *shop) bill(err error) {
	for _, call := range []string{"order", "orders", "resources", "pay", "cancel"} {
		h.cloud.fail[call] = err
	}
}

// offered does what the order's page offers to an owner.
func (h *shop) offered(id string) {
	h.Helper()
	o := h.order(id)
	var err error
	switch {
	case o.State == order.NeedsHuman && o.AnsweredOrder != "", o.State == order.Paying:
		err = h.s.CloseUnseen(h.Context(), owner, id)
	case o.State == order.NeedsHuman, o.State == order.Unknown:
		err = h.s.DeclareNone(h.Context(), owner, id)
	}
	if err != nil && !fault.Is(err, fault.Conflict) {
		h.Fatal(err)
	}
}
