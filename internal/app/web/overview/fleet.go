package overview

import (
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/instance"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/overview"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// stateCounts counts servers by how they are.
type stateCounts struct{ all, running, stopped, busy, faulty, frozen, unknown int }

func (t *stateCounts) add(r *instance.Row) {
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
	all               stateCounts
	regions, accounts map[string]*stateCounts
	soon              int // terms that end within instance.ExpiringWithin
	troubles          troubles
}

// summaryKey names what a summary depends on besides the picture.
type summaryKey struct {
	minute   int64
	accounts string // their ids
}

// GiveBack drops the summaries that are kept; they are made again when needed.
func (h *Pages) GiveBack() { h.summaries.Forget() }

// summary is made once for all who look at the same picture in the same minute.
func (h *Pages) summary(sc visit.Scope) *summary {
	rows, version := h.Instances.Rows()
	now := h.Now()
	return h.summaries.Of(version, summaryKey{minute: now.Unix() / 60, accounts: strings.Join(sc.IDs(), ",")}, func() *summary {
		s := &summary{regions: make(map[string]*stateCounts), accounts: make(map[string]*stateCounts)}
		mine := rowsIn(rows, sc)
		for _, r := range mine {
			s.all.add(r)
			countsOf(s.regions, r.Region).add(r)
			countsOf(s.accounts, r.AccountID).add(r)
			if left := r.Expires.Sub(now); r.First && !r.AutoRenew && !r.Expires.IsZero() && left > 0 && left <= instance.ExpiringWithin {
				s.soon++
			}
		}
		s.troubles = sortTroubles(mine, now)
		return s
	})
}

// fleet is what there is in the scope, and what of it is not known.
func (h *Pages) fleet(c echo.Context, sc visit.Scope) (overview.FleetModel, error) {
	var m overview.FleetModel
	p, s := visit.Printer(c), h.summary(sc)
	gaps, err := h.Known.Gaps(c, sc)
	if err != nil {
		return m, err
	}
	there := gaps.Of(instance.AboutList, instance.AboutStates)
	if s.all.all == 0 {
		if len(there) > 0 {
			m.Unread = wording.UnreadFleet(p, there)
		}
		return m, nil
	}
	if m.Age, err = h.Known.Read(c, sc); err != nil {
		return m, err
	}
	m.Servers = wording.AtLeast(p, s.all.all, gaps.Of(instance.AboutList))
	m.Figures = figures(p, s.all, s.soon, gaps)
	for code, t := range s.regions {
		name := p.T("overview.region.unknown")
		if code != "" {
			name = wording.RegionName(p, code)
		}
		elsewhere := func(g instance.Gap) bool { return g.About == instance.AboutStates && g.Region != code }
		o := breakdown(p, name, "region:"+code, *t, slices.DeleteFunc(slices.Clone(there), elsewhere))
		o.Unread = code != "" && slices.ContainsFunc(there, func(g instance.Gap) bool { return g.Region == code && g.Failed() })
		m.Regions = append(m.Regions, o)
	}
	slices.SortFunc(m.Regions, func(a, b overview.Part) int { return strings.Compare(a.Name, b.Name) })
	if len(sc.Accounts) > 1 {
		m.Accounts = accountParts(p, sc, s.accounts, there)
	}
	return m, nil
}

// accountParts has a line for every account of the scope, also for those of
// which nothing is known.
func accountParts(p *text.Printer, sc visit.Scope, by map[string]*stateCounts, gaps instance.Gaps) []overview.Part {
	var out []overview.Part
	for _, a := range sc.Accounts {
		var t stateCounts
		if known := by[a.ID]; known != nil {
			t = *known
		}
		mine := gaps.In(a.ID)
		o := breakdown(p, a.Label, "account:"+a.ID, t, mine)
		o.IsName, o.Sandbox, o.Unread = true, a.Sandbox(), slices.ContainsFunc(mine, instance.Gap.Failed)
		out = append(out, o)
	}
	return out
}

func countsOf(m map[string]*stateCounts, key string) *stateCounts {
	if m[key] == nil {
		m[key] = &stateCounts{}
	}
	return m[key]
}

// figures are the totals by state. All servers and the running ones are always among
// them; the others when there are any, and those that are about to expire also when
// it is not known whether there are any.
func figures(p *text.Printer, t stateCounts, soon int, gaps instance.Gaps) []ui.Pair {
	list := gaps.Of(instance.AboutList)
	states := gaps.Of(instance.AboutList, instance.AboutStates)
	terms := gaps.Of(instance.AboutList, instance.AboutTerms)
	linked := func(key string, n int, of instance.Gaps, tone, url, note string) ui.Pair {
		if n == 0 {
			tone = "c-2"
		}
		return ui.Pair{Key: p.T(key), Part: overview.Linked(url, tone, wording.AtLeast(p, n, of)), Note: note}
	}
	unlisted := "overview.unknown.note"
	if slices.ContainsFunc(gaps.Of(instance.AboutStates), func(g instance.Gap) bool { return g.Failed() && g.Lacking > 0 }) {
		unlisted = "overview.unknown.failed"
	}
	out := []ui.Pair{
		linked("overview.servers", t.all, list, "", "/servers", ""),
		linked("overview.running", t.running, states, "", wording.ServersURL("state:"+instance.StateRunning), ""),
	}
	for _, f := range []struct {
		key, tone, url, note string
		n                    int
		of                   instance.Gaps
		always               bool // also when n is 0
	}{
		{"overview.stopped", "", wording.ServersURL("state:" + instance.StateStopped), p.T("overview.stopped.paid"), t.stopped, states, false},
		{"overview.busy", "", wording.ServersURL("state:" + strings.Join(busyStates, ",")), "", t.busy, states, false},
		{"overview.faulty", "c-bad", wording.ServersURL("state:" + instance.StateFaulty), "", t.faulty, states, false},
		{"overview.frozen.state", "c-bad", wording.ServersURL("state:" + instance.StateFrozen), p.T("overview.frozen.note"), t.frozen, states, false},
		{"overview.unknown", "c-2", wording.ServersURL("state:" + instance.StateUnknown), p.T(unlisted), t.unknown, nil, false},
		{"overview.expiring", "c-warn", wording.ServersURL("problem:" + instance.ProblemExpiring), p.T("overview.expiring.note"), soon, terms, terms.Short()},
	} {
		if f.n > 0 || f.always {
			out = append(out, linked(f.key, f.n, f.of, f.tone, f.url, f.note))
		}
	}
	return out
}

// busyStates are the states of a server that changes from one lasting state to another.
var busyStates = []string{instance.StateStarting, instance.StateStopping, instance.StateRestarting, instance.StateCreating,
	instance.StateBusy}

// breakdown is the line of a region or an account; term is the search that finds its
// servers, and gaps are what is not known of them.
func breakdown(p *text.Printer, name, term string, t stateCounts, gaps instance.Gaps) overview.Part {
	short := t.unknown > 0 || gaps.Short()
	count := func(n int) string {
		if n == 0 && !short {
			return "–"
		}
		return wording.AtLeastShort(p, n, short)
	}
	o := overview.Part{Name: name, URL: wording.ServersURL(term), Count: wording.AtLeast(p, t.all, gaps.Of(instance.AboutList)),
		Running: count(t.running), Stopped: count(t.stopped), Busy: count(t.busy), Faulty: count(t.faulty + t.frozen), Mix: mix(t)}
	if t.faulty+t.frozen > 0 {
		o.FaultyURL = wording.ServersURL(term, "state:"+instance.StateFaulty+","+instance.StateFrozen)
	}
	return o
}

// mix is the bar of a line, in thousandths. What is not known stays empty.
func mix(t stateCounts) []overview.Piece {
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
