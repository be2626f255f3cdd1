package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

const (
	writers   = 4                    // goroutines that write to connections of ours
	renderers = 4                    // fragments rendered side by side
	patience  = 5 * time.Millisecond // that a writer waits for one browser before it gives it a goroutine of its own
	rendering = 10 * time.Second     // longest rendering of a fragment
	parting   = time.Second          // that streams have to take the hint at a shutdown
	tries     = 3                    // renderings of a fragment before its watchers are left with what they have
	tick      = time.Second          // between looks for silent streams
)

// Run writes, renders and watches until ctx ends. Then it ends all streams
// with a hint when to come back, waits for its goroutines, and returns nil.
func (h *Hub) Run(ctx context.Context) error {
	for range writers {
		h.tasks.Go(h.write)
	}
	h.tasks.Go(func() { h.checkLoop(ctx) })
	slots := make(chan struct{}, renderers)
	beat := time.NewTicker(min(tick, h.o.Beat))
	defer beat.Stop()
	for {
		due, next := h.due(time.Now())
		for _, name := range due {
			h.tasks.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				h.swap(ctx, name)
			})
		}
		var later <-chan time.Time
		if next > 0 {
			later = time.After(next)
		}
		select {
		case <-ctx.Done():
			h.stop()
			return nil
		case <-h.kick:
		case <-later:
		case now := <-beat.C:
			for _, s := range h.those(func(s *stream) bool { return s.silent(now, h.o.Beat) }) {
				h.push(s, beatFrame)
			}
		}
	}
}

// due gives the topics to render now, and how long until the next one may be.
func (h *Hub) due(now time.Time) (names []string, next time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, t := range h.topics {
		if len(t.pending) == 0 || t.rendering {
			continue
		}
		if wait := t.last.Add(h.o.Pace).Sub(now); wait > 0 {
			if next == 0 || wait < next {
				next = wait
			}
			continue
		}
		t.rendering, t.last = true, now
		names = append(names, name)
	}
	return names, next
}

// swap renders a topic once for each locale and gives it to all pending watchers
// that may see it.
func (h *Hub) swap(ctx context.Context, name string) {
	h.mu.Lock()
	t, fragment := h.topics[name], h.fragment
	owed := make(map[Locale][]*stream)
	for s := range t.pending {
		owed[s.locale] = append(owed[s.locale], s)
	}
	clear(t.pending)
	h.mu.Unlock()

	allowed := make(map[string]bool) // by viewer
	var failed []*stream
	for l, streams := range owed {
		body, err := render(ctx, fragment, name, l)
		if err != nil {
			if ctx.Err() == nil {
				h.o.Log.Warn("live fragment", "topic", name, "lang", l.Lang, "err", err)
			}
			failed = append(failed, streams...)
			continue
		}
		f := frame(name, body)
		for _, s := range streams {
			if s.allowed(ctx, name, allowed) {
				h.push(s, f)
			}
		}
	}
	h.swapped(name, t, failed)
}

// swapped closes a rendering; failed ones are tried again some times, later.
func (h *Hub) swapped(name string, t *topic, failed []*stream) {
	h.mu.Lock()
	t.rendering = false
	t.failures++
	if len(failed) == 0 {
		t.failures = 0
	}
	if t.failures > 0 && t.failures < tries {
		for _, s := range failed {
			if _, ok := t.watchers[s]; ok {
				t.pending[s] = struct{}{}
			}
		}
		t.last = time.Now().Add(h.o.Pace << t.failures)
	}
	if len(t.watchers) == 0 {
		delete(h.topics, name)
	}
	h.mu.Unlock()
	h.wake()
}

// render calls the fragment. The hub does not know that code: when it takes too
// long or panics, that is an error and the hub goes on.
func render(ctx context.Context, f Fragment, name string, l Locale) (body []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("live: fragment of %s: panic: %v", name, p)
		}
	}()
	if f == nil {
		return nil, errors.New("live: no fragment given")
	}
	ctx, cancel := context.WithTimeout(ctx, rendering)
	defer cancel()
	return f(ctx, name, l)
}

// allowed asks whether the viewer may see the topic; the answer serves all
// streams of the same viewer. A panic counts as not allowed.
func (s *stream) allowed(ctx context.Context, name string, known map[string]bool) (ok bool) {
	if ok, asked := known[s.viewer.ID]; asked && s.viewer.ID != "" {
		return ok
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
		known[s.viewer.ID] = ok
	}()
	return s.viewer.Allowed == nil || s.viewer.Allowed(ctx, name)
}

// checkLoop looks from time to time whether sessions live and browsers are there.
func (h *Hub) checkLoop(ctx context.Context) {
	look := time.NewTicker(h.o.Check)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			h.check(ctx)
		}
	}
}

func (h *Hub) check(ctx context.Context) {
	alive := make(map[string]bool) // by session
	for _, s := range h.those(func(*stream) bool { return true }) {
		if s.hungUp() {
			h.drop(s)
			continue
		}
		lives, asked := alive[s.viewer.Session]
		if !asked || s.viewer.Session == "" {
			lives = s.viewer.Alive == nil || s.viewer.Alive(ctx)
			alive[s.viewer.Session] = lives
		}
		if !lives && ctx.Err() == nil {
			h.finish(s, endFrame)
		}
	}
}

// stop ends all streams and waits for all goroutines.
func (h *Hub) stop() {
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	all := h.those(func(*stream) bool { return true })
	for _, s := range all {
		h.finish(s, partingFrame())
	}
	h.ready.close()
	late := time.AfterFunc(parting, func() {
		for _, s := range all {
			s.close()
		}
	})
	h.tasks.Wait()
	late.Stop()
}

// write is one of the few goroutines that write to connections of ours.
func (h *Hub) write() {
	for {
		s, ok := h.ready.pop()
		if !ok {
			return
		}
		h.pump(s, patience)
	}
}

// pump writes what is queued. A browser that does not take it at once is
// handed to a goroutine of its own, so that it holds up nobody else.
func (h *Hub) pump(s *stream, wait time.Duration) {
	for {
		f, done := s.take()
		if done {
			h.drop(s)
			return
		}
		if f == nil {
			return
		}
		rest, err := writeWithin(s.conn, f, wait)
		if err == nil {
			continue
		}
		if wait == h.o.Write || !errors.Is(err, os.ErrDeadlineExceeded) {
			h.o.Log.Debug("stream ended", "viewer", s.viewer.ID, "err", err)
			h.drop(s)
			return
		}
		h.tasks.Go(func() {
			if _, err := writeWithin(s.conn, rest, h.o.Write-wait); err != nil {
				h.o.Log.Debug("stream ended", "viewer", s.viewer.ID, "err", err)
				h.drop(s)
				return
			}
			h.pump(s, h.o.Write)
		})
		return
	}
}

// writeWithin writes f and returns what was not written.
func writeWithin(c net.Conn, f []byte, wait time.Duration) ([]byte, error) {
	if err := c.SetWriteDeadline(time.Now().Add(wait)); err != nil {
		return f, err
	}
	n, err := c.Write(f)
	return f[n:], err
}

// readyList is a queue of streams that never blocks who adds to it.
type readyList struct {
	mu     sync.Mutex
	filled *sync.Cond
	list   []*stream
	closed bool
}

func newReadyList() *readyList {
	l := &readyList{}
	l.filled = sync.NewCond(&l.mu)
	return l
}

// push adds a stream. It is false after close.
func (l *readyList) push(s *stream) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.list = append(l.list, s)
	l.filled.Signal()
	return true
}

// pop waits for a stream. It is false when the list is empty and closed.
func (l *readyList) pop() (*stream, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.list) == 0 && !l.closed {
		l.filled.Wait()
	}
	if len(l.list) == 0 {
		return nil, false
	}
	s := l.list[0]
	l.list[0] = nil
	l.list = l.list[1:]
	return s, true
}

func (l *readyList) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.filled.Broadcast()
}
