package frame

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"testing/iotest"
)

// last is the bit of a frame that ends its message.
const last = 0x80

// exampleKey is the masking key of the examples in RFC 6455 section 5.7.
var exampleKey = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// wire is what a client puts on the wire, made the plain way.
type wire []byte

// join puts frames one after another.
func join(frames ...wire) wire { return slices.Concat(frames...) }

// sent returns a masked frame; first is its first byte.
func sent(first byte, payload string) wire { return masked(first, exampleKey, []byte(payload)) }

func masked(first byte, key [4]byte, payload []byte) wire {
	return append(head(first, key, uint64(len(payload))), plainMask(key, payload)...)
}

// head returns the header of a masked frame of n bytes.
func head(first byte, key [4]byte, n uint64) wire {
	w := wire{first}
	switch {
	case n < 126:
		w = append(w, 0x80|byte(n))
	case n < 1<<16:
		w = binary.BigEndian.AppendUint16(append(w, 0x80|126), uint16(n))
	default:
		w = binary.BigEndian.AppendUint64(append(w, 0x80|127), n)
	}
	return append(w, key[:]...)
}

// plainMask is the definition of section 5.3.
func plainMask(key [4]byte, payload []byte) []byte {
	p := make([]byte, len(payload))
	for i := range payload {
		p[i] = payload[i] ^ key[i%4]
	}
	return p
}

// pattern returns n bytes whose period is prime, so that one shifted or swapped
// shows.
func pattern(n int) string {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i % 251)
	}
	return string(p)
}

// message is a message or a control frame.
type message struct {
	Kind    Opcode
	Payload string
}

// received is what a Reader made of a stream.
type received struct {
	Messages []message // the whole ones
	Controls []message // pings and pongs
	Partial  string    // of the message that the error cut off
	Err      error
}

// receive reads conn to its end, at most size bytes at a time.
func receive(conn io.Reader, size int) received {
	var got received
	r := NewReader(conn, &Pool{}, func(op Opcode, payload []byte) error {
		got.Controls = append(got.Controls, message{op, string(payload)})
		return nil
	})
	p := make([]byte, size)
	for {
		kind, err := r.Next()
		if err != nil {
			got.Err = err
			return got
		}
		var payload []byte
		for err == nil {
			var n int
			n, err = r.Read(p)
			payload = append(payload, p[:n]...)
		}
		if err != io.EOF {
			got.Partial, got.Err = string(payload), err
			return got
		}
		got.Messages = append(got.Messages, message{kind, string(payload)})
	}
}

// arrivals are the ways in which a stream can come in.
var arrivals = []struct {
	name string
	conn func(stream wire) io.Reader
}{
	{"at once", func(w wire) io.Reader { return bytes.NewReader(w) }},
	{"byte by byte", func(w wire) io.Reader { return iotest.OneByteReader(bytes.NewReader(w)) }},
	{"by halves", func(w wire) io.Reader { return iotest.HalfReader(bytes.NewReader(w)) }},
	{"its end with the last byte", func(w wire) io.Reader { return iotest.DataErrReader(bytes.NewReader(w)) }},
	{"read ahead", func(w wire) io.Reader { return &readAhead{rest: w, chunk: 64 << 10} }},
	{"read ahead by seven bytes", func(w wire) io.Reader { return &readAhead{rest: w, chunk: 7} }},
	{"read ahead by one byte", func(w wire) io.Reader { return &readAhead{rest: w, chunk: 1} }},
}

// readAhead answers small reads out of chunks, and large ones directly.
type readAhead struct {
	rest   wire
	unread wire
	chunk  int
}

var _ ahead = (*readAhead)(nil)

func (c *readAhead) Read(p []byte) (int, error) {
	if len(c.unread) == 0 {
		if len(c.rest) == 0 {
			return 0, io.EOF
		}
		if len(p) >= c.chunk {
			n := copy(p, c.rest)
			c.rest = c.rest[n:]
			return n, nil
		}
		n := min(c.chunk, len(c.rest))
		c.unread, c.rest = c.rest[:n:n], c.rest[n:]
	}
	n := copy(p, c.unread)
	c.unread = c.unread[n:]
	return n, nil
}

func (c *readAhead) Unread() []byte { return c.unread }

func (c *readAhead) Discard(n int) { c.unread = c.unread[n:] }
