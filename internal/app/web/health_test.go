package web_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"sampan/internal/app/web"
	"sampan/internal/app/web/webtest"
	"sampan/web/static"
)

// Machines are told whether the process runs and whether it can work: without a
// sign-in, and without the reason, which is for the log.
func TestMachinesAreAnswered(t *testing.T) {
	var log strings.Builder
	broken := func(o *web.Options) {
		o.Ready = func(context.Context) error { return errors.New("the disk is full") }
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	}
	able := func(o *web.Options) { o.Ready = func(context.Context) error { return nil } }
	unasked := func(o *web.Options) { o.Ready = nil }
	for _, tt := range []struct {
		path   string
		how    func(*web.Options)
		status int
		body   string
	}{
		{"/healthz", broken, http.StatusOK, "ok\n"},
		{"/healthz", able, http.StatusOK, "ok\n"},
		{"/readyz", able, http.StatusOK, "ready\n"},
		{"/readyz", unasked, http.StatusOK, "ready\n"},
		{"/readyz", broken, http.StatusServiceUnavailable, "not ready\n"},
	} {
		c := webtest.Open(t, tt.how).SignedOut()
		if a := c.Get(tt.path).Want(tt.status); a.Body != tt.body {
			t.Errorf("%s says %q, want %q", tt.path, a.Body, tt.body)
		}
	}
	if n := strings.Count(log.String(), "the disk is full"); n != 1 {
		t.Errorf("the log says %d times why it is not ready:\n%s", n, log.String())
	}
}

// What pages load is served to anyone, and what is not there is not found.
func TestAssetsAreServed(t *testing.T) {
	c := webtest.Open(t).SignedOut()
	for name, kind := range map[string]string{"console.css": "text/css", "app.js": "text/javascript", "stream.js": "text/javascript"} {
		a := c.Get(static.URL(name)).Want(http.StatusOK)
		if !strings.HasPrefix(a.Header.Get("Content-Type"), kind) || len(a.Body) < 500 {
			t.Errorf("%s: %s, %d bytes", name, a.Header.Get("Content-Type"), len(a.Body))
		}
	}
	c.Get("/static/nothing.js").Want(http.StatusNotFound)
}
