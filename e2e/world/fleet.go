//go:build e2e

package world

import "net/http"

// FleetAccounts are the Sandbox's accounts that get a fleet, with how many
// servers each has, in six regions.
var FleetAccounts = []struct {
	Name    string
	Servers int
}{{"Sandbox", 640}, {"Sandbox sign-in", 400}, {"Sandbox low", 200}}

// Fleets gives the Sandbox's three accounts the servers of FleetAccounts, as if
// they had been bought over the last year.
func (w *World) Fleets() {
	w.t.Helper()
	var fleets []map[string]any
	for _, a := range FleetAccounts {
		fleets = append(fleets, map[string]any{"account": a.Name, "count": a.Servers})
	}
	w.control(http.MethodPost, "/_sandbox/fleets", map[string]any{"fleets": fleets}, nil)
}

// Revoke makes an account's access key useless, as its owner can at any time.
func (w *World) Revoke(account string) {
	w.t.Helper()
	w.control(http.MethodPost, "/_sandbox/revoke", map[string]any{"account": account, "revoked": true}, nil)
}

// Outside changes a server as somebody does in the cloud's own console. The
// server is given by id, name or address; what changes by the names of the
// Sandbox's control API, as "power" or "instance_name".
func (w *World) Outside(server string, change map[string]any) {
	w.t.Helper()
	in := map[string]any{"server": server}
	for k, v := range change {
		in[k] = v
	}
	w.control(http.MethodPost, "/_sandbox/outside", in, nil)
}

// NewAccount adds a customer of the Sandbox with so many servers.
func (w *World) NewAccount(name string, servers int) Account {
	w.t.Helper()
	var a Account
	w.control(http.MethodPost, "/_sandbox/accounts", map[string]any{"name": name, "balance": "500.00"}, &a)
	w.control(http.MethodPost, "/_sandbox/fleet", map[string]any{"account": name, "count": servers}, nil)
	return a
}
