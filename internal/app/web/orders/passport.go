package orders

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/order"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
	"sampan/web/templates/orders"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Passport is everything about an order that a support ticket needs:
// GET /orders/{id}/passport.
func (h Pages) Passport(c echo.Context) error {
	pass, err := h.Orders.Passport(c.Request().Context(), visit.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	m := h.passportModel(visit.Printer(c), pass)
	f, err := h.Frames.Frame(c, visit.Printer(c).T("orders.passport.title"), layout.Orders)
	if err != nil {
		return err
	}
	page.InWorldOf(&f, pass.Account)
	return page.Render(c, http.StatusOK, orders.PassportPage(f, m), nil)
}

func (h Pages) passportModel(p *text.Printer, pass order.Passport) orders.PassportModel {
	o := pass.Order
	what := wording.Wares{Printer: p, Catalog: h.Catalog}
	v := orderView{p: p, o: o, account: pass.Account, what: what, events: pass.Events,
		unsent: o.State == order.Refused && !onWire(pass.Exchanges)}
	m := orders.PassportModel{
		Title: what.Title(o.Request), Order: v.path(), File: v.path() + "/passport.json", Events: eventSteps(v, pass.Events),
	}
	_, state := wording.OrderLook(p, o)
	m.Facts = append([]ui.Pair{
		{Key: p.T("orders.passport.intent"), Value: o.ID, Mono: true},
		{Key: p.T("orders.passport.state"), Value: state},
	}, v.facts()...)
	for _, a := range pass.Attempts {
		m.Attempts = append(m.Attempts, attemptRow(p, a))
	}
	for _, x := range pass.Exchanges {
		m.Calls = append(m.Calls, orders.CallRow{
			At: p.Exact(x.At), Call: x.Call, Method: x.Method, Path: x.Path, Status: statusOf(p, x.Status, x.Sent), Code: x.Code,
			ClientRequest: x.ClientRequestID, Request: x.RequestID, Took: x.Took.Round(time.Millisecond).String(),
		})
	}
	for _, k := range pass.Checks {
		id := "orders.passport.check.open"
		if k.Conclusive {
			id = "orders.passport.check.conclusive"
		}
		m.Checks = append(m.Checks,
			ui.Pair{Key: p.Exact(k.At), Value: p.T(id, "Orders", k.Orders, "Candidates", k.Candidates), Note: wording.Say(p, k.Message)})
	}
	for _, d := range o.Delivered {
		m.Servers = append(m.Servers, ui.Pair{Key: p.T("orders.passport.delivered"), Value: d.InstanceID, Mono: true})
	}
	for _, id := range o.AnsweredIDs {
		m.Servers = append(m.Servers, ui.Pair{Key: p.T("orders.passport.answered.id"), Value: id, Mono: true})
	}
	for _, id := range o.Missing {
		m.Servers = append(m.Servers, ui.Pair{Key: p.T("orders.passport.missing"), Value: id, Mono: true})
	}
	if len(pass.Attempts) > 0 {
		m.Request = wording.ExactRequest(pass.URL, pass.Attempts[len(pass.Attempts)-1].ClientRequestID, pass.Body)
	}
	return m
}

func attemptRow(p *text.Printer, a order.Attempt) orders.AttemptRow {
	r := orders.AttemptRow{N: strconv.Itoa(a.N), Sent: p.Exact(a.SentAt), Answered: p.T("orders.passport.never"), Outcome: a.Outcome,
		Status: statusOf(p, a.Status, a.Outcome != string(order.Refused)), Code: a.Code, ClientRequest: a.ClientRequestID,
		Request: a.RequestID}
	if !a.AnsweredAt.IsZero() {
		r.Answered = p.Exact(a.AnsweredAt)
	}
	return r
}

// statusOf words an HTTP status: none means that no answer came, or that the
// request never left.
func statusOf(p *text.Printer, status int, sent bool) string {
	switch {
	case status != 0:
		return strconv.Itoa(status)
	case !sent:
		return p.T("orders.passport.unsent")
	}
	return p.T("orders.passport.noanswer")
}

func eventSteps(v orderView, events []order.Event) []ui.Step {
	var steps []ui.Step
	for _, e := range events {
		_, word := wording.OrderState(v.p, e.State)
		s := ui.Step{State: ui.Done, Title: word, Text: wording.Say(v.p, e.Message), Time: v.p.Clock(e.At), At: wording.ISO(e.At)}
		if e.Person != "" {
			by := v.p.T("orders.step.by", "Person", text.Name(e.Person))
			s.Text = strings.TrimPrefix(s.Text+" · "+by, " · ")
		}
		steps = append(steps, s)
	}
	return steps
}

// PassportFile is the passport as a file: GET /orders/{id}/passport.json.
func (h Pages) PassportFile(c echo.Context) error {
	pass, err := h.Orders.Passport(c.Request().Context(), visit.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(passportDocument(visit.Printer(c), pass, h.Version, h.Now()), "", "  ")
	if err != nil {
		return fmt.Errorf("web: passport of %s: %w", pass.Order.ID, err)
	}
	name := "sampan-order-" + safeName.ReplaceAllString(pass.Order.ID, "") + ".json"
	c.Response().Header().Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	return page.Send(c, http.StatusOK, echo.MIMEApplicationJSON, append(b, '\n'))
}

// safeName is what a file's name may not hold.
var safeName = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// document is the passport's file: named fields only, so that nothing secret
// can slip in with a struct that grows.
type document struct {
	Made     time.Time          `json:"made"`
	Console  string             `json:"console"`
	Intent   string             `json:"intent"`
	State    order.State        `json:"state"`
	Sandbox  bool               `json:"sandbox"`
	Account  documentAccount    `json:"account"`
	Person   string             `json:"person"`
	Request  order.Request      `json:"request"`
	Reason   string             `json:"reason,omitempty"`
	Sentence string             `json:"reason_sentence,omitempty"` // in the reader's language, as the others
	Code     string             `json:"code,omitempty"`
	Detail   string             `json:"detail,omitempty"`
	Sent     documentRequest    `json:"sent"`
	Cloud    documentCloud      `json:"cloud"`
	Attempts []documentAttempt  `json:"attempts"`
	Calls    []documentExchange `json:"calls"`
	Checks   []documentCheck    `json:"checks,omitempty"`
	Events   []documentEvent    `json:"events"`
	Created  time.Time          `json:"created"`
}

type documentAccount struct {
	Label      string `json:"label"`
	Site       string `json:"site"`
	DomainID   string `json:"domain_id,omitempty"`
	DomainName string `json:"domain_name,omitempty"`
}

type documentRequest struct {
	URL             string          `json:"url,omitempty"`
	ClientRequestID string          `json:"client_request_id,omitempty"`
	IntentTag       string          `json:"intent_tag,omitempty"`
	Body            json.RawMessage `json:"body,omitempty"`
}

type documentCloud struct {
	OrderID     string     `json:"order_id,omitempty"`
	Link        string     `json:"linked_by,omitempty"` // answer, tag, name, likeness, person
	Answered    string     `json:"answered_order_id,omitempty"`
	Status      int        `json:"status,omitempty"`
	ReadAt      *time.Time `json:"read_at,omitempty"`
	Amount      string     `json:"amount,omitempty"`
	Currency    string     `json:"currency,omitempty"`
	PaidAt      *time.Time `json:"paid_at,omitempty"`
	AnsweredIDs []string   `json:"answered_instance_ids,omitempty"`
	Delivered   []string   `json:"delivered_instance_ids,omitempty"`
	Missing     []string   `json:"missing_instance_ids,omitempty"`
}

type documentAttempt struct {
	N               int        `json:"n"`
	ClientRequestID string     `json:"client_request_id"`
	ImageName       string     `json:"image_name,omitempty"`
	SentAt          time.Time  `json:"sent_at"`
	AnsweredAt      *time.Time `json:"answered_at,omitempty"`
	Outcome         string     `json:"outcome,omitempty"`
	Status          int        `json:"http_status,omitempty"`
	Code            string     `json:"code,omitempty"`
	RequestID       string     `json:"x_request_id,omitempty"`
}

type documentExchange struct {
	At              time.Time `json:"at"`
	Call            string    `json:"call"`
	Method          string    `json:"method"`
	Host            string    `json:"host"`
	Path            string    `json:"path"`
	ClientRequestID string    `json:"client_request_id,omitempty"`
	RequestID       string    `json:"x_request_id,omitempty"`
	Status          int       `json:"http_status,omitempty"`
	Code            string    `json:"code,omitempty"`
	Sent            bool      `json:"sent"`
	TookMS          int64     `json:"took_ms"`
}

type documentCheck struct {
	At         time.Time `json:"at"`
	Conclusive bool      `json:"conclusive"`
	Orders     int       `json:"orders_seen"`
	Candidates int       `json:"candidates"`
	Message    string    `json:"message,omitempty"`
	Sentence   string    `json:"sentence,omitempty"`
}

type documentEvent struct {
	At      time.Time         `json:"at"`
	State   order.State       `json:"state"`
	Message string            `json:"message,omitempty"`
	Words   string            `json:"sentence,omitempty"`
	Values  map[string]string `json:"values,omitempty"`
	Person  string            `json:"person,omitempty"`
}

func passportDocument(p *text.Printer, pass order.Passport, version string, now time.Time) document {
	o := pass.Order
	d := document{
		Made: now.UTC(), Console: "Sampan " + version, Intent: o.ID, State: o.State, Sandbox: o.Sandbox, Person: o.PersonName,
		Request: o.Request,
		Account: documentAccount{Label: pass.Account.Label, Site: string(pass.Account.Site), DomainID: pass.Account.DomainID,
			DomainName: pass.Account.DomainName},
		Reason: o.Reason.ID, Sentence: wording.Say(p, o.Reason), Code: o.Code, Detail: o.Detail, Created: o.CreatedAt,
		Cloud: documentCloud{OrderID: o.CloudOrderID, Link: string(o.Link), Answered: o.AnsweredOrder, Status: o.CloudStatus,
			ReadAt: moment(o.CloudReadAt), PaidAt: moment(o.PaidAt), AnsweredIDs: o.AnsweredIDs, Missing: o.Missing},
	}
	if o.Amount != nil {
		d.Cloud.Amount, d.Cloud.Currency = o.Amount.Amount.String(), o.Amount.Currency
	}
	for _, x := range o.Delivered {
		d.Cloud.Delivered = append(d.Cloud.Delivered, x.InstanceID)
	}
	if len(pass.Attempts) > 0 {
		d.Sent = documentRequest{URL: pass.URL, ClientRequestID: o.ClientRequestID, IntentTag: o.IntentTag}
		if json.Valid(pass.Body) {
			d.Sent.Body = pass.Body
		}
	}
	for _, a := range pass.Attempts {
		d.Attempts = append(d.Attempts,
			documentAttempt{a.N, a.ClientRequestID, a.ImageName, a.SentAt, moment(a.AnsweredAt), a.Outcome, a.Status, a.Code, a.RequestID})
	}
	for _, x := range pass.Exchanges {
		d.Calls = append(d.Calls, documentExchange{x.At, x.Call, x.Method, x.Host, x.Path, x.ClientRequestID, x.RequestID, x.Status, x.Code,
			x.Sent, x.Took.Milliseconds()})
	}
	for _, k := range pass.Checks {
		d.Checks = append(d.Checks, documentCheck{k.At, k.Conclusive, k.Orders, k.Candidates, k.Message.ID, wording.Say(p, k.Message)})
	}
	for _, e := range pass.Events {
		d.Events = append(d.Events, documentEvent{e.At, e.State, e.Message.ID, wording.Say(p, e.Message), e.Message.Values, e.Person})
	}
	return d
}

// moment leaves out a time that never was.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
