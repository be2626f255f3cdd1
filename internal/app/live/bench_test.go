package live_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"sampan/internal/app/live"
)

// From a change to the last of a thousand browsers having read it, over real
// sockets.
func BenchmarkFanOut_to_1000(b *testing.B) {
	const n = 1000
	fragment := bytes.Repeat([]byte("x"), 3000)
	hub := live.New(live.Options{Fragment: func(context.Context, string, live.Locale) ([]byte, error) { return fragment, nil },
		Pace: time.Nanosecond, Beat: time.Hour, Streams: n})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = hub.Serve(w, r, []string{"a"}, live.Viewer{ID: "ada"}, live.Locale{})
	}))
	defer srv.Close()
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() { _ = hub.Run(ctx); close(ended) }()
	defer func() { cancel(); <-ended }()
	got := make(chan struct{}, n)
	for range n {
		c, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: c\r\n\r\n")
		go func() {
			r := bufio.NewReaderSize(c, 4096)
			for {
				line, err := r.ReadSlice('\n')
				if err != nil {
					return
				}
				if bytes.HasPrefix(line, []byte("data: ")) {
					got <- struct{}{}
				}
			}
		}()
	}
	all := func() {
		for range n {
			<-got
		}
	}
	all() // the first event comes by itself
	for b.Loop() {
		hub.Changed("a")
		all()
	}
}
