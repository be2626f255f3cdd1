//go:build e2e

// Package world starts what the journeys and the crash test need: the built
// binary as a Sandbox and as a console, each a process of its own.
package world

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// SetupCode is the one-time code the tests fix by CONSOLE_SETUP_TOKEN.
const SetupCode = "e2e-setup-code-0123456789"

// OwnerPassword meets the rules of a password without a second factor.
const OwnerPassword = "correct horse battery sampan"

// World is a Sandbox and a console, each a process.
type World struct {
	t       *testing.T
	dir     string
	sandbox *process
	console *process
	Sandbox string // base address
	Console string
	scale   int
	env     []string
	tls     bool
}

// Option changes a world before it starts.
type Option func(*World)

// Env adds settings of the console. "{sandbox}" stands for the Sandbox's address.
func Env(pairs ...string) Option { return func(w *World) { w.env = append(w.env, pairs...) } }

// Scale divides the intervals of both sides: polling, resolving, delivery.
func Scale(by int) Option { return func(w *World) { w.scale = by } }

// TLS lets the console speak TLS with a certificate of its own.
func TLS() Option { return func(w *World) { w.tls = true } }

// Start brings up a Sandbox and a console on free ports. Both stop with the test.
func Start(t *testing.T, opts ...Option) *World {
	t.Helper()
	w := &World{t: t, dir: t.TempDir(), scale: 20}
	for _, o := range opts {
		o(w)
	}
	sandboxAddr, consoleAddr := freeAddr(t), freeAddr(t)
	w.Sandbox, w.Console = "http://"+sandboxAddr, "http://"+strings.Replace(consoleAddr, "127.0.0.1", "localhost", 1)
	if w.tls {
		w.Console = strings.Replace(w.Console, "http:", "https:", 1)
		w.env = append(w.env, w.certificate()...)
	}
	scale := "CONSOLE_TIME_SCALE=" + strconv.Itoa(w.scale)
	w.sandbox = w.spawn("sandbox", []string{scale}, "sandbox", "--sandbox-addr="+sandboxAddr,
		"--state="+filepath.Join(w.dir, "sandbox.json"))
	waitFor(t, w.Sandbox+"/_sandbox/clock", w.sandbox)
	for i, e := range w.env {
		w.env[i] = strings.ReplaceAll(e, "{sandbox}", w.Sandbox)
	}
	w.env = append([]string{
		"CONSOLE_ADDR=" + consoleAddr, "CONSOLE_DATA_DIR=" + filepath.Join(w.dir, "data"), "CONSOLE_SANDBOX=" + w.Sandbox,
		"CONSOLE_SETUP_TOKEN=" + SetupCode, scale, "CONSOLE_LOG_LEVEL=debug",
	}, w.env...)
	w.StartConsole()
	return w
}

// StartConsole starts the console again on the same data, with further settings
// if any.
func (w *World) StartConsole(env ...string) {
	w.t.Helper()
	w.console = w.spawn("console", append(slices.Clone(w.env), env...), "serve")
	waitFor(w.t, w.Console+"/readyz", w.console)
}

// Kill ends the console at once, as a power cut would.
func (w *World) Kill() {
	w.t.Helper()
	w.console.end(syscall.SIGKILL)
}

// Stop ends the console as an operator does.
func (w *World) Stop() {
	w.t.Helper()
	w.console.end(syscall.SIGTERM)
}

// Log gives what the console wrote so far.
func (w *World) Log() string { return w.console.out.String() }

// Refuses starts the console with further settings and gives what it says when
// it ends by itself, which it must.
func (w *World) Refuses(env ...string) string {
	w.t.Helper()
	p := w.spawn("refused", append(slices.Clone(w.env), env...), "serve")
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		w.t.Fatalf("the console starts:\n%s", p.out.String())
	}
	if p.cmd.ProcessState.ExitCode() == 0 {
		w.t.Errorf("the console ends as if all were well:\n%s", p.out.String())
	}
	return p.out.String()
}

// LoseKey removes the key file.
func (w *World) LoseKey() {
	w.t.Helper()
	if err := os.Remove(w.DataDir() + ".key"); err != nil {
		w.t.Fatal(err)
	}
}

// Fail tells the Sandbox to misbehave: call and kind as its control API names them.
func (w *World) Fail(call, kind string, more map[string]any) {
	w.t.Helper()
	f := map[string]any{"call": call, "kind": kind, "times": 1}
	for k, v := range more {
		f[k] = v
	}
	w.control(http.MethodPost, "/_sandbox/faults", f, nil)
}

// Mend forgets the faults that have not happened yet.
func (w *World) Mend() {
	w.t.Helper()
	w.control(http.MethodDelete, "/_sandbox/faults", nil, nil)
}

// A Purchase is one line of the Sandbox's ledger: an order that really exists.
type Purchase struct {
	Account   string    `json:"account"`
	OrderID   string    `json:"order_id"`
	Summary   string    `json:"summary"`
	Name      string    `json:"name"`
	Tags      []string  `json:"tags"`
	Quantity  int       `json:"quantity"`
	AutoPay   bool      `json:"auto_pay"`
	Amount    string    `json:"amount"`
	Paid      time.Time `json:"paid"` // zero: the balance was not charged
	Status    int       `json:"status"`
	Delivered []string  `json:"delivered"`
}

// A Call is a request as the Sandbox answered it.
type Call struct {
	Call   string `json:"call"`
	Status int    `json:"status"`
}

// Purchases gives what the Sandbox's ledger holds, oldest first.
func (w *World) Purchases() []Purchase { w.t.Helper(); p, _ := w.ledger(); return p }

// Calls counts the requests of one kind that reached the Sandbox.
func (w *World) Calls(kind string) int {
	w.t.Helper()
	_, calls := w.ledger()
	n := 0
	for _, c := range calls {
		if c.Call == kind {
			n++
		}
	}
	return n
}

func (w *World) ledger() ([]Purchase, []Call) {
	w.t.Helper()
	var out struct {
		Purchases []Purchase `json:"purchases"`
		Requests  []Call     `json:"requests"`
	}
	w.control(http.MethodGet, "/_sandbox/ledger", nil, &out)
	return out.Purchases, out.Requests
}

// An Account is a customer of the Sandbox with what it signs in by.
type Account struct {
	Name      string `json:"name"`
	Domain    string `json:"domain_name"`
	KeyID     string `json:"access_key"`
	KeySecret string `json:"secret_key"`
	User      string `json:"iam_user"`
	Password  string `json:"iam_password"`
	Currency  string `json:"currency"`
	Balance   string `json:"balance"`
}

// Account gives the Sandbox's account of that name: "Sandbox", "Sandbox low"
// or "Sandbox sign-in", which sells to signed-in users only.
func (w *World) Account(name string) Account {
	w.t.Helper()
	var out struct {
		Accounts []Account `json:"accounts"`
	}
	w.control(http.MethodGet, "/_sandbox/accounts", nil, &out)
	for _, a := range out.Accounts {
		if a.Name == name {
			return a
		}
	}
	w.t.Fatalf("the Sandbox has no account %q", name)
	return Account{}
}

// ResetOwner runs `console reset-owner` on the same data and gives what it prints.
func (w *World) ResetOwner() string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), binary(w.t), "reset-owner")
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TZ=UTC"}, w.env...)
	cmd.Dir = w.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("reset-owner: %v\n%s", err, out)
	}
	return string(out)
}

func (w *World) control(method, path string, in, out any) {
	w.t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			w.t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.Sandbox+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatalf("sandbox %s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		w.t.Fatalf("sandbox %s %s: status %d, %v: %s", method, path, res.StatusCode, err, b)
	}
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			w.t.Fatalf("sandbox %s %s: %v: %s", method, path, err, b)
		}
	}
}

// process is one of the programs under test.
type process struct {
	cmd  *exec.Cmd
	out  *output
	done chan struct{}
}

func (w *World) spawn(name string, env []string, args ...string) *process {
	w.t.Helper()
	p := &process{out: &output{}, done: make(chan struct{})}
	p.cmd = exec.Command(binary(w.t), args...)
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TZ=UTC"}, env...)
	p.cmd.Dir = w.dir
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	w.t.Cleanup(func() {
		p.end(syscall.SIGTERM)
		if w.t.Failed() {
			Keep(w.t, name+".log", []byte(p.out.String()))
		}
	})
	return p
}

// end sends a signal and waits; a process that does not stop in time is killed
// and fails nothing here: the journeys judge what they see.
func (p *process) end(sig syscall.Signal) {
	_ = p.cmd.Process.Signal(sig)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// output collects what a process prints; safe for concurrent use.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func binary(t *testing.T) string {
	t.Helper()
	b := os.Getenv("CONSOLE_BIN")
	if b == "" {
		t.Fatal("CONSOLE_BIN is not set: run `make e2e`")
	}
	return b
}

// given are the ports that freeAddr gave.
var given sync.Map

// freeAddr gives an address that nobody listens at, once. It is below the ports that
// the system gives to connections going out: one of those could take it before the
// console does.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 100 {
		addr := "127.0.0.1:" + strconv.Itoa(18_000+rand.IntN(14_000))
		if _, taken := given.LoadOrStore(addr, true); taken {
			continue
		}
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		_ = l.Close()
		return addr
	}
	t.Fatal("no free port was found")
	return ""
}

// waitFor asks an address until it answers 200 or its process ends.
func waitFor(t *testing.T, url string, p *process) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		res, err := trusting.Get(url) //nolint:noctx // bounded by the deadline above
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-p.done:
			t.Fatalf("the process ended before %s answered:\n%s", url, p.out.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("%s did not answer:\n%s", url, p.out.String())
}

// Keep writes what a failed test leaves for its reader.
func Keep(t *testing.T, name string, b []byte) {
	dir, err := filepath.Abs(filepath.Join("artifacts", strings.ReplaceAll(t.Name(), "/", "_")))
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		_ = os.WriteFile(filepath.Join(dir, name), b, 0o600)
		fmt.Printf("kept %s\n", filepath.Join(dir, name))
	}
}
