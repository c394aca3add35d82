package loadgen

import (
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"sync"
)

// intake is where a client's messages are read into.
type intake interface {
	// space returns where the next Read of the message shall put its data: at
	// least one byte, owned by the intake, good until release or the next Read.
	space() []byte
	// release takes the space back.
	release()
	// blame returns the error that ended reading as one that says whose it is.
	blame(error) error
}

var (
	_ intake = (*wire)(nil)
	_ intake = (*inflated)(nil)
)

// pieceSize is how much of a reply is inflated before it is looked at: the
// window of DEFLATE, which flate hands out as a whole.
const pieceSize = 32 << 10

// piecePool holds the pieces being inflated, hot and shared: a client has one
// only while it reads a reply.
var piecePool = sync.Pool{New: func() any { return new([pieceSize]byte) }}

// inflated is the wire of a connection that compresses. What is read into its
// space is not what arrived, so it can't be looked at where it arrived, and
// gorilla's inflater asks for 4 KiB at a time: all reading goes ahead, in large
// pieces, and what is pending is copied.
type inflated struct {
	*wire
	piece  *[pieceSize]byte // nil: no space is given
	failed bool             // the connection, not what came over it
}

func (d *inflated) space() []byte {
	if d.piece == nil {
		d.piece = piecePool.Get().(*[pieceSize]byte)
	}
	return d.piece[:]
}

func (d *inflated) release() {
	if d.piece != nil {
		piecePool.Put(d.piece)
		d.piece = nil
	}
}

// Read serves what is pending, or what it first reads ahead.
func (d *inflated) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	w := d.wire
	if w.from == w.to {
		if !w.raw.works() && len(p) <= smallest { // between messages, for who knows how long
			n, err := w.Conn.Read(p)
			w.count(n)
			d.failed = err != nil
			return n, err
		}
		if err := d.fill(); err != nil {
			d.failed = true
			return 0, err
		}
	}
	return w.serve(p), nil
}

// fill reads ahead. Where nothing tells when there is something to read, it
// takes a block before: the rest of a message is on its way.
func (d *inflated) fill() error {
	w := d.wire
	if w.raw.works() {
		return w.raw.read(w)
	}
	a := aheadPool.Get().(*ahead)
	n, err := w.Conn.Read(a.data[:])
	if n == 0 {
		aheadPool.Put(a)
		return err
	}
	w.ahead = a
	w.filled(n)
	return nil // an error that came with data comes again
}

// blame tells data that do not inflate from a connection that ended.
func (d *inflated) blame(err error) error {
	var corrupt flate.CorruptInputError
	if d.failed || !errors.As(err, &corrupt) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return fmt.Errorf("%w (%w)", errGarbled, err)
}
