// Package live tells open pages that something changed.
//
// A Hub carries topics, not data: after a change somebody calls Changed, the
// hub renders the topic's fragment once for each language and zone that is
// looking at it, and every stream gets the same bytes. A topic is rendered at
// most twice a second, whatever happens to it.
//
// A stream over plain HTTP/1.1 is taken off the server and belongs to the hub:
// it costs no goroutine and no buffers while nothing happens. Streams over
// HTTP/2 or TLS keep the goroutine that the server gave them.
package live

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Locale is in whose words and whose time of day a fragment is rendered.
type Locale struct {
	Lang string // "en"
	Zone string // "Asia/Singapore"
}

// Fragment renders the body of one event: HTML. It must depend on nothing but
// the topic, the locale and the stored state: all watchers get the same bytes.
type Fragment func(ctx context.Context, topic string, l Locale) ([]byte, error)

// Viewer is whose stream it is.
type Viewer struct {
	ID      string // of the person: at most Options.Streams streams each
	Session string // ref of the session, for End; Alive is asked once for all its streams, with "" for each stream

	// Allowed reports whether the viewer may see the topic now. It is asked
	// before each event, once for all streams of the same ID.
	Allowed func(ctx context.Context, topic string) bool
	// Alive reports whether the session still lets the viewer in.
	Alive func(ctx context.Context) bool
}

// Options of a Hub. The zero value of each field is what the product uses.
type Options struct {
	Fragment Fragment     // may be given later with Render
	Log      *slog.Logger // nil: none

	Beat  time.Duration // longest silence of a stream; 15 s
	Pace  time.Duration // shortest time between two events of a topic; 500 ms
	Check time.Duration // between looks whether sessions live and browsers are there; 4 s, so that
	// nothing lives on for more than the 5 s of reliability.md, I18
	Write   time.Duration // that a browser may take to accept an event; 10 s
	Queue   int           // events waiting for one browser; 64
	Streams int           // of one viewer; 20
}

func (o Options) filled() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	for _, d := range []struct {
		at    *time.Duration
		value time.Duration
	}{{&o.Beat, 15 * time.Second}, {&o.Pace, 500 * time.Millisecond}, {&o.Check, 4 * time.Second}, {&o.Write, 10 * time.Second}} {
		if *d.at <= 0 {
			*d.at = d.value
		}
	}
	if o.Queue <= 0 {
		o.Queue = 64
	}
	if o.Streams <= 0 {
		o.Streams = 20
	}
	return o
}

// Why a stream is refused. Nothing has been written then.
var (
	ErrTooMany  = errors.New("live: the viewer has as many streams as allowed")
	ErrStopping = errors.New("live: the console is stopping")
	ErrTopic    = errors.New("live: a topic is empty or has characters that no topic has")
)

// Hub keeps the streams. It is safe for concurrent use; Run must be running
// for anything to reach a browser.
type Hub struct {
	o Options

	mu       sync.Mutex
	fragment Fragment
	topics   map[string]*topic
	streams  map[*stream]struct{}
	viewers  map[string]int // streams by Viewer.ID
	stopped  bool

	kick  chan struct{} // something is pending
	ready *readyList    // streams of ours that have something to write
	tasks sync.WaitGroup
}

// topic is one thing that streams watch.
type topic struct {
	watchers  map[*stream]struct{}
	pending   map[*stream]struct{} // watchers that have not got the last change yet
	rendering bool
	last      time.Time // start of the last rendering
	failures  int       // renderings in a row that failed
}

// New makes a Hub.
func New(o Options) *Hub {
	return &Hub{
		o: o.filled(), fragment: o.Fragment, topics: make(map[string]*topic), streams: make(map[*stream]struct{}),
		viewers: make(map[string]int), kick: make(chan struct{}, 1), ready: newReadyList(),
	}
}

// Render gives the function that renders, when it could not be given to New.
func (h *Hub) Render(f Fragment) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fragment = f
}

// Changed says that the things behind the topics are not what they were. It
// never blocks; what nobody watches costs nothing. Call it after the change is
// committed.
func (h *Hub) Changed(topics ...string) {
	h.mu.Lock()
	owed := false
	for _, name := range topics {
		t := h.topics[name]
		if t == nil {
			continue
		}
		for s := range t.watchers {
			t.pending[s] = struct{}{}
		}
		owed = true
	}
	h.mu.Unlock()
	if owed {
		h.wake()
	}
}

func (h *Hub) wake() {
	select {
	case h.kick <- struct{}{}:
	default: // it is awake already and has not looked yet
	}
}

// End ends the streams of a session, with an event "end" that lets the page
// find out where it stands. It never blocks.
func (h *Hub) End(sessionRef string) {
	if sessionRef == "" {
		return
	}
	for _, s := range h.those(func(s *stream) bool { return s.viewer.Session == sessionRef }) {
		h.finish(s, endFrame)
	}
}

// Streams is how many streams are open.
func (h *Hub) Streams() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams)
}

// those gives the streams of a kind.
func (h *Hub) those(kind func(*stream) bool) []*stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []*stream
	for s := range h.streams {
		if kind(s) {
			out = append(out, s)
		}
	}
	return out
}

// join registers a stream; each of its topics counts as changed.
func (h *Hub) join(s *stream) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.stopped:
		return ErrStopping
	case h.viewers[s.viewer.ID] >= h.o.Streams:
		return ErrTooMany
	}
	h.viewers[s.viewer.ID]++
	h.streams[s] = struct{}{}
	for _, name := range s.topics {
		t := h.topics[name]
		if t == nil {
			t = &topic{watchers: make(map[*stream]struct{}), pending: make(map[*stream]struct{})}
			h.topics[name] = t
		}
		t.watchers[s], t.pending[s] = struct{}{}, struct{}{}
	}
	return nil
}

// leave forgets a stream. It is false when the stream was forgotten before.
func (h *Hub) leave(s *stream) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.streams[s]; !ok {
		return false
	}
	delete(h.streams, s)
	if h.viewers[s.viewer.ID]--; h.viewers[s.viewer.ID] == 0 {
		delete(h.viewers, s.viewer.ID)
	}
	for _, name := range s.topics {
		t := h.topics[name]
		if t == nil {
			continue
		}
		delete(t.watchers, s)
		delete(t.pending, s)
		if len(t.watchers) == 0 && !t.rendering {
			delete(h.topics, name)
		}
	}
	return true
}

// drop ends a stream at once.
func (h *Hub) drop(s *stream) {
	h.leave(s)
	s.close()
}
