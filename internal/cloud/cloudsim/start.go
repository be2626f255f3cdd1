package cloudsim

import (
	"context"
	"net"
	"net/http"
	"time"
)

// TB is what Start needs of a test or benchmark.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Server is a Sandbox that listens on a loopback port. URL has no slash at its end.
type Server struct {
	*Cloud
	URL string
}

// Start runs a Sandbox until the test ends. Tests take simtest.Start, which gives it the clock of tests.
func Start(t TB, o Options) *Server {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("cloudsim: %v", err)
		return nil
	}
	srv := &http.Server{Handler: c.Handler(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = srv.Serve(l) }() // ends with ErrServerClosed
	t.Cleanup(func() {
		_ = srv.Close()
		<-ended
		if err := c.Close(); err != nil {
			t.Fatalf("cloudsim: %v", err)
		}
	})
	return &Server{Cloud: c, URL: "http://" + l.Addr().String()}
}
