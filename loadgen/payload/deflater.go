package payload

import (
	"compress/flate"
	"fmt"
	"runtime"
)

// syncTail ends DEFLATE data that was flushed to a byte: the length of an
// empty stored block, which RFC 7692, section 7.2.1 leaves out of a message.
const syncTail = "\x00\x00\xff\xff"

// Text is encoded and compressed a piece at a time: the compressor copies what
// it is given into its window anyway. Pieces fit the L1 cache.
const (
	rawPiece  = 3 << 10
	textPiece = rawPiece / 3 * 4
)

// Deflater compresses messages as permessage-deflate does without context
// takeover (RFC 7692, section 7.2.1), with compress/flate of the standard
// library, as most servers in Go do. What it makes of a message depends on the
// message and the level alone.
//
// It is safe for concurrent use. A compressor takes 0.6 to 1.2 MB, so there are
// at most as many as goroutines could run at once when the Deflater was made;
// who finds them all busy waits. They are made when first needed, and kept.
type Deflater struct {
	level int
	idle  chan *compressor // nil: one that is still to be made
}

// NewDeflater returns a Deflater of that level, MinLevel to MaxLevel.
func NewDeflater(level int) *Deflater {
	d := &Deflater{level: level, idle: make(chan *compressor, runtime.GOMAXPROCS(0))}
	for range cap(d.idle) {
		d.idle <- nil
	}
	return d
}

// Append appends the payload of a frame that carries message, compressed, to
// dst. The only error is a level that there is not.
func (d *Deflater) Append(dst, message []byte) ([]byte, error) {
	c, err := d.take(dst)
	if err != nil {
		return dst, err
	}
	defer d.give(c)
	if _, err := c.flate.Write(message); err != nil {
		return dst, err
	}
	return c.finish()
}

// AppendText appends what Append would of image's Base64, without making the
// whole of it.
func (d *Deflater) AppendText(dst, image []byte, codec Codec) ([]byte, error) {
	c, err := d.take(dst)
	if err != nil {
		return dst, err
	}
	defer d.give(c)
	for len(image) > 0 {
		raw := image[:min(rawPiece, len(image))]
		text := c.piece[:codec.EncodedLen(len(raw))]
		codec.Encode(text, raw)
		if _, err := c.flate.Write(text); err != nil {
			return dst, err
		}
		image = image[len(raw):]
	}
	return c.finish()
}

// take returns a compressor that appends to dst, for its caller alone until it
// is given back.
func (d *Deflater) take(dst []byte) (*compressor, error) {
	c := <-d.idle
	if c == nil {
		var err error
		if c, err = newCompressor(d.level); err != nil {
			d.idle <- nil
			return nil, err
		}
	}
	c.out = dst
	c.flate.Reset(c)
	return c, nil
}

func (d *Deflater) give(c *compressor) {
	c.out = nil
	d.idle <- c
}

// compressor compresses one message at a time.
type compressor struct {
	flate *flate.Writer
	out   []byte
	piece [textPiece]byte
}

func newCompressor(level int) (*compressor, error) {
	c := new(compressor)
	var err error
	if c.flate, err = flate.NewWriter(c, level); err != nil {
		return nil, fmt.Errorf("deflate: %w; take a level from %d to %d", err, MinLevel, MaxLevel)
	}
	return c, nil
}

// Write appends what flate has ready.
func (c *compressor) Write(p []byte) (int, error) {
	c.out = append(c.out, p...)
	return len(p), nil
}

// finish flushes to a byte and returns all there is, less the tail. Of an empty
// message the single byte that section 7.2.3.6 asks for remains.
func (c *compressor) finish() ([]byte, error) {
	if err := c.flate.Flush(); err != nil {
		return nil, err
	}
	return c.out[:len(c.out)-len(syncTail)], nil
}
