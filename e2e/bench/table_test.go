//go:build bench

package bench

import (
	"fmt"
	"io"
	"strings"
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

func mb(v float64) string      { return fmt.Sprintf("%.1f MB", v/1e6) }
func kb(v float64) string      { return fmt.Sprintf("%.1f KB", v/1e3) }
func seconds(v float64) string { return fmt.Sprintf("%.2f s", v) }
func percent(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }
func factor(v float64) string  { return fmt.Sprintf("%.2f×", v) }
func count(v float64) string   { return fmt.Sprintf("%.0f", v) }

func inBytes(v float64) string { return fmt.Sprintf("%.0f B", v) }

// inMS is a duration as the table counts it.
func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// row is one line of the table. A bound of 0 is none.
type row struct {
	figure          string
	measured, bound float64
	atLeast         bool // the bound is the least, not the most
	unit            unit
	words, bounded  string // in the place of measured and bound, where one number is not enough
	missing         string // why nothing was measured
}

// table is what a run of the bench ends with.
type table struct{ rows []row }

func (t *table) put(r row) { t.rows = append(t.rows, r) }

func (t *table) add(figure string, measured float64, u unit, bound float64) {
	t.put(row{figure: figure, measured: measured, unit: u, bound: bound})
}

// percentile is the bound of a series: this share of it takes at most so many
// milliseconds. The zero value is none.
type percentile struct{ share, ms float64 }

// series words p50, p95 and p99 in one line, with the processor time of each if
// it is known.
func (t *table) series(figure string, s series, worked time.Duration, most percentile) {
	r := row{figure: figure, measured: inMS(s.at(most.share)), bound: most.ms, unit: ms}
	r.words = fmt.Sprintf("%s / %s / %s", strings.TrimSuffix(ms(inMS(s.at(0.5))), " ms"), strings.TrimSuffix(ms(inMS(s.at(0.95))), " ms"),
		ms(inMS(s.at(0.99))))
	if worked > 0 {
		r.words += fmt.Sprintf(" (%.1f)", inMS(worked))
	}
	if most.ms > 0 {
		r.bounded = fmt.Sprintf("p%.0f ≤ %s", 100*most.share, ms(most.ms))
	}
	t.put(r)
}

// line is the row as it is printed. The ratio is above 1 where a bound is
// missed, whichever way it points.
func (r row) line() [4]string {
	l := [4]string{r.figure, "NOT MEASURED", r.limit(), r.missing}
	if r.missing != "" {
		return l
	}
	l[1] = r.words
	if l[1] == "" {
		l[1] = r.unit(r.measured)
	}
	if r.bound > 0 {
		ratio := r.measured / r.bound
		if r.atLeast {
			ratio = r.bound / r.measured
		}
		l[3] = fmt.Sprintf("%.2f", ratio)
		if ratio > 1 {
			l[3] += "  MISSED"
		}
	}
	return l
}

// limit words the bound.
func (r row) limit() string {
	switch {
	case r.bounded != "" || r.bound <= 0:
		return r.bounded
	case r.atLeast:
		return "≥ " + r.unit(r.bound)
	}
	return "≤ " + r.unit(r.bound)
}

// print writes `figure | measured | bound | ratio`, as wide as its columns need.
func (t *table) print(w io.Writer) {
	lines := [][4]string{{"figure", "measured", "bound", "ratio"}}
	for _, r := range t.rows {
		lines = append(lines, r.line())
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
	fmt.Fprintln(w,
		"Three times in one line are p50 / p95 / p99; in brackets is the processor time of each, which a busy machine changes less.")
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
