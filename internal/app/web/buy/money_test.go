package buy_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/shopspring/decimal"

	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

// euros are an amount in a currency that the accounts here do not have.
func euros(s string) *order.Money {
	return &order.Money{Amount: decimal.RequireFromString(s), Currency: "EUR"}
}

// askPrice is GET /buy/price of everything that a price depends on.
const askPrice = "/buy/price?from=a1&image=wordpress&version=6.4&spec=hf.large.2.30m.linux&region=ap-southeast-3" +
	"&quantity=3&period_unit=month&period_num=1"

func TestThePriceSaysWhatIsKnownOfIt(t *testing.T) {
	quote := order.Quote{Total: *webtest.Dollars("25.77"), At: webtest.Now.Add(-time.Minute), Lines: []order.QuoteLine{
		{What: "instance", Amount: *webtest.Dollars("19.77"), Per: 3}, {What: "evs", Amount: *webtest.Dollars("5.00"), Per: 3},
		{What: "support", Amount: *webtest.Dollars("1.00")}}}
	simulated := quote
	simulated.Source = "simulated"
	for _, test := range []struct {
		name  string
		fresh order.Freshness
		quote order.Quote
		extra string
		says  []string
		not   []string
	}{
		{"known", order.Known, quote, "&data_disk=20",
			[]string{"3 × WordPress 6.4, 2 vCPU, 4 GiB US$ 6.59 eachUS$ 19.77", "3 × data disk 20 GiB US$ 5.00", "support US$ 1.00",
				"For 1 month US$ 25.77", "Huawei’s price, read today at 09:20."},
			[]string{"US$ 1.67", "simulated"}}, // 5.00 is not three times a whole cent
		{"simulated", order.Known, simulated, "", []string{"A simulated price, read today at 09:20."}, []string{"Huawei’s price"}},
		{"being read", order.Reading, order.Quote{}, "", []string{"Reading the price…", "3 × WordPress 6.4, 2 vCPU, 4 GiB not known", "For 1 month –"}, []string{"0.00"}},
		{"the last read failed", order.Failed, order.Quote{}, "", []string{"The price could not be read", "before you pay"}, []string{"0.00"}},
		{"not told, with every extra", order.NoPrice, order.Quote{}, "&data_disk=20&backup=100&host_security=on",
			[]string{"Huawei does not tell the price beforehand", "3 × data disk 20 GiB not known", "3 × cloud backup 100 GiB not known",
				"3 × host security not known"}, []string{"0.00"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			s.GivenQuote, s.Fresh = test.quote, test.fresh
			a := c.Get(askPrice + test.extra + "&part=price").Want(http.StatusOK)
			doc := a.Page()
			got := plain(doc, "[id^=price-]")
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
			reading := test.fresh == order.Reading
			if asks := doc.Find("[hx-get^='/buy/price?']").Length() == 1; asks != reading {
				t.Errorf("it is asked for again: %v", asks)
			}
			if told := a.Header.Get("HX-Trigger") == "priced"; told == reading {
				t.Errorf("an offered cap is told of it: %v", told)
			}
		})
	}
}

// The id of a price's piece changes with all that the price depends on, and with
// nothing else: an answer about an earlier choice finds no place any more.
func TestThePieceOfAPriceHasTheIDOfItsChoice(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.Fresh = order.NoPrice
	id := func(query string) string { return c.Get(query).Page().Find("[id^=total-]").AttrOr("id", "") }
	same := id(askPrice)
	if same == "" || id(askPrice+"&name=other&tag_key_1=env") != same {
		t.Error("the name or a tag changes the price's id")
	}
	for _, change := range []string{"version=6.4|version=6.3", "2.30m|1.30m", "southeast-3|southeast-1", "quantity=3|quantity=4",
		"unit=month|unit=year", "period_num=1|period_num=2", "wordpress|ghost"} {
		from, to, _ := strings.Cut(change, "|")
		if id(strings.Replace(askPrice, from, to, 1)) == same {
			t.Errorf("%s: the id stays", change)
		}
	}
	for _, extra := range []string{"&data_disk=20", "&backup=20", "&host_security=on"} {
		if id(askPrice+extra) == same {
			t.Errorf("%s: the id stays", extra)
		}
	}
}

func TestWhatWasPaidBeforeIsShownUpToTwice(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	for day := 1; day <= 3; day++ {
		s.Paid = append(s.Paid,
			order.Paid{At: time.Date(2026, 11, 4-day, 2, 0, 0, 0, time.UTC), Amount: *webtest.Dollars("24.48"), Paid: true})
	}
	got := plain(c.Get(askPrice).Want(http.StatusOK).Page(), "[id^=total-]")
	if strings.Count(got, "Paid for the same on") != 2 || !strings.Contains(got, "3 Nov") || strings.Contains(got, "1 Nov:") {
		t.Errorf("not the last two: %s", got)
	}
	s.Broken = map[string]error{"PaidFor": errors.New("database is locked")}
	got = plain(c.Get(askPrice).Want(http.StatusOK).Page(), "[id^=total-]")
	if strings.Contains(got, "Paid for the same") || !strings.Contains(got, "Huawei does not tell the price beforehand") {
		t.Errorf("without what was paid: %s", got)
	}
	if !strings.Contains(c.Log.String(), "amounts paid before not read") {
		t.Error("that they could not be read is not logged")
	}
}

func TestTheBalanceSaysWhatIsKnownOfIt(t *testing.T) {
	for _, test := range []struct {
		name    string
		balance *order.Money
		fresh   order.Freshness
		says    string
		asks    string
	}{
		{"known", webtest.Dollars("84.12"), "", "Balance US$ 84.12", ""},
		{"being read", nil, order.Reading, "Reading the balance…", "/buy/balance?from=a1"},
		{"failed", nil, order.Failed, "Balance not known", ""},
		{"not told", nil, order.NoPrice, "Balance not known", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			if test.balance != nil {
				s.Balance.Available = *test.balance
			}
			s.BalanceFresh = test.fresh
			for _, path := range []string{"/buy/balance?from=a1", "/buy"} { // the piece, and where it stands
				doc := c.Get(path).Want(http.StatusOK).Page()
				if got := plain(doc, "#balance"); got != test.says {
					t.Errorf("%s: got %q, want %q", path, got, test.says)
				}
				if got := doc.Find("#balance").AttrOr("hx-get", ""); got != test.asks {
					t.Errorf("%s: asks %q again, want %q", path, got, test.asks)
				}
			}
			if body := c.Get("/buy/balance?from=a1").Body; strings.Contains(body, "<html") {
				t.Error("the piece is a whole page")
			}
		})
	}
}

func TestTheReviewSaysWhatWillBeLeft(t *testing.T) {
	for _, test := range []struct {
		name           string
		balance, total *order.Money
		says           string
	}{
		{"enough", webtest.Dollars("84.12"), webtest.Dollars("25.77"), "Balance US$ 84.12, after this about US$ 58.35."},
		{"to the cent", webtest.Dollars("25.77"), webtest.Dollars("25.77"), "Balance US$ 25.77, after this about US$ 0.00."},
		{"less than the price", webtest.Dollars("25.76"), webtest.Dollars("25.77"), "Balance US$ 25.76: less than the price."},
		{"the price is not known", webtest.Dollars("84.12"), nil, "Balance US$ 84.12."},
		{"the price is in another currency", webtest.Dollars("84.12"), euros("25.77"), "Balance US$ 84.12."},
		{"the balance is not known", nil, webtest.Dollars("25.77"), "The balance is not known."},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, doc := reviewed(t, func(s *webtest.Shop) {
				if test.balance != nil {
					s.Balance.Available = *test.balance
				}
				if test.total != nil {
					s.GivenQuote, s.Fresh = order.Quote{Total: *test.total, At: webtest.Now}, order.Known
				}
			})
			got := plain(doc, "#wiz .note")
			if !strings.Contains(got, test.says) {
				t.Errorf("does not say %q: %s", test.says, got)
			}
			if test.total == nil && strings.Contains(got, "after this") {
				t.Errorf("guesses what is left: %s", got)
			}
		})
	}
}

func TestTheReviewSaysWhatHappensNextAndUntilWhen(t *testing.T) {
	for _, test := range []struct {
		name  string
		pairs []string
		says  []string
		not   string
	}{
		{"exact", nil, []string{"It is unpaid and costs nothing.", "You press Pay or Cancel", "does not renew by itself"}, "Within your limit"},
		{"at most", []string{"payment", "atmost", "cap", "30", "cap_currency", "USD"}, []string{"It is unpaid and costs nothing.", "Within your limit we pay"}, "You press Pay"},
		{"deducted", []string{"payment", "deduct"}, []string{"Huawei deducts the amount by itself."}, "costs nothing"},
		{"renewing", []string{"auto_renew", "on"}, []string{"It runs until about 23 Dec and then renews by itself"}, "does not renew"},
		{"a year", []string{"period_unit", "year", "period_num", "2"}, []string{"It runs until about 23 Nov 2028 and does not renew"}, "then renews"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			c.Settings.Deduct = true
			draft(s, "options", append(slices.Clone(full), test.pairs...)...)
			c.Post("/buy/d1/review").Want(http.StatusSeeOther)
			got := plain(c.Get("/buy/d1/review?review=r1").Want(http.StatusOK).Page(), "#wiz")
			for _, want := range test.says {
				if !strings.Contains(got, want) {
					t.Errorf("does not say %q: %s", want, got)
				}
			}
			if strings.Contains(got, test.not) {
				t.Errorf("says %q", test.not)
			}
		})
	}
}

func TestASimulatedDeductionLooksSimulated(t *testing.T) {
	for fresh, label := range map[order.Freshness]string{order.Known: "Buy, simulated deduction of about US$ 25.77",
		order.NoPrice: "Buy, price unknown"} {
		c, s, _ := webtest.OpenShop(t)
		c.Settings.Deduct = true
		s.GivenQuote, s.Fresh = order.Quote{Total: *webtest.Dollars("25.77"), At: webtest.Now}, fresh
		draft(s, "options", append(slices.Clone(full), "account", "s1", "payment", "deduct")...)
		c.Post("/buy/d1/review").Want(http.StatusSeeOther)
		doc := c.Get("/buy/d1/review?review=r1").Page()
		if got := plain(doc, "#wiz footer button.big"); got != label || !doc.Find("#wiz footer button.big").HasClass("play") {
			t.Errorf("%s: the button says %q, want %q", fresh, got, label)
		}
		if doc.Find(".strip").Length() == 0 {
			t.Error("the page does not wear the Sandbox's stripes")
		}
	}
}

// The currency of a cap is the account's; where that is not known, the balance's
// or the price's; where nothing is, a choice.
func TestTheCurrencyOfACap(t *testing.T) {
	for _, test := range []struct {
		name    string
		account string
		balance *order.Money
		total   *order.Money
		want    string // currencies offered; empty: one stands there
		says    string
	}{
		{"the account's", "USD", euros("1"), euros("2"), "", "US$"},
		{"the balance's", "", euros("1"), webtest.Dollars("2"), "", "€"},
		{"the price's", "", nil, euros("2"), "", "€"},
		{"none known", "", nil, nil, "USD EUR CNY", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			c.Accounts.All[0].Currency = test.account
			if test.balance != nil {
				s.Balance.Available = *test.balance
			}
			if test.total != nil {
				s.GivenQuote, s.Fresh = order.Quote{Total: *test.total, At: webtest.Now}, order.Known
			}
			draft(s, "region", full[:8]...)
			doc := c.Get("/buy/d1/options").Want(http.StatusOK).Page()
			var offered []string
			doc.Find("select[name=cap_currency] option").
				Each(func(_ int, o *goquery.Selection) { offered = append(offered, o.AttrOr("value", "")) })
			if got := strings.Join(offered, " "); got != test.want {
				t.Errorf("offers %q, want %q", got, test.want)
			}
			if got := strings.TrimSpace(doc.Find("#cap").Parent().Find("span[aria-hidden]").Text()); got != test.says {
				t.Errorf("beside the cap stands %q, want %q", got, test.says)
			}
		})
	}
}

func TestOptionsWithoutNamesOrDraftsStillWork(t *testing.T) {
	c, s, st := webtest.OpenShop(t)
	st.Broken = map[string]error{"NameTaken": errors.New("database is locked")}
	draft(s, "region", full[:8]...)
	doc := c.Get("/buy/d1/options").Want(http.StatusOK).Page()
	if n := doc.Find("#names option").Length(); n != 0 {
		t.Errorf("%d names are suggested that may be taken", n)
	}
	s.Broken = map[string]error{"Drafts": errors.New("database is locked")}
	doc = c.Get("/buy").Want(http.StatusOK).Page()
	if doc.Find("#wiz .note li").Length() != 0 || doc.Find("input[name=pick]").Length() != 17 {
		t.Error("without the drafts the page is not the wizard")
	}
	if !strings.Contains(c.Log.String(), "drafts not read") {
		t.Error("that they could not be read is not logged")
	}
}

// A name that a suggestion is made of holds letters and digits, and begins with a
// letter.
func TestSuggestionsAreNamesThatHuaweiTakes(t *testing.T) {
	for image, want := range map[string]string{"nodejs": "nodejs-1", "huawei-cloud-euleros": "huaweicloudeuleros-1", "7zip": "server-1",
		"„“": "server-1"} {
		c, s, _ := webtest.OpenShop(t)
		draft(s, "region", append([]string{"image", image}, full[4:8]...)...)
		got := c.Get("/buy/d1/options").Want(http.StatusOK).Page().Find("#names option").First().AttrOr("value", "")
		if got != want {
			t.Errorf("%s: suggests %q, want %q", image, got, want)
		}
	}
}

func TestOnlyTheLastThreeUnfinishedPurchasesAreOffered(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	for _, id := range []string{"d1", "d2", "d3", "d4", "d5"} {
		d := order.Draft{ID: id, PersonID: "p1", Form: map[string]string{"image": "ghost"}, UpdatedAt: webtest.Now.Add(-3 * time.Minute)}
		if id == "d2" {
			d.OrderedAs = "o1"
		}
		s.GivenDrafts[id] = d
	}
	doc := c.Get("/buy").Want(http.StatusOK).Page()
	var got []string
	doc.Find("#wiz .note li a").Each(func(_ int, a *goquery.Selection) { got = append(got, a.AttrOr("href", "")) })
	if want := []string{"/buy/d1", "/buy/d3", "/buy/d4"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	webtest.Says(t, doc, "#wiz .note li", "3 min ago")
}

func TestTheSummaryNamesWhatIsMissing(t *testing.T) {
	for _, test := range []struct {
		name    string
		reached string
		pairs   []string
		says    []string
		not     string
	}{
		{"nothing chosen", "image", nil, []string{"Still to choose: Image, Size, Region and Options.", "Image–", "Price not available yet"}, "choose again"},
		{"an image", "image", full[:4], []string{"Still to choose: Size, Region and Options.", "WordPress 6.4"}, "choose again"},
		{"a size that is too small", "size", []string{"image", "gitlab", "version", "16.9.3", "size", "2-2"}, []string{"GitLab 16.9.3", "choose again", "Still to choose: Size, Region"}, "2 vCPU, 2 GiB"},
		{"how many is not a number", "options", append(slices.Clone(full), "quantity", "many"), []string{"Quantity–", "Still to choose: Options.", "Price not available yet"}, "choose again"},
		{"everything", "options", append(slices.Clone(full), "data_disk", "20", "host_security", "on"), []string{"WordPress 6.4", "2 vCPU, 4 GiB", "Singapore", "Quantity3", "1 month", "20 GiB"}, "Still to choose"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			draft(s, test.reached, test.pairs...)
			got := plain(c.Get("/buy/d1/image").Want(http.StatusOK).Page(), ".sumbar")
			for _, want := range test.says {
				if !strings.Contains(got, want) {
					t.Errorf("does not say %q: %s", want, got)
				}
			}
			if strings.Contains(got, test.not) {
				t.Errorf("says %q: %s", test.not, got)
			}
		})
	}
}

func TestTheMatrixShowsAHundredLinesAndThenAll(t *testing.T) {
	c, _, _ := webtest.OpenShop(t)
	doc := c.Get("/buy/matrix").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "h1", "All images, sizes and regions")
	if n := doc.Find("#matrix tbody tr").Length(); n != 100 {
		t.Errorf("%d lines, want 100", n)
	}
	webtest.Says(t, doc, "#matrix", "259 combinations of image and size")
	more := doc.Find("#matrix a:contains('Show all of them')").AttrOr("href", "")
	if more != "/buy/matrix?all=1&q=" {
		t.Fatalf("all of them: %q", more)
	}
	doc = c.Get(more).Page()
	if n := doc.Find("#matrix tbody tr").Length(); n != 259 || doc.Find("#matrix a:contains('Show all of them')").Length() != 0 {
		t.Errorf("%d lines of all", n)
	}
	webtest.Says(t, doc, "main", "Huawei may have changed its offer since.")
	c.Header.Set("HX-Request", "true")
	a := c.Get("/buy/matrix?q=gitlab").Want(http.StatusOK)
	if strings.Contains(a.Body, "<html") || a.Page().Find("#matrix tbody tr").Length() != 7 {
		t.Error("htmx does not get the table alone")
	}
}

// A line of the matrix leads to its purchase, where it is chosen; what is sold
// nowhere leads to none.
func TestALineOfTheMatrixLeadsToItsPurchase(t *testing.T) {
	c, _, _ := webtest.OpenShop(t)
	doc := c.As(person.Buyer).Get("/buy/matrix?q=gitlab").Page()
	doc.Find("#matrix tbody tr").Each(func(_ int, tr *goquery.Selection) {
		line := strings.Join(strings.Fields(tr.Text()), " ")
		if sold := !strings.Contains(line, "not sold"); sold != (tr.Find("a").Length() == 1) {
			t.Errorf("%q leads to a purchase: %v", line, !sold)
		}
	})
	link := doc.Find("#matrix tbody a").First()
	webtest.Says(t, doc, "#matrix tbody tr", "needs 8 GiB or more")
	to := c.Get(link.AttrOr("href", "")).Want(http.StatusOK).Page()
	if to.Find("#pick-gitlab[checked]").Length() != 1 || to.Find("#wiz input[type=hidden][name=size]").AttrOr("value", "") != "2-8" {
		t.Errorf("%q does not choose its line", link.AttrOr("href", ""))
	}
}
