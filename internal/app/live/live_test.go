package live_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sampan/internal/app/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site is a hub behind a server: /?topic=a&topic=b&viewer=v&session=s&lang=l.
type site struct {
	t     *testing.T
	hub   *live.Hub
	srv   *httptest.Server
	stop  func()
	texts sync.Map // topic: body
	calls atomic.Int64
	deny  sync.Map // viewer: true
	dead  sync.Map // session: true
	asked atomic.Int64
	open  sync.WaitGroup // handlers under way
}

func open(t *testing.T, o live.Options, start func(*httptest.Server)) *site {
	t.Helper()
	s := &site{t: t}
	if o.Fragment == nil {
		o.Fragment = s.render
	}
	s.hub = live.New(o)
	s.srv = httptest.NewUnstartedServer(s)
	start(s.srv)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.hub.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("Run did not end")
		}
		s.open.Wait()
	})
	t.Cleanup(func() {
		s.stop()
		s.srv.Client().CloseIdleConnections()
		s.srv.Close()
	})
	return s
}

func plain(srv *httptest.Server) { srv.Start() }

func http2(srv *httptest.Server) { srv.EnableHTTP2 = true; srv.StartTLS() }

func tls1(srv *httptest.Server) { srv.StartTLS() }

func (s *site) render(_ context.Context, topic string, l live.Locale) ([]byte, error) {
	n := s.calls.Add(1)
	if text, ok := s.texts.Load(topic); ok {
		return []byte(text.(string)), nil
	}
	return fmt.Appendf(nil, "%s in %s, rendering %d", topic, l.Lang, n), nil
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.open.Add(1)
	defer s.open.Done()
	q := r.URL.Query()
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	v := live.Viewer{ID: q.Get("viewer"), Session: q.Get("session"),
		Allowed: func(context.Context, string) bool { _, no := s.deny.Load(q.Get("viewer")); return !no },
		Alive: func(context.Context) bool {
			s.asked.Add(1)
			_, dead := s.dead.Load(q.Get("session"))
			return !dead
		}}
	err := s.hub.Serve(w, r, q["topic"], v, live.Locale{Lang: q.Get("lang"), Zone: "UTC"})
	switch {
	case errors.Is(err, live.ErrTooMany):
		http.Error(w, err.Error(), http.StatusTooManyRequests)
	case errors.Is(err, live.ErrStopping):
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

// page is a browser tab.
type page struct {
	t    *testing.T
	res  *http.Response
	conn net.Conn
	r    *bufio.Reader
}

// visit opens a stream over a connection of its own, without a goroutine.
func (s *site) visit(query string) *page {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.srv.Listener.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	p := &page{t: s.t, conn: conn, r: bufio.NewReader(conn)}
	fmt.Fprintf(conn, "GET /?%s HTTP/1.1\r\nHost: console\r\n\r\n", query)
	return p
}

// head reads the answer's head.
func (p *page) head() *page {
	p.t.Helper()
	p.limit()
	res, err := http.ReadResponse(p.r, nil)
	if err != nil {
		p.t.Fatalf("head: %v", err)
	}
	p.res = res
	p.r = bufio.NewReader(res.Body)
	return p
}

func (p *page) limit() {
	if p.conn != nil {
		_ = p.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	}
}

// block reads up to the next empty line; "" is the end of the stream.
func (p *page) block() string {
	p.t.Helper()
	p.limit()
	var b strings.Builder
	for {
		line, err := p.r.ReadString('\n')
		if err != nil {
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				p.t.Fatalf("nothing came for 20 s, after %q", b.String())
			}
			return ""
		}
		if line == "\n" {
			return b.String()
		}
		b.WriteString(line)
	}
}

// beat is the block of a silent stream.
const beat = "event: beat\ndata: \n"

// event reads the next event, and passes over beats and hints.
func (p *page) event() string {
	p.t.Helper()
	for {
		b := p.block()
		if b == "" || strings.HasPrefix(b, "event: ") && b != beat {
			return b
		}
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for tick := time.Tick(2 * time.Millisecond); !ok(); {
		select {
		case <-tick:
		case <-timeout:
			t.Fatalf("never: %s", what)
		}
	}
}

func TestEveryTopicComesAtOnce(t *testing.T) {
	s := open(t, live.Options{}, plain)
	s.texts.Store("order/7", "<p>one</p>\n<p>two</p>\r\n<p>three</p>\rfour\n")
	p := s.visit("topic=order/7&topic=orders&lang=en").head()
	if got := p.res.Status; got != "200 OK" {
		t.Errorf("status %s", got)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
		"Content-Security-Policy": "default-src 'none'", "Connection": "close",
	} {
		if got := p.res.Header.Get(name); got != want && !(name == "Connection" && p.res.Close) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := p.block(); got != "retry: 3000\n" {
		t.Errorf("first: got %q", got)
	}
	got := []string{p.block(), p.block()}
	slices.Sort(got)
	want := "event: order/7\ndata: <p>one</p>\ndata: <p>two</p>\ndata: <p>three</p>\ndata: four\ndata: \n"
	if got[0] != want || !strings.HasPrefix(got[1], "event: orders\ndata: orders in en") {
		t.Errorf("events: got %q", got)
	}
}

func TestOneRenderingForAThousandWatchers(t *testing.T) {
	const n = 1000
	before := runtime.NumGoroutine()
	s := open(t, live.Options{Pace: 50 * time.Millisecond}, plain)
	pages := make([]*page, n)
	for i := range pages {
		pages[i] = s.visit(fmt.Sprintf("topic=order/7&viewer=v%d&lang=%s", i, []string{"en", "zh-Hans"}[i%2])).head()
	}
	for _, p := range pages {
		if e := p.event(); !strings.HasPrefix(e, "event: order/7\n") {
			t.Fatalf("first event %q", e)
		}
	}
	if got := s.hub.Streams(); got != n {
		t.Errorf("%d streams, want %d", got, n)
	}
	eventually(t, "no goroutine for each stream", func() bool { return runtime.NumGoroutine() < before+40 })
	calls := s.calls.Load()
	s.hub.Changed("order/7")
	bodies := map[string]int{}
	for _, p := range pages {
		bodies[p.event()]++
	}
	if got := s.calls.Load() - calls; got != 2 {
		t.Errorf("%d renderings for two languages", got)
	}
	if len(bodies) != 2 {
		t.Errorf("%d different events, want 2", len(bodies))
	}
}

func TestChangesOfAMomentAreOneEvent(t *testing.T) {
	s := open(t, live.Options{Pace: 300 * time.Millisecond}, plain)
	p := s.visit("topic=order/7").head()
	p.event()
	start := time.Now()
	var got int64
	for time.Since(start) < 1200*time.Millisecond {
		s.hub.Changed("order/7", "nobody/watches")
		got = s.calls.Load() - 1
	}
	if most := int64(time.Since(start)/(300*time.Millisecond)) + 1; got > most || got < 2 {
		t.Errorf("%d renderings in %v, want 2 to %d", got, time.Since(start), most)
	}
}

func TestTheLastChangeIsNeverLost(t *testing.T) {
	var state atomic.Int64
	s := open(t, live.Options{Pace: 5 * time.Millisecond, Queue: 1 << 20,
		Fragment: func(context.Context, string, live.Locale) ([]byte, error) {
			return fmt.Appendf(nil, "%d", state.Load()), nil
		}}, plain)
	p := s.visit("topic=order/7").head()
	const last = 20000
	go func() {
		for range last {
			state.Add(1)
			s.hub.Changed("order/7")
		}
	}()
	for p.event() != fmt.Sprintf("event: order/7\ndata: %d\n", last) {
	}
}

func TestPermissionIsAskedBeforeEachEvent(t *testing.T) {
	s := open(t, live.Options{Pace: time.Millisecond}, plain)
	ann, bob := s.visit("topic=a&topic=b&viewer=ann").head(), s.visit("topic=a&topic=b&viewer=bob").head()
	for range 2 {
		ann.event()
		bob.event()
	}
	s.deny.Store("ann", true)
	s.hub.Changed("a")
	if e := bob.event(); !strings.HasPrefix(e, "event: a\n") {
		t.Fatalf("Bob got %q", e)
	}
	s.deny.Delete("ann")
	s.hub.Changed("b")
	if e := ann.event(); !strings.HasPrefix(e, "event: b\n") {
		t.Errorf("Ann got %q, and was not allowed to", e)
	}
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	ends := map[string]func(*site){
		"pushed": func(s *site) { s.hub.End("ann-1") },
		"polled": func(s *site) { s.dead.Store("ann-1", true) },
	}
	for name, start := range map[string]func(*httptest.Server){"HTTP/1.1": plain, "HTTP/2": http2, "TLS with HTTP/1.1": tls1} {
		for how, end := range ends {
			t.Run(name+" "+how, func(t *testing.T) {
				o := live.Options{Check: 20 * time.Millisecond, Pace: time.Millisecond}
				if how == "pushed" {
					o.Check = time.Hour
				}
				s := open(t, o, start)
				mine, others := s.tab("topic=a&viewer=ann&session=ann-1"), s.tab("topic=a&viewer=ann&session=ann-2")
				mine.event()
				others.event()
				end(s)
				if got := mine.event(); got != "event: end\ndata: \n" {
					t.Errorf("got %q, want the end", got)
				}
				if got := mine.block(); got != "" {
					t.Errorf("after the end came %q", got)
				}
				s.hub.Changed("a")
				if got := others.event(); !strings.HasPrefix(got, "event: a\n") {
					t.Errorf("another session got %q", got)
				}
			})
		}
	}
}

// tab opens a stream with the server's own client: any protocol.
func (s *site) tab(query string) *page {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.srv.URL+"/?"+query, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := s.srv.Client().Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { cancel(); res.Body.Close() })
	return &page{t: s.t, res: res, r: bufio.NewReader(res.Body)}
}

func TestOneQuestionForAllStreamsOfASession(t *testing.T) {
	s := open(t, live.Options{Check: 20 * time.Millisecond, Pace: time.Millisecond}, plain)
	for range 10 {
		s.visit("topic=a&viewer=ann&session=ann-1").head().event()
	}
	asked := s.asked.Load()
	start := time.Now()
	eventually(t, "the session is asked about", func() bool { return s.asked.Load() > asked+5 })
	if rounds := int64(time.Since(start)/(20*time.Millisecond)) + 2; s.asked.Load()-asked > rounds {
		t.Errorf("asked %d times in %d rounds", s.asked.Load()-asked, rounds)
	}
}

func TestOverHTTP2(t *testing.T) {
	s := open(t, live.Options{Pace: time.Millisecond, Write: 60 * time.Millisecond, Beat: 100 * time.Millisecond}, http2)
	p := s.tab("topic=order/7&topic=orders&lang=en")
	if p.res.Proto != "HTTP/2.0" || p.res.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Fatalf("%s with %v", p.res.Proto, p.res.Header)
	}
	for range 2 {
		p.event()
	}
	for range 3 { // each silence is longer than the time to write
		for p.block() != beat {
		}
	}
	s.hub.Changed("orders")
	if e := p.event(); !strings.HasPrefix(e, "event: orders\n") {
		t.Errorf("got %q", e)
	}
	p.res.Body.Close()
	eventually(t, "the stream is gone with its browser", func() bool { return s.hub.Streams() == 0 })
}

func TestASilentStreamBeats(t *testing.T) {
	s := open(t, live.Options{Beat: 30 * time.Millisecond}, plain)
	p := s.visit("topic=a").head()
	p.event()
	for range 3 {
		if b := p.block(); b != beat {
			t.Errorf("got %q", b)
		}
	}
}

func TestALeftPageIsNoticed(t *testing.T) {
	wrapped := func(srv *httptest.Server) { srv.Listener = counting{srv.Listener}; srv.Start() }
	for name, start := range map[string]func(*httptest.Server){"a bare connection": plain, "one that a listener wrapped": wrapped} {
		t.Run(name, func(t *testing.T) {
			s := open(t, live.Options{Check: 20 * time.Millisecond, Beat: time.Hour, Pace: time.Millisecond}, start)
			p, q := s.visit("topic=a").head(), s.visit("topic=a").head()
			p.event()
			q.event()
			p.conn.Close()
			eventually(t, "one stream is left", func() bool { return s.hub.Streams() == 1 })
			s.hub.Changed("a")
			if e := q.event(); e == "" {
				t.Error("the other page lost its stream")
			}
		})
	}
}

// counting is a listener whose connections are not what they seem.
type counting struct{ net.Listener }

func (l counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &counted{c}, err
}

type counted struct{ net.Conn }

func (c *counted) NetConn() net.Conn { return c.Conn }

func TestTwentyStreamsEach(t *testing.T) {
	for name, start := range map[string]func(*httptest.Server){"HTTP/1.1": plain, "HTTP/2": http2} {
		t.Run(name, func(t *testing.T) {
			s := open(t, live.Options{Check: time.Hour, Pace: time.Millisecond}, start)
			var pages []*page
			for i := range 20 {
				p := s.tab("topic=a&viewer=ann")
				if p.res.StatusCode != http.StatusOK {
					t.Fatalf("stream %d: %s", i+1, p.res.Status)
				}
				p.event()
				pages = append(pages, p)
			}
			if p := s.tab("topic=a&viewer=ann"); p.res.StatusCode != http.StatusTooManyRequests {
				t.Errorf("one more: %s", p.res.Status)
			}
			if p := s.tab("topic=a&viewer=bob"); p.res.StatusCode != http.StatusOK {
				t.Errorf("somebody else's: %s", p.res.Status)
			}
			pages[3].res.Body.Close()
			eventually(t, "the place of a left page is free at once", func() bool {
				return s.tab("topic=a&viewer=ann").res.StatusCode == http.StatusOK
			})
		})
	}
}

// stall opens streams that nobody reads.
func (s *site) stall(n int, query string) []*page {
	s.t.Helper()
	var out []*page
	for i := range n {
		out = append(out, s.visit(fmt.Sprintf("%s&viewer=stalled-%d", query, i)))
	}
	eventually(s.t, "the stalled streams are open", func() bool { return s.hub.Streams() >= n })
	return out
}

func TestTooManyEventsWaiting(t *testing.T) {
	s := open(t, live.Options{Pace: time.Millisecond, Queue: 4, Write: time.Minute}, plain)
	s.texts.Store("big", strings.Repeat("x", 8<<20))
	p := s.stall(1, "topic=big")[0]
	eventually(t, "the slow browser is dropped", func() bool { s.hub.Changed("big"); return s.hub.Streams() == 0 })
	p.head()
	last, events := "", 0
	for {
		e := p.event()
		if e == "" {
			break
		}
		last, events = e, events+1
	}
	if last != "event: resync\ndata: \n" || events < 2 {
		t.Errorf("the last of %d events: got %.80q", events, last)
	}
}

func TestABrowserThatTakesNothing(t *testing.T) {
	for name, start := range map[string]func(*httptest.Server){"HTTP/1.1": plain, "HTTP/2": http2} {
		t.Run(name, func(t *testing.T) {
			s := open(t, live.Options{Pace: time.Millisecond, Write: 100 * time.Millisecond}, start)
			s.texts.Store("big", strings.Repeat("x", 16<<20))
			if name == "HTTP/1.1" {
				s.stall(1, "topic=big")
			} else {
				s.tab("topic=big") // its window fills
			}
			eventually(t, "it is dropped after the time to write", func() bool { return s.hub.Streams() == 0 })
		})
	}
}

func TestStalledBrowsersHoldUpNobody(t *testing.T) {
	s := open(t, live.Options{Pace: time.Millisecond, Write: time.Minute, Queue: 1 << 20}, plain)
	s.texts.Store("big", strings.Repeat("x", 8<<20))
	s.stall(40, "topic=big")
	p := s.visit("topic=small").head()
	start := time.Now()
	for range 20 {
		if e := p.event(); !strings.HasPrefix(e, "event: small\n") {
			t.Fatalf("got %q", e)
		}
		s.hub.Changed("small", "big")
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("20 events took %v", took)
	}
}

func TestStopping(t *testing.T) {
	for name, start := range map[string]func(*httptest.Server){"HTTP/1.1": plain, "HTTP/2": http2} {
		t.Run(name, func(t *testing.T) {
			s := open(t, live.Options{Pace: time.Millisecond}, start)
			var pages []*page
			for i := range 50 {
				p := s.tab(fmt.Sprintf("topic=a&viewer=v%d", i))
				p.event()
				pages = append(pages, p)
			}
			s.stop()
			hints := map[string]bool{}
			for _, p := range pages {
				hint := p.block()
				var ms int
				if n, _ := fmt.Sscanf(hint, "retry: %d\n", &ms); n != 1 || ms < 1000 || ms >= 5000 {
					t.Fatalf("got %q, want when to come back", hint)
				}
				hints[hint] = true
				if rest, err := io.ReadAll(p.r); len(rest) > 0 || err != nil {
					t.Fatalf("after the hint: %q, %v", rest, err)
				}
			}
			if len(hints) < 10 {
				t.Errorf("50 browsers come back at only %d different times", len(hints))
			}
			if p := s.tab("topic=a"); p.res.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("a stream after the stop: %s", p.res.Status)
			}
		})
	}
}

func TestStoppingDoesNotWaitForStalledBrowsers(t *testing.T) {
	s := open(t, live.Options{Pace: time.Millisecond, Write: time.Hour}, plain)
	s.texts.Store("big", strings.Repeat("x", 16<<20))
	for _, p := range s.stall(10, "topic=big") {
		p.head().block()
		if _, err := p.r.Peek(20); err != nil { // the event has begun
			t.Fatal(err)
		}
	}
	s.stop() // fails when it takes too long
}

func TestAFragmentThatFails(t *testing.T) {
	var n atomic.Int64
	s := open(t, live.Options{Pace: time.Millisecond, Fragment: func(_ context.Context, topic string, _ live.Locale) ([]byte, error) {
		switch {
		case topic == "gone":
			return nil, errors.New("no such thing")
		case n.Add(1) == 1:
			panic("a defect")
		}
		return []byte("fine"), nil
	}}, plain)
	p := s.visit("topic=gone&topic=a").head()
	if e := p.event(); e != "event: a\ndata: fine\n" {
		t.Errorf("got %q, want the topic tried again", e)
	}
}

func TestTopicsThatAreNone(t *testing.T) {
	s := open(t, live.Options{}, plain)
	for _, topic := range []string{"", "a%0Adata:x", "a%20b", strings.Repeat("a", 201)} {
		if p := s.visit("topic=" + topic).head(); p.res.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: %s", topic, p.res.Status)
		}
	}
	if s.hub.Streams() != 0 {
		t.Error("a refused stream stayed")
	}
}

func TestComingAndGoingWhileThingsChange(t *testing.T) {
	s := open(t, live.Options{Pace: time.Millisecond, Check: time.Millisecond, Beat: 2 * time.Millisecond, Queue: 3}, plain)
	stop := make(chan struct{})
	var changing sync.WaitGroup
	for range 2 {
		changing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					s.hub.Changed("a", "b")
					s.hub.End("session-3")
					runtime.Gosched()
				}
			}
		})
	}
	var visitors sync.WaitGroup
	for v := range 8 {
		visitors.Go(func() {
			for i := range 25 {
				conn, err := net.Dial("tcp", s.srv.Listener.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				fmt.Fprintf(conn, "GET /?topic=a&topic=b&viewer=v%d&session=session-%d HTTP/1.1\r\nHost: console\r\n\r\n", v, i%5)
				_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
				if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
					t.Errorf("visitor %d: %v", v, err)
				}
				conn.Close()
			}
		})
	}
	visitors.Wait()
	close(stop)
	changing.Wait()
	eventually(t, "all streams are gone", func() bool { return s.hub.Streams() == 0 })
}

// What a stream costs while nothing happens.
func BenchmarkIdleStream(b *testing.B) {
	hub := live.New(live.Options{Fragment: func(context.Context, string, live.Locale) ([]byte, error) {
		return bytes.Repeat([]byte("x"), 2000), nil
	}, Beat: time.Hour, Streams: 1000})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = hub.Serve(w, r, []string{"a"}, live.Viewer{}, live.Locale{})
	}))
	defer srv.Close()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { _ = hub.Run(ctx); close(ended) }()
	defer func() { cancel(); <-ended }()
	const n = 1000
	conns := make([]net.Conn, 0, n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range n {
		c, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: c\r\n\r\n")
		conns = append(conns, c)
	}
	for _, c := range conns {
		buf := make([]byte, 2000)
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		if got, err := io.ReadFull(c, buf); err != nil {
			b.Fatalf("%v after %q, %d streams", err, buf[:got], hub.Streams())
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc+after.StackInuse-before.HeapAlloc-before.StackInuse)/float64(n), "B/stream")
	for _, c := range conns {
		c.Close()
	}
	for range b.N {
		hub.Changed("a")
	}
}
