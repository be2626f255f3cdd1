package web

import (
	"sampan/internal/app/view"
	"sampan/internal/app/web/accounts"
	"sampan/internal/app/web/activity"
	"sampan/internal/app/web/buy"
	"sampan/internal/app/web/detail"
	"sampan/internal/app/web/orders"
	"sampan/internal/app/web/overview"
	"sampan/internal/app/web/palette"
	"sampan/internal/app/web/sandbox"
	"sampan/internal/app/web/servers"
	"sampan/internal/app/web/settings"
	"sampan/internal/app/web/setup"
	"sampan/internal/app/web/signin"
	"sampan/internal/app/web/traffic"
)

// areas are the pages of the console. What each literal gives is all that an
// area depends on.
type areas struct {
	accounts  accounts.Pages
	buy       buy.Pages
	instance  detail.InstancePages
	instances servers.Pages
	orders    orders.Pages
	overview  *overview.Pages
	palette   palette.Pages
	sandbox   sandbox.Pages
	server    detail.ServerPages
	servers   servers.Pages
	settings  settings.Pages
	setup     setup.Pages
	signin    signin.Pages
	traffic   traffic.Pages
}

func (s *Site) newAreas() areas {
	o := s.Options
	a := areas{}
	activity := activity.Events{Picture: o.Instances.Picture, Trail: o.Trail}
	a.signin = signin.Pages{Persons: o.Persons, Frames: s.frames, Notes: s.notes, Sessions: s.sessions, Log: s.log}
	a.settings = settings.Pages{Persons: o.Persons, Settings: o.Settings, Mark: o.Mark, Frames: s.frames, Notes: s.notes, Scopes: s.scopes, Sessions: s.sessions}
	a.accounts = accounts.Pages{Accounts: o.Accounts, Persons: o.Persons, Orders: o.Orders, Sandbox: o.Sandbox != nil, Frames: s.frames, Notes: s.notes, Scopes: s.scopes}
	a.sandbox = sandbox.Pages{Sandbox: o.Sandbox, Accounts: o.Accounts, Persons: o.Persons, Instances: o.Instances, Frames: s.frames, Notes: s.notes}
	a.setup = setup.Pages{Persons: o.Persons, Accounts: o.Accounts, Connect: a.accounts, Sandbox: a.sandbox, Frames: s.frames, Sessions: s.sessions, Now: o.Now}
	a.orders = orders.Pages{Orders: o.Orders, Accounts: o.Accounts, Catalog: o.Catalog, Frames: s.frames, Notes: s.notes, Scopes: s.scopes, Now: o.Now, Version: o.Version}
	a.buy = buy.Pages{Orders: o.Orders, Accounts: o.Accounts, Instances: o.Instances, Settings: o.Settings, Catalog: o.Catalog, CatalogOf: o.CatalogOf,
		Frames: s.frames, Notes: s.notes, Scopes: s.scopes, Log: s.log}
	a.servers = servers.Pages{List: view.Servers, Views: o.Views, Instances: o.Instances, Catalog: o.Catalog, Frames: s.frames, Notes: s.notes, Scopes: s.scopes, Known: s.known, Now: o.Now}
	a.instances = a.servers
	a.instances.List = view.Instances
	a.traffic = traffic.Pages{Traffic: o.Traffic, Instances: o.Instances, Catalog: o.Catalog, Frames: s.frames, Notes: s.notes, Scopes: s.scopes, Known: s.known, Now: o.Now}
	panel := a.traffic.Panel
	if o.Traffic == nil {
		panel = nil // traffic is not shown
	}
	a.server = detail.ServerPages{Servers: o.Servers, Instances: o.Instances, Accounts: o.Accounts, Activity: activity, Panel: panel,
		Catalog: o.Catalog, Frames: s.frames, Notes: s.notes, Scopes: s.scopes, Known: s.known, Now: o.Now}
	a.instance = detail.InstancePages{Instances: o.Instances, Orders: o.Orders, Accounts: o.Accounts, Activity: activity, Panel: panel,
		Catalog: o.Catalog, Frames: s.frames, Scopes: s.scopes, Known: s.known}
	a.overview = &overview.Pages{Orders: o.Orders, Instances: o.Instances, Servers: o.Servers, Traffic: o.Traffic, Log: o.Activity, Events: activity, Sandbox: o.Sandbox != nil,
		Catalog: o.Catalog, Frames: s.frames, Scopes: s.scopes, Known: s.known, Now: o.Now}
	a.palette = palette.Pages{Orders: o.Orders, Instances: o.Instances, Sandbox: o.Sandbox != nil, Frames: s.frames, Scopes: s.scopes, Known: s.known}
	return a
}
