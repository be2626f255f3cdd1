//go:build bench

// Package bench measures the built binary from outside: how fast it answers
// with many instances stored, how a thousand watchers of one order are served,
// how it starts, what it weighs. It judges nothing: it prints figures beside
// the bounds that they should keep.
package bench

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The bounds: what the project promises of its size and speed.
const (
	boundStep        = 50   // ms, p95 of a wizard step, local
	boundPalette     = 30   // ms, p95 of the palette's answer with 10,000 servers
	boundAnswer      = 25   // ms, p99 at 20 requests a second with 10,000 servers on two processors
	boundStart       = 300  // ms from nothing, after a clean stop, to the first answered page
	boundBinary      = 45e6 // bytes
	boundVisit       = 25e3 // bytes of a list of 100 rows and all it needs, scripts apart
	boundRate        = 0.8  // of the rate at 100 servers, at 100,000
	boundThrottled   = 0.01 // of the calls of a refresh
	boundPerformance = 98   // points of Lighthouse, on mobile, median of five
)

// boundResident is what an idle console with n servers may hold, in bytes.
func boundResident(n int) float64 { return 80e6 + 1.5e3*float64(n) }

// largest is the fleet at which everything else is measured.
const largest = 10_000

// orders is how many orders the lists have.
const orders = 60

func TestFigures(t *testing.T) {
	out := &table{}
	defer func() { // what was measured before something failed is shown as well
		fmt.Println()
		out.print(os.Stdout)
	}()
	startedUnder(out)
	out.benchmarks(t, os.Getenv("BENCH_PACKAGES"))
	w := newWorld(t)
	b := newBrowser(t, w)
	b.setUp()
	said := progress(t)

	for _, n := range []int{100, 1_000, largest} {
		said("a fleet of %d", n)
		b.fleet(n)
		if n == 100 {
			out.series("order confirmed to on disk", b.buyMany(orders), 0, percentile{})
			w.restart(t)
		}
		b.settled()
		b.pages(out, n)
	}
	said("what is left in memory")
	time.Sleep(rest)
	out.add("idle memory (RSS) after the fleets were read", w.console.memory(t).resident, mb, boundResident(largest))
	said("what a first visit transfers")
	for _, list := range []string{"/servers", "/instances"} {
		b.visit(out, list)
	}
	said("starting again and again")
	starts(t, out, w, b)
	w.limits(t, usual)
	w.restart(t)
	said("the palette, letter by letter")
	b.palette(out)
	said("%d requests a second for %v", perSecond, lasting)
	b.load(out)
	said("Lighthouse, as a phone")
	b.lighthouse(out)
	w.limits(t, fast) // so that what a start reads is soon read, and nothing but watchers is measured
	w.restart(t)
	said("a thousand watchers")
	watchers(t, out, w, b)
	said("a page that nobody touches (five minutes)")
	quiet(t, out)
	size(t, out)
}

// startedUnder says how much else the machine had to do when the bench began:
// with more than its processors can take, every time below is too long.
func startedUnder(out *table) {
	load := cmp.Or(os.Getenv("BENCH_LOAD"), "unknown")
	fmt.Printf("Load of the machine at the start (1, 5, 15 min): %s, on %d processors.\n", load, runtime.NumCPU())
	out.put(row{figure: fmt.Sprintf("load of the machine at the start (1, 5, 15 min), %d processors", runtime.NumCPU()), words: load})
}

// progress says what is being done, with the time since the start.
func progress(t *testing.T) func(string, ...any) {
	began := time.Now()
	return func(format string, args ...any) {
		fmt.Printf("%6.1f s  %s …\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
}

// rounds is how often each page is asked for.
const rounds = 100

// pages measures what people open all day, whole and in parts.
func (b *browser) pages(out *table, n int) {
	b.t.Helper()
	at := fmt.Sprintf("%d instances: ", n)
	draft, _ := b.review("bench-step", "exact")
	for _, p := range []struct {
		name string
		ask  func(i int) answer
		most percentile
	}{
		{"overview", func(int) answer { return b.get("/") }, percentile{}},
		{"instances, 100 rows", func(int) answer { return b.get("/instances") }, percentile{}},
		{"instances, part", func(int) answer { return b.part("/instances?sort=expires") }, percentile{}},
		{"servers, 100 rows", func(int) answer { return b.get("/servers") }, percentile{}},
		{"servers, sorted and filtered, part", func(int) answer { return b.part("/servers?sort=-expires&q=state:running") }, percentile{}},
		{"traffic", func(int) answer { return b.get("/traffic") }, percentile{}},
		{"instances, found by name", func(int) answer { return b.part("/instances?q=web-") }, percentile{}},
		{"orders", func(int) answer { return b.get("/orders") }, percentile{}},
		{"wizard step, opened", func(i int) answer { return b.part(draft + "/" + wizardSteps[i%len(wizardSteps)]) }, percentile{0.95, boundStep}},
		{"wizard step, changed", func(i int) answer { return b.step(draft, wizardSteps[i%len(wizardSteps)]) }, percentile{0.95, boundStep}},
	} {
		for i := range len(wizardSteps) { // warm: every client and statement has been here
			p.ask(i)
		}
		var took series
		worked := b.w.console.processorTime(b.t)
		for i := range rounds {
			took = append(took, p.ask(i).took)
		}
		worked = b.w.console.processorTime(b.t) - worked
		out.series(at+p.name, took, worked/rounds, p.most)
	}
}

var wizardSteps = []string{"image", "size", "region", "options"}

// size is the weight of the binary.
func size(t *testing.T, out *table) {
	t.Helper()
	i, err := os.Stat(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	out.add("binary", float64(i.Size()), mb, boundBinary)
}

// visit adds up what a browser transfers that has never been here: a list of
// 100 rows, its stylesheets, icons and what they name, all compressed, without
// the scripts.
func (b *browser) visit(out *table, list string) {
	b.t.Helper()
	page := b.get(list)
	d := page.document(b.t)
	if rows := d.Find("tbody tr").Length(); rows != 100 {
		b.t.Fatalf("%s has %d rows, want 100", list, rows)
	}
	total := page.wire
	out.add("100 rows of "+list+": the page", float64(page.wire), kb, 0)
	seen := map[string]bool{}
	var follow func(address, from string)
	follow = func(address, from string) {
		address, _, _ = strings.Cut(address, "#")
		if !strings.HasPrefix(address, "/") || seen[address] {
			return
		}
		seen[address] = true
		a := b.get(address)
		total += a.wire
		out.add("100 rows of "+list+": "+address, float64(a.wire), kb, 0)
		if strings.HasPrefix(a.header.Get("Content-Type"), "text/css") {
			for _, m := range cssURL.FindAllStringSubmatch(a.body, -1) {
				follow(absolute(m[1], address), address)
			}
		}
	}
	for _, q := range []struct{ selector, attribute string }{
		{`link[rel~="stylesheet"], link[rel~="icon"], link[rel~="preload"], link[rel~="manifest"]`, "href"}, {"img", "src"}, {"use", "href"},
	} {
		for _, n := range d.Find(q.selector).EachIter() {
			if v, ok := n.Attr(q.attribute); ok && n.AttrOr("as", "") != "script" {
				follow(v, list)
			}
		}
	}
	out.add("100 rows of "+list+" and all they need, scripts apart", float64(total), kb, boundVisit)
}
