package app_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sampan/internal/app"
	"sampan/internal/app/fault"
)

var discard = slog.New(slog.DiscardHandler)

// said is what a process prints, readable while it runs.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) { s.mu.Lock(); defer s.mu.Unlock(); return s.b.Write(p) }
func (s *said) String() string              { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

// freeAddr is an address where nothing listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// settings are a console's in a directory of its own, without the Sandbox, changed
// by env.
func settings(t *testing.T, env map[string]string, args ...string) app.Config {
	t.Helper()
	all := map[string]string{
		"CONSOLE_DATA_DIR": filepath.Join(t.TempDir(), "data"), "CONSOLE_ADDR": freeAddr(t), "CONSOLE_SANDBOX": "off",
		"CONSOLE_LOG_LEVEL": "error",
	}
	for k, v := range env {
		all[k] = v
	}
	cfg, err := load(t, all, args...)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// until waits for a condition of a running process.
func until(t *testing.T, what string, true func() bool) {
	t.Helper()
	for range 2000 {
		if true() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain: %s", what)
}

// serve runs a console until stop is called, which gives its error.
func serve(t *testing.T, cfg app.Config) (out *said, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out = &said{}
	done := make(chan error, 1)
	go func() { done <- app.ServeConsole(ctx, cfg, "v1", out, io.Discard) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = stop() })
	until(t, "the console is ready", func() bool {
		select {
		case err := <-done:
			t.Fatalf("the console ended: %v\n%s", err, out)
		default:
		}
		return app.CheckHealth(t.Context(), cfg) == nil
	})
	return out, stop
}

func wantError(t *testing.T, what string, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("%s: got %v, want %q", what, err, part)
	}
}

func TestAConsoleStartsAnswersAndStops(t *testing.T) {
	cfg := settings(t, map[string]string{"CONSOLE_CLOUD_ENDPOINT": "https://proxy.example.com"})
	out, stop := serve(t, cfg)
	address := "http://localhost:" + cfg.Addr[strings.LastIndex(cfg.Addr, ":")+1:]
	for _, want := range []string{
		"Sampan v1 is at " + address + "\n", "goes to https://proxy.example.com", address + "/setup/owner#code=",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	wantError(t, "a second console on its directory", app.ServeConsole(t.Context(), cfg, "v1", io.Discard, io.Discard), "")
	wantError(t, "a reset link meanwhile", app.PrintResetLink(t.Context(), cfg, io.Discard), "a console is running on "+cfg.DataDir)
	if err := stop(); err != nil {
		t.Errorf("stopped: %v", err)
	}
	wantError(t, "a health check afterwards", app.CheckHealth(t.Context(), cfg), "does not answer at "+cfg.Addr)
	if err := app.PrintResetLink(t.Context(), cfg, io.Discard); !fault.Is(err, fault.NotFound) {
		t.Errorf("a reset link without an owner: got %v", err)
	}
}

func TestTheCodeOfTheSettingsIsNotPrinted(t *testing.T) {
	cfg := settings(t, map[string]string{"CONSOLE_SETUP_TOKEN": "correct horse battery", "CONSOLE_BASE_URL": "https://console.example.com"})
	out, stop := serve(t, cfg)
	if s := out.String(); !strings.Contains(s, "https://console.example.com/setup/owner with the code of CONSOLE_SETUP_TOKEN") ||
		strings.Contains(s, "correct horse") {
		t.Errorf("it says:\n%s", s)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// opened opens a console and closes it again.
func opened(t *testing.T, cfg app.Config) error {
	t.Helper()
	a, err := app.Open(t.Context(), cfg, "v1", discard)
	if err != nil {
		return err
	}
	return a.Close()
}

func TestWhatStopsAStart(t *testing.T) {
	write := func(t *testing.T, name, text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Run("a catalogue that is none", func(t *testing.T) {
		cfg := settings(t, map[string]string{"CONSOLE_CATALOG_FILE": write(t, "catalog.json", "{}")})
		wantError(t, "open", opened(t, cfg), cfg.CatalogFile+" is not as expected")
	})
	t.Run("a catalogue that is removed after the settings were read", func(t *testing.T) {
		cfg := settings(t, map[string]string{"CONSOLE_CATALOG_FILE": write(t, "catalog.json", "{}")})
		cfg.CatalogFile += ".gone"
		wantError(t, "open", opened(t, cfg), "cannot be read")
	})
	t.Run("a port that is in use", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		cfg := settings(t, map[string]string{"CONSOLE_ADDR": l.Addr().String()})
		wantError(t, "serve", app.ServeConsole(t.Context(), cfg, "v1", io.Discard, io.Discard), "set CONSOLE_ADDR")
	})
	t.Run("a clock that does not answer", func(t *testing.T) {
		wantError(t, "open", opened(t, settings(t, map[string]string{"CONSOLE_CLOCK": "http://" + freeAddr(t)})), "CONSOLE_CLOCK")
	})
	t.Run("a database without its key", func(t *testing.T) {
		cfg := settings(t, nil)
		if err := opened(t, cfg); err != nil {
			t.Fatal(err)
		}
		key, err := os.ReadFile(cfg.MasterKeyFile)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(cfg.MasterKeyFile); err != nil {
			t.Fatal(err)
		}
		wantError(t, "open", opened(t, cfg), "put the file back")
		wantError(t, "a reset link", app.PrintResetLink(t.Context(), cfg, io.Discard), "put the file back")
		if err := os.WriteFile(cfg.MasterKeyFile, key, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := opened(t, cfg); err != nil {
			t.Errorf("with the key put back: %v", err)
		}
	})
	t.Run("no console in the directory", func(t *testing.T) {
		cfg := settings(t, nil)
		wantError(t, "a reset link", app.PrintResetLink(t.Context(), cfg, io.Discard), "there is no console in "+cfg.DataDir)
	})
}

func TestALostKey(t *testing.T) {
	lost := map[string]string{"CONSOLE_KEY_LOST": "on"}
	t.Run("without a database", func(t *testing.T) {
		wantError(t, "open", opened(t, settings(t, lost)), "start without CONSOLE_KEY_LOST")
	})
	cfg := settings(t, nil)
	if err := opened(t, cfg); err != nil {
		t.Fatal(err)
	}
	cfg.KeyLost = true
	t.Run("the key fits", func(t *testing.T) {
		wantError(t, "open", opened(t, cfg), "nothing is lost")
	})
	t.Run("a damaged key file", func(t *testing.T) {
		damaged := cfg
		damaged.MasterKeyFile = filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(damaged.MasterKeyFile, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		wantError(t, "open", opened(t, damaged), "move the file away and start once more")
	})
	t.Run("a new key takes over", func(t *testing.T) {
		if err := os.Remove(cfg.MasterKeyFile); err != nil {
			t.Fatal(err)
		}
		out, stop := serve(t, cfg)
		if !strings.Contains(out.String(), "Keep a copy of "+cfg.MasterKeyFile) {
			t.Errorf("it says:\n%s", out)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		cfg.KeyLost = false
		if err := opened(t, cfg); err != nil {
			t.Errorf("the next start: %v", err)
		}
	})
}

func TestServeSandbox(t *testing.T) {
	state := filepath.Join(t.TempDir(), "sandbox.state")
	cfg := settings(t, nil, "sandbox", "--sandbox-addr="+freeAddr(t), "--state="+state)
	ctx, cancel := context.WithCancel(t.Context())
	out := &said{}
	done := make(chan error, 1)
	go func() { done <- app.ServeSandbox(ctx, cfg, out, io.Discard) }()
	until(t, "the Sandbox is there", func() bool { return strings.Contains(out.String(), "CONSOLE_SANDBOX=http://"+cfg.SandboxAddr) })
	for _, want := range []string{"listens at http://" + cfg.SandboxAddr, "access key", "secret key", "IAM user", "account name"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	wantError(t, "another one at the same address", app.ServeSandbox(t.Context(), cfg, io.Discard, io.Discard),
		"cannot listen at "+cfg.SandboxAddr)
	with := settings(t, map[string]string{"CONSOLE_SANDBOX": "http://" + cfg.SandboxAddr, "CONSOLE_CLOCK": "http://" + cfg.SandboxAddr})
	if err := opened(t, with); err != nil {
		t.Errorf("a console with it: %v", err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("stopped: %v", err)
	}
	if _, err := os.Stat(state); err != nil {
		t.Errorf("its state was not written: %v", err)
	}
}

func TestCheckHealth(t *testing.T) {
	var status atomic.Int32
	status.Store(http.StatusOK)
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.WriteHeader(int(status.Load()))
	})
	plain, secure := httptest.NewServer(answer), httptest.NewTLSServer(answer)
	defer plain.Close()
	defer secure.Close()
	addr := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	_, port, _ := net.SplitHostPort(addr(plain))
	for name, cfg := range map[string]app.Config{
		"ready": {Addr: addr(plain)}, "every address": {Addr: ":" + port}, "every IPv4 address": {Addr: "0.0.0.0:" + port},
		"TLS, by another name": {Addr: addr(secure), TLSCertFile: "cert.pem"},
	} {
		if err := app.CheckHealth(t.Context(), cfg); err != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
	status.Store(http.StatusServiceUnavailable)
	wantError(t, "not ready", app.CheckHealth(t.Context(), app.Config{Addr: addr(plain)}), "is not ready (status 503)")
	wantError(t, "no port", app.CheckHealth(t.Context(), app.Config{Addr: "localhost"}), "missing port")
}
