//go:build bench

package bench

import (
	"bufio"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

// measured is what `go test -bench` printed of one benchmark: the package, its
// name without "Benchmark" and the processors, and its figures by unit.
type measured struct {
	pkg, name string
	figures   map[string]float64
}

// measurements reads the output of `go test -bench`. Of a benchmark that ran
// several times the quickest stays: what is slower met something else.
func measurements(t *testing.T, file string) []measured {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var all []measured
	at := make(map[string]int)
	pkg := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		if p, ok := strings.CutPrefix(line, "pkg: sampan/"); ok {
			pkg = path.Base(p)
		}
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		m := measured{pkg: pkg, name: strings.TrimPrefix(fields[0], "Benchmark"), figures: make(map[string]float64)}
		if i := strings.LastIndexByte(m.name, '-'); i > 0 {
			m.name = m.name[:i]
		}
		m.name = strings.ReplaceAll(m.name, "_", " ")
		for i := 2; i+1 < len(fields); i += 2 {
			if m.figures[fields[i+1]], err = strconv.ParseFloat(fields[i], 64); err != nil {
				t.Fatalf("%s: %q: %v", file, line, err)
			}
		}
		key := m.pkg + " " + m.name
		if i, ok := at[key]; !ok {
			at[key] = len(all)
			all = append(all, m)
		} else if m.figures["ns/op"] < all[i].figures["ns/op"] {
			all[i] = m
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// benchmarks adds what the packages measure without a process around them.
func (t *table) benchmarks(t0 *testing.T, file string) {
	t0.Helper()
	if file == "" {
		return
	}
	all := measurements(t0, file)
	for _, m := range all {
		if turn, ok := strings.CutPrefix(m.name, "Refresh/"); ok {
			t.refresh(turn, m.figures)
			continue
		}
		t.add("inside "+m.pkg+": "+strings.TrimPrefix(m.name, "Pages/"), m.figures["ns/op"]/1e6, inMicros, 0)
	}
	t.rates(all)
}

// over is how much longer than its bound a refresh may take.
const over = 1.1

// refresh adds one turn over an account, "10000 servers/cold".
func (t *table) refresh(turn string, f map[string]float64) {
	fleet, how, _ := strings.Cut(turn, "/")
	at := "refresh of " + fleet + ", " + how + ": "
	t.put(row{figure: at + "calls", measured: f["calls"], bound: f["calls-bound"], unit: count,
		words: fmt.Sprintf("%.0f Config + %.0f ECS + %.0f traffic + %.0f expiry = %.0f",
			f["Config-calls"], f["ECS-calls"], f["traffic-calls"], f["expiry-calls"], f["calls"])})
	t.put(row{figure: at + "list and status", measured: f["list-s"], bound: over * f["list-bound-s"], unit: seconds,
		bounded: longer(f["list-bound-s"])})
	t.put(row{figure: at + "all", measured: f["all-s"], bound: over * f["all-bound-s"], unit: seconds, bounded: longer(f["all-bound-s"])})
	t.add(at+"answered 429", f["429-calls"]/f["calls"], percent, boundThrottled)
}

func longer(bound float64) string { return fmt.Sprintf("≤ %.1f × %s", over, seconds(bound)) }

// rates compares a page of 100 rows, counts included, at 100,000 servers with
// the same at 100.
func (t *table) rates(all []measured) {
	took := make(map[string]float64)
	for _, m := range all {
		took[m.name] = m.figures["ns/op"]
	}
	for _, m := range all {
		if list, ok := strings.CutPrefix(m.name, "Lists/100/"); ok && took["Lists/100000/"+list] > 0 {
			t.put(row{figure: "100 rows of /" + list + ": rate at 100,000 servers to that at 100",
				measured: m.figures["ns/op"] / took["Lists/100000/"+list], bound: boundRate, atLeast: true, unit: factor})
		}
	}
}

// inMicros words milliseconds that may be a thousandth.
func inMicros(v float64) string {
	if v < 0.1 {
		return fmt.Sprintf("%.1f µs", v*1000)
	}
	return ms(v)
}
