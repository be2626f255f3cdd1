package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	setupCode = "pages-setup-code-0123456789"
	password  = "correct horse battery sampan"
	// scale divides the pauses of both sides.
	scale = "100"
	// patience is how long something that must come may take.
	patience = 60 * time.Second
)

// world is a Sandbox and a console, each a process, and a person at a browser.
type world struct {
	sandbox, console string // base addresses
	processes        []*process
	client           *http.Client
	second           int64 // of the calendar, since the begin
}

// start brings both up on free ports. The console's calendar follows the Sandbox's, which moves only when told to.
func start(binary, dir string) (*world, error) {
	at := make([]string, 2)
	for i := range at {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		at[i] = l.Addr().String()
		_ = l.Close()
	}
	w := &world{sandbox: "http://" + at[0], console: "http://" + at[1]}
	// Rates as wide as they may be: the saved pages do not tell how long anything took.
	limits := filepath.Join(dir, "limits.json")
	wide := []byte(`{"rates":{` + strings.Join(services(), ",") + `}}`)
	if err := os.WriteFile(limits, wide, 0o600); err != nil {
		return w, err
	}
	usual := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TZ=UTC", "CONSOLE_TIME_SCALE=" + scale}
	if err := w.spawn(binary, dir, usual, w.sandbox+"/_sandbox/clock", "sandbox", "--sandbox-addr="+at[0]); err != nil {
		return w, err
	}
	err := w.spawn(
		binary,
		dir,
		append(
			usual,
			"CONSOLE_ADDR="+at[1],
			"CONSOLE_DATA_DIR="+filepath.Join(dir, "data"),
			"CONSOLE_SANDBOX="+w.sandbox,
			"CONSOLE_CLOUD_ENDPOINT="+w.sandbox,
			"CONSOLE_CLOCK="+w.sandbox,
			"CONSOLE_LIMITS_FILE="+limits,
			"CONSOLE_SETUP_TOKEN="+setupCode,
		),
		w.console+"/readyz",
		"serve",
	)
	w.forget()
	return w, err
}

func services() []string {
	var out []string
	for _, s := range []string{"hcss", "bss", "ecs", "config", "iam", "ims", "ces"} {
		out = append(out, fmt.Sprintf(`%q:{"per_second":1000,"in_flight":4}`, s))
	}
	return out
}

// process is one of the two programs.
type process struct {
	cmd  *exec.Cmd
	said bytes.Buffer
	done chan struct{}
	once sync.Once
}

// spawn starts a program and waits until an address of it answers.
func (w *world) spawn(binary, dir string, env []string, ready string, args ...string) error {
	p := &process{cmd: exec.Command(binary, args...), done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = dir, env
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	if err := p.cmd.Start(); err != nil {
		return err
	}
	w.processes = append(w.processes, p)
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(ready) //nolint:noctx // bounded by the loop
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.done:
			return fmt.Errorf("console %s ended: %s", args[0], p.said.String())
		default:
		}
	}
	return fmt.Errorf("console %s does not answer", args[0])
}

// stop ends both programs.
func (w *world) stop() {
	for _, p := range w.processes {
		p.once.Do(func() {
			_ = p.cmd.Process.Signal(syscall.SIGTERM)
			select {
			case <-p.done:
			case <-time.After(5 * time.Second):
				_ = p.cmd.Process.Kill()
				<-p.done
			}
		})
	}
}

// forget is a new browser: nobody is signed in.
func (w *world) forget() {
	jar, _ := cookiejar.New(nil) // fails never
	w.client = &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// to is where an answer leads: path and query.
func (a answer) to() string {
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		return ""
	}
	return u.RequestURI()
}

func (w *world) get(path string, header ...string) (answer, error) {
	req, err := http.NewRequest(http.MethodGet, w.console+path, nil)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return w.do(req)
}

// post sends a form of the console's own pages. An answer that leads nowhere is an error.
func (w *world) post(path string, pairs ...string) (string, error) {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	a, err := w.send(path, form)
	if err == nil && a.status != http.StatusSeeOther {
		err = fmt.Errorf("POST %s: status %d, want 303: %s", path, a.status, plain(a.body))
	}
	return a.to(), err
}

func (w *world) send(path string, form url.Values) (answer, error) {
	req, err := http.NewRequest(http.MethodPost, w.console+path, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.do(req)
}

func (w *world) do(req *http.Request) (answer, error) {
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0")
	res, err := w.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, b}, err
}

// control asks the control API of the Sandbox. in and out may be nil.
func (w *world) control(method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	req, err := http.NewRequest(method, w.sandbox+"/_sandbox/"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	a, err := w.do(req)
	if err == nil && a.status >= 300 {
		err = fmt.Errorf("%s /_sandbox/%s: status %d: %s", method, path, a.status, a.body)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(a.body, out)
	}
	return err
}

// calls is how many requests reached the simulated cloud so far.
func (w *world) calls() (int, error) {
	var out struct {
		Requests []json.RawMessage `json:"requests"`
	}
	err := w.control(http.MethodGet, "ledger", nil, &out)
	return len(out.Requests), err
}

// settle waits until the console has asked the cloud nothing for a while: what was due at this instant is done.
func (w *world) settle() error {
	const quiet = 500 * time.Millisecond
	last, since := -1, time.Now()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		n, err := w.calls()
		if err != nil {
			return err
		}
		if n != last {
			last, since = n, time.Now()
		}
		if time.Since(since) > quiet {
			return nil
		}
	}
	return errors.New("the console does not stop asking the cloud although its clock stands still")
}

// advance moves the calendar of both sides to the next second and waits until what became due is done. Before, it goes on
// a few times by little: what the console reads and what it makes of it are asked for by timers of their own, and which
// comes first is not the same in two runs, but both have come before half of the second is over. A person acts at the
// begin of a second, so that what passed since has the same seconds in every run, rounded or cut.
//
// It takes as long as it moves: the timers would come too late for a calendar that runs ahead of them.
func (w *world) advance() error {
	const little = 100 * time.Millisecond
	w.second++
	next := time.Unix(begin+w.second, 0)
	for _, at := range []time.Duration{little, 2 * little, 3 * little, 4 * little, time.Second} {
		set := next.Add(at - time.Second).UTC().Format(time.RFC3339Nano)
		if err := w.control(http.MethodPost, "clock", map[string]string{"set": set}, nil); err != nil {
			return err
		}
		if at == time.Second {
			time.Sleep(6 * little)
		}
		time.Sleep(little + 200*time.Millisecond) // the console looks at the calendar every 100 ms
		if err := w.settle(); err != nil {
			return err
		}
	}
	return nil
}

// log is the end of what the console printed.
func (w *world) log() string {
	if len(w.processes) == 0 {
		return ""
	}
	p := w.processes[len(w.processes)-1]
	w.stop()
	said := p.said.String()
	return said[max(0, len(said)-3000):]
}
