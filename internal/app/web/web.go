// Package web is the console in the browser: it parses a request, calls one use
// case and chooses a page. All routes stand in one table with what each of them
// needs to be allowed (routes.go); nothing is reachable beside it.
//
// It speaks to the rest through small interfaces, never to the cloud and never
// to the database.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/live"
	"sampan/internal/app/seal"
	"sampan/internal/app/web/accounts"
	"sampan/internal/app/web/activity"
	"sampan/internal/app/web/buy"
	"sampan/internal/app/web/detail"
	"sampan/internal/app/web/orders"
	"sampan/internal/app/web/overview"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/sandbox"
	"sampan/internal/app/web/servers"
	"sampan/internal/app/web/settings"
	"sampan/internal/app/web/setup"
	"sampan/internal/app/web/signin"
	"sampan/internal/app/web/traffic"
	"sampan/internal/app/web/visit"
)

// Options are what a Site needs. Sandbox may be nil where there is none;
// all other services are required.
type Options struct {
	Persons   Persons
	Accounts  Accounts
	Orders    Orders
	Instances Instances
	Servers   Servers
	Trail     activity.Trail // nil: what was done is not shown
	Views     servers.Views
	Traffic   Meters
	Activity  overview.Log
	Catalog   *catalog.Catalog
	// CatalogOf is the catalogue of a site, nil where none is known. When it is
	// not given, Catalog serves the international site and the Sandbox.
	CatalogOf func(account.Site) *catalog.Catalog
	Settings  settings.Console
	Sandbox   sandbox.Cloud
	Hub       Hub

	Ready   func(context.Context) error // nil once requests may be served; /readyz
	Storage func() page.Storage         // what the disk can do, for the banner
	// Mark is where the database's mark beside the data directory lies, and why it
	// cannot be written; nil when it can, or when there is none.
	Mark func() (path string, err error)

	Log     *slog.Logger
	Version string
	Now     func() time.Time // the console's calendar, for wording; time.Now when nil

	CookieKey      []byte // 32 bytes, signs the one-time notes between two pages
	BaseURL        string // the address people use, empty: whatever the browser asks for
	TrustedProxies []netip.Prefix
	AllowPlainHTTP bool   // sign-in over plain HTTP from other machines, with a banner
	CloudOverride  string // the one endpoint that takes the place of Huawei's hosts, said in a banner; empty: none
	Limits         Limits
}

// The services that pages of several areas call, each with all that they call.
type (
	// Persons are who signs in (person.Service).
	Persons interface {
		visit.Persons
		signin.Persons
		setup.Persons
		settings.Persons
		Alive(ctx context.Context, token seal.Secret) bool // does not count as use
	}
	// Accounts are the cloud accounts (account.Service).
	Accounts interface {
		visit.Accounts
		accounts.Accounts
		sandbox.Accounts
	}
	// Orders are the wizard and the orders (order.Service).
	Orders interface {
		page.Orders
		buy.Orders
		orders.Orders
		detail.Orders
		overview.Orders
	}
	// Instances are the local picture of what was bought (instance.Service).
	Instances interface {
		page.Instances
		page.Known
		buy.Inventory
		servers.Instances
		sandbox.Instances
		traffic.Instances
		detail.Instances
		overview.Instances
		Visited() // a person has just asked for something
	}
	// Servers are the use cases of one server (server.Service).
	Servers interface {
		detail.Servers
		overview.Servers
	}
	// Meters are what is known of data packages (meter.Service).
	Meters interface {
		traffic.Meters
		overview.Meters
	}
)

// Hub keeps the streams of open pages (package live).
type Hub interface {
	Serve(w http.ResponseWriter, r *http.Request, topics []string, v live.Viewer, l live.Locale) error
}

// Site answers browsers. Its Handler is safe for concurrent use.
type Site struct {
	Options
	log         *slog.Logger
	limits      Limits
	base        *url.URL
	sessions    *visit.Sessions
	notes       *page.Notes
	scopes      visit.Scopes
	known       page.Knowledge
	frames      page.Frames
	crossOrigin *http.CrossOriginProtection
	lastPage    []byte
	echo        *echo.Echo
	areas       areas
}

// New builds the Site and checks its table of routes: a route without an
// entry that says who may use it is an error, and so the console does not start.
func New(o Options) (*Site, error) {
	s := &Site{Options: o, log: o.Log, limits: o.Limits.withDefaults()}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.CatalogOf == nil {
		s.CatalogOf = func(site account.Site) *catalog.Catalog {
			if site == account.International || site == account.SandboxSite {
				return o.Catalog
			}
			return nil
		}
	}
	if s.Options.Storage == nil {
		s.Options.Storage = func() page.Storage { return page.Storage{} }
	}
	if len(o.CookieKey) < 32 {
		return nil, errors.New("web: the cookie key has less than 32 bytes")
	}
	s.sessions = &visit.Sessions{Persons: o.Persons, Now: s.Now, Trusted: o.TrustedProxies, Log: s.log}
	s.scopes = visit.Scopes{Accounts: o.Accounts}
	s.notes = page.NewNotes(o.CookieKey)
	s.known = page.Knowledge{Instances: o.Instances, Log: s.log}
	s.frames = page.Frames{Scopes: s.scopes, Notes: s.notes, Known: s.known, Orders: o.Orders, Instances: o.Instances,
		Storage: s.Options.Storage, Sandbox: o.Sandbox != nil, CloudOverride: o.CloudOverride, Version: o.Version, Log: s.log}
	s.crossOrigin = http.NewCrossOriginProtection()
	if err := s.readBase(o.BaseURL); err != nil {
		return nil, err
	}
	page, err := renderLastResort()
	if err != nil {
		return nil, fmt.Errorf("web: page of last resort: %w", err)
	}
	s.lastPage = page
	s.areas = s.newAreas()
	if s.echo, err = s.build(); err != nil {
		return nil, err
	}
	return s, nil
}

// readBase takes the address people use; its origin counts as our own, for a
// proxy may rewrite the Host header.
func (s *Site) readBase(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("web: base URL %q is no http or https address", address)
	}
	s.base = u
	return s.crossOrigin.AddTrustedOrigin(u.Scheme + "://" + u.Host)
}

// GiveBack drops what is kept only so that it is not made again.
func (s *Site) GiveBack() { s.areas.overview.GiveBack() }

// Handler answers every request.
func (s *Site) Handler() http.Handler { return s.echo }

// build makes the router out of the table of routes.
func (s *Site) build() (*echo.Echo, error) {
	table := s.routes()
	if err := table.check(); err != nil {
		return nil, err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	e.Use(s.sessions.Visited, securityHeaders, s.logged, s.recovered, s.addressed, s.sameOrigin)
	for _, r := range table {
		e.Add(r.method, r.path, r.do, s.guards(r)...)
		if r.method == http.MethodGet && !r.stream {
			e.Add(http.MethodHead, r.path, r.do, s.guards(r)...)
		}
	}
	return e, table.covers(e.Routes())
}

// guards are what stands before the handler of a route, outermost first.
func (s *Site) guards(r route) []echo.MiddlewareFunc {
	g := []echo.MiddlewareFunc{s.plainHTTP(r), s.allowed(r), s.form(r.large)}
	if !r.stream {
		g = append([]echo.MiddlewareFunc{s.bounded}, g...)
	}
	return g
}
