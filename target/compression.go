package target

import (
	"fmt"
	"io"

	"github.com/wsimg/wsimg/target/internal/buffer"
	"github.com/wsimg/wsimg/target/internal/compression"
	"github.com/wsimg/wsimg/target/internal/frame"
)

// inflate returns the message that a compressed one holds, behind room for the
// header of its reply, in exchange for the buffer of the latter; after an error
// as well. A message too large is refused when it turns out to be, however much
// more there is of it.
func (c *session) inflate(m mode, compressed *buffer.Buffer) (*buffer.Buffer, error) {
	if err := c.reserve(compression.ReaderBytes); err != nil {
		return compressed, err
	}
	message, err := c.lend(len(compressed.Bytes))
	if err != nil {
		return compressed, err
	}
	from := c.server.flate.Inflate(compressed.Bytes[frame.Room:])
	message, err = c.fill(m, message, from)
	from.Close()
	c.server.buffers.Put(compressed)
	if err != nil {
		return message, err
	}
	c.lap(m, inflate)
	return message, nil
}

// fill reads a message into b, or one that b grows into, which it returns.
func (c *session) fill(m mode, b *buffer.Buffer, from io.Reader) (*buffer.Buffer, error) {
	limit, checkUTF8 := c.server.limits[m], m == text && c.checkUTF8
	b.Bytes = b.Bytes[:frame.Room]
	var check utf8Check
	for {
		end := len(b.Bytes)
		if end == cap(b.Bytes) {
			var err error
			if b, err = c.grow(b); err != nil {
				return b, err
			}
		}
		n, err := from.Read(b.Bytes[end:cap(b.Bytes)])
		b.Bytes = b.Bytes[:end+n]
		if len(b.Bytes) > frame.Room+limit {
			return b, tooLarge(m, limit, c.server.settings.MaxImage)
		}
		if checkUTF8 {
			if err := check.advance(b.Bytes[frame.Room:], err == io.EOF); err != nil {
				return b, invalid(err)
			}
		}
		switch {
		case err == io.EOF:
			return b, nil
		case err != nil:
			return b, invalid(err)
		}
	}
}

// deflate returns what a message is when it is compressed, behind room for the
// header of its frame, in exchange for its own buffer; after an error that
// itself.
func (c *session) deflate(m mode, message *buffer.Buffer) (*buffer.Buffer, error) {
	payload := message.Bytes[frame.Room:]
	compressed, err := c.lend(frame.Room + compression.Bound(len(payload)))
	if err != nil {
		return message, err
	}
	compressed.Bytes = compressed.Bytes[:frame.Room]
	err = c.server.flate.Deflate(compressed, payload, c.level)
	c.server.buffers.Put(message)
	if err != nil {
		return compressed, internalError(fmt.Errorf("compress the reply: %w", err), false)
	}
	c.lap(m, deflate)
	return compressed, nil
}
