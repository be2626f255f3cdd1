// Command console is Sampan: a web console for Huawei Cloud Flexus L Instance.
//
// Exit codes: 0 done, 1 failed while running (restart it), 2 wrong settings or
// a wrong command (restarting does not help).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the zones people choose, on images without any

	"sampan/internal/app"
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) int {
	cfg, err := app.LoadConfig(args, getenv, out)
	if errors.Is(err, app.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 2
	}
	switch cfg.Command {
	case app.Version:
		fmt.Fprintln(out, "Sampan", version)
		return 0
	case app.Healthcheck:
		err = app.CheckHealth(ctx, cfg)
	case app.Sandbox:
		err = app.ServeSandbox(ctx, cfg, out, errs)
	case app.ResetOwner:
		err = app.PrintResetLink(ctx, cfg, out)
	default:
		err = app.ServeConsole(ctx, cfg, version, out, errs)
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return 0
}
