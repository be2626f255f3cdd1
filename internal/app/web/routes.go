package web

import (
	"sampan/internal/app/person"
)

// routes is every address of the console: a block for each package under web, in
// whose files named like the page the handlers stand. What is not here does not
// exist, and a line without a permission stops the program at start.
func (s *Site) routes() routeTable {
	a := s.areas
	return routeTable{
		// web: machines, and the stream of a tab
		{method: get, path: "/healthz", may: anyone, do: s.alive},
		{method: get, path: "/readyz", may: anyone, do: s.ready},
		{method: get, path: "/static/*", may: anyone, do: s.asset},
		{method: get, path: "/events", may: person.See, do: s.events, stream: true},

		// signin
		{method: get, path: "/sign-in", may: anyone, do: a.signin.Show},
		{method: post, path: "/sign-in", may: anyone, do: a.signin.Submit},
		{method: post, path: "/sign-out", may: anyone, do: a.signin.Out},
		{method: get, path: "/sign-in/again", may: person.See, do: a.signin.Again},
		{method: post, path: "/sign-in/again", may: person.See, do: a.signin.Freshen},
		{method: get, path: "/reset", may: anyone, do: a.signin.Reset},
		{method: post, path: "/reset", may: anyone, do: a.signin.SetPassword},
		{method: post, path: "/language", may: anyone, do: a.signin.ChooseLanguage},

		// setup
		{method: get, path: "/setup/owner", may: anyone, do: a.setup.Owner},
		{method: post, path: "/setup/owner", may: anyone, do: a.setup.Create},
		{method: get, path: "/setup/cloud", may: person.ManageAccounts, do: a.setup.Cloud},
		{method: post, path: "/setup/cloud", may: person.ManageAccounts, do: a.setup.Add, fresh: inForm},
		{method: post, path: "/setup/sandbox", may: person.ManageAccounts, do: a.setup.Play},
		{method: get, path: "/setup/check", may: person.ManageAccounts, do: a.setup.Check},

		// overview
		{method: get, path: "/", may: person.See, do: a.overview.Show},
		{method: get, path: "/counts", may: person.See, do: a.overview.Counts},

		// palette
		{method: get, path: "/search", may: person.See, do: a.palette.Find},

		// servers: both lists, with their selections and views
		{method: get, path: "/servers", may: person.See, do: a.servers.Show},
		{method: get, path: "/servers/rows", may: person.See, do: a.servers.Fresh},
		{method: get, path: "/servers.csv", may: person.See, do: a.servers.CSV},
		{method: get, path: "/servers.json", may: person.See, do: a.servers.JSON},
		{method: get, path: "/servers.xlsx", may: person.See, do: a.servers.XLSX},
		{method: get, path: "/servers/columns", may: person.See, do: a.servers.Columns},
		{method: post, path: "/servers/columns", may: person.See, do: a.servers.ChooseColumns},
		{method: get, path: "/servers/actions/labels", may: person.Organise, do: a.servers.Labels},
		{method: post, path: "/servers/actions/labels", may: person.Organise, do: a.servers.Label},
		{method: get, path: "/selections/new", may: person.See, do: a.servers.NewSelection},
		{method: post, path: "/selections", may: person.See, do: a.servers.CreateSelection, large: true},
		{method: get, path: "/views/new", may: person.See, do: a.servers.NewView},
		{method: post, path: "/views", may: person.See, do: a.servers.SaveView},
		{method: get, path: "/views/:id", may: person.See, do: a.servers.OpenView},
		{method: get, path: "/views/:id/delete", may: person.See, do: a.servers.AskDeleteView},
		{method: post, path: "/views/:id/delete", may: person.See, do: a.servers.DeleteView},
		{method: post, path: "/instances/refresh", may: person.Refresh, do: a.servers.Refresh},
		{method: get, path: "/instances", may: person.See, do: a.instances.Show},
		{method: get, path: "/instances/rows", may: person.See, do: a.instances.Fresh},
		{method: get, path: "/instances.csv", may: person.See, do: a.instances.CSV},
		{method: get, path: "/instances.json", may: person.See, do: a.instances.JSON},
		{method: get, path: "/instances.xlsx", may: person.See, do: a.instances.XLSX},
		{method: get, path: "/instances/columns", may: person.See, do: a.instances.Columns},
		{method: post, path: "/instances/columns", may: person.See, do: a.instances.ChooseColumns},
		{method: get, path: "/instances/actions/labels", may: person.Organise, do: a.instances.Labels},
		{method: post, path: "/instances/actions/labels", may: person.Organise, do: a.instances.Label},

		// detail: one server, one instance
		{method: get, path: "/servers/:id", may: person.See, do: a.server.Show},
		{method: get, path: "/servers/:id/raw", may: person.See, do: a.server.Raw},
		{method: get, path: "/servers/:id/login.rdp", may: person.See, do: a.server.Rdp},
		{method: get, path: "/servers/:id/metrics", may: person.See, do: a.server.Metrics},
		{method: get, path: "/servers/:id/checks", may: person.See, do: a.server.Checks},
		{method: post, path: "/servers/:id/probe", may: person.Operate, do: a.server.Probe},
		{method: get, path: "/servers/:id/names", may: person.See, do: a.server.Names},
		{method: post, path: "/servers/:id/names", may: person.Operate, do: a.server.Rename},
		{method: get, path: "/servers/:id/tags", may: person.See, do: a.server.Tags},
		{method: post, path: "/servers/:id/tags", may: person.Operate, do: a.server.Tag},
		{method: post, path: "/servers/:id/screen", may: person.Operate, do: a.server.Screen},
		{method: get, path: "/instances/:id", may: person.See, do: a.instance.Show},
		{method: get, path: "/instances/:id/raw", may: person.See, do: a.instance.Raw},

		// traffic
		{method: get, path: "/instances/:id/traffic", may: person.See, do: a.traffic.Show},
		{method: post, path: "/instances/:id/traffic", may: person.Refresh, do: a.traffic.Check},
		{method: get, path: "/traffic", may: person.See, do: a.traffic.List},

		// buy
		{method: get, path: "/buy", may: person.Buy, do: a.buy.Begin},
		{method: post, path: "/buy", may: person.Buy, do: a.buy.Start, large: true},
		{method: get, path: "/buy/matrix", may: person.See, do: a.buy.Matrix},
		{method: get, path: "/buy/price", may: person.Buy, do: a.buy.AskedPrice},
		{method: get, path: "/buy/balance", may: person.Buy, do: a.buy.AskedBalance},
		{method: get, path: "/buy/:draft", may: person.Buy, do: a.buy.Reopen},
		{method: post, path: "/buy/:draft/undo", may: person.Buy, do: a.buy.Undo, large: true},
		{method: post, path: "/buy/:draft/discard", may: person.Buy, do: a.buy.Discard, large: true},
		{method: get, path: "/buy/:draft/:step", may: person.Buy, do: a.buy.Open},
		{method: post, path: "/buy/:draft/:step", may: person.Buy, do: a.buy.Send, large: true},
		{method: post, path: "/orders", may: person.Buy, do: a.buy.Place},

		// orders
		{method: get, path: "/orders", may: person.See, do: a.orders.List},
		{method: get, path: "/orders/:id", may: person.See, do: a.orders.Show},
		{method: get, path: "/orders/:id/passport", may: person.See, do: a.orders.Passport},
		{method: get, path: "/orders/:id/passport.json", may: person.See, do: a.orders.PassportFile},
		{method: post, path: "/orders/:id/pay", may: person.Buy, do: a.orders.Pay},
		{method: post, path: "/orders/:id/cancel", may: person.Buy, do: a.orders.Cancel},
		{method: post, path: "/orders/:id/again", may: person.Buy, do: a.orders.Again},
		{method: post, path: "/orders/:id/check", may: person.Refresh, do: a.orders.Check},
		{method: post, path: "/orders/:id/adopt", may: person.Decide, do: a.orders.Adopt},
		{method: post, path: "/orders/:id/ignore", may: person.Decide, do: a.orders.Ignore},
		{method: post, path: "/orders/:id/cancel-found", may: person.Decide, do: a.orders.CancelFound},
		{method: post, path: "/orders/:id/none", may: person.Decide, do: a.orders.None},
		{method: post, path: "/orders/:id/lift", may: person.Decide, do: a.orders.Lift},
		{method: post, path: "/orders/:id/close", may: person.Decide, do: a.orders.Close},
		{method: post, path: "/orders/found/:number/belongs", may: person.Decide, do: a.orders.Belongs},
		{method: post, path: "/orders/found/:number/cancel", may: person.Decide, do: a.orders.CancelStray},
		{method: post, path: "/orders/found/:number/not-ours", may: person.Decide, do: a.orders.NotOurs},
		{method: post, path: "/restored/close", may: person.Decide, do: a.orders.CloseRestored},

		// accounts
		{method: get, path: "/accounts", may: person.See, do: a.accounts.List},
		{method: post, path: "/accounts", may: person.ManageAccounts, do: a.accounts.Create, fresh: inForm},
		{method: get, path: "/accounts/new", may: person.ManageAccounts, do: a.accounts.NewForm, fresh: asksFirst},
		{method: get, path: "/accounts/:id", may: person.See, do: a.accounts.Page},
		{method: post, path: "/accounts/:id/check", may: person.Refresh, do: a.accounts.Check},
		{method: post, path: "/accounts/:id/rename", may: person.ManageAccounts, do: a.accounts.Rename},
		{method: get, path: "/accounts/:id/key", may: person.ManageAccounts, do: a.accounts.KeyForm, fresh: asksFirst},
		{method: post, path: "/accounts/:id/key", may: person.ManageAccounts, do: a.accounts.ReplaceKey, fresh: inForm},
		{method: post, path: "/accounts/:id/give", may: person.ManageAccounts, do: a.accounts.Give, fresh: asksFirst},
		{method: get, path: "/accounts/:id/twins", may: person.ManageAccounts, do: a.accounts.Twins},
		{method: post, path: "/accounts/:id/disable", may: person.ManageAccounts, do: a.accounts.Disable, fresh: asksFirst},
		{method: post, path: "/accounts/:id/enable", may: person.ManageAccounts, do: a.accounts.Enable, fresh: asksFirst},
		{method: get, path: "/accounts/:id/delete", may: person.ManageAccounts, do: a.accounts.AskDelete, fresh: asksFirst},
		{method: post, path: "/accounts/:id/delete", may: person.ManageAccounts, do: a.accounts.Delete, fresh: asksFirst},

		// sandbox
		{method: get, path: "/sandbox", may: person.See, do: a.sandbox.Show},
		{method: get, path: "/sandbox/armed", may: person.See, do: a.sandbox.Armed},
		{method: post, path: "/sandbox/open", may: person.ManageAccounts, do: a.sandbox.Open},
		{method: post, path: "/sandbox/break", may: person.Practise, do: a.sandbox.AddFault},
		{method: post, path: "/sandbox/fault", may: person.Practise, do: a.sandbox.AddAnyFault},
		{method: post, path: "/sandbox/mend", may: person.Practise, do: a.sandbox.ClearFaults},
		{method: post, path: "/sandbox/clock", may: person.Practise, do: a.sandbox.Advance},
		{method: post, path: "/sandbox/fleet", may: person.Practise, do: a.sandbox.Fleet},
		{method: get, path: "/sandbox/reset", may: person.Practise, do: a.sandbox.AskReset},
		{method: post, path: "/sandbox/reset", may: person.Practise, do: a.sandbox.Reset},

		// settings
		{method: post, path: "/scope", may: person.See, do: a.settings.ChooseScope},
		{method: get, path: "/settings", may: person.See, do: a.settings.Root},
		{method: get, path: "/settings/you", may: person.See, do: a.settings.You},
		{method: post, path: "/settings/you", may: person.See, do: a.settings.SaveYou},
		{method: get, path: "/settings/security", may: person.See, do: a.settings.Security},
		{method: post, path: "/settings/security/password", may: person.See, do: a.settings.ChangePassword},
		{method: post, path: "/settings/security/sessions/end-others", may: person.See, do: a.settings.EndOthers},
		{method: post, path: "/settings/security/sessions/:ref/end", may: person.See, do: a.settings.EndSession},
		{method: get, path: "/settings/console", may: person.ManageSettings, do: a.settings.Console},
		{method: post, path: "/settings/console", may: person.ManageSettings, do: a.settings.SaveConsole, fresh: asksFirst},
	}
}
