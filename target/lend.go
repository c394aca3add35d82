package target

import (
	"errors"
	"time"

	"github.com/wsimg/wsimg/target/internal/budget"
	"github.com/wsimg/wsimg/target/internal/buffer"
)

// lend returns a buffer that can hold n bytes, or the largest there is. All that
// is lent for a message counts as in flight until it is answered.
func (c *session) lend(n int) (*buffer.Buffer, error) {
	buffers := c.server.buffers
	if err := c.reserve(buffers.Capacity(n)); err != nil {
		return nil, err
	}
	return buffers.Get(n), nil
}

// grow returns a buffer of about twice the capacity in exchange for b, with its
// content; b itself after an error. What b takes is the message's already.
func (c *session) grow(b *buffer.Buffer) (*buffer.Buffer, error) {
	buffers := c.server.buffers
	if err := c.reserve(buffers.Grown(b) - cap(b.Bytes)); err != nil {
		return b, err
	}
	return buffers.Grow(b), nil
}

// giveBack takes the buffer of a message that is answered, nil if it has none.
func (c *session) giveBack(b *buffer.Buffer) {
	if b != nil {
		c.server.buffers.Put(b)
	}
	c.lease.Release()
}

// reserve waits until the message may take n bytes more. That is not the time that
// it has to arrive in, but it has no more than as much again to wait. The error is
// budget.ErrStopped when the server gives up on messages in progress.
func (c *session) reserve(n int) error {
	if c.lease.TryReserve(int64(n)) {
		return nil
	}
	ph, since := c.progress.get()
	asked := c.server.now()
	c.progress.set(working, asked)
	limit := c.server.settings.Limits.Message
	late := time.NewTimer(limit - c.waited)
	defer late.Stop()
	err := c.lease.Reserve(int64(n), c.server.forced, late.C)
	waited := c.server.now() - asked
	c.waited += waited
	switch {
	case errors.Is(err, budget.ErrLate):
		return noMemory(limit)
	case err != nil:
		return err
	}
	if ph == receiving && c.waited >= leastGrace {
		ph = resumed
	}
	c.progress.set(ph, since+waited)
	return nil
}

// promised returns how much of what a frame's header promises is worth memory
// already. With little memory left it is nothing: slow senders could take all
// of it by promising.
func (c *session) promised() int {
	if !c.server.budget.Roomy() {
		return 0
	}
	return int(min(c.frames.Left(), trusted))
}
