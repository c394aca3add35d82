package loadgen

import (
	"bytes"
	"math/rand/v2"
	"sync"

	"github.com/wsimg/wsimg/loadgen/frame"
	"github.com/wsimg/wsimg/loadgen/payload"
)

// The senders a fleet can use.
const (
	// Live encodes, compresses and masks every image as it is sent, each frame
	// under a fresh key, as RFC 6455 section 5.3 asks.
	Live = "live"
	// Prepared does so with every distinct image once, before the first block,
	// and reuses the frame and its key: the generator's cost falls to that of
	// the write, and is no longer that of a real client.
	Prepared = "prepared"
)

// Encoding goes through a scratch that fits the L1 cache, piece by piece: a
// whole encoded message beside the image would not.
const (
	rawPiece  = 3 << 10
	textPiece = rawPiece / 3 * 4
)

// sender makes the frame of an image. It is safe for concurrent use.
type sender interface {
	frame(i int) built
}

// built is a masked frame, ready for one Write.
type built struct {
	bytes []byte
	from  *frameBuffer // nil: it is kept
}

// done gives the frame back once it is written.
func (b built) done() {
	if b.from != nil {
		framePool.Put(b.from)
	}
}

var (
	_ sender = liveSender{}
	_ sender = preparedSender(nil)
)

// framePool holds the frames being built, hot and shared by all clients.
var framePool = sync.Pool{New: func() any { return new(frameBuffer) }}

type frameBuffer struct {
	mask  frame.Mask
	piece [textPiece]byte
	frame []byte
}

// liveSender builds the frame anew for every image.
type liveSender struct {
	images [][]byte
	opcode frame.Opcode
	codec  payload.Codec // nil: binary
}

func (s liveSender) frame(i int) built {
	b := framePool.Get().(*frameBuffer)
	b.build(s.opcode, s.codec, s.images[i])
	return built{b.frame, b}
}

// build leaves the masked frame of image in b.frame.
func (b *frameBuffer) build(op frame.Opcode, codec payload.Codec, image []byte) {
	n := len(image)
	if codec != nil {
		n = codec.EncodedLen(n)
	}
	if cap(b.frame) < frame.MaxHeader+n {
		b.frame = make([]byte, frame.MaxHeader+n)
	}
	key := newKey()
	b.mask.Set(key)
	b.frame = frame.AppendHeader(b.frame[:0], op, n, key)
	at := len(b.frame)
	b.frame = b.frame[:at+n]
	if codec == nil {
		b.mask.Copy(b.frame[at:], image)
		return
	}
	for len(image) > 0 {
		raw := image[:min(rawPiece, len(image))]
		text := b.piece[:codec.EncodedLen(len(raw))]
		codec.Encode(text, raw)
		at += b.mask.Copy(b.frame[at:], text)
		image = image[len(raw):]
	}
}

// newKey draws from the runtime's ChaCha8 generator, which the system seeds:
// unpredictable, as RFC 6455 section 10.3 wants it.
func newKey() (key [4]byte) {
	r := rand.Uint32()
	return [4]byte{byte(r), byte(r >> 8), byte(r >> 16), byte(r >> 24)}
}

// preparedSender holds one finished frame an image.
type preparedSender [][]byte

// newPreparedSender keeps what live makes of each of n images.
func newPreparedSender(live sender, n int) preparedSender {
	frames := make(preparedSender, n)
	for i := range frames {
		f := live.frame(i)
		frames[i] = bytes.Clone(f.bytes)
		f.done()
	}
	return frames
}

func (s preparedSender) frame(i int) built { return built{bytes: s[i]} }
