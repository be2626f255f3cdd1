package order_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
	"sampan/internal/testclock"
)

var (
	buyer = person.Actor{PersonID: "p-buyer", Name: "Kerem", Role: person.Buyer}
	owner = person.Actor{PersonID: "p-owner", Name: "Ada", Role: person.Owner}
)

// shop is a Service over a fresh database and a scripted cloud, with a clock
// that moves only when told to.
type shop struct {
	*testing.T
	db        *db.DB
	path      string
	keys      *seal.Keyring
	auditKey  []byte // where there are no keys
	clock     *clock
	cloud     *cloud
	accounts  *accounts
	inventory *inventory
	settings  *settings
	store     order.Store
	s         *order.Service

	fuse *fuse // of the process that runs; nil: it will not be killed

	mu      sync.Mutex
	changed []string
	free    uint64
}

func newShop(t *testing.T) *shop {
	h := &shop{T: t, clock: &clock{at: testclock.From(time.Date(2026, 11, 23, 9, 14, 0, 0, time.UTC))},
		accounts:  &accounts{user: "console"},
		inventory: &inventory{names: map[string]bool{}, known: map[string]order.Delivery{}}, settings: &settings{}, free: 1 << 30}
	h.cloud = newCloud(h.clock)
	h.path = filepath.Join(t.TempDir(), "console.db")
	h.keys = dbtest.Seed(t, h.path)
	t.Cleanup(func() { _ = h.db.Close() })
	h.boot()
	return h
}

// boot starts a process on the shop's directory, as it lies there.
func (h *shop) boot() {
	h.Helper()
	o := db.Options{Path: h.path, Keyring: h.keys, AuditKey: h.auditKey}
	h.disk(&o)
	d, err := db.Open(h.Context(), o)
	if err != nil {
		h.Fatal(err)
	}
	h.open(d)
}

// restart ends the process and starts the next one, which takes up the work.
func (h *shop) restart() {
	h.Helper()
	h.reboot()
	if err := h.s.Recover(h.Context()); err != nil {
		h.Fatal(err)
	}
}

// reboot ends the process and starts the next one.
func (h *shop) reboot() {
	h.Helper()
	if err := h.db.Close(); err != nil {
		h.Fatal(err)
	}
	h.boot()
}

// tear makes the next start find that belt 1 is torn.
func (h *shop) tear() {
	h.Helper()
	_ = h.db.Close()
	if err := os.Remove(h.path + ".mark"); err != nil {
		h.Fatal(err)
	}
}

// disk gives a database the shop's clock and its disk, which may fill up.
func (h *shop) disk(o *db.Options) {
	o.Now = h.clock.Now
	o.Free = func(string) (uint64, error) { h.mu.Lock(); defer h.mu.Unlock(); return h.free, nil }
}

// open starts the first process on a database.
func (h *shop) open(d *db.DB) {
	h.db, h.store = d, db.Orders{DB: d}
	h.s = h.service("process-1")
}

// service starts another process on the same database.
func (h *shop) service(owner string) *order.Service { return order.New(h.options(owner)) }

func (h *shop) options(owner string) order.Options {
	return order.Options{
		Store: h.store, Jobs: db.Jobs{DB: h.db}, Accounts: h.accounts, Inventory: h.inventory, Settings: h.settings,
		Catalog:   func(account.Site) order.Catalog { return catalog.Embedded() },
		Purchases: h.cloud, Billing: h.cloud, Finder: h.cloud, Servers: h.cloud, Now: h.clock.Now,
		Changed: func(topics ...string) { h.mu.Lock(); defer h.mu.Unlock(); h.changed = append(h.changed, topics...) },
		Timing:  order.Intervals(1), Runner: job.Intervals(1), Owner: owner,
	}
}

// formWith is a form that can be bought.
func formWith(change ...string) map[string]string {
	f := map[string]string{
		order.FieldAccount: "acc-1", order.FieldImage: "wordpress", order.FieldSize: "2-4", order.FieldRegion: "ap-southeast-3",
		order.FieldName: "shop", order.FieldQuantity: "1", order.FieldPeriodUnit: "month", order.FieldPeriodNum: "1",
		order.FieldPayment: "exact",
	}
	for i := 0; i < len(change); i += 2 {
		f[change[i]] = change[i+1]
	}
	return f
}

// dead reports whether the process was killed.
func (h *shop) dead() bool {
	if h.fuse == nil {
		return false
	}
	h.fuse.mu.Lock()
	defer h.fuse.mu.Unlock()
	return h.fuse.dead
}

// review goes through the wizard up to the last page.
func (h *shop) review(form map[string]string) order.Review {
	h.Helper()
	d, err := h.s.NewDraft(h.Context(), buyer, form)
	if err != nil {
		h.Fatalf("new draft: %v", err)
	}
	v, err := h.s.Review(h.Context(), buyer, d.ID)
	if err != nil {
		h.Fatalf("review: %v %v", err, fault.Of(err).Fields)
	}
	return v
}

// buy confirms a form and returns the order's id; nothing has been sent yet.
func (h *shop) buy(change ...string) string {
	h.Helper()
	v := h.review(formWith(change...))
	id, err := h.s.Confirm(h.Context(), buyer, v.ID, v.Hash, false)
	if err != nil {
		h.Fatalf("confirm: %v %v", err, fault.Of(err).Fields)
	}
	return id
}

// settle works until nothing is due at this moment.
func (h *shop) settle() {
	h.Helper()
	for range 100 {
		n, err := h.s.Engine().RunDue(h.Context())
		if err != nil {
			h.Fatalf("run: %v", err)
		}
		if n == 0 || h.dead() {
			return
		}
	}
	h.Fatal("the work does not end")
}

// pass lets time go by, from one due moment to the next, working at each.
func (h *shop) pass(d time.Duration) {
	h.Helper()
	for end := h.clock.Now().Add(d); ; {
		next := end
		var due int64
		if err := h.db.Read().QueryRow("SELECT COALESCE(MIN(due_us), 0) FROM job WHERE done_us = 0 AND due_us > 0").Scan(&due); err != nil {
			h.Fatalf("due: %v", err)
		}
		if at := time.UnixMicro(due); due > 0 && at.Before(end) {
			next = at
		}
		if d := next.Sub(h.clock.Now()); d > 0 {
			h.clock.add(d)
		}
		h.settle()
		if !next.Before(end) || h.dead() {
			return
		}
	}
}

func (h *shop) order(id string) order.Order {
	h.Helper()
	o, err := h.s.Order(h.Context(), buyer, id)
	if err != nil {
		h.Fatalf("order: %v", err)
	}
	return o
}

// in checks the state of an order and the id of its sentence.
func (h *shop) in(id string, st order.State, reason string) order.Order {
	h.Helper()
	o := h.order(id)
	if o.State != st || o.Reason.ID != reason {
		h.Fatalf("order is %q (%s %v), want %q (%s)", o.State, o.Reason.ID, o.Reason.Values, st, reason)
	}
	return o
}

// events gives the ids of the timeline.
func (h *shop) events(id string) []string {
	h.Helper()
	all, err := h.s.Events(h.Context(), buyer, id)
	if err != nil {
		h.Fatalf("events: %v", err)
	}
	var ids []string
	for _, e := range all {
		ids = append(ids, e.Message.ID)
	}
	return ids
}

// audits gives the actions of the audit chain about an order, with outcomes,
// and checks the chain.
func (h *shop) audits(id string) []string {
	h.Helper()
	if _, err := (db.Audits{DB: h.db}).Verify(h.Context()); err != nil {
		h.Errorf("audit chain: %v", err)
	}
	var out []string
	for r, err := range (db.Audits{DB: h.db}).Rows(h.Context(), 0) {
		if err != nil {
			h.Fatalf("audit: %v", err)
		}
		if r.Intent == id {
			s := r.Action
			if r.Outcome != "" {
				s += " " + r.Outcome
			}
			out = append(out, s)
		}
	}
	return out
}

func (h *shop) purchases() int {
	h.cloud.mu.Lock()
	defer h.cloud.mu.Unlock()
	return len(h.cloud.purchases)
}

func (h *shop) pays() (n int) {
	h.cloud.mu.Lock()
	defer h.cloud.mu.Unlock()
	for _, o := range h.cloud.orders {
		n += o.pays
	}
	return n
}

func (h *shop) told(topic string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.changed, topic)
}

// script sets what the next purchases come to.
func (h *shop) script(acts ...func(*cloud, purchaseCall) (order.Receipt, error)) {
	h.cloud.mu.Lock()
	defer h.cloud.mu.Unlock()
	h.cloud.script = acts
}

func fieldsOf(err error) []string {
	return slices.Sorted(maps.Keys(fault.Of(err).Fields))
}

// again shows a review in the place of one of an earlier process start.
func (h *shop) again(v order.Review) order.Review {
	h.Helper()
	w, err := h.s.ShowAgain(h.Context(), buyer, v.ID)
	if err != nil || w.Start != h.store.Start() {
		h.Fatalf("shown again: %+v, %v", w, err)
	}
	return w
}

// lookBack reads the accounts' recent orders, as a start does in the background.
func (h *shop) lookBack() {
	h.Helper()
	if err := h.s.LookBackOnce(h.Context()); err != nil {
		h.Fatal(err)
	}
}
