package app_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sampan/internal/app"
)

func load(t *testing.T, env map[string]string, args ...string) (app.Config, error) {
	t.Helper()
	return app.LoadConfig(args, func(k string) string { return env[k] }, &bytes.Buffer{})
}

func TestConfigDefaults(t *testing.T) {
	c, err := load(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Command != app.Serve || c.Addr != "127.0.0.1:8080" || c.DataDir != "data" || c.MasterKeyFile != "data.key" ||
		c.Sandbox != app.SandboxInside || c.TimeScale != 1 || c.LogLevel != slog.LevelInfo || c.LogFormat != "text" || c.AllowPlainHTTP {
		t.Errorf("defaults: got %+v", c)
	}
}

func TestConfigSources(t *testing.T) {
	file := filepath.Join(t.TempDir(), "limits.json")
	if err := os.WriteFile(file, []byte(`{"rates":{"bss":{"per_second":10,"in_flight":3}},"limits":{"write":"7s"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"CONSOLE_ADDR": ":9000", "CONSOLE_DATA_DIR": "/srv/x/data", "CONSOLE_SANDBOX": "http://127.0.0.1:8090/",
		"CONSOLE_TRUSTED_PROXIES": "10.0.0.1, 192.168.0.0/16", "CONSOLE_TIME_SCALE": "100", "CONSOLE_LIMITS_FILE": file,
		"CONSOLE_ALLOW_PLAIN_HTTP": "on", "CONSOLE_TLS_CERT_FILE": file, "CONSOLE_TLS_KEY_FILE": file,
		"CONSOLE_BASE_URL": "https://c.example.com/",
	}
	c, err := load(t, env, "serve", "--addr=127.0.0.1:7000")
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:7000" {
		t.Errorf("a flag wins over the environment: got %s", c.Addr)
	}
	if c.MasterKeyFile != "/srv/x/data.key" || c.Sandbox != app.SandboxElsewhere || c.SandboxURL != "http://127.0.0.1:8090" ||
		len(c.TrustedProxies) != 2 || c.TimeScale != 100 || !c.AllowPlainHTTP || c.TLSCertFile != file ||
		c.BaseURL != "https://c.example.com" {
		t.Errorf("got %+v", c)
	}
	if c.Limits.Rates["bss"] != (app.Rate{PerSecond: 10, InFlight: 3}) || c.Limits.Rates["hcss"].InFlight != 1 {
		t.Errorf("rates: got %+v", c.Limits.Rates)
	}
	if got := time.Duration(c.Limits.HTTP.Write); got != 7*time.Second || c.Limits.HTTP.FormKiB != 64 {
		t.Errorf("limits: got %s, %+v", got, c.Limits.HTTP)
	}
}

func TestConfigSaysEveryProblemAtOnce(t *testing.T) {
	env := map[string]string{
		"CONSOLE_ADDR": "nowhere", "CONSOLE_TIME_SCALE": "0", "CONSOLE_LOG_FORMAT": "xml", "CONSOLE_LOG_LEVEL": "loud",
		"CONSOLE_TRUSTED_PROXIES": "proxy.local", "CONSOLE_SANDBOX": "maybe", "CONSOLE_CATALOG_FILE": "/no/such/file",
		"CONSOLE_CLOUD_ENDPOINT": "ftp://x", "CONSOLE_SETUP_TOKEN": "short", "CONSOLE_ALLOW_PLAIN_HTTP": "perhaps",
		"CONSOLE_TLS_CERT_FILE": "/no/cert", "CONSOLE_DATA_DIR": "d", "CONSOLE_MASTER_KEY_FILE": "d/key",
		"CONSOLE_LIMITS_FILE": "/no/limits",
	}
	_, err := load(t, env)
	if err == nil {
		t.Fatal("wrong settings were taken")
	}
	for name := range env {
		if name != "CONSOLE_DATA_DIR" && !strings.Contains(err.Error(), name) {
			t.Errorf("no sentence about %s in:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "short") && strings.Contains(err.Error(), `"short"`) {
		t.Error("the set-up code stands in the error")
	}
}

func TestConfigHelpNamesEverySetting(t *testing.T) {
	var out bytes.Buffer
	if _, err := app.LoadConfig([]string{"sandbox", "-h"}, func(string) string { return "" }, &out); !errors.Is(err, app.ErrHelp) {
		t.Fatal(err)
	}
	for _, want := range []string{
		"serve", "sandbox", "reset-owner", "healthcheck", "version", "--sandbox-addr=127.0.0.1:8090",
		"CONSOLE_ADDR", "CONSOLE_DATA_DIR", "CONSOLE_MASTER_KEY_FILE", "CONSOLE_BASE_URL", "CONSOLE_TRUSTED_PROXIES",
		"CONSOLE_TLS_CERT_FILE", "CONSOLE_TLS_KEY_FILE", "CONSOLE_LOG_FORMAT", "CONSOLE_LOG_LEVEL", "CONSOLE_SANDBOX",
		"CONSOLE_SETUP_TOKEN", "CONSOLE_CATALOG_FILE", "CONSOLE_CLOUD_ENDPOINT", "CONSOLE_ENDPOINT_ALLOW", "CONSOLE_ALLOW_PLAIN_HTTP",
		"CONSOLE_LIMITS_FILE", "CONSOLE_TIME_SCALE", "CONSOLE_CLOCK",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the help does not name %s:\n%s", want, out.String())
		}
	}
}

func TestConfigHelpAndUnknown(t *testing.T) {
	if _, err := load(t, nil, "--help"); !errors.Is(err, app.ErrHelp) {
		t.Errorf("--help: got %v", err)
	}
	for _, args := range [][]string{{"--no-such"}, {"fly"}, {"serve", "fly"}, {"--addr"}, {"--state=x"},
		{"serve", "--sandbox-addr=127.0.0.1:1"}, {"sandbox", "--sandbox-addr=0.0.0.0:1"}} {
		if _, err := load(t, nil, args...); err == nil || errors.Is(err, app.ErrHelp) {
			t.Errorf("%v: got %v", args, err)
		}
	}
	c, err := load(t, map[string]string{"CONSOLE_STATE": "a"}, "--addr", ":1", "sandbox", "--sandbox-addr=127.0.0.1:2")
	if err != nil || c.Command != app.Sandbox || c.Addr != ":1" || c.SandboxAddr != "127.0.0.1:2" || c.SandboxState != "a" {
		t.Errorf("flags before and after the command: got %+v, %v", c, err)
	}
	for args, want := range map[string]app.Command{"sandbox": app.Sandbox, "reset-owner": app.ResetOwner, "healthcheck": app.Healthcheck,
		"version": app.Version} {
		if c, err := load(t, nil, args); err != nil || c.Command != want {
			t.Errorf("%s: got %s, %v", args, c.Command, err)
		}
	}
}
