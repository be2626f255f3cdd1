package detail

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/instance"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/detail"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// mainModel is what is known of the server.
func (v serverView) mainModel(c echo.Context, d instance.Detail) detail.MainModel {
	m := detail.MainModel{URL: v.path(""), Topic: "server/" + v.row.ServerID,
		State: v.p.T("server.means." + cmp.Or(v.row.State, instance.StateUnknown))}
	m.Name = v.name()
	m.Shape, m.Word = wording.ServerLook(v.p, v.row.State, v.row.Status)
	m.Notes = v.notes(c, d)
	m.Facts = v.facts(d)
	m.Instance, m.InstanceURL = v.packaged(d)
	return m
}

// fromECS is what ECS said of the server; zero when it never listed it.
func (v serverView) fromECS(d instance.Detail) instance.Server {
	for _, s := range d.Servers {
		if s.ID == v.row.ServerID {
			return s
		}
	}
	return instance.Server{}
}

func (v serverView) facts(d instance.Detail) []ui.Pair {
	p, r, s := v.p, v.row, v.fromECS(d)
	ecs := saidBy(p, instance.FromECS, r.Seen(instance.FromECS))
	out := []ui.Pair{
		{Key: p.T("server.fact.address"), Value: wording.OrUnknown(p, r.Address), Copy: r.Address != "", Note: factNote(p, d, "address")},
		{Key: p.T("server.fact.private"), Value: wording.OrUnknown(p, r.Private), Copy: r.Private != ""},
	}
	for _, a := range r.More {
		out = append(out, ui.Pair{Key: p.T("server.fact.more"), Value: a, Copy: true})
	}
	out = append(out,
		ui.Pair{Key: p.T("server.fact.region"), Value: wording.RegionName(p, r.Region), Note: text.Name(r.Region)},
		ui.Pair{Key: p.T("server.fact.zone"), Value: wording.OrUnknown(p, r.Zone), Mono: r.Zone != ""},
		ui.Pair{Key: p.T("server.fact.os"), Value: v.system(), Name: true},
		ui.Pair{Key: p.T("server.fact.image"), Value: wording.OrUnknown(p, r.ImageName), Name: true, Note: text.Name(s.ImageID)},
		ui.Pair{Key: p.T("server.fact.size"), Value: v.size(), Note: text.Name(r.Spec)},
	)
	if len(s.Disks) > 0 {
		out = append(out, ui.Pair{Key: p.T("server.fact.disks"), Value: p.N("server.fact.disks.n", len(s.Disks)), Note: disks(p, s.Disks)})
	}
	out = append(out, pairsOf(p.T("server.fact.vpc"), s.Networks)...)
	out = append(out, pairsOf(p.T("server.fact.groups"), s.SecurityGroups)...)
	if s.Locked {
		out = append(out, ui.Pair{Key: p.T("server.fact.lock"), Value: p.T("server.fact.locked"), Note: text.Name(s.LockScene)})
	}
	out = append(out,
		ui.Pair{Key: p.T("server.fact.account"), Part: ui.World(v.account.Label, v.account.Sandbox())},
		ui.Pair{Key: p.T("server.fact.project"), Value: wording.OrUnknown(p, cmp.Or(s.ProjectID, d.Instance.ProjectID)), Mono: true},
		ui.Pair{Key: p.T("server.fact.created"), Value: momentOf(p, cmp.Or(s.Created, r.Created))},
		ui.Pair{Key: p.T("server.fact.launched"), Value: momentOf(p, s.Launched)},
		ui.Pair{Key: p.T("server.fact.id"), Value: r.ServerID, Copy: true},
		ui.Pair{Key: p.T("server.fact.seen"), Value: ecs},
	)
	return out
}

// system is the operating system in a word.
func (v serverView) system() string { return systemWord(v.p, v.row.OS) }

func systemWord(p *text.Printer, os string) string {
	switch os {
	case "linux":
		return "Linux"
	case "windows":
		return "Windows"
	}
	return p.Unknown()
}

// size is what ECS says that the server has, or else what its plan says.
func (v serverView) size() string {
	if v.row.VCPUs > 0 && v.row.MemoryMiB > 0 {
		return v.p.LTR(v.p.T("instances.size.of", "Cores", v.row.VCPUs, "Memory", wording.Memory(v.p, v.row.MemoryMiB)))
	}
	return wording.Size(v.p, v.h.Catalog, v.row.Spec)
}

func disks(p *text.Printer, all []instance.Disk) string {
	var names []string
	for _, d := range all {
		kind := p.T("server.fact.disk.data")
		if d.System {
			kind = p.T("server.fact.disk.system")
		}
		names = append(names, kind+" "+text.Name(cmp.Or(d.Device, d.ID)))
	}
	return strings.Join(names, " · ")
}

// pairsOf is a fact that may have several values.
func pairsOf(key string, all []string) []ui.Pair {
	var out []ui.Pair
	for _, s := range all {
		out = append(out, ui.Pair{Key: key, Value: s, Mono: true})
	}
	return out
}

func momentOf(p *text.Printer, t time.Time) string {
	if t.IsZero() {
		return p.Unknown()
	}
	return p.DateTime(t)
}

// packaged is the instance the server is in.
func (v serverView) packaged(d instance.Detail) ([]ui.Pair, string) {
	p, i := v.p, d.Instance
	if i.ID == "" {
		return []ui.Pair{{Key: p.T("server.package.name"), Value: p.Unknown(), Note: p.T("server.package.unknown")}}, ""
	}
	return append([]ui.Pair{
		{Key: p.T("server.package.name"), Value: wording.InstanceName(p, i), Name: true, Note: p.T("server.package.fixed")},
		{Key: p.T("instances.expires"), Value: termEnds(p, i.Expires)},
		{Key: p.T("instances.renew"), Value: renewal(p, i)},
		{Key: p.T("server.package.traffic"), Value: trafficLeft(p, d.Traffic), Note: trafficAge(p, d.Traffic)},
	}, ui.Pair{Key: p.T("instances.id"), Value: i.ID, Copy: true}), "/instances/" + i.ID
}

func termEnds(p *text.Printer, t time.Time) string {
	if t.IsZero() {
		return p.Unknown()
	}
	return p.Near(t, p.Now())
}

// renewal says whether it renews itself; until billing was read that is not known.
func renewal(p *text.Printer, i instance.Instance) string {
	switch {
	case i.SeenBSS.IsZero():
		return p.Unknown()
	case i.AutoRenew:
		return p.T("instances.renew.on")
	}
	return p.T("instances.renew.off")
}

func trafficLeft(p *text.Printer, t instance.Traffic) string {
	if !t.Known() {
		return p.Unknown()
	}
	return p.T("server.traffic.left", "Left", wording.Gigabytes(p, t.Left), "Total", p.Traffic(t.Total))
}

func trafficAge(p *text.Printer, t instance.Traffic) string {
	if !t.Known() {
		return ""
	}
	return p.T("server.traffic.age", "When", p.Near(t.At, p.Now()))
}

// saidBy names a source and when it was read.
func saidBy(p *text.Printer, by instance.Source, at time.Time) string {
	if at.IsZero() {
		return p.T("server.said.never", "Who", p.T("server.source."+by.String()))
	}
	return p.T("server.said", "Who", p.T("server.source."+by.String()), "When", p.Relative(at))
}

// factNote says who says a fact, and how long ago.
func factNote(p *text.Printer, d instance.Detail, name string) string {
	for _, f := range d.Facts {
		if f.Name == name {
			return saidBy(p, f.Source, f.At)
		}
	}
	return ""
}

// notes say what a reader must know first: gone, not seen, frozen, contradicted,
// changed by somebody else, about to end, or not readable.
func (v serverView) notes(c echo.Context, d instance.Detail) []ui.NoteModel {
	p, r := v.p, v.row
	var out []ui.NoteModel
	if r.State == instance.StateFaulty {
		out = append(out, ui.NoteModel{Tone: ui.Bad, Bold: p.T("server.note.fault"), Text: text.Name(r.Fault)})
	}
	if !r.GoneAt.IsZero() {
		out = append(out, ui.NoteModel{Tone: ui.Caution, Text: p.T("server.note.gone", "When", p.Near(r.GoneAt, p.Now()))})
	}
	out = append(out, lostNotes(p, d, r.ServerID)...)
	out = append(out, differNotes(p, d)...)
	for n, s := range d.Servers {
		if s.ID == r.ServerID && n < len(d.ServerChanges) {
			out = append(out, changeNotes(p, d.ServerChanges[n])...)
		}
	}
	if n, ok := endNote(p, d.Instance); ok {
		out = append(out, n)
	}
	return append(out, v.h.Known.Troubles(c, v.sc, r.AccountID, r.Place())...)
}

// lostNotes say which sources do not list a server any more; with an empty serverID, the
// instance or any of its servers.
func lostNotes(p *text.Printer, d instance.Detail, serverID string) []ui.NoteModel {
	var out []ui.NoteModel
	for _, s := range d.Sights {
		if s.Lost && (s.ServerID == "" || s.ServerID == serverID || serverID == "") && !s.At.IsZero() {
			out = append(out, ui.NoteModel{Tone: ui.Caution, Bold: p.T("server.note.lost", "When", p.Near(s.At, p.Now())),
				Text: p.T("server.note.lost.text", "Who", p.T("server.source."+s.Source.String()))})
		}
	}
	return out
}

// weighty are the facts whose disagreement is shown as a note at the top; that of the
// others shows in the table of sources.
var weighty = []string{"region", "spec", "order", "address", "server", "project"}

// differNotes say which important facts the sources disagree about.
func differNotes(p *text.Printer, d instance.Detail) []ui.NoteModel {
	var out []ui.NoteModel
	for _, f := range d.Facts {
		if !f.Differs() || !slices.Contains(weighty, f.Name) {
			continue
		}
		says := []string{p.T("server.differ.says", "Who", saidBy(p, f.Source, f.At), "Value", text.Name(f.Value))}
		for _, o := range f.Others {
			says = append(says, p.T("server.differ.says", "Who", saidBy(p, o.Source, o.At), "Value", text.Name(o.Value)))
		}
		out = append(out,
			ui.NoteModel{Tone: ui.Caution, Bold: p.T("server.differ", "Fact", factName(p, f.Name)), Text: strings.Join(says, " ")})
	}
	return out
}

func factName(p *text.Printer, name string) string {
	if word, ok := p.Word("server.facts." + name); ok {
		return word
	}
	return text.Name(name)
}

// changeNotes are what somebody changed outside of the console.
func changeNotes(p *text.Printer, all map[string]instance.Noted) []ui.NoteModel {
	var out []ui.NoteModel
	for _, name := range slices.Sorted(maps.Keys(all)) {
		n := all[name]
		if p.Now().Sub(n.At) > outsideShown {
			continue
		}
		out = append(out, ui.NoteModel{Icon: "edit", Bold: p.T("server.outside", "Fact", factName(p, name), "When", p.Near(n.At, p.Now())),
			Text: p.T("server.outside.text", "Was", wording.OrNothing(p, n.Was), "Is", wording.OrNothing(p, n.Is))})
	}
	return out
}

// outsideShown is how long a note says that something was changed outside of the console.
const outsideShown = 7 * 24 * time.Hour

// Grace and retention after the end of the term (cloud-api, 11): Huawei's usual
// ones; an account's contract may have others.
const (
	graceDays    = 15
	retainedDays = 15
)

// endNote says that the term ends soon or is over, and what happens then.
func endNote(p *text.Printer, i instance.Instance) (ui.NoteModel, bool) {
	if i.Expires.IsZero() {
		return ui.NoteModel{}, false
	}
	left := i.Expires.Sub(p.Now())
	switch {
	case i.Frozen:
		return ui.NoteModel{Tone: ui.Bad, Icon: "clock", Bold: p.T("server.end.frozen"),
			Text: p.T("server.end.frozen.text", "Day", p.Date(i.Expires.AddDate(0, 0, graceDays+retainedDays)))}, true
	case left <= 0:
		return ui.NoteModel{Tone: ui.Bad, Icon: "clock", Bold: p.T("server.end.over", "When", p.Near(i.Expires, p.Now())),
			Text: p.T("server.end.over.text", "Grace", p.Date(i.Expires.AddDate(0, 0, graceDays)),
				"Gone", p.Date(i.Expires.AddDate(0, 0, graceDays+retainedDays)))}, true
	case i.AutoRenew || left > instance.ExpiringWithin:
		return ui.NoteModel{}, false
	}
	n := ui.NoteModel{Tone: ui.Caution, Icon: "clock", Bold: p.T("server.end.soon", "When", p.Near(i.Expires, p.Now())),
		Text: p.T("server.end.soon.text", "Grace", graceDays, "Kept", retainedDays)}
	if left <= instance.ExpiringNow {
		n.Tone = ui.Bad
	}
	return n, true
}

// placeOf is where the servers of an instance are asked for.
func (h InstancePages) placeOf(i instance.Instance) string {
	if r, ok := h.Instances.Picture().Row(i.ID); ok {
		return r.Place()
	}
	return i.Region
}
