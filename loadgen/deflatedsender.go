package loadgen

import (
	"github.com/wsimg/wsimg/loadgen/frame"
	"github.com/wsimg/wsimg/loadgen/payload"
)

// deflatedSender compresses every image anew, as text while it is encoded.
type deflatedSender struct {
	liveSender
	deflater *payload.Deflater
}

var _ sender = deflatedSender{}

// newDeflatedSender fails when there is no such level.
func newDeflatedSender(live liveSender, level int) (deflatedSender, error) {
	live.opcode |= frame.Deflated
	s := deflatedSender{live, payload.NewDeflater(level)}
	_, err := s.deflater.Append(nil, nil)
	return s, err
}

func (s deflatedSender) frame(i int) built {
	b := framePool.Get().(*frameBuffer)
	return built{b.buildDeflated(s, s.images[i]), b}
}

// buildDeflated returns the masked frame of image, which lies in b.frame. Its
// length is known last, so the header is written right before the payload, and
// the payload masked where it lies.
func (b *frameBuffer) buildDeflated(s deflatedSender, image []byte) []byte {
	const at = frame.MaxHeader
	if cap(b.frame) < at {
		b.frame = make([]byte, at)
	}
	var err error
	if s.codec == nil {
		b.frame, err = s.deflater.Append(b.frame[:at], image)
	} else {
		b.frame, err = s.deflater.AppendText(b.frame[:at], image, s.codec)
	}
	if err != nil {
		panic(err) // newDeflatedSender has tried the level, and memory does not fail
	}
	message := b.frame[at:]
	key := newKey()
	b.mask.Set(key)
	b.mask.Copy(message, message)
	from := at - frame.HeaderLen(len(message))
	frame.AppendHeader(b.frame[from:from], s.opcode, len(message), key)
	return b.frame[from:]
}
