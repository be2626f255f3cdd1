package order_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/order"
)

// fuse kills a process at its n-th touch of disk or wire, before or after the
// effect. A dead process touches nothing any more.
type fuse struct {
	mu    sync.Mutex
	left  int // touches until it blows; negative: never
	after bool
	dead  bool
}

// errDead is what a dead process would see, if it saw anything.
var errDead = fmt.Errorf("killed: %w", context.Canceled)

// touch runs one effect, unless the process is dead or dies right here.
func (f *fuse) touch(effect func()) error {
	f.mu.Lock()
	if f.dead {
		f.mu.Unlock()
		return errDead
	}
	f.left--
	blow := f.left == 0
	f.dead = f.dead || blow
	after := f.after
	f.mu.Unlock()
	if !blow {
		effect()
		return nil
	}
	if after {
		effect()
	}
	return errDead
}

func through[T any](f *fuse, effect func() (T, error)) (v T, err error) {
	if dead := f.touch(func() { v, err = effect() }); dead != nil {
		return *new(T), dead
	}
	return v, err
}

func do(f *fuse, effect func() error) (err error) {
	if dead := f.touch(func() { err = effect() }); dead != nil {
		return dead
	}
	return err
}

// mortalStore is the disk as a process sees it that will be killed.
type mortalStore struct {
	order.Store
	*fuse
}

func (m mortalStore) Confirm(ctx context.Context, c order.Confirmation) (id string, again bool, err error) {
	if dead := m.touch(func() { id, again, err = m.Store.Confirm(ctx, c) }); dead != nil {
		return "", false, dead
	}
	return id, again, err
}

func (m mortalStore) Claim(ctx context.Context, c order.Claim) (order.Order, error) {
	return through(m.fuse, func() (order.Order, error) { return m.Store.Claim(ctx, c) })
}

func (m mortalStore) Save(ctx context.Context, c order.Change) (order.Order, error) {
	return through(m.fuse, func() (order.Order, error) { return m.Store.Save(ctx, c) })
}

type mortalJobs struct {
	job.Store
	*fuse
}

func (m mortalJobs) Claim(ctx context.Context, id, owner string, now, until time.Time) (job.Lease, error) {
	return through(m.fuse, func() (job.Lease, error) { return m.Store.Claim(ctx, id, owner, now, until) })
}

func (m mortalJobs) Release(ctx context.Context, l job.Lease, now time.Time, next job.Next, failed bool) error {
	return do(m.fuse, func() error { return m.Store.Release(ctx, l, now, next, failed) })
}

// mortalCloud is the wire as that process sees it.
type mortalCloud struct {
	*cloud
	*fuse
}

func (m mortalCloud) Purchase(ctx context.Context, a account.Access, id string, body []byte, region string) (order.Receipt, error) {
	return through(m.fuse, func() (order.Receipt, error) { return m.cloud.Purchase(ctx, a, id, body, region) })
}

func (m mortalCloud) Pay(ctx context.Context, a account.Access, id string) error {
	return do(m.fuse, func() error { return m.cloud.Pay(ctx, a, id) })
}

func (m mortalCloud) Cancel(ctx context.Context, a account.Access, id string) error {
	return do(m.fuse, func() error { return m.cloud.Cancel(ctx, a, id) })
}

func (m mortalCloud) Order(ctx context.Context, a account.Access, id string) (order.CloudOrder, error) {
	return through(m.fuse, func() (order.CloudOrder, error) { return m.cloud.Order(ctx, a, id) })
}

// start runs a new process on the shop's database, which dies by the fuse.
func (h *shop) start(name string, f *fuse) error {
	h.reboot()
	o := h.options(name)
	o.Store, o.Jobs = mortalStore{o.Store, f}, mortalJobs{o.Jobs, f}
	c := mortalCloud{h.cloud, f}
	o.Purchases, o.Billing, o.Finder = c, c, c
	h.s, h.fuse = order.New(o), f
	if err := h.s.Recover(h.Context()); err != nil {
		return err
	}
	return h.s.LookBackOnce(h.Context())
}

// TestKilledAnywhere kills the console at every touch of disk and wire between
// the click and the delivery, before and after the effect, and starts it anew.
func TestKilledAnywhere(t *testing.T) {
	acts := map[string][]func(*cloud, purchaseCall) (order.Receipt, error){
		"answered":   {placed},
		"lost":       {lost},
		"throttled":  {refused(429, "HCSS.14290001"), placed},
		"never came": {silent},
	}
	step := 1
	if raced { // ten times as slow, and one goroutine: the whole way is walked without the detector
		step = 3
	}
	for name, script := range acts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newShop(t)
			h.inventory.ready = true
			kills := 0
			for _, after := range []bool{false, true} {
				for n, died := 1, true; died; n += step { // until the whole way was walked without dying
					kills++
					serial := h.cloud.serial
					h.cloud = newCloud(h.clock)
					h.cloud.serial = serial
					f := &fuse{left: n, after: after}
					if err := h.start("first", f); err != nil && !f.dead {
						t.Fatal(err)
					}
					h.script(script...)
					id := h.tryBuy(append(atMost("99", "USD"), order.FieldName, fmt.Sprintf("shop-%d", kills))...)
					h.pass(20 * time.Second)
					h.press(id)
					h.pass(40 * time.Second)
					died = f.dead
					if err := h.start("second", &fuse{}); err != nil {
						t.Fatal(err)
					}
					h.pass(20 * time.Minute)
					h.press(id)
					h.pass(26 * time.Hour)
					h.agree(fmt.Sprintf("killed at touch %d, after %v", n, after), id)
				}
			}
			if kills < 12/step {
				t.Errorf("killed %d times: the way is longer than that", kills)
			}
		})
	}
}

// press pays an order that was found by likeness alone, as its page asks for.
func (h *shop) press(id string) {
	h.Helper()
	if id == "" {
		return
	}
	if o := h.order(id); o.State == order.AwaitingPayment && o.Reason.ID == "order.pay.likeness" {
		if err := h.s.Pay(h.Context(), buyer, id, *o.Amount, o.Rev); err != nil && !h.dead() {
			h.Fatal(err)
		}
	}
}

// tryBuy is buy for a process that may die: the id of what was recorded, or "".
func (h *shop) tryBuy(change ...string) string {
	h.Helper()
	v := h.review(formWith(change...))
	_, _ = h.s.Confirm(h.Context(), buyer, v.ID, v.Hash, false)
	v, err := h.store.Review(h.Context(), v.ID)
	if err != nil {
		h.Fatal(err)
	}
	return v.OrderID
}

// agree checks what must hold in the end: at most one purchase that was not
// refused, none where the page says so, never paid twice or above the cap, and
// page and ledger agree.
func (h *shop) agree(what, id string) {
	h.Helper()
	h.cloud.mu.Lock()
	defer h.cloud.mu.Unlock()
	if n := len(h.cloud.orders); n > 1 {
		h.Fatalf("%s: %d orders at the cloud", what, n)
	}
	if id == "" {
		if len(h.cloud.purchases) > 0 {
			h.Errorf("%s: a click that was never recorded bought something", what)
		}
		return
	}
	o, err := h.store.Order(h.Context(), id)
	if err != nil {
		h.Fatal(err)
	}
	if !o.Final() {
		h.Errorf("%s: after a day the order is still %q (%s)", what, o.State, o.Reason.ID)
	}
	switch o.State {
	case order.Refused, order.Expired, order.Cancelled, order.NotFound:
		if len(h.cloud.orders) != 0 {
			h.Errorf("%s: the page says %q and the cloud has an order", what, o.State)
		}
	case order.Delivered:
		if len(h.cloud.orders) != 1 || h.cloud.orders[0].ID != o.CloudOrderID || h.cloud.orders[0].pays != 1 {
			h.Errorf("%s: delivered %q, the cloud has %d orders", what, o.CloudOrderID, len(h.cloud.orders))
		}
	default:
		h.Errorf("%s: ends %q (%s)", what, o.State, o.Reason.ID)
	}
}

func TestASendThatACrashInterruptedIsNeverRepeated(t *testing.T) {
	h := newShop(t)
	f := &fuse{left: -1, after: true}
	if err := h.start("first", f); err != nil {
		t.Fatal(err)
	}
	id := h.buy()
	h.cloud.before = func(call string) { // die with the request on the wire
		if call == "purchase" {
			f.mu.Lock()
			f.dead = true
			f.mu.Unlock()
		}
	}
	_, _ = h.s.Engine().RunDue(t.Context())
	h.cloud.before = nil
	if o := h.order(id); o.State != order.Sending {
		t.Fatalf("after the crash the row is %q, want sending", o.State)
	}
	if err := h.start("second", &fuse{}); err != nil {
		t.Fatal(err)
	}
	h.in(id, order.Unknown, "order.unknown.interrupted")
	h.pass(time.Minute)
	h.in(id, order.AwaitingPayment, "")
	if h.purchases() != 1 {
		t.Errorf("purchases: got %d, want 1", h.purchases())
	}
}

func TestALeaseThatRanOutIsTakenOverAndTheLateAnswerIsNotWritten(t *testing.T) {
	h := newShop(t)
	other := h.service("process-2")
	h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
		h.clock.add(2 * time.Minute) // the holder hangs: its lease runs out
		if n, err := other.Engine().RunDue(t.Context()); err != nil || n != 1 {
			t.Errorf("takeover: got %d, %v", n, err)
		}
		return placed(c, p)
	})
	id := h.buy()
	if _, err := h.s.Engine().RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := h.order(id); o.State != order.Unknown || o.CloudOrderID != "" {
		t.Fatalf("got %q with %q, want unknown: who lost the lease writes nothing", o.State, o.CloudOrderID)
	}
	h.s = other
	h.pass(time.Minute)
	if h.purchases() != 1 {
		t.Errorf("purchases: got %d, want 1", h.purchases())
	}
	h.in(id, order.AwaitingPayment, "")
}

// stubborn fails the first writes of an answer.
type stubborn struct {
	order.Store
	mu    sync.Mutex
	fails int
	seen  func()
}

func (s *stubborn) Save(ctx context.Context, c order.Change) (order.Order, error) {
	s.mu.Lock()
	fail := c.Answer && s.fails > 0
	if fail {
		s.fails--
	}
	s.mu.Unlock()
	if fail {
		s.seen()
		return c.Order, fault.New(fault.Busy, "fault.disk.full")
	}
	return s.Store.Save(ctx, c)
}

func TestAnAnswerIsWrittenUntilItSucceedsAndNothingElseIsSentMeanwhile(t *testing.T) {
	h := newShop(t)
	o := h.options("process-1")
	o.Timing.Again = time.Millisecond
	st := &stubborn{Store: o.Store, fails: 3}
	o.Store = st
	h.s = order.New(o)
	first := h.buy()
	second := h.buy(order.FieldAccount, "acc-2", order.FieldName, "second")
	st.seen = func() {
		if _, err := h.s.Engine().RunDue(t.Context()); err != nil {
			t.Error(err)
		}
		if n := h.purchases(); n != 1 {
			t.Errorf("purchases while an answer is not on disk: got %d, want 1", n)
		}
	}
	h.settle()
	h.in(first, order.AwaitingPayment, "")
	h.pass(10 * time.Second)
	h.in(second, order.AwaitingPayment, "")
}

func TestARestoredDatabaseSendsNothing(t *testing.T) {
	h := newShop(t)
	sending := h.buy(order.FieldAccount, "acc-2", order.FieldName, "sending")
	claimed := &fuse{left: 2, after: true} // dies when the claim is on disk, before the first byte
	o := h.options("first")
	o.Store, o.Jobs = mortalStore{o.Store, claimed}, mortalJobs{o.Jobs, claimed}
	_, _ = order.New(o).Engine().RunDue(t.Context())
	confirmed := h.buy()
	shown := h.review(formWith(order.FieldName, "shown"))
	h.tear()
	h.boot()
	if h.store.Whole() {
		t.Fatal("the database does not know that it was restored")
	}
	if err := h.s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.in(confirmed, order.Unknown, "order.unknown.restored")
	h.in(sending, order.Unknown, "order.unknown.restored")
	_, err := h.s.Confirm(t.Context(), buyer, shown.ID, shown.Hash, false)
	if f := fault.Of(err); f.Message.ID != "order.review.again" || f.Message.Values["Review"] == shown.ID {
		t.Errorf("a review from before: got %v, want it shown again", err)
	}
	again := h.again(shown)
	if _, err := h.s.Confirm(t.Context(), buyer, again.ID, again.Hash, false); fault.Of(err).Message.ID != "order.looking" {
		t.Errorf("before Huawei was asked: got %v", err)
	}
	h.lookBack()
	if _, err := h.s.Confirm(t.Context(), buyer, again.ID, again.Hash, false); fault.Of(err).Message.ID != "order.locked" {
		t.Errorf("buying while an order of the account is not decided: got %v", err)
	}
	if err := h.s.CloseRestored(t.Context(), owner); fault.Of(err).Message.ID != "order.restored.open" {
		t.Errorf("closing it before: got %v", err)
	}
	h.pass(14 * time.Minute)
	h.in(confirmed, order.Unknown, "order.unknown.restored") // belt 1 is torn: two looks are not enough
	h.pass(2 * time.Minute)
	h.in(confirmed, order.NotFound, "order.notfound.unsent")
	h.in(sending, order.NotFound, "order.notfound")
	if h.purchases() != 0 {
		t.Errorf("purchases: got %d, want 0", h.purchases())
	}
	if id, err := h.s.Confirm(t.Context(), buyer, again.ID, again.Hash, false); err != nil || id == "" {
		t.Errorf("buying afterwards: got %q, %v", id, err)
	}
	if r, err := h.s.Restored(t.Context()); err != nil || !r.Shows() || r.Why.ID != "restored.missing" || len(r.Open)+len(r.Found) != 0 {
		t.Errorf("said on every page: %+v, %v", r, err)
	}
	if err := h.s.CloseRestored(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	if r, err := h.s.Restored(t.Context()); err != nil || r.Shows() {
		t.Errorf("closed, and still said: %+v, %v", r, err)
	}
}
