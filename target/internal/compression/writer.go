package compression

import (
	"compress/flate"

	"github.com/wsimg/wsimg/target/internal/buffer"
)

// writer compresses one message.
type writer struct {
	flate *flate.Writer
	sink  sink
}

// Deflate returns the payload of message when it is compressed (section 7.2.1)
// at a level from MinLevel to MaxLevel: in a buffer from memory, behind room
// bytes, for the caller to give back.
func (p *Pool) Deflate(memory *buffer.Pool, room int, message []byte, level int) *buffer.Buffer {
	pool := &p.writers[level-MinLevel]
	w, ok := pool.Get().(*writer)
	if ok {
		w.flate.Reset(&w.sink)
	} else {
		w = &writer{}
		w.flate, _ = flate.NewWriter(&w.sink, level) // fails for other levels
	}
	b := memory.Get(room + len(message))
	b.Bytes = b.Bytes[:room]
	w.sink = sink{memory, b}
	// Neither fails: memory is written to.
	w.flate.Write(message)
	w.flate.Flush()
	b = w.sink.into
	b.Bytes = b.Bytes[:len(b.Bytes)-len(flushed)]
	w.sink = sink{}
	pool.Put(w)
	return b
}

// sink collects what compress/flate writes.
type sink struct {
	memory *buffer.Pool
	into   *buffer.Buffer
}

// Write appends p.
func (s *sink) Write(p []byte) (int, error) {
	if len(s.into.Bytes)+len(p) > cap(s.into.Bytes) {
		s.into = s.memory.Grow(s.into) // what is written at once is less than a buffer
	}
	s.into.Bytes = append(s.into.Bytes, p...)
	return len(p), nil
}
