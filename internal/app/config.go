package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sampan/internal/app/seal"
)

// Command is what the binary is asked to do.
type Command string

// The commands.
const (
	Serve       Command = "serve"
	Sandbox     Command = "sandbox"
	ResetOwner  Command = "reset-owner"
	Healthcheck Command = "healthcheck"
	Version     Command = "version"
)

// Config is every setting, parsed. Its zero value is not usable: LoadConfig
// fills in the defaults.
type Config struct {
	Command Command

	Addr           string // host:port to listen on
	DataDir        string
	MasterKeyFile  string // beside the data directory, never in it
	BaseURL        string // "": the address that the browser uses
	TrustedProxies []netip.Prefix
	TLSCertFile    string
	TLSKeyFile     string
	LogFormat      string // "text" or "json"
	LogLevel       slog.Level

	Sandbox        SandboxMode
	SandboxURL     string // with SandboxElsewhere
	SetupToken     seal.Secret
	CatalogFile    string
	CloudEndpoint  string
	EndpointAllow  []string
	AllowPlainHTTP bool
	KeyLost        bool // the key file is lost: this start drops what it sealed
	Limits         Limits
	TimeScale      float64
	ClockURL       string // tests only: the Sandbox's movable clock
	PseudoLanguage bool   // tests only: offer the right-to-left pseudo-language

	SandboxAddr  string // console sandbox: where it listens
	SandboxState string // console sandbox: file of its state
}

// SandboxMode says where the simulated cloud runs.
type SandboxMode string

// The modes.
const (
	SandboxInside    SandboxMode = "on"
	SandboxOff       SandboxMode = "off"
	SandboxElsewhere SandboxMode = "elsewhere"
)

// parse turns text into values and collects what is wrong.
func (f flags) parse(cmd Command) (Config, error) {
	p := problems{}
	c := Config{
		Command: cmd, Addr: p.addr("CONSOLE_ADDR", f.Addr), DataDir: filepath.Clean(f.DataDir), MasterKeyFile: f.MasterKeyFile,
		BaseURL: p.base("CONSOLE_BASE_URL", f.BaseURL), TrustedProxies: p.prefixes("CONSOLE_TRUSTED_PROXIES", f.TrustedProxies),
		TLSCertFile: f.TLSCertFile, TLSKeyFile: f.TLSKeyFile,
		LogFormat: p.oneOf("CONSOLE_LOG_FORMAT", f.LogFormat, "text", "json"), LogLevel: p.level("CONSOLE_LOG_LEVEL", f.LogLevel),
		SetupToken: seal.Conceal(f.SetupToken), CatalogFile: p.file("CONSOLE_CATALOG_FILE", f.CatalogFile),
		CloudEndpoint: p.base("CONSOLE_CLOUD_ENDPOINT", f.CloudEndpoint), EndpointAllow: list(f.EndpointAllow),
		AllowPlainHTTP: p.onOff("CONSOLE_ALLOW_PLAIN_HTTP", f.AllowPlainHTTP), TimeScale: p.scale("CONSOLE_TIME_SCALE", f.TimeScale),
		ClockURL: p.base("CONSOLE_CLOCK", f.Clock), SandboxState: f.SandboxState,
		KeyLost: p.onOff("CONSOLE_KEY_LOST", f.KeyLost), PseudoLanguage: p.onOff("CONSOLE_PSEUDO_LANGUAGE", f.PseudoLanguage),
	}
	c.Sandbox, c.SandboxURL = p.sandbox(f.Sandbox)
	c.Limits = p.limits("CONSOLE_LIMITS_FILE", f.LimitsFile)
	if cmd == Sandbox {
		c.SandboxAddr = p.loopback("--sandbox-addr", f.SandboxAddr)
	}
	if c.MasterKeyFile == "" {
		c.MasterKeyFile = c.DataDir + ".key"
	}
	if (c.TLSCertFile == "") != (c.TLSKeyFile == "") {
		p.add("CONSOLE_TLS_CERT_FILE and CONSOLE_TLS_KEY_FILE go together: set both or neither.")
	}
	p.file("CONSOLE_TLS_CERT_FILE", c.TLSCertFile)
	p.file("CONSOLE_TLS_KEY_FILE", c.TLSKeyFile)
	if n := len(f.SetupToken); n > 0 && n < 16 {
		p.add("CONSOLE_SETUP_TOKEN is too short: use 16 characters or more.")
	}
	if inside(c.DataDir, c.MasterKeyFile) {
		p.add("CONSOLE_MASTER_KEY_FILE lies in the data directory: a copy of the directory would carry the key. Put it beside it.")
	}
	return c, p.err()
}

// problems collects sentences about settings.
type problems struct{ said []string }

func (p *problems) add(format string, args ...any) {
	p.said = append(p.said, fmt.Sprintf(format, args...))
}

func (p *problems) err() error {
	if len(p.said) == 0 {
		return nil
	}
	return errors.New(strings.Join(p.said, "\n"))
}

func (p *problems) addr(name, v string) string {
	_, port, err := net.SplitHostPort(v)
	if n, e := strconv.Atoi(port); err != nil || e != nil || n < 0 || n > 65535 {
		p.add("%s is %q: write host:port, for example 127.0.0.1:8080.", name, v)
	}
	return v
}

func (p *problems) loopback(name, v string) string {
	p.addr(name, v)
	host, _, _ := net.SplitHostPort(v)
	ip, err := netip.ParseAddr(host)
	if host != "localhost" && (err != nil || !ip.IsLoopback()) {
		p.add("%s is %q: the simulated cloud listens on a loopback address only, for example 127.0.0.1:8090.", name, v)
	}
	return v
}

func (p *problems) base(name, v string) string {
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		p.add("%s is %q: write a base address such as https://console.example.com.", name, v)
		return ""
	}
	return strings.TrimRight(v, "/")
}

func (p *problems) prefixes(name, v string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list(v) {
		if a, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		pre, err := netip.ParsePrefix(s)
		if err != nil {
			p.add("%s holds %q: write addresses or networks such as 10.0.0.1 or 10.0.0.0/8, separated by commas.", name, s)
			continue
		}
		out = append(out, pre)
	}
	return out
}

func (p *problems) oneOf(name, v string, allowed ...string) string {
	for _, a := range allowed {
		if v == a {
			return v
		}
	}
	p.add("%s is %q: write %s.", name, v, strings.Join(allowed, " or "))
	return v
}

func (p *problems) level(name, v string) slog.Level {
	var l slog.Level
	if err := l.UnmarshalText([]byte(v)); err != nil {
		p.add("%s is %q: write debug, info, warn or error.", name, v)
	}
	return l
}

func (p *problems) onOff(name, v string) bool {
	switch strings.ToLower(v) {
	case "on", "true", "1", "yes":
		return true
	case "off", "false", "0", "no", "":
		return false
	}
	p.add("%s is %q: write on or off.", name, v)
	return false
}

func (p *problems) scale(name, v string) float64 {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !(n >= 1) || n > 100_000 {
		p.add("%s is %q: write a number from 1 to 100000.", name, v)
		return 1
	}
	return n
}

func (p *problems) file(name, v string) string {
	if v == "" {
		return ""
	}
	if i, err := os.Stat(v); err != nil || i.IsDir() {
		p.add("%s is %q: there is no such file.", name, v)
	}
	return v
}

func (p *problems) sandbox(v string) (SandboxMode, string) {
	switch strings.ToLower(v) {
	case "on", "true", "1":
		return SandboxInside, ""
	case "off", "false", "0":
		return SandboxOff, ""
	}
	if !strings.HasPrefix(v, "http://") && !strings.HasPrefix(v, "https://") {
		p.add("CONSOLE_SANDBOX is %q: write on, off, or the address of a running 'console sandbox'.", v)
		return SandboxOff, ""
	}
	return SandboxElsewhere, p.base("CONSOLE_SANDBOX", v)
}

// limits reads the file of rates and limits. Unknown names are problems: a misspelt
// name would have no effect.
func (p *problems) limits(name, path string) Limits {
	l := DefaultLimits()
	if path == "" {
		return l
	}
	b, err := os.ReadFile(path)
	if err != nil {
		p.add("%s is %q: it cannot be read (%v).", name, path, err)
		return l
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		p.add("%s (%s) is not as expected: %v. The README shows its form.", name, path, err)
	}
	return l
}

func list(v string) []string {
	var out []string
	for s := range strings.SplitSeq(v, ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// inside reports whether file lies in dir or below it.
func inside(dir, file string) bool {
	d, err1 := filepath.Abs(dir)
	f, err2 := filepath.Abs(file)
	if err1 != nil || err2 != nil {
		return false
	}
	rel, err := filepath.Rel(d, f)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// Duration is a time.Duration written as text in JSON: "5s".
type Duration time.Duration

// UnmarshalText reads "5s".
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a duration such as 5s", b)
	}
	*d = Duration(v)
	return nil
}
