package wording

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"sampan/internal/app/order"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// look is how a state appears: its shape and the word for it.
type look struct{ shape, word string }

// looks names every state by its name in reliability.md §4.
var looks = map[order.State]look{
	order.Confirmed:       {ui.Wait, "orders.state.confirmed"},
	order.Sending:         {ui.Busy, "orders.state.sending"},
	order.Refused:         {ui.Fault, "orders.state.refused"},
	order.Expired:         {ui.Off, "orders.state.expired"},
	order.Cancelled:       {ui.Off, "orders.state.cancelled"},
	order.Unknown:         {ui.Warn, "orders.state.unknown"},
	order.NeedsHuman:      {ui.Warn, "orders.state.needs.human"},
	order.NotFound:        {ui.Warn, "orders.state.not.found"},
	order.Ordered:         {ui.Busy, "orders.state.ordered"},
	order.AwaitingPayment: {ui.Warn, "orders.state.awaiting.payment"},
	order.Paying:          {ui.Busy, "orders.state.paying"},
	order.Delivering:      {ui.Busy, "orders.state.delivering"},
	order.Delivered:       {ui.Run, "orders.state.delivered"},
	order.PartlyDelivered: {ui.Warn, "orders.state.partly"},
	order.Closed:          {ui.Fault, "orders.state.closed"},
}

// OrderState words a state; one we do not know is shown as it is stored.
func OrderState(p *text.Printer, s order.State) (shape, word string) {
	l, ok := looks[s]
	if !ok {
		return ui.Wait, string(s)
	}
	return l.shape, p.T(l.word)
}

// OrderLook is how an order appears. Huawei calls one completed before its
// servers stand there, and a person would take that for the end.
func OrderLook(p *text.Printer, o order.Order) (shape, word string) {
	switch {
	case o.PossiblyPaid():
		shape, _ = OrderState(p, o.State)
		return shape, p.T("orders.state.possibly.paid")
	case o.State == order.Delivered && o.Followed:
		return ui.Busy, p.T("orders.state.starting")
	case o.State == order.Delivered && !o.Stands():
		return ui.Warn, p.T("orders.state.not.all")
	case o.PayFailed() == order.PayRefused:
		return ui.Fault, p.T("orders.state.pay.refused")
	case o.PayFailed() != order.NoRefusal:
		return ui.Fault, p.T("orders.state.pay.failed")
	}
	return OrderState(p, o.State)
}

// payFailures word what became of a payment that came to nothing.
var payFailures = map[order.Refusal]struct{ what, when, of string }{
	order.PayRefused: {"orders.pay.refused", "orders.pay.refused.at", "orders.pay.refused.of"},
	order.PayUnsent:  {"orders.pay.unsent", "orders.pay.unsent.at", "orders.pay.unsent.of"},
	order.PayStuck:   {"orders.pay.stuck", "orders.pay.stuck.at", "orders.pay.stuck.of"},
}

// PayFailed says what became of a payment that came to nothing.
func PayFailed(p *text.Printer, r order.Refusal) string { return p.T(payFailures[r].what) }

// PayFailedAt says it with when it was.
func PayFailedAt(p *text.Printer, r order.Refusal, at time.Time) string {
	return p.T(payFailures[r].when, "When", p.Near(at, p.Now()))
}

// PayFailedOf says it with the name of what was to be bought.
func PayFailedOf(p *text.Printer, o order.Order) string {
	return p.T(payFailures[o.PayFailed()].of, "Name", text.Name(o.Request.Name))
}

// cloudStatuses words the order statuses of billing (cloud-api, 9.3).
var cloudStatuses = map[int]string{
	1: "orders.cloud.status.1", 2: "orders.cloud.status.2", 3: "orders.cloud.status.3", 4: "orders.cloud.status.4",
	5: "orders.cloud.status.5", 6: "orders.cloud.status.6", 9: "orders.cloud.status.9",
}

// OrderStatus words the status that billing gives an order; 0 is not known.
func OrderStatus(p *text.Printer, status int) string {
	if id, ok := cloudStatuses[status]; ok {
		return p.T(id)
	}
	if status == 0 {
		return p.Unknown()
	}
	return p.T("orders.cloud.status.other", "Status", status)
}

// ExactRequest is the purchase as it goes over the wire, without what signs it.
func ExactRequest(address, clientRequestID string, body []byte) string {
	return fmt.Sprintf("POST %s\nContent-Type: application/json\nClient-Request-Id: %s\n\n%s", address, clientRequestID, pretty(body))
}

// pretty lays a JSON body out for reading, line by line, with what could hide
// text made visible. A body that is not JSON is shown as it is.
func pretty(body []byte) string {
	var buf bytes.Buffer
	if err := json.Indent(&buf, body, "", "  "); err != nil {
		return text.Visible(string(body))
	}
	lines := strings.Split(buf.String(), "\n")
	for i, l := range lines {
		lines[i] = text.Visible(l)
	}
	return strings.Join(lines, "\n")
}

// OrderNumbers lists the first few order numbers of the cloud.
func OrderNumbers(p *text.Printer, found []order.FoundOrder) string {
	var all []string
	for _, f := range found[:min(MostNamed, len(found))] {
		all = append(all, text.Name(f.CloudOrderID))
	}
	if more := len(found) - len(all); more > 0 {
		all = append(all, p.T("web.banner.restored.more", "N", more))
	}
	return p.List(all...)
}
