package loadgen

import (
	"bytes"
	"sync"

	"github.com/wsimg/wsimg/loadgen/payload"
)

// Encoding goes through a scratch that fits the L1 cache, piece by piece: a
// whole encoded message beside the image would not.
const (
	rawPiece  = 3 << 10
	textPiece = rawPiece / 3 * 4
)

var piecePool = sync.Pool{New: func() any { return new([textPiece]byte) }}

// message knows every byte an image's message has on the wire. It is
// read-only and safe for concurrent use.
type message interface {
	// len is the length of image i's message in bytes.
	len(i int) int
	// equal reports whether image i's message has exactly got at offset off.
	// off+len(got) must not exceed len(i).
	equal(i, off int, got []byte) bool
}

var (
	_ message = rawMessage(nil)
	_ message = textMessage{}
)

// rawMessage is the image itself.
type rawMessage [][]byte

func (m rawMessage) len(i int) int { return len(m[i]) }

func (m rawMessage) equal(i, off int, got []byte) bool {
	return bytes.Equal(m[i][off:off+len(got)], got)
}

// textMessage is the image in Base64, encoded again where it is compared.
type textMessage struct {
	images [][]byte
	codec  payload.Codec
}

func (m textMessage) len(i int) int { return m.codec.EncodedLen(len(m.images[i])) }

func (m textMessage) equal(i, off int, got []byte) bool {
	piece := piecePool.Get().(*[textPiece]byte)
	defer piecePool.Put(piece)
	raw := m.images[i]
	for len(got) > 0 {
		at := off % 4 // got begins this far into a group of four
		from := (off - at) / 4 * 3
		to := min(from+rawPiece, len(raw))
		n := m.codec.EncodedLen(to - from)
		m.codec.Encode(piece[:n], raw[from:to])
		n = min(n-at, len(got))
		if !bytes.Equal(piece[at:at+n], got[:n]) {
			return false
		}
		off += n
		got = got[n:]
	}
	return true
}
