package order_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
)

// figures runs the shop's service and gives a way to wait for a figure.
func (h *shop) figures() (wait func(what string, is func() bool)) {
	news := make(chan struct{}, 1000)
	o := h.options("process-1")
	o.Changed = func(...string) { news <- struct{}{} }
	h.s = order.New(o)
	ctx, stop := context.WithCancel(h.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.s.Run(ctx) }()
	h.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			h.Errorf("run: %v", err)
		}
	})
	return func(what string, is func() bool) {
		h.Helper()
		timeout := time.After(20 * time.Second)
		for !is() {
			select {
			case <-news: // of a balance; a price is asked for by the page that shows it
			case <-time.After(time.Millisecond):
			case <-timeout:
				h.Fatalf("waited in vain: %s", what)
			}
		}
	}
}

func (h *shop) calls(call string) int {
	h.cloud.mu.Lock()
	defer h.cloud.mu.Unlock()
	return h.cloud.calls[call]
}

func TestABalanceWaitsForTheFirstConnectionCheck(t *testing.T) {
	h := newShop(t)
	looks := make(chan struct{}, 100)
	h.accounts.unread = looks
	wait := h.figures()
	is := func(want order.Freshness) bool { _, fresh := h.s.BalanceOf("acc-1"); return fresh == want }
	for seen := 0; seen < 3; { // pages that ask have it looked at again
		if !is(order.Reading) {
			t.Fatal("before the check the balance is not being read")
		}
		select {
		case <-looks:
			seen++
		case <-time.After(time.Millisecond):
		}
	}
	h.accounts.mu.Lock()
	h.accounts.unread = nil
	h.accounts.mu.Unlock()
	if n := h.calls("balance"); n != 0 {
		t.Errorf("%d calls before the account is known, want none", n)
	}
	wait("the balance", func() bool { return is(order.Known) })
}

func TestAPriceIsReadOnceHoweverManyPagesAsk(t *testing.T) {
	h := newShop(t)
	r, _ := h.s.Parse(t.Context(), formWith())
	wait := h.figures()
	gate := make(chan struct{})
	h.cloud.before = func(call string) {
		if call == "price" {
			<-gate
		}
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, fresh := h.s.Quote("acc-1", r); fresh != order.Reading {
				t.Errorf("before the answer: got %s, want reading", fresh)
			}
		})
	}
	wg.Wait()
	close(gate)
	is := func(want order.Freshness) func() bool {
		return func() bool { _, fresh := h.s.Quote("acc-1", r); return fresh == want }
	}
	wait("the price", is(order.Known))
	named := r
	named.Name, named.Description = "another", "which costs the same"
	if q, fresh := h.s.Quote("acc-1", named); fresh != order.Known || q.Total.Amount.String() != "12.4" {
		t.Errorf("the same under another name: got %s %v", fresh, q.Total)
	}
	if n := h.calls("price"); n != 1 {
		t.Errorf("readings: got %d, want 1", n)
	}
	h.clock.add(10 * time.Minute)
	if _, fresh := h.s.Quote("acc-1", r); fresh != order.Known {
		t.Errorf("old: got %s, want the old one while it is read again", fresh)
	}
	wait("the second reading", func() bool { return h.calls("price") == 2 })
}

func TestWhatBillingSaysOfAnOrder(t *testing.T) {
	h := newShop(t)
	wait := h.figures()
	h.cloud.orders = append(h.cloud.orders, &cloudOrder{account: "acc-1",
		CloudOrder: order.CloudOrder{ID: "CS-elsewhere", Status: order.StatusCompleted, Quantity: 2}})
	known := func(id string, want order.Freshness) (o order.CloudOrder) {
		wait(id, func() bool {
			got, fresh := h.s.Bill("acc-1", id)
			o = got
			return fresh == want
		})
		return o
	}
	if o := known("CS-elsewhere", order.Known); o.Quantity != 2 || o.Status != order.StatusCompleted {
		t.Errorf("got %+v", o)
	}
	if o := known("CS-nobody", order.NoPrice); o.ID != "" {
		t.Errorf("an order that is not there: got %+v", o)
	}
	calls := h.calls("order")
	if o := known("CS-elsewhere", order.Known); o.Quantity != 2 || h.calls("order") != calls {
		t.Errorf("it is read for every page")
	}
}

func TestABalanceIsReadAgainOnceAnOrderIsPaid(t *testing.T) {
	h := newShop(t)
	wait := h.figures()
	wait("the balance", func() bool { _, fresh := h.s.BalanceOf("acc-1"); return fresh == order.Known })
	h.buy(atMost("30", "USD")...)
	h.pass(time.Minute)
	wait("the balance after the payment", func() bool { return h.calls("pay") == 1 && h.calls("balance") == 2 })
}

func TestWhatIsNotKnownIsNotInvented(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want order.Freshness
	}{
		"the inquiry does not know it": {&fault.Error{Kind: fault.Refused, Code: "CBC.99006006", Message: fault.Say("cloud.refused")}, order.NoPrice},
		"nothing there":                {fault.New(fault.NotFound, "cloud.gone"), order.NoPrice},
		"no answer":                    {fault.New(fault.Unreachable, "cloud.unreachable"), order.Failed},
		"a defect":                     {errors.New("x"), order.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			h := newShop(t)
			r, _ := h.s.Parse(t.Context(), formWith())
			h.cloud.fail["price"] = c.err
			wait := h.figures()
			wait("the answer", func() bool { _, fresh := h.s.Quote("acc-1", r); return fresh != order.Reading })
			if q, fresh := h.s.Quote("acc-1", r); fresh != c.want || !q.Total.Amount.IsZero() {
				t.Errorf("got %s %v, want %s", fresh, q.Total, c.want)
			}
			h.cloud.mu.Lock()
			delete(h.cloud.fail, "price")
			h.cloud.mu.Unlock()
			h.clock.add(10 * time.Minute)
			wait("the next reading", func() bool { _, fresh := h.s.Quote("acc-1", r); return fresh == order.Known })
		})
	}
}

func TestMemoryOfPricesIsBounded(t *testing.T) {
	h := newShop(t)
	r, _ := h.s.Parse(t.Context(), formWith())
	for i := range 2000 {
		h.clock.add(time.Second)
		h.s.Quote(fmt.Sprintf("acc-%d", i), r)
	}
	if n := order.Figures(h.s); n > 512 {
		t.Errorf("figures in memory: got %d, want 512 or fewer", n)
	}
}

func TestOldDraftsAndReviewsGo(t *testing.T) {
	h := newShop(t)
	old := h.review(formWith())
	h.clock.add(31 * 24 * time.Hour)
	young := h.review(formWith(order.FieldName, "young"))
	if err := h.store.Sweep(t.Context(), h.clock.Now().Add(-30*24*time.Hour), h.clock.Now().Add(-48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Review(t.Context(), old.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("old review: got %v, want it gone", err)
	}
	if _, err := h.s.Draft(t.Context(), buyer, old.DraftID); !fault.Is(err, fault.NotFound) {
		t.Errorf("old draft: got %v, want it gone", err)
	}
	if _, err := h.s.Draft(t.Context(), buyer, young.DraftID); err != nil {
		t.Errorf("young draft: %v", err)
	}
}
