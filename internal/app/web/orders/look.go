package orders

import (
	"cmp"
	"slices"
	"time"

	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/orders"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// page is the whole page for a reader with the role.
func (v orderView) page(role person.Role) orders.Model {
	m := orders.Model{ID: v.o.ID, Title: v.what.Title(v.o.Request), Lead: v.lead(), Changing: v.changing(), May: mayOf(role),
		Actions: v.headActions()}
	m.Shape, m.State = wording.OrderLook(v.p, v.o)
	m.Fresh = v.p.Now().Sub(v.o.StateAt) < justNow
	m.Card = orders.CardModel{
		ID: v.o.ID, Notes: v.notes(), Servers: v.servers(), Candidates: v.candidates(),
		Progress: v.p.T("orders.progress"), Finished: v.finished(), Steps: v.steps(),
		FactsTitle: v.p.T("orders.facts.order"), Facts: v.facts(), Cloud: v.cloud(), Passport: v.path() + "/passport",
	}
	return m
}

// justNow is how long a state counts as just reached.
const justNow = 5 * time.Second

// mayOf says what a role may do, for the page's outermost element.
func mayOf(r person.Role) string {
	switch {
	case r.May(person.Decide):
		return orders.NeedsBuy + " " + orders.NeedsDecide
	case r.May(person.Buy):
		return orders.NeedsBuy
	}
	return ""
}

func (v orderView) path() string { return "/orders/" + v.o.ID }

// changing reports whether the page has something to wait for: a state that may
// still change, or a server that does not stand there yet.
func (v orderView) changing() bool { return v.o.Followed || !v.o.Final() }

// lead is the one sentence under the title.
func (v orderView) lead() string {
	o, p := v.o, v.p
	switch o.State {
	case order.Confirmed:
		if !o.Reason.Zero() {
			return p.T("orders.lead.confirmed.waits", "When", p.Near(o.ExpiresAt, p.Now()))
		}
		return p.T("orders.lead.confirmed", "When", p.Near(o.ExpiresAt, p.Now()))
	case order.Sending:
		return p.T("orders.lead.sending")
	case order.Refused:
		return p.T("orders.lead.refused")
	case order.Expired:
		return p.T("orders.lead.expired")
	case order.Cancelled:
		if o.CloudOrderID == "" {
			return p.T("orders.lead.cancelled.unsent")
		}
		return p.T("orders.lead.cancelled.unpaid")
	case order.Unknown:
		return v.leadUnknown()
	case order.NeedsHuman:
		if n := len(v.openCandidates()); n > 0 {
			return p.N("orders.lead.needs.human", n)
		}
		return p.T("orders.lead.needs.human.none")
	case order.NotFound:
		return v.leadNotFound()
	case order.Ordered:
		if v.unseen() {
			return p.T("orders.lead.ordered.unseen")
		}
		return p.T("orders.lead.ordered")
	case order.AwaitingPayment:
		return v.leadAwaiting()
	case order.Paying:
		return p.T(payingWords[v.payment()].lead)
	case order.Delivering:
		return p.T("orders.lead.delivering")
	case order.Delivered:
		return v.leadDelivered()
	case order.PartlyDelivered:
		return p.T("orders.lead.partly", "N", len(o.Delivered), "Of", o.Request.Quantity)
	case order.Closed:
		if v.declared() {
			return p.T("orders.lead.closed.declared")
		}
		return p.T("orders.lead.closed")
	}
	return ""
}

// leadDelivered says that all is there only when every server was seen.
func (v orderView) leadDelivered() string {
	o, p := v.o, v.p
	at := v.stoodAt()
	switch n, of := o.Standing(), max(o.Request.Quantity, len(o.Delivered)); {
	case o.Followed:
		return p.N("orders.lead.delivered.starting", of, "Ready", n)
	case !o.Stands():
		return p.N("orders.lead.delivered.unseen", of, "Ready", n)
	case at.IsZero():
		return p.T("orders.lead.delivered")
	}
	return p.T("orders.lead.delivered.in", "Time", p.Duration(at.Sub(o.CreatedAt)))
}

// stoodAt is when every server of a delivered order was there; zero while one is
// not, or when it is not known.
func (v orderView) stoodAt() time.Time {
	if !v.o.Stands() {
		return time.Time{}
	}
	return order.StoodAt(v.events)
}

func (v orderView) leadUnknown() string {
	switch {
	case v.o.PossiblyPaid():
		return v.p.T("orders.lead.unknown.deduct")
	case v.o.NeverSent() && v.o.Restored:
		return v.p.T("orders.lead.unknown.restored")
	case v.o.NeverSent():
		return v.p.T("orders.lead.unknown.restarted")
	}
	return v.p.T("orders.lead.unknown")
}

func (v orderView) leadNotFound() string {
	if n := len(v.openCandidates()); n > 0 {
		return v.p.N("orders.lead.not.found.late", n)
	}
	if v.o.Final() || v.o.CheckUntil.IsZero() {
		return v.p.T("orders.lead.not.found")
	}
	return v.p.T("orders.lead.not.found.watching", "When", v.p.Near(v.o.CheckUntil, v.p.Now()))
}

func (v orderView) leadAwaiting() string {
	switch {
	case v.o.PayFailed() != order.NoRefusal && !v.o.PayBy.IsZero():
		return v.p.T("orders.lead.pay.failed.until", "When", v.p.DateTime(v.o.PayBy))
	case v.o.PayFailed() != order.NoRefusal:
		return v.p.T("orders.lead.pay.failed")
	case !v.o.CancelAskedAt.IsZero():
		return v.p.T("orders.lead.cancelling")
	case !v.o.PayAskedAt.IsZero():
		return v.p.T("orders.lead.pay.asked")
	case v.o.PayBy.IsZero():
		return v.p.T("orders.lead.awaiting")
	}
	return v.p.T("orders.lead.awaiting.until", "When", v.p.DateTime(v.o.PayBy))
}

// headActions are the buttons beside the title: buying the same again. An order
// that failed offers it in the step that says so instead.
func (v orderView) headActions() []orders.Post {
	switch v.o.State {
	case order.Refused, order.Expired, order.Cancelled, order.NotFound, order.Closed:
		return nil
	case order.Delivered, order.PartlyDelivered:
		return []orders.Post{v.again(v.p.T("orders.again.more"), "plus", "", ui.Plain)}
	}
	return []orders.Post{v.again(v.p.T("orders.again.same"), "plus", "", ui.Plain)}
}

// again is a button that starts a new purchase with the choices of this one,
// at a step of the wizard.
func (v orderView) again(label, icon, step, kind string) orders.Post {
	return orders.Post{URL: v.path() + "/again", Needs: orders.NeedsBuy,
		Fields: []orders.Hidden{{Name: "go", Value: step}},
		Button: ui.Action{Label: label, Icon: icon, Kind: kind, Submit: true}}
}

// finished is when the order came to its end; that of a delivered one is when
// its last server was there.
func (v orderView) finished() string {
	at := v.o.EndedAt
	if v.o.State == order.Delivered {
		at = v.stoodAt()
	}
	if !v.o.Final() || at.IsZero() {
		return ""
	}
	return v.p.T("orders.finished", "When", v.p.Near(at, v.p.Now()))
}

// notes stand above everything: what must be known before anything is done.
func (v orderView) notes() []orders.Note {
	switch v.o.State {
	case order.Unknown:
		return []orders.Note{v.unknownNote()}
	case order.NeedsHuman: // not locked: reliability.md §3.3
		return []orders.Note{{NoteModel: ui.NoteModel{Tone: ui.Caution, Icon: "user", Bold: v.p.T("orders.note.human"),
			Text: v.p.T("orders.note.human.text", "Account", text.Name(v.account.Label))}}}
	case order.NotFound:
		if v.o.Request.Payment == order.DeductAtOnce {
			return []orders.Note{{NoteModel: ui.NoteModel{Tone: ui.Caution, Icon: "coin", Bold: v.p.T("orders.note.deduct.none"),
				Text: v.p.T("orders.note.deduct.none.text")}}}
		}
	case order.PartlyDelivered:
		return []orders.Note{{NoteModel: ui.NoteModel{Tone: ui.Caution, Bold: v.p.T("orders.note.partly"),
			Text: v.p.T("orders.note.partly.text")}}}
	case order.AwaitingPayment:
		if n, failed := v.payFailedNote(); failed {
			return []orders.Note{{NoteModel: n}}
		}
	case order.Closed: // its reason holds the one sentence about money given back
		n := ui.NoteModel{Tone: ui.Caution, Bold: v.p.T("orders.note.closed", "Status", v.status()),
			Text: cmp.Or(v.reason(), v.p.T("orders.note.closed.text"))}
		if v.declared() {
			n.Bold = v.p.T("orders.note.closed.declared")
		}
		return []orders.Note{{NoteModel: n}}
	}
	return nil
}

// payFailedNote says at the top that a payment failed: when, why, and
// Huawei's code.
func (v orderView) payFailedNote() (ui.NoteModel, bool) {
	failed := v.o.PayFailed()
	if failed == order.NoRefusal {
		return ui.NoteModel{}, false
	}
	n := ui.NoteModel{Tone: ui.Bad, Icon: "coin", Alert: true, Bold: wording.PayFailedAt(v.p, failed, v.failedAt()), Text: v.reason()}
	if v.o.Code != "" {
		n.Text += " " + v.p.T("orders.step.refused.code", "Code", v.o.Code)
	}
	return n, true
}

// failedAt is when the last payment failed.
func (v orderView) failedAt() time.Time {
	for _, e := range slices.Backward(v.events) {
		if e.Message.ID == v.o.Reason.ID {
			return e.At
		}
	}
	return v.o.StateAt
}

// payingWords word what is known of a payment under way.
var payingWords = map[order.Sent]struct{ lead, title, text string }{
	order.OnItsWay:  {"orders.lead.paying.away", "orders.step.paying.away", "orders.step.paying.away.text"},
	order.HasLeft:   {"orders.lead.paying", "orders.step.paying", "orders.step.paying.text"},
	order.NotTaken:  {"orders.lead.paying.later", "orders.step.paying.later", "orders.step.paying.later.text"},
	order.SentOrNot: {"orders.lead.paying.unsure", "orders.step.paying.unsure", "orders.step.paying.unsure.text"},
}

// payment is what is known of the payment of an order that is being paid.
func (v orderView) payment() order.Sent { return order.PaymentOf(v.o, v.events, v.p.Now()) }

func (v orderView) unknownNote() orders.Note {
	p := v.p
	n := orders.Note{NoteModel: ui.NoteModel{Tone: ui.Caution, Icon: "shield", Bold: p.T("orders.note.unknown")}}
	what := p.T("orders.note.unknown.unpaid")
	switch {
	case v.o.PossiblyPaid():
		what = p.T("orders.note.unknown.deduct")
	case v.o.Request.Payment == order.AtMost && v.o.Cap != nil: // none: what a database held that was put back
		what = p.T("orders.note.unknown.atmost", "Cap", v.what.Money(*v.o.Cap))
	}
	lock := p.T("orders.note.unknown.locked", "Account", text.Name(v.account.Label))
	switch {
	case v.o.Restored:
		lock = p.T("orders.note.unknown.restored", "Account", text.Name(v.account.Label))
	case v.o.LockLifted:
		lock = p.T("orders.note.unknown.lifted", "Account", text.Name(v.account.Label))
	}
	n.Text = lock + " " + what
	n.Posts = append(n.Posts, orders.Post{URL: v.path() + "/check",
		Button: ui.Action{Label: p.T("orders.check"), Icon: "restart", Submit: true, Busy: p.T("orders.check.busy")}})
	if !v.o.LockLifted && !v.o.Restored {
		n.Posts = append(n.Posts,
			orders.Post{URL: v.path() + "/lift", Needs: orders.NeedsDecide, Button: ui.Action{Label: p.T("orders.lift"), Submit: true}})
	}
	return n
}

// status words the order's last status at the cloud; one we have no word for is
// shown by its number.
func (v orderView) status() string { return wording.OrderStatus(v.p, v.o.CloudStatus) }

// facts are the panel beside the timeline.
func (v orderView) facts() []ui.Pair {
	o, p := v.o, v.p
	number := ui.Pair{Key: p.T("orders.facts.number"), Value: o.CloudOrderID, Copy: true}
	if o.CloudOrderID == "" {
		number = ui.Pair{Key: p.T("orders.facts.number"), Value: v.noNumber()}
	}
	f := []ui.Pair{number}
	if o.AnsweredOrder != "" && o.AnsweredOrder != o.CloudOrderID {
		f = append(f, ui.Pair{Key: p.T("orders.facts.answered"), Value: o.AnsweredOrder, Copy: true})
	}
	f = append(f, v.what.Pairs(o.Request)...)
	f = append(f,
		ui.Pair{Key: p.T("orders.facts.payment"), Value: v.what.Mode(o.Request)},
		ui.Pair{Key: p.T("orders.facts.account"), Part: ui.World(v.account.Label, o.Sandbox)},
		ui.Pair{Key: p.T("orders.facts.person"), Value: o.PersonName, Name: true},
		ui.Pair{Key: p.T("orders.facts.amount"), Value: v.charged()})
	if o.CloudStatus != 0 {
		f = append(f, ui.Pair{Key: p.T("orders.facts.status"),
			Value: p.T("orders.facts.read", "Status", v.status(), "When", p.Near(o.CloudReadAt, p.Now()))})
	}
	if ends := v.expires(); ends != "" {
		f = append(f, ui.Pair{Key: p.T("orders.facts.expires"), Value: ends})
	}
	if !v.sent() {
		return f
	}
	f = append(f, ui.Pair{Key: p.T("orders.facts.request"), Value: o.ClientRequestID, Mono: true})
	if o.IntentTag != "" {
		f = append(f, ui.Pair{Key: p.T("orders.facts.tag"), Value: order.TagKey + "=" + o.IntentTag, Mono: true})
	}
	return f
}

func (v orderView) sent() bool { return !v.o.SentAt.IsZero() && !v.unsent }

func (v orderView) noNumber() string {
	switch v.o.State {
	case order.Refused, order.Expired, order.Cancelled:
		return v.p.T("orders.none")
	}
	return v.p.T("orders.number.later")
}

// charged says what is known about the money, and nothing more.
func (v orderView) charged() string {
	o, p := v.o, v.p
	switch o.State {
	case order.Confirmed, order.Refused, order.Expired:
		return p.T("orders.charged.nothing")
	case order.Unknown, order.NeedsHuman, order.NotFound:
		if o.Request.Payment == order.DeductAtOnce || o.PaySends > 0 {
			return p.T("orders.charged.possibly")
		}
		return p.T("orders.charged.nothing.yet")
	case order.Cancelled:
		if o.Amount == nil {
			return p.T("orders.charged.nothing")
		}
		return p.T("orders.charged.unpaid", "Amount", v.what.Money(*o.Amount))
	case order.AwaitingPayment:
		return p.T("orders.charged.unpaid", "Amount", v.what.Amount(o.Amount))
	case order.Closed:
		if o.Reason.ID == "order.closed.unpaid" {
			return p.T("orders.charged.unpaid", "Amount", v.what.Amount(o.Amount))
		}
		return p.T("orders.charged.closed", "Amount", v.what.Amount(o.Amount))
	case order.Paying:
		return p.T("orders.charged.paying", "Amount", v.what.Amount(o.Amount))
	}
	return v.what.Amount(o.Amount)
}

// expires is the earliest end of what was delivered.
func (v orderView) expires() string {
	var first time.Time
	for _, d := range v.o.Delivered {
		if !d.Expires.IsZero() && (first.IsZero() || d.Expires.Before(first)) {
			first = d.Expires
		}
	}
	if first.IsZero() {
		return ""
	}
	if v.o.Request.AutoRenew {
		return v.p.T("orders.expires.renews", "Day", v.p.Date(first))
	}
	return v.p.Date(first)
}

// cloud is what exactly the cloud said, for a fold.
func (v orderView) cloud() *orders.CloudModel {
	o, p := v.o, v.p
	var f []ui.Pair
	add := func(id, value string) {
		if value != "" {
			f = append(f, ui.Pair{Key: p.T(id), Value: value, Mono: true})
		}
	}
	if o.Code == "" && o.Detail == "" && o.State != order.Unknown {
		return nil
	}
	add("orders.cloud.code", o.Code)
	add("orders.cloud.request", o.RequestID)
	add("orders.cloud.detail", o.Detail)
	if len(f) == 0 {
		return nil
	}
	return &orders.CloudModel{Facts: f}
}

// reason words why the order is where it is; a zero reason is "".
func (v orderView) reason() string { return wording.Say(v.p, v.o.Reason) }
