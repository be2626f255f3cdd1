package chart

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The field that lines are drawn in; the page stretches it.
const (
	width  = 1000
	height = 400
)

// ticks is the number of moments named under a chart; under a small one there are fewer.
const (
	ticks      = 5
	ticksSmall = 2
)

// A Point is a value at a moment.
type Point struct {
	At    time.Time
	Value float64
	Break bool // no line leads here: a new cycle began in between
}

// A Plot is the input of a drawing. Points are in order of time; those outside of
// From and To, and NaN and infinite values, are left out.
type Plot struct {
	From, To time.Time
	Points   []Point
	// Gap is the distance from which two points are not connected, because nobody knows
	// what happened between them. 0 means two and a half times the usual distance.
	Gap time.Duration
	// Top is the upper end of the axis; 0 means a round figure above everything
	// that is drawn. The lower end is 0.
	Top float64
	// Base is the unit of round figures: 0 or 1000 for counts, 1024 for
	// amounts that are worded in units of 1,024.
	Base float64

	Area     bool      // the area under the line is filled
	Forecast []Point   // drawn dashed
	Cap      float64   // a limit, drawn dotted; 0: none
	Now      time.Time // drawn as a vertical line; zero: none
	Spark    bool      // small: two lines of the grid, two moments

	// Say is the finding in a sentence, for readers who do not see the drawing.
	Say string
	// Y words a value of the axis, X a moment under it. Without X no moments
	// are named.
	Y func(float64) string
	X func(time.Time) string

	Keys  []Key
	Table *Table
}

// Draw gives what Chart shows.
func Draw(p Plot) Model {
	p.Points, p.Forecast = p.fitting(p.Points), p.fitting(p.Forecast)
	top := p.top()
	m := Model{Say: p.Say, Spark: p.Spark, Keys: p.Keys, Table: p.Table}
	for _, run := range p.runs() {
		points := p.line(run, top)
		m.Lines = append(m.Lines, points)
		if p.Area {
			m.Areas = append(m.Areas, p.area(run, points))
		}
	}
	if len(p.Forecast) > 1 {
		m.Forecast = p.line(p.Forecast, top)
	}
	if p.Cap > 0 && p.Cap <= top {
		m.Cap = p.y(p.Cap, top)
	}
	if !p.Now.IsZero() && p.Now.After(p.From) && p.Now.Before(p.To) {
		m.Now = p.x(p.Now)
	}
	m.Grid, m.Y = p.grid(top)
	m.X = p.moments()
	return m
}

// fitting leaves out the points that cannot be drawn.
func (p Plot) fitting(points []Point) []Point {
	return slices.DeleteFunc(slices.Clone(points), func(o Point) bool {
		return math.IsNaN(o.Value) || math.IsInf(o.Value, 0) || o.At.Before(p.From) || o.At.After(p.To)
	})
}

// top is the upper end of the axis.
func (p Plot) top() float64 {
	if p.Top > 0 {
		return p.Top
	}
	most := p.Cap
	for _, o := range slices.Concat(p.Points, p.Forecast) {
		most = max(most, o.Value)
	}
	return round(most, max(p.Base, 1000))
}

// round is the next of 1, 2, 3, 4, 5, 6, 8 or 10 at or above v, in powers of
// ten within powers of base.
func round(v, base float64) float64 {
	if v <= 0 {
		return 1
	}
	unit := 1.0
	for v/unit > base*0.8 {
		unit *= base
	}
	ten := math.Pow(10, math.Floor(math.Log10(v/unit)))
	for _, n := range []float64{1, 2, 3, 4, 5, 6, 8, 10} {
		if n*ten*unit >= v*0.9999 {
			return n * ten * unit
		}
	}
	return v
}

// runs splits the points where they are not connected.
func (p Plot) runs() [][]Point {
	gap := p.Gap
	if gap == 0 {
		gap = usual(p.Points) * 5 / 2
	}
	var runs [][]Point
	for n, o := range p.Points {
		if n == 0 || o.Break || gap > 0 && o.At.Sub(p.Points[n-1].At) > gap {
			runs = append(runs, nil)
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], o)
	}
	return runs
}

// usual is the median distance between points.
func usual(points []Point) time.Duration {
	var steps []time.Duration
	for n := 1; n < len(points); n++ {
		steps = append(steps, points[n].At.Sub(points[n-1].At))
	}
	if len(steps) == 0 {
		return 0
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}

// line gives the coordinates of a run. A single point becomes a short stroke,
// because otherwise nothing of it would be seen.
func (p Plot) line(run []Point, top float64) string {
	var b strings.Builder
	for n, o := range run {
		if n > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p.x(o.At) + "," + p.y(o.Value, top))
	}
	if len(run) == 1 {
		at := p.place(run[0].At)
		b.WriteString(" " + strconv.Itoa(min(width, at+3)) + "," + p.y(run[0].Value, top))
	}
	return b.String()
}

func (p Plot) area(run []Point, line string) string {
	end := p.place(run[len(run)-1].At)
	if len(run) == 1 {
		end = min(width, end+3)
	}
	return "M" + strings.ReplaceAll(line, " ", "L") + "L" + strconv.Itoa(end) + "," + strconv.Itoa(height) + "L" + p.x(run[0].At) + "," +
		strconv.Itoa(height) + "Z"
}

// place is the horizontal position of a moment.
func (p Plot) place(t time.Time) int {
	span := p.To.Sub(p.From)
	if span <= 0 {
		return 0
	}
	return int(math.Round(float64(t.Sub(p.From)) / float64(span) * width))
}

func (p Plot) x(t time.Time) string { return strconv.Itoa(p.place(t)) }

func (p Plot) y(v, top float64) string {
	return strconv.Itoa(int(math.Round(height * (1 - max(0, min(1, v/top))))))
}

// grid gives the level lines and what they stand for, the highest first.
func (p Plot) grid(top float64) (at, words []string) {
	parts := 2
	if p.Spark {
		parts = 1
	}
	for n := range parts + 1 {
		at = append(at, strconv.Itoa(height*n/parts))
		if p.Y != nil {
			words = append(words, p.Y(top*float64(parts-n)/float64(parts)))
		}
	}
	return at, words
}

// moments words moments at even distances, from the first to the last.
func (p Plot) moments() []string {
	if p.X == nil || !p.To.After(p.From) {
		return nil
	}
	n := ticks
	if p.Spark {
		n = ticksSmall
	}
	var all []string
	for i := range n {
		all = append(all, p.X(p.From.Add(p.To.Sub(p.From)*time.Duration(i)/time.Duration(n-1))))
	}
	return all
}
