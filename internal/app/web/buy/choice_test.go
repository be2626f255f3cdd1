package buy_test

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

// plain is the text of what is selected, with plain spaces.
func plain(doc *goquery.Document, selector string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(doc.Find(selector).Text(), "\u00a0", " ")), " ")
}

func TestTabsLeadToTheThreeKindsAndCountThem(t *testing.T) {
	c, s, st := webtest.OpenShop(t)
	st.GivenImages = []catalog.PrivateImage{{ID: "img-1", Name: "golden", Region: "ap-southeast-3", OS: catalog.Linux, Status: "active"}}
	s.Images = st.GivenImages
	for query, want := range map[string]string{
		"":                  "Applications 17* Systems 4 Your images 1",
		"?kind=application": "Applications 17* Systems 4 Your images 1",
		"?kind=os":          "Applications 17 Systems 4* Your images 1",
		"?kind=private":     "Applications 17 Systems 4 Your images 1*",
		"?image=ubuntu":     "Applications 17 Systems 4* Your images 1", // where the chosen one is
		"?image=img-1":      "Applications 17 Systems 4 Your images 1*",
		"?kind=desktop":     "Applications 17* Systems 4 Your images 1",
	} {
		doc := c.Get("/buy" + query).Want(http.StatusOK).Page()
		var got []string
		doc.Find("#wiz .seg[role=group] a").Each(func(_ int, a *goquery.Selection) {
			words := strings.Join(strings.Fields(a.Text()), " ")
			if _, is := a.Attr("aria-current"); is {
				words += "*"
			}
			got = append(got, words)
		})
		if strings.Join(got, " ") != want {
			t.Errorf("/buy%s: got %q, want %q", query, strings.Join(got, " "), want)
		}
	}
}

func TestASearchForImagesSaysHowManyItShowsAndLeadsToAll(t *testing.T) {
	c, _, _ := webtest.OpenShop(t)
	doc := c.Get("/buy?q=git&image=ghost&region=ap-southeast-3").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "#wiz", "1 of 17 shown.")
	all := doc.Find("#wiz a:contains('"+webtest.Word("buy.image.all")+"')").AttrOr("href", "")
	u, err := url.Parse(all)
	if err != nil || u.Path != "/buy" || u.Query().Get("q") != "" || u.Query().Get("image") != "ghost" ||
		u.Query().Get("region") != "ap-southeast-3" {
		t.Errorf("all of them: %q", all)
	}
	doc = c.Get("/buy").Page()
	if strings.Contains(doc.Find("#wiz").Text(), "of 17 shown") {
		t.Error("a list that nobody filtered says that it is")
	}
}

// Tabs and search keep, in a draft, the image that is ticked and not kept yet.
func TestTheViewOfADraftKeepsTheTickedImage(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	tab := func(path string) url.Values {
		u, err := url.Parse(c.Get(path).Want(http.StatusOK).Page().Find("#wiz .seg[role=group] a").Eq(1).AttrOr("href", ""))
		if err != nil || u.Path != "/buy/d1/image" {
			t.Fatalf("%s: the tab leads to %q: %v", path, u, err)
		}
		return u.Query()
	}
	if q := tab("/buy/d1/image"); len(q) != 1 || q.Get("kind") != "os" {
		t.Errorf("nothing is ticked: %v", q)
	}
	if q := tab("/buy/d1/image?pick=gitlab&version_gitlab=16.9.3"); q.Get("pick") != "gitlab" || q.Get("version_gitlab") != "16.9.3" {
		t.Errorf("the ticked image is lost: %v", q)
	}
}

func TestHtmxLearnsTheAddressOfTheFilteredList(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	c.Header.Set("HX-Request", "true")
	for path, want := range map[string]string{
		"/buy?q=git&from=a1":                              "/buy?from=a1&q=git",
		"/buy/d1/image?q=git":                             "/buy/d1/image?q=git",
		"/buy/d1/image?pick=gitlab&version_gitlab=16.9.3": "/buy/d1/image?pick=gitlab&version_gitlab=16.9.3",
		"/buy/d1/size?size=2-8":                           "", // a preview: the address stays
	} {
		a := c.Get(path).Want(http.StatusOK)
		if got := a.Header.Get("HX-Replace-Url"); got != want {
			t.Errorf("%s: the address becomes %q, want %q", path, got, want)
		}
		if strings.Contains(a.Body, "<html") || a.Page().Find("#wizard").Length() != 1 {
			t.Errorf("%s: not the wizard alone", path)
		}
	}
}

func TestTheCardSaysWhatAnImageNeedsAndWhereItIsNot(t *testing.T) {
	c, _, _ := webtest.OpenShop(t)
	doc := c.Get("/buy").Page()
	card := func(id string) string { return plain(doc, "label:has(#pick-"+id+"), .pick:has(#pick-"+id+")") }
	if got := card("gitlab"); !strings.Contains(got, "from 8 GiB") {
		t.Errorf("GitLab: %q", got)
	}
	if got := card("wordpress"); strings.Contains(got, "from ") {
		t.Errorf("WordPress needs what most need, and says so: %q", got)
	}
	doc = c.Get("/buy?kind=os").Page()
	if got := card("centos"); !strings.Contains(got, "CentOS 8.2, 8.1, 8.0, 7.3 and 7.2: not in Istanbul and Riyadh") {
		t.Errorf("CentOS: %q", got)
	}
	if got := card("ubuntu"); strings.Contains(got, "not in") {
		t.Errorf("Ubuntu is everywhere: %q", got)
	}
}

func TestTheHintSaysWhatTheChosenImageNeeds(t *testing.T) {
	c, s, st := webtest.OpenShop(t)
	st.GivenImages = []catalog.PrivateImage{{ID: "img-1", Name: "golden", Region: "ap-southeast-3", OS: catalog.Linux, Status: "active"}}
	s.Images = st.GivenImages
	for image, want := range map[string]string{"": "", "gitlab": "GitLab 16.9.3 needs at least 8 GiB of memory.", "img-1": "",
		"gone-image": ""} {
		if got := plain(c.Get("/buy?image="+image).Page(), "#wiz footer .hint.end"); got != want {
			t.Errorf("%q: the hint is %q, want %q", image, got, want)
		}
	}
}

func TestPrivateImagesSayWhatIsKnownOfThem(t *testing.T) {
	trouble := []instance.Sync{{Source: "ims:tr-west-1"}}
	one := []catalog.PrivateImage{{ID: "img-1", Name: "golden", Region: "ap-southeast-3", OS: catalog.Linux, Status: "active",
		MinDiskGiB: 40}}
	for _, test := range []struct {
		name   string
		images []catalog.PrivateImage
		age    instance.ImageAge
		says   []string
		not    []string
	}{
		{"none, read", nil, instance.ImageAge{At: webtest.Now}, []string{"No images of your own", "region by region"}, []string{"could not be read", "Reading"}},
		{"none yet, being read", nil, instance.ImageAge{Reading: true}, []string{"Reading the images of every region…"}, []string{"No images of your own", "Read "}},
		{"none, one region unread", nil, instance.ImageAge{Trouble: trouble}, []string{"Istanbul could not be read."}, []string{"Read "}},
		{"one, older, one region unread", one, instance.ImageAge{At: webtest.Now.Add(-180e9), Trouble: trouble},
			[]string{"golden", "img-1", "Linux", "asks for 40 GiB disk", "Read 3 min ago. Istanbul could not be read."},
			[]string{"No images of your own"}},
		{"one, of a system nobody told", []catalog.PrivateImage{{ID: "img-2", Name: "odd", Region: "ap-southeast-3", Status: "active"}}, instance.ImageAge{},
			[]string{"odd", "img-2", "Huawei does not say whether odd is Linux or Windows."}, []string{"asks for"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, s, st := webtest.OpenShop(t)
			st.GivenImages, s.Images, st.Age = test.images, test.images, test.age
			got := plain(c.Get("/buy?kind=private").Want(http.StatusOK).Page(), "#wiz > section.now")
			for _, want := range test.says {
				if !strings.Contains(got, want) {
					t.Errorf("does not say %q: %s", want, got)
				}
			}
			for _, not := range test.not {
				if strings.Contains(got, not) {
					t.Errorf("says %q: %s", not, got)
				}
			}
		})
	}
}

// A draft of an own image says so wherever its choice is repeated.
func TestAnOwnImageIsCalledSo(t *testing.T) {
	c, s, st := webtest.OpenShop(t)
	st.GivenImages = []catalog.PrivateImage{{ID: "img-1", Name: "golden", Region: "ap-southeast-3", OS: catalog.Linux, Status: "active"}}
	s.Images = st.GivenImages
	draft(s, "region", "image", "img-1", "size", "2-4", "region", "ap-southeast-3")
	doc := c.Get("/buy/d1/size").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "#wiz", "golden · your own image")
	webtest.Says(t, c.Get("/buy").Page(), "#wiz .note li", "your own image · Singapore")
	doc = c.Get("/buy/d1/region").Page()
	if n := doc.Find("input[name=region]:not([disabled])").Length(); n != 1 {
		t.Errorf("an own image can be bought in %d regions, want its own", n)
	}
	webtest.Says(t, doc, "#wiz .why", "golden")
}

func TestPricesStandOnTheSizesOnceTheRegionIsChosen(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.GivenQuote, s.Fresh = order.Quote{Total: *webtest.Dollars("6.59"), At: webtest.Now}, order.Known
	draft(s, "image", full[:4]...)
	doc := c.Get("/buy/d1/size").Page()
	if strings.Contains(plain(doc, "#wiz > section.now"), "6.59") {
		t.Error("a price without a region")
	}
	draft(s, "options", full...)
	doc = c.Get("/buy/d1/size").Page()
	webtest.Says(t, doc, "#wiz > section.now", "Prices: Huawei’s list price for Singapore.")
	for id, priced := range map[string]bool{"2-4": true, "2-0.5": false} { // the latter is too small
		card := plain(doc, "#wiz > section.now label:has(input[value='"+id+"']), #wiz > section.now .pick:has(input[value='"+id+"'])")
		if got := strings.Contains(card, "US$ 6.59"); got != priced {
			t.Errorf("%s has a price: %v, want %v: %q", id, got, priced, card)
		}
	}
	s.Fresh = order.Reading
	reading := c.Get("/buy/d1/size").Page().Find("#size-prices")
	if reading.AttrOr("hx-get", "") != "/buy/d1/size" || reading.AttrOr("hx-trigger", "") != "load delay:1500ms" {
		t.Errorf("prices that are being read do not come: %q", reading.Text())
	}
	for _, fresh := range []order.Freshness{order.Failed, order.NoPrice} {
		s.Fresh = fresh
		doc = c.Get("/buy/d1/size").Page()
		if doc.Find("#size-prices").Length() != 0 || strings.Contains(plain(doc, "#wiz > section.now"), "list price") {
			t.Errorf("%s: prices are promised", fresh)
		}
	}
}

func TestRegionsOfAnAccountNobodyReadYetAreAllOffered(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "size", full[:6]...)
	open := func() int {
		return c.Get("/buy/d1/region").Want(http.StatusOK).Page().Find("input[name=region]:not([disabled])").Length()
	}
	if n := open(); n != 5 {
		t.Errorf("%d regions are offered, want all but the one that is not active", n)
	}
	c.Accounts.All[0].Projects = nil
	if n := open(); n != 6 {
		t.Errorf("%d regions are offered before the account was read, want 6", n)
	}
}

// A link for a colleague may name a size by its code, too.
func TestASizeInAnAddressMayBeACode(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	for name, value := range map[string]string{"size": "2-4", "spec": "hf.large.2.30m.linux"} {
		doc := c.Get("/buy?image=wordpress&" + name + "=" + value).Page()
		if got := doc.Find("#wiz input[type=hidden][name=size]").AttrOr("value", ""); got != "2-4" {
			t.Errorf("%s=%s: carries %q", name, value, got)
		}
	}
	draft(s, "options", append(slices.Clone(full[:4]), "spec", "hf.large.1.30m.linux", "region", "ap-southeast-3")...)
	c.Post("/buy/d1/size", "size", "2-8").Want(http.StatusSeeOther)
	if f := s.GivenDrafts["d1"].Form; f["size"] != "2-8" || f["spec"] != "" {
		t.Errorf("the code of the older draft stays beside the new choice: %v", f)
	}
}

// Continue of the first step and of any other answers htmx with the step that
// follows and its address; a mistake takes the focus and scrolls nowhere.
func TestHtmxGetsTheNextStepOrTheMistake(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.Header.Set("HX-Request", "true")
	c.Header.Set("HX-Current-URL", "http://localhost:8080/buy")
	a := c.Post("/buy", "from", "a1", "pick", "wordpress").Want(http.StatusOK)
	doc := a.Page()
	if got := a.Header.Get("HX-Push-Url"); got != "/buy/d1/size" {
		t.Errorf("the address becomes %q", got)
	}
	webtest.Says(t, doc, "#step-title", webtest.Word("buy.size.title"))
	if _, moved := doc.Find("#step-title").Attr("data-focus"); !moved {
		t.Error("the new step does not take the focus")
	}
	a = c.Post("/buy/d1/size").Want(http.StatusUnprocessableEntity)
	webtest.Says(t, a.Page(), "#size-error", "Choose a size.")
	if got := a.Header.Get("HX-Reswap"); got != "outerHTML settle:0ms" {
		t.Errorf("a mistake is swapped by %q", got)
	}

	draft(s, "options", full...)
	a = c.Post("/buy/d1/image", "pick", "gitlab").Want(http.StatusOK)
	doc = a.Page()
	webtest.Says(t, doc, "#wiz .note", "GitLab 16.9.3 instead of WordPress 6.4.")
	if got := a.Header.Get("HX-Push-Url"); got != "/buy/d1/size" || doc.Find("button[formaction='/buy/d1/undo']").Length() != 1 {
		t.Errorf("a changed choice leads to %q and cannot be taken back there", got)
	}
}

func TestHtmxGetsTheReview(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	s.GivenBeside = order.Beside{Orders: []order.FoundOrder{webtest.Stray()}}
	c.Header.Set("HX-Request", "true")
	a := c.Send(http.MethodPost, "/buy/d1/options", fields("name", "shop-2")).Want(http.StatusOK)
	if got := a.Header.Get("HX-Push-Url"); got != "/buy/d1/review?review=r1" {
		t.Errorf("the address becomes %q", got)
	}
	doc := a.Page()
	webtest.Says(t, doc, "#step-title", "Check and order")
	webtest.Says(t, doc, "#wiz", "3 servers named shop-2 · 1 month")
	webtest.Says(t, doc, "#wiz", "CS2611230901FOUND")
	if doc.Find("#wiz").AttrOr("action", "") != "/orders" || doc.Find("input[name=hash]").AttrOr("value", "") != "hash-shop-2" {
		t.Error("the review cannot be ordered")
	}
	s.Broken = map[string]error{"Beside": errors.New("database is locked")}
	a = c.Send(http.MethodPost, "/buy/d1/options", fields()).Want(http.StatusInternalServerError)
	if strings.Contains(a.Body, "database is locked") {
		t.Error("an internal error is shown")
	}
}

func TestUndoTakesBackOnlyWhatWasReplaced(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	c.Post("/buy/d1/undo", "step", "region").Want(http.StatusSeeOther, "/buy/d1/region") // nothing to take back
	if got := s.GivenDrafts["d1"].Form; got["image"] != "wordpress" {
		t.Errorf("the draft became %v", got)
	}
	for step, want := range map[string]string{"size": "size", "review": "image", "nonsense": "image", "": "image"} {
		c.Post("/buy/d1/image", "pick", "gitlab").Want(http.StatusSeeOther)
		c.Post("/buy/d1/undo", "step", step).Want(http.StatusSeeOther, "/buy/d1/"+want)
		webtest.Says(t, c.Get("/buy/d1/size").Page(), "#toasts", "The old choice is back.")
		if got := s.GivenDrafts["d1"].Form; got["image"] != "wordpress" || got["version"] != "6.4" {
			t.Errorf("%q: the draft became %v", step, got)
		}
	}
}

func TestTheNoteOfAChangeNamesAccountAndChoices(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	d := s.GivenDrafts["d1"]
	d.Before = maps.Clone(d.Form)
	d.Before["account"], d.Before["size"], d.Before["region"] = "s1", "2-8", "ap-southeast-1"
	s.GivenDrafts["d1"] = d
	got := plain(c.Get("/buy/d1/size?changed=1").Page(), "#wizard .note:has(button[formaction='/buy/d1/undo'])")
	for _, want := range []string{"Orchid Retail instead of Sandbox.", "2 vCPU, 4 GiB instead of 2 vCPU, 8 GiB.",
		"Singapore instead of Hong Kong."} {
		if !strings.Contains(got, want) {
			t.Errorf("does not say %q: %s", want, got)
		}
	}
	if strings.Contains(got, "WordPress") {
		t.Errorf("names the image, which is the same: %s", got)
	}
	d.Before = maps.Clone(d.Form)
	s.GivenDrafts["d1"] = d
	if n := c.Get("/buy/d1/size?changed=1").Page().Find("button[formaction='/buy/d1/undo']").Length(); n != 0 {
		t.Error("nothing changed, and it can be taken back")
	}
}

func TestAccountsThatCannotBuyAreNotChosenByThemselves(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(all []account.Account)
		scope  string
		head   string
	}{
		{"the first of the scope", func([]account.Account) {}, "", "Orchid Retail"},
		{"the Sandbox, when it is the scope", func([]account.Account) {}, "s1", "Sandbox"},
		{"the first that can", func(all []account.Account) { all[0].State = account.Disabled }, "", "Sandbox"},
		{"the first, when none can", func(all []account.Account) { all[0].State, all[1].State = account.Disabled, account.Disabled }, "", "Orchid Retail"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _, _ := webtest.OpenShop(t)
			test.change(c.Accounts.All)
			c.Persons.Scope = test.scope
			webtest.Says(t, c.Get("/buy").Want(http.StatusOK).Page(), "main .head", test.head)
		})
	}
}

func TestTheOtherAccountsSayWhyTheyCannotBuy(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.Accounts.All = append(c.Accounts.All,
		account.Account{ID: "a2", Label: "Marina Labs", Site: account.International, State: account.Disabled},
		account.Account{ID: "a3", Label: "Lotus", Site: account.Mainland, State: account.Active},
		account.Account{ID: "a4", Label: "Jade", Site: account.International, State: account.Active})
	draft(s, "options", full...)
	menu := plain(c.Get("/buy/d1/size").Page(), "#buy-accounts")
	for _, want := range []string{"Marina Labs", "This account is disabled.", "Lotus", "No catalogue is known for this site.", "Jade"} {
		if !strings.Contains(menu, want) {
			t.Errorf("the menu does not say %q: %s", want, menu)
		}
	}
	if strings.Contains(menu, "Orchid Retail") || strings.Index(menu, "Sandbox") < strings.Index(menu, "Jade") {
		t.Errorf("the menu has the chosen account, or the Sandbox before real ones: %s", menu)
	}
}

func TestWithoutAnAccountOnlyAnOwnerIsLedToConnectOne(t *testing.T) {
	for role, want := range map[person.Role]int{person.Buyer: 0, person.Owner: 1} {
		c, s, _ := webtest.OpenShop(t)
		draft(s, "options", full...)
		c.Accounts.All = nil
		for _, a := range []*webtest.Answer{c.As(role).Get("/buy"), c.Get("/buy/d1/size"), c.Post("/buy", "pick", "ghost"),
			c.Post("/buy/d1/size", "size", "2-8")} {
			doc := a.Want(http.StatusOK).Page()
			webtest.Says(t, doc, "main .empty", "Buying needs a cloud account")
			if n := doc.Find("main .empty a[href='/accounts/new']").Length(); n != want {
				t.Errorf("a %s is led to connect one: %d, want %d", role, n, want)
			}
		}
		if got := s.GivenDrafts["d1"].Form["size"]; got != "2-4" {
			t.Errorf("the draft became %q", got)
		}
	}
}

func TestAnAccountWithoutACatalogueLeadsToThoseThatHaveOne(t *testing.T) {
	c, _, _ := webtest.OpenShop(t)
	c.Accounts.All[0].Site = account.Mainland
	c.Accounts.All = append(c.Accounts.All,
		account.Account{ID: "a2", Label: "Marina Labs", Site: account.International, State: account.Active},
		account.Account{ID: "a3", Label: "Lotus", Site: account.International, State: account.Disabled})
	doc := c.Get("/buy?from=a1").Want(http.StatusOK).Page()
	var got []string
	doc.Find("main .empty a").Each(func(_ int, a *goquery.Selection) {
		got = append(got, strings.TrimSpace(a.Text())+" "+a.AttrOr("href", ""))
	})
	if want := []string{"Buy on Sandbox /buy?from=s1", "Buy on Marina Labs /buy?from=a2"}; !slices.Equal(got, want) {
		t.Errorf("leads to %q, want %q", got, want)
	}
}

func TestAnAccountWhoseKeyIsLostSaysSo(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.Accounts.All[0].Trouble.ID = account.KeyLost
	draft(s, "options", full...)
	doc := c.Get("/buy/d1/size").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "main .note", "Orchid Retail cannot buy now. Its credential was lost and has to be entered again.")
	if doc.Find("main .note a[href='/accounts/a1']").Length() != 1 {
		t.Error("nothing leads to the account")
	}
	c.Post("/buy/d1/review").Want(http.StatusSeeOther, "/buy/d1/review?review=r1")
	place := c.Get("/buy/d1/review?review=r1").Page()
	if place.Find("#wiz footer button.big[aria-disabled=true]").Length() != 1 {
		t.Error("the order can be placed")
	}
	webtest.Says(t, place, "#wiz footer", "Its credential was lost")
}
