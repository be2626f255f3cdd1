//go:build bench

package bench

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// browser asks as a browser does: it keeps cookies and connections, takes gzip,
// and shows what it transferred.
type browser struct {
	t      *testing.T
	w      *world
	client *http.Client
}

func newBrowser(t *testing.T, w *world) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, w: w, client: &http.Client{
		Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what one request got. took ends with the last byte.
type answer struct {
	status int
	header http.Header
	wire   int // bytes of the body as transferred
	body   string
	took   time.Duration
}

func (b *browser) send(req *http.Request) (answer, error) {
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	began := time.Now()
	res, err := b.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: res.StatusCode, header: res.Header, wire: len(raw), body: string(raw), took: time.Since(began)}
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(strings.NewReader(a.body))
		if err != nil {
			return answer{}, err
		}
		clear, err := io.ReadAll(z)
		if err != nil {
			return answer{}, err
		}
		a.body = string(clear)
	}
	return a, nil
}

// get asks for a page; pairs are request headers.
func (b *browser) get(path string, pairs ...string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.w.url(path), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		req.Header.Set(pairs[i], pairs[i+1])
	}
	a, err := b.send(req)
	if err != nil {
		b.t.Fatalf("GET %s: %v", path, err)
	}
	if a.status != http.StatusOK {
		b.t.Fatalf("GET %s: status %d, to %q: %.300s", path, a.status, a.header.Get("Location"), a.body)
	}
	return a
}

// part asks for what htmx would swap in.
func (b *browser) part(path string) answer {
	b.t.Helper()
	return b.get(path, "HX-Request", "true", "HX-Current-URL", b.w.url(path))
}

// post sends a form and gives the address that the answer leads to.
func (b *browser) post(path string, form url.Values) (string, answer) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.w.url(path), strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a, err := b.send(req)
	if err != nil {
		b.t.Fatalf("POST %s: %v", path, err)
	}
	if a.status != http.StatusSeeOther {
		b.t.Fatalf("POST %s: status %d, want a way on: %s", path, a.status, problem(a.body))
	}
	return a.header.Get("Location"), a
}

// problem is what a page says was wrong, for whoever reads a failure.
func problem(page string) string {
	d, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		return page
	}
	return fmt.Sprintf("%.400s", strings.Join(strings.Fields(d.Find("main").Text()), " "))
}

func (a answer) document(t *testing.T) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// setUp makes the owner and connects the Sandbox's account, empty.
func (b *browser) setUp() {
	b.t.Helper()
	b.post("/setup/owner", url.Values{"name": {"ada"}, "display_name": {"Ada"}, "password": {"correct horse battery sampan"},
		"language": {"en"}, "zone": {"UTC"}, "code": {setupCode}})
	b.post("/setup/sandbox", url.Values{})
}

// fleet gives the Sandbox's account more servers until it has n, and waits
// until the console has read them all.
func (b *browser) fleet(n int) {
	b.t.Helper()
	var all struct {
		Accounts []struct {
			Name string `json:"name"`
		} `json:"accounts"`
	}
	b.control(http.MethodGet, "/_sandbox/accounts", nil, &all)
	if len(all.Accounts) == 0 {
		b.t.Fatal("the Sandbox has no account")
	}
	b.control(http.MethodPost, "/_sandbox/fleet", map[string]any{"account": all.Accounts[0].Name, "count": n - b.known()}, nil)
	for deadline := time.Now().Add(2 * time.Minute); b.known() != n; {
		if time.Now().After(deadline) {
			b.t.Fatalf("the console shows %d servers of %d", b.known(), n)
		}
		b.post("/instances/refresh", url.Values{})
		for until := time.Now().Add(20 * time.Second); b.known() != n && time.Now().Before(until); {
			time.Sleep(200 * time.Millisecond) // polls a condition; nothing is measured meanwhile
		}
	}
}

// settled waits until the console has nothing to do: no fleet is read, no order
// on its way.
func (b *browser) settled() {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		before := b.w.console.processorTime(b.t)
		time.Sleep(time.Second)
		if b.w.console.processorTime(b.t)-before < 30*time.Millisecond {
			return
		}
	}
	b.t.Log("the console did not come to rest within a minute")
}

// known is the number of servers that the navigation shows.
func (b *browser) known() int {
	b.t.Helper()
	var n int
	words := b.get("/").document(b.t).Find(`nav a[href="/instances"]`).Text()
	for _, r := range words {
		if r >= '0' && r <= '9' {
			n = n*10 + int(r-'0')
		}
	}
	return n
}

func (b *browser) control(method, path string, in, out any) {
	b.t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			b.t.Fatal(err)
		}
		body = strings.NewReader(string(raw))
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.w.sandboxURL(path), body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		b.t.Fatalf("%s %s: status %d", method, path, res.StatusCode)
	}
	if out != nil {
		if err := json.NewDecoder(res.Body).Decode(out); err != nil {
			b.t.Fatal(err)
		}
	}
}

// cssURL finds what a stylesheet loads; data: addresses load nothing.
var cssURL = regexp.MustCompile(`url\(["']?([^"')]+)["']?\)`)

// absolute resolves an address of a stylesheet.
func absolute(address, from string) string {
	base, err := url.Parse(from)
	if err != nil {
		return ""
	}
	u, err := base.Parse(address)
	if err != nil || u.Host != "" || u.Scheme != "" {
		return ""
	}
	return u.Path
}
