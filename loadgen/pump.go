package loadgen

import (
	"fmt"
	"time"
)

// open has the client begin with the block it was enlisted in.
func (c *client) open(b *block) {
	c.mu.Lock()
	if c.state != ready { // it failed meanwhile: the agenda may be another's
		c.mu.Unlock()
		return
	}
	c.freeAt = c.clock.now()
	if c.id >= b.active {
		c.mu.Unlock()
		return
	}
	c.agenda.begin(c.freeAt)
	c.pump(b)
}

// roused resumes in a goroutine of its own. The pacer calls it when the next
// image is due.
func (c *client) roused() {
	c.mu.Lock()
	b := c.block
	c.paced = false
	idle := !c.pumping
	c.pumping = true
	c.mu.Unlock()
	if idle {
		b.spawn(c)
	}
}

// resume pumps, unless somebody is at it; it unlocks c.mu.
func (c *client) resume(b *block) {
	if c.pumping {
		c.mu.Unlock()
		return
	}
	c.pumping = true
	c.pump(b)
}

// pump sends what is due until nothing is, the client owes all it may, or the
// connection has failed. The caller has set c.pumping; it unlocks c.mu.
func (c *client) pump(b *block) {
	for o := c.next(b); o != nil; o = c.next(b) {
		c.mu.Unlock()
		c.write(b, o)
		c.mu.Lock()
	}
	c.pumping = false
	c.rest(b)
}

// next takes the next image on, if it is due and the connection is free; c.mu
// is held.
func (c *client) next(b *block) *owed {
	if c.state != ready || c.broken || c.retiring || c.debts.full() {
		return nil
	}
	now, due := c.clock.now(), c.agenda.due()
	if due > now || b.window.over(due) || b.ended.Load() {
		return nil
	}
	c.agenda.sent()
	if c.left--; c.left == 0 {
		c.retiring = true
	}
	if gap := &b.gaps[c.id]; *gap != 0 {
		switch {
		case due >= c.opened:
			*gap = 0
		case due >= *gap:
			c.fleet.book.delayedImages.Add(1)
		}
	}
	return c.debts.push(owed{image: b.traffic.turn(c.id), due: due, ready: max(due, c.freeAt), begin: now})
}

// rest sees to it that pumping is taken up again: by the reply that makes the
// connection free, or by the pacer when the next image is due. A client that
// has nothing more to send finishes the block, and remains a part of it like
// the idle. It unlocks c.mu.
func (c *client) rest(b *block) {
	if c.state != ready || c.broken || !c.inBlock || c.pumping || c.debts.full() {
		c.mu.Unlock()
		return
	}
	due := c.agenda.due()
	over := b.window.over(due)
	if over && c.debts.n == 0 {
		b.finish(c.id)
	}
	switch {
	case c.retiring && c.debts.n == 0 && !b.through(c.id, c.clock.now()):
		c.retire(b)
		return
	case c.retiring:
	case !over && !c.paced && !b.ended.Load():
		c.paced = true
		b.pacer.add(c, due)
	}
	c.mu.Unlock()
}

// write sends an image that was taken on. When that fails the reader is given
// a moment to find out why: the close code may be waiting behind the error.
func (c *client) write(b *block, o *owed) {
	f := b.traffic.sender.frame(o.image)
	c.writing.Lock()
	if !c.until.Equal(b.until) {
		c.until = b.until
		_ = c.wire.SetWriteDeadline(b.until) // a failed connection shows at the write
	}
	c.mu.Lock()
	o.start, o.sent = c.clock.now(), len(f.bytes)
	late := o.late() // o may be answered, and its place taken, before the write returns
	c.mu.Unlock()
	_, err := c.wire.Conn.Write(f.bytes)
	written := c.clock.now()
	if err != nil {
		c.writeErr = fmt.Errorf("send image: %w", err)
		_ = c.wire.SetReadDeadline(time.Now().Add(time.Second))
	}
	c.writing.Unlock()
	f.done()
	if len(c.debts.ring) > 1 || err != nil {
		// The next one could not have been written before: the server's doing,
		// but for what this one was late.
		c.mu.Lock()
		c.broken = err != nil
		c.freeAt = max(c.freeAt, written-late)
		c.mu.Unlock()
	}
	if c.pong.Load() != nil {
		c.answer()
	}
}
