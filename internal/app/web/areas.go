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

// newAreas builds them. The last line of a literal is what most of them have: the
// frame around a page, the note for the next one, the accounts that a request is
// about, and what is known of those.
func (s *Site) newAreas() areas {
	o, frames, notes, scopes, known := s.Options, s.frames, s.notes, s.scopes, s.known
	simulated := o.Sandbox != nil
	events := activity.Events{Picture: o.Instances.Picture, Trail: o.Trail}
	var a areas
	a.signin = signin.Pages{
		Persons: o.Persons, Sessions: s.sessions, Log: s.log,
		Frames: frames, Notes: notes,
	}
	a.settings = settings.Pages{
		Persons: o.Persons, Settings: o.Settings, Mark: o.Mark, Sessions: s.sessions,
		Frames: frames, Notes: notes, Scopes: scopes,
	}
	a.accounts = accounts.Pages{
		Accounts: o.Accounts, Persons: o.Persons, Orders: o.Orders, Sandbox: simulated,
		Frames: frames, Notes: notes, Scopes: scopes,
	}
	a.sandbox = sandbox.Pages{
		Sandbox: o.Sandbox, Accounts: o.Accounts, Persons: o.Persons, Instances: o.Instances,
		Frames: frames, Notes: notes,
	}
	a.setup = setup.Pages{
		Persons: o.Persons, Accounts: o.Accounts, Connect: a.accounts, Sandbox: a.sandbox, Sessions: s.sessions, Now: o.Now,
		Frames: frames,
	}
	a.orders = orders.Pages{
		Orders: o.Orders, Accounts: o.Accounts, Catalog: o.Catalog, Version: o.Version, Now: o.Now,
		Frames: frames, Notes: notes, Scopes: scopes,
	}
	a.buy = buy.Pages{
		Orders: o.Orders, Accounts: o.Accounts, Instances: o.Instances, Settings: o.Settings, Catalog: o.Catalog,
		CatalogOf: o.CatalogOf, Log: s.log, Frames: frames, Notes: notes, Scopes: scopes,
	}
	a.servers = servers.Pages{
		List: view.Servers, Views: o.Views, Instances: o.Instances, Catalog: o.Catalog, Now: o.Now,
		Frames: frames, Notes: notes, Scopes: scopes, Known: known,
	}
	a.instances = a.servers
	a.instances.List = view.Instances
	a.traffic = traffic.Pages{
		Traffic: o.Traffic, Instances: o.Instances, Catalog: o.Catalog, Now: o.Now,
		Frames: frames, Notes: notes, Scopes: scopes, Known: known,
	}
	panel := a.traffic.Panel
	if o.Traffic == nil {
		panel = nil // traffic is not shown
	}
	a.server = detail.ServerPages{
		Servers: o.Servers, Instances: o.Instances, Accounts: o.Accounts, Activity: events, Panel: panel, Catalog: o.Catalog, Now: o.Now,
		Frames: frames, Notes: notes, Scopes: scopes, Known: known,
	}
	a.instance = detail.InstancePages{
		Instances: o.Instances, Orders: o.Orders, Accounts: o.Accounts, Activity: events, Panel: panel, Catalog: o.Catalog,
		Frames: frames, Scopes: scopes, Known: known,
	}
	a.overview = &overview.Pages{
		Orders: o.Orders, Instances: o.Instances, Servers: o.Servers, Traffic: o.Traffic, Log: o.Activity, Events: events,
		Catalog: o.Catalog, Sandbox: simulated, Now: o.Now,
		Frames: frames, Scopes: scopes, Known: known,
	}
	a.palette = palette.Pages{
		Orders: o.Orders, Instances: o.Instances, Sandbox: simulated,
		Frames: frames, Scopes: scopes, Known: known,
	}
	return a
}
