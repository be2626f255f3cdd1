package static_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sampan/web/static"
)

func get(t *testing.T, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNamesCarryAHashOfTheContent(t *testing.T) {
	for _, name := range []string{"console.css", "app.js", "stream.js", "icons.svg", "favicon.svg", "htmx.js", "sse.js", "idiomorph.js"} {
		base, ext, _ := strings.Cut(name, ".")
		pattern := regexp.MustCompile(`^/static/` + base + `\.[0-9a-f]{8}\.` + ext + `$`)
		if got := static.URL(name); !pattern.MatchString(got) {
			t.Errorf("URL(%q): got %q, want it to match %s", name, got, pattern)
		}
	}
}

func TestUnknownNamesPanic(t *testing.T) {
	for what, f := range map[string]func(){
		"a file that does not exist":  func() { static.URL("nothing.css") },
		"an icon that does not exist": func() { static.Icon("nothing") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: did not panic", what)
				}
			}()
			f()
		}()
	}
}

func TestIconPointsIntoTheSprite(t *testing.T) {
	if got, want := static.Icon("server"), static.URL("icons.svg")+"#server"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHandler(t *testing.T) {
	css := static.URL("console.css")
	etag := get(t, "GET", css).Header.Get("ETag")
	zippedTag := get(t, "GET", css, "Accept-Encoding", "gzip").Header.Get("ETag")
	if etag == zippedTag {
		t.Errorf("plain and gzip share the ETag %s: a cache could mix them up", etag)
	}
	tests := []struct {
		name         string
		method, path string
		header       []string
		status       int
		encoding     string
		cache        string
		mediaType    string
	}{
		{"a file is kept for a year", "GET", css, nil, 200, "", "public, max-age=31536000, immutable", "text/css; charset=utf-8"},
		{"gzip when the browser takes it", "GET", css, []string{"Accept-Encoding", "br, gzip"}, 200, "gzip", "public, max-age=31536000, immutable", "text/css; charset=utf-8"},
		{"any coding means gzip too", "GET", css, []string{"Accept-Encoding", "*"}, 200, "gzip", "public, max-age=31536000, immutable", "text/css; charset=utf-8"},
		{"gzip refused by quality", "GET", css, []string{"Accept-Encoding", "gzip;q=0, *"}, 200, "", "public, max-age=31536000, immutable", "text/css; charset=utf-8"},
		{"HEAD has the headers", "HEAD", css, nil, 200, "", "public, max-age=31536000, immutable", "text/css; charset=utf-8"},
		{"the same version is not sent again", "GET", css, []string{"If-None-Match", `"x", W/` + etag}, 304, "", "public, max-age=31536000, immutable", ""},
		{"the plain tag does not stand for gzip", "GET", css, []string{"If-None-Match", etag, "Accept-Encoding", "gzip"}, 200, "gzip", "public, max-age=31536000, immutable", "text/css; charset=utf-8"},
		{"scripts have their media type", "GET", static.URL("app.js"), nil, 200, "", "public, max-age=31536000, immutable", "text/javascript; charset=utf-8"},
		{"the sprite has its media type", "GET", static.URL("icons.svg"), nil, 200, "", "public, max-age=31536000, immutable", "image/svg+xml"},
		{"another hash is not found", "GET", "/static/console.00000000.css", nil, 404, "", "no-store", "text/plain; charset=utf-8"},
		{"plain names are not served", "GET", "/static/console.css", nil, 404, "", "no-store", "text/plain; charset=utf-8"},
		{"folders are not listed", "GET", "/static/", nil, 404, "", "no-store", "text/plain; charset=utf-8"},
		{"nothing can be posted", "POST", css, nil, 405, "", "", "text/plain; charset=utf-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := get(t, tt.method, tt.path, tt.header...)
			if r.StatusCode != tt.status {
				t.Errorf("status: got %d, want %d", r.StatusCode, tt.status)
			}
			for name, want := range map[string]string{
				"Content-Encoding": tt.encoding, "Cache-Control": tt.cache, "Content-Type": tt.mediaType,
				"X-Content-Type-Options": "nosniff",
			} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
			if tt.status == 200 && r.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("Vary: got %q, want Accept-Encoding", r.Header.Get("Vary"))
			}
			if b := body(t, r); (tt.method == "HEAD" || tt.status == 304) && len(b) > 0 {
				t.Errorf("got a body of %d bytes, want none", len(b))
			}
		})
	}
}

func TestGzipHoldsTheSameBytes(t *testing.T) {
	for _, name := range []string{"console.css", "app.js", "icons.svg", "htmx.js"} {
		plain := body(t, get(t, "GET", static.URL(name)))
		z, err := gzip.NewReader(get(t, "GET", static.URL(name), "Accept-Encoding", "gzip").Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(z)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(got, plain) {
			t.Errorf("%s: gzip holds %d bytes, plain %d, and they differ", name, len(got), len(plain))
		}
	}
}

// The bound of the design for stylesheet and sprite together, compressed.
func TestStylesheetAndSpriteAreSmall(t *testing.T) {
	total := 0
	for _, name := range []string{"console.css", "icons.svg"} {
		total += len(body(t, get(t, "GET", static.URL(name), "Accept-Encoding", "gzip")))
	}
	if total > 12*1024 {
		t.Errorf("stylesheet and sprite take %d bytes compressed, want at most 12,288", total)
	}
}

func TestOurScriptsParse(t *testing.T) {
	for _, file := range scripts(t) {
		out, err := exec.CommandContext(t.Context(), "node", "--check", file).CombinedOutput() // Node is needed to build anyhow
		if err != nil {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
	}
}

// Our Content-Security-Policy has no unsafe-inline and no unsafe-eval.
func TestOurScriptsNeedNothingThePolicyForbids(t *testing.T) {
	forbidden := []string{
		"eval(", "new Function", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", ".style.", "setAttribute(\"style\"",
		"http://", "data:",
	}
	for _, file := range scripts(t) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code := strings.ReplaceAll(string(src), `"http://www.w3.org/2000/svg"`, "") // a name, not an address
		for _, f := range forbidden {
			if strings.Contains(code, f) {
				t.Errorf("%s uses %q", file, f)
			}
		}
	}
}

// scripts are the files of our own scripts, each of which has a name for pages.
func scripts(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("js/*.js")
	if err != nil || len(files) < 4 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		static.URL(filepath.Base(file))
	}
	return files
}
