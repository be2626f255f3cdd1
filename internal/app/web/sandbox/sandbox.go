package sandbox

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
	"sampan/web/templates/sandbox"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Pages are the controls of the simulated cloud.
type Pages struct {
	Sandbox   Cloud // nil where there is none
	Accounts  Accounts
	Persons   Persons
	Instances Instances
	Frames    page.Frames
	Notes     *page.Notes
}

// Accounts are the cloud accounts (account.Service).
type Accounts interface {
	List(ctx context.Context, by person.Actor) ([]account.Account, error)
	// OpenSandbox connects the simulated cloud with so many example servers, if it is
	// not connected yet.
	OpenSandbox(ctx context.Context, by person.Actor, control account.SandboxControl, label string, fleet int) error
}

// Persons keep which accounts a person looks at (person.Service).
type Persons interface {
	SetScope(ctx context.Context, by person.Actor, scope string) error
}

// Instances read the simulated servers again (instance.Service).
type Instances interface {
	Refresh(ctx context.Context, by person.Actor, accountID string) error // in the background
}

// There reports whether there is a simulated cloud.
func (h Pages) There() bool { return h.Sandbox != nil }

// mishap is one way in which the next purchase can go, in plain words, and what
// the simulated cloud is told for it.
type mishap struct {
	key         string
	title, text string // message ids
	faults      []Fault
}

// mishapGroup is mishaps of one kind.
type mishapGroup struct {
	title   string
	mishaps []mishap
}

// mishaps is everything the page offers. The kinds are those of package cloudsim.
var mishaps = []mishapGroup{
	{"sandbox.group.refused", []mishap{
		{"sold-out", "sandbox.soldout", "sandbox.soldout.text", []Fault{{Call: "purchase", Kind: "sold_out"}}},
		{"throttled", "sandbox.throttled", "sandbox.throttled.text", []Fault{{Call: "purchase", Kind: "throttle", RetryAfter: 5}}},
		{"no-balance", "sandbox.nobalance", "sandbox.nobalance.text", []Fault{{Call: "pay", Kind: "no_balance"}}},
	}},
	{"sandbox.group.lost", []mishap{
		{"lost-after", "sandbox.lostafter", "sandbox.lostafter.text", []Fault{{Call: "purchase", Kind: "drop_after"}}},
		{"lost-before", "sandbox.lostbefore", "sandbox.lostbefore.text", []Fault{{Call: "purchase", Kind: "drop_before"}}},
		{"late", "sandbox.late", "sandbox.late.text", []Fault{{Call: "purchase", Kind: "drop_after"}, {Call: "purchase", Kind: "late", Delay: 90 * time.Second}}},
		{"invisible", "sandbox.invisible", "sandbox.invisible.text", []Fault{{Call: "purchase", Kind: "drop_after"}, {Call: "purchase", Kind: "invisible"}}},
		{"twins", "sandbox.twins", "sandbox.twins.text", []Fault{{Call: "purchase", Kind: "drop_after"}, {Call: "purchase", Kind: "extra_order"}}},
		{"garbled", "sandbox.garbled", "sandbox.garbled.text", []Fault{{Call: "purchase", Kind: "garble"}}},
		{"proxy", "sandbox.proxy", "sandbox.proxy.text", []Fault{{Call: "purchase", Kind: "html_502"}}},
		{"pay-lost", "sandbox.paylost", "sandbox.paylost.text", []Fault{{Call: "pay", Kind: "drop_after"}}},
	}},
	{"sandbox.group.delivery", []mishap{
		{"partial", "sandbox.partial", "sandbox.partial.text", []Fault{{Call: "purchase", Kind: "partial"}}},
		{"stuck", "sandbox.stuck", "sandbox.stuck.text", []Fault{{Call: "purchase", Kind: "stuck"}}},
		{"fails", "sandbox.fails", "sandbox.fails.text", []Fault{{Call: "purchase", Kind: "order_fails"}}},
	}},
	{"sandbox.group.slow", []mishap{
		{"slow", "sandbox.slow", "sandbox.slow.text", []Fault{{Call: "purchase", Kind: "delay", Delay: 15 * time.Second}}},
		{"down", "sandbox.down", "sandbox.down.text", []Fault{{Call: "*", Kind: "status", Status: 503, Times: 30}}},
	}},
}

func mishapOf(key string) (mishap, bool) {
	for _, g := range mishaps {
		for _, m := range g.mishaps {
			if m.key == key {
				return m, true
			}
		}
	}
	return mishap{}, false
}

// Show is the Sandbox's page: GET /sandbox. Without a Sandbox it is 404; where the
// Sandbox does not answer, the page says so.
func (h Pages) Show(c echo.Context) error {
	return h.page(c, http.StatusOK, sandbox.Model{}, "")
}

func (h Pages) page(c echo.Context, status int, m sandbox.Model, chosen string) error {
	if h.Sandbox == nil {
		return echo.ErrNotFound
	}
	account, err := h.enter(c)
	if err != nil {
		return err
	}
	if account == "" {
		return page.GoTo(c, "/accounts") // it is not connected; that page offers to connect it
	}
	p := visit.Printer(c)
	f, err := h.Frames.Frame(c, p.T("sandbox.title"), layout.Sandbox)
	if err != nil {
		return err
	}
	f.Wrong = status != http.StatusOK
	m.BuyURL = wording.BuyURL(account)
	m.Practise = visit.Actor(c).May(person.Practise)
	st, err := h.Sandbox.Status(c.Request().Context())
	if err != nil {
		why := fault.Of(err)
		if why.Kind == fault.Internal {
			return err
		}
		m.Unreachable = page.Say(c, why.Message)
		return page.Render(c, status, sandbox.Page(f, m), nil)
	}
	h.fill(p, &m, st, chosen)
	return page.Render(c, status, sandbox.Page(f, m), nil)
}

// enter shows these pages in the Sandbox's scope, whichever the person works in,
// and gives the id of its account, empty when none is connected.
func (h Pages) enter(c echo.Context) (accountID string, err error) {
	all, err := h.Accounts.List(c.Request().Context(), visit.Actor(c))
	if err != nil {
		return "", err
	}
	sc := visit.Narrow(all, visit.ScopeSandbox)
	if !sc.Sandbox {
		return "", nil
	}
	visit.SetScope(c, sc)
	return sc.Accounts[0].ID, nil
}

// ledgerLines is how much of each ledger is shown.
const ledgerLines = 30

// fill words the state of the simulated cloud for its page.
func (h Pages) fill(p *text.Printer, m *sandbox.Model, st Status, chosen string) {
	if m.Any.Calls == nil {
		m.Any = anyTyped{status: "500", times: "1"}.fields(p, nil)
	}
	if m.Days.Name == "" {
		m.Days = daysField(p, "30", "")
	}
	m.Movable, m.Now = st.Movable, p.LongDate(st.Now)+", "+p.Time(st.Now)
	delivered := 0
	for _, b := range st.Purchases {
		delivered += b.Delivered
	}
	m.Figures = []ui.Pair{
		{Key: p.T("sandbox.purchases"), Value: p.Number(len(st.Purchases))},
		{Key: p.T("sandbox.delivered"), Value: p.Number(delivered)},
	}
	for _, g := range mishaps {
		group := sandbox.Group{Title: p.T(g.title)}
		for _, x := range g.mishaps {
			group.Choices = append(group.Choices,
				sandbox.Choice{Value: x.key, Title: p.T(x.title), Text: p.T(x.text), Checked: x.key == chosen})
		}
		m.Groups = append(m.Groups, group)
	}
	m.Waiting = waiting(p, st.Waiting)
	for _, b := range st.Purchases[:min(ledgerLines, len(st.Purchases))] {
		m.Purchases = append(m.Purchases, purchaseEntry(p, b))
	}
	for _, r := range st.Requests[:min(ledgerLines, len(st.Requests))] {
		m.Requests = append(m.Requests, requestEntry(p, r))
	}
}

// waiting names the faults that wait: those of one mishap together, once.
func waiting(p *text.Printer, all []Fault) []sandbox.Fault {
	line := func(what string, f Fault) sandbox.Fault {
		return sandbox.Fault{What: what, Times: p.N("sandbox.times", max(1, f.Times))}
	}
	for _, g := range mishaps {
		for _, m := range g.mishaps {
			if len(m.faults) > 1 && slices.EqualFunc(m.faults, all, func(a, b Fault) bool { return a.Call == b.Call && a.Kind == b.Kind }) {
				return []sandbox.Fault{line(p.T(m.title), all[0])}
			}
		}
	}
	var out []sandbox.Fault
	for _, f := range all {
		out = append(out, line(faultText(p, f), f))
	}
	return out
}

// faultText names a waiting fault by the mishap it belongs to, first those that
// consist of it alone; by its own name when somebody arranged another. A status
// is always said itself: no mishap stands for all of them.
func faultText(p *text.Printer, w Fault) string {
	call := text.Name(w.Call)
	if w.Call == "*" {
		call = p.T("sandbox.any.every")
	}
	if w.Kind == "status" {
		return p.T("sandbox.any.words.status", "Call", call, "Status", strconv.Itoa(w.Status))
	}
	for _, g := range mishaps {
		for _, m := range g.mishaps {
			if len(m.faults) == 1 && m.faults[0].Call == w.Call && m.faults[0].Kind == w.Kind {
				return p.T(m.title)
			}
		}
	}
	for _, g := range mishaps {
		for _, m := range g.mishaps {
			if f := m.faults[len(m.faults)-1]; f.Call == w.Call && f.Kind == w.Kind {
				return p.T(m.title)
			}
		}
	}
	for _, k := range anyFailures {
		if k.kind == w.Kind {
			return p.T("sandbox.any.words", "Call", call, "Failure", p.T(k.title))
		}
	}
	return text.Name(w.Call + ": " + w.Kind)
}

func purchaseEntry(p *text.Printer, b Purchase) sandbox.Entry {
	e := sandbox.Entry{At: wording.ISO(b.At), Time: p.DateTime(b.At), Call: p.N("sandbox.bought", b.Quantity, "Name", text.Name(b.Name)),
		What: text.Name(b.OrderID), Shape: ui.Wait, Outcome: p.T("sandbox.unpaid", "Amount", p.MoneyText(b.Amount, b.Currency))}
	if b.Paid {
		e.Shape, e.Outcome = ui.Run, p.T("sandbox.paid", "Amount", p.MoneyText(b.Amount, b.Currency))
	}
	return e
}

func requestEntry(p *text.Printer, r Request) sandbox.Entry {
	e := sandbox.Entry{At: wording.ISO(r.At), Time: p.Clock(r.At), Call: text.Name(r.Call), What: text.Name(strings.Join(r.Faults, ", ")),
		Shape: ui.Run, Outcome: strconv.Itoa(r.Status)}
	switch {
	case r.Status == 0:
		e.Shape, e.Outcome = ui.Fault, p.T("sandbox.noanswer")
	case r.Status >= 400 || len(r.Faults) > 0:
		e.Shape = ui.Warn
	}
	return e
}

// AddFault makes the next purchase go wrong: POST /sandbox/break.
func (h Pages) AddFault(c echo.Context) error {
	if h.Sandbox == nil {
		return echo.ErrNotFound
	}
	m, ok := mishapOf(c.Request().PostFormValue("fault"))
	if !ok {
		return h.page(c, http.StatusUnprocessableEntity, sandbox.Model{FaultProblem: visit.Printer(c).T("sandbox.choose")}, "")
	}
	return h.arm(c, fault.Say("sandbox.said.broken"), m.faults...)
}

// arm replaces the failures that wait. Together they would hit the same call: a
// purchase that is sold out and whose answer gets lost shows neither failure.
func (h Pages) arm(c echo.Context, said fault.Message, faults ...Fault) error {
	ctx := c.Request().Context()
	st, err := h.Sandbox.Status(ctx)
	if err == nil && len(st.Waiting) > 0 {
		said, err = fault.Say("sandbox.said.replaced"), h.Sandbox.Mend(ctx)
	}
	if err == nil {
		err = h.Sandbox.Break(ctx, faults...)
	}
	if err != nil {
		return h.refused(c, err)
	}
	return h.done(c, said)
}

// anyFailures are those that any call can meet, as package cloudsim names them.
var anyFailures = []struct{ kind, title string }{
	{"status", "sandbox.any.status"}, {"throttle", "sandbox.any.throttle"}, {"html_502", "sandbox.any.html502"}, {"html_200", "sandbox.any.html200"},
	{"truncate", "sandbox.any.truncate"}, {"garble", "sandbox.any.garble"}, {"delay", "sandbox.any.delay"},
	{"drop_before", "sandbox.any.before"}, {"drop_after", "sandbox.any.after"},
}

// anyCalls are the calls that the console makes, as package cloudsim names them.
var anyCalls = []string{"*", "projects", "instances", "instance_count", "servers", "server", "update_server", "images", "metrics",
	"orders", "order", "resources", "price", "balance", "traffic", "purchase", "pay", "cancel"}

// How often a failure of any call happens at most, and how long a delayed answer takes.
const (
	anyMost  = 100
	anyDelay = 15 * time.Second
)

// anyTyped is what was typed into the form of a failure of any call.
type anyTyped struct{ call, kind, status, times string }

// The names of its fields, in their order.
const (
	fieldCall   = "call"
	fieldKind   = "kind"
	fieldStatus = "answer_status"
	fieldTimes  = "times"
)

// fields are the form with what was typed; the first that is wrong has the focus.
func (t anyTyped) fields(p *text.Printer, problems map[string]string) sandbox.AnyModel {
	m := sandbox.AnyModel{
		Call: ui.Field{Name: fieldCall, Label: p.T("sandbox.any.call")},
		Kind: ui.Field{Name: fieldKind, Label: p.T("sandbox.any.kind")},
		Status: ui.Field{Name: fieldStatus, Label: p.T("sandbox.any.code"), Aside: p.T("sandbox.any.code.aside"), Value: t.status,
			Type: "number", InputMode: "numeric", Min: "400", Max: "599", Short: true},
		Times: ui.Field{Name: fieldTimes, Label: p.T("sandbox.any.times"), Aside: p.T("sandbox.clock.range", "Max", anyMost),
			Value: t.times, Type: "number", InputMode: "numeric", Min: "1", Max: strconv.Itoa(anyMost), Short: true},
	}
	first := true
	for _, f := range []*ui.Field{&m.Call, &m.Kind, &m.Status, &m.Times} {
		f.Error = problems[f.Name]
		f.Focus = first && f.Error != ""
		first = first && !f.Focus
	}
	for _, call := range anyCalls {
		label := call
		if call == "*" {
			label = p.T("sandbox.any.every")
		}
		m.Calls = append(m.Calls, ui.Option{Value: call, Label: label, Chosen: call == t.call})
	}
	for _, k := range anyFailures {
		m.Kinds = append(m.Kinds, ui.Option{Value: k.kind, Label: p.T(k.title), Chosen: k.kind == t.kind})
	}
	return m
}

// fault is what was typed, and what of it is wrong, by field.
func (t anyTyped) fault(p *text.Printer) (Fault, map[string]string) {
	f, problems := Fault{Call: t.call, Kind: t.kind}, make(map[string]string)
	if !slices.Contains(anyCalls, t.call) {
		problems[fieldCall] = p.T("sandbox.any.call.wrong")
	}
	if !slices.ContainsFunc(anyFailures, func(k struct{ kind, title string }) bool { return k.kind == t.kind }) {
		problems[fieldKind] = p.T("sandbox.any.kind.wrong")
	}
	var err error
	if f.Times, err = strconv.Atoi(t.times); err != nil || f.Times < 1 || f.Times > anyMost {
		problems[fieldTimes] = p.T("sandbox.any.times.wrong", "Max", anyMost)
	}
	switch t.kind {
	case "status":
		if f.Status, err = strconv.Atoi(t.status); err != nil || f.Status < 400 || f.Status > 599 {
			problems[fieldStatus] = p.T("sandbox.any.code.wrong")
		}
	case "delay":
		f.Delay = anyDelay
	}
	return f, problems
}

// AddAnyFault makes any call fail: POST /sandbox/fault.
func (h Pages) AddAnyFault(c echo.Context) error {
	if h.Sandbox == nil {
		return echo.ErrNotFound
	}
	p, v := visit.Printer(c), func(name string) string { return strings.TrimSpace(c.Request().PostFormValue(name)) }
	t := anyTyped{call: v(fieldCall), kind: v(fieldKind), status: v(fieldStatus), times: v(fieldTimes)}
	f, problems := t.fault(p)
	if len(problems) > 0 {
		return h.page(c, http.StatusUnprocessableEntity, sandbox.Model{Any: t.fields(p, problems)}, "")
	}
	return h.arm(c, fault.Say("sandbox.said.armed", "N", strconv.Itoa(f.Times)), f)
}

// Armed says on the pages that buy in the Sandbox that a failure waits for what
// is bought: GET /sandbox/armed, which those pages ask for once they stand.
// Nothing is said when none waits, or the Sandbox does not answer.
func (h Pages) Armed(c echo.Context) error {
	if h.Sandbox == nil {
		return echo.ErrNotFound
	}
	st, err := h.Sandbox.Status(c.Request().Context())
	if err != nil || len(st.Waiting) == 0 {
		return c.NoContent(http.StatusOK)
	}
	p := visit.Printer(c)
	var names []string
	for _, w := range waiting(p, st.Waiting) {
		if !slices.Contains(names, w.What) {
			names = append(names, w.What)
		}
	}
	note := ui.Note(ui.NoteModel{Tone: ui.Sandbox, Bold: p.T("sandbox.armed"), Text: strings.Join(names, " · "),
		Actions: []ui.Action{{Label: p.T("sandbox.armed.see"), Href: "/sandbox"}}})
	return page.Render(c, http.StatusOK, note, note)
}

// refused shows what the simulated cloud answered on its page.
func (h Pages) refused(c echo.Context, err error) error {
	if f, status, ok := page.Refused(err); ok {
		return h.page(c, status, sandbox.Model{Problem: page.Say(c, f.Message)}, "")
	}
	return err
}

func (h Pages) done(c echo.Context, said fault.Message) error {
	h.Notes.Leave(c, said)
	return page.GoTo(c, "/sandbox")
}

// ClearFaults forgets the failures that wait: POST /sandbox/mend.
func (h Pages) ClearFaults(c echo.Context) error {
	if h.Sandbox == nil {
		return echo.ErrNotFound
	}
	if err := h.Sandbox.Mend(c.Request().Context()); err != nil {
		return h.refused(c, err)
	}
	return h.done(c, fault.Say("sandbox.said.mended"))
}

// daysMost is how far the simulated calendar is moved at once.
const daysMost = 366

func daysField(p *text.Printer, value, problem string) ui.Field {
	return ui.Field{
		Name: "days", Label: p.T("sandbox.clock.days"), Aside: p.T("sandbox.clock.range", "Max", daysMost),
		Value: value, Error: problem, Focus: problem != "",
		Type: "number", InputMode: "numeric", Min: "1", Max: strconv.Itoa(daysMost), Short: true, Required: true,
	}
}

// Advance moves the simulated calendar on: POST /sandbox/clock.
func (h Pages) Advance(c echo.Context) error {
	if h.Sandbox == nil {
		return echo.ErrNotFound
	}
	typed := strings.TrimSpace(c.Request().PostFormValue("days"))
	days, err := strconv.Atoi(typed)
	if err != nil || days < 1 || days > daysMost {
		p := visit.Printer(c)
		days := daysField(p, typed, p.T("sandbox.clock.wrong", "Max", daysMost))
		return h.page(c, http.StatusUnprocessableEntity, sandbox.Model{Days: days}, "")
	}
	if err := h.Sandbox.Advance(c.Request().Context(), time.Duration(days)*24*time.Hour); err != nil {
		return h.refused(c, err)
	}
	if err := h.reread(c); err != nil {
		return err
	}
	return h.done(c, fault.Say("sandbox.said.moved"))
}

// Fleet puts example servers into the simulated cloud: POST /sandbox/fleet.
func (h Pages) Fleet(c echo.Context) error {
	if h.Sandbox == nil {
		return echo.ErrNotFound
	}
	if err := h.Sandbox.Fleet(c.Request().Context(), FleetSize); err != nil {
		return h.refused(c, err)
	}
	if err := h.reread(c); err != nil {
		return err
	}
	return h.done(c, fault.Say("sandbox.said.fleet"))
}

// AskReset asks before the simulated cloud forgets everything: GET /sandbox/reset.
func (h Pages) AskReset(c echo.Context) error {
	return h.resetForm(c, http.StatusOK, "")
}

func (h Pages) resetForm(c echo.Context, status int, problem string) error {
	if h.Sandbox == nil {
		return echo.ErrNotFound
	}
	if _, err := h.enter(c); err != nil {
		return err
	}
	f, err := h.Frames.Frame(c, visit.Printer(c).T("sandbox.reset"), layout.Sandbox)
	if err != nil {
		return err
	}
	m := sandbox.ResetModel{Problem: problem}
	return page.Render(c, status, sandbox.Reset(f, m), sandbox.ResetForm(m))
}

// Reset empties the simulated cloud: POST /sandbox/reset.
func (h Pages) Reset(c echo.Context) error {
	if h.Sandbox == nil {
		return echo.ErrNotFound
	}
	if err := h.Sandbox.Reset(c.Request().Context()); err != nil {
		if f, status, ok := page.Refused(err); ok {
			return h.resetForm(c, status, page.Say(c, f.Message))
		}
		return err
	}
	if err := h.reread(c); err != nil {
		return err
	}
	return h.done(c, fault.Say("sandbox.said.reset"))
}

// reread has the simulated accounts read again.
func (h Pages) reread(c echo.Context) error {
	all, err := h.Accounts.List(c.Request().Context(), visit.Actor(c))
	if err != nil {
		return err
	}
	for _, a := range visit.Narrow(all, visit.ScopeSandbox).Accounts {
		if !a.Sandbox() {
			continue
		}
		if err := h.Instances.Refresh(c.Request().Context(), visit.Actor(c), a.ID); err != nil {
			return err
		}
	}
	return nil
}

// Open connects the simulated cloud's account, or shows it when it is connected
// already: POST /sandbox/open.
func (h Pages) Open(c echo.Context) error {
	if err := h.Connect(c, 0); err != nil {
		return err
	}
	return page.GoTo(c, "/")
}
