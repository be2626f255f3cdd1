package order_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/job"
	"sampan/internal/app/order"
	"sampan/internal/cloud/bss"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/ecs"
	"sampan/internal/cloud/hcss"
	"sampan/internal/cloud/rms"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// sandbox is a Service over the adapters, real sockets and the simulated
// cloud, running by itself. Looks, polls and waits are a few hundred times
// shorter; what would make a slow machine fail is not.
type sandbox struct {
	*testing.T
	sim     *cloudsim.Server
	s       *order.Service
	store   order.Store
	changes chan string
	bought  int
}

// wired is an account whose access comes from the Sandbox.
type wired struct {
	accounts
	access account.Access
}

func (w *wired) Access(context.Context, string) (account.Access, error) { return w.access, nil }

func openSandbox(t *testing.T, by account.Credential) *sandbox {
	b := &sandbox{T: t, sim: simtest.Start(t, cloudsim.Options{TimeScale: 200}), changes: make(chan string, 100_000)}
	d, api := dbtest.Open(t), cloudtest.API()
	timing := order.Intervals(400)
	timing.Expiry, timing.PayHold, timing.Grace = time.Minute, time.Minute, time.Second
	timing.Looks = timing.Looks[2:] // the first are milliseconds apart here
	timing.Before = time.Minute
	b.store = db.Orders{DB: d}
	w := &wired{access: cloudtest.Access(t, b.sim, "Sandbox", by)}
	w.access.AccountID = "acc-1"
	b.s = order.New(order.Options{
		Store: b.store, Jobs: db.Jobs{DB: d}, Accounts: w, Inventory: &inventory{ready: true}, Settings: &settings{deduct: true},
		Catalog:   func(account.Site) order.Catalog { return catalog.Embedded() },
		Purchases: &hcss.Client{API: api}, Billing: &bss.Client{API: api}, Finder: &rms.Client{API: api}, Servers: &ecs.Client{API: api},
		Now: b.sim.Now, Offset: api.Offset, Timing: timing, Runner: job.Intervals(10),
		Changed: func(topics ...string) {
			for _, topic := range topics {
				b.changes <- topic
			}
		},
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return b
}

// buy confirms a form under a fresh name.
func (b *sandbox) buy(change ...string) string {
	b.Helper()
	b.bought++
	form := formWith(append([]string{order.FieldName, fmt.Sprintf("shop-%d", b.bought)}, change...)...)
	d, err := b.s.NewDraft(b.Context(), buyer, form)
	if err != nil {
		b.Fatal(err)
	}
	v, err := b.s.Review(b.Context(), buyer, d.ID)
	if err != nil {
		b.Fatal(err)
	}
	id, err := b.s.Confirm(b.Context(), buyer, v.ID, v.Hash, false)
	if err != nil {
		b.Fatal(err)
	}
	return id
}

// until waits for the order to come where it is expected.
func (b *sandbox) until(id string, what func(order.Order) bool) order.Order {
	b.Helper()
	timeout := time.After(60 * time.Second)
	for {
		o, err := b.store.Order(b.Context(), id)
		if err != nil {
			b.Fatal(err)
		}
		if what(o) {
			return o
		}
		select {
		case <-b.changes:
		case <-timeout:
			b.Fatalf("waited in vain: the order is %q (%s %v), order %q, %d looks", o.State, o.Reason.ID, o.Reason.Values, o.CloudOrderID,
				o.Checks)
		}
	}
}

func (b *sandbox) reach(id string, st order.State) order.Order {
	b.Helper()
	return b.until(id, func(o order.Order) bool { return o.State == st })
}

// bill gives the purchases that really happened under the order's tag.
func (b *sandbox) bill(id string) []cloudsim.Purchase {
	b.Helper()
	o, err := b.store.Order(b.Context(), id)
	if err != nil {
		b.Fatal(err)
	}
	var all []cloudsim.Purchase
	for _, p := range b.sim.Ledger().Purchases {
		if p.Name == o.Request.Name {
			all = append(all, p)
		}
	}
	return all
}

func TestBuyTwoInTheSandbox(t *testing.T) {
	for _, by := range []account.Credential{account.ByKey, account.ByLogin} {
		t.Run(string(by), func(t *testing.T) {
			t.Parallel()
			b := openSandbox(t, by)
			id := b.buy(order.FieldQuantity, "2", order.FieldDataDisk, "20", order.FieldBackup, "25", order.FieldHostSecurity, "on",
				order.FieldDescription, "<shop> & \"more\"", order.FieldAutoRenew, "on", "tag_key_1", "env", "tag_value_1", "prod")
			o := b.until(id, func(o order.Order) bool { return o.State == order.AwaitingPayment && o.Amount != nil })
			if err := b.s.Pay(t.Context(), buyer, id, *o.Amount, o.Rev); err != nil {
				t.Fatal(err)
			}
			o = b.until(id, func(o order.Order) bool {
				return o.State == order.Delivered && len(o.Delivered) == 2 && o.Delivered[0].Ready && o.Delivered[1].Ready
			})
			p := b.bill(id)
			if len(p) != 1 || p[0].OrderID != o.CloudOrderID || p[0].Amount != o.Amount.Amount.StringFixed(2) || p[0].Paid.IsZero() ||
				p[0].Quantity != 2 {
				t.Errorf("ledger: got %+v, page %+v", p, o)
			}
			if len(o.Missing) != 0 || o.Delivered[0].Expires.IsZero() {
				t.Errorf("missing %v, expires %v", o.Missing, o.Delivered[0].Expires)
			}
			if got := o.Delivered[0].Expires; !got.Equal(catalog.EndOfTerm(o.PaidAt, 1)) && !got.Equal(catalog.EndOfTerm(b.sim.Now(), 1)) {
				t.Errorf("ends at %v, want what the review said: %v", got, catalog.EndOfTerm(o.PaidAt, 1))
			}
			pass, err := b.s.Passport(t.Context(), buyer, id)
			if err != nil || len(pass.Exchanges) < 4 || pass.Exchanges[0].RequestID == "" || pass.Attempts[0].RequestID == "" {
				t.Errorf("passport: got %+v, %v", pass.Exchanges, err)
			}
		})
	}
}

func TestFaultsInTheSandbox(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		faults []cloudsim.Fault
		form   []string
		state  order.State
		reason string
		bought int // purchases that took effect
	}{
		{"sold out", []cloudsim.Fault{{Call: "purchase", Kind: "sold_out"}}, nil, order.Refused, "order.refused.soldout", 0},
		{"quota", []cloudsim.Fault{{Call: "purchase", Kind: "status", Status: 400, Code: "HCSS.14000011"}}, nil, order.Refused, "order.refused.quota", 0},
		{"not permitted", []cloudsim.Fault{{Call: "purchase", Kind: "status", Status: 403}}, nil, order.Refused, "order.refused.permission", 0},
		{"throttled once", []cloudsim.Fault{{Call: "purchase", Kind: "throttle"}}, nil, order.AwaitingPayment, "", 1},
		{"throttled twice", []cloudsim.Fault{{Call: "purchase", Kind: "throttle", Times: 2}}, nil, order.Refused, "order.refused.busy", 0},
		{"Odoo is Odo", nil, []string{order.FieldImage, "odoo"}, order.AwaitingPayment, "", 1},
		{"the request is lost", []cloudsim.Fault{{Call: "purchase", Kind: "drop_before"}}, nil, order.NotFound, "order.notfound", 0},
		{"the answer is lost", []cloudsim.Fault{{Call: "purchase", Kind: "drop_after"}}, nil, order.AwaitingPayment, "", 1},
		{"half an answer", []cloudsim.Fault{{Call: "purchase", Kind: "truncate"}}, nil, order.AwaitingPayment, "", 1},
		{"a garbled answer", []cloudsim.Fault{{Call: "purchase", Kind: "garble"}}, nil, order.AwaitingPayment, "", 1},
		{"an endless answer", []cloudsim.Fault{{Call: "purchase", Kind: "oversize"}}, nil, order.AwaitingPayment, "", 1},
		{"no order number", []cloudsim.Fault{{Call: "purchase", Kind: "no_order_id"}}, nil, order.AwaitingPayment, "", 1},
		{"a portal's page", []cloudsim.Fault{{Call: "purchase", Kind: "html_200"}}, nil, order.NotFound, "order.notfound", 0},
		{"a proxy's page, after the effect", []cloudsim.Fault{{Call: "purchase", Kind: "html_502", Effect: true}}, nil, order.AwaitingPayment, "", 1},
		{"a redirect", []cloudsim.Fault{{Call: "purchase", Kind: "redirect"}}, nil, order.NotFound, "order.notfound", 0},
		{"a back-end fault, after the effect", []cloudsim.Fault{{Call: "purchase", Kind: "status", Status: 400, Code: "HCSS.14000004", Effect: true}},
			nil, order.AwaitingPayment, "", 1},
		{"a server fault, without effect", []cloudsim.Fault{{Call: "purchase", Kind: "status", Status: 500}}, nil, order.NotFound, "order.notfound", 0},
		{"the ids as the prose spells them", []cloudsim.Fault{{Call: "purchase", Kind: "instances_ids"}}, nil, order.AwaitingPayment, "", 1},
		{"lost, and somebody bought the same", []cloudsim.Fault{{Call: "purchase", Kind: "extra_order"}, {Call: "purchase", Kind: "drop_after"}},
			nil, order.NeedsHuman, "order.human", 1},
		{"lost and paid at once: found by its name", []cloudsim.Fault{{Call: "purchase", Kind: "drop_after"}},
			[]string{order.FieldPayment, "deduct"}, order.Delivered, "", 1},
		{"above the cap", nil, atMost("0.01", "USD"), order.AwaitingPayment, "order.cap.more", 1},
		{"another currency", nil, atMost("9999", "THB"), order.AwaitingPayment, "order.cap.other", 1},
		{"below the cap", nil, atMost("9999", "USD"), order.Delivered, "", 1},
		{"no balance", []cloudsim.Fault{{Call: "pay", Kind: "no_balance"}}, atMost("9999", "USD"), order.AwaitingPayment, "order.pay.balance", 1},
		{"the payment's answer is lost", []cloudsim.Fault{{Call: "pay", Kind: "drop_after"}}, atMost("9999", "USD"), order.Delivered, "", 1},
		{"the payment is lost: repeated after a read", []cloudsim.Fault{{Call: "pay", Kind: "drop_before"}}, atMost("9999", "USD"), order.Delivered, "", 1},
		{"one of two", []cloudsim.Fault{{Call: "purchase", Kind: "partial"}}, append(atMost("9999", "USD"), order.FieldQuantity, "2"),
			order.PartlyDelivered, "order.partly", 1},
		{"refunded", []cloudsim.Fault{{Call: "purchase", Kind: "order_fails"}}, atMost("9999", "USD"), order.Closed, "order.closed.cancelled", 1},
		{"being refunded", []cloudsim.Fault{{Call: "purchase", Kind: "order_fails", Status: 2}}, atMost("9999", "USD"), order.Closed, "order.closed.refund", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := openSandbox(t, account.ByKey)
			if !strings.HasPrefix(c.name, "lost, and") {
				b.reach(b.buy(), order.AwaitingPayment) // its answer teaches whose orders are ours
			}
			for _, f := range c.faults {
				if _, err := b.sim.AddFault(f); err != nil {
					t.Fatal(err)
				}
			}
			id := b.buy(c.form...)
			o := b.until(id, func(o order.Order) bool {
				return o.State == c.state && (c.state != order.AwaitingPayment || o.Amount != nil && o.Reason.ID == c.reason)
			})
			if o.Reason.ID != c.reason {
				t.Errorf("sentence: got %s, want %s", o.Reason.ID, c.reason)
			}
			p := b.bill(id)
			if len(p) != c.bought {
				t.Errorf("purchases that took effect: got %d, want %d", len(p), c.bought)
			}
			if len(p) == 1 && o.CloudOrderID != "" && o.CloudOrderID != p[0].OrderID {
				t.Errorf("page says %q, ledger %q", o.CloudOrderID, p[0].OrderID)
			}
		})
	}
}

func TestAnUnpaidOrderIsCancelledInTheSandbox(t *testing.T) {
	b := openSandbox(t, account.ByKey)
	id := b.buy()
	o := b.reach(id, order.AwaitingPayment)
	if err := b.s.Cancel(t.Context(), buyer, id, o.Rev); err != nil {
		t.Fatal(err)
	}
	b.reach(id, order.Cancelled)
	if p := b.bill(id); len(p) != 1 || p[0].Status != order.StatusCancelled || !p[0].Paid.IsZero() {
		t.Errorf("ledger: got %+v", p)
	}
}

func TestALateOrderIsUnassignedInTheSandbox(t *testing.T) {
	t.Parallel() // it mostly waits
	b := openSandbox(t, account.ByKey)
	for _, f := range []cloudsim.Fault{{Call: "purchase", Kind: "late", Delay: 8 * time.Second}, {Call: "purchase", Kind: "drop_after"}} {
		if _, err := b.sim.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	id := b.buy()
	b.reach(id, order.NotFound)
	o := b.until(id, func(o order.Order) bool { return len(o.Candidates) == 1 })
	if err := b.s.Adopt(t.Context(), owner, id, o.Candidates[0].CloudOrderID); err != nil {
		t.Fatal(err)
	}
	b.until(id, func(o order.Order) bool { return o.State == order.AwaitingPayment })
}

func TestPriceAndBalanceArriveFromTheSandbox(t *testing.T) {
	b := openSandbox(t, account.ByKey)
	r, bad := b.s.Parse(t.Context(), formWith())
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	if _, fresh := b.s.Quote("acc-1", r); fresh != order.Reading {
		t.Errorf("at first: got %s, want reading", fresh)
	}
	b.s.BalanceOf("acc-1")
	timeout := time.After(30 * time.Second)
	for {
		q, fresh := b.s.Quote("acc-1", r)
		bal, freshBal := b.s.BalanceOf("acc-1")
		if fresh == order.Known && freshBal == order.Known {
			if !q.Total.Amount.IsPositive() || q.Total.Currency != "USD" || !bal.Available.Amount.IsPositive() {
				t.Errorf("price %v, balance %v", q.Total, bal.Available)
			}
			return
		}
		select {
		case <-b.changes:
		case <-time.After(10 * time.Millisecond): // prices are not announced: the page that shows one asks again
		case <-timeout:
			t.Fatalf("price %s, balance %s", fresh, freshBal)
		}
	}
}

// A look that could not see everything says nothing: only whole and empty
// listings at the planned end are "not found".
func TestOnlyWholeEmptyListingsAreNotFoundInTheSandbox(t *testing.T) {
	for _, c := range []struct {
		name   string
		exists bool // the order is there, and the listing does not show it
		faults []cloudsim.Fault
		end    order.State
	}{
		{"whole and empty", false, nil, order.NotFound},
		{"refused", false, []cloudsim.Fault{{Call: "orders", Kind: "status", Status: 403}}, order.Unknown},
		{"not found", false, []cloudsim.Fault{{Call: "orders", Kind: "status", Status: 404}}, order.Unknown},
		{"throttled", false, []cloudsim.Fault{{Call: "orders", Kind: "throttle"}}, order.Unknown},
		{"a portal's page", false, []cloudsim.Fault{{Call: "orders", Kind: "html_200"}}, order.Unknown},
		{"garbled", false, []cloudsim.Fault{{Call: "orders", Kind: "garble"}}, order.Unknown},
		{"half of it", false, []cloudsim.Fault{{Call: "orders", Kind: "truncate"}}, order.Unknown},
		{"fewer than it counts", false, []cloudsim.Fault{{Call: "orders", Kind: "cut"}}, order.Unknown},
		{"empty, where an earlier answer was not", true, []cloudsim.Fault{{Call: "orders", Kind: "empty"}, {Call: "instances", Kind: "empty"}}, order.Unknown},
		{"of another age", true, []cloudsim.Fault{{Call: "orders", Kind: "aged", Delay: time.Hour}, {Call: "instances", Kind: "empty"}}, order.Unknown},
		{"details that are not readable", true, []cloudsim.Fault{{Call: "order", Kind: "garble"}, {Call: "resources", Kind: "garble"}}, order.Unknown},
		{"Config silent", false, []cloudsim.Fault{{Call: "instances", Kind: "drop_before"}}, order.Unknown},
		{"the servers silent", false, []cloudsim.Fault{{Call: "servers", Kind: "drop_before"}}, order.Unknown},
		{"Config and servers not allowed: billing is the authority", false,
			[]cloudsim.Fault{{Call: "instances", Kind: "status", Status: 403}, {Call: "servers", Kind: "status", Status: 403}},
			order.NotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := openSandbox(t, account.ByKey)
			b.reach(b.buy(order.FieldQuantity, "2"), order.AwaitingPayment)
			lost := cloudsim.Fault{Call: "purchase", Kind: "drop_before"}
			if c.exists {
				lost.Kind = "drop_after"
			}
			for _, f := range append(c.faults, lost) {
				if f.Call != "purchase" {
					f.Times = -1
				}
				if _, err := b.sim.AddFault(f); err != nil {
					t.Fatal(err)
				}
			}
			id := b.buy()
			o := b.until(id, func(o order.Order) bool {
				return o.State == order.NotFound || o.State == order.NeedsHuman || o.State == order.Unknown &&
					o.LastCheckAt.After(o.CheckUntil.Add(time.Second))
			})
			if o.State != c.end {
				t.Errorf("after %d looks: got %q (%s), want %q", o.Checks, o.State, o.Reason.ID, c.end)
			}
		})
	}
}

// Billing hangs while many orders are followed: a purchase waits for the purchase
// service alone (reliability.md §6).
func TestHangingBillingKeepsNoPurchaseWaitingInTheSandbox(t *testing.T) {
	t.Parallel()
	b := openSandbox(t, account.ByKey)
	var open []string
	for range 24 { // more than there were workers
		open = append(open, b.buy())
	}
	for _, id := range open {
		b.reach(id, order.AwaitingPayment)
	}
	for _, call := range []string{"order", "orders", "resources"} {
		if _, err := b.sim.AddFault(cloudsim.Fault{Call: call, Kind: "delay", Delay: time.Minute, Times: -1}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range open { // all of them are to be read
		if err := b.s.CheckNow(t.Context(), owner, id); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	b.reach(b.buy(), order.Ordered)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("ordered %v after the click", took)
	}
}
