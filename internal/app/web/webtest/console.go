// Package webtest is the console over fakes, for the tests of its pages: Open
// starts it with somebody signed in, Get and Post ask it, and the fakes say what
// the use cases were asked for. Only tests import it.
package webtest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/person"
	"sampan/internal/app/view"
	"sampan/internal/app/web"
	"sampan/internal/app/web/sandbox"
	"sampan/web/templates/text"
)

// logTo makes a logger whose lines a test can read.
func logTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Now is the console's calendar in these tests: 23 November 2026, 09:21 in Hong Kong. It
// is the same in runs with the clock moved, because the sentences that pages are held against name these dates.
var Now = time.Date(2026, 11, 23, 1, 21, 0, 0, time.UTC)

// Password is the one that signs the person in.
const Password = "correct horse battery"

// Console is a Server over fakes, and a browser that is signed in to it.
type Console struct {
	t         *testing.T
	Site      *web.Site
	Handler   http.Handler
	Persons   *persons
	Accounts  *accounts
	Orders    *orders
	Instances *Instances
	Views     *views
	Traffic   *Packages
	Activity  *activity
	Settings  *settings
	Sandbox   *simulated
	Hub       *Hub
	Cookies   map[string]string
	Host      string
	Secure    bool
	Header    http.Header
	Log       *strings.Builder
}

// Open builds a console with an owner who is signed in, freshly, and one real
// account "a1". change may alter the options first.
func Open(t *testing.T, change ...func(*web.Options)) *Console {
	t.Helper()
	c := &Console{
		t: t, Host: "localhost:8080", Header: http.Header{}, Cookies: map[string]string{"sampan": "token-1"}, Log: &strings.Builder{},
		Persons: &persons{
			Who: &person.Person{ID: "p1", Name: "mei", DisplayName: "Mei Tan", Role: person.Owner, Zone: "Asia/Hong_Kong",
				Shortcuts: true},
			GivenSessions: map[string]person.Session{"token-1": {Ref: "ref-token-1", PersonID: "p1", Created: time.Now(), Seen: time.Now(),
				FreshUntil: time.Now().Add(time.Hour)}},
			Fresh: true,
		},
		Accounts: &accounts{All: []account.Account{{ID: "a1", Label: "Marina Labs", Site: account.International, Credential: account.ByKey,
			KeyHint: "0001", State: account.Active, CreatedAt: Now.Add(-24 * time.Hour), CheckedAt: Now}}},
		Orders:    &orders{},
		Instances: &Instances{},
		Traffic:   &Packages{},
		Activity:  &activity{},
		Settings:  &settings{Tag: true},
		Views:     &views{},
		Sandbox:   &simulated{GivenStatus: sandbox.Status{Now: Now, Movable: true}},
		Hub:       &Hub{},
	}
	o := web.Options{
		Persons: c.Persons, Accounts: c.Accounts, Orders: c.Orders, Instances: c.Instances, Views: c.Views, Traffic: c.Traffic,
		Activity: c.Activity, Settings: c.Settings, Sandbox: c.Sandbox, Hub: c.Hub, Catalog: catalog.Embedded(),
		CookieKey: []byte(strings.Repeat("k", 32)), Version: "1.2.3", Now: func() time.Time { return Now }, Log: logTo(c.Log),
	}
	for _, f := range change {
		f(&o)
	}
	c.Instances.accounts = c.Accounts
	c.Views.Service = view.Service{Store: &c.Views.Kept, Inventory: c.Instances, Now: func() time.Time { return Now }, NewID: c.Views.id}
	s, err := web.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.Site, c.Handler = s, s.Handler()
	return c
}

// As gives the person who is signed in another role.
func (c *Console) As(r person.Role) *Console { c.Persons.Who.Role = r; return c }

// SignedOut drops the browser's cookies.
func (c *Console) SignedOut() *Console { c.Cookies = map[string]string{}; return c }

// Answer is what a request got.
type Answer struct {
	*http.Response
	t    *testing.T
	Body string
}

// Send asks the console as the browser of the person does: with the session's
// cookie, and for a change as a form of the same origin.
func (c *Console) Send(method, path string, form url.Values) *Answer {
	c.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	scheme := "http://"
	if c.Secure {
		scheme = "https://"
	}
	r := httptest.NewRequest(method, scheme+c.Host+path, body)
	r.Host = c.Host
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if method != http.MethodGet {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, values := range c.Header {
		r.Header[name] = values
		if len(values) == 0 {
			delete(r.Header, name)
		}
	}
	for name, value := range c.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	c.Handler.ServeHTTP(w, r)
	res := w.Result()
	for _, k := range res.Cookies() {
		if k.MaxAge < 0 {
			delete(c.Cookies, k.Name)
		} else {
			c.Cookies[k.Name] = k.Value
		}
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return &Answer{Response: res, t: c.t, Body: string(b)}
}

// Get asks for a page.
func (c *Console) Get(path string) *Answer { c.t.Helper(); return c.Send(http.MethodGet, path, nil) }

// Post sends a form; pairs are names and values in turn.
func (c *Console) Post(path string, pairs ...string) *Answer {
	c.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return c.Send(http.MethodPost, path, form)
}

// Want fails unless the answer has the status, and for redirects leads there.
func (a *Answer) Want(status int, location ...string) *Answer {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("status: got %d, want %d; body: %.600s", a.StatusCode, status, a.Body)
	}
	if len(location) > 0 && a.Header.Get("Location") != location[0] {
		a.t.Errorf("location: got %q, want %q", a.Header.Get("Location"), location[0])
	}
	return a
}

// Page is the answer as a tree. Words that no catalogue has fail the test.
func (a *Answer) Page() *goquery.Document {
	a.t.Helper()
	if strings.Contains(a.Body, "⟦") {
		i := strings.Index(a.Body, "⟦")
		a.t.Errorf("a message without words: %.80s", a.Body[i:])
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
	if err != nil {
		a.t.Fatal(err)
	}
	return doc
}

// Says fails unless the text of the selected element holds the words.
func Says(t *testing.T, doc *goquery.Document, selector, words string) {
	t.Helper()
	got := strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
	if !strings.Contains(got, words) {
		t.Errorf("%s: got %q, want it to say %q", selector, got, words)
	}
}

// Value is what a field of the page holds.
func Value(doc *goquery.Document, id string) string {
	v, _ := doc.Find("#" + id).Attr("value")
	return v
}

// Word is a message in English.
func Word(id string, kv ...any) string { return text.New(text.English, time.UTC).T(id, kv...) }
