package cloudsim_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/testclock"
)

func (w *wire) control(method, path string, body any) answer {
	w.t.Helper()
	return w.send(method, "/_sandbox/"+path, body, nil)
}

func TestControlIsForTheOwnMachine(t *testing.T) {
	w := start(t, cloudsim.Options{})
	tests := []struct {
		name   string
		header map[string]string
		status int
	}{
		{"loopback address", nil, 200},
		{"localhost", map[string]string{"Host": "localhost:8080"}, 200},
		{"IPv6 loopback", map[string]string{"Host": "[::1]:8080"}, 200},
		{"a name below localhost", map[string]string{"Host": "sandbox.localhost"}, 200},
		{"another name", map[string]string{"Host": "evil.example"}, 403},
		{"a name that begins like it", map[string]string{"Host": "localhost.evil.example"}, 403},
		{"an address of the network", map[string]string{"Host": "192.168.1.5:8080"}, 403},
		{"a name that looks like an address", map[string]string{"Host": "127.0.0.1.evil.example"}, 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, "status", w.send("GET", "/_sandbox/accounts", nil, tt.header).status, tt.status)
		})
	}
	cross := map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
	check(t, "reset by another site", w.send("POST", "/_sandbox/reset", nil, cross).status, http.StatusForbidden)
	check(t, "the cloud answers under any name", w.send("GET", "/v3/projects", nil, map[string]string{"Host": "iam.example"}).status,
		http.StatusUnauthorized)
}

func TestControlAccounts(t *testing.T) {
	w := start(t, cloudsim.Options{})
	a := w.control("GET", "accounts", nil)
	check(t, "accounts", a.len("accounts"), 3)
	for field, want := range map[string]any{"id": w.acct.ID, "name": "Sandbox", "domain_name": "sandbox", "access_key": w.acct.AccessKey,
		"secret_key": w.acct.SecretKey, "iam_user": "console", "iam_password": w.acct.IAMPassword, "currency": "USD", "balance": "500.00"} {
		check(t, field, a.at("accounts", 0, field), want)
	}
	check(t, "regions of the first", a.len("accounts", 0, "regions"), 6)
	check(t, "a project", a.at("accounts", 0, "regions", 0, "project_id"), w.acct.Regions[0].ProjectID)
	check(t, "regions of the second", a.len("accounts", 1, "regions"), 5)

	added := w.control("POST", "accounts",
		map[string]any{"name": "Team", "balance": "12.30", "regions": []any{map[string]any{"region": "tr-west-1"}}})
	check(t, "added", added.status, http.StatusCreated)
	team := newWire(t, w.s, w.s.Accounts()[3])
	check(t, "its balance", team.balance(), "12.30")
	check(t, "changed", w.control("POST", "accounts", map[string]any{"id": team.acct.ID, "balance": "99.00", "key_disabled": true}).status,
		http.StatusOK)
	check(t, "its balance then", team.balance(), "99.00")
	check(t, "its name stays", w.s.Accounts()[3].Name, "Team")
	for _, bad := range []map[string]any{{"balance": "much"}, {"balance": "1.234"}, {"name": "Sandbox"}, {"colour": "red"}, {"quota": -1}} {
		check(t, "refused", w.control("POST", "accounts", bad).status, http.StatusBadRequest)
	}
}

func TestControlFaults(t *testing.T) {
	w := start(t, cloudsim.Options{})
	a := w.control("POST", "faults", map[string]any{"call": "purchase", "kind": "late", "delay": "2m"})
	check(t, "added", a.status, http.StatusCreated)
	check(t, "times", a.at("times"), "1")
	check(t, "several", w.control("POST", "faults", map[string]any{"faults": []any{map[string]any{"call": "pay", "kind": "drop_after"},
		map[string]any{"call": "*", "kind": "clock_skew", "delay": "-10m"}}}).len("faults"), 2)
	check(t, "listed", w.control("GET", "faults", nil).len("faults"), 3)
	check(t, "delay listed", w.control("GET", "faults", nil).at("faults", 0, "delay"), "2m0s")
	check(t, "one removed", w.control("DELETE", "faults/"+a.at("id").(string), nil).status, http.StatusNoContent)
	check(t, "again", w.control("DELETE", "faults/"+a.at("id").(string), nil).status, http.StatusNotFound)
	check(t, "listed then", w.control("GET", "faults", nil).len("faults"), 2)
	check(t, "all removed", w.control("DELETE", "faults", nil).status, http.StatusNoContent)
	check(t, "none", w.control("GET", "faults", nil).len("faults"), 0)
	bad := w.control("POST", "faults", map[string]any{"call": "purchase", "kind": "explode"})
	check(t, "refused", bad.status, http.StatusBadRequest)
	check(t, "why", bad.at("error"), `there is no kind of fault "explode"`)
	check(t, "half of a list is not taken",
		w.control("POST", "faults", map[string]any{"faults": []any{map[string]any{"call": "pay", "kind": "drop_after"},
			map[string]any{"call": "pay", "kind": "x"}}}).status, http.StatusBadRequest)
	check(t, "none taken", len(w.s.Faults()), 0)
}

func TestControlClock(t *testing.T) {
	w := start(t, cloudsim.Options{})
	check(t, "offset at first", w.control("GET", "clock", nil).at("offset_us"), strconv.FormatInt(testclock.Offset().Microseconds(), 10))
	a := w.control("POST", "clock", map[string]any{"advance": "72h"})
	check(t, "offset", a.at("offset_us"), strconv.FormatInt((testclock.Offset()+72*time.Hour).Microseconds(), 10))
	now := must(time.Parse(time.RFC3339Nano, a.at("now").(string)))(t, "now")
	if d := now.Sub(testclock.Now()) - 72*time.Hour; d.Abs() > time.Minute {
		t.Errorf("now is %v off", d)
	}
	a = w.control("POST", "clock", map[string]any{"set": "2030-01-01T00:00:00Z"})
	check(t, "set", strings.HasPrefix(a.at("now").(string), "2030-01-01T00:00:0"), true)
	for _, bad := range []map[string]any{{}, {"advance": "soon"}, {"set": "tomorrow"}, {"advance": "1h", "set": "2030-01-01T00:00:00Z"},
		{"now": "x"}} {
		check(t, "refused", w.control("POST", "clock", bad).status, http.StatusBadRequest)
	}
}

func TestControlFleetImagesOptionsAndReset(t *testing.T) {
	w := start(t, cloudsim.Options{})
	a := w.control("POST", "fleet", map[string]any{"account": "Sandbox", "count": 40})
	check(t, "added", a.at("added"), "40")
	check(t, "instances", w.instances("limit=200").len("resources") > 35, true)
	check(t, "unknown account", w.control("POST", "fleet", map[string]any{"account": "x", "count": 1}).status, http.StatusBadRequest)
	check(t, "none", w.control("POST", "fleet", map[string]any{"account": "Sandbox", "count": 0}).status, http.StatusBadRequest)
	im := w.control("POST", "images", map[string]any{"account": w.acct.ID, "region": "sa-brazil-1", "os_type": "Windows"})
	check(t, "image", im.status, http.StatusCreated)
	check(t, "image listed", w.call("GET", "/v2/cloudimages", "sa-brazil-1", nil).at("images", 0, "id"), im.at("id"))
	check(t, "image of no region", w.control("POST", "images", map[string]any{"account": w.acct.ID, "region": "x"}).status,
		http.StatusBadRequest)
	check(t, "options", w.control("GET", "options", nil).at("odoo"), false)
	check(t, "options set", w.control("POST", "options", map[string]any{"odoo": true}).at("odoo"), true)
	w.s.Fail(cloudsim.Fault{Call: "*", Kind: "status", Times: -1, AfterN: 1000})
	check(t, "reset", w.control("POST", "reset", nil).status, http.StatusNoContent)
	check(t, "instances then", w.instances("").len("resources"), 0)
	check(t, "faults then", len(w.s.Faults()), 0)
	check(t, "options then", w.control("GET", "options", nil).at("odoo"), false)
	check(t, "no such page", w.control("GET", "nothing", nil).status, http.StatusNotFound)
}

func TestLedgerOfTheWire(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.s.Fail(cloudsim.Fault{Call: "purchase", Kind: "drop_after"})
	w.buy(small())
	id := w.s.Ledger().Purchases[0].OrderID
	w.pay(id)
	var l cloudsim.Ledger
	raw := w.control("GET", "ledger", nil).raw
	if err := json.Unmarshal(raw, &l); err != nil {
		t.Fatal(err)
	}
	var calls []string
	for _, r := range l.Requests {
		calls = append(calls, r.Call)
	}
	check(t, "calls", strings.Join(calls, " "), "token purchase token pay")
	p := l.Requests[1]
	check(t, "method and path", p.Method+" "+p.Path, "POST /v1/light-instances")
	check(t, "status of the lost answer", p.Status, 0)
	check(t, "client request id", p.ClientRequestID, requestID)
	check(t, "request id", p.RequestID, l.Purchases[0].RequestID)
	check(t, "fault", strings.Join(p.Faults, " "), "drop_after")
	check(t, "account", p.Account, w.acct.ID)
	check(t, "payment", l.Purchases[0].PayRequestID, l.Requests[3].RequestID)
	check(t, "payment status", l.Requests[3].Status, http.StatusNoContent)
	for _, secret := range []string{w.acct.SecretKey, w.acct.IAMPassword, w.token(""), w.acct.AccessKey} {
		check(t, "ledger without secrets", strings.Contains(string(raw), secret), false)
	}
}
