package payload

import (
	"compress/flate"
	"fmt"
	"io"
	"slices"
	"sync"
)

// endTail is what goes behind a message to inflate it: what was left out, and a
// final block to end the stream with.
const endTail = syncTail + "\x01\x00\x00\xff\xff"

// Inflater decompresses messages as permessage-deflate has it without context
// takeover (RFC 7692, section 7.2.2), by the same means as gorilla/websocket,
// through which a client receives them: compress/flate behind a buffer of 4 KiB.
// It is safe for concurrent use.
type Inflater struct {
	idle sync.Pool // of *decompressor
}

// NewInflater returns an Inflater.
func NewInflater() *Inflater { return new(Inflater) }

// Append appends to dst the message that a frame's payload carries, however
// long it is: it is for messages one has compressed oneself. It fails when the
// payload is no DEFLATE data, or ends too early.
func (i *Inflater) Append(dst, payload []byte) ([]byte, error) {
	d, ok := i.idle.Get().(*decompressor)
	if !ok {
		d = new(decompressor)
		d.flate = flate.NewReader(d)
	}
	defer i.idle.Put(d)
	return d.append(dst, payload)
}

// decompressor inflates one message at a time.
type decompressor struct {
	flate io.ReadCloser
	rest  []byte // of the message
	tail  string // to come behind it
}

func (d *decompressor) append(dst, payload []byte) ([]byte, error) {
	d.rest, d.tail = payload, endTail
	defer func() { d.rest = nil }()
	if err := d.flate.(flate.Resetter).Reset(d, nil); err != nil {
		return dst, fmt.Errorf("inflate: %w", err)
	}
	for {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, max(512, len(payload)))
		}
		n, err := d.flate.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if err == io.EOF {
			return dst, nil
		}
		if err != nil {
			return dst, fmt.Errorf("inflate: %w", err)
		}
	}
}

// Read serves the message and then the tail.
func (d *decompressor) Read(p []byte) (int, error) {
	if len(d.rest) > 0 {
		n := copy(p, d.rest)
		d.rest = d.rest[n:]
		return n, nil
	}
	if d.tail == "" {
		return 0, io.EOF
	}
	n := copy(p, d.tail)
	d.tail = d.tail[n:]
	return n, nil
}
