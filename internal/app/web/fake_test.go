package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/live"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/traffic"
	"sampan/internal/app/view"
	"sampan/internal/app/web"
	"sampan/web/templates/text"
)

// now is the console's calendar in these tests: 23 November 2026, 09:21 in Hong Kong. It
// is the same in runs with the clock moved, because the sentences that pages are held against name these dates.
var now = time.Date(2026, 11, 23, 1, 21, 0, 0, time.UTC)

const password = "correct horse battery"

// persons keeps people and sessions in memory, with the faults of the real one.
type persons struct {
	mu       sync.Mutex
	who      *person.Person
	sessions map[string]person.Session
	fresh    bool
	wait     time.Duration
	profile  person.Profile
	scope    string
	peeked   int
	broken   error // what Session answers, when set
}

func (p *persons) SetupOpen(context.Context) (bool, error) { return p.who == nil, nil }

func (p *persons) SetUp(_ context.Context, code seal.Secret, f person.SetupForm) (person.Person, error) {
	if code.Reveal() != "the-printed-code" {
		return person.Person{}, fault.New(fault.NotFound, "web.topic.unknown")
	}
	if f.Password.Reveal() != password {
		return person.Person{}, &fault.Error{Kind: fault.Invalid, Message: fault.Say("web.forbidden"), Fields: map[string]fault.Message{"password": fault.Say("signin.password.rule")}}
	}
	p.who = &person.Person{ID: "p1", Name: f.Name, DisplayName: f.DisplayName, Role: person.Owner, Zone: f.Zone, Language: f.Language, Shortcuts: true}
	return *p.who, nil
}

func (p *persons) SignIn(_ context.Context, name string, pw seal.Secret, address, browser string, _ seal.Secret) (person.Person, person.SignedIn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wait > 0 {
		return person.Person{}, person.SignedIn{}, &fault.Error{Kind: fault.Busy, Message: fault.Say("signin.busy"), RetryAfter: p.wait}
	}
	if p.who == nil || name != p.who.Name || pw.Reveal() != password {
		return person.Person{}, person.SignedIn{}, errors.Join(fault.New(fault.Invalid, "web.forbidden"))
	}
	token := fmt.Sprintf("token-%d", len(p.sessions)+1)
	p.sessions[token] = person.Session{Ref: "ref-" + token, PersonID: p.who.ID, Created: time.Now(), Seen: time.Now(), FreshUntil: time.Now().Add(time.Minute), Address: address, Browser: browser}
	return *p.who, person.SignedIn{SessionToken: seal.Conceal(token), DeviceToken: seal.Conceal("device")}, nil
}

func (p *persons) Session(_ context.Context, token seal.Secret) (person.Person, person.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return person.Person{}, person.Session{}, p.broken
	}
	ss, ok := p.sessions[token.Reveal()]
	if !ok {
		return person.Person{}, person.Session{}, person.ErrNoSession
	}
	if !p.fresh {
		ss.FreshUntil = time.Time{}
	}
	who := *p.who
	who.Scope = p.scope
	return who, ss, nil
}

func (p *persons) Peek(ctx context.Context, token seal.Secret) (person.Person, person.Session, error) {
	p.peeked++
	return p.Session(ctx, token)
}

func (p *persons) Alive(_ context.Context, token seal.Secret) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.sessions[token.Reveal()]
	return ok
}

func (p *persons) SignOut(_ context.Context, by person.Actor) error {
	return p.Revoke(context.Background(), by, by.SessionRef)
}

func (p *persons) Sessions(context.Context, person.Actor) ([]person.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []person.Session
	for _, ss := range p.sessions {
		all = append(all, ss)
	}
	return all, nil
}

func (p *persons) Revoke(_ context.Context, _ person.Actor, ref string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for token, ss := range p.sessions {
		if ss.Ref == ref {
			delete(p.sessions, token)
			return nil
		}
	}
	return fault.New(fault.NotFound, "web.topic.unknown")
}

func (p *persons) RevokeOthers(_ context.Context, by person.Actor) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for token, ss := range p.sessions {
		if ss.Ref != by.SessionRef {
			delete(p.sessions, token)
		}
	}
	return nil
}

func (p *persons) ChangePassword(_ context.Context, _ person.Actor, old, _ seal.Secret) error {
	if old.Reveal() != password {
		return &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"old": fault.Say("web.forbidden")}}
	}
	return nil
}

func (p *persons) Freshen(_ context.Context, _ person.Actor, pw seal.Secret) error {
	if pw.Reveal() != password {
		return &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"password": fault.Say("web.forbidden")}}
	}
	p.fresh = true
	return nil
}

func (p *persons) UpdateProfile(_ context.Context, _ person.Actor, f person.Profile) error {
	if f.DisplayName == "" {
		return &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"display_name": fault.Say("web.forbidden")}}
	}
	p.profile = f
	return nil
}

func (p *persons) SetScope(_ context.Context, _ person.Actor, scope string) error {
	p.scope = scope
	return nil
}

func (p *persons) Reset(_ context.Context, code, pw seal.Secret) error {
	if code.Reveal() != "reset-code" {
		return fault.New(fault.NotFound, "web.topic.unknown")
	}
	if pw.Reveal() != password {
		return &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"password": fault.Say("signin.password.rule")}}
	}
	return nil
}

// accounts keeps accounts in memory.
type accounts struct {
	all   []account.Account
	added []account.Form
	calls []string
	err   error
	open  map[string]int
	held  []account.Account
}

func (a *accounts) List(context.Context, person.Actor) ([]account.Account, error) { return a.all, nil }

func (a *accounts) Get(_ context.Context, _ person.Actor, id string) (account.Account, error) {
	for _, x := range append(slices.Clone(a.all), a.held...) {
		if x.ID == id {
			return x, nil
		}
	}
	return account.Account{}, fault.New(fault.NotFound, "web.topic.unknown")
}

func (a *accounts) Add(_ context.Context, _ person.Actor, f account.Form) (account.Account, error) {
	if a.err != nil {
		return account.Account{}, a.err
	}
	a.added = append(a.added, f)
	x := account.Account{ID: fmt.Sprintf("a%d", len(a.all)+1), Label: f.Label, Site: f.Site, Credential: f.Credential, State: account.Active, CreatedAt: now, Checking: true}
	a.all = append(a.all, x)
	return x, nil
}

func (a *accounts) AddSandbox(ctx context.Context, by person.Actor, f account.Form) (account.Account, error) {
	f.Site = account.SandboxSite
	return a.Add(ctx, by, f)
}

func (a *accounts) called(what, id string) error {
	a.calls = append(a.calls, what+" "+id)
	return a.err
}

func (a *accounts) Rename(_ context.Context, _ person.Actor, id, label string) error {
	return a.called("rename "+label, id)
}

func (a *accounts) ReplaceKey(_ context.Context, _ person.Actor, id string, f account.Form) error {
	return a.called("replace "+f.KeyID+" "+f.KeySecret.Reveal(), id)
}

func (a *accounts) SetDisabled(_ context.Context, _ person.Actor, id string, disabled bool) error {
	return a.called(fmt.Sprintf("disabled=%v", disabled), id)
}

func (a *accounts) Delete(_ context.Context, _ person.Actor, id string) error {
	return a.called("delete", id)
}

func (a *accounts) OpenOrders(_ context.Context, _ person.Actor, id string) (int, error) {
	return a.open[id], nil
}

func (a *accounts) HeldEntries(context.Context, person.Actor) ([]account.Account, error) {
	return a.held, nil
}

func (a *accounts) GiveKey(_ context.Context, _ person.Actor, id string) (string, error) {
	return "a1", a.called("give", id)
}

func (a *accounts) Check(_ context.Context, _ person.Actor, id string) error {
	return a.called("check", id)
}

// everyOrder has another name than its method Orders, so that both can be reached.
type everyOrder interface{ web.Orders }

// orders answers what the first pages ask; all other methods are the nil
// interface's and panic.
type orders struct {
	everyOrder
	attention []order.Order
	groups    map[string][]order.Order // by the group that a list asks for
	asked     [][]string
	found     []order.FoundOrder
	restored  order.Restored
	err       error
}

func (o *orders) FoundOrders(context.Context, person.Actor, []string) ([]order.FoundOrder, error) {
	return o.found, o.err
}

func (o *orders) Restored(context.Context) (order.Restored, error) { return o.restored, o.err }

func (o *orders) Orders(_ context.Context, _ person.Actor, f order.Filter) (order.Page, error) {
	rows := o.groups[f.State]
	return order.Page{Rows: rows[:min(len(rows), f.Limit)], Total: len(rows)}, o.err
}

func (o *orders) Attention(_ context.Context, _ person.Actor, ids []string) ([]order.Order, error) {
	o.asked = append(o.asked, ids)
	return o.attention, o.err
}

func (o *orders) Bill(string, string) (order.CloudOrder, order.Freshness) {
	return order.CloudOrder{}, order.Reading
}

func (o *orders) BalanceOf(string) (order.Balance, order.Freshness) {
	return order.Balance{}, "unknown"
}

// instances is a local picture in memory.
type instances struct {
	gaps   instance.Gaps
	open   map[string]instance.Asked // what became of refreshes
	visits atomic.Int32
	web.Inventory
	web.Details
	accounts *accounts
	servers  []instance.ServerRecord
	read     []instance.PackageTraffic
	labels   map[string][]string
	service  *instance.Service // made of the above when the picture is first asked for
	rows     []instance.Instance
	more     []*instance.Row
	filters  []instance.Filter
	asked    []string
	next     string
	syncs    []instance.Sync // beside that of Config
}

func (i *instances) List(_ context.Context, _ person.Actor, f instance.Filter) (instance.Page, error) {
	i.filters = append(i.filters, f)
	var rows []instance.Instance
	for _, r := range i.rows {
		for _, id := range f.AccountIDs {
			if r.AccountID == id && (f.Query == "" || strings.Contains(r.Name, f.Query)) {
				rows = append(rows, r)
			}
		}
	}
	return instance.Page{Rows: rows, Total: len(rows), Next: i.next}, nil
}

func (i *instances) Get(_ context.Context, _ person.Actor, id string) (instance.Instance, error) {
	for _, r := range i.rows {
		if r.ID == id {
			return r, nil
		}
	}
	return instance.Instance{}, fault.New(fault.NotFound, "web.topic.unknown")
}

func (i *instances) Refresh(_ context.Context, _ person.Actor, id string) error {
	i.asked = append(i.asked, id)
	return nil
}

func (i *instances) Detail(ctx context.Context, by person.Actor, id string) (instance.Detail, error) {
	r, err := i.Get(ctx, by, id)
	return instance.Detail{Instance: r}, err
}

func (i *instances) Refreshing(string) bool { return false }

func (i *instances) Asked(id string) instance.Asked { return i.open[id] }

func (i *instances) Visited() { i.visits.Add(1) }

// Rows gives the instances as rows, and those that stand there as rows only.
func (i *instances) Rows() []*instance.Row {
	all := slices.Clone(i.more)
	for _, r := range i.rows {
		all = append(all, &instance.Row{AccountID: r.AccountID, InstanceID: r.ID, ServerID: r.ServerID, Name: r.Name, InstanceName: r.Name, Region: r.Region,
			State: instance.StateOf(r.State, r.TaskState, r.Frozen), Frozen: r.Frozen, PackageID: r.PackageID, Expires: r.Expires, AutoRenew: r.AutoRenew, First: true})
	}
	return all
}

func (i *instances) Syncs(context.Context, []string) ([]instance.Sync, error) {
	return append([]instance.Sync{{AccountID: "a1", Source: "config", OKAt: now.Add(-3 * time.Minute)}}, i.syncs...), nil
}

// Gaps are the real ones of sources that failed, and those a test gives: what a
// test does not speak of was read.
func (i *instances) Gaps(ctx context.Context, ids []string) (instance.Gaps, error) {
	i.Picture()
	all, err := i.service.Gaps(ctx, ids)
	all = slices.DeleteFunc(all, func(g instance.Gap) bool { return !g.Failed() })
	return append(all, i.gaps.In(ids...)...), err
}

func (i *instances) Counts(_ context.Context, _ person.Actor, ids []string) (instance.Counts, error) {
	c := instance.Counts{ByRegion: map[string]int{}, ByState: map[string]int{}}
	for _, r := range i.rows {
		c.Total++
		c.ByRegion[r.Region]++
		c.ByState[r.State]++
	}
	return c, nil
}

// packages is what is known of traffic.
type packages struct {
	fleet   traffic.Fleet
	details map[string]traffic.Detail // by package
	scopes  [][]string
	since   time.Time
	checked []string
	err     error
}

func (p *packages) Fleet(_ person.Actor, ids []string) (traffic.Fleet, error) {
	p.scopes = append(p.scopes, ids)
	return p.fleet, p.err
}

func (p *packages) Short(_ person.Actor, ids []string) ([]traffic.Line, error) {
	p.scopes = append(p.scopes, ids)
	return slices.DeleteFunc(slices.Clone(p.fleet.Lines), func(l traffic.Line) bool { return !l.Low() }), p.err
}

func (p *packages) Detail(_ context.Context, _ person.Actor, _, id string, since time.Time) (traffic.Detail, error) {
	p.since = since
	return p.details[id], p.err
}

func (p *packages) Check(_ context.Context, _ person.Actor, account, id string) error {
	p.checked = append(p.checked, account+" "+id)
	return p.err
}

// activity is what was done.
type activity struct {
	rows []audit.Row
	by   person.Actor
}

func (a *activity) Recent(_ context.Context, by person.Actor, _ int) ([]audit.Row, error) {
	a.by = by
	return a.rows, nil
}

// settings keeps two switches.
type settings struct{ deduct, tag bool }

func (s *settings) AllowDeduct(context.Context) (bool, error) { return s.deduct, nil }
func (s *settings) IntentTag(context.Context) (bool, error)   { return s.tag, nil }
func (s *settings) SetAllowDeduct(_ context.Context, _ person.Actor, on bool) error {
	s.deduct = on
	return nil
}
func (s *settings) SetIntentTag(_ context.Context, _ person.Actor, on bool) error {
	s.tag = on
	return nil
}

// simulated is a Sandbox that remembers what it was told.
type simulated struct {
	status web.SandboxStatus
	said   []string
	err    error
}

func (s *simulated) Key(context.Context) (web.SandboxKey, error) {
	return web.SandboxKey{ID: "SANDBOXKEY", Secret: seal.Conceal("sandbox-secret")}, s.err
}
func (s *simulated) Status(context.Context) (web.SandboxStatus, error) { return s.status, s.err }
func (s *simulated) Break(_ context.Context, f ...web.SandboxFault) error {
	for _, x := range f {
		s.said = append(s.said, "break "+x.Call+" "+x.Kind)
	}
	return s.err
}
func (s *simulated) Mend(context.Context) error { s.said = append(s.said, "mend"); return s.err }
func (s *simulated) Advance(_ context.Context, d time.Duration) error {
	s.said = append(s.said, "advance "+d.String())
	return s.err
}
func (s *simulated) Reset(context.Context) error { s.said = append(s.said, "reset"); return s.err }
func (s *simulated) Fleet(_ context.Context, n int) error {
	s.said = append(s.said, fmt.Sprintf("fleet %d", n))
	return s.err
}

// hub writes what it was asked to serve.
type hub struct{ viewer live.Viewer }

func (h *hub) Serve(w http.ResponseWriter, _ *http.Request, topics []string, v live.Viewer, l live.Locale) error {
	h.viewer = v
	w.Header().Set("Content-Type", "text/event-stream")
	_, err := io.WriteString(w, strings.Join(topics, " ")+" "+l.Lang+" "+l.Zone)
	return err
}

// console is a Server over fakes, and a browser that is signed in to it.
type console struct {
	t         *testing.T
	server    *web.Server
	handler   http.Handler
	persons   *persons
	accounts  *accounts
	orders    *orders
	instances *instances
	views     *views
	traffic   *packages
	activity  *activity
	settings  *settings
	sandbox   *simulated
	hub       *hub
	cookies   map[string]string
	host      string
	secure    bool
	header    http.Header
	log       *strings.Builder
}

// open builds a console with an owner who is signed in, freshly, and one real
// account "a1". change may alter the options first.
func open(t *testing.T, change ...func(*web.Options)) *console {
	t.Helper()
	c := &console{
		t: t, host: "localhost:8080", header: http.Header{}, cookies: map[string]string{"sampan": "token-1"}, log: &strings.Builder{},
		persons: &persons{
			who:      &person.Person{ID: "p1", Name: "mei", DisplayName: "Mei Tan", Role: person.Owner, Zone: "Asia/Hong_Kong", Shortcuts: true},
			sessions: map[string]person.Session{"token-1": {Ref: "ref-token-1", PersonID: "p1", Created: time.Now(), Seen: time.Now(), FreshUntil: time.Now().Add(time.Hour)}},
			fresh:    true,
		},
		accounts:  &accounts{all: []account.Account{{ID: "a1", Label: "Marina Labs", Site: account.International, Credential: account.ByKey, KeyHint: "0001", State: account.Active, CreatedAt: now.Add(-24 * time.Hour), CheckedAt: now}}},
		orders:    &orders{},
		instances: &instances{},
		traffic:   &packages{},
		activity:  &activity{},
		settings:  &settings{tag: true},
		views:     &views{},
		sandbox:   &simulated{status: web.SandboxStatus{Now: now, Movable: true}},
		hub:       &hub{},
	}
	o := web.Options{
		Persons: c.persons, Accounts: c.accounts, Orders: c.orders, Instances: c.instances, Views: c.views, Traffic: c.traffic, Activity: c.activity, Settings: c.settings, Sandbox: c.sandbox, Hub: c.hub,
		Catalog: catalog.Embedded(), CookieKey: []byte(strings.Repeat("k", 32)), Version: "1.2.3", Now: func() time.Time { return now }, Log: logTo(c.log),
	}
	for _, f := range change {
		f(&o)
	}
	c.instances.accounts = c.accounts
	c.views.Service = view.Service{Store: &c.views.kept, Inventory: c.instances, Now: func() time.Time { return now }, NewID: c.views.id}
	s, err := web.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.server, c.handler = s, s.Handler()
	return c
}

// as gives the person who is signed in another role.
func (c *console) as(r person.Role) *console { c.persons.who.Role = r; return c }

// signedOut drops the browser's cookies.
func (c *console) signedOut() *console { c.cookies = map[string]string{}; return c }

// answer is what a request got.
type answer struct {
	*http.Response
	t    *testing.T
	body string
}

func (c *console) send(method, path string, form url.Values) *answer {
	c.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	scheme := "http://"
	if c.secure {
		scheme = "https://"
	}
	r := httptest.NewRequest(method, scheme+c.host+path, body)
	r.Host = c.host
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if method != http.MethodGet {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, values := range c.header {
		r.Header[name] = values
		if len(values) == 0 {
			delete(r.Header, name)
		}
	}
	for name, value := range c.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	res := w.Result()
	for _, k := range res.Cookies() {
		if k.MaxAge < 0 {
			delete(c.cookies, k.Name)
		} else {
			c.cookies[k.Name] = k.Value
		}
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return &answer{Response: res, t: c.t, body: string(b)}
}

func (c *console) get(path string) *answer { c.t.Helper(); return c.send(http.MethodGet, path, nil) }

func (c *console) post(path string, pairs ...string) *answer {
	c.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return c.send(http.MethodPost, path, form)
}

// want fails unless the answer has the status, and for redirects leads there.
func (a *answer) want(status int, location ...string) *answer {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("status: got %d, want %d; body: %.600s", a.StatusCode, status, a.body)
	}
	if len(location) > 0 && a.Header.Get("Location") != location[0] {
		a.t.Errorf("location: got %q, want %q", a.Header.Get("Location"), location[0])
	}
	return a
}

// page is the answer as a tree. Words that no catalogue has fail the test.
func (a *answer) page() *goquery.Document {
	a.t.Helper()
	if strings.Contains(a.body, "⟦") {
		i := strings.Index(a.body, "⟦")
		a.t.Errorf("a message without words: %.80s", a.body[i:])
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	return doc
}

// says fails unless the text of the selected element holds the words.
func says(t *testing.T, doc *goquery.Document, selector, words string) {
	t.Helper()
	got := strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
	if !strings.Contains(got, words) {
		t.Errorf("%s: got %q, want it to say %q", selector, got, words)
	}
}

// value is what a field of the page holds.
func value(doc *goquery.Document, id string) string {
	v, _ := doc.Find("#" + id).Attr("value")
	return v
}

// word is a message in English.
func word(id string, kv ...any) string { return text.New(text.English, time.UTC).T(id, kv...) }
