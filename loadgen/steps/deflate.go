package steps

import (
	"github.com/wsimg/wsimg/loadgen/payload"
)

// deflating is a message → compressed. The steps behind it work on the last
// message that it compressed.
type deflating struct {
	pass
	deflater *payload.Deflater
	payload  []byte // of a frame
}

func newDeflating(m messages, level int) *deflating {
	d := &deflating{deflater: payload.NewDeflater(level)}
	d.pass = pass{m.turns(), func(i int) { d.deflate(m.plain[i]) }}
	return d
}

func (d *deflating) deflate(message []byte) {
	var err error
	if d.payload, err = d.deflater.Append(d.payload[:0], message); err != nil {
		panic(err) // of a level that no mode has
	}
}

// inflating is the reply, which is compressed too → its message.
type inflating struct {
	pass
	inflater *payload.Inflater
	message  []byte
}

func newInflating(d *deflating) *inflating {
	s := &inflating{inflater: payload.NewInflater()}
	s.pass = pass{turns{n: 1}, func(int) { s.inflate(d.payload) }}
	return s
}

func (s *inflating) inflate(payload []byte) {
	var err error
	if s.message, err = s.inflater.Append(s.message[:0], payload); err != nil {
		panic(err) // of what was compressed a moment ago
	}
}
