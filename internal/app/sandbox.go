package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/control"
)

// simulated is a Sandbox that listens: the simulated cloud and its server.
type simulated struct {
	cloud *cloudsim.Cloud
	http  *http.Server
	url   string
	done  chan error
}

// startSandbox runs the simulated cloud on addr, a loopback address; port 0
// takes a free one. stateFile "" keeps its state in memory only.
func startSandbox(addr, stateFile string, timeScale float64, log *slog.Logger) (*simulated, error) {
	c, err := cloudsim.New(cloudsim.Options{StateFile: stateFile, TimeScale: timeScale, Log: log})
	if err != nil {
		return nil, fmt.Errorf("the Sandbox cannot start: %w", err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the Sandbox cannot listen at %s: %w", addr, err), c.Close())
	}
	s := &simulated{cloud: c, url: "http://" + l.Addr().String(), done: make(chan error, 1), http: &http.Server{
		Handler: c.Handler(), ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
	go func() { s.done <- s.http.Serve(l) }()
	return s, nil
}

// stop ends the server and writes the state. Its context is not the process's, which
// has ended by then.
func (s *simulated) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	return errors.Join(err, s.cloud.Close())
}

// ServeSandbox runs the simulated cloud alone, until ctx ends: what
// `console sandbox` does. It prints what is needed to connect to it.
func ServeSandbox(ctx context.Context, cfg Config, out, errs io.Writer) error {
	s, err := startSandbox(cfg.SandboxAddr, cfg.SandboxState, cfg.TimeScale, newLog(cfg, errs))
	if err != nil {
		return err
	}
	client := &control.Client{URL: s.url}
	accounts, err := client.Accounts(ctx)
	if err != nil || len(accounts) == 0 {
		return errors.Join(fmt.Errorf("the Sandbox does not tell its accounts: %w", err), s.stop())
	}
	a := accounts[0]
	fmt.Fprintf(out, "The Sandbox listens at %s\n  access key     %s\n  secret key     %s\n"+
		"  IAM user       %s\n  password       %s\n  account name   %s\n"+
		"Nothing here costs money. Start a console against it with CONSOLE_SANDBOX=%s\n",
		s.url, a.AccessKey, a.SecretKey, a.IAMUser, a.IAMPassword, a.DomainName, s.url)
	select {
	case <-ctx.Done():
		return s.stop()
	case err := <-s.done:
		return errors.Join(err, s.cloud.Close())
	}
}
