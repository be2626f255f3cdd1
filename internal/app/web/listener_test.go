package web_test

import (
	"io"
	"net"
)

// listener hands out connections from the given addresses.
type listener struct{ from []string }

func newListener(from ...string) *listener { return &listener{from} }

func (l *listener) Accept() (net.Conn, error) {
	if len(l.from) == 0 {
		return nil, io.EOF
	}
	c := conn{address: l.from[0]}
	l.from = l.from[1:]
	return c, nil
}
func (*listener) Close() error   { return nil }
func (*listener) Addr() net.Addr { return address("127.0.0.1:1") }

type conn struct {
	net.Conn
	address string
}

func (c conn) RemoteAddr() net.Addr { return address(c.address) }
func (conn) Close() error           { return nil }

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }
