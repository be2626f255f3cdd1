package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/web/templates/accounts"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// accountPages show and change cloud accounts.
type accountPages struct {
	s        *Server
	accounts Accounts
	persons  Persons
	orders   Orders
}

// list is all accounts, real and simulated side by side: GET /accounts.
func (p accountPages) list(c echo.Context) error {
	all, err := p.accounts.List(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}
	f, err := p.s.frame(c, printer(c).T("accounts.title"), layout.Accounts)
	if err != nil {
		return err
	}
	manage := actor(c).May(person.ManageAccounts)
	m := accounts.ListModel{Manage: manage, Sandbox: p.s.Sandbox != nil && !slices.ContainsFunc(all, account.Account.Sandbox)}
	for _, a := range all {
		m.Cards = append(m.Cards, p.card(c, a, manage))
	}
	return render(c, http.StatusOK, accounts.List(f, m), nil)
}

func (p accountPages) card(c echo.Context, a account.Account, manage bool) accounts.Card {
	pr := printer(c)
	card := accounts.Card{ID: a.ID, Label: a.Label, Sandbox: a.Sandbox(), Facts: p.facts(pr, a)}
	card.Shape, card.Word = accountState(pr, a)
	card.Since, card.Trouble = trouble(pr, a)
	if manage && a.State == account.Broken && !a.Sandbox() {
		card.Actions = append(card.Actions, ui.Action{Label: pr.T("accounts.key.replace"), Href: "/accounts/" + a.ID + "/key", Kind: ui.Primary})
	}
	if a.Sandbox() {
		card.Actions = append(card.Actions, ui.Action{Label: pr.T("accounts.sandbox.controls"), Href: "/sandbox", Icon: "settings"})
	}
	card.Actions = append(card.Actions, ui.Action{Label: pr.T("accounts.see"), Href: "/accounts/" + a.ID})
	return card
}

// accountState is a shape and a word for an account.
func accountState(p *text.Printer, a account.Account) (shape, word string) {
	switch {
	case a.State == account.Broken:
		return ui.Fault, p.T("accounts.state.broken")
	case a.State == account.Disabled:
		return ui.Off, p.T("accounts.state.disabled")
	case a.Checking && len(a.Checks) == 0:
		return ui.Busy, p.T("accounts.state.checking")
	case slices.ContainsFunc(a.Checks, func(k account.Check) bool { return !k.OK && k.Name == "keys" }):
		return ui.Fault, p.T("accounts.state.unreached")
	case slices.ContainsFunc(a.Checks, func(k account.Check) bool { return !k.OK && k.Name != "regions:inactive" }):
		return ui.Warn, p.T("accounts.state.limited")
	case a.CheckedAt.IsZero():
		return ui.Wait, p.T("accounts.state.unchecked")
	}
	return ui.Run, p.T("accounts.state.healthy")
}

// trouble is since when and why an account cannot be used.
func trouble(p *text.Printer, a account.Account) (since, why string) {
	if a.State != account.Broken || a.Trouble.Zero() {
		return "", ""
	}
	return p.T("accounts.broken.since", "When", p.Near(a.TroubleAt, p.Now())), sayIn(p, a.Trouble)
}

// facts are what an account's card and page tell about it.
func (p accountPages) facts(pr *text.Printer, a account.Account) []ui.Pair {
	signs := pr.T("accounts.signs.key", "Hint", a.KeyHint)
	if a.Credential == account.ByLogin {
		signs = pr.T("accounts.signs.login", "User", text.Name(a.KeyHint))
	}
	out := []ui.Pair{
		{Key: pr.T("accounts.site"), Value: siteName(pr, a.Site)},
		{Key: pr.T("accounts.signs"), Value: signs},
		{Key: pr.T("accounts.regions"), Value: regionList(pr, a)},
	}
	if a.Sandbox() {
		out[0] = ui.Pair{Key: pr.T("accounts.cost"), Value: pr.T("accounts.cost.free")}
	}
	balance, freshness := p.orders.BalanceOf(a.ID)
	if a.State == account.Active {
		out = append(out, ui.Pair{Key: pr.T("accounts.balance"), Value: balanceText(pr, balance, freshness)})
	}
	return out
}

// balanceText is what an account has left, or that nobody knows.
func balanceText(p *text.Printer, b order.Balance, f order.Freshness) string {
	if b.At.IsZero() {
		return p.Unknown()
	}
	return p.Money(b.Available.Amount, b.Available.Currency)
}

func regionList(p *text.Printer, a account.Account) string {
	var names []string
	for code := range a.Projects {
		names = append(names, regionName(p, code))
	}
	if len(names) == 0 {
		return p.Unknown()
	}
	slices.Sort(names)
	return strings.Join(names, " · ")
}

// regionName is a region in the reader's words, its code where there are none.
func regionName(p *text.Printer, code string) string {
	if p.Has("region." + code) {
		return p.T("region." + code)
	}
	return text.Name(code)
}

func siteName(p *text.Printer, site account.Site) string {
	switch site {
	case account.Mainland:
		return p.T("accounts.site.cn")
	case account.Europe:
		return p.T("accounts.site.eu")
	case account.Custom:
		return p.T("accounts.site.custom")
	case account.SandboxSite:
		return p.T("accounts.site.sandbox")
	}
	return p.T("accounts.site.intl")
}

// page is one account: GET /accounts/{id}.
func (p accountPages) page(c echo.Context) error {
	return p.detail(c, http.StatusOK, "", nil)
}

func (p accountPages) detail(c echo.Context, status int, typed string, problem map[string]string) error {
	a, err := p.accounts.Get(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	f, err := p.s.frame(c, text.Name(a.Label), layout.Accounts, "account/"+a.ID)
	if err != nil {
		return err
	}
	f.Wrong = len(problem) > 0
	pr := printer(c)
	m := accounts.PageModel{
		ID: a.ID, Label: a.Label, Sandbox: a.Sandbox(), Facts: p.facts(pr, a), Check: checkModel(pr, a),
		Manage: actor(c).May(person.ManageAccounts), Disabled: a.State == account.Disabled,
		Rename: ui.Field{Name: account.FieldLabel, Label: pr.T("accounts.form.label"), Value: a.Label, Error: problem[account.FieldLabel], MaxLength: 64, Required: true},
	}
	if status != http.StatusOK {
		m.Rename.Value, m.Rename.Focus = typed, true
	}
	m.Shape, m.Word = accountState(pr, a)
	m.Since, m.Trouble = trouble(pr, a)
	return render(c, status, accounts.Page(f, m), nil)
}

// rename changes the name the console gives an account: POST /accounts/{id}/rename.
func (p accountPages) rename(c echo.Context) error {
	label := c.Request().PostFormValue(account.FieldLabel)
	err := p.accounts.Rename(c.Request().Context(), actor(c), c.Param("id"), label)
	if f := fault.Of(err); err != nil && f.Kind == fault.Invalid {
		return p.detail(c, http.StatusUnprocessableEntity, label, sayAll(c, f.Fields))
	}
	return p.done(c, err, "/accounts/"+c.Param("id"), "accounts.said.renamed")
}

// done leads on after a change and says so, or hands the failure to errors.go.
func (p accountPages) done(c echo.Context, err error, to, said string) error {
	if err != nil {
		return err
	}
	p.s.notes.leave(c, fault.Say(said))
	return goTo(c, to)
}

// check asks for a connection check: POST /accounts/{id}/check. Its lines
// arrive on the page by themselves.
func (p accountPages) check(c echo.Context) error {
	to := "/accounts/" + c.Param("id")
	if c.Request().PostFormValue("back") == "setup" {
		to = "/setup/check"
	}
	if err := p.accounts.Check(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return goTo(c, to)
}

// disable and enable: POST /accounts/{id}/disable, …/enable.
func (p accountPages) disable(c echo.Context) error {
	err := p.accounts.SetDisabled(c.Request().Context(), actor(c), c.Param("id"), true)
	return p.done(c, err, "/accounts/"+c.Param("id"), "accounts.said.disabled")
}

func (p accountPages) enable(c echo.Context) error {
	err := p.accounts.SetDisabled(c.Request().Context(), actor(c), c.Param("id"), false)
	return p.done(c, err, "/accounts/"+c.Param("id"), "accounts.said.enabled")
}

// askDelete asks before an account leaves the console: GET /accounts/{id}/delete.
func (p accountPages) askDelete(c echo.Context) error {
	return p.deleteForm(c, http.StatusOK, "")
}

func (p accountPages) deleteForm(c echo.Context, status int, problem string) error {
	a, err := p.accounts.Get(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	f, err := p.s.frame(c, printer(c).T("accounts.delete"), layout.Accounts)
	if err != nil {
		return err
	}
	m := accounts.DeleteModel{ID: a.ID, Label: a.Label, Problem: problem}
	return render(c, status, accounts.Delete(f, m), accounts.DeleteForm(m))
}

// delete forgets an account and its sealed key: POST /accounts/{id}/delete. It
// is refused while orders are open.
func (p accountPages) delete(c echo.Context) error {
	err := p.accounts.Delete(c.Request().Context(), actor(c), c.Param("id"))
	if f := fault.Of(err); err != nil && f.Kind == fault.Conflict {
		return p.deleteForm(c, http.StatusUnprocessableEntity, say(c, f.Message))
	}
	return p.done(c, err, "/accounts", "accounts.said.deleted")
}

// checkModel is the live part of a connection check. It is shared by all who
// look: nothing in it depends on the role.
func checkModel(p *text.Printer, a account.Account) accounts.CheckModel {
	m := accounts.CheckModel{ID: a.ID, Running: a.Checking, Never: a.CheckedAt.IsZero() && !a.Checking}
	if !a.CheckedAt.IsZero() {
		m.When = p.Near(a.CheckedAt, p.Now())
	}
	for _, k := range a.Checks {
		m.Lines = append(m.Lines, checkStep(p, k))
	}
	if len(a.Checks) > 0 || len(a.Rights) > 0 {
		m.Lines = append(m.Lines, rightSteps(p, a)...)
	}
	return m
}

// checkStep is one line: what was looked at, what was found or the remedy, and
// the cloud's code last.
func checkStep(p *text.Printer, k account.Check) ui.Step {
	kind, region, _ := strings.Cut(k.Name, ":")
	s := ui.Step{State: ui.Done, Title: checkTitle(p, kind, region), Text: sayIn(p, k.Message), Time: p.Duration(k.Took)}
	if k.Took < time.Second {
		s.Time = ""
	}
	if !k.OK {
		s.State = ui.Ask
		if kind == "keys" {
			s.State = ui.Failed
		}
	}
	if k.Code != "" {
		s.Text = strings.TrimSpace(s.Text + " " + text.Name(k.Code))
	}
	return s
}

func checkTitle(p *text.Printer, kind, region string) string {
	switch kind {
	case "keys":
		return p.T("accounts.line.keys")
	case "regions":
		return p.T("accounts.line.regions")
	case "list":
		return p.T("accounts.line.list")
	case "billing":
		return p.T("accounts.line.billing")
	case "clock":
		return p.T("accounts.line.clock")
	case "twin":
		return p.T("accounts.line.twin")
	case "servers":
		return p.T("accounts.line.servers", "Region", regionName(p, region))
	case "images":
		return p.T("accounts.line.images", "Region", regionName(p, region))
	}
	return text.Name(kind)
}

// rightSteps are the rights that reading cannot test: what the first use taught.
func rightSteps(p *text.Printer, a account.Account) []ui.Step {
	var out []ui.Step
	for _, r := range []struct {
		right account.Right
		title string
	}{
		{account.RightBuy, "accounts.right.buy"}, {account.RightPay, "accounts.right.pay"}, {account.RightCancel, "accounts.right.cancel"},
	} {
		s := ui.Step{State: ui.Todo, Title: p.T(r.title), Text: p.T("accounts.right.unknown")}
		if answer, known := a.Rights[r.right]; known {
			s.State, s.Text = ui.Done, p.T("accounts.right.used", "When", p.Near(answer.At, p.Now()))
			if !answer.Allowed {
				s.State = ui.Failed
				s.Text = strings.TrimSpace(p.T("accounts.right.refused", "When", p.Near(answer.At, p.Now())) + " " + text.Name(answer.Code))
			}
		}
		out = append(out, s)
	}
	return out
}

// connectForm is the form of a new credential on its way through a request.
// What was typed survives a refusal; secrets do not.
type connectForm struct {
	form   account.Form
	isNew  bool
	action string
	back   string
	title  string
	fields map[string]string
	said   string
	stale  bool // the sign-in is not fresh: the form asks for the password
}

func (f connectForm) wrong() bool { return f.said != "" || len(f.fields) > 0 }

// blank is the empty form of a new account.
func (p accountPages) blank(c echo.Context) connectForm {
	return connectForm{form: account.Form{Site: account.International, Credential: account.ByKey}, isNew: true,
		action: "/accounts", back: "/accounts", title: printer(c).T("accounts.new"), stale: !visit(c).fresh()}
}

// read takes what was typed.
func (p accountPages) read(c echo.Context) connectForm {
	v := c.Request().PostFormValue
	f := p.blank(c)
	f.form = account.Form{
		Label: v(account.FieldLabel), Site: account.Site(v(account.FieldSite)), Credential: account.Credential(v(account.FieldCredential)),
		KeyID: v(account.FieldKeyID), KeySecret: seal.Conceal(v(account.FieldKeySecret)),
		User: v(account.FieldUser), Domain: v(account.FieldDomain), Password: seal.Conceal(v(account.FieldPassword)),
		Endpoints: account.Endpoints{
			HCSS: v(account.FieldEndpoint + "hcss"), IAM: v(account.FieldEndpoint + "iam"), Config: v(account.FieldEndpoint + "config"),
			BSS: v(account.FieldEndpoint + "bss"), ECS: v(account.FieldEndpoint + "ecs"), IMS: v(account.FieldEndpoint + "ims"),
			CES: v(account.FieldEndpoint + "ces"),
		},
	}
	if f.form.Credential == account.ByKey && f.form.KeyID == "" && f.form.KeySecret.Empty() && f.form.User != "" {
		f.form.Credential = account.ByLogin // without script nobody marks the choice whose fields were filled in
	}
	return f
}

// yourPassword is the field that makes the sign-in fresh inside another form.
const yourPassword = "your_password"

// refresh makes the sign-in fresh by the password in the form, if it is not; it
// fills in the field's problem when it cannot.
func (p accountPages) refresh(c echo.Context, f *connectForm) (ok bool, err error) {
	if visit(c).fresh() {
		return true, nil
	}
	typed := c.Request().PostFormValue(yourPassword)
	if typed == "" {
		f.fields = map[string]string{yourPassword: printer(c).T("accounts.form.yours.needed")}
		return false, nil
	}
	err = p.persons.Freshen(c.Request().Context(), actor(c), seal.Conceal(typed))
	if err == nil {
		f.stale = false
		return true, nil
	}
	why := fault.Of(err)
	if _, shown := refusals[why.Kind]; !shown {
		return false, err
	}
	sentence := say(c, why.Message)
	if m, named := why.Fields["password"]; named {
		sentence = say(c, m)
	}
	f.fields = map[string]string{yourPassword: sentence}
	return false, nil
}

// add connects the account of a form. A refusal is written into the form and
// gives a zero account.
func (p accountPages) add(c echo.Context, f *connectForm) (account.Account, error) {
	if ok, err := p.refresh(c, f); !ok || err != nil {
		return account.Account{}, err
	}
	a, err := p.accounts.Add(c.Request().Context(), actor(c), f.form)
	return a, f.take(c, err)
}

// take keeps a refusal in the form; any other failure goes on to errors.go.
func (f *connectForm) take(c echo.Context, err error) error {
	if err == nil {
		return nil
	}
	why := fault.Of(err)
	if _, shown := refusals[why.Kind]; !shown {
		return err
	}
	f.fields, f.said = sayAll(c, why.Fields), formProblem(c, why)
	return nil
}

// model is the form as its page shows it.
func (f connectForm) model(c echo.Context) accounts.FormModel {
	p := printer(c)
	m := accounts.FormModel{
		Action: f.action, Back: f.back, New: f.isNew, Title: f.title, Label: f.form.Label,
		CustomSite: f.form.Site == account.Custom, Login: f.form.Credential == account.ByLogin,
		KeyID: f.form.KeyID, User: f.form.User, Domain: f.form.Domain,
		AskPassword: f.stale, Person: visit(c).person.Name, Rights: rights, Problem: f.said, Errors: f.fields,
		Mistakes: mistakes(f.fields, account.FieldLabel, account.FieldSite, account.FieldCredential, account.FieldKeyID, account.FieldKeySecret,
			account.FieldDomain, account.FieldUser, account.FieldPassword),
	}
	for _, s := range []account.Site{account.International, account.Mainland, account.Europe, account.Custom} {
		m.Sites = append(m.Sites, ui.Option{Value: string(s), Label: siteName(p, s), Chosen: s == f.form.Site})
	}
	e := f.form.Endpoints
	for _, x := range []struct{ name, label, value string }{
		{"hcss", "HCSS", e.HCSS}, {"iam", "IAM", e.IAM}, {"config", "Config", e.Config}, {"bss", "BSS", e.BSS}, {"ecs", "ECS", e.ECS}, {"ims", "IMS", e.IMS}, {"ces", "CES", e.CES},
	} {
		m.Endpoints = append(m.Endpoints, accounts.Endpoint{Name: account.FieldEndpoint + x.name, Label: x.label, Value: x.value})
		m.CustomSite = m.CustomSite || f.fields[account.FieldEndpoint+x.name] != "" || x.value != ""
	}
	return m
}

// rights are the permissions of a policy for the console (cloud-api, 17).
var rights = []string{
	"iam:projects:listProjects", "rms:resources:list", "rms:resources:get", "ecs:cloudServers:list", "ecs:cloudServers:get",
	"ims:images:list", "bss:balance:view", "bss:order:view", "bss:order:pay", "bss:order:update", "hcss:*:*",
}

// newForm is the form of a new account: GET /accounts/new.
func (p accountPages) newForm(c echo.Context) error {
	return p.connectPage(c, http.StatusOK, p.blank(c))
}

func (p accountPages) connectPage(c echo.Context, status int, form connectForm) error {
	f, err := p.s.frame(c, form.title, layout.Accounts)
	if err != nil {
		return err
	}
	f.Wrong = form.wrong()
	return render(c, status, accounts.FormPage(f, form.model(c)), nil)
}

// create connects an account: POST /accounts.
func (p accountPages) create(c echo.Context) error {
	form := p.read(c)
	a, err := p.add(c, &form)
	if err != nil {
		return err
	}
	if a.ID == "" {
		return p.connectPage(c, http.StatusUnprocessableEntity, form)
	}
	return goTo(c, "/accounts/"+a.ID)
}

// keyForm is the form that replaces a credential: GET /accounts/{id}/key.
func (p accountPages) keyForm(c echo.Context) error {
	form, err := p.keyOf(c)
	if err != nil {
		return err
	}
	return p.connectPage(c, http.StatusOK, form)
}

// keyOf is the form for an account's own credential: its site stays.
func (p accountPages) keyOf(c echo.Context) (connectForm, error) {
	a, err := p.accounts.Get(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return connectForm{}, err
	}
	f := p.blank(c)
	f.isNew, f.action, f.back = false, "/accounts/"+a.ID+"/key", "/accounts/"+a.ID
	f.title = printer(c).T("accounts.key.title", "Account", text.Name(a.Label))
	f.form = account.Form{Label: a.Label, Site: a.Site, Credential: a.Credential, Endpoints: a.Endpoints}
	if a.Credential == account.ByLogin {
		f.form.User, f.form.Domain = a.KeyHint, a.DomainName
	}
	return f, nil
}

// replaceKey seals another credential: POST /accounts/{id}/key.
func (p accountPages) replaceKey(c echo.Context) error {
	form, err := p.keyOf(c)
	if err != nil {
		return err
	}
	typed := p.read(c).form
	typed.Label, typed.Site, typed.Endpoints = form.form.Label, form.form.Site, form.form.Endpoints
	form.form = typed
	ok, err := p.refresh(c, &form)
	if err != nil {
		return err
	}
	if ok {
		if err := form.take(c, p.accounts.ReplaceKey(c.Request().Context(), actor(c), c.Param("id"), typed)); err != nil {
			return err
		}
	}
	if form.wrong() {
		return p.connectPage(c, http.StatusUnprocessableEntity, form)
	}
	return p.done(c, nil, "/accounts/"+c.Param("id"), "accounts.said.replaced")
}
