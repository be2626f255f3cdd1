package web

import (
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// instancePages show what was bought, from the local database.
type instancePages struct {
	s         *Server
	instances Instances
	catalog   *catalog.Catalog
}

// pageSize is how many rows a list shows.
const pageSize = 100

// oldestList is when servers were last read, in the region that was read least
// lately; where no region is read, when instances were. Zero: never.
func oldestList(syncs []instance.Sync) time.Time {
	var oldest, listed time.Time
	regions := 0
	for _, y := range syncs {
		switch {
		case y.Source == "config" && (listed.IsZero() || y.OKAt.Before(listed)):
			listed = y.OKAt
		case strings.HasPrefix(y.Source, "ecs:"):
			if regions++; regions == 1 || y.OKAt.Before(oldest) {
				oldest = y.OKAt
			}
		}
	}
	if regions == 0 {
		return listed
	}
	return oldest
}

// withName is the source of servers in a further project with the project's name in
// the place of its id.
func withName(a account.Account, source string) string {
	place, id, further := strings.Cut(source, "/")
	if !further {
		return source
	}
	return place + "/" + a.ProjectName(id)
}

// sourceName is where a part of the picture comes from.
func sourceName(p *text.Printer, source string) string {
	kind, region, _ := strings.Cut(source, ":")
	switch kind {
	case "config":
		return p.T("instances.source.config")
	case "bss":
		return p.T("instances.source.bss")
	case "traffic":
		return p.T("instances.source.traffic")
	case "ces":
		return p.T("instances.source.ces", "Region", regionName(p, region))
	case "ecs":
		if region, project, further := strings.Cut(region, "/"); further {
			return p.T("instances.source.ecs.project", "Region", regionName(p, region), "Project", text.Name(project))
		}
		return p.T("instances.source.ecs", "Region", regionName(p, region))
	case "ims":
		return p.T("instances.source.ims", "Region", regionName(p, region))
	}
	return text.Name(source)
}

func nameOf(p *text.Printer, i instance.Instance) string {
	if i.Name == "" {
		return i.ID
	}
	return text.Name(i.Name)
}

// memory words MiB as GiB: "0.5 GiB", "2 GiB".
func memory(p *text.Printer, mib int) string {
	return p.Unit(catalog.GiB(mib), "GiB")
}

// stateOf is an instance's state: what billing or the server says, in this order.
func stateOf(p *text.Printer, i instance.Instance) (shape, word string) {
	switch {
	case !i.GoneAt.IsZero():
		return ui.Off, p.T("instances.state.gone")
	case i.Frozen:
		return ui.Ice, p.T("instances.state.frozen")
	case i.TaskState != "":
		return ui.Busy, p.T("instances.state.busy")
	}
	return serverState(p, i.State)
}

// serverState words the server states of ECS (cloud-api, 8).
func serverState(p *text.Printer, state string) (shape, word string) {
	switch state {
	case "ACTIVE":
		return ui.Run, p.T("instances.state.running")
	case "SHUTOFF":
		return ui.Off, p.T("instances.state.stopped")
	case "BUILD":
		return ui.Busy, p.T("instances.state.building")
	case "REBOOT", "HARD_REBOOT":
		return ui.Busy, p.T("instances.state.restarting")
	case "ERROR":
		return ui.Fault, p.T("instances.state.faulty")
	case "":
		return ui.Wait, p.Unknown()
	}
	return ui.Wait, text.Name(state)
}

func orUnknown(p *text.Printer, s string) string {
	if s == "" {
		return p.Unknown()
	}
	return s
}

// refresh asks the cloud for newer data of the scope, in the background: POST
// /instances/refresh.
func (p instancePages) refresh(c echo.Context) error {
	sc, err := p.s.scopes.Of(c)
	if err != nil {
		return err
	}
	asked := 0
	var refused error
	var waits []string // accounts whose Huawei does not answer now
	note := "instances.asked"
	for _, a := range sc.accounts {
		switch err := p.instances.Refresh(c.Request().Context(), actor(c), a.ID); {
		case fault.Is(err, fault.Refused): // it is broken or disabled, which does not keep the others from being read
			refused = err
		case err != nil:
			return err
		default:
			asked++
			if open := p.instances.Asked(a.ID); open.Waits {
				waits = append(waits, text.Name(a.Label))
				note = "instances.asked.waits"
				if open.Trouble == "cloud.throttled" {
					note = "instances.asked.slow"
				}
			}
		}
	}
	if asked == 0 && refused != nil {
		return refused
	}
	p.s.notes.Leave(c, fault.Say(note, "Accounts", printer(c).List(waits...)))
	return goTo(c, returnPath(c))
}
