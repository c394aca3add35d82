package loadgen

import (
	"errors"
	"fmt"
	"io"

	"github.com/gorilla/websocket"
)

// listen reads until the connection ends.
func (c *client) listen() {
	defer close(c.ended)
	for {
		typ, r, err := c.ws.NextReader()
		if err == nil {
			err = c.receive(typ, r)
		}
		if err != nil {
			c.lost(c.intake.blame(err))
			return
		}
	}
}

// receive reads one message and goes on to the next image.
func (c *client) receive(typ int, r io.Reader) error {
	c.mu.Lock()
	state, b := c.state, c.block
	if c.debts.n == 0 || c.debts.oldest().start == 0 {
		return c.stray(state, typ, r)
	}
	o := *c.debts.oldest()
	c.mu.Unlock()
	if state != ready {
		return c.belated(state, typ, r, o)
	}
	wrong, err := b.traffic.verify(c, typ, r, b.traffic, o.image)
	if err != nil {
		return err
	}
	if wrong != nil {
		c.fail(wrong.kind, wrong.detail)
		return nil
	}
	c.verified(b, &o)
	return nil
}

// verified records the round trip of an image whose reply is right, and goes on
// to the next. It is apart from receive, which waits for the rest of a reply, to
// keep that one's frame small (see wire).
func (c *client) verified(b *block, o *owed) {
	now := c.clock.now()
	t := roundTrip{
		owed:     *o,
		end:      c.wire.readAt,
		verified: now,
		bytes:    len(b.traffic.images[o.image]),
		received: c.wire.take(),
	}
	c.mu.Lock()
	if c.state != ready { // the time was up while the reply was being read
		c.mu.Unlock()
		c.fail(Late, late(*o, now))
		return
	}
	if c.debts.full() {
		// Until now there was no place for another image. Had this one not been
		// late, there would have been one by so much sooner: what waited behind
		// it waited for the generator.
		c.freeAt = max(c.freeAt, now-o.late())
	}
	c.debts.pop()
	if book := b.traffic.book; book != nil {
		book.Verified(o.image)
	}
	c.agenda.answered(now)
	c.served = served{b.traffic, o.image}
	first := !c.greeted
	c.greeted = true
	if first {
		c.last = settled{}
		b.window.arrive(now)
	}
	b.settle(c.id, t, &c.last)
	if len(c.debts.ring) > 1 && !c.pumping {
		c.pumping = true
		c.mu.Unlock()
		b.spawn(c)
		return
	}
	c.resume(b)
}

func late(o owed, now int64) string {
	return fmt.Sprintf("image %d was answered after %v", o.image, rounded(now-o.begin))
}

// belated reads a message that comes after the oldest image owed was given up.
func (c *client) belated(state state, typ int, r io.Reader, o owed) error {
	if state != overdue {
		return nil // what is not read is skipped, and not inflated
	}
	wrong, err := c.block.traffic.verify(c, typ, r, c.block.traffic, o.image)
	if err != nil {
		return err
	}
	if wrong == nil {
		wrong = &mismatch{Late, late(o, c.clock.now())}
	}
	c.fail(wrong.kind, wrong.detail)
	return nil
}

// stray reads a message that nothing was waiting for; it unlocks c.mu.
func (c *client) stray(state state, typ int, r io.Reader) error {
	last := c.served
	c.mu.Unlock()
	if state != ready {
		return nil // as above
	}
	if last.traffic == nil {
		n, err := io.CopyN(io.Discard, r, slack)
		if err != nil && err != io.EOF {
			return err
		}
		c.fail(Unasked, fmt.Sprintf("a message of %s came before anything was sent", bounded(n, slack)))
		return nil
	}
	wrong, err := last.traffic.verify(c, typ, r, last.traffic, last.image)
	if err != nil {
		return err
	}
	switch {
	case wrong == nil:
		wrong = &mismatch{Doubled, fmt.Sprintf("the reply to image %d came again when nothing was owed", last.image)}
	case wrong.kind != Foreign && wrong.kind != Misplaced:
		wrong = &mismatch{Unasked, "when nothing was owed: " + wrong.detail}
	}
	c.fail(wrong.kind, wrong.detail)
	return nil
}

// lost ends the client: its connection has failed.
func (c *client) lost(err error) {
	c.writing.Lock()
	var closed *websocket.CloseError
	if c.writeErr != nil && !errors.As(err, &closed) {
		err = c.writeErr
	}
	c.writing.Unlock()
	if errors.As(err, &closed) { // which gorilla may share among connections
		err = &websocket.CloseError{Code: closed.Code, Text: c.fleet.dialer.Conceal(closed.Text)}
	}
	c.wire.Close()
	c.mu.Lock()
	was := c.state
	c.state = gone
	if was == spoiled || was == gone {
		err = nil // it has been told of
	}
	c.leave(failure{err: err})
}
