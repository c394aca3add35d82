package frame

import (
	"errors"
	"io"
)

// ahead is a connection whose read-ahead can be looked at, so that copying and
// unmasking are one pass.
type ahead interface {
	Unread() []byte
	Discard(n int)
}

// Reader reads messages from a client. It is for one goroutine. Errors are
// final: *Error when the client broke the protocol, *Closed when it said
// goodbye, io.EOF when it left without, else the connection's own.
type Reader struct {
	// Deflate is set before the first message when permessage-deflate was
	// agreed on, and RSV1 so has a meaning.
	Deflate bool

	conn    io.Reader
	ahead   ahead // conn, if it reads ahead; else nil
	pool    *Pool
	control func(Opcode, []byte) error

	// The message being read.
	open       bool // its last frame has not begun
	compressed bool
	left       int64
	mask       *mask // lent from the first byte of a message to its last
	small      [maxControl]byte
	head       [14]byte
}

// NewReader returns a reader of what comes on conn, which shares pool with
// others. Pings and pongs are handed to control, whose error ends the reading;
// their payload is good until it returns.
func NewReader(conn io.Reader, pool *Pool, control func(op Opcode, payload []byte) error) *Reader {
	r := &Reader{conn: conn, pool: pool, control: control}
	r.ahead, _ = conn.(ahead)
	return r
}

// Next waits for the next message and returns its kind, Text or Binary. The
// message before must have been read to its end.
func (r *Reader) Next() (Opcode, error) {
	h, err := r.data()
	if err != nil {
		return 0, err
	}
	if h.opcode == Continuation {
		return 0, violation("a fragment continues nothing")
	}
	r.compressed = h.compressed
	r.begin(h)
	return h.opcode, nil
}

// Compressed reports whether the message is compressed: its payload is what RFC
// 7692 section 7.2.1 makes of it.
func (r *Reader) Compressed() bool { return r.compressed }

// Left returns how many payload bytes of the current frame are still to be
// read: of an unfragmented message, all of them.
func (r *Reader) Left() int64 { return r.left }

// Read reads the message's next bytes, unmasked, into p; io.EOF at its end.
func (r *Reader) Read(p []byte) (int, error) {
	for r.left == 0 {
		if !r.open {
			r.release()
			return 0, io.EOF
		}
		h, err := r.data()
		switch {
		case errors.Is(err, io.EOF):
			return 0, io.ErrUnexpectedEOF
		case err != nil:
			return 0, err
		case h.opcode != Continuation:
			return 0, violation("a message begins before the last one has ended")
		}
		r.begin(h)
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	if r.ahead != nil {
		if unread := r.ahead.Unread(); len(unread) > 0 {
			n := min(len(p), len(unread))
			r.mask.apply(p, unread[:n])
			r.ahead.Discard(n)
			r.left -= int64(n)
			return n, nil
		}
	}
	n, err := r.conn.Read(p)
	r.mask.apply(p, p[:n])
	r.left -= int64(n)
	switch {
	case r.left == 0:
		err = nil // the frame is whole: the error is the next one's, and comes again
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (r *Reader) begin(h header) {
	r.open, r.left = !h.final, h.length
	if r.mask == nil {
		r.mask = r.pool.get()
	}
	r.mask.set(h.key, h.length)
}

// release gives back what was lent for the message.
func (r *Reader) release() {
	if r.mask != nil {
		r.pool.put(r.mask)
		r.mask = nil
	}
}

// data returns the header of the next data frame. Control frames before it are
// dealt with.
func (r *Reader) data() (header, error) {
	for {
		h, err := readHeader(r.conn, &r.head, r.Deflate)
		if err != nil || !h.opcode.control() {
			return h, err
		}
		payload := r.small[:h.length]
		if _, err := io.ReadFull(r.conn, payload); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return h, err
		}
		unmask(payload, h.key)
		if h.opcode == Close {
			return h, parseClose(payload)
		}
		if err := r.control(h.opcode, payload); err != nil {
			return h, err
		}
	}
}
