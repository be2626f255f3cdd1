package accounts

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/seal"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/web/templates/accounts"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Form is the form of a new credential on its way through a request.
// What was typed survives a refusal; secrets do not.
type Form struct {
	form    account.Form
	isNew   bool              // it connects an account; else it replaces a credential
	action  string            // address that the form is posted to
	back    string            // address of the page before
	title   string            // of its page, worded
	fields  map[string]string // sentences beside fields, by field
	problem string            // the sentence above the form
	stale   bool              // the sign-in is not fresh: the form asks for the password
}

// Wrong reports whether the form was refused.
func (f Form) Wrong() bool { return f.problem != "" || len(f.fields) > 0 }

// Blank is the empty form of a new account.
func (h Pages) Blank(c echo.Context) Form {
	return Form{form: account.Form{Site: account.International, Credential: account.ByKey}, isNew: true,
		action: "/accounts", back: "/accounts", title: visit.Printer(c).T("accounts.new"), stale: !visit.Of(c).Fresh()}
}

// Read is the form of a new account with what was typed.
func (h Pages) Read(c echo.Context) Form {
	v := c.Request().PostFormValue
	f := h.Blank(c)
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

// freshen makes the sign-in fresh by the password in the form, if it is not; it
// fills in the field's problem when it cannot.
func (h Pages) freshen(c echo.Context, f *Form) (ok bool, err error) {
	if visit.Of(c).Fresh() {
		return true, nil
	}
	typed := c.Request().PostFormValue(yourPassword)
	if typed == "" {
		f.fields = map[string]string{yourPassword: visit.Printer(c).T("accounts.form.yours.needed")}
		return false, nil
	}
	err = h.Persons.Freshen(c.Request().Context(), visit.Actor(c), seal.Conceal(typed))
	if err == nil {
		f.stale = false
		return true, nil
	}
	why, _, shown := page.Refused(err)
	if !shown {
		return false, err
	}
	sentence := page.Say(c, why.Message)
	if m, named := why.Fields["password"]; named {
		sentence = page.Say(c, m)
	}
	f.fields = map[string]string{yourPassword: sentence}
	return false, nil
}

// Add connects the account of a form. A refusal is written into the form and
// gives a zero account.
func (h Pages) Add(c echo.Context, f *Form) (account.Account, error) {
	if ok, err := h.freshen(c, f); !ok || err != nil {
		return account.Account{}, err
	}
	a, err := h.Accounts.Add(c.Request().Context(), visit.Actor(c), f.form)
	return a, f.keepRefusal(c, err)
}

// keepRefusal keeps a refusal in the form; any other failure is passed on.
func (f *Form) keepRefusal(c echo.Context, err error) error {
	if err == nil {
		return nil
	}
	why, _, shown := page.Refused(err)
	if !shown {
		return err
	}
	f.fields, f.problem = page.SayAll(c, why.Fields), page.FormProblem(c, why)
	return nil
}

// Model is the form as its page shows it.
func (f Form) Model(c echo.Context) accounts.FormModel {
	p := visit.Printer(c)
	m := accounts.FormModel{
		Action: f.action, Back: f.back, New: f.isNew, Title: f.title, Label: f.form.Label,
		CustomSite: f.form.Site == account.Custom, Login: f.form.Credential == account.ByLogin,
		KeyID: f.form.KeyID, User: f.form.User, Domain: f.form.Domain,
		AskPassword: f.stale, Person: visit.Of(c).Person.Name, Rights: rights, Problem: f.problem, Errors: f.fields,
	}
	fields := []string{account.FieldLabel, account.FieldSite, account.FieldCredential, account.FieldKeyID, account.FieldKeySecret,
		account.FieldDomain, account.FieldUser, account.FieldPassword}
	for _, s := range []account.Site{account.International, account.Mainland, account.Europe, account.Custom} {
		m.Sites = append(m.Sites, ui.Option{Value: string(s), Label: siteName(p, s), Chosen: s == f.form.Site})
	}
	e := f.form.Endpoints
	for _, x := range []struct{ name, label, value string }{
		{"hcss", "HCSS", e.HCSS}, {"iam", "IAM", e.IAM}, {"config", "Config", e.Config}, {"bss", "BSS", e.BSS}, {"ecs", "ECS", e.ECS}, {"ims", "IMS", e.IMS}, {"ces", "CES", e.CES},
	} {
		name := account.FieldEndpoint + x.name
		m.Endpoints = append(m.Endpoints, accounts.Endpoint{Name: name, Label: x.label, Value: x.value})
		m.CustomSite = m.CustomSite || f.fields[name] != "" || x.value != ""
		fields = append(fields, name)
	}
	m.Mistakes = page.Mistakes(f.fields, fields...)
	return m
}

// rights are the permissions the console asks for, by their actions, and the
// policies of Huawei's own where the actions are not established (cloud-api, 17).
// They are those that a refusal names.
var rights = []string{
	"iam:projects:listProjects", "rms:resources:list", "rms:resources:get", "bss:balance:view", "bss:order:view", "bss:order:pay",
	"bss:order:update", "ECS CommonOperations", "IMS ReadOnlyAccess", "CES ReadOnlyAccess", "HCSS FullAccess",
}

// NewForm is the form of a new account: GET /accounts/new.
func (h Pages) NewForm(c echo.Context) error {
	return h.connectPage(c, http.StatusOK, h.Blank(c))
}

func (h Pages) connectPage(c echo.Context, status int, form Form) error {
	f, err := h.Frames.Frame(c, form.title, layout.Accounts)
	if err != nil {
		return err
	}
	f.Wrong = form.Wrong()
	return page.Render(c, status, accounts.FormPage(f, form.Model(c)), nil)
}

// Create connects an account: POST /accounts.
func (h Pages) Create(c echo.Context) error {
	form := h.Read(c)
	a, err := h.Add(c, &form)
	if err != nil {
		return err
	}
	if a.ID == "" {
		return h.connectPage(c, http.StatusUnprocessableEntity, form)
	}
	if err := h.leaveSandbox(c); err != nil {
		return err
	}
	return page.GoTo(c, "/accounts/"+a.ID)
}

// leaveSandbox shows real accounts from now on, to somebody who looked at the
// Sandbox when connecting one: else its servers would be nowhere.
func (h Pages) leaveSandbox(c echo.Context) error {
	sc, err := h.Scopes.Of(c)
	if err != nil || !sc.Sandbox {
		return err
	}
	return h.Persons.SetScope(c.Request().Context(), visit.Actor(c), visit.ScopeReal)
}

// KeyForm is the form that replaces a credential: GET /accounts/{id}/key.
func (h Pages) KeyForm(c echo.Context) error {
	form, err := h.credentialForm(c)
	if err != nil {
		return err
	}
	return h.connectPage(c, http.StatusOK, form)
}

// credentialForm is the form for an account's own credential: its site stays.
func (h Pages) credentialForm(c echo.Context) (Form, error) {
	a, err := h.Accounts.Get(c.Request().Context(), visit.Actor(c), c.Param("id"))
	if err != nil {
		return Form{}, err
	}
	f := h.Blank(c)
	f.isNew, f.action, f.back = false, "/accounts/"+a.ID+"/key", "/accounts/"+a.ID
	f.title = visit.Printer(c).T("accounts.key.title", "Account", text.Name(a.Label))
	f.form = account.Form{Label: a.Label, Site: a.Site, Credential: a.Credential, Endpoints: a.Endpoints}
	if a.Credential == account.ByLogin {
		f.form.User, f.form.Domain = a.KeyHint, a.DomainName
	}
	return f, nil
}

// ReplaceKey seals another credential: POST /accounts/{id}/key.
func (h Pages) ReplaceKey(c echo.Context) error {
	form, err := h.credentialForm(c)
	if err != nil {
		return err
	}
	typed := h.Read(c).form
	typed.Label, typed.Site, typed.Endpoints = form.form.Label, form.form.Site, form.form.Endpoints
	form.form = typed
	ok, err := h.freshen(c, &form)
	if err != nil {
		return err
	}
	if ok {
		if err := form.keepRefusal(c, h.Accounts.ReplaceKey(c.Request().Context(), visit.Actor(c), c.Param("id"), typed)); err != nil {
			return err
		}
	}
	if form.Wrong() {
		return h.connectPage(c, http.StatusUnprocessableEntity, form)
	}
	return h.done(c, nil, "/accounts/"+c.Param("id"), "accounts.said.replaced")
}
