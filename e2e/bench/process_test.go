//go:build bench

package bench

import (
	"bytes"
	"context"
	"fmt"
	"net"
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

	"golang.org/x/sys/unix"
)

// process is a program that is measured from outside.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	mu   sync.Mutex
	out  bytes.Buffer
}

// Write collects what the program prints.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

func (p *process) printed() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// start runs a program until the test ends or stop is called.
func start(t *testing.T, env []string, path string, args ...string) *process {
	t.Helper()
	p := &process{done: make(chan struct{})}
	p.cmd = exec.Command(path, args...)
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TZ=UTC"}, env...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	t.Cleanup(p.stop)
	return p
}

// stop ends the program as an operator does, and waits for it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// memory is what a process holds, in bytes.
type memory struct {
	resident, anonymous float64 // all, and without the pages of files
}

// memory reads /proc, which only Linux has.
func (p *process) memory(t *testing.T) memory {
	t.Helper()
	b, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	if err != nil {
		t.Skipf("memory is read from /proc: %v", err)
	}
	kib := func(name string) float64 {
		_, rest, _ := strings.Cut(string(b), "\n"+name+":")
		n, _ := strconv.ParseFloat(strings.Fields(rest + " 0")[0], 64)
		return n * 1024
	}
	return memory{resident: kib("VmRSS"), anonymous: kib("RssAnon")}
}

// processorTime is what the process has used of all processors, whatever else
// the machine did meanwhile.
func (p *process) processorTime(t *testing.T) time.Duration {
	t.Helper()
	clock := int32(^p.cmd.Process.Pid<<3 | 2) // MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED)
	var at unix.Timespec
	if err := unix.ClockGettime(clock, &at); err != nil {
		t.Fatalf("processor time of %d: %v", p.cmd.Process.Pid, err)
	}
	return time.Duration(at.Nano())
}

// answers tries to connect every half millisecond until a request is answered,
// and gives the answer's status.
func (p *process) answers(t *testing.T, address string, ask func() (int, error)) int {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
			status, err := ask()
			if err != nil {
				t.Fatalf("%s: %v\n%s", address, err, p.printed())
			}
			return status
		}
		select {
		case <-p.done:
			t.Fatalf("the process ended before it answered:\n%s", p.printed())
		case <-time.After(500 * time.Microsecond):
		}
	}
	t.Fatalf("%s did not answer:\n%s", address, p.printed())
	return 0
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// binary gives the path of the binary that is measured.
func binary(t *testing.T) string {
	t.Helper()
	b := os.Getenv("CONSOLE_BIN")
	if b == "" {
		t.Fatal("CONSOLE_BIN is not set: run `make bench`")
	}
	b, err := filepath.Abs(b)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// world is a Sandbox and a console, each a process of its own, on one data
// directory.
type world struct {
	dir                      string
	sandbox, console         *process
	sandboxAddr, consoleAddr string
	env                      []string // of the console
}

const setupCode = "bench-setup-code-0123456789"

// Limits of the console: a thousand watchers come from one machine; with fast
// rates a fleet is read in seconds, without them at the pace that people have.
const (
	fast = `{
  "rates": {"hcss": {"per_second": 200, "in_flight": 4}, "bss": {"per_second": 500, "in_flight": 4}, "ecs": {"per_second": 500, "in_flight": 4},
            "config": {"per_second": 500, "in_flight": 4}, "iam": {"per_second": 100, "in_flight": 2}, "ims": {"per_second": 100, "in_flight": 4}},
  ` + crowded + `
}`
	usual   = `{` + crowded + `}`
	crowded = `"limits": {"connections_per_address": 5000, "streams_per_person": 5000}`
)

// limits writes the limits that the console's next start reads.
func (w *world) limits(t *testing.T, l string) {
	t.Helper()
	if err := os.WriteFile(w.limitsFile(), []byte(l), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w *world) limitsFile() string { return filepath.Join(w.dir, "limits.json") }

// newWorld starts both. The Sandbox delivers ten times as fast as usual, and so
// does the console look, until it is restarted.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), sandboxAddr: freeAddr(t), consoleAddr: freeAddr(t)}
	w.limits(t, fast)
	w.sandbox = start(t, []string{"CONSOLE_TIME_SCALE=10"}, binary(t), "sandbox", "--sandbox-addr="+w.sandboxAddr)
	w.env = []string{
		"CONSOLE_ADDR=" + w.consoleAddr, "CONSOLE_DATA_DIR=" + filepath.Join(w.dir, "data"), "CONSOLE_SANDBOX=http://" + w.sandboxAddr,
		"CONSOLE_SETUP_TOKEN=" + setupCode, "CONSOLE_LIMITS_FILE=" + w.limitsFile(), "CONSOLE_LOG_LEVEL=warn",
	}
	w.sandbox.answers(t, w.sandboxAddr, func() (int, error) { return 200, nil })
	w.startConsole(t, "CONSOLE_TIME_SCALE=10")
	return w
}

// startConsole starts the console; more settings hold for this start.
func (w *world) startConsole(t *testing.T, more ...string) {
	t.Helper()
	w.console = start(t, append(slices.Clone(w.env), more...), binary(t), "serve")
	w.console.answers(t, w.consoleAddr, func() (int, error) { return 200, nil })
}

// restart ends the console and starts it as people run it.
func (w *world) restart(t *testing.T) {
	t.Helper()
	w.console.stop()
	w.startConsole(t)
}

func (w *world) url(path string) string {
	return "http://" + strings.Replace(w.consoleAddr, "127.0.0.1", "localhost", 1) + path
}

func (w *world) sandboxURL(path string) string {
	return fmt.Sprintf("http://%s%s", w.sandboxAddr, path)
}
