package order

import (
	"strconv"
	"strings"

	"sampan/internal/app/fault"
)

// The codes of the purchase (API Reference, Table 4-8).
const (
	codeParameter = "HCSS.14000001"
	codeThrottled = "HCSS.14290001"
	backendPrefix = "HCSS.1400000" // followed by 2 to 9: a service behind HCSS failed
)

// backend reports whether the code says that a service behind the purchase failed.
// An order may exist then (cloud-api, 5.5).
func backend(code string) bool {
	d, ok := strings.CutPrefix(code, backendPrefix)
	return ok && len(d) == 1 && d[0] >= '2' && d[0] <= '9'
}

// refusals words every code that proves nothing was bought.
var refusals = map[string]string{
	"HCSS.14000001": "order.refused.parameter",
	"HCSS.14000010": "order.refused.soldout",
	"HCSS.14000011": "order.refused.quota",
	"HCSS.14290001": "order.refused.busy",
}

// doubts words every code after which an order may exist.
var doubts = map[string]string{
	"HCSS.14000002": "order.unknown.backend",
	"HCSS.14000003": "order.unknown.billing",
	"HCSS.14000004": "order.unknown.server",
	"HCSS.14000005": "order.unknown.disk",
	"HCSS.14000006": "order.unknown.address",
	"HCSS.14000007": "order.unknown.balancer",
	"HCSS.14000008": "order.unknown.image",
	"HCSS.14000009": "order.unknown.market",
	"HCSS.15000001": "order.unknown.fault",
}

// byStatus words the statuses of the purchase (API Reference, Table 4-7) that
// came without a code of their own.
var byStatus = map[int]string{
	statusBadRequest:      "order.refused.parameter",
	statusUnauthorized:    "order.refused.login",
	statusForbidden:       "order.refused.permission",
	statusNotFound:        "order.refused.path",
	statusTooManyRequests: "order.refused.busy",
}

// tokenEnded is the adapter's message for a token that the cloud accepted before and
// refuses now: the next call signs in again, and the stored key may be good.
const tokenEnded = "cloud.token.ended"

// clockWrong is the adapter's message when Huawei refuses a signature while the
// machine's clock is wrong: the key may be good.
const clockWrong = "cloud.clock"

// unreachable is the adapter's message when there was no connection.
const unreachable = "cloud.unreachable"

// refusedReason is the sentence of a purchase that did not happen.
func refusedReason(f *fault.Error) fault.Message {
	if f == nil {
		return fault.Say("order.refused.other")
	}
	if id, ok := refusals[f.Code]; ok {
		return fault.Say(id, "Detail", f.Detail)
	}
	if f.Message.ID == tokenEnded || f.Message.ID == clockWrong {
		return f.Message
	}
	if id, ok := byStatus[f.Status]; ok {
		return fault.Say(id, "Detail", f.Detail)
	}
	if f.Message.ID == unreachable {
		return fault.Say("order.refused.unreachable")
	}
	if !f.Message.Zero() { // its own sentence is more exact: for example a wrong clock
		return f.Message
	}
	return fault.Say("order.refused.other")
}

// unknownReason is the sentence of a purchase without a clear answer.
func unknownReason(f *fault.Error) fault.Message {
	if f == nil {
		return fault.Say("order.unknown.silence")
	}
	if id, ok := doubts[f.Code]; ok {
		return fault.Say(id, "Detail", f.Detail)
	}
	switch {
	case f.Status >= 500:
		return fault.Say("order.unknown.fault", "Detail", f.Detail)
	case f.Status >= 300 && f.Status < 400:
		return fault.Say("order.unknown.redirect")
	case f.Status >= 200 && f.Status < 300:
		return fault.Say("order.unknown.garbled")
	case f.Status != 0:
		return fault.Say("order.unknown.odd", "Status", strconv.Itoa(f.Status))
	}
	return fault.Say("order.unknown.silence")
}

// statusReason is the sentence of a status of the cloud's order (cloud-api,
// 9.3) for orders under way; zero when the state says it all.
func statusReason(status int) fault.Message {
	switch status {
	case StatusPendingApproval:
		return fault.Say("order.status.approval")
	case StatusPendingConfirm:
		return fault.Say("order.status.confirm")
	case 0, StatusProcessing, StatusCompleted:
		return fault.Message{}
	case StatusPendingPayment:
		return fault.Say("order.status.unpaid")
	}
	return fault.Say("order.status.other", "Status", strconv.Itoa(status))
}

// closedReason is the sentence of an order that the cloud ended.
func closedReason(o Order, status int) fault.Message {
	switch {
	case status == StatusPendingRefund:
		return fault.Say("order.closed.refund")
	case o.State == AwaitingPayment && o.PaidAt.IsZero() && (o.PaySends == 0 || o.PayFailed() == PayRefused):
		return fault.Say("order.closed.unpaid")
	case status == StatusCancelled:
		return fault.Say("order.closed.cancelled")
	}
	return fault.Say("order.closed.other", "Status", strconv.Itoa(status))
}

// payRefusals words the codes of a payment that was refused (cloud-api, 9.4).
var payRefusals = map[string]string{
	"CBC.99005003": "order.pay.balance",
	"CBC.99003110": "order.pay.late",
	"CBC.99003141": "order.pay.quota",
	"CBC.99003155": "order.pay.budget",
	"CBC.99003198": "order.pay.budget",
	"CBC.99008040": "order.pay.often",
	"CBC.99008056": "order.pay.daily",
	"CBC.99000089": "order.pay.combined",
	"CBC.30000010": "order.pay.gone",
}

// payInProgress reports whether the code says that the order is paid or being paid.
// Then the order is read and the payment is not repeated.
func payInProgress(code string) bool { return code == "CBC.99000088" || code == "CBC.99003106" }

// payReason is the sentence of a payment that was refused.
func payReason(f *fault.Error) fault.Message {
	if id, ok := payRefusals[f.Code]; ok {
		return fault.Say(id)
	}
	if f.Message.ID == tokenEnded || f.Message.ID == clockWrong {
		return f.Message
	}
	switch f.Status {
	case statusForbidden:
		return fault.Say("order.pay.permission")
	case statusUnauthorized:
		return fault.Say("order.pay.login")
	}
	return fault.Say("order.pay.refused", "Detail", f.Detail)
}

// refusesPayment reports whether a reason is one of payReason's.
func refusesPayment(id string) bool {
	switch id {
	case tokenEnded, clockWrong, "order.pay.permission", "order.pay.login", "order.pay.refused":
		return true
	}
	for _, known := range payRefusals {
		if id == known {
			return true
		}
	}
	return false
}

// money is an amount as a value of a message; the page words it for its reader.
func money(m Money) string { return m.Amount.String() + " " + m.Currency }
