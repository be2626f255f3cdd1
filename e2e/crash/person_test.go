//go:build e2e

package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/e2e/world"
)

// person drives a console by its forms, as a browser without JavaScript does.
type person struct {
	*world.Browser
}

// newPerson sets the console up and connects the Sandbox.
func newPerson(t *testing.T, w *world.World) *person {
	t.Helper()
	p := fresh(t, w)
	for _, f := range []struct {
		path string
		form url.Values
		to   string
	}{
		{"/setup/owner", url.Values{"name": {"owner"}, "display_name": {"Olga"}, "password": {world.OwnerPassword}, "language": {"en"}, "zone": {"UTC"}, "code": {world.SetupCode}}, "/setup/cloud"},
		{"/setup/sandbox", url.Values{}, "/"},
	} {
		if _, err := p.send(t.Context(), f.path, f.form, f.to); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the account's regions are read", func(ctx context.Context) bool {
		_, err := p.prepare(ctx, wares("nothing", 1))
		return err == nil
	})
	return p
}

// fresh is a person whose browser knows nothing yet.
func fresh(t *testing.T, w *world.World) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{w.NewBrowser(jar)}
}

func (p *person) signIn(ctx context.Context) error {
	_, err := p.send(ctx, "/sign-in", url.Values{"name": {"owner"}, "password": {world.OwnerPassword}}, "/")
	return err
}

// send posts a form that leads on to an address with the prefix to, and gives
// the whole address.
func (p *person) send(ctx context.Context, path string, form url.Values, to string) (string, error) {
	a, err := p.Post(ctx, path, form.Encode())
	if err != nil {
		return "", err
	}
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, to) {
		return "", fmt.Errorf("POST %s: status %d to %q, want 303 to %s…: %s", path, a.Status, a.Location, to, summary(a.Body))
	}
	return a.Location, nil
}

// summary is what a page says, for a failure.
func summary(html []byte) string {
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(html))
	if err != nil {
		return string(html)
	}
	return strings.Join(strings.Fields(doc.Find("main").Text()), " ")
}

// review is a purchase before the click: what its form carries, and the ids
// that will be sent.
type review struct {
	page, id, hash string
	clientRequest  string
	tag            string
}

var (
	clientRequestIn = regexp.MustCompile(`Client-Request-Id: ([0-9a-f-]{36})`)
	tagIn           = regexp.MustCompile(`"key":\s*"sampan-order",\s*"value":\s*"([^"]+)"`)
)

// prepare walks through the wizard to the review.
func (p *person) prepare(ctx context.Context, b plan) (review, error) {
	at, err := p.send(ctx, "/buy", url.Values{"image": {b.image}, "version": {b.version}}, "/buy/")
	if err != nil {
		return review{}, err
	}
	draft := strings.Join(strings.Split(at, "/")[:3], "/")
	options := url.Values{"name": {b.name}, "quantity": {strconv.Itoa(b.quantity)}, "period": {"month-" + strconv.Itoa(b.months)},
		"payment": {"exact"}}
	if b.payment != exact {
		options.Set("payment", "atmost")
		options.Set("cap_currency", "USD")
		options.Set("cap", map[payment]string{within: "5000", beyond: "0.50"}[b.payment])
	}
	for _, s := range []struct {
		step string
		form url.Values
		to   string
	}{
		{"size", url.Values{"size": {b.size}}, draft},
		{"region", url.Values{"region": {b.region}}, draft},
		{"options", options, draft + "/review?review="},
	} {
		if at, err = p.send(ctx, draft+"/"+s.step, s.form, s.to); err != nil {
			return review{}, err
		}
	}
	return p.read(ctx, at)
}

func (p *person) read(ctx context.Context, at string) (review, error) {
	a, err := p.Get(ctx, at)
	if err != nil {
		return review{}, err
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.Body))
	if err != nil {
		return review{}, err
	}
	v := review{page: at}
	v.id, _ = doc.Find("input[name=id]").Attr("value")
	v.hash, _ = doc.Find("input[name=hash]").Attr("value")
	text := doc.Text()
	if m := clientRequestIn.FindStringSubmatch(text); m != nil {
		v.clientRequest = m[1]
	}
	if m := tagIn.FindStringSubmatch(text); m != nil {
		v.tag = m[1]
	}
	if v.id == "" || v.hash == "" || v.clientRequest == "" || v.tag == "" {
		return v, fmt.Errorf("the review %s has status %d and not all of id, hash, request id and tag: %+v: %s", at, a.Status, v,
			summary(a.Body))
	}
	return v, nil
}

// errAgain is what a click gets on a review of an earlier process start: it is
// shown again, with new ids.
var errAgain = errors.New("the review is shown again")

// place presses the button of the review. It gives the order's id.
func (p *person) place(ctx context.Context, v review) (string, error) {
	var at string
	for at == "" {
		a, err := p.Post(ctx, "/orders", url.Values{"id": {v.id}, "hash": {v.hash}}.Encode())
		switch {
		case err != nil:
			return "", err
		case a.Status == http.StatusSeeOther:
			at = a.Location
		// Huawei's recent orders are still being read, or the purchase in front has no
		// clear answer: the person tries again in a moment.
		case !bytes.Contains(a.Body, []byte("still being read")) && !bytes.Contains(a.Body, []byte("an order has no clear answer yet")):
			return "", fmt.Errorf("POST /orders: status %d: %s", a.Status, summary(a.Body))
		}
		if at == "" {
			time.Sleep(20 * time.Millisecond)
		}
	}
	if id, ok := strings.CutPrefix(at, "/orders/"); ok {
		return id, nil
	}
	if strings.Contains(at, "/review?review=") {
		return "", fmt.Errorf("%w at %s", errAgain, at)
	}
	return "", fmt.Errorf("the click leads to %s", at)
}

// ordered asks the review whether it was ordered: it leads to its order then. It
// may lead to the page on which it is shown again.
func (p *person) ordered(ctx context.Context, v review) (id string, err error) {
	a, err := p.Get(ctx, v.page)
	if err != nil {
		return "", err
	}
	if id, ok := strings.CutPrefix(a.Location, "/orders/"); ok {
		return id, nil
	}
	if strings.Contains(a.Location, "/review?review=") {
		return "", fmt.Errorf("%w at %s", errAgain, a.Location)
	}
	if a.Status != http.StatusOK {
		return "", fmt.Errorf("GET %s: status %d", v.page, a.Status)
	}
	return "", nil
}

// found gives the numbers that stand under Found at Huawei, and the address of
// each one's "not ours".
func (p *person) found(ctx context.Context) (map[string]string, error) {
	a, err := p.Get(ctx, "/orders?state=found")
	if err != nil {
		return nil, err
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.Body))
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	doc.Find(`form[action^="/orders/found/"][action$="/not-ours"]`).Each(func(_ int, f *goquery.Selection) {
		at := f.AttrOr("action", "")
		out[strings.TrimSuffix(strings.TrimPrefix(at, "/orders/found/"), "/not-ours")] = at
	})
	return out, nil
}

// staysQuiet fails where a page says that the database went back in time.
func (p *person) staysQuiet(t *testing.T) {
	t.Helper()
	if told, err := p.told(t.Context()); told || err != nil {
		t.Errorf("the pages say that the database went back: %v, %v", told, err)
	}
}

// told reports whether a page says that the database went back in time.
func (p *person) told(ctx context.Context) (bool, error) {
	a, err := p.Get(ctx, "/orders")
	if err != nil || a.Status != http.StatusOK {
		return false, fmt.Errorf("GET /orders: status %d: %w", a.Status, err)
	}
	return bytes.Contains(a.Body, []byte("put back to an earlier moment")) ||
		bytes.Contains(a.Body, []byte("is not known here any more")), nil
}

// passport is an order as its downloadable file tells it.
type passport struct {
	Intent string `json:"intent"`
	State  string `json:"state"`
	Reason string `json:"reason"`
	Code   string `json:"code"`
	Sent   struct {
		ClientRequestID string `json:"client_request_id"`
		Tag             string `json:"intent_tag"`
	} `json:"sent"`
	Cloud struct {
		OrderID   string     `json:"order_id"`
		Status    int        `json:"status"`
		Amount    string     `json:"amount"`
		PaidAt    *time.Time `json:"paid_at"`
		Delivered []string   `json:"delivered_instance_ids"`
	} `json:"cloud"`
	Attempts []struct {
		N               int    `json:"n"`
		ClientRequestID string `json:"client_request_id"`
		Outcome         string `json:"outcome"`
	} `json:"attempts"`
	Events []struct {
		At      time.Time `json:"at"`
		State   string    `json:"state"`
		Message string    `json:"message"`
	} `json:"events"`
}

// had reports whether the order was in a state.
func (d passport) had(state string) bool {
	for _, e := range d.Events {
		if e.State == state {
			return true
		}
	}
	return false
}

func (p *person) passport(ctx context.Context, id string) (passport, error) {
	a, err := p.Get(ctx, "/orders/"+id+"/passport.json")
	if err != nil {
		return passport{}, err
	}
	var d passport
	if a.Status != http.StatusOK {
		return d, fmt.Errorf("%w: passport of %s: status %d: %s", errWrong, id, a.Status, summary(a.Body))
	}
	return d, json.Unmarshal(a.Body, &d)
}

// page is an order as its page shows it.
type page struct {
	*goquery.Document
	order string
}

func (p *person) page(ctx context.Context, id string) (page, error) {
	a, err := p.Get(ctx, "/orders/"+id)
	if err != nil {
		return page{}, err
	}
	if a.Status != http.StatusOK {
		return page{}, fmt.Errorf("%w: page of %s: status %d: %s", errWrong, id, a.Status, summary(a.Body))
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.Body))
	return page{doc, id}, err
}

// live reports whether the page waits for something.
func (g page) live() bool { return g.Find("#order[sse-swap]").Length() > 0 }

// forms gives the fields of the page's forms that lead to an action: "pay".
func (g page) forms(action string) []url.Values {
	var all []url.Values
	g.Find(`form[action="/orders/` + g.order + "/" + action + `"]`).Each(func(_ int, f *goquery.Selection) {
		v := url.Values{}
		f.Find("input[type=hidden]").Each(func(_ int, in *goquery.Selection) { v.Set(in.AttrOr("name", ""), in.AttrOr("value", "")) })
		all = append(all, v)
	})
	return all
}

// press sends one of the page's forms.
func (p *person) press(ctx context.Context, g page, action string, form url.Values) error {
	_, err := p.send(ctx, "/orders/"+g.order+"/"+action, form, "/orders/"+g.order)
	return err
}

// servers gives the names on the page's list of what was delivered.
func (g page) servers() []string {
	var names []string
	g.Find("#servers tbody tr th").Each(func(_ int, s *goquery.Selection) { names = append(names, strings.TrimSpace(s.Text())) })
	return names
}
