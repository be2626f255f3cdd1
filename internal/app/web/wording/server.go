package wording

import (
	"cmp"
	"slices"

	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// InstanceName is what an instance is called; its id where it has no name.
func InstanceName(p *text.Printer, i instance.Instance) string {
	if i.Name == "" {
		return i.ID
	}
	return text.Name(i.Name)
}

// Memory words MiB as GiB: "0.5 GiB", "2 GiB".
func Memory(p *text.Printer, mib int) string {
	return p.Unit(catalog.GiB(mib), "GiB")
}

// InstanceState is an instance's state: what billing or the server says, in this order.
func InstanceState(p *text.Printer, i instance.Instance) (shape, word string) {
	switch {
	case !i.GoneAt.IsZero():
		return ui.Off, p.T("instances.state.gone")
	case i.Frozen:
		return ui.Ice, p.T("instances.state.frozen")
	case i.TaskState != "":
		return ui.Busy, p.T("instances.state.busy")
	}
	return ECSState(p, i.State)
}

// ecsShapes are the server states of ECS with their shapes (cloud-api, 8).
var ecsShapes = map[string]string{
	"ACTIVE": ui.Run, "SHUTOFF": ui.Off, "BUILD": ui.Busy, "REBOOT": ui.Busy, "HARD_REBOOT": ui.Busy, "ERROR": ui.Fault,
}

// ECSShape is the shape of a server state of ECS; that of waiting for one we do not know.
func ECSShape(state string) string { return cmp.Or(ecsShapes[state], ui.Wait) }

// ECSState words a server state of ECS. For one we have no word for, the cloud's own
// word is shown.
func ECSState(p *text.Printer, state string) (shape, word string) {
	shape = ECSShape(state)
	switch state {
	case "ACTIVE":
		return shape, p.T("instances.state.running")
	case "SHUTOFF":
		return shape, p.T("instances.state.stopped")
	case "BUILD":
		return shape, p.T("instances.state.building")
	case "REBOOT", "HARD_REBOOT":
		return shape, p.T("instances.state.restarting")
	case "ERROR":
		return shape, p.T("instances.state.faulty")
	case "":
		return shape, p.Unknown()
	}
	return shape, text.Name(state)
}

// OrUnknown is s, or the word for what is not known.
func OrUnknown(p *text.Printer, s string) string {
	if s == "" {
		return p.Unknown()
	}
	return s
}

// ServerShapes are the states of a server (instance.States) with their shapes.
var ServerShapes = map[string]string{
	instance.StateRunning: ui.Run, instance.StateStopped: ui.Off, instance.StateStarting: ui.Busy, instance.StateStopping: ui.Busy,
	instance.StateRestarting: ui.Busy, instance.StateCreating: ui.Busy, instance.StateFaulty: ui.Fault, instance.StateFrozen: ui.Ice,
	instance.StateBusy: ui.Busy, instance.StateUnknown: ui.Wait,
}

// ServerLook words a state. For one we have no word for, the cloud's own word
// is shown.
func ServerLook(p *text.Printer, state, status string) (shape, word string) {
	shape, ok := ServerShapes[state]
	if !ok {
		return ui.Wait, p.Unknown()
	}
	if state == instance.StateBusy && status != "" {
		return shape, p.T("server.state.busy.as", "Status", text.Name(status))
	}
	return shape, p.T("server.state." + state)
}

// Size is what a spec code stands for, the code itself when the catalogue
// does not know it.
func Size(p *text.Printer, cat *catalog.Catalog, code string) string {
	if spec, ok := cat.Spec(code); ok {
		return p.LTR(p.T("instances.size.of", "Cores", spec.VCPUs, "Memory", Memory(p, spec.MemoryMiB)))
	}
	return OrUnknown(p, text.Name(code))
}

// OrNothing is a name that the cloud or a person chose, or the sign for none.
func OrNothing(p *text.Printer, s string) string {
	if s == "" {
		return p.T("server.nothing")
	}
	return text.Name(s)
}

// ImageName is the name of an image: the catalogue's, or what the cloud calls it.
func ImageName(cat *catalog.Catalog, id string) string {
	if i, ok := cat.Image(id); ok {
		return i.DisplayName
	}
	return id
}

// Gigabytes words an amount of traffic. What is more than nothing and less than 1 GB
// is "under 1 GB".
func Gigabytes(p *text.Printer, gb float64) string {
	if gb > 0 && gb < 1 {
		return p.T("traffic.little")
	}
	return p.Traffic(max(0, gb))
}

// UnreadFleet is shown instead of servers where none is known because not all accounts
// were read.
func UnreadFleet(p *text.Printer, gaps instance.Gaps) *ui.EmptyModel {
	if slices.ContainsFunc(gaps, instance.Gap.Failed) {
		return &ui.EmptyModel{Icon: "warn", Title: p.T("gaps.fleet.failed"), Text: p.T("gaps.fleet.failed.text")}
	}
	if !slices.ContainsFunc(gaps, func(g instance.Gap) bool { return !g.Off() }) {
		return &ui.EmptyModel{Icon: "key", Title: p.T("gaps.fleet.open"), Text: p.T("gaps.fleet.off.text")}
	}
	return &ui.EmptyModel{Icon: "clock", Title: p.T("gaps.fleet.open"), Text: p.T("gaps.fleet.open.text")}
}
