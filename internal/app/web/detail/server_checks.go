package detail

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/server"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/detail"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Checks are whether the server answers: GET /servers/{id}/checks.
func (h ServerPages) Checks(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	return h.showChecks(c, v)
}

func (h ServerPages) showChecks(c echo.Context, v serverView) error {
	if !visit.Partial(c.Request()) {
		return page.GoTo(c, v.path(""))
	}
	m, err := v.checks()
	if err != nil {
		return err
	}
	part := detail.Checks(m)
	return page.Render(c, http.StatusOK, part, part)
}

// Probe tries the server's ports: POST /servers/{id}/probe.
func (h ServerPages) Probe(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	if err := h.Servers.Try(v.by, v.row.ServerID); err != nil {
		return err
	}
	return h.showChecks(c, v)
}

func (v serverView) checks() (detail.ChecksModel, error) {
	p := v.p
	m := detail.ChecksModel{URL: v.path("/checks"), Topic: "reading/" + v.row.ServerID}
	probe, err := v.h.Servers.Probe(v.by, v.row.ServerID)
	if err != nil {
		return m, err
	}
	flag, err := v.h.Servers.ResetFlag(v.by, v.row.ServerID)
	if err != nil {
		return m, err
	}
	m.Trying, m.Card = probe.Trying || flag.Reading, v.card(probe)
	v.ports(&m, probe)
	m.Reset = []ui.Pair{{Key: p.T("server.reset"), Value: resetWord(p, flag), Note: resetNote(p, flag)}}
	if v.row.Frozen {
		m.Reset[0].Value, m.Reset[0].Note = p.T("server.reset.frozen"), ""
	}
	return m, nil
}

// down is the id of the sentence for a state in which no port can answer; empty when
// one could.
func (v serverView) down() string {
	switch v.row.State {
	case instance.StateFrozen:
		return "server.up.frozen"
	case instance.StateStopped:
		return "server.up.stopped"
	}
	return ""
}

func (v serverView) ports(m *detail.ChecksModel, probe server.Probe) {
	p, down := v.p, v.down()
	silent := false
	for _, n := range server.PortsOf(v.row) {
		row := detail.PortRow{Port: strconv.Itoa(n), Use: portUse(p, n)}
		switch probe.Said(n) {
		case server.Answers:
			row.Shape, row.Word = ui.Run, p.T("server.up.answers")
			if down != "" {
				row.Shape, row.Word = ui.Wait, p.T("server.up.answered")
			}
		case server.Silent:
			row.Shape, row.Word, silent = ui.Warn, p.T("server.up.silent"), true
		default:
			row.Shape, row.Word = ui.Wait, p.T("server.up.untried")
		}
		m.Ports = append(m.Ports, row)
	}
	if down != "" {
		m.Notes = append(m.Notes, ui.NoteModel{Tone: ui.Caution, Bold: p.T(down), Text: p.T(down + ".text")})
	} else if silent {
		m.Notes = append(m.Notes, ui.NoteModel{Tone: ui.Caution, Bold: p.T("server.up.closed"), Text: p.T("server.up.closed.text")})
	}
	if !probe.Trouble.Zero() {
		m.Notes = append(m.Notes, ui.NoteModel{Tone: ui.Caution, Bold: p.T("server.up.trouble"), Text: wording.Say(p, probe.Trouble)})
	}
	switch {
	case probe.Trying:
		m.When = p.T("server.up.running")
	case probe.At.IsZero():
		m.When = p.T("server.up.never")
	default:
		m.When = p.T("server.up.when", "When", p.Relative(probe.At))
	}
	if !v.by.May(person.Operate) {
		return
	}
	m.Try = v.path("/probe")
	if v.row.Address == "" {
		m.Refuse = p.T("server.up.noaddress")
	}
}

func portUse(p *text.Printer, port int) string {
	switch port {
	case 22:
		return p.T("server.port.ssh")
	case 3389:
		return p.T("server.port.rdp")
	case 80:
		return p.T("server.port.http")
	case 443:
		return p.T("server.port.https")
	}
	return ""
}

func resetWord(p *text.Printer, f server.Flag) string {
	switch {
	case f.At.IsZero() && f.Reading:
		return p.T("server.reset.reading")
	case f.At.IsZero(), !f.Known:
		return p.T("server.reset.unknown")
	case f.OK:
		return p.T("server.reset.yes")
	}
	return p.T("server.reset.no")
}

func resetNote(p *text.Printer, f server.Flag) string {
	switch {
	case !f.Trouble.Zero():
		return wording.Say(p, f.Trouble)
	case f.At.IsZero():
		return ""
	case f.Known && f.OK:
		return p.T("server.reset.yes.note")
	case f.Known:
		return p.T("server.reset.no.note")
	}
	return p.T("server.reset.unknown.note")
}

// access is how one signs in.
func (v serverView) access() detail.AccessModel {
	p, r := v.p, v.row
	m := detail.AccessModel{SSH: server.SSH(r), User: server.User(r), First: p.T("server.access.first")}
	a, ok := server.Address(r)
	switch {
	case !ok:
		m.None = p.T("server.access.noaddress")
	case catalog.OS(r.OS) == catalog.Windows:
		m.Desktop = netip.AddrPortFrom(a, 3389).String()
		m.RDP = v.path("/login.rdp")
	case m.SSH == "":
		m.None = p.T("server.access.nosystem")
	}
	if v.by.May(person.Operate) {
		m.Screen = v.path("/screen")
	}
	if m.Console = wording.HuaweiConsole(v.account.Site, r.Region); m.Console != "" {
		m.Where = p.T("server.access.where",
			"Address", wording.OrUnknown(p, r.Address), "Name", v.name(), "Region", wording.RegionName(p, r.Region))
	}
	if v.account.Sandbox() {
		m.First = p.T("server.access.play")
	} else if m.Console == "" {
		m.Where = p.T("server.console.own")
	}
	if link := server.Link(r); link != "" {
		m.QR = qrOf(link, p.T("server.access.qr.label", "Link", link))
	}
	return m
}

// qrMargin is the quiet zone around a code, in modules.
const qrMargin = 4

// qrOf draws a code; nil when the text does not fit into one.
func qrOf(s, label string) *detail.QRModel {
	code, err := qr.Encode(s, qr.M, qr.Auto)
	if err != nil {
		return nil
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			begin := x
			for x < size && dark(code.At(x, y).RGBA()) {
				x++
			}
			if x > begin {
				path.WriteString("M" + strconv.Itoa(begin+qrMargin) + " " + strconv.Itoa(y+qrMargin) + "h" + strconv.Itoa(x-begin) +
					"v1h-" + strconv.Itoa(x-begin) + "z")
			}
		}
	}
	return &detail.QRModel{Label: label, Size: strconv.Itoa(size + 2*qrMargin), Path: path.String()}
}

func dark(r, _, _, _ uint32) bool { return r < 0x8000 }

// card is what is known of the first sign-in to the application the server was
// bought with; nil for a bare system. Huawei's API gives neither ports, nor users,
// nor passwords of the images: the card has the address, and what answered there when
// it was tried.
func (v serverView) card(probe server.Probe) *detail.CardModel {
	i, ok := v.h.Catalog.Image(v.row.Image)
	if !ok || i.Kind != catalog.Application {
		return nil
	}
	p := v.p
	m := &detail.CardModel{Title: p.T("server.card", "Image", i.DisplayName), Link: manual(v.account.Site), Hint: p.T("server.card.hint")}
	at := ui.Pair{Key: p.T("server.card.address"), Value: p.Unknown()}
	port := ui.Pair{Key: p.T("server.card.port"), Value: p.Unknown()}
	if a, ok := server.Address(v.row); ok {
		at.Value, at.Copy = a.String(), true
		for _, web := range []struct {
			port   int
			scheme string
		}{{443, "https"}, {80, "http"}} {
			if probe.Said(web.port) == server.Answers && v.down() == "" {
				if !v.account.Sandbox() { // its addresses lead nowhere
					m.Open = web.scheme + "://" + hostOf(a) + "/"
				}
				port.Value, port.Note = p.T("server.card.answers", "Port", strconv.Itoa(web.port)), p.T("server.card.answers.note")
				break
			}
		}
	}
	m.Facts = []ui.Pair{at, port,
		{Key: p.T("server.card.user"), Value: p.Unknown()},
		{Key: p.T("server.card.password"), Value: p.Unknown()},
		{Key: p.T("server.card.group"), Value: p.T("server.card.must")},
	}
	return m
}

func hostOf(a netip.Addr) string {
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}

// manual is Huawei's manual of the product for a site.
func manual(site account.Site) string {
	if site == account.Mainland {
		return "https://support.huaweicloud.com/flexusl/index.html"
	}
	return "https://support.huaweicloud.com/intl/en-us/flexusl/index.html"
}

// serverRows are the servers of an instance as its page lists them.
func serverRows(p *text.Printer, all []*instance.Row) []detail.ServerRow {
	var out []detail.ServerRow
	for _, r := range all {
		if r.ServerID == "" {
			continue
		}
		row := detail.ServerRow{Name: text.Name(r.Name), URL: "/servers/" + r.ServerID, Address: r.Address, System: systemWord(p, r.OS)}
		row.Shape, row.Word = wording.ServerLook(p, r.State, r.Status)
		out = append(out, row)
	}
	return out
}
