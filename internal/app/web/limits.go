package web

import (
	"net"
	"net/http"
	"sync"
	"time"

	"sampan/internal/app/web/visit"
)

// Limits bound what browsers can make the console spend. Zero fields take the
// values of DefaultLimits (reliability.md §8).
type Limits struct {
	FormBytes       int64 // a form's body
	FormFields      int
	LargeFormBytes  int64 // purchase and selection forms
	LargeFormFields int
	HeaderBytes     int
	HeaderRead      time.Duration
	BodyRead        time.Duration
	Write           time.Duration
	Idle            time.Duration
	Handler         time.Duration // longest a handler may take, streams apart
	PerAddress      int           // connections of one address, trusted proxies not counted
}

// DefaultLimits gives the figures of reliability.md §8.
func DefaultLimits() Limits {
	return Limits{
		FormBytes: 64 << 10, FormFields: 200,
		LargeFormBytes: 1 << 20, LargeFormFields: 2000,
		HeaderBytes: 16 << 10, HeaderRead: 5 * time.Second, BodyRead: 15 * time.Second,
		Write: 30 * time.Second, Idle: 60 * time.Second, Handler: 25 * time.Second,
		PerAddress: 100,
	}
}

// withDefaults fills the zero fields.
func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	fill(&l.FormBytes, d.FormBytes)
	fill(&l.FormFields, d.FormFields)
	fill(&l.LargeFormBytes, d.LargeFormBytes)
	fill(&l.LargeFormFields, d.LargeFormFields)
	fill(&l.HeaderBytes, d.HeaderBytes)
	fill(&l.HeaderRead, d.HeaderRead)
	fill(&l.BodyRead, d.BodyRead)
	fill(&l.Write, d.Write)
	fill(&l.Idle, d.Idle)
	fill(&l.Handler, d.Handler)
	fill(&l.PerAddress, d.PerAddress)
	return l
}

func fill[T int | int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// HTTP builds the server that answers with s, with every time limit of the
// table. The caller listens, serves and shuts it down.
func (s *Site) HTTP() *http.Server {
	l := s.limits
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: l.HeaderRead,
		ReadTimeout:       l.HeaderRead + l.BodyRead,
		WriteTimeout:      l.Write,
		IdleTimeout:       l.Idle,
		MaxHeaderBytes:    l.HeaderBytes - 4096, // net/http adds 4,096 of its own
	}
}

// Listener wraps l so that one address holds at most PerAddress connections;
// more are closed as they come. Trusted proxies are not counted: they speak
// for many.
func (s *Site) Listener(l net.Listener) net.Listener {
	return &perAddress{Listener: l, max: s.limits.PerAddress, open: make(map[string]int),
		exempt: func(a string) bool { return visit.IsTrusted(a, s.TrustedProxies) }}
}

type perAddress struct {
	net.Listener
	max    int
	exempt func(address string) bool

	mu   sync.Mutex
	open map[string]int
}

func (p *perAddress) Accept() (net.Conn, error) {
	for {
		c, err := p.Listener.Accept()
		if err != nil {
			return nil, err
		}
		address := visit.AddressOf(c.RemoteAddr().String())
		if p.exempt(address) {
			return c, nil
		}
		if p.enter(address) {
			return &counted{Conn: c, leave: sync.OnceFunc(func() { p.leave(address) })}, nil
		}
		_ = c.Close() // nothing was promised to it yet
	}
}

func (p *perAddress) enter(address string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open[address] >= p.max {
		return false
	}
	p.open[address]++
	return true
}

func (p *perAddress) leave(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open[address]--; p.open[address] <= 0 {
		delete(p.open, address)
	}
}

// counted is a connection that gives its place back when it is closed.
type counted struct {
	net.Conn
	leave func()
}

// NetConn gives the connection itself, so that the hub of streams can ask it
// whether the browser has left.
func (c *counted) NetConn() net.Conn { return c.Conn }

func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
