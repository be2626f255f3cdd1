package overview_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
	"sampan/internal/app/web/webtest"
)

// ledger answers for orders as the console's fake does, until a method is to fail or
// to give a balance.
type ledger struct {
	webtest.EveryOrder
	fails    map[string]error
	balances map[string]order.Balance
	fresh    order.Freshness // of the accounts without a balance
	asked    []order.Filter
}

func (l *ledger) Attention(ctx context.Context, by person.Actor, ids []string) ([]order.Order, error) {
	all, err := l.EveryOrder.Attention(ctx, by, ids)
	return all, errors.Join(err, l.fails["attention"])
}

func (l *ledger) Orders(ctx context.Context, by person.Actor, f order.Filter) (order.Page, error) {
	l.asked = append(l.asked, f)
	page, err := l.EveryOrder.Orders(ctx, by, f)
	return page, errors.Join(err, l.fails[f.State])
}

func (l *ledger) FoundOrders(ctx context.Context, by person.Actor, ids []string) ([]order.FoundOrder, error) {
	all, err := l.EveryOrder.FoundOrders(ctx, by, ids)
	return all, errors.Join(err, l.fails["found"])
}

func (l *ledger) BalanceOf(id string) (order.Balance, order.Freshness) {
	if b, ok := l.balances[id]; ok {
		return b, order.Known
	}
	return order.Balance{}, l.fresh
}

// done is a log that fails.
type done struct{ err error }

func (d done) Recent(context.Context, person.Actor, int) ([]audit.Row, error) { return nil, d.err }

// unread is an inventory whose gaps cannot be read.
type unread struct {
	*webtest.Instances
	err error
}

func (u unread) Gaps(context.Context, []string) (instance.Gaps, error) { return nil, u.err }

// open is a console over a ledger.
func open(t *testing.T, change ...func(*ledger, *web.Options)) (*webtest.Console, *ledger) {
	t.Helper()
	l := &ledger{fails: map[string]error{}}
	c := webtest.Open(t, func(o *web.Options) {
		l.EveryOrder = o.Orders
		o.Orders = l
		for _, f := range change {
			f(l, o)
		}
	})
	return c, l
}

// asHTMX has the console's browser ask as htmx does.
func asHTMX(c *webtest.Console) { c.Header.Set("HX-Request", "true") }

// said is the text of what is selected, in one line.
func said(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// TestWhatTheFirstPageCannotRead has each source of the page fail: the page and the
// part that needs it say so, and the others go on.
func TestWhatTheFirstPageCannotRead(t *testing.T) {
	broken := errors.New("the secret of the store")
	fails := func(method string) func(*ledger, *web.Options) {
		return func(l *ledger, _ *web.Options) { l.fails[method] = broken }
	}
	tests := []struct {
		name   string
		change func(*ledger, *web.Options)
		parts  string // that fail
	}{
		{"what waits for somebody", fails("attention"), "attention"},
		{"orders that failed", fails(order.GroupProblem), "attention"},
		{"orders that ended", fails(order.GroupDone), "attention"},
		{"orders under way", fails(order.GroupInProgress), "now"},
		{"orders that nobody knows", fails("found"), "attention"},
		{"traffic", func(_ *ledger, o *web.Options) { o.Traffic.(*webtest.Packages).Err = broken }, "attention"},
		{"what was done", func(_ *ledger, o *web.Options) { o.Activity = done{broken} }, "feed"},
		{"what is not known", func(_ *ledger, o *web.Options) { o.Instances = unread{o.Instances.(*webtest.Instances), broken} }, "attention fleet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := open(t, tt.change)
			doc := c.Get("/").Want(http.StatusInternalServerError).Page()
			if strings.Contains(doc.Text(), broken.Error()) {
				t.Error("the page quotes an error of the console")
			}
			if !strings.Contains(c.Log.String(), broken.Error()) {
				t.Error("the log does not say what happened")
			}
			asHTMX(c)
			for _, part := range []string{"attention", "fleet", "now", "feed", "balances"} {
				want := http.StatusOK
				if slices.Contains(strings.Fields(tt.parts), part) {
					want = http.StatusInternalServerError
				}
				if got := c.Get("/?part=" + part).StatusCode; got != want {
					t.Errorf("%s: status %d, want %d", part, got, want)
				}
			}
		})
	}
}

// A refusal of a source is said in its words, as a page and beside the open page.
func TestARefusalOfTheFirstPageIsSaid(t *testing.T) {
	for _, tt := range []struct {
		kind   fault.Kind
		status int
	}{{fault.Forbidden, 403}, {fault.NotFound, 404}, {fault.Conflict, 409}, {fault.Busy, 503}, {fault.Refused, 502},
		{fault.Unreachable, 502}, {fault.Unknown, 502}} {
		c, _ := open(t)
		c.Traffic.Err = fault.New(tt.kind, "fault.storage.busy")
		webtest.Says(t, c.Get("/").Want(tt.status).Page(), "main", webtest.Word("fault.storage.busy"))
		asHTMX(c)
		webtest.Says(t, c.Get("/?part=attention").Want(http.StatusUnprocessableEntity).Page(), ".note", webtest.Word("fault.storage.busy"))
	}
}

// TestItemsOfOrders holds each state of an order that needs somebody to its title,
// its sentence, how urgent it looks and where it leads.
func TestItemsOfOrders(t *testing.T) {
	named := func(state order.State, change ...func(*order.Order)) order.Order {
		o := order.Order{ID: "o1", AccountID: "a1", State: state, SentAt: webtest.Now, Request: order.Request{Name: "shop"}}
		for _, f := range change {
			f(&o)
		}
		return o
	}
	because := func(id string, kv ...string) func(*order.Order) {
		return func(o *order.Order) { o.Reason = fault.Say(id, kv...) }
	}
	unsent := func(o *order.Order) { o.SentAt = time.Time{} }
	payBy := func(in time.Duration) func(*order.Order) {
		return func(o *order.Order) { o.PayBy = webtest.Now.Add(in) }
	}
	second := func(o *order.Order) { o.ID, o.Request.Name = "o2", "wiki" }
	tests := []struct {
		name     string
		waiting  []order.Order
		tone     string
		item     string
		sentence string
	}{
		{"no clear answer", []order.Order{named(order.Unknown)}, "t-bad", "No clear answer about shop → /orders/o1", webtest.Word("overview.unclear.text")},
		{"never sent by this process", []order.Order{named(order.Unknown, unsent)}, "t-bad",
			"Was shop ordered before the restart? → /orders/o1", webtest.Word("overview.unclear.text")},
		{"never sent, with a reason", []order.Order{named(order.Unknown, unsent, because("order.restored.paying"))}, "t-bad",
			"Was shop ordered before the restart? → /orders/o1", webtest.Word("order.restored.paying")},
		{"an owner decides", []order.Order{named(order.NeedsHuman)}, "t-bad", "Which order is shop? → /orders/o1", webtest.Word("overview.human.text")},
		{"an owner decides, with a reason", []order.Order{named(order.NeedsHuman, because("order.human.none", "Unread", "3"))}, "t-bad",
			"Which order is shop? → /orders/o1", "not read: 3. An Owner decides."},
		{"paid, and not shown for a day", []order.Order{named(order.Paying, because("order.pay.lost", "Since", "2026-11-22T01:21:00Z"))},
			"t-bad", "Huawei’s billing does not show the order shop, which was paid → /orders/o1", "The payment is not sent again."},
		{"being paid", []order.Order{named(order.Paying)}, "t-warn",
			"The order shop needs somebody: " + webtest.Word("orders.state.paying") + " → /orders/o1",
			webtest.Word("overview.other.text")},
		{"unpaid without an end", []order.Order{named(order.AwaitingPayment)}, "t-warn", "1 order waits for payment → /orders/o1", webtest.Word("overview.unpaid.text")},
		{"unpaid for a day more", []order.Order{named(order.AwaitingPayment, payBy(24*time.Hour))}, "t-warn",
			"1 order waits for payment → /orders/o1", "Huawei keeps it until tomorrow, 24 Nov at 09:21, then cancels it."},
		{"unpaid for less than a day", []order.Order{named(order.AwaitingPayment, payBy(23*time.Hour))}, "t-bad",
			"1 order waits for payment → /orders/o1", "Huawei keeps it until tomorrow, 24 Nov at 08:21, then cancels it."},
		{"several unpaid", []order.Order{named(order.AwaitingPayment, payBy(72*time.Hour)),
			named(order.AwaitingPayment, second, payBy(48*time.Hour))}, "t-warn",
			"2 orders wait for payment → /orders", "Huawei keeps the first until 25 Nov at 09:21, then cancels it."},
		{"a payment was not sent", []order.Order{named(order.AwaitingPayment, because("order.pay.unsent"))}, "t-bad",
			"The payment for shop was not sent → /orders/o1", webtest.Word("order.pay.unsent")},
		{"a payment among several was not taken",
			[]order.Order{named(order.AwaitingPayment, because("order.pay.stuck")), named(order.AwaitingPayment, second)}, "t-bad",
			"2 orders wait for payment → /orders", "Huawei did not take the payment for shop · " + webtest.Word("overview.unpaid.text")},
		{"several payments failed", []order.Order{named(order.AwaitingPayment, because("order.pay.stuck")),
			named(order.AwaitingPayment, second, because("order.pay.unsent"))},
			"t-bad", "2 orders wait for payment → /orders", "2 payments failed · " + webtest.Word("overview.unpaid.text")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := open(t)
			c.Orders.GivenAttention = tt.waiting
			doc := c.Get("/").Want(http.StatusOK).Page()
			if got := webtest.Items(doc); !slices.Equal(got, []string{tt.item}) {
				t.Errorf("got %q, want %q", got, tt.item)
			}
			webtest.Says(t, doc, ".todo-list li small", tt.sentence)
			if !doc.Find(".todo-list li").HasClass(tt.tone) {
				t.Errorf("looks like %q, want %q", doc.Find(".todo-list li").AttrOr("class", ""), tt.tone)
			}
		})
	}
}

// Orders at Huawei that nobody knows come first: of the scope for everybody, and of no
// account any more for those who may decide.
func TestOrdersThatNobodyKnows(t *testing.T) {
	stray := webtest.Stray()
	orphan := webtest.Stray(func(f *order.FoundOrder) { f.CloudOrderID, f.AccountID = "CS26ORPHAN", "removed" })
	tests := []struct {
		name  string
		role  person.Role
		found []order.FoundOrder
		want  []string
		text  string
	}{
		{"one", person.Viewer, []order.FoundOrder{stray}, []string{"Huawei has 1 order that nobody here knows → /orders?state=found"},
			"CS2611230901FOUND · An owner decides whether it belongs"},
		{"two, for an owner", person.Owner, []order.FoundOrder{stray, orphan}, []string{"Huawei has 2 orders that nobody here knows → /orders?state=found"},
			"CS2611230901FOUND and CS26ORPHAN · An owner decides whether they belong"},
		{"of no account any more, for a viewer", person.Viewer, []order.FoundOrder{orphan}, nil, ""},
		{"none", person.Owner, nil, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := open(t)
			c.Orders.Found = tt.found
			doc := c.As(tt.role).Get("/").Want(http.StatusOK).Page()
			if got := webtest.Items(doc); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			webtest.Says(t, doc, "#attention", tt.text)
			if len(tt.want) == 0 {
				webtest.Says(t, doc, "#attention", webtest.Word("overview.attention.none"))
			}
		})
	}
}

// Of many things with one trouble the first few are named.
func TestManyWithOneTroubleAreCounted(t *testing.T) {
	c, _ := open(t)
	var lines []meter.Line
	for _, name := range []string{"p1", "p2", "p3", "p4", "p5"} {
		lines = append(lines, webtest.Line(name, 0, 1000, webtest.Outlook(meter.UsedUp, 30)))
		over := webtest.Machine("over-"+name, "a1", "ap-southeast-3", instance.StateRunning)
		over.AutoRenew, over.Expires = false, webtest.Now.Add(-time.Hour)
		c.Instances.More = append(c.Instances.More, over, webtest.Machine("bad-"+name, "a1", "ap-southeast-3", instance.StateFaulty))
	}
	c.Traffic.GivenFleet = meter.Fleet{Lines: lines}
	doc := c.Get("/").Want(http.StatusOK).Page()
	want := []string{"5 instances have expired → /instances?q=problem%3Aexpired+autorenew%3Ano",
		"5 servers are in error → /servers?q=problem%3Afaulty", "5 data packages are used up → /traffic?view=up"}
	if got := webtest.Items(doc); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	doc.Find(".todo-list li small").Each(func(_ int, s *goquery.Selection) {
		if !strings.Contains(said(s), " · and 2 more · ") {
			t.Errorf("names too many, or does not count the rest: %q", said(s))
		}
	})
}

// A server that is on the limit of a deadline is due on the right side of it.
func TestWhenATermIsDue(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		left time.Duration
		want string // how the item begins; "": there is none
	}{
		{-time.Second, "1 instance has expired"}, {0, "1 instance expires within 3 days"}, {3*day - time.Second, "1 instance expires within 3 days"},
		{3 * day, "1 instance expires within 14 days"}, {14*day - time.Second, "1 instance expires within 14 days"}, {14 * day, ""},
	}
	for _, tt := range tests {
		c, _ := open(t)
		row := webtest.Machine("x", "a1", "ap-southeast-3", instance.StateRunning)
		row.AutoRenew, row.Expires = false, webtest.Now.Add(tt.left)
		c.Instances.More = []*instance.Row{row}
		got := strings.Join(webtest.Items(c.Get("/").Want(http.StatusOK).Page()), ", ")
		if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%v left: got %q, want %q", tt.left, got, tt.want)
		}
		row.AutoRenew = true
		c.Instances.More = []*instance.Row{row}
		if got := webtest.Items(c.Get("/").Page()); len(got) > 0 {
			t.Errorf("%v left, renewed by itself: got %q", tt.left, got)
		}
	}
}

// TestBalances words what each account of the scope has left, or why nobody knows.
func TestBalances(t *testing.T) {
	tests := []struct {
		name  string
		fresh order.Freshness
		known map[string]order.Balance
		want  string
	}{
		{"known", order.NoPrice, map[string]order.Balance{"a1": {Available: *webtest.Dollars("131.80"), At: webtest.Now.Add(-time.Hour)}}, "Marina Labs: US$ 131.80 today at 08:21"},
		{"being read", order.Reading, nil, "Marina Labs: being read…"},
		{"could not be read", order.Failed, nil, "Marina Labs: not known could not be read"},
		{"never asked for", order.NoPrice, nil, "Marina Labs: not known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := open(t, func(l *ledger, _ *web.Options) { l.fresh, l.balances = tt.fresh, tt.known })
			whole := c.Get("/").Want(http.StatusOK).Page()
			asHTMX(c)
			for _, doc := range []*goquery.Document{whole, c.Get("/?part=balances").Want(http.StatusOK).Page()} {
				if got := said(doc.Find("#balance dt")) + ": " + said(doc.Find("#balance dd")); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			}
		})
	}
}

// A scope shows its own accounts and no others: real ones and the Sandbox never together.
func TestTheScopeOfTheFirstPage(t *testing.T) {
	accounts := []account.Account{
		{ID: "a1", Label: "Marina Labs", Site: account.International, State: account.Active},
		{ID: "a2", Label: "Orchid Retail", Site: account.International, State: account.Active},
		{ID: "s1", Label: "Practice", Site: account.SandboxSite, State: account.Active},
	}
	tests := []struct {
		scope    string
		balances []string
		servers  string
		asked    []string
	}{
		{"", []string{"Marina Labs", "Orchid Retail"}, "2", []string{"a1", "a2"}},
		{"a2", []string{"Orchid Retail"}, "1", []string{"a2"}},
		{"sandbox", []string{"Practice"}, "3", []string{"s1"}},
		{"gone", []string{"Marina Labs", "Orchid Retail"}, "2", []string{"a1", "a2"}},
	}
	for _, tt := range tests {
		t.Run(tt.scope, func(t *testing.T) {
			c, l := open(t)
			c.Accounts.All, c.Persons.Scope = accounts, tt.scope
			for _, r := range []struct{ name, account string }{{"x", "a1"}, {"y", "a2"}, {"1", "s1"}, {"2", "s1"}, {"3", "s1"}} {
				c.Instances.More = append(c.Instances.More, webtest.Machine(r.name, r.account, "ap-southeast-3", instance.StateRunning))
			}
			doc := c.Get("/").Want(http.StatusOK).Page()
			var got []string
			doc.Find("#balance dt").Each(func(_ int, dt *goquery.Selection) { got = append(got, said(dt)) })
			if !slices.Equal(got, tt.balances) {
				t.Errorf("balances of %q, want %q", got, tt.balances)
			}
			if n := said(doc.Find("#fleet .figs a[href='/servers']")); n != tt.servers {
				t.Errorf("%s servers, want %s", n, tt.servers)
			}
			for _, f := range l.asked {
				if !slices.Equal(f.AccountIDs, tt.asked) {
					t.Errorf("orders of %q are asked for, want %q", f.AccountIDs, tt.asked)
				}
			}
			if play := doc.Find("main a[href='/sandbox']").Length() > 0; play != (tt.scope == "sandbox") {
				t.Errorf("offers practice: %v", play)
			}
		})
	}
}

// What the page offers depends on what the person may do, and on the scope.
func TestWhatTheFirstPageOffers(t *testing.T) {
	tests := []struct {
		role       person.Role
		sandbox    bool
		buy, first string // how buying is called, in the head and in the empty fleet
		own        bool   // an account of one's own
	}{
		{person.Viewer, false, "", "", false},
		{person.Operator, false, "", "", false},
		{person.Buyer, false, "overview.buy", "overview.buy.first", false},
		{person.Owner, false, "overview.buy", "overview.buy.first", false},
		{person.Viewer, true, "", "", false},
		{person.Buyer, true, "overview.buy.play", "overview.buy.play", false},
		{person.Owner, true, "overview.buy.play", "overview.buy.play", true},
	}
	for _, tt := range tests {
		c, _ := open(t)
		if tt.sandbox {
			c.Accounts.All[0].Site = account.SandboxSite
		}
		doc := c.As(tt.role).Get("/").Want(http.StatusOK).Page()
		name := string(tt.role)
		if tt.sandbox {
			name += " in the Sandbox"
		}
		main := doc.Find("main")
		word := func(id string) string {
			if id == "" {
				return ""
			}
			return webtest.Word(id)
		}
		if got := said(main.Find("a[href='/buy']").Not("#fleet a")); got != word(tt.buy) {
			t.Errorf("%s: the head offers %q, want %q", name, got, word(tt.buy))
		}
		if got := said(main.Find("#fleet .empty a")); got != word(tt.first) {
			t.Errorf("%s: the empty fleet offers %q, want %q", name, got, word(tt.first))
		}
		if got := main.Find("#own a[href='/accounts/new']").Length() == 1; got != tt.own {
			t.Errorf("%s: an account of one's own: %v", name, got)
		}
		if got := strings.Contains(said(main), webtest.Word("overview.practise")); got != tt.sandbox {
			t.Errorf("%s: says that it is practice: %v", name, got)
		}
		webtest.Says(t, doc, "h1", webtest.Word("overview.title"))
		webtest.Says(t, doc, "main", "23 November 2026, 09:21")
		webtest.Says(t, doc, "#feed", webtest.Word("overview.feed.none"))
	}
}

// Before an account is connected only those who manage accounts are offered one, and
// the Sandbox only where there is one.
func TestTheFirstPageBeforeAnAccountIsConnected(t *testing.T) {
	for _, tt := range []struct {
		role          person.Role
		simulated     bool
		connect, play bool
	}{{person.Owner, true, true, true}, {person.Owner, false, true, false}, {person.Buyer, true, false, false},
		{person.Viewer, true, false, false}} {
		c, l := open(t, func(_ *ledger, o *web.Options) {
			if !tt.simulated {
				o.Sandbox = nil
			}
		})
		c.Accounts.All = nil
		doc := c.As(tt.role).Get("/").Want(http.StatusOK).Page()
		webtest.Says(t, doc, "main", webtest.Word("overview.none.text"))
		connect, play := doc.Find("main a[href='/accounts/new']").Length() == 1, doc.Find("form[action='/sandbox/open']").Length() == 1
		if connect != tt.connect || play != tt.play {
			t.Errorf("%s: connects %v, plays %v; want %v", tt.role, connect, play, tt)
		}
		if n := doc.Find("#attention, #fleet, #feed").Length(); n > 0 || len(l.asked) > 0 {
			t.Errorf("%s: %d parts about nothing, orders asked for: %v", tt.role, n, l.asked)
		}
	}
}

// Without script the address of a part is the whole page.
func TestAPartWithoutScriptIsThePage(t *testing.T) {
	c, _ := open(t)
	for _, part := range []string{"attention", "nothing"} {
		webtest.Says(t, c.Get("/?part="+part).Want(http.StatusOK).Page(), "h1", webtest.Word("overview.title"))
	}
	asHTMX(c)
	webtest.Says(t, c.Get("/?part=nothing").Want(http.StatusUnprocessableEntity).Page(), ".note", webtest.Word("failure.404.title"))
}

// TestCountsBesideTheNavigation swaps every figure: one that is over becomes empty.
func TestCountsBesideTheNavigation(t *testing.T) {
	counts := func(c *webtest.Console) string {
		var all []string
		c.Get("/counts").Want(http.StatusOK).Page().Find("b[hx-swap-oob=true]").Each(func(_ int, b *goquery.Selection) {
			all = append(all, strings.TrimPrefix(b.AttrOr("id", ""), "count-")+"="+said(b)+b.AttrOr("class", ""))
		})
		return strings.Join(all, " ")
	}
	c, _ := open(t)
	asHTMX(c)
	if got, want := counts(c), "servers= instances= orders= accounts="; got != want {
		t.Errorf("nothing: got %q, want %q", got, want)
	}
	webtest.Fleet(c, 3)
	c.Instances.Service = nil
	c.Orders.GivenAttention = []order.Order{{ID: "o1", State: order.Unknown}}
	c.Orders.Found = []order.FoundOrder{webtest.Stray()}
	if got, want := counts(c), "servers=3 instances=3 orders=2warn accounts="; got != want {
		t.Errorf("some: got %q, want %q", got, want)
	}
	c.Instances.GivenGaps = instance.Gaps{{AccountID: "a1", About: instance.AboutList, Source: "config", Lacking: 1,
		Trouble: fault.Say("cloud.throttled")}}
	if got, want := counts(c), "servers=3+ instances=3+ orders=2warn accounts=1warn"; got != want {
		t.Errorf("in part: got %q, want %q", got, want)
	}
	for _, method := range []string{"attention", "found"} {
		c, _ = open(t, func(l *ledger, _ *web.Options) { l.fails[method] = errors.New("broken") })
		c.Get("/counts").Want(http.StatusInternalServerError)
	}
	c, _ = open(t)
	c.Accounts.All = nil
	if got, want := counts(c), "servers= instances= orders= accounts="; got != want {
		t.Errorf("without accounts: got %q, want %q", got, want)
	}
}
