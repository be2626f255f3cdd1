//go:build bench

package bench

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// unit words a number of its kind.
type unit func(float64) string

func ms(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f ms", v)
	}
	return fmt.Sprintf("%.2f ms", v)
}

func mb(v float64) string          { return fmt.Sprintf("%.1f MB", v/1e6) }
func kb(v float64) string          { return fmt.Sprintf("%.1f KB", v/1e3) }
func plainNumber(v float64) string { return fmt.Sprintf("%.1f", v) }

func inBytes(v float64) string { return fmt.Sprintf("%.0f B", v) }

// inMS is a duration as the table counts it.
func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// row is one line of the table. A bound of 0 is none.
type row struct {
	figure          string
	measured, bound float64
	unit            unit
	words, bounded  string // in the place of measured and bound, where one number is not enough
}

// table is what a run of the bench ends with.
type table struct{ rows []row }

func (t *table) add(figure string, measured float64, u unit, bound float64) {
	t.rows = append(t.rows, row{figure: figure, measured: measured, unit: u, bound: bound})
}

// series words p50, p95 and p99 in one line, with the processor time of each if
// it is known; p95 is the bound of the second, 0 is none.
func (t *table) series(figure string, s series, worked time.Duration, p95 float64) {
	r := row{figure: figure, measured: inMS(s.at(0.95)), bound: p95, unit: ms}
	r.words = fmt.Sprintf("%s / %s / %s", strings.TrimSuffix(ms(inMS(s.at(0.5))), " ms"), strings.TrimSuffix(ms(inMS(s.at(0.95))), " ms"), ms(inMS(s.at(0.99))))
	if worked > 0 {
		r.words += fmt.Sprintf(" (%.1f)", inMS(worked))
	}
	if p95 > 0 {
		r.bounded = "p95 " + ms(p95)
	}
	t.rows = append(t.rows, r)
}

// print writes `figure | measured | bound | ratio`, as wide as its columns need.
func (t *table) print(w io.Writer) {
	lines := [][4]string{{"figure", "measured", "bound", "ratio"}}
	for _, r := range t.rows {
		line := [4]string{r.figure, cmp.Or(r.words, r.unit(r.measured)), r.bounded, ""}
		if r.bound > 0 {
			line[2], line[3] = cmp.Or(r.bounded, r.unit(r.bound)), fmt.Sprintf("%.2f", r.measured/r.bound)
			if r.measured > r.bound {
				line[3] += "  MISSED"
			}
		}
		lines = append(lines, line)
	}
	var width [4]int
	for _, l := range lines {
		for i, cell := range l {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for n, l := range lines {
		fmt.Fprintln(w, strings.TrimRight(cells(l, width), " "))
		if n == 0 {
			fmt.Fprintln(w, strings.Repeat("-", width[0]+width[1]+width[2]+width[3]+9))
		}
	}
	fmt.Fprintln(w, "Three times in one line are p50 / p95 / p99; in brackets is the processor time of each, which a busy machine changes less.")
}

// cells pads the first column on its right and the others on their left.
func cells(l [4]string, width [4]int) string {
	var b strings.Builder
	for i, cell := range l {
		pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
		switch i {
		case 0:
			b.WriteString(cell + pad)
		case 3:
			b.WriteString(" | " + cell)
		default:
			b.WriteString(" | " + pad + cell)
		}
	}
	return b.String()
}

// benchmarks takes the lines of `go test -bench` out of a file and adds their
// times: what the packages measure without a process around them.
func (t *table) benchmarks(t0 *testing.T, file string) {
	t0.Helper()
	if file == "" {
		return
	}
	f, err := os.Open(file)
	if err != nil {
		t0.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	pkg := ""
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		if p, ok := strings.CutPrefix(line, "pkg: sampan/"); ok {
			pkg = path.Base(p)
		}
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(line, "Benchmark") || fields[3] != "ns/op" {
			continue
		}
		ns, err := strconv.ParseFloat(fields[2], 64)
		if err != nil {
			t0.Fatalf("%s: %q: %v", file, line, err)
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[:i]
		}
		name = strings.TrimPrefix(name, "Pages/")
		t.add("inside "+pkg+": "+strings.ReplaceAll(name, "_", " "), ns/1e6, inMicros, 0)
	}
}

// inMicros words milliseconds that may be a thousandth.
func inMicros(v float64) string {
	if v < 0.1 {
		return fmt.Sprintf("%.1f µs", v*1000)
	}
	return ms(v)
}
