package detail

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/server"
	"sampan/internal/app/web/activity"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/detail"
	"sampan/web/templates/text"
	"sampan/web/templates/traffic"
)

// navServers is the entry of the navigation these pages belong to.
const navServers = "servers"

// ServerPages are the page of one server and its parts.
type ServerPages struct {
	Servers   Servers
	Instances Details
	Accounts  Accounts
	Activity  activity.Events
	Panel     func(c echo.Context, i instance.Instance, span string) (traffic.PanelModel, error) // of the traffic; nil: not shown
	Catalog   *catalog.Catalog
	Frames    page.Frames
	Notes     *page.Notes
	Scopes    visit.Scopes
	Known     page.Knowledge
	Now       func() time.Time // the console's calendar
}

// Servers are the use cases of one server (server.Service). Readings never wait
// for the cloud: the topic "reading/<server id>" changes when one arrived. None of them
// checks whether the person may see the account: the pages do, by the scope.
type Servers interface {
	// Row gives a server by its id or that of its instance; fault.NotFound when there is none.
	Row(by person.Actor, id string) (*instance.Row, error)
	// Metrics gives what was last read over a span; an unknown one counts as a day.
	Metrics(by person.Actor, id string, span server.Span) (server.Charted, error)
	// ResetFlag gives what is known of the plug-in that a password reset needs.
	ResetFlag(by person.Actor, id string) (server.Flag, error)
	// Probe gives the last try of the server's ports.
	Probe(by person.Actor, id string) (server.Probe, error)
	// Try begins a try in the background; fault.Conflict when there is nothing to try, and
	// fault.Busy when too much is being tried.
	Try(by person.Actor, id string) error
	// Edit changes name, description or hostname. What breaks a rule or is refused is
	// fault.Invalid with a sentence at its field; a state in which nothing can be changed is
	// fault.Conflict.
	Edit(ctx context.Context, by person.Actor, id string, c server.Change) error
	// AddTag sets a tag; problems of it are fault.Invalid at "key" or "value".
	AddTag(ctx context.Context, by person.Actor, id string, t server.Tag) error
	// RemoveTag removes a tag; one that is not there any more is no error.
	RemoveTag(ctx context.Context, by person.Actor, id string, t server.Tag) error
	// Screen gives an address that shows the server's screen once. It holds a token: it must
	// be neither stored nor logged.
	Screen(ctx context.Context, by person.Actor, id string) (seal.Secret, error)
}

// Details is everything known of the instance around a server (instance.Service).
type Details interface {
	// Detail gives an instance by its id or that of one of its servers; fault.NotFound
	// when there is none. It does not check whether the person may see the account.
	Detail(ctx context.Context, by person.Actor, id string) (instance.Detail, error)
}

// Accounts are the cloud accounts (account.Service).
type Accounts interface {
	// Get gives an account; fault.NotFound when there is none.
	Get(ctx context.Context, by person.Actor, id string) (account.Account, error)
}

// serverView is one server for one reader.
type serverView struct {
	h       ServerPages
	p       *text.Printer
	by      person.Actor
	sc      visit.Scope
	account account.Account
	row     *instance.Row
}

// view finds the server of the address among the accounts the person may see.
func (h ServerPages) view(c echo.Context) (serverView, error) {
	v := serverView{h: h, p: visit.Printer(c), by: visit.Actor(c)}
	var err error
	if v.sc, err = h.Scopes.Of(c); err != nil {
		return v, err
	}
	if v.row, err = h.Servers.Row(v.by, c.Param("id")); err != nil {
		return v, err
	}
	var ok bool
	if v.account, ok = v.sc.AccountOf(v.row.AccountID); !ok {
		return v, echo.ErrNotFound // of an account the person may not see
	}
	return v, nil
}

// path is an address below the server's own.
func (v serverView) path(below string) string {
	return "/servers/" + url.PathEscape(v.row.ServerID) + below
}

func (v serverView) name() string { return text.Name(v.row.Name) }

// mayEdit reports whether the person may change the server as it is now.
func (v serverView) mayEdit() bool { return v.by.May(person.Operate) && server.Editable(v.row) }

// opened is what stands open on the page: a line of names, a form that was
// refused, a span of the metrics.
type opened struct {
	names *detail.NamesModel
	tags  *detail.TagsModel
	span  server.Span
}

// Show is one server: GET /servers/{id}; htmx gets what a change swaps.
func (h ServerPages) Show(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	if visit.Partial(c.Request()) {
		d, err := h.Instances.Detail(c.Request().Context(), v.by, v.row.ServerID)
		if err != nil {
			return err
		}
		m := v.mainModel(c, d)
		m.Partial = true
		part := detail.Main(m)
		return page.Render(c, http.StatusOK, part, part)
	}
	return h.showWhole(c, v, http.StatusOK, opened{})
}

// showWhole answers with the page, with what stands open on it.
func (h ServerPages) showWhole(c echo.Context, v serverView, status int, o opened) error {
	d, err := h.Instances.Detail(c.Request().Context(), v.by, v.row.ServerID)
	if err != nil {
		return err
	}
	m := detail.Model{ID: v.row.ServerID, Name: v.name(), Refresh: v.by.May(person.Refresh), Main: v.mainModel(c, d), Access: v.access(),
		Raw: v.path("/raw")}
	m.Shape, m.Word = wording.ServerLook(v.p, v.row.State, v.row.Status)
	topics := []string{"server/" + v.row.ServerID, "reading/" + v.row.ServerID}
	if h.Panel != nil && d.Instance.PackageID != "" {
		panel, err := h.Panel(c, d.Instance, "")
		if err != nil {
			return err
		}
		m.Traffic, topics = &panel, append(topics, "traffic")
	}
	if m.Metrics, err = v.metrics(o.span); err != nil {
		return err
	}
	if m.Checks, err = v.checks(); err != nil {
		return err
	}
	about := v.p.T("server.activity")
	if m.Activity, err = h.Activity.About(c, v.sc, about, v.row.ServerID, v.row.InstanceID, v.row.CloudOrder); err != nil {
		return err
	}
	m.Names, m.Tags = v.names(d, ""), v.tags(d)
	if o.names != nil {
		m.Names = *o.names
	}
	if o.tags != nil {
		m.Tags = *o.tags
	}
	f, err := h.Frames.Frame(c, v.name(), navServers, topics...)
	if err != nil {
		return err
	}
	f.Wrong = status == http.StatusUnprocessableEntity
	return page.Render(c, status, detail.Page(f, m), nil)
}

// Raw is what the sources answered about the server's instance, as it came: GET
// /servers/{id}/raw.
func (h ServerPages) Raw(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	d, err := h.Instances.Detail(c.Request().Context(), v.by, v.row.ServerID)
	if err != nil {
		return err
	}
	return showRaw(c, h.Frames, v.name(), v.path(""), d)
}

// Rdp is the file that opens a Windows server's screen: GET
// /servers/{id}/login.rdp.
func (h ServerPages) Rdp(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	file := server.RDP(v.row)
	if file == "" {
		return echo.ErrNotFound
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+fileName(v.row.Name)+`.rdp"`)
	return page.Send(c, http.StatusOK, "application/x-rdp", []byte(file))
}

// fileName keeps the letters, digits, "-" and "_" of a name, 60 at most: every file system
// and every header takes those.
func fileName(name string) string {
	var out []byte
	for _, r := range name {
		if r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_') && len(out) < 60 {
			out = append(out, byte(r))
		}
	}
	if len(out) == 0 {
		return "server"
	}
	return string(out)
}

// Visible gives an error for a server that is not there or of an account the
// person may not see.
func (h ServerPages) Visible(ctx context.Context, by person.Actor, id string) error {
	row, err := h.Servers.Row(by, id)
	if err != nil {
		return err
	}
	_, err = h.Accounts.Get(ctx, by, row.AccountID)
	return err
}
