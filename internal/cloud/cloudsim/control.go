package cloudsim

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

const controlPrefix = "/_sandbox/"

func isControl(path string) bool { return strings.HasPrefix(path, controlPrefix) }

// controlHandler is the control API of the package comment.
func (c *Cloud) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_sandbox/accounts", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, obj{"accounts": c.Accounts()})
	})
	mux.HandleFunc("POST /_sandbox/accounts", c.postAccount)
	mux.HandleFunc("GET /_sandbox/faults", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, obj{"faults": c.Faults()})
	})
	mux.HandleFunc("POST /_sandbox/faults", c.postFaults)
	mux.HandleFunc("DELETE /_sandbox/faults", func(w http.ResponseWriter, r *http.Request) {
		c.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /_sandbox/faults/{id}", func(w http.ResponseWriter, r *http.Request) {
		if !c.faults.clear(r.PathValue("id")) {
			writeError(w, http.StatusNotFound, "there is no such fault")
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_sandbox/clock", func(w http.ResponseWriter, r *http.Request) { c.writeClock(w) })
	mux.HandleFunc("POST /_sandbox/clock", c.postClock)
	mux.HandleFunc("POST /_sandbox/reset", func(w http.ResponseWriter, r *http.Request) {
		if err := c.Reset(); err != nil {
			writeError(w, http.StatusInternalServerError, err.Error())
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /_sandbox/fleet", c.postFleet)
	mux.HandleFunc("POST /_sandbox/fleets", c.postFleets)
	mux.HandleFunc("POST /_sandbox/revoke", c.postRevoke)
	mux.HandleFunc("POST /_sandbox/outside", c.postOutside)
	mux.HandleFunc("POST /_sandbox/foreign", c.postForeign)
	mux.HandleFunc("POST /_sandbox/dial", c.postDial)
	mux.HandleFunc("GET /_sandbox/screen", c.screen)
	mux.HandleFunc("POST /_sandbox/images", c.postImage)
	mux.HandleFunc("GET /_sandbox/options", func(w http.ResponseWriter, r *http.Request) { c.writeOptions(w) })
	mux.HandleFunc("POST /_sandbox/options", c.postOptions)
	mux.HandleFunc("GET /_sandbox/ledger", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, c.Ledger())
	})
	mux.HandleFunc("/_sandbox/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, "the Sandbox has no such page")
	})
	return localOnly(mux)
}

// localOnly keeps other machines' names (DNS rebinding) and other web pages (forged requests) out.
func localOnly(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLocal(r.Host) {
			writeError(w, http.StatusForbidden, "the Sandbox is controlled from its own machine: use localhost")
			return
		}
		if err := origin.Check(r); err != nil {
			writeError(w, http.StatusForbidden, "the request comes from another site")
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func isLocal(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}

func writeError(w http.ResponseWriter, status int, sentence string) {
	writeJSON(w, status, obj{"error": sentence})
}

// readJSON takes at most 1 MiB; unknown fields are refused, so that a misspelt one is noticed.
func readJSON(w http.ResponseWriter, r *http.Request, v any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		writeError(w, http.StatusBadRequest, "the body cannot be read: "+err.Error())
		return false
	}
	return true
}

func (c *Cloud) postAccount(w http.ResponseWriter, r *http.Request) {
	var a Account
	if !readJSON(w, r, &a) {
		return
	}
	status, change := http.StatusCreated, c.AddAccount
	if a.ID != "" {
		c.mu.RLock()
		if old := c.state.account(a.ID); old != nil && old.ID == a.ID {
			status, change = http.StatusOK, c.SetAccount
		}
		c.mu.RUnlock()
	}
	out, err := change(a)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	writeJSON(w, status, out)
}

func (c *Cloud) postFaults(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		writeError(w, http.StatusBadRequest, "the body cannot be read")
		return
	}
	var many struct {
		Faults []Fault `json:"faults"`
	}
	if json.Unmarshal(raw, &many) == nil && many.Faults != nil {
		out := []Fault{}
		for _, f := range many.Faults {
			if err := f.check(); err != nil {
				writeError(w, http.StatusBadRequest, err.Error())
				return
			}
		}
		for _, f := range many.Faults {
			g, _ := c.AddFault(f) // checked
			out = append(out, g)
		}
		writeJSON(w, http.StatusCreated, obj{"faults": out})
		return
	}
	var f Fault
	if err := json.Unmarshal(raw, &f); err != nil {
		writeError(w, http.StatusBadRequest, "the body cannot be read: "+err.Error())
		return
	}
	g, err := c.AddFault(f)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	writeJSON(w, http.StatusCreated, g)
}

func (c *Cloud) writeClock(w http.ResponseWriter) {
	c.mu.RLock()
	now, offset := c.now(), c.opts.Ahead+c.state.meta.Offset
	c.mu.RUnlock()
	writeJSON(w, http.StatusOK, obj{"now": now.Format(time.RFC3339Nano), "offset_us": offset.Microseconds()})
}

func (c *Cloud) postClock(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Advance string `json:"advance"`
		Set     string `json:"set"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	var err error
	switch {
	case (in.Advance == "") == (in.Set == ""):
		writeError(w, http.StatusBadRequest, "give either advance or set")
		return
	case in.Set != "":
		var t time.Time
		if t, err = time.Parse(time.RFC3339, in.Set); err == nil {
			err = c.SetClock(t)
		}
	default:
		var d time.Duration
		if d, err = time.ParseDuration(in.Advance); err == nil {
			err = c.Advance(d)
		}
	}
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	c.writeClock(w)
}

func (c *Cloud) postFleet(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Account string `json:"account"`
		Count   int    `json:"count"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if err := c.Fleet(in.Account, in.Count); err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	c.mu.RLock()
	n := len(c.state.owned[c.state.account(in.Account).ID])
	c.mu.RUnlock()
	writeJSON(w, http.StatusOK, obj{"added": in.Count, "instances": n})
}

func (c *Cloud) postFleets(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Fleets []FleetOf `json:"fleets"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	out, err := c.Fleets(in.Fleets)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	writeJSON(w, http.StatusOK, obj{"accounts": out})
}

func (c *Cloud) postRevoke(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Account string `json:"account"`
		Revoked bool   `json:"revoked"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if err := c.Revoke(in.Account, in.Revoked); err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (c *Cloud) postImage(w http.ResponseWriter, r *http.Request) {
	var im Image
	if !readJSON(w, r, &im) {
		return
	}
	out, err := c.AddImage(im)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	writeJSON(w, http.StatusCreated, out)
}

func (c *Cloud) writeOptions(w http.ResponseWriter) {
	c.mu.RLock()
	odoo := c.state.meta.Odoo
	c.mu.RUnlock()
	writeJSON(w, http.StatusOK, obj{"odoo": odoo})
}

func (c *Cloud) postOptions(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Odoo *bool `json:"odoo"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if in.Odoo != nil {
		if err := c.AcceptOdoo(*in.Odoo); err != nil {
			writeError(w, http.StatusInternalServerError, err.Error())
			return
		}
	}
	c.writeOptions(w)
}

// AcceptOdoo makes the purchase take the image name "Odoo" (true) or "Odo", as the reference prints it (false).
func (c *Cloud) AcceptOdoo(on bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.meta.Odoo = on
	return c.commit(rec("meta", c.state.meta))
}

// Reset forgets orders, instances, images that were added, faults and the wire log, and puts balances, clock and the
// name of Odoo back. Accounts and their keys stay.
func (c *Cloud) Reset() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.clear("")
	c.wire.clear()
	c.state.wipe()
	c.state.meta.Offset, c.state.meta.Odoo = 0, c.opts.AcceptOdoo
	recs := []record{rec("reset", nil), rec("meta", c.state.meta)}
	for _, a := range c.state.accounts {
		a.Cents, a.wrong, a.lockedUntil = a.InitialCents, 0, time.Time{}
		recs = append(recs, rec("account", a))
		for _, im := range seedImages(a, c.now()) {
			c.state.addImage(im)
			recs = append(recs, rec("image", im))
		}
	}
	return c.commit(recs...)
}

// wipe leaves settings and accounts.
func (s *state) wipe() {
	m, accounts := s.meta, s.accounts
	s.init()
	s.meta, s.accounts = m, accounts
}
