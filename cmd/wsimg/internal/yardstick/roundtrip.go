package yardstick

import (
	"bytes"
	"fmt"
	"time"
)

// run makes round trips until stop and returns how many, the last one by the
// share of it that lies before stop.
func (c *client) run(stop time.Time) (messages float64, err error) {
	for sent := time.Now(); ; {
		if err := c.roundTrip(c.messages[c.next]); err != nil {
			return messages, err
		}
		c.next = (c.next + 1) % len(c.messages)
		now := time.Now()
		if !now.Before(stop) {
			share := stop.Sub(sent).Seconds() / now.Sub(sent).Seconds()
			return messages + max(0, share), nil
		}
		messages++
		sent = now
	}
}

// roundTrip sends the message, prefix included, in one write and compares what
// returns with it, prefix included, chunk by chunk.
func (c *client) roundTrip(message []byte) error {
	if _, err := c.conn.Write(message); err != nil {
		return err
	}
	for done := 0; done < len(message); {
		buf, n, err := c.in.next()
		if err != nil {
			return fmt.Errorf("after %d of %d bytes of the reply: %w", done, len(message), err)
		}
		if err := compare((*buf)[:n], message, done); err != nil {
			return err
		}
		c.pool.Put(buf)
		done += n
	}
	return nil
}

// compare checks that got is what message holds from done on; the error names
// the first byte that is not.
func compare(got, message []byte, done int) error {
	want := message[done:]
	if len(got) <= len(want) && bytes.Equal(got, want[:len(got)]) {
		return nil
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Errorf("byte %d of the reply is %#02x, sent %#02x", done+i, got[i], want[i])
		}
	}
	return fmt.Errorf("reply is longer than the %d bytes sent", len(message))
}
