package signin

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/web/templates/signin"
)

// Pages are signing in and out, and setting a new password by a link.
type Pages struct {
	Persons  Persons
	Frames   page.Frames
	Notes    *page.Notes
	Sessions *visit.Sessions
	Log      *slog.Logger
}

// Persons are the people who sign in (person.Service).
type Persons interface {
	SetupOpen(ctx context.Context) (bool, error)
	SignIn(ctx context.Context, name string, password seal.Secret, address, browser string, device seal.Secret) (
		person.Person, person.SignedIn, error)
	SignOut(ctx context.Context, by person.Actor) error
	// Freshen makes the sign-in fresh; fault.Invalid names "password".
	Freshen(ctx context.Context, by person.Actor, password seal.Secret) error
	// Reset sets a password by a one-time code; fault.NotFound is a code that is wrong,
	// used or too old.
	Reset(ctx context.Context, code, password seal.Secret) error
}

// Show is the sign-in form: GET /sign-in. Before the first owner exists it
// leads to the set-up.
func (h Pages) Show(c echo.Context) error {
	open, err := h.Persons.SetupOpen(c.Request().Context())
	switch {
	case err != nil:
		return err
	case open:
		return page.GoTo(c, "/setup/owner")
	case visit.Of(c).In():
		return page.GoTo(c, page.Ours(c.QueryParam("next")))
	}
	return h.form(c, http.StatusOK, signin.Model{Next: nextField(c.QueryParam("next"))})
}

func (h Pages) form(c echo.Context, status int, m signin.Model) error {
	f := h.Frames.Bare(c, visit.Printer(c).T("signin.title"))
	f.Wrong = m.Problem != ""
	m.Languages = visit.LanguageOptions(visit.Printer(c).Lang())
	return page.Render(c, status, signin.Page(f, m), nil)
}

// Submit signs a person in and starts a session with a new id: POST /sign-in.
func (h Pages) Submit(c echo.Context) error {
	ctx, r := c.Request().Context(), c.Request()
	name, next := r.PostFormValue("name"), page.Ours(r.PostFormValue("next"))
	password := seal.Conceal(r.PostFormValue("password"))
	who, signed, err := h.Persons.SignIn(ctx, name, password, visit.Of(c).Origin.Address, r.UserAgent(), visit.Device(c))
	if err != nil {
		f, status, ok := page.Refused(err)
		if !ok {
			return err
		}
		page.SetRetry(c, f)
		m := signin.Model{Name: name, Next: nextField(next), Problem: page.Say(c, f.Message), Errors: page.SayAll(c, f.Fields)}
		return h.form(c, status, m)
	}
	if visit.Of(c).In() { // the browser changes hands: the session before is over
		if err := h.Persons.SignOut(ctx, visit.Actor(c)); err != nil {
			return err
		}
	}
	visit.RememberDevice(c, signed.DeviceToken)
	h.Log.InfoContext(ctx, "signed in", "request", visit.Of(c).RequestID, "person", who.ID)
	if err := h.Sessions.Start(c, signed.SessionToken); err != nil {
		return err
	}
	return page.GoTo(c, next)
}

// Out ends the session: POST /sign-out. It works without one, too.
func (h Pages) Out(c echo.Context) error {
	if visit.Of(c).In() {
		if err := h.Persons.SignOut(c.Request().Context(), visit.Actor(c)); err != nil {
			return err
		}
	}
	if err := h.Sessions.End(c); err != nil {
		return err
	}
	// "storage" holds which rows were picked. Pages are not stored by the browser. "cookies" would end the cookie
	// that knows the browser, and "cache" takes Chrome seconds.
	c.Response().Header().Set("Clear-Site-Data", `"storage"`)
	return page.GoTo(c, "/sign-in")
}

// Again is the form for a fresh sign-in: GET /sign-in/again.
func (h Pages) Again(c echo.Context) error {
	if visit.Of(c).Fresh() {
		return page.GoTo(c, page.Ours(c.QueryParam("next")))
	}
	return h.againForm(c, http.StatusOK, signin.AgainModel{Next: nextField(c.QueryParam("next"))})
}

func (h Pages) againForm(c echo.Context, status int, m signin.AgainModel) error {
	f := h.Frames.Bare(c, visit.Printer(c).T("signin.again"))
	f.Wrong = m.Problem != "" || len(m.Errors) > 0
	m.Name = visit.Of(c).Person.Name
	return page.Render(c, status, signin.Again(f, m), nil)
}

// Freshen takes the password once more: POST /sign-in/again.
func (h Pages) Freshen(c echo.Context) error {
	next := page.Ours(c.Request().PostFormValue("next"))
	err := h.Persons.Freshen(c.Request().Context(), visit.Actor(c), seal.Conceal(c.Request().PostFormValue("password")))
	if err == nil {
		return page.GoTo(c, next)
	}
	f, status, ok := page.Refused(err)
	if !ok {
		return err
	}
	page.SetRetry(c, f)
	m := signin.AgainModel{Next: nextField(next), Errors: page.SayAll(c, f.Fields)}
	if len(m.Errors) == 0 {
		m.Problem = page.Say(c, f.Message)
	}
	return h.againForm(c, status, m)
}

// Reset is where the link of "console reset-owner" leads: GET /reset.
// The code stands behind the "#" and never reaches a log.
func (h Pages) Reset(c echo.Context) error {
	return h.resetForm(c, http.StatusOK, signin.ResetModel{})
}

func (h Pages) resetForm(c echo.Context, status int, m signin.ResetModel) error {
	f := h.Frames.Bare(c, visit.Printer(c).T("signin.reset"))
	f.Wrong = m.Problem != "" || len(m.Errors) > 0
	return page.Render(c, status, signin.Reset(f, m), nil)
}

// SetPassword sets the new password by a one-time code: POST /reset.
func (h Pages) SetPassword(c echo.Context) error {
	r := c.Request()
	code := r.PostFormValue("code")
	err := h.Persons.Reset(r.Context(), seal.Conceal(code), seal.Conceal(r.PostFormValue("password")))
	if err == nil {
		h.Notes.Leave(c, fault.Say("signin.reset.done"))
		return page.GoTo(c, "/sign-in")
	}
	if fault.Is(err, fault.NotFound) { // a code that is wrong, used or too old
		err = &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"code": fault.Of(err).Message}}
	}
	f, status, ok := page.Refused(err)
	if !ok {
		return err
	}
	m := signin.ResetModel{Code: code, Errors: page.SayAll(c, f.Fields)}
	if len(m.Errors) == 0 {
		m.Problem = page.Say(c, f.Message)
	}
	return h.resetForm(c, status, m)
}

// nextField is the page to return to as a form carries it, empty for Overview.
func nextField(path string) string {
	if path = page.Ours(path); path == "/" {
		return ""
	}
	return path
}
