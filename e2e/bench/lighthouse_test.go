//go:build bench

package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// looks is how often Lighthouse looks at a page: its median counts. Now and then
// Chromium records nothing; so often it may do that.
const looks, blind = 5, 3

// lighthouse has Lighthouse judge pages as a phone with a slow network and
// processor loads them for the first time, signed in. Where it or Chromium is
// missing the table says so.
func (b *browser) lighthouse(out *table) {
	b.t.Helper()
	tool, chromium := os.Getenv("BENCH_LIGHTHOUSE"), os.Getenv("BENCH_CHROMIUM")
	for _, page := range []struct{ name, path string }{{"servers, 100 rows", "/servers"}, {"overview", "/"}} {
		r := row{figure: "Lighthouse performance, mobile, " + page.name + ", median of five", bound: boundPerformance, atLeast: true,
			unit: count}
		switch {
		case chromium == "":
			r.missing = "no Chromium: install it or set CONSOLE_CHROMIUM"
		case tool == "":
			r.missing = "no Lighthouse: npm could not fetch it"
		}
		if r.missing != "" {
			out.put(r)
			continue
		}
		var all []report
		for failed := 0; len(all) < looks; {
			l, err := b.look(tool, chromium, page.path)
			if err == nil {
				all = append(all, l)
			} else if failed++; failed > blind {
				b.t.Fatal(err)
			}
		}
		scores := make([]float64, looks)
		for i, l := range all {
			scores[i] = l.points()
		}
		slices.Sort(scores)
		r.measured = scores[looks/2]
		r.words = fmt.Sprintf("%.0f (%s)", r.measured, strings.Trim(fmt.Sprint(scores), "[]"))
		out.put(r)
		out.put(row{figure: "  " + page.name + ": contentful / largest / blocked / shift, medians", words: medians(all)})
	}
}

// report is what is read of Lighthouse's own.
type report struct {
	URL          string `json:"finalDisplayedUrl"`
	RuntimeError struct {
		Message string `json:"message"`
	} `json:"runtimeError"`
	Categories struct {
		Performance struct {
			Score *float64 `json:"score"`
		} `json:"performance"`
	} `json:"categories"`
	Audits map[string]struct {
		NumericValue float64 `json:"numericValue"`
	} `json:"audits"`
}

func (r report) points() float64 { return 100 * *r.Categories.Performance.Score }

// look runs Lighthouse once.
func (b *browser) look(tool, chromium, path string) (report, error) {
	b.t.Helper()
	dir := b.t.TempDir()
	headers, answer := filepath.Join(dir, "headers.json"), filepath.Join(dir, "report.json")
	signedIn, err := json.Marshal(map[string]string{"Cookie": b.cookies()})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(headers, signedIn, 0o600); err != nil {
		b.t.Fatal(err)
	}
	cmd := exec.CommandContext(b.t.Context(), tool, b.w.url(path), "--only-categories=performance", "--form-factor=mobile",
		"--extra-headers="+headers, "--chrome-flags=--headless=new --no-sandbox", "--output=json", "--output-path="+answer, "--quiet",
		"--no-enable-error-reporting")
	cmd.Env = append(os.Environ(), "CHROME_PATH="+chromium)
	cmd.WaitDelay = 10 * time.Second
	if said, err := cmd.CombinedOutput(); err != nil {
		return report{}, fmt.Errorf("Lighthouse of %s: %w\n%s", path, err, said)
	}
	raw, err := os.ReadFile(answer)
	if err != nil {
		return report{}, err
	}
	var r report
	if err := json.Unmarshal(raw, &r); err != nil {
		return report{}, err
	}
	if r.Categories.Performance.Score == nil || r.RuntimeError.Message != "" || r.URL != b.w.url(path) {
		return report{}, fmt.Errorf("Lighthouse of %s saw %s: %s", path, r.URL, r.RuntimeError.Message)
	}
	return r, nil
}

// medians words what the points are made of.
func medians(all []report) string {
	of := func(audit string) float64 {
		var v []float64
		for _, r := range all {
			v = append(v, r.Audits[audit].NumericValue)
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	return fmt.Sprintf("%.0f / %.0f / %.0f ms / %.3f", of("first-contentful-paint"), of("largest-contentful-paint"),
		of("total-blocking-time"), of("cumulative-layout-shift"))
}
