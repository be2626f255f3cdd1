package orders

import (
	"net"

	"github.com/a-h/templ"

	"sampan/internal/app/catalog"
	"sampan/internal/app/order"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/orders"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// servers is the panel of what the order brings; nil before anything is on its
// way.
func (v orderView) servers() *orders.ServersModel {
	o, p := v.o, v.p
	switch o.State {
	case order.Delivering, order.Delivered, order.PartlyDelivered:
	default:
		return nil
	}
	m := &orders.ServersModel{Title: p.T("orders.servers")}
	for _, d := range o.Delivered {
		r := v.server(d)
		m.SignIn = m.SignIn || r.SignIn != ""
		m.Site = m.Site || r.Site != ""
		m.Rows = append(m.Rows, r)
	}
	for range max(0, o.Request.Quantity-len(o.Delivered)) {
		m.Rows = append(m.Rows, v.absent())
	}
	if o.State == order.Delivered || o.State == order.PartlyDelivered {
		v.signIn(m)
	}
	return m
}

// server is one instance, with its page, address and sign-in.
func (v orderView) server(d order.Delivery) orders.ServerRow {
	p := v.p
	r := orders.ServerRow{Name: d.Name, Unnamed: p.T("orders.servers.unnamed"), Waiting: p.T("orders.servers.waiting")}
	switch {
	case d.Gone:
	case wording.CloudID(d.ServerID):
		r.Href = "/servers/" + d.ServerID
	case wording.CloudID(d.InstanceID):
		r.Href = "/instances/" + d.InstanceID
	}
	if d.Name == "" {
		r.Name = d.InstanceID
	}
	r.Shape, r.State = serverLook(p, d)
	if d.Gone {
		r.Waiting = p.Unknown()
		return r // its address may be another one's by now
	}
	ip := net.ParseIP(d.Address)
	if ip == nil || ip.To4() == nil {
		return r // an address the cloud garbled is not made into a command or a link
	}
	r.Address = d.Address
	r.SignIn = "ssh root@" + d.Address
	if v.o.Request.Image.OS == catalog.Windows {
		r.SignIn = d.Address + ":3389"
	}
	if v.o.Request.Image.Kind == catalog.Application {
		r.Site = "http://" + d.Address + "/"
	}
	return r
}

// serverWords word what ECS says of a server that an order brought.
var serverWords = map[string]string{
	"ACTIVE": "orders.server.running", "SHUTOFF": "orders.server.stopped", "BUILD": "orders.server.creating",
	"REBOOT": "orders.server.restarting", "ERROR": "orders.server.error",
}

func serverLook(p *text.Printer, d order.Delivery) (shape, word string) {
	if id, ok := serverWords[d.State]; ok {
		return wording.ECSShape(d.State), p.T(id)
	}
	switch {
	case d.Gone:
		return ui.Wait, p.T("orders.server.gone")
	case d.State != "":
		return ui.Wait, text.Name(d.State)
	}
	return ui.Wait, p.T("orders.server.unread")
}

// absent is an instance that is not there yet, or will not come.
func (v orderView) absent() orders.ServerRow {
	p := v.p
	if v.o.State == order.PartlyDelivered {
		return orders.ServerRow{Unnamed: p.T("orders.servers.missing"), Shape: ui.Fault, State: p.T("orders.server.missing"),
			Waiting: p.T("orders.none")}
	}
	return orders.ServerRow{Unnamed: p.T("orders.servers.unnamed"), Shape: ui.Wait, State: p.T("orders.server.awaited"),
		Waiting: p.T("orders.servers.waiting")}
}

// signIn says how to get in: there is no password yet, and where one is set.
func (v orderView) signIn(m *orders.ServersModel) {
	o, p := v.o, v.p
	if o.Request.Image.OS == catalog.Windows {
		m.Password = p.T("orders.password.windows")
	} else {
		m.Password = p.T("orders.password.linux")
	}
	if o.Sandbox {
		m.Password = p.T("orders.password.play")
		m.Hints = append(m.Hints, p.T("orders.servers.play"))
		return
	}
	if link := wording.HuaweiConsole(v.account.Site, o.Request.Region); link != "" {
		m.Console = ui.Action{Label: p.T("orders.password.open"), Icon: "out", Kind: ui.Primary, Href: link,
			Attrs: templ.Attributes{"target": "_blank", "rel": "noopener noreferrer"}}
	} else {
		m.Hints = append(m.Hints, p.T("server.console.own"))
	}
	if o.Request.Image.Kind == catalog.Application {
		m.Hints = append(m.Hints, p.T("orders.servers.setup", "Image", text.Name(o.Request.Image.Name)))
	}
	if o.Request.Quantity > 1 {
		m.Hints = append(m.Hints, p.T("orders.servers.named"))
	}
}
