//go:build bench

package bench

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

const (
	perSecond = 20               // requests
	lasting   = 60 * time.Second // of the load
	seed      = 7                // of what is asked for and when: every run asks for the same
)

// asked is one kind of request in the mix, so many of them in a hundred.
type asked struct {
	name  string
	share int
	paths []string
	part  bool // as htmx asks: the part that it swaps in
}

// mix is what a team at work asks for: mostly lists, by their many ways.
func (b *browser) mix() []asked {
	b.t.Helper()
	d := b.get("/servers").document(b.t)
	var pages []string
	for _, a := range d.Find(`tbody a[href^="/servers/"]`).EachIter() {
		pages = append(pages, a.AttrOr("href", ""))
	}
	next, ok := d.Find(`a[href*="after="]`).Attr("href")
	if !ok || len(pages) < 100 {
		b.t.Fatalf("the list of servers links to %d servers, next page %q", len(pages), next)
	}
	return []asked{
		{"list", 15, []string{"/servers", "/instances"}, false},
		{"list, filtered", 20, []string{"/servers?q=state:stopped", "/servers?q=region:ap-southeast-3+expires%3C30d", "/servers?q=198.18.7", "/instances?q=web"}, true},
		{"list, sorted", 15, []string{"/servers?sort=name", "/servers?sort=-expires", "/servers?sort=-traffic", "/instances?sort=-created"}, true},
		{"list, next page", 10, []string{next}, true},
		{"page of a server", 15, pages, false},
		{"overview", 10, []string{"/"}, false},
		{"traffic", 5, []string{"/traffic"}, false},
		{"palette", 10, []string{"/search?q=we", "/search?q=web-1", "/search?q=198.18.3"}, true},
	}
}

// load asks at random instants, 20 times a second on average, whether what was
// asked before is answered or not, while the console reads the cloud at its
// usual pace. A request's time begins when it is due: what waits in a queue of
// the client has waited, too.
func (b *browser) load(out *table) {
	b.t.Helper()
	mix, random := b.mix(), rand.New(rand.NewPCG(seed, seed))
	for _, m := range mix { // warm: every kind of page has been made once
		for _, path := range m.paths[:min(len(m.paths), 4)] {
			b.get(path)
		}
	}
	client := &http.Client{Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: perSecond}}
	defer client.CloseIdleConnections()

	took := make(map[string]series, len(mix))
	var all series
	var mu sync.Mutex
	var wait sync.WaitGroup
	worked := b.w.console.processorTime(b.t)
	pause := func() time.Duration { return time.Duration(random.ExpFloat64() / perSecond * float64(time.Second)) }
	for began, after := time.Now(), time.Duration(0); after < lasting; after += pause() {
		due := began.Add(after)
		m := pick(mix, random.IntN(100))
		req := b.request(m, m.paths[random.IntN(len(m.paths))])
		time.Sleep(time.Until(due))
		wait.Go(func() {
			status, err := drain(client, req)
			needed := time.Since(due)
			if err != nil || status != http.StatusOK {
				b.t.Errorf("under load: %s: status %d, %v", req.URL, status, err)
			}
			mu.Lock()
			defer mu.Unlock()
			all, took[m.name] = append(all, needed), append(took[m.name], needed)
		})
	}
	wait.Wait()
	worked = b.w.console.processorTime(b.t) - worked
	at := fmt.Sprintf("%d requests/s, %d servers: ", perSecond, largest)
	out.series(at+"all", all, worked/time.Duration(len(all)), percentile{0.99, boundAnswer})
	for _, m := range mix {
		out.series(at+m.name, took[m.name], 0, percentile{})
	}
	out.add(at+"share of one processor", worked.Seconds()/lasting.Seconds(), percent, 0)
}

// pick gives the kind that n of a hundred falls to.
func pick(mix []asked, n int) asked {
	for _, m := range mix {
		if n -= m.share; n < 0 {
			return m
		}
	}
	panic("the shares of the mix are less than 100")
}

// request is one of the kind, as a browser that is signed in sends it.
func (b *browser) request(m asked, path string) *http.Request {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.w.url(path), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for name, value := range map[string]string{"Cookie": b.cookies(), "Accept-Encoding": "gzip", "Accept-Language": "en",
		"Sec-Fetch-Site": "same-origin"} {
		req.Header.Set(name, value)
	}
	if m.part {
		req.Header.Set("HX-Request", "true")
		req.Header.Set("HX-Current-URL", b.w.url(path))
	}
	return req
}

// drain sends and reads to the last byte. It does not unpack: the client's work
// is not what is measured.
func drain(client *http.Client, req *http.Request) (int, error) {
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

// palette types names and addresses of the list letter by letter, as the dialog
// asks for them.
func (b *browser) palette(out *table) {
	b.t.Helper()
	var took series
	worked := b.w.console.processorTime(b.t)
	for _, word := range wanted(b.t, b.get("/servers").document(b.t)) {
		for n := range word {
			took = append(took, b.part("/search?q="+word[:n+1]).took)
		}
	}
	worked = b.w.console.processorTime(b.t) - worked
	out.series(fmt.Sprintf("palette at %d servers, letter by letter", largest), took, worked/time.Duration(len(took)),
		percentile{0.95, boundPalette})
}

// wanted are names and addresses of every tenth row of a list, and a page's name.
func wanted(t *testing.T, d *goquery.Document) []string {
	t.Helper()
	words := []string{"traffic"}
	for i, row := range d.Find("tbody tr").EachIter() {
		if i%10 != 0 {
			continue
		}
		words = append(words, strings.TrimSpace(row.Find(`a[href^="/servers/"]`).First().Text()))
		for _, cell := range row.Find("td").EachIter() {
			if word := strings.TrimSpace(cell.Text()); strings.HasPrefix(word, "198.18.") {
				words = append(words, word)
			}
		}
	}
	if len(words) < 20 || slices.Contains(words, "") {
		t.Fatalf("the list shows few names and addresses: %q", words)
	}
	return words
}
