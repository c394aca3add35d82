package steps

import (
	"bytes"
	"math/rand/v2"
	"time"

	"github.com/wsimg/wsimg/loadgen/frame"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// How the generator goes through a message.
const (
	rawPiece  = 3 << 10 // encoded at a time
	textPiece = rawPiece / 3 * 4
	// What a reply is compared in is the block that it is read ahead into, or
	// inflated into. Both are multiples of four.
	replyBlock    = 256 << 10
	inflatedBlock = 32 << 10
)

// encoding is an image → Base64, piece by piece into a scratch.
type encoding struct {
	pass
	codec payload.Codec
	piece [textPiece]byte
}

func newEncoding(m messages) *encoding {
	e := &encoding{codec: m.codec}
	e.pass = pass{m.turns(), func(i int) { e.encode(m.images[i]) }}
	return e
}

func (e *encoding) encode(image []byte) {
	for len(image) > 0 {
		raw := image[:min(rawPiece, len(image))]
		e.codec.Encode(e.piece[:e.codec.EncodedLen(len(raw))], raw)
		image = image[len(raw):]
	}
}

// masking is a message → its frame, under a fresh key.
type masking struct {
	pass
	mask  frame.Mask
	piece [textPiece]byte // where the encoder left the text
	frame []byte
}

func newMasking(m messages) *masking {
	s := &masking{frame: make([]byte, 0, frame.MaxHeader+m.longest())}
	do := func(i int) { s.copied(m.plain[i]) }
	if m.codec != nil {
		do = func(i int) { s.pieces(len(m.plain[i])) }
	}
	s.pass = pass{m.turns(), do}
	return s
}

// newMaskingInPlace masks messages where the compressor left them.
func newMaskingInPlace(length func(i int) int) *masking {
	s := new(masking)
	s.pass = pass{turns{n: 1}, func(i int) {
		n := length(i)
		if need := frame.MaxHeader + n; cap(s.frame) < need {
			s.frame = make([]byte, need)
		}
		message := s.begin(frame.Binary, n)
		s.mask.Copy(message, message)
	}}
	return s
}

// begin appends a header to an empty frame and returns where its n bytes of
// payload go.
func (s *masking) begin(op frame.Opcode, n int) (to []byte) {
	r := rand.Uint32()
	key := [4]byte{byte(r), byte(r >> 8), byte(r >> 16), byte(r >> 24)}
	s.mask.Set(key)
	s.frame = frame.AppendHeader(s.frame[:0], op, n, key)
	at := len(s.frame)
	s.frame = s.frame[:at+n]
	return s.frame[at:]
}

// copied masks a message that lies where it always does.
func (s *masking) copied(message []byte) {
	s.mask.Copy(s.begin(frame.Binary, len(message)), message)
}

// pieces masks n bytes of text that the encoder leaves piece by piece in its
// scratch.
func (s *masking) pieces(n int) {
	for to := s.begin(frame.Text, n); len(to) > 0; {
		to = to[s.mask.Copy(to, s.piece[:min(textPiece, len(to))]):]
	}
}

// comparing is a reply → whether it is what it should be. What arrived lies in
// the block that replies are read into, hot, for the kernel has just written
// it; what it should be was left a round trip ago, as an image, or, as Base64,
// when the image was last compared: other clients' have been looked at since. To
// get the one without touching the other, the reply is made from something else:
// Base64 from the image, and an image from a second copy.
type comparing struct {
	messages
	turns
	copies  [][]byte // of the images, where they are what is compared with
	block   []byte
	differ  int                  // replies or pieces: none, unless a codec is broken
	read    func() time.Duration // what reading the stopwatch takes
	reading time.Duration        // as it is now
}

func newComparing(m messages, block int) *comparing {
	c := &comparing{turns: m.turns(), messages: m, block: make([]byte, block), read: reading}
	if m.codec == nil {
		c.copies = make([][]byte, len(m.images))
		for i, image := range m.images {
			c.copies[i] = bytes.Clone(image)
		}
	}
	return c
}

// longest bounds a stint of comparing, replies and all. The trap: short
// comparisons may seem to take nothing beside the reading of the stopwatch,
// and their sum then never comes to a repetition.
const longest = 50 * repetition

// measure times only the comparing, a block at a time.
func (c *comparing) measure() (sum record.Stage) {
	c.reading = c.read()
	began := time.Now()
	for sum.TotalNs < int64(repetition) && (sum.Count == 0 || time.Since(began) < longest) {
		var took time.Duration
		if first := c.next; len(c.plain[first]) > len(c.block) {
			took = c.piecewise(c.take())
			sum.Count++
		} else {
			n := c.arrive()
			watch := start()
			c.compare(first, n)
			took = watch.elapsed() - c.reading
			sum.Count += uint64(n)
		}
		sum.TotalNs += int64(max(0, took))
	}
	return sum
}

// arrive fills the block with the next replies, as many as fit.
func (c *comparing) arrive() (replies int) {
	for at := 0; at+len(c.plain[c.next]) <= len(c.block); replies++ {
		i := c.take()
		at += c.reply(c.block[at:], i, 0)
	}
	return replies
}

// compare looks at the replies in the block, n from that to image i on.
func (c *comparing) compare(i, n int) {
	at := 0
	for range n {
		want := c.plain[i]
		if !bytes.Equal(want, c.block[at:at+len(want)]) {
			c.differ++
		}
		at += len(want)
		if i++; i == c.n {
			i = 0
		}
	}
}

// piecewise compares a reply that comes in several blocks.
func (c *comparing) piecewise(i int) (took time.Duration) {
	want := c.plain[i]
	for off := 0; off < len(want); {
		n := c.reply(c.block, i, off)
		watch := start()
		if !bytes.Equal(want[off:off+n], c.block[:n]) {
			c.differ++
		}
		took += watch.elapsed() - c.reading
		off += n
	}
	return took
}

// reply writes what comes in reply to image i, from offset off on, as far as it
// fits dst. For text, off is a multiple of four.
func (c *comparing) reply(dst []byte, i, off int) int {
	if c.codec == nil {
		return copy(dst, c.copies[i][off:])
	}
	raw := c.images[i][off/4*3:]
	raw = raw[:min(len(raw), len(dst)/4*3)]
	n := c.codec.EncodedLen(len(raw))
	c.codec.Encode(dst[:n], raw)
	return n
}
