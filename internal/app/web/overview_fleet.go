package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/web/templates/overview"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// tally counts servers by how they are.
type tally struct{ all, running, stopped, busy, faulty, frozen, unknown int }

func (t *tally) add(r *instance.Row) {
	t.all++
	switch r.State {
	case instance.StateRunning:
		t.running++
	case instance.StateStopped:
		t.stopped++
	case instance.StateFaulty:
		t.faulty++
	case instance.StateFrozen:
		t.frozen++
	case instance.StateUnknown:
		t.unknown++
	default:
		t.busy++
	}
}

// summary is what the first page says of the servers of a scope.
type summary struct {
	all               tally
	regions, accounts map[string]*tally
	soon              int // terms that end within dueSoon
	wrong             troubles
}

// GiveBack drops what is kept only so that it is not made again.
func (s *Server) GiveBack() { s.summaries.Forget() }

// summary is made once for all who look at the same picture in the same minute.
func (p overviewPages) summary(sc scope) *summary {
	rows, now := p.instances.Rows(), p.s.Now()
	return p.s.summaries.Of(rows, fmt.Sprint(now.Unix()/60, sc.ids()), func() *summary {
		s := &summary{regions: make(map[string]*tally), accounts: make(map[string]*tally)}
		mine := within(rows, sc)
		for _, r := range mine {
			s.all.add(r)
			into(s.regions, r.Region).add(r)
			into(s.accounts, r.AccountID).add(r)
			if left := r.Expires.Sub(now); r.First && !r.AutoRenew && !r.Expires.IsZero() && left > 0 && left <= dueSoon {
				s.soon++
			}
		}
		s.wrong = wrong(mine, now)
		return s
	})
}

// fleet is what there is in the scope.
func (p overviewPages) fleet(pr *text.Printer, sc scope) overview.FleetModel {
	var m overview.FleetModel
	s := p.summary(sc)
	if s.all.all == 0 {
		return m
	}
	m.Servers = pr.Number(s.all.all)
	m.Figures = figures(pr, s.all, s.soon)
	for code, t := range s.regions {
		name := pr.T("overview.region.unknown")
		if code != "" {
			name = regionName(pr, code)
		}
		m.Regions = append(m.Regions, part(pr, name, "region:"+code, *t))
	}
	slices.SortFunc(m.Regions, func(a, b overview.Part) int { return strings.Compare(a.Name, b.Name) })
	if len(sc.accounts) > 1 {
		m.Accounts = accountParts(pr, sc, s.accounts)
	}
	return m
}

// accountParts has a line for every account of the scope, also for those of
// which nothing is known.
func accountParts(pr *text.Printer, sc scope, by map[string]*tally) []overview.Part {
	var out []overview.Part
	for _, a := range sc.accounts {
		var t tally
		if known := by[a.ID]; known != nil {
			t = *known
		}
		o := part(pr, a.Label, "account:"+a.ID, t)
		o.IsName, o.Sandbox, o.Unread = true, a.Sandbox(), a.State == account.Broken
		out = append(out, o)
	}
	return out
}

func into(m map[string]*tally, key string) *tally {
	if m[key] == nil {
		m[key] = &tally{}
	}
	return m[key]
}

// figures are the totals by state; states that nothing is in are left out, but
// for the first two.
func figures(p *text.Printer, t tally, soon int) []ui.Pair {
	linked := func(key string, n int, tone, url, note string) ui.Pair {
		return ui.Pair{Key: p.T(key), Part: overview.Linked(url, tone, p.Number(n)), Note: note}
	}
	out := []ui.Pair{
		linked("overview.servers", t.all, "", "/servers", ""),
		linked("overview.running", t.running, "", serversURL("state:"+instance.StateRunning), ""),
	}
	for _, f := range []struct {
		key, tone, url, note string
		n                    int
	}{
		{"overview.stopped", "", serversURL("state:" + instance.StateStopped), p.T("overview.stopped.paid"), t.stopped},
		{"overview.busy", "", serversURL("state:" + strings.Join(busyStates, ",")), "", t.busy},
		{"overview.faulty", "c-bad", serversURL("state:" + instance.StateFaulty), "", t.faulty},
		{"overview.frozen.state", "c-bad", serversURL("state:" + instance.StateFrozen), p.T("overview.frozen.note"), t.frozen},
		{"overview.unknown", "c-2", serversURL("state:" + instance.StateUnknown), p.T("overview.unknown.note"), t.unknown},
		{"overview.expiring", "c-warn", serversURL("problem:" + instance.ProblemExpiring), p.T("overview.expiring.note"), soon},
	} {
		if f.n > 0 {
			out = append(out, linked(f.key, f.n, f.tone, f.url, f.note))
		}
	}
	return out
}

// busyStates are the states between others.
var busyStates = []string{instance.StateStarting, instance.StateStopping, instance.StateRestarting, instance.StateCreating, instance.StateBusy}

// part is a line of a table; term is the search that finds its servers.
func part(p *text.Printer, name, term string, t tally) overview.Part {
	count := func(n int) string {
		if n == 0 {
			return "–"
		}
		return p.Number(n)
	}
	o := overview.Part{Name: name, URL: serversURL(term), Count: p.Number(t.all), Running: count(t.running), Stopped: count(t.stopped), Busy: count(t.busy), Faulty: count(t.faulty + t.frozen), Mix: mix(t)}
	if t.faulty+t.frozen > 0 {
		o.FaultyURL = serversURL(term, "state:"+instance.StateFaulty+","+instance.StateFrozen)
	}
	return o
}

// mix is the bar of a line, in thousandths. What is not known stays empty.
func mix(t tally) []overview.Piece {
	var out []overview.Piece
	at := 0
	sum := 0
	for _, s := range []struct {
		class string
		n     int
	}{{"run", t.running}, {"off", t.stopped}, {"busy", t.busy}, {"bad", t.faulty + t.frozen}} {
		sum += s.n
		if end := 1000 * sum / max(1, t.all); end > at {
			out = append(out, overview.Piece{Class: s.class, X: strconv.Itoa(at), Width: strconv.Itoa(end - at)})
			at = end
		}
	}
	return out
}

// iso is a moment as <time datetime> takes it.
func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }
