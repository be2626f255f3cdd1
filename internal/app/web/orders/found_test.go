package orders_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

func TestFoundOrdersShowWhatHuaweiHas(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.GivenOrders["o1"] = webtest.Order(order.NotFound)
	s.Found = []order.FoundOrder{
		webtest.Stray(func(f *order.FoundOrder) { f.OrderID = "o1" }),
		webtest.Stray(func(f *order.FoundOrder) {
			f.CloudOrderID, f.Status, f.Amount, f.Quantity, f.PeriodNum, f.Spec, f.UserName, f.Names, f.CreatedAt = "CS2",
				order.StatusCompleted, nil, 0, 0, "", "", nil, time.Time{}
			f.Note = fault.Say("order_event.found.paid", "CloudOrder", "CS2")
		}),
	}
	doc := c.Get("/orders?state=found").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "main", "nobody here knows them")
	cards := doc.Find("#found article")
	if cards.Length() != 2 {
		t.Fatalf("%d cards", cards.Length())
	}
	first := strings.ReplaceAll(cards.Eq(0).Text(), "\u00a0", " ")
	for _, want := range []string{"CS2611230901FOUND", "waiting for payment", "23 Nov, 09:01", "2", "2 vCPU, 4 GiB", "1 month", "US$ 8.16",
		"Orchid Retail", "ci-bot", "shop-0001", "It resembles a purchase made here"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first does not say %q: %s", want, first)
		}
	}
	if got := cards.Eq(0).Find("a[href='/orders/o1']").Text(); got != "3 × WordPress in Singapore (shop), 23 Nov, 09:14: Not found" {
		t.Errorf("the purchase it resembles: %q", got)
	}
	second := cards.Eq(1).Text()
	if strings.Count(second, "not known") != 5 || strings.Contains(second, "0.00") || !strings.Contains(second, "left alone") {
		t.Errorf("what could not be read: %s", second)
	}
	if doc.Find(".filters, table").Length() != 0 {
		t.Error("filters or rows of our own orders stand in the group")
	}
	tab := doc.Find(".tabs a[aria-current=page]")
	if got := strings.Join(strings.Fields(tab.Text()), " "); got != "Found at Huawei 2" {
		t.Errorf("tab: %q", got)
	}
}

func TestFoundOrdersAreAnnouncedAboveOurOwn(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	doc := c.Get("/orders").Want(http.StatusOK).Page()
	if strings.Contains(doc.Find(".note").Text(), "nobody here knows") {
		t.Error("announced although there is none")
	}
	s.Found = []order.FoundOrder{webtest.Stray()}
	doc = c.Get("/orders").Want(http.StatusOK).Page()
	webtest.Says(t, doc, ".note", "Huawei has 1 order that nobody here knows.")
	if doc.Find(".note a[href='/orders?state=found']").Length() != 1 {
		t.Error("the remark leads nowhere")
	}
}

func TestFoundOrdersAreDecidedByOwnersAlone(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.Found = []order.FoundOrder{webtest.Stray()}
	s.May = []order.Order{webtest.Order(order.NotFound), webtest.Order(order.Unknown)}
	forms := func(doc *goquery.Document) string {
		var all []string
		doc.Find("main form[method=post]").Each(func(_ int, f *goquery.Selection) {
			all = append(all, strings.TrimPrefix(f.AttrOr("action", ""), "/orders/found/CS2611230901FOUND/"))
		})
		return strings.Join(all, " ")
	}
	for _, tt := range []struct {
		role person.Role
		want string
		post int
	}{{person.Viewer, "", http.StatusForbidden}, {person.Operator, "", http.StatusForbidden}, {person.Buyer, "", http.StatusForbidden},
		{person.Owner, "belongs cancel not-ours", http.StatusSeeOther}} {
		c.As(tt.role)
		doc := c.Get("/orders?state=found").Want(http.StatusOK).Page()
		webtest.Says(t, doc, "#found", "US$ 8.16")
		if got := forms(doc); got != tt.want {
			t.Errorf("%s: forms %q, want %q", tt.role, got, tt.want)
		}
		for _, do := range []string{"belongs", "cancel", "not-ours"} {
			c.Post("/orders/found/CS2611230901FOUND/"+do, "purchase", "o1").Want(tt.post)
		}
	}
	want := "belongs CS2611230901FOUND o1, cancel-stray CS2611230901FOUND, not-ours CS2611230901FOUND"
	if got := strings.Join(s.Said, ", "); got != want {
		t.Errorf("done: %q", got)
	}
}

func TestFoundOrderOffersWhatItsStateAllows(t *testing.T) {
	for _, tt := range []struct {
		name   string
		f      order.FoundOrder
		may    bool
		says   []string
		not    []string
		offers string
	}{
		{"unpaid: can be cancelled, and says what that does", webtest.Stray(), false, []string{"only while it is unpaid"}, []string{"belongs"}, "Cancel it, Not ours"},
		{"paid: cannot be cancelled", webtest.Stray(func(f *order.FoundOrder) { f.Status = order.StatusCompleted }), false, nil, []string{"only while it is unpaid"}, "Not ours"},
		{"a purchase it may be: to be chosen", webtest.Stray(), true, []string{"It belongs to"}, nil, "Link it to this purchase, Cancel it, Not ours"},
		{"being cancelled: by whom, and not twice",
			webtest.Stray(func(f *order.FoundOrder) { f.CancelAskedAt, f.CancelAskedBy = webtest.Now.Add(-time.Minute), "Kerem" }), false,
			[]string{"It is being cancelled: Kerem asked for that today at 09:20."}, nil, "Not ours"},
		{"a number that is none leads nowhere", webtest.Stray(func(f *order.FoundOrder) { f.CloudOrderID = "../../pay" }), true, []string{"../../pay"}, nil, ""},
		{"the review of somebody else", webtest.Stray(func(f *order.FoundOrder) { f.ReviewID = "r77" }), false, []string{"a review became that somebody made here"}, []string{"See the review"}, "Cancel it, Not ours"},
		{"an account that was removed", webtest.Stray(func(f *order.FoundOrder) { f.AccountID = "a9" }), false, []string{"an account that was removed"}, nil, "Cancel it, Not ours"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			s.Found = []order.FoundOrder{tt.f}
			if tt.may {
				s.May = []order.Order{webtest.Order(order.NotFound)}
			}
			doc := c.Get("/orders?state=found").Want(http.StatusOK).Page()
			for _, w := range tt.says {
				webtest.Says(t, doc, "#found", w)
			}
			for _, w := range tt.not {
				if strings.Contains(doc.Find("#found").Text(), w) {
					t.Errorf("says %q", w)
				}
			}
			var offers []string
			doc.Find("#found button").Each(func(_ int, b *goquery.Selection) { offers = append(offers, strings.TrimSpace(b.Text())) })
			if got := strings.Join(offers, ", "); got != tt.offers {
				t.Errorf("offers %q, want %q", got, tt.offers)
			}
		})
	}
}

func TestFoundOrderLeadsToTheReviewItMayBe(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.Reviews["r1"] = order.Review{ID: "r1", DraftID: "d1"}
	s.Found = []order.FoundOrder{webtest.Stray(func(f *order.FoundOrder) { f.ReviewID = "r1" })}
	doc := c.Get("/orders?state=found").Page()
	if got := doc.Find("#found a").AttrOr("href", ""); got != "/buy/d1/review?review=r1" {
		t.Errorf("leads to %q", got)
	}
}

func TestDecisionsAboutFoundOrdersAreSaidOnTheNextPage(t *testing.T) {
	for _, tt := range []struct {
		name, do, purchase, where, says string
		refuse                          error
	}{
		{"linked: to the purchase", "belongs", "o1", "/orders/o1", "CS9 is carried on as this order.", nil},
		{"no purchase chosen", "belongs", "", "/orders?state=found", "Choose the purchase", nil},
		{"linked to another one meanwhile", "belongs", "o1", "/orders?state=found", "CS9 belongs to another purchase here already", fault.New(fault.Conflict, "order.found.linked", "CloudOrder", "CS9")},
		{"decided meanwhile", "belongs", "o1", "/orders?state=found", "This has been decided already", fault.New(fault.Conflict, "order.decide.late")},
		{"to be cancelled", "cancel", "", "/orders?state=found", "CS9 is about to be cancelled, if it is still unpaid.", nil},
		{"not unpaid", "cancel", "", "/orders?state=found", "CS9 is not waiting for a payment", fault.New(fault.Conflict, "order.found.paid", "CloudOrder", "CS9")},
		{"not ours", "not-ours", "", "/orders?state=found", "CS9 is not ours", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			s.Refuse = tt.refuse
			s.GivenOrders["o1"] = webtest.Order(order.Ordered)
			a := c.Post("/orders/found/CS9/"+tt.do, "purchase", tt.purchase).Want(http.StatusSeeOther)
			if got := a.Header.Get("Location"); got != tt.where {
				t.Fatalf("leads to %q, want %q", got, tt.where)
			}
			webtest.Says(t, c.Get(tt.where).Want(http.StatusOK).Page(), "#toasts", tt.says)
		})
	}
}

func TestFoundOrdersOfOtherAccountsAreCounted(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.Found = []order.FoundOrder{webtest.Stray(func(f *order.FoundOrder) { f.AccountID = "s1" })}
	doc := c.Get("/orders?state=found").Page()
	webtest.Says(t, doc, ".empty", "No unknown orders at Huawei")
	webtest.Says(t, doc, "#orders", "1 more is of an account that is not shown now")
	c.Persons.Scope = "s1"
	webtest.Says(t, c.Get("/orders?state=found").Page(), "#found", "CS2611230901FOUND")
	c.Accounts.All = []account.Account{}
	c.Get("/orders?state=found").Want(http.StatusOK)
}
