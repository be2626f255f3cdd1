package visit_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/person"
	"sampan/internal/app/web/visit"
)

var (
	marina = account.Account{ID: "a1", Label: "Marina", Site: account.International}
	dhow   = account.Account{ID: "a2", Label: "Dhow", Site: account.Europe}
	play   = account.Account{ID: "s1", Label: "Sandbox", Site: account.SandboxSite}
)

// Real and simulated accounts are never in one scope.
func TestScopes(t *testing.T) {
	everything := []account.Account{marina, play, dhow}
	for _, tt := range []struct {
		name    string
		all     []account.Account
		key     string
		want    string
		sandbox bool
		ids     string
	}{
		{"nothing chosen", everything, "", "real", false, "a1 a2"},
		{"all real ones", everything, "real", "real", false, "a1 a2"},
		{"the Sandbox", everything, "sandbox", "sandbox", true, "s1"},
		{"one account", everything, "a2", "a2", false, "a2"},
		{"one that is simulated", everything, "s1", "s1", true, "s1"},
		{"one that is gone", everything, "a9", "real", false, "a1 a2"},
		{"one that is gone, beside the Sandbox alone", []account.Account{play}, "a9", "sandbox", true, "s1"},
		{"all real ones, where there are none", []account.Account{play}, "real", "sandbox", true, "s1"},
		{"a Sandbox that is not connected", []account.Account{marina}, "sandbox", "real", false, "a1"},
		{"no account", nil, "sandbox", "real", false, ""},
	} {
		sc := visit.Narrow(tt.all, tt.key)
		if sc.Key != tt.want || sc.Sandbox != tt.sandbox || strings.Join(sc.IDs(), " ") != tt.ids || len(sc.All) != len(tt.all) {
			t.Errorf("%s: %s, sandbox %t, %v", tt.name, sc.Key, sc.Sandbox, sc.IDs())
		}
	}
}

func TestWhatAScopeKnows(t *testing.T) {
	sc := visit.Narrow([]account.Account{marina, play, dhow}, "a1")
	for id, want := range map[string]struct{ has, knows bool }{"a1": {true, true}, "a2": {false, true}, "s1": {false, true},
		"a9": {false, false}, "": {false, true}} {
		if sc.Has(id) != want.has || sc.Knows(id) != want.knows {
			t.Errorf("%q: has %t, knows %t", id, sc.Has(id), sc.Knows(id))
		}
		if a, ok := sc.AccountOf(id); ok != (want.knows && id != "") || ok && a.ID != id {
			t.Errorf("%q: the account %+v, %t", id, a, ok)
		}
	}
	if !sc.HasSandbox() || visit.Narrow([]account.Account{marina}, "").HasSandbox() {
		t.Error("the Sandbox is there, or not there")
	}
}

// accounts count how often they are listed.
type accounts struct {
	asked int
	err   error
}

func (a *accounts) List(context.Context, person.Actor) ([]account.Account, error) {
	a.asked++
	return []account.Account{marina, play}, a.err
}

func TestTheScopeIsReadOncePerRequest(t *testing.T) {
	all := &accounts{}
	scopes := visit.Scopes{Accounts: all}
	c, _ := request("GET", "/?scope=real&account=a1")
	visit.Of(c).Person = person.Person{ID: "p1", Scope: "sandbox"}
	for range 2 {
		if sc, err := scopes.Of(c); err != nil || sc.Key != "sandbox" {
			t.Errorf("%+v, %v", sc, err)
		}
	}
	if all.asked != 1 {
		t.Errorf("read %d times", all.asked)
	}
	visit.SetScope(c, visit.Narrow([]account.Account{marina}, "a1"))
	if sc, err := scopes.Of(c); err != nil || sc.Key != "a1" {
		t.Errorf("a scope that was set: %+v, %v", sc, err)
	}
	broken := errors.New("broken")
	c, _ = request("GET", "/")
	if _, err := (visit.Scopes{Accounts: &accounts{err: broken}}).Of(c); !errors.Is(err, broken) {
		t.Errorf("a failure is lost: %v", err)
	}
}

// What a client writes into headers is believed from a trusted proxy alone.
func TestOrigins(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, tt := range map[string]struct {
		remote, host string
		headers      []string
		want         visit.Origin
	}{
		"straight":                             {"192.0.2.7:1234", "Console.Example", nil, visit.Origin{Host: "console.example", Address: "192.0.2.7"}},
		"a stranger":                           {"192.0.2.7:1", "c", []string{"X-Forwarded-For: 8.8.8.8", "X-Forwarded-Proto: https"}, visit.Origin{Host: "c", Address: "192.0.2.7"}},
		"a proxy":                              {"10.0.0.1:1", "c", []string{"X-Forwarded-For: 8.8.8.8", "X-Forwarded-Proto: HTTPS"}, visit.Origin{Host: "c", Address: "8.8.8.8", Secure: true}},
		"two proxies":                          {"10.0.0.1:1", "c", []string{"X-Forwarded-For: 8.8.8.8", "X-Forwarded-For: 10.0.0.2"}, visit.Origin{Host: "c", Address: "8.8.8.8"}},
		"what a client wrote before the proxy": {"10.0.0.1:1", "c", []string{"X-Forwarded-For: 1.1.1.1, 8.8.8.8"}, visit.Origin{Host: "c", Address: "8.8.8.8"}},
		"proxies alone":                        {"10.0.0.1:1", "c", []string{"X-Forwarded-For: 10.0.0.3, 10.0.0.2"}, visit.Origin{Host: "c", Address: "10.0.0.3"}},
		"no address":                           {"10.0.0.1:1", "c", []string{"X-Forwarded-For: <x>"}, visit.Origin{Host: "c", Address: "10.0.0.1"}},
		"IPv6":                                 {"[fd00::1]:1", "[::1]:8080", []string{"X-Forwarded-For: [2001:db8::7]:55"}, visit.Origin{Host: "[::1]:8080", Address: "2001:db8::7", Local: true}},
		"localhost":                            {"127.0.0.1:1", "localhost.", nil, visit.Origin{Host: "localhost.", Address: "127.0.0.1", Local: true}},
		"under it":                             {"127.0.0.1:1", "a.localhost:80", nil, visit.Origin{Host: "a.localhost:80", Address: "127.0.0.1", Local: true}},
		"not under it":                         {"127.0.0.1:1", "notlocalhost", nil, visit.Origin{Host: "notlocalhost", Address: "127.0.0.1"}},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Host = tt.remote, tt.host
		for _, h := range tt.headers {
			key, value, _ := strings.Cut(h, ": ")
			r.Header.Add(key, value)
		}
		if got := visit.OriginOf(r, trusted); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
	if visit.IsTrusted("no address", trusted) || !visit.IsTrusted("::ffff:10.1.2.3", trusted) {
		t.Error("nonsense is trusted, or an IPv4 address in IPv6 is not")
	}
	for host, want := range map[string]bool{
		"console.example:8080": true, "[::1]:80": true, "a_b": true, "": false, "a b": false, "a/b": false, "a<b": false, "ä": false,
		strings.Repeat("a", 255): true, strings.Repeat("a", 256): false,
	} {
		if got := visit.ValidHost(host); got != want {
			t.Errorf("%.40q: %t", host, got)
		}
	}
}
