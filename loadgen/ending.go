package loadgen

import (
	"crypto/tls"
	"math"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/frame"
)

// farewell is how long a server may take to answer a close frame.
const farewell = time.Second

// age gives the client the end of its lifetime in b, unless it has one. Those
// that are the first of their number are given ages spread evenly, so that not
// all end at once; c.mu is held.
func (c *client) age(b *block, first bool) {
	if !b.lifetime.Limited() {
		c.aged, c.left, c.retiring = false, math.MaxInt, false
		return
	}
	if c.aged {
		return
	}
	c.aged, c.left = true, math.MaxInt
	lived := 0.0
	if first {
		lived = float64(c.id) / float64(len(c.roster))
	}
	if n := b.lifetime.Images; n > 0 {
		c.left = n - int(lived*float64(n))
	}
	if t := b.lifetime.Time; t > 0 {
		c.expires = c.clock.now() + int64(t) - int64(lived*float64(t))
		b.deaths.push(c.id, c.expires)
	}
}

// expire has the client retire if its time is over by now, as soon as it owes
// nothing.
func (c *client) expire(b *block, now int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.block != b || !c.inBlock || !c.aged || c.expires > now {
		return
	}
	c.retiring = true
	if !c.pumping && c.debts.n == 0 && c.state == ready {
		c.pumping = true
		b.spawn(c) // the close frame may have to wait for the server
	}
}

// retire ends the connection, whose lifetime is over, with a close frame, and
// has its number open another at once; it unlocks c.mu.
func (c *client) retire(b *block) {
	c.state, c.inBlock = spoiled, false // what still comes is no failure
	c.part()
	now := c.clock.now()
	c.mu.Unlock()
	c.fleet.book.retired.Add(1)
	c.roster[c.id].CompareAndSwap(c, nil) // nobody needs to wait for its end
	c.writing.Lock()
	c.writeControl(frame.Close, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
	c.writing.Unlock()
	// RFC 6455, section 7.1.1: the server is to close the TCP connection, and
	// its port is then free here at once.
	_ = c.wire.SetReadDeadline(time.Now().Add(farewell))
	b.replace(c.id, now)
}

// cut ends the connection as the death of the server's machine would: without
// a word, and the server sees a reset. It reports whether there was one; its
// number is then vacant.
func (c *client) cut(b *block, now int64) bool {
	c.mu.Lock()
	if c.parted || c.block != b || !c.inBlock {
		c.mu.Unlock()
		return false
	}
	c.state, c.inBlock = spoiled, false
	c.part()
	lost := c.debts.n
	c.forgo(now)
	greeted := c.greeted
	c.greeted = true
	c.mu.Unlock()
	book := &c.fleet.book
	book.cut.Add(1)
	if lost > 0 {
		book.lostImages.Add(uint64(lost))
		c.failures.addMany(Lost, c.id, uint64(lost), "its connection was cut, as had been asked for, before it was answered")
	}
	if !greeted {
		b.arrive(c.id, now)
	}
	abort(c.wire.Conn)
	return true
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
