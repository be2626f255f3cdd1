//go:build bench

package bench

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// How old a page that nobody touches may be: states, and the number of servers.
const (
	boundQuietFew  = 15_000 // ms, p95 of changes made elsewhere, with 12 servers
	boundQuietMany = 60_000 // with 10,000
	boundBought    = 30_000 // until a server that was bought elsewhere shows
	boundBack      = 60_000 // until every state is fresh once the cloud answers again
)

// elsewhere is how many changes are made elsewhere, and how far apart: not in
// step with the looks.
const (
	elsewhere = 20
	apart     = 3300 * time.Millisecond
)

// TestQuiet measures the quiet page alone.
func TestQuiet(t *testing.T) {
	out := &table{}
	defer func() { out.print(os.Stdout) }()
	quiet(t, out)
}

// quiet measures how soon an open page that nobody touches shows what somebody
// changed in Huawei's own console, at the rates that people have.
func quiet(t *testing.T, out *table) {
	t.Helper()
	w := newWorld(t)
	b := newBrowser(t, w)
	b.setUp()
	for _, fleet := range []struct {
		servers int
		most    float64
	}{{12, boundQuietFew}, {largest, boundQuietMany}} {
		w.limits(t, fast)
		w.restart(t)
		b.fleet(fleet.servers)
		w.limits(t, usual)
		w.restart(t)
		open := gather(t, 1, w.consoleAddr, "/events?topics=instances,servers", b.cookies())
		b.get("/servers") // a person opens it, and does nothing more
		b.settled()
		at := fmt.Sprintf("%d servers, a page that nobody touches: ", fleet.servers)
		out.series(at+"a state changed elsewhere to seen", b.changedElsewhere(), 0, percentile{0.95, fleet.most})
		out.series(at+"a server more to seen", b.boughtElsewhere(fleet.servers, 3), 0, percentile{0.95, boundBought})
		out.series(at+"the cloud answers again to a state seen", b.afterOutage(), 0, percentile{1, boundBack})
		leave(open)
	}
}

// byItself asks as an open page does, which is nobody's visit.
func (b *browser) byItself(path string) answer {
	b.t.Helper()
	return b.get(path, "HX-Request", "true", "X-Live", "1", "HX-Current-URL", b.w.url("/servers"))
}

// listed gives the names of the servers of a list.
func (b *browser) listed(query string) []string {
	b.t.Helper()
	var names []string
	for _, a := range b.byItself("/servers?q=" + url.QueryEscape(query)).document(b.t).Find(`tbody tr th a[href^="/servers/"]`).EachIter() {
		names = append(names, strings.TrimSpace(a.Text()))
	}
	return names
}

// changedElsewhere stops and starts servers in Huawei's own console, and gives
// how long each change took to show.
func (b *browser) changedElsewhere() series {
	b.t.Helper()
	powers := map[string]string{}
	for _, name := range b.listed("state:running") {
		powers[name] = "ACTIVE"
	}
	if len(powers) < 4 {
		b.t.Fatalf("%d servers run, want some", len(powers))
	}
	waiting := map[string]time.Time{}
	var took series
	next := time.Now()
	for made := 0; made < elsewhere || len(waiting) > 0; {
		if made < elsewhere && time.Now().After(next) {
			for name, power := range powers {
				if _, waits := waiting[name]; waits {
					continue
				}
				powers[name] = map[string]string{"ACTIVE": "SHUTOFF", "SHUTOFF": "ACTIVE"}[power]
				waiting[name] = time.Now()
				b.outside(name, powers[name])
				made++
				break
			}
			next = next.Add(apart)
		}
		took = append(took, b.seen(waiting, powers)...)
		time.Sleep(100 * time.Millisecond) // polls a condition
	}
	return took
}

// outside sets a server's power in Huawei's own console.
func (b *browser) outside(name, power string) {
	b.control(http.MethodPost, "/_sandbox/outside", map[string]any{"server": name, "power": power}, nil)
}

// seen gives for how long those waited that show their power by now, and takes
// them out.
func (b *browser) seen(waiting map[string]time.Time, powers map[string]string) (took series) {
	b.t.Helper()
	words := map[string]string{"ACTIVE": "state:running", "SHUTOFF": "state:stopped"}
	for name, since := range waiting {
		switch {
		case slices.Contains(b.listed(words[powers[name]]+" "+name), name):
			took = append(took, time.Since(since))
			delete(waiting, name)
		case time.Since(since) > 10*time.Minute:
			b.t.Fatalf("%s never showed that it is %s", name, powers[name])
		}
	}
	return took
}

// outage is how long the cloud does not answer: longer than circuits are open.
const outage = 90 * time.Second

// afterOutage changes servers of every region while the cloud does not answer,
// and gives how long after its return each change showed.
func (b *browser) afterOutage() series {
	b.t.Helper()
	b.control(http.MethodPost, "/_sandbox/faults", map[string]any{"call": "*", "kind": "status", "status": 503, "times": -1}, nil)
	time.Sleep(outage)
	powers := map[string]string{}
	for _, name := range b.listed("state:running") {
		if powers[name] = "SHUTOFF"; len(powers) == elsewhere {
			break
		}
	}
	for name, power := range powers {
		b.outside(name, power)
	}
	b.control(http.MethodDelete, "/_sandbox/faults", nil, nil)
	back := time.Now()
	waiting := map[string]time.Time{}
	for name := range powers {
		waiting[name] = back
	}
	var took series
	for len(waiting) > 0 {
		took = append(took, b.seen(waiting, powers)...)
		time.Sleep(100 * time.Millisecond) // polls a condition
	}
	return took
}

// boughtElsewhere gives the account servers one by one and gives how long each
// took to be counted.
func (b *browser) boughtElsewhere(n, times int) series {
	b.t.Helper()
	var took series
	for i := range times {
		began := time.Now()
		b.control(http.MethodPost, "/_sandbox/fleet", map[string]any{"account": "Sandbox", "count": 1}, nil)
		for b.counted() != n+i+1 {
			if time.Since(began) > 10*time.Minute {
				b.t.Fatalf("the console counts %d servers, want %d", b.counted(), n+i+1)
			}
			time.Sleep(100 * time.Millisecond)
		}
		took = append(took, time.Since(began))
		time.Sleep(apart)
	}
	return took
}

// counted is known, asked as a page does by itself.
func (b *browser) counted() int {
	b.t.Helper()
	n := 0
	for _, r := range b.byItself("/servers").document(b.t).Find(`nav.tabs b[id^="n-"]`).First().Text() {
		if r >= '0' && r <= '9' {
			n = n*10 + int(r-'0')
		}
	}
	return n
}
