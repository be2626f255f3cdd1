// Package static serves what the browser needs beside pages: the stylesheet,
// our scripts, the icon sprite and three pinned libraries out of node_modules.
//
// Every file is named after its content ("console.3f2a9c01.css"), so a browser
// may keep it forever, and a new version of the console is a new address. The
// names and the ETags are made once, when the package is first used, the gzip
// form of a file when it is first asked for: a start pays for neither libraries
// nor sprite.
//
// The npm packages are not in the repository: "npm ci" in this folder puts
// them there, and without it this package does not compile ("no matching
// files found"). The Makefile sees to it.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed css js icons
//go:embed node_modules/htmx.org/dist/htmx.min.js node_modules/htmx-ext-sse/dist/sse.min.js node_modules/idiomorph/dist/idiomorph-ext.min.js
var files embed.FS

// Prefix is the path all files are served under.
const Prefix = "/static/"

// sources says which embedded file stands behind a name that pages use.
var sources = map[string]string{
	"console.css":  "css/console.css",
	"app.js":       "js/app.js",
	"lists.js":     "js/lists.js",
	"palette.js":   "js/palette.js",
	"stream.js":    "js/stream.js",
	"icons.svg":    "icons/icons.svg",
	"favicon.svg":  "icons/favicon.svg",
	"htmx.js":      "node_modules/htmx.org/dist/htmx.min.js",
	"sse.js":       "node_modules/htmx-ext-sse/dist/sse.min.js",
	"idiomorph.js": "node_modules/idiomorph/dist/idiomorph-ext.min.js",
}

// types has the media types by ending; the machine's own table is not asked,
// because it differs between machines.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// asset is one file, ready to be sent.
type asset struct {
	url, mediaType string
	plain          []byte
	zipped         func() []byte // made once; nil when it would not be smaller
	etag           string        // without quotes
}

// table is all assets, by the name pages use and by the address they are served at.
type table struct {
	byName, byURL map[string]*asset
}

var assets = sync.OnceValue(build)

// build reads, minifies and names every file. It panics on a file
// that is listed but not embedded: only a programmer can cause that.
func build() table {
	t := table{byName: make(map[string]*asset, len(sources)), byURL: make(map[string]*asset, len(sources))}
	for name, file := range sources {
		body, err := files.ReadFile(file)
		if err != nil {
			panic(fmt.Sprintf("static: %s: %v", name, err))
		}
		if path.Ext(name) == ".css" {
			body = minify(body)
		}
		a := newAsset(name, body)
		t.byName[name], t.byURL[a.url] = a, a
	}
	return t
}

func newAsset(name string, body []byte) *asset {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:4])
	ext := path.Ext(name)
	return &asset{
		url:       Prefix + strings.TrimSuffix(name, ext) + "." + hash + ext,
		mediaType: types[ext],
		plain:     body,
		zipped:    sync.OnceValue(func() []byte { return smaller(compress(body), body) }),
		etag:      hex.EncodeToString(sum[:8]),
	}
}

// smaller gives z if it is smaller than b, else nil.
func smaller(z, b []byte) []byte {
	if len(z) < len(b) {
		return z
	}
	return nil
}

func compress(b []byte) []byte {
	var buf bytes.Buffer
	w, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression) // fails only for an unknown level
	_, _ = w.Write(b)                                       // a bytes.Buffer does not fail
	_ = w.Close()
	return buf.Bytes()
}

// URL gives the address of a file by its plain name: URL("console.css") is
// "/static/console.3f2a9c01.css". It panics for a name that does not exist, so
// that a page with a wrong one fails in its first test.
func URL(name string) string {
	a := assets().byName[name]
	if a == nil {
		panic("static: no file " + strconv.Quote(name))
	}
	return a.url
}

// Icon gives what <use href> needs to draw one icon of the sprite:
// Icon("server") is "/static/icons.91bc02de.svg#server". It panics for an icon
// that the sprite does not have.
func Icon(name string) string {
	if !icons()[name] {
		panic("static: no icon " + strconv.Quote(name))
	}
	return URL("icons.svg") + "#" + name
}

// icons is the set of symbol ids in the sprite.
var icons = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool)
	for _, part := range strings.Split(string(assets().byName["icons.svg"].plain), `<symbol id="`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		set[id] = true
	}
	return set
})

// Handler answers GET and HEAD for every address that URL gives, to be kept by
// the browser for a year, and 404 for all else below Prefix. It is safe for
// concurrent use.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	a := assets().byURL[r.URL.Path]
	if a == nil {
		h.Set("Cache-Control", "no-store")
		http.Error(w, "404 not found", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "405 method not allowed", http.StatusMethodNotAllowed)
		return
	}
	body, etag := a.plain, `"`+a.etag+`"`
	if TakesGzip(r.Header.Get("Accept-Encoding")) {
		if z := a.zipped(); z != nil {
			h.Set("Content-Encoding", "gzip")
			body, etag = z, `"`+a.etag+`-gzip"`
		}
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", etag)
	if has(r.Header.Get("If-None-Match"), etag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // an error means that the reader left
	}
}

// TakesGzip reads Accept-Encoding (RFC 9110, 12.5.3): gzip or * named, and not
// with a quality of zero.
func TakesGzip(accept string) bool {
	star := false
	for part := range strings.SplitSeq(accept, ",") {
		coding, params, _ := strings.Cut(part, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding != "gzip" && coding != "*" {
			continue
		}
		q, given := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(params, " ", "")), "q=")
		wanted := true
		if given {
			v, err := strconv.ParseFloat(q, 64)
			wanted = err == nil && v > 0
		}
		if coding == "gzip" {
			return wanted
		}
		star = wanted
	}
	return star
}

// has reports whether an If-None-Match value names the tag or is "*".
func has(list, etag string) bool {
	for part := range strings.SplitSeq(list, ",") {
		t := strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if t == etag || t == "*" {
			return true
		}
	}
	return false
}
