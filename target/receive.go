package target

import (
	"io"

	"github.com/wsimg/wsimg/target/internal/buffer"
	"github.com/wsimg/wsimg/target/internal/compression"
	"github.com/wsimg/wsimg/target/internal/frame"
)

const (
	// trusted is how much memory the length in a frame's header is worth by
	// itself, in bytes; beyond it a buffer grows with what has arrived.
	trusted = 4 << 20
	// piece is how much is received, unmasked and checked at a time: what fits
	// the cache is still there for the next step.
	piece = 256 << 10
)

// receive reads the whole message into one buffer, behind room for the header
// of its reply, and the caller gives it back even after an error. A message too
// large is refused as soon as a header says so.
func (c *session) receive(m mode) (*buffer.Buffer, error) {
	limit, checkUTF8 := c.server.limits[m], m == text && c.checkUTF8
	if c.frames.Compressed() {
		limit, checkUTF8 = compression.Bound(limit), false
	}
	b, err := c.lend(frame.Room + c.promised())
	if err != nil {
		return nil, err
	}
	b.Bytes = b.Bytes[:frame.Room]
	var check utf8Check
	for {
		end := len(b.Bytes)
		if c.frames.Left() > int64(frame.Room+limit-end) {
			if c.frames.Compressed() {
				return b, tooLong(limit)
			}
			return b, tooLarge(m, limit, c.server.settings.MaxImage)
		}
		if end == cap(b.Bytes) {
			if b, err = c.grow(b); err != nil {
				return b, err
			}
		}
		n, err := c.frames.Read(b.Bytes[end:min(cap(b.Bytes), end+piece)])
		b.Bytes = b.Bytes[:end+n]
		c.arrived.Add(int64(n))
		if checkUTF8 {
			if err := check.advance(b.Bytes[frame.Room:], err == io.EOF); err != nil {
				return b, invalid(err)
			}
		}
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			return b, err
		}
	}
}
