package cloudsim_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"sampan/internal/cloud/cloudsim"
)

func listener() (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
}

// listen serves c until the test ends.
func listen(t *testing.T, c *cloudsim.Cloud) string {
	t.Helper()
	l := must(listener())(t, "listen")
	srv := &http.Server{Handler: c.Handler(), ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	return "http://" + l.Addr().String()
}
