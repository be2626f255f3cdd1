package chart_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"sampan/web/templates/chart"
	"sampan/web/templates/golden"
)

var from = time.Date(2026, 11, 4, 0, 0, 0, 0, time.UTC)

func at(hours int) time.Time { return from.Add(time.Duration(hours) * time.Hour) }

func points(values ...float64) []chart.Point {
	var all []chart.Point
	for n, v := range values {
		if v >= 0 {
			all = append(all, chart.Point{At: at(n), Value: v})
		}
	}
	return all
}

func figure(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func plot(values ...float64) chart.Plot {
	return chart.Plot{From: at(0), To: at(10), Points: points(values...), Top: 100, Gap: 90 * time.Minute, Y: figure,
		X: func(t time.Time) string { return t.Format("15:04") }}
}

// gap stands in points for an hour without a value.
const gap = -1

func TestLines(t *testing.T) {
	point := func(h int, v float64) chart.Point { return chart.Point{At: at(h), Value: v} }
	tests := []struct {
		name string
		give chart.Plot
		want []string
	}{
		{"nothing known draws nothing", plot(), nil},
		{"values are connected", plot(0, 50, 100), []string{"0,400 100,200 200,0"}},
		{"a gap stays a gap", plot(0, 50, gap, 100, 50), []string{"0,400 100,200", "300,0 400,200"}},
		{"a value alone between gaps is still seen", plot(0, 50, gap, 100, gap, 50, 50), []string{"0,400 100,200", "300,0 303,0", "500,200 600,200"}},
		{"a value at the very end stays inside", chart.Plot{From: at(0), To: at(10), Points: []chart.Point{point(10, 50)}, Top: 100}, []string{"1000,200 1000,200"}},
		{"a new cycle is not connected with the old one", chart.Plot{From: at(0), To: at(10), Top: 100,
			Points: []chart.Point{point(0, 0), point(1, 50), {At: at(2), Value: 0, Break: true}, point(3, 50)}},
			[]string{"0,400 100,200", "200,400 300,200"}},
		{"without a given gap the usual distance counts", chart.Plot{From: at(0), To: at(10), Top: 100,
			Points: []chart.Point{point(0, 0), point(1, 0), point(2, 0), point(3, 0), point(6, 0), point(7, 0)}},
			[]string{"0,400 100,400 200,400 300,400", "600,400 700,400"}},
		{"what lies outside is left out", chart.Plot{From: at(2), To: at(4), Points: points(1, 2, 0, 100, 0, 9), Top: 100}, []string{"0,400 500,0 1000,400"}},
		{"what is no number is left out", chart.Plot{From: at(0), To: at(10), Top: 100, Gap: time.Hour * 9,
			Points: []chart.Point{point(0, 0), point(1, math.NaN()), point(2, math.Inf(1)), point(3, 100)}}, []string{"0,400 300,0"}},
		{"what is above the axis is drawn at its end", plot(0, 500), []string{"0,400 100,0"}},
		{"no time passes", chart.Plot{From: at(0), To: at(0), Points: points(1), Top: 100}, []string{"0,396 3,396"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, chart.Draw(tt.give).Lines); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAxis(t *testing.T) {
	top := func(p chart.Plot, values ...float64) chart.Plot {
		p.From, p.To, p.Y, p.Points = at(0), at(10), figure, points(values...)
		return p
	}
	tests := []struct {
		name string
		give chart.Plot
		want []string
	}{
		{"a given end", top(chart.Plot{Top: 100}, 7), []string{"100", "50", "0"}},
		{"nothing known", top(chart.Plot{}), []string{"1", "0.5", "0"}},
		{"nothing used", top(chart.Plot{}, 0, 0), []string{"1", "0.5", "0"}},
		{"a round figure above", top(chart.Plot{}, 41), []string{"50", "25", "0"}},
		{"exactly a round figure", top(chart.Plot{}, 40), []string{"40", "20", "0"}},
		{"less than one", top(chart.Plot{}, 0.07), []string{"0.08", "0.04", "0"}},
		{"the limit is above the values", top(chart.Plot{Cap: 70}, 3), []string{"80", "40", "0"}},
		{"the forecast is above the limit", top(chart.Plot{Cap: 70, Forecast: points(3, 95)}, 3), []string{"100", "50", "0"}},
		{"units of 1,024", top(chart.Plot{Base: 1024, Cap: 4096}, 3), []string{"4096", "2048", "0"}},
		{"units of 1,024, one more", top(chart.Plot{Base: 1024, Cap: 4097}, 3), []string{"5120", "2560", "0"}},
		{"small in units of 1,024", top(chart.Plot{Base: 1024}, 512), []string{"600", "300", "0"}},
		{"small charts name the ends", top(chart.Plot{Top: 100, Spark: true}, 3), []string{"100", "0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, chart.Draw(tt.give).Y); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestMomentsUnderTheChartAreEvenlyApart(t *testing.T) {
	if diff := cmp.Diff([]string{"00:00", "02:30", "05:00", "07:30", "10:00"}, chart.Draw(plot(1, 2)).X); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	small := plot(1, 2)
	small.Spark = true
	if diff := cmp.Diff([]string{"00:00", "10:00"}, chart.Draw(small).X); diff != "" {
		t.Errorf("small, -want +got:\n%s", diff)
	}
}

func TestForecastLimitAndNow(t *testing.T) {
	p := plot(0, 50)
	p.Forecast, p.Cap, p.Now = []chart.Point{{At: at(1), Value: 50}, {At: at(10), Value: 100}}, 75, at(1)
	m := chart.Draw(p)
	if m.Forecast != "100,200 1000,0" || m.Cap != "100" || m.Now != "100" {
		t.Errorf("got forecast %q, cap %q, now %q", m.Forecast, m.Cap, m.Now)
	}
	p.Forecast, p.Cap, p.Now = p.Forecast[:1], 101, at(11)
	m = chart.Draw(p)
	if m.Forecast != "" || m.Cap != "" || m.Now != "" {
		t.Errorf("one point, a limit above the axis and a moment outside are drawn: %q, %q, %q", m.Forecast, m.Cap, m.Now)
	}
}

func TestDrawLeavesWhatItIsGivenAlone(t *testing.T) {
	given := []chart.Point{{At: at(0), Value: math.NaN()}, {At: at(1), Value: 5}}
	chart.Draw(chart.Plot{From: at(0), To: at(10), Points: given, Forecast: given})
	if !math.IsNaN(given[0].Value) || given[1].Value != 5 {
		t.Errorf("the caller's points were changed: %v", given)
	}
}

func full(s string) chart.Model {
	p := plot(0, 20, gap, 60, 70)
	p.Area, p.Forecast, p.Cap, p.Now, p.Say = true, []chart.Point{{At: at(4), Value: 70}, {At: at(10), Value: 98}}, 90, at(4), s
	p.Keys = []chart.Key{{Label: s}, {Kind: chart.Forecast, Label: s}, {Kind: chart.Limit, Label: s}}
	p.Table = &chart.Table{Caption: s, Head: []string{s, s}, Rows: [][]string{{s, s}, {s, s}}, Note: s}
	p.Y, p.X = func(float64) string { return s }, func(time.Time) string { return s }
	return chart.Draw(p)
}

func TestComponents(t *testing.T) {
	golden.Check(t, "full", chart.Chart(full("Words")))
	small := plot(0, 20, gap, 60, 70)
	small.Spark, small.X, small.Say = true, nil, "CPU, last hour: 70%"
	golden.Check(t, "spark", chart.Chart(chart.Draw(small)))
	golden.Check(t, "nothing", chart.Chart(chart.Draw(chart.Plot{From: at(0), To: at(1), Say: "Nothing is known yet"})))
}

func TestHostileTextStaysText(t *testing.T) {
	golden.HostileMarkup(t, func(s string) templ.Component { return chart.Chart(full(s)) })
}

func TestWhoDoesNotSeeItHearsTheFinding(t *testing.T) {
	doc := golden.Tree(t, "en", chart.Chart(full("Half is used")))
	img := doc.Find(`[role="img"]`)
	if got := img.AttrOr("aria-label", ""); img.Length() != 1 || got != "Half is used" {
		t.Errorf("%d images, labelled %q", img.Length(), got)
	}
	if img.Find("table").Length() != 0 || doc.Find("figure details table").Length() != 1 {
		t.Error("the figures must stand in a table outside of the image: what is inside of one is not read")
	}
	if n := doc.Find("[style], script").Length(); n != 0 {
		t.Errorf("%d styles or scripts", n)
	}
}
