//go:build unix

package live

import (
	"errors"
	"net"
	"syscall"
)

// hungUp reports whether the other side has closed the connection, without
// waiting and without a goroutine that reads: a page that was left is noticed
// before the next write would.
func hungUp(c net.Conn) bool {
	for {
		inner, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = inner.NetConn()
	}
	sc, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	gone := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		waiting := errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR)
		gone = !waiting && (err != nil || n == 0)
		return true
	})
	return err != nil || gone
}
