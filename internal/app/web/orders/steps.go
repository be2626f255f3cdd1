package orders

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sampan/internal/app/order"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/buy"
	"sampan/web/templates/orders"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// steps are the timeline: recorded → sent → order number → amount → paid →
// n of m → ready. Whatever else happened stands where it happened.
func (v orderView) steps() []orders.Step {
	s := []orders.Step{v.recorded()}
	switch v.o.State {
	case order.Confirmed:
		return append(s, v.queued(), v.todo("orders.step.number"), v.todo("orders.step.amount"), v.todo("orders.step.ready"))
	case order.Expired:
		return append(s,
			v.failed("orders.step.expired", cmp.Or(v.reason(), v.lead()), v.again(v.p.T("orders.again"), "restart", "", ui.Primary)))
	case order.Cancelled:
		if v.o.CloudOrderID == "" {
			return append(s, v.cancelled("orders.step.cancelled.unsent"))
		}
	case order.Sending:
		return append(append(s, v.sending()...), v.todo("orders.step.number"), v.todo("orders.step.amount"), v.todo("orders.step.ready"))
	}
	s = append(s, v.wasSent()...)
	switch v.o.State {
	case order.Refused:
		return append(s, v.refused())
	case order.Unknown:
		return append(s, v.noAnswer(ui.Ask), v.looking(), v.then())
	case order.NeedsHuman:
		return append(s, v.inDoubt(), v.decide())
	case order.NotFound:
		return append(s, v.noAnswer(ui.Ask), v.notFound())
	}
	if v.o.State == order.Closed && v.o.CloudOrderID == "" {
		return append(s, v.inDoubt(), v.closed())
	}
	if v.was(order.Unknown) {
		s = append(s, v.noAnswer(ui.Done))
	}
	return append(s, v.afterNumber()...)
}

// afterNumber are the steps from the order number on.
func (v orderView) afterNumber() []orders.Step {
	s := []orders.Step{v.number()}
	switch v.o.State {
	case order.Ordered:
		return append(s, v.readingAmount(), v.todo("orders.step.paid"), v.todo("orders.step.ready"))
	case order.AwaitingPayment:
		return append(append(s, v.payFailed()...), v.awaiting(), v.todo("orders.step.delivering"), v.todo("orders.step.ready"))
	}
	if v.o.Amount != nil {
		s = append(s, v.amount())
	}
	switch v.o.State {
	case order.Cancelled:
		return append(s, v.cancelled("orders.step.cancelled.unpaid"))
	case order.Closed:
		if !v.o.PaidAt.IsZero() || v.was(order.Delivering) {
			s = append(s, v.paid())
		}
		return append(s, v.closed())
	case order.Paying:
		return append(s, v.paying(), v.todo("orders.step.delivering"), v.todo("orders.step.ready"))
	}
	s = append(s, v.paid())
	switch v.o.State {
	case order.Delivering:
		return append(s, v.delivering(), v.todo("orders.step.ready"))
	case order.PartlyDelivered:
		s = append(s, v.partly())
		if len(v.o.Delivered) > 0 {
			s = append(s, v.usable())
		}
		return s
	}
	return append(s, v.delivered(), v.usable())
}

// step makes a step; a zero moment shows no time.
func (v orderView) step(state, title, sentence string, at time.Time) orders.Step {
	s := ui.Step{State: state, Title: title, Text: sentence}
	if !at.IsZero() {
		s.Time, s.At = v.p.Clock(at), wording.ISO(at)
		if at.In(v.p.Location()).Format(time.DateOnly) != v.o.CreatedAt.In(v.p.Location()).Format(time.DateOnly) {
			s.Time = v.p.DateTime(at)
		}
	}
	return orders.Step{Step: s}
}

func (v orderView) todo(id string) orders.Step { return v.step(ui.Todo, v.p.T(id), "", time.Time{}) }

// event finds the first line of the timeline that led to a state.
func (v orderView) event(states ...order.State) (order.Event, bool) {
	for _, e := range v.events {
		for _, s := range states {
			if e.State == s {
				return e, true
			}
		}
	}
	return order.Event{}, false
}

func (v orderView) was(s order.State) bool { _, ok := v.event(s); return ok }

// at is when a state was reached: by its event, or by the row if it is the
// current one.
func (v orderView) at(s order.State) time.Time {
	if e, ok := v.event(s); ok {
		return e.At
	}
	if v.o.State == s {
		return v.o.StateAt
	}
	return time.Time{}
}

// by names who did it; "" for the console itself.
func (v orderView) by(s order.State) string {
	e, ok := v.event(s)
	if !ok || e.Person == "" {
		return ""
	}
	return v.p.T("orders.step.by", "Person", text.Name(e.Person))
}

func (v orderView) recorded() orders.Step {
	return v.step(ui.Done, v.p.T("orders.step.recorded"), v.p.T("orders.step.by", "Person", text.Name(v.o.PersonName)), v.o.CreatedAt)
}

func (v orderView) queued() orders.Step {
	s := v.step(ui.Now, v.p.T("orders.step.queued"), v.p.T("orders.step.queued.text", "When", v.p.Time(v.o.ExpiresAt)), time.Time{})
	if r := v.reason(); r != "" {
		s.Text = v.p.T("orders.step.queued.waits", "Why", r, "When", v.p.Time(v.o.ExpiresAt))
	}
	s.Posts = []orders.Post{v.cancel(v.p.T("orders.cancel.queued"))}
	return s
}

func (v orderView) cancel(label string) orders.Post {
	return orders.Post{URL: v.path() + "/cancel", Needs: orders.NeedsBuy, Fields: []orders.Hidden{v.rev()},
		Button: ui.Action{Label: label, Submit: true, Big: v.o.State == order.AwaitingPayment, Busy: v.p.T("orders.cancel.busy")}}
}

func (v orderView) rev() orders.Hidden {
	return orders.Hidden{Name: "rev", Value: strconv.FormatInt(v.o.Rev, 10)}
}

// sending is what is on the wire now; or, after a refusal that proves that
// nothing was ordered, what waits to be sent once more.
func (v orderView) sending() []orders.Step {
	last := order.Event{}
	if n := len(v.events); n > 0 {
		last = v.events[n-1]
	}
	switch last.Message.ID {
	case "order_event.throttled", "order_event.respelled":
		return append(v.wasSent(), v.step(ui.Now, v.p.T("orders.step.repeat"), wording.Say(v.p, last.Message), time.Time{}))
	case "order_event.repeated":
		return append(v.wasSent(), v.step(ui.Now, v.p.T("orders.step.sending"), v.p.T("orders.step.sending.once.more"), time.Time{}))
	}
	return []orders.Step{v.step(ui.Now, v.p.T("orders.step.sending"), v.p.T("orders.step.sending.text"), time.Time{})}
}

// wasSent is the step that says that the purchase was sent. There is none for a
// purchase that was not begun here or was refused before a byte left. Of one that
// a stop or an older database interrupted it says that sending began.
func (v orderView) wasSent() []orders.Step {
	if e, ok := v.eventWith("order_event.recalled"); ok {
		return []orders.Step{v.step(ui.Done, wording.Say(v.p, e.Message), "", e.At)}
	}
	if !v.sent() {
		return nil
	}
	at := v.o.SentAt
	if e, ok := v.event(order.Sending); ok {
		at = e.At // by our clock, like all other times; SentAt is by the cloud's
	}
	title := "orders.step.sent"
	if _, cut := v.eventWith("order.unknown.interrupted", "order.unknown.restored"); cut && v.o.CloudOrderID == "" {
		title = "orders.step.began"
	}
	return []orders.Step{v.step(ui.Done, v.p.T(title), "", at)}
}

// eventWith finds the first line of the timeline with one of the messages; it also
// reports true when the order's reason is one of them.
func (v orderView) eventWith(ids ...string) (order.Event, bool) {
	i := slices.IndexFunc(v.events, func(e order.Event) bool { return slices.Contains(ids, e.Message.ID) })
	if i < 0 {
		return order.Event{}, slices.Contains(ids, v.o.Reason.ID)
	}
	return v.events[i], true
}

func (v orderView) failed(id, sentence string, posts ...orders.Post) orders.Step {
	s := v.step(ui.Failed, v.p.T(id), sentence, v.at(v.o.State))
	s.Posts = posts
	return s
}

func (v orderView) cancelled(id string) orders.Step {
	sentence := v.by(order.Cancelled)
	if r := v.reason(); r != "" {
		sentence = r
	}
	return v.failed(id, sentence, v.again(v.p.T("orders.again"), "restart", "", ui.Primary))
}

// refused says what Huawei said in our words, and offers what may help against
// it: other choices, or a look at the account that was refused.
func (v orderView) refused() orders.Step {
	title := v.reason()
	if title == "" {
		title = v.p.T("orders.step.refused")
	}
	s := v.step(ui.Failed, title, "", v.at(order.Refused))
	if v.o.Code != "" {
		s.Text = v.p.T("orders.step.refused.code", "Code", v.o.Code)
	}
	switch v.o.Reason.ID {
	case "order.refused.login", "order.refused.permission", "order.refused.path":
		s.Links = []ui.Action{{Label: v.p.T("buy.cannot.see"), Icon: "key", Href: "/accounts/" + v.o.AccountID}}
	case "order.refused.quota", "order.refused.busy", "order.refused.unreachable", "cloud.token.ended": // with any size, in any region
	default:
		if v.unsent { // likewise
			break
		}
		s.Posts = []orders.Post{
			v.again(v.p.T("orders.again.size"), "", buy.StepSize, ui.Plain),
			v.again(v.p.T("orders.again.region"), "", buy.StepRegion, ui.Plain),
		}
	}
	s.Posts = append(s.Posts, v.again(v.p.T("orders.again"), "restart", "", ui.Primary))
	s.After = v.p.T("orders.again.kept")
	return s
}

func (v orderView) noAnswer(state string) orders.Step {
	p := v.p
	s := v.step(state, p.T("orders.step.unknown"), p.T("orders.step.unknown.text"), v.at(order.Unknown))
	switch restarted := v.o.NeverSent(); {
	case state == ui.Done && restarted:
		s.Title, s.Text = p.T("orders.step.restarted"), p.T("orders.step.restarted.found")
	case state == ui.Done:
		s.Title, s.Text = p.T("orders.step.unknown.found"), p.T("orders.step.unknown.found.text")
	case restarted:
		s.Title = p.T("orders.step.restarted")
	}
	if r := v.reason(); r != "" && v.o.State == order.Unknown {
		s.Text = r
	}
	return s
}

// inDoubt is what there is to decide about: a purchase without a clear answer, or
// the number in an answer that Huawei's billing does not have.
func (v orderView) inDoubt() orders.Step {
	if v.was(order.Unknown) || v.o.AnsweredOrder == "" {
		return v.noAnswer(ui.Ask)
	}
	s := v.step(ui.Ask, v.p.T("orders.step.answered"), v.o.AnsweredOrder, v.at(order.Ordered))
	s.Mono = true
	return s
}

// looking says what was checked, what comes next and when it ends.
func (v orderView) looking() orders.Step {
	o, p := v.o, v.p
	sentence := p.T("orders.step.looking.first")
	switch {
	case o.Checks > 0 && len(v.openCandidates()) > 0:
		sentence = p.N("orders.step.not.found.text", o.Checks) // something was found
	case o.Checks > 0:
		sentence = p.N("orders.step.looking.checked", o.Checks)
	}
	if !o.NextCheckAt.IsZero() {
		sentence += " " + p.T("orders.step.looking.next", "When", p.Clock(o.NextCheckAt))
	}
	if !o.CheckUntil.IsZero() {
		sentence += " " + p.T("orders.step.looking.last", "When", p.Clock(o.CheckUntil))
	}
	s := v.step(ui.Now, p.T("orders.step.looking"), sentence, time.Time{})
	s.Icon, s.Bar = "search", &ui.BarModel{Label: p.T("orders.step.looking")}
	return s
}

// then says what each result will mean.
func (v orderView) then() orders.Step {
	o, p := v.o, v.p
	s := v.step(ui.Todo, p.T("orders.step.then"), p.T("orders.step.then.text"), time.Time{})
	if o.PossiblyPaid() {
		s.Text = p.T("orders.step.then.deduct")
	}
	s.After = p.T("orders.step.then.none")
	return s
}

func (v orderView) decide() orders.Step {
	s := v.step(ui.Now, v.p.T("orders.step.decide"), "", v.at(order.NeedsHuman))
	switch n := len(v.openCandidates()); {
	case n > 0 && (v.o.Reason.Zero() || v.o.Reason.ID == "order.human"):
		s.Text = v.p.N("orders.step.decide.text", n)
	case len(v.o.Candidates) > 0: // else it stands above, in their place
		s.Text = v.reason()
	}
	s.Icon = "user"
	return s
}

func (v orderView) notFound() orders.Step {
	o, p := v.o, v.p
	s := v.step(ui.Failed, p.T("orders.step.not.found"), p.N("orders.step.not.found.text", o.Checks), v.at(order.NotFound))
	if o.Checks == 0 {
		s.Text = ""
	}
	switch r := v.reason(); {
	case len(v.openCandidates()) > 0: // an order was found later
		s.Title = p.T("orders.step.not.found.first")
	case r != "":
		s.Text = strings.TrimSpace(r + " " + v.by(order.NotFound))
	}
	if !o.Final() && !o.CheckUntil.IsZero() {
		s.After = p.T("orders.step.not.found.watch", "When", p.Near(o.CheckUntil, p.Now()))
		if !o.NextCheckAt.IsZero() {
			s.After += " " + p.T("orders.step.looking.next.near", "When", p.Near(o.NextCheckAt, p.Now()))
		}
	}
	s.Posts = []orders.Post{v.again(p.T("orders.again"), "restart", "", ui.Primary)}
	if !o.Final() {
		s.Posts = append(s.Posts, orders.Post{URL: v.path() + "/check",
			Button: ui.Action{Label: p.T("orders.check"), Icon: "search", Submit: true, Busy: p.T("orders.check.busy")}})
	}
	return s
}

func (v orderView) number() orders.Step {
	at := v.at(order.Ordered)
	for _, e := range v.events { // another one may have been answered, or chosen, before
		if e.State == order.Ordered && e.Message.Values["CloudOrder"] == v.o.CloudOrderID {
			at = e.At
		}
	}
	s := v.step(ui.Done, v.p.T("orders.step.number"), v.o.CloudOrderID, at)
	s.Mono = true
	return s
}

func (v orderView) readingAmount() orders.Step {
	if v.unseen() {
		return v.step(ui.Now, v.p.T("orders.step.amount.unseen"), v.reason(), time.Time{})
	}
	s := v.step(ui.Now, v.p.T("orders.step.amount.reading"), v.p.T("orders.step.amount.reading.text"), time.Time{})
	s.After = v.reason()
	return s
}

// payFailed is the step of a payment that failed; none when none did.
func (v orderView) payFailed() []orders.Step {
	failed := v.o.PayFailed()
	if failed == order.NoRefusal {
		return nil
	}
	s := v.step(ui.Failed, wording.PayFailed(v.p, failed), "", v.failedAt())
	if v.o.Code != "" {
		s.Text = v.p.T("orders.step.refused.code", "Code", v.o.Code)
	}
	return []orders.Step{s}
}

// awaiting is the step at which a person pays: the amount, how it came about,
// and the button that carries it.
func (v orderView) awaiting() orders.Step {
	o, p := v.o, v.p
	if o.Amount == nil {
		s := v.step(ui.Now, p.T("orders.step.amount.reading"), p.T("orders.step.amount.unread"), time.Time{})
		s.Posts, s.After = v.cancelPosts(), v.reason()
		return s
	}
	s := v.step(ui.Now, p.T("orders.step.price"), v.priceText(), time.Time{})
	s.Money, s.Icon = v.what.Money(*o.Amount), "coin"
	switch {
	case !o.CancelAskedAt.IsZero():
		s.After = p.T("orders.step.cancel.asked", "Person", text.Name(o.CancelAskedBy), "When", p.Clock(o.CancelAskedAt))
	case !o.PayAskedAt.IsZero():
		s.After = p.T("orders.step.pay.asked", "Person", text.Name(o.PayAskedBy), "When", p.Clock(o.PayAskedAt))
	default:
		s.Posts = append([]orders.Post{v.pay()}, v.cancelPosts()...)
		s.After = v.whyAsked()
	}
	return s
}

func (v orderView) cancelPosts() []orders.Post {
	return []orders.Post{v.cancel(v.p.T("orders.cancel.unpaid"))}
}

// priceText is list price, discount and the balance afterwards, as far as known.
func (v orderView) priceText() string {
	o, p := v.o, v.p
	s := ""
	if off := o.Official; off != nil && off.Currency == o.Amount.Currency && off.Amount.GreaterThan(o.Amount.Amount) {
		s = p.T("orders.step.price.list", "List", v.what.Money(*off),
			"Discount", p.Money(off.Amount.Sub(o.Amount.Amount), off.Currency)) + " "
	}
	b := v.balance
	if o.PayFailed() != order.NoRefusal { // what would be left contradicts that nothing was taken
		return strings.TrimSpace(s)
	}
	if b == nil || b.Currency != o.Amount.Currency {
		return s + p.T("orders.step.price.balance.unknown")
	}
	if after := b.Amount.Sub(o.Amount.Amount); !after.IsNegative() {
		return s + p.T("orders.step.price.balance", "Balance", p.Money(after, b.Currency))
	}
	return s + p.T("orders.step.price.short", "Balance", v.what.Money(*b))
}

// whyAsked says why a purchase that should pay by itself asks, and until when
// it may be paid.
func (v orderView) whyAsked() string {
	o, p := v.o, v.p
	s := v.reason()
	if o.PayFailed() != order.NoRefusal {
		s = "" // it stands above, with its time
	}
	if limit := o.Request.Cap; s == "" && o.Request.Payment == order.AtMost && limit != nil {
		switch {
		case limit.Currency != o.Amount.Currency:
			s = p.T("orders.step.atmost.currency", "Cap", v.what.Money(*limit))
		case o.Amount.Amount.GreaterThan(limit.Amount):
			s = p.T("orders.step.atmost.more", "Cap", v.what.Money(*limit))
		}
	}
	if s != "" && !o.PayBy.IsZero() {
		s += " "
	}
	if !o.PayBy.IsZero() {
		s += p.T("orders.step.payby", "When", p.Near(o.PayBy, p.Now()))
	}
	return s
}

// pay is the button that spends. It carries the amount and sends it along, so
// that nothing else can be paid by it.
func (v orderView) pay() orders.Post {
	o, p := v.o, v.p
	label := "orders.pay"
	switch again := o.PayFailed() != order.NoRefusal; {
	case again && o.Sandbox:
		label = "orders.pay.again.play"
	case again:
		label = "orders.pay.again"
	case o.Sandbox:
		label = "orders.pay.play"
	}
	return orders.Post{URL: v.path() + "/pay", Needs: orders.NeedsBuy,
		Fields: []orders.Hidden{{Name: "amount", Value: o.Amount.Amount.String()}, {Name: "currency", Value: o.Amount.Currency}, v.rev()},
		Money:  &ui.MoneyAction{Label: p.T(label, "Amount", v.what.Money(*o.Amount)), Sandbox: o.Sandbox, Busy: p.T("orders.pay.busy")}}
}

func (v orderView) amount() orders.Step {
	s := v.step(ui.Done, v.p.T("orders.step.price"), "", v.at(order.AwaitingPayment))
	s.Money = v.what.Money(*v.o.Amount)
	return s
}

func (v orderView) closed() orders.Step {
	s := v.failed("orders.step.closed", v.p.T("orders.step.closed.text", "Status", v.status()),
		v.again(v.p.T("orders.again"), "restart", "", ui.Plain))
	if e, ok := v.event(order.Closed); ok && v.declared() && e.Person != "" {
		s.Title, s.Text = v.p.T("orders.step.closed.here", "Person", text.Name(e.Person)), ""
	}
	return s
}

func (v orderView) paying() orders.Step {
	w := payingWords[v.payment()]
	s := v.step(ui.Now, v.p.T(w.title), v.p.T(w.text, "Amount", v.what.Amount(v.o.Amount)), v.at(order.Paying))
	if r := v.reason(); r != "" {
		s.After = r
	}
	if v.mayClose() {
		s.Text, s.After = s.After, v.p.T("orders.close.paying")
		s.Posts = []orders.Post{v.close()}
	}
	return s
}

// close is the button that ends an order that billing does not show.
func (v orderView) close() orders.Post {
	return orders.Post{URL: v.path() + "/close", Needs: orders.NeedsDecide, Button: ui.Action{Label: v.p.T("orders.close"), Submit: true}}
}

// paid says who or what paid: a person, the console, Huawei's deduction, or
// somebody outside the console.
func (v orderView) paid() orders.Step {
	o, p := v.o, v.p
	at := o.PaidAt
	if at.IsZero() {
		at = v.at(order.Delivering)
	}
	sentence := p.T("orders.step.paid.elsewhere", "Account", text.Name(v.account.Label))
	switch {
	case o.Request.Payment == order.DeductAtOnce:
		sentence = p.T("orders.step.paid.deducted", "Account", text.Name(v.account.Label))
	case v.payer() != "":
		sentence = p.T("orders.step.paid.by", "Person", text.Name(v.payer()), "Account", text.Name(v.account.Label))
	case o.PaySends > 0 && o.Request.Payment == order.AtMost && o.Cap != nil:
		sentence = p.T("orders.step.paid.atmost", "Cap", v.what.Money(*o.Cap), "Account", text.Name(v.account.Label))
	case o.PaySends > 0:
		sentence = p.T("orders.step.paid.console", "Account", text.Name(v.account.Label))
	}
	s := v.step(ui.Done, p.T("orders.step.paid"), sentence, at)
	if o.Amount != nil {
		s.Money = v.what.Money(*o.Amount)
	}
	return s
}

// payer is who pressed Pay last; "" when no one did.
func (v orderView) payer() string {
	who := ""
	for _, e := range v.events {
		if e.Message.ID == "order_event.pay" && e.Person != "" {
			who = e.Person
		}
	}
	return who
}

func (v orderView) delivering() orders.Step {
	o, p := v.o, v.p
	s := v.step(ui.Now, p.N("orders.step.ready.of", o.Request.Quantity, "Ready", o.Standing()), p.T("orders.step.delivering.text"),
		time.Time{})
	s.Bar = &ui.BarModel{Value: o.Standing(), Max: o.Request.Quantity, Tone: ui.Moving, Label: p.T("orders.step.bar"), Fat: true}
	if r := v.reason(); r != "" {
		s.Text = r
	}
	if o.CloudStatus != 0 {
		s.After = p.T("orders.step.delivering.read", "Status", v.status(), "When", p.Near(o.CloudReadAt, p.Now()))
	}
	return s
}

func (v orderView) partly() orders.Step {
	s := v.step(ui.Ask, v.p.N("orders.step.delivered.of", v.o.Request.Quantity, "Delivered", len(v.o.Delivered)),
		v.p.T("orders.step.partly.text"), v.at(order.PartlyDelivered))
	if r := v.reason(); r != "" {
		s.Text = r
	}
	s.Bar = &ui.BarModel{Value: len(v.o.Delivered), Max: v.o.Request.Quantity, Tone: ui.Caution, Label: v.p.T("orders.step.bar"), Fat: true}
	return s
}

func (v orderView) delivered() orders.Step {
	return v.step(ui.Done, v.p.N("orders.step.delivered.of", v.o.Request.Quantity, "Delivered", len(v.o.Delivered)), v.reason(),
		v.at(order.Delivered))
}

// usable is the last step: every server is ready, with its address.
// Until then it says how many do.
func (v orderView) usable() orders.Step {
	o, p := v.o, v.p
	n, of := o.Standing(), len(o.Delivered)
	if n == of && o.State == order.PartlyDelivered { // what is missing is not
		return v.step(ui.Done, p.N("orders.step.ready.of", o.Request.Quantity, "Ready", n), p.T("orders.step.ready.text"), time.Time{})
	}
	if n == of {
		return v.step(ui.Done, p.T("orders.step.ready"), p.T("orders.step.ready.text"), v.stoodAt())
	}
	s := v.step(ui.Now, p.T("orders.step.starting"), p.N("orders.step.starting.text", of, "Ready", n), time.Time{})
	s.Bar = &ui.BarModel{Value: n, Max: of, Tone: ui.Moving, Label: p.T("orders.step.bar"), Fat: true}
	if v.o.Final() && !v.o.Followed { // the console has stopped looking
		s.State, s.Bar.Tone = ui.Ask, ui.Caution
		s.Title, s.Text = p.T("orders.step.unseen"), p.T("orders.step.unseen.text", "N", n, "Of", of)
	}
	return s
}
