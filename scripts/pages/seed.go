package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// seed fills a world. What is made in it gets a name, by which its pages are saved.
type seed struct {
	*world
	names map[string]string // by id: "order-unpaid"
}

// name gives an id a name, which stands in file names and instead of the id in what is saved.
func (s *seed) name(id, name string) { s.names[id] = name }

// id is the id that has a name.
func (s *seed) id(name string) string {
	for id, n := range s.names {
		if n == name {
			return id
		}
	}
	return "no-" + name
}

// sorted are the ids in the order of their names.
func (s *seed) sorted() []string {
	return slices.SortedFunc(maps.Keys(s.names), func(a, b string) int { return strings.Compare(s.names[a], s.names[b]) })
}

// inOrder takes steps until one fails.
func inOrder(what string, steps ...func() error) error {
	for i, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("%s, step %d: %w", what, i+1, err)
		}
	}
	return nil
}

// owner makes the first person.
func (s *seed) owner() error {
	_, err := s.post(
		"/setup/owner",
		"name",
		"ada",
		"display_name",
		"Ada",
		"password",
		password,
		"language",
		"en",
		"zone",
		"Asia/Singapore",
		"code",
		setupCode,
	)
	return err
}

// speak changes the language of the person.
func (s *seed) speak(language string) error {
	_, err := s.post("/settings/you", "display_name", "Ada", "language", language, "zone", "Asia/Singapore", "theme", "", "shortcuts", "on")
	if err == nil {
		_, err = s.get("/settings/you") // its note is said once
	}
	return err
}

// scope changes which accounts the pages show.
func (s *seed) scope(key string) error {
	_, err := s.post("/scope", "account", key)
	return err
}

// customer adds a customer of the simulated cloud with so many servers.
func (s *seed) customer(name string, servers int) error {
	if err := s.control(http.MethodPost, "accounts", map[string]string{"name": name, "balance": "500.00"}, nil); err != nil {
		return err
	}
	return s.fleet(name, servers)
}

func (s *seed) fleet(customer string, servers int) error {
	return s.control(http.MethodPost, "fleet", map[string]any{"account": customer, "count": servers}, nil)
}

// account connects a customer of the simulated cloud as if it were one of the real cloud.
func (s *seed) account(path, customer, label string) error {
	var out struct {
		Accounts []struct {
			Name      string `json:"name"`
			KeyID     string `json:"access_key"`
			KeySecret string `json:"secret_key"`
		} `json:"accounts"`
	}
	if err := s.control(http.MethodGet, "accounts", nil, &out); err != nil {
		return err
	}
	for _, a := range out.Accounts {
		if a.Name != customer {
			continue
		}
		_, err := s.post(path, "label", label, "site", "intl", "credential", "key", "key_id", a.KeyID, "key_secret", a.KeySecret)
		if err != nil {
			return err
		}
		return s.settle()
	}
	return fmt.Errorf("the Sandbox has no account %q", customer)
}

// accounts names the accounts by their labels.
func (s *seed) accounts() error {
	doc, err := s.page("/accounts")
	if err != nil {
		return err
	}
	doc.Find(`a[href^="/accounts/"]`).Each(func(_ int, a *goquery.Selection) {
		id := strings.TrimPrefix(a.AttrOr("href", ""), "/accounts/")
		if label := strings.Join(strings.Fields(a.Text()), "-"); machineID.MatchString(id) && label != "" && s.names[id] == "" {
			s.name(id, "account-"+strings.ToLower(label))
		}
	})
	return nil
}

// fault has the Sandbox misbehave once. The kind is one of its control API; behind a colon may stand a message.
func (s *seed) fault(call, kind string) error {
	kind, message, _ := strings.Cut(kind, ":")
	return s.control(http.MethodPost, "faults", map[string]any{"call": call, "kind": kind, "times": 1, "message": message}, nil)
}

// wares is a purchase.
type wares struct{ account, image, version, size, region, name, quantity string }

func usual(account, name, quantity string) wares {
	return wares{account, "ubuntu", "22.04", "2-2", "ap-southeast-3", name, quantity}
}

// draft goes through the purchase as far as the review and gives the review's address.
func (s *seed) draft(w wares) (review string, err error) {
	at, err := s.post("/buy", "account", s.id("account-"+w.account), "image", w.image, "version", w.version)
	if err != nil {
		return "", err
	}
	draft := strings.Join(strings.Split(strings.SplitN(at, "?", 2)[0], "/")[:3], "/")
	s.name(strings.TrimPrefix(draft, "/buy/"), "draft-"+w.name)
	for _, step := range [][]string{
		{"size", "size", w.size}, {"region", "region", w.region},
		{"options", "name", w.name, "quantity", w.quantity, "period", "month-1", "payment", "exact"},
	} {
		if review, err = s.post(draft+"/"+step[0], step[1:]...); err != nil {
			return "", err
		}
	}
	u, err := url.Parse(review)
	if err != nil {
		return "", err
	}
	if u.Query().Get("review") == "" {
		return "", fmt.Errorf("the options lead to %s, not to the review", review)
	}
	s.name(u.Query().Get("review"), "review-"+w.name)
	return review, nil
}

// order buys and names the order by the wares.
func (s *seed) order(w wares) error {
	review, err := s.draft(w)
	if err != nil {
		return err
	}
	doc, err := s.page(review)
	if err != nil {
		return err
	}
	at, err := s.post(
		"/orders",
		"id",
		doc.Find("input[name=id]").AttrOr("value", ""),
		"hash",
		doc.Find("input[name=hash]").AttrOr("value", ""),
	)
	if err != nil {
		return err
	}
	id, ok := strings.CutPrefix(at, "/orders/")
	if !ok {
		return fmt.Errorf("the order %q leads to %s", w.name, at)
	}
	s.name(id, "order-"+w.name)
	return s.settle()
}

// press sends a form of an order's page, "pay", with what is hidden in it.
func (s *seed) press(order, action string) error {
	path := "/orders/" + s.id("order-"+order)
	doc, err := s.page(path)
	if err != nil {
		return err
	}
	form := doc.Find(`form[action="` + path + "/" + action + `"]`).First()
	if form.Length() == 0 {
		return fmt.Errorf("the order %q has no form %q", order, action)
	}
	var pairs []string
	form.Find("input[type=hidden]").Each(func(_ int, in *goquery.Selection) {
		pairs = append(pairs, in.AttrOr("name", ""), in.AttrOr("value", ""))
	})
	if _, err := s.post(path+"/"+action, pairs...); err != nil {
		return err
	}
	return s.settle()
}

// state is an order's state, as its passport says it.
func (s *seed) state(order string) (string, error) {
	a, err := s.get("/orders/" + s.id("order-"+order) + "/passport.json")
	if err != nil {
		return "", err
	}
	var out struct {
		State string `json:"state"`
	}
	err = json.Unmarshal(a.body, &out)
	return out.State, err
}

// reach moves the calendar second by second until an order is in a state.
func (s *seed) reach(order, state string) error {
	said := ""
	for range 60 {
		var err error
		if said, err = s.state(order); err != nil || said == state {
			return err
		}
		if err := s.advance(); err != nil {
			return err
		}
	}
	return fmt.Errorf("the order %q is %q, and does not become %q", order, said, state)
}

// things names the servers and instances whose pages are saved: the first of each state and system, of all accounts.
func (s *seed) things() error {
	for _, scope := range []string{"sandbox", "real"} {
		if err := s.scope(scope); err != nil {
			return err
		}
		a, err := s.get("/servers.json")
		if err != nil {
			return err
		}
		var rows []struct {
			Server   string `json:"server_id"`
			Instance string `json:"instance_id"`
			Name     string `json:"instance_name"`
			State    string `json:"state"`
			OS       string `json:"os"`
		}
		if err := json.Unmarshal(a.body, &rows); err != nil {
			return fmt.Errorf("servers.json: %w", err)
		}
		for _, r := range rows {
			kind := scope + "-" + r.State + "-" + r.OS
			if bought := strings.HasPrefix(r.Name, "delivered") || strings.HasPrefix(r.Name, "partial"); bought {
				kind = scope + "-" + r.Name
			}
			if s.id("server-"+kind) == "no-server-"+kind && r.Server != "" {
				s.name(r.Server, "server-"+kind)
				s.name(r.Instance, "instance-"+kind)
			}
		}
	}
	return nil
}

// linked names what the first link of a page with a prefix leads to.
func (s *seed) linked(page, prefix, name string) error {
	doc, err := s.page(page)
	if err != nil {
		return err
	}
	err = fmt.Errorf("%s has no link to %s…", page, prefix)
	doc.Find(`a[href^="` + prefix + `"]`).Each(func(_ int, a *goquery.Selection) {
		if id := machineID.FindString(a.AttrOr("href", "")); id != "" && err != nil {
			s.name(id, name)
			err = nil
		}
	})
	return err
}

func (s *seed) page(path string) (*goquery.Document, error) {
	a, err := s.get(path)
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("GET %s: status %d to %q: %s", path, a.status, a.to(), plain(a.body))
	}
	if err != nil {
		return nil, err
	}
	return goquery.NewDocumentFromReader(bytes.NewReader(a.body))
}

var spaces = regexp.MustCompile(`\s+`)

// plain is what a page says, for an error.
func plain(page []byte) string {
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(page))
	if err != nil {
		return string(page)
	}
	text := doc.Find("main").Text()
	if text == "" {
		text = doc.Text()
	}
	text = spaces.ReplaceAllString(text, " ")
	return text[:min(len(text), 600)]
}
