package settings

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/spelling"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/web/templates/layout"
	"sampan/web/templates/settings"
	"sampan/web/templates/text"
)

// Pages are what people set for themselves, and owners for all.
type Pages struct {
	Persons  Persons
	Settings Console
	// Mark tells where the mark beside the data directory lies, and why it cannot be
	// written; nil where there is no mark.
	Mark     func() (path string, err error)
	Frames   page.Frames
	Notes    *page.Notes
	Scopes   visit.Scopes
	Sessions *visit.Sessions
}

// Persons are what people change about themselves (person.Service).
type Persons interface {
	Sessions(ctx context.Context, by person.Actor) ([]person.Session, error)
	// Revoke ends one session; fault.NotFound where the person has none of this ref.
	Revoke(ctx context.Context, by person.Actor, ref string) error
	RevokeOthers(ctx context.Context, by person.Actor) error
	// ChangePassword ends all other sessions; fault.Invalid names "old" or "new".
	ChangePassword(ctx context.Context, by person.Actor, old, new seal.Secret) error
	UpdateProfile(ctx context.Context, by person.Actor, p person.Profile) error
	SetScope(ctx context.Context, by person.Actor, scope string) error
}

func owner(c echo.Context) bool { return visit.Actor(c).May(person.ManageSettings) }

// Root redirects to the first page: GET /settings.
func (Pages) Root(c echo.Context) error { return page.GoTo(c, "/settings/you") }

// You is the page about oneself: GET /settings/you.
func (h Pages) You(c echo.Context) error {
	who := visit.Of(c).Person
	chosen := person.Profile{
		DisplayName: who.DisplayName, Language: who.Language, Zone: who.Zone, Theme: who.Theme, Shortcuts: who.Shortcuts,
	}
	return h.youForm(c, http.StatusOK, chosen, settings.YouModel{})
}

func (h Pages) youForm(c echo.Context, status int, typed person.Profile, m settings.YouModel) error {
	f, err := h.Frames.Frame(c, visit.Printer(c).T("settings.title"), layout.Settings)
	if err != nil {
		return err
	}
	p := visit.Printer(c)
	f.Wrong = m.Problem != "" || len(m.Errors) > 0
	m.Owner, m.Name, m.DisplayName = owner(c), visit.Of(c).Person.Name, typed.DisplayName
	m.Theme, m.Shortcuts = typed.Theme, typed.Shortcuts
	m.Languages, m.Zones = visit.LanguageOptions(typed.Language), visit.ZoneOptions(p, typed.Zone)
	if !visit.Offered(typed.Language) {
		m.Languages = visit.LanguageOptions(p.Lang())
	}
	m.Example = p.List(p.LongDate(p.Now())+" "+p.Time(p.Now()), p.MoneyText("1412", "USD"), p.Traffic(3584))
	m.Mistakes = page.Mistakes(m.Errors, "display_name", "theme", "language", "zone")
	return page.Render(c, status, settings.You(f, m), nil)
}

// SaveYou keeps what a person chose: POST /settings/you.
func (h Pages) SaveYou(c echo.Context) error {
	v := c.Request().PostFormValue
	typed := person.Profile{
		DisplayName: spelling.Clean(v("display_name")), Language: v("language"), Zone: v("zone"),
		Theme: v("theme"), Shortcuts: v("shortcuts") != "",
	}
	err := h.Persons.UpdateProfile(c.Request().Context(), visit.Actor(c), typed)
	if err != nil {
		f, status, ok := page.Refused(err)
		if !ok {
			return err
		}
		return h.youForm(c, status, typed, settings.YouModel{Problem: page.FormProblem(c, f), Errors: page.SayAll(c, f.Fields)})
	}
	visit.Of(c).Printer = h.Sessions.Words(c, typed.Language, typed.Zone) // the note is read in the new language
	h.Notes.Leave(c, fault.Say("settings.saved"))
	return page.GoTo(c, "/settings/you")
}

// Security is the password and the sessions: GET /settings/security.
func (h Pages) Security(c echo.Context) error {
	return h.securityPage(c, http.StatusOK, settings.SecurityModel{})
}

func (h Pages) securityPage(c echo.Context, status int, m settings.SecurityModel) error {
	f, err := h.Frames.Frame(c, visit.Printer(c).T("settings.title"), layout.Settings)
	if err != nil {
		return err
	}
	all, err := h.Persons.Sessions(c.Request().Context(), visit.Actor(c))
	if err != nil {
		return err
	}
	f.Wrong = m.Problem != "" || len(m.Errors) > 0
	m.Owner, m.Name = owner(c), visit.Of(c).Person.Name
	m.Mistakes = page.Mistakes(m.Errors, "old", "new")
	for _, ss := range all {
		m.Sessions = append(m.Sessions, sessionModel(visit.Printer(c), ss, visit.Of(c).Session.Ref))
	}
	return page.Render(c, status, settings.Security(f, m), nil)
}

func sessionModel(p *text.Printer, ss person.Session, here string) settings.Session {
	return settings.Session{
		Ref: ss.Ref, Browser: browserName(p, ss.Browser), Address: text.Name(ss.Address), Here: ss.Ref == here,
		Seen: p.Relative(ss.Seen), Since: p.T("settings.sessions.since", "When", p.DateTime(ss.Created)),
	}
}

// browserName words a User-Agent header: "Firefox on Linux". A header with no name
// that is known is shown as it is.
func browserName(p *text.Printer, agent string) string {
	name := ""
	for _, b := range []struct{ mark, name string }{ // the first that matches: most pretend to be others
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	} {
		if strings.Contains(agent, b.mark) {
			name = b.name
			break
		}
	}
	system := ""
	for _, s := range []struct{ mark, name string }{
		{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	} {
		if strings.Contains(agent, s.mark) {
			system = s.name
			break
		}
	}
	switch {
	case name == "" && agent == "":
		return p.T("settings.sessions.unknown")
	case name == "":
		return text.Name(agent)
	case system == "":
		return name
	}
	return p.T("settings.sessions.browser", "Browser", name, "System", system)
}

// ChangePassword replaces the password and ends all other sessions: POST
// /settings/security/password.
func (h Pages) ChangePassword(c echo.Context) error {
	v := c.Request().PostFormValue
	err := h.Persons.ChangePassword(c.Request().Context(), visit.Actor(c), seal.Conceal(v("old")), seal.Conceal(v("new")))
	if err != nil {
		f, status, ok := page.Refused(err)
		if !ok {
			return err
		}
		page.SetRetry(c, f)
		return h.securityPage(c, status, settings.SecurityModel{Problem: page.FormProblem(c, f), Errors: page.SayAll(c, f.Fields)})
	}
	h.Notes.Leave(c, fault.Say("settings.password.changed"))
	return page.GoTo(c, "/settings/security")
}

// EndSession ends one session of the person: POST /settings/security/sessions/{ref}/end.
func (h Pages) EndSession(c echo.Context) error {
	if err := h.Persons.Revoke(c.Request().Context(), visit.Actor(c), c.Param("ref")); err != nil {
		return err
	}
	h.Notes.Leave(c, fault.Say("settings.sessions.ended"))
	return page.GoTo(c, "/settings/security")
}

// EndOthers ends all sessions of the person but this one: POST /settings/security/sessions/end-others.
func (h Pages) EndOthers(c echo.Context) error {
	if err := h.Persons.RevokeOthers(c.Request().Context(), visit.Actor(c)); err != nil {
		return err
	}
	h.Notes.Leave(c, fault.Say("settings.sessions.ended"))
	return page.GoTo(c, "/settings/security")
}

// Console is what owners set for everybody: GET /settings/console.
func (h Pages) Console(c echo.Context) error {
	ctx := c.Request().Context()
	deduct, err := h.Settings.AllowDeduct(ctx)
	if err != nil {
		return err
	}
	tag, err := h.Settings.IntentTag(ctx)
	if err != nil {
		return err
	}
	f, err := h.Frames.Frame(c, visit.Printer(c).T("settings.title"), layout.Settings)
	if err != nil {
		return err
	}
	m := settings.ConsoleModel{AllowDeduct: deduct, IntentTag: tag}
	if h.Mark != nil {
		if path, err := h.Mark(); err != nil {
			m.Mark = visit.Printer(c).T("settings.mark.text", "Path", path)
		}
	}
	return page.Render(c, http.StatusOK, settings.Console(f, m), nil)
}

// SaveConsole keeps the settings of the console: POST /settings/console.
func (h Pages) SaveConsole(c echo.Context) error {
	ctx, v := c.Request().Context(), c.Request().PostFormValue
	if err := h.Settings.SetAllowDeduct(ctx, visit.Actor(c), v("allow_deduct") != ""); err != nil {
		return err
	}
	if err := h.Settings.SetIntentTag(ctx, visit.Actor(c), v("intent_tag") != ""); err != nil {
		return err
	}
	h.Notes.Leave(c, fault.Say("settings.saved"))
	return page.GoTo(c, "/settings/console")
}

// Console are the console's own settings (package setting).
type Console interface {
	AllowDeduct(ctx context.Context) (bool, error)
	SetAllowDeduct(ctx context.Context, by person.Actor, allow bool) error
	IntentTag(ctx context.Context) (bool, error)
	SetIntentTag(ctx context.Context, by person.Actor, send bool) error
}
