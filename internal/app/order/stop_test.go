package order_test

import (
	"context"
	"testing"
	"time"

	"sampan/internal/app/fault"
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
	h.script(refused(429, "HCSS.14290001"), placed)
	id := h.buy()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- h.s.Run(ctx) }()
	for h.purchases() == 0 || h.order(id).Reason.ID == "" {
		time.Sleep(time.Millisecond)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	h.in(id, order.Refused, "order.refused.busy")
	if h.purchases() != 1 {
		t.Errorf("purchases: got %d, want 1", h.purchases())
	}
}

func TestACrashWhileWaitingForTheRepeatEndsAsRefused(t *testing.T) {
	h := newShop(t)
	h.script(refused(429, "HCSS.14290001"), placed)
	id := h.buy()
	h.settle()
	if st := h.order(id).State; st != order.Sending {
		t.Fatalf("while waiting: %q, want sending", st)
	}
	h.restart()
	h.in(id, order.Refused, "order.refused.busy")
	h.pass(time.Hour)
	if h.purchases() != 1 {
		t.Errorf("purchases: got %d, want 1", h.purchases())
	}
}

func TestAStopEndsWhatIsQueued(t *testing.T) {
	h := newShop(t)
	h.cloud.turn = time.Now().Add(time.Hour)
	id := h.buy()
	h.settle()
	h.in(id, order.Confirmed, "order.held.turn")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := h.s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	h.in(id, order.Cancelled, "order.cancelled.stop")
	v := h.review(formWith(order.FieldName, "late"))
	if _, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false); fault.Of(err).Message.ID != "order.stopping" {
		t.Errorf("a click during the stop: got %v", err)
	}
	h.cloud.turn = time.Time{}
	h.restart()
	h.pass(time.Hour)
	if h.purchases() != 0 {
		t.Errorf("purchases: got %d, want none", h.purchases())
	}
}
