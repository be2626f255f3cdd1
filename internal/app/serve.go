package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"sampan/internal/app/fault"
)

// sendGrace is how long a running send may take to end at shutdown
// (reliability.md §11).
const sendGrace = 65 * time.Second

// ServeConsole runs the console until ctx ends: what `console serve` does.
// Work that was under way when an earlier process ended is recovered before
// the first request is answered.
func ServeConsole(ctx context.Context, cfg Config, version string, out, errs io.Writer) error {
	startFast()
	log := newLog(cfg, errs)
	a, err := Open(ctx, cfg, version, log)
	if err != nil {
		return err
	}
	return errors.Join(a.serve(ctx, out), a.Close())
}

func (a *App) serve(ctx context.Context, out io.Writer) error {
	if err := a.orders.Recover(ctx); err != nil {
		return fmt.Errorf("work of an earlier run cannot be taken up: %w", err)
	}
	if err := a.servers.Recover(ctx); err != nil {
		return fmt.Errorf("what was tried in an earlier run cannot be read: %w", err)
	}
	l, err := net.Listen("tcp", a.cfg.Addr)
	if err != nil {
		return fmt.Errorf("the console cannot listen at %s: %w. Another program may use the port: set CONSOLE_ADDR", a.cfg.Addr, err)
	}
	if err := a.greet(ctx, out); err != nil {
		return errors.Join(err, l.Close())
	}
	return a.run(ctx, l)
}

// run keeps every part going until ctx ends, a part fails or the disk does.
func (a *App) run(ctx context.Context, l net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	server := a.web.HTTP()
	server.ErrorLog = slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)
	g.Go(func() error { return a.listen(server, l) })
	for _, run := range []func(context.Context) error{
		a.hub.Run, a.clock.Run, a.accounts.Run, a.instances.Run, a.servers.Run, a.traffic.Run, a.orders.Run,
		newMemoryKeeper(a.db.Shrink, a.web.GiveBack, a.traffic.GiveBack).run,
	} {
		g.Go(func() error { return run(ctx) })
	}
	g.Go(func() error {
		select {
		case <-ctx.Done():
			return nil
		case <-a.db.Failed():
			return errors.New("the disk failed: nothing more is sent. Look at the disk, then start the console again")
		}
	})
	g.Go(func() error {
		<-ctx.Done()
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendGrace)
		defer cancel()
		return server.Shutdown(stopping)
	})
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (a *App) listen(server *http.Server, l net.Listener) error {
	l = a.web.Listener(l)
	var err error
	if a.cfg.TLSCertFile != "" {
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		err = server.ServeTLS(l, a.cfg.TLSCertFile, a.cfg.TLSKeyFile)
	} else {
		err = server.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// greet prints where the console is and, as long as nobody is set up, the
// one-time link.
func (a *App) greet(ctx context.Context, out io.Writer) error {
	at := a.cfg.address()
	fmt.Fprintf(out, "Sampan %s is at %s\n", a.version, at)
	if a.cfg.CloudEndpoint != "" {
		fmt.Fprintf(out, "Every call to Huawei Cloud goes to %s (CONSOLE_CLOUD_ENDPOINT).\n", a.cfg.CloudEndpoint)
	}
	if path, err := a.db.OuterMark(); err != nil {
		fmt.Fprintf(out, "%s cannot be written (%v). "+
			"Without it a data directory that is put back whole is recognised by the orders at Huawei alone.\n", path, err)
	}
	if a.cfg.KeyLost {
		fmt.Fprintf(out, "The key file was lost: the credentials of the cloud accounts have to be entered again. All else is as it was.\n"+
			"Keep a copy of %s, and start without CONSOLE_KEY_LOST from now on.\n", a.cfg.MasterKeyFile)
	}
	code, err := a.persons.NewSetupToken(ctx, a.cfg.SetupToken)
	switch {
	case fault.Is(err, fault.NotFound): // somebody is set up
		return nil
	case err != nil:
		return fmt.Errorf("the set-up code cannot be made: %w", err)
	case a.cfg.SetupToken.Empty():
		fmt.Fprintf(out, "Set it up once with this link:\n  %s/setup/owner#code=%s\n", at, code.Reveal())
	default:
		fmt.Fprintf(out, "Set it up once at %s/setup/owner with the code of CONSOLE_SETUP_TOKEN.\n", at)
	}
	return nil
}

// address is what people type into the browser.
func (c Config) address() string {
	if c.BaseURL != "" {
		return c.BaseURL
	}
	host, port, _ := net.SplitHostPort(c.Addr)
	if host == "" || host == "127.0.0.1" || host == "0.0.0.0" || host == "::" || host == "::1" {
		host = "localhost"
	}
	scheme := "http"
	if c.TLSCertFile != "" {
		scheme = "https"
	}
	return strings.TrimSuffix(scheme+"://"+net.JoinHostPort(host, port), ":443")
}
