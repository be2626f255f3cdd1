package app

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// flags is the settings as typed. All are text: parse reports everything that is wrong
// with them at once.
//
// The standard library reads them. A library for command lines finds the methods of
// its commands by name at run time; then the linker keeps every exported method of
// every type, which makes the binary 3 MB larger.
type flags struct {
	Addr, DataDir, MasterKeyFile, BaseURL, TrustedProxies       string
	TLSCertFile, TLSKeyFile, LogFormat, LogLevel                string
	Sandbox, SetupToken, CatalogFile, CloudEndpoint             string
	EndpointAllow, AllowPlainHTTP, LimitsFile, TimeScale, Clock string
	PseudoLanguage, KeyLost, SandboxAddr, SandboxState          string
}

// option is a setting: its flag and its environment variable, --data-dir and
// CONSOLE_DATA_DIR.
type option struct {
	name    string
	value   *string
	initial string
	help    string
	of      Command // the only command that has it; "": all have it
	hidden  bool
}

func (f *flags) settings() []option {
	return []option{
		{name: "addr", value: &f.Addr, initial: "127.0.0.1:8080", help: "Address to listen on."},
		{name: "data-dir", value: &f.DataDir, initial: "data", help: "Directory of the database."},
		{name: "master-key-file", value: &f.MasterKeyFile, help: "Key file; default: the data directory's name with .key."},
		{name: "base-url", value: &f.BaseURL, help: "Address people use, when a proxy stands before the console."},
		{name: "trusted-proxies", value: &f.TrustedProxies, help: "Addresses or networks of proxies whose X-Forwarded headers count, separated by commas."},
		{name: "tls-cert-file", value: &f.TLSCertFile, help: "Certificate of the console's own TLS."},
		{name: "tls-key-file", value: &f.TLSKeyFile, help: "Its key."},
		{name: "log-format", value: &f.LogFormat, initial: "text", help: "text or json."},
		{name: "log-level", value: &f.LogLevel, initial: "info", help: "debug, info, warn or error."},
		{name: "sandbox", value: &f.Sandbox, initial: "on", help: "on: the simulated cloud in this process; off; or the address of a running 'console sandbox'."},
		{name: "setup-token", value: &f.SetupToken, help: "Fixes the one-time set-up code, for unattended installs."},
		{name: "catalog-file", value: &f.CatalogFile, help: "Replaces the built-in catalogue."},
		{name: "cloud-endpoint", value: &f.CloudEndpoint, help: "One base URL in the place of every Huawei host."},
		{name: "endpoint-allow", value: &f.EndpointAllow, help: "Host suffixes an owner may enter as endpoints besides Huawei's, separated by commas."},
		{name: "allow-plain-http", value: &f.AllowPlainHTTP, initial: "off", help: "on: sign-in over plain HTTP from other machines."},
		{name: "limits-file", value: &f.LimitsFile, help: "JSON file of rates and limits."},
		{name: "time-scale", value: &f.TimeScale, initial: "1", help: "For tests: divides intervals of polling, resolving, leases, holds and expiry."},
		{name: "clock", value: &f.Clock, help: "For tests: address of the Sandbox's movable clock."},
		{name: "pseudo-language", value: &f.PseudoLanguage, initial: "off", hidden: true, help: "For tests: offer the right-to-left pseudo-language."},
		{name: "key-lost", value: &f.KeyLost, initial: "off", of: Serve, help: "on, for one start: the key file is lost. Stored credentials have to be entered again, all else stays."},
		{name: "sandbox-addr", value: &f.SandboxAddr, initial: "127.0.0.1:8090", of: Sandbox, help: "Address to listen on; loopback only."},
		{name: "state", value: &f.SandboxState, of: Sandbox, help: "File that keeps its state; default: memory only."},
	}
}

// variable is the setting's name in the environment.
func (s option) variable() string {
	return "CONSOLE_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// command is one thing that the binary can be asked to do.
type command struct {
	name Command
	help string
}

// commands are all of them, the default first.
var commands = []command{
	{Serve, "Run the console (the default)."},
	{Sandbox, "Run the simulated cloud alone."},
	{ResetOwner, "Print a one-time link to set a new owner password."},
	{Healthcheck, "Ask a running console whether it is ready."},
	{Version, "Print the version."},
}

// ErrHelp says that help was printed and nothing else is to be done.
var ErrHelp = errors.New("help was printed")

// LoadConfig reads flags and environment (CONSOLE_…; a flag wins) and checks
// them. Flags may stand before and after the command. The error names every
// problem at once, one sentence a line. Help goes to out and gives ErrHelp.
func LoadConfig(args []string, getenv func(string) string, out io.Writer) (Config, error) {
	var f flags
	all := f.settings()
	set := flag.NewFlagSet("console", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	for _, s := range all {
		set.StringVar(s.value, s.name, s.initial, "")
		if v := getenv(s.variable()); v != "" {
			*s.value = v
		}
	}
	cmd, err := read(set, args)
	if errors.Is(err, flag.ErrHelp) {
		printHelp(out, all)
		return Config{}, ErrHelp
	}
	if err == nil {
		err = belong(set, cmd, all)
	}
	if err != nil {
		return Config{}, fmt.Errorf("%w. 'console --help' lists commands and settings", err)
	}
	return f.parse(cmd)
}

// read parses the flags and the command, which may stand between or after them.
func read(set *flag.FlagSet, args []string) (Command, error) {
	cmd := Serve
	err := set.Parse(args)
	if err == nil && set.NArg() > 0 {
		cmd = Command(set.Arg(0))
		if !slices.ContainsFunc(commands, func(c command) bool { return c.name == cmd }) {
			return cmd, fmt.Errorf("there is no command %q", set.Arg(0))
		}
		err = set.Parse(set.Args()[1:])
	}
	if err == nil && set.NArg() > 0 {
		err = fmt.Errorf("%q is one argument too many", set.Arg(0))
	}
	return cmd, err
}

// belong refuses a flag of another command.
func belong(set *flag.FlagSet, cmd Command, all []option) error {
	var errs []error
	set.Visit(func(given *flag.Flag) {
		for _, s := range all {
			if s.name == given.Name && s.of != "" && s.of != cmd {
				errs = append(errs, fmt.Errorf("--%s is a setting of 'console %s'", s.name, s.of))
			}
		}
	})
	return errors.Join(errs...)
}

// printHelp lists commands and settings.
func printHelp(out io.Writer, all []option) {
	fmt.Fprint(out, "Sampan, a web console for Huawei Cloud Flexus L Instance.\n\n"+
		"Usage: console [command] [--setting=value …]\n\nCommands:\n")
	for _, c := range commands {
		fmt.Fprintf(out, "  %-12s %s\n", c.name, c.help)
	}
	fmt.Fprint(out, "\nSettings, by flag or environment; a flag wins:\n")
	for _, s := range all {
		if s.hidden {
			continue
		}
		name := "--" + s.name
		if s.initial != "" {
			name += "=" + s.initial
		}
		if s.of != "" {
			name += "  (of " + string(s.of) + ")"
		}
		fmt.Fprintf(out, "  %s\n      %s (%s)\n", name, s.help, s.variable())
	}
}
