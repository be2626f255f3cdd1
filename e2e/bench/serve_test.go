//go:build bench

package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sampan/internal/app/live"
)

// The test binary is also the two servers that are compared: the hub of the
// console, and the event stream that net/http gives to whoever writes the few
// lines of `bare`. Both send events of the same size, stamped with the moment
// of the change.
const (
	serveEnv = "BENCH_SERVE" // "hub" or "bare"
	addrEnv  = "BENCH_ADDR"
	bodyEnv  = "BENCH_BODY" // bytes of an event's body
)

func TestMain(m *testing.M) {
	if kind := os.Getenv(serveEnv); kind != "" {
		if err := serve(kind, os.Getenv(addrEnv), os.Getenv(bodyEnv)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// serve answers GET /events with a stream and POST /tell with an event to all.
func serve(kind, addr, body string) error {
	size, err := strconv.Atoi(body)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	mux := http.NewServeMux()
	var ended chan struct{}
	if kind == "hub" {
		ended = serveHub(ctx, mux, size)
	} else {
		serveBare(mux, size)
	}
	s := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = s.Close()
	}()
	if err := s.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	if ended != nil {
		<-ended
	}
	return nil
}

// stamped is the body of an event: the moment, and filling up to size, in
// lines like those of a page.
func stamped(at time.Time, size int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d\n", at.UnixNano())
	for line := strings.Repeat("x", 79) + "\n"; b.Len() < size; {
		b.WriteString(line[:min(len(line), size-b.Len())])
	}
	return b.Bytes()
}

func serveHub(ctx context.Context, mux *http.ServeMux, size int) chan struct{} {
	var changed atomic.Pointer[time.Time]
	changed.Store(new(time.Time))
	hub := live.New(live.Options{Streams: 1 << 20, Fragment: func(context.Context, string, live.Locale) ([]byte, error) {
		return stamped(*changed.Load(), size), nil
	}})
	ended := make(chan struct{})
	go func() { defer close(ended); _ = hub.Run(ctx) }()
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		_ = hub.Serve(w, r, []string{"order/1"}, live.Viewer{ID: "ada"}, live.Locale{Lang: "en", Zone: "UTC"})
	})
	mux.HandleFunc("POST /tell", func(http.ResponseWriter, *http.Request) {
		now := time.Now()
		changed.Store(&now)
		hub.Changed("order/1")
	})
	return ended
}

// serveBare is what is compared with: a goroutine for each stream, which
// writes and flushes what comes through its channel.
func serveBare(mux *http.ServeMux, size int) {
	var mu sync.Mutex
	streams := map[chan []byte]struct{}{}
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		c := make(chan []byte, 16)
		mu.Lock()
		streams[c] = struct{}{}
		mu.Unlock()
		defer func() {
			mu.Lock()
			delete(streams, c)
			mu.Unlock()
		}()
		w.Header().Set("Content-Type", "text/event-stream")
		rc := http.NewResponseController(w)
		c <- event(time.Time{}, size) // the first one comes at once, as the hub's does
		for {
			select {
			case <-r.Context().Done():
				return
			case f := <-c:
				if _, err := w.Write(f); err != nil {
					return
				}
				if err := rc.Flush(); err != nil {
					return
				}
			}
		}
	})
	mux.HandleFunc("POST /tell", func(http.ResponseWriter, *http.Request) {
		f := event(time.Now(), size)
		mu.Lock()
		defer mu.Unlock()
		for c := range streams {
			c <- f
		}
	})
}

// event frames a body as the stream has it.
func event(at time.Time, size int) []byte {
	var b bytes.Buffer
	b.WriteString("event: order/1\n")
	for line := range bytes.SplitSeq(bytes.TrimSuffix(stamped(at, size), []byte("\n")), []byte("\n")) {
		fmt.Fprintf(&b, "data: %s\n", line)
	}
	b.WriteString("\n")
	return b.Bytes()
}
