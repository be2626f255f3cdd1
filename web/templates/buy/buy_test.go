package buy_test

import (
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"sampan/web/templates/buy"
	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// base is a wizard with a step open and s wherever a value comes from outside.
func base(s, step string) buy.Model {
	return buy.Model{
		Step: step, Action: "/buy/d1/" + step, Path: "/buy/d1/" + step, Num: "1", Title: "What should run on it?", Next: "Continue to size",
		Back: "/buy/d1/image",
		Account: buy.AccountModel{ID: "a1", Label: s, URL: "/buy/d1/" + step, Name: "account",
			Choices: []buy.AccountChoice{{ID: s, Label: s, Sandbox: true, Why: "This account is disabled."}}},
		Carry:  []buy.Hidden{{Name: "image", Value: s}},
		Drafts: []buy.DraftLink{{Line: text.Name(s), When: "3 min ago", Href: "/buy/d2", Discard: "/buy/d2/discard"}},
		Notes: []ui.NoteModel{{Tone: ui.Caution, Bold: "Changing undoes one choice.", Text: text.Name(s),
			Actions: []ui.Action{{Label: "Back", Href: "/buy/d1/image"}, {Label: "Choose a region", Name: "go", Value: "region"}}}},
		Before: []buy.StepModel{{Num: "1", Name: "Image", State: "done", Line: text.Name(s), Href: "/buy/d1/image", Label: "Change Image"}},
		After: []buy.StepModel{{Num: "3", Name: "Region", State: "redo", Line: text.Name(s), Href: "/buy/d1/region",
			Label: "Choose Region"}, {Num: "5", Name: "Review", State: "later"}},
		Summary: buy.SummaryModel{Account: s, Facts: []ui.Pair{{Key: "Image", Value: text.Name(s)}, {Key: "Region", Part: buy.Redo()}},
			Missing: "Still to choose: Region.",
			Price: buy.PriceModel{ID: "p1", Title: "Reading the price…", Poll: "/buy/price?from=a1", Reload: "/buy/d1/size",
				Paid: []string{"Paid for the same on 3 Nov: US$ 24.48"}}, Balance: buy.BalanceModel{Text: "Balance US$ 84.12"}},
	}
}

func image(s string) buy.Model {
	m := base(s, buy.StepImage)
	m.Image = &buy.ImageModel{
		Kinds: []buy.Tab{{Label: "Applications", Note: "17", Href: "/buy/d1/image?kind=application", Current: true}}, CanSearch: true,
		Search: s, Categories: []buy.Tab{{Label: "All", Current: true}, {Label: "Shops", Value: "shops"}},
		Cards: []buy.ImageCard{
			{ID: "wordpress", Initials: "Wo", Name: "WordPress", Note: "6.4", Text: "Websites and blogs", From: "from 2 GiB", Checked: true},
			{ID: "centos", Initials: "Ce", Name: "CentOS", Select: "version_centos", Label: "CentOS version", Versions: []ui.Option{{Value: "8.2", Label: "8.2"}, {Value: "7.9", Label: "7.9", Chosen: true}}},
		},
		Groups: []buy.ImageGroup{{Region: "Singapore",
			Cards: []buy.ImageCard{{ID: s, Name: s, Foreign: true, Note: text.Name(s), Mono: true,
				Why: []buy.Reason{{Text: text.Name(s), Fix: "Choose another image.", Href: "/buy/d1/image"}}}}}},
		Shown: "2 of 17 shown.", All: "/buy/d1/image?kind=application", Matrix: "/buy/matrix", Reading: "Reading…",
		ReadURL: "/buy/d1/image?kind=private",
	}
	return m
}

func size(s string) buy.Model {
	m := base(s, buy.StepSize)
	m.Size = &buy.SizeModel{Cards: []buy.SizeCard{
		{ID: "2-0.5", Title: "0.5 GiB", Facts: []string{"2 vCPU"}, Why: []buy.Reason{{Text: text.Name(s), Fix: "Choose 2 vCPU, 2 GiB or larger.", Href: "/buy/d1/size?size=2-2"}}},
		{ID: "2-4", Title: "4 GiB", Facts: []string{"2 vCPU", "80 GiB disk"}, Price: "US$ 6.59", Checked: true},
	}, PriceNote: "Prices: Huawei’s list price for Singapore."}
	return m
}

func region(s string) buy.Model {
	m := base(s, buy.StepRegion)
	m.Region = &buy.RegionModel{Problem: "Choose a region.", Cards: []buy.RegionCard{
		{Code: "ap-southeast-3", Name: "Singapore", Checked: true, Warning: text.Name(s)},
		{Code: "me-east-1", Name: "Riyadh", Why: []buy.Reason{{Text: text.Name(s)}, {Text: "Not activated.", Fix: "Activate it."}}},
	}}
	return m
}

func options(s string) buy.Model {
	m := base(s, buy.StepOptions)
	m.Check, m.Problem = "/buy/d1/options?check=1", "Please correct these fields."
	m.Mistakes = []ui.Mistake{{FieldID: "name", Text: text.Name(s)}, {FieldID: "quantity", Text: "Enter a whole number."}}
	m.Options = &buy.OptionsModel{Name: s, Quantity: s, Description: text.Visible(s), Suggestions: []string{s}, UseName: "shop-2",
		Months:  []ui.Option{{Value: "month-1", Label: "1", Name: "1 month", Chosen: true}},
		Years:   []ui.Option{{Value: "year-1", Label: "1", Name: "1 year"}},
		Payment: "atmost", Cap: s, Currency: "US$", CurrencyCode: "USD", DeductURL: "/settings/console", DataDisk: true, DataDiskGiB: s,
		BackupGiB: "20", Tags: []buy.TagRow{{N: "1", Key: s, Value: s}}, CanAdd: true,
		Problems: map[string]string{"name": text.Name(s), "quantity": "Enter a whole number."}}
	return m
}

func review(s string) buy.Model {
	m := base(s, buy.StepReview)
	m.Action = "/orders"
	m.Review = &buy.ReviewModel{ID: s, Hash: s, Request: text.Visible(s), Curl: text.Visible(s), Next: []string{"We record the order."},
		Renews: "It renews.",
		Price: buy.PriceModel{ID: "p2", Known: true, Lines: []ui.Pair{{Key: text.Name(s), Value: "US$ 19.77"},
			{Key: "For 1 month", Value: "US$ 25.77", Sum: true}}, Source: "Huawei’s price, read just now."},
		Notes:   []ui.NoteModel{{Icon: "coin", Bold: "Paid from " + text.Name(s), Text: "Balance US$ 84.12."}},
		Reading: &buy.ReadingModel{Bold: "Being read.", Text: "Half a minute.", Reload: "/buy/d1/review?review=r1"},
		Again: &buy.AdditionalModel{Tick: "This is an additional order.", Ticked: true,
			Reasons: []buy.Reasons{{Text: "The same was ordered.", Href: "/orders/o9", Link: "See that order"},
				{Text: "Huawei has an order:", Orders: []string{text.Name(s)}, Href: "/orders?state=found", Link: "See what was found"},
				{Text: "It could not be read.", More: "Nobody would know."}}}, Deduct: "I know that the price is unknown.",
		Place: ui.MoneyAction{Label: "Buy for at most US$ 30.00"}, Spends: true}
	return m
}

func matrix(s string) buy.MatrixModel {
	return buy.MatrixModel{Search: s, Count: "7 combinations",
		Rows: []buy.MatrixRow{{Image: text.Name(s), Version: "6.4", Size: "2 vCPU, 4 GiB", Regions: "all regions",
			Reasons: []string{text.Name(s)}, Buy: "/buy?image=wordpress", BuyLabel: "Buy it"}}, Source: "Source.",
		More: "/buy/matrix?all=1"}
}

func TestComponents(t *testing.T) {
	golden.Check(t, "image", buy.Wizard(image("shop")))
	golden.Check(t, "size", buy.Wizard(size("shop")))
	golden.Check(t, "region", buy.Wizard(region("shop")))
	golden.Check(t, "options", buy.Wizard(options("shop")))
	golden.Check(t, "review", buy.Wizard(review("shop")))
	golden.CheckIn(t, text.Chinese, "review-zh", buy.Wizard(review("shop")))
	golden.Check(t, "matrix", buy.Matrix(matrix("WordPress")))
}

func TestHostileText(t *testing.T) {
	for _, build := range []func(string) buy.Model{image, size, region, options, review} {
		golden.Hostile(t, func(s string) templ.Component { return buy.Page(layout.Frame{Title: "Buy servers"}, build(s)) })
	}
	golden.Hostile(t, func(s string) templ.Component { return buy.MatrixPage(layout.Frame{Title: "Matrix"}, matrix(s)) })
}

// Every control has words: by a label, or an accessible name of its own.
func TestEveryControlHasAName(t *testing.T) {
	text.EnablePseudo()
	for _, lang := range []string{text.English, text.Chinese, text.Pseudo} {
		for _, build := range []func(string) buy.Model{image, size, region, options, review} {
			doc := golden.Tree(t, lang, buy.Wizard(build("shop")))
			doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, c *goquery.Selection) {
				id, labelled := c.AttrOr("id", "-"), c.AttrOr("aria-labelledby", "-")
				if doc.Find("label[for='"+id+"']").Length() == 0 && c.ParentsFiltered("label").Length() == 0 &&
					c.AttrOr("aria-label", "") == "" && doc.Find("[id='"+labelled+"']").Length() == 0 {
					t.Errorf("%s: %s %q has no name", lang, c.AttrOr("name", ""), id)
				}
			})
		}
	}
}

func TestIDsStandOnce(t *testing.T) {
	for _, build := range []func(string) buy.Model{image, size, region, options, review} {
		seen := map[string]bool{}
		golden.Tree(t, text.English, buy.Page(layout.Frame{Title: "Buy servers"}, build("shop"))).Find("[id]").
			Each(func(_ int, e *goquery.Selection) {
				if id := e.AttrOr("id", ""); seen[id] {
					t.Errorf("id %q stands twice", id)
				} else {
					seen[id] = true
				}
			})
	}
}

// The Enter key presses a form's first button in the document, wherever it
// stands: never the menu of accounts, and in the review none at all.
func TestEnterKeyPressesWhatIsMeant(t *testing.T) {
	first := func(m buy.Model) *goquery.Selection {
		return golden.Tree(t, text.English, buy.Page(layout.Frame{Title: "Buy servers"}, m)).
			Find("#wiz button[type=submit], button[form=wiz], #wiz input[type=submit]").First()
	}
	if b := first(image("shop")); b.AttrOr("formmethod", "") != "get" || b.AttrOr("formaction", "") != "/buy/d1/image" ||
		b.AttrOr("name", "") != "" {
		t.Error("image: Enter does not search")
	}
	for _, m := range []buy.Model{size("shop"), region("shop"), options("shop")} {
		if b := first(m); b.AttrOr("name", "") != "go" || b.AttrOr("value", "") != "next" || b.AttrOr("formaction", "") != "" {
			t.Errorf("%s: Enter does not continue", m.Step)
		}
	}
	if _, off := first(review("shop")).Attr("disabled"); !off {
		t.Error("review: Enter orders")
	}
}
