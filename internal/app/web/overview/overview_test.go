package overview_test

import (
	"net/http"
	"strconv"
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
	"sampan/internal/app/server"
	"sampan/internal/app/web"
	"sampan/internal/app/web/webtest"
)

func TestWhatNeedsSomebody(t *testing.T) {
	state := func(name, state string) *instance.Row { return webtest.Machine(name, "a1", "ap-southeast-3", state) }
	ends := func(name string, in time.Duration) *instance.Row {
		r := state(name, instance.StateRunning)
		r.AutoRenew, r.Expires = false, webtest.Now.Add(in)
		return r
	}
	missing := state("lost", instance.StateRunning)
	missing.NotSeenSince = webtest.Now.Add(-time.Hour)
	frozen := state("ice", instance.StateFrozen)
	frozen.Frozen = true
	second := ends("two-servers", time.Hour)
	second.First = false
	low := meter.Fleet{Lines: []meter.Line{webtest.Line("near", 50, 1000, webtest.RunsOut(webtest.Now.Add(50*time.Hour), 30)),
		webtest.Line("also", 5, 1000, webtest.Outlook(meter.Lasts, 0))}}
	up := meter.Fleet{Lines: []meter.Line{webtest.Line("gone", 0, 1000, webtest.Outlook(meter.UsedUp, 30))}}
	tests := []struct {
		name   string
		change func(c *webtest.Console)
		want   []string
	}{
		{"nothing", func(c *webtest.Console) { c.Instances.More = []*instance.Row{state("fine", instance.StateRunning)} }, nil},
		{"one server in error leads to it", func(c *webtest.Console) { c.Instances.More = []*instance.Row{state("x", instance.StateFaulty)} },
			[]string{"1 server is in error → /servers/s-x"}},
		{"several lead to the list of them", func(c *webtest.Console) {
			c.Instances.More = []*instance.Row{state("x", instance.StateFaulty), state("y", instance.StateFaulty)}
		}, []string{"2 servers are in error → /servers?q=problem%3Afaulty"}},
		{"frozen", func(c *webtest.Console) { c.Instances.More = []*instance.Row{frozen} }, []string{"1 server is frozen → /servers/s-ice"}},
		{"an instance with two servers ends once", func(c *webtest.Console) { c.Instances.More = []*instance.Row{ends("two-servers", time.Hour), second} },
			[]string{"1 instance expires within 3 days, without auto-renew → /instances/i-two-servers"}},
		{"several ends", func(c *webtest.Console) {
			c.Instances.More = []*instance.Row{ends("b", 2*time.Hour), ends("a", time.Hour)}
		},
			[]string{"2 instances expire within 3 days, without auto-renew → /instances?q=problem%3Aexpiring+expires%3C3d"}},
		{"not listed any more", func(c *webtest.Console) { c.Instances.More = []*instance.Row{missing} }, []string{"1 server is not listed any more → /servers/s-lost"}},
		{"of an account outside of the scope", func(c *webtest.Console) {
			c.Instances.More = []*instance.Row{webtest.Machine("x", "a9", "ap-southeast-3", instance.StateFaulty)}
		}, nil},
		{"traffic nearly used", func(c *webtest.Console) { c.Traffic.GivenFleet = low }, []string{"2 data packages have less than 10% left → /traffic?view=low"}},
		{"traffic used up", func(c *webtest.Console) { c.Traffic.GivenFleet = up }, []string{"1 data package is used up → /traffic?view=up"}},
		{"an order was refused today", func(c *webtest.Console) {
			c.Orders.Groups = map[string][]order.Order{order.GroupDone: {{ID: "o1", State: order.Refused,
				StateAt: webtest.Now.Add(-time.Hour), Request: order.Request{Name: "shop"}},
				{ID: "o2", State: order.Refused, StateAt: webtest.Now.Add(-25 * time.Hour), Request: order.Request{Name: "old"}},
				{ID: "o3", State: order.Delivered, StateAt: webtest.Now}}}
		}, []string{"Huawei refused the order shop → /orders/o1"}},
		{"an order was closed today", func(c *webtest.Console) {
			c.Orders.Groups = map[string][]order.Order{order.GroupProblem: {{ID: "o1", State: order.Closed, StateAt: webtest.Now,
				Request: order.Request{Name: "shop"}}}}
		}, []string{"The order shop was closed at Huawei → /orders/o1"}},
		{"what costs or stops comes before what can wait", func(c *webtest.Console) {
			c.Instances.More = []*instance.Row{ends("soon", 10*24*time.Hour), state("x", instance.StateFaulty), missing}
			c.Traffic.GivenFleet = meter.Fleet{Lines: append(up.Lines, low.Lines...)}
			c.Accounts.All[0].State = account.Broken
		}, []string{"Marina Labs can’t be read, since 1 Jan 1 at 07:36. → /accounts/a1/key", "1 server is in error → /servers/s-x",
			"1 data package is used up → /traffic?view=up", "3 data packages have less than 10% left → /traffic?view=low",
			"1 instance expires within 14 days, without auto-renew → /instances/i-soon",
			"1 server is not listed any more → /servers/s-lost"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			tt.change(c)
			doc := c.Get("/").Want(200).Page()
			if got, want := strings.Join(webtest.Items(doc), "\n"), strings.Join(tt.want, "\n"); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
			doc.Find(".todo-list li").Each(func(_ int, li *goquery.Selection) {
				if li.Find(".row a, .row button").Length() != 1 {
					t.Errorf("%s: not exactly one button", li.Find("b").Text())
				}
			})
		})
	}
}

// probes are servers that do not answer.
type probes struct {
	web.Servers
	failed []server.Probe
}

func (p probes) Failures([]string) []server.Probe { return p.failed }

func TestServersThatDoNotAnswer(t *testing.T) {
	silent := func(name, account string) *instance.Row {
		r := webtest.Machine(name, account, "ap-southeast-3", instance.StateRunning)
		r.Silent = true
		return r
	}
	var many []*instance.Row
	for n := range 30 {
		many = append(many, silent(strconv.Itoa(n), "a1"))
	}
	tests := []struct {
		name string
		rows []*instance.Row
		want []string
	}{
		{"none", []*instance.Row{webtest.Machine("a", "a1", "ap-southeast-3", instance.StateRunning)}, nil},
		{"one leads to it", []*instance.Row{silent("a", "a1"), webtest.Machine("b", "a1", "ap-southeast-3", instance.StateRunning)},
			[]string{"1 running server does not answer → /servers/s-a"}},
		{"several lead to the list of them, however many", many, []string{"30 running servers do not answer → /servers?q=problem%3Asilent"}},
		{"of another account", []*instance.Row{silent("foreign", "a9")}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tried := probes{failed: []server.Probe{{ServerID: "s-a", At: webtest.Now.Add(-time.Hour)},
				{ServerID: "s-b", At: webtest.Now.Add(-2 * time.Hour)}}}
			c := webtest.Open(t, func(o *web.Options) { o.Servers = tried })
			c.Instances.More = tt.rows
			doc := c.Get("/").Want(200).Page()
			if got := webtest.Items(doc); strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if len(tt.want) > 0 {
				webtest.Says(t, doc, ".todo-list", "Last tried today at 08:21")
			}
		})
	}
}

func TestAttentionNamesTheFirstThatRunsOut(t *testing.T) {
	c := webtest.Open(t)
	c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{webtest.Line("near", 50, 1000,
		webtest.RunsOut(webtest.Now.Add(50*time.Hour), 30))}}
	webtest.Says(t, c.Get("/").Page(), ".todo-list small", "near runs out around 25 Nov. Outbound traffic beyond it is billed per GB.")
}

func TestTotalsLeadToTheListOfWhatTheyCount(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "a2", Label: "Orchid Retail", State: account.Broken})
	due := webtest.Machine("due", "a1", "ap-southeast-3", instance.StateStopped)
	due.AutoRenew, due.Expires = false, webtest.Now.Add(5*24*time.Hour)
	c.Instances.More = []*instance.Row{webtest.Machine("r1", "a1", "ap-southeast-3", instance.StateRunning),
		webtest.Machine("r2", "a1", "tr-west-1", instance.StateRunning), due,
		webtest.Machine("b", "a2", "tr-west-1", instance.StateRestarting), webtest.Machine("f", "a2", "tr-west-1", instance.StateFaulty),
		webtest.Machine("i", "a2", "", instance.StateFrozen), webtest.Machine("u", "a2", "", instance.StateUnknown)}
	doc := c.Get("/").Want(200).Page()
	var got []string
	doc.Find("#fleet .figs > div").Each(func(_ int, d *goquery.Selection) {
		href, _ := d.Find("a").Attr("href")
		got = append(got, strings.TrimSpace(d.Find("dt").Text())+" "+strings.TrimSpace(d.Find("a").Text())+" "+href)
	})
	want := []string{"Servers at least 7 /servers", "Running at least 2 /servers?q=state%3Arunning",
		"Stopped at least 1 /servers?q=state%3Astopped",
		"Busy at least 1 /servers?q=state%3Astarting%2Cstopping%2Crestarting%2Ccreating%2Cbusy",
		"Faulty at least 1 /servers?q=state%3Afaulty", "Frozen at least 1 /servers?q=state%3Afrozen",
		"State not known 1 /servers?q=state%3Aunknown", "Expire in 14 days at least 1 /servers?q=problem%3Aexpiring"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("figures:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for line, want := range map[string]string{
		"Istanbul": "at least 3||1+|?|1+|1+", "Singapore": "at least 2||1+|1+|?|?", "Region not known": "at least 2||?|?|?|1+",
		"Marina Labs": "3||2|1|–|–",
	} {
		if got := strings.Join(webtest.Cells(doc, line), "|"); got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
	webtest.Says(t, doc, "#fleet th:has(bdi:contains('Orchid Retail'))", "can’t be read")
	if href, _ := doc.Find("#fleet td a.c-bad").First().Attr("href"); href != "/servers?q=region%3Atr-west-1+state%3Afaulty%2Cfrozen" {
		t.Errorf("faulty servers of a region: %s", href)
	}
	if got := doc.Find("#fleet tr:has(a[href='/servers?q=region%3Atr-west-1']) .mix rect").Length(); got != 3 {
		t.Errorf("%d pieces of a bar", got)
	}
}

func TestFiguresOfTheOverviewCanBeSearchedFor(t *testing.T) {
	c := webtest.Open(t)
	for _, s := range instance.States() {
		c.Instances.More = append(c.Instances.More, webtest.Machine("x-"+s, "a1", "ap-southeast-3", s))
	}
	doc := c.Get("/").Page()
	doc.Find("#fleet a[href*='q='], .todo-list a[href*='q=']").Each(func(_ int, a *goquery.Selection) {
		href, _ := a.Attr("href")
		r, err := http.NewRequest(http.MethodGet, href, nil)
		if err != nil {
			t.Fatal(err)
		}
		if terms, problems := instance.ParseQuery(r.URL.Query().Get("q"), nil); len(problems) > 0 || len(terms) == 0 {
			t.Errorf("%s: %v", href, problems)
		}
	})
}

func TestOrdersUnderWay(t *testing.T) {
	c := webtest.Open(t)
	ask := order.Request{Name: "shop", Quantity: 3, Image: order.Image{Name: "WordPress"}, PeriodNum: 1, PeriodUnit: order.Month}
	c.Orders.Groups = map[string][]order.Order{order.GroupInProgress: {
		{ID: "o1", AccountID: "a1", State: order.Delivering, Request: ask, Amount: webtest.Dollars("24.48"), Delivered: []order.Delivery{{InstanceID: "i", Ready: true}, {InstanceID: "j"}, {InstanceID: "k"}}, PersonName: "Kerem", CreatedAt: webtest.Now.Add(-7 * time.Minute)},
		{ID: "o2", AccountID: "a1", State: order.Sending, Request: ask, PersonName: "Mei", CreatedAt: webtest.Now},
		{ID: "o3", State: order.Sending, Request: ask}, {ID: "o4", State: order.Sending, Request: ask},
		{ID: "o5", State: order.Sending, Request: ask}, {ID: "o6", State: order.Sending, Request: ask},
	}}
	doc := c.Get("/").Want(200).Page()
	webtest.Says(t, doc, "#now li:first-child", "1 of 3")
	webtest.Says(t, doc, "#now li:first-child small", "US$ 24.48 · Marina Labs · Kerem, 7 min ago")
	if href, _ := doc.Find("#now li:first-child a").Attr("href"); href != "/orders/o1" {
		t.Errorf("leads to %s", href)
	}
	if v, _ := doc.Find("#now li:first-child progress[max='3']").Attr("value"); v != "1" {
		t.Errorf("the bar stands at %q", v)
	}
	if doc.Find("#now li:nth-child(2) progress[value]").Length() != 0 {
		t.Error("a bar shows progress that nobody knows")
	}
	webtest.Says(t, doc, "#now li:last-child", "and 1 more")
	c.Header.Set("HX-Request", "true")
	if part := c.Get("/?part=now").Want(200); strings.Contains(part.Body, "<html") || part.Page().Find("#now li").Length() != 6 {
		t.Error("the part is not what runs alone")
	}
	c.Orders.Groups = nil
	webtest.Says(t, c.Get("/?part=now").Page(), "#now", webtest.Word("overview.now.none"))
}

func TestRecentActivity(t *testing.T) {
	c := webtest.Open(t)
	c.Activity.Rows = []audit.Row{
		webtest.Did(1, "Kerem", "order.confirm",
			audit.Entry{AccountID: "a1", Intent: "o1", Params: map[string]string{"name": "shop", "quantity": "3"}}),
		webtest.Did(2, "Mei", "order.pay",
			audit.Entry{AccountID: "a1", Intent: "o1", Params: map[string]string{"amount": "24.48 USD"}, Outcome: "ok"}),
		webtest.Did(3, "system", "account.key.use", audit.Entry{AccountID: "a1"}),
		webtest.Did(4, "system", "order.send", audit.Entry{AccountID: "a1", Outcome: "about to send"}),
		webtest.Did(5, "Ploy", "order.cancel", audit.Entry{AccountID: "of-another", Intent: "o9"}),
		webtest.Did(6, "system", "account.broken", audit.Entry{AccountID: "a1", Outcome: "refused"}),
		webtest.Did(7, "Mei", "setting.change", audit.Entry{Outcome: "unknown"}),
		webtest.Did(8, "system", "order.delivered", audit.Entry{AccountID: "a1", Intent: "o2", Outcome: "partly delivered"}),
		webtest.Did(9, "system", "order.delivered", audit.Entry{AccountID: "a1", Intent: "o3", Outcome: "ok"}),
		webtest.Did(24*60, "", "account.delete", audit.Entry{AccountID: "a1", Outcome: "ok"}),
	}
	doc := c.Get("/").Want(200).Page()
	var got []string
	doc.Find("#feed li").Each(func(_ int, li *goquery.Selection) {
		href, _ := li.Find("a").Attr("href")
		got = append(got, strings.Join(strings.Fields(li.Text()), " ")+" → "+href)
	})
	want := []string{"09:20 Kerem ordered 3 × shop See the order → /orders/o1",
		"09:19 Mei agreed to pay an order See the order US$ 24.48 → /orders/o1",
		"09:15 The console could not sign in to an account any more Marina Labs Failed → /accounts/a1",
		"09:14 Mei changed a setting of the console Not clear → ",
		"09:13 An order was delivered in part See the order Partly delivered → /orders/o2",
		"09:12 An order was delivered See the order → /orders/o3", "22 Nov Somebody removed an account Marina Labs → /accounts/a1"}
	norm := func(s string) string { return strings.Join(strings.Fields(s), "") }
	if norm(strings.Join(got, "\n")) != norm(strings.Join(want, "\n")) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	webtest.Says(t, doc, "#feed h2", "Recent activity")
	if c.Activity.By.PersonID != "p1" {
		t.Errorf("asked for by %+v", c.Activity.By)
	}
	webtest.Says(t, c.As(person.Buyer).Get("/").Page(), "#feed h2", "What you did lately")
	for range 20 {
		c.Activity.Rows = append(c.Activity.Rows, c.Activity.Rows[0])
	}
	if n := c.Get("/").Page().Find("#feed li").Length(); n != 8 {
		t.Errorf("%d entries", n)
	}
}

func TestPartsOfTheOverview(t *testing.T) {
	c := webtest.Open(t)
	c.Instances.More = []*instance.Row{webtest.Machine("r1", "a1", "ap-southeast-3", instance.StateRunning)}
	doc := c.Get("/").Page()
	c.Header.Set("HX-Request", "true")
	for _, id := range []string{"attention", "fleet", "now", "feed"} {
		part := c.Get("/?part=" + id).Want(200)
		if strings.Contains(part.Body, "<html") || part.Page().Find("section#"+id).Length() != 1 ||
			doc.Find("section#"+id+"[hx-get='/?part="+id+"']").Length() != 1 {
			t.Errorf("%s does not find itself again", id)
		}
	}
	c.Get("/?part=nothing").Want(http.StatusUnprocessableEntity) // what htmx swaps
	c.Traffic.Err = fault.New(fault.Forbidden, "web.forbidden")
	c.Get("/?part=attention").Want(http.StatusUnprocessableEntity)
}

func TestAnEmptyAccountLeadsToTheFirstPurchase(t *testing.T) {
	doc := webtest.Open(t).Get("/").Want(200).Page()
	if href, _ := doc.Find("#fleet .empty a").Attr("href"); href != "/buy" {
		t.Errorf("leads to %q", href)
	}
	if webtest.Open(t).As(person.Viewer).Get("/").Page().Find("#fleet .empty a").Length() != 0 {
		t.Error("a viewer is led to a purchase")
	}
}

func TestOverviewWithHostileNames(t *testing.T) {
	evil := `"><img src=x onerror=alert(1)>` + "\u202e"
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "a2", Label: evil, State: account.Active})
	row := webtest.Machine(evil, "a2", evil, instance.StateFaulty)
	c.Instances.More = []*instance.Row{row, webtest.Machine("b", "a2", evil, instance.StateFaulty)}
	c.Traffic.GivenFleet = meter.Fleet{Lines: []meter.Line{{Row: row, Left: 1, Total: 100, At: webtest.Now,
		Forecast: webtest.Outlook(meter.UsedUp, 1)}}}
	c.Activity.Rows = []audit.Row{webtest.Did(1, evil, "order.confirm",
		audit.Entry{AccountID: "a2", Intent: evil, Params: map[string]string{"name": evil, "quantity": evil, "amount": evil}})}
	c.Orders.Groups = map[string][]order.Order{
		order.GroupInProgress: {{ID: "o1", AccountID: "a2", State: order.Sending, PersonName: evil,
			Request: order.Request{Name: evil, Image: order.Image{Name: evil}, PeriodNum: 1, PeriodUnit: order.Month}}},
		order.GroupDone: {{ID: "o2", State: order.Refused, StateAt: webtest.Now, Request: order.Request{Name: evil}}},
	}
	a := c.Get("/").Want(200)
	if a.Page().Find("main img").Length() != 0 || strings.ContainsRune(a.Body, '\u202e') {
		t.Errorf("a name became markup or turns the page: %.200q", a.Body[max(0, strings.IndexRune(a.Body, 0x202e)-150):])
	}
}
