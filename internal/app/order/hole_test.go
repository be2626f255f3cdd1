package order_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/db"
)

// snapshot copies the data directory and its mark; putBack puts a copy in place,
// with the mark beside it or without.
type snapshot map[string][]byte

func (h *shop) snapshot() snapshot {
	h.Helper()
	out := snapshot{}
	all, err := os.ReadDir(filepath.Dir(h.path))
	if err != nil {
		h.Fatal(err)
	}
	for _, e := range all {
		if name := e.Name(); name != "lock" && !strings.HasSuffix(name, "-shm") {
			if out[filepath.Join(filepath.Dir(h.path), name)], err = os.ReadFile(filepath.Join(filepath.Dir(h.path), name)); err != nil {
				h.Fatal(err)
			}
		}
	}
	if out[h.beside()], err = os.ReadFile(h.beside()); err != nil {
		h.Fatal(err)
	}
	return out
}

func (h *shop) beside() string { return filepath.Dir(h.path) + ".mark" }

// putBack ends the process, puts the copy in place and starts on it.
func (h *shop) putBack(s snapshot, mark bool) {
	h.Helper()
	if err := h.db.Close(); err != nil {
		h.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Dir(h.path)); err != nil {
		h.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		h.Fatal(err)
	}
	for name, content := range s {
		if mark || name != h.beside() {
			if err := os.WriteFile(name, content, 0o600); err != nil {
				h.Fatal(err)
			}
		}
	}
	h.boot()
	if err := h.s.Recover(h.Context()); err != nil {
		h.Fatal(err)
	}
}

// The directory is copied while a purchase is queued; then it is sent and paid;
// then the copy is put back within the five minutes.
func TestWhatACopyHadQueuedIsNotSentAgain(t *testing.T) {
	for _, mark := range []bool{false, true} {
		t.Run(fmt.Sprintf("mark put back as well: %v", mark), func(t *testing.T) {
			h := newShop(t)
			id := h.buy(atMost("100", "USD")...)
			older := h.snapshot()
			h.pass(time.Minute)
			h.in(id, order.Delivered, "")
			number := h.order(id).CloudOrderID
			h.putBack(older, mark)
			if r, err := h.s.Restored(t.Context()); err != nil || r.Shows() == mark {
				t.Errorf("said on every page: %v, %v", r.Shows(), err)
			}
			if o := h.order(id); o.State != order.Unknown || !o.NeverSent() || mark && o.Reason.ID != "order.unknown.restarted" {
				t.Fatalf("queued in the copy: got %q (%s)", o.State, o.Reason.ID)
			}
			h.lookBack()
			h.pass(30 * time.Minute)
			o := h.order(id)
			if o.CloudOrderID != number || o.State != order.Delivered {
				t.Errorf("got %q with %q, want it found as %q", o.State, o.CloudOrderID, number)
			}
			if h.purchases() != 1 || h.cloud.calls["pay"] != 1 {
				t.Errorf("sent %d times, paid %d times, want once each", h.purchases(), h.cloud.calls["pay"])
			}
		})
	}
}

// The directory is copied while only the review exists; the order is placed;
// the copy is put back; the old tab's button is pressed once more.
func TestTheOldTabsButtonDoesNotOrderOnceMore(t *testing.T) {
	for _, c := range []struct {
		name string
		paid bool
		mark bool // directory, key and mark together: belts 2 and 3 alone
	}{{"unpaid", false, false}, {"unpaid, everything put back", false, true}, {"paid, everything put back", true, true}} {
		t.Run(c.name, func(t *testing.T) {
			h := newShop(t)
			h.buy(order.FieldName, "before") // the account has bought here
			h.settle()
			change := []string{order.FieldName, "shop"}
			if c.paid {
				change = append(change, atMost("100", "USD")...)
			}
			v := h.review(formWith(change...))
			older := h.snapshot()
			id, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false)
			if err != nil {
				t.Fatal(err)
			}
			h.pass(time.Minute)
			ordered := h.order(id)
			if c.paid {
				h.cloud.orders[1].listed = true
			}
			h.putBack(older, c.mark)
			h.lookBack()
			_, err = h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false)
			if c.paid { // its instances carry the tag of the review: it is that purchase
				got, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false)
				if err != nil || h.order(got).CloudOrderID != ordered.CloudOrderID {
					t.Fatalf("the review leads to %q, %v; want the purchase that it is", got, err)
				}
				h.pass(time.Minute)
				h.in(got, order.Delivered, "")
			} else {
				if f := fault.Of(err); f.Message.ID != "order.review.again" {
					t.Fatalf("the old tab: got %v", err)
				}
				again := h.again(v)
				if again.ClientRequestID == v.ClientRequestID || again.IntentTag == v.IntentTag || again.Hash != v.Hash {
					t.Errorf("shown again with %+v, want new ids for the same request", again)
				}
				if _, err := h.s.Confirm(t.Context(), buyer, again.ID, again.Hash, false); fault.Of(err).Message.ID != "order.beside" {
					t.Errorf("the new page, without the tick: got %v", err)
				}
				r, err := h.s.Restored(t.Context())
				if err != nil || len(r.Found) != 1 || r.Found[0].CloudOrderID != ordered.CloudOrderID {
					t.Errorf("said on every page: %+v, %v", r, err)
				}
				if _, err := h.s.Confirm(t.Context(), buyer, again.ID, again.Hash, true); err != nil {
					t.Errorf("with the tick: got %v", err)
				}
			}
			if n := h.purchases(); n != 2 {
				t.Errorf("sent %d, want 2", n)
			}
		})
	}
}

// What a copy had queued is unpaid at Huawei: it is found by its likeness.
func TestWhatACopyHadQueuedIsFoundUnpaid(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	older := h.snapshot()
	h.pass(time.Minute)
	number := h.order(id).CloudOrderID
	h.putBack(older, false)
	h.lookBack()
	h.pass(time.Minute)
	if o := h.in(id, order.AwaitingPayment, ""); o.CloudOrderID != number || o.Link != order.ByLikeness {
		t.Errorf("got %q by %q, want %q", o.CloudOrderID, o.Link, number)
	}
}

func TestAnOrdinaryRestartSaysNothing(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.settle()
	h.in(id, order.AwaitingPayment, "")
	h.script(lost)
	unknown := h.buy(order.FieldName, "unknown", order.FieldQuantity, "2")
	h.settle()
	h.in(unknown, order.Unknown, "order.unknown.silence")
	v := h.review(formWith(order.FieldName, "open", order.FieldQuantity, "3"))
	for range 3 {
		h.restart()
		h.lookBack()
		if r, err := h.s.Restored(t.Context()); err != nil || r.Shows() {
			t.Fatalf("said on every page: %+v, %v", r, err)
		}
	}
	h.again(v)
	h.pass(time.Minute)
	h.in(unknown, order.AwaitingPayment, "")
	if found, err := h.s.FoundOrders(t.Context(), owner, nil); err != nil || len(found) != 0 {
		t.Errorf("found at Huawei: %+v, %v", found, err)
	}
}

func TestWhatWasQueuedBeforeARestartIsAskedForThenSaidToBeUnsent(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.restart()
	h.in(id, order.Unknown, "order.unknown.restarted")
	h.pass(90 * time.Second)
	h.in(id, order.Unknown, "order.unknown.restarted")
	h.pass(3 * time.Minute)
	h.in(id, order.NotFound, "order.notfound.unsent")
	if h.purchases() != 0 {
		t.Errorf("sent %d times, want never", h.purchases())
	}
}

func TestAStrangersOrderIsNotPaid(t *testing.T) {
	for _, c := range []struct{ name, user, ours string }{
		{"nobody knows who we are", "", "somebody.else"},
		{"billing does not say whose it is", "console", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newShop(t)
			h.accounts.user = c.user
			h.script(silent)
			id := h.buy(atMost("100", "USD")...)
			h.settle()
			h.cloud.purchases[0].body.Name = "x"
			h.foreign("CS9", "x", 1).UserName = c.ours
			h.pass(20 * time.Minute)
			o := h.in(id, order.NeedsHuman, "order.human")
			if len(o.Candidates) != 1 || h.cloud.calls["pay"] != 0 {
				t.Errorf("candidates %+v, %d payments; want the question", o.Candidates, h.cloud.calls["pay"])
			}
		})
	}
	t.Run("by likeness alone it waits for a person", func(t *testing.T) {
		h := newShop(t)
		h.script(lost)
		id := h.buy(atMost("100", "USD")...)
		h.settle()
		h.pass(time.Hour)
		o := h.in(id, order.AwaitingPayment, "order.pay.likeness")
		if h.cloud.calls["pay"] != 0 || o.Link != order.ByLikeness {
			t.Fatalf("%d payments, link %q", h.cloud.calls["pay"], o.Link)
		}
		if err := h.s.Pay(t.Context(), buyer, id, *o.Amount, o.Rev); err != nil {
			t.Fatal(err)
		}
		h.pass(time.Minute)
		h.in(id, order.Delivered, "")
	})
	for name, change := range map[string]func(o *cloudOrder){
		"another quantity": func(o *cloudOrder) { o.Quantity = 2 },
		"another period":   func(o *cloudOrder) { o.PeriodNum = 12 },
		"another size":     func(o *cloudOrder) { o.SpecText = "hf.xlarge.9.99m.linux" },
	} {
		t.Run("the answered number has "+name, func(t *testing.T) {
			h := newShop(t)
			h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
				r, err := placed(c, p)
				change(c.orders[0])
				return r, err
			})
			id := h.buy(atMost("100", "USD")...)
			h.pass(time.Hour)
			h.in(id, order.NeedsHuman, "order.human.shape")
			if h.cloud.calls["pay"] != 0 {
				t.Error("paid")
			}
			if err := h.s.DeclareNone(t.Context(), owner, id); fault.Of(err).Message.ID != "order.decide.answered" {
				t.Errorf("declared none of them: %v", err)
			}
			if err := h.s.CloseUnseen(t.Context(), buyer, id); err == nil {
				t.Error("a buyer closed it")
			}
			if err := h.s.CloseUnseen(t.Context(), owner, id); err != nil {
				t.Fatal(err)
			}
			h.in(id, order.Closed, "order.closed.declared")
		})
	}
	t.Run("quantity and period cannot be read", func(t *testing.T) {
		h := newShop(t)
		h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
			r, err := placed(c, p)
			c.orders[0].Quantity, c.orders[0].PeriodUnit, c.orders[0].SpecText = 0, "", "unreadable"
			return r, err
		})
		id := h.buy(atMost("100", "USD")...)
		h.pass(time.Hour)
		h.in(id, order.AwaitingPayment, "order.pay.unproven")
	})
	t.Run("a text that cannot be read does not contradict", func(t *testing.T) {
		h := newShop(t)
		h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
			r, err := placed(c, p)
			c.orders[0].SpecText = "FlexusL, basic"
			return r, err
		})
		id := h.buy(atMost("100", "USD")...)
		h.pass(time.Hour)
		h.in(id, order.Delivered, "")
	})
}

// An order that another intent has adopted is not cancelled from the page that
// still shows it.
func TestAnAdoptedOrderIsNotCancelledFromAnotherPage(t *testing.T) {
	h := newShop(t)
	h.script(lost, silent)
	first := h.buy()
	h.settle()
	if err := h.s.LiftLock(t.Context(), owner, first); err != nil {
		t.Fatal(err)
	}
	second := h.buy(order.FieldName, "second")
	h.settle()
	h.pass(20 * time.Minute)
	h.in(first, order.NeedsHuman, "order.human")
	o := h.in(second, order.NeedsHuman, "order.human")
	number := o.Candidates[0].CloudOrderID
	if err := h.s.CancelFound(t.Context(), owner, second, number); err != nil { // pressed before it was adopted
		t.Fatal(err)
	}
	if err := h.s.Adopt(t.Context(), owner, first, number); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	h.in(first, order.AwaitingPayment, "")
	if h.cloud.calls["cancel"] != 0 {
		t.Errorf("cancelled %d times", h.cloud.calls["cancel"])
	}
	err := h.s.CancelFound(t.Context(), owner, second, number)
	if f := fault.Of(err); f.Message.ID != "order.found.linked" {
		t.Errorf("a forged button: got %v", err)
	}
	if err := h.s.Adopt(t.Context(), owner, second, number); err == nil {
		t.Error("adopted twice")
	}
}

// Deducted at once, a very long name, two servers, and the answer is lost: the
// cloud cuts the names to add a number.
func TestANameThatTheCloudCutIsFound(t *testing.T) {
	long := strings.Repeat("a", order.MaxName)
	for name, c := range map[string]struct {
		set   func(h *shop, o *cloudOrder)
		state order.State
	}{
		"by its tag in Config":     {func(_ *shop, o *cloudOrder) { o.listed = true }, order.Delivered},
		"by its tag on the server": {func(_ *shop, o *cloudOrder) { o.onServers = true }, order.Delivered},
		"by its name alone":        {func(_ *shop, o *cloudOrder) {}, order.NeedsHuman},
	} {
		t.Run(name, func(t *testing.T) {
			h := newShop(t)
			h.settings.deduct = true
			h.script(func(cl *cloud, p purchaseCall) (order.Receipt, error) {
				r, err := lost(cl, p)
				o := cl.orders[len(cl.orders)-1]
				for i := range o.resources {
					o.resources[i].Name = fmt.Sprintf("%s-%04d", long[:order.MaxName-5], i+1)
				}
				c.set(h, o)
				return r, err
			})
			id := h.buy(order.FieldName, long, order.FieldQuantity, "2", order.FieldPayment, "deduct")
			h.pass(20 * time.Minute)
			if o := h.order(id); o.State != c.state {
				t.Errorf("got %q (%s), want %q", o.State, o.Reason.ID, c.state)
			}
		})
	}
}

// More than 50 other orders stand in the window: what one look cannot read the
// next ones do.
func TestManyOtherOrdersAreReadInTurn(t *testing.T) {
	h := newShop(t)
	h.script(lost)
	id := h.buy(order.FieldQuantity, "2")
	h.settle()
	h.cloud.orders[0].UserName = "" // not comparable: a person decides
	for n := range 120 {
		h.foreign(fmt.Sprintf("CX%09d", n), "x", 1)
	}
	h.cloud.mu.Lock()
	slices.Reverse(h.cloud.orders) // ours is the last on the list
	h.cloud.mu.Unlock()
	h.pass(15 * time.Second)
	if o := h.order(id); o.State != order.Unknown || o.Unread != 71 || len(o.Weighed) != 50 {
		t.Fatalf("after one look: %q, %d unread, %d weighed", o.State, o.Unread, len(o.Weighed))
	}
	h.pass(2 * time.Minute)
	o := h.order(id)
	if o.Unread != 0 || len(o.Weighed) != 120 || len(o.Candidates) != 1 {
		t.Fatalf("after three: %d unread, %d weighed, %d candidates", o.Unread, len(o.Weighed), len(o.Candidates))
	}
	h.pass(15 * time.Minute)
	h.in(id, order.NeedsHuman, "order.human")
	if n := h.cloud.calls["order"]; n > 400 {
		t.Errorf("%d details read for 121 orders", n)
	}
	found, err := h.s.FoundOrders(t.Context(), owner, nil)
	if err != nil || len(found) != 120 {
		t.Errorf("found at Huawei: %d, %v; want the other 120", len(found), err)
	}
}

func TestTooManyToReadAreAPersonsInTheEnd(t *testing.T) {
	h := newShop(t)
	h.script(silent)
	id := h.buy(order.FieldQuantity, "2")
	h.settle()
	for n := range 900 {
		h.foreign(fmt.Sprintf("CX%09d", n), "x", 1)
	}
	h.pass(16 * time.Minute)
	o := h.in(id, order.NeedsHuman, "order.human.none")
	if o.Unread == 0 || len(o.Candidates) != 0 {
		t.Errorf("%d unread, %d candidates", o.Unread, len(o.Candidates))
	}
	if err := h.s.DeclareNone(t.Context(), owner, id); err != nil {
		t.Error(err)
	}
}

// The number in an answer is evidence, not truth.
func TestANumberThatBillingNeverShows(t *testing.T) {
	wrong := func(c *cloud, p purchaseCall) (order.Receipt, error) {
		r, err := placed(c, p)
		r.OrderID, r.InstanceIDs = "CS-NOBODY", nil
		return r, err
	}
	t.Run("ours is found beside it", func(t *testing.T) {
		h := newShop(t)
		h.settings.deduct = true
		h.script(wrong)
		id := h.buy(order.FieldPayment, "deduct")
		h.pass(time.Minute)
		h.in(id, order.Ordered, "")
		h.pass(3 * time.Minute)
		o := h.in(id, order.Delivered, "")
		if o.CloudOrderID != h.cloud.orders[0].ID || o.AnsweredOrder != "CS-NOBODY" {
			t.Errorf("got %q, answered %q", o.CloudOrderID, o.AnsweredOrder)
		}
	})
	t.Run("unpaid: a person decides", func(t *testing.T) {
		h := newShop(t)
		h.script(wrong)
		id := h.buy()
		h.pass(3 * time.Minute)
		h.in(id, order.Ordered, "order.unseen")
		h.pass(13 * time.Minute)
		o := h.in(id, order.NeedsHuman, "order.human.unseen")
		if len(o.Candidates) != 1 || o.CloudOrderID != "" {
			t.Fatalf("candidates %+v, number %q", o.Candidates, o.CloudOrderID)
		}
		if _, locked := h.s.Locked(t.Context(), "acc-1"); locked {
			t.Error("buying is locked")
		}
		if err := h.s.Adopt(t.Context(), owner, id, o.Candidates[0].CloudOrderID); err != nil {
			t.Fatal(err)
		}
		h.pass(time.Minute)
		h.in(id, order.AwaitingPayment, "")
	})
	t.Run("billing shows it after all", func(t *testing.T) {
		h := newShop(t)
		h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
			r, err := placed(c, p)
			c.orders[0].hidden = true
			return r, err
		})
		id := h.buy()
		h.pass(20 * time.Minute)
		h.in(id, order.NeedsHuman, "order.human.unseen")
		h.cloud.orders[0].hidden = false
		h.pass(2 * time.Hour)
		h.in(id, order.AwaitingPayment, "")
	})
	t.Run("a refusal or silence is not that", func(t *testing.T) {
		h := newShop(t)
		h.script(placed)
		h.cloud.fail["order"] = &fault.Error{Kind: fault.Forbidden, Status: 403, Message: fault.Say("cloud.forbidden")}
		id := h.buy()
		h.pass(2 * time.Hour)
		h.in(id, order.Ordered, "")
	})
	t.Run("it is another purchase's here", func(t *testing.T) {
		h := newShop(t)
		first := h.buy()
		h.pass(time.Minute)
		h.in(first, order.AwaitingPayment, "")
		h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
			r, err := placed(c, p)
			r.OrderID = c.orders[0].ID
			return r, err
		})
		id := h.buy(order.FieldName, "second")
		h.settle()
		h.in(id, order.Unknown, "order.unknown.taken")
		h.pass(time.Minute)
		if o := h.order(id); o.CloudOrderID != h.cloud.orders[1].ID {
			t.Errorf("got %q", o.CloudOrderID)
		}
	})
	t.Run("it is somebody else's, from before", func(t *testing.T) {
		h := newShop(t)
		h.script(silent)
		h.buy(order.FieldName, "zero")
		h.settle()
		old := h.foreign("CS-OLD", "theirs", 1)
		h.cloud.paid(old)
		h.pass(2 * time.Hour)
		h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
			r, err := placed(c, p)
			r.OrderID = "CS-OLD"
			return r, err
		})
		v := h.review(formWith(order.FieldName, "mine")) // beside one that was found
		id, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, true)
		if err != nil {
			t.Fatal(err)
		}
		h.pass(time.Minute)
		h.in(id, order.NeedsHuman, "order.human.older")
	})
}

func TestAPaymentThatBillingShowsNothingOf(t *testing.T) {
	paidAndGone := func(h *shop) string {
		id := h.buy(atMost("100", "USD")...)
		h.cloud.payScript = append(h.cloud.payScript, func(o *cloudOrder) error {
			h.cloud.paid(o)
			o.hidden = true
			return nil
		})
		h.pass(time.Minute)
		h.in(id, order.Paying, "order.pay.unseen")
		return id
	}
	t.Run("its instances arrive", func(t *testing.T) {
		h := newShop(t)
		id := paidAndGone(h)
		o := h.order(id)
		h.inventory.known[o.AnsweredIDs[0]] = order.Delivery{InstanceID: o.AnsweredIDs[0], ServerID: "srv"}
		h.pass(time.Minute)
		h.in(id, order.Delivered, "")
	})
	t.Run("after a day an owner may close it", func(t *testing.T) {
		h := newShop(t)
		id := paidAndGone(h)
		if err := h.s.CloseUnseen(t.Context(), owner, id); fault.Of(err).Message.ID != "order.decide.late" {
			t.Errorf("before: got %v", err)
		}
		h.pass(25 * time.Hour)
		if err := h.s.CloseUnseen(t.Context(), owner, id); err != nil {
			t.Fatal(err)
		}
		h.in(id, order.Closed, "order.closed.declared")
	})
}

// Two entries of one account of Huawei's: one purchase at a time.
func TestTwoEntriesOfOneAccountBuyOneAfterTheOther(t *testing.T) {
	h := newShop(t)
	h.accounts.kin = map[string][]string{"acc-1": {"acc-1", "acc-2"}, "acc-2": {"acc-1", "acc-2"}}
	h.script(silent)
	first := h.buy()
	h.settle()
	h.in(first, order.Unknown, "order.unknown.silence")
	if id, locked := h.s.Locked(t.Context(), "acc-2"); !locked || id != first {
		t.Errorf("the other entry: locked %v by %q", locked, id)
	}
	v := h.review(formWith(order.FieldAccount, "acc-2", order.FieldName, "second"))
	if _, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false); fault.Of(err).Message.ID != "order.locked" {
		t.Errorf("bought by the other entry: %v", err)
	}
}

func TestAFoundOrderIsDecided(t *testing.T) {
	found := func(t *testing.T) *shop {
		h := newShop(t)
		h.buy()
		h.settle()
		h.foreign("CS-X", "x", 5)
		h.restart()
		h.lookBack()
		all, err := h.s.FoundOrders(t.Context(), buyer, nil)
		if err != nil || len(all) != 1 || all[0].CloudOrderID != "CS-X" || all[0].Quantity != 5 || all[0].OrderID != "" {
			t.Fatalf("found: %+v, %v", all, err)
		}
		if r, err := h.s.Restored(t.Context()); err != nil || r.Shows() {
			t.Errorf("said on every page: %+v, %v", r, err)
		}
		return h
	}
	left := func(h *shop) int {
		all, err := h.s.FoundOrders(h.Context(), owner, nil)
		if err != nil {
			h.Fatal(err)
		}
		return len(all)
	}
	t.Run("not ours", func(t *testing.T) {
		h := found(t)
		if err := h.s.NotOurs(t.Context(), buyer, "CS-X"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a buyer decided: %v", err)
		}
		for range 2 {
			if err := h.s.NotOurs(t.Context(), owner, "CS-X"); err != nil {
				t.Fatal(err)
			}
		}
		h.restart()
		h.lookBack() // seen again, and remembered
		if n := left(h); n != 0 {
			t.Errorf("%d left", n)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		h := found(t)
		if err := h.s.CancelStray(t.Context(), owner, "CS-X"); err != nil {
			t.Fatal(err)
		}
		h.lookBack()
		if n := left(h); n != 0 || h.cloud.calls["cancel"] != 1 {
			t.Errorf("%d left, %d cancellations", n, h.cloud.calls["cancel"])
		}
	})
	t.Run("paid before it could be cancelled", func(t *testing.T) {
		h := found(t)
		if err := h.s.CancelStray(t.Context(), owner, "CS-X"); err != nil {
			t.Fatal(err)
		}
		h.cloud.paid(h.cloud.orders[1])
		h.lookBack()
		if n := left(h); n != 1 || h.cloud.calls["cancel"] != 0 {
			t.Errorf("%d left, %d cancellations", n, h.cloud.calls["cancel"])
		}
	})
	t.Run("it belongs to a purchase here", func(t *testing.T) {
		h := found(t)
		h.script(silent)
		v := h.review(formWith(order.FieldName, "lost", order.FieldQuantity, "5"))
		id, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, true)
		if err != nil {
			t.Fatal(err)
		}
		h.settle()
		if may, _ := h.s.MayBelong(t.Context(), owner, order.FoundOrder{AccountID: "acc-1"}); len(may) != 0 {
			t.Errorf("before the last look: %d", len(may))
		}
		h.cloud.mu.Lock()
		h.cloud.orders[1].CreatedAt = h.clock.Now()
		h.cloud.orders[1].hidden = true // found too late for the resolver
		h.cloud.mu.Unlock()
		h.pass(20 * time.Minute)
		h.in(id, order.NotFound, "order.notfound")
		h.cloud.orders[1].hidden = false
		if err := h.s.BelongsTo(t.Context(), owner, "CS-X", id); err != nil {
			t.Fatal(err)
		}
		h.pass(time.Minute)
		if o := h.in(id, order.AwaitingPayment, ""); o.Link != order.ByPerson || left(h) != 0 {
			t.Errorf("link %q, %d left", o.Link, left(h))
		}
		if err := h.s.NotOurs(t.Context(), owner, "CS-X"); fault.Of(err).Message.ID != "order.found.linked" {
			t.Errorf("decided otherwise afterwards: %v", err)
		}
	})
}

func TestAnAccountWhoseOrdersCannotBeReadAsksForTheTick(t *testing.T) {
	h := newShop(t)
	h.buy()
	h.settle()
	h.restart()
	h.cloud.fail["orders"] = &fault.Error{Kind: fault.Forbidden, Status: 403, Message: fault.Say("cloud.forbidden")}
	h.lookBack()
	v := h.review(formWith(order.FieldName, "next"))
	b, err := h.s.Beside(t.Context(), buyer, v)
	if err != nil || b.Look.State != order.Unseen || b.Look.Why.ID != "cloud.forbidden" {
		t.Fatalf("the review shows %+v, %v", b, err)
	}
	if _, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false); fault.Of(err).Message.ID != "order.unread" {
		t.Errorf("without the tick: %v", err)
	}
	if _, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, true); err != nil {
		t.Errorf("with the tick: %v", err)
	}
	h.settle()
	w := h.review(formWith(order.FieldName, "another", order.FieldQuantity, "7"))
	if b, err := h.s.Beside(t.Context(), buyer, w); err != nil || len(b.Orders) > 0 || b.Look.State == order.Unseen {
		t.Errorf("asked again: %+v, %v", b, err)
	}
}

// What an owner says is read before it is linked: at most a minute old.
func TestAnAdoptionIsReadFirst(t *testing.T) {
	h := newShop(t)
	h.accounts.user = ""
	h.script(lost)
	id := h.buy()
	h.pass(20 * time.Minute)
	o := h.in(id, order.NeedsHuman, "order.human")
	number := o.Candidates[0].CloudOrderID
	h.cloud.fail["order"] = fault.New(fault.Unreachable, "cloud.read.silent")
	if err := h.s.Adopt(t.Context(), owner, id, number); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	if o := h.in(id, order.NeedsHuman, "order.human"); o.CloudOrderID != "" || o.Candidates[0].AdoptAsked != "" {
		t.Fatalf("linked without a read: %+v", o.Candidates)
	}
	delete(h.cloud.fail, "order")
	if err := h.s.Adopt(t.Context(), owner, id, number); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	if o := h.in(id, order.AwaitingPayment, ""); o.Link != order.ByPerson || o.CloudOrderID != number {
		t.Errorf("link %q to %q", o.Link, o.CloudOrderID)
	}
}

func TestNothingIsActedOnThatWasReadLongAgo(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.pass(time.Minute)
	o := h.in(id, order.AwaitingPayment, "")
	c := order.Change{Order: o, From: o.State, Spending: true, Kin: []string{o.AccountID}, ReadAt: h.clock.Now().Add(-61 * time.Second)}
	c.Order.State = order.Paying
	_, err := h.store.Save(t.Context(), c)
	var held *order.Held
	if !errors.As(err, &held) || held.Why != order.HeldByAge {
		t.Fatalf("got %v, want it held by its age", err)
	}
	c.ReadAt = h.clock.Now().Add(-59 * time.Second)
	if _, err := h.store.Save(t.Context(), c); err != nil {
		t.Error(err)
	}
}

// The copy is of before the first purchase: the account had not bought here.
func TestACopyFromBeforeTheFirstPurchaseFindsIt(t *testing.T) {
	h := newShop(t)
	if err := (db.Accounts{DB: h.db}).Create(t.Context(), account.Account{ID: "acc-1", Label: "Orchid", Site: account.International,
		Credential: account.ByKey,
		State:      account.Active, DomainID: "d-1"}, []byte("sealed"), audit.By(person.System, "account.connect")); err != nil {
		t.Fatal(err)
	}
	older := h.snapshot()
	id := h.buy()
	h.pass(time.Minute)
	number := h.order(id).CloudOrderID
	h.putBack(older, false)
	h.cloud.fail["orders"] = fault.New(fault.Unreachable, "cloud.read.silent")
	h.lookBack() // and the process ends before Huawei answered
	h.clock.add(2 * time.Hour)
	h.restart()
	delete(h.cloud.fail, "orders")
	h.lookBack()
	found, err := h.s.FoundOrders(t.Context(), owner, nil)
	if err != nil || len(found) != 1 || found[0].CloudOrderID != number {
		t.Errorf("found %+v, %v; want %s", found, err, number)
	}
	from := h.store.Unseen()
	h.restart()
	if !h.store.Unseen().After(from) {
		t.Error("looked at, and looked as far back once more")
	}
}

func TestTheLockOfARestoredPurchaseIsNotLifted(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.tear()
	h.boot()
	if err := h.s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.s.LiftLock(t.Context(), owner, id); fault.Of(err).Message.ID != "order.restoring" {
		t.Errorf("lifted: %v", err)
	}
}

// What was queued in the copy was ordered and cancelled in the lost life: there is
// nothing to decide.
func TestAnOrderThatIsCancelledAtHuaweiNeedsNobody(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	older := h.snapshot()
	h.pass(time.Minute)
	o := h.in(id, order.AwaitingPayment, "")
	if err := h.s.Cancel(t.Context(), buyer, id, o.Rev); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	h.in(id, order.Cancelled, "order.cancelled.unpaid")
	h.putBack(older, false)
	h.lookBack()
	h.pass(20 * time.Minute)
	if o := h.in(id, order.NotFound, "order.notfound.unsent"); len(o.Candidates) != 1 || !o.Candidates[0].Cancelled {
		t.Errorf("shown: %+v", o.Candidates)
	}
	if err := h.s.CloseRestored(t.Context(), owner); err != nil {
		t.Error(err)
	}
}
