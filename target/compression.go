package target

import (
	"fmt"
	"io"
	"strconv"

	"github.com/wsimg/wsimg/target/internal/buffer"
	"github.com/wsimg/wsimg/target/internal/compression"
	"github.com/wsimg/wsimg/target/internal/frame"
)

// parseLevel returns the level of compression that s names.
func parseLevel(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < compression.MinLevel || n > compression.MaxLevel || strconv.Itoa(n) != s {
		return 0, fmt.Errorf("unknown deflate level %q: choose %d (Huffman coding only) to %d", s, compression.MinLevel, compression.MaxLevel)
	}
	return n, nil
}

// compress lets messages be compressed, as the handshake agreed on; their echoes
// will be too. Acks never are, too short to gain by it.
func (c *session) compress(level int) {
	c.frames.Deflate = true
	c.level = level
}

// inflate returns the message that a compressed one holds, behind room for the
// header of its reply, in exchange for the buffer of the latter; after an error
// as well. A message too large is refused when it turns out to be, however much
// more there is of it.
func (c *session) inflate(m mode, compressed *buffer.Buffer) (*buffer.Buffer, error) {
	buffers := c.server.buffers
	from := c.server.flate.Inflate(compressed.Bytes[frame.Room:])
	message, err := c.fill(m, buffers.Get(len(compressed.Bytes)), from)
	from.Close()
	buffers.Put(compressed)
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
			b = c.server.buffers.Grow(b)
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
// header of its frame, in exchange for its own buffer.
func (c *session) deflate(m mode, message *buffer.Buffer) *buffer.Buffer {
	buffers := c.server.buffers
	compressed := c.server.flate.Deflate(buffers, frame.Room, message.Bytes[frame.Room:], c.level)
	buffers.Put(message)
	c.lap(m, deflate)
	return compressed
}
