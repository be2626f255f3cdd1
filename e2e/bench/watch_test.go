//go:build bench

package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// crowd is how many pages watch one order.
const crowd = 1000

// seen is one event that one watcher has read to its end.
type seen struct {
	at    time.Time
	stamp time.Time // that the event carries; zero: none
	bytes int
}

// watcher is an open page: a connection that reads events.
type watcher struct {
	conn   net.Conn
	events chan seen
}

// gather opens n streams of address and waits for the first event of each.
func gather(t *testing.T, n int, address, path, cookies string) []*watcher {
	t.Helper()
	all := make([]*watcher, n)
	for i := range all {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatalf("watcher %d: %v", i, err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nCookie: %s\r\n\r\n",
			path, strings.Replace(address, "127.0.0.1", "localhost", 1), cookies)
		if err != nil {
			t.Fatalf("watcher %d: %v", i, err)
		}
		all[i] = &watcher{conn: conn, events: make(chan seen, 64)}
		go all[i].read()
	}
	for i, w := range all {
		if _, ok := w.next(20 * time.Second); !ok {
			t.Fatalf("watcher %d of %d saw no first event", i, n)
		}
	}
	return all
}

// read counts the events of the stream until it ends.
func (w *watcher) read() {
	defer close(w.events)
	r := bufio.NewReaderSize(w.conn, 2048)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != http.StatusOK {
		return
	}
	lines := bufio.NewReaderSize(res.Body, 2048)
	var e seen
	named := false
	for {
		line, err := lines.ReadSlice('\n')
		e.bytes += len(line)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err != nil:
			return
		case len(line) == 1 && named:
			e.at = time.Now()
			w.events <- e
			e, named = seen{}, false
		case len(line) == 1: // a comment: the stream's first line or its beat
			e = seen{}
		case strings.HasPrefix(string(line), "event: "):
			named = true
		case e.stamp.IsZero() && strings.HasPrefix(string(line), "data: "):
			if n, err := strconv.ParseInt(strings.TrimSpace(string(line[len("data: "):])), 10, 64); err == nil {
				e.stamp = time.Unix(0, n)
			}
		}
	}
}

func (w *watcher) next(patience time.Duration) (seen, bool) {
	select {
	case e, ok := <-w.events:
		return e, ok
	case <-time.After(patience):
		return seen{}, false
	}
}

// nextOfAll waits for the first event of every watcher since then.
func nextOfAll(t *testing.T, all []*watcher, since time.Time) []seen {
	t.Helper()
	got := make([]seen, len(all))
	for i, w := range all {
		e, ok := w.next(20 * time.Second)
		for ok && e.at.Before(since) {
			e, ok = w.next(20 * time.Second)
		}
		if !ok {
			t.Fatalf("watcher %d missed an event", i)
		}
		got[i] = e
	}
	return got
}

func leave(all []*watcher) {
	var gone sync.WaitGroup
	for _, w := range all {
		_ = w.conn.Close()
		gone.Go(func() {
			for range w.events {
			}
		})
	}
	gone.Wait()
}

// watchers measures a thousand pages that look at one order of the console,
// and the console's hub beside a bare handler.
func watchers(t *testing.T, out *table, w *world, b *browser) {
	t.Helper()
	size, times := b.watchOrders(out)
	out.add(fmt.Sprintf("%d watchers: cancel pressed to seen, p99", crowd), inMS(times.at(0.99)), ms, 0)
	time.Sleep(rest)
	out.add(fmt.Sprintf("idle memory (RSS) after %d watchers left", crowd), w.console.memory(t).resident, mb, boundResident(largest))
	hub, bare := compared(t, "hub", size), compared(t, "bare", size)
	for range changes { // by turns, so that both meet the same machine
		hub.tell(t)
		bare.tell(t)
	}
	out.add(fmt.Sprintf("%d watchers: bare net/http handler, p99", crowd), inMS(bare.times.at(0.99)), ms, 0)
	out.add(fmt.Sprintf("%d watchers: the console's hub, p99", crowd), inMS(hub.times.at(0.99)), ms, inMS(bare.times.at(0.99)))
	out.add(fmt.Sprintf("%d watchers: bare handler, processor time of a change", crowd), inMS(bare.worked/changes), ms, 0)
	out.add(fmt.Sprintf("%d watchers: the console's hub, processor time of a change", crowd), inMS(hub.worked/changes), ms,
		inMS(bare.worked/changes))
	out.add(fmt.Sprintf("%d watchers: bare handler, RSS each", crowd), bare.each, kb, 0)
	out.add(fmt.Sprintf("%d watchers: the console's hub, RSS each", crowd), hub.each, kb, bare.each)
	hub.leave()
	bare.leave()
}

// watchOrders has the crowd watch an order that is then cancelled, three times.
// It gives the size of an event and the times from the press to each watcher.
func (b *browser) watchOrders(out *table) (int, series) {
	b.t.Helper()
	var times series
	size := 0
	for i := range 3 {
		_, form := b.review(fmt.Sprintf("bench-watch-%d", i), "exact")
		at, _ := b.place(form)
		cancel := b.waitForForm(at, at+"/cancel")
		stream := "/events?topics=order/" + strings.TrimPrefix(at, "/orders/")
		if i == 0 {
			leave(gather(b.t, crowd/5, b.w.consoleAddr, stream, b.cookies())) // warm: connections to the database are not the watchers'
			time.Sleep(rest)
		}
		b.settled()
		before := b.w.console.memory(b.t)
		all := gather(b.t, crowd, b.w.consoleAddr, stream, b.cookies())
		time.Sleep(rest) // idle streams are what is measured
		if i == 0 {
			each := (b.w.console.memory(b.t).resident - before.resident) / crowd
			out.add(fmt.Sprintf("%d watchers: RSS of the console, each", crowd), each, kb, 0)
		}
		pressed := time.Now()
		b.post(at+"/cancel", cancel)
		for _, e := range nextOfAll(b.t, all, pressed) {
			times = append(times, e.at.Sub(pressed))
			size = e.bytes
		}
		leave(all)
	}
	out.add(fmt.Sprintf("%d watchers: one event, each", crowd), float64(size), inBytes, 0)
	return size, times
}

// waitForForm waits until the page offers a form, and gives its fields.
func (b *browser) waitForForm(page, action string) url.Values {
	b.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		form := b.get(page).document(b.t).Find(`form[action="` + action + `"]`).First()
		if form.Length() == 1 {
			fields := url.Values{}
			form.Find("input[name]").Each(func(_ int, in *goquery.Selection) {
				fields.Set(in.AttrOr("name", ""), in.AttrOr("value", ""))
			})
			return fields
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s never offered %s: %s", page, action, problem(b.get(page).body))
		}
	}
}

// cookies are what the browser would send.
func (b *browser) cookies() string {
	u, err := url.Parse(b.w.url("/"))
	if err != nil {
		b.t.Fatal(err)
	}
	var pairs []string
	for _, c := range b.client.Jar.Cookies(u) {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return strings.Join(pairs, "; ")
}

// fanout is one kind of server with its crowd.
type fanout struct {
	process *process
	addr    string
	all     []*watcher
	each    float64       // bytes of memory for each watcher
	times   series        // from a change to each watcher
	worked  time.Duration // processor time of the server since the crowd was complete
}

// changes is how often each crowd is told something.
const changes = 30

// compared runs a server of its own and gathers the crowd.
func compared(t *testing.T, kind string, size int) *fanout {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := &fanout{addr: freeAddr(t)}
	f.process = start(t, []string{serveEnv + "=" + kind, addrEnv + "=" + f.addr, bodyEnv + "=" + strconv.Itoa(size)}, self)
	f.process.answers(t, f.addr, func() (int, error) { return 200, nil })
	leave(gather(t, 10, f.addr, "/events", "")) // warm: its first pages of memory are not the watchers'
	before := f.process.memory(t)
	f.all = gather(t, crowd, f.addr, "/events", "")
	time.Sleep(time.Second) // idle streams are what is measured
	f.each = (f.process.memory(t).resident - before.resident) / crowd
	return f
}

// tell changes something, not sooner than half a second after the last time: a
// topic is not sent more often.
func (f *fanout) tell(t *testing.T) {
	t.Helper()
	time.Sleep(300 * time.Millisecond) // and as long for the other crowd
	before, told := f.process.processorTime(t), time.Now()
	res, err := http.Post("http://"+f.addr+"/tell", "text/plain", nil) //nolint:noctx // loopback, in a test
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	for _, e := range nextOfAll(t, f.all, told) {
		f.times = append(f.times, e.at.Sub(e.stamp))
	}
	f.worked += f.process.processorTime(t) - before
}

func (f *fanout) leave() {
	leave(f.all)
	f.process.stop()
}
