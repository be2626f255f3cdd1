//go:build bench

// Package bench measures the built binary from outside: how fast it answers
// with many instances stored, how a thousand watchers of one order are served,
// how it starts, what it weighs. It judges nothing: it prints figures beside
// the bounds that they should keep.
package bench

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The bounds: what the project promises of its size and speed.
const (
	boundStep     = 50   // ms, p95 of a wizard step, local
	boundStart    = 100  // ms from nothing to the first answered page
	boundResident = 45e6 // bytes, idle
	boundBinary   = 25e6 // bytes
	boundVisit    = 25e3 // bytes of a list of 100 rows and all it needs, scripts apart
)

// orders is how many orders the lists have.
const orders = 60

func TestFigures(t *testing.T) {
	out := &table{}
	out.benchmarks(t, os.Getenv("BENCH_PACKAGES"))
	w := newWorld(t)
	b := newBrowser(t, w)
	b.setUp()
	said := progress(t)

	for _, n := range []int{100, 1_000, 10_000} {
		said("a fleet of %d", n)
		b.fleet(n)
		if n == 100 {
			out.series("order confirmed to on disk", b.buyMany(orders), 0, 0)
			w.restart(t)
		}
		b.settled()
		b.pages(out, n)
	}
	said("what is left in memory")
	time.Sleep(rest)
	out.add("idle memory (RSS) after the fleets were read", w.console.memory(t).resident, mb, boundResident)
	said("what a first visit transfers")
	b.visit(out)
	said("starting again and again")
	starts(t, out, w, b)
	said("a thousand watchers")
	watchers(t, out, w, b)
	size(t, out)
	busy(out)
	fmt.Println()
	out.print(os.Stdout)
}

// busy adds how much else the machine had to do: with more than its processors
// can take, every time above is too long.
func busy(out *table) {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return // not Linux
	}
	if fields := strings.Fields(string(b)); len(fields) > 1 {
		load, _ := strconv.ParseFloat(fields[1], 64)
		out.add(fmt.Sprintf("load of the machine in the last 5 min, %d processors", runtime.NumCPU()), load, plainNumber, 0)
	}
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
		p95  float64
	}{
		{"overview", func(int) answer { return b.get("/") }, 0},
		{"instances, 100 rows", func(int) answer { return b.get("/instances") }, 0},
		{"instances, part", func(int) answer { return b.part("/instances?sort=expires") }, 0},
		{"instances, found by name", func(int) answer { return b.part("/instances?q=web-") }, 0},
		{"orders", func(int) answer { return b.get("/orders") }, 0},
		{"wizard step, opened", func(i int) answer { return b.part(draft + "/" + wizardSteps[i%len(wizardSteps)]) }, boundStep},
		{"wizard step, changed", func(i int) answer { return b.step(draft, wizardSteps[i%len(wizardSteps)]) }, boundStep},
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
		out.series(at+p.name, took, worked/rounds, p.p95)
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

// visit adds up what a browser transfers that has never been here: the page of
// 100 rows, its stylesheets, icons and what they name, all compressed, without
// the scripts.
func (b *browser) visit(out *table) {
	b.t.Helper()
	page := b.get("/instances")
	d := page.document(b.t)
	if rows := d.Find("tbody tr").Length(); rows != 100 {
		b.t.Fatalf("the list has %d rows, want 100", rows)
	}
	total := page.wire
	out.add("100 rows: the page", float64(page.wire), kb, 0)
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
		out.add("100 rows: "+address, float64(a.wire), kb, 0)
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
				follow(v, "/instances")
			}
		}
	}
	out.add("100 rows and all they need, scripts apart", float64(total), kb, boundVisit)
}
