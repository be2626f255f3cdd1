//go:build e2e

package world

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// DataDir is the console's data directory; its key file lies beside it.
func (w *World) DataDir() string { return filepath.Join(w.dir, "data") }

// Launch starts the console on the same data and returns at once: whether it
// came up is for Ready to say. All lives of one console share one log.
func (w *World) Launch() {
	w.t.Helper()
	p, err := w.launch(w.console.out, w.env)
	if err != nil {
		w.t.Fatal(err)
	}
	w.console = p
}

func (w *World) launch(out *output, env []string) (*process, error) {
	p := &process{out: out, done: make(chan struct{})}
	p.cmd = exec.Command(binary(w.t), "serve")
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TZ=UTC"}, env...)
	p.cmd.Dir = w.dir
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	w.t.Cleanup(func() { p.end(syscall.SIGKILL) })
	return p, nil
}

// Ready waits until the console answers. It is false when its process ended
// before, or the context did.
func (w *World) Ready(ctx context.Context) bool {
	p := w.console
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.Console+"/readyz", nil)
		if err != nil {
			return false
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return true
			}
		}
		select {
		case <-ctx.Done():
			return false
		case <-p.done:
			return false
		case <-tick.C:
		}
	}
}

// Signal sends a signal to the console and does not wait for what it does.
func (w *World) Signal(sig os.Signal) { _ = w.console.cmd.Process.Signal(sig) }

// Ended is closed when the console's process has ended.
func (w *World) Ended() <-chan struct{} { return w.console.done }

// ExitCode is what the ended process said; -1 when a signal ended it.
func (w *World) ExitCode() int { return w.console.cmd.ProcessState.ExitCode() }

// Second starts another console on the given data directory, with a port of
// its own, and gives what it printed and its exit code when it ended within
// the given time after it had printed the words that many times; ended is false
// when it ran on, and then it is killed.
func (w *World) Second(dataDir string, within time.Duration, words string, times int) (said string, code int, ended bool) {
	w.t.Helper()
	p, err := w.launch(&output{}, append(append([]string{}, w.env...), "CONSOLE_DATA_DIR="+dataDir,
		"CONSOLE_MASTER_KEY_FILE="+w.DataDir()+".key", "CONSOLE_ADDR="+freeAddr(w.t)))
	if err != nil {
		w.t.Fatal(err)
	}
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	slow := time.After(time.Minute)
	for strings.Count(p.out.String(), words) < times {
		select {
		case <-p.done:
			return p.out.String(), p.cmd.ProcessState.ExitCode(), true
		case <-slow:
			p.end(syscall.SIGKILL)
			w.t.Fatalf("the second console did not say %q %d times:\n%s", words, times, p.out.String())
		case <-look.C:
		}
	}
	select {
	case <-p.done:
		return p.out.String(), p.cmd.ProcessState.ExitCode(), true
	case <-time.After(within):
		p.end(syscall.SIGKILL)
		return p.out.String(), -1, false
	}
}

// StopSandbox ends the Sandbox: the cloud does not answer any more.
func (w *World) StopSandbox() {
	w.t.Helper()
	w.sandbox.end(syscall.SIGTERM)
}

// StartSandbox starts the Sandbox again, as it was.
func (w *World) StartSandbox() {
	w.t.Helper()
	w.sandbox = w.spawn("sandbox", []string{"CONSOLE_TIME_SCALE=" + strconv.Itoa(w.scale)}, "sandbox",
		"--sandbox-addr="+strings.TrimPrefix(w.Sandbox, "http://"), "--state="+filepath.Join(w.dir, "sandbox.json"))
	waitFor(w.t, w.Sandbox+"/_sandbox/clock", w.sandbox)
}

// Replace has the next start use another data directory in the place of the
// old one, which is kept beside it under the name returned. The console must not run.
func (w *World) Replace(with string) (old string) {
	w.t.Helper()
	old = w.DataDir() + fmt.Sprintf(".%d", time.Now().UnixNano())
	if err := os.Rename(w.DataDir(), old); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(with, w.DataDir()); err != nil {
		w.t.Fatal(err)
	}
	return old
}

// CopyData copies the data directory as a file copy or a snapshot does, running
// console or not, and gives the copy's name.
func (w *World) CopyData() string {
	w.t.Helper()
	to := w.DataDir() + fmt.Sprintf(".copy%d", time.Now().UnixNano())
	if err := os.CopyFS(to, os.DirFS(w.DataDir())); err != nil {
		w.t.Fatal(err)
	}
	return to
}

// Fund sets the balance of the Sandbox's account of that name.
func (w *World) Fund(name, balance string) {
	w.t.Helper()
	w.Set(name, map[string]any{"balance": balance})
}

// Set changes settings of the Sandbox's account of that name, as its control API
// names them: "quota", "tags_at", "no_user". The others stay as they are.
func (w *World) Set(name string, change map[string]any) {
	w.t.Helper()
	var all struct {
		Accounts []map[string]any `json:"accounts"`
	}
	w.control(http.MethodGet, "/_sandbox/accounts", nil, &all)
	for _, a := range all.Accounts {
		if a["name"] == name {
			delete(a, "balance") // left out, it stays
			maps.Copy(a, change)
			w.control(http.MethodPost, "/_sandbox/accounts", a, nil)
			return
		}
	}
	w.t.Fatalf("the Sandbox has no account %q", name)
}

// Foreign places orders as somebody does without the console, and gives their
// numbers. What is ordered stands by the names of the Sandbox's control API:
// "account", "count", "user", "name", "spec", "region", "quantity", "months",
// "paid", "ago".
func (w *World) Foreign(what map[string]any) []string {
	w.t.Helper()
	var out struct {
		Orders []string `json:"orders"`
	}
	w.control(http.MethodPost, "/_sandbox/foreign", what, &out)
	return out.Orders
}

// Advance moves the Sandbox's calendar, and the console's with it where it
// follows (CONSOLE_CLOCK).
func (w *World) Advance(by time.Duration) {
	w.t.Helper()
	w.control(http.MethodPost, "/_sandbox/clock", map[string]any{"advance": by.String()}, nil)
}

// Ledger reads the whole ledger of the Sandbox into out.
func (w *World) Ledger(out any) {
	w.t.Helper()
	w.control(http.MethodGet, "/_sandbox/ledger", nil, out)
}

// Browser is a person at a browser without JavaScript: forms, cookies, and
// redirects that are looked at instead of followed.
type Browser struct {
	Client *http.Client
	base   string
}

// NewBrowser gives a browser with the cookies of jar.
func (w *World) NewBrowser(jar http.CookieJar) *Browser {
	return &Browser{base: w.Console, Client: &http.Client{Jar: jar, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Answer is what came back.
type Answer struct {
	Status   int
	Location string // path and query
	Body     []byte
}

// Get asks for a page.
func (b *Browser) Get(ctx context.Context, path string) (Answer, error) {
	return b.do(ctx, http.MethodGet, path, "")
}

// Post sends a form as a browser does, from a page of the console itself.
func (b *Browser) Post(ctx context.Context, path, form string) (Answer, error) {
	return b.do(ctx, http.MethodPost, path, form)
}

func (b *Browser) do(ctx context.Context, method, path, form string) (Answer, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = bytes.NewBufferString(form)
	}
	req, err := http.NewRequestWithContext(ctx, method, b.base+path, body)
	if err != nil {
		return Answer{}, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := b.Client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	a := Answer{Status: res.StatusCode, Location: strings.TrimPrefix(res.Header.Get("Location"), b.base)}
	a.Body, err = io.ReadAll(res.Body)
	return a, err
}
