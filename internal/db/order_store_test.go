package db_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// shopDay is the time of the shop's database.
var shopDay = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// shop is a database that orders are placed in.
type shop struct {
	*testing.T
	db *db.DB
	s  db.Orders
}

func newShop(t *testing.T) shop {
	d := dbtest.Open(t, func(o *db.Options) { o.Now = func() time.Time { return shopDay } })
	return shop{t, d, db.Orders{DB: d}}
}

func (h shop) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// review stores a draft and what was shown of it.
func (h shop) review(id string, set ...func(*order.Review)) order.Review {
	h.Helper()
	r := order.Review{ID: id, DraftID: "draft of " + id, PersonID: "p1", Hash: "hash of " + id, ClientRequestID: "request of " + id,
		IntentTag: "tag of " + id, Body: []byte("{}"), URL: "https://hcss.example", CreatedAt: shopDay,
		Request: order.Request{AccountID: "a", Name: id, Spec: "spec", Region: "region", Quantity: 1, Payment: order.ExactPriceFirst}}
	for _, f := range set {
		f(&r)
	}
	h.must(h.s.CreateDraft(h.Context(), order.Draft{ID: r.DraftID, PersonID: r.PersonID, CreatedAt: shopDay, UpdatedAt: shopDay}))
	h.must(h.s.CreateReview(h.Context(), r))
	return r
}

// confirmation is what makes an order of the review.
func confirmation(r order.Review, id string) order.Confirmation {
	o := order.Order{ID: id, AccountID: r.Request.AccountID, PersonID: r.PersonID, ReviewID: r.ID, Request: r.Request, Hash: r.Hash,
		State: order.Confirmed, StateAt: shopDay, ClientRequestID: r.ClientRequestID, IntentTag: r.IntentTag, CreatedAt: r.CreatedAt,
		ExpiresAt: shopDay.Add(5 * time.Minute)}
	return order.Confirmation{ReviewID: r.ID, PersonID: r.PersonID, Hash: r.Hash, Since: shopDay.Add(-24 * time.Hour),
		Fresh: shopDay.Add(-time.Hour), Settled: shopDay.Add(-time.Hour), Order: o, Kin: []string{o.AccountID}, PriceKey: "key",
		Search: r.Request.Name + " spec", Event: order.Event{At: shopDay, State: order.Confirmed, Message: fault.Say("m")},
		Audit: audit.By(person.System, "order.confirm", id)}
}

// buy stores an order that was confirmed, and gives it.
func (h shop) buy(id string, set ...func(*order.Review)) order.Order {
	h.Helper()
	c := confirmation(h.review(id, set...), id)
	if _, _, err := h.s.Confirm(h.Context(), c); err != nil {
		h.Fatal(err)
	}
	o, err := h.s.Order(h.Context(), id)
	h.must(err)
	return o
}

// become brings an order into a state, as no store would in one step.
func (h shop) become(id string, set string, args ...any) {
	h.Helper()
	h.must(dbtest.Exec(h.db, "UPDATE purchase SET "+set+" WHERE id = '"+id+"'", args...))
}

func (h shop) audits() int {
	h.Helper()
	rows, err := db.Audits{DB: h.db}.Latest(h.Context(), "", 100)
	h.must(err)
	return len(rows)
}

func TestAReviewBecomesOneOrder(t *testing.T) {
	h := newShop(t)
	r := h.review("r1")
	id, again, err := h.s.Confirm(t.Context(), confirmation(r, "o1"))
	if id != "o1" || again || err != nil {
		t.Fatalf("confirmed: got %q, %v, %v", id, again, err)
	}
	id, again, err = h.s.Confirm(t.Context(), confirmation(r, "o2"))
	if id != "o1" || !again || err != nil {
		t.Errorf("confirmed again: got %q, %v, %v", id, again, err)
	}
	if _, err := h.s.Order(t.Context(), "o2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a second order: got %v", err)
	}
	o, err := h.s.Order(t.Context(), "o1")
	want := confirmation(r, "o1").Order
	want.Start, want.Rev = h.s.Start(), 1
	if d := cmp.Diff(want, o); d != "" || err != nil {
		t.Errorf("the order: %v (-want +got)\n%s", err, d)
	}
	j, targets, err := db.Jobs{DB: h.db}.Job(t.Context(), "o1")
	if err != nil || j.Kind != order.Kind || !j.Due.Equal(shopDay) || len(targets) != 1 || targets[0].State != job.Pending {
		t.Errorf("its job: got %+v, %+v, %v", j, targets, err)
	}
	if events, err := h.s.Events(t.Context(), "o1"); err != nil || len(events) != 1 || events[0].Message.ID != "m" {
		t.Errorf("its timeline: got %+v, %v", events, err)
	}
	if h.audits() != 1 {
		t.Errorf("audit rows: got %d, want 1", h.audits())
	}
	if open, err := h.s.Drafts(t.Context(), "p1"); err != nil || len(open) != 0 {
		t.Errorf("its draft is still open: got %+v, %v", open, err)
	}
}

func TestConfirmRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(h shop, c *order.Confirmation)
		kind fault.Kind
		id   string // of the message; "" = confirmed
	}{
		{"nothing in the way", func(shop, *order.Confirmation) {}, 0, ""},
		{"no such review", func(_ shop, c *order.Confirmation) { c.ReviewID = "nobody's" }, fault.Conflict, "order.review.changed"},
		{"somebody else's review", func(_ shop, c *order.Confirmation) { c.PersonID = "p2" }, fault.Conflict, "order.review.changed"},
		{"another request than was shown", func(_ shop, c *order.Confirmation) { c.Hash = "x" }, fault.Conflict, "order.review.changed"},
		{"the review is stale", func(_ shop, c *order.Confirmation) { c.Fresh = shopDay.Add(time.Second) }, fault.Conflict,
			"order.review.changed"},
		{"an earlier process start showed it", func(h shop, _ *order.Confirmation) {
			h.must(dbtest.Exec(h.db, "UPDATE review SET start = start - 1"))
		}, fault.Conflict, "order.review.changed"},
		{"the outcome of another order is unknown", func(h shop, _ *order.Confirmation) {
			h.buy("other")
			h.become("other", "state = 'unknown'")
		}, fault.Conflict, "order.locked"},
		{"it is unknown, and an owner lifted the lock", func(h shop, _ *order.Confirmation) {
			h.buy("other")
			h.become("other", "state = 'unknown', lock_lifted = 1")
		}, 0, ""},
		{"it is unknown, of another account", func(h shop, _ *order.Confirmation) {
			h.buy("other", func(r *order.Review) { r.Request.AccountID = "b" })
			h.become("other", "state = 'unknown'")
		}, 0, ""},
		{"a restored order is not decided", func(h shop, _ *order.Confirmation) {
			h.buy("other")
			h.become("other", "state = 'needs human', restored = 1")
		}, fault.Conflict, "order.restoring"},
		{"an equal order is open", func(h shop, _ *order.Confirmation) {
			h.buy("other", func(r *order.Review) { r.Hash = "hash of r1" })
		}, fault.Conflict, "order.repeat"},
		{"an equal order is open, and another one is wanted", func(h shop, c *order.Confirmation) {
			h.buy("other", func(r *order.Review) { r.Hash = "hash of r1" })
			c.Additional = true
		}, 0, ""},
		{"an equal order was refused long ago", func(h shop, _ *order.Confirmation) {
			h.buy("other", func(r *order.Review) { r.Hash = "hash of r1" })
			h.become("other", "state = 'refused', created_us = 1")
		}, 0, ""},
		{"the name is that of an open order", func(h shop, _ *order.Confirmation) {
			h.buy("other", func(r *order.Review) { r.Request.Name = "r1" })
		}, fault.Invalid, "order.review.impossible"},
		{"the name was delivered just now", func(h shop, _ *order.Confirmation) {
			h.buy("other", func(r *order.Review) { r.Request.Name = "r1" })
			h.become("other", "state = 'delivered', state_us = $1", shopDay.UnixMicro())
		}, fault.Invalid, "order.review.impossible"},
		{"the name was delivered long ago", func(h shop, _ *order.Confirmation) {
			h.buy("other", func(r *order.Review) { r.Request.Name = "r1" })
			h.become("other", "state = 'delivered', state_us = 1")
		}, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newShop(t)
			c := confirmation(h.review("r1"), "o1")
			tt.set(h, &c)
			before := h.audits()
			_, _, err := h.s.Confirm(t.Context(), c)
			if tt.id == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if f := fault.Of(err); f.Kind != tt.kind || f.Message.ID != tt.id {
				t.Errorf("got %v %q, want %v %q", f.Kind, f.Message.ID, tt.kind, tt.id)
			}
			if _, err := h.s.Order(t.Context(), "o1"); !fault.Is(err, fault.NotFound) || h.audits() != before {
				t.Errorf("something was written: %v, %d audit rows", err, h.audits()-before)
			}
			if _, _, err := (db.Jobs{DB: h.db}).Job(t.Context(), "o1"); !fault.Is(err, fault.NotFound) {
				t.Errorf("a job was written: %v", err)
			}
		})
	}
}

func TestDrafts(t *testing.T) {
	h := newShop(t)
	if all, err := h.s.Drafts(t.Context(), "p1"); err != nil || len(all) != 0 {
		t.Errorf("of nobody: got %+v, %v", all, err)
	}
	for name, f := range map[string]func() error{
		"read": func() error { _, err := h.s.Draft(t.Context(), "none"); return err },
		"save": func() error { _, err := h.s.SaveDraft(t.Context(), order.Draft{ID: "none"}); return err },
	} {
		want := fault.NotFound
		if name == "save" {
			want = fault.Conflict // it was there when it was read
		}
		if err := f(); !fault.Is(err, want) {
			t.Errorf("%s a draft that is not there: got %v", name, err)
		}
	}
	d := order.Draft{ID: "d1", PersonID: "p1", Step: "size", Form: map[string]string{"name": "<web>"}, CreatedAt: shopDay,
		UpdatedAt: shopDay, Rev: 1}
	h.must(h.s.CreateDraft(t.Context(), d))
	if err := h.s.CreateDraft(t.Context(), d); err == nil {
		t.Error("two drafts have one id")
	}
	if got, err := h.s.Draft(t.Context(), "d1"); err != nil || !cmp.Equal(d, got) {
		t.Errorf("read back: %v\n%s", err, cmp.Diff(d, got))
	}
	d.Before = map[string]string{} // a change of nothing is not the same as no change
	saved, err := h.s.SaveDraft(t.Context(), d)
	if got, readErr := h.s.Draft(t.Context(), "d1"); err != nil || readErr != nil || saved.Rev != 2 || got.Before == nil {
		t.Errorf("saved: got %+v, then %+v, %v, %v", saved, got, err, readErr)
	}
	if _, err := h.s.SaveDraft(t.Context(), d); !fault.Is(err, fault.Conflict) {
		t.Errorf("saved on an older revision: got %v", err)
	}

	for n, other := range []order.Draft{{ID: "d2", PersonID: "p1"}, {ID: "d3", PersonID: "p2"},
		{ID: "d4", PersonID: "p1", OrderedAs: "o"}} {
		other.CreatedAt, other.UpdatedAt = shopDay, shopDay.Add(time.Duration(n+1)*time.Minute)
		h.must(h.s.CreateDraft(t.Context(), other))
	}
	ids := func(personID string) (ids []string) {
		all, err := h.s.Drafts(t.Context(), personID)
		h.must(err)
		for _, d := range all {
			ids = append(ids, d.ID)
		}
		return ids
	}
	if got := ids("p1"); !slices.Equal(got, []string{"d2", "d1"}) {
		t.Errorf("open ones, latest first: got %v", got)
	}
	h.must(h.s.DeleteDraft(t.Context(), "d2"))
	h.must(h.s.DeleteDraft(t.Context(), "d2")) // somebody was quicker
	h.must(h.s.Sweep(t.Context(), shopDay, shopDay))
	if got := ids("p1"); !slices.Equal(got, []string{"d1"}) {
		t.Errorf("touched at the very time of the sweep: got %v", got)
	}
	h.must(h.s.Sweep(t.Context(), shopDay.Add(time.Minute), shopDay))
	if got := ids("p1"); len(got) != 0 {
		t.Errorf("older than the sweep: got %v", got)
	}
}

func TestReviews(t *testing.T) {
	h := newShop(t)
	if _, err := h.s.Review(t.Context(), "none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a review that is not there: got %v", err)
	}
	r := h.review("r1")
	want := r
	want.Start = h.s.Start()
	if got, err := h.s.Review(t.Context(), "r1"); err != nil || !cmp.Equal(want, got) {
		t.Errorf("read back: %v\n%s", err, cmp.Diff(want, got))
	}
	same := r
	same.ID, same.IntentTag = "r2", "another tag"
	if err := h.s.CreateReview(t.Context(), same); err == nil {
		t.Error("two reviews have one request id")
	}
	same.ClientRequestID, same.IntentTag = "another request", r.IntentTag
	if err := h.s.CreateReview(t.Context(), same); err == nil {
		t.Error("two reviews have one tag")
	}
	for _, id := range []string{"r3", "r4"} { // tags are switched off
		h.review(id, func(r *order.Review) { r.IntentTag = "" })
	}

	next := r
	next.ID, next.ClientRequestID, next.IntentTag = "r5", "request of r5", "tag of r5"
	if got, err := h.s.ReplaceReview(t.Context(), "r1", next); err != nil || got.ID != "r5" {
		t.Errorf("replaced: got %+v, %v", got, err)
	}
	late := next
	late.ID, late.ClientRequestID, late.IntentTag = "r6", "request of r6", "tag of r6"
	if got, err := h.s.ReplaceReview(t.Context(), "r1", late); err != nil || got.ID != "r5" {
		t.Errorf("replaced a second time: got %+v, %v", got, err)
	}
	if _, err := h.s.ReplaceReview(t.Context(), "none", late); err == nil {
		t.Error("a review that is not there was replaced")
	}
	if _, _, err := h.s.Confirm(t.Context(), confirmation(next, "o1")); err != nil {
		t.Fatal(err)
	}
	if got, err := h.s.ReplaceReview(t.Context(), "r5", late); err != nil || got.ID != "r5" || got.OrderID != "o1" {
		t.Errorf("replaced one that was confirmed: got %+v, %v", got, err)
	}
	open, err := h.s.OpenReviews(t.Context(), shopDay)
	if err != nil || len(open) != 3 {
		t.Errorf("open: got %d, %v; want the replaced one and two more", len(open), err)
	}
	if open, err := h.s.OpenReviews(t.Context(), shopDay.Add(time.Second)); err != nil || len(open) != 0 {
		t.Errorf("open since later: got %d, %v", len(open), err)
	}
	h.must(h.s.Sweep(t.Context(), time.Time{}, shopDay.Add(time.Second)))
	if _, err := h.s.Review(t.Context(), "r5"); err != nil {
		t.Errorf("a confirmed review was swept: %v", err)
	}
	if _, err := h.s.Review(t.Context(), "r3"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an open review was not swept: %v", err)
	}
}

func TestWhatNobodyHas(t *testing.T) {
	h := newShop(t)
	texts := map[string]func() (string, error){
		"name":     func() (string, error) { return h.s.NameHolder(t.Context(), []string{"a"}, "web", time.Time{}, "") },
		"equal":    func() (string, error) { return h.s.SameHash(t.Context(), "hash", time.Time{}) },
		"tag":      func() (string, error) { return h.s.OrderOfTag(t.Context(), "tag") },
		"spelling": func() (string, error) { return h.s.Spelling(t.Context(), "a", "image") },
	}
	lists := map[string]func() (int, error){
		"events":    func() (int, error) { all, err := h.s.Events(t.Context(), "o"); return len(all), err },
		"attempts":  func() (int, error) { all, err := h.s.Attempts(t.Context(), "o"); return len(all), err },
		"checks":    func() (int, error) { all, err := h.s.Checks(t.Context(), "o"); return len(all), err },
		"exchanges": func() (int, error) { all, err := h.s.Exchanges(t.Context(), "o"); return len(all), err },
		"in state":  func() (int, error) { all, err := h.s.InState(t.Context(), "", order.Unknown); return len(all), err },
		"paid":      func() (int, error) { all, err := h.s.Paid(t.Context(), "key", 5); return len(all), err },
		"linked":    func() (int, error) { all, err := h.s.Linked(t.Context(), []string{"CS1"}); return len(all), err },
		"linked, none asked": func() (int, error) {
			all, err := h.s.Linked(t.Context(), nil)
			return len(all), err
		},
		"answered": func() (int, error) {
			all, err := h.s.Answered(t.Context(), "hash", []string{"CS1"})
			return len(all), err
		},
		"found":  func() (int, error) { all, err := h.s.FoundOrders(t.Context(), false); return len(all), err },
		"buyers": func() (int, error) { all, err := h.s.Buyers(t.Context()); return len(all), err },
	}
	for name, f := range texts {
		if got, err := f(); got != "" || err != nil {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	for name, f := range lists {
		if n, err := f(); n != 0 || err != nil {
			t.Errorf("%s: got %d, %v", name, n, err)
		}
	}
	if _, err := h.s.Order(t.Context(), "o"); !fault.Is(err, fault.NotFound) {
		t.Errorf("order: got %v", err)
	}
	if _, err := h.s.Found(t.Context(), "CS1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("found order: got %v", err)
	}
	page, err := h.s.Orders(t.Context(), order.Filter{Limit: 50})
	if err != nil || len(page.Rows) != 0 || page.Total != 0 || page.Next != "" || page.Prev != "" {
		t.Errorf("page: got %+v, %v", page, err)
	}
}

func TestPagesOfOrders(t *testing.T) {
	h := newShop(t)
	for n, id := range []string{"o1", "o2", "o3", "o4", "o5"} {
		h.buy(id, func(r *order.Review) { r.CreatedAt = shopDay.Add(time.Duration(n/2) * time.Second) }) // pairs of one time
	}
	page := func(f order.Filter) (string, order.Page) {
		t.Helper()
		f.Limit = 2
		p, err := h.s.Orders(t.Context(), f)
		h.must(err)
		var ids []string
		for _, o := range p.Rows {
			ids = append(ids, o.ID)
		}
		return strings.Join(ids, " "), p
	}
	got, p := page(order.Filter{})
	if got != "o5 o4" || p.Total != 5 || p.Prev != "" {
		t.Fatalf("the first: got %q of %d, before it %q", got, p.Total, p.Prev)
	}
	got, p = page(order.Filter{After: p.Next})
	if got != "o3 o2" || p.Total != 5 || p.Prev == "" {
		t.Errorf("the second: got %q of %d, before it %q", got, p.Total, p.Prev)
	}
	second := p
	if got, p = page(order.Filter{After: p.Next}); got != "o1" || p.Next != "" {
		t.Errorf("the last: got %q, after it %q", got, p.Next)
	}
	if got, p = page(order.Filter{After: p.Prev}); got != "o3 o2" || p.Next == "" || p.Prev == "" {
		t.Errorf("back from the last: got %q", got)
	}
	if got, p = page(order.Filter{After: second.Prev}); got != "o5 o4" || p.Prev != "" {
		t.Errorf("back to the first: got %q, before it %q", got, p.Prev)
	}
	for _, after := range []string{"n", "x1.o1", "n1", "nx.o1", "n1.", strings.Repeat("n", 81), "'; DROP TABLE purchase"} {
		if _, err := h.s.Orders(t.Context(), order.Filter{After: after, Limit: 2}); err != nil {
			t.Errorf("a link that was mangled, %q: %v", after, err)
		}
	}
	if got, _ = page(order.Filter{After: "mangled"}); got != "o5 o4" {
		t.Errorf("a mangled link gives the first page: got %q", got)
	}
}

func TestFiltersOfOrders(t *testing.T) {
	h := newShop(t)
	for id, set := range map[string]func(*order.Review){
		"plain":   func(*order.Review) {},
		"percent": func(r *order.Review) { r.Request.Name = "a%b_c" },
		"other":   func(r *order.Review) { r.Request.AccountID, r.PersonID = "b", "p2" },
		"number":  func(*order.Review) {},
	} {
		h.buy(id, set)
	}
	h.become("number", "cloud_order_id = 'CS2409131529QL4NJ', state = 'delivered'")
	for _, tt := range []struct {
		name   string
		filter order.Filter
		want   string
		total  int
	}{
		{"everything", order.Filter{}, "number other percent plain", 4},
		{"one account", order.Filter{AccountIDs: []string{"b"}}, "other", 1},
		{"no account", order.Filter{AccountIDs: []string{}}, "", 0},
		{"one person", order.Filter{PersonID: "p2"}, "other", 1},
		{"a name, case aside", order.Filter{Query: " PLAIN "}, "plain", 1},
		{"a per cent sign means itself", order.Filter{Query: "%"}, "percent", 1},
		{"an underline means itself", order.Filter{Query: "_c"}, "percent", 1},
		{"a backslash means itself", order.Filter{Query: `\`}, "", 0},
		{"a part of the cloud's number", order.Filter{Query: "ql4n"}, "number", 1},
		{"a group", order.Filter{State: order.GroupDone}, "number", 1},
		{"a group and an account", order.Filter{State: order.GroupDone, AccountIDs: []string{"b"}}, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.filter.Limit = 50
			p, err := h.s.Orders(t.Context(), tt.filter)
			var ids []string
			for _, o := range p.Rows {
				ids = append(ids, o.ID)
			}
			slices.Sort(ids)
			if err != nil || strings.Join(ids, " ") != tt.want || p.Total != tt.total {
				t.Errorf("got %v of %d, %v; want %q of %d", ids, p.Total, err, tt.want, tt.total)
			}
		})
	}
	p, err := h.s.Orders(t.Context(), order.Filter{State: order.GroupDone, Limit: 50})
	if err != nil || p.Counts[""] != 4 || p.Counts[order.GroupDone] != 1 {
		t.Errorf("counts by group, whatever group is asked for: got %v, %v", p.Counts, err)
	}
}

func TestWhoHoldsANameAndWhatIsEqual(t *testing.T) {
	h := newShop(t)
	h.buy("o1")
	since := shopDay.Add(-time.Hour)
	for _, tt := range []struct {
		name, set       string
		args            []any
		holder, repeats string
	}{
		{"open", "state = 'confirmed'", nil, "o1", "o1"},
		{"delivered just now", "state = 'delivered', state_us = $1", []any{shopDay.UnixMicro()}, "o1", "o1"},
		{"delivered long ago", "state_us = 1", nil, "", "o1"},
		{"refused", "state = 'refused'", nil, "", "o1"},
		{"refused, and ordered long ago", "created_us = 1", nil, "", ""},
	} {
		h.become("o1", tt.set, tt.args...)
		holder, err := h.s.NameHolder(t.Context(), []string{"a", "b"}, "o1", since, "")
		if err != nil || holder != tt.holder {
			t.Errorf("%s: the name is held by %q, %v; want %q", tt.name, holder, err, tt.holder)
		}
		if got, err := h.s.SameHash(t.Context(), "hash of o1", since); err != nil || got != tt.repeats {
			t.Errorf("%s: equal is %q, %v; want %q", tt.name, got, err, tt.repeats)
		}
	}
	h.become("o1", "state = 'confirmed'")
	for name, ask := range map[string]func() (string, error){
		"itself is not looked at": func() (string, error) { return h.s.NameHolder(t.Context(), []string{"a"}, "o1", since, "o1") },
		"another account":         func() (string, error) { return h.s.NameHolder(t.Context(), []string{"b"}, "o1", since, "") },
		"no account":              func() (string, error) { return h.s.NameHolder(t.Context(), nil, "o1", since, "") },
	} {
		if got, err := ask(); err != nil || got != "" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestLinkedOrders(t *testing.T) {
	h := newShop(t)
	h.buy("o1")
	h.buy("o2")
	h.become("o1", "cloud_order_id = 'CS1'")
	ask := []string{"CS1"}
	for n := range 450 { // more than one statement asks for
		ask = append(ask, fmt.Sprint("strange", n))
	}
	slices.Reverse(ask)
	if got, err := h.s.Linked(t.Context(), ask); err != nil || !maps.Equal(got, map[string]string{"CS1": "o1"}) {
		t.Errorf("got %v, %v", got, err)
	}
	o, err := h.s.Order(t.Context(), "o2")
	h.must(err)
	o.State, o.CloudOrderID = order.Sending, "CS1"
	for name, c := range map[string]order.Change{
		"written": {Order: o, From: order.Confirmed},
		"named":   {Order: func() order.Order { o := o; o.CloudOrderID = ""; return o }(), From: order.Confirmed, Unlinked: "CS1"},
	} {
		_, err := h.s.Save(t.Context(), c)
		if f := fault.Of(err); f.Kind != fault.Conflict || f.Message.ID != "order.found.linked" {
			t.Errorf("one order of the cloud for two of ours, %s: got %v", name, err)
		}
	}
	if got, err := h.s.Order(t.Context(), "o2"); err != nil || got.State != order.Confirmed {
		t.Errorf("the order after that: got %q, %v", got.State, err)
	}
}

func TestTheLogOfAnOrder(t *testing.T) {
	h := newShop(t)
	h.must(h.s.Log(t.Context(), "nobody's", nil)) // nothing is written of nothing
	h.buy("o1")
	x := []account.Exchange{
		{At: shopDay, Call: "purchase", Method: "POST", Path: "/v1/light-instances", Host: "h", ClientRequestID: "c", RequestID: "r",
			Status: 202, Sent: true, Took: 1500 * time.Microsecond},
		{At: shopDay.Add(time.Second), Call: "order", Method: "GET", Code: "CBC.0151"},
	}
	h.must(h.s.Log(t.Context(), "o1", x[:1]))
	h.must(h.s.Log(t.Context(), "o1", x[1:]))
	got, err := h.s.Exchanges(t.Context(), "o1")
	if d := cmp.Diff(x, got, cmpopts.EquateEmpty()); d != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, d)
	}
}

func TestFoundOrders(t *testing.T) {
	h := newShop(t)
	h.must(h.s.PutFound(t.Context(), nil))
	whole := order.FoundOrder{CloudOrderID: "CS1", AccountID: "a", Status: 6, CreatedAt: shopDay, Quantity: 2, PeriodUnit: order.Month,
		PeriodNum: 3, Spec: "spec", Region: "region", Names: []string{"web"}, UserName: "anna", Tag: "tag", OrderID: "o", ReviewID: "r",
		Source: order.FoundAtStart, FoundAt: shopDay, SeenAt: shopDay, Rev: 1}
	h.must(h.s.PutFound(t.Context(), []order.FoundOrder{whole}))
	if got, err := h.s.Found(t.Context(), "CS1"); err != nil || !cmp.Equal(whole, got) {
		t.Errorf("read back: %v\n%s", err, cmp.Diff(whole, got))
	}
	decided := whole
	decided.Decision, decided.DecidedBy, decided.DecidedAt = order.NotOurs, "ann", shopDay
	saved, err := h.s.SaveFound(t.Context(), decided, audit.By(person.System, "order.found", "CS1"))
	if err != nil || saved.Rev != 2 || h.audits() != 1 {
		t.Fatalf("decided: got %+v, %v", saved, err)
	}
	if _, err := h.s.SaveFound(t.Context(), decided); !fault.Is(err, fault.Conflict) {
		t.Errorf("decided on an older revision: got %v", err)
	}
	bare := order.FoundOrder{CloudOrderID: "CS1", AccountID: "b", Status: 5, Source: order.FoundByLook, SeenAt: shopDay.Add(time.Hour)}
	h.must(h.s.PutFound(t.Context(), []order.FoundOrder{bare}))
	want := decided
	want.Status, want.SeenAt, want.Rev = 5, bare.SeenAt, 3
	if got, err := h.s.Found(t.Context(), "CS1"); err != nil || !cmp.Equal(want, got) {
		t.Errorf("seen again by a look that knows less: %v\n%s", err, cmp.Diff(want, got))
	}

	open := order.FoundOrder{CloudOrderID: "CS2", AccountID: "a", CreatedAt: shopDay.Add(time.Minute), Source: order.FoundByLook}
	h.must(h.s.PutFound(t.Context(), []order.FoundOrder{open}))
	ids := func(open bool) (ids []string) {
		all, err := h.s.FoundOrders(t.Context(), open)
		h.must(err)
		for _, f := range all {
			ids = append(ids, f.CloudOrderID)
		}
		return ids
	}
	nameless := order.FoundOrder{CloudOrderID: "CS3", AccountID: "a"}
	if err := h.s.PutFound(t.Context(), []order.FoundOrder{nameless}); err == nil {
		t.Error("an order was kept that nothing has found")
	}
	if all, undecided := ids(false), ids(true); !slices.Equal(all, []string{"CS2", "CS1"}) || !slices.Equal(undecided, []string{"CS2"}) {
		t.Errorf("latest first: got %v, undecided %v", all, undecided)
	}
	h.buy("o1")
	h.become("o1", "cloud_order_id = 'CS2'")
	if got := ids(true); len(got) != 0 {
		t.Errorf("one that an order here is linked to: got %v", got)
	}
	linked, err := h.s.Found(t.Context(), "CS2")
	h.must(err)
	before := h.audits()
	_, err = h.s.SaveFound(t.Context(), linked, audit.By(person.System, "order.found", "CS2"))
	if f := fault.Of(err); f.Kind != fault.Conflict || f.Message.ID != "order.found.linked" || h.audits() != before {
		t.Errorf("decided when it is linked: got %v, %d audit rows", err, h.audits()-before)
	}
}

func TestARequestIsAdditionalOnlyBesideWhatWasNamed(t *testing.T) {
	h := newShop(t)
	c := confirmation(h.review("r1"), "o1")
	c.Additional, c.Beside = true, []string{"CS1", "CS2", "CS1"}
	if _, _, err := h.s.Confirm(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	got, err := h.s.Answered(t.Context(), c.Hash, []string{"CS1", "CS3"})
	if err != nil || !maps.Equal(got, map[string]bool{"CS1": true}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := h.s.Answered(t.Context(), "another request", []string{"CS1"}); err != nil || len(got) != 0 {
		t.Errorf("another request: got %v, %v", got, err)
	}
}
