package order_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sampan/internal/app/order"
)

func TestAStopLetsARunningSendFinishAndRecordsIt(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	onWire, answer := make(chan struct{}), make(chan struct{})
	h.cloud.before = func(call string) {
		if call == "purchase" {
			close(onWire)
			<-answer
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- h.s.Run(ctx) }()
	<-onWire
	stop()
	select {
	case err := <-ended:
		t.Fatalf("Run ended with a send on the wire: %v", err)
	default:
	}
	close(answer)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if o := h.order(id); o.State != order.Ordered || o.CloudOrderID == "" {
		t.Errorf("after the stop: %q with order %q, want ordered", o.State, o.CloudOrderID)
	}
}

func TestAStopWhileWaitingForTheRepeatEndsAsRefused(t *testing.T) {
	h := newShop(t)
	o := h.options("process-1")
	ctx, stop := context.WithCancel(t.Context())
	o.Sleep = func(ctx context.Context, _ time.Duration) error {
		stop()
		<-ctx.Done()
		return ctx.Err()
	}
	h.s = order.New(o)
	h.script(refused(429, "HCSS.14290001"), placed)
	id := h.buy()
	if err := h.s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	h.in(id, order.Refused, "order.refused.busy")
	if h.purchases() != 1 {
		t.Errorf("purchases: got %d, want 1", h.purchases())
	}
}

func TestACrashWhileWaitingForTheRepeatEndsAsRefused(t *testing.T) {
	h := newShop(t)
	o := h.options("process-1")
	o.Sleep = func(context.Context, time.Duration) error { panic(errors.New("killed")) }
	h.s = order.New(o)
	h.script(refused(429, "HCSS.14290001"), placed)
	id := h.buy()
	if _, err := h.s.Engine().RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st := h.order(id).State; st != order.Sending {
		t.Fatalf("while waiting: %q, want sending", st)
	}
	h.s = h.service("process-2")
	if err := h.s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.in(id, order.Refused, "order.refused.busy")
	h.pass(time.Hour)
	if h.purchases() != 1 {
		t.Errorf("purchases: got %d, want 1", h.purchases())
	}
}
