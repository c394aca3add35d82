package loadgen

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/frame"
)

// state is what a client owes and is owed. Its transitions:
//
//	idle     send → owing
//	owing    right reply → idle; wrong reply → spoiled; time is up → overdue
//	overdue  any reply → spoiled, counted late; grace is up → spoiled, unanswered
//	idle     any reply → spoiled, counted doubled or unasked
//	any      connection fails → gone
type state uint8

const (
	idle state = iota
	owing
	overdue
	spoiled // to be redialed: what still comes proves nothing
	gone
)

// client is one connection. One goroutine, listen, always reads, between
// blocks too: pings, closes and stray replies come at any time. In a closed
// loop that goroutine sends the next image itself; the fleet sends each
// block's first.
//
// After the handshake gorilla/websocket never writes here: its control writes
// leave a deadline of one second on the connection, under which an image in
// progress dies half-way.
type client struct {
	id     int
	clock  clock
	ws     *websocket.Conn
	wire   *wire
	roster roster // the fleet's, to tell whose a foreign reply is
	ended  chan struct{}

	failures *failures // the fleet's

	// Writing: held for one frame at a time.
	writing  sync.Mutex
	start    int64     // instant of the last image's write call
	sent     int       // its frame's length
	until    time.Time // write deadline of the block
	writeErr error
	pong     atomic.Pointer[string] // to answer, as soon as nobody writes

	// What is owed.
	mu      sync.Mutex
	state   state
	block   *block
	inBlock bool // has to finish the block
	greeted bool // has told the window of its first reply
	image   int
	due     int64
	begin   int64
	served  served

	last settled // the listener's own
}

// served is an image of some traffic; a client remembers the last one verified.
type served struct {
	traffic *Traffic
	image   int
}

func (s served) len() int { return len(s.traffic.messages[s.image]) }

// roster lists a fleet's clients by number; one that is being redialed is nil.
type roster []atomic.Pointer[client]

// newClient takes over a connection after its handshake and starts to listen.
func newClient(id int, clk clock, ws *websocket.Conn, w *wire, all roster, f *failures) *client {
	c := &client{id: id, clock: clk, ws: ws, wire: w, roster: all, failures: f, ended: make(chan struct{})}
	ws.SetPingHandler(c.pinged)
	ws.SetPongHandler(c.ponged)
	ws.SetCloseHandler(func(int, string) error { return nil }) // listen sees the error
	w.take()
	go c.listen()
	return c
}

// enlist makes the client part of b, which it then finishes exactly once. It
// reports false when its connection has failed meanwhile.
func (c *client) enlist(b *block, until time.Time) bool {
	c.writing.Lock()
	c.until = until
	_ = c.wire.SetWriteDeadline(until) // a failed connection shows at the write
	c.writing.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != idle {
		return false
	}
	c.block, c.inBlock, c.greeted = b, true, false
	return true
}

// open sends the block's first image, unless the block is over already.
func (c *client) open(b *block) {
	now := c.clock.now()
	if !b.window.over(now) {
		c.send(b, now)
		return
	}
	c.mu.Lock()
	c.leave("", "")
}

// send sends the client's next image, due at that instant. When the write
// fails the reader is given a moment to find out why: the close code may be
// waiting behind the error.
func (c *client) send(b *block, due int64) {
	c.writing.Lock()
	begin := c.clock.now()
	c.mu.Lock()
	if c.state != idle {
		c.mu.Unlock()
		c.writing.Unlock()
		return
	}
	c.state, c.due, c.begin = owing, due, begin
	c.image = b.traffic.turn(c.id)
	c.mu.Unlock()
	var err error
	c.start, c.sent, err = b.traffic.sender.send(c.wire.Conn, c.clock, c.image)
	if err != nil {
		c.writeErr = fmt.Errorf("send image: %w", err)
		_ = c.wire.SetReadDeadline(time.Now().Add(time.Second))
	}
	c.writing.Unlock()
	if c.pong.Load() != nil {
		c.answer()
	}
}

// listen reads until the connection ends.
func (c *client) listen() {
	defer close(c.ended)
	for {
		typ, r, err := c.ws.NextReader()
		if err == nil {
			err = c.receive(typ, r)
		}
		if err != nil {
			c.lost(err)
			return
		}
	}
}

// receive reads one message and goes on to the next image.
func (c *client) receive(typ int, r io.Reader) error {
	c.mu.Lock()
	state, b, image := c.state, c.block, c.image
	c.mu.Unlock()
	if state != owing {
		return c.stray(state, typ, r)
	}
	wrong, err := c.verify(typ, r, b.traffic, image)
	if err != nil {
		return err
	}
	now := c.clock.now()
	if wrong != nil {
		c.fail(wrong.kind, wrong.detail)
		return nil
	}
	t := roundTrip{
		end:      c.wire.readAt,
		verified: now,
		bytes:    len(b.traffic.images[image]),
		received: c.wire.take(),
	}
	c.writing.Lock()
	t.start, t.sent = c.start, c.sent
	c.writing.Unlock()
	c.mu.Lock()
	t.due, t.begin = c.due, c.begin
	if c.state != owing { // the time was up while the reply was being read
		c.mu.Unlock()
		c.fail(Late, fmt.Sprintf("image %d was answered after %v", image, rounded(now-t.due)))
		return nil
	}
	c.state, c.served = idle, served{b.traffic, image}
	first := !c.greeted
	c.greeted = true
	over := b.window.over(now)
	c.inBlock = !over
	c.mu.Unlock()
	if first {
		c.last = settled{}
		b.window.arrive(now)
	}
	b.settle(c.id, &t, &c.last)
	if over {
		b.finish()
		return nil
	}
	c.send(b, now)
	return nil
}

// stray reads a message that nothing was waiting for.
func (c *client) stray(state state, typ int, r io.Reader) error {
	c.mu.Lock()
	b, image, due, last := c.block, c.image, c.due, c.served
	c.mu.Unlock()
	switch {
	case state == overdue:
		wrong, err := c.verify(typ, r, b.traffic, image)
		if err != nil {
			return err
		}
		if wrong == nil {
			wrong = &mismatch{Late, fmt.Sprintf("image %d was answered after %v", image, rounded(c.clock.now()-due))}
		}
		c.fail(wrong.kind, wrong.detail)
		return nil
	case state == idle && last.traffic != nil:
		wrong, err := c.verify(typ, r, last.traffic, last.image)
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
	default:
		n, err := io.Copy(io.Discard, r)
		if err == nil && state == idle {
			c.fail(Unasked, fmt.Sprintf("a message of %d bytes came before anything was sent", n))
		}
		return err
	}
}

// fail counts a failure and makes the connection one to be redialed.
func (c *client) fail(kind, detail string) {
	c.mu.Lock()
	if c.state == spoiled || c.state == gone {
		c.mu.Unlock()
		return
	}
	c.state = spoiled
	c.leave(kind, detail)
}

// leave counts the failure and finishes the block; it unlocks c.mu.
func (c *client) leave(kind, detail string) {
	b, in, greeted := c.block, c.inBlock, c.greeted
	c.inBlock, c.greeted = false, true
	c.mu.Unlock()
	if kind != "" {
		c.failures.add(kind, c.id, detail)
	}
	if in && !greeted {
		b.window.arrive(c.clock.now())
	}
	if in {
		b.finish()
	}
}

// lost ends the client: its connection has failed.
func (c *client) lost(err error) {
	c.writing.Lock()
	var closed *websocket.CloseError
	if c.writeErr != nil && !errors.As(err, &closed) {
		err = c.writeErr
	}
	c.writing.Unlock()
	c.wire.Close()
	c.mu.Lock()
	was := c.state
	c.state = gone
	kind, detail := Kind(err), explain(err)
	if was == spoiled || was == gone {
		kind = ""
	}
	c.leave(kind, detail)
}

// expire notes that the image owed has taken too long, and after grace that it
// will not come. The fleet calls it now and then.
func (c *client) expire(now int64, timeout, grace int64) {
	c.mu.Lock()
	waited := now - c.due
	switch {
	case c.state == owing && waited > timeout:
		c.state = overdue
		if b := c.block; !c.greeted {
			c.greeted = true
			b.window.arrive(now)
		}
	case c.state == overdue && waited > timeout+grace:
		c.state = spoiled
		c.leave(Unanswered, fmt.Sprintf("image %d was not answered in %v", c.image, time.Duration(timeout)))
		c.wire.Close()
		return
	}
	c.mu.Unlock()
}

// usable reports whether the connection can take part in a block.
func (c *client) usable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state == idle
}

// close says goodbye, ends the connection and waits for the listener.
func (c *client) close() {
	c.mu.Lock()
	was := c.state
	if was == idle {
		c.state = spoiled // what the server answers to the close is no failure
	}
	c.mu.Unlock()
	if was == idle && c.writing.TryLock() {
		c.writeControl(frame.Close, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
		c.writing.Unlock()
	}
	c.wire.Close()
	<-c.ended
}
