package buy_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/text"
)

// draft puts a draft into the shop: the given choices, reached up to step.
func draft(s *webtest.Shop, step string, pairs ...string) {
	form := map[string]string{"account": "a1"}
	for i := 0; i < len(pairs); i += 2 {
		form[pairs[i]] = pairs[i+1]
	}
	s.GivenDrafts["d1"] = order.Draft{ID: "d1", PersonID: "p1", Step: step, Form: form, CreatedAt: webtest.Now,
		UpdatedAt: webtest.Now.Add(-3 * time.Minute)}
}

// full is a draft with everything chosen.
var full = []string{"image", "wordpress", "version", "6.4", "size", "2-4", "region", "ap-southeast-3", "name", "shop", "quantity", "3",
	"period_unit", "month", "period_num", "1", "payment", "exact"}

// states are the sections of the wizard with their state.
func states(doc *goquery.Document) string {
	var all []string
	doc.Find("#wiz > section.step").Each(func(_ int, s *goquery.Selection) {
		class := strings.TrimPrefix(s.AttrOr("class", ""), "step ")
		all = append(all, class)
	})
	return strings.Join(all, " ")
}

func TestWizardBeginsWithoutWriting(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	doc := c.Get("/buy").Want(http.StatusOK).Page()
	if got := states(doc); got != "now later later later later" {
		t.Errorf("sections: %q", got)
	}
	if n := doc.Find("input[name=pick]").Length(); n != 17 {
		t.Errorf("%d applications, want 17", n)
	}
	webtest.Says(t, doc, "h1", "Buy servers")
	webtest.Says(t, doc, "main .head", "Orchid Retail")
	webtest.Says(t, doc, "main .head", "real money")
	if len(s.GivenDrafts) != 0 {
		t.Error("a GET made a draft")
	}
	doc = c.Get("/buy?kind=os").Page()
	if n := doc.Find("input[name=pick]").Length(); n != 4 {
		t.Errorf("%d systems, want 4", n)
	}
	if got := doc.Find("select[name=version_centos] option").Length(); got != 11 {
		t.Errorf("%d versions of CentOS, want 11", got)
	}
}

func TestWizardLinkForAColleaguePrefillsAndWritesNothing(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	doc := c.Get("/buy?image=WordPress&size=2-4&region=ap-southeast-3").Want(http.StatusOK).Page()
	if doc.Find("#pick-wordpress[checked]").Length() != 1 {
		t.Error("the image is not chosen")
	}
	for field, want := range map[string]string{"image": "wordpress", "version": "6.4", "size": "2-4", "region": "ap-southeast-3",
		"from": "a1"} {
		if got := doc.Find("#wiz input[type=hidden][name="+field+"]").AttrOr("value", ""); field != "version" && got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
	if len(s.GivenDrafts) != 0 || c.Persons.Scope != "" {
		t.Error("a link wrote something")
	}
	c.Post("/buy", "from", "a1", "image", "wordpress", "size", "2-4", "region", "ap-southeast-3", "pick", "wordpress").
		Want(http.StatusSeeOther, "/buy/d1/size")
	if f := s.GivenDrafts["d1"].Form; f["image"] != "wordpress" || f["version"] != "6.4" || f["size"] != "2-4" ||
		f["region"] != "ap-southeast-3" || f["account"] != "a1" {
		t.Errorf("draft: %v", f)
	}
}

func TestWizardFirstContinueNeedsAnImage(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	doc := c.Post("/buy", "from", "a1").Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, "#pick-error", "Choose an image.")
	webtest.Says(t, doc, "title", "Error:")
	if len(s.GivenDrafts) != 0 {
		t.Error("a draft without an image")
	}
}

func TestWizardFiltersImages(t *testing.T) {
	tests := []struct {
		query string
		want  []string
	}{
		{"q=git", []string{"gitlab"}}, {"q=blog", []string{"wordpress"}}, {"q=odoo", []string{"odoo"}}, {"q=Odo", []string{"odoo"}},
		{"category=video", []string{"srs"}}, {"category=shops&q=presta", []string{"prestashop"}},
		{"kind=os&q=20.04", []string{"ubuntu"}}, {"q=nothing-like-this", nil},
	}
	for _, test := range tests {
		t.Run(test.query, func(t *testing.T) {
			c, _, _ := webtest.OpenShop(t)
			doc := c.Get("/buy?" + test.query).Page()
			var got []string
			doc.Find("input[name=pick]").Each(func(_ int, i *goquery.Selection) { got = append(got, i.AttrOr("value", "")) })
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if test.want == nil {
				webtest.Says(t, doc, ".empty", "No image fits")
			}
		})
	}
}

func TestWizardWithoutScriptFiltersByItsOwnForm(t *testing.T) {
	c, _, _ := webtest.OpenShop(t)
	doc := c.Get("/buy?image=ghost").Page()
	first := doc.Find("#wizard button").First()
	if first.AttrOr("formmethod", "") != "get" {
		t.Error("Enter in the search field does not search")
	}
	doc.Find("button[name=category]").Each(func(_ int, b *goquery.Selection) {
		if b.AttrOr("formmethod", "") != "get" || b.AttrOr("formaction", "") != "/buy" {
			t.Errorf("category %q does not work without script", b.Text())
		}
	})
	if got := doc.Find("#wiz input[type=hidden][name=image]").AttrOr("value", ""); got != "ghost" {
		t.Errorf("the chosen image is lost when the list is filtered: %q", got)
	}
}

func TestSizeShowsAllSevenWithReasonsAndFixes(t *testing.T) {
	tests := []struct {
		image, version string
		legal          []string
		card, why, fix string // of one impossible card
		href           string
	}{
		{"gitlab", "16.9.3", []string{"2-8", "4-8", "4-16"}, "2-4", "GitLab needs 8 GiB or more.", "Choose 2 vCPU, 8 GiB or larger.", "/buy/d1/size?size=2-8"},
		{"wordpress", "6.4", []string{"2-2", "2-4", "2-8", "4-8", "4-16"}, "2-0.5", "WordPress needs 2 GiB or more.", "Choose 2 vCPU, 2 GiB or larger.", "/buy/d1/size?size=2-2"},
		{"ubuntu", "22.04", []string{"2-1", "2-2", "2-4", "2-8", "4-8", "4-16"}, "2-0.5", "Ubuntu 22.04 needs 1 GiB or more.", "Choose 2 vCPU, 1 GiB or larger.", "/buy/d1/size?size=2-1"},
	}
	for _, test := range tests {
		t.Run(test.image, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			draft(s, "image", "image", test.image, "version", test.version)
			doc := c.Get("/buy/d1/size").Want(http.StatusOK).Page()
			if n := doc.Find("input[name=size]").Length(); n != 7 {
				t.Fatalf("%d sizes, want 7", n)
			}
			var legal []string
			doc.Find("input[name=size]:not([disabled])").
				Each(func(_ int, i *goquery.Selection) { legal = append(legal, i.AttrOr("value", "")) })
			if !slices.Equal(legal, test.legal) {
				t.Errorf("legal: got %v, want %v", legal, test.legal)
			}
			card := doc.Find("input[name=size][value='" + test.card + "']").Parent()
			if got := strings.Join(strings.Fields(card.Find(".why").Text()), " "); got != test.why+" "+test.fix {
				t.Errorf("reason: got %q, want %q", got, test.why+" "+test.fix)
			}
			if got := card.Find(".why a").AttrOr("href", ""); got != test.href {
				t.Errorf("way out: got %q, want %q", got, test.href)
			}
		})
	}
}

func TestSizeThatOnlySomeRegionsHaveSaysSo(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "image", "image", "debian", "version", "11.1")
	card := c.Get("/buy/d1/size").Page().Find("input[name=size][value='2-0.5']").Parent()
	if got := card.Text(); !strings.Contains(got, "Only in Hong Kong and Singapore") {
		t.Errorf("card: %q", got)
	}
	if card.Find("input[disabled]").Length() > 0 {
		t.Error("a size that is sold somewhere cannot be chosen")
	}
}

func TestRegionSaysWhyNotAndWhatToDo(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "size", "image", "centos", "version", "8.2", "size", "2-2")
	doc := c.Get("/buy/d1/region").Want(http.StatusOK).Page()
	if n := doc.Find("input[name=region]").Length(); n != 6 {
		t.Errorf("%d regions, want 6", n)
	}
	istanbul := doc.Find("#region-tr-west-1").Parent()
	if istanbul.Find("input[disabled]").Length() != 1 ||
		!strings.Contains(istanbul.Text(), "CentOS 8.2 is not offered in Istanbul and Riyadh.") {
		t.Errorf("Istanbul: %q", istanbul.Text())
	}
	if href := istanbul.Find(".why a").AttrOr("href", ""); !strings.HasPrefix(href, "/buy/d1/image?pick=centos&version_centos=") {
		t.Errorf("way out: %q", href)
	}
	riyadh := doc.Find("#region-me-east-1").Parent().Text()
	if !strings.Contains(riyadh, "not activated in this account") || !strings.Contains(riyadh, "not offered") {
		t.Errorf("Riyadh does not say both reasons: %q", riyadh)
	}
}

func TestStepsCannotBeSkipped(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "image", "image", "wordpress", "version", "6.4")
	c.Get("/buy/d1/options").Want(http.StatusSeeOther, "/buy/d1/size")
	c.Get("/buy/d1/review").Want(http.StatusSeeOther, "/buy/d1/size")
	c.Get("/buy/d1/nonsense").Want(http.StatusNotFound)
	c.Get("/buy/unknown/size").Want(http.StatusNotFound)
	c.Get("/buy/d1").Want(http.StatusSeeOther, "/buy/d1/size")
}

func TestContinueGoesToTheNextStepThatNeedsSomething(t *testing.T) {
	tests := []struct {
		name, step string
		draft      []string
		post       []string
		want       string
	}{
		{"size, first time", "size", []string{"image", "wordpress", "version", "6.4"}, []string{"size", "2-4"}, "/buy/d1/region"},
		{"region, first time", "region", []string{"image", "wordpress", "version", "6.4", "size", "2-4"}, []string{"region", "ap-southeast-3"}, "/buy/d1/options"},
		{"an earlier choice changed, all else still fits: to the review", "size", full, []string{"size", "2-8"}, "/buy/d1/review?review=r1"},
		{"an earlier choice changed, the region does not fit: there", "image", append(slices.Clone(full), "region", "tr-west-1"), []string{"pick", "centos", "version_centos", "8.2"}, "/buy/d1/region?changed=1"},
		{"the size does not fit any more: there", "image", full, []string{"pick", "gitlab"}, "/buy/d1/size?changed=1"},
		{"the button names the step", "image", append(slices.Clone(full), "region", "tr-west-1"), []string{"pick", "centos", "version_centos", "8.2", "go", "region"}, "/buy/d1/region?changed=1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			reached := test.step
			if len(test.draft) >= len(full) {
				reached = "options"
			}
			draft(s, reached, test.draft...)
			c.Post("/buy/d1/"+test.step, test.post...).Want(http.StatusSeeOther, test.want)
		})
	}
}

func TestContinueWithoutAChoiceSaysWhatIsMissing(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "image", "image", "wordpress", "version", "6.4")
	webtest.Says(t, c.Post("/buy/d1/size").Want(http.StatusUnprocessableEntity).Page(), "#size-error", "Choose a size.")
	draft(s, "size", "image", "wordpress", "version", "6.4", "size", "2-4")
	webtest.Says(t, c.Post("/buy/d1/region").Want(http.StatusUnprocessableEntity).Page(), "#region-error", "Choose a region.")
	webtest.Says(t, c.Post("/buy/d1/region", "region", "me-east-1").Want(http.StatusUnprocessableEntity).Page(), "#region-error",
		"not activated")
}

func TestChangedImageSaysWhatItUndoesBeforeItDoes(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", append(slices.Clone(full), "image", "centos", "version", "7.9", "region", "tr-west-1", "size", "2-2")...)
	before := fmt.Sprint(s.GivenDrafts["d1"])
	doc := c.Get("/buy/d1/image?pick=centos&version_centos=8.2").Want(http.StatusOK).Page()
	webtest.Says(t, doc, ".note.t-warn", "CentOS 8.2 does not fit one of your choices.")
	webtest.Says(t, doc, ".note.t-warn", "CentOS 8.2 is not offered in Istanbul and Riyadh.")
	webtest.Says(t, doc, ".note.t-warn", "Everything else stays.")
	if href := doc.Find(".note.t-warn a").AttrOr("href", ""); href != "/buy/d1/image" {
		t.Errorf("back to the old choice: %q", href)
	}
	webtest.Says(t, doc, ".note.t-warn a", "Back to CentOS 7.9")
	again := doc.Find(".note.t-warn button[name=go]")
	if again.AttrOr("value", "") != "region" || again.AttrOr("type", "") != "submit" {
		t.Error("no way to choose the region again")
	}
	if got := states(doc); got != "now done redo done later" {
		t.Errorf("sections: %q", got)
	}
	webtest.Says(t, doc, ".sumbar", "choose again")
	if after := fmt.Sprint(s.GivenDrafts["d1"]); after != before {
		t.Error("a preview changed the draft")
	}
}

func TestChangedChoiceCanBeTakenBackAndNothingElseIsLost(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	c.Post("/buy/d1/image", "pick", "gitlab").Want(http.StatusSeeOther, "/buy/d1/size?changed=1")
	doc := c.Get("/buy/d1/size?changed=1").Page()
	webtest.Says(t, doc, ".note", "GitLab 16.9.3 instead of WordPress 6.4.")
	undo := doc.Find("button[formaction='/buy/d1/undo']")
	if undo.Length() != 1 {
		t.Fatal("it cannot be taken back")
	}
	d := s.GivenDrafts["d1"]
	d.Form["name"] = "typed-since"
	s.GivenDrafts["d1"] = d
	c.Post("/buy/d1/undo", "step", "size").Want(http.StatusSeeOther, "/buy/d1/size")
	if f := s.GivenDrafts["d1"].Form; f["image"] != "wordpress" || f["size"] != "2-4" || f["name"] != "typed-since" {
		t.Errorf("after undo: %v", f)
	}
}

func TestAnotherAccountRechecksImageAndRegion(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.Accounts.All[1].Projects = webtest.EveryRegion("ap-southeast-3")
	draft(s, "options", full...)
	doc := c.Get("/buy/d1/options").Page()
	menu := doc.Find("#buy-accounts button[name=account]")
	if menu.Length() != 1 || menu.AttrOr("value", "") != "s1" || menu.AttrOr("form", "") != "wiz" {
		t.Fatal("the other account cannot be chosen")
	}
	c.Post("/buy/d1/options", "account", "s1", "name", "typed", "quantity", "2", "period", "month-1", "payment", "exact").
		Want(http.StatusSeeOther, "/buy/d1/options?changed=1")
	if f := s.GivenDrafts["d1"].Form; f["account"] != "s1" || f["name"] != "typed" || f["quantity"] != "2" {
		t.Errorf("typed fields are lost: %v", f)
	}
}

func TestUnfinishedPurchasesCanBeGoneOnWithOrThrownAway(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "region", full...)
	doc := c.Get("/buy").Page()
	if href := doc.Find("#wiz .note li a").AttrOr("href", ""); href != "/buy/d1" {
		t.Errorf("link: %q", href)
	}
	webtest.Says(t, doc, "#wiz .note li", "WordPress · Singapore · shop")
	b := doc.Find("#wiz .note li button")
	if b.AttrOr("formaction", "") != "/buy/d1/discard" || !strings.Contains(b.AttrOr("aria-label", ""), "WordPress") {
		t.Error("it cannot be thrown away")
	}
	for range 2 {
		c.Post("/buy/d1/discard").Want(http.StatusSeeOther, "/buy")
	}
	if len(s.GivenDrafts) != 0 {
		t.Error("the draft is still there")
	}
}

// fields are a complete options form.
func fields(pairs ...string) url.Values {
	v := url.Values{"name": {"shop"}, "quantity": {"3"}, "period": {"month-1"}, "payment": {"exact"}, "data_disk_gib": {"20"},
		"backup_gib": {"20"}, "go": {"next"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// The hint of a field says nothing that its error says, in either language.
func TestOptionsSayNoRuleTwice(t *testing.T) {
	for _, lang := range []string{text.English, text.Chinese} {
		for _, tt := range []struct {
			field, value, hint string
			gone               bool // nothing of it is left
		}{
			{"name", "1shop", "buy.name.hint", false}, {"name", strings.Repeat("a", 129), "buy.name.hint", false},
			{"tag_key_1", "1x", "buy.tags.hint", false}, {"tag_value_1", strings.Repeat("v", 2049), "buy.tags.hint", false},
			{"description", strings.Repeat("x", 1025), "buy.description.hint", true},
		} {
			c, s, _ := webtest.OpenShop(t)
			c.Persons.Who.Language = lang
			draft(s, "region", full[:8]...)
			id := map[string]string{"name": "#name", "description": "#description"}[tt.field]
			if id == "" {
				id = "#tags"
			}
			p := text.New(lang, nil)
			before := c.Send(http.MethodPost, "/buy/d1/options", fields("quantity", "0", "tag_key_1", "ok")).
				Want(http.StatusUnprocessableEntity).Page().Find(id + "-hint").Text()
			if before != p.T(tt.hint) {
				t.Fatalf("%s: the hint is %q", tt.field, before)
			}
			doc := c.Send(http.MethodPost, "/buy/d1/options", fields("tag_key_1", "ok", tt.field, tt.value)).
				Want(http.StatusUnprocessableEntity).Page()
			hint := doc.Find(id + "-hint").Text()
			if len(hint) >= len(before) || (hint == "") != tt.gone {
				t.Errorf("%s, %s: beside its error stays %q", lang, tt.field, hint)
			}
			if described := doc.Find("#description").AttrOr("aria-describedby", ""); tt.gone && described != "description-error" {
				t.Errorf("the description is explained by %q", described)
			}
		}
	}
}

func TestOptionsShowEveryMistakeBesideItsFieldAndLoseNothing(t *testing.T) {
	tests := []struct {
		field, value string
		problem      string // id of the problem
		says         string
	}{
		{"name", "", "name-error", "Give the instance a name."},
		{"name", "1shop", "name-error", "starting with a letter"},
		{"name", "shöp", "name-error", "starting with a letter"},
		{"name", strings.Repeat("a", 129), "name-error", "129 characters"},
		{"name", "taken", "name-error", "taken is in use. taken-2 is free."},
		{"quantity", "", "quantity-error", "from 1 to 200"},
		{"quantity", "0", "quantity-error", "from 1 to 200"},
		{"quantity", "201", "quantity-error", "from 1 to 200"},
		{"quantity", "many", "quantity-error", "whole number"},
		{"period", "month-10", "period-error", "Months go from 1 to 9"},
		{"period", "year-4", "period-error", "Years go from 1 to 3"},
		{"description", strings.Repeat("x", 1025), "description-error", "1,024 characters are allowed"},
	}
	for _, test := range tests {
		t.Run(test.field+" "+test.value[:min(8, len(test.value))], func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			s.Taken = []string{"taken"}
			draft(s, "region", full[:8]...)
			doc := c.Send(http.MethodPost, "/buy/d1/options", fields(test.field, test.value, "backup_gib", "4711")).
				Want(http.StatusUnprocessableEntity).Page()
			webtest.Says(t, doc, "#"+test.problem, test.says)
			if test.field != "period" {
				input := doc.Find("#" + test.field)
				got := input.AttrOr("value", input.Text())
				if got != test.value {
					t.Errorf("typed text is lost: %q", got)
				}
				if input.AttrOr("aria-invalid", "") != "true" || !strings.Contains(input.AttrOr("aria-describedby", ""), test.problem) {
					t.Error("the field is not marked")
				}
			}
			if got := webtest.Value(doc, "backup_gib"); got != "4711" {
				t.Errorf("what was typed but not ticked is lost: %q", got)
			}
			if len(s.Reviews) != 0 {
				t.Error("a review of what cannot be bought")
			}
		})
	}
}

func TestSuggestedNamesAreFree(t *testing.T) {
	c, s, st := webtest.OpenShop(t)
	st.Names = []string{"WordPress-1", "wordpress-3"}
	draft(s, "region", full[:8]...)
	var got []string
	c.Get("/buy/d1/options").Want(http.StatusOK).Page().Find("#names option").
		Each(func(_ int, o *goquery.Selection) { got = append(got, o.AttrOr("value", "")) })
	if want := []string{"wordpress-2", "wordpress-4", "wordpress-5"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOptionsExtrasAreCheckedOnlyWhenTicked(t *testing.T) {
	for _, test := range []struct {
		name  string
		pairs []string
		says  string // problem of the data disk; empty: none
	}{
		{"not ticked: any size", []string{"data_disk_gib", "5"}, ""},
		{"ticked, too small", []string{"data_disk_on", "on", "data_disk_gib", "9"}, "from 10 to 2,048"},
		{"ticked, too large", []string{"data_disk_on", "on", "data_disk_gib", "2049"}, "from 10 to 2,048"},
		{"ticked without a size", []string{"data_disk_on", "on", "data_disk_gib", ""}, "Enter a size"},
		{"ticked, smallest", []string{"data_disk_on", "on", "data_disk_gib", "10"}, ""},
		{"ticked, largest", []string{"data_disk_on", "on", "data_disk_gib", "2048"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			draft(s, "region", full[:8]...)
			a := c.Send(http.MethodPost, "/buy/d1/options", fields(test.pairs...))
			if test.says == "" {
				a.Want(http.StatusSeeOther, "/buy/d1/review?review=r1")
				return
			}
			webtest.Says(t, a.Want(http.StatusUnprocessableEntity).Page(), "#data_disk-error", test.says)
		})
	}
}

func TestSeveralMistakesAreListedAndLeadToTheirFields(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "region", full[:8]...)
	doc := c.Send(http.MethodPost, "/buy/d1/options", fields("name", "", "quantity", "x", "data_disk_on", "on", "data_disk_gib", "1")).
		Want(http.StatusUnprocessableEntity).Page()
	var links []string
	doc.Find("[role=alert] li a").Each(func(_ int, a *goquery.Selection) { links = append(links, a.AttrOr("href", "")) })
	if want := []string{"#name", "#quantity", "#data_disk_gib"}; !slices.Equal(links, want) {
		t.Errorf("links: got %v, want %v", links, want)
	}
	for _, id := range links {
		if doc.Find(id).Length() != 1 {
			t.Errorf("%s leads nowhere", id)
		}
	}
}

func TestFreeNameCanBeTakenWithOneClick(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.Taken = []string{"taken"}
	draft(s, "region", full[:8]...)
	use := c.Send(http.MethodPost, "/buy/d1/options", fields("name", "taken")).Page().Find("button[value='name:taken-2']")
	if use.Length() != 1 || use.AttrOr("type", "") != "submit" {
		t.Fatal("the free name is not offered")
	}
	v := fields("name", "taken", "do", "name:taken-2")
	v.Del("go")
	c.Send(http.MethodPost, "/buy/d1/options", v).Want(http.StatusSeeOther, "/buy/d1/options")
	if got := s.GivenDrafts["d1"].Form["name"]; got != "taken-2" {
		t.Errorf("name: %q", got)
	}
}

func TestTagsWorkWithoutScript(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "region", full[:8]...)
	send := func(do string, pairs ...string) {
		v := fields(pairs...)
		v.Del("go")
		v.Set("do", do)
		c.Send(http.MethodPost, "/buy/d1/options", v).Want(http.StatusSeeOther)
	}
	send("add-tag", "tag_key_1", "env", "tag_value_1", "prod", "tag_key_2", "", "tag_value_2", "", "tag_key_3", "team",
		"tag_value_3", "web")
	if f := s.GivenDrafts["d1"].Form; f["tag_key_1"] != "env" || f["tag_key_2"] != "team" || f["tag_value_2"] != "web" {
		t.Errorf("tags: %v", f)
	}
	if n := c.Get("/buy/d1/options?more=1").Page().Find("[name^=tag_key_]").Length(); n != 3 {
		t.Errorf("%d rows after Add tag, want 2 and an empty one", n)
	}
	send("remove-tag:1", "tag_key_1", "env", "tag_value_1", "prod", "tag_key_2", "team", "tag_value_2", "web")
	f := s.GivenDrafts["d1"].Form
	if f["tag_key_1"] != "team" || f["tag_value_1"] != "web" || f["tag_key_2"] != "" {
		t.Errorf("after removing: %v", f)
	}
	send("remove-tag:1", "tag_key_1", "team", "tag_value_1", "web")
	if f := s.GivenDrafts["d1"].Form; f["tag_key_1"] != "" {
		t.Errorf("the last tag cannot be removed: %v", f)
	}
}

func TestOptionsAreCheckedWhileTheyAreFilledIn(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "region", full[:8]...)
	c.Header.Set("HX-Request", "true")
	v := fields("name", "", "quantity", "999")
	a := c.Send(http.MethodPost, "/buy/d1/options?check=1", v).Want(http.StatusOK)
	doc := a.Page()
	if strings.Contains(a.Body, "<html") || doc.Find("#wizard").Length() != 1 {
		t.Fatal("htmx got a page")
	}
	if doc.Find("#name-error").Length() != 0 {
		t.Error("a field that nobody filled in yet is called wrong")
	}
	webtest.Says(t, doc, "#quantity-error", "from 1 to 200")
	if d := s.GivenDrafts["d1"]; d.Step != "region" || d.Form["quantity"] != "999" {
		t.Errorf("kept: step %q, %v", d.Step, d.Form)
	}
	doc = c.Send(http.MethodPost, "/buy/d1/options?check=1", fields("name", "", "quantity", "")).Want(http.StatusOK).Page()
	webtest.Says(t, doc, "#quantity-error", "from 1 to 200")
	if got := webtest.Value(doc, "quantity"); got != "" {
		t.Errorf("the emptied field is filled with %q", got)
	}
}

func TestTheOfferedCapFollowsThePriceUntilSomebodyWritesTheirOwn(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "region", full[:8]...)
	s.Fresh = order.Known
	price := func(amount string) { s.GivenQuote = order.Quote{Total: *webtest.Dollars(amount), At: webtest.Now} }
	check := func(pairs ...string) *goquery.Document {
		t.Helper()
		return c.Send(http.MethodPost, "/buy/d1/options?check=1", fields(pairs...)).Want(http.StatusOK).Page()
	}
	offered := func(doc *goquery.Document, want string) {
		t.Helper()
		if got, hidden := webtest.Value(doc, "cap"), doc.Find("[name=cap_offer]").AttrOr("value", "none"); got != want || hidden != want {
			t.Errorf("offered %q, and %q to compare with, want %q", got, hidden, want)
		}
	}
	price("15.00")
	offered(c.Get("/buy/d1/options").Want(http.StatusOK).Page(), "15.00")
	c.Header.Set("HX-Request", "true")

	price("30.00")
	doc := check("payment", "atmost", "cap", "15.00", "cap_offer", "15.00", "cap_currency", "USD")
	offered(doc, "30.00")
	if doc.Find("#cap-error").Length() != 0 {
		t.Errorf("an offered cap is called wrong: %s", doc.Find("#cap-error").Text())
	}
	if got := s.GivenDrafts["d1"].Form["cap"]; got != "30.00" {
		t.Errorf("kept: %q, want what is offered now", got)
	}

	s.Fresh = order.Reading
	offered(check("payment", "atmost", "cap", "30.00", "cap_offer", "30.00", "cap_currency", "USD"), "")
	doc = c.Send(http.MethodPost, "/buy/d1/options", fields("payment", "atmost", "cap", "", "cap_offer", "", "cap_currency", "USD")).
		Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, "#cap-error", "The price is still being read.")

	s.Fresh = order.Known
	price("45.00")
	doc = check("payment", "atmost", "cap", "50", "cap_offer", "30.00", "cap_currency", "USD")
	if got := webtest.Value(doc, "cap"); got != "50" || doc.Find("[name=cap_offer]").Length() != 0 {
		t.Errorf("a cap of their own became %q, offers: %d", got, doc.Find("[name=cap_offer]").Length())
	}
	doc = check("payment", "atmost", "cap", "", "cap_currency", "USD")
	if got := webtest.Value(doc, "cap"); got != "" || doc.Find("[name=cap_offer]").Length() != 0 {
		t.Errorf("the emptied cap is filled with %q", got)
	}
}

func TestTheReviewShowsTheCapThatWasReviewed(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.Fresh, s.GivenQuote = order.Known, order.Quote{Total: *webtest.Dollars("15.00"), At: webtest.Now}
	draft(s, "options", full...)
	c.Send(http.MethodPost, "/buy/d1/options", fields("payment", "atmost", "cap", "15.00", "cap_offer", "15.00", "cap_currency", "USD")).
		Want(http.StatusSeeOther, "/buy/d1/review?review=r1")
	s.GivenQuote.Total = *webtest.Dollars("16.00") // read anew meanwhile
	doc := c.Get("/buy/d1/review?review=r1").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "form#wiz footer", "Buy for at most US$ 15.00")
}

func TestDeductAtOnceIsOfferedOnlyIfTheOwnerAllowsIt(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "region", full[:8]...)
	doc := c.Get("/buy/d1/options").Page()
	if doc.Find("#payment-deduct[disabled]").Length() != 1 {
		t.Error("it can be chosen")
	}
	webtest.Says(t, doc, "#deduct-why", "No upper limit")
	c.Settings.Deduct = true
	if c.Get("/buy/d1/options").Page().Find("#payment-deduct:not([disabled])").Length() != 1 {
		t.Error("it cannot be chosen")
	}
}

func TestReviewCarriesIDAndHashOnlyAndSaysWhatTheButtonDoes(t *testing.T) {
	quote := order.Quote{Lines: []order.QuoteLine{{What: "instance", Amount: *webtest.Dollars("19.77"), Per: 3},
		{What: "evs", Amount: *webtest.Dollars("6.00"), Per: 3}}, Total: *webtest.Dollars("25.77"), Source: "huawei", At: webtest.Now}
	tests := []struct {
		name     string
		pairs    []string
		known    bool
		sandbox  bool
		button   string
		class    string
		says     []string
		deduct   bool
		required string
	}{
		{name: "exact, price known: nothing is paid with this click", known: true, button: "Place the order, pay on the next screen",
			class: "pri",
			says: []string{"US$ 25.77", "US$ 6.59 each", "read today at 09:21", "only once you press Pay",
				"Balance US$ 84.12, after this about US$ 58.35"}},
		{name: "exact, price unknown: called unknown", button: "Place the order, pay on the next screen", class: "pri", says: []string{"does not tell the price beforehand", "not known"}},
		{name: "at most X", pairs: []string{"payment", "atmost", "cap", "30", "cap_currency", "USD"}, known: true,
			button: "Buy for at most US$ 30.00", class: "pri",
			says: []string{"pay it from Orchid Retail if it is US$ 30.00 or less", "we stop and ask you"}},
		{name: "deduct, price known", pairs: []string{"payment", "deduct"}, known: true, deduct: true,
			button: "Buy, Huawei deducts about US$ 25.77", class: "pri",
			says: []string{"no upper limit", "possibly paid", "duplicate would cost money"}},
		{name: "deduct, price unknown: a sentence to tick", pairs: []string{"payment", "deduct"}, deduct: true,
			button: "Buy, price unknown", class: "pri",
			says: []string{"no upper limit"}, required: "understood"},
		{name: "Sandbox, at most X: striped and simulated",
			pairs: []string{"account", "s1", "payment", "atmost", "cap", "30", "cap_currency", "USD"}, known: true, sandbox: true,
			button: "Buy for at most simulated US$ 30.00", class: "play", says: []string{"the money is simulated"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			c.Settings.Deduct = test.deduct
			s.Balance = order.Balance{Available: *webtest.Dollars("84.12"), At: webtest.Now}
			if test.known {
				s.GivenQuote, s.Fresh = quote, order.Known
			}
			draft(s, "options", append(slices.Clone(full), test.pairs...)...)
			c.Post("/buy/d1/review", "go", "review").Want(http.StatusSeeOther, "/buy/d1/review?review=r1")
			doc := c.Get("/buy/d1/review?review=r1").Want(http.StatusOK).Page()
			form := doc.Find("#wiz")
			if form.AttrOr("action", "") != "/orders" || form.AttrOr("method", "") != "post" {
				t.Errorf("the form goes to %q", form.AttrOr("action", ""))
			}
			var sent []string
			form.Find("input[name], select[name], textarea[name]").
				Each(func(_ int, i *goquery.Selection) { sent = append(sent, i.AttrOr("name", "")) })
			want := []string{"id", "hash"}
			if test.required != "" {
				want = append(want, test.required)
			}
			if !slices.Equal(sent, want) {
				t.Errorf("the form sends %v, want %v", sent, want)
			}
			b := form.Find("footer button.big")
			if got := strings.Join(strings.Fields(b.Text()), " "); got != test.button {
				t.Errorf("button: got %q, want %q", got, test.button)
			}
			if !b.HasClass(test.class) || (test.class == "pri") == b.HasClass("play") {
				t.Errorf("look: %q", b.AttrOr("class", ""))
			}
			if doc.Find("#wizard button").First().AttrOr("disabled", "no") == "no" {
				t.Error("Enter could order by accident")
			}
			for _, words := range test.says {
				webtest.Says(t, doc, "#wiz", words)
			}
			webtest.Says(t, doc, "#wiz pre", "Client-Request-Id: 85a56f6c-8aee-4c1b-bf76-5d98d1ac023d")
			webtest.Says(t, doc, "#wiz pre", `"value": "k3v9x2m7qd"`)
			webtest.Says(t, doc, "#wiz pre", "curl -X POST 'https://hcss.ap-southeast-3.myhuaweicloud.com/v1/light-instances'")
			webtest.Says(t, doc, "#wiz", "What happens next")
		})
	}
}

func TestOrderIsPlacedOnceHoweverOftenItIsSent(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	c.Post("/buy/d1/review", "go", "review")
	for range 3 {
		c.Post("/orders", "id", "r1", "hash", "hash-shop").Want(http.StatusSeeOther, "/orders/o1")
	}
	if len(s.Confirmed) != 1 {
		t.Errorf("%d orders", len(s.Confirmed))
	}
	for _, path := range []string{"/buy/d1/review?review=r1", "/buy/d1/options", "/buy/d1"} {
		c.Get(path).Want(http.StatusSeeOther, "/orders/o1")
	}
	c.Post("/buy/d1/size", "size", "2-8").Want(http.StatusSeeOther, "/orders/o1")
}

func TestOrderThatCannotBePlacedSaysWhy(t *testing.T) {
	tests := []struct {
		name   string
		before func(*webtest.Shop)
		post   []string
		status int
		says   string
		where  string
	}{
		{"the same hash again needs the tick", func(s *webtest.Shop) { s.Repeats = "o9" }, []string{"id", "r1", "hash", "hash-shop"}, http.StatusUnprocessableEntity, "This is an additional order.", ""},
		{"with the tick it is ordered", func(s *webtest.Shop) { s.Repeats = "o9" }, []string{"id", "r1", "hash", "hash-shop", "additional", "on"}, http.StatusSeeOther, "", "/orders/o1"},
		{"another hash: review again", nil, []string{"id", "r1", "hash", "other"}, http.StatusUnprocessableEntity, "Review again", ""},
		{"locked by an unknown order", func(s *webtest.Shop) { s.Refuse = fault.New(fault.Conflict, "order.locked", "Order", "o9") }, []string{"id", "r1", "hash", "hash-shop"}, http.StatusUnprocessableEntity, "locked", ""},
		{"restored database", func(s *webtest.Shop) { s.Refuse = fault.New(fault.Conflict, "order.restoring", "Order", "o9") }, []string{"id", "r1", "hash", "hash-shop"}, http.StatusUnprocessableEntity, "put back to an earlier moment", ""},
		{"a field became impossible: to its step", func(s *webtest.Shop) {
			s.Refuse = &fault.Error{Kind: fault.Invalid, Message: fault.Say("order.review.impossible"),
				Fields: map[string]fault.Message{"name": fault.Say("order.name.taken.only", "Name", "shop")}}
		}, []string{"id", "r1", "hash", "hash-shop"}, http.StatusSeeOther, "", "/buy/d1/options"},
		{"a review that is gone: nothing is ordered", nil, []string{"id", "r77", "hash", "hash-shop"}, http.StatusSeeOther, "", "/buy"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, s, _ := webtest.OpenShop(t)
			draft(s, "options", full...)
			if test.before != nil {
				test.before(s)
			}
			c.Post("/buy/d1/review", "go", "review").Want(http.StatusSeeOther)
			a := c.Post("/orders", test.post...).Want(test.status)
			if test.where != "" && a.Header.Get("Location") != test.where {
				t.Errorf("leads to %q, want %q", a.Header.Get("Location"), test.where)
			}
			if test.says != "" {
				webtest.Says(t, a.Page(), "#wiz", test.says)
			}
		})
	}
}

func TestDeductionOfAnUnknownAmountNeedsItsTick(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.Settings.Deduct = true
	draft(s, "options", append(slices.Clone(full), "payment", "deduct")...)
	c.Post("/buy/d1/review", "go", "review")
	doc := c.Post("/orders", "id", "r1", "hash", "hash-shop").Want(http.StatusUnprocessableEntity).Page()
	webtest.Says(t, doc, "#wiz", "Tick the sentence")
	if len(s.Confirmed) != 0 {
		t.Fatal("ordered all the same")
	}
	c.Post("/orders", "id", "r1", "hash", "hash-shop", "understood", "on").Want(http.StatusSeeOther, "/orders/o1")
}

func TestReviewOfChangedChoicesMustBeMadeAnew(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	c.Post("/buy/d1/review", "go", "review")
	d := s.GivenDrafts["d1"]
	d.Form["quantity"] = "9"
	s.GivenDrafts["d1"] = d
	doc := c.Get("/buy/d1/review?review=r1").Want(http.StatusOK).Page()
	if doc.Find("input[name=hash]").Length() != 0 {
		t.Error("an old review can be ordered")
	}
	webtest.Says(t, doc, "#wiz", "The choices changed")
	if doc.Find("#wiz").AttrOr("action", "") != "/buy/d1/review" || doc.Find("footer button[value=review]").Length() != 1 {
		t.Error("it cannot be reviewed again")
	}
}

func TestLockedAccountSaysWhyAndWhere(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.GivenLocked = "o9"
	doc := c.Get("/buy").Page()
	webtest.Says(t, doc, ".note", "Buying on Orchid Retail is locked")
	if href := doc.Find(".note a.btn").AttrOr("href", ""); href != "/orders/o9" {
		t.Errorf("link: %q", href)
	}
	draft(s, "options", full...)
	c.Post("/buy/d1/review", "go", "review")
	b := c.Get("/buy/d1/review?review=r1").Page().Find("footer button.big")
	if b.AttrOr("aria-disabled", "") != "true" || b.AttrOr("type", "") != "button" {
		t.Error("the order can be placed")
	}
}

func TestAccountsThatCannotBuySayWhy(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*account.Account)
		says   string
	}{
		{"mainland", func(a *account.Account) { a.Site = account.Mainland }, "What Orchid Retail can buy is not known"},
		{"Europe", func(a *account.Account) { a.Site = account.Europe }, "CONSOLE_CATALOG_FILE"},
		{"own endpoints", func(a *account.Account) { a.Site = account.Custom }, "What Orchid Retail can buy is not known"},
		{"broken", func(a *account.Account) { a.State = account.Broken }, "Huawei refused the stored credential"},
		{"disabled", func(a *account.Account) { a.State = account.Disabled }, "This account is disabled"},
		{"not reached", func(a *account.Account) {
			a.Checks = []account.Check{{Name: "keys", Kind: fault.Unreachable.String(), Message: fault.Say("cloud.read.silent"),
				Since: webtest.Now}}
		}, "Orchid Retail could not be reached"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _, _ := webtest.OpenShop(t)
			test.change(&c.Accounts.All[0])
			webtest.Says(t, c.Get("/buy?from=a1").Want(http.StatusOK).Page(), "main", test.says)
		})
	}
	c, _, _ := webtest.OpenShop(t)
	c.Accounts.All = nil
	webtest.Says(t, c.Get("/buy").Want(http.StatusOK).Page(), "main", "Buying needs a cloud account")
	c.Post("/buy", "pick", "wordpress").Want(http.StatusOK)
}

func TestAccountOfTheLastPurchaseIsKept(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.Accounts.All = append(c.Accounts.All,
		account.Account{ID: "a2", Label: "Marina Labs", Site: account.International, State: account.Active})
	last := webtest.Order(order.Delivered)
	last.AccountID = "a2"
	s.Page = order.Page{Rows: []order.Order{last}}
	webtest.Says(t, c.Get("/buy").Page(), "main .head", "Marina Labs")
	if f := s.Asked[0]; f.PersonID != "p1" || f.Limit != 1 {
		t.Errorf("asked: %+v", f)
	}
}

func TestPrivateImagesComeByRegionWithTheirAge(t *testing.T) {
	c, s, st := webtest.OpenShop(t)
	st.GivenImages = []catalog.PrivateImage{
		{ID: "img-1", Name: "golden", Region: "ap-southeast-3", OS: catalog.Linux, Status: "active", MinDiskGiB: 40},
		{ID: "img-2", Name: "win-1", Region: "tr-west-1", OS: catalog.Windows, Status: "active"},
		{ID: "img-3", Name: "<b>half</b>", Region: "tr-west-1", OS: catalog.Linux, Status: "saving"},
	}
	s.Images, st.Age = st.GivenImages, instance.ImageAge{At: webtest.Now.Add(-3 * time.Minute)}
	doc := c.Get("/buy?kind=private").Page()
	webtest.Says(t, doc, "#wiz h3", "Singapore")
	webtest.Says(t, doc, "#wiz", "Read 3 min ago.")
	if doc.Find("#pick-img-3[disabled]").Length() != 1 {
		t.Error("an image that is not ready can be chosen")
	}
	webtest.Says(t, doc, "#wiz .why", "is not ready")
	c.Post("/buy", "from", "a1", "pick", "img-2").Want(http.StatusSeeOther, "/buy/d1/size")
	doc = c.Get("/buy/d1/size").Page()
	var legal []string
	doc.Find("input[name=size]:not([disabled])").Each(func(_ int, i *goquery.Selection) { legal = append(legal, i.AttrOr("value", "")) })
	if want := []string{"2-2", "2-4", "2-8", "4-8", "4-16"}; !slices.Equal(legal, want) {
		t.Errorf("sizes for Windows: got %v, want %v", legal, want)
	}
}

func TestPrivateImagesThatAreBeingReadAskAgainByThemselves(t *testing.T) {
	c, _, st := webtest.OpenShop(t)
	st.Age = instance.ImageAge{Reading: true}
	note := c.Get("/buy?kind=private").Page().Find(".note[hx-trigger]")
	if note.AttrOr("hx-trigger", "") != "load delay:2s" || note.Find("a").Length() != 1 {
		t.Errorf("note: %q", note.Text())
	}
}

func TestPriceAndBalanceComeByThemselves(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.Fresh = order.Reading
	draft(s, "options", full...)
	part := c.Get("/buy/d1/options").Page().Find("[id^=total-]")
	webtest.Says(t, c.Get("/buy/d1/options").Page(), ".sumbar", "Reading the price…")
	ask := part.AttrOr("hx-get", "")
	if !strings.HasPrefix(ask, "/buy/price?") || part.AttrOr("hx-trigger", "") != "load delay:700ms" || part.Find("a").Length() != 1 {
		t.Fatalf("part: %q", ask)
	}
	s.GivenQuote, s.Fresh = order.Quote{Total: *webtest.Dollars("25.77"), At: webtest.Now}, order.Known
	s.Paid = []order.Paid{{At: time.Date(2026, 11, 3, 2, 0, 0, 0, time.UTC), Amount: *webtest.Dollars("24.48"), Paid: true},
		{At: time.Date(2026, 11, 2, 2, 0, 0, 0, time.UTC), Amount: *webtest.Dollars("23.00")}}
	c.Header.Set("HX-Request", "true")
	a := c.Get(ask).Want(http.StatusOK)
	if got := a.Header.Get("HX-Trigger"); got != "priced" {
		t.Errorf("HX-Trigger %q: an offered cap does not learn the price", got)
	}
	doc := a.Page()
	webtest.Says(t, doc, "[id^=total-]", "About, for 1 month US$ 25.77")
	webtest.Says(t, doc, "[id^=total-]", "Paid for the same on 3 Nov: US$ 24.48")
	webtest.Says(t, doc, "[id^=total-]", "Not paid; price of the same as read on 2 Nov: US$ 23.00")
	if doc.Find("[hx-get]").Length() != 0 {
		t.Error("a known price is asked for again")
	}
	if got := doc.Find("[id^=total-]").AttrOr("id", ""); got != part.AttrOr("id", "") {
		t.Errorf("the part changes its id: %q, %q", got, part.AttrOr("id", ""))
	}
}

func TestPricesAreOnlyForAccountsOneMaySee(t *testing.T) {
	c, _, _ := webtest.OpenShop(t)
	c.Get("/buy/price?from=nobody").Want(http.StatusNotFound)
	c.Get("/buy/balance?from=nobody").Want(http.StatusNotFound)
}

func TestBuyingNeedsTheBuyerRole(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	c.As(person.Operator)
	draft(s, "options", full...)
	for _, path := range []string{"/buy", "/buy/d1/size", "/buy/price?from=a1"} {
		c.Get(path).Want(http.StatusForbidden)
	}
	c.Post("/buy", "pick", "wordpress").Want(http.StatusForbidden)
	c.Post("/orders", "id", "r1", "hash", "h").Want(http.StatusForbidden)
	doc := c.Get("/buy/matrix").Want(http.StatusOK).Page()
	if doc.Find("td.m a").Length() != 0 {
		t.Error("the matrix leads to what the role may not do")
	}
}

func TestMatrixIsSearchable(t *testing.T) {
	tests := []struct {
		q          string
		rows       int
		says       string
		everywhere bool
	}{
		{"gitlab", 7, "GitLab needs 8 GiB or more.", true},
		{"centos 8.2 riyadh", 7, "CentOS 8.2 is not offered in Istanbul and Riyadh.", false},
		{"wordpress 16", 1, "all regions", true},
		{"nothing like this", 0, "Nothing fits", false},
	}
	for _, test := range tests {
		t.Run(test.q, func(t *testing.T) {
			c, _, _ := webtest.OpenShop(t)
			doc := c.Get("/buy/matrix?q=" + url.QueryEscape(test.q)).Want(http.StatusOK).Page()
			if n := doc.Find("tbody tr").Length(); n != test.rows {
				t.Errorf("%d rows, want %d", n, test.rows)
			}
			webtest.Says(t, doc, "#matrix", test.says)
		})
	}
	c, _, _ := webtest.OpenShop(t)
	if n := c.Get("/buy/matrix?all=1").Page().Find("tbody tr").Length(); n != 37*7 {
		t.Errorf("the whole matrix has %d lines, want %d", n, 37*7)
	}
}

func TestWizardKeepsHostileTextAsText(t *testing.T) {
	bad := `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	c, s, st := webtest.OpenShop(t)
	c.Accounts.All[0].Label = bad
	st.GivenImages = []catalog.PrivateImage{{ID: bad, Name: bad, Region: bad, OS: catalog.Linux, Status: bad}}
	s.Images = st.GivenImages
	draft(s, "options", "image", bad, "size", bad, "region", bad, "name", bad, "quantity", bad, "description", bad, "cap", bad,
		"tag_key_1", bad, "tag_value_1", bad)
	for _, path := range []string{"/buy?kind=private&q=" + url.QueryEscape(bad), "/buy?image=" + url.QueryEscape(bad),
		"/buy/d1/image?kind=private", "/buy/d1/size", "/buy/d1/region", "/buy/d1/options", "/buy/matrix?q=" + url.QueryEscape(bad)} {
		doc := c.Get(path).Want(http.StatusOK).Page()
		if doc.Find("main script, main img").Length() > 0 {
			t.Errorf("%s: text became markup", path)
		}
	}
}

// A month after 31 January ends on the last of February, by Beijing's clock.
func TestTheReviewCountsMonthsAsHuaweiDoes(t *testing.T) {
	for _, test := range []struct {
		now  time.Time
		unit string
		n    string
		want string
	}{
		{time.Date(2027, 1, 31, 10, 0, 0, 0, time.UTC), "month", "1", "28 Feb"},
		{time.Date(2027, 1, 31, 15, 59, 0, 0, time.UTC), "month", "1", "28 Feb"},
		{time.Date(2027, 1, 31, 16, 1, 0, 0, time.UTC), "month", "1", "1 Mar"},
		{time.Date(2028, 2, 29, 4, 0, 0, 0, time.UTC), "year", "1", "28 Feb"},
		{time.Date(2027, 5, 31, 4, 0, 0, 0, time.UTC), "month", "6", "30 Nov"},
	} {
		c, s, _ := webtest.OpenShopAt(t, test.now)
		draft(s, "review", full...)
		r := s.GivenDrafts["d1"].Form
		r["period_unit"], r["period_num"] = test.unit, test.n
		c.Post("/buy/d1/review").Want(http.StatusSeeOther)
		webtest.Says(t, c.Get("/buy/d1/review?review=r1").Page(), "main", "It runs until about "+test.want)
	}
}

// What the catalogue does not have any more is called retired, never a private
// image, and the nearest are offered.
func TestWhatIsRetiredIsCalledSo(t *testing.T) {
	c, s, st := webtest.OpenShop(t)
	draft(s, "options", full...)
	s.GivenDrafts["d1"].Form["image"], s.GivenDrafts["d1"].Form["version"] = "wordpress-classic", "5.9"
	doc := c.Get("/buy/d1/options").Page()
	webtest.Says(t, doc, "main .note", "wordpress-classic is retired")
	href := doc.Find("main .note a:contains('Take WordPress')").AttrOr("href", "")
	if href != "/buy/d1/image?pick=wordpress&version_wordpress=6.4" {
		t.Errorf("the nearest leads to %q", href)
	}
	main := doc.Find("main").Text()
	for _, not := range []string{"No region of this account lists", "private image"} {
		if strings.Contains(main, not) {
			t.Errorf("the page says %q of a retired image", not)
		}
	}
	webtest.Says(t, doc, "main .note", "The catalogue does not have it. The nearest that can be bought:")
	webtest.Says(t, c.Get("/buy").Page(), "main", "wordpress-classic") // among the drafts

	s.GivenDrafts["d1"].Form["image"] = "qqq-zzz" // like nothing
	doc = c.Get("/buy/d1/options").Page()
	webtest.Says(t, doc, "main .note", "The catalogue does not have it.")
	if note := doc.Find("main .note:contains('retired')"); strings.Contains(note.Text(), "nearest") || note.Find("a").Length() != 0 {
		t.Errorf("nothing is near, and the page says %s", note.Text())
	}

	s.GivenDrafts["d1"].Form["image"], s.GivenDrafts["d1"].Form["version"] = "wordpress", "6.4"
	delete(s.GivenDrafts["d1"].Form, "size")
	s.GivenDrafts["d1"].Form["spec"] = "hf.large.7.30m.linux"
	doc = c.Get("/buy/d1/options").Page()
	webtest.Says(t, doc, "main .note", "hf.large.7.30m.linux is retired")
	if n := doc.Find("main .note a:contains('Take ')").Length(); n != 3 {
		t.Errorf("%d sizes are offered, want three", n)
	}
	if href := doc.Find("main .note a:contains('Take ')").First().AttrOr("href", ""); !strings.HasPrefix(href, "/buy/d1/size?size=") {
		t.Errorf("the nearest size leads to %q", href)
	}

	for _, id := range []string{"0e4b4c5c-7f3d-4ad5-9a2b-0d0c3d1c9e11", "own"} { // not listed now, and listed
		st.GivenImages = []catalog.PrivateImage{{ID: "own", Name: "own", Region: "ap-southeast-3", OS: catalog.Linux, Status: "active"}}
		draft(s, "options", full...)
		s.GivenDrafts["d1"].Form["image"] = id
		delete(s.GivenDrafts["d1"].Form, "version")
		if doc = c.Get("/buy/d1/options").Page(); strings.Contains(doc.Find("main").Text(), "retired") {
			t.Errorf("an own image is called retired: %s", id)
		}
	}
}

// While buying is locked, buying again leads to the wizard, which says so; the
// button at its end is held with its reason.
func TestBuyingAgainWhileBuyingIsLocked(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	s.GivenOrders["o1"] = webtest.Order(order.Unknown)
	s.GivenLocked = "o1"
	form := c.Get("/orders/o1").Page().Find("form[action='/orders/o1/again']")
	if form.Length() != 1 {
		t.Fatalf("%d ways to buy it again", form.Length())
	}
	a := c.Post("/orders/o1/again", "go", "").Want(http.StatusSeeOther)
	webtest.Says(t, c.Get(a.Header.Get("Location")).Page(), "main", "Buying on Orchid Retail is locked")
	draft(s, "review", full...)
	c.Post("/buy/d1/review", "go", "review").Want(http.StatusSeeOther)
	doc := c.Get("/buy/d1/review?review=r1").Page()
	if form := doc.Find("form[action='/orders']"); form.Find("button.pri, button[aria-disabled], button[disabled]").Length() == 0 {
		t.Fatal("no button at the end")
	}
	webtest.Says(t, doc, "form[action='/orders']", "Buying on Orchid Retail is locked")
}
