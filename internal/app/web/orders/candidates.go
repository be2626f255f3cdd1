package orders

import (
	"cmp"
	"strings"
	"time"

	"sampan/internal/app/order"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/orders"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// openCandidates are the candidates that are neither ruled out nor cancelled.
func (v orderView) openCandidates() []order.Candidate {
	var all []order.Candidate
	for _, c := range v.o.Candidates {
		if !c.Ignored && !c.Cancelled {
			all = append(all, c)
		}
	}
	return all
}

// candidates are the orders that may be this one, for a person to decide; nil
// when there is nothing to decide.
func (v orderView) candidates() *orders.CandidatesModel {
	o, p := v.o, v.p
	if !v.mayDecide() && (o.State != order.Ordered || len(o.Candidates) == 0) || o.State == order.NotFound && len(o.Candidates) == 0 {
		return nil
	}
	n := cmp.Or(len(v.openCandidates()), len(o.Candidates)) // when all are ruled out, the title counts those
	m := &orders.CandidatesModel{Title: p.N("orders.candidates", n), Text: p.N("orders.candidates.text", n)}
	none := orders.Post{URL: v.path() + "/none", Needs: orders.NeedsDecide, Fields: []orders.Hidden{v.rev()},
		Button: ui.Action{Label: p.N("orders.candidates.none", n), Submit: true}}
	switch {
	case o.State == order.Ordered:
		m.Title, m.Text = p.N("orders.candidates.beside", n), p.T("orders.candidates.beside.text")
	case o.State == order.NotFound:
		m.Title, m.Text = p.N("orders.candidates.late", n), p.N("orders.candidates.late.text", n)
	case v.mayClose():
		post := v.close()
		m.None, m.Note = &post, p.T("orders.close.text")
	default:
		m.None = &none
	}
	if v.late() {
		m.Note = p.T("orders.candidates.late.look")
	}
	if len(o.Candidates) == 0 {
		m.Title, m.Text = p.T("orders.candidates.nobody"), v.reason()
		none.Button.Label = p.T("orders.candidates.no.order")
	}
	for _, c := range o.Candidates {
		m.Rows = append(m.Rows, v.candidate(c))
	}
	return m
}

func (v orderView) candidate(c order.Candidate) orders.CandidateModel {
	p := v.p
	m := orders.CandidateModel{Number: c.CloudOrderID, Rows: v.compare(c)}
	if why := v.matches(c.Why); why != "" {
		m.Why = p.T("orders.candidate.why", "What", why)
	}
	v.decisions(c, &m)
	return m
}

// matchWords are what a candidate may have in common with the order.
var matchWords = map[string]string{
	"tag": "orders.match.tag", "name": "orders.match.name", "quantity": "orders.match.quantity",
	"period": "orders.match.period", "spec": "orders.match.spec", "time": "orders.match.time",
}

func (v orderView) matches(why []string) string {
	var names []string
	for _, w := range why {
		if id, ok := matchWords[w]; ok {
			names = append(names, v.p.T(id))
		}
	}
	return v.p.List(names...)
}

// decisions are the buttons of one candidate. Only an unpaid one can be
// cancelled.
func (v orderView) decisions(c order.Candidate, m *orders.CandidateModel) {
	p := v.p
	switch {
	case c.Cancelled:
		m.Ignored = p.T("orders.candidate.cancelled")
		return
	case c.CancelAsked:
		m.Ignored = p.T("orders.candidate.cancelling")
		return
	case c.AdoptAsked != "":
		m.Ignored = p.T("orders.candidate.adopting", "Person", text.Name(c.AdoptAsked))
		return
	case c.Ignored:
		m.Ignored = p.T("orders.candidate.ignored")
	}
	if !v.mayDecide() {
		return
	}
	post := func(path, label, kind string) orders.Post {
		return orders.Post{URL: v.path() + path, Needs: orders.NeedsDecide,
			Fields: []orders.Hidden{{Name: "order", Value: c.CloudOrderID}, v.rev()},
			Button: ui.Action{Label: label, Kind: kind, Submit: true}}
	}
	m.Posts = append(m.Posts, post("/adopt", p.T("orders.candidate.adopt"), ui.Plain))
	if c.Status == order.StatusPendingPayment {
		m.Posts = append(m.Posts, post("/cancel-found", p.T("orders.candidate.cancel"), ui.Plain))
	}
	if !c.Ignored {
		m.Posts = append(m.Posts, post("/ignore", p.T("orders.candidate.ignore"), ui.Ghost))
	}
}

// compare sets what Huawei shows of a candidate beside what was sent. A fact that
// is not known is not marked as different.
func (v orderView) compare(c order.Candidate) []orders.CompareRow {
	o, p := v.o, v.p
	r := o.Request
	row := func(id, ours, theirs string, differs bool) orders.CompareRow {
		if theirs == "" {
			theirs, differs = p.Unknown(), false
		}
		return orders.CompareRow{Key: p.T(id), Ours: ours, Theirs: theirs, Differs: differs}
	}
	return []orders.CompareRow{
		row("orders.candidate.name", text.Name(r.Name), text.Name(strings.Join(c.Names, ", ")), !v.namedLikeOurs(c)),
		row("orders.candidate.tag", tagWord(p, o.IntentTag), text.Name(c.Tag), c.Tag != o.IntentTag),
		row("orders.candidate.quantity", p.Number(r.Quantity), numberOrNone(p, c.Quantity), c.Quantity != r.Quantity),
		row("orders.candidate.spec", v.what.Size(r.Spec), v.theirSize(c), v.otherSize(c)),
		row("orders.candidate.region", v.what.Region(r.Region), v.theirRegion(c), c.Region != r.Region),
		row("orders.candidate.period", v.what.Span(r), v.theirPeriod(c),
			!order.SamePeriod(c.PeriodUnit, c.PeriodNum, r.PeriodUnit, r.PeriodNum)),
		v.compareAmount(c),
		v.compareTime(c),
		row("orders.candidate.user", "–", text.Name(c.UserName), false),
		row("orders.candidate.status", "–", wording.OrderStatus(p, c.Status), false),
	}
}

func tagWord(p *text.Printer, tag string) string {
	if tag == "" {
		return p.T("orders.none")
	}
	return text.Name(tag)
}

func numberOrNone(p *text.Printer, n int) string {
	if n == 0 {
		return ""
	}
	return p.Number(n)
}

func (v orderView) namedLikeOurs(c order.Candidate) bool {
	for _, n := range c.Names {
		if !v.o.MayBear(n) {
			return false
		}
	}
	return true
}

func (v orderView) theirSize(c order.Candidate) string {
	if c.Spec == "" {
		return ""
	}
	return v.what.Size(c.Spec)
}

// otherSize reports whether the size is surely another one: a text of billing's
// may name the same in other words.
func (v orderView) otherSize(c order.Candidate) bool {
	if v.what.Catalog == nil || c.Spec == v.o.Request.Spec {
		return false
	}
	_, listed := v.what.Catalog.Spec(c.Spec)
	return listed
}

func (v orderView) theirRegion(c order.Candidate) string {
	if c.Region == "" {
		return ""
	}
	return v.what.Region(c.Region)
}

func (v orderView) theirPeriod(c order.Candidate) string {
	if c.PeriodNum == 0 {
		return ""
	}
	return v.what.Period(order.Request{PeriodUnit: c.PeriodUnit, PeriodNum: c.PeriodNum})
}

// compareAmount sets the amount beside the price that is known for ours.
func (v orderView) compareAmount(c order.Candidate) orders.CompareRow {
	p := v.p
	r := orders.CompareRow{Key: p.T("orders.candidate.amount"), Ours: p.Unknown(), Theirs: v.what.Amount(c.Amount)}
	if v.quote != nil {
		r.Ours = p.T("orders.candidate.about", "Amount", v.what.Money(*v.quote))
		r.Differs = c.Amount != nil && (c.Amount.Currency != v.quote.Currency || !c.Amount.Amount.Equal(v.quote.Amount))
	}
	return r
}

// compareTime sets the times beside each other, with the difference.
func (v orderView) compareTime(c order.Candidate) orders.CompareRow {
	o, p := v.o, v.p
	at := o.SentAt
	if o.NeverSent() {
		at = o.CreatedAt
	}
	r := orders.CompareRow{Key: p.T("orders.candidate.created"), Ours: p.Exact(at), Theirs: p.Unknown()}
	if c.CreatedAt.IsZero() {
		return r
	}
	d := c.CreatedAt.Sub(at)
	r.Theirs, r.Differs = p.Exact(c.CreatedAt), d < -2*time.Minute || d > 10*time.Minute
	switch d = d.Round(time.Second); {
	case d > 0:
		r.Note = p.T("orders.candidate.later", "Time", p.Duration(d))
	case d < 0:
		r.Note = p.T("orders.candidate.earlier", "Time", p.Duration(-d))
	}
	return r
}
