package overview

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/app/order"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/overview"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// items are what needs somebody in the scope: what has to be decided, what could
// not be read, the rest with the worst first; then, without a tone, what is still
// to be read.
func (h *Pages) items(c echo.Context, sc visit.Scope) ([]overview.Item, error) {
	p := visit.Printer(c)
	first, err := h.unmatched(c, sc)
	if err != nil {
		return nil, err
	}
	var bad, caution []overview.Item
	add := func(i overview.Item) {
		if i.Tone == ui.Bad {
			bad = append(bad, i)
		} else {
			caution = append(caution, i)
		}
	}
	if len(sc.Accounts) == 0 {
		return first, nil
	}
	gaps, err := h.Known.Gaps(c, sc)
	if err != nil {
		return nil, err
	}
	unread, open := unreadItems(p, sc, gaps)
	waiting, err := h.Orders.Attention(c.Request().Context(), visit.Actor(c), sc.IDs())
	if err != nil {
		return nil, err
	}
	failed, err := h.failedOrders(c, sc)
	if err != nil {
		return nil, err
	}
	short, err := h.Traffic.Short(visit.Actor(c), sc.IDs())
	if err != nil {
		return nil, err
	}
	unclear, unpaid, other := sortOrders(waiting)
	for _, o := range unclear {
		first = append(first, unclearItem(p, o))
	}
	w := h.summary(sc).troubles
	for _, i := range w.items(p) {
		add(i)
	}
	if len(unpaid) > 0 {
		add(unpaidItem(p, unpaid))
	}
	for _, o := range failed {
		add(failedItem(p, o))
	}
	for _, o := range other {
		add(otherItem(p, o))
	}
	for _, i := range trafficItems(p, short) {
		add(i)
	}
	if len(w.soon) > 0 {
		title := "overview.due.soon"
		if len(w.now) > 0 {
			title = "overview.due.soon.more"
		}
		add(dueItem(p, w.soon, ui.Caution, title, "problem:"+instance.ProblemExpiring, "expires>3d"))
	}
	if len(w.silent) > 0 {
		add(h.silentItem(p, w.silent, sc))
	}
	if len(w.missing) > 0 {
		add(serverItem(p, w.missing, ui.Caution, "search", "overview.missing", "overview.missing.text", instance.ProblemNotSeen))
	}
	return slices.Concat(first, unread, bad, caution, open), nil
}

// unmatched are the first of all items: orders at Huawei that nobody here knows, and
// payments that billing has not shown for a day.
func (h *Pages) unmatched(c echo.Context, sc visit.Scope) ([]overview.Item, error) {
	p, ctx, by := visit.Printer(c), c.Request().Context(), visit.Actor(c)
	var out []overview.Item
	found, _, err := h.Frames.Strays(ctx, by, sc)
	if err != nil {
		return nil, err
	}
	if n := len(found); n > 0 {
		out = append(out, overview.Item{Tone: ui.Bad, Icon: "warn", Title: p.N("overview.found", n),
			Text: wording.OrderNumbers(p, found) + " · " + p.N("overview.found.text", n),
			Do:   ui.Action{Label: p.T("overview.found.see"), Href: wording.FoundURL}})
	}
	if len(sc.Accounts) == 0 {
		return out, nil
	}
	waiting, err := h.Orders.Attention(ctx, by, sc.IDs())
	for _, o := range waiting {
		if o.State == order.Paying && o.MayClose() {
			out = append(out, overview.Item{Tone: ui.Bad, Icon: "warn", Title: p.T("overview.unseen", "Name", text.Name(o.Request.Name)),
				Text: wording.Say(p, o.Reason), Do: ui.Action{Label: p.T("overview.order.see"), Href: "/orders/" + o.ID}})
		}
	}
	return out, err
}

// rowsIn gives the rows of a scope.
func rowsIn(rows []*instance.Row, sc visit.Scope) []*instance.Row {
	in := make(map[string]bool, len(sc.Accounts))
	for _, a := range sc.Accounts {
		in[a.ID] = true
	}
	var all []*instance.Row
	for _, r := range rows {
		if in[r.AccountID] {
			all = append(all, r)
		}
	}
	return all
}

// failedFor is how long an order that failed counts as something to look at.
const failedFor = 24 * time.Hour

// failedOrders are the orders that Huawei refused or closed within a day.
func (h *Pages) failedOrders(c echo.Context, sc visit.Scope) ([]order.Order, error) {
	var all []order.Order
	for _, group := range []string{order.GroupProblem, order.GroupDone} {
		page, err := h.Orders.Orders(c.Request().Context(), visit.Actor(c), order.Filter{AccountIDs: sc.IDs(), State: group, Limit: 20})
		if err != nil {
			return nil, err
		}
		for _, o := range page.Rows {
			if ended := h.Now().Sub(o.StateAt); (o.State == order.Refused || o.State == order.Closed) && ended < failedFor {
				all = append(all, o)
			}
		}
	}
	return all, nil
}

func failedItem(p *text.Printer, o order.Order) overview.Item {
	i := overview.Item{Tone: ui.Caution, Icon: "receipt", Title: p.T("overview.refused", "Name", text.Name(o.Request.Name)),
		Text: cmp.Or(wording.Say(p, o.Reason), p.T("overview.other.text")),
		Do:   ui.Action{Label: p.T("overview.order.see"), Href: "/orders/" + o.ID}}
	if o.State == order.Closed {
		i.Title = p.T("overview.closed", "Name", text.Name(o.Request.Name))
	}
	return i
}

// troubles are servers with something wrong.
type troubles struct{ faulty, frozen, over, now, soon, silent, missing []*instance.Row }

// sortTroubles sorts rows by what is wrong with them, those that expire first at the
// beginning. Each list holds what the search of its item finds; a row may be in several.
func sortTroubles(rows []*instance.Row, now time.Time) troubles {
	var w troubles
	add := func(list *[]*instance.Row, is bool, r *instance.Row) {
		if is {
			*list = append(*list, r)
		}
	}
	for _, r := range rows {
		left := r.Expires.Sub(now)
		due := r.First && !r.AutoRenew && !r.Expires.IsZero()
		add(&w.faulty, r.State == instance.StateFaulty, r)
		add(&w.frozen, r.Frozen, r)
		add(&w.over, due && left < 0, r)
		add(&w.now, due && left >= 0 && left < instance.ExpiringNow, r)
		add(&w.soon, due && left >= instance.ExpiringNow && left < instance.ExpiringWithin, r)
		add(&w.silent, r.Silent, r)
		add(&w.missing, !r.NotSeenSince.IsZero(), r)
	}
	for _, list := range [][]*instance.Row{w.faulty, w.frozen, w.over, w.now, w.soon, w.silent, w.missing} {
		slices.SortFunc(list, func(a, b *instance.Row) int {
			if n := a.Expires.Compare(b.Expires); n != 0 {
				return n
			}
			return strings.Compare(a.Name, b.Name)
		})
	}
	return w
}

// items are those of the troubles that cannot wait.
func (w troubles) items(p *text.Printer) []overview.Item {
	var out []overview.Item
	if len(w.over) > 0 {
		out = append(out, dueItem(p, w.over, ui.Bad, "overview.due.over", "problem:"+instance.ProblemExpired, "autorenew:no"))
	}
	if len(w.now) > 0 {
		out = append(out, dueItem(p, w.now, ui.Bad, "overview.due.now", "problem:"+instance.ProblemExpiring, "expires<3d"))
	}
	if len(w.faulty) > 0 {
		out = append(out,
			serverItem(p, w.faulty, ui.Bad, "fail", "overview.faulty.servers", "overview.faulty.text", instance.ProblemFaulty))
	}
	if len(w.frozen) > 0 {
		out = append(out, serverItem(p, w.frozen, ui.Bad, "lock", "overview.frozen", "overview.frozen.text", instance.ProblemFrozen))
	}
	return out
}

// serverItem is several servers with the same trouble. It leads to the list of them,
// and when there is one, to its page.
func serverItem(p *text.Printer, rows []*instance.Row, tone, icon, title, sentence, problem string) overview.Item {
	var names []string
	for _, r := range rows[:min(wording.MostNamed, len(rows))] {
		names = append(names, wording.RowName(r))
	}
	if more := len(rows) - len(names); more > 0 {
		names = append(names, p.N("overview.due.more", more))
	}
	i := overview.Item{Tone: tone, Icon: icon, Title: p.N(title, len(rows)), Text: strings.Join(names, " · ") + " · " + p.T(sentence),
		Do: ui.Action{Label: p.T("overview.servers.see"), Href: wording.ServersURL("problem:" + problem)}}
	if len(rows) == 1 {
		i.Do = ui.Action{Label: p.T("overview.server.see"), Href: wording.ServerURL(rows[0])}
	}
	return i
}

// silentItem is servers that did not answer, and when that was last tried.
func (h *Pages) silentItem(p *text.Printer, rows []*instance.Row, sc visit.Scope) overview.Item {
	i := serverItem(p, rows, ui.Caution, "search", "overview.silent", "overview.silent.text", instance.ProblemSilent)
	if tried := h.Servers.Failures(sc.IDs()); len(tried) > 0 { // the newest first
		i.Text += " " + p.T("overview.silent.when", "When", p.Near(tried[0].At, p.Now()))
	}
	return i
}

// trafficItems are packages that are used up, and those that have little left. Each
// counts as many as the view that it leads to.
func trafficItems(p *text.Printer, short []meter.Line) []overview.Item {
	var out []overview.Item
	var up, low []meter.Line
	for _, l := range short {
		if l.In(meter.ViewUsedUp) {
			up = append(up, l)
		}
		if l.In(meter.ViewLow) { // those that are used up too
			low = append(low, l)
		}
	}
	if len(up) > 0 {
		out = append(out, overview.Item{Tone: ui.Bad, Icon: "traffic", Title: p.N("overview.traffic.up", len(up)),
			Text: lineNames(p, up) + " · " + p.T("overview.traffic.up.text"),
			Do:   ui.Action{Label: p.T("overview.traffic.see"), Href: wording.TrafficURL(meter.ViewUsedUp)}})
	}
	if len(low) > len(up) {
		i := overview.Item{Tone: ui.Caution, Icon: "traffic", Title: p.N("overview.traffic.low", len(low)),
			Text: lineNames(p, low) + " · " + p.T("overview.traffic.low.text"),
			Do:   ui.Action{Label: p.T("overview.traffic.see"), Href: wording.TrafficURL(meter.ViewLow)}}
		if n := slices.IndexFunc(low, func(l meter.Line) bool {
			return l.Forecast.Outlook == meter.RunsOut && l.Forecast.At.After(p.Now())
		}); n >= 0 {
			first := low[n]
			i.Text = p.T("overview.traffic.first", "Name", wording.RowInstanceName(first.Row), "Day", p.Date(first.Forecast.At)) + " " +
				p.T("overview.traffic.low.text")
		}
		out = append(out, i)
	}
	return out
}

func lineNames(p *text.Printer, lines []meter.Line) string {
	var names []string
	for _, l := range lines[:min(wording.MostNamed, len(lines))] {
		names = append(names, wording.RowInstanceName(l.Row))
	}
	if more := len(lines) - len(names); more > 0 {
		names = append(names, p.N("overview.due.more", more))
	}
	return strings.Join(names, " · ")
}

// sortOrders splits what needs somebody by what is to be done about it.
func sortOrders(all []order.Order) (unclear, unpaid, other []order.Order) {
	for _, o := range all {
		switch o.State {
		case order.Unknown, order.NeedsHuman:
			unclear = append(unclear, o)
		case order.AwaitingPayment:
			unpaid = append(unpaid, o)
		default:
			if o.State != order.Paying || !o.MayClose() { // those are among the unmatched
				other = append(other, o)
			}
		}
	}
	return unclear, unpaid, other
}

func unclearItem(p *text.Printer, o order.Order) overview.Item {
	i := overview.Item{Tone: ui.Bad, Icon: "warn", Title: p.T("overview.unclear", "Name", text.Name(o.Request.Name)),
		Text: p.T("overview.unclear.text"),
		Do:   ui.Action{Label: p.T("overview.order.see"), Href: "/orders/" + o.ID}}
	switch {
	case o.State == order.NeedsHuman:
		i.Title, i.Text = p.T("overview.human", "Name", text.Name(o.Request.Name)),
			cmp.Or(wording.Say(p, o.Reason), p.T("overview.human.text"))
	case o.NeverSent():
		i.Title, i.Text = p.T("overview.unclear.restarted", "Name", text.Name(o.Request.Name)), cmp.Or(wording.Say(p, o.Reason), i.Text)
	}
	return i
}

// unpaidItem is all unpaid orders together: their sums by currency, and the
// first date at which Huawei cancels one.
func unpaidItem(p *text.Printer, all []order.Order) overview.Item {
	i := overview.Item{Tone: ui.Caution, Icon: "receipt", Title: p.N("overview.unpaid", len(all)), Text: p.T("overview.unpaid.text"),
		Do: ui.Action{Label: p.T("overview.orders.review"), Href: "/orders"}}
	if len(all) == 1 {
		i.Do = ui.Action{Label: p.T("overview.order.see"), Href: "/orders/" + all[0].ID}
	}
	unpaid := order.SumUnpaid(all)
	if first := unpaid.First; !first.IsZero() {
		i.Text = p.N("overview.unpaid.until", len(all), "When", p.Near(first, p.Now()))
		if first.Sub(p.Now()) < 24*time.Hour {
			i.Tone = ui.Bad
		}
	}
	sayPayFailed(p, all, &i)
	if sums := sumsOf(p, unpaid); sums != "" {
		i.Text = sums + " · " + i.Text
	}
	return i
}

// sumsOf words the sums of unpaid orders; empty when there are none.
func sumsOf(p *text.Printer, unpaid order.Unpaid) string {
	var sums []string
	for _, m := range unpaid.Sums {
		sums = append(sums, p.Money(m.Amount, m.Currency))
	}
	slices.Sort(sums)
	return strings.Join(sums, " + ")
}

func otherItem(p *text.Printer, o order.Order) overview.Item {
	_, state := wording.OrderLook(p, o)
	return overview.Item{Tone: ui.Caution, Icon: "receipt", Title: p.T("overview.other", "Name", text.Name(o.Request.Name), "State", state),
		Text: cmp.Or(wording.Say(p, o.Reason), p.T("overview.other.text")),
		Do:   ui.Action{Label: p.T("overview.order.see"), Href: "/orders/" + o.ID}}
}

// dueItem is several instances whose term ends; terms are the search that finds
// them.
func dueItem(p *text.Printer, rows []*instance.Row, tone, title string, terms ...string) overview.Item {
	var names []string
	for _, r := range rows[:min(wording.MostNamed, len(rows))] {
		names = append(names, p.T("overview.due.one", "Name", wording.RowInstanceName(r), "When", p.Near(r.Expires, p.Now())))
	}
	if more := len(rows) - len(names); more > 0 {
		names = append(names, p.N("overview.due.more", more))
	}
	i := overview.Item{Tone: tone, Icon: "clock", Title: p.N(title, len(rows)),
		Text: strings.Join(names, " · ") + " · " + p.T("overview.due.after"),
		Do:   ui.Action{Label: p.T("overview.due.see"), Href: "/instances?" + url.Values{"q": {strings.Join(terms, " ")}}.Encode()}}
	if len(rows) == 1 {
		i.Do = ui.Action{Label: p.T("overview.instance.see"), Href: wording.InstanceURL(rows[0])}
	}
	return i
}

// sayPayFailed adds to the item of unpaid orders that a payment failed, if one did.
func sayPayFailed(p *text.Printer, all []order.Order, i *overview.Item) {
	var failed []order.Order
	for _, o := range all {
		if o.PayFailed() != order.NoRefusal {
			failed = append(failed, o)
		}
	}
	switch n := len(failed); {
	case n == 0:
		return
	case len(all) == 1:
		i.Title, i.Text = wording.PayFailedOf(p, failed[0]), wording.Say(p, failed[0].Reason)
	case n == 1:
		i.Text = wording.PayFailedOf(p, failed[0]) + " · " + i.Text
	default:
		i.Text = p.N("overview.unpaid.failed", n) + " · " + i.Text
	}
	i.Tone = ui.Bad
}
