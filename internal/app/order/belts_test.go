package order_test

import (
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// silence is what Huawei's billing answers while it does not.
var silence = &fault.Error{Kind: fault.Unreachable, Message: fault.Say("cloud.unreachable")}

func (h *shop) foundAtHuawei() []order.FoundOrder {
	h.Helper()
	all, err := h.s.FoundOrders(h.Context(), owner, nil)
	if err != nil {
		h.Fatal(err)
	}
	return all
}

// Directory and mark are put back, Huawei does not answer for the time being,
// and the person buys once more; then the order of the lost life is read. The
// review that it is of has become another order here: it is shown.
func TestAnOrderOfALostLifeIsNotTakenForTheOneThatWasBoughtInItsPlace(t *testing.T) {
	h := newShop(t)
	h.buy(order.FieldName, "before")
	h.settle()
	v := h.review(formWith(atMost("100", "USD")...))
	older := h.snapshot()
	id, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false)
	if err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	lost := h.in(id, order.Delivered, "").CloudOrderID
	h.cloud.orders[1].listed = true
	h.putBack(older, true)
	h.cloud.fail["orders"] = silence
	h.lookBack()
	again := h.again(v)
	if _, err := h.s.Confirm(t.Context(), buyer, again.ID, again.Hash, true); err != nil {
		t.Fatal(err)
	}
	delete(h.cloud.fail, "orders")
	h.settle()
	h.lookBack()
	if all := h.foundAtHuawei(); len(all) != 1 || all[0].CloudOrderID != lost {
		t.Errorf("found at Huawei: %+v; want %s", all, lost)
	}
	if r, err := h.s.Restored(t.Context()); err != nil || len(r.Found) != 1 {
		t.Errorf("said on every page: %+v, %v", r, err)
	}
}

// A start whose look back did not come to an end is ended: the next one reads
// from where it would have.
func TestTheLookBackIsMadeUpForAtTheNextStart(t *testing.T) {
	h := newShop(t)
	h.buy(order.FieldName, "before")
	h.settle()
	v := h.review(formWith())
	older := h.snapshot()
	id, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false)
	if err != nil {
		t.Fatal(err)
	}
	h.pass(time.Hour)
	number := h.order(id).CloudOrderID
	h.putBack(older, true)
	h.cloud.fail["orders"] = silence
	h.lookBack()
	h.pass(time.Hour)
	h.restart()
	h.lookBack()
	h.restart()
	delete(h.cloud.fail, "orders")
	h.lookBack()
	all := h.foundAtHuawei()
	if len(all) != 1 || all[0].CloudOrderID != number || all[0].ReviewID == "" {
		t.Fatalf("found at Huawei: %+v; want %s, and the review it is of", all, number)
	}
	if err := h.s.NotOurs(t.Context(), owner, number); err != nil {
		t.Fatal(err)
	}
	h.cloud.mu.Lock()
	h.cloud.calls["order"] = 0
	h.cloud.mu.Unlock()
	h.restart() // made up for: an ordinary start again
	h.lookBack()
	if n := h.cloud.calls["order"]; n != 0 {
		t.Errorf("%d orders of long ago read again", n)
	}
}

// The clock was ahead when the database was written last, and was set since.
func TestALastWriteInTheFutureHidesNothing(t *testing.T) {
	h := newShop(t)
	h.buy(order.FieldName, "before")
	h.settle()
	h.clock.add(5 * time.Hour)
	h.review(formWith(order.FieldName, "later"))
	h.clock.add(-5 * time.Hour)
	h.foreign("CS-X", "x", 5)
	h.restart()
	h.lookBack()
	if all := h.foundAtHuawei(); len(all) != 1 {
		t.Errorf("found at Huawei: %+v", all)
	}
}

// can be bought with it.
func TestADeletedEntryIsNotLookedAt(t *testing.T) {
	h := newShop(t)
	h.buy()
	h.settle()
	h.accounts.broken = fault.New(fault.NotFound, "account.missing")
	h.tear()
	h.boot()
	if err := h.s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.lookBack()
	if r, err := h.s.Restored(t.Context()); err != nil || r.Unread {
		t.Errorf("orders that nobody can read are waited for: %+v, %v", r, err)
	}
}

// An entry is added for the account of another one whose orders cannot be read.
func TestAnotherEntryOfTheAccountAsksForTheSameTick(t *testing.T) {
	h := newShop(t)
	h.buy()
	h.settle()
	h.restart()
	h.cloud.fail["orders"] = silence
	h.lookBack()
	h.accounts.kin = map[string][]string{"acc-1": {"acc-1", "acc-2"}, "acc-2": {"acc-2", "acc-1"}}
	v := h.review(formWith(order.FieldAccount, "acc-2", order.FieldName, "second"))
	if b, err := h.s.Beside(t.Context(), buyer, v); err != nil || b.Look.State != order.Unseen {
		t.Errorf("the review by the other entry shows %+v, %v", b, err)
	}
	if _, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false); fault.Of(err).Message.ID != "order.unread" {
		t.Errorf("without the tick: %v", err)
	}
	if _, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, true); err != nil {
		t.Errorf("with the tick: %v", err)
	}
}

// again, with a tag that the copy does not know.
func TestATagOfALostLifeDoesNotHideTheName(t *testing.T) {
	h := newShop(t)
	h.buy(order.FieldName, "before")
	h.settle()
	v := h.review(formWith(atMost("100", "USD")...))
	older := h.snapshot()
	h.restart()
	h.lookBack()
	again := h.again(v)
	id, err := h.s.Confirm(t.Context(), buyer, again.ID, again.Hash, false)
	if err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	h.in(id, order.Delivered, "")
	h.cloud.orders[1].listed = true
	h.putBack(older, true)
	h.lookBack()
	if all := h.foundAtHuawei(); len(all) != 1 || all[0].ReviewID != v.ID {
		t.Errorf("found at Huawei: %+v; want the review it resembles", all)
	}
	if r, err := h.s.Restored(t.Context()); err != nil || !r.Shows() {
		t.Errorf("said on every page: %+v, %v", r, err)
	}
}

// order one by one: the first alone does not speak against it.
func TestServersThatAreListedOneByOneAreNotAnotherQuantity(t *testing.T) {
	h := newShop(t)
	h.settings.deduct = true
	var second order.Resource
	h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
		r, err := lost(c, p)
		o := c.orders[0]
		for i := range o.resources {
			o.resources[i].Name = "" // nor how they are called
		}
		o.Quantity, second, o.resources = 0, o.resources[1], o.resources[:1]
		return r, err
	})
	id := h.buy(order.FieldQuantity, "2", order.FieldPayment, "deduct")
	h.pass(time.Minute)
	h.cloud.mu.Lock()
	h.cloud.orders[0].resources = append(h.cloud.orders[0].resources, second)
	h.cloud.mu.Unlock()
	h.pass(20 * time.Minute)
	if o := h.order(id); o.State != order.NeedsHuman || len(o.Candidates) != 1 {
		t.Errorf("got %q (%s), weighed %v; want it found", o.State, o.Reason.ID, o.Weighed)
	}
}

// is found: nobody is told that nothing was bought.
func TestAnAnswerWithATakenNumberIsNotNothing(t *testing.T) {
	h := newShop(t)
	first := h.buy()
	h.settle()
	number := h.order(first).CloudOrderID
	h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
		return order.Receipt{OrderID: number, RequestID: "req", Status: 202}, nil
	})
	id := h.buy(order.FieldName, "second")
	h.pass(20 * time.Minute)
	o := h.in(id, order.NeedsHuman, "order.human.taken")
	if err := h.s.DeclareNone(t.Context(), owner, o.ID); fault.Of(err).Message.ID != "order.decide.answered" {
		t.Errorf("declared none of them: %v", err)
	}
	if err := h.s.CloseUnseen(t.Context(), owner, id); err != nil {
		t.Error(err)
	}
}

// person decides which is ours.
func TestTwoOfOurNameBesideANumberThatIsNotShown(t *testing.T) {
	h := newShop(t)
	h.settings.deduct = true
	h.script(func(c *cloud, p purchaseCall) (order.Receipt, error) {
		r, err := placed(c, p)
		c.create(p).tag = ""
		c.orders[0].tag = ""
		r.OrderID = "CS-NOBODY"
		return r, err
	})
	id := h.buy(order.FieldPayment, "deduct")
	h.pass(20 * time.Minute)
	if o := h.order(id); o.State != order.NeedsHuman || len(o.Candidates) != 2 {
		t.Errorf("got %q with %q, %d candidates; want the question", o.State, o.CloudOrderID, len(o.Candidates))
	}
}

// The process that found the directory put back is killed before it has dealt
// with the orders: the next one does.
func TestAKillBeforeARestoreIsDealtWith(t *testing.T) {
	h := newShop(t)
	queued := h.buy()
	h.tear()
	h.boot() // and killed
	h.reboot()
	if h.db.Whole() || !h.db.Restored() {
		t.Errorf("whole %v, restored %v", h.db.Whole(), h.db.Restored())
	}
	if err := h.s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := h.in(queued, order.Unknown, "order.unknown.restored"); !o.Restored {
		t.Error("not held as restored")
	}
	h.restart()
	if !h.db.Whole() || !h.db.Restored() {
		t.Errorf("dealt with: whole %v, restored %v", h.db.Whole(), h.db.Restored())
	}
}

// An owner has a found order cancelled while the purchase that it belongs to
// adopts it.
func TestAFoundOrderThatWasAdoptedIsNotCancelled(t *testing.T) {
	h := newShop(t)
	h.buy(order.FieldName, "before")
	h.settle()
	h.script(lost)
	id := h.buy()
	h.settle()
	h.restart()
	h.lookBack()
	all, err := h.store.FoundOrders(t.Context(), true)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	number := all[0].CloudOrderID
	h.cloud.before = func(call string) {
		if call == "cancel" {
			t.Error("cancelled")
		}
	}
	if err := h.s.CancelStray(t.Context(), owner, number); err != nil { // a forged button: its page does not show it
		t.Fatal(err)
	}
	h.pass(time.Minute)
	h.in(id, order.AwaitingPayment, "")
	h.lookBack()
	h.pass(time.Minute)
	h.in(id, order.AwaitingPayment, "")
}

// The directory is copied while a pressed Pay is about to be sent, and put back
// after it was: what is read of the order decides.
func TestAWishToPayOfBeforeARestartIsSentAtMostOnce(t *testing.T) {
	h := newShop(t)
	id := h.buy()
	h.settle()
	o := h.in(id, order.AwaitingPayment, "")
	if err := h.s.Pay(t.Context(), buyer, id, *o.Amount, o.Rev); err != nil {
		t.Fatal(err)
	}
	older := h.snapshot()
	h.pass(time.Minute)
	h.in(id, order.Delivered, "")
	for _, mark := range []bool{true, false} {
		h.putBack(older, mark)
		h.lookBack()
		h.pass(time.Hour)
		h.in(id, order.Delivered, "")
	}
	if n := h.cloud.calls["pay"]; n != 1 || h.pays() != 1 {
		t.Errorf("%d calls, %d payments", n, h.pays())
	}
}

// An entry is deleted and the same account of Huawei's added again: it has bought here.
func TestAnAccountThatWasAddedAgainIsLookedBackAt(t *testing.T) {
	h := newShop(t)
	store := db.Accounts{DB: h.db}
	for _, id := range []string{"acc-1", "acc-2"} {
		a := account.Account{ID: id, Label: id, Site: account.International, Credential: account.ByKey, State: account.Active,
			DomainID: "d-1"}
		if err := store.Create(t.Context(), a, []byte("sealed"), audit.By(person.System, "account.connect")); err != nil {
			t.Fatal(err)
		}
	}
	h.buy()
	h.pass(time.Minute)
	if err := dbtest.Exec(h.db, "UPDATE account SET deleted_us = 1 WHERE id = 'acc-1'"); err != nil {
		t.Fatal(err)
	}
	h.restart()
	v := h.review(formWith(order.FieldAccount, "acc-2", order.FieldName, "next"))
	if b, err := h.s.Beside(t.Context(), buyer, v); err != nil || b.Look.State != order.Looking {
		t.Errorf("looked back: %+v, %v", b.Look, err)
	}
}
