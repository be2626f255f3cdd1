package order_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/db"
)

// life is a random history of one console: people who click, a cloud that
// answers or does not, and kills at any touch of disk or wire.
type life struct {
	*shop
	rt      *rapid.T
	n       int // of names
	reviews []order.Review
	starts  int
}

func (l *life) restart(f *fuse) {
	l.starts++
	if err := l.start(fmt.Sprintf("process-%d", l.starts), f); err != nil && !l.dead() {
		l.rt.Fatalf("recover: %v", err)
	}
}

// alive starts the console anew when it was killed.
func (l *life) alive() {
	if l.dead() {
		l.restart(&fuse{})
	}
}

var outcomes = []func(*cloud, purchaseCall) (order.Receipt, error){
	placed, lost, silent, unsent, refused(429, "HCSS.14290001"), refused(400, "HCSS.14000001"), refused(400, "HCSS.14000010"),
	unknown(500, "HCSS.15000001"), unknown(400, "HCSS.14000003"),
}

// act does one random thing.
func (l *life) act(what string) {
	rt := l.rt
	switch what {
	case "order":
		l.alive()
		l.n++
		var script []func(*cloud, purchaseCall) (order.Receipt, error)
		for range 2 {
			script = append(script, rapid.SampledFrom(outcomes).Draw(rt, "outcome"))
		}
		l.script(script...)
		kinds := [][]string{nil, atMost("99", "USD"), atMost("1", "USD"), {order.FieldImage, "odoo"}}
		form := formWith(append([]string{order.FieldName, fmt.Sprintf("s%d-%d", l.clock.Now().UnixNano(), l.n),
			order.FieldAccount, rapid.SampledFrom([]string{"acc-1", "acc-2"}).Draw(rt, "account")},
			rapid.SampledFrom(kinds).Draw(rt, "kind")...)...)
		v := l.review(form)
		l.reviews = append(l.reviews, v)
		l.confirm(v)
	case "replay":
		l.alive()
		if len(l.reviews) > 0 {
			l.confirm(rapid.SampledFrom(l.reviews).Draw(rt, "review"))
		}
	case "kill":
		l.restart(&fuse{left: rapid.IntRange(1, 9).Draw(rt, "touch"), after: rapid.Bool().Draw(rt, "after")})
	case "work":
		l.settle()
	case "wait":
		l.pass(time.Duration(rapid.IntRange(1, 1200).Draw(rt, "seconds")) * time.Second)
	case "silence":
		l.cloud.mu.Lock()
		call := rapid.SampledFrom([]string{"orders", "order", "resources", "find", "cancel"}).Draw(rt, "call")
		if l.cloud.fail[call] == nil {
			l.cloud.fail[call] = fault.New(fault.Unreachable, "cloud.unreachable")
		} else {
			delete(l.cloud.fail, call)
		}
		l.cloud.mu.Unlock()
	case "decide":
		l.decide()
	}
}

func (l *life) confirm(v order.Review) {
	_, err := l.s.Confirm(l.Context(), buyer, v.ID, v.Hash, false)
	if k := fault.Of(err).Kind; err != nil && !l.dead() && k != fault.Conflict && k != fault.Invalid {
		l.rt.Fatalf("confirm: %v", err)
	}
}

// decide presses whatever the pages offer.
func (l *life) decide() {
	all, err := l.store.InState(l.Context(), "", order.Confirmed, order.Unknown, order.NeedsHuman, order.NotFound, order.AwaitingPayment)
	if err != nil || len(all) == 0 {
		return
	}
	o := rapid.SampledFrom(all).Draw(l.rt, "order")
	switch o.State {
	case order.Confirmed:
		_ = l.s.Cancel(l.Context(), buyer, o.ID, o.Rev)
	case order.Unknown:
		_ = l.s.LiftLock(l.Context(), owner, o.ID)
	case order.NeedsHuman, order.NotFound:
		if len(o.Candidates) > 0 && rapid.Bool().Draw(l.rt, "adopt") {
			_ = l.s.Adopt(l.Context(), owner, o.ID, o.Candidates[0].CloudOrderID)
		} else {
			_ = l.s.DeclareNone(l.Context(), owner, o.ID)
		}
	case order.AwaitingPayment:
		if o.Amount != nil && rapid.Bool().Draw(l.rt, "pay") {
			_ = l.s.Pay(l.Context(), buyer, o.ID, *o.Amount, o.Rev)
		} else {
			_ = l.s.Cancel(l.Context(), buyer, o.ID, o.Rev)
		}
	}
}

// TestWhateverHappensAnIntentBuysOnce lets consoles live through random
// histories and compares, at the end of each, every page with the cloud.
func TestWhateverHappensAnIntentBuysOnce(t *testing.T) {
	if err := flag.Set("rapid.checks", "15"); err != nil {
		t.Fatal(err)
	}
	h := newShop(t)
	h.inventory.ready = true
	starts := 0
	rapid.Check(t, func(rt *rapid.T) {
		serial := h.cloud.serial
		h.cloud = newCloud(h.clock)
		h.cloud.serial, h.cloud.payIn = serial, 2*time.Hour
		l := &life{shop: h, rt: rt, starts: starts}
		l.restart(&fuse{})
		for _, what := range rapid.SliceOfN(rapid.SampledFrom([]string{"order", "order", "replay", "kill", "work", "wait", "wait",
			"silence", "decide"}), 1, 14).Draw(rt, "life") {
			l.act(what)
		}
		h.cloud.mu.Lock()
		clear(h.cloud.fail)
		h.cloud.script = nil
		h.cloud.mu.Unlock()
		l.restart(&fuse{})
		l.pass(26 * time.Hour)
		l.check()
		starts = l.starts
	})
	if _, err := (db.Audits{DB: h.db}).Verify(t.Context()); err != nil {
		t.Errorf("audit chain: %v", err)
	}
}

// check compares every intent of this life with the cloud's ledger.
func (l *life) check() {
	linked := map[string]string{}
	shown := map[string]bool{}
	for _, v := range l.reviews {
		v, err := l.store.Review(l.Context(), v.ID)
		if err != nil {
			l.rt.Fatal(err)
		}
		sent, placed := 0, 0
		l.cloud.mu.Lock()
		for _, p := range l.cloud.purchases {
			if p.body.Tag == v.IntentTag {
				sent++
			}
		}
		for _, o := range l.cloud.orders {
			if o.tag == v.IntentTag {
				placed++
			}
			if o.pays > 1 {
				l.rt.Errorf("order %s was paid %d times", o.ID, o.pays)
			}
		}
		l.cloud.mu.Unlock()
		if v.OrderID == "" {
			if sent > 0 {
				l.rt.Errorf("a review that nobody confirmed was sent")
			}
			continue
		}
		o, err := l.store.Order(l.Context(), v.OrderID)
		if err != nil {
			l.rt.Fatal(err)
		}
		attempts, err := l.store.Attempts(l.Context(), o.ID)
		if err != nil {
			l.rt.Fatal(err)
		}
		refusals := 0
		for _, a := range attempts {
			if a.Outcome == string(order.Refused) {
				refusals++
			}
		}
		if sent > 2 || sent-min(refusals, sent) > 1 || placed > 1 {
			l.rt.Errorf("%s: sent %d times, %d of them refused, %d orders", o.State, sent, refusals, placed)
		}
		if slices.Contains([]order.State{order.Refused, order.Expired}, o.State) && placed > 0 {
			l.rt.Errorf("the page says %q (%s) and the cloud has an order", o.State, o.Reason.ID)
		}
		if id := o.CloudOrderID; id != "" {
			if linked[id] != "" {
				l.rt.Errorf("order %s is linked to two intents", id)
			}
			linked[id] = o.ID
		}
		for _, c := range o.Candidates {
			shown[c.CloudOrderID] = true
		}
		if !o.Final() && o.State != order.NeedsHuman && o.State != order.NotFound {
			l.rt.Errorf("after days the order is %q (%s)", o.State, o.Reason.ID)
		}
	}
	l.cloud.mu.Lock()
	defer l.cloud.mu.Unlock()
	for _, o := range l.cloud.orders {
		if linked[o.ID] == "" && !shown[o.ID] {
			l.rt.Errorf("order %s (tag %s, created %v) is linked to no intent and shown on no page", o.ID, o.tag, o.CreatedAt)
		}
	}
}
