package orders_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

// kinds are the kinds of refusal with the status and the heading of their page.
var kinds = []struct {
	kind   fault.Kind
	status int
	title  string
}{
	{fault.Invalid, http.StatusUnprocessableEntity, "Something has to be corrected"},
	{fault.NotFound, http.StatusNotFound, "There is nothing at this address"},
	{fault.Forbidden, http.StatusForbidden, "This is not allowed"},
	{fault.Conflict, http.StatusConflict, "Somebody or something changed it first"},
	{fault.Busy, http.StatusServiceUnavailable, "The console is not ready"},
	{fault.Refused, http.StatusBadGateway, "Huawei Cloud did not answer"},
	{fault.Unreachable, http.StatusBadGateway, "Huawei Cloud did not answer"},
	{fault.Unknown, http.StatusBadGateway, "Huawei Cloud did not answer"},
	{fault.Internal, http.StatusInternalServerError, "Something broke in the console"},
}

// read is a page and the method behind it that fails.
type read struct{ path, broken string }

var reads = []read{
	{"/orders", "Orders"}, {"/orders?after=c2", "Orders"}, {"/orders?state=found", "Orders"}, {"/orders?state=found", "MayBelong"},
	{"/orders/o1", "Order"}, {"/orders/o1", "Events"}, {"/orders/o1", "Passport"},
	{"/orders/o1/passport", "Passport"}, {"/orders/o1/passport.json", "Passport"},
}

func (r read) answer(t *testing.T, err error, htmx bool) *webtest.Answer {
	t.Helper()
	c, s, _ := webtest.OpenShop(t)
	s.GivenOrders["o1"] = webtest.Order(order.Refused) // whose page reads the passport, too
	s.Found = []order.FoundOrder{webtest.Stray()}
	s.Broken = map[string]error{r.broken: err}
	if htmx {
		c.Header.Set("HX-Request", "true")
	}
	return c.Get(r.path)
}

func TestEveryPageOfOrdersSaysWhyItCannotBeShown(t *testing.T) {
	for _, r := range reads {
		t.Run(r.path+", "+r.broken, func(t *testing.T) {
			for _, kind := range kinds {
				if kind.kind == fault.Invalid && r.path == "/orders?after=c2" {
					continue // a cursor from elsewhere leads to the first page
				}
				doc := r.answer(t, fault.New(kind.kind, "cloud.clock.refused", "Minutes", "20"), false).Want(kind.status).Page()
				webtest.Says(t, doc, "main h1", kind.title)
				sentence := strings.Contains(doc.Find("main").Text(), "wrong by 20 minutes")
				if sentence != (kind.kind != fault.Internal) {
					t.Errorf("%s: the sentence of the refusal is shown: %v", kind.kind, sentence)
				}
			}
			a := r.answer(t, fault.New(fault.Unreachable, "cloud.read.silent"), true).Want(http.StatusUnprocessableEntity)
			webtest.Says(t, a.Page(), ".note[role=alert]", "Huawei Cloud did not answer in time.")
			if a.Header.Get("HX-Retarget") != "#toasts" || strings.Contains(a.Body, "<html") {
				t.Error("htmx does not get a note alone")
			}
		})
	}
}

// decisions are the posts about orders: what is sent, what the orders are told,
// where it leads and what the next page says.
var decisions = []struct {
	path string
	form url.Values
	told string
	to   string
	says string
}{
	{"/orders/o1/pay", url.Values{"amount": {"24.48"}, "currency": {"USD"}, "rev": {"7"}}, "pay o1 24.48 USD 7", "/orders/o1", "24.48"},
	{"/orders/o1/cancel", url.Values{"rev": {"7"}}, "cancel o1 7", "/orders/o1", webtest.Word("orders.done.cancel")},
	{"/orders/o1/check", nil, "check o1", "/orders/o1", webtest.Word("orders.done.check")},
	{"/orders/o1/none", nil, "none o1", "/orders/o1", webtest.Word("orders.done.none")},
	{"/orders/o1/close", nil, "close o1", "/orders/o1", webtest.Word("orders.done.close")},
	{"/orders/o1/lift", nil, "lift o1", "/orders/o1", webtest.Word("orders.done.lift")},
	{"/orders/o1/adopt", url.Values{"order": {"CS9"}}, "adopt o1 CS9", "/orders/o1", "CS9 is carried on as this order."},
	{"/orders/o1/ignore", url.Values{"order": {"CS9"}}, "ignore o1 CS9", "/orders/o1", webtest.Word("orders.done.ignore", "Number", "CS9")},
	{"/orders/o1/cancel-found", url.Values{"order": {"CS9"}}, "cancel-found o1 CS9", "/orders/o1", webtest.Word("orders.done.cancel.found", "Number", "CS9")},
	{"/orders/found/CS9/belongs", url.Values{"purchase": {"o1"}}, "belongs CS9 o1", "/orders/o1", "CS9 is carried on as this order."},
	{"/orders/found/CS9/cancel", nil, "cancel-stray CS9", "/orders?state=found", "CS9 is about to be cancelled, if it is still unpaid."},
	{"/orders/found/CS9/not-ours", nil, "not-ours CS9", "/orders?state=found", "CS9 is not ours"},
	{"/restored/close", nil, "close-restored", "/", webtest.Word("web.banner.restored.closed")},
}

func TestEveryDecisionIsToldOnceAndSaidOnTheNextPage(t *testing.T) {
	for _, d := range decisions {
		t.Run(d.path, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			s.GivenOrders["o1"] = webtest.Order(order.Ordered)
			c.Send(http.MethodPost, d.path, d.form).Want(http.StatusSeeOther, d.to)
			if !slices.Equal(s.Said, []string{d.told}) {
				t.Errorf("told %q, want %q", s.Said, d.told)
			}
			webtest.Says(t, c.Get(d.to).Page(), "#toasts", d.says)
		})
	}
}

// What can be put right is said on the page that shows what is true now; the rest
// has a page of its own. No decision is called done that was not.
func TestEveryRefusedDecisionSaysWhy(t *testing.T) {
	for _, d := range decisions {
		t.Run(d.path, func(t *testing.T) {
			for _, kind := range kinds {
				c, s, _ := webtest.OpenShop(t)
				s.GivenOrders["o1"] = webtest.Order(order.Ordered)
				s.Refuse = fault.New(kind.kind, "cloud.clock.refused", "Minutes", "20")
				a := c.Send(http.MethodPost, d.path, d.form)
				back := slices.Contains([]fault.Kind{fault.Conflict, fault.Invalid, fault.Refused, fault.Unreachable, fault.Busy},
					kind.kind)
				if d.path == "/restored/close" {
					back = kind.kind == fault.Conflict
				}
				if !back {
					webtest.Says(t, a.Want(kind.status).Page(), "main h1", kind.title)
					continue
				}
				to := a.Want(http.StatusSeeOther).Header.Get("Location")
				if strings.HasPrefix(d.path, "/orders/found/") && to != "/orders?state=found" || strings.HasPrefix(d.path, "/orders/o1/") &&
					to != "/orders/o1" {
					t.Errorf("%s: leads to %q", kind.kind, to)
				}
				toasts := plain(c.Get(to).Page(), "#toasts")
				if !strings.Contains(toasts, "The clock of this server is wrong by 20 minutes") || strings.Contains(toasts, d.says) {
					t.Errorf("%s: the next page says %q", kind.kind, toasts)
				}
			}
		})
	}
}

// A form that does not say what it decides about was made from an old page:
// nothing is done.
func TestADecisionWithoutItsOrderIsNotPassedOn(t *testing.T) {
	for path, form := range map[string]url.Values{
		"/orders/o1/adopt": {}, "/orders/o1/ignore": {"order": {""}}, "/orders/o1/cancel-found": {},
		"/orders/o1/pay": {"amount": {"24,48"}, "currency": {"USD"}, "rev": {"7"}},
	} {
		c, s, _ := webtest.OpenShop(t)
		s.GivenOrders["o1"] = webtest.Order(order.Unknown)
		c.Send(http.MethodPost, path, form).Want(http.StatusSeeOther, "/orders/o1")
		webtest.Says(t, c.Get("/orders/o1").Page(), "#toasts", webtest.Word("orders.stale"))
		if len(s.Said) != 0 {
			t.Errorf("%s: passed on %q", path, s.Said)
		}
	}
	for rev, want := range map[string]string{"": "cancel o1 0", "seven": "cancel o1 0", "8": "cancel o1 8"} { // 0 is no order's
		c, s, _ := webtest.OpenShop(t)
		c.Post("/orders/o1/cancel", "rev", rev).Want(http.StatusSeeOther)
		if !slices.Equal(s.Said, []string{want}) {
			t.Errorf("revision %q: told %q, want %q", rev, s.Said, want)
		}
	}
}

func TestBuyingAgainThatIsRefusedMakesNoDraft(t *testing.T) {
	for _, kind := range kinds {
		c, s, _ := webtest.OpenShop(t)
		s.GivenOrders["o1"] = webtest.Order(order.Refused)
		s.Broken = map[string]error{"Again": fault.New(kind.kind, "cloud.clock.refused", "Minutes", "20")}
		webtest.Says(t, c.Post("/orders/o1/again", "go", "size").Want(kind.status).Page(), "main h1", kind.title)
		if len(s.GivenDrafts) != 0 {
			t.Errorf("%s: a draft was made", kind.kind)
		}
	}
}

func TestAnOrderOfAForeignAccountIsNotFound(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	o := webtest.Order(order.Delivered)
	o.AccountID = "foreign"
	s.GivenOrders["o1"] = o
	doc := c.Get("/orders/o1").Want(http.StatusNotFound).Page()
	if text := doc.Find("main").Text(); strings.Contains(text, "WordPress") || strings.Contains(text, "CS2611230914H1EW") {
		t.Errorf("the page tells of the order: %s", text)
	}
	c.Get("/events?topics=order/nobody").Want(http.StatusNotFound)
}

// Each route asks for its role, and says so before anything is done.
func TestEveryRouteOfOrdersAsksForItsRole(t *testing.T) {
	least := map[string]person.Role{"pay": person.Buyer, "cancel": person.Buyer, "again": person.Buyer, "check": person.Viewer}
	rank := []person.Role{person.Viewer, person.Operator, person.Buyer, person.Owner}
	paths := []string{"/orders/o1/again"}
	for _, d := range decisions {
		paths = append(paths, d.path)
	}
	for _, path := range paths {
		need, ok := least[path[strings.LastIndex(path, "/")+1:]]
		if !ok || strings.HasPrefix(path, "/orders/found/") {
			need = person.Owner
		}
		for _, role := range rank {
			c, s, _ := webtest.OpenShop(t)
			s.GivenOrders["o1"] = webtest.Order(order.Ordered)
			a := c.As(role).Post(path, "order", "CS9", "purchase", "o1", "amount", "1", "currency", "USD", "rev", "7")
			may := slices.Index(rank, role) >= slices.Index(rank, need)
			if got := a.StatusCode != http.StatusForbidden; got != may {
				t.Errorf("%s as %s: may %v, want %v", path, role, got, may)
			}
			if !may && (len(s.Said) != 0 || len(s.GivenDrafts) != 0) {
				t.Errorf("%s as %s: told %q", path, role, s.Said)
			}
		}
	}
	for _, path := range []string{"/orders", "/orders?state=found", "/orders/o1", "/orders/o1/passport", "/orders/o1/passport.json"} {
		c, s, _ := webtest.OpenShop(t)
		s.GivenOrders["o1"] = webtest.Order(order.Ordered)
		c.As(person.Viewer).Get(path).Want(http.StatusOK)
		c.SignedOut().Get(path).Want(http.StatusSeeOther)
	}
}
