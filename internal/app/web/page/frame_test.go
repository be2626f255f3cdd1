package page_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/layout"
)

var sandboxAccount = account.Account{ID: "s1", Label: "Playground", Site: account.SandboxSite, State: account.Active}

// words are the text of what is selected, its white space made single.
func words(doc *goquery.Document, selector string) string {
	return strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
}

func TestFiguresBesideTheNavigation(t *testing.T) {
	c := webtest.Open(t)
	doc := c.Get("/settings/you").Want(200).Page()
	for _, key := range []string{"servers", "instances", "orders", "accounts"} {
		if got := words(doc, "#count-"+key); got != "" {
			t.Errorf("nothing is there: %s has %q", key, got)
		}
	}
	c = webtest.Open(t)
	webtest.Fleet(c, 3)
	c.Orders.GivenAttention = []order.Order{webtest.Order(order.Unknown), webtest.Order(order.AwaitingPayment)}
	c.Orders.Found = []order.FoundOrder{webtest.Stray()}
	c.Instances.GivenGaps = instance.Gaps{
		{AccountID: "a1", About: instance.AboutTerms, Source: "bss", OKAt: webtest.Now, Trouble: fault.Say("cloud.unreachable")},
		{AccountID: "a1", About: instance.AboutList, Source: "config", OKAt: webtest.Now, Lacking: 1},
	}
	doc = c.Get("/settings/you").Want(200).Page()
	for key, want := range map[string]string{"servers": "3+", "instances": "3+", "orders": "3", "accounts": "1"} {
		if got := words(doc, "#count-"+key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	for key, want := range map[string]bool{"servers": false, "instances": false, "orders": true, "accounts": true} {
		if got := doc.Find("#count-" + key).HasClass("warn"); got != want {
			t.Errorf("%s asks for attention: %t", key, got)
		}
	}
	c.Accounts.All = nil
	if got := words(c.Get("/settings/you").Want(200).Page(), "#count-orders"); got != "" {
		t.Errorf("without an account: %q", got)
	}
}

func TestBannersSayWhatConcernsTheWholeConsole(t *testing.T) {
	full := func(st page.Storage) func(*web.Options) {
		return func(o *web.Options) { o.Storage = func() page.Storage { return st } }
	}
	for name, tt := range map[string]struct {
		options func(*web.Options)
		change  func(*webtest.Console)
		want    string
	}{
		"nothing":           {full(page.Storage{}), nil, ""},
		"a full disk":       {full(page.Storage{ReadOnly: true, LowSpace: true}), nil, "The disk is full."},
		"little space":      {full(page.Storage{LowSpace: true}), nil, "The disk is almost full."},
		"no encryption":     {func(o *web.Options) { o.AllowPlainHTTP = true }, func(c *webtest.Console) { c.Host = "192.0.2.1" }, "This connection is not encrypted."},
		"other addresses":   {func(o *web.Options) { o.CloudOverride = "http://mock" }, nil, "Huawei’s addresses are replaced. Whoever runs this console sends every call to http://mock."},
		"not the Sandbox's": {func(o *web.Options) { o.CloudOverride = "http://mock" }, func(c *webtest.Console) { c.Accounts.All = []account.Account{sandboxAccount} }, ""},
		"a broken account": {full(page.Storage{}), func(c *webtest.Console) {
			c.Accounts.All[0].State, c.Accounts.All[0].Trouble, c.Accounts.All[0].TroubleAt = account.Broken,
				fault.Say("cloud.login.wrong"), webtest.Now
		}, "Marina Labs can’t be read, since today at 09:21. " + webtest.Word("cloud.login.wrong") +
			" Its servers stay, as of today at 09:18.See the account"},
	} {
		c := webtest.Open(t, tt.options)
		if tt.change != nil {
			tt.change(c)
		}
		if got := words(c.Get("/settings/you").Want(200).Page(), "#banners"); got != tt.want &&
			(tt.want == "" || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// A database that was put back is said to everybody; who may decide closes it.
func TestTheBannerOfARestoredDatabase(t *testing.T) {
	since := webtest.Now.Add(-time.Hour)
	for _, tt := range []struct {
		name  string
		r     order.Restored
		role  person.Role
		want  []string
		links string
	}{
		{"an ordinary one", order.Restored{Open: []order.Order{{ID: "o1"}}}, person.Owner, nil, ""},
		{"nothing was found", order.Restored{Since: since}, person.Owner,
			[]string{"It was noticed today at 08:21.", "Nothing was found at Huawei that is not known here.", "Close"}, ""},
		{"nothing was found, seen by a viewer", order.Restored{Since: since}, person.Viewer, []string{"Nothing was found at Huawei that is not known here."}, ""},
		{"one is looked for", order.Restored{Since: since, Open: []order.Order{{ID: "o1"}}}, person.Owner,
			[]string{"1 purchase from then is being looked for", "nothing is bought on its account."}, "/orders/o1"},
		{"several are", order.Restored{Since: since, Open: []order.Order{{ID: "o1"}, {ID: "o2"}}, Unread: true}, person.Owner,
			[]string{"2 purchases from then are being looked for", "The recent orders of an account at Huawei are not read yet."},
			"/orders?state=problem"},
		{"one was found", order.Restored{Since: since, Found: []order.FoundOrder{webtest.Stray()}}, person.Owner,
			[]string{"Found at Huawei, and not known here: CS2611230901FOUND."}, "/orders?state=found"},
		{"found without a restore", order.Restored{Found: []order.FoundOrder{webtest.Stray()}}, person.Owner,
			[]string{"Huawei has an order that may have been placed from here"}, "/orders?state=found"},
	} {
		c := webtest.Open(t).As(tt.role)
		c.Orders.GivenRestored = tt.r
		doc := c.Get("/settings/you").Want(200).Page()
		if len(tt.want) == 0 && words(doc, "#banners") != "" {
			t.Errorf("%s: %q", tt.name, words(doc, "#banners"))
		}
		for _, want := range tt.want {
			webtest.Says(t, doc, "#banners", want)
		}
		if got := doc.Find("#banners a").AttrOr("href", ""); got != tt.links {
			t.Errorf("%s: leads to %q, want %q", tt.name, got, tt.links)
		}
		closes := doc.Find(`#banners form[action="/restored/close"]`).Length() == 1
		if want := len(tt.want) == 3; closes != want {
			t.Errorf("%s: can be closed: %t", tt.name, closes)
		}
	}
}

func TestTheScopeOfAPage(t *testing.T) {
	second := account.Account{ID: "a2", Label: "Dhow", Site: account.International, State: account.Active}
	for _, tt := range []struct {
		name    string
		more    []account.Account
		none    bool
		scope   string
		label   string
		choices string // * marks the current one
		strip   bool
	}{
		{"no account", nil, true, "", "No account", "", false},
		{"one account", nil, false, "", "Marina Labs real money", "Marina Labs*", false},
		{"two accounts", []account.Account{second}, false, "", "All accounts real money", "All accounts*|Marina Labs|Dhow", false},
		{"one of two", []account.Account{second}, false, "a2", "Dhow real money", "All accounts|Marina Labs|Dhow*", false},
		{"beside the Sandbox", []account.Account{sandboxAccount}, false, "", "Marina Labs real money", "Marina Labs*|Playground", false},
		{"the Sandbox", []account.Account{sandboxAccount}, false, "sandbox", "Sandbox simulated", "Marina Labs|Playground*", true},
		{"an account that is gone", []account.Account{second}, false, "a9", "All accounts real money", "All accounts*|Marina Labs|Dhow", false},
	} {
		c := webtest.Open(t)
		if tt.none {
			c.Accounts.All = nil
		}
		c.Accounts.All, c.Persons.Scope = append(c.Accounts.All, tt.more...), tt.scope
		doc := c.Get("/settings/you").Want(200).Page()
		var choices []string
		doc.Find("#scopes button").Each(func(_ int, b *goquery.Selection) {
			name := strings.TrimSpace(b.Find("bdi").Text())
			if _, current := b.Attr("aria-current"); current {
				name += "*"
			}
			choices = append(choices, name)
		})
		if got := strings.Join(choices, "|"); got != tt.choices {
			t.Errorf("%s: may choose %s, want %s", tt.name, got, tt.choices)
		}
		if got := words(doc, "button.scope[popovertarget=scopes]"); !strings.HasPrefix(got, strings.Fields(tt.label)[0]) {
			t.Errorf("%s: %q", tt.name, got)
		}
		if got := doc.Find(".strip:not(.pause)").Length() == 1; got != tt.strip {
			t.Errorf("%s: looks simulated: %t", tt.name, got)
		}
	}
}

// The Sandbox stands in the navigation where it is connected.
func TestTheSandboxInTheNavigation(t *testing.T) {
	linked := func(c *webtest.Console) bool {
		return c.Get("/settings/you").Want(200).Page().Find(`#nav a[href="/sandbox"]`).Length() == 1
	}
	c := webtest.Open(t)
	if linked(c) {
		t.Error("it is not connected, and is linked")
	}
	c.Accounts.All = append(c.Accounts.All, sandboxAccount)
	if !linked(c) {
		t.Error("it is connected, and is not linked")
	}
	without := webtest.Open(t, func(o *web.Options) { o.Sandbox = nil })
	without.Accounts.All = append(without.Accounts.All, sandboxAccount)
	if linked(without) {
		t.Error("there is none, and it is linked")
	}
}

func TestWhatAPageWatches(t *testing.T) {
	c := webtest.Open(t)
	for path, want := range map[string]string{"/accounts": "/events?topics=frame%2Cattention",
		"/accounts/a1": "/events?topics=frame%2Caccount%2Fa1", "/settings/you": ""} {
		if got := c.Get(path).Want(200).Page().Find("body").AttrOr("sse-connect", ""); got != want {
			t.Errorf("%s watches %q, want %q", path, got, want)
		}
	}
}

// Orders of accounts that are gone are shown to whoever may decide about them.
func TestOrdersThatNobodyHereKnows(t *testing.T) {
	found := []order.FoundOrder{
		webtest.Stray(), webtest.Stray(func(f *order.FoundOrder) { f.AccountID = "a2" }),
		webtest.Stray(func(f *order.FoundOrder) { f.AccountID = "gone" }),
	}
	all := []account.Account{{ID: "a1", Site: account.International}, {ID: "a2", Site: account.International},
		{ID: "s1", Site: account.SandboxSite}}
	for _, tt := range []struct {
		scope         string
		role          person.Role
		in, elsewhere int
	}{
		{"a1", person.Owner, 2, 1}, {"a1", person.Viewer, 1, 1}, {"real", person.Owner, 3, 0}, {"sandbox", person.Owner, 0, 2},
	} {
		c := webtest.Open(t)
		c.Orders.Found = found
		in, elsewhere, err := page.Frames{Orders: c.Orders}.Strays(t.Context(), person.Actor{Role: tt.role}, visit.Narrow(all, tt.scope))
		if err != nil || len(in) != tt.in || elsewhere != tt.elsewhere {
			t.Errorf("%s, %s: %d here and %d elsewhere, %v", tt.scope, tt.role, len(in), elsewhere, err)
		}
	}
}

// A page about one account looks like its world, whatever the scope.
func TestTheWorldOfOneAccount(t *testing.T) {
	for _, tt := range []struct {
		scope   layout.ScopeModel
		account account.Account
		want    layout.ScopeModel
	}{
		{layout.ScopeModel{Label: "All"}, sandboxAccount, layout.ScopeModel{Label: "Playground", Sandbox: true}},
		{layout.ScopeModel{Label: "Sandbox", Sandbox: true}, sandboxAccount, layout.ScopeModel{Label: "Sandbox", Sandbox: true}},
		{layout.ScopeModel{Label: "Sandbox", Sandbox: true}, account.Account{ID: "a1", Label: "Marina"}, layout.ScopeModel{Label: "Marina"}},
		{layout.ScopeModel{Label: "Sandbox", Sandbox: true}, account.Account{}, layout.ScopeModel{Label: "Sandbox", Sandbox: true}},
	} {
		f := layout.Frame{Scope: tt.scope}
		page.InWorldOf(&f, tt.account)
		if f.Scope.Label != tt.want.Label || f.Scope.Sandbox != tt.want.Sandbox {
			t.Errorf("%+v in %+v: %+v", tt.account, tt.scope, f.Scope)
		}
	}
}

// Which sources of a server failed is said where they matter.
func TestTroublesAtAPlace(t *testing.T) {
	at := func(about instance.About, source string) instance.Gap {
		return instance.Gap{AccountID: "a1", About: about, Source: source, OKAt: webtest.Now, Trouble: fault.Say("cloud.unreachable")}
	}
	open := at(instance.AboutTraffic, "traffic")
	open.Trouble = fault.Message{}
	known := gaps{all: instance.Gaps{at(instance.AboutStates, "ecs:tr-west-1"), at(instance.AboutTerms, "bss"), open}}
	all := []account.Account{{ID: "a1", Label: "Marina", State: account.Active}}
	for place, want := range map[string]string{"tr-west-1": "Servers in Istanbul and Expiry dates of Marina could not be read.",
		"me-east-1": "Expiry dates of Marina could not be read."} {
		c, _ := request("GET", "/")
		notes := page.Knowledge{Instances: known}.Troubles(c, visit.Narrow(all, "real"), "a1", place)
		if len(notes) != 1 || notes[0].Bold != want {
			t.Errorf("%s: %+v", place, notes)
		}
	}
}

// What is not known is read once a request, of all accounts; a failure is passed on.
func TestGapsAreReadOncePerRequest(t *testing.T) {
	asked := 0
	known := gaps{all: instance.Gaps{{AccountID: "a1"}, {AccountID: "a2"}}, asked: &asked}
	sc := visit.Narrow([]account.Account{{ID: "a1"}, {ID: "a2"}}, "a1")
	c, _ := request("GET", "/")
	k := page.Knowledge{Instances: known}
	for range 2 {
		in, err := k.Gaps(c, sc)
		all, errAll := k.AllGaps(c, sc)
		if len(in) != 1 || len(all) != 2 || err != nil || errAll != nil {
			t.Errorf("%d in the scope, %d of all; %v, %v", len(in), len(all), err, errAll)
		}
	}
	if asked != 1 {
		t.Errorf("read %d times", asked)
	}
	c, _ = request("GET", "/")
	broken := errors.New("broken")
	if _, err := (page.Knowledge{Instances: gaps{err: broken}}).Read(c, sc); !errors.Is(err, broken) {
		t.Errorf("a failure is lost: %v", err)
	}
}

// Pages before sign-in say that the connection is not encrypted, and take the note.
func TestPagesWithoutASideBar(t *testing.T) {
	c := webtest.Open(t, func(o *web.Options) { o.AllowPlainHTTP = true }).SignedOut()
	if got := words(c.Get("/sign-in").Want(200).Page(), ".note"); got != "" {
		t.Errorf("on this machine: %q", got)
	}
	c.Host = "192.0.2.1"
	c.Post("/reset", "code", "reset-code", "password", webtest.Password).Want(303, "/sign-in")
	doc := c.Get("/sign-in").Want(200).Page()
	webtest.Says(t, doc, ".note", "This connection is not encrypted.")
	webtest.Says(t, doc, ".toast", webtest.Word("signin.reset.done"))
	if doc.Find("#nav, #scopes").Length() != 0 {
		t.Error("a stranger sees the navigation")
	}
}
