//go:build unix

package readahead

import (
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// system is made once per connection, so that reading allocates nothing.
type system struct {
	raw    syscall.RawConn
	fill   func(fd uintptr) bool // c.tryFill
	result error                 // of the last fill
}

func (c *Conn) prepare() error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	c.system = system{raw: raw, fill: c.tryFill}
	return nil
}

// readAhead waits until there is something to read and reads up to Size bytes
// of it. It takes memory from the pool only then: a connection that waits
// holds none.
func (c *Conn) readAhead() error {
	if err := c.system.raw.Read(c.system.fill); err != nil {
		return err
	}
	return c.system.result
}

// tryFill is called whenever the descriptor may be readable; it returns false
// to be called again later.
func (c *Conn) tryFill(fd uintptr) bool {
	b := c.pool.get()
	for {
		n, err := unix.Read(int(fd), b[:])
		switch {
		case n > 0:
			c.held, c.unread, c.system.result = b, b[:n], nil
			return true
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			c.pool.put(b)
			return false
		}
		c.pool.put(b)
		c.system.result = io.EOF
		if err != nil {
			c.system.result = &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
		}
		return true
	}
}
