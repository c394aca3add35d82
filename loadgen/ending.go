package loadgen

import (
	"crypto/tls"
	"io"
	"math"
	"net"
	"sync"
	"time"

	"github.com/wsimg/wsimg/loadgen/churn"
)

// farewell is how long a server may take to read a close frame, and how long to
// answer it.
const farewell = time.Second

// age has the client live by the lifetime of b, which began in an earlier block
// if that had the same. Those that are the first of their number are given ages
// spread evenly, so that not all end at once; c.mu is held.
func (c *client) age(b *block, first bool) {
	switch {
	case !b.lifetime.Limited():
		c.lifetime, c.left, c.retiring = churn.Lifetime{}, math.MaxInt, false
		return
	case c.lifetime != b.lifetime:
		c.lifetime, c.left, c.retiring = b.lifetime, math.MaxInt, false
		lived := 0.0
		if first {
			lived = float64(c.id) / float64(len(c.roster))
		}
		if n := b.lifetime.Images; n > 0 {
			c.left = n - int(lived*float64(n))
		}
		t := float64(b.lifetime.Time)
		c.expires = c.clock.now() + int64(t-lived*t)
	}
	if b.lifetime.Time > 0 {
		b.deaths.push(c.id, c.expires)
	}
}

// expire has the client retire if its time is over by now, as soon as it owes
// nothing.
func (c *client) expire(b *block, now int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.block != b || !c.inBlock || c.expires > now {
		return
	}
	c.retiring = true
	if !c.pumping && c.debts.n == 0 && c.state == ready {
		c.pumping = true
		b.spawn(c) // the close frame may have to wait for the server
	}
}

// retire ends the connection, whose lifetime is over, with a close frame; it
// unlocks c.mu. Its number opens another when this one has ended, for a server
// that takes as many clients as there are has no place before: the listener,
// which reads until then, sees to it.
func (c *client) retire(b *block) {
	c.state, c.inBlock = spoiled, false // what still comes is no failure
	c.part()
	now := c.clock.now()
	c.retired = now
	c.mu.Unlock()
	c.fleet.book.retired.Add(1)
	c.fleet.book.used.Store(now)
	_ = c.wire.SetDeadline(time.Now().Add(farewell))
	c.writing.Lock()
	c.bid()
	c.writing.Unlock()
}

// closed sees the server's close frame. After ours the server is to close the
// TCP connection (RFC 6455, section 7.1.1): to wait for it, as long as farewell
// allows, leaves the server no connection more than it has clients, and the port
// is free here at once.
func (c *client) closed(int, string) error {
	c.mu.Lock()
	retired := c.retired != 0
	c.mu.Unlock()
	if retired {
		_, _ = io.Copy(io.Discard, c.wire)
	}
	return nil
}

// cut ends the connection as the death of the server's machine would: without
// a word, and the server sees a reset. It reports whether its number is then
// vacant.
func (c *client) cut(b *block, now int64) bool {
	c.mu.Lock()
	if c.parted || c.block != b {
		c.mu.Unlock()
		return false
	}
	in := c.inBlock
	c.state, c.inBlock = spoiled, false
	c.part()
	lost := c.debts.n
	c.forgo(now)
	greeted := c.greeted
	c.greeted = true
	c.mu.Unlock()
	book := &c.fleet.book
	book.cut.Add(1)
	book.used.Store(now)
	if lost > 0 {
		book.lostImages.Add(uint64(lost))
		c.blame(failure{
			kind: Lost, n: uint64(lost), at: now,
			detail: "its connection was cut, as had been asked for, before it was answered",
			remedy: "nothing: a cut loses what is in flight; see how soon the clients were back",
		}, true)
	}
	if in && !greeted {
		b.arrive(c.id, now)
	}
	abort(c.wire.Conn)
	return in
}

// abort closes a connection with a reset, where it is one that can.
func abort(c net.Conn) {
	under := c
	if secure, ok := c.(*tls.Conn); ok {
		under = secure.NetConn()
	}
	if tcp, ok := under.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	under.Close()
}

// deaths are when lifetimes end, by client number. Safe for concurrent use.
type deaths struct {
	mu    sync.Mutex
	times churn.Instants
}

func (d *deaths) push(id int, at int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.times.Push(id, at)
}

// pop takes out a number whose time is over by now, or else returns when the
// next one's is, never when there is none.
func (d *deaths) pop(now int64) (id int, next int64, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if id, ok = d.times.Pop(now); ok {
		return id, now, true
	}
	if at, waits := d.times.Next(); waits {
		return 0, at, false
	}
	return 0, never, false
}
