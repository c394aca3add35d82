package compression

import (
	"compress/flate"
	"errors"
	"fmt"
	"io"
)

// Reader reads one message, inflated. It is for one goroutine.
type Reader struct {
	pool   *Pool
	source source
	flate  io.ReadCloser
}

var _ io.ReadCloser = (*Reader)(nil)

// Corrupt is why a message can't be inflated.
type Corrupt struct{ what string }

func (c *Corrupt) Error() string { return "invalid compressed data: " + c.what }

// Inflate returns a reader of what the payload of a compressed message holds
// (section 7.2.2). The payload must not change until the reader is closed.
func (p *Pool) Inflate(payload []byte) *Reader {
	r, ok := p.readers.Get().(*Reader)
	if !ok {
		r = &Reader{pool: p}
		r.flate = flate.NewReader(&r.source)
	}
	r.source = source{payload: payload, total: len(payload)}
	r.reset()
	return r
}

// Read reads up to len(p) bytes; io.EOF at the end of the message, a *Corrupt
// when it has none.
func (r *Reader) Read(p []byte) (int, error) {
	for {
		n, err := r.flate.Read(p)
		switch {
		case err == nil || n > 0:
			return n, nil // an error comes again
		case err == io.EOF && len(r.source.payload) == 0:
			return 0, io.EOF
		case err == io.EOF:
			// A final block ends a stream of compress/flate, but no message: others
			// may follow it, at the next byte (section 7.2.3.4).
			r.reset()
		default:
			return 0, r.corrupt(err)
		}
	}
}

// Close gives the reader back, which its holder must not touch from then on.
func (r *Reader) Close() error {
	r.source = source{}
	r.pool.readers.Put(r)
	return nil
}

// reset begins a stream at the next byte of the source. It can't fail.
func (r *Reader) reset() { r.flate.(flate.Resetter).Reset(&r.source, nil) }

func (r *Reader) corrupt(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &Corrupt{"they end too early"}
	}
	return &Corrupt{fmt.Sprintf("they make no sense before byte %d", r.source.read())}
}

// ending is what a reader finds behind the payload: what was left out of it,
// and a final block, for compress/flate to come to an end.
const ending = flushed + "\x01\x00\x00\xff\xff"

// source hands a payload to compress/flate, and its ending. As it hands out
// single bytes, nothing is read beyond what is needed.
type source struct {
	payload []byte // what is left of it
	total   int    // its length
	ended   int    // bytes of the ending handed out
}

var _ flate.Reader = (*source)(nil)

// ReadByte returns the next byte.
func (s *source) ReadByte() (byte, error) {
	if len(s.payload) > 0 {
		b := s.payload[0]
		s.payload = s.payload[1:]
		return b, nil
	}
	if s.ended == len(ending) {
		return 0, io.EOF
	}
	b := ending[s.ended]
	s.ended++
	return b, nil
}

// Read reads what lies together: of stored blocks, at once.
func (s *source) Read(p []byte) (int, error) {
	if n := copy(p, s.payload); n > 0 {
		s.payload = s.payload[n:]
		return n, nil
	}
	n := copy(p, ending[s.ended:])
	s.ended += n
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// read returns how many bytes of the payload have been handed out.
func (s *source) read() int { return s.total - len(s.payload) }
