package buy

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/spelling"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/buy"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Pages are the wizard and the matrix.
type Pages struct {
	Orders    Orders
	Accounts  Accounts
	Instances Inventory
	Settings  Settings
	Catalog   *catalog.Catalog
	CatalogOf func(account.Site) *catalog.Catalog // of a site; nil where none is known
	Frames    page.Frames
	Notes     *page.Notes
	Scopes    visit.Scopes
	Log       *slog.Logger
}

// Orders keep the wizard's drafts and reviews and make an order of a review
// (order.Service). A draft or review of somebody else is fault.NotFound.
type Orders interface {
	// NewDraft keeps a form as a draft of the actor.
	NewDraft(ctx context.Context, by person.Actor, form map[string]string) (order.Draft, error)
	// Draft gives a draft of the actor.
	Draft(ctx context.Context, by person.Actor, id string) (order.Draft, error)
	// SaveDraft keeps the whole form as typed, valid or not.
	SaveDraft(ctx context.Context, by person.Actor, id, step string, form map[string]string) (order.Draft, error)
	// Drafts are the actor's own, the last changed first.
	Drafts(ctx context.Context, by person.Actor) ([]order.Draft, error)
	// DiscardDraft removes a draft; fault.NotFound when there is none.
	DiscardDraft(ctx context.Context, by person.Actor, id string) error
	// Parse makes a request of a form, with a sentence for each field that cannot
	// be read.
	Parse(ctx context.Context, form map[string]string) (order.Request, map[string]fault.Message)
	// Check gives the problems of a request by form field.
	Check(ctx context.Context, by person.Actor, r order.Request) map[string]fault.Message
	// Review stores what exactly will be sent; fault.Invalid with Fields when the
	// draft cannot be bought.
	Review(ctx context.Context, by person.Actor, draftID string) (order.Review, error)
	// ReviewByID gives a review of the actor, also one that was ordered.
	ReviewByID(ctx context.Context, by person.Actor, id string) (order.Review, error)
	// ShowAgain gives the review to show. One that an earlier process made is
	// replaced by another one with new ids; any other comes back as it is.
	ShowAgain(ctx context.Context, by person.Actor, id string) (order.Review, error)
	// Beside is what at the cloud speaks against what was reviewed.
	Beside(ctx context.Context, by person.Actor, v order.Review) (order.Beside, error)
	// Confirm orders, once: a repetition gives the same order's id.
	Confirm(ctx context.Context, by person.Actor, reviewID, hash string, additional bool) (orderID string, err error)
	// Locked tells which order without a clear answer locks buying on the account.
	Locked(ctx context.Context, accountID string) (orderID string, locked bool)
	// PaidFor are exact amounts of the same purchase, each once, the last first.
	PaidFor(ctx context.Context, by person.Actor, r order.Request) ([]order.Paid, error)
	// Quote gives the price from memory, and has one that is not known read.
	Quote(accountID string, r order.Request) (order.Quote, order.Freshness)
	// Orders are those that fit the filter, the last first.
	Orders(ctx context.Context, by person.Actor, f order.Filter) (order.Page, error)
	// BalanceOf gives the balance from memory, and has one that is not known read.
	BalanceOf(accountID string) (order.Balance, order.Freshness)
}

// Accounts are the cloud accounts (account.Service).
type Accounts interface {
	// Get gives an account; fault.NotFound when the actor may not see it.
	Get(ctx context.Context, by person.Actor, id string) (account.Account, error)
}

// Inventory is what the wizard needs of the local picture (instance.Service).
type Inventory interface {
	// Images gives the account's own images as last read, and reads newer ones in
	// the background when these are old.
	Images(ctx context.Context, accountID string) ([]catalog.PrivateImage, instance.ImageAge, error)
	// NameTaken reports whether an instance of the account has the name, letters'
	// case aside.
	NameTaken(ctx context.Context, accountID, name string) (bool, error)
}

// Settings are the console's own settings (package setting).
type Settings interface {
	// AllowDeduct reports whether a purchase may let Huawei deduct at once.
	AllowDeduct(ctx context.Context) (bool, error)
}

// wizard is the purchase as one request sees it: the draft, with the choices of
// the address or the form over it, and everything that follows from them.
type wizard struct {
	h       Pages
	by      person.Actor
	p       *text.Printer
	scope   visit.Scope
	step    string
	draft   order.Draft       // zero while there is none
	saved   map[string]string // the draft's fields
	form    map[string]string // with what is laid over them
	view    buyView
	account account.Account
	catalog *catalog.Catalog
	what    wording.Wares

	images []catalog.PrivateImage
	age    instance.ImageAge

	request  order.Request
	choice   catalog.Choice
	against  []catalog.Reason         // the catalogue's reasons against the choice
	problems map[string]fault.Message // by field: what does not work yet
	lockedBy string                   // the order without a clear answer that locks buying
	beside   order.Beside             // what at Huawei speaks against it, in the review
}

// buyView is what is shown of the images, without choosing anything.
type buyView struct{ kind, category, q string }

func readView(c echo.Context) buyView {
	v := buyView{kind: c.FormValue("kind"), category: c.FormValue("category"), q: c.FormValue("q")}
	if !slices.Contains([]string{"", string(catalog.Application), string(catalog.System), string(catalog.Private)}, v.kind) {
		v.kind = ""
	}
	v.q = spelling.Cut(v.q, 100)
	return v
}

// newWizard prepares a request without a draft.
func (h Pages) newWizard(c echo.Context, step string) (*wizard, error) {
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return nil, err
	}
	return &wizard{h: h, by: visit.Actor(c), p: visit.Printer(c), scope: sc, step: step, view: readView(c)}, nil
}

// load opens a draft of the person with the choices that are saved in it.
func (h Pages) load(c echo.Context, step string) (*wizard, error) {
	w, err := h.find(c, step)
	if err != nil {
		return nil, err
	}
	return w, w.apply(c.Request().Context(), w.saved)
}

// find opens a draft of the person without applying its choices.
func (h Pages) find(c echo.Context, step string) (*wizard, error) {
	w, err := h.newWizard(c, step)
	if err != nil {
		return nil, err
	}
	if w.draft, err = h.Orders.Draft(c.Request().Context(), w.by, c.Param("draft")); err != nil {
		return nil, err
	}
	w.saved = w.draft.Form
	w.resolveAccount(c.Request().Context(), w.saved)
	return w, nil
}

// resolveAccount finds the account that the form names, or the default one, and
// its catalogue.
func (w *wizard) resolveAccount(ctx context.Context, form map[string]string) {
	w.form = form
	a, ok := w.scope.AccountOf(form[order.FieldAccount])
	if !ok {
		a, _ = w.defaultAccount(ctx)
		w.form = overlay(form, map[string]string{order.FieldAccount: a.ID})
	}
	w.account, w.catalog = a, w.h.CatalogOf(a.Site)
	w.what = wording.Wares{Printer: w.p, Catalog: w.catalog}
}

// apply makes the form the one that is shown: it finds account, catalogue and
// choice, and what is wrong with them.
func (w *wizard) apply(ctx context.Context, form map[string]string) error {
	w.resolveAccount(ctx, form)
	a := w.account
	if w.catalog == nil || a.ID == "" {
		return nil
	}
	var err error
	if w.images, w.age, err = w.h.Instances.Images(ctx, a.ID); err != nil {
		return err
	}
	w.check(ctx)
	if w.offerCap() {
		w.check(ctx)
	}
	w.lockedBy, _ = w.h.Orders.Locked(ctx, a.ID)
	return nil
}

// check finds what the form asks for and what is wrong with it.
func (w *wizard) check(ctx context.Context) {
	var unread map[string]fault.Message
	w.request, unread = w.h.Orders.Parse(ctx, w.form)
	w.choice = w.choose(w.form)
	w.against = w.catalog.Check(w.choice)
	w.problems = w.h.Orders.Check(ctx, w.by, w.request)
	for field, m := range unread {
		w.problems[field] = m
	}
	if _, missing := w.problems[order.FieldCap]; missing && w.capOffered() && w.readingPrice() {
		w.problems[order.FieldCap] = fault.Say("buy.cap.reading")
	}
	for _, name := range optionExtras {
		if w.extraOn(name) && w.form[name] == "" {
			w.problems[name] = fault.Say("buy.extra.missing")
		}
	}
}

// choose takes from a form the choice that the catalogue checks.
func (w *wizard) choose(form map[string]string) catalog.Choice {
	ch := catalog.Choice{ImageID: form[order.FieldImage], Version: form[order.FieldVersion], Spec: form[order.FieldSpec],
		Region: form[order.FieldRegion]}
	if ch.Spec == "" {
		ch.Spec = form[order.FieldSize]
	}
	if i, ok := w.catalog.Image(ch.ImageID); ok && i.Kind != catalog.Private {
		ch.Kind = i.Kind
	} else if ch.ImageID != "" {
		ch.Private = w.private(ch.ImageID)
		if ch.Kind = w.catalog.KindOf(ch.ImageID, ch.Private != nil); ch.Kind == catalog.Private {
			ch.Version = ""
		}
	}
	return w.catalog.Resolve(ch)
}

func (w *wizard) private(id string) *catalog.PrivateImage {
	for _, i := range w.images {
		if i.ID == id {
			return &i
		}
	}
	return nil
}

// defaultAccount is the account of the last purchase, if it is in the scope,
// else the first of the scope that can buy, else the first.
func (w *wizard) defaultAccount(ctx context.Context) (account.Account, bool) {
	last, err := w.h.Orders.Orders(ctx, w.by, order.Filter{AccountIDs: w.scope.IDs(), PersonID: w.by.PersonID, Limit: 1})
	if len(w.scope.Accounts) > 0 && err == nil && len(last.Rows) > 0 {
		if a, ok := w.scope.AccountOf(last.Rows[0].AccountID); ok && w.cannot(a) == "" {
			return a, true
		}
	}
	for _, all := range [][]account.Account{w.scope.Accounts, w.scope.All} {
		for _, a := range all {
			if w.cannot(a) == "" {
				return a, true
			}
		}
	}
	for _, all := range [][]account.Account{w.scope.Accounts, w.scope.All} {
		if len(all) > 0 {
			return all[0], true
		}
	}
	return account.Account{}, false
}

// cannot says why an account cannot buy; empty when it can.
func (w *wizard) cannot(a account.Account) string {
	switch {
	case a.State == account.Disabled:
		return w.p.T("buy.account.disabled")
	case a.KeyLost():
		return w.p.T("buy.account.key.lost")
	case a.State == account.Broken:
		return w.p.T("buy.account.broken")
	case w.h.CatalogOf(a.Site) == nil:
		return w.p.T("buy.account.catalog")
	}
	return ""
}

// base is the address of the purchase.
func (w *wizard) base() string {
	if w.draft.ID == "" {
		return "/buy"
	}
	return "/buy/" + w.draft.ID
}

// path is the address of a step; without a draft there is only the first.
func (w *wizard) path(step string) string {
	if w.draft.ID == "" {
		return "/buy"
	}
	return w.base() + "/" + step
}

// problem is what does not work in a step, worded; the first of its fields.
func (w *wizard) problem(step string) string {
	if reasons := w.reasonsOf(step); len(reasons) > 0 {
		return reasons[0].Text
	}
	for _, field := range fieldsOf(step) {
		if m, ok := w.problems[field]; ok {
			return wording.Say(w.p, m)
		}
	}
	if step != stepOptions {
		return ""
	}
	for field, m := range w.problems {
		if stepOf(field) == stepOptions {
			return wording.Say(w.p, m)
		}
	}
	return ""
}

// fieldsOf are the fields of a step, in the order of its page.
func fieldsOf(step string) []string {
	switch step {
	case stepImage:
		return []string{order.FieldImage, order.FieldVersion}
	case stepSize:
		return []string{order.FieldSize, order.FieldSpec}
	case stepRegion:
		return []string{order.FieldRegion}
	case stepOptions:
		return []string{order.FieldName, order.FieldQuantity, order.FieldPeriodUnit, order.FieldPeriodNum, order.FieldPayment,
			order.FieldCap, order.FieldCapCurrency, order.FieldDataDisk, order.FieldBackup, order.FieldDescription}
	}
	return nil
}

// reached reports whether the wizard came as far as the step.
func (w *wizard) reached(step string) bool {
	return w.draft.ID != "" && stepIndex(step) <= stepIndex(w.draft.Step)
}

// chosen reports whether anything was chosen in the step.
func (w *wizard) chosen(step string) bool {
	switch step {
	case stepImage:
		return w.choice.ImageID != ""
	case stepSize:
		return w.choice.Spec != ""
	case stepRegion:
		return w.choice.Region != ""
	case stepOptions:
		return w.reached(stepOptions)
	}
	return false
}

// done reports whether the step needs nothing more.
func (w *wizard) done(step string) bool {
	return w.chosen(step) && w.reached(step) && w.problem(step) == ""
}

// firstOpen is the first step that still needs something; the review when none
// does.
func (w *wizard) firstOpen() string {
	for _, s := range buySteps[:len(buySteps)-1] {
		if !w.done(s) {
			return s
		}
	}
	return stepReview
}

// show renders the wizard: the page, or for htmx the part that changes.
func (h Pages) show(c echo.Context, w *wizard, status int, change func(*buy.Model)) error {
	if w.account.ID == "" || w.catalog == nil {
		return h.showNone(c, w)
	}
	m := w.model(c.Request().Context())
	if change != nil {
		change(&m)
	}
	m.Moved = w.moved(c)
	wrong := status == http.StatusUnprocessableEntity
	if visit.Partial(c.Request()) {
		if wrong { // the mistake gets the focus where it stands: the page does not go to its top
			c.Response().Header().Set("HX-Reswap", "outerHTML settle:0ms")
		}
		piece := buy.Part(layout.Frame{Title: w.p.T("buy.title"), Wrong: wrong}, m)
		return page.Render(c, status, piece, piece)
	}
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	f.Wrong = wrong
	return page.Render(c, status, buy.Page(f, m), nil)
}

// moved reports whether the browser shows another step than this one.
func (w *wizard) moved(c echo.Context) bool {
	from, err := url.Parse(c.Request().Header.Get("HX-Current-URL"))
	return err == nil && visit.Partial(c.Request()) && from.Path != w.path(w.step)
}

// frame is the page's frame; it looks like the Sandbox where the account is of it.
func (w *wizard) frame(c echo.Context) (layout.Frame, error) {
	f, err := w.h.Frames.Frame(c, w.p.T("buy.title"), layout.Buy)
	page.InWorldOf(&f, w.account)
	return f, err
}

// showNone says why nothing can be bought: no account, or no catalogue.
func (h Pages) showNone(c echo.Context, w *wizard) error {
	f, err := w.frame(c)
	if err != nil {
		return err
	}
	m := ui.EmptyModel{Icon: "key", Page: true, Title: w.p.T("buy.none"), Text: w.p.T("buy.none.text")}
	if w.by.May(person.ManageAccounts) {
		m.Actions = []ui.Action{{Label: w.p.T("buy.none.connect"), Href: "/accounts/new", Icon: "plus", Kind: ui.Primary}}
	}
	if w.account.ID != "" {
		m.Title = w.p.T("buy.uncatalogued", "Account", text.Name(w.account.Label))
		m.Text = w.p.T("buy.uncatalogued.text")
		m.Actions = nil
		for _, a := range w.scope.All {
			if w.cannot(a) == "" && len(m.Actions) < 2 {
				m.Actions = append(m.Actions,
					ui.Action{Label: w.p.T("buy.account.use", "Account", text.Name(a.Label)), Href: wording.BuyURL(a.ID)})
			}
		}
	}
	return page.Render(c, http.StatusOK, buy.NonePage(f, buy.NoneModel{Empty: m}), nil)
}
