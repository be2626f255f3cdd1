package main

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// booted is how long the console leaves a new server alone before it tries its ports, by the machine's clock, and a
// little more.
const booted = 24 * time.Second

// stages fills the world and saves its pages at each stage.
func (s *saver) stages() error {
	nobody := []string{
		"/setup/owner",
		"/sign-in",
		"/sign-in?next=/orders",
		"/reset",
		"/",
		"/no-such-page",
		"/healthz",
		"/readyz",
		"/static/no-such-file",
	}
	return inOrder("the seed",
		// Nothing asks the Sandbox yet: the ids of this account are the same in every run.
		func() error { return s.customer("Ankara", 6) },
		func() error { return s.all("start", false, nobody...) },
		s.owner,
		func() error { return s.all("first", true, "/setup/cloud", "/", "/settings/you") },
		func() error { return s.fleet("Sandbox low", 24) },
		func() error { return s.account("/setup/cloud", "Sandbox low", "Riyadh office") },
		func() error { return s.all("checked", true, "/setup/check") },
		func() error { return s.speak("en") },
		func() error { _, err := s.post("/sandbox/open"); return err },
		s.settle,
		func() error {
			return s.all("empty", true, "/", "/servers", "/instances", "/orders", "/traffic", "/search?q=web")
		},
		func() error { return s.speak("en") },
		s.connect,
		func() error { return s.scope("sandbox") }, // the console buys in the scope, whatever account a form names
		s.orders, s.lists,
		func() error { time.Sleep(booted); return s.settle() },
		s.things,
		func() error { return s.scope("sandbox") },
		func() error { return s.all("sandbox", true, s.roots()...) },
		func() error { return s.scope("real") },
		func() error { return s.all("real", true, s.roots()...) },
		func() error { s.forget(); return s.all("out", false, nobody...) },
	)
}

// roots are the addresses that a stage begins with; the others are found by the links of their pages.
func (s *saver) roots() []string {
	out := []string{
		"/", "/counts", "/search", "/search?q=web", "/search?q=%3F%3F", "/no-such-page", "/healthz", "/readyz",
		"/servers?q=web&sort=-name", "/servers?q=nonsense%3Athere+web", "/servers?state=stopped&region=ap-southeast-3",
		"/servers/rows", "/servers?q=no-such-name",
		"/instances?q=web&sort=-name", "/instances/rows", "/servers/no-such", "/instances/no-such", "/orders/no-such", "/accounts/no-such",
		"/traffic", "/traffic?q=web", "/views/no-such", "/views/new?list=servers&q=web", "/views/new?list=instances&q=web",
		"/selections/new?list=servers", "/selections/new?list=instances", "/servers/columns", "/instances/columns",
		"/buy", "/buy/matrix", "/buy?image=ghost&size=2-4&version=5.67", "/orders", "/orders?state=found", "/accounts", "/accounts/new",
		"/sandbox", "/sandbox/armed", "/sandbox/reset", "/settings", "/settings/you", "/settings/security", "/settings/console",
		"/sign-in", "/sign-in/again?next=/accounts", "/reset", "/setup/owner", "/setup/cloud", "/setup/check",
		"/buy/price?account=" + s.id(
			"account-sandbox",
		) + "&image=ghost&version=5.67&size=2-4&region=ap-southeast-3&period=month-1&quantity=1",
		"/buy/balance?account=" + s.id("account-sandbox"), "/buy/balance?account=" + s.id("account-ankara-office"),
	}
	for _, list := range []string{"servers", "instances"} {
		for _, ext := range []string{"csv", "json", "xlsx"} {
			out = append(out, "/"+list+"."+ext, "/"+list+"."+ext+"?q=state%3Astopped")
		}
		chosen := "?selection=" + s.id("selected-"+list)
		out = append(
			out,
			"/"+list+chosen,
			"/"+list+"/actions/labels"+chosen,
			"/"+list+"/actions/labels"+chosen+"&add=new",
			"/"+list+".csv"+chosen,
		)
	}
	for _, id := range s.sorted() {
		switch name := s.names[id]; {
		case strings.HasPrefix(name, "server-"):
			out = append(out, under("/servers/"+id, "", "/raw", "/login.rdp", "/metrics", "/checks", "/names", "/tags")...)
		case strings.HasPrefix(name, "instance-"):
			out = append(out, under("/instances/"+id, "", "/raw", "/traffic")...)
		case strings.HasPrefix(name, "draft-"):
			out = append(out, under("/buy/"+id, "", "/image", "/size", "/region", "/options", "/options?more=1", "/review")...)
		case strings.HasPrefix(name, "review-"):
			out = append(out, "/buy/"+s.id("draft-"+strings.TrimPrefix(name, "review-"))+"/review?review="+id)
		case strings.HasPrefix(name, "view-"):
			out = append(out, under("/views/"+id, "", "/delete")...)
		case strings.HasPrefix(name, "order-"):
			out = append(out, under("/orders/"+id, "", "/passport", "/passport.json")...)
		case strings.HasPrefix(name, "account-"):
			out = append(out, under("/accounts/"+id, "", "/key", "/twins", "/delete")...)
		}
	}
	return out
}

func under(path string, ends ...string) []string {
	out := make([]string, len(ends))
	for i, end := range ends {
		out[i] = path + end
	}
	return out
}

// connect connects a second account, which loses its key then, gives the Sandbox's own servers, and has all of them read.
func (s *seed) connect() error {
	return inOrder("the accounts",
		func() error { return s.account("/accounts", "Ankara", "Ankara office") },
		func() error { return s.fleet("Sandbox", 40) },
		func() error { _, err := s.post("/instances/refresh"); return err },
		s.settle, s.accounts,
		func() error {
			return s.control(http.MethodPost, "revoke", map[string]any{"account": "Ankara", "revoked": true}, nil)
		},
		func() error { _, err := s.post("/accounts/" + s.id("account-ankara-office") + "/check"); return err },
		s.settle,
		s.advance,
	)
}

// orders buys, so that there is an order in each state that a person meets. What has no clear answer comes late: it locks
// buying with its account. What is delivered comes last: how long its servers take to boot is measured.
func (s *seed) orders() error {
	const unpaid = "awaiting payment"
	one := func(w wares, state string, faults ...string) func() error {
		return func() error {
			for _, f := range faults {
				if err := s.fault("purchase", f); err != nil {
					return err
				}
			}
			if err := s.order(w); err != nil {
				return err
			}
			return s.reach(w.name, state)
		}
	}
	then := func(order, action, state string) func() error {
		return func() error {
			if err := s.press(order, action); err != nil {
				return err
			}
			return s.reach(order, state)
		}
	}
	return inOrder("the orders",
		one(usual("sandbox", "cancelled", "1"), unpaid), then("cancelled", "cancel", "cancelled"),
		one(usual("sandbox", "refused", "1"), "refused", "sold_out"),
		one(usual("sandbox", "failed", "1"), unpaid, "order_fails"), then("failed", "pay", "closed"),
		one(usual("sandbox", "unpaid", "1"), unpaid),
		one(usual("sandbox", "delivered", "2"), unpaid),
		one(usual("sandbox", "partial", "3"), unpaid, "partial"),
		one(usual("sandbox", "stuck", "1"), unpaid, "stuck"), then("stuck", "pay", "delivering"),
		func() error { _, err := s.draft(usual("sandbox", "half", "1")); return err },
		func() error {
			return s.control(
				http.MethodPost,
				"foreign",
				map[string]any{"account": "Sandbox", "name": "stranger", "quantity": 4, "months": 3},
				nil,
			)
		},
		// Somebody buys the same with our user while the answer is lost: a person decides which of the two it is.
		one(usual("sandbox", "twins", "1"), "needs human", "drop_after", "extra_order:console"),
		one(usual("sandbox", "doubt", "1"), "unknown", "drop_after", "invisible"),
		then("partial", "pay", "partly delivered"),
		then("delivered", "pay", "delivered"),
		func() error { return s.fault("purchase", "sold_out") }, // waits
	)
}

// lists gives some servers and instances labels, and keeps a view of each list.
func (s *seed) lists() error {
	for _, list := range []string{"servers", "instances"} {
		at, err := s.post("/selections", "list", list, "all", "1", "q", "web", "do", "labels")
		if err != nil {
			return err
		}
		_, id, _ := strings.Cut(at, "selection=")
		s.name(id, "selected-"+list)
		if _, err := s.post("/"+list+"/actions/labels", "selection", id, "add", "team a, nightly"); err != nil {
			return err
		}
		at, err = s.post("/views", "list", list, "name", "Web "+list, "q", "label:nightly", "sort", "-name", "shared", "on")
		if err != nil {
			return err
		}
		if err := s.linked(at, "/views/", "view-"+list); err != nil {
			return err
		}
	}
	return nil
}

var getRoute = regexp.MustCompile(`\bget\b[^"\n]*"(/[^"\n]*)"`)

// covers reports the routes of a tree's table that no saved page is of.
func (s *saver) covers(table string) error {
	b, err := os.ReadFile(table)
	if err != nil {
		return fmt.Errorf("whether every route was saved is not known: %w", err)
	}
	found := getRoute.FindAllStringSubmatch(string(b), -1)
	if len(found) == 0 {
		return fmt.Errorf("%s has no line like `get, path: \"/servers\"`: whether every route was saved is not known", table)
	}
	var missing []string
	for _, m := range found {
		shape := regexp.MustCompile("^" + regexp.MustCompile(`:[a-z]+|\\\*`).ReplaceAllString(regexp.QuoteMeta(m[1]), "[^/]+") + "$")
		if m[1] != "/events" && !slices.ContainsFunc(slices.Collect(maps.Keys(s.paths)), shape.MatchString) { // a stream without end
			missing = append(missing, m[1])
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("no page was saved of %s: add it to the seed or to roots", strings.Join(missing, ", "))
	}
	return nil
}
