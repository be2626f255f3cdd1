package order_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sampan/internal/app/order"
)

func TestOrdersArePagedFilteredAndCounted(t *testing.T) {
	h := newShop(t)
	var ids []string // oldest first
	for i := range 7 {
		account := []string{"acc-1", "acc-2"}[i%2]
		ids = append(ids, h.buy(order.FieldAccount, account, order.FieldName, fmt.Sprintf("web-%d", i)))
		h.clock.add(time.Second)
	}
	h.script(refused(400, "HCSS.14000010"))
	h.settle()
	h.pass(10 * time.Second)
	list := func(f order.Filter) order.Page {
		t.Helper()
		p, err := h.s.Orders(t.Context(), buyer, f)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	names := func(p order.Page) (all []string) {
		for _, o := range p.Rows {
			all = append(all, o.Request.Name)
		}
		return all
	}
	first := list(order.Filter{Limit: 3})
	second := list(order.Filter{Limit: 3, After: first.Next})
	third := list(order.Filter{Limit: 3, After: second.Next})
	back := list(order.Filter{Limit: 3, After: third.Prev})
	top := list(order.Filter{Limit: 3, After: back.Prev})
	for _, c := range []struct {
		name       string
		page       order.Page
		want       []string
		next, prev bool
	}{
		{"first", first, []string{"web-6", "web-5", "web-4"}, true, false},
		{"second", second, []string{"web-3", "web-2", "web-1"}, true, true},
		{"last", third, []string{"web-0"}, false, true},
		{"back from the last", back, []string{"web-3", "web-2", "web-1"}, true, true},
		{"back to the first", top, []string{"web-6", "web-5", "web-4"}, true, false},
		{"a mangled cursor", list(order.Filter{Limit: 3, After: "x"}), []string{"web-6", "web-5", "web-4"}, true, false},
	} {
		if got := names(c.page); !slices.Equal(got, c.want) || (c.page.Next != "") != c.next || (c.page.Prev != "") != c.prev ||
			c.page.Total != 7 {
			t.Errorf("%s: got %v, next %q, prev %q, total %d", c.name, got, c.page.Next, c.page.Prev, c.page.Total)
		}
	}
	if c := first.Counts; c[""] != 7 || c[order.GroupToPay] != 6 || c[order.GroupDone] != 1 || c[order.GroupProblem] != 0 {
		t.Errorf("counts: got %v", c)
	}
	number := h.order(ids[3]).CloudOrderID
	for name, c := range map[string]struct {
		f    order.Filter
		want []string
	}{
		"one account":        {order.Filter{AccountIDs: []string{"acc-2"}}, []string{"web-5", "web-3", "web-1"}},
		"no account at all":  {order.Filter{AccountIDs: []string{}}, nil},
		"a group":            {order.Filter{State: order.GroupDone}, []string{"web-0"}},
		"a name":             {order.Filter{Query: "WEB-4"}, []string{"web-4"}},
		"an order number":    {order.Filter{Query: number}, []string{"web-3"}},
		"a person":           {order.Filter{Query: "kerem", AccountIDs: []string{"acc-2"}}, []string{"web-5", "web-3", "web-1"}},
		"a wildcard is text": {order.Filter{Query: "web_"}, nil},
		"somebody else's":    {order.Filter{PersonID: "p-other"}, nil},
	} {
		if got := names(list(c.f)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestRightsAreLearntFromAnswers(t *testing.T) {
	h := newShop(t)
	h.script(refused(403, "APIGW.0302"))
	h.buy()
	h.settle()
	if !slices.Contains(h.accounts.learned, "acc-1 buy false") {
		t.Errorf("after a 403: learned %v", h.accounts.learned)
	}
	h.buy(order.FieldName, "second")
	h.settle()
	if !slices.Contains(h.accounts.learned, "acc-1 buy true") || !slices.Contains(h.accounts.learned, "acc-1 orders true") {
		t.Errorf("after a success: learned %v", h.accounts.learned)
	}
}
