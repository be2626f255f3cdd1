package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/web/templates/instances"
	"sampan/web/templates/layout"
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

func troubleNote(p *text.Printer, sc scope, y instance.Sync) ui.NoteModel {
	a, _ := sc.accountOf(y.AccountID)
	n := ui.NoteModel{Tone: ui.Caution, Bold: p.T("instances.trouble", "Source", sourceName(p, y.Source), "Account", text.Name(a.Label)), Text: p.Say(y.Trouble, nil)}
	if !y.OKAt.IsZero() {
		n.Text += " " + p.T("instances.trouble.asof", "When", p.Near(y.OKAt, p.Now()))
	}
	if y.Code != "" {
		n.Text += " " + text.Name(y.Code)
	}
	return n
}

// sourceName is where a part of the picture comes from.
func sourceName(p *text.Printer, source string) string {
	kind, region, _ := strings.Cut(source, ":")
	switch kind {
	case "config":
		return p.T("instances.source.config")
	case "bss":
		return p.T("instances.source.bss")
	case "ecs":
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

// size is what a spec code stands for, the code itself when the catalogue does
// not know it.
func (p instancePages) size(pr *text.Printer, code string) string {
	spec, ok := p.catalog.Spec(code)
	if !ok {
		return text.Name(code)
	}
	return pr.T("instances.size.of", "Cores", pr.Number(spec.VCPUs), "Memory", memory(pr, spec.MemoryMiB))
}

// memory words MiB as GiB: "0.5 GiB", "2 GiB".
func memory(p *text.Printer, mib int) string {
	return catalog.GiB(mib) + "\u00a0GiB"
}

// expiry is when an instance ends and how near that is: red within 3 days, amber
// within 14, only without auto-renew (design: tables).
func expiry(p *text.Printer, i instance.Instance) (words, at, due string) {
	if i.Expires.IsZero() {
		return p.Unknown(), "", ""
	}
	left := i.Expires.Sub(p.Now())
	switch {
	case i.AutoRenew:
	case left <= dueNow:
		due = "c-bad"
	case left <= dueSoon:
		due = "c-warn"
	}
	return p.Date(i.Expires), i.Expires.UTC().Format(time.RFC3339), due
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

// detail is one instance: GET /instances/{id}.
func (p instancePages) detail(c echo.Context) error {
	i, err := p.instances.Get(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	sc, err := p.s.scopeOf(c)
	if err != nil {
		return err
	}
	m, err := p.detailModel(c, sc, i)
	if err != nil {
		return err
	}
	if partial(c.Request()) {
		part := instances.DetailPart(m)
		return render(c, http.StatusOK, part, part)
	}
	f, err := p.s.frame(c, m.Name, layout.Instances, "instances")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, instances.Detail(f, m), nil)
}

func (p instancePages) detailModel(c echo.Context, sc scope, i instance.Instance) (instances.DetailModel, error) {
	pr := printer(c)
	a, ok := sc.accountOf(i.AccountID)
	if !ok {
		return instances.DetailModel{}, echo.ErrNotFound // of an account the person may not see
	}
	m := instances.DetailModel{ID: i.ID, Name: nameOf(pr, i), Account: a.Label, Sandbox: a.Sandbox(), Refresh: actor(c).May(person.Refresh)}
	m.Shape, m.Word = stateOf(pr, i)
	if !i.GoneAt.IsZero() {
		m.Gone = pr.T("instances.gone", "When", pr.Near(i.GoneAt, pr.Now()))
	}
	m.Facts = []ui.Pair{
		{Key: pr.T("instances.account"), Part: ui.World(a.Label, a.Sandbox())},
		{Key: pr.T("instances.region"), Value: regionName(pr, i.Region)},
		{Key: pr.T("instances.size"), Value: p.size(pr, i.Spec), Note: text.Name(i.Spec)},
		{Key: pr.T("instances.image"), Value: orUnknown(pr, i.Image), Name: true},
		{Key: pr.T("instances.id"), Value: i.ID, Copy: true},
	}
	m.Access = []ui.Pair{
		{Key: pr.T("instances.address"), Value: orUnknown(pr, i.Address), Copy: i.Address != ""},
		{Key: pr.T("instances.server"), Value: orUnknown(pr, i.ServerName), Name: true},
		{Key: pr.T("instances.server.id"), Value: orUnknown(pr, i.ServerID), Copy: i.ServerID != ""},
	}
	m.Money = p.money(pr, i)
	m.Sources = sources(pr, i)
	return m, nil
}

func (p instancePages) money(pr *text.Printer, i instance.Instance) []ui.Pair {
	renews := pr.T("instances.renew.off")
	if i.AutoRenew {
		renews = pr.T("instances.renew.on")
	}
	expires := pr.Unknown()
	if !i.Expires.IsZero() {
		expires = pr.Near(i.Expires, pr.Now())
	}
	out := []ui.Pair{
		{Key: pr.T("instances.expires"), Value: expires},
		{Key: pr.T("instances.renew"), Value: renews},
		{Key: pr.T("instances.order"), Value: orUnknown(pr, i.CloudOrder), Mono: true, Copy: i.CloudOrder != ""},
	}
	if !i.Created.IsZero() {
		out = append(out, ui.Pair{Key: pr.T("instances.created"), Value: pr.DateTime(i.Created)})
	}
	return out
}

// sources are when each of Huawei's services last listed the instance.
func sources(p *text.Printer, i instance.Instance) []ui.Pair {
	when := func(t time.Time) string {
		if t.IsZero() {
			return p.T("instances.seen.never")
		}
		return p.Near(t, p.Now())
	}
	return []ui.Pair{
		{Key: p.T("instances.source.config"), Value: when(i.SeenConfig)},
		{Key: p.T("instances.source.ecs.any"), Value: when(i.SeenECS)},
		{Key: p.T("instances.source.bss"), Value: when(i.SeenBSS)},
	}
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
	sc, err := p.s.scopeOf(c)
	if err != nil {
		return err
	}
	for _, a := range sc.accounts {
		if err := p.instances.Refresh(c.Request().Context(), actor(c), a.ID); err != nil {
			return err
		}
	}
	p.s.notes.leave(c, fault.Say("instances.asked"))
	return goTo(c, returnPath(c))
}
