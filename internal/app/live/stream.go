package live

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// stream is one open page.
type stream struct {
	viewer Viewer
	locale Locale
	topics []string
	conn   net.Conn      // taken off the server; nil when a handler writes
	wake   chan struct{} // with a handler: something is queued
	gone   chan struct{} // closed with the stream
	max    int

	mu     sync.Mutex
	queue  [][]byte
	busy   bool // somebody is writing, or about to: what is queued will be seen
	ending bool // what is queued is the last
	closed bool
	wrote  time.Time
}

// push queues a frame. idle is true when no goroutine is writing the stream, so
// that one has to be started; ok is false when too many frames wait.
func (s *stream) push(f []byte) (idle, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.ending {
		return false, true
	}
	if len(s.queue) >= s.max {
		return false, false
	}
	s.queue = append(s.queue, f)
	idle, s.busy = !s.busy, true
	return idle, true
}

// take gives the next frame, or gives up writing when there is none. done means
// that nothing follows.
func (s *stream) take() (f []byte, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, true
	}
	if len(s.queue) == 0 {
		s.busy, s.queue = false, nil
		return nil, s.ending
	}
	f, s.queue = s.queue[0], s.queue[1:]
	s.wrote = time.Now()
	return f, false
}

// silent reports whether nothing was written for so long.
func (s *stream) silent(now time.Time, beat time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.busy && now.Sub(s.wrote) >= beat
}

// hungUp reports whether the browser has closed a connection of ours. A
// stream that a handler serves knows it by itself.
func (s *stream) hungUp() bool {
	s.mu.Lock()
	conn := s.conn
	s.mu.Unlock()
	return conn != nil && hungUp(conn)
}

// close ends the stream at once; more than once does nothing.
func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed, s.queue = true, nil
	close(s.gone)
	if s.conn != nil {
		_ = s.conn.Close()
	}
}

// Serve sends the viewer an event for each change of a topic, the first one of
// each right away, until the browser leaves, the session ends or the hub
// stops. Topics must be ones the viewer may see.
//
// It takes over a connection of plain HTTP/1.1 and then returns at once:
// nothing may be written to w afterwards. Otherwise it returns when the stream
// has ended. Headers set on w before are sent. An error means that nothing
// was written: ErrTooMany, ErrStopping or ErrTopic.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, topics []string, v Viewer, l Locale) error {
	if err := checkTopics(topics); err != nil {
		return err
	}
	s := &stream{viewer: v, locale: l, topics: topics, max: h.o.Queue, gone: make(chan struct{}), wrote: time.Now(), busy: true}
	hd := w.Header()
	hd.Set("Content-Type", "text/event-stream; charset=utf-8")
	hd.Set("Cache-Control", "no-store")
	hd.Set("X-Accel-Buffering", "no")
	if r.ProtoMajor == 1 && r.TLS == nil {
		if taken, err := h.take(w, r, s); taken || err != nil {
			return err
		}
	}
	return h.hold(w, r, s)
}

// register joins a stream, after looking whether streams of the same viewer
// belong to browsers that have left.
func (h *Hub) register(s *stream) error {
	err := h.join(s)
	if err != ErrTooMany {
		return err
	}
	for _, old := range h.those(func(o *stream) bool { return o.viewer.ID == s.viewer.ID }) {
		if old.hungUp() {
			h.drop(old)
		}
	}
	return h.join(s)
}

// take makes the connection ours. It is false, without an error, when the
// server does not give it away.
func (h *Hub) take(w http.ResponseWriter, r *http.Request, s *stream) (bool, error) {
	if err := h.register(s); err != nil {
		return false, err
	}
	header := w.Header().Clone()
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		h.leave(s)
		return false, nil
	}
	// The server's buffers go with the reader and writer that we drop here.
	_ = conn.SetDeadline(time.Time{})
	s.mu.Lock()
	s.conn = conn
	ended := s.closed
	s.queue = append([][]byte{opening(header)}, s.queue...)
	s.mu.Unlock()
	if ended {
		_ = conn.Close()
		return true, nil
	}
	h.start(s)
	h.wake()
	return true, nil
}

// opening is the head of the answer and the first bytes of the stream. The
// body ends with the connection.
func opening(header http.Header) []byte {
	header.Del("Content-Length")
	header.Set("Connection", "close")
	header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\n")
	_ = header.Write(&b) // a buffer takes everything
	b.WriteString("\r\n")
	b.Write(helloFrame)
	return b.Bytes()
}

// hold serves a stream from the goroutine that the server has for it.
func (h *Hub) hold(w http.ResponseWriter, r *http.Request, s *stream) error {
	s.wake = make(chan struct{}, 1)
	if err := h.register(s); err != nil {
		return err
	}
	defer h.drop(s)
	rc := http.NewResponseController(w)
	w.WriteHeader(http.StatusOK)
	send := func(f []byte) error {
		if err := rc.SetWriteDeadline(time.Now().Add(h.o.Write)); err != nil {
			return fmt.Errorf("live: limit the time to write: %w", err)
		}
		if _, err := w.Write(f); err != nil {
			return err
		}
		if err := rc.Flush(); err != nil {
			return err
		}
		return rc.SetWriteDeadline(time.Time{}) // or HTTP/2 would end the idle stream
	}
	if err := send(helloFrame); err != nil {
		return h.left(s, err)
	}
	h.wake()
	for {
		f, done := s.take()
		switch {
		case done:
			return nil
		case f != nil:
			if err := send(f); err != nil {
				return h.left(s, err)
			}
			continue
		}
		select {
		case <-s.wake:
		case <-s.gone:
			return nil
		case <-r.Context().Done():
			return nil
		}
	}
}

// left logs why a browser got no more. That is not an error of the console.
func (h *Hub) left(s *stream, err error) error {
	h.o.Log.Debug("stream ended", "viewer", s.viewer.ID, "err", err)
	return nil
}

// push queues a frame for a stream and sees that somebody writes it. A browser
// that has let too many wait gets "resync" and is dropped.
func (h *Hub) push(s *stream, f []byte) {
	idle, ok := s.push(f)
	if !ok {
		h.o.Log.Debug("stream too slow", "viewer", s.viewer.ID)
		h.finish(s, resyncFrame)
		return
	}
	if idle {
		h.start(s)
	}
}

// finish ends a stream after a last frame, which takes the place of all that
// waits.
func (h *Hub) finish(s *stream, last []byte) {
	if !h.leave(s) {
		return
	}
	s.mu.Lock()
	if s.closed || s.ending {
		s.mu.Unlock()
		return
	}
	idle := !s.busy
	s.ending, s.busy, s.queue = true, true, [][]byte{last}
	s.mu.Unlock()
	if idle {
		h.start(s)
	}
}

// start has a stream written: by a writer of the hub, or by the handler that holds it.
func (h *Hub) start(s *stream) {
	if s.wake == nil {
		if !h.ready.push(s) {
			h.drop(s)
		}
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
