package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/person"
)

// anyone is the entry of routes that need no sign-in. It is no permission: no
// role grants it, and it must be written out.
const anyone person.Permission = "anyone"

// route is one line of the table: what is asked for, who may, and what answers.
type route struct {
	method, path string
	may          person.Permission // anyone, or what the person's role must include
	do           echo.HandlerFunc

	fresh  freshness // whether the password must have been given within the last minutes
	large  bool      // purchase and selection forms: 1 MiB, 2,000 fields
	stream bool      // no time limit
}

// freshness says how a route deals with a sign-in that is not fresh.
type freshness int

const (
	anyAge    freshness = iota
	asksFirst           // the guard sends the person to /sign-in/again and back
	inForm              // the handler's own form asks for the password, so that nothing typed is lost
)

type routeTable []route

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// routes is every address of the console. What is not here does not exist, and
// what stands here without a permission stops the program at start.
func (s *Server) routes() routeTable {
	var (
		health = healthPages{s}
		live   = livePages{s}
		a      = s.areas
	)
	const (
		see      = person.See
		manage   = person.ManageAccounts
		practise = person.Practise
		decide   = person.Decide
	)
	return routeTable{
		// machines
		{method: get, path: "/healthz", may: anyone, do: health.alive},
		{method: get, path: "/readyz", may: anyone, do: health.ready},
		{method: get, path: "/static/*", may: anyone, do: health.asset},
		{method: get, path: "/events", may: see, do: live.events, stream: true},

		// signing in
		{method: get, path: "/sign-in", may: anyone, do: a.signin.Show},
		{method: post, path: "/sign-in", may: anyone, do: a.signin.Submit},
		{method: post, path: "/sign-out", may: anyone, do: a.signin.Out},
		{method: get, path: "/sign-in/again", may: see, do: a.signin.Again},
		{method: post, path: "/sign-in/again", may: see, do: a.signin.Freshen},
		{method: get, path: "/reset", may: anyone, do: a.signin.Reset},
		{method: post, path: "/reset", may: anyone, do: a.signin.SetPassword},
		{method: post, path: "/language", may: anyone, do: a.signin.ChooseLanguage},

		// the first start
		{method: get, path: "/setup/owner", may: anyone, do: a.setup.Owner},
		{method: post, path: "/setup/owner", may: anyone, do: a.setup.Create},
		{method: get, path: "/setup/cloud", may: manage, do: a.setup.Cloud},
		{method: post, path: "/setup/cloud", may: manage, do: a.setup.Add, fresh: inForm},
		{method: post, path: "/setup/sandbox", may: manage, do: a.setup.Play},
		{method: get, path: "/setup/check", may: manage, do: a.setup.Check},

		// what there is
		{method: post, path: "/scope", may: see, do: a.settings.ChooseScope},
		{method: get, path: "/", may: see, do: a.overview.Show},
		{method: get, path: "/counts", may: see, do: a.overview.Counts},
		{method: get, path: "/search", may: see, do: a.palette.Find},
		{method: get, path: "/servers", may: see, do: a.servers.Show},
		{method: get, path: "/servers/rows", may: see, do: a.servers.Fresh},
		{method: get, path: "/servers.csv", may: see, do: a.servers.CSV},
		{method: get, path: "/servers.json", may: see, do: a.servers.JSON},
		{method: get, path: "/servers.xlsx", may: see, do: a.servers.XLSX},
		{method: get, path: "/servers/columns", may: see, do: a.servers.Columns},
		{method: post, path: "/servers/columns", may: see, do: a.servers.ChooseColumns},
		{method: get, path: "/servers/actions/labels", may: person.Organise, do: a.servers.Labels},
		{method: post, path: "/servers/actions/labels", may: person.Organise, do: a.servers.Label},
		{method: get, path: "/instances", may: see, do: a.instances.Show},
		{method: get, path: "/instances/rows", may: see, do: a.instances.Fresh},
		{method: get, path: "/instances.csv", may: see, do: a.instances.CSV},
		{method: get, path: "/instances.json", may: see, do: a.instances.JSON},
		{method: get, path: "/instances.xlsx", may: see, do: a.instances.XLSX},
		{method: get, path: "/instances/columns", may: see, do: a.instances.Columns},
		{method: post, path: "/instances/columns", may: see, do: a.instances.ChooseColumns},
		{method: get, path: "/instances/actions/labels", may: person.Organise, do: a.instances.Labels},
		{method: post, path: "/instances/actions/labels", may: person.Organise, do: a.instances.Label},
		{method: get, path: "/selections/new", may: see, do: a.servers.NewSelection},
		{method: post, path: "/selections", may: see, do: a.servers.CreateSelection, large: true},
		{method: get, path: "/views/new", may: see, do: a.servers.NewView},
		{method: post, path: "/views", may: see, do: a.servers.SaveView},
		{method: get, path: "/views/:id", may: see, do: a.servers.OpenView},
		{method: get, path: "/views/:id/delete", may: see, do: a.servers.AskDeleteView},
		{method: post, path: "/views/:id/delete", may: see, do: a.servers.DeleteView},
		{method: get, path: "/servers/:id", may: see, do: a.server.Show},
		{method: get, path: "/servers/:id/raw", may: see, do: a.server.Raw},
		{method: get, path: "/servers/:id/login.rdp", may: see, do: a.server.Rdp},
		{method: get, path: "/servers/:id/metrics", may: see, do: a.server.Metrics},
		{method: get, path: "/servers/:id/checks", may: see, do: a.server.Checks},
		{method: post, path: "/servers/:id/probe", may: person.Operate, do: a.server.Probe},
		{method: get, path: "/servers/:id/names", may: see, do: a.server.Names},
		{method: post, path: "/servers/:id/names", may: person.Operate, do: a.server.Rename},
		{method: get, path: "/servers/:id/tags", may: see, do: a.server.Tags},
		{method: post, path: "/servers/:id/tags", may: person.Operate, do: a.server.Tag},
		{method: post, path: "/servers/:id/screen", may: person.Operate, do: a.server.Screen},
		{method: get, path: "/instances/:id", may: see, do: a.inst.Show},
		{method: get, path: "/instances/:id/raw", may: see, do: a.inst.Raw},
		{method: post, path: "/instances/refresh", may: person.Refresh, do: a.servers.Refresh},
		{method: get, path: "/instances/:id/traffic", may: see, do: a.traffic.Show},
		{method: post, path: "/instances/:id/traffic", may: person.Refresh, do: a.traffic.Check},
		{method: get, path: "/traffic", may: see, do: a.traffic.List},

		// buying
		{method: get, path: "/buy", may: person.Buy, do: a.buy.Begin},
		{method: post, path: "/buy", may: person.Buy, do: a.buy.Start, large: true},
		{method: get, path: "/buy/matrix", may: see, do: a.buy.Matrix},
		{method: get, path: "/buy/price", may: person.Buy, do: a.buy.AskedPrice},
		{method: get, path: "/buy/balance", may: person.Buy, do: a.buy.AskedBalance},
		{method: get, path: "/buy/:draft", may: person.Buy, do: a.buy.Reopen},
		{method: post, path: "/buy/:draft/undo", may: person.Buy, do: a.buy.Undo, large: true},
		{method: post, path: "/buy/:draft/discard", may: person.Buy, do: a.buy.Discard, large: true},
		{method: get, path: "/buy/:draft/:step", may: person.Buy, do: a.buy.Open},
		{method: post, path: "/buy/:draft/:step", may: person.Buy, do: a.buy.Send, large: true},

		// orders
		{method: get, path: "/orders", may: see, do: a.orders.List},
		{method: post, path: "/orders", may: person.Buy, do: a.buy.Place},
		{method: get, path: "/orders/:id", may: see, do: a.orders.Show},
		{method: get, path: "/orders/:id/passport", may: see, do: a.orders.Passport},
		{method: get, path: "/orders/:id/passport.json", may: see, do: a.orders.PassportFile},
		{method: post, path: "/orders/:id/pay", may: person.Buy, do: a.orders.Pay},
		{method: post, path: "/orders/:id/cancel", may: person.Buy, do: a.orders.Cancel},
		{method: post, path: "/orders/:id/again", may: person.Buy, do: a.orders.Again},
		{method: post, path: "/orders/:id/check", may: person.Refresh, do: a.orders.Check},
		{method: post, path: "/orders/:id/adopt", may: decide, do: a.orders.Adopt},
		{method: post, path: "/orders/:id/ignore", may: decide, do: a.orders.Ignore},
		{method: post, path: "/orders/:id/cancel-found", may: decide, do: a.orders.CancelFound},
		{method: post, path: "/orders/:id/none", may: decide, do: a.orders.None},
		{method: post, path: "/orders/:id/lift", may: decide, do: a.orders.Lift},
		{method: post, path: "/orders/:id/close", may: decide, do: a.orders.Close},
		{method: post, path: "/orders/found/:number/belongs", may: decide, do: a.orders.Belongs},
		{method: post, path: "/orders/found/:number/cancel", may: decide, do: a.orders.CancelStray},
		{method: post, path: "/orders/found/:number/not-ours", may: decide, do: a.orders.NotOurs},
		{method: post, path: "/restored/close", may: decide, do: a.orders.CloseRestored},

		// cloud accounts
		{method: get, path: "/accounts", may: see, do: a.accounts.List},
		{method: post, path: "/accounts", may: manage, do: a.accounts.Create, fresh: inForm},
		{method: get, path: "/accounts/new", may: manage, do: a.accounts.NewForm, fresh: asksFirst},
		{method: get, path: "/accounts/:id", may: see, do: a.accounts.Page},
		{method: post, path: "/accounts/:id/check", may: person.Refresh, do: a.accounts.Check},
		{method: post, path: "/accounts/:id/rename", may: manage, do: a.accounts.Rename},
		{method: get, path: "/accounts/:id/key", may: manage, do: a.accounts.KeyForm, fresh: asksFirst},
		{method: post, path: "/accounts/:id/key", may: manage, do: a.accounts.ReplaceKey, fresh: inForm},
		{method: post, path: "/accounts/:id/give", may: manage, do: a.accounts.Give, fresh: asksFirst},
		{method: get, path: "/accounts/:id/twins", may: manage, do: a.accounts.Twins},
		{method: post, path: "/accounts/:id/disable", may: manage, do: a.accounts.Disable, fresh: asksFirst},
		{method: post, path: "/accounts/:id/enable", may: manage, do: a.accounts.Enable, fresh: asksFirst},
		{method: get, path: "/accounts/:id/delete", may: manage, do: a.accounts.AskDelete, fresh: asksFirst},
		{method: post, path: "/accounts/:id/delete", may: manage, do: a.accounts.Delete, fresh: asksFirst},

		// the simulated cloud
		{method: get, path: "/sandbox", may: see, do: a.sandbox.Show},
		{method: get, path: "/sandbox/armed", may: see, do: a.sandbox.Armed},
		{method: post, path: "/sandbox/open", may: manage, do: a.sandbox.Open},
		{method: post, path: "/sandbox/break", may: practise, do: a.sandbox.AddFault},
		{method: post, path: "/sandbox/fault", may: practise, do: a.sandbox.AddAnyFault},
		{method: post, path: "/sandbox/mend", may: practise, do: a.sandbox.ClearFaults},
		{method: post, path: "/sandbox/clock", may: practise, do: a.sandbox.Advance},
		{method: post, path: "/sandbox/fleet", may: practise, do: a.sandbox.Fleet},
		{method: get, path: "/sandbox/reset", may: practise, do: a.sandbox.AskReset},
		{method: post, path: "/sandbox/reset", may: practise, do: a.sandbox.Reset},

		// settings
		{method: get, path: "/settings", may: see, do: a.settings.Root},
		{method: get, path: "/settings/you", may: see, do: a.settings.You},
		{method: post, path: "/settings/you", may: see, do: a.settings.SaveYou},
		{method: get, path: "/settings/security", may: see, do: a.settings.Security},
		{method: post, path: "/settings/security/password", may: see, do: a.settings.ChangePassword},
		{method: post, path: "/settings/security/sessions/end-others", may: see, do: a.settings.EndOthers},
		{method: post, path: "/settings/security/sessions/:ref/end", may: see, do: a.settings.EndSession},
		{method: get, path: "/settings/console", may: person.ManageSettings, do: a.settings.Console},
		{method: post, path: "/settings/console", may: person.ManageSettings, do: a.settings.SaveConsole, fresh: asksFirst},
	}
}

// check reports the first route that is not complete.
func (t routeTable) check() error {
	seen := make(map[string]bool, len(t))
	for _, r := range t {
		name := r.method + " " + r.path
		switch {
		case r.method != get && r.method != post:
			return fmt.Errorf("web: route %s: only GET reads and POST changes", name)
		case !strings.HasPrefix(r.path, "/"):
			return fmt.Errorf("web: route %s: not a path", name)
		case r.do == nil:
			return fmt.Errorf("web: route %s has no handler", name)
		case r.may != anyone && !person.Owner.May(r.may):
			return fmt.Errorf("web: route %s has no entry in the table of permissions (%q)", name, r.may)
		case r.fresh != anyAge && r.may == anyone:
			return fmt.Errorf("web: route %s asks for a fresh sign-in but for no sign-in", name)
		case seen[name]:
			return fmt.Errorf("web: route %s stands twice", name)
		}
		seen[name] = true
	}
	return nil
}

// covers reports the first route the router knows and the table does not.
func (t routeTable) covers(known []*echo.Route) error {
	for _, k := range known {
		if !slices.ContainsFunc(t, func(r route) bool {
			return r.path == k.Path && (r.method == k.Method || (k.Method == http.MethodHead && r.method == get))
		}) {
			return fmt.Errorf("web: route %s %s is not in the table", k.Method, k.Path)
		}
	}
	return nil
}
