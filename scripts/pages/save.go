package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// languages are those that every page is saved in.
var languages = []string{"en", "zh-Hans"}

// looks are the two ways in which a page can be asked for, by the header that asks.
var looks = []struct {
	name   string
	header []string
}{{"page", nil}, {"part", []string{"HX-Request", "true"}}}

// saver writes the pages of a world into a directory.
type saver struct {
	*seed
	dir   string
	files map[string]string // what was saved, by file
	paths map[string]bool   // the addresses, as the console knows them, without query
}

// shownHeaders are those that belong to what a page is.
var shownHeaders = []string{"Content-Type", "Content-Disposition", "Location", "Hx-Redirect", "Hx-Location", "Hx-Trigger", "Hx-Push-Url",
	"Hx-Replace-Url", "Hx-Retarget", "Hx-Reswap", "Cache-Control", "Vary"}

// all saves what can be reached from some addresses, in both languages and looks, under a name of its own. Everything is
// asked for once before, so that what a page has the console read in the background was read.
func (s *saver) all(name string, signedIn bool, from ...string) error {
	for _, write := range []bool{false, true} {
		for _, language := range languages {
			if signedIn {
				if err := s.speak(language); err != nil {
					return err
				}
			}
			if err := s.crawl(name, language, write, from); err != nil {
				return err
			}
		}
		if err := s.settle(); err != nil {
			return err
		}
	}
	return nil
}

// crawl saves some addresses and those that the pages there lead to.
func (s *saver) crawl(name, language string, write bool, from []string) error {
	queue, seen := slices.Clone(from), map[string]bool{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		for _, look := range looks {
			if strings.HasPrefix(path, "/sandbox") {
				if err := s.knock(); err != nil {
					return err
				}
			}
			a, err := s.get(path, append([]string{"Accept-Language", language}, look.header...)...)
			if err != nil {
				return err
			}
			if write {
				if err := s.write(filepath.Join(name, language+"."+look.name), path, a); err != nil {
					return err
				}
			}
			if !strings.HasPrefix(path, "/buy/matrix") { // it leads to some hundred purchases
				queue = append(queue, s.links(path, a)...)
			}
		}
	}
	return nil
}

// knock fills the lines of the Sandbox's page that show what reached it last: what the console asks in parallel comes in
// any order.
func (s *saver) knock() error {
	for range 30 {
		req, err := http.NewRequest(http.MethodGet, s.sandbox+"/v2/balances", nil)
		if err != nil {
			return err
		}
		if _, err := s.do(req); err != nil {
			return err
		}
	}
	return nil
}

// leading are the attributes whose addresses are asked for by GET.
var leading = []string{"href", "hx-get", "data-get", "data-src"}

// links are the addresses that a page leads to, or has htmx ask for. Of all servers, instances and the like only those
// with a name are followed.
func (s *saver) links(at string, a answer) []string {
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		return nil
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.body))
	if err != nil {
		return nil
	}
	base, err := url.Parse(at)
	if err != nil {
		return nil
	}
	var out []string
	for _, attr := range leading {
		doc.Find("[" + attr + "]").Each(func(_ int, e *goquery.Selection) {
			u, err := base.Parse(e.AttrOr(attr, ""))
			if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(u.Path, "/static/") || u.Path == "/events" ||
				e.AttrOr("rel", "") == "stylesheet" {
				return
			}
			if u.RawQuery != "" && base.RawQuery != "" {
				return // a search leads to searches without end
			}
			if path := u.RequestURI(); s.followed(path) {
				out = append(out, path)
			}
		})
	}
	return out
}

// machineID is an id of the cloud or of the console.
var machineID = regexp.MustCompile(
	`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{24}\b|\b[0-9a-f]{32}\b|\b[0-9a-f]{64}\b|\bCS[0-9A-Z]{15,}\b`,
)

func (s *saver) followed(path string) bool {
	for _, id := range machineID.FindAllString(path, -1) {
		if s.names[id] == "" {
			return false
		}
	}
	return true
}

// write saves an answer.
func (s *saver) write(dir, path string, a answer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET %s\n%d\n", path, a.status)
	for _, h := range shownHeaders {
		for _, v := range a.header.Values(h) {
			fmt.Fprintf(&b, "%s: %s\n", h, v)
		}
	}
	body := a.body
	if strings.Contains(a.header.Get("Content-Type"), "spreadsheet") {
		var err error
		if body, err = sheets(body); err != nil {
			return fmt.Errorf("GET %s: %w", path, err)
		}
	}
	b.WriteByte('\n')
	b.Write(body)
	text := s.clean(b.String())
	file := filepath.Join(dir, s.file(path))
	if have, ok := s.files[file]; ok && have != text {
		return fmt.Errorf("GET %s: %s is there already, of another page", path, file)
	}
	s.files[file] = text
	u, err := url.Parse(path)
	if err != nil {
		return err
	}
	s.paths[u.Path] = true
	to := filepath.Join(s.dir, file)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, []byte(text), 0o644)
}

// sheets are the parts of a spreadsheet that hold what it shows.
func sheets(b []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, "xl/worksheets/") && f.Name != "xl/sharedStrings.xml" && f.Name != "xl/workbook.xml" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "--- %s\n", f.Name)
		if _, err := io.Copy(&out, r); err != nil {
			return nil, err
		}
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

var odd = regexp.MustCompile(`[^A-Za-z0-9.,=_{}-]+`)

// file is the name of an address's file: its path and query, ids by their names.
func (s *saver) file(path string) string {
	if u, err := url.QueryUnescape(path); err == nil {
		path = u
	}
	name := s.clean(strings.TrimPrefix(path, "/"))
	short := odd.ReplaceAllString(
		strings.NewReplacer("/", "_", "?", "__", "&", ",", "<", "{lt}", ">", "{gt}", "!", "{not}").Replace(name),
		"~",
	)
	if len(short) > 120 {
		h := fnv.New32a()
		_, _ = h.Write([]byte(name))
		short = fmt.Sprintf("%s-%08x", short[:120], h.Sum32())
	}
	if short == "" {
		short = "_"
	}
	return short + ".txt"
}
