// Package readahead makes the first read of a message large.
//
// A frame's header is asked for in a small read. While reads
// are small the kernel never opens a connection's receive window beyond its
// default, and a 133 KB message then runs at two thirds of its speed. A [Conn]
// answers a small read out of 64 KiB read at once, and lets a large one
// through to the caller's memory:
//
//	frame    ┌ header ┬──────────────── payload ────────────────┐
//	asked    │ small  │ large            │ large                │
//	from     │ kernel → read-ahead ─────→│ kernel               │
//
// The read-ahead memory comes from a [Pool] when data are there and goes back
// as soon as it is drained, so a connection that waits holds none of it (where
// the system lets us look first: on Unix).
package readahead

import (
	"io"
	"net"
	"sync"
)

const (
	// Size is how much is read at once, in bytes.
	Size = 64 << 10
	// Direct is the shortest read that bypasses the read-ahead.
	Direct = 32 << 10
)

// Pool lends read-ahead memory to the connections of one server. The zero
// value is ready. It is safe for concurrent use.
type Pool struct {
	pool sync.Pool // of *[Size]byte
}

func (p *Pool) get() *[Size]byte {
	if b, ok := p.pool.Get().(*[Size]byte); ok {
		return b
	}
	return new([Size]byte)
}

func (p *Pool) put(b *[Size]byte) { p.pool.Put(b) }

// Conn is a TCP connection that reads ahead. Like any net.Conn it may be read
// by one goroutine and written by another.
//
// It embeds the concrete *net.TCPConn, whose other methods stay at hand:
// half-closing among them.
type Conn struct {
	*net.TCPConn
	pool *Pool

	// Read state.
	held   *[Size]byte // nil while nothing is read ahead
	unread []byte      // the part of held not yet asked for
	system system      // what reading ahead takes on this system
}

var _ net.Conn = (*Conn)(nil)

// New returns a connection over c, which from then on must be read through it.
func New(c *net.TCPConn, pool *Pool) (*Conn, error) {
	conn := &Conn{TCPConn: c, pool: pool}
	if err := conn.prepare(); err != nil {
		return nil, err
	}
	return conn, nil
}

// Read reads at most len(p) bytes, as io.Reader. Deadlines are honoured.
func (c *Conn) Read(p []byte) (int, error) {
	if len(c.unread) == 0 {
		if len(p) >= Direct || len(p) == 0 {
			return c.TCPConn.Read(p)
		}
		if err := c.readAhead(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.unread)
	c.unread = c.unread[n:]
	if len(c.unread) == 0 {
		c.release()
	}
	return n, nil
}

// Unread returns what has been read ahead, to be looked at in place; it is good
// until the next Read or Discard.
func (c *Conn) Unread() []byte { return c.unread }

// Discard skips the first n bytes of Unread.
func (c *Conn) Discard(n int) {
	c.unread = c.unread[n:]
	if len(c.unread) == 0 && c.held != nil {
		c.release()
	}
}

// WriteTo copies what arrives to w. It hides the method of *net.TCPConn, which
// would skip what has been read ahead.
func (c *Conn) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{c})
}

// release gives the read-ahead memory back.
func (c *Conn) release() {
	c.pool.put(c.held)
	c.held, c.unread = nil, nil
}
