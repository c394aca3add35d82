package compression

import (
	"compress/flate"
	"io"

	"github.com/wsimg/wsimg/target/internal/buffer"
)

// writer compresses one message.
type writer struct {
	flate *flate.Writer
	sink  sink
}

// Deflate writes the payload of message when it is compressed (section 7.2.1) at a
// level from MinLevel to MaxLevel to a buffer, behind what is in it, which
// should have room for Bound(len(message)) bytes. The error is io.ErrShortBuffer
// if there isn't enough.
func (p *Pool) Deflate(into *buffer.Buffer, message []byte, level int) error {
	p.places <- struct{}{}
	defer func() { <-p.places }()
	pool := &p.writers[level-MinLevel]
	w, ok := pool.Get().(*writer)
	if ok {
		w.flate.Reset(&w.sink)
	} else {
		w = &writer{}
		w.flate, _ = flate.NewWriter(&w.sink, level) // fails for other levels
	}
	w.sink.into = into
	_, err := w.flate.Write(message)
	if err == nil {
		err = w.flate.Flush()
	}
	w.sink.into = nil
	pool.Put(w)
	if err != nil {
		return err
	}
	into.Bytes = into.Bytes[:len(into.Bytes)-len(flushed)]
	return nil
}

// sink collects what compress/flate writes.
type sink struct{ into *buffer.Buffer }

// Write appends p if there is room for it.
func (s *sink) Write(p []byte) (int, error) {
	if len(s.into.Bytes)+len(p) > cap(s.into.Bytes) {
		return 0, io.ErrShortBuffer
	}
	s.into.Bytes = append(s.into.Bytes, p...)
	return len(p), nil
}
