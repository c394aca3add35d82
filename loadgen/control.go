package loadgen

import (
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/frame"
)

// controlWait bounds the writing of a pong.
const controlWait = 5 * time.Second

// pinged notes a ping to answer (RFC 6455, section 5.5.3: the latest is
// enough), and has it answered unless a frame is being written.
func (c *client) pinged(data string) error {
	c.control(len(data))
	c.pong.Store(&data)
	// Not here: writing, this deep in gorilla's calls, would double the stack of
	// a client that does nothing but answer pings, for good.
	c.fleet.listening.Go(c.answer)
	return nil
}

func (c *client) ponged(data string) error {
	c.control(len(data))
	return nil
}

// control takes a control frame of n payload bytes out of the count of bytes
// received: it belongs to no image.
func (c *client) control(n int) { c.wire.received -= int64(2 + n) }

// answer writes the pong that is due unless somebody is writing, who will then
// answer in turn.
func (c *client) answer() {
	for c.pong.Load() != nil && c.writing.TryLock() {
		if data := c.pong.Swap(nil); data != nil {
			// What is written next relies on the deadline of its block.
			deadline := time.Now().Add(controlWait)
			if deadline.Before(c.until) {
				deadline = c.until
			}
			c.writeControl(frame.Pong, []byte(*data), deadline)
		}
		c.writing.Unlock()
	}
}

// bid writes the close frame, behind which nothing is written: it may take no
// longer than farewell, however long the block lasts. c.writing is held.
func (c *client) bid() {
	c.writeControl(frame.Close, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(farewell))
}

// writeControl writes one control frame; c.writing is held.
func (c *client) writeControl(op frame.Opcode, data []byte, deadline time.Time) {
	key := newKey()
	b := frame.AppendHeader(nil, op, len(data), key)
	at := len(b)
	b = append(b, data...)
	// Byte by byte, for a frame.Mask on the stack would double it, for good.
	for i := range data {
		b[at+i] ^= key[i%4]
	}
	_ = c.wire.SetWriteDeadline(deadline)
	if _, err := c.wire.Conn.Write(b); err != nil {
		c.writeErr = fmt.Errorf("send control frame: %w", err)
	}
}
