package buy_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/web/webtest"
)

// reviewed opens a shop with a draft whose review "r1" is on screen.
func reviewed(t *testing.T, before func(*webtest.Shop)) (*webtest.Console, *webtest.Shop, *goquery.Document) {
	t.Helper()
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	if before != nil {
		before(s)
	}
	to := c.Post("/buy/d1/review", "go", "review").Want(http.StatusSeeOther).Header.Get("Location")
	return c, s, c.Get(to).Want(http.StatusOK).Page()
}

func TestReviewShowsWhatMayBeOrderedAlready(t *testing.T) {
	unpaid := webtest.Stray()
	for _, tt := range []struct {
		name   string
		beside order.Beside
		says   []string
		not    []string
		tick   bool
		waits  bool
	}{
		{"nothing: no tick", order.Beside{Look: order.LookBack{State: order.LookedAt}}, nil, []string{"nobody here knows", "additional order"}, false, false},
		{"an order that nobody knows", order.Beside{Orders: []order.FoundOrder{unpaid}}, []string{"Huawei has an order that nobody here knows", "CS2611230901FOUND, 23 Nov, 09:01, US$ 8.16, by ci-bot", "This is an additional order."}, nil, true, false},
		{"of which little is known", order.Beside{Orders: []order.FoundOrder{{CloudOrderID: "CS1"}}}, []string{"CS1, not known"}, []string{"by "}, true, false},
		{"the recent orders could not be read", order.Beside{Look: order.LookBack{State: order.Unseen, Why: fault.Say("cloud.read.silent")}}, []string{"could not be read", "did not answer in time", "This is an additional order."}, nil, true, false},
		{"they are being read", order.Beside{Look: order.LookBack{State: order.Looking}}, []string{"are being read", "Wait until that is done"}, []string{"additional order"}, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, doc := reviewed(t, func(s *webtest.Shop) { s.GivenBeside = tt.beside })
			main := strings.ReplaceAll(strings.Join(strings.Fields(doc.Find("#wiz").Text()), " "), "\u00a0", " ")
			for _, w := range tt.says {
				if !strings.Contains(main, w) {
					t.Errorf("does not say %q: %s", w, main)
				}
			}
			section := doc.Find("#wiz .note").Text()
			for _, w := range tt.not {
				if strings.Contains(section, w) {
					t.Errorf("says %q", w)
				}
			}
			if got := doc.Find("input[name=additional][required]").Length() == 1; got != tt.tick {
				t.Errorf("the tick is required: %v, want %v", got, tt.tick)
			}
			if got := doc.Find("#wiz footer button[aria-disabled=true]").Length() == 1; got != tt.waits {
				t.Errorf("the button waits: %v, want %v", got, tt.waits)
			}
			poll := doc.Find("[hx-trigger='every 2s']").AttrOr("hx-get", "")
			if tt.waits != (poll == "/buy/d1/review?review=r1") {
				t.Errorf("the page asks %q again", poll)
			}
		})
	}
}

func TestReviewAsksOnceWhateverSpeaksAgainstIt(t *testing.T) {
	_, _, doc := reviewed(t, func(s *webtest.Shop) {
		s.Repeats = "o9"
		s.GivenBeside = order.Beside{Orders: []order.FoundOrder{webtest.Stray()}, Look: order.LookBack{State: order.Unseen}}
	})
	if doc.Find("input[name=additional]").Length() != 1 {
		t.Error("not exactly one tick")
	}
	for _, href := range []string{"/orders/o9", "/orders?state=found"} {
		if doc.Find("#wiz .note a[href='"+href+"']").Length() != 1 {
			t.Errorf("nothing leads to %s", href)
		}
	}
}

func TestReviewOfAnEarlierStartIsShownAgain(t *testing.T) {
	c, s, _ := reviewed(t, nil)
	again := s.Reviews["r1"]
	again.ID = "r2"
	s.Reviews["r2"] = again
	old := s.Reviews["r1"]
	old.ReplacedBy = "r2"
	s.Reviews["r1"] = old
	a := c.Get("/buy/d1/review?review=r1").Want(http.StatusSeeOther)
	if got := a.Header.Get("Location"); got != "/buy/d1/review?review=r2" {
		t.Fatalf("leads to %q", got)
	}
	doc := c.Get("/buy/d1/review?review=r2").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "#toasts", "Look at it once more, then place the order.")
	if got := doc.Find("input[name=id]").AttrOr("value", ""); got != "r2" {
		t.Errorf("the form carries %q", got)
	}
	c.Get("/buy/d1/review?review=r2").Want(http.StatusOK)

	s.Refuse = fault.New(fault.Conflict, "order.review.again", "Review", "r2")
	a = c.Post("/orders", "id", "r1", "hash", "hash-shop").Want(http.StatusSeeOther)
	if got := a.Header.Get("Location"); got != "/buy/d1/review?review=r2" {
		t.Errorf("the old button leads to %q", got)
	}
	webtest.Says(t, c.Get("/buy/d1/review?review=r2").Page(), "#toasts", "The console was restarted since this page was made.")
	if len(s.Confirmed) != 0 {
		t.Error("something was ordered")
	}
}

func TestReviewSaysWhyNothingWasOrderedAndLosesNothing(t *testing.T) {
	for _, tt := range []struct {
		err  error
		says string
	}{
		{fault.New(fault.Conflict, "order.beside", "CloudOrder", "CS2611230901FOUND"), "may be the same: CS2611230901FOUND"},
		{fault.New(fault.Conflict, "order.unread"), "could not be read. Nothing was ordered"},
		{fault.New(fault.Conflict, "order.looking"), "are still being read"},
		{fault.New(fault.Conflict, "order.restoring", "Order", "o9"), "Buying on this account starts again"},
		{fault.New(fault.Busy, "order.stopping"), "The console is being stopped. Nothing was ordered."},
	} {
		t.Run(fault.Of(tt.err).Message.ID, func(t *testing.T) {
			c, s, _ := reviewed(t, func(s *webtest.Shop) { s.GivenBeside = order.Beside{Orders: []order.FoundOrder{webtest.Stray()}} })
			s.Refuse = tt.err
			doc := c.Post("/orders", "id", "r1", "hash", "hash-shop", "additional", "on").Want(http.StatusUnprocessableEntity).Page()
			webtest.Says(t, doc, "#wiz", tt.says)
			if doc.Find("input[name=id]").AttrOr("value", "") != "r1" || doc.Find("input[name=additional][checked]").Length() != 1 {
				t.Error("the review or its tick is lost")
			}
		})
	}
}
