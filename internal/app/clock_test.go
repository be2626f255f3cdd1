package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sampan/internal/app"
)

// movable is the Sandbox's clock: it answers with an offset, or with a failure.
type movable struct {
	offset atomic.Int64 // microseconds
	broken atomic.Bool
	asked  chan struct{}
}

func (m *movable) start(t *testing.T) string {
	m.asked = make(chan struct{}, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { m.asked <- struct{}{} }()
		if m.broken.Load() || r.URL.Path != "/_sandbox/clock" {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		fmt.Fprintf(w, `{"offset_us": %d}`, m.offset.Load())
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// ahead is how far a clock is ahead of the machine's, in whole hours.
func ahead(t *testing.T, c *app.Clock) time.Duration {
	t.Helper()
	machine, err := app.NewClock(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return c.Now().Sub(machine.Now()).Round(time.Hour)
}

func TestTheMachinesClock(t *testing.T) {
	c, err := app.NewClock(t.Context(), "")
	if err != nil || c.Movable() || c.Now().Location() != time.UTC || ahead(t, c) != 0 {
		t.Errorf("got %v, %v", c.Now(), err)
	}
	synctest.Test(t, func(t *testing.T) { // it has nothing to read, and ends with its context
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		time.Sleep(time.Hour)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestTheSandboxesClockIsFollowed(t *testing.T) {
	var m movable
	url := m.start(t)
	m.offset.Store((48 * time.Hour).Microseconds())
	c, err := app.NewClock(t.Context(), url)
	if err != nil || !c.Movable() || ahead(t, c) != 48*time.Hour {
		t.Fatalf("at first: got %v, %v", c, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	turn := func() { // two questions: the first may have been asked before
		<-m.asked
		<-m.asked
	}
	<-m.asked
	m.offset.Store((72 * time.Hour).Microseconds())
	turn()
	turn()
	if got := ahead(t, c); got != 72*time.Hour {
		t.Errorf("after it was moved: %s ahead", got)
	}
	m.broken.Store(true)
	m.offset.Store(0)
	turn()
	turn()
	if got := ahead(t, c); got != 72*time.Hour {
		t.Errorf("while it does not answer: %s ahead, want the last offset", got)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAClockThatCannotBeReadStopsTheStart(t *testing.T) {
	var m movable
	m.broken.Store(true)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	text := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "noon") }))
	defer text.Close()
	for name, url := range map[string]string{
		"a failure": m.start(t), "nobody there": gone.URL, "an answer that is no clock": text.URL, "no address": "http://%",
	} {
		if _, err := app.NewClock(t.Context(), url); err == nil || !strings.Contains(err.Error(), "CONSOLE_CLOCK") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
