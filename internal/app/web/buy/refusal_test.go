package buy_test

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

// call is a request of the wizard and the method behind it that fails.
type call struct {
	post   bool
	path   string
	form   url.Values
	broken string
	own    []fault.Kind // that the page answers by itself, tested elsewhere
}

var calls = []call{
	{path: "/buy", broken: "Images"},
	{post: true, path: "/buy", form: url.Values{"pick": {"wordpress"}}, broken: "Images"},
	{post: true, path: "/buy", form: url.Values{"pick": {"wordpress"}}, broken: "NewDraft"},
	{path: "/buy/d1", broken: "Draft"},
	{path: "/buy/d1/size", broken: "Draft"},
	{path: "/buy/d1/size", broken: "Images"},
	{post: true, path: "/buy/d1/size", form: url.Values{"size": {"2-8"}}, broken: "Draft"},
	{post: true, path: "/buy/d1/size", form: url.Values{"size": {"2-8"}}, broken: "SaveDraft"},
	{post: true, path: "/buy/d1/size", form: url.Values{"size": {"2-8"}}, broken: "Images"},
	{post: true, path: "/buy/d1/options", form: fields(), broken: "SaveDraft"},
	{post: true, path: "/buy/d1/review", broken: "Review", own: []fault.Kind{fault.Invalid}},
	{path: "/buy/d1/review?review=r1", broken: "ShowAgain", own: []fault.Kind{fault.NotFound}},
	{path: "/buy/d1/review?review=r1", broken: "Beside"},
	{post: true, path: "/buy/d1/undo", broken: "Draft"},
	{post: true, path: "/buy/d1/undo", broken: "SaveDraft"},
	{post: true, path: "/buy/d1/discard", broken: "DiscardDraft", own: []fault.Kind{fault.NotFound}},
	{post: true, path: "/orders", form: url.Values{"id": {"r1"}, "hash": {"hash-shop"}}, broken: "ReviewByID", own: []fault.Kind{fault.NotFound}},
	{post: true, path: "/orders", form: url.Values{"id": {"r1"}, "hash": {"hash-shop"}}, broken: "Confirm",
		own: []fault.Kind{fault.Invalid, fault.Conflict, fault.Busy}},
	{post: true, path: "/orders", form: url.Values{"id": {"r1"}, "hash": {"changed"}}, broken: "Draft"},
	{post: true, path: "/orders", form: url.Values{"id": {"r1"}, "hash": {"changed"}}, broken: "Beside"},
}

// answer makes the call of a console whose method fails with err.
func (k call) answer(t *testing.T, err error, htmx bool) (*webtest.Answer, *webtest.Shop) {
	t.Helper()
	c, s, st := webtest.OpenShop(t)
	draft(s, "options", full...)
	c.Post("/buy/d1/review", "go", "review").Want(http.StatusSeeOther)
	before := s.GivenDrafts["d1"]
	before.Before = map[string]string{"account": "a1", "image": "ghost"}
	s.GivenDrafts["d1"] = before
	switch k.broken {
	case "Images":
		st.Broken = map[string]error{"Images": err}
	case "Confirm":
		s.Refuse = err
	default:
		s.Broken = map[string]error{k.broken: err}
	}
	if htmx {
		c.Header.Set("HX-Request", "true")
	}
	if k.post {
		form := k.form
		if form == nil {
			form = url.Values{}
		}
		return c.Send(http.MethodPost, k.path, form), s
	}
	return c.Get(k.path), s
}

func (k call) name() string {
	method := "GET "
	if k.post {
		method = "POST "
	}
	return method + k.path + ", " + k.broken
}

func TestEveryRefusalBehindTheWizardHasItsPage(t *testing.T) {
	for _, k := range calls {
		t.Run(k.name(), func(t *testing.T) {
			for _, kind := range kinds {
				if slices.Contains(k.own, kind.kind) {
					continue
				}
				a, s := k.answer(t, fault.New(kind.kind, "cloud.clock.refused", "Minutes", "20"), false)
				doc := a.Want(kind.status).Page()
				webtest.Says(t, doc, "main h1", kind.title)
				sentence := strings.Contains(doc.Find("main").Text(), "wrong by 20 minutes")
				if sentence != (kind.kind != fault.Internal) {
					t.Errorf("%s: the sentence of the refusal is shown: %v", kind.kind, sentence)
				}
				if len(s.Confirmed) != 0 || len(s.GivenDrafts) != 1 || len(s.Reviews) != 1 || s.GivenDrafts["d1"].Form["size"] != "2-4" {
					t.Errorf("%s: something was done all the same", kind.kind)
				}
			}
		})
	}
}

func TestEveryRefusalBehindTheWizardIsANoteForHtmx(t *testing.T) {
	for _, k := range calls {
		t.Run(k.name(), func(t *testing.T) {
			a, _ := k.answer(t, fault.New(fault.Unreachable, "cloud.read.silent"), true)
			doc := a.Want(http.StatusUnprocessableEntity).Page()
			webtest.Says(t, doc, ".note[role=alert]", "Huawei Cloud did not answer in time.")
			if strings.Contains(a.Body, "<html") || doc.Find("#wizard").Length() != 0 {
				t.Error("more than a note was sent")
			}
			if to := a.Header.Get("HX-Retarget"); to != "#toasts" {
				t.Errorf("the note goes to %q", to)
			}
		})
	}
}

func TestAReviewThatIsGoneIsOfferedAnew(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	for _, path := range []string{"/buy/d1/review", "/buy/d1/review?review=r77"} {
		doc := c.Get(path).Want(http.StatusOK).Page()
		webtest.Says(t, doc, "#wiz", webtest.Word("buy.review.stale"))
		if doc.Find("input[name=hash]").Length() != 0 {
			t.Errorf("%s: it can be ordered", path)
		}
		if got := doc.Find("#wiz").AttrOr("action", ""); got != "/buy/d1/review" {
			t.Errorf("%s: the form goes to %q", path, got)
		}
	}
}

// A review of one draft is not shown, and cannot be ordered, in another one.
func TestAReviewOfAnotherDraftIsNotShown(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	c.Post("/buy/d1/review", "go", "review").Want(http.StatusSeeOther)
	other := s.GivenDrafts["d1"]
	other.ID = "d2"
	s.GivenDrafts["d2"] = other
	doc := c.Get("/buy/d2/review?review=r1").Want(http.StatusOK).Page()
	webtest.Says(t, doc, "#wiz", webtest.Word("buy.review.stale"))
	if doc.Find("input[name=hash]").Length() != 0 {
		t.Error("it can be ordered")
	}
}

// An order that is refused for a field leads to the first step that has it.
func TestARefusedFieldLeadsToItsStep(t *testing.T) {
	for _, test := range []struct {
		fields []string
		want   string
	}{
		{[]string{"image"}, "/buy/d1/image"}, {[]string{"version"}, "/buy/d1/image"}, {[]string{"spec"}, "/buy/d1/size"},
		{[]string{"region"}, "/buy/d1/region"}, {[]string{"period_num"}, "/buy/d1/options"}, {[]string{"tag_key_1"}, "/buy/d1/options"},
		{[]string{"name", "size"}, "/buy/d1/size"}, {[]string{"account"}, "/buy/d1/options"}, {nil, "/buy/d1/options"},
	} {
		c, s, _ := webtest.OpenShop(t)
		draft(s, "options", full...)
		c.Post("/buy/d1/review", "go", "review").Want(http.StatusSeeOther)
		bad := map[string]fault.Message{}
		for _, f := range test.fields {
			bad[f] = fault.Say("order.fields")
		}
		refusal := &fault.Error{Kind: fault.Invalid, Message: fault.Say("order.review.impossible"), Fields: bad}
		s.Refuse = refusal
		c.Post("/orders", "id", "r1", "hash", "hash-shop").Want(http.StatusSeeOther, test.want)
		webtest.Says(t, c.Get("/buy/d1/options").Page(), "#toasts", webtest.Word("order.review.impossible"))

		s.Broken = map[string]error{"Review": refusal}
		c.Post("/buy/d1/review").Want(http.StatusSeeOther, test.want)
	}
}

func TestARefusedOrderWhoseReviewCannotBeShownSaysThat(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	c.Post("/buy/d1/review", "go", "review").Want(http.StatusSeeOther)
	s.Refuse = &fault.Error{Kind: fault.Invalid, Message: fault.Say("order.review.impossible")}
	s.Broken = map[string]error{"Draft": fault.New(fault.NotFound, "order.draft.gone")}
	doc := c.Post("/orders", "id", "r1", "hash", "hash-shop").Want(http.StatusNotFound).Page()
	webtest.Says(t, doc, "main", "This draft is gone: it was discarded, or is older than 30 days.")
}

func TestADiscardedDraftIsSaidToBe(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	for range 2 { // a second time is no mistake
		c.Post("/buy/d1/discard").Want(http.StatusSeeOther, "/buy")
		webtest.Says(t, c.Get("/buy").Page(), "#toasts", "The unfinished purchase is discarded.")
	}
	for _, path := range []string{"/buy/d1", "/buy/d1/size"} {
		doc := c.Get(path).Want(http.StatusNotFound).Page()
		webtest.Says(t, doc, "main", "This draft is gone: it was discarded, or is older than 30 days. Start a new one.")
	}
	c.Post("/buy/d1/undo").Want(http.StatusNotFound)
}

func TestAnAddressOfNoStepIsNotFound(t *testing.T) {
	c, s, _ := webtest.OpenShop(t)
	draft(s, "options", full...)
	for _, a := range []*webtest.Answer{c.Get("/buy/d1/payment"), c.Post("/buy/d1/payment", "name", "other")} {
		webtest.Says(t, a.Want(http.StatusNotFound).Page(), "main", "The purchase has no such step.")
	}
	if got := s.GivenDrafts["d1"].Form["name"]; got != "shop" {
		t.Errorf("the name became %q", got)
	}
}

// Who may buy may do everything here, who may not nothing, and anybody may read
// the matrix.
func TestEveryRouteOfThePurchaseAsksForItsRole(t *testing.T) {
	for _, test := range []struct {
		role person.Role
		may  bool
	}{{person.Viewer, false}, {person.Operator, false}, {person.Buyer, true}, {person.Owner, true}} {
		for _, k := range calls {
			c, s, _ := webtest.OpenShop(t)
			draft(s, "options", full...)
			s.Reviews["r1"] = order.Review{ID: "r1", DraftID: "d1", Hash: "hash-shop"}
			method := http.MethodGet
			if k.post {
				method = http.MethodPost
			}
			a := c.As(test.role).Send(method, k.path, k.form)
			if may := a.StatusCode != http.StatusForbidden; may != test.may {
				t.Errorf("%s as %s: %d", k.name(), test.role, a.StatusCode)
			}
			if !test.may && (len(s.Confirmed) != 0 || len(s.GivenDrafts) != 1) {
				t.Errorf("%s as %s was done", k.name(), test.role)
			}
		}
		c, _, _ := webtest.OpenShop(t)
		doc := c.As(test.role).Get("/buy/matrix?q=ghost").Want(http.StatusOK).Page()
		if offers := doc.Find("#matrix tbody a").Length() > 0; offers != test.may {
			t.Errorf("the matrix leads a %s to a purchase: %v", test.role, offers)
		}
	}
}
