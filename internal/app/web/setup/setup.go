package setup

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/web/accounts"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/sandbox"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/setup"
	"sampan/web/templates/text"
)

// Pages are the first start. Each step is 404 once it is done.
type Pages struct {
	Persons  Persons
	Accounts Accounts
	Connect  accounts.Pages
	Sandbox  sandbox.Pages
	Frames   page.Frames
	Sessions *visit.Sessions
	Now      func() time.Time // the console's calendar
}

// Persons make the first person and sign them in (person.Service).
type Persons interface {
	SetupOpen(ctx context.Context) (bool, error)
	// SetUp makes the owner; fault.NotFound is a wrong code.
	SetUp(ctx context.Context, code seal.Secret, f person.SetupForm) (person.Person, error)
	SignIn(ctx context.Context, name string, password seal.Secret, address, browser string, device seal.Secret) (
		person.Person, person.SignedIn, error)
}

// Accounts are the cloud accounts (account.Service).
type Accounts interface {
	List(ctx context.Context, by person.Actor) ([]account.Account, error)
}

// setupWindow is how long the page of the first connection check stays.
const setupWindow = time.Hour

// Owner is the first person's form: GET /setup/owner.
func (h Pages) Owner(c echo.Context) error {
	if err := h.checkOpen(c); err != nil {
		return err
	}
	return h.ownerForm(c, http.StatusOK, setup.OwnerModel{}, "")
}

// checkOpen is 404 once there is an owner.
func (h Pages) checkOpen(c echo.Context) error {
	open, err := h.Persons.SetupOpen(c.Request().Context())
	if err != nil {
		return err
	}
	if !open {
		return echo.ErrNotFound
	}
	return nil
}

func (h Pages) ownerForm(c echo.Context, status int, m setup.OwnerModel, zone string) error {
	f := h.Frames.Bare(c, visit.Printer(c).T("setup.owner"))
	f.Wrong = m.Problem != "" || len(m.Errors) > 0
	m.Languages = visit.LanguageOptions(visit.Printer(c).Lang())
	m.Zones, m.ZoneChosen = visit.ZoneOptions(visit.Printer(c), zone), zone != ""
	m.Mistakes = page.Mistakes(m.Errors, "display_name", "name", "password", "language", "zone", "code")
	return page.Render(c, status, setup.Owner(f, m), nil)
}

// Create makes the first person and signs them in: POST /setup/owner. With
// show=language it shows the form in the language chosen, and what was typed.
func (h Pages) Create(c echo.Context) error {
	if err := h.checkOpen(c); err != nil {
		return err
	}
	ctx, r := c.Request().Context(), c.Request()
	form := person.SetupForm{
		Name: r.PostFormValue("name"), DisplayName: r.PostFormValue("display_name"), Password: seal.Conceal(r.PostFormValue("password")),
		Language: r.PostFormValue("language"), Zone: r.PostFormValue("zone"),
	}
	if visit.Offered(form.Language) {
		visit.Of(c).Printer = h.Sessions.Words(c, form.Language, "")
	}
	if r.PostFormValue("show") == "language" {
		visit.KeepLanguage(c)
		m := setup.OwnerModel{DisplayName: form.DisplayName, Name: form.Name, Code: r.PostFormValue("code")}
		return h.ownerForm(c, http.StatusOK, m, form.Zone)
	}
	if _, err := h.Persons.SetUp(ctx, seal.Conceal(r.PostFormValue("code")), form); err != nil {
		return h.refuse(c, form, err)
	}
	_, signed, err := h.Persons.SignIn(ctx, form.Name, form.Password, visit.Of(c).Origin.Address, r.UserAgent(), seal.Secret{})
	if err != nil {
		return err
	}
	visit.RememberDevice(c, signed.DeviceToken)
	if err := h.Sessions.Start(c, signed.SessionToken); err != nil {
		return err
	}
	return page.GoTo(c, "/setup/cloud")
}

func (h Pages) refuse(c echo.Context, form person.SetupForm, err error) error {
	if fault.Is(err, fault.NotFound) { // the code is not the one that was printed
		err = &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"code": fault.Say("setup.owner.code.wrong")}}
	}
	f, status, ok := page.Refused(err)
	if !ok {
		return err
	}
	return h.ownerForm(c, status, setup.OwnerModel{
		DisplayName: form.DisplayName, Name: form.Name, Code: c.Request().PostFormValue("code"),
		Problem: page.FormProblem(c, f), Errors: page.SayAll(c, f.Fields),
	}, form.Zone)
}

// Cloud offers the Sandbox or an account: GET /setup/cloud, as long as nothing
// is connected.
func (h Pages) Cloud(c echo.Context) error {
	if err := h.checkEmpty(c); err != nil {
		return err
	}
	return h.cloudForm(c, http.StatusOK, "", h.Connect.Blank(c))
}

// checkEmpty is 404 once an account is connected.
func (h Pages) checkEmpty(c echo.Context) error {
	all, err := h.Accounts.List(c.Request().Context(), visit.Actor(c))
	if err != nil {
		return err
	}
	if len(all) > 0 {
		return echo.ErrNotFound
	}
	return nil
}

func (h Pages) cloudForm(c echo.Context, status int, problem string, m accounts.Form) error {
	f := h.Frames.Bare(c, visit.Printer(c).T("setup.cloud"))
	f.Wrong = problem != "" || m.Wrong()
	model := m.Model(c)
	model.Action, model.Back = "/setup/cloud", ""
	return page.Render(c, status, setup.Cloud(f, setup.CloudModel{NoSandbox: !h.Sandbox.There(), Problem: problem, Connect: model}), nil)
}

// Add connects the first account: POST /setup/cloud.
func (h Pages) Add(c echo.Context) error {
	if err := h.checkEmpty(c); err != nil {
		return err
	}
	form := h.Connect.Read(c)
	a, err := h.Connect.Add(c, &form)
	if err != nil {
		return err
	}
	if a.ID == "" {
		return h.cloudForm(c, http.StatusUnprocessableEntity, "", form)
	}
	return page.GoTo(c, "/setup/check")
}

// Play connects the simulated cloud: POST /setup/sandbox.
func (h Pages) Play(c echo.Context) error {
	if err := h.checkEmpty(c); err != nil {
		return err
	}
	fleet := 0
	if c.Request().PostFormValue("fleet") == strconv.Itoa(sandbox.FleetSize) {
		fleet = sandbox.FleetSize
	}
	err := h.Sandbox.Connect(c, fleet)
	if err == nil {
		return page.GoTo(c, "/")
	}
	if f, status, ok := page.Refused(err); ok {
		return h.cloudForm(c, status, page.Say(c, f.Message), h.Connect.Blank(c))
	}
	return err
}

// Check shows the first account's connection check: GET /setup/check, for an
// hour after it was connected.
func (h Pages) Check(c echo.Context) error {
	all, err := h.Accounts.List(c.Request().Context(), visit.Actor(c))
	if err != nil {
		return err
	}
	if len(all) != 1 || all[0].Sandbox() || h.Now().Sub(all[0].CreatedAt) > setupWindow {
		return echo.ErrNotFound
	}
	a := all[0]
	f := h.Frames.Bare(c, visit.Printer(c).T("accounts.check"))
	f.Topics = []string{"account/" + a.ID}
	return page.Render(c, http.StatusOK, setup.Check(f, firstCheck(visit.Printer(c), a)), nil)
}

// firstCheck is what the first account's check answered so far, and what follows
// from it.
func firstCheck(p *text.Printer, a account.Account) setup.CheckModel {
	m := setup.CheckModel{Account: a.Label, Answer: wording.CheckHeading(p, a), Text: p.T("setup.check.text"),
		Check: accounts.CheckModel(p, a)}
	switch found := a.Found(); {
	case a.Checking && !a.Again:
		m.Text = p.T("setup.check.running")
	case found.Reach == account.KeyRefused:
		m.Text, m.Mend = p.T("setup.check.refused"), "/accounts/"+a.ID+"/key"
	case found.Reach == account.Limited:
		m.Text = p.T("setup.check.limited")
	case found.Wrong():
		m.Text = p.T("setup.check.nothing")
		if a.Retried() {
			m.Text = p.T("setup.check.nothing.retried")
		}
	}
	return m
}
